//! One HTTP/2 connection: opened within the connect timeout, watched until the server has spoken HTTP/2.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::combinators::UnsyncBoxBody;
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{timeout, timeout_at};

use super::coalesce::Coalesced;
use super::error::{Error, StreamError};
use super::io::{Seen, Stream, Watched};
use super::{Endpoint, Target, diagnose, tls};

pub use hyper::Error as HttpError;
pub use hyper::body::Incoming;

/// The error of a request body that its maker gave up.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;
/// A request body.
pub type Body = UnsyncBoxBody<Bytes, BoxError>;

/// How much of an answer a server may send ahead of what has been read: enough that a fast link is never idle, and
/// no more than a small machine can spare.
const STREAM_WINDOW: u32 = 1 << 20;
/// The connection's window is left wide open, since streams are few and bounded by their own. It must be: the HTTP/2
/// library ends a connection on which small DATA frames wait to be read, 256 bytes for each counted against half of
/// this window, and a fast server's stream of short messages is just that.
const CONNECTION_WINDOW: u32 = (1 << 31) - 1;
/// Status details travel in trailers: far more room than the usual 16 KiB, still bounded.
const MAX_HEADER_LIST: u32 = 1 << 20;
/// How long a connection within this machine may hold everything up; one with a full backlog is waited for like any.
const LOOPBACK_PATIENCE: Duration = Duration::from_millis(10);
/// How long a connection that failed may take to say why.
const LAST_WORD: Duration = Duration::from_millis(200);
/// How long a keepalive PING may go unanswered.
const KEEPALIVE_PATIENCE: Duration = Duration::from_secs(20);

/// What is known of a connection, with the moments at which each phase ended.
#[derive(Debug, Clone)]
pub struct Facts {
    /// When opening it began.
    pub started: Instant,
    /// When the name was resolved, where there was one.
    pub resolved: Option<Instant>,
    /// When TCP, or the unix socket, was connected.
    pub connected: Instant,
    /// When the TLS handshake was done.
    pub secured: Option<Instant>,
    /// The address connected to; none for unix sockets and streams in memory.
    pub peer: Option<SocketAddr>,
}

/// One HTTP/2 connection to a server.
pub struct Connection {
    target: Target,
    facts: Facts,
    seen: Arc<Seen>,
    sender: http2::SendRequest<Body>,
    /// What ended the connection, once it has ended.
    ended: watch::Receiver<Option<Arc<hyper::Error>>>,
}

