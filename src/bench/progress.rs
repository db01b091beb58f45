//! How a run is getting on, for who watches it.

use std::time::Duration;

use super::report::{ok_of, sum};
use super::run::{Interval, Standing};
use super::units::{float, ratio};

/// How a run is getting on.
#[derive(Debug, Clone, PartialEq)]
pub struct Progress {
    /// How long the warm-up is.
    pub warmup: Duration,
    /// How long calls have been made: in the warm-up since it began, and else those to warm up among them.
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
    /// How many are under way or wait for room, and for how long.
    pub standing: Standing,
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
    /// The progress of a run of which nothing happened yet, with so long a warm-up.
    pub fn new(goal: Goal, warmup: Duration) -> Self {
        Self {
            warmup,
            elapsed: Duration::ZERO,
            warming_up: false,
            rate: 0.0,
            p50: None,
            p99: None,
            errors: 0,
            dropped: 0,
            standing: Standing::default(),
            done: 0,
            goal,
        }
    }

    /// Takes in what happened lately.
    pub fn note(&mut self, lately: &mut Interval) {
        let Interval { at, length, ref mut tally, standing, is_warm_up } = *lately;
        let (codes, _) = tally.by_name();
        let (answered, ok) = (sum(&codes), ok_of(&codes));
        let times =
            if tally.ok.intended.look().is_some() { &mut tally.ok.intended } else { &mut tally.ok.actual };
        (self.p50, self.p99) =
            times.look().map(|look| (look.percentile(50.0), look.percentile(99.0))).unzip();
        let over = tally.over();
        // What is answered when the load is over is of no rate.
        let in_time = answered.saturating_sub(tally.drained);
        self.rate = ratio(float(in_time), length.as_secs_f64()).unwrap_or_default();
        self.standing = standing;
        self.warming_up = is_warm_up;
        if is_warm_up {
            // Neither what it comes to nor what goes wrong in it counts.
            self.elapsed = at + length;
            return;
        }
        self.elapsed = self.warmup + at + length;
        self.errors += over.saturating_sub(ok);
        self.dropped += tally.dropped;
        self.done += over;
    }

    /// How much of the goal is reached.
    pub fn share(&self) -> Option<f64> {
        match self.goal {
            _ if self.warming_up => ratio(self.elapsed.as_secs_f64(), self.warmup.as_secs_f64()),
            Goal::Calls(calls) => ratio(float(self.done), float(calls)),
            Goal::Time(time) => ratio(self.elapsed.as_secs_f64(), time.as_secs_f64()),
            Goal::None => None,
        }
    }
}
