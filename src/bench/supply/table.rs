//! A file of rows: CSV as RFC 4180 has it, the first line of which names its columns.

use crate::message::Position;

/// Rows of text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    columns: Vec<String>,
    /// All fields, one row behind the other.
    text: String,
    /// Where each ends.
    ends: Vec<usize>,
}

/// Why a file has no rows.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    /// It is not UTF-8.
    #[error("line {0}: not valid UTF-8")]
    Encoding(usize),
    /// A quotation does not end.
    #[error("line {0}: the quotation that begins here has no end")]
    Open(usize),
    /// Something stands behind a quotation.
    #[error("line {0}: a comma or the end of the line must follow a quotation")]
    Behind(usize),
    /// A row has other fields than there are columns.
    #[error("line {line}: {fields} fields, and the first line names {columns}")]
    Fields {
        /// Where it begins.
        line: usize,
        /// How many it has.
        fields: usize,
        /// How many there are to be.
        columns: usize,
    },
    /// Two columns have one name.
    #[error("line 1: two columns are named {0:?}")]
    Twice(String),
    /// It has no rows.
    #[error("there are no rows behind the line that names the columns")]
    Empty,
}

impl Table {
    /// Reads a file. Lines without anything in them are no rows.
    pub fn read(file: &[u8]) -> Result<Self, TableError> {
        let text = str::from_utf8(file)
            .map_err(|error| TableError::Encoding(Position::of(file, error.valid_up_to()).line))?;
        let mut rows = Rows { rest: text.strip_prefix('\u{feff}').unwrap_or(text), line: 1 };
        let columns = rows.next_row()?.map(|(_, columns)| columns).unwrap_or_default();
        for (index, column) in columns.iter().enumerate() {
            if columns.iter().take(index).any(|other| other == column) {
                return Err(TableError::Twice(column.clone()));
            }
        }
        let mut table = Self { columns, text: String::new(), ends: Vec::new() };
        while let Some((line, fields)) = rows.next_row()? {
            if fields.len() != table.columns.len() {
                let columns = table.columns.len();
                return Err(TableError::Fields { line, fields: fields.len(), columns });
            }
            for field in fields {
                table.text.push_str(&field);
                table.ends.push(table.text.len());
            }
        }
        if table.ends.is_empty() { Err(TableError::Empty) } else { Ok(table) }
    }

    /// The names of the columns.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// How many rows there are: one at least.
    pub fn rows(&self) -> usize {
        self.ends.len() / self.columns.len().max(1)
    }

    /// What a column has in a row.
    pub fn get(&self, row: usize, column: usize) -> &str {
        let index = row * self.columns.len() + column;
        let start =
            index.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or_default();
        self.ends.get(index).and_then(|end| self.text.get(start..*end)).unwrap_or_default()
    }
}

/// The rows of a text, each with the line that it begins on.
struct Rows<'t> {
    rest: &'t str,
    line: usize,
}

impl Rows<'_> {
    fn next_row(&mut self) -> Result<Option<(usize, Vec<String>)>, TableError> {
        while self.line_end() {}
        if self.rest.is_empty() {
            return Ok(None);
        }
        let (line, mut fields) = (self.line, Vec::new());
        loop {
            fields.push(self.field()?);
            match self.rest.strip_prefix(',') {
                Some(rest) => self.rest = rest,
                None if self.line_end() || self.rest.is_empty() => return Ok(Some((line, fields))),
                None => return Err(TableError::Behind(self.line)),
            }
        }
    }

    /// Goes past the end of a line, where one is.
    fn line_end(&mut self) -> bool {
        let rest = self.rest.strip_prefix("\r\n").or_else(|| self.rest.strip_prefix('\n'));
        self.line += usize::from(rest.is_some());
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn field(&mut self) -> Result<String, TableError> {
        let Some(mut rest) = self.rest.strip_prefix('"') else {
            let end = self.rest.find([',', '\n']).unwrap_or(self.rest.len());
            let (field, rest) = self.rest.split_at(end);
            // Of a line's end, the first half may still be there.
            let field =
                if rest.starts_with('\n') { field.strip_suffix('\r').unwrap_or(field) } else { field };
            let (field, rest) = self.rest.split_at(field.len());
            self.rest = rest;
            return Ok(field.to_owned());
        };
        let (mut field, line) = (String::new(), self.line);
        loop {
            let (part, behind) = rest.split_once('"').ok_or(TableError::Open(line))?;
            self.line += part.matches('\n').count();
            field.push_str(part);
            let Some(behind) = behind.strip_prefix('"') else {
                self.rest = behind;
                return Ok(field);
            };
            field.push('"');
            rest = behind;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(file: &str) -> Result<Vec<Vec<String>>, TableError> {
        let table = Table::read(file.as_bytes())?;
        let row = |row| (0..table.columns().len()).map(|column| table.get(row, column).to_owned()).collect();
        Ok([table.columns().to_vec()].into_iter().chain((0..table.rows()).map(row)).collect())
    }

    #[test]
    fn rows_are_read_as_rfc_4180_has_them() {
        for (file, expected) in [
            ("a,b\n1,2\n3,4\n", &[&["a", "b"][..], &["1", "2"], &["3", "4"]][..]),
            ("\u{feff}a\r\n1\r\n\r\n2", &[&["a"], &["1"], &["2"]]),
            ("a,b\n,\n é , x \n", &[&["a", "b"], &["", ""], &[" é ", " x "]]),
            ("\"a\"\"b\",\"c,d\"\n\"1\n2\",\"\"\n", &[&["a\"b", "c,d"], &["1\n2", ""]]),
            ("a,b\nx\"y,\"z\"", &[&["a", "b"], &["x\"y", "z"]]),
            ("a\n\"\"\n", &[&["a"], &[""]]),
            ("a,b\n1\r,2\r\n", &[&["a", "b"], &["1\r", "2"]]),
        ] {
            assert_eq!(rows(file).unwrap(), expected, "{file:?}");
        }
    }

    #[test]
    fn what_is_no_table_is_told_with_its_line() {
        for (file, error) in [
            ("", TableError::Empty),
            ("\n\n", TableError::Empty),
            ("a,b\n", TableError::Empty),
            ("a,b,a\n1,2,3", TableError::Twice("a".to_owned())),
            ("a,b\n1,2\n\n3\n", TableError::Fields { line: 4, fields: 1, columns: 2 }),
            ("a\n\"1\n2\"\n1,2\n", TableError::Fields { line: 4, fields: 2, columns: 1 }),
            ("a\n1\n\"x\ny", TableError::Open(3)),
            ("a\n\"1\n\"x\n", TableError::Behind(3)),
            ("a\n\"1\"\r", TableError::Behind(2)),
        ] {
            assert_eq!(rows(file), Err(error), "{file:?}");
        }
        assert_eq!(Table::read(b"a\n1\n\xff"), Err(TableError::Encoding(3)));
    }

    #[test]
    fn what_is_not_there_is_empty() {
        let table = Table::read(b"a,b\n1,2").unwrap();
        assert_eq!((table.get(0, 1), table.get(0, 2), table.get(9, 9)), ("2", "", ""));
    }
}
