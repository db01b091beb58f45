//! A thread's part of a run: which calls are its, which of them count, and when it is over, whichever engine makes them.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::oneshot;

use super::book::Book;
use super::clock::Clock;
use super::control::{Control, Over, Told};
use super::gather::{self, Last};
use super::load::{Load, Pace};
use super::pace::Arrivals;
use super::record::Fault;
use super::run::{Links, Standing};
use super::supply::{Supply, Unmade};
use super::system::Cpu;
use super::units::nanos;

/// How long an interval is.
const INTERVAL: u64 = gather::INTERVAL.as_secs() * 1_000_000_000;

/// What is due for no longer does not wait for room.
const MOMENT: u64 = 1_000_000;

/// So many calls that are due are looked at before it is asked what time it is.
const AT_A_TIME: u32 = 1 << 14;

/// How long the place of a connection stays empty after so many tries in a row that came to nothing.
pub(super) fn pause(failures: u32) -> Duration {
    const FIRST: Duration = Duration::from_millis(10);
    const LONGEST: Duration = Duration::from_secs(1);
    FIRST.saturating_mul(1 << failures.saturating_sub(1).min(8)).min(LONGEST)
}

/// How a thread's run ended.
pub(super) enum End {
    /// All is done, or not waited for.
    Done,
    /// There was no connection for a long time, and why not.
    Unreachable(String),
}

/// One thread's part.
pub(super) struct Part {
    pub(super) load: Load,
    /// How many of the connections are its.
    pub(super) connections: usize,
    pub(super) supply: Supply,
    pub(super) book: Book,
    /// What there is to tell of its connections.
    pub(super) links: Links,
    pub(super) clock: Clock,
    /// How many calls it still makes that count, where that ends the run.
    calls: Option<u64>,
    /// A call that could not be made of what the supply had for it.
    unmade: Option<Unmade>,
    arrivals: Option<Arrivals>,
    /// When the last call was due of those that are to be made.
    last_due: u64,
    /// When calls were due that no connection had room for.
    queue: VecDeque<u64>,
    max_in_flight: usize,
    /// When calls began.
    start: u64,
    /// CPU time that was used when calls began to count, and when no more were due: of the thread, and of the process.
    cpu: [Option<Cpu>; 2],
    /// When the present interval ends, and which it is.
    interval: (u64, usize),
    /// Whether it began when no more calls were due.
    is_draining: bool,
    /// The same of that of the warm-up.
    warming: (u64, usize),
    control: Arc<Control>,
    begin: Option<oneshot::Receiver<u64>>,
    tell: UnboundedSender<Told>,
}

/// What a thread hears, and what it tells.
type Heard = (Arc<Control>, oneshot::Receiver<u64>, UnboundedSender<Told>);

impl Part {
    /// That of the thread with this number, of so many.
    pub(super) fn new(
        load: &Load,
        (number, count): (usize, usize),
        (supply, arrivals): (Supply, Option<Arrivals>),
        has_streams: bool,
        clock: Clock,
        (control, begin, tell): Heard,
    ) -> Self {
        Self {
            connections: share(load.connections, number, count),
            calls: load.calls.map(|calls| share_of(calls, number, count)),
            max_in_flight: share(load.max_in_flight, number, count).max(1),
            load: load.clone(),
            supply,
            book: Book::new(arrivals.is_some(), has_streams),
            links: Links::default(),
            clock,
            unmade: None,
            arrivals,
            last_due: 0,
            queue: VecDeque::new(),
            start: 0,
            cpu: [None; 2],
            interval: (u64::MAX, 0),
            is_draining: false,
            warming: (u64::MAX, 0),
            control,
            begin: Some(begin),
            tell,
        }
    }

    /// The next call could not be made: no more are, on any thread.
    #[cold]
    pub(super) fn no_call(&mut self) {
        self.control.stop();
    }

    /// What the supply made is no call: no more are made, on any thread.
    #[cold]
    pub(super) fn refuse(&mut self, unmade: Unmade) {
        self.unmade.get_or_insert(unmade);
        self.control.stop();
    }

    /// Whether no more calls are to be made.
    #[inline]
    pub(super) fn is_stopped(&self) -> bool {
        self.control.is_stopped()
    }

