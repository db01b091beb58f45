//! Servers whose descriptors do not fit together, though what they mean is clear.

use insta::assert_snapshot;
use prost::Message as _;
use prost_types::{
    DescriptorProto, FieldDescriptorProto, FileDescriptorProto, MessageOptions, ServiceDescriptorProto,
};
use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;

use crate::common::reflecting::{field, file, message, reflecting};
use crate::common::{Output, rpcctl};

/// Describes the message `s.M` on a server that sends these files, each for its name and for the symbols in its
/// package, one an answer.
fn described(files: Vec<FileDescriptorProto>) -> Output {
    let peer = reflecting(one_file_an_answer(files));
    rpcctl("describe").arg(&peer.address).arg("s.M").run()
}

fn one_file_an_answer(
    files: Vec<FileDescriptorProto>,
) -> impl Fn(&MessageRequest) -> Option<Vec<Vec<u8>>> + Send + Sync + 'static {
    move |question| {
        let found = files.iter().find(|file| match question {
            MessageRequest::FileByFilename(name) => file.name() == name,
            MessageRequest::FileContainingSymbol(name) => {
                let types = file.message_type.iter().map(DescriptorProto::name);
                let services = file.service.iter().map(ServiceDescriptorProto::name);
                types.chain(services).any(|own| *name == format!("{}.{own}", file.package()))
            }
            _ => false,
        });
        found.map(|file| vec![file.encode_to_vec()])
    }
}

fn other(name: &str, imports: &[&str], messages: Vec<DescriptorProto>) -> FileDescriptorProto {
    FileDescriptorProto {
        name: Some(format!("{name}.proto")),
        package: Some(name.to_owned()),
        dependency: imports.iter().map(|&import| import.to_owned()).collect(),
        syntax: Some("proto3".to_owned()),
        message_type: messages,
        ..Default::default()
    }
}

#[test]
fn an_import_that_is_missing_and_not_needed() {
    let importing = FileDescriptorProto { dependency: vec!["validate/validate.proto".to_owned()], ..file() };
    assert_snapshot!(described(vec![importing]), @"
    // s.M is a message in s.proto
    message M {}
    [exit 0]
    ");
}

#[test]
fn relative_names_and_no_imports() {
    let m = message("M", vec![field(1, "N"), field(2, "o.Other"), field(3, "google.protobuf.Timestamp")]);
    let mut using = FileDescriptorProto { message_type: vec![m, message("N", vec![])], ..file() };
    using.service[0].method[0].input_type = Some("M".to_owned());
    assert_snapshot!(described(vec![using, other("o", &[], vec![message("Other", vec![])])]), @"
    // s.M is a message in s.proto
    message M {
      .s.N f1 = 1;
      .o.Other f2 = 2;
      .google.protobuf.Timestamp f3 = 3;
    }
    [exit 0]
    ");
}

#[test]
fn a_map_entry_of_another_name() {
    let entry = DescriptorProto {
        options: Some(MessageOptions { map_entry: Some(true), ..Default::default() }),
        ..message(
            "Labels",
            vec![
                FieldDescriptorProto { name: Some("key".to_owned()), ..number(1) },
                FieldDescriptorProto { name: Some("value".to_owned()), ..number(2) },
            ],
        )
    };
    let labels =
        FieldDescriptorProto { name: Some("labels".to_owned()), label: Some(3), ..field(1, "Labels") };
    let m = DescriptorProto { nested_type: vec![entry], ..message("M", vec![labels]) };
    let using = FileDescriptorProto { message_type: vec![m], ..file() };
    assert_snapshot!(described(vec![using]), @"
    // s.M is a message in s.proto
    message M {
      map<int32, int32> labels = 1;
    }
    [exit 0]
    ");
}

fn number(number: i32) -> FieldDescriptorProto {
    FieldDescriptorProto { r#type: Some(5), type_name: None, ..field(number, "") }
}

#[test]
fn one_file_an_answer_and_its_imports_under_other_names() {
    let m = message("M", vec![field(1, ".a.A"), field(2, ".b.B")]);
    let dependency = vec!["a.proto".to_owned(), "vendor/b.proto".to_owned()];
    let using = FileDescriptorProto { message_type: vec![m], dependency, ..file() };
    let a = other("a", &["vendor/c.proto"], vec![message("A", vec![field(1, ".c.C")])]);
    let b = other("b", &[], vec![message("B", vec![])]);
    let c = other("c", &[], vec![message("C", vec![])]);
    assert_snapshot!(described(vec![using, a, b, c]), @"
    // s.M is a message in s.proto
    message M {
      .a.A f1 = 1;
      .b.B f2 = 2;
    }
    [exit 0]
    ");
}

#[test]
fn a_type_that_nobody_has() {
    let m = message("M", vec![field(1, "Nope")]);
    let using = FileDescriptorProto { message_type: vec![m], ..file() };
    assert_snapshot!(described(vec![using.clone()]), @"
    ------- stderr -------
    error: cannot use the schema
      caused by: s.proto needs Nope, which the server does not have
    hint: give the missing file: with --proto FILE -I DIR, or a --descriptor-set made with --include_imports
    [exit 1]
    ");
    // An import that nobody has either comes before the types that could be in it.
    let importing = FileDescriptorProto { dependency: vec!["nope.proto".to_owned()], ..using };
    let output = described(vec![importing]).to_string();
    assert!(
        output.contains("\n  caused by: s.proto imports nope.proto, which the server does not have\n"),
        "{output}"
    );
}

#[test]
fn what_was_repaired_is_told_when_asked_for() {
    let m = message("M", vec![field(1, "N\x1b[31m")]);
    let using = FileDescriptorProto {
        message_type: vec![m, message("N\x1b[31m", vec![])],
        dependency: vec!["gone\x1b[31m.proto".to_owned()],
        ..file()
    };
    let peer = reflecting(one_file_an_answer(vec![using]));
    let repaired = |verb: &str, name: &str| {
        let output = rpcctl(verb).arg(&peer.address).arg(name).run().to_string();
        let lines: Vec<&str> = output.lines().filter(|line| line.starts_with("* repaired")).collect();
        lines.join("\n")
    };
    assert_snapshot!(repaired("call -v", "s.Service/Do"), @r"
    * repaired: s.proto: wrote the name of 1 type in full
    * repaired: s.proto: dropped the import of gone\u001b[31m.proto, which is missing and not needed
    ");
    assert_eq!(repaired("list -v", "s.Service"), repaired("call -v", "s.Service/Do"));
    assert_eq!(repaired("describe -v", "s.Service"), repaired("call -v", "s.Service/Do"));
}
