//! `rpcctl doctor`: walks the way to a server, one leg after the other, and says at each whether a call gets past it, and
//! what mends it where none does.
//!
//! A check gives a [`Step`](crate::output::doctor::Step), a value, and `output::doctor` prints it. No step waits longer
//! than `--connect-timeout`, and what does not depend on a leg that failed is looked at all the same.

mod exam;
mod fix;
mod go;
mod http;
mod offers;
mod plan;
mod probe;
mod routing;
mod spoken;
mod way;

use clap::Args;

use super::signal::signal;
use super::{Exit, Failed, Surroundings, Writers, open};
use crate::args::{CallHeaders, ReportFormat, SchemaArgs, TargetArgs};
use crate::failure;
use crate::output::doctor as show;
use crate::session::{Session, SessionPlan};
use crate::wire::{Deadline, passed};
use exam::Exam;
use plan::Plan;

const EXAMPLES: &str = "\
Examples:
  rpcctl doctor localhost:50051                    every leg of the way, and what mends it
  rpcctl doctor localhost:50051 HelloService       and whether this service is there and healthy
  rpcctl doctor localhost:50051 HelloService/SayHello   call this first, with an empty message
  rpcctl doctor connect+https://api.example.com    by another protocol
  rpcctl doctor netrpc+http://localhost:1234       a server of Go's net/rpc
  rpcctl doctor api.example.com:443 -o json | jq -r '.steps[].fix.command // empty'

No method is called but health checks, reflection, and one that no server has; a method that is named is called with an \
empty message.

Exit status: 0 if a call can work as the target is written; 1 if it can't; 68 when --timeout passed before that was \
known. docs/doctor.md has every step.";

/// Find out why a server won't answer, and which flag mends it
#[derive(Debug, Clone, Args)]
#[command(after_help = EXAMPLES, override_usage = "rpcctl doctor [OPTIONS] [TARGET] [SERVICE]")]
pub struct DoctorArgs {
    /// The server (HOST:PORT, a URL, unix:PATH, demo:), then a service that has to be there, or a method to call
    #[arg(value_names = ["TARGET", "SERVICE"], num_args = 0..)]
    words: Vec<String>,

    /// How to print
    #[arg(short, long, value_name = "FORMAT", value_enum, default_value_t)]
    output: ReportFormat,

    #[command(flatten)]
    target: TargetArgs,

    #[command(flatten)]
    schema: SchemaArgs,

    #[command(flatten)]
    headers: CallHeaders,
}

/// How an examination ended.
enum End {
    Done,
    Signal(u8),
    Deadline(Deadline),
}

/// Examines.
pub async fn run(
    args: &DoctorArgs,
    surroundings: &Surroundings,
    io: &mut Writers<'_>,
) -> Result<Exit, Failed> {
    let plan = args.plan(surroundings)?;
    io.warn(&plan.target)?;
    let signal = signal();
    let mut exam = Exam::new(args.output, surroundings.colors.stdout);
    let end = tokio::select! {
        biased;
        exit = signal => End::Signal(exit),
        deadline = passed(plan.deadline) => End::Deadline(deadline),
        result = Box::pin(examine(&plan, &mut exam, surroundings, io)) => result.map(|()| End::Done)?,
    };
    let doing = exam.busy_with();
    let cut = match end {
        End::Done => None,
        End::Signal(_) => Some("it was interrupted"),
        End::Deadline(_) => Some("--timeout passed first"),
    };
    if let Some(why) = cut {
        let last: &[&'static str] = if plan.go.is_some() { &go::STEPS } else { &AFTER_TLS };
        exam.skip_rest(io, &[&FIRST, last].concat(), why)?;
    }
    let steps = exam.into_steps();
    let paint = surroundings.colors.stdout;
    match args.output {
        ReportFormat::Text if matches!(end, End::Done) => show::verdict(io.out, &steps, paint)?,
        ReportFormat::Text => {}
        ReportFormat::Json => {
            let (named, complete) = (plan.named(), matches!(end, End::Done));
            show::json(io.out, (&plan.target.place.text, named), complete, &steps, paint)?;
        }
    }
    match end {
        End::Done if show::works(&steps) => Ok(Exit::OK),
        End::Done => Ok(Exit(1)),
        End::Signal(exit) => Ok(Exit(exit)),
        End::Deadline(deadline) => {
            Err(Failed::at(&plan.target, failure::deadline(&deadline, &format!("looking at {doing}"))))
        }
    }
}

/// All steps, in their order.
async fn examine(
    plan: &Plan,
    exam: &mut Exam,
    surroundings: &Surroundings,
    io: &mut Writers<'_>,
) -> Result<(), Failed> {
    if let Some(patience) = plan.target.patience {
        let waiting = SessionPlan { server: plan.server(), timeout: plan.target.timeout, in_full: false };
        let session = Session::open(waiting, surroundings.started());
        let session = session.map_err(|error| Failed::at(&plan.target, error))?;
        // Why it can't be reached is what the steps are about to say.
        let _ = open::reach(&session, Some(patience), io).await;
    }
    let dialer = plan.dialer().map_err(|error| Failed::at(&plan.target, error))?;
    let way = way::walk(plan, &dialer, exam, io).await?;
    if plan.go.is_some() {
        return Ok(go::examine(plan, way, exam, io).await?);
    }
    let Some(way) = way else {
        return Ok(exam.skip(io, &AFTER_TLS, "there is no connection to speak on")?);
    };
    exam.begin("http2");
    let heard = Box::pin(http::listen(plan, &way)).await;
    if !http::tell(plan, &heard, &way, exam, io)? {
        return Ok(exam.skip(io, &AFTER_HTTP, "nobody here speaks what the server does")?);
    }
    routing::examine(plan, &heard, exam, io).await?;
    if !spoken::tell(plan, &heard, exam, io)? {
        return Ok(exam.skip(io, &AFTER_PROTOCOL, "nothing answers as the target is written")?);
    }
    offers::examine(plan, exam, io).await?;
    Ok(())
}

/// The way to a server, whatever it speaks.
const FIRST: [&str; 4] = ["resolve", "tcp", "proxy", "tls"];
const AFTER_TLS: [&str; 9] =
    ["http2", "http1", "authority", "grpc", "grpc-web", "connect", "reflection", "health", "call"];
const AFTER_HTTP: [&str; 7] = ["authority", "grpc", "grpc-web", "connect", "reflection", "health", "call"];
const AFTER_PROTOCOL: [&str; 3] = ["reflection", "health", "call"];
