//! A call's events, printed: messages as data, everything else as talk.

use std::io::{self, Write};
use std::time::Instant;

use bytes::{Bytes, BytesMut};
use prost::Message as _;
use prost_reflect::{DynamicMessage, MessageDescriptor};

use super::reshape::{Reshaper, Shaped};
use super::{Outlet, sanitize, talk};
use crate::message::decode::{Decoded, decode};
use crate::message::json::{self, Missing, Types};
use crate::message::text;
use crate::netrpc;
use crate::session::{Code, Event, EventKind, Origin, Status, StatusDetails};
use crate::session::{Method, Payload};

/// A message this long is handed on as it is, and the next is rendered elsewhere.
const LARGE: usize = 64 << 10;

/// How messages are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// JSON in this style.
    Json(json::Style),
    /// The protobuf text format; 0x1E stands between messages.
    Text,
    /// The bytes themselves; where a method answers with a stream, each behind its length as a varint.
    Binary,
    /// Not at all.
    Nothing,
}

/// How a call is shown.
#[derive(Debug, Clone, Copy)]
pub struct CallStyle {
    /// How messages are shown.
    pub form: Form,
    /// Whether headers, trailers and timings are told.
    pub verbose: bool,
    /// Whether each message is a call of its own.
    pub each: bool,
}

/// Which messages of a call are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// Those that come back.
    Answers,
    /// Those that would be sent.
    Requests,
}

/// What the messages are.
enum Answers {
    /// Messages of this type; `many` where there is a stream of them.
    Proto { message: MessageDescriptor, many: bool },
    /// Go values.
    Go(netrpc::json::Style),
}

/// Prints one call. Messages go to `out`, which the caller flushes when nothing more is at hand; the talk goes to
/// `talk`.
pub struct CallPrinter<'w> {
    out: &'w mut Outlet,
    talk: &'w mut dyn Write,
    style: CallStyle,
    answers: Answers,
    json: json::Printer,
    /// What the next message looks like, rendered before it is known whether it can be rendered better.
    rendered: Vec<u8>,
    /// What makes something else of what was rendered.
    reshaper: Option<Reshaper>,
    /// How many messages it could not make something of.
    left_out: usize,
    timeline: talk::Timeline,
    messages: usize,
}

impl<'w> CallPrinter<'w> {
    /// A printer for a call of `method` that began, with all that came before it, at `started`.
    pub fn new(
        (out, talk): (&'w mut Outlet, &'w mut dyn Write),
        style: CallStyle,
        (method, shown): (&Method, Shown),
        started: Instant,
    ) -> Self {
        let json = match style.form {
            Form::Json(style) => style,
            Form::Text | Form::Binary | Form::Nothing => json::Style::default(),
        };
        let answers = match (method, shown) {
            (Method::Proto(method), Shown::Answers) => Answers::Proto {
                message: method.descriptor.output(),
                many: style.each || method.descriptor.is_server_streaming(),
            },
            (Method::Proto(method), Shown::Requests) => Answers::Proto {
                message: method.descriptor.input(),
                many: style.each || method.descriptor.is_client_streaming(),
            },
            (Method::Go(_), _) => Answers::Go(netrpc::json::Style {
                pretty: json.pretty,
                escape_controls: json.escape_controls,
            }),
        };
        Self {
            out,
            talk,
            style,
            answers,
            json: json::Printer::new(json),
            rendered: Vec::new(),
            reshaper: None,
            left_out: 0,
            timeline: talk::Timeline::new(started),
            messages: 0,
        }
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
        let Shaped { text, error } = reshaper.message(std::mem::take(&mut self.rendered)).await;
        self.rendered = text;
        let Some(error) = error else { return Ok(()) };
        self.left_out += 1;
        // What it gave before belongs to the message, and so before what is said about it.
        self.out.write_all(&std::mem::take(&mut self.rendered))?;
        self.out.flush()?;
        writeln!(self.talk, "error: --jq: message {}: {}", self.messages + 1, sanitize::brief(&error))
    }

