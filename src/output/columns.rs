//! Cells in columns, as wide as their widest.

use std::io::{self, Write};

/// What stands between two columns.
const GAP: &str = "  ";

/// How wide columns have to be for these rows, and for `widths` besides.
pub(super) fn widen<S: AsRef<str>>(widths: &mut Vec<usize>, row: &[S]) {
    widths.resize(widths.len().max(row.len()), 0);
    for (width, cell) in widths.iter_mut().zip(row) {
        *width = (*width).max(cell.as_ref().chars().count());
    }
}

/// One row; nothing stands behind its last cell.
pub(super) fn row<S: AsRef<str>>(out: &mut dyn Write, widths: &[usize], row: &[S]) -> io::Result<()> {
    let mut line = String::new();
    for (cell, width) in row.iter().zip(widths) {
        let cell = cell.as_ref();
        line.push_str(cell);
        line.extend(std::iter::repeat_n(' ', width.saturating_sub(cell.chars().count())));
        line.push_str(GAP);
    }
    writeln!(out, "{}", line.trim_end())
}

/// A whole table under its head.
pub(super) fn table<S: AsRef<str>>(out: &mut dyn Write, head: &[&str], rows: &[Vec<S>]) -> io::Result<()> {
    let mut widths = Vec::new();
    widen(&mut widths, head);
    for row in rows {
        widen(&mut widths, row);
    }
    row(out, &widths, head)?;
    rows.iter().try_for_each(|cells| row(out, &widths, cells))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::testing::text;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let rows = [vec!["é", "long one", "x"], vec!["bb", "c"]];
        let printed = text(|out| table(out, &["A", "B", "C"], &rows));
        assert_eq!(printed, "A   B         C\né   long one  x\nbb  c\n");
    }
}
