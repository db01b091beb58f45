//! Which server a target names, and what its path says.

use std::path::PathBuf;

use super::go_place;
use super::positional::{PlaceError, why_neither};
use crate::netrpc::Codec;
use crate::wire;

/// A target as its text says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The text before any path, as it was typed.
    pub text: String,
    /// Where the server is.
    pub address: Address,
    /// Whether the scheme says plaintext or TLS.
    pub scheme: Option<Scheme>,
    /// What is spoken there.
    pub protocol: Protocol,
    /// What follows the address; empty or beginning with a slash.
    pub path: String,
}

/// Where a server is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// A host, without brackets, and a port.
    Tcp(String, u16),
    /// A unix socket.
    Unix(PathBuf),
    /// The demo server inside this process.
    Demo,
}

/// What a URL's scheme says about TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// `http://`
    Plaintext,
    /// `https://`
    Tls,
}

/// What is spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// gRPC, or a protocol like it, which the scheme may name.
    Http(Option<wire::Protocol>),
    /// Go's net/rpc.
    NetRpc {
        /// How values are written.
        codec: Codec,
        /// Whether an HTTP CONNECT comes first.
        http: bool,
    },
}

/// Whether a word is a target and nothing else.
pub fn looks_like_target(word: &str) -> bool {
    word.contains("://")
        || go_place::looks_like_one(word)
        || ["unix:", "dns:", "demo:"].iter().any(|prefix| word.starts_with(prefix))
        || host_port(word.split('/').next().unwrap_or(word)).is_some()
}

/// A target and the path behind it, apart; none if the word has no path, or none that can be a name's beginning.
pub fn target_and_path(word: &str) -> Option<(&str, &str)> {
    if !looks_like_target(word) {
        return None;
    }
    let place = parse(word).ok()?;
    let path = place.path.strip_prefix('/')?;
    let (target, path) = word.split_at_checked(word.len().checked_sub(path.len())?)?;
    Some((target.strip_suffix('/')?, path))
}

/// Reads a word that looks like a target.
pub(super) fn parse(word: &str) -> Result<Place, PlaceError> {
    if let Some(place) = go_place::parse(word) {
        return place;
    }
    if let Some(path) = word.strip_prefix("unix:") {
        return unix(word, path);
    }
    if let Some(path) = word.strip_prefix("demo:") {
        return Ok(demo(path));
    }
    if let Some(rest) = word.strip_prefix("dns:") {
        return dns(word, rest);
    }
    match word.split_once("://") {
        Some((scheme, rest)) => url(word, scheme, rest),
        None => bare(word),
    }
}

/// The flag, without its dashes, that says the same as a target's text about TLS. There is none to the demo server.
pub fn speaks(text: &str) -> Option<&'static str> {
    let place = parse(text).ok()?;
    match (place.address, place.scheme) {
        (Address::Demo, _) | (_, Some(Scheme::Plaintext)) => Some("plaintext"),
        (_, Some(Scheme::Tls)) => Some("tls"),
        (_, None) => None,
    }
}

/// What is wrong with a target's text.
pub fn target_error(text: &str) -> Option<String> {
    parse(text).err().map(|error| error.to_string())
}

/// Whether two targets are the same server, as far as their texts say so.
pub fn same_server(one: &str, other: &str) -> bool {
    matches!((parse(one), parse(other)), (Ok(one), Ok(other)) if one.address == other.address)
}

/// What is spoken at a target, as far as its text says so.
pub fn protocol(text: &str) -> Protocol {
    parse(text).map_or(Protocol::Http(None), |place| place.protocol)
}

/// `unix:PATH`, `unix:///PATH`.
fn unix(word: &str, path: &str) -> Result<Place, PlaceError> {
    socket_path(word, path).map(|path| grpc(Address::Unix(path.into()), None, word, ""))
}

/// The path of a socket, which `word` has behind its scheme and a colon.
pub(super) fn socket_path<'w>(word: &str, path: &'w str) -> Result<&'w str, PlaceError> {
    let path = match path.strip_prefix("//") {
        Some(absolute) if absolute.starts_with('/') => absolute,
        Some(_) => {
            return Err(malformed(word, "write the path of the socket after the colon, such as unix:/path"));
        }
        None => path,
    };
    if path.is_empty() { Err(malformed(word, "the path of the socket is missing")) } else { Ok(path) }
}

