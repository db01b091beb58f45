//! What an answer means: from HTTP statuses, headers, trailers and breakage to the one [`Status`].

use http::StatusCode;
use percent_encoding::percent_decode;

use super::dialect::Protocol;
use super::metadata::Metadata;
use super::status::{Code, Status, StatusDetails};
use crate::envelope::{Encoding, EnvelopeError};
use crate::transport::StreamError;

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
    Status { details, ..Status::mapped(Code::UNKNOWN, message) }
}

pub(super) fn no_trailers() -> Status {
    Status::mapped(Code::INTERNAL, "the server ended its answer without a grpc-status")
}

/// The status that an answer ends in, by whether it is over then. One that has failed has nothing to lose.
pub(super) fn at_the_end(status: Status, over: bool) -> Status {
    if over || status.code != Code::OK {
        return status;
    }
    Status::mapped(Code::INTERNAL, "the server's answer goes on after its end")
}

/// The wrong number of answers where one was promised (statuscodes.md: a cardinality violation).
pub(super) fn not_one_answer(count: usize) -> Status {
    let message = match count {
        0 => "the server said OK and sent no message, where the method answers with one".to_owned(),
        count => format!("the server sent {count} messages, where the method answers with one"),
    };
    Status::mapped(Code::UNIMPLEMENTED, message)
}

pub(super) fn of_stream(error: &StreamError) -> Status {
    let message = error.to_string();
    match *error {
        StreamError::Reset(reason) => Status::mapped(Code::from_reset(reason), message),
        StreamError::GoAway(_) => Status::mapped(Code::UNAVAILABLE, message),
        // The HTTP library tells headers for which there is no room by nothing but this.
        StreamError::Protocol(reason) if reason == StreamError::PROTOCOL_ERROR => Status {
            hint: Some("headers or trailers larger than --max-header-size end like this, too".into()),
            ..Status::mapped(Code::INTERNAL, message)
        },
        StreamError::Protocol(_) | StreamError::Malformed(_) => Status::mapped(Code::INTERNAL, message),
        StreamError::Lost(_) | StreamError::Unanswered => Status::local(Code::UNAVAILABLE, message),
    }
}

pub(super) fn of_envelope(error: &EnvelopeError) -> Status {
    match error {
        EnvelopeError::TooLarge { size: Some(size), limit } => Status::local(
            Code::RESOURCE_EXHAUSTED,
            format!("a message of {size} bytes is larger than the limit of {limit} bytes"),
        ),
        EnvelopeError::TooLarge { size: None, limit } => Status::local(
            Code::RESOURCE_EXHAUSTED,
            format!("a message is larger, decompressed, than the limit of {limit} bytes"),
        ),
        EnvelopeError::BadFlag(flag) => Status::mapped(
            Code::INTERNAL,
            format!("a message begins with the byte {flag:#04x}, which is no flag of gRPC's"),
        ),
        EnvelopeError::UnknownEncoding(Encoding::Unknown(name)) => Status::mapped(
            Code::INTERNAL,
            format!("a message is compressed with {name:?}, which was not offered"),
        ),
        EnvelopeError::UnknownEncoding(_) => Status::mapped(
            Code::INTERNAL,
            "a message is marked as compressed, and no grpc-encoding was named",
        ),
        EnvelopeError::BadCompression(why) => {
            Status::mapped(Code::INTERNAL, format!("a compressed message is damaged: {why}"))
        }
        EnvelopeError::Truncated => {
            Status::mapped(Code::INTERNAL, "the answer ended in the middle of a message")
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
    fn a_status_beyond_the_table_keeps_its_number_and_a_broken_one_is_unknown() {
        assert_eq!(of_trailers(&metadata(&[("grpc-status", "1010")])).code, Code(1010));
        let broken = of_trailers(&metadata(&[("grpc-status", "five")]));
        assert_eq!((broken.code, broken.origin), (Code::UNKNOWN, super::super::status::Origin::Mapped));
        assert_eq!(of_trailers(&metadata(&[])).code, Code::INTERNAL);
    }
}
