//! Servers with reflection of their own kind, as they are met in the wild: each of them is listed, described and
//! called. The numbers are those of a list of such servers; what is seen on the way is in the tests' names.

use std::collections::HashSet;
use std::sync::Mutex;

use prost::Message as _;
use prost_types::field_descriptor_proto::Type;
use prost_types::{
    DescriptorProto, FieldDescriptorProto, FileDescriptorProto, MessageOptions, OneofDescriptorProto,
    SourceCodeInfo, source_code_info::Location,
};
use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;
use tonic_reflection::pb::v1::server_reflection_response::MessageResponse;
use tonic_reflection::pb::v1::{ErrorResponse, FileDescriptorResponse, ListServiceResponse, ServiceResponse};

use crate::common::reflecting::{field, file, message, questions, said, serving};
use crate::common::{GRPC, Output, Peer, Step, rpcctl};

const SERVICES: &[&str] = &["s.Service"];

/// Sends back what it gets.
fn echo(path: &str, body: &[u8]) -> Vec<Step> {
    if path != "/s.Service/Do" {
        return vec![Step::Only(200, vec![GRPC, ("grpc-status", "12")])];
    }
    vec![
        Step::Headers(200, vec![GRPC]),
        Step::Data(body.to_vec()),
        Step::Trailers(vec![("grpc-status", "0")]),
    ]
}

/// A server whose reflection answers like this, and whose one method is an echo.
fn server(answer: impl Fn(&MessageRequest) -> Option<Vec<Vec<u8>>> + Send + Sync + 'static) -> Peer {
    serving("/grpc.reflection.v1.", SERVICES, answer, echo)
}

/// `s.proto` with these fields in `s.M`.
fn with_fields(fields: Vec<FieldDescriptorProto>) -> FileDescriptorProto {
    FileDescriptorProto { message_type: vec![message("M", fields)], ..file() }
}

/// A file of its own package, with these messages.
fn other(name: &str, package: &str, messages: Vec<DescriptorProto>) -> FileDescriptorProto {
    FileDescriptorProto {
        name: Some(name.to_owned()),
        package: Some(package.to_owned()),
        syntax: Some("proto3".to_owned()),
        message_type: messages,
        ..Default::default()
    }
}

fn imports(file: FileDescriptorProto, names: &[&str]) -> FileDescriptorProto {
    FileDescriptorProto { dependency: names.iter().map(|&name| name.to_owned()).collect(), ..file }
}

fn string(name: &str, number: i32) -> FieldDescriptorProto {
    FieldDescriptorProto {
        name: Some(name.to_owned()),
        r#type: Some(Type::String.into()),
        type_name: None,
        ..field(number, "")
    }
}

fn encoded(files: &[FileDescriptorProto]) -> Vec<Vec<u8>> {
    files.iter().map(FileDescriptorProto::encode_to_vec).collect()
}

/// Answers for symbols with all the files, and for names with none.
fn by_symbol(files: Vec<FileDescriptorProto>) -> Peer {
    server(move |question| match question {
        MessageRequest::FileContainingSymbol(name) if name.starts_with("s.") => Some(encoded(&files)),
        _ => None,
    })
}

/// The server is listed and described, and a call with this request is answered with the same.
#[track_caller]
fn assert_works(peer: impl Fn() -> Peer, request: &str) {
    let run = |verb: &str, words: &str, data: Option<&str>| -> Output {
        let peer = peer();
        let run = rpcctl(verb).arg(&peer.address).args(words);
        data.into_iter().fold(run, |run, data| run.arg("-d").arg(data)).run()
    };
    let listed = run("list", "", None).to_string();
    assert!(listed.starts_with("s.Service\n") && listed.ends_with("[exit 0]"), "{listed}");
    let described = run("describe", "s.Service/Do", None).to_string();
    assert!(described.contains("  rpc Do(.s.M) returns (.s.M);\n"), "{described}");
    assert!(described.ends_with("[exit 0]"), "{described}");
    let called = run("call", "s.Service/Do -o jsonl", Some(request)).to_string();
    assert_eq!(called, format!("{request}\n[exit 0]"));
}

