//! A call's events, printed: messages as data, everything else as talk.

mod form;
mod messages;
mod status;

use std::io::{self, Write};
use std::time::Instant;

use super::exchange::{About, Calls, Ending, Exchange};
use super::progress::{Progress, Side};
use super::reshape::{Piece, Reshaper};
use super::talk::{self, Direction, Level};
use super::{Outlet, sanitize};
use crate::message::json::{Missing, Types};
use crate::session::{Event, EventKind, MetadataValue, Method, Payload, Status};

pub use self::form::{CallStyle, Errors, Form, Shown};
pub(super) use self::messages::Messages;
pub(super) use self::status::detail_json;
pub use self::status::detail_types;

/// Prints one call. Messages go to `out`, which the caller flushes when nothing more is at hand; the talk goes to
/// `talk`.
pub struct CallPrinter<'w> {
    out: &'w mut Outlet,
    talk: Side<'w>,
    /// How far it came, where that is to be told.
    progress: Option<Progress>,
    style: talk::Style,
    /// Whether each message is a call of its own.
    each: bool,
    errors: Errors,
    messages: Messages,
    /// What makes something else of what was rendered.
    reshaper: Option<Reshaper>,
    /// How many messages it could not make something of.
    left_out: usize,
    /// How many are not what they should be.
    unfit: usize,
    /// What messages of the answer are compressed with, if they are.
    encoding: String,
    timeline: talk::Timeline,
    /// Everything as documents, where that is what is printed.
    exchange: Option<Exchange>,
}

impl<'w> CallPrinter<'w> {
    /// A printer for what this is about: a call of `method`, or what came to nothing before one was found.
    pub fn new(
        (out, talk): (&'w mut Outlet, &'w mut dyn Write),
        style: CallStyle,
        (method, shown): (Option<&Method>, Shown),
        about: About,
    ) -> Self {
        let started = about.started;
        let calls = match method {
            Some(Method::Go(_)) => Calls::SideBySide,
            _ if style.each => Calls::InOrder,
            _ => Calls::One,
        };
        let about = About { method: method.map_or(about.method, Method::name), ..about };
        Self {
            out,
            talk: Side::new(talk),
            progress: style.progress.map(|columns| Progress::new(Instant::now(), columns)),
            style: style.talk,
            each: style.each,
            errors: style.errors,
            messages: Messages::new(style, method, shown),
            reshaper: None,
            left_out: 0,
            unfit: 0,
            encoding: String::new(),
            timeline: talk::Timeline::new(started),
            exchange: (shown == Shown::Answers && matches!(style.form, Form::Exchange(_)))
                .then(|| Exchange::new(about, calls, style.talk.secrets, style.paint)),
        }
    }

    /// Renders an event's message, if it has one to be shown, and tells which types would have helped;
    /// [`CallPrinter::event`] prints what was rendered last. Rendering again, with more types known, is allowed and
    /// replaces it.
    pub fn render(&mut self, event: &Event<Payload>, types: &dyn Types) -> Missing {
        self.messages.render(&event.kind, types)
    }

