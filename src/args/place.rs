//! What the positional words mean: which of them is a target, and which server and method a target names.

use std::path::PathBuf;

use thiserror::Error;

use super::go_place;
use crate::netrpc::Codec;

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
    /// gRPC.
    Grpc,
    /// Go's net/rpc.
    NetRpc {
        /// How values are written.
        codec: Codec,
        /// Whether an HTTP CONNECT comes first.
        http: bool,
    },
}

/// A word that is not what belongs in its place.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PlaceError {
    /// A host without a port.
    #[error("{0} is a host without a port: add a port, such as {0}:443 or {0}:50051")]
    NoPort(String),
    /// A scheme that is not known.
    #[error(
        "{0}:// is not known: write HOST:PORT, http://HOST:PORT (plaintext), https://HOST:PORT (TLS), unix:PATH or demo:"
    )]
    UnknownScheme(String),
    /// A scheme of net/rpc with something in it that Go does not speak.
    #[error(
        "{0}: is not known: net/rpc is netrpc://, netrpc+tls://, netrpc+http://, netrpc+https://, jsonrpc://, \
         jsonrpc+tls://, or one of these with +unix: and a path"
    )]
    UnknownGoScheme(String),
    /// The text after a scheme is no address.
    #[error("{text} is no address: {why}")]
    Malformed {
        /// The whole target.
        text: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// Words in the wrong order.
    #[error("the server comes first: {0} {1}")]
    TargetFirst(String, String),
    /// A word that is neither a server nor a name.
    #[error("{word:?} is no server and no name: {why}")]
    Neither {
        /// The word.
        word: String,
        /// What to write instead.
        why: &'static str,
    },
    /// More words than there are places.
    #[error("unexpected argument {0:?}")]
    Unexpected(String),
}

/// Splits positional words into a target and what follows it.
///
/// The first word is a target exactly when it looks like one; whether it does is decided by its text alone.
pub fn split(words: &[String]) -> Result<(Option<Place>, Option<String>), PlaceError> {
    let (target, rest) = match words.split_first() {
        Some((first, rest)) if looks_like_target(first) => (Some(parse(first)?), rest),
        _ => (None, words),
    };
    if let Some(why) = rest.first().and_then(|word| why_neither(word)) {
        return Err(PlaceError::Neither { word: rest.first().cloned().unwrap_or_default(), why });
    }
    match (target, rest) {
        (target, []) => Ok((target, None)),
        (None, [name, target]) if looks_like_target(target) => {
            Err(PlaceError::TargetFirst(target.clone(), name.clone()))
        }
        (None, [host, _, ..]) if may_be_host(host) => Err(PlaceError::NoPort(host.clone())),
        (None, [host]) if is_surely_host(host) => Err(PlaceError::NoPort(host.clone())),
        (target, [name]) => Ok((target, Some(name.clone()))),
        (_, [_, extra, ..]) => Err(PlaceError::Unexpected(extra.clone())),
    }
}

/// Why a word that is no target is no name either, such as a target that was mistyped.
fn why_neither(word: &str) -> Option<&'static str> {
    if word.trim().is_empty() || word.contains(char::is_whitespace) {
        Some("there are blanks in it, or nothing else")
    } else if word.starts_with("./") || (word.starts_with('/') && word.matches('/').count() != 2) {
        Some("for a unix socket write unix:PATH")
    } else if word.bytes().all(|byte| byte.is_ascii_digit()) {
        Some("for a port on this machine write localhost:PORT")
    } else if word.trim_matches(['[', ']']).parse::<std::net::Ipv6Addr>().is_err() && word.contains(':') {
        Some("write HOST:PORT, with a port from 1 to 65535, or [IPV6]:PORT")
    } else {
        None
    }
}

/// Whether a word is a target and nothing else.
pub(super) fn looks_like_target(word: &str) -> bool {
    word.contains("://")
        || go_place::looks_like_one(word)
        || ["unix:", "dns:", "demo:"].iter().any(|prefix| word.starts_with(prefix))
        || host_port(word.split('/').next().unwrap_or(word)).is_some()
}

