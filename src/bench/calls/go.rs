//! A connection of net/rpc, on which calls go out one behind the other and are answered in any order; and another in its
//! stead when it is lost.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use super::desk::Desk;
use super::{ending, lane};
use crate::bench::book::Noted;
use crate::bench::load::Sending;
use crate::bench::record::{Fault, Outcome};
use crate::bench::supply::Unmade;
use crate::session::{
    CallError, Carried, Code, Event, EventKind, GoLine, Payload, Phase, RepeatedGo, with_causes,
};

/// A connection's place.
pub(super) struct Line {
    calls: RepeatedGo,
    /// The first connection, before calls are made.
    first: RefCell<Option<GoLine>>,
    /// How many calls were made.
    made: Cell<u64>,
    carried: Cell<Carried>,
}

/// A connection, and the calls that are under way on it by their numbers. The first was sent first.
struct Open {
    line: GoLine,
    under_way: BTreeMap<usize, Noted>,
    /// The number of the next call.
    next: usize,
    /// What all connections before carried.
    before: Carried,
}

impl Line {
    pub(super) fn new(calls: RepeatedGo) -> Self {
        Self { calls, first: RefCell::default(), made: Cell::default(), carried: Cell::default() }
    }

    /// Makes its first connection.
    pub(super) async fn connect(&self, desk: &Desk) -> Result<(), String> {
        let line = lane::first(desk, async || self.try_to_connect(desk).await).await?;
        self.first.replace(Some(line));
        Ok(())
    }

    async fn try_to_connect(&self, desk: &Desk) -> Result<GoLine, String> {
        match self.calls.connect().await {
            Ok(line) => {
                desk.part().links.opened += 1;
                let carried = self.carried.get();
                self.carried.set(Carried { connections: carried.connections + 1, ..carried });
                Ok(line)
            }
            Err(error) => {
                let why = match &error {
                    CallError::Go(error) => with_causes(error),
                    _ => "the server closed the connection".to_owned(),
                };
                desk.part().links.note_failure(why.clone());
                Err(why)
            }
        }
    }

    /// Makes calls until there are no more.
    pub(super) async fn make_calls(self: Rc<Self>, desk: Rc<Desk>) {
        let Some(line) = self.first.take() else { return };
        let mut open = self.open(line);
        let seat = desk.seat();
        let (room, timeout) = {
            let part = desk.part();
            (part.load.streams, part.load.timeout)
        };
        let is_open_loop = desk.part().is_open_loop();
        loop {
            let mut is_over = false;
            while open.under_way.len() < room {
                let Some(due) = desk.next() else {
                    is_over = !is_open_loop && open.under_way.is_empty();
                    break;
                };
                self.begin(&mut open, &desk, due);
            }
            if is_over {
                return;
            }
            let has_room = open.under_way.len() < room;
            if !has_room && seat.is_called.take() {
                // Others may make the call that this one was woken for.
                desk.call();
            }
            let oldest = timeout.zip(open.under_way.values().next().map(|noted| noted.sent));
            tokio::select! {
                biased;
                () = late(oldest, &desk) => give_up(&mut open, timeout.unwrap_or_default(), &desk),
                event = open.line.next() => {
                    self.meter(&open);
                    if let Err(outcome) = take(event, &mut open, &desk) {
                        open = self.mend(open, outcome, &desk).await;
                    }
                }
                () = desk.called(&seat), if has_room && is_open_loop => {}
            }
        }
    }

    fn open(&self, line: GoLine) -> Open {
        Open { line, under_way: BTreeMap::new(), next: 0, before: self.carried.get() }
    }

