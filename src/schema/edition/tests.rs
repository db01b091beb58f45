//! Files that protoc made, and what the pool and its traits say of them.

use std::fmt::Write as _;

use prost_reflect::{DescriptorPool, FieldDescriptor, Kind, UnknownField};
use prost_types::{
    DescriptorProto, EnumDescriptorProto, EnumValueDescriptorProto, FieldDescriptorProto,
    FileDescriptorProto, FileOptions,
};

use super::*;
use crate::schema::RawSet;
use crate::schema::file_set::FileSet;
use crate::schema::testing;
use crate::schema::traits::{self, JsonFormat, Presence};
use bytes::Bytes;
use prost::Message as _;

/// `tests/data/editions/*.proto`, as protoc 35.1 compiled them.
const SET: &[u8] = include_bytes!("../../../tests/data/editions/set.binpb");

fn linked(options: bool) -> DescriptorPool {
    let mut files = FileSet::default();
    for file in RawSet::decode(SET).unwrap().files {
        files.add(file).unwrap();
    }
    files.link(options, "nobody has").unwrap()
}

/// All there is to know of a field, in a line.
fn line(field: &FieldDescriptor) -> String {
    let mut line = field.name().to_owned();
    let word = match traits::presence(field) {
        None => "repeated",
        Some(Presence::Explicit) => "explicit",
        Some(Presence::Implicit) => "implicit",
        Some(Presence::Required) => "required",
    };
    let says = [
        (traits::is_packed(field), "packed"),
        (traits::is_delimited(field), "delimited"),
        (traits::is_group_like(field), "group-like"),
        (matches!(field.kind(), Kind::String) && !traits::validates_utf8(field), "any-bytes"),
        (matches!(field.kind(), Kind::Enum(kind) if traits::is_closed(&kind)), "closed"),
    ];
    write!(line, " {word}").unwrap();
    for (_, word) in says.iter().filter(|(holds, _)| *holds) {
        write!(line, " {word}").unwrap();
    }
    line
}

fn lines(pool: &DescriptorPool, message: &str) -> Vec<String> {
    pool.get_message_by_name(message).unwrap().fields().map(|field| line(&field)).collect()
}

#[test]
fn the_traits_of_an_edition_2023_file() {
    for pool in [linked(false), linked(true)] {
        assert_eq!(
            lines(&pool, "ed.v1.Traits"),
            [
                "explicit explicit",
                "implicit implicit",
                "required required",
                "packed repeated packed",
                "expanded repeated",
                "inner explicit delimited group-like",
                "many repeated delimited",
                "by_name repeated",
                "checked explicit",
                "unchecked explicit any-bytes",
                "open explicit",
                "closed explicit closed",
                "left explicit any-bytes",
                "right explicit delimited",
                "grouplike explicit delimited group-like",
                "count explicit",
            ]
        );
        assert_eq!(lines(&pool, "ed.v1.Traits.ByNameEntry"), ["key explicit any-bytes", "value explicit"]);
        let extension = |name| pool.get_extension_by_name(name).unwrap();
        assert_eq!(traits::presence(&extension("ed.v1.more")), Some(Presence::Explicit));
        assert!(!traits::validates_utf8(&extension("ed.v1.more")));
        assert!(traits::is_delimited(&extension("ed.v1.tail")));
        assert!(!traits::is_group_like(&extension("ed.v1.tail")));
        let format = |name| traits::json_format(&pool.get_message_by_name(name).unwrap());
        assert_eq!(format("ed.v1.Traits"), JsonFormat::Allow);
        assert_eq!(format("ed.v1.Lax"), JsonFormat::LegacyBestEffort);
        let file = pool.get_file_by_name("e23.proto").unwrap();
        assert_eq!(traits::edition(&file), Some(Edition::E2023));
    }
}

#[test]
fn what_a_whole_file_says_reaches_all_but_maps_messages_and_oneofs() {
    for pool in [linked(false), linked(true)] {
        assert_eq!(
            lines(&pool, "ed.v2.M"),
            [
                "a implicit",
                "b explicit",
                "child explicit delimited",
                "xs repeated",
                "by_id repeated",
                "p explicit",
                "e implicit",
                "words repeated",
            ]
        );
        assert_eq!(lines(&pool, "ed.v2.M.ByIdEntry"), ["key explicit", "value explicit"]);
        let closed = |name| traits::is_closed(&pool.get_enum_by_name(name).unwrap());
        assert!(closed("ed.v2.Level"));
        assert!(!closed("ed.v2.M.E"));
        let file = pool.get_file_by_name("e24.proto").unwrap();
        assert_eq!(traits::edition(&file), Some(Edition::E2024));
    }
}

