//! How many messages there were, and how much was in them.

/// Messages, and their bytes on the wire.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Tally {
    pub(super) messages: u64,
    pub(super) bytes: u64,
}

impl Tally {
    /// Counts one of this size.
    pub(super) fn add(&mut self, size: usize) {
        self.messages += 1;
        self.bytes += size as u64;
    }
}
