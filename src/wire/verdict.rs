//! What an answer means: from HTTP statuses, headers, trailers and breakage to the one [`Status`].

use http::StatusCode;
use percent_encoding::percent_decode;

use super::dialect::Protocol;
use super::metadata::Metadata;
use super::status::{Code, Fault, Status, StatusDetails};
use crate::envelope::{Encoding, EnvelopeError, MAX_END};
use crate::transport::{StreamError, Target};

/// The status of an answer that is none of the protocol's own, by its HTTP status. `is_own` is whether its content type
/// is.
pub(super) fn of_http(protocol: Protocol, http: StatusCode, headers: &Metadata, is_own: bool) -> Status {
    let content_type = String::from_utf8_lossy(headers.get("content-type").unwrap_or_default());
    let mut what = format!("the server answered HTTP {http} and no {protocol} status");
    if !is_own && !content_type.is_empty() {
        what.push_str(&format!(", with content-type {content_type}"));
    }
    Status::mapped(Code::from_http(http), what)
}

/// Adds the beginning of a foreign answer's body, on one line, where that is text.
pub(super) fn with_text(mut status: Status, body: &[u8]) -> Status {
    if body.contains(&0) {
        return status;
    }
    let text = String::from_utf8_lossy(body).into_owned();
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if !text.is_empty() {
        let shown: String = text.chars().take(200).collect();
        status.message.push_str(&format!(": {shown}"));
    }
    status
}

pub(super) fn of_trailers(trailers: &Metadata) -> Status {
    let Some(code) = trailers.get("grpc-status") else { return no_trailers() };
    let message = trailers.get("grpc-message").unwrap_or_default();
    let message = percent_decode(message).decode_utf8_lossy().into_owned();
    let details = trailers.get("grpc-status-details-bin").map_or(StatusDetails::None, StatusDetails::decode);
    if let Some(code) = std::str::from_utf8(code).ok().and_then(|code| code.parse().ok()) {
        return Status { details, ..Status::server(Code(code), message) };
    }
    let shown = String::from_utf8_lossy(code);
    let separator = if message.is_empty() { "" } else { ": " };
    let message = format!("the server sent grpc-status {shown:?}, which is no number{separator}{message}");
    Status { details, ..Status::broken(Code::UNKNOWN, message) }
}

pub(super) fn no_trailers() -> Status {
    Status::broken(Code::INTERNAL, "the server ended its answer without a grpc-status")
}

/// The status that an answer ends in, by whether it is over then. One that has failed has nothing to lose.
pub(super) fn at_the_end(status: Status, over: bool) -> Status {
    if over || status.code != Code::OK {
        return status;
    }
    Status::broken(Code::INTERNAL, "the server's answer goes on after its end")
}

/// The wrong number of answers where one was promised (statuscodes.md: a cardinality violation).
pub(super) fn not_one_answer(count: usize) -> Status {
    let message = match count {
        0 => "the server said OK and sent no message, where the method answers with one".to_owned(),
        count => format!("the server sent {count} messages, where the method answers with one"),
    };
    Status::broken(Code::UNIMPLEMENTED, message)
}

/// The status of an answer whose trailers came and have none in them. The HTTP/2 library cuts those that are far beyond
/// the limit and says nothing of it.
pub(super) fn no_status(header_limit: u32) -> Status {
    let room = header_limit.saturating_mul(Target::ROOM_FOR_HEADERS);
    let hint =
        format!("if its trailers take more than {room} bytes, they came cut: {}", more_headers(header_limit));
    Status { hint: Some(hint.into()), ..no_trailers() }
}

/// Headers that take more than they may.
pub(super) fn headers_too_large(size: usize, header_limit: u32) -> Status {
    let what = format!("the answer's headers take {size} bytes, more than the limit of {header_limit} bytes");
    let hint = format!("take larger headers with {}", more_headers(header_limit));
    Status { hint: Some(hint.into()), ..Status::local(Code::INTERNAL, what).with(Fault::Broken) }
}

/// The flag with more room than that.
fn more_headers(limit: u32) -> String {
    let more = limit.saturating_mul(Target::ROOM_FOR_HEADERS);
    let size = match more {
        u32::MAX => "0".to_owned(),
        more if more % (1 << 20) == 0 => format!("{}M", more >> 20),
        more if more % (1 << 10) == 0 => format!("{}K", more >> 10),
        more => more.to_string(),
    };
    format!("--max-header-size {size}")
}

