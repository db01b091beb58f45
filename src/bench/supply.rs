//! What each call sends.

use std::sync::Arc;

use bytes::Bytes;

/// Where a thread takes its calls from.
#[derive(Debug, Clone)]
pub enum Supply {
    /// The same few, encoded ahead, by turns.
    ByTurns(Arc<[Made]>, usize),
}

/// A call, as it is to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// Header fields that other calls do not have, or have with other values.
    pub fields: Vec<(Bytes, Bytes)>,
    /// Its messages, each in its envelope.
    pub body: Bytes,
    /// How many those are.
    pub messages: u32,
}

impl Supply {
    /// The next call.
    #[inline]
    pub fn take(&mut self) -> Option<&Made> {
        match self {
            Self::ByTurns(calls, at) => {
                let call = calls.get(*at).or_else(|| calls.first());
                *at = if *at + 1 < calls.len() { *at + 1 } else { 0 };
                call
            }
        }
    }
}
