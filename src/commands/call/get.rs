//! When a call can be made with GET: with Connect, and where the schema says that nothing changes by it.

use thiserror::Error;

use crate::args::TargetPlan;
use crate::failure::{Failure, Kind};
use crate::session::Method;
use crate::wire::Protocol;

/// Why a call can't be made with GET.
#[derive(Debug, Error)]
pub(super) enum GetError {
    /// It is Connect's.
    #[error("--get is Connect's")]
    NotConnect,
    /// GET is for one message each way.
    #[error("{0} streams, and a GET has one message each way")]
    Streams(String),
    /// The schema does not allow it.
    #[error("{0} may have side effects: its idempotency_level is not NO_SIDE_EFFECTS")]
    SideEffects(String),
}

impl From<GetError> for Failure {
    fn from(error: GetError) -> Self {
        let hint = match &error {
            GetError::NotConnect => "speak it: --protocol connect --get",
            GetError::Streams(_) | GetError::SideEffects(_) => "leave --get out, and it is called with POST",
        };
        Self::new(Kind::Wrong, error).hint(hint)
    }
}

/// Whether a GET can be asked for at all, where the call is made to these.
pub(super) fn may_be_spoken<'t>(mut targets: impl Iterator<Item = &'t TargetPlan>) -> Result<(), GetError> {
    let connect = targets.any(|target| target.channel.dialect.protocol == Protocol::Connect);
    if connect { Ok(()) } else { Err(GetError::NotConnect) }
}

/// Whether the method may be called with GET.
pub(super) fn may_be_called(method: &Method) -> Result<(), GetError> {
    match method {
        Method::Proto(method) if method.streams() => Err(GetError::Streams(method.name())),
        Method::Proto(method) if !method.is_safe() => Err(GetError::SideEffects(method.name())),
        _ => Ok(()),
    }
}
