//! A report in Prometheus' text format, for a Pushgateway or a file that is scraped. Buckets are cumulative and the same
//! in every report, so that series can be compared.

use std::io::{self, Write};

use super::latency::Column;
use crate::bench::report::{Distribution, PERCENTILES, Report};
use crate::bench::units::seconds;

/// Bounds of buckets within ten.
const STEPS: [u64; 3] = [100, 250, 500];

/// Labels, as they stand in braces.
struct Labels(String);

impl Labels {
    fn of(report: &Report) -> Self {
        let about = &report.about;
        Self(format!("target=\"{}\",method=\"{}\"", escaped(&about.target), escaped(&about.method)))
    }

    fn and(&self, name: &str, value: &str) -> String {
        format!("{},{name}=\"{}\"", self.0, escaped(value))
    }
}

/// A label's value, as the format has it.
fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

/// Prints all figures.
pub(super) fn metrics(out: &mut dyn Write, report: &Report) -> io::Result<()> {
    let labels = Labels::of(report);
    family(out, "calls_total", "counter", "Calls that ended in each status.")?;
    for (code, count) in &report.codes {
        sample(out, "calls_total", &labels.and("code", code), *count)?;
    }
    family(out, "transport_errors_total", "counter", "Calls that ended without a status, by why.")?;
    for (why, count) in &report.transport_errors {
        sample(out, "transport_errors_total", &labels.and("reason", why), *count)?;
    }
    simple(out, report, &labels)?;
    bytes_and_time(out, report, &labels)?;
    latencies(out, report, &labels)
}

fn simple(out: &mut dyn Write, report: &Report, labels: &Labels) -> io::Result<()> {
    let counters = [
        ("issued_total", "Calls that were sent, or came to nothing before they could be.", report.issued),
        ("dropped_total", "Calls that were due and not made.", report.dropped),
        ("connections_opened_total", "Connections that were made.", report.connections.opened),
        ("connections_failed_total", "Connections that could not be made.", report.connections.failed),
        ("connections_lost_total", "Connections that ended before the run did.", report.connections.lost),
    ];
    for (name, help, count) in counters {
        family(out, name, "counter", help)?;
        sample(out, name, &labels.0, count)?;
    }
    family(out, "in_flight", "gauge", "Calls that were under way at the end: they had no answer.")?;
    sample(out, "in_flight", &labels.0, report.in_flight)?;
    family(
        out,
        "longest_wait_seconds",
        "gauge",
        "How long the one of those had waited that waited longest.",
    )?;
    sample(out, "longest_wait_seconds", &labels.0, seconds(report.longest_wait_ns.unwrap_or_default()))?;
    family(out, "rate_achieved", "gauge", "Calls that were answered, per second.")?;
    sample(out, "rate_achieved", &labels.0, report.rate_achieved)?;
    if let Some(offered) = report.rate_offered {
        family(out, "rate_offered", "gauge", "Calls that the load was to make, per second.")?;
        sample(out, "rate_offered", &labels.0, offered)?;
    }
    Ok(())
}

fn bytes_and_time(out: &mut dyn Write, report: &Report, labels: &Labels) -> io::Result<()> {
    family(out, "bytes_total", "counter", "Bytes as the connections carried them, without TLS.")?;
    for (direction, count) in [("sent", report.bytes_sent), ("received", report.bytes_received)] {
        sample(out, "bytes_total", &labels.and("direction", direction), count)?;
    }
    family(out, "measured_seconds", "gauge", "For how long calls were made that count.")?;
    sample(out, "measured_seconds", &labels.0, seconds(report.measured_ns))?;
    family(out, "worst_lag_seconds", "gauge", "How long the call that waited longest to be sent did so.")?;
    sample(out, "worst_lag_seconds", &labels.0, seconds(report.worst_lag_ns))?;
    if let Some(cpu) = report.cpu_seconds {
        family(out, "generator_cpu_seconds_total", "counter", "CPU time of the generator.")?;
        sample(out, "generator_cpu_seconds_total", &labels.0, cpu)?;
    }
    Ok(())
}

fn latencies(out: &mut dyn Write, report: &Report, labels: &Labels) -> io::Result<()> {
    let all = [
        ("ok", "intended", &report.latency_intended),
        ("ok", "actual", &report.latency_actual),
        ("not_ok", "intended", &report.failed_latency_intended),
        ("not_ok", "actual", &report.failed_latency_actual),
    ];
    let labels_of =
        |outcome: &str, since: &str| format!("{},outcome=\"{outcome}\",since=\"{since}\"", labels.0);
    let help = "Time from when a call was due (intended) or sent (actual) until it ended.";
    family(out, "latency_seconds", "histogram", help)?;
    for (outcome, since, distribution) in all {
        histogram(out, distribution, &labels_of(outcome, since))?;
    }
    family(
        out,
        "latency_quantile_seconds",
        "gauge",
        "The same, as the time that a share of calls did not exceed.",
    )?;
    for (outcome, since, distribution) in all {
        let Some(times) = &distribution.times else { continue };
        let labels = labels_of(outcome, since);
        let open = if outcome == "ok" { report.unanswered() } else { 0 };
        let column = Column::alone(distribution, open);
        let all = PERCENTILES.iter().map(|(_, percentile)| *percentile).zip(times.percentiles());
        for (percentile, nanos) in all.chain([(100.0, times.max)]) {
            // As it is written, and not as 0.9990000000000001.
            let quantile = (percentile * 1e4).round() / 1e6;
            let labels = format!("{labels},quantile=\"{quantile}\"");
            // What had no answer takes longer than can be said.
            let beyond = column.is_beyond(percentile);
            let value = if beyond { "+Inf".to_owned() } else { seconds(nanos).to_string() };
            sample(out, "latency_quantile_seconds", &labels, value)?;
        }
    }
    Ok(())
}

/// A histogram: each bucket counts all that is not longer than its bound.
fn histogram(out: &mut dyn Write, distribution: &Distribution, labels: &str) -> io::Result<()> {
    let Ok(Some(counts)) = distribution.counts() else { return Ok(()) };
    let look = counts.look();
    let bounds = (0..6).flat_map(|power| STEPS.map(|step| step * 100 * 10_u64.pow(power)));
    let bounds: Vec<u64> = bounds.chain([10_000_000_000, 25_000_000_000, 60_000_000_000]).collect();
    let mut steps = look.histogram.iter_recorded().peekable();
    let mut below = 0;
    for bound in bounds {
        while let Some(step) =
            steps.next_if(|step| step.value_iterated_to().clamp(look.min, look.max) <= bound)
        {
            below += step.count_since_last_iteration();
        }
        sample(out, "latency_seconds_bucket", &format!("{labels},le=\"{}\"", seconds(bound)), below)?;
    }
    sample(out, "latency_seconds_bucket", &format!("{labels},le=\"+Inf\""), look.count)?;
    let sum = u64::try_from(look.sum).unwrap_or(u64::MAX);
    sample(out, "latency_seconds_sum", labels, seconds(sum))?;
    sample(out, "latency_seconds_count", labels, look.count)
}

/// What goes before the samples of a name.
fn family(out: &mut dyn Write, name: &str, kind: &str, help: &str) -> io::Result<()> {
    writeln!(out, "# HELP rpcctl_bench_{name} {help}\n# TYPE rpcctl_bench_{name} {kind}")
}

fn sample(out: &mut dyn Write, name: &str, labels: &str, value: impl std::fmt::Display) -> io::Result<()> {
    writeln!(out, "rpcctl_bench_{name}{{{labels}}} {value}")
}
