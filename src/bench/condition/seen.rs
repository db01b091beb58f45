//! What conditions look at: the figures of a report, of one of its repeats, or of a run that is not over.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{Figure, Since, Statistic};
use crate::bench::record::{Latencies, Outcome, Tally};
use crate::bench::report::{Counts, Distribution, PERCENTILES, Repeat, Report, ok_of, sum};
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
    min: u64,
    mean: u64,
    max: u64,
    percentiles: Vec<(f64, u64)>,
}

impl Times<'_> {
    fn get(&self, statistic: Statistic) -> Option<u64> {
        match self {
            Self::Told(distribution) => told(distribution, statistic),
            Self::Recorded(recorded) => {
                let recorded = recorded.as_ref()?;
                match statistic {
                    Statistic::Min => Some(recorded.min),
                    Statistic::Mean => Some(recorded.mean),
                    Statistic::Max => Some(recorded.max),
                    Statistic::Percentile(wanted) => {
                        let found = recorded.percentiles.iter().find(|(at, _)| is_same(*at, wanted));
                        found.map(|(_, time)| *time)
                    }
                }
            }
        }
    }
}

/// What a report tells.
fn told(distribution: &Distribution, statistic: Statistic) -> Option<u64> {
    let times = distribution.times.as_ref()?;
    match statistic {
        Statistic::Min => Some(times.min),
        Statistic::Mean => Some(times.mean),
        Statistic::Max => Some(times.max),
        Statistic::Percentile(wanted) => {
            let known = PERCENTILES.iter().zip(times.percentiles());
            let known = known.into_iter().find(|((_, at), _)| is_same(*at, wanted)).map(|(_, time)| time);
            // Its counts were looked at when it was read.
            let counted = || distribution.counts().ok().flatten();
            known.or_else(|| counted().as_ref().map(|counts: &Counts| counts.look().percentile(wanted)))
        }
    }
}

fn is_same(one: f64, other: f64) -> bool {
    (one - other).abs() < 1e-9
}

/// The figures of what was recorded, with these percentiles.
fn recorded(latencies: &mut Latencies, percentiles: &[f64]) -> Option<Recorded> {
    let look = latencies.look()?;
    Some(Recorded {
        min: look.min,
        mean: look.mean(),
        max: look.max,
        percentiles: percentiles.iter().map(|&at| (at, look.percentile(at))).collect(),
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
        }
    }

    /// Those of a run that is not over, after so long a time; percentiles that these figures ask for.
    pub fn tally(tally: &mut Tally, elapsed: Duration, figures: &[Figure]) -> Seen<'static> {
        let percentiles: Vec<f64> = figures
            .iter()
            .filter_map(|figure| match figure {
                Figure::Time(_, Statistic::Percentile(percentile)) => Some(*percentile),
                _ => None,
            })
            .collect();
        let wants = |figure: &Figure| matches!(figure, Figure::Time(..));
        let (mut intended, mut actual) = (None, None);
        if figures.iter().any(wants) {
            intended = recorded(&mut tally.ok.intended, &percentiles);
            actual = recorded(&mut tally.ok.actual, &percentiles);
        }
        // Where nothing is known of when calls were due, they were due when they were sent.
        let intended = intended.or_else(|| recorded(&mut tally.ok.actual, &percentiles));
        let (mut codes, mut transport) = (BTreeMap::new(), BTreeMap::new());
        for (outcome, count) in tally.outcomes() {
            match outcome {
                Outcome::Status(code) => codes.insert(code.to_string(), count),
                Outcome::Fault(fault) => transport.insert(fault.to_string(), count),
            };
        }
        let answered = sum(&codes).saturating_sub(tally.drained);
        Seen {
            intended: Times::Recorded(intended),
            actual: Times::Recorded(actual),
            rate: ratio(float(answered), elapsed.as_secs_f64()).unwrap_or_default(),
            codes,
            transport,
            dropped: tally.dropped,
            lag: tally.worst_lag,
        }
    }

    /// How many calls ended.
    pub fn over(&self) -> u64 {
        sum(&self.codes).saturating_add(sum(&self.transport))
    }

    /// A figure as it is told: nanoseconds, calls a second, calls; none where nothing is known of it.
    pub fn number(&self, figure: &Figure) -> Option<f64> {
        match figure {
            Figure::Time(Since::Intended, statistic) => self.intended.get(*statistic).map(float),
            Figure::Time(Since::Actual, statistic) => self.actual.get(*statistic).map(float),
            Figure::Rate => Some(self.rate),
            Figure::Lag => Some(float(self.lag)),
            _ => self.calls(figure).map(float),
        }
    }

    /// The share of calls that a figure is of: of those that ended, and of those that were due for what was dropped. None
    /// where there were none.
    pub fn share(&self, figure: &Figure) -> Option<f64> {
        let dropped = if *figure == Figure::Dropped { self.dropped } else { 0 };
        ratio(float(self.calls(figure)?), float(self.over().saturating_add(dropped)))
    }

    /// How many calls a figure counts.
    fn calls(&self, figure: &Figure) -> Option<u64> {
        match figure {
            Figure::Errors => Some(self.over().saturating_sub(ok_of(&self.codes))),
            Figure::Dropped => Some(self.dropped),
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
}
