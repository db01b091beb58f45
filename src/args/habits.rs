//! Lines as grpcurl takes them: flags with one dash, and the server before the verb. They are told apart here because
//! the parser would read a flag's name as a row of short flags, and what it then says helps nobody.

use std::ffi::OsString;

use clap::Command;
use thiserror::Error;

use super::again::valueless;
use super::place::looks_like_target;
use super::quoted;
use super::words::{find_long, flag_of_any_verb};

/// Flags whose values are nobody else's business.
const SECRET: [&str; 5] = ["-H", "--header", "--reflect-header", "--rpc-header", "--token"];

/// A line that grpcurl would take, or nearly so.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum HabitError {
    /// A flag with one dash.
    #[error("rpcctl's flags have two dashes: {flag}")]
    OneDash {
        /// The flag with two.
        flag: String,
        /// The whole line as it should be.
        line: String,
    },
    /// A server where the verb belongs.
    #[error("the verb comes first, and then the server")]
    ServerFirst {
        /// The whole line as it should be.
        line: String,
    },
}

impl HabitError {
    /// The line to paste instead.
    pub fn line(&self) -> &str {
        match self {
            Self::OneDash { line, .. } | Self::ServerFirst { line } => line,
        }
    }
}

/// Whether any word may be a flag with one dash. It is asked of every line, and so takes no look at the flags there
/// are.
pub fn may_have_one_dash(words: &[OsString]) -> bool {
    words.iter().skip(1).any(|word| word.to_str().is_some_and(|word| one_dash_name(word).is_some()))
}

/// What is grpcurl's about a line. `command` has all verbs.
pub fn grpcurl(command: &Command, words: &[OsString]) -> Option<HabitError> {
    let mut words = words.iter().skip(1).map(|word| word.to_string_lossy().into_owned());
    let mut line = Line::default();
    while let Some(word) = words.next() {
        if word == "--" {
            return None;
        }
        if !word.starts_with('-') || word == "-" {
            line.parts.push(Part::Word(word));
            continue;
        }
        let fixed = two_dashes(command, &word);
        let flag = fixed.clone().unwrap_or(word);
        if let (None, Some(fixed)) = (&line.one_dash, fixed) {
            line.one_dash = Some(fixed.split('=').next().unwrap_or_default().to_owned());
        }
        let takes_value = flag_of_any_verb(command, &flag).unwrap_or(false);
        let value = if takes_value { words.next() } else { None };
        line.parts.push(Part::Flag(shown(&flag, value.as_deref())));
    }
    line.judge(command)
}

/// A line, taken apart.
#[derive(Default)]
struct Line {
    parts: Vec<Part>,
    one_dash: Option<String>,
}

enum Part {
    Word(String),
    /// A flag with its value, ready to be pasted.
    Flag(String),
}

impl Line {
    fn judge(self, command: &Command) -> Option<HabitError> {
        let words: Vec<&str> = self.parts.iter().filter_map(Part::word).collect();
        let server_first = words.first().is_some_and(|word| looks_like_target(word));
        let parts: Vec<String> = if server_first {
            let server = words.first().copied();
            let is_verb = |word: &&str| command.find_subcommand(word).is_some();
            let (verb, names) = match words.get(1) {
                Some(word) if is_verb(word) => (*word, words.get(2..)),
                Some(_) => ("call", words.get(1..)),
                None => ("list", None),
            };
            let names = names.unwrap_or_default().iter().copied();
            let words = [verb].into_iter().chain(server).chain(names).map(quoted);
            words.chain(self.parts.iter().filter_map(Part::flag)).collect()
        } else {
            self.parts
                .iter()
                .map(|part| part.flag().or(part.word().map(quoted)).unwrap_or_default())
                .collect()
        };
        let line = format!("rpcctl {}", parts.join(" "));
        match self.one_dash {
            Some(flag) => Some(HabitError::OneDash { flag, line }),
            None if server_first => Some(HabitError::ServerFirst { line }),
            None => None,
        }
    }
}

impl Part {
    fn word(&self) -> Option<&str> {
        if let Self::Word(word) = self { Some(word) } else { None }
    }

