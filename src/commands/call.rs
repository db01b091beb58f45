//! `rpcctl call`: one call of any method, messages in as they come, answers out as they come.

mod backends;
mod compare;
mod dry_run;
mod get;
mod half_close;
mod plan;
mod prompt;
mod servers;
mod show;
mod trace;
mod words;

use std::num::NonZeroUsize;
use std::pin::pin;
use std::time::{Duration, Instant};

use clap::{ArgAction, Args};

pub(super) use self::plan::method_of_go;
use self::plan::{CallPlan, Planned};
use self::prompt::Asked;
use self::show::{Show, interrupted};
use super::{Exit, Failed, Surroundings, Writers, complete, data, open};
use crate::args::{
    CallHeaders, CallsArgs, CourseArgs, FormatArg, InputArg, JsonArgs, OutputArg, SchemaArgs, SecretsArgs,
    ShapeArgs, TargetArgs, count, message_size,
};
use crate::failure::Failure;
use crate::message::Origin;
use crate::message::input::Source;
use crate::output::call::{CallPrinter, CallStyle, Shown};
use crate::output::color::Paint;
use crate::output::diff;
use crate::output::reshape::Reshaper;
use crate::output::sanitize;
use crate::output::talk;
use crate::session::{CallOptions, Messages, Method, OpenError, Session};

const EXAMPLES: &str = "\
Examples:
  rpcctl call localhost:50051 hello.HelloService/SayHello name=Alice
  rpcctl call localhost:50051 hello.HelloService/SayHello -d '{\"name\":\"Alice\"}'
  rpcctl call demo: Demo/Echo string_map.env=prod 'strings[]=a' packed:=[1,2] duration=1m30s
  rpcctl call localhost:50051 HelloService/SayHello -d @request.json -v
  rpcctl call https://api.example.com/api.v1.Orders/Get -H 'authorization: Bearer TOKEN'
  rpcctl call api.example.com:443 Orders/Get --proto api.proto           schema from a file
  printf '{\"number\":1}{\"number\":2}' | rpcctl call demo: Demo/Sum -d @    messages from stdin
  rpcctl call demo: Demo/CountDown from=3 -o jsonl | jq .                one line a message
  rpcctl call netrpc://localhost:1234 Arith.Multiply A=6 B=7             Go's net/rpc
  rpcctl call localhost:8080 Greet/Hi --protocol grpc,grpc-web,connect   do they answer alike?

Answers go to stdout; everything else goes to stderr. A call that ends in an error status exits with 64 + its code; \
with several protocols, answers that differ are 99.

Messages of a stream are sent as soon as each is complete. A method that takes one message is called when the input \
ends, or a pipe has been quiet for 100 ms, so that a second message is refused before anything is sent; at a terminal \
with the first complete one.

Go's net/rpc is netrpc://HOST:PORT, or netrpc+http://, netrpc+tls://, netrpc+unix:PATH, jsonrpc://, jsonrpc+tls://, \
jsonrpc+unix:PATH; a method is Service.Method.";

/// The most common, for `-h`.
const FIRST_EXAMPLES: &str = "\
Examples:
  rpcctl call localhost:50051 HelloService/SayHello name=Alice
  rpcctl call localhost:50051 HelloService/SayHello -d @request.json -v
  rpcctl call demo: Demo/CountDown from=3 -o jsonl | jq .";

