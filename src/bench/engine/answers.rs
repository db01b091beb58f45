//! What header blocks of answers say, as far as it is counted.

use std::str;

use crate::http2::Error;
use crate::http2::hpack::{Decoder, Field};
use crate::media::{Codec, Media};

/// The most that is told of a block's fields; what a table has to learn is learnt all the same.
const MAX_LIST: usize = 1 << 20;
/// How many blocks are kept: servers have one for headers and one for trailers, and few others.
const KEPT: usize = 4;

/// What a header block says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Block {
    /// `:status`; trailers have none.
    pub(super) http: Option<u16>,
    /// `grpc-status`.
    pub(super) grpc: Option<GrpcStatus>,
    /// What its content type says.
    pub(super) content: Content,
}

/// What a content type says of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Content {
    /// That it is none of gRPC's, or nothing.
    #[default]
    Foreign,
    /// That it is gRPC's, in the codec that was asked in; a name alone is in protobuf's bytes.
    Own,
    /// That it is gRPC's in another codec.
    OtherCodec,
}

/// `grpc-status`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum GrpcStatus {
    Code(u32),
    /// Something that is no number.
    Garbled,
}

/// Reads the header blocks that come on a connection.
#[derive(Debug)]
pub(super) struct Answers {
    /// The codec that calls are made in.
    codec: Codec,
    decoder: Decoder,
    /// Blocks that came since the table changed last.
    kept: Vec<(Vec<u8>, Block)>,
    /// Which of them is forgotten next.
    oldest: usize,
    /// What the last block that was decoded says of a call that failed, as it is on the wire.
    said: Option<(u32, Vec<u8>)>,
}

impl Answers {
    pub(super) fn new(codec: Codec) -> Self {
        Self { codec, decoder: Decoder::new(MAX_LIST), kept: Vec::new(), oldest: 0, said: None }
    }

    /// Reads the next block. Where neither it nor the table is new, it is known what it says.
    #[inline]
    pub(super) fn read(&mut self, block: &[u8]) -> Result<Block, Error> {
        match self.kept.iter().find(|(bytes, _)| bytes == block) {
            Some((_, known)) => Ok(*known),
            None => self.decode(block),
        }
    }

    fn decode(&mut self, bytes: &[u8]) -> Result<Block, Error> {
        let (mut block, mut said) = (Block::default(), None);
        let codec = self.codec;
        let note = |field: Field<'_>| {
            block.note(field, codec);
            if field.name == b"grpc-message" {
                said = Some(field.value.to_vec());
            }
        };
        let changed = self.decoder.decode(bytes, note)?.changed;
        if let (Some(GrpcStatus::Code(code @ 1..)), Some(said)) = (block.grpc, said) {
            self.said = Some((code, said));
        }
        if changed {
            self.kept.clear();
            self.oldest = 0;
        } else {
            let kept = (bytes.to_vec(), block);
            match self.kept.get_mut(self.oldest) {
                Some(place) => *place = kept,
                None => self.kept.push(kept),
            }
            self.oldest = (self.oldest + 1) % KEPT;
        }
        Ok(block)
    }

    /// What a server says of a failure, where a block was decoded that says so.
    #[inline]
    pub(super) fn said(&mut self) -> Option<(u32, Vec<u8>)> {
        self.said.take()
    }
}

impl Block {
    fn note(&mut self, field: Field<'_>, codec: Codec) {
        let text = || str::from_utf8(field.value).ok();
        match field.name {
            b":status" => self.http = text().and_then(|status| status.parse().ok()),
            b"grpc-status" => {
                let code = text().and_then(|code| code.parse().ok());
                self.grpc = Some(code.map_or(GrpcStatus::Garbled, GrpcStatus::Code));
            }
            b"content-type" => self.content = Content::of(field.value, codec),
            _ => {}
        }
    }
}

impl Content {
    /// `application/grpc`, with a codec and parameters or without (PROTOCOL-HTTP2.md, "Responses").
    fn of(content_type: &[u8], asked: Codec) -> Self {
        match Media::named(content_type) {
            Some((Media::Grpc, codec)) if codec.as_ref().is_none_or(|codec| codec == asked.name()) => {
                Self::Own
            }
            Some((Media::Grpc, _)) => Self::OtherCodec,
            _ => Self::Foreign,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http2::hpack::{Encoder, Indexing};

    fn block(encoder: &mut Encoder, fields: &[(&str, &str)]) -> Vec<u8> {
        let mut out = Vec::new();
        encoder.begin(&mut out);
        for (name, value) in fields {
            let field = Field { name: name.as_bytes(), value: value.as_bytes(), sensitive: false };
            encoder.field(&mut out, field, Indexing::Repeats);
        }
        out
    }

    #[test]
    fn the_same_bytes_say_something_else_when_the_table_has_changed() {
        let (mut encoder, mut answers) = (Encoder::default(), Answers::new(Codec::Proto));
        for code in [0, 5, 5, 0, 0, 0, 7, 5] {
            let code_text = code.to_string();
            let wire = block(&mut encoder, &[("grpc-status", &code_text), ("x", "y")]);
            for _ in 0..2 {
                let read = answers.read(&wire).unwrap();
                assert_eq!(read.grpc, Some(GrpcStatus::Code(code)));
                // What is sent once is known to both sides once.
                if wire.len() > 2 {
                    break;
                }
            }
        }
    }

    #[test]
    fn headers_and_trailers_are_told_apart() {
        let (mut encoder, mut answers) = (Encoder::default(), Answers::new(Codec::Proto));
        let head = [(":status", "200"), ("content-type", "application/grpc+proto")];
        let read = answers.read(&block(&mut encoder, &head)).unwrap();
        assert_eq!(read, Block { http: Some(200), grpc: None, content: Content::Own });
        let read = answers.read(&block(&mut encoder, &[("grpc-status", "none")])).unwrap();
        let content = Content::Foreign;
        assert_eq!(read, Block { http: None, grpc: Some(GrpcStatus::Garbled), content });
        for (content_type, in_proto, in_json) in [
            ("application/grpc", Content::Own, Content::Own),
            ("application/grpc;charset=utf-8", Content::Own, Content::Own),
            ("application/grpc+proto", Content::Own, Content::OtherCodec),
            ("application/grpc+json", Content::OtherCodec, Content::Own),
            ("application/grpc+thrift", Content::OtherCodec, Content::OtherCodec),
            ("application/grpc-web", Content::Foreign, Content::Foreign),
            ("text/html", Content::Foreign, Content::Foreign),
        ] {
            let read = Codec::ALL.map(|codec| Content::of(content_type.as_bytes(), codec));
            assert_eq!(read, [in_proto, in_json], "{content_type}");
        }
    }
}
