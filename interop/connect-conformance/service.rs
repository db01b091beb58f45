//! The suite's service, which does as its requests say (`connectrpc/conformance/v1/service.proto`).

use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Buf as _, BufMut as _, Bytes};
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response};
use prost::Message;
use prost_types::Any;
use rpcctl::demo::Trailers;
use rpcctl::wire::RpcStatus;
use tokio_stream::{Stream, StreamExt as _};
use tonic::body::Body;
use tonic::codec::{Codec, CompressionEncoding, DecodeBuf, Decoder, EncodeBuf, Encoder, Streaming};
use tonic::metadata::MetadataMap;
use tonic::server::{Grpc, NamedService, ServerStreamingService, StreamingService};
use tonic::{Code, Status};
use tower_service::Service;

type Answers = Pin<Box<dyn Stream<Item = Result<Bytes, Status>> + Send>>;
type Answering = Pin<Box<dyn Future<Output = Result<tonic::Response<Answers>, Status>> + Send>>;

/// `ConformanceService`, which takes messages of at most so many bytes.
#[derive(Clone)]
pub(crate) struct ConformanceService {
    pub(crate) limit: usize,
}

impl NamedService for ConformanceService {
    const NAME: &'static str = "connectrpc.conformance.v1.ConformanceService";
}

impl<B> Service<Request<B>> for ConformanceService
where
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>> + Send,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let mut grpc = Grpc::new(Raw)
            .accept_compressed(CompressionEncoding::Gzip)
            .apply_max_message_size_config(Some(self.limit), None);
        let name = request.uri().path().rsplit('/').next().unwrap_or_default().to_owned();
        let asked = Asked::of(&name, &request);
        Box::pin(async move {
            // Streams of answers all of them, as tonic puts headers and trailers of a failure together otherwise.
            Ok(match &*name {
                "Unary" | "IdempotentUnary" | "ServerStream" => {
                    grpc.server_streaming(One(asked), request).await
                }
                "ClientStream" | "BidiStream" => grpc.streaming(Many(asked), request).await,
                _ => Status::unimplemented(format!("{name} is not implemented")).into_http(),
            })
        })
    }
}

/// A method that takes one message.
struct One(Asked);

impl ServerStreamingService<Bytes> for One {
    type Response = Bytes;
    type ResponseStream = Answers;
    type Future = Answering;

    fn call(&mut self, request: tonic::Request<Bytes>) -> Answering {
        let asked = self.0.clone();
        Box::pin(async move {
            let message = request.into_inner();
            let plan = asked.plan(&message)?;
            let requests = vec![asked.any(&message)];
            Ok(asked.answer(plan, requests, None))
        })
    }
}

/// A method that takes a stream of them.
struct Many(Asked);

impl StreamingService<Bytes> for Many {
    type Response = Bytes;
    type ResponseStream = Answers;
    type Future = Answering;

    fn call(&mut self, request: tonic::Request<Streaming<Bytes>>) -> Answering {
        let asked = self.0.clone();
        Box::pin(async move {
            let mut messages = request.into_inner();
            let Some(first) = messages.message().await? else {
                return Ok(asked.answer(Plan::default(), Vec::new(), None));
            };
            let plan = asked.plan(&first)?;
            let mut requests = vec![asked.any(&first)];
            if plan.full_duplex {
                return Ok(asked.answer(plan, requests, Some(messages)));
            }
            while let Some(message) = messages.message().await? {
                requests.push(asked.any(&message));
            }
            Ok(asked.answer(plan, requests, None))
        })
    }
}

/// What is known of a call before its messages are.
#[derive(Clone)]
struct Asked {
    name: String,
    info: RequestInfo,
}

impl Asked {
    fn of<B>(name: &str, request: &Request<B>) -> Self {
        let timeout_ms = request.headers().get("grpc-timeout").and_then(millis);
        // A query stands in the path of a GET of Connect's alone.
        let connect_get_info = request.uri().query().map(|_| ConnectGetInfo {});
        let request_headers = listed(request.headers());
        let info = RequestInfo { request_headers, timeout_ms, requests: Vec::new(), connect_get_info };
        Self { name: name.to_owned(), info }
    }

