//! `rpcctl health`: how a server and its services are, by grpc.health.v1, with the exit codes of grpc-health-probe.

use std::future::{Future as _, poll_fn};
use std::io::Write as _;
use std::pin::pin;
use std::task::Poll;
use std::time::{Duration, SystemTime};

use clap::{Arg, ArgAction, Args, ValueEnum};

use super::failed::origin;
use super::{Exit, Failed, Surroundings, Writers, open, signal};
use crate::args::{
    ArgsError, Headers, ReflectionHeaders, SchemaArgs, SecretsArgs, TargetArgs, TargetPlan,
    may_be_meant_as_host, quoted, split_names,
};
use crate::failure::{Failure, Kind};
use crate::output::health::{self as show, Look};
use crate::output::talk::{self, Level};
use crate::session::{
    Call, CallError, CallOptions, Code, Event, EventKind, HealthQuestion, Metadata, Origin, Payload, Phase,
    ServerPlan, ServingStatus, Session, SessionPlan, Status,
};

const EXAMPLES: &str = "\
Examples:
  rpcctl health localhost:50051                        the server as a whole
  rpcctl health localhost:50051 hello.HelloService     a service of it
  rpcctl health localhost:50051 --list                 every service
  rpcctl health localhost:50051 --watch                each change, until ^C
  rpcctl health localhost:50051 --connect-timeout 1s --timeout 2s     as a probe
  rpcctl health localhost:50051 -o json | jq -r .status

Exit status, as grpc-health-probe has it: 0 SERVING; 1 asked for wrongly; 2 no connection; 3 the call failed, also for a \
service that is not known; 4 not SERVING. Of several the highest counts. docs/health.md has a probe of Kubernetes, and how \
grpc_health_probe's flags are called here.";

/// How long a server may take to say how it is, where nothing else is said: a probe that hangs is worse than one that fails.
/// What connecting may take comes on top, so that it is told as that where it takes too long.
const PATIENCE: Duration = Duration::from_secs(10);

/// What `--timeout` is where it is not given.
fn about_timeout(flag: Arg) -> Arg {
    const HELP: &str =
        "The deadline for everything [default: --connect-timeout and 10s for the answer; none with --watch]";
    flag.help(HELP).long_help(format!("{HELP}\n\nThe server is told what is left of it. Also --max-time."))
}

/// Ask a server how it is
///
/// By grpc.health.v1.Health, which needs no schema. Without a SERVICE the server as a whole is asked about.
#[derive(Debug, Clone, Args)]
#[command(after_help = EXAMPLES, override_usage = "rpcctl health [OPTIONS] [TARGET] [SERVICE]...")]
#[command(mut_arg("timeout", about_timeout))]
pub struct HealthArgs {
    /// The server (HOST:PORT, a URL, unix:PATH, demo:), then services by their full names
    #[arg(value_names = ["TARGET", "SERVICE"], num_args = 0..)]
    pub words: Vec<String>,

    /// Tell it again each time it changes, until ^C
    #[arg(short, long)]
    watch: bool,

    /// Ask about every service that the server knows
    #[arg(short, long, conflicts_with = "watch")]
    list: bool,

    /// How to print
    #[arg(short, long, value_name = "FORMAT", value_enum, default_value_t)]
    output: HealthFormat,

    /// Tell about connection and timings on stderr; -vv tells all
    #[arg(short, long, action = ArgAction::Count, help_heading = "Output")]
    verbose: u8,

    #[command(flatten)]
    secrets: SecretsArgs,

    #[command(flatten)]
    target: TargetArgs,

    #[command(flatten)]
    headers: ReflectionHeaders,
}

/// The `-o` values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum HealthFormat {
    /// For reading
    #[default]
    Text,
    /// For programs: an object a line
    Json,
}

// grpc-health-probe's exit codes.
/// What it is to do was said wrongly.
pub(super) const WRONG: u8 = 1;
/// There is no connection.
const NO_CONNECTION: u8 = 2;
/// The call failed.
const NO_ANSWER: u8 = 3;
/// What was asked about is not well.
const NOT_SERVING: u8 = 4;

/// Words that say what can't be.
#[derive(Debug, thiserror::Error)]
enum HealthError {
    #[error("health is asked about by gRPC, and this is a net/rpc server")]
    Go,
    #[error("--list is about every service, and {0} is one")]
    ListOfOne(String),
}

impl From<HealthError> for Failure {
    fn from(error: HealthError) -> Self {
        Self::new(Kind::Wrong, error)
    }
}

/// What is asked of whom.
struct HealthPlan {
    session: SessionPlan,
    target: TargetPlan,
    questions: Vec<HealthQuestion>,
    /// A service that may be meant as the server.
    host: Option<String>,
    options: CallOptions,
    look: Look,
    talk: talk::Style,
}

