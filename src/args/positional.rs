//! What the positional words mean: which of them is a target, and which a name.

use thiserror::Error;

use super::place::{Place, host_alone, looks_like_target, parse, spoken, without_password};
use super::quoted;
use crate::message::items::is_item;

/// A word that is not what belongs in its place.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PlaceError {
    /// A host without a port.
    #[error("{0} is a host without a port: add a port, such as {0}:443 or {0}:50051")]
    NoPort(String),
    /// A host without a port, or a symbol written as hosts are.
    #[error("{0} looks like a host without a port")]
    HostOrSymbol(String),
    /// The name of the demo server without its colon.
    #[error("demo is no server's name")]
    Demo,
    /// A .proto file where a server or a name belongs.
    #[error("{0} is a file, and neither a server nor a name")]
    ProtoFile(String),
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
    /// Words in the wrong order: the target, and the name before it.
    #[error("the server comes before {1}")]
    TargetFirst(String, String),
    /// A server where a name belongs.
    #[error("two servers: {0} and {1}")]
    TwoServers(String, String),
    /// A service and its method, apart.
    #[error("{0} and {1} are two words, and a method is one")]
    Apart(String, String),
    /// A message where a name belongs.
    #[error("{0} is no name, but data")]
    Data(String),
    /// A word that is neither a server nor a name.
    #[error("{word:?} is no server and no name: {why}")]
    Neither {
        /// The word.
        word: String,
        /// What to write instead.
        why: &'static str,
    },
    /// A word behind the method that is no item of its request.
    #[error("{0} is no item of a request: write FIELD=VALUE, FIELD:=JSON or FIELD@FILE")]
    NoItem(String),
    /// More words than there are places.
    #[error("unexpected argument {0:?}: a server and a name are all there can be")]
    Unexpected(String),
}

impl PlaceError {
    /// How to ask rightly.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::HostOrSymbol(word) => {
                format!("for a host add a port, such as {word}:50051; for a symbol begin with a dot: .{word}")
            }
            Self::Demo => "the demo server inside rpcctl is demo: with a colon".to_owned(),
            Self::ProtoFile(word) => format!("for the schema in the file: --proto {}", quoted(word)),
            Self::TwoServers(..) => "name the server once".to_owned(),
            Self::Apart(service, method) => format!("write {}", quoted(&format!("{service}/{method}"))),
            Self::Data(word) => format!("data goes with -d: -d {}", quoted(word)),
            // The word before `+http://` says what is spoken.
            Self::UnknownScheme(scheme) if spoken(&scheme.to_ascii_lowercase()).is_some() => {
                format!("write {scheme}+http://HOST:PORT (plaintext) or {scheme}+https://HOST:PORT (TLS)")
            }
            Self::NoPort(_)
            | Self::UnknownScheme(_)
            | Self::UnknownGoScheme(_)
            | Self::Malformed { .. }
            | Self::TargetFirst(..)
            | Self::Neither { .. }
            | Self::NoItem(_)
            | Self::Unexpected(_) => return None,
        })
    }
}

/// Splits positional words into a target, a method, and the items of its request.
///
/// The items begin where a word can only be one; whether they are well written is for whoever reads them to say.
pub fn split_items(words: &[String], found: bool) -> Result<(Target, Vec<String>), PlaceError> {
    if let Some(data) = words.iter().find(|word| is_data(word)) {
        return Err(PlaceError::Data(data.clone()));
    }
    let (place, items) = item_words(words);
    let target = split(place, found).map_err(|error| match error {
        PlaceError::Unexpected(word) => PlaceError::NoItem(word),
        error => error,
    })?;
    Ok((target, items.to_vec()))
}

/// The words before the items, and the items.
pub fn item_words(words: &[String]) -> (&[String], &[String]) {
    words.split_at(words.iter().position(|word| is_item(word)).unwrap_or(words.len()))
}

/// A server, as far as one is named, and what is wanted of it.
pub type Target = (Option<Place>, Option<String>);

fn is_data(word: &str) -> bool {
    word.starts_with(['{', '@'])
}

