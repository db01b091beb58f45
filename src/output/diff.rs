//! What changed between two schemas, for reading and for programs.
//!
//! The JSON form is stable: members may be added, none is renamed or removed.

use std::io::{self, Write};

use serde::Serialize;

use super::color::{ERROR, Paint, STRING, TITLE, WARNING};
use super::{sanitize, write_json};
use crate::schema::diff::{Breaks, Change, Effect};

/// One change a line, and a last line that counts them.
pub fn text(out: &mut dyn Write, changes: &[Change], paint: Paint) -> io::Result<()> {
    for change in changes {
        line(out, change, paint)?;
    }
    writeln!(out, "{}", summary(changes))
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

fn words(breaks: Breaks) -> Vec<&'static str> {
    let all = [(breaks.wire, "wire"), (breaks.json, "JSON"), (breaks.source, "source")];
    all.into_iter().filter_map(|(breaks, word)| breaks.then_some(word)).collect()
}

/// `{"old", "new", "breaking", "changes": [{"rule", "change", "kind", "name", "file", "text", "old"?, "new"?,
/// "breaks"}]}`, as docs/diff.md has it.
pub fn json(
    out: &mut dyn Write,
    sides: (&str, &str),
    breaking: bool,
    changes: &[Change],
    paint: Paint,
) -> io::Result<()> {
    let changes = changes.iter().map(Entry::of).collect();
    write_json(out, &Document { old: sides.0, new: sides.1, breaking, changes }, paint)
}

#[derive(Serialize)]
struct Document<'a> {
    old: &'a str,
    new: &'a str,
    breaking: bool,
    changes: Vec<Entry<'a>>,
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