impl HealthArgs {
    fn plan(&self, surroundings: &Surroundings) -> Result<HealthPlan, Failed> {
        let schema = SchemaArgs::default();
        let given = &surroundings.given.under.flags;
        let words = |error| Failed::words(error, "health", (&self.target, &schema, &self.headers), given, "");
        let (place, services) = split_names(&self.words, self.target.address.is_some()).map_err(words)?;
        // The server may know any name, so it is asked about this one, too.
        let host = services
            .first()
            .filter(|name| place.is_none() && self.target.address.is_none() && may_be_meant_as_host(name));
        let mut target = self.target.plan(place, &surroundings.given)?;
        let prefix = target.place.path.trim_end_matches('/').to_owned();
        target.settle(&prefix, &schema, &self.headers);
        let under = &surroundings.given.under.headers;
        let read = self.headers.read(under, &surroundings.world, target.place.protocol)?;
        target.carry(&read)?;
        let Headers { reflection: metadata, .. } = read;
        if target.netrpc(&Metadata::default(), &schema, &self.headers).map_err(ArgsError::from)?.is_some() {
            return Err(Failed::at(&target, HealthError::Go));
        }
        if let (true, Some(service)) = (self.list, services.first()) {
            return Err(HealthError::ListOfOne(service.clone()).into());
        }
        let ask = if self.watch { HealthQuestion::Watch } else { HealthQuestion::Check };
        let questions = match services {
            _ if self.list => vec![HealthQuestion::List],
            [] => vec![ask(String::new())],
            services => services.iter().cloned().map(ask).collect(),
        };
        // Whoever watches waits for as long as it takes.
        let waiting = target.patience.unwrap_or_default();
        let usual = waiting.saturating_add(self.target.connect_timeout).saturating_add(PATIENCE);
        let timeout = target.timeout.or((!self.watch).then_some(usual));
        let talk = talk::Style { level: Level::of(self.verbose), secrets: self.secrets.plan() };
        let server = ServerPlan::Grpc { channel: target.channel.clone(), schema: None };
        Ok(HealthPlan {
            session: SessionPlan { server, timeout, in_full: talk.level == Level::All },
            host: host.cloned(),
            target,
            questions,
            options: CallOptions::new(metadata, 4 << 20),
            look: match self.output {
                HealthFormat::Text => Look::Text(surroundings.colors.stdout),
                HealthFormat::Json => Look::Json,
            },
            talk,
        })
    }
}

/// Asks.
pub async fn run(
    args: &HealthArgs,
    surroundings: &Surroundings,
    io: &mut Writers<'_>,
) -> Result<Exit, Failed> {
    let plan = match args.plan(surroundings) {
        Ok(plan) => plan,
        Err(failed) => return told(&failed, WRONG, surroundings, io),
    };
    io.warn(&plan.target)?;
    let opened = open::session(plan.session.clone(), &plan.target, surroundings, io).await;
    let session = match opened {
        Ok(session) => session,
        Err(failed) => {
            for question in &plan.questions {
                show_failure(&plan, question, &why(&failed), io)?;
            }
            return told(&failed, NO_CONNECTION, surroundings, io);
        }
    };
    let mut signal = pin!(signal());
    tokio::select! {
        biased;
        exit = ask_all(&plan, &session, surroundings, io) => exit,
        code = &mut signal => {
            session.close().await;
            Ok(Exit(code))
        }
    }
}

/// Tells of a failure, which ends in a code of this verb's own.
fn told(
    failed: &Failed,
    code: u8,
    surroundings: &Surroundings,
    io: &mut Writers<'_>,
) -> Result<Exit, Failed> {
    io.talk.flush()?;
    failed.tell(surroundings.colors);
    Ok(Exit(code))
}

/// One question under way.
struct Asked<'q> {
    question: &'q HealthQuestion,
    call: Call,
    events: Vec<Event>,
    over: bool,
}

/// Asks all at once, and tells each answer as it comes.
async fn ask_all(
    plan: &HealthPlan,
    session: &Session,
    surroundings: &Surroundings,
    io: &mut Writers<'_>,
) -> Result<Exit, Failed> {
    let mut worst = 0;
    let mut asked = Vec::new();
    for question in &plan.questions {
        match session.ask_health(question, plan.options.clone()).await {
            Some(Ok(call)) => asked.push(Asked { question, call, events: Vec::new(), over: false }),
            Some(Err(error)) => {
                return told(&Failed::at(&plan.target, error), WRONG, surroundings, io);
            }
            None => {}
        }
    }
    while asked.iter().any(|asked| !asked.over) {
        let (place, event) = next(&mut asked).await;
        let Some(Asked { question, events, over, .. }) = asked.get_mut(place) else { break };
        let code = match event {
            None => {
                *over = true;
                continue;
            }
            Some(Err(error)) => {
                *over = true;
                let failed = Failed::at(&plan.target, error);
                show_failure(plan, question, &why(&failed), io)?;
                told(&failed, NO_CONNECTION, surroundings, io)?.0
            }
            Some(Ok(event)) => match event.kind {
                EventKind::Message { payload, .. } => tell_answer(plan, question, &payload, io)?,
                EventKind::End(status, _) => {
                    *over = true;
                    if plan.talk.level >= Level::Call {
                        let since = (surroundings.started(), plan.talk);
                        talk::schema(io.talk, events, std::iter::empty(), since)?;
                    }
                    tell_end(plan, question, &status, session, io).await?
                }
                // What is told of it are no messages.
                _ => {
                    events.extend(without_payload(event));
                    continue;
                }
            },
        };
        worst = worst.max(code);
    }
    Ok(Exit(worst))
}

