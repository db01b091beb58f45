//! The fields that bytes have, for people and for programs.
//!
//! They are written as they are read, so that many of them take no more memory than few.

mod document;
mod text;

use std::io::{self, Write};

pub use document::{Document, Form, document};
pub use text::{Look, text};

/// How much is gathered before it is written.
const ENOUGH: usize = 64 << 10;

/// What gathers, and is written where there is enough of it.
struct Gathered<'w> {
    out: Vec<u8>,
    to: &'w mut dyn Write,
}

impl<'w> Gathered<'w> {
    fn new(to: &'w mut dyn Write) -> Self {
        Self { out: Vec::new(), to }
    }

    /// Writes it, if it is enough.
    fn pass_on(&mut self) -> io::Result<()> {
        if self.out.len() >= ENOUGH { self.finish() } else { Ok(()) }
    }

    fn finish(&mut self) -> io::Result<()> {
        self.to.write_all(&self.out)?;
        self.out.clear();
        Ok(())
    }
}

#[cfg(test)]
mod tests;
