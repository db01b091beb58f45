//! `rpcctl list`: services, of a package too, or one service's methods.

use clap::Args;

use super::schema_verb::{self, SchemaVerbArgs};
use super::{Exit, Failed, Surroundings, Writers, complete, netrpc, open};
use crate::args::ListFormat;
use crate::failure::Failure;
use crate::output::list::{self as show, MethodRow, Rows, ServiceRow};
use crate::schema;
use crate::session::Session;

const EXAMPLES: &str = "\
Examples:
  rpcctl list localhost:50051                     services, one a line
  rpcctl list localhost:50051 hello.HelloService  its methods, as `call` takes them
  rpcctl list localhost:50051 hello               the services of a package
  rpcctl list localhost:50051 -l                  every method with its types
  rpcctl list localhost:50051 -l | awk -F'\\t' '$2 == \"unary\" { print $1 }'
  rpcctl list --proto api.proto                   from a file, no server asked
  rpcctl list api.example.com:443 -o json | jq -r '.[].name'";

/// List services, or the methods of one
#[derive(Debug, Clone, Args)]
#[command(after_help = EXAMPLES, override_usage = "rpcctl list [OPTIONS] [TARGET] [SERVICE]")]
pub struct ListArgs {
    /// The server (HOST:PORT, a URL, unix:PATH, demo:), then a service, its full name or the end of it, or a package
    #[arg(value_names = ["TARGET", "SERVICE"], num_args = 0..)]
    pub words: Vec<String>,

    /// With request and response types and kinds of stream
    ///
    /// In a pipe, with a tab between columns.
    #[arg(short, long)]
    pub long: bool,

    /// How to print
    #[arg(short, long, value_name = "FORMAT", value_enum, default_value_t)]
    output: ListFormat,

    #[command(flatten)]
    common: SchemaVerbArgs,
}

/// What a list is of.
enum Listed {
    Services(Vec<ServiceRow>),
    Methods(Vec<MethodRow>),
}

/// Lists.
pub async fn run(args: &ListArgs, surroundings: &Surroundings, io: &mut Writers<'_>) -> Result<Exit, Failed> {
    let plan = args.common.plan("list", &args.words, surroundings, false)?;
    plan.warn(io)?;
    let session = open::session(plan.session, &plan.target, surroundings, io).await?;
    if let Some(client) = session.netrpc() {
        let server = (client, session.deadline());
        let look = match args.output {
            ListFormat::Text => netrpc::Look::List { long: args.long },
            ListFormat::Json => netrpc::Look::Json,
            ListFormat::Table => netrpc::Look::Table,
        };
        let look = (look, args.common.talk());
        return netrpc::show(server, &plan.target, plan.name.as_deref(), look, surroundings, io).await;
    }
    let long = args.long || args.output == ListFormat::Table;
    let listed = listed(&session, plan.name.as_deref(), long, io).await;
    schema_verb::tell(&session, args.common.talk(), surroundings, io).await?;
    let paint = surroundings.colors.stdout;
    let look = match (long, surroundings.stdout_terminal) {
        _ if args.output == ListFormat::Table => Rows::Table,
        (false, _) => Rows::Names,
        (true, true) => Rows::Columns { width: surroundings.stdout_columns.unwrap_or(usize::MAX), paint },
        (true, false) => Rows::Tabs,
    };
    let listed = listed.map_err(|failure| Failed::at(&plan.target, failure))?;
    complete::remember(&plan.target, &surroundings.places);
    match listed {
        Listed::Services(services) => {
            if services.is_empty() {
                writeln!(io.talk, "(no services)")?;
            }
            match args.output {
                ListFormat::Text | ListFormat::Table => show::services(io.out, &services, look)?,
                ListFormat::Json => show::services_json(io.out, &services, paint)?,
            }
        }
        Listed::Methods(methods) => {
            if methods.is_empty() {
                writeln!(io.talk, "(no methods)")?;
            }
            match args.output {
                ListFormat::Text | ListFormat::Table => show::methods(io.out, &methods, look)?,
                ListFormat::Json => show::methods_json(io.out, &methods, paint)?,
            }
        }
    }
    Ok(Exit::OK)
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
            let found = session.schema().await.service(name).await;
            if matches!(found, Err(schema::Error::NotFound { .. })) {
                let below = in_package(session, name, long, io).await?;
                if !below.is_empty() {
                    return Ok(Listed::Services(below));
                }
            }
            let service = schema_verb::explained(found, session, io).await?;
            Ok(Listed::Methods(service.methods().map(|method| MethodRow::from(&method)).collect()))
        }
    }
}

/// The services of a package and of those below it.
async fn in_package(
    session: &Session,
    name: &str,
    long: bool,
    io: &mut Writers<'_>,
) -> Result<Vec<ServiceRow>, Failure> {
    let package = name.trim_matches('.');
    let is_below = |service: &str| service.strip_prefix(package).is_some_and(|rest| rest.starts_with('.'));
    // Most names that are not found are of no package, and to look at what there is takes its time.
    if !session.schema().await.services().await.unwrap_or_default().iter().any(|name| is_below(name)) {
        return Ok(Vec::new());
    }
    let mut all = services(session, long, io).await?;
    all.retain(|service| is_below(&service.name));
    Ok(all)
}

/// Every service as a list shows it; those that are not described are told.
async fn services(session: &Session, long: bool, io: &mut Writers<'_>) -> Result<Vec<ServiceRow>, Failure> {
    if !long {
        let names = session.schema().await.services().await?;
        schema_verb::tell_lost(session, &names, io).await?;
        return Ok(names.into_iter().map(|name| ServiceRow { name, ..ServiceRow::default() }).collect());
    }
    let rows =
        schema_verb::described(session, io).await?.into_iter().map(|(name, described)| match described {
            Ok(descriptor) => ServiceRow::from(&descriptor),
            Err(why) => ServiceRow { name, methods: None, error: Some(why) },
        });
    Ok(rows.collect())
}
