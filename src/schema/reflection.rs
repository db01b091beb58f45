//! Asking a server what it offers (gRPC's `doc/server-reflection.md`), versions v1 and v1alpha.
//!
//! Every round of questions is one stream: all are written at once, the request side is closed, and the stream is
//! cancelled as soon as the last answer has come. That costs no more round trips than one long stream and gets
//! through servers that wait for the half-close, never end the stream, allow one stream at a time, or end the
//! stream at the first name they do not know: then the questions left are asked again in another round.

mod budget;
mod error;
mod question;

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use prost_reflect::DescriptorPool;
use tokio_stream::iter;

use self::budget::Budget;
pub use self::error::ReflectionError;
pub(super) use self::question::{Answer, Need, Question};
use super::file_set;
use crate::wire::Tells;
use crate::wire::{
    Call, CallError, CallPlan, Client, Code, Codec, Deadline, Dialect, Event, EventKind, Metadata, Origin,
    Status, Streams,
};

/// Which version of the reflection service to speak. Their messages are the same on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// `grpc.reflection.v1.ServerReflection`
    V1,
    /// `grpc.reflection.v1alpha.ServerReflection`
    V1Alpha,
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::V1 => "v1",
            Self::V1Alpha => "v1alpha",
        })
    }
}

impl Version {
    fn other(self) -> Self {
        match self {
            Self::V1 => Self::V1Alpha,
            Self::V1Alpha => Self::V1,
        }
    }

    fn path(self) -> &'static str {
        match self {
            Self::V1 => "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
            Self::V1Alpha => "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
        }
    }
}

/// How long a server that has spoken HTTP/2 may be silent before it is given up, whatever the deadline.
const PATIENCE: Duration = Duration::from_secs(5);
/// The same where it is asked for what a schema can do without: who does not know the question may never answer it.
const SHORT_PATIENCE: Duration = Duration::from_secs(1);
/// How many streams may die of questions that a schema can do without.
const MAX_DEATHS: usize = 3;
/// Longer than any deadline.
const FOREVER: Duration = Duration::from_secs(u32::MAX as u64);
/// How many turns the connection needs to write a request: its headers, its body, and the flushes between.
const TURNS: usize = 4;
/// The most that all answers of one command may hold together, and how many files.
const MAX_BYTES: usize = 64 << 20;
const MAX_FILES: usize = 10_000;

/// A server's reflection service, and how much it has already been believed.
pub(super) struct Reflector {
    client: Arc<Client>,
    /// Versions still to be tried, the next one first; one that answered stays alone.
    versions: Vec<Version>,
    /// The one version to be tried, where there is but one and the other was not looked for.
    only: Option<Version>,
    metadata: Metadata,
    deadline: Option<Deadline>,
    /// The host that is asked about; most servers have but one, and don't look.
    host: String,
    /// The one to ask about if the server has nothing to say without.
    own_host: Option<String>,
    budget: Budget,
    bytes: usize,
    files: usize,
    /// What linking begins with, made while the first answer is awaited.
    groundwork: Option<DescriptorPool>,
    /// What happened, without what was asked and answered.
    events: Vec<Event>,
    /// Whether the version in use was asked before: its further questions have nothing new about them.
    asked: bool,
}

impl Reflector {
    pub(super) fn new(
        client: Arc<Client>,
        versions: Vec<Version>,
        metadata: Metadata,
        deadline: Option<Deadline>,
    ) -> Self {
        let only = if let [version] = *versions { Some(version) } else { None };
        let channel = client.channel();
        // Who routes by the authority may route by this.
        let (host, own_host) = match &channel.authority {
            Some(authority) => (authority.clone(), None),
            None => (String::new(), Some(channel.target.endpoint.authority())),
        };
        Self {
            host,
            own_host,
            budget: Budget::default(),
            client,
            versions,
            only,
            metadata,
            deadline,
            bytes: 0,
            files: 0,
            groundwork: None,
            events: Vec::new(),
            asked: false,
        }
    }

    /// The version in which the server has answered, if it has.
    pub(super) fn answered(&self) -> Option<Version> {
        self.versions.first().copied().filter(|_| self.bytes > 0)
    }

    /// What linking can begin with, if it was not taken before.
    /// Done when the user's deadline passes over what is being done; never where there is none.
    pub(super) fn late(&self, doing: &'static str) -> impl Future<Output = ReflectionError> + use<> {
        let deadline = self.deadline;
        async move {
            let Some(deadline) = deadline else { return std::future::pending().await };
            deadline.alarm().await;
            ReflectionError::Deadline(deadline.exceeded(doing))
        }
    }

    pub(super) fn take_groundwork(&mut self) -> Option<DescriptorPool> {
        self.groundwork.take()
    }

    /// What happened: the connection, the head of the first request in each version, and why a version was given up.
    pub(super) fn events(&self) -> &[Event] {
        &self.events
    }

    /// Asks all `questions` and gives their answers in the same order.
    pub(super) async fn ask(
        &mut self,
        questions: &[Question],
        need: Need,
    ) -> Result<Vec<Answer>, ReflectionError> {
        match need {
            Need::Must => self.ask_all(questions).await,
            Need::May => self.ask_in_passing(questions).await,
        }
    }

