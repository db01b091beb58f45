//! `rpcctl bench merge`: reports of generators that ran side by side, as one.

use std::path::PathBuf;

use clap::Args;

use super::super::{Exit, Failed, Surroundings, Writers};
use super::fault::ReportFault;
use super::files;
use super::shown::ShownArgs;
use crate::bench::report::Report;

pub(super) const EXAMPLES: &str = "\
Examples:
  rpcctl bench merge one.json other.json                 as one run, for reading
  rpcctl bench merge one.json other.json -o json         as one run, for programs
  rpcctl bench merge *.json --html all.html --assert 'p99<20ms'
  rpcctl bench merge saved.json -o csv                   another form of one that was saved

Counts, rates and distributions are added up, and nothing is lost: percentiles are those of all calls, not means of \
percentiles. Rates are added, so the generators have to have run at the same time.

Exit status: 99 if something that --assert names does not hold, else 0.";

#[derive(Debug, Clone, Args)]
pub(super) struct MergeArgs {
    /// Reports that rpcctl bench -o json wrote; - is stdin
    #[arg(value_name = "REPORT", required = true, value_hint = clap::ValueHint::FilePath)]
    reports: Vec<PathBuf>,

    #[command(flatten)]
    shown: ShownArgs,
}

/// Adds up.
pub(super) fn run(
    args: &MergeArgs,
    surroundings: &Surroundings,
    io: &mut Writers<'_>,
) -> Result<Exit, Failed> {
    let reports = files::read(&args.reports)?;
    let mut report = match reports.as_slice() {
        // One alone stays as it is, with its repeats.
        [report] => report.clone(),
        all => Report::together(all).map_err(ReportFault::Join)?,
    };
    args.shown.show(&mut report, surroundings, io)
}
