//! What a server offers: asked now if it answers at once, and else what it said before.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::{Command as Process, Stdio};
use std::time::{Duration, Instant};

use clap::builder::PossibleValue;
use clap::{ArgMatches, Command, FromArgMatches as _};
use prost_reflect::ServiceDescriptor;

use super::super::completions::Shell;
use super::super::profile::{self, Around, Variables};
use super::super::schema_verb::{self, Where};
use super::super::surroundings::{self, Surroundings, World};
use super::line::Line;
use crate::args::{HeadersUnder, Origin, ReflectionHeaders, SchemaArgs, TargetArgs, TargetPlan, Under};
use crate::completion::{Cache, Cached, Catalog, Key};
use crate::config::{self, Places, Value};
use crate::netrpc;
use crate::session::{OpenError, ServerPlan, Session};
use crate::transport::Endpoint;

/// How long a server is asked by who waits for nothing else.
const AT_LEISURE: Duration = Duration::from_secs(10);
/// A server on this machine is someone's who changes it, and soon asked; one beyond it is far and changes rarely.
const FRESH_HERE: Duration = Duration::from_secs(10);
const FRESH_BEYOND: Duration = Duration::from_secs(5 * 60);

/// The flags that say which server and which schema; a verb that lacks one has no names to complete.
const NEEDED: [&str; 5] = ["address", "proto", "descriptor_set", "header", "reflect_header"];

/// How the line is completed, and how it is once more, by another process.
pub(super) struct Again {
    /// How long a server is waited for, from the start of the process.
    pub(super) patience: Duration,
    pub(super) shell: Shell,
    /// The words as they were given, with their quotes.
    pub(super) words: Vec<String>,
}

/// A line, and all it takes to find out what it is about.
pub(super) struct Asked<'a> {
    pub(super) line: &'a Line,
    pub(super) surroundings: &'a Surroundings,
    pub(super) again: &'a Again,
}

impl Asked<'_> {
    /// What the line's server or files offer; none if that can't be said now.
    pub(super) fn catalog(&self, target: Option<&str>) -> Option<Catalog> {
        let question = Question::new(self.line, target, self.surroundings)?;
        let (started, soon) = (self.surroundings.started(), self.again.patience);
        let Some((cache, key)) = question.cache() else { return question.ask(started, soon).ok() };
        let cached = cache.read(&key);
        if cached.as_ref().is_some_and(|cached| cached.age < question.fresh()) {
            return cached.map(|cached| cached.catalog);
        }
        // Another process is about to find it out, and nobody is to wait for that at every key.
        let before = || cached.map(|Cached { catalog, .. }| catalog);
        if cache.waiting_since(&key).is_some_and(|since| since < AT_LEISURE) {
            return before();
        }
        match question.ask(started, soon) {
            Ok(catalog) => {
                // It is good now, whether it can be kept or not.
                let _ = cache.write(&key, &catalog);
                Some(catalog)
            }
            Err(Silent::Late) => {
                cache.note_waiting(&key);
                self.again.start();
                before()
            }
            Err(Silent::Failed) => before(),
        }
    }

    /// Whether a flag says already whom the line is about.
    pub(super) fn names_a_server(&self) -> bool {
        ["address", "proto", "descriptor_set"].into_iter().any(|flag| self.line.has(flag))
    }
}

impl Again {
    /// Has another process ask the server at leisure, for the next time.
    fn start(&self) {
        let Some(program) = surroundings::program() else { return };
        let mut process = Process::new(program);
        let shell = clap::ValueEnum::to_possible_value(&self.shell);
        process.args(["complete", "--refresh"]).args(shell.as_ref().map(PossibleValue::get_name));
        process.arg("--").args(&self.words).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        // A ^C at the prompt is not meant for it.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut process, 0);
        // Nobody is told if it can't be started.
        let _ = process.spawn();
    }
}

