//! The well-known types that have a JSON form of their own.

use prost_reflect::{DynamicMessage, MessageDescriptor, Value};

use super::path::field_type;
use super::plan::Plan;
use super::print::Run;
use super::{any, time};

/// A type whose JSON is not an object of its fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::message) enum WellKnown {
    Any,
    Timestamp,
    Duration,
    FieldMask,
    Struct,
    ListValue,
    Value,
    Wrapper,
    Empty,
}

impl WellKnown {
    /// Recognises a well-known type by its name and by its fields: a server may define anything under any name, and
    /// what is not laid out as expected is printed field by field.
    pub(in crate::message) fn of(descriptor: &MessageDescriptor) -> Option<Self> {
        let name = descriptor.full_name().strip_prefix("google.protobuf.")?;
        let (known, fields): (_, &[&str]) = match name {
            "Any" => (Self::Any, &["string", "bytes"]),
            "Timestamp" => (Self::Timestamp, &["int64", "int32"]),
            "Duration" => (Self::Duration, &["int64", "int32"]),
            "FieldMask" => (Self::FieldMask, &["repeated string"]),
            "Struct" => (Self::Struct, &["map<string, google.protobuf.Value>"]),
            "ListValue" => (Self::ListValue, &["repeated google.protobuf.Value"]),
            "Value" => (Self::Value, VALUE),
            "DoubleValue" => (Self::Wrapper, &["double"]),
            "FloatValue" => (Self::Wrapper, &["float"]),
            "Int64Value" => (Self::Wrapper, &["int64"]),
            "UInt64Value" => (Self::Wrapper, &["uint64"]),
            "Int32Value" => (Self::Wrapper, &["int32"]),
            "UInt32Value" => (Self::Wrapper, &["uint32"]),
            "BoolValue" => (Self::Wrapper, &["bool"]),
            "StringValue" => (Self::Wrapper, &["string"]),
            "BytesValue" => (Self::Wrapper, &["bytes"]),
            "Empty" => (Self::Empty, &[]),
            _ => return None,
        };
        let laid_out = descriptor.fields().len() == fields.len()
            && (1..).zip(fields).all(|(number, kind)| {
                descriptor.get_field(number).is_some_and(|field| field_type(&field) == *kind)
            });
        laid_out.then_some(known)
    }
}

const VALUE: &[&str] = &[
    "google.protobuf.NullValue",
    "double",
    "string",
    "bool",
    "google.protobuf.Struct",
    "google.protobuf.ListValue",
];

/// Prints a message of a well-known type in its own form, or as a placeholder where its value has none.
pub(super) fn print(
    run: &mut Run<'_>,
    known: WellKnown,
    plan: &Plan,
    message: &DynamicMessage,
    depth: usize,
) {
    let printed = match known {
        WellKnown::Any => {
            any::print(run, message, depth);
            Ok(())
        }
        WellKnown::Timestamp => {
            let (seconds, nanos) = seconds_and_nanos(message);
            time::timestamp(run.w.out, seconds, nanos)
        }
        WellKnown::Duration => {
            let (seconds, nanos) = seconds_and_nanos(message);
            time::duration(run.w.out, seconds, nanos)
        }
        WellKnown::FieldMask => field_mask(run, message),
        WellKnown::Value => value(run, plan, message, depth),
        WellKnown::Empty => {
            run.w.raw(b"{}");
            Ok(())
        }
        WellKnown::Struct | WellKnown::ListValue | WellKnown::Wrapper => {
            if let (Some(field), Some(value)) = (plan.fields.first(), message.get_field_by_number(1)) {
                run.value(&field.kind, &value, depth);
            }
            Ok(())
        }
    };
    if let Err(error) = printed {
        let mut object = run.w.object();
        run.w.key(&mut object, "@error");
        run.w.string(error);
        run.w.key(&mut object, "@value");
        let mut raw = run.w.object();
        run.members(message, plan, &[], depth, &mut raw);
        run.w.close(&raw);
        run.w.close(&object);
    }
}

fn seconds_and_nanos(message: &DynamicMessage) -> (i64, i32) {
    let seconds = message.get_field_by_number(1).and_then(|value| value.as_i64());
    let nanos = message.get_field_by_number(2).and_then(|value| value.as_i32());
    (seconds.unwrap_or_default(), nanos.unwrap_or_default())
}

fn value(run: &mut Run<'_>, plan: &Plan, message: &DynamicMessage, depth: usize) -> Result<(), &'static str> {
    let Some((field, value)) = message.fields().next() else {
        return Err("a google.protobuf.Value with no kind set");
    };
    if let Value::F64(number) = value
        && !number.is_finite()
    {
        return Err("a google.protobuf.Value cannot hold this number");
    }
    if let Some(field) = plan.fields.iter().find(|planned| planned.number == field.number()) {
        run.value(&field.kind, value, depth);
    }
    Ok(())
}

fn field_mask(run: &mut Run<'_>, message: &DynamicMessage) -> Result<(), &'static str> {
    let paths = message.get_field_by_number(1);
    let paths = paths.as_deref().and_then(Value::as_list).unwrap_or_default();
    let mut text = String::new();
    for (index, path) in paths.iter().filter_map(Value::as_str).enumerate() {
        if index > 0 {
            text.push(',');
        }
        camel_case(path, &mut text)
            .ok_or("a path of this field mask cannot be written in camelCase and read back")?;
    }
    run.w.string(&text);
    Ok(())
}

/// `some_field.other` as `someField.other`; nothing if the way back would give another path.
fn camel_case(path: &str, out: &mut String) -> Option<()> {
    let mut after_underscore = false;
    for c in path.chars() {
        match c {
            'a'..='z' if after_underscore => out.push(c.to_ascii_uppercase()),
            _ if after_underscore => return None,
            '_' => {}
            'a'..='z' | '0'..='9' | '.' => out.push(c),
            _ => return None,
        }
        after_underscore = c == '_';
    }
    (!after_underscore && !path.is_empty()).then_some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn field_mask_paths_change_case_only_if_they_come_back() {
        let camel = |path: &str| {
            let mut out = String::new();
            camel_case(path, &mut out).map(|()| out)
        };
        assert_eq!(camel("some_field.b2.c_d").as_deref(), Some("someField.b2.cD"));
        for odd in ["fooBar", "foo__bar", "foo_3", "foo_", "", "foo,bar", "foo bar", "é"] {
            assert_eq!(camel(odd), None, "{odd}");
        }
    }
}
