//! Prefix codes: made of how often each symbol occurs, described, and written with (RFC 7932 §3).

use super::bits::Bits;

/// The longest word of a code (§3.5: lengths are 0 to 15).
const LONGEST: u8 = 15;
/// The longest word of the code that lengths are written with.
const LONGEST_OF_LENGTHS: u8 = 5;
/// How many symbols a code may have that is described by naming them (§3.4).
const SIMPLE: usize = 4;
/// Lengths, and the two symbols that repeat them (§3.5).
const LENGTHS: usize = 18;
const REPEAT: u8 = 16;
const ZEROS: u8 = 17;
/// The order in which the lengths of the code of lengths are written.
const ORDER: [usize; LENGTHS] = [1, 2, 3, 4, 0, 5, 17, 6, 16, 7, 8, 9, 10, 11, 12, 13, 14, 15];
/// And how each is written, as a word and its length.
const LENGTH_WORDS: [(u32, u32); 6] = [(0b00, 2), (0b0111, 4), (0b011, 3), (0b10, 2), (0b01, 2), (0b1111, 4)];

/// A prefix code over an alphabet.
#[derive(Debug)]
pub(super) struct Code {
    /// By symbol: its word, as it is put, and how long that is.
    words: Vec<(u16, u8)>,
    /// Those that occur.
    symbols: Vec<usize>,
}

impl Code {
    /// The code for symbols that occur this often.
    pub(super) fn of(counts: &[u32]) -> Self {
        Self::within(counts, LONGEST)
    }

    fn within(counts: &[u32], longest: u8) -> Self {
        let symbols: Vec<usize> = (0..counts.len()).filter(|&symbol| counts[symbol] > 0).collect();
        // One symbol alone is read from no bits (§3.4, §3.5).
        let lengths =
            if symbols.len() > 1 { lengths(counts, &symbols, longest) } else { vec![0; counts.len()] };
        Self { words: words(&lengths), symbols }
    }

    /// Writes a symbol that occurs.
    pub(super) fn put(&self, symbol: usize, out: &mut Bits) {
        let (word, length) = self.words[symbol];
        out.put(word.into(), length.into());
    }

    /// Describes the code to who will read it.
    pub(super) fn describe(&self, out: &mut Bits) {
        if self.symbols.len() <= SIMPLE { self.name(out) } else { self.list(out) }
    }

    /// As a simple code (§3.4).
    fn name(&self, out: &mut Bits) {
        let mut symbols = self.symbols.clone();
        if symbols.is_empty() {
            // None occurs, and one has to be named.
            symbols.push(0);
        }
        symbols.sort_by_key(|&symbol| self.words[symbol].1);
        out.put(1, 2);
        out.put(narrow(symbols.len() - 1), 2);
        let width = (self.words.len() - 1).ilog2() + 1;
        for &symbol in &symbols {
            out.put(narrow(symbol), width);
        }
        if let [first, _, _, _] = symbols[..] {
            // The lengths of four are 2, 2, 2, 2 or 1, 2, 3, 3.
            out.put(u32::from(self.words[first].1 == 1), 1);
        }
    }

    /// As a complex code (§3.5): the lengths of all words, themselves in a prefix code.
    fn list(&self, out: &mut Bits) {
        let items = items(&self.words);
        let mut counts = [0; LENGTHS];
        for &(symbol, _) in &items {
            counts[usize::from(symbol)] += 1;
        }
        let code = Self::within(&counts, LONGEST_OF_LENGTHS);
        let lone = code.symbols.len() == 1;
        let lengths = ORDER.map(|symbol| match code.words[symbol].1 {
            // The one symbol there is has a length, though no bits will be written for it.
            0 if lone && counts[symbol] > 0 => 3,
            length => usize::from(length),
        });
        let skipped = match lengths {
            [0, 0, 0, ..] => 3,
            [0, 0, ..] => 2,
            _ => 0,
        };
        // Zeros at the end are left out, but where that would leave a single length: then all are there.
        let end = if lone {
            LENGTHS
        } else {
            lengths.iter().rposition(|&length| length > 0).map_or(0, |last| last + 1)
        };
        out.put(narrow(skipped), 2);
        for &length in &lengths[skipped..end] {
            let (word, width) = LENGTH_WORDS[length];
            out.put(word, width);
        }
        for (symbol, extra) in items {
            code.put(symbol.into(), out);
            match symbol {
                REPEAT => out.put(extra, 2),
                ZEROS => out.put(extra, 3),
                _ => {}
            }
        }
    }
}

