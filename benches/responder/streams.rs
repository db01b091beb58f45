//! The streams of one connection that are not over, and the windows that answers are sent within (RFC 9113 §5.1, §6.9).

use std::collections::VecDeque;

use rpcctl::http2::{DEFAULT_MAX_FRAME_SIZE, MAX_WINDOW, write_data};

use crate::answers::{Answers, Message};

/// What a window is before SETTINGS and WINDOW_UPDATE change it.
const DEFAULT_WINDOW: i64 = 65_535;

/// A stream whose request, or whose answer, is not all there.
struct Stream {
    id: u32,
    /// What came on it since its window was widened last.
    received: u32,
    /// What was said of its window beside the initial size, and what was sent.
    granted: i64,
    /// How much of the message has been sent, once it has begun.
    sent: Option<usize>,
}

/// All of them.
pub(crate) struct Streams {
    /// In the order of their ids, which is the one they are opened in: most requests are the last one that began.
    open: VecDeque<Stream>,
    /// The highest that was opened.
    highest: u32,
    /// What the client takes on a stream at first, and on all of them now.
    initial: i64,
    window: i64,
    /// How many of the open ones have an answer that has begun.
    answering: usize,
}

impl Default for Streams {
    fn default() -> Self {
        let (initial, window) = (DEFAULT_WINDOW, DEFAULT_WINDOW);
        Self { open: VecDeque::new(), highest: 0, initial, window, answering: 0 }
    }
}

impl Streams {
    pub(crate) fn highest(&self) -> u32 {
        self.highest
    }

    /// Whether none is open.
    pub(crate) fn are_over(&self) -> bool {
        self.open.is_empty()
    }

    /// Begins one, whose id is higher than all before.
    pub(crate) fn begin(&mut self, id: u32, ends: bool) {
        self.highest = id;
        if !ends {
            self.open.push_back(Stream { id, received: 0, granted: 0, sent: None });
        }
    }

    /// Whether a request's body or trailers may come on it.
    pub(crate) fn takes(&self, id: u32) -> bool {
        self.find(id).and_then(|index| self.open.get(index)).is_some_and(|stream| stream.sent.is_none())
    }

    /// Counts what came, and says by how much the window is to be widened.
    pub(crate) fn receive(&mut self, id: u32, size: u32) -> Option<u32> {
        let index = self.find(id)?;
        let stream = self.open.get_mut(index)?;
        stream.received += size;
        (stream.received > MAX_WINDOW / 2).then(|| std::mem::take(&mut stream.received))
    }

    /// Ends one, if it is open, and gives what was said of its window beside the initial size.
    pub(crate) fn remove(&mut self, id: u32) -> Option<i64> {
        let index = self.find(id)?;
        let stream = self.open.remove(index)?;
        self.answering -= usize::from(stream.sent.is_some());
        Some(stream.granted)
    }

    /// Sends an answer: at once if the windows have room for it, else as much of it as they have room for.
    pub(crate) fn answer(
        &mut self,
        id: u32,
        granted: i64,
        answers: &mut Answers,
        message: &Message,
        out: &mut Vec<u8>,
    ) {
        let size = length(message);
        if size <= self.window && size <= self.initial + granted {
            self.window -= size;
            answers.whole(out, id, message);
            return;
        }
        answers.begin(out, id);
        let stream = Stream { id, received: 0, granted, sent: Some(0) };
        let index = self.open.partition_point(|other| other.id < id);
        self.open.insert(index, stream);
        self.answering += 1;
        self.go_on(answers, message, out);
    }

    /// Sends more of the answers that have begun, as far as windows have room.
    pub(crate) fn go_on(&mut self, answers: &mut Answers, message: &Message, out: &mut Vec<u8>) {
        if self.answering == 0 {
            return;
        }
        let Self { open, window, initial, answering, .. } = self;
        open.retain_mut(|stream| {
            let Some(sent) = &mut stream.sent else { return true };
            let rest = message.bytes().get(*sent..).unwrap_or_default();
            let room = (*window).min(*initial + stream.granted).max(0);
            let piece = &rest[..rest.len().min(usize::try_from(room).unwrap_or(usize::MAX))];
            if !piece.is_empty() {
                write_data(out, stream.id, piece, false, DEFAULT_MAX_FRAME_SIZE);
            }
            let taken = i64::try_from(piece.len()).unwrap_or(i64::MAX);
            *window -= taken;
            stream.granted -= taken;
            *sent += piece.len();
            if piece.len() < rest.len() {
                return true;
            }
            answers.end(out, stream.id);
            *answering -= 1;
            false
        });
    }

    /// The client's windows are this wide at first.
    pub(crate) fn resize(&mut self, initial: u32) {
        self.initial = i64::from(initial);
    }

    /// The client takes more, on one of them or on all; false when that is more than a window can be.
    pub(crate) fn widen(&mut self, id: u32, increment: u32) -> bool {
        let increment = i64::from(increment);
        if id == 0 {
            self.window += increment;
            return self.window <= i64::from(MAX_WINDOW);
        }
        let Some(stream) = self.find(id).and_then(|index| self.open.get_mut(index)) else { return true };
        stream.granted += increment;
        stream.granted + self.initial <= i64::from(MAX_WINDOW)
    }

    fn find(&self, id: u32) -> Option<usize> {
        match self.open.back() {
            Some(last) if last.id == id => Some(self.open.len() - 1),
            _ => self.open.binary_search_by_key(&id, |stream| stream.id).ok(),
        }
    }
}

fn length(message: &Message) -> i64 {
    i64::try_from(message.bytes().len()).unwrap_or(i64::MAX)
}
