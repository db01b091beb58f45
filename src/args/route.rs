//! Which way connections go: past name servers, to other places, through proxies.

use std::net::IpAddr;

use clap::Args;
use thiserror::Error;

use super::place::{host_alone, without_password};
use super::values;
use crate::secrets::Secret;
use crate::transport::{Detour, Endpoint, Known, Proxy, ProxyKind, Route, is_exempt};

/// Which way connections go.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Connection")]
pub struct RouteArgs {
    /// Connect through this proxy: http, https, socks5 or socks5h [env: HTTPS_PROXY, HTTP_PROXY, ALL_PROXY]
    ///
    /// [SCHEME://][USER:PASSWORD@]HOST[:PORT]; socks5h has the proxy resolve names. HTTPS_PROXY is for TLS, HTTP_PROXY
    /// for plaintext, and neither for this machine's own addresses. Nothing of a call is told to the proxy.
    #[allow(
        rustdoc::broken_intra_doc_links,
        reason = "brackets are what may be left out, and the help shows them"
    )]
    #[arg(long, value_name = "URL", value_parser = values::secret)]
    pub proxy: Option<Secret>,

    /// Connect to these without a proxy [env: NO_PROXY]
    ///
    /// Names with all below them, addresses, networks such as 10.0.0.0/8, with commas between; * is all. Behind a name or
    /// an address may stand :PORT. Also --noproxy.
    #[arg(long, alias = "noproxy", value_name = "LIST")]
    pub no_proxy: Option<String>,

    /// Connect to another place instead (repeatable)
    ///
    /// HOST:PORT:OTHER_HOST:OTHER_PORT, as curl has it: what is left empty is any host or port, and stays as it is. TLS
    /// and :authority go by the first.
    #[arg(long, value_name = "FROM:TO", value_parser = detour)]
    pub connect_to: Vec<Detour>,

    /// Take these addresses for a name's, whatever name servers say (repeatable)
    ///
    /// HOST:PORT:ADDRESS[,ADDRESS]..., as curl has it; * is any host.
    #[allow(
        rustdoc::broken_intra_doc_links,
        reason = "brackets are what may be left out, and the help shows them"
    )]
    #[arg(long, value_name = "HOST:PORT:ADDRESS", value_parser = known)]
    pub resolve: Vec<Known>,
}

