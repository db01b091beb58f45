//! Extensions that can't be, among those that can.

use prost_types::descriptor_proto::ExtensionRange;
use prost_types::{DescriptorProto, FieldDescriptorProto, FileDescriptorProto};

use super::{field, file, link, message, refused, scalar};

fn extending(extendee: &str, field: FieldDescriptorProto) -> FieldDescriptorProto {
    FieldDescriptorProto { extendee: Some(extendee.to_owned()), ..field }
}

fn extendable() -> FileDescriptorProto {
    let range = |start, end| ExtensionRange { start: Some(start), end: Some(end), options: None };
    let m = DescriptorProto {
        extension_range: vec![range(10, 20), range(30, 31)],
        ..message("M", vec![scalar("x", 1)])
    };
    FileDescriptorProto { syntax: None, ..file("m", &[], vec![m]) }
}

#[test]
fn those_that_extend_nothing_are_left_out() {
    let nested = DescriptorProto {
        extension: vec![extending("M", scalar("inner", 12)), extending(".m.Gone", scalar("gone", 13))],
        ..message("Holder", vec![])
    };
    let extension = vec![
        extending(".m.M", scalar("a", 10)),
        extending(".m.M", scalar("b", 10)),
        extending(".m.M", scalar("c", 20)),
        extending(".m.M", scalar("d", 30)),
        extending(".m.M", field("e", 14, ".m.Nope")),
        extending(".m.M", field("f", 15, ".m.M")),
    ];
    let extended = FileDescriptorProto {
        extension,
        message_type: vec![nested],
        syntax: None,
        ..file("m.e", &["m.proto"], vec![])
    };
    let (pool, repairs) = {
        let files = super::set(&[extendable(), extended]);
        let (pool, outcome) = crate::schema::repair::link(&files, false, super::NOBODY).unwrap();
        let repairs: Vec<String> = outcome.unwrap().repairs.iter().map(ToString::to_string).collect();
        (pool, repairs)
    };
    assert_eq!(
        repairs,
        [
            "m.e.proto: left out the extension m.e.b: its number 10 in m.M is that of m.e.a",
            "m.e.proto: left out the extension m.e.c: its number 20 is in none of the ranges that m.M has for extensions",
            "m.e.proto: left out the extension m.e.e: nobody has its type m.Nope",
            "m.e.proto: left out the extension m.e.Holder.gone: it extends m.Gone, which is no message",
            "m.e.proto: wrote the name of 1 type in full",
        ]
    );
    let mut names: Vec<String> = pool
        .get_message_by_name("m.M")
        .unwrap()
        .extensions()
        .map(|extension| extension.full_name().to_owned())
        .collect();
    names.sort();
    assert_eq!(names, ["m.e.Holder.inner", "m.e.a", "m.e.d", "m.e.f"]);
}

#[test]
fn a_message_that_lacks_something_is_another_matter() {
    let needing = file("a", &[], vec![message("A", vec![field("n", 1, ".b.N")])]);
    let extended = FileDescriptorProto {
        extension: vec![extending(".m.M", field("e", 14, ".m.Nope"))],
        syntax: None,
        ..file("e", &["m.proto"], vec![])
    };
    assert_eq!(refused(&[extendable(), extended, needing]), "a.proto needs b.N, which nobody has");
}

#[test]
fn options_are_nobodys_to_count() {
    // Two custom options of one number, as two vendors may well have them.
    let option = |name: &str| FileDescriptorProto {
        extension: vec![extending(".google.protobuf.FieldOptions", scalar("opt", 50_000))],
        syntax: None,
        ..file(name, &["google/protobuf/descriptor.proto", "gone.proto"], vec![])
    };
    let (pool, repairs) = link(&[option("a"), option("b")]);
    assert_eq!(repairs.len(), 2, "{repairs:?}");
    assert!(pool.get_extension_by_name("a.opt").is_some() && pool.get_extension_by_name("b.opt").is_some());
}
