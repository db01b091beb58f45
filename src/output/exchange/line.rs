//! What happened, each as a line of the document.

use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::object::{Object, array};
use crate::chars;
use crate::message::json::Types;
use crate::output::call::detail_json;
use crate::secrets::{REDACTED, Secrets};
use crate::session::{
    Event, EventKind, Metadata, MetadataValue, Origin, Payload, Phase, RequestHead, Status, StatusDetails,
    TlsFacts,
};

/// What writing a line needs besides the event.
pub(super) struct Line<'a> {
    /// How long after the start it happened.
    pub(super) at: Duration,
    /// Whether secrets are shown.
    pub(super) secrets: Secrets,
    /// The event's message, as JSON.
    pub(super) message: &'a [u8],
}

impl Line<'_> {
    /// The line of an event.
    pub(super) fn write(&self, out: &mut Vec<u8>, event: &Event<Payload>) {
        let mut line = self.begin(out, name(&event.kind));
        match &event.kind {
            EventKind::Phase(phase, took) => {
                line.milliseconds("tookMs", *took);
                match phase {
                    Phase::Connect { peer: Some(peer) } => {
                        line.text("peer", &peer.to_string());
                    }
                    Phase::Tls(agreed) => tls(&mut line, agreed),
                    Phase::Tunnel { proxy } => {
                        line.text("proxy", proxy);
                    }
                    Phase::Resolve | Phase::Connect { peer: None } | Phase::Upgrade | Phase::Schema => {}
                }
            }
            EventKind::Requested(head) => self.request(&mut line, head),
            EventKind::Settings(settings) => {
                line.object("settings", |object| {
                    settings.entries().for_each(|(name, value)| {
                        object.plain(&name, value);
                    });
                });
            }
            EventKind::Sent { index, size, compressed, .. } => {
                line.plain("index", index).plain("size", size);
                if let Some(wire_size) = compressed {
                    line.plain("wireSize", wire_size);
                }
                self.message(&mut line);
            }
            EventKind::Headers(headers) => self.metadata(&mut line, headers),
            EventKind::Message { index, payload, wire_size, compressed } => {
                let size = match payload {
                    Payload::Proto(bytes) | Payload::Json(bytes) => bytes.len(),
                    Payload::Go(_) => *wire_size,
                };
                line.plain("index", index).plain("size", size).plain("wireSize", wire_size);
                line.plain("compressed", compressed);
                self.message(&mut line);
            }
            EventKind::Ended { trailers, .. } | EventKind::End(_, trailers) => {
                self.metadata(&mut line, trailers);
            }
            EventKind::HalfClosed => {}
            EventKind::Failed(attempt) => {
                line.plain("attempt", attempt.number).text("cause", &attempt.cause);
                line.milliseconds("waitMs", attempt.wait);
            }
        }
        line.end();
    }

    fn begin<'o>(&self, out: &'o mut Vec<u8>, name: &str) -> Object<'o> {
        let mut line = Object::begin(out);
        line.milliseconds("atMs", self.at).text("event", name);
        line
    }

    fn message(&self, line: &mut Object<'_>) {
        let json = if self.message.is_empty() { b"null" } else { self.message };
        line.member("message", |out| out.extend_from_slice(json));
    }

    fn request(&self, line: &mut Object<'_>, head: &RequestHead) {
        line.text("method", head.method.as_str())
            .text("scheme", head.scheme)
            .text("authority", &head.authority)
            .text("path", &head.path);
        self.metadata(line, &head.headers);
    }

    /// Every name with its values, in their order; those of `-bin` names in base64.
    fn metadata(&self, line: &mut Object<'_>, metadata: &Metadata) {
        let mut entries = metadata.entries().peekable();
        line.object("metadata", |object| {
            while let Some((name, first)) = entries.next() {
                let mut values = vec![self.value(name, first)];
                while let Some((_, next)) = entries.next_if(|(next, _)| *next == name) {
                    values.push(self.value(name, next));
                }
                object.texts(name, &values);
            }
        });
    }

    fn value(&self, name: &str, value: MetadataValue) -> String {
        match value {
            _ if self.secrets.hide(name) => REDACTED.to_owned(),
            MetadataValue::Text(text) => text,
            MetadataValue::Binary(bytes) => STANDARD.encode(bytes),
        }
    }
}

/// What an event is called.
fn name<P>(event: &EventKind<P>) -> &'static str {
    match event {
        EventKind::Phase(Phase::Resolve, _) => "resolved",
        EventKind::Phase(Phase::Connect { .. }, _) => "connected",
        EventKind::Phase(Phase::Tunnel { .. }, _) => "tunnel",
        EventKind::Phase(Phase::Tls(_), _) => "tls",
        EventKind::Phase(Phase::Upgrade, _) => "upgraded",
        EventKind::Phase(Phase::Schema, _) => "schema",
        EventKind::Requested(_) => "request",
        EventKind::Settings(_) => "settings",
        EventKind::Sent { .. } => "sent",
        EventKind::HalfClosed => "halfClosed",
        EventKind::Failed(_) => "failed",
        EventKind::Headers(_) => "headers",
        EventKind::Message { .. } => "received",
        EventKind::Ended { .. } | EventKind::End(..) => "trailers",
    }
}

fn tls(line: &mut Object<'_>, agreed: &TlsFacts) {
    line.text("version", &agreed.version).text("cipher", &agreed.cipher);
    if let Some(alpn) = &agreed.alpn {
        line.text("alpn", alpn);
    }
    let Some(shown) = &agreed.certificate else { return };
    line.object("certificate", |object| {
        object.text("subject", &shown.subject).text("issuer", &shown.issuer_name);
        object.texts("names", &shown.names);
        object.text("notBefore", &moment(*shown.valid.start()));
        object.text("notAfter", &moment(*shown.valid.end()));
        object.plain("selfSigned", shown.self_issued);
    });
}

/// A moment as RFC 3339 has it; certificates hold none before 1970 and none after 9999.
fn moment(time: SystemTime) -> String {
    humantime::format_rfc3339_seconds(time.max(SystemTime::UNIX_EPOCH)).to_string()
}

/// A status, with its details, which are of types among these.
pub(in crate::output) fn status(out: &mut Vec<u8>, status: &Status, types: Option<&dyn Types>) {
    let mut object = Object::begin(out);
    object.plain("code", status.code.0);
    match status.code.name() {
        Some(name) => object.text("name", name),
        None => object.member("name", |out| out.extend(b"null")),
    };
    object.text("message", &status.message);
    object.text(
        "origin",
        match status.origin {
            Origin::Server => "server",
            Origin::Mapped => "mapped",
            Origin::Local => "local",
        },
    );
    match (&status.details, types) {
        (StatusDetails::Decoded(details), Some(types)) => {
            object.array("details", &details.details, |out, detail| {
                out.extend(detail_json(detail, types, false));
            })
        }
        (StatusDetails::Malformed(bytes), _) => {
            object.member("details", |out| array(out, [(); 0], |_, ()| {}));
            object.member("malformedDetails", |out| chars::base64(out, bytes))
        }
        (StatusDetails::None | StatusDetails::Decoded(_), _) => {
            object.member("details", |out| out.extend(b"[]"))
        }
    };
    if let Some(hint) = &status.hint {
        object.text("hint", hint);
    }
    object.end();
}
