//! When the calls of an open loop are due: a function of time, and of chance where that is wanted, but never of how the
//! server does.
//!
//! A rate that changes with time adds up to how many calls are due until a moment; call `n` is due at the moment at which
//! that is `n`. So no gap is ever added to another, and after hours a call is due in the nanosecond in which it was from
//! the beginning. By chance (a Poisson process), it is due where that is the sum of `n` gaps of a mean of one instead.

mod replay;
mod words;

use std::fmt;
use std::sync::Arc;

use fastrand::Rng;

pub use replay::{Replay, ReplayError, ReplayProblem};
pub use words::{Pacing, PacingError, Ramp, Rate, Steps};

const SECOND: f64 = 1e9;

/// When calls are due.
#[derive(Debug, Clone, PartialEq)]
pub struct Schedule {
    kind: Kind,
    /// As reports name it.
    told: String,
}

#[derive(Debug, Clone, PartialEq)]
enum Kind {
    /// At rates.
    Rates {
        stretches: Arc<[Stretch]>,
        /// Whether the gaps between calls are by chance.
        chance: bool,
    },
    /// At moments that are known, in nanoseconds, the earliest first.
    Moments(Arc<[u64]>),
}

/// A stretch of time in which the rate stays the same, or changes evenly. Times are in nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Stretch {
    /// When it begins.
    at: f64,
    /// How long it is; the last one never ends.
    length: f64,
    /// How many calls are due before it.
    before: f64,
    /// How many are due a nanosecond when it begins, and when it ends.
    rates: (f64, f64),
}

impl Stretch {
    fn slope(&self) -> f64 {
        let (from, to) = self.rates;
        if self.length.is_finite() { (to - from) / self.length } else { 0.0 }
    }

    /// How many calls are due in its first part, which is so long.
    fn calls(&self, part: f64) -> f64 {
        let part = part.clamp(0.0, self.length);
        part * (self.rates.0 + self.slope() * part / 2.0)
    }

    /// When so many calls are due: at the root of [`Self::calls`], which is looked for from the end at which the rate is
    /// low, so that no two large numbers cancel each other.
    fn moment(&self, calls: f64) -> f64 {
        let (from, to) = self.rates;
        let slope = self.slope();
        let root = |rate: f64, slope: f64, calls: f64| {
            let sum = rate + (rate * rate + 2.0 * slope * calls).max(0.0).sqrt();
            if sum > 0.0 { 2.0 * calls / sum } else { 0.0 }
        };
        let wanted = (calls - self.before).max(0.0);
        let part = if slope == 0.0 {
            // Dividing the calls by a rate per nanosecond would round twice.
            wanted * (1.0 / from)
        } else if slope > 0.0 {
            root(from, slope, wanted)
        } else {
            self.length - root(to, -slope, (self.calls(self.length) - wanted).max(0.0))
        };
        self.at + part.clamp(0.0, self.length)
    }
}

impl Schedule {
    /// Always the same rate.
    pub fn rate(rate: Rate) -> Self {
        Self::rates(&[(rate, rate, f64::INFINITY)], format!("{rate}"))
    }

    /// A rate that changes evenly, and then stays what it has become.
    pub fn ramp(ramp: &Ramp) -> Self {
        let length = nanos(ramp.time);
        Self::rates(&[(ramp.from, ramp.to, length), (ramp.to, ramp.to, f64::INFINITY)], format!("{ramp}"))
    }

    /// One rate after another, the last of which stays.
    pub fn steps(steps: &Steps) -> Self {
        let last = steps.all().len().saturating_sub(1);
        let length = |index, time| if index == last { f64::INFINITY } else { nanos(time) };
        let parts = steps.all().iter().enumerate();
        let parts: Vec<_> = parts.map(|(index, (rate, time))| (*rate, *rate, length(index, *time))).collect();
        Self::rates(&parts, format!("{steps}"))
    }

    /// When calls were made once.
    pub fn replay(replay: &Replay) -> Self {
        Self { kind: Kind::Moments(Arc::clone(replay.moments())), told: format!("{replay}") }
    }