/// An event as the wire tells it, which has no messages.
fn without_payload(event: Event<Payload>) -> Option<Event> {
    let kind = match event.kind {
        // There is none to find out.
        EventKind::Phase(Phase::Schema, _) => return None,
        EventKind::Phase(phase, took) => EventKind::Phase(phase, took),
        EventKind::Settings(settings) => EventKind::Settings(settings),
        EventKind::Requested(head) => EventKind::Requested(head),
        EventKind::Headers(headers) => EventKind::Headers(headers),
        _ => return None,
    };
    Some(Event { at: event.at, kind })
}

/// What comes next of any of them, and whose it is.
async fn next(asked: &mut [Asked<'_>]) -> (usize, Option<Result<Event<Payload>, CallError>>) {
    poll_fn(|cx| {
        for (place, Asked { call, over, .. }) in asked.iter_mut().enumerate() {
            if *over {
                continue;
            }
            // Nothing is lost of an event when the future that waits for it is dropped.
            if let Poll::Ready(event) = pin!(call.next()).poll(cx) {
                return Poll::Ready((place, event));
            }
        }
        Poll::Pending
    })
    .await
}

/// Prints an answer, and tells what it comes to.
fn tell_answer(
    plan: &HealthPlan,
    question: &HealthQuestion,
    payload: &Payload,
    io: &mut Writers<'_>,
) -> Result<u8, Failed> {
    let rows = match question.read(payload) {
        Ok(rows) => rows,
        Err(error) => {
            show_failure(plan, question, &error.to_string(), io)?;
            writeln!(io.talk, "error: {error}")?;
            return Ok(NO_ANSWER);
        }
    };
    let now = matches!(question, HealthQuestion::Watch(_)).then(|| {
        let now = humantime::format_rfc3339_seconds(SystemTime::now()).to_string();
        if plan.look == Look::Json { now } else { now.get(11..).unwrap_or_default().to_owned() }
    });
    let mut out = Vec::new();
    show::rows(&mut out, &rows, plan.look, now.as_deref())?;
    io.out.put(out.into());
    io.out.flush()?;
    let well = rows.iter().all(|(_, status)| *status == ServingStatus::Serving);
    Ok(if well { 0 } else { NOT_SERVING })
}

/// Tells how a question ended, and what that comes to.
async fn tell_end(
    plan: &HealthPlan,
    question: &HealthQuestion,
    status: &Status,
    session: &Session,
    io: &mut Writers<'_>,
) -> Result<u8, Failed> {
    if status.code == Code::OK {
        return Ok(0);
    }
    show_failure(plan, question, &talk::outcome(status), io)?;
    let about = match question.service() {
        "" => String::new(),
        service => format!("{service}: "),
    };
    talk::failed(io.talk, &about, status)?;
    if status.code == Code::UNIMPLEMENTED && status.origin == Origin::Server {
        let hint = if *question == HealthQuestion::List && checks(plan, session).await {
            "hint: the server does not list what it knows: name a service"
        } else {
            "hint: the server has no grpc.health.v1.Health; rpcctl list shows what it has"
        };
        writeln!(io.talk, "{hint}")?;
    }
    if status.code == Code::NOT_FOUND {
        if let Some(host) = plan.host.as_ref().filter(|host| *host == question.service()) {
            writeln!(
                io.talk,
                "hint: {host} was taken for a service; if it is the server, add its port: rpcctl health {}",
                quoted(&format!("{host}:50051"))
            )?;
        }
        if let Some(origin) = origin(&plan.target) {
            writeln!(io.talk, "hint: {origin}")?;
        }
    }
    // Before the server has said anything it is the connection that failed.
    let unheard = status.origin == Origin::Local && !session.has_spoken();
    Ok(if unheard { NO_CONNECTION } else { NO_ANSWER })
}

/// Whether a server that lists nothing answers about itself: not all that have the service list.
async fn checks(plan: &HealthPlan, session: &Session) -> bool {
    let question = HealthQuestion::Check(String::new());
    let Some(Ok(mut call)) = session.ask_health(&question, plan.options.clone()).await else { return false };
    while let Some(Ok(event)) = call.next().await {
        if let EventKind::End(status, _) = event.kind {
            return status.code != Code::UNIMPLEMENTED;
        }
    }
    false
}

/// A failure with what led to it, in a line.
fn why(failed: &Failed) -> String {
    let told = failed.told();
    std::iter::once(told.message).chain(told.causes).collect::<Vec<_>>().join(": ")
}

/// A line of JSON for a question that has no answer, where lines are JSON.
fn show_failure(
    plan: &HealthPlan,
    question: &HealthQuestion,
    error: &str,
    io: &mut Writers<'_>,
) -> Result<(), Failed> {
    if plan.look == Look::Json {
        let mut out = Vec::new();
        show::failure(&mut out, question.service(), error)?;
        io.out.put(out.into());
        io.out.flush()?;
    }
    Ok(())
}
