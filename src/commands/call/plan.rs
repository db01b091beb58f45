//! What the words of `call` mean, as plain values.

use ::bytes::Bytes;
use std::io;
use std::num::NonZeroUsize;
use std::path::PathBuf;

use super::super::{Failed, Surroundings, surroundings};
use super::compare::Compared;
use super::trace::Trace;
use super::{CallArgs, get, servers, words};
use crate::args::{ArgsError, FormatArg, Headers, OutputArg, TargetPlan, TargetPlans};
use crate::bounded::{self, MIB};
use crate::commands::bytes;
use crate::commands::data::{self, Data};
use crate::failure::{Failure, Kind};
use crate::message::Format;
use crate::message::items::Item;
use crate::netrpc::Codec;
use crate::netrpc::gotype::{self, GoTypes};
use crate::output::call::{CallStyle, Errors, Form};
use crate::output::color::Paint;
use crate::output::exchange::About;
use crate::output::reshape::{ExpressionError, Look, ReshapePlan};
use crate::output::talk::{self, Level};
use crate::schema::SchemaPlan;
use crate::session::{CallOptions, InputPlan, Metadata, ServerPlan, SessionPlan};

/// How many net/rpc calls may await their answers where nothing else is said; `--help` has the number too.
const MAX_IN_FLIGHT: usize = 100;

/// What `call` is to do.
#[derive(Clone)]
pub(super) struct CallPlan {
    pub(super) call: Planned,
    pub(super) target: TargetPlan,
    pub(super) style: CallStyle,
    pub(super) about: About,
    /// What is made of messages before they are printed, if anything.
    pub(super) reshape: Option<ReshapePlan>,
    /// The id of the trace that it belongs to, where it is to be told.
    pub(super) trace: Option<String>,
    /// Whether the request is asked for.
    pub(super) prompt: bool,
    /// Whether it is only shown what would be sent.
    pub(super) dry_run: bool,
    /// After how many answers the call is over.
    pub(super) limit: Option<usize>,
    /// In what other protocols it is made as well, if it is.
    pub(super) compared: Option<Compared>,
}

/// Which call that is.
#[derive(Clone)]
pub(super) struct Planned {
    pub(super) session: SessionPlan,
    pub(super) method: String,
    pub(super) data: Vec<Data>,
    /// The request as words of the command line, in place of data.
    pub(super) items: Vec<Item>,
    /// The request as bytes, in place of both, where nothing is known of the method, and what to say of them.
    pub(super) raw: Option<(Bytes, Option<String>)>,
    pub(super) input: InputPlan,
    pub(super) options: CallOptions,
    /// Whether files and server have to agree.
    pub(super) check_schema: bool,
}

