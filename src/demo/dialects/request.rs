//! A request of another dialect as gRPC has it: its headers, and its body message by message as they come.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::{BufMut as _, Bytes, BytesMut};
use http::header::HeaderMap;
use http::{HeaderName, HeaderValue, Method, Request, Version};
use http_body::{Body as _, Frame};
use tonic::Status;
use tonic::body::Body;

use super::ask::{Dialect, Form};
use super::methods::Methods;
use crate::chars::Unbase64;
use crate::envelope::{self, Decoder, Encoding, EndFlag, EnvelopeError};
use crate::media::Codec;

/// What a request has to be held to.
pub(super) struct Rules {
    pub(super) methods: Arc<Methods>,
    /// The largest message that is taken, in bytes.
    pub(super) limit: usize,
}

/// The request as gRPC has it. What is wrong with it is found out by whoever reads its body, so that it is told like any
/// other failure of a call.
pub(super) fn into_grpc(request: Request<Body>, dialect: &Dialect, rules: Rules) -> Request<Body> {
    let (mut head, body) = request.into_parts();
    let reading = reading(dialect, &head.headers, rules.limit);
    let reading = match timeout(&mut head.headers).and(reading) {
        Ok(reading) => reading,
        Err(status) => Reading::Failed(Some(status)),
    };
    let json = match (&dialect.method, dialect.codec) {
        (Some(method), Codec::Json) => Some(method.input()),
        _ => None,
    };
    let body = Inbound { body, reading, json, methods: rules.methods };
    head.headers = grpc_headers(&head.headers);
    head.method = Method::POST;
    head.version = Version::HTTP_2;
    Request::from_parts(head, Body::new(body))
}

/// What is the other protocol's own, or HTTP's, is no metadata.
fn is_protocol(name: &HeaderName) -> bool {
    const NAMES: [&str; 16] = [
        "accept",
        "accept-encoding",
        "connection",
        "content-encoding",
        "content-length",
        "content-type",
        "expect",
        "grpc-accept-encoding",
        "grpc-encoding",
        "host",
        "keep-alive",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    ];
    let name = name.as_str();
    NAMES.contains(&name) || name.starts_with("connect-") || name == "x-grpc-web"
}

fn grpc_headers(headers: &HeaderMap) -> HeaderMap {
    let mut kept = HeaderMap::with_capacity(headers.len());
    for (name, value) in headers {
        if !is_protocol(name) {
            kept.append(name.clone(), value.clone());
        }
    }
    kept.insert("content-type", HeaderValue::from_static("application/grpc"));
    kept.insert("te", HeaderValue::from_static("trailers"));
    kept
}

