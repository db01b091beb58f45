//! Numbers in the units that suit them, with as many digits as anybody reads.

use std::time::Duration;

/// A count as a number that can be divided.
#[allow(
    clippy::cast_precision_loss,
    reason = "so much is lost of a count only where it is beyond all counting"
)]
pub fn float(count: u64) -> f64 {
    count as f64
}

/// A number as a count; what is none, or below none, is none.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the cast stops at either end")]
pub fn whole(number: f64) -> u64 {
    number.round() as u64
}

/// One by the other; none where there is nothing to divide by.
pub fn ratio(part: f64, all: f64) -> Option<f64> {
    (all > 0.0).then(|| part / all)
}

/// A time in whole nanoseconds; more than five hundred years are as many.
pub fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

/// Nanoseconds as seconds.
pub fn seconds(nanos: u64) -> f64 {
    float(nanos) / 1e9
}

/// Three digits, and all of what is before the point.
fn three(number: f64) -> String {
    let size = number.abs();
    if size >= 99.95 || number == 0.0 {
        grouped(number)
    } else if size >= 9.995 {
        format!("{number:.1}")
    } else if size >= 0.01 {
        format!("{number:.2}")
    } else {
        // Two digits, wherever they begin.
        let places = (3..12).find(|&places| size * 10_f64.powi(places) >= 9.95).unwrap_or(12);
        format!("{number:.0$}", usize::try_from(places).unwrap_or_default())
    }
}

/// A whole number with commas between its thousands.
fn grouped(number: f64) -> String {
    let sign = if number < -0.5 { "-" } else { "" };
    format!("{sign}{}", count(whole(number.abs())))
}

/// A count with commas between its thousands: `1,042,310`.
pub fn count(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A number with commas between the thousands of what is whole in it, and all that is behind its point.
pub fn exactly(number: f64) -> String {
    let text = number.to_string();
    let (whole, part) = text.split_at(text.find('.').unwrap_or(text.len()));
    whole.parse().map_or_else(|_| text.clone(), |whole| format!("{}{part}", count(whole)))
}

/// A count and what is counted: `1 call`, `12 calls`.
pub fn many(number: u64, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{} {what}s", count(number)) }
}

/// A time in the unit that suits it: `123 ns`, `1.23 ms`, `61.2 s`.
pub fn time(nanos: u64) -> String {
    time_of(float(nanos))
}

/// The same of a time that may be a part of a nanosecond, or less than nothing.
pub fn time_of(nanos: f64) -> String {
    const UNITS: [(f64, &str); 3] = [(1.0, "ns"), (1e3, "µs"), (1e6, "ms")];
    let fit = UNITS.iter().find(|(unit, _)| nanos.abs() / unit < 999.5);
    let (unit, name) = fit.copied().unwrap_or((1e9, "s"));
    if unit <= 1.0 { format!("{nanos:.0} {name}") } else { format!("{} {name}", three(nanos / unit)) }
}

/// A rate: `104,231/s`.
pub fn rate(rate: f64) -> String {
    format!("{}/s", three(rate))
}

/// A number by itself.
pub fn number(number: f64) -> String {
    three(number)
}

/// A share: `99.9 %`. What is not all is never told as all.
pub fn share(share: f64) -> String {
    let percent = share * 100.0;
    if (99.95..100.0).contains(&percent) {
        // As many nines as it has, and no more digits than anybody reads.
        let places = (3..9).find(|&places| (100.0 - percent) >= 0.5 * 10_f64.powi(-places));
        return places.map_or_else(
            || "100 %".to_owned(),
            |places| format!("{percent:.0$} %", usize::try_from(places).unwrap_or(1)),
        );
    }
    format!("{} %", three(percent))
}

/// So many bytes: `45.1 MiB`.
pub fn bytes(bytes: u64) -> String {
    if bytes == 1 { "1 byte".to_owned() } else { bytes_of(float(bytes)) }
}

/// The same of a number that may have a part of one.
pub fn bytes_of(bytes: f64) -> String {
    const UNITS: [(f64, &str); 4] =
        [(1.0, "bytes"), (1024.0, "KiB"), (1_048_576.0, "MiB"), (1_073_741_824.0, "GiB")];
    let fit = UNITS.iter().find(|(unit, _)| bytes / unit < 1023.95);
    let (unit, name) = fit.copied().unwrap_or((1_099_511_627_776.0, "TiB"));
    if unit <= 1.0 { format!("{bytes:.0} {name}") } else { format!("{} {name}", three(bytes / unit)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_three_digits_and_a_unit() {
        let shown: Vec<String> =
            [0, 999, 1_000, 1_234_567, 999_499_999, 999_500_000, 61_234_000_000, 7_200_000_000_000]
                .map(time)
                .into();
        assert_eq!(shown, ["0 ns", "999 ns", "1.00 µs", "1.23 ms", "999 ms", "1.00 s", "61.2 s", "7,200 s"]);
        assert_eq!(time_of(-1_500_000.0), "-1.50 ms");
    }

    #[test]
    fn counts_rates_shares_and_bytes() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(count), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!([0.5, 1000.0, 12_345.25].map(exactly), ["0.5", "1,000", "12,345.25"]);
        assert_eq!(exactly(1e300).len(), 301);
        assert_eq!((many(1, "call"), many(1_200, "call")), ("1 call".to_owned(), "1,200 calls".to_owned()));
        assert_eq!([0.0, 0.25, 9.999, 104_230.7].map(rate), ["0/s", "0.25/s", "10.0/s", "104,231/s"]);
        assert_eq!(
            [0.0, 0.5, 0.999, 1.0, 0.000_01].map(share),
            ["0 %", "50.0 %", "99.9 %", "100 %", "0.0010 %"]
        );
        assert_eq!([0.99999, 0.999_999_9].map(share), ["99.999 %", "99.99999 %"]);
        assert_eq!(
            [0, 1, 1023, 1024, 47_290_000].map(bytes),
            ["0 bytes", "1 byte", "1023 bytes", "1.00 KiB", "45.1 MiB"]
        );
    }
}
