//! Where calls are made, one after the other, for as long as the run goes on.

use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use super::desk::{Desk, Seat};
use super::ending;
use super::lane::Lane;
use super::turns::Turns;
use crate::bench::book::Noted;
use crate::bench::load::Sending;
use crate::bench::record::{Fault, Outcome};
use crate::session::{EventKind, OneOfMany};

/// Makes calls on a connection, from one of the places that it has for them, until there are no more.
pub(super) async fn make_calls(place: usize, lane: Rc<Lane>, desk: Rc<Desk>) {
    let seat = desk.seat();
    let is_open_loop = desk.part().is_open_loop();
    loop {
        if !lane.takes(place) {
            // Others may make the call that this one was woken for.
            desk.call();
            lane.ready(place, &desk).await;
        }
        match desk.next() {
            Some(due) => make_call(&seat, &lane, &desk, due).await,
            None if is_open_loop => desk.called(&seat).await,
            None => return,
        }
    }
}

async fn make_call(seat: &Seat, lane: &Lane, desk: &Desk, due: u64) {
    let (mut call, mut noted) = {
        let part = &mut *desk.part();
        let Some(made) = part.supply.take() else { return part.no_call() };
        let sending = part.load.sending;
        let noted = Noted::new(due, part.clock.now(), sending, made.messages);
        let call = match sending {
            Sending::AtOnce => (lane.call(made), None),
            Sending::PingPong => {
                let (call, turns) = lane.call_in_turns(made);
                (call, Some(turns))
            }
        };
        part.book.issued(&noted, made.messages);
        (call, noted)
    };
    seat.sent.set(Some(noted.sent));
    seat.is_late.set(false);
    let (outcome, at) = poll_fn(|cx| poll_call(cx, &mut call, &mut noted, seat, desk)).await;
    seat.sent.set(None);
    // A call that is late is taken back before its end is noted.
    drop(call);
    desk.part().book.ended(&noted, outcome, at);
}

/// How the call ended, and when.
fn poll_call(
    cx: &mut Context<'_>,
    (call, turns): &mut (OneOfMany, Option<Turns>),
    noted: &mut Noted,
    seat: &Seat,
    desk: &Desk,
) -> Poll<(Outcome, u64)> {
    loop {
        if seat.is_late.get() {
            return Poll::Ready((Outcome::Fault(Fault::Deadline), desk.now()));
        }
        seat.waits(cx.waker());
        let event = match ready!(call.poll_next(cx)) {
            Some(Ok(event)) => event,
            Some(Err(error)) => {
                ending::note_error(&mut desk.part().book, &error);
                return Poll::Ready((ending::of_error(&error), desk.now()));
            }
            None => return Poll::Ready((Outcome::Fault(Fault::Broken), desk.now())),
        };
        match &event.kind {
            EventKind::Message { .. } => {
                let at = desk.at(event.at);
                let next = desk.part().book.messages(noted, 1, at);
                if let Some(turns) = turns {
                    turns.go_on(next);
                }
            }
            EventKind::End(status, _) => {
                ending::note(&mut desk.part().book, status);
                return Poll::Ready((ending::of_status(status), desk.at(event.at)));
            }
            _ => {}
        }
    }
}
