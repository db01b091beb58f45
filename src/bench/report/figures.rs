//! What follows from what a report counts.

use std::collections::BTreeMap;

use super::{Interval, LoopModel, Reason, Report};
use crate::bench::units::{float, many, ratio, seconds, time};

/// What a good call ends in.
const OK: &str = "OK";

/// How many calls ended in OK.
pub fn ok_of(codes: &BTreeMap<String, u64>) -> u64 {
    codes.get(OK).copied().unwrap_or_default()
}

/// All counts together.
pub fn sum(counts: &BTreeMap<String, u64>) -> u64 {
    counts.values().fold(0, |sum, count| sum.saturating_add(*count))
}

impl Report {
    /// How many calls ended in OK.
    pub fn ok(&self) -> u64 {
        ok_of(&self.codes)
    }

    /// How many calls ended.
    pub fn over(&self) -> u64 {
        self.answered.saturating_add(sum(&self.transport_errors))
    }

    /// How many ended otherwise than in OK.
    pub fn failed(&self) -> u64 {
        self.over().saturating_sub(self.ok())
    }

    /// How many had no answer, though they were waited for. Who interrupts a run does not wait.
    pub fn unanswered(&self) -> u64 {
        if self.end.reason == Reason::Interrupted { 0 } else { self.in_flight }
    }

    /// That calls had no answer, and how long the longest had been waited for, in words; none where all had one.
    pub fn unanswered_in_words(&self) -> Option<String> {
        if self.in_flight == 0 {
            return None;
        }
        let longest = self.longest_wait_ns.map(time).map(|wait| format!(", the longest for {wait}"));
        let longest = longest.unwrap_or_default();
        Some(if self.end.reason == Reason::Interrupted {
            let were = if self.in_flight == 1 { "was" } else { "were" };
            format!("{} {were} still under way{longest}", many(self.in_flight, "call"))
        } else {
            format!("{} had no answer{longest}", many(self.in_flight, "call"))
        })
    }

    /// How many did not end in OK, be it that they never ended.
    pub fn errors(&self) -> u64 {
        self.failed().saturating_add(self.unanswered())
    }

    /// The part of calls that did not end in OK.
    pub fn error_share(&self) -> Option<f64> {
        ratio(float(self.errors()), float(self.over().saturating_add(self.unanswered())))
    }

    /// Whether calls were made whenever another was over, so that there is but one latency.
    pub fn is_closed(&self) -> bool {
        self.loop_model == LoopModel::Closed
    }

    /// CPU time of this process for each call that ended, in nanoseconds.
    pub fn cpu_per_call(&self) -> Option<f64> {
        ratio(self.cpu_seconds? * 1e9, float(self.over()))
    }

    /// Whether nothing that was to hold does not.
    pub fn passes(&self) -> bool {
        self.checks.iter().all(|check| check.passed)
    }
}

impl Interval {
    /// How many calls ended in OK.
    pub fn ok(&self) -> u64 {
        ok_of(&self.codes)
    }

    /// How many calls a second were answered in it, as long as calls were made.
    pub fn rate(&self) -> f64 {
        let answered = if self.drain { 0 } else { self.answered };
        ratio(float(answered), seconds(self.length_ns)).unwrap_or_default()
    }

    /// How many calls ended otherwise.
    pub fn failed(&self) -> u64 {
        self.answered.saturating_add(sum(&self.transport_errors)).saturating_sub(self.ok())
    }
}
