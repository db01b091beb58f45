//! Servers whose reflection cannot be believed. None of it may crash the program, or hold it up.

use std::sync::Arc;

use insta::assert_snapshot;
use prost::Message as _;
use prost_types::field_descriptor_proto::{Label, Type};
use prost_types::{
    DescriptorProto, FieldDescriptorProto, FileDescriptorProto, MethodDescriptorProto, ServiceDescriptorProto,
};
use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;
use tonic_reflection::pb::v1::server_reflection_response::MessageResponse;
use tonic_reflection::pb::v1::{
    ErrorResponse, FileDescriptorResponse, ListServiceResponse, ServerReflectionRequest,
    ServerReflectionResponse, ServiceResponse,
};

use crate::common::{Output, Peer, Step, envelope, rpcctl};

const GRPC: (&str, &str) = ("content-type", "application/grpc");

/// Describes `s.Service` on a server that answers questions about symbols and files like this.
fn described(answer: impl Fn(&MessageRequest) -> Option<Vec<Vec<u8>>> + Send + Sync + 'static) -> Output {
    let peer = reflecting(answer);
    rpcctl("describe").arg(&peer.address).arg("s.Service").run()
}

/// A server whose reflection gives these files; where it has none, it says so.
fn reflecting(answer: impl Fn(&MessageRequest) -> Option<Vec<Vec<u8>>> + Send + Sync + 'static) -> Peer {
    let answer = Arc::new(answer);
    Peer::h2(move |_, body| {
        let mut steps = vec![Step::Headers(200, vec![GRPC])];
        for question in messages(body) {
            let question = ServerReflectionRequest::decode(question).unwrap().message_request.unwrap();
            let message_response = Some(match (&question, answer(&question)) {
                (MessageRequest::ListServices(_), _) => {
                    let service = vec![ServiceResponse { name: "s.Service".to_owned() }];
                    MessageResponse::ListServicesResponse(ListServiceResponse { service })
                }
                (_, Some(file_descriptor_proto)) => {
                    MessageResponse::FileDescriptorResponse(FileDescriptorResponse { file_descriptor_proto })
                }
                (_, None) => {
                    let error_message = "not here".to_owned();
                    MessageResponse::ErrorResponse(ErrorResponse { error_code: 5, error_message })
                }
            });
            let response = ServerReflectionResponse { message_response, ..Default::default() };
            steps.push(Step::Data(envelope(0, &response.encode_to_vec())));
        }
        steps.push(Step::Trailers(vec![("grpc-status", "0")]));
        steps
    })
}

/// The messages of a request body.
fn messages(mut body: &[u8]) -> Vec<&[u8]> {
    let mut messages = Vec::new();
    while let Some((head, rest)) = body.split_first_chunk::<5>() {
        let length = usize::try_from(u32::from_be_bytes([head[1], head[2], head[3], head[4]])).unwrap();
        let (message, rest) = rest.split_at(length);
        messages.push(message);
        body = rest;
    }
    messages
}

/// A file with `s.Service`, whose one method takes and gives `s.M`.
fn file() -> FileDescriptorProto {
    let method = MethodDescriptorProto {
        name: Some("Do".to_owned()),
        input_type: Some(".s.M".to_owned()),
        output_type: Some(".s.M".to_owned()),
        ..Default::default()
    };
    FileDescriptorProto {
        name: Some("s.proto".to_owned()),
        package: Some("s".to_owned()),
        syntax: Some("proto3".to_owned()),
        message_type: vec![message("M", vec![])],
        service: vec![ServiceDescriptorProto {
            name: Some("Service".to_owned()),
            method: vec![method],
            ..Default::default()
        }],
        ..Default::default()
    }
}

fn message(name: &str, field: Vec<FieldDescriptorProto>) -> DescriptorProto {
    DescriptorProto { name: Some(name.to_owned()), field, ..Default::default() }
}

fn field(number: i32, type_name: &str) -> FieldDescriptorProto {
    FieldDescriptorProto {
        name: Some(format!("f{number}")),
        number: Some(number),
        label: Some(Label::Optional.into()),
        r#type: Some(Type::Message.into()),
        type_name: Some(type_name.to_owned()),
        ..Default::default()
    }
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
fn editions() {
    let syntax = |syntax: &str| with(FileDescriptorProto { syntax: Some(syntax.to_owned()), ..file() });
    assert_snapshot!(syntax("editions"), @"
    ------- stderr -------
    error: cannot use the server's descriptors
      caused by: s.proto is written in a protobuf edition, which is not supported yet
    hint: files in editions will be read by a later version; proto2 and proto3 are read by this one
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
    hint: did you mean google.protobuf.FileDescriptorProto.service?
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
    assert_snapshot!(with(dangling), @"
    ------- stderr -------
    error: cannot use the schema
      caused by: the descriptors do not fit together
      caused by: name '.s.Nope' is not defined
    [exit 1]
    ");
    assert_snapshot!(with(FileDescriptorProto { message_type: vec![], ..file() }), @"
    ------- stderr -------
    error: cannot use the schema
      caused by: the descriptors do not fit together
      caused by: name '.s.M' is not defined
    [exit 1]
    ");
}

#[test]
fn imports_that_nobody_has() {
    let importing = FileDescriptorProto { dependency: vec!["nope.proto".to_owned()], ..file() };
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
    ------- stderr -------
    error: cannot use the schema
      caused by: s.proto imports itself, by way of the files it imports
    [exit 1]
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
      caused by: 100.proto imports 101.proto, which the server does not have
    hint: give the missing file: with --proto FILE -I DIR, or a --descriptor-set made with --include_imports
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
    // s.Service.Do is a method in s.proto
    service Service {
      rpc Do(.s.M) returns (.s.M);
    }

    // s.M is a message in s.proto
    message M {
      .s.M f1 = 1;
    }

    // A request to fill in:
    {
      "f1": null
    }
    [exit 0]
    "#);
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
fn only_the_older_reflection() {
    let peer = Peer::h2(|path, _| {
        if path.starts_with("/grpc.reflection.v1.") {
            return vec![Step::Only(200, vec![GRPC, ("grpc-status", "12")])];
        }
        let service = vec![ServiceResponse { name: "s.Old".to_owned() }];
        let response = ServerReflectionResponse {
            message_response: Some(MessageResponse::ListServicesResponse(ListServiceResponse { service })),
            ..Default::default()
        };
        vec![
            Step::Headers(200, vec![GRPC]),
            Step::Data(envelope(0, &response.encode_to_vec())),
            Step::Trailers(vec![("grpc-status", "0")]),
        ]
    });
    assert_snapshot!(rpcctl("list").arg(&peer.address).run(), @"
    s.Old
    [exit 0]
    ");
    assert_snapshot!(rpcctl("list --reflection v1").arg(&peer.address).run(), @"
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
