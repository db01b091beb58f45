//! Fields for programs: JSON on one line or many, or YAML.

use std::io::{self, Write};

use super::Gathered;
use crate::chars;
use crate::message::json;
use crate::message::tree::{Break, Meaning, Node, Shown, Tree};

/// How a document is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// JSON on one line, with nothing behind it.
    Line,
    /// JSON over several lines, the same.
    Pretty,
    /// YAML, with the end of its last line.
    Yaml,
}

/// What a document looks like.
#[derive(Debug, Clone, Copy)]
pub struct Document<'d> {
    /// How it is written.
    pub form: Form,
    /// Where offsets are counted from.
    pub before: usize,
    /// What the message was compressed with: offsets are those in what it became.
    pub compression: Option<&'d str>,
    /// Whether what a terminal would hide is escaped; what it would act on always is.
    pub escape: bool,
}

/// Writes a tree.
pub fn document(tree: &Tree<'_>, look: Document<'_>, to: &mut dyn Write) -> io::Result<()> {
    let Document { form, before, compression, escape } = look;
    let mut writer = Writer { form, before, escape, open: Vec::new(), written: Gathered::new(to) };
    writer.open(Kind::Object);
    if let Some(how) = compression {
        writer.string("compression", how);
    }
    writer.tree(tree)?;
    writer.close();
    writer.written.finish()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Object,
    Array,
}

/// An object or an array that is being written.
struct Open {
    kind: Kind,
    empty: bool,
    /// How far its items are indented.
    indent: usize,
}

struct Writer<'w> {
    form: Form,
    before: usize,
    escape: bool,
    open: Vec<Open>,
    written: Gathered<'w>,
}

