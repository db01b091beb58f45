//! Flags work anywhere, before the verb too: people who know grpcurl write them first.

use std::ffi::OsString;

use clap::error::ErrorKind;
use clap::{Arg, ArgAction, Command};

/// Moves flags that stand before the verb behind it, where the parser looks for them. Words that begin in a way
/// the parser knows itself, such as `--help`, stay as they are.
pub fn reorder(command: &Command, words: Vec<OsString>) -> Vec<OsString> {
    let mut verb = None;
    let mut index = 1;
    while let Some(word) = words.get(index).and_then(|word| word.to_str()) {
        if !word.starts_with('-') || word == "-" || word == "--" {
            verb = command.find_subcommand(word).map(|_| index);
            break;
        }
        let Some(takes_value) = flag_of_any_verb(command, word) else { break };
        index += if takes_value { 2 } else { 1 };
    }
    match verb {
        Some(verb) if verb > 1 => {
            let mut ordered = Vec::with_capacity(words.len());
            let (before, after) = words.split_at(verb);
            ordered.extend(before.first().cloned());
            ordered.extend(after.first().cloned());
            ordered.extend(before.iter().skip(1).cloned());
            ordered.extend(after.iter().skip(1).cloned());
            ordered
        }
        _ => words,
    }
}

/// Where a flag's value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attached {
    /// It takes none.
    None,
    /// In the same word.
    Here,
    /// In the next word.
    Next,
}

/// The flag of `command` that a word names, the first that takes a value where it is a row of short ones.
pub fn flag<'c>(command: &'c Command, word: &str) -> Option<(&'c Arg, Attached)> {
    flag_among(&|matches| command.get_arguments().find(|arg| matches(arg)), word)
}

/// Whether a word is a flag of some verb, and if so, whether its value is the next word.
pub(super) fn flag_of_any_verb(command: &Command, word: &str) -> Option<bool> {
    let find = |matches: &dyn Fn(&Arg) -> bool| all_args(command).find(|arg| matches(arg));
    flag_among(&find, word).map(|(_, attached)| attached == Attached::Next)
}

type Find<'f, 'c> = &'f dyn Fn(&dyn Fn(&Arg) -> bool) -> Option<&'c Arg>;

fn flag_among<'c>(find: Find<'_, 'c>, word: &str) -> Option<(&'c Arg, Attached)> {
    if let Some(long) = word.strip_prefix("--") {
        let (name, here) = long.split_once('=').map_or((long, false), |(name, _)| (name, true));
        let arg = find(&|arg| is_named(arg, name))?;
        let attached = match (takes_value(arg), here) {
            (false, _) => Attached::None,
            (true, true) => Attached::Here,
            (true, false) => Attached::Next,
        };
        return Some((arg, attached));
    }
    let mut last = None;
    let mut letters = word.chars().skip(1);
    while let Some(letter) = letters.next() {
        let arg = find(&|arg| arg.get_short() == Some(letter))?;
        if takes_value(arg) {
            // The rest of the word is the value, if there is a rest.
            return Some((arg, if letters.next().is_none() { Attached::Next } else { Attached::Here }));
        }
        last = Some((arg, Attached::None));
    }
    last
}

/// A flag whose value may be left out, and so goes with `=`, with a word behind it that it would take: that was meant as
/// its value. Both, and the words as they were meant. `verb` is the verb among them.
pub(super) fn value_apart(verb: &Command, words: &[String]) -> Option<(String, String, Vec<String>)> {
    let mut index = 0;
    while let Some(word) = words.get(index).filter(|word| *word != "--") {
        let known = if word.starts_with('-') { flag(verb, word) } else { None };
        match (known, words.get(index + 1)) {
            (Some((arg, Attached::None)), Some(value))
                if arg.is_require_equals_set() && !word.contains('=') && takes(verb, word, value) =>
            {
                let meant = format!("{word}={value}");
                let before = words.get(..index).unwrap_or_default().iter().cloned();
                let after = words.get(index + 2..).unwrap_or_default().iter().cloned();
                return Some((word.clone(), value.clone(), before.chain([meant]).chain(after).collect()));
            }
            (Some((_, Attached::Next)), _) => index += 2,
            _ => index += 1,
        }
    }
    None
}

