//! What a session is to be, as a plain value.

use std::time::Duration;

use crate::schema::SchemaPlan;
use crate::wire::Channel;

/// What a session is to be: environment, defaults and flags are all in it, and nothing is opened yet.
#[derive(Debug, Clone)]
pub struct SessionPlan {
    /// The server, and how requests to it are addressed.
    pub channel: Channel,
    /// Where the schema comes from.
    pub schema: SchemaPlan,
    /// How long everything may take together.
    pub timeout: Option<Duration>,
}
