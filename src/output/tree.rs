//! The fields that bytes have, for people and for programs.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;

use super::sanitize;
use crate::chars;
use crate::message::tree::{Break, Meaning, Node, Shown, Tree};

/// How a tree is shown.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    /// Whether each field has the bytes that it takes in front, counted from here.
    pub offsets: Option<usize>,
    /// Whether what a terminal would hide is escaped; what it would act on always is.
    pub escape: bool,
}

/// A line a field, two spaces for each level, and behind a `#` how it is known what a value is.
pub fn text(tree: &Tree, look: Look) -> String {
    let mut out = String::new();
    lines(tree, look, 0, &mut out);
    out
}

fn lines(tree: &Tree, look: Look, depth: usize, out: &mut String) {
    for node in &tree.fields {
        begin(look, (node.range.start, node.range.end), depth, out);
        let _ = write!(out, "{}", node.number);
        if let Some(name) = &node.name {
            let _ = write!(out, " {}", sanitize::line(name));
        }
        let comment = comment(node);
        match &node.value {
            Shown::Message(tree) | Shown::Group(tree) => {
                let group = if matches!(node.value, Shown::Group(_)) { " group" } else { "" };
                let empty = tree.fields.is_empty() && tree.broken.is_none();
                let _ = writeln!(out, "{group} {{{}{comment}", if empty { "}" } else { "" });
                if !empty {
                    lines(tree, look, depth + 1, out);
                    begin(look, (usize::MAX, usize::MAX), depth, out);
                    out.push_str("}\n");
                }
            }
            value => {
                let _ = writeln!(out, ": {}{comment}", shown(value, look.escape));
            }
        }
    }
    if let Some(broken) = &tree.broken {
        begin(look, (broken.offset, broken.offset + broken.bytes.len()), depth, out);
        let number = broken.number.map(|number| format!("{number}: ")).unwrap_or_default();
        let _ = writeln!(out, "{number}{}  # broken: {}", bytes(&broken.bytes), broken.error);
    }
}

/// The offsets and the indentation of a line; the line that closes a message has none of its own.
fn begin(look: Look, (start, end): (usize, usize), depth: usize, out: &mut String) {
    match look.offsets {
        Some(_) if start == usize::MAX => out.push_str("              "),
        Some(before) => {
            let range = format!("{}..{}", before + start, before + end);
            let _ = write!(out, "{range:>12}  ");
        }
        None => {}
    }
    out.extend(std::iter::repeat_n("  ", depth));
}

fn comment(node: &Node) -> String {
    match &node.meaning {
        Meaning::Declared(kind) => format!("  # {kind}"),
        Meaning::Wire(Some(other)) => format!("  # or {other}"),
        // That it is text can be seen.
        Meaning::Wire(None) | Meaning::Guess("text") => String::new(),
        Meaning::Guess(what) => format!("  # guess: {what}"),
        Meaning::Misfit(kind) => format!("  # does not fit {kind}"),
    }
}

fn shown(value: &Shown, escape: bool) -> String {
    match value {
        Shown::Word(word) => sanitize::line(word).into_owned(),
        Shown::Text(text) => {
            let mut quoted = Vec::new();
            chars::quoted(&mut quoted, text, escape);
            String::from_utf8_lossy(&quoted).into_owned()
        }
        Shown::Bytes(content) => bytes(content),
        Shown::Packed(words) => format!("[{}]", words.join(", ")),
        Shown::Message(_) | Shown::Group(_) => String::new(),
    }
}

/// How many bytes are shown of many.
const FEW: usize = 64;

fn bytes(content: &[u8]) -> String {
    let digits: Vec<String> = content.iter().take(FEW).map(|byte| format!("{byte:02x}")).collect();
    let more = content.len().saturating_sub(FEW);
    let more = if more > 0 { format!(" … {more} more") } else { String::new() };
    format!("<{}{more}>", digits.join(" "))
}

/// The tree as JSON on one line, offsets counted from `before`.
pub fn json(tree: &Tree, before: usize) -> Vec<u8> {
    serde_json::to_vec(&TreeJson::of(tree, before)).unwrap_or_default()
}

#[derive(Serialize)]
struct TreeJson<'t> {
    fields: Vec<NodeJson<'t>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    broken: Option<BreakJson>,
}

#[derive(Serialize)]
struct NodeJson<'t> {
    number: u32,
    start: usize,
    end: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    guess: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    or: Option<&'t str>,
    #[serde(flatten)]
    value: ValueJson<'t>,
}

#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum ValueJson<'t> {
    /// The field's own number has that name.
    #[serde(rename = "value")]
    Number(&'t str),
    Text(&'t str),
    Bytes(String),
    Packed(&'t [String]),
    Message(TreeJson<'t>),
    Group(TreeJson<'t>),
}

#[derive(Serialize)]
struct BreakJson {
    start: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    number: Option<u32>,
    error: String,
    bytes: String,
}

impl<'t> TreeJson<'t> {
    fn of(tree: &'t Tree, before: usize) -> Self {
        Self {
            fields: tree.fields.iter().map(|node| NodeJson::of(node, before)).collect(),
            broken: tree.broken.as_ref().map(|broken| BreakJson::of(broken, before)),
        }
    }
}

impl<'t> NodeJson<'t> {
    fn of(node: &'t Node, before: usize) -> Self {
        let (guess, or) = match &node.meaning {
            Meaning::Guess(what) => (Some(*what), None),
            Meaning::Wire(or) => (None, or.as_deref()),
            Meaning::Declared(_) | Meaning::Misfit(_) => (None, None),
        };
        let value = match &node.value {
            Shown::Word(word) => ValueJson::Number(word),
            Shown::Text(text) => ValueJson::Text(text),
            Shown::Bytes(bytes) => ValueJson::Bytes(STANDARD.encode(bytes)),
            Shown::Packed(words) => ValueJson::Packed(words),
            Shown::Message(tree) => ValueJson::Message(TreeJson::of(tree, before)),
            Shown::Group(tree) => ValueJson::Group(TreeJson::of(tree, before)),
        };
        Self {
            number: node.number,
            start: before + node.range.start,
            end: before + node.range.end,
            guess,
            or,
            value,
        }
    }
}

impl BreakJson {
    fn of(broken: &Break, before: usize) -> Self {
        Self {
            start: before + broken.offset,
            number: broken.number,
            error: broken.error.to_string(),
            bytes: STANDARD.encode(&broken.bytes),
        }
    }
}
