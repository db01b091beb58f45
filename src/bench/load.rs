//! What load is put on a server, as a plain value.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::pace::Schedule;
use super::units::many;

/// How many calls are made, how many at a time, and until when.
#[derive(Debug, Clone)]
pub struct Load {
    /// When calls are made.
    pub pace: Pace,
    /// How many are made, where that ends the run. Those of the warm-up are not counted.
    pub calls: Option<u64>,
    /// How long calls are made, where that ends the run. The warm-up comes before it.
    pub duration: Option<Duration>,
    /// How long calls are made before any is counted.
    pub warmup: Duration,
    /// How many connections there are.
    pub connections: usize,
    /// How many calls are under way on each at a time, at most.
    pub streams: usize,
    /// How many threads make them.
    pub threads: usize,
    /// How many calls of an open loop may be due and not over at a time, on all connections; those beyond it are dropped.
    pub max_in_flight: usize,
    /// How long each call may take, which the server is told.
    pub timeout: Option<Duration>,
    /// How long calls that are under way when the duration is over may still take.
    pub drain: Duration,
    /// When the messages of a call are sent.
    pub sending: Sending,
    /// What all chance comes from, so that a run can be repeated.
    pub seed: u64,
}

/// When calls are made.
#[derive(Debug, Clone)]
pub enum Pace {
    /// Whenever another is over.
    Closed,
    /// When the schedule says so, however the server does.
    Open(Schedule),
}

/// When the messages of a call are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sending {
    /// With the call, all of them.
    #[default]
    AtOnce,
    /// The first with the call, and each other when the one before is answered.
    PingPong,
}

/// In words: `open loop, 1,000/s, for 10s`.
impl fmt::Display for Load {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.pace {
            Pace::Closed => f.write_str("closed loop")?,
            Pace::Open(schedule) => write!(f, "open loop, {schedule}")?,
        }
        if let Some(calls) = self.calls {
            write!(f, ", {}", many(calls, "call"))?;
        }
        if let Some(duration) = self.duration {
            write!(f, ", for {}", humantime::format_duration(duration))?;
        }
        if self.sending == Sending::PingPong {
            f.write_str(", messages in ping-pong")?;
        }
        Ok(())
    }
}
