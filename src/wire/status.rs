//! How a call ended: a code, a message, details, and whose word it is.
//!
//! Codes and their meanings: gRPC's `doc/statuscodes.md`; where they come from when the server names none:
//! `doc/PROTOCOL-HTTP2.md` and `doc/http-grpc-status-mapping.md`.

use std::fmt;

use bytes::Bytes;
use prost::Message;

use crate::chars;

/// A gRPC status code; a number that gRPC does not define is kept as it came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code(pub u32);

impl Code {
    /// Not an error.
    pub const OK: Self = Self(0);
    /// The caller gave up.
    pub const CANCELLED: Self = Self(1);
    /// An error that says nothing more of itself.
    pub const UNKNOWN: Self = Self(2);
    /// The caller's deadline passed.
    pub const DEADLINE_EXCEEDED: Self = Self(4);
    /// There is no such thing.
    pub const NOT_FOUND: Self = Self(5);
    /// The caller may not do this.
    pub const PERMISSION_DENIED: Self = Self(7);
    /// A limit was passed.
    pub const RESOURCE_EXHAUSTED: Self = Self(8);
    /// The server has no such method.
    pub const UNIMPLEMENTED: Self = Self(12);
    /// One side broke the protocol's rules.
    pub const INTERNAL: Self = Self(13);
    /// The server cannot be reached at present.
    pub const UNAVAILABLE: Self = Self(14);
    /// The caller did not say who it is.
    pub const UNAUTHENTICATED: Self = Self(16);

    /// The code's name as the specification spells it; none for a number it does not define.
    pub fn name(self) -> Option<&'static str> {
        const NAMES: [&str; 17] = [
            "OK",
            "CANCELLED",
            "UNKNOWN",
            "INVALID_ARGUMENT",
            "DEADLINE_EXCEEDED",
            "NOT_FOUND",
            "ALREADY_EXISTS",
            "PERMISSION_DENIED",
            "RESOURCE_EXHAUSTED",
            "FAILED_PRECONDITION",
            "ABORTED",
            "OUT_OF_RANGE",
            "UNIMPLEMENTED",
            "INTERNAL",
            "UNAVAILABLE",
            "DATA_LOSS",
            "UNAUTHENTICATED",
        ];
        usize::try_from(self.0).ok().and_then(|index| NAMES.get(index).copied())
    }

    /// The code by its name, as the specification spells it.
    pub fn named(name: &str) -> Option<Self> {
        let codes = (0..).map(Self).map_while(|code| Some((code, code.name()?)));
        codes.into_iter().find(|(_, known)| *known == name).map(|(code, _)| code)
    }

    /// The code by the name that Connect gives it ("Error Codes"), which has none for OK.
    pub fn from_connect(name: &str) -> Option<Self> {
        if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return None;
        }
        let name = if name == "canceled" { "cancelled" } else { name };
        Self::named(&name.to_ascii_uppercase()).filter(|code| *code != Self::OK)
    }

    /// The code for an HTTP status that came without a gRPC status. Connect has the same table as gRPC but for 431, of
    /// which it has none, and the suite that both are held to sides with it.
    pub fn from_http(status: http::StatusCode) -> Self {
        Self::from_http_number(status.as_u16())
    }

    /// The same for who has the number alone.
    pub fn from_http_number(status: u16) -> Self {
        match status {
            400 => Self::INTERNAL,
            401 => Self::UNAUTHENTICATED,
            403 => Self::PERMISSION_DENIED,
            404 => Self::UNIMPLEMENTED,
            429 | 502 | 503 | 504 => Self::UNAVAILABLE,
            _ => Self::UNKNOWN,
        }
    }

    /// The code for an HTTP/2 error code with which the server reset the stream.
    pub fn from_reset(reason: u32) -> Self {
        match reason {
            // NO_ERROR, PROTOCOL, INTERNAL, FLOW_CONTROL, SETTINGS_TIMEOUT, FRAME_SIZE, COMPRESSION, CONNECT
            0..=4 | 6 | 9 | 10 => Self::INTERNAL,
            7 => Self::UNAVAILABLE,
            8 => Self::CANCELLED,
            11 => Self::RESOURCE_EXHAUSTED,
            12 => Self::PERMISSION_DENIED,
            _ => Self::UNKNOWN,
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "code {}", self.0),
        }
    }
}

/// Whose word a status is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The server's own `grpc-status`.
    Server,
    /// Read off an HTTP status, an HTTP/2 error code or a broken answer.
    Mapped,
    /// Made on this side: deadline, cancel, a message over the limit, a lost connection.
    Local,
}