    /// How many messages could not be made what was asked for.
    pub fn left_out(&self) -> usize {
        self.left_out
    }

    /// Renders a message and tells which types would have helped; [`CallPrinter::event`] prints what was rendered
    /// last. Rendering again, with more types known, is allowed and replaces it.
    pub fn render(&mut self, payload: &Payload, types: &dyn Types) -> Missing {
        self.rendered.clear();
        match (payload, &self.answers) {
            (Payload::Proto(bytes), Answers::Proto { message, .. }) => {
                let message = message.clone();
                self.render_message(&message, bytes, types)
            }
            (Payload::Go(reply), Answers::Go(style)) => {
                if matches!(self.style.form, Form::Json(_)) {
                    netrpc::json::write_reply(&mut self.rendered, reply, *style);
                    self.rendered.push(b'\n');
                }
                Missing::default()
            }
            _ => Missing::default(),
        }
    }

    fn render_message(&mut self, message: &MessageDescriptor, bytes: &Bytes, types: &dyn Types) -> Missing {
        match self.style.form {
            Form::Json(_) => {
                let decoded = decode(message, bytes.clone());
                let missing = self.json.print(&decoded, types, &mut self.rendered);
                self.rendered.push(b'\n');
                missing
            }
            Form::Text => {
                if self.messages > 0 {
                    self.rendered.extend(b"\x1e\n");
                }
                let decoded = decode(message, bytes.clone());
                let missing = text::print(&decoded, types, true, &mut self.rendered);
                if self.rendered.last().is_some_and(|&byte| byte != b'\n') {
                    self.rendered.push(b'\n');
                }
                missing
            }
            Form::Binary | Form::Nothing => Missing::default(),
        }
    }

    /// Prints an event before the End. A message must have been rendered before.
    pub fn event(&mut self, event: &Event<Payload>) -> io::Result<()> {
        self.timeline.note(event);
        match &event.kind {
            EventKind::Message { index, payload, wire_size, .. } => {
                if self.tells_sequence() {
                    self.out.flush()?;
                    writeln!(self.talk, "< seq {index}: {wire_size} bytes")?;
                }
                self.message(payload)
            }
            EventKind::Sent { index, size } if self.tells_sequence() => {
                writeln!(self.talk, "> seq {index}: {size} bytes")
            }
            _ if self.style.verbose => talk::event(self.talk, event),
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
        // What was received is on its way before anything is said about how it ended.
        self.out.flush()?;
        // Of several calls, each told its trailers when it ended.
        let told = index.is_none() && self.style.each;
        if self.style.verbose && matches!(self.answers, Answers::Proto { .. }) && !told {
            talk::section(self.talk, "response trailers", '<', trailers)?;
        }
        let which = match (index, &self.answers) {
            (None, _) => String::new(),
            (Some(index), Answers::Go(_)) => format!("request {} (seq {index}): ", index + 1),
            (Some(index), Answers::Proto { .. }) => format!("request {}: ", index + 1),
        };
        self.status(&which, status, types)?;
        if index.is_some() {
            return Ok(());
        }
        if self.style.verbose {
            self.timeline.counts(self.talk)?;
            self.timeline.times(self.talk, event.at)?;
        }
        self.talk.flush()
    }

    /// Whether each message is told: those of net/rpc are calls of their own, and answered in any order.
    fn tells_sequence(&self) -> bool {
        self.style.verbose && matches!(self.answers, Answers::Go(_))
    }

    /// Says something on the side.
    pub fn remark(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.talk, "* {}", sanitize::line(text))
    }

    /// Says that as many answers came as were wanted.
    pub fn limited(&mut self, at: Instant) -> io::Result<()> {
        if self.style.verbose {
            writeln!(self.talk, "* ended after {}, as --limit says", talk::messages(self.messages))?;
            self.timeline.counts(self.talk)?;
            self.timeline.times(self.talk, at)?;
        }
        Ok(())
    }

