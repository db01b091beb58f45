//! The spine: a plan becomes a session, a name becomes a method, messages become a call.
//!
//! ```text
//! SessionPlan ──open──▶ Session ──find──▶ Method ──encode──▶ Requests ──call──▶ Event, Event, … End
//! ```
//!
//! Every verb walks this way; what differs is where messages come from and where events go.

mod again;
mod attempts;
mod bell;
mod call;
mod each;
mod go;
mod health;
mod load;
mod method;
mod outgoing;
mod plan;
mod preview;
mod retry;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use prost_reflect::MessageDescriptor;
use tokio::sync::{Mutex, MutexGuard};

pub use again::GaveUp;
pub use attempts::{CancelAfter, Course};
pub use call::{Call, CallError, Payload, Unsent as UnsentMessages};
pub use health::{HealthQuestion, NotHealth, ServingStatus};
pub use load::{Giver, GoLine, Link, OneOfMany, RepeatPlan, Repeated, RepeatedGo, RepeatedProto};
pub use method::{GoMethod, Method, ProtoMethod};
pub use outgoing::Flow;
pub use plan::{CallOptions, InputPlan, ServerPlan, SessionPlan};
pub use preview::{Preview, Unsent};
pub use retry::{Backoff, RetryPlan, with_causes};

pub use crate::transport::{Certificate, Http, Settings, TlsFacts};
/// What a call tells, whoever's protocol it speaks: readers of a session's events need no other room for it.
pub use crate::wire::{
    Attempt, Carried, Code, Event, EventKind, Fault, Metadata, MetadataValue, Origin, Phase, RequestHead,
    Status, StatusDetails,
};

use attempts::Attempts;
use call::Inner;
use each::Each;

use crate::message::Format;
use crate::message::count::{Count, Shape, Takes};
use crate::message::input::{Encoder, Requests, Source, Widen};
use crate::message::json;
use crate::schema::{self, Schema};
use crate::transport::{self, Facts};
use crate::wire::{CallPlan, Client, Codec, Deadline, Streams, Tells};
use crate::{message, netrpc};

/// What calls go to.
enum Server {
    Grpc(Arc<Client>),
    Go(Box<netrpc::Client>),
}

/// A method and the messages for it, encoded as it takes them.
pub enum Messages {
    /// Protobuf messages of one call.
    Proto(ProtoMethod, Requests),
    /// Protobuf messages that are each a call.
    Each(ProtoMethod, Requests),
    /// Requests of net/rpc.
    Go(GoMethod, Requests<netrpc::Request>, netrpc::SentTypes),
}

