//! The body of a request, made of a stream of messages.
//!
//! What it tells of itself goes through a channel with little room, a note a frame: a request that is made faster
//! than anybody hears of it waits, as it does for a server that is slower.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Instant;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::{BufMut, Bytes, BytesMut};
use futures_core::Stream;
use http_body::{Body, Frame};
use tokio::sync::mpsc::error::SendError;
use tokio::sync::mpsc::{OwnedPermit, Sender};

use super::event::{Event, EventKind};
use super::written::{COPY_BELOW, Written};
use crate::envelope;
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
    /// The sizes of its messages, and on the wire where they are compressed.
    sizes: Vec<(usize, Option<usize>)>,
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
        let sent = sent.map(move |(index, (size, compressed))| EventKind::Sent {
            index,
            size,
            compressed,
            payload: kept.next(),
        });
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
    written: Written,
    /// What base64 has no whole digits for yet: at most two bytes.
    carried: Vec<u8>,
    /// Done when nobody hears of the call any more, once that is asked.
    left: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
}

/// Makes a body of `messages`, each in its envelope, which tells of itself in `notes`.
pub(super) fn body<S, E>(messages: S, notes: Sender<Note<E>>, written: Written) -> transport::Body
where
    S: Stream<Item = Result<Bytes, E>> + Send + Unpin + 'static,
    E: Send + Unpin + 'static,
{
    let (room, carried) = (Room::Unasked, Vec::new());
    transport::Body::streamed(Messages {
        stream: messages,
        notes,
        room,
        rest: None,
        index: 0,
        ended: false,
        written,
        carried,
        left: None,
    })
}

/// A request that is one message and has no envelope.
pub(super) struct Whole {
    /// The message as it is on the wire.
    pub(super) wire: Bytes,
    pub(super) compressed: bool,
    pub(super) told: Told,
}

