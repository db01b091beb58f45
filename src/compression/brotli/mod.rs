//! Compresses into the format of RFC 7932, which HTTP calls "br".
//!
//! A stream is a head and meta-blocks, and each of those is commands: so many bytes as they are, then so many from a place
//! before. [`parse`] chooses them among the places that [`matches`] finds, [`command`] has the codes of their lengths and
//! distances, [`prefix`] makes and describes the prefix codes of a meta-block, and [`bits`] is what all is written to.
//!
//! Of the format's means some are left out: there is one block type and one prefix code of each kind, and no word of the
//! static dictionary is used, for what looks words up in it is larger than all of this. What comes out is seldom larger than
//! what gzip makes, in about its time.

mod bits;
mod command;
mod matches;
mod parse;
mod prefix;
#[cfg(test)]
mod tests;

use bits::Bits;
use command::{Command, DISTANCE_SYMBOLS, LENGTH_SYMBOLS, Recent};
use matches::Places;
use parse::Parser;
use prefix::Code;

/// The windows that are used: how far back each reaches, and what says so in how many bits (§9.1). Smaller ones would take more
/// bits, and larger ones more of the reader's memory, and more time here than is worth what is found in them.
const WINDOWS: [(usize, u32, u32); 3] =
    [((1 << 16) - 16, 0b0, 1), ((1 << 17) - 16, 0b000_0001, 7), ((1 << 18) - 16, 0b0011, 4)];
/// How many bytes a meta-block of bytes as they are takes beside them, about.
const UNCOMPRESSED: usize = 4;

/// Compresses.
pub(super) fn compress(plain: &[u8]) -> Vec<u8> {
    let mut out = Bits::default();
    let [smaller @ .., largest] = WINDOWS;
    let (window, pattern, bits) =
        smaller.into_iter().find(|&(reach, ..)| plain.len() <= reach).unwrap_or(largest);
    out.put(pattern, bits);
    let mut parser = Parser { input: plain, places: Places::new(plain, window), recent: Recent::new() };
    let mut at = 0;
    let mut ended = false;
    while at < plain.len() {
        let (mark, recent) = (out.mark(), parser.recent);
        let (commands, end) = parser.commands(at);
        let block = &plain[at..end];
        ended = end == plain.len();
        compressed(&mut out, block, &commands, ended);
        if out.since(mark) > block.len() + UNCOMPRESSED {
            out.back(mark);
            uncompressed(&mut out, block);
            // Its reader learns of no distances, and none such is the last.
            parser.recent = recent;
            ended = false;
        }
        at = end;
    }
    if !ended {
        // ISLAST and ISLASTEMPTY (§9.2).
        out.put(0b11, 2);
    }
    out.finish()
}

/// Writes how long a meta-block is: MNIBBLES and MLEN (§9.2).
fn length(out: &mut Bits, length: usize) {
    let last = u32::try_from(length - 1).unwrap_or(u32::MAX);
    let nibbles = (u32::BITS - last.leading_zeros()).div_ceil(4).max(4);
    out.put(nibbles - 4, 2);
    out.put(last, 4 * nibbles);
}

/// Writes a meta-block of bytes as they are.
fn uncompressed(out: &mut Bits, block: &[u8]) {
    // Not ISLAST, which no such meta-block can be.
    out.put(0, 1);
    length(out, block.len());
    out.put(1, 1);
    out.bytes(block);
}

/// Writes a meta-block of commands.
fn compressed(out: &mut Bits, block: &[u8], commands: &[Command], last: bool) {
    if last {
        // ISLAST, and not ISLASTEMPTY.
        out.put(0b01, 2);
        length(out, block.len());
    } else {
        out.put(0, 1);
        length(out, block.len());
        // Not ISUNCOMPRESSED.
        out.put(0, 1);
    }
    // Three times one block type, no NPOSTFIX and no NDIRECT, a context mode that has no effect, and twice one prefix code.
    out.put(0, 3 + 2 + 4 + 2 + 2);
    let mut literals = [0; 256];
    let mut lengths = [0; LENGTH_SYMBOLS];
    let mut distances = [0; DISTANCE_SYMBOLS];
    for (command, bytes) in with_literals(block, commands) {
        for &byte in bytes {
            literals[usize::from(byte)] += 1;
        }
        lengths[usize::from(command.symbol)] += 1;
        if let Some(distance) = command.distance {
            distances[usize::from(distance.symbol)] += 1;
        }
    }
    let literals = Code::of(&literals);
    let lengths = Code::of(&lengths);
    let distances = Code::of(&distances);
    for code in [&literals, &lengths, &distances] {
        code.describe(out);
    }
    for (command, bytes) in with_literals(block, commands) {
        lengths.put(command.symbol.into(), out);
        out.put(command.insert.extra, command.insert.bits.into());
        out.put(command.copy.extra, command.copy.bits.into());
        for &byte in bytes {
            literals.put(byte.into(), out);
        }
        if let Some(distance) = command.distance {
            distances.put(distance.symbol.into(), out);
            out.put(distance.extra, distance.bits.into());
        }
    }
}

/// Commands with the literals of each, of the bytes that they make.
fn with_literals<'a>(
    mut block: &'a [u8],
    commands: &'a [Command],
) -> impl Iterator<Item = (&'a Command, &'a [u8])> {
    commands.iter().map(move |command| {
        let (literals, rest) = block.split_at(command.literals);
        block = &rest[command.copied..];
        (command, literals)
    })
}
