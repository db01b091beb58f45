//! Strings in the Huffman code (RFC 7541 §5.2), read half an octet at a time.

use super::super::error::Error;
use super::code::CODES;

/// What half an octet does to what was read before it.
#[derive(Clone, Copy)]
struct Step {
    /// Where in the tree of codes that ends.
    node: u8,
    /// The octet that was completed on the way; at most one is, since the shortest code has five bits.
    octet: Option<u8>,
    /// Whether the end of the string was read, or what is no code.
    wrong: bool,
}

/// By node and half an octet. The tree has a node for each bit that leaves more than one code: one less than codes.
static STEPS: [[Step; 16]; NODES] = steps();
/// Whether a string may end at a node: padding is less than an octet of the first bits of the end's code, all ones.
static ENDS: [bool; NODES] = ends();

const NODES: usize = 256;
/// Marks a leaf among a node's two children, which are nodes or this and an index into [`CODES`].
const LEAF: usize = 0x200;

const fn tree() -> [[usize; 2]; NODES] {
    // No child is the root.
    let mut tree = [[0; 2]; NODES];
    let mut nodes = 1;
    let mut index = 0;
    while index < CODES.len() {
        let (code, bits) = CODES[index];
        let mut node = 0;
        let mut left = bits;
        while left > 1 {
            left -= 1;
            let bit = (code >> left & 1) as usize;
            if tree[node][bit] == 0 {
                tree[node][bit] = nodes;
                nodes += 1;
            }
            node = tree[node][bit];
        }
        tree[node][(code & 1) as usize] = LEAF | index;
        index += 1;
    }
    tree
}

#[allow(clippy::cast_possible_truncation, reason = "there are 256 nodes, and as many octets")]
const fn steps() -> [[Step; 16]; NODES] {
    let tree = tree();
    let mut steps = [[Step { node: 0, octet: None, wrong: false }; 16]; NODES];
    let mut from = 0;
    while from < NODES {
        let mut half = 0;
        while half < 16 {
            let mut step = Step { node: 0, octet: None, wrong: false };
            let mut node = from;
            let mut bit = 4;
            while bit > 0 {
                bit -= 1;
                let next = tree[node][half >> bit & 1];
                node = next;
                if next & LEAF != 0 {
                    let index = next & !LEAF;
                    step.wrong = step.wrong || index == 256;
                    step.octet = Some(index as u8);
                    node = 0;
                }
            }
            step.node = node as u8;
            steps[from][half] = step;
            half += 1;
        }
        from += 1;
    }
    steps
}

const fn ends() -> [bool; NODES] {
    let tree = tree();
    let mut ends = [false; NODES];
    let mut node = 0;
    let mut depth = 0;
    while depth < 8 {
        ends[node] = true;
        node = tree[node][1];
        depth += 1;
    }
    ends
}

/// Puts the octets of a string behind what is in `out`.
pub(super) fn read(string: &[u8], out: &mut Vec<u8>) -> Result<(), Error> {
    const WRONG: Error = Error::compression("a string in a header block is no Huffman code");
    // The shortest code has five bits.
    out.reserve(string.len().saturating_mul(8) / 5);
    let mut node = 0;
    for octet in string {
        for half in [octet >> 4, octet & 0xf] {
            let step = STEPS[usize::from(node)][usize::from(half)];
            if step.wrong {
                return Err(WRONG);
            }
            out.extend(step.octet);
            node = step.node;
        }
    }
    if ENDS[usize::from(node)] { Ok(()) } else { Err(WRONG) }
}

/// How many octets a string has in the code.
pub(super) fn size(string: &[u8]) -> usize {
    let bits: usize = string.iter().map(|&octet| usize::from(CODES[usize::from(octet)].1)).sum();
    bits.div_ceil(8)
}

/// Adds a string in the code to `out`.
pub(super) fn write(string: &[u8], out: &mut Vec<u8>) {
    // What is no whole octet yet is in the last bits; a code has 30 at most.
    let (mut word, mut held) = (0_u64, 0_u32);
    for &octet in string {
        let (code, bits) = CODES[usize::from(octet)];
        word = word << bits | u64::from(code);
        held += u32::from(bits);
        while held >= 8 {
            held -= 8;
            out.push((word >> held).to_le_bytes()[0]);
        }
    }
    if held > 0 {
        let padding = 8 - held;
        out.push((word << padding).to_le_bytes()[0] | ((1 << padding) - 1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_all(string: &[u8]) -> Option<Vec<u8>> {
        let mut out = b"before".to_vec();
        read(string, &mut out).ok()?;
        Some(out.split_off(6))
    }

    #[test]
    fn every_octet_comes_back_beside_every_other() {
        for a in 0..=255 {
            for b in 0..=255 {
                let plain = [a, b, a];
                let mut coded = Vec::new();
                write(&plain, &mut coded);
                assert_eq!(coded.len(), size(&plain));
                assert_eq!(read_all(&coded).unwrap(), plain);
            }
        }
        assert_eq!(read_all(b"").unwrap(), b"");
    }

    #[test]
    fn padding_is_less_than_an_octet_of_ones() {
        // "0" is 00000.
        assert_eq!(read_all(b"\x07").unwrap(), b"0");
        for bits in 0..7 {
            assert_eq!(read_all(&[bits]), None, "{bits:03b}");
        }
        assert_eq!(read_all(b"\x07\xff"), None);
        assert_eq!(read_all(b"\xff"), None);
        // The end of the string stands in none.
        assert_eq!(read_all(b"\xff\xff\xff\xff"), None);
        assert_eq!(read_all(b"\xff\xff\xff\xfc"), None);
    }
}
