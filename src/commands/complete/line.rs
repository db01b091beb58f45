//! Where in a command line the word being typed stands: which verb it belongs to, and whether it is a flag, a flag's
//! value or an operand.

use std::ffi::OsString;

use clap::{Arg, Command};

use super::super::{VERBS, VerbWords, command, command_of};
use crate::args::{Attached, flag, reorder};

/// A line that is being typed.
pub(super) struct Line {
    /// The program with the verb alone, or with all of them where there is none yet.
    program: Command,
    /// The verb and what is below it, such as the part of a verb that has parts.
    path: Vec<String>,
    /// The words behind the program's name and before the one being typed, the verb first.
    pub(super) before: Vec<String>,
    /// The word being typed.
    pub(super) word: String,
}

/// Where the word stands.
pub(super) enum Spot<'l> {
    /// Where a verb does.
    Verb,
    /// Where a flag does: it begins with a dash.
    Flag,
    /// Behind a flag that takes a value; what of the word is the flag itself.
    Value(&'l Arg, String),
    /// Behind these operands of the verb.
    Operand(Vec<&'l str>),
}

impl Line {
    /// Reads the words, the program's name first and the one being typed last.
    pub(super) fn read(words: &[String]) -> Option<Self> {
        let (word, before) = words.split_last()?;
        let mut before = before.get(1..)?.to_vec();
        let named = |name: Option<&String>| -> Vec<VerbWords> {
            VERBS.into_iter().filter(|(verb, ..)| name.is_some_and(|name| name == verb)).collect()
        };
        let mut program = match named(before.first()).as_slice() {
            [] => command(),
            verbs => command_of(verbs),
        };
        if named(before.first()).is_empty() {
            let line = std::iter::once("rpcctl").chain(before.iter().map(String::as_str));
            let ordered = reorder(&program, line.map(OsString::from).collect());
            before = ordered.into_iter().skip(1).filter_map(|word| word.into_string().ok()).collect();
        }
        program.build();
        let mut line = Self { program, path: Vec::new(), before, word: word.clone() };
        line.path = line.find_verb();
        Some(line)
    }

    /// The names that lead to the command the word belongs to.
    fn find_verb(&self) -> Vec<String> {
        let mut path = Vec::new();
        let mut command = &self.program;
        for word in &self.before {
            match command.find_subcommand(word) {
                Some(below) if below.get_name() != "help" => {
                    command = below;
                    path.push(word.clone());
                }
                // Parts of a verb stand right behind it.
                _ => break,
            }
        }
        path
    }

    /// The verb, if there is one.
    pub(super) fn verb(&self) -> Option<&str> {
        self.path.first().map(String::as_str)
    }

    /// The program with this verb.
    pub(super) fn program(&self) -> &Command {
        &self.program
    }

    /// What the word belongs to: the verb, a part of it, or the program itself.
    pub(super) fn command(&self) -> &Command {
        self.path.iter().fold(&self.program, |command, name| command.find_subcommand(name).unwrap_or(command))
    }

    /// Whether a flag was given, by its id.
    pub(super) fn has(&self, id: &str) -> bool {
        let command = self.command();
        self.before.iter().take_while(|word| *word != "--").any(|word| {
            word.starts_with('-') && flag(command, word).is_some_and(|(arg, _)| arg.get_id() == id)
        })
    }

    /// The value of a flag that was given, by its id; the last one counts.
    pub(super) fn value(&self, id: &str) -> Option<&str> {
        let command = self.command();
        let mut value = None;
        let mut words = self.before.iter().take_while(|word| *word != "--");
        while let Some(word) = words.next() {
            let Some((arg, attached)) = flag(command, word).filter(|_| word.starts_with('-')) else {
                continue;
            };
            let given = match attached {
                Attached::None => None,
                Attached::Here => word.split_once('=').map(|(_, value)| value),
                Attached::Next => words.next().map(String::as_str),
            };
            if arg.get_id() == id {
                value = given.or(value);
            }
        }
        value
    }

    /// Where the word stands.
    pub(super) fn spot(&self) -> Spot<'_> {
        let command = self.command();
        let mut operands = Vec::new();
        let (mut pending, mut flags_ended) = (None, false);
        for word in self.before.iter().skip(self.path.len()) {
            if pending.take().is_some() {
                continue;
            }
            if word == "--" && !flags_ended {
                flags_ended = true;
            } else if word.starts_with('-') && word.len() > 1 && !flags_ended {
                pending = match flag(command, word) {
                    Some((arg, Attached::Next)) => Some(arg),
                    _ => None,
                };
            } else {
                operands.push(word.as_str());
            }
        }
        if let Some(arg) = pending {
            return Spot::Value(arg, listed(arg, "", &self.word));
        }
        if self.word.starts_with('-') && !flags_ended {
            return match (flag(command, &self.word), self.word.split_once('=')) {
                (Some((arg, Attached::Here)), Some((name, value))) => {
                    Spot::Value(arg, listed(arg, &format!("{name}="), value))
                }
                _ => Spot::Flag,
            };
        }
        let is_help = operands.first() == Some(&"help");
        match (self.path.as_slice(), operands.as_slice()) {
            ([], []) => Spot::Verb,
            ([], [_]) if is_help => Spot::Verb,
            _ => Spot::Operand(operands),
        }
    }
}

