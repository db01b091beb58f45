//! Failures to order: a status with the code, message and details that the caller asks for.

use prost::{Message, Name};
use prost_types::Any;
use tonic::{Code, Status};

use super::proto::demo::v1::{FailRequest, Sample};
use super::proto::google::rpc::{self, bad_request, help, precondition_failure, quota_failure};

/// The status asked for, or `INVALID_ARGUMENT` if there is no such thing.
pub(super) fn status(request: FailRequest) -> Status {
    let code = match request.code {
        0 => Code::Unknown,
        1..=16 => Code::from_i32(request.code),
        other => return Status::invalid_argument(format!("code: {other} is no status code from 0 to 16")),
    };
    let mut details = request.details;
    for sample in request.samples {
        match Sample::try_from(sample) {
            Ok(sample) => details.extend(detail(sample)),
            Err(_) => return Status::invalid_argument(format!("samples: there is no sample {sample}")),
        }
    }
    if details.is_empty() {
        return Status::new(code, request.message);
    }
    let full = rpc::Status { code: code.into(), message: request.message.clone(), details };
    Status::with_details(code, request.message, full.encode_to_vec().into())
}

/// A standard detail with sample values.
fn detail(sample: Sample) -> Option<Any> {
    let text = str::to_owned;
    Some(match sample {
        Sample::Unspecified => return None,
        Sample::ErrorInfo => pack(&rpc::ErrorInfo {
            reason: text("SHELF_EMPTY"),
            domain: text("demo.example.com"),
            metadata: [(text("shelf"), text("A7"))].into(),
        }),
        Sample::RetryInfo => pack(&rpc::RetryInfo {
            retry_delay: Some(prost_types::Duration { seconds: 1, nanos: 500_000_000 }),
        }),
        Sample::DebugInfo => pack(&rpc::DebugInfo {
            stack_entries: vec![text("shelf.go:42"), text("main.go:7")],
            detail: text("the shelf was empty"),
        }),
        Sample::QuotaFailure => pack(&rpc::QuotaFailure {
            violations: vec![quota_failure::Violation {
                subject: text("project:demo"),
                description: text("100 calls a day"),
                quota_value: 100,
                ..Default::default()
            }],
        }),
        Sample::PreconditionFailure => pack(&rpc::PreconditionFailure {
            violations: vec![precondition_failure::Violation {
                r#type: text("TOS"),
                subject: text("demo.example.com"),
                description: text("the terms of service were not accepted"),
            }],
        }),
        Sample::BadRequest => pack(&rpc::BadRequest {
            field_violations: vec![bad_request::FieldViolation {
                field: text("book.title"),
                description: text("must not be empty"),
                reason: text("EMPTY"),
                localized_message: Some(localized()),
            }],
        }),
        Sample::RequestInfo => {
            pack(&rpc::RequestInfo { request_id: text("req-1"), serving_data: text("shard 3") })
        }
        Sample::ResourceInfo => pack(&rpc::ResourceInfo {
            resource_type: text("demo.example.com/Book"),
            resource_name: text("shelves/A7/books/1"),
            owner: text("librarian"),
            description: text("lent out"),
        }),
        Sample::Help => pack(&rpc::Help {
            links: vec![help::Link {
                description: text("How to ask"),
                url: text("https://demo.example.com/help"),
            }],
        }),
        Sample::LocalizedMessage => pack(&localized()),
    })
}

fn localized() -> rpc::LocalizedMessage {
    rpc::LocalizedMessage { locale: "de-CH".to_owned(), message: "darf nicht leer sein".to_owned() }
}

fn pack<M: Message + Name>(message: &M) -> Any {
    Any { type_url: format!("type.googleapis.com/{}", M::full_name()), value: message.encode_to_vec() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_is_the_one_asked_for_and_never_ok() {
        let code = |code| status(FailRequest { code, ..Default::default() }).code();
        assert_eq!(code(5), Code::NotFound);
        assert_eq!(code(16), Code::Unauthenticated);
        assert_eq!(code(0), Code::Unknown);
        assert_eq!(code(17), Code::InvalidArgument);
        assert_eq!(code(-1), Code::InvalidArgument);
    }

    #[test]
    fn details_come_as_given_with_samples_behind() {
        let own = Any { type_url: "example.com/some.Type".to_owned(), value: vec![1, 2, 3] };
        let status = status(FailRequest {
            code: 9,
            message: "no".to_owned(),
            details: vec![own.clone()],
            samples: (0..=10).collect(),
        });
        let sent = rpc::Status::decode(status.details()).unwrap();
        assert_eq!((sent.code, sent.message.as_str()), (9, "no"));
        assert_eq!(sent.details.len(), 11);
        assert_eq!(sent.details[0], own);
        assert_eq!(sent.details[1].type_url, "type.googleapis.com/google.rpc.ErrorInfo");
    }

    #[test]
    fn no_details_means_no_details_trailer() {
        assert!(status(FailRequest::default()).details().is_empty());
    }
}
