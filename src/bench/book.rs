//! What a thread notes of its calls, whichever engine makes them.

use super::load::Sending;
use super::record::{Fault, Outcome, Tally};
use super::waits::Waits;
use crate::session::Code;

/// What is noted of a call while it is under way. Times are nanoseconds since the threads were started.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Noted {
    /// When it was due.
    pub(super) due: u64,
    /// When it was sent.
    pub(super) sent: u64,
    /// When the last of its messages came.
    last: u64,
    /// How many messages have come.
    pub(super) messages: u32,
    /// How many messages it asks with, each when the one before is answered; 0 where all are sent at once.
    asks: u32,
}

impl Noted {
    /// A call that was due then, and is sent now, with so many messages.
    #[inline]
    pub(super) fn new(due: u64, sent: u64, sending: Sending, messages: u32) -> Self {
        let asks = if sending == Sending::PingPong { messages } else { 0 };
        Self { due, sent, last: sent, messages: 0, asks }
    }

    /// How many messages are sent where each waits for an answer, and so many answers have come.
    #[inline]
    fn asked(&self, answers: u32) -> u32 {
        answers.saturating_add(1).min(self.asks)
    }
}

/// The notes of one thread.
#[derive(Debug)]
pub(super) struct Book {
    /// Of the present interval.
    pub(super) tally: Tally,
    /// What became of calls of the warm-up lately, for who watches it.
    pub(super) warming: Tally,
    /// Since when calls wait that count.
    waits: Waits,
    /// Calls that were due before belong to the warm-up.
    pub(super) counted_from: u64,
    /// Whether the warm-up is over.
    pub(super) is_counting: bool,
    /// How many calls are under way, and how many of those count.
    under_way: (usize, u64),
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
    /// An empty one, for calls that are due by a clock of their own if `is_open`, each with many answers if
    /// `has_streams`.
    pub(super) fn new(is_open: bool, has_streams: bool) -> Self {
        Self {
            tally: Tally::default(),
            warming: Tally::default(),
            waits: Waits::default(),
            counted_from: u64::MAX,
            is_counting: false,
            under_way: (0, 0),
            warm: 0,
            over: u64::MAX,
            is_open,
            has_streams,
        }
    }

    /// Whether a call that is due then counts.
    #[inline]
    pub(super) fn counts(&self, due: u64) -> bool {
        due >= self.counted_from
    }

    /// How many calls are under way.
    #[inline]
    pub(super) fn under_way(&self) -> usize {
        self.under_way.0
    }

    /// How many of those count.
    pub(super) fn counted_under_way(&self) -> u64 {
        self.under_way.1
    }

    /// For how long the longest of those waits.
    pub(super) fn longest_wait(&self, now: u64) -> Option<u64> {
        self.waits.longest(now)
    }

    /// A call was sent, which has so many messages.
    #[inline]
    pub(super) fn issued(&mut self, call: &Noted, messages: u32) {
        self.under_way.0 += 1;
        if !self.counts(call.due) {
            self.warm += 1;
            return;
        }
        self.under_way.1 += 1;
        self.waits.begin(call.due);
        self.tally.issued += 1;
        let sent = if call.asks > 0 { call.asked(0) } else { messages };
        self.tally.messages_sent += u64::from(sent);
        if self.is_open {
            self.tally.worst_lag = self.tally.worst_lag.max(call.sent.saturating_sub(call.due));
        }
    }

    /// A call ended that was sent.
    #[inline]
    pub(super) fn ended(&mut self, call: &Noted, outcome: Outcome, now: u64) {
        self.under_way.0 -= 1;
        let intended = self.is_open.then(|| now.saturating_sub(call.due));
        let counts = self.counts(call.due);
        let tally = if counts { &mut self.tally } else { &mut self.warming };
        if outcome == Outcome::Fault(Fault::Connect) {
            tally.unsent(outcome, intended);
        } else {
            tally.ended(outcome, intended, now.saturating_sub(call.sent));
        }
        if !counts {
            return;
        }
        self.under_way.1 -= 1;
        self.waits.end(call.due);
        if now > self.over && matches!(outcome, Outcome::Status(_)) {
            self.tally.drained += 1;
        }
    }

    /// A call that was due then waits for room when all is over: it is under way, or where there is no server any more,
    /// came to nothing.
    pub(super) fn left_waiting(&mut self, due: u64, now: u64, is_lost: bool) {
        if !self.counts(due) {
            return;
        }
        self.tally.issued += 1;
        let waited = now.saturating_sub(due);
        self.tally.worst_lag = self.tally.worst_lag.max(waited);
        if is_lost {
            self.tally.unsent(Outcome::Fault(Fault::Connect), Some(waited));
        } else {
            self.under_way.1 += 1;
            self.waits.begin(due);
        }
    }

    /// A server says this of a call that failed.
    #[cold]
    pub(super) fn said(&mut self, code: Code, message: &str) {
        self.tally.said(code, message);
    }

    /// What was wrong with a call that ended in this way.
    #[cold]
    pub(super) fn why(&mut self, fault: Fault, words: &str) {
        self.tally.why(fault, words);
    }

    /// Messages of a call came. How many more of its own are to be sent now, since they waited for those: whatever a
    /// server's timing is, so many are sent as were answered, and one.
    #[inline]
    pub(super) fn messages(&mut self, call: &mut Noted, count: u32, now: u64) -> u32 {
        let before = call.messages;
        call.messages = before.saturating_add(count);
        let since = std::mem::replace(&mut call.last, now);
        let next = call.asked(call.messages) - call.asked(before);
        if !self.counts(call.due) {
            return next;
        }
        self.tally.messages_sent += u64::from(next);
        self.tally.messages_received += u64::from(count);
        if self.has_streams && count > 0 {
            if before == 0 {
                self.tally.first_message.record(now.saturating_sub(call.sent));
            }
            let timed = match call.asks {
                0 => u32::from(before == 0)..count,
                // Each that answers one.
                asks => 0..count.min(asks.saturating_sub(before)),
            };
            for at in timed {
                // Those that came together came at no time after each other.
                let since = if at == 0 { since } else { now };
                self.tally.messages.record(now.saturating_sub(since));
            }
        }
        next
    }
}
