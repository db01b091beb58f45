//! HTTP/2: a connection on which requests go out side by side, and what of it each request holds on to.
//!
//! A request whose body is at hand is written into the library's queues at once, which wait for windows by themselves.
//! One whose body comes while it is sent has a task, a *pump*, that lives no longer than the answer is waited for.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use bytes::Bytes;
use h2::client::{Builder, ResponseFuture, SendRequest};
use h2::{PingPong, Reason, RecvStream, SendStream};
use http::header::CONTENT_LENGTH;
use http::{HeaderValue, Method, Request, Response};
use http_body::{Body as _, Frame};
use tokio::sync::watch;
use tokio::task::AbortHandle;
use tokio::time::{sleep_until, timeout};

use super::body::{Body, BoxError, Content, Incoming, Streamed, Whole};
use super::coalesce::Coalesced;
use super::error::HttpError;
use super::io::{Seen, Watched};
use super::{KEEPALIVE_PATIENCE, Target};

/// How much of an answer a server may send ahead of what has been read: enough that a fast link is never idle, and
/// no more than a small machine can spare.
const STREAM_WINDOW: u32 = 1 << 20;
/// The connection's window is left wide open, since streams are few and bounded by their own. It must be: the HTTP/2
/// library ends a connection on which small DATA frames wait to be read, 256 bytes for each counted against half of
/// this window, and a fast server's stream of short messages is just that.
const CONNECTION_WINDOW: u32 = (1 << 31) - 1;
/// How many streams go out before the server has said how many it takes: as many as it is advised to take at the least
/// (RFC 9113 §6.5.2).
const FIRST_STREAMS: usize = 100;

type Carrier = h2::client::Connection<Coalesced<Watched>, Bytes>;

/// What ended a connection, once it has ended.
pub(super) type Ended = watch::Receiver<Option<Arc<HttpError>>>;

/// This side of a connection.
pub(super) struct Http2 {
    sender: SendRequest<Bytes>,
    /// Held on to by everything that waits for the server, where that is to be known.
    waiting: Option<Arc<()>>,
}

impl Http2 {
    /// Speaks HTTP/2 on a stream, whose first word needs no answer; and what it will have ended with.
    pub(super) async fn open(
        target: &Target,
        (stream, seen): (Watched, Arc<Seen>),
    ) -> Result<(Self, Ended), h2::Error> {
        let (sender, mut connection) = Builder::new()
            .initial_window_size(STREAM_WINDOW)
            .initial_connection_window_size(CONNECTION_WINDOW)
            .initial_max_send_streams(FIRST_STREAMS)
            .max_header_list_size(target.max_header_size.saturating_mul(Target::ROOM_FOR_HEADERS))
            .enable_push(false)
            .handshake(Coalesced::new(stream))
            .await?;
        let waiting = target.keepalive.map(|_| Arc::new(()));
        let keepalive = match (target.keepalive, connection.ping_pong(), &waiting) {
            (Some(interval), Some(pings), Some(waiting)) => {
                Some(Keepalive { interval, pings, seen, waiting: Arc::clone(waiting) })
            }
            _ => None,
        };
        let (end, ended) = watch::channel(None);
        tokio::spawn(async move {
            // It is told before what waits on the connection hears that it is gone.
            let mut connection = connection;
            if let Err(error) = carry(&mut connection, keepalive).await {
                end.send_replace(Some(Arc::new(error)));
            }
        });
        Ok((Self { sender, waiting }, ended))
    }

    /// Whether it takes no more requests: it is lost, the server takes leave, or there are no more streams.
    pub(super) fn is_closed(&self) -> bool {
        let mut sender = self.sender.clone();
        matches!(sender.poll_ready(&mut Context::from_waker(Waker::noop())), Poll::Ready(Err(_)))
    }

    /// Sends a request. Where the server takes no more streams at present, it waits for its turn.
    pub(super) fn send(&self, request: Request<Body>) -> Exchange {
        let (response, pump) = match self.try_to_send(request) {
            Ok((response, pump)) => (Ok(response), pump),
            Err(error) => (Err(Some(error)), None),
        };
        Exchange { response, pump, waiting: self.waiting.clone() }
    }

