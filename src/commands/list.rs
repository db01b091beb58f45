//! `rpcctl list`: services, or one service's methods.

use std::io;

use clap::{ArgAction, Args};
use prost_reflect::ServiceDescriptor;

use super::{Exit, Failed, Surroundings, Writers, netrpc};
use crate::args::{ArgsError, ListFormat, ReflectionHeaders, SchemaArgs, TargetArgs, TargetPlan, split};
use crate::failure::Failure;
use crate::output::list::{self as show, MethodRow, Rows, ServiceRow};
use crate::output::{sanitize, talk};
use crate::session::{ServerPlan, Session, SessionPlan};

const EXAMPLES: &str = "\
Examples:
  rpcctl list localhost:50051                     services, one a line
  rpcctl list localhost:50051 hello.HelloService  its methods, as `call` takes them
  rpcctl list localhost:50051 -l                  every method with its types
  rpcctl list localhost:50051 -l | awk -F'\\t' '$2 == \"unary\" { print $1 }'
  rpcctl list --proto api.proto                   from a file, no server asked
  rpcctl list api.example.com:443 -o json | jq -r '.[].name'";

/// List services, or the methods of one
#[derive(Debug, Clone, Args)]
#[command(after_help = EXAMPLES, override_usage = "rpcctl list [OPTIONS] [TARGET] [SERVICE]")]
pub struct ListArgs {
    /// The server (HOST:PORT, http://…, https://…, unix:PATH, demo:), then a service: its full name or the end of it
    #[arg(value_names = ["TARGET", "SERVICE"], num_args = 0..=2)]
    pub words: Vec<String>,

    /// With request and response types and kinds of stream; in a pipe, with a tab between columns
    #[arg(short, long)]
    pub long: bool,

    /// How to print
    #[arg(short, long, value_name = "FORMAT", value_enum, default_value_t)]
    pub output: ListFormat,

    /// Tell about connection, reflection, repairs and timings on stderr
    #[arg(short, long, action = ArgAction::Count)]
    pub verbose: u8,

    #[command(flatten)]
    target: TargetArgs,

    #[command(flatten)]
    schema: SchemaArgs,

    #[command(flatten)]
    headers: ReflectionHeaders,
}

/// What a verb that stops at the schema is to do.
pub(super) struct SchemaVerb {
    /// The server and the schema.
    pub(super) session: SessionPlan,
    /// The service or symbol asked for.
    pub(super) name: Option<String>,
    /// The server again, to name it in messages.
    pub(super) target: TargetPlan,
}

/// The plan of `list` and `describe`: which server, which schema, which name.
pub(super) fn plan(
    words: &[String],
    (target, schema, headers): (&TargetArgs, &SchemaArgs, &ReflectionHeaders),
    surroundings: &Surroundings,
    options: bool,
) -> Result<SchemaVerb, ArgsError> {
    let (place, name) = split(words)?;
    let mut target = target.plan(place, &surroundings.given)?;
    let (prefix, symbol) = match &name {
        Some(_) => (target.place.path.trim_end_matches('/'), None),
        None => target.place.prefix_and_symbol(),
    };
    let mut channel = target.channel.clone();
    prefix.clone_into(&mut channel.prefix);
    target.again.complete(prefix, schema, headers);
    let headers = headers.reflection()?;
    let (server, symbol) = match target.netrpc(&headers) {
        Some(server) => (ServerPlan::Go(server), None),
        None => (ServerPlan::Grpc { channel, schema: schema.plan(headers, options) }, symbol),
    };
    let name = name.or_else(|| symbol.map(str::to_owned));
    Ok(SchemaVerb { session: SessionPlan { server, timeout: target.timeout }, name, target })
}

/// What a list is of.
enum Listed {
    Services(Vec<ServiceRow>),
    Methods(Vec<MethodRow>),
}

/// Lists.
pub async fn run(args: &ListArgs, surroundings: &Surroundings, io: &mut Writers<'_>) -> Result<Exit, Failed> {
    let plan = plan(&args.words, (&args.target, &args.schema, &args.headers), surroundings, false)?;
    io.warn_unverified(&plan.target)?;
    if let ServerPlan::Go(server) = &plan.session.server {
        let look = (netrpc::Look::List { long: args.long }, args.output);
        return netrpc::show((server, &plan.target), plan.name.as_deref(), look, surroundings, io).await;
    }
    let session =
        Session::open(plan.session, surroundings.started).map_err(|error| Failed::at(&plan.target, error))?;
    let listed = listed(&session, plan.name.as_deref(), args.long, io).await;
    if args.verbose > 0 {
        tell(&session, surroundings, io).await?;
    }
    let look = match (args.long, surroundings.stdout_terminal) {
        (false, _) => Rows::Names,
        (true, true) => Rows::Columns,
        (true, false) => Rows::Tabs,
    };
    match listed.map_err(|failure| Failed::at(&plan.target, failure))? {
        Listed::Services(services) => {
            if services.is_empty() {
                writeln!(io.talk, "(no services)")?;
            }
            match args.output {
                ListFormat::Text => show::services(io.out, &services, look)?,
                ListFormat::Json => show::services_json(io.out, &services)?,
            }
        }
        Listed::Methods(methods) => {
            if methods.is_empty() {
                writeln!(io.talk, "(no methods)")?;
            }
            match args.output {
                ListFormat::Text => show::methods(io.out, &methods, look)?,
                ListFormat::Json => show::methods_json(io.out, &methods)?,
            }
        }
    }
    Ok(Exit::OK)
}

/// Says how the schema was come by, be it had or not.
pub(super) async fn tell(
    session: &Session,
    surroundings: &Surroundings,
    io: &mut Writers<'_>,
) -> io::Result<()> {
    let events = session.events().await;
    talk::schema(io.talk, &events, session.schema().await.repairs(), surroundings.started)
}

async fn listed(
    session: &Session,
    name: Option<&str>,
    long: bool,
    io: &mut Writers<'_>,
) -> Result<Listed, Failure> {
    match name {
        None => services(session, long, io).await.map(Listed::Services),
        Some(name) => {
            let service = session.schema().await.service(name).await?;
            Ok(Listed::Methods(service.methods().map(|method| MethodRow::from(&method)).collect()))
        }
    }
}

/// Every service as a list shows it; those that are not described are told.
async fn services(session: &Session, long: bool, io: &mut Writers<'_>) -> Result<Vec<ServiceRow>, Failure> {
    if !long {
        let names = session.schema().await.services().await?;
        return Ok(names.into_iter().map(|name| ServiceRow { name, methods: None }).collect());
    }
    let rows = described(session, io).await?.into_iter().map(|(name, descriptor)| match descriptor {
        Some(descriptor) => ServiceRow::from(&descriptor),
        None => ServiceRow { name, methods: None },
    });
    Ok(rows.collect())
}

/// Every service with its descriptor; one that can't be had is told on the side.
pub(super) async fn described(
    session: &Session,
    io: &mut Writers<'_>,
) -> Result<Vec<(String, Option<ServiceDescriptor>)>, Failure> {
    let mut schema = session.schema().await;
    let names = schema.services().await?;
    let descriptors = schema.descriptors(&names).await?;
    let why = match schema.take_refused() {
        Some(error) => error.to_string(),
        None => "the server lists it and does not describe it".to_owned(),
    };
    for (name, _) in names.iter().zip(&descriptors).filter(|(_, descriptor)| descriptor.is_none()) {
        writeln!(io.talk, "warning: {} is left out: {}", sanitize::brief(name), sanitize::brief(&why))?;
    }
    Ok(names.into_iter().zip(descriptors).collect())
}
