//! A connection on which calls are made side by side, and another in its stead when it is lost.

use std::cell::Cell;

use tokio::sync::Notify;

use super::desk::Desk;
use super::turns::Turns;
use crate::bench::part::pause;
use crate::bench::supply::Made;
use crate::session::{Carried, Link, OneOfMany, RepeatedProto, with_causes};
use crate::transport::Http;

/// Makes a first connection by this, within the connect timeout. Where no other could be made either, a first failure is
/// enough.
pub(super) async fn first<T>(
    desk: &Desk,
    mut connect: impl AsyncFnMut() -> Result<T, String>,
) -> Result<T, String> {
    let limit = desk.part().connect_timeout();
    let mut failures = 0;
    loop {
        match connect().await {
            Ok(connection) => return Ok(connection),
            Err(why) if desk.part().links.opened == 0 || desk.now() >= limit => return Err(why),
            Err(_) => failures += 1,
        }
        tokio::time::sleep(pause(failures)).await;
    }
}

/// Makes another connection by this, in the stead of one that was lost, however long it takes.
pub(super) async fn another<T>(desk: &Desk, mut connect: impl AsyncFnMut() -> Result<T, String>) -> T {
    desk.part().links.lost += 1;
    desk.is_down();
    let mut failures = 0;
    loop {
        if let Ok(connection) = connect().await {
            desk.is_up();
            return connection;
        }
        failures += 1;
        tokio::time::sleep(pause(failures)).await;
    }
}

/// A connection's place.
pub(super) struct Lane {
    calls: RepeatedProto,
    /// How many calls may be under way on the present connection.
    allowed: Cell<usize>,
    /// Whether another connection is being made.
    is_mending: Cell<bool>,
    /// Told when another was.
    mended: Notify,
    /// How many calls were made.
    made: Cell<u64>,
    /// How many connections there were when that was looked at last.
    seen: Cell<u64>,
    carried: Cell<Carried>,
}

impl Lane {
    pub(super) fn new(calls: RepeatedProto) -> Self {
        Self {
            calls,
            allowed: Cell::new(0),
            is_mending: Cell::new(false),
            mended: Notify::new(),
            made: Cell::new(0),
            seen: Cell::new(0),
            carried: Cell::default(),
        }
    }

    /// Makes its first connection.
    pub(super) async fn connect(&self, desk: &Desk) -> Result<(), String> {
        first(desk, async || self.try_to_connect(desk).await).await
    }

    async fn try_to_connect(&self, desk: &Desk) -> Result<(), String> {
        self.note_unseen(desk);
        let connected = self.calls.connect().await;
        self.seen.set(self.carried().connections);
        match connected {
            Ok(link) => {
                self.note(&link, desk);
                Ok(())
            }
            Err(error) => {
                let why = with_causes(&error);
                desk.part().links.note_failure(why.clone());
                Err(why)
            }
        }
    }

    /// Notes connections that calls made which found theirs gone at the last moment.
    fn note_unseen(&self, desk: &Desk) {
        let unseen = self.carried().connections.saturating_sub(self.seen.get());
        let links = &mut desk.part().links;
        links.opened += unseen;
        links.lost += unseen;
    }

    /// A connection was made.
    fn note(&self, link: &Link, desk: &Desk) {
        let part = &mut *desk.part();
        let links = &mut part.links;
        links.opened += 1;
        let facts = &link.facts;
        let mut from = facts.resolved.unwrap_or(facts.started);
        let mut since = |at| at - std::mem::replace(&mut from, at);
        links.connecting += since(facts.connected);
        if let Some((at, _)) = &facts.tunnel {
            links.connecting += since(*at);
        }
        if let Some((at, agreed)) = &facts.secured {
            links.securing += since(*at);
            links.tls.get_or_insert_with(|| (agreed.version.clone(), agreed.cipher.clone()));
        }
        if let Some(at) = link.settled {
            links.settling += at.saturating_duration_since(facts.ready());
        }
        links.max_concurrent_streams = link.allowed.or(links.max_concurrent_streams);
        self.allowed.set(match (link.http, link.allowed) {
            (Http::One, _) => 1,
            (Http::Two, Some(allowed)) => usize::try_from(allowed).unwrap_or(usize::MAX),
            (Http::Two, None) => usize::MAX,
        });
    }

    /// Whether it takes a call from this of its places.
    #[inline]
    pub(super) fn takes(&self, place: usize) -> bool {
        place < self.allowed.get() && self.calls.is_connected()
    }

    /// Waits until it does. Who finds the connection gone first makes another.
    pub(super) async fn ready(&self, place: usize, desk: &Desk) {
        loop {
            let mended = self.mended.notified();
            if self.takes(place) {
                return;
            }
            if self.is_mending.get() || self.calls.is_connected() {
                mended.await;
            } else {
                self.mend(desk).await;
            }
        }
    }

    async fn mend(&self, desk: &Desk) {
        self.is_mending.set(true);
        self.allowed.set(0);
        another(desk, async || self.try_to_connect(desk).await).await;
        self.is_mending.set(false);
        self.mended.notify_waiters();
    }

    /// Begins a call.
    #[inline]
    pub(super) fn call(&self, made: &Made) -> OneOfMany {
        self.made.set(self.made.get() + 1);
        self.calls.call(&made.fields, made.payloads())
    }

    /// Begins a call whose messages wait for answers, and sends the first.
    pub(super) fn call_in_turns(&self, made: &Made) -> (OneOfMany, Turns) {
        self.made.set(self.made.get() + 1);
        let (call, giver) = self.calls.call_with(&made.fields);
        let mut turns = Turns::new(giver, made.payloads());
        turns.go_on(1);
        (call, turns)
    }

    /// What its connections carried so far; what was known last while one is being made.
    pub(super) fn carried(&self) -> Carried {
        if let Some(carried) = self.calls.carried() {
            self.carried.set(carried);
        }
        self.carried.get()
    }

    /// Takes leave of the server.
    pub(super) async fn close(&self, desk: &Desk) {
        self.note_unseen(desk);
        desk.part().links.further_calls += self.made.get().saturating_sub(self.carried().connections);
        self.calls.close().await;
    }
}
