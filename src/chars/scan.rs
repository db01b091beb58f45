//! How far text goes on with nothing special in it, eight bytes at a time.

const ONES: u64 = u64::from_ne_bytes([1; 8]);
const HIGH: u64 = u64::from_ne_bytes([0x80; 8]);

/// How many bytes come before the first that ends or changes a JSON string: a quote, a backslash, a control character.
pub fn before_json_special(bytes: &[u8]) -> usize {
    before(bytes, json_special, |byte| matches!(byte, b'"' | b'\\' | 0..=0x1f))
}

/// The same, and neither is there anything beyond printable ASCII before it.
pub(super) fn before_json_special_or_beyond_ascii(bytes: &[u8]) -> usize {
    let special = |word| json_special(word) | (word & HIGH) | is(word, 0x7f);
    before(bytes, special, |byte| matches!(byte, b'"' | b'\\' | 0..=0x1f | 0x7f..))
}

/// `word` marks the special bytes of eight by their high bits. A mark above another may be wrong, so the lowest counts.
fn before(bytes: &[u8], word: impl Fn(u64) -> u64, byte: impl Fn(u8) -> bool) -> usize {
    let (words, rest) = bytes.as_chunks();
    for (index, &eight) in words.iter().enumerate() {
        let marks = word(u64::from_le_bytes(eight));
        if marks != 0 {
            return index * 8 + (marks.trailing_zeros() / 8) as usize;
        }
    }
    let within = rest.iter().position(|&one| byte(one)).unwrap_or(rest.len());
    words.len() * 8 + within
}

fn json_special(word: u64) -> u64 {
    (word.wrapping_sub(ONES * 0x20) & !word & HIGH) | is(word, b'"') | is(word, b'\\')
}

/// Marks the bytes that are `byte`.
fn is(word: u64, byte: u8) -> u64 {
    let word = word ^ (ONES * u64::from(byte));
    word.wrapping_sub(ONES) & !word & HIGH
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_special_byte_is_found_wherever_it_stands() {
        for byte in 0..=u8::MAX {
            for at in 0..20 {
                for fill in [b'a', 0x21, 0x5d, 0xff] {
                    let mut bytes = [fill; 20];
                    bytes[at] = byte;
                    let json = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..=0x1f);
                    let first = bytes.iter().position(json).unwrap_or(20);
                    assert_eq!(before_json_special(&bytes), first, "{byte:#x} at {at}");
                    let first = bytes.iter().position(|byte| json(byte) || *byte >= 0x7f).unwrap_or(20);
                    assert_eq!(before_json_special_or_beyond_ascii(&bytes), first, "{byte:#x} at {at}");
                }
            }
        }
    }
}
