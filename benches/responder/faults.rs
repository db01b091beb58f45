//! What becomes of which request, and how many there were of each kind.

use std::num::NonZeroU64;

use clap::Args;
use serde::Serialize;

/// Which requests are not answered as they should be. They are counted over all connections, those for GOAWAY on each.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct Faults {
    /// Answer every Nth request with grpc-status 13 and nothing else.
    #[arg(long = "fail-every", value_name = "N")]
    fail: Option<NonZeroU64>,
    /// Refuse every Nth request with RST_STREAM; one that is to fail, too, is refused.
    #[arg(long = "reset-every", value_name = "N")]
    reset: Option<NonZeroU64>,
    /// Say GOAWAY with the Nth request of a connection, finish what came up to it, and close.
    #[arg(long = "goaway-every", value_name = "N")]
    goaway: Option<NonZeroU64>,
}

/// What becomes of a request.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Fate {
    Answered,
    Failed,
    Reset,
}

/// What happened so far. Every request that was read whole is in one of `ok`, `failed` and `reset`.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Counts {
    connections: u64,
    requests: u64,
    ok: u64,
    failed: u64,
    reset: u64,
    goaways: u64,
    /// Requests that came behind the one that GOAWAY named; the client is to send them elsewhere.
    ignored: u64,
    /// Streams that the client reset before they were over.
    cancelled: u64,
    /// Connections on which the client broke HTTP/2.
    broken: u64,
}

/// Deals out fates and counts them.
#[derive(Debug)]
pub(crate) struct Ledger {
    faults: Faults,
    counts: Counts,
}

impl Ledger {
    pub(crate) fn new(faults: Faults) -> Self {
        Self { faults, counts: Counts::default() }
    }

    pub(crate) fn counts(&self) -> &Counts {
        &self.counts
    }

    /// The fate of a request that was read whole.
    pub(crate) fn decide(&mut self) -> Fate {
        let Self { faults, counts } = self;
        counts.requests += 1;
        let due = |every: Option<NonZeroU64>| every.is_some_and(|every| counts.requests % every == 0);
        if due(faults.reset) {
            counts.reset += 1;
            Fate::Reset
        } else if due(faults.fail) {
            counts.failed += 1;
            Fate::Failed
        } else {
            counts.ok += 1;
            Fate::Answered
        }
    }

    /// Whether a connection that has got so many requests gets no more.
    pub(crate) fn goes_away(&mut self, requests: u64) -> bool {
        let due = self.faults.goaway.is_some_and(|every| requests >= every.get());
        self.counts.goaways += u64::from(due);
        due
    }

    pub(crate) fn connected(&mut self) {
        self.counts.connections += 1;
    }

    pub(crate) fn ignored(&mut self) {
        self.counts.ignored += 1;
    }

    pub(crate) fn cancelled(&mut self) {
        self.counts.cancelled += 1;
    }

    pub(crate) fn broken(&mut self) {
        self.counts.broken += 1;
    }
}
