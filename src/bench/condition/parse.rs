//! Conditions, read.

use std::fmt;

use super::{Condition, Figure, Limit, Operator, Since, Statistic};
use crate::session::Code;

/// Why a text is no condition, and where it stops being one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    text: String,
    /// How many characters stand before the place.
    at: usize,
    problem: String,
}

impl Wrong {
    /// For one that needs another run, where there is none.
    pub(super) fn of_two(text: &str) -> Self {
        let at = text.chars().take_while(|c| !matches!(c, '+' | '-')).count();
        let problem =
            "a sign compares with another run, as rpcctl bench compare does: leave it out".to_owned();
        Self { text: text.to_owned(), at, problem }
    }
}

/// What is wrong, and the place under the text.
impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown: String = self.text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        write!(f, "{}\n  {}\n  {:column$}^", self.problem, shown.trim_end(), "", column = self.at)
    }
}

impl std::error::Error for Wrong {}

/// Reads a condition.
pub fn parse(text: &str) -> Result<Condition, Wrong> {
    let mut reader = Reader { text, rest: text };
    reader.blanks();
    let figure = reader.figure()?;
    reader.blanks();
    let operator = reader.operator(&figure)?;
    reader.blanks();
    let limit = reader.limit(&figure)?;
    reader.blanks();
    if !reader.rest.is_empty() {
        return Err(reader.wrong("nothing may stand behind it; another condition is another flag"));
    }
    Ok(Condition { text: text.trim().to_owned(), figure, operator, limit })
}

/// What stands for itself.
const WORDS: [(&str, Figure); 12] = [
    ("rate", Figure::Rate),
    ("errors", Figure::Errors),
    ("dropped", Figure::Dropped),
    ("in_flight", Figure::InFlight),
    ("lag", Figure::Lag),
    ("transport", Figure::Transport("")),
    ("connect", Figure::Transport("connect")),
    ("reset", Figure::Transport("reset")),
    ("goaway", Figure::Transport("goaway")),
    ("lost", Figure::Transport("lost")),
    ("deadline", Figure::Transport("deadline")),
    ("broken", Figure::Transport("broken")),
];

/// All there are.
const FIGURES: &str = "p50 to p99.99, mean, min, max, lag, rate, errors, dropped, in_flight, names of statuses, transport, \
                       connect, reset, goaway, lost, deadline and broken";

/// Times in nanoseconds.
const TIMES: [(&str, f64); 7] =
    [("ns", 1.0), ("us", 1e3), ("µs", 1e3), ("μs", 1e3), ("ms", 1e6), ("s", 1e9), ("m", 6e10)];

struct Reader<'t> {
    text: &'t str,
    rest: &'t str,
}

impl<'t> Reader<'t> {
    /// What is wrong with what comes next.
    fn wrong(&self, problem: impl Into<String>) -> Wrong {
        self.wrong_at(self.rest, problem)
    }

    /// What is wrong with a place, which the text from there stands for.
    fn wrong_at(&self, place: &str, problem: impl Into<String>) -> Wrong {
        let before = self.text.len() - place.len();
        let at = self.text.get(..before).map_or(0, |before| before.chars().count());
        Wrong { text: self.text.to_owned(), at, problem: problem.into() }
    }

    fn blanks(&mut self) {
        self.rest = self.rest.trim_start();
    }

    /// All that comes next of such characters.
    fn take(&mut self, of: impl Fn(char) -> bool) -> &'t str {
        let end = self.rest.find(|c| !of(c)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at(end);
        self.rest = rest;
        taken
    }

    fn figure(&mut self) -> Result<Figure, Wrong> {
        let place = self.rest;
        let word = self.take(|c| c.is_alphanumeric() || matches!(c, '.' | '_' | '-'));
        if word.is_empty() {
            return Err(self.wrong_at(place, "a figure has to stand here, such as p99, errors or rate"));
        }
        named(word).ok_or_else(|| {
            let problem = match similar(word) {
                Some(name) => format!("there is no figure {word}; did you mean {name}?"),
                None => format!("there is no figure {word}; there are {FIGURES}"),
            };
            self.wrong_at(place, problem)
        })
    }

    fn operator(&mut self, figure: &Figure) -> Result<Operator, Wrong> {
        let place = self.rest;
        match self.take(|c| "<>=!".contains(c)) {
            "<" => Ok(Operator::Less),
            "<=" | "=<" => Ok(Operator::AtMost),
            ">" => Ok(Operator::More),
            ">=" | "=>" => Ok(Operator::AtLeast),
            "=" | "==" => Ok(Operator::Equal),
            "!=" => Ok(Operator::Unequal),
            _ => Err(self.wrong_at(place, format!("{figure} has to be compared: <, <=, >, >=, == or !="))),
        }
    }

