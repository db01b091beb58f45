//! `rpcctl bench compare`: what became better or worse between two reports.

use std::path::PathBuf;

use clap::Args;

use super::super::{Exit, Failed, Surroundings, Writers};
use super::files;
use crate::args::DescribeFormat;
use crate::bench::compare;
use crate::bench::condition::{Condition, parse};
use crate::output::bench as show;

pub(super) const EXAMPLES: &str = "\
Examples:
  rpcctl bench compare base.json new.json                        what became better or worse
  rpcctl bench compare base.json new.json --fail-on 'p99>+10%'   exit with 99 if p99 grew more
  rpcctl bench compare base.json new.json --fail-on 'rate<-5%' --fail-on 'errors>+0.1%'

Where both were made with --repeat 3 or more, a difference that repeats of one run would show as well is told as noise, \
and is no reason to fail.

Exit status: 99 if something that --fail-on names is so, else 0.";

#[derive(Debug, Clone, Args)]
pub(super) struct CompareArgs {
    /// What there was: a report that rpcctl bench -o json wrote; - is stdin
    #[arg(value_name = "BASE", value_hint = clap::ValueHint::FilePath)]
    base: PathBuf,

    /// What there is now: the same
    #[arg(value_name = "NEW", value_hint = clap::ValueHint::FilePath)]
    new: PathBuf,

    /// What must not be, such as 'p99>+10%', 'rate<-5%' or 'errors>1%'; else exit with 99
    ///
    /// A sign compares with the base; without one, the new report is looked at alone. May be given several times.
    #[arg(long, value_name = "CONDITION", value_parser = parse, help_heading = "Checks")]
    fail_on: Vec<Condition>,

    /// How to print
    #[arg(short, long, value_name = "FORMAT", value_enum, default_value_t, help_heading = "Output")]
    output: DescribeFormat,
}

/// Compares.
pub(super) fn run(
    args: &CompareArgs,
    surroundings: &Surroundings,
    io: &mut Writers<'_>,
) -> Result<Exit, Failed> {
    let [base, new] = [&args.base, &args.new];
    let reports = files::read(&[base.clone(), new.clone()])?;
    let [old, now] = reports.as_slice() else { return Ok(Exit::OK) };
    let compared = compare::compare(old, now, &args.fail_on);
    let paint = surroundings.colors.stdout;
    match args.output {
        DescribeFormat::Text => {
            let [base, new] = [base, new].map(|path| path.display().to_string());
            show::comparison(io.out, [(&base, old), (&new, now)], &compared, paint)?;
        }
        DescribeFormat::Json => {
            show::comparison_json(io.out, &compared, paint)?;
            show::doubtful_checks(io.talk, &compared.checks, surroundings.colors.stderr)?;
        }
    }
    let passes = compared.checks.iter().all(|check| check.passed);
    Ok(if passes { Exit::OK } else { Exit::CHECK_FAILED })
}