/// Call a method
///
/// METHOD is pkg.Service/Method, pkg.Service.Method, or any end of that which only one method has. It can also
/// stand at the end of the target: localhost:50051/pkg.Service/Method.
#[derive(Debug, Clone, Args)]
#[command(after_help = FIRST_EXAMPLES, after_long_help = EXAMPLES, override_usage = "rpcctl call [OPTIONS] [TARGET] METHOD [ITEM]...")]
#[allow(clippy::struct_excessive_bools, reason = "each is one independent switch of the command line")]
pub struct CallArgs {
    /// The server (HOST:PORT, a URL, unix:PATH, demo:), the method, then the request as items
    ///
    /// An item is FIELD=VALUE, in the words of the field's type: name=Alice, delay=5s, at=now, an enum's value in any
    /// case. FIELD:=JSON is raw JSON, FIELD@FILE what is in a file. A path leads into messages (address.city=Paris),
    /// lists (tags=a tags=b, people[0].name=A) and maps (labels.env=prod, labels[a.b]=c).
    #[allow(
        rustdoc::broken_intra_doc_links,
        reason = "brackets are those of an item, and the help shows them"
    )]
    #[arg(value_names = ["TARGET", "METHOD", "ITEM"], num_args = 0..)]
    pub words: Vec<String>,

    /// Send these messages: JSON, @FILE, or @ for stdin (repeatable)
    ///
    /// Without it, one empty message is sent, or none to a client stream.
    #[arg(short, long, value_name = "JSON|@FILE|@", allow_hyphen_values = true)]
    pub data: Vec<String>,

    /// Send these bytes as the request, without any schema: hexadecimal digits, or @FILE
    ///
    /// METHOD is pkg.Service/Method in full then, and answers are shown as decode --raw shows them. A file holds the bytes
    /// themselves.
    #[arg(long, value_name = "HEX|@FILE", conflicts_with_all = ["data", "prompt", "input", "format", "each"])]
    pub raw_request: Option<String>,

    /// Ask for each field of the request on the terminal
    ///
    /// Then the JSON is shown, and the line that does the same.
    #[arg(long)]
    pub prompt: bool,

    /// How messages are written: in -d, files and stdin [default: json]
    ///
    /// Between two stands nothing or a blank in JSON, --- in YAML, the character 0x1E in text.
    #[arg(short, long, value_name = "FORMAT")]
    pub input: Option<InputArg>,

    #[command(flatten)]
    calls: CallsArgs,

    #[command(flatten)]
    course: CourseArgs,

    /// Make the call to each address of the server's name
    ///
    /// One result each, in the order of the addresses; the exit code is the worst.
    #[arg(long, help_heading = "Connection", conflicts_with = "dry_run")]
    pub all_backends: bool,

    /// Send a trace context, and print the trace's id
    ///
    /// W3C's, of a trace of its own or of the one that TRACEPARENT names in the environment.
    #[arg(long, help_heading = "Headers")]
    pub traceparent: bool,

    /// Warn where the server's reflection says otherwise of the method than the files
    ///
    /// With --proto or --descriptor-set. The call goes on; rpcctl diff compares more than one method.
    #[arg(long, conflicts_with = "raw_request")]
    pub check_schema: bool,

    /// Ask with HTTP's GET, so that what lies between may keep the answer
    ///
    /// With Connect, for unary methods whose idempotency_level is NO_SIDE_EFFECTS.
    #[arg(long, help_heading = "Protocol")]
    pub get: bool,

    /// Pass over JSON members that the message does not have
    #[arg(long)]
    pub allow_unknown_fields: bool,

    /// The largest answer taken, such as 64M; 0 is no limit
    ///
    /// Also --max-msg-sz.
    #[arg(long, alias = "max-msg-sz", value_name = "BYTES", default_value = "4M", value_parser = message_size)]
    pub max_message_size: usize,

    /// How answers are printed [default: json]
    #[arg(short, long, value_name = "FORMAT", help_heading = "Output")]
    pub output: Option<OutputArg>,

    #[command(flatten)]
    shape: ShapeArgs,

    /// --input and --output at once
    #[arg(long, value_name = "FORMAT", help_heading = "Output")]
    pub format: Option<FormatArg>,

    /// Tell about connection, headers, trailers, status and timings on stderr; -vv tells all
    ///
    /// -vv adds each message with its size, time and compression, the server's certificate, and its HTTP/2 settings.
    #[arg(short, long, action = ArgAction::Count, help_heading = "Output")]
    pub verbose: u8,

    #[command(flatten)]
    secrets: SecretsArgs,

    /// The Go type of a net/rpc argument [default: inferred]
    ///
    /// A type such as 'struct{A uint; T time.Time}', or @FILE with definitions from the server's source, or @FILE:TYPE.
    /// Without it, the type is inferred from the data.
    #[arg(long = "type", value_name = "TYPE|@FILE", help_heading = "Go net/rpc")]
    pub go_type: Option<String>,

    /// How many net/rpc calls may await answers at once [default: 100]
    #[arg(long, value_name = "N", value_parser = count, help_heading = "Go net/rpc")]
    pub max_in_flight: Option<NonZeroUsize>,

    #[command(flatten)]
    json: JsonArgs,

    #[command(flatten)]
    target: TargetArgs,

    #[command(flatten)]
    schema: SchemaArgs,

    #[command(flatten)]
    headers: CallHeaders,
}

