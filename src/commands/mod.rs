//! The command line: one file a verb, and the one match that chooses between them.

pub mod bench;
mod bytes;
pub mod call;
pub mod channelz;
mod complete;
pub mod completions;
pub mod config;
mod data;
pub mod decode;
pub mod describe;
pub mod diff;
pub mod doctor;
pub mod encode;
pub mod export;
mod failed;
mod filter;
pub mod health;
pub mod list;
pub mod man;
mod netrpc;
mod open;
mod password;
mod profile;
mod run;
mod schema_verb;
pub mod serve_demo;
mod signal;
mod surroundings;
mod writers;

use std::ffi::OsString;
use std::time::Instant;

use clap::builder::EnumValueParser;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, Args as _, Command, FromArgMatches as _, Subcommand, ValueEnum as _};

use crate::args::{
    ColorArg, HabitError, apart, ghz, grpcurl, may_be_ghz, may_be_probe, may_have_one_dash, may_stand_alone,
    probe, reorder,
};
use crate::failure::Failure;
use crate::output::sanitize;
use failed::Unwritten;
use profile::Merged;
use signal::signal;
use surroundings::Colors;

pub use failed::Failed;
pub use surroundings::Surroundings;
pub use writers::Writers;

const EXAMPLES: &str = "\
Examples:
  rpcctl list localhost:50051                              what the server offers
  rpcctl describe localhost:50051 hello.HelloService       its source, from reflection
  rpcctl call localhost:50051 HelloService/SayHello -d '{\"name\":\"Alice\"}'
  rpcctl serve-demo                                        a server to try all this on
  rpcctl call demo: HelloService/SayHello -d '{\"name\":\"Alice\"}'   the same, without a server

Targets: HOST:PORT, http://HOST (plaintext), https://HOST (TLS), unix:PATH, dns:///HOST:PORT, demo: (a server inside \
rpcctl), and for Go's net/rpc netrpc://HOST:PORT, netrpc+unix:PATH, jsonrpc://HOST:PORT and the like. A URL's path is a \
prefix and may end in the method. Where no target is given, RPCCTL_ADDRESS names it, or a profile, and else it is \
localhost:50051.

Exit status: 0 success; 1 it could not be done; 2 it was asked for wrongly; 64 + the gRPC code when a call ended in an \
error status, such as 69 for NOT_FOUND; 130 on ^C, 143 on SIGTERM.";

#[derive(Debug, Subcommand)]
enum Verb {
    List(list::ListArgs),
    Describe(describe::DescribeArgs),
    Call(Box<call::CallArgs>),
    Encode(encode::EncodeArgs),
    Decode(decode::DecodeArgs),
    Export(export::ExportArgs),
    Diff(Box<diff::DiffArgs>),
    Health(Box<health::HealthArgs>),
    Channelz(Box<channelz::ChannelzArgs>),
    Bench(Box<bench::BenchArgs>),
    Doctor(Box<doctor::DoctorArgs>),
    ServeDemo(serve_demo::ServeDemoArgs),
    Config(Box<config::ConfigArgs>),
    Completions(completions::CompletionsArgs),
    Man(man::ManArgs),
    Complete(complete::CompleteArgs),
    Filter(filter::FilterArgs),
}

/// A verb's name, what it does in a line, and what adds its words to a command.
type VerbWords = (&'static str, &'static str, fn(Command) -> Command);

/// Every verb of [`Verb`], in the order of the help.
const VERBS: [VerbWords; 15] = [
    ("list", "List services, or the methods of one", list::ListArgs::augment_args),
    (
        "describe",
        "Show a service, method, message, field, enum or extension as proto source",
        describe::DescribeArgs::augment_args,
    ),
    ("call", "Call a method", call::CallArgs::augment_args),
    ("encode", "Encode messages: JSON, YAML, text or items in, bytes out", encode::EncodeArgs::augment_args),
    ("decode", "Decode messages: bytes in, JSON, YAML or text out", decode::DecodeArgs::augment_args),
    ("export", "Write a schema as a descriptor set or as .proto files", export::ExportArgs::augment_args),
    ("diff", "Tell what changed between two schemas, and what that breaks", diff::words),
    HEALTH,
    ("channelz", "Show a server's channels, servers and sockets", channelz::ChannelzArgs::augment_args),
    BENCH,
    (
        "doctor",
        "Find out why a server won't answer, and which flag mends it",
        doctor::DoctorArgs::augment_args,
    ),
    (
        "serve-demo",
        "Run a demo server: greeters, every call shape, errors, metadata, all field kinds",
        serve_demo::ServeDemoArgs::augment_args,
    ),
    (
        "config",
        "Show what configuration files say, check them, trust a folder's",
        config::ConfigArgs::augment_args,
    ),
    (
        "completions",
        "Print a completion script for a shell, or install it",
        completions::CompletionsArgs::augment_args,
    ),
    ("man", "Show the manual page, or a verb's", man::ManArgs::augment_args),
];

