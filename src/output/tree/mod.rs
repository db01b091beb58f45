//! The fields that bytes have, for people and for programs.
//!
//! They are written as they are read, so that many of them take no more memory than few.

mod document;
mod text;

use std::io::{self, Write};

use crate::message::tree::{Number, Other};

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

    /// Adds a number. There are many, and this is the shortest way.
    fn decimal(&mut self, mut number: u64) {
        let mut digits = [b'0'; 20];
        let mut first = digits.len();
        for (place, digit) in digits.iter_mut().enumerate().rev() {
            *digit = b'0' + (number % 10).to_le_bytes()[0];
            number /= 10;
            first = place;
            if number == 0 {
                break;
            }
        }
        self.out.extend_from_slice(digits.get(first..).unwrap_or_default());
    }

    fn signed(&mut self, number: i64) {
        if number < 0 {
            self.out.push(b'-');
        }
        self.decimal(number.unsigned_abs());
    }

    fn number(&mut self, number: Number) {
        match number {
            Number::Varint(bits) => self.decimal(bits),
            // Writing to a Vec cannot fail.
            other => drop(write!(self.out, "{other}")),
        }
    }

    fn other(&mut self, other: Other) {
        match other {
            Other::Int64(value) => {
                self.out.extend_from_slice(b"int64 ");
                self.signed(value);
            }
            Other::Sint64(value) => {
                self.out.extend_from_slice(b"sint64 ");
                self.signed(value);
            }
            other => drop(write!(self.out, "{other}")),
        }
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