/// Why there is no session.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// What is needed to connect can't be had.
    #[error(transparent)]
    Connection(#[from] transport::Error),
    /// There is no schema.
    #[error(transparent)]
    Schema(#[from] schema::Error),
}

/// One server, its schema, and the deadline over all that is done with them.
pub struct Session {
    server: Server,
    schema: Arc<Mutex<Schema>>,
    deadline: Option<Deadline>,
    /// Whether events tell what few want to know.
    in_full: bool,
    /// When it was begun to find out the schema.
    opened: Instant,
}

impl Session {
    /// Reads the plan's files. The connection is made when it is first needed.
    pub fn open(plan: SessionPlan, started: Instant) -> Result<Self, OpenError> {
        let deadline = plan.timeout.and_then(|timeout| Deadline::new(started, timeout));
        let (opened, in_full) = (Instant::now(), plan.in_full);
        let (server, schema) = match plan.server {
            ServerPlan::Grpc { channel, schema } => {
                let client = Client::open(channel, deadline)?;
                let schema = match schema {
                    Some(schema) => Schema::open(&schema, &client, deadline)?,
                    None => Schema::nothing(),
                };
                (Server::Grpc(client), schema)
            }
            ServerPlan::Go(server) => {
                let client = netrpc::Client::open(server, deadline.map(|deadline| deadline.at))?;
                (Server::Go(Box::new(client)), Schema::nothing())
            }
        };
        Ok(Self { server, schema: Arc::new(Mutex::new(schema)), deadline, in_full, opened })
    }

    /// Another way to the server, with a connection of its own, which shares what is known of its types.
    pub fn beside(&self, mut plan: SessionPlan, started: Instant) -> Result<Self, OpenError> {
        if let ServerPlan::Grpc { schema, .. } = &mut plan.server {
            *schema = None;
        }
        Ok(Self { schema: Arc::clone(&self.schema), ..Self::open(plan, started)? })
    }

    /// A method that another session found, to be called here.
    pub fn adopt(&self, method: &Method) -> Method {
        match (method, &self.server) {
            (Method::Proto(method), Server::Grpc(client)) => Method::Proto(ProtoMethod {
                descriptor: method.descriptor.clone(),
                found: self.found(),
                client: Arc::clone(client),
            }),
            _ => method.clone(),
        }
    }

    /// The server, if it speaks net/rpc, to be asked what it offers.
    pub fn netrpc(&self) -> Option<&netrpc::Client> {
        match &self.server {
            Server::Grpc(_) => None,
            Server::Go(client) => Some(client),
        }
    }

    /// Takes leave of the server, so that it hears of calls that were dropped.
    pub async fn close(&self) {
        if let Server::Grpc(client) = &self.server {
            client.close().await;
        }
    }

    /// When everything must be over.
    pub fn deadline(&self) -> Option<Deadline> {
        self.deadline
    }

    /// What is known of the server's types, and how more can be learnt.
    pub async fn schema(&self) -> MutexGuard<'_, Schema> {
        self.schema.lock().await
    }

    /// The method of this full name, of which nothing else is known. None where that is none, or of net/rpc.
    pub fn unseen(&self, name: &str) -> Option<Method> {
        let Server::Grpc(client) = &self.server else { return None };
        let descriptor = schema::unseen::method(name)?;
        Some(Method::Proto(ProtoMethod { descriptor, found: self.found(), client: Arc::clone(client) }))
    }

    /// Finds a method by its full name or a tail that only one method has.
    /// Of net/rpc's methods nothing can be found out but whether calling them succeeds.
    pub async fn find(&self, name: &str) -> Result<Method, schema::Error> {
        match &self.server {
            Server::Go(client) => {
                Ok(Method::Go(GoMethod { name: name.to_owned(), client: netrpc::Client::clone(client) }))
            }
            Server::Grpc(client) => {
                let descriptor = self.schema.lock().await.method(name).await?;
                let client = Arc::clone(client);
                Ok(Method::Proto(ProtoMethod { descriptor, found: self.found(), client }))
            }
        }
    }

    /// What happened to find out the schema, for a verb that wants no more than that.
    pub async fn events(&self) -> Vec<Event> {
        let mut events = self.schema.lock().await.events().to_vec();
        if let Server::Grpc(client) = &self.server
            && self.in_full
        {
            let told = |(at, settings)| Event { at, kind: EventKind::Settings(settings) };
            events.extend(client.settings().map(told));
        }
        events.push(self.found());
        events
    }

    /// The schema was found out just now.
    fn found(&self) -> Event {
        let facts = match &self.server {
            Server::Grpc(client) => client.facts(),
            Server::Go(_) => None,
        };
        let connecting = facts.map_or(Duration::ZERO, |facts| time_connecting(&facts, self.opened));
        let took = self.opened.elapsed().saturating_sub(connecting);
        Event::now(EventKind::Phase(Phase::Schema, took))
    }

    /// Begins to read and encode the messages for a method. How many it takes is checked here and only here.
    pub async fn encode(
        &self,
        method: Method,
        sources: Vec<Source>,
        plan: InputPlan,
    ) -> Result<Messages, message::Error> {
        match method {
            Method::Proto(method) => {
                let descriptor = method.descriptor.input();
                let (name, shape) = (method.name(), method.shape());
                let count = if plan.each { Count::each(name, shape)? } else { Count::new(name, shape) };
                // More than one can be told apart by their lengths alone.
                let format = match plan.format {
                    Format::Binary { .. } => Format::Binary { delimited: count.takes() != Takes::ExactlyOne },
                    format => format,
                };
                let requests =
                    Requests::open(sources, self.encoder(descriptor, count, format, &plan)).await?;
                let messages = if plan.each { Messages::Each } else { Messages::Proto };
                Ok(messages(method, requests))
            }
            Method::Go(method) => {
                let written = (plan.format, plan.go_type);
                let encoder = go::Encoder::new(method.client.codec, &method.name, written, self.in_full);
                let types = encoder.sent();
                Ok(Messages::Go(method, Requests::open(sources, encoder).await?, types))
            }
        }
    }

    /// Reads any number of messages of a type, as they come, for whatever they are to be used: as their bytes, however
    /// the server would want them.
    pub async fn read(
        &self,
        descriptor: MessageDescriptor,
        sources: Vec<Source>,
        plan: InputPlan,
    ) -> Result<Requests, message::Error> {
        let any_number = Shape { client_streaming: true, server_streaming: false };
        let count = Count::new(descriptor.full_name(), any_number);
        let encoder = Encoder { json: None, ..self.encoder(descriptor, count, plan.format, &plan) };
        Requests::open(sources, encoder).await
    }

    fn encoder(
        &self,
        descriptor: MessageDescriptor,
        count: Count,
        format: Format,
        plan: &InputPlan,
    ) -> Encoder {
        let message = descriptor.full_name().to_owned();
        Encoder {
            format,
            allow_unknown_fields: plan.allow_unknown_fields,
            count,
            reader: message::Reader::default(),
            // What has no schema is sent as it was given.
            json: (self.codec() == Codec::Json && !schema::unseen::is_unseen(&descriptor))
                .then(json::Printer::default),
            descriptor,
            widen: Box::new(WidenBySchema { schema: Arc::clone(&self.schema), message }),
        }
    }

    /// How messages are written on the wire.
    fn codec(&self) -> Codec {
        match &self.server {
            Server::Grpc(client) => client.channel().dialect.codec,
            Server::Go(_) => Codec::Proto,
        }
    }

    /// Begins a call, which goes on as its events are asked for.
    pub fn call(&self, messages: Messages, options: CallOptions) -> Call {
        let inner = match messages {
            Messages::Each(method, requests) => {
                let (in_flight, course) = (options.max_in_flight, options.course.clone());
                let plan = self.call_plan(&method, options);
                let each = Each::begin(method.client, (plan, course), requests, in_flight, method.found);
                Inner::Each(Box::new(each))
            }
            Messages::Proto(method, requests) => {
                let awaited = requests.awaited().map(ToString::to_string);
                let course = options.course.clone();
                let plan = CallPlan { awaited, ..self.call_plan(&method, options) };
                let call = Box::new(Attempts::begin(&method.client, plan, requests, course));
                Inner::Wire { before: Some(Box::new(method.found)), call }
            }
            Messages::Go(method, requests, types) => {
                let CallOptions { max_in_flight, max_message_size, .. } = options;
                let limits = netrpc::Limits { max_in_flight, max_message_size, hurries: false };
                Inner::Go(Box::new(go::Calls::begin(method.client, limits, self.deadline, (requests, types))))
            }
        };
        Call { inner, codec: self.codec() }
    }

    /// Begins a call of the method of this full name, with one message that is encoded already. None where that names no
    /// method, or of net/rpc.
    pub fn ask(&self, name: &str, message: Bytes, options: CallOptions) -> Option<Call> {
        let Some(Method::Proto(method)) = self.unseen(name) else { return None };
        Some(self.call(Messages::Proto(method, Requests::of(message)), options))
    }

    /// What a call needs whose messages are all at hand.
    fn call_plan(&self, method: &ProtoMethod, options: CallOptions) -> CallPlan {
        CallPlan {
            path: format!("/{}", method.name()),
            metadata: options.metadata,
            deadline: self.deadline,
            max_message_size: options.max_message_size,
            awaited: None,
            dialect: method.client.channel().dialect,
            streams: Streams {
                requests: method.descriptor.is_client_streaming(),
                answers: method.descriptor.is_server_streaming(),
                guessed: schema::unseen::is_unseen(&method.descriptor.input()),
            },
            get: options.get,
            timeout: None,
            tells: if self.in_full { Tells::InFull } else { Tells::Usual },
        }
    }
}

/// How much of the time since `began` went into making the connection.
fn time_connecting(facts: &Facts, began: Instant) -> Duration {
    facts.ready().saturating_duration_since(facts.started.max(began))
}

/// Finds the request type again in a schema that was asked for more types.
struct WidenBySchema {
    schema: Arc<Mutex<Schema>>,
    message: String,
}

impl Widen for WidenBySchema {
    fn widen(
        &self,
        types: Vec<String>,
    ) -> Pin<Box<dyn Future<Output = Option<MessageDescriptor>> + Send + '_>> {
        Box::pin(async move { self.schema.lock().await.widened(&self.message, &types).await })
    }
}