    /// Prints an event before an end. Its message must have been rendered before.
    pub fn event(&mut self, event: &Event<Payload>) -> io::Result<()> {
        self.timeline.note(event);
        if let Some(progress) = &mut self.progress {
            progress.note(event);
        }
        if let Some(exchange) = &mut self.exchange {
            exchange.event(self.out, event, (self.messages.rendered(), self.messages.fits()))?;
        }
        match &event.kind {
            EventKind::Message { index, payload, wire_size, compressed } => {
                if self.tells_messages() {
                    self.out.flush()?;
                    let direction = match payload {
                        Payload::Proto(bytes) | Payload::Json(bytes) => {
                            Direction::Received(compressed.then_some(bytes.len()))
                        }
                        Payload::Go(_) => Direction::Answered,
                    };
                    self.tell_message(direction, (*index, *wire_size), event.at)?;
                }
                self.messages.write(payload, self.out)?;
                self.tell_unfit(*index)
            }
            EventKind::Sent { index, size, compressed, .. } if self.tells_messages() => {
                let whole = compressed.map(|_| *size);
                self.tell_message(Direction::Sent(whole), (*index, compressed.unwrap_or(*size)), event.at)
            }
            EventKind::Headers(headers) if self.is_verbose() => {
                // gRPC's and gRPC-Web's name for it, and Connect's for streams and for calls of one message each way.
                const NAMES: [&str; 3] = ["grpc-encoding", "connect-content-encoding", "content-encoding"];
                let named = headers.entries().find(|(name, _)| NAMES.contains(name));
                if let Some((_, MetadataValue::Text(encoding))) = named {
                    self.encoding = encoding;
                }
                talk::event(&mut self.talk, event, self.style)
            }
            EventKind::Failed(attempt) => talk::attempt(&mut self.talk, attempt),
            _ if self.is_verbose() => talk::event(&mut self.talk, event, self.style),
            _ => Ok(()),
        }
    }

    /// Prints an end, of one of several calls or of all: the status with its details, of types among `types`.
    pub fn end(&mut self, event: &Event<Payload>, types: &dyn Types) -> io::Result<()> {
        self.timeline.note(event);
        let (index, status, trailers) = match &event.kind {
            EventKind::Ended { index, status, trailers } => (Some(*index), status, trailers),
            EventKind::End(status, trailers) => (None, status, trailers),
            _ => return Ok(()),
        };
        if let Some(exchange) = &mut self.exchange {
            exchange.end_of_call(self.out, event, (status, trailers), types)?;
        }
        // What was received is on its way before anything is said about how it ended.
        self.out.flush()?;
        // Of several calls, each told its trailers when it ended.
        let told = index.is_none() && self.each;
        if self.is_verbose() && !self.messages.are_go() && !told {
            talk::section(&mut self.talk, "response trailers", '<', (trailers, self.style.secrets))?;
        }
        let which = match index {
            None => String::new(),
            Some(index) if self.messages.are_go() => format!("request {} (seq {index}): ", index + 1),
            Some(index) => format!("request {}: ", index + 1),
        };
        if status.code.0 != 0 {
            match self.errors {
                Errors::Words => status::tell(&mut self.talk, &which, (status, types))?,
                Errors::Json { pretty } => status::json(&mut self.talk, index, (status, types), pretty)?,
            }
        } else if self.is_verbose() {
            writeln!(self.talk, "* {which}status: {}", talk::code(status))?;
        }
        if index.is_some() {
            return Ok(());
        }
        if self.is_verbose() {
            self.timeline.counts(&mut self.talk)?;
            self.timeline.times(&mut self.talk, event.at)?;
        }
        self.talk.flush()
    }

    fn is_verbose(&self) -> bool {
        self.style.level >= Level::Call
    }

    /// Whether each message is told: those of net/rpc are calls of their own, and answered in any order.
    fn tells_messages(&self) -> bool {
        self.style.level == Level::All || self.is_verbose() && self.messages.are_go()
    }

    fn tell_message(
        &mut self,
        direction: Direction,
        (index, size): (usize, usize),
        at: Instant,
    ) -> io::Result<()> {
        let name =
            if self.messages.are_go() { format!("seq {index}") } else { format!("message {}", index + 1) };
        let at = (self.style.level == Level::All).then(|| self.timeline.since_start(at));
        talk::message(&mut self.talk, direction, (&name, size), (at, &self.encoding))
    }

    /// Renders a message that would be sent.
    pub fn preview(&mut self, payload: &Payload, types: &dyn Types) {
        self.messages.render_payload(payload, Shown::Requests, types);
    }

    /// Prints what was rendered last, or the message's bytes.
    pub fn message(&mut self, payload: &Payload) -> io::Result<()> {
        self.messages.write(payload, self.out)
    }

