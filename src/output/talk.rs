//! What is said on the side about a call, or about asking for a schema, as curl says it: `>` went out, `<` came in,
//! `*` is a remark.

use std::io::{self, Write};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::sanitize;
use crate::schema::Repair;
use crate::session::{Event, EventKind, Metadata, MetadataValue, Origin, Phase, RequestHead, Status};

/// All there is to say about a schema: how the server was asked for it, what was mended in it, and how long it took
/// since `started`.
pub fn schema<'r>(
    talk: &mut dyn Write,
    events: &[Event],
    repaired: impl Iterator<Item = &'r Repair>,
    started: Instant,
) -> io::Result<()> {
    let mut timeline = Timeline::new(started);
    for told in events {
        if let EventKind::End(status, _) = &told.kind {
            // It ended one way of asking, and not what the times are of.
            writeln!(talk, "* no answer: {}", outcome(status))?;
        } else {
            timeline.note(told);
            event(talk, told)?;
        }
    }
    repairs(talk, repaired)?;
    timeline.times(talk, Instant::now())
}

/// What was mended in descriptors.
pub fn repairs<'r>(talk: &mut dyn Write, repairs: impl Iterator<Item = &'r Repair>) -> io::Result<()> {
    for repair in repairs {
        writeln!(talk, "* repaired: {}", sanitize::line(&repair.to_string()))?;
    }
    Ok(())
}

/// What an event before the end has to say.
pub(super) fn event<P>(talk: &mut dyn Write, event: &Event<P>) -> io::Result<()> {
    match &event.kind {
        EventKind::Phase(Phase::Connect { peer: Some(peer) }, _) => writeln!(talk, "* connected to {peer}"),
        EventKind::Phase(Phase::Tls(agreed), _) => {
            let alpn = agreed.alpn.as_deref().unwrap_or("none");
            writeln!(talk, "* {}, {}, ALPN {}", agreed.version, agreed.cipher, sanitize::line(alpn))?;
            match &agreed.certificate {
                Some(shown) => writeln!(talk, "* certificate {}", sanitize::line(&shown.to_string())),
                None => Ok(()),
            }
        }
        EventKind::Phase(Phase::Upgrade, _) => writeln!(talk, "* the server speaks net/rpc over HTTP"),
        EventKind::Requested(head) => request(talk, head),
        EventKind::Headers(headers) => section(talk, "response headers", '<', headers),
        _ => Ok(()),
    }
}

/// What this side knows to do about a status.
pub(super) fn hint(talk: &mut dyn Write, status: &Status) -> io::Result<()> {
    status.hint.as_ref().map_or(Ok(()), |hint| writeln!(talk, "hint: {}", sanitize::line(hint)))
}

/// A status's code and message, which may go on over several lines.
pub(super) fn outcome(status: &Status) -> String {
    let separator = if status.message.is_empty() { "" } else { ": " };
    format!("{}{separator}{}", code(status), sanitize::indented(&status.message))
}

/// A status's code: name, number, and whose word it is where it is not the server's.
pub(super) fn code(status: &Status) -> String {
    let whose = match status.origin {
        Origin::Server => "",
        Origin::Mapped => ", read off a broken answer",
        Origin::Local => ", on this side",
    };
    match status.code.name() {
        Some(name) => format!("{name} ({}{whose})", status.code.0),
        None => status.code.to_string(),
    }
}

/// The head of a request.
pub fn request(talk: &mut dyn Write, head: &RequestHead) -> io::Result<()> {
    writeln!(
        talk,
        "> POST {}://{}{}",
        head.scheme,
        sanitize::line(&head.authority),
        sanitize::line(&head.path)
    )?;
    lines(talk, '>', &head.headers)
}

/// Headers or trailers under a remark that says which.
pub(super) fn section(talk: &mut dyn Write, what: &str, sign: char, metadata: &Metadata) -> io::Result<()> {
    let none = if metadata.is_empty() { ": none" } else { "" };
    writeln!(talk, "* {what}{none}")?;
    lines(talk, sign, metadata)
}

fn lines(talk: &mut dyn Write, sign: char, metadata: &Metadata) -> io::Result<()> {
    for (name, value) in metadata.entries() {
        let value = match value {
            MetadataValue::Text(text) => text,
            MetadataValue::Binary(bytes) => STANDARD.encode(bytes),
        };
        writeln!(talk, "{sign} {}: {}", sanitize::line(name), sanitize::line(&value))?;
    }
    Ok(())
}

/// When what happened, for the one line of timings.
pub(super) struct Timeline {
    started: Instant,
    phases: Vec<(&'static str, Duration)>,
    requested: Option<Instant>,
    first: Option<Instant>,
    sent: usize,
    received: usize,
}

impl Timeline {
    pub(super) fn new(started: Instant) -> Self {
        Self { started, phases: Vec::new(), requested: None, first: None, sent: 0, received: 0 }
    }

    pub(super) fn note<P>(&mut self, event: &Event<P>) {
        match &event.kind {
            EventKind::Phase(phase, took) => {
                let name = match phase {
                    Phase::Resolve => "resolve",
                    Phase::Connect { .. } => "connect",
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
            EventKind::Ended { .. } | EventKind::HalfClosed => {}
        }
    }

    /// How many messages went out and came in.
    pub(super) fn counts(&self, talk: &mut dyn Write) -> io::Result<()> {
        writeln!(talk, "* sent {}, received {}", messages(self.sent), messages(self.received))
    }

    /// One line of timings; phases in the order in which they happen to a call.
    pub(super) fn times(&self, talk: &mut dyn Write, ended: Instant) -> io::Result<()> {
        write!(talk, "* time:")?;
        for name in ["resolve", "connect", "TLS", "upgrade", "schema"] {
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

/// So many messages.
pub fn messages(count: usize) -> String {
    if count == 1 { "1 message".to_owned() } else { format!("{count} messages") }
}

fn milliseconds(duration: Duration) -> String {
    format!("{:.1} ms", duration.as_secs_f64() * 1000.0)
}
