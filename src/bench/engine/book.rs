//! What a thread notes of its calls.

use super::streams::Stream;
use crate::bench::record::{Outcome, Tally};

/// The notes of one thread. Times are nanoseconds since the engine was started.
#[derive(Debug)]
pub(super) struct Book {
    /// Of the present interval.
    pub(super) tally: Tally,
    /// Calls that were due before belong to the warm-up.
    pub(super) counted_from: u64,
    /// Whether the warm-up is over.
    pub(super) is_counting: bool,
    /// How many calls of the warm-up were made.
    pub(super) warm: u64,
    /// When no more calls are due.
    pub(super) over: u64,
    /// Whether calls are due by a clock of their own.
    pub(super) is_open: bool,
    /// Whether a call has many answers, whose times are noted.
    pub(super) has_streams: bool,
}

impl Book {
    /// Whether a call that is due then counts.
    #[inline]
    pub(super) fn counts(&self, due: u64) -> bool {
        due >= self.counted_from
    }

    /// A call was sent that was due then, with so many messages.
    #[inline]
    pub(super) fn issued(&mut self, due: u64, sent: u64, messages: u32) {
        if !self.counts(due) {
            self.warm += 1;
            return;
        }
        self.tally.issued += 1;
        self.tally.messages_sent += u64::from(messages);
        if self.is_open {
            self.tally.worst_lag = self.tally.worst_lag.max(sent.saturating_sub(due));
        }
    }

    /// A call ended.
    #[inline]
    pub(super) fn ended(&mut self, stream: &Stream, outcome: Outcome, now: u64) {
        if !self.counts(stream.due) {
            return;
        }
        let intended = self.is_open.then(|| now.saturating_sub(stream.due));
        self.tally.ended(outcome, intended, now.saturating_sub(stream.sent));
        if now > self.over && matches!(outcome, Outcome::Status(_)) {
            self.tally.drained += 1;
        }
    }

    /// Messages of a call came.
    #[inline]
    pub(super) fn messages(&mut self, stream: &mut Stream, count: u32, now: u64) {
        let first = stream.messages == 0;
        stream.messages += count;
        if !self.counts(stream.due) {
            return;
        }
        self.tally.messages_received += u64::from(count);
        if self.has_streams {
            if first {
                self.tally.first_message.record(now.saturating_sub(stream.sent));
            }
            for later in u32::from(first)..count {
                // Those that came together came at no time after each other.
                let since = if later == 0 { stream.last } else { now };
                self.tally.messages.record(now.saturating_sub(since));
            }
            stream.last = now;
        }
    }
}
