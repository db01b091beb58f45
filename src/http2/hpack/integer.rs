//! Integers of any size behind a prefix of some bits (RFC 7541 §5.1).

use super::super::error::Error;

/// How many octets may follow the prefix: as many as 32 bits need.
const MOST: u32 = 5;

/// Takes an integer whose prefix is the last `bits` of the first octet.
pub(super) fn read(bytes: &mut &[u8], bits: u8) -> Result<u32, Error> {
    const CUT: Error = Error::compression("a header block ends in the middle of an integer");
    const LARGE: Error = Error::compression("an integer in a header block is too large");
    let mut take = || {
        let (&first, rest) = bytes.split_first().ok_or(CUT)?;
        *bytes = rest;
        Ok(first)
    };
    let mask = mask(bits);
    let prefix = take()? & mask;
    let mut value = u32::from(prefix);
    if prefix < mask {
        return Ok(value);
    }
    for number in 0..MOST {
        let octet = take()?;
        let part = u32::from(octet & 0x7f);
        let shifted = part << (7 * number);
        if shifted >> (7 * number) != part {
            return Err(LARGE);
        }
        value = value.checked_add(shifted).ok_or(LARGE)?;
        if octet & 0x80 == 0 {
            return Ok(value);
        }
    }
    Err(LARGE)
}

/// Adds an integer behind a prefix of `bits`; `first` has what stands before it.
pub(super) fn write(out: &mut Vec<u8>, first: u8, bits: u8, value: usize) {
    let mask = mask(bits);
    if let Some(small) = u8::try_from(value).ok().filter(|small| *small < mask) {
        out.push(first | small);
        return;
    }
    out.push(first | mask);
    let mut rest = value - usize::from(mask);
    while rest >= 0x80 {
        out.push(low(rest) | 0x80);
        rest >>= 7;
    }
    out.push(low(rest));
}

fn low(value: usize) -> u8 {
    value.to_le_bytes()[0] & 0x7f
}

fn mask(bits: u8) -> u8 {
    // Prefixes are of 4 to 7 bits.
    (1_u8 << bits) - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_all(mut bytes: &[u8], bits: u8) -> Option<u32> {
        let value = read(&mut bytes, bits).ok()?;
        assert!(bytes.is_empty());
        Some(value)
    }

    /// RFC 7541, Appendix C.1.
    #[test]
    fn the_rfcs_examples() {
        for (value, bits, bytes) in [(10, 5, &b"\x0a"[..]), (1337, 5, b"\x1f\x9a\x0a"), (42, 7, b"\x2a")] {
            let mut out = Vec::new();
            write(&mut out, 0, bits, value);
            assert_eq!(out, bytes);
            assert_eq!(read_all(bytes, bits), u32::try_from(value).ok());
        }
    }

    #[test]
    fn every_size_comes_back() {
        for bits in 4..=7 {
            for value in (0..300).chain((0..32).flat_map(|bit| [(1_usize << bit) - 1, 1 << bit])) {
                let mut out = Vec::new();
                write(&mut out, 0, bits, value);
                assert_eq!(read_all(&out, bits), u32::try_from(value).ok(), "{value} in {bits}");
                let end = out.len() - 1;
                assert_eq!(read(&mut &out[..end], bits).ok(), None);
            }
        }
    }

    #[test]
    fn what_is_too_large_is_no_integer() {
        assert_eq!(read_all(b"\x7f\x80\xff\xff\xff\x0f", 7), Some(u32::MAX));
        assert_eq!(read_all(b"\x7f\x81\xff\xff\xff\x0f", 7), None);
        assert_eq!(read_all(b"\x7f\x80\x80\x80\x80\x10", 7), None);
        // Zeros without an end.
        assert_eq!(read_all(b"\x7f\x80\x80\x80\x80\x00", 7), Some(127));
        assert_eq!(read_all(b"\x7f\x80\x80\x80\x80\x80\x00", 7), None);
    }
}