    fn begin(&self, open: &mut Open, desk: &Desk, due: u64) {
        let part = &mut *desk.part();
        let Some(made) = part.supply.take() else { return part.no_call() };
        let noted = Noted::new(due, part.clock.now(), Sending::AtOnce, made.messages);
        let argument = made.payloads().next().unwrap_or_default();
        if let Err(error) = open.line.call(&argument) {
            let text = String::from_utf8_lossy(&argument).into_owned();
            return part.refuse(Unmade { call: None, text, why: error.to_string() });
        }
        part.book.issued(&noted, made.messages);
        self.made.set(self.made.get() + 1);
        open.under_way.insert(open.next, noted);
        open.next += 1;
    }

    fn meter(&self, open: &Open) {
        let [sent, received] = open.line.carried();
        let before = open.before;
        let (sent, received) = (before.sent + sent, before.received + received);
        self.carried.set(Carried { sent, received, ..before });
    }

    /// The connection is over, and so are its calls. Another is made.
    async fn mend(&self, open: Open, outcome: Outcome, desk: &Desk) -> Open {
        let now = desk.now();
        for noted in open.under_way.values() {
            desk.part().book.ended(noted, outcome, now);
        }
        self.open(lane::another(desk, async || self.try_to_connect(desk).await).await)
    }

    pub(super) fn carried(&self) -> Carried {
        self.carried.get()
    }

    pub(super) fn close(&self, desk: &Desk) {
        desk.part().links.further_calls += self.made.get().saturating_sub(self.carried.get().connections);
    }
}

/// Takes what happened; an error is how all calls ended that were under way.
fn take(
    event: Option<Result<Event<Payload>, CallError>>,
    open: &mut Open,
    desk: &Desk,
) -> Result<(), Outcome> {
    let event = match event {
        Some(Ok(event)) => event,
        Some(Err(error)) => {
            ending::note_error(&mut desk.part().book, &error);
            return Err(ending::of_error(&error));
        }
        None => return Err(Outcome::Fault(Fault::Lost)),
    };
    let (index, outcome) = match &event.kind {
        EventKind::Message { index, .. } => (index, Outcome::Status(Code::OK)),
        EventKind::Ended { index, status, .. } => {
            ending::note(&mut desk.part().book, status);
            (index, ending::of_status(status))
        }
        EventKind::End(status, _) => {
            ending::note(&mut desk.part().book, status);
            return Err(ending::of_status(status));
        }
        EventKind::Phase(phase, took) => {
            let links = &mut desk.part().links;
            match phase {
                Phase::Connect { .. } | Phase::Tunnel { .. } => links.connecting += *took,
                Phase::Tls(agreed) => {
                    links.securing += *took;
                    links.tls.get_or_insert_with(|| (agreed.version.clone(), agreed.cipher.clone()));
                }
                Phase::Upgrade => links.settling += *took,
                Phase::Resolve | Phase::Schema => {}
            }
            return Ok(());
        }
        _ => return Ok(()),
    };
    // What was late is not awaited any more.
    let Some(mut noted) = open.under_way.remove(index) else { return Ok(()) };
    let at = desk.at(event.at);
    let book = &mut desk.part().book;
    if outcome.is_ok() {
        book.messages(&mut noted, 1, at);
    }
    book.ended(&noted, outcome, at);
    Ok(())
}

/// Done when the oldest call is out of time; never where there is none, or no timeout.
async fn late(oldest: Option<(Duration, u64)>, desk: &Desk) {
    let Some((timeout, sent)) = oldest else { return std::future::pending().await };
    let age = Duration::from_nanos(desk.now().saturating_sub(sent));
    tokio::time::sleep(timeout.saturating_sub(age)).await;
}

/// Nobody waits any more for calls that are out of time.
fn give_up(open: &mut Open, timeout: Duration, desk: &Desk) {
    let now = desk.now();
    while let Some(oldest) = open.under_way.first_entry()
        && Duration::from_nanos(now.saturating_sub(oldest.get().sent)) >= timeout
    {
        let noted = oldest.remove();
        desk.part().book.ended(&noted, Outcome::Fault(Fault::Deadline), now);
    }
}
