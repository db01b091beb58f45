//! RPC over HTTP: the dialects of gRPC, gRPC-Web and Connect, metadata and status.
//!
//! A [`Client`] holds one server's connection; a [`Call`] walks one RPC of any shape and tells it as
//! [`Event`]s. The wire yields bytes and facts; text is made of them elsewhere.

mod answer;
mod at_hand;
mod call;
mod client;
mod dialect;
mod event;
mod head;
mod metadata;
mod open;
mod plan;
mod request;
mod status;
mod verdict;
mod written;

pub use at_hand::Repeat;
pub use call::{Call, CallError};
pub use client::{Carried, Channel, Client};
pub use dialect::{Codec, Dialect, Protocol, Streams};
pub use event::{Attempt, Event, EventKind, Phase, phases};
pub use head::RequestHead;
pub use metadata::{Metadata, MetadataError, MetadataValue};
pub use plan::{CallPlan, Tells};
pub use status::{Code, Fault, Origin, RpcStatus, Status, StatusDetails};

use std::pin::Pin;
use std::time::{Duration, Instant};

use tokio::time::{Sleep, sleep_until};

/// Done when the deadline has passed; never where there is none.
pub async fn passed(deadline: Option<Deadline>) -> Deadline {
    match deadline {
        Some(deadline) => {
            tokio::time::sleep_until(deadline.at.into()).await;
            deadline
        }
        None => std::future::pending().await,
    }
}

/// A moment that is waited for. What keeps it is woken by it, though the futures that wait be dropped.
pub type Alarm = Pin<Box<Sleep>>;

/// What rings at that moment.
pub fn alarm(at: Instant) -> Alarm {
    Box::pin(sleep_until(at.into()))
}

/// Done at that moment; never where there is none.
pub async fn rung(alarm: &mut Option<Alarm>) {
    match alarm {
        Some(alarm) => alarm.as_mut().await,
        None => std::future::pending().await,
    }
}

/// The one deadline over everything a command does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadline {
    /// When it passes.
    pub at: Instant,
    /// What the user asked for, to say it in messages.
    pub total: Duration,
}

impl Deadline {
    /// A deadline of `total` from `start` on; none where that is beyond what the clock can tell.
    pub fn new(start: Instant, total: Duration) -> Option<Self> {
        start.checked_add(total).map(|at| Self { at, total })
    }

    /// What rings when it passes.
    pub fn alarm(&self) -> Alarm {
        alarm(self.at)
    }

    /// What is left of it.
    pub fn left(&self) -> Duration {
        self.at.saturating_duration_since(Instant::now())
    }

    /// The status of a call whose deadline passed on this side, which says what it was busy with.
    pub fn exceeded(&self, while_doing: &str) -> Status {
        let total = humantime::format_duration(self.total);
        let message = format!("the deadline of {total} passed while {while_doing}");
        Status::local(Code::DEADLINE_EXCEEDED, message).with(Fault::Deadline)
    }
}
