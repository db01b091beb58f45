//! A request ready to fill in: JSON with every field of a message and a sample value in each.
//!
//! Fields have their JSON names and are in declaration order. Repeated and map fields hold one element, of a
//! oneof only the first member is there (the others would contradict it), and a message that contains itself
//! stops at `null`, `[]` or `{}`. What comes out is always accepted as a request as it stands.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use prost_reflect::{
    DescriptorPool, EnumDescriptor, FieldDescriptor, Kind, MapKey, MessageDescriptor, Value,
};
use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::schema::fields::{fields_in_declaration_order, place_among_siblings};

/// A schema may describe far more fields than anyone fills in; past so many, messages are left empty.
const MAX_FIELDS: usize = 2_000;

/// Messages within messages, well within what JSON readers and protobuf decoders accept.
const MAX_DEPTH: usize = 40;

/// The template of `message`, as JSON over several lines.
pub fn json(message: &MessageDescriptor) -> String {
    serde_json::to_string_pretty(&Template::new(message)).unwrap_or_default()
}

/// A JSON value whose members keep their order.
#[derive(Clone, Debug, PartialEq)]
pub struct Template(Node);

#[derive(Clone, Debug, PartialEq)]
enum Node {
    Null,
    Bool(bool),
    Integer(i64),
    Float(f64),
    Text(String),
    List(Vec<Node>),
    Object(Vec<(String, Node)>),
}

impl Template {
    /// The template of `message`.
    pub fn new(message: &MessageDescriptor) -> Self {
        let mut builder = Builder { root: message, open: Vec::new(), fields_left: MAX_FIELDS };
        Self(builder.message(message).unwrap_or(Node::Object(Vec::new())))
    }
}

impl Serialize for Template {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl Serialize for Node {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Integer(value) => serializer.serialize_i64(*value),
            Self::Float(value) => serializer.serialize_f64(*value),
            Self::Text(value) => serializer.serialize_str(value),
            Self::List(items) => items.serialize(serializer),
            Self::Object(members) => {
                let mut map = serializer.serialize_map(Some(members.len()))?;
                for (name, value) in members {
                    map.serialize_entry(name, value)?;
                }
                map.end()
            }
        }
    }
}

fn text(value: impl Into<String>) -> Node {
    Node::Text(value.into())
}

fn object<const N: usize>(members: [(&str, Node); N]) -> Node {
    Node::Object(members.map(|(name, value)| (name.to_owned(), value)).into())
}

struct Builder<'a> {
    root: &'a MessageDescriptor,
    /// Full names of the messages being filled in, outermost first.
    open: Vec<String>,
    fields_left: usize,
}

impl Builder<'_> {
    /// A message with its fields; `None` where it has to stop.
    fn message(&mut self, message: &MessageDescriptor) -> Option<Node> {
        if let Some(node) = self.well_known(message) {
            return Some(node);
        }
        let recursive = self.open.iter().any(|name| name == message.full_name());
        if recursive || self.open.len() >= MAX_DEPTH || self.fields_left == 0 {
            return None;
        }
        self.open.push(message.full_name().to_owned());
        let mut members = Vec::new();
        for field in fields_in_declaration_order(message) {
            if self.fields_left == 0 {
                break;
            }
            if is_first_choice(&field) {
                self.fields_left -= 1;
                let value = self.field(&field);
                members.push((field.json_name().to_owned(), value));
            }
        }
        self.open.pop();
        Some(Node::Object(members))
    }

    fn field(&mut self, field: &FieldDescriptor) -> Node {
        let kind = field.kind();
        if let (true, Kind::Message(entry)) = (field.is_map(), &kind) {
            let (Some(key), Some(value)) = (entry.get_field(1), entry.get_field(2)) else {
                return Node::Object(Vec::new());
            };
            let value = self.single(&value.kind());
            return Node::Object(value.map(|value| (sample_key(&key.kind()), value)).into_iter().collect());
        }
        if field.is_list() {
            return Node::List(self.single(&kind).into_iter().collect());
        }
        match &kind {
            Kind::Message(message) => self.message(message).unwrap_or(Node::Null),
            _ => scalar(&field.default_value(), &kind),
        }
    }

    /// A value of `kind` with no field's own default.
    fn single(&mut self, kind: &Kind) -> Option<Node> {
        match kind {
            Kind::Message(message) => self.message(message),
            _ => Some(scalar(&kind.default_value(), kind)),
        }
    }

    /// Messages that JSON writes in ways of their own.
    fn well_known(&self, message: &MessageDescriptor) -> Option<Node> {
        let name = message.full_name().strip_prefix("google.protobuf.")?;
        Some(match name {
            "Timestamp" => text("1970-01-01T00:00:00Z"),
            "Duration" => text("0s"),
            "FieldMask" | "StringValue" | "BytesValue" => text(""),
            "Struct" => object([("key", Node::Null)]),
            "Value" => Node::Null,
            "ListValue" => Node::List(vec![Node::Null]),
            "Empty" => Node::Object(Vec::new()),
            "Any" => self.any(),
            "BoolValue" => Node::Bool(false),
            "Int32Value" | "UInt32Value" | "FloatValue" | "DoubleValue" => Node::Integer(0),
            "Int64Value" | "UInt64Value" => text("0"),
            _ => return None,
        })
    }

    /// An `Any` must name a type that the reader knows: `Empty`, or else the message the template is of.
    fn any(&self) -> Node {
        let is_known = |pool: &DescriptorPool| pool.get_message_by_name("google.protobuf.Empty").is_some();
        let well_known = self.root.full_name().starts_with("google.protobuf.");
        if well_known || is_known(self.root.parent_pool()) {
            let url = text("type.googleapis.com/google.protobuf.Empty");
            return object([("@type", url), ("value", Node::Object(Vec::new()))]);
        }
        object([("@type", text(format!("type.googleapis.com/{}", self.root.full_name())))])
    }
}

