//! What the summary and the page tell alike: the table of latencies, a row for each figure and a column for each
//! distribution that there is, and the figures of a network test.

use crate::bench::load::Sending;
use crate::bench::report::{Distribution, Network, PERCENTILES, Report, Times};
use crate::bench::units::{bytes, bytes_of, count, number, time, time_of};

/// A column: its head, and what it is of.
pub(super) struct Column<'r> {
    pub(super) head: &'static str,
    pub(super) distribution: &'r Distribution,
}

/// The columns that have something in them. A closed loop has one latency.
pub(super) fn columns(report: &Report) -> Vec<Column<'_>> {
    let messages = match report.about.messages {
        Sending::AtOnce => "messages",
        Sending::PingPong => "message to answer",
    };
    let heads: [(&str, &Distribution); 6] = if report.is_closed() {
        [
            ("OK", &report.latency_actual),
            ("", &report.latency_intended),
            ("not OK", &report.failed_latency_actual),
            ("", &report.failed_latency_intended),
            ("first message", &report.first_message_latency),
            (messages, &report.message_latency),
        ]
    } else {
        [
            ("OK, intended", &report.latency_intended),
            ("OK, actual", &report.latency_actual),
            ("not OK, intended", &report.failed_latency_intended),
            ("not OK, actual", &report.failed_latency_actual),
            ("first message", &report.first_message_latency),
            (messages, &report.message_latency),
        ]
    };
    let there = heads.into_iter().filter(|(head, distribution)| !head.is_empty() && !distribution.is_empty());
    there.map(|(head, distribution)| Column { head, distribution }).collect()
}

/// A percentile's name for reading.
pub(super) fn name(percentile: &str) -> String {
    percentile.replace('_', ".")
}

/// The table, its head first; what too few samples are beyond is marked.
pub(super) fn table(columns: &[Column<'_>]) -> Vec<Vec<String>> {
    let mut rows = vec![line("", columns, |_, _| None)];
    if let Some(head) = rows.first_mut() {
        head.truncate(1);
        head.extend(columns.iter().map(|column| column.head.to_owned()));
    }
    rows.push(line("min", columns, |times, _| Some(times.min)));
    rows.push(line("mean", columns, |times, _| Some(times.mean)));
    for (at, (percentile, _)) in PERCENTILES.iter().enumerate() {
        rows.push(line(percentile, columns, |times, _| times.percentiles().get(at).copied()));
    }
    rows.push(line("max", columns, |times, _| Some(times.max)));
    let mut samples = vec!["samples".to_owned()];
    samples.extend(columns.iter().map(|column| count(column.distribution.count)));
    rows.push(samples);
    rows
}

/// Whether any figure in a table is marked.
pub(super) fn is_any_marked(columns: &[Column<'_>]) -> bool {
    let mut times = columns.iter().filter_map(|column| column.distribution.times.as_ref());
    times.any(|times| !times.too_few.is_empty())
}

/// The figures of a network test, each with its terms.
pub(super) fn network(figures: &Network) -> [(&'static str, String); 3] {
    let measured = time_of(figures.t * 1e9);
    let per_second = format!("{} / {measured} = {} requests per second", count(figures.n), number(figures.p));
    let terms = format!("{} / {}", count(figures.r), time_of(figures.o * 1e9));
    let further = match figures.c {
        Some(further) => format!("{terms} = {} further calls per second of setting up", number(further)),
        None => format!("{terms}: no time went into connections"),
    };
    let carried = format!("{} / {measured} = {}/s, both ways", bytes(figures.s), bytes_of(figures.b));
    [("P = N/T", per_second), ("C = R/O", further), ("B = S/T", carried)]
}

fn line(figure: &str, columns: &[Column<'_>], of: impl Fn(&Times, &str) -> Option<u64>) -> Vec<String> {
    let mut row = vec![name(figure)];
    row.extend(columns.iter().map(|column| {
        let Some(times) = &column.distribution.times else { return String::new() };
        let shown = of(times, figure).map(time).unwrap_or_default();
        let marked = times.too_few.iter().any(|name| name == figure);
        if marked { format!("~{shown}") } else { shown }
    }));
    row
}
