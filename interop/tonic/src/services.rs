//! The services of `../proto`.

use std::pin::Pin;
use std::time::Duration;

use tokio_stream::{Stream, StreamExt as _, iter};
use tonic::metadata::{KeyAndValueRef, MetadataValue};
use tonic::{Code, Request, Response, Status, Streaming};
use tonic_types::{BadRequest, ErrorInfo, StatusExt as _};

use interop::metadata_reply::{Header, header::Value};
use interop::{
    BlobReply, BlobRequest, Everything, Extended, FailRequest, MetadataReply, MetadataRequest, Note,
    SleepReply, SleepRequest, StreamRequest, Summary,
};

pub(crate) mod interop {
    tonic::include_proto!("interop.v1");
}

pub(crate) mod helloworld {
    tonic::include_proto!("helloworld");
}

/// What the answers of Metadata are known by.
pub(crate) const HEADER: &str = "x-interop-server";

type Notes = Pin<Box<dyn Stream<Item = Result<Note, Status>> + Send>>;

pub(crate) struct Greeter;

#[tonic::async_trait]
impl helloworld::greeter_server::Greeter for Greeter {
    async fn say_hello(
        &self,
        request: Request<helloworld::HelloRequest>,
    ) -> Result<Response<helloworld::HelloReply>, Status> {
        let message = format!("Hello {}", request.into_inner().name);
        Ok(Response::new(helloworld::HelloReply { message }))
    }
}

pub(crate) struct Interop;

#[tonic::async_trait]
impl interop::interop_server::Interop for Interop {
    type ServerStreamStream = Notes;
    type BidiStream = Notes;

    async fn unary(&self, request: Request<Everything>) -> Result<Response<Everything>, Status> {
        Ok(Response::new(request.into_inner()))
    }

    async fn extend(&self, request: Request<Extended>) -> Result<Response<Extended>, Status> {
        Ok(Response::new(request.into_inner()))
    }

    async fn server_stream(&self, request: Request<StreamRequest>) -> Result<Response<Notes>, Status> {
        let StreamRequest { count, size } = request.into_inner();
        let width = usize::try_from(size).unwrap_or_default();
        let notes = (1..=count).map(move |number| Ok(Note { text: format!("{number:0width$}") }));
        Ok(Response::new(Box::pin(iter(notes))))
    }

    async fn client_stream(&self, request: Request<Streaming<Note>>) -> Result<Response<Summary>, Status> {
        let mut notes = request.into_inner();
        let mut texts = Vec::new();
        while let Some(note) = notes.message().await? {
            texts.push(note.text);
        }
        let count = i32::try_from(texts.len()).unwrap_or(i32::MAX);
        Ok(Response::new(Summary { count, texts }))
    }

    async fn bidi(&self, request: Request<Streaming<Note>>) -> Result<Response<Notes>, Status> {
        let notes = request.into_inner().map(|note| {
            let text = format!("re:{}", note?.text);
            Ok(Note { text })
        });
        Ok(Response::new(Box::pin(notes)))
    }

    async fn fail(&self, request: Request<FailRequest>) -> Result<Response<Everything>, Status> {
        let FailRequest { code, message } = request.into_inner();
        let details = vec![
            BadRequest::with_violation("small", "too-small").into(),
            ErrorInfo::new("ASKED_FOR", "interop", [("server".to_owned(), "tonic".to_owned())]).into(),
        ];
        Err(Status::with_error_details_vec(Code::from(code), message, details))
    }

    async fn metadata(&self, request: Request<MetadataRequest>) -> Result<Response<MetadataReply>, Status> {
        let received = request.metadata().iter().filter_map(|entry| match entry {
            KeyAndValueRef::Ascii(name, value) => {
                Some((name.to_string(), Value::Text(value.to_str().ok()?.to_owned())))
            }
            KeyAndValueRef::Binary(name, value) => {
                Some((name.to_string(), Value::Binary(value.to_bytes().ok()?.to_vec())))
            }
        });
        let own = received.filter(|(name, _)| name.starts_with("x-"));
        let mut headers: Vec<Header> = own.map(|(name, value)| Header { name, value: Some(value) }).collect();
        headers.sort_by(|a, b| a.name.cmp(&b.name));
        let mut response = Response::new(MetadataReply { headers });
        response.metadata_mut().insert(HEADER, MetadataValue::from_static("tonic"));
        Ok(response)
    }

    async fn sleep(&self, request: Request<SleepRequest>) -> Result<Response<SleepReply>, Status> {
        let millis = u64::try_from(request.into_inner().millis).unwrap_or_default();
        tokio::time::sleep(Duration::from_millis(millis)).await;
        Ok(Response::new(SleepReply {}))
    }

    async fn blob(&self, request: Request<BlobRequest>) -> Result<Response<BlobReply>, Status> {
        let size = usize::try_from(request.into_inner().size).unwrap_or_default();
        Ok(Response::new(BlobReply { data: vec![0; size] }))
    }
}
