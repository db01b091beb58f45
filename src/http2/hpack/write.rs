//! The representations of RFC 7541 §6, one by one. None of them changes a table here: what the other side makes of them
//! is the caller's to know.

use super::{huffman, integer};

/// How strings are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Strings {
    /// In the Huffman code where that makes them shorter.
    #[default]
    Shorter,
    /// As they are.
    Plain,
    /// In the Huffman code.
    Huffman,
}

/// What becomes of a literal field (RFC 7541 §6.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Literal {
    /// It comes into the table.
    Added,
    /// It does not.
    NotAdded,
    /// It may not, on no connection.
    Never,
}

/// A field that is an entry (RFC 7541 §6.1).
pub fn indexed(out: &mut Vec<u8>, index: usize) {
    integer::write(out, 0x80, 7, index);
}

/// A field with the name of an entry.
pub fn named(out: &mut Vec<u8>, literal: Literal, index: usize, value: &[u8], strings: Strings) {
    begin(out, literal, index);
    string(out, value, strings);
}

/// A field with a name and value of its own.
pub fn literal(out: &mut Vec<u8>, literal: Literal, name: &[u8], value: &[u8], strings: Strings) {
    begin(out, literal, 0);
    string(out, name, strings);
    string(out, value, strings);
}

/// A new size of the table (RFC 7541 §6.3).
pub fn resize(out: &mut Vec<u8>, max: usize) {
    integer::write(out, 0x20, 5, max);
}

fn begin(out: &mut Vec<u8>, literal: Literal, index: usize) {
    match literal {
        Literal::Added => integer::write(out, 0x40, 6, index),
        Literal::NotAdded => integer::write(out, 0x00, 4, index),
        Literal::Never => integer::write(out, 0x10, 4, index),
    }
}

fn string(out: &mut Vec<u8>, string: &[u8], strings: Strings) {
    let coded = match strings {
        Strings::Plain => None,
        Strings::Huffman => Some(huffman::size(string)),
        Strings::Shorter => Some(huffman::size(string)).filter(|size| *size < string.len()),
    };
    match coded {
        None => {
            integer::write(out, 0, 7, string.len());
            out.extend_from_slice(string);
        }
        Some(size) => {
            integer::write(out, 0x80, 7, size);
            huffman::write(string, out);
        }
    }
}
