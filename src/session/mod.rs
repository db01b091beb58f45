//! The spine: a plan becomes a session, a name becomes a method, messages become a call.
//!
//! ```text
//! SessionPlan ──open──▶ Session ──find──▶ Method ──encode──▶ Requests ──call──▶ Event, Event, … End
//! ```
//!
//! Every verb walks this way; what differs is where messages come from and where events go.

mod call;
mod plan;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use prost_reflect::{MessageDescriptor, MethodDescriptor};
use tokio::sync::{Mutex, MutexGuard};

pub use call::Call;
pub use plan::SessionPlan;

use crate::message::Format;
use crate::message::count::{Count, Shape};
use crate::message::input::{Encoder, Requests, Source, Widen};
use crate::schema::{self, Schema};
use crate::transport::Facts;
use crate::wire::{self, CallPlan, Client, Deadline, Event, EventKind, Metadata, Phase};

/// One server, its schema, and the deadline over all that is done with them.
pub struct Session {
    client: Arc<Client>,
    schema: Arc<Mutex<Schema>>,
    deadline: Option<Deadline>,
    /// When it was begun to find out the schema.
    opened: Instant,
}

/// A method, found.
#[derive(Clone)]
pub struct Method {
    /// Its descriptor.
    pub descriptor: MethodDescriptor,
    /// How long finding it took, apart from connecting, and when it was found.
    found: Event,
}

impl Method {
    /// Which of its sides stream.
    pub fn shape(&self) -> Shape {
        Shape {
            client_streaming: self.descriptor.is_client_streaming(),
            server_streaming: self.descriptor.is_server_streaming(),
        }
    }

    /// `pkg.Service/Method`, as it is called.
    pub fn name(&self) -> String {
        schema::name::method_path(&self.descriptor)
    }
}

impl Session {
    /// Reads the plan's files. The connection is made when it is first needed.
    pub fn open(plan: SessionPlan, started: Instant) -> Result<Self, schema::Error> {
        let deadline = plan.timeout.and_then(|timeout| Deadline::new(started, timeout));
        let opened = Instant::now();
        let client = Client::new(plan.channel);
        let schema = Schema::open(&plan.schema, &client, deadline)?;
        Ok(Self { client, schema: Arc::new(Mutex::new(schema)), deadline, opened })
    }

    /// When everything must be over.
    pub fn deadline(&self) -> Option<Deadline> {
        self.deadline
    }

    /// What is known of the server's types, and how more can be learnt.
    pub async fn schema(&self) -> MutexGuard<'_, Schema> {
        self.schema.lock().await
    }

    /// Finds a method by its full name or a tail that only one method has.
    pub async fn find(&self, name: &str) -> Result<Method, schema::Error> {
        let descriptor = self.schema.lock().await.method(name).await?;
        Ok(Method { descriptor, found: self.found() })
    }

    /// What happened to find out the schema, for a verb that wants no more than that.
    pub async fn events(&self) -> Vec<Event> {
        let mut events = self.schema.lock().await.events().to_vec();
        events.push(self.found());
        events
    }

    /// The schema was found out just now.
    fn found(&self) -> Event {
        let connecting =
            self.client.facts().map_or(Duration::ZERO, |facts| time_connecting(&facts, self.opened));
        let took = self.opened.elapsed().saturating_sub(connecting);
        Event::now(EventKind::Phase(Phase::Schema, took))
    }

    /// Begins to read and encode the messages for a method. How many it takes is checked here and only here.
    pub async fn encode(
        &self,
        method: &Method,
        sources: Vec<Source>,
        format: Format,
        allow_unknown_fields: bool,
    ) -> Result<Requests, crate::message::Error> {
        let descriptor = method.descriptor.input();
        let widen =
            WidenBySchema { schema: Arc::clone(&self.schema), message: descriptor.full_name().to_owned() };
        let encoder = Encoder {
            format,
            allow_unknown_fields,
            descriptor,
            count: Count::new(method.name(), method.shape()),
            widen: Box::new(widen),
        };
        Requests::open(sources, encoder).await
    }

    /// Begins a call, which goes on as its events are asked for.
    pub fn call(
        &self,
        method: &Method,
        metadata: Metadata,
        max_message_size: usize,
        requests: Requests,
    ) -> Call {
        let plan = CallPlan {
            path: format!("/{}", method.name()),
            metadata,
            deadline: self.deadline,
            max_message_size,
            awaited: requests.awaited().map(ToString::to_string),
            single_answer: !method.descriptor.is_server_streaming(),
        };
        Call::new(method.found.clone(), wire::Call::begin(&self.client, plan, requests))
    }
}

/// How much of the time since `began` went into making the connection.
fn time_connecting(facts: &Facts, began: Instant) -> Duration {
    let ended = facts.secured.as_ref().map_or(facts.connected, |(at, _)| *at);
    ended.saturating_duration_since(facts.started.max(began))
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
