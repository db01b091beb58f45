//! gRPC-Web: envelopes, the last of which holds the trailers (`doc/PROTOCOL-WEB.md`); all in base64 where that was
//! agreed on.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use super::{Answer, Asked, Kind, Part, own, part};
use crate::chars::Unbase64;
use crate::envelope::{Decoder, Encoding, EndFlag, EnvelopeError};
use crate::media::Media;
use crate::wire::dialect::Protocol;
use crate::wire::metadata::Metadata;
use crate::wire::status::{Code, Status};
use crate::wire::verdict;

const BINARY: Media = Media::Web { text: false };
const TEXT: Media = Media::Web { text: true };

/// What is said of the protocol is the same in base64.
const WEB: Protocol = Protocol::GrpcWeb { text: false };

pub(super) struct Reader {
    decoder: Decoder,
    /// Where the body is base64.
    text: Option<Unbase64>,
    /// Headers that are trailers should nothing follow them.
    held: Option<Metadata>,
    damaged: bool,
}

pub(super) fn begin(asked: &Asked, http: StatusCode, headers: Metadata, empty: bool) -> Answer {
    let says_status = headers.get("grpc-status").is_some();
    if empty && says_status {
        return Answer::ended(verdict::of_trailers(&headers), headers);
    }
    own(asked, &[BINARY, TEXT], (http, headers), |headers, media| {
        let encoding = Encoding::from_header(headers.get("grpc-encoding"));
        let (told, held) = if says_status { (None, Some(headers)) } else { (Some(headers), None) };
        let reader = Reader {
            decoder: Decoder::new(encoding, asked.limit, EndFlag::GrpcWeb),
            text: (media == TEXT).then(Unbase64::default),
            held,
            damaged: false,
        };
        Answer::of(Kind::Web(reader), told)
    })
}

impl Reader {
    pub(super) fn push(&mut self, bytes: Bytes) {
        match &mut self.text {
            None => self.decoder.push(bytes),
            // What stands behind damage is not told from what is damaged.
            Some(_) if self.damaged => {}
            Some(text) => {
                let (decoded, whole) = text.push(&bytes);
                self.decoder.push(decoded.into());
                self.damaged = !whole;
            }
        }
    }

    pub(super) fn next(&mut self) -> Option<Part> {
        if !self.decoder.is_between_messages()
            && let Some(headers) = self.held.take()
        {
            return Some(Part::Headers(headers));
        }
        match part(WEB, self.decoder.next_message()) {
            Some(Part::Message(end)) if end.ends => {
                let trailers = trailers(&end.payload);
                let status = verdict::of_trailers(&trailers);
                let over = self.is_between_messages() && !self.damaged;
                Some(Part::End(verdict::at_the_end(status, over), trailers))
            }
            None if self.damaged => {
                let message = "the body is no base64, as grpc-web-text has it";
                Some(Part::End(Status::broken(Code::INTERNAL, message), Metadata::default()))
            }
            part => part,
        }
    }

    fn is_between_messages(&self) -> bool {
        self.decoder.is_between_messages() && self.text.as_ref().is_none_or(Unbase64::is_whole)
    }

    /// The body ended without an envelope that says how the call did. Gateways may have put that into HTTP's trailers.
    pub(super) fn finish(self, trailers: Option<Metadata>) -> Vec<Part> {
        if let Some(headers) = self.held {
            return vec![Part::End(verdict::of_trailers(&headers), headers)];
        }
        let whole = self.is_between_messages();
        let trailers = trailers.unwrap_or_default();
        let status = match trailers.get("grpc-status") {
            _ if !whole => verdict::of_envelope(WEB, &EnvelopeError::Truncated),
            Some(_) => verdict::of_trailers(&trailers),
            None => verdict::no_trailers(),
        };
        vec![Part::End(status, trailers)]
    }
}

/// Trailers as they stand in the body: like HTTP/1's, names in any case. A line that is no header is none.
fn trailers(block: &[u8]) -> Metadata {
    let mut headers = HeaderMap::new();
    for line in block.split(|&byte| byte == b'\n') {
        let mut halves = line.splitn(2, |&byte| byte == b':');
        if let (Some(name), Some(value)) = (halves.next(), halves.next())
            && let Ok(name) = HeaderName::from_bytes(name.trim_ascii())
            && let Ok(value) = HeaderValue::from_bytes(value.trim_ascii())
        {
            headers.append(name, value);
        }
    }
    Metadata::from_http(headers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trailers_are_headers_in_any_case() {
        let read = trailers(b"Grpc-Status: 9\r\ngRPC-Message:error\r\nx-a: 1\r\nx-a: 2\r\nno header\r\n\r\n");
        assert_eq!(read.get("grpc-status"), Some(&b"9"[..]));
        assert_eq!(read.get("grpc-message"), Some(&b"error"[..]));
        assert_eq!(read.entries().count(), 4);
    }
}
