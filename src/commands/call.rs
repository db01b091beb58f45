//! `rpcctl call`: one call of any method, messages in as they come, answers out as they come.

mod data;

use std::collections::HashSet;
use std::future::Future;
use std::io::{self, Write as _};
use std::time::{Duration, Instant};

use clap::{ArgAction, Args};

use super::failed::name_apart;
use data::Data;

use super::{Exit, Failed, Surroundings, Writers};
use crate::args::{
    ArgsError, CallHeaders, FormatArg, JsonArgs, OutputArg, SchemaArgs, TargetArgs, TargetPlan, message_size,
    split,
};
use crate::failure::{Failure, Kind, status_exit};
use crate::message::Format;
use crate::output::call::{CallPrinter, CallStyle, Form, detail_types};
use crate::output::talk;
use crate::session::{Call, Session, SessionPlan};
use crate::wire::{Event, EventKind, Metadata, Status};

const EXAMPLES: &str = "\
Examples:
  rpcctl call localhost:50051 hello.HelloService/SayHello -d '{\"name\":\"Alice\"}'
  rpcctl call localhost:50051 HelloService/SayHello -d @request.json -v
  rpcctl call https://api.example.com/api.v1.Orders/Get -H 'authorization: Bearer TOKEN' -d '{\"id\":7}'
  printf '{\"number\":1}{\"number\":2}' | rpcctl call demo: Demo/Sum -d @      messages from stdin, as they come
  rpcctl call demo: Demo/CountDown -d '{\"from\":3}' -o jsonl | jq .     a stream, a line a message
  rpcctl call demo: Demo/Echo --proto demo/v1/demo.proto -I proto -d '{}'  schema from files

Answers go to stdout; everything else goes to stderr. A call that ends in an error status exits with 64 + its
code. For a method that takes one message, the first document is the request as soon as it is complete.";

/// Call a method
///
/// METHOD is pkg.Service/Method, pkg.Service.Method, or any end of that which only one method has. It can also
/// stand at the end of the target: localhost:50051/pkg.Service/Method.
#[derive(Debug, Clone, Args)]
#[command(after_help = EXAMPLES, override_usage = "rpcctl call [OPTIONS] [TARGET] METHOD")]
pub struct CallArgs {
    /// The server (HOST:PORT, http://…, https://…, unix:PATH, demo:), then the method
    #[arg(value_names = ["TARGET", "METHOD"], num_args = 0..=2)]
    pub words: Vec<String>,

    /// Send these messages: JSON, or @FILE, or @ for stdin (repeatable) [default: one empty message, or none to a client stream]
    #[arg(short, long, value_name = "JSON|@FILE|@", allow_hyphen_values = true)]
    pub data: Vec<String>,

    /// How messages are written in -d, files and stdin [default: json]
    #[arg(short, long, value_name = "FORMAT")]
    pub input: Option<FormatArg>,

    /// Pass over JSON members that the message does not have
    #[arg(long)]
    pub allow_unknown_fields: bool,

    /// The largest answer taken, such as 64M; 0 is no limit
    #[arg(long, alias = "max-msg-sz", value_name = "BYTES", default_value = "4M", value_parser = message_size)]
    pub max_message_size: usize,

    /// How answers are printed [default: json]
    #[arg(short, long, value_name = "FORMAT", help_heading = "Output")]
    pub output: Option<OutputArg>,

    /// --input and --output at once
    #[arg(long, value_name = "FORMAT", help_heading = "Output")]
    pub format: Option<FormatArg>,

    /// Tell about connection, headers, trailers, status and timings on stderr
    #[arg(short, long, action = ArgAction::Count, help_heading = "Output")]
    pub verbose: u8,

    #[command(flatten)]
    json: JsonArgs,

    #[command(flatten)]
    target: TargetArgs,

    #[command(flatten)]
    schema: SchemaArgs,

    #[command(flatten)]
    headers: CallHeaders,
}

/// What `call` is to do.
struct CallPlan {
    session: SessionPlan,
    target: TargetPlan,
    method: String,
    metadata: Metadata,
    data: Vec<Data>,
    input: Format,
    allow_unknown_fields: bool,
    max_message_size: usize,
    style: CallStyle,
}

