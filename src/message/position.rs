//! Where in a text something is.

use std::fmt;

/// A line and a column, both counted from 1; the column in bytes, as editors' jump commands mostly take it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

impl Position {
    /// The start of a text.
    pub const START: Self = Self { line: 1, column: 1 };

    /// The position of the byte at `offset`.
    pub fn of(text: &[u8], offset: usize) -> Self {
        let mut position = Self::START;
        position.advance(text.get(..offset).unwrap_or(text));
        position
    }

    /// Moves past `text`.
    pub fn advance(&mut self, text: &[u8]) {
        for &byte in text {
            if byte == b'\n' {
                self.line += 1;
                self.column = 1;
            } else {
                self.column += 1;
            }
        }
    }

    /// This position in a document, as a position in the input in which the document begins at `start`.
    #[must_use]
    pub fn after(self, start: Self) -> Self {
        let column = if self.line > 1 { self.column } else { self.column + start.column - 1 };
        Self { line: self.line + start.line - 1, column }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {} column {}", self.line, self.column)
    }
}

/// A document nests messages deeper than receivers accept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("messages are nested more than {0} deep, which receivers refuse")]
pub struct TooDeep(pub usize);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_lines_and_columns() {
        let text = b"ab\ncd\n\nx";
        for (offset, line, column) in
            [(0, 1, 1), (1, 1, 2), (2, 1, 3), (3, 2, 1), (6, 3, 1), (7, 4, 1), (99, 4, 2)]
        {
            assert_eq!(Position::of(text, offset), Position { line, column });
        }
    }

    #[test]
    fn adds_up_with_the_start_of_the_document() {
        let start = Position { line: 10, column: 5 };
        assert_eq!(Position { line: 1, column: 3 }.after(start), Position { line: 10, column: 7 });
        assert_eq!(Position { line: 2, column: 3 }.after(start), Position { line: 11, column: 3 });
    }
}
