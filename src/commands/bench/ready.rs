//! A method that was found, and calls of it that can be made again and again.

use std::io;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::oneshot;

use super::super::{Failed, Surroundings, Writers, data, open};
use super::fault::LoadFault;
use super::plan::{BenchPlan, RequestPlan};
use super::words::EngineArg;
use crate::bench::calls;
use crate::bench::engine::{self, Common, Head, HeadField};
use crate::bench::load::{Load, Pace, Sending};
use crate::bench::pace::Arrivals;
use crate::bench::running::{Running, StartError};
use crate::bench::supply::{Callee, Run, Stock, Wanted, named_types};
use crate::bounded::{self, MIB};
use crate::failure::Failure;
use crate::message::count::Shape;
use crate::message::input::Source;
use crate::message::{self, Format, Origin};
use crate::session::{CallOptions, Course, Metadata, Method, RepeatPlan, Repeated, RequestHead, Session};
use crate::transport::{Http, HttpChoice, Place};
use crate::wire::Protocol;

/// The most that is read of messages.
const LARGEST: u64 = 256 * MIB;

/// Calls that can be made.
pub(super) struct Ready {
    pub(super) session: Session,
    pub(super) method: String,
    stock: Stock,
    way: Way,
}

/// What makes them.
enum Way {
    Frames(Common, Place),
    Session(Repeated),
}

/// What an engine is to do.
pub(super) enum Job {
    Frames(engine::Job),
    Session(calls::Job),
}

impl Job {
    /// How many calls, and when.
    pub(super) fn load(&self) -> &Load {
        match self {
            Self::Frames(job) => &job.load,
            Self::Session(job) => &job.load,
        }
    }

    /// Starts the engine.
    pub(super) fn start(self) -> Result<Running, StartError> {
        match self {
            Self::Frames(job) => engine::start(job),
            Self::Session(job) => calls::start(job),
        }
    }
}

/// Finds the method, and makes what its calls send.
pub(super) async fn ready(
    plan: &mut BenchPlan,
    surroundings: &Surroundings,
    writers: &mut Writers<'_>,
) -> Result<Ready, Failed> {
    let session = open::session(plan.session.clone(), &plan.target, surroundings, writers).await?;
    let at = |failure: Failure| Failed::at(&plan.target, failure);
    let method = open::method(&session, &plan.method, &Course::default().retry, writers).await.map_err(at)?;
    if plan.load.sending == Sending::PingPong {
        both_ways(&method).map_err(|fault| at(fault.into()))?;
    }
    data::fill(&mut plan.request.items)?;
    let data = read(&plan.request, &method, surroundings.stdin_terminal, writers).await?;
    let place = match plan.engine {
        None | Some(EngineArg::Frames) => straight(&session, &method, plan).await.map_err(at)?,
        Some(EngineArg::Session) => None,
    };
    if place.is_none() {
        // The session compresses what it sends by itself.
        plan.request.writing.compression = None;
    }
    let stock = stock(&session, &method, &plan.request, &data).await.map_err(at)?;
    if plan.request.table.is_some() && !stock.uses_rows() {
        writeln!(writers.talk, "* no placeholder uses --csv: {{{{csv.COLUMN}}}} is the value in a column")?;
    }
    let metadata = stock.metadata().clone();
    let way = match place.zip(frames(&session, &method, plan, &metadata)) {
        Some((place, common)) => Way::Frames(common, place),
        None if plan.engine == Some(EngineArg::Frames) => return Err(at(LoadFault::NotFrames.into())),
        None => {
            let options = CallOptions::new(metadata, usize::MAX);
            let repeat = RepeatPlan { options, timeout: plan.load.timeout, go_type: None };
            Way::Session(session.repeated(&method, repeat))
        }
    };
    Ok(Ready { method: method.name(), session, stock, way })
}

/// Whether a method's messages can wait for answers: it takes a stream, and gives one.
fn both_ways(method: &Method) -> Result<(), LoadFault> {
    let shape = match method {
        Method::Proto(method) => Shape {
            client_streaming: method.descriptor.is_client_streaming(),
            server_streaming: method.descriptor.is_server_streaming(),
        },
        Method::Go(_) => Shape { client_streaming: false, server_streaming: false },
    };
    if shape.client_streaming && shape.server_streaming {
        Ok(())
    } else {
        Err(LoadFault::NotBothWays(method.name(), shape))
    }
}

/// Where the engine of frames connects to, where it can make these calls.
async fn straight(session: &Session, method: &Method, plan: &BenchPlan) -> Result<Option<Place>, Failure> {
    let channel = &plan.target.channel;
    let spoken =
        channel.dialect.protocol == Protocol::Grpc && channel.target.http == HttpChoice::Only(Http::Two);
    if !spoken || matches!(method, Method::Go(_)) {
        return Ok(None);
    }
    Ok(session.place().await?)
}

