//! The line of a text in which something is wrong, with a mark under the place.

use std::fmt;

use super::Position;

/// How many characters of a line are shown on either side of the place.
const AROUND: usize = 38;

/// A line and a mark under it, each on a line of its own; nothing where there is nothing to show.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Excerpt(Option<(String, usize)>);

impl Excerpt {
    /// The line at `position` in `text`.
    pub fn of(text: &[u8], position: Position) -> Self {
        let line = text.split(|&byte| byte == b'\n').nth(position.line.saturating_sub(1)).unwrap_or_default();
        let (before, after) = line.split_at_checked(position.column.saturating_sub(1)).unwrap_or((line, &[]));
        // What moves the cursor would move the mark away from its place.
        let shown = |part: &[u8]| -> Vec<char> {
            let text = String::from_utf8_lossy(part);
            text.trim_end_matches('\r').chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
        };
        let (before, after) = (shown(before), shown(after));
        let cut = before.len().saturating_sub(AROUND);
        let mut line: String = if cut > 0 { "…".to_owned() } else { String::new() };
        line.extend(before.iter().skip(cut));
        let column = line.chars().count();
        line.extend(after.iter().take(AROUND));
        if after.len() > AROUND {
            line.push('…');
        }
        let blank = line.trim().is_empty();
        Self((!blank).then_some((line, column)))
    }
}

impl fmt::Display for Excerpt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some((line, column)) => write!(f, "\n  {}\n  {:column$}^", line.trim_end(), ""),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, line: usize, column: usize) -> String {
        Excerpt::of(text.as_bytes(), Position { line, column }).to_string()
    }

    #[test]
    fn the_mark_is_under_the_place() {
        assert_eq!(shown("{\"a\": 1,}", 1, 9), "\n  {\"a\": 1,}\n          ^");
        assert_eq!(shown("{\n\t\"a\" 1\r\n}", 2, 6), "\n   \"a\" 1\n       ^");
        // Columns are bytes, and the mark is under a character.
        assert_eq!(shown("\"é\" x", 1, 6), "\n  \"é\" x\n      ^");
        assert_eq!(shown("{", 1, 2), "\n  {\n   ^");
    }

    #[test]
    fn of_a_long_line_the_part_around_is_shown() {
        let text = format!("{}X{}", "a".repeat(500), "b".repeat(500));
        let (before, after) = ("a".repeat(AROUND), "b".repeat(AROUND - 1));
        assert_eq!(shown(&text, 1, 501), format!("\n  …{before}X{after}…\n  {:1$}^", "", AROUND + 1));
    }

    #[test]
    fn where_there_is_nothing_nothing_is_shown() {
        for (text, line, column) in [("", 1, 1), ("a\n\nb", 2, 1), ("a", 7, 9), ("  \n", 1, 2)] {
            assert_eq!(shown(text, line, column), "", "{text:?}");
        }
    }
}
