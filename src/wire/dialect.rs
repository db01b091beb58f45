//! What is spoken over HTTP: gRPC (its `doc/PROTOCOL-HTTP2.md`), gRPC-Web (`doc/PROTOCOL-WEB.md`) and Connect
//! (connectrpc.com/docs/protocol), and how the messages in it are written.

use std::fmt;

use http::HeaderValue;

use crate::compression::Compression;
pub use crate::media::Codec;
use crate::media::Media;

/// A protocol that carries calls over HTTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Protocol {
    /// gRPC, over HTTP/2 alone: its status comes in trailers.
    Grpc,
    /// gRPC-Web: its status comes in the body.
    GrpcWeb {
        /// Whether bodies are base64 (`application/grpc-web-text`).
        text: bool,
    },
    /// Connect: calls of one message each way are plain HTTP.
    Connect,
}

impl Protocol {
    /// All of them.
    pub const ALL: [Self; 4] =
        [Self::Grpc, Self::GrpcWeb { text: false }, Self::GrpcWeb { text: true }, Self::Connect];

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Grpc => "grpc",
            Self::GrpcWeb { text: false } => "grpc-web",
            Self::GrpcWeb { text: true } => "grpc-web-text",
            Self::Connect => "connect",
        }
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Grpc => "gRPC",
            Self::GrpcWeb { text: false } => "gRPC-Web",
            Self::GrpcWeb { text: true } => "gRPC-Web in base64",
            Self::Connect => "Connect",
        })
    }
}

/// What is spoken to a server, and in which words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dialect {
    /// The protocol.
    pub protocol: Protocol,
    /// How messages are written.
    pub codec: Codec,
    /// How requests are compressed, if they are.
    pub compression: Option<Compression>,
    /// The size of the smallest messages that are.
    pub compress_min: usize,
}

impl Dialect {
    /// gRPC as everybody speaks it.
    pub const GRPC: Self =
        Self { protocol: Protocol::Grpc, codec: Codec::Proto, compression: None, compress_min: 0 };

    /// The content type of the messages of a method that streams like this.
    pub(super) fn content_type(self, streams: Streams) -> HeaderValue {
        let media = match self.protocol {
            Protocol::Grpc => Media::Grpc,
            Protocol::GrpcWeb { text } => Media::Web { text },
            Protocol::Connect if streams.is_unary() => Media::Unary,
            Protocol::Connect => Media::Stream,
        };
        HeaderValue::from_static(media.content_type(self.codec))
    }
}

/// Whether a method takes, or gives, more than one message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Streams {
    /// Whether there may be any number of requests.
    pub requests: bool,
    /// Whether there may be any number of answers.
    pub answers: bool,
    /// Whether nobody knows. Connect, which calls methods that stream otherwise than those that do not, then asks as most
    /// methods are asked first.
    pub guessed: bool,
}

impl Streams {
    /// Both ways.
    pub const BOTH: Self = Self { requests: true, answers: true, guessed: false };
    /// Neither way.
    pub const NONE: Self = Self { requests: false, answers: false, guessed: false };

    /// Whether there is one message each way, or is taken to be.
    pub(super) fn is_unary(self) -> bool {
        self.guessed || (!self.requests && !self.answers)
    }
}
