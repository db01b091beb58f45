//! The numbers of a report, as tiles and tables.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::super::buckets::buckets;
use super::super::latency;
use super::Escaped;
use crate::bench::report::{Check, Report};
use crate::bench::units::{bytes, count, float, many, number, rate, ratio, seconds, share, time, time_of};

/// Prints the figures that are looked for first.
pub(super) fn tiles(out: &mut dyn Write, report: &Report) -> io::Result<()> {
    let offered = report
        .rate_offered
        .map_or("calls a second".to_owned(), |offered| format!("of {} offered", rate(offered)));
    let failed = report.error_share().unwrap_or_default();
    let mut tiles = vec![("", rate(report.rate_achieved), offered)];
    if !report.latency_intended.is_empty() {
        let column = latency::Column::alone(&report.latency_intended, report.unanswered());
        for (name, figure) in [("median", "p50"), ("p99", "p99"), ("p99.9", "p99_9"), ("max", "max")] {
            let cell = column.cell(figure);
            let class = if cell.starts_with('>') { "bad" } else { "" };
            tiles.push((class, cell.trim_start_matches('~').to_owned(), name.to_owned()));
        }
    }
    let class = if report.errors() > 0 { "bad" } else { "" };
    tiles.push((class, share(failed), format!("not OK ({})", count(report.errors()))));
    if report.in_flight > 0 {
        let (class, name) =
            if report.unanswered() > 0 { ("bad", "no answer") } else { ("", "still under way") };
        let longest = report.longest_wait_ns.map(time).map(|wait| format!(", the longest for {wait}"));
        tiles.push((class, count(report.in_flight), format!("{name}{}", longest.unwrap_or_default())));
    }
    if !report.is_closed() {
        let class = if report.dropped > 0 { "bad" } else { "" };
        tiles.push((class, count(report.dropped), "dropped".to_owned()));
        tiles.push(("", time(report.worst_lag_ns), "sent late, at most".to_owned()));
    }
    if let Some(each) = report.cpu_per_call() {
        tiles.push(("", time_of(each), "CPU a call, here".to_owned()));
    }
    writeln!(out, "<div class=\"tiles\">")?;
    for (class, value, name) in tiles {
        let (value, name) = (Escaped(&value), Escaped(&name));
        writeln!(out, "<div class=\"tile {class}\"><b>{value}</b><span>{name}</span></div>")?;
    }
    writeln!(out, "</div>")
}

/// Prints what was to hold.
pub(super) fn checks(out: &mut dyn Write, checks: &[Check]) -> io::Result<()> {
    if checks.is_empty() {
        return Ok(());
    }
    writeln!(out, "<section>\n<h2>Checks</h2>\n<table>")?;
    for check in checks {
        let (class, word) = if check.passed { ("ok", "passed") } else { ("failed", "failed") };
        let (condition, found) = (Escaped(&check.condition), Escaped(&check.found));
        writeln!(
            out,
            "<tr><td>{condition}</td><td class=\"{class}\">{word}</td><td class=\"text\">{found}</td></tr>"
        )?;
    }
    writeln!(out, "</table>\n</section>")
}

/// Prints all tables.
pub(super) fn tables(out: &mut dyn Write, report: &Report) -> io::Result<()> {
    latencies(out, report)?;
    distribution(out, report)?;
    writeln!(out, "<div class=\"two\">")?;
    counted(out, "Statuses", (&report.codes, &report.status_messages), report.over())?;
    counted(out, "Transport errors", (&report.transport_errors, &report.transport_messages), report.over())?;
    facts(out, "Load", &load(report))?;
    facts(out, "Network", &network(report))?;
    writeln!(out, "</div>")?;
    runs(out, report)?;
    intervals(out, report)
}

