//! Value types of flags: durations, sizes.

use std::convert::Infallible;
use std::num::NonZeroUsize;
use std::time::Duration;

use crate::secrets::Secret;

/// Nobody waits longer, and clocks can still add it to what they show.
const LONGEST: Duration = Duration::from_secs(100 * 365 * 24 * 3600);

/// Reads `5s`, `300ms`, `1m 30s`, or a bare number of seconds such as `2.5`.
pub fn duration(text: &str) -> Result<Duration, String> {
    let duration = match text.parse::<f64>() {
        Ok(seconds) => Duration::try_from_secs_f64(seconds).ok(),
        Err(_) => humantime::parse_duration(text).ok(),
    };
    match duration {
        None => Err("write a duration such as 5s, 300ms, 1m30s or 2.5 (seconds)".to_owned()),
        Some(duration) if duration > LONGEST => Err("longer than 100 years".to_owned()),
        Some(duration) => Ok(duration),
    }
}

/// Reads a duration that is longer than nothing.
pub(super) fn positive_duration(text: &str) -> Result<Duration, String> {
    if text.strip_prefix('-').is_some_and(|rest| duration(rest).is_ok()) {
        return Err("it must be longer than nothing".to_owned());
    }
    match duration(text)? {
        Duration::ZERO => Err("it must be longer than nothing".to_owned()),
        duration => Ok(duration),
    }
}

/// Reads how many, where none makes no sense.
pub fn count(text: &str) -> Result<NonZeroUsize, String> {
    text.parse().map_err(|_| "write a number, 1 or more".to_owned())
}

/// Reads how many, with k, M or G (powers of 1000), such as `10k` or `1.5M`.
pub(super) fn amount(text: &str) -> Result<u64, String> {
    let wrong = || "write a number, such as 1000, 10k or 1M".to_owned();
    let (number, zeros) = match text.char_indices().last() {
        Some((at, 'k' | 'K')) => (text.get(..at).unwrap_or_default(), 3),
        Some((at, 'M')) => (text.get(..at).unwrap_or_default(), 6),
        Some((at, 'G')) => (text.get(..at).unwrap_or_default(), 9),
        _ => (text, 0),
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let digits =
        |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_');
    let empty = number.len() > whole.len() && !digits(fraction);
    if !digits(whole) || empty || fraction.len() > zeros {
        return Err(wrong());
    }
    let all = format!("{whole}{fraction:0<zeros$}").replace('_', "");
    all.parse().map_err(|_| if all.is_empty() { wrong() } else { "too large".to_owned() })
}

/// Reads what HTTP can carry as `:authority`.
pub(super) fn authority(text: &str) -> Result<String, String> {
    match text.parse::<http::uri::Authority>() {
        Ok(_) => Ok(text.to_owned()),
        Err(_) => Err("not a host with or without a port".to_owned()),
    }
}

/// Reads what can be a header's value.
pub(super) fn header_value(text: &str) -> Result<String, String> {
    match http::HeaderValue::from_str(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(_) => Err("there is a line break or another control character in it".to_owned()),
    }
}

/// Reads a limit in bytes, as [`bytes`] does; 0 is no limit.
pub fn size(text: &str) -> Result<usize, String> {
    match bytes(text)? {
        0 => Ok(usize::MAX),
        bytes => Ok(bytes),
    }
}

/// Reads a number of bytes, with K, M or G (powers of 1024; a `B` or `iB` may follow).
pub(super) fn bytes(text: &str) -> Result<usize, String> {
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, unit) = text.split_at(digits);
    let unit = unit.trim().to_ascii_lowercase();
    let shift = match unit.trim_end_matches('b').trim_end_matches('i') {
        "" => 0,
        "k" => 10,
        "m" => 20,
        "g" => 30,
        _ => return Err("write a number of bytes, such as 4194304, 4M or 64MiB".to_owned()),
    };
    let number: usize =
        number.parse().map_err(|_| "write a number of bytes, such as 4194304 or 4M".to_owned())?;
    number.checked_mul(1 << shift).ok_or_else(|| "too large".to_owned())
}

/// Reads how much room headers have. No less than HTTP/1.1 and HTTP/2 need for any answer, and no more than a length in
/// HTTP/2's settings can say.
pub(super) fn header_size(text: &str) -> Result<u32, String> {
    match size(text)? {
        ..1024 => Err("headers need at least 1K".to_owned()),
        usize::MAX => Ok(u32::MAX),
        bytes => u32::try_from(bytes).map_err(|_| "too large".to_owned()),
    }
}

/// Reads a flag's value that is not to be shown.
#[expect(clippy::unnecessary_wraps, reason = "the parser wants it so")]
pub(super) fn secret(text: &str) -> Result<Secret, Infallible> {
    Ok(Secret::new(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_written_as_people_do() {
        assert_eq!(duration("300ms"), Ok(Duration::from_millis(300)));
        assert_eq!(duration("2.5"), Ok(Duration::from_millis(2500)));
        assert_eq!(duration("1m 30s"), Ok(Duration::from_secs(90)));
        for wrong in ["", "-1", "soon", "1e30", "101y", "10000000000000000000", "5 parsecs", "inf", "nan"] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
        for none in ["0", "0ms", "-0", "-1s", "-2.5"] {
            assert_eq!(positive_duration(none), Err("it must be longer than nothing".to_owned()), "{none}");
        }
    }

    #[test]
    fn what_http_cannot_carry_is_refused() {
        assert_eq!(authority("api.example.com:443"), Ok("api.example.com:443".to_owned()));
        assert!(authority("a b").is_err());
        assert!(authority("").is_err());
        assert_eq!(header_value("mine/1.0 (test)"), Ok("mine/1.0 (test)".to_owned()));
        assert!(header_value("a\nb").is_err());
    }

    #[test]
    fn amounts_are_written_short() {
        for (text, number) in [
            ("0", 0),
            ("1000", 1000),
            ("1_000", 1000),
            ("10k", 10_000),
            ("1.5M", 1_500_000),
            ("2G", 2_000_000_000),
            ("0.001k", 1),
        ] {
            assert_eq!(amount(text), Ok(number), "{text}");
        }
        for wrong in [
            "",
            "k",
            "-1",
            "+1",
            "1.5",
            "1.",
            ".5k",
            "1.0001k",
            "1e3",
            "1 k",
            "_",
            "99999999999999999999",
            "99999999999999999G",
        ] {
            assert!(amount(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn sizes_have_units_and_zero_is_no_limit() {
        assert_eq!(size("4194304"), Ok(4 << 20));
        for text in ["4M", "4m", "4MB", "4MiB", "4 MiB"] {
            assert_eq!(size(text), Ok(4 << 20), "{text}");
        }
        assert_eq!(size("0"), Ok(usize::MAX));
        assert_eq!(bytes("0"), Ok(0));
        for wrong in ["", "M", "4T", "-1", "99999999999999999999", "18446744073709551615G"] {
            assert!(size(wrong).is_err(), "{wrong}");
        }
    }
}
