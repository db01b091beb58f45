//! Colours: what is printed, with the escapes of a terminal around its tokens.
//!
//! Printers print plain text, and where colours are wanted, it is read once more and painted. So the plain way is as
//! fast as it would be without, and a painted text is the plain one with escapes in it and nothing else.

mod json;
mod source;
mod talk;

use std::fmt::{self, Display};

use anstyle::{AnsiColor, Style};

pub use self::json::json;
pub use self::source::{go, proto};
pub use self::talk::{Painted, report};

/// Whether colours are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Paint {
    /// They are not.
    #[default]
    Plain,
    /// They are.
    Colored,
}

/// What stands before a colon: names of members, of headers.
const NAME: Style = AnsiColor::Blue.on_default().bold();
pub(super) const STRING: Style = AnsiColor::Green.on_default();
const NUMBER: Style = AnsiColor::Cyan.on_default();
/// `true`, `false` and the words of a language.
const WORD: Style = AnsiColor::Magenta.on_default();
/// Types, where they are used.
pub(super) const TYPE: Style = AnsiColor::Cyan.on_default();
/// What is there to be read second: comments, remarks, `null`.
pub(super) const FAINT: Style = AnsiColor::BrightBlack.on_default();
/// What something is called where it is defined.
pub(super) const TITLE: Style = Style::new().bold();
pub(super) const ERROR: Style = AnsiColor::Red.on_default().bold();
pub(super) const WARNING: Style = AnsiColor::Yellow.on_default().bold();
pub(super) const HINT: Style = AnsiColor::Green.on_default().bold();

impl Paint {
    /// Whether they are wanted.
    pub fn is_colored(self) -> bool {
        self == Self::Colored
    }

    /// Text in a style, if colours are wanted.
    pub(super) fn text<T: Display>(self, style: Style, text: T) -> Text<T> {
        Text { style: if self.is_colored() { style } else { Style::new() }, text }
    }
}

/// Text in a style.
pub(super) struct Text<T> {
    style: Style,
    text: T,
}

impl<T: Display> Display for Text<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}{}", self.style.render(), self.text, self.style.render_reset())
    }
}

/// Appends a token in a style.
fn put(out: &mut Vec<u8>, style: Style, token: &[u8]) {
    if token.is_empty() {
        return;
    }
    out.extend(style.render().to_string().bytes());
    out.extend_from_slice(token);
    out.extend(style.render_reset().to_string().bytes());
}

/// The text without its escapes.
#[cfg(test)]
fn plain(painted: &[u8]) -> String {
    let text = std::str::from_utf8(painted).unwrap();
    let mut parts = text.split('\u{1b}');
    let mut plain = parts.next().unwrap().to_owned();
    for part in parts {
        plain.push_str(part.split_once('m').unwrap().1);
    }
    plain
}

/// The text with its escapes as words in angle brackets, to be read in a test.
#[cfg(test)]
fn shown(painted: &[u8]) -> String {
    // What is bold and of a colour begins as what is bold alone.
    let named = [
        (NAME, "name"),
        (ERROR, "error"),
        (WARNING, "warning"),
        (HINT, "hint"),
        (STRING, "string"),
        (NUMBER, "number"),
        (WORD, "word"),
        (FAINT, "faint"),
        (TITLE, "title"),
    ];
    let text = String::from_utf8(painted.to_vec()).unwrap();
    let text = named
        .iter()
        .fold(text, |text, (style, name)| text.replace(&style.render().to_string(), &format!("<{name}>")));
    text.replace("\u{1b}[0m", "</>")
}