    fn limit(&mut self, figure: &Figure) -> Result<Limit, Wrong> {
        let start = self.rest;
        let sign = match self.rest.chars().next() {
            Some('+') => Some(1.0),
            Some('-') => Some(-1.0),
            _ => None,
        };
        if sign.is_some() {
            self.rest = self.rest.get(1..).unwrap_or_default();
        }
        let place = self.rest;
        let digits = self.take(|c| c.is_ascii_digit() || matches!(c, '.' | '_' | ','));
        let number = digits.replace(['_', ','], "").parse::<f64>().ok().filter(|number| number.is_finite());
        let Some(number) = number else {
            let example = example(figure);
            return Err(self.wrong_at(place, format!("a number has to stand here, such as {example}")));
        };
        self.blanks();
        let unit_place = self.rest;
        let unit = self.take(|c| c.is_alphabetic() || matches!(c, '%' | '/'));
        let number = self.in_unit(figure, number, unit, unit_place, sign.is_some())?;
        let limit = match (sign, unit) {
            (None, "%") => Limit::Share(number),
            (None, _) => Limit::Number(number),
            (Some(sign), "%") if !figure.is_of_calls() => Limit::Relative(sign * number),
            (Some(sign), _) => Limit::Beyond(sign * number),
        };
        if sign.is_some() && figure.is_of_calls() && unit != "%" {
            return Err(self.wrong_at(
                start,
                format!("runs are compared by the share of their calls: {figure}>+0.1%, in points of it"),
            ));
        }
        Ok(limit)
    }

    /// The number in what figures are in: nanoseconds, calls a second, calls, shares.
    fn in_unit(
        &self,
        figure: &Figure,
        number: f64,
        unit: &str,
        place: &str,
        signed: bool,
    ) -> Result<f64, Wrong> {
        let example = example(figure);
        if unit == "%" {
            return if signed || figure.is_of_calls() {
                Ok(number / 100.0)
            } else {
                Err(self.wrong_at(
                    place,
                    format!("{figure} is no share: write it as {example}; against another run, +10%"),
                ))
            };
        }
        if figure.is_time() {
            return match TIMES.iter().find(|(name, _)| *name == unit) {
                Some((_, nanos)) => Ok(number * nanos),
                None => Err(self.wrong_at(
                    place,
                    format!("a time has a unit, ns, us, ms, s or m: write it as {example}"),
                )),
            };
        }
        let unit = if *figure == Figure::Rate { unit.strip_suffix("/s").unwrap_or(unit) } else { unit };
        let number = match unit {
            "" => number,
            "k" | "K" => number * 1e3,
            "M" => number * 1e6,
            _ => {
                return Err(
                    self.wrong_at(place, format!("that is no unit of {figure}: write it as {example}"))
                );
            }
        };
        // There is no part of a call: who writes 0.1 means a share of them.
        if figure.is_of_calls() && !signed && number.fract() != 0.0 {
            let problem = format!("calls are counted in whole numbers; of a share of them, write {number}%");
            return Err(self.wrong_at(place, problem));
        }
        Ok(number)
    }
}

/// A limit of this figure, as it may be written.
fn example(figure: &Figure) -> &'static str {
    match figure {
        Figure::Time(..) | Figure::Lag => "20ms",
        Figure::Rate => "1000 or 1000/s",
        _ => "0.1% or 5",
    }
}

/// The figure of this name.
fn named(word: &str) -> Option<Figure> {
    let lower = word.to_ascii_lowercase();
    if let Some((_, figure)) = WORDS.iter().find(|(name, _)| *name == lower) {
        return Some(figure.clone());
    }
    let (since, rest) = if let Some(rest) = lower.strip_prefix("actual.") {
        (Since::Actual, rest)
    } else {
        (Since::Intended, lower.strip_prefix("intended.").unwrap_or(&lower))
    };
    let statistic = match rest {
        "mean" | "avg" | "average" => Some(Statistic::Mean),
        "min" => Some(Statistic::Min),
        "max" => Some(Statistic::Max),
        "median" => Some(Statistic::Percentile(50.0)),
        _ => percentile(rest).map(Statistic::Percentile),
    };
    statistic.map(|statistic| Figure::Time(since, statistic)).or_else(|| code(word).map(Figure::Code))
}

/// `p99.9`, and `p99_9` as reports have it.
fn percentile(word: &str) -> Option<f64> {
    let digits = word.strip_prefix('p')?.replace('_', ".");
    let percentile: f64 = digits.parse().ok()?;
    (percentile > 0.0 && percentile < 100.0).then_some(percentile)
}

/// A status by its name, as the specification or Go writes it.
fn code(word: &str) -> Option<Code> {
    let bare = |name: &str| name.replace('_', "").to_ascii_lowercase();
    let wanted = bare(word);
    let wanted = if wanted == "canceled" { "cancelled" } else { wanted.as_str() };
    (0..=16).map(Code).find(|code| code.name().is_some_and(|name| bare(name) == wanted))
}

/// The name of a figure that was meant, maybe.
fn similar(word: &str) -> Option<String> {
    let lower = word.to_ascii_lowercase();
    let words = WORDS.iter().map(|(name, _)| (*name).to_owned());
    let times = ["mean", "min", "max", "p50", "p90", "p95", "p99", "p99.9"].map(str::to_owned);
    let codes = (0..=16).filter_map(|code| Code(code).name().map(str::to_owned));
    let all = words.chain(times).chain(codes);
    let near = all.map(|name| (strsim::osa_distance(&name.to_ascii_lowercase(), &lower), name));
    near.filter(|(distance, name)| distance * 3 <= name.len()).min().map(|(_, name)| name)
}
