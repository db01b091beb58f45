//! Targets that speak Go's net/rpc: `netrpc://HOST:PORT`, `netrpc+http+unix:PATH`, `jsonrpc+tls://HOST:PORT`, …

use super::place::{Address, Place, Protocol, Scheme, authority_and_path, host_port, malformed, socket_path};
use super::positional::PlaceError;
use crate::netrpc::Codec;

/// What stands before the address.
struct Words {
    codec: Codec,
    http: bool,
    tls: bool,
    unix: bool,
}

/// Whether a word begins as such a target does.
pub(super) fn looks_like_one(word: &str) -> bool {
    let scheme = word.split(':').next().unwrap_or_default();
    word.contains(':') && matches!(scheme.split('+').next(), Some("netrpc" | "jsonrpc"))
}

/// Reads such a target; none where it is another.
pub(super) fn parse(word: &str) -> Option<Result<Place, PlaceError>> {
    if !looks_like_one(word) {
        return None;
    }
    let (scheme, rest) = word.split_once(':')?;
    let Some(words) = words(scheme) else {
        return Some(Err(PlaceError::UnknownGoScheme(scheme.to_owned())));
    };
    Some(if words.unix { unix(word, rest, &words) } else { tcp(word, rest, &words) })
}

fn words(scheme: &str) -> Option<Words> {
    let mut parts = scheme.split('+');
    let codec = if parts.next()? == "netrpc" { Codec::Gob } else { Codec::Json };
    let mut words = Words { codec, http: false, tls: false, unix: false };
    for part in parts {
        let given = match part {
            // Go's JSON-RPC has no CONNECT before it.
            "http" | "https" if codec == Codec::Json => return None,
            "http" => &mut words.http,
            "https" => {
                words.http = true;
                &mut words.tls
            }
            "tls" => &mut words.tls,
            "unix" => &mut words.unix,
            _ => return None,
        };
        if std::mem::replace(given, true) {
            return None;
        }
    }
    Some(words)
}

impl Words {
    fn place(&self, address: Address, text: &str, path: &str) -> Place {
        Place {
            text: text.to_owned(),
            address,
            scheme: Some(if self.tls { Scheme::Tls } else { Scheme::Plaintext }),
            protocol: Protocol::NetRpc { codec: self.codec, http: self.http },
            path: path.to_owned(),
        }
    }
}

/// The scheme of a net/rpc server with its colon, such as `netrpc+https+unix:`.
pub(super) fn scheme(codec: Codec, http: bool, tls: bool, address: &Address) -> String {
    let name = match codec {
        Codec::Gob => "netrpc",
        Codec::Json => "jsonrpc",
    };
    let security = match (http, tls) {
        (true, true) => "+https",
        (true, false) => "+http",
        (false, true) => "+tls",
        (false, false) => "",
    };
    let socket = if matches!(address, Address::Unix(_)) { "+unix" } else { "" };
    format!("{name}{security}{socket}:")
}

fn unix(word: &str, rest: &str, words: &Words) -> Result<Place, PlaceError> {
    socket_path(word, rest).map(|path| words.place(Address::Unix(path.into()), word, ""))
}

fn tcp(word: &str, rest: &str, words: &Words) -> Result<Place, PlaceError> {
    let rest =
        rest.strip_prefix("//").ok_or_else(|| malformed(word, "two slashes belong after the colon"))?;
    let (authority, path) = authority_and_path(rest);
    if authority.contains(['@', '?', '#']) {
        return Err(malformed(word, "there can be no user, query or fragment in it"));
    }
    let (host, port) = host_port(authority).ok_or_else(|| PlaceError::NoPort(authority.to_owned()))?;
    let text = word.get(..word.len() - path.len()).unwrap_or(word);
    Ok(words.place(Address::Tcp(host, port), text, path))
}

#[cfg(test)]
mod tests {
    use super::super::place;
    use super::*;

    #[test]
    fn a_scheme_says_codec_transport_and_security() {
        let tcp = || Address::Tcp("h".to_owned(), 1);
        let unix = || Address::Unix("/run/s".into());
        let gob = |http| Protocol::NetRpc { codec: Codec::Gob, http };
        let json = Protocol::NetRpc { codec: Codec::Json, http: false };
        let (plain, tls) = (Some(Scheme::Plaintext), Some(Scheme::Tls));
        for (word, address, protocol, scheme, path) in [
            ("netrpc://h:1", tcp(), gob(false), plain, ""),
            ("netrpc://h:1/Arith.Multiply", tcp(), gob(false), plain, "/Arith.Multiply"),
            ("netrpc+http://h:1", tcp(), gob(true), plain, ""),
            ("netrpc+http://h:1/rpc", tcp(), gob(true), plain, "/rpc"),
            ("netrpc+https://h:1", tcp(), gob(true), tls, ""),
            ("netrpc+tls://h:1", tcp(), gob(false), tls, ""),
            ("netrpc+unix:/run/s", unix(), gob(false), plain, ""),
            ("netrpc+unix:///run/s", unix(), gob(false), plain, ""),
            ("netrpc+http+unix:/run/s", unix(), gob(true), plain, ""),
            ("netrpc+tls+unix:/run/s", unix(), gob(false), tls, ""),
            ("jsonrpc://h:1", tcp(), json, plain, ""),
            ("jsonrpc+tls://h:1", tcp(), json, tls, ""),
            ("jsonrpc+unix:/run/s", unix(), json, plain, ""),
        ] {
            let place = place::parse(word).unwrap();
            assert_eq!(
                (place.address, place.protocol, place.scheme, place.path.as_str()),
                (address, protocol, scheme, path),
                "{word}"
            );
        }
    }

    #[test]
    fn tls_has_a_scheme_of_its_own_for_each() {
        for (plain, tls) in [
            ("netrpc://h:1", "netrpc+tls://h:1"),
            ("netrpc+http://h:1", "netrpc+https://h:1"),
            ("netrpc+unix:/run/s", "netrpc+tls+unix:/run/s"),
            ("netrpc+http+unix:/run/s", "netrpc+https+unix:/run/s"),
            ("jsonrpc://h:1", "jsonrpc+tls://h:1"),
            ("http://h:1", "https://h:1"),
        ] {
            let other = |word: &str, tls| place::parse(word).unwrap().secured(tls).unwrap();
            assert_eq!(other(plain, true), tls);
            assert_eq!(other(tls, false), plain);
        }
        assert_eq!(place::parse("h:1").unwrap().secured(true), None);
    }

    #[test]
    fn what_go_does_not_speak_is_refused() {
        for word in
            ["jsonrpc+http://h:1", "netrpc+ftp://h:1", "netrpc+tls+tls://h:1", "netrpc+https+tls://h:1"]
        {
            let error = place::parse(word).unwrap_err();
            assert!(matches!(error, PlaceError::UnknownGoScheme(_)), "{word}");
        }
        assert_eq!(place::parse("netrpc://h").unwrap_err(), PlaceError::NoPort("h".to_owned()));
        for word in ["netrpc:h:1", "netrpc+unix:", "netrpc+unix://host/p", "netrpc://u@h:1"] {
            assert!(matches!(place::parse(word), Err(PlaceError::Malformed { .. })), "{word}");
        }
    }
}
