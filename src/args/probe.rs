//! Lines as grpc_health_probe takes them, which `health` stands in for: its flags have other names there, and one dash or
//! two.

use std::ffi::OsString;
use std::time::Duration;

use clap::Command;

use super::again::from_variable;
use super::habits::{HabitError, Wrong};
use super::place::{self, Address};
use super::words::{Attached, flag};
use super::{quoted, retyped, values};
use crate::transport::is_loopback;

const HEALTH: &str = "health";

/// The program's own name, as it is written in different places.
const NAMES: [&str; 2] = ["grpc_health_probe", "grpc-health-probe"];

/// What a flag of the probe's says here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Here {
    /// The server.
    Address,
    /// A service.
    Service,
    /// A switch of this name.
    Switch(&'static str),
    /// A value of this flag.
    Value(&'static str),
    /// How long connecting may take.
    Connecting,
    /// How long the call may take, which the deadline here has connecting in.
    Calling,
    /// A header, which may be secret.
    Header,
    /// Requests go out compressed.
    Gzip,
    /// Nothing does that.
    Nothing,
}

/// The probe's flags, without their dashes.
const FLAGS: [(&str, Here); 17] = [
    ("addr", Here::Address),
    ("service", Here::Service),
    ("connect-timeout", Here::Connecting),
    ("rpc-timeout", Here::Calling),
    ("rpc-header", Here::Header),
    ("user-agent", Here::Value("--user-agent")),
    ("tls", Here::Switch("--tls")),
    ("tls-no-verify", Here::Switch("--insecure")),
    ("tls-ca-cert", Here::Value("--cacert")),
    ("tls-client-cert", Here::Value("--cert")),
    ("tls-client-key", Here::Value("--key")),
    ("tls-server-name", Here::Value("--server-name")),
    ("gzip", Here::Gzip),
    ("verbose", Here::Switch("--verbose")),
    ("spiffe", Here::Nothing),
    ("alts", Here::Nothing),
    ("alts-handshaker-service", Here::Nothing),
];

impl Here {
    fn takes_value(self) -> bool {
        !matches!(self, Self::Switch(_) | Self::Gzip | Self::Nothing)
    }
}

/// Whether a line may be the probe's, or `health`'s with a flag of the probe's. It is asked of every line, and so takes no
/// look at the flags there are here.
pub fn may_be_probe(words: &[OsString]) -> bool {
    let words = || words.iter().skip(1).filter_map(|word| word.to_str());
    let flag = |word: &str| {
        let name = word.trim_start_matches('-').split('=').next().unwrap_or_default();
        word.starts_with('-') && FLAGS.iter().any(|(flag, _)| *flag == name)
    };
    words().any(|word| NAMES.contains(&word)) || words().any(|word| word == HEALTH) && words().any(flag)
}

/// What is the probe's about a line. `command` has all verbs, or `health` alone.
pub fn probe(command: &Command, words: &[OsString]) -> Option<HabitError> {
    let words: Option<Vec<String>> =
        words.iter().skip(1).map(|word| word.to_str().map(str::to_owned)).collect();
    let mut words = words?;
    // Flags may stand before the verb, too.
    let verb = words.iter().position(|word| word == HEALTH || NAMES.contains(&word.as_str()))?;
    if words.iter().take(verb).any(|word| !word.starts_with('-')) {
        return None;
    }
    let named = words.remove(verb) != HEALTH;
    let health = command.find_subcommand(HEALTH)?;
    let mut line = Line::default();
    let mut words = words.into_iter();
    while let Some(word) = words.next() {
        if let Err(error) = line.take(health, word, &mut words) {
            return Some(error);
        }
    }
    let theirs = line.theirs.clone();
    if theirs.is_none() && !named {
        return None;
    }
    let wrong = theirs.map_or(Wrong::ProbeNamed, Wrong::Probe);
    Some(HabitError::new(wrong, line.retyped()))
}

/// A line, taken apart.
#[derive(Default)]
struct Line {
    /// The first flag that is the probe's alone.
    theirs: Option<String>,
    server: Option<String>,
    names: Vec<String>,
    flags: Vec<String>,
    /// Whether anything says TLS, or plaintext.
    security: bool,
    connecting: Option<String>,
    calling: Option<String>,
}

impl Line {
    /// Takes a word, and the next one where it is a flag's value.
    fn take(
        &mut self,
        health: &Command,
        word: String,
        rest: &mut impl Iterator<Item = String>,
    ) -> Result<(), HabitError> {
        let bare = word.trim_start_matches('-');
        let dashes = word.len() - bare.len();
        let (name, attached) = bare.split_once('=').map_or((bare, None), |(name, value)| (name, Some(value)));
        let known = FLAGS.iter().find(|(flag, _)| *flag == name).filter(|_| matches!(dashes, 1 | 2));
        let Some((_, here)) = known else {
            self.other(health, word, rest);
            return Ok(());
        };
        // Some are written the same here, with two dashes.
        let same = dashes == 2 && flag(health, &format!("--{name}")).is_some();
        if !same {
            self.theirs.get_or_insert_with(|| format!("{}{name}", "-".repeat(dashes)));
        }
        if *here == Here::Nothing {
            return Err(HabitError::new(Wrong::NoCounterpart(format!("-{name}")), None));
        }
        let attached = attached.map(str::to_owned);
        if here.takes_value() {
            let value = attached.or_else(|| rest.next()).unwrap_or_default();
            self.value(*here, value);
        } else if attached.is_none_or(|value| matches!(value.as_str(), "true" | "1" | "t" | "T" | "TRUE")) {
            self.switch(*here);
        }
        Ok(())
    }

    fn value(&mut self, here: Here, value: String) {
        match here {
            Here::Address => self.server = Some(value),
            Here::Service => self.names.extend(Some(value).filter(|name| !name.is_empty())),
            Here::Connecting => self.connecting = Some(value),
            Here::Calling => self.calling = Some(value),
            Here::Header => self.flags.push(format!("-H {}", from_variable(&value))),
            Here::Value(flag) => {
                self.security |= flag != "--user-agent";
                self.flags.push(format!("{flag} {}", quoted(&value)));
            }
            Here::Switch(_) | Here::Gzip | Here::Nothing => {}
        }
    }

    fn switch(&mut self, here: Here) {
        match here {
            Here::Switch(flag) => {
                self.security |= flag != "--verbose";
                self.flags.push(flag.to_owned());
            }
            _ => self.flags.push("--compression gzip".to_owned()),
        }
    }

    /// A word that is not the probe's: it stays as it is.
    fn other(&mut self, health: &Command, word: String, rest: &mut impl Iterator<Item = String>) {
        if word == "--" {
            self.names.extend(rest);
        } else if !word.starts_with('-') {
            if self.server.is_none() && self.names.is_empty() && place::looks_like_target(&word) {
                self.server = Some(word);
            } else {
                self.names.push(word);
            }
        } else {
            self.security |= word == "--plaintext";
            let apart = matches!(flag(health, &word), Some((_, Attached::Next)));
            let value = if apart { rest.next() } else { None };
            let both: Vec<String> = [word].into_iter().chain(value).collect();
            self.flags.extend(retyped(health, &both, ""));
        }
    }

    /// The line to paste.
    fn retyped(&self) -> Option<String> {
        let mut all = vec!["rpcctl".to_owned(), HEALTH.to_owned()];
        if let Some(server) = &self.server {
            let place = place::parse(server).ok()?;
            all.push(quoted(server));
            all.extend(self.names.iter().map(|name| quoted(name)));
            // The probe speaks plaintext where nothing is said.
            let near = match &place.address {
                Address::Tcp(host, _) => is_loopback(host),
                Address::Unix(_) | Address::Demo => true,
            };
            if !near && !self.security && place.scheme.is_none() {
                all.push("--plaintext".to_owned());
            }
        } else {
            all.extend(self.names.iter().map(|name| quoted(name)));
        }
        all.extend(self.flags.iter().cloned());
        all.extend(self.connecting.iter().map(|value| format!("--connect-timeout {}", quoted(value))));
        all.extend(self.calling.iter().map(|value| format!("--timeout {}", quoted(&self.deadline(value)))));
        Some(all.join(" "))
    }

    /// The deadline over connecting and the call, which the probe has one for each.
    fn deadline(&self, calling: &str) -> String {
        let parsed = |value: &str| values::duration(value).ok();
        match (self.connecting.as_deref().and_then(parsed), parsed(calling)) {
            (Some(connecting), Some(calling)) => written(connecting + calling),
            _ => calling.to_owned(),
        }
    }
}

/// A duration in one word.
fn written(duration: Duration) -> String {
    humantime::format_duration(duration).to_string().replace(' ', "")
}

#[cfg(test)]
mod tests {
    use clap::Args as _;

    use super::*;
    use crate::args::{ReflectionHeaders, TargetArgs};

    fn told(line: &str) -> Option<HabitError> {
        let health = ReflectionHeaders::augment_args(TargetArgs::augment_args(Command::new("health")));
        let health =
            health.arg(clap::Arg::new("verbose").short('v').long("verbose").action(clap::ArgAction::Count));
        let health = health.arg(clap::Arg::new("output").short('o').long("output"));
        let words: Vec<OsString> =
            ["rpcctl"].into_iter().chain(line.split(' ')).map(OsString::from).collect();
        let habit = probe(&Command::new("rpcctl").subcommand(health), &words);
        assert!(habit.is_none() || may_be_probe(&words));
        habit
    }

    fn line(typed: &str) -> String {
        told(typed).and_then(|habit| habit.line).unwrap_or_default()
    }

    #[test]
    fn each_flag_has_its_counterpart() {
        for (theirs, ours) in [
            ("-addr=:50051", "rpcctl health :50051"),
            ("-addr localhost:50051 -service a.B", "rpcctl health localhost:50051 a.B"),
            ("--service=a.B --addr=h:1", "rpcctl health h:1 a.B --plaintext"),
            (
                "-addr=h:1 -tls -tls-ca-cert c -tls-server-name n",
                "rpcctl health h:1 --tls --cacert c --server-name n",
            ),
            ("-addr=h:1 -tls=true -tls-no-verify", "rpcctl health h:1 --tls --insecure"),
            ("-addr=h:1 -tls=false", "rpcctl health h:1 --plaintext"),
            ("-addr=:1 -tls-client-cert a -tls-client-key b", "rpcctl health :1 --cert a --key b"),
            ("-addr=unix:/s -user-agent=x -gzip", "rpcctl health unix:/s --user-agent x --compression gzip"),
            (
                "-addr=:1 -connect-timeout=1s -rpc-timeout 500ms",
                "rpcctl health :1 --connect-timeout 1s --timeout 1s500ms",
            ),
            ("-addr=:1 -rpc-timeout 500ms", "rpcctl health :1 --timeout 500ms"),
            ("-addr=:1 -rpc-header=x-a:b", "rpcctl health :1 -H x-a:b"),
            ("-addr=:1 -o json --bearer secret", "rpcctl health :1 -o json --bearer \"$TOKEN\""),
            (":1 -service= --insecure", "rpcctl health :1 --insecure"),
        ] {
            assert_eq!(line(&format!("health {theirs}")), ours);
        }
        assert_eq!(line("-addr=:1 health"), "rpcctl health :1");
        assert_eq!(line("grpc_health_probe -addr=:1"), "rpcctl health :1");
        assert_eq!(
            line("health -addr=:1 -rpc-header authorization:x"),
            r#"rpcctl health :1 -H "authorization: $AUTHORIZATION""#
        );
    }

    #[test]
    fn what_it_says_names_the_flag() {
        let said = |typed: &str| told(typed).map(|habit| habit.to_string());
        let probes =
            |flag: &str| Some(format!("{flag} is grpc_health_probe's: rpcctl health has other names for it"));
        assert_eq!(said("health -tls -addr=:1"), probes("-tls"));
        assert_eq!(said("health --tls --addr=:1"), probes("--addr"));
        assert_eq!(said("health -addr=:1 -spiffe").as_deref(), Some("-spiffe has no counterpart yet"));
        assert_eq!(line("health -addr=nonsense:x"), "");
    }

    #[test]
    fn a_line_that_is_healths_own_is_left_alone() {
        for line in [
            "health localhost:1 a.B",
            "health :1 --tls --user-agent x --connect-timeout 1s --verbose",
            "list health",
            "call :1 health -addr",
        ] {
            assert_eq!(told(line), None, "{line}");
        }
    }
}