#[test]
fn proto2_and_proto3_have_their_traits() {
    let compiled = testing::pool(&[
        (
            "a.proto",
            "syntax = 'proto2'; package a; enum E { X = 1; } message M { option deprecated = true;
            required int32 r = 1; optional string s = 2 [deprecated = true]; repeated int32 xs = 3;
            repeated int32 ps = 4 [packed = true]; optional E e = 5; optional group G = 6 {}
            oneof o { int32 p = 7; } extensions 100; } extend M { optional int32 x = 100; }",
        ),
        (
            "b.proto",
            "syntax = 'proto3'; package b; enum E { X = 0; } message M { int32 i = 1; optional string s = 2;
            repeated int32 xs = 3; repeated int32 ps = 4 [packed = false]; E e = 5; M m = 6; oneof o { int32 p = 7; } }",
        ),
    ]);
    // Compilers leave some options for later.
    let mut pool = DescriptorPool::new();
    pool.decode_file_descriptor_set(compiled.encode_to_vec().as_slice()).unwrap();
    assert_eq!(
        lines(&pool, "a.M"),
        [
            "r required",
            "s explicit any-bytes",
            "xs repeated",
            "ps repeated packed",
            "e explicit closed",
            "g explicit delimited group-like",
            "p explicit"
        ]
    );
    assert_eq!(
        lines(&pool, "b.M"),
        [
            "i implicit",
            "s explicit",
            "xs repeated packed",
            "ps repeated",
            "e implicit",
            "m explicit",
            "p explicit"
        ]
    );
    assert_eq!(traits::presence(&pool.get_extension_by_name("a.x").unwrap()), Some(Presence::Explicit));
    let format = |name| traits::json_format(&pool.get_message_by_name(name).unwrap());
    assert_eq!((format("a.M"), format("b.M")), (JsonFormat::LegacyBestEffort, JsonFormat::Allow));
    let format = |name| traits::enum_json_format(&pool.get_enum_by_name(name).unwrap());
    assert_eq!((format("a.E"), format("b.E")), (JsonFormat::LegacyBestEffort, JsonFormat::Allow));
    assert!(pool.files().all(|file| traits::edition(&file).is_none()));
}

#[test]
fn a_lowered_file_is_raised_to_what_it_was() {
    use crate::schema::raw::File;
    for bytes in RawSet::decode(SET).unwrap().files {
        let lowered = lower(&bytes).unwrap().bytes;
        let raised = raise(&lowered).into_owned();
        assert_eq!(File::decode(Bytes::from(raised)).unwrap(), File::decode(bytes.clone()).unwrap());
        let name = File::decode(bytes.clone()).unwrap().name().to_owned();
        for options in [false, true] {
            let encoded = crate::schema::export::encoded(&linked(options).get_file_by_name(&name).unwrap());
            let (encoded, bytes) = (File::decode(Bytes::from(encoded)), File::decode(bytes.clone()));
            assert_eq!(encoded.unwrap(), bytes.unwrap(), "{name}, {options}");
        }
    }
}

