//! What the server offers: reflection, its health, and an answer to a first call.

use std::io;
use std::sync::Arc;
use std::time::Instant;

use super::super::Writers;
use super::exam::Exam;
use super::fix::{code_name, command, told};
use super::plan::Plan;
use super::probe::{self, Ended, NOTHING, UNARY};
use crate::args::quoted;
use crate::output::doctor::{Fix, Step};
use crate::schema::name::method_path;
use crate::schema::{Error, ReflectionError, Schema, Version};
use crate::session::{Code, Origin, ServingStatus};
use crate::wire::{Client, Dialect, Streams};

/// How many repairs are told.
const SHOWN: usize = 3;

/// All three, whatever becomes of each.
pub(super) async fn examine(plan: &Plan, exam: &mut Exam, io: &mut Writers<'_>) -> io::Result<()> {
    let began = exam.begin("reflection");
    let asked = Dialect { compression: None, ..plan.target.channel.dialect };
    let mut channel = plan.target.channel.clone();
    let own = Client::open(channel.clone(), plan.limit());
    channel.dialect = asked;
    let (client, own) = match (Client::open(channel, plan.limit()), own) {
        (Ok(client), Ok(own)) => (client, own),
        (Err(error), _) | (_, Err(error)) => return exam.tell(io, plan.failed("reflection", began, error)),
    };
    let (step, found) = reflection(plan, &client).await;
    exam.tell(io, step)?;
    exam.begin("health");
    exam.tell(io, health(plan, &client, &found).await)?;
    exam.begin("call");
    exam.tell(io, call(plan, &own, &found).await)?;
    client.close().await;
    own.close().await;
    Ok(())
}

/// What was named, as far as the schema knows it.
struct Found {
    /// The full name of the service, or what was named so.
    service: Option<String>,
    /// Whether it is known that there is no such service, or method.
    missing: bool,
    /// Where the method is called, and which of its sides stream.
    method: Option<(String, Streams)>,
}

/// What says which types there are, and what was named in it.
async fn reflection(plan: &Plan, client: &Arc<Client>) -> (Step, Found) {
    let began = Instant::now();
    let mut found = Found {
        service: plan.service.clone(),
        missing: false,
        method: plan.method.as_ref().map(|name| (name.trim_start_matches('/').to_owned(), UNARY)),
    };
    let mut schema = match Schema::open(&plan.schema, client, plan.limit()) {
        Ok(schema) => schema,
        Err(error) => return (unreflected(plan, began, error), found),
    };
    let step = match described(&mut schema, plan, &mut found).await {
        Ok((services, lost)) => offered(plan, began, &schema, services, &lost),
        Err(error) => match &error {
            Error::NotFound { .. }
            | Error::Ambiguous { .. }
            | Error::NotAService { .. }
            | Error::IsService { .. }
            | Error::NoSuchMethod { .. } => {
                // What is known not to be there is not called.
                (found.method, found.missing) = (None, true);
                missing(plan, began, error)
            }
            _ => unreflected(plan, began, error),
        },
    };
    (step, found)
}

/// The services there are, and those of which nothing but the name is known; what was named is found.
async fn described(
    schema: &mut Schema,
    plan: &Plan,
    found: &mut Found,
) -> Result<(Vec<String>, Vec<String>), Error> {
    let services = schema.services().await?;
    let described = schema.descriptors(&services).await?;
    if let Some(name) = &plan.service {
        found.service = Some(schema.service(name).await?.full_name().to_owned());
    }
    if let Some(name) = &plan.method {
        let method = schema.method(name).await?;
        let streams = Streams {
            requests: method.is_client_streaming(),
            answers: method.is_server_streaming(),
            guessed: false,
        };
        found.method = Some((method_path(&method), streams));
    }
    let lost = services.iter().zip(&described).filter(|(_, found)| found.is_none());
    let lost = lost.map(|(name, _)| name.clone()).collect();
    Ok((services, lost))
}

