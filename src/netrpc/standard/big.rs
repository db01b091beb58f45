//! `math/big`: decimal text, and a version with a sign before big-endian bytes.
//!
//! Converting between bases takes time that grows with the square of the digits, so both ways have a limit.

/// The longest text that is read.
const DIGITS: usize = 20_000;
/// The longest number that is written.
const BYTES: usize = 8_192;
const BILLION: u32 = 1_000_000_000;

pub(super) fn int_bytes(text: &str) -> Option<Vec<u8>> {
    let (negative, digits) = sign(text);
    let magnitude = magnitude(digits)?;
    let mut out = vec![2 | u8::from(negative && !magnitude.is_empty())];
    out.extend(magnitude);
    Some(out)
}

pub(super) fn int_text(bytes: &[u8]) -> Option<String> {
    let (head, magnitude) = bytes.split_first()?;
    let digits = decimal(magnitude)?;
    match head {
        2 => Some(digits),
        3 => Some(format!("-{digits}")),
        _ => None,
    }
}

/// A fraction, `3/4`, or a decimal, `0.75`. Go keeps fractions in lowest terms and does not reduce what it decodes, so
/// neither side may have more digits than can be reduced here.
pub(super) fn rat_bytes(text: &str) -> Option<Vec<u8>> {
    let (negative, text) = sign(text);
    let number =
        |digits: &str| digits.bytes().all(|c| c.is_ascii_digit()).then(|| digits.parse::<u128>().ok())?;
    let (numerator, denominator) = match (text.split_once('/'), text.split_once('.')) {
        (Some((over, under)), _) => (number(over)?, number(under)?),
        (None, Some((whole, part))) => {
            (number(&format!("{whole}{part}"))?, 10_u128.checked_pow(u32::try_from(part.len()).ok()?)?)
        }
        (None, None) => (number(text)?, 1),
    };
    let (mut divisor, mut rest) = (numerator, denominator);
    while rest != 0 {
        (divisor, rest) = (rest, divisor % rest);
    }
    let minimal = |number: u128| {
        let bytes = number.to_be_bytes();
        let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
        bytes.into_iter().skip(zeros).collect::<Vec<_>>()
    };
    // A denominator of zero divides to nothing.
    let over = minimal(numerator.checked_div(divisor)?);
    let under = minimal(denominator.checked_div(divisor).filter(|under| *under > 0)?);
    let mut out = vec![2 | u8::from(negative && !over.is_empty())];
    out.extend(u32::try_from(over.len()).ok()?.to_be_bytes());
    out.extend(over);
    out.extend(under);
    Some(out)
}

pub(super) fn rat_text(bytes: &[u8]) -> Option<String> {
    let (head, rest) = bytes.split_first()?;
    let (length, rest) = rest.split_first_chunk::<4>()?;
    let (over, under) = rest.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)?;
    let sign = match head {
        2 => "",
        3 => "-",
        _ => return None,
    };
    let over = decimal(over)?;
    match decimal(under)?.as_str() {
        "0" | "1" => Some(format!("{sign}{over}")),
        under => Some(format!("{sign}{over}/{under}")),
    }
}

/// What `big.NewFloat` makes of a number: 53 bits of mantissa.
pub(super) fn float_bytes(text: &str) -> Option<Vec<u8>> {
    let number: f64 = text.parse().ok()?;
    let bits = number.to_bits();
    let (exponent, fraction) = ((bits >> 52) & 0x7ff, bits << 12);
    let sign = u8::from(number.is_sign_negative());
    // Version; rounding to nearest, exact, form, sign; precision.
    let head = |form: u8| vec![1, 1 << 3 | form << 1 | sign, 0, 0, 0, 53];
    if number.is_nan() {
        return None;
    }
    if number.is_infinite() {
        return Some(head(2));
    }
    if number == 0.0 {
        return Some(head(0));
    }
    let exponent = i32::try_from(exponent).ok()?;
    // The mantissa is a fraction whose highest bit is set; that of a subnormal number is where it is.
    let (mantissa, exponent) = if exponent == 0 {
        let shift = fraction.leading_zeros();
        (fraction << shift, -1022 - i32::try_from(shift).ok()?)
    } else {
        (1 << 63 | fraction >> 1, exponent - 1022)
    };
    let mut out = head(1);
    out.extend(exponent.to_be_bytes());
    out.extend(mantissa.to_be_bytes());
    Some(out)
}

/// Only what a `float64` holds exactly; the rest is no shorter in decimal than in bytes.
pub(super) fn float_text(bytes: &[u8]) -> Option<String> {
    let (&[1, flags, _, _, _, _], rest) = bytes.split_first_chunk::<6>()? else { return None };
    let sign = if flags & 1 == 1 { "-" } else { "" };
    match flags >> 1 & 3 {
        0 if rest.is_empty() => return Some(format!("{sign}0")),
        2 if rest.is_empty() => return Some(format!("{sign}Inf")),
        1 => {}
        _ => return None,
    }
    let (exponent, mantissa) = rest.split_first_chunk::<4>()?;
    let (high, low) = mantissa.split_first_chunk::<8>()?;
    let high = u64::from_be_bytes(*high);
    let exponent = u64::try_from(i32::from_be_bytes(*exponent).checked_add(1022)?).ok()?;
    let exact = high.trailing_zeros() >= 11 && low.iter().all(|byte| *byte == 0) && high >> 63 == 1;
    if !exact || !(1..=2046).contains(&exponent) {
        return None;
    }
    let number = f64::from_bits(exponent << 52 | (high << 1) >> 12);
    let magnitude = number.abs();
    if (1e-5..1e21).contains(&magnitude) {
        Some(format!("{sign}{number}"))
    } else {
        Some(format!("{sign}{number:e}"))
    }
}

