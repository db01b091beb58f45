//! The intervals of a run, of which a report has no more than so many, however long the run is.

use super::Interval;
use super::join::{JoinError, one};

/// How many are kept, each with its distributions of two or three kilobytes: more than an hour by the second.
const MOST: usize = 4000;

/// The intervals of a run. Where there would be too many they go together two by two, and so on: each is then of as many
/// seconds as any other but the last.
#[derive(Debug, Clone)]
pub struct Intervals {
    most: usize,
    all: Vec<Interval>,
    /// Of how many seconds each is.
    each: usize,
    /// Those that are yet to become one.
    open: Vec<Interval>,
    /// Those that became the last one.
    recent: Vec<Interval>,
}

impl Default for Intervals {
    fn default() -> Self {
        Self::up_to(MOST)
    }
}

impl Intervals {
    fn up_to(most: usize) -> Self {
        Self { most, all: Vec::new(), each: 1, open: Vec::new(), recent: Vec::new() }
    }

    /// One more, which began when the one before ended.
    pub fn push(&mut self, interval: Interval) {
        self.open.push(interval);
        if self.open.len() < self.each {
            return;
        }
        if self.all.len() >= self.most {
            let pairs = self.all.chunks(2).flat_map(joined).collect();
            self.all = pairs;
            self.each *= 2;
            // It may be the first of two now.
            if self.open.len() < self.each {
                return;
            }
        }
        self.close();
    }

    fn close(&mut self) {
        self.recent = std::mem::take(&mut self.open);
        self.all.extend(joined(&self.recent));
    }

    /// The last that there is.
    pub fn last(&self) -> Option<&Interval> {
        self.open.last().or(self.recent.last())
    }

    /// All of them. Those that began then, in nanoseconds from the beginning, or later are of no load.
    pub fn finish(mut self, load_ends: u64) -> Vec<Interval> {
        if self.open.is_empty() {
            self.all.pop();
            self.open = self.recent;
        }
        for interval in self.all.iter_mut().chain(&mut self.open) {
            interval.drain = interval.at_ns >= load_ends;
        }
        self.all.extend(self.open.chunk_by(|one, other| one.drain == other.drain).flat_map(joined));
        self.all
    }
}

/// Intervals as one; what can't be read again, which was written here, as it was.
fn joined(parts: &[Interval]) -> Vec<Interval> {
    match parts {
        [] | [_] => parts.to_vec(),
        _ => following(parts).map_or_else(|_| parts.to_vec(), |one| vec![one]),
    }
}

/// Intervals that follow each other, as one.
pub(super) fn following(parts: &[Interval]) -> Result<Interval, JoinError> {
    let all: Vec<&Interval> = parts.iter().collect();
    let mut joined = one(&all)?;
    if let Some(last) = parts.last() {
        let end = last.at_ns.saturating_add(last.length_ns);
        joined.length_ns = end.saturating_sub(joined.at_ns);
        (joined.in_flight, joined.waiting) = (last.in_flight, last.waiting);
    }
    Ok(joined)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::report::testing::second;

    #[test]
    fn a_long_run_has_no_more_intervals_than_a_short_one() {
        for (seconds, lengths) in [
            (4, vec![1, 1, 1, 1]),
            (5, vec![2, 2, 1]),
            (6, vec![2, 2, 2]),
            (8, vec![2, 2, 2, 2]),
            (9, vec![2, 2, 2, 2, 1]),
            (10, vec![4, 4, 2]),
            (16, vec![4, 4, 4, 4]),
        ] {
            let mut intervals = Intervals::up_to(4);
            for at in 0..seconds {
                let mut interval = Interval::from(second(at, 100, true));
                (interval.in_flight, interval.waiting) = (at, 2 * at);
                intervals.push(interval);
            }
            let all = intervals.finish(u64::MAX);
            let told: Vec<u64> = all.iter().map(|interval| interval.length_ns / 1_000_000_000).collect();
            assert_eq!(told, lengths, "{seconds}");
            let mut at = 0;
            for interval in &all {
                assert_eq!(interval.at_ns, at);
                at += interval.length_ns;
                let count = interval.length_ns / 1_000_000_000;
                assert_eq!((interval.issued, interval.latency_intended.count), (1004 * count, 1000 * count));
                assert_eq!(interval.due, Some(1004 * count));
                let last = at / 1_000_000_000 - 1;
                assert_eq!((interval.in_flight, interval.waiting), (last, 2 * last));
            }
        }
    }

    #[test]
    fn what_came_after_the_load_stands_apart() {
        let mut intervals = Intervals::up_to(2);
        for at in 0..8 {
            intervals.push(second(at, 100, true).into());
        }
        assert_eq!(intervals.last().map(|last| last.at_ns), Some(7_000_000_000));
        let all = intervals.finish(7_000_000_000);
        let told: Vec<_> = all.iter().map(|it| (it.at_ns / 1_000_000_000, it.drain)).collect();
        assert_eq!(told, [(0, false), (4, false), (7, true)]);
    }
}