    /// What the first message says is to be done.
    fn plan(&self, message: &Bytes) -> Result<Plan, Status> {
        let wrong = |error: prost::DecodeError| Status::invalid_argument(error.to_string());
        if self.name.ends_with("Stream") && self.name != "ClientStream" {
            let told = StreamRequest::decode(message.clone())
                .map_err(wrong)?
                .response_definition
                .unwrap_or_default();
            let full_duplex =
                self.name == "BidiStream" && BidiRequest::decode(message.clone()).map_err(wrong)?.full_duplex;
            return Ok(Plan {
                headers: headers(&told.response_headers),
                trailers: headers(&told.response_trailers),
                data: told.response_data.into(),
                delay: Duration::from_millis(told.response_delay_ms.into()),
                error: told.error,
                full_duplex,
            });
        }
        let told =
            UnaryRequest::decode(message.clone()).map_err(wrong)?.response_definition.unwrap_or_default();
        let data = if told.error.is_some() { VecDeque::new() } else { VecDeque::from([told.response_data]) };
        Ok(Plan {
            headers: headers(&told.response_headers),
            trailers: headers(&told.response_trailers),
            data,
            delay: Duration::from_millis(told.response_delay_ms.into()),
            error: told.error,
            full_duplex: false,
        })
    }

    fn any(&self, message: &Bytes) -> Any {
        let type_url = format!("type.googleapis.com/connectrpc.conformance.v1.{}Request", self.name);
        Any { type_url, value: message.to_vec() }
    }

    /// Answers as planned. `more` are the messages to come, where each has an answer of its own.
    fn answer(
        self,
        mut plan: Plan,
        requests: Vec<Any>,
        more: Option<Streaming<Bytes>>,
    ) -> tonic::Response<Answers> {
        if plan.data.is_empty() && self.name == "ClientStream" && plan.error.is_none() {
            plan.data.push_back(Vec::new());
        }
        let headers = std::mem::take(&mut plan.headers);
        let trailers = Trailers(std::mem::take(&mut plan.trailers));
        let answers = Answerer { asked: self, plan, requests, more, sent: 0 };
        let mut response = tonic::Response::new(answers.stream());
        *response.metadata_mut() = MetadataMap::from_headers(headers);
        response.extensions_mut().insert(trailers);
        response
    }
}

/// What is to be answered.
#[derive(Default)]
struct Plan {
    headers: HeaderMap,
    trailers: HeaderMap,
    data: VecDeque<Vec<u8>>,
    delay: Duration,
    error: Option<ErrorDefinition>,
    full_duplex: bool,
}

/// A call being answered.
struct Answerer {
    asked: Asked,
    plan: Plan,
    /// Those that no answer has told of yet.
    requests: Vec<Any>,
    more: Option<Streaming<Bytes>>,
    sent: usize,
}

impl Answerer {
    /// Answers until there is no more to say, or nobody listens.
    fn stream(mut self) -> Answers {
        let (sender, receiver) = tokio::sync::mpsc::channel(1);
        tokio::spawn(async move {
            while let Some(answer) = self.next().await.transpose() {
                let ends = answer.is_err();
                if sender.send(answer).await.is_err() || ends {
                    return;
                }
            }
        });
        Box::pin(tokio_stream::wrappers::ReceiverStream::new(receiver))
    }

    async fn next(&mut self) -> Result<Option<Bytes>, Status> {
        if self.sent > 0
            && let Some(more) = &mut self.more
        {
            match more.next().await {
                Some(message) => self.requests.push(self.asked.any(&message?)),
                None => self.more = None,
            }
        }
        let Some(data) = self.plan.data.pop_front() else {
            return match self.plan.error.take() {
                Some(error) => Err(self.failure(error)),
                None => Ok(None),
            };
        };
        tokio::time::sleep(self.plan.delay).await;
        // The first answer has all that is known; of a conversation the others have what was asked since.
        let request_info = if self.sent == 0 {
            Some(self.info())
        } else if self.plan.full_duplex {
            let requests = std::mem::take(&mut self.requests);
            Some(RequestInfo { requests, ..RequestInfo::default() })
        } else {
            None
        };
        self.sent += 1;
        let payload = Payload { data, request_info };
        Ok(Some(Reply { payload: Some(payload) }.encode_to_vec().into()))
    }

    fn info(&mut self) -> RequestInfo {
        RequestInfo { requests: std::mem::take(&mut self.requests), ..self.asked.info.clone() }
    }

    fn failure(&mut self, error: ErrorDefinition) -> Status {
        let mut details = error.details;
        if self.sent == 0 {
            let type_url = "type.googleapis.com/connectrpc.conformance.v1.ConformancePayload.RequestInfo";
            details.push(Any { type_url: type_url.to_owned(), value: self.info().encode_to_vec() });
        }
        let message = error.message.unwrap_or_default();
        let full = RpcStatus { code: error.code, message: message.clone(), details };
        Status::with_details(Code::from(error.code), message, full.encode_to_vec().into())
    }
}