    fn flag(&self) -> Option<String> {
        if let Self::Flag(flag) = self { Some(flag.clone()) } else { None }
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
    let known = find_long(command, name);
    if known.is_none() && name != "version" {
        return None;
    }
    let takes_value = known.is_some_and(|takes_value| takes_value);
    Some(if takes_value { format!("-{word}") } else { format!("--{name}") })
}

/// A flag as it can be pasted, without the value of a header.
fn shown(flag: &str, value: Option<&str>) -> String {
    let is_secret = |flag: &str| SECRET.contains(&flag);
    let hidden = |value: &str| if value.contains(':') { valueless(value) } else { "…".to_owned() };
    if let Some(value) = value {
        let value = if is_secret(flag) { hidden(value) } else { value.to_owned() };
        return format!("{flag} {}", quoted(&value));
    }
    match (flag.split_once('='), flag.strip_prefix("-H")) {
        (Some((name, value)), _) if is_secret(name) => format!("{name} {}", quoted(&hidden(value))),
        (_, Some(value)) if !value.is_empty() => format!("-H {}", quoted(&hidden(value))),
        _ => quoted(flag),
    }
}

#[cfg(test)]
mod tests {
    use clap::{Arg, ArgAction};

    use super::*;

    fn told(line: &str) -> Option<(String, String)> {
        let flags = |command: Command| {
            command
                .arg(Arg::new("plaintext").long("plaintext").action(ArgAction::SetTrue))
                .arg(Arg::new("timeout").long("timeout").alias("max-time"))
                .arg(Arg::new("header").short('H').long("header").action(ArgAction::Append))
                .arg(Arg::new("data").short('d').action(ArgAction::Append))
        };
        let command = ["list", "describe", "call"]
            .into_iter()
            .fold(Command::new("rpcctl"), |command, verb| command.subcommand(flags(Command::new(verb))));
        let words: Vec<OsString> =
            ["rpcctl"].into_iter().chain(line.split(' ')).map(OsString::from).collect();
        let habit = grpcurl(&command, &words)?;
        assert!(may_have_one_dash(&words) || matches!(habit, HabitError::ServerFirst { .. }));
        Some((habit.to_string(), habit.line().to_owned()))
    }

    fn line(typed: &str) -> String {
        told(typed).unwrap().1
    }

    #[test]
    fn flags_with_one_dash_get_another() {
        let (what, line) = told("list -plaintext h:1 -max-time 5 a.B").unwrap();
        assert_eq!(what, "rpcctl's flags have two dashes: --plaintext");
        assert_eq!(line, "rpcctl list --plaintext h:1 --max-time 5 a.B");
        assert_eq!(
            told("list -max-time=5 -plaintext=true").unwrap().1,
            "rpcctl list --max-time=5 --plaintext"
        );
        assert_eq!(told("-version").unwrap().1, "rpcctl --version");
    }

    #[test]
    fn the_verb_goes_before_the_server() {
        assert_eq!(told("h:1 list").unwrap().0, "the verb comes first, and then the server");
        assert_eq!(line("h:1"), "rpcctl list h:1");
        assert_eq!(line("h:1 list"), "rpcctl list h:1");
        assert_eq!(line("h:1 describe a.B"), "rpcctl describe h:1 a.B");
        assert_eq!(line("-d {} h:1 a.B/C"), "rpcctl call h:1 a.B/C -d '{}'");
        assert_eq!(line("-plaintext -d @ h:1 a.B/C"), "rpcctl call h:1 a.B/C --plaintext -d @");
    }

    #[test]
    fn values_of_headers_are_not_repeated() {
        assert_eq!(line("-H a:secret h:1 list"), "rpcctl list h:1 -H 'a: …'");
        assert_eq!(line("-Ha:secret --header=b:secret h:1"), "rpcctl list h:1 -H 'a: …' --header 'b: …'");
        assert_eq!(line("-H secret h:1"), "rpcctl list h:1 -H '…'");
    }

    #[test]
    fn everything_else_is_left_to_the_parser() {
        for line in ["list", "cal", "list h:1 -x", "list --timeout -plaintext", "list -d {}", "h:1 -- list"] {
            assert_eq!(told(line), None, "{line}");
        }
    }
}
