//! Server reflection, v1 and v1alpha, as a client would wish it: a file always comes with all it imports, every
//! kind of symbol can be asked for, and a question without an answer costs that answer and not the stream.

mod index;

use std::collections::HashSet;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::Uri;
use http::uri::PathAndQuery;
use prost::DecodeError;
use tokio_stream::{Stream, StreamExt as _};
use tonic::server::NamedService;
use tonic::{Code, Request, Response, Status, Streaming};
use tonic_reflection::pb::v1::server_reflection_request::MessageRequest as Question;
use tonic_reflection::pb::v1::server_reflection_response::MessageResponse as Answer;
use tonic_reflection::pb::v1::server_reflection_server::ServerReflection;
use tonic_reflection::pb::v1::{
    ErrorResponse, ExtensionNumberResponse, FileDescriptorResponse, ListServiceResponse,
    ServerReflectionRequest, ServerReflectionResponse, ServiceResponse,
};
use tonic_reflection::pb::{v1, v1alpha};
use tower_service::Service;

use self::index::Index;
use super::proto::DESCRIPTORS;

/// Answers questions about what the demo serves, itself included.
#[derive(Clone)]
pub(super) struct Reflection {
    index: Arc<Index>,
}

impl Reflection {
    /// Reads the built-in descriptors.
    pub(super) fn new() -> Result<Self, DecodeError> {
        let index = Index::new(&[DESCRIPTORS, v1::FILE_DESCRIPTOR_SET, v1alpha::FILE_DESCRIPTOR_SET])?;
        Ok(Self { index: Arc::new(index) })
    }

    /// Full names of all services, sorted.
    pub(super) fn services(&self) -> &[String] {
        self.index.services()
    }
}

#[tonic::async_trait]
impl ServerReflection for Reflection {
    type ServerReflectionInfoStream =
        Pin<Box<dyn Stream<Item = Result<ServerReflectionResponse, Status>> + Send>>;

    async fn server_reflection_info(
        &self,
        request: Request<Streaming<ServerReflectionRequest>>,
    ) -> Result<Response<Self::ServerReflectionInfoStream>, Status> {
        let index = Arc::clone(&self.index);
        let mut sent = HashSet::new();
        let answers = request.into_inner().map(move |request| {
            let request = request?;
            let answer = match &request.message_request {
                Some(question) => answer(&index, question, &mut sent),
                None => refuse(Code::InvalidArgument, "the request asks nothing".to_owned()),
            };
            Ok(ServerReflectionResponse {
                valid_host: request.host.clone(),
                original_request: Some(request),
                message_response: Some(answer),
            })
        });
        Ok(Response::new(Box::pin(answers)))
    }
}

/// Answers one question. `sent` holds the names of the files that this stream has carried.
fn answer(index: &Index, question: &Question, sent: &mut HashSet<String>) -> Answer {
    let file = match question {
        Question::ListServices(_) => return list(index),
        Question::AllExtensionNumbersOfType(message) => return extension_numbers(index, message),
        Question::FileByFilename(name) => Some(name.as_str()),
        Question::FileContainingSymbol(symbol) => index.file_of_symbol(symbol),
        Question::FileContainingExtension(extension) => {
            index.file_of_extension(&extension.containing_type, extension.extension_number)
        }
    };
    match file.and_then(|name| index.closure(name, sent)) {
        Some(files) => Answer::FileDescriptorResponse(FileDescriptorResponse {
            file_descriptor_proto: files.into_iter().map(Into::into).collect(),
        }),
        None => refuse(Code::NotFound, not_found(question)),
    }
}

fn list(index: &Index) -> Answer {
    let service = index.services().iter().map(|name| ServiceResponse { name: name.clone() }).collect();
    Answer::ListServicesResponse(ListServiceResponse { service })
}

fn extension_numbers(index: &Index, message: &str) -> Answer {
    match index.extension_numbers(message) {
        Some(extension_number) => Answer::AllExtensionNumbersResponse(ExtensionNumberResponse {
            base_type_name: message.to_owned(),
            extension_number,
        }),
        None => refuse(Code::NotFound, format!("message not found: {message}")),
    }
}

fn not_found(question: &Question) -> String {
    match question {
        Question::FileByFilename(name) => format!("file not found: {name}"),
        Question::FileContainingSymbol(symbol) => format!("symbol not found: {symbol}"),
        Question::FileContainingExtension(extension) => {
            format!("extension not found: {} {}", extension.containing_type, extension.extension_number)
        }
        Question::AllExtensionNumbersOfType(message) => format!("message not found: {message}"),
        Question::ListServices(_) => "no services".to_owned(),
    }
}

fn refuse(code: Code, error_message: String) -> Answer {
    Answer::ErrorResponse(ErrorResponse { error_code: code.into(), error_message })
}

/// Serves v1alpha with a v1 server. The messages of the two are the same on the wire: only the package in the
/// path differs.
#[derive(Clone)]
pub(super) struct V1Alpha<S>(pub(super) S);

impl<S> NamedService for V1Alpha<S> {
    const NAME: &'static str = "grpc.reflection.v1alpha.ServerReflection";
}

impl<S, B> Service<http::Request<B>> for V1Alpha<S>
where
    S: Service<http::Request<B>>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, mut request: http::Request<B>) -> Self::Future {
        if request.uri().path() == "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo" {
            let path = PathAndQuery::from_static("/grpc.reflection.v1.ServerReflection/ServerReflectionInfo");
            // A URI of a path alone will do: routing looks at nothing else.
            *request.uri_mut() = Uri::from(path);
        }
        self.0.call(request)
    }
}
