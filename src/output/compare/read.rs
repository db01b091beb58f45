//! From the events of a call to the answer that they are.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{Answer, own};
use crate::message::json::{self, Types};
use crate::output::call::{CallStyle, Errors, Form, Messages, Shown, detail_json, detail_types};
use crate::output::color::Paint;
use crate::output::{exchange, talk};
use crate::session::{Event, EventKind, Metadata, MetadataValue, Method, Payload, Status, StatusDetails};

/// How messages are shown.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    /// As JSON, over lines.
    pub json: json::Style,
    /// How much is told on the side, and whether secrets are.
    pub talk: talk::Style,
    /// Whether what is printed is in colours.
    pub paint: Paint,
}

/// The answer that a call of `method` got, by its events and the status that it ended in, and the types that would have
/// helped to show it.
pub fn read(
    method: &Method,
    look: Look,
    (events, status): (&[Event<Payload>], &Status),
    types: &dyn Types,
) -> (Answer, Vec<String>) {
    let style = CallStyle {
        form: Form::Json(look.json),
        progress: None,
        paint: Paint::Plain,
        talk: look.talk,
        errors: Errors::Words,
        each: false,
    };
    let mut printer = Messages::new(style, Some(method), Shown::Answers);
    let (mut messages, mut metadata, mut missing) = (Vec::new(), BTreeMap::new(), Vec::new());
    for event in events {
        match &event.kind {
            EventKind::Message { payload, .. } => {
                missing.extend(printer.render_payload(payload, Shown::Answers, types).types);
                messages.push(String::from_utf8_lossy(printer.rendered()).trim_end().to_owned());
            }
            EventKind::Headers(headers) => add(&mut metadata, headers),
            EventKind::End(_, trailers) => add(&mut metadata, trailers),
            _ => {}
        }
    }
    if status.is_from_server() {
        missing.extend(detail_types(status));
    }
    missing.sort_unstable();
    missing.dedup();
    let mut json = Vec::new();
    exchange::status(&mut json, status, Some(types));
    let answer = Answer {
        status: status.clone(),
        status_json: String::from_utf8_lossy(&json).into_owned(),
        details: details(status, types),
        messages,
        metadata,
    };
    (answer, missing)
}

/// Adds what is the server's own.
fn add(all: &mut BTreeMap<String, Vec<String>>, metadata: &Metadata) {
    for (name, value) in metadata.entries().filter(|(name, _)| own::is_own(name)) {
        let value = match value {
            MetadataValue::Text(text) => text,
            MetadataValue::Binary(bytes) => STANDARD.encode(bytes),
        };
        all.entry(name.to_owned()).or_default().push(value);
    }
}

/// A status's details, each as JSON over lines.
fn details(status: &Status, types: &dyn Types) -> Vec<String> {
    match &status.details {
        StatusDetails::None => Vec::new(),
        StatusDetails::Malformed(bytes) => {
            let value =
                serde_json::json!({ "@error": "not a google.rpc.Status", "@value": STANDARD.encode(bytes) });
            vec![json::pretty(&value.to_string())]
        }
        StatusDetails::Decoded(status) => {
            let json = |detail| String::from_utf8_lossy(&detail_json(detail, types, true)).into_owned();
            status.details.iter().map(json).collect()
        }
    }
}
