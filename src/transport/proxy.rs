//! A proxy is asked to pass a connection on: by HTTP's CONNECT (RFC 9110 §9.3.6) or SOCKS 5 (RFC 1928, RFC 1929).
//!
//! It is told the server's name and port and nothing of what will be said there.

use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderValue, Request, StatusCode};
use http_body_util::Empty;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::io::Stream;
use super::route::{Proxy, ProxyKind};
use crate::secrets::Secret;

/// Why a proxy does not pass a connection on.
#[derive(Debug)]
pub enum ProxyFault {
    /// It wants a user and a password, or others than those it got.
    Login {
        /// Whether it got any.
        given: bool,
    },
    /// It answers the CONNECT with this status.
    Refused(StatusCode),
    /// What a SOCKS proxy says (RFC 1928 §6).
    Socks(&'static str),
    /// What it says is nothing that such a proxy says.
    NoProxy(&'static str),
    /// It speaks HTTP, where SOCKS is spoken to it.
    Http,
    /// The name is too long to be told.
    Name,
    /// The connection to it was lost.
    Lost(io::Error),
}

impl fmt::Display for ProxyFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Login { given: false } => f.write_str("it wants a user and a password"),
            Self::Login { given: true } => f.write_str("it refused the user and the password"),
            Self::Refused(status) => write!(f, "it answers the CONNECT with HTTP status {status}"),
            Self::Socks(why) => f.write_str(why),
            Self::NoProxy(what) => write!(f, "it is no {what} proxy: it answers in something else"),
            Self::Http => f.write_str("it is no SOCKS 5 proxy: it speaks HTTP"),
            Self::Name => f.write_str("the server's name is longer than SOCKS can say"),
            Self::Lost(error) => write!(f, "the connection to it was lost ({error})"),
        }
    }
}

impl From<io::Error> for ProxyFault {
    fn from(error: io::Error) -> Self {
        Self::Lost(error)
    }
}

/// Where a proxy is to connect to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Goal {
    /// A name, which the proxy resolves.
    Name(String, u16),
    /// An address.
    Address(SocketAddr),
}

impl Goal {
    /// A host, which may be an address, and a port.
    pub(super) fn new(host: &str, port: u16) -> Self {
        match host.parse::<IpAddr>() {
            Ok(ip) => Self::Address(SocketAddr::new(ip, port)),
            Err(_) => Self::Name(host.to_owned(), port),
        }
    }
}

impl fmt::Display for Goal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(host, port) => write!(f, "{host}:{port}"),
            Self::Address(address) => write!(f, "{address}"),
        }
    }
}

/// Asks the proxy at the other end of `stream`.
pub(super) async fn tunnel(
    proxy: &Proxy,
    stream: Box<dyn Stream>,
    goal: &Goal,
) -> Result<Box<dyn Stream>, ProxyFault> {
    match proxy.kind {
        ProxyKind::Http | ProxyKind::Https => connect(proxy, stream, goal).await,
        ProxyKind::Socks5 { .. } => socks5(proxy, stream, goal).await,
    }
}

async fn connect(proxy: &Proxy, stream: Box<dyn Stream>, goal: &Goal) -> Result<Box<dyn Stream>, ProxyFault> {
    let failed = |error: hyper::Error| {
        if error.is_parse() { ProxyFault::NoProxy("HTTP") } else { ProxyFault::Lost(io::Error::other(error)) }
    };
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(failed)?;
    // It lives as long as the tunnel.
    tokio::spawn(connection.with_upgrades());
    let authority = goal.to_string();
    let mut request = Request::connect(&authority).header("host", &authority);
    if let Some((user, password)) = &proxy.login {
        request = request.header("proxy-authorization", basic(user, password)?);
    }
    let request = request.body(Empty::<Bytes>::new()).map_err(|_| ProxyFault::Name)?;
    let answer = sender.send_request(request).await.map_err(failed)?;
    match answer.status() {
        status if status.is_success() => {
            Ok(Box::new(TokioIo::new(hyper::upgrade::on(answer).await.map_err(failed)?)))
        }
        StatusCode::PROXY_AUTHENTICATION_REQUIRED => Err(ProxyFault::Login { given: proxy.login.is_some() }),
        status => Err(ProxyFault::Refused(status)),
    }
}

/// Credentials as RFC 7617 has them.
fn basic(user: &str, password: &Secret) -> Result<HeaderValue, ProxyFault> {
    let text = format!("Basic {}", STANDARD.encode(format!("{user}:{}", password.reveal())));
    let mut value = HeaderValue::try_from(text).map_err(|_| ProxyFault::Login { given: true })?;
    value.set_sensitive(true);
    Ok(value)
}

