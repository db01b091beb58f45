//! What the verbs that stop at the schema have in common: their flags, their plan, and what they say on the side.

use std::io;

use clap::{ArgAction, Args};
use prost_reflect::ServiceDescriptor;

use super::{Failed, Surroundings, Writers};
use crate::args::{
    ArgsError, Origin, ReflectionHeaders, SchemaArgs, SecretsArgs, TargetArgs, TargetPlan, looks_like_target,
    named_target, split,
};
use crate::failure::Failure;
use crate::output::sanitize;
use crate::output::talk::{self, Level};
use crate::schema;
use crate::schema::symbol::Symbol;
use crate::session::{ServerPlan, Session, SessionPlan, with_causes};

/// The flags of `list`, `describe`, `export` and `diff`.
#[derive(Debug, Clone, Args)]
pub(super) struct SchemaVerbArgs {
    /// Tell about connection, reflection, repairs and timings on stderr; -vv tells all
    ///
    /// -vv adds the server's certificate and its HTTP/2 settings.
    #[arg(short, long, action = ArgAction::Count)]
    pub(super) verbose: u8,

    #[command(flatten)]
    secrets: SecretsArgs,

    #[command(flatten)]
    place: Where,
}

/// Which server, and which schema.
#[derive(Debug, Clone, Args)]
pub(super) struct Where {
    #[command(flatten)]
    pub(super) target: TargetArgs,

    #[command(flatten)]
    pub(super) schema: SchemaArgs,

    #[command(flatten)]
    pub(super) headers: ReflectionHeaders,
}

/// What a verb that stops at the schema is to do.
pub(super) struct SchemaVerb {
    /// The server and the schema.
    pub(super) session: SessionPlan,
    /// The service or symbol asked for.
    pub(super) name: Option<String>,
    /// The server again, to name it in messages.
    pub(super) target: TargetPlan,
    /// Where a file says what the schema is, though a server was named that could be asked.
    unasked: Option<String>,
}

impl SchemaVerb {
    /// Says what is told of a server that has no say in it: its schema stands in a file that nobody named.
    pub(super) fn warn(&self, io: &mut Writers<'_>) -> io::Result<()> {
        io.warn(&self.target)?;
        match &self.unasked {
            Some(at) => writeln!(
                io.talk,
                "note: the schema is what {at} says; to ask the server first: --reflection auto"
            ),
            None => Ok(()),
        }
    }
}

impl SchemaVerbArgs {
    /// How much is told on the side.
    pub(super) fn talk(&self) -> talk::Style {
        talk::Style { level: Level::of(self.verbose), secrets: self.secrets.plan() }
    }

    /// Which server, and which schema.
    pub(super) fn place(&self) -> &Where {
        &self.place
    }

    /// The same for a server whose schema it says itself.
    pub(super) fn without_files(&self) -> Self {
        let mut own = self.clone();
        own.place.schema.proto.clear();
        own.place.schema.descriptor_set.clear();
        own.place.schema.import_path.clear();
        own
    }

    /// See [`Where::plan`].
    pub(super) fn plan(
        &self,
        verb: &'static str,
        words: &[String],
        surroundings: &Surroundings,
        options: bool,
    ) -> Result<SchemaVerb, Failed> {
        let mut plan = self.place.plan(verb, words, surroundings, options)?;
        plan.session.in_full = self.talk().level == Level::All;
        Ok(plan)
    }

    /// The same where more than one name may stand behind the target: the others come beside the plan.
    pub(super) fn plan_many(
        &self,
        verb: &'static str,
        words: &[String],
        surroundings: &Surroundings,
        options: bool,
    ) -> Result<(SchemaVerb, Vec<String>), Failed> {
        let first = if named_target(words).is_some() { 2 } else { 1 };
        let (place, more) = words.split_at(first.min(words.len()));
        if let (Some(server), Some(name)) = (more.iter().find(|word| looks_like_target(word)), place.first())
        {
            // The words in question alone say best what is wrong with them.
            self.plan(verb, &[name.clone(), server.clone()], surroundings, options)?;
        }
        Ok((self.plan(verb, place, surroundings, options)?, more.to_vec()))
    }
}

