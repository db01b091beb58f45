//! Call metadata: names and values as gRPC's `doc/PROTOCOL-HTTP2.md` allows them, binary ones in base64.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};
use thiserror::Error;

use super::dialect::Protocol;
use crate::chars;
use crate::secrets::is_secret;

/// Headers or trailers of a call, names in lower case, repeats kept in their order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Metadata(HeaderMap);

/// A metadata value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MetadataValue {
    /// Text, as it stood on the wire; bytes beyond ASCII are read as UTF-8 as far as they are that.
    Text(String),
    /// The value of a `-bin` name, decoded.
    Binary(Vec<u8>),
}

/// Why a name or value can't be sent. What was written may be a secret in the wrong place, so little of it is repeated.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum MetadataError {
    /// There is no colon; this is how it begins.
    #[error("{0:?} is no header: write 'name: value'")]
    NoColon(String),
    /// The name, which is shown as far as it is one, has characters that no header name may have.
    #[error("{0:?} is not a header name: letters, digits, '-', '_' and '.' only")]
    BadName(String),
    /// The name is the protocol's own.
    #[error("{0:?} is set by the protocol itself and can't be given as a header")]
    Reserved(String),
    /// The value has characters that no header value may have.
    #[error("the value of {0:?} has a line break or another control character in it")]
    BadValue(String),
    /// The value has characters beyond ASCII.
    #[error("the value of {0:?} has characters beyond ASCII, which gRPC does not send as text")]
    NotAscii(String),
    /// The value of a `-bin` name is not base64.
    #[error("the value of {0:?} must be base64, because its name ends in -bin")]
    NotBase64(String),
}

impl Metadata {
    /// Metadata as HTTP has it.
    pub fn from_http(headers: HeaderMap) -> Self {
        Self(headers)
    }

    /// The same as HTTP has it.
    pub fn as_http(&self) -> &HeaderMap {
        &self.0
    }

