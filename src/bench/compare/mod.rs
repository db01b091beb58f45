//! A run against another: what is different, and whether that is more than the runs differ among themselves.

mod noise;

use serde::Serialize;

use super::condition::{Condition, Figure, Limit, Seen, Since, Statistic, median, shown};
use super::report::{Check, Reason, Report};
use super::units::{self, ratio, share};

pub use noise::chance;

/// What would come about by chance no more often than this is no noise.
pub const SIGNIFICANT: f64 = 0.05;

/// A run against another.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// What makes the two hard to compare.
    pub remarks: Vec<String>,
    /// Figure by figure.
    pub figures: Vec<Row>,
    /// What was not to be, and whether it is.
    pub checks: Vec<Check>,
}

/// A figure of both.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    /// Its name, as conditions have it.
    pub figure: String,
    /// What it is in.
    pub unit: Unit,
    /// What it was.
    pub base: Option<Sample>,
    /// What it is.
    pub new: Option<Sample>,
    /// How much more it is, as a part of what it was; of a share, the difference.
    pub change: Option<f64>,
    /// How often repeats of one thing would be so far apart, in either direction, where there are enough of them to tell.
    pub chance: Option<f64>,
    /// What to make of it.
    pub finding: Finding,
}

/// What a figure is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Nanoseconds.
    Nanoseconds,
    /// Calls a second.
    PerSecond,
    /// A part of all calls.
    Share,
}

/// A figure: of one run, or the median of its repeats and how far they are apart.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Sample {
    /// The median.
    pub value: f64,
    /// The lowest.
    pub low: f64,
    /// The highest; beyond all numbers where it is not known, since calls had no answer.
    pub high: f64,
    /// How many there are.
    pub runs: usize,
    /// Whether any is of too few samples to say something.
    pub too_few: bool,
}

/// What to make of a difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Finding {
    /// There is none.
    Same,
    /// It is better, beyond noise.
    Better,
    /// It is worse, beyond noise.
    Worse,
    /// Repeats of one thing differ as much.
    Noise,
    /// There are too few repeats to tell.
    Unknown,
}

/// The figures that are compared, in this order.
const FIGURES: [Figure; 13] = [
    Figure::Rate,
    Figure::Errors,
    Figure::Dropped,
    Figure::InFlight,
    Figure::Time(Since::Intended, Statistic::Mean),
    Figure::Time(Since::Intended, Statistic::Percentile(50.0)),
    Figure::Time(Since::Intended, Statistic::Percentile(90.0)),
    Figure::Time(Since::Intended, Statistic::Percentile(95.0)),
    Figure::Time(Since::Intended, Statistic::Percentile(99.0)),
    Figure::Time(Since::Intended, Statistic::Percentile(99.9)),
    Figure::Time(Since::Intended, Statistic::Percentile(99.99)),
    Figure::Time(Since::Intended, Statistic::Max),
    Figure::Time(Since::Actual, Statistic::Percentile(99.0)),
];

/// Compares two runs, and says which of the conditions are met that must not be.
pub fn compare(base: &Report, new: &Report, fail_on: &[Condition]) -> Comparison {
    let sides = Sides { base: runs(base), new: runs(new) };
    let closed = base.is_closed() && new.is_closed();
    let all_answered = base.in_flight == 0 && new.in_flight == 0;
    let figures = FIGURES.iter().filter(|figure| match figure {
        Figure::Time(Since::Actual, _) => !closed,
        Figure::InFlight => !all_answered,
        _ => true,
    });
    Comparison {
        remarks: remarks(base, new),
        figures: figures.map(|figure| sides.row(figure)).collect(),
        checks: fail_on.iter().map(|condition| sides.check(condition)).collect(),
    }
}

/// The repeats of a report; itself where there are none.
fn runs(report: &Report) -> Vec<Seen<'_>> {
    if report.repeats.is_empty() {
        vec![Seen::report(report)]
    } else {
        report.repeats.iter().map(Seen::repeat).collect()
    }
}

/// What makes two runs hard to compare.
fn remarks(base: &Report, new: &Report) -> Vec<String> {
    let mut remarks = Vec::new();
    let mut differ = |what: &str, one: &str, other: &str| {
        if one != other {
            remarks.push(format!("{what}: {one} and {other}"));
        }
    };
    differ("methods differ", &base.about.method, &new.about.method);
    differ("loop models differ", base.loop_model.words(), new.loop_model.words());
    differ("loads differ", &base.about.load, &new.about.load);
    differ("engines differ", &base.about.engine, &new.about.engine);
    let host = |report: &Report| report.about.host.clone().unwrap_or_default();
    differ("machines differ", &host(base), &host(new));
    differ("connections × streams differ", &base.about.places_in_words(), &new.about.places_in_words());
    for (which, report) in [("the first", base), ("the second", new)] {
        if let Some(words) = cut_short(report) {
            remarks.push(format!("{which} {words}"));
        }
        if let Some(words) = report.unanswered_in_words() {
            remarks.push(format!("in {which}, {words}: figures that this leaves unknown are shown as –"));
        }
    }
    remarks
}

/// That a run is not what it was to be, in words.
fn cut_short(report: &Report) -> Option<String> {
    let why = match report.end.reason {
        Reason::Interrupted => "was interrupted",
        Reason::Condition => "was ended by a condition",
        Reason::Unreachable => "lost its server",
        Reason::Data => "ended since a call could not be made",
        Reason::Calls | Reason::Duration | Reason::Several => return None,
    };
    Some(format!("{why}, after {}", units::time(report.measured_ns)))
}

struct Sides<'a> {
    base: Vec<Seen<'a>>,
    new: Vec<Seen<'a>>,
}