fn latencies(out: &mut dyn Write, report: &Report) -> io::Result<()> {
    let columns = latency::columns(report);
    if columns.is_empty() {
        return Ok(());
    }
    writeln!(out, "<section>\n<h2>Latency</h2>\n<table>")?;
    for (at, row) in latency::table(&columns).iter().enumerate() {
        let tag = if at == 0 { "th" } else { "td" };
        write!(out, "<tr>")?;
        for cell in row {
            let class = match cell.chars().next() {
                Some('~') => " class=\"few\"",
                Some('>') => " class=\"failed\"",
                _ => "",
            };
            write!(out, "<{tag}{class}>{}</{tag}>", Escaped(cell))?;
        }
        writeln!(out, "</tr>")?;
    }
    writeln!(out, "</table>")?;
    if let Some(words) = latency::left_out(report) {
        writeln!(out, "<p class=\"foot failed\">{}</p>", Escaped(&words))?;
    }
    if latency::is_any_marked(&columns) {
        writeln!(out, "<p class=\"foot\">~ fewer than 10 samples are beyond it</p>")?;
    }
    writeln!(out, "</section>")
}

fn distribution(out: &mut dyn Write, report: &Report) -> io::Result<()> {
    let Ok(Some(counts)) = report.latency_intended.counts() else { return Ok(()) };
    let look = counts.look();
    let buckets = buckets(&look);
    let most = buckets.iter().map(|bucket| bucket.count).max().unwrap_or_default();
    writeln!(out, "<section>\n<h2>Distribution (OK)</h2>\n<table class=\"bars\">")?;
    for bucket in buckets {
        let wide = 100.0 * ratio(float(bucket.count), float(most)).unwrap_or_default();
        let part = share(ratio(float(bucket.count), float(look.count)).unwrap_or_default());
        let bar =
            if bucket.count > 0 { format!("<div style=\"width:{wide:.2}%\"></div>") } else { String::new() };
        writeln!(
            out,
            "<tr><td>{} – {}</td><td>{}</td><td>{part}</td><td class=\"bar\">{bar}</td></tr>",
            time(bucket.from),
            time(bucket.to),
            count(bucket.count)
        )?;
    }
    writeln!(out, "</table>\n</section>")
}

fn counted(
    out: &mut dyn Write,
    title: &str,
    (counts, said): (&BTreeMap<String, u64>, &BTreeMap<String, String>),
    all: u64,
) -> io::Result<()> {
    if counts.is_empty() {
        return Ok(());
    }
    writeln!(out, "<section>\n<h2>{title}</h2>\n<table>")?;
    for (name, number) in counts {
        let class = if name == "OK" { "ok" } else { "failed" };
        let part = share(ratio(float(*number), float(all)).unwrap_or_default());
        let said = said.get(name).map(String::as_str).unwrap_or_default();
        let (name, number, said) = (Escaped(name), count(*number), Escaped(said));
        write!(out, "<tr><td class=\"{class}\">{name}</td><td>{number}</td><td>{part}</td>")?;
        writeln!(out, "<td class=\"text\">{said}</td></tr>")?;
    }
    writeln!(out, "</table>\n</section>")
}

/// The runs that this is made of.
fn runs(out: &mut dyn Write, report: &Report) -> io::Result<()> {
    if report.repeats.is_empty() {
        return Ok(());
    }
    writeln!(out, "<section>\n<h2>Runs</h2>\n<table>")?;
    for (at, row) in latency::runs(&report.repeats).iter().enumerate() {
        let tag = if at == 0 { "th" } else { "td" };
        write!(out, "<tr>")?;
        row.iter().try_for_each(|cell| write!(out, "<{tag}>{}</{tag}>", Escaped(cell)))?;
        writeln!(out, "</tr>")?;
    }
    writeln!(out, "</table>\n</section>")
}

fn facts(out: &mut dyn Write, title: &str, facts: &[(&str, String)]) -> io::Result<()> {
    writeln!(out, "<section>\n<h2>{title}</h2>\n<table>")?;
    for (name, value) in facts {
        writeln!(out, "<tr><td>{name}</td><td class=\"text\">{}</td></tr>", Escaped(value))?;
    }
    writeln!(out, "</table>\n</section>")
}

