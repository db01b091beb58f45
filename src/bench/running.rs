//! Threads that make calls, whichever engine they are of: started, told when to begin and to end, and heard.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::sync::oneshot;

use super::clock::Clock;
use super::control::{Control, Over, Told};
use super::gather::Gathering;
use super::load::{Load, Pace};
use super::pace::Arrivals;
use super::part::Part;
use super::record::Tally;
use super::run::{Ended, Interval, Run};
use super::supply::Supply;
use super::system;
use super::units::nanos;

/// Why there is no run.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The operating system has no thread, or no way to wait for sockets.
    #[error("cannot start a thread that makes calls")]
    Thread(#[from] io::Error),
    /// The operating system lets this process have fewer files open than that.
    #[error("{0} connections are more than the {1} that the limit of open files has room for")]
    Files(usize, usize),
    /// Not as many connections could be made as are wanted.
    #[error("cannot make all of {0} connections: {1}")]
    Connections(usize, String),
}

impl StartError {
    /// What helps, where something is known to.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Files(connections, most) => {
                let files = connections.saturating_add(256);
                Some(format!("-c {most}, or a higher limit, where the system has one: ulimit -n {files}"))
            }
            Self::Thread(_) | Self::Connections(..) => None,
        }
    }
}

/// What the threads of a run are to do.
pub(super) struct Parts {
    /// How many calls, and when.
    pub(super) load: Load,
    /// How long connecting may take, and how long a server may be gone.
    pub(super) connect_timeout: Duration,
    /// Whether calls may have many answers.
    pub(super) has_streams: bool,
    /// For each thread, what its calls send, and when they are due in an open loop.
    pub(super) threads: Vec<(Supply, Option<Arrivals>)>,
}

/// What wakes a thread that waits, so that it looks at what it was told.
pub(super) type Wake = Box<dyn Fn() + Send + Sync>;

/// What a thread runs.
pub(super) type Body = Box<dyn FnOnce() + Send>;

/// A run that is under way.
pub struct Running {
    load: Load,
    clock: Clock,
    control: Arc<Control>,
    wakes: Vec<Wake>,
    /// What each thread waits for that is to begin.
    begins: Vec<oneshot::Sender<u64>>,
    told: UnboundedReceiver<Told>,
    gathering: Gathering,
    /// When it began: calls count from then on, but for a warm-up.
    began: SystemTime,
    /// The same by the clock of its threads.
    begun: u64,
    ended: Option<Ended>,
}

/// Starts threads that connect, and then wait to be told to begin. Each is made of its part of the run.
pub(super) fn start(
    parts: Parts,
    mut thread: impl FnMut(Part) -> io::Result<(Wake, Body)>,
) -> Result<Running, StartError> {
    let Parts { load, connect_timeout, has_streams, threads } = parts;
    system::make_room(load.connections).map_err(|most| StartError::Files(load.connections, most))?;
    let clock = Clock(Instant::now());
    let control = Arc::new(Control::new(connect_timeout));
    let (tell, told) = unbounded_channel();
    let count = threads.len();
    let (mut wakes, mut begins) = (Vec::new(), Vec::new());
    for (number, calls) in threads.into_iter().enumerate() {
        let (begin, start) = oneshot::channel();
        let heard = (Arc::clone(&control), start, tell.clone());
        let part = Part::new(&load, (number, count), calls, has_streams, clock, heard);
        let (wake, body) = thread(part)?;
        wakes.push(wake);
        begins.push(begin);
        std::thread::Builder::new().name(format!("load {number}")).spawn(body)?;
    }
    Ok(Running {
        load,
        clock,
        control,
        wakes,
        begins,
        told,
        gathering: Gathering::new(count),
        began: SystemTime::now(),
        begun: clock.now(),
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
            self.begins.clear();
            return Err(StartError::Connections(self.load.connections, why));
        }
        self.began = SystemTime::now();
        let now = self.clock.now();
        self.begun = now;
        for begin in self.begins.drain(..) {
            // A thread that is gone has nothing to begin.
            let _ = begin.send(now);
        }
        Ok(())
    }

    /// The next interval that is over, those of the warm-up first; none when the run is.
    pub async fn next(&mut self) -> Option<Interval> {
        loop {
            if let Some(interval) = self.gathering.complete() {
                return Some(interval);
            }
            match self.told.recv().await? {
                Told::Interval { index, tally, standing, until } => {
                    self.gathering.add(index, *tally, standing, Duration::from_nanos(until));
                }
                Told::WarmUp { index, tally, standing, until } => {
                    self.gathering.warm_up(index, *tally, standing, Duration::from_nanos(until));
                }
                Told::Over(over) => {
                    let Over { intervals, last, unreachable, unmade } = *over;
                    self.gathering.over(intervals, last);
                    if let Some(unmade) = unmade {
                        self.ended.get_or_insert(Ended::Unmade(unmade));
                        self.control.stop();
                        self.wake();
                    }
                    if let Some(why) = unreachable {
                        self.ended.get_or_insert(Ended::Unreachable(why));
                        self.control.interrupt();
                        self.wake();
                    }
                }
                Told::Connected | Told::NotConnected(_) => {}
            }
        }
    }

    /// What was counted in all intervals that are over.
    pub fn tally(&mut self) -> &mut Tally {
        self.gathering.tally()
    }

    /// No more calls are made; those that are under way are waited for.
    pub fn stop(&mut self, condition: String) {
        self.ended.get_or_insert(Ended::Condition(condition));
        self.control.stop();
        self.wake();
    }

    /// The run is over at once.
    pub fn interrupt(&mut self) {
        self.ended.get_or_insert(Ended::Interrupted);
        self.control.interrupt();
        self.wake();
    }

    /// Has threads that wait look at what they were told.
    fn wake(&self) {
        for wake in &self.wakes {
            wake();
        }
    }

    /// What the run was, once it is over.
    pub fn finish(self) -> Run {
        let all = match &self.load.pace {
            // Those of the warm-up are its first, and do not count.
            Pace::Open(schedule) => schedule.calls_from(nanos(self.load.warmup)),
            Pace::Closed => None,
        };
        let all = all.into_iter().chain(self.load.calls).min();
        let are_all_made = all.is_some_and(|all| self.gathering.due() >= all);
        let usual = if are_all_made { Ended::Calls } else { Ended::Duration };
        let ended = self.ended.unwrap_or(usual);
        // It may have been over before it was warm.
        let ran = Duration::from_nanos(self.clock.now().saturating_sub(self.begun));
        let warmup = self.load.warmup.min(ran);
        self.gathering.finish(self.began + warmup, warmup, ended)
    }
}
