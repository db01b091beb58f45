//! One call over several protocols: the answer where they agree, and else where they differ.
//!
//! What is known of the method is learnt once, over the first protocol that tells it, and the request is made once. Then
//! the call is made over one protocol after another, each on a connection of its own, and what came is held until all are
//! done.

mod gather;
mod learn;
mod show;
mod words;

use std::pin::pin;
use std::time::Instant;

use self::gather::{Gathered, gather};
use self::learn::{Learnt, learn};
use self::show::show;
use super::plan::{CallPlan, ReshapeError};
use super::{CallArgs, Exit, Failed, Surroundings, Writers};
use crate::args::{OutputArg, TargetPlan};
use crate::commands::data::Data;
use crate::output::compare::Look;
use crate::output::reshape::Reshaper;
use crate::output::talk;
use crate::session::{ServerPlan, Session};

/// Over what else a call is made than over the first protocol, and how that is shown.
#[derive(Clone)]
pub(super) struct Compared {
    /// The same server in the other protocols.
    others: Vec<TargetPlan>,
    look: Look,
    /// Whether all that came is one document.
    document: bool,
}

impl Compared {
    /// None where there is one protocol alone.
    pub(super) fn plan(
        others: Vec<TargetPlan>,
        (args, data): (&CallArgs, &[Data]),
        talk: talk::Style,
        surroundings: &Surroundings,
    ) -> Result<Option<Self>, words::CompareError> {
        if others.is_empty() {
            return Ok(None);
        }
        words::check(args, data)?;
        let json = args.json.style(true, surroundings.stdout_terminal);
        let document = args.output == Some(OutputArg::Json);
        Ok(Some(Self { others, look: Look { json, talk, paint: surroundings.colors.stdout }, document }))
    }
}

/// The call over one protocol, as far as it came.
struct Made {
    plan: CallPlan,
    started: Instant,
    ended: Instant,
    came: Gathered,
}

/// Makes the call over each protocol and shows what came.
pub(super) async fn run(
    mut plan: CallPlan,
    compared: Compared,
    surroundings: &Surroundings,
    io: &mut Writers<'_>,
) -> Result<Exit, Failed> {
    let reshaper = plan.reshape.take().map(Reshaper::start).transpose().map_err(ReshapeError)?;
    // As for one call: while files are read, a signal ends the process by itself.
    let opened = Session::open(plan.call.session.clone(), surroundings.started());
    let others: Vec<CallPlan> = compared.others.iter().map(|target| over(&plan, target)).collect();
    let mut signal = pin!(super::super::signal());
    let learnt = tokio::select! {
        biased;
        learnt = learn((&plan, opened), &others, surroundings, io) => learnt?,
        code = &mut signal => return Ok(Exit(code)),
    };
    let mut made = Vec::new();
    for plan in std::iter::once(plan).chain(others) {
        let started = Instant::now();
        let came = match learnt.session.beside(plan.call.session.clone(), started) {
            Err(error) => Gathered::nothing(Failed::at(&plan.target, error)),
            Ok(session) => tokio::select! {
                biased;
                came = gather(&session, &learnt, &plan, io) => came,
                code = &mut signal => {
                    session.close().await;
                    let count = compared.others.len() + 1;
                    writeln!(io.talk, "interrupted after {} of {count} protocols", made.len())?;
                    return Ok(Exit(code));
                }
            },
        };
        match came.end {
            Err(failed) if failed.is_wrong() => return Err(failed),
            _ => made.push(Made { plan, started, ended: Instant::now(), came }),
        }
    }
    tokio::select! {
        biased;
        exit = show(&learnt, made, (&compared, reshaper), (surroundings, io)) => exit,
        code = &mut signal => Ok(Exit(code)),
    }
}

/// The same call over what this says.
fn over(plan: &CallPlan, target: &TargetPlan) -> CallPlan {
    let mut plan = CallPlan { target: target.clone(), ..plan.clone() };
    plan.about.protocol = target.channel.dialect.protocol.name();
    if let ServerPlan::Grpc { channel, .. } = &mut plan.call.session.server {
        channel.clone_from(&target.channel);
    }
    plan
}
