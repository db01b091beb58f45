//! One document, made piece by piece.

use std::io::{self, Write};
use std::time::{Instant, SystemTime};

use super::line::{self, Line};
use super::object::Object;
use super::{About, Ending};
use crate::chars;
use crate::failure::status_exit;
use crate::output::color::{self, Paint};
use crate::output::tally::Tally;
use crate::secrets::Secrets;
use crate::session::{Code, Event, EventKind, Payload, Status};

/// How documents are written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Look {
    /// Whether secrets are shown.
    pub(super) secrets: Secrets,
    pub(super) paint: Paint,
}

/// A document being written.
pub(super) struct Document {
    about: About,
    /// What of it was not handed on yet.
    text: Vec<u8>,
    /// Whether the document, and its list of events, was begun.
    begun: bool,
    /// Whether an event is in it.
    some: bool,
    /// What comes before the call, which is told in another order than it happened in: of the connection, once an attempt
    /// uses it that is not made again, which may be after others failed.
    before: Vec<(Instant, Vec<u8>)>,
    sent: Tally,
    received: Tally,
    /// Whether each message that came is what it should be.
    fits: bool,
}

impl Document {
    /// A document about this, which began then.
    pub(super) fn new(about: &About, started: Instant) -> Self {
        let date = about.date + started.saturating_duration_since(about.started);
        Self {
            about: About { started, date, ..about.clone() },
            text: Vec::new(),
            begun: false,
            some: false,
            before: Vec::new(),
            sent: Tally::default(),
            received: Tally::default(),
            fits: true,
        }
    }

    /// Whether it has more in it than what comes before a call.
    pub(super) fn has_begun(&self) -> bool {
        self.some
    }

    /// Adds an event, with its message as JSON, and whether that is what it should be.
    pub(super) fn event(&mut self, look: Look, event: &Event<Payload>, (message, fits): (&[u8], bool)) {
        self.fits &= fits;
        match &event.kind {
            EventKind::Sent { size, compressed, .. } => self.sent.add(compressed.unwrap_or(*size)),
            EventKind::Message { wire_size, .. } => self.received.add(*wire_size),
            _ => {}
        }
        let at = event.at.saturating_duration_since(self.about.started);
        let mut line = Vec::new();
        Line { at, secrets: look.secrets, message }.write(&mut line, event);
        let before =
            matches!(event.kind, EventKind::Phase(..) | EventKind::Settings(_) | EventKind::Failed(_));
        if before && !self.some {
            self.before.push((event.at, line));
            return;
        }
        // What is there before the first event of the call itself stands before it.
        self.catch_up(look);
        self.put(look, &line);
    }

    /// Ends it.
    pub(super) fn end(&mut self, look: Look, at: Instant, ending: &Ending<'_>) {
        self.catch_up(look);
        let null = || b"null".to_vec();
        let (mut status, mut error, mut signal) = (null(), null(), null());
        let (ended, exit) = match ending {
            Ending::Answered => {
                status.clear();
                line::status(&mut status, &Status::server(Code::OK, ""), None);
                ("status", 0)
            }
            Ending::Status(end, types) => {
                status.clear();
                line::status(&mut status, end, Some(*types));
                ("status", status_exit(end.code))
            }
            Ending::Failure(failure, target) => {
                error.clear();
                let told = failure.told(*target);
                let mut object = Object::begin(&mut error);
                object
                    .text("message", &told.message)
                    .texts("causes", &told.causes)
                    .texts("hints", &told.hints);
                object.end();
                ("error", failure.exit())
            }
            Ending::Signal(exit) => {
                signal = if *exit == 143 { b"\"SIGTERM\"".to_vec() } else { b"\"SIGINT\"".to_vec() };
                ("signal", *exit)
            }
            Ending::Limit => ("limit", 0),
        };
        let exit = if exit == 0 && !self.fits { status_exit(Code::INTERNAL) } else { exit };
        let tally = |tally: &Tally| {
            format!("{{\"messages\":{},\"bytes\":{}}}", tally.messages, tally.bytes).into_bytes()
        };
        let micros = at.saturating_duration_since(self.about.started).as_micros();
        let members = [
            ("ended", format!("\"{ended}\"").into_bytes()),
            ("status", status),
            ("error", error),
            ("signal", signal),
            ("exit", exit.to_string().into_bytes()),
            ("sent", tally(&self.sent)),
            ("received", tally(&self.received)),
            ("durationMs", format!("{}.{:03}", micros / 1000, micros % 1000).into_bytes()),
        ];
        let mut tail = b"  ]".to_vec();
        for (name, value) in members {
            tail.extend(format!(",\n  \"{name}\": ").bytes());
            tail.extend(value);
        }
        tail.extend(b"\n}\n");
        self.print(look, &tail);
    }

    /// Writes what there is of it by now.
    pub(super) fn hand_on(&mut self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(&self.text)?;
        self.text.clear();
        Ok(())
    }

    fn catch_up(&mut self, look: Look) {
        if !std::mem::replace(&mut self.begun, true) {
            self.begin(look);
        }
        let mut before = std::mem::take(&mut self.before);
        before.sort_by_key(|(at, _)| *at);
        for (_, line) in before {
            self.put(look, &line);
        }
    }

    /// The comma stands before a line, so that a line is whole as soon as it is there.
    fn put(&mut self, look: Look, line: &[u8]) {
        let first = !std::mem::replace(&mut self.some, true);
        self.text.extend(if first { b"    " } else { b"  , " });
        self.print(look, line);
        self.text.push(b'\n');
    }

    /// Prints a piece of JSON, in which all strings are whole.
    fn print(&mut self, look: Look, json: &[u8]) {
        if look.paint.is_colored() {
            color::json(json, &mut self.text);
        } else {
            self.text.extend_from_slice(json);
        }
    }

    fn begin(&mut self, look: Look) {
        let About { target, method, protocol, date, .. } = &self.about;
        let date = humantime::format_rfc3339_micros((*date).max(SystemTime::UNIX_EPOCH)).to_string();
        let mut head = b"{".to_vec();
        for (name, text) in
            [("target", target.as_str()), ("method", method), ("protocol", protocol), ("started", &date)]
        {
            head.extend(format!("\n  \"{name}\": ").bytes());
            chars::quoted(&mut head, text, true);
            head.push(b',');
        }
        head.extend(b"\n  \"events\": [\n");
        self.print(look, &head);
    }
}
