//! A session is opened, and its server waited for where that is asked for.

use std::time::Duration;

use super::{Failed, Surroundings, Writers, schema_verb};
use crate::args::TargetPlan;
use crate::failure::{self, Failure};
use crate::output::talk;
use crate::session::{GaveUp, Method, RetryPlan, Session, SessionPlan};

/// Opens a session with a server.
pub(super) async fn session(
    plan: SessionPlan,
    target: &TargetPlan,
    surroundings: &Surroundings,
    io: &mut Writers<'_>,
) -> Result<Session, Failed> {
    let at = |failure: Failure| Failed::at(target, failure);
    let session = Session::open(plan, surroundings.started()).map_err(|error| at(error.into()))?;
    reach(&session, target.patience, io).await.map_err(at)?;
    Ok(session)
}

/// Waits for its server, if there is patience for that.
pub(super) async fn reach(
    session: &Session,
    patience: Option<Duration>,
    io: &mut Writers<'_>,
) -> Result<(), Failure> {
    let Some(patience) = patience else { return Ok(()) };
    let reached = session.reach(patience, |attempt| talk::attempt(io.talk, attempt)).await;
    reached.map_err(|error| match error {
        GaveUp::Failed(error) => error.into(),
        GaveUp::Deadline(deadline) => failure::deadline(&deadline, "waiting for the server to come up"),
        GaveUp::Tell(error) => error.into(),
    })
}

/// Finds the method of a call, as often as the call would be made again.
pub(super) async fn method(
    session: &Session,
    name: &str,
    retry: &RetryPlan,
    io: &mut Writers<'_>,
) -> Result<Method, Failure> {
    match session.find_again(name, retry, |attempt| talk::attempt(io.talk, attempt)).await {
        Ok(method) => Ok(method),
        Err(GaveUp::Failed(error)) => schema_verb::explained(Err(error), session, io).await,
        Err(GaveUp::Deadline(deadline)) => Err(failure::deadline(&deadline, "waiting to try again")),
        Err(GaveUp::Tell(error)) => Err(error.into()),
    }
}
