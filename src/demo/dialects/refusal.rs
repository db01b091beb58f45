//! Requests that are no calls in any dialect, and what they are told: by HTTP alone, since nothing else is agreed on.

use http::header::{ALLOW, CONTENT_TYPE};
use http::{HeaderName, HeaderValue, Response, StatusCode};
use tonic::body::Body;

use super::ask::content_types;

/// Why a request is no call.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// There is nothing at the path.
    NotFound,
    /// The verb is neither POST nor, for a method without side effects, GET.
    Verb { safe: bool },
    /// The content type is none of a dialect that the method can be called in. `unary` is what the method is.
    MediaType { unary: Option<bool> },
    /// The `encoding` of a GET is missing or unknown.
    Encoding,
    /// gRPC came over HTTP/1.1.
    Version,
}

impl Refusal {
    pub(super) fn response(&self) -> Response<Body> {
        let (status, header, text) = match self {
            Self::NotFound => {
                let text = "no method is here: POST to /package.Service/Method\n".to_owned();
                (StatusCode::NOT_FOUND, None, text)
            }
            Self::Verb { safe } => {
                let verbs = if *safe { "GET, POST" } else { "POST" };
                let text = format!("this method can be called with {verbs}\n");
                (StatusCode::METHOD_NOT_ALLOWED, Some((ALLOW, verbs.to_owned())), text)
            }
            Self::MediaType { unary } => {
                let types = content_types(*unary);
                let text = format!("the content-type is to be one of {types}\n");
                let header = Some((HeaderName::from_static("accept-post"), types));
                (StatusCode::UNSUPPORTED_MEDIA_TYPE, header, text)
            }
            Self::Encoding => {
                let text = "the query needs encoding=json or encoding=proto\n".to_owned();
                (StatusCode::UNSUPPORTED_MEDIA_TYPE, None, text)
            }
            Self::Version => {
                let text = "gRPC needs HTTP/2; gRPC-Web and Connect work over HTTP/1.1 too\n".to_owned();
                (StatusCode::HTTP_VERSION_NOT_SUPPORTED, None, text)
            }
        };
        let mut response = Response::new(Body::new(text));
        *response.status_mut() = status;
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
        if let Some((name, value)) = header
            && let Ok(value) = HeaderValue::try_from(value)
        {
            response.headers_mut().insert(name, value);
        }
        response
    }
}
