//! The query of a GET of Connect's, which holds the request ("Unary-Get-Request").

use std::borrow::Cow;

use bytes::Bytes;
use percent_encoding::percent_decode_str;

use crate::chars::unbase64;

/// What it says, as far as it was understood.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Query {
    /// The name of the codec; empty where none is named.
    pub(super) encoding: String,
    /// How the message is compressed, where that is said.
    pub(super) compression: Option<String>,
    /// The message as it would be in a body; none where it is missing or no base64, as it is said to be.
    pub(super) message: Option<Bytes>,
    /// The version of the protocol, where it is said.
    pub(super) version: Option<String>,
}

impl Query {
    /// Reads the part of a URI behind its question mark.
    pub(super) fn read(query: &str) -> Self {
        let mut read = Self::default();
        let (mut message, mut base64) = (None, false);
        for part in query.split('&') {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            let value = value.replace('+', " ");
            let bytes: Cow<'_, [u8]> = percent_decode_str(&value).into();
            let text = || String::from_utf8_lossy(&bytes).into_owned();
            match name {
                "encoding" => read.encoding = text(),
                "compression" => read.compression = Some(text()),
                "connect" => read.version = Some(text()),
                "base64" => base64 = &*bytes == b"1",
                "message" => message = Some(bytes.into_owned()),
                _ => {}
            }
        }
        read.message = match message {
            Some(message) if base64 => unbase64(&message).ok(),
            message => message,
        }
        .map(Bytes::from);
        read
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_text_or_base64() {
        let read = Query::read("connect=v1&encoding=json&message=%7B%22name%22%3A%22J%C3%B6rg+B%22%7D");
        assert_eq!(read.encoding, "json");
        assert_eq!(read.version.as_deref(), Some("v1"));
        assert_eq!(read.message.as_deref(), Some("{\"name\":\"Jörg B\"}".as_bytes()));
        let read = Query::read("message=CgVBbGljZQ&base64=1&compression=gzip&other");
        assert_eq!(read.message.as_deref(), Some(&b"\x0a\x05Alice"[..]));
        assert_eq!(read.compression.as_deref(), Some("gzip"));
        assert_eq!(Query::read("base64=1&message=%").message, None);
        assert_eq!(Query::read(""), Query::default());
    }
}
