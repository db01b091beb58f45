//! Which protocols the server speaks, over which HTTP.

use std::io;
use std::time::{Duration, Instant};

use tokio::sync::watch;

use super::super::Writers;
use super::exam::Exam;
use super::fix::told;
use super::http::Heard;
use super::plan::Plan;
use super::probe;
use crate::failure::told_of;
use crate::output::doctor::{Fix, Step};
use crate::schema::{Schema, SchemaPlan, Version};
use crate::session::{Code, Origin, Status};
use crate::transport::{Error, Http, HttpChoice};
use crate::wire::{Channel, Client, Deadline, Protocol};

/// How a server took a protocol over one HTTP.
pub(super) struct Look {
    pub(super) protocol: Protocol,
    pub(super) http: Http,
    took: Duration,
    pub(super) taken: Taken,
}

/// Whether a protocol was answered in its own words.
pub(super) enum Taken {
    Yes,
    /// In other words, which come to this.
    No(Status),
    /// Not at all.
    Lost(Error),
    /// Not in this time, where nobody needs an answer.
    Late(Duration),
}

/// How long, beside what the protocol that calls go by took, others have to answer. Some servers are in no hurry to refuse
/// what they do not speak.
const PATIENCE: Duration = Duration::from_millis(200);

impl Taken {
    pub(super) fn is_yes(&self) -> bool {
        matches!(self, Self::Yes)
    }
}

/// The protocols, each with the name of its step.
const STEPS: [&str; 3] = ["grpc", "grpc-web", "connect"];

fn step_of(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Grpc => "grpc",
        Protocol::GrpcWeb { .. } => "grpc-web",
        Protocol::Connect => "connect",
    }
}

/// What the target is written to speak.
pub(super) fn own(plan: &Plan) -> Protocol {
    plan.target.channel.dialect.protocol
}

/// Each protocol over each HTTP that is spoken, all at a time. Once the target's own is answered, others are not waited for
/// much longer than that took.
pub(super) async fn look(plan: &Plan, heard: &Heard) -> Vec<Look> {
    let web = match own(plan) {
        web @ Protocol::GrpcWeb { .. } => web,
        _ => Protocol::GrpcWeb { text: false },
    };
    let (answered, enough) = watch::channel(None::<Duration>);
    let (began, answered) = (Instant::now(), &answered);
    let one = |protocol, http| {
        let mut enough = enough.clone();
        async move {
            if !heard.speaks(http) {
                return None;
            }
            let work = Box::pin(taken(plan, plan.channel(protocol, http), plan.limit()));
            let taken = if protocol == own(plan) {
                let taken = work.await;
                if taken.is_yes() {
                    answered.send_replace(Some(began.elapsed()));
                }
                taken
            } else {
                tokio::select! {
                    biased;
                    taken = work => taken,
                    late = late(&mut enough) => Taken::Late(late),
                }
            };
            Some(Look { protocol, http, took: began.elapsed(), taken })
        }
    };
    let (grpc, web_two, web_one, connect_two, connect_one) = tokio::join!(
        one(Protocol::Grpc, Http::Two),
        one(web, Http::Two),
        one(web, Http::One),
        one(Protocol::Connect, Http::Two),
        one(Protocol::Connect, Http::One),
    );
    [grpc, web_two, web_one, connect_two, connect_one].into_iter().flatten().collect()
}

/// Done when nobody needs to wait any more, with how long that was.
async fn late(enough: &mut watch::Receiver<Option<Duration>>) -> Duration {
    let took = match enough.wait_for(Option::is_some).await {
        Ok(took) => took.unwrap_or_default(),
        Err(_) => std::future::pending().await,
    };
    let left = took * 3 + PATIENCE;
    tokio::time::sleep(left).await;
    took + left
}

/// Whether calls in this way are answered as such: a health check, a method that nobody has, and, where a web server
/// knows neither, reflection.
pub(super) async fn taken(plan: &Plan, channel: Channel, limit: Option<Deadline>) -> Taken {
    let client = match Client::open(channel, limit) {
        Ok(client) => client,
        Err(error) => return Taken::Lost(error),
    };
    let (protocol, at) = (client.channel().dialect.protocol, (&client, limit));
    let health = match probe::health(plan, at, "").await {
        Ok(ended) if ended.is_own(protocol) => return Taken::Yes,
        Ok(ended) => ended.status,
        Err(error) => return Taken::Lost(error),
    };
    match probe::nothing(plan, at).await {
        Ok(ended) if ended.is_own(protocol) => return Taken::Yes,
        Ok(_) => {}
        Err(error) => return Taken::Lost(error),
    }
    if health.code == Code::UNIMPLEMENTED && health.origin == Origin::Mapped {
        let reflection = vec![Version::V1, Version::V1Alpha];
        let schema =
            SchemaPlan { reflection, metadata: plan.schema.metadata.clone(), ..SchemaPlan::default() };
        if let Ok(mut schema) = Schema::open(&schema, &client, limit)
            && schema.services().await.is_ok()
        {
            return Taken::Yes;
        }
    }
    client.close().await;
    Taken::No(health)
}