    fn try_to_send(&self, request: Request<Body>) -> Result<(ResponseFuture, Option<Pump>), h2::Error> {
        let (head, body) = request.into_parts();
        let mut request = Request::from_parts(head, ());
        // A handle of its own waits for nobody else's stream.
        let mut sender = self.sender.clone();
        Ok(match body.0 {
            Content::Whole(body) => {
                say_length(&mut request, &body);
                let (response, mut stream) = sender.send_request(request, body.len() == 0)?;
                send_whole(&mut stream, body);
                (response, None)
            }
            Content::Streamed(body) if body.is_end_stream() => (sender.send_request(request, true)?.0, None),
            Content::Streamed(body) => {
                let (response, stream) = sender.send_request(request, false)?;
                (response, Some(Pump::new(body, stream, self.waiting.clone())))
            }
        })
    }
}

/// Tells the length of a body where it is to be told; that of none goes without saying but for methods that have one.
fn say_length(request: &mut Request<()>, body: &Whole) {
    if body.says_length && (body.len() != 0 || request.method() == Method::POST) {
        request.headers_mut().entry(CONTENT_LENGTH).or_insert_with(|| HeaderValue::from(body.len()));
    }
}

/// Leaves all of a body to the library. That the stream is over by then is told where its answer is waited for.
fn send_whole(stream: &mut SendStream<Bytes>, body: Whole) {
    let Whole { first, rest, .. } = body;
    if !first.is_empty() {
        let _ = stream.send_data(first, rest.is_empty());
    }
    if !rest.is_empty() {
        let _ = stream.send_data(rest, true);
    }
}

/// Carries a connection until it ends.
async fn carry(connection: &mut Carrier, keepalive: Option<Keepalive>) -> Result<(), HttpError> {
    let Some(keepalive) = keepalive else { return connection.await.map_err(HttpError::Two) };
    tokio::select! {
        biased;
        ended = connection => ended.map_err(HttpError::Two),
        () = keepalive.unanswered() => Err(HttpError::Unanswered),
    }
}

/// Who asks a silent server whether it is still there.
struct Keepalive {
    interval: Duration,
    pings: PingPong,
    seen: Arc<Seen>,
    /// Who else holds on to it waits for the server.
    waiting: Arc<()>,
}

impl Keepalive {
    /// Done when the server has not answered a PING. Nobody is asked while nothing is waited for.
    async fn unanswered(mut self) {
        loop {
            let due = self.seen.read_at() + self.interval;
            let now = tokio::time::Instant::now();
            // One reference is the connection's own.
            if now.into_std() < due {
                sleep_until(due.into()).await;
            } else if Arc::strong_count(&self.waiting) <= 2 {
                sleep_until(now + self.interval).await;
            } else {
                match timeout(KEEPALIVE_PATIENCE, self.pings.ping(h2::Ping::opaque())).await {
                    Ok(Ok(_)) => {}
                    // The connection ends, and knows better why.
                    Ok(Err(_)) => std::future::pending().await,
                    Err(_) => return,
                }
            }
        }
    }
}

/// A request on its way to its answer. Dropping it resets the stream with CANCEL.
pub(super) struct Exchange {
    /// What is waited for, or why it did not come to that.
    response: Result<ResponseFuture, Option<h2::Error>>,
    pump: Option<Pump>,
    waiting: Option<Arc<()>>,
}

impl Exchange {
    /// The head of the answer, and its body to be read.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<Response<Incoming>, h2::Error>> {
        if let Some(pump) = &mut self.pump {
            pump.start(cx);
        }
        let response = match &mut self.response {
            Ok(response) => ready!(Pin::new(response).poll(cx))?,
            Err(error) => return error.take().map_or(Poll::Pending, |error| Poll::Ready(Err(error))),
        };
        Poll::Ready(Ok(response.map(|stream| {
            let waiting = self.waiting.take().filter(|_| !stream.is_end_stream());
            Received { stream, is_read: false, _pump: self.pump.take(), _waiting: waiting }.into()
        })))
    }
}

