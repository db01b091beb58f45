//! What is spoken to the server: which protocol, in which codec, over which HTTP, and how compressed.

use clap::{ArgAction, Args, ValueEnum};
use thiserror::Error;

use super::place::{self, Place};
use super::values;
use crate::compression::Compression;
use crate::transport::{Http, HttpChoice};
use crate::wire::{Codec, Dialect, Protocol};

/// What is spoken to the server.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Protocol")]
pub struct SpokenArgs {
    /// What is spoken [default: grpc]
    ///
    /// The scheme of a target says it too: grpcweb+https://, connect+http://. With commas between several, call makes the
    /// call over each and shows where the answers differ.
    #[arg(
        long,
        value_name = "PROTOCOL",
        value_enum,
        value_delimiter = ',',
        action = ArgAction::Set,
        hide_possible_values = false
    )]
    pub protocol: Vec<ProtocolArg>,

    /// How messages are written on the wire [default: proto]
    #[arg(long, value_name = "CODEC", value_enum)]
    pub codec: Option<CodecArg>,

    /// The version of HTTP [default: 2 for gRPC, and else auto]
    ///
    /// auto is what TLS agrees on; in plaintext, HTTP/2 if the server speaks it.
    #[arg(long, value_name = "VERSION", value_enum)]
    pub http: Option<HttpArg>,

    /// Compress requests
    ///
    /// Answers may come compressed in any of these ways.
    #[arg(long, value_name = "NAME", value_enum)]
    pub compression: Option<CompressionArg>,

    /// Leave messages smaller than this uncompressed
    ///
    /// Such as 1K. Without it, --compression compresses every message.
    #[arg(long, value_name = "BYTES", value_parser = values::bytes, requires = "compression")]
    pub compress_min_size: Option<usize>,
}

/// The `--protocol` values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ProtocolArg {
    /// gRPC, over HTTP/2
    Grpc,
    /// gRPC-Web, as browsers speak it
    GrpcWeb,
    /// gRPC-Web with bodies in base64
    GrpcWebText,
    /// Connect
    Connect,
}

impl ProtocolArg {
    fn protocol(self) -> Protocol {
        match self {
            Self::Grpc => Protocol::Grpc,
            Self::GrpcWeb => Protocol::GrpcWeb { text: false },
            Self::GrpcWebText => Protocol::GrpcWeb { text: true },
            Self::Connect => Protocol::Connect,
        }
    }
}

/// The `--codec` values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum CodecArg {
    /// Protobuf's bytes
    Proto,
    /// Protobuf's JSON
    Json,
}

impl CodecArg {
    fn codec(self) -> Codec {
        match self {
            Self::Proto => Codec::Proto,
            Self::Json => Codec::Json,
        }
    }
}

/// The `--http` values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum HttpArg {
    /// HTTP/1.1
    #[value(name = "1.1", alias = "1")]
    One,
    /// HTTP/2
    #[value(name = "2")]
    Two,
    /// What the server speaks
    Auto,
}

/// The `--compression` values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum CompressionArg {
    /// Not at all
    Identity,
    /// gzip
    Gzip,
    /// zlib
    Deflate,
    /// Brotli
    Br,
    /// Zstandard
    Zstd,
}

impl CompressionArg {
    /// What that is; none is none.
    pub fn compression(self) -> Option<Compression> {
        match self {
            Self::Identity => None,
            Self::Gzip => Some(Compression::Gzip),
            Self::Deflate => Some(Compression::Deflate),
            Self::Br => Some(Compression::Brotli),
            Self::Zstd => Some(Compression::Zstd),
        }
    }
}

