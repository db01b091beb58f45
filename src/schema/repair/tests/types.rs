//! What features make of a field whose type is left out.

use prost::Message as _;
use prost_types::field_descriptor_proto::Type;
use prost_types::{DescriptorProto, EnumDescriptorProto, EnumValueDescriptorProto, FileDescriptorProto};

use super::{NOBODY, field, file, message};
use crate::schema::file_set::FileSet;
use crate::schema::repair;
use crate::schema::traits;

/// A file in edition 2023 in which all messages are delimited.
fn delimited(file: &FileDescriptorProto) -> Vec<u8> {
    // options (8): features (50): message_encoding (5) = DELIMITED (2); edition (14) = 1000.
    let tail = [0x42, 0x05, 0x92, 0x03, 0x02, 0x28, 0x02, 0x70, 0xe8, 0x07];
    [file.encode_to_vec(), tail.to_vec()].concat()
}

fn untyped(name: &str, number: i32, type_name: &str) -> prost_types::FieldDescriptorProto {
    prost_types::FieldDescriptorProto { r#type: None, ..field(name, number, type_name) }
}

#[test]
fn a_message_whose_type_is_left_out_is_delimited_all_the_same() {
    let value = EnumValueDescriptorProto { name: Some("Z".to_owned()), number: Some(0), options: None };
    let kind = EnumDescriptorProto { name: Some("E".to_owned()), value: vec![value], ..Default::default() };
    let inner = DescriptorProto { nested_type: vec![message("In", vec![])], ..message("Out", vec![]) };
    let fields = vec![
        untyped("own", 1, ".e.M"),
        untyped("nested", 2, ".e.Out.In"),
        untyped("other", 3, ".o.Other"),
        untyped("known", 4, ".google.protobuf.Timestamp"),
        untyped("kind", 5, ".e.E"),
        untyped("null", 6, ".google.protobuf.NullValue"),
        untyped("relative", 7, "M"),
        field("said", 8, ".e.M"),
    ];
    let imports = ["o.proto", "google/protobuf/timestamp.proto", "google/protobuf/struct.proto"];
    let main = FileDescriptorProto {
        syntax: Some("editions".to_owned()),
        enum_type: vec![kind],
        ..file("e", &imports, vec![message("M", fields), inner])
    };
    let mut files = FileSet::default();
    files.add(delimited(&main).into()).unwrap();
    files.add(file("o", &[], vec![message("Other", vec![])]).encode_to_vec().into()).unwrap();
    assert!(files.is_odd());
    let (pool, outcome) = repair::link(&files, false, NOBODY).unwrap();
    let repairs: Vec<String> = outcome.unwrap().repairs.iter().map(ToString::to_string).collect();
    assert_eq!(
        repairs,
        [
            "e.proto: wrote the name of 1 type in full",
            "e.proto: said of 7 fields what kind of type they have",
        ]
    );
    let m = pool.get_message_by_name("e.M").unwrap();
    let delimited: Vec<(String, bool)> =
        m.fields().map(|field| (field.name().to_owned(), traits::is_delimited(&field))).collect();
    let is_delimited = |name: &str| delimited.iter().any(|(own, is)| own == name && *is);
    for name in ["own", "nested", "other", "known", "relative", "said"] {
        assert!(is_delimited(name), "{name}");
    }
    assert!(!is_delimited("kind") && !is_delimited("null"));
    let kinds: Vec<i32> = m.fields().map(|field| field.field_descriptor_proto().r#type.unwrap()).collect();
    assert_eq!(kinds[4..6], [i32::from(Type::Enum); 2]);
}
