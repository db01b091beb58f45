//! Looking for the highest rate at which a promise is kept, by trying.

/// How close the rate at which it is broken has to be to that at which it is kept.
const PRECISION: f64 = 1.03;
/// How often a rate is tried before the promise counts as broken.
const TRIES: usize = 3;
/// How much faster each next try is as long as the promise is kept.
const STEP: f64 = 2.0;

/// A search under way: what was tried so far says what is tried next.
#[derive(Debug, Clone)]
pub struct Search {
    /// The highest rate at which the promise was kept, in calls a second.
    kept: Option<f64>,
    /// The lowest at which it was broken.
    broken: Option<f64>,
    /// What is tried next, and how often it was tried before.
    next: Option<(f64, usize)>,
    lowest: f64,
}

impl Search {
    /// A search that begins with this rate, and gives up below a thousandth of it.
    pub fn new(first: f64) -> Self {
        Self { kept: None, broken: None, next: Some((first, 0)), lowest: first / 1000.0 }
    }

    /// The rate that is to be tried next; none when the search is over.
    pub fn rate(&self) -> Option<f64> {
        self.next.map(|(rate, _)| rate)
    }

    /// What came of it. What is tried next lies between what kept the promise last and what broke it.
    pub fn tried(&mut self, kept: bool) {
        let Some((rate, before)) = self.next.take() else { return };
        if kept {
            self.kept = Some(rate);
        } else if before + 1 < TRIES {
            // What else happens on the machine breaks a promise as well, and does so now and then.
            self.next = Some((rate, before + 1));
            return;
        } else {
            self.broken = Some(rate);
        }
        let next = match (self.kept, self.broken) {
            (Some(kept), Some(broken)) if broken / kept <= PRECISION => None,
            // Rates are apart by factors, and so is the middle between two.
            (Some(kept), Some(broken)) => Some((kept * broken).sqrt()),
            (Some(kept), None) => Some(kept * STEP),
            (None, Some(broken)) => Some(broken / STEP).filter(|rate| *rate >= self.lowest),
            (None, None) => None,
        };
        self.next = next.map(|rate| (rate, 0));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn search(first: f64, limit: f64) -> (Option<f64>, usize) {
        let mut search = Search::new(first);
        let mut tries = 0;
        while let Some(rate) = search.rate() {
            tries += 1;
            search.tried(rate <= limit);
        }
        (search.kept, tries)
    }

    #[test]
    fn it_comes_close_from_both_sides() {
        for first in [100.0, 5000.0, 70_000.0] {
            let (found, tries) = search(first, 12_345.0);
            let found = found.unwrap();
            assert!(found <= 12_345.0 && found * PRECISION >= 12_345.0, "{first}: {found}");
            assert!(tries < 36, "{first}: {tries}");
        }
    }

    #[test]
    fn a_promise_that_is_never_kept_ends_it() {
        assert_eq!(search(1000.0, 0.5).0, None);
        assert_eq!(search(1000.0, 0.0).1, 30);
    }

    #[test]
    fn breaking_now_and_then_is_chance() {
        let mut search = Search::new(100.0);
        for _ in 0..2 {
            search.tried(false);
            assert_eq!(search.rate(), Some(100.0));
        }
        search.tried(true);
        assert_eq!((search.rate(), search.kept), (Some(200.0), Some(100.0)));
    }
}
