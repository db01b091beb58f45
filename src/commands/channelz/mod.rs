//! `rpcctl channelz`: what a server says of its own channels, servers and sockets.

mod fault;
mod plan;

use std::pin::pin;
use std::time::Duration;

use clap::Args;

use super::signal::signal;
use super::{Exit, Failed, Surroundings, Writers, complete, open};
use crate::args::{CallHeaders, TableFormat, TargetArgs, duration};
use crate::channelz::{Client, Snapshot};
use crate::failure;
use crate::output::channelz::{self as show, Shown};
use crate::session::Session;
use crate::wire::passed;
use fault::ChannelzError;
use plan::Plan;

const EXAMPLES: &str = "\
Examples:
  rpcctl channelz localhost:50051                     channels, servers and sockets
  rpcctl channelz localhost:50051 servers             servers, and how many calls came
  rpcctl channelz localhost:50051 sockets --watch     again and again, and what went over each
  rpcctl channelz localhost:50051 5 7                 what has these numbers, at length
  rpcctl channelz localhost:50051 -o json | jq '.sockets[] | select(.streamsFailed > 0)'

The server has to offer grpc.channelz.v1; no schema is needed. docs/channelz.md says what the columns are.

Exit status: 0 success; 76 where the server does not offer channelz; 64 + the code where it refuses, such as 71 for \
PERMISSION_DENIED; 69 where nothing has that number; 130 on ^C, 143 on SIGTERM.";

/// Show a server's channels, servers and sockets, by gRPC's channelz
#[derive(Debug, Clone, Args)]
#[command(after_help = EXAMPLES, override_usage = "rpcctl channelz [OPTIONS] [TARGET] [channels|servers|sockets|ID]...")]
pub struct ChannelzArgs {
    /// The server (HOST:PORT, a URL, unix:PATH), then what of it: channels, servers, sockets, or numbers [default: all]
    #[arg(value_names = ["TARGET", "WHAT"], num_args = 0..)]
    words: Vec<String>,

    /// Show it again and again, and how far each counter went since
    ///
    /// As --watch=500ms; every two seconds where nothing is said. ^C ends it.
    #[arg(
        long,
        value_name = "INTERVAL",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "2s",
        value_parser = interval
    )]
    watch: Option<Duration>,

    /// How to print
    #[arg(short, long, value_name = "FORMAT", value_enum, default_value_t)]
    output: TableFormat,

    #[command(flatten)]
    target: TargetArgs,

    #[command(flatten)]
    headers: CallHeaders,
}

/// Reads an interval, which is longer than nothing.
fn interval(text: &str) -> Result<Duration, String> {
    match duration(text)? {
        Duration::ZERO => Err("it must be longer than nothing".to_owned()),
        duration => Ok(duration),
    }
}

/// Asks, and shows what is answered.
pub async fn run(
    args: &ChannelzArgs,
    surroundings: &Surroundings,
    io: &mut Writers<'_>,
) -> Result<Exit, Failed> {
    let Plan { session, target, wanted, options } = plan::plan(args, surroundings)?;
    io.warn(&target)?;
    let mut signal = pin!(signal());
    let session = tokio::select! {
        biased;
        exit = &mut signal => return Ok(Exit(exit)),
        session = open::session(session, &target, surroundings, io) => session?,
    };
    let client = Client::new(&session, options);
    let shown = Shown { wanted: &wanted, watched: args.watch.is_some() };
    let mut before: Option<Snapshot> = None;
    loop {
        let snapshot = tokio::select! {
            biased;
            exit = &mut signal => return Ok(left(&session, exit).await),
            snapshot = client.snapshot(&wanted) => snapshot,
        };
        let snapshot = snapshot.map_err(|error| Failed::at(&target, ChannelzError::from(error)))?;
        if before.is_none() {
            complete::remember(&target, &surroundings.places);
        }
        let print = match args.output {
            TableFormat::Table => show::text,
            TableFormat::Json => show::json,
        };
        print(io.out, &snapshot, before.as_ref(), shown, surroundings.colors.stdout)?;
        let Some(interval) = args.watch else { return Ok(Exit::OK) };
        // A reader that went away, or is slow, is noticed here.
        io.out.finish().await?;
        before = Some(snapshot);
        tokio::select! {
            biased;
            exit = &mut signal => return Ok(left(&session, exit).await),
            deadline = passed(session.deadline()) => {
                return Err(Failed::at(&target, failure::deadline(&deadline, "watching")));
            }
            () = tokio::time::sleep(interval) => {}
        }
    }
}

/// Takes leave of the server.
async fn left(session: &Session, exit: u8) -> Exit {
    session.close().await;
    Exit(exit)
}