/// The body of an answer, and what goes on beside it.
pub(super) struct Received {
    stream: RecvStream,
    /// Whether there is nothing left but trailers.
    is_read: bool,
    _pump: Option<Pump>,
    _waiting: Option<Arc<()>>,
}

impl Received {
    pub(super) fn is_end_stream(&self) -> bool {
        self.stream.is_end_stream()
    }

    pub(super) fn poll_frame(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, h2::Error>>> {
        if !self.is_read {
            if let Some(data) = ready!(self.stream.poll_data(cx)) {
                return Poll::Ready(Some(data.map(|data| {
                    // That the stream is over by now is told by the next frame.
                    let _ = self.stream.flow_control().release_capacity(data.len());
                    Frame::data(data)
                })));
            }
            self.is_read = true;
        }
        self.stream
            .poll_trailers(cx)
            .map(|trailers| trailers.transpose().map(|told| told.map(Frame::trailers)))
    }
}

type Pumping = Pin<Box<dyn Future<Output = ()> + Send>>;

/// What sends a body while it is made, and stops when it is dropped.
enum Pump {
    /// What can be sent at once needs no task.
    Fresh(Pumping),
    Running(AbortHandle),
}

impl Pump {
    fn new(body: Streamed, stream: SendStream<Bytes>, waiting: Option<Arc<()>>) -> Self {
        Self::Fresh(Box::pin(async move {
            pump(body, stream).await;
            drop(waiting);
        }))
    }

    fn start(&mut self, cx: &mut Context<'_>) {
        let Self::Fresh(pumping) = self else { return };
        let mut pumping = std::mem::replace(pumping, Box::pin(async {}));
        if pumping.as_mut().poll(cx).is_pending() {
            *self = Self::Running(tokio::spawn(pumping).abort_handle());
        }
    }
}

impl Drop for Pump {
    fn drop(&mut self) {
        if let Self::Running(task) = self {
            task.abort();
        }
    }
}

/// Sends a body as it comes, and no more of it than the server has room for.
async fn pump(mut body: Streamed, mut stream: SendStream<Bytes>) {
    loop {
        let frame = poll_fn(|cx| match stream.poll_reset(cx) {
            // The server wants no more of it.
            Poll::Ready(_) => Poll::Ready(None),
            Poll::Pending => Pin::new(&mut body).poll_frame(cx).map(Some),
        });
        let sent = match frame.await {
            None => return,
            Some(None) => stream.send_data(Bytes::new(), true),
            Some(Some(Err(error))) => return stream.send_reset(reason(&error)),
            Some(Some(Ok(frame))) => {
                let Ok(data) = frame.into_data() else { continue };
                if !data.is_empty() && !has_room(&mut stream).await {
                    return;
                }
                stream.send_data(data, body.is_end_stream())
            }
        };
        if sent.is_err() || body.is_end_stream() {
            return;
        }
    }
}

/// Waits until the server takes more; it may end the stream instead. Asking for a byte is enough to be given a turn, and
/// what is sent then asks for the rest.
async fn has_room(stream: &mut SendStream<Bytes>) -> bool {
    stream.reserve_capacity(1);
    while stream.capacity() == 0 {
        let more = poll_fn(|cx| match stream.poll_reset(cx) {
            Poll::Ready(_) => Poll::Ready(None),
            Poll::Pending => stream.poll_capacity(cx),
        });
        if !matches!(more.await, Some(Ok(_))) {
            return false;
        }
    }
    true
}

/// With which code a stream is reset whose body ended in this.
fn reason(error: &BoxError) -> Reason {
    let mut cause = Some(&**error as &(dyn std::error::Error + 'static));
    while let Some(error) = cause {
        if let Some(reason) = error.downcast_ref::<h2::Error>().and_then(h2::Error::reason) {
            return reason;
        }
        cause = error.source();
    }
    Reason::INTERNAL_ERROR
}