/// `demo:`, `demo:/SERVICE/METHOD`.
fn demo(path: &str) -> Place {
    let path = path.trim_start_matches('/');
    let path = if path.is_empty() { String::new() } else { format!("/{path}") };
    grpc(Address::Demo, None, "demo:", &path)
}

/// `dns:HOST:PORT`, `dns:///HOST:PORT`.
fn dns(word: &str, rest: &str) -> Result<Place, PlaceError> {
    let rest = match rest.strip_prefix("//").map(|rest| rest.strip_prefix('/')) {
        None => rest,
        Some(Some(rest)) => rest,
        Some(None) => {
            return Err(malformed(word, "name servers can't be chosen: write dns:///HOST:PORT"));
        }
    };
    let (authority, path) = authority_and_path(rest);
    let (host, port) = host_port(authority).ok_or_else(|| PlaceError::NoPort(authority.to_owned()))?;
    Ok(grpc(Address::Tcp(host, port), None, authority, path))
}

/// What the word before `+http://` says.
pub(super) fn spoken(word: &str) -> Option<wire::Protocol> {
    Some(match word {
        "grpc" => wire::Protocol::Grpc,
        "grpcweb" | "grpc-web" => wire::Protocol::GrpcWeb { text: false },
        "grpcwebtext" | "grpc-web-text" => wire::Protocol::GrpcWeb { text: true },
        "connect" => wire::Protocol::Connect,
        _ => return None,
    })
}

/// `http://HOST[:PORT]/PATH`, `https://HOST[:PORT]/PATH`, `connect+https://HOST[:PORT]/PATH`.
fn url(word: &str, scheme: &str, rest: &str) -> Result<Place, PlaceError> {
    let unknown = || PlaceError::UnknownScheme(scheme.to_owned());
    let lower = scheme.to_ascii_lowercase();
    let (protocol, lower) = match lower.split_once('+') {
        Some((name, http)) => (Some(spoken(name).ok_or_else(unknown)?), http),
        None => (None, lower.as_str()),
    };
    let (kind, default_port) = match lower {
        "http" => (Scheme::Plaintext, 80),
        "https" => (Scheme::Tls, 443),
        _ => return Err(unknown()),
    };
    let (authority, path) = authority_and_path(rest);
    if path.contains(['?', '#']) || authority.contains(['@', '?', '#']) {
        return Err(malformed(word, "there can be no user, query or fragment in it"));
    }
    let alone = || host_alone(authority).map(|host| (host, default_port));
    let (host, port) = host_port(authority)
        .or_else(alone)
        .ok_or_else(|| malformed(word, "the host is missing or malformed"))?;
    let text = word.get(..word.len() - path.len()).unwrap_or(word);
    let protocol = Protocol::Http(protocol);
    Ok(Place { protocol, ..grpc(Address::Tcp(host, port), Some(kind), text, path) })
}

/// `HOST:PORT`, and perhaps a path.
fn bare(word: &str) -> Result<Place, PlaceError> {
    let (authority, path) = authority_and_path(word);
    let (host, port) = host_port(authority).ok_or_else(|| match why_neither(authority) {
        Some(why) => PlaceError::Neither { word: word.to_owned(), why },
        None => PlaceError::NoPort(authority.to_owned()),
    })?;
    Ok(grpc(Address::Tcp(host, port), None, authority, path))
}

fn grpc(address: Address, scheme: Option<Scheme>, text: &str, path: &str) -> Place {
    Place { text: text.to_owned(), address, scheme, protocol: Protocol::Http(None), path: path.to_owned() }
}

pub(super) fn malformed(word: &str, why: &'static str) -> PlaceError {
    PlaceError::Malformed { text: without_password(word), why }
}

/// A word as it may be shown: what stands before the host of a URL may be a name and a password.
pub(super) fn without_password(word: &str) -> String {
    match word.rsplit_once('@') {
        Some((before, host)) if before.contains(':') => {
            let scheme = before.split_once("://").map_or(String::new(), |(scheme, _)| format!("{scheme}://"));
            format!("{scheme}…@{host}")
        }
        _ => word.to_owned(),
    }
}

pub(super) fn authority_and_path(text: &str) -> (&str, &str) {
    text.split_at(text.find('/').unwrap_or(text.len()))
}

