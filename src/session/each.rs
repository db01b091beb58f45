//! Messages that are each a call of their own: on one connection, up to so many under way at a time, and told in the
//! order of the messages whatever order they end in.
//!
//! A call that ends in an error does not end the others, and each is told its end; nor does a message that can't be sent.
//! The end of the whole sums them up.

use std::collections::VecDeque;
use std::future::{Future as _, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use bytes::Bytes;
use tokio_stream::StreamExt as _;

use super::attempts::{Attempts, Course};
use super::bell::{Bell, Rope};
use super::call::{CallError, Unsent};
use crate::message;
use crate::message::input::Requests;
use crate::wire::{self, CallPlan, Client, Code, Event, EventKind, Metadata, Status, passed};

/// How many events of a call may wait for the calls before it to end. Answers of one message never come near it.
const AHEAD: usize = 256;

/// Calls under way.
pub(super) struct Each {
    client: Arc<Client>,
    /// What each call needs besides its message.
    plan: Arc<CallPlan>,
    /// How each goes.
    course: Course,
    requests: Requests,
    /// Whether there may be more of them.
    awaiting: bool,
    /// How many calls may be under way at a time.
    parallel: usize,
    /// What happened before the first call, and after the last.
    told: VecDeque<Event>,
    /// In the order of the messages. The first is told as it goes on.
    running: VecDeque<Running>,
    /// Rung by calls that have something to tell.
    bell: Bell,
    /// How many messages came, sent or not.
    begun: usize,
    /// How many of those could not be sent.
    unsent: usize,
    /// When the connection was made, phase by phase.
    phases: Vec<Instant>,
    failed: usize,
    /// What the first of those ended in, in the order of their ends.
    first_failure: Option<Code>,
    /// What the deadline ended, when no call was under way.
    cut: Option<Status>,
    /// Why no more calls are begun.
    error: Option<CallError>,
    over: bool,
}

type Error = wire::CallError<message::Error>;

/// One call, or a message that came to none.
struct Running {
    call: Option<Attempts>,
    /// What the call is woken by.
    rope: Rope,
    /// What happened and was not told yet.
    ahead: VecDeque<Result<Event, CallError>>,
    ended: bool,
}

/// What is waited for.
enum Step {
    Request(Option<Result<Bytes, message::Error>>),
    Event(usize, Option<Result<Event, Error>>),
    Deadline(wire::Deadline),
}

impl Each {
    /// Begins to make calls, after `before`.
    pub(super) fn begin(
        client: Arc<Client>,
        (plan, course): (CallPlan, Course),
        requests: Requests,
        parallel: usize,
        before: Event,
    ) -> Self {
        Self {
            client,
            plan: Arc::new(plan),
            course,
            requests,
            awaiting: true,
            parallel,
            told: VecDeque::from([before]),
            running: VecDeque::new(),
            bell: Bell::default(),
            begun: 0,
            unsent: 0,
            phases: Vec::new(),
            failed: 0,
            first_failure: None,
            cut: None,
            error: None,
            over: false,
        }
    }

    /// The next event; nothing after the End, or after an error that is not of one message alone. Safe to cancel.
    pub(super) async fn next(&mut self) -> Option<Result<Event, CallError>> {
        loop {
            if let Some(event) = self.told.pop_front() {
                return Some(Ok(event));
            }
            if self.over {
                return None;
            }
            if let Some(event) = self.first_tells() {
                return Some(event);
            }
            if self.running.is_empty() && !self.awaiting {
                self.over = true;
                if let Some(error) = self.error.take().or_else(|| self.all_unsent()) {
                    return Some(Err(error));
                }
                self.sum_up();
                continue;
            }
            let room = self.awaiting && self.running.len() < self.parallel;
            let idle = self.running.is_empty();
            let first = self.begun - self.running.len();
            let step = tokio::select! {
                biased;
                (place, event) = any(&self.bell, first, &mut self.running), if !idle => Step::Event(place, event),
                request = self.requests.next(), if room => Step::Request(request),
                deadline = passed(self.plan.deadline), if idle => Step::Deadline(deadline),
            };
            self.take(step);
        }
    }

    /// What came of each call and was not told yet, for when no more will be waited for.
    pub(super) fn ahead(&mut self) -> Vec<Vec<Event>> {
        let mut told = self.told.drain(..);
        let calls = self.running.iter_mut();
        // What is told before all calls goes with the first.
        let events =
            |running: &mut Running| running.ahead.drain(..).filter_map(Result::ok).collect::<Vec<_>>();
        calls.map(|running| told.by_ref().chain(events(running)).collect()).collect()
    }

    /// What the first call has to tell.
    fn first_tells(&mut self) -> Option<Result<Event, CallError>> {
        let first = self.running.front_mut()?;
        let event = first.ahead.pop_front();
        if event.is_none() && first.ended {
            self.running.pop_front();
            if let Some(first) = self.running.front() {
                // It may have been held up.
                first.rope.pull();
            }
            return self.first_tells();
        }
        event
    }

    fn take(&mut self, step: Step) {
        match step {
            Step::Request(Some(Ok(message))) => {
                let call = Attempts::one(&self.client, Arc::clone(&self.plan), message, &self.course);
                let rope = self.bell.rope(self.begun);
                rope.pull();
                self.running.push_back(Running {
                    call: Some(call),
                    rope,
                    ahead: VecDeque::new(),
                    ended: false,
                });
                self.begun += 1;
            }
            Step::Request(None) => self.awaiting = false,
            // It is told in its place among the others.
            Step::Request(Some(Err(error))) if error.is_of_a_document() => {
                let ahead = VecDeque::from([Err(CallError::Message(error))]);
                let rope = self.bell.rope(self.begun);
                self.running.push_back(Running { call: None, rope, ahead, ended: true });
                self.begun += 1;
                self.unsent += 1;
            }
            Step::Request(Some(Err(error))) => self.fail(CallError::Cut(self.begun - self.unsent, error)),
            Step::Deadline(deadline) => {
                self.awaiting = false;
                self.cut = Some(deadline.exceeded("waiting for messages"));
            }
            Step::Event(place, event) => self.event(place, event),
        }
    }

    /// No more calls are begun; those under way go on to their ends.
    fn fail(&mut self, error: CallError) {
        self.awaiting = false;
        self.error.get_or_insert(error);
    }

    fn event(&mut self, place: usize, event: Option<Result<Event, Error>>) {
        let index = self.begun - self.running.len() + place;
        let Some(running) = self.running.get_mut(place) else { return };
        let event = match event {
            Some(Ok(event)) => event,
            Some(Err(error)) => {
                running.ended = true;
                return self.fail(CallError::Wire(error));
            }
            None => {
                running.ended = true;
                return;
            }
        };
        let kind = match event.kind {
            EventKind::Sent { size, compressed, payload, .. } => {
                EventKind::Sent { index, size, compressed, payload }
            }
            EventKind::Message { payload, wire_size, compressed, .. } => {
                EventKind::Message { index, payload, wire_size, compressed }
            }
            // The connection is mostly the one that calls before told of.
            EventKind::Phase(..) | EventKind::Settings(_) if self.phases.contains(&event.at) => return,
            kind @ (EventKind::Phase(..) | EventKind::Settings(_)) => {
                self.phases.push(event.at);
                kind
            }
            EventKind::End(status, trailers) => {
                running.ended = true;
                if status.code != Code::OK {
                    self.failed += 1;
                    self.first_failure.get_or_insert(status.code);
                }
                // A deadline is over all calls, and no call that would begin after it could end otherwise.
                let deadline = self.plan.deadline.as_ref();
                if deadline.is_some_and(|deadline| deadline.left().is_zero()) {
                    self.awaiting = false;
                }
                EventKind::Ended { index, status, trailers }
            }
            kind => kind,
        };
        if let Some(running) = self.running.get_mut(place) {
            running.ahead.push_back(Ok(Event { at: event.at, kind }));
        }
    }

    /// That not all messages were sent, where it is so and nothing cut the calls short.
    fn all_unsent(&self) -> Option<CallError> {
        let unsent = Unsent { unsent: self.unsent, all: self.begun, failed: self.failed };
        (self.unsent > 0 && self.cut.is_none()).then_some(CallError::Unsent(unsent))
    }

    /// The end of all calls.
    fn sum_up(&mut self) {
        let status = match (self.cut.take(), self.first_failure) {
            (Some(status), _) => status,
            (None, None) => Status::server(Code::OK, ""),
            (None, Some(code)) => {
                let message = format!(
                    "{} of {} calls failed, the first with this status",
                    self.failed,
                    self.begun - self.unsent
                );
                Status::local(code, message)
            }
        };
        self.told.push_back(Event::now(EventKind::End(status, Metadata::default())));
    }
}

/// The next event of any call that was woken, and the call's place; `first` is the number of the first. Those that are far
/// ahead of that wait for it.
async fn any(
    bell: &Bell,
    first: usize,
    running: &mut VecDeque<Running>,
) -> (usize, Option<Result<Event, Error>>) {
    poll_fn(|cx| {
        // One that is woken while it is asked has another turn when others had theirs.
        for _ in 0..=bell.count() {
            let Some(number) = bell.next(cx.waker()) else { return Poll::Pending };
            let Some(place) = number.checked_sub(first) else { continue };
            let Some(Running { call, rope, ahead, ended }) = running.get_mut(place) else { continue };
            let waker = rope.waker();
            let Some(call) = call.as_mut().filter(|_| !*ended) else { continue };
            if place > 0 && ahead.len() >= AHEAD {
                continue;
            }
            // Nothing is lost of an event when the future that waits for it is dropped.
            if let Poll::Ready(event) = pin!(call.next()).poll(&mut Context::from_waker(waker)) {
                // There may be more.
                rope.pull();
                return Poll::Ready((place, event));
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await
}
