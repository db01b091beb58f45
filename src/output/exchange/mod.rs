//! Calls as JSON documents, one each: all that happened, when, and how it ended.
//!
//! A document is written as it happens, a line an event, and whatever ends the call also ends the document, so that it
//! can be parsed. The members are stable: some may be added, none is renamed or removed. docs/exchange.md describes
//! them.

mod document;
mod line;
mod object;

use std::io::{self, Write};
use std::time::{Instant, SystemTime};

use self::document::{Document, Look};
pub(super) use self::line::status;
use crate::failure::Failure;
use crate::message::json::Types;
use crate::output::color::Paint;
use crate::secrets::Secrets;
use crate::session::{Code, Event, EventKind, Metadata, Payload, Status};

/// What documents are about.
#[derive(Debug, Clone)]
pub struct About {
    /// The server, as it was named.
    pub target: String,
    /// The method, as it was named until it is found.
    pub method: String,
    /// What is spoken: `grpc`, `netrpc` or `jsonrpc`.
    pub protocol: &'static str,
    /// When the first began, by the clock that times are measured with.
    pub started: Instant,
    /// The same by the clock on the wall.
    pub date: SystemTime,
}

/// How a call ended.
#[derive(Clone, Copy)]
pub enum Ending<'e> {
    /// Well, where the protocol says no more of it.
    Answered,
    /// In a status, with details of types among these.
    Status(&'e Status, &'e dyn Types),
    /// In an error; hints are about the server of this name.
    Failure(&'e Failure, Option<&'e str>),
    /// By a signal, with this exit code.
    Signal(u8),
    /// On this side, when as many answers had come as were wanted.
    Limit,
}

/// How many calls events are of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Calls {
    /// One.
    One,
    /// Several, of which events tell one after another.
    InOrder,
    /// Several, of which events tell side by side; each has one answer, which ends it.
    SideBySide,
}

/// The documents of calls, each written in its turn.
pub(super) struct Exchange {
    about: About,
    look: Look,
    calls: Calls,
    /// Those that were begun and not ended, each with the number of its request where calls are told side by side.
    open: Vec<(usize, Document)>,
    /// How many were ended.
    whole: usize,
    /// What calls ended in that did not end well.
    failed: Vec<Code>,
}

impl Exchange {
    /// The documents of calls about this.
    pub(super) fn new(about: About, calls: Calls, secrets: Secrets, paint: Paint) -> Self {
        let look = Look { secrets, paint };
        Self { about, look, calls, open: Vec::new(), whole: 0, failed: Vec::new() }
    }

    /// Adds an event before an end, with its message as JSON.
    pub(super) fn event(
        &mut self,
        out: &mut dyn Write,
        event: &Event<Payload>,
        message: (&[u8], bool),
    ) -> io::Result<()> {
        // All requests may have been answered by the time that it is known that there are no more.
        if matches!(event.kind, EventKind::HalfClosed) && self.open.is_empty() {
            return Ok(());
        }
        let place = self.place_of(event);
        let Some((_, document)) = self.open.get_mut(place) else { return Ok(()) };
        document.event(self.look, event, message);
        match (self.calls, &event.kind) {
            (Calls::SideBySide, EventKind::Message { .. }) => {
                self.end(out, place, event.at, &Ending::Answered)
            }
            // Another may be written before this one is whole.
            (Calls::SideBySide, _) => Ok(()),
            _ => document.hand_on(out),
        }
    }

    /// Adds the end of one of several calls, or of all.
    pub(super) fn end_of_call(
        &mut self,
        out: &mut dyn Write,
        event: &Event<Payload>,
        (status, trailers): (&Status, &Metadata),
        types: &dyn Types,
    ) -> io::Result<()> {
        if let EventKind::End(..) = &event.kind {
            // What only sums up the calls, or ends nothing that was begun, is the end of none of them.
            let told = status.code == Code::OK || self.failed.contains(&status.code);
            let begun = self.open.iter().any(|(_, document)| document.has_begun());
            if told && !begun && self.calls != Calls::One {
                self.open.clear();
                return Ok(());
            }
            if self.calls == Calls::SideBySide {
                return self.end_all(out, event.at, &Ending::Status(status, types));
            }
        }
        let place = self.place_of(event);
        let Some((_, document)) = self.open.get_mut(place) else { return Ok(()) };
        // A call that this side ended has none.
        if !trailers.is_empty() {
            document.event(self.look, event, (b"", true));
        }
        self.end(out, place, event.at, &Ending::Status(status, types))
    }

    /// Ends what was begun for another reason than that the calls are over. A failure where nothing was begun is that
    /// of a call that came to nothing.
    pub(super) fn cut(&mut self, out: &mut dyn Write, at: Instant, ending: &Ending<'_>) -> io::Result<()> {
        if self.open.is_empty() {
            let fails = matches!(ending, Ending::Failure(..)) && self.calls != Calls::One;
            if self.whole > 0 && !fails {
                return Ok(());
            }
            self.begin(0, at);
        }
        self.end_all(out, at, ending)
    }

    /// The place among those that are open of the document that an event belongs to, which may begin with it.
    fn place_of(&mut self, event: &Event<Payload>) -> usize {
        let last = self.open.len().checked_sub(1);
        let (number, known) = match (&event.kind, self.calls) {
            (EventKind::Sent { index, .. }, Calls::SideBySide) => {
                // The connection was made for the first of them, and told before it.
                if self.whole == 0
                    && let [(number, only)] = self.open.as_mut_slice()
                    && !only.has_begun()
                {
                    *number = *index;
                    return 0;
                }
                (*index, None)
            }
            (EventKind::Message { index, .. } | EventKind::Ended { index, .. }, Calls::SideBySide) => {
                (*index, self.open.iter().position(|(number, _)| number == index))
            }
            _ => (0, last),
        };
        known.unwrap_or_else(|| {
            self.begin(number, event.at);
            self.open.len() - 1
        })
    }

    /// Begins a document. The first one's time is counted from when everything began.
    fn begin(&mut self, number: usize, at: Instant) {
        let first = self.whole == 0 && self.open.is_empty();
        let started = if first { self.about.started } else { at };
        self.open.push((number, Document::new(&self.about, started)));
    }

    fn end_all(&mut self, out: &mut dyn Write, at: Instant, ending: &Ending<'_>) -> io::Result<()> {
        while !self.open.is_empty() {
            self.end(out, 0, at, ending)?;
        }
        Ok(())
    }

    /// Ends a document.
    fn end(&mut self, out: &mut dyn Write, place: usize, at: Instant, ending: &Ending<'_>) -> io::Result<()> {
        let (_, mut document) = self.open.remove(place);
        self.whole += 1;
        if let Ending::Status(status, _) = ending
            && status.code != Code::OK
            && !self.failed.contains(&status.code)
        {
            self.failed.push(status.code);
        }
        document.end(self.look, at, ending);
        document.hand_on(out)
    }
}
