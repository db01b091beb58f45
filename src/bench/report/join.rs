//! Several reports as one: of generators that ran side by side, and of runs that were made one after the other.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::intervals::following;
use super::{
    About, Connections, Distribution, End, Interval, LoopModel, Network, PayloadError, Reason, Repeat,
    Report, Thread,
};
use crate::bench::record::{ANY_STATUS, NAMELESS};
use crate::bench::units::{count, float, ratio, seconds, time};

/// Why reports can't be told together.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JoinError {
    /// There is none.
    #[error("there are no reports")]
    None,
    /// Some are of closed loops, and some of open ones.
    #[error("closed and open loops can't be added up: their latencies mean different things")]
    Models,
    /// Some sent the messages of a call at once, and some in ping-pong.
    #[error(
        "messages that were sent at once and in ping-pong can't be added up: their latencies mean different things"
    )]
    Sending,
    /// Its counts can't be read.
    #[error(transparent)]
    Payload(#[from] PayloadError),
}

/// How what servers made up begins in reports, and what it is called where there is too much of it.
const OTHERS: [(&str, &str); 3] = [
    ("code ", ANY_STATUS),
    ("reset error code ", "reset other codes"),
    ("goaway error code ", "goaway other codes"),
];

/// How long an interval is.
const SECOND: u64 = 1_000_000_000;

impl Report {
    /// Reports of generators that ran side by side: counts and rates are added up, and distributions without loss.
    /// Intervals go together by the time from the beginning of each.
    pub fn together(reports: &[Self]) -> Result<Self, JoinError> {
        let mut total = joined(reports)?;
        total.measured_ns = reports.iter().map(|report| report.measured_ns).max().unwrap_or_default();
        total.due_ns = reports.iter().map(|report| report.due_ns).max().flatten();
        total.rate_offered = reports.iter().map(|report| report.rate_offered).sum();
        total.rate_achieved = reports.iter().map(|report| report.rate_achieved).sum();
        total.about = side_by_side_words(reports, total.about);
        total.remarks = remarks(reports);
        total.about.connections = added_up(reports, |report| report.about.connections);
        total.about.threads = added_up(reports, |report| report.about.threads);
        total.about.cpus = None;
        total.threads = reports.iter().flat_map(|report| report.threads.clone()).collect();
        total.intervals = side_by_side(reports)?;
        Ok(total.finished())
    }

    /// Reports of runs that were made one after the other, with the figures of each beside those of all.
    pub fn in_a_row(reports: &[Self]) -> Result<Self, JoinError> {
        let mut total = joined(reports)?;
        total.measured_ns = added_up(reports, |report| report.measured_ns);
        let all = seconds(total.measured_ns);
        let due = |report: &Self| report.due_ns.unwrap_or(report.measured_ns);
        total.due_ns = total.due_ns.map(|_| added_up(reports, due));
        let offered = reports.iter().map(|report| Some(report.rate_offered? * seconds(due(report))));
        let due = seconds(added_up(reports, due));
        total.rate_offered = offered.sum::<Option<f64>>().and_then(|calls| ratio(calls, due));
        let in_time = added_up(reports, |report| report.network.n);
        total.rate_achieved = ratio(float(in_time), all).unwrap_or_default();
        total.threads = thread_by_thread(reports);
        total.intervals = one_after_the_other(reports);
        // One that was cut short says nothing of how far others are apart.
        total.repeats = reports.iter().filter(|report| report.is_whole()).map(Repeat::from).collect();
        // What was drawn in those after the first was drawn from its number, too.
        total.about.seed = reports.first().and_then(|report| report.about.seed);
        Ok(total.finished())
    }

    /// Whether it ran for as long as it was to.
    fn is_whole(&self) -> bool {
        !matches!(self.end.reason, Reason::Interrupted | Reason::Unreachable | Reason::Data)
    }

