//! What is told of a run, as a plain value that is written as JSON and read back: docs/bench.md has every member.
//!
//! ```text
//! Run ──Report::of──▶ Report ──Report::together, Report::in_a_row──▶ Report ──▶ output::bench, bench::compare
//! ```
//!
//! Members may be added; none is renamed or gets another meaning without another [`VERSION`].

mod distribution;
mod figures;
mod intervals;
mod join;
mod made;
mod read;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
mod verdict;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use distribution::{Counts, Distribution, PERCENTILES, PayloadError, Times, enough_for, is_too_few};
pub use figures::{ok_of, sum};
pub use intervals::Intervals;
pub use join::JoinError;
pub use read::ReadError;
pub use verdict::{Limit, Verdict};

use super::load::Sending;
use super::units::{count, float, many, ratio};

/// The version of the report's form.
pub const VERSION: u32 = 1;

/// What is told of a run, or of several together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// The version of this form: [`VERSION`].
    pub version: u32,
    /// How many runs this is made of.
    pub runs: u64,
    /// What was called, and how.
    pub about: About,
    /// When the first call was due that counts, as RFC 3339 has it.
    pub began: String,
    /// For how long calls were made that count.
    pub measured_ns: u64,
    /// For how long calls of an open loop were due; left out in a closed one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub due_ns: Option<u64>,
    /// What was made before.
    pub warmup: Warmup,
    /// What ended it.
    pub end: End,
    /// When calls were made.
    pub loop_model: LoopModel,
    /// What has to be known to read the latencies.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub caveat: Option<String>,
    /// What has to be known of runs that were added up.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub remarks: Vec<String>,
    /// How many calls a second the load was to make: none where another call's end decides.
    pub rate_offered: Option<f64>,
    /// How many calls a second were answered.
    pub rate_achieved: f64,
    /// How many calls were sent, or came to nothing before they could be.
    pub issued: u64,
    /// How many ended in a status.
    pub answered: u64,
    /// How many were under way at the end: they had no answer.
    pub in_flight: u64,
    /// For how long the one of them had waited that waited longest, from when it was due; left out where there is none.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub longest_wait_ns: Option<u64>,
    /// How many were due and not made.
    pub dropped: u64,
    /// How many were answered after the last was due.
    pub drained: u64,
    /// How long the call that waited longest to be sent did so.
    pub worst_lag_ns: u64,
    /// How many calls ended in each status.
    pub codes: BTreeMap<String, u64>,
    /// What the server said first to each that is not OK.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub status_messages: BTreeMap<String, String>,
    /// How many ended without one, by why.
    pub transport_errors: BTreeMap<String, u64>,
    /// What was wrong first, of each of those.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub transport_messages: BTreeMap<String, String>,
    /// Of calls that ended in OK: from when they were due.
    pub latency_intended: Distribution,
    /// And from when they were sent.
    pub latency_actual: Distribution,
    /// Of all others: from when they were due.
    pub failed_latency_intended: Distribution,
    /// And from when they were sent.
    pub failed_latency_actual: Distribution,
    /// Of calls with a stream of answers: until the first message.
    #[serde(skip_serializing_if = "Distribution::is_empty", default)]
    pub first_message_latency: Distribution,
    /// And from each message to the next; in ping-pong from each that was sent to its answer.
    #[serde(skip_serializing_if = "Distribution::is_empty", default)]
    pub message_latency: Distribution,
    /// How many messages were sent.
    pub messages_sent: u64,
    /// How many messages came.
    pub messages_received: u64,
    /// How many bytes were sent.
    pub bytes_sent: u64,
    /// How many bytes came.
    pub bytes_received: u64,
    /// CPU time of this process, none where the system doesn't tell.
    pub cpu_seconds: Option<f64>,
    /// How busy each thread was that made calls.
    pub threads: Vec<Thread>,
    /// The connections.
    pub connections: Connections,
    /// The figures of a network test.
    pub network: Network,
    /// What set the limit.
    pub verdict: Verdict,
    /// The runs that this is made of, where it was repeated.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub repeats: Vec<Repeat>,
    /// What was to hold, and whether it does.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub checks: Vec<Check>,
    /// The run by the second.
    pub intervals: Vec<Interval>,
}