/// What contradicts itself in what is to be spoken.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SpokenConflict {
    /// The target says one protocol and the flag another.
    #[error("the target says {scheme}, and --protocol says {flag}")]
    Scheme {
        /// What the scheme says.
        scheme: &'static str,
        /// What the flag says.
        flag: &'static str,
    },
    /// Several protocols where one is spoken.
    #[error("--protocol names several, and one is spoken here: {0}")]
    Several(String),
    /// The same protocol more than once.
    #[error("--protocol names {0} more than once")]
    Twice(&'static str),
    /// The target says one protocol, and the flag several.
    #[error("the target says {0}, and --protocol names several")]
    SchemeOfSeveral(&'static str),
    /// gRPC over HTTP/1.1.
    #[error("gRPC needs HTTP/2, and --http says 1.1")]
    GrpcOverHttp1,
    /// A flag for HTTP to a server of net/rpc.
    #[error("{0} is about gRPC, gRPC-Web and Connect, and this is a net/rpc server")]
    NetRpc(&'static str),
}

impl SpokenArgs {
    /// What the place and the flags say together.
    pub(super) fn decide(&self, place: &Place) -> Result<(Dialect, HttpChoice), SpokenConflict> {
        let scheme = match place.protocol {
            place::Protocol::Http(scheme) => scheme,
            place::Protocol::NetRpc { http, .. } => {
                if let Some(flag) = self.flags().next() {
                    return Err(SpokenConflict::NetRpc(flag));
                }
                let http = if http { Http::One } else { Http::Two };
                return Ok((Dialect::GRPC, HttpChoice::Only(http)));
            }
        };
        let flag = match self.protocol.as_slice() {
            [] => None,
            [one] => Some(one.protocol()),
            _ => return Err(SpokenConflict::Several(self.named().unwrap_or_default())),
        };
        if let (Some(scheme), Some(flag)) = (scheme, flag)
            && scheme != flag
        {
            return Err(SpokenConflict::Scheme { scheme: scheme.name(), flag: flag.name() });
        }
        let protocol = flag.or(scheme).unwrap_or(Protocol::Grpc);
        let http = match (self.http, protocol) {
            (Some(HttpArg::One), Protocol::Grpc) => return Err(SpokenConflict::GrpcOverHttp1),
            (Some(HttpArg::One), _) => HttpChoice::Only(Http::One),
            (Some(HttpArg::Two), _) | (_, Protocol::Grpc) => HttpChoice::Only(Http::Two),
            (Some(HttpArg::Auto) | None, _) => HttpChoice::Either,
        };
        let codec = self.codec.map(CodecArg::codec).unwrap_or_default();
        let compression = self.compression.and_then(CompressionArg::compression);
        let compress_min = self.compress_min_size.unwrap_or_default();
        Ok((Dialect { protocol, codec, compression, compress_min }, http))
    }

    /// The same for each protocol that is named, one at a time: the first, and the others.
    pub(super) fn each(&self) -> Result<(Self, Vec<Self>), SpokenConflict> {
        let Some((first, others)) = self.protocol.split_first() else {
            return Ok((self.clone(), Vec::new()));
        };
        let repeated = |(place, protocol)| self.protocol.iter().take(place).any(|before| before == protocol);
        if let Some((_, twice)) = self.protocol.iter().enumerate().find(|named| repeated(*named)) {
            return Err(SpokenConflict::Twice(twice.protocol().name()));
        }
        let alone = |protocol: &ProtocolArg| Self { protocol: vec![*protocol], ..self.clone() };
        Ok((alone(first), others.iter().map(alone).collect()))
    }

    /// The words of `--protocol`.
    fn named(&self) -> Option<String> {
        let names: Vec<&str> = self.protocol.iter().map(|named| named.protocol().name()).collect();
        (!names.is_empty()).then(|| names.join(","))
    }

    /// The flags that were given, and their words.
    pub(super) fn words(&self) -> impl Iterator<Item = (&'static str, String)> {
        fn word<V: ValueEnum>(value: Option<V>) -> Option<String> {
            value?.to_possible_value().map(|value| value.get_name().to_owned())
        }
        let words = [
            ("--protocol", self.named()),
            ("--codec", word(self.codec)),
            ("--http", word(self.http)),
            ("--compression", word(self.compression)),
            ("--compress-min-size", self.compress_min_size.map(|size| size.to_string())),
        ];
        words.into_iter().filter_map(|(flag, word)| Some((flag, word?)))
    }

    fn flags(&self) -> impl Iterator<Item = &'static str> {
        self.words().map(|(flag, _)| flag)
    }
}
