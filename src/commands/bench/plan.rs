//! What the words mean, as plain values.

use std::time::Duration;

use super::super::call::method_of_go;
use super::super::data::{self, Data};
use super::super::{Failed, Surroundings};
use super::fault::LoadFault;
use super::words::{EngineArg, LoadVerbArgs, TIMEOUT};
use crate::args::{ArgsError, Headers, InputArg, LoadArgs, TargetPlan, quoted, split_items};
use crate::bench::condition::Condition;
use crate::bench::load::{Load, Pace};
use crate::bench::pace::Schedule;
use crate::bench::report::LoopModel;
use crate::bench::supply::{Order, Table, Writing};
use crate::failure::{Failure, Kind};
use crate::message::Format;
use crate::message::items::Item;
use crate::session::{Metadata, ServerPlan, SessionPlan};

/// How long finding out the method may take beside connecting.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long each try of a search is.
const TRY: Duration = Duration::from_secs(5);

/// What is to be done.
pub(super) struct BenchPlan {
    pub(super) session: SessionPlan,
    pub(super) target: TargetPlan,
    pub(super) method: String,
    pub(super) request: RequestPlan,
    pub(super) load: Load,
    pub(super) engine: Option<EngineArg>,
    pub(super) model: LoopModel,
    pub(super) search: Option<Condition>,
    pub(super) stop_on: Vec<Condition>,
    pub(super) repeat: usize,
    pub(super) quiet: bool,
}

/// What each call sends.
pub(super) struct RequestPlan {
    pub(super) data: Vec<Data>,
    pub(super) items: Vec<Item>,
    pub(super) format: Format,
    pub(super) allow_unknown_fields: bool,
    pub(super) metadata: Metadata,
    pub(super) templates: bool,
    pub(super) table: Option<Table>,
    pub(super) order: Order,
    pub(super) writing: Writing,
}

/// Decides what the words mean.
pub(super) fn plan(args: &LoadVerbArgs, surroundings: &Surroundings) -> Result<BenchPlan, Failed> {
    let found = args.target.address.is_some() || args.schema.has_files();
    let given = &surroundings.given.under.flags;
    let (named, items) = split_items(&args.words, found).map_err(|error| {
        let behind: String = args.data.iter().flat_map(|data| [" -d ".to_owned(), quoted(data)]).collect();
        Failed::words(error, "bench", (&args.target, &args.schema, &args.headers.both), given, &behind)
    })?;
    let (target, method) = target(args, named, surroundings)?;
    let format = match (&args.input, items.is_empty()) {
        (Some(input), false) if *input != InputArg::Json => {
            return Err(LoadFault::ItemsHaveNoFormat.into());
        }
        (Some(input), _) => Format::from(*input),
        (None, _) => Format::Json,
    };
    if !items.is_empty() && !args.data.is_empty() {
        return Err(LoadFault::ItemsAndData(items.first().cloned().unwrap_or_default()).into());
    }
    let items = items.iter().map(|word| Item::parse(word)).collect::<Result<Vec<_>, _>>();
    let items = items.map_err(|error| Failure::new(Kind::Wrong, error))?;
    let data = data::read(args.data.clone(), format)?;
    let (reads, also) = (data::reads_stdin(&args.data), args.load.reads_stdin()?);
    if let (Some(data), Some(file)) = (reads, also) {
        return Err(ArgsError::StdinTwice(data, file).into());
    }
    let besides = reads.or(also);
    let under = &surroundings.given.under.headers;
    let headers = args.headers.read(besides, under, &surroundings.world, target.place.protocol)?;
    let mut target = target;
    target.carry(&headers)?;
    let Headers { call: metadata, reflection } = headers;
    let go_server = target.netrpc(&metadata, &args.schema, &args.headers.both).map_err(ArgsError::from)?;
    let timeout = target.timeout.unwrap_or(TIMEOUT);
    // Of a search, --poisson is about rates that are yet to be found.
    let words = LoadArgs { poisson: args.load.poisson && args.search.is_none(), ..args.load.clone() };
    let mut load = words.plan(Some(timeout), &surroundings.world)?;
    if args.search.is_some() && args.load.duration.is_none() {
        load.duration = Some(TRY);
    }
    let (server, method) = if let Some(server) = go_server {
        (ServerPlan::Go(server), method_of_go(method)?)
    } else {
        let schema = Some(args.schema.plan(reflection, false));
        (ServerPlan::Grpc { channel: target.channel.clone(), schema }, method)
    };
    // The time that a call may take is none that finding out the method may.
    let waiting = target.patience.unwrap_or_default().saturating_add(args.target.connect_timeout);
    let session = SessionPlan { server, timeout: Some(waiting.saturating_add(PATIENCE)), in_full: false };
    let dialect = target.channel.dialect;
    Ok(BenchPlan {
        session,
        method,
        request: RequestPlan {
            data,
            items,
            format,
            allow_unknown_fields: args.allow_unknown_fields,
            metadata,
            templates: !args.load.disable_templates,
            table: args.load.table(&surroundings.world)?,
            order: args.load.order(),
            writing: Writing {
                compression: dialect.compression,
                compress_min: dialect.compress_min,
                json: dialect.codec == crate::wire::Codec::Json,
            },
        },
        engine: args.engine,
        model: model(args, &load.pace),
        load,
        target,
        search: args.search.clone(),
        stop_on: args.stop_on.clone(),
        repeat: args.repeat.get(),
        quiet: args.quiet,
    })
}