    /// With what follows from all else.
    fn finished(mut self) -> Self {
        let cost = [
            self.connections.connecting_ns,
            self.connections.tls_ns,
            self.connections.settings_ns,
            self.connections.closing_ns,
        ];
        let cost = seconds(cost.iter().fold(0, |sum: u64, part| sum.saturating_add(*part)));
        let bytes = self.bytes_sent.saturating_add(self.bytes_received);
        self.network = Network::of(self.network.n, seconds(self.measured_ns), self.network.r, cost, bytes);
        self.judge();
        self
    }
}

impl From<&Report> for Repeat {
    fn from(report: &Report) -> Self {
        Self {
            began: report.began.clone(),
            measured_ns: report.measured_ns,
            rate_achieved: report.rate_achieved,
            dropped: report.dropped,
            in_flight: report.in_flight,
            longest_wait_ns: report.longest_wait_ns,
            worst_lag_ns: report.worst_lag_ns,
            codes: report.codes.clone(),
            transport_errors: report.transport_errors.clone(),
            latency_intended: report.latency_intended.clone(),
            latency_actual: report.latency_actual.clone(),
        }
    }
}

/// A number of all reports together: a file may have any.
fn added_up(reports: &[Report], of: fn(&Report) -> u64) -> u64 {
    reports.iter().fold(0, |sum, report| sum.saturating_add(of(report)))
}

/// What is added up whichever way the runs were made.
fn joined(reports: &[Report]) -> Result<Report, JoinError> {
    let first = reports.first().ok_or(JoinError::None)?;
    if reports.iter().any(|report| report.is_closed() != first.is_closed()) {
        return Err(JoinError::Models);
    }
    if reports.iter().any(|report| report.about.messages != first.about.messages) {
        return Err(JoinError::Sending);
    }
    let sum =
        |of: fn(&Report) -> u64| reports.iter().fold(0, |sum: u64, report| sum.saturating_add(of(report)));
    let times = |of: fn(&Report) -> &Distribution| Distribution::together(reports.iter().map(of));
    let mut total = first.clone();
    total.runs = sum(|report| report.runs);
    total.about = about(reports);
    total.began = reports.iter().map(|report| report.began.clone()).min().unwrap_or_default();
    total.warmup.calls = sum(|report| report.warmup.calls);
    total.warmup.ns = reports.iter().map(|report| report.warmup.ns).max().unwrap_or_default();
    total.end = end(reports);
    total.loop_model = model(reports);
    total.issued = sum(|report| report.issued);
    total.answered = sum(|report| report.answered);
    total.in_flight = sum(|report| report.in_flight);
    total.longest_wait_ns = reports.iter().filter_map(|report| report.longest_wait_ns).max();
    total.dropped = sum(|report| report.dropped);
    total.drained = sum(|report| report.drained);
    total.worst_lag_ns = reports.iter().map(|report| report.worst_lag_ns).max().unwrap_or_default();
    total.status_messages = reports.iter().rev().flat_map(|report| report.status_messages.clone()).collect();
    total.transport_messages =
        reports.iter().rev().flat_map(|report| report.transport_messages.clone()).collect();
    total.codes = added(reports.iter().map(|report| &report.codes));
    total.transport_errors = added(reports.iter().map(|report| &report.transport_errors));
    total.latency_intended = times(|report| &report.latency_intended)?;
    total.latency_actual = times(|report| &report.latency_actual)?;
    total.failed_latency_intended = times(|report| &report.failed_latency_intended)?;
    total.failed_latency_actual = times(|report| &report.failed_latency_actual)?;
    total.first_message_latency = times(|report| &report.first_message_latency)?;
    total.message_latency = times(|report| &report.message_latency)?;
    total.messages_sent = sum(|report| report.messages_sent);
    total.messages_received = sum(|report| report.messages_received);
    total.bytes_sent = sum(|report| report.bytes_sent);
    total.bytes_received = sum(|report| report.bytes_received);
    total.cpu_seconds = reports.iter().map(|report| report.cpu_seconds).sum();
    total.connections = connections(reports);
    total.network.n = sum(|report| report.network.n);
    total.network.r = sum(|report| report.network.r);
    (total.repeats, total.checks) = (Vec::new(), Vec::new());
    Ok(total)
}

