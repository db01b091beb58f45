//! What all calls have in common: the method, and the request for it.

use std::io;
use std::time::Instant;

use super::super::{Failed, Surroundings, Writers, found, open, request};
use super::CallPlan;
use crate::failure::Failure;
use crate::message::input::Source;
use crate::output::sanitize;
use crate::output::talk::Level;
use crate::session::{Method, OpenError, Session};

/// What all calls have in common.
pub(super) struct Learnt {
    /// Knows the types.
    pub(super) session: Session,
    pub(super) method: Method,
    request: Vec<Source>,
}

impl Learnt {
    /// The request once more.
    pub(super) fn request(&self) -> Vec<Source> {
        self.request.iter().filter_map(Source::again).collect()
    }
}

/// Finds the method over the first protocol that tells of it, and makes the request.
pub(super) async fn learn(
    (first, opened): (&CallPlan, Result<Session, OpenError>),
    others: &[CallPlan],
    surroundings: &Surroundings,
    io: &mut Writers<'_>,
) -> Result<Learnt, Failed> {
    let (session, method) = match find(first, opened, io).await {
        Ok(known) => known,
        // The others would be told the same.
        Err(failure) if failure.is_wrong() || failure.is_about_a_name() => {
            return Err(Failed::at(&first.target, failure));
        }
        Err(failure) => find_over_another((first, failure), others, io).await?,
    };
    let request = request(first.call.clone(), &method, surroundings.stdin_terminal, io);
    let request = request.map_err(|failure| Failed::at(&first.target, failure))?;
    Ok(Learnt { session, method, request })
}

async fn find(
    plan: &CallPlan,
    opened: Result<Session, OpenError>,
    io: &mut Writers<'_>,
) -> Result<(Session, Method), Failure> {
    let session = opened?;
    open::reach(&session, plan.target.patience, io).await?;
    let method = found(&session, &plan.call, plan.style, io).await?;
    Ok((session, method))
}

/// Tries the others where the first can't be asked. If none can, the first's reason counts, and those of the others are
/// told beside it as far as they are others.
async fn find_over_another(
    (first, failure): (&CallPlan, Failure),
    others: &[CallPlan],
    io: &mut Writers<'_>,
) -> Result<(Session, Method), Failed> {
    let why = failure.told(None).message;
    let mut told = vec![(first, why.clone())];
    for plan in others {
        let opened = Session::open(plan.call.session.clone(), Instant::now());
        match find(plan, opened, io).await {
            Ok(known) => {
                if plan.style.talk.level >= Level::Call {
                    tell(told.iter(), io)?;
                }
                return Ok(known);
            }
            Err(failure) => told.push((plan, failure.told(None).message)),
        }
    }
    tell(told.iter().filter(|(_, other)| *other != why), io)?;
    Err(Failed::at(&first.target, failure))
}

fn tell<'t>(told: impl Iterator<Item = &'t (&'t CallPlan, String)>, io: &mut Writers<'_>) -> io::Result<()> {
    for (plan, why) in told {
        let protocol = plan.about.protocol;
        writeln!(io.talk, "* over {protocol}, the method is not found: {}", sanitize::brief(why))?;
    }
    Ok(())
}