pub(super) fn of_stream(error: &StreamError, header_limit: u32) -> Status {
    let message = error.to_string();
    let with = |hint: String, status: Status| Status { hint: Some(hint.into()), ..status };
    match error {
        StreamError::Reset(reason) => {
            Status::mapped(Code::from_reset(*reason), message).with(Fault::Reset(*reason))
        }
        StreamError::GoAway(code, said) => {
            let status = Status::mapped(Code::UNAVAILABLE, message).with(Fault::GoAway(*code));
            let is_of_pings = said.as_deref() == Some("too_many_pings");
            if *code != StreamError::ENHANCE_YOUR_CALM || !is_of_pings {
                return status;
            }
            with(
                "the server takes fewer PINGs: leave --keepalive-time out, or make it longer".to_owned(),
                status,
            )
        }
        // The HTTP library tells headers for which there is no room by nothing but this.
        StreamError::Broken(StreamError::PROTOCOL_ERROR) => with(
            format!(
                "headers that take more than {} bytes end like this, too: {}",
                header_limit.saturating_mul(Target::ROOM_FOR_HEADERS),
                more_headers(header_limit)
            ),
            Status::broken(Code::INTERNAL, message),
        ),
        StreamError::HeadersTooLarge => with(
            format!("take larger ones with {}", more_headers(header_limit)),
            Status::local(Code::INTERNAL, message).with(Fault::Broken),
        ),
        StreamError::Protocol(_) | StreamError::Broken(_) | StreamError::Malformed(_) => {
            Status::broken(Code::INTERNAL, message)
        }
        StreamError::Lost(_) | StreamError::Unanswered => {
            Status::local(Code::UNAVAILABLE, message).with(Fault::Lost)
        }
    }
}

/// A message without an envelope that is longer than it may be.
pub(super) fn too_long(limit: usize) -> Status {
    too_large(format!("a message is larger than the limit of {limit} bytes"))
}

fn too_large(message: String) -> Status {
    Status::local(Code::RESOURCE_EXHAUSTED, message).with(Fault::Broken)
}

pub(super) fn of_envelope(protocol: Protocol, error: &EnvelopeError) -> Status {
    let (whose, encoding) = match protocol {
        Protocol::Grpc => ("gRPC's", "grpc-encoding"),
        Protocol::GrpcWeb { .. } => ("gRPC-Web's", "grpc-encoding"),
        Protocol::Connect => ("Connect's", "connect-content-encoding"),
    };
    match error {
        EnvelopeError::TooLarge { size: Some(size), limit } => {
            too_large(format!("a message of {size} bytes is larger than the limit of {limit} bytes"))
        }
        EnvelopeError::TooLarge { size: None, limit } => {
            too_large(format!("a message is larger, decompressed, than the limit of {limit} bytes"))
        }
        EnvelopeError::EndTooLarge => Status::broken(
            Code::INTERNAL,
            format!("what says how the call ended is larger than {MAX_END} bytes"),
        ),
        EnvelopeError::BadFlag(flag) => Status::broken(
            Code::INTERNAL,
            format!("a message begins with the byte {flag:#04x}, which is no flag of {whose}"),
        ),
        EnvelopeError::UnknownEncoding(Encoding::Unknown(name)) => Status::broken(
            Code::INTERNAL,
            format!("a message is compressed with {name:?}, which was not offered"),
        ),
        EnvelopeError::UnknownEncoding(_) => Status::broken(
            Code::INTERNAL,
            format!("a message is marked as compressed, and no {encoding} was named"),
        ),
        EnvelopeError::BadCompression(why) => {
            Status::broken(Code::INTERNAL, format!("a compressed message is damaged: {why}"))
        }
        EnvelopeError::Truncated => {
            Status::broken(Code::INTERNAL, "the answer ended in the middle of a message")
        }
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;

    use super::*;

    fn metadata(entries: &[(&'static str, &'static str)]) -> Metadata {
        let mut headers = HeaderMap::new();
        for &(name, value) in entries {
            headers.append(name, value.parse().unwrap());
        }
        Metadata::from_http(headers)
    }

    #[test]
    fn messages_are_percent_decoded_and_never_lost() {
        for (sent, read) in
            [("a%20b", "a b"), ("100%", "100%"), ("%G0", "%G0"), ("%ff", "\u{fffd}"), ("caf%C3%A9", "café")]
        {
            let trailers =
                Metadata::from_http([("grpc-status", "5"), ("grpc-message", sent)].into_iter().fold(
                    HeaderMap::new(),
                    |mut headers, (name, value)| {
                        headers.append(name, value.parse().unwrap());
                        headers
                    },
                ));
            assert_eq!(of_trailers(&trailers).message, read);
        }
    }

    #[test]
    fn there_is_a_flag_for_more_headers() {
        for (limit, flag) in [(1 << 20, "4M"), (1 << 10, "4K"), (5000, "20000"), (1 << 31, "0")] {
            assert_eq!(more_headers(limit), format!("--max-header-size {flag}"));
        }
    }

    #[test]
    fn a_status_beyond_the_table_keeps_its_number_and_a_broken_one_is_unknown() {
        assert_eq!(of_trailers(&metadata(&[("grpc-status", "1010")])).code, Code(1010));
        let broken = of_trailers(&metadata(&[("grpc-status", "five")]));
        assert_eq!((broken.code, broken.origin), (Code::UNKNOWN, super::super::status::Origin::Mapped));
        assert_eq!(of_trailers(&metadata(&[])).code, Code::INTERNAL);
    }
}
