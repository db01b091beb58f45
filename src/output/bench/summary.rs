//! A report for reading: what was done, what came of it, how long it took, what went wrong, and what set the limit.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::super::color::{ERROR, FAINT, Paint, STRING, TITLE, WARNING};
use super::super::sanitize;
use super::buckets::buckets;
use super::{checks, grid, latency};
use crate::bench::report::{Limit, Reason, Repeat, Report, sum};
use crate::bench::units::{
    bytes, bytes_of, count, float, many, rate, ratio, seconds, share, time, time_of, whole,
};

/// How wide the longest bar is.
const BAR: f64 = 40.0;
/// Of more threads than this, the busiest and the idlest are told.
const THREADS: usize = 4;

/// Prints a report.
pub(super) fn text(out: &mut dyn Write, report: &Report, paint: Paint) -> io::Result<()> {
    head(out, report, paint)?;
    facts(out, report, paint)?;
    latencies(out, report, paint)?;
    histogram(out, report, paint)?;
    counted(out, "Statuses", (&report.codes, &report.status_messages), report.over(), paint)?;
    counted(
        out,
        "Transport errors",
        (&report.transport_errors, &report.transport_messages),
        report.over(),
        paint,
    )?;
    repeats(out, &report.repeats, paint)?;
    network(out, report, paint)?;
    verdict(out, report, paint)?;
    if !report.checks.is_empty() {
        writeln!(out)?;
    }
    checks(out, &report.checks, paint)
}

/// What was called.
fn head(out: &mut dyn Write, report: &Report, paint: Paint) -> io::Result<()> {
    let about = &report.about;
    let name = format!("{} at {}", sanitize::line(&about.method), sanitize::line(&about.target));
    let tls = match (&report.connections.tls_version, &report.connections.tls_cipher) {
        (Some(version), Some(cipher)) => format!("{version}, {cipher}"),
        (Some(version), None) => version.clone(),
        _ => "no TLS".to_owned(),
    };
    let engine = sanitize::line(&about.engine);
    let by = format!("{}, {tls}; engine {engine}; rpcctl {}", about.protocol, about.rpcctl);
    writeln!(out, "{}  {}", paint.text(TITLE, name), paint.text(FAINT, sanitize::line(&by)))
}

/// What was done, and what came of it, a line each.
fn facts(out: &mut dyn Write, report: &Report, paint: Paint) -> io::Result<()> {
    let mut lines = vec![("load", load(report)), ("measured", measured(report)), ("rate", rates(report))];
    lines.push(("calls", calls(report)));
    if !report.is_closed() {
        let dropped = match report.dropped {
            0 => "none dropped".to_owned(),
            dropped => format!("{} dropped", count(dropped)),
        };
        lines.push(("late", format!("{} at most; {dropped}", time(report.worst_lag_ns))));
    }
    let per_second = |bytes: u64| ratio(float(bytes), seconds(report.measured_ns)).unwrap_or_default();
    let carried = |count: u64| format!("{} ({}/s)", bytes(count), bytes_of(per_second(count)));
    let (sent, received) = (carried(report.bytes_sent), carried(report.bytes_received));
    lines.push(("bytes", format!("{sent} sent, {received} received")));
    if !report.first_message_latency.is_empty() || !report.message_latency.is_empty() {
        let messages =
            format!("{} sent, {} received", count(report.messages_sent), count(report.messages_received));
        lines.push(("messages", messages));
    }
    lines.push(("cpu", cpu(report)));
    let made = &report.connections;
    if made.failed > 0 || made.lost > 0 {
        let why = made.failed_why.as_ref().map(|why| format!(" (the last: {why})")).unwrap_or_default();
        let failed =
            if made.failed > 0 { format!(", {} failed{why}", count(made.failed)) } else { String::new() };
        let lost = if made.lost > 0 { format!(", {} lost", count(made.lost)) } else { String::new() };
        lines.push(("links", format!("{} opened{failed}{lost}", count(made.opened))));
    }
    for (name, text) in lines {
        writeln!(out, "  {name:<8}   {}", sanitize::line(&text))?;
    }
    for note in report.caveat.iter().chain(&report.remarks) {
        writeln!(out, "  {}", paint.text(WARNING, format_args!("note: {}", sanitize::line(note))))?;
    }
    Ok(())
}

fn load(report: &Report) -> String {
    let about = &report.about;
    let places = format!("{} at a time, {}", about.places_in_words(), many(about.threads, "thread"));
    let load = if about.load.is_empty() { report.loop_model.words() } else { &about.load };
    format!("{load}; {places}")
}

