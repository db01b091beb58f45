//! Lines as grpcurl takes them: flags with one dash, and the server before the verb. They are told apart here because
//! the parser would read a flag's name as a row of short flags, and what it then says helps nobody. A line is offered
//! instead only where the parser takes it.

use std::ffi::OsString;

use clap::Command;
use clap::error::ErrorKind;
use thiserror::Error;

use super::again::{from_variable, token_again, user_alone};
use super::place::{self, Address, looks_like_target};
use super::positional::{split, split_items};
use super::quoted;
use super::words::{find_long, flag_of_any_verb};
use crate::transport::is_loopback;

/// Flags whose values are nobody else's business.
const SECRET: [&str; 8] =
    ["-H", "--header", "--reflect-header", "--rpc-header", "--token", "--bearer", "-u", "--user"];

/// Flags that mean plaintext or TLS here. Without one, grpcurl speaks TLS.
const SECURITY: [&str; 7] =
    ["--plaintext", "--tls", "--insecure", "--cacert", "--cert", "--servername", "--server-name"];

/// Flags beside which a word alone is a name.
const FOUND: [&str; 5] = ["-a", "--address", "--proto", "--protoset", "--descriptor-set"];

/// The verb that also writes files with descriptors.
const DESCRIBE: &str = "describe";

/// The verb that writes a schema as files; for what other verbs, grpcurl's flag, and the one here.
const EXPORT: &str = "export";
const EXPORTS: [(&str, &str, &str); 3] = [
    ("list", "--protoset-out", "--out"),
    ("list", "--proto-out-dir", "--proto-dir"),
    // It writes a set itself, and shows what is in it.
    (DESCRIBE, "--proto-out-dir", "--proto-dir"),
];

/// Flags of grpcurl's that say what nothing here does.
const NOT_HERE: [&str; 4] = ["-alts", "-alts-handshaker-service", "-alts-target-service-account", "-xds"];

/// A line that grpcurl would take, or nearly so.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{wrong}")]
pub struct HabitError {
    wrong: Wrong,
    /// The line to paste instead, if there is one.
    pub line: Option<String>,
    /// Whether the line speaks TLS because grpcurl would.
    pub tls: bool,
}

impl HabitError {
    /// What is wrong, and the line to paste instead.
    pub(super) fn new(wrong: Wrong, line: Option<String>) -> Self {
        Self { wrong, line, tls: false }
    }
}

/// What is wrong with a line.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(super) enum Wrong {
    #[error("rpcctl's flags have two dashes: {0}")]
    OneDash(String),
    #[error("the verb comes first, and then the server")]
    ServerFirst,
    #[error("a socket is a target of its own form: unix:PATH")]
    Socket,
    #[error("rpcctl stands in the place of grpcurl")]
    Named,
    #[error("{0} has no counterpart yet")]
    NoCounterpart(String),
    #[error("{flag} is no flag of rpcctl {verb}")]
    OtherVerb { flag: String, verb: String },
    #[error("{0} is grpc_health_probe's: rpcctl health has other names for it")]
    Probe(String),
    #[error("rpcctl health stands in the place of grpc_health_probe")]
    ProbeNamed,
    #[error("{flag} is ghz's: rpcctl bench {}{notes}", here.map_or("does without".to_owned(), |here| format!("has {here} for it")))]
    Ghz {
        flag: String,
        /// What says it here.
        here: Option<&'static str>,
        /// What else is to be known of the line, each behind a comma.
        notes: String,
    },
    #[error("{flag} has no counterpart: {near}")]
    Near {
        flag: String,
        /// What comes near it.
        near: &'static str,
    },
    #[error("rpcctl bench stands in the place of ghz")]
    GhzNamed,
    #[error("the value of {flag} goes with =: {flag}={value}")]
    Apart { flag: String, value: String },
}

/// Whether any word may be a flag with one dash. It is asked of every line, and so takes no look at the flags there
/// are.
pub fn may_have_one_dash(words: &[OsString]) -> bool {
    words.iter().skip(1).any(|word| word.to_str().is_some_and(|word| one_dash_name(word).is_some()))
}

