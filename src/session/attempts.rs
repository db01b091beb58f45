//! One call of which there may be several attempts, and an end before the server's.
//!
//! What an attempt tells is held back until it is known to be the last: from the first answer on, or at its end. So
//! nothing is shown twice, and a call of which an answer was shown is never made again.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;

use super::outgoing::{Flow, Outgoing, Replay, Replaying};
use super::retry::{Pushback, RetryPlan, may_pass, with_causes};
use crate::message;
use crate::message::input::Requests;
use crate::wire::{
    self, Alarm, Attempt, CallPlan, Client, Code, Deadline, Event, EventKind, Metadata, Status, alarm, rung,
};

/// When this side ends a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CancelAfter {
    /// So long after the request's headers went out.
    Time(Duration),
    /// When so many answers have come; with none, once the request's headers went out.
    Messages(usize),
}

/// How a call goes, beside what it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Course {
    /// How messages go out.
    pub flow: Flow,
    /// When it is made again.
    pub retry: RetryPlan,
    /// When this side ends it.
    pub cancel: Option<CancelAfter>,
}

impl Default for Course {
    fn default() -> Self {
        Self { flow: Flow::default(), retry: RetryPlan::never(), cancel: None }
    }
}

type Error = wire::CallError<message::Error>;

/// A call, from its first attempt to its end.
pub(super) struct Attempts {
    client: Arc<Client>,
    deadline: Option<Deadline>,
    stage: Stage,
    told: VecDeque<Event>,
    /// Where there may be another attempt.
    again: Option<Box<Again>>,
    cancel: Option<CancelAfter>,
    /// When this side ends the call.
    cancel_at: Option<Alarm>,
    answers: usize,
}

enum Stage {
    Calling(Box<wire::Call<message::Error>>),
    /// For the next attempt, with its messages.
    Waiting(Box<Pause>),
    /// It was cancelled, and the server is being told.
    Cancelling(Pin<Box<dyn Future<Output = ()> + Send>>, Status),
    Over,
}

/// The time until the next attempt.
struct Pause {
    over: Alarm,
    /// When the deadline passes.
    due: Option<Alarm>,
    /// The messages of the next attempt.
    messages: Option<Replaying>,
}

/// What another attempt needs.
struct Again {
    plan: Arc<CallPlan>,
    retry: RetryPlan,
    replay: Replay,
    /// How many attempts were made.
    made: u32,
    /// What the present one told.
    held: Vec<Event>,
}

impl Attempts {
    /// Begins a call of one message.
    pub(super) fn one(client: &Arc<Client>, plan: Arc<CallPlan>, message: Bytes, course: &Course) -> Self {
        if course.retry.retries > 0 || course.flow != Flow::default() {
            return Self::begin(client, plan, Requests::of(message), course.clone());
        }
        let deadline = plan.deadline;
        Self::of((client, deadline), wire::Call::one(client, plan, message), None, course.cancel)
    }

    /// Begins a call, which goes on as its events are asked for.
    pub(super) fn begin(
        client: &Arc<Client>,
        plan: impl Into<Arc<CallPlan>>,
        requests: Requests,
        course: Course,
    ) -> Self {
        let plan = plan.into();
        let Course { flow, retry, cancel } = course;
        let outgoing = flow.of(requests);
        let (outgoing, again): (Outgoing, _) = if retry.retries == 0 {
            (outgoing, None)
        } else {
            let (replay, first) = Replay::begin(outgoing);
            let again = Again { plan: Arc::clone(&plan), retry, replay, made: 1, held: Vec::new() };
            (Box::pin(first), Some(Box::new(again)))
        };
        let deadline = plan.deadline;
        Self::of((client, deadline), wire::Call::begin(client, plan, outgoing), again, cancel)
    }

    fn of(
        (client, deadline): (&Arc<Client>, Option<Deadline>),
        call: wire::Call<message::Error>,
        again: Option<Box<Again>>,
        cancel: Option<CancelAfter>,
    ) -> Self {
        Self {
            client: Arc::clone(client),
            deadline,
            stage: Stage::Calling(Box::new(call)),
            told: VecDeque::new(),
            again,
            cancel,
            cancel_at: None,
            answers: 0,
        }
    }

    /// The next event; nothing after the End, or after an error.
    /// Safe to cancel: no event is lost when the future is dropped.
    pub(super) async fn next(&mut self) -> Option<Result<Event, Error>> {
        loop {
            if let Some(event) = self.told.pop_front() {
                return Some(Ok(event));
            }
            match &mut self.stage {
                Stage::Over => return None,
                Stage::Calling(call) => {
                    let event = tokio::select! {
                        biased;
                        // Before a server that always has more to say.
                        () = rung(&mut self.cancel_at) => {
                            self.cancel();
                            continue;
                        }
                        event = call.next() => event,
                    };
                    match event {
                        None => self.stage = Stage::Over,
                        Some(Ok(event)) => self.take(event),
                        Some(Err(error)) => {
                            if let Some(error) = self.fail(error) {
                                return Some(Err(error));
                            }
                        }
                    }
                }
                Stage::Waiting(pause) => {
                    let in_time = tokio::select! {
                        () = &mut pause.over => true,
                        () = rung(&mut pause.due) => false,
                    };
                    match (self.deadline, pause.messages.take()) {
                        (_, Some(messages)) if in_time => self.begin_again(messages),
                        (Some(deadline), _) => {
                            self.end(deadline.exceeded("waiting to try again"), Metadata::default());
                        }
                        (None, _) => self.stage = Stage::Over,
                    }
                }
                Stage::Cancelling(told, status) => {
                    told.await;
                    let status = status.clone();
                    self.end(status, Metadata::default());
                }
            }
        }
    }