/// What stands before the value that is being typed, where a flag takes several in a word.
fn listed(arg: &Arg, before: &str, values: &str) -> String {
    let last =
        arg.get_value_delimiter().and_then(|between| values.rfind(between).map(|at| at + between.len_utf8()));
    format!("{before}{}", values.get(..last.unwrap_or(0)).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Where the last word of a line stands.
    fn spot(line: &str) -> String {
        let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        let line = Line::read(&words).unwrap();
        let verb = line.verb().unwrap_or("-");
        match line.spot() {
            Spot::Verb => format!("{verb}: verb"),
            Spot::Flag => format!("{verb}: flag"),
            Spot::Value(arg, before) => format!("{verb}: value of {} behind {before:?}", arg.get_id()),
            Spot::Operand(operands) => format!("{verb}: behind {operands:?}"),
        }
    }

    #[test]
    fn a_word_is_a_verb_a_flag_a_value_or_an_operand() {
        for (line, expected) in [
            ("rpcctl ", "-: verb"),
            ("rpcctl ca", "-: verb"),
            ("rpcctl help ca", "-: verb"),
            ("rpcctl -", "-: flag"),
            ("rpcctl -v ca", "-: verb"),
            ("rpcctl --cacert ca.pem call --in", "call: flag"),
            ("rpcctl call ", "call: behind []"),
            ("rpcctl call h:1 ", "call: behind [\"h:1\"]"),
            ("rpcctl call -v h:1 M a=b ", "call: behind [\"h:1\", \"M\", \"a=b\"]"),
            ("rpcctl call --proto ", "call: value of proto behind \"\""),
            ("rpcctl call --proto=a", "call: value of proto behind \"--proto=\""),
            ("rpcctl call -o js", "call: value of output behind \"\""),
            ("rpcctl call -vo js", "call: value of output behind \"\""),
            ("rpcctl call --protocol grpc,co", "call: value of protocol behind \"grpc,\""),
            ("rpcctl call --protocol=grpc,", "call: value of protocol behind \"--protocol=grpc,\""),
            ("rpcctl call -ojson h", "call: behind []"),
            ("rpcctl call --max-time ", "call: value of timeout behind \"\""),
            ("rpcctl call -d -1 ", "call: behind []"),
            ("rpcctl call --no-such h:1 ", "call: behind [\"h:1\"]"),
            ("rpcctl call -- -x ", "call: behind [\"-x\"]"),
            ("rpcctl call -- -", "call: behind []"),
            ("rpcctl call --verbose=x", "call: flag"),
            ("rpcctl man ", "man: behind []"),
        ] {
            assert_eq!(spot(line), expected, "{line}");
        }
    }

    #[test]
    fn a_line_without_a_word_is_none() {
        assert!(Line::read(&[]).is_none());
        assert!(Line::read(&["rpcctl".to_owned()]).is_none());
    }
}
