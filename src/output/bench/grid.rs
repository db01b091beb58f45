//! Numbers in columns: each as wide as its widest cell, and to the right.

use std::io::{self, Write};

/// What stands between two columns.
const GAP: usize = 3;

/// Prints rows: the first cell of each to the left, all others to the right; nothing stands behind the last.
pub(super) fn rows<S: AsRef<str>>(out: &mut dyn Write, indent: usize, rows: &[Vec<S>]) -> io::Result<()> {
    let mut widths: Vec<usize> = Vec::new();
    for row in rows {
        widths.resize(widths.len().max(row.len()), 0);
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.as_ref().chars().count());
        }
    }
    for row in rows {
        let mut line = " ".repeat(indent);
        for (at, (cell, width)) in row.iter().zip(&widths).enumerate() {
            let cell = cell.as_ref();
            let blank = " ".repeat(width.saturating_sub(cell.chars().count()));
            if at == 0 {
                line.extend([cell, &blank]);
            } else {
                line.push_str(&" ".repeat(GAP));
                line.extend([blank.as_str(), cell]);
            }
        }
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}
