//! Whether a condition holds, and what was found, in words.

use super::{Condition, Figure, Known, Limit, Operator, Seen};
use crate::bench::report::Check;
use crate::bench::units;

/// Whether a condition holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Whether it does: none where nothing is known of its figure.
    pub holds: Option<bool>,
    /// What the figure is, and how far it is from the limit.
    pub words: String,
}

impl Condition {
    /// Looks whether it holds.
    pub fn look(&self, seen: &Seen<'_>) -> Found {
        let (known, limit) = match self.limit {
            Limit::Number(limit) => (seen.number(&self.figure), limit),
            Limit::Share(limit) => {
                let share = seen.share(&self.figure);
                (share.map(|share| Known { low: share, high: share }), limit)
            }
            Limit::Relative(_) | Limit::Beyond(_) => (None, 0.0),
        };
        let holds = known.and_then(|known| self.operator.holds_for(known, limit));
        let Some((known, holds)) = known.zip(holds) else {
            return Found { holds: None, words: unknown(&self.figure, seen) };
        };
        let mut words = self.told(known, limit);
        if seen.is_about_open(&self.figure) {
            words.push_str(&format!("; {} had no answer", units::many(seen.open(), "call")));
        }
        Found { holds: Some(holds), words }
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
            words.push_str(&format!(", {}", shown(apart)));
            if let Some(part) = units::ratio(apart, limit.abs()) {
                words.push_str(&format!(" ({})", units::share(part)));
            }
            words.push_str(&format!(" {which} than {}", shown(limit)));
        }
        words
    }

    /// A check that it holds: what is not known does not.
    pub fn check(&self, seen: &Seen<'_>) -> Check {
        let Found { holds, words } = self.look(seen);
        Check { condition: self.text.clone(), passed: holds == Some(true), found: words }
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

/// Why a figure is not known.
fn unknown(figure: &Figure, seen: &Seen<'_>) -> String {
    let why = match (seen.open(), seen.over()) {
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
