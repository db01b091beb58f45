//! How a call begins: a connection, the request's head, its body, and the wait for the response's head.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use futures_core::Stream;
use http::{Response, StatusCode};
use tokio::sync::mpsc;

use super::client::Client;
use super::dialect::Streams;
use super::event::{Event, EventKind, phases};
use super::head::RequestHead;
use super::plan::{CallPlan, Tells};
use super::request::{self, Note, Told};
use super::written::{Written, enveloped};
use crate::transport::{Body, Connection, Error, Incoming, SendError, StreamError};

/// The head of a response, the connection it came on, and how the method streams as far as that showed.
pub(super) type Opened = Result<(Response<Incoming>, Arc<Connection>, Streams), OpenError>;
/// A request on its way to that.
pub(super) type Opening = Pin<Box<dyn Future<Output = Opened> + Send>>;

/// Why there is no response.
pub(super) enum OpenError {
    /// No connection, so no request.
    Connection(Error),
    /// The request has a part that HTTP can't carry.
    Request(http::Error),
    /// A message can't be compressed.
    Message(std::io::Error),
    /// The stream ended before its head came.
    Stream(StreamError),
}

/// Connects, sends the request's head, and waits for the response's.
pub(super) async fn open<S, E>(
    client: Arc<Client>,
    plan: Arc<CallPlan>,
    messages: S,
    notes: mpsc::Sender<Note<E>>,
) -> Opened
where
    S: Stream<Item = Result<Bytes, E>> + Send + Unpin + 'static,
    E: Send + Unpin + 'static,
{
    let connection = client.connection().await.map_err(OpenError::Connection)?;
    // Who waits for this future is who listens: nothing that is told here fails.
    if plan.tells != Tells::Answers {
        for event in phases(connection.facts()) {
            let _ = notes.send(Note::Event(event)).await;
        }
    }
    if plan.tells == Tells::InFull
        && let Some((at, settings)) = connection.settings()
    {
        let _ = notes.send(Note::Event(Event { at, kind: EventKind::Settings(settings) })).await;
    }
    let (mut dialect, mut streams, written) = (plan.dialect, plan.streams, Written::of(&plan));
    if !plan.is_plain_http() {
        let head = client.head(&plan, (dialect, streams), connection.http(), None);
        let body = request::body(messages, notes.clone(), written);
        let response = send(&connection, head, body, &notes, None).await?;
        return Ok((response, connection, streams));
    }
    let whole = request::whole(messages, &notes, written).await.map_err(OpenError::Message)?;
    // A failure was noted, and is heard before this future is asked again.
    let Some(whole) = whole else { return std::future::pending().await };
    if !whole.compressed {
        // There is no other message that the head could speak of.
        dialect.compression = None;
    }
    let head = client.head(&plan, (dialect, streams), connection.http(), plan.get.then_some(&*whole.wire));
    let body = Body::whole(if plan.get { Bytes::new() } else { whole.wire.clone() });
    let response = send(&connection, head, body, &notes, Some(whole.told)).await?;
    if !(streams.guessed && response.status() == StatusCode::UNSUPPORTED_MEDIA_TYPE) {
        return Ok((response, connection, streams));
    }
    // The guess was wrong, and nothing was done: the same message is asked with as a stream's only one.
    drop((response, connection));
    streams.guessed = false;
    let connection = client.connection().await.map_err(OpenError::Connection)?;
    let head = client.head(&plan, (dialect, streams), connection.http(), None);
    let body = enveloped(&whole.wire, whole.compressed).map_err(OpenError::Message)?;
    let response = send(&connection, head, body, &notes, None).await?;
    Ok((response, connection, streams))
}

/// Sends a request, tells so and what went with it, and waits for the head of its answer.
async fn send<E>(
    connection: &Connection,
    head: RequestHead,
    body: Body,
    notes: &mpsc::Sender<Note<E>>,
    told: Option<Told>,
) -> Result<Response<Incoming>, OpenError> {
    let request = head.request(body).map_err(OpenError::Request);
    let _ = notes.send(Note::Event(Event::now(EventKind::Requested(head)))).await;
    if let Some(told) = told {
        let _ = notes.send(Note::Frame(told)).await;
    }
    match connection.send(request?).await {
        Ok(response) => Ok(response),
        Err(SendError::Connection(error)) => Err(OpenError::Connection(error)),
        Err(SendError::Stream(error)) => Err(OpenError::Stream(error)),
    }
}
