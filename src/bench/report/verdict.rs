//! What set the limit of a run: the server, the load that was asked for, or the generator itself, whose figures are then
//! not the server's.

use serde::{Deserialize, Serialize};

use super::{Connections, Report};
use crate::bench::units::{count, many, share, time};

/// A thread that is busy for more of its time has hardly any to wait for the server in.
const BUSY: f64 = 0.9;
/// What goes out later is late: no system wakes up a thread so late that has nothing else to do.
const LATE: u64 = 10_000_000;
/// Where a larger part of calls fails, that is told before anything else.
const FAILING: f64 = 0.01;
/// Where a larger part fails, figures are those of failing.
const MOST: f64 = 0.5;

/// What set the limit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// Who.
    pub limit: Limit,
    /// In words.
    pub text: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub hint: Option<String>,
}

/// Who set the limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Limit {
    /// The generator: the server may be able to do more.
    Generator,
    /// The server, or the way to it.
    Server,
    /// Neither: the load was as it was asked for.
    Load,
    /// It can't be told.
    Unknown,
}

fn several(number: u64, one: &str, more: &str) -> String {
    format!("{} {}", count(number), if number == 1 { one } else { more })
}

impl Verdict {
    fn new(limit: Limit, text: impl Into<String>) -> Self {
        Self { limit, text: text.into(), hint: None }
    }

    fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }
}

/// Before anything is known.
pub(super) fn unknown() -> Verdict {
    Verdict::new(Limit::Unknown, "it can't be told what the limit was")
}

impl Report {
    /// Says anew what set the limit, from all else that is told.
    pub(super) fn judge(&mut self) {
        let nothing = self.ok() == 0;
        self.verdict = if nothing && self.over() == 0 {
            Verdict::new(Limit::Unknown, "no call ended, so it can't be told what the limit was")
        } else if nothing {
            Verdict::new(
                Limit::Unknown,
                "no call ended in OK: the figures are those of failing, and say nothing of a limit",
            )
        } else if let Some(away) = self.away() {
            Verdict::new(Limit::Unknown, away)
        } else if self.is_closed() {
            self.of_closed_loop()
        } else {
            self.of_open_loop()
        };
    }

    /// That calls failed, how many of all, and in what most did; none where hardly any did.
    fn failing(&self) -> Option<String> {
        let part = self.error_share().filter(|part| *part >= FAILING)?;
        let no_answer = (self.unanswered() > 0).then(|| ("no answer", self.unanswered()));
        let codes = self.codes.iter().chain(&self.transport_errors);
        let failures = codes.map(|(name, count)| (name.as_str(), *count)).filter(|(name, _)| *name != "OK");
        let (why, often) = failures.chain(no_answer).max_by_key(|(_, count)| *count)?;
        Some(format!("{} of calls did not end in OK ({} {why})", share(part), count(often)))
    }

    /// Whether more calls failed than did not.
    fn do_most_fail(&self) -> bool {
        self.error_share().is_some_and(|part| part > MOST)
    }

    /// That the server was away for a while, which leaves nothing to be said of limits.
    fn away(&self) -> Option<String> {
        let Connections { lost, failed, .. } = self.connections;
        (lost > 0 && failed > 0).then(|| {
            format!(
                "the server was away for a while, so it can't be told what the limit was: {}, and {} to make others",
                several(lost, "connection was lost", "connections were lost"),
                several(failed, "failed try", "failed tries")
            )
        })
    }

    /// The thread that had the least time to wait, by its number, and how much of its time it was busy.
    fn busiest(&self) -> Option<(usize, f64)> {
        let busy = self.threads.iter().enumerate().filter_map(|(at, thread)| Some((at + 1, thread.busy?)));
        busy.max_by(|one, other| one.1.total_cmp(&other.1))
    }

    /// How many calls there could be under way at a time.
    fn places(&self) -> u64 {
        self.about.at_a_time().min(self.about.connections.saturating_mul(self.allowed()))
    }