    /// Whether those that are under way are not waited for either.
    #[inline]
    pub(super) fn is_interrupted(&self) -> bool {
        self.control.is_interrupted()
    }

    /// How long connecting may take, and how long a server may be gone.
    pub(super) fn connect_timeout(&self) -> u64 {
        nanos(self.control.connect_timeout)
    }

    /// Tells whether all its connections are open. When to begin is then to be waited for.
    pub(super) fn connected(&mut self, connected: Result<(), String>) -> Option<oneshot::Receiver<u64>> {
        let told = match connected {
            Ok(()) => Told::Connected,
            Err(why) => Told::NotConnected(why),
        };
        let is_ready = matches!(told, Told::Connected);
        let _ = self.tell.send(told);
        self.begin.take().filter(|_| is_ready)
    }

    /// Calls are made from then on.
    pub(super) fn begin(&mut self, start: u64) {
        self.start = start;
        self.book.is_counting = self.load.warmup.is_zero();
        self.cpu[0] = self.book.is_counting.then(Cpu::now);
        self.book.counted_from = start + nanos(self.load.warmup);
        let duration = self.load.duration.map_or(u64::MAX, nanos);
        self.book.over = self.book.counted_from.saturating_add(duration);
        self.interval.0 = self.book.counted_from + INTERVAL;
        if !self.book.is_counting {
            self.warming.0 = self.book.counted_from.min(start + INTERVAL);
        }
    }

    /// Time has gone on; whether an interval is over.
    #[inline]
    pub(super) fn tick(&mut self, now: u64) -> bool {
        if now >= self.warming.0 {
            self.tell_warm_up(now);
        }
        if !self.book.is_counting && now >= self.book.counted_from {
            self.book.is_counting = true;
            self.cpu[0] = Some(Cpu::now());
        }
        if self.is_stopped() {
            self.book.over = self.book.over.min(now);
        }
        // What is used to wait for the last answers says nothing of the load.
        if now >= self.book.over && self.cpu[1].is_none() {
            self.cpu[1] = Some(Cpu::now());
        }
        now >= self.interval_ends()
    }

    /// When the present interval is over: at the end of the load at the latest, as what is answered later is none of it.
    #[inline]
    fn interval_ends(&self) -> u64 {
        if self.is_draining { self.interval.0 } else { self.interval.0.min(self.book.over) }
    }

    /// Whether calls are due by a clock of their own.
    #[inline]
    pub(super) fn is_open_loop(&self) -> bool {
        self.arrivals.is_some()
    }

    /// Calls of an open loop that have become due wait for room, as many as may.
    pub(super) fn arrive(&mut self, now: u64) {
        let mut looked_at: u32 = 0;
        while let Some(due) = self.due().filter(|due| *due <= now)
            && let Some(arrivals) = &mut self.arrivals
        {
            arrivals.advance();
            if !self.take(due) {
                break;
            }
            self.last_due = due;
            looked_at += 1;
            if looked_at.is_multiple_of(AT_A_TIME) && self.clock.now() >= self.drained_at() {
                self.drop_rest();
            }
            if self.book.counts(due) {
                *self.book.tally.due.get_or_insert(0) += 1;
            }
            if self.queue.len() + self.book.under_way() < self.max_in_flight {
                self.queue.push_back(due);
            } else if self.book.counts(due) {
                self.book.tally.dropped += 1;
            }
        }
    }

    /// More calls are due than can be looked at in the time that there is: the rest is dropped.
    #[cold]
    fn drop_rest(&mut self) {
        let Some(arrivals) = &mut self.arrivals else { return };
        let since_start = |moment: u64| moment.saturating_sub(self.start);
        // Those of the warm-up count nowhere.
        arrivals.skip_to(since_start(self.book.counted_from));
        let mut count = arrivals.skip_to(since_start(self.book.over));
        if let Some(left) = &mut self.calls {
            count = count.min(*left);
            *left -= count;
        }
        *self.book.tally.due.get_or_insert(0) += count;
        self.book.tally.dropped += count;
    }

    /// When the call was due that is to be made next, if one is.
    #[inline]
    pub(super) fn next(&mut self, now: u64) -> Option<u64> {
        if self.is_open_loop() {
            return self.queue.pop_front();
        }
        (self.goes_on(now) && self.take(now)).then_some(now)
    }

