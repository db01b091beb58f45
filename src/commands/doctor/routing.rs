//! Whether what answers goes by the name that a call has in `:authority`, and knows this one.

use std::io;
use std::net::IpAddr;

use super::super::Writers;
use super::exam::Exam;
use super::http::Heard;
use super::plan::Plan;
use super::probe::NOTHING;
use super::spoken::{self, Taken};
use crate::args::quoted;
use crate::failure::can_be_pasted;
use crate::output::doctor::Step;
use crate::transport::{Dialer, Http, look};
use crate::wire::{Deadline, passed};

/// A name that nobody has (RFC 2606 §2).
const NOBODY: &str = "rpcctl.invalid";
/// How many other names are tried.
const MOST: usize = 4;

/// Asks by other names.
pub(super) async fn examine(
    plan: &Plan,
    heard: &Heard,
    exam: &mut Exam,
    io: &mut Writers<'_>,
) -> io::Result<()> {
    exam.begin("authority");
    let step = match (heard.own(plan), spoken::own_look(plan, heard)) {
        (Some(http), Some(look)) => match look.taken {
            Taken::Yes => known(plan, http).await,
            Taken::No(_) if heard.looks.iter().any(|look| look.taken.is_yes()) => {
                Step::skipped("authority", "another protocol is answered, so it is not the name")
            }
            Taken::No(_) => unknown(plan, http, heard).await,
            Taken::Lost(_) | Taken::Late(_) => Step::skipped("authority", "there is no answer to compare"),
        },
        _ => Step::skipped("authority", "there is no answer to compare"),
    };
    exam.tell(io, step)
}

/// The name that calls go by.
fn named(plan: &Plan) -> String {
    let channel = &plan.target.channel;
    channel.authority.clone().unwrap_or_else(|| channel.target.endpoint.authority())
}

/// Whether this name is answered.
async fn answered(plan: &Plan, http: Http, name: Option<&str>, limit: Option<Deadline>) -> bool {
    let mut channel = plan.channel(spoken::own(plan), http);
    channel.authority = name.map(str::to_owned);
    Box::pin(spoken::taken(plan, channel, limit)).await.is_yes()
}

/// The name is known; another may not be.
async fn known(plan: &Plan, http: Http) -> Step {
    let began = std::time::Instant::now();
    let name = named(plan);
    let others = answered(plan, http, Some(NOBODY), plan.limit()).await;
    let detail = if others {
        format!("the answer is the same for {name} and any other name")
    } else {
        format!("calls are routed by it, and {name} is known")
    };
    Step::passed("authority", began.elapsed(), detail).fact("authority", name).fact("routed", !others)
}

/// Nothing is answered; by another name it may be.
async fn unknown(plan: &Plan, http: Http, heard: &Heard) -> Step {
    let began = std::time::Instant::now();
    let (name, given, limit) = (named(plan), plan.target.channel.authority.is_some(), plan.limit());
    let step =
        |detail: String| Step::failed("authority", began.elapsed(), detail).fact("authority", name.clone());
    if given && answered(plan, http, None, limit).await {
        let own = plan.server_target().endpoint.authority();
        let again = plan.target.again.without(&["--authority"]);
        return step(format!("{name} is not answered, and {own} is"))
            .fix(plan.fix("call it by its own name", &again));
    }
    for other in others(plan, heard, &name) {
        if answered(plan, http, Some(&other), limit).await {
            return step(format!("{name} is not answered, and {other} is")).fix(plan.with(
                "call it by that name",
                "--authority",
                &quoted(&other),
            ));
        }
    }
    match status(plan, http, &name, limit).await {
        Some(status @ (404 | 421)) => {
            step(format!("{name} is answered with HTTP {status}, as routers do that know no such name"))
                .fact("status", status)
                .fix(plan.with("call it by a name that it is routed by", "--authority", "NAME"))
        }
        _ => Step::skipped("authority", "no other name is answered either"),
    }
}

/// Names that the server may have: its host without the port, and those that TLS has for it.
fn others(plan: &Plan, heard: &Heard, known: &str) -> Vec<String> {
    let target = plan.server_target();
    let host = target.endpoint.host().to_owned();
    let in_tls = target.tls.as_ref().and_then(|tls| tls.server_name.clone());
    let certified =
        heard.certified.iter().filter(|name| can_be_pasted(name) && name.parse::<IpAddr>().is_err());
    let mut others: Vec<String> = Vec::new();
    for name in in_tls.into_iter().chain(certified.cloned()).chain([host]) {
        if name != known && !others.contains(&name) && others.len() < MOST {
            others.push(name);
        }
    }
    others
}

/// The HTTP status of a call to nobody.
async fn status(plan: &Plan, http: Http, name: &str, limit: Option<Deadline>) -> Option<u16> {
    let dialer = Dialer::open(plan.server_target().speaking(http), limit.map(|limit| limit.at)).ok()?;
    tokio::select! {
        status = look::status(&dialer, name, NOTHING, "application/grpc") => status.map(|it| it.as_u16()),
        _ = passed(limit) => None,
    }
}
