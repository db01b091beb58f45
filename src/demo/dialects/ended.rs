//! How a call ended, read off gRPC's trailers.

use http::HeaderMap;
use percent_encoding::percent_decode;
use prost::Message as _;
use prost_types::Any;
use tonic::Code;

use crate::chars::unbase64;
use crate::demo::proto::google::rpc;

/// How a call ended.
#[derive(Debug, Default)]
pub(super) struct Ended {
    pub(super) code: i32,
    pub(super) message: String,
    pub(super) details: Vec<Any>,
    /// What the handler itself had to say.
    pub(super) trailers: HeaderMap,
}

impl Ended {
    /// Reads trailers; a call without a status was cut off.
    pub(super) fn read(trailers: &HeaderMap) -> Self {
        let told = |name| trailers.get(name).map(http::HeaderValue::as_bytes);
        let code = told("grpc-status").map_or(Code::Internal, Code::from_bytes);
        let message = percent_decode(told("grpc-message").unwrap_or_default()).decode_utf8_lossy();
        let status = told("grpc-status-details-bin").and_then(|details| unbase64(details).ok());
        let status = status.and_then(|status| rpc::Status::decode(status.as_slice()).ok());
        Self {
            code: code.into(),
            message: message.into_owned(),
            details: status.map(|status| status.details).unwrap_or_default(),
            trailers: without_status(trailers),
        }
    }
}

/// The handler's own metadata.
pub(super) fn without_status(headers: &HeaderMap) -> HeaderMap {
    let mut own = HeaderMap::with_capacity(headers.len());
    for (name, value) in headers {
        if !matches!(name.as_str(), "content-type" | "content-length") && !name.as_str().starts_with("grpc-")
        {
            own.append(name.clone(), value.clone());
        }
    }
    own
}
