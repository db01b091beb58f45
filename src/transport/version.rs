//! Which HTTP is spoken.

use std::fmt;

/// A version of HTTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Http {
    /// HTTP/1.1 (RFC 9112).
    One,
    /// HTTP/2 (RFC 9113).
    Two,
}

impl fmt::Display for Http {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::One => "HTTP/1.1",
            Self::Two => "HTTP/2",
        })
    }
}

impl From<Http> for http::Version {
    fn from(http: Http) -> Self {
        match http {
            Http::One => Self::HTTP_11,
            Http::Two => Self::HTTP_2,
        }
    }
}

/// Which HTTP may be spoken to a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HttpChoice {
    /// This one.
    Only(Http),
    /// The one that TLS agrees on (RFC 7301), or, in plaintext, HTTP/2 if the server speaks it, and else HTTP/1.1.
    Either,
}

impl fmt::Display for HttpChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Only(http) => http.fmt(f),
            Self::Either => f.write_str("HTTP"),
        }
    }
}

impl HttpChoice {
    /// The one that is tried first.
    pub fn first(self) -> Http {
        match self {
            Self::Only(http) => http,
            Self::Either => Http::Two,
        }
    }

    /// The names by which TLS is told.
    pub fn alpn(self) -> &'static [&'static str] {
        match self {
            Self::Only(Http::One) => &["http/1.1"],
            Self::Only(Http::Two) => &["h2"],
            Self::Either => &["h2", "http/1.1"],
        }
    }
}
