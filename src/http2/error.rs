//! Errors as HTTP/2 tells them: a code, and what it ends.

use std::fmt;

use thiserror::Error;

/// An error code (RFC 9113 §7); a number that the RFC does not define is kept as it came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ErrorCode(pub u32);

impl ErrorCode {
    /// Nothing went wrong.
    pub const NO_ERROR: Self = Self(0);
    /// One side broke the protocol, and no other code says how.
    pub const PROTOCOL_ERROR: Self = Self(1);
    /// One side failed by itself.
    pub const INTERNAL_ERROR: Self = Self(2);
    /// More was sent than a window allows.
    pub const FLOW_CONTROL_ERROR: Self = Self(3);
    /// SETTINGS were not acknowledged in time.
    pub const SETTINGS_TIMEOUT: Self = Self(4);
    /// A frame came on a stream that was half-closed.
    pub const STREAM_CLOSED: Self = Self(5);
    /// A frame has a length that it may not have.
    pub const FRAME_SIZE_ERROR: Self = Self(6);
    /// The stream was not looked at.
    pub const REFUSED_STREAM: Self = Self(7);
    /// The stream is no longer needed.
    pub const CANCEL: Self = Self(8);
    /// The table of compressed headers can't be kept.
    pub const COMPRESSION_ERROR: Self = Self(9);
    /// The connection of a CONNECT was reset.
    pub const CONNECT_ERROR: Self = Self(10);
    /// The other side does what may be an attack.
    pub const ENHANCE_YOUR_CALM: Self = Self(11);
    /// The transport is not safe enough.
    pub const INADEQUATE_SECURITY: Self = Self(12);
    /// HTTP/1.1 is to be used instead.
    pub const HTTP_1_1_REQUIRED: Self = Self(13);

    /// Its name, as the RFC spells it; none for a number that it does not define.
    pub fn name(self) -> Option<&'static str> {
        const NAMES: [&str; 14] = [
            "NO_ERROR",
            "PROTOCOL_ERROR",
            "INTERNAL_ERROR",
            "FLOW_CONTROL_ERROR",
            "SETTINGS_TIMEOUT",
            "STREAM_CLOSED",
            "FRAME_SIZE_ERROR",
            "REFUSED_STREAM",
            "CANCEL",
            "COMPRESSION_ERROR",
            "CONNECT_ERROR",
            "ENHANCE_YOUR_CALM",
            "INADEQUATE_SECURITY",
            "HTTP_1_1_REQUIRED",
        ];
        usize::try_from(self.0).ok().and_then(|index| NAMES.get(index).copied())
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "error code {:#x}", self.0),
        }
    }
}

/// What an error ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// The connection, with GOAWAY (RFC 9113 §5.4.1).
    Connection,
    /// One stream, with RST_STREAM (RFC 9113 §5.4.2).
    Stream(u32),
}

/// How the other side broke HTTP/2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("{code}: {what}")]
pub struct Error {
    /// The code that the RFC has for it.
    pub code: ErrorCode,
    /// What it ends.
    pub scope: Scope,
    /// What was wrong.
    pub what: &'static str,
}

impl Error {
    /// One that ends the connection.
    pub(super) const fn connection(code: ErrorCode, what: &'static str) -> Self {
        Self { code, scope: Scope::Connection, what }
    }

    /// One that ends a stream.
    pub(super) const fn stream(code: ErrorCode, stream: u32, what: &'static str) -> Self {
        Self { code, scope: Scope::Stream(stream), what }
    }

    /// A frame that may not be like this.
    pub(super) const fn protocol(what: &'static str) -> Self {
        Self::connection(ErrorCode::PROTOCOL_ERROR, what)
    }

    /// A frame that may not have this length.
    pub(super) const fn size(what: &'static str) -> Self {
        Self::connection(ErrorCode::FRAME_SIZE_ERROR, what)
    }

    /// A header block that can't be read.
    pub(super) const fn compression(what: &'static str) -> Self {
        Self::connection(ErrorCode::COMPRESSION_ERROR, what)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_its_name_or_its_number() {
        assert_eq!(ErrorCode::ENHANCE_YOUR_CALM.to_string(), "ENHANCE_YOUR_CALM");
        assert_eq!(ErrorCode::HTTP_1_1_REQUIRED.name(), Some("HTTP_1_1_REQUIRED"));
        assert_eq!(ErrorCode(0xdead).to_string(), "error code 0xdead");
        assert_eq!(Error::size("too long").to_string(), "FRAME_SIZE_ERROR: too long");
    }
}
