//! One call of any shape, in any dialect: messages in, events out.
//!
//! Once the request's headers are written every outcome is an End with a status; before that what goes wrong is
//! an error. The deadline is the exception: whenever it passes, the call ends in `DEADLINE_EXCEEDED`.

use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_core::Stream;
use http::Response;
use http_body_util::BodyExt as _;
use tokio::sync::mpsc;

use super::answer::{Answer, Asked, Part};
use super::at_hand::{self, Alone};
use super::client::Client;
use super::dialect::Streams;
use super::event::{Event, EventKind};
use super::metadata::Metadata;
use super::open::{OpenError, Opened, Opening, open};
use super::plan::{CallPlan, Tells};
use super::request::Note;
use super::status::{Code, Fault, Status};
use super::{Alarm, Deadline, rung, verdict};
use crate::transport::{Connection, Error, HttpError, Incoming, Sent, StreamError};

/// What a call does whose request went out.
const AWAITING_HEAD: &str = "waiting for the answer to begin";
/// How many notes of the request side may wait to be heard.
const NOTES: usize = 8;
/// How long a server may take to end an answer that has said how the call ended.
const LAST_BYTES: Duration = Duration::from_millis(200);
/// How long an answer that is none of the protocol's may take to say what it is, beyond its head.
const FOREIGN_BODY: Duration = Duration::from_secs(1);

/// Why a call has no status.
#[derive(Debug)]
pub enum CallError<E> {
    /// The stream of request messages failed.
    Messages(E),
    /// No connection, so no request.
    Connection(Error),
    /// The request has a part that HTTP can't carry.
    Request(http::Error),
}

/// A call under way. Ask [`Call::next`] until it gives nothing more; dropping it cancels the call.
pub struct Call<E> {
    client: Arc<Client>,
    /// The connection that the answer comes on.
    connection: Option<Arc<Connection>>,
    plan: Arc<CallPlan>,
    /// How the method streams, as far as that showed.
    streams: Streams,
    state: State,
    queue: VecDeque<Event>,
    /// What the request side says, as long as it can say something.
    notes: Option<mpsc::Receiver<Note<E>>>,
    answers: usize,
    /// Whether nothing was sent of the request but its headers, and more may follow.
    unfed: bool,
    /// Whether the server's settings are still to be told.
    settings: bool,
    /// When the deadline passes.
    due: Option<Alarm>,
    /// What the call is busy with, for the deadline's message.
    doing: &'static str,
}

enum State {
    Opening(Opening),
    /// The request went out at once.
    Awaiting(Sent),
    /// It could not be made.
    Failing(Option<OpenError>),
    Reading {
        body: Incoming,
        answer: Answer,
        /// When enough was read of it, where its head said already how the call ended.
        enough: Option<Alarm>,
    },
    /// The body ended in an error, whose cause is being found out.
    Breaking(Pin<Box<dyn Future<Output = StreamError> + Send>>),
    /// All is said, and the body is read to its end.
    Closing(Pin<Box<dyn Future<Output = bool> + Send>>, Status, Metadata),
    Done,
}

enum Step<E> {
    Note(Option<Note<E>>),
    Opened(Opened),
    Answered(Result<Response<Incoming>, HttpError>),
    Frame(Option<Result<http_body::Frame<Bytes>, HttpError>>),
    Broken(StreamError),
    /// Whether the answer ended where it said that it does.
    Closed(bool),
    Deadline,
}