/// Reads a word that looks like a target.
pub(super) fn parse(word: &str) -> Result<Place, PlaceError> {
    let malformed = |why| PlaceError::Malformed { text: word.to_owned(), why };
    let place = |address, scheme, text: &str, path: &str| Place {
        text: text.to_owned(),
        address,
        scheme,
        protocol: Protocol::Grpc,
        path: path.to_owned(),
    };
    if let Some(place) = go_place::parse(word) {
        return place;
    }
    if let Some(path) = word.strip_prefix("unix:") {
        let path = match path.strip_prefix("//") {
            Some(absolute) if absolute.starts_with('/') => absolute,
            Some(_) => return Err(malformed("write unix:/path or unix:///path")),
            None => path,
        };
        if path.is_empty() {
            return Err(malformed("the path of the socket is missing"));
        }
        return Ok(place(Address::Unix(path.into()), None, word, ""));
    }
    if let Some(path) = word.strip_prefix("demo:") {
        let path = path.trim_start_matches('/');
        let path = if path.is_empty() { String::new() } else { format!("/{path}") };
        return Ok(place(Address::Demo, None, "demo:", &path));
    }
    if let Some(rest) = word.strip_prefix("dns:") {
        let rest = match rest.strip_prefix("//") {
            Some(rest) => rest
                .strip_prefix('/')
                .ok_or(malformed("name servers can't be chosen: write dns:///HOST:PORT"))?,
            None => rest,
        };
        let (authority, path) = authority_and_path(rest);
        let (host, port) = host_port(authority).ok_or_else(|| PlaceError::NoPort(authority.to_owned()))?;
        return Ok(place(Address::Tcp(host, port), None, authority, path));
    }
    if let Some((scheme, rest)) = word.split_once("://") {
        let (kind, default_port) = match scheme.to_ascii_lowercase().as_str() {
            "http" => (Scheme::Plaintext, 80),
            "https" => (Scheme::Tls, 443),
            _ => return Err(PlaceError::UnknownScheme(scheme.to_owned())),
        };
        let (authority, path) = authority_and_path(rest);
        if path.contains(['?', '#']) || authority.contains(['@', '?', '#']) {
            return Err(malformed("there can be no user, query or fragment in it"));
        }
        let (host, port) = match host_port(authority) {
            Some(found) => found,
            None => {
                (host_alone(authority).ok_or(malformed("the host is missing or malformed"))?, default_port)
            }
        };
        let text = word.get(..word.len() - path.len()).unwrap_or(word);
        return Ok(place(Address::Tcp(host, port), Some(kind), text, path));
    }
    let (authority, path) = authority_and_path(word);
    let (host, port) = host_port(authority).ok_or_else(|| match why_neither(authority) {
        Some(why) => PlaceError::Neither { word: word.to_owned(), why },
        None => PlaceError::NoPort(authority.to_owned()),
    })?;
    Ok(place(Address::Tcp(host, port), None, authority, path))
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
fn host_alone(text: &str) -> Option<String> {
    if let Some(v6) = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')) {
        return v6.parse::<std::net::Ipv6Addr>().is_ok().then(|| v6.to_owned());
    }
    let legal = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    (!text.is_empty() && text.chars().all(legal)).then(|| text.to_owned())
}

/// Whether a word before a method can be meant as a host: it is no method itself.
fn may_be_host(word: &str) -> bool {
    !word.contains(['/', '=', '@'])
        && (host_alone(word).is_some() || word.parse::<std::net::IpAddr>().is_ok())
}

/// Whether a word is rather a host than a name: an address, or labels with dots between and no capital anywhere, as
/// hosts are written and symbols are not. A symbol that is can be told by a dot before it.
fn is_surely_host(word: &str) -> bool {
    let label = |label: &str| {
        !label.is_empty() && label.bytes().all(|c| matches!(c, b'a'..=b'z' | b'0'..=b'9' | b'-'))
    };
    word.eq_ignore_ascii_case("localhost")
        || word.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok()
        || (word.contains('.') && word.trim_end_matches('.').split('.').all(label))
}

impl Place {
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

    fn words(words: &[&str]) -> Result<(Option<Place>, Option<String>), PlaceError> {
        split(&words.iter().map(|&word| word.to_owned()).collect::<Vec<_>>())
    }

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
            let (place, name) = words(&[word]).unwrap();
            let place = place.unwrap();
            assert_eq!((place.address, place.scheme, place.path.as_str()), (address, scheme, path), "{word}");
            assert_eq!(name, None);
        }
    }

    #[test]
    fn everything_else_is_a_name() {
        for word in [
            "hello.HelloService/SayHello",
            "hello.HelloService",
            "SayHello",
            "pkg.lower_case",
            ".example.com",
        ] {
            assert_eq!(words(&[word]).unwrap(), (None, Some(word.to_owned())));
        }
    }

    #[test]
    fn a_host_without_a_port_is_told_so() {
        for host in ["localhost", "127.0.0.1", "::1", "[::1]", "example.com", "api-1.example.com"] {
            assert_eq!(words(&[host]).unwrap_err(), PlaceError::NoPort(host.to_owned()));
        }
        let error = words(&["example.com", "pkg.Svc/M"]).unwrap_err();
        assert_eq!(error, PlaceError::NoPort("example.com".to_owned()));
        assert_eq!(words(&["dns:///h"]).unwrap_err(), PlaceError::NoPort("h".to_owned()));
    }

    #[test]
    fn what_is_no_address_is_refused() {
        assert_eq!(words(&["ftp://h"]).unwrap_err(), PlaceError::UnknownScheme("ftp".to_owned()));
        for word in
            ["http://", "http://u@h/", "https://h/?q", "unix:", "unix://host/path", "dns://1.1.1.1/h:1"]
        {
            assert!(matches!(words(&[word]), Err(PlaceError::Malformed { .. })), "{word}");
        }
        let extra = words(&["h:1", "a.B/C", "d"]).unwrap_err();
        assert_eq!(extra, PlaceError::Unexpected("d".to_owned()));
    }

    #[test]
    fn a_mistyped_server_is_not_taken_for_a_name() {
        for word in [
            "localhost:99999",
            "localhost:abc",
            "50051",
            "::1:50051",
            "/tmp/x.sock.d/y",
            "./x.sock",
            "",
            "a:1 ",
        ] {
            let error = words(&[word]).unwrap_err();
            assert!(matches!(error, PlaceError::Neither { .. } | PlaceError::NoPort(_)), "{word}: {error}");
        }
        let swapped = words(&["a.B/C", "h:1"]).unwrap_err();
        assert_eq!(swapped.to_string(), "the server comes first: h:1 a.B/C");
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