    fn take(&mut self, event: Event) {
        let mut enough = false;
        match &event.kind {
            EventKind::Requested(_) => {
                if let Some(CancelAfter::Time(time)) = self.cancel {
                    self.cancel_at = event.at.checked_add(time).map(alarm);
                }
                enough = self.cancel == Some(CancelAfter::Messages(0));
            }
            EventKind::Message { .. } => {
                self.answers += 1;
                enough = self.cancel == Some(CancelAfter::Messages(self.answers));
                self.settle();
            }
            EventKind::Sent { .. } if !self.may_be_made_again() => self.settle(),
            EventKind::End(status, trailers) => {
                if let Some((wait, messages)) = self.another(status.code, Pushback::of(trailers)) {
                    return self.wait_for(wait, messages, format!("{}", Cause(status)));
                }
                self.settle();
                self.stage = Stage::Over;
            }
            _ => {}
        }
        match &mut self.again {
            Some(again) => again.held.push(event),
            None => self.told.push_back(event),
        }
        if enough {
            self.cancel();
        }
    }

    /// An attempt came to nothing; its error is given back if it was the last.
    fn fail(&mut self, error: Error) -> Option<Error> {
        if let wire::CallError::Connection(cause) = &error
            && may_pass(cause)
            && let Some((wait, messages)) = self.another(Code::UNAVAILABLE, Pushback::None)
        {
            self.wait_for(wait, messages, with_causes(cause));
            return None;
        }
        self.stage = Stage::Over;
        Some(error)
    }

    /// Whether all that was sent could be sent again.
    fn may_be_made_again(&self) -> bool {
        self.again.as_ref().is_some_and(|again| again.replay.is_whole())
    }

    /// How long to wait before another attempt, and its messages, if there is to be one.
    fn another(&self, code: Code, pushback: Pushback) -> Option<(Duration, Replaying)> {
        let again = self.again.as_ref()?;
        let usual = again.retry.pause(again.made, code)?;
        let wait = match pushback {
            Pushback::Never => return None,
            Pushback::After(wait) => wait,
            Pushback::None => usual,
        };
        // What would come after the deadline is not waited for.
        let in_time = self.deadline.is_none_or(|deadline| deadline.left() > wait);
        Some((wait, again.replay.again().filter(|_| in_time)?))
    }

    fn wait_for(&mut self, wait: Duration, messages: Replaying, cause: String) {
        let Some(again) = &mut self.again else { return };
        again.held.clear();
        let attempt = Attempt { number: again.made, of: Some(again.retry.retries + 1), cause, wait };
        self.told.push_back(Event::now(EventKind::Failed(attempt)));
        let due = self.deadline.as_ref().map(Deadline::alarm);
        let pause = Pause { over: alarm(Instant::now() + wait), due, messages: Some(messages) };
        self.stage = Stage::Waiting(Box::new(pause));
    }

    fn begin_again(&mut self, messages: Replaying) {
        let Some(again) = &mut self.again else { return };
        // A server may want to know that it is asked again (A6, "Exposed Retry Metadata").
        let mut plan = CallPlan::clone(&again.plan);
        plan.metadata.set_number("grpc-previous-rpc-attempts", again.made);
        again.made += 1;
        self.stage = Stage::Calling(Box::new(wire::Call::begin(&self.client, plan, Box::pin(messages))));
    }

    /// No other attempt will be made: what was held back of this one is told.
    fn settle(&mut self) {
        if let Some(again) = self.again.take() {
            self.told.extend(again.held);
        }
    }

    /// This side ends the call, and the server is told.
    fn cancel(&mut self) {
        let after = match self.cancel {
            Some(CancelAfter::Time(time)) => humantime::format_duration(time).to_string(),
            Some(CancelAfter::Messages(1)) => "1 answer".to_owned(),
            Some(CancelAfter::Messages(count)) => format!("{count} answers"),
            None => return,
        };
        self.settle();
        self.cancel_at = None;
        let client = Arc::clone(&self.client);
        let status = Status::local(Code::CANCELLED, format!("after {after}, as --cancel-after says"));
        // Dropping the call resets its stream; the connection is closed behind that.
        self.stage = Stage::Cancelling(Box::pin(async move { client.close().await }), status);
    }

    fn end(&mut self, status: Status, trailers: Metadata) {
        self.settle();
        self.stage = Stage::Over;
        self.told.push_back(Event::now(EventKind::End(status, trailers)));
    }
}

/// A status in a line.
struct Cause<'s>(&'s Status);

impl std::fmt::Display for Cause<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Status { code, message, .. } = self.0;
        write!(f, "{code}")?;
        if message.is_empty() { Ok(()) } else { write!(f, ": {message}") }
    }
}
