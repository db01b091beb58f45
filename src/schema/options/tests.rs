//! Options that the pool does not see, and those that it could not have taken.

use bytes::Bytes;
use prost::Message as _;
use prost_reflect::{DescriptorPool, MessageDescriptor};
use prost_types::uninterpreted_option::NamePart;
use prost_types::{
    DescriptorProto, EnumDescriptorProto, EnumOptions, EnumValueDescriptorProto, FieldDescriptorProto,
    FieldOptions, FileDescriptorProto, FileOptions, MessageOptions, UninterpretedOption,
};

use super::Reader;
use crate::schema::export;
use crate::schema::file_set::{FileSet, LinkError};
use crate::schema::raw::{Field, File};
use crate::schema::symbol::{Lookup, find};
use crate::schema::{builtin, edition, print, testing};

fn linked(files: &[Bytes], options: bool) -> DescriptorPool {
    let mut set = FileSet::default();
    for file in files {
        set.add(file.clone()).unwrap();
    }
    set.link(options, "nobody has").unwrap()
}

fn file(messages: Vec<DescriptorProto>) -> FileDescriptorProto {
    FileDescriptorProto {
        name: Some("f.proto".to_owned()),
        package: Some("f".to_owned()),
        message_type: messages,
        ..Default::default()
    }
}

fn message(name: &str, options: MessageOptions) -> DescriptorProto {
    DescriptorProto { name: Some(name.to_owned()), options: Some(options), ..Default::default() }
}

fn unresolved(name: &str, is_extension: bool) -> UninterpretedOption {
    UninterpretedOption {
        name: vec![NamePart { name_part: name.to_owned(), is_extension }],
        ..Default::default()
    }
}

fn flag(name: &str) -> UninterpretedOption {
    UninterpretedOption { identifier_value: Some("true".to_owned()), ..unresolved(name, false) }
}

fn printed(pool: &DescriptorPool, name: &str) -> String {
    let Lookup::Found(symbol) = find(pool, name) else { panic!("no {name}") };
    let mut out = String::new();
    print::Files::default().symbol(&symbol, &mut out);
    out
}

const CUSTOM: &str = r#"syntax = "proto2"; package f; import "google/protobuf/descriptor.proto";
    message Rule { optional int32 max = 1; optional string like = 2; }
    extend google.protobuf.MessageOptions { optional Rule rule = 50000; optional string note = 50001; repeated int32 n = 50002; }
    extend google.protobuf.FieldOptions { optional group Of = 50000 { optional int32 a = 1; } }
    message M { option (rule) = { max: 1 }; option (note) = "x"; option (n) = 1; option (n) = 2; option deprecated = true;
        repeated int32 f = 1 [packed = true, (of) = { a: 5 }]; }"#;

/// Files as a compiler gives them.
fn custom() -> Vec<Bytes> {
    testing::pool(&[("f.proto", CUSTOM)]).files().map(|file| file.encode_to_vec().into()).collect()
}

#[test]
fn the_pool_sees_what_it_goes_by_and_nothing_else() {
    for options in [false, true] {
        let pool = linked(&custom(), options);
        let m = pool.get_message_by_name("f.M").unwrap();
        let has = |message: &MessageDescriptor| {
            message.options().extensions().count() + message.options().unknown_fields().count()
        };
        assert_eq!(has(&m), 0);
        assert!(m.descriptor_proto().options.as_ref().is_some_and(MessageOptions::deprecated));
        assert!(m.get_field_by_name("f").unwrap().is_packed());
        let read = Reader::default().file(&m.parent_file()).read(m.path());
        let names: Vec<_> =
            read.custom.iter().map(|(extension, _)| extension.full_name().to_owned()).collect();
        assert_eq!(names, ["f.rule", "f.note", "f.n"]);
        let f = m.get_field_by_name("f").unwrap();
        let of_field = Reader::default().file(&m.parent_file()).read(f.path());
        assert_eq!((of_field.standard.len(), of_field.custom.len()), (1, 1));
        let file = pool.get_file_by_name("f.proto").unwrap();
        let original = custom().pop().unwrap();
        let again = File::decode(Bytes::from(export::encoded(&file))).unwrap();
        assert_eq!(again, File::decode(original).unwrap());
    }
}

#[test]
fn options_that_no_compiler_resolved_cost_no_file() {
    let mut said = unresolved("validate.rules", true);
    said.name.push(NamePart { name_part: "max".to_owned(), is_extension: false });
    said.positive_int_value = Some(5);
    let options =
        MessageOptions { uninterpreted_option: vec![flag("deprecated"), said], ..Default::default() };
    let values = [("A", 0), ("B", 0)].map(|(name, number)| EnumValueDescriptorProto {
        name: Some(name.to_owned()),
        number: Some(number),
        ..Default::default()
    });
    let alias = EnumDescriptorProto {
        name: Some("E".to_owned()),
        value: values.to_vec(),
        options: Some(EnumOptions { uninterpreted_option: vec![flag("allow_alias")], ..Default::default() }),
        ..Default::default()
    };
    let file = FileDescriptorProto { enum_type: vec![alias], ..file(vec![message("M", options)]) };
    for options in [false, true] {
        let pool = linked(&[file.encode_to_vec().into()], options);
        let m = pool.get_message_by_name("f.M").unwrap();
        assert!(m.descriptor_proto().options.as_ref().is_some_and(MessageOptions::deprecated));
        assert_eq!(
            printed(&pool, "f.M"),
            "// f.M is a message in f.proto\nmessage M {
  // (validate.rules).max = 5 is an option that no compiler has resolved
  option deprecated = true;\n}\n"
        );
        let mut source = String::new();
        let lost = print::Files::default().file(&m.parent_file(), &mut source);
        let lost: Vec<String> = lost.iter().map(ToString::to_string).collect();
        assert_eq!(lost, ["f.M: (validate.rules).max = 5 is an option that no compiler has resolved"]);
    }
}

