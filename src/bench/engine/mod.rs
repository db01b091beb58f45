//! Calls as fast as they can be made: threads that each own all they touch, and frames written and read by ourselves.
//!
//! ```text
//! start ──▶ threads connect ──all are──▶ each makes calls ──▶ a Tally a second ──▶ Gathering ──▶ Run
//! ```
//!
//! An RPC library does for each call what a person who makes one wants: a future, a channel, headers as maps, messages as
//! objects. What a server can do is seen when none of it is done. Here a call is a few bytes behind each other, an answer
//! is what its header blocks and the lengths of its messages say, and all that came in one read is answered in one write.

mod answers;
mod book;
mod conn;
mod link;
mod requests;
mod streams;
mod system;
mod worker;

use std::io;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use mio::{Poll, Waker};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

pub use conn::Common;
pub use requests::{Head, HeadField};
pub use system::{Machine, machine};

use link::Clock;
use worker::{Part, WAKER, Worker};

use super::gather::{Gathering, Last};
use super::load::Load;
use super::pace::Arrivals;
use super::record::Tally;
use super::run::{Ended, Interval, Run};
use super::supply::Supply;
use crate::transport::Place;

/// What the engine is to do.
pub struct Job {
    /// How many calls, and when.
    pub load: Load,
    /// Where the server is.
    pub place: Place,
    /// How long connecting may take, and how long a server may be gone.
    pub connect_timeout: Duration,
    /// What all calls have in common.
    pub common: Common,
    /// For each thread, what its calls send, and when they are due in an open loop.
    pub threads: Vec<(Supply, Option<Arrivals>)>,
}

/// What threads are told while they run.
struct Control {
    word: AtomicU8,
    start: Mutex<Start>,
    started: Condvar,
    connect_timeout: Duration,
}

/// When calls begin.
#[derive(Debug, Clone, Copy)]
enum Start {
    /// Once all are connected.
    Awaited,
    At(u64),
    Never,
}

const GO_ON: u8 = 0;
/// No more calls are to be made.
const STOP: u8 = 1;
/// And those that are under way are not waited for.
const INTERRUPT: u8 = 2;

impl Control {
    fn is_stopped(&self) -> bool {
        self.word.load(Ordering::Relaxed) != GO_ON
    }

    fn is_interrupted(&self) -> bool {
        self.word.load(Ordering::Relaxed) == INTERRUPT
    }

    /// Waits until the run begins, and tells when that is; none where it does not.
    fn begun(&self) -> Option<u64> {
        let mut start = self.start.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            match *start {
                Start::Awaited => start = self.started.wait(start).unwrap_or_else(PoisonError::into_inner),
                Start::At(moment) => return Some(moment),
                Start::Never => return None,
            }
        }
    }

    fn begin(&self, start: Start) {
        *self.start.lock().unwrap_or_else(PoisonError::into_inner) = start;
        self.started.notify_all();
    }
}

/// What a thread tells.
enum Told {
    /// All its connections are open.
    Connected,
    /// One can't be had, and why.
    NotConnected(String),
    /// What it counted in an interval, which ended so long after the beginning, in nanoseconds.
    Interval { index: usize, tally: Box<Tally>, in_flight: u64, until: u64 },
    /// It is over.
    Over(Box<Over>),
}

/// What a thread knows when it is over.
struct Over {
    /// How many intervals it told of.
    intervals: usize,
    last: Last,
    unreachable: Option<String>,
}

/// Why there is no run.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The operating system has no thread, or no way to wait for sockets.
    #[error("cannot start a thread that makes calls")]
    Thread(#[from] io::Error),
    /// Not as many connections could be made as are wanted.
    #[error("cannot make all of {0} connections: {1}")]
    Connections(usize, String),
}

/// A run that is under way.
pub struct Running {
    load: Load,
    clock: Clock,
    control: Arc<Control>,
    wakers: Vec<Waker>,
    told: UnboundedReceiver<Told>,
    gathering: Gathering,
    cpu: Option<Duration>,
    began: SystemTime,
    ended: Option<Ended>,
}

