//! Ranges of numbers, their ends included.

/// The first number and the last.
pub(super) type Range = (i64, i64);

/// Numbers that are in any of some ranges.
pub(super) struct Ranges(Vec<Range>);

impl Ranges {
    /// Those of these ranges, which may overlap.
    pub(super) fn of(ranges: impl IntoIterator<Item = Range>) -> Self {
        let mut sorted: Vec<Range> = ranges.into_iter().collect();
        sorted.sort_unstable();
        let mut whole: Vec<Range> = Vec::with_capacity(sorted.len());
        for (start, end) in sorted {
            match whole.last_mut() {
                Some((_, last)) if start <= last.saturating_add(1) => *last = (*last).max(end),
                _ => whole.push((start, end)),
            }
        }
        Self(whole)
    }

    /// Whether all of a range is among them.
    pub(super) fn contain(&self, (start, end): Range) -> bool {
        let place = self.0.partition_point(|(_, last)| *last < start);
        self.0.get(place).is_some_and(|(first, last)| *first <= start && end <= *last)
    }

    /// Those of `before` that are not among them any more, a range where any number of it is not. A range that ends
    /// before it begins has none.
    pub(super) fn lost(&self, before: impl IntoIterator<Item = Range>) -> Vec<Range> {
        before.into_iter().filter(|range| range.0 <= range.1 && !self.contain(*range)).collect()
    }
}

/// A range as source has it, where `most` is the largest number there is.
pub(super) fn written((start, end): Range, most: i64) -> String {
    if start == end {
        start.to_string()
    } else if end >= most {
        format!("{start} to max")
    } else {
        format!("{start} to {end}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_several_ranges_have_together_is_not_lost() {
        assert!(Ranges::of([(11, 30), (1, 10)]).lost([(5, 20)]).is_empty());
        assert_eq!(Ranges::of([(1, 10), (12, 30)]).lost([(5, 20), (40, 40), (12, 12)]), [(5, 20), (40, 40)]);
        assert_eq!(Ranges::of([]).lost([(1, 1), (9, 3)]), [(1, 1)]);
    }

    #[test]
    fn ranges_are_written_as_in_source() {
        let written = |range| written(range, 100);
        assert_eq!([written((3, 3)), written((3, 5)), written((3, 100))], ["3", "3 to 5", "3 to max"]);
    }
}
