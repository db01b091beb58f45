//! A report, made of a run.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use super::{
    About, Connections, Distribution, End, Interval, Network, Offered, Reason, Report, Thread, VERSION,
    Warmup, verdict,
};
use crate::bench::record::Both;
use crate::bench::run::{self, Ended, Links, Run};
use crate::bench::units::{float, nanos, ratio};

/// A date as it is written; a clock that is wrong beyond what can be is told as the nearest that can.
fn date(date: SystemTime) -> String {
    const LAST: Duration = Duration::from_secs(253_402_300_799);
    let since = date.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().min(LAST);
    humantime::format_rfc3339_millis(SystemTime::UNIX_EPOCH + since).to_string()
}

/// From when calls were due, and from when they were sent: the same where nothing is known of a difference.
fn both(both: &mut Both) -> (Distribution, Distribution) {
    let actual = Distribution::of(&mut both.actual);
    let intended = Distribution::of(&mut both.intended);
    if intended.is_empty() { (actual.clone(), actual) } else { (intended, actual) }
}

/// An interval as a report keeps it, which takes a hundredth of the memory.
impl From<run::Interval> for Interval {
    fn from(interval: run::Interval) -> Self {
        let run::Interval { at, length, mut tally, standing, .. } = interval;
        let (codes, transport_errors) = tally.by_name();
        let (latency_intended, latency_actual) = both(&mut tally.ok);
        let (failed_latency_intended, failed_latency_actual) = both(&mut tally.failed);
        Self {
            at_ns: nanos(at),
            length_ns: nanos(length),
            drain: false,
            due: tally.due,
            issued: tally.issued,
            answered: codes.values().sum(),
            in_flight: standing.in_flight,
            waiting: standing.waiting,
            longest_wait_ns: standing.longest_wait.map(nanos),
            dropped: tally.dropped,
            worst_lag_ns: tally.worst_lag,
            codes,
            transport_errors,
            bytes_sent: tally.bytes_sent,
            bytes_received: tally.bytes_received,
            latency_intended,
            latency_actual,
            failed_latency_intended,
            failed_latency_actual,
        }
    }
}

impl From<Ended> for End {
    fn from(ended: Ended) -> Self {
        let (reason, detail) = match ended {
            Ended::Calls => (Reason::Calls, None),
            Ended::Duration => (Reason::Duration, None),
            Ended::Condition(text) => (Reason::Condition, Some(text)),
            Ended::Interrupted => (Reason::Interrupted, None),
            Ended::Unreachable(why) => (Reason::Unreachable, Some(why)),
            Ended::Unmade(unmade) => (Reason::Data, Some(unmade.to_string())),
        };
        Self { reason, detail }
    }
}

impl From<&Links> for Connections {
    fn from(links: &Links) -> Self {
        let (failed, failed_why) = links.failed.clone();
        let (tls_version, tls_cipher) = links.tls.clone().unzip();
        Self {
            opened: links.opened,
            failed,
            failed_why,
            lost: links.lost,
            connecting_ns: nanos(links.connecting),
            tls_ns: nanos(links.securing),
            settings_ns: nanos(links.settling),
            closing_ns: nanos(links.closing),
            max_concurrent_streams: links.max_concurrent_streams,
            tls_version,
            tls_cipher,
        }
    }
}

/// What was said first of each way to end of which there were calls that count: a warm-up may have heard of others.
fn words_of<K: ToString>(
    words: impl IntoIterator<Item = (K, String)>,
    counts: &BTreeMap<String, u64>,
) -> BTreeMap<String, String> {
    let words = words.into_iter().map(|(way, words)| (way.to_string(), words));
    words.filter(|(way, _)| counts.contains_key(way)).collect()
}

impl Report {
    /// What is told of a run.
    pub fn of(run: Run, about: About, offered: Offered) -> Self {
        let Run {
            began,
            measured,
            due_for,
            warmup,
            mut tally,
            intervals,
            in_flight,
            longest_wait,
            links,
            effort,
            ended,
            numbers: _,
        } = run;
        let (codes, transport_errors) = tally.by_name();
        let status_messages = words_of(std::mem::take(&mut tally.messages_of), &codes);
        let transport_messages = words_of(std::mem::take(&mut tally.causes_of), &transport_errors);
        let answered: u64 = codes.values().sum();
        let in_time = answered.saturating_sub(tally.drained);
        let (latency_intended, latency_actual) = both(&mut tally.ok);
        let (failed_latency_intended, failed_latency_actual) = both(&mut tally.failed);
        let cost = [links.connecting, links.securing, links.settling, links.closing].iter().sum::<Duration>();
        let bytes = tally.bytes_sent.saturating_add(tally.bytes_received);
        let threads = effort.threads.iter();
        let mut report = Self {
            version: VERSION,
            runs: 1,
            about,
            began: date(began),
            measured_ns: nanos(measured),
            due_ns: due_for.map(nanos),
            warmup: Warmup { calls: warmup.0, ns: nanos(warmup.1) },
            end: ended.into(),
            loop_model: offered.model,
            caveat: offered.model.caveat(),
            remarks: Vec::new(),
            rate_offered: offered.rate,
            rate_achieved: ratio(float(in_time), measured.as_secs_f64()).unwrap_or_default(),
            issued: tally.issued,
            answered,
            in_flight,
            longest_wait_ns: longest_wait.map(nanos),
            dropped: tally.dropped,
            drained: tally.drained,
            worst_lag_ns: tally.worst_lag,
            codes,
            status_messages,
            transport_errors,
            transport_messages,
            latency_intended,
            latency_actual,
            failed_latency_intended,
            failed_latency_actual,
            first_message_latency: Distribution::of(&mut tally.first_message),
            message_latency: Distribution::of(&mut tally.messages),
            messages_sent: tally.messages_sent,
            messages_received: tally.messages_received,
            bytes_sent: tally.bytes_sent,
            bytes_received: tally.bytes_received,
            cpu_seconds: effort.process.map(|time| time.as_secs_f64()),
            threads: threads
                .map(|(cpu, ran)| Thread::new(cpu.map(|cpu| cpu.as_secs_f64()), ran.as_secs_f64()))
                .collect(),
            connections: Connections::from(&links),
            network: Network::of(
                in_time,
                measured.as_secs_f64(),
                links.further_calls,
                cost.as_secs_f64(),
                bytes,
            ),
            verdict: verdict::unknown(),
            repeats: Vec::new(),
            checks: Vec::new(),
            intervals,
        };
        report.judge();
        report
    }
}
