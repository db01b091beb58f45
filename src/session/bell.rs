//! Who of many was woken: so that of a thousand calls under way only those are asked that may have something to tell.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Wake, Waker};

/// Rung by whoever is woken, for the one who waits for all of them.
#[derive(Default)]
pub(super) struct Bell(Arc<Inner>);

#[derive(Default)]
struct Inner(Mutex<Rung>);

#[derive(Default)]
struct Rung {
    /// Who was woken, the first the longest ago.
    by: VecDeque<usize>,
    /// Who waits.
    waiting: Option<Waker>,
}

/// What one of them is woken by.
#[derive(Clone)]
pub(super) struct Rope {
    pull: Arc<Pull>,
    waker: Waker,
}

struct Pull {
    number: usize,
    /// Whether it is among those that were woken.
    is_rung: AtomicBool,
    bell: Arc<Inner>,
}

impl Inner {
    fn rung(&self) -> MutexGuard<'_, Rung> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pull {
    fn ring(&self) {
        if self.is_rung.swap(true, Ordering::AcqRel) {
            return;
        }
        let mut rung = self.bell.rung();
        rung.by.push_back(self.number);
        let waiting = rung.waiting.take();
        drop(rung);
        if let Some(waiting) = waiting {
            waiting.wake();
        }
    }
}

impl Wake for Pull {
    fn wake(self: Arc<Self>) {
        self.ring();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.ring();
    }
}

impl Bell {
    /// A rope for the one with this number, which was not pulled yet.
    pub(super) fn rope(&self, number: usize) -> Rope {
        let pull = Arc::new(Pull { number, is_rung: AtomicBool::new(false), bell: Arc::clone(&self.0) });
        Rope { waker: Arc::clone(&pull).into(), pull }
    }

    /// How many were woken.
    pub(super) fn count(&self) -> usize {
        self.0.rung().by.len()
    }

    /// Whoever was woken longest ago. Where nobody was, this is woken when somebody is.
    pub(super) fn next(&self, waker: &Waker) -> Option<usize> {
        let mut rung = self.0.rung();
        let next = rung.by.pop_front();
        if next.is_none() {
            rung.waiting = Some(waker.clone());
        }
        next
    }
}

impl Rope {
    /// What wakes it. It is taken as asleep again from here on.
    pub(super) fn waker(&self) -> &Waker {
        self.pull.is_rung.store(false, Ordering::Release);
        &self.waker
    }

    /// Has it asked again.
    pub(super) fn pull(&self) {
        self.pull.ring();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_told_once_and_in_order_until_it_is_asked_again() {
        struct Count(Mutex<usize>);
        impl Wake for Count {
            fn wake(self: Arc<Self>) {
                *self.0.lock().unwrap() += 1;
            }
        }
        let (bell, count) = (Bell::default(), Arc::new(Count(Mutex::new(0))));
        let waiting = Waker::from(Arc::clone(&count));
        let ropes = [7, 8, 9].map(|number| bell.rope(number));
        assert_eq!(bell.next(&waiting), None);
        ropes[2].waker.wake_by_ref();
        ropes[0].pull();
        ropes[2].waker.wake_by_ref();
        assert_eq!(*count.0.lock().unwrap(), 1, "who waits is woken once");
        assert_eq!([bell.next(&waiting), bell.next(&waiting), bell.next(&waiting)], [Some(9), Some(7), None]);
        // Who was not asked since is as good as told of.
        ropes[0].pull();
        assert_eq!(bell.next(&waiting), None);
        ropes[0].waker();
        ropes[0].pull();
        assert_eq!(bell.next(&waiting), Some(7));
    }
}