/// The one verb with exit codes of its own.
const HEALTH: VerbWords =
    ("health", "Ask a server how it is, as a probe does", health::HealthArgs::augment_args);

/// The verb that stands in for ghz.
const BENCH: VerbWords =
    ("bench", "Put load on a server, and compare reports of that", bench::BenchArgs::augment_args);

/// What the completion scripts call, and people don't.
const COMPLETE: VerbWords = ("complete", "Say how a word may go on", complete::CompleteArgs::augment_args);

/// What a call runs beside itself.
const FILTER: VerbWords = ("filter", "Run an expression over messages", filter::FilterArgs::augment_args);

/// The whole command line.
pub fn command() -> Command {
    command_of(&VERBS)
}

/// The command line as its help shows it: what the verbs are, without their words.
fn command_in_short() -> Command {
    command_with(VERBS.into_iter().map(|(name, about, _)| Command::new(name).about(about)))
}

/// The command line with these verbs alone. Putting a verb's words together takes longer than parsing them, so a
/// line that begins with a verb has no need of the others.
fn command_of(verbs: &[VerbWords]) -> Command {
    command_with(verbs.iter().map(|(name, about, words)| words(Command::new(*name)).about(*about)))
}

fn command_with(verbs: impl Iterator<Item = Command>) -> Command {
    Command::new("rpcctl")
        .version(env!("CARGO_PKG_VERSION"))
        .about("See what an RPC server offers, call anything on it, find out why it won't answer")
        .after_help(EXAMPLES)
        .subcommand_required(true)
        .arg_required_else_help(true)
        .args_override_self(true)
        .max_term_width(98)
        .arg(color_flag())
        .subcommands(verbs)
}

const COLOR: &str = "color";

/// The flag that says where colours are wanted, which every verb takes.
fn color_flag() -> Arg {
    Arg::new(COLOR)
        .long(COLOR)
        .value_name("WHEN")
        .value_parser(EnumValueParser::<ColorArg>::new())
        .default_value("auto")
        .global(true)
        .help_heading("Output")
        .help("When to print in colours")
}

/// What the words say of colours, for when they can't be understood or ask for help.
fn color_of(words: &[OsString]) -> ColorArg {
    let mut words = words.iter().filter_map(|word| word.to_str());
    let mut said = ColorArg::default();
    while let Some(word) = words.next() {
        let value = match word.strip_prefix("--color") {
            Some("") => words.next(),
            Some(rest) => rest.strip_prefix('='),
            None => None,
        };
        said = value.and_then(|value| ColorArg::from_str(value, false).ok()).unwrap_or(said);
    }
    said
}

/// A verb, what is said of colours, and what configuration files say to it.
struct Parsed {
    verb: Verb,
    color: ColorArg,
    merged: Merged,
}

/// Why there is no verb to carry out.
enum ParseError {
    /// The parser's own; help is one too.
    Clap(clap::Error),
    Habit(HabitError),
    /// What is wrong stands in a configuration file.
    Config(Failure),
}