/// Splits positional words into a target and what follows it.
///
/// The first word is a target exactly when it looks like one; whether it does is decided by its text alone. A word
/// alone is not suspected to be a host where flags say already what is asked: `found` is whether they do.
pub fn split(words: &[String], found: bool) -> Result<Target, PlaceError> {
    if let Some(data) = words.iter().find(|word| is_data(word)) {
        return Err(PlaceError::Data(data.clone()));
    }
    let (target, rest) = match words.split_first() {
        Some((first, [second, ..])) if looks_like_target(first) && looks_like_target(second) => {
            return Err(PlaceError::TwoServers(first.clone(), second.clone()));
        }
        Some((first, rest)) if looks_like_target(first) => (Some(parse(first)?), rest),
        _ => (None, words),
    };
    if let Some(word) = rest.first() {
        check(word)?;
    }
    match (target, rest) {
        (target, []) => Ok((target, None)),
        (None, [name, target]) if looks_like_target(target) => {
            Err(PlaceError::TargetFirst(target.clone(), name.clone()))
        }
        (_, [service, method]) if are_halves(service, method) => {
            Err(PlaceError::Apart(service.clone(), method.clone()))
        }
        (None, [demo, ..]) if demo == "demo" && !found => Err(PlaceError::Demo),
        (None, [host, second, ..]) if may_be_host(host) && !(found && is_data_file(second)) => {
            Err(PlaceError::NoPort(host.clone()))
        }
        (None, [word]) if !found => match alone(word) {
            Some(error) => Err(error),
            None => Ok((None, Some(word.clone()))),
        },
        (target, [name]) => Ok((target, Some(name.clone()))),
        (_, [_, extra, ..]) => Err(PlaceError::Unexpected(extra.clone())),
    }
}

/// Splits positional words into a target and any number of names behind it, which a server may know by any text. Where
/// flags don't say the server (`found`), a word that can only be one is no name.
pub fn split_names(words: &[String], found: bool) -> Result<(Option<Place>, &[String]), PlaceError> {
    let (target, names) = match words.split_first() {
        Some((first, rest)) if looks_like_target(first) => (Some(first), rest),
        _ => (None, words),
    };
    let other = names.iter().find(|name| looks_like_target(name));
    match (target, names.first(), other) {
        (Some(target), _, Some(other)) => {
            return Err(PlaceError::TwoServers(target.clone(), other.clone()));
        }
        (None, Some(first), Some(server)) => {
            return Err(PlaceError::TargetFirst(server.clone(), first.clone()));
        }
        (None, Some(first), None) if !found => {
            if first == "demo" {
                return Err(PlaceError::Demo);
            }
            if is_address(first) {
                return Err(PlaceError::NoPort(first.clone()));
            }
            check(first)?;
        }
        _ => {}
    }
    Ok((target.map(|target| parse(target)).transpose()?, names))
}

/// Whether a word that was taken for a name is written as hosts are.
pub fn may_be_meant_as_host(word: &str) -> bool {
    is_written_as_host(word) || is_written_as_host(&format!("{word}.local"))
}

/// The target among positional words, if one is there.
pub fn named_target(words: &[String]) -> Option<&str> {
    words.first().map(String::as_str).filter(|word| looks_like_target(word))
}

/// Refuses a word that is no target and can be no name either.
fn check(word: &str) -> Result<(), PlaceError> {
    if word.contains('/') && is_proto_file(word) {
        return Err(PlaceError::ProtoFile(word.to_owned()));
    }
    match why_neither(word) {
        Some(why) => Err(PlaceError::Neither { word: without_password(word), why }),
        None => Ok(()),
    }
}

/// Why a word that is no target is no name either, such as a target that was mistyped.
pub(super) fn why_neither(word: &str) -> Option<&'static str> {
    let is_hex = |c: char| c.is_ascii_hexdigit() || !c.is_alphabetic();
    if word.trim().is_empty() || word.contains(char::is_whitespace) {
        Some("there are blanks in it, or nothing else")
    } else if word.starts_with("./") || (word.starts_with('/') && word.matches('/').count() != 2) {
        Some("for a unix socket write unix:PATH")
    } else if word.bytes().all(|byte| byte.is_ascii_digit()) {
        Some("for a port on this machine write localhost:PORT")
    } else if word.contains("::") && !word.chars().all(is_hex) {
        Some("for a method write Service/Method")
    } else if word.trim_matches(['[', ']']).parse::<std::net::Ipv6Addr>().is_err() && word.contains(':') {
        Some("write HOST:PORT, with a port from 1 to 65535, or [IPV6]:PORT")
    } else {
        None
    }
}

