//! A call under way, told from the schema on.

use crate::message;
use crate::wire::{self, CallError, Event};

/// A call under way. Ask [`Call::next`] until it gives nothing more; dropping it cancels the call.
pub struct Call {
    /// What happened before the call, to be told first.
    before: Option<Event>,
    wire: wire::Call<message::Error>,
}

impl Call {
    pub(super) fn new(found: Event, wire: wire::Call<message::Error>) -> Self {
        Self { before: Some(found), wire }
    }

    /// The next event; nothing after the End, or after an error.
    /// Safe to cancel: no event is lost when the future is dropped.
    pub async fn next(&mut self) -> Option<Result<Event, CallError<message::Error>>> {
        match self.before.take() {
            Some(event) => Some(Ok(event)),
            None => self.wire.next().await,
        }
    }
}