/// Whether a field is not in a oneof, or the first declared there.
fn is_first_choice(field: &FieldDescriptor) -> bool {
    let Some(oneof) = field.containing_oneof() else { return true };
    let first = oneof.fields().min_by_key(|member| place_among_siblings(member.path()));
    first.is_none_or(|first| first.number() == field.number())
}

fn sample_key(kind: &Kind) -> String {
    match MapKey::default_value(kind) {
        MapKey::String(_) => "key".to_owned(),
        MapKey::Bool(_) => "false".to_owned(),
        _ => "0".to_owned(),
    }
}

fn scalar(value: &Value, kind: &Kind) -> Node {
    match value {
        Value::Bool(value) => Node::Bool(*value),
        Value::I32(value) => Node::Integer(i64::from(*value)),
        Value::U32(value) => Node::Integer(i64::from(*value)),
        Value::I64(value) => text(value.to_string()),
        Value::U64(value) => text(value.to_string()),
        // By way of its shortest decimal form, or 0.1 would become 0.10000000149011612.
        Value::F32(value) => float(value.to_string().parse().unwrap_or_default()),
        Value::F64(value) => float(*value),
        Value::String(value) => text(value.as_str()),
        Value::Bytes(value) => text(STANDARD.encode(value)),
        Value::EnumNumber(number) => enum_name(kind.as_enum(), *number),
        Value::Message(_) | Value::List(_) | Value::Map(_) => Node::Null,
    }
}

fn float(value: f64) -> Node {
    if value.is_nan() {
        text("NaN")
    } else if value.is_infinite() {
        text(if value > 0.0 { "Infinity" } else { "-Infinity" })
    } else if value == 0.0 {
        Node::Integer(0)
    } else {
        Node::Float(value)
    }
}

fn enum_name(kind: Option<&EnumDescriptor>, number: i32) -> Node {
    match kind {
        Some(kind) if kind.full_name() == "google.protobuf.NullValue" => Node::Null,
        Some(kind) if kind.default_value().number() == number => text(kind.default_value().name()),
        Some(kind) => kind.get_value(number).map_or(Node::Integer(i64::from(number)), |v| text(v.name())),
        None => Node::Integer(i64::from(number)),
    }
}

#[cfg(test)]
mod tests {
    use prost_reflect::{DeserializeOptions, DynamicMessage};

    use super::*;
    use crate::schema::testing::pool;

    /// The template, after checking that it is accepted as a request.
    fn template(source: &str, message: &str) -> String {
        let message = pool(&[("t.proto", source)]).get_message_by_name(message).unwrap();
        let json = json(&message);
        let mut reader = serde_json::Deserializer::from_str(&json);
        let options = DeserializeOptions::new().deny_unknown_fields(true);
        if let Err(error) = DynamicMessage::deserialize_with_options(message, &mut reader, &options) {
            panic!("{error}\n{json}");
        }
        json
    }

    fn compact(source: &str, message: &str) -> String {
        template(source, message).lines().map(str::trim_start).collect()
    }

