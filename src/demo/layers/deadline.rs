//! The caller's deadline, kept on this side too: a handler that takes longer is dropped.
//!
//! tonic does the same and calls the outcome CANCELLED; gRPC's word for it is `DEADLINE_EXCEEDED`. This timer is
//! set first, so it is the one that counts.

use std::convert::Infallible;
use std::task::{Context, Poll};
use std::time::Duration;

use http::{HeaderMap, Request, Response};
use tonic::Status;
use tonic::body::Body;
use tower_layer::Layer;
use tower_service::Service;

use super::Answer;

/// Ends a call whose answer has not begun when `grpc-timeout` is over.
#[derive(Debug, Clone)]
pub(in crate::demo) struct DeadlineLayer;

impl<S> Layer<S> for DeadlineLayer {
    type Service = WithDeadline<S>;

    fn layer(&self, inner: S) -> Self::Service {
        WithDeadline(inner)
    }
}

/// A service with a deadline.
#[derive(Clone)]
pub(in crate::demo) struct WithDeadline<S>(S);

impl<S, B, R> Service<Request<B>> for WithDeadline<S>
where
    S: Service<Request<B>, Response = Response<R>, Error = Infallible>,
    S::Future: Send + 'static,
    R: http_body::Body<Data = bytes::Bytes> + Send + 'static,
    R::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Answer;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Answer {
        let timeout = timeout(request.headers());
        let response = self.0.call(request);
        let Some(timeout) = timeout else {
            return Box::pin(async move { Ok(response.await?.map(Body::new)) });
        };
        // Made here and not at the first poll, so that it is older than tonic's.
        let response = tokio::time::timeout(timeout, response);
        Box::pin(async move {
            match response.await {
                Ok(response) => Ok(response?.map(Body::new)),
                Err(_) => Ok(Status::deadline_exceeded("the deadline passed on the server").into_http()),
            }
        })
    }
}

/// What `grpc-timeout` says: at most eight digits and a unit. Anything else is no deadline.
fn timeout(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get("grpc-timeout")?.to_str().ok()?;
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    if digits.len() > 8 || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let value: u64 = digits.parse().ok()?;
    Some(match unit {
        "H" => Duration::from_secs(value * 60 * 60),
        "M" => Duration::from_secs(value * 60),
        "S" => Duration::from_secs(value),
        "m" => Duration::from_millis(value),
        "u" => Duration::from_micros(value),
        "n" => Duration::from_nanos(value),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timeouts_are_read_as_the_protocol_writes_them() {
        let read = |text: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert("grpc-timeout", http::HeaderValue::from_static(text));
            timeout(&headers)
        };
        assert_eq!(read("1H"), Some(Duration::from_secs(3600)));
        assert_eq!(read("99999999M"), Some(Duration::from_secs(99_999_999 * 60)));
        assert_eq!(read("250m"), Some(Duration::from_millis(250)));
        assert_eq!(read("5u"), Some(Duration::from_micros(5)));
        assert_eq!(read("7n"), Some(Duration::from_nanos(7)));
        for bad in ["", "S", "1", "1x", "-1S", "+1S", "100000000S"] {
            assert_eq!(read(bad), None, "{bad}");
        }
        assert_eq!(timeout(&HeaderMap::new()), None);
    }
}
