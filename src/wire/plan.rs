//! What a call is to be, as a plain value.

use std::time::Duration;

use super::Deadline;
use super::dialect::{Dialect, Protocol, Streams};
use super::metadata::Metadata;

/// What a call needs besides its messages.
#[derive(Debug, Clone)]
pub struct CallPlan {
    /// `/package.Service/Method`.
    pub path: String,
    /// Request metadata.
    pub metadata: Metadata,
    /// When it must be over.
    pub deadline: Option<Deadline>,
    /// The largest message that is taken, in bytes.
    pub max_message_size: usize,
    /// Where messages come from that are not at hand, to be named when the deadline passes and none came.
    pub awaited: Option<String>,
    /// What is spoken, and how messages are written.
    pub dialect: Dialect,
    /// How many messages the method takes and gives: that there is one answer, where there is to be one, is checked.
    pub streams: Streams,
    /// Whether to ask with GET, which a Connect server allows for methods without side effects.
    pub get: bool,
    /// How long the server is told that it may take, where no deadline says so.
    pub timeout: Option<Duration>,
    /// How much it tells of itself.
    pub tells: Tells,
}

/// How much a call tells of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tells {
    /// Its answers and its end: for who makes calls in numbers.
    Answers,
    /// What most want to know.
    Usual,
    /// And what few do: the request's messages, the server's settings.
    InFull,
}

impl CallPlan {
    /// Whether the request is its message and nothing around it, as Connect has it where there is one each way.
    pub(super) fn is_plain_http(&self) -> bool {
        self.dialect.protocol == Protocol::Connect && self.streams.is_unary()
    }
}