    /// How many calls wait for room.
    #[inline]
    pub(super) fn queued(&self) -> usize {
        self.queue.len()
    }

    /// Whether more calls are to be made than wait for room.
    #[inline]
    fn goes_on(&self, now: u64) -> bool {
        match &self.arrivals {
            // Those that were due in time are made, though it be late.
            Some(_) => self.due().is_some(),
            None => self.makes(now),
        }
    }

    /// Whether a call that is due then is to be made.
    #[inline]
    fn makes(&self, due: u64) -> bool {
        due < self.book.over && self.calls != Some(0) && !self.is_stopped()
    }

    /// When the next call of an open loop is due, if it is to be made.
    #[inline]
    pub(super) fn due(&self) -> Option<u64> {
        let due = self.start.saturating_add(self.arrivals.as_ref()?.due()?);
        self.makes(due).then_some(due)
    }

    /// Takes one of the calls that are to be made, if there is one; those of the warm-up come beside them.
    #[inline]
    fn take(&mut self, due: u64) -> bool {
        if !self.book.counts(due) {
            return true;
        }
        match &mut self.calls {
            Some(0) => false,
            Some(left) => {
                *left -= 1;
                true
            }
            None => true,
        }
    }

    /// Whether all is done, or nobody waits for the rest any more.
    #[inline]
    pub(super) fn is_done(&self, now: u64) -> bool {
        if self.is_interrupted() {
            return true;
        }
        if self.goes_on(now) || self.lasts(now) {
            return false;
        }
        let under_way = self.queued() > 0 || self.book.under_way() > 0;
        !under_way || now >= self.drained_at()
    }

    /// Whether the load is not over, though no call may be due in what is left of it: its duration ends it.
    #[inline]
    fn lasts(&self, now: u64) -> bool {
        self.is_open_loop() && self.load.duration.is_some() && now < self.book.over && !self.are_all_made()
    }

    /// Whether there are no more calls to make, however much time is left.
    fn are_all_made(&self) -> bool {
        let is_replayed = || matches!(&self.load.pace, Pace::Open(schedule) if schedule.has_an_end());
        let are_none_due = || self.arrivals.as_ref().is_some_and(|arrivals| arrivals.due().is_none());
        self.calls == Some(0) || (are_none_due() && is_replayed())
    }

    /// When calls that are under way are no longer waited for.
    fn drained_at(&self) -> u64 {
        match self.load.duration {
            None if !self.is_stopped() => u64::MAX,
            _ => self.book.over.saturating_add(nanos(self.load.drain)),
        }
    }

    /// When there is something to do here at the latest, calls that become due aside.
    pub(super) fn wake(&self, now: u64) -> u64 {
        let over = if self.book.over > now { self.book.over } else { self.drained_at() };
        self.interval_ends().min(over).min(self.warming.0)
    }

    /// Tells what was counted since it was told last.
    #[cold]
    pub(super) fn tell_interval(&mut self, now: u64) {
        // What became due until now belongs to it, though nobody looked meanwhile.
        self.arrive(now);
        let standing = self.standing(now);
        self.tell_counted(now, standing);
    }

    fn tell_counted(&mut self, now: u64, standing: Standing) {
        let mut tally = Box::new(std::mem::take(&mut self.book.tally));
        if self.is_open_loop() {
            tally.due.get_or_insert(0);
        }
        let (ends, index) = self.interval;
        let until = now.saturating_sub(self.book.counted_from);
        let _ = self.tell.send(Told::Interval { index, tally, standing, until });
        let is_last = !self.is_draining && self.book.over <= now;
        self.is_draining |= is_last;
        let begun = if is_last { self.book.over } else { ends };
        self.interval = (begun.saturating_add(INTERVAL), index + 1);
    }

    /// Tells what became of calls of the warm-up since that was told last.
    #[cold]
    fn tell_warm_up(&mut self, now: u64) {
        let tally = Box::new(std::mem::take(&mut self.book.warming));
        let (_, index) = self.warming;
        let until = now.saturating_sub(self.start);
        let _ = self.tell.send(Told::WarmUp { index, tally, standing: self.standing(now), until });
        let next = self.start.saturating_add(INTERVAL.saturating_mul(u64::try_from(index).unwrap_or(0) + 2));
        let is_over = now >= self.book.counted_from;
        self.warming = (if is_over { u64::MAX } else { next.min(self.book.counted_from) }, index + 1);
    }

