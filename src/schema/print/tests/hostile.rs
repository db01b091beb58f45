//! Descriptors that no compiler made.

use prost_reflect::DescriptorPool;
use prost_reflect::prost_types::field_descriptor_proto::{Label, Type};
use prost_reflect::prost_types::source_code_info::Location;
use prost_reflect::prost_types::{
    DescriptorProto, EnumDescriptorProto, EnumValueDescriptorProto, FieldDescriptorProto,
    FileDescriptorProto, MethodDescriptorProto, ServiceDescriptorProto, SourceCodeInfo,
};

use super::{printed, printed_file};
use crate::chars::is_unsafe;
use crate::schema::symbol::Symbol;
use crate::schema::testing::try_pool;

const EVIL: &str = "a\u{1b}]0;owned\u{7}\r\n*/ }\u{202e}\u{9b}31m";

fn field(name: &str, kind: Type) -> FieldDescriptorProto {
    FieldDescriptorProto {
        name: Some(name.into()),
        number: Some(1),
        label: Some(Label::Optional.into()),
        r#type: Some(kind.into()),
        ..FieldDescriptorProto::default()
    }
}

fn message(name: &str, fields: Vec<FieldDescriptorProto>) -> DescriptorProto {
    DescriptorProto { name: Some(name.into()), field: fields, ..DescriptorProto::default() }
}

fn file(messages: Vec<DescriptorProto>) -> FileDescriptorProto {
    FileDescriptorProto {
        name: Some("x.proto".into()),
        syntax: Some("proto3".into()),
        message_type: messages,
        ..FileDescriptorProto::default()
    }
}

fn pool_of(file: FileDescriptorProto) -> DescriptorPool {
    let mut pool = DescriptorPool::new();
    pool.add_file_descriptor_proto(file).unwrap();
    pool
}

#[test]
fn nothing_in_a_name_or_a_comment_reaches_the_terminal() {
    let mut descriptor = file(vec![message(EVIL, vec![field(EVIL, Type::String)])]);
    descriptor.name = Some(EVIL.into());
    descriptor.enum_type = vec![EnumDescriptorProto {
        name: Some(format!("{EVIL}E")),
        value: vec![EnumValueDescriptorProto {
            name: Some(format!("{EVIL}V")),
            number: Some(0),
            ..EnumValueDescriptorProto::default()
        }],
        ..EnumDescriptorProto::default()
    }];
    descriptor.service = vec![ServiceDescriptorProto {
        name: Some(format!("{EVIL}S")),
        method: vec![MethodDescriptorProto {
            name: Some(EVIL.into()),
            input_type: Some(format!(".{EVIL}")),
            output_type: Some(format!(".{EVIL}")),
            ..MethodDescriptorProto::default()
        }],
        ..ServiceDescriptorProto::default()
    }];
    descriptor.source_code_info = Some(SourceCodeInfo {
        location: [vec![4, 0], vec![4, 0, 2, 0], vec![5, 0], vec![6, 0, 2, 0]]
            .map(|path| Location {
                path,
                leading_comments: Some(EVIL.into()),
                trailing_comments: Some(EVIL.into()),
                leading_detached_comments: vec![EVIL.into()],
                ..Location::default()
            })
            .to_vec(),
    });
    let pool = pool_of(descriptor);
    let whole = printed_file(&pool.files().next().unwrap());
    let mut method = String::new();
    let symbol = Symbol::Method(pool.services().next().unwrap().methods().next().unwrap());
    crate::schema::print::Files::default().symbol(&symbol, &mut method);
    for text in [&whole, &method] {
        assert!(!text.contains(|c| is_unsafe(c) && c != '\n'), "{text:?}");
        let source = format!("syntax = \"proto3\";\n{}", text.replace("syntax = \"proto3\";", ""));
        try_pool(&[("y.proto", &source)]).unwrap_or_else(|error| panic!("{error}\n{source}"));
    }
}

#[test]
fn deep_nesting_is_cut_short() {
    let mut inner = message("M", vec![]);
    for _ in 0..80 {
        inner = DescriptorProto { nested_type: vec![inner], ..message("M", vec![]) };
    }
    let text = printed_file(&pool_of(file(vec![inner])).files().next().unwrap());
    assert!(text.contains("// nested too deeply to show"));
}

#[test]
fn a_broken_map_entry_prints_as_what_it_is() {
    let mut entry = message("FooEntry", vec![field("key", Type::String)]);
    entry.options = Some(prost_reflect::prost_types::MessageOptions {
        map_entry: Some(true),
        ..prost_reflect::prost_types::MessageOptions::default()
    });
    let mut foo = field("foo", Type::Message);
    foo.label = Some(Label::Repeated.into());
    foo.type_name = Some(".M.FooEntry".into());
    let outer = DescriptorProto { nested_type: vec![entry], ..message("M", vec![foo]) };
    let pool = pool_of(file(vec![outer]));
    assert!(printed(&pool, "M").contains("repeated .M.FooEntry foo = 1;"));
}

#[test]
fn options_of_an_unknown_extension_are_named_by_number() {
    // `FieldOptions` with field 50000 as a varint 1.
    let options = [0x80, 0xb5, 0x18, 0x01];
    let mut bytes = prost_reflect::prost::Message::encode_to_vec(&file(vec![]));
    let field = [&[0x0a, 1, b'f', 0x18, 1, 0x20, 1, 0x28, 5, 0x42, 4], &options[..]].concat();
    let length = |bytes: &[u8]| u8::try_from(bytes.len()).unwrap();
    let message = [&[0x0a, 1, b'M', 0x12, length(&field)], field.as_slice()].concat();
    bytes.extend([&[0x22, length(&message)], message.as_slice()].concat());
    let mut pool = DescriptorPool::new();
    pool.decode_file_descriptor_proto(bytes.as_slice()).unwrap();
    assert_eq!(
        printed(&pool, "M"),
        "// M is a message in x.proto\nmessage M {\n  // option 50000 is of no known extension\n  int32 f = 1;\n}\n"
    );
}

#[test]
fn a_servers_own_descriptor_proto_may_disagree() {
    let descriptor = r#"syntax = "proto2"; package google.protobuf; message FieldOptions { optional string deprecated = 3; }"#;
    let mut pool = crate::schema::testing::pool(&[(
        "m.proto",
        "syntax = 'proto3'; message M { int32 f = 1 [deprecated = true]; }",
    )]);
    let other = protox::file::File::from_source("google/protobuf/descriptor.proto", descriptor).unwrap();
    pool.add_file_descriptor_proto(other.file_descriptor_proto().clone()).unwrap();
    assert!(printed(&pool, "M").contains("int32 f = 1 [deprecated = true];"));
}
