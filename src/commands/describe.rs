//! `rpcctl describe`: a symbol as proto source.

use std::fs;
use std::io;
use std::path::PathBuf;

use clap::Args;
use prost_reflect::MessageDescriptor;

use super::schema_verb::{self, SchemaVerbArgs};
use super::{Exit, Failed, Surroundings, Writers, complete, netrpc, open};
use crate::args::DescribeFormat;
use crate::failure::{Failure, Kind};
use crate::output::describe as show;
use crate::schema;
use crate::schema::name::method_path;
use crate::schema::symbol::Symbol;
use crate::session::Session;

const EXAMPLES: &str = "\
Examples:
  rpcctl describe localhost:50051                          every service
  rpcctl describe localhost:50051 hello.HelloService       a service
  rpcctl describe localhost:50051 HelloService/SayHello    a method, its request and its response
  rpcctl describe localhost:50051 hello.HelloRequest.name  a field
  rpcctl describe localhost:50051 hello                    all of a package
  rpcctl describe localhost:50051 hello.HelloRequest --template  JSON to fill in
  rpcctl describe demo: Demo/Echo --template | rpcctl call demo: Demo/Echo -d @
  rpcctl describe --proto api.proto api.v1.Order -o json   from a file, for programs";

/// Show a service, method, message, field, enum or extension as proto source
///
/// Type names begin with a dot, so that what is printed means the same in any file.
#[derive(Debug, Clone, Args)]
#[command(after_help = EXAMPLES, override_usage = "rpcctl describe [OPTIONS] [TARGET] [SYMBOL]")]
pub struct DescribeArgs {
    /// The server (HOST:PORT, a URL, unix:PATH, demo:), then a name or the end of one [default: all services]
    #[arg(value_names = ["TARGET", "SYMBOL"], num_args = 0..)]
    pub words: Vec<String>,

    /// Print JSON to fill in: a message, or a method's request
    ///
    /// Instead of the source, or with -o json beside it. Also --msg-template.
    #[arg(long, alias = "msg-template")]
    pub template: bool,

    /// Write the files that define it, and their imports, as a FileDescriptorSet
    ///
    /// For --descriptor-set, protoc and other tools. Also --protoset-out.
    #[arg(long, alias = "protoset-out", value_name = "FILE")]
    pub descriptor_set_out: Option<PathBuf>,

    /// How to print
    #[arg(short, long, value_name = "FORMAT", value_enum, default_value_t)]
    output: DescribeFormat,

    #[command(flatten)]
    common: SchemaVerbArgs,
}

/// Describes.
pub async fn run(
    args: &DescribeArgs,
    surroundings: &Surroundings,
    io: &mut Writers<'_>,
) -> Result<Exit, Failed> {
    let plan = args.common.plan("describe", &args.words, surroundings, true)?;
    if args.template && plan.name.is_none() {
        let failure = Failure::from(TemplateError::NoName).run("see the methods", "list", "-l");
        return Err(Failed::at(&plan.target, failure));
    }
    plan.warn(io)?;
    let session = open::session(plan.session, &plan.target, surroundings, io).await?;
    if let Some(client) = session.netrpc() {
        let server = (client, session.deadline());
        let look = match args.output {
            DescribeFormat::Text => netrpc::Look::Source,
            DescribeFormat::Json => netrpc::Look::Json,
        };
        let look = (look, args.common.talk());
        return netrpc::show(server, &plan.target, plan.name.as_deref(), look, surroundings, io).await;
    }
    let described = symbols(&session, plan.name.as_deref(), io).await;
    schema_verb::tell(&session, args.common.talk(), surroundings, io).await?;
    let symbols = described.map_err(|failure| Failed::at(&plan.target, failure))?;
    complete::remember(&plan.target, &surroundings.places);
    if let Some(path) = &args.descriptor_set_out {
        let files = schema::with_imports(symbols.iter().map(Symbol::file));
        let set = session.schema().await.descriptor_set(&files);
        fs::write(path, set).map_err(|source| WriteError { path: path.clone(), source })?;
    }
    let message = match symbols.first().filter(|_| args.template) {
        Some(symbol) => Some(to_fill_in(symbol).map_err(|failure| Failed::at(&plan.target, failure))?),
        None => None,
    };
    let paint = surroundings.colors.stdout;
    match (args.output, symbols.as_slice()) {
        (DescribeFormat::Text, symbols) => match message {
            Some(message) => show::template(io.out, &message, paint)?,
            None => show::describe(io.out, symbols, paint)?,
        },
        (DescribeFormat::Json, [symbol]) if plan.name.is_some() => {
            show::describe_json(io.out, symbol, args.template, paint)?;
        }
        (DescribeFormat::Json, _) => show::describe_all_json(io.out, &symbols, paint)?,
    }
    Ok(Exit::OK)
}

/// The message that a template is wanted of.
fn to_fill_in(symbol: &Symbol) -> Result<MessageDescriptor, Failure> {
    if let Symbol::Service(service) = symbol {
        let methods = service.methods().map(|method| method_path(&method)).collect();
        let service = service.full_name().to_owned();
        return Err(schema::Error::IsService { service, methods }.into());
    }
    show::template_message(symbol).ok_or_else(|| {
        TemplateError::NoMessage { name: symbol.full_name().to_owned(), kind: symbol.kind_with_article() }
            .into()
    })
}

/// The descriptor set could not be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write {path}", path = .path.display())]
struct WriteError {
    path: PathBuf,
    source: io::Error,
}

impl From<WriteError> for Failure {
    fn from(error: WriteError) -> Self {
        Self::new(Kind::Failed, error)
    }
}

/// A template of what has none.
#[derive(Debug, thiserror::Error)]
enum TemplateError {
    #[error("--template needs the name of a method or a message")]
    NoName,
    #[error("{name} is {kind}, and --template is for a method or a message")]
    NoMessage { name: String, kind: String },
}

impl From<TemplateError> for Failure {
    fn from(error: TemplateError) -> Self {
        Self::new(Kind::Wrong, error)
    }
}

/// What is to be described: the symbol of this name, what is in the package of this name, or every service.
async fn symbols(
    session: &Session,
    name: Option<&str>,
    io: &mut Writers<'_>,
) -> Result<Vec<Symbol>, Failure> {
    if let Some(name) = name {
        return schema_verb::named(session, name, io).await;
    }
    let services = schema_verb::described(session, io).await?;
    Ok(services.into_iter().filter_map(|(_, service)| service.ok().map(Symbol::Service)).collect())
}
