//! One test for each kind of repair, on descriptors as servers send them.

mod extensions;
mod types;

use bytes::Bytes;
use prost::Message as _;
use prost_types::field_descriptor_proto::{Label, Type};
use prost_types::{
    DescriptorProto, EnumDescriptorProto, EnumValueDescriptorProto, FieldDescriptorProto,
    FileDescriptorProto, MessageOptions, MethodDescriptorProto, OneofDescriptorProto, ServiceDescriptorProto,
};

use super::super::file_set::{FileSet, LinkError};
use super::{Missing, repaired};

const NOBODY: &str = "nobody has";

fn set(files: &[FileDescriptorProto]) -> FileSet {
    let mut set = FileSet::default();
    for file in files {
        set.add(file.encode_to_vec().into()).unwrap();
    }
    set
}

/// Links files that need a repair; gives the pool and what was repaired.
fn link(files: &[FileDescriptorProto]) -> (prost_reflect::DescriptorPool, Vec<String>) {
    let outcome = repaired(&set(files));
    let pool = outcome.link(false, NOBODY).unwrap();
    (pool, outcome.repairs.iter().map(ToString::to_string).collect())
}

#[test]
fn fields_of_one_name_in_json_are_told_apart() {
    let field = |name: &str, number, json_name: &str| FieldDescriptorProto {
        json_name: Some(json_name.to_owned()),
        ..scalar(name, number)
    };
    let fields = vec![field("a_b", 1, "aB"), field("a__b", 2, "aB"), scalar("c", 4)];
    let file = FileDescriptorProto { syntax: None, ..file("p", &[], vec![message("M", fields)]) };
    let (pool, repairs) = link(&[file]);
    let message = pool.get_message_by_name("p.M").unwrap();
    let names: Vec<String> = message.fields().map(|field| field.json_name().to_owned()).collect();
    assert_eq!(names, ["aB", "a__b", "c"]);
    assert_eq!(repairs, ["p.proto: called p.M.a__b \"a__b\" in JSON, where another field is \"aB\""]);
}

fn refused(files: &[FileDescriptorProto]) -> String {
    super::link(&set(files), false, NOBODY).map(|_| ()).unwrap_err().to_string()
}

fn file(package: &str, imports: &[&str], messages: Vec<DescriptorProto>) -> FileDescriptorProto {
    FileDescriptorProto {
        name: Some(format!("{package}.proto")),
        package: Some(package.to_owned()),
        dependency: imports.iter().map(|&import| import.to_owned()).collect(),
        syntax: Some("proto3".to_owned()),
        message_type: messages,
        ..Default::default()
    }
}

fn message(name: &str, field: Vec<FieldDescriptorProto>) -> DescriptorProto {
    DescriptorProto { name: Some(name.to_owned()), field, ..Default::default() }
}

fn scalar(name: &str, number: i32) -> FieldDescriptorProto {
    FieldDescriptorProto {
        name: Some(name.to_owned()),
        number: Some(number),
        label: Some(Label::Optional.into()),
        r#type: Some(Type::Int32.into()),
        ..Default::default()
    }
}

fn field(name: &str, number: i32, type_name: &str) -> FieldDescriptorProto {
    FieldDescriptorProto {
        r#type: Some(Type::Message.into()),
        type_name: Some(type_name.to_owned()),
        ..scalar(name, number)
    }
}

fn map_entry(name: &str) -> DescriptorProto {
    DescriptorProto {
        options: Some(MessageOptions { map_entry: Some(true), ..Default::default() }),
        ..message(name, vec![scalar("key", 1), scalar("value", 2)])
    }
}

#[test]
fn files_that_fit_stay_as_they_are() {
    let m = message("M", vec![field("at", 1, ".google.protobuf.Timestamp"), field("n", 2, ".b.N")]);
    let files = [
        file("a", &["google/protobuf/timestamp.proto", "b.proto"], vec![m]),
        file("b", &[], vec![message("N", vec![])]),
    ];
    let outcome = repaired(&set(&files));
    assert!(outcome.changes_nothing());
    for ((_, after), before) in outcome.files.named().zip(&files) {
        assert_eq!(*after, before.encode_to_vec());
    }
}

#[test]
fn missing_imports_that_nothing_uses_are_dropped() {
    let mut importing =
        file("a", &["gone.proto", "b.proto"], vec![message("M", vec![field("n", 1, ".b.N")])]);
    importing.public_dependency = vec![0, 1];
    importing.weak_dependency = vec![0];
    let (pool, repairs) = link(&[importing, file("b", &[], vec![message("N", vec![])])]);
    assert_eq!(repairs, ["a.proto: dropped the import of gone.proto, which is missing and not needed"]);
    let linked = pool.get_file_by_name("a.proto").unwrap();
    assert_eq!(linked.file_descriptor_proto().public_dependency, [0]);
    assert_eq!(linked.file_descriptor_proto().weak_dependency, [0_i32; 0]);
}

