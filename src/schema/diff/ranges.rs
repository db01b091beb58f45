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

    /// Whether a number is among them.
    pub(super) fn contain(&self, number: i64) -> bool {
        self.rest((number, number)).is_empty()
    }

    /// What there is of `before` that is not among them any more. A range that ends before it begins has no numbers.
    pub(super) fn lost(&self, before: impl IntoIterator<Item = Range>) -> Vec<Range> {
        before.into_iter().flat_map(|range| self.rest(range)).collect()
    }

    /// What is left of a range without them.
    fn rest(&self, (mut start, end): Range) -> Vec<Range> {
        let from = self.0.partition_point(|(_, last)| *last < start);
        let mut rest = Vec::new();
        for (first, last) in self.0.iter().skip(from).take_while(|(first, _)| *first <= end) {
            if start < *first {
                rest.push((start, *first - 1));
            }
            start = last.saturating_add(1);
        }
        if start <= end {
            rest.push((start, end));
        }
        rest
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
        assert_eq!(Ranges::of([(1, 10), (12, 30)]).lost([(5, 20), (40, 40), (12, 12)]), [(11, 11), (40, 40)]);
        assert_eq!(Ranges::of([(20, 29), (5, 6)]).lost([(20, 30), (1, 9)]), [(30, 30), (1, 4), (7, 9)]);
        assert_eq!(Ranges::of([]).lost([(1, 1), (9, 3)]), [(1, 1)]);
    }

    #[test]
    fn ranges_are_written_as_in_source() {
        let written = |range| written(range, 100);
        assert_eq!([written((3, 3)), written((3, 5)), written((3, 100))], ["3", "3 to 5", "3 to max"]);
    }
}
