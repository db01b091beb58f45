//! `rpcctl bench`: calls of a method in numbers, how they ended, and how long they took.

use std::num::NonZeroUsize;
use std::time::Duration;

use bytes::Bytes;
use clap::Args;
use tokio_stream::StreamExt as _;

use super::{Exit, Failed, Surroundings, Writers, data, open};
use crate::args::{CallHeaders, Headers, SchemaArgs, TargetArgs, count, duration, split};
use crate::bench::engine::{self, Common, Head, HeadField, Job};
use crate::bench::load::{Load, Pace};
use crate::bench::supply::{Made, Supply};
use crate::envelope;
use crate::failure::{Failure, Kind};
use crate::message::Format;
use crate::session::{InputPlan, Messages, RequestHead, ServerPlan, SessionPlan};

/// Put load on a server
#[derive(Debug, Clone, Args)]
pub struct BenchArgs {
    /// The server (HOST:PORT, a URL, unix:PATH), then the method
    #[arg(value_names = ["TARGET", "METHOD"], num_args = 0..)]
    pub words: Vec<String>,

    /// Send these messages: JSON, @FILE, or @ for stdin (repeatable)
    #[arg(short, long, value_name = "JSON|@FILE|@", allow_hyphen_values = true)]
    pub data: Vec<String>,

    /// How many calls to make
    #[arg(short = 'n', long)]
    requests: Option<u64>,

    /// How many connections
    #[arg(short, long, value_parser = count, default_value = "1")]
    connections: NonZeroUsize,

    /// How many calls at a time on each
    #[arg(short = 'm', long, value_parser = count, default_value = "50")]
    streams: NonZeroUsize,

    /// How long
    #[arg(long, value_parser = duration)]
    duration: Option<Duration>,

    #[arg(long)]
    rate: Option<crate::bench::pace::Rate>,

    #[command(flatten)]
    target: TargetArgs,

    #[command(flatten)]
    schema: SchemaArgs,

    #[command(flatten)]
    headers: CallHeaders,
}

/// Benches.
pub async fn run(args: BenchArgs, surroundings: &Surroundings, io: &mut Writers<'_>) -> Result<Exit, Failed> {
    let given = &surroundings.given.under.flags;
    let found = args.target.address.is_some() || args.schema.has_files();
    let (place, name) = split(&args.words, found).map_err(|error| {
        Failed::words(error, "bench", (&args.target, &args.schema, &args.headers.both), given, "")
    })?;
    let mut target = args.target.plan(place, &surroundings.given)?;
    let prefix = target.place.path.trim_end_matches('/').to_owned();
    target.settle(&prefix, &args.schema, &args.headers.both);
    let under = &surroundings.given.under.headers;
    let headers = args.headers.read(None, under, &surroundings.world, target.place.protocol)?;
    target.carry(&headers)?;
    let Headers { call: metadata, reflection } = headers;
    let server = ServerPlan::Grpc {
        channel: target.channel.clone(),
        schema: Some(args.schema.plan(reflection, false)),
    };
    let plan = SessionPlan { server, timeout: None, in_full: false };
    let session = open::session(plan, &target, surroundings, io).await?;
    let at = |failure: Failure| Failed::at(&target, failure);
    let method = session.find(&name.unwrap_or_default()).await.map_err(|error| at(error.into()))?;
    let data = data::read(args.data.clone(), Format::Json)?;
    let input = InputPlan { format: Format::Json, allow_unknown_fields: false, each: false, go_type: None };
    let messages = session.encode(method.clone(), data::sources(data, false), input).await;
    let Messages::Proto(_, mut requests) = messages.map_err(|error| at(error.into()))? else {
        return Ok(Exit::OK);
    };
    let mut body = Vec::new();
    let mut count = 0;
    while let Some(message) = requests.next().await {
        let message = message.map_err(|error| at(error.into()))?;
        body.extend_from_slice(&envelope::prefix(message.len(), false).unwrap_or_default());
        body.extend_from_slice(&message);
        count += 1;
    }
    let call = Made { fields: Vec::new(), body: body.into(), messages: count };
    let Some(head) = session.head(&method, metadata, target.timeout) else { return Ok(Exit::OK) };
    let Some(place) = session.place().await.map_err(|error| at(error.into()))? else { return Ok(Exit::OK) };
    let schedule = args.rate.map(crate::bench::pace::Schedule::rate);
    let arrivals = schedule.as_ref().map(|schedule| crate::bench::pace::Arrivals::new(schedule, 0, 1, 1));
    let load = Load {
        pace: schedule.clone().map_or(Pace::Closed, Pace::Open),
        seed: 1,
        calls: args.requests,
        duration: args.duration.or_else(|| args.requests.is_none().then_some(Duration::from_secs(10))),
        warmup: Duration::ZERO,
        connections: args.connections.get(),
        streams: args.streams.get(),
        threads: 1,
        max_in_flight: 100_000,
        timeout: target.timeout,
        drain: Duration::from_secs(5),
    };
    let job = Job {
        load,
        place,
        connect_timeout: Duration::from_secs(10),
        common: Common { head: fields(&head), one_answer: true },
        threads: vec![(Supply::ByTurns(vec![call].into(), 0), arrivals)],
    };
    let error = |error| at(Failure::new(Kind::Failed, error));
    let mut running = engine::start(job).map_err(error)?;
    running.begin().await.map_err(error)?;
    while let Some(_interval) = running.next().await {}
    let run = running.finish();
    writeln!(
        io.talk,
        "{:?} {:?} {:?} {:?} in flight {}",
        run.tally.outcomes(),
        run.measured,
        run.links,
        run.effort,
        run.in_flight
    )?;
    let mut run = run;
    for latencies in [&mut run.tally.ok.intended, &mut run.tally.ok.actual] {
        if let Some(look) = latencies.look() {
            writeln!(
                io.talk,
                "n {} p50 {} p99 {} max {}",
                look.count,
                look.histogram.value_at_quantile(0.5),
                look.histogram.value_at_quantile(0.99),
                look.max
            )?;
        }
    }
    writeln!(
        io.talk,
        "dropped {} lag {} issued {}",
        run.tally.dropped, run.tally.worst_lag, run.tally.issued
    )?;
    let calls = run.tally.over();
    if let Some(cpu) = run.effort.process {
        let cpu = cpu.as_secs_f64() * 1e6 / calls as f64;
        writeln!(io.talk, "{cpu:.3} us/call, {:.0}/s", calls as f64 / run.measured.as_secs_f64())?;
    }
    Ok(Exit::OK)
}

/// A head as HTTP/2 has it (RFC 9113 §8.3.1).
fn fields(head: &RequestHead) -> Head {
    let field = |name: &str, value: &[u8], sensitive| HeadField {
        name: Bytes::copy_from_slice(name.as_bytes()),
        value: Bytes::copy_from_slice(value),
        sensitive,
    };
    let pseudo = [
        (":method", head.method.as_str()),
        (":scheme", head.scheme),
        (":path", &head.path),
        (":authority", &head.authority),
    ];
    let pseudo = pseudo.into_iter().map(|(name, value)| field(name, value.as_bytes(), false));
    let rest = head.headers.as_http().iter();
    let rest = rest.map(|(name, value)| field(name.as_str(), value.as_bytes(), value.is_sensitive()));
    Head { fields: pseudo.chain(rest).collect() }
}
