//! What is to hold of a run, or to end it: `p99<20ms`, `errors>1%`; and of a run against another: `p99>+10%`.
//!
//! ```text
//! condition = figure operator [sign] number [unit]
//! ```
//!
//! docs/bench.md has the figures, the units, and what each is exactly.

mod found;
mod parse;
mod seen;

#[cfg(test)]
mod tests;

use std::fmt;
use std::str::FromStr;

use crate::session::Code;

pub use found::{Found, shown};
pub use parse::{Wrong, parse};
pub use seen::{Known, Seen, median};

/// A figure, what it is compared with, and how.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    /// As it was written.
    pub text: String,
    /// What is looked at.
    pub figure: Figure,
    /// How it is compared.
    pub operator: Operator,
    /// With what.
    pub limit: Limit,
}

/// What is looked at.
#[derive(Debug, Clone, PartialEq)]
pub enum Figure {
    /// A time of calls that ended in OK.
    Time(Since, Statistic),
    /// How many calls a second were answered.
    Rate,
    /// Calls that did not end in OK.
    Errors,
    /// Calls that were due and not made.
    Dropped,
    /// Calls that are under way: when all is over, those that had no answer.
    InFlight,
    /// How long the call that waited longest to be sent did so.
    Lag,
    /// Calls that ended in this status.
    Code(Code),
    /// Calls that ended without a status; those whose reason begins with this word, where there is one.
    Transport(&'static str),
}

/// From when a time counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Since {
    /// From when a call was due.
    Intended,
    /// From when it was sent.
    Actual,
}

/// Which of many times.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Statistic {
    /// The time that so many of a hundred did not exceed.
    Percentile(f64),
    /// The mean.
    Mean,
    /// The shortest.
    Min,
    /// The longest.
    Max,
}

/// How two numbers are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "as their names say")]
pub enum Operator {
    Less,
    AtMost,
    More,
    AtLeast,
    Equal,
    Unequal,
}

impl Operator {
    /// Whether it is about more or less, and not about any difference.
    pub fn has_direction(self) -> bool {
        !matches!(self, Self::Equal | Self::Unequal)
    }

    /// Whether it is so.
    pub fn holds(self, left: f64, right: f64) -> bool {
        match self {
            Self::Less => left < right,
            Self::AtMost => left <= right,
            Self::More => left > right,
            Self::AtLeast => left >= right,
            // Counts and nanoseconds are whole numbers.
            Self::Equal => (left - right).abs() < f64::EPSILON,
            Self::Unequal => (left - right).abs() >= f64::EPSILON,
        }
    }
}

/// What a figure is compared with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Limit {
    /// A time in nanoseconds, a rate, or a count.
    Number(f64),
    /// A share of all calls.
    Share(f64),
    /// So many times the figure of another run beyond that: 0.1 for `+10%`.
    Relative(f64),
    /// So much beyond the figure of another run; of a share, in shares.
    Beyond(f64),
}

impl Condition {
    /// Whether it takes another run to tell.
    pub fn is_about_two(&self) -> bool {
        matches!(self.limit, Limit::Relative(_) | Limit::Beyond(_))
    }

    /// Reads a condition of one run, as `--assert` and `--stop-on` take it.
    pub fn of_one(text: &str) -> Result<Self, Wrong> {
        let condition = parse(text)?;
        if condition.is_about_two() { Err(Wrong::of_two(text)) } else { Ok(condition) }
    }
}

impl FromStr for Condition {
    type Err = Wrong;

    fn from_str(text: &str) -> Result<Self, Wrong> {
        parse(text)
    }
}

/// As it was written.
impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Figure {
    /// Whether it is counted in calls, so that it may be told as a share of them.
    pub fn is_of_calls(&self) -> bool {
        matches!(self, Self::Errors | Self::Dropped | Self::InFlight | Self::Code(_) | Self::Transport(_))
    }

    /// Whether it is a time.
    pub fn is_time(&self) -> bool {
        matches!(self, Self::Time(..) | Self::Lag)
    }

    /// Whether more of it is better.
    pub fn is_better_when_more(&self) -> bool {
        matches!(self, Self::Rate | Self::Code(Code::OK))
    }
}

/// As it is written in a condition.
impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Time(since, statistic) => {
                if *since == Since::Actual {
                    f.write_str("actual.")?;
                }
                match statistic {
                    Statistic::Percentile(percentile) => write!(f, "p{percentile}"),
                    Statistic::Mean => f.write_str("mean"),
                    Statistic::Min => f.write_str("min"),
                    Statistic::Max => f.write_str("max"),
                }
            }
            Self::Rate => f.write_str("rate"),
            Self::Errors => f.write_str("errors"),
            Self::Dropped => f.write_str("dropped"),
            Self::InFlight => f.write_str("in_flight"),
            Self::Lag => f.write_str("lag"),
            Self::Code(code) => write!(f, "{code}"),
            Self::Transport("") => f.write_str("transport"),
            Self::Transport(class) => f.write_str(class),
        }
    }
}
