//! One thread of the engine, and all that it owns: its connections, the poll that waits for them, the calls that are due,
//! and what is noted of them. While calls are made it shares nothing with anybody but a word that tells it to stop.

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use mio::{Events, Poll, Token};
use tokio::sync::mpsc::UnboundedSender;

use super::book::Book;
use super::conn::{Common, Conn};
use super::link::{Clock, Link, Over, State, Tools};
use super::system::{self, Timer};
use super::{Control, Over as Sum, Told};
use crate::bench::gather::Last;
use crate::bench::load::Load;
use crate::bench::pace::Arrivals;
use crate::bench::run::Links;
use crate::bench::supply::Supply;
use crate::transport::Place;

/// How much is read at a time: a connection that has more is read again.
const BUFFER: usize = 256 << 10;
/// How many connections are begun at a time: listeners have short queues.
const AT_A_TIME: usize = 128;
/// How long an interval is.
const INTERVAL: u64 = 1_000_000_000;
/// How much longer the interval is in which the last call was due: most of those under way then end at once, and need no
/// interval of their own.
const GRACE: u64 = 100_000_000;
/// The token of the timer and of the waker, which no connection has.
pub(super) const WAKER: Token = Token(usize::MAX);
const TIMER: Token = Token(usize::MAX - 1);

/// A thread's part of a run.
pub(super) struct Part {
    pub(super) connections: usize,
    /// How many calls it makes that count, where that ends the run.
    pub(super) calls: Option<u64>,
    pub(super) max_in_flight: usize,
    pub(super) supply: Supply,
    pub(super) arrivals: Option<Arrivals>,
}

/// One thread.
pub(super) struct Worker {
    poll: Poll,
    timer: Timer,
    clock: Clock,
    place: Place,
    common: Common,
    load: Load,
    part: Part,
    links: Vec<Link>,
    made: Links,
    buffer: Box<[u8]>,
    book: Book,
    /// When calls were due that no connection had room for.
    queue: VecDeque<u64>,
    /// Where the search for room goes on.
    next: usize,
    /// How many places have no connection that is open.
    not_open: usize,
    /// Which of the server's addresses answered last.
    address: usize,
    /// Since when none is open.
    nowhere_since: Option<u64>,
    /// When connections are looked at next for calls that are out of time.
    look_at: u64,
    /// When the present interval ends, and which it is.
    interval: (u64, usize),
    control: Arc<Control>,
    tell: UnboundedSender<Told>,
}

/// How a thread's run ended.
enum End {
    Done,
    Unreachable(String),
}

impl Worker {
    pub(super) fn new(
        poll: Poll,
        (clock, control): (Clock, Arc<Control>),
        (place, common): (Place, Common),
        (load, part): (Load, Part),
        tell: UnboundedSender<Told>,
    ) -> io::Result<Self> {
        let timer = Timer::new(poll.registry(), TIMER)?;
        let links = (0..part.connections)
            .map(|number| Link::new(Token(number), common.clone(), load.streams))
            .collect();
        let book = Book {
            tally: crate::bench::record::Tally::default(),
            counted_from: u64::MAX,
            is_counting: false,
            warm: 0,
            over: u64::MAX,
            is_open: part.arrivals.is_some(),
            has_streams: !common.one_answer,
        };
        Ok(Self {
            poll,
            timer,
            clock,
            place,
            common,
            links,
            made: Links::default(),
            buffer: vec![0; BUFFER].into(),
            book,
            queue: VecDeque::new(),
            next: 0,
            not_open: part.connections,
            address: 0,
            nowhere_since: None,
            look_at: u64::MAX,
            interval: (u64::MAX, 0),
            control,
            tell,
            load,
            part,
        })
    }