/// The words that reports have in common; all of them where they differ.
fn about(reports: &[Report]) -> About {
    let Some(first) = reports.first().map(|report| &report.about) else { return About::default() };
    let words = |of: fn(&About) -> &str| {
        let mut seen = BTreeSet::new();
        let all = reports.iter().map(|report| of(&report.about)).filter(|word| seen.insert(*word));
        all.collect::<Vec<_>>().join(", ")
    };
    let optional = |of: fn(&About) -> &str| Some(words(of)).filter(|words| !words.is_empty());
    About {
        target: words(|about| &about.target),
        method: words(|about| &about.method),
        protocol: words(|about| &about.protocol),
        engine: words(|about| &about.engine),
        load: words(|about| &about.load),
        rpcctl: words(|about| &about.rpcctl),
        host: optional(|about| about.host.as_deref().unwrap_or_default()),
        os: optional(|about| about.os.as_deref().unwrap_or_default()),
        // Only what was drawn from one number can be drawn again from it.
        seed: first.seed.filter(|_| reports.iter().all(|report| report.about.seed == first.seed)),
        streams: reports.iter().map(|report| report.about.streams).max().unwrap_or_default(),
        ..first.clone()
    }
}

/// What generators were told to do that ran side by side, as it is when it is added up.
fn side_by_side_words(reports: &[Report], words: About) -> About {
    let all = || reports.iter().map(|report| &report.about);
    let Some(first) = all().next() else { return words };
    let have_same_streams = all().all(|about| about.streams == first.streams && about.places.is_none());
    let at_a_time = all().fold(0, |sum: u64, about| sum.saturating_add(about.at_a_time()));
    About {
        load: counted(all().map(|about| about.load.as_str())).join(" + "),
        places: (!have_same_streams)
            .then(|| all().map(About::places_in_words).collect::<Vec<_>>().join(" and ")),
        at_a_time: (!have_same_streams).then_some(at_a_time),
        calls: all().map(|about| about.calls).try_fold(0, |sum: u64, calls| Some(sum.saturating_add(calls?))),
        duration_ns: first.duration_ns.filter(|_| all().all(|about| about.duration_ns == first.duration_ns)),
        timeout_ns: first.timeout_ns.filter(|_| all().all(|about| about.timeout_ns == first.timeout_ns)),
        ..words
    }
}

/// Each of these once, and how often where that is more: `2 × open loop, 500/s`.
fn counted<'w>(words: impl Iterator<Item = &'w str>) -> Vec<String> {
    let mut seen: Vec<(&str, u64)> = Vec::new();
    for word in words.filter(|word| !word.is_empty()) {
        match seen.iter_mut().find(|(known, _)| *known == word) {
            Some((_, times)) => *times += 1,
            None => seen.push((word, 1)),
        }
    }
    let told = |(word, times)| match times {
        1 => String::from(word),
        times => format!("{} × {word}", count(times)),
    };
    seen.into_iter().map(told).collect()
}