#[test]
fn row_01_an_import_path_that_is_not_the_name_under_which_the_file_is_registered() {
    let answer = |question: &MessageRequest| match question {
        MessageRequest::FileContainingSymbol(name) if name == "s.Service" => {
            let main = imports(with_fields(vec![field(1, ".o.Other")]), &["api/o.proto"]);
            Some(encoded(&[main]))
        }
        MessageRequest::FileContainingSymbol(name) if name == "o.Other" => {
            Some(encoded(&[other("o.proto", "o", vec![message("Other", vec![string("name", 1)])])]))
        }
        _ => None,
    };
    assert_works(|| server(answer), r#"{"f1":{"name":"x"}}"#);
}

#[test]
fn row_02_a_placeholder_in_place_of_a_file() {
    let junk = FileDescriptorProto {
        name: Some("junk.proto".to_owned()),
        syntax: Some("<unknown:0>".to_owned()),
        ..Default::default()
    };
    let main = imports(with_fields(vec![string("name", 1)]), &["junk.proto"]);
    assert_works(|| by_symbol(vec![main.clone(), junk.clone()]), r#"{"name":"x"}"#);
}

#[test]
fn row_03_an_import_for_options_that_is_missing() {
    let main = imports(with_fields(vec![string("name", 1)]), &["validate/validate.proto"]);
    assert_works(|| by_symbol(vec![main.clone()]), r#"{"name":"x"}"#);
}

#[test]
fn row_04_no_imports_and_well_known_types_under_another_name() {
    let main = with_fields(vec![field(1, ".google.protobuf.Timestamp")]);
    let known = other(
        "google_protobuf.proto",
        "google.protobuf",
        vec![message("Timestamp", vec![number("seconds", 1), number("nanos", 2)])],
    );
    assert_works(|| by_symbol(vec![main.clone(), known.clone()]), r#"{"f1":"2026-01-02T03:04:05Z"}"#);
}

fn number(name: &str, number: i32) -> FieldDescriptorProto {
    FieldDescriptorProto { r#type: Some(Type::Int32.into()), ..string(name, number) }
}

#[test]
fn row_05_relative_names_and_optional_that_was_lost() {
    let mut lost = string("name", 1);
    lost.oneof_index = Some(0);
    let m = DescriptorProto {
        oneof_decl: vec![OneofDescriptorProto { name: Some("_name".to_owned()), options: None }],
        ..message("M", vec![lost, field(2, "N")])
    };
    let mut main = FileDescriptorProto { message_type: vec![m, message("N", vec![])], ..file() };
    main.service[0].method[0].input_type = Some("M".to_owned());
    main.service[0].method[0].output_type = Some("M".to_owned());
    assert_works(|| by_symbol(vec![main.clone()]), r#"{"name":"","f2":{}}"#);
}

#[test]
fn row_06_a_map_entry_under_another_name() {
    let entry = DescriptorProto {
        options: Some(MessageOptions { map_entry: Some(true), ..Default::default() }),
        ..message("Labels", vec![string("key", 1), string("value", 2)])
    };
    let labels =
        FieldDescriptorProto { name: Some("labels".to_owned()), label: Some(3), ..field(1, "Labels") };
    let m = DescriptorProto { nested_type: vec![entry], ..message("M", vec![labels]) };
    let main = FileDescriptorProto { message_type: vec![m], ..file() };
    assert_works(|| by_symbol(vec![main.clone()]), r#"{"labels":{"a":"b"}}"#);
}

#[test]
fn rows_07_and_08_reflection_that_lists_itself_not_and_knows_no_extension_numbers() {
    let main = with_fields(vec![string("name", 1)]);
    assert_works(|| by_symbol(vec![main.clone()]), r#"{"name":"x"}"#);
}

#[test]
fn rows_09_and_10_one_version_of_reflection() {
    for root in ["/grpc.reflection.v1alpha.", "/grpc.reflection.v1."] {
        let main = with_fields(vec![string("name", 1)]);
        let answer = move |_: &MessageRequest| Some(encoded(std::slice::from_ref(&main)));
        assert_works(|| serving(root, SERVICES, answer.clone(), echo), r#"{"name":"x"}"#);
    }
}

#[test]
fn row_11_names_in_json_that_are_left_out() {
    let main = with_fields(vec![string("two_words", 1)]);
    assert_works(|| by_symbol(vec![main.clone()]), r#"{"twoWords":"x"}"#);
}

/// `s.proto`, which imports `a.proto`, which imports `b.proto`.
fn chain() -> Vec<FileDescriptorProto> {
    vec![
        imports(with_fields(vec![field(1, ".a.A")]), &["a.proto"]),
        imports(other("a.proto", "a", vec![message("A", vec![field(1, ".b.B")])]), &["b.proto"]),
        other("b.proto", "b", vec![message("B", vec![string("name", 1)])]),
    ]
}

#[test]
fn row_12_one_file_an_answer() {
    let answer = |question: &MessageRequest| {
        let found = chain().into_iter().find(|file| match question {
            MessageRequest::FileByFilename(name) => file.name() == name,
            MessageRequest::FileContainingSymbol(name) => name.starts_with(&format!("{}.", file.package())),
            _ => false,
        });
        Some(encoded(&[found?]))
    };
    assert_works(|| server(answer), r#"{"f1":{"f1":{"name":"x"}}}"#);
}

#[test]
fn row_13_files_that_are_sent_once() {
    let peer = || {
        let sent = Mutex::new(HashSet::new());
        server(move |question| match question {
            MessageRequest::FileContainingSymbol(name) if name.starts_with("s.") => {
                let mut sent = sent.lock().unwrap();
                let mut files = chain();
                files.retain(|file| sent.insert(file.name().to_owned()));
                Some(encoded(&files))
            }
            _ => None,
        })
    };
    assert_works(peer, r#"{"f1":{"f1":{"name":"x"}}}"#);
}

#[test]
fn row_14_the_same_definitions_in_two_files() {
    let copy = |name: &str| other(name, "o", vec![message("Other", vec![string("name", 1)])]);
    let main = imports(with_fields(vec![field(1, ".o.Other")]), &["o.proto", "vendor/o.proto"]);
    let files = vec![main, copy("o.proto"), copy("vendor/o.proto")];
    assert_works(|| by_symbol(files.clone()), r#"{"f1":{"name":"x"}}"#);
}

#[test]
fn row_15_a_service_that_is_listed_and_not_known() {
    let main = with_fields(vec![string("name", 1)]);
    let answer = move |question: &MessageRequest| match question {
        MessageRequest::FileContainingSymbol(name) if name.starts_with("s.") && name != "s.Unknown" => {
            Some(encoded(std::slice::from_ref(&main)))
        }
        _ => None,
    };
    let peer = || serving("/grpc.reflection.v1.", &["s.Service", "s.Unknown"], answer.clone(), echo);
    assert_works(peer, r#"{"name":"x"}"#);
}

#[test]
fn row_17_reflection_and_calls_go_by_the_authority() {
    let peer = Peer::h2_by_uri(|uri, body| {
        let path = uri.path();
        if uri.authority().is_none_or(|authority| authority != "backend.example") {
            return vec![Step::Only(404, vec![("content-type", "text/plain")])];
        }
        if !path.starts_with("/grpc.reflection.v1.") {
            return echo(path, body);
        }
        let mut steps = vec![Step::Headers(200, vec![GRPC])];
        steps.extend(questions(body).iter().map(|question| said(known(question))));
        steps.push(Step::Trailers(vec![("grpc-status", "0")]));
        steps
    });
    let run = |line: &str| rpcctl(line).arg(&peer.address).args("--authority backend.example");
    assert_eq!(run("list").run().to_string(), "s.Service\n[exit 0]");
    assert!(run("describe").arg("s.M").run().to_string().ends_with("string name = 1;\n}\n[exit 0]"));
    let called = run("call -o jsonl").args("s.Service/Do").arg("-d").arg(r#"{"name":"x"}"#).run();
    assert_eq!(called.to_string(), "{\"name\":\"x\"}\n[exit 0]");
}

/// What a server with one service says that has one message with one string; nothing, where that is not asked for.
fn known(question: &MessageRequest) -> Option<MessageResponse> {
    match question {
        MessageRequest::ListServices(_) => {
            let service = vec![ServiceResponse { name: "s.Service".to_owned() }];
            Some(MessageResponse::ListServicesResponse(ListServiceResponse { service }))
        }
        MessageRequest::FileContainingSymbol(name) if name.starts_with("s.") => {
            let main = imports(with_fields(vec![string("name", 1)]), &["gone.proto"]);
            let file_descriptor_proto = vec![main.encode_to_vec()];
            Some(MessageResponse::FileDescriptorResponse(FileDescriptorResponse { file_descriptor_proto }))
        }
        _ => None,
    }
}

/// A server that says what it knows and then, where it does not know, or at the end, does this.
fn ending(unknown: &'static [fn() -> Step], end: Step) -> Peer {
    Peer::h2(move |path, body| {
        if !path.starts_with("/grpc.reflection.v1.") {
            return echo(path, body);
        }
        let mut steps = vec![Step::Headers(200, vec![GRPC])];
        for question in questions(body) {
            match known(&question) {
                Some(answer) => steps.push(said(Some(answer))),
                None => steps.extend(unknown.iter().map(|step| step())),
            }
            if matches!(steps.last(), Some(Step::Trailers(_))) {
                return steps;
            }
        }
        steps.push(end.clone());
        steps
    })
}

fn not_found() -> Step {
    said(Some(MessageResponse::ErrorResponse(ErrorResponse { error_code: 5, ..Default::default() })))
}

#[test]
fn row_18_an_answer_that_waits_for_the_last_question_and_does_not_end() {
    assert_works(|| ending(&[not_found], Step::Hang), r#"{"name":"x"}"#);
}

#[test]
fn row_21_every_way_of_saying_that_something_is_not_known() {
    let ok = || Step::Trailers(vec![("grpc-status", "0")]);
    // An RPC status, which ends the stream; an error that is none; nothing; the answer to another question.
    let status: &[fn() -> Step] = &[|| Step::Trailers(vec![("grpc-status", "5")])];
    let no_error: &[fn() -> Step] =
        &[|| said(Some(MessageResponse::ErrorResponse(ErrorResponse::default())))];
    let nothing: &[fn() -> Step] = &[|| said(None)];
    let odd: &[fn() -> Step] =
        &[|| said(Some(MessageResponse::ListServicesResponse(ListServiceResponse::default())))];
    for unknown in [&[not_found as fn() -> Step], status, no_error, nothing, odd] {
        assert_works(|| ending(unknown, ok()), r#"{"name":"x"}"#);
    }
}

#[test]
fn row_19_an_answer_of_more_than_four_mebibytes() {
    let location = Location {
        path: vec![4, 0],
        span: vec![0, 0, 0],
        leading_comments: Some("x".repeat(5 << 20)),
        ..Default::default()
    };
    let info = SourceCodeInfo { location: vec![location] };
    let main = FileDescriptorProto { source_code_info: Some(info), ..with_fields(vec![string("name", 1)]) };
    assert_works(|| by_symbol(vec![main.clone()]), r#"{"name":"x"}"#);
}

#[test]
fn row_20_a_file_in_an_edition() {
    let main = FileDescriptorProto {
        syntax: Some("editions".to_owned()),
        ..with_fields(vec![string("name", 1), number("zero", 2)])
    };
    // The edition, 2023, is field 14.
    let bytes = [main.encode_to_vec(), vec![0x70, 0xe8, 0x07]].concat();
    assert_works(
        || {
            let bytes = bytes.clone();
            server(move |_| Some(vec![bytes.clone()]))
        },
        r#"{"name":"x","zero":0}"#,
    );
}
