//! What calls send on a connection, as far as there is room for it: bodies that wait for windows, and messages that wait
//! for the answer to the one before.

use std::collections::{HashMap, VecDeque};

use bytes::Bytes;

use crate::envelope::PREFIX;
use crate::http2::{DEFAULT_MAX_FRAME_SIZE, Head as FrameHead, MAX_WINDOW, flag, kind, write_data};

/// The window of a connection, and of a stream, before anything is said of them (RFC 9113 §6.9.2).
pub(super) const DEFAULT_WINDOW: u32 = 65_535;

/// What is still to be sent on the streams of a connection.
#[derive(Debug)]
pub(super) struct Bodies {
    /// Those that are not sent to their end.
    all: HashMap<u32, Body>,
    /// Which of them may say more, and have no room to, the first for the longest.
    waiting: VecDeque<u32>,
    /// How much may be sent, on the connection and on a new stream.
    window: i64,
    initial_window: i64,
    max_frame: u32,
}

/// What is left of a body.
#[derive(Debug)]
struct Body {
    rest: Bytes,
    /// How much of it may be sent: what is behind that waits for answers.
    may: usize,
    window: i64,
}

impl Body {
    /// Lets the next message be sent.
    fn next(&mut self) {
        let length = match self.rest.get(self.may..).and_then(|next| next.first_chunk::<PREFIX>()) {
            Some(&[_, a, b, c, d]) => usize::try_from(u32::from_be_bytes([a, b, c, d])).unwrap_or(usize::MAX),
            None => 0,
        };
        self.may = self.may.saturating_add(PREFIX).saturating_add(length).min(self.rest.len());
    }
}

impl Bodies {
    pub(super) fn new() -> Self {
        Self {
            all: HashMap::new(),
            waiting: VecDeque::new(),
            window: i64::from(DEFAULT_WINDOW),
            initial_window: i64::from(DEFAULT_WINDOW),
            max_frame: DEFAULT_MAX_FRAME_SIZE,
        }
    }

    /// The size of the largest frame.
    #[inline]
    pub(super) fn max_frame(&self) -> u32 {
        self.max_frame
    }

    /// Whether one waits for room.
    #[inline]
    fn is_any_waiting(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Whether one waits, and the connection has no room for any.
    #[inline]
    pub(super) fn are_held_up(&self) -> bool {
        self.window <= 0 && self.is_any_waiting()
    }

    /// Whether all are sent.
    #[inline]
    pub(super) fn are_all_sent(&self) -> bool {
        self.all.is_empty()
    }

    /// Sends a body, or as much of it as there is room for.
    #[inline]
    pub(super) fn send(&mut self, out: &mut Vec<u8>, stream: u32, body: &Bytes) {
        let size = i64::try_from(body.len()).unwrap_or(i64::MAX);
        if size <= self.window && size <= self.initial_window && size <= i64::from(self.max_frame) {
            self.window -= size;
            put(out, kind::DATA, flag::END_STREAM, stream, body);
            return;
        }
        let body = Body { rest: body.clone(), may: body.len(), window: self.initial_window };
        self.all.insert(stream, body);
        self.waiting.push_back(stream);
        self.pump(out);
    }

    /// Begins a body whose messages wait for answers, and sends the first.
    pub(super) fn begin(&mut self, out: &mut Vec<u8>, stream: u32, body: Bytes) {
        self.all.insert(stream, Body { rest: body, may: 0, window: self.initial_window });
        self.go_on(out, stream, 1);
    }

    /// Sends so many more messages of a body.
    pub(super) fn go_on(&mut self, out: &mut Vec<u8>, stream: u32, messages: u32) {
        let Some(body) = self.all.get_mut(&stream).filter(|_| messages > 0) else { return };
        let was_waiting = body.may > 0;
        for _ in 0..messages {
            body.next();
        }
        if !was_waiting {
            self.waiting.push_back(stream);
        }
        self.pump(out);
    }

    /// Sends what there is room for, of all that wait for it.
    pub(super) fn pump(&mut self, out: &mut Vec<u8>) {
        for _ in 0..self.waiting.len() {
            let Some(stream) = self.waiting.pop_front() else { return };
            let Some(body) = self.all.get_mut(&stream) else { continue };
            let room = self.window.min(body.window).max(0);
            let size = usize::try_from(room).unwrap_or(usize::MAX).min(body.may);
            if size > 0 {
                let piece = body.rest.split_to(size);
                let ends = body.rest.is_empty();
                write_data(out, stream, &piece, ends, self.max_frame);
                let taken = i64::try_from(size).unwrap_or(i64::MAX);
                self.window -= taken;
                body.window -= taken;
                body.may -= size;
                if ends {
                    self.all.remove(&stream);
                    continue;
                }
            }
            if body.may > 0 {
                self.waiting.push_back(stream);
            }
        }
    }

    /// The server has more room, on a stream or on the connection; whether it is no more than there can be.
    pub(super) fn more_room(&mut self, out: &mut Vec<u8>, stream: u32, increment: u32) -> bool {
        let window = match stream {
            0 => Some(&mut self.window),
            _ => self.all.get_mut(&stream).map(|body| &mut body.window),
        };
        // A body that is sent needs no room.
        let Some(window) = window else { return true };
        *window += i64::from(increment);
        let can_be = *window <= i64::from(MAX_WINDOW);
        if can_be && self.is_any_waiting() {
            self.pump(out);
        }
        can_be
    }

    /// The server takes frames of this size.
    pub(super) fn take_frames(&mut self, max: u32) {
        self.max_frame = max;
    }

    /// Streams have this window from the beginning: those that are open have as much more, or less (RFC 9113 §6.9.2). What
    /// there is room for then is sent when the server has been told that it was heard.
    pub(super) fn begin_windows_with(&mut self, window: u32) {
        let more = i64::from(window) - self.initial_window;
        self.initial_window = i64::from(window);
        for body in self.all.values_mut() {
            body.window += more;
        }
    }

    /// What is left of a body is not sent; tells whether anything is.
    #[cold]
    pub(super) fn forget(&mut self, stream: u32) -> bool {
        let is_left = self.all.remove(&stream).is_some();
        if is_left {
            self.waiting.retain(|waiting| *waiting != stream);
        }
        is_left
    }

    /// The same of all bodies of which this is so, by their streams.
    pub(super) fn forget_if(&mut self, is_over: impl Fn(u32) -> bool) {
        self.all.retain(|stream, _| !is_over(*stream));
        self.waiting.retain(|stream| !is_over(*stream));
    }
}

/// Writes a frame that is no larger than they may be.
#[inline]
pub(super) fn put(out: &mut Vec<u8>, kind: u8, flags: u8, stream: u32, payload: &[u8]) {
    let length = u32::try_from(payload.len()).unwrap_or(u32::MAX);
    out.extend_from_slice(&FrameHead { length, kind, flags, stream }.to_bytes());
    out.extend_from_slice(payload);
}