/// What a word alone is rather than a name.
fn alone(word: &str) -> Option<PlaceError> {
    let word = word.to_owned();
    if is_proto_file(&word) {
        Some(PlaceError::ProtoFile(word))
    } else if is_address(&word) {
        Some(PlaceError::NoPort(word))
    } else if is_written_as_host(&word) {
        Some(PlaceError::HostOrSymbol(word))
    } else {
        None
    }
}

/// Whether a word names a source file, and not a field that is called `proto`.
fn is_proto_file(word: &str) -> bool {
    let Some(stem) = word.strip_suffix(".proto").filter(|stem| !stem.starts_with('.') || stem.contains('/'))
    else {
        return false;
    };
    word.contains('/') || !stem.contains('.') || is_written_as_host(word)
}

/// Whether a word names a file of messages, as far as that can be seen.
fn is_data_file(word: &str) -> bool {
    const ENDINGS: [&str; 8] = ["json", "yaml", "yml", "txt", "bin", "binpb", "pb", "hex"];
    word.starts_with(['.', '/']) || word.rsplit_once('.').is_some_and(|(_, end)| ENDINGS.contains(&end))
}

/// Whether two words are a service and its method.
fn are_halves(service: &str, method: &str) -> bool {
    let name = service.rsplit('.').next().unwrap_or(service);
    name.starts_with(char::is_uppercase) && !service.contains('/') && !method.contains(['.', '/', ':'])
}

/// Whether a word before a method can be meant as a host: it is no method itself.
fn may_be_host(word: &str) -> bool {
    !word.contains(['/', '=', '@'])
        && (host_alone(word).is_some() || word.parse::<std::net::IpAddr>().is_ok())
}

/// Whether a word can only be a host.
fn is_address(word: &str) -> bool {
    word.eq_ignore_ascii_case("localhost")
        || word.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok()
}

