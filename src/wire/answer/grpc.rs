//! gRPC: envelopes, and a status in HTTP's trailers (`doc/PROTOCOL-HTTP2.md`, "Responses").

use bytes::Bytes;
use http::StatusCode;

use super::{Answer, Asked, Kind, Part, own, part};
use crate::envelope::{Decoder, Encoding, EndFlag, EnvelopeError};
use crate::media::Media;
use crate::wire::dialect::Protocol;
use crate::wire::metadata::Metadata;
use crate::wire::status::Code;
use crate::wire::verdict;

pub(super) struct Reader {
    decoder: Decoder,
    header_limit: u32,
}

pub(super) fn begin(asked: &Asked, http: StatusCode, headers: Metadata, empty: bool) -> Answer {
    // A status of gRPC's own counts more than HTTP's (http-grpc-status-mapping.md).
    if empty && headers.get("grpc-status").is_some() {
        return Answer::ended(verdict::of_trailers(&headers), headers);
    }
    own(asked, &[Media::Grpc], (http, headers), |headers, _| {
        let encoding = Encoding::from_header(headers.get("grpc-encoding"));
        let decoder = Decoder::new(encoding, asked.limit, EndFlag::None);
        let reader = Reader { decoder, header_limit: asked.header_limit };
        Answer::of(Kind::Grpc(reader), Some(headers))
    })
}

impl Reader {
    pub(super) fn push(&mut self, bytes: Bytes) {
        self.decoder.push(bytes);
    }

    pub(super) fn next(&mut self) -> Option<Part> {
        part(Protocol::Grpc, self.decoder.next_message())
    }

    pub(super) fn finish(self, trailers: Option<Metadata>) -> Part {
        let Some(trailers) = trailers else {
            return Part::End(verdict::no_trailers(), Metadata::default());
        };
        if trailers.get("grpc-status").is_none() {
            return Part::End(verdict::no_status(self.header_limit), trailers);
        }
        let mut status = verdict::of_trailers(&trailers);
        if status.code == Code::OK && !self.decoder.is_between_messages() {
            status = verdict::of_envelope(Protocol::Grpc, &EnvelopeError::Truncated);
        }
        Part::End(status, trailers)
    }
}
