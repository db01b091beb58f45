//! JSON-RPC 1.0 as Go's `net/rpc/jsonrpc` speaks it: objects one after another, parameters in an array of one.

use std::borrow::Cow;

use bytes::{Bytes, BytesMut};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::answer::{Answer, MalformedAnswer, Reply};

/// A request, as one line.
pub(super) fn request(method: &str, params: &[u8], seq: u64) -> Bytes {
    let mut line = Vec::with_capacity(params.len() + method.len() + 48);
    line.extend_from_slice(b"{\"method\":");
    // A string always becomes JSON.
    line.extend_from_slice(serde_json::to_string(method).unwrap_or_default().as_bytes());
    line.extend_from_slice(b",\"params\":[");
    line.extend_from_slice(params);
    line.extend_from_slice(format!("],\"id\":{seq}}}\n").as_bytes());
    line.into()
}

/// Finds where JSON objects end in a stream of them, looking at every byte once.
#[derive(Debug, Default)]
pub(super) struct Scanner {
    /// How much of the buffer was looked at already.
    scanned: usize,
    depth: usize,
    in_string: bool,
    escaped: bool,
}

/// An answer as it is written. An error that is left out is as good as null; a result that is null is one.
#[derive(Deserialize)]
struct Wire<'a> {
    id: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    result: Option<&'a RawValue>,
    #[serde(borrow)]
    error: Option<&'a RawValue>,
}

/// A member that is there, whatever it holds.
fn present<'de, D: Deserializer<'de>>(member: D) -> Result<Option<&'de RawValue>, D::Error> {
    <&RawValue>::deserialize(member).map(Some)
}

/// Reads an answer.
pub(super) fn answer(text: &Bytes) -> Result<Answer, MalformedAnswer> {
    let wire: Wire<'_> = serde_json::from_slice(text).map_err(MalformedAnswer::Json)?;
    let id = wire.id.map_or("null", RawValue::get);
    let seq = id.parse().map_err(|_| MalformedAnswer::Id(id.to_owned()))?;
    let result = match (wire.error, wire.result) {
        (Some(error), _) => Err(error_text(error.get())),
        (None, Some(result)) => Ok(Reply::Json(text.slice_ref(result.get().as_bytes()))),
        (None, None) => Err("the answer has neither a result nor an error".to_owned()),
    };
    Ok(Answer { seq, result, size: text.len(), memory: text.len() })
}

impl Scanner {
    /// The next object, if it is whole. One of more than `limit` bytes is not waited for.
    pub(super) fn take(
        &mut self,
        buffer: &mut BytesMut,
        limit: usize,
    ) -> Result<Option<Bytes>, MalformedAnswer> {
        let length = self.end(buffer)?;
        if length.unwrap_or(buffer.len()) > limit {
            return Err(MalformedAnswer::TooLarge { limit });
        }
        Ok(length.map(|length| buffer.split_to(length).freeze()))
    }

    /// How long the object at the front of the buffer is, blanks before it included.
    fn end(&mut self, buffer: &[u8]) -> Result<Option<usize>, MalformedAnswer> {
        for (index, &byte) in buffer.iter().enumerate().skip(self.scanned) {
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' if self.in_string => self.escaped = true,
                b'"' => self.in_string = !self.in_string,
                _ if self.in_string => {}
                b'{' | b'[' => self.depth += 1,
                b'}' | b']' if self.depth > 1 => self.depth -= 1,
                b'}' | b']' if self.depth == 1 => {
                    *self = Self::default();
                    return Ok(Some(index + 1));
                }
                b' ' | b'\t' | b'\r' | b'\n' => {}
                _ if self.depth == 0 => return Err(MalformedAnswer::NoObject),
                _ => {}
            }
        }
        self.scanned = buffer.len();
        Ok(None)
    }
}

/// What an error says: a string is its text, as Go sends it, anything else is shown as it is.
fn error_text(error: &str) -> String {
    match serde_json::from_str::<Cow<'_, str>>(error) {
        Ok(text) if text.is_empty() => "unspecified error".to_owned(),
        Ok(text) => text.into_owned(),
        Err(_) => error.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Option<Answer>, MalformedAnswer> {
        Scanner::default().take(&mut BytesMut::from(text), 1000)?.as_ref().map(answer).transpose()
    }

    #[test]
    fn a_request_is_a_line() {
        assert_eq!(
            request("Arith.Multiply", br#"{"A":7}"#, 3),
            "{\"method\":\"Arith.Multiply\",\"params\":[{\"A\":7}],\"id\":3}\n"
        );
    }

    #[test]
    fn answers_are_taken_one_by_one_as_they_become_whole() {
        let text = "{\"id\":0,\"result\":{\"s\":\"}\\\"{\"},\"error\":null}\n{\"id\":1,\"result\":[1],\"error\":null}";
        let mut scanner = Scanner::default();
        let mut buffer = BytesMut::new();
        let mut seen = Vec::new();
        for byte in text.bytes() {
            buffer.extend_from_slice(&[byte]);
            if let Some(text) = scanner.take(&mut buffer, 1000).unwrap() {
                let answer = answer(&text).unwrap();
                let Ok(Reply::Json(json)) = answer.result else { panic!("no result") };
                seen.push((answer.seq, json));
            }
        }
        assert_eq!(seen, [(0, Bytes::from_static(b"{\"s\":\"}\\\"{\"}")), (1, Bytes::from_static(b"[1]"))]);
        assert!(buffer.is_empty());
    }

    #[test]
    fn numbers_keep_their_text() {
        let answer = read(r#"{"id":0,"result":18446744073709551615.10e400,"error":null}"#).unwrap().unwrap();
        assert!(matches!(answer.result, Ok(Reply::Json(json)) if json == "18446744073709551615.10e400"));
    }

    #[test]
    fn errors_are_what_they_say() {
        for (error, says) in [
            (r#""divide by zero""#, "divide by zero"),
            (r#""""#, "unspecified error"),
            (r#"{"code":-32601}"#, r#"{"code":-32601}"#),
            (r#""\u00fc\n""#, "ü\n"),
        ] {
            let answer = read(&format!(r#"{{"id":0,"result":null,"error":{error}}}"#)).unwrap().unwrap();
            assert_eq!(answer.result.unwrap_err(), says);
        }
    }

    #[test]
    fn a_result_may_be_null_and_has_to_be_there() {
        let answer = read(r#"{"id":0,"result":null,"error":null}"#).unwrap().unwrap();
        assert!(matches!(answer.result, Ok(Reply::Json(json)) if json == "null"));
        let answer = read(r#"{"id":0}"#).unwrap().unwrap();
        assert_eq!(answer.result.unwrap_err(), "the answer has neither a result nor an error");
    }

    #[test]
    fn what_is_no_answer_is_an_error() {
        assert!(matches!(read("hello"), Err(MalformedAnswer::NoObject)));
        assert!(matches!(read("}"), Err(MalformedAnswer::NoObject)));
        assert!(matches!(read("[]"), Err(MalformedAnswer::Json(_))));
        assert!(matches!(read(r#"{"id":null,"result":1}"#), Err(MalformedAnswer::Id(_))));
        assert!(matches!(read(r#"{"id":"x","result":1}"#), Err(MalformedAnswer::Id(_))));
        assert!(matches!(
            read(&format!("{{\"a\":\"{}", "x".repeat(1000))),
            Err(MalformedAnswer::TooLarge { .. })
        ));
        assert!(matches!(read(&"[".repeat(900)), Ok(None)));
    }
}