/// Why a call ended without a status, of the server's own or of HTTP's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The server reset its stream, with this error code (RFC 9113 §7).
    Reset(u32),
    /// The server took leave of the connection, with this one.
    GoAway(u32),
    /// The connection was lost under it.
    Lost,
    /// Its deadline passed on this side.
    Deadline,
    /// What came breaks a rule, or a limit of this side's.
    Broken,
}

/// How a call ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// The code.
    pub code: Code,
    /// What the server, or this side, says about it; may be empty.
    pub message: String,
    /// What `grpc-status-details-bin` held.
    pub details: StatusDetails,
    /// Whose word it is.
    pub origin: Origin,
    /// What stood in for a status that did not come.
    pub fault: Option<Fault>,
    /// What this side knows to do about it, in a sentence.
    pub hint: Option<Box<str>>,
}

/// The rich details of a status (`grpc-status-details-bin`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StatusDetails {
    /// There were none.
    None,
    /// A `google.rpc.Status`.
    Decoded(Box<RpcStatus>),
    /// Bytes, or base64, that hold no `google.rpc.Status`; shown as they came.
    Malformed(Bytes),
}

impl Status {
    /// A status made on this side.
    pub fn local(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            details: StatusDetails::None,
            origin: Origin::Local,
            fault: None,
            hint: None,
        }
    }

    /// A server's own status, told in words alone.
    pub fn server(code: Code, message: impl Into<String>) -> Self {
        Self { origin: Origin::Server, ..Self::local(code, message) }
    }

    /// Whether it is the server's own word, so that the server knows what its details are.
    pub fn is_from_server(&self) -> bool {
        self.origin == Origin::Server
    }

    /// A status read off HTTP's.
    pub fn mapped(code: Code, message: impl Into<String>) -> Self {
        Self { origin: Origin::Mapped, ..Self::local(code, message) }
    }

    /// A status read off an answer that breaks a rule.
    pub fn broken(code: Code, message: impl Into<String>) -> Self {
        Self::mapped(code, message).with(Fault::Broken)
    }

    /// The same, which stands for this.
    #[must_use]
    pub fn with(self, fault: Fault) -> Self {
        Self { fault: Some(fault), ..self }
    }
}

/// `google.rpc.Status`, of which the wire needs no more than this.
#[derive(Clone, PartialEq, Eq, prost::Message)]
pub struct RpcStatus {
    /// The code again; some servers leave it 0.
    #[prost(int32, tag = "1")]
    pub code: i32,
    /// The message again, which unlike `grpc-message` needs no percent encoding.
    #[prost(string, tag = "2")]
    pub message: String,
    /// The details.
    #[prost(message, repeated, tag = "3")]
    pub details: Vec<prost_types::Any>,
}

impl StatusDetails {
    /// Decodes the value of `grpc-status-details-bin`.
    pub(super) fn decode(header: &[u8]) -> Self {
        let Ok(bytes) = chars::unbase64(header) else {
            return Self::Malformed(Bytes::copy_from_slice(header));
        };
        match RpcStatus::decode(bytes.as_slice()) {
            Ok(status) => Self::Decoded(Box::new(status)),
            Err(_) => Self::Malformed(bytes.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_beyond_the_specification_keeps_its_number() {
        assert_eq!(Code(5).to_string(), "NOT_FOUND");
        assert_eq!(Code(1010).to_string(), "code 1010");
        assert_eq!(Code(u32::MAX).name(), None);
    }

    #[test]
    fn codes_have_names_of_connects_too() {
        assert_eq!(Code::from_connect("canceled"), Some(Code::CANCELLED));
        assert_eq!(Code::from_connect("out_of_range"), Some(Code(11)));
        assert_eq!(Code::from_connect("unauthenticated"), Some(Code::UNAUTHENTICATED));
        for other in ["", "ok", "OUT_OF_RANGE", "foobar"] {
            assert_eq!(Code::from_connect(other), None, "{other}");
        }
    }

    #[test]
    fn details_that_are_no_status_are_kept() {
        assert_eq!(StatusDetails::decode(b"!!!"), StatusDetails::Malformed(Bytes::from_static(b"!!!")));
        assert_eq!(StatusDetails::decode(b"/w"), StatusDetails::Malformed(Bytes::from_static(b"\xff")));
        let status = RpcStatus { code: 5, message: "no".to_owned(), details: Vec::new() };
        assert_eq!(StatusDetails::decode(b"CAUSAm5v"), StatusDetails::Decoded(Box::new(status)));
    }
}