    #[test]
    fn every_kind_of_field() {
        let source = "syntax = 'proto3';
            message M { string z_last = 90; bool b = 1; int32 i = 2; uint64 big = 3; float f = 4; bytes raw = 5;
              E e = 6; repeated E es = 7; map<string, int64> counts = 8; map<bool, Sub> subs = 9; Sub sub = 10;
              repeated Sub many = 11; optional string maybe = 12; oneof o { string first = 14; int32 second = 13; }
              string named = 15 [json_name = 'own']; sfixed64 s = 16; }
            message Sub { uint32 n = 1; }
            enum E { ZERO = 0; ONE = 1; }";
        assert_eq!(
            compact(source, "M"),
            concat!(
                r#"{"zLast": "","b": false,"i": 0,"big": "0","f": 0,"raw": "","e": "ZERO","es": ["ZERO"],"#,
                r#""counts": {"key": "0"},"subs": {"false": {"n": 0}},"sub": {"n": 0},"many": [{"n": 0}],"#,
                r#""maybe": "","first": "","own": "","s": "0"}"#
            )
        );
    }

    #[test]
    fn well_known_types() {
        let names = ["any", "duration", "empty", "field_mask", "struct", "timestamp", "wrappers"];
        let imports = names.map(|name| format!("import 'google/protobuf/{name}.proto';")).concat();
        let types = [
            "Timestamp",
            "Duration",
            "FieldMask",
            "Struct",
            "Value",
            "ListValue",
            "Any",
            "Empty",
            "BoolValue",
            "StringValue",
            "BytesValue",
            "Int32Value",
            "UInt32Value",
            "Int64Value",
            "UInt64Value",
            "FloatValue",
            "DoubleValue",
            "NullValue",
        ];
        let fields = types.iter().enumerate();
        let fields: Vec<String> = fields
            .flat_map(|(i, kind)| {
                let kind = format!("google.protobuf.{kind}");
                [
                    format!("{kind} one{i} = {};", 3 * i + 1),
                    format!("repeated {kind} many{i} = {};", 3 * i + 2),
                    format!("map<string, {kind}> map{i} = {};", 3 * i + 3),
                ]
            })
            .collect();
        let source = format!("syntax = 'proto3'; {imports} message M {{ {} }}", fields.concat());
        let json = template(&source, "M");
        assert!(json.contains(r#""one0": "1970-01-01T00:00:00Z""#), "{json}");
        assert!(json.contains(r#""@type": "type.googleapis.com/google.protobuf.Empty""#), "{json}");
        assert_eq!(template(&source, "google.protobuf.Duration"), "\"0s\"");
        assert_eq!(template(&source, "google.protobuf.Empty"), "{}");
    }

    #[test]
    fn an_any_names_a_type_that_is_there() {
        let source =
            "syntax = 'proto3'; import 'google/protobuf/any.proto'; message M { google.protobuf.Any a = 1; }";
        assert_eq!(compact(source, "M"), r#"{"a": {"@type": "type.googleapis.com/M"}}"#);
    }

    #[test]
    fn recursion_stops() {
        let source = "syntax = 'proto3'; message M { M self = 1; repeated M all = 2; map<string, M> by = 3;
            Other other = 4; } message Other { M back = 1; int32 n = 2; }";
        assert_eq!(
            compact(source, "M"),
            r#"{"self": null,"all": [],"by": {},"other": {"back": null,"n": 0}}"#
        );
    }

    #[test]
    fn proto2_defaults_and_groups() {
        let source = "syntax = 'proto2'; message M { required float f = 1 [default = 0.1]; optional double d = 2 [default = -inf];
            optional E e = 3 [default = B]; optional group Part = 4 { optional bytes y = 1 [default = 'hi']; }
            enum E { A = 1; B = 2; } optional E first = 5; }";
        assert_eq!(
            compact(source, "M"),
            r#"{"f": 0.1,"d": "-Infinity","e": "B","part": {"y": "aGk="},"first": "A"}"#
        );
    }

    #[test]
    fn size_and_depth_are_bounded() {
        // Each level names the next eight times: 8^30 fields if nothing stopped it.
        let levels: Vec<String> = (0..30)
            .map(|level| {
                let fields: Vec<String> =
                    (1..=8).map(|n| format!("repeated L{} f{n} = {n};", level + 1)).collect();
                format!("message L{level} {{ {} }}", fields.concat())
            })
            .collect();
        let wide = format!("syntax = 'proto3'; message L30 {{}} {}", levels.concat());
        assert!(template(&wide, "L0").matches("\"f").count() <= MAX_FIELDS);
        let chain: Vec<String> =
            (0..100).map(|n| format!("message C{n} {{ repeated C{} next = 1; }}", n + 1)).collect();
        let deep = format!("syntax = 'proto3'; message C100 {{}} {}", chain.concat());
        assert_eq!(template(&deep, "C0").matches("next").count(), MAX_DEPTH);
    }
}
