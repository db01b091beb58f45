//! How a report of load is printed, what of it is to hold, and the exit code that follows.

use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};

use clap::Args;
use clap::builder::{PathBufValueParser, TypedValueParser};

use super::super::{Exit, Failed, Surroundings, Writers};
use super::fault::ReportFault;
use crate::args::LoadFormat;
use crate::bench::condition::{Condition, Seen};
use crate::bench::report::Report;
use crate::output::bench::{self as show, Format};

/// How a report is printed, and what of it is to hold.
#[derive(Debug, Clone, Args)]
pub(super) struct ShownArgs {
    /// How to print
    #[arg(short, long, value_name = "FORMAT", value_enum, default_value_t, help_heading = "Output")]
    output: LoadFormat,

    /// Write the report as a page to this file, too
    ///
    /// It is one file, which loads nothing from anywhere and runs no script.
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath, value_parser = page_file(), help_heading = "Output")]
    html: Option<PathBuf>,

    /// What has to hold, such as 'p99<20ms' or 'errors<0.1%'; else exit with 99
    ///
    /// May be given several times. docs/bench.md has all figures and units.
    #[arg(long, value_name = "CONDITION", value_parser = Condition::of_one, help_heading = "Checks")]
    assert: Vec<Condition>,
}

impl ShownArgs {
    /// Makes sure that there is where to write, before anything takes long.
    pub(super) fn prepare(&self) -> Result<(), ReportFault> {
        let Some(path) = &self.html else { return Ok(()) };
        let opened = File::options().write(true).create(true).truncate(false).open(path);
        opened.map(drop).map_err(|error| ReportFault::Write(path.clone(), error))
    }

    /// Checks a report, prints it, and tells whether all holds.
    pub(super) fn show(
        &self,
        report: &mut Report,
        surroundings: &Surroundings,
        io: &mut Writers<'_>,
    ) -> Result<Exit, Failed> {
        let checks: Vec<_> = {
            let seen = Seen::report(report);
            self.assert.iter().map(|condition| condition.check(&seen)).collect()
        };
        report.checks = checks;
        let paint = surroundings.colors.stdout;
        let format = match self.output {
            LoadFormat::Text => Format::Summary(paint),
            LoadFormat::Json => Format::Json(paint),
            LoadFormat::Jsonl => Format::JsonLine,
            LoadFormat::Csv => Format::Csv,
            LoadFormat::Prometheus => Format::Prometheus,
            LoadFormat::GhzJson => Format::Ghz,
        };
        show::report(io.out, report, format)?;
        // In the text they stand where it is read to the end.
        if self.output != LoadFormat::Text {
            show::doubtful_checks(io.talk, &report.checks, surroundings.colors.stderr)?;
        }
        if let Some(path) = &self.html {
            write_page(path, report).map_err(|error| ReportFault::Write(path.clone(), error))?;
        }
        Ok(if report.passes() { Exit::OK } else { Exit::CHECK_FAILED })
    }
}

/// Reads where a page goes: stdout has the report already.
fn page_file() -> impl TypedValueParser<Value = PathBuf> {
    PathBufValueParser::new().try_map(|path| {
        if path.as_os_str() == "-" {
            return Err("stdout has the report as -o says; name a file, such as report.html");
        }
        Ok(path)
    })
}

fn write_page(path: &Path, report: &Report) -> io::Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    show::page(&mut file, report)?;
    file.flush()
}
