//! The clock that all threads of a run go by.

use std::time::Instant;

use super::units::nanos;

/// Nanoseconds since the threads were started.
#[derive(Debug, Clone, Copy)]
pub(super) struct Clock(pub(super) Instant);

impl Clock {
    /// A moment that came after.
    #[inline]
    pub(super) fn at(&self, moment: Instant) -> u64 {
        nanos(moment.saturating_duration_since(self.0))
    }

    #[inline]
    pub(super) fn now(&self) -> u64 {
        nanos(self.0.elapsed())
    }
}
