//! What is read is what prost-reflect reads: on generated messages, written by its printer and by ours.

use prost_reflect::prost::Message as _;
use prost_reflect::{DynamicMessage, Kind, MapKey, MessageDescriptor, Value};
use serde_json::de::Deserializer;

use super::Reader;
use crate::message::json::{Printer, Style, Types};
use crate::schema::testing;

const PROTO: &str = r#"
    syntax = "proto3";
    package t;
    import "google/protobuf/duration.proto";
    import "google/protobuf/timestamp.proto";
    import "google/protobuf/wrappers.proto";
    enum Color { NONE = 0; RED = 1; BLUE = -7; }
    message M {
        double a_double = 1; float a_float = 2; int32 i32 = 3; sint64 i64 = 4; uint32 u32 = 5; fixed64 u64 = 6;
        bool yes = 7; string text = 8; bytes raw = 9; Color color = 10; M child = 11; repeated M children = 12;
        repeated double doubles = 13; repeated string texts = 14; repeated Color colors = 15;
        map<string, M> by_name = 16; map<int64, string> by_number = 17; map<bool, Color> by_truth = 18;
        oneof either { int64 one = 19; string other = 20; M third = 21; }
        optional int32 maybe = 22; google.protobuf.Timestamp time = 23; google.protobuf.Duration wait = 24;
        google.protobuf.Int64Value wrapped = 25; google.protobuf.BytesValue wrapped_raw = 26;
    }
"#;

struct Nothing;

impl Types for Nothing {
    fn message(&self, _: &str) -> Option<MessageDescriptor> {
        None
    }
}

/// A small generator of numbers (xorshift), always the same for the same seed.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    /// Of any size, the ends of the range among them.
    fn number(&mut self) -> u64 {
        match self.below(4) {
            0 => 0,
            1 => u64::MAX,
            _ => self.next() >> self.below(64),
        }
    }

    fn text(&mut self) -> String {
        let letters = ['a', '"', '\\', '\n', '\u{1b}', 'é', '\u{202e}', '世', '😀', '/'];
        let length = self.below(6);
        (0..length).filter_map(|_| letters.get(usize::try_from(self.below(10)).unwrap())).collect()
    }

    fn message(&mut self, descriptor: &MessageDescriptor, depth: u32) -> DynamicMessage {
        let mut message = DynamicMessage::new(descriptor.clone());
        for field in descriptor.fields() {
            let nested = field.kind().as_message().is_some_and(|inner| inner == descriptor) || field.is_map();
            if self.below(3) > 0 || nested && depth == 0 {
                continue;
            }
            let value = if field.is_map() {
                let entry = field.kind();
                let entry = entry.as_message().unwrap();
                let (key, value) = (entry.map_entry_key_field().kind(), entry.map_entry_value_field().kind());
                let count = self.below(3);
                Value::Map((0..count).map(|_| (self.key(&key), self.value(&value, depth - 1))).collect())
            } else if field.is_list() {
                let count = self.below(3);
                Value::List((0..count).map(|_| self.value(&field.kind(), depth.saturating_sub(1))).collect())
            } else {
                self.value(&field.kind(), depth.saturating_sub(1))
            };
            message.set_field(&field, value);
        }
        message
    }

    fn key(&mut self, kind: &Kind) -> MapKey {
        self.value(kind, 0).into_map_key().unwrap()
    }

    fn value(&mut self, kind: &Kind, depth: u32) -> Value {
        let number = self.number();
        let low = u32::try_from(number & 0xffff_ffff).unwrap();
        match kind {
            // serde_json rounds the last digit of some numbers to the wrong side; it does not of these.
            Kind::Double if number == u64::MAX => Value::F64(f64::NAN),
            Kind::Double => Value::F64(f64::from(low.cast_signed()) / 8.0),
            Kind::Float if number == u64::MAX => Value::F32(f32::NEG_INFINITY),
            Kind::Float => Value::F32(f32::from(u16::try_from(low >> 16).unwrap()) / 8.0),
            Kind::Bool => Value::Bool(number & 1 == 1),
            Kind::String => Value::String(self.text()),
            Kind::Bytes => Value::Bytes(self.text().into_bytes().into()),
            Kind::Enum(_) => Value::EnumNumber([0, 1, -7, 99][usize::try_from(self.below(4)).unwrap()]),
            Kind::Uint32 | Kind::Fixed32 => Value::U32(low),
            Kind::Uint64 | Kind::Fixed64 => Value::U64(number),
            Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => Value::I32(low.cast_signed()),
            Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => Value::I64(number.cast_signed()),
            Kind::Message(inner) => Value::Message(match inner.full_name() {
                "google.protobuf.Timestamp" | "google.protobuf.Duration" => {
                    let mut moment = DynamicMessage::new(inner.clone());
                    moment.set_field_by_number(1, Value::I64(i64::from(low)));
                    moment.set_field_by_number(2, Value::I32(i32::try_from(low % 1_000_000_000).unwrap()));
                    moment
                }
                _ => self.message(inner, depth),
            }),
        }
    }
}

#[test]
fn reads_what_prost_reflect_reads() {
    let descriptor = testing::message(PROTO, "t.M");
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    for round in 0..500 {
        let message = random.message(&descriptor, 3);
        let theirs = serde_json::to_string(&message).unwrap();
        let mut ours = Vec::new();
        let style = Style { pretty: round % 2 == 0, emit_defaults: round % 3 == 0, ..Style::default() };
        Printer::new(style).print(&descriptor, &message.encode_to_vec(), &Nothing, &mut ours);
        for text in [theirs.as_bytes(), &ours] {
            let shown = String::from_utf8_lossy(text);
            let mut reader = Deserializer::from_slice(text);
            let expected = DynamicMessage::deserialize(descriptor.clone(), &mut reader).expect(&shown);
            let bytes = Reader::default().read(&descriptor, text, false).expect(&shown);
            let read = DynamicMessage::decode(descriptor.clone(), &*bytes).expect(&shown);
            // As JSON values: a NaN is no equal of itself, and map entries have no order.
            assert_eq!(sorted(&read), sorted(&expected), "{shown}");
            assert_eq!(read.encoded_len(), message.encoded_len(), "{shown}");
        }
    }
}

/// The message as JSON that two equal messages have in common, NaN and all.
fn sorted(message: &DynamicMessage) -> serde_json::Value {
    serde_json::to_value(message).unwrap()
}