fn offered(plan: &Plan, began: Instant, schema: &Schema, services: Vec<String>, lost: &[String]) -> Step {
    let repairs: Vec<String> = schema.repairs().map(ToString::to_string).collect();
    let mut detail =
        vec![source(schema, &plan.schema.reflection), counted(services.len(), "service", "no services")];
    if !lost.is_empty() {
        let names: Vec<&str> = lost.iter().take(SHOWN).map(String::as_str).collect();
        detail.push(format!("{} not described: {}", lost.len(), names.join(", ")));
    }
    detail.push(match repairs.as_slice() {
        [] => "nothing to repair".to_owned(),
        some => {
            let shown: Vec<&str> = some.iter().take(SHOWN).map(String::as_str).collect();
            format!("{} made: {}", counted(some.len(), "repair", ""), shown.join("; "))
        }
    });
    let step = Step::passed("reflection", began.elapsed(), detail.join(", "));
    let step = step.fact("services", services).fact("repairs", repairs);
    let version = schema.reflection().map(|version| version.to_string());
    step.fact("version", version)
}

/// Where the schema came from.
fn source(schema: &Schema, tried: &[Version]) -> String {
    match schema.reflection() {
        Some(Version::V1Alpha) if tried.contains(&Version::V1) => "v1alpha (there is no v1)".to_owned(),
        Some(version) => version.to_string(),
        None => "files say what there is".to_owned(),
    }
}

fn counted(count: usize, what: &str, none: &str) -> String {
    match count {
        0 => none.to_owned(),
        1 => format!("1 {what}"),
        count => format!("{count} {what}s"),
    }
}

/// There is no schema.
fn unreflected(plan: &Plan, began: Instant, error: Error) -> Step {
    let again = &plan.target.again;
    let files = || plan.with("give the schema in a file (or --descriptor-set FILE)", "--proto", "FILE");
    let fix = match &error {
        Error::Reflection(ReflectionError::Unavailable(_) | ReflectionError::NoList(_)) => Some(files()),
        Error::Reflection(ReflectionError::OtherVersion { .. }) => {
            Some(plan.fix("take what it offers", &again.without(&["--reflection"])))
        }
        Error::Reflection(ReflectionError::Refused(status)) => match status.code {
            Code::UNAUTHENTICATED | Code::PERMISSION_DENIED => Some(plan.credential()),
            _ => Some(files()),
        },
        Error::Reflection(ReflectionError::Deadline(_) | ReflectionError::Silent | ReflectionError::Slow) => {
            Some(plan.slower())
        }
        Error::NoSource => Some(plan.fix("let reflection be asked", &again.without(&["--reflection"]))),
        _ => None,
    };
    let step = plan.failed("reflection", began, error);
    if fix.is_some() { step.fix(fix) } else { step }
}

/// The service that was named is not there.
fn missing(plan: &Plan, began: Instant, error: Error) -> Step {
    let near = match &error {
        Error::NotFound { did_you_mean, .. } | Error::NoSuchMethod { did_you_mean, .. } => {
            did_you_mean.first().cloned()
        }
        Error::Ambiguous { candidates, .. } => candidates.first().cloned(),
        _ => None,
    };
    let again = &plan.target.again;
    let (say, line) = match near {
        Some(name) => (format!("did you mean {name}"), command("doctor", again, &quoted(&name))),
        None => ("see what there is".to_owned(), command("list", again, "")),
    };
    plan.failed("reflection", began, error).fix(Fix { say, command: Some(line) })
}

/// Whether the server says that it serves, and that it serves the service.
async fn health(plan: &Plan, client: &Arc<Client>, found: &Found) -> Step {
    let (began, at) = (Instant::now(), (client, plan.limit()));
    let overall = match probe::health(plan, at, "").await {
        Ok(ended) => ended,
        Err(error) => return plan.failed("health", began, error),
    };
    let of_service = match found.service.as_deref() {
        Some(service) => match probe::health(plan, at, service).await {
            Ok(ended) => Some((service, ended)),
            Err(error) => return plan.failed("health", began, error),
        },
        None => None,
    };
    if overall.status.code == Code::UNIMPLEMENTED {
        return Step::skipped("health", "there is no grpc.health.v1 to ask");
    }
    let asked: Vec<(&str, &Ended)> = [("", &overall)]
        .into_iter()
        .chain(of_service.as_ref().map(|(service, ended)| (*service, ended)))
        .collect();
    if let Some((name, ended)) = asked.iter().find(|(_, ended)| is_sick(ended)) {
        return sick(plan, began, name, ended);
    }
    let told: Vec<String> = asked
        .iter()
        .map(|(name, ended)| {
            let whose = if name.is_empty() { "the server" } else { name };
            format!("{whose}: {}", answer(ended))
        })
        .collect();
    let unknown = of_service.as_ref().filter(|(_, ended)| found.missing && is_unknown(ended));
    let step = match unknown {
        Some((service, _)) => {
            let detail = format!("the server: {}, and there is no {service} to ask about", answer(&overall));
            Step::skipped("health", detail)
        }
        None => Step::passed("health", began.elapsed(), told.join(", ")),
    };
    let step = step.fact("overall", answer(&overall));
    match &of_service {
        Some((_, ended)) => step.fact("service", answer(ended)),
        None => step,
    }
}

