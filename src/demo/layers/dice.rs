//! Chance that repeats itself: each run of the server sees the same throws.

/// A `SplitMix64` generator: plenty for failing now and then, and for nothing else.
pub(super) struct Dice(u64);

impl Dice {
    /// The same throws every time.
    pub(super) fn new() -> Self {
        Self(0)
    }

    /// True with probability `p`.
    pub(super) fn throw(&mut self, p: f64) -> bool {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        let high = u32::try_from((z ^ (z >> 31)) >> 32).unwrap_or(u32::MAX);
        f64::from(high) / (f64::from(u32::MAX) + 1.0) < p
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn never_and_always_are_kept() {
        let mut dice = Dice::new();
        assert!((0..1000).all(|_| !dice.throw(0.0)));
        assert!((0..1000).all(|_| dice.throw(1.0)));
    }

    #[test]
    fn a_quarter_is_about_a_quarter() {
        let mut dice = Dice::new();
        let hits = (0..10_000).filter(|_| dice.throw(0.25)).count();
        assert!((2300..2700).contains(&hits), "{hits}");
    }
}
