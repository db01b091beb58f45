//! Where a server is: a host and a port, a unix socket, or a stream that the caller opens itself.

use std::fmt;
use std::io;
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;

use super::io::Stream;

/// Where a server listens.
#[derive(Debug, Clone)]
pub enum Endpoint {
    /// A host name or IP address (without brackets) and a port.
    Tcp {
        /// The name or address as the user typed it, without brackets.
        host: String,
        /// The port.
        port: u16,
    },
    /// A unix domain socket.
    Unix(PathBuf),
    /// A stream that needs no network, such as the demo server inside this process.
    Opened(Opener),
}

/// Makes a connected stream, anew for every connection.
#[derive(Clone)]
pub struct Opener {
    name: &'static str,
    open: Arc<dyn Fn() -> io::Result<Box<dyn Stream>> + Send + Sync>,
}

impl Opener {
    /// An opener shown as `name` in messages.
    pub fn new(
        name: &'static str,
        open: impl Fn() -> io::Result<Box<dyn Stream>> + Send + Sync + 'static,
    ) -> Self {
        Self { name, open: Arc::new(open) }
    }

    pub(super) fn open(&self) -> io::Result<Box<dyn Stream>> {
        (self.open)()
    }
}

impl fmt::Debug for Opener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Opener").field(&self.name).finish()
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp { host, port } if host.contains(':') => write!(f, "[{host}]:{port}"),
            Self::Tcp { host, port } => write!(f, "{host}:{port}"),
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
            Self::Opened(opener) => f.write_str(opener.name),
        }
    }
}

impl Endpoint {
    /// The host as HTTP's authority and TLS's server name have it, `localhost` where there is none.
    pub fn host(&self) -> &str {
        match self {
            Self::Tcp { host, .. } => host,
            Self::Unix(_) | Self::Opened(_) => "localhost",
        }
    }

    /// The value of `:authority` for this endpoint: host and port, `localhost` without a network.
    pub fn authority(&self) -> String {
        match self {
            Self::Tcp { .. } => self.to_string(),
            Self::Unix(_) | Self::Opened(_) => "localhost".to_owned(),
        }
    }

    /// Whether the text of the address alone says that the server is on this machine.
    pub fn is_loopback(&self) -> bool {
        match self {
            Self::Tcp { host, .. } => is_loopback(host),
            Self::Unix(_) | Self::Opened(_) => true,
        }
    }
}

/// Whether `host` is this machine by its text alone: `localhost`, a name below it (RFC 6761 §6.3), 127/8 or ::1.
pub fn is_loopback(host: &str) -> bool {
    let name = host.trim_end_matches('.').to_ascii_lowercase();
    name == "localhost"
        || name.ends_with(".localhost")
        || host.parse::<IpAddr>().is_ok_and(|ip| ip.to_canonical().is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_is_told_by_the_text_alone() {
        for host in
            ["localhost", "LOCALHOST.", "api.localhost", "127.0.0.1", "127.8.9.1", "::1", "::ffff:127.0.0.1"]
        {
            assert!(is_loopback(host), "{host}");
        }
        for host in ["localhost.example.com", "10.0.0.1", "0.0.0.0", "::", "example.com"] {
            assert!(!is_loopback(host), "{host}");
        }
    }

    #[test]
    fn an_ipv6_host_is_shown_in_brackets() {
        let endpoint = Endpoint::Tcp { host: "::1".to_owned(), port: 50051 };
        assert_eq!(endpoint.to_string(), "[::1]:50051");
        assert_eq!(endpoint.authority(), "[::1]:50051");
    }
}
