//! A byte stream to an endpoint: names resolved, addresses tried, a proxy asked, nothing said on it yet.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::pin;
use std::time::{Duration, Instant};

use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::error::Error;
use super::io::Stream;
use super::proxy::{self, Goal, ProxyFault};
use super::route::{Proxy, ProxyKind, Route};
use super::tls::{Roots, Tls, TlsFiles, TlsPlan};
use super::{Endpoint, Target, fault};

/// How long a connection within this machine may hold everything up; one with a full backlog is waited for like any.
const LOOPBACK_PATIENCE: Duration = Duration::from_millis(10);
/// How long a proxy may be silent to SOCKS before it is asked what else it speaks.
const SILENCE: Duration = Duration::from_millis(500);
/// How long an address may be silent before the next is tried beside it (RFC 8305 §5).
const ATTEMPT_DELAY: Duration = Duration::from_millis(250);

/// A stream that is connected.
pub(super) struct Dialed {
    pub(super) stream: Box<dyn Stream>,
    /// When the name was resolved, where there was one.
    pub(super) resolved: Option<Instant>,
    /// When TCP, or the unix socket, was connected.
    pub(super) connected: Instant,
    /// The address connected to; none for unix sockets and streams in memory.
    pub(super) peer: Option<SocketAddr>,
    /// When a proxy had passed the connection on, and which.
    pub(super) tunnel: Option<(Instant, String)>,
}

impl From<Box<dyn Stream>> for Dialed {
    fn from(stream: Box<dyn Stream>) -> Self {
        Self { stream, resolved: None, connected: Instant::now(), peer: None, tunnel: None }
    }
}

impl Target {
    /// Where it is, and where connections to it go instead.
    pub fn named(&self) -> String {
        let name = self.endpoint.to_string();
        let Endpoint::Tcp { host, port } = &self.endpoint else { return name };
        let (to_host, to_port) = self.route.place(host, *port);
        let there = Endpoint::Tcp { host: to_host, port: to_port }.to_string();
        if there == name { name } else { format!("{there}, which --connect-to has for {name}") }
    }
}

/// Opens the byte stream to a target.
pub(super) async fn dial(target: &Target) -> Result<Dialed, Error> {
    let Target { endpoint, route, .. } = target;
    match endpoint {
        Endpoint::Opened(opener) => match opener.open() {
            Ok(stream) => Ok(stream.into()),
            Err(source) => Err(Error::Connect { target: endpoint.to_string(), tried: Vec::new(), source }),
        },
        Endpoint::Unix(path) => Ok(dial_unix(endpoint, path).await?.into()),
        Endpoint::Tcp { host, port } => {
            let (host, port) = route.place(host, *port);
            match &route.proxy {
                None => direct(&target.named(), route, &host, port).await,
                Some(proxy) => through(target, proxy, &host, port).await,
            }
        }
    }
}

/// Connects to a place itself; `name` is its name in errors.
async fn direct(name: &str, route: &Route, host: &str, port: u16) -> Result<Dialed, Error> {
    let addresses = resolve(route, host, port).await?;
    let resolved = Some(Instant::now());
    let (stream, peer) = connect_any(name, addresses).await?;
    // Small frames must not wait for each other; where it can't be set, they do.
    let _ = stream.set_nodelay(true);
    let connected = Instant::now();
    Ok(Dialed { stream: Box::new(stream), resolved, connected, peer: Some(peer), tunnel: None })
}

/// Connects to a proxy, and has it connect to the place.
async fn through(target: &Target, proxy: &Proxy, host: &str, port: u16) -> Result<Dialed, Error> {
    let unreachable = |source| Error::ProxyUnreachable {
        target: target.endpoint.to_string(),
        origin: proxy.origin,
        source: Box::new(source),
    };
    // What is known of the server is not known of the proxy.
    let route = Route { only: None, ..target.route.clone() };
    let mut dialed =
        direct(&proxy.to_string(), &route, &proxy.host, proxy.port).await.map_err(unreachable)?;
    if proxy.kind == ProxyKind::Https {
        dialed.stream = secure(target, proxy, dialed.stream).await.map_err(unreachable)?;
    }
    let goal = match proxy.kind {
        _ if target.route.only.is_some() || target.route.known(host, port).is_some() => {
            first(&target.route, host, port).await?
        }
        ProxyKind::Socks5 { resolves: false } => first(&target.route, host, port).await?,
        _ => Goal::new(host, port),
    };
    let mut passed = pin!(proxy::tunnel(proxy, dialed.stream, &goal));
    let passed = tokio::select! {
        biased;
        passed = &mut passed => passed,
        fault = speaks_http(proxy, &route) => Err(fault),
    };
    dialed.stream = passed.map_err(|fault| Error::Proxy {
        proxy: proxy.to_string(),
        origin: proxy.origin,
        target: target.endpoint.to_string(),
        fault,
    })?;
    dialed.tunnel = Some((Instant::now(), proxy.to_string()));
    Ok(dialed)
}

