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
mod bodies;
mod conn;
mod dialogue;
mod link;
mod requests;
mod streams;
mod timer;
mod worker;

use std::time::Duration;

use mio::{Poll, Waker};

pub use conn::Common;
pub use dialogue::Dialogue;
pub use requests::{Head, HeadField};

use worker::{WAKER, Worker};

use super::load::Load;
use super::pace::Arrivals;
use super::running::{self, Parts, Running, StartError};
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

/// Starts the threads, which connect, and then wait to be told to begin.
pub fn start(job: Job) -> Result<Running, StartError> {
    let Job { load, place, connect_timeout, common, threads } = job;
    let parts = Parts { load, connect_timeout, has_streams: !common.one_answer, threads };
    running::start(parts, |part| {
        let poll = Poll::new()?;
        let waker = Waker::new(poll.registry(), WAKER)?;
        let worker = Worker::new(poll, part, (place.clone(), common.clone()))?;
        // A thread that is gone needs no waking.
        Ok((Box::new(move || drop(waker.wake())), Box::new(|| worker.run())))
    })
}
