//! One HTTP connection: opened within the connect timeout, watched until the server has spoken.

use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use http::{Request, Response};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::sync::{Mutex, watch};
use tokio::time::timeout_at;

use super::body::{Body, Incoming};
use super::diagnose;
use super::error::{Error, HttpError, SoFar, StreamError};
use super::establish::{Dialer, Established, Facts};
use super::http2::{Ended, Exchange, Http2};
use super::io::{Seen, Watched};
use super::settings::Settings;
use super::{Http, HttpChoice};

/// How many headers an answer may have over HTTP/1.1, where the library would take 100.
const MAX_HEADERS: usize = 4096;
/// The least that the HTTP/1.1 library works with.
const LEAST_BUFFER: usize = 8192;
/// How long a connection that failed may take to say why.
const LAST_WORD: Duration = Duration::from_millis(200);

/// One HTTP connection to a server.
pub struct Connection {
    dialer: Dialer,
    facts: Facts,
    seen: Arc<Seen>,
    sender: Sender,
    /// Whether a request was sent.
    asked: AtomicBool,
    /// What ended the connection, once it has ended.
    ended: Ended,
}

enum Sender {
    /// One request at a time.
    One(Box<Mutex<http1::SendRequest<Body>>>),
    Two(Http2),
}

impl Connection {
    /// Connects, and does the TLS handshake where the target asks for one. Where it is known what the server speaks, its
    /// first word is not waited for: a first request goes out with HTTP/2's connection preface, and
    /// [`Connection::send`] is where a server that never speaks HTTP is found out.
    pub async fn open(dialer: &Dialer) -> Result<Self, Error> {
        let established = Established::open(dialer).await?;
        match dialer.target.http {
            HttpChoice::Only(Http::One) => Self::http1(dialer, established).await,
            HttpChoice::Only(Http::Two) => Self::http2(dialer, established).await,
            HttpChoice::Either => match &established.facts.secured {
                Some((_, agreed)) if agreed.alpn.as_deref() == Some("h2") => {
                    Self::http2(dialer, established).await
                }
                Some(_) => Self::http1(dialer, established).await,
                None => Self::either(dialer, established).await,
            },
        }
    }

    /// HTTP/2 if the server answers its preface, which it must at once, and else HTTP/1.1 on a connection of its own.
    async fn either(dialer: &Dialer, established: Established) -> Result<Self, Error> {
        let first = Self::http2(dialer, established).await?;
        let started = first.facts.started;
        let half = started + dialer.target.connect_timeout / 2;
        // A server that takes the preface for the beginning of a request waits for more of it.
        let _ = timeout_at(half.into(), first.seen.spoken()).await;
        if first.has_spoken() || first.seen.is_tls() {
            return Ok(first);
        }
        drop(first);
        Self::http1(dialer, Established::open_since(dialer, started).await?).await
    }