/// Calls.
pub async fn run(args: CallArgs, surroundings: &Surroundings, io: &mut Writers<'_>) -> Result<Exit, Failed> {
    let all_backends = args.all_backends;
    let mut plan = plan::plan(&args, surroundings)?;
    data::fill(&mut plan.call.items)?;
    for note in data::notes(&plan.call.items) {
        writeln!(io.talk, "* {}", sanitize::line(&note))?;
    }
    if let Some(id) = &plan.trace {
        writeln!(io.talk, "* trace {id}")?;
    }
    io.warn(&plan.target)?;
    if let Some(compared) = plan.compared.take() {
        return Box::pin(compare::run(plan, compared, surroundings, io)).await;
    }
    if all_backends {
        return backends::run(plan, surroundings, io).await;
    }
    // It is large, and all verbs would have to have room for it.
    Box::pin(once(plan, surroundings.started(), surroundings, io)).await
}

/// Makes one call, in a time that counts from `started`.
async fn once(
    plan: CallPlan,
    mut started: Instant,
    surroundings: &Surroundings,
    io: &mut Writers<'_>,
) -> Result<Exit, Failed> {
    let CallPlan { call, target, style, about, reshape, prompt, dry_run, limit, .. } = plan;
    let reshaper = reshape.map(Reshaper::start).transpose().map_err(plan::ReshapeError)?;
    let mut asked = None;
    if prompt {
        match prompt::run((&call, &target), started, io).await? {
            Asked::Sources(sources) => asked = Some(sources),
            Asked::Left(code) => return Ok(Exit(code)),
        }
        // The deadline is not over what a person thinks.
        started = Instant::now();
    }
    // Files are read here, and one may be a pipe that nobody writes to: until then, a signal ends the process by itself.
    let opened = Session::open(call.session.clone(), started);
    let mut signal = pin!(super::signal());
    let ready = tokio::select! {
        biased;
        ready = prepare((opened, target.patience), call, asked, style, surroundings.stdin_terminal, io) => {
            ready.map_err(|failure| Failed::at(&target, failure))
        }
        code = &mut signal => {
            let mut printer = CallPrinter::new((&mut *io.out, &mut *io.talk), style, NONE, about);
            return Ok(interrupted(&mut printer, code).await?);
        }
    };
    let Ready { session, method, messages, options } = match ready {
        Ok(ready) => ready,
        Err(failed) => {
            let mut printer = CallPrinter::new((&mut *io.out, &mut *io.talk), style, NONE, about);
            printer.cut(&failed.ending())?;
            printer.out().finish().await?;
            return Err(failed);
        }
    };
    if dry_run {
        let preview = session.preview(messages, options);
        let look = (style, about, reshaper);
        return dry_run::run((&session, &method), preview, (&target, look), io, signal).await;
    }
    let shown = (Some(&method), Shown::Answers);
    let printer = CallPrinter::new((&mut *io.out, &mut *io.talk), style, shown, about).reshaped(reshaper);
    let call = session.call(messages, options);
    let exit = Show::new((&session, &target), printer, limit).drive(call, signal).await?;
    complete::remember(&target, &surroundings.places);
    // As with the runtime: the process's end takes it apart faster.
    std::mem::forget(session);
    Ok(exit)
}

