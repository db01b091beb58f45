//! When calls were made once: a file of moments, one a line.

use std::fmt;
use std::sync::Arc;

use crate::bench::units::many;
use crate::chars::beginning;
use crate::message::json;

/// Moments at which calls were made, from the first on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replay {
    moments: Arc<[u64]>,
    /// How much faster they are made now, where they are.
    speed: Option<String>,
}

/// Why there is nothing to replay.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct ReplayError {
    /// Where.
    pub line: usize,
    /// What is wrong there.
    pub problem: ReplayProblem,
}

/// What is wrong with a line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReplayProblem {
    /// It is no moment.
    #[error(
        "{0:?} is no moment: write seconds (0.125), RFC 3339 (2026-03-01T10:00:00.125Z), or milliseconds since 1970"
    )]
    NoMoment(String),
    /// It is one of another kind than those before it.
    #[error("{0:?} is written otherwise than the moments before it")]
    OtherKind(String),
    /// It is too far from the others.
    #[error("{0:?} is more than 100 years from the first")]
    TooFar(String),
    /// There is none.
    #[error("there is no moment in it")]
    Empty,
    /// The bytes are no text.
    #[error("not valid UTF-8")]
    Encoding,
}

/// How moments are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// With or without a fraction; since when does not matter.
    Seconds,
    Rfc3339,
    /// A number since 1970 that no seconds reach: milli-, micro- or nanoseconds, by its digits.
    Since1970,
}

const SECOND: i128 = 1_000_000_000;
const LONGEST: i128 = 100 * 365 * 24 * 3600 * SECOND;

impl Replay {
    /// Reads a file of moments, one a line, blank lines and `#` comments aside. They need not be in order. `speed` is how
    /// many times faster they are to be made.
    pub fn read(file: &[u8], speed: f64) -> Result<Self, ReplayError> {
        let (mut form, mut moments) = (None, Vec::new());
        let mut last = 1;
        for (bytes, line) in file.split(|&byte| byte == b'\n').zip(1..) {
            let wrong = |problem| ReplayError { line, problem };
            let text = str::from_utf8(bytes).map_err(|_| wrong(ReplayProblem::Encoding))?;
            let text = if line == 1 { text.trim_start_matches('\u{feff}') } else { text }.trim();
            if text.is_empty() || text.starts_with('#') {
                continue;
            }
            let (moment, own) = moment(text).ok_or_else(|| wrong(ReplayProblem::NoMoment(shown(text))))?;
            if *form.get_or_insert(own) != own {
                return Err(wrong(ReplayProblem::OtherKind(shown(text))));
            }
            if moments.first().is_some_and(|first: &i128| (moment - first).abs() > LONGEST) {
                return Err(wrong(ReplayProblem::TooFar(shown(text))));
            }
            moments.push(moment);
            last = line;
        }
        moments.sort_unstable();
        let first = *moments.first().ok_or(ReplayError { line: last, problem: ReplayProblem::Empty })?;
        let moments = moments.into_iter().map(|moment| scaled(moment - first, speed)).collect();
        Ok(Self { moments, speed: (speed.to_bits() != 1.0_f64.to_bits()).then(|| format!("{speed}")) })
    }

    pub(super) fn moments(&self) -> &Arc<[u64]> {
        &self.moments
    }
}

impl fmt::Display for Replay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", many(self.moments.len() as u64, "recorded call"))?;
        match &self.speed {
            Some(speed) => write!(f, " at {speed} times the speed"),
            None => Ok(()),
        }
    }
}

/// A moment in nanoseconds, and how it is written.
fn moment(text: &str) -> Option<(i128, Form)> {
    if let Some((seconds, nanos)) = json::moment(text) {
        return Some((i128::from(seconds) * SECOND + i128::from(nanos), Form::Rfc3339));
    }
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || whole.len() > 20 || !digits(whole) || !digits(fraction) {
        return None;
    }
    let number: i128 = whole.parse().ok()?;
    // Seconds had ten digits since 2001, and have them until 2286.
    let unit = match whole.len() {
        ..12 => SECOND,
        12..15 => 1_000_000,
        15..18 => 1_000,
        _ => 1,
    };
    // Digits past the nanoseconds are dropped.
    let nanos: i128 = format!("{fraction:0<9}").get(..9)?.parse().ok()?;
    let form = if unit == SECOND { Form::Seconds } else { Form::Since1970 };
    Some((number * unit + nanos * unit / SECOND, form))
}

#[allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "what is told apart within nanoseconds is days, and nothing is before the first"
)]
fn scaled(nanos: i128, speed: f64) -> u64 {
    if speed.to_bits() == 1.0_f64.to_bits() {
        return u64::try_from(nanos).unwrap_or_default();
    }
    (nanos as f64 / speed).round() as u64
}

/// As much of a line as tells which one is meant.
fn shown(text: &str) -> String {
    beginning(text, 40)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<u64>, ReplayError> {
        Replay::read(text.as_bytes(), 1.0).map(|replay| replay.moments.to_vec())
    }

    #[test]
    fn moments_are_read_as_logs_have_them() {
        for text in [
            "0\n0.125\n2",
            "\u{feff}1700000000\r\n# later\r\n1700000000.125\r\n\r\n1700000002\r\n",
            "2026-03-01T10:00:00Z\n2026-03-01T11:00:00.125+01:00\n2026-03-01T10:00:02Z\n",
            "1700000000000\n1700000000125\n1700000002000",
            "1700000000000000\n1700000000125000\n1700000002000000",
            "1700000000000000000\n1700000000125000000\n1700000002000000000",
            "2\n0.125000000999999\n0",
        ] {
            assert_eq!(read(text), Ok(vec![0, 125_000_000, 2_000_000_000]), "{text}");
        }
        let faster = Replay::read(b"10\n11\n14", 4.0).unwrap();
        assert_eq!(faster.moments.to_vec(), [0, 250_000_000, 1_000_000_000]);
        assert_eq!(faster.to_string(), "3 recorded calls at 4 times the speed");
    }

    #[test]
    fn what_is_no_moment_is_told_with_its_line() {
        let error = |text: &str| read(text).unwrap_err().to_string();
        assert_eq!(
            error("1\n\nsoon"),
            "line 3: \"soon\" is no moment: write seconds (0.125), RFC 3339 (2026-03-01T10:00:00.125Z), or milliseconds since 1970"
        );
        assert_eq!(
            error("1.5\n1700000000000"),
            "line 2: \"1700000000000\" is written otherwise than the moments before it"
        );
        assert_eq!(error("0\n99999999999"), "line 2: \"99999999999\" is more than 100 years from the first");
        assert_eq!(error("\n# none\n"), "line 1: there is no moment in it");
        assert_eq!(Replay::read(b"1\n\xff", 1.0).unwrap_err().to_string(), "line 2: not valid UTF-8");
        for wrong in ["-1", "1e3", ".", ".5", "1.x", "99999999999999999999999999999999999999999", "1 2"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
