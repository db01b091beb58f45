//! Reports of load: for reading, for programs, for other tools' dashboards, and as a page.

mod buckets;
mod compare;
mod csv;
mod ghz;
mod grid;
mod html;
mod latency;
mod live;
mod prometheus;
mod summary;

use std::io::{self, Write};

pub use compare::{comparison, comparison_json};
pub use html::page;
pub use live::{Live, line};

use super::color::{ERROR, Paint, STRING};
use super::{sanitize, write_json};
use crate::bench::report::{Check, Report};

/// How a report is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For reading.
    Summary(Paint),
    /// All of it, as JSON on many lines.
    Json(Paint),
    /// All of it, as JSON on one line.
    JsonLine,
    /// Its intervals, a row each.
    Csv,
    /// For Prometheus, in its text format.
    Prometheus,
    /// As ghz writes it, for what reads that.
    Ghz,
}

/// Prints a report.
pub fn report(out: &mut dyn Write, report: &Report, format: Format) -> io::Result<()> {
    match format {
        Format::Summary(paint) => summary::text(out, report, paint),
        Format::Json(paint) => write_json(out, report, paint),
        Format::JsonLine => writeln!(out, "{}", sanitize::json(&serde_json::to_string(report)?)),
        Format::Csv => csv::rows(out, report),
        Format::Prometheus => prometheus::metrics(out, report),
        Format::Ghz => ghz::report(out, report),
    }
}

/// Prints what was to hold, a line each.
pub fn checks(out: &mut dyn Write, checks: &[Check], paint: Paint) -> io::Result<()> {
    for check in checks {
        let (word, style) = if check.passed { ("passed", STRING) } else { ("failed", ERROR) };
        let (condition, found) = (sanitize::line(&check.condition), sanitize::line(&check.found));
        writeln!(out, "check {condition} {}: {found}", paint.text(style, word))?;
    }
    Ok(())
}

/// Prints what was to hold and does not, or does by too few samples to tell, a line each.
pub fn doubtful_checks(out: &mut dyn Write, all: &[Check], paint: Paint) -> io::Result<()> {
    let doubtful: Vec<Check> = all.iter().filter(|check| !check.passed || check.too_few).cloned().collect();
    checks(out, &doubtful, paint)
}

#[cfg(test)]
mod tests;