/// There is no method, and so no messages.
const NONE: (Option<&Method>, Shown) = (None, Shown::Answers);

/// A call that can begin.
struct Ready {
    session: Session,
    method: Method,
    messages: Messages,
    options: CallOptions,
}

/// Finds the method and encodes what is at hand for it, or what was asked for before.
async fn prepare(
    (opened, patience): (Result<Session, OpenError>, Option<Duration>),
    plan: Planned,
    asked: Option<Vec<Source>>,
    style: CallStyle,
    stdin_terminal: bool,
    io: &mut Writers<'_>,
) -> Result<Ready, Failure> {
    let session = opened?;
    open::reach(&session, patience, io).await?;
    let method = found(&session, &plan, style, io).await?;
    let (input, options) = (plan.input.clone(), plan.options.clone());
    let sources = match asked {
        Some(sources) => sources,
        None => request(plan, &method, stdin_terminal, io)?,
    };
    let messages = session.encode(method.clone(), sources, input).await?;
    Ok(Ready { session, method, messages, options })
}

/// Finds the method, and tells what there is to be said of its schema.
async fn found(
    session: &Session,
    plan: &Planned,
    style: CallStyle,
    io: &mut Writers<'_>,
) -> Result<Method, Failure> {
    let method = if plan.raw.is_some() {
        session.unseen(&plan.method).ok_or_else(|| plan::not_in_full(&plan.method))?
    } else {
        open::method(session, &plan.method, &plan.options.course.retry, io).await?
    };
    if plan.options.get {
        get::may_be_called(&method)?;
    }
    half_close::may_be_left_out(plan, &method)?;
    if plan.check_schema {
        check_schema(session, &method.name(), io).await?;
    }
    talk::repairs(io.talk, session.schema().await.repairs(), style.talk.level)?;
    Ok(method)
}

/// Where the request comes from that the words give.
fn request(
    plan: Planned,
    method: &Method,
    stdin_terminal: bool,
    io: &mut Writers<'_>,
) -> Result<Vec<Source>, Failure> {
    if let Some((raw, note)) = plan.raw {
        if let Some(note) = note {
            writeln!(io.talk, "* {}", sanitize::line(&note))?;
        }
        Ok(vec![Source::Text(Origin::Flag("--raw-request", None), raw)])
    } else if plan.items.is_empty() {
        if let Some(notice) = data::notice(&plan.data, method.takes()).filter(|_| stdin_terminal) {
            writeln!(io.talk, "{notice}")?;
        }
        Ok(data::sources(plan.data, stdin_terminal))
    } else {
        Ok(vec![data::source_of(&plan.items, method, plan.input.allow_unknown_fields)?.0])
    }
}

/// Warns of what files and server do not agree on. What can't be found out is told as well, and ends no call.
async fn check_schema(session: &Session, method: &str, io: &mut Writers<'_>) -> Result<(), Failure> {
    let told = session.schema().await.disagreement(method).await;
    match told {
        Ok(changes) if changes.is_empty() => {}
        Ok(changes) => {
            writeln!(io.talk, "warning: the server says otherwise of {method} than the files:")?;
            for change in &changes {
                write!(io.talk, "  ")?;
                diff::line(io.talk, change, Paint::Plain)?;
            }
        }
        Err(error) => {
            let why = sanitize::brief(&Failure::from(error).told(None).message);
            writeln!(io.talk, "warning: --check-schema could not be done: {why}")?;
        }
    }
    Ok(())
}
