//! The test service of gRPC's interoperability tests, which compresses unary answers as it is asked to, and sees which
//! requests came compressed.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http_body_util::BodyExt as _;
use tokio_stream::{Stream, StreamExt as _};
use tonic::body::Body;
use tonic::codegen::http;
use tonic::metadata::{AsciiMetadataKey, BinaryMetadataKey, MetadataMap};
use tonic::{Code, Extensions, Request, Response, Status, Streaming};

use grpc_testing::test_service_server::TestService;
use grpc_testing::{
    BoolValue, EchoStatus, Empty, Payload, ResponseParameters, SimpleRequest, SimpleResponse,
    StreamingInputCallRequest, StreamingInputCallResponse, StreamingOutputCallRequest,
    StreamingOutputCallResponse,
};

pub(crate) mod grpc_testing {
    tonic::include_proto!("grpc.testing");
}

const INITIAL: &str = "x-grpc-test-echo-initial";
const TRAILING: &str = "x-grpc-test-echo-trailing-bin";

/// A trailer to send behind an answer that ends well, for [`with_trailer`].
#[derive(Clone)]
struct Trailer(http::HeaderValue);

/// What the first byte of each message said: whether it is compressed. The oldest comes first.
#[derive(Clone, Default)]
struct Flags(Arc<Mutex<VecDeque<bool>>>);

/// Where the messages of a body begin, and what was found there.
#[derive(Default)]
struct Watch {
    prefix: Vec<u8>,
    left: usize,
}

impl Flags {
    fn next(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop_front().unwrap_or_default()
    }

    /// Refuses a message that came otherwise than it says of itself.
    fn expect(&self, expected: Option<BoolValue>) -> Result<(), Status> {
        let compressed = self.next();
        match expected {
            Some(expected) if expected.value != compressed => {
                Err(Status::invalid_argument(format!("compressed: {compressed}, not {}", expected.value)))
            }
            _ => Ok(()),
        }
    }
}

impl Watch {
    fn see(&mut self, mut bytes: &[u8], flags: &Flags) {
        while !bytes.is_empty() {
            let skipped = self.left.min(bytes.len());
            self.left -= skipped;
            bytes = &bytes[skipped..];
            let more = (5 - self.prefix.len()).min(bytes.len());
            self.prefix.extend_from_slice(&bytes[..more]);
            bytes = &bytes[more..];
            if let [flag, a, b, c, d] = self.prefix[..] {
                self.left = u32::from_be_bytes([a, b, c, d]) as usize;
                self.prefix.clear();
                flags.0.lock().unwrap_or_else(PoisonError::into_inner).push_back(flag & 1 == 1);
            }
        }
    }
}

/// Lets the service know which messages of a request were compressed.
pub(crate) fn with_flags(mut request: http::Request<Body>) -> http::Request<Body> {
    let flags = Flags::default();
    request.extensions_mut().insert(flags.clone());
    let mut watch = Watch::default();
    request.map(|body| {
        Body::new(body.map_frame(move |frame| {
            if let Some(bytes) = frame.data_ref() {
                watch.see(bytes, &flags);
            }
            frame
        }))
    })
}

/// Adds the trailer that a handler wants: it can send none itself.
pub(crate) fn with_trailer(mut response: http::Response<Body>) -> http::Response<Body> {
    let Some(Trailer(value)) = response.extensions_mut().remove() else { return response };
    response.map(|body| {
        Body::new(body.map_frame(move |mut frame| {
            if let Some(trailers) = frame.trailers_mut() {
                trailers.insert(TRAILING, value.clone());
            }
            frame
        }))
    })
}

fn flags(extensions: &Extensions) -> Flags {
    extensions.get::<Flags>().cloned().unwrap_or_default()
}

