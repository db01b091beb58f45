//! What threads count, added up: second by second, and in all.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use super::record::Tally;
use super::report;
use super::run::{Effort, Ended, Interval, Links, Run, Standing};
use super::units::nanos;

/// How long an interval is.
pub const INTERVAL: Duration = Duration::from_secs(1);

/// An interval that is shorter is told with the next: where this program was stopped for a while, several end at one moment.
const SHORTEST: Duration = Duration::from_millis(10);

/// What a thread knows when it is over.
#[derive(Debug, Clone, Default)]
pub struct Last {
    /// How many calls were under way.
    pub in_flight: u64,
    /// For how long the longest of them waits.
    pub longest_wait: Option<Duration>,
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
    /// When the last call of an open loop was due, and until when calls were.
    pub due_for: Option<(Duration, Duration)>,
}

/// What has been told of a run so far.
#[derive(Debug)]
pub struct Gathering {
    threads: usize,
    /// The intervals that not all threads have told of, by their numbers, and how many have.
    open: BTreeMap<usize, (usize, Interval)>,
    /// The same of those of the warm-up.
    warming: BTreeMap<usize, (usize, Interval)>,
    /// How many intervals each thread that is over told of, and how its calls stood then.
    over: Vec<(usize, Standing)>,
    next: usize,
    /// What was over as soon as it began: a part of the next.
    carried: Option<Interval>,
    total: Tally,
    intervals: report::Intervals,
    /// When the last interval ended, and the last of those that all have told of.
    longest: Duration,
    told_until: Duration,
    /// For how long calls were made.
    made_for: Duration,
    /// When the last call was due of any thread, and until when calls were of the one that was over first: its next call
    /// would have been the next of all.
    due_for: Option<(Duration, Duration)>,
    process: Option<Duration>,
    in_flight: u64,
    longest_wait: Option<Duration>,
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
            warming: BTreeMap::new(),
            over: Vec::new(),
            next: 0,
            carried: None,
            total: Tally::default(),
            intervals: report::Intervals::default(),
            longest: Duration::ZERO,
            told_until: Duration::ZERO,
            made_for: Duration::ZERO,
            due_for: None,
            process: None,
            in_flight: 0,
            longest_wait: None,
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
    pub fn add(&mut self, index: usize, tally: Tally, standing: Standing, until: Duration) {
        self.longest = self.longest.max(until);
        let (told, interval) = self.open.entry(index).or_insert_with(|| (0, empty(false)));
        *told += 1;
        take(interval, tally, standing, until);
    }

    /// What became of a thread's calls in an interval of the warm-up, which ended so long after its beginning.
    pub fn warm_up(&mut self, index: usize, tally: Tally, standing: Standing, until: Duration) {
        let (told, interval) = self.warming.entry(index).or_insert_with(|| (0, empty(true)));
        *told += 1;
        take(interval, tally, standing, until);
    }

    /// A thread is over, and told of so many intervals.
    pub fn over(&mut self, intervals: usize, last: Last) {
        self.in_flight += last.in_flight;
        self.longest_wait = self.longest_wait.max(last.longest_wait);
        self.warm += last.warm;
        self.taken = self.taken.max(last.taken);
        self.links.add(last.links);
        self.efforts.push((last.thread, last.made_for));
        self.process = self.process.max(last.process);
        self.made_for = self.made_for.max(last.made_for);
        self.due_for = match (self.due_for, last.due_for) {
            (Some(one), Some(other)) => Some((one.0.max(other.0), one.1.min(other.1))),
            (one, other) => one.or(other),
        };
        let (in_flight, longest_wait) = (last.in_flight, last.longest_wait);
        self.over.push((intervals, Standing { in_flight, waiting: 0, longest_wait }));
    }

