//! The head of a request: where it goes, and the headers it has (PROTOCOL-HTTP2.md, "Requests").

use std::time::Duration;

use http::{HeaderValue, Request};

use super::metadata::Metadata;
use crate::transport;

/// The head of a request as it was written.
#[derive(Debug, Clone)]
pub struct RequestHead {
    /// `http` or `https`.
    pub scheme: &'static str,
    /// `:authority`.
    pub authority: String,
    /// `:path`.
    pub path: String,
    /// Everything else, the protocol's own headers first.
    pub headers: Metadata,
}

impl RequestHead {
    /// A gRPC request's head (PROTOCOL-HTTP2.md, "Requests").
    pub(super) fn grpc(
        (scheme, authority, path): (&'static str, String, String),
        user_agent: &str,
        timeout: Option<Duration>,
        metadata: &Metadata,
    ) -> Self {
        let mut headers = http::HeaderMap::with_capacity(6 + metadata.as_http().len());
        headers.insert("content-type", HeaderValue::from_static("application/grpc+proto"));
        headers.insert("te", HeaderValue::from_static("trailers"));
        headers.insert("grpc-accept-encoding", HeaderValue::from_static("gzip"));
        // The user's own header of that name, below, is instead of this one.
        if let Ok(agent) = HeaderValue::from_str(user_agent)
            && metadata.get("user-agent").is_none()
        {
            headers.insert("user-agent", agent);
        }
        if let Some(timeout) = timeout
            && let Ok(value) = HeaderValue::from_str(&grpc_timeout(timeout))
        {
            headers.insert("grpc-timeout", value);
        }
        let mut headers = Metadata::from_http(headers);
        headers.extend(metadata);
        Self { scheme, authority, path, headers }
    }

    /// The HTTP request with this head; an error says which part of the head HTTP can't carry.
    pub(super) fn request(&self, body: transport::Body) -> Result<Request<transport::Body>, http::Error> {
        let uri = http::Uri::builder()
            .scheme(self.scheme)
            .authority(self.authority.as_str())
            .path_and_query(self.path.as_str())
            .build()?;
        let mut request = Request::post(uri).version(http::Version::HTTP_2).body(body)?;
        *request.headers_mut() = self.headers.as_http().clone();
        Ok(request)
    }
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
    }
}
