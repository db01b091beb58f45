//! What threads that make calls are told, and what they tell.

use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use super::gather::Last;
use super::record::Tally;
use super::run::Standing;
use super::supply::Unmade;

/// What threads are told while they run.
pub(super) struct Control {
    word: AtomicU8,
    /// How long connecting may take, and how long a server may be gone.
    pub(super) connect_timeout: Duration,
}

const GO_ON: u8 = 0;
/// No more calls are to be made.
const STOP: u8 = 1;
/// And those that are under way are not waited for.
const INTERRUPT: u8 = 2;

impl Control {
    pub(super) fn new(connect_timeout: Duration) -> Self {
        Self { word: AtomicU8::new(GO_ON), connect_timeout }
    }

    /// No more calls are to be made.
    pub(super) fn stop(&self) {
        self.word.fetch_max(STOP, Ordering::Relaxed);
    }

    /// And those that are under way are not waited for.
    pub(super) fn interrupt(&self) {
        self.word.fetch_max(INTERRUPT, Ordering::Relaxed);
    }

    #[inline]
    pub(super) fn is_stopped(&self) -> bool {
        self.word.load(Ordering::Relaxed) != GO_ON
    }

    #[inline]
    pub(super) fn is_interrupted(&self) -> bool {
        self.word.load(Ordering::Relaxed) == INTERRUPT
    }
}

/// What a thread tells.
pub(super) enum Told {
    /// All its connections are open.
    Connected,
    /// One can't be had, and why.
    NotConnected(String),
    /// What it counted in an interval, which ended so long after the beginning, in nanoseconds.
    Interval { index: usize, tally: Box<Tally>, standing: Standing, until: u64 },
    /// The same of one of the warm-up.
    WarmUp { index: usize, tally: Box<Tally>, standing: Standing, until: u64 },
    /// It is over.
    Over(Box<Over>),
}

/// What a thread knows when it is over.
pub(super) struct Over {
    /// How many intervals it told of.
    pub(super) intervals: usize,
    pub(super) last: Last,
    /// Why the server can't be reached any more, where that ended it.
    pub(super) unreachable: Option<String>,
    /// Which call could not be made, where that did.
    pub(super) unmade: Option<Unmade>,
}
