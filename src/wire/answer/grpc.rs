//! gRPC: envelopes, and a status in HTTP's trailers (`doc/PROTOCOL-HTTP2.md`, "Responses").

use bytes::Bytes;
use http::StatusCode;

use super::{Answer, Asked, Kind, Named, Part, named, other_codec, part};
use crate::envelope::{Decoder, Encoding, EndFlag, EnvelopeError};
use crate::wire::metadata::Metadata;
use crate::wire::status::Code;
use crate::wire::verdict;

pub(super) struct Reader(Decoder);

pub(super) fn begin(asked: &Asked, http: StatusCode, headers: Metadata, empty: bool) -> Answer {
    // A status of gRPC's own counts more than HTTP's (http-grpc-status-mapping.md).
    if empty && headers.get("grpc-status").is_some() {
        return Answer::ended(verdict::of_trailers(&headers), headers);
    }
    let codec = asked.dialect.codec;
    match named(&headers, &["application/grpc"], codec) {
        Named::Yes if http == StatusCode::OK => {}
        Named::OtherCodec(answered) if http == StatusCode::OK => {
            return Answer::ended(other_codec(codec, &answered), headers);
        }
        named => {
            let status =
                verdict::of_http(asked.dialect.protocol, http, &headers, !matches!(named, Named::No));
            return Answer::foreign(status, headers);
        }
    }
    let encoding = Encoding::from_header(headers.get("grpc-encoding"));
    let reader = Reader(Decoder::new(encoding, asked.limit, EndFlag::None));
    Answer::of(Kind::Grpc(reader), Some(headers))
}

impl Reader {
    pub(super) fn push(&mut self, bytes: Bytes) {
        self.0.push(bytes);
    }

    pub(super) fn next(&mut self) -> Option<Part> {
        part(self.0.next_message())
    }

    pub(super) fn finish(self, trailers: Option<Metadata>) -> Part {
        let Some(trailers) = trailers else {
            return Part::End(verdict::no_trailers(), Metadata::default());
        };
        let mut status = verdict::of_trailers(&trailers);
        if status.code == Code::OK && !self.0.is_between_messages() {
            status = verdict::of_envelope(&EnvelopeError::Truncated);
        }
        Part::End(status, trailers)
    }
}
