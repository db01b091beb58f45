//! `list` and `describe` of a server that speaks net/rpc: what stands on its page, or how to go on without one.

use super::{Exit, Failed, Surroundings, Writers, complete};
use crate::args::TargetPlan;
use crate::failure::{Failure, Kind, deadline};
use crate::netrpc::debug::Service;
use crate::netrpc::{self, Client, DiscoverError};
use crate::output::go as show;
use crate::output::talk::{self, Level};
use crate::transport::Facts;
use crate::wire::{self, Deadline, passed};

/// How the services are shown.
#[derive(Clone, Copy)]
pub(super) enum Look {
    /// Names, one a line, or whole rows.
    List { long: bool },
    /// Go source.
    Source,
    /// Whole rows under a head.
    Table,
    /// Objects, for programs.
    Json,
}

/// Something that the server does not have.
#[derive(Debug, thiserror::Error)]
#[error("the server has no {0}")]
struct NotThere(String);

/// Why it can't be said what this server offers, and how to go on.
fn undiscovered(error: DiscoverError, target: &TargetPlan) -> Failure {
    let tls = target.channel.target.tls.is_some();
    // So Go's TLS servers answer HTTP.
    let not_for_http = matches!(&error, DiscoverError::NoPage(status) if status.as_u16() == 400);
    let hints = match &error {
        DiscoverError::NoWay => vec![
            target
                .netrpc_over_http(tls)
                .map(|server| format!("if it also serves HTTP: rpcctl list {server}")),
            Some(format!(
                "a method can be called without: rpcctl call {} Service.Method -d JSON; a wrong name, or a wrong argument, is answered with what is wrong",
                target.again
            )),
        ],
        DiscoverError::NoPage(_) | DiscoverError::OtherPage => vec![
            Some("is this the port that rpc.HandleHTTP is served on? the page comes with it".to_owned()),
            target
                .netrpc_over_http(true)
                .filter(|_| !tls && not_for_http)
                .map(|server| format!("over TLS: rpcctl list {server}")),
        ],
        DiscoverError::Connection(_) => Vec::new(),
    };
    let failure = match error {
        DiscoverError::Connection(error) => error.into(),
        error => Failure::new(Kind::Failed, error),
    };
    hints.into_iter().flatten().fold(failure, Failure::hint)
}

/// Shows what the server offers: all of it, a service, or a method.
pub(super) async fn show(
    (client, deadline): (&Client, Option<Deadline>),
    target: &TargetPlan,
    name: Option<&str>,
    (look, style): (Look, talk::Style),
    surroundings: &Surroundings,
    io: &mut Writers<'_>,
) -> Result<Exit, Failed> {
    let discovered = discover((client, deadline), target).await;
    if style.level >= Level::Call {
        let events = discovered.as_ref().map_or_else(|_| Vec::new(), |(_, facts)| wire::phases(facts));
        talk::schema(io.talk, &events, std::iter::empty(), (surroundings.started(), style))?;
    }
    let (services, _) = discovered.map_err(|failure| Failed::at(target, failure))?;
    complete::remember(target, &surroundings.places);
    let found = match name {
        None => services,
        Some(name) => find(services, &name.replace('/', ".")).ok_or_else(|| {
            let failure = Failure::new(Kind::Failed, NotThere(name.to_owned()));
            Failed::at(target, failure.run("see what there is", "list", ""))
        })?,
    };
    let paint = surroundings.colors.stdout;
    match look {
        Look::Json => show::json(io.out, &found, paint)?,
        Look::Source => show::source(io.out, &found, paint)?,
        Look::Table => show::table(io.out, &found)?,
        Look::List { long } => match (name, found.as_slice()) {
            (Some(_), [service]) => show::methods(io.out, service, long)?,
            _ => show::services(io.out, &found, long)?,
        },
    }
    Ok(Exit::OK)
}

/// Asks for the services, within the user's deadline.
async fn discover(
    (client, limit): (&Client, Option<Deadline>),
    target: &TargetPlan,
) -> Result<(Vec<Service>, Facts), Failure> {
    tokio::select! {
        biased;
        discovered = netrpc::discover(client) => discovered.map_err(|error| undiscovered(error, target)),
        limit = passed(limit) => Err(deadline(&limit, "asking for the services")),
    }
}

/// A service, or the one method of it that is named.
fn find(services: Vec<Service>, name: &str) -> Option<Vec<Service>> {
    if let Some(service) = services.iter().find(|service| service.name == name) {
        return Some(vec![service.clone()]);
    }
    let (service, method) = name.rsplit_once('.')?;
    let mut service = services.into_iter().find(|known| known.name == service)?;
    service.methods.retain(|known| known.name == method);
    (!service.methods.is_empty()).then(|| vec![service])
}
