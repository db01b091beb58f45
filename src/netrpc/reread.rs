//! Requests read again as a server would read them, for whoever wants to see what would be sent.

use bytes::{Bytes, BytesMut};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::answer::{Codec, Reply};
use super::gob;
use super::request::Request;

/// Reads the requests of one connection in the order in which they would be sent.
pub struct RequestReader {
    /// None where requests are JSON.
    decoder: Option<gob::Decoder>,
}

#[derive(Deserialize)]
struct Params<'a> {
    #[serde(borrow)]
    params: Vec<&'a RawValue>,
}

impl RequestReader {
    /// A reader of requests in this codec.
    pub fn new(codec: Codec) -> Self {
        let decoder = match codec {
            // What this side wrote itself needs no limit.
            Codec::Gob => Some(gob::Decoder::new(gob::Limits::for_messages_of(usize::MAX))),
            Codec::Json => None,
        };
        Self { decoder }
    }

    /// The argument that a server reads off the next request; all of its bytes, should they not be read.
    pub fn argument(&mut self, request: &Request) -> Reply {
        let argument = match &mut self.decoder {
            Some(decoder) => {
                let mut bytes = BytesMut::from(request.bytes.as_ref());
                let head = decoder.read(&mut bytes).ok().flatten();
                let argument = head.and_then(|_| decoder.read(&mut bytes).ok().flatten());
                argument.map(Reply::Gob)
            }
            None => serde_json::from_slice::<Params<'_>>(&request.bytes)
                .ok()
                .and_then(|read| read.params.first().copied())
                .map(|argument| Reply::Json(Bytes::copy_from_slice(argument.get().as_bytes()))),
        };
        argument.unwrap_or_else(|| Reply::Json(request.bytes.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::netrpc::{Encoder, json};

    #[test]
    fn what_was_written_is_read_again() {
        for codec in [Codec::Gob, Codec::Json] {
            let mut encoder = Encoder::new(codec, "Arith.Multiply", None);
            let mut reader = RequestReader::new(codec);
            for argument in [r#"{"A":6,"B":7}"#, r#"{"A":1,"B":-2}"#] {
                let request = encoder.encode(argument.as_bytes()).unwrap();
                let mut shown = Vec::new();
                json::write_reply(&mut shown, &reader.argument(&request), json::Style::default());
                assert_eq!(String::from_utf8(shown).unwrap(), argument, "{codec:?}");
            }
        }
    }
}
