//! Text from elsewhere made safe for a terminal.
//!
//! A server chooses its names, its messages and its errors. What would move the cursor, change colours, set
//! the window's title or reorder the line around it is shown as an escape instead, as JSON writes it: `\u001b`.

use std::borrow::Cow;

use crate::chars::{escape, is_unsafe};

/// For text that belongs on one line: line breaks and tabs are shown as escapes too.
pub fn line(text: &str) -> Cow<'_, str> {
    replace(text, is_unsafe)
}

/// For text of several lines, which keeps its line breaks and tabs.
pub fn multiline(text: &str) -> Cow<'_, str> {
    replace(text, |c| is_unsafe(c) && !matches!(c, '\n' | '\t'))
}

/// For text of several lines within a report: all but the first stand indented, and none is empty at the end.
pub fn indented(text: &str) -> String {
    multiline(&text.replace("\r\n", "\n")).trim_end_matches('\n').replace('\n', "\n  ")
}

/// For a report of what went wrong: several lines, in which what is too long to be a name anybody reads is shown by its
/// two ends. Data is never cut.
pub fn report(text: &str) -> String {
    let safe = multiline(text);
    let mut out = String::with_capacity(safe.len().min(4 * MOST_OF_A_LINE));
    for line in safe.split_inclusive('\n') {
        let mut shown = String::new();
        for word in line.split_inclusive(char::is_whitespace) {
            ends(word, MOST_OF_A_WORD, &mut shown);
        }
        ends(&shown, MOST_OF_A_LINE, &mut out);
    }
    out
}

/// As [`report`], for text that belongs on one line.
pub fn brief(text: &str) -> String {
    report(&line(text))
}

/// No name is longer that was given by a person.
const MOST_OF_A_WORD: usize = 200;
/// No sentence is longer.
const MOST_OF_A_LINE: usize = 2_000;

/// Adds `text`, or its two ends where it has more than `most` characters.
fn ends(text: &str, most: usize, out: &mut String) {
    let place = |count: usize| text.char_indices().nth(count).map_or(text.len(), |(place, _)| place);
    let all = text.chars().count();
    if all <= most {
        return out.push_str(text);
    }
    let (head, _) = text.split_at(place(most / 2));
    let (_, tail) = text.split_at(place(all - most / 2));
    out.extend([head, "…", tail]);
}

/// For JSON text, whose strings may hold such characters as they are: the same value, written with JSON's own
/// escapes.
pub fn json(text: &str) -> Cow<'_, str> {
    replace(text, |c| is_unsafe(c) && !matches!(c, '\n' | '\t' | '\r'))
}

fn replace(text: &str, unsafe_: impl Fn(char) -> bool) -> Cow<'_, str> {
    let Some(first) = text.find(&unsafe_) else { return Cow::Borrowed(text) };
    let (clean, rest) = text.split_at(first);
    let mut out = String::with_capacity(text.len() + 16);
    out.push_str(clean);
    for c in rest.chars() {
        if unsafe_(c) {
            escape(c, &mut out);
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_text_is_not_copied() {
        assert!(matches!(line("Grüße, 世界 👋"), Cow::Borrowed(_)));
        assert!(matches!(multiline("a\n\tb"), Cow::Borrowed(_)));
    }

    #[test]
    fn controls_are_shown() {
        assert_eq!(line("a\u{1b}[31mb"), "a\\u001b[31mb");
        assert_eq!(line("\u{1b}]0;title\u{7}"), "\\u001b]0;title\\u0007");
        assert_eq!(line("\u{9b}2J\u{7f}\0"), "\\u009b2J\\u007f\\u0000");
        assert_eq!(line("a\r\n\tb"), "a\\u000d\\u000a\\u0009b");
        assert_eq!(multiline("a\r\n\tb\u{8}"), "a\\u000d\n\tb\\u0008");
    }

    #[test]
    fn the_lines_of_a_message_stay_lines() {
        assert_eq!(indented("one"), "one");
        assert_eq!(indented("one\r\ntwo\n\n\tthree\u{1b}\n"), "one\n  two\n  \n  \tthree\\u001b");
    }

    #[test]
    fn what_reorders_or_hides_is_shown() {
        assert_eq!(line("a\u{202e}b\u{2066}c\u{200b}d\u{feff}"), "a\\u202eb\\u2066c\\u200bd\\ufeff");
    }

    #[test]
    fn a_report_shows_the_ends_of_what_is_huge() {
        let name = format!("begin{}end", "é".repeat(1000));
        let shown = report(&format!("error: there is no {name:?}\nhint: look\n"));
        let (head, tail) = ("é".repeat(94), "é".repeat(95));
        assert_eq!(shown, format!("error: there is no \"begin{head}…{tail}end\"\nhint: look\n"));

        let sentence = report(&format!("{}\nnext\n", "many words ".repeat(1000)));
        assert_eq!(sentence.lines().next().unwrap().chars().count(), 2_000);
        assert!(sentence.starts_with("many words ") && sentence.ends_with("words \nnext\n"), "{sentence}");
    }

    #[test]
    fn a_report_of_the_usual_size_stays_as_it_is() {
        let text = format!("error: {}\n  caused by: {}\n", "a".repeat(190), "word ".repeat(300));
        assert_eq!(report(&text), text);
        assert_eq!(report("a\u{1b}b"), "a\\u001bb");
        assert_eq!(brief("a\nb"), "a\\u000ab");
    }

    #[test]
    fn json_keeps_its_value() {
        let value = "a\u{202e}b\u{7f}c\u{e0041}";
        let text = serde_json::to_string(value).unwrap();
        let safe = json(&text);
        assert_eq!(safe, r#""a\u202eb\u007fc\udb40\udc41""#);
        assert_eq!(serde_json::from_str::<String>(&safe).unwrap(), value);
    }
}
