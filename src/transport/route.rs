//! Which way a connection goes, where that is not simply to the address that the server's name has.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use hyper_util::client::proxy::matcher::Matcher;

use crate::secrets::Secret;

/// The way of a connection: by the detours to another place, from that place's name to the addresses that are known of
/// it, and all of it through a proxy.
#[derive(Debug, Clone, Default)]
pub struct Route {
    /// Other places to connect to. The first that is about a server counts.
    pub detours: Vec<Detour>,
    /// Addresses of names, whatever name servers say.
    pub known: Vec<Known>,
    /// The one address of the server's that counts, where each is to be called by itself.
    pub only: Option<IpAddr>,
    /// The proxy on the way.
    pub proxy: Option<Proxy>,
}

/// Connects to another place than the server's own; TLS and HTTP are not told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detour {
    /// The host that it is about; none is any.
    pub host: Option<String>,
    /// The port that it is about; none is any.
    pub port: Option<u16>,
    /// The host to connect to instead; none is the same.
    pub to_host: Option<String>,
    /// The port to connect to instead; none is the same.
    pub to_port: Option<u16>,
}

/// The addresses of a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// The name; none is any.
    pub host: Option<String>,
    /// The port for which they count.
    pub port: u16,
    /// The addresses, the preferred one first.
    pub addresses: Vec<IpAddr>,
}

/// A server that passes connections on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proxy {
    /// What is spoken to it.
    pub kind: ProxyKind,
    /// Its host.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// The user and the password for it.
    pub login: Option<(String, Secret)>,
    /// Who named it: a flag, or a variable of the environment.
    pub origin: &'static str,
}

/// What is spoken to a proxy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProxyKind {
    /// HTTP's CONNECT (RFC 9110 §9.3.6).
    Http,
    /// The same inside TLS.
    Https,
    /// SOCKS version 5 (RFC 1928).
    Socks5 {
        /// Whether the proxy resolves the server's name.
        resolves: bool,
    },
}

impl ProxyKind {
    /// The scheme of its URL.
    pub fn scheme(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
            Self::Socks5 { resolves: false } => "socks5",
            Self::Socks5 { resolves: true } => "socks5h",
        }
    }
}

/// As a URL, without user and password.
impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, host, port, .. } = self;
        let scheme = kind.scheme();
        if host.contains(':') {
            write!(f, "{scheme}://[{host}]:{port}")
        } else {
            write!(f, "{scheme}://{host}:{port}")
        }
    }
}

/// Whether a list as `NO_PROXY` has it names this place: names with all below them, addresses, networks such as
/// 10.0.0.0/8, and `*` for all. A name or an address with a port behind it is about that port alone, as Go has it.
pub fn is_exempt(list: &str, host: &str, port: u16) -> bool {
    let host = if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
    let Ok(uri) = format!("http://{host}/").parse() else { return false };
    let about = |entry: &&str| with_port(entry).is_none_or(|(_, own)| own == port);
    let names: Vec<&str> = list
        .split(',')
        .map(str::trim)
        .filter(about)
        .map(|entry| with_port(entry).map_or(entry, |(name, _)| name))
        .collect();
    Matcher::builder().all("http://proxy.invalid").no(names.join(",")).build().intercept(&uri).is_none()
}

/// A name or an address that has a port behind it, and the port. An IPv6 address has one behind brackets alone.
fn with_port(entry: &str) -> Option<(&str, u16)> {
    let (name, port) = entry.rsplit_once(':')?;
    let port = port.parse().ok()?;
    match name.strip_prefix('[').and_then(|name| name.strip_suffix(']')) {
        Some(address) => Some((address, port)),
        None => (!name.contains(':')).then_some((name, port)),
    }
}

impl Route {
    /// Where a connection for this place goes.
    pub(super) fn place(&self, host: &str, port: u16) -> (String, u16) {
        let about = |detour: &&Detour| {
            detour.host.as_ref().is_none_or(|name| name.eq_ignore_ascii_case(host))
                && detour.port.is_none_or(|number| number == port)
        };
        match self.detours.iter().find(about) {
            None => (host.to_owned(), port),
            Some(Detour { to_host, to_port, .. }) => {
                (to_host.clone().unwrap_or_else(|| host.to_owned()), to_port.unwrap_or(port))
            }
        }
    }

