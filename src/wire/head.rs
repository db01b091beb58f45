//! The head of a request: where it goes, and the headers it has, in each dialect.

use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use http::{HeaderMap, HeaderValue, Method, Request};

use super::dialect::{Dialect, Protocol, Streams};
use super::metadata::Metadata;
use crate::compression::Compression;
use crate::transport::{self, Http};

/// The head of a request as it was written.
#[derive(Debug, Clone)]
pub struct RequestHead {
    /// POST, or GET.
    pub method: Method,
    /// Which HTTP it is written in.
    pub version: Http,
    /// `http` or `https`.
    pub scheme: &'static str,
    /// `:authority`.
    pub authority: String,
    /// `:path`.
    pub path: String,
    /// Everything else, the protocol's own headers first.
    pub headers: Metadata,
}

/// Where a request goes.
pub(super) struct Place {
    pub(super) version: Http,
    pub(super) scheme: &'static str,
    pub(super) authority: String,
    pub(super) path: String,
}

/// What a request says of itself besides where it goes.
pub(super) struct Says<'a> {
    pub(super) user_agent: &'a str,
    /// What is left of the deadline.
    pub(super) timeout: Option<Duration>,
    pub(super) metadata: &'a Metadata,
    pub(super) streams: Streams,
}

/// What this side can decompress, as headers have it.
fn offered() -> HeaderValue {
    HeaderValue::from_static("gzip, deflate, br, zstd")
}

impl RequestHead {
    /// The head of a request with a body, or, with `get`, of one that has its message, as it is on the wire, in its path.
    pub(super) fn new(dialect: Dialect, place: Place, says: &Says<'_>, get: Option<&[u8]>) -> Self {
        let Place { version, scheme, authority, mut path } = place;
        let mut headers = HeaderMap::with_capacity(8 + says.metadata.as_http().len());
        let content_type = dialect.content_type(says.streams);
        if get.is_none() {
            headers.insert("content-type", content_type.clone());
        }
        match (dialect.protocol, get) {
            (Protocol::Grpc, _) => grpc(&mut headers, dialect),
            (Protocol::GrpcWeb { .. }, _) => grpc_web(&mut headers, dialect, content_type),
            (Protocol::Connect, None) => connect(&mut headers, dialect, says.streams),
            (Protocol::Connect, Some(message)) => {
                headers.insert("accept-encoding", offered());
                path.push_str(&query(dialect, message));
            }
        }
        // The user's own header of that name, below, is instead of this one.
        if let Ok(agent) = HeaderValue::from_str(says.user_agent)
            && says.metadata.get("user-agent").is_none()
        {
            headers.insert("user-agent", agent);
        }
        let timeout = says.timeout.map(|timeout| match dialect.protocol {
            Protocol::Connect => ("connect-timeout-ms", connect_timeout(timeout)),
            Protocol::Grpc | Protocol::GrpcWeb { .. } => ("grpc-timeout", grpc_timeout(timeout)),
        });
        if let Some((name, value)) = timeout
            && let Ok(value) = HeaderValue::from_str(&value)
        {
            headers.insert(name, value);
        }
        let mut headers = Metadata::from_http(headers);
        headers.extend(says.metadata);
        let method = if get.is_some() { Method::GET } else { Method::POST };
        Self { method, version, scheme, authority, path, headers }
    }

    /// The HTTP request with this head; an error says which part of the head HTTP can't carry.
    pub(super) fn request(&self, body: transport::Body) -> Result<Request<transport::Body>, http::Error> {
        // HTTP/1.1 has the authority in a header (RFC 9112 §3.2).
        let (uri, host) = match self.version {
            Http::Two => {
                let whole = http::Uri::builder().scheme(self.scheme).authority(self.authority.as_str());
                (whole.path_and_query(self.path.as_str()).build()?, None)
            }
            Http::One => {
                let path = http::Uri::builder().path_and_query(self.path.as_str()).build()?;
                (path, Some(HeaderValue::from_str(&self.authority)?))
            }
        };
        let mut request = Request::builder().method(self.method.clone()).uri(uri).body(body)?;
        *request.version_mut() = self.version.into();
        *request.headers_mut() = self.headers.as_http().clone();
        if let Some(host) = host {
            request.headers_mut().insert("host", host);
        }
        Ok(request)
    }
}

