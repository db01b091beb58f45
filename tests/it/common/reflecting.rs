//! A server whose reflection says whatever a test likes, and descriptors for it to say.

use std::sync::Arc;

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

use super::peer::{GRPC, Peer, Step, envelope};

/// A server whose reflection, in any version, gives these files; where it has none, it says so.
pub(crate) fn reflecting(
    answer: impl Fn(&MessageRequest) -> Option<Vec<Vec<u8>>> + Send + Sync + 'static,
) -> Peer {
    reflecting_at("/", answer)
}

/// A server that has nothing but reflection, below this path.
pub(crate) fn reflecting_at(
    root: &'static str,
    answer: impl Fn(&MessageRequest) -> Option<Vec<Vec<u8>>> + Send + Sync + 'static,
) -> Peer {
    let nothing = |_: &str, _: &[u8]| vec![Step::Only(200, vec![GRPC, ("grpc-status", "12")])];
    serving(root, &["s.Service"], answer, nothing)
}

/// A server with reflection below `root`, which lists these services, and calls that `rpc` answers by path and body.
pub(crate) fn serving(
    root: &'static str,
    services: &'static [&'static str],
    answer: impl Fn(&MessageRequest) -> Option<Vec<Vec<u8>>> + Send + Sync + 'static,
    rpc: impl Fn(&str, &[u8]) -> Vec<Step> + Send + Clone + 'static,
) -> Peer {
    let answer = move |question: &MessageRequest| match question {
        MessageRequest::ListServices(_) => vec![listed(services)],
        _ => vec![answer(question).map_or_else(not_found, files)],
    };
    Peer::h2(by_question(root, answer, vec![ok()], rpc))
}

/// What answers questions to the reflection below `root` each by these steps, the end by `end`, and other calls by
/// `rpc`. Trailers end the answer before that, as the end of a stream does.
pub(crate) fn by_question(
    root: &'static str,
    answer: impl Fn(&MessageRequest) -> Vec<Step> + Send + Sync + 'static,
    end: Vec<Step>,
    rpc: impl Fn(&str, &[u8]) -> Vec<Step> + Send + Clone + 'static,
) -> impl Fn(&str, &[u8]) -> Vec<Step> + Send + Clone + 'static {
    let answer = Arc::new(answer);
    move |path, body| {
        if !path.starts_with(root) {
            return rpc(path, body);
        }
        let mut steps = vec![Step::Headers(200, vec![GRPC])];
        for question in questions(body) {
            steps.extend(answer(&question));
            if matches!(steps.last(), Some(Step::Trailers(_) | Step::Reset(_) | Step::Hang)) {
                return steps;
            }
        }
        steps.extend(end.clone());
        steps
    }
}

/// The list of these services.
pub(crate) fn listed(services: &[&str]) -> Step {
    let service = services.iter().map(|&name| ServiceResponse { name: name.to_owned() }).collect();
    said(Some(MessageResponse::ListServicesResponse(ListServiceResponse { service })))
}

/// These files.
pub(crate) fn files(file_descriptor_proto: Vec<Vec<u8>>) -> Step {
    said(Some(MessageResponse::FileDescriptorResponse(FileDescriptorResponse { file_descriptor_proto })))
}

/// What is not there.
pub(crate) fn not_found() -> Step {
    let error_message = "not here".to_owned();
    said(Some(MessageResponse::ErrorResponse(ErrorResponse { error_code: 5, error_message })))
}

/// The end of an answer, without an error.
pub(crate) fn ok() -> Step {
    Step::Trailers(vec![("grpc-status", "0")])
}

/// What a request body asks.
pub(crate) fn questions(body: &[u8]) -> Vec<MessageRequest> {
    questions_with_hosts(body).into_iter().map(|(_, question)| question).collect()
}

/// The same, each with the host that it is about.
pub(crate) fn questions_with_hosts(body: &[u8]) -> Vec<(String, MessageRequest)> {
    let question = |message| {
        let request = ServerReflectionRequest::decode(message).unwrap();
        (request.host, request.message_request.unwrap())
    };
    messages(body).into_iter().map(question).collect()
}

/// One answer, which may be none.
pub(crate) fn said(message_response: Option<MessageResponse>) -> Step {
    let response = ServerReflectionResponse { message_response, ..Default::default() };
    Step::Data(envelope(0, &response.encode_to_vec()))
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
pub(crate) fn file() -> FileDescriptorProto {
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

/// A message of this name.
pub(crate) fn message(name: &str, field: Vec<FieldDescriptorProto>) -> DescriptorProto {
    DescriptorProto { name: Some(name.to_owned()), field, ..Default::default() }
}

/// A field of this type, which is a message.
pub(crate) fn field(number: i32, type_name: &str) -> FieldDescriptorProto {
    FieldDescriptorProto {
        name: Some(format!("f{number}")),
        number: Some(number),
        label: Some(Label::Optional.into()),
        r#type: Some(Type::Message.into()),
        type_name: Some(type_name.to_owned()),
        ..Default::default()
    }
}