/// What is grpcurl's about a line. `command` has all verbs.
pub fn grpcurl(command: &Command, words: &[OsString]) -> Option<HabitError> {
    let mut words = words.iter().skip(1).map(|word| word.to_string_lossy().into_owned()).peekable();
    let mut line = Line { named: words.next_if(|word| word == "grpcurl").is_some(), ..Line::default() };
    while let Some(word) = words.next() {
        if word == "--" {
            return None;
        }
        if !word.starts_with('-') || word == "-" {
            line.words.push((line.flags.len(), word));
            continue;
        }
        if NOT_HERE.contains(&word.split('=').next().unwrap_or_default()) {
            return Some(HabitError::new(Wrong::NoCounterpart(word), None));
        }
        if word == "-unix" || word == "-unix=true" {
            line.unix = true;
            continue;
        }
        let fixed = two_dashes(command, &word);
        if let Some(fixed) = &fixed {
            let name = fixed.split('=').next().unwrap_or_default();
            line.one_dash.get_or_insert_with(|| name.to_owned());
        }
        let flag = fixed.unwrap_or(word);
        let takes_value = flag_of_any_verb(command, &flag).unwrap_or(false);
        let value = if takes_value { words.next() } else { None };
        line.flags.push(Flag { flag, value });
    }
    line.judge(command)
}

/// A line, taken apart.
#[derive(Default)]
struct Line {
    /// Words that are no flags, each with the number of flags before it.
    words: Vec<(usize, String)>,
    flags: Vec<Flag>,
    one_dash: Option<String>,
    /// Whether servers are sockets.
    unix: bool,
    /// Whether grpcurl itself is named.
    named: bool,
}

struct Flag {
    flag: String,
    value: Option<String>,
}

impl Line {
    fn judge(mut self, command: &Command) -> Option<HabitError> {
        let is_verb = |word: &str| command.find_subcommand(word).is_some();
        let first = self.words.first().map(|(_, word)| word.clone()).unwrap_or_default();
        let server_first =
            looks_like_target(&first) || (!first.is_empty() && !is_verb(&first) && (self.unix || self.named));
        let mut tls = false;
        if server_first {
            let verb = match self.words.get(1) {
                Some((_, word)) if is_verb(word) => self.words.remove(1).1,
                Some(_) => "call".to_owned(),
                None => "list".to_owned(),
            };
            // Only who means grpcurl means what it would do.
            tls = (self.named || self.unix || self.one_dash.is_some()) && self.unspoken_tls();
            if tls {
                self.flags.push(Flag { flag: "--tls".to_owned(), value: None });
            }
            self.words.insert(0, (0, verb));
            self.words.iter_mut().for_each(|(before, _)| *before = 0);
        } else if let Some((before, _)) = self.words.first_mut() {
            *before = 0;
        }
        self.name_socket();
        self.export();
        let verb = self.words.first().map(|(_, word)| word.clone()).unwrap_or_default();
        let other = self.flags.iter().find(|flag| !flag.is_of(command, &verb));
        let wrong = match (other, self.one_dash.take()) {
            (Some(other), Some(_)) => Wrong::OtherVerb { flag: other.flag.clone(), verb: verb.clone() },
            (Some(other), None) if server_first || self.named => {
                Wrong::OtherVerb { flag: other.flag.clone(), verb: verb.clone() }
            }
            (_, Some(flag)) => Wrong::OneDash(flag),
            _ if self.unix => Wrong::Socket,
            _ if self.named => Wrong::Named,
            _ if server_first => Wrong::ServerFirst,
            _ => return None,
        };
        if matches!(wrong, Wrong::OtherVerb { .. }) {
            self.make_do(command, &verb);
        }
        let line = self.parses(command).then(|| format!("rpcctl {}", self.shown().join(" ")));
        Some(HabitError { wrong, tls: tls && line.is_some(), line })
    }

    /// What lists or describes and writes files besides is another verb here.
    fn export(&mut self) {
        let Some((_, verb)) = self.words.first_mut() else { return };
        for (_, theirs, ours) in EXPORTS.iter().filter(|(of, ..)| verb == of).collect::<Vec<_>>() {
            if let Some(flag) = self.flags.iter_mut().find(|flag| flag.name() == *theirs) {
                EXPORT.clone_into(verb);
                flag.flag = flag.flag.replacen(theirs, ours, 1);
            }
        }
    }

    /// Leaves out what the verb does not have, which grpcurl passes over. What asks for a file with descriptors is
    /// `describe`'s, whatever the verb.
    fn make_do(&mut self, command: &Command, verb: &str) {
        let describes =
            self.flags.iter().any(|flag| !flag.is_of(command, verb) && flag.is_of(command, DESCRIBE));
        let verb = if verb == "list" && describes { DESCRIBE } else { verb };
        if let Some((_, first)) = self.words.first_mut() {
            verb.clone_into(first);
        }
        let mut at = 0;
        let kept: Vec<bool> = self.flags.iter().map(|flag| flag.is_of(command, verb)).collect();
        // Words keep their places among the flags that stay.
        for (before, _) in &mut self.words {
            *before = kept.iter().take(*before).filter(|kept| **kept).count();
        }
        self.flags.retain(|_| {
            at += 1;
            kept.get(at - 1).copied().unwrap_or(true)
        });
    }

