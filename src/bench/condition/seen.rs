//! What conditions look at: the figures of a report, of one of its repeats, or of a run that is not over.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{Figure, Since, Statistic};
use crate::bench::record::{Latencies, Tally};
use crate::bench::report::{Counts, Distribution, PERCENTILES, Repeat, Report, is_too_few, ok_of, sum};
use crate::bench::run::Standing;
use crate::bench::units::{float, ratio};
use crate::session::Code;

/// What conditions look at.
#[derive(Debug)]
pub struct Seen<'a> {
    intended: Times<'a>,
    actual: Times<'a>,
    codes: BTreeMap<String, u64>,
    transport: BTreeMap<String, u64>,
    rate: f64,
    dropped: u64,
    lag: u64,
    open: Open,
}

/// Calls that have no answer.
#[derive(Debug, Clone, Copy, Default)]
struct Open {
    count: u64,
    /// For how long the longest waits, in nanoseconds.
    longest: u64,
    /// Whether they were given their time: then they take longer than any that ended, and are errors. Of others nothing
    /// is known yet.
    were_awaited: bool,
}

/// A figure, as far as it is known: between these two. Both are one where it is known, and the second has no limit where
/// that is all that is known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Known {
    /// It is not less.
    pub low: f64,
    /// And not more.
    pub high: f64,
}

impl Known {
    fn exactly(number: f64) -> Self {
        Self { low: number, high: number }
    }

    fn between(low: u64, high: Option<u64>) -> Self {
        Self { low: float(low), high: high.map_or(f64::INFINITY, float) }
    }

    /// The median of several; none of none.
    pub(super) fn median(all: &[Self]) -> Option<Self> {
        let of = |end: fn(&Self) -> f64| {
            let mut ends: Vec<f64> = all.iter().map(end).collect();
            ends.sort_by(f64::total_cmp);
            median(&ends)
        };
        Some(Self { low: of(|known| known.low)?, high: of(|known| known.high)? })
    }

    /// Whether more is known than what it is not less than.
    pub fn has_limit(self) -> bool {
        self.high.is_finite()
    }
}

/// Where times are read from.
#[derive(Debug)]
enum Times<'a> {
    /// What a report tells, and its counts where that is not enough.
    Told(&'a Distribution),
    /// What was recorded so far; none where calls were due when they were sent.
    Recorded(Option<Recorded>),
}

/// The figures of what was recorded so far. A histogram is large: it is looked at once, and not kept.
#[derive(Debug)]
struct Recorded {
    count: u64,
    min: u64,
    mean: u64,
    max: u64,
    /// Each with those between which it lies.
    percentiles: Vec<(f64, (u64, Option<u64>))>,
}

impl Times<'_> {
    /// How many there are, and the shortest, the mean and the longest of them.
    fn plain(&self) -> Option<(u64, [u64; 3])> {
        match self {
            Self::Told(told) => {
                told.times.as_ref().map(|times| (told.count, [times.min, times.mean, times.max]))
            }
            Self::Recorded(of) => of.as_ref().map(|of| (of.count, [of.min, of.mean, of.max])),
        }
    }

    /// A figure of calls that ended in OK, and of those beside them of which it is not known how long they take.
    fn get(&self, statistic: Statistic, open: Open) -> Option<Known> {
        let Some((count, [min, mean, max])) = self.plain() else {
            let longest = if statistic == Statistic::Max { open.longest } else { 0 };
            return (open.count > 0).then_some(Known::between(longest, None));
        };
        let alone = open.count == 0;
        let known = match statistic {
            Statistic::Min if alone || open.were_awaited => Known::between(min, Some(min)),
            Statistic::Min => Known::between(0, Some(min)),
            Statistic::Mean if alone => Known::between(mean, Some(mean)),
            Statistic::Mean if open.were_awaited => Known::between(mean, None),
            Statistic::Mean => {
                let all = float(count.saturating_add(open.count));
                Known { low: float(mean) * float(count) / all, high: f64::INFINITY }
            }
            Statistic::Max if alone => Known::between(max, Some(max)),
            Statistic::Max => Known::between(max.max(open.longest), None),
            Statistic::Percentile(wanted) => match (self.percentile(wanted, open.count)?, open) {
                ((_, high), Open { were_awaited: true, .. }) => Known::between(high.unwrap_or(max), high),
                ((low, high), _) => Known::between(low, high),
            },
        };
        Some(known)
    }

    /// Between which times a percentile lies, of these and so many more.
    fn percentile(&self, wanted: f64, open: u64) -> Option<(u64, Option<u64>)> {
        match self {
            Self::Recorded(recorded) => {
                let recorded = recorded.as_ref()?;
                let found = recorded.percentiles.iter().find(|(at, _)| is_same(*at, wanted));
                found.map(|(_, between)| *between)
            }
            Self::Told(distribution) => {
                let times = distribution.times.as_ref()?;
                let known = PERCENTILES.iter().zip(times.percentiles());
                let known = known.into_iter().find(|((_, at), _)| open == 0 && is_same(*at, wanted));
                // Its counts were looked at when it was read.
                let counted = || distribution.counts().ok().flatten();
                known.map(|(_, time)| (time, Some(time))).or_else(|| {
                    counted().as_ref().map(|counts: &Counts| counts.look().percentile_among(wanted, open))
                })
            }
        }
    }
}