/// Words that say something that can't be.
#[derive(Debug, thiserror::Error)]
enum WordsError {
    #[error("no method given")]
    NoMethod,
    #[error("-o binary would write bytes to the terminal")]
    BinaryToTerminal,
}

impl From<WordsError> for Failure {
    fn from(error: WordsError) -> Self {
        let binary = matches!(error, WordsError::BinaryToTerminal);
        let failure = Self::new(Kind::Wrong, error);
        if binary { failure.hint("redirect it: rpcctl call … -o binary > answer.bin") } else { failure }
    }
}

/// Calls.
pub async fn run(args: CallArgs, surroundings: &Surroundings, io: &mut Writers<'_>) -> Result<Exit, Failed> {
    let plan = plan(args, surroundings)?;
    io.warn_unverified(&plan.target)?;
    let at = |failure: Failure| Failed::at(&plan.target, failure);
    let session = Session::open(plan.session, surroundings.started).map_err(|error| at(error.into()))?;
    let method = session.find(&plan.method).await.map_err(|error| at(error.into()))?;
    if plan.style.verbose {
        talk::repairs(io.talk, session.schema().await.repairs())?;
    }
    let notice = data::notice(&plan.data, method.shape().takes());
    if let Some(notice) = notice.filter(|_| surroundings.stdin_terminal) {
        writeln!(io.talk, "{notice}")?;
    }
    let sources = data::sources(plan.data);
    let requests = session.encode(&method, sources, plan.input, plan.allow_unknown_fields).await?;
    let signal = super::signal();
    let call = session.call(&method, plan.metadata, plan.max_message_size, requests);
    let printer = CallPrinter::new((&mut *io.out, &mut *io.talk), plan.style, &method, surroundings.started);
    Show { session: &session, printer, tried: HashSet::new() }.drive(call, signal).await.map_err(|failed| {
        match failed {
            Ended::Failed(failure) => at(failure),
            Ended::Print(error) => error.into(),
        }
    })
}

fn plan(args: CallArgs, surroundings: &Surroundings) -> Result<CallPlan, Failed> {
    let (place, name) = split(&args.words).map_err(ArgsError::from)?;
    let mut target = args.target.plan(place, &surroundings.given)?;
    let (prefix, method) = if name.is_some() {
        (target.place.path.trim_end_matches('/'), name)
    } else {
        let (prefix, method) = target.place.prefix_and_method();
        (prefix, method.map(str::to_owned))
    };
    target.again.complete(prefix, &args.schema, &args.headers.both);
    let Some(method) = method else {
        let failure = Failure::from(WordsError::NoMethod);
        let failure = match name_apart(&target) {
            Some(hint) => failure.hint(hint),
            None => failure.run("see the methods", "list", "-l"),
        };
        return Err(Failed::at(&target, failure));
    };
    let mut channel = target.channel.clone();
    prefix.clone_into(&mut channel.prefix);
    let schema = args.schema.plan(args.headers.both.reflection().map_err(ArgsError::from)?, false);
    let input = args.input.or(args.format).map_or(Format::Json, Format::from);
    let output = args.output.or(args.format.map(|format| match format {
        FormatArg::Json => OutputArg::Json,
        FormatArg::Text => OutputArg::Text,
    }));
    let terminal = surroundings.stdout_terminal;
    let form = match output.unwrap_or(OutputArg::Json) {
        OutputArg::Json => Form::Json(args.json.style(true, terminal)),
        OutputArg::Jsonl => Form::Json(args.json.style(false, terminal)),
        OutputArg::Text => Form::Text,
        OutputArg::Binary if terminal => return Err(WordsError::BinaryToTerminal.into()),
        OutputArg::Binary => Form::Binary,
        OutputArg::None => Form::Nothing,
    };
    Ok(CallPlan {
        session: SessionPlan { channel, schema, timeout: target.timeout },
        method,
        metadata: args.headers.call().map_err(ArgsError::from)?,
        data: data::read(args.data, input)?,
        input,
        allow_unknown_fields: args.allow_unknown_fields,
        max_message_size: args.max_message_size,
        style: CallStyle { form, verbose: args.verbose > 0 },
        target,
    })
}