    /// How its calls stand. Those that wait for room have waited from when they were due.
    fn standing(&self, now: u64) -> Standing {
        let count = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
        // What became due just now has not had its turn yet.
        let waiting = self.queue.partition_point(|due| due.saturating_add(MOMENT) <= now);
        let queued = self.queue.front().filter(|due| self.book.counts(**due));
        let queued = queued.map(|due| now.saturating_sub(*due));
        Standing {
            in_flight: count(self.book.under_way()),
            waiting: count(waiting),
            longest_wait: self.book.longest_wait(now).max(queued).map(Duration::from_nanos),
        }
    }

    /// Calls are over: tells what was counted last.
    pub(super) fn end(&mut self, end: &End) -> Ending {
        let now = self.clock.now();
        if let End::Unreachable(why) = end {
            self.book.why(Fault::Connect, why);
        }
        // What is due and was not sent is under way as well: it waits.
        for due in self.queue.drain(..) {
            self.book.left_waiting(due, now, matches!(end, End::Unreachable(_)));
        }
        let in_flight = self.book.counted_under_way();
        let longest_wait = self.book.longest_wait(now).map(Duration::from_nanos);
        self.tell_counted(now, Standing { in_flight, waiting: 0, longest_wait });
        let over = if self.is_stopped() { self.book.over.min(now) } else { self.book.over };
        let counted = |until: u64| Duration::from_nanos(until.saturating_sub(self.book.counted_from));
        let due_for = self.due_until(over, now).map(|until| (counted(self.last_due), counted(until)));
        // The last call of so many has its share of the time as well.
        let until = self.due_until(over, now).filter(|_| self.calls == Some(0)).unwrap_or(now).max(now);
        let made_for = counted(over.min(until));
        let [from, to] = self.cpu;
        let used = from.map(|from| to.unwrap_or_else(Cpu::now).since(from)).unwrap_or_default();
        Ending { in_flight, longest_wait, used, made_for, due_for }
    }

    /// Until when calls of an open loop were due that ends now: until the next would have been after the last of so many,
    /// until the last of a replay, and else until it was over.
    fn due_until(&self, over: u64, now: u64) -> Option<u64> {
        let next = self.arrivals.as_ref()?.due().map(|due| self.start.saturating_add(due));
        Some(match next {
            Some(next) if self.calls == Some(0) => next.min(over),
            None if self.are_all_made() || over == u64::MAX => self.last_due.min(over),
            _ => over.min(now),
        })
    }

    /// Tells that the thread is over, with its connections closed.
    pub(super) fn over(self, ending: Ending, end: End) {
        let unreachable = match end {
            End::Done => None,
            End::Unreachable(why) => Some(why),
        };
        let Ending { in_flight, longest_wait, used: Cpu { thread, process }, made_for, due_for } = ending;
        let (warm, taken, links) = (self.book.warm, self.supply.taken(), self.links);
        let last = Last { in_flight, longest_wait, warm, taken, links, thread, process, made_for, due_for };
        let unmade = self.unmade.or_else(|| self.supply.unmade());
        let over = Over { intervals: self.interval.1, last, unreachable, unmade };
        let _ = self.tell.send(Told::Over(Box::new(over)));
    }
}

/// What was known when the last call was over, or given up.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ending {
    in_flight: u64,
    longest_wait: Option<Duration>,
    used: Cpu,
    /// For how long calls were made that count.
    made_for: Duration,
    /// When the last of an open loop was due, and until when they were.
    due_for: Option<(Duration, Duration)>,
}

/// A thread's share.
fn share(all: usize, number: usize, count: usize) -> usize {
    all / count + usize::from(number < all % count)
}

fn share_of(all: u64, number: usize, count: usize) -> u64 {
    let (number, count) = (u64::try_from(number).unwrap_or(0), u64::try_from(count).unwrap_or(1));
    all / count + u64::from(number < all % count)
}
