//! What threads count, added up: second by second, and in all.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use super::record::Tally;
use super::report;
use super::run::{Effort, Ended, Interval, Links, Run};

/// How long an interval is.
pub const INTERVAL: Duration = Duration::from_secs(1);

/// What has been told of a run so far.
#[derive(Debug)]
pub struct Gathering {
    threads: usize,
    /// The intervals that not all threads have told of, by their numbers, and how many have.
    open: BTreeMap<usize, (usize, Interval)>,
    /// How many intervals each thread that is over told of.
    over: Vec<usize>,
    /// How many each that is not over has told of at most.
    last: usize,
    next: usize,
    total: Tally,
    intervals: Vec<report::Interval>,
    longest: Duration,
    in_flight: u64,
    warm: u64,
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
            last: 0,
            next: 0,
            total: Tally::default(),
            intervals: Vec::new(),
            longest: Duration::ZERO,
            in_flight: 0,
            warm: 0,
            links: Links::default(),
            efforts: Vec::new(),
        }
    }

    /// How many threads there are.
    pub fn threads(&self) -> usize {
        self.threads
    }

    /// How many calls were made that count.
    pub fn issued(&self) -> u64 {
        self.total.issued
    }

    /// What a thread counted in the interval of this number, which ended then.
    pub fn add(&mut self, index: usize, tally: Tally, in_flight: u64, until: Duration) {
        let at = INTERVAL.saturating_mul(u32::try_from(index).unwrap_or(u32::MAX));
        let empty = || Interval { at, length: Duration::ZERO, tally: Tally::default(), in_flight: 0 };
        let (told, interval) = self.open.entry(index).or_insert_with(|| (0, empty()));
        *told += 1;
        interval.length = interval.length.max(until.saturating_sub(at));
        interval.in_flight += in_flight;
        interval.tally.add(tally);
        self.last = self.last.max(index + 1);
        self.longest = self.longest.max(until);
    }

    /// A thread is over: what was still under way, and how many calls it made to warm up; its connections; its CPU time,
    /// and how long it ran.
    pub fn over(
        &mut self,
        (in_flight, warm): (u64, u64),
        links: Links,
        effort: (Option<Duration>, Duration),
    ) {
        self.in_flight += in_flight;
        self.warm += warm;
        self.links.add(links);
        self.efforts.push(effort);
        self.over.push(self.last);
    }

    /// The next interval of which all have told.
    pub fn next(&mut self) -> Option<Interval> {
        let (told, _) = self.open.get(&self.next)?;
        let gone = self.over.len();
        if *told < self.threads && *told + gone < self.threads && gone < self.threads {
            return None;
        }
        let (_, interval) = self.open.remove(&self.next)?;
        self.next += 1;
        self.total.add(interval.tally.clone());
        self.intervals.push(interval.clone().into());
        Some(interval)
    }

    /// What the run was that began then; it was measured for as long as it took, where nothing else is said.
    pub fn finish(
        mut self,
        (began, measured): (SystemTime, Option<Duration>),
        warmup: Duration,
        process: Option<Duration>,
        ended: Ended,
    ) -> Run {
        while self.next().is_some() {}
        Run {
            began,
            measured: measured.unwrap_or(self.longest),
            warmup: (self.warm, warmup),
            tally: self.total,
            intervals: self.intervals,
            in_flight: self.in_flight,
            links: self.links,
            effort: Effort { process, threads: self.efforts },
            ended,
        }
    }
}
