//! `time.Time`: RFC 3339 with nanoseconds and offset, and Go's fifteen bytes.
//!
//! A version, the seconds since the year 1, the nanoseconds, and the minutes east of UTC, where -1 means UTC itself.

const SECONDS_TO_1970: i64 = 62_135_596_800;
const DAY: i64 = 86_400;
const NANOS: u32 = 1_000_000_000;

pub(super) fn bytes(text: &str) -> Option<Vec<u8>> {
    let (date, time) = text.split_once(['T', 't', ' '])?;
    let (year, month, day) = match date.split('-').collect::<Vec<_>>().as_slice() {
        [year, month, day] => (digits::<4>(year, 9999)?, digits::<2>(month, 12)?, digits::<2>(day, 31)?),
        _ => return None,
    };
    let zone = time.find(['Z', 'z', '+', '-'])?;
    let (time, zone) = time.split_at_checked(zone)?;
    let (time, fraction) = time.split_once('.').unwrap_or((time, "0"));
    let (hour, minute, second) = match time.split(':').collect::<Vec<_>>().as_slice() {
        [hour, minute, second] => {
            (digits::<2>(hour, 23)?, digits::<2>(minute, 59)?, digits::<2>(second, 59)?)
        }
        _ => return None,
    };
    let nanos = nanos(fraction)?;
    let offset = offset(zone)?;
    let days = days(year, month, day)?;
    let seconds = days * DAY + hour * 3600 + minute * 60 + second - i64::from(offset) * 60 + SECONDS_TO_1970;
    let mut out = vec![1];
    out.extend(seconds.to_be_bytes());
    out.extend(nanos.to_be_bytes());
    out.extend(if offset == 0 { -1 } else { offset }.to_be_bytes());
    Some(out)
}

pub(super) fn text(bytes: &[u8]) -> Option<String> {
    // The second version adds an offset's seconds, for which RFC 3339 has no place; the instant is the same.
    let (version, rest) = bytes.split_first()?;
    if !matches!((version, rest.len()), (1, 14) | (2, 15)) {
        return None;
    }
    let (seconds, rest) = rest.split_first_chunk::<8>()?;
    let (nanos, rest) = rest.split_first_chunk::<4>()?;
    let (offset, _) = rest.split_first_chunk::<2>()?;
    let nanos = u32::from_be_bytes(*nanos);
    let offset = match i16::from_be_bytes(*offset) {
        -1 => 0,
        offset => i64::from(offset),
    };
    if nanos >= NANOS || offset.abs() >= 24 * 60 {
        return None;
    }
    let local = i64::from_be_bytes(*seconds).checked_add(offset * 60)?.checked_sub(SECONDS_TO_1970)?;
    let (year, month, day) = civil(local.div_euclid(DAY))?;
    let second = local.rem_euclid(DAY);
    let mut out = format!(
        "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}",
        second / 3600,
        second / 60 % 60,
        second % 60
    );
    if nanos > 0 {
        let digits = format!("{nanos:09}");
        out = out + "." + digits.trim_end_matches('0');
    }
    if offset == 0 {
        out.push('Z');
    } else {
        let sign = if offset < 0 { '-' } else { '+' };
        out += &format!("{sign}{:02}:{:02}", offset.abs() / 60, offset.abs() % 60);
    }
    Some(out)
}

/// A number of exactly `N` digits.
fn digits<const N: usize>(text: &str, most: i64) -> Option<i64> {
    let digits = text.len() == N && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|number| digits && *number <= most)
}

fn nanos(fraction: &str) -> Option<u32> {
    if fraction.is_empty() || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    // Digits past the nanoseconds are dropped, as Go drops them.
    format!("{fraction:0<9}").get(..9)?.parse().ok()
}

fn offset(zone: &str) -> Option<i16> {
    if matches!(zone, "Z" | "z") {
        return Some(0);
    }
    let (sign, zone) = zone.split_at_checked(1)?;
    let (hours, minutes) = zone.split_once(':')?;
    let minutes = digits::<2>(hours, 23)? * 60 + digits::<2>(minutes, 59)?;
    let offset = i16::try_from(if sign == "-" { -minutes } else { minutes }).ok()?;
    // A minute west of UTC is what Go's encoding takes for UTC; no place ever had that offset.
    (offset != -1).then_some(offset)
}

/// The days from 1970-01-01 to a date of the Gregorian calendar.
///
/// Years are counted from March, so that the leap day is a year's last, in eras of 400 years (146,097 days).
fn days(year: i64, month: i64, day: i64) -> Option<i64> {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let length = match month {
        2 => 28 + i64::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    if !(1..=length).contains(&day) {
        return None;
    }
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    Some(era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468)
}

/// The date a number of days after 1970-01-01, in the years that RFC 3339 can write.
fn civil(day: i64) -> Option<(i64, i64, i64)> {
    let day = day.checked_add(719_468)?;
    let era = day.div_euclid(146_097);
    let of_era = day.rem_euclid(146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let march_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
    let year = era * 400 + year + i64::from(month <= 2);
    (0..=9999).contains(&year).then_some((year, month, day))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
    }

    #[test]
    fn times_are_the_bytes_that_go_makes() {
        for (time, expected) in [
            ("1970-01-01T00:00:00Z", "010000000e7791f70000000000ffff"),
            ("2023-11-15T03:43:20.123456789+05:30", "010000000edce5e800075bcd15014a"),
            ("2023-11-14T22:13:20.123456789Z", "010000000edce5e800075bcd15ffff"),
            ("0001-01-01T00:00:00Z", "01000000000000000000000000ffff"),
            ("2000-02-29T23:59:59.5-08:00", "010000000eb04ec4ff1dcd6500fe20"),
        ] {
            let bytes = bytes(time).unwrap();
            assert_eq!(hex(&bytes), expected, "{time}");
            assert_eq!(text(&bytes).unwrap(), time);
        }
        assert_eq!(bytes("1970-01-01T00:00:00+00:00"), bytes("1970-01-01 00:00:00.000z"));
    }

    #[test]
    fn an_offset_with_seconds_keeps_its_instant() {
        let odd = [2, 0, 0, 0, 0x0e, 0xdc, 0xe5, 0xe8, 0, 0, 0, 0, 0, 0xff, 0xc4, 0xff];
        assert_eq!(text(&odd).unwrap(), "2023-11-14T21:13:20-01:00");
    }

    #[test]
    fn what_is_no_time_is_none() {
        for bad in [
            "",
            "T",
            "2023-02-29T00:00:00Z",
            "2023-1-01T00:00:00Z",
            "2023-13-01T00:00:00Z",
            "2023-01-01",
            "é",
            "2023-01-01T24:00:00Z",
            "2023-01-01T00:00:00",
            "2023-01-01T00:00:00.Z",
            "2023-01-01T00:00:00+5:00",
            "2023-01-01T00:00:00-00:01",
            "2023-01-01T+1:00:00Z",
            "+023-01-01T00:00:00Z",
            "2023-01-01T00:00:00+é",
        ] {
            assert_eq!(bytes(bad), None, "{bad}");
        }
        for bad in [&[][..], &[1], &[3; 15], &[1; 16], &[1; 15], &[0x7f; 15]] {
            assert_eq!(text(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn every_day_comes_back() {
        for day in -719_528..2_932_897 {
            let (year, month, of_month) = civil(day).unwrap();
            assert_eq!(days(year, month, of_month), Some(day));
        }
        assert_eq!(civil(2_932_897), None);
    }
}
