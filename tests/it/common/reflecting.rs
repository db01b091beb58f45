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
    let answer = Arc::new(answer);
    Peer::h2(move |path, body| {
        if !path.starts_with(root) {
            return rpc(path, body);
        }
        let mut steps = vec![Step::Headers(200, vec![GRPC])];
        for question in questions(body) {
            let message_response = Some(match (&question, answer(&question)) {
                (MessageRequest::ListServices(_), _) => {
                    let service = services.iter().map(|&name| ServiceResponse { name: name.to_owned() });
                    let service = service.collect();
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
            steps.push(said(message_response));
        }
        steps.push(Step::Trailers(vec![("grpc-status", "0")]));
        steps
    })
}

/// What a request body asks.
pub(crate) fn questions(body: &[u8]) -> Vec<MessageRequest> {
    let question = |message| ServerReflectionRequest::decode(message).unwrap().message_request.unwrap();
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