    /// The next interval of which all have told.
    pub fn complete(&mut self) -> Option<Interval> {
        if let Some(first) = self.warming.first_entry()
            && first.get().0 >= self.threads
        {
            let index = first.key() + 1;
            let (_, mut interval) = first.remove();
            // Each begins a whole number of intervals after the first.
            interval.at = INTERVAL.saturating_mul(u32::try_from(index - 1).unwrap_or(u32::MAX));
            interval.length = interval.length.saturating_sub(interval.at);
            return Some(interval);
        }
        loop {
            let are_all_over = self.over.len() >= self.threads;
            let Some((told, _)) = self.open.get(&self.next) else {
                // Nothing comes any more that it could be a part of.
                let last = self.carried.take_if(|_| are_all_over)?;
                let before = self.intervals.last().map_or(0, |before| before.in_flight);
                return (!is_nothing(&last, before)).then(|| self.keep(last));
            };
            let silent = self.over.iter().filter(|(intervals, _)| *intervals <= self.next);
            if told + silent.clone().count() < self.threads {
                return None;
            }
            let (_, mut interval) = self.open.remove(&self.next)?;
            for (_, standing) in silent {
                interval.standing.add(*standing);
            }
            self.next += 1;
            if let Some(carried) = self.carried.take() {
                interval.tally.add(carried.tally);
            }
            if interval.length.saturating_sub(self.told_until) < SHORTEST {
                self.carried = Some(interval);
                continue;
            }
            return Some(self.keep(interval));
        }
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
        if let Some(carried) = self.carried.take() {
            self.total.add(carried.tally);
        }
        while let Some((_, (_, interval))) = self.open.pop_first() {
            self.keep(interval);
        }
        // Calls that were still waited for are no part of the time in which others were made.
        let measured = if ended == Ended::Calls { self.longest.max(self.made_for) } else { self.made_for };
        let mut load_ends = nanos(self.made_for);
        if ended == Ended::Calls {
            // It was the last call that ended it, and not the time.
            self.total.drained = 0;
            load_ends = u64::MAX;
        }
        // Those of the warm-up count nowhere.
        self.links.further_calls = self.links.further_calls.min(self.total.issued);
        Run {
            began,
            measured,
            due_for: self.due_for.map(|(last, until)| last.max(until)),
            warmup: (self.warm, warmup),
            numbers: self.taken.saturating_mul(u64::try_from(self.threads).unwrap_or(u64::MAX)),
            tally: self.total,
            intervals: self.intervals.finish(load_ends),
            in_flight: self.in_flight,
            longest_wait: self.longest_wait,
            links: self.links,
            effort: Effort { process: self.process, threads: self.efforts },
            ended,
        }
    }
}

/// Whether nothing happened in it, and as many calls are under way as were before.
fn is_nothing(interval: &Interval, before: u64) -> bool {
    let Tally { issued, dropped, bytes_sent, bytes_received, .. } = interval.tally;
    let happened = issued + dropped + bytes_sent + bytes_received + interval.tally.over();
    happened == 0 && interval.standing.in_flight == before
}

/// One of which nobody has told.
fn empty(is_warm_up: bool) -> Interval {
    let (at, length) = (Duration::ZERO, Duration::ZERO);
    Interval { at, length, tally: Tally::default(), standing: Standing::default(), is_warm_up }
}

