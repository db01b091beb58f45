//! A server of Go's net/rpc: the CONNECT, a first call, and the page of what it offers.

use std::io;
use std::time::Instant;

use super::super::Writers;
use super::exam::Exam;
use super::fix::{code_name, told, wrong};
use super::plan::Plan;
use super::way::{Way, plaintext};
use crate::message::Format;
use crate::netrpc::{self, Codec, Connect, DEFAULT_PATH, DiscoverError, HandshakeError, ServerPlan};
use crate::output::doctor::{Fix, Step};
use crate::session::{
    CallError, CallOptions, EventKind, InputPlan, Metadata, Origin, ServerPlan as Server, Session,
    SessionPlan, Status,
};
use crate::wire::Deadline;

/// What nobody has registered.
const NOTHING: &str = "rpcctl.doctor.Nothing";

/// What is looked at behind TLS.
pub(super) const STEPS: [&str; 3] = ["handshake", "call", "methods"];

/// How a call came to no status.
enum Unanswered {
    Connection(crate::transport::Error),
    Handshake(HandshakeError),
    Other(String),
}

/// Looks.
pub(super) async fn examine(
    plan: &Plan,
    way: Option<Way>,
    exam: &mut Exam,
    io: &mut Writers<'_>,
) -> io::Result<()> {
    let (Some(way), Some(server)) = (way, &plan.go) else {
        return exam.skip(io, &STEPS, "there is no connection to speak on");
    };
    if way.tls.is_none() {
        exam.tell(io, plaintext())?;
    }
    let (began, limit) = (exam.begin("handshake"), plan.limit());
    let first = call(plan, server.clone(), limit).await;
    let opened = match (&server.connect, &first) {
        (None, _) => Step::skipped("handshake", "nothing comes before the first call"),
        (Some(_), Err(Unanswered::Handshake(error))) => {
            let step = wrong("handshake", began, error.to_string()).fix(other(plan, server, limit).await);
            exam.tell(io, step)?;
            exam.skip(io, &["call"], "the server does not get as far as that")?;
            return methods(plan, server, exam, io).await;
        }
        (Some(connect), _) => {
            Step::passed("handshake", began.elapsed(), format!("{} is answered as Go does", connect.path))
        }
    };
    exam.tell(io, opened)?;
    exam.begin("call");
    let step = match first {
        Ok(status) if status.origin == Origin::Server => {
            let detail = format!(
                "{} came back {}, as it has to",
                plan.method.as_deref().unwrap_or(NOTHING),
                told(&status)
            );
            Step::passed("call", began.elapsed(), detail).fact("code", code_name(&status))
        }
        Ok(status) => wrong("call", began, told(&status)).fix(other(plan, server, limit).await),
        Err(Unanswered::Connection(error)) => plan.failed("call", began, error),
        Err(Unanswered::Handshake(error)) => wrong("call", began, error.to_string()),
        Err(Unanswered::Other(why)) => wrong("call", began, why),
    };
    exam.tell(io, step)?;
    methods(plan, server, exam, io).await
}

/// Calls what was named, or what nobody has, with an empty argument; how that ended.
async fn call(plan: &Plan, server: ServerPlan, limit: Option<Deadline>) -> Result<Status, Unanswered> {
    let timeout = limit.map(|limit| limit.left());
    let session = SessionPlan { server: Server::Go(server), timeout, in_full: false };
    let session =
        Session::open(session, Instant::now()).map_err(|error| Unanswered::Other(error.to_string()))?;
    let other = |error: &dyn std::error::Error| Unanswered::Other(error.to_string());
    let name = plan.method.as_deref().unwrap_or(NOTHING).replace('/', ".");
    let method = session.find(&name).await.map_err(|error| other(&error))?;
    let input = InputPlan { format: Format::Json, allow_unknown_fields: false, each: false, go_type: None };
    let messages = session.encode(method, Vec::new(), input).await.map_err(|error| other(&error))?;
    let options = CallOptions::new(Metadata::default(), 1 << 20);
    let mut call = session.call(messages, options);
    while let Some(event) = call.next().await {
        match event {
            Ok(event) => {
                if let EventKind::End(status, _) | EventKind::Ended { status, .. } = event.kind {
                    return Ok(status);
                }
            }
            Err(CallError::Go(netrpc::Error::Connection(error))) => {
                return Err(Unanswered::Connection(error));
            }
            Err(CallError::Go(netrpc::Error::Handshake(error))) => return Err(Unanswered::Handshake(error)),
            Err(_) => break,
        }
    }
    Err(Unanswered::Other("the call came to no end".to_owned()))
}

/// The command for the same port with HTTP before gob, or without, where that is what it speaks.
async fn other(plan: &Plan, server: &ServerPlan, limit: Option<Deadline>) -> Option<Fix> {
    if server.codec != Codec::Gob {
        return None;
    }
    let http = server.connect.is_none();
    let connect = http.then(|| Connect {
        path: DEFAULT_PATH.to_owned(),
        authority: server.target.endpoint.authority(),
        headers: Metadata::default().as_http().clone(),
    });
    let status = call(plan, ServerPlan { connect, ..server.clone() }, limit).await.ok()?;
    if status.origin != Origin::Server {
        return None;
    }
    let say = if http { "it speaks gob behind HTTP's CONNECT" } else { "it speaks gob without HTTP" };
    Some(plan.fix(say, &plan.target.netrpc_by(http)?))
}

/// What the server says that it offers, where it does.
async fn methods(plan: &Plan, server: &ServerPlan, exam: &mut Exam, io: &mut Writers<'_>) -> io::Result<()> {
    let began = exam.begin("methods");
    let client = netrpc::Client::open(server.clone(), plan.limit().map(|limit| limit.at));
    let found = match client {
        Ok(client) => netrpc::discover(&client).await,
        Err(error) => Err(DiscoverError::Connection(error)),
    };
    let step = match found {
        Ok((services, _)) => {
            let names: Vec<String> = services
                .iter()
                .flat_map(|service| {
                    service.methods.iter().map(move |method| format!("{}.{}", service.name, method.name))
                })
                .collect();
            let detail = format!("{} has {} in {}", netrpc::DEBUG_PATH, names.len(), services.len());
            Step::passed("methods", began.elapsed(), format!("{detail} services")).fact("methods", names)
        }
        Err(error) => Step::skipped("methods", error.to_string()),
    };
    exam.tell(io, step)
}
