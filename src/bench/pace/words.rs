//! What flags say of a pace: `1000`, `0:1000:10s`, `100:10s,200:10s`.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use crate::bench::units;

/// How often, on average.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Rate(f64);

/// Nothing is made more often: that is a call a nanosecond.
const MOST: f64 = 1e9;

/// Nothing takes longer.
const LONGEST: Duration = Duration::from_secs(100 * 365 * 24 * 3600);

/// What is no pace.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PacingError {
    /// No rate.
    #[error("{0:?} is no rate: write calls a second, such as 1000, 2.5k or 0.5, or 90/m")]
    Rate(String),
    /// One that is none.
    #[error("a rate of nothing makes no calls")]
    Zero,
    /// One beyond what there is.
    #[error("{0} is more than a call a nanosecond")]
    TooMuch(String),
    /// No time.
    #[error("{0:?} is no time: write 10s, 1m30s or 2.5 (seconds)")]
    Time(String),
    /// A time in which nothing happens.
    #[error("a time must be longer than nothing")]
    NoTime,
    /// No ramp.
    #[error("write FROM:TO:TIME, such as 0:1000:30s")]
    Ramp,
    /// No steps.
    #[error("write RATE:TIME,RATE:TIME,…, such as 100:10s,200:10s")]
    Steps,
}

impl Rate {
    /// So many a second: none of what is negative, or beyond what there is.
    pub fn new(per_second: f64) -> Option<Self> {
        (0.0..=MOST).contains(&per_second).then_some(Self(per_second))
    }

    /// How often a second.
    pub fn per_second(self) -> f64 {
        self.0
    }

    /// One that may be none, as where a ramp begins.
    fn or_none(text: &str) -> Result<Self, PacingError> {
        let wrong = || PacingError::Rate(text.to_owned());
        let (number, seconds) = match text.trim().split_once('/') {
            None => (text.trim(), 1.0),
            Some((number, unit)) => {
                let seconds = match unit.trim() {
                    "s" | "sec" | "second" => 1.0,
                    "m" | "min" | "minute" => 60.0,
                    "h" | "hour" => 3600.0,
                    _ => return Err(wrong()),
                };
                (number.trim_end(), seconds)
            }
        };
        let (digits, times) = match number.char_indices().last() {
            Some((at, 'k' | 'K')) => (number.get(..at).unwrap_or_default(), 1e3),
            Some((at, 'M')) => (number.get(..at).unwrap_or_default(), 1e6),
            _ => (number, 1.0),
        };
        let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        let number: f64 = digits.parse().ok().filter(|_| plain).ok_or_else(wrong)?;
        Self::new(number * times / seconds).ok_or_else(|| PacingError::TooMuch(text.to_owned()))
    }
}

impl FromStr for Rate {
    type Err = PacingError;

    fn from_str(text: &str) -> Result<Self, PacingError> {
        let rate = Self::or_none(text)?;
        if rate.0 > 0.0 { Ok(rate) } else { Err(PacingError::Zero) }
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/s", units::exactly(self.0))
    }
}

fn time(text: &str) -> Result<Duration, PacingError> {
    let time = match text.parse::<f64>() {
        Ok(seconds) => Duration::try_from_secs_f64(seconds).ok(),
        Err(_) => humantime::parse_duration(text).ok(),
    };
    match time.filter(|time| *time <= LONGEST) {
        None => Err(PacingError::Time(text.to_owned())),
        Some(Duration::ZERO) => Err(PacingError::NoTime),
        Some(time) => Ok(time),
    }
}

/// A time in one word.
fn told(time: Duration) -> String {
    humantime::format_duration(time).to_string().replace(' ', "")
}

/// A rate that changes evenly from one to another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ramp {
    /// The rate at the beginning.
    pub from: Rate,
    /// The rate at the end, and from there on.
    pub to: Rate,
    /// How long it takes.
    pub time: Duration,
}

impl FromStr for Ramp {
    type Err = PacingError;

    fn from_str(text: &str) -> Result<Self, PacingError> {
        let parts: Vec<&str> = text.split(':').collect();
        let [from, to, length] = parts.as_slice() else { return Err(PacingError::Ramp) };
        let ramp = Self { from: Rate::or_none(from)?, to: Rate::or_none(to)?, time: time(length)? };
        if ramp.from.0 + ramp.to.0 > 0.0 { Ok(ramp) } else { Err(PacingError::Zero) }
    }
}

impl fmt::Display for Ramp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} to {} over {}", self.from, self.to, told(self.time))
    }
}

