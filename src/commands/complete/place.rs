//! What may stand in each place of a line.

use clap::builder::PossibleValue;
use clap::{Arg, ArgAction, Command, ValueHint};

use super::super::Surroundings;
use super::ask::{self, Again, Asked};
use super::line::{Line, Spot};
use crate::args::{looks_like_target, target_and_path};
use crate::completion::{Answer, Candidate, Catalog, Rest, beginning, items, methods, services, symbols};

/// How the last of these words may go on. `again` asks anew what takes too long now.
pub(super) fn answer(words: &[String], again: &Again, surroundings: &Surroundings) -> Answer {
    let Some(line) = Line::read(words) else { return Answer::default() };
    let asked = Asked { line: &line, surroundings, again };
    match line.spot() {
        Spot::Verb => verbs(&line).into(),
        Spot::Flag => flags(&line).into(),
        Spot::Value(arg, before) => {
            let word = line.word.get(before.len()..).unwrap_or_default();
            behind(&before, value(arg, word, &asked))
        }
        Spot::Operand(operands) => operand(&operands, &asked),
    }
}

/// Asks the server that these words name and keeps what it says.
pub(super) fn refresh(words: &[String], surroundings: &Surroundings) {
    let Some(line) = Line::read(words) else { return };
    if let Spot::Operand(operands) = line.spot() {
        let behind = operands.first().copied().filter(|word| looks_like_target(word));
        let begun = || target_and_path(&line.word).map(|(target, _)| target).filter(|_| operands.is_empty());
        ask::refresh(&line, behind.or_else(begun), surroundings);
    }
}

fn verbs(line: &Line) -> Vec<Candidate> {
    let verbs = line.program().get_subcommands().filter(|verb| !verb.is_hide_set());
    let help = |verb: &Command| verb.get_about().map(ToString::to_string).unwrap_or_default();
    verbs
        .filter(|verb| verb.get_name().starts_with(&line.word))
        .map(|verb| Candidate::new(verb.get_name(), help(verb)))
        .collect()
}

/// The flags that can still be given.
fn flags(line: &Line) -> Vec<Candidate> {
    let repeats = |arg: &Arg| matches!(arg.get_action(), ArgAction::Append | ArgAction::Count);
    let args = line.command().get_arguments().filter(|arg| !arg.is_hide_set() && !arg.is_positional());
    let mut found = Vec::new();
    for arg in args.filter(|arg| repeats(arg) || !line.has(arg.get_id().as_str())) {
        let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
        let long = arg.get_long().map(|name| format!("--{name}"));
        let short = arg.get_short().map(|letter| format!("-{letter}"));
        let names = if line.word == "-" { [long, short] } else { [long, None] };
        for name in names.into_iter().flatten().filter(|name| name.starts_with(&line.word)) {
            found.push(Candidate::new(name, help.as_str()));
        }
    }
    found
}

/// What a flag, or an operand of its own kind, takes.
fn value(arg: &Arg, word: &str, asked: &Asked<'_>) -> Answer {
    if arg.get_id() == "profile" {
        return profiles(word, asked).into();
    }
    let possible: Vec<PossibleValue> = arg.get_possible_values();
    if !possible.is_empty() {
        let help = |value: &PossibleValue| value.get_help().map(ToString::to_string).unwrap_or_default();
        let values = possible.iter().filter(|value| !value.is_hide_set());
        let values = values.map(|value| Candidate::new(value.get_name(), help(value)));
        return values.filter(|value| value.text.starts_with(word)).collect::<Vec<_>>().into();
    }
    let name = arg.get_value_names().and_then(|names| names.first()).map_or("", |name| name.as_str());
    match name {
        "TARGET" => targets(word, asked).into(),
        "OLD" | "NEW" => Answer { candidates: targets(word, asked), rest: Some(Rest::File(String::new())) },
        "DIR" => Rest::Folder(String::new()).into(),
        "FILE" => Rest::File(String::new()).into(),
        name if name.contains("@FILE") && word.starts_with('@') => Rest::File("@".to_owned()).into(),
        _ if arg.get_value_hint() == ValueHint::AnyPath => Rest::File(String::new()).into(),
        _ => Answer::default(),
    }
}

/// The same with more in front of the word.
fn behind(before: &str, mut answer: Answer) -> Answer {
    for candidate in &mut answer.candidates {
        candidate.text.insert_str(0, before);
    }
    if let Some(Rest::File(start) | Rest::Folder(start)) = &mut answer.rest {
        start.insert_str(0, before);
    }
    answer
}

