//! The words of `bench TARGET METHOD`.

use std::num::NonZeroUsize;
use std::time::Duration;

use clap::{Arg, Args, ValueEnum};

use super::shown::ShownArgs;
use crate::args::{CallHeaders, InputArg, LoadArgs, SchemaArgs, TargetArgs, count};
use crate::bench::condition::Condition;

/// What `--timeout` is here.
fn about_timeout(flag: Arg) -> Arg {
    const HELP: &str = "How long each call may take [default: 20s]";
    flag.help(HELP).long_help(format!(
        "{HELP}\n\nThe server is told. One that takes longer is ended, and counted as a transport error."
    ))
}

/// How long each call may take where nothing else is said.
pub(super) const TIMEOUT: Duration = Duration::from_secs(20);

/// Which load is put on which method.
#[derive(Debug, Clone, Args)]
#[command(mut_arg("timeout", about_timeout))]
pub(super) struct LoadVerbArgs {
    /// The server (HOST:PORT, a URL, unix:PATH), the method, then the request as items
    ///
    /// An item is FIELD=VALUE, FIELD:=JSON or FIELD@FILE, as for call.
    #[arg(value_names = ["TARGET", "METHOD", "ITEM"], num_args = 0..)]
    pub(super) words: Vec<String>,

    /// Send these messages: JSON, @FILE, or @ for stdin (repeatable)
    ///
    /// A method that takes one message gets another in each call, by turns. An array at the top is several messages, as for
    /// ghz.
    #[arg(short, long, value_name = "JSON|@FILE|@", allow_hyphen_values = true)]
    pub(super) data: Vec<String>,

    /// How messages are written: in -d, files and stdin [default: json]
    #[arg(short, long, value_name = "FORMAT")]
    pub(super) input: Option<InputArg>,

    /// Pass over JSON members that the message does not have
    #[arg(long)]
    pub(super) allow_unknown_fields: bool,

    #[command(flatten)]
    pub(super) load: LoadArgs,

    /// What makes the calls [default: frames, where it can]
    ///
    /// Both count alike.
    #[arg(long, value_name = "ENGINE", value_enum, help_heading = "Load")]
    pub(super) engine: Option<EngineArg>,

    /// Look for the highest rate at which this holds, such as 'p99<50ms'
    ///
    /// Open loops of --duration each, at rates that come closer and closer [default: 5s each]. Calls that are dropped, or fall
    /// behind, break every promise.
    #[arg(
        long,
        value_name = "CONDITION",
        value_parser = Condition::of_one,
        help_heading = "Load",
        conflicts_with_all = ["rate", "ramp", "steps", "replay", "requests", "repeat"]
    )]
    pub(super) search: Option<Condition>,

    /// Stop as soon as this is so, such as 'errors>1%'
    ///
    /// Looked at each second, over all that was counted by then. May be given several times.
    #[arg(long, value_name = "CONDITION", value_parser = Condition::of_one, help_heading = "Load")]
    pub(super) stop_on: Vec<Condition>,

    /// Do it all so many times, to know how much chance there is in it
    ///
    /// The report has the figures of each, which compare takes for its noise.
    #[arg(long, value_name = "N", default_value = "1", hide_default_value = true, value_parser = count, help_heading = "Load")]
    pub(super) repeat: NonZeroUsize,

    #[command(flatten)]
    pub(super) shown: ShownArgs,

    /// Don't tell how it is getting on
    #[arg(short, long, help_heading = "Output")]
    pub(super) quiet: bool,

    #[command(flatten)]
    pub(super) target: TargetArgs,

    #[command(flatten)]
    pub(super) schema: SchemaArgs,

    #[command(flatten)]
    pub(super) headers: CallHeaders,
}

/// The `--engine` values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum EngineArg {
    /// One that writes and reads frames by itself: gRPC over HTTP/2, straight to the server
    Frames,
    /// What makes the calls of rpcctl call, over any protocol and any way
    Session,
}