/// Words that say something that can't be.
#[derive(Debug, thiserror::Error)]
enum WordsError {
    #[error("--check-schema compares files with the server, and no files are given")]
    NothingToCheck,
    #[error("--check-schema asks the server's reflection, and --reflection off forbids it")]
    NobodyToCheckWith,
    #[error("without a schema {0} is no method: pkg.Service/Method is the whole name of one")]
    NotInFull(String),
    #[error("-o binary would write bytes to the terminal")]
    BinaryToTerminal,
    #[error("{0} is for JSON, and {1} is none")]
    NotJson(&'static str, &'static str),
    #[error("{0} is about protobuf, and a net/rpc server knows none")]
    NotOfGo(&'static str),
    #[error("--type is for net/rpc: a gRPC method's types are in its schema")]
    TypeOfProto,
    #[error("--type is for gob: JSON-RPC's values have no types")]
    TypeOfJson,
    #[error("--max-in-flight is for net/rpc: a gRPC stream is one call")]
    InFlightOfProto,
    #[error("--parallel is for gRPC, and this is a net/rpc server")]
    ParallelOfGo,
    #[error("{0} is for gRPC, gRPC-Web and Connect, and this is a net/rpc server")]
    CourseOfGo(&'static str),
    #[error("{0:?} is no method of net/rpc, which are named Service.Method")]
    NotGoMethod(String),
    #[error("cannot read {}", path.display())]
    TypeFile { path: PathBuf, source: std::io::Error },
    #[error("--type: {0}")]
    Type(#[from] gotype::TypeError),
    #[error("{}: {source}", path.display())]
    TypeInFile { path: PathBuf, source: gotype::TypeError },
}

/// A filter that can't be understood.
#[derive(Debug, thiserror::Error)]
#[error("--jq: {0}")]
pub(super) struct ReshapeError(#[from] pub(super) ExpressionError);

impl From<ReshapeError> for Failure {
    fn from(error: ReshapeError) -> Self {
        let kind = if matches!(error.0, ExpressionError::Start(_)) { Kind::Failed } else { Kind::Wrong };
        Self::new(kind, error)
    }
}

impl From<WordsError> for Failure {
    fn from(error: WordsError) -> Self {
        let hint = match &error {
            WordsError::NobodyToCheckWith => {
                Some("leave out --reflection: with files, the server is asked for the check alone")
            }
            WordsError::NothingToCheck => Some("give them: --proto FILE or --descriptor-set FILE"),
            WordsError::BinaryToTerminal => Some("redirect it: rpcctl call … -o binary > answer.bin"),
            WordsError::InFlightOfProto => Some("for calls of their own: --each --parallel N"),
            WordsError::ParallelOfGo => {
                Some("leave out --each, which net/rpc's calls always are: --max-in-flight N")
            }
            WordsError::NotJson(..) => Some("-o json, jsonl or table"),
            WordsError::NotOfGo(_) => Some("JSON goes in with -d, and comes out with -o json or -o jsonl"),
            WordsError::TypeInFile { .. } => Some("name one of the file's types with --type @FILE:TYPE"),
            _ => None,
        };
        let kind = if matches!(error, WordsError::TypeFile { .. }) { Kind::Failed } else { Kind::Wrong };
        let failure = Self::new(kind, error);
        match hint {
            Some(hint) => failure.hint(hint),
            None => failure,
        }
    }
}

/// Decides what the words mean. Nothing is opened but a file of Go types.
pub(super) fn plan(args: &CallArgs, surroundings: &Surroundings) -> Result<CallPlan, Failed> {
    let (named, items) = words::split(args, surroundings)?;
    let (servers, method) = servers::plan(args, named, surroundings)?;
    if args.get {
        get::may_be_spoken(servers.iter()).map_err(Failure::from)?;
    }
    let TargetPlans { first: mut target, others } = servers;
    let Some(method) = method else { return Err(servers::no_method(&target, items.first())) };
    let items = words::items(&items, args, surroundings)?;
    let input = match args.raw_request {
        Some(_) => Format::Binary { delimited: false },
        None => words::format(args, &items),
    };
    let form = form(args, surroundings.stdout_terminal)?;
    let reshape = reshape(args, form, surroundings.stdout_terminal)?;
    let under = &surroundings.given.under.headers;
    let besides = data::reads_stdin(&args.data).or(args.prompt.then_some("--prompt"));
    let headers = args.headers.read(besides, under, &surroundings.world, target.place.protocol)?;
    target.carry(&headers)?;
    others.iter().try_for_each(|other| other.carries(&headers))?;
    let Headers { call: mut metadata, reflection } = headers;
    let trace = args.traceparent.then(|| traced(&mut metadata)).transpose()?;
    let server = server(args, (input, form), (&metadata, reflection), &target, method)?;
    let (server, method, go_type) = server;
    let talk = talk::Style { level: Level::of(args.verbose), secrets: args.secrets.plan() };
    let about = about(&target, &method, &server, surroundings);
    let in_full = talk.level == Level::All || matches!(form, Form::Exchange(_));
    let max_in_flight = in_flight(args);
    let data = data::read(args.data.clone(), input)?;
    let compared = Compared::plan(others, (args, &data), talk, surroundings)?;
    let call = Planned {
        session: SessionPlan { server, timeout: target.timeout, in_full },
        method,
        data,
        items,
        raw: args.raw_request.as_deref().map(bytes::raw_request).transpose().map_err(Failure::from)?,
        input: InputPlan {
            format: input,
            allow_unknown_fields: args.allow_unknown_fields,
            each: args.calls.each,
            go_type,
        },
        options: CallOptions {
            metadata,
            max_message_size: args.max_message_size,
            get: args.get,
            max_in_flight,
            course: args.course.plan(),
        },
        check_schema: args.check_schema,
    };
    let paint = match &reshape {
        // What is no JSON any more has no tokens to paint.
        Some(ReshapePlan { look: Look::Table | Look::Json { raw: true, .. }, .. }) => Paint::Plain,
        _ => surroundings.colors.stdout,
    };
    Ok(CallPlan {
        call,
        target,
        style: CallStyle {
            form,
            progress: surroundings.progress_columns,
            paint,
            talk,
            errors: errors(args.shape.format_error, form),
            each: args.calls.each,
        },
        about,
        reshape,
        trace,
        prompt: args.prompt,
        dry_run: args.calls.dry_run,
        limit: args.calls.limit.map(NonZeroUsize::get),
        compared,
    })
}

/// Puts a call into a trace, and tells the trace's id.
fn traced(metadata: &mut Metadata) -> Result<String, ArgsError> {
    if metadata.has("traceparent") {
        return Err(ArgsError::TwoTraces);
    }
    let trace = Trace::new(surroundings::variable("TRACEPARENT").as_deref());
    let state = surroundings::variable("TRACESTATE").filter(|_| !metadata.has("tracestate"));
    let mut add = |at: &str, line: &str| {
        metadata.add_line(line).map_err(|source| ArgsError::Metadata { at: at.to_owned(), source })
    };
    add("--traceparent", &trace.line())?;
    if let Some(state) = state {
        add("TRACESTATE", &format!("tracestate: {state}"))?;
    }
    Ok(trace.id)
}

/// How errors are told.
fn errors(as_json: bool, form: Form) -> Errors {
    match (as_json, form) {
        (false, _) => Errors::Words,
        (true, Form::Json(json)) => Errors::Json { pretty: json.pretty },
        (true, _) => Errors::Json { pretty: true },
    }
}

/// The server as what it speaks, its method as it names them, and the type of a net/rpc argument.
fn server(
    args: &CallArgs,
    (input, form): (Format, Form),
    (metadata, reflection): (&Metadata, Metadata),
    target: &TargetPlan,
    method: String,
) -> Result<(ServerPlan, String, Option<GoTypes>), Failed> {
    let go_server = target.netrpc(metadata, &args.schema, &args.headers.both).map_err(ArgsError::from)?;
    if let Some(server) = go_server {
        words::of_go(args)?;
        if let Some(flag) = flag_of_proto(args, input, form) {
            return Err(WordsError::NotOfGo(flag).into());
        }
        if args.calls.parallel.is_some() {
            return Err(WordsError::ParallelOfGo.into());
        }
        if let Some(flag) = args.course.given() {
            return Err(WordsError::CourseOfGo(flag).into());
        }
        if args.go_type.is_some() && server.codec == Codec::Json {
            return Err(WordsError::TypeOfJson.into());
        }
        let method = go_method(method)?;
        let go_type = args.go_type.as_deref().map(|words| read_type(words, &method)).transpose()?;
        Ok((ServerPlan::Go(server), method, go_type))
    } else {
        if args.go_type.is_some() {
            return Err(WordsError::TypeOfProto.into());
        }
        if args.max_in_flight.is_some() {
            return Err(WordsError::InFlightOfProto.into());
        }
        if args.check_schema && !args.schema.has_files() {
            return Err(WordsError::NothingToCheck.into());
        }
        if args.check_schema && args.schema.is_reflection_off() {
            return Err(WordsError::NobodyToCheckWith.into());
        }
        let schema = SchemaPlan { check: args.check_schema, ..args.schema.plan(reflection, false) };
        let schema = args.raw_request.is_none().then_some(schema);
        Ok((ServerPlan::Grpc { channel: target.channel.clone(), schema }, method, None))
    }
}

/// A method of which nothing is known has no name but its full one.
pub(super) fn not_in_full(method: &str) -> Failure {
    WordsError::NotInFull(method.to_owned()).into()
}

/// How many calls may be under way at a time, where each message is one.
fn in_flight(args: &CallArgs) -> usize {
    match (args.calls.parallel.or(args.max_in_flight), args.calls.each) {
        (Some(given), _) => given.get(),
        (None, true) => 1,
        (None, false) => MAX_IN_FLIGHT,
    }
}

/// What is told of what it is about, whatever becomes of it.
fn about(target: &TargetPlan, method: &str, server: &ServerPlan, surroundings: &Surroundings) -> About {
    About {
        target: target.place.text.clone(),
        method: method.to_owned(),
        protocol: match server {
            ServerPlan::Grpc { channel, .. } => channel.dialect.protocol.name(),
            ServerPlan::Go(server) => server.codec.protocol(),
        },
        started: surroundings.started(),
        date: surroundings.date(),
    }
}

/// What is made of JSON before it is printed.
fn reshape(args: &CallArgs, form: Form, terminal: bool) -> Result<Option<ReshapePlan>, WordsError> {
    let table = args.output == Some(OutputArg::Table);
    let flag = match (&args.shape.jq, args.shape.raw) {
        (Some(_), _) => "--jq",
        (None, true) => "--raw",
        (None, false) if table => "-o table",
        (None, false) => return Ok(None),
    };
    let json = match form {
        Form::Json(style) => style,
        Form::Yaml(_) => return Err(WordsError::NotJson(flag, "-o yaml")),
        Form::Text => return Err(WordsError::NotJson(flag, "-o text")),
        Form::Binary => return Err(WordsError::NotJson(flag, "-o binary")),
        Form::Exchange(_) => return Err(WordsError::NotJson(flag, "-o exchange")),
        Form::Nothing => return Err(WordsError::NotJson(flag, "-o none")),
    };
    let look = if table {
        Look::Table
    } else {
        Look::Json { pretty: json.pretty, raw: args.shape.raw, escape: terminal }
    };
    Ok(Some(ReshapePlan { filter: args.shape.jq.clone(), look, program: surroundings::program() }))
}

fn form(args: &CallArgs, terminal: bool) -> Result<Form, WordsError> {
    let output = args.output.or(args.format.map(|format| match format {
        FormatArg::Json => OutputArg::Json,
        FormatArg::Text => OutputArg::Text,
        FormatArg::Yaml => OutputArg::Yaml,
    }));
    // Where nothing is known of a message, its fields are shown as they stand there.
    let usual = if args.raw_request.is_some() { OutputArg::Text } else { OutputArg::Json };
    Ok(match output.unwrap_or(usual) {
        OutputArg::Json => Form::Json(args.json.style(true, terminal)),
        // The columns of a table are those of the fields that are set.
        OutputArg::Jsonl | OutputArg::Table => Form::Json(args.json.style(false, terminal)),
        OutputArg::Exchange => Form::Exchange(args.json.style(false, terminal)),
        OutputArg::Yaml => Form::Yaml(args.json.style(false, terminal)),
        OutputArg::Text => Form::Text,
        OutputArg::Binary if terminal => return Err(WordsError::BinaryToTerminal),
        OutputArg::Binary => Form::Binary,
        OutputArg::None => Form::Nothing,
    })
}

/// The first flag of a call given that means nothing to net/rpc.
fn flag_of_proto(args: &CallArgs, input: Format, form: Form) -> Option<&'static str> {
    let flags = [
        (args.raw_request.is_some(), "--raw-request"),
        (args.check_schema, "--check-schema"),
        (args.allow_unknown_fields, "--allow-unknown-fields"),
        (input == Format::Text, "the text format"),
        (matches!(input, Format::Binary { .. }), "-i binary"),
        (form == Form::Text, "the text format"),
        (form == Form::Binary, "-o binary"),
    ];
    flags.into_iter().find_map(|(given, flag)| given.then_some(flag))
}

/// The name of a method of net/rpc, as its server has it.
pub(in crate::commands) fn method_of_go(name: String) -> Result<String, Failure> {
    Ok(go_method(name)?)
}

/// `Service.Method`; a slash is as good as the last dot.
fn go_method(name: String) -> Result<String, WordsError> {
    let dotted = match name.rsplit_once('/') {
        Some((service, method)) => format!("{service}.{method}"),
        None => name.clone(),
    };
    match dotted.rsplit_once('.') {
        Some((service, method)) if !service.is_empty() && !method.is_empty() => Ok(dotted),
        _ => Err(WordsError::NotGoMethod(name)),
    }
}

/// The largest file of Go types that is read.
const LARGEST_SOURCE: u64 = 16 * MIB;

/// The words of `--type`.
fn read_type(words: &str, method: &str) -> Result<GoTypes, WordsError> {
    let Some(reference) = words.strip_prefix('@') else { return Ok(gotype::parse(words)?) };
    let (path, wanted) = gotype::split_file(reference);
    let path = PathBuf::from(path);
    let text = bounded::read(&path, LARGEST_SOURCE)
        .and_then(|bytes| String::from_utf8(bytes).map_err(|_| io::Error::other("it is not UTF-8")));
    match text {
        Ok(text) => gotype::parse_file(&text, wanted, method)
            .map_err(|source| WordsError::TypeInFile { path, source }),
        Err(source) => Err(WordsError::TypeFile { path, source }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_go_method_is_a_service_a_dot_and_a_method() {
        for (name, dotted) in [
            ("Arith.Multiply", "Arith.Multiply"),
            ("Arith/Multiply", "Arith.Multiply"),
            ("a.b.Service.Method", "a.b.Service.Method"),
        ] {
            assert_eq!(go_method(name.to_owned()).unwrap(), dotted);
        }
        for name in ["Multiply", ".Multiply", "Arith.", "/"] {
            assert!(go_method(name.to_owned()).is_err(), "{name}");
        }
    }
}
