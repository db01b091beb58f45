//! The command line: one file a verb, and the one match that chooses between them.
//!
//! Here, once, the environment and the terminals are asked; what they say is passed on as values.

pub mod call;
pub mod completions;
pub mod describe;
mod failed;
pub mod list;
pub mod man;
mod netrpc;
pub mod serve_demo;

use std::ffi::OsString;
use std::io::{self, IsTerminal as _, Write};
use std::time::Instant;

use clap::{Args as _, Command, FromArgMatches as _, Subcommand};

use crate::args::{Given, HabitError, TargetPlan, grpcurl, may_have_one_dash, reorder};
use crate::failure::{Failure, Kind};
use crate::output::{Destination, Outlet};
use crate::transport::Opener;
use failed::Unwritten;

pub use failed::Failed;

const EXAMPLES: &str = "\
Examples:
  rpcctl list localhost:50051                              what the server offers
  rpcctl describe localhost:50051 hello.HelloService       its source, from reflection
  rpcctl call localhost:50051 HelloService/SayHello -d '{\"name\":\"Alice\"}'
  rpcctl serve-demo                                        a server to try all this on
  rpcctl call demo: HelloService/SayHello -d '{\"name\":\"Alice\"}'   the same, without a server

Exit status: 0 success; 1 it could not be done; 2 it was asked for wrongly; 64 + the gRPC code when a call ended
in an error status, such as 69 for NOT_FOUND; 130 on ^C, 143 on SIGTERM.";

#[derive(Debug, Subcommand)]
enum Verb {
    List(list::ListArgs),
    Describe(describe::DescribeArgs),
    Call(Box<call::CallArgs>),
    ServeDemo(serve_demo::ServeDemoArgs),
    Completions(completions::CompletionsArgs),
    Man(man::ManArgs),
}

/// A verb's name, and what adds its words to a command.
type VerbWords = (&'static str, fn(Command) -> Command);

/// Every verb of [`Verb`], in the order of the help.
const VERBS: [VerbWords; 6] = [
    ("list", list::ListArgs::augment_args),
    ("describe", describe::DescribeArgs::augment_args),
    ("call", call::CallArgs::augment_args),
    ("serve-demo", serve_demo::ServeDemoArgs::augment_args),
    ("completions", completions::CompletionsArgs::augment_args),
    ("man", man::ManArgs::augment_args),
];

/// The whole command line.
pub fn command() -> Command {
    command_of(&VERBS)
}

/// The command line with these verbs alone. Putting a verb's words together takes longer than parsing them, so a
/// line that begins with a verb has no need of the others.
fn command_of(verbs: &[VerbWords]) -> Command {
    Command::new("rpcctl")
        .version(env!("CARGO_PKG_VERSION"))
        .about("See what an RPC server offers, call anything on it, find out why it won't answer")
        .after_help(EXAMPLES)
        .subcommand_required(true)
        .arg_required_else_help(true)
        .max_term_width(100)
        .subcommands(verbs.iter().map(|(name, words)| words(Command::new(*name))))
}

/// The variables by which programs are told of a proxy for what is neither HTTP/1 nor plaintext.
const PROXIES: [&str; 4] = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];

/// Why there is no verb to carry out.
enum ParseError {
    /// The parser's own; help is one too.
    Clap(clap::Error),
    Habit(HabitError),
}

/// Reads the words.
fn parse(words: Vec<OsString>) -> Result<Verb, ParseError> {
    let first = words.get(1).and_then(|word| word.to_str());
    let named: Vec<VerbWords> = VERBS.into_iter().filter(|(name, _)| Some(*name) == first).collect();
    let (mut command, words) = if named.is_empty() || may_have_one_dash(&words) {
        let command = command();
        if let Some(habit) = grpcurl(&command, &words) {
            return Err(ParseError::Habit(habit));
        }
        let words = reorder(&command, words);
        (command, words)
    } else {
        (command_of(&named), words)
    };
    let verb = command
        .try_get_matches_from_mut(words)
        .and_then(|mut matches| Verb::from_arg_matches_mut(&mut matches));
    // Taking it apart would take longer than parsing did.
    std::mem::forget(command);
    verb.map_err(ParseError::Clap)
}

/// What the surroundings say, asked once.
pub struct Surroundings {
    /// What stands for a target.
    pub given: Given,
    /// Whether standard input is a terminal.
    pub stdin_terminal: bool,
    /// Whether standard output is a terminal.
    pub stdout_terminal: bool,
    /// When the process began, as far as timings and the deadline go.
    pub started: Instant,
}

/// Where a verb writes.
pub struct Writers<'w> {
    /// What was asked for.
    pub out: &'w mut Outlet,
    /// What is said about it.
    pub talk: &'w mut dyn Write,
}

impl Writers<'_> {
    /// Warns of a server that nobody vouches for.
    fn warn_unverified(&mut self, target: &TargetPlan) -> io::Result<()> {
        if target.unverified {
            writeln!(self.talk, "warning: --insecure: nothing verifies that this is {}", target.place.text)?;
        }
        Ok(())
    }
}

