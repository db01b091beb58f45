//! What happens during a call, in the order in which it happens.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use bytes::Bytes;

use super::head::RequestHead;
use super::metadata::Metadata;
use super::status::Status;
use crate::transport::{Facts, Settings, TlsFacts};

/// One thing that happened, and when. `P` is what a message is made of: on the wire, bytes.
#[derive(Debug, Clone)]
pub struct Event<P = Bytes> {
    /// When it happened.
    pub at: Instant,
    /// What happened.
    pub kind: EventKind<P>,
}

impl<P> Event<P> {
    /// An event of this moment.
    pub fn now(kind: EventKind<P>) -> Self {
        Self { at: Instant::now(), kind }
    }

    /// The same event with its message, if it is one, made something else.
    pub fn map<Q>(self, make: impl FnOnce(P) -> Q) -> Event<Q> {
        Event { at: self.at, kind: self.kind.map(make) }
    }
}

/// What happened.
#[derive(Debug, Clone)]
pub enum EventKind<P = Bytes> {
    /// A phase before the call ended, having taken this long.
    Phase(Phase, Duration),
    /// The server's HTTP/2 settings came. Told where the call was to tell that too.
    Settings(Settings),
    /// The request's headers were written.
    Requested(RequestHead),
    /// A request message was handed to HTTP/2.
    Sent {
        /// Its place among the call's request messages, from 0.
        index: usize,
        /// Its size in bytes, without the envelope.
        size: usize,
        /// Its size on the wire, without the envelope, where it was compressed.
        compressed: Option<usize>,
        /// What it is made of, where the call was to tell that too.
        payload: Option<P>,
    },
    /// This side has no more messages to send.
    HalfClosed,
    /// The response's headers came.
    Headers(Metadata),
    /// A response message came whole.
    Message {
        /// Its place among the call's response messages, from 0.
        index: usize,
        /// What it is made of, decompressed.
        payload: P,
        /// Its size on the wire, without the envelope.
        wire_size: usize,
        /// Whether it came compressed.
        compressed: bool,
    },
    /// One of several messages that are each a call of its own was answered to its end; the others go on. Where the
    /// protocol has no end of a call apart from its answer, that is told of those calls alone that were refused.
    Ended {
        /// The message's place among those sent, from 0.
        index: usize,
        /// How it ended.
        status: Status,
        /// Empty where the server sent none.
        trailers: Metadata,
    },
    /// An attempt failed, and another will be made.
    Failed(Attempt),
    /// The call is over; nothing follows. The trailers are empty where the server sent none.
    End(Status, Metadata),
}

impl<P> EventKind<P> {
    fn map<Q>(self, make: impl FnOnce(P) -> Q) -> EventKind<Q> {
        match self {
            Self::Message { index, payload, wire_size, compressed } => {
                EventKind::Message { index, payload: make(payload), wire_size, compressed }
            }
            Self::Phase(phase, took) => EventKind::Phase(phase, took),
            Self::Requested(head) => EventKind::Requested(head),
            Self::Sent { index, size, compressed, payload } => {
                EventKind::Sent { index, size, compressed, payload: payload.map(make) }
            }
            Self::Settings(settings) => EventKind::Settings(settings),
            Self::HalfClosed => EventKind::HalfClosed,
            Self::Headers(headers) => EventKind::Headers(headers),
            Self::Failed(attempt) => EventKind::Failed(attempt),
            Self::Ended { index, status, trailers } => EventKind::Ended { index, status, trailers },
            Self::End(status, trailers) => EventKind::End(status, trailers),
        }
    }
}

/// An attempt that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// Its number, from 1.
    pub number: u32,
    /// How many there may be, where that is limited.
    pub of: Option<u32>,
    /// Why, in a line.
    pub cause: String,
    /// How long is waited before the next.
    pub wait: Duration,
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
    /// A proxy passed the connection on.
    Tunnel {
        /// The proxy.
        proxy: String,
    },
    /// The TLS handshake was done, and agreed on this.
    Tls(TlsFacts),
    /// The server agreed to what is spoken on the connection.
    Upgrade,
    /// What the method takes and gives was found out.
    Schema,
}

/// The phases of making a connection.
pub fn phases<P>(facts: &Facts) -> Vec<Event<P>> {
    let mut from = facts.started;
    let mut event = |at, phase| {
        let took = std::mem::replace(&mut from, at);
        Event { at, kind: EventKind::Phase(phase, at.saturating_duration_since(took)) }
    };
    let mut events = Vec::new();
    events.extend(facts.resolved.map(|at| event(at, Phase::Resolve)));
    events.push(event(facts.connected, Phase::Connect { peer: facts.peer }));
    if let Some((at, proxy)) = facts.tunnel.clone() {
        events.push(event(at, Phase::Tunnel { proxy }));
    }
    events.extend(facts.secured.clone().map(|(at, agreed)| event(at, Phase::Tls(agreed))));
    events
}
