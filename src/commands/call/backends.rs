//! One call to each address of a name: every server behind it answers for itself.

use std::net::IpAddr;
use std::time::Instant;

use super::plan::CallPlan;
use super::{Exit, Failed, Surroundings, Writers, once};
use crate::commands::data::Data;
use crate::failure::{Failure, Kind};
use crate::session::ServerPlan;
use crate::transport::{self, Endpoint};

/// What can't be asked of each server.
#[derive(Debug, thiserror::Error)]
enum BackendsError {
    #[error("--all-backends is about the addresses of a name, and {0} has none")]
    NoAddresses(String),
    #[error("--all-backends sends the request to each server, and stdin can be read only once")]
    Stdin,
}

impl From<BackendsError> for Failure {
    fn from(error: BackendsError) -> Self {
        let stdin = matches!(error, BackendsError::Stdin);
        let failure = Self::new(Kind::Wrong, error);
        if stdin { failure.hint("give it in a file: -d @FILE") } else { failure }
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
    if plan.call.data.contains(&Data::Stdin) || plan.prompt {
        return Err(BackendsError::Stdin.into());
    }
    let found = transport::addresses(target).await;
    let addresses = found.map_err(|error| Failed::at(&plan.target, error))?;
    let mut worst = 0;
    let mut well = 0;
    for &address in &addresses {
        writeln!(io.talk, "* server {address}")?;
        let exit = match Box::pin(once(only(&plan, address), Instant::now(), surroundings, io)).await {
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
