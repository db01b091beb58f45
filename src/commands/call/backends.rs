//! One call to each address of a name: every server behind it answers for itself.

use std::net::IpAddr;

use super::plan::CallPlan;
use super::{Exit, Failed, Surroundings, Writers, once};
use crate::commands::data::{ReadOnce, read_once};
use crate::failure::{self, Failure, Kind};
use crate::session::ServerPlan;
use crate::transport::{self, Endpoint};
use crate::wire::{Deadline, passed};

/// What can't be asked of each server.
#[derive(Debug, thiserror::Error)]
enum BackendsError {
    #[error("--all-backends is about the addresses of a name, and {0} has none")]
    NoAddresses(String),
    #[error("--all-backends sends the request to each server, and {0} can be read only once")]
    Once(ReadOnce),
    #[error("--all-backends reads the schema for each server, and {0} can be read only once")]
    Schema(ReadOnce),
}

impl From<BackendsError> for Failure {
    fn from(error: BackendsError) -> Self {
        let hint = match &error {
            BackendsError::NoAddresses(_) => None,
            BackendsError::Once(what) => Some(what.hint()),
            BackendsError::Schema(_) => Some("write it to a file"),
        };
        let failure = Self::new(Kind::Wrong, error);
        hint.into_iter().fold(failure, Self::hint)
    }
}

/// Makes the call to each, in the order of their addresses. The exit code is the worst, and that is the highest: what
/// was interrupted, then what was refused, then what failed.
pub(super) async fn run(
    plan: CallPlan,
    surroundings: &Surroundings,
    io: &mut Writers<'_>,
) -> Result<Exit, Failed> {
    let target = &plan.target.channel.target;
    if !matches!(target.endpoint, Endpoint::Tcp { .. }) {
        return Err(BackendsError::NoAddresses(plan.target.place.text.clone()).into());
    }
    again(&plan)?;
    let deadline = plan.target.timeout.and_then(|timeout| Deadline::new(surroundings.started(), timeout));
    let addresses = tokio::select! {
        biased;
        found = transport::addresses(target) => found.map_err(|error| Failed::at(&plan.target, error))?,
        deadline = passed(deadline) => {
            return Err(Failed::at(&plan.target, failure::deadline(&deadline, "resolving the name")));
        }
    };
    let mut worst = 0;
    let mut well = 0;
    for &address in &addresses {
        writeln!(io.talk, "* server {address}")?;
        let exit = match Box::pin(once(only(&plan, address), surroundings.started(), surroundings, io)).await
        {
            Ok(Exit(code)) => code,
            Err(failed) => {
                io.talk.flush()?;
                failed.tell(surroundings.colors)
            }
        };
        worst = worst.max(exit);
        well += usize::from(exit == 0);
        if exit >= 128 {
            break;
        }
    }
    writeln!(io.talk, "* {well} of {} servers answered well", addresses.len())?;
    Ok(Exit(worst))
}

/// Whether the call can be made more than once.
fn again(plan: &CallPlan) -> Result<(), BackendsError> {
    let typed = plan.prompt.then_some(ReadOnce::Stdin);
    if let Some(what) = typed.or_else(|| read_once(&plan.call.data)) {
        return Err(BackendsError::Once(what));
    }
    let ServerPlan::Grpc { schema: Some(schema), .. } = &plan.call.session.server else { return Ok(()) };
    let mut files = schema.protos.iter().chain(&schema.descriptor_sets);
    files.find_map(|path| ReadOnce::of(path)).map_or(Ok(()), |what| Err(BackendsError::Schema(what)))
}

/// The same call to one address.
fn only(plan: &CallPlan, address: IpAddr) -> CallPlan {
    let mut plan = plan.clone();
    plan.target.channel.target.route.only = Some(address);
    if let ServerPlan::Grpc { channel, .. } = &mut plan.call.session.server {
        channel.target.route.only = Some(address);
    }
    if let ServerPlan::Go(server) = &mut plan.call.session.server {
        server.target.route.only = Some(address);
    }
    plan
}
