//! Calls as `call` makes them, in numbers: through the session's own code, whatever protocol and way to the server it
//! knows.
//!
//! ```text
//! start ──▶ threads connect ──all are──▶ seats: each makes one call after another ──▶ a Tally a second ──▶ Run
//! ```
//!
//! Each thread is a runtime of its own that shares nothing with the others. A connection has as many *seats* as calls may
//! be under way on it at a time, each a task that lives as long as the run; a *keeper* sees to all that goes by time.

mod desk;
mod ending;
mod go;
mod keeper;
mod lane;
mod seat;
mod timer;
mod turns;

use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Runtime;
use tokio::sync::Notify;
use tokio::task::{JoinSet, LocalSet};

use self::desk::Desk;
use self::go::Line;
use self::lane::Lane;
use super::load::Load;
use super::pace::Arrivals;
use super::part::{End, Ending, Part};
use super::running::{self, Parts, Running, StartError};
use super::supply::Supply;
use crate::session::{Carried, Repeated, RepeatedGo};

/// What is to be done.
pub struct Job {
    /// How many calls, and when.
    pub load: Load,
    /// What they are.
    pub calls: Repeated,
    /// How long connecting may take, and how long a server may be gone.
    pub connect_timeout: Duration,
    /// For each thread, what its calls send, and when they are due in an open loop. What calls of net/rpc send is the JSON
    /// of their argument.
    pub threads: Vec<(Supply, Option<Arrivals>)>,
}

/// How many connections are begun at a time: listeners have short queues.
const AT_A_TIME: usize = 128;

/// Starts the threads, which connect, and then wait to be told to begin.
pub fn start(job: Job) -> Result<Running, StartError> {
    let Job { load, calls, connect_timeout, threads } = job;
    let parts = Parts { load, connect_timeout, has_streams: calls.has_streams(), threads };
    running::start(parts, |part| {
        let bell = Arc::new(Notify::new());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (calls, rung) = (calls.clone(), Arc::clone(&bell));
        Ok((Box::new(move || bell.notify_one()), Box::new(move || run(&runtime, part, calls, rung))))
    })
}

fn run(runtime: &Runtime, part: Part, calls: Repeated, bell: Arc<Notify>) {
    let local = LocalSet::new();
    let desk = Rc::new(Desk::new(part, bell));
    let ended = local.block_on(runtime, work(Rc::clone(&desk), calls));
    // What is under way is given up with its tasks, so that nobody else has a hand in the desk.
    drop(local);
    if let (Some((ending, end)), Some(desk)) = (ended, Rc::into_inner(desk)) {
        desk.into_part().over(ending, end);
    }
}

/// The connections of a thread.
enum Ways {
    Lanes(Vec<Rc<Lane>>),
    Lines(Vec<Rc<Line>>),
}

impl Ways {
    async fn of(calls: Repeated, count: usize) -> Self {
        match calls {
            Repeated::Proto(calls) => {
                let mut lanes = Vec::with_capacity(count);
                for _ in 0..count {
                    lanes.push(Rc::new(Lane::new(calls.another().await)));
                }
                Self::Lanes(lanes)
            }
            Repeated::Go(calls) => {
                Self::Lines((0..count).map(|_| Rc::new(Line::new(RepeatedGo::clone(&calls)))).collect())
            }
        }
    }

    fn count(&self) -> usize {
        match self {
            Self::Lanes(lanes) => lanes.len(),
            Self::Lines(lines) => lines.len(),
        }
    }

    /// Connects the one with this number.
    fn connect(&self, number: usize, desk: &Rc<Desk>, tries: &mut JoinSet<Result<(), String>>) {
        let desk = Rc::clone(desk);
        match self {
            Self::Lanes(lanes) => {
                if let Some(lane) = lanes.get(number).cloned() {
                    tries.spawn_local(async move { lane.connect(&desk).await });
                }
            }
            Self::Lines(lines) => {
                if let Some(line) = lines.get(number).cloned() {
                    tries.spawn_local(async move { line.connect(&desk).await });
                }
            }
        }
    }

    /// What all of them carried so far.
    fn carried(&self) -> Carried {
        let add = |mut sum: Carried, carried: Carried| {
            sum.connections += carried.connections;
            sum.sent += carried.sent;
            sum.received += carried.received;
            sum
        };
        match self {
            Self::Lanes(lanes) => lanes.iter().map(|lane| lane.carried()).fold(Carried::default(), add),
            Self::Lines(lines) => lines.iter().map(|line| line.carried()).fold(Carried::default(), add),
        }
    }

    async fn close(&self, desk: &Desk) {
        match self {
            Self::Lanes(lanes) => {
                for lane in lanes {
                    lane.close(desk).await;
                }
            }
            Self::Lines(lines) => lines.iter().for_each(|line| line.close(desk)),
        }
    }

    /// Makes calls on all of them.
    fn begin(&self, desk: &Rc<Desk>, tasks: &mut JoinSet<()>) {
        match self {
            Self::Lanes(lanes) => {
                // So that those that wait for calls have their turns connection by connection.
                for place in 0..desk.streams() {
                    for lane in lanes {
                        tasks.spawn_local(seat::make_calls(place, Rc::clone(lane), Rc::clone(desk)));
                    }
                }
            }
            Self::Lines(lines) => {
                for line in lines {
                    tasks.spawn_local(Rc::clone(line).make_calls(Rc::clone(desk)));
                }
            }
        }
    }
}

/// Connects, waits for the others, and makes calls until it is over; none where it does not come to that.
async fn work(desk: Rc<Desk>, calls: Repeated) -> Option<(Ending, End)> {
    let ways = Ways::of(calls, desk.connections()).await;
    let connected = connect(&ways, &desk).await;
    let begin = desk.part().connected(connected)?;
    let start = begin.await.ok()?;
    desk.part().begin(start);
    let mut tasks = JoinSet::new();
    ways.begin(&desk, &mut tasks);
    let end = keeper::keep(&desk, &ways).await;
    desk.read_meters(&ways);
    let ending = desk.part().end(&end);
    tasks.shutdown().await;
    desk.close(&ways).await;
    Some((ending, end))
}

/// Opens all connections; why one can't be had within the connect timeout is an error.
async fn connect(ways: &Ways, desk: &Rc<Desk>) -> Result<(), String> {
    let mut under_way = JoinSet::new();
    let mut next = 0;
    while next < ways.count().min(AT_A_TIME) {
        ways.connect(next, desk, &mut under_way);
        next += 1;
    }
    loop {
        let done = tokio::select! {
            done = under_way.join_next() => done,
            () = desk.rung() => {
                if desk.part().is_stopped() {
                    return Err("it was interrupted".to_owned());
                }
                continue;
            }
        };
        match done {
            None => return Ok(()),
            Some(Ok(connected)) => connected?,
            Some(Err(error)) => return Err(error.to_string()),
        }
        if next < ways.count() {
            ways.connect(next, desk, &mut under_way);
            next += 1;
        }
    }
}