/// What has to be known of reports that were added up as if they were of one run.
fn remarks(reports: &[Report]) -> Vec<String> {
    let mut remarks: Vec<String> = Vec::new();
    for remark in reports.iter().flat_map(|report| &report.remarks) {
        if !remarks.contains(remark) {
            remarks.push(remark.clone());
        }
    }
    let began = reports.iter().map(|report| humantime::parse_rfc3339_weak(&report.began).ok());
    let spans: Option<Vec<_>> = began
        .zip(reports)
        .map(|(began, report)| {
            let began = began?;
            Some((began, began.checked_add(Duration::from_nanos(report.measured_ns))?))
        })
        .collect();
    let ends = spans.as_ref().and_then(|spans| {
        let last = spans.iter().map(|(began, _)| *began).max()?;
        let first = spans.iter().map(|(_, ended)| *ended).min()?;
        Some((first, last))
    });
    if ends.is_some_and(|(first_end, last_begin)| last_begin > first_end) {
        remarks.push(
            "not all of these runs were under way at one time: their rates are added up as if they had been"
                .to_owned(),
        );
    }
    let lengths = || reports.iter().map(|report| report.measured_ns);
    if let Some((least, most)) = lengths().min().zip(lengths().max())
        && time(least) != time(most)
    {
        let (least, most) = (time(least), time(most));
        remarks.push(format!(
            "these runs took from {least} to {most}: T is the longest, and rates are each run's own"
        ));
    }
    let timeouts = counted_times(reports.iter().map(|report| report.about.timeout_ns));
    if timeouts.len() > 1 {
        remarks.push(format!("timeouts differ: {}", timeouts.join(", ")));
    }
    remarks
}

/// Each of these times once.
fn counted_times(times: impl Iterator<Item = Option<u64>>) -> Vec<String> {
    let all: BTreeSet<Option<u64>> = times.collect();
    all.into_iter().map(|limit| limit.map_or_else(|| "none".to_owned(), time)).collect()
}

/// What ended all of them, or that several things did.
fn end(reports: &[Report]) -> End {
    let mut ends = reports.iter().map(|report| &report.end);
    let first = ends.next().cloned().unwrap_or(End { reason: Reason::Several, detail: None });
    if ends.all(|end| *end == first) {
        return first;
    }
    let details = reports.iter().filter_map(|report| report.end.detail.clone()).collect::<Vec<_>>();
    let detail = (!details.is_empty()).then(|| details.join("; "));
    let same = reports.iter().all(|report| report.end.reason == first.reason);
    End { reason: if same { first.reason } else { Reason::Several }, detail }
}

/// The model of all.
fn model(reports: &[Report]) -> LoopModel {
    let first = reports.first().map_or(LoopModel::Closed, |report| report.loop_model);
    if reports.iter().all(|report| report.loop_model == first) { first } else { LoopModel::OpenMixed }
}

fn added<'m>(maps: impl Iterator<Item = &'m BTreeMap<String, u64>>) -> BTreeMap<String, u64> {
    let mut all = BTreeMap::new();
    for (name, count) in maps.flatten() {
        let own: &mut u64 = all.entry(name.clone()).or_default();
        *own = own.saturating_add(*count);
    }
    bounded(all)
}

/// No more names that servers made up than a run has.
fn bounded(mut counts: BTreeMap<String, u64>) -> BTreeMap<String, u64> {
    for (begins, other) in OTHERS {
        let mut alike: Vec<(u64, String)> = counts
            .iter()
            .filter(|(name, _)| name.starts_with(begins))
            .map(|(name, count)| (*count, name.clone()))
            .collect();
        alike.sort_by(|one, other| other.cmp(one));
        for (count, name) in alike.into_iter().skip(NAMELESS) {
            counts.remove(&name);
            let sum: &mut u64 = counts.entry(other.to_owned()).or_default();
            *sum = sum.saturating_add(count);
        }
    }
    counts
}

fn connections(reports: &[Report]) -> Connections {
    let all = || reports.iter().map(|report| &report.connections);
    let sum = |of: fn(&Connections) -> u64| all().fold(0, |sum: u64, links| sum.saturating_add(of(links)));
    Connections {
        opened: sum(|links| links.opened),
        failed: sum(|links| links.failed),
        failed_why: all().filter_map(|links| links.failed_why.clone()).next_back(),
        lost: sum(|links| links.lost),
        connecting_ns: sum(|links| links.connecting_ns),
        tls_ns: sum(|links| links.tls_ns),
        settings_ns: sum(|links| links.settings_ns),
        closing_ns: sum(|links| links.closing_ns),
        max_concurrent_streams: all().filter_map(|links| links.max_concurrent_streams).min(),
        tls_version: all().find_map(|links| links.tls_version.clone()),
        tls_cipher: all().find_map(|links| links.tls_cipher.clone()),
    }
}

