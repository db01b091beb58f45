//! Servers with reflection of their own kind, as they are met in the wild: each of them is listed, described and
//! called. The numbers are those of a list of such servers; what is seen on the way is in the tests' names.

mod extensions;
mod files;
mod service;

use prost::Message as _;
use prost_types::field_descriptor_proto::Type;
use prost_types::{DescriptorProto, FieldDescriptorProto, FileDescriptorProto};
use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;

use crate::common::reflecting::{field, file, message, ok, serving};
use crate::common::{GRPC, Output, Peer, Step, rpcctl};

const ROOT: &str = "/grpc.reflection.v1.";
const SERVICES: &[&str] = &["s.Service"];

/// Sends back what it gets.
fn echo(path: &str, body: &[u8]) -> Vec<Step> {
    if path != "/s.Service/Do" {
        return vec![Step::Only(200, vec![GRPC, ("grpc-status", "12")])];
    }
    vec![Step::Headers(200, vec![GRPC]), Step::Data(body.to_vec()), ok()]
}

/// A server whose reflection answers like this, and whose one method is an echo.
fn server(answer: impl Fn(&MessageRequest) -> Option<Vec<Vec<u8>>> + Send + Sync + 'static) -> Peer {
    serving(ROOT, SERVICES, answer, echo)
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

fn number(name: &str, number: i32) -> FieldDescriptorProto {
    FieldDescriptorProto { r#type: Some(Type::Int32.into()), ..string(name, number) }
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

/// What came out of each verb.
struct Told {
    listed: Output,
    described: String,
    called: Output,
}

/// What the three verbs say of a server, each on one of its own.
fn told(peer: impl Fn() -> Peer, flags: &str, request: &str) -> Told {
    let run = |verb: &str, words: &str, data: Option<&str>| -> Output {
        let peer = peer();
        let run = rpcctl(verb).arg(&peer.address).args(words).args(flags);
        data.into_iter().fold(run, |run, data| run.arg("-d").arg(data)).run()
    };
    Told {
        listed: run("list", "", None),
        described: run("describe", "s.Service/Do", None).to_string(),
        called: run("call", "s.Service/Do -o jsonl", Some(request)),
    }
}

/// The server is listed and described without a word on the side, and a call with this request is answered with the
/// same. Gives the description of its message.
#[track_caller]
fn assert_works(peer: impl Fn() -> Peer, request: &str) -> String {
    assert_works_as("s.Service\n", peer, request)
}

/// The same for a server that lists this.
#[track_caller]
fn assert_works_as(list: &str, peer: impl Fn() -> Peer, request: &str) -> String {
    let Told { listed, described, called } = told(peer, "", request);
    assert_eq!(listed.to_string(), format!("{list}[exit 0]"));
    let head = "// s.Service.Do is a method in ";
    assert!(described.starts_with(head), "{described}");
    assert!(described.contains("service Service {\n  rpc Do(.s.M) returns (.s.M);\n}\n"), "{described}");
    let message = described.split_once("\n\n").and_then(|(_, message)| message.strip_suffix("[exit 0]"));
    let message = message.unwrap_or_else(|| panic!("{described}"));
    assert!(message.contains("message M {\n"), "{described}");
    assert!(!described.contains("--- stderr"), "{described}");
    assert_eq!(called.to_string(), format!("{request}\n[exit 0]"));
    message.to_owned()
}
