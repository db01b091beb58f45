//! Calls that do no harm: health checks, and a method that nobody has.

use std::convert::Infallible;
use std::sync::Arc;

use bytes::Bytes;
use prost::Message as _;
use tokio_stream::iter;

use super::plan::Plan;
use crate::session::{Code, HealthQuestion, Origin, Payload, ServingStatus, Status};
use crate::transport::Error;
use crate::wire::Tells;
use crate::wire::{
    Call, CallError, CallPlan, Client, Codec, Deadline, EventKind, Metadata, Protocol, Streams,
};

/// A method that no server has: what has to come back is `UNIMPLEMENTED`.
pub(super) const NOTHING: &str = "/rpcctl.doctor.Nothing/Nothing";
/// gRPC's health check (its `doc/health-checking.md`).
pub(super) const HEALTH: &str = "/grpc.health.v1.Health/Check";
/// One message each way.
pub(super) const UNARY: Streams = Streams::NONE;
/// The largest answer that is read.
const LARGEST: usize = 1 << 20;

/// What a call goes to, and when the step that it is for has to be over.
pub(super) type At<'c> = (&'c Arc<Client>, Option<Deadline>);

/// `grpc.health.v1.HealthCheckRequest`
#[derive(Clone, PartialEq, Eq, prost::Message)]
struct Question {
    #[prost(string, tag = "1")]
    service: String,
}

/// How a call ended, and the answer's one message where there was one.
pub(super) struct Ended {
    pub(super) status: Status,
    message: Option<Bytes>,
    codec: Codec,
    /// What the answer says that it is.
    content_type: Option<String>,
}

impl Ended {
    /// Whether it is an answer in the protocol's own words, whatever it says. Servers of gRPC have a status in the headers
    /// for whatever is asked of them; as gRPC-Web that counts from those alone who call it so.
    pub(super) fn is_own(&self, protocol: Protocol) -> bool {
        let named = |name: &str| self.content_type.as_ref().is_some_and(|own| own.starts_with(name));
        let web = !matches!(protocol, Protocol::GrpcWeb { .. }) || named("application/grpc-web");
        self.status.origin == Origin::Server && web
    }

    /// What a health check says.
    pub(super) fn health(&self) -> Option<ServingStatus> {
        if self.status.code != Code::OK {
            return None;
        }
        let message = self.message.clone().unwrap_or_default();
        let payload = match self.codec {
            Codec::Proto => Payload::Proto(message),
            Codec::Json => Payload::Json(message),
        };
        let said = HealthQuestion::Check(String::new()).read(&payload).ok()?;
        said.into_iter().next().map(|(_, status)| status)
    }
}

/// Asks for the health of a service; an empty name is the whole server.
pub(super) async fn health(plan: &Plan, at: At<'_>, service: &str) -> Result<Ended, Error> {
    let question = match at.0.channel().dialect.codec {
        Codec::Proto => Question { service: service.to_owned() }.encode_to_vec(),
        Codec::Json => serde_json::json!({ "service": service }).to_string().into_bytes(),
    };
    call(plan, at, (HEALTH, UNARY), question.into()).await
}

/// Calls what nobody has.
pub(super) async fn nothing(plan: &Plan, at: At<'_>) -> Result<Ended, Error> {
    empty(plan, at, NOTHING, UNARY).await
}

/// Calls with an empty message, as the target says that messages are written.
pub(super) async fn empty(plan: &Plan, at: At<'_>, path: &str, streams: Streams) -> Result<Ended, Error> {
    let message = if at.0.channel().dialect.codec == Codec::Json { "{}" } else { "" };
    call(plan, at, (path, streams), Bytes::from_static(message.as_bytes())).await
}

async fn call(
    plan: &Plan,
    (client, deadline): At<'_>,
    (path, streams): (&str, Streams),
    message: Bytes,
) -> Result<Ended, Error> {
    let call = CallPlan {
        path: path.to_owned(),
        metadata: plan.metadata.clone(),
        deadline,
        max_message_size: LARGEST,
        awaited: None,
        dialect: client.channel().dialect,
        streams,
        get: false,
        timeout: None,
        tells: Tells::Usual,
    };
    let codec = call.dialect.codec;
    let mut call = Call::begin(client, call, iter([Ok::<Bytes, Infallible>(message)]));
    let (mut message, mut content_type) = (None, None);
    while let Some(event) = call.next().await {
        match event {
            Ok(event) => match event.kind {
                EventKind::Headers(headers) => content_type = type_of(&headers),
                EventKind::Message { payload, .. } => message = message.or(Some(payload)),
                EventKind::End(status, trailers) => {
                    let content_type = content_type.or_else(|| type_of(&trailers));
                    return Ok(Ended { status, message, codec, content_type });
                }
                _ => {}
            },
            Err(CallError::Connection(error)) => return Err(error),
            Err(CallError::Request(error)) => {
                let status = Status::local(Code::INTERNAL, error.to_string());
                return Ok(Ended { status, message, codec, content_type });
            }
            Err(CallError::Messages(never)) => match never {},
        }
    }
    let status = Status::local(Code::INTERNAL, "the call came to no end");
    Ok(Ended { status, message, codec, content_type })
}

fn type_of(headers: &Metadata) -> Option<String> {
    let value = headers.as_http().get("content-type")?;
    Some(value.to_str().ok()?.to_ascii_lowercase())
}
