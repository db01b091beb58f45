//! Frames (RFC 9113 §4.1 and §6): all ten kinds, and those that nobody here knows.

mod read;
mod write;

pub use write::{write_block, write_data};

use super::error::ErrorCode;
use super::settings::Settings;

/// Kinds of frames.
#[allow(missing_docs, reason = "each is named as the RFC names it")]
pub mod kind {
    pub const DATA: u8 = 0;
    pub const HEADERS: u8 = 1;
    pub const PRIORITY: u8 = 2;
    pub const RST_STREAM: u8 = 3;
    pub const SETTINGS: u8 = 4;
    pub const PUSH_PROMISE: u8 = 5;
    pub const PING: u8 = 6;
    pub const GOAWAY: u8 = 7;
    pub const WINDOW_UPDATE: u8 = 8;
    pub const CONTINUATION: u8 = 9;
}

/// Flags of frames; which of them a kind has is told with it.
#[allow(missing_docs, reason = "each is named as the RFC names it")]
pub mod flag {
    pub const ACK: u8 = 0x01;
    pub const END_STREAM: u8 = 0x01;
    pub const END_HEADERS: u8 = 0x04;
    pub const PADDED: u8 = 0x08;
    pub const PRIORITY: u8 = 0x20;
}

/// The nine bytes before a payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// How long the payload is, at most [`super::MAX_FRAME_SIZE`]. All of it counts against windows, padding too.
    pub length: u32,
    /// One of [`kind`], or another.
    pub kind: u8,
    /// Some of [`flag`].
    pub flags: u8,
    /// The stream, or 0 for the connection. The bit above it is reserved, and not looked at.
    pub stream: u32,
}

impl Head {
    /// How long it is.
    pub const SIZE: usize = 9;

    /// Reads it.
    pub const fn from_bytes(bytes: [u8; Self::SIZE]) -> Self {
        let [high, middle, low, kind, flags, stream @ ..] = bytes;
        Self {
            length: u32::from_be_bytes([0, high, middle, low]),
            kind,
            flags,
            stream: u32::from_be_bytes(stream) & MAX_STREAM,
        }
    }

    /// As it stands before a payload.
    pub const fn to_bytes(self) -> [u8; Self::SIZE] {
        let [_, high, middle, low] = self.length.to_be_bytes();
        let [s, t, u, v] = (self.stream & MAX_STREAM).to_be_bytes();
        [high, middle, low, self.kind, self.flags, s, t, u, v]
    }

    const fn has(self, flag: u8) -> bool {
        self.flags & flag != 0
    }
}

const MAX_STREAM: u32 = (1 << 31) - 1;

/// A frame, which borrows what it holds from where it was read, or is to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Frame<'a> {
    /// A piece of a body.
    Data(Data<'a>),
    /// The beginning of headers or trailers.
    Headers(Headers<'a>),
    /// What nobody heeds any more (RFC 9113 §5.3.2).
    Priority(Priority),
    /// The end of a stream, for a reason.
    RstStream {
        /// The stream.
        stream: u32,
        /// The reason.
        code: ErrorCode,
    },
    /// What the other side may do. Whether the values may be as they are, [`Settings::check`] tells.
    Settings(Settings<'a>),
    /// The other side's settings are heeded from now on.
    SettingsAck,
    /// An answer that was not asked for is announced, with the request that it would answer.
    PushPromise {
        /// The stream that the answer comes on.
        promised: u32,
        /// The beginning of the request's headers, and the stream that the promise comes on.
        block: Block<'a>,
        /// How much padding follows, where there may be some.
        padding: Option<u8>,
    },
    /// A sign of life is asked for, or given.
    Ping {
        /// Whether it is given.
        ack: bool,
        /// What has to come back.
        data: [u8; 8],
    },
    /// The connection takes no more streams.
    GoAway {
        /// The last stream that is looked at.
        last_stream: u32,
        /// The reason.
        code: ErrorCode,
        /// What the other side says of it.
        debug: &'a [u8],
    },
    /// The other side may send more.
    WindowUpdate {
        /// On this stream, or on all of them with 0.
        stream: u32,
        /// How much more.
        increment: u32,
    },
    /// A further piece of a header block.
    Continuation(Block<'a>),
    /// A frame of a kind that is not known, which is to be ignored (RFC 9113 §4.1).
    Unknown {
        /// Its head.
        head: Head,
        /// What it holds.
        payload: &'a [u8],
    },
}

impl<'a> Frame<'a> {
    /// The piece of a header block that it holds, if it holds one.
    pub fn block(&self) -> Option<Block<'a>> {
        match self {
            Self::Headers(headers) => Some(headers.block),
            Self::PushPromise { block, .. } | Self::Continuation(block) => Some(*block),
            _ => None,
        }
    }
}

/// A piece of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Data<'a> {
    /// The stream.
    pub stream: u32,
    /// The piece.
    pub data: &'a [u8],
    /// Whether nothing follows on the stream.
    pub end_stream: bool,
    /// How many bytes of padding follow, where there may be some.
    pub padding: Option<u8>,
}

impl Data<'_> {
    /// What it counts against windows (RFC 9113 §6.9.1).
    pub fn flow(&self) -> usize {
        self.data.len() + self.padding.map_or(0, |padding| usize::from(padding) + 1)
    }
}

/// The beginning of headers or trailers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Headers<'a> {
    /// The first piece of the header block.
    pub block: Block<'a>,
    /// Whether nothing follows on the stream but the rest of the block.
    pub end_stream: bool,
    /// The stream's priority, where it has one.
    pub priority: Option<Priority>,
    /// How many bytes of padding follow, where there may be some.
    pub padding: Option<u8>,
}

/// A piece of a header block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Block<'a> {
    /// The stream.
    pub stream: u32,
    /// The piece.
    pub fragment: &'a [u8],
    /// Whether it is the last (END_HEADERS).
    pub ends: bool,
}

/// A stream's place among others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Priority {
    /// The stream.
    pub stream: u32,
    /// Whether no other stream depends on the same one.
    pub exclusive: bool,
    /// The stream that it depends on.
    pub dependency: u32,
    /// Its weight, less one.
    pub weight: u8,
}

#[cfg(test)]
mod tests;