/// Shows one call's events.
struct Show<'a> {
    session: &'a Session,
    printer: CallPrinter<'a>,
    /// Types that were looked up already, found or not.
    tried: HashSet<String>,
}

/// Why a call was not shown to its end.
enum Ended {
    Failed(Failure),
    Print(io::Error),
}

impl From<io::Error> for Ended {
    fn from(error: io::Error) -> Self {
        Self::Print(error)
    }
}

/// How long a reader may take for what is left to print when a signal has come.
const LAST_WRITE: Duration = Duration::from_millis(500);
/// How many events are shown before a signal is looked for, when they come faster than they can be shown.
const BURST: usize = 256;

impl Show<'_> {
    async fn drive(mut self, mut call: Call, signal: impl Future<Output = u8>) -> Result<Exit, Ended> {
        tokio::pin!(signal);
        let mut burst = 0;
        loop {
            if self.printer.out().is_full() {
                // A reader that does not read holds up the call, and neither signals nor the deadline.
                tokio::select! {
                    room = self.printer.out().room() => room?,
                    code = &mut signal => return Ok(self.interrupted(code).await?),
                    status = passed(self.session) => return Ok(self.stalled(&status)?),
                }
            }
            let at_hand = tokio::select! {
                biased;
                event = call.next(), if burst < BURST => Some(event),
                () = std::future::ready(()) => None,
            };
            burst += 1;
            let event = if let Some(event) = at_hand {
                event
            } else {
                burst = 0;
                self.printer.out().flush()?;
                tokio::select! {
                    biased;
                    code = &mut signal => return Ok(self.interrupted(code).await?),
                    event = call.next() => event,
                }
            };
            let end = match event {
                None => Ok(Exit::OK),
                Some(Err(error)) => Err(Ended::Failed(error.into())),
                Some(Ok(event)) => {
                    tokio::select! {
                        biased;
                        shown = self.show(&event) => shown?,
                        code = &mut signal => return Ok(self.interrupted(code).await?),
                    }
                    let EventKind::End(status, _) = event.kind else { continue };
                    Ok(Exit(status_exit(status.code)))
                }
            };
            tokio::select! {
                finished = self.printer.out().finish() => finished?,
                code = &mut signal => return Ok(self.interrupted(code).await?),
                status = passed(self.session) => if matches!(end, Ok(Exit::OK)) {
                    return Ok(self.stalled(&status)?);
                },
            }
            return end;
        }
    }

    /// A signal ends the call: what came is printed first, as far as somebody reads it.
    async fn interrupted(&mut self, code: u8) -> io::Result<Exit> {
        // ^C goes to a whole pipeline: a reader that it ended first changes nothing about how this ends.
        let _ = tokio::time::timeout(LAST_WRITE, self.printer.out().finish()).await;
        self.printer.interrupted(Instant::now())?;
        Ok(Exit(code))
    }

    /// The deadline passed while nobody read the answer.
    fn stalled(&mut self, status: &Status) -> io::Result<Exit> {
        self.printer.local_status(status)?;
        Ok(Exit(status_exit(status.code)))
    }

    async fn show(&mut self, event: &Event) -> io::Result<()> {
        match &event.kind {
            EventKind::Message { payload, .. } => {
                let missing = self.printer.render(payload, &*self.session.schema().await);
                if !missing.0.is_empty() && self.learn(missing.0).await {
                    self.printer.render(payload, &*self.session.schema().await);
                }
            }
            EventKind::End(status, _) if status.is_from_server() => {
                self.learn(detail_types(status)).await;
            }
            _ => {}
        }
        self.printer.event(event, &*self.session.schema().await)
    }

    /// Asks the server for types that only an `Any` names, each once.
    async fn learn(&mut self, mut types: Vec<String>) -> bool {
        types.retain(|name| self.tried.insert(name.clone()));
        !types.is_empty() && self.session.schema().await.learn(&types).await
    }
}

/// Done when the session's deadline has passed.
async fn passed(session: &Session) -> Status {
    match session.deadline() {
        Some(deadline) => {
            tokio::time::sleep_until(deadline.at.into()).await;
            deadline.exceeded("the answer was being written")
        }
        None => std::future::pending().await,
    }
}
