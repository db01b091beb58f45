//! gRPC's answer in the dialect of the request: its messages as they come, and its status where the dialect has it.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::{BufMut as _, Bytes, BytesMut};
use http::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderValue, VARY};
use http::{HeaderName, Response};
use http_body::{Body as _, Frame};
use http_body_util::BodyExt as _;
use prost_reflect::MessageDescriptor;
use tonic::Status;
use tonic::body::Body;

use super::ask::{Dialect, Form};
use super::ended::{Ended, without_status};
use super::methods::Methods;
use super::{connect, is_worthwhile};
use crate::compression::Compression;
use crate::envelope::{self, Decoder, Encoding, EndFlag};
use crate::media::Codec;

/// A frame takes no more messages once it has as much.
const ENOUGH: usize = 16 << 10;
/// What can be decompressed here, for those who compressed in another way.
const ACCEPTED: HeaderValue = HeaderValue::from_static("gzip, deflate, br, zstd");

/// How an answer is written.
pub(super) struct Written {
    form: Form,
    codec: Codec,
    /// Whether there is such a method.
    known: bool,
    /// What the messages are, where they are written in JSON.
    json: Option<MessageDescriptor>,
    /// How long messages are compressed.
    compression: Option<Compression>,
    methods: Arc<Methods>,
}

impl Written {
    /// How a request with these headers wants its answer.
    pub(super) fn new(dialect: Dialect, request: &HeaderMap, methods: Arc<Methods>) -> Self {
        let Dialect { mut form, codec, method } = dialect;
        let accepts = match form {
            Form::Grpc | Form::Web { .. } => HeaderName::from_static("grpc-accept-encoding"),
            Form::Stream => HeaderName::from_static("connect-accept-encoding"),
            Form::Unary | Form::Get(_) => ACCEPT_ENCODING,
        };
        // Who sends bytes may still ask for base64.
        let wants_text = |accept: &HeaderValue| accept.as_bytes().starts_with(b"application/grpc-web-text");
        if let Form::Web { text } = &mut form {
            *text |= request.get(ACCEPT).is_some_and(wants_text);
        }
        let known = method.is_some();
        let json = method.filter(|_| codec == Codec::Json).map(|method| method.output());
        Self { form, codec, known, json, compression: accepted(request, &accepts), methods }
    }

    /// The answer in the request's dialect.
    pub(super) async fn translated(self, response: Response<Body>) -> Response<Body> {
        let (head, body) = response.into_parts();
        // A status among the headers means that nothing follows them: what they hold are trailers.
        let (headers, trailers) = if head.headers.contains_key("grpc-status") {
            (HeaderMap::new(), Some(head.headers))
        } else {
            (without_status(&head.headers), None)
        };
        if self.form.is_unary() {
            self.whole(headers, body, trailers).await
        } else {
            self.stream(headers, body, trailers)
        }
    }

    fn stream(self, mut headers: HeaderMap, body: Body, trailers: Option<HeaderMap>) -> Response<Body> {
        let (encoding, accepted) = match self.form {
            Form::Stream => ("connect-content-encoding", "connect-accept-encoding"),
            _ => ("grpc-encoding", "grpc-accept-encoding"),
        };
        headers.insert(accepted, ACCEPTED);
        if let Some(compression) = self.compression {
            headers.insert(encoding, HeaderValue::from_static(compression.name()));
        }
        headers.insert(CONTENT_TYPE, self.content_type());
        let decoder = Decoder::new(Encoding::Identity, usize::MAX, EndFlag::None);
        let body = Outbound { written: self, body, decoder, trailers, ended: false };
        let mut response = Response::new(Body::new(body));
        *response.headers_mut() = headers;
        response
    }

    fn content_type(&self) -> HeaderValue {
        let name = self.form.content_type(self.codec);
        HeaderValue::try_from(name).unwrap_or(HeaderValue::from_static("application/octet-stream"))
    }

