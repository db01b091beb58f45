//! A call as one JSON document: all that happened, when, and how it ended.
//!
//! It is written as it happens, a line an event, and whatever ends the call also ends the document, so that it can be
//! parsed. The members are stable: some may be added, none is renamed or removed. docs/exchange.md describes them.

mod line;
mod object;

use std::io::{self, Write};
use std::time::{Instant, SystemTime};

use self::line::Line;
use self::object::Object;
use crate::chars;
use crate::failure::{Failure, status_exit};
use crate::message::json::Types;
use crate::output::color::{self, Paint};
use crate::secrets::Secrets;
use crate::session::{Event, EventKind, Payload, Status};

/// What a document is about.
#[derive(Debug, Clone)]
pub struct About {
    /// The server, as it was named.
    pub target: String,
    /// The method, as it was named until it is found.
    pub method: String,
    /// What is spoken: `grpc`, `netrpc` or `jsonrpc`.
    pub protocol: &'static str,
    /// When it began, by the clock that times are measured with.
    pub started: Instant,
    /// The same by the clock on the wall.
    pub date: SystemTime,
}

/// How a call ended.
pub enum Ending<'e> {
    /// In a status, with details of types among these.
    Status(&'e Status, &'e dyn Types),
    /// In an error; hints are about the server of this name.
    Failure(&'e Failure, Option<&'e str>),
    /// By a signal, with this exit code.
    Signal(u8),
    /// On this side, when as many answers had come as were wanted.
    Limit,
}

/// A document being written.
pub(super) struct Exchange {
    about: About,
    secrets: Secrets,
    paint: Paint,
    /// Whether the document, and its list of events, was begun.
    begun: bool,
    /// Whether an event is in it.
    some: bool,
    /// Whether it is whole.
    ended: bool,
    /// Phases of what comes before the call, which are told in another order than they happened in.
    before: Vec<(Instant, Vec<u8>)>,
    sent: Tally,
    received: Tally,
    line: Vec<u8>,
}

#[derive(Default)]
struct Tally {
    messages: u64,
    bytes: u64,
}

impl Tally {
    fn add(&mut self, size: usize) {
        self.messages += 1;
        self.bytes += size as u64;
    }
}

impl Exchange {
    /// A document about this.
    pub(super) fn new(about: About, secrets: Secrets, paint: Paint) -> Self {
        Self {
            about,
            secrets,
            paint,
            begun: false,
            some: false,
            ended: false,
            before: Vec::new(),
            sent: Tally::default(),
            received: Tally::default(),
            line: Vec::new(),
        }
    }

    /// Adds an event before the end, with its message as JSON.
    pub(super) fn event(
        &mut self,
        out: &mut dyn Write,
        event: &Event<Payload>,
        message: &[u8],
    ) -> io::Result<()> {
        match &event.kind {
            EventKind::Sent { size, .. } => self.sent.add(*size),
            EventKind::Message { wire_size, .. } => self.received.add(*wire_size),
            // A call that this side ended has none.
            EventKind::End(_, trailers) if trailers.is_empty() => return Ok(()),
            _ => {}
        }
        let mut text = std::mem::take(&mut self.line);
        text.clear();
        self.line(event, message).write(&mut text, event);
        if matches!(event.kind, EventKind::Phase(..) | EventKind::Settings(_)) && !self.some {
            self.before.push((event.at, text));
            return Ok(());
        }
        self.add(out, &text)?;
        self.line = text;
        Ok(())
    }

    /// Adds the end of one of several calls, or ends the document with that of all.
    pub(super) fn end_of_call(
        &mut self,
        out: &mut dyn Write,
        event: &Event<Payload>,
        (status, types): (&Status, &dyn Types),
    ) -> io::Result<()> {
        if let EventKind::Ended { index, trailers, .. } = &event.kind {
            let mut text = Vec::new();
            self.line(event, b"").ended(&mut text, *index, (status, trailers), types);
            return self.add(out, &text);
        }
        self.event(out, event, b"")?;
        self.end(out, event.at, &Ending::Status(status, types))
    }

    fn line<'m>(&self, event: &Event<Payload>, message: &'m [u8]) -> Line<'m> {
        let at = event.at.saturating_duration_since(self.about.started);
        Line { at, secrets: self.secrets, message }
    }

    /// Adds a line to the list of events, behind all that happened before.
    fn add(&mut self, out: &mut dyn Write, line: &[u8]) -> io::Result<()> {
        self.catch_up(out)?;
        self.put(out, line)
    }

    /// Writes what is there before the first event of the call itself.
    fn catch_up(&mut self, out: &mut dyn Write) -> io::Result<()> {
        if !std::mem::replace(&mut self.begun, true) {
            self.begin(out)?;
        }
        let mut before = std::mem::take(&mut self.before);
        before.sort_by_key(|(at, _)| *at);
        before.into_iter().try_for_each(|(_, line)| self.put(out, &line))
    }

    /// The comma stands before a line, so that a line is whole as soon as it is there.
    fn put(&mut self, out: &mut dyn Write, line: &[u8]) -> io::Result<()> {
        out.write_all(if std::mem::replace(&mut self.some, true) { b"  , " } else { b"    " })?;
        self.print(out, line)?;
        out.write_all(b"\n")
    }

    /// Prints a piece of JSON, in which all strings are whole.
    fn print(&self, out: &mut dyn Write, json: &[u8]) -> io::Result<()> {
        if !self.paint.is_colored() {
            return out.write_all(json);
        }
        let mut painted = Vec::new();
        color::json(json, &mut painted);
        out.write_all(&painted)
    }

    fn begin(&self, out: &mut dyn Write) -> io::Result<()> {
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
        self.print(out, &head)
    }

    /// Ends the document. What happens after that is not in it.
    pub(super) fn end(&mut self, out: &mut dyn Write, at: Instant, ending: &Ending<'_>) -> io::Result<()> {
        if std::mem::replace(&mut self.ended, true) {
            return Ok(());
        }
        self.catch_up(out)?;
        let null = || b"null".to_vec();
        let (mut status, mut error, mut signal) = (null(), null(), null());
        let (ended, exit) = match ending {
            Ending::Status(end, types) => {
                status.clear();
                line::status(&mut status, end, *types);
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
        self.print(out, &tail)
    }
}