impl<E: Send + Unpin + 'static> Call<E> {
    /// Begins a call, which goes on as its events are asked for.
    pub fn begin<S>(client: &Arc<Client>, plan: impl Into<Arc<CallPlan>>, messages: S) -> Self
    where
        S: Stream<Item = Result<Bytes, E>> + Send + Unpin + 'static,
    {
        let plan = plan.into();
        let (sender, notes) = mpsc::channel(NOTES);
        let opening = open(Arc::clone(client), Arc::clone(&plan), messages, sender);
        Self { notes: Some(notes), ..Self::new(client, plan, State::Opening(Box::pin(opening))) }
    }

    /// Begins a call of one message. Where there is a connection for it, its request goes out before this returns.
    pub fn one(client: &Arc<Client>, plan: impl Into<Arc<CallPlan>>, message: Bytes) -> Self {
        let plan = plan.into();
        let Some(connection) = client.connection_at_hand().filter(|_| !plan.streams.guessed) else {
            return Self::begin(client, plan, Alone(Some(message), PhantomData));
        };
        let mut told = VecDeque::new();
        let state = match at_hand::send(client, &plan, &connection, message, &mut told) {
            Ok(sent) => State::Awaiting(sent),
            Err(error) => State::Failing(Some(error)),
        };
        let mut call = Self::new(client, plan, state);
        call.connection = Some(connection);
        for event in told {
            call.sent(event);
        }
        call
    }

    /// A call whose request went out, and of which nothing is to be told until it is answered.
    pub(super) fn sent_on(
        client: &Arc<Client>,
        plan: Arc<CallPlan>,
        connection: Arc<Connection>,
        sent: Result<Sent, OpenError>,
    ) -> Self {
        let state = sent.map_or_else(|error| State::Failing(Some(error)), State::Awaiting);
        let doing = AWAITING_HEAD;
        Self { connection: Some(connection), unfed: false, doing, ..Self::new(client, plan, state) }
    }

    fn new(client: &Arc<Client>, plan: Arc<CallPlan>, state: State) -> Self {
        Self {
            client: Arc::clone(client),
            connection: None,
            settings: plan.tells == Tells::InFull,
            due: plan.deadline.as_ref().map(Deadline::alarm),
            streams: plan.streams,
            plan,
            state,
            queue: VecDeque::new(),
            notes: None,
            answers: 0,
            unfed: true,
            doing: "connecting",
        }
    }

    /// The next event; nothing after the End, or after an error.
    /// Safe to cancel: no event is lost when the future is dropped.
    pub async fn next(&mut self) -> Option<Result<Event, CallError<E>>> {
        loop {
            if let Some(event) = self.queue.pop_front() {
                return Some(Ok(event));
            }
            let step = match &mut self.state {
                State::Done => return None,
                state => tokio::select! {
                    biased;
                    // Before a server that always has more to say.
                    () = rung(&mut self.due) => Step::Deadline,
                    note = heard(&mut self.notes) => Step::Note(note),
                    step = advance(state) => step,
                },
            };
            if let Err(error) = self.take(step) {
                self.state = State::Done;
                return Some(Err(error));
            }
        }
    }

    fn take(&mut self, step: Step<E>) -> Result<(), CallError<E>> {
        match step {
            Step::Note(None) => self.notes = None,
            Step::Note(Some(note)) => self.note(note)?,
            Step::Deadline => self.deadline_passed(),
            Step::Opened(Ok((response, connection, streams))) => {
                self.drain_notes()?;
                self.connection = Some(connection);
                self.streams = streams;
                self.head(response);
            }
            Step::Opened(Err(OpenError::Connection(error))) => return Err(CallError::Connection(error)),
            Step::Opened(Err(OpenError::Request(error))) => return Err(CallError::Request(error)),
            Step::Opened(Err(OpenError::Message(error))) => {
                let status = Status::local(Code::INTERNAL, format!("cannot compress the request: {error}"))
                    .with(Fault::Broken);
                self.end(status, Metadata::default());
            }
            Step::Opened(Err(OpenError::Stream(error))) => {
                self.drain_notes()?;
                self.broken(&error);
            }
            Step::Answered(Ok(response)) => self.head(response),
            Step::Answered(Err(error)) => self.breaking(error),
            Step::Frame(Some(Err(error))) => {
                self.drain_notes()?;
                self.breaking(error);
            }
            Step::Frame(Some(Ok(frame))) => self.frame(frame),
            Step::Frame(None) => self.body_ended(None),
            Step::Broken(error) => self.broken(&error),
            Step::Closed(orderly) => self.closed(orderly),
        }
        Ok(())
    }

    /// The request side went on.
    fn sent(&mut self, event: Event) {
        match event.kind {
            EventKind::Requested(_) => self.doing = AWAITING_HEAD,
            EventKind::Sent { .. } | EventKind::HalfClosed => self.unfed = false,
            EventKind::Settings(_) => self.settings = false,
            _ => {}
        }
        self.queue.push_back(event);
    }

    fn note(&mut self, note: Note<E>) -> Result<(), CallError<E>> {
        match note {
            Note::Event(event) => self.sent(event),
            Note::Frame(told) => told.events().for_each(|event| self.sent(event)),
            Note::Failed(error) => return Err(CallError::Messages(error)),
        }
        Ok(())
    }

    /// A message of the request that failed explains a stream that was reset because of it.
    fn drain_notes(&mut self) -> Result<(), CallError<E>> {
        while let Some(Ok(note)) = self.notes.as_mut().map(mpsc::Receiver::try_recv) {
            self.note(note)?;
        }
        Ok(())
    }

    /// Tells the server's settings as soon as they can be there.
    fn settings(&mut self) {
        if self.settings
            && let Some((at, settings)) = self.client.settings()
        {
            self.settings = false;
            self.queue.push_back(Event { at, kind: EventKind::Settings(settings) });
        }
    }

    fn head(&mut self, response: Response<Incoming>) {
        self.settings();
        self.doing = "waiting for the rest of the answer";
        let (head, body) = response.into_parts();
        let empty = http_body::Body::is_end_stream(&body);
        let asked = Asked {
            dialect: self.plan.dialect,
            streams: self.streams,
            limit: self.plan.max_message_size,
            header_limit: self.client.channel().target.max_header_size,
        };
        let answer = Answer::begin(&asked, head.status, Metadata::from_http(head.headers), empty);
        let enough = answer.is_foreign().then(|| Box::pin(tokio::time::sleep(FOREIGN_BODY)));
        self.state = State::Reading { body, answer, enough };
        self.parts();
        if empty {
            self.body_ended(None);
        }
    }

    /// The body ended in an error. The answer of a foreign server needs no better reason than what it said.
    fn breaking(&mut self, error: HttpError) {
        let is_foreign = matches!(&self.state, State::Reading { answer, .. } if answer.is_foreign());
        match self.connection.take() {
            Some(connection) if !is_foreign => {
                let cause = async move { connection.stream_error(&error).await };
                self.state = State::Breaking(Box::pin(cause));
            }
            _ => self.body_ended(None),
        }
    }

    fn frame(&mut self, frame: http_body::Frame<Bytes>) {
        let State::Reading { answer, .. } = &mut self.state else { return };
        match frame.into_data() {
            Ok(data) => {
                answer.push(data);
                self.parts();
            }
            Err(frame) => self.body_ended(frame.into_trailers().ok().map(Metadata::from_http)),
        }
    }

    /// Tells what is there of the answer.
    fn parts(&mut self) {
        while let State::Reading { answer, .. } = &mut self.state
            && let Some(part) = answer.next()
        {
            match part {
                // Nobody asks for them.
                Part::Headers(_) if self.plan.tells == Tells::Answers => {}
                Part::Headers(headers) => self.queue.push_back(Event::now(EventKind::Headers(headers))),
                Part::Message(message) => {
                    self.queue.push_back(Event::now(EventKind::Message {
                        index: self.answers,
                        payload: message.payload,
                        wire_size: message.wire_size,
                        compressed: message.compressed,
                    }));
                    self.answers += 1;
                }
                Part::End(status, trailers) => self.said(status, trailers),
            }
        }
    }

    /// The body is over, with these trailers of HTTP's.
    fn body_ended(&mut self, trailers: Option<Metadata>) {
        if let State::Reading { answer, .. } = &mut self.state {
            answer.finish(trailers);
            self.parts();
        }
    }

    /// The answer says how the call ended. A good answer is read to the end of its body, so that the server sees it taken.
    fn said(&mut self, status: Status, trailers: Metadata) {
        let single = !self.streams.answers;
        let status = match status.code {
            Code::OK if single && self.answers != 1 => verdict::not_one_answer(self.answers),
            _ => status,
        };
        match std::mem::replace(&mut self.state, State::Done) {
            State::Reading { mut body, .. }
                if status.is_from_server() && !http_body::Body::is_end_stream(&body) =>
            {
                let rest = async move {
                    while let Some(Ok(frame)) = body.frame().await {
                        if frame.data_ref().is_some_and(|data| !data.is_empty()) {
                            return false;
                        }
                    }
                    true
                };
                let closing = async { tokio::time::timeout(LAST_BYTES, rest).await.unwrap_or(true) };
                self.state = State::Closing(Box::pin(closing), status, trailers);
            }
            _ => self.end(status, trailers),
        }
    }

    fn closed(&mut self, orderly: bool) {
        if let State::Closing(_, status, trailers) = std::mem::replace(&mut self.state, State::Done) {
            self.end(verdict::at_the_end(status, orderly), trailers);
        }
    }

    fn broken(&mut self, error: &StreamError) {
        let status = verdict::of_stream(error, self.client.channel().target.max_header_size);
        // A server whose own clock for the same deadline ran out first may say so with a bare reset; clocks in
        // whole milliseconds run out a little early.
        let due = |deadline: &Deadline| deadline.left() <= Duration::from_millis(2);
        if status.code == Code::CANCELLED && self.plan.deadline.as_ref().is_some_and(due) {
            return self.deadline_passed();
        }
        self.end(status, Metadata::default());
    }

    fn deadline_passed(&mut self) {
        if matches!(self.state, State::Closing(..)) {
            // How it ended was said in time.
            return self.closed(true);
        }
        if matches!(&self.state, State::Reading { answer, .. } if answer.is_foreign()) {
            return self.body_ended(None);
        }
        if let Some(deadline) = self.plan.deadline {
            let status = match &self.plan.awaited {
                _ if !self.client.has_spoken() => deadline.exceeded("connecting"),
                Some(origin) if self.unfed => {
                    deadline.exceeded(&format!("waiting for messages from {origin}, and none was sent"))
                }
                _ => deadline.exceeded(self.doing),
            };
            self.end(status, Metadata::default());
        }
    }

    fn end(&mut self, status: Status, trailers: Metadata) {
        self.settings();
        self.state = State::Done;
        self.queue.push_back(Event::now(EventKind::End(status, trailers)));
    }
}

async fn advance<E>(state: &mut State) -> Step<E> {
    match state {
        State::Opening(opening) => Step::Opened(opening.await),
        State::Awaiting(sent) => Step::Answered(poll_fn(|cx| sent.poll(cx)).await),
        State::Failing(error) => match error.take() {
            Some(error) => Step::Opened(Err(error)),
            None => std::future::pending().await,
        },
        State::Reading { body, enough, .. } => tokio::select! {
            biased;
            frame = body.frame() => Step::Frame(frame),
            () = rung(enough) => Step::Frame(None),
        },
        State::Breaking(cause) => Step::Broken(cause.await),
        State::Closing(closing, ..) => Step::Closed(closing.await),
        State::Done => std::future::pending().await,
    }
}

/// What the request side says next; it says nothing where it is not listened to.
async fn heard<E>(notes: &mut Option<mpsc::Receiver<Note<E>>>) -> Option<Note<E>> {
    match notes {
        Some(notes) => notes.recv().await,
        None => std::future::pending().await,
    }
}