#[test]
fn an_unresolved_option_ends_no_comment() {
    let evil = UninterpretedOption {
        aggregate_value: Some("a: 1\n} message Other {} \u{1b}[31m".to_owned()),
        ..unresolved("x\n.y", true)
    };
    let options = MessageOptions { uninterpreted_option: vec![evil], ..Default::default() };
    let pool = linked(&[file(vec![message("M", options)]).encode_to_vec().into()], true);
    let source = printed(&pool, "f.M");
    assert_eq!(source.lines().filter(|line| !line.trim_start().starts_with("//")).count(), 2, "{source}");
    assert!(!source.contains('\u{1b}'), "{source}");
}

#[test]
fn text_that_is_no_text_costs_no_file() {
    let mut files = custom();
    let mut own = File::decode(files.pop().unwrap()).unwrap();
    // `note` and `rule.like` once more, and `java_package`, each of one byte that is no UTF-8.
    let m = own.message_type.iter_mut().find(|message| message.name() == "M").unwrap();
    edition::options::add_bytes(&mut m.options, 50_001, b"\xff");
    edition::options::add_bytes(&mut m.options, 50_000, b"\x12\x01\xff");
    edition::options::add_bytes(&mut own.options, 1, b"\xff");
    files.push(own.encode_to_vec().into());
    for options in [false, true] {
        let pool = linked(&files, options);
        let source = printed(&pool, "f.M");
        assert!(source.contains("option (f.note) = \"\\377\";"), "{source}");
        assert!(source.contains("// (f.rule) has a value that is none of its type"), "{source}");
        let mut whole = String::new();
        print::Files::default().file(&pool.get_file_by_name("f.proto").unwrap(), &mut whole);
        assert!(whole.contains("option java_package = \"\\377\";"), "{whole}");
    }
}

#[test]
fn features_that_are_held_against_too_many_extensions_are_refused() {
    const MANY: i32 = 12_000;
    let fields = (1..=MANY).map(|number| Field {
        name: Some(format!("f{number}")),
        number: Some(number + 20_000),
        r#type: Some(5),
        ..Default::default()
    });
    let implicit = {
        let mut features = Vec::new();
        edition::options::add_varint(&mut features, 1, 2);
        let mut options = Vec::new();
        edition::options::add_bytes(&mut options, edition::FILE_FEATURES, &features.concat());
        options
    };
    let in_edition = File {
        name: Some("e.proto".to_owned()),
        syntax: Some("editions".to_owned()),
        edition: Some(1000),
        options: implicit,
        message_type: vec![crate::schema::raw::Message {
            name: Some("M".to_owned()),
            field: fields.collect(),
            ..Default::default()
        }],
        ..Default::default()
    };
    let extending = |count: i32| FileDescriptorProto {
        name: Some("x.proto".to_owned()),
        dependency: vec![builtin::DESCRIPTOR.to_owned()],
        extension: (0..count)
            .map(|number| FieldDescriptorProto {
                name: Some(format!("x{number}")),
                number: Some(50_000 + number),
                label: Some(1),
                r#type: Some(5),
                extendee: Some(".google.protobuf.FieldOptions".to_owned()),
                ..Default::default()
            })
            .collect(),
        ..Default::default()
    };
    let link = |extensions: i32| {
        let mut files = FileSet::default();
        files.add(in_edition.encode_to_vec().into()).unwrap();
        files.add(extending(extensions).encode_to_vec().into()).unwrap();
        files.link(true, "nobody has")
    };
    assert!(link(10).is_ok());
    assert!(matches!(link(MANY), Err(LinkError::TooManyOptions(file)) if file == "e.proto"));
}

#[test]
fn what_the_pool_is_given_of_options_is_in_its_own_words() {
    // The options of a file in proto2 that say what only a lowered file says.
    let file = FileDescriptorProto {
        options: Some(FileOptions { optimize_for: Some(1001), ..Default::default() }),
        syntax: Some("proto2".to_owned()),
        message_type: vec![DescriptorProto {
            name: Some("M".to_owned()),
            field: vec![FieldDescriptorProto {
                name: Some("f".to_owned()),
                number: Some(1),
                r#type: Some(9),
                options: Some(FieldOptions { lazy: Some(true), ..Default::default() }),
                ..Default::default()
            }],
            ..Default::default()
        }],
        ..file(Vec::new())
    };
    let pool = linked(&[file.encode_to_vec().into()], true);
    let file = pool.get_file_by_name("f.proto").unwrap();
    assert_eq!(crate::schema::traits::edition(&file), None);
    assert!(printed(&pool, "f.M").contains("optional string f = 1 [lazy = true];"));
}
