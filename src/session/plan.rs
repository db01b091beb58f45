//! What a session is to be, as a plain value.

use std::time::Duration;

use super::attempts::Course;
use crate::message::Format;
use crate::netrpc;
use crate::netrpc::gotype::GoTypes;
use crate::schema::SchemaPlan;
use crate::wire::{Channel, Metadata};

/// What a session is to be: environment, defaults and flags are all in it, and nothing is opened yet.
#[derive(Debug, Clone)]
pub struct SessionPlan {
    /// The server.
    pub server: ServerPlan,
    /// How long everything may take together.
    pub timeout: Option<Duration>,
    /// Whether events are to tell what few want to know: request messages, the server's settings.
    pub in_full: bool,
}

/// A server, and what it speaks.
#[derive(Debug, Clone)]
pub enum ServerPlan {
    /// gRPC.
    Grpc {
        /// The server, and how requests to it are addressed.
        channel: Channel,
        /// Where the schema comes from; none where nothing is to be known of a method but its name.
        schema: Option<SchemaPlan>,
    },
    /// Go's net/rpc, which has no schema.
    Go(netrpc::ServerPlan),
}

/// How the messages of a call are written.
#[derive(Debug, Clone)]
pub struct InputPlan {
    /// In which format.
    pub format: Format,
    /// Whether JSON members that the message does not have are passed over.
    pub allow_unknown_fields: bool,
    /// Whether each message is a call of its own, as net/rpc's always are.
    pub each: bool,
    /// The type of a net/rpc method's argument; inferred where absent.
    pub go_type: Option<GoTypes>,
}

/// What a call needs besides its messages.
#[derive(Debug, Clone)]
pub struct CallOptions {
    /// Request metadata, which net/rpc has none of.
    pub metadata: Metadata,
    /// The largest message that is taken, in bytes.
    pub max_message_size: usize,
    /// Whether to ask with GET, which is Connect's for methods without side effects.
    pub get: bool,
    /// How many calls may be under way at a time, where each message is one.
    pub max_in_flight: usize,
    /// How the call goes.
    pub course: Course,
}

impl CallOptions {
    /// Those of one call that is made as calls are.
    pub fn new(metadata: Metadata, max_message_size: usize) -> Self {
        Self { metadata, max_message_size, get: false, max_in_flight: 1, course: Course::default() }
    }
}