    /// Connects, waits for the others, makes calls until it is over, and tells of it.
    pub(super) fn run(mut self) {
        if let Err(why) = self.connect() {
            let _ = self.tell.send(Told::NotConnected(why));
            return;
        }
        let _ = self.tell.send(Told::Connected);
        let Some(start) = self.control.begun() else { return };
        let began = (self.clock.now(), system::thread_cpu());
        let end = self.make_calls(start);
        let (ended, cpu) = (self.clock.now(), system::thread_cpu());
        let in_flight: u64 = self.links.iter().map(|link| link.conn.counted(&self.book)).sum();
        // What is due and was not sent is under way as well: it waits.
        let queued = self.queue.iter().filter(|due| self.book.counts(**due)).count();
        let queued = u64::try_from(queued).unwrap_or(0);
        self.book.tally.issued += queued;
        self.tell_interval(ended);
        self.each_link(Link::end);
        let last = Last {
            in_flight: in_flight + queued,
            warm: self.book.warm,
            links: self.made,
            cpu: cpu.zip(began.1).map(|(after, before)| after.saturating_sub(before)),
            ran: Duration::from_nanos(ended.saturating_sub(began.0)),
        };
        let over = Sum {
            intervals: self.interval.1,
            last,
            unreachable: match end {
                End::Done => None,
                End::Unreachable(why) => Some(why),
            },
        };
        let _ = self.tell.send(Told::Over(Box::new(over)));
    }

    /// Opens all connections; why one can't be had within the connect timeout is an error.
    fn connect(&mut self) -> Result<(), String> {
        let limit = nanos(self.control.connect_timeout);
        let mut events = Events::with_capacity(1024);
        while self.not_open > 0 {
            let now = self.clock.now();
            self.reconnect(now);
            if self.control.is_stopped() {
                return Err("it was interrupted".to_owned());
            }
            if now >= limit || (self.made.failed.0 > 0 && self.made.opened == 0) {
                let why = self.made.failed.1.take();
                return Err(why.unwrap_or_else(|| "the connect timeout is over".to_owned()));
            }
            self.wait(&mut events, now + 10_000_000);
        }
        Ok(())
    }

    fn make_calls(&mut self, start: u64) -> End {
        self.book.counted_from = start + nanos(self.load.warmup);
        let duration = self.load.duration.map_or(u64::MAX, nanos);
        self.book.over = self.book.counted_from.saturating_add(duration);
        self.interval.0 = self.book.counted_from + INTERVAL;
        if let Some(timeout) = self.load.timeout {
            self.look_at = start + nanos(timeout);
        }
        let mut events = Events::with_capacity(1024);
        for number in 0..self.links.len() {
            self.refill(number);
        }
        loop {
            let now = self.clock.now();
            self.book.is_counting = now >= self.book.counted_from;
            if self.control.is_stopped() {
                self.book.over = self.book.over.min(now);
            }
            if now >= self.interval.0.saturating_add(if now < self.book.over { 0 } else { GRACE }) {
                self.tell_interval(now);
            }
            if now >= self.look_at {
                self.expire(now);
            }
            if self.not_open > 0 {
                self.reconnect(now);
                if let Some(why) = self.unreachable(now) {
                    return End::Unreachable(why);
                }
            }
            if self.part.arrivals.is_some() {
                self.arrive(start, now);
            }
            if self.is_done(now) {
                return End::Done;
            }
            let wake = self.next_wake(start);
            self.wait(&mut events, wake);
        }
    }

    /// Whether all is done, or nobody waits for the rest any more.
    #[inline]
    fn is_done(&self, now: u64) -> bool {
        if self.control.is_interrupted() {
            return true;
        }
        if self.goes_on(now) {
            return false;
        }
        let under_way = !self.queue.is_empty() || self.links.iter().any(|link| link.conn.open() > 0);
        !under_way || now >= self.drained_at()
    }

    /// When calls that are under way are no longer waited for.
    fn drained_at(&self) -> u64 {
        match self.load.duration {
            None if !self.control.is_stopped() => u64::MAX,
            _ => self.book.over.saturating_add(nanos(self.load.drain)),
        }
    }

    /// Whether more calls are to be made.
    #[inline]
    fn goes_on(&self, now: u64) -> bool {
        let due = match &self.part.arrivals {
            Some(arrivals) => arrivals.due().is_some(),
            None => true,
        };
        now < self.book.over && self.part.calls != Some(0) && due && !self.control.is_stopped()
    }

