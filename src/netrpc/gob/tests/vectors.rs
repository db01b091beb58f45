//! What Go 1.19 and 1.27 put on the wire, byte for byte.

use super::super::Marshaler;
use super::*;

/// Checks that a stream holds one value, and that this value of this type makes that stream.
fn both_ways(types: &Types, ty: TypeRef, value: &Value, stream: &str) {
    assert_eq!(&decode_one(stream), value);
    assert_eq!(hex(&encode(types, ty, value).unwrap()), stream);
}

#[test]
fn plain_values() {
    let types = Types::default();
    let table = [
        (TypeRef::Int, Value::Int(3), "03040006"),
        (TypeRef::Uint, Value::Uint(256), "050600fe0100"),
        (TypeRef::Int, Value::Int(-129), "050400fe0101"),
        (TypeRef::Float, Value::Float(17.0), "050800fe3140"),
        (TypeRef::String, text("hi"), "050c00026869"),
        (TypeRef::Complex, Value::Complex(1.0, 2.0), "060e00fef03f40"),
        (TypeRef::Bool, Value::Bool(false), "03020000"),
        (TypeRef::Bytes, Value::Bytes(Bytes::new()), "030a0000"),
    ];
    for (ty, value, stream) in table {
        both_ways(&types, ty, &value, stream);
    }
}

#[test]
fn not_a_number() {
    let nan = encode(&Types::default(), TypeRef::Float, &Value::Float(f64::NAN)).unwrap();
    let values = decode_all(&nan, Limits::default()).unwrap();
    assert!(matches!(values[..], [Value::Float(number)] if number.is_nan()));
    // Go's NaN has a one in its last place.
    assert!(matches!(decode_one("0b0800f8010000000000f87f"), Value::Float(number) if number.is_nan()));
}

/// What a definition would be if the stream that it is from had begun with it.
fn only(definition: Definition) -> (Types, TypeRef) {
    let mut types = Types::default();
    let ty = types.define(definition);
    (types, ty)
}

#[test]
fn slices_arrays_and_maps() {
    let two_zeros = Value::List(vec![Value::Int(0), Value::Int(0)]);
    assert_eq!(decode_one("0cff9d020102ff9e000104000006ff9e00020000"), two_zeros);
    let (types, ty) = only(Definition::Slice { name: "".into(), element: TypeRef::Int });
    both_ways(&types, ty, &two_zeros, "0cff81020102ff82000104000006ff8200020000");

    let map = Value::Map(vec![(text("a"), Value::Int(1))]);
    assert_eq!(decode_one("0eff8d040102ff8e00010c0104000007ff8e0001016102"), map);
    let (types, ty) = only(Definition::Map { name: "".into(), key: TypeRef::String, value: TypeRef::Int });
    both_ways(&types, ty, &map, "0eff81040102ff8200010c0104000007ff820001016102");

    let array = Value::List(vec![Value::Int(0), Value::Int(2), Value::Int(0)]);
    assert_eq!(decode_one("0eff9f010102ffa00001040106000007ffa00003000400"), array);
    let (types, ty) = only(Definition::Array { name: "".into(), element: TypeRef::Int, length: 3 });
    both_ways(&types, ty, &array, "0eff81010102ff820001040106000007ff820003000400");
}

#[test]
fn structs() {
    let (types, ty) = only(Definition::Struct {
        name: "Point".into(),
        fields: fields(&[("X", TypeRef::Int), ("Y", TypeRef::Int)]),
    });
    let point = structure("Point", &[("X", Value::Int(22)), ("Y", Value::Int(33))]);
    // From the documentation of Go's package.
    let stream = "1fff8103010105506f696e7401ff82000102010158010400010159010400000007ff82012c014200";
    both_ways(&types, ty, &point, stream);

    assert_eq!(decode_one("0aff87030102ff8800000003ff8800"), structure("", &[]));
    let (types, ty) = only(Definition::Struct { name: "".into(), fields: Vec::new() });
    both_ways(&types, ty, &structure("", &[]), "0aff81030102ff8200000003ff8200");
}