/// Whether a word is labels with dots between and no capital anywhere, as hosts are written and most symbols are not.
/// A symbol that is can be told by a dot before it.
fn is_written_as_host(word: &str) -> bool {
    let label = |label: &str| {
        !label.is_empty() && label.bytes().all(|c| matches!(c, b'a'..=b'z' | b'0'..=b'9' | b'-'))
    };
    word.contains('.') && word.trim_end_matches('.').split('.').all(label)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words_found(words: &[&str], found: bool) -> Result<(Option<Place>, Option<String>), PlaceError> {
        split(&words.iter().map(|&word| word.to_owned()).collect::<Vec<_>>(), found)
    }

    fn words(words: &[&str]) -> Result<(Option<Place>, Option<String>), PlaceError> {
        words_found(words, false)
    }

    #[test]
    fn everything_else_is_a_name() {
        for word in [
            "hello.HelloService/SayHello",
            "hello.HelloService",
            "SayHello",
            "pkg.lower_case",
            "pkg.Message.proto",
            ".example.com",
            ".pkg.proto",
        ] {
            assert_eq!(words(&[word]).unwrap(), (None, Some(word.to_owned())), "{word}");
        }
    }

    #[test]
    fn a_host_without_a_port_is_told_so() {
        for host in ["localhost", "127.0.0.1", "::1", "[::1]"] {
            assert_eq!(words(&[host]).unwrap_err(), PlaceError::NoPort(host.to_owned()));
        }
        for host in ["example.com", "api-1.example.com", "demo.v1.range"] {
            assert_eq!(words(&[host]).unwrap_err(), PlaceError::HostOrSymbol(host.to_owned()));
        }
        let error = words(&["example.com", "pkg.Svc/M"]).unwrap_err();
        assert_eq!(error, PlaceError::NoPort("example.com".to_owned()));
        assert_eq!(words(&["demo"]).unwrap_err(), PlaceError::Demo);
        assert_eq!(words(&["demo", "pkg.Svc/M"]).unwrap_err(), PlaceError::Demo);
    }

    #[test]
    fn where_the_server_is_known_a_word_is_a_name() {
        for word in ["demo.v1.range", "demo", "localhost", "pkg.proto"] {
            assert_eq!(words_found(&[word], true).unwrap(), (None, Some(word.to_owned())), "{word}");
        }
        assert_eq!(words(&["h:1", "demo.v1.range"]).unwrap().1.as_deref(), Some("demo.v1.range"));
    }

    #[test]
    fn a_file_is_neither() {
        for word in ["p.proto", "My_api.proto", "a.b.proto", "/tmp/x/p.proto", "./p.proto", "a/b.proto"] {
            assert_eq!(words(&[word]).unwrap_err(), PlaceError::ProtoFile(word.to_owned()));
        }
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
        let error = words(&["h:1", "HelloService::SayHello"]).unwrap_err();
        assert!(error.to_string().ends_with("for a method write Service/Method"), "{error}");
    }

    #[test]
    fn words_in_a_wrong_order_or_number() {
        let error = |line: &str| words(&line.split(' ').collect::<Vec<_>>()).unwrap_err();
        assert_eq!(error("a.B/C h:1"), PlaceError::TargetFirst("h:1".to_owned(), "a.B/C".to_owned()));
        assert_eq!(error("h:1 h:1"), PlaceError::TwoServers("h:1".to_owned(), "h:1".to_owned()));
        for line in ["h:1 a.Svc M", "a.Svc M"] {
            let error = error(line);
            assert_eq!(error, PlaceError::Apart("a.Svc".to_owned(), "M".to_owned()));
            assert_eq!(error.hint().as_deref(), Some("write a.Svc/M"));
        }
        assert_eq!(error("h:1 a.B/C d"), PlaceError::Unexpected("d".to_owned()));
        assert_eq!(error("h:1 x y z"), PlaceError::Unexpected("y".to_owned()));
    }

    #[test]
    fn any_number_of_names_may_stand_behind_a_server() {
        let split = |line: &str| {
            let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
            split_names(&words, false).map(|(place, names)| (place.is_some(), names.join(" ")))
        };
        assert_eq!(split("h:1 a.B x y.z").unwrap(), (true, "a.B x y.z".to_owned()));
        assert_eq!(split("api.example.com a.B").unwrap(), (false, "api.example.com a.B".to_owned()));
        assert_eq!(
            split("a.B h:1").unwrap_err(),
            PlaceError::TargetFirst("h:1".to_owned(), "a.B".to_owned())
        );
        assert_eq!(
            split("h:1 a.B i:2").unwrap_err(),
            PlaceError::TwoServers("h:1".to_owned(), "i:2".to_owned())
        );
        assert_eq!(split("localhost").unwrap_err(), PlaceError::NoPort("localhost".to_owned()));
        assert_eq!(split("demo").unwrap_err(), PlaceError::Demo);
        assert!(matches!(split("h:99999").unwrap_err(), PlaceError::Neither { .. }));
        let found = ["localhost".to_owned()];
        assert_eq!(split_names(&found, true).unwrap().1, found);
        for (word, host) in [("api.example.com", true), ("myhost", true), ("a.B", false), ("Greeter", false)]
        {
            assert_eq!(may_be_meant_as_host(word), host, "{word}");
        }
    }

    #[test]
    fn items_begin_with_the_first_word_that_is_one() {
        let split = |line: &str| {
            let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
            split_items(&words, false).map(|((place, name), items)| (place.is_some(), name, items.join(" ")))
        };
        let method = || Some("a.B/C".to_owned());
        assert_eq!(split("h:1 a.B/C x=1 y@f").unwrap(), (true, method(), "x=1 y@f".to_owned()));
        assert_eq!(split("a.B/C x:=1").unwrap(), (false, method(), "x:=1".to_owned()));
        assert_eq!(split("h:1/a.B/C x=1").unwrap(), (true, None, "x=1".to_owned()));
        assert_eq!(split("x=http://h:1").unwrap(), (false, None, "x=http://h:1".to_owned()));
        assert_eq!(split("h:1 a.B/C x=1 y").unwrap().2, "x=1 y");
        assert_eq!(split("h:1 a.B/C y x=1").unwrap_err(), PlaceError::NoItem("y".to_owned()));
        assert_eq!(split("h:1 a.B/C x=1 @f").unwrap_err(), PlaceError::Data("@f".to_owned()));
    }

    #[test]
    fn data_is_no_name() {
        for data in [r#"{"a": 1}"#, "@request.json", "@"] {
            for line in [&["h:1", "a.B/C", data][..], &["a.B/C", data]] {
                assert_eq!(words(line).unwrap_err(), PlaceError::Data(data.to_owned()));
            }
        }
    }
}
