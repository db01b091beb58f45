//! `rpcctl bench`: calls of a method in numbers, how they ended and how long they took; and reports of that, added up and
//! compared.

mod compare;
mod drive;
mod fault;
mod files;
mod merge;
mod plan;
mod ready;
mod rounds;
mod shown;
mod words;

use clap::{Args, Subcommand};

use self::words::LoadVerbArgs;
use super::{Exit, Failed, Surroundings, Writers};

const EXAMPLES: &str = "\
Examples:
  rpcctl bench localhost:50051 HelloService/SayHello name=Alice       for 10 s, 50 at a time
  rpcctl bench localhost:50051 HelloService/SayHello -n 100k -c 4     so many, on 4 connections
  rpcctl bench localhost:50051 HelloService/SayHello --rate 1000      an open loop: shows stalls
  rpcctl bench localhost:50051 Users/Get -d '{\"id\":\"{{uuid}}\"}'       data that differs each time
  rpcctl bench localhost:50051 Users/Get --search 'p99<50ms'          how much does it take?
  rpcctl bench localhost:50051 Users/Get --assert 'errors<0.1%' -o json > new.json
  rpcctl bench compare base.json new.json --fail-on 'p99>+10%'
  rpcctl bench merge one.json other.json                              of two machines, as one run

Without a rate, a call is made when another is over: a server that stalls is asked less while it does, and latencies \
don't tell of what would have been asked. With --rate, --ramp, --steps or --replay, calls are due when they are due.

Exit status: 0 however calls ended; 99 if something that --assert names does not hold; 1 if the server could not be \
reached, or no longer; 2 asked wrongly; 130 on ^C, with what is known by then. docs/bench.md has every figure.";

/// The most common, for `-h`.
const FIRST_EXAMPLES: &str = "\
Examples:
  rpcctl bench localhost:50051 HelloService/SayHello name=Alice
  rpcctl bench localhost:50051 HelloService/SayHello --rate 1000 --assert 'p99<20ms'
  rpcctl bench compare base.json new.json --fail-on 'p99>+10%'";

/// Put load on a server
///
/// METHOD is pkg.Service/Method, or any end of that which only one method has. Calls are encoded ahead, and made as fast as
/// they can be by an engine that does nothing else.
#[derive(Debug, Clone, Args)]
#[command(
    after_help = FIRST_EXAMPLES,
    after_long_help = EXAMPLES,
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    disable_help_subcommand = true,
    override_usage = "rpcctl bench [OPTIONS] [TARGET] METHOD [ITEM]...\n       rpcctl bench merge REPORT...\n       rpcctl bench compare BASE NEW"
)]
pub struct BenchArgs {
    #[command(subcommand)]
    action: Option<Action>,

    #[command(flatten)]
    load: LoadVerbArgs,
}

#[derive(Debug, Clone, Subcommand)]
enum Action {
    /// Add up reports of generators that ran side by side
    #[command(after_help = merge::EXAMPLES)]
    Merge(merge::MergeArgs),
    /// Tell what became better or worse between two reports
    #[command(after_help = compare::EXAMPLES)]
    Compare(compare::CompareArgs),
}

/// Does it.
pub async fn run(
    args: &BenchArgs,
    surroundings: &Surroundings,
    io: &mut Writers<'_>,
) -> Result<Exit, Failed> {
    match &args.action {
        Some(Action::Merge(args)) => merge::run(args, surroundings, io),
        Some(Action::Compare(args)) => compare::run(args, surroundings, io),
        None => Box::pin(rounds::run(&args.load, surroundings, io)).await,
    }
}
