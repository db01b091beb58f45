//! The types of Go's standard library that encode themselves, and one from outside that everybody uses: between the
//! text by which people know their values and the bytes that their methods make.
//!
//! Which method gob prefers was read off `encoding/gob`: `GobEncode`, then `MarshalBinary`; never `MarshalText`.

mod big;
mod net;
mod time;

use super::gob::Marshaler;

/// A type that encodes itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Standard {
    /// `time.Time`.
    Time,
    /// `big.Int`.
    BigInt,
    /// `big.Rat`.
    BigRat,
    /// `big.Float`.
    BigFloat,
    /// `url.URL`.
    Url,
    /// `netip.Addr`.
    Addr,
    /// `netip.AddrPort`.
    AddrPort,
    /// `netip.Prefix`.
    Prefix,
    /// `uuid.UUID` of github.com/google/uuid.
    Uuid,
}

const ALL: [Standard; 9] = [
    Standard::Time,
    Standard::BigInt,
    Standard::BigRat,
    Standard::BigFloat,
    Standard::Url,
    Standard::Addr,
    Standard::AddrPort,
    Standard::Prefix,
    Standard::Uuid,
];

/// What bytes say, as JSON has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Text {
    /// A number's digits.
    Number(String),
    /// Anything else.
    String(String),
}

impl Standard {
    /// The type with this name and package.
    pub(super) fn from_go(name: &str) -> Option<Self> {
        ALL.into_iter().find(|standard| standard.go_name() == name)
    }

    /// The name, with its package.
    pub fn go_name(self) -> &'static str {
        match self {
            Self::Time => "time.Time",
            Self::BigInt => "big.Int",
            Self::BigRat => "big.Rat",
            Self::BigFloat => "big.Float",
            Self::Url => "url.URL",
            Self::Addr => "netip.Addr",
            Self::AddrPort => "netip.AddrPort",
            Self::Prefix => "netip.Prefix",
            Self::Uuid => "uuid.UUID",
        }
    }

    /// The name that goes over the wire.
    pub(super) fn wire_name(self) -> &'static str {
        self.go_name().rsplit('.').next().unwrap_or_default()
    }

    /// The method through which gob takes it.
    pub(super) fn marshaler(self) -> Marshaler {
        match self {
            Self::Time | Self::BigInt | Self::BigRat | Self::BigFloat => Marshaler::Gob,
            Self::Url | Self::Addr | Self::AddrPort | Self::Prefix | Self::Uuid => Marshaler::Binary,
        }
    }

    /// What its text looks like.
    pub(super) fn form(self) -> &'static str {
        match self {
            Self::Time => "a time such as \"2006-01-02T15:04:05Z\"",
            Self::BigInt => "an integer, as a number or a string of up to 20000 digits",
            Self::BigRat => "a fraction such as \"3/4\"",
            Self::BigFloat => "a number",
            Self::Url => "a URL",
            Self::Addr => "an IP address",
            Self::AddrPort => "an IP address and a port",
            Self::Prefix => "an IP network such as \"10.0.0.0/8\"",
            Self::Uuid => "a UUID such as \"6ba7b810-9dad-11d1-80b4-00c04fd430c8\"",
        }
    }

    /// The bytes that a text stands for; none if it is not a value of this type.
    pub(super) fn bytes(self, text: &str) -> Option<Vec<u8>> {
        match self {
            Self::Time => time::bytes(text),
            Self::BigInt => big::int_bytes(text),
            Self::BigRat => big::rat_bytes(text),
            Self::BigFloat => big::float_bytes(text),
            Self::Url => Some(text.as_bytes().to_vec()),
            Self::Addr => net::addr_bytes(text),
            Self::AddrPort => net::addr_port_bytes(text),
            Self::Prefix => net::prefix_bytes(text),
            Self::Uuid => net::uuid_bytes(text),
        }
    }

    /// The bytes of its zero value.
    pub(super) fn zero(self) -> Vec<u8> {
        let text = match self {
            Self::Time => "0001-01-01T00:00:00Z",
            Self::BigInt | Self::BigRat | Self::BigFloat => "0",
            Self::Uuid => "00000000-0000-0000-0000-000000000000",
            Self::Url | Self::Addr => "",
            // No address and port 0; no address and no length, which is -1.
            Self::AddrPort => return vec![0; 2],
            Self::Prefix => return vec![0xff],
        };
        self.bytes(text).unwrap_or_default()
    }

    fn text(self, bytes: &[u8]) -> Option<Text> {
        match self {
            Self::Time => time::text(bytes).map(Text::String),
            Self::BigInt => big::int_text(bytes).map(Text::Number),
            Self::BigRat => big::rat_text(bytes).map(Text::String),
            Self::BigFloat => big::float_text(bytes).map(Text::String),
            Self::Url => String::from_utf8(bytes.to_vec()).ok().map(Text::String),
            Self::Addr => net::addr_text(bytes).map(Text::String),
            Self::AddrPort => net::addr_port_text(bytes).map(Text::String),
            Self::Prefix => net::prefix_text(bytes).map(Text::String),
            Self::Uuid => net::uuid_text(bytes).map(Text::String),
        }
    }

    /// The type with this name on the wire. A pointer's type has none: then it is whose form the bytes have.
    pub(super) fn from_wire(name: &str, marshaler: Marshaler, bytes: &[u8]) -> Option<Self> {
        if name.is_empty() {
            return match (marshaler, bytes.first(), bytes.len()) {
                (Marshaler::Gob, Some(1), 15) | (Marshaler::Gob, Some(2), 16)
                    if time::text(bytes).is_some() =>
                {
                    Some(Self::Time)
                }
                (Marshaler::Gob, Some(1), _) => Some(Self::BigFloat),
                (Marshaler::Gob, Some(2 | 3), _) => Some(Self::BigInt),
                _ => None,
            };
        }
        ALL.into_iter().find(|standard| standard.wire_name() == name && standard.marshaler() == marshaler)
    }
}

/// What the bytes of a type with this name on the wire say, if it is one of these and they are its.
pub(super) fn text(name: &str, marshaler: Marshaler, bytes: &[u8]) -> Option<Text> {
    Standard::from_wire(name, marshaler, bytes)?.text(bytes)
}