fn measured(report: &Report) -> String {
    let warmup = match report.warmup.ns {
        0 => String::new(),
        ns => format!(" after {} to warm up ({})", time(ns), many(report.warmup.calls, "call")),
    };
    let end = match report.end.reason {
        Reason::Calls => "all calls were made",
        Reason::Duration => "the time was over",
        Reason::Condition => "this came true",
        Reason::Interrupted => "it was interrupted",
        Reason::Unreachable => "there was no connection any more",
        Reason::Data => "a call could not be made",
        Reason::Several => "it ended in several ways",
    };
    let detail = report.end.detail.as_ref().map(|detail| format!(": {detail}")).unwrap_or_default();
    let how = if report.repeats.is_empty() { "together" } else { "one after the other" };
    let runs = if report.runs > 1 { format!(", {} {how}", many(report.runs, "run")) } else { String::new() };
    format!("{}{warmup}{runs}, from {}; {end}{detail}", time(report.measured_ns), report.began)
}

fn rates(report: &Report) -> String {
    let achieved = rate(report.rate_achieved);
    let Some(offered) = report.rate_offered else { return format!("{achieved} achieved") };
    // Where calls are waited for that were due before, the two are of different times.
    if let Some(due) = report.due_ns.filter(|due| float(report.measured_ns) > float(*due) * 1.01) {
        let (took, due) = (time(report.measured_ns), time(due));
        return format!(
            "{achieved} achieved, in {took} until the last answer; {} offered, for {due}",
            rate(offered)
        );
    }
    let part =
        ratio(report.rate_achieved, offered).map(|part| format!(" ({})", share(part))).unwrap_or_default();
    format!("{achieved} achieved of {} offered{part}", rate(offered))
}

fn calls(report: &Report) -> String {
    let mut parts = vec![format!("{} answered", count(report.answered))];
    let errors = sum(&report.transport_errors);
    if errors > 0 {
        parts.push(many(errors, "transport error"));
    }
    if report.in_flight > 0 {
        parts.push(format!("{} in flight at the end", count(report.in_flight)));
    }
    let open = report.unanswered_in_words();
    let failed = match (report.over(), report.failed()) {
        (0, _) => "none ended".to_owned(),
        (_, 0) if open.is_none() => "all OK".to_owned(),
        (_, 0) => "all others OK".to_owned(),
        (over, failed) => {
            let part = ratio(float(failed), float(over)).unwrap_or_default();
            format!("{} not OK ({})", count(failed), share(part))
        }
    };
    let words: Vec<String> = open.into_iter().chain([failed]).collect();
    format!("{} issued = {}; {}", count(report.issued), parts.join(" + "), words.join("; "))
}

fn cpu(report: &Report) -> String {
    let mut parts = Vec::new();
    if let Some(seconds) = report.cpu_seconds {
        parts.push(format!("{} of this process", time_of(seconds * 1e9)));
    }
    if let Some(each) = report.cpu_per_call() {
        parts.push(format!("{} a call", time_of(each)));
    }
    let mut busy: Vec<f64> = report.threads.iter().filter_map(|thread| thread.busy).collect();
    let text = match (busy.as_slice(), report.threads.len()) {
        ([], _) => None,
        ([one], 1) => Some(format!("its thread {} busy", share(*one))),
        (all, _) if all.len() <= THREADS => {
            let all: Vec<String> = all.iter().map(|busy| share(*busy)).collect();
            Some(format!("threads {} busy", all.join(", ")))
        }
        _ => {
            busy.sort_by(f64::total_cmp);
            let ends = busy.first().zip(busy.last());
            ends.map(|(least, most)| format!("threads {} to {} busy", share(*least), share(*most)))
        }
    };
    parts.extend(text);
    if parts.is_empty() { "not known on this system".to_owned() } else { parts.join(", ") }
}

fn latencies(out: &mut dyn Write, report: &Report, paint: Paint) -> io::Result<()> {
    let columns = latency::columns(report);
    if columns.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{}", paint.text(TITLE, "Latency"))?;
    grid::rows(out, 2, &latency::table(&columns))?;
    if !report.is_closed() {
        let words = "intended: from when a call was due; actual: from when it was sent";
        writeln!(out, "  {}", paint.text(FAINT, words))?;
    }
    if let Some(words) = latency::left_out(report) {
        writeln!(out, "  {}", paint.text(WARNING, words))?;
    }
    if latency::is_any_marked(&columns) {
        writeln!(out, "  {}", paint.text(FAINT, "~ fewer than 10 samples are beyond it"))?;
    }
    Ok(())
}

