//! The body of a request, made of a stream of messages.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{BufMut, Bytes, BytesMut};
use futures_core::Stream;
use http_body::{Body, Frame};
use http_body_util::BodyExt as _;
use tokio::sync::mpsc;

use super::envelope;
use super::event::{Event, EventKind};
use crate::transport;

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
    Messages { stream: messages, notes, rest: None, index: 0, ended: false }.boxed_unsync()
}

/// Messages larger than this are not copied behind their prefix but sent after it; a frame takes no more once it has
/// as much.
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

    /// Adds a message in its envelope to a frame. A large one is left to follow in a frame of its own.
    fn frame(&mut self, message: Bytes, frame: &mut BytesMut) -> Result<(), transport::BoxError> {
        let size = message.len();
        let prefix = envelope::prefix(size).ok_or("a message can't be larger than 4 GiB")?;
        self.tell(Note::Event(Event::now(EventKind::Sent { index: self.index, size })));
        self.index += 1;
        frame.put_slice(&prefix);
        if size < COPY_BELOW {
            frame.put_slice(&message);
        } else {
            self.rest = Some(message);
        }
        Ok(())
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
        let mut frame = BytesMut::new();
        // What is at hand goes into one frame: servers take many small ones for an attack. Looking for more also
        // finds the end, so that the last frame can carry END_STREAM, which spares servers one.
        while this.rest.is_none() && frame.len() < COPY_BELOW && !this.ended {
            match Pin::new(&mut this.stream).poll_next(cx) {
                Poll::Pending if frame.is_empty() => return Poll::Pending,
                Poll::Pending => break,
                Poll::Ready(None) => this.end(),
                Poll::Ready(Some(Ok(message))) => {
                    if let Err(error) = this.frame(message, &mut frame) {
                        return Poll::Ready(Some(Err(error)));
                    }
                }
                Poll::Ready(Some(Err(error))) => {
                    this.ended = true;
                    this.tell(Note::Failed(error));
                    return Poll::Ready(Some(Err("the request's messages ended in an error".into())));
                }
            }
        }
        let frame = (!frame.is_empty()).then(|| Ok(Frame::data(frame.freeze())));
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.ended && self.rest.is_none()
    }
}