impl Writer<'_> {
    fn tree(&mut self, tree: &Tree<'_>) -> io::Result<()> {
        self.key("fields");
        self.open(Kind::Array);
        let mut broken = None;
        for field in tree.fields() {
            match field {
                Ok(node) => self.node(&node)?,
                Err(part) => broken = Some(part),
            }
            self.written.pass_on()?;
        }
        self.close();
        if let Some(broken) = broken {
            self.broken(&broken);
        }
        Ok(())
    }

    fn node(&mut self, node: &Node<'_>) -> io::Result<()> {
        self.item();
        self.open(Kind::Object);
        self.number("number", node.number.into());
        self.number("start", (self.before + node.range.start) as u64);
        self.number("end", (self.before + node.range.end) as u64);
        match &node.meaning {
            Meaning::Guess(what) => self.string("guess", what),
            Meaning::Wire(Some(other)) => {
                self.flat_key("or");
                self.raw(self.quote());
                self.written.other(*other);
                self.raw(self.quote());
            }
            Meaning::Wire(None) | Meaning::Declared(_) | Meaning::Misfit(_) => {}
        }
        if let Some((missing, _)) = node.missing {
            self.number("missing", missing);
        }
        match &node.value {
            // The field's own number has that name.
            Shown::Number(number) => {
                self.flat_key("value");
                self.raw(b"\"");
                self.written.number(*number);
                self.raw(b"\"");
            }
            Shown::Word(word) => self.string("value", word),
            Shown::Text(text) => self.string("text", text),
            Shown::Bytes(bytes) => {
                self.base64("bytes", bytes);
            }
            Shown::Packed(packed) => {
                self.key("packed");
                self.open(Kind::Array);
                packed.each(|word| {
                    self.item();
                    self.quoted(&word.to_string());
                    self.written.pass_on()
                })?;
                self.close();
            }
            Shown::Message(tree) => self.inside("message", tree)?,
            Shown::Group(tree) => self.inside("group", tree)?,
        }
        self.close();
        Ok(())
    }

    fn inside(&mut self, key: &str, tree: &Tree<'_>) -> io::Result<()> {
        self.key(key);
        self.open(Kind::Object);
        self.tree(tree)?;
        self.close();
        Ok(())
    }

    fn broken(&mut self, broken: &Break<'_>) {
        self.key("broken");
        self.open(Kind::Object);
        self.number("start", (self.before + broken.offset) as u64);
        if let Some(number) = broken.number {
            self.number("number", number.into());
        }
        self.string("error", &broken.error.to_string());
        self.base64("bytes", broken.bytes);
        self.close();
    }

    fn raw(&mut self, token: &[u8]) {
        self.written.out.extend_from_slice(token);
    }

    /// Begins a member that is no object and no array.
    fn flat_key(&mut self, key: &str) {
        self.key(key);
        if self.form == Form::Yaml {
            self.raw(b" ");
        }
    }

    /// What stands around a word and a number.
    fn quote(&self) -> &'static [u8] {
        if self.form == Form::Yaml { b"" } else { b"\"" }
    }

    fn number(&mut self, key: &str, number: u64) {
        self.flat_key(key);
        self.written.decimal(number);
    }

    fn string(&mut self, key: &str, text: &str) {
        self.flat_key(key);
        self.quoted(text);
    }

    fn quoted(&mut self, text: &str) {
        if self.form == Form::Yaml && !text.starts_with(|c: char| c.is_ascii_digit()) {
            // By the one rule for what needs quotes there.
            let mut quoted = Vec::with_capacity(text.len() + 2);
            chars::quoted(&mut quoted, text, self.escape);
            let mut scalar = json::to_yaml(quoted);
            scalar.pop();
            self.raw(&scalar);
        } else {
            chars::quoted(&mut self.written.out, text, self.escape);
        }
    }

    fn base64(&mut self, key: &str, bytes: &[u8]) {
        self.flat_key(key);
        let mut quoted = Vec::new();
        chars::base64(&mut quoted, bytes);
        if self.form == Form::Yaml {
            quoted = json::to_yaml(quoted);
            quoted.pop();
        }
        self.raw(&quoted);
    }

    /// Begins an object or an array, where a key or an item stands before it, or nothing.
    fn open(&mut self, kind: Kind) {
        let indent = match (self.form, self.open.last()) {
            (_, None) if self.form == Form::Yaml => 0,
            (_, None) => 2,
            (_, Some(around)) => around.indent + 2,
        };
        self.open.push(Open { kind, empty: true, indent });
        if self.form != Form::Yaml {
            self.raw(if kind == Kind::Object { b"{" } else { b"[" });
        }
    }

    fn close(&mut self) {
        let Some(closed) = self.open.pop() else { return };
        match self.form {
            // The one thing that may be empty is a list of fields, behind its key.
            Form::Yaml if closed.empty => {
                self.raw(b" ");
                self.raw(if closed.kind == Kind::Object { b"{}" } else { b"[]" });
            }
            Form::Yaml => {}
            _ => {
                if !closed.empty {
                    self.line(closed.indent - 2);
                }
                self.raw(if closed.kind == Kind::Object { b"}" } else { b"]" });
            }
        }
        if self.form == Form::Yaml && self.open.is_empty() {
            self.raw(b"\n");
        }
    }

    /// Begins an item of an array.
    fn item(&mut self) {
        self.next();
        if self.form == Form::Yaml {
            self.raw(b"- ");
        }
    }

    /// Begins a member of an object.
    fn key(&mut self, key: &str) {
        self.next();
        match self.form {
            // A value stands behind it, or an object or array on lines of its own.
            Form::Yaml => self.tokens(["", key, ":"]),
            Form::Pretty => self.tokens(["\"", key, "\": "]),
            Form::Line => self.tokens(["\"", key, "\":"]),
        }
    }

    fn tokens(&mut self, tokens: [&str; 3]) {
        for token in tokens {
            self.raw(token.as_bytes());
        }
    }

    fn next(&mut self) {
        let Some(around) = self.open.last_mut() else { return };
        let (first, indent) = (std::mem::replace(&mut around.empty, false), around.indent);
        if self.form != Form::Yaml {
            if !first {
                self.raw(b",");
            }
            self.line(indent);
        } else if !(first && (self.open.len() == 1 || self.written.out.ends_with(b"- "))) {
            // The first item of what is in an array stands behind its dash.
            self.line(indent);
        }
    }

    fn line(&mut self, indent: usize) {
        if self.form != Form::Line {
            let out = &mut self.written.out;
            out.push(b'\n');
            out.resize(out.len() + indent, b' ');
        }
    }
}
