//! Whether a condition holds, and what was found, in words.

use super::{Condition, Figure, Known, Limit, Operator, Seen, Statistic};
use crate::bench::report::{Check, enough_for};
use crate::bench::units;

/// A part of a limit that is larger says no more than the two numbers do.
const LARGEST: f64 = 10.0;

/// Whether a condition holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Whether it does: none where nothing is known of its figure.
    pub holds: Option<bool>,
    /// What the figure is, and how far it is from the limit.
    pub words: String,
    /// Whether it is of too few samples to tell.
    pub too_few: bool,
}

impl Condition {
    /// Looks whether it holds.
    pub fn look(&self, seen: &Seen<'_>) -> Found {
        self.look_at(std::slice::from_ref(seen))
    }

    /// The same of the median of several runs.
    pub fn look_at(&self, runs: &[Seen<'_>]) -> Found {
        let limit = match self.limit {
            Limit::Number(limit) | Limit::Share(limit) | Limit::Relative(limit) | Limit::Beyond(limit) => {
                limit
            }
        };
        let all: Vec<Known> = runs.iter().filter_map(|seen| self.figure_of(seen)).collect();
        let known = Known::median(&all);
        let holds = known.and_then(|known| self.operator.holds_for(known, limit));
        let Some((known, holds)) = known.zip(holds) else {
            return Found { holds: None, words: unknown(&self.figure, runs), too_few: false };
        };
        let mut words = self.told(known, limit);
        if runs.iter().any(|seen| seen.is_about_open(&self.figure)) {
            words.push_str(&format!("; {} had no answer", units::many(open(runs), "call")));
        }
        let samples = runs.iter().filter_map(|seen| seen.too_few(&self.figure)).min();
        if let Some(samples) = samples {
            words.push_str(&format!("; of {}, too few to tell", units::many(samples, "sample")));
        }
        Found { holds: Some(holds), words, too_few: samples.is_some() }
    }

    /// The figure of one run, as the limit is told.
    fn figure_of(&self, seen: &Seen<'_>) -> Option<Known> {
        match self.limit {
            Limit::Number(_) => seen.number(&self.figure),
            Limit::Share(_) => seen.share(&self.figure).map(|share| Known { low: share, high: share }),
            Limit::Relative(_) | Limit::Beyond(_) => None,
        }
    }

    /// How many samples it takes to tell, where it is of a percentile.
    pub fn samples(&self) -> Option<u64> {
        match self.figure {
            Figure::Time(_, Statistic::Percentile(percentile)) => Some(enough_for(percentile)),
            _ => None,
        }
    }

    /// What the figure is, and how far that is from the limit.
    fn told(&self, known: Known, limit: f64) -> String {
        let shown = |number: f64| shown(&self.figure, matches!(self.limit, Limit::Share(_)), number);
        let (value, or_more) = if known.has_limit() { (known.high, "") } else { (known.low, " or more") };
        let mut words = format!("{} is {}{or_more}", self.figure, shown(value));
        let apart = (value - limit).abs();
        let exact = matches!(self.operator, Operator::Equal | Operator::Unequal);
        if !exact && shown(value) != shown(limit) {
            let which = if value > limit { "more" } else { "less" };
            if matches!(self.limit, Limit::Share(_)) {
                words.push_str(&format!(", {} points", units::number(apart * 100.0)));
            } else {
                words.push_str(&format!(", {}", shown(apart)));
                if let Some(part) = units::ratio(apart, limit.abs()).filter(|part| *part <= LARGEST) {
                    words.push_str(&format!(" ({})", units::share(part)));
                }
            }
            words.push_str(&format!(" {which} than {}", shown(limit)));
        }
        words
    }

    /// A check that it holds: what is not known does not.
    pub fn check(&self, seen: &Seen<'_>) -> Check {
        let Found { holds, words, too_few } = self.look(seen);
        Check { condition: self.text.clone(), passed: holds == Some(true), found: words, too_few }
    }

    /// Whether it is known to hold, as what ends a run has to be.
    pub fn is_met(&self, seen: &Seen<'_>) -> bool {
        self.look(seen).holds == Some(true)
    }
}

impl Operator {
    /// Whether it is so wherever the number lies that is not known exactly; none where it is so for some and not for
    /// others.
    fn holds_for(self, known: Known, limit: f64) -> Option<bool> {
        let (low, high) = (self.holds(known.low, limit), self.holds(known.high, limit));
        // What lies between is the limit, or is not.
        let may_meet = known.low < limit && limit < known.high;
        let is_about_meeting = matches!(self, Self::Equal | Self::Unequal);
        (low == high && !(is_about_meeting && may_meet)).then_some(low)
    }
}

/// How many calls of all these runs have no answer.
fn open(runs: &[Seen<'_>]) -> u64 {
    runs.iter().fold(0, |sum: u64, seen| sum.saturating_add(seen.open()))
}

/// Why a figure is not known.
fn unknown(figure: &Figure, runs: &[Seen<'_>]) -> String {
    let over = runs.iter().fold(0, |sum: u64, seen| sum.saturating_add(seen.over()));
    let why = match (open(runs), over) {
        (0, 0) => "no call ended".to_owned(),
        (0, _) => "no call ended in OK".to_owned(),
        (open, _) => format!("{} had no answer", units::many(open, "call")),
    };
    format!("{figure} is not known: {why}")
}

/// A figure's number in its unit.
pub fn shown(figure: &Figure, is_share: bool, number: f64) -> String {
    if is_share {
        units::share(number)
    } else if figure.is_time() {
        units::time_of(number)
    } else if *figure == Figure::Rate {
        units::rate(number)
    } else {
        units::count(units::whole(number))
    }
}