    /// When there is something to do at the latest, whatever comes until then.
    fn next_wake(&self, start: u64) -> u64 {
        let mut wake = self.look_at;
        if self.book.over > self.clock.now() {
            wake = wake.min(self.interval.0).min(self.book.over);
        } else {
            wake = wake.min(self.interval.0.saturating_add(GRACE)).min(self.drained_at());
        }
        if let Some(due) = self.part.arrivals.as_ref().and_then(Arrivals::due) {
            wake = wake.min(start.saturating_add(due));
        }
        if self.not_open > 0 {
            for link in &self.links {
                wake = match link.state {
                    State::Open => wake,
                    State::Down(until) => wake.min(until),
                    State::Connecting(since) | State::Securing(since) | State::Settling(since) => {
                        wake.min(since.saturating_add(nanos(self.control.connect_timeout)))
                    }
                };
            }
        }
        wake
    }

    /// Waits until something happens, or until then, and deals with it.
    fn wait(&mut self, events: &mut Events, until: u64) {
        let left = Duration::from_nanos(until.saturating_sub(self.clock.now()));
        let timeout = if left.is_zero() { Some(left) } else { self.timer.set(left) };
        // A signal only makes it shorter; nothing else can go wrong with a poll that is open.
        let _ = self.poll.poll(events, timeout);
        for event in events.iter() {
            let Token(number) = event.token();
            if number < self.links.len() {
                self.ready(number, event.is_read_closed() || event.is_error());
            }
        }
    }

    /// A connection has something to say, or room for more.
    #[inline]
    fn ready(&mut self, number: usize, closed: bool) {
        let Some((link, mut tools)) = self.link(number) else { return };
        let was_open = link.state == State::Open;
        let result = link.ready(closed, &mut tools);
        let opened = !was_open && link.state == State::Open;
        if opened {
            self.not_open -= 1;
            self.nowhere_since = None;
        }
        match result {
            Ok(()) => self.refill(number),
            Err(over) => self.down(number, &over),
        }
    }

    /// Begins as many calls on a connection as are to be under way, and writes what there is to be written.
    #[inline]
    fn refill(&mut self, number: usize) {
        let now = self.clock.now();
        let is_open_loop = self.part.arrivals.is_some();
        let mut room = match self.links.get(number) {
            Some(link) if self.book.counted_from != u64::MAX => link.room(),
            _ => 0,
        };
        let goes_on = !is_open_loop && room > 0 && self.goes_on(now);
        while room > 0 {
            let due = if is_open_loop {
                self.queue.pop_front()
            } else {
                (goes_on && self.take(now)).then_some(now)
            };
            let Some(due) = due else { break };
            self.begin(number, due, now);
            room -= 1;
        }
        self.flush(number);
    }

    #[inline]
    fn begin(&mut self, number: usize, due: u64, now: u64) {
        let (Some(link), Some(call)) = (self.links.get_mut(number), self.part.supply.take()) else { return };
        link.conn.begin(call, due, now, &mut self.book);
    }

    /// Takes one of the calls that are to be made, if there is one; those of the warm-up come beside them.
    #[inline]
    fn take(&mut self, due: u64) -> bool {
        if !self.book.counts(due) {
            return true;
        }
        match &mut self.part.calls {
            Some(0) => false,
            Some(left) => {
                *left -= 1;
                true
            }
            None => true,
        }
    }

    #[inline]
    fn flush(&mut self, number: usize) {
        let Some((link, mut tools)) = self.link(number) else { return };
        if let Err(over) = link.flush(&mut tools) {
            self.down(number, &over);
        }
    }

    /// Calls of an open loop that have become due.
    fn arrive(&mut self, start: u64, now: u64) {
        let mut touched = Vec::new();
        while self.goes_on(now)
            && let Some(arrivals) = &mut self.part.arrivals
            && let Some(due) = arrivals.due().map(|due| start.saturating_add(due)).filter(|due| *due <= now)
        {
            arrivals.advance();
            if !self.take(due) {
                break;
            }
            if let Some(number) = self.with_room() {
                self.begin(number, due, now);
                if touched.last() != Some(&number) {
                    touched.push(number);
                }
            } else if self.queue.len() + self.under_way() < self.part.max_in_flight {
                self.queue.push_back(due);
            } else if self.book.counts(due) {
                self.book.tally.dropped += 1;
            }
        }
        for number in touched {
            self.flush(number);
        }
    }

