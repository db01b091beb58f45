//! What requests and answers are made of, whichever HTTP carries them.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Frame, SizeHint};
use http_body_util::BodyExt as _;
use http_body_util::combinators::UnsyncBoxBody;

use super::error::HttpError;
use super::http2::Received;

/// The error of a request body that its maker gave up.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;
/// A body that is made while it is sent.
pub(super) type Streamed = UnsyncBoxBody<Bytes, BoxError>;

/// What a request's body ends in whose call is given up: its stream is reset with CANCEL (RFC 9113 §7).
pub fn cancelled() -> BoxError {
    h2::Error::from(h2::Reason::CANCEL).into()
}

/// A request body.
pub struct Body(pub(super) Content);

pub(super) enum Content {
    /// All of it.
    Whole(Whole),
    /// What comes while it is sent.
    Streamed(Streamed),
}

/// A body that is at hand as a whole: it is sent without anybody's waiting for more of it.
pub(super) struct Whole {
    pub(super) first: Bytes,
    /// What follows the first piece. Large messages are not copied behind what stands before them.
    pub(super) rest: Bytes,
    /// Whether the request says how long it is.
    pub(super) says_length: bool,
}

impl Whole {
    pub(super) fn len(&self) -> usize {
        self.first.len() + self.rest.len()
    }
}

impl Body {
    /// These bytes, whose length is told ahead of them.
    pub fn whole(bytes: Bytes) -> Self {
        Self(Content::Whole(Whole { first: bytes, rest: Bytes::new(), says_length: true }))
    }

    /// All there is of a stream that could go on: its length is not told, as it isn't of those that do.
    pub fn at_hand(first: Bytes, rest: Bytes) -> Self {
        Self(Content::Whole(Whole { first, rest, says_length: false }))
    }

    /// What comes while it is sent.
    pub fn streamed(body: impl http_body::Body<Data = Bytes, Error = BoxError> + Send + 'static) -> Self {
        Self(Content::Streamed(body.boxed_unsync()))
    }
}

/// For HTTP/1.1, whose library asks for pieces.
impl http_body::Body for Body {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        match &mut self.get_mut().0 {
            Content::Whole(whole) => {
                let next = match std::mem::take(&mut whole.first) {
                    first if first.is_empty() => std::mem::take(&mut whole.rest),
                    first => first,
                };
                Poll::Ready((!next.is_empty()).then(|| Ok(Frame::data(next))))
            }
            Content::Streamed(body) => Pin::new(body).poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            Content::Whole(whole) => whole.len() == 0,
            Content::Streamed(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Content::Whole(whole) if whole.says_length => {
                SizeHint::with_exact(u64::try_from(whole.len()).unwrap_or(u64::MAX))
            }
            Content::Whole(_) => SizeHint::default(),
            Content::Streamed(body) => body.size_hint(),
        }
    }
}

/// The body of an answer. Over HTTP/2, dropping it before its end resets the stream with CANCEL.
pub struct Incoming(Arriving);

enum Arriving {
    One(hyper::body::Incoming),
    Two(Received),
}

impl From<hyper::body::Incoming> for Incoming {
    fn from(body: hyper::body::Incoming) -> Self {
        Self(Arriving::One(body))
    }
}

impl From<Received> for Incoming {
    fn from(body: Received) -> Self {
        Self(Arriving::Two(body))
    }
}

impl http_body::Body for Incoming {
    type Data = Bytes;
    type Error = HttpError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, HttpError>>> {
        match &mut self.get_mut().0 {
            Arriving::One(body) => {
                Pin::new(body).poll_frame(cx).map(|frame| Some(frame?.map_err(HttpError::One)))
            }
            Arriving::Two(body) => body.poll_frame(cx).map(|frame| Some(frame?.map_err(HttpError::Two))),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            Arriving::One(body) => body.is_end_stream(),
            Arriving::Two(body) => body.is_end_stream(),
        }
    }
}

#[cfg(test)]
mod tests {
    use http_body::Body as _;

    use super::*;

    #[test]
    fn a_body_at_hand_is_its_pieces_and_says_its_length_where_it_is_to() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            for (mut body, length) in [
                (Body::whole(Bytes::from_static(b"abc")), Some(3)),
                (Body::at_hand(Bytes::from_static(b"a"), Bytes::from_static(b"bc")), None),
                (Body::at_hand(Bytes::new(), Bytes::from_static(b"abc")), None),
            ] {
                assert_eq!(body.size_hint().exact(), length);
                let mut seen = Vec::new();
                while !body.is_end_stream() {
                    seen.extend(body.frame().await.unwrap().unwrap().into_data().unwrap());
                }
                assert_eq!(seen, b"abc");
                assert!(body.frame().await.is_none());
            }
        });
        assert_eq!(Body::whole(Bytes::new()).size_hint().exact(), Some(0));
    }
}