/// What completion keeps.
fn cache(places: &Places) -> Option<Cache> {
    Some(Cache::new(places.cache.as_ref()?.join("rpcctl")))
}

/// The targets that were seen.
pub(super) fn seen(places: &Places) -> Vec<String> {
    cache(places).map(|cache| cache.targets()).unwrap_or_default()
}

/// The profiles of the files that count, each with the address that it gives.
pub(super) fn profiles(line: &Line, places: &Places) -> Vec<(String, String)> {
    let named = line.value("config").map(PathBuf::from);
    // What is wrong in a file is told by the verb.
    let Ok((files, _)) = config::open(places, named.as_deref()) else { return Vec::new() };
    let mut all: BTreeMap<String, String> = BTreeMap::new();
    for file in &files {
        for profile in &file.document.profiles {
            let help = all.entry(profile.name.clone()).or_default();
            let address = profile.settings.iter().find(|setting| setting.key.name == "address");
            if let (Some(Value::Text(text)), true, true) =
                (address.map(|setting| &setting.value), help.is_empty(), file.is_trusted())
            {
                help.clone_from(text);
            }
        }
    }
    all.into_iter().collect()
}

/// Leaves the name of a server that answered for completion to offer, if anybody completes anything here.
pub(in super::super) fn remember(target: &TargetPlan, places: &Places) {
    // Who named no server may have been answered by a file.
    if target.origin == Origin::Default || matches!(target.channel.target.endpoint, Endpoint::Opened(_)) {
        return;
    }
    let key = Key::new(&target.place.text, &[]);
    if let (Some(key), Some(cache)) = (key, cache(places)) {
        cache.remember(&key);
    }
}

/// Asks the server of a line, and keeps what it says.
pub(super) fn refresh(line: &Line, target: Option<&str>, surroundings: &Surroundings) {
    let Some(question) = Question::new(line, target, surroundings) else { return };
    let Some((cache, key)) = question.cache() else { return };
    if let Ok(catalog) = question.ask(surroundings.started(), AT_LEISURE) {
        let _ = cache.write(&key, &catalog);
    }
}

/// Why there is no answer.
enum Silent {
    /// There was no time for one.
    Late,
    /// There is none.
    Failed,
}

/// Whom to ask.
struct Question {
    plan: schema_verb::SchemaVerb,
    /// Whether files are all there is to it.
    of_files: bool,
    besides: Vec<String>,
    cache: Option<Cache>,
}

impl Question {
    /// The same server and schema as the verb itself would have with these words.
    fn new(line: &Line, target: Option<&str>, surroundings: &Surroundings) -> Option<Self> {
        let mut command = line.command().clone().ignore_errors(true);
        let has = |id: &str| command.get_arguments().any(|arg| arg.get_id() == id);
        if !NEEDED.into_iter().all(has) {
            return None;
        }
        let (matches, surroundings) = with_files(&mut command, line, target, surroundings)?;
        let mut place = Where {
            target: TargetArgs::from_arg_matches(&matches).ok()?,
            schema: SchemaArgs::from_arg_matches(&matches).ok()?,
            headers: ReflectionHeaders::from_arg_matches(&matches).ok()?,
        };
        // Any of several tells what there is.
        place.target.spoken.protocol.truncate(1);
        let words: Vec<String> = target.map(str::to_owned).into_iter().collect();
        let mut plan = place.plan("list", &words, &surroundings, false).ok()?;
        // Nobody has said yet that the line is done, nor would a warning be read: no credential goes over a network in
        // plaintext for a word to be completed.
        if !plan.target.exposed.is_empty() {
            return None;
        }
        plan.session.timeout = None;
        let of_files = match &plan.session.server {
            ServerPlan::Grpc { schema, .. } => {
                schema.as_ref().is_none_or(|schema| schema.reflection.is_empty())
            }
            ServerPlan::Go(_) => false,
        };
        // Who else may answer under the same name, or answer something else.
        let channel = &plan.target.channel;
        let mut besides = Vec::new();
        let mut differs = |what: &str, value: &str| besides.push(format!("{what}={value}"));
        place.target.authority.iter().for_each(|name| differs("authority", name));
        place.target.server_name.iter().for_each(|name| differs("name", name));
        if !channel.prefix.is_empty() {
            differs("prefix", &channel.prefix);
        }
        if channel.target.tls.is_some() {
            differs("tls", "");
        }
        for file in place.schema.proto.iter().chain(&place.schema.descriptor_set) {
            differs("file", &file.to_string_lossy());
        }
        Some(Self { plan, of_files, besides, cache: cache(&surroundings.places) })
    }