fn sign(text: &str) -> (bool, &str) {
    match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    }
}

/// The fewest big-endian bytes of a decimal number: none for zero.
fn magnitude(digits: &str) -> Option<Vec<u8>> {
    if digits.is_empty() || digits.len() > DIGITS || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    // Little-endian, in units of 32 bits.
    let mut units: Vec<u32> = Vec::new();
    for chunk in digits.as_bytes().chunks(9) {
        let chunk = std::str::from_utf8(chunk).ok()?;
        let mut carry: u64 = chunk.parse().ok()?;
        let scale = 10_u64.pow(u32::try_from(chunk.len()).ok()?);
        for unit in &mut units {
            let product = u64::from(*unit) * scale + carry;
            *unit = low(product);
            carry = product >> 32;
        }
        if carry > 0 {
            units.push(low(carry));
        }
    }
    let bytes = units.iter().rev().flat_map(|unit| unit.to_be_bytes());
    Some(bytes.skip_while(|byte| *byte == 0).collect())
}

/// A big-endian number in decimal.
fn decimal(magnitude: &[u8]) -> Option<String> {
    if magnitude.len() > BYTES {
        return None;
    }
    // Big-endian, so that dividing goes from front to back.
    let mut units: Vec<u32> = magnitude
        .rchunks(4)
        .rev()
        .map(|chunk| chunk.iter().fold(0, |unit, byte| unit << 8 | u32::from(*byte)))
        .collect();
    let mut billions = Vec::new();
    let mut first = units.iter().take_while(|unit| **unit == 0).count();
    while first < units.len() {
        let mut rest = 0_u64;
        for unit in units.iter_mut().skip(first) {
            let dividend = rest << 32 | u64::from(*unit);
            *unit = low(dividend / u64::from(BILLION));
            rest = dividend % u64::from(BILLION);
        }
        billions.push(rest);
        first += units.iter().skip(first).take_while(|unit| **unit == 0).count();
    }
    let mut out = billions.pop().unwrap_or(0).to_string();
    for part in billions.iter().rev() {
        out += &format!("{part:09}");
    }
    Some(out)
}

fn low(number: u64) -> u32 {
    u32::try_from(number & u64::from(u32::MAX)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
    }

    #[test]
    fn integers_are_the_bytes_that_go_makes() {
        for (text, bytes) in [
            ("-300", "03012c"),
            ("0", "02"),
            ("255", "02ff"),
            ("18446744073709551616", "02010000000000000000"),
            ("1000000000", "023b9aca00"),
            ("-340282366920938463463374607431768211455", "03ffffffffffffffffffffffffffffffff"),
        ] {
            let made = int_bytes(text).unwrap();
            assert_eq!(hex(&made), bytes);
            assert_eq!(int_text(&made).unwrap(), text);
        }
        let long = "9".repeat(DIGITS - 5_000);
        assert_eq!(int_text(&int_bytes(&long).unwrap()).unwrap(), long);
        assert_eq!(int_bytes("-0").unwrap(), [2]);
        for bad in ["", "-", "1.5", "1e3", "0x10", "--1", "é", &"1".repeat(DIGITS + 1)] {
            assert_eq!(int_bytes(bad), None);
        }
        assert_eq!(int_text(&[]), None);
        assert_eq!(int_text(&[4, 1]), None);
        assert_eq!(int_text(&vec![2; BYTES + 2]), None, "it would take long");
    }

    #[test]
    fn fractions_are_the_bytes_that_go_makes() {
        for (text, bytes, back) in [
            ("-3/4", "03000000010304", "-3/4"),
            ("6/4", "02000000010302", "3/2"),
            ("-0.75", "03000000010304", "-3/4"),
            ("12", "02000000010c01", "12"),
            ("0", "020000000001", "0"),
        ] {
            let made = rat_bytes(text).unwrap();
            assert_eq!((hex(&made).as_str(), rat_text(&made).unwrap().as_str()), (bytes, back));
        }
        for bad in ["", "/", "1/0", "0/0", "1/-2", "a", "1/2/3", "."] {
            assert_eq!(rat_bytes(bad), None, "{bad}");
        }
        for bad in [&[][..], &[2, 0, 0, 0], &[2, 0, 0, 0, 9, 1], &[4, 0, 0, 0, 0]] {
            assert_eq!(rat_text(bad), None);
        }
    }

    #[test]
    fn floats_are_the_bytes_that_go_makes() {
        for (text, bytes) in [
            ("1.5", "010a0000003500000001c000000000000000"),
            ("-0.1", "010b00000035fffffffdccccccccccccd000"),
            ("0", "010800000035"),
            ("-Inf", "010d00000035"),
        ] {
            let made = float_bytes(text).unwrap();
            assert_eq!(hex(&made), bytes);
            assert_eq!(float_text(&made).unwrap(), text.trim_start_matches('+'));
        }
        assert_eq!(float_text(&float_bytes("1e300").unwrap()).unwrap(), "1e300");
        assert_eq!(hex(&float_bytes("5e-324").unwrap()), "010a00000035fffffbcf8000000000000000");
        assert_eq!(float_bytes("NaN"), None);
        for bad in
            [&[][..], &[1], &[1, 10, 0, 0, 0, 53], &[1, 10, 0, 0, 0, 53, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0]]
        {
            assert_eq!(float_text(bad), None);
        }
    }
}