    /// The same, taken out.
    pub(super) fn into_http(self) -> HeaderMap {
        self.0
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds a line `name: value` as users write it. The value of a name that ends in `-bin` is base64. No table on the way
    /// may keep a credential (RFC 7541 §7.1.3).
    pub fn add_line(&mut self, line: &str) -> Result<(), MetadataError> {
        let (name, value) = split_line(line).ok_or_else(|| MetadataError::NoColon(scheme(line)))?;
        let name = name.trim().to_ascii_lowercase();
        if is_reserved(&name) {
            return Err(MetadataError::Reserved(name));
        }
        let legal = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.');
        if name.is_empty() || !name.bytes().all(legal) {
            let good = name.bytes().take_while(|&byte| legal(byte)).count();
            return Err(MetadataError::BadName(format!("{}…", name.get(..good).unwrap_or_default())));
        }
        // Only blanks at the ends belong to the writing; a line break is looked at as part of the value.
        let value = value.trim_matches([' ', '\t']);
        let encoded = if name.ends_with("-bin") {
            let bytes =
                chars::unbase64(value.as_bytes()).map_err(|_| MetadataError::NotBase64(name.clone()))?;
            // Peers take it with padding and without; without is what gRPC asks for.
            STANDARD_NO_PAD.encode(bytes)
        } else {
            value.to_owned()
        };
        if !encoded.is_ascii() {
            return Err(MetadataError::NotAscii(name));
        }
        let mut value = HeaderValue::from_str(&encoded).map_err(|_| MetadataError::BadValue(name.clone()))?;
        value.set_sensitive(is_secret(&name));
        let name = HeaderName::try_from(&name).map_err(|_| MetadataError::BadName(name.clone()))?;
        self.0.append(name, value);
        Ok(())
    }

    /// The first name that requests of this protocol have for themselves.
    pub fn set_by(&self, protocol: Protocol) -> Option<&str> {
        self.0.keys().map(HeaderName::as_str).find(|name| is_set_by(protocol, name))
    }

    /// Whether there is a header of this name.
    pub fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Adds a header that is known to be one, as it is on the wire; what is none is left out.
    pub fn add(&mut self, name: &[u8], value: &Bytes) {
        if let Ok(name) = HeaderName::from_bytes(name)
            && let Ok(mut value) = HeaderValue::from_maybe_shared(value.clone())
        {
            value.set_sensitive(is_secret(name.as_str()));
            self.0.append(name, value);
        }
    }

    /// Sets a header of the protocol's own, which users can't, to a number.
    pub fn set_number(&mut self, name: &'static str, number: u32) {
        self.0.insert(HeaderName::from_static(name), HeaderValue::from(number));
    }

    /// How many bytes it takes, by the rule of HTTP/2's limits (RFC 9113 §6.5.2).
    pub(super) fn size(&self) -> usize {
        self.0.iter().map(|(name, value)| name.as_str().len() + value.len() + 32).sum()
    }

    /// All of `other` after all of this.
    pub fn extend(&mut self, other: &Self) {
        for (name, value) in &other.0 {
            self.0.append(name.clone(), value.clone());
        }
    }

    /// Every entry: the values of one name in their order. A `-bin` header may hold several values at once,
    /// split by commas (PROTOCOL-HTTP2.md); one that is not base64 is given as text.
    pub fn entries(&self) -> impl Iterator<Item = (&str, MetadataValue)> {
        self.0.iter().flat_map(|(name, value)| {
            let name = name.as_str();
            let raw = value.as_bytes();
            let values = if name.ends_with("-bin") {
                let split: Option<Vec<_>> = raw
                    .split(|&byte| byte == b',')
                    .map(|part| chars::unbase64(part.trim_ascii()).ok())
                    .collect();
                split.map(|values| values.into_iter().map(MetadataValue::Binary).collect())
            } else {
                None
            };
            let text = || vec![MetadataValue::Text(String::from_utf8_lossy(raw).into_owned())];
            values.unwrap_or_else(text).into_iter().map(move |value| (name, value))
        })
    }

    pub(super) fn get(&self, name: &str) -> Option<&[u8]> {
        self.0.get(name).map(HeaderValue::as_bytes)
    }
}

/// How a line begins that is no header: a word that is no secret, as it stands before one.
fn scheme(line: &str) -> String {
    const WORDS: [&str; 6] = ["authorization", "bearer", "basic", "digest", "negotiate", "token"];
    let first = line.split_whitespace().next().unwrap_or_default();
    let known = WORDS.iter().any(|word| first.eq_ignore_ascii_case(word));
    if known { format!("{first} …") } else { "…".to_owned() }
}

/// The name may begin with a colon, so that a pseudo-header is refused as what it is.
fn split_line(line: &str) -> Option<(&str, &str)> {
    let from = usize::from(line.starts_with(':'));
    let colon = line.get(from..)?.find(':')? + from;
    Some((line.get(..colon)?, line.get(colon + 1..)?))
}

/// Whether requests of this protocol have a header of that name of their own, besides what none may be given.
fn is_set_by(protocol: Protocol, name: &str) -> bool {
    match protocol {
        Protocol::Grpc => false,
        Protocol::GrpcWeb { .. } => {
            matches!(name, "accept" | "x-grpc-web" | "accept-encoding" | "content-encoding")
        }
        Protocol::Connect => {
            name.starts_with("connect-") || matches!(name, "accept-encoding" | "content-encoding")
        }
    }
}

fn is_reserved(name: &str) -> bool {
    const NAMES: [&str; 10] = [
        "te",
        "content-type",
        "content-length",
        "connection",
        "proxy-connection",
        "transfer-encoding",
        "keep-alive",
        "trailer",
        "upgrade",
        "host",
    ];
    name.starts_with(':') || name.starts_with("grpc-") || NAMES.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(line: &str) -> Result<Metadata, MetadataError> {
        let mut metadata = Metadata::default();
        metadata.add_line(line).map(|()| metadata)
    }

    #[test]
    fn a_line_becomes_a_name_in_lower_case_and_a_trimmed_value() {
        let metadata = one("X-Request-ID:  a: b ").unwrap();
        let entries: Vec<_> = metadata.entries().collect();
        assert_eq!(entries, [("x-request-id", MetadataValue::Text("a: b".to_owned()))]);
    }

    #[test]
    fn binary_values_are_base64_of_any_kind() {
        for value in ["//8=", "//8", "__8", "__8="] {
            let metadata = one(&format!("trace-bin: {value}")).unwrap();
            assert_eq!(metadata.get("trace-bin"), Some(&b"//8"[..]), "{value}");
            let entries: Vec<_> = metadata.entries().collect();
            assert_eq!(entries, [("trace-bin", MetadataValue::Binary(vec![0xff, 0xff]))]);
        }
        assert_eq!(one("trace-bin: ?").unwrap_err(), MetadataError::NotBase64("trace-bin".to_owned()));
    }

    #[test]
    fn what_belongs_to_the_protocol_is_refused() {
        for name in [":path", "te", "Content-Type", "grpc-timeout", "GRPC-Status"] {
            let error = one(&format!("{name}: x")).unwrap_err();
            assert_eq!(error, MetadataError::Reserved(name.to_ascii_lowercase()));
        }
    }

    #[test]
    fn a_protocol_keeps_its_own_names_to_itself() {
        for (line, connect, web) in [
            ("connect-timeout-ms: 1", true, false),
            ("content-encoding: gzip", true, true),
            ("accept-encoding: identity", true, true),
            ("x-grpc-web: 1", false, true),
            ("accept: text/html", false, true),
            ("x-connect-id: 1", false, false),
        ] {
            let metadata = one(line).unwrap();
            assert_eq!(metadata.set_by(Protocol::Connect).is_some(), connect, "{line}");
            assert_eq!(metadata.set_by(Protocol::GrpcWeb { text: true }).is_some(), web, "{line}");
            assert_eq!(metadata.set_by(Protocol::Grpc), None, "{line}");
        }
    }

    #[test]
    fn line_breaks_never_reach_the_wire() {
        assert_eq!(one("a: b\r\nc: d").unwrap_err(), MetadataError::BadValue("a".to_owned()));
        assert_eq!(one("a\nb: c").unwrap_err(), MetadataError::BadName("a…".to_owned()));
        assert_eq!(one("no colon").unwrap_err(), MetadataError::NoColon("…".to_owned()));
    }

    #[test]
    fn what_may_be_a_secret_is_not_repeated() {
        for line in ["Bearer s3cret", "s3cret", "authorization Bearer s3cret", "s3cret s3cret", "a s3cret: x"]
        {
            let error = one(line).unwrap_err().to_string();
            assert!(!error.contains("s3cret"), "{error}");
        }
        assert_eq!(one("Bearer s3cret").unwrap_err(), MetadataError::NoColon("Bearer …".to_owned()));
        assert_eq!(one("s3cret").unwrap_err(), MetadataError::NoColon("…".to_owned()));
    }

    #[test]
    fn text_beyond_ascii_is_no_value() {
        for value in ["é", "…"] {
            assert_eq!(one(&format!("x: {value}")).unwrap_err(), MetadataError::NotAscii("x".to_owned()));
        }
    }

    #[test]
    fn several_binary_values_may_share_a_header() {
        let mut headers = HeaderMap::new();
        headers.insert("a-bin", HeaderValue::from_static("AQ==,Ag"));
        let metadata = Metadata::from_http(headers);
        let values: Vec<_> = metadata.entries().map(|(_, value)| value).collect();
        assert_eq!(values, [MetadataValue::Binary(vec![1]), MetadataValue::Binary(vec![2])]);
    }
}
