//! Bits become bytes, the lowest first (RFC 7932 §1.5.1).

/// What is written, in which the last byte may not be whole yet.
#[derive(Debug, Default)]
pub(super) struct Bits {
    bytes: Vec<u8>,
    /// What is not among the bytes yet, fewer than 32 bits.
    pending: u64,
    held: u32,
}

/// How far writing had come: what follows can be taken back.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mark {
    bytes: usize,
    pending: u64,
    held: u32,
}

impl Bits {
    /// Adds the `count` lowest bits of a value that has no others, at most 32.
    pub(super) fn put(&mut self, value: u32, count: u32) {
        self.pending |= u64::from(value) << self.held;
        self.held += count;
        if self.held >= u32::BITS {
            let [a, b, c, d, ..] = self.pending.to_le_bytes();
            self.bytes.extend_from_slice(&[a, b, c, d]);
            self.pending >>= u32::BITS;
            self.held -= u32::BITS;
        }
    }

    /// Fills the last byte up with zeros.
    pub(super) fn align(&mut self) {
        let whole = self.held.div_ceil(8) as usize;
        self.bytes.extend_from_slice(&self.pending.to_le_bytes()[..whole]);
        (self.pending, self.held) = (0, 0);
    }

    /// Adds bytes as they are, from the next whole byte on.
    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        self.align();
        self.bytes.extend_from_slice(bytes);
    }

    /// Here.
    pub(super) fn mark(&self) -> Mark {
        Mark { bytes: self.bytes.len(), pending: self.pending, held: self.held }
    }

    /// How many bytes were begun since.
    pub(super) fn since(&self, mark: Mark) -> usize {
        (self.bytes.len() - mark.bytes) + self.held.div_ceil(8) as usize
    }

    /// Takes back what was written since.
    pub(super) fn back(&mut self, mark: Mark) {
        self.bytes.truncate(mark.bytes);
        (self.pending, self.held) = (mark.pending, mark.held);
    }

    /// All of it.
    pub(super) fn finish(mut self) -> Vec<u8> {
        self.align();
        self.bytes
    }
}
