//! Calls in numbers: what each says, where connections go, and one call after another without what a person wants to know
//! of each.

use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio_stream::wrappers::UnboundedReceiverStream;

use super::go::Calls;
use super::{CallError, CallOptions, GoMethod, Method, Payload, Server, Session};
use crate::message;
use crate::message::input::Requests;
use crate::netrpc;
use crate::netrpc::gotype::GoTypes;
use crate::transport::{self, Facts, Http, Settings};
use crate::wire::{self, CallPlan, Carried, Client, Event, Metadata, Repeat, RequestHead, Tells};

impl Session {
    /// The head of a method's calls with this metadata, whose server is told that each may take so long. None of net/rpc.
    pub fn head(
        &self,
        method: &Method,
        metadata: Metadata,
        timeout: Option<Duration>,
    ) -> Option<RequestHead> {
        let Method::Proto(method) = method else { return None };
        let plan = self.call_plan(method, CallOptions::new(metadata, 0));
        Some(method.client.preview(&CallPlan { timeout, deadline: None, ..plan }))
    }

    /// Where connections to its server go, if straight there.
    pub async fn place(&self) -> Result<Option<transport::Place>, transport::Error> {
        match &self.server {
            Server::Grpc(client) => client.place().await,
            Server::Go(_) => Ok(None),
        }
    }

    /// Connects, and waits for the server's first word: what is wrong with a server is told as that.
    pub async fn greeted(&self) -> Result<(), transport::Error> {
        match &self.server {
            Server::Grpc(client) => client.connection().await?.greeted().await,
            Server::Go(client) => client.reach().await,
        }
    }

    /// Calls of a method that are made again and again, with other messages.
    pub fn repeated(&self, method: &Method, plan: RepeatPlan) -> Repeated {
        let RepeatPlan { options, timeout, go_type } = plan;
        match method {
            Method::Proto(method) => {
                let plan = self.call_plan(method, options);
                let plan = CallPlan { timeout, deadline: None, tells: Tells::Answers, ..plan };
                Repeated::Proto(RepeatedProto {
                    client: Arc::clone(&method.client),
                    repeat: Arc::new(Repeat::new(plan)),
                })
            }
            Method::Go(method) => {
                let max_message_size = options.max_message_size;
                let limits = netrpc::Limits { max_in_flight: usize::MAX, max_message_size, hurries: true };
                Repeated::Go(Box::new(RepeatedGo { method: method.clone(), limits, go_type }))
            }
        }
    }
}

/// What calls have in common that are made again and again.
#[derive(Debug, Clone)]
pub struct RepeatPlan {
    /// Their metadata, and what is taken of their answers.
    pub options: CallOptions,
    /// How long the server is told that each may take. Nobody here sees to it.
    pub timeout: Option<Duration>,
    /// The type of a net/rpc method's argument; inferred where absent.
    pub go_type: Option<GoTypes>,
}

/// Calls of a method on one connection.
#[derive(Clone)]
pub enum Repeated {
    /// Of a method of a schema.
    Proto(RepeatedProto),
    /// Of one of net/rpc.
    Go(Box<RepeatedGo>),
}

impl Repeated {
    /// Whether a call may have many answers.
    pub fn has_streams(&self) -> bool {
        match self {
            Self::Proto(calls) => calls.repeat.plan().streams.answers,
            Self::Go(_) => false,
        }
    }
}

/// Calls of a method of a schema.
#[derive(Clone)]
pub struct RepeatedProto {
    client: Arc<Client>,
    repeat: Arc<Repeat>,
}

/// What is known of a connection that was made.
pub struct Link {
    /// Its phases.
    pub facts: Facts,
    /// When the server had said what it has to say before it is asked.
    pub settled: Option<Instant>,
    /// How many calls at a time the server takes, where it said so.
    pub allowed: Option<u32>,
    /// Which HTTP is spoken.
    pub http: Http,
}

impl RepeatedProto {
    /// The same calls on a connection of their own. No files are read again.
    pub async fn another(&self) -> Self {
        Self { client: self.client.another().await, repeat: Arc::clone(&self.repeat) }
    }

