//! Fields and extensions: label, type, number, default and options.

use prost_reflect::prost_types::field_descriptor_proto::{Label, Type};
use prost_reflect::prost_types::{DescriptorProto, FieldDescriptorProto};

use super::message::Members;
use super::options::Options;
use super::{Printer, child, escape};
use crate::schema::name::json_name;

impl Printer<'_> {
    /// The field at `path`, which is declared among `members`.
    pub(super) fn field(&mut self, field: &FieldDescriptorProto, path: &[i32], members: &Members<'_>) {
        let mut options = self.options(path);
        add_stored_options(&mut options, field);
        let number = field.number();
        if let Some((index, group)) = members.group(field) {
            let head = format!("{}group {} = {number}", self.label(field), escape::identifier(group.name()));
            let inner = child(members.path, members.nested_tag, index);
            let name = format!("{}.{}", members.name, group.name());
            self.block(path, &options.after(&head, ""), |p| p.message_body(group, &name, &inner));
            return;
        }
        let kind = match members.map_entry(field) {
            Some((_, entry)) => map_type(entry),
            None => format!("{}{}", self.label(field), type_name(field)),
        };
        let statement = format!("{kind} {} = {number}", escape::identifier(field.name()));
        self.statement(path, &options.after(&statement, ";"));
    }

    fn label(&self, field: &FieldDescriptorProto) -> &'static str {
        match field.label() {
            Label::Repeated => "repeated ",
            _ if self.ground.edition.is_some() => "",
            Label::Required => "required ",
            Label::Optional if field.proto3_optional() => "optional ",
            Label::Optional if self.is_proto3() || field.oneof_index.is_some() => "",
            Label::Optional => "optional ",
        }
    }
}

/// `default` and `json_name` read like options in source but have fields of their own in a descriptor.
fn add_stored_options(options: &mut Options, field: &FieldDescriptorProto) {
    if let Some(name) = field.json_name.as_deref()
        && field.extendee.is_none()
        && name != json_name(field.name())
    {
        options.items.insert(0, format!("json_name = {}", escape::quoted(name)));
    }
    if let Some(value) = field.default_value.as_deref().and_then(|text| default_value(field.r#type(), text)) {
        options.items.insert(0, format!("default = {value}"));
    }
}

/// A default as source; `None` for text that is no value of the type.
fn default_value(kind: Type, text: &str) -> Option<String> {
    match kind {
        Type::String => Some(escape::quoted(text)),
        Type::Bytes => Some(escape::quoted_bytes(&unescape(text))),
        Type::Enum => Some(escape::identifier(text).into_owned()),
        Type::Bool => text.parse::<bool>().ok().map(|value| value.to_string()),
        Type::Double | Type::Float => float_default(text),
        Type::Message | Type::Group => None,
        _ => text.parse::<i128>().ok().map(|value| value.to_string()),
    }
}

fn float_default(text: &str) -> Option<String> {
    let value: f64 = text.parse().ok()?;
    Some(if value.is_nan() {
        "nan".to_owned()
    } else if text.contains(['i', 'I']) {
        if value > 0.0 { "inf" } else { "-inf" }.to_owned()
    } else {
        text.trim_start_matches('+').to_owned()
    })
}

/// Undoes the C escapes in which a descriptor keeps the default of a bytes field.
fn unescape(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.bytes().peekable();
    while let Some(byte) = rest.next() {
        if byte != b'\\' {
            out.push(byte);
            continue;
        }
        let Some(escape) = rest.next() else { break };
        let (radix, digits, mut value) = match escape {
            b'0'..=b'7' => (8, 2, u32::from(escape - b'0')),
            b'x' | b'X' => (16, 2, 0),
            _ => {
                out.push(simple_escape(escape));
                continue;
            }
        };
        for _ in 0..digits {
            let Some(digit) = rest.peek().and_then(|b| char::from(*b).to_digit(radix)) else { break };
            value = value * radix + digit;
            rest.next();
        }
        out.push(u8::try_from(value & 0xff).unwrap_or_default());
    }
    out
}

fn simple_escape(escape: u8) -> u8 {
    match escape {
        b'a' => 0x07,
        b'b' => 0x08,
        b'f' => 0x0c,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'v' => 0x0b,
        other => other,
    }
}

fn map_type(entry: &DescriptorProto) -> String {
    let part = |number| {
        let field = entry.field.iter().find(|field| field.number() == number);
        field.map(type_name).unwrap_or_default()
    };
    format!("map<{}, {}>", part(1), part(2))
}

fn type_name(field: &FieldDescriptorProto) -> String {
    let keyword = match field.r#type() {
        Type::Double => "double",
        Type::Float => "float",
        Type::Int64 => "int64",
        Type::Uint64 => "uint64",
        Type::Int32 => "int32",
        Type::Fixed64 => "fixed64",
        Type::Fixed32 => "fixed32",
        Type::Bool => "bool",
        Type::String => "string",
        Type::Bytes => "bytes",
        Type::Uint32 => "uint32",
        Type::Sfixed32 => "sfixed32",
        Type::Sfixed64 => "sfixed64",
        Type::Sint32 => "sint32",
        Type::Sint64 => "sint64",
        Type::Group | Type::Message | Type::Enum => return escape::dotted(field.type_name()),
    };
    keyword.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_defaults_lose_their_escapes() {
        assert_eq!(unescape(r#"a\"\\\n\0011\xff7\377"#), b"a\"\\\n\x011\xff7\xff");
        assert_eq!(unescape("\\"), b"");
    }

    #[test]
    fn only_values_of_the_type_become_defaults() {
        assert_eq!(default_value(Type::Float, "-inf").as_deref(), Some("-inf"));
        assert_eq!(default_value(Type::Float, "1e+10").as_deref(), Some("1e+10"));
        assert_eq!(default_value(Type::Int32, "1];\nmessage"), None);
        assert_eq!(default_value(Type::Bool, "yes"), None);
    }
}