fn answer(ended: &Ended) -> String {
    ended.health().map_or_else(|| code_name(&ended.status), |said| said.to_string())
}

/// Whether a check says that there is nothing to call. A server need not know the health of what it serves.
fn is_sick(ended: &Ended) -> bool {
    match ended.health() {
        Some(ServingStatus::NotServing) => true,
        Some(_) => false,
        None => !is_unknown(ended),
    }
}

/// Whether a check says that there is no such service.
fn is_unknown(ended: &Ended) -> bool {
    ended.status.code == Code::NOT_FOUND || ended.health() == Some(ServingStatus::ServiceUnknown)
}

fn sick(plan: &Plan, began: Instant, name: &str, ended: &Ended) -> Step {
    if ended.health().is_none() {
        return plan.refused("health", began, &ended.status);
    }
    // The one flag that watches knows nothing of schemas.
    let again = plan.target.again.without(&["--proto", "-I", "--descriptor-set", "--reflection"]);
    let (whose, of, fact) = match name {
        "" => ("the server".to_owned(), String::new(), "overall"),
        name => (name.to_owned(), format!(" {}", quoted(name)), "service"),
    };
    let say = "that is its own word, and its log may say why; to be told when it serves".to_owned();
    let line = Some(command("health", &again, &format!("--watch{of}")));
    Step::failed("health", began.elapsed(), format!("{whose}: NOT_SERVING"))
        .fact(fact, "NOT_SERVING")
        .fix(Fix { say, command: line })
}

/// A first call, as the target is written: of what was named, or of what nobody has.
async fn call(plan: &Plan, client: &Arc<Client>, found: &Found) -> Step {
    let began = Instant::now();
    let (name, streams) = match &found.method {
        Some((name, streams)) => (name.as_str(), *streams),
        None => (NOTHING.trim_start_matches('/'), UNARY),
    };
    let ended = match probe::empty(plan, (client, plan.limit()), &format!("/{name}"), streams).await {
        Ok(ended) => ended,
        Err(error) => return plan.failed("call", began, error),
    };
    let status = &ended.status;
    let nobody = found.method.is_none();
    let good = match status.code {
        Code::UNIMPLEMENTED | Code::OK if nobody => true,
        _ => !nobody && answers(&ended),
    };
    if good {
        let expected = if status.code == Code::UNIMPLEMENTED { ", as it has to" } else { "" };
        let code = code_name(status);
        return Step::passed("call", began.elapsed(), format!("{name} came back {code}{expected}"))
            .fact("method", name)
            .fact("code", code);
    }
    let step = plan.refused("call", began, status).fact("method", name);
    let step = match status.code {
        Code::UNIMPLEMENTED => {
            let line = Some(command("list", &plan.target.again, ""));
            step.fix(Fix { say: "see what there is".to_owned(), command: line })
        }
        _ => step,
    };
    Step { detail: format!("{name} came back {}", told(status)), ..step }
}

/// Whether a method that was named is there and lets itself be called.
fn answers(ended: &Ended) -> bool {
    let refusals = [
        Code::UNIMPLEMENTED,
        Code::UNAUTHENTICATED,
        Code::PERMISSION_DENIED,
        Code::UNAVAILABLE,
        Code::INTERNAL,
    ];
    ended.status.origin == Origin::Server && !refusals.contains(&ended.status.code)
}
