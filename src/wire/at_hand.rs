//! A request that is one message at hand: where there is a connection it goes out at once, and neither a task nor a
//! channel has a part in it.

use std::collections::VecDeque;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_core::Stream;
use http::Request;
use http::request::Parts;

use super::call::Call;
use super::client::Client;
use super::event::{Event, EventKind, phases};
use super::metadata::Metadata;
use super::open::OpenError;
use super::plan::{CallPlan, Tells};
use super::written::{Written, alone};
use crate::transport::{Body, Connection, Http, Sent};

/// A stream of one message, or none, for a request that has to wait for something after all.
pub(super) struct Alone<E>(pub(super) Option<Bytes>, pub(super) PhantomData<fn() -> E>);

impl<E> Stream for Alone<E> {
    type Item = Result<Bytes, E>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Poll::Ready(self.0.take().map(Ok))
    }
}

/// A message as a request has it.
struct Wire {
    bytes: Bytes,
    compressed: Option<usize>,
}

impl Wire {
    fn of(plan: &CallPlan, message: Bytes) -> Result<Self, OpenError> {
        let (bytes, compressed) = Written::of(plan).wire(message).map_err(OpenError::Message)?;
        Ok(Self { bytes, compressed })
    }

    /// The body that it makes.
    fn body(self, plan: &CallPlan) -> Result<Body, OpenError> {
        if plan.is_plain_http() {
            return Ok(Body::whole(if plan.get { Bytes::new() } else { self.bytes }));
        }
        let is_compressed = self.compressed.is_some();
        alone(self.bytes, is_compressed, Written::of(plan)).map_err(OpenError::Message)
    }
}

/// Sends the request that a call of this message is on a connection that takes it at once, and tells so as far as the plan
/// has it.
pub(super) fn send(
    client: &Client,
    plan: &CallPlan,
    connection: &Connection,
    message: Bytes,
    told: &mut VecDeque<Event>,
) -> Result<Sent, OpenError> {
    if plan.tells != Tells::Answers {
        told.extend(phases(connection.facts()));
    }
    if plan.tells == Tells::InFull {
        let settings = connection.settings();
        told.extend(settings.map(|(at, settings)| Event { at, kind: EventKind::Settings(settings) }));
    }
    let size = message.len();
    let payload = (plan.tells == Tells::InFull).then(|| message.clone());
    let wire = Wire::of(plan, message)?;
    let compressed = wire.compressed;
    let mut dialect = plan.dialect;
    if plan.is_plain_http() && compressed.is_none() {
        // There is no other message that the head could speak of.
        dialect.compression = None;
    }
    let get = (plan.is_plain_http() && plan.get).then(|| wire.bytes.clone());
    let head = client.head(plan, (dialect, plan.streams), connection.http(), get.as_deref());
    let request = head.request(wire.body(plan)?).map_err(OpenError::Request);
    told.push_back(Event::now(EventKind::Requested(head)));
    let sent = start(connection, request?)?;
    told.push_back(Event::now(EventKind::Sent { index: 0, size, compressed, payload }));
    told.push_back(Event::now(EventKind::HalfClosed));
    Ok(sent)
}

fn start(connection: &Connection, request: Request<Body>) -> Result<Sent, OpenError> {
    connection.start(request).ok_or(OpenError::Stream(crate::transport::StreamError::Lost(None)))
}

/// Calls that are made again and again with other messages: what they have in common is made once.
pub struct Repeat {
    plan: Arc<CallPlan>,
    /// The head of their requests over HTTP/2, where it is the same for all of them.
    head: OnceLock<Option<Parts>>,
}

impl Repeat {
    /// Calls as this plan has them.
    pub fn new(plan: CallPlan) -> Self {
        Self { plan: Arc::new(plan), head: OnceLock::new() }
    }

    /// What each call needs besides its message.
    pub fn plan(&self) -> &Arc<CallPlan> {
        &self.plan
    }

    /// The plan of one with these headers beside those that all have.
    pub fn with(&self, headers: &[(Bytes, Bytes)]) -> Arc<CallPlan> {
        if headers.is_empty() {
            return Arc::clone(&self.plan);
        }
        let mut plan = CallPlan::clone(&self.plan);
        add(&mut plan.metadata, headers);
        Arc::new(plan)
    }

    /// Begins a call of one message, with these headers beside those that all have.
    pub fn one<E>(&self, client: &Arc<Client>, headers: &[(Bytes, Bytes)], message: Bytes) -> Call<E>
    where
        E: Send + Unpin + 'static,
    {
        let head = self.head.get_or_init(|| self.common_head(client));
        let (Some(head), Some(connection)) = (head, client.connection_at_hand()) else {
            return Call::one(client, self.with(headers), message);
        };
        let mut head = head.clone();
        if !headers.is_empty() {
            let mut metadata = Metadata::from_http(std::mem::take(&mut head.headers));
            add(&mut metadata, headers);
            head.headers = metadata.into_http();
        }
        let sent = Wire::of(&self.plan, message)
            .and_then(|wire| wire.body(&self.plan))
            .and_then(|body| start(&connection, Request::from_parts(head, body)));
        Call::sent_on(client, Arc::clone(&self.plan), connection, sent)
    }

    /// None where there is more to be told of a call, or its head depends on its message or on the time.
    fn common_head(&self, client: &Client) -> Option<Parts> {
        let CallPlan { dialect, streams, .. } = *self.plan;
        let depends = self.plan.deadline.is_some()
            || self.plan.tells != Tells::Answers
            || streams.guessed
            || (self.plan.is_plain_http() && (self.plan.get || dialect.compression.is_some()));
        let head = client.head(&self.plan, (dialect, streams), Http::Two, None);
        let request = (!depends).then(|| head.request(Body::whole(Bytes::new())))?.ok()?;
        Some(request.into_parts().0)
    }
}

fn add(metadata: &mut Metadata, headers: &[(Bytes, Bytes)]) {
    for (name, value) in headers {
        metadata.add(name, value);
    }
}
