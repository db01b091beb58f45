//! The caller's deadline, kept on this side too: a handler that takes longer is dropped, and so is a stream of answers.
//!
//! tonic does the same and calls the outcome CANCELLED; gRPC's word for it is `DEADLINE_EXCEEDED`. This timer is
//! set first, so it is the one that counts.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use http_body::Frame;
use tokio::time::{Instant, Sleep, sleep_until, timeout_at};
use tonic::Status;
use tonic::body::Body;

use super::around::Around;

/// Ends a call whose answer has not ended when `grpc-timeout` is over.
#[derive(Clone)]
pub(in crate::demo) struct Deadline;

impl Around for Deadline {
    /// When it passes. The clock starts here and not at the first poll, so that it is ahead of tonic's.
    type Before = Option<Instant>;

    fn before<B>(&self, request: &mut Request<B>) -> Option<Instant> {
        timeout(request.headers()).and_then(|timeout| Instant::now().checked_add(timeout))
    }

    async fn after(
        deadline: Option<Instant>,
        answer: impl Future<Output = Response<Body>> + Send + 'static,
    ) -> Response<Body> {
        let Some(deadline) = deadline else { return answer.await };
        match timeout_at(deadline, answer).await {
            Ok(response) => response
                .map(|body| Body::new(Bounded { body: Some(body), passed: Box::pin(sleep_until(deadline)) })),
            Err(_) => passed().into_http(),
        }
    }
}

fn passed() -> Status {
    Status::deadline_exceeded("the deadline passed on the server")
}

/// A body that ends, in trailers that say so, when the deadline passes.
struct Bounded {
    /// None once it has ended.
    body: Option<Body>,
    passed: Pin<Box<Sleep>>,
}

impl http_body::Body for Bounded {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let Some(body) = &mut self.body else { return Poll::Ready(None) };
        if let Poll::Ready(frame) = Pin::new(body).poll_frame(cx) {
            return Poll::Ready(frame);
        }
        ready!(self.passed.as_mut().poll(cx));
        self.body = None;
        let mut trailers = HeaderMap::new();
        // What it has to say is short and plain enough for a header.
        let _ = passed().add_header(&mut trailers);
        Poll::Ready(Some(Ok(Frame::trailers(trailers))))
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(http_body::Body::is_end_stream)
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