/// What was called, and how: all that only the command line knows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// The server, as it was typed.
    pub target: String,
    /// The method, by its full name.
    pub method: String,
    /// The protocol: `grpc`.
    pub protocol: String,
    /// What made the calls.
    pub engine: String,
    /// The load in words: `open loop: 1,000/s for 10 s`.
    pub load: String,
    /// On how many connections.
    pub connections: u64,
    /// How many calls at a time on each.
    pub streams: u64,
    /// Both in words, where runs that were added up differ in it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub places: Option<String>,
    /// And how many calls at a time that is on all connections.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub at_a_time: Option<u64>,
    /// By how many threads.
    pub threads: u64,
    /// How many calls were to be made, where that was said.
    pub calls: Option<u64>,
    /// For how long, where that was said.
    pub duration_ns: Option<u64>,
    /// How long each might take, where that was said.
    pub timeout_ns: Option<u64>,
    /// When the messages of a call were sent.
    #[serde(default)]
    pub messages: Sending,
    /// What all chance was drawn from: the same number draws the same again.
    #[serde(default)]
    pub seed: Option<u64>,
    /// The version of this program.
    pub rpcctl: String,
    /// The machine it ran on, where it is known.
    pub host: Option<String>,
    /// And its system.
    pub os: Option<String>,
    /// And how many CPUs it has.
    pub cpus: Option<u64>,
}

/// When calls were to be made.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Offered {
    /// By what.
    pub model: LoopModel,
    /// How many a second, on the average: none in a closed loop.
    pub rate: Option<f64>,
}

/// When calls are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LoopModel {
    /// Whenever another is over.
    Closed,
    /// At a rate, evenly.
    OpenUniform,
    /// At a rate, by chance.
    OpenPoisson,
    /// At a rate that rises or falls evenly.
    Ramp,
    /// At one rate after the other.
    Steps,
    /// When a file says.
    Replay,
    /// By several of these: of runs that were added up.
    OpenMixed,
}

impl About {
    /// On how many connections how many calls are made at a time, in words.
    pub fn places_in_words(&self) -> String {
        let words = || format!("{} × {}", many(self.connections, "connection"), count(self.streams));
        self.places.clone().unwrap_or_else(words)
    }

    /// How many calls may be under way at a time.
    pub fn at_a_time(&self) -> u64 {
        self.at_a_time.unwrap_or_else(|| self.connections.saturating_mul(self.streams))
    }
}

impl LoopModel {
    /// What it is called in a sentence.
    pub fn words(self) -> &'static str {
        match self {
            Self::Closed => "closed loop",
            Self::OpenUniform => "open loop, evenly",
            Self::OpenPoisson => "open loop, at random (Poisson)",
            Self::Ramp => "open loop, ramp",
            Self::Steps => "open loop, steps",
            Self::Replay => "open loop, replay",
            Self::OpenMixed => "open loops of several kinds",
        }
    }

    /// How many calls more or fewer may come due than are expected: what is drawn by chance is off by the root of that, and
    /// by four times the root hardly ever.
    pub fn chance(self, expected: f64) -> f64 {
        if matches!(self, Self::OpenPoisson | Self::OpenMixed) { 4.0 * expected.sqrt() } else { 0.0 }
    }

    /// What has to be known of its latencies.
    fn caveat(self) -> Option<String> {
        const OMITS: &str = "a closed loop asks less of a server that stalls: calls that would have come meanwhile are \
                             omitted, so latencies are better than those that users would see (coordinated omission); \
                             --rate measures those";
        (self == Self::Closed).then(|| OMITS.to_owned())
    }
}

/// What was made before calls were counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warmup {
    /// How many calls.
    pub calls: u64,
    /// In what time.
    pub ns: u64,
}

/// What ended a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct End {
    /// Which way.
    pub reason: Reason,
    /// What there is to say about it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub detail: Option<String>,
}

/// A way in which a run ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// All calls were made.
    Calls,
    /// The time was over.
    Duration,
    /// A condition came true.
    Condition,
    /// Somebody stopped it.
    Interrupted,
    /// There was no connection any more.
    Unreachable,
    /// The data of a call was no message.
    Data,
    /// Runs that are told together ended in several ways.
    Several,
}

/// How busy a thread was.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Thread {
    /// Its CPU time, none where the system doesn't tell.
    pub cpu_seconds: Option<f64>,
    /// How long it ran.
    pub ran_seconds: f64,
    /// The one by the other.
    pub busy: Option<f64>,
}

impl Thread {
    fn new(cpu: Option<f64>, ran: f64) -> Self {
        Self { cpu_seconds: cpu, ran_seconds: ran, busy: cpu.and_then(|cpu| ratio(cpu, ran)) }
    }
}