/// `HOST:PORT` or `[v6]:PORT`.
pub(super) fn host_port(text: &str) -> Option<(String, u16)> {
    let (host, port) = text.rsplit_once(':')?;
    let host = if host.is_empty() { "localhost" } else { host };
    if !port.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some((host_alone(host)?, port.parse().ok().filter(|port| *port != 0)?))
}

/// A host name, an IPv4 address or a bracketed IPv6 address.
pub(super) fn host_alone(text: &str) -> Option<String> {
    if let Some(v6) = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')) {
        return v6.parse::<std::net::Ipv6Addr>().is_ok().then(|| v6.to_owned());
    }
    let legal = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    (!text.is_empty() && text.chars().all(legal)).then(|| text.to_owned())
}

impl Place {
    /// The text of the same server with the scheme of TLS, or of plaintext; none if it has no scheme.
    pub(super) fn secured(&self, tls: bool) -> Option<String> {
        self.scheme?;
        match self.protocol {
            Protocol::NetRpc { codec, http } => self.go(codec, http, tls),
            Protocol::Http(_) => {
                let (scheme, rest) = self.text.split_once("://")?;
                let spoken =
                    scheme.split_once('+').map(|(spoken, _)| format!("{spoken}+")).unwrap_or_default();
                Some(format!("{spoken}{}://{rest}", if tls { "https" } else { "http" }))
            }
        }
    }

    /// The text of the same server with another protocol in its scheme; none if the scheme names no protocol.
    pub(super) fn speaking(&self, protocol: wire::Protocol) -> Option<String> {
        let Protocol::Http(Some(_)) = self.protocol else { return None };
        let (_, http) = self.text.split_once('+')?;
        Some(format!("{}+{http}", protocol.name()))
    }

    /// The text of the same address as a net/rpc server's that is spoken to like this.
    pub(super) fn go(&self, codec: Codec, http: bool, tls: bool) -> Option<String> {
        let (_, rest) = self.text.split_once(':')?;
        Some(go_place::scheme(codec, http, tls, &self.address) + rest)
    }

    /// The scheme as far as it goes before the address, such as `http://`; empty if there is none.
    fn scheme_text(text: &str) -> &str {
        let end = text.find("://").map(|at| at + 3).or(text.find(':').map(|at| at + 1));
        text.get(..end.unwrap_or_default()).unwrap_or_default()
    }

    /// The scheme as it was typed, and that of the same with TLS or plaintext instead.
    pub(super) fn schemes(&self, tls: bool) -> (String, String) {
        let other = self.secured(tls).unwrap_or_default();
        (Self::scheme_text(&self.text).to_owned(), Self::scheme_text(&other).to_owned())
    }

    /// Splits the path into what stands before every method and the method that it ends in:
    /// `/prefix/pkg.Svc/Method`, `/prefix/pkg.Svc.Method`.
    pub fn prefix_and_method(&self) -> (&str, Option<&str>) {
        let path = self.path.trim_end_matches('/');
        let Some(last) = path.rfind('/') else { return ("", None) };
        // A method's own name has no dot, so a last part with one names its service too.
        let dotted = path.get(last..).is_some_and(|part| part.contains('.'));
        let start = match path.get(..last).and_then(|head| head.rfind('/')) {
            Some(service) if !dotted => service,
            _ => last,
        };
        (path.get(..start).unwrap_or(""), path.get(start + 1..))
    }

    /// Splits what looks like a name off the path of a unix socket, where no name can stand: a socket's path may be
    /// anything, so this is for advice alone.
    pub fn socket_and_name(&self) -> Option<(&str, &str)> {
        let Address::Unix(_) = self.address else { return None };
        let socket =
            [".sock/", ".socket/"].iter().filter_map(|end| Some(self.text.find(end)? + end.len() - 1));
        let (socket, name) = self.text.split_at_checked(socket.min()?)?;
        Some((socket, name.trim_matches('/'))).filter(|(_, name)| !name.is_empty())
    }