    /// Prints a status that was made on this side, with no call to end in it.
    pub fn local_status(&mut self, status: &Status) -> io::Result<()> {
        writeln!(self.talk, "error: {}", talk::outcome(status))
    }

    /// Says how far a call came that a signal ended.
    pub fn interrupted(&mut self, at: Instant) -> io::Result<()> {
        if self.style.verbose {
            writeln!(self.talk, "* interrupted")?;
            self.timeline.counts(self.talk)?;
            self.timeline.times(self.talk, at)
        } else {
            writeln!(self.talk, "interrupted after {}", talk::messages(self.messages))
        }
    }

    /// Where messages are printed.
    pub fn out(&mut self) -> &mut Outlet {
        self.out
    }

    /// Prints what was rendered last, or the message's bytes.
    pub fn message(&mut self, payload: &Payload) -> io::Result<()> {
        self.messages += 1;
        match self.style.form {
            Form::Json(_) | Form::Text => {
                if self.rendered.len() > LARGE {
                    self.out.put(std::mem::take(&mut self.rendered).into());
                } else {
                    self.out.write_all(&self.rendered)?;
                }
            }
            Form::Nothing => {}
            Form::Binary => {
                let Payload::Proto(bytes) = payload else { return Ok(()) };
                if matches!(self.answers, Answers::Proto { many: true, .. }) {
                    let mut length = BytesMut::new();
                    prost::encoding::encode_varint(bytes.len() as u64, &mut length);
                    self.out.write_all(&length)?;
                }
                self.out.put(bytes.clone());
            }
        }
        Ok(())
    }

    /// `which` is of what the status is, where there are several calls.
    fn status(&mut self, which: &str, status: &Status, types: &dyn Types) -> io::Result<()> {
        if status.code.0 == 0 {
            let told = self.style.verbose;
            return if told {
                writeln!(self.talk, "* {which}status: {}", talk::code(status))
            } else {
                Ok(())
            };
        }
        writeln!(self.talk, "error: {which}{}", talk::outcome(status))?;
        if status.origin == Origin::Local && status.code == Code::RESOURCE_EXHAUSTED {
            writeln!(
                self.talk,
                "hint: take larger messages with --max-message-size, such as 64M; 0 is no limit"
            )?;
        }
        talk::hint(self.talk, status)?;
        match &status.details {
            StatusDetails::None => Ok(()),
            StatusDetails::Malformed(bytes) => {
                writeln!(self.talk, "  details that can't be read: {}", bytes.escape_ascii())
            }
            StatusDetails::Decoded(details) => details
                .details
                .iter()
                .enumerate()
                .try_for_each(|(index, detail)| self.detail(index + 1, detail, types)),
        }
    }

    /// One detail, as the JSON of an Any shows it: with its type, and a placeholder where that is not known.
    fn detail(&mut self, number: usize, detail: &prost_types::Any, types: &dyn Types) -> io::Result<()> {
        let Some(descriptor) = types.message("google.protobuf.Any") else { return Ok(()) };
        let any = DynamicMessage::decode(descriptor.clone(), detail.encode_to_vec().as_slice());
        let decoded = Decoded::from(any.unwrap_or_else(|_| DynamicMessage::new(descriptor)));
        let style = json::Style { pretty: true, escape_controls: true, ..json::Style::default() };
        let mut json = Vec::new();
        json::Printer::new(style).print(&decoded, types, &mut json);
        let json = String::from_utf8_lossy(&json).replace('\n', "\n     ");
        writeln!(self.talk, "  {number}. {json}")
    }
}

/// The full names of the types of a status's details.
pub fn detail_types(status: &Status) -> Vec<String> {
    let StatusDetails::Decoded(details) = &status.details else { return Vec::new() };
    let name = |any: &prost_types::Any| any.type_url.rsplit('/').next().map(str::to_owned);
    details.details.iter().filter_map(name).collect()
}
