//! A request over HTTP/1.1 that nobody reads to its end, because it was answered before: what is left of it is read and
//! dropped. Where a server does not, it has to close the connection, and clients lose the answer for which they had not
//! looked yet, or the next request.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body as _, Frame, SizeHint};
use http_body_util::BodyExt as _;
use tonic::Status;
use tonic::body::Body;

/// The most that is read. Closing is cheaper for both sides then.
const MOST: usize = 1 << 20;
/// The longest that is waited for it.
const LONGEST: Duration = Duration::from_secs(2);

/// A body of which nothing is left behind.
pub(super) struct Drained {
    /// None once it has ended.
    body: Option<Body>,
}

impl Drained {
    pub(super) fn new(body: Body) -> Self {
        Self { body: Some(body) }
    }
}

impl http_body::Body for Drained {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let Some(body) = &mut self.body else { return Poll::Ready(None) };
        let frame = ready!(Pin::new(body).poll_frame(cx));
        if !matches!(frame, Some(Ok(_))) {
            self.body = None;
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map(Body::size_hint).unwrap_or_default()
    }
}

impl Drop for Drained {
    fn drop(&mut self) {
        let Some(body) = self.body.take().filter(|body| !body.is_end_stream()) else { return };
        // Where there is no runtime any more, there are no connections.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(tokio::time::timeout(LONGEST, rest(body)));
        }
    }
}

async fn rest(mut body: Body) {
    let mut read = 0;
    while read < MOST
        && let Some(Ok(frame)) = body.frame().await
    {
        read += frame.data_ref().map_or(0, Bytes::len);
    }
}