/// PROTOCOL-HTTP2.md, "Requests".
fn grpc(headers: &mut HeaderMap, dialect: Dialect) {
    headers.insert("te", HeaderValue::from_static("trailers"));
    headers.insert("grpc-accept-encoding", offered());
    encoded(headers, "grpc-encoding", dialect.compression);
}

/// PROTOCOL-WEB.md, "Protocol differences vs gRPC over HTTP2".
fn grpc_web(headers: &mut HeaderMap, dialect: Dialect, content_type: HeaderValue) {
    headers.insert("accept", content_type);
    headers.insert("x-grpc-web", HeaderValue::from_static("1"));
    headers.insert("grpc-accept-encoding", offered());
    encoded(headers, "grpc-encoding", dialect.compression);
}

/// The protocol of Connect, "Unary-Request" and "Streaming-Request".
fn connect(headers: &mut HeaderMap, dialect: Dialect, streams: Streams) {
    let unary = streams.is_unary();
    headers.insert("connect-protocol-version", HeaderValue::from_static("1"));
    if unary {
        headers.insert("accept-encoding", offered());
        encoded(headers, "content-encoding", dialect.compression);
    } else {
        headers.insert("connect-accept-encoding", offered());
        encoded(headers, "connect-content-encoding", dialect.compression);
    }
}

fn encoded(headers: &mut HeaderMap, name: &'static str, compression: Option<Compression>) {
    if let Some(compression) = compression {
        headers.insert(name, HeaderValue::from_static(compression.name()));
    }
}

/// The query of a GET ("Unary-Get-Request").
fn query(dialect: Dialect, message: &[u8]) -> String {
    let mut query = format!("?connect=v1&encoding={}&base64=1", dialect.codec.name());
    if let Some(compression) = dialect.compression {
        query.push_str("&compression=");
        query.push_str(compression.name());
    }
    query.push_str("&message=");
    BASE64_URL_SAFE_NO_PAD.encode_string(message, &mut query);
    query
}

/// `connect-timeout-ms`: at most ten digits, rounded up so that the server never gives up first.
fn connect_timeout(timeout: Duration) -> String {
    timeout.as_nanos().div_ceil(1_000_000).min(9_999_999_999).to_string()
}

/// `grpc-timeout`: at most eight digits and a unit, rounded up so that the server never gives up first.
fn grpc_timeout(timeout: Duration) -> String {
    const UNITS: [(u128, char); 5] = [
        (1_000, 'u'),
        (1_000_000, 'm'),
        (1_000_000_000, 'S'),
        (60_000_000_000, 'M'),
        (3_600_000_000_000, 'H'),
    ];
    let nanos = timeout.as_nanos();
    for (unit, letter) in UNITS {
        let count = nanos.div_ceil(unit);
        if count <= 99_999_999 {
            return format!("{count}{letter}");
        }
    }
    "99999999H".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timeouts_are_at_most_eight_digits_and_rounded_up() {
        assert_eq!(grpc_timeout(Duration::ZERO), "0u");
        assert_eq!(grpc_timeout(Duration::from_nanos(1)), "1u");
        assert_eq!(grpc_timeout(Duration::from_secs(1)), "1000000u");
        assert_eq!(grpc_timeout(Duration::from_secs(100)), "100000m");
        assert_eq!(grpc_timeout(Duration::from_secs(100_000)), "100000S");
        assert_eq!(grpc_timeout(Duration::MAX), "99999999H");
        assert_eq!(connect_timeout(Duration::from_micros(1)), "1");
        assert_eq!(connect_timeout(Duration::MAX), "9999999999");
    }
}
