//! Whatever is encoded is decoded to the same: for types and values without end, made from a seed.

use super::super::{Marshaler, Problem};
use super::*;

/// Numbers that look random and are the same each time: an xorshift.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(limit).unwrap()).unwrap()
    }

    fn bytes(&mut self) -> Bytes {
        (0..self.below(5)).map(|_| self.next().to_le_bytes()[0]).collect()
    }

    /// Small, large, zero and the extremes.
    fn number(&mut self) -> u64 {
        match self.below(4) {
            0 => 0,
            1 => self.next() >> (self.below(64)),
            2 => u64::MAX - u64::try_from(self.below(3)).unwrap(),
            _ => self.next(),
        }
    }

    fn float(&mut self) -> f64 {
        match self.below(4) {
            0 => 0.0,
            1 => f64::INFINITY,
            2 => f64::from(u32::try_from(self.below(1000)).unwrap()) / 8.0,
            _ => Some(f64::from_bits(self.next())).filter(|number| !number.is_nan()).unwrap_or(-1.5),
        }
    }
}

fn a_type(dice: &mut Dice, types: &mut Types, depth: usize) -> TypeRef {
    const PLAIN: [TypeRef; 8] = [
        TypeRef::Bool,
        TypeRef::Int,
        TypeRef::Uint,
        TypeRef::Float,
        TypeRef::Bytes,
        TypeRef::String,
        TypeRef::Complex,
        TypeRef::Interface,
    ];
    let choice = dice.below(if depth == 0 { 8 } else { 14 });
    if let Some(plain) = PLAIN.get(choice) {
        return *plain;
    }
    let place = types.reserve();
    let name = format!("Type{}", types.len()).into();
    let definition = match choice {
        8 => Definition::Opaque { name, marshaler: Marshaler::Binary },
        9 => Definition::Slice { name, element: a_type(dice, types, depth - 1) },
        10 => Definition::Array { name, element: a_type(dice, types, depth - 1), length: dice.below(4) },
        11 => Definition::Map {
            name,
            key: a_type(dice, types, depth - 1),
            value: a_type(dice, types, depth - 1),
        },
        _ => {
            let mut fields: Vec<Field> = (0..dice.below(6))
                .map(|number| Field { name: format!("F{number}").into(), ty: a_type(dice, types, depth - 1) })
                .collect();
            fields.push(Field { name: "Next".into(), ty: place });
            Definition::Struct { name, fields }
        }
    };
    types.fill(place, definition);
    types.register(format!("main.{}", types.len()), place);
    place
}

/// A value; a nil one only where Go's can be.
fn a_value(dice: &mut Dice, types: &Types, ty: TypeRef, depth: usize) -> Value {
    let less = depth.saturating_sub(1);
    match ty {
        TypeRef::Bool => Value::Bool(dice.below(2) == 1),
        TypeRef::Int => Value::Int(dice.number().cast_signed()),
        TypeRef::Uint => Value::Uint(dice.number()),
        TypeRef::Float => Value::Float(dice.float()),
        TypeRef::Complex => Value::Complex(dice.float(), dice.float()),
        TypeRef::Bytes => Value::Bytes(dice.bytes()),
        TypeRef::String => Value::String(dice.bytes()),
        TypeRef::Interface => match dice.below(3) {
            0 => Value::Nil,
            1 => Value::Interface { name: "int16".into(), value: Box::new(Value::Int(7)) },
            _ => {
                let name = format!("main.{}", dice.below(types.len() + 1));
                match types.registered(&name) {
                    Some(ty) if depth > 0 => {
                        let value = Box::new(a_value(dice, types, ty, less));
                        Value::Interface { name: name.into(), value }
                    }
                    _ => Value::Nil,
                }
            }
        },
        TypeRef::Defined(_) => match types.get(ty).unwrap() {
            Definition::Opaque { name, marshaler } => {
                Value::Opaque { name: name.clone(), marshaler: *marshaler, bytes: dice.bytes() }
            }
            Definition::Slice { element, .. } => {
                let length = if depth == 0 { 0 } else { dice.below(4) };
                Value::List((0..length).map(|_| a_value(dice, types, *element, less)).collect())
            }
            Definition::Array { element, length, .. } => {
                Value::List((0..*length).map(|_| a_value(dice, types, *element, less)).collect())
            }
            Definition::Map { key, value, .. } => {
                let length = if depth == 0 { 0 } else { dice.below(4) };
                let mut pair = || (a_value(dice, types, *key, less), a_value(dice, types, *value, less));
                Value::Map((0..length).map(|_| pair()).collect())
            }
            Definition::Struct { name, fields } => {
                let fields = fields
                    .iter()
                    .map(|field| {
                        let nil = field.ty == ty && (depth == 0 || dice.below(2) == 0);
                        let value = if nil { Value::Nil } else { a_value(dice, types, field.ty, less) };
                        (field.name.clone(), value)
                    })
                    .collect();
                Value::Struct(Struct { name: name.clone(), fields })
            }
        },
    }
}