/// Takes what a thread tells of an interval. How long it was is known when all have told of those before it.
fn take(interval: &mut Interval, tally: Tally, standing: Standing, until: Duration) {
    interval.length = interval.length.max(until);
    interval.standing.add(standing);
    interval.tally.add(tally);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(issued: u64) -> Tally {
        let mut tally = Tally::default();
        tally.issued = issued;
        tally
    }

    fn standing(in_flight: u64) -> Standing {
        let longest_wait = Some(Duration::from_secs(in_flight));
        Standing { in_flight, waiting: 1, longest_wait }
    }

    #[test]
    fn the_warm_up_is_told_and_counts_nowhere() {
        let at = Duration::from_millis;
        let mut gathering = Gathering::new(2);
        gathering.warm_up(0, tally(5), standing(3), at(1000));
        assert!(gathering.complete().is_none());
        gathering.warm_up(1, tally(2), standing(1), at(1500));
        gathering.warm_up(0, tally(4), standing(8), at(1001));
        let first = gathering.complete().unwrap();
        assert_eq!((first.is_warm_up, first.tally.issued, first.length), (true, 9, at(1001)));
        let longest_wait = Some(Duration::from_secs(8));
        assert_eq!(first.standing, Standing { in_flight: 11, waiting: 2, longest_wait });
        gathering.warm_up(1, tally(2), standing(1), at(1500));
        let second = gathering.complete().unwrap();
        assert_eq!((second.at, second.length), (at(1000), at(500)));
        let run = gathering.finish(SystemTime::now(), Duration::from_secs(2), Ended::Calls);
        assert_eq!((run.tally.issued, run.intervals.len()), (0, 0));
    }

    #[test]
    fn an_interval_is_over_when_all_who_are_there_have_told_of_it() {
        let second = |number| Duration::from_secs(number);
        let mut gathering = Gathering::new(3);
        gathering.add(0, tally(1), standing(1), second(1));
        gathering.over(1, Last { in_flight: 1, ..Last::default() });
        gathering.add(0, tally(2), standing(2), second(1));
        assert!(gathering.complete().is_none());
        gathering.add(1, tally(5), standing(7), Duration::from_millis(1500));
        gathering.add(0, tally(4), standing(4), second(1));
        let first = gathering.complete().unwrap();
        assert_eq!((first.tally.issued, first.standing.in_flight, first.length), (7, 7, second(1)));
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

    /// A program that was stopped for three seconds sees three intervals end at one moment.
    #[test]
    fn a_pause_is_one_long_interval() {
        let at = Duration::from_millis;
        let mut gathering = Gathering::new(1);
        let told = |gathering: &mut Gathering, index, issued, until| {
            gathering.add(index, tally(issued), standing(0), at(until));
            gathering.complete().map(|interval| (interval.at, interval.length, interval.tally.issued))
        };
        assert_eq!(told(&mut gathering, 0, 10, 1000), Some((at(0), at(1000), 10)));
        assert_eq!(told(&mut gathering, 1, 30, 4500), Some((at(1000), at(3500), 30)));
        assert_eq!(told(&mut gathering, 2, 50, 4501), None);
        assert_eq!(told(&mut gathering, 3, 1, 4502), None);
        assert_eq!(told(&mut gathering, 4, 5, 5000), Some((at(4500), at(500), 56)));
        // The last is told however short it is, if there is anything in it.
        assert_eq!(told(&mut gathering, 5, 0, 5001), None);
        gathering.over(6, Last { made_for: at(5000), ..Last::default() });
        assert!(gathering.complete().is_none());
        let run = gathering.finish(SystemTime::now(), Duration::ZERO, Ended::Duration);
        assert_eq!((run.tally.issued, run.intervals.len(), run.measured), (96, 3, at(5000)));
    }

    #[test]
    fn what_is_answered_when_the_time_is_over_is_told_apart() {
        let at = Duration::from_millis;
        let run = |ended| {
            let mut gathering = Gathering::new(1);
            let mut late = tally(0);
            late.drained = 7;
            gathering.add(0, tally(9), standing(7), at(1000));
            gathering.add(1, late, standing(2), at(1003));
            gathering.over(2, Last { in_flight: 2, made_for: at(1000), ..Last::default() });
            assert!(gathering.complete().is_some() && gathering.complete().is_some());
            gathering.finish(SystemTime::now(), Duration::ZERO, ended)
        };
        let told = |run: &Run| run.intervals.iter().map(|one| (one.drain, one.in_flight)).collect::<Vec<_>>();
        let by_time = run(Ended::Duration);
        assert_eq!(told(&by_time), [(false, 7), (true, 2)]);
        assert_eq!((by_time.tally.drained, by_time.measured), (7, at(1000)));
        // Where calls end it, their answers are what is waited for: none of them is late, and T goes on until the last.
        let by_calls = run(Ended::Calls);
        assert_eq!(told(&by_calls), [(false, 7), (false, 2)]);
        assert_eq!((by_calls.tally.drained, by_calls.measured), (0, at(1003)));
    }

    #[test]
    fn calls_of_an_open_loop_are_due_until_the_next_would_have_been() {
        let second = Duration::from_secs;
        let mut gathering = Gathering::new(2);
        for (last, until) in [(8, 10), (9, 11)] {
            gathering.over(0, Last { due_for: Some((second(last), second(until))), ..Last::default() });
        }
        let run = gathering.finish(SystemTime::now(), Duration::ZERO, Ended::Calls);
        assert_eq!(run.due_for, Some(second(10)));
    }
}
