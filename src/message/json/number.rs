//! Numbers as the runtimes of protobuf print them: shortest digits that read back the same, `1` for a whole double,
//! an exponent below 1e-6 and from 1e21 on (the rule of ECMAScript, which they share).

use std::fmt::{Display, LowerExp};
use std::io::Write as _;

/// Writes a double; the three values JSON has no number for are quoted.
pub(in crate::message) fn double(out: &mut Vec<u8>, value: f64) {
    match special(value) {
        Some(word) => out.extend_from_slice(word),
        None if value == 0.0 => zero(out, value.is_sign_negative()),
        None => finite(out, value, (1e-6..1e21).contains(&value.abs())),
    }
}

/// Writes a float with the digits that suffice for 32 bits.
pub(in crate::message) fn float(out: &mut Vec<u8>, value: f32) {
    match special(f64::from(value)) {
        Some(word) => out.extend_from_slice(word),
        None if value == 0.0 => zero(out, value.is_sign_negative()),
        None => finite(out, value, (1e-6..1e21).contains(&value.abs())),
    }
}

/// There are readers to whom `-0` is an integer, which has no sign.
fn zero(out: &mut Vec<u8>, negative: bool) {
    out.extend_from_slice(if negative { b"-0.0" } else { b"0" });
}

/// Writes an integer.
pub(super) fn integer(out: &mut Vec<u8>, value: impl Display) {
    // Writing to a Vec cannot fail.
    let _ = write!(out, "{value}");
}

fn special(value: f64) -> Option<&'static [u8]> {
    match value {
        _ if value.is_nan() => Some(b"\"NaN\""),
        f64::INFINITY => Some(b"\"Infinity\""),
        f64::NEG_INFINITY => Some(b"\"-Infinity\""),
        _ => None,
    }
}

fn finite<N: Display + LowerExp>(out: &mut Vec<u8>, value: N, plain: bool) {
    if plain {
        let _ = write!(out, "{value}");
        return;
    }
    let start = out.len();
    let _ = write!(out, "{value:e}");
    let exponent = out.get(start..).and_then(|text| text.iter().position(|&byte| byte == b'e'));
    if let Some(at) = exponent.map(|at| start + at + 1)
        && out.get(at) != Some(&b'-')
    {
        out.insert(at, b'+');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn d(value: f64) -> String {
        let mut out = Vec::new();
        double(&mut out, value);
        String::from_utf8(out).unwrap()
    }

    fn f(value: f32) -> String {
        let mut out = Vec::new();
        float(&mut out, value);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn doubles_look_as_protobuf_prints_them() {
        for (value, text) in [
            (1.0, "1"),
            (0.0, "0"),
            (-0.0, "-0.0"),
            (0.1, "0.1"),
            (-1.5, "-1.5"),
            (1e20, "100000000000000000000"),
            (1e21, "1e+21"),
            (-1.25e22, "-1.25e+22"),
            (1e-6, "0.000001"),
            (1e-7, "1e-7"),
            (1.234_567_895e8, "123456789.5"),
            (f64::MAX, "1.7976931348623157e+308"),
            (5e-324, "5e-324"),
            (f64::NAN, "\"NaN\""),
            (f64::INFINITY, "\"Infinity\""),
            (f64::NEG_INFINITY, "\"-Infinity\""),
        ] {
            assert_eq!(d(value), text);
        }
    }

    #[test]
    fn floats_use_the_digits_of_32_bits() {
        for (value, text) in [
            (0.1, "0.1"),
            (3.0, "3"),
            (16_777_216.0, "16777216"),
            (f32::MAX, "3.4028235e+38"),
            (1e-45, "1e-45"),
        ] {
            assert_eq!(f(value), text);
        }
        assert_eq!(f(f32::NAN), "\"NaN\"");
    }

    #[test]
    fn every_number_reads_back_the_same() {
        let mut bits = 0x9e37_79b9_7f4a_7c15_u64;
        for _ in 0..20_000 {
            bits = bits.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let value = f64::from_bits(bits);
            if value.is_finite() {
                assert_eq!(d(value).parse::<f64>().unwrap().to_bits(), value.to_bits());
            }
        }
    }
}