impl Connection {
    /// Connects, and does the TLS handshake where the target asks for one. The server's SETTINGS are not
    /// waited for: a first request goes out with the connection preface, and [`Connection::send`] is where
    /// a server that never speaks HTTP/2 is found out.
    pub async fn open(target: &Target) -> Result<Self, Error> {
        let started = Instant::now();
        let mut facts = Facts { started, resolved: None, connected: started, secured: None, peer: None };
        let limit = tokio::time::Instant::from_std(started) + target.connect_timeout;
        let phase = |phase: &'static str| {
            move |_| Error::Timeout {
                target: target.endpoint.to_string(),
                phase,
                limit: target.connect_timeout,
            }
        };
        let stream =
            timeout_at(limit, dial(&target.endpoint, &mut facts)).await.map_err(phase("connection"))??;
        facts.connected = Instant::now();
        let stream = if target.tls.is_some() {
            let stream =
                timeout_at(limit, secure(target, stream)).await.map_err(phase("TLS handshake"))??;
            facts.secured = Some(Instant::now());
            stream
        } else {
            stream
        };
        let (stream, seen) = Watched::new(stream);
        let (sender, connection) = http2_builder(target.keepalive)
            .handshake(TokioIo::new(Coalesced::new(stream)))
            .await
            .map_err(|source| Error::Http2 { target: target.endpoint.to_string(), source })?;
        let (end, ended) = watch::channel(None);
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                end.send_replace(Some(Arc::new(error)));
            }
        });
        Ok(Self { target: target.clone(), facts, seen, sender, ended })
    }

    /// What is known of the connection.
    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    /// Whether no further request can go out on it.
    pub fn is_closed(&self) -> bool {
        self.sender.is_closed()
    }

    /// Whether the server has been seen to speak HTTP/2. Until then what goes wrong is the connection's fault.
    pub fn has_spoken(&self) -> bool {
        self.seen.settings()
    }

    /// Sends one request and waits for the head of its response, which no deadline but the connect timeout
    /// limits: as long as the server's SETTINGS have not come, that still runs.
    pub async fn send(&self, request: Request<Body>) -> Result<Response<Incoming>, SendError> {
        let mut sender = self.sender.clone();
        let answer = async move {
            sender.ready().await?;
            sender.send_request(request).await
        };
        tokio::pin!(answer);
        if !self.has_spoken() {
            let limit = tokio::time::Instant::from_std(self.facts.started) + self.target.connect_timeout;
            let spoken = timeout_at(limit, self.seen.spoken());
            tokio::select! {
                biased;
                result = &mut answer => return self.judge(result).await,
                spoken = spoken => match spoken {
                    Ok(()) if self.has_spoken() => {}
                    Ok(()) => return Err(SendError::Connection(self.explain(None).await)),
                    Err(_) => return Err(SendError::Connection(Error::Timeout {
                        target: self.target.endpoint.to_string(),
                        phase: "HTTP/2 SETTINGS from the server",
                        limit: self.target.connect_timeout,
                    })),
                },
            }
        }
        let result = answer.await;
        self.judge(result).await
    }

    async fn judge(
        &self,
        result: Result<Response<Incoming>, hyper::Error>,
    ) -> Result<Response<Incoming>, SendError> {
        match result {
            Ok(response) => Ok(response),
            Err(error) if self.has_spoken() => Err(SendError::Stream(self.stream_error(&error).await)),
            Err(error) => Err(SendError::Connection(self.explain(Some(error)).await)),
        }
    }

    /// Why a stream on this connection ended. A stream that was lost with the connection knows less of it than the
    /// connection itself, whose last word may be a GOAWAY with a reason.
    pub async fn stream_error(&self, error: &hyper::Error) -> StreamError {
        match StreamError::new(error) {
            StreamError::Lost(text) => match self.end().await.as_deref().map(StreamError::new) {
                Some(reason @ (StreamError::GoAway(_) | StreamError::Protocol(_))) => reason,
                _ => StreamError::Lost(text),
            },
            known => known,
        }
    }

    /// What the connection ended with. It is given a moment to tell.
    async fn end(&self) -> Option<Arc<hyper::Error>> {
        let mut ended = self.ended.clone();
        let _ = timeout(LAST_WORD, ended.wait_for(Option::is_some)).await;
        ended.borrow().clone()
    }

    /// Why a connection on which the server never spoke HTTP/2 came to nothing.
    async fn explain(&self, error: Option<hyper::Error>) -> Error {
        let end = self.end().await;
        diagnose::unspoken(&self.target, &self.seen.snapshot(), end, error).await
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

fn http2_builder(keepalive: Option<Duration>) -> http2::Builder<TokioExecutor> {
    let mut builder = http2::Builder::new(TokioExecutor::new());
    builder
        .timer(TokioTimer::new())
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .max_header_list_size(MAX_HEADER_LIST)
        .keep_alive_interval(keepalive)
        .keep_alive_timeout(KEEPALIVE_PATIENCE)
        .keep_alive_while_idle(false);
    builder
}

/// Opens the byte stream to an endpoint.
pub(super) async fn dial(endpoint: &Endpoint, facts: &mut Facts) -> Result<Box<dyn Stream>, Error> {
    match endpoint {
        Endpoint::Opened(opener) => opener.open().map_err(|source| Error::Connect {
            target: endpoint.to_string(),
            tried: Vec::new(),
            source,
        }),
        Endpoint::Unix(path) => dial_unix(endpoint, path).await,
        Endpoint::Tcp { host, port } => {
            let addresses = resolve(host, *port).await?;
            facts.resolved = Some(Instant::now());
            let (stream, peer) = connect_any(endpoint, &addresses).await?;
            facts.peer = Some(peer);
            Ok(stream)
        }
    }
}

async fn resolve(host: &str, port: u16) -> Result<Vec<SocketAddr>, Error> {
    if let Ok(ip) = host.parse::<IpAddr>() {
        return Ok(vec![SocketAddr::new(ip, port)]);
    }
    // RFC 6761 §6.3: localhost is the loopback addresses; no resolver need be asked, and no thread started for it.
    if host.trim_end_matches('.').eq_ignore_ascii_case("localhost") {
        return Ok(vec![(Ipv4Addr::LOCALHOST, port).into(), (Ipv6Addr::LOCALHOST, port).into()]);
    }
    let failed = |source| Error::Resolve { host: host.to_owned(), source };
    let addresses: Vec<_> = tokio::net::lookup_host((host, port)).await.map_err(failed)?.collect();
    if addresses.is_empty() {
        return Err(failed(io::Error::new(io::ErrorKind::NotFound, "the name has no address")));
    }
    Ok(addresses)
}

/// Connects to one address. The kernel answers for this machine's own addresses while it is being asked, so waiting
/// for them to become ready would only take longer.
async fn connect(address: SocketAddr) -> io::Result<TcpStream> {
    if address.ip().is_loopback() {
        match std::net::TcpStream::connect_timeout(&address, LOOPBACK_PATIENCE) {
            Err(error) if error.kind() == io::ErrorKind::TimedOut => {}
            Err(error) => return Err(error),
            Ok(stream) => {
                stream.set_nonblocking(true)?;
                return TcpStream::from_std(stream);
            }
        }
    }
    TcpStream::connect(address).await
}

async fn connect_any(
    endpoint: &Endpoint,
    addresses: &[SocketAddr],
) -> Result<(Box<dyn Stream>, SocketAddr), Error> {
    let mut tried = Vec::new();
    let mut last = io::Error::from(io::ErrorKind::AddrNotAvailable);
    for &address in addresses {
        match connect(address).await {
            Ok(stream) => {
                // Small frames must not wait for each other; where it can't be set, they do.
                let _ = stream.set_nodelay(true);
                return Ok((Box::new(stream), address));
            }
            Err(error) => {
                tried.push((address, error.to_string()));
                last = error;
            }
        }
    }
    // "localhost" is two addresses to us and one to everybody else: two refusals of the same kind are one.
    let same = tried.windows(2).all(|pair| pair[0].1 == pair[1].1);
    if same {
        tried.clear();
    }
    Err(Error::Connect { target: endpoint.to_string(), tried, source: last })
}

#[cfg(unix)]
async fn dial_unix(endpoint: &Endpoint, path: &std::path::Path) -> Result<Box<dyn Stream>, Error> {
    match tokio::net::UnixStream::connect(path).await {
        Ok(stream) => Ok(Box::new(stream)),
        Err(source) => Err(Error::Connect { target: endpoint.to_string(), tried: Vec::new(), source }),
    }
}

#[cfg(not(unix))]
async fn dial_unix(_: &Endpoint, _: &std::path::Path) -> Result<Box<dyn Stream>, Error> {
    Err(Error::NoUnixSockets)
}

/// Does the TLS handshake over `stream`.
pub(super) async fn secure(target: &Target, stream: Box<dyn Stream>) -> Result<Box<dyn Stream>, Error> {
    let Some(plan) = &target.tls else { return Ok(stream) };
    let config = tls::client_config(plan)?;
    let name = tls::server_name(plan, target.endpoint.host())?;
    let (stream, seen) = Watched::new(stream);
    match tokio_rustls::TlsConnector::from(Arc::new(config)).connect(name, stream).await {
        Ok(stream) => Ok(Box::new(stream)),
        Err(error) => Err(diagnose::handshake(target, &seen.snapshot(), error).await),
    }
}
