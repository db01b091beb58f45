//! The request side of a call: its headers, and a body made of a stream of messages.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{BufMut, Bytes, BytesMut};
use futures_core::Stream;
use http::{HeaderValue, Request};
use http_body::{Body, Frame};
use http_body_util::BodyExt as _;
use tokio::sync::mpsc;

use super::envelope;
use super::event::{Event, EventKind};
use super::metadata::Metadata;
use crate::transport;

/// The head of a request as it was written.
#[derive(Debug, Clone)]
pub struct RequestHead {
    /// `http` or `https`.
    pub scheme: &'static str,
    /// `:authority`.
    pub authority: String,
    /// `:path`.
    pub path: String,
    /// Everything else, the protocol's own headers first.
    pub headers: Metadata,
}

impl RequestHead {
    /// A gRPC request's head (PROTOCOL-HTTP2.md, "Requests").
    pub(super) fn grpc(
        (scheme, authority, path): (&'static str, String, String),
        user_agent: &str,
        timeout: Option<Duration>,
        metadata: &Metadata,
    ) -> Self {
        let mut headers = http::HeaderMap::with_capacity(6 + metadata.as_http().len());
        headers.insert("content-type", HeaderValue::from_static("application/grpc+proto"));
        headers.insert("te", HeaderValue::from_static("trailers"));
        headers.insert("grpc-accept-encoding", HeaderValue::from_static("gzip"));
        if let Ok(agent) = HeaderValue::from_str(user_agent) {
            headers.insert("user-agent", agent);
        }
        if let Some(timeout) = timeout
            && let Ok(value) = HeaderValue::from_str(&grpc_timeout(timeout))
        {
            headers.insert("grpc-timeout", value);
        }
        let mut headers = Metadata::from_http(headers);
        headers.extend(metadata);
        Self { scheme, authority, path, headers }
    }

    /// The HTTP request with this head; an error says which part of the head HTTP can't carry.
    pub(super) fn request(&self, body: transport::Body) -> Result<Request<transport::Body>, http::Error> {
        let uri = http::Uri::builder()
            .scheme(self.scheme)
            .authority(self.authority.as_str())
            .path_and_query(self.path.as_str())
            .build()?;
        let mut request = Request::post(uri).version(http::Version::HTTP_2).body(body)?;
        *request.headers_mut() = self.headers.as_http().clone();
        Ok(request)
    }
}

/// `grpc-timeout`: at most eight digits and a unit, rounded up so that the server never gives up first.
fn grpc_timeout(timeout: Duration) -> String {
    const UNITS: [(u128, char); 5] = [
        (1_000, 'u'),
        (1_000_000, 'm'),
        (1_000_000_000, 'S'),
        (60_000_000_000, 'M'),
        (3_600_000_000_000, 'H'),
    ];
    let nanos = timeout.as_nanos();
    for (unit, letter) in UNITS {
        let count = nanos.div_ceil(unit);
        if count <= 99_999_999 {
            return format!("{count}{letter}");
        }
    }
    "99999999H".to_owned()
}

/// What the request side tells while the answer is being awaited.
pub(super) enum Note<E> {
    Event(Event),
    /// The caller's stream of messages failed; nothing more is sent.
    Failed(E),
}

/// A request body: messages of a stream, each in its envelope.
struct Messages<S, E> {
    stream: S,
    notes: mpsc::UnboundedSender<Note<E>>,
    /// A message that was read ahead, to know whether the one before it was the last.
    ahead: Option<Result<Bytes, E>>,
    /// The part of a large message that follows its prefix.
    rest: Option<Bytes>,
    index: usize,
    ended: bool,
}

/// Makes a body of `messages`, which tells of itself in `notes`.
pub(super) fn body<S, E>(messages: S, notes: mpsc::UnboundedSender<Note<E>>) -> transport::Body
where
    S: Stream<Item = Result<Bytes, E>> + Send + Unpin + 'static,
    E: Send + Unpin + 'static,
{
    Messages { stream: messages, notes, ahead: None, rest: None, index: 0, ended: false }.boxed_unsync()
}

/// Messages larger than this are not copied behind their prefix but sent after it.
const COPY_BELOW: usize = 16 << 10;

impl<S, E> Messages<S, E>
where
    S: Stream<Item = Result<Bytes, E>> + Unpin,
{
    fn tell(&self, note: Note<E>) {
        // Nobody listens any more when the call has ended; then nobody needs to know.
        let _ = self.notes.send(note);
    }

    fn end(&mut self) {
        if !self.ended {
            self.ended = true;
            self.tell(Note::Event(Event::now(EventKind::HalfClosed)));
        }
    }

    fn frame(&mut self, message: Bytes) -> Result<Bytes, transport::BoxError> {
        let size = message.len();
        let prefix = envelope::prefix(size).ok_or("a message can't be larger than 4 GiB")?;
        self.tell(Note::Event(Event::now(EventKind::Sent { index: self.index, size })));
        self.index += 1;
        if size < COPY_BELOW {
            let mut framed = BytesMut::with_capacity(prefix.len() + size);
            framed.put_slice(&prefix);
            framed.put_slice(&message);
            return Ok(framed.freeze());
        }
        self.rest = Some(message);
        Ok(Bytes::copy_from_slice(&prefix))
    }
}

impl<S, E> Body for Messages<S, E>
where
    S: Stream<Item = Result<Bytes, E>> + Unpin,
    E: Unpin,
{
    type Data = Bytes;
    type Error = transport::BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, transport::BoxError>>> {
        let this = self.get_mut();
        if let Some(rest) = this.rest.take() {
            return Poll::Ready(Some(Ok(Frame::data(rest))));
        }
        let next = match this.ahead.take() {
            Some(next) => Some(next),
            None if this.ended => None,
            None => std::task::ready!(Pin::new(&mut this.stream).poll_next(cx)),
        };
        match next {
            None => {
                this.end();
                Poll::Ready(None)
            }
            Some(Err(error)) => {
                this.ended = true;
                this.tell(Note::Failed(error));
                Poll::Ready(Some(Err("the request's messages ended in an error".into())))
            }
            Some(Ok(message)) => {
                let framed = this.frame(message);
                // Looking ahead lets the last message carry END_STREAM, which spares servers a frame.
                match Pin::new(&mut this.stream).poll_next(cx) {
                    Poll::Ready(None) => this.end(),
                    Poll::Ready(Some(next)) => this.ahead = Some(next),
                    Poll::Pending => {}
                }
                Poll::Ready(Some(framed.map(Frame::data)))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.ended && self.rest.is_none() && self.ahead.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timeouts_are_at_most_eight_digits_and_rounded_up() {
        assert_eq!(grpc_timeout(Duration::ZERO), "0u");
        assert_eq!(grpc_timeout(Duration::from_nanos(1)), "1u");
        assert_eq!(grpc_timeout(Duration::from_secs(1)), "1000000u");
        assert_eq!(grpc_timeout(Duration::from_secs(100)), "100000m");
        assert_eq!(grpc_timeout(Duration::from_secs(100_000)), "100000S");
        assert_eq!(grpc_timeout(Duration::MAX), "99999999H");
    }
}