/// Messages as they are.
#[derive(Clone)]
struct Raw;

impl Codec for Raw {
    type Encode = Bytes;
    type Decode = Bytes;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for Raw {
    type Item = Bytes;
    type Error = Status;

    fn encode(&mut self, message: Bytes, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        buffer.put(message);
        Ok(())
    }
}

impl Decoder for Raw {
    type Item = Bytes;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<Bytes>, Status> {
        Ok(Some(buffer.copy_to_bytes(buffer.remaining())))
    }
}

/// What `grpc-timeout` says.
fn millis(header: &HeaderValue) -> Option<i64> {
    let text = header.to_str().ok()?;
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let value: i64 = digits.parse().ok()?;
    Some(match unit {
        "H" => value * 3_600_000,
        "M" => value * 60_000,
        "S" => value * 1000,
        "m" => value,
        "u" => value / 1000,
        "n" => value / 1_000_000,
        _ => return None,
    })
}

fn listed(headers: &HeaderMap) -> Vec<Header> {
    let values = |name| {
        let values = headers.get_all(name).iter();
        values.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()).collect()
    };
    headers.keys().map(|name| Header { name: name.to_string(), value: values(name) }).collect()
}

fn headers(told: &[Header]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for Header { name, value } in told {
        for value in value {
            if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
                headers.append(name, value);
            }
        }
    }
    headers
}

#[derive(Clone, PartialEq, prost::Message)]
struct Header {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(string, repeated, tag = "2")]
    value: Vec<String>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct ErrorDefinition {
    #[prost(int32, tag = "1")]
    code: i32,
    #[prost(string, optional, tag = "2")]
    message: Option<String>,
    #[prost(message, repeated, tag = "3")]
    details: Vec<Any>,
}

/// Of all methods that give one answer.
#[derive(Clone, PartialEq, prost::Message)]
struct UnaryRequest {
    #[prost(message, optional, tag = "1")]
    response_definition: Option<UnaryDefinition>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct UnaryDefinition {
    #[prost(message, repeated, tag = "1")]
    response_headers: Vec<Header>,
    #[prost(bytes = "vec", tag = "2")]
    response_data: Vec<u8>,
    #[prost(message, optional, tag = "3")]
    error: Option<ErrorDefinition>,
    #[prost(message, repeated, tag = "4")]
    response_trailers: Vec<Header>,
    #[prost(uint32, tag = "6")]
    response_delay_ms: u32,
}

#[derive(Clone, PartialEq, prost::Message)]
struct StreamDefinition {
    #[prost(message, repeated, tag = "1")]
    response_headers: Vec<Header>,
    #[prost(bytes = "vec", repeated, tag = "2")]
    response_data: Vec<Vec<u8>>,
    #[prost(uint32, tag = "3")]
    response_delay_ms: u32,
    #[prost(message, optional, tag = "4")]
    error: Option<ErrorDefinition>,
    #[prost(message, repeated, tag = "5")]
    response_trailers: Vec<Header>,
}

/// Of both methods that give a stream of answers.
#[derive(Clone, PartialEq, prost::Message)]
struct StreamRequest {
    #[prost(message, optional, tag = "1")]
    response_definition: Option<StreamDefinition>,
}

/// Of the one that also takes a stream; in its place, the other has bytes.
#[derive(Clone, PartialEq, prost::Message)]
struct BidiRequest {
    #[prost(bool, tag = "2")]
    full_duplex: bool,
}

/// Every answer of the service.
#[derive(Clone, PartialEq, prost::Message)]
struct Reply {
    #[prost(message, optional, tag = "1")]
    payload: Option<Payload>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Payload {
    #[prost(bytes = "vec", tag = "1")]
    data: Vec<u8>,
    #[prost(message, optional, tag = "2")]
    request_info: Option<RequestInfo>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct RequestInfo {
    #[prost(message, repeated, tag = "1")]
    request_headers: Vec<Header>,
    #[prost(int64, optional, tag = "2")]
    timeout_ms: Option<i64>,
    #[prost(message, repeated, tag = "3")]
    requests: Vec<Any>,
    #[prost(message, optional, tag = "4")]
    connect_get_info: Option<ConnectGetInfo>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct ConnectGetInfo {}
