//! The body of a request, made of a stream of messages.
//!
//! What it tells of itself goes through a channel with little room, a note a frame: a request that is made faster
//! than anybody hears of it waits, as it does for a server that is slower.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Instant;

use bytes::{BufMut, Bytes, BytesMut};
use futures_core::Stream;
use http_body::{Body, Frame};
use http_body_util::BodyExt as _;
use tokio::sync::mpsc::error::SendError;
use tokio::sync::mpsc::{OwnedPermit, Sender};

use super::envelope;
use super::event::{Event, EventKind};
use crate::transport;

/// What the request side tells while the answer is being awaited.
pub(super) enum Note<E> {
    Event(Event),
    /// A frame of the body was made.
    Frame(Told),
    /// The caller's stream of messages failed; nothing more is sent.
    Failed(E),
}

/// What a frame holds.
pub(super) struct Told {
    at: Instant,
    /// The place of its first message among the request's.
    first: usize,
    /// The sizes of its messages.
    sizes: Vec<usize>,
    /// The messages themselves, where they are to be told.
    kept: Vec<Bytes>,
    /// Whether it is the last.
    ended: bool,
}

impl Told {
    /// An event for each message, and for the end.
    pub(super) fn events(self) -> impl Iterator<Item = Event> {
        let mut kept = self.kept.into_iter();
        let sent = (self.first..).zip(self.sizes);
        let sent = sent.map(move |(index, size)| EventKind::Sent { index, size, payload: kept.next() });
        let ended = self.ended.then_some(EventKind::HalfClosed);
        sent.chain(ended).map(move |kind| Event { at: self.at, kind })
    }
}

type Permit<E> = OwnedPermit<Note<E>>;
type Reserving<E> = Pin<Box<dyn Future<Output = Result<Permit<E>, SendError<()>>> + Send>>;

/// Room for the note about the next frame.
enum Room<E> {
    Unasked,
    Awaited(Reserving<E>),
    There(Permit<E>),
    /// Nobody listens any more, so nobody needs to know.
    Closed,
}

/// A request body: messages of a stream, each in its envelope.
struct Messages<S, E> {
    stream: S,
    notes: Sender<Note<E>>,
    room: Room<E>,
    /// The part of a large message that follows its prefix.
    rest: Option<Bytes>,
    index: usize,
    ended: bool,
    /// Whether messages are told, and not their sizes alone.
    keeps: bool,
}

/// Makes a body of `messages`, which tells of itself in `notes`; with `keeps`, of its messages too.
pub(super) fn body<S, E>(messages: S, notes: Sender<Note<E>>, keeps: bool) -> transport::Body
where
    S: Stream<Item = Result<Bytes, E>> + Send + Unpin + 'static,
    E: Send + Unpin + 'static,
{
    Messages { stream: messages, notes, room: Room::Unasked, rest: None, index: 0, ended: false, keeps }
        .boxed_unsync()
}

/// Messages larger than this are not copied behind their prefix but sent after it; a frame takes no more once it has
/// as much.
const COPY_BELOW: usize = 16 << 10;

impl<S, E> Messages<S, E>
where
    E: Send + 'static,
{
    /// Ready when the next frame can be told of.
    fn poll_room(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            self.room = match &mut self.room {
                Room::Unasked => Room::Awaited(Box::pin(self.notes.clone().reserve_owned())),
                Room::Awaited(reserving) => {
                    ready!(reserving.as_mut().poll(cx)).map_or(Room::Closed, Room::There)
                }
                Room::There(_) | Room::Closed => return Poll::Ready(()),
            };
        }
    }

    /// Says it in the room that there is.
    fn tell(&mut self, note: Note<E>) {
        if let Room::There(permit) = std::mem::replace(&mut self.room, Room::Unasked) {
            permit.send(note);
        }
    }

    /// Adds a message in its envelope to a frame. A large one is left to follow in a frame of its own.
    fn put(&mut self, message: Bytes, frame: &mut BytesMut) -> Result<(), transport::BoxError> {
        let prefix = envelope::prefix(message.len()).ok_or("a message can't be larger than 4 GiB")?;
        frame.put_slice(&prefix);
        if message.len() < COPY_BELOW {
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
    E: Send + Unpin + 'static,
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
        if this.ended {
            return Poll::Ready(None);
        }
        ready!(this.poll_room(cx));
        let mut frame = BytesMut::new();
        let (mut sizes, mut kept) = (Vec::new(), Vec::new());
        // What is at hand goes into one frame: servers take many small ones for an attack. Looking for more also
        // finds the end, so that the last frame can carry END_STREAM, which spares servers one.
        while this.rest.is_none() && frame.len() < COPY_BELOW && !this.ended {
            match Pin::new(&mut this.stream).poll_next(cx) {
                Poll::Pending if frame.is_empty() => return Poll::Pending,
                Poll::Pending => break,
                Poll::Ready(None) => this.ended = true,
                Poll::Ready(Some(Ok(message))) => {
                    sizes.push(message.len());
                    kept.extend(this.keeps.then(|| message.clone()));
                    if let Err(error) = this.put(message, &mut frame) {
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
        let first = this.index;
        this.index += sizes.len();
        this.tell(Note::Frame(Told { at: Instant::now(), first, sizes, kept, ended: this.ended }));
        let frame = (!frame.is_empty()).then(|| Ok(Frame::data(frame.freeze())));
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.ended && self.rest.is_none()
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt as _;
    use tokio::sync::mpsc;

    use super::*;

    #[test]
    fn a_request_that_nobody_hears_of_waits() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let message = Bytes::from_static(&[7; COPY_BELOW / 2]);
            let messages = tokio_stream::iter(vec![Ok::<_, ()>(message); 11]);
            let (sender, mut notes) = mpsc::channel(2);
            let mut body = body(messages, sender, false);
            let mut frames = 0;
            let mut events = Vec::new();
            loop {
                let frame = std::future::poll_fn(|cx| match Pin::new(&mut body).poll_frame(cx) {
                    Poll::Ready(frame) => Poll::Ready(Some(frame)),
                    Poll::Pending => Poll::Ready(None),
                });
                match frame.await {
                    Some(Some(frame)) => frames += usize::from(frame.is_ok()),
                    Some(None) => break,
                    None => {
                        assert_eq!(notes.len(), 2, "it waits when there is no room, and only then");
                        if let Some(Note::Frame(told)) = notes.recv().await {
                            events.extend(told.events());
                        }
                    }
                }
            }
            while let Ok(Note::Frame(told)) = notes.try_recv() {
                events.extend(told.events());
            }
            assert_eq!(frames, 6);
            let (last, sent) = events.split_last().unwrap();
            assert!(matches!(last.kind, EventKind::HalfClosed));
            for (at, event) in sent.iter().enumerate() {
                assert!(matches!(event.kind, EventKind::Sent { index, size, payload: None } if index == at && size == COPY_BELOW / 2));
            }
            assert_eq!(sent.len(), 11);
            assert!(body.frame().await.is_none());
        });
    }
}