/// Whether a flag takes this value. A number alone may be something else.
fn takes(verb: &Command, flag: &str, value: &str) -> bool {
    if value.parse::<f64>().is_ok() {
        return false;
    }
    let words = [verb.get_name().to_owned(), format!("{flag}={value}")];
    // Whatever else the verb needs is not there.
    let error = verb.clone().try_get_matches_from(words).err();
    !error.is_some_and(|error| matches!(error.kind(), ErrorKind::ValueValidation | ErrorKind::InvalidValue))
}

/// Whether a flag of some verb with this name, or this alias, takes a value; none if there is no such flag.
pub(super) fn find_long(command: &Command, name: &str) -> Option<bool> {
    all_args(command).find(|arg| is_named(arg, name)).map(takes_value)
}

/// The arguments of all verbs, and those that every verb takes, which are the command's own.
fn all_args(command: &Command) -> impl Iterator<Item = &Arg> {
    command.get_subcommands().flat_map(Command::get_arguments).chain(command.get_arguments())
}

fn is_named(arg: &Arg, name: &str) -> bool {
    arg.get_long() == Some(name) || arg.get_all_aliases().is_some_and(|aliases| aliases.contains(&name))
}

fn takes_value(arg: &Arg) -> bool {
    matches!(arg.get_action(), ArgAction::Set | ArgAction::Append) && !arg.is_require_equals_set()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reordered(line: &str) -> String {
        let call = Command::new("call")
            .arg(Arg::new("header").short('H').action(ArgAction::Append))
            .arg(Arg::new("timeout").long("timeout").alias("max-time"))
            .arg(Arg::new("verbose").short('v').long("verbose").action(ArgAction::Count));
        let command = Command::new("rpcctl").subcommand(call).subcommand(Command::new("list"));
        let words = line.split(' ').map(OsString::from).collect();
        let words = reorder(&command, words);
        words.iter().map(|word| word.to_str().unwrap()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn flags_before_the_verb_go_behind_it() {
        assert_eq!(reordered("rpcctl -v call a:1 M"), "rpcctl call -v a:1 M");
        assert_eq!(reordered("rpcctl -vH a:b --timeout 5 call M"), "rpcctl call -vH a:b --timeout 5 M");
        assert_eq!(reordered("rpcctl --max-time 5 call M"), "rpcctl call --max-time 5 M");
        assert_eq!(reordered("rpcctl -Ha:b --timeout=5 call M"), "rpcctl call -Ha:b --timeout=5 M");
    }

    #[test]
    fn a_value_that_looks_like_a_verb_stays_a_value() {
        assert_eq!(reordered("rpcctl --timeout call list"), "rpcctl list --timeout call");
    }

    #[test]
    fn a_value_that_goes_with_an_equals_sign_is_seen_apart() {
        let wait = Arg::new("wait").long("wait").num_args(0..=1).require_equals(true);
        let verb = Command::new("list")
            .arg(wait.value_parser(crate::args::values::positive_duration))
            .arg(Arg::new("jq").long("jq"))
            .arg(Arg::new("words").num_args(0..));
        let apart = |line: &str| {
            let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
            value_apart(&verb, &words)
                .map(|(flag, value, meant)| format!("{flag} {value}: {}", meant.join(" ")))
        };
        assert_eq!(apart("list --wait 2s h:1").as_deref(), Some("--wait 2s: list --wait=2s h:1"));
        assert_eq!(apart("list h:1 --wait 1m30s").as_deref(), Some("--wait 1m30s: list h:1 --wait=1m30s"));
        for line in [
            "list --wait h:1",
            "list --wait 5",
            "list --wait=1s 2s",
            "list --jq --wait 2s",
            "list -- --wait 2s",
        ] {
            assert_eq!(apart(line), None, "{line}");
        }
    }

    #[test]
    fn everything_else_stays_as_it_is() {
        for line in [
            "rpcctl",
            "rpcctl --help",
            "rpcctl call -v",
            "rpcctl --no-such call",
            "rpcctl -v",
            "rpcctl help call",
        ] {
            assert_eq!(reordered(line), line);
        }
    }
}