    async fn http1(dialer: &Dialer, established: Established) -> Result<Self, Error> {
        let Established { stream, facts } = established;
        let (stream, seen) = Watched::new(stream);
        let failed = |source| Error::Http1 { target: dialer.target.endpoint.to_string(), source };
        let (sender, connection) = http1::Builder::new()
            .max_headers(MAX_HEADERS)
            .max_buf_size(
                usize::try_from(dialer.target.max_header_size).unwrap_or(usize::MAX).max(LEAST_BUFFER),
            )
            .handshake(TokioIo::new(stream))
            .await
            .map_err(failed)?;
        let (end, ended) = watch::channel(None);
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                end.send_replace(Some(Arc::new(HttpError::One(error))));
            }
        });
        let sender = Sender::One(Box::new(Mutex::new(sender)));
        Ok(Self { dialer: dialer.clone(), facts, seen, sender, asked: AtomicBool::new(false), ended })
    }

    async fn http2(dialer: &Dialer, established: Established) -> Result<Self, Error> {
        let Established { stream, facts } = established;
        let target = &dialer.target;
        let (stream, seen) = Watched::new(stream);
        let (sender, ended) = Http2::open(target, (stream, Arc::clone(&seen)))
            .await
            .map_err(|source| Error::Http2 { target: target.endpoint.to_string(), source })?;
        let (sender, asked) = (Sender::Two(sender), AtomicBool::new(false));
        Ok(Self { dialer: dialer.clone(), facts, seen, sender, asked, ended })
    }

    /// Which HTTP is spoken on it.
    pub fn http(&self) -> Http {
        match self.sender {
            Sender::One(_) => Http::One,
            Sender::Two(_) => Http::Two,
        }
    }

    /// What is known of the connection.
    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    /// Whether a further request can go out on it. Over HTTP/1.1 that is known when the last answer is over.
    pub async fn is_ready(&self) -> bool {
        match &self.sender {
            Sender::One(sender) => sender.lock().await.ready().await.is_ok(),
            Sender::Two(sender) => !sender.is_closed(),
        }
    }

    /// Whether the server has been seen to speak HTTP/2, or need not say anything before it is asked, as with HTTP/1.1.
    /// Until then what goes wrong is the connection's fault.
    pub fn has_spoken(&self) -> bool {
        self.http() == Http::One || self.seen.has_spoken()
    }

    /// Waits for the server's first word, where it has one before it is asked: that is HTTP/2's, which it must say at
    /// once.
    pub async fn greeted(&self) -> Result<(), Error> {
        if self.has_spoken() {
            return Ok(());
        }
        match timeout_at(self.dialer.connect_limit(self.facts.started), self.seen.spoken()).await {
            Ok(()) if self.has_spoken() => Ok(()),
            Ok(()) => Err(self.explain().await),
            Err(_) => Err(self.silent()),
        }
    }

    /// Whether it takes no more requests.
    pub fn is_closed(&self) -> bool {
        match &self.sender {
            // Who has it waits for an answer.
            Sender::One(sender) => sender.try_lock().is_ok_and(|sender| sender.is_closed()),
            Sender::Two(sender) => sender.is_closed(),
        }
    }

    /// How many bytes were written on it, and how many read, without TLS.
    pub fn carried(&self) -> [u64; 2] {
        self.seen.carried()
    }

    /// The server's HTTP/2 settings, and when they came, if they have.
    pub fn settings(&self) -> Option<(Instant, Settings)> {
        self.seen.settings()
    }

    /// Sends one request and waits for the head of its response, which no deadline but the connect timeout
    /// limits: as long as the server's SETTINGS have not come, that still runs. Until then there is one request and no
    /// more: the server may not take as many at a time as would like to go out.
    pub async fn send(&self, request: Request<Body>) -> Result<Response<Incoming>, SendError> {
        let sender = match &self.sender {
            Sender::One(sender) => {
                let answer = sender.lock().await.send_request(request);
                return self.judge_http1(answer.await).await;
            }
            Sender::Two(sender) => sender,
        };
        if self.asked.swap(true, Ordering::Relaxed) && !self.has_spoken() {
            let limit = self.dialer.connect_limit(self.facts.started);
            let _ = timeout_at(limit, self.seen.spoken()).await;
        }
        let mut exchange = sender.send(request);
        let mut answer = poll_fn(|cx| exchange.poll(cx));
        if !self.has_spoken() {
            tokio::select! {
                biased;
                result = &mut answer => return self.judge(result).await,
                greeted = self.greeted() => greeted.map_err(SendError::Connection)?,
            }
        }
        let result = answer.await;
        self.judge(result).await
    }

    /// Whether a request can go out on it at once, and nothing has to be waited for but its answer.
    pub fn takes_at_once(&self) -> bool {
        matches!(&self.sender, Sender::Two(sender) if self.has_spoken() && !sender.is_closed())
    }

    /// Sends one request on a connection that takes it at once; any other has nothing to do with it.
    pub fn start(&self, request: Request<Body>) -> Option<Sent> {
        match &self.sender {
            Sender::Two(sender) if self.has_spoken() => Some(Sent(sender.send(request))),
            _ => None,
        }
    }

    /// The server said nothing in time.
    fn silent(&self) -> Error {
        let so_far = match &self.facts.secured {
            None => SoFar::Plaintext,
            Some((_, agreed)) if agreed.alpn.as_deref() == Some("h2") => SoFar::Agreed,
            Some(_) => SoFar::NotAgreed,
        };
        let target = &self.dialer.target;
        Error::Silent { target: target.endpoint.to_string(), so_far, limit: target.connect_timeout }
    }

    async fn judge(
        &self,
        result: Result<Response<Incoming>, h2::Error>,
    ) -> Result<Response<Incoming>, SendError> {
        match result {
            Ok(response) => Ok(response),
            Err(error) if self.has_spoken() => {
                Err(SendError::Stream(self.stream_error(&HttpError::Two(error)).await))
            }
            Err(_) => Err(SendError::Connection(self.explain().await)),
        }
    }

    /// What answers in something else than HTTP is no server to call.
    async fn judge_http1(
        &self,
        result: Result<Response<hyper::body::Incoming>, hyper::Error>,
    ) -> Result<Response<Incoming>, SendError> {
        match result {
            Ok(response) => Ok(response.map(Incoming::from)),
            Err(error) if self.seen.is_http1() => {
                Err(SendError::Stream(StreamError::new(&HttpError::One(error))))
            }
            Err(_) => Err(SendError::Connection(self.explain().await)),
        }
    }

    /// Why a stream on this connection ended. A stream that was lost with the connection knows less of it than the
    /// connection itself, whose last word may be a GOAWAY with a reason.
    pub async fn stream_error(&self, error: &HttpError) -> StreamError {
        match StreamError::new(error) {
            StreamError::Lost(text) => {
                let end = self.end(tokio::time::Instant::now() + LAST_WORD).await;
                match end.as_deref().map(StreamError::new) {
                    Some(
                        reason @ (StreamError::GoAway(..)
                        | StreamError::Protocol(_)
                        | StreamError::Broken(_)
                        | StreamError::HeadersTooLarge
                        | StreamError::Unanswered),
                    ) => reason,
                    Some(StreamError::Lost(why)) => StreamError::Lost(text.or(why)),
                    _ => StreamError::Lost(text),
                }
            }
            known => known,
        }
    }

    /// What the connection ended with. It is given a moment to tell.
    async fn end(&self, limit: tokio::time::Instant) -> Option<Arc<HttpError>> {
        let mut ended = self.ended.clone();
        let _ = timeout_at(limit, ended.wait_for(Option::is_some)).await;
        ended.borrow().clone()
    }

    /// Closes it once all that is to be said on it was said: streams that were dropped are reset, and HTTP/2 is taken
    /// leave of. Whoever else holds on to it holds that up.
    pub async fn close(connection: Arc<Self>) {
        let mut ended = connection.ended.clone();
        drop(connection);
        // The other end of the channel is there as long as the connection is.
        let _ = tokio::time::timeout(LAST_WORD, async { while ended.changed().await.is_ok() {} }).await;
    }

    /// Why a connection on which the server never spoke HTTP/2 came to nothing. The connect timeout still runs.
    async fn explain(&self) -> Error {
        let limit = self.dialer.look_limit(self.facts.started);
        // What TLS has to say of it comes with its end.
        self.end(diagnose::within(limit, LAST_WORD)).await;
        let seen = self.seen.snapshot();
        diagnose::unspoken(&self.dialer, &seen, limit).await
    }
}

/// A request that went out, and waits for the head of its answer. Dropping it takes it back.
pub struct Sent(Exchange);

impl Sent {
    /// The answer; or an error of which [`Connection::stream_error`] knows what it is.
    pub fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<Response<Incoming>, HttpError>> {
        self.0.poll(cx).map_err(HttpError::Two)
    }
}

/// Why a request got no response head.
#[derive(Debug)]
pub enum SendError {
    /// The connection never came to speak HTTP/2.
    Connection(Error),
    /// The stream, or the connection under it, ended.
    Stream(StreamError),
}
