//! Timestamp and Duration read from text: RFC 3339, and seconds with an `s`.

/// Seconds since 1970 and nanoseconds of a timestamp such as `2024-05-01T12:30:00.5+02:00`.
pub(in crate::message) fn timestamp(text: &str) -> Option<(i64, i32)> {
    let mut rest = Rest(text);
    let year = rest.digits(4)?;
    let month = rest.after('-')?.digits(2).filter(|month| (1..=12).contains(month))?;
    let day = rest.after('-')?.digits(2).filter(|day| (1..=days(year, month)).contains(day))?;
    let hour = rest.after('T')?.digits(2).filter(|hour| *hour < 24)?;
    let minute = rest.after(':')?.digits(2).filter(|minute| *minute < 60)?;
    let second = rest.after(':')?.digits(2).filter(|second| *second < 60)?;
    let nanos = if rest.after('.').is_some() { rest.fraction()? } else { 0 };
    let offset = match rest.sign() {
        Some(sign) => {
            let hours = rest.digits(2).filter(|hours| *hours < 24)?;
            let minutes = rest.after(':')?.digits(2).filter(|minutes| *minutes < 60)?;
            sign * (hours * 3600 + minutes * 60)
        }
        None => rest.after('Z').map(|_| 0)?,
    };
    let seconds = day_number(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second - offset;
    rest.0.is_empty().then_some((seconds, nanos))
}

/// Seconds and nanoseconds of a duration such as `-1.5s`, both with its sign.
pub(in crate::message) fn duration(text: &str) -> Option<(i64, i32)> {
    let text = text.strip_suffix('s')?;
    let (sign, text) = text.strip_prefix('-').map_or((1, text), |text| (-1, text));
    let (whole, fraction) = text.split_once('.').map_or((text, None), |(whole, rest)| (whole, Some(rest)));
    if whole.is_empty() || !whole.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let nanos = match fraction {
        Some(fraction) => {
            let mut rest = Rest(fraction);
            rest.fraction().filter(|_| rest.0.is_empty())?
        }
        None => 0,
    };
    // What no i64 holds is out of range all the more.
    let seconds: i64 = whole.parse().unwrap_or(i64::MAX);
    Some((i64::from(sign) * seconds, sign * nanos))
}

/// Text not read yet.
struct Rest<'t>(&'t str);

impl Rest<'_> {
    fn digits(&mut self, count: usize) -> Option<i64> {
        let (digits, rest) = self.0.split_at_checked(count)?;
        let all = digits.bytes().all(|byte| byte.is_ascii_digit());
        self.0 = rest;
        digits.parse().ok().filter(|_| all)
    }

    fn after(&mut self, c: char) -> Option<&mut Self> {
        self.0 = self.0.strip_prefix(c)?;
        Some(self)
    }

    fn sign(&mut self) -> Option<i64> {
        let (plus, minus) = (self.after('+').is_some(), self.after('-').is_some());
        (plus || minus).then_some(if plus { 1 } else { -1 })
    }

    /// Nanoseconds of a fraction of a second, of which nine digits count.
    fn fraction(&mut self) -> Option<i32> {
        let length = self.0.bytes().take_while(u8::is_ascii_digit).count();
        let (digits, rest) = self.0.split_at_checked(length).filter(|(digits, _)| !digits.is_empty())?;
        self.0 = rest;
        format!("{digits:0<9}").get(..9)?.parse().ok()
    }
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days(year: i64, month: i64) -> i64 {
    match month {
        2 => 28 + i64::from(is_leap(year)),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// The days from 1970-01-01 to a date: years counted from March, so that the leap day is a year's last.
fn day_number(year: i64, month: i64, day: i64) -> i64 {
    let year = if month > 2 { year } else { year - 1 };
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamps() {
        for (text, seconds, nanos) in [
            ("1970-01-01T00:00:00Z", 0, 0),
            ("2000-02-29T00:00:00Z", 951_782_400, 0),
            ("2023-11-14T22:13:20.5Z", 1_700_000_000, 500_000_000),
            ("2023-11-15T00:13:20+02:00", 1_700_000_000, 0),
            ("2023-11-14T20:43:20-01:30", 1_700_000_000, 0),
            ("1969-12-31T23:59:59.999999999Z", -1, 999_999_999),
            ("0001-01-01T00:00:00Z", -62_135_596_800, 0),
            ("9999-12-31T23:59:59.9999999999Z", 253_402_300_799, 999_999_999),
        ] {
            assert_eq!(timestamp(text), Some((seconds, nanos)), "{text}");
        }
        for text in [
            "",
            "yesterday",
            "2024-05-01",
            "2024-05-01 12:00:00Z",
            "2024-05-01t12:00:00Z",
            "2024-05-01T12:00:00",
            "2024-05-01T12:00:00z",
            "2024-05-01T12:00Z",
            "2024-02-30T12:00:00Z",
            "2023-02-29T12:00:00Z",
            "2024-13-01T12:00:00Z",
            "2024-05-01T24:00:00Z",
            "2024-05-01T12:00:00.Z",
            "2024-05-01T12:00:00+2:00",
            "2024-05-01T12:00:00+-2:00",
            "2024-05-01T12:00:00Z ",
            "+024-05-01T12:00:00Z",
            "é024-05-01T12:00:00Z",
        ] {
            assert_eq!(timestamp(text), None, "{text}");
        }
    }

    #[test]
    fn durations() {
        for (text, seconds, nanos) in [
            ("0s", 0, 0),
            ("1.5s", 1, 500_000_000),
            ("-1.000000001s", -1, -1),
            ("-0.5s", 0, -500_000_000),
            ("99999999999999999999s", i64::MAX, 0),
        ] {
            assert_eq!(duration(text), Some((seconds, nanos)), "{text}");
        }
        for text in ["", "s", "1", "1m", "1.s", ".5s", "+1s", "1 s", "--1s", "1.5e1s", "1.5.5s"] {
            assert_eq!(duration(text), None, "{text}");
        }
    }
}