#[test]
fn options_are_kept_byte_for_byte() {
    // (50001) = "x" in FileOptions, which nobody declares.
    let option: &[u8] = b"\x42\x06\x8a\xb5\x18\x02hi";
    let mut bytes = file("a", &["gone.proto"], vec![message("M", vec![])]).encode_to_vec();
    bytes.extend_from_slice(option);
    let mut files = FileSet::default();
    files.add(Bytes::from(bytes)).unwrap();
    let outcome = repaired(&files);
    let (_, after) = outcome.files.named().next().unwrap();
    assert!(after.windows(option.len()).any(|window| window == option));
    assert!(!after.windows(4).any(|window| window == b"gone"));
}

#[test]
fn imports_that_are_needed_are_added() {
    let m = message("M", vec![field("n", 1, ".b.N"), field("at", 2, ".google.protobuf.Timestamp")]);
    let status = message("S", vec![field("status", 1, ".google.rpc.Status")]);
    let (pool, repairs) =
        link(&[file("a", &[], vec![m, status]), file("b", &[], vec![message("N", vec![])])]);
    assert_eq!(
        repairs,
        [
            "a.proto: added the import of b.proto, which defines b.N",
            "a.proto: added the import of google/protobuf/timestamp.proto, which defines google.protobuf.Timestamp",
            "a.proto: added the import of google/rpc/status.proto, which defines google.rpc.Status",
        ]
    );
    assert!(pool.get_message_by_name("google.rpc.Status").is_some());
}

#[test]
fn what_an_import_brings_along_need_not_be_imported() {
    let user = file("a", &["b.proto", "gone.proto"], vec![message("M", vec![field("n", 1, ".c.N")])]);
    let between = FileDescriptorProto { public_dependency: vec![0], ..file("b", &["c.proto"], vec![]) };
    let (_, repairs) = link(&[user, between, file("c", &[], vec![message("N", vec![])])]);
    assert_eq!(repairs, ["a.proto: dropped the import of gone.proto, which is missing and not needed"]);
}

#[test]
fn well_known_types_are_the_programs_own() {
    let old = "github.com/golang/protobuf/ptypes/timestamp/timestamp.proto";
    let mut renamed = file("google.protobuf", &[], vec![message("Timestamp", vec![scalar("seconds", 1)])]);
    renamed.name = Some("google_protobuf.proto".to_owned());
    let user = file("a", &[old], vec![message("M", vec![field("at", 1, "google.protobuf.Timestamp")])]);
    let (pool, repairs) = link(&[user, renamed]);
    assert_eq!(
        repairs,
        [
            "a.proto: wrote the name of 1 type in full".to_owned(),
            format!("a.proto: dropped the import of {old}, which is missing and not needed"),
            "a.proto: added the import of google/protobuf/timestamp.proto, which defines google.protobuf.Timestamp"
                .to_owned(),
            "google_protobuf.proto: left out, because all of it is defined elsewhere".to_owned(),
        ]
    );
    assert_eq!(pool.get_message_by_name("google.protobuf.Timestamp").unwrap().fields().len(), 2);
}