fn payload(size: i32) -> Option<Payload> {
    Some(Payload { r#type: 0, body: vec![0; usize::try_from(size).unwrap_or_default()] })
}

/// Sends back what the client sent under the two names that stand for it.
fn echo_metadata<T>(received: &MetadataMap, response: &mut Response<T>) {
    if let Some(value) = received.get(INITIAL) {
        response.metadata_mut().insert(AsciiMetadataKey::from_static(INITIAL), value.clone());
    }
    if let Some(value) = received.get_bin(BinaryMetadataKey::from_static(TRAILING))
        && let Ok(value) = http::HeaderValue::from_bytes(value.as_encoded_bytes())
    {
        response.extensions_mut().insert(Trailer(value));
    }
}

fn refused(status: Option<EchoStatus>) -> Result<(), Status> {
    match status {
        Some(status) if status.code != 0 => Err(Status::new(Code::from(status.code), status.message)),
        _ => Ok(()),
    }
}

async fn answer(wanted: ResponseParameters) -> StreamingOutputCallResponse {
    tokio::time::sleep(Duration::from_micros(u64::try_from(wanted.interval_us).unwrap_or_default())).await;
    StreamingOutputCallResponse { payload: payload(wanted.size) }
}

pub(crate) struct Testing;

type Answers = Pin<Box<dyn Stream<Item = Result<StreamingOutputCallResponse, Status>> + Send>>;

#[tonic::async_trait]
impl TestService for Testing {
    type StreamingOutputCallStream = Answers;
    type FullDuplexCallStream = Answers;

    async fn empty_call(&self, _: Request<Empty>) -> Result<Response<Empty>, Status> {
        let mut response = Response::new(Empty {});
        response.disable_compression();
        Ok(response)
    }

    async fn unary_call(&self, request: Request<SimpleRequest>) -> Result<Response<SimpleResponse>, Status> {
        let (received, extensions, message) = request.into_parts();
        flags(&extensions).expect(message.expect_compressed)?;
        refused(message.response_status)?;
        let mut response = Response::new(SimpleResponse { payload: payload(message.response_size) });
        echo_metadata(&received, &mut response);
        if !message.response_compressed.is_some_and(|wanted| wanted.value) {
            response.disable_compression();
        }
        Ok(response)
    }

    async fn streaming_output_call(
        &self,
        request: Request<StreamingOutputCallRequest>,
    ) -> Result<Response<Answers>, Status> {
        let wanted = tokio_stream::iter(request.into_inner().response_parameters);
        Ok(Response::new(Box::pin(wanted.then(answer).map(Ok))))
    }

    async fn streaming_input_call(
        &self,
        request: Request<Streaming<StreamingInputCallRequest>>,
    ) -> Result<Response<StreamingInputCallResponse>, Status> {
        let flags = flags(request.extensions());
        let mut requests = request.into_inner();
        let mut size = 0;
        while let Some(message) = requests.message().await? {
            flags.expect(message.expect_compressed)?;
            size += message.payload.map_or(0, |payload| payload.body.len());
        }
        let aggregated_payload_size = i32::try_from(size).unwrap_or(i32::MAX);
        Ok(Response::new(StreamingInputCallResponse { aggregated_payload_size }))
    }

    async fn full_duplex_call(
        &self,
        request: Request<Streaming<StreamingOutputCallRequest>>,
    ) -> Result<Response<Answers>, Status> {
        let received = request.metadata().clone();
        let (answers, told) = tokio::sync::mpsc::channel(1);
        let mut requests = request.into_inner();
        tokio::spawn(async move {
            while let Some(message) = requests.message().await.transpose() {
                let wanted = message.and_then(|message| {
                    refused(message.response_status)?;
                    Ok(message.response_parameters)
                });
                let wanted = match wanted {
                    Ok(wanted) => wanted,
                    Err(status) => {
                        // Who does not hear of it has gone.
                        let _ = answers.send(Err(status)).await;
                        return;
                    }
                };
                for wanted in wanted {
                    if answers.send(Ok(answer(wanted).await)).await.is_err() {
                        return;
                    }
                }
            }
        });
        let answers: Answers = Box::pin(tokio_stream::wrappers::ReceiverStream::new(told));
        let mut response = Response::new(answers);
        echo_metadata(&received, &mut response);
        Ok(response)
    }

    async fn unimplemented_call(&self, _: Request<Empty>) -> Result<Response<Empty>, Status> {
        Err(Status::unimplemented("there is none"))
    }
}
