//! What the tasks of a thread share: its part of the run, and who waits for what.

use std::cell::{Cell, RefCell, RefMut};
use std::collections::VecDeque;
use std::future::poll_fn;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Poll, Waker};
use std::time::Instant;

use tokio::sync::Notify;

use super::Ways;
use crate::bench::part::Part;
use crate::session::Carried;

/// What the tasks of a thread share. Nobody holds on to any of it while waiting.
pub(super) struct Desk {
    part: RefCell<Part>,
    /// What wakes the keeper.
    bell: Arc<Notify>,
    /// Who waits for a call of an open loop, the first the longest.
    idle: RefCell<VecDeque<Rc<Seat>>>,
    /// Whose calls may become late.
    seats: RefCell<Vec<Rc<Seat>>>,
    /// How many connections there are not at present, and since when there is none at all.
    down: Cell<usize>,
    nowhere_since: Cell<Option<u64>>,
    /// What connections had carried when that was told last.
    carried: Cell<Carried>,
}

/// Where calls are made, one after the other.
#[derive(Default)]
pub(super) struct Seat {
    /// When the present call was sent, if there is one.
    pub(super) sent: Cell<Option<u64>>,
    /// Whether the present call is out of time.
    pub(super) is_late: Cell<bool>,
    /// Whether there is a call to be made for who waits for one.
    pub(super) is_called: Cell<bool>,
    /// Whether it is among those that wait.
    is_idle: Cell<bool>,
    waker: RefCell<Option<Waker>>,
}

impl Seat {
    /// Who sits there is woken by this.
    pub(super) fn waits(&self, waker: &Waker) {
        let mut own = self.waker.borrow_mut();
        match &mut *own {
            Some(own) => own.clone_from(waker),
            None => *own = Some(waker.clone()),
        }
    }

    fn wake(&self) {
        if let Some(waker) = &*self.waker.borrow() {
            waker.wake_by_ref();
        }
    }
}

impl Desk {
    pub(super) fn new(part: Part, bell: Arc<Notify>) -> Self {
        Self {
            part: RefCell::new(part),
            bell,
            idle: RefCell::default(),
            seats: RefCell::default(),
            down: Cell::new(0),
            nowhere_since: Cell::new(None),
            carried: Cell::default(),
        }
    }

    /// The thread's part of the run.
    #[inline]
    pub(super) fn part(&self) -> RefMut<'_, Part> {
        self.part.borrow_mut()
    }

    pub(super) fn into_part(self) -> Part {
        self.part.into_inner()
    }

    pub(super) fn connections(&self) -> usize {
        self.part().connections
    }

    pub(super) fn streams(&self) -> usize {
        self.part().load.streams
    }

    /// Now, by the thread's clock.
    #[inline]
    pub(super) fn now(&self) -> u64 {
        self.part.borrow().clock.now()
    }

    /// A moment, by the thread's clock.
    #[inline]
    pub(super) fn at(&self, moment: Instant) -> u64 {
        self.part.borrow().clock.at(moment)
    }

    /// Has the keeper look at what there is to do.
    pub(super) fn ring(&self) {
        self.bell.notify_one();
    }

    /// Done when there is something for the keeper to do.
    pub(super) async fn rung(&self) {
        self.bell.notified().await;
    }

    /// A new seat, whose calls may become late where there is a timeout.
    pub(super) fn seat(&self) -> Rc<Seat> {
        let seat = Rc::new(Seat::default());
        if self.part().load.timeout.is_some() {
            self.seats.borrow_mut().push(Rc::clone(&seat));
        }
        seat
    }

    /// When the call was due that is to be made now, if there is one. Where there is none, the run may be over.
    #[inline]
    pub(super) fn next(&self) -> Option<u64> {
        let mut part = self.part();
        let now = part.clock.now();
        let next = part.next(now);
        if next.is_none() && part.is_done(now) {
            self.bell.notify_one();
        }
        next
    }

    /// Waits until there is a call to be made, which another may come to make first.
    pub(super) async fn called(&self, seat: &Rc<Seat>) {
        poll_fn(|cx| {
            if seat.is_called.take() {
                return Poll::Ready(());
            }
            seat.waits(cx.waker());
            if !seat.is_idle.replace(true) {
                self.idle.borrow_mut().push_back(Rc::clone(seat));
            }
            Poll::Pending
        })
        .await;
    }

    /// Calls as many who wait as there are calls to be made.
    pub(super) fn call(&self) {
        let count = self.part().queued();
        let mut idle = self.idle.borrow_mut();
        for _ in 0..count {
            let Some(seat) = idle.pop_front() else { return };
            seat.is_idle.set(false);
            seat.is_called.set(true);
            seat.wake();
        }
    }

    /// Gives up calls that are out of time, and tells when to look again.
    pub(super) fn expire(&self, timeout: u64, now: u64) -> u64 {
        let mut next = now.saturating_add(timeout);
        for seat in self.seats.borrow().iter() {
            let Some(sent) = seat.sent.get() else { continue };
            let late = sent.saturating_add(timeout);
            if late > now {
                next = next.min(late);
            } else if !seat.is_late.replace(true) {
                seat.wake();
            }
        }
        next
    }

    /// A connection is gone.
    pub(super) fn is_down(&self) {
        let down = self.down.get() + 1;
        self.down.set(down);
        if down == self.connections() {
            self.nowhere_since.set(Some(self.now()));
            self.ring();
        }
    }

    /// A connection is there again.
    pub(super) fn is_up(&self) {
        self.down.set(self.down.get().saturating_sub(1));
        self.nowhere_since.set(None);
        // There may be calls for it.
        self.call();
    }

    /// When the server counts as gone for good, if it is gone.
    pub(super) fn gone_at(&self) -> u64 {
        let timeout = self.part().connect_timeout();
        self.nowhere_since.get().map_or(u64::MAX, |since| since.saturating_add(timeout))
    }

    /// Notes what connections carried lately, which counts if calls do.
    pub(super) fn read_meters(&self, ways: &Ways) {
        let carried = ways.carried();
        let before = self.carried.replace(carried);
        let mut part = self.part();
        if part.book.is_counting {
            part.book.tally.bytes_sent += carried.sent.saturating_sub(before.sent);
            part.book.tally.bytes_received += carried.received.saturating_sub(before.received);
        }
    }

    /// Closes all connections.
    pub(super) async fn close(&self, ways: &Ways) {
        let before = Instant::now();
        ways.close(self).await;
        self.part().links.closing += before.elapsed();
    }
}