    /// Waits for the one message and how the call ended, as HTTP's status comes before both.
    async fn whole(
        self,
        mut headers: HeaderMap,
        mut body: Body,
        trailers: Option<HeaderMap>,
    ) -> Response<Body> {
        let mut decoder = Decoder::new(Encoding::Identity, usize::MAX, EndFlag::None);
        let (mut message, mut trailers) = (None, trailers);
        while let Some(frame) = body.frame().await {
            match frame.map(Frame::into_data) {
                Ok(Ok(data)) => decoder.push(data),
                Ok(Err(frame)) => trailers = frame.into_trailers().ok(),
                Err(status) => {
                    trailers = Some(said(&status));
                    break;
                }
            }
            if let Ok(Some(next)) = decoder.next_message() {
                message = Some(next.payload);
            }
        }
        let ended = Ended::read(&trailers.unwrap_or_default());
        for (name, value) in &ended.trailers {
            if let Ok(name) = HeaderName::try_from(format!("trailer-{name}")) {
                headers.append(name, value.clone());
            }
        }
        if matches!(self.form, Form::Get(_)) {
            headers.append(VARY, HeaderValue::from(ACCEPT_ENCODING));
        }
        let mut response = Response::new(Body::empty());
        let (content_type, bytes) = if ended.code == 0 {
            (self.content_type(), self.coded(message.unwrap_or_default()))
        } else {
            *response.status_mut() = connect::http_status(&ended, self.known);
            headers.insert(ACCEPT_ENCODING, ACCEPTED);
            let error = connect::error(&ended, &self.methods).to_string();
            (HeaderValue::from_static("application/json"), error.into())
        };
        headers.insert(CONTENT_TYPE, content_type);
        let (bytes, compression) = self.compressed(bytes);
        if let Some(compression) = compression {
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static(compression.name()));
        }
        *response.headers_mut() = headers;
        response.map(|_| Body::new(http_body_util::Full::new(bytes)))
    }

    /// A message in the codec that was asked for.
    fn coded(&self, message: Bytes) -> Bytes {
        match &self.json {
            Some(descriptor) => self.methods.write_json(descriptor, &message),
            None => message,
        }
    }

    /// A message as it is on the wire, and how it is compressed if that was worth it.
    fn compressed(&self, message: Bytes) -> (Bytes, Option<Compression>) {
        let Some(compression) = self.compression.filter(|_| is_worthwhile(message.len())) else {
            return (message, None);
        };
        match compression.compress(&message) {
            Ok(short) if short.len() < message.len() => (short.into(), Some(compression)),
            _ => (message, None),
        }
    }

    /// Adds a message to a frame.
    fn put(&self, message: Bytes, frame: &mut BytesMut) -> Result<(), Status> {
        let (wire, compression) = self.compressed(self.coded(message));
        let prefix = envelope::prefix(wire.len(), compression.is_some());
        frame.put_slice(&prefix.ok_or_else(|| Status::internal("a message is larger than 4 GiB"))?);
        frame.put_slice(&wire);
        Ok(())
    }

    /// A frame's bytes as they are on the wire.
    fn data(&self, bytes: Bytes) -> Frame<Bytes> {
        Frame::data(match self.form {
            // Every piece has padding of its own.
            Form::Web { text: true } => BASE64_STANDARD.encode(&bytes).into(),
            _ => bytes,
        })
    }

    /// The last frame.
    fn end(&self, trailers: HeaderMap) -> Frame<Bytes> {
        let (flag, told) = match self.form {
            Form::Web { .. } => (EndFlag::GrpcWeb, block(&trailers)),
            Form::Stream => {
                (EndFlag::Connect, connect::end_of_stream(&Ended::read(&trailers), &self.methods))
            }
            Form::Grpc | Form::Unary | Form::Get(_) => return Frame::trailers(trailers),
        };
        self.data(envelope::ending(flag, &told).unwrap_or_default().into())
    }
}

/// The first way to compress that the other side accepts and is known here. `q=0` is no acceptance (RFC 9110 §12.4.2).
fn accepted(request: &HeaderMap, header: &HeaderName) -> Option<Compression> {
    let lists = request.get_all(header).into_iter().filter_map(|value| value.to_str().ok());
    lists.flat_map(|list| list.split(',')).find_map(|item| {
        let (name, weight) = item.split_once(';').unwrap_or((item, ""));
        let weight: f32 = weight.trim().strip_prefix("q=").and_then(|q| q.parse().ok()).unwrap_or(1.0);
        Compression::by_name(name.trim().as_bytes()).filter(|_| weight > 0.0)
    })
}

/// Trailers as they stand in a body.
fn block(trailers: &HeaderMap) -> Vec<u8> {
    let mut block = Vec::new();
    for (name, value) in trailers {
        if name != CONTENT_TYPE {
            block.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
        }
    }
    block
}

/// The trailers that say this.
fn said(status: &Status) -> HeaderMap {
    let mut trailers = HeaderMap::new();
    // Fails where a message can't be a header, and then the code is there already.
    let _ = status.add_header(&mut trailers);
    trailers
}

/// A body in another dialect, made of gRPC's as that comes.
struct Outbound {
    written: Written,
    body: Body,
    decoder: Decoder,
    /// What the headers had to say of the end.
    trailers: Option<HeaderMap>,
    ended: bool,
}

impl Outbound {
    /// As many messages as there are, up to a frame's worth.
    fn messages(&mut self) -> Result<Bytes, Status> {
        let mut frame = BytesMut::new();
        while frame.len() < ENOUGH {
            match self.decoder.next_message() {
                Ok(Some(message)) => self.written.put(message.payload, &mut frame)?,
                Ok(None) => break,
                Err(_) => return Err(Status::internal("the answer can't be read")),
            }
        }
        Ok(frame.freeze())
    }

    fn end(&mut self, trailers: HeaderMap) -> Frame<Bytes> {
        self.ended = true;
        self.written.end(trailers)
    }

    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Frame<Bytes>> {
        loop {
            match self.messages() {
                Ok(frame) if frame.is_empty() => {}
                Ok(frame) => return Poll::Ready(self.written.data(frame)),
                Err(status) => return Poll::Ready(self.end(said(&status))),
            }
            match ready!(Pin::new(&mut self.body).poll_frame(cx)) {
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) => self.decoder.push(data),
                    Err(frame) => {
                        let trailers = frame.into_trailers().unwrap_or_default();
                        return Poll::Ready(self.end(trailers));
                    }
                },
                Some(Err(status)) => return Poll::Ready(self.end(said(&status))),
                None => {
                    let cut = || said(&Status::internal("the answer was cut off"));
                    let trailers = self.trailers.take().unwrap_or_else(cut);
                    return Poll::Ready(self.end(trailers));
                }
            }
        }
    }
}

impl http_body::Body for Outbound {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let this = self.get_mut();
        if this.ended {
            return Poll::Ready(None);
        }
        this.poll_next(cx).map(|frame| Some(Ok(frame)))
    }

    fn is_end_stream(&self) -> bool {
        self.ended
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_known_way_to_compress_is_taken() {
        let taken = |list: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_ENCODING, HeaderValue::from_static(list));
            accepted(&headers, &ACCEPT_ENCODING)
        };
        assert_eq!(taken("compress, br;q=0.5, gzip"), Some(Compression::Brotli));
        assert_eq!(taken("gzip;q=0, zstd"), Some(Compression::Zstd));
        assert_eq!(taken("identity"), None);
        assert_eq!(taken(""), None);
    }
}
