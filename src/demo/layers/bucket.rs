//! A token bucket, as a function of time.

use std::num::NonZeroU32;
use std::time::Instant;

/// Fills at a steady rate up to one second's worth, which is also what it starts with.
pub(super) struct Bucket {
    per_second: f64,
    tokens: f64,
    filled: Instant,
}

impl Bucket {
    /// A full bucket.
    pub(super) fn new(per_second: NonZeroU32, now: Instant) -> Self {
        let per_second = f64::from(per_second.get());
        Self { per_second, tokens: per_second, filled: now }
    }

    /// Takes a token if there is one.
    pub(super) fn take(&mut self, now: Instant) -> bool {
        let passed = now.saturating_duration_since(self.filled).as_secs_f64();
        self.tokens = (self.tokens + passed * self.per_second).min(self.per_second);
        self.filled = now;
        if self.tokens < 1.0 {
            return false;
        }
        self.tokens -= 1.0;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_second_allows_its_rate_and_no_more() {
        let start = Instant::now();
        let mut bucket = Bucket::new(NonZeroU32::new(2).unwrap(), start);
        assert!(bucket.take(start) && bucket.take(start));
        assert!(!bucket.take(start));
        assert!(!bucket.take(start + Duration::from_millis(400)));
        assert!(bucket.take(start + Duration::from_millis(600)));
        assert!(!bucket.take(start + Duration::from_millis(600)));
    }

    #[test]
    fn idle_time_saves_up_one_second_at_most() {
        let start = Instant::now();
        let mut bucket = Bucket::new(NonZeroU32::new(3).unwrap(), start);
        let later = start + Duration::from_secs(3600);
        assert_eq!((0..10).filter(|_| bucket.take(later)).count(), 3);
    }
}