/// The one in the middle of these, which are in order.
pub fn median(values: &[f64]) -> Option<f64> {
    let middle = values.len() / 2;
    let upper = values.get(middle).copied()?;
    if values.len() % 2 == 1 {
        return Some(upper);
    }
    values.get(middle.checked_sub(1)?).map(|lower| f64::midpoint(*lower, upper))
}

fn is_same(one: f64, other: f64) -> bool {
    (one - other).abs() < 1e-9
}

/// The figures of what was recorded, with these percentiles, of these and so many more.
fn recorded(latencies: &mut Latencies, percentiles: &[f64], open: u64) -> Option<Recorded> {
    let look = latencies.look()?;
    Some(Recorded {
        count: look.count,
        min: look.min,
        mean: look.mean(),
        max: look.max,
        percentiles: percentiles.iter().map(|&at| (at, look.percentile_among(at, open))).collect(),
    })
}

impl<'a> Seen<'a> {
    /// The figures of a report.
    pub fn report(report: &'a Report) -> Self {
        Self {
            intended: Times::Told(&report.latency_intended),
            actual: Times::Told(&report.latency_actual),
            codes: report.codes.clone(),
            transport: report.transport_errors.clone(),
            rate: report.rate_achieved,
            dropped: report.dropped,
            lag: report.worst_lag_ns,
            open: Open {
                count: report.in_flight,
                longest: report.longest_wait_ns.unwrap_or_default(),
                were_awaited: report.unanswered() > 0,
            },
        }
    }

    /// Those of one of its repeats.
    pub fn repeat(repeat: &'a Repeat) -> Self {
        Self {
            intended: Times::Told(&repeat.latency_intended),
            actual: Times::Told(&repeat.latency_actual),
            codes: repeat.codes.clone(),
            transport: repeat.transport_errors.clone(),
            rate: repeat.rate_achieved,
            dropped: repeat.dropped,
            lag: repeat.worst_lag_ns,
            open: Open {
                count: repeat.in_flight,
                longest: repeat.longest_wait_ns.unwrap_or_default(),
                were_awaited: true,
            },
        }
    }