    /// Where the answer is kept. What files say is found out sooner than it would be read.
    fn cache(&self) -> Option<(&Cache, Key)> {
        if self.of_files {
            return None;
        }
        let besides: Vec<&str> = self.besides.iter().map(String::as_str).collect();
        let key = Key::new(&self.plan.target.place.text, &besides)?;
        Some((self.cache.as_ref()?, key))
    }

    /// How long an answer is as good as a new one.
    fn fresh(&self) -> Duration {
        let here = self.plan.target.channel.target.endpoint.is_loopback();
        if here { FRESH_HERE } else { FRESH_BEYOND }
    }

    /// Asks, for no longer than that after the start of the process.
    fn ask(&self, started: Instant, patience: Duration) -> Result<Catalog, Silent> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|_| Silent::Failed)?;
        let left = patience.saturating_sub(started.elapsed());
        let answer = runtime.block_on(async { tokio::time::timeout(left, self.offered(started)).await });
        // A name may still be looked up in a thread that nobody waits for.
        runtime.shutdown_background();
        match answer {
            Ok(Some(catalog)) => Ok(catalog),
            Ok(None) => Err(Silent::Failed),
            Err(_) => Err(Silent::Late),
        }
    }

    async fn offered(&self, started: Instant) -> Option<Catalog> {
        let opened: Result<Session, OpenError> = Session::open(self.plan.session.clone(), started);
        let session = opened.ok()?;
        if let Some(client) = session.netrpc() {
            let (services, _) = netrpc::discover(client).await.ok()?;
            return Some(Catalog::of_net_rpc(&services));
        }
        let mut schema = session.schema().await;
        let names = schema.services().await.ok()?;
        let found = schema.descriptors(&names).await.ok()?;
        let services: Vec<ServiceDescriptor> = found.into_iter().flatten().collect();
        Some(Catalog::of_services(&services))
    }
}

/// What the words say, and the surroundings with what configuration files say under it, as for the verb itself; but
/// nobody is asked for anything and no command is run. None if a file or the profile is wrong, which the verb will say.
fn with_files(
    command: &mut Command,
    line: &Line,
    target: Option<&str>,
    surroundings: &Surroundings,
) -> Option<(ArgMatches, Surroundings)> {
    let mut matches = command.try_get_matches_from_mut(&line.before).ok()?;
    let around = surroundings.around();
    // The word being typed may begin with the target, and a credential is kept from whoever it is not for.
    let address = target.map(OsString::from).or(around.variables.address);
    let variables = Variables { address, ..around.variables };
    let around = Around { variables, lookup: World::mute(), unattended: true, ..around };
    let merged = profile::merge(command, &matches, around).ok()?;
    let program = std::iter::once("rpcctl").chain(line.before.iter().map(String::as_str));
    if let Some(words) = merged.words(&program.map(OsString::from).collect::<Vec<_>>()) {
        matches = command.try_get_matches_from_mut(words.into_iter().skip(1)).ok()?;
    }
    let mut surroundings = surroundings.clone();
    let token = surroundings.given.under.headers.token.take();
    let under = merged.under;
    surroundings.given.under = Under { headers: HeadersUnder { token, ..under.headers }, ..under };
    surroundings.world = World::mute();
    Some((matches, surroundings))
}