/// Which server it is, and the method, which may stand at the end of its path.
fn target(
    args: &LoadVerbArgs,
    (place, name): crate::args::Target,
    surroundings: &Surroundings,
) -> Result<(TargetPlan, String), Failed> {
    let mut target = args.target.plan(place, &surroundings.given)?;
    let (prefix, method) = if let Some(name) = name {
        (target.place.path.trim_end_matches('/').to_owned(), Some(name))
    } else {
        let (prefix, method) = target.place.prefix_and_method();
        (prefix.to_owned(), method.map(str::to_owned))
    };
    target.settle(&prefix, &args.schema, &args.headers.both);
    let no_method = || {
        let failure = Failure::from(LoadFault::NoMethod).run("see the methods", "list", "-l");
        Failed::at(&target, failure)
    };
    let method = method.ok_or_else(no_method)?;
    Ok((target, method))
}

fn model(args: &LoadVerbArgs, pace: &Pace) -> LoopModel {
    let load = &args.load;
    match pace {
        _ if args.search.is_some() && load.poisson => LoopModel::OpenPoisson,
        _ if args.search.is_some() => LoopModel::OpenUniform,
        Pace::Closed => LoopModel::Closed,
        Pace::Open(_) if load.replay.is_some() => LoopModel::Replay,
        Pace::Open(_) if load.ramp.is_some() => LoopModel::Ramp,
        Pace::Open(_) if load.steps.is_some() => LoopModel::Steps,
        Pace::Open(schedule) if schedule.is_by_chance() => LoopModel::OpenPoisson,
        Pace::Open(_) => LoopModel::OpenUniform,
    }
}

impl BenchPlan {
    /// What is spoken, as reports name it.
    pub(super) fn protocol(&self) -> &'static str {
        match &self.session.server {
            ServerPlan::Grpc { channel, .. } => channel.dialect.protocol.name(),
            ServerPlan::Go(server) => server.codec.protocol(),
        }
    }

    /// The same load at this rate.
    pub(super) fn at(&self, rate: crate::bench::pace::Rate) -> Load {
        let schedule = Schedule::rate(rate);
        let by_chance = self.model == LoopModel::OpenPoisson;
        let schedule = if by_chance { schedule.by_chance() } else { schedule };
        Load { pace: Pace::Open(schedule), ..self.load.clone() }
    }
}