    /// Asks what a schema can do without: whatever goes wrong, but for the user's deadline, means that the server does
    /// not know. It has been asked for what is needed before.
    async fn ask_in_passing(&mut self, questions: &[Question]) -> Result<Vec<Answer>, ReflectionError> {
        let mut answers = Vec::with_capacity(questions.len());
        let mut deaths = 0;
        while answers.len() < questions.len() && deaths < MAX_DEATHS {
            let left = questions.get(answers.len()..).unwrap_or_default();
            match self.round(left, &mut answers, SHORT_PATIENCE).await {
                Err(error @ ReflectionError::Deadline(_)) => return Err(error),
                Err(_) => break,
                Ok(end) if answers.len() < questions.len() => {
                    // As above: the stream ended at a question that the server did not know.
                    answers.push(Answer::Unknown(end.map(|status| status.message).unwrap_or_default()));
                    deaths += 1;
                }
                Ok(_) => {}
            }
        }
        answers.resize(questions.len(), Answer::Unknown(String::new()));
        Ok(answers)
    }

    async fn ask_all(&mut self, questions: &[Question]) -> Result<Vec<Answer>, ReflectionError> {
        let answers = self.ask_of_host(questions).await?;
        if !lists_nothing(questions, &answers) {
            self.own_host = None;
            return Ok(answers);
        }
        // Whoever has no list at all may have one of each host.
        let Some(own) = self.own_host.take() else { return Ok(answers) };
        self.host = own;
        match self.ask_of_host(questions).await {
            Ok(again) if !lists_nothing(questions, &again) => Ok(again),
            Err(error @ ReflectionError::Deadline(_)) => Err(error),
            _ => {
                self.host.clear();
                Ok(answers)
            }
        }
    }

    async fn ask_of_host(&mut self, questions: &[Question]) -> Result<Vec<Answer>, ReflectionError> {
        // A deadline of the user's own is the measure where there is one, and the call itself keeps it.
        let patience = if self.deadline.is_some() { FOREVER } else { PATIENCE };
        let mut answers = Vec::with_capacity(questions.len());
        while answers.len() < questions.len() {
            let left = questions.get(answers.len()..).unwrap_or_default();
            let before = answers.len();
            let end = self.round(left, &mut answers, patience).await?;
            let Some(status) = end else { continue };
            if answers.len() == before {
                match self.falls_back(&status) {
                    Ok(true) => continue,
                    Ok(false) => {}
                    Err(ReflectionError::Unavailable(status)) => return Err(self.unavailable(status).await),
                    Err(error) => return Err(error),
                }
            }
            if answers.len() < questions.len() {
                // The stream ended at this question: it is the one the server did not know.
                answers.push(Answer::Unknown(status.message));
            }
        }
        Ok(answers)
    }

    /// What to say of a server that has no reflection as asked for: where only one version was, one more look tells
    /// whether it has the other.
    async fn unavailable(&mut self, status: Status) -> ReflectionError {
        let Some(asked) = self.only.take() else { return ReflectionError::Unavailable(status) };
        let offered = asked.other();
        self.versions = vec![offered];
        let looked = self.round(&[Question::Services], &mut Vec::new(), PATIENCE).await;
        self.versions = vec![asked];
        match looked {
            Ok(None) => ReflectionError::OtherVersion { asked, offered },
            _ => ReflectionError::Unavailable(status),
        }
    }

    /// What a stream that ended before any answer means: an error, another version to try (true), or nothing
    /// that concerns more than the first question.
    fn falls_back(&mut self, status: &Status) -> Result<bool, ReflectionError> {
        match status.code {
            // Also what proxies and web servers say of a path they do not know, or do not let through.
            Code::UNIMPLEMENTED | Code::PERMISSION_DENIED | Code::UNKNOWN | Code::UNAVAILABLE
                if self.versions.len() > 1 && self.files == 0 && !is_lost(status) =>
            {
                self.versions.remove(0);
                self.asked = false;
                self.events.push(Event::now(EventKind::End(status.clone(), Metadata::default())));
                Ok(true)
            }
            Code::UNIMPLEMENTED => Err(ReflectionError::Unavailable(status.clone())),
            Code::UNAUTHENTICATED
            | Code::PERMISSION_DENIED
            | Code::UNAVAILABLE
            | Code::RESOURCE_EXHAUSTED
            | Code::DEADLINE_EXCEEDED
            | Code::CANCELLED => Err(ReflectionError::Refused(status.clone())),
            _ if status.origin != Origin::Server => Err(ReflectionError::Refused(status.clone())),
            _ => Ok(false),
        }
    }

    /// One stream. Gives the status that ended it, unless every question was answered before that.
    async fn round(
        &mut self,
        questions: &[Question],
        answers: &mut Vec<Answer>,
        patience: Duration,
    ) -> Result<Option<Status>, ReflectionError> {
        self.budget.open()?;
        let end = self.stream(questions, answers, patience).await;
        self.budget.end(Instant::now());
        end
    }