#[test]
fn what_is_encoded_is_decoded_to_the_same() {
    for seed in 1..=500 {
        let mut dice = Dice(seed);
        let mut types = Types::default();
        let mut encoder = Encoder::default();
        let mut decoder = Decoder::new(Limits::default());
        for _ in 0..5 {
            let ty = a_type(&mut dice, &mut types, 4);
            let value = a_value(&mut dice, &types, ty, 4);
            let mut stream = BytesMut::new();
            encoder.encode(&types, ty, &value, &mut stream).unwrap();
            assert_eq!(decoder.read(&mut stream), Ok(Some(value)), "seed {seed}");
            assert!(stream.is_empty(), "seed {seed}");
        }
    }
}

#[test]
fn negative_zero_is_left_out_of_a_struct_and_nan_is_not() {
    let mut types = Types::default();
    let ty = types.define(Definition::Struct { name: "F".into(), fields: fields(&[("F", TypeRef::Float)]) });
    let fields_sent = |number| {
        let stream = encode(&types, ty, &structure("F", &[("F", Value::Float(number))])).unwrap();
        !hex(&stream).ends_with("03ff8200")
    };
    assert!(!fields_sent(0.0));
    assert!(!fields_sent(-0.0));
    assert!(fields_sent(f64::NAN));
}

#[test]
fn arrays_and_structs_are_sent_even_if_they_are_zero() {
    let mut types = Types::default();
    let array = types.define(Definition::Array { name: "".into(), element: TypeRef::Int, length: 2 });
    let empty = types.define(Definition::Struct { name: "".into(), fields: Vec::new() });
    let ty =
        types.define(Definition::Struct { name: "S".into(), fields: fields(&[("A", array), ("E", empty)]) });
    let zeros = Value::List(vec![Value::Int(0), Value::Int(0)]);
    let value = structure("S", &[("A", zeros), ("E", structure("", &[]))]);
    let stream = encode(&types, ty, &value).unwrap();
    assert!(hex(&stream).ends_with("09ff82 01020000 0100 00".replace(' ', "").as_str()), "{}", hex(&stream));
}

#[test]
fn a_value_need_not_have_all_fields_but_no_others() {
    let mut types = Types::default();
    let ty = types.define(Definition::Struct {
        name: "Args".into(),
        fields: fields(&[("A", TypeRef::Int), ("B", TypeRef::Int), ("C", TypeRef::Int)]),
    });
    let stream = encode(&types, ty, &structure("", &[("C", Value::Int(1))])).unwrap();
    assert!(hex(&stream).ends_with("05ff82030200"));
    let error = encode(&types, ty, &structure("", &[("D", Value::Int(1))])).unwrap_err();
    assert_eq!(error.to_string(), "Args.D: no such field");
}

#[test]
fn an_error_names_the_place_and_leaves_nothing_behind() {
    let mut types = Types::default();
    let point =
        types.define(Definition::Struct { name: "Point".into(), fields: fields(&[("X", TypeRef::Int)]) });
    let points = types.define(Definition::Slice { name: "".into(), element: point });
    let map = types.define(Definition::Map { name: "".into(), key: TypeRef::String, value: points });
    let args = types.define(Definition::Struct { name: "Args".into(), fields: fields(&[("M", map)]) });
    let with = |x| {
        let points = Value::List(vec![structure("Point", &[]), structure("Point", &[("X", x)])]);
        structure("Args", &[("M", Value::Map(vec![(text("a"), points)]))])
    };
    let mut encoder = Encoder::default();
    let mut out = BytesMut::new();
    let error = encoder.encode(&types, args, &with(Value::Float(1.5)), &mut out).unwrap_err();
    assert_eq!(error.to_string(), "Args.M[\"a\"][1].X: float where int is wanted");
    assert!(out.is_empty());

    // The types were not sent, so they are defined with the next value, under the same numbers.
    encoder.encode(&types, args, &with(Value::Int(1)), &mut out).unwrap();
    assert_eq!(out, encode(&types, args, &with(Value::Int(1))).unwrap());
}

#[test]
fn what_cannot_be_sent_is_refused() {
    let mut types = Types::default();
    let array = types.define(Definition::Array { name: "".into(), element: TypeRef::Int, length: 2 });
    let reserved = types.reserve();
    let itself = types.reserve();
    types.fill(itself, Definition::Slice { name: "Itself".into(), element: itself });
    let deep = (0..MAX_DEPTH).fold(Value::List(Vec::new()), |inner, _| Value::List(vec![inner]));
    let table = [
        (TypeRef::Int, Value::Nil, Problem::Mismatch { want: "int", got: "nil" }),
        (TypeRef::Uint, Value::Int(1), Problem::Mismatch { want: "uint", got: "int" }),
        (array, Value::List(vec![Value::Int(1)]), Problem::Length { want: 2, got: 1 }),
        (reserved, Value::Nil, Problem::UndefinedType),
        (itself, deep, Problem::TooDeep),
    ];
    for (ty, value, problem) in table {
        assert_eq!(encode(&types, ty, &value).unwrap_err().problem, problem);
    }
}
