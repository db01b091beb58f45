//! A call's messages, rendered in the form that was asked for and written.

use std::io::{self, Write as _};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::{Bytes, BytesMut};
use prost_reflect::MessageDescriptor;
use serde::de::IgnoredAny;

use super::form::{CallStyle, Form, Shown};
use crate::message::json::{self, Missing, Problem};
use crate::message::text;
use crate::message::tree::Tree;
use crate::netrpc;
use crate::output::color::{self, Paint};
use crate::output::{Outlet, sanitize, tree};
use crate::schema::unseen::is_unseen;
use crate::session::{EventKind, Method, Payload};

/// A message this long is handed on as it is, and the next is rendered elsewhere.
const LARGE: usize = 64 << 10;

/// Whether a text is JSON, however deep.
fn is_json(text: &str) -> bool {
    serde_json::from_str::<IgnoredAny>(text).is_ok()
}

/// What messages are.
enum Types {
    /// Messages of these types; `many` where there is a stream of those that are shown.
    Proto { request: MessageDescriptor, answer: MessageDescriptor, many: bool },
    /// Messages of which nothing is known.
    Unseen,
    /// Go values.
    Go(netrpc::json::Style),
    /// There are none: no method was found.
    None,
}

/// Renders the messages of one call.
pub(in crate::output) struct Messages {
    form: Form,
    types: Types,
    json: json::Printer,
    text: text::Printer,
    reader: json::Reader,
    /// Whether JSON is in colours.
    paint: Paint,
    /// What the next message looks like, rendered before it is known whether it can be rendered better.
    rendered: Vec<u8>,
    /// How many were written.
    count: usize,
    /// Why what was rendered last is not the message that it should be.
    unfit: Option<String>,
}

impl Messages {
    /// Messages of the method, if one was found.
    pub(in crate::output) fn new(style: CallStyle, method: Option<&Method>, shown: Shown) -> Self {
        // What would be sent is no exchange.
        let form = match (style.form, shown) {
            (Form::Exchange(style), Shown::Requests) => Form::Json(style),
            (form, _) => form,
        };
        let json = match form {
            Form::Json(style) | Form::Yaml(style) | Form::Exchange(style) => style,
            Form::Text | Form::Binary | Form::Nothing => json::Style::default(),
        };
        let types = match method {
            Some(Method::Proto(method)) if is_unseen(&method.descriptor.input()) => Types::Unseen,
            Some(Method::Proto(method)) => Types::Proto {
                request: method.descriptor.input(),
                answer: method.descriptor.output(),
                many: style.each
                    || match shown {
                        Shown::Answers => method.descriptor.is_server_streaming(),
                        Shown::Requests => method.descriptor.is_client_streaming(),
                    },
            },
            Some(Method::Go(_)) => {
                Types::Go(netrpc::json::Style { pretty: json.pretty, escape_controls: json.escape_controls })
            }
            None => Types::None,
        };
        Self {
            form,
            types,
            json: json::Printer::new(json),
            text: text::Printer::default(),
            reader: json::Reader::default(),
            paint: style.paint,
            rendered: Vec::new(),
            count: 0,
            unfit: None,
        }
    }

    /// Whether each is an answer to a request of its own, as those of net/rpc are, and they come in any order.
    pub(super) fn are_go(&self) -> bool {
        matches!(self.types, Types::Go(_))
    }

    /// How many were written.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// Renders an event's message, if it has one to be shown, and tells which types would have helped.
    pub(super) fn render(&mut self, event: &EventKind<Payload>, types: &dyn json::Types) -> Missing {
        match event {
            EventKind::Message { payload, .. } => self.render_payload(payload, Shown::Answers, types),
            EventKind::Sent { payload: Some(payload), .. } if matches!(self.form, Form::Exchange(_)) => {
                self.render_payload(payload, Shown::Requests, types)
            }
            _ => {
                self.rendered.clear();
                Missing::default()
            }
        }
    }

    /// Renders a message of these.
    pub(in crate::output) fn render_payload(
        &mut self,
        payload: &Payload,
        which: Shown,
        types: &dyn json::Types,
    ) -> Missing {
        self.rendered.clear();
        self.unfit = None;
        match (payload, &self.types) {
            (Payload::Proto(bytes), Types::Proto { request, answer, .. }) => {
                let message = if which == Shown::Requests { request.clone() } else { answer.clone() };
                self.render_proto(&message, bytes, types)
            }
            (Payload::Json(json), Types::Proto { request, answer, .. }) => {
                let message = if which == Shown::Requests { request.clone() } else { answer.clone() };
                self.render_json(&message, json, types)
            }
            (Payload::Proto(bytes) | Payload::Json(bytes), Types::Unseen) => {
                self.render_unseen(bytes);
                Missing::default()
            }
            (Payload::Go(value), Types::Go(style)) => {
                if matches!(self.form, Form::Json(_) | Form::Yaml(_) | Form::Exchange(_)) {
                    netrpc::json::write_reply(&mut self.rendered, value, *style);
                    self.end_json();
                }
                Missing::default()
            }
            _ => Missing::default(),
        }
    }

    /// What was rendered last.
    pub(in crate::output) fn rendered(&self) -> &[u8] {
        &self.rendered
    }

    /// Whether what was rendered last is the message that it should be.
    pub(super) fn fits(&self) -> bool {
        self.unfit.is_none()
    }

    /// Why what was rendered last is not the message that it should be, if it is not; asked once.
    pub(super) fn take_unfit(&mut self) -> Option<String> {
        self.unfit.take()
    }

