//! Values and a writer in, bytes out: data goes to one writer, talk about it to another.

pub mod call;
mod columns;
pub mod describe;
pub mod go;
pub mod list;
mod outlet;
pub mod reshape;
pub mod sanitize;
pub mod talk;
#[cfg(test)]
mod testing;

pub use outlet::{Destination, Outlet};

use std::io::{self, Write};

use serde::Serialize;

/// JSON for programs, safe for a terminal.
fn write_json(out: &mut dyn Write, value: &impl Serialize) -> io::Result<()> {
    let text = serde_json::to_string_pretty(value)?;
    writeln!(out, "{}", sanitize::json(&text))
}
