//! What changed between two schemas, for reading and for programs.
//!
//! The JSON form is stable: members may be added, none is renamed or removed.

use std::io::{self, Write};

use serde::Serialize;

use super::color::{ERROR, Paint, STRING, TITLE, WARNING};
use super::{sanitize, write_json};
use crate::schema::diff::{Breaks, Change, Comparison, Counts, Effect};

/// One change a line, and a last line that counts them, and what was compared.
pub fn text(out: &mut dyn Write, compared: &Comparison, paint: Paint) -> io::Result<()> {
    for change in &compared.changes {
        line(out, change, paint)?;
    }
    writeln!(out, "{}; compared: {}", summary(&compared.changes), counted(compared.compared))
}

/// One change, as a line.
pub fn line(out: &mut dyn Write, change: &Change, paint: Paint) -> io::Result<()> {
    let (sign, style) = match change.effect {
        Effect::Added => ('+', STRING),
        Effect::Removed => ('-', ERROR),
        Effect::Changed => ('~', WARNING),
    };
    let (name, text) = (sanitize::line(&change.name), sanitize::line(&change.text));
    write!(out, "{} {}: {text}", paint.text(style, sign), paint.text(TITLE, name))?;
    if change.breaks.any() {
        write!(out, "  {}", paint.text(ERROR, format_args!("(breaks {})", words(change.breaks).join(", "))))?;
    }
    writeln!(out)
}

/// `7 changes, 3 breaking (1 wire, 2 JSON, 3 source)`.
pub fn summary(changes: &[Change]) -> String {
    let all = match changes.len() {
        0 => return "no changes".to_owned(),
        1 => "1 change".to_owned(),
        count => format!("{count} changes"),
    };
    let count = |breaks: fn(Breaks) -> bool| changes.iter().filter(|change| breaks(change.breaks)).count();
    let breaking = count(Breaks::any);
    if breaking == 0 {
        return format!("{all}, none breaking");
    }
    let (wire, json, source) =
        (count(|breaks| breaks.wire), count(|breaks| breaks.json), count(|breaks| breaks.source));
    format!("{all}, {breaking} breaking ({wire} wire, {json} JSON, {source} source)")
}

/// `2 services (9 methods), 14 messages and 3 enums`.
fn counted(counts: Counts) -> String {
    let count = |count: usize, what: &str| match count {
        0 => None,
        1 => Some(format!("1 {what}")),
        count => Some(format!("{count} {what}s")),
    };
    let methods = |services: String| match count(counts.methods, "method") {
        Some(methods) => format!("{services} ({methods})"),
        None => services,
    };
    let parts = [
        count(counts.services, "service").map(methods),
        count(counts.messages, "message"),
        count(counts.enums, "enum"),
        count(counts.extensions, "extension"),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    match parts.as_slice() {
        [] => "nothing but files".to_owned(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

fn words(breaks: Breaks) -> Vec<&'static str> {
    let all = [(breaks.wire, "wire"), (breaks.json, "JSON"), (breaks.source, "source")];
    all.into_iter().filter_map(|(breaks, word)| breaks.then_some(word)).collect()
}

/// `{"old", "new", "breaking", "compared", "changes": [{"rule", "change", "kind", "name", "file", "text", "old"?, "new"?,
/// "breaks"}]}`, as docs/diff.md has it.
pub fn json(
    out: &mut dyn Write,
    sides: (&str, &str),
    breaking: bool,
    compared: &Comparison,
    paint: Paint,
) -> io::Result<()> {
    let changes = compared.changes.iter().map(Entry::of).collect();
    let Counts { services, methods, messages, enums, extensions } = compared.compared;
    let counts = Compared { services, methods, messages, enums, extensions };
    write_json(out, &Document { old: sides.0, new: sides.1, breaking, compared: counts, changes }, paint)
}

#[derive(Serialize)]
struct Document<'a> {
    old: &'a str,
    new: &'a str,
    breaking: bool,
    compared: Compared,
    changes: Vec<Entry<'a>>,
}

#[derive(Serialize)]
struct Compared {
    services: usize,
    methods: usize,
    messages: usize,
    enums: usize,
    extensions: usize,
}

#[derive(Serialize)]
struct Entry<'a> {
    rule: &'static str,
    change: &'static str,
    kind: &'static str,
    name: &'a str,
    file: &'a str,
    text: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    old: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    new: Option<&'a str>,
    breaks: Vec<String>,
}

impl<'a> Entry<'a> {
    fn of(change: &'a Change) -> Self {
        Self {
            rule: change.rule,
            change: match change.effect {
                Effect::Added => "added",
                Effect::Removed => "removed",
                Effect::Changed => "changed",
            },
            kind: change.kind,
            name: &change.name,
            file: &change.file,
            text: &change.text,
            old: change.old.as_deref(),
            new: change.new.as_deref(),
            breaks: words(change.breaks).iter().map(|word| word.to_ascii_lowercase()).collect(),
        }
    }
}