    /// The same with gaps by chance: calls of many who know nothing of each other. A replay knows no chance.
    #[must_use]
    pub fn by_chance(mut self) -> Self {
        if let Kind::Rates { chance, .. } = &mut self.kind {
            *chance = true;
            self.told += ", at random (Poisson)";
        }
        self
    }

    fn rates(parts: &[(Rate, Rate, f64)], told: String) -> Self {
        let (mut at, mut before) = (0.0, 0.0);
        let stretches = parts.iter().map(|&(from, to, length)| {
            let rates = (from.per_second() / SECOND, to.per_second() / SECOND);
            let stretch = Stretch { at, length, before, rates };
            at += length;
            before += stretch.calls(length);
            stretch
        });
        Self { kind: Kind::Rates { stretches: stretches.collect(), chance: false }, told }
    }

    /// How many calls are due from one moment to another, in nanoseconds from the beginning; by chance, how many that are
    /// to be expected.
    pub fn offered(&self, from: u64, to: u64) -> f64 {
        match &self.kind {
            Kind::Rates { stretches, .. } => {
                (calls_until(stretches, to) - calls_until(stretches, from)).max(0.0)
            }
            Kind::Moments(moments) => {
                let until = |moment| moments.partition_point(|due| *due < moment);
                float(until(to).saturating_sub(until(from)) as u64)
            }
        }
    }

    /// Whether calls come to an end by themselves.
    pub fn has_an_end(&self) -> bool {
        matches!(self.kind, Kind::Moments(_))
    }

    /// How many calls there are from a moment on, in nanoseconds from the beginning, where they come to an end.
    pub fn calls_from(&self, moment: u64) -> Option<u64> {
        match &self.kind {
            Kind::Rates { .. } => None,
            Kind::Moments(moments) => {
                let before = moments.partition_point(|due| *due < moment);
                Some((moments.len() - before) as u64)
            }
        }
    }

    /// Whether the gaps between calls are by chance.
    pub fn is_by_chance(&self) -> bool {
        matches!(self.kind, Kind::Rates { chance: true, .. })
    }
}

/// How many calls are due until a moment.
fn calls_until(stretches: &[Stretch], moment: u64) -> f64 {
    let moment = float(moment);
    let index = stretches.partition_point(|stretch| stretch.at <= moment);
    let stretch = stretches.get(index.saturating_sub(1));
    stretch.map_or(0.0, |stretch| stretch.before + stretch.calls(moment - stretch.at))
}

/// As reports name it: `1,000/s`, `0/s to 1,000/s over 10s`.
impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.told)
    }
}

/// When the calls of one thread are due. Those of all threads together are the schedule's.
#[derive(Debug, Clone)]
pub struct Arrivals {
    source: Source,
    due: Option<u64>,
}

#[derive(Debug, Clone)]
enum Source {
    Rates {
        stretches: Arc<[Stretch]>,
        /// The stretch that the last call was in.
        at: usize,
        next: Next,
    },
    Moments {
        moments: Arc<[u64]>,
        next: usize,
        step: usize,
    },
}

/// Which call is next.
#[derive(Debug, Clone)]
enum Next {
    /// Each call of the schedule, or every second, third, … of it.
    Even { call: u64, step: u64 },
    /// Where chance puts it: a thread of several has its share of the rate, and so longer gaps.
    Chance { calls: f64, mean: f64, random: Rng },
}

impl Arrivals {
    /// Those of the thread with this number, from 0, of so many.
    pub fn new(schedule: &Schedule, thread: usize, threads: usize, seed: u64) -> Self {
        let threads = threads.max(1);
        let source = match &schedule.kind {
            Kind::Rates { stretches, chance } => {
                let (call, step) = (thread as u64, threads as u64);
                let next = if *chance {
                    let mut random = Rng::with_seed(mixed(seed, call));
                    let mean = float(step);
                    Next::Chance { calls: gap(&mut random) * mean, mean, random }
                } else {
                    Next::Even { call, step }
                };
                Source::Rates { stretches: Arc::clone(stretches), at: 0, next }
            }
            Kind::Moments(moments) => {
                Source::Moments { moments: Arc::clone(moments), next: thread, step: threads }
            }
        };
        let mut arrivals = Self { source, due: None };
        arrivals.due = arrivals.source.look();
        arrivals
    }