/// Starts the threads, which connect, and then wait to be told to begin.
pub fn start(job: Job) -> Result<Running, StartError> {
    let Job { load, place, connect_timeout, common, threads } = job;
    system::make_room(load.connections);
    let clock = Clock(Instant::now());
    let control = Arc::new(Control {
        word: AtomicU8::new(GO_ON),
        start: Mutex::new(Start::Awaited),
        started: Condvar::new(),
        connect_timeout,
    });
    let (tell, told) = unbounded_channel();
    let count = threads.len();
    let mut wakers = Vec::new();
    for (number, (supply, arrivals)) in threads.into_iter().enumerate() {
        let poll = Poll::new()?;
        wakers.push(Waker::new(poll.registry(), WAKER)?);
        let part = Part {
            connections: share(load.connections, number, count),
            calls: load.calls.map(|calls| share_of(calls, number, count)),
            max_in_flight: share(load.max_in_flight, number, count),
            supply,
            arrivals,
        };
        let worker = Worker::new(
            poll,
            (clock, Arc::clone(&control)),
            (place.clone(), common.clone()),
            (load.clone(), part),
            tell.clone(),
        )?;
        std::thread::Builder::new().name(format!("load {number}")).spawn(|| worker.run())?;
    }
    Ok(Running {
        load,
        clock,
        control,
        wakers,
        told,
        gathering: Gathering::new(count),
        cpu: None,
        began: SystemTime::now(),
        ended: None,
    })
}

impl Running {
    /// Waits until all connections are open, and begins.
    pub async fn begin(&mut self) -> Result<(), StartError> {
        for _ in 0..self.gathering.threads() {
            let why = match self.told.recv().await {
                Some(Told::Connected) => continue,
                Some(Told::NotConnected(why)) => why,
                _ => "a thread ended".to_owned(),
            };
            self.interrupt();
            self.control.begin(Start::Never);
            return Err(StartError::Connections(self.load.connections, why));
        }
        self.cpu = system::process_cpu();
        self.began = SystemTime::now() + self.load.warmup;
        self.control.begin(Start::At(self.clock.now()));
        Ok(())
    }

    /// The next interval that is over; none when the run is.
    pub async fn next(&mut self) -> Option<Interval> {
        loop {
            if let Some(interval) = self.gathering.complete() {
                return Some(interval);
            }
            match self.told.recv().await? {
                Told::Interval { index, tally, in_flight, until } => {
                    self.gathering.add(index, *tally, in_flight, Duration::from_nanos(until));
                }
                Told::Over(over) => {
                    let Over { intervals, last, unreachable } = *over;
                    self.gathering.over(intervals, last);
                    if let Some(why) = unreachable {
                        self.ended.get_or_insert(Ended::Unreachable(why));
                        self.stop_with(INTERRUPT);
                    }
                }
                Told::Connected | Told::NotConnected(_) => {}
            }
        }
    }

    /// No more calls are made; those that are under way are waited for.
    pub fn stop(&mut self, condition: String) {
        self.ended.get_or_insert(Ended::Condition(condition));
        self.stop_with(STOP);
    }

    /// The run is over at once.
    pub fn interrupt(&mut self) {
        self.ended.get_or_insert(Ended::Interrupted);
        self.stop_with(INTERRUPT);
    }

    fn stop_with(&self, word: u8) {
        self.control.word.fetch_max(word, Ordering::Relaxed);
        for waker in &self.wakers {
            // A thread that is gone needs no waking.
            let _ = waker.wake();
        }
    }

    /// What the run was, once it is over.
    pub fn finish(self) -> Run {
        let process = system::process_cpu().zip(self.cpu).map(|(after, before)| after.saturating_sub(before));
        let usual = if self.load.calls.is_some_and(|calls| self.gathering.issued() >= calls) {
            Ended::Calls
        } else {
            Ended::Duration
        };
        let ended = self.ended.unwrap_or(usual);
        // Calls that were still waited for are no part of the time in which they were made.
        let measured = self.load.duration.filter(|_| ended == Ended::Duration);
        self.gathering.finish((self.began, measured), self.load.warmup, process, ended)
    }
}

/// A thread's share.
fn share(all: usize, number: usize, count: usize) -> usize {
    all / count + usize::from(number < all % count)
}

fn share_of(all: u64, number: usize, count: usize) -> u64 {
    let (number, count) = (u64::try_from(number).unwrap_or(0), u64::try_from(count).unwrap_or(1));
    all / count + u64::from(number < all % count)
}
