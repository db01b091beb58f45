//! One connection's place: a socket from its first try to its last byte, and another in its stead when it is lost.

use std::io;
use std::time::Duration;

use mio::{Interest, Registry, Token};

use super::conn::{Common, Conn};
use crate::bench::book::Book;
use crate::bench::clock::Clock;
use crate::bench::part::pause;
use crate::bench::run::Links;
use crate::bench::units::nanos;
use crate::http2::ErrorCode;
use crate::transport::{Place, Socket};

/// How often a connection is read before others have their turn.
const READS: usize = 8;

/// How far a connection is, and since when, in nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// There is none, and the next is tried then.
    Down(u64),
    Connecting(u64),
    Securing(u64),
    /// The server's SETTINGS are awaited.
    Settling(u64),
    Open,
    /// Open, and the server takes no more calls on it: another stands in its place.
    Leaving,
    /// Nothing, and nothing comes.
    Gone,
}

/// A connection's place.
#[derive(Debug)]
pub(super) struct Link {
    token: Token,
    socket: Option<Socket>,
    pub(super) conn: Conn,
    pub(super) state: State,
    /// How much of the connection's output is written.
    written: usize,
    /// Whether TLS holds back what the socket has no room for.
    held: bool,
    /// What has come of a frame that is not whole.
    rest: Vec<u8>,
    /// Whether it is known to its thread that it may have more to say than was read.
    pub(super) is_unread: bool,
    /// How many tries in a row came to nothing.
    failures: usize,
    /// Which of the server's addresses is tried.
    address: usize,
}

/// Why a connection is over.
#[derive(Debug)]
pub(super) enum Over {
    /// It took no more calls, and the last is over.
    Left,
    /// It was lost, or came to nothing.
    Lost(io::Error),
    /// The server broke HTTP/2.
    Broken(crate::http2::Error),
}

impl From<io::Error> for Over {
    fn from(error: io::Error) -> Self {
        Self::Lost(error)
    }
}

/// What a link works with that its thread has once.
pub(super) struct Tools<'a> {
    pub(super) place: &'a Place,
    pub(super) registry: &'a Registry,
    pub(super) buffer: &'a mut [u8],
    pub(super) book: &'a mut Book,
    pub(super) links: &'a mut Links,
    /// Which of the server's addresses answered last.
    pub(super) address: &'a mut usize,
    pub(super) clock: &'a Clock,
}

impl Link {
    pub(super) fn new(token: Token, common: Common, streams: usize) -> Self {
        Self {
            token,
            socket: None,
            conn: Conn::new(common, streams),
            state: State::Down(0),
            written: 0,
            held: false,
            rest: Vec::new(),
            is_unread: false,
            failures: 0,
            address: 0,
        }
    }

