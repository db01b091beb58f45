//! What the summary and the page tell alike: the table of latencies, a row for each figure and a column for each
//! distribution that there is, that of repeated runs, and the figures of a network test.

use crate::bench::condition::{Figure, Seen};
use crate::bench::load::Sending;
use crate::bench::report::{Distribution, Network, PERCENTILES, Repeat, Report};
use crate::bench::units::{bytes, bytes_of, count, float, many, number, rate, share, time, time_of};

/// A column: its head, and what it is of.
pub(super) struct Column<'r> {
    pub(super) head: &'static str,
    pub(super) distribution: &'r Distribution,
    /// How many calls are not in it that took longer than all that are.
    open: u64,
}

/// The runs that a report is made of, a row each below their heads.
pub(super) fn runs(repeats: &[Repeat]) -> Vec<Vec<String>> {
    let heads = ["", "rate", "p50", "p99", "p99.9", "max", "not OK", "no answer"];
    let all_answered = repeats.iter().all(|repeat| repeat.in_flight == 0);
    let mut rows = vec![heads.map(str::to_owned).to_vec()];
    for (at, repeat) in repeats.iter().enumerate() {
        let seen = Seen::repeat(repeat);
        let column = Column::alone(&repeat.latency_intended, repeat.in_flight);
        // How few samples are beyond them is told of all runs together.
        let times = ["p50", "p99", "p99_9", "max"]
            .map(|figure| column.cell(figure).trim_start_matches('~').to_owned());
        let mut row = vec![(at + 1).to_string(), rate(repeat.rate_achieved)];
        row.extend(times);
        row.push(seen.share(&Figure::Errors).map(share).unwrap_or_default());
        row.push(count(repeat.in_flight));
        rows.push(row);
    }
    if all_answered {
        for row in &mut rows {
            row.truncate(heads.len() - 1);
        }
    }
    rows
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
    // What of calls ended otherwise is told apart, and so is what is within a call.
    let open = |head: &str| if head.starts_with("OK") { report.unanswered() } else { 0 };
    there.map(|(head, distribution)| Column { head, distribution, open: open(head) }).collect()
}

impl<'r> Column<'r> {
    /// One by itself, beside so many calls that took longer than all that are in it.
    pub(super) fn alone(distribution: &'r Distribution, open: u64) -> Self {
        Self { head: "", distribution, open }
    }

    /// Whether calls that are not in it make a percentile longer than any that is.
    pub(super) fn is_beyond(&self, percentile: f64) -> bool {
        let all = self.distribution.count.saturating_add(self.open);
        self.open > 0 && (percentile / 100.0 * float(all) - 1e-6).ceil() > float(self.distribution.count)
    }

    /// A figure as it stands in the table: marked where it is longer than is known, or too few samples are beyond it.
    pub(super) fn cell(&self, figure: &str) -> String {
        let Some(times) = &self.distribution.times else { return String::new() };
        let percentile = PERCENTILES.iter().zip(times.percentiles()).find(|((name, _), _)| *name == figure);
        let (nanos, is_longer) = match (figure, percentile) {
            ("min", _) => (times.min, false),
            ("mean", _) => (times.mean, self.open > 0),
            ("max", _) => (times.max, self.open > 0),
            (_, Some(((_, percentile), nanos))) => (nanos, self.is_beyond(*percentile)),
            _ => return String::new(),
        };
        let is_rare = times.too_few.iter().any(|name| name == figure);
        let mark = if is_longer {
            ">"
        } else if is_rare {
            "~"
        } else {
            ""
        };
        format!("{mark}{}", time(nanos))
    }
}

/// What the table leaves out of calls that had no answer, and what the marks of that are.
pub(super) fn left_out(report: &Report) -> Option<String> {
    let open = report.unanswered();
    (open > 0 && !report.latency_intended.is_empty()).then(|| {
        let (calls, took) = (many(open, "call"), if open == 1 { "it" } else { "they" });
        format!(
            "{calls} without an answer {} left out, though {took} took longer: > marks what is longer than is told for that",
            if open == 1 { "is" } else { "are" }
        )
    })
}

/// A percentile's name for reading.
pub(super) fn name(percentile: &str) -> String {
    percentile.replace('_', ".")
}

/// The table, its head first; what too few samples are beyond is marked.
pub(super) fn table(columns: &[Column<'_>]) -> Vec<Vec<String>> {
    let line = |name: String, of: &dyn Fn(&Column<'_>) -> String| {
        std::iter::once(name).chain(columns.iter().map(of)).collect::<Vec<_>>()
    };
    let mut rows = vec![line(String::new(), &|column| column.head.to_owned())];
    let percentiles = PERCENTILES.iter().map(|(name, _)| *name);
    for figure in ["min", "mean"].into_iter().chain(percentiles).chain(["max"]) {
        rows.push(line(name(figure), &|column| column.cell(figure)));
    }
    rows.push(line("samples".to_owned(), &|column| count(column.distribution.count)));
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
