//! Since when calls wait that are under way, without a note of each: how many became due in each short while. What it
//! costs a call is a step up and a step down, and the longest wait is known at any time.

use std::collections::BTreeMap;

/// How long a while is, as a power of two in nanoseconds: about a millisecond.
const WHILE: u32 = 20;
/// How many whiles are kept side by side, about half a minute; what waits longer is rare, and kept apart.
const KEPT: usize = 1 << 15;

/// How many calls are under way of those that became due in each while.
#[derive(Debug)]
pub(super) struct Waits {
    /// Counts of the last whiles, each at the place that its number has in a ring.
    counts: Box<[u32]>,
    /// The last while that has a count.
    last: u64,
    /// Those of whiles before; none of them is nothing.
    before: BTreeMap<u64, u32>,
}

impl Default for Waits {
    fn default() -> Self {
        Self { counts: vec![0; KEPT].into(), last: 0, before: BTreeMap::new() }
    }
}

/// Where a while is in the ring.
#[inline]
fn place(at: u64) -> usize {
    usize::try_from(at % (KEPT as u64)).unwrap_or(0)
}

impl Waits {
    /// A call begins to wait that was due then.
    #[inline]
    pub(super) fn begin(&mut self, due: u64) {
        let at = due >> WHILE;
        if at > self.last {
            self.go_on(at);
        }
        match self.count(at) {
            Some(count) => *count += 1,
            None => *self.before.entry(at).or_default() += 1,
        }
    }

    /// A call waits no more that was due then.
    #[inline]
    pub(super) fn end(&mut self, due: u64) {
        let at = due >> WHILE;
        if let Some(count) = self.count(at) {
            *count = count.saturating_sub(1);
        } else if let Some(count) = self.before.get_mut(&at) {
            *count -= 1;
            if *count == 0 {
                self.before.remove(&at);
            }
        }
    }

    /// For how long the longest waits, give or take a while; none where none does.
    pub(super) fn longest(&self, now: u64) -> Option<u64> {
        let is_there = |at: &u64| self.counts.get(place(*at)).is_some_and(|count| *count > 0);
        let at = self.before.keys().next().copied().or_else(|| self.kept().find(is_there))?;
        // It waits no shorter than what is told.
        Some(now.saturating_sub((at + 1) << WHILE))
    }

    /// The whiles that have a place.
    fn kept(&self) -> std::ops::RangeInclusive<u64> {
        (self.last + 1).saturating_sub(KEPT as u64)..=self.last
    }

    /// The count of a while that has a place.
    #[inline]
    fn count(&mut self, at: u64) -> Option<&mut u32> {
        if self.last.wrapping_sub(at) >= KEPT as u64 {
            return None;
        }
        self.counts.get_mut(place(at))
    }

    /// Makes room for a while that is yet to have a count.
    #[cold]
    fn go_on(&mut self, at: u64) {
        // Each new one takes the place of an old one, which goes on apart if there is something in it.
        let new = (at - self.last).min(KEPT as u64);
        for old in self.kept().rev().skip(KEPT - usize::try_from(new).unwrap_or(KEPT)) {
            let count = self.counts.get_mut(place(old)).map(std::mem::take).unwrap_or_default();
            if count > 0 {
                self.before.insert(old, count);
            }
        }
        self.last = at;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: u64 = 1_000_000;

    /// Whether it is so long, give or take a while.
    fn is_about(waits: &Waits, now: u64, wait: u64) -> bool {
        let longest = waits.longest(now).unwrap();
        (wait.saturating_sub(3 * MS)..=wait).contains(&longest)
    }

    #[test]
    fn the_longest_wait_is_that_of_the_first_that_is_still_there() {
        let mut waits = Waits::default();
        assert_eq!(waits.longest(5), None);
        for n in 0..1000 {
            waits.begin(n * 10 * MS);
        }
        assert!(is_about(&waits, 10_000 * MS, 10_000 * MS));
        for n in (0..300).chain(400..1000) {
            waits.end(n * 10 * MS);
        }
        assert!(is_about(&waits, 10_000 * MS, 7_000 * MS));
        for n in 300..400 {
            waits.end(n * 10 * MS);
        }
        assert_eq!(waits.longest(10_000 * MS), None);
    }

    #[test]
    fn one_that_waits_for_an_hour_takes_no_more_room_than_one_that_does_not() {
        let mut waits = Waits::default();
        let hour = 3_600_000 * MS;
        waits.begin(7 * MS);
        waits.begin(8 * MS);
        for n in 1..=360 {
            let due = n * hour / 360;
            waits.begin(due);
            waits.end(due);
        }
        assert!(waits.before.len() <= 2, "{waits:?}");
        assert!(is_about(&waits, hour, hour - 7 * MS));
        waits.end(7 * MS);
        waits.end(8 * MS);
        assert_eq!((waits.longest(hour), waits.before.len()), (None, 0));
    }

    #[test]
    fn a_long_time_without_calls_is_passed_over() {
        let mut waits = Waits::default();
        waits.begin(MS);
        waits.begin(1 << 62);
        assert_eq!(waits.before.len(), 1);
        assert!(is_about(&waits, 1 << 62, (1 << 62) - MS));
        waits.end(MS);
        waits.end(1 << 62);
        assert_eq!(waits.longest(1 << 62), None);
        // What comes out of order is kept, too.
        waits.begin(5 * MS);
        assert!(is_about(&waits, 10 * MS, 5 * MS));
    }
}