/// Whether it answers in HTTP. What is asked changes nothing there, and leads nowhere.
pub(super) async fn answers_http(proxy: &Proxy, mut stream: Box<dyn Stream>) -> bool {
    let host = Goal::new(&proxy.host, proxy.port);
    let request = format!("OPTIONS * HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
    if stream.write_all(request.as_bytes()).await.is_err() {
        return false;
    }
    exactly(&mut stream).await.is_ok_and(|said: [u8; 5]| said == *b"HTTP/")
}

/// The version that every message of SOCKS 5 begins with.
const VERSION: u8 = 5;
/// Nobody has to say who they are.
const NO_LOGIN: u8 = 0;
/// A user and a password (RFC 1929).
const LOGIN: u8 = 2;

async fn socks5(
    proxy: &Proxy,
    mut stream: Box<dyn Stream>,
    goal: &Goal,
) -> Result<Box<dyn Stream>, ProxyFault> {
    let hello: &[u8] =
        if proxy.login.is_some() { &[VERSION, 2, NO_LOGIN, LOGIN] } else { &[VERSION, 1, NO_LOGIN] };
    stream.write_all(hello).await?;
    match exactly(&mut stream).await? {
        [VERSION, NO_LOGIN] => {}
        [VERSION, LOGIN] => {
            let Some((user, password)) = &proxy.login else { return Err(ProxyFault::NoProxy("SOCKS 5")) };
            stream.write_all(&login(user, password).ok_or(ProxyFault::Login { given: true })?).await?;
            let [_, status] = exactly(&mut stream).await?;
            if status != 0 {
                return Err(ProxyFault::Login { given: true });
            }
        }
        [VERSION, 0xff] => return Err(ProxyFault::Login { given: proxy.login.is_some() }),
        [b'H', b'T'] => return Err(ProxyFault::Http),
        _ => return Err(ProxyFault::NoProxy("SOCKS 5")),
    }
    stream.write_all(&wanted(goal).ok_or(ProxyFault::Name)?).await?;
    let [version, reply, _, kind] = exactly(&mut stream).await?;
    if version != VERSION {
        return Err(ProxyFault::NoProxy("SOCKS 5"));
    }
    if reply != 0 {
        return Err(ProxyFault::Socks(refusal(reply)));
    }
    // The address that it speaks from there, which nobody here needs, and its port.
    let left = match kind {
        1 => 4 + 2,
        3 => usize::from(exactly::<1>(&mut stream).await?[0]) + 2,
        4 => 16 + 2,
        _ => return Err(ProxyFault::NoProxy("SOCKS 5")),
    };
    stream.read_exact(&mut vec![0; left]).await?;
    Ok(stream)
}

async fn exactly<const N: usize>(stream: &mut Box<dyn Stream>) -> Result<[u8; N], ProxyFault> {
    let mut bytes = [0; N];
    stream.read_exact(&mut bytes).await?;
    Ok(bytes)
}

/// The user and the password (RFC 1929 §2), if they are short enough.
fn login(user: &str, password: &Secret) -> Option<Vec<u8>> {
    let mut message = vec![1];
    for text in [user, password.reveal()] {
        message.push(u8::try_from(text.len()).ok()?);
        message.extend_from_slice(text.as_bytes());
    }
    Some(message)
}

/// The request to connect (RFC 1928 §4).
fn wanted(goal: &Goal) -> Option<Vec<u8>> {
    const CONNECT: u8 = 1;
    let mut message = vec![VERSION, CONNECT, 0];
    let port = match goal {
        Goal::Name(host, port) => {
            message.extend([3, u8::try_from(host.len()).ok()?]);
            message.extend_from_slice(host.as_bytes());
            *port
        }
        Goal::Address(SocketAddr::V4(address)) => {
            message.push(1);
            message.extend(address.ip().octets());
            address.port()
        }
        Goal::Address(SocketAddr::V6(address)) => {
            message.push(4);
            message.extend(address.ip().octets());
            address.port()
        }
    };
    message.extend(port.to_be_bytes());
    Some(message)
}

/// What a reply means (RFC 1928 §6).
fn refusal(reply: u8) -> &'static str {
    match reply {
        1 => "it failed, and does not say why",
        2 => "its rules do not allow the connection",
        3 => "it cannot reach the server's network",
        4 => "it cannot reach the server's host, or does not know its name",
        5 => "the server refused the connection",
        6 => "the server did not answer it in time",
        7 => "it does not make connections",
        8 => "it does not take addresses of this kind",
        _ => "it failed in a way that SOCKS has no name for",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_goal_is_a_name_or_an_address() {
        assert_eq!(Goal::new("example.com", 443).to_string(), "example.com:443");
        assert_eq!(Goal::new("::1", 443).to_string(), "[::1]:443");
        assert_eq!(wanted(&Goal::new("a.b", 258)).unwrap(), b"\x05\x01\x00\x03\x03a.b\x01\x02");
        assert_eq!(wanted(&Goal::new("1.2.3.4", 80)).unwrap(), b"\x05\x01\x00\x01\x01\x02\x03\x04\x00\x50");
        assert_eq!(wanted(&Goal::new("::1", 80)).unwrap().len(), 4 + 16 + 2);
        assert_eq!(wanted(&Goal::new(&"a".repeat(256), 80)), None);
    }

    #[test]
    fn a_login_has_lengths() {
        assert_eq!(login("al", &Secret::new("pw!")).unwrap(), b"\x01\x02al\x03pw!");
        assert_eq!(login(&"a".repeat(256), &Secret::new("")), None);
    }
}
