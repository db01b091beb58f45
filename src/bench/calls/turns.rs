//! Messages of a call that wait for the answer to the one before.

use std::collections::VecDeque;

use bytes::Bytes;

use crate::session::Giver;

/// The messages of a call that are still to be sent.
pub(super) struct Turns {
    messages: VecDeque<Bytes>,
    /// Gone with the last of them, so that the request ends with it.
    giver: Option<Giver>,
}

impl Turns {
    pub(super) fn new(giver: Giver, messages: impl Iterator<Item = Bytes>) -> Self {
        Self { messages: messages.collect(), giver: Some(giver) }
    }

    /// Sends so many more.
    pub(super) fn go_on(&mut self, messages: u32) {
        for _ in 0..messages {
            if let Some((giver, message)) = self.giver.as_ref().zip(self.messages.pop_front()) {
                giver.give(message);
            }
        }
        if self.messages.is_empty() {
            self.giver = None;
        }
    }
}
