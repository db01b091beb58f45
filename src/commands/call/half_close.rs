//! When a call can be held open behind its last message: not where that message is all of an HTTP request.

use super::plan::Planned;
use crate::failure::{Failure, Kind};
use crate::schema::unseen::is_unseen;
use crate::session::{Method, ServerPlan};
use crate::wire::Protocol;

/// A call that can't be held open.
#[derive(Debug, thiserror::Error)]
#[error(
    "--no-half-close can't hold {0} open: Connect calls it with a request that ends with its one message"
)]
struct EndsWithItsMessage(String);

impl From<EndsWithItsMessage> for Failure {
    fn from(error: EndsWithItsMessage) -> Self {
        Self::new(Kind::Wrong, error)
            .hint("leave it out, or call over gRPC or gRPC-Web, where it is a stream")
    }
}

/// Whether the call can be held open, if that is asked for.
pub(super) fn may_be_left_out(plan: &Planned, method: &Method) -> Result<(), Failure> {
    let ServerPlan::Grpc { channel, .. } = &plan.session.server else { return Ok(()) };
    match method {
        Method::Proto(method)
            if !plan.options.course.flow.half_close
                && channel.dialect.protocol == Protocol::Connect
                && (!method.streams() || is_unseen(&method.descriptor.input())) =>
        {
            Err(EndsWithItsMessage(method.name()).into())
        }
        _ => Ok(()),
    }
}