/// Done once a proxy that is silent to SOCKS turns out to speak HTTP, and waits for more of what is no request to it.
async fn speaks_http(proxy: &Proxy, route: &Route) -> ProxyFault {
    if matches!(proxy.kind, ProxyKind::Socks5 { .. }) {
        sleep(SILENCE).await;
        if let Ok(dialed) = direct(&proxy.to_string(), route, &proxy.host, proxy.port).await
            && proxy::answers_http(proxy, dialed.stream).await
        {
            return ProxyFault::Http;
        }
    }
    std::future::pending().await
}

/// The address of a place that a proxy is told.
async fn first(route: &Route, host: &str, port: u16) -> Result<Goal, Error> {
    let addresses = resolve(route, host, port).await?;
    Ok(addresses.first().map_or_else(|| Goal::new(host, port), |&address| Goal::Address(address)))
}

/// Speaks TLS to a proxy: whoever is trusted as a server's CA is as a proxy's.
async fn secure(target: &Target, proxy: &Proxy, stream: Box<dyn Stream>) -> Result<Box<dyn Stream>, Error> {
    let (roots, files) = match &target.tls {
        Some(plan) => (plan.roots.clone(), plan.files.clone()),
        None => (Roots::System, TlsFiles::default()),
    };
    let tls = Tls::open(TlsPlan { roots, files, alpn: &["http/1.1"], ..TlsPlan::default() })?;
    match tls.handshake(&proxy.host, stream).await? {
        Ok((stream, _)) => Ok(stream),
        Err(refusal) => Err(Error::Tls {
            target: proxy.to_string(),
            fault: fault::TlsFault::new(&refusal.error, refusal.certificate.as_ref(), false),
            plan: Box::new(tls.plan.clone()),
        }),
    }
}

/// The addresses of a place, if they come within the time that connecting may take.
async fn resolve_in_time(
    target: &Target,
    route: &Route,
    host: &str,
    port: u16,
) -> Result<Vec<SocketAddr>, Error> {
    let limit = target.connect_timeout;
    let late = |_| Error::Timeout {
        target: target.endpoint.to_string(),
        phase: "address from the name servers",
        limit,
    };
    timeout(limit, resolve(route, host, port)).await.map_err(late)?
}

/// The addresses that connections to a target may go to; none where it has no network.
pub async fn addresses(target: &Target) -> Result<Vec<IpAddr>, Error> {
    let Endpoint::Tcp { host, port } = &target.endpoint else { return Ok(Vec::new()) };
    let (host, port) = target.route.place(host, *port);
    let mut addresses = Vec::new();
    for address in resolve_in_time(target, &target.route, &host, port).await? {
        if !addresses.contains(&address.ip()) {
            addresses.push(address.ip());
        }
    }
    Ok(addresses)
}

/// Where connections to a target go first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FirstHop {
    /// The host, which is the proxy's where there is one.
    pub host: String,
    /// Its addresses.
    pub addresses: Vec<SocketAddr>,
}

/// Where connections to a target go first, and the addresses that has; nothing where there is no network.
pub async fn first_hop(target: &Target) -> Result<Option<FirstHop>, Error> {
    let Endpoint::Tcp { host, port } = &target.endpoint else { return Ok(None) };
    let Some(proxy) = &target.route.proxy else {
        let (host, port) = target.route.place(host, *port);
        let addresses = interleaved(resolve_in_time(target, &target.route, &host, port).await?);
        return Ok(Some(FirstHop { host, addresses }));
    };
    let route = Route { only: None, ..target.route.clone() };
    let addresses = resolve_in_time(target, &route, &proxy.host, proxy.port).await.map_err(|source| {
        let (target, origin) = (target.endpoint.to_string(), proxy.origin);
        Error::ProxyUnreachable { target, origin, source: Box::new(source) }
    })?;
    Ok(Some(FirstHop { host: proxy.host.clone(), addresses: interleaved(addresses) }))
}

/// Connects to one address, and hangs up.
pub async fn knock(address: SocketAddr) -> io::Result<()> {
    match connect_here(address) {
        Some(connected) => connected.map(drop),
        None => TcpStream::connect(address).await.map(drop),
    }
}