    fn under_way(&self) -> usize {
        self.links.iter().map(|link| link.conn.open()).sum()
    }

    /// The next connection that has room for a call, by turns.
    fn with_room(&mut self) -> Option<usize> {
        let count = self.links.len();
        let found = (0..count)
            .map(|step| (self.next + step) % count)
            .find(|number| self.links.get(*number).is_some_and(|link| link.room() > 0 && !link.is_stuck()))?;
        self.next = (found + 1) % count;
        Some(found)
    }

    /// Gives up calls that are out of time.
    #[cold]
    fn expire(&mut self, now: u64) {
        let Some(timeout) = self.load.timeout.map(nanos) else { return };
        let mut next = now.saturating_add(timeout);
        for number in 0..self.links.len() {
            let Some(link) = self.links.get_mut(number) else { continue };
            if link.conn.expires(timeout).is_some_and(|at| at <= now) {
                link.conn.expire(timeout, now, &mut self.book);
                self.refill(number);
            }
            let expires = self.links.get(number).and_then(|link| link.conn.expires(timeout));
            next = next.min(expires.unwrap_or(u64::MAX));
        }
        self.look_at = next;
    }

    /// Tries again where there is no connection, and gives up what takes too long.
    #[cold]
    fn reconnect(&mut self, now: u64) {
        let limit = nanos(self.control.connect_timeout);
        let mut busy = 0;
        for number in 0..self.links.len() {
            let Some(link) = self.links.get(number) else { continue };
            let result = match link.state {
                State::Down(until) if until <= now && busy < AT_A_TIME => {
                    busy += 1;
                    let fresh = Conn::new(self.common.clone(), self.load.streams);
                    let Some((link, mut tools)) = self.link(number) else { continue };
                    link.connect(fresh, &mut tools)
                }
                State::Connecting(since) | State::Securing(since) | State::Settling(since) => {
                    busy += 1;
                    if now.saturating_sub(since) < limit {
                        continue;
                    }
                    let late =
                        io::Error::new(io::ErrorKind::TimedOut, "it took longer than the connect timeout");
                    Err(Over::Lost(late))
                }
                _ => continue,
            };
            if let Err(over) = result {
                self.down(number, &over);
            }
        }
    }

    #[cold]
    fn down(&mut self, number: usize, over: &Over) {
        let Some((link, mut tools)) = self.link(number) else { return };
        let was_open = link.state == State::Open;
        link.down(over, &mut tools);
        if was_open {
            self.not_open += 1;
        }
        if self.not_open == self.links.len() {
            self.nowhere_since.get_or_insert(self.clock.now());
        }
    }

    /// Why the server can't be reached, once that has been so for as long as connecting may take.
    #[cold]
    fn unreachable(&mut self, now: u64) -> Option<String> {
        let since = self.nowhere_since?;
        let is_long = now.saturating_sub(since) >= nanos(self.control.connect_timeout);
        is_long.then(|| self.made.failed.1.clone().unwrap_or_default())
    }

    /// Tells what was counted since it was told last.
    #[cold]
    fn tell_interval(&mut self, now: u64) {
        let tally = Box::new(std::mem::take(&mut self.book.tally));
        let in_flight = u64::try_from(self.under_way()).unwrap_or(0);
        let (_, index) = self.interval;
        let _ = self.tell.send(Told::Interval {
            index,
            tally,
            in_flight,
            until: now - self.book.counted_from.min(now),
        });
        self.interval = (self.interval.0.saturating_add(INTERVAL), index + 1);
    }

    fn each_link(&mut self, mut what: impl FnMut(&mut Link, &mut Tools<'_>)) {
        for number in 0..self.links.len() {
            if let Some((link, mut tools)) = self.link(number) {
                what(link, &mut tools);
            }
        }
    }

    /// A connection's place, and what it works with.
    #[inline]
    fn link(&mut self, number: usize) -> Option<(&mut Link, Tools<'_>)> {
        let link = self.links.get_mut(number)?;
        let tools = Tools {
            place: &self.place,
            registry: self.poll.registry(),
            buffer: &mut self.buffer,
            book: &mut self.book,
            links: &mut self.made,
            address: &mut self.address,
            clock: &self.clock,
        };
        Some((link, tools))
    }
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