    /// Splits the path into what stands before every method and the symbol that it ends in. The path of a URL may
    /// be nothing but a prefix; what follows a bare address is a symbol.
    pub fn prefix_and_symbol(&self) -> (&str, Option<&str>) {
        let (prefix, name) = self.prefix_and_method();
        match name {
            Some(name) if self.scheme.is_none() || name.contains('.') => (prefix, Some(name)),
            _ => (self.path.trim_end_matches('/'), None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tcp(host: &str, port: u16) -> Address {
        Address::Tcp(host.to_owned(), port)
    }

    #[test]
    fn a_target_is_told_by_its_text() {
        for (word, address, scheme, path) in [
            ("localhost:50051", tcp("localhost", 50051), None, ""),
            (":50051", tcp("localhost", 50051), None, ""),
            ("[::1]:1", tcp("::1", 1), None, ""),
            ("api.example.com:443/pkg.Svc/M", tcp("api.example.com", 443), None, "/pkg.Svc/M"),
            ("http://h", tcp("h", 80), Some(Scheme::Plaintext), ""),
            ("HTTPS://h:8443/a/b", tcp("h", 8443), Some(Scheme::Tls), "/a/b"),
            ("unix:/run/x.sock", Address::Unix("/run/x.sock".into()), None, ""),
            ("unix:///run/x.sock", Address::Unix("/run/x.sock".into()), None, ""),
            ("unix:x.sock", Address::Unix("x.sock".into()), None, ""),
            ("dns:///h:1", tcp("h", 1), None, ""),
            ("demo:", Address::Demo, None, ""),
        ] {
            assert!(looks_like_target(word), "{word}");
            let place = parse(word).unwrap();
            assert_eq!((place.address, place.scheme, place.path.as_str()), (address, scheme, path), "{word}");
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        assert_eq!(parse("ftp://h").unwrap_err(), PlaceError::UnknownScheme("ftp".to_owned()));
        assert_eq!(parse("dns:///h").unwrap_err(), PlaceError::NoPort("h".to_owned()));
        for word in
            ["http://", "http://u@h/", "https://h/?q", "unix:", "unix://host/path", "dns://1.1.1.1/h:1"]
        {
            assert!(matches!(parse(word), Err(PlaceError::Malformed { .. })), "{word}");
        }
    }

    #[test]
    fn a_path_ends_in_a_method_and_may_begin_with_a_prefix() {
        let method = |word: &str| {
            let place = parse(word).unwrap();
            let (prefix, method) = place.prefix_and_method();
            (prefix.to_owned(), method.map(str::to_owned))
        };
        let some = |prefix: &str, name: &str| (prefix.to_owned(), Some(name.to_owned()));
        assert_eq!(method("h:1"), (String::new(), None));
        assert_eq!(method("h:1/pkg.Svc/M"), some("", "pkg.Svc/M"));
        assert_eq!(method("h:1/pkg.Svc.M"), some("", "pkg.Svc.M"));
        assert_eq!(method("https://h/a/b/pkg.Svc/M"), some("/a/b", "pkg.Svc/M"));
        assert_eq!(method("https://h/a/pkg.Svc.M"), some("/a", "pkg.Svc.M"));
        assert_eq!(method("https://h/Svc/M/"), some("", "Svc/M"));
    }

    #[test]
    fn a_name_at_the_end_of_a_socket_is_noticed() {
        let split = |word: &str| parse(word).unwrap().socket_and_name().map(|(a, b)| format!("{a} {b}"));
        assert_eq!(split("unix:/a.sock/pkg.Svc/M").as_deref(), Some("unix:/a.sock pkg.Svc/M"));
        assert_eq!(split("unix:///a.socket/pkg.Svc").as_deref(), Some("unix:///a.socket pkg.Svc"));
        for word in ["unix:/a.sock", "unix:/a.sock/", "unix:/run/a", "h:1/a.sock/b"] {
            assert_eq!(split(word), None, "{word}");
        }
    }

    #[test]
    fn for_a_list_the_path_of_a_url_may_be_a_prefix_alone() {
        let symbol = |word: &str| {
            let place = parse(word).unwrap();
            let (prefix, symbol) = place.prefix_and_symbol();
            (prefix.to_owned(), symbol.map(str::to_owned))
        };
        assert_eq!(symbol("https://h/api/grpc"), ("/api/grpc".to_owned(), None));
        assert_eq!(symbol("https://h/api/pkg.Svc"), ("/api".to_owned(), Some("pkg.Svc".to_owned())));
        assert_eq!(symbol("h:1/HelloService"), (String::new(), Some("HelloService".to_owned())));
        assert_eq!(symbol("h:1"), (String::new(), None));
    }
}
