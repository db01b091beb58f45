//! Values and a writer in, bytes out: data goes to one writer, talk about it to another.

pub mod bench;
pub mod call;
pub mod channelz;
pub mod color;
mod columns;
pub mod compare;
pub mod describe;
pub mod diff;
pub mod doctor;
pub mod exchange;
pub mod go;
pub mod health;
pub mod list;
mod outlet;
mod progress;
pub mod reshape;
pub mod sanitize;
pub mod talk;
mod tally;
#[cfg(test)]
mod testing;
pub mod tree;

pub use outlet::{Destination, Outlet};

use std::io::{self, Write};

use serde::Serialize;

use self::color::Paint;

/// JSON for programs, safe for a terminal.
fn write_json(out: &mut dyn Write, value: &impl Serialize, paint: Paint) -> io::Result<()> {
    write_json_text(out, &serde_json::to_string_pretty(value)?, paint)
}

/// JSON that is text already.
fn write_json_text(out: &mut dyn Write, text: &str, paint: Paint) -> io::Result<()> {
    let text = sanitize::json(text);
    if paint.is_colored() {
        let mut painted = Vec::new();
        color::json(text.as_bytes(), &mut painted);
        out.write_all(&painted)?;
        return writeln!(out);
    }
    writeln!(out, "{text}")
}