    /// Begins to connect.
    pub(super) fn connect(&mut self, fresh: Conn, tools: &mut Tools<'_>) -> Result<(), Over> {
        self.address = *tools.address + self.failures;
        let mut socket = match tools.place.connect(self.address) {
            // A listener whose queue is full, as unix sockets tell it.
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                self.state = State::Down(tools.clock.now() + nanos(pause(1)));
                return Ok(());
            }
            socket => socket?,
        };
        tools.registry.register(&mut socket, self.token, Interest::READABLE | Interest::WRITABLE)?;
        self.socket = Some(socket);
        self.conn = fresh;
        (self.written, self.held) = (0, false);
        self.rest.clear();
        self.state = State::Connecting(tools.clock.now());
        Ok(())
    }

    /// The socket has something to say, or room for more. Tells whether it may have more to say.
    pub(super) fn ready(&mut self, closed: bool, tools: &mut Tools<'_>) -> Result<bool, Over> {
        if matches!(self.state, State::Open | State::Leaving) {
            return self.read(closed, tools);
        }
        self.establish(tools)?;
        if matches!(self.state, State::Settling(_)) {
            return self.read(closed, tools);
        }
        Ok(false)
    }

    /// Goes on with what comes before HTTP/2.
    #[cold]
    fn establish(&mut self, tools: &mut Tools<'_>) -> Result<(), Over> {
        let Some(socket) = &mut self.socket else { return Ok(()) };
        if let State::Connecting(since) = self.state {
            if !socket.is_connected()? {
                return Ok(());
            }
            let now = tools.clock.now();
            tools.links.connecting += Duration::from_nanos(now - since);
            self.state = State::Securing(now);
        }
        if let State::Securing(since) = self.state {
            if !socket.shake_hands()? {
                return Ok(());
            }
            let now = tools.clock.now();
            if let Some(facts) = socket.tls() {
                tools.links.securing += Duration::from_nanos(now - since);
                tools.links.tls.get_or_insert((facts.version, facts.cipher));
            }
            self.state = State::Settling(now);
            self.flush(tools)?;
        }
        Ok(())
    }

    /// Reads what has come, and tells whether there may be more.
    #[inline]
    fn read(&mut self, closed: bool, tools: &mut Tools<'_>) -> Result<bool, Over> {
        let Some(socket) = &mut self.socket else { return Ok(false) };
        let (mut ended, mut more) = (false, true);
        for _ in 0..READS {
            let have = self.rest.len();
            // A frame that is not whole is shorter than the buffer by far.
            let (before, room) = tools.buffer.split_at_mut(have);
            before.copy_from_slice(&self.rest);
            let size = match socket.read(room) {
                Ok(0) => {
                    ended = true;
                    break;
                }
                Ok(size) => size,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    more = false;
                    break;
                }
                Err(error) => return Err(error.into()),
            };
            let filled = size == room.len();
            let now = tools.clock.now();
            if tools.book.is_counting {
                tools.book.tally.bytes_received += u64::try_from(size).unwrap_or(0);
            }
            let mut bytes = tools.buffer.get(..have + size).unwrap_or_default();
            self.conn.receive(&mut bytes, now, tools.book).map_err(Over::Broken)?;
            self.rest.clear();
            self.rest.extend_from_slice(bytes);
            if !filled && !closed && socket.reads_all() {
                more = false;
                break;
            }
        }
        if let State::Settling(since) = self.state
            && self.conn.is_settled()
        {
            let now = tools.clock.now();
            tools.links.settling += Duration::from_nanos(now - since);
            tools.links.opened += 1;
            if let Some(allowed) = self.conn.allowed() {
                tools.links.max_concurrent_streams = Some(allowed);
            }
            self.state = State::Open;
            *tools.address = self.address % tools.place.addresses().max(1);
        }
        if ended {
            let what = "the server closed the connection";
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, what).into());
        }
        Ok(more)
    }

    /// How many more calls may begin.
    #[inline]
    pub(super) fn room(&self) -> usize {
        if self.state == State::Open { self.conn.room() } else { 0 }
    }

    /// Whether another call may begin now.
    #[inline]
    pub(super) fn has_room(&self) -> bool {
        self.room() > 0 && !self.is_stuck()
    }

    /// Writes what there is to be written, as far as the socket has room for it.
    #[inline]
    pub(super) fn flush(&mut self, tools: &mut Tools<'_>) -> Result<(), Over> {
        if matches!(self.state, State::Down(_) | State::Gone | State::Connecting(_) | State::Securing(_)) {
            return Ok(());
        }
        let Some(socket) = &mut self.socket else { return Ok(()) };
        if self.held {
            self.held = !socket.flush()?;
        }
        while let Some(rest) = self.conn.out.get(self.written..).filter(|rest| !rest.is_empty()) {
            match socket.write(rest) {
                Ok(size) => {
                    self.written += size;
                    if tools.book.is_counting {
                        tools.book.tally.bytes_sent += u64::try_from(size).unwrap_or(0);
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    // Else what is written would be kept for as long as the rest is not.
                    if self.written > 1 << 16 {
                        self.conn.out.drain(..self.written);
                        self.written = 0;
                    }
                    return Ok(());
                }
                Err(error) => return Err(error.into()),
            }
        }
        self.conn.written();
        self.written = 0;
        if !socket.reads_all() {
            self.held = !socket.flush()?;
        }
        if self.conn.is_leaving() && self.conn.open() == 0 {
            return Err(Over::Left);
        }
        Ok(())
    }

    /// Whether the server takes so little that what is written for it piles up.
    fn is_stuck(&self) -> bool {
        self.conn.out.len() - self.written > 1 << 20
    }

    /// The connection is over, and another is to be tried later.
    #[cold]
    pub(super) fn down(&mut self, over: &Over, tools: &mut Tools<'_>) {
        let now = tools.clock.now();
        // One on which no call was made might as well not have been.
        let was_open = matches!(self.state, State::Open | State::Leaving) && self.conn.calls > 0;
        let was_leaving = self.state == State::Leaving;
        // A name with several addresses is a failure when none of them answers.
        let mut empty = Duration::ZERO;
        let why = match over {
            Over::Left => "the server took leave".to_owned(),
            Over::Lost(error) => error.to_string(),
            Over::Broken(error) => error.to_string(),
        };
        self.conn.lose((matches!(over, Over::Broken(_)), &why), now, tools.book);
        if was_open {
            self.failures = 0;
            tools.links.further_calls += self.conn.calls.saturating_sub(1);
            tools.links.lost += 1;
        } else {
            self.failures += 1;
            let addresses = tools.place.addresses().max(1);
            if self.failures.is_multiple_of(addresses) {
                tools.links.failed.0 += 1;
                empty = pause(u32::try_from(self.failures / addresses).unwrap_or(u32::MAX));
            }
            tools.links.failed.1 = Some(why);
        }
        self.close(tools);
        self.state = if was_leaving { State::Gone } else { State::Down(now + nanos(empty)) };
    }

    /// Takes leave of the server, and closes the socket.
    #[cold]
    pub(super) fn end(&mut self, tools: &mut Tools<'_>) {
        if matches!(self.state, State::Open | State::Leaving) {
            tools.links.further_calls += self.conn.calls.saturating_sub(1);
            self.conn.leave(ErrorCode::NO_ERROR);
            let _ = self.flush(tools);
        }
        self.close(tools);
    }

    fn close(&mut self, tools: &mut Tools<'_>) {
        let before = tools.clock.now();
        if let Some(mut socket) = self.socket.take() {
            let _ = tools.registry.deregister(&mut socket);
            socket.close();
        }
        tools.links.closing += Duration::from_nanos(tools.clock.now() - before);
    }
}