/// What may stand behind these operands.
fn operand(operands: &[&str], asked: &Asked<'_>) -> Answer {
    let args: Vec<&Arg> = asked.line.command().get_positionals().collect();
    if args.first().is_some_and(|arg| arg.get_id() == "words") {
        return words(operands, asked);
    }
    let arg = args.get(operands.len()).or(args.last().filter(|arg| takes_many(arg)));
    let parts = asked.line.command().get_subcommands().filter(|part| !part.is_hide_set());
    let parts: Vec<Candidate> = parts
        .filter(|part| operands.is_empty() && part.get_name().starts_with(&asked.line.word))
        .map(|part| {
            Candidate::new(part.get_name(), part.get_about().map(ToString::to_string).unwrap_or_default())
        })
        .collect();
    let mut answer = arg.map(|arg| value(arg, &asked.line.word, asked)).unwrap_or_default();
    answer.candidates.extend(parts);
    answer
}

fn takes_many(arg: &Arg) -> bool {
    matches!(arg.get_action(), ArgAction::Append)
        || arg.get_num_args().is_some_and(|range| range.max_values() > 1)
}

/// A target, a name on it, or an item.
fn words(operands: &[&str], asked: &Asked<'_>) -> Answer {
    let word = asked.line.word.as_str();
    let target = operands.first().copied().filter(|word| looks_like_target(word));
    if asked.line.verb() == Some("channelz") {
        let is_first = operands.is_empty() && !asked.names_a_server();
        let servers = if is_first { targets(word, asked) } else { Vec::new() };
        return servers.into_iter().chain(connections(word)).collect::<Vec<_>>().into();
    }
    let behind_target = operands.get(usize::from(target.is_some())..).unwrap_or_default();
    match behind_target.split_first() {
        None if target.is_none() => target_or_name(word, asked).into(),
        None => asked.catalog(target).map(|catalog| names(asked, &catalog, word)).unwrap_or_default().into(),
        Some((method, given)) if asked.line.verb() == Some("call") && !asked.line.has("data") => {
            let given: Vec<String> = given.iter().map(|item| (*item).to_owned()).collect();
            let catalog = asked.catalog(target);
            let found = catalog.as_ref().and_then(|catalog| Some((catalog, catalog.method(method)?)));
            found.map(|(catalog, method)| items(catalog, method, &given, word)).unwrap_or_default()
        }
        Some(_) if asked.line.verb() == Some("export") => {
            asked.catalog(target).map(|catalog| names(asked, &catalog, word)).unwrap_or_default().into()
        }
        Some(_) => Answer::default(),
    }
}

/// What there is of a server's connections.
fn connections(word: &str) -> Vec<Candidate> {
    let all = [
        ("channels", "what it connects to"),
        ("servers", "what it listens on, and how many calls came"),
        ("sockets", "its connections"),
    ];
    beginning(all.map(|(name, help)| Candidate::new(name, help)).into(), word)
}

/// The names of what the verb is about.
fn names(asked: &Asked<'_>, catalog: &Catalog, word: &str) -> Vec<Candidate> {
    match asked.line.verb() {
        Some("list" | "doctor") => services(catalog, word),
        Some("describe" | "export") => symbols(catalog, word),
        _ => methods(catalog, word),
    }
}

/// A target, or a name on the server that is asked where no target stands. A path may begin behind a target.
fn target_or_name(word: &str, asked: &Asked<'_>) -> Vec<Candidate> {
    if let Some((target, path)) = target_and_path(word) {
        let catalog = asked.catalog(Some(target));
        let names = catalog.map(|catalog| names(asked, &catalog, path)).unwrap_or_default();
        return behind(&format!("{target}/"), names.into()).candidates;
    }
    let mut found = if asked.names_a_server() { Vec::new() } else { targets(word, asked) };
    if !looks_like_target(word) {
        found.extend(asked.catalog(None).map(|catalog| names(asked, &catalog, word)).unwrap_or_default());
    }
    found
}

/// The profiles there are.
fn profiles(word: &str, asked: &Asked<'_>) -> Vec<Candidate> {
    let all = ask::profiles(asked.line, &asked.surroundings.places).into_iter();
    beginning(all.map(|(name, address)| Candidate::new(name, address)).collect(), word)
}

/// Targets that were seen, and the one that is always there.
fn targets(word: &str, asked: &Asked<'_>) -> Vec<Candidate> {
    const DEMO: &str = "demo:";
    let seen = ask::seen(&asked.surroundings.places).into_iter().filter(|target| target != DEMO);
    let all = seen
        .map(|target| (target, "seen before"))
        .chain([(DEMO.to_owned(), "the demo server inside rpcctl")]);
    beginning(all.map(|(target, help)| Candidate::new(target, help)).collect(), word)
}