    /// The addresses that are known of a place.
    pub(super) fn known(&self, host: &str, port: u16) -> Option<Vec<SocketAddr>> {
        let about = |known: &&Known| {
            known.port == port && known.host.as_ref().is_none_or(|name| name.eq_ignore_ascii_case(host))
        };
        let known = self.known.iter().find(about)?;
        Some(known.addresses.iter().map(|&ip| SocketAddr::new(ip, port)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn detour(host: &str, port: u16, to_host: &str, to_port: u16) -> Detour {
        let host_of = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let port_of = |number| (number != 0).then_some(number);
        Detour {
            host: host_of(host),
            port: port_of(port),
            to_host: host_of(to_host),
            to_port: port_of(to_port),
        }
    }

    #[test]
    fn the_first_detour_that_fits_counts() {
        let route = Route {
            detours: vec![detour("a", 1, "b", 2), detour("a", 0, "c", 0), detour("", 7, "", 8)],
            ..Route::default()
        };
        assert_eq!(route.place("A", 1), ("b".to_owned(), 2));
        assert_eq!(route.place("a", 3), ("c".to_owned(), 3));
        assert_eq!(route.place("x", 7), ("x".to_owned(), 8));
        assert_eq!(route.place("x", 1), ("x".to_owned(), 1));
    }

    #[test]
    fn addresses_are_known_for_a_port() {
        let ip: IpAddr = "10.0.0.1".parse().unwrap();
        let known =
            |host: Option<&str>| Known { host: host.map(str::to_owned), port: 443, addresses: vec![ip] };
        let route = Route { known: vec![known(Some("a"))], ..Route::default() };
        assert_eq!(route.known("A", 443), Some(vec![SocketAddr::new(ip, 443)]));
        assert_eq!(route.known("a", 80), None);
        assert_eq!(route.known("b", 443), None);
        let any = Route { known: vec![known(None)], ..Route::default() };
        assert_eq!(any.known("b", 443), Some(vec![SocketAddr::new(ip, 443)]));
    }

    #[test]
    fn some_hosts_go_without_a_proxy() {
        let list = "example.com, .internal, 10.0.0.0/8, fd00::/8, 192.0.2.1";
        for host in ["example.com", "api.example.com", "a.internal", "10.1.2.3", "192.0.2.1", "fd00::1"] {
            assert!(is_exempt(list, host, 443), "{host}");
        }
        for host in ["example.org", "notexample.com", "11.0.0.1", "192.0.2.2", "fe80::1"] {
            assert!(!is_exempt(list, host, 443), "{host}");
        }
        assert!(is_exempt("*", "example.org", 1));
        assert!(!is_exempt("", "example.org", 1));
    }

    #[test]
    fn some_ports_go_without_a_proxy() {
        let list = "example.com:8443, .internal:1, 10.0.0.1:2,[fd00::1]:3,fd00::4,*:5";
        let there = |host, port| is_exempt(list, host, port);
        assert!(there("example.com", 8443) && there("api.example.com", 8443) && !there("example.com", 443));
        assert!(there("a.internal", 1) && there("10.0.0.1", 2) && there("fd00::1", 3) && there("fd00::4", 9));
        assert!(!there("a.internal", 2) && !there("10.0.0.1", 1) && !there("fd00::1", 4));
        assert!(there("example.org", 5));
    }

    #[test]
    fn a_proxy_is_shown_without_its_password() {
        let proxy = Proxy {
            kind: ProxyKind::Socks5 { resolves: true },
            host: "::1".to_owned(),
            port: 1080,
            login: Some(("alice".to_owned(), Secret::new("hunter2"))),
            origin: "--proxy",
        };
        assert_eq!(proxy.to_string(), "socks5h://[::1]:1080");
        assert!(!format!("{proxy:?}").contains("hunter2"));
    }
}
