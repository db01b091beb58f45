//! When what happened.

use std::io::{self, Write};
use std::time::{Duration, Instant};

use super::messages;
use crate::session::{Event, EventKind, Phase};

/// When what happened, for the one line of timings.
pub(in crate::output) struct Timeline {
    started: Instant,
    phases: Vec<(&'static str, Duration)>,
    requested: Option<Instant>,
    first: Option<Instant>,
    sent: usize,
    received: usize,
}

impl Timeline {
    pub(in crate::output) fn new(started: Instant) -> Self {
        Self { started, phases: Vec::new(), requested: None, first: None, sent: 0, received: 0 }
    }

    pub(in crate::output) fn note<P>(&mut self, event: &Event<P>) {
        match &event.kind {
            EventKind::Phase(phase, took) => {
                let name = match phase {
                    Phase::Resolve => "resolve",
                    Phase::Connect { .. } => "connect",
                    Phase::Tunnel { .. } => "proxy",
                    Phase::Tls(_) => "TLS",
                    Phase::Upgrade => "upgrade",
                    Phase::Schema => "schema",
                };
                self.phases.push((name, *took));
            }
            EventKind::Requested(_) => self.requested = Some(event.at),
            EventKind::Sent { .. } => {
                self.sent += 1;
                self.requested.get_or_insert(event.at);
            }
            EventKind::Message { .. } => {
                self.received += 1;
                self.first.get_or_insert(event.at);
            }
            EventKind::Headers(_) | EventKind::End(..) => {
                self.first.get_or_insert(event.at);
            }
            EventKind::Ended { .. }
            | EventKind::HalfClosed
            | EventKind::Settings(_)
            | EventKind::Failed(_) => {}
        }
    }

    /// How long after the start that was.
    pub(in crate::output) fn since_start(&self, at: Instant) -> Duration {
        at.saturating_duration_since(self.started)
    }

    /// How many messages went out and came in.
    pub(in crate::output) fn counts(&self, talk: &mut dyn Write) -> io::Result<()> {
        writeln!(talk, "* sent {}, received {}", messages(self.sent), messages(self.received))
    }

    /// One line of timings; phases in the order in which they happen to a call.
    pub(in crate::output) fn times(&self, talk: &mut dyn Write, ended: Instant) -> io::Result<()> {
        write!(talk, "* time:")?;
        for name in ["resolve", "connect", "proxy", "TLS", "upgrade", "schema"] {
            if let Some((_, took)) = self.phases.iter().find(|(phase, _)| *phase == name) {
                write!(talk, " {name} {},", milliseconds(*took))?;
            }
        }
        if let (Some(requested), Some(first)) = (self.requested, self.first) {
            write!(talk, " first byte {},", milliseconds(first.saturating_duration_since(requested)))?;
        }
        writeln!(talk, " total {}", milliseconds(ended.saturating_duration_since(self.started)))
    }
}

/// A duration, to a tenth of a millisecond.
pub(in crate::output) fn milliseconds(duration: Duration) -> String {
    format!("{:.1} ms", duration.as_secs_f64() * 1000.0)
}