    /// How many the server takes on each connection.
    fn allowed(&self) -> u64 {
        self.connections.max_concurrent_streams.map_or(u64::MAX, u64::from)
    }

    /// What makes more calls be under way at a time.
    fn more_places(&self) -> &'static str {
        if self.allowed() <= self.about.streams {
            "more connections: -c (the server takes no more calls at a time on each)"
        } else {
            "more at a time: -m, or -c"
        }
    }

    fn of_closed_loop(&self) -> Verdict {
        if let Some(failing) = self.failing().filter(|_| self.do_most_fail()) {
            let text =
                format!("{failing}: the figures are mostly those of failing, and say little of a limit");
            return Verdict::new(Limit::Unknown, text);
        }
        let Some((thread, busy)) = self.busiest() else { return unknown() };
        if busy >= BUSY {
            let text = format!(
                "the generator was the limit: thread {thread} was busy for {} of its time, and the server may be able \
                 to do more",
                share(busy)
            );
            return self.spread(Verdict::new(Limit::Generator, text));
        }
        let text = format!(
            "the server, or the way to it, was the limit: it had up to {} to answer at a time, and no thread here \
             was busy for more than {} of its time",
            many(self.places().min(self.issued), "call"),
            share(busy)
        );
        Verdict::new(Limit::Server, text)
    }

    fn of_open_loop(&self) -> Verdict {
        let lag = time(self.worst_lag_ns);
        // What is due is sent or dropped, however late: no more is to be known of whether a load was kept.
        if self.dropped == 0 && self.worst_lag_ns <= LATE {
            let owed = match self.unanswered() {
                0 => String::new(),
                owed => format!("; the server owes {}", many(owed, "answer")),
            };
            let sent = format!("all calls were sent, none later than {lag} after it was due{owed}");
            return match self.failing() {
                Some(failing) if self.do_most_fail() => {
                    Verdict::new(Limit::Unknown, format!("{failing}, though the load was kept: {sent}"))
                }
                Some(failing) => Verdict::new(Limit::Load, format!("{failing}; the load was kept: {sent}")),
                None => Verdict::new(Limit::Load, format!("the load was kept: {sent}")),
            };
        }
        let failing = self.failing().map(|failing| format!("{failing}; ")).unwrap_or_default();
        let late = match self.dropped {
            0 => format!("calls were sent up to {lag} late"),
            dropped => {
                let dropped = several(dropped, "call was dropped", "calls were dropped");
                format!("{dropped}, and others sent up to {lag} late")
            }
        };
        let places = self.places();
        let full = places > 0 && self.intervals.iter().any(|interval| interval.in_flight >= places);
        if full || (self.dropped > 0 && places == 0) {
            let text = format!(
                "{failing}the server, or the way to it, was the limit: {late}, while it had as many calls to answer as there may \
                 be at a time ({})",
                count(places)
            );
            return Verdict::new(Limit::Server, text).hint(self.more_places());
        }
        match self.busiest() {
            Some((thread, busy)) if busy >= BUSY => {
                let text = format!(
                    "{failing}the generator was the limit: {late}, and thread {thread} was busy for {} of its time",
                    share(busy)
                );
                self.spread(Verdict::new(Limit::Generator, text))
            }
            _ => Verdict::new(
                Limit::Unknown,
                format!(
                    "{failing}{late}: the server was slow to answer for a while, or other programs had the CPUs of this machine"
                ),
            ),
        }
    }

    /// With what helps a generator that has too much to do.
    fn spread(&self, verdict: Verdict) -> Verdict {
        let threads = self.about.threads.max(1);
        match self.about.cpus {
            Some(cpus) if cpus <= threads => verdict.hint(
                "every CPU of this machine has a thread: make calls from a second one, and add the reports up: rpcctl bench \
                 merge one.json other.json",
            ),
            cpus => {
                let more = cpus.unwrap_or(u64::MAX).min(threads.saturating_mul(2));
                let connections = if self.about.connections < more { format!(" -c {more}") } else { String::new() };
                verdict.hint(format!("more of them: --threads {more}{connections}"))
            }
        }
    }
}