/// The threads of runs in a row: each run has them anew, and its first is another's first.
fn thread_by_thread(reports: &[Report]) -> Vec<Thread> {
    let most = reports.iter().map(|report| report.threads.len()).max().unwrap_or_default();
    let thread = |at: usize| {
        let all = || reports.iter().filter_map(move |report| report.threads.get(at));
        Thread::new(
            all().map(|thread| thread.cpu_seconds).sum(),
            all().map(|thread| thread.ran_seconds).sum(),
        )
    };
    (0..most).map(thread).collect()
}

/// Intervals of runs side by side: those that began in the same second of their runs are one, or in the same few seconds.
fn side_by_side(reports: &[Report]) -> Result<Vec<Interval>, JoinError> {
    let in_seconds = |ns: u64| ns.saturating_add(SECOND / 2) / SECOND;
    // Those of long runs are of several seconds.
    let first = reports.iter().filter_map(|report| report.intervals.first());
    let step = first.map(|interval| in_seconds(interval.length_ns)).max().unwrap_or_default().max(1);
    let place = |interval: &Interval| (in_seconds(interval.at_ns) / step, interval.drain);
    let mut by_step: BTreeMap<(u64, bool), Vec<Interval>> = BTreeMap::new();
    for report in reports {
        for parts in report.intervals.chunk_by(|a, b| place(a) == place(b)) {
            let Some(at) = parts.first().map(place) else { continue };
            by_step.entry(at).or_default().push(following(parts)?);
        }
    }
    by_step.values().map(|parts| one(&parts.iter().collect::<Vec<_>>())).collect()
}

/// Intervals as one, as if they were of the same time.
pub(super) fn one(parts: &[&Interval]) -> Result<Interval, JoinError> {
    let all = || parts.iter().copied();
    let sum = |of: fn(&Interval) -> u64| all().fold(0, |sum: u64, part| sum.saturating_add(of(part)));
    let times = |of: fn(&Interval) -> &Distribution| Distribution::together(all().map(of));
    Ok(Interval {
        at_ns: all().map(|part| part.at_ns).min().unwrap_or_default(),
        length_ns: all().map(|part| part.length_ns).max().unwrap_or_default(),
        drain: all().all(|part| part.drain),
        due: all().map(|part| part.due).try_fold(0, |sum: u64, due| Some(sum.saturating_add(due?))),
        issued: sum(|part| part.issued),
        answered: sum(|part| part.answered),
        in_flight: sum(|part| part.in_flight),
        waiting: sum(|part| part.waiting),
        longest_wait_ns: all().filter_map(|part| part.longest_wait_ns).max(),
        dropped: sum(|part| part.dropped),
        worst_lag_ns: all().map(|part| part.worst_lag_ns).max().unwrap_or_default(),
        codes: added(all().map(|part| &part.codes)),
        transport_errors: added(all().map(|part| &part.transport_errors)),
        bytes_sent: sum(|part| part.bytes_sent),
        bytes_received: sum(|part| part.bytes_received),
        latency_intended: times(|part| &part.latency_intended)?,
        latency_actual: times(|part| &part.latency_actual)?,
        failed_latency_intended: times(|part| &part.failed_latency_intended)?,
        failed_latency_actual: times(|part| &part.failed_latency_actual)?,
    })
}

/// Intervals of runs in a row, as if there had been nothing between those.
fn one_after_the_other(reports: &[Report]) -> Vec<Interval> {
    let mut before: u64 = 0;
    let mut all = Vec::new();
    for report in reports {
        all.extend(
            report.intervals.iter().map(|interval| Interval {
                at_ns: interval.at_ns.saturating_add(before),
                ..interval.clone()
            }),
        );
        before = before.saturating_add(report.measured_ns);
    }
    all
}