/// What all calls of the engine of frames have in common.
fn frames(session: &Session, method: &Method, plan: &BenchPlan, metadata: &Metadata) -> Option<Common> {
    let head = session.head(method, metadata.clone(), plan.load.timeout)?;
    let Method::Proto(method) = method else { return None };
    let one_answer = !method.descriptor.is_server_streaming();
    let codec = plan.target.channel.dialect.codec;
    Some(Common { head: fields(&head), one_answer, sending: plan.load.sending, codec })
}

/// The texts of the request, and where each comes from.
async fn read(
    plan: &RequestPlan,
    method: &Method,
    typed: bool,
    writers: &mut Writers<'_>,
) -> Result<Vec<(Origin, Bytes)>, Failed> {
    let sources = if plan.items.is_empty() {
        if typed && let Some(notice) = data::notice(&plan.data, method.takes()) {
            writeln!(writers.talk, "{notice}")?;
        }
        data::sources(plan.data.clone(), typed)
    } else {
        vec![data::source_of(&plan.items, method, plan.allow_unknown_fields)?.0]
    };
    Ok(wholes(sources).await?)
}

/// All that sources hold. A thread of its own reads them, which is left behind where that is no longer waited for: who types
/// may take their time.
async fn wholes(sources: Vec<Source>) -> Result<Vec<(Origin, Bytes)>, message::Error> {
    let (tell, told) = oneshot::channel();
    let read = move || {
        // Nobody may wait for it any more.
        let _ = tell.send(sources.into_iter().map(whole).collect());
    };
    let failed = |source| message::Error::Read { origin: Origin::Stdin, source };
    std::thread::Builder::new().name("input".to_owned()).spawn(read).map_err(failed)?;
    told.await.unwrap_or_else(|_| Err(failed(io::ErrorKind::BrokenPipe.into())))
}

/// All that a source holds, and which it is.
fn whole(source: Source) -> Result<(Origin, Bytes), message::Error> {
    let origin = source.origin();
    let text = match source {
        Source::Text(_, text) => return Ok((origin, text)),
        Source::File(path) => bounded::read(&path, LARGEST),
        Source::Stdin { reader, .. } => bounded::read_from(reader, LARGEST),
    };
    match text {
        Ok(text) => Ok((origin, text.into())),
        Err(source) => Err(message::Error::Read { origin, source }),
    }
}

async fn stock(
    session: &Session,
    method: &Method,
    plan: &RequestPlan,
    data: &[(Origin, Bytes)],
) -> Result<Stock, Failure> {
    let read = |callee, format| {
        Stock::read(&Wanted {
            callee,
            data,
            format,
            allow_unknown_fields: plan.allow_unknown_fields,
            metadata: &plan.metadata,
            templates: plan.templates,
            table: plan.table.clone(),
            order: plan.order,
            writing: plan.writing,
        })
    };
    let method = match method {
        Method::Proto(method) => &method.descriptor,
        Method::Go(method) => return Ok(read(Callee::Go(&method.name), Format::Json)?),
    };
    let mut input = method.input();
    let types = named_types(data, plan.format);
    if !types.is_empty()
        && let Some(wider) = session.schema().await.widened(input.full_name(), &types).await
    {
        input = wider;
    }
    Ok(read(Callee::Proto(method, &input), plan.format)?)
}

impl Ready {
    /// What makes the calls, as a report names it.
    pub(super) fn engine(&self) -> &'static str {
        match self.way {
            Way::Frames(..) => "frames",
            Way::Session(_) => "session",
        }
    }

    /// The calls of this load, of which the first has this number.
    pub(super) fn job(&self, load: Load, first: u64, connect_timeout: Duration) -> Job {
        let run = Run { seed: load.seed, first };
        let threads = (0..load.threads)
            .map(|thread| {
                let arrivals = match &load.pace {
                    Pace::Closed => None,
                    Pace::Open(schedule) => Some(Arrivals::new(schedule, thread, load.threads, load.seed)),
                };
                (self.stock.supply((thread, load.threads), run), arrivals)
            })
            .collect();
        match &self.way {
            Way::Frames(common, place) => {
                let (common, place) = (common.clone(), place.clone());
                Job::Frames(engine::Job { load, place, connect_timeout, common, threads })
            }
            Way::Session(calls) => {
                let calls = calls.clone();
                Job::Session(calls::Job { load, calls, connect_timeout, threads })
            }
        }
    }
}

/// A head as HTTP/2 has it (RFC 9113 §8.3.1).
fn fields(head: &RequestHead) -> Head {
    let field = |name: &str, value: &[u8]| HeadField {
        name: Bytes::copy_from_slice(name.as_bytes()),
        value: Bytes::copy_from_slice(value),
    };
    let pseudo = [
        (":method", head.method.as_str()),
        (":scheme", head.scheme),
        (":path", &head.path),
        (":authority", &head.authority),
    ];
    let pseudo = pseudo.into_iter().map(|(name, value)| field(name, value.as_bytes()));
    let rest = head.headers.as_http().iter();
    let rest = rest.map(|(name, value)| field(name.as_str(), value.as_bytes()));
    Head { fields: pseudo.chain(rest).collect() }
}