/// Connections, and what they cost.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connections {
    /// How many were made.
    pub opened: u64,
    /// How many could not be made.
    pub failed: u64,
    /// Why the last of those could not.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub failed_why: Option<String>,
    /// How many ended before the run did.
    pub lost: u64,
    /// How long connecting took, all together.
    pub connecting_ns: u64,
    /// How long TLS took, all together.
    pub tls_ns: u64,
    /// How long the servers' SETTINGS took, all together.
    pub settings_ns: u64,
    /// How long closing took, all together.
    pub closing_ns: u64,
    /// How many calls at a time the server takes on each, where it says so.
    pub max_concurrent_streams: Option<u32>,
    /// The version of TLS, where it is spoken.
    pub tls_version: Option<String>,
    /// And the cipher.
    pub tls_cipher: Option<String>,
}

/// The three figures of a network test, with their terms.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Network {
    /// N/T: requests per second.
    pub p: f64,
    /// How many calls were answered in T.
    pub n: u64,
    /// For how many seconds calls were made that count.
    pub t: f64,
    /// R/O: further calls per second that connections cost.
    pub c: Option<f64>,
    /// How many calls were made beyond the first on each connection.
    pub r: u64,
    /// How many seconds were spent on connecting, TLS, SETTINGS and closing.
    pub o: f64,
    /// S/T: bytes per second, both ways.
    pub b: f64,
    /// How many bytes were carried, both ways.
    pub s: u64,
}

impl Network {
    /// The figures of their terms.
    fn of(answered: u64, measured: f64, further: u64, cost: f64, bytes: u64) -> Self {
        Self {
            p: ratio(float(answered), measured).unwrap_or_default(),
            n: answered,
            t: measured,
            c: ratio(float(further), cost),
            r: further,
            o: cost,
            b: ratio(float(bytes), measured).unwrap_or_default(),
            s: bytes,
        }
    }
}

/// One run of several that were made in a row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Repeat {
    /// When it began.
    pub began: String,
    /// For how long calls were made that count.
    pub measured_ns: u64,
    /// How many calls a second were answered.
    pub rate_achieved: f64,
    /// How many calls were due and not made.
    pub dropped: u64,
    /// How many were under way at its end: they had no answer.
    #[serde(default)]
    pub in_flight: u64,
    /// For how long the longest of those had waited.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub longest_wait_ns: Option<u64>,
    /// How long the call that waited longest to be sent did so.
    pub worst_lag_ns: u64,
    /// How many calls ended in each status.
    pub codes: BTreeMap<String, u64>,
    /// How many ended without one, by why.
    pub transport_errors: BTreeMap<String, u64>,
    /// Of calls that ended in OK: from when they were due.
    pub latency_intended: Distribution,
    /// And from when they were sent.
    pub latency_actual: Distribution,
}

/// What was to hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// As it was written.
    pub condition: String,
    /// Whether it does.
    pub passed: bool,
    /// What was found, in words.
    pub found: String,
    /// Whether that is of too few samples to tell.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub too_few: bool,
}

/// A part of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interval {
    /// When it began, from the beginning of the run.
    pub at_ns: u64,
    /// How long it was.
    pub length_ns: u64,
    /// Whether it began when no more calls were due: it holds what was still waited for, which counts in no rate.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub drain: bool,
    /// How many calls became due in it; left out in a closed loop.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub due: Option<u64>,
    /// How many calls were sent in it.
    pub issued: u64,
    /// How many were answered in it.
    pub answered: u64,
    /// How many were under way at its end.
    pub in_flight: u64,
    /// How many were due then, and waited for room.
    #[serde(default)]
    pub waiting: u64,
    /// For how long the longest of all of them had waited; left out where there was none.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub longest_wait_ns: Option<u64>,
    /// How many were due and not made.
    pub dropped: u64,
    /// How long the call that waited longest to be sent did so.
    pub worst_lag_ns: u64,
    /// How many calls ended in each status.
    pub codes: BTreeMap<String, u64>,
    /// How many ended without one, by why.
    pub transport_errors: BTreeMap<String, u64>,
    /// How many bytes were sent.
    pub bytes_sent: u64,
    /// How many bytes came.
    pub bytes_received: u64,
    /// Of calls that ended in OK: from when they were due.
    pub latency_intended: Distribution,
    /// And from when they were sent.
    pub latency_actual: Distribution,
    /// Of all others: from when they were due.
    #[serde(skip_serializing_if = "Distribution::is_empty", default)]
    pub failed_latency_intended: Distribution,
    /// And from when they were sent.
    #[serde(skip_serializing_if = "Distribution::is_empty", default)]
    pub failed_latency_actual: Distribution,
}