/// What the environment says of proxies.
#[derive(Debug, Clone, Default)]
pub struct Proxies {
    /// The variable for connections with TLS, and what it says.
    pub tls: Option<(&'static str, String)>,
    /// The variable for those in plaintext, and what it says.
    pub plaintext: Option<(&'static str, String)>,
    /// `NO_PROXY`.
    pub exempt: Option<String>,
}

/// A proxy that can't be one.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{origin} says {text:?}, which is no proxy: {why}")]
pub struct ProxyError {
    origin: &'static str,
    text: String,
    why: &'static str,
}

impl RouteArgs {
    /// The way to this endpoint, with TLS or in plaintext.
    pub(super) fn plan(&self, endpoint: &Endpoint, tls: bool, given: &Proxies) -> Result<Route, ProxyError> {
        Ok(Route {
            detours: self.connect_to.clone(),
            known: self.resolve.clone(),
            only: None,
            proxy: self.proxy(endpoint, tls, given)?,
        })
    }

    fn proxy(&self, endpoint: &Endpoint, tls: bool, given: &Proxies) -> Result<Option<Proxy>, ProxyError> {
        let Endpoint::Tcp { host, port } = endpoint else { return Ok(None) };
        let variable = if tls { &given.tls } else { &given.plaintext };
        let (text, origin) = match (&self.proxy, variable) {
            (Some(text), _) => (text.reveal(), "--proxy"),
            // What a company's proxy could not reach is not asked of it.
            (None, Some((name, text))) if !endpoint.is_loopback() => (text.as_str(), *name),
            _ => return Ok(None),
        };
        let exempt = self.no_proxy.as_deref().or(given.exempt.as_deref()).unwrap_or_default();
        if is_exempt(exempt, host, *port) { Ok(None) } else { proxy(text, origin) }
    }

    /// The flags that were given and lead the same way again, each with its value; none for a value that has a password
    /// in it.
    pub(super) fn words(&self) -> impl Iterator<Item = (&'static str, Option<String>)> {
        let proxy = self.proxy.iter().map(|text| {
            let open = !text.reveal().contains('@');
            ("--proxy", open.then(|| text.reveal().to_owned()))
        });
        let exempt = self.no_proxy.iter().map(|list| ("--no-proxy", Some(list.clone())));
        let detours = self.connect_to.iter().map(|detour| ("--connect-to", Some(detour_text(detour))));
        let known = self.resolve.iter().map(|known| ("--resolve", Some(known_text(known))));
        proxy.chain(exempt).chain(detours).chain(known)
    }
}

/// A proxy by its URL; an empty text is none, as curl has it.
fn proxy(text: &str, origin: &'static str) -> Result<Option<Proxy>, ProxyError> {
    if text.is_empty() {
        return Ok(None);
    }
    let wrong = |why| ProxyError { origin, text: without_password(text), why };
    let (scheme, rest) = text.split_once("://").unwrap_or(("http", text));
    let (kind, port) = match scheme.to_ascii_lowercase().as_str() {
        "http" => (ProxyKind::Http, 80),
        "https" => (ProxyKind::Https, 443),
        "socks5" => (ProxyKind::Socks5 { resolves: false }, 1080),
        "socks" | "socks5h" => (ProxyKind::Socks5 { resolves: true }, 1080),
        _ => return Err(wrong("the schemes are http, https, socks5 and socks5h")),
    };
    let authority = rest.trim_end_matches('/');
    let (login, place) = match authority.rsplit_once('@') {
        None => (None, authority),
        Some((login, place)) => {
            let (user, password) = login.split_once(':').unwrap_or((login, ""));
            let text = |part: &str| {
                percent_encoding::percent_decode_str(part).decode_utf8().map(std::borrow::Cow::into_owned)
            };
            let (Ok(user), Ok(password)) = (text(user), text(password)) else {
                return Err(wrong("its user or password is not UTF-8"));
            };
            (Some((user, Secret::new(password))), place)
        }
    };
    let (host, port) = match place.rsplit_once(':') {
        Some((host, digits)) if !digits.ends_with(']') => (
            host,
            digits.parse().ok().filter(|&port| port != 0).ok_or_else(|| wrong("its port is no number"))?,
        ),
        _ => (place, port),
    };
    let host = host_alone(host).ok_or_else(|| wrong("its host is neither a name nor an address"))?;
    Ok(Some(Proxy { kind, host, port, login, origin }))
}

/// The parts between colons, where one in brackets is an IPv6 address.
fn parts(text: &str) -> Vec<&str> {
    let (mut parts, mut start, mut inside) = (Vec::new(), 0, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'[' => inside = true,
            b']' => inside = false,
            b':' if !inside => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

fn host_or_any(text: &str) -> Result<Option<String>, String> {
    match text {
        "" => Ok(None),
        text => {
            host_alone(text).map(Some).ok_or_else(|| format!("{text:?} is neither a name nor an address"))
        }
    }
}

fn port_or_any(text: &str) -> Result<Option<u16>, String> {
    match text {
        "" => Ok(None),
        text => match text.parse() {
            Ok(0) | Err(_) => Err(format!("{text:?} is no port")),
            Ok(port) => Ok(Some(port)),
        },
    }
}

/// `HOST:PORT:OTHER_HOST:OTHER_PORT`.
fn detour(text: &str) -> Result<Detour, String> {
    let [host, port, to_host, to_port] = parts(text)[..] else {
        return Err("it is HOST:PORT:OTHER_HOST:OTHER_PORT, and each may be empty".to_owned());
    };
    Ok(Detour {
        host: host_or_any(host)?,
        port: port_or_any(port)?,
        to_host: host_or_any(to_host)?,
        to_port: port_or_any(to_port)?,
    })
}

fn detour_text(detour: &Detour) -> String {
    let host = |host: &Option<String>| host.as_deref().map(bracketed).unwrap_or_default();
    let port = |port: Option<u16>| port.map(|port| port.to_string()).unwrap_or_default();
    let Detour { host: from, port: from_port, to_host, to_port } = detour;
    format!("{}:{}:{}:{}", host(from), port(*from_port), host(to_host), port(*to_port))
}

/// `HOST:PORT:ADDRESS[,ADDRESS]`.
fn known(text: &str) -> Result<Known, String> {
    // curl's + is about a cache, which there is none of here.
    let text = text.strip_prefix('+').unwrap_or(text);
    let end = if text.starts_with('[') { text.find("]:").map(|at| at + 1) } else { text.find(':') };
    let (host, rest) = text.split_at(end.ok_or(KNOWN)?);
    let (port, addresses) = rest.get(1..).and_then(|rest| rest.split_once(':')).ok_or(KNOWN)?;
    let address = |word: &str| {
        let word = word.trim();
        let bare = word.strip_prefix('[').and_then(|word| word.strip_suffix(']')).unwrap_or(word);
        bare.parse::<IpAddr>().map_err(|_| format!("{word:?} is no IP address"))
    };
    let host = if host == "*" { None } else { Some(host_or_any(host)?.ok_or(KNOWN)?) };
    let port = port_or_any(port)?.ok_or(KNOWN)?;
    let addresses = addresses.split(',').map(address).collect::<Result<_, _>>()?;
    Ok(Known { host, port, addresses })
}

const KNOWN: &str = "it is HOST:PORT:ADDRESS[,ADDRESS]...";

fn known_text(known: &Known) -> String {
    let addresses: Vec<String> = known.addresses.iter().map(ToString::to_string).collect();
    let host = known.host.as_deref().map_or("*".to_owned(), bracketed);
    format!("{host}:{}:{}", known.port, addresses.join(","))
}

fn bracketed(host: &str) -> String {
    if host.contains(':') { format!("[{host}]") } else { host.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        match proxy(text, "--proxy") {
            Ok(Some(proxy)) => {
                let user =
                    proxy.login.as_ref().map(|(user, password)| format!(" {user} {}", password.reveal()));
                format!("{proxy}{}", user.unwrap_or_default())
            }
            Ok(None) => "none".to_owned(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn proxies_are_urls() {
        assert_eq!(shown("proxy.corp:3128"), "http://proxy.corp:3128");
        assert_eq!(shown("http://proxy/"), "http://proxy:80");
        assert_eq!(shown("HTTPS://[::1]"), "https://[::1]:443");
        assert_eq!(shown("socks5h://al%40ice:p%3Aw@10.0.0.1:9"), "socks5h://10.0.0.1:9 al@ice p:w");
        assert_eq!(shown(""), "none");
        assert_eq!(
            shown("ftp://u:secret@h"),
            "--proxy says \"ftp://…@h\", which is no proxy: the schemes are http, https, socks5 and socks5h"
        );
        assert!(shown("http://h:x").contains("its port is no number"));
        assert!(shown("http://h h").contains("its host is neither"));
    }

    #[test]
    fn detours_and_addresses_are_read_and_written_alike() {
        for text in ["a:1:b:2", ":::", "a::b:", ":443:[::1]:8443", "[::1]:1:127.0.0.1:2"] {
            assert_eq!(detour_text(&detour(text).unwrap()), text);
        }
        for text in ["a:1:b", "a:x:b:2", "a:1:b:2:c", "a b:1:c:2", "a:0:b:1"] {
            assert!(detour(text).is_err(), "{text}");
        }
        for text in ["a:443:10.0.0.1", "*:1:10.0.0.1,10.0.0.2", "[::1]:1:127.0.0.1", "a:1:::1,fd00::1"] {
            assert_eq!(known_text(&known(text).unwrap()), text);
        }
        assert_eq!(known("+a:443:[::1]").unwrap(), known("a:443:::1").unwrap());
        for text in ["a:443", "a:x:10.0.0.1", "a:443:b", ":443:10.0.0.1", "a::10.0.0.1"] {
            assert!(known(text).is_err(), "{text}");
        }
    }
}
