//! A header block out of the pieces that it comes in: HEADERS or PUSH_PROMISE, and CONTINUATION (RFC 9113 §4.3).

use super::error::{Error, ErrorCode};
use super::frame::Block;

/// What a piece counts at least: a flood of small ones costs, though they hold nothing.
const LEAST: usize = 64;

/// Joins the pieces of one header block after the other.
#[derive(Debug)]
pub struct Assembly {
    max: usize,
    bytes: Vec<u8>,
    /// What the pieces so far count.
    counted: usize,
}

impl Assembly {
    /// One that takes blocks of at most `max` bytes.
    pub fn new(max: usize) -> Self {
        Self { max, bytes: Vec::new(), counted: 0 }
    }

    /// Takes a piece, and gives the block once it is there whole. A block that comes in one piece is not copied.
    pub fn push<'a>(&'a mut self, piece: Block<'a>) -> Result<Option<&'a [u8]>, Error> {
        let first = self.counted == 0;
        if first {
            self.bytes.clear();
        }
        self.counted += piece.fragment.len().max(LEAST);
        if self.counted > self.max.max(LEAST) {
            return Err(Error::connection(ErrorCode::ENHANCE_YOUR_CALM, "a header block has no end"));
        }
        if piece.ends {
            self.counted = 0;
            if first {
                return Ok(Some(piece.fragment));
            }
        }
        self.bytes.extend_from_slice(piece.fragment);
        Ok(piece.ends.then_some(&self.bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn piece(fragment: &[u8], ends: bool) -> Block<'_> {
        Block { stream: 1, fragment, ends }
    }

    #[test]
    fn pieces_become_one_block_and_then_the_next() {
        let mut assembly = Assembly::new(1000);
        for _ in 0..2 {
            assert_eq!(assembly.push(piece(b"", false)), Ok(None));
            assert_eq!(assembly.push(piece(b"ab", false)), Ok(None));
            assert_eq!(assembly.push(piece(b"c", true)), Ok(Some(&b"abc"[..])));
            assert_eq!(assembly.push(piece(b"whole", true)), Ok(Some(&b"whole"[..])));
        }
    }

    #[test]
    fn a_block_has_an_end() {
        for size in [0, 1, 100] {
            let mut assembly = Assembly::new(10_000);
            let ended = (0..200).find_map(|_| assembly.push(piece(&vec![0; size], false)).err());
            assert_eq!(ended.unwrap().code, ErrorCode::ENHANCE_YOUR_CALM, "{size}");
            assert!(assembly.bytes.len() <= 10_000);
        }
    }
}