    /// Whether grpcurl would speak TLS where nothing is said of it, and rpcctl would not.
    fn unspoken_tls(&self) -> bool {
        let said = self.flags.iter().any(|flag| SECURITY.contains(&flag.name()));
        let server = self.words.first().map(|(_, word)| place::parse(word));
        let near = match server {
            Some(Ok(place)) => match place.address {
                Address::Tcp(host, _) => place.scheme.is_none() && is_loopback(&host),
                Address::Unix(_) => place.scheme.is_none(),
                Address::Demo => false,
            },
            _ => self.unix,
        };
        near && !said
    }

    /// Writes a socket's path as a target.
    fn name_socket(&mut self) {
        if let (true, Some((_, server))) = (self.unix, self.words.get_mut(1))
            && !server.starts_with("unix:")
        {
            *server = format!("unix:{server}");
        }
    }

    /// The words in order, each through one of two functions.
    fn in_order(
        &self,
        word: impl Fn(&str) -> Vec<String>,
        flag: impl Fn(&Flag) -> Vec<String>,
    ) -> Vec<String> {
        let mut all = Vec::new();
        let mut words = self.words.iter().peekable();
        for (index, given) in self.flags.iter().enumerate() {
            while let Some((_, before)) = words.next_if(|(flags, _)| *flags <= index) {
                all.extend(word(before));
            }
            all.extend(flag(given));
        }
        all.extend(words.flat_map(|(_, rest)| word(rest)));
        all
    }

    fn shown(&self) -> Vec<String> {
        self.in_order(|word| vec![quoted(word)], |flag| vec![flag.shown()])
    }

    /// Whether the parser takes it, and the words that are no flags make sense.
    fn parses(&self, command: &Command) -> bool {
        let names = self.words.iter().skip(1).map(|(_, word)| word.clone()).collect::<Vec<_>>();
        let found = self.flags.iter().any(|flag| FOUND.contains(&flag.name()));
        let sense = match self.words.first().map(|(_, verb)| verb.as_str()) {
            Some("call" | "encode") => split_items(&names, found).is_ok(),
            // What stands behind these is no name of the schema's.
            Some(
                "health" | "channelz" | "diff" | "bench" | "config" | "completions" | "man" | "serve-demo",
            ) => true,
            // More than one name may.
            Some(EXPORT) => split(names.get(..2).unwrap_or(&names), found).is_ok(),
            _ => split(&names, found).is_ok(),
        };
        if !sense {
            return false;
        }
        let own = |flag: &Flag| [flag.flag.clone()].into_iter().chain(flag.value.clone()).collect();
        let words = self.in_order(|word| vec![word.to_owned()], own);
        let words = super::reorder(
            command,
            ["rpcctl".to_owned()].into_iter().chain(words).map(OsString::from).collect(),
        );
        match command.clone().try_get_matches_from(words) {
            Ok(_) => true,
            Err(error) => matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion),
        }
    }
}

impl Flag {
    fn name(&self) -> &str {
        self.flag.split('=').next().unwrap_or_default()
    }

    /// Whether a verb has this flag, if any has.
    fn is_of(&self, command: &Command, verb: &str) -> bool {
        let Some(long) = self.name().strip_prefix("--") else { return true };
        let Some(verb) = command.find_subcommand(verb) else { return true };
        let alone = Command::new("rpcctl").subcommand(verb.clone());
        find_long(command, long).is_none() || find_long(&alone, long).is_some()
    }

    /// As it can be pasted, without the value of a header.
    fn shown(&self) -> String {
        let Self { flag, value } = self;
        let value_of = |flag: &str, value: &str| match flag {
            "--token" | "--bearer" => token_again(value),
            "-u" | "--user" => quoted(user_alone(value)),
            _ if SECRET.contains(&flag) => from_variable(value),
            _ => quoted(value),
        };
        if let Some(value) = value {
            return format!("{flag} {}", value_of(flag, value));
        }
        let short = ["-H", "-u"].into_iter().find_map(|name| Some((name, flag.strip_prefix(name)?)));
        match (flag.split_once('='), short) {
            (Some((name, value)), _) if SECRET.contains(&name) => format!("{name} {}", value_of(name, value)),
            (_, Some((name, value))) if !value.is_empty() => format!("{name} {}", value_of(name, value)),
            _ => quoted(flag),
        }
    }
}

/// The name of what may be a flag with one dash.
fn one_dash_name(word: &str) -> Option<&str> {
    let name = word.strip_prefix('-').filter(|name| !name.starts_with('-'))?.split('=').next()?;
    let letters = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    (name.len() > 2 && letters).then_some(name)
}

