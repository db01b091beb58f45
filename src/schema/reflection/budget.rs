//! How long one command goes on asking, where the user has not said: one that always gets its answer just in time, or
//! whose streams die one after the other, would otherwise be asked without end.

use std::time::{Duration, Instant};

use super::ReflectionError;

/// How long all answers of one command may take together.
pub(super) const LONGEST: Duration = Duration::from_secs(60);
/// How many streams may be opened for them. Each name that a server does not know may cost one.
pub(super) const MOST_STREAMS: usize = 500;

/// What was spent on asking so far. Time between questions, such as that of a call, costs nothing.
#[derive(Debug, Default)]
pub(super) struct Budget {
    spent: Duration,
    streams: usize,
    /// When the question was written that is open now.
    since: Option<Instant>,
}

impl Budget {
    /// Counts one more stream.
    pub(super) fn open(&mut self) -> Result<(), ReflectionError> {
        self.streams += 1;
        if self.streams > MOST_STREAMS { Err(ReflectionError::TooOften) } else { Ok(()) }
    }

    /// Time is spent from now on.
    pub(super) fn begin(&mut self, now: Instant) {
        self.since.get_or_insert(now);
    }

    /// No question is open any more.
    pub(super) fn end(&mut self, now: Instant) {
        self.spent = self.spent_at(now);
        self.since = None;
    }

    /// How long an answer may still take.
    pub(super) fn left(&self, now: Instant) -> Duration {
        LONGEST.saturating_sub(self.spent_at(now))
    }

    fn spent_at(&self, now: Instant) -> Duration {
        self.spent + self.since.map_or(Duration::ZERO, |since| now.saturating_duration_since(since))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_that_come_just_in_time_come_to_an_end() {
        let (mut budget, mut now) = (Budget::default(), Instant::now());
        let mut answers = 0;
        while budget.left(now) > Duration::ZERO {
            budget.begin(now);
            now += Duration::from_millis(4900);
            budget.end(now);
            // What a call takes in between is its own.
            now += Duration::from_secs(3600);
            answers += 1;
        }
        assert_eq!(answers, 13);
    }

    #[test]
    fn an_open_question_spends_what_is_left() {
        let (mut budget, now) = (Budget::default(), Instant::now());
        budget.begin(now);
        budget.begin(now + Duration::from_secs(20));
        assert_eq!(budget.left(now + Duration::from_secs(20)), Duration::from_secs(40));
        assert_eq!(budget.left(now + Duration::from_secs(90)), Duration::ZERO);
    }

    #[test]
    fn streams_come_to_an_end() {
        let mut budget = Budget::default();
        assert_eq!((0..2 * MOST_STREAMS).filter(|_| budget.open().is_ok()).count(), MOST_STREAMS);
    }
}
