//! One thread of the engine, and all that it owns: its connections, the poll that waits for them, and its part of the run.
//! While calls are made it shares nothing with anybody but a word that tells it to stop.

use std::collections::BTreeSet;
use std::io;
use std::time::Duration;

use mio::{Events, Poll, Token};

use super::conn::{Common, Conn};
use super::link::{Link, Over, State, Tools};
use super::timer::Timer;
use crate::bench::part::{End, Part};
use crate::bench::units::nanos;
use crate::transport::Place;

/// How much is read at a time: a connection that has more is read again.
const BUFFER: usize = 256 << 10;
/// How many connections are begun at a time: listeners have short queues.
const AT_A_TIME: usize = 128;
/// How often it is looked whether connections are made, in nanoseconds.
const LOOK: u64 = 10_000_000;
/// The token of the timer and of the waker, which no connection has.
pub(super) const WAKER: Token = Token(usize::MAX);
const TIMER: Token = Token(usize::MAX - 1);

/// One thread.
pub(super) struct Worker {
    poll: Poll,
    timer: Timer,
    place: Place,
    common: Common,
    part: Part,
    links: Vec<Link>,
    buffer: Box<[u8]>,
    /// Whether calls are made.
    is_running: bool,
    /// Where the search for room goes on, and whether there is none.
    next: usize,
    is_full: bool,
    /// Places without a connection, by when the next is tried.
    down: BTreeSet<(u64, usize)>,
    /// Places whose connection is being made.
    making: BTreeSet<usize>,
    /// Which of the server's addresses answered last.
    address: usize,
    /// Since when there are calls to be made, and nowhere to make them.
    nowhere_since: Option<u64>,
    /// Connections that may have more to say than was read.
    unread: Vec<usize>,
    /// Places whose connection is gone for good, to be used again.
    free: Vec<usize>,
    /// When connections are looked at next for calls that are out of time.
    look_at: u64,
}

impl Worker {
    pub(super) fn new(poll: Poll, part: Part, (place, common): (Place, Common)) -> io::Result<Self> {
        let timer = Timer::new(poll.registry(), TIMER)?;
        let links = (0..part.connections)
            .map(|number| Link::new(Token(number), common.clone(), part.load.streams))
            .collect();
        Ok(Self {
            poll,
            timer,
            place,
            common,
            links,
            buffer: vec![0; BUFFER].into(),
            is_running: false,
            next: 0,
            is_full: false,
            down: (0..part.connections).map(|number| (0, number)).collect(),
            making: BTreeSet::new(),
            address: 0,
            nowhere_since: None,
            unread: Vec::new(),
            free: Vec::new(),
            look_at: u64::MAX,
            part,
        })
    }

    /// Connects, waits for the others, makes calls until it is over, and tells of it.
    pub(super) fn run(mut self) {
        let connected = self.connect();
        let Some(begin) = self.part.connected(connected) else { return };
        let Ok(start) = begin.blocking_recv() else { return };
        let end = self.make_calls(start);
        let ending = self.part.end(&end);
        self.each_link(Link::end);
        self.part.over(ending, end);
    }

    /// Opens all connections; why one can't be had within the connect timeout is an error.
    fn connect(&mut self) -> Result<(), String> {
        let limit = self.part.connect_timeout();
        let mut events = Events::with_capacity(1024);
        while self.is_any_absent() {
            let now = self.part.clock.now();
            self.reconnect(now);
            if self.part.is_stopped() {
                return Err("it was interrupted".to_owned());
            }
            let links = &mut self.part.links;
            if now >= limit || (links.failed.0 > 0 && links.opened == 0) {
                let why = links.failed.1.take();
                return Err(why.unwrap_or_else(|| "the connect timeout is over".to_owned()));
            }
            self.wait(&mut events, now + LOOK);
        }
        Ok(())
    }

    fn make_calls(&mut self, start: u64) -> End {
        self.part.begin(start);
        self.is_running = true;
        if let Some(timeout) = self.part.load.timeout {
            self.look_at = start + nanos(timeout);
        }
        let mut events = Events::with_capacity(1024);
        for number in 0..self.links.len() {
            self.refill(number);
        }
        loop {
            let now = self.part.clock.now();
            if self.part.tick(now) {
                self.part.tell_interval(now);
            }
            if now >= self.look_at {
                self.expire(now);
            }
            if self.is_any_absent() {
                self.reconnect(now);
            }
            if self.part.book.under_way() > 0 {
                self.nowhere_since = None;
            } else if let Some(why) = self.unreachable(now) {
                return End::Unreachable(why);
            }
            if self.part.is_open_loop() {
                self.arrive(now);
            }
            if self.part.is_done(now) {
                return End::Done;
            }
            self.wait(&mut events, self.next_wake(now));
        }
    }