/// The addresses of a place.
pub(super) async fn resolve(route: &Route, host: &str, port: u16) -> Result<Vec<SocketAddr>, Error> {
    if let Some(ip) = route.only {
        return Ok(vec![SocketAddr::new(ip, port)]);
    }
    if let Some(known) = route.known(host, port) {
        return Ok(known);
    }
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

/// Connects to an address of this machine. The kernel answers for those while it is being asked, so waiting for them to
/// become ready would only take longer. None where it would have to be waited for.
fn connect_here(address: SocketAddr) -> Option<io::Result<TcpStream>> {
    if !address.ip().is_loopback() {
        return None;
    }
    match std::net::TcpStream::connect_timeout(&address, LOOPBACK_PATIENCE) {
        Err(error) if error.kind() == io::ErrorKind::TimedOut => None,
        Err(error) => Some(Err(error)),
        Ok(stream) => Some(stream.set_nonblocking(true).and_then(|()| TcpStream::from_std(stream))),
    }
}

/// Connects to whichever address answers first. Each is given a moment before the next is tried beside it
/// (RFC 8305): a network that loses what is sent over one family must not cost the connect timeout.
async fn connect_any(name: &str, addresses: Vec<SocketAddr>) -> Result<(TcpStream, SocketAddr), Error> {
    let mut tried = Vec::new();
    let mut last = io::Error::from(io::ErrorKind::AddrNotAvailable);
    let mut waiting = interleaved(addresses).into_iter().peekable();
    let mut racing: JoinSet<(SocketAddr, io::Result<TcpStream>)> = JoinSet::new();
    loop {
        if let Some(address) = waiting.next() {
            match connect_here(address) {
                Some(Ok(stream)) => return Ok((stream, address)),
                Some(Err(error)) => {
                    tried.push((address, error.to_string()));
                    last = error;
                    continue;
                }
                None => {
                    racing.spawn(async move { (address, TcpStream::connect(address).await) });
                }
            }
        }
        tokio::select! {
            done = racing.join_next() => match done {
                Some(Ok((address, Ok(stream)))) => return Ok((stream, address)),
                Some(Ok((address, Err(error)))) => {
                    tried.push((address, error.to_string()));
                    last = error;
                }
                Some(Err(error)) => last = io::Error::other(error),
                None => break,
            },
            () = tokio::time::sleep(ATTEMPT_DELAY), if waiting.peek().is_some() => {}
        }
    }
    // "localhost" is two addresses to us and one to everybody else: two refusals of the same kind are one.
    let same = tried.windows(2).all(|pair| pair[0].1 == pair[1].1);
    if same {
        tried.clear();
    }
    Err(Error::Connect { target: name.to_owned(), tried, source: last })
}

/// The families by turns, beginning with the resolver's first choice (RFC 8305 §4).
fn interleaved(addresses: Vec<SocketAddr>) -> Vec<SocketAddr> {
    let Some(first) = addresses.first().map(SocketAddr::is_ipv6) else { return addresses };
    let (preferred, other): (Vec<_>, Vec<_>) =
        addresses.into_iter().partition(|address| address.is_ipv6() == first);
    let (mut preferred, mut other) = (preferred.into_iter(), other.into_iter());
    let mut order = Vec::new();
    loop {
        let pair = [preferred.next(), other.next()];
        if pair == [None, None] {
            return order;
        }
        order.extend(pair.into_iter().flatten());
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_take_turns() {
        let addresses = |texts: &[&str]| texts.iter().map(|text| text.parse().unwrap()).collect::<Vec<_>>();
        assert_eq!(
            interleaved(addresses(&["[::1]:1", "[::2]:1", "[::3]:1", "1.1.1.1:1", "1.1.1.2:1"])),
            addresses(&["[::1]:1", "1.1.1.1:1", "[::2]:1", "1.1.1.2:1", "[::3]:1"])
        );
        assert_eq!(interleaved(Vec::new()), Vec::new());
    }

    /// A port whose backlog is full loses what is sent to it, as a broken network does.
    #[tokio::test]
    async fn an_address_that_is_silent_costs_a_moment() {
        let full = socket_with_full_backlog();
        let open = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let silent = full.address;
        let open = open.local_addr().unwrap();
        let began = Instant::now();
        let (_, peer) = connect_any("here", vec![silent, open]).await.unwrap();
        assert_eq!(peer, open);
        assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    }

    struct Full {
        address: SocketAddr,
        _listener: std::net::TcpListener,
        _streams: Vec<std::net::TcpStream>,
    }

    fn socket_with_full_backlog() -> Full {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let mut streams = Vec::new();
        while let Ok(stream) = std::net::TcpStream::connect_timeout(&address, Duration::from_millis(200)) {
            streams.push(stream);
            assert!(streams.len() < 100_000, "the backlog has no end");
        }
        Full { address, _listener: listener, _streams: streams }
    }
}
