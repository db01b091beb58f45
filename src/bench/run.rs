//! What is known of a run when it is over.

use std::time::{Duration, SystemTime};

use super::record::Tally;
use super::report;
use super::supply::Unmade;

/// All that is known of a run.
#[derive(Debug, Clone)]
pub struct Run {
    /// When the first call was due that counts.
    pub began: SystemTime,
    /// For how long calls were made that count: until the duration was over, or the last of them was.
    pub measured: Duration,
    /// For how long calls of an open loop were due.
    pub due_for: Option<Duration>,
    /// How many calls were made before, to warm up, and in what time.
    pub warmup: (u64, Duration),
    /// How many numbers of calls were used, those of the warm-up with them: threads take them by turns, and the one that
    /// made the most decides.
    pub numbers: u64,
    /// All that was counted.
    pub tally: Tally,
    /// The same by the second, each kept as a report keeps it as soon as it is over: a [`Tally`] takes so much memory that
    /// a long run would fill it with those.
    pub intervals: Vec<report::Interval>,
    /// How many calls were under way when it ended: they had no answer.
    pub in_flight: u64,
    /// For how long the longest of those had waited.
    pub longest_wait: Option<Duration>,
    /// The connections that calls were made on.
    pub links: Links,
    /// How busy this side was.
    pub effort: Effort,
    /// What ended it.
    pub ended: Ended,
}

/// A part of a run, as long as it is under way.
#[derive(Debug, Clone)]
pub struct Interval {
    /// When it began, from the beginning of the run.
    pub at: Duration,
    /// How long it was: a second, but for the last.
    pub length: Duration,
    /// What was counted in it.
    pub tally: Tally,
    /// How calls stood at its end.
    pub standing: Standing,
    /// Whether it is a part of the warm-up, which counts nowhere.
    pub is_warm_up: bool,
}

/// How calls stand at a moment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Standing {
    /// How many are under way.
    pub in_flight: u64,
    /// How many are due, and wait for room.
    pub waiting: u64,
    /// For how long the longest of all of them waits that count.
    pub longest_wait: Option<Duration>,
}

impl Standing {
    /// Adds those of another thread.
    pub fn add(&mut self, other: Self) {
        self.in_flight += other.in_flight;
        self.waiting += other.waiting;
        self.longest_wait = self.longest_wait.max(other.longest_wait);
    }
}

/// Connections, and what they cost beside calls.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Links {
    /// How many were made, those that came in place of others among them.
    pub opened: u64,
    /// How many came to nothing, and why the last of them did.
    pub failed: (u64, Option<String>),
    /// How many ended before the run did.
    pub lost: u64,
    /// How many calls were made on each beyond its first, all together.
    pub further_calls: u64,
    /// How long connecting took, all together.
    pub connecting: Duration,
    /// How long TLS took, all together.
    pub securing: Duration,
    /// How long the servers' SETTINGS took to come, all together.
    pub settling: Duration,
    /// How long closing took, all together.
    pub closing: Duration,
    /// How many streams at a time the server takes on a connection, where it said so.
    pub max_concurrent_streams: Option<u32>,
    /// What TLS agreed on, where it is spoken: version and cipher.
    pub tls: Option<(String, String)>,
}

impl Links {
    /// One came to nothing, and why.
    pub fn note_failure(&mut self, why: String) {
        self.failed = (self.failed.0 + 1, Some(why));
    }

    /// Adds those of another thread.
    pub fn add(&mut self, other: Self) {
        self.opened += other.opened;
        self.failed = (self.failed.0 + other.failed.0, other.failed.1.or(self.failed.1.take()));
        self.lost += other.lost;
        self.further_calls += other.further_calls;
        self.connecting += other.connecting;
        self.securing += other.securing;
        self.settling += other.settling;
        self.closing += other.closing;
        self.max_concurrent_streams = other.max_concurrent_streams.or(self.max_concurrent_streams);
        self.tls = self.tls.take().or(other.tls);
    }
}

/// How busy this side was while calls were made.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Effort {
    /// CPU time of the process; none where the system does not tell.
    pub process: Option<Duration>,
    /// CPU time of each thread that made calls, and how long it ran.
    pub threads: Vec<(Option<Duration>, Duration)>,
}

/// What ended a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// All calls were made.
    Calls,
    /// The time was over.
    Duration,
    /// A condition came true, which is told in its words.
    Condition(String),
    /// Somebody stopped it.
    Interrupted,
    /// There was no connection any more for a long time, and why not.
    Unreachable(String),
    /// A call could not be made of its data.
    Unmade(Unmade),
}
