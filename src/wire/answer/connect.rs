//! Connect: plain HTTP for calls of one message each way, and envelopes for streams, the last of which says in JSON how
//! the call ended (connectrpc.com/docs/protocol, "Unary-Response", "Error", "Streaming-Response").

use std::fmt;

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde::Deserializer as _;
use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde_json::{Map, Value};

use super::{Answer, Asked, Kind, Part, other_codec, own, part, shown};
use crate::chars::unbase64;
use crate::envelope::{Decoder, Encoding, EndFlag, EnvelopeError, Message};
use crate::media::{Codec, Media};
use crate::wire::dialect::Protocol;
use crate::wire::metadata::Metadata;
use crate::wire::status::{Code, RpcStatus, Status, StatusDetails};
use crate::wire::verdict;

/// The most that an error may say.
const MAX_ERROR: usize = 1 << 20;

pub(super) fn begin_stream(asked: &Asked, http: StatusCode, headers: Metadata) -> Answer {
    own(asked, &[Media::Stream], (http, headers), |headers, _| {
        let encoding = Encoding::from_header(headers.get("connect-content-encoding"));
        let stream = Stream(Decoder::new(encoding, asked.limit, EndFlag::Connect));
        Answer::of(Kind::Stream(stream), Some(headers))
    })
}

/// Envelopes.
pub(super) struct Stream(Decoder);

impl Stream {
    pub(super) fn push(&mut self, bytes: Bytes) {
        self.0.push(bytes);
    }

    pub(super) fn next(&mut self) -> Option<Part> {
        match part(Protocol::Connect, self.0.next_message()) {
            Some(Part::Message(end)) if end.ends => match ended(&end.payload) {
                Part::End(status, trailers) => {
                    Some(Part::End(verdict::at_the_end(status, self.0.is_between_messages()), trailers))
                }
                part => Some(part),
            },
            part => part,
        }
    }

    pub(super) fn finish(self) -> Part {
        let status = if self.0.is_between_messages() {
            Status::broken(Code::INTERNAL, "the server ended its answer without saying how the call ended")
        } else {
            verdict::of_envelope(Protocol::Connect, &EnvelopeError::Truncated)
        };
        Part::End(status, Metadata::default())
    }
}

/// How a stream ended ("EndStreamResponse").
fn ended(json: &[u8]) -> Part {
    let Ok(Value::Object(end)) = serde_json::from_slice(json) else {
        let status = Status::broken(
            Code::INTERNAL,
            "the server ended the stream with something else than a JSON object",
        );
        return Part::End(verdict::with_text(status, shown(json)), Metadata::default());
    };
    let trailers = end.get("metadata").and_then(Value::as_object).map(metadata).unwrap_or_default();
    let status = match end.get("error") {
        Some(Value::Object(told)) => error(told, Code::UNKNOWN),
        Some(Value::Null) | None => Status::server(Code::OK, ""),
        Some(other) => {
            Status::broken(Code::UNKNOWN, format!("the server ended the stream with the error {other}"))
        }
    };
    Part::End(status, trailers)
}

fn metadata(told: &Map<String, Value>) -> Metadata {
    let mut headers = HeaderMap::new();
    for (name, values) in told {
        for value in values.as_array().into_iter().flatten().filter_map(Value::as_str) {
            if let Ok(name) = HeaderName::from_bytes(name.as_bytes())
                && let Ok(value) = HeaderValue::from_str(value)
            {
                headers.append(name, value);
            }
        }
    }
    Metadata::from_http(headers)
}

/// The status that an error in JSON is; `code` where it names none.
fn error(told: &Map<String, Value>, code: Code) -> Status {
    let named = told.get("code").and_then(Value::as_str);
    let message = told.get("message").and_then(Value::as_str).unwrap_or_default();
    let known = named.and_then(Code::from_connect);
    let mut status = match (known, named) {
        (Some(code), _) => Status::server(code, message),
        (None, None) => Status::mapped(code, message),
        (None, Some(name)) => {
            let hint = format!("the server sent the code {name:?}, which is none of Connect's");
            Status { hint: Some(hint.into()), ..Status::mapped(code, message) }
        }
    };
    if let Some(list) = told.get("details").and_then(Value::as_array).filter(|list| !list.is_empty()) {
        status.details = match list.iter().map(detail).collect() {
            Some(details) => StatusDetails::Decoded(Box::new(RpcStatus {
                code: i32::try_from(status.code.0).unwrap_or_default(),
                message: message.to_owned(),
                details,
            })),
            None => StatusDetails::Malformed(serde_json::to_vec(list).unwrap_or_default().into()),
        };
    }
    status
}