    /// Takes what was rendered last, to make something else of it.
    pub(super) fn take_rendered(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.rendered)
    }

    /// Whole lines of JSON in colours, where that is wanted; anything else as it is.
    pub(super) fn painted(&self, plain: Vec<u8>) -> Vec<u8> {
        if !(self.paint.is_colored() && matches!(self.form, Form::Json(_))) {
            return plain;
        }
        let mut painted = Vec::new();
        color::json(&plain, &mut painted);
        painted
    }

    /// Ends JSON that is a line of its own, or makes a document of YAML of it.
    fn end_json(&mut self) {
        match self.form {
            Form::Json(_) => self.rendered.push(b'\n'),
            Form::Yaml(_) => {
                let json = std::mem::take(&mut self.rendered);
                self.separate(b"---\n");
                self.rendered.append(&mut json::to_yaml(json));
            }
            _ => {}
        }
    }

    /// Sets a message apart from the one before it.
    fn separate(&mut self, by: &[u8]) {
        if self.count > 0 {
            self.rendered.extend_from_slice(by);
        }
    }

    fn render_proto(
        &mut self,
        message: &MessageDescriptor,
        bytes: &Bytes,
        types: &dyn json::Types,
    ) -> Missing {
        match self.form {
            Form::Json(_) | Form::Yaml(_) | Form::Exchange(_) => {
                let missing = self.json.print(message, bytes, types, &mut self.rendered);
                self.end_json();
                missing
            }
            Form::Text => {
                self.separate(b"\x1e\n");
                let missing = self.text.print(message, bytes, types, &mut self.rendered);
                if self.rendered.last().is_some_and(|&byte| byte != b'\n') {
                    self.rendered.push(b'\n');
                }
                missing
            }
            Form::Binary | Form::Nothing => Missing::default(),
        }
    }

    /// A message that came as JSON; one that does not fit its type is shown as it came. A type that nobody knows makes
    /// none unfit.
    fn render_json(
        &mut self,
        message: &MessageDescriptor,
        document: &Bytes,
        types: &dyn json::Types,
    ) -> Missing {
        let missing = json::any_types(document);
        let missing: Vec<_> = missing
            .into_iter()
            .filter(|name| {
                types.message(name).is_none() && message.parent_pool().get_message_by_name(name).is_none()
            })
            .collect();
        let error = match self.reader.read(message, document, true) {
            Ok(bytes) => return self.render_proto(message, &bytes.into(), types),
            Err(error) => error,
        };
        if !matches!(error.problem, Problem::UnknownType(_)) {
            self.unfit = Some(format!("it is no {}: {error}", message.full_name()));
        }
        if !matches!(self.form, Form::Binary | Form::Nothing) {
            if self.form == Form::Text {
                self.separate(b"\x1e\n");
            }
            let shown = match std::str::from_utf8(document) {
                Ok(text) if is_json(text) => text.trim().to_owned(),
                // What is printed is to be JSON, whatever came.
                _ => serde_json::json!({"@error": error.to_string(), "@value": STANDARD.encode(document)})
                    .to_string(),
            };
            self.rendered.extend_from_slice(sanitize::json(&shown).as_bytes());
            self.end_json();
            if self.form == Form::Text {
                self.rendered.push(b'\n');
            }
        }
        Missing { types: missing, placeholders: 0 }
    }

    /// The fields of a message as they stand there.
    fn render_unseen(&mut self, bytes: &Bytes) {
        let tree = Tree::of(bytes, None);
        // Where it gathers, nothing fails.
        match self.form {
            Form::Json(style) | Form::Exchange(style) => {
                let form = if style.pretty { tree::Form::Pretty } else { tree::Form::Line };
                let escape = style.escape_controls;
                let look = tree::Document { form, before: 0, compression: None, escape };
                let _ = tree::document(&tree, look, &mut self.rendered);
                self.end_json();
            }
            Form::Yaml(style) => {
                self.separate(b"---\n");
                let escape = style.escape_controls;
                let look = tree::Document { form: tree::Form::Yaml, before: 0, compression: None, escape };
                let _ = tree::document(&tree, look, &mut self.rendered);
            }
            Form::Text => {
                self.separate(b"\x1e\n");
                let look = tree::Look { offsets: None, escape: true };
                let _ = tree::text(&tree, bytes, look, &mut self.rendered);
            }
            Form::Binary | Form::Nothing => {}
        }
    }

    /// Writes what was rendered last, or the message itself where it is printed as it is.
    pub(super) fn write(&mut self, payload: &Payload, out: &mut Outlet) -> io::Result<()> {
        self.count += 1;
        let rendered = std::mem::take(&mut self.rendered);
        self.rendered = self.painted(rendered);
        match self.form {
            Form::Json(_) | Form::Yaml(_) | Form::Text => {
                if self.rendered.len() > LARGE {
                    out.put(std::mem::take(&mut self.rendered).into());
                } else {
                    out.write_all(&self.rendered)?;
                }
            }
            Form::Nothing | Form::Exchange(_) => {}
            Form::Binary => {
                let (Payload::Proto(bytes) | Payload::Json(bytes)) = payload else { return Ok(()) };
                if matches!(self.types, Types::Proto { many: true, .. }) {
                    let mut length = BytesMut::new();
                    prost::encoding::encode_varint(bytes.len() as u64, &mut length);
                    out.write_all(&length)?;
                }
                out.put(bytes.clone());
            }
        }
        Ok(())
    }
}