    /// Connects, where that is to be done, and waits for the server's first word.
    pub async fn connect(&self) -> Result<Link, transport::Error> {
        let connection = self.client.connection().await?;
        connection.greeted().await?;
        let (settled, settings) = connection.settings().unzip();
        let allowed = settings.as_ref().and_then(Settings::max_concurrent_streams);
        Ok(Link { facts: connection.facts().clone(), settled, allowed, http: connection.http() })
    }

    /// Whether there is a connection that takes a call.
    pub fn is_connected(&self) -> bool {
        self.client.is_connected()
    }

    /// What its connections carried so far; nothing is known while one is being made.
    pub fn carried(&self) -> Option<Carried> {
        self.client.carried()
    }

    /// Takes leave of the server.
    pub async fn close(&self) {
        self.client.close().await;
    }

    /// Begins a call with these messages, and with these headers beside those that all have.
    pub fn call(&self, headers: &[(Bytes, Bytes)], messages: impl IntoIterator<Item = Bytes>) -> OneOfMany {
        let mut messages = messages.into_iter();
        let (first, second) = (messages.next(), messages.next());
        match (first, second) {
            (Some(message), None) => OneOfMany(self.repeat.one(&self.client, headers, message)),
            (first, second) => {
                self.begin(headers, Requests::all(first.into_iter().chain(second).chain(messages)))
            }
        }
    }

    /// The same with messages that are sent when they are given.
    pub fn call_with(&self, headers: &[(Bytes, Bytes)]) -> (OneOfMany, Giver) {
        let (messages, come) = unbounded_channel();
        let call = self.begin(headers, Requests::given(UnboundedReceiverStream::new(come)));
        (call, Giver(messages))
    }

    fn begin(&self, headers: &[(Bytes, Bytes)], messages: Requests) -> OneOfMany {
        OneOfMany(wire::Call::begin(&self.client, self.repeat.with(headers), messages))
    }
}

/// A call that is made again and again.
pub struct OneOfMany(wire::Call<message::Error>);

impl OneOfMany {
    /// What it has to tell next; nothing after its end, or after an error.
    pub fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Event, CallError>>> {
        let next = pin!(self.0.next()).poll(cx);
        next.map(|event| event.map(|event| event.map_err(CallError::Wire)))
    }
}

/// Gives a call its messages: none is to come once it is dropped.
pub struct Giver(UnboundedSender<Bytes>);

impl Giver {
    /// The next message. A call that is over takes none.
    pub fn give(&self, message: Bytes) {
        let _ = self.0.send(message);
    }
}

/// Calls of a method of net/rpc.
#[derive(Clone)]
pub struct RepeatedGo {
    method: GoMethod,
    limits: netrpc::Limits,
    go_type: Option<GoTypes>,
}

impl RepeatedGo {
    /// Makes a connection, on which calls are made side by side.
    pub async fn connect(&self) -> Result<GoLine, CallError> {
        let GoMethod { name, client } = &self.method;
        let encoder = netrpc::Encoder::new(client.codec, name, self.go_type.clone());
        let (requests, given) = unbounded_channel();
        let given = Requests::given(UnboundedReceiverStream::new(given));
        let mut calls = Calls::begin(client.clone(), self.limits, None, (given, encoder.sent()));
        // Nothing else happens before that is done.
        let connected = calls.next().await.transpose()?;
        Ok(GoLine { calls, encoder, requests, connected })
    }
}

/// A connection of net/rpc.
pub struct GoLine {
    calls: Calls,
    encoder: netrpc::Encoder,
    requests: UnboundedSender<netrpc::Request>,
    connected: Option<Event<Payload>>,
}

impl GoLine {
    /// Begins a call whose argument is this JSON, where it can be one. Calls are numbered from 0.
    pub fn call(&mut self, argument: &[u8]) -> Result<(), netrpc::RequestError> {
        let request = self.encoder.encode(argument)?;
        // Where the connection is over nobody takes it, and its end is told as that of all calls.
        let _ = self.requests.send(request);
        Ok(())
    }

    /// How many bytes were written on it, and how many read, as long as calls are made on it.
    pub fn carried(&self) -> [u64; 2] {
        self.calls.carried()
    }

    /// What happened next on it; nothing after its end.
    pub async fn next(&mut self) -> Option<Result<Event<Payload>, CallError>> {
        match self.connected.take() {
            Some(event) => Some(Ok(event)),
            None => self.calls.next().await,
        }
    }
}