/// The distribution of calls that ended in OK, from when they were due.
fn histogram(out: &mut dyn Write, report: &Report, paint: Paint) -> io::Result<()> {
    let Ok(Some(counts)) = report.latency_intended.counts() else { return Ok(()) };
    let buckets = buckets(&counts.look());
    let most = buckets.iter().map(|bucket| bucket.count).max().unwrap_or_default();
    let intended = if report.is_closed() { "" } else { ", intended" };
    writeln!(out, "\n{}", paint.text(TITLE, format_args!("Distribution (OK{intended})")))?;
    let widest = |of: fn(&super::buckets::Bucket) -> String| {
        buckets.iter().map(|bucket| of(bucket).chars().count()).max().unwrap_or_default()
    };
    let (from, to) = (widest(|bucket| time(bucket.from)), widest(|bucket| time(bucket.to)));
    let counted = widest(|bucket| count(bucket.count));
    for bucket in &buckets {
        let part = ratio(float(bucket.count), float(counts.look().count)).unwrap_or_default();
        let bar = bar(ratio(float(bucket.count), float(most)).unwrap_or_default());
        let (low, high) = (time(bucket.from), time(bucket.to));
        write!(out, "  {low:>from$} – {high:>to$}  {:>counted$}  {:>7}", count(bucket.count), share(part))?;
        if bar.is_empty() { writeln!(out)? } else { writeln!(out, "  {}", paint.text(STRING, bar))? }
    }
    Ok(())
}

/// A bar of eighths of a column; what is there at all is seen.
fn bar(part: f64) -> String {
    const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    if part <= 0.0 {
        return String::new();
    }
    let eighths = usize::try_from(whole(part * BAR * 8.0)).unwrap_or_default().max(1);
    format!("{}{}", "█".repeat(eighths / 8), EIGHTHS.get(eighths % 8).copied().unwrap_or_default())
}

/// How often each of these happened: OK first, then what happened most.
fn counted(
    out: &mut dyn Write,
    title: &str,
    (counts, said): (&BTreeMap<String, u64>, &BTreeMap<String, String>),
    all: u64,
    paint: Paint,
) -> io::Result<()> {
    if counts.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{}", paint.text(TITLE, title))?;
    let mut counts: Vec<(&String, u64)> = counts.iter().map(|(name, count)| (name, *count)).collect();
    counts.sort_by_key(|(name, count)| (*name != "OK", std::cmp::Reverse(*count)));
    let name_width = counts.iter().map(|(name, _)| name.chars().count()).max().unwrap_or_default();
    let count_width = counts.iter().map(|(_, number)| count(*number).len()).max().unwrap_or_default();
    for (name, number) in counts {
        let style = if name == "OK" { STRING } else { ERROR };
        let part = share(ratio(float(number), float(all)).unwrap_or_default());
        let blank = " ".repeat(name_width.saturating_sub(name.chars().count()));
        let said = said.get(name).map(|said| format!("   {}", sanitize::line(said))).unwrap_or_default();
        let name = sanitize::line(name);
        writeln!(
            out,
            "  {}{blank}   {:>count_width$}   {part:>7}{said}",
            paint.text(style, name),
            count(number)
        )?;
    }
    Ok(())
}

/// The runs that this is made of.
fn repeats(out: &mut dyn Write, repeats: &[Repeat], paint: Paint) -> io::Result<()> {
    if repeats.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{}", paint.text(TITLE, "Runs"))?;
    grid::rows(out, 2, &latency::runs(repeats))
}

/// The three figures of a network test, with their terms.
fn network(out: &mut dyn Write, report: &Report, paint: Paint) -> io::Result<()> {
    let figures = &report.network;
    writeln!(out, "\n{}", paint.text(TITLE, "Network"))?;
    for (figure, terms) in latency::network(figures) {
        writeln!(out, "  {figure} = {terms}")?;
    }
    let links = &report.connections;
    let mut costs = vec![format!("connect {}", time(links.connecting_ns))];
    if links.tls_version.is_some() {
        costs.push(format!("TLS {}", time(links.tls_ns)));
    }
    costs.push(format!("SETTINGS {}", time(links.settings_ns)));
    costs.push(format!("close {}", time(links.closing_ns)));
    let most = match links.max_concurrent_streams {
        Some(most) => format!("; the server takes {} at a time on each", many(u64::from(most), "call")),
        None => String::new(),
    };
    let text = format!("O of {}: {}{most}", many(links.opened, "connection"), costs.join(", "));
    writeln!(out, "  {}", paint.text(FAINT, text))
}

fn verdict(out: &mut dyn Write, report: &Report, paint: Paint) -> io::Result<()> {
    let style = match report.verdict.limit {
        Limit::Generator => ERROR,
        Limit::Unknown => WARNING,
        Limit::Server | Limit::Load => STRING,
    };
    writeln!(out, "\n{} {}", paint.text(style, "Verdict:"), sanitize::line(&report.verdict.text))?;
    match &report.verdict.hint {
        Some(hint) => writeln!(out, "  {}", sanitize::line(hint)),
        None => Ok(()),
    }
}
