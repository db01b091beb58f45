//! A report as ghz writes it (`--format json`), for dashboards that read that: ghz-web, and what was made for it.
//!
//! ghz keeps single calls, and this does not: `details` is empty. Its latencies are told from when calls were due.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;

use super::super::sanitize;
use crate::bench::record::{ANY_STATUS, Look};
use crate::bench::report::{LoopModel, Reason, Report};
use crate::bench::units::{float, ratio, seconds, whole};
use crate::session::Code;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'r> {
    name: &'r str,
    end_reason: &'static str,
    options: Options<'r>,
    date: &'r str,
    count: u64,
    total: u64,
    average: u64,
    fastest: u64,
    slowest: u64,
    rps: f64,
    error_distribution: BTreeMap<String, u64>,
    status_code_distribution: BTreeMap<String, u64>,
    latency_distribution: Vec<Percentile>,
    histogram: Vec<Bucket>,
    details: [(); 0],
    tags: BTreeMap<&'static str, String>,
}

#[derive(Serialize)]
struct Options<'r> {
    call: &'r str,
    host: &'r str,
    insecure: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    total: Option<u64>,
    concurrency: u64,
    connections: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    rps: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    duration: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    timeout: Option<u64>,
    binary: bool,
    #[serde(rename = "CPUs")]
    cpus: u64,
}

#[derive(Serialize)]
struct Percentile {
    percentage: u32,
    latency: u64,
}

#[derive(Serialize)]
struct Bucket {
    mark: f64,
    count: u64,
    frequency: f64,
}

/// Prints it.
pub(super) fn report(out: &mut dyn Write, report: &Report) -> io::Result<()> {
    let about = &report.about;
    let counts = report.latency_intended.counts().ok().flatten();
    let look = counts.as_ref().map(crate::bench::report::Counts::look);
    let times = report.latency_intended.times.clone().unwrap_or_default();
    let (errors, statuses) = endings(report);
    let document = Document {
        name: &about.method,
        end_reason: match report.end.reason {
            Reason::Calls | Reason::Several => "normal",
            Reason::Duration => "timeout",
            Reason::Condition | Reason::Interrupted | Reason::Unreachable | Reason::Data => "cancel",
        },
        options: Options {
            call: &about.method,
            host: &about.target,
            insecure: report.connections.tls_version.is_none(),
            total: about.calls,
            concurrency: about.at_a_time(),
            connections: about.connections,
            rps: report.rate_offered.map(whole),
            duration: about.duration_ns,
            timeout: about.timeout_ns,
            binary: false,
            cpus: about.threads,
        },
        date: &report.began,
        count: report.over().saturating_add(report.in_flight),
        total: report.measured_ns,
        average: times.mean,
        fastest: times.min,
        slowest: times.max,
        rps: report.rate_achieved,
        error_distribution: errors,
        status_code_distribution: statuses,
        latency_distribution: look.as_ref().map(percentiles).unwrap_or_default(),
        histogram: look.as_ref().map(histogram).unwrap_or_default(),
        details: [],
        tags: BTreeMap::from([
            ("generator", format!("rpcctl {}", about.rpcctl)),
            ("loop", loop_name(report.loop_model).to_owned()),
        ]),
    };
    writeln!(out, "{}", sanitize::json(&serde_json::to_string_pretty(&document)?))
}

fn loop_name(model: LoopModel) -> &'static str {
    if model == LoopModel::Closed { "closed" } else { "open" }
}

/// Errors by their text as grpc-go has it, and all ends by their status as Go names it.
fn endings(report: &Report) -> (BTreeMap<String, u64>, BTreeMap<String, u64>) {
    let (mut errors, mut statuses) = (BTreeMap::<String, u64>::new(), BTreeMap::<String, u64>::new());
    for (name, count) in &report.codes {
        let said = report.status_messages.get(name);
        let name = go_name(name);
        if name != "OK" {
            // As grpc-go writes it, though nothing was said.
            let said = said.map(String::as_str).unwrap_or_default();
            *errors.entry(format!("rpc error: code = {name} desc = {said}")).or_default() += count;
        }
        *statuses.entry(name).or_default() += count;
    }
    for (why, count) in &report.transport_errors {
        let name = match why.split(' ').next() {
            Some("deadline") => "DeadlineExceeded",
            Some("broken") => "Internal",
            _ => "Unavailable",
        };
        let said = report.transport_messages.get(why).map(|said| format!(": {said}")).unwrap_or_default();
        *errors.entry(format!("rpc error: code = {name} desc = {why}{said}")).or_default() += count;
        *statuses.entry(name.to_owned()).or_default() += count;
    }
    if report.in_flight > 0 {
        // What is under way when ghz ends ends so: its connections are closed under it.
        *errors.entry("rpc error: code = Canceled desc = no answer".to_owned()).or_default() +=
            report.in_flight;
        *statuses.entry("Canceled".to_owned()).or_default() += report.in_flight;
    }
    (errors, statuses)
}

/// A status as Go names it: `NotFound`, `Canceled`, `Code(99)`.
fn go_name(name: &str) -> String {
    match Code::named(name) {
        Some(Code::OK) => "OK".to_owned(),
        Some(Code::CANCELLED) => "Canceled".to_owned(),
        Some(_) => name
            .split('_')
            .flat_map(|word| {
                let (first, rest) = word.split_at_checked(1).unwrap_or((word, ""));
                [first.to_owned(), rest.to_ascii_lowercase()]
            })
            .collect(),
        None if name == ANY_STATUS => "Code(other)".to_owned(),
        None => format!("Code({})", name.trim_start_matches("code ")),
    }
}

fn percentiles(look: &Look<'_>) -> Vec<Percentile> {
    let all = [10_u32, 25, 50, 75, 90, 95, 99];
    all.map(|percentage| Percentile { percentage, latency: look.percentile(f64::from(percentage)) }).into()
}

/// Eleven marks from the fastest to the slowest, each with what is beyond the one before, in seconds.
fn histogram(look: &Look<'_>) -> Vec<Bucket> {
    const STEPS: u64 = 10;
    let step = float(look.max - look.min) / float(STEPS);
    let marks: Vec<u64> =
        (0..STEPS).map(|at| look.min.saturating_add(whole(step * float(at)))).chain([look.max]).collect();
    let mut steps = look.histogram.iter_recorded().peekable();
    let bucket = |mark: u64| {
        let mut count = 0;
        while let Some(step) =
            steps.next_if(|step| step.value_iterated_to().clamp(look.min, look.max) <= mark)
        {
            count += step.count_since_last_iteration();
        }
        Bucket {
            mark: seconds(mark),
            count,
            frequency: ratio(float(count), float(look.count)).unwrap_or_default(),
        }
    };
    marks.into_iter().map(bucket).collect()
}