    /// When there is something to do at the latest, whatever comes until then, calls that become due aside.
    fn next_wake(&self, now: u64) -> u64 {
        let mut wake = self.part.wake(now).min(self.look_at);
        if let Some(since) = self.nowhere_since {
            wake = wake.min(since.saturating_add(self.part.connect_timeout()));
        }
        // With as many being made as may be, the next waits for one of those.
        if self.making.len() < AT_A_TIME
            && let Some((until, _)) = self.down.first()
        {
            wake = wake.min(*until);
        }
        let since = self.making.iter().filter_map(|number| self.made_since(*number));
        since.fold(wake, |wake, since| wake.min(since.saturating_add(self.part.connect_timeout())))
    }

    /// Whether any place has no connection that is open.
    #[inline]
    fn is_any_absent(&self) -> bool {
        !self.down.is_empty() || !self.making.is_empty()
    }

    /// Since when a connection is being made.
    fn made_since(&self, number: usize) -> Option<u64> {
        match self.links.get(number)?.state {
            State::Connecting(since) | State::Securing(since) | State::Settling(since) => Some(since),
            State::Down(_) | State::Open | State::Leaving | State::Gone => None,
        }
    }

    /// Waits until something happens, a call is due, or it is then, and deals with it. The poll's own timeout is in
    /// milliseconds, which will do for all but calls.
    fn wait(&mut self, events: &mut Events, until: u64) {
        let now = self.part.clock.now();
        let mut timeout = Some(Duration::from_nanos(until.saturating_sub(now)));
        // What becomes due where there is no room is seen to when there is some.
        if let Some(due) = self.part.due().filter(|_| !self.is_full) {
            let most = if due <= now { Some(Duration::ZERO) } else { self.timer.set(due, now) };
            timeout = most.or(timeout).min(timeout);
        }
        if !self.unread.is_empty() {
            timeout = Some(Duration::ZERO);
        }
        // A signal only makes it shorter; nothing else can go wrong with a poll that is open.
        let _ = self.poll.poll(events, timeout);
        for event in events.iter() {
            let Token(number) = event.token();
            if number < self.links.len() {
                self.ready(number, event.is_read_closed() || event.is_error());
            }
        }
        // After those that were heard of just now, so that one that always has more to say does not keep others waiting.
        for number in std::mem::take(&mut self.unread) {
            if let Some(link) = self.links.get_mut(number) {
                link.is_unread = false;
            }
            self.ready(number, true);
        }
    }

    /// A connection has something to say, or room for more.
    #[inline]
    fn ready(&mut self, number: usize, closed: bool) {
        let Some((link, mut tools)) = self.link(number) else { return };
        let was_open = link.state == State::Open;
        let result = link.ready(closed, &mut tools);
        let is_news = matches!(result, Ok(true)) && !std::mem::replace(&mut link.is_unread, true);
        if !was_open && link.state == State::Open {
            self.making.remove(&number);
        }
        match result {
            Ok(_) => {
                if is_news {
                    self.unread.push(number);
                }
                self.refill(number);
            }
            Err(over) => self.down(number, &over),
        }
    }

    /// Begins as many calls on a connection as are to be under way, and writes what there is to be written.
    #[inline]
    fn refill(&mut self, number: usize) {
        while self.is_running && self.begin_some(number) {}
        self.flush(number);
        if self.links.get(number).is_some_and(|link| link.state == State::Open && link.conn.is_leaving()) {
            self.replace(number);
        }
    }

    /// Begins calls on a connection, and writes them where no more fit into what there is to be written. Tells whether there
    /// is room for others then.
    #[inline]
    fn begin_some(&mut self, number: usize) -> bool {
        let now = self.part.clock.now();
        while self.has_room(number) {
            let Some(due) = self.part.next(now) else {
                self.is_full = false;
                return false;
            };
            self.begin(number, due, now);
        }
        // The most of them have as many calls under way as there may be, and are written with what else there is.
        if self.links.get(number).is_none_or(|link| link.room() == 0) {
            return false;
        }
        self.flush(number);
        self.has_room(number)
    }

    #[inline]
    fn has_room(&self, number: usize) -> bool {
        self.links.get(number).is_some_and(Link::has_room)
    }

    /// The server takes no more calls on a connection: those that are under way go on, and another stands in its place.
    #[cold]
    fn replace(&mut self, number: usize) {
        let Some(link) = self.links.get_mut(number) else { return };
        link.state = State::Leaving;
        let place = self.free.pop().unwrap_or(self.links.len());
        let fresh = Link::new(Token(place), self.common.clone(), self.part.load.streams);
        match self.links.get_mut(place) {
            Some(link) => *link = fresh,
            None => self.links.push(fresh),
        }
        self.down.insert((0, place));
    }

