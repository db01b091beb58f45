//! A byte stream to an endpoint: names resolved, addresses tried, nothing said on it yet.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::{Duration, Instant};

use tokio::net::TcpStream;

use super::Endpoint;
use super::error::Error;
use super::io::Stream;

/// How long a connection within this machine may hold everything up; one with a full backlog is waited for like any.
const LOOPBACK_PATIENCE: Duration = Duration::from_millis(10);

/// A stream that is connected.
pub(super) struct Dialed {
    pub(super) stream: Box<dyn Stream>,
    /// When the name was resolved, where there was one.
    pub(super) resolved: Option<Instant>,
    /// The address connected to; none for unix sockets and streams in memory.
    pub(super) peer: Option<SocketAddr>,
}

impl From<Box<dyn Stream>> for Dialed {
    fn from(stream: Box<dyn Stream>) -> Self {
        Self { stream, resolved: None, peer: None }
    }
}

/// Opens the byte stream to an endpoint.
pub(super) async fn dial(endpoint: &Endpoint) -> Result<Dialed, Error> {
    match endpoint {
        Endpoint::Opened(opener) => match opener.open() {
            Ok(stream) => Ok(stream.into()),
            Err(source) => Err(Error::Connect { target: endpoint.to_string(), tried: Vec::new(), source }),
        },
        Endpoint::Unix(path) => Ok(dial_unix(endpoint, path).await?.into()),
        Endpoint::Tcp { host, port } => {
            let addresses = resolve(host, *port).await?;
            let resolved = Some(Instant::now());
            let (stream, peer) = connect_any(endpoint, &addresses).await?;
            Ok(Dialed { stream, resolved, peer: Some(peer) })
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
