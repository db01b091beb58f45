//! `rpcctl describe`: a symbol as proto source.

use clap::Args;

use super::{Exit, Failed, Surroundings, Writers, list};
use crate::args::{ListFormat, ReflectionHeaders, SchemaArgs, TargetArgs};
use crate::output::schema as show;
use crate::schema::symbol::Symbol;
use crate::session::Session;

const EXAMPLES: &str = "\
Examples:
  rpcctl describe localhost:50051                          every service
  rpcctl describe localhost:50051 hello.HelloService       a service
  rpcctl describe localhost:50051 HelloService/SayHello    a method, its request and its response
  rpcctl describe localhost:50051 hello.HelloRequest.name  a field
  rpcctl describe localhost:50051 hello.HelloRequest --template  and JSON to fill in
  rpcctl describe --proto api.proto api.v1.Order -o json   from a file, for programs";

/// Show a service, method, message, field, enum or extension as proto source
///
/// Type names begin with a dot, so that what is printed means the same in any file.
#[derive(Debug, Clone, Args)]
#[command(after_help = EXAMPLES, override_usage = "rpcctl describe [OPTIONS] [TARGET] [SYMBOL]")]
pub struct DescribeArgs {
    /// The server (HOST:PORT, http://…, https://…, unix:PATH, demo:), then a name or the end of one [default: all services]
    #[arg(value_names = ["TARGET", "SYMBOL"], num_args = 0..=2)]
    pub words: Vec<String>,

    /// Add a JSON request to fill in (of a message, or of a method's request)
    #[arg(long, alias = "msg-template")]
    pub template: bool,

    /// How to print
    #[arg(short, long, value_name = "FORMAT", value_enum, default_value_t)]
    pub output: ListFormat,

    #[command(flatten)]
    target: TargetArgs,

    #[command(flatten)]
    schema: SchemaArgs,

    #[command(flatten)]
    headers: ReflectionHeaders,
}

/// Describes.
pub async fn run(
    args: &DescribeArgs,
    surroundings: &Surroundings,
    io: &mut Writers<'_>,
) -> Result<Exit, Failed> {
    let plan = list::plan(&args.words, (&args.target, &args.schema, &args.headers), surroundings, true)?;
    io.warn_unverified(&plan.target)?;
    let session =
        Session::open(plan.session, surroundings.started).map_err(|error| Failed::at(&plan.target, error))?;
    let Some(name) = plan.name else {
        let services =
            list::described(&session, io).await.map_err(|error| Failed::at(&plan.target, error))?;
        let services: Vec<Symbol> =
            services.into_iter().filter_map(|(_, service)| service.map(Symbol::Service)).collect();
        match args.output {
            ListFormat::Text => show::describe(io.out, &services, args.template)?,
            ListFormat::Json => show::describe_all_json(io.out, &services, args.template)?,
        }
        return Ok(Exit::OK);
    };
    let symbol = session.schema().await.symbol(&name).await;
    let symbol = symbol.map_err(|error| Failed::at(&plan.target, error))?;
    match args.output {
        ListFormat::Text => show::describe(io.out, &[symbol], args.template)?,
        ListFormat::Json => show::describe_json(io.out, &symbol, args.template)?,
    }
    Ok(Exit::OK)
}