    /// When the next call is due, in nanoseconds from the beginning of the run; none when there are no more.
    #[inline]
    pub fn due(&self) -> Option<u64> {
        self.due
    }

    /// Goes on to the call after it.
    #[inline]
    pub fn advance(&mut self) {
        match &mut self.source {
            Source::Rates { next: Next::Even { call, step }, .. } => *call = call.saturating_add(*step),
            Source::Rates { next: Next::Chance { calls, mean, random }, .. } => *calls += gap(random) * *mean,
            Source::Moments { next, step, .. } => *next = next.saturating_add(*step),
        }
        self.look();
    }

    /// Goes on to the first call that is not due before a moment, and tells how many are; by chance, how many that are to be
    /// expected. It takes no longer for many than for few.
    pub fn skip_to(&mut self, moment: u64) -> u64 {
        let mut skipped = 0;
        if self.due.is_some_and(|due| due < moment) {
            skipped = self.source.skip_to(moment);
            self.look();
        }
        // What was rounded there is exact here.
        while self.due.is_some_and(|due| due < moment) {
            self.advance();
            skipped += 1;
        }
        skipped
    }

    #[inline]
    fn look(&mut self) {
        // Where two stretches meet, a rounded moment may be before the one that it follows.
        let before = self.due.unwrap_or_default();
        self.due = self.source.look().map(|due| due.max(before));
    }
}

impl Source {
    /// Passes over the calls that are due before a moment, and tells how many those are.
    fn skip_to(&mut self, moment: u64) -> u64 {
        match self {
            Self::Rates { stretches, next: Next::Even { call, step }, .. } => {
                // The last of them may be the one that is due then.
                let until = calls_until(stretches, moment).floor();
                let count = whole((until - float(*call)).max(0.0)) / *step;
                *call = call.saturating_add(count.saturating_mul(*step));
                count
            }
            Self::Rates { stretches, next: Next::Chance { calls, mean, random }, .. } => {
                let until = calls_until(stretches, moment);
                let count = whole((until - *calls).max(0.0) / *mean);
                *calls = until.max(*calls) + gap(random) * *mean;
                count
            }
            Self::Moments { moments, next, step } => {
                let until = moments.partition_point(|due| *due < moment);
                let count = until.saturating_sub(*next).div_ceil(*step);
                *next = next.saturating_add(count.saturating_mul(*step));
                count as u64
            }
        }
    }

    #[inline]
    fn look(&mut self) -> Option<u64> {
        match self {
            Self::Rates { stretches, at, next } => {
                let call = match next {
                    Next::Even { call, .. } => float(*call),
                    Next::Chance { calls, .. } => *calls,
                };
                while stretches.get(*at + 1).is_some_and(|later| later.before <= call) {
                    *at += 1;
                }
                let stretch = stretches.get(*at)?;
                // A rate of none that never ends.
                if stretch.rates == (0.0, 0.0) {
                    return None;
                }
                Some(whole(stretch.moment(call)))
            }
            Self::Moments { moments, next, .. } => moments.get(*next).copied(),
        }
    }
}

/// A gap between two calls that know nothing of each other, where there are as many calls as there is time.
#[inline]
fn gap(random: &mut Rng) -> f64 {
    // What chance draws is less than one.
    -(1.0 - random.f64()).ln()
}

/// A seed for one of several that draw, none of which is to draw what another does.
pub fn mixed(seed: u64, which: u64) -> u64 {
    // SplitMix64's steps: seeds that are neighbours have nothing in common behind them.
    let mut mixed = seed.wrapping_add(which.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ mixed >> 31
}

#[allow(
    clippy::cast_precision_loss,
    reason = "calls and nanoseconds of a run are below 2^53, which is 104 days"
)]
#[inline]
fn float(number: u64) -> f64 {
    number as f64
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a moment is not negative, and what is beyond all is never"
)]
#[inline]
fn whole(moment: f64) -> u64 {
    (moment + 0.5) as u64
}

fn nanos(time: std::time::Duration) -> f64 {
    time.as_secs_f64() * SECOND
}

#[cfg(test)]
mod tests;
