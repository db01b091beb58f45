//! Whether a condition holds, and what was found, in words.

use super::{Condition, Figure, Limit, Operator, Seen};
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
        let (value, limit) = match self.limit {
            Limit::Number(limit) => (seen.number(&self.figure), limit),
            Limit::Share(limit) => (seen.share(&self.figure), limit),
            Limit::Relative(_) | Limit::Beyond(_) => (None, 0.0),
        };
        let Some(value) = value else {
            let why = if seen.over() == 0 { "no call ended" } else { "no call ended in OK" };
            return Found { holds: None, words: format!("{} is not known: {why}", self.figure) };
        };
        let shown = |number: f64| shown(&self.figure, matches!(self.limit, Limit::Share(_)), number);
        let mut words = format!("{} is {}", self.figure, shown(value));
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
        Found { holds: Some(self.operator.holds(value, limit)), words }
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
