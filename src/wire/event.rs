//! What happens during a call, in the order in which it happens.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use bytes::Bytes;

use super::head::RequestHead;
use super::metadata::Metadata;
use super::status::Status;
use crate::transport::TlsFacts;

/// One thing that happened, and when.
#[derive(Debug, Clone)]
pub struct Event {
    /// When it happened.
    pub at: Instant,
    /// What happened.
    pub kind: EventKind,
}

impl Event {
    /// An event of this moment.
    pub fn now(kind: EventKind) -> Self {
        Self { at: Instant::now(), kind }
    }
}

/// What happened.
#[derive(Debug, Clone)]
pub enum EventKind {
    /// A phase before the call ended, having taken this long.
    Phase(Phase, Duration),
    /// The request's headers were written.
    Requested(RequestHead),
    /// A request message was handed to HTTP/2.
    Sent {
        /// Its place among the call's request messages, from 0.
        index: usize,
        /// Its size in bytes, without the envelope.
        size: usize,
    },
    /// This side has no more messages to send.
    HalfClosed,
    /// The response's headers came.
    Headers(Metadata),
    /// A response message came whole.
    Message {
        /// Its place among the call's response messages, from 0.
        index: usize,
        /// Its bytes, decompressed.
        payload: Bytes,
        /// Its size on the wire, without the envelope.
        wire_size: usize,
        /// Whether it came compressed.
        compressed: bool,
    },
    /// The call is over; nothing follows. The trailers are empty where the server sent none.
    End(Status, Metadata),
}

/// What comes before the call itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Phase {
    /// The host's name became addresses.
    Resolve,
    /// TCP, or the unix socket, was connected.
    Connect {
        /// The address connected to; none for unix sockets and streams in memory.
        peer: Option<SocketAddr>,
    },
    /// The TLS handshake was done, and agreed on this.
    Tls(TlsFacts),
    /// What the method takes and gives was found out.
    Schema,
}