/// A detail of an error; what it has for debugging is for people who have no descriptors.
fn detail(told: &Value) -> Option<prost_types::Any> {
    let name = told.get("type")?.as_str()?;
    let value = unbase64(told.get("value")?.as_str()?.as_bytes()).ok()?;
    let type_url = if name.contains('/') { name.to_owned() } else { format!("type.googleapis.com/{name}") };
    Some(prost_types::Any { type_url, value })
}

pub(super) fn begin_unary(asked: &Asked, http: StatusCode, headers: Metadata) -> Answer {
    let codec = asked.dialect.codec;
    let answered = match Media::read(headers.get("content-type").unwrap_or_default()) {
        Some((Media::Unary, answered)) => Some(answered),
        _ => None,
    };
    let outcome = match (http, answered) {
        (StatusCode::OK, Some(answered)) if answered == codec => Outcome::Message,
        (StatusCode::OK, Some(answered)) => {
            return Answer::ended(other_codec(codec, answered.name()), headers);
        }
        (StatusCode::OK, _) => {
            return Answer::foreign(verdict::of_http(asked.dialect.protocol, http, &headers, false), headers);
        }
        (_, Some(Codec::Json)) => Outcome::Error(http),
        _ => {
            return Answer::foreign(verdict::of_http(asked.dialect.protocol, http, &headers, false), headers);
        }
    };
    let encoding = Encoding::from_header(headers.get("content-encoding"));
    let (headers, trailers) = apart(&headers);
    let limit = if matches!(outcome, Outcome::Message) { asked.limit } else { MAX_ERROR };
    let reader = Unary { outcome, encoding, limit, body: Body::default(), trailers, passed: false };
    Answer::of(Kind::Unary(reader), Some(headers))
}

/// What the body of a call of one message is.
enum Outcome {
    Message,
    /// An error, with this HTTP status.
    Error(StatusCode),
}

/// A body that is a message, or an error, as a whole.
pub(super) struct Unary {
    outcome: Outcome,
    encoding: Encoding,
    limit: usize,
    body: Body,
    trailers: Metadata,
    /// Whether the body is larger than it may be.
    passed: bool,
}

/// A body that mostly comes in one piece, which then needs no copy.
#[derive(Default)]
struct Body {
    first: Bytes,
    rest: BytesMut,
}

impl Body {
    fn len(&self) -> usize {
        self.first.len() + self.rest.len()
    }

    fn whole(mut self) -> Bytes {
        if self.rest.is_empty() { self.first } else { std::mem::take(&mut self.rest).freeze() }
    }
}

impl Unary {
    pub(super) fn push(&mut self, bytes: &Bytes) {
        if self.passed {
            return;
        }
        if self.body.len() == 0 {
            self.body.first = bytes.clone();
        } else {
            let first = std::mem::take(&mut self.body.first);
            self.body.rest.extend_from_slice(&first);
            self.body.rest.extend_from_slice(bytes);
        }
        self.passed = self.body.len() > self.limit;
    }

    /// The limit is passed before the end is there. Of an error there is the beginning, which may say what it is.
    pub(super) fn next(&mut self) -> Option<Part> {
        if !self.passed {
            return None;
        }
        let status = match self.outcome {
            Outcome::Message => verdict::too_long(self.limit),
            Outcome::Error(http) => {
                let begun = std::mem::take(&mut self.body).whole();
                let begun = if self.encoding == Encoding::Identity { begun } else { Bytes::new() };
                cut_error(&begun, http, self.limit)
            }
        };
        Some(Part::End(status, std::mem::take(&mut self.trailers)))
    }