/// A figure of all runs of a side; those in which there is none are left out. One that may be anything, since calls had no
/// answer, is beyond all others.
fn values(runs: &[Seen<'_>], figure: &Figure) -> Vec<f64> {
    let value = |seen: &Seen<'_>| {
        let high = || seen.number(figure).map(|known| known.high);
        if figure.is_of_calls() { seen.share(figure) } else { high() }
    };
    let mut values: Vec<f64> = runs.iter().filter_map(value).collect();
    values.sort_by(f64::total_cmp);
    values
}

impl Sample {
    /// Of values in order.
    fn of(values: &[f64], too_few: bool) -> Option<Self> {
        let (low, high) = (*values.first()?, *values.last()?);
        let value = median(values)?;
        value.is_finite().then_some(Self { value, low, high, runs: values.len(), too_few })
    }
}

impl Sides<'_> {
    fn row(&self, figure: &Figure) -> Row {
        let (base_values, new_values) = (values(&self.base, figure), values(&self.new, figure));
        let too_few = |runs: &[Seen<'_>]| runs.iter().any(|seen| seen.too_few(figure).is_some());
        let base = Sample::of(&base_values, too_few(&self.base));
        let new = Sample::of(&new_values, too_few(&self.new));
        let is_share = figure.is_of_calls();
        let change = base.zip(new).and_then(|(base, new)| {
            let apart = new.value - base.value;
            if is_share { Some(apart) } else { ratio(apart, base.value) }
        });
        // Which way to look is known only from what is seen, so chance has both ways to be so far off.
        let by_chance = chance(&base_values, &new_values).map(|often| (2.0 * often).min(1.0));
        let apart = base.zip(new).map_or(0.0, |(base, new)| new.value - base.value);
        let better = (apart > 0.0) == figure.is_better_when_more();
        let finding = match by_chance {
            _ if base.is_none() || new.is_none() => Finding::Unknown,
            _ if apart.abs() < f64::EPSILON => Finding::Same,
            None => Finding::Unknown,
            Some(often) if often > SIGNIFICANT => Finding::Noise,
            Some(_) if better => Finding::Better,
            Some(_) => Finding::Worse,
        };
        Row { figure: figure.to_string(), unit: unit(figure), base, new, change, chance: by_chance, finding }
    }

    /// Whether what must not be is not: what is not known, is; what may be noise, is not.
    fn check(&self, condition: &Condition) -> Check {
        if !condition.is_about_two() {
            let found = condition.look_at(&self.new);
            return Check {
                condition: condition.text.clone(),
                passed: found.holds == Some(false),
                found: found.words,
                too_few: found.too_few,
            };
        }
        let figure = &condition.figure;
        let row = self.row(figure);
        let often = chance(&values(&self.base, figure), &values(&self.new, figure));
        // A condition names the direction before anything is looked at.
        let often = if condition.operator.has_direction() { often } else { row.chance };
        let (passed, found) = match (row.base, row.new) {
            (Some(base), Some(new)) => verdict(condition, often, base, new),
            (None, _) => (false, unknown_of(figure, "the first", &self.base)),
            (_, None) => (false, unknown_of(figure, "the second", &self.new)),
        };
        let both = row.base.zip(row.new);
        let is_any_too_few = both.is_some_and(|(base, new)| base.too_few || new.too_few);
        let note = if is_any_too_few { "; of too few samples to tell" } else { "" };
        Check { condition: condition.text.clone(), passed, found: found + note, too_few: is_any_too_few }
    }
}

/// Why a figure of a side is not known: which of its runs it is of that say so.
fn unknown_of(figure: &Figure, side: &str, runs: &[Seen<'_>]) -> String {
    let open = runs.iter().fold(0, |sum: u64, seen| sum.saturating_add(seen.open()));
    let why = match open {
        0 => "no call ended in OK".to_owned(),
        open => format!("{} had no answer", units::many(open, "call")),
    };
    format!("{figure} of {side} is not known: {why}")
}

fn unit(figure: &Figure) -> Unit {
    if figure.is_of_calls() {
        Unit::Share
    } else if *figure == Figure::Rate {
        Unit::PerSecond
    } else {
        Unit::Nanoseconds
    }
}

/// Whether a change is one that may be, and what it is in words.
fn verdict(condition: &Condition, often: Option<f64>, base: Sample, new: Sample) -> (bool, String) {
    let figure = &condition.figure;
    let is_share = figure.is_of_calls();
    let apart = new.value - base.value;
    let limit = match condition.limit {
        Limit::Relative(part) => base.value * part,
        Limit::Beyond(apart) | Limit::Number(apart) | Limit::Share(apart) => apart,
    };
    let met = condition.operator.holds(apart, limit);
    let text = |number: f64| shown(figure, is_share, number);
    let mut words = format!("{figure} went from {} to {}, {}", text(base.value), text(new.value), {
        let sign = if apart < 0.0 { "-" } else { "+" };
        match ratio(apart.abs(), base.value) {
            Some(part) if !is_share => format!("{sign}{}", share(part)),
            _ if is_share => format!("{sign}{} points", units::number(apart.abs() * 100.0)),
            _ => format!("{sign}{}", text(apart.abs())),
        }
    });
    let noise = apart.abs() >= f64::EPSILON && often.is_some_and(|often| often > SIGNIFICANT);
    if let Some(often) = often.map(share)
        && (noise || met)
    {
        let word = if noise { "which may be noise" } else { "which is no noise" };
        words.push_str(&format!(", {word}: repeats of one thing are so far apart {often} of the time"));
    }
    (!met || noise, words)
}

#[cfg(test)]
mod tests;