/// Reads the words, and the files that stand under them; `color` is for the parser's own answers.
fn parse(words: Vec<OsString>, color: ColorArg) -> Result<Parsed, ParseError> {
    let first = words.get(1).and_then(|word| word.to_str());
    let verbs = VERBS.into_iter().chain([COMPLETE, FILTER]);
    let named: Vec<VerbWords> = verbs.filter(|(name, ..)| Some(*name) == first).collect();
    // What stands behind it is somebody else's line.
    let completes = first == Some(COMPLETE.0);
    let alone = words.len() == 2 && matches!(first, Some("--help" | "-h" | "--version" | "-V"));
    if !completes
        && may_be_probe(&words)
        && let Some(habit) = probe(&command_of(&[HEALTH]), &words)
    {
        return Err(ParseError::Habit(habit));
    }
    if !completes
        && may_be_ghz(&words)
        && let Some(habit) = ghz(&command_of(&[BENCH]), &words)
    {
        return Err(ParseError::Habit(habit));
    }
    let (mut command, words) = if alone {
        (command_in_short(), words)
    } else if named.is_empty() || (!completes && may_have_one_dash(&words)) {
        let command = command();
        if let Some(habit) = grpcurl(&command, &words) {
            return Err(ParseError::Habit(habit));
        }
        let words = reorder(&command, words);
        (command, words)
    } else {
        (command_of(&named), words)
    };
    let verb = words.iter().skip(1).find_map(|word| command.find_subcommand(word)).filter(|_| !completes);
    if let Some(verb) = verb.filter(|verb| may_stand_alone(verb, &words))
        && let Some(habit) = apart(verb, &words)
    {
        return Err(ParseError::Habit(habit));
    }
    command = command.color(match color {
        ColorArg::Auto => clap::ColorChoice::Auto,
        ColorArg::Always => clap::ColorChoice::Always,
        ColorArg::Never => clap::ColorChoice::Never,
    });
    let parsed = parse_with(&mut command, &words);
    // Taking it apart would take longer than parsing did.
    std::mem::forget(command);
    parsed.map_err(|error| match error {
        ParseError::Clap(error) => ParseError::Clap(serve_demo::suggest_listen(advised(error), &words)),
        error => error,
    })
}

fn parse_with(command: &mut Command, words: &[OsString]) -> Result<Parsed, ParseError> {
    let mut matches = command.try_get_matches_from_mut(words).map_err(ParseError::Clap)?;
    let (mut merged, mut asked) = (Merged::default(), None);
    if let Some((name, typed)) = matches.subcommand()
        && let Some(verb) = command.find_subcommand(name)
    {
        // Whoever can name a profile reaches a server.
        if profile::has_flag(verb, "profile") {
            merged = profile::merge(verb, typed, surroundings::around()).map_err(ParseError::Config)?;
        } else {
            asked = config::typed(verb, typed);
        }
    }
    if let Some(words) = merged.words(words) {
        let name = matches.subcommand_name().unwrap_or_default().to_owned();
        matches = command.try_get_matches_from_mut(words).map_err(|error| {
            merged.blame(command, &name).map_or(ParseError::Clap(error), ParseError::Config)
        })?;
    }
    let color = matches.get_one(COLOR).copied().unwrap_or_default();
    let mut verb = Verb::from_arg_matches_mut(&mut matches).map_err(ParseError::Clap)?;
    if let (Verb::Config(args), Some(asked)) = (&mut verb, asked) {
        args.typed = asked;
    }
    Ok(Parsed { verb, color, merged })
}

/// The parser's error with advice that helps here: no word of any verb's begins with a dash, and curl's `-k` is
/// nothing that the parser would know.
fn advised(mut error: clap::Error) -> clap::Error {
    if error.kind() == ErrorKind::UnknownArgument {
        error.remove(ContextKind::Suggested);
        if let (Some(ContextValue::String(given)), Some(ContextValue::String(similar))) =
            (error.get(ContextKind::InvalidArg), error.get(ContextKind::SuggestedArg))
            && !may_be_meant(given, similar)
        {
            error.remove(ContextKind::SuggestedArg);
        }
        if matches!(error.get(ContextKind::InvalidArg), Some(ContextValue::String(flag)) if flag == "-k") {
            error.insert(ContextKind::SuggestedArg, ContextValue::String("--insecure".to_owned()));
        }
    }
    error
}

/// Whether a line is that of the verb with exit codes of its own: flags, and with grpcurl the server, may stand before it.
fn is_of_health(words: &[OsString]) -> bool {
    let verb = words.iter().skip(1).find(|word| VERBS.iter().any(|(name, ..)| *word == name));
    verb.is_some_and(|verb| verb == HEALTH.0)
}