/// Says Connect's timeout as gRPC does: at most eight digits, so what is longer is in whole seconds.
fn timeout(headers: &mut HeaderMap) -> Result<(), Status> {
    let Some(told) = headers.get("connect-timeout-ms") else { return Ok(()) };
    let digits = told.to_str().ok().filter(|text| text.len() <= 10 && is_number(text));
    let millis: u64 = digits.and_then(|digits| digits.parse().ok()).ok_or_else(|| {
        Status::invalid_argument("connect-timeout-ms is to be a number of at most 10 digits")
    })?;
    let written =
        if millis <= 99_999_999 { format!("{millis}m") } else { format!("{}S", millis.div_ceil(1000)) };
    if let Ok(written) = HeaderValue::try_from(written) {
        headers.insert("grpc-timeout", written);
    }
    Ok(())
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// How the messages of a body are read.
enum Reading {
    /// Each is in an envelope, and all may be base64.
    Envelopes { decoder: Decoder, text: Option<Unbase64> },
    /// The body is the one message.
    Whole { body: BytesMut, encoding: Encoding, limit: usize },
    /// The message was in the path.
    Given { message: Bytes, encoding: Encoding, limit: usize },
    /// There are none, or no more.
    Over,
    /// There are none, for this reason.
    Failed(Option<Status>),
}

fn reading(dialect: &Dialect, headers: &HeaderMap, limit: usize) -> Result<Reading, Status> {
    let named = |name: &str| headers.get(name).map(HeaderValue::as_bytes);
    if let Some(version) = named("connect-protocol-version").filter(|version| *version != b"1") {
        let version = String::from_utf8_lossy(version);
        return Err(Status::invalid_argument(format!("connect-protocol-version is {version:?}, not \"1\"")));
    }
    let envelopes = |header, text: bool| {
        let decoder = Decoder::new(encoding(named(header))?, limit, EndFlag::None);
        Ok(Reading::Envelopes { decoder, text: text.then(Unbase64::default) })
    };
    if dialect.method.is_none() {
        // What its messages are nobody knows, and whether it has one.
        return Ok(Reading::Over);
    }
    match &dialect.form {
        Form::Grpc => envelopes("grpc-encoding", false),
        Form::Web { text } => envelopes("grpc-encoding", *text),
        Form::Stream => envelopes("connect-content-encoding", false),
        Form::Unary => {
            let encoding = encoding(named("content-encoding"))?;
            Ok(Reading::Whole { body: BytesMut::new(), encoding, limit })
        }
        Form::Get(query) => {
            if let Some(version) = query.version.as_deref().filter(|version| *version != "v1") {
                return Err(Status::invalid_argument(format!("the query says connect={version}, not v1")));
            }
            let missing =
                || Status::invalid_argument("the query has no message, or none in base64 as it says");
            let message = query.message.clone().ok_or_else(missing)?;
            let encoding = encoding(query.compression.as_deref().map(str::as_bytes))?;
            Ok(Reading::Given { message, encoding, limit })
        }
    }
}

/// A way to compress that is known here.
fn encoding(named: Option<&[u8]>) -> Result<Encoding, Status> {
    match Encoding::from_header(named) {
        Encoding::Unknown(name) => Err(Status::unimplemented(format!(
            "messages compressed with {name:?} are not understood: use gzip, deflate, br or zstd"
        ))),
        known => Ok(known),
    }
}

fn refused(error: &EnvelopeError) -> Status {
    match error {
        EnvelopeError::TooLarge { limit, .. } => {
            Status::resource_exhausted(format!("a message is larger than the limit of {limit} bytes"))
        }
        EnvelopeError::EndTooLarge => Status::resource_exhausted("the end of the request is too large"),
        EnvelopeError::BadFlag(flag) => {
            Status::invalid_argument(format!("a message begins with the byte {flag:#04x}, which is no flag"))
        }
        EnvelopeError::UnknownEncoding(_) => {
            Status::internal("a message is marked as compressed, and no way to do so was named")
        }
        EnvelopeError::BadCompression(why) => {
            Status::invalid_argument(format!("a compressed message is damaged: {why}"))
        }
        EnvelopeError::Truncated => Status::invalid_argument("the request ended in the middle of a message"),
    }
}

impl Reading {
    /// More of the body.
    fn push(&mut self, bytes: Bytes) -> Result<(), Status> {
        match self {
            Self::Envelopes { decoder, text: None } => decoder.push(bytes),
            Self::Envelopes { decoder, text: Some(text) } => {
                let (decoded, whole) = text.push(&bytes);
                decoder.push(decoded.into());
                if !whole {
                    return Err(Status::invalid_argument("the body is no base64, as grpc-web-text has it"));
                }
            }
            Self::Whole { body, limit, .. } => {
                body.extend_from_slice(&bytes);
                if body.len() > *limit {
                    return Err(refused(&EnvelopeError::TooLarge { size: None, limit: *limit }));
                }
            }
            Self::Given { .. } | Self::Over | Self::Failed(_) => {}
        }
        Ok(())
    }

    /// The next message that is there whole.
    fn next(&mut self) -> Result<Option<Bytes>, Status> {
        match self {
            Self::Envelopes { decoder, .. } => {
                decoder.next_message().map(|message| Some(message?.payload)).map_err(|error| refused(&error))
            }
            Self::Given { .. } => self.finish(),
            Self::Failed(status) => status.take().map_or(Ok(None), Err),
            Self::Whole { .. } | Self::Over => Ok(None),
        }
    }

    /// The body ended; what that makes a message is one now.
    fn finish(&mut self) -> Result<Option<Bytes>, Status> {
        match std::mem::replace(self, Self::Over) {
            Self::Whole { body, encoding, limit } => opened(body.freeze(), &encoding, limit).map(Some),
            Self::Given { message, encoding, limit } => opened(message, &encoding, limit).map(Some),
            Self::Envelopes { decoder, text } => {
                let whole = decoder.is_between_messages() && text.is_none_or(|text| text.is_whole());
                if whole { Ok(None) } else { Err(refused(&EnvelopeError::Truncated)) }
            }
            Self::Over | Self::Failed(_) => Ok(None),
        }
    }
}

/// A message without an envelope.
fn opened(message: Bytes, encoding: &Encoding, limit: usize) -> Result<Bytes, Status> {
    if *encoding == Encoding::Identity || message.is_empty() {
        return Ok(message);
    }
    encoding.open(&message, limit).map_err(|error| refused(&error))
}

/// A body of gRPC, made of another as that comes.
struct Inbound {
    body: Body,
    reading: Reading,
    /// What the messages are, where they come in JSON.
    json: Option<prost_reflect::MessageDescriptor>,
    methods: Arc<Methods>,
}

impl Inbound {
    /// A message in protobuf's bytes, in its envelope.
    fn enveloped(&self, message: Bytes) -> Result<Bytes, Status> {
        let message = match &self.json {
            Some(descriptor) => self.methods.read_json(descriptor, &message)?,
            None => message,
        };
        let prefix = envelope::prefix(message.len(), false);
        let prefix = prefix.ok_or_else(|| Status::resource_exhausted("a message is larger than 4 GiB"))?;
        let mut bytes = BytesMut::with_capacity(prefix.len() + message.len());
        bytes.put_slice(&prefix);
        bytes.put_slice(&message);
        Ok(bytes.freeze())
    }

    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Bytes>, Status>> {
        loop {
            if let Some(message) = self.reading.next()? {
                return Poll::Ready(self.enveloped(message).map(Some));
            }
            if matches!(self.reading, Reading::Over | Reading::Failed(_)) {
                return Poll::Ready(Ok(None));
            }
            let Some(frame) = ready!(Pin::new(&mut self.body).poll_frame(cx)) else {
                let last = self.reading.finish()?;
                return Poll::Ready(last.map(|message| self.enveloped(message)).transpose());
            };
            if let Ok(data) = frame?.into_data() {
                self.reading.push(data)?;
            }
        }
    }
}

impl http_body::Body for Inbound {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let this = self.get_mut();
        let next = ready!(this.poll_next(cx));
        if next.is_err() {
            this.reading = Reading::Over;
        }
        Poll::Ready(next.transpose().map(|message| message.map(Frame::data)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timeouts_are_said_as_grpc_does() {
        let said = |millis: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert("connect-timeout-ms", HeaderValue::from_static(millis));
            timeout(&mut headers).ok()?;
            Some(headers["grpc-timeout"].to_str().unwrap().to_owned())
        };
        assert_eq!(said("250").as_deref(), Some("250m"));
        assert_eq!(said("9999999999").as_deref(), Some("10000000S"));
        for wrong in ["", "1.5", "-1", "+1", "10000000000", "soon"] {
            assert_eq!(said(wrong), None, "{wrong}");
        }
    }
}