#[test]
fn types_that_encode_themselves() {
    let time = Value::Opaque {
        name: "Time".into(),
        marshaler: Marshaler::Gob,
        bytes: unhex("010000000e7791f70000000000ffff").into(),
    };
    let stream = "10ffa30501010454696d6501ffa400000013ffa4000f010000000e7791f70000000000ffff";
    assert_eq!(decode_one(stream), time);
    let (types, ty) = only(Definition::Opaque { name: "Time".into(), marshaler: Marshaler::Gob });
    both_ways(&types, ty, &time, &stream.replace("ffa3", "ff81").replace("ffa4", "ff82"));

    // A big.Int encodes itself through a pointer, whose type has no name.
    let number = Value::Opaque { name: "".into(), marshaler: Marshaler::Gob, bytes: unhex("03012c").into() };
    let stream = "0affa5050102ffa800000007ffa6000303012c";
    assert_eq!(decode_one(stream), number);
    let (types, ty) = only(Definition::Opaque { name: "".into(), marshaler: Marshaler::Gob });
    both_ways(&types, ty, &number, "0aff81050102ff8200000007ff82000303012c");
}

#[test]
fn a_call_and_its_answers() {
    let mut types = Types::default();
    let request = types.define(Definition::Struct {
        name: "Request".into(),
        fields: fields(&[("ServiceMethod", TypeRef::String), ("Seq", TypeRef::Uint)]),
    });
    let args = types.define(Definition::Struct {
        name: "Args".into(),
        fields: fields(&[("A", TypeRef::Int), ("B", TypeRef::Int)]),
    });
    let call = |sequence| {
        structure("Request", &[("ServiceMethod", text("Arith.Multiply")), ("Seq", Value::Uint(sequence))])
    };
    let operands = |a, b| structure("Args", &[("A", Value::Int(a)), ("B", Value::Int(b))]);

    let mut encoder = Encoder::default();
    let mut out = BytesMut::new();
    encoder.encode(&types, request, &call(0), &mut out).unwrap();
    encoder.encode(&types, args, &operands(7, 8), &mut out).unwrap();
    let first = "2fff81030101075265717565737401ff82000102010d536572766963654d6574686f64010c000103536571010600000013ff8\
                 2010e41726974682e4d756c7469706c79001eff83030101044172677301ff840001020101410104000101420104000000\
                 07ff84010e011000";
    assert_eq!(hex(&out), first);
    assert_eq!(decode(first), Ok(vec![call(0), operands(7, 8)]));

    out.clear();
    encoder.encode(&types, request, &call(1), &mut out).unwrap();
    encoder.encode(&types, args, &operands(1, 0), &mut out).unwrap();
    assert_eq!(hex(&out), "15ff82010e41726974682e4d756c7469706c7901010005ff84010200");

    let answer = "3aff8503010108526573706f6e736501ff86000103010d536572766963654d6574686f64010c000103536571010600010545\
                  72726f72010c00000011ff86010c41726974682e4469766964650026ff890301010851756f7469656e7401ff8a00010201\
                  0351756f010400010352656d010400000007ff8a0106010400";
    let error = "23ff86010c41726974682e4469766964650101010e646976696465206279207a65726f000aff87030102ff8800000003ff8800";
    let response = |sequence, error| {
        structure(
            "Response",
            &[("ServiceMethod", text("Arith.Divide")), ("Seq", Value::Uint(sequence)), ("Error", error)],
        )
    };
    assert_eq!(
        decode(&format!("{answer}{error}")),
        Ok(vec![
            response(0, text("")),
            structure("Quotient", &[("Quo", Value::Int(3)), ("Rem", Value::Int(2))]),
            response(1, text("divide by zero")),
            structure("", &[]),
        ])
    );
}