    /// Prints what this makes of messages.
    #[must_use]
    pub fn reshaped(self, reshaper: Option<Reshaper>) -> Self {
        Self { reshaper, ..self }
    }

    /// Whether something else is made of messages before they are printed.
    pub fn reshapes(&self) -> bool {
        self.reshaper.is_some()
    }

    /// Makes of what was rendered last what is to be printed of it, and tells where that can't be.
    pub async fn reshape(&mut self) -> io::Result<()> {
        let Some(reshaper) = &mut self.reshaper else { return Ok(()) };
        reshaper.begin(self.messages.take_rendered());
        let error = loop {
            match reshaper.piece().await {
                Piece::Text(text) => self.out.put(self.messages.painted(text).into()),
                Piece::End(error) => break error,
            }
            if self.out.is_full() {
                self.out.room().await?;
            }
        };
        let Some(error) = error else { return Ok(()) };
        self.left_out += 1;
        // What it gave before belongs to the message, and so before what is said about it.
        self.out.flush()?;
        let number = self.messages.count() + 1;
        writeln!(self.talk, "error: --jq: message {number}: {}", sanitize::brief(&error))
    }

    /// How many messages could not be made what was asked for.
    pub fn left_out(&self) -> usize {
        self.left_out
    }

    /// How many messages are not what they should be, by their type.
    pub fn unfit(&self) -> usize {
        self.unfit
    }

    /// Tells where a message that was written is not what it should be.
    fn tell_unfit(&mut self, index: usize) -> io::Result<()> {
        let Some(why) = self.messages.take_unfit() else { return Ok(()) };
        self.unfit += 1;
        self.out.flush()?;
        writeln!(self.talk, "error: message {} does not fit: {}", index + 1, sanitize::brief(&why))
    }

    /// Says something on the side.
    pub fn remark(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.talk, "* {}", sanitize::line(text))
    }

    /// Says that as many answers came as were wanted.
    pub fn limited(&mut self, at: Instant) -> io::Result<()> {
        self.cut(&Ending::Limit)?;
        if self.is_verbose() {
            let count = talk::messages(self.messages.count());
            writeln!(self.talk, "* ended after {count}, as --limit says")?;
            self.timeline.counts(&mut self.talk)?;
            self.timeline.times(&mut self.talk, at)?;
        }
        Ok(())
    }

    /// Prints a status that was made on this side, with no call to end in it.
    pub fn local_status(&mut self, status: &Status) -> io::Result<()> {
        writeln!(self.talk, "error: {}", talk::outcome(status))
    }

    /// Says how far a call came that a signal ended.
    pub fn interrupted(&mut self, at: Instant) -> io::Result<()> {
        if self.is_verbose() {
            writeln!(self.talk, "* interrupted")?;
            self.timeline.counts(&mut self.talk)?;
            self.timeline.times(&mut self.talk, at)
        } else {
            writeln!(self.talk, "interrupted after {}", talk::messages(self.messages.count()))
        }
    }

    /// Tells that one message of several could not be sent.
    pub fn unsent(&mut self, ending: &Ending<'_>, report: &str) -> io::Result<()> {
        self.cut(ending)?;
        // What was received before it is on its way before that is told.
        self.out.flush()?;
        write!(self.talk, "{report}")
    }

    /// Ends what documents there are for another reason than that the call is over.
    pub fn cut(&mut self, ending: &Ending<'_>) -> io::Result<()> {
        self.exchange.as_mut().map_or(Ok(()), |exchange| exchange.cut(self.out, Instant::now(), ending))
    }

    /// Tells how far it came if that is to be told and due, and when it will be due again.
    pub fn tick(&mut self) -> io::Result<Option<Instant>> {
        let Some(progress) = &mut self.progress else { return Ok(None) };
        if let Some(line) = progress.line(Instant::now()) {
            self.talk.show(&line)?;
        }
        Ok(Some(progress.due()))
    }

    /// Where messages are printed.
    pub fn out(&mut self) -> &mut Outlet {
        self.out
    }
}
