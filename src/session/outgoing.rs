//! The messages of a call on their way out: slowed down, kept open behind the last, and kept for another try.

use std::future::Future as _;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use futures_core::Stream;
use tokio_stream::StreamExt as _;

use crate::message;
use crate::message::input::Requests;
use crate::wire::Alarm;

/// The messages of a call.
pub(super) type Outgoing = Pin<Box<dyn Stream<Item = Result<Bytes, message::Error>> + Send>>;

/// How messages go out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flow {
    /// How long is waited between two.
    pub delay: Option<Duration>,
    /// Whether the server is told when there are no more.
    pub half_close: bool,
}

impl Default for Flow {
    fn default() -> Self {
        Self { delay: None, half_close: true }
    }
}

impl Flow {
    /// The messages, as they go out.
    pub(super) fn of(self, requests: Requests) -> Outgoing {
        let outgoing: Outgoing = match self.delay {
            None => Box::pin(requests),
            Some(delay) => Box::pin(Paced { source: requests, delay, next: None, pause: None }),
        };
        if self.half_close { outgoing } else { Box::pin(outgoing.chain(tokio_stream::pending())) }
    }
}

/// Messages with time between them: none is waited for before the first, nor behind the last.
struct Paced {
    source: Requests,
    delay: Duration,
    /// The message that has its turn when the pause is over.
    next: Option<Result<Bytes, message::Error>>,
    pause: Option<Alarm>,
}

impl Stream for Paced {
    type Item = Result<Bytes, message::Error>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        if this.next.is_none() {
            match ready!(Pin::new(&mut this.source).poll_next(cx)) {
                Some(message) => this.next = Some(message),
                None => return Poll::Ready(None),
            }
        }
        if let Some(pause) = &mut this.pause {
            ready!(pause.as_mut().poll(cx));
        }
        this.pause = Some(Box::pin(tokio::time::sleep(this.delay)));
        Poll::Ready(this.next.take())
    }
}

/// How many bytes of messages are kept for another try. A call that sent more is not made again.
const KEPT: usize = 64 << 20;

/// Messages that may have to go out again.
#[derive(Clone)]
pub(super) struct Replay(Arc<Mutex<Kept>>);

struct Kept {
    source: Outgoing,
    given: Vec<Bytes>,
    size: usize,
    /// Whether all that was given is still there.
    whole: bool,
    ended: bool,
    /// Which try they are for: one that was given up asks for nothing more.
    number: u32,
}

impl Replay {
    /// What is kept, and the messages of the first try.
    pub(super) fn begin(source: Outgoing) -> (Self, Replaying) {
        let kept = Kept { source, given: Vec::new(), size: 0, whole: true, ended: false, number: 0 };
        let replay = Self(Arc::new(Mutex::new(kept)));
        (replay.clone(), Replaying { replay, number: 0, next: 0 })
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether all can still be had.
    pub(super) fn is_whole(&self) -> bool {
        self.kept().whole
    }

    /// The messages for one more try, if all can be had. The try before it gets no more.
    pub(super) fn again(&self) -> Option<Replaying> {
        let mut kept = self.kept();
        kept.number += 1;
        let number = kept.number;
        kept.whole.then(|| Replaying { replay: self.clone(), number, next: 0 })
    }
}

/// The messages of one try.
pub(super) struct Replaying {
    replay: Replay,
    number: u32,
    next: usize,
}

impl Stream for Replaying {
    type Item = Result<Bytes, message::Error>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        let mut kept = this.replay.kept();
        let kept = &mut *kept;
        if kept.number != this.number {
            return Poll::Ready(None);
        }
        if let Some(message) = kept.given.get(this.next) {
            this.next += 1;
            return Poll::Ready(Some(Ok(message.clone())));
        }
        if kept.ended {
            return Poll::Ready(None);
        }
        let polled = kept.source.as_mut().poll_next(cx);
        match &polled {
            Poll::Ready(Some(Ok(message))) => {
                kept.size += message.len();
                kept.whole &= kept.size <= KEPT;
                if kept.whole {
                    kept.given.push(message.clone());
                    this.next += 1;
                } else {
                    kept.given = Vec::new();
                    this.next = 0;
                }
            }
            Poll::Ready(_) => kept.ended = true,
            Poll::Pending => {}
        }
        polled
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(count: u8) -> Outgoing {
        Box::pin(tokio_stream::iter((0..count).map(|number| Ok(Bytes::from(vec![number])))))
    }

    async fn take(replaying: &mut Replaying, count: usize) -> Vec<u8> {
        let mut taken = Vec::new();
        while taken.len() < count
            && let Some(message) = replaying.next().await
        {
            taken.extend(message.unwrap());
        }
        taken
    }

    #[tokio::test]
    async fn what_was_sent_is_sent_again_before_what_was_not() {
        let (replay, mut first) = Replay::begin(source(4));
        assert_eq!(take(&mut first, 2).await, [0, 1]);
        let mut second = replay.again().unwrap();
        assert_eq!(take(&mut second, 3).await, [0, 1, 2]);
        assert!(take(&mut first, 9).await.is_empty(), "it was given up");
        assert_eq!(take(&mut second, 9).await, [3]);
        assert_eq!(take(&mut replay.again().unwrap(), 9).await, [0, 1, 2, 3]);
    }

    #[tokio::test]
    async fn what_is_too_large_is_sent_once() {
        let large = Bytes::from(vec![0; KEPT / 2 + 1]);
        let messages = vec![Ok(large.clone()), Ok(large.clone()), Ok(large)];
        let (replay, mut first) = Replay::begin(Box::pin(tokio_stream::iter(messages)));
        assert!(replay.is_whole());
        let mut count = 0;
        while first.next().await.is_some() {
            count += 1;
        }
        assert_eq!(count, 3);
        assert!(replay.again().is_none());
    }
}
