//! Timestamp and Duration as text: RFC 3339 in UTC, and seconds with an `s`.

use std::io::Write as _;

/// 0001-01-01T00:00:00Z and 9999-12-31T23:59:59Z, the range that timestamp.proto allows.
pub(super) const TIMESTAMP_SECONDS: std::ops::RangeInclusive<i64> = -62_135_596_800..=253_402_300_799;
/// About 10,000 years either way, the range that duration.proto allows.
pub(super) const DURATION_SECONDS: std::ops::RangeInclusive<i64> = -315_576_000_000..=315_576_000_000;
const NANOS_PER_SECOND: i32 = 1_000_000_000;

/// Writes a timestamp, quoted; or writes nothing and says why JSON has no form for it.
pub(super) fn timestamp(out: &mut Vec<u8>, seconds: i64, nanos: i32) -> Result<(), &'static str> {
    if !TIMESTAMP_SECONDS.contains(&seconds) {
        return Err("the timestamp is outside the years 0001 to 9999");
    }
    if !(0..NANOS_PER_SECOND).contains(&nanos) {
        return Err("the timestamp's nanos are outside 0 to 999999999");
    }
    let (year, month, day) = civil(seconds.div_euclid(86_400));
    let second = seconds.rem_euclid(86_400);
    let (h, m, s) = (second / 3600, second / 60 % 60, second % 60);
    let _ = write!(out, "\"{year:04}-{month:02}-{day:02}T{h:02}:{m:02}:{s:02}");
    fraction(out, nanos.unsigned_abs());
    out.extend_from_slice(b"Z\"");
    Ok(())
}

/// Writes a duration, quoted; or writes nothing and says why JSON has no form for it.
pub(super) fn duration(out: &mut Vec<u8>, seconds: i64, nanos: i32) -> Result<(), &'static str> {
    if !DURATION_SECONDS.contains(&seconds) {
        return Err("the duration is over 10,000 years");
    }
    if nanos <= -NANOS_PER_SECOND || nanos >= NANOS_PER_SECOND {
        return Err("the duration's nanos are outside -999999999 to 999999999");
    }
    if seconds.signum() * i64::from(nanos.signum()) < 0 {
        return Err("the duration's seconds and nanos have different signs");
    }
    let sign = if seconds < 0 || nanos < 0 { "-" } else { "" };
    let _ = write!(out, "\"{sign}{}", seconds.unsigned_abs());
    fraction(out, nanos.unsigned_abs());
    out.extend_from_slice(b"s\"");
    Ok(())
}

/// Writes no, three, six or nine digits, the fewest that lose nothing.
fn fraction(out: &mut Vec<u8>, nanos: u32) {
    let _ = match nanos {
        0 => Ok(()),
        _ if nanos.is_multiple_of(1_000_000) => write!(out, ".{:03}", nanos / 1_000_000),
        _ if nanos.is_multiple_of(1_000) => write!(out, ".{:06}", nanos / 1_000),
        _ => write!(out, ".{nanos:09}"),
    };
}

/// The proleptic Gregorian date of a day counted from 1970-01-01.
///
/// Years are counted from March, so that the leap day is a year's last, in eras of 400 years (146,097 days).
fn civil(day: i64) -> (i64, i64, i64) {
    let day = day + 719_468;
    let era = day.div_euclid(146_097);
    let of_era = day.rem_euclid(146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let march_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
    (era * 400 + year + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(write: impl FnOnce(&mut Vec<u8>) -> Result<(), &'static str>) -> Result<String, &'static str> {
        let mut out = Vec::new();
        let result = write(&mut out);
        assert_eq!(result.is_err(), out.is_empty(), "an error leaves nothing behind");
        result.map(|()| String::from_utf8(out).unwrap())
    }

    #[test]
    fn timestamps() {
        for (seconds, nanos, expected) in [
            (0, 0, "\"1970-01-01T00:00:00Z\""),
            (951_782_400, 0, "\"2000-02-29T00:00:00Z\""),
            (1_700_000_000, 500_000_000, "\"2023-11-14T22:13:20.500Z\""),
            (-1, 999_999_999, "\"1969-12-31T23:59:59.999999999Z\""),
            (0, 1_000, "\"1970-01-01T00:00:00.000001Z\""),
            (-62_135_596_800, 0, "\"0001-01-01T00:00:00Z\""),
            (253_402_300_799, 999_000_000, "\"9999-12-31T23:59:59.999Z\""),
        ] {
            assert_eq!(text(|out| timestamp(out, seconds, nanos)).unwrap(), expected);
        }
        for (seconds, nanos) in
            [(-62_135_596_801, 0), (253_402_300_800, 0), (i64::MIN, 0), (0, -1), (0, i32::MAX)]
        {
            assert!(text(|out| timestamp(out, seconds, nanos)).is_err());
        }
    }

    #[test]
    fn days_follow_one_another() {
        // Every first of a month from 1900 to 2100, against a plain count of days.
        let mut day = -25_567;
        for year in 1900..2100 {
            let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
            for (month, length) in
                (1..).zip([31, 28 + i64::from(leap), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
            {
                assert_eq!(civil(day), (year, month, 1));
                assert_eq!(civil(day + length - 1), (year, month, length));
                day += length;
            }
        }
    }

    #[test]
    fn durations() {
        for (seconds, nanos, expected) in [
            (0, 0, "\"0s\""),
            (1, 500_000_000, "\"1.500s\""),
            (-1, -1, "\"-1.000000001s\""),
            (0, -2_000, "\"-0.000002s\""),
            (315_576_000_000, 0, "\"315576000000s\""),
        ] {
            assert_eq!(text(|out| duration(out, seconds, nanos)).unwrap(), expected);
        }
        for (seconds, nanos) in [(315_576_000_001, 0), (i64::MIN, 0), (1, -1), (-1, 1), (0, i32::MIN + 1)] {
            assert!(text(|out| duration(out, seconds, nanos)).is_err());
        }
        assert!(text(|out| duration(out, 0, i32::MIN)).is_err());
    }
}