#[test]
fn numbers_from_64_on_as_go_1_27_gives_them() {
    let stream = "1e7f03010105506f696e7401ff80000102010158010400010159010400000007ff80012c014200";
    assert_eq!(decode_one(stream), structure("Point", &[("X", Value::Int(22)), ("Y", Value::Int(33))]));
}

#[test]
fn a_stream_can_be_cut_anywhere() {
    let stream = unhex(
        "1fff8103010105506f696e7401ff82000102010158010400010159010400000007ff82012c01420007ff82012c014200",
    );
    for cut in 0..stream.len() {
        let mut decoder = Decoder::new(Limits::default());
        let mut buffer = BytesMut::new();
        let mut values = Vec::new();
        for part in [&stream[..cut], &stream[cut..]] {
            buffer.extend_from_slice(part);
            while let Some(value) = decoder.read(&mut buffer).unwrap() {
                values.push(value);
            }
        }
        assert_eq!(values.len(), 2, "cut at {cut}");
    }
}

#[test]
fn fields_that_were_not_sent_are_zero() {
    let mut types = Types::default();
    let slice = types.define(Definition::Slice { name: "".into(), element: TypeRef::Int });
    let map = types.define(Definition::Map { name: "".into(), key: TypeRef::String, value: TypeRef::Int });
    let time = types.define(Definition::Opaque { name: "Time".into(), marshaler: Marshaler::Gob });
    let all = types.reserve();
    let declared = [
        ("Bool", TypeRef::Bool, Value::Bool(false)),
        ("Int", TypeRef::Int, Value::Int(0)),
        ("Uint", TypeRef::Uint, Value::Uint(0)),
        ("Float", TypeRef::Float, Value::Float(0.0)),
        ("Complex", TypeRef::Complex, Value::Complex(0.0, 0.0)),
        ("Bytes", TypeRef::Bytes, Value::Bytes(Bytes::new())),
        ("String", TypeRef::String, text("")),
        ("Any", TypeRef::Interface, Value::Nil),
        ("Slice", slice, Value::List(Vec::new())),
        ("Map", map, Value::Map(Vec::new())),
        ("Time", time, Value::Nil),
        ("Next", all, Value::Nil),
    ];
    let types_of: Vec<_> = declared.iter().map(|(name, ty, _)| (*name, *ty)).collect();
    types.fill(all, Definition::Struct { name: "All".into(), fields: fields(&types_of) });
    let stream = encode(&types, all, &structure("All", &[])).unwrap();
    let zeros: Vec<_> = declared.iter().map(|(name, _, zero)| (*name, zero.clone())).collect();
    assert_eq!(decode_all(&stream, Limits::default()), Ok(vec![structure("All", &zeros)]));
}

#[test]
fn a_key_that_comes_twice_is_shown_twice() {
    let twice = Value::Map(vec![(text("a"), Value::Int(1)), (text("a"), Value::Int(2))]);
    assert_eq!(decode_one("0eff8d040102ff8e00010c010400000aff8e0002016102016104"), twice);
}

#[test]
fn a_type_can_be_made_of_itself() {
    // `type Slices []Slices`, and a tree whose nodes name nodes, both as Go writes them.
    assert_eq!(
        decode_one("11ff9302010102536c01ff940001ff94000007ff940002000100"),
        Value::List(vec![Value::List(Vec::new()), Value::List(vec![Value::List(Vec::new())])])
    );
    let mut types = Types::default();
    let node = types.reserve();
    types.fill(
        node,
        Definition::Struct { name: "Node".into(), fields: fields(&[("V", TypeRef::Int), ("Next", node)]) },
    );
    let node_of = |value, next| structure("Node", &[("V", Value::Int(value)), ("Next", next)]);
    let list = node_of(1, node_of(2, Value::Nil));
    let made = encode(&types, node, &list).unwrap();
    assert_eq!(decode_all(&made, Limits::default()), Ok(vec![list]));
    // The definition names itself; the value ends with both nodes' ends.
    assert!(hex(&made).contains("044e65787401ff82"));
    assert!(hex(&made).ends_with("09ff8201020101040000"));
}