/// The look at what the target is written to speak, over the HTTP that it is spoken over.
pub(super) fn own_look<'h>(plan: &Plan, heard: &'h Heard) -> Option<&'h Look> {
    let http = heard.own(plan)?;
    heard.looks.iter().find(|look| look.protocol == own(plan) && look.http == http)
}

/// What to do where all that calls are made by is answered in other words.
pub(super) fn nothing(heard: &Heard) -> Option<Fix> {
    let none = !heard.looks.is_empty() && heard.looks.iter().all(|look| matches!(look.taken, Taken::No(_)));
    let say = "it speaks neither gRPC nor gRPC-Web nor Connect: is this the right port, and is nothing before it that \
               passes none of them on?";
    none.then(|| Fix { say: say.to_owned(), command: None })
}

/// How to speak what the server does, where that is not what the target is written to.
pub(super) fn instead(plan: &Plan, heard: &Heard) -> Option<Fix> {
    let other = |look: &&Look| look.taken.is_yes() && look.protocol != own(plan);
    if let Some(look) = heard.looks.iter().find(|look| look.taken.is_yes() && look.protocol == own(plan)) {
        let version = if look.http == Http::One { "1.1" } else { "2" };
        return Some(plan.with(&format!("speak {} over {}", look.protocol, look.http), "--http", version));
    }
    // gRPC has all that there is; Connect is the one that needs least of what stands between.
    let rank = |look: &&Look| match look.protocol {
        Protocol::Grpc => 0,
        Protocol::Connect => 1,
        Protocol::GrpcWeb { .. } => 2,
    };
    let found = heard.looks.iter().filter(other).min_by_key(rank)?;
    Some(plan.fix(format!("speak {}", found.protocol), &plan.target.in_protocol(found.protocol)))
}

/// Tells of each; whether what the target is written to speak is spoken.
pub(super) fn tell(plan: &Plan, heard: &Heard, exam: &mut Exam, io: &mut Writers<'_>) -> io::Result<bool> {
    // What is wrong with the name says enough of why nothing else is right.
    let named = exam.has_failed("authority");
    for name in STEPS {
        exam.begin(name);
        exam.tell(io, step(plan, heard, name, named))?;
    }
    Ok(own_look(plan, heard).is_some_and(|look| look.taken.is_yes()))
}

fn step(plan: &Plan, heard: &Heard, name: &'static str, named: bool) -> Step {
    let is_own = step_of(own(plan)) == name;
    let looks: Vec<&Look> = heard.looks.iter().filter(|look| step_of(look.protocol) == name).collect();
    let (own_http, took) = (heard.own(plan), looks.iter().map(|look| look.took).max().unwrap_or_default());
    let spoken: Vec<&&Look> = looks.iter().filter(|look| look.taken.is_yes()).collect();
    let over: Vec<String> = spoken.iter().map(|look| look.http.to_string()).collect();
    let versions: Vec<&str> =
        spoken.iter().map(|look| if look.http == Http::One { "1.1" } else { "2" }).collect();
    let works = spoken.iter().any(|look| Some(look.http) == own_http);
    if !over.is_empty() && (works || !is_own) {
        let detail = format!("it is spoken over {}", over.join(" and "));
        return Step::passed(name, took, detail).fact("http", versions);
    }
    let first = looks.iter().find(|look| !is_own || Some(look.http) == own_http).or(looks.first());
    let Some(first) = first else {
        return match name {
            "grpc" => Step::skipped(name, "it needs HTTP/2"),
            _ => Step::skipped(name, "there is no HTTP to speak it over"),
        };
    };
    let why = match &first.taken {
        Taken::Yes => format!("it is spoken over {} alone", over.join(" and ")),
        Taken::No(status) => status.message.clone(),
        Taken::Lost(error) => told_of(error).message,
        Taken::Late(after) => format!("there is no answer within {} ms", after.as_millis()),
    };
    if let Taken::Late(_) = first.taken {
        return Step::skipped(name, format!("{why}, and none is needed"));
    }
    if !is_own {
        return Step::skipped(name, format!("it is not spoken: {why}"));
    }
    // What stands before it has told already.
    if own_http.is_none() {
        return Step::skipped(name, format!("it is not spoken over {}", wanted(plan)));
    }
    let refused = match &first.taken {
        Taken::No(status) => plan.mend_status(status),
        _ => None,
    };
    let code = match &first.taken {
        Taken::No(status) => told(status),
        _ => why,
    };
    Step::failed(name, took, format!("it is not spoken: {code}"))
        .fix(refused.or_else(|| instead(plan, heard)).or_else(|| nothing(heard).filter(|_| !named)))
}

fn wanted(plan: &Plan) -> Http {
    match plan.server_target().http {
        HttpChoice::Only(http) => http,
        HttpChoice::Either => Http::Two,
    }
}
