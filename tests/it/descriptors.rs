//! Servers whose reflection cannot be believed. None of it may crash the program, or hold it up.

use insta::assert_snapshot;
use prost::Message as _;
use prost_types::field_descriptor_proto::Type;
use prost_types::{
    DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, FileDescriptorProto, MessageOptions,
};
use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;

use crate::common::reflecting::{field, file, message, reflecting};
use crate::common::{GRPC, Output, Peer, Step, rpcctl};

/// Describes `s.Service` on a server that answers questions about symbols and files like this.
fn described(answer: impl Fn(&MessageRequest) -> Option<Vec<Vec<u8>>> + Send + Sync + 'static) -> Output {
    let peer = reflecting(answer);
    rpcctl("describe").arg(&peer.address).arg("s.Service").run()
}

/// Describes what is in this one file.
fn with(file: FileDescriptorProto) -> Output {
    described(move |_| Some(vec![file.encode_to_vec()]))
}

#[test]
fn a_right_file_for_comparison() {
    assert_snapshot!(with(file()), @"
    // s.Service is a service in s.proto
    service Service {
      rpc Do(.s.M) returns (.s.M);
    }
    [exit 0]
    ");
}

#[test]
fn syntaxes_and_editions_that_nobody_knows() {
    let syntax = |syntax: &str| with(FileDescriptorProto { syntax: Some(syntax.to_owned()), ..file() });
    assert_snapshot!(syntax("editions"), @"
    ------- stderr -------
    error: cannot use the server's descriptors
      caused by: s.proto is written in an edition that it does not name, which this version does not know
    hint: editions 2023 and 2024, proto2 and proto3 are read
    [exit 1]
    ");
    assert_snapshot!(syntax("<unknown:0>"), @r#"
    ------- stderr -------
    error: cannot use the server's descriptors
      caused by: s.proto has the unknown syntax "<unknown:0>"
    [exit 1]
    "#);
}

#[test]
fn a_name_that_may_be_in_what_was_left_out() {
    let edition = FileDescriptorProto { syntax: Some("editions".to_owned()), ..file() };
    let peer = reflecting(move |question| match question {
        MessageRequest::FileContainingSymbol(name) if name == "s.Service" => {
            Some(vec![edition.encode_to_vec()])
        }
        _ => None,
    });
    assert_snapshot!(rpcctl("call").arg(&peer.address).arg("Do").run(), @r#"
    ------- stderr -------
    warning: s.Service is left out: s.proto is written in an edition that it does not name, which this version does not know
    error: there is no method "Do"
    hint: see what there is: rpcctl list 127.0.0.1:PORT
    [exit 1]
    "#);
    for words in [["call", "Servic/Do"], ["describe", "Message"], ["list", "Other"]] {
        let told = rpcctl(words[0]).arg(&peer.address).arg(words[1]).run();
        assert!(told.talk().contains("warning: s.Service is left out: s.proto is written in"), "{told}");
    }
}

#[test]
fn bytes_that_are_no_descriptor() {
    assert_snapshot!(described(|_| Some(vec![b"\xff\xff\xff\xff".to_vec()])), @"
    ------- stderr -------
    error: cannot use the server's descriptors
      caused by: a descriptor is not a google.protobuf.FileDescriptorProto
      caused by: failed to decode Protobuf message: invalid varint
    [exit 1]
    ");
    assert_snapshot!(described(|_| Some(vec![Vec::new()])), @r#"
    ------- stderr -------
    error: there is no symbol "s.Service"
    hint: see what there is: rpcctl list 127.0.0.1:PORT
    [exit 1]
    "#);
    assert_snapshot!(described(|_| Some(vec![])), @r#"
    ------- stderr -------
    error: there is no symbol "s.Service"
    hint: see what there is: rpcctl list 127.0.0.1:PORT
    [exit 1]
    "#);
    assert_snapshot!(described(|_| None), @r#"
    ------- stderr -------
    error: there is no symbol "s.Service"
    hint: see what there is: rpcctl list 127.0.0.1:PORT
    [exit 1]
    "#);
}

#[test]
fn types_that_do_not_exist() {
    let dangling =
        FileDescriptorProto { message_type: vec![message("M", vec![field(1, ".s.Nope")])], ..file() };
    let output = with(dangling).to_string();
    assert_snapshot!(output, @"
    ------- stderr -------
    error: cannot use the schema
      caused by: s.proto needs s.Nope, which the server does not have
    hint: give the missing file: with --proto FILE -I DIR, or a --descriptor-set made with --include_imports
    [exit 1]
    ");
    let without_m = with(FileDescriptorProto { message_type: vec![], ..file() });
    assert_eq!(without_m.to_string(), output.replace("s.Nope", "s.M"));
}

#[test]
fn imports_that_nobody_has() {
    let importing = FileDescriptorProto {
        dependency: vec!["nope.proto".to_owned()],
        message_type: vec![message("M", vec![field(1, ".nope.N")])],
        ..file()
    };
    let output = described(move |question| {
        matches!(question, MessageRequest::FileContainingSymbol(_)).then(|| vec![importing.encode_to_vec()])
    });
    assert_snapshot!(output, @"
    ------- stderr -------
    error: cannot use the schema
      caused by: s.proto imports nope.proto, which the server does not have
    hint: give the missing file: with --proto FILE -I DIR, or a --descriptor-set made with --include_imports
    [exit 1]
    ");
}

#[test]
fn imports_in_a_circle() {
    let a = FileDescriptorProto { dependency: vec!["b.proto".to_owned()], ..file() };
    let b = FileDescriptorProto {
        name: Some("b.proto".to_owned()),
        dependency: vec!["s.proto".to_owned()],
        ..Default::default()
    };
    let output = described(move |question| match question {
        MessageRequest::FileByFilename(name) if name == "b.proto" => Some(vec![b.encode_to_vec()]),
        _ => Some(vec![a.encode_to_vec()]),
    });
    assert_snapshot!(output, @"
    // s.Service is a service in s.proto
    service Service {
      rpc Do(.s.M) returns (.s.M);
    }
    [exit 0]
    ");
}

#[test]
fn imports_without_end() {
    let output = described(|question| {
        let number = match question {
            MessageRequest::FileByFilename(name) => name.trim_end_matches(".proto").parse().unwrap_or(0),
            _ => 0,
        };
        let file = FileDescriptorProto {
            name: Some(if number == 0 { "s.proto".to_owned() } else { format!("{number}.proto") }),
            dependency: vec![format!("{}.proto", number + 1)],
            ..if number == 0 { file() } else { FileDescriptorProto::default() }
        };
        Some(vec![file.encode_to_vec()])
    });
    assert_snapshot!(output, @"
    ------- stderr -------
    error: cannot use the schema
      caused by: 101.proto stands behind more than 100 files that import one another
    [exit 1]
    ");
}

#[test]
fn types_that_hold_themselves() {
    let recursive =
        FileDescriptorProto { message_type: vec![message("M", vec![field(1, ".s.M")])], ..file() };
    assert_snapshot!(with(recursive.clone()), @"
    // s.Service is a service in s.proto
    service Service {
      rpc Do(.s.M) returns (.s.M);
    }
    [exit 0]
    ");
    let peer = reflecting(move |_| Some(vec![recursive.encode_to_vec()]));
    assert_snapshot!(rpcctl("describe").arg(&peer.address).args("s.Service.Do --template").run(), @r#"
    {
      "f1": null
    }
    [exit 0]
    "#);
}

#[test]
fn files_that_contradict_themselves() {
    let holding = |message: DescriptorProto| FileDescriptorProto { message_type: vec![message], ..file() };
    let entry = DescriptorProto {
        options: Some(MessageOptions { map_entry: Some(true), ..Default::default() }),
        ..message("Entry", vec![])
    };
    let files = [
        // Two things of one name; one number for two fields; a number that no field can have.
        FileDescriptorProto { message_type: vec![message("M", vec![]), message("M", vec![])], ..file() },
        holding(message(
            "M",
            vec![field(1, ".s.M"), FieldDescriptorProto { number: Some(1), ..field(2, ".s.M") }],
        )),
        holding(message("M", vec![field(0, ".s.M")])),
        holding(message("M", vec![field(-5, ".s.M")])),
        // A oneof that is not there, a map entry without key and value, an enum without values.
        holding(message("M", vec![FieldDescriptorProto { oneof_index: Some(77), ..field(1, ".s.M") }])),
        holding(DescriptorProto { nested_type: vec![entry], ..message("M", vec![field(1, ".s.M.Entry")]) }),
        FileDescriptorProto {
            enum_type: vec![EnumDescriptorProto { name: Some("E".to_owned()), ..Default::default() }],
            ..file()
        },
        // Types that are services, or the wrong kind of type.
        holding(message("M", vec![field(1, ".s.Service")])),
        holding(message(
            "M",
            vec![FieldDescriptorProto { r#type: Some(Type::Enum.into()), ..field(1, ".s.M") }],
        )),
        // Indices of imports that are not there.
        FileDescriptorProto { public_dependency: vec![3], ..file() },
        // Names that are empty.
        holding(message("", vec![])),
    ];
    let told: Vec<String> = files.map(|file| with(file).to_string()).into();
    assert_snapshot!(told.join("\n"), @"
    ------- stderr -------
    error: cannot use the schema
      caused by: the descriptors do not fit together
      caused by: name 's.M' is defined twice
    [exit 1]
    ------- stderr -------
    error: cannot use the schema
      caused by: the descriptors do not fit together
      caused by: field number '1' is already used
    [exit 1]
    ------- stderr -------
    error: cannot use the server's descriptors
      caused by: s.proto: f0 has a field number out of range
    [exit 1]
    ------- stderr -------
    error: cannot use the server's descriptors
      caused by: s.proto: f-5 has a field number out of range
    [exit 1]
    ------- stderr -------
    error: cannot use the server's descriptors
      caused by: s.proto: f1 is in a oneof that does not exist
    [exit 1]
    ------- stderr -------
    error: cannot use the server's descriptors
      caused by: s.proto: Entry is a map entry without a key and a value
    [exit 1]
    ------- stderr -------
    error: cannot use the server's descriptors
      caused by: s.proto: E is an enum without values
    [exit 1]
    ------- stderr -------
    error: cannot use the schema
      caused by: the descriptors do not fit together
      caused by: 's.Service' is not a message or enum type
    [exit 1]
    // s.Service is a service in s.proto
    service Service {
      rpc Do(.s.M) returns (.s.M);
    }
    [exit 0]
    ------- stderr -------
    error: cannot use the server's descriptors
      caused by: s.proto: s.proto marks an import that it does not have
    [exit 1]
    ------- stderr -------
    error: cannot use the schema
      caused by: s.proto needs s.M, which the server does not have
    hint: give the missing file: with --proto FILE -I DIR, or a --descriptor-set made with --include_imports
    [exit 1]
    ");
}

#[test]
fn a_field_that_says_enum_and_names_a_message() {
    let wrong = FieldDescriptorProto { r#type: Some(Type::Enum.into()), ..field(1, ".s.M") };
    let wrong = FileDescriptorProto { message_type: vec![message("M", vec![wrong])], ..file() };
    let peer = reflecting(move |_| Some(vec![wrong.encode_to_vec()]));
    assert_snapshot!(rpcctl("describe").arg(&peer.address).args("s.Service.Do --template").run(), @r#"
    {
      "f1": null
    }
    [exit 0]
    "#);
    assert_snapshot!(rpcctl("call").arg(&peer.address).arg("s.Service/Do").data(r#"{"f1": 1}"#).run(), @"
    ------- stderr -------
    error: -d: f1 at line 1 column 8: expected s.M (an object), found 1
    hint: see its fields: rpcctl describe 127.0.0.1:PORT s.M
    [exit 2]
    ");
}

#[test]
fn messages_nested_without_end() {
    let nested = (0..90).fold(message("M", vec![]), |inner, _| DescriptorProto {
        nested_type: vec![inner],
        ..message("M", vec![])
    });
    let output = with(FileDescriptorProto { message_type: vec![nested], ..file() });
    assert_eq!(output.code, Some(0), "{output}");
}

#[test]
fn names_that_are_none() {
    let named = FileDescriptorProto {
        message_type: vec![message("M\x1b[31m", vec![]), message("M", vec![])],
        ..file()
    };
    let output = with(named);
    assert!(!output.to_string().contains('\x1b'), "{output:?}", output = output.to_string());
}

#[test]
fn no_reflection_at_all() {
    let peer = Peer::h2(|_, _| vec![Step::Only(200, vec![GRPC, ("grpc-status", "12")])]);
    assert_snapshot!(rpcctl("list").arg(&peer.address).run(), @"
    ------- stderr -------
    error: the server does not offer reflection (UNIMPLEMENTED)
    hint: give the schema with --proto FILE or --descriptor-set FILE instead
    [exit 1]
    ");
    assert_snapshot!(rpcctl("call").arg(&peer.address).args("s.Service/Do").run(), @"
    ------- stderr -------
    error: the server does not offer reflection (UNIMPLEMENTED)
    hint: give the schema with --proto FILE or --descriptor-set FILE instead
    [exit 1]
    ");
}

#[test]
fn a_reflection_that_falls_silent() {
    let peer = Peer::h2(|_, _| vec![Step::Headers(200, vec![GRPC]), Step::Hang]);
    assert_snapshot!(rpcctl("list --timeout 300ms").arg(&peer.address).run(), @"
    ------- stderr -------
    error: DEADLINE_EXCEEDED (4, on this side): the deadline of 300ms passed while asking for the schema by reflection
    [exit 68]
    ");
}

/// A set of nothing comes of a command before a pipe that failed.
#[test]
fn a_set_without_files_is_no_schema() {
    let empty = tempfile::NamedTempFile::new().unwrap();
    for verb in ["list", "describe", "call demo: a.B/C", "export -o -"] {
        let output = rpcctl(verb).arg("--descriptor-set").arg(empty.path()).run();
        assert_eq!((output.code, output.text().as_str()), (Some(1), ""), "{output}");
        assert!(output.talk().contains("error: there is nothing in /"), "{output}");
    }
}