impl Where {
    /// Which server, which schema, which name. `options` says whether custom options will be shown.
    pub(super) fn plan(
        &self,
        verb: &'static str,
        words: &[String],
        surroundings: &Surroundings,
        options: bool,
    ) -> Result<SchemaVerb, Failed> {
        let Self { target, schema, headers } = self;
        let (place, name) =
            split(words, target.address.is_some() || schema.has_files()).map_err(|error| {
                Failed::words(error, verb, (target, schema, headers), &surroundings.given.under.flags, "")
            })?;
        let mut target = target.plan(place, &surroundings.given)?;
        let (prefix, symbol) = match &name {
            Some(_) => (target.place.path.trim_end_matches('/'), None),
            None => target.place.prefix_and_symbol(),
        };
        let (prefix, symbol) = (prefix.to_owned(), symbol.map(str::to_owned));
        target.settle(&prefix, schema, headers);
        let read =
            headers.read(&surroundings.given.under.headers, &surroundings.world, target.place.protocol)?;
        target.carry(&read)?;
        let metadata = read.reflection;
        let go = target.netrpc(&metadata, schema, headers).map_err(ArgsError::from)?;
        let (server, symbol, unasked) = if let Some(server) = go {
            (ServerPlan::Go(server), None, None)
        } else {
            let schema = schema.plan(metadata, options);
            let named = matches!(target.origin, Origin::Argument | Origin::Flag | Origin::Environment);
            let unasked = target.schema_at.clone().filter(|_| named && schema.reflection.is_empty());
            let channel = target.channel.clone();
            (ServerPlan::Grpc { channel, schema: Some(schema) }, symbol, unasked)
        };
        let name = name.or(symbol);
        Ok(SchemaVerb {
            session: SessionPlan { server, timeout: target.timeout, in_full: false },
            name,
            target,
            unasked,
        })
    }
}

/// Says how the schema was come by, be it had or not.
pub(super) async fn tell(
    session: &Session,
    style: talk::Style,
    surroundings: &Surroundings,
    io: &mut Writers<'_>,
) -> io::Result<()> {
    if style.level < Level::Call {
        return talk::repairs(io.talk, session.schema().await.repairs(), style.level);
    }
    let events = session.events().await;
    talk::schema(io.talk, &events, session.schema().await.repairs(), (surroundings.started(), style))
}

/// Every service with its descriptor, or why it can't be had, which is told on the side as well.
pub(super) async fn described(
    session: &Session,
    io: &mut Writers<'_>,
) -> Result<Vec<(String, Result<ServiceDescriptor, String>)>, Failure> {
    let mut schema = session.schema().await;
    let names = schema.services().await?;
    let descriptors = schema.descriptors(&names).await?;
    let why = match schema.take_refused() {
        Some(error) => with_causes(&error),
        None => "the server lists it and does not describe it".to_owned(),
    };
    let described: Vec<(String, Result<ServiceDescriptor, String>)> = names
        .into_iter()
        .zip(descriptors)
        .map(|(name, descriptor)| {
            let why = || schema.why_lost(&name).map_or_else(|| why.clone(), |own| with_causes(own));
            let descriptor = descriptor.ok_or_else(why);
            (name, descriptor)
        })
        .collect();
    let services = described.iter().filter_map(|(name, found)| Some((name.as_str(), found.as_ref().err()?)));
    let files = schema.lost_files().map(|(name, why)| (name, with_causes(why)));
    let left_out = services.map(|(name, why)| left_out(name, why));
    talk::warnings(io.talk, left_out.chain(files.map(|(name, why)| self::left_out(name, &why))))?;
    Ok(described)
}

/// Tells of which services of files nothing but the names is known, and why.
pub(super) async fn tell_lost(session: &Session, names: &[String], io: &mut Writers<'_>) -> io::Result<()> {
    let schema = session.schema().await;
    let lost = names.iter().filter_map(|name| Some((name, schema.why_lost(name)?)));
    let told = lost.map(|(name, why)| {
        let why = with_causes(why);
        format!("nothing but the name of {} is known: {}", sanitize::brief(name), sanitize::brief(&why))
    });
    talk::warnings(io.talk, told)
}

/// The symbol of this name, or all that is in the package of this name.
pub(super) async fn named(
    session: &Session,
    name: &str,
    io: &mut Writers<'_>,
) -> Result<Vec<Symbol>, Failure> {
    let found = session.schema().await.symbol(name).await;
    if let Err(schema::Error::NotFound { .. }) = &found {
        let package = session.schema().await.package(name);
        if !package.is_empty() {
            return Ok(package);
        }
    }
    Ok(vec![explained(found, session, io).await?])
}

/// A name that was not found may be that of something in a service that can't be had: those are told.
pub(super) async fn explained<T>(
    found: Result<T, schema::Error>,
    session: &Session,
    io: &mut Writers<'_>,
) -> Result<T, Failure> {
    if let Err(schema::Error::NotFound { .. }) = &found {
        let lost = session.schema().await.take_left_out();
        talk::warnings(io.talk, lost.iter().map(|(name, why)| left_out(name, &with_causes(why))))?;
    }
    found.map_err(Failure::from)
}

fn left_out(name: &str, why: &str) -> String {
    format!("{} is left out: {}", sanitize::brief(name), sanitize::brief(why))
}
