//! A reply as JSON, whichever way it came.

use super::read::{Json, read};
use super::write::{Style, Writer, write};
use crate::netrpc::Reply;

/// Writes a reply after what `out` holds. One that came as JSON is laid out anew and otherwise as the server wrote it:
/// members stay in order, numbers keep their digits.
pub fn write_reply(out: &mut Vec<u8>, reply: &Reply, style: Style) {
    match reply {
        Reply::Gob(value) => write(out, value, style),
        Reply::Json(text) => match std::str::from_utf8(text).ok().and_then(|text| read(text).ok()) {
            Some(json) => Writer::new(out, style).json(&json),
            // Deeper than is followed, or names that repeat: JSON for all that.
            None => out.extend_from_slice(text),
        },
    }
}

impl Writer<'_> {
    fn json(&mut self, json: &Json<'_>) {
        match json {
            Json::Null => self.raw("null"),
            Json::Bool(true) => self.raw("true"),
            Json::Bool(false) => self.raw("false"),
            Json::Number(digits) => self.raw(digits),
            Json::String(text) => self.string(text),
            Json::Array(items) => self.array(items, Self::json),
            Json::Object(members) => {
                self.object(members.iter().map(|(name, value)| (&**name, value)), Self::json);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &'static str, pretty: bool) -> String {
        let mut out = Vec::new();
        let style = Style { pretty, ..Style::default() };
        write_reply(&mut out, &Reply::Json(bytes::Bytes::from_static(text.as_bytes())), style);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn json_is_laid_out_anew_and_says_the_same() {
        let text = "{ \"b\" : [1e400, -0.10 ], \"a\":{}}";
        assert_eq!(shown(text, false), r#"{"b":[1e400,-0.10],"a":{}}"#);
        assert_eq!(shown(text, true), "{\n  \"b\": [\n    1e400,\n    -0.10\n  ],\n  \"a\": {}\n}");
        assert_eq!(shown(r#"{"a":1,"a":2}"#, true), r#"{"a":1,"a":2}"#);
    }
}