    /// Those of a run that is not over, after so long a time, as calls stand now; percentiles that these figures ask for.
    pub fn tally(
        tally: &mut Tally,
        elapsed: Duration,
        standing: Standing,
        figures: &[Figure],
    ) -> Seen<'static> {
        let percentiles: Vec<f64> = figures
            .iter()
            .filter_map(|figure| match figure {
                Figure::Time(_, Statistic::Percentile(percentile)) => Some(*percentile),
                _ => None,
            })
            .collect();
        let open = Open {
            count: standing.in_flight.saturating_add(standing.waiting),
            longest: standing.longest_wait.map_or(0, crate::bench::units::nanos),
            were_awaited: false,
        };
        let wants = |figure: &Figure| matches!(figure, Figure::Time(..));
        let (mut intended, mut actual) = (None, None);
        if figures.iter().any(wants) {
            intended = recorded(&mut tally.ok.intended, &percentiles, open.count);
            actual = recorded(&mut tally.ok.actual, &percentiles, open.count);
        }
        // Where nothing is known of when calls were due, they were due when they were sent.
        let intended = intended.or_else(|| recorded(&mut tally.ok.actual, &percentiles, open.count));
        let (codes, transport) = tally.by_name();
        let answered = sum(&codes).saturating_sub(tally.drained);
        Seen {
            intended: Times::Recorded(intended),
            actual: Times::Recorded(actual),
            rate: ratio(float(answered), elapsed.as_secs_f64()).unwrap_or_default(),
            codes,
            transport,
            dropped: tally.dropped,
            lag: tally.worst_lag,
            open,
        }
    }

    /// How many calls ended.
    pub fn over(&self) -> u64 {
        sum(&self.codes).saturating_add(sum(&self.transport))
    }

    /// How many calls have no answer.
    pub fn open(&self) -> u64 {
        self.open.count
    }

    /// How many calls had no answer, though they were waited for.
    fn unanswered(&self) -> u64 {
        if self.open.were_awaited { self.open.count } else { 0 }
    }

    /// Of how many samples a percentile is, where that is too few for it to say something.
    pub fn too_few(&self, figure: &Figure) -> Option<u64> {
        let Figure::Time(since, Statistic::Percentile(percentile)) = figure else { return None };
        let times = if *since == Since::Intended { &self.intended } else { &self.actual };
        let count = times.plain().map_or(0, |(count, _)| count).saturating_add(self.unanswered());
        is_too_few(count, *percentile).then_some(count)
    }

    /// A figure as it is told: nanoseconds, calls a second, calls; none where nothing is known of it.
    pub fn number(&self, figure: &Figure) -> Option<Known> {
        match figure {
            Figure::Time(Since::Intended, statistic) => self.intended.get(*statistic, self.open),
            Figure::Time(Since::Actual, statistic) => self.actual.get(*statistic, self.open),
            Figure::Rate => Some(Known::exactly(self.rate)),
            Figure::Lag => Some(Known::exactly(float(self.lag))),
            _ => self.calls(figure).map(|calls| Known::exactly(float(calls))),
        }
    }

    /// The share of calls that a figure is of. None where there were none.
    pub fn share(&self, figure: &Figure) -> Option<f64> {
        let of = match figure {
            Figure::Dropped => self.unanswered().saturating_add(self.dropped),
            Figure::InFlight => self.open.count,
            // Who wants so many of all in OK does not mean to leave out some.
            Figure::Errors | Figure::Code(Code::OK) => self.unanswered(),
            _ => 0,
        };
        ratio(float(self.calls(figure)?), float(self.over().saturating_add(of)))
    }

    /// How many calls a figure counts.
    fn calls(&self, figure: &Figure) -> Option<u64> {
        match figure {
            Figure::Errors => {
                let failed = self.over().saturating_sub(ok_of(&self.codes));
                Some(failed.saturating_add(self.unanswered()))
            }
            Figure::Dropped => Some(self.dropped),
            Figure::InFlight => Some(self.open.count),
            Figure::Code(code) => Some(self.code(*code)),
            Figure::Transport(class) => {
                let begins = |name: &str| name.split(' ').next() == Some(class) || class.is_empty();
                let counts = self.transport.iter().filter(|(name, _)| begins(name)).map(|(_, count)| *count);
                Some(counts.fold(0, u64::saturating_add))
            }
            _ => None,
        }
    }

    fn code(&self, code: Code) -> u64 {
        self.codes.get(&code.to_string()).copied().unwrap_or_default()
    }

    /// Whether a figure is another than it would be without the calls that had no answer.
    pub fn is_about_open(&self, figure: &Figure) -> bool {
        match figure {
            Figure::Time(..) => self.open.count > 0,
            Figure::Errors | Figure::Code(Code::OK) => self.unanswered() > 0,
            _ => false,
        }
    }
}
