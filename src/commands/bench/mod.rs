//! `rpcctl bench`: reports of load, added up and compared.

mod compare;
mod fault;
mod files;
mod merge;
mod shown;

use clap::{Args, Subcommand};

use super::{Exit, Failed, Surroundings, Writers};

const EXAMPLES: &str = "\
Examples:
  rpcctl bench merge one.json other.json                     as one run, in which nothing is lost
  rpcctl bench compare base.json new.json --fail-on 'p99>+10%'   what became better or worse

docs/bench.md has every figure, and what a condition may say.";

/// Add up and compare reports of load
#[derive(Debug, Clone, Args)]
#[command(after_help = EXAMPLES, subcommand_required = true, arg_required_else_help = true, disable_help_subcommand = true)]
pub struct BenchArgs {
    #[command(subcommand)]
    action: Action,
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
pub fn run(args: &BenchArgs, surroundings: &Surroundings, io: &mut Writers<'_>) -> Result<Exit, Failed> {
    match &args.action {
        Action::Merge(args) => merge::run(args, surroundings, io),
        Action::Compare(args) => compare::run(args, surroundings, io),
    }
}