    pub(super) fn finish(self) -> Vec<Part> {
        let wire = self.body.whole();
        let wire_size = wire.len();
        // An empty body is an empty message, however it is said to be compressed.
        let compressed = self.encoding != Encoding::Identity && !wire.is_empty();
        let plain = if compressed { self.encoding.open(&wire, self.limit) } else { Ok(wire) };
        match (plain, self.outcome) {
            (Ok(payload), Outcome::Message) => vec![
                Part::Message(Message { payload, wire_size, compressed, ends: false }),
                Part::End(Status::server(Code::OK, ""), self.trailers),
            ],
            (Err(error), Outcome::Message) => {
                vec![Part::End(verdict::of_envelope(Protocol::Connect, &error), self.trailers)]
            }
            (Err(EnvelopeError::TooLarge { .. }), Outcome::Error(http)) => {
                vec![Part::End(cut_error(b"", http, self.limit), self.trailers)]
            }
            (Err(error), Outcome::Error(http)) => {
                let why = verdict::of_envelope(Protocol::Connect, &error).message;
                let what = format!("the server answered HTTP {http} and an error that can't be read: {why}");
                vec![Part::End(Status::mapped(Code::from_http(http), what), self.trailers)]
            }
            (Ok(json), Outcome::Error(http)) => {
                let code = Code::from_http(http);
                let status = if let Ok(Value::Object(told)) = serde_json::from_slice(&json) {
                    error(&told, code)
                } else {
                    let what = format!("the server answered HTTP {http} and no error of Connect's");
                    verdict::with_text(Status::mapped(code, what), shown(&json))
                };
                vec![Part::End(status, self.trailers)]
            }
        }
    }
}

/// An error that is larger than it may be, of which this is the beginning: the code that it names, where that stands
/// there, or else the one of the HTTP status.
fn cut_error(begun: &[u8], http: StatusCode, limit: usize) -> Status {
    let code = code_at_the_start(begun).unwrap_or_else(|| Code::from_http(http));
    let what = format!("the server answered HTTP {http} and an error of more than {limit} bytes");
    verdict::with_text(Status::mapped(code, what), shown(begun))
}

/// The code of an error whose JSON breaks off, where it comes before that.
fn code_at_the_start(begun: &[u8]) -> Option<Code> {
    struct Fields<'c>(&'c mut Option<Code>);

    impl<'de> Visitor<'de> for Fields<'_> {
        type Value = ();

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an error of Connect's")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
            while let Some(name) = map.next_key::<String>()? {
                if name == "code" {
                    *self.0 = map.next_value::<Value>()?.as_str().and_then(Code::from_connect);
                } else {
                    map.next_value::<IgnoredAny>()?;
                }
            }
            Ok(())
        }
    }

    let mut code = None;
    // That it breaks off is known.
    let _ = serde_json::Deserializer::from_slice(begun).deserialize_map(Fields(&mut code));
    code
}

/// Headers, and those of them that are trailers: their names begin with `trailer-`.
fn apart(headers: &Metadata) -> (Metadata, Metadata) {
    let (mut told, mut trailers) = (HeaderMap::new(), HeaderMap::new());
    for (name, value) in headers.as_http() {
        let trailer = name.as_str().strip_prefix("trailer-").and_then(|name| HeaderName::try_from(name).ok());
        match trailer {
            Some(name) => trailers.append(name, value.clone()),
            None => told.append(name.clone(), value.clone()),
        };
    }
    (Metadata::from_http(told), Metadata::from_http(trailers))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_that_breaks_off_may_have_said_what_it_is() {
        for (begun, code) in [
            (r#"{"code":"not_found","message":"gone gone"#, Some(Code::NOT_FOUND)),
            (r#"{"details":[{}],"code":"aborted","#, Some(Code(10))),
            (r#"{"message":"gone gone"#, None),
            (r#"{"code":"not_f"#, None),
            (r#"{"code":7,"#, None),
            ("", None),
        ] {
            assert_eq!(code_at_the_start(begun.as_bytes()), code, "{begun}");
        }
    }
}