fn load(report: &Report) -> Vec<(&'static str, String)> {
    let about = &report.about;
    let mut facts = vec![
        ("loop", report.loop_model.words().to_owned()),
        ("load", about.load.clone()),
        ("places", about.places_in_words()),
        ("threads", count(about.threads)),
        ("engine", format!("{}, {}", about.engine, about.protocol)),
        ("began", report.began.clone()),
        ("measured", time(report.measured_ns)),
        ("warm-up", format!("{} ({})", time(report.warmup.ns), many(report.warmup.calls, "call"))),
        ("issued", count(report.issued)),
        ("answered", count(report.answered)),
        ("in flight at the end", count(report.in_flight)),
    ];
    facts.extend(report.longest_wait_ns.map(|wait| ("the longest of them waited", time(wait))));
    if report.runs > 1 {
        facts.push(("runs", count(report.runs)));
    }
    let detail = report.end.detail.as_ref().map(|detail| ("ended", detail.clone()));
    facts.extend(detail);
    if let Some(cpu) = report.cpu_seconds {
        facts.push(("CPU of this process", time_of(cpu * 1e9)));
    }
    let busy: Vec<String> = report.threads.iter().filter_map(|thread| thread.busy).map(share).collect();
    if !busy.is_empty() {
        facts.push(("threads busy", busy.join(", ")));
    }
    let machine: Vec<&str> = [&about.host, &about.os].into_iter().flatten().map(String::as_str).collect();
    if !machine.is_empty() {
        facts.push(("machine", machine.join(", ")));
    }
    facts.push(("rpcctl", about.rpcctl.clone()));
    facts
}

fn network(report: &Report) -> Vec<(&'static str, String)> {
    let (figures, links) = (&report.network, &report.connections);
    let mut facts = Vec::from(latency::network(figures));
    facts.push(("connections opened", count(links.opened)));
    if links.failed > 0 {
        let why = links.failed_why.as_ref().map(|why| format!(": {why}")).unwrap_or_default();
        facts.push(("failed", format!("{}{why}", count(links.failed))));
    }
    if links.lost > 0 {
        facts.push(("lost", count(links.lost)));
    }
    let costs = [
        ("connecting", links.connecting_ns),
        ("TLS", links.tls_ns),
        ("SETTINGS", links.settings_ns),
        ("closing", links.closing_ns),
    ];
    facts.extend(costs.map(|(name, nanos)| (name, time(nanos))));
    if let Some(most) = links.max_concurrent_streams {
        facts.push(("MAX_CONCURRENT_STREAMS", count(u64::from(most))));
    }
    if let Some(version) = &links.tls_version {
        let cipher = links.tls_cipher.as_ref().map(|cipher| format!(", {cipher}")).unwrap_or_default();
        facts.push(("TLS is", format!("{version}{cipher}")));
    }
    facts.push(("sent", bytes(report.bytes_sent)));
    facts.push(("received", bytes(report.bytes_received)));
    facts
}

fn intervals(out: &mut dyn Write, report: &Report) -> io::Result<()> {
    if report.intervals.is_empty() {
        return Ok(());
    }
    let heads =
        ["from", "calls/s", "OK", "not OK", "dropped", "in flight", "waiting", "p50", "p90", "p99", "max"];
    writeln!(out, "<section>\n<details>\n<summary>By the second</summary>\n<table>\n<tr>")?;
    heads.iter().try_for_each(|head| write!(out, "<th>{head}</th>"))?;
    writeln!(out, "</tr>")?;
    for interval in &report.intervals {
        let each = interval.rate();
        let times = interval.latency_intended.times.as_ref();
        let times =
            times.map_or(Default::default(), |times| [times.p50, times.p90, times.p99, times.max].map(time));
        let counts =
            [interval.ok(), interval.failed(), interval.dropped, interval.in_flight, interval.waiting]
                .map(count);
        let first = [format!("{:.1} s", seconds(interval.at_ns)), number(each)];
        write!(out, "<tr>")?;
        for cell in first.iter().chain(&counts).chain(&times) {
            write!(out, "<td>{cell}</td>")?;
        }
        writeln!(out, "</tr>")?;
    }
    writeln!(out, "</table>\n</details>\n</section>")
}
