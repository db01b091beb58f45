//! How a run is getting on, for who watches it.

use std::time::Duration;

use super::record::Tally;
use super::run::Interval;
use super::units::{float, ratio};

/// How a run is getting on.
#[derive(Debug, Clone, PartialEq)]
pub struct Progress {
    /// How long calls have been made, those to warm up among them.
    pub elapsed: Duration,
    /// Whether they are still those to warm up, which don't count.
    pub warming_up: bool,
    /// How many were answered a second lately.
    pub rate: f64,
    /// The median of those that ended in OK lately, in nanoseconds, from when they were due.
    pub p50: Option<u64>,
    /// And the time that 99 of a hundred did not exceed.
    pub p99: Option<u64>,
    /// How many calls did not end in OK so far.
    pub errors: u64,
    /// How many were dropped so far.
    pub dropped: u64,
    /// How many are under way.
    pub in_flight: u64,
    /// How many are over so far.
    pub done: u64,
    /// How far that is.
    pub goal: Goal,
}

/// What a run is to come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Goal {
    /// So many calls.
    Calls(u64),
    /// So long a time, that to warm up with it.
    Time(Duration),
    /// Nothing that is known.
    None,
}

impl Progress {
    /// The progress of a run of which nothing happened yet.
    pub fn new(goal: Goal) -> Self {
        Self {
            elapsed: Duration::ZERO,
            warming_up: false,
            rate: 0.0,
            p50: None,
            p99: None,
            errors: 0,
            dropped: 0,
            in_flight: 0,
            done: 0,
            goal,
        }
    }

    /// Takes in what happened lately.
    pub fn note(&mut self, lately: &mut Interval) {
        let Interval { length, ref mut tally, in_flight, .. } = *lately;
        let (answered, ok) = ended(tally);
        let times =
            if tally.ok.intended.look().is_some() { &mut tally.ok.intended } else { &mut tally.ok.actual };
        (self.p50, self.p99) =
            times.look().map(|look| (look.percentile(50.0), look.percentile(99.0))).unzip();
        let over = tally.over();
        self.elapsed += length;
        self.rate = ratio(float(answered), length.as_secs_f64()).unwrap_or_default();
        self.in_flight = in_flight;
        self.errors += over.saturating_sub(ok);
        self.dropped += tally.dropped;
        self.done += over;
    }

    /// How much of the goal is reached.
    pub fn share(&self) -> Option<f64> {
        match self.goal {
            Goal::Calls(calls) => ratio(float(self.done), float(calls)),
            Goal::Time(time) => ratio(self.elapsed.as_secs_f64(), time.as_secs_f64()),
            Goal::None => None,
        }
    }
}

/// How many calls ended in a status, and in OK.
fn ended(tally: &Tally) -> (u64, u64) {
    let outcomes = tally.outcomes();
    let statuses =
        outcomes.iter().filter(|(outcome, _)| matches!(outcome, super::record::Outcome::Status(_)));
    let ok = outcomes.iter().filter(|(outcome, _)| outcome.is_ok()).map(|(_, count)| count).sum();
    (statuses.map(|(_, count)| count).sum(), ok)
}