/// Rates, one after another, each for a time.
#[derive(Debug, Clone, PartialEq)]
pub struct Steps(Vec<(Rate, Duration)>);

impl Steps {
    /// All of them; there is one at least.
    pub fn all(&self) -> &[(Rate, Duration)] {
        &self.0
    }

    /// How long all of them take.
    pub fn time(&self) -> Duration {
        self.0.iter().fold(Duration::ZERO, |sum, (_, time)| sum.saturating_add(*time))
    }
}

impl FromStr for Steps {
    type Err = PacingError;

    fn from_str(text: &str) -> Result<Self, PacingError> {
        let step = |step: &str| {
            let (rate, length) = step.split_once(':').ok_or(PacingError::Steps)?;
            Ok((Rate::or_none(rate)?, time(length.trim())?))
        };
        let steps = text.split(',').map(step).collect::<Result<Vec<_>, PacingError>>()?;
        let any = steps.iter().any(|(rate, _)| rate.0 > 0.0);
        if any { Ok(Self(steps)) } else { Err(PacingError::Zero) }
    }
}

impl fmt::Display for Steps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (rate, time)) in self.0.iter().enumerate() {
            let comma = if index > 0 { ", " } else { "" };
            write!(f, "{comma}{rate} for {}", told(*time))?;
        }
        Ok(())
    }
}

/// The words of a pace, of which a schedule is made.
#[derive(Debug, Clone, PartialEq)]
pub enum Pacing {
    /// `--rate`.
    Rate(Rate),
    /// `--ramp`.
    Ramp(Ramp),
    /// `--steps`.
    Steps(Steps),
}

impl From<&Pacing> for super::Schedule {
    fn from(pacing: &Pacing) -> Self {
        match pacing {
            Pacing::Rate(rate) => Self::rate(*rate),
            Pacing::Ramp(ramp) => Self::ramp(ramp),
            Pacing::Steps(steps) => Self::steps(steps),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate(text: &str) -> Result<f64, PacingError> {
        text.parse::<Rate>().map(Rate::per_second)
    }

    #[test]
    fn rates_are_a_second_unless_they_say_otherwise() {
        for (text, expected) in [
            ("1000", 1000.0),
            ("2.5k", 2500.0),
            ("1M", 1e6),
            ("0.5", 0.5),
            ("90/m", 1.5),
            ("36k/h", 10.0),
            ("10 / s", 10.0),
        ] {
            assert_eq!(rate(text), Ok(expected), "{text}");
        }
        for text in ["", "k", "fast", "-1", "+1", "1e3", "nan", "inf", "1/d", "1..2", ".", "1 k", "1m"] {
            assert_eq!(rate(text), Err(PacingError::Rate(text.to_owned())), "{text}");
        }
        assert_eq!(rate("0"), Err(PacingError::Zero));
        assert_eq!(rate("1001M"), Err(PacingError::TooMuch("1001M".to_owned())));
        assert_eq!(
            rate(&"9".repeat(400)).map_err(|error| matches!(error, PacingError::TooMuch(_))),
            Err(true)
        );
    }

    #[test]
    fn ramps_and_steps_are_told_as_they_are_meant() {
        let told = |text: &str| text.parse::<Ramp>().map(|ramp| ramp.to_string());
        assert_eq!(told("0:1k:1m30s").as_deref(), Ok("0/s to 1,000/s over 1m30s"));
        assert_eq!(told("100:0:5").as_deref(), Ok("100/s to 0/s over 5s"));
        assert_eq!(told("1:2"), Err(PacingError::Ramp));
        assert_eq!(told("1:2:3:4"), Err(PacingError::Ramp));
        assert_eq!(told("1:2:soon"), Err(PacingError::Time("soon".to_owned())));
        assert_eq!(told("1:2:0s"), Err(PacingError::NoTime));
        assert_eq!(told("0:0:1s"), Err(PacingError::Zero));
        let told = |text: &str| text.parse::<Steps>().map(|steps| steps.to_string());
        assert_eq!(told("100:10s, 0:5s,200:10s").as_deref(), Ok("100/s for 10s, 0/s for 5s, 200/s for 10s"));
        assert_eq!(told("100"), Err(PacingError::Steps));
        assert_eq!(told("100:10s,"), Err(PacingError::Steps));
        assert_eq!(told("0:10s"), Err(PacingError::Zero));
        assert_eq!(told("x:10s"), Err(PacingError::Rate("x".to_owned())));
        assert_eq!("1:2s,3:4s".parse::<Steps>().unwrap().time(), Duration::from_secs(6));
    }
}
