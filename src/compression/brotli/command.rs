//! Commands, and the codes of their lengths and distances (RFC 7932 §4, §5).

/// How many symbols of lengths there are.
pub(super) const LENGTH_SYMBOLS: usize = 704;
/// How many symbols of distances there are, without any of those that parameters would add.
pub(super) const DISTANCE_SYMBOLS: usize = 64;

/// The least length of each insert length code.
const INSERTS: [usize; 24] =
    [0, 1, 2, 3, 4, 5, 6, 8, 10, 14, 18, 26, 34, 50, 66, 98, 130, 194, 322, 578, 1090, 2114, 6210, 22594];
/// And how many extra bits follow it.
const INSERT_BITS: [u8; 24] = [0, 0, 0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 7, 8, 9, 10, 12, 14, 24];
/// The same of copy length codes.
const COPIES: [usize; 24] =
    [2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 14, 18, 22, 30, 38, 54, 70, 102, 134, 198, 326, 582, 1094, 2118];
const COPY_BITS: [u8; 24] = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 7, 8, 9, 10, 24];
/// The first symbol by the insert length code and the copy length code, each by eights.
const CELLS: [[u16; 3]; 3] = [[128, 192, 384], [256, 320, 512], [448, 576, 640]];

/// A symbol, and the bits that follow it as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Coded {
    /// The symbol.
    pub(super) symbol: u16,
    /// How many bits follow.
    pub(super) bits: u8,
    /// And their value.
    pub(super) extra: u32,
}

impl Coded {
    #[allow(
        clippy::cast_possible_truncation,
        reason = "symbols are below 704, and what is extra has at most 24 bits"
    )]
    fn new(symbol: usize, bits: u8, extra: usize) -> Self {
        Self { symbol: symbol as u16, bits, extra: extra as u32 }
    }
}

/// So many literals, and then a copy of what was there before.
#[derive(Debug)]
pub(super) struct Command {
    /// How many bytes come first that are copied from nowhere.
    pub(super) literals: usize,
    /// How many are copied.
    pub(super) copied: usize,
    /// The symbol of both lengths; what is extra of each follows it.
    pub(super) symbol: u16,
    /// The code of the first length, which is only part of that symbol.
    pub(super) insert: Coded,
    /// And of the second.
    pub(super) copy: Coded,
    /// How far back the copy is, unless the symbol says it or nothing is copied.
    pub(super) distance: Option<Coded>,
}

impl Command {
    /// A copy, of two bytes at least.
    pub(super) fn copy(literals: usize, length: usize, distance: Coded) -> Self {
        let insert = ranged(&INSERTS, &INSERT_BITS, literals);
        let copy = ranged(&COPIES, &COPY_BITS, length);
        let (row, column) = (insert.symbol / 8, copy.symbol / 8);
        let within = (insert.symbol % 8) * 8 + copy.symbol % 8;
        // For short lengths there are symbols that say that the distance is the last one.
        let (first, distance) = if distance.symbol == 0 && row == 0 && column < 2 {
            (column * 64, None)
        } else {
            (CELLS[usize::from(row)][usize::from(column)], Some(distance))
        };
        Self { literals, copied: length, symbol: first + within, insert, copy, distance }
    }

    /// Literals alone, with which a meta-block may end: what its symbol says is copied is never read (§9.3).
    pub(super) fn end(literals: usize) -> Self {
        let distance = Coded::new(0, 0, 0);
        Self { copied: 0, distance: None, ..Self::copy(literals, COPIES[0], distance) }
    }
}

/// The code whose range a length is in.
fn ranged(starts: &[usize; 24], bits: &[u8; 24], length: usize) -> Coded {
    let code = starts.partition_point(|&start| start <= length).saturating_sub(1);
    Coded::new(code, bits[code], length - starts[code])
}

/// The last four distances, the newest first (§4).
#[derive(Debug, Clone, Copy)]
pub(super) struct Recent([usize; 4]);

impl Recent {
    /// What they are where a stream begins.
    pub(super) fn new() -> Self {
        Self([4, 11, 15, 16])
    }

    /// All of them.
    pub(super) fn all(&self) -> [usize; 4] {
        self.0
    }

    /// How a distance is written. It is the newest after that. Symbols for distances near the last ones, which there are
    /// too, gain nothing that could be measured.
    pub(super) fn code(&mut self, distance: usize) -> Coded {
        let same = self.0.iter().position(|&recent| recent == distance);
        if same != Some(0) {
            let [first, second, third, _] = self.0;
            self.0 = [distance, first, second, third];
        }
        same.map_or_else(|| plain(distance), |symbol| Coded::new(symbol, 0, 0))
    }
}

/// A distance as it is, by its highest two bits (§4, with NPOSTFIX and NDIRECT of 0).
fn plain(distance: usize) -> Coded {
    let number = distance + 3;
    let bits = number.ilog2() - 1;
    let high = number >> bits & 1;
    let extra = number & ((1 << bits) - 1);
    #[allow(clippy::cast_possible_truncation, reason = "it is at most 24")]
    Coded::new(14 + 2 * bits as usize + high, bits as u8, extra)
}
