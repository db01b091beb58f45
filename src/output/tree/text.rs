//! Fields for people: a line each, two spaces for each level, and behind a `#` how it is known what a value is.

use std::io::{self, Write};

use super::Gathered;
use crate::chars;
use crate::message::tree::{Break, Meaning, Node, Shown, Tree};
use crate::output::sanitize;

/// How a tree is shown.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    /// Whether each field has the bytes that it takes in front, and where they stand, counted from here.
    pub offsets: Option<usize>,
    /// Whether what a terminal would hide is escaped; what it would act on always is.
    pub escape: bool,
}

/// Writes a tree.
pub fn text(tree: &Tree<'_>, bytes: &[u8], look: Look, to: &mut dyn Write) -> io::Result<()> {
    let mut lines = Lines { look, bytes, written: Gathered::new(to) };
    lines.tree(tree, 0)?;
    lines.written.finish()
}

/// How many columns the place of a field takes.
const RANGE_COLUMNS: usize = 12;
/// How many bytes of a field stand before it.
const BESIDE: usize = 8;
/// How many columns they take: two digits and a blank each, and a mark where there are more.
const BESIDE_COLUMNS: usize = 3 * BESIDE + 1;
/// How many bytes are shown of many.
const FEW: usize = 64;

struct Lines<'t> {
    look: Look,
    /// What the tree is of.
    bytes: &'t [u8],
    written: Gathered<'t>,
}

