//! Where the bytes that come next were before.
//!
//! Every place is known by a hash of the four bytes there, and leads to the one before it with the same hash. So many of them
//! are looked at and no more: time is linear in the input, whatever it is.

use super::command::Recent;

/// How many places are looked at.
const TRIES: usize = 24;
/// A copy this long is good enough: no other is looked for.
pub(super) const NICE: usize = 128;
/// What is hashed.
const HASHED: usize = 4;
/// A copy from one of the last distances is short to write: it may be shorter than others.
const SHORTEST: usize = 3;
/// About how many bits a literal takes.
const LITERAL: usize = 6;
/// And a command, with a distance of the last ones and with another, whose extra bits are beside that.
const REPEATED: usize = 8;
const FRESH: usize = 11;

/// A copy that can be made.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Match {
    /// Of how many bytes.
    pub(super) length: usize,
    /// And from how far back.
    pub(super) distance: usize,
    /// About how many bits fewer it is than literals.
    pub(super) gain: usize,
}

/// The places of an input that were passed.
#[derive(Debug)]
pub(super) struct Places<'a> {
    input: &'a [u8],
    /// The farthest that may be copied from.
    window: usize,
    /// By hash, the last place. Places are counted in 32 bits: only how far they are apart matters. Where none was, it is the
    /// very first, which is as good as any other: what is there is compared.
    last: Vec<u32>,
    /// By place, the one before it with its hash, in turns of as many as the window has.
    before: Vec<u32>,
}

impl<'a> Places<'a> {
    /// None of them, with tables for this input.
    pub(super) fn new(input: &'a [u8], window: usize) -> Self {
        let size = input.len().min(window).next_power_of_two();
        Self { input, window, last: vec![0; size.clamp(1 << 8, 1 << 16)], before: vec![0; size] }
    }

    fn hash(&self, at: usize) -> Option<usize> {
        let bytes = self.input[at..].first_chunk::<HASHED>()?;
        // The highest bits are those that all four bytes have to do with.
        let hash = u32::from_le_bytes(*bytes).wrapping_mul(0x9E37_79B1);
        Some((hash >> (u32::BITS - self.last.len().ilog2())) as usize)
    }

    /// Passes a place.
    #[allow(clippy::cast_possible_truncation, reason = "places are counted in 32 bits")]
    pub(super) fn pass(&mut self, at: usize) {
        if let Some(hash) = self.hash(at) {
            let turn = at & (self.before.len() - 1);
            self.before[turn] = std::mem::replace(&mut self.last[hash], at as u32);
        }
    }

    /// The best copy for what is here, and ends where `end` is.
    #[allow(clippy::cast_possible_truncation, reason = "places are counted in 32 bits")]
    pub(super) fn best(&self, at: usize, end: usize, recent: &Recent) -> Option<Match> {
        let reach = at.min(self.window);
        let wanted = &self.input[at..end];
        let mut best = Match::default();
        for distance in recent.all().into_iter().filter(|&distance| distance <= reach) {
            let length = common(&self.input[at - distance..], wanted);
            let gain = (LITERAL * length).saturating_sub(REPEATED);
            if length >= SHORTEST && gain > best.gain {
                best = Match { length, distance, gain };
            }
        }
        // None of the others begins with fewer bytes than are hashed.
        let Some(hash) = self.hash(at) else {
            return (best.gain > 0).then_some(best);
        };
        let mut place = self.last[hash];
        let mut nearer = 0;
        for _ in 0..TRIES {
            let distance = (at as u32).wrapping_sub(place) as usize;
            // Those that the window has left behind may have been written over.
            if best.length >= NICE || distance <= nearer || distance > reach {
                break;
            }
            nearer = distance;
            let from = &self.input[at - distance..];
            if from.get(best.length) == wanted.get(best.length) {
                let length = common(from, wanted);
                let gain = (LITERAL * length).saturating_sub(FRESH + distance.ilog2() as usize);
                if length >= HASHED && gain > best.gain {
                    best = Match { length, distance, gain };
                }
            }
            place = self.before[(at - distance) & (self.before.len() - 1)];
        }
        (best.gain > 0).then_some(best)
    }
}

/// How many bytes two begin with that are the same.
fn common(one: &[u8], other: &[u8]) -> usize {
    let (ones, _) = one.as_chunks::<8>();
    let (others, _) = other.as_chunks::<8>();
    let mut length = 0;
    for (&one, &other) in ones.iter().zip(others) {
        let different = u64::from_le_bytes(one) ^ u64::from_le_bytes(other);
        if different != 0 {
            return length + different.trailing_zeros() as usize / 8;
        }
        length += 8;
    }
    length + one[length..].iter().zip(&other[length..]).take_while(|(one, other)| one == other).count()
}