    async fn stream(
        &mut self,
        questions: &[Question],
        answers: &mut Vec<Answer>,
        patience: Duration,
    ) -> Result<Option<Status>, ReflectionError> {
        let version = self.versions.first().copied().unwrap_or(Version::V1);
        let messages: Vec<Result<Bytes, std::convert::Infallible>> =
            questions.iter().map(|question| Ok(question.encode(&self.host).into())).collect();
        let plan = CallPlan {
            path: version.path().to_owned(),
            metadata: self.metadata.clone(),
            deadline: self.deadline,
            max_message_size: MAX_BYTES,
            awaited: None,
            // However the call is made, its schema is asked for as any server can tell it.
            dialect: Dialect { codec: Codec::Proto, compression: None, ..self.client.channel().dialect },
            streams: Streams::BOTH,
            get: false,
            timeout: None,
            tells: Tells::Usual,
        };
        let mut call = Call::begin(&self.client, plan, iter(messages));
        let wanted = answers.len() + questions.len();
        let mut connected = false;
        let is_first = !std::mem::replace(&mut self.asked, true);
        while let Some(event) = self.patiently(&mut call, patience).await? {
            self.note(&event, is_first);
            match event.kind {
                EventKind::Message { payload, .. } => {
                    self.bytes += payload.len();
                    if self.bytes > MAX_BYTES {
                        return Err(ReflectionError::TooMuch("64 MiB"));
                    }
                    answers.push(self.answer(&payload)?);
                    if answers.len() == wanted {
                        self.versions.truncate(1);
                        return Ok(None);
                    }
                }
                EventKind::End(status, _) => {
                    let ours = status.code == Code::DEADLINE_EXCEEDED && status.origin == Origin::Local;
                    if let Some(deadline) = self.deadline.filter(|_| ours) {
                        let connected = connected && self.client.has_spoken();
                        let doing =
                            if connected { "asking for the schema by reflection" } else { "connecting" };
                        return Err(ReflectionError::Deadline(deadline.exceeded(doing)));
                    }
                    return Ok(Some(status));
                }
                EventKind::Requested(_) => {
                    connected = true;
                    self.budget.begin(Instant::now());
                    if self.bytes == 0 {
                        self.groundwork = self.lay_groundwork().await;
                    }
                }
                _ => {}
            }
        }
        Ok(None)
    }

    /// Keeps an event that is worth telling. The connection is the same for every version.
    fn note(&mut self, event: &Event, is_first: bool) {
        let is_new = match &event.kind {
            EventKind::Phase(phase, _) => !self.events.iter().any(|told| {
                told.at == event.at && matches!(&told.kind, EventKind::Phase(told, _) if told == phase)
            }),
            EventKind::Requested(_) => is_first,
            _ => false,
        };
        if is_new {
            self.events.push(event.clone());
        }
    }

    /// Does what can be done before the first answer is there: the questions are on their way once every other task
    /// has had its turns.
    async fn lay_groundwork(&self) -> Option<DescriptorPool> {
        for _ in 0..TURNS {
            tokio::task::yield_now().await;
        }
        file_set::groundwork()
    }

    async fn patiently(
        &self,
        call: &mut Call<std::convert::Infallible>,
        patience: Duration,
    ) -> Result<Option<Event>, ReflectionError> {
        loop {
            // A deadline of the user's own says how long all of it may take.
            let is_bounded = self.deadline.is_none() && self.client.has_spoken();
            let left = if is_bounded { self.budget.left(Instant::now()) } else { FOREVER };
            match tokio::time::timeout(patience.min(left), call.next()).await {
                Ok(None) => return Ok(None),
                Ok(Some(Ok(event))) => return Ok(Some(event)),
                Ok(Some(Err(CallError::Connection(error)))) => {
                    return Err(ReflectionError::Connection(error));
                }
                Ok(Some(Err(CallError::Request(error)))) => return Err(ReflectionError::Request(error)),
                Ok(Some(Err(CallError::Messages(never)))) => match never {},
                // Before the server has spoken the connect timeout is the measure, and it has its own message.
                Err(_) if !self.client.has_spoken() => {}
                Err(_) if left < patience => return Err(ReflectionError::Slow),
                Err(_) => return Err(ReflectionError::Silent),
            }
        }
    }

    /// Counts what an answer holds, and refuses what passes all limits.
    fn answer(&mut self, payload: &[u8]) -> Result<Answer, ReflectionError> {
        let answer = Answer::decode(payload).map_err(ReflectionError::Malformed)?;
        if let Answer::Files(files) = &answer {
            self.files += files.len();
            if self.files > MAX_FILES {
                return Err(ReflectionError::TooMuch("10,000 files"));
            }
        }
        Ok(answer)
    }
}

/// Whether the server was asked for its services and has no list of them.
fn lists_nothing(questions: &[Question], answers: &[Answer]) -> bool {
    let mut both = questions.iter().zip(answers);
    both.any(|(question, answer)| *question == Question::Services && matches!(answer, Answer::Unknown(_)))
}

/// Whether a status says that the connection went, rather than that the method is not there.
fn is_lost(status: &Status) -> bool {
    status.origin == Origin::Local
}