/// How a verb that was carried out ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exit(pub u8);

impl Exit {
    /// All is well.
    pub const OK: Self = Self(0);
}

/// Parses the words, does what they say, reports what went wrong, and tells the exit code.
pub fn main(words: impl Iterator<Item = OsString>) -> u8 {
    let started = Instant::now();
    let verb = match parse(words.collect()) {
        Ok(verb) => verb,
        Err(ParseError::Habit(habit)) => return Failed::from(habit).tell(),
        Err(ParseError::Clap(error)) => {
            // Help goes to stdout, and is what was asked for.
            return match error.print() {
                Err(unwritten) if !error.use_stderr() => Failed::from(Unwritten(unwritten)).tell(),
                _ => u8::try_from(error.exit_code()).unwrap_or(2),
            };
        }
    };
    let surroundings = Surroundings {
        given: Given {
            address: std::env::var_os("RPCCTL_ADDRESS").filter(|address| !address.is_empty()),
            demo: Opener::new("demo:", demo_stream),
            proxy: PROXIES.into_iter().find(|name| std::env::var_os(name).is_some_and(|url| !url.is_empty())),
        },
        stdin_terminal: io::stdin().is_terminal(),
        stdout_terminal: io::stdout().is_terminal(),
        started,
    };
    match run(verb, &surroundings) {
        Ok(exit) => exit.0,
        Err(failed) => failed.tell(),
    }
}

/// What standard output is.
#[cfg(unix)]
fn destination() -> Destination {
    use std::os::fd::AsFd as _;
    let file = io::stdout().as_fd().try_clone_to_owned().map(std::fs::File::from);
    match file.and_then(|file| file.metadata()) {
        Ok(metadata) if metadata.is_file() => Destination::File,
        _ => Destination::Reader,
    }
}

/// What standard output is, as far as can be told.
#[cfg(not(unix))]
fn destination() -> Destination {
    Destination::Reader
}

fn run(verb: Verb, surroundings: &Surroundings) -> Result<Exit, Failed> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::new(Kind::Failed, error))?;
    let mut out = Outlet::new(destination(), io::stdout());
    let mut talk = BestEffort(io::LineWriter::new(io::stderr()));
    let mut writers = Writers { out: &mut out, talk: &mut talk };
    let result = runtime.block_on(async {
        let exit = match verb {
            // A call waits for its output itself, with an eye on signals and the deadline.
            Verb::Call(args) => return call::run(*args, surroundings, &mut writers).await,
            Verb::List(args) => list::run(&args, surroundings, &mut writers).await,
            Verb::Describe(args) => describe::run(&args, surroundings, &mut writers).await,
            Verb::ServeDemo(args) => {
                let signal = signal();
                let shutdown = async {
                    signal.await;
                };
                let plan = serve_demo::plan(args);
                serve_demo::run(plan, &mut io::stdout(), Box::new(io::stderr()), shutdown).await?;
                Ok(Exit::OK)
            }
            Verb::Completions(args) => completions::run(&args, writers.out).map_err(Failed::from),
            Verb::Man(args) => man::run(&args, writers.out),
        };
        // What was printed before a failure is part of the answer.
        let finished = writers.out.finish().await;
        let exit = exit?;
        finished?;
        Ok(exit)
    });
    // A thread may still be reading standard input, and nobody knows for how long. Nor is there anything to gain in
    // taking apart what the end of the process takes apart faster.
    std::mem::forget(runtime);
    result
}

/// What is said on the side never decides how a command ends: where it can't be written, it is not.
struct BestEffort<W>(W);

impl<W: Write> Write for BestEffort<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let _ = self.0.write_all(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let _ = self.0.flush();
        Ok(())
    }
}

/// The exit code of the first ^C or SIGTERM. They are caught from this call on, not from the first poll, so that none
/// slips by between announcing a server and serving. Must be called within a tokio runtime.
#[cfg(unix)]
fn signal() -> impl Future<Output = u8> {
    use tokio::signal::unix::{SignalKind, signal};
    let handlers =
        signal(SignalKind::interrupt()).and_then(|int| Ok((int, signal(SignalKind::terminate())?)));
    async {
        // Without handlers, a signal ends the process by itself.
        let Ok((mut interrupt, mut terminate)) = handlers else { return std::future::pending().await };
        tokio::select! {
            _ = interrupt.recv() => 130,
            _ = terminate.recv() => 143,
        }
    }
}

/// The exit code of the first ^C.
#[cfg(not(unix))]
async fn signal() -> u8 {
    match tokio::signal::ctrl_c().await {
        Ok(()) => 130,
        Err(_) => std::future::pending().await,
    }
}

/// A connection to a demo server inside this process.
fn demo_stream() -> io::Result<Box<dyn crate::transport::Stream>> {
    let stream = crate::demo::in_memory().map_err(io::Error::other)?;
    Ok(Box::new(stream))
}
