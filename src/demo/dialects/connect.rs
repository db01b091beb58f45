//! What Connect says in JSON and in HTTP's statuses: how a call ended ("Error", "Error Codes", "EndStreamResponse").

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD_NO_PAD;
use http::{HeaderMap, StatusCode};
use serde_json::{Map, Value, json};
use tonic::Code;

use super::ended::Ended;
use super::methods::Methods;
use crate::message::json::Types as _;

/// Connect's name for each of gRPC's codes, and the HTTP status of a call of one message that ends in it.
const CODES: [(&str, u16); 17] = [
    ("ok", 200),
    ("canceled", 499),
    ("unknown", 500),
    ("invalid_argument", 400),
    ("deadline_exceeded", 504),
    ("not_found", 404),
    ("already_exists", 409),
    ("permission_denied", 403),
    ("resource_exhausted", 429),
    ("failed_precondition", 400),
    ("aborted", 409),
    ("out_of_range", 400),
    ("unimplemented", 501),
    ("internal", 500),
    ("unavailable", 503),
    ("data_loss", 500),
    ("unauthenticated", 401),
];

fn row(code: i32) -> (&'static str, u16) {
    let unknown = ("unknown", 500);
    usize::try_from(code).ok().and_then(|code| CODES.get(code)).copied().unwrap_or(unknown)
}

/// The HTTP status of a call of one message. Where there is no such method, its path leads nowhere.
pub(super) fn http_status(ended: &Ended, known: bool) -> StatusCode {
    if !known && ended.code == i32::from(Code::Unimplemented) {
        return StatusCode::NOT_FOUND;
    }
    StatusCode::from_u16(row(ended.code).1).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// An error.
pub(super) fn error(ended: &Ended, methods: &Methods) -> Value {
    let mut error = Map::new();
    error.insert("code".to_owned(), row(ended.code).0.into());
    if !ended.message.is_empty() {
        error.insert("message".to_owned(), ended.message.as_str().into());
    }
    if !ended.details.is_empty() {
        let details = ended.details.iter().map(|detail| told(detail, methods));
        error.insert("details".to_owned(), details.collect());
    }
    error.into()
}

/// A detail, with what it says beside its bytes where its type is known.
fn told(detail: &prost_types::Any, methods: &Methods) -> Value {
    let name = detail.type_url.rsplit('/').next().unwrap_or_default();
    let mut told = json!({ "type": name, "value": BASE64_STANDARD_NO_PAD.encode(&detail.value) });
    if let Some(message) = methods.message(name)
        && let Ok(debug) = serde_json::from_slice::<Value>(&methods.write_json(&message, &detail.value))
    {
        told["debug"] = debug;
    }
    told
}

/// How a stream ended.
pub(super) fn end_of_stream(ended: &Ended, methods: &Methods) -> Vec<u8> {
    let mut end = Map::new();
    if ended.code != 0 {
        end.insert("error".to_owned(), error(ended, methods));
    }
    if !ended.trailers.is_empty() {
        end.insert("metadata".to_owned(), metadata(&ended.trailers));
    }
    Value::from(end).to_string().into_bytes()
}

fn metadata(trailers: &HeaderMap) -> Value {
    let values = |name| {
        let values = trailers.get_all(name).iter();
        values.map(|value| Value::from(String::from_utf8_lossy(value.as_bytes()))).collect::<Value>()
    };
    trailers.keys().map(|name| (name.to_string(), values(name))).collect::<Map<_, _>>().into()
}

#[cfg(test)]
mod tests {
    use prost::Message as _;

    use super::*;

    #[test]
    fn an_error_has_its_details_in_both_ways() {
        let detail = prost_types::Any {
            type_url: "type.googleapis.com/google.rpc.RequestInfo".to_owned(),
            value: crate::demo::proto::google::rpc::RequestInfo {
                request_id: "r1".to_owned(),
                serving_data: String::new(),
            }
            .encode_to_vec(),
        };
        let methods = Methods::new(vec![bytes::Bytes::from_static(crate::demo::proto::DESCRIPTORS)]);
        let mut trailers = HeaderMap::new();
        trailers.append("shelf", http::HeaderValue::from_static("A7"));
        trailers.append("shelf", http::HeaderValue::from_static("A8"));
        let ended = Ended { code: 1, message: "stop".to_owned(), details: vec![detail], trailers };
        assert_eq!(
            String::from_utf8(end_of_stream(&ended, &methods)).unwrap(),
            r#"{"error":{"code":"canceled","details":[{"debug":{"requestId":"r1"},"type":"google.rpc.RequestInfo","value":"CgJyMQ"}],"message":"stop"},"metadata":{"shelf":["A7","A8"]}}"#
        );
        assert_eq!(http_status(&ended, true).as_u16(), 499);
        assert_eq!(end_of_stream(&Ended::default(), &methods), b"{}");
    }

    #[test]
    fn a_code_beyond_the_table_is_unknown() {
        let ended = Ended { code: 99, ..Ended::default() };
        assert_eq!(error(&ended, &Methods::default()), json!({ "code": "unknown" }));
        assert_eq!(http_status(&ended, true), StatusCode::INTERNAL_SERVER_ERROR);
    }
}