#[test]
fn relative_names_mean_the_innermost() {
    let outer = DescriptorProto {
        nested_type: vec![
            message("Inner", vec![field("up", 1, "Outer.Inner"), field("reply", 2, "Reply")]),
            message("Reply", vec![]),
        ],
        ..message("Outer", vec![field("inner", 1, "Inner"), field("far", 2, "x.y.Far")])
    };
    let method = MethodDescriptorProto {
        name: Some("Do".to_owned()),
        input_type: Some("Reply".to_owned()),
        output_type: Some("Outer.Reply".to_owned()),
        ..Default::default()
    };
    let service =
        ServiceDescriptorProto { name: Some("S".to_owned()), method: vec![method], ..Default::default() };
    let user = FileDescriptorProto {
        service: vec![service],
        ..file("x", &[], vec![outer, message("Reply", vec![])])
    };
    let (pool, repairs) = link(&[user, file("x.y", &[], vec![message("Far", vec![])])]);
    assert_eq!(
        repairs,
        [
            "x.proto: wrote the names of 6 types in full",
            "x.proto: added the import of x.y.proto, which defines x.y.Far"
        ]
    );
    let linked = pool.get_file_by_name("x.proto").unwrap();
    let proto = linked.file_descriptor_proto();
    let types = |message: &DescriptorProto| {
        message.field.iter().map(|f| f.type_name().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(types(&proto.message_type[0]), [".x.Outer.Inner", ".x.y.Far"]);
    assert_eq!(types(&proto.message_type[0].nested_type[0]), [".x.Outer.Inner", ".x.Outer.Reply"]);
    let method = &proto.service[0].method[0];
    assert_eq!((method.input_type(), method.output_type()), (".x.Reply", ".x.Outer.Reply"));
}

#[test]
fn map_entries_get_their_names() {
    let repeated =
        |field: FieldDescriptorProto| FieldDescriptorProto { label: Some(Label::Repeated.into()), ..field };
    let m = DescriptorProto {
        nested_type: vec![map_entry("Labels"), map_entry("RightEntry")],
        ..message(
            "M",
            vec![
                repeated(field("labels", 1, "Labels")),
                repeated(field("right", 2, ".a.M.RightEntry")),
                field("other", 3, "Labels"),
            ],
        )
    };
    let (pool, repairs) = link(&[file("a", &[], vec![m, message("Labels", vec![])])]);
    assert_eq!(
        repairs,
        [
            "a.proto: renamed the map entry a.M.Labels to LabelsEntry",
            "a.proto: wrote the name of 1 type in full"
        ]
    );
    let m = pool.get_message_by_name("a.M").unwrap();
    assert!(m.get_field_by_name("labels").unwrap().is_map());
    assert!(m.get_field_by_name("right").unwrap().is_map());
    // The map's entry does not hide the message of the same name from the fields beside it.
    assert_eq!(m.get_field_by_name("other").unwrap().kind().as_message().unwrap().full_name(), "a.Labels");
}

#[test]
fn lost_optionals_are_restored_and_their_oneofs_moved_last() {
    let oneof = |name: &str| OneofDescriptorProto { name: Some(name.to_owned()), ..Default::default() };
    let within =
        |field: FieldDescriptorProto, oneof: i32| FieldDescriptorProto { oneof_index: Some(oneof), ..field };
    let m = DescriptorProto {
        oneof_decl: vec![oneof("_twoWords"), oneof("choice"), oneof("_pair")],
        ..message(
            "M",
            vec![
                within(scalar("twoWords", 1), 0),
                within(scalar("a", 2), 1),
                within(scalar("pair", 3), 2),
                within(scalar("other", 4), 2),
            ],
        )
    };
    let files = set(&[file("a", &[], vec![m])]);
    assert!(files.is_odd() && files.link(false, NOBODY).is_ok());
    let outcome = repaired(&files);
    let repairs: Vec<String> = outcome.repairs.iter().map(ToString::to_string).collect();
    assert_eq!(repairs, ["a.proto: made a.M.twoWords optional, as its oneof says"]);
    let pool = outcome.link(false, NOBODY).unwrap();
    let file = pool.get_file_by_name("a.proto").unwrap();
    let proto = &file.file_descriptor_proto().message_type[0];
    let oneofs: Vec<_> = proto.oneof_decl.iter().map(OneofDescriptorProto::name).collect();
    assert_eq!(oneofs, ["choice", "_pair", "_twoWords"]);
    let fields: Vec<_> = proto.field.iter().map(|f| (f.oneof_index(), f.proto3_optional())).collect();
    assert_eq!(fields, [(2, true), (0, false), (1, false), (1, false)]);
}

#[test]
fn proto2_that_says_it_is_proto3() {
    let value =
        EnumValueDescriptorProto { name: Some("ONE".to_owned()), number: Some(1), ..Default::default() };
    let one = EnumDescriptorProto {
        name: Some("E".to_owned()),
        value: vec![value],
        ..EnumDescriptorProto::default()
    };
    let extended = DescriptorProto {
        extension_range: vec![prost_types::descriptor_proto::ExtensionRange {
            start: Some(100),
            end: Some(110),
            ..Default::default()
        }],
        ..message("M", vec![scalar("x", 1), scalar(".b.ext", 110)])
    };
    let extension = FieldDescriptorProto { extendee: Some(".b.M".to_owned()), ..scalar("ext", 110) };
    let (pool, repairs) = link(&[
        FileDescriptorProto { enum_type: vec![one], ..file("a", &[], vec![]) },
        FileDescriptorProto { extension: vec![extension], ..file("b", &[], vec![extended]) },
    ]);
    assert_eq!(
        repairs,
        [
            "a.proto: took it for proto2, because it has an enum without a zero",
            "b.proto: dropped .b.ext from the fields of b.M, which it is an extension of",
            "b.proto: took it for proto2, because it has extension ranges",
        ]
    );
    assert_eq!(pool.get_message_by_name("b.M").unwrap().extensions().len(), 1);
}

#[test]
fn what_is_defined_twice_is_the_first_files() {
    let first = file("a", &[], vec![message("M", vec![scalar("x", 1)]), message("N", vec![])]);
    let again = FileDescriptorProto { name: Some("again/a.proto".to_owned()), ..first.clone() };
    let more = FileDescriptorProto {
        name: Some("more.proto".to_owned()),
        ..file("a", &[], vec![message("M", vec![]), message("O", vec![field("m", 1, ".a.M")])])
    };
    let user = file("b", &["again/a.proto"], vec![message("U", vec![field("n", 1, ".a.N")])]);
    let (pool, repairs) = link(&[first, again, more, user]);
    assert_eq!(
        repairs,
        [
            "again/a.proto: left out, because all of it is defined elsewhere",
            "more.proto: a.M is defined otherwise in a.proto, which was kept",
            "more.proto: added the import of a.proto, which defines a.M",
            "b.proto: dropped the import of again/a.proto, which is left out",
            "b.proto: added the import of a.proto, which defines a.N",
        ]
    );
    assert!(pool.get_message_by_name("a.O").is_some());
}

#[test]
fn circles_are_cut_where_nothing_is_used_and_borne_where_it_is() {
    let public = |file: FileDescriptorProto| FileDescriptorProto { public_dependency: vec![0], ..file };
    let idle = [public(file("a", &["b.proto"], vec![])), public(file("b", &["a.proto"], vec![]))];
    let (_, repairs) = link(&idle);
    assert_eq!(
        repairs,
        [
            "a.proto: dropped the import of b.proto, which nothing uses",
            "b.proto: dropped the import of a.proto, which nothing uses"
        ]
    );
    let uses = |name: &str, type_name: &str| vec![message(name, vec![field("f", 1, type_name)])];
    let real = [
        public(file("a", &["b.proto"], uses("A", ".b.B"))),
        public(file("b", &["a.proto"], uses("B", ".a.A"))),
    ];
    let (pool, repairs) = link(&real);
    assert_eq!(repairs, ["a.proto: let be that it imports files that need each other"]);
    assert!(pool.get_message_by_name("a.A").is_some());
    assert!(super::link(&set(&real), false, NOBODY).is_ok());
}

#[test]
fn what_is_missing_is_named_with_who_wants_it() {
    let user = |imports: &[&str]| file("a", imports, vec![message("M", vec![field("n", 1, ".b.N")])]);
    assert_eq!(refused(&[user(&["b.proto"])]), "a.proto imports b.proto, which nobody has");
    assert_eq!(refused(&[user(&[])]), "a.proto needs b.N, which nobody has");
    let chain: Vec<_> =
        (0..300).map(|i| file(&format!("f{i}"), &[&format!("f{}.proto", i + 1)], vec![])).collect();
    assert!(matches!(super::link(&set(&chain), false, NOBODY), Err(LinkError::ImportsTooDeep(_))));
}

#[test]
fn a_missing_name_may_be_in_any_scope_around() {
    let missing =
        |name: &str| Missing { name: name.to_owned(), scope: "p.q.M".to_owned(), file: String::new() };
    assert_eq!(missing(".p.N").candidates(), ["p.N"]);
    assert_eq!(missing("N").candidates(), ["p.q.M.N", "p.q.N", "p.N"]);
    assert_eq!(missing("x.N").candidates(), ["x.N", "p.q.M.x.N", "p.q.x.N", "p.x.N"]);
}

#[test]
fn what_would_take_forever_is_left_alone() {
    let long = "p.".repeat(50_000) + "p";
    let fields: Vec<_> = (1..1000).map(|number| field(&format!("f{number}"), number, "N")).collect();
    let outcome = repaired(&set(&[file(&long, &["gone.proto"], vec![message("M", fields)])]));
    assert!(outcome.changes_nothing());
}

#[test]
fn many_files_in_a_circle_are_repaired_in_passing() {
    let files: Vec<_> = (0..1000)
        .map(|i| {
            let next = format!("p{}.M", (i * 7919 + 1) % 1000);
            let imports: Vec<String> = (0..20).map(|k| format!("p{}.proto", (i * 31 + k) % 1000)).collect();
            let imports: Vec<&str> = imports.iter().map(String::as_str).collect();
            let m = message("M", vec![field("next", 1, &next), field("self", 2, "M")]);
            FileDescriptorProto {
                public_dependency: (0..20).collect(),
                ..file(&format!("p{i}"), &imports, vec![m])
            }
        })
        .collect();
    let outcome = repaired(&set(&files));
    assert!(outcome.missing.is_empty());
    assert!(outcome.link(false, NOBODY).is_ok());
}
