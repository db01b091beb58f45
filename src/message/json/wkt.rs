//! The well-known types that have a JSON form of their own.

use prost_reflect::MessageDescriptor;

use super::place::field_type;
use super::print::Run;
use super::{any, time};
use crate::message::bytes::{self, Contents, Field, Kind, Layout, Raw, Scalar, Shape, entries};

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
    layout: &Layout,
    contents: &Contents<'_>,
    depth: usize,
) {
    let printed = match known {
        WellKnown::Any => {
            any::print(run, layout, contents, depth);
            Ok(())
        }
        WellKnown::Timestamp | WellKnown::Duration => time(known, layout, contents, run.w.out),
        WellKnown::FieldMask => field_mask(contents.get(layout, 1)).map(|text| run.w.string(&text)),
        WellKnown::Value => value(layout, contents).map(|(field, set)| run.single(&field.kind, set, depth)),
        WellKnown::Empty => {
            run.w.raw(b"{}");
            Ok(())
        }
        WellKnown::Struct | WellKnown::ListValue | WellKnown::Wrapper => {
            match layout.by_number(1).map(|field| (field, field.shape)) {
                Some((field, Shape::Map(key))) if entries_fit(field, key, contents.get(layout, 1)) => {
                    run.map(field, key, contents.get(layout, 1), depth);
                    Ok(())
                }
                Some((field, Shape::List { .. })) => {
                    run.list(&field.kind, contents.get(layout, 1), &[], depth);
                    Ok(())
                }
                Some((field, Shape::Single)) => {
                    run.single(&field.kind, contents.get(layout, 1), depth);
                    Ok(())
                }
                _ => Err(ENTRIES),
            }
        }
    };
    if let Err(error) = printed {
        run.missing.placeholders += 1;
        let mut object = run.w.object();
        run.w.key(&mut object, "@error");
        run.w.string(error);
        run.w.key(&mut object, "@value");
        let mut raw = run.w.object();
        run.members(layout, contents, depth, &mut raw);
        run.w.close(&raw);
        run.w.close(&object);
    }
}

/// Why a message of a well-known type, of which all can be read, has no form of its own; what is in an `Any` is for
/// others to look at.
pub(in crate::message) fn fault(
    known: WellKnown,
    layout: &Layout,
    contents: &Contents<'_>,
) -> Option<&'static str> {
    match known {
        WellKnown::Timestamp | WellKnown::Duration => time(known, layout, contents, &mut Vec::new()).err(),
        WellKnown::FieldMask => field_mask(contents.get(layout, 1)).err(),
        WellKnown::Value => value(layout, contents).err(),
        WellKnown::Struct => {
            let field = layout.by_number(1)?;
            let Shape::Map(key) = field.shape else { return None };
            (!entries_fit(field, key, contents.get(layout, 1))).then_some(ENTRIES)
        }
        WellKnown::Any | WellKnown::ListValue | WellKnown::Wrapper | WellKnown::Empty => None,
    }
}

const ENTRIES: &str = "entries of a google.protobuf.Struct that can't be read";

fn time(
    known: WellKnown,
    layout: &Layout,
    contents: &Contents<'_>,
    out: &mut Vec<u8>,
) -> Result<(), &'static str> {
    let (seconds, nanos) = seconds_and_nanos(layout, contents);
    match known {
        WellKnown::Timestamp => time::timestamp(out, seconds, nanos),
        _ => time::duration(out, seconds, nanos),
    }
}

/// Whether every entry can be read.
fn entries_fit(field: &Field, key: Scalar, set: &[(u32, Raw<'_>)]) -> bool {
    entries(field, key, set).broken.is_empty()
}

fn seconds_and_nanos(layout: &Layout, contents: &Contents<'_>) -> (i64, i32) {
    let last = |number, scalar| bytes::value(scalar, contents.get(layout, number).last()?.1).ok();
    let seconds = match last(1, Scalar::Int64) {
        Some(bytes::Value::I64(seconds)) => seconds,
        _ => 0,
    };
    let nanos = match last(2, Scalar::Int32) {
        Some(bytes::Value::I32(nanos)) => nanos,
        _ => 0,
    };
    (seconds, nanos)
}

/// A field, and what it was set to.
type Set<'l, 'c> = (&'l Field, &'c [(u32, Raw<'c>)]);

/// The one field of a `Value` that is set.
fn value<'l, 'c>(layout: &'l Layout, contents: &'c Contents<'_>) -> Result<Set<'l, 'c>, &'static str> {
    let Some((field, set)) =
        contents.fields().next().and_then(|(index, set)| Some((layout.field(index)?, set)))
    else {
        return Err("a google.protobuf.Value with no kind set");
    };
    if let (Kind::Scalar(Scalar::Double), Some((_, Raw::Fixed64(bits)))) = (&field.kind, set.last())
        && !f64::from_bits(*bits).is_finite()
    {
        return Err("a google.protobuf.Value cannot hold this number");
    }
    Ok((field, set))
}

fn field_mask(paths: &[(u32, Raw<'_>)]) -> Result<String, &'static str> {
    let mut text = String::new();
    for (index, (_, path)) in paths.iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        std::str::from_utf8(path.content())
            .ok()
            .and_then(|path| camel_case(path, &mut text))
            .ok_or("a path of this field mask cannot be written in camelCase and read back")?;
    }
    Ok(text)
}

/// `some_field.other` as `someField.other`; nothing if the way back would give another path. Whether it is one of the
/// message's is for the server to say.
fn camel_case(path: &str, out: &mut String) -> Option<()> {
    let mut after_underscore = false;
    for c in path.chars() {
        match c {
            'a'..='z' if after_underscore => out.push(c.to_ascii_uppercase()),
            'A'..='Z' | ',' => return None,
            _ if after_underscore => return None,
            '_' => {}
            c => out.push(c),
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
        assert_eq!(camel("foo bar.é_a-*").as_deref(), Some("foo bar.éA-*"));
        for odd in ["fooBar", "foo__bar", "foo_3", "foo_", "foo_é", "", "foo,bar"] {
            assert_eq!(camel(odd), None, "{odd}");
        }
    }
}
