//! An answer, read in the dialect that the call was made in: what its head says is coming, and what its body holds.
//!
//! The three protocols differ in where they say how a call ended: gRPC in HTTP's trailers, gRPC-Web and Connect's streams
//! in a last envelope, and Connect's calls of one message in the HTTP status, the headers and the body. Here they become
//! the same parts.

mod connect;
mod grpc;
mod web;

use std::collections::VecDeque;

use bytes::Bytes;
use http::StatusCode;

use super::dialect::{Codec, Dialect, Protocol, Streams};
use super::metadata::Metadata;
use super::status::{Code, Status};
use super::verdict;
use crate::envelope::{EnvelopeError, Message};
use crate::media::Media;

/// How much of the body of an answer that is none of the dialect is read, to show what it is.
const FOREIGN_TEXT: usize = 1024;

/// What a call is told of its answer.
#[derive(Debug, PartialEq)]
pub(super) enum Part {
    /// The headers, which stand apart from the trailers.
    Headers(Metadata),
    Message(Message),
    /// How the call ended, by all that was said of it.
    End(Status, Metadata),
}

/// What the head of an answer is judged by.
pub(super) struct Asked {
    pub(super) dialect: Dialect,
    pub(super) streams: Streams,
    /// The largest message that is taken, in bytes.
    pub(super) limit: usize,
    /// How many bytes headers may take.
    pub(super) header_limit: u32,
}

/// Reads one answer. After an [`Part::End`] nothing more is to be asked of it.
pub(super) struct Answer {
    kind: Kind,
    /// What is to be told before anything more is read.
    ready: VecDeque<Part>,
}

enum Kind {
    Grpc(grpc::Reader),
    Web(web::Reader),
    Stream(connect::Stream),
    Unary(connect::Unary),
    /// Something else; the start of its body helps to say what.
    Foreign {
        status: Status,
        headers: Metadata,
        text: Vec<u8>,
    },
    /// Nothing is left to be read.
    Over,
}

impl Answer {
    /// Begins to read the answer with this head; `empty` where no body follows it.
    pub(super) fn begin(asked: &Asked, http: StatusCode, headers: Metadata, empty: bool) -> Self {
        let size = headers.size();
        // Trailers that nothing stands before are told whole, whatever they take: how the call ended is in them.
        let are_trailers = empty && headers.get("grpc-status").is_some();
        if !are_trailers && !u32::try_from(size).is_ok_and(|size| size <= asked.header_limit) {
            let end = Part::End(verdict::headers_too_large(size, asked.header_limit), Metadata::default());
            return Self { kind: Kind::Over, ready: VecDeque::from([Part::Headers(headers), end]) };
        }
        match asked.dialect.protocol {
            Protocol::Grpc => grpc::begin(asked, http, headers, empty),
            Protocol::GrpcWeb { .. } => web::begin(asked, http, headers, empty),
            Protocol::Connect if asked.streams.is_unary() => connect::begin_unary(asked, http, headers),
            Protocol::Connect => connect::begin_stream(asked, http, headers),
        }
    }

    /// More of the body.
    pub(super) fn push(&mut self, bytes: Bytes) {
        match &mut self.kind {
            Kind::Grpc(reader) => reader.push(bytes),
            Kind::Web(reader) => reader.push(bytes),
            Kind::Stream(reader) => reader.push(bytes),
            Kind::Unary(reader) => reader.push(&bytes),
            Kind::Foreign { text, .. } => {
                text.extend_from_slice(&bytes);
                if text.len() >= FOREIGN_TEXT {
                    self.finish(None);
                }
            }
            Kind::Over => {}
        }
    }

    /// The next part that is there whole.
    pub(super) fn next(&mut self) -> Option<Part> {
        if let Some(part) = self.ready.pop_front() {
            return Some(part);
        }
        let part = match &mut self.kind {
            Kind::Grpc(reader) => reader.next(),
            Kind::Web(reader) => reader.next(),
            Kind::Stream(reader) => reader.next(),
            Kind::Unary(reader) => reader.next(),
            Kind::Foreign { .. } | Kind::Over => None,
        };
        if matches!(part, Some(Part::End(..))) {
            self.kind = Kind::Over;
        }
        part
    }

    /// The body ended, with these trailers of HTTP's if it had any; what that means is the next part.
    pub(super) fn finish(&mut self, trailers: Option<Metadata>) {
        match std::mem::replace(&mut self.kind, Kind::Over) {
            Kind::Grpc(reader) => self.ready.push_back(reader.finish(trailers)),
            Kind::Web(reader) => self.ready.extend(reader.finish(trailers)),
            Kind::Stream(reader) => self.ready.push_back(reader.finish()),
            Kind::Unary(reader) => self.ready.extend(reader.finish()),
            Kind::Foreign { status, headers, text } => {
                self.ready.push_back(Part::End(verdict::with_text(status, shown(&text)), headers));
            }
            Kind::Over => {}
        }
    }

    /// Whether an error of the connection says more than what was read: it does not of something foreign.
    pub(super) fn is_foreign(&self) -> bool {
        matches!(self.kind, Kind::Foreign { .. })
    }

    fn of(kind: Kind, headers: Option<Metadata>) -> Self {
        Self { kind, ready: headers.map(Part::Headers).into_iter().collect() }
    }

    fn ended(status: Status, trailers: Metadata) -> Self {
        Self { kind: Kind::Over, ready: VecDeque::from([Part::End(status, trailers)]) }
    }

    fn foreign(status: Status, headers: Metadata) -> Self {
        Self { kind: Kind::Foreign { status, headers, text: Vec::new() }, ready: VecDeque::new() }
    }
}

fn shown(text: &[u8]) -> &[u8] {
    text.get(..FOREIGN_TEXT).unwrap_or(text)
}

/// An answer in one of these, in the codec asked for, as `read` begins it with its headers and which it is in; or what it
/// is otherwise. A name alone is in protobuf's bytes.
fn own(
    asked: &Asked,
    media: &[Media],
    (http, headers): (StatusCode, Metadata),
    read: impl FnOnce(Metadata, Media) -> Answer,
) -> Answer {
    let Dialect { protocol, codec: wanted, .. } = asked.dialect;
    let named = Media::named(headers.get("content-type").unwrap_or_default());
    match named.filter(|(named, _)| media.contains(named)) {
        Some((named, codec))
            if http == StatusCode::OK && codec.as_ref().is_none_or(|codec| codec == wanted.name()) =>
        {
            read(headers, named)
        }
        Some((_, Some(answered))) if http == StatusCode::OK => {
            Answer::ended(other_codec(wanted, &answered), headers)
        }
        named => {
            let status = verdict::of_http(protocol, http, &headers, named.is_some());
            Answer::foreign(status, headers)
        }
    }
}

fn other_codec(asked: Codec, answered: &str) -> Status {
    let asked = asked.name();
    Status::mapped(
        Code::INTERNAL,
        format!("the server answered in the codec {answered:?}, asked in {asked:?}"),
    )
}

/// A message, or why what stands in its place is none.
fn part(protocol: Protocol, next: Result<Option<Message>, EnvelopeError>) -> Option<Part> {
    match next {
        Ok(message) => message.map(Part::Message),
        Err(error) => Some(Part::End(verdict::of_envelope(protocol, &error), Metadata::default())),
    }
}