/// A flag as it is written here, if it is one with a dash too few. `=true`, which Go's switches take, goes.
fn two_dashes(command: &Command, word: &str) -> Option<String> {
    let name = one_dash_name(word)?;
    if name == "use-reflection" {
        let off = ["=false", "=0", "=f"].iter().any(|no| word.ends_with(no));
        return Some(format!("--reflection={}", if off { "off" } else { "auto" }));
    }
    let known = find_long(command, name);
    if known.is_none() && name != "version" {
        return None;
    }
    let takes_value = known.is_some_and(|takes_value| takes_value);
    Some(if takes_value { format!("-{word}") } else { format!("--{name}") })
}

#[cfg(test)]
mod tests {
    use clap::{Arg, ArgAction};

    use super::*;

    fn verb(name: &'static str) -> Command {
        let switch = |name: &'static str| Arg::new(name).long(name).action(ArgAction::SetTrue);
        let verb = Command::new(name)
            .args([switch("plaintext"), switch("tls"), switch("insecure")])
            .arg(Arg::new("words").num_args(0..))
            .arg(Arg::new("timeout").long("timeout").alias("max-time"))
            .arg(Arg::new("reflection").long("reflection"))
            .arg(Arg::new("bearer").long("bearer"))
            .arg(Arg::new("user").short('u').long("user"))
            .arg(Arg::new("header").short('H').long("header").action(ArgAction::Append));
        match name {
            "call" => {
                verb.arg(Arg::new("data").short('d').action(ArgAction::Append)).arg(switch("emit-defaults"))
            }
            "describe" => verb.arg(Arg::new("out").long("out")),
            "export" => verb
                .arg(Arg::new("out").long("out").alias("protoset-out"))
                .arg(Arg::new("proto-dir").long("proto-dir").alias("proto-out-dir")),
            _ => verb,
        }
    }

    fn told(line: &str) -> Option<HabitError> {
        let command =
            Command::new("rpcctl").version("1").subcommands(["list", "describe", "call", "export"].map(verb));
        let words: Vec<OsString> =
            ["rpcctl"].into_iter().chain(line.split(' ')).map(OsString::from).collect();
        let habit = grpcurl(&command, &words)?;
        assert!(
            may_have_one_dash(&words) || habit.wrong == Wrong::ServerFirst || line.starts_with("grpcurl")
        );
        Some(habit)
    }

    fn line(typed: &str) -> String {
        told(typed).and_then(|habit| habit.line).unwrap_or_default()
    }

    fn said(typed: &str) -> String {
        told(typed).map(|habit| habit.to_string()).unwrap_or_default()
    }

    #[test]
    fn flags_with_one_dash_get_another() {
        assert_eq!(said("list -plaintext h:1"), "rpcctl's flags have two dashes: --plaintext");
        assert_eq!(
            line("list -plaintext h:1 -max-time 5 a.B"),
            "rpcctl list --plaintext h:1 --max-time 5 a.B"
        );
        assert_eq!(line("list -max-time=5 -plaintext=true"), "rpcctl list --max-time=5 --plaintext");
        assert_eq!(line("-version"), "rpcctl --version");
        assert_eq!(line("list -use-reflection=false h:1"), "rpcctl list --reflection=off h:1");
    }

    #[test]
    fn the_verb_goes_before_the_server() {
        assert_eq!(said("h:1 list"), "the verb comes first, and then the server");
        assert_eq!(line("h:1"), "rpcctl list h:1");
        assert_eq!(line("h:1 list"), "rpcctl list h:1");
        assert_eq!(line("h:1 describe a.B"), "rpcctl describe h:1 a.B");
        assert_eq!(line("-d {} h:1 a.B/C"), "rpcctl call h:1 a.B/C -d '{}'");
        assert_eq!(line("-plaintext -d @ h:1 a.B/C"), "rpcctl call h:1 a.B/C --plaintext -d @");
    }

    #[test]
    fn the_word_itself_may_have_been_pasted() {
        assert_eq!(line("grpcurl h:1 list"), "rpcctl list h:1");
        assert_eq!(line("grpcurl -plaintext h:1 list"), "rpcctl list h:1 --plaintext");
        assert_eq!(line("grpcurl list h:1"), "rpcctl list h:1");
    }