impl Lines<'_> {
    fn out(&mut self) -> &mut Vec<u8> {
        &mut self.written.out
    }

    /// Adds words; writing them where they gather cannot fail.
    fn say(&mut self, words: std::fmt::Arguments<'_>) {
        let _ = self.written.out.write_fmt(words);
    }

    fn tree(&mut self, tree: &Tree<'_>, depth: usize) -> io::Result<()> {
        for field in tree.fields() {
            match field {
                Ok(node) => self.node(&node, depth)?,
                Err(broken) => self.broken(&broken, depth),
            }
            self.written.pass_on()?;
        }
        Ok(())
    }

    fn node(&mut self, node: &Node<'_>, depth: usize) -> io::Result<()> {
        let (start, end) = (node.range.start, node.range.end);
        let inside = match &node.value {
            Shown::Message(tree) | Shown::Group(tree) => Some(tree),
            _ => None,
        };
        // What is inside has lines of its own.
        let beside = if inside.is_some() { node.content } else { end };
        self.begin((start, end), start..beside, depth);
        self.written.decimal(node.number.into());
        if let Some(name) = &node.name {
            self.say(format_args!(" {}", sanitize::line(name)));
        }
        let Some(tree) = inside else {
            self.out().extend_from_slice(b": ");
            self.value(&node.value)?;
            self.comment(node);
            self.out().push(b'\n');
            return Ok(());
        };
        let group = matches!(node.value, Shown::Group(_));
        let closed = if tree.is_empty() && !(group && self.look.offsets.is_some()) { "}" } else { "" };
        self.say(format_args!("{} {{{closed}", if group { " group" } else { "" }));
        self.comment(node);
        self.out().push(b'\n');
        if closed.is_empty() {
            self.tree(tree, depth + 1)?;
            if node.end < end {
                self.begin((node.end, end), node.end..end, depth);
            } else {
                self.indent(depth);
            }
            self.out().extend_from_slice(b"}\n");
        }
        Ok(())
    }

    fn broken(&mut self, broken: &Break<'_>, depth: usize) {
        let (start, end) = (broken.offset, broken.offset + broken.bytes.len());
        self.begin((start, end), start..end, depth);
        if let Some(number) = broken.number {
            self.say(format_args!("{number}: "));
        }
        if !broken.bytes.is_empty() {
            some(broken.bytes, &mut self.written.out);
            self.out().extend_from_slice(b"  ");
        }
        self.say(format_args!("# broken: {}\n", broken.error));
    }

    /// The offsets, the bytes and the indentation of a line.
    fn begin(&mut self, (start, end): (usize, usize), beside: std::ops::Range<usize>, depth: usize) {
        if let Some(before) = self.look.offsets {
            let line = self.out().len();
            self.written.decimal((before + start) as u64);
            self.out().extend_from_slice(b"..");
            self.written.decimal((before + end) as u64);
            let width = self.out().len() - line;
            self.blanks(RANGE_COLUMNS.saturating_sub(width) + 2);
            if let Some(range) = self.out().get_mut(line..) {
                // To the right of its columns, with two blanks behind.
                range.rotate_right(RANGE_COLUMNS.saturating_sub(width));
            }
            let all = self.bytes.get(beside).unwrap_or_default();
            let shown = all.get(..BESIDE).unwrap_or(all);
            digits(shown, &mut self.written.out);
            let mut columns = (3 * shown.len()).saturating_sub(1);
            if all.len() > BESIDE {
                self.say(format_args!(" …"));
                columns += 2;
            }
            self.blanks(BESIDE_COLUMNS.saturating_sub(columns) + 2);
        }
        self.blanks(2 * depth);
    }

    /// The indentation of a line that takes no bytes.
    fn indent(&mut self, depth: usize) {
        if self.look.offsets.is_some() {
            self.blanks(RANGE_COLUMNS + 2 + BESIDE_COLUMNS + 2);
        }
        self.blanks(2 * depth);
    }

    fn blanks(&mut self, count: usize) {
        let length = self.out().len();
        self.out().resize(length + count, b' ');
    }

    fn comment(&mut self, node: &Node<'_>) {
        match &node.meaning {
            Meaning::Declared(kind) => self.say(format_args!("  # {}", sanitize::line(kind))),
            Meaning::Wire(Some(other)) => {
                self.out().extend_from_slice(b"  # or ");
                self.written.other(*other);
            }
            Meaning::Wire(None) => {}
            Meaning::Guess(what) => self.say(format_args!("  # guess: {what}")),
            Meaning::Misfit(kind) => self.say(format_args!("  # does not fit {}", sanitize::line(kind))),
        }
        if let Some((missing, of)) = node.missing {
            let lead = if node.meaning == Meaning::Wire(None) { "  #" } else { ";" };
            let be = if missing == 1 { "is" } else { "are" };
            self.say(format_args!("{lead} {missing} of its {of} bytes {be} missing"));
        }
    }

    fn value(&mut self, value: &Shown<'_>) -> io::Result<()> {
        match value {
            Shown::Number(number) => self.written.number(*number),
            Shown::Word(word) => self.say(format_args!("{}", sanitize::line(word))),
            Shown::Text(text) => chars::quoted(&mut self.written.out, text, self.look.escape),
            Shown::Bytes(content) => some(content, &mut self.written.out),
            Shown::Packed(packed) => {
                let mut before = "[";
                packed.each(|word| {
                    self.say(format_args!("{before}{word}"));
                    before = ", ";
                    self.written.pass_on()
                })?;
                self.say(format_args!("{}]", if before == "[" { "[" } else { "" }));
            }
            Shown::Message(_) | Shown::Group(_) => {}
        }
        Ok(())
    }
}

/// Bytes, of many the first.
fn some(content: &[u8], out: &mut Vec<u8>) {
    out.push(b'<');
    digits(content.get(..FEW).unwrap_or(content), out);
    let more = content.len().saturating_sub(FEW);
    if more > 0 {
        // Writing to a Vec cannot fail.
        let _ = write!(out, " … {more} more");
    }
    out.push(b'>');
}

/// Bytes as digits, with a blank between two.
fn digits(bytes: &[u8], out: &mut Vec<u8>) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for (index, byte) in bytes.iter().enumerate() {
        if index > 0 {
            out.push(b' ');
        }
        out.extend([byte >> 4, byte & 15].map(|digit| DIGITS[usize::from(digit)]));
    }
}
