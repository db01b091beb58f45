//! A call under way, told from the schema on.

use bytes::Bytes;

use super::attempts::Attempts;
use super::each::Each;
use super::go;
use super::retry::with_causes;
use crate::message;
use crate::netrpc::{self, Reply};
use crate::wire::{self, Codec, Event};

/// A message of an answer, decoded where it is shown: what cannot be decoded is still shown.
#[derive(Debug, Clone)]
pub enum Payload {
    /// A protobuf message's bytes.
    Proto(Bytes),
    /// A protobuf message's JSON, as it was on the wire.
    Json(Bytes),
    /// What a method of net/rpc gave.
    Go(Reply),
}

/// Why a call has no status.
#[derive(Debug)]
pub enum CallError {
    /// A gRPC call's reason.
    Wire(wire::CallError<message::Error>),
    /// A net/rpc call's reason.
    Go(netrpc::Error<message::Error>),
    /// One message of several that are each a call could not be sent; the others go on.
    Message(message::Error),
    /// Where the next message begins can't be found, after so many.
    Cut(usize, message::Error),
    /// All calls are over, and not all messages could be sent.
    Unsent(Unsent),
}

/// How many messages could not be sent, and what became of the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{unsent} of {all} messages could not be sent{}", self.others())]
pub struct Unsent {
    /// How many could not be sent.
    pub unsent: usize,
    /// How many there were.
    pub all: usize,
    /// How many calls failed.
    pub failed: usize,
}

impl Unsent {
    fn others(&self) -> String {
        match self.failed {
            0 => String::new(),
            failed => format!(", and {failed} of {} calls failed", self.all - self.unsent),
        }
    }
}

impl CallError {
    /// Whether it is of one call of several, and the others go on.
    pub fn is_of_one(&self) -> bool {
        matches!(self, Self::Message(_))
    }

    /// Whether there was no connection.
    pub fn is_of_connection(&self) -> bool {
        matches!(self, Self::Wire(wire::CallError::Connection(_)) | Self::Go(netrpc::Error::Connection(_)))
    }

    /// What was wrong with the connection, or with what can't go over it; nothing where it is a message.
    pub fn words(&self) -> String {
        match self {
            Self::Wire(wire::CallError::Connection(error)) => with_causes(error),
            Self::Wire(wire::CallError::Request(error)) => with_causes(error),
            Self::Go(error @ (netrpc::Error::Connection(_) | netrpc::Error::Handshake(_))) => {
                with_causes(error)
            }
            _ => String::new(),
        }
    }

    /// Whether it only sums up what was told of each.
    pub fn sums_up(&self) -> bool {
        matches!(self, Self::Unsent(_))
    }
}

/// A call under way. Ask [`Call::next`] until it gives nothing more; dropping it cancels the call.
pub struct Call {
    pub(super) inner: Inner,
    /// How its messages are written on the wire.
    pub(super) codec: Codec,
}

/// A message that is written like this.
pub(super) fn payload(codec: Codec) -> impl Fn(Bytes) -> Payload {
    move |bytes| match codec {
        Codec::Proto => Payload::Proto(bytes),
        Codec::Json => Payload::Json(bytes),
    }
}

pub(super) enum Inner {
    Wire {
        /// What happened before the call, to be told first.
        before: Option<Box<Event>>,
        call: Box<Attempts>,
    },
    Each(Box<Each>),
    Go(Box<go::Calls>),
}

impl Call {
    /// What came and was not told yet, for when no more will be waited for: of calls side by side, those behind the
    /// first may be far ahead of it. What is of one call stands together.
    pub fn ahead(&mut self) -> Vec<Vec<Event<Payload>>> {
        let payload = payload(self.codec);
        let of_payload = |event: Event| event.map(&payload);
        match &mut self.inner {
            Inner::Each(calls) => {
                let calls = calls.ahead().into_iter();
                calls.map(|events| events.into_iter().map(of_payload).collect()).collect()
            }
            Inner::Wire { .. } | Inner::Go(_) => Vec::new(),
        }
    }

    /// The next event; nothing after the End, or after an error that is not of one call alone.
    /// Safe to cancel: no event is lost when the future is dropped.
    pub async fn next(&mut self) -> Option<Result<Event<Payload>, CallError>> {
        let payload = payload(self.codec);
        match &mut self.inner {
            Inner::Wire { before, call } => {
                let event = match before.take() {
                    Some(event) => Ok(*event),
                    None => call.next().await?,
                };
                Some(event.map(|event| event.map(payload)).map_err(CallError::Wire))
            }
            Inner::Each(calls) => Some(calls.next().await?.map(|event| event.map(payload))),
            Inner::Go(calls) => calls.next().await,
        }
    }
}
