//! Which server is called, in which protocols, and by which method.

use super::super::failed::name_apart;
use super::super::{Failed, Surroundings};
use super::CallArgs;
use crate::args::{ArgsError, Protocol, Target, TargetPlan, TargetPlans};
use crate::failure::{Failure, Kind};

/// Nothing says what to call.
#[derive(Debug, thiserror::Error)]
#[error("no method given")]
struct NoMethod;

/// The server in each protocol that the call is made in, and the method.
pub(super) fn plan(
    args: &CallArgs,
    (place, name): Target,
    surroundings: &Surroundings,
) -> Result<(TargetPlans, Option<String>), ArgsError> {
    let mut servers = args.target.plan_each(place.as_ref(), &surroundings.given)?;
    let target = &servers.first;
    let connect_path = matches!(target.place.protocol, Protocol::NetRpc { http: true, .. });
    let (prefix, method) = if name.is_some() || connect_path {
        (target.place.path.trim_end_matches('/'), name)
    } else {
        let (prefix, method) = target.place.prefix_and_method();
        (prefix, method.map(str::to_owned))
    };
    let prefix = prefix.to_owned();
    for target in servers.iter_mut() {
        target.settle(&prefix, &args.schema, &args.headers.both);
    }
    Ok((servers, method))
}

/// Nothing says what to call.
pub(super) fn no_method(target: &TargetPlan, item: Option<&String>) -> Failed {
    let failure = Failure::new(Kind::Wrong, NoMethod);
    let failure = match name_apart(target) {
        Some(hint) => failure.hint(hint),
        None => failure.run("see the methods", "list", "-l"),
    };
    let failure = match item {
        Some(item) => failure.hint(format!("{item} is an item of a request: the method stands before it")),
        None => failure,
    };
    Failed::at(target, failure)
}