/// A file with a message of one field and an enum, and these bytes at the end of all their options.
fn with_options(syntax: &str, number: i32, forged: &[u8]) -> Bytes {
    let part = |tag: u8| {
        let length = u8::try_from(forged.len()).unwrap();
        [&[tag << 3 | 2, length], forged].concat()
    };
    let field = [
        FieldDescriptorProto {
            name: Some("s".to_owned()),
            number: Some(1),
            r#type: Some(9),
            ..Default::default()
        }
        .encode_to_vec(),
        part(8),
    ]
    .concat();
    let message = DescriptorProto { name: Some("M".to_owned()), ..Default::default() };
    let message =
        [message.encode_to_vec(), vec![0x12, u8::try_from(field.len()).unwrap()], field, part(7)].concat();
    let value =
        EnumValueDescriptorProto { name: Some("Z".to_owned()), number: Some(0), ..Default::default() };
    let enumeration =
        EnumDescriptorProto { name: Some("E".to_owned()), value: vec![value], ..Default::default() };
    let enumeration = [enumeration.encode_to_vec(), part(3)].concat();
    let file = FileDescriptorProto {
        name: Some("f.proto".to_owned()),
        syntax: Some(syntax.to_owned()),
        options: Some(FileOptions { deprecated: Some(true), ..Default::default() }),
        ..Default::default()
    };
    let mut bytes = file.encode_to_vec();
    for (tag, element) in [(4, message), (5, enumeration)] {
        bytes.extend([tag << 3 | 2, u8::try_from(element.len()).unwrap()]);
        bytes.extend(element);
    }
    bytes.extend(part(8));
    if number != 0 {
        bytes.push(14 << 3);
        prost::encoding::encode_varint(u64::try_from(number).unwrap(), &mut bytes);
    }
    bytes.into()
}

#[test]
fn marks_from_outside_are_not_believed() {
    let mut forged = Vec::new();
    for mark in [Mark::Edition, Mark::Closed, Mark::Implicit, Mark::AnyBytes, Mark::LegacyJson] {
        marks::add(&mut forged, mark, 1001);
    }
    let forged = forged.concat();
    let says = |bytes: Bytes| {
        let mut files = FileSet::default();
        files.add(bytes).unwrap();
        let pool = files.link(false, "").unwrap();
        let file = pool.files().find(|file| file.name() == "f.proto").unwrap();
        assert!(file.options().unknown_fields().map(UnknownField::number).all(|number| number != 19_002));
        let closed = traits::is_closed(&pool.get_enum_by_name("E").unwrap());
        (traits::edition(&file), lines(&pool, "M").concat(), closed)
    };
    let nothing = |syntax, number| says(with_options(syntax, number, b""));
    for (syntax, number) in [("proto2", 0), ("proto3", 0), ("editions", 1000), ("editions", 998)] {
        let forged = says(with_options(syntax, number, &forged));
        assert_eq!(forged, nothing(syntax, number), "{syntax}");
    }
    assert_eq!(nothing("proto2", 0), (None, "s explicit any-bytes".to_owned(), true));
    assert_eq!(nothing("proto3", 0), (None, "s implicit".to_owned(), false));
    assert_eq!(nothing("editions", 1000), (Some(Edition::E2023), "s explicit".to_owned(), false));
    assert_eq!(nothing("editions", 998), nothing("proto2", 0));
    assert_eq!(nothing("editions", 999), nothing("proto3", 0));
}

#[test]
fn editions_that_are_not_known_are_named() {
    for (number, told) in [
        (0, "an edition that it does not name"),
        (1, "the edition with the number 1"),
        (1002, "edition 2026"),
        (99_997, "the edition with the number 99997"),
    ] {
        let error = FileSet::default().add(with_options("editions", number, b"")).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("f.proto is written in {told}, which this version does not know")
        );
    }
}

/// The fuzz target of descriptors, over every set that differs from a right one in a byte.
#[test]
fn sets_with_a_wrong_byte_do_no_more_than_fail() {
    for place in (0..SET.len()).step_by(2) {
        let mut set = SET.to_vec();
        set[place] = set[place].wrapping_add(u8::try_from(place % 255).unwrap() + 1);
        let Ok(schema) = crate::schema::Schema::of_set(set.into(), false) else { continue };
        let mut again = Vec::new();
        for file in schema.files() {
            let mut source = String::new();
            crate::schema::print::Files::default().file(&file, &mut source);
            let edition = traits::edition(&file);
            let pool = file.parent_pool().clone();
            for message in pool.all_messages().filter(|message| message.parent_file() == file) {
                traits::json_format(&message);
                for field in message.fields() {
                    let implicit = traits::presence(&field) == Some(Presence::Implicit);
                    assert!(!(implicit && traits::is_delimited(&field)), "messages have presence");
                    assert!(edition.is_none() || !implicit || field.containing_oneof().is_none());
                    traits::validates_utf8(&field);
                }
            }
            again = crate::schema::descriptor_set([file]);
        }
        assert!(crate::schema::Schema::of_set(again.into(), false).is_ok(), "byte {place}");
    }
}