/// Waits for all of a request that is one message. Where the stream of messages fails, that is noted, and there is no
/// request.
pub(super) async fn whole<S, E>(
    mut messages: S,
    notes: &Sender<Note<E>>,
    written: Written,
) -> io::Result<Option<Whole>>
where
    S: Stream<Item = Result<Bytes, E>> + Unpin,
{
    let mut first = None;
    while let Some(message) = std::future::poll_fn(|cx| Pin::new(&mut messages).poll_next(cx)).await {
        match message {
            Ok(message) => first = first.or(Some(message)),
            Err(error) => {
                // Who waits for this future is who listens.
                let _ = notes.send(Note::Failed(error)).await;
                return Ok(None);
            }
        }
    }
    let message = first.unwrap_or_default();
    let kept = written.keeps.then(|| message.clone()).into_iter().collect();
    let size = message.len();
    let (wire, compressed) = written.wire(message)?;
    let told = Told { at: Instant::now(), first: 0, sizes: vec![(size, compressed)], kept, ended: true };
    Ok(Some(Whole { wire, compressed: compressed.is_some(), told }))
}

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

    /// Ready when the call is given up: a server that waits for more is to hear of that.
    fn poll_left(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let notes = &self.notes;
        let left = self.left.get_or_insert_with(|| {
            let notes = notes.clone();
            Box::pin(async move { notes.closed().await })
        });
        left.as_mut().poll(cx)
    }

    /// Says it in the room that there is.
    fn tell(&mut self, note: Note<E>) {
        if let Room::There(permit) = std::mem::replace(&mut self.room, Room::Unasked) {
            permit.send(note);
        }
    }

    /// Adds a message in its envelope to a frame, and gives its size if it is compressed. A large one is left to follow in
    /// a frame of its own.
    fn put(&mut self, message: Bytes, frame: &mut BytesMut) -> Result<Option<usize>, transport::BoxError> {
        let (wire, compressed) = self.written.wire(message)?;
        frame.put_slice(&envelope::begin(wire.len(), compressed.is_some())?);
        if wire.len() < COPY_BELOW {
            frame.put_slice(&wire);
        } else {
            self.rest = Some(wire);
        }
        Ok(compressed)
    }

    /// The frame's bytes as they are on the wire.
    fn frame(&mut self, bytes: Bytes) -> Frame<Bytes> {
        if !self.written.text {
            return Frame::data(bytes);
        }
        self.carried.extend_from_slice(&bytes);
        if self.ended && self.rest.is_none() {
            return self.padded();
        }
        let ready = self.carried.len() / 3 * 3;
        let ready: Vec<u8> = self.carried.drain(..ready).collect();
        Frame::data(BASE64_STANDARD.encode(ready).into())
    }

    /// All that base64 has not been written of, with padding. Within a body it stands only where the next message is
    /// not there yet: servers that decode what has come as one text take no padding amid it.
    fn padded(&mut self) -> Frame<Bytes> {
        Frame::data(BASE64_STANDARD.encode(std::mem::take(&mut self.carried)).into())
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
            return Poll::Ready(Some(Ok(this.frame(rest))));
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
                // A server may be waiting for the rest of a message before there is another.
                Poll::Pending if frame.is_empty() && !this.carried.is_empty() => {
                    return Poll::Ready(Some(Ok(this.padded())));
                }
                Poll::Pending if frame.is_empty() => {
                    ready!(this.poll_left(cx));
                    return Poll::Ready(Some(Err(transport::cancelled())));
                }
                Poll::Pending => break,
                Poll::Ready(None) => this.ended = true,
                Poll::Ready(Some(Ok(message))) => {
                    let size = message.len();
                    kept.extend(this.written.keeps.then(|| message.clone()));
                    match this.put(message, &mut frame) {
                        Ok(compressed) => sizes.push((size, compressed)),
                        Err(error) => return Poll::Ready(Some(Err(error))),
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
        let is_empty = frame.is_empty() && this.carried.is_empty();
        Poll::Ready((!is_empty).then(|| Ok(this.frame(frame.freeze()))))
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
            let mut body = body(messages, sender, Written::default());
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
                assert!(matches!(event.kind, EventKind::Sent { index, size, compressed: None, payload: None } if index == at && size == COPY_BELOW / 2));
            }
            assert_eq!(sent.len(), 11);
            assert!(body.frame().await.is_none());
        });
    }

    #[test]
    fn a_message_is_whole_as_base64_before_the_next_one_is_there() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let (messages, stream) = mpsc::channel(1);
            let stream = tokio_stream::wrappers::ReceiverStream::new(stream);
            let (sender, mut notes) = mpsc::channel(8);
            let mut body = body(stream, sender, Written { text: true, ..Written::default() });
            let mut wire = Vec::new();
            for message in ["a", "", "bc", "def"] {
                messages.send(Ok::<_, ()>(Bytes::from_static(message.as_bytes()))).await.unwrap();
                let mut text = crate::chars::Unbase64::default();
                let mut came = Vec::new();
                while came.len() < message.len() + 5 {
                    let piece = body.frame().await.unwrap().unwrap().into_data().unwrap();
                    assert!(!piece.is_empty());
                    came.extend(text.push(&piece).0);
                    wire.extend(piece);
                }
                assert_eq!(came[5..], *message.as_bytes());
            }
            drop(messages);
            while let Some(piece) = body.frame().await {
                wire.extend(piece.unwrap().into_data().unwrap());
            }
            assert_eq!(String::from_utf8(wire).unwrap(), "AAAAAAFhAAAAAAA=AAAAAAJiYw==AAAAAANkZWY=");
            drop(body);
            let mut told = 0;
            while let Some(Note::Frame(frame)) = notes.recv().await {
                told += frame.events().filter(|event| matches!(event.kind, EventKind::Sent { .. })).count();
            }
            assert_eq!(told, 4);
        });
    }
}
