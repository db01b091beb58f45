//! Answers, taken off the stream as they become whole.

use bytes::{Bytes, BytesMut};

use super::gob::{self, Struct, Value};
use super::jsonrpc;

/// How values are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Codec {
    /// gob, as `rpc.ServeConn` has it.
    Gob,
    /// JSON-RPC, as `jsonrpc.ServeConn` has it.
    Json,
}

impl Codec {
    /// What is spoken with it, as documents name it.
    pub fn protocol(self) -> &'static str {
        match self {
            Self::Gob => "netrpc",
            Self::Json => "jsonrpc",
        }
    }
}

/// What a method gave.
#[derive(Debug, Clone, PartialEq)]
pub enum Reply {
    /// A Go value.
    Gob(Value),
    /// JSON, as the server wrote it.
    Json(Bytes),
}

/// An answer to one request.
#[derive(Debug)]
pub struct Answer {
    /// The request's number.
    pub seq: u64,
    /// What the method gave, or the error that it returned.
    pub result: Result<Reply, String>,
    /// How many bytes it came in, type definitions included.
    pub size: usize,
    /// About how many bytes of memory it takes.
    pub(super) memory: usize,
}

/// Bytes that are no answer. Nothing after them can be read.
#[derive(Debug, thiserror::Error)]
pub enum MalformedAnswer {
    /// No gob.
    #[error("the answer is no gob: {0}")]
    Gob(#[source] gob::DecodeError),
    /// Bytes that begin neither JSON-RPC nor gob.
    #[error("the server speaks no gob here")]
    NoGob,
    /// HTTP, where there was to be none.
    #[error("the server speaks HTTP here")]
    Http,
    /// TLS, where there was to be none.
    #[error("the server speaks TLS here")]
    Tls,
    /// A gob over a limit.
    #[error("the answer is too large: {0}")]
    TooMuch(#[source] gob::DecodeError),
    /// A gob, and no `rpc.Response`.
    #[error("the answer is a gob, but no head of an answer as net/rpc has it")]
    NoHead,
    /// No JSON.
    #[error("the answer is no JSON-RPC: {0}")]
    Json(#[source] serde_json::Error),
    /// Not even the beginning of an object.
    #[error("the answer is no JSON-RPC: it is no object")]
    NoObject,
    /// Which request is answered can't be told.
    #[error("the answer is to request {0}, and there is none of that id")]
    Id(String),
    /// An answer over the limit.
    #[error("the answer is larger than the limit of {limit} bytes")]
    TooLarge {
        /// The limit.
        limit: usize,
    },
}

impl From<gob::DecodeError> for MalformedAnswer {
    fn from(error: gob::DecodeError) -> Self {
        use gob::DecodeError as E;
        match error {
            E::MessageTooLarge { .. } | E::ValueTooLarge { .. } => Self::TooMuch(error),
            _ => Self::Gob(error),
        }
    }
}

/// Takes answers off a stream of bytes.
pub(super) struct Reader {
    side: Side,
    /// Whether the first bytes were looked at.
    begun: bool,
}

enum Side {
    Gob {
        decoder: Box<gob::Decoder>,
        /// The head of the answer whose body is awaited, and the bytes it came in.
        head: Option<Head>,
        /// Bytes seen since the last answer.
        before: usize,
    },
    Json {
        scanner: jsonrpc::Scanner,
        limit: usize,
    },
}

/// `rpc.Response`.
pub(super) struct Head {
    seq: u64,
    error: Option<String>,
}

impl Reader {
    pub(super) fn new(codec: Codec, limit: usize) -> Self {
        let side = match codec {
            Codec::Gob => Side::Gob {
                decoder: Box::new(gob::Decoder::new(gob::Limits::for_messages_of(limit))),
                head: None,
                before: 0,
            },
            Codec::Json => Side::Json { scanner: jsonrpc::Scanner::default(), limit },
        };
        Self { side, begun: false }
    }

    /// The next answer, if it is whole.
    pub(super) fn read(&mut self, buffer: &mut BytesMut) -> Result<Option<Answer>, MalformedAnswer> {
        if !self.begun {
            foreign(buffer)?;
            if matches!(self.side, Side::Gob { .. }) && !begins_gob(buffer)? {
                return Ok(None);
            }
            self.begun = true;
        }
        match &mut self.side {
            Side::Json { scanner, limit } => {
                scanner.take(buffer, *limit)?.as_ref().map(jsonrpc::answer).transpose()
            }
            Side::Gob { decoder, head, before } => {
                let length = buffer.len();
                let answer = read_gob(decoder, head, buffer);
                *before += length - buffer.len();
                let Some(mut answer) = answer? else { return Ok(None) };
                answer.size = std::mem::take(before);
                answer.memory += answer.size;
                Ok(Some(answer))
            }
        }
    }
}

/// Knows other servers by the first thing they say to what they don't understand.
fn foreign(buffer: &[u8]) -> Result<(), MalformedAnswer> {
    if buffer.starts_with(b"HTTP/") {
        return Err(MalformedAnswer::Http);
    }
    // A TLS alert (RFC 8446 §6): its type, a version, a length of two.
    if matches!(buffer, [0x15, 0x03, _, 0x00, 0x02, ..]) {
        return Err(MalformedAnswer::Tls);
    }
    Ok(())
}

/// Whether a stream begins as every gob stream does, as far as that can be told yet: with a length, and with the
/// number of a type that is defined, which is the negative of one from 64 on.
fn begins_gob(buffer: &[u8]) -> Result<bool, MalformedAnswer> {
    let after_length = match buffer {
        [] => return Ok(false),
        [0..=0x7f, rest @ ..] => rest,
        // A longer number's length is written as its own negative.
        [length, rest @ ..] => match rest.get(usize::from(length.wrapping_neg())..) {
            Some(rest) => rest,
            None => return Ok(false),
        },
    };
    match after_length {
        [] => Ok(false),
        [number, ..] if *number >= 0x7f => Ok(true),
        _ => Err(MalformedAnswer::NoGob),
    }
}

fn read_gob(
    decoder: &mut gob::Decoder,
    head: &mut Option<Head>,
    buffer: &mut BytesMut,
) -> Result<Option<Answer>, MalformedAnswer> {
    if head.is_none() {
        let Some(value) = decoder.read(buffer)? else { return Ok(None) };
        *head = Some(Head::read(value)?);
    }
    let Some(body) = decoder.read(buffer)? else { return Ok(None) };
    // The body of an error is an empty struct that means nothing.
    let answer = head.take().map(|head| Answer {
        seq: head.seq,
        result: head.error.map_or(Ok(Reply::Gob(body)), Err),
        size: 0,
        memory: decoder.spent(),
    });
    Ok(answer)
}

impl Head {
    fn read(value: Value) -> Result<Self, MalformedAnswer> {
        let Value::Struct(Struct { fields, .. }) = value else { return Err(MalformedAnswer::NoHead) };
        let mut head = Self { seq: 0, error: None };
        for (name, value) in fields {
            match (&*name, value) {
                ("Seq", Value::Uint(seq)) => head.seq = seq,
                ("Error", Value::String(text)) if !text.is_empty() => {
                    head.error = Some(String::from_utf8_lossy(&text).into_owned());
                }
                ("ServiceMethod" | "Error", Value::String(_)) => {}
                _ => return Err(MalformedAnswer::NoHead),
            }
        }
        Ok(head)
    }
}
