//! The intervals of a report as comma-separated values: a head, and a row for each.

use std::collections::BTreeMap;
use std::io::{self, Write};

use crate::bench::report::{Distribution, Interval, PERCENTILES, Report};
use crate::bench::units::seconds;

const FIRST: [&str; 13] = [
    "at_s",
    "length_s",
    "issued",
    "answered",
    "ok",
    "not_ok",
    "rate",
    "dropped",
    "in_flight",
    "worst_lag_ns",
    "bytes_sent",
    "bytes_received",
    "outcomes",
];

const LAST: [&str; 4] = ["due", "waiting", "longest_wait_ns", "drain"];

/// Prints all intervals.
pub(super) fn rows(out: &mut dyn Write, report: &Report) -> io::Result<()> {
    let mut head: Vec<String> = FIRST.map(str::to_owned).to_vec();
    for which in ["intended", "actual"] {
        head.extend(["min", "mean"].map(|figure| format!("{which}_{figure}_ns")));
        head.extend(PERCENTILES.map(|(figure, _)| format!("{which}_{figure}_ns")));
        head.push(format!("{which}_max_ns"));
    }
    // What came later stands behind what was there before.
    head.extend(LAST.map(str::to_owned));
    writeln!(out, "{}", head.join(","))?;
    report.intervals.iter().try_for_each(|interval| writeln!(out, "{}", row(interval).join(",")))
}

fn row(interval: &Interval) -> Vec<String> {
    let length = seconds(interval.length_ns);
    let rate = interval.rate();
    let counts = [
        interval.dropped,
        interval.in_flight,
        interval.worst_lag_ns,
        interval.bytes_sent,
        interval.bytes_received,
    ];
    let mut cells = vec![format!("{:.3}", seconds(interval.at_ns)), format!("{length:.3}")];
    let ended = [interval.issued, interval.answered, interval.ok(), interval.failed()];
    cells.extend(ended.map(|count| count.to_string()));
    cells.push(format!("{rate:.3}"));
    cells.extend(counts.map(|count| count.to_string()));
    cells.push(quoted(&outcomes(&interval.codes, &interval.transport_errors)));
    cells.extend(times(&interval.latency_intended));
    cells.extend(times(&interval.latency_actual));
    let later = [interval.due, Some(interval.waiting), interval.longest_wait_ns];
    cells.extend(later.map(|count| count.map(|count| count.to_string()).unwrap_or_default()));
    cells.push(u8::from(interval.drain).to_string());
    cells
}

/// `OK:100 UNAVAILABLE:2 reset_REFUSED_STREAM:1`.
fn outcomes(codes: &BTreeMap<String, u64>, errors: &BTreeMap<String, u64>) -> String {
    let all = codes.iter().chain(errors);
    all.map(|(name, count)| format!("{}:{count}", name.replace(' ', "_"))).collect::<Vec<_>>().join(" ")
}

/// Times; nothing where there are none.
fn times(distribution: &Distribution) -> Vec<String> {
    let Some(times) = &distribution.times else { return vec![String::new(); PERCENTILES.len() + 3] };
    let ends = [times.min, times.mean].into_iter().chain(times.percentiles()).chain([times.max]);
    ends.map(|nanos| nanos.to_string()).collect()
}

/// A cell that may have anything in it (RFC 4180).
fn quoted(cell: &str) -> String {
    if cell.contains(['"', ',', '\n', '\r']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_owned()
    }
}
