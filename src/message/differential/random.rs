//! Random messages of any type, always the same for the same seed.

use std::sync::Arc;

use buffa_descriptor::reflect::{DynamicMessage, MapKey, MapValue, ReflectMessageMut as _, Value};
use buffa_descriptor::{DescriptorPool, FieldDescriptor, FieldKind, MessageIndex, ScalarType, SingularKind};

/// How deep messages nest.
const DEPTH: u32 = 2;

/// What an Any may hold; none holds another.
const PACKED: [&str; 4] = [
    "demo.v1.Everything.Nested",
    "google.protobuf.Duration",
    "google.protobuf.Value",
    "google.protobuf.StringValue",
];

/// A generator of numbers (xorshift), and of the messages of a pool.
pub(super) struct Random {
    state: u64,
    pool: Arc<DescriptorPool>,
}

impl Random {
    pub(super) fn new(seed: u64, pool: Arc<DescriptorPool>) -> Self {
        Self { state: seed, pool }
    }

    fn next(&mut self) -> u64 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        self.state
    }

    pub(super) fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    fn one_of<T: Copy, const N: usize>(&mut self, choices: [T; N]) -> T {
        choices[usize::try_from(self.below(N as u64)).unwrap()]
    }

    /// Of any size, the ends of the range among them.
    fn number(&mut self) -> u64 {
        match self.below(5) {
            0 => 0,
            1 => u64::MAX,
            2 => 1 << self.below(64),
            _ => self.next() >> self.below(64),
        }
    }

    fn text(&mut self) -> String {
        let letters = [
            'a', '7', '"', '\\', '\'', '\n', '\0', '\u{1b}', '\u{7f}', 'é', '\u{2028}', '\u{202e}', '世',
            '😀', '/', '<',
        ];
        (0..self.below(6)).map(|_| self.one_of(letters)).collect()
    }

    /// A message of the type with this index.
    pub(super) fn message(&mut self, index: MessageIndex) -> DynamicMessage {
        self.nested(index, DEPTH)
    }

    fn nested(&mut self, index: MessageIndex, depth: u32) -> DynamicMessage {
        let pool = Arc::clone(&self.pool);
        let descriptor = pool.message(index);
        let mut message = DynamicMessage::new(Arc::clone(&pool), index);
        let fields = descriptor.fields();
        let mut set = |number: u32, value: Value| {
            let field = fields.iter().find(|field| field.number() == number).unwrap();
            message.set(field, value);
        };
        match descriptor.full_name() {
            "google.protobuf.Timestamp" => {
                set(1, Value::I64(i64::try_from(self.below(253_402_300_800)).unwrap()));
                set(2, Value::I32(self.nanos()));
            }
            "google.protobuf.Duration" => {
                let sign = self.one_of([1, -1]);
                set(1, Value::I64(i64::try_from(self.below(315_576_000_000)).unwrap() * sign));
                set(2, Value::I32(self.nanos() * i32::try_from(sign).unwrap()));
            }
            "google.protobuf.FieldMask" => {
                let paths =
                    (0..self.below(3)).map(|_| self.one_of(["a", "a.foo_bar", "x_y_z.b1"]).to_owned());
                set(1, Value::List(paths.map(Value::String).collect()));
            }
            "google.protobuf.Any" => {
                let name = self.one_of(PACKED);
                let inner = self.nested(pool.message_index(name).unwrap(), depth.saturating_sub(1));
                set(1, Value::String(format!("type.googleapis.com/{name}")));
                set(2, Value::Bytes(inner.encode_to_vec()));
            }
            "google.protobuf.Value" => {
                // Of its oneof exactly one, and a number that JSON has.
                let leaf = depth == 0;
                let number = if leaf { self.one_of([1, 2, 3, 4]) } else { self.one_of([1, 2, 3, 4, 5, 6]) };
                let field = fields.iter().find(|field| field.number() == number).unwrap();
                let value = match number {
                    1 => Value::EnumNumber(0),
                    2 => Value::F64(self.fraction()),
                    _ => self.value(field, depth),
                };
                set(number, value);
            }
            _ => {
                let rarely = self.one_of([3, 6, 30]);
                for field in fields {
                    if self.below(rarely) == 0 && !(depth == 0 && holds_messages(field)) {
                        message.set(field, self.value(field, depth));
                    }
                }
            }
        }
        message
    }

    fn nanos(&mut self) -> i32 {
        let any = i32::try_from(self.below(1_000_000_000)).unwrap();
        self.one_of([0, 1, 500_000_000, 10_000, any])
    }

    /// A fraction that reads back as it is also by readers that round some last digit to the wrong side.
    fn fraction(&mut self) -> f64 {
        let low = u32::try_from(self.number() & 0xffff_ffff).unwrap();
        f64::from(low.cast_signed()) / 8.0
    }

    fn value(&mut self, field: &FieldDescriptor, depth: u32) -> Value {
        match field.kind() {
            FieldKind::Singular(kind) => self.single(kind, depth),
            FieldKind::List(kind) => {
                let count = self.below(4);
                Value::List((0..count).map(|_| self.single(kind, depth)).collect())
            }
            FieldKind::Map { key, value } => {
                let count = self.below(4);
                let entries = (0..count).map(|_| (self.key(key), self.single(value, depth)));
                Value::Map(MapValue::from_entries(entries.collect()))
            }
        }
    }

    fn single(&mut self, kind: SingularKind, depth: u32) -> Value {
        match kind {
            SingularKind::Scalar(scalar) => self.scalar(scalar),
            SingularKind::Message(index) => Value::Message(self.nested(index, depth.saturating_sub(1))),
            SingularKind::Enum(index) => {
                let pool = Arc::clone(&self.pool);
                let (values, any) = (pool.enumeration(index), self.number());
                let is_null = values.full_name() == "google.protobuf.NullValue";
                let known = usize::try_from(any).unwrap_or_default() % values.values().len();
                match self.below(4) {
                    0 if !is_null => Value::EnumNumber(i32::try_from(any & 0x7f).unwrap()),
                    _ => Value::EnumNumber(values.values()[known].number()),
                }
            }
        }
    }

    fn scalar(&mut self, kind: ScalarType) -> Value {
        let number = self.number();
        let low = u32::try_from(number & 0xffff_ffff).unwrap();
        match kind {
            ScalarType::Double => {
                let fraction = self.fraction();
                Value::F64(self.one_of([fraction, fraction, -0.0, f64::NAN, f64::INFINITY]))
            }
            ScalarType::Float => {
                let small = f32::from(u16::try_from(low >> 16).unwrap()) / 8.0;
                Value::F32(self.one_of([small, small, -0.0, f32::NAN, f32::NEG_INFINITY]))
            }
            ScalarType::Bool => Value::Bool(number & 1 == 1),
            ScalarType::String => Value::String(self.text()),
            ScalarType::Bytes => Value::Bytes(number.to_le_bytes()[..low as usize % 9].to_vec()),
            ScalarType::Int32 | ScalarType::Sint32 | ScalarType::Sfixed32 => Value::I32(low.cast_signed()),
            ScalarType::Int64 | ScalarType::Sint64 | ScalarType::Sfixed64 => Value::I64(number.cast_signed()),
            ScalarType::Uint32 | ScalarType::Fixed32 => Value::U32(low),
            ScalarType::Uint64 | ScalarType::Fixed64 => Value::U64(number),
        }
    }

    fn key(&mut self, kind: ScalarType) -> MapKey {
        match self.scalar(kind) {
            Value::Bool(value) => MapKey::Bool(value),
            Value::I32(value) => MapKey::I32(value),
            Value::I64(value) => MapKey::I64(value),
            Value::U32(value) => MapKey::U32(value),
            Value::U64(value) => MapKey::U64(value),
            Value::String(value) => MapKey::String(value),
            other => panic!("{other:?} is no key"),
        }
    }
}

fn holds_messages(field: &FieldDescriptor) -> bool {
    let (FieldKind::Singular(kind) | FieldKind::List(kind) | FieldKind::Map { value: kind, .. }) =
        field.kind();
    matches!(kind, SingularKind::Message(_))
}