#[allow(clippy::cast_possible_truncation, reason = "symbols are below 704")]
fn narrow(symbol: usize) -> u32 {
    symbol as u32
}

/// Lengths of words that take the fewest bits, by Huffman's algorithm, or nearly so where one of them would be longer than is
/// allowed. There are at least two symbols, and no more than words of that length.
fn lengths(counts: &[u32], symbols: &[usize], longest: u8) -> Vec<u8> {
    let mut sorted: Vec<(u32, usize)> = symbols.iter().map(|&symbol| (counts[symbol], symbol)).collect();
    sorted.sort_unstable();
    let mut lengths = vec![0; counts.len()];
    let mut least = 1;
    // The rarer symbols are taken to be more frequent until it fits: when all are the same it does.
    loop {
        let depths = depths(sorted.iter().map(|&(count, _)| count.max(least)).collect());
        if depths.iter().all(|&depth| depth <= longest) {
            for (&(_, symbol), depth) in sorted.iter().zip(depths) {
                lengths[symbol] = depth;
            }
            return lengths;
        }
        least *= 2;
    }
}

/// How deep each leaf is in the tree of Huffman's algorithm, for weights that are sorted.
fn depths(mut weights: Vec<u32>) -> Vec<u8> {
    let leaves = weights.len();
    let nodes = 2 * leaves - 1;
    let mut parents = vec![0; nodes];
    // Nodes are made in the order of their weights, so the lightest is the next leaf or the next of them.
    let (mut leaf, mut inner) = (0, leaves);
    for node in leaves..nodes {
        let mut weight = 0;
        for _ in 0..2 {
            let next = if leaf < leaves && (inner == node || weights[leaf] <= weights[inner]) {
                &mut leaf
            } else {
                &mut inner
            };
            weight += weights[*next];
            parents[*next] = node;
            *next += 1;
        }
        weights.push(weight);
    }
    let mut depths = vec![0_u8; nodes];
    for node in (0..nodes - 1).rev() {
        depths[node] = depths[parents[node]].saturating_add(1);
    }
    depths.truncate(leaves);
    depths
}

/// The words of the canonical code with these lengths (§3.2). They are put from their highest bit on: each is turned around.
fn words(lengths: &[u8]) -> Vec<(u16, u8)> {
    let mut next = [0_u16; LONGEST as usize + 1];
    for &length in lengths {
        next[usize::from(length)] += u16::from(length > 0);
    }
    let mut code = 0;
    for count in &mut next {
        (*count, code) = (code, (code + *count) << 1);
    }
    let word = |&length: &u8| {
        if length == 0 {
            return (0, 0);
        }
        let word = next[usize::from(length)];
        next[usize::from(length)] += 1;
        (word.reverse_bits() >> (u16::BITS - u32::from(length)), length)
    };
    lengths.iter().map(word).collect()
}

/// The lengths of words as symbols of the code of lengths, each with its extra bits (§3.5).
fn items(words: &[(u16, u8)]) -> Vec<(u8, u32)> {
    let mut items = Vec::new();
    // What is repeated when nothing was there yet.
    let mut before = 8;
    let end = words.iter().rposition(|&(_, length)| length > 0).map_or(0, |last| last + 1);
    for run in words[..end].chunk_by(|(_, one), (_, other)| one == other) {
        let length = run[0].1;
        let mut count = run.len();
        if length == 0 {
            repeat(&mut items, 0, ZEROS, count);
            continue;
        }
        if length != before {
            items.push((length, 0));
            before = length;
            count -= 1;
        }
        repeat(&mut items, length, REPEAT, count);
    }
    items
}

/// A length many times: as it is where they are few, else by the symbol that repeats it.
fn repeat(items: &mut Vec<(u8, u32)>, length: u8, symbol: u8, count: usize) {
    if count < 3 {
        items.extend(std::iter::repeat_n((length, 0), count));
        return;
    }
    // One symbol after another: each but the first takes the count before it, less 2, as many times as its own extra bits
    // have values, and adds its own 3 or more.
    let values = if symbol == ZEROS { 8 } else { 4 };
    let first = items.len();
    let mut count = count;
    loop {
        items.push((symbol, narrow((count - 3) % values)));
        count = (count - 3) / values;
        if count == 0 {
            break;
        }
        count += 2;
    }
    items[first..].reverse();
}
