//! Values in columns, to be read by a person.
//!
//! A message with one list of messages in it is a table of those; any other message is a row, and rows with the same
//! columns stand under one head, so that a stream is a table that grows.

use jaq_json::{Map, Val};

use super::print;
use crate::output::{columns, sanitize};

/// The table that is being printed.
#[derive(Default)]
pub(super) struct Table {
    /// The columns of the rows above, and how wide they were.
    names: Vec<String>,
    widths: Vec<usize>,
}

impl Table {
    /// Prints a value.
    pub(super) fn value(&mut self, value: &Val, out: &mut Vec<u8>) {
        match value {
            Val::Obj(members) => match list(members) {
                Some((name, rows)) => {
                    self.rows(&rows, out);
                    // What stands beside the list is no part of the table, and no less of the answer.
                    for (key, value) in members.iter().filter(|(key, _)| text(key) != name) {
                        out.extend(format!("{}: {}\n", text(key), cell(value)).bytes());
                    }
                }
                None => self.rows(&[members], out),
            },
            Val::Arr(items) => match objects(items) {
                Some(rows) => self.rows(&rows, out),
                None => items.iter().for_each(|item| line(item, out)),
            },
            other => line(other, out),
        }
    }

    fn rows(&mut self, rows: &[&Map], out: &mut Vec<u8>) {
        let mut names: Vec<String> = Vec::new();
        for key in rows.iter().flat_map(|row| row.keys()).map(text) {
            if !names.contains(&key) {
                names.push(key);
            }
        }
        // A row that lacks fields of those above it stands under them all the same.
        if names.iter().all(|name| self.names.contains(name)) {
            names.clone_from(&self.names);
        }
        let cells = |row: &&Map| -> Vec<String> {
            let value = |name: &String| row.iter().find(|(key, _)| text(key) == *name);
            names.iter().map(|name| value(name).map_or_else(String::new, |(_, value)| cell(value))).collect()
        };
        let table: Vec<Vec<String>> = rows.iter().map(cells).collect();
        let head = || names.iter().map(|name| name.to_uppercase()).collect::<Vec<_>>();
        let head = (self.names != names).then(head);
        if let Some(head) = &head {
            if !self.names.is_empty() {
                out.push(b'\n');
            }
            self.names = names;
            self.widths.clear();
            columns::widen(&mut self.widths, head);
        }
        for row in &table {
            columns::widen(&mut self.widths, row);
        }
        for row in head.iter().chain(&table) {
            // Memory takes all that is written to it.
            let _ = columns::row(out, &self.widths, row);
        }
    }
}

/// The only list of objects among the members.
fn list(members: &Map) -> Option<(String, Vec<&Map>)> {
    let mut lists = members.iter().filter_map(|(key, value)| match value {
        Val::Arr(items) => Some((text(key), objects(items)?)),
        _ => None,
    });
    match (lists.next(), lists.next()) {
        (only, None) => only,
        _ => None,
    }
}

/// The items, where each is an object and there are some.
fn objects(items: &[Val]) -> Option<Vec<&Map>> {
    let rows: Option<Vec<&Map>> = items.iter().map(object).collect();
    rows.filter(|rows| !rows.is_empty())
}

fn object(value: &Val) -> Option<&Map> {
    match value {
        Val::Obj(members) => Some(members),
        _ => None,
    }
}

fn line(value: &Val, out: &mut Vec<u8>) {
    out.extend_from_slice(cell(value).as_bytes());
    out.push(b'\n');
}

/// A value on one line: texts without quotes, what has values in it as JSON.
fn cell(value: &Val) -> String {
    match value {
        Val::Null => String::new(),
        Val::TStr(_) | Val::BStr(_) => text(value),
        _ => {
            let mut json = Vec::new();
            print::value(&mut json, value, false, true);
            String::from_utf8_lossy(&json).into_owned()
        }
    }
}

fn text(value: &Val) -> String {
    match value {
        Val::TStr(text) | Val::BStr(text) => sanitize::line(&String::from_utf8_lossy(text)).into_owned(),
        other => cell(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(values: &[&str]) -> String {
        let mut table = Table::default();
        let mut out = Vec::new();
        for value in values {
            table.value(&jaq_json::read::parse_single(value.as_bytes()).unwrap(), &mut out);
        }
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_list_of_messages_is_a_table_and_the_rest_stands_below() {
        let answer =
            r#"{"users": [{"id": 1, "name": "Ann"}, {"id": 22, "tags": ["x"]}], "next": "t", "left": 3}"#;
        assert_eq!(printed(&[answer]), "ID  NAME  TAGS\n1   Ann\n22        [\"x\"]\nnext: t\nleft: 3\n");
    }

    #[test]
    fn a_stream_of_messages_is_a_table_that_grows() {
        let rows = [
            r#"{"id": 1, "name": "Ann"}"#,
            r#"{"id": 2, "name": "Bernadette"}"#,
            r#"{"id": 3, "name": "Cy"}"#,
        ];
        assert_eq!(printed(&rows), "ID  NAME\n1   Ann\n2   Bernadette\n3   Cy\n");
        let other = [r#"{"id": 1}"#, r#"{"error": "gone"}"#];
        assert_eq!(printed(&other), "ID\n1\n\nERROR\ngone\n");
    }

    #[test]
    fn nothing_in_a_cell_moves_the_cursor() {
        assert_eq!(printed(&[r#"{"a\u001b": "x\ny\u001b[2J"}"#]), "A\\U001B\nx\\u000ay\\u001b[2J\n");
        assert_eq!(printed(&["3", "[1, 2]", "\"text\"", "{}"]), "3\n1\n2\ntext\n\n");
    }
}