    #[inline]
    fn begin(&mut self, number: usize, due: u64, now: u64) {
        let Some(link) = self.links.get_mut(number) else { return };
        let Some(call) = self.part.supply.take() else { return self.part.no_call() };
        link.conn.begin(call, due, now, &mut self.part.book);
    }

    #[inline]
    fn flush(&mut self, number: usize) {
        let Some((link, mut tools)) = self.link(number) else { return };
        if let Err(over) = link.flush(&mut tools) {
            self.down(number, &over);
        }
    }

    /// Begins calls of an open loop that have become due.
    fn arrive(&mut self, now: u64) {
        self.part.arrive(now);
        while self.begin_queued(now) {}
    }

    /// Begins those that wait, and writes them. Tells whether there is room for others then.
    fn begin_queued(&mut self, now: u64) -> bool {
        let mut touched = Vec::new();
        while self.part.queued() > 0
            && let Some(number) = self.with_room()
            && let Some(due) = self.part.next(now)
        {
            self.begin(number, due, now);
            if touched.last() != Some(&number) {
                touched.push(number);
            }
        }
        let is_any_begun = !touched.is_empty();
        for number in touched {
            self.flush(number);
            self.is_full &= !self.has_room(number);
        }
        is_any_begun && !self.is_full && self.part.queued() > 0
    }

    /// The next connection that has room for a call, by turns.
    fn with_room(&mut self) -> Option<usize> {
        if self.is_full {
            return None;
        }
        let count = self.links.len();
        let found = (0..count).map(|step| (self.next + step) % count).find(|number| self.has_room(*number));
        match found {
            Some(found) => self.next = (found + 1) % count,
            // As long as nothing is heard of any.
            None => self.is_full = true,
        }
        found
    }

    /// Gives up calls that are out of time.
    #[cold]
    fn expire(&mut self, now: u64) {
        let Some(timeout) = self.part.load.timeout.map(nanos) else { return };
        let mut next = now.saturating_add(timeout);
        for number in 0..self.links.len() {
            let Some(link) = self.links.get_mut(number) else { continue };
            if link.conn.expires(timeout).is_some_and(|at| at <= now) {
                link.conn.expire(timeout, now, &mut self.part.book);
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
        let limit = self.part.connect_timeout();
        let is_late =
            |number: &usize| self.made_since(*number).is_some_and(|since| now.saturating_sub(since) >= limit);
        let late: Vec<usize> = self.making.iter().copied().filter(is_late).collect();
        for number in late {
            let why = io::Error::new(io::ErrorKind::TimedOut, "it took longer than the connect timeout");
            self.down(number, &Over::Lost(why));
        }
        for _ in 0..AT_A_TIME.saturating_sub(self.making.len()) {
            let Some((_, number)) = self.down.first().copied().filter(|(until, _)| *until <= now) else {
                return;
            };
            self.down.pop_first();
            let fresh = Conn::new(self.common.clone(), self.part.load.streams);
            let Some((link, mut tools)) = self.link(number) else { continue };
            match link.connect(fresh, &mut tools) {
                Ok(()) => self.note(number),
                Err(over) => self.down(number, &over),
            }
        }
    }

    /// Keeps in mind what a place waits for that has no connection.
    #[cold]
    fn note(&mut self, number: usize) {
        self.making.remove(&number);
        match self.links.get(number).map(|link| link.state) {
            Some(State::Down(until)) => drop(self.down.insert((until, number))),
            Some(State::Connecting(_) | State::Securing(_) | State::Settling(_)) => {
                self.making.insert(number);
            }
            Some(State::Gone) => self.free.push(number),
            Some(State::Open | State::Leaving) | None => {}
        }
    }

    #[cold]
    fn down(&mut self, number: usize, over: &Over) {
        let Some((link, mut tools)) = self.link(number) else { return };
        link.down(over, &mut tools);
        self.note(number);
    }

    /// Why no call can be made, once that has been so for as long as connecting may take.
    fn unreachable(&mut self, now: u64) -> Option<String> {
        if self.links.iter().any(|link| link.room() > 0) {
            self.nowhere_since = None;
            return None;
        }
        let since = *self.nowhere_since.get_or_insert(now);
        if now.saturating_sub(since) < self.part.connect_timeout() {
            return None;
        }
        let why = self.part.links.failed.1.clone();
        Some(why.unwrap_or_else(|| "the server takes no calls".to_owned()))
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
            book: &mut self.part.book,
            links: &mut self.part.links,
            address: &mut self.address,
            clock: &self.part.clock,
        };
        Some((link, tools))
    }
}
