//! What threads count, added up: second by second, and in all.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use super::record::Tally;
use super::report;
use super::run::{Effort, Ended, Interval, Links, Run};

/// How long an interval is.
pub const INTERVAL: Duration = Duration::from_secs(1);

/// What a thread knows when it is over.
#[derive(Debug, Clone, Default)]
pub struct Last {
    /// How many calls were under way.
    pub in_flight: u64,
    /// How many it made to warm up.
    pub warm: u64,
    /// How many it took of the calls that there are to make.
    pub taken: u64,
    /// Its connections.
    pub links: Links,
    /// Its CPU time while calls were made that count; none where the system does not tell.
    pub thread: Option<Duration>,
    /// That of the process.
    pub process: Option<Duration>,
    /// For how long they were.
    pub made_for: Duration,
}

/// What has been told of a run so far.
#[derive(Debug)]
pub struct Gathering {
    threads: usize,
    /// The intervals that not all threads have told of, by their numbers, and how many have.
    open: BTreeMap<usize, (usize, Interval)>,
    /// How many intervals each thread that is over told of.
    over: Vec<usize>,
    next: usize,
    total: Tally,
    intervals: Vec<report::Interval>,
    /// When the last interval ended, and the last of those that all have told of.
    longest: Duration,
    told_until: Duration,
    /// For how long calls were made.
    made_for: Duration,
    process: Option<Duration>,
    in_flight: u64,
    warm: u64,
    /// The most calls that a thread took.
    taken: u64,
    links: Links,
    efforts: Vec<(Option<Duration>, Duration)>,
}

impl Gathering {
    /// Of so many threads.
    pub fn new(threads: usize) -> Self {
        Self {
            threads,
            open: BTreeMap::new(),
            over: Vec::new(),
            next: 0,
            total: Tally::default(),
            intervals: Vec::new(),
            longest: Duration::ZERO,
            told_until: Duration::ZERO,
            made_for: Duration::ZERO,
            process: None,
            in_flight: 0,
            warm: 0,
            taken: 0,
            links: Links::default(),
            efforts: Vec::new(),
        }
    }

    /// How many threads there are.
    pub fn threads(&self) -> usize {
        self.threads
    }

    /// How many calls were made that count, or were due and dropped.
    pub fn due(&self) -> u64 {
        self.total.issued + self.total.dropped
    }

    /// What was counted in all intervals of which all have told.
    pub fn tally(&mut self) -> &mut Tally {
        &mut self.total
    }

    /// What a thread counted in the interval of this number, which ended then.
    pub fn add(&mut self, index: usize, tally: Tally, in_flight: u64, until: Duration) {
        let empty =
            || Interval { at: Duration::ZERO, length: Duration::ZERO, tally: Tally::default(), in_flight: 0 };
        let (told, interval) = self.open.entry(index).or_insert_with(|| (0, empty()));
        *told += 1;
        // How long it was is known when all have told of those before it.
        interval.length = interval.length.max(until);
        interval.in_flight += in_flight;
        interval.tally.add(tally);
        self.longest = self.longest.max(until);
    }

    /// A thread is over, and told of so many intervals.
    pub fn over(&mut self, intervals: usize, last: Last) {
        self.in_flight += last.in_flight;
        self.warm += last.warm;
        self.taken = self.taken.max(last.taken);
        self.links.add(last.links);
        self.efforts.push((last.thread, last.made_for));
        self.process = self.process.max(last.process);
        self.made_for = self.made_for.max(last.made_for);
        self.over.push(intervals);
    }

    /// The next interval of which all have told.
    pub fn complete(&mut self) -> Option<Interval> {
        let (told, _) = self.open.get(&self.next)?;
        let silent = self.over.iter().filter(|intervals| **intervals <= self.next).count();
        if told + silent < self.threads {
            return None;
        }
        let (_, interval) = self.open.remove(&self.next)?;
        self.next += 1;
        Some(self.keep(interval))
    }

    /// An interval begins where the one before it ended, though that was late.
    fn keep(&mut self, mut interval: Interval) -> Interval {
        let until = interval.length.max(self.told_until);
        interval.at = self.told_until;
        interval.length = until.saturating_sub(interval.at);
        self.told_until = until;
        self.total.add(interval.tally.clone());
        self.intervals.push(interval.clone().into());
        interval
    }

    /// What the run was that began then.
    pub fn finish(mut self, began: SystemTime, warmup: Duration, ended: Ended) -> Run {
        // A thread that failed told less than it promised.
        while let Some((_, (_, interval))) = self.open.pop_first() {
            self.keep(interval);
        }
        // Calls that were still waited for are no part of the time in which others were made.
        let measured = if ended == Ended::Calls { self.longest.max(self.made_for) } else { self.made_for };
        // Those of the warm-up count nowhere.
        self.links.further_calls = self.links.further_calls.min(self.total.issued);
        Run {
            began,
            measured,
            warmup: (self.warm, warmup),
            numbers: self.taken.saturating_mul(u64::try_from(self.threads).unwrap_or(u64::MAX)),
            tally: self.total,
            intervals: self.intervals,
            in_flight: self.in_flight,
            links: self.links,
            effort: Effort { process: self.process, threads: self.efforts },
            ended,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(issued: u64) -> Tally {
        let mut tally = Tally::default();
        tally.issued = issued;
        tally
    }

    #[test]
    fn an_interval_is_over_when_all_who_are_there_have_told_of_it() {
        let second = |number| Duration::from_secs(number);
        let mut gathering = Gathering::new(3);
        gathering.add(0, tally(1), 1, second(1));
        gathering.over(1, Last { in_flight: 1, ..Last::default() });
        gathering.add(0, tally(2), 2, second(1));
        assert!(gathering.complete().is_none());
        gathering.add(1, tally(5), 7, Duration::from_millis(1500));
        gathering.add(0, tally(4), 4, second(1));
        let first = gathering.complete().unwrap();
        assert_eq!((first.tally.issued, first.in_flight, first.length), (7, 7, second(1)));
        assert!(gathering.complete().is_none());
        gathering.over(1, Last { in_flight: 2, ..Last::default() });
        let next = gathering.complete().unwrap();
        assert_eq!((next.at, next.length), (second(1), Duration::from_millis(500)));
        gathering.over(2, Last { in_flight: 4, ..Last::default() });
        assert!(gathering.complete().is_none());
        let run = gathering.finish(SystemTime::now(), Duration::ZERO, Ended::Calls);
        assert_eq!((run.tally.issued, run.in_flight, run.intervals.len()), (12, 7, 2));
        assert_eq!((run.measured, run.effort.threads.len()), (Duration::from_millis(1500), 3));
    }
}