    #[test]
    fn without_plaintext_grpcurl_speaks_tls() {
        assert_eq!(line("grpcurl localhost:1 list"), "rpcctl list localhost:1 --tls");
        assert!(told("grpcurl localhost:1 list").is_some_and(|habit| habit.tls));
        // Who writes the server first and nothing of grpcurl's may mean nothing of it either.
        assert_eq!(line("localhost:1 list"), "rpcctl list localhost:1");
        for flag in ["-plaintext", "-insecure"] {
            assert_eq!(
                line(&format!("{flag} [::1]:1 list")),
                format!("rpcctl list [::1]:1 -{flag}").replace("[::1]:1", "'[::1]:1'")
            );
        }
        // Not grpcurl's order, and so not its meaning.
        assert_eq!(line("list -max-time 5 localhost:1"), "rpcctl list --max-time 5 localhost:1");
    }

    #[test]
    fn sockets_are_named_as_such() {
        assert_eq!(line("-plaintext -unix /run/s list"), "rpcctl list unix:/run/s --plaintext");
        assert_eq!(line("-unix /run/s a.B/C"), "rpcctl call unix:/run/s a.B/C --tls");
    }

    #[test]
    fn what_has_no_counterpart_is_named() {
        for flag in ["-alts-handshaker-service=x", "-xds", "-alts"] {
            assert_eq!(said(&format!("{flag} h:1 list")), format!("{flag} has no counterpart yet"));
        }
        assert_eq!(said("-emit-defaults h:1 list"), "--emit-defaults is no flag of rpcctl list");
        assert_eq!(line("-emit-defaults h:1 list"), "rpcctl list h:1");
        assert_eq!(line("-max-time 5 -emit-defaults h:1 list a.B"), "rpcctl list h:1 a.B --max-time 5");
        assert_eq!(said("-out x h:1 list"), "--out is no flag of rpcctl list");
        assert_eq!(line("-out x h:1 list"), "rpcctl describe h:1 --out x");
        assert_eq!(line("-emit-defaults h:1 a.B/C"), "rpcctl call h:1 a.B/C --emit-defaults");
        // The parser takes none of this, or there is a port missing, so nothing is offered.
        assert_eq!(line("grpcurl -plaintext example.com list"), "");
        assert_eq!(line("list -plaintext -no-such h:1"), "");
    }

    #[test]
    fn what_writes_sources_is_a_verb_of_its_own() {
        assert_eq!(line("-proto-out-dir out h:1 describe"), "rpcctl export h:1 --proto-dir out");
        assert_eq!(
            line("-plaintext -proto-out-dir=out h:1 list a.B"),
            "rpcctl export h:1 a.B --plaintext --proto-dir=out"
        );
        assert_eq!(
            said("-proto-out-dir out h:1 describe"),
            "rpcctl's flags have two dashes: --proto-out-dir"
        );
        let both = "-protoset-out x -proto-out-dir out h:1 list";
        assert_eq!(line(both), "rpcctl export h:1 --out x --proto-dir out");
        // A call writes none.
        assert_eq!(line("-proto-out-dir out h:1 a.B/C"), "rpcctl call h:1 a.B/C");
    }

    #[test]
    fn items_are_part_of_a_call() {
        assert_eq!(line("call h:1 a.B/C x=1 -emit-defaults"), "rpcctl call h:1 a.B/C x=1 --emit-defaults");
        assert_eq!(line("-plaintext h:1 a.B/C x=1 y:=2"), "rpcctl call h:1 a.B/C x=1 y:=2 --plaintext");
        assert_eq!(line("call h:1 x -emit-defaults a.B/C y"), "");
    }

    #[test]
    fn secrets_in_headers_are_not_repeated() {
        assert_eq!(line("-H cookie:secret h:1 list"), r#"rpcctl list h:1 -H "cookie: $COOKIE""#);
        assert_eq!(
            line("-Hx-api-key:secret --header=b-token:secret h:1"),
            r#"rpcctl list h:1 -H "x-api-key: $X_API_KEY" --header "b-token: $B_TOKEN""#
        );
        assert_eq!(line("-H x-user:alice h:1 list"), "rpcctl list h:1 -H x-user:alice");
        assert_eq!(line("-H secret h:1"), r#"rpcctl list h:1 -H "$HEADER""#);
        assert_eq!(line("-ua:secret h:1"), "rpcctl list h:1 -u a");
        assert_eq!(line("--user a:secret h:1"), "rpcctl list h:1 --user a");
        assert_eq!(line("--bearer secret h:1"), r#"rpcctl list h:1 --bearer "$TOKEN""#);
    }

    #[test]
    fn everything_else_is_left_to_the_parser() {
        for line in ["list", "cal", "list h:1 -x", "list --timeout -plaintext", "list -d {}", "h:1 -- list"] {
            assert_eq!(told(line), None, "{line}");
        }
    }
}