/// Whether a flag may be another one mistyped. The parser thinks so of flags with little in common.
fn may_be_meant(given: &str, similar: &str) -> bool {
    let [given, similar] = [given, similar].map(|flag| flag.trim_start_matches('-'));
    let longer = given.len().max(similar.len());
    let begins = given.starts_with(similar) || similar.starts_with(given);
    begins || strsim::osa_distance(given, similar) * 3 <= longer
}

/// How a verb that was carried out ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exit(pub u8);

impl Exit {
    /// All is well.
    pub const OK: Self = Self(0);
    /// Less was done than was asked for, and it was told what is missing.
    pub const IN_PART: Self = Self(1);
    /// A check that was asked for failed.
    pub const CHECK_FAILED: Self = Self(99);
}

/// Parses the words, does what they say, reports what went wrong, and tells the exit code.
pub fn main(words: impl Iterator<Item = OsString>) -> u8 {
    let started = Instant::now();
    let words: Vec<OsString> = words.collect();
    let said = color_of(&words);
    let is_health = is_of_health(&words);
    let Parsed { verb, color, merged } = match parse(words, said) {
        Ok(parsed) => parsed,
        Err(ParseError::Habit(habit)) => {
            let code = Failed::from(habit).tell(Colors::ask(said));
            return if is_health { health::WRONG } else { code };
        }
        Err(ParseError::Config(failure)) => {
            let code = Failed::from(failure).tell(Colors::ask(said));
            return if is_health { health::WRONG } else { code };
        }
        Err(ParseError::Clap(error)) => {
            // Help goes to stdout, and is what was asked for.
            return match error.print() {
                Err(unwritten) if !error.use_stderr() => {
                    Failed::from(Unwritten(unwritten)).tell(Colors::ask(said))
                }
                // A probe has exit codes of its own.
                _ if error.use_stderr() && is_health => health::WRONG,
                _ => u8::try_from(error.exit_code()).unwrap_or(2),
            };
        }
    };
    let surroundings = Surroundings::ask(started, color, merged);
    let colors = surroundings.colors;
    match run::to_the_end(colors, async |writers| carry_out(verb, &surroundings, writers).await) {
        Ok(exit) => exit.0,
        Err(failed) => failed.tell(colors),
    }
}

async fn carry_out(verb: Verb, surroundings: &Surroundings, io: &mut Writers<'_>) -> Result<Exit, Failed> {
    for warning in &surroundings.warnings {
        writeln!(io.talk, "warning: {}", sanitize::brief(warning))?;
    }
    let exit = match verb {
        // A call waits for its output itself, with an eye on signals and the deadline.
        Verb::Call(args) => return call::run(*args, surroundings, io).await,
        Verb::List(args) => list::run(&args, surroundings, io).await,
        Verb::Describe(args) => describe::run(&args, surroundings, io).await,
        Verb::Encode(args) => encode::run(&args, surroundings, io).await,
        Verb::Decode(args) => decode::run(&args, surroundings, io).await,
        Verb::Export(args) => export::run(&args, surroundings, io).await,
        Verb::Diff(args) => diff::run(&args, surroundings, io).await,
        Verb::Health(args) => health::run(&args, surroundings, io).await,
        Verb::Channelz(args) => channelz::run(&args, surroundings, io).await,
        Verb::Bench(args) => bench::run(&args, surroundings, io).await,
        Verb::Doctor(args) => doctor::run(&args, surroundings, io).await,
        Verb::ServeDemo(args) => {
            serve_demo::run(serve_demo::plan(args), signal()).await.map_err(Failed::from)
        }
        Verb::Completions(args) => completions::run(&args, io.out),
        Verb::Config(args) => config::run(&args, surroundings, io),
        Verb::Man(args) => man::run(&args, surroundings, io.out),
        Verb::Filter(_) => filter::run().await,
        Verb::Complete(args) => complete::run(&args, surroundings, io.out).map_err(Failed::from),
    };
    // What was printed before a failure is part of the answer.
    let finished = io.out.finish().await;
    let exit = exit?;
    finished?;
    Ok(exit)
}
