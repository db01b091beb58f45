//! What the suite's runner and its client say to each other, as far as it matters here
//! (`connectrpc/conformance/v1/client_compat.proto`).

/// `StreamType`.
pub(crate) mod shape {
    pub(crate) const FULL_DUPLEX: i32 = 5;
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Case {
    #[prost(string, tag = "1")]
    pub(crate) test_name: String,
    #[prost(int32, tag = "2")]
    pub(crate) http_version: i32,
    #[prost(int32, tag = "3")]
    pub(crate) protocol: i32,
    #[prost(int32, tag = "4")]
    pub(crate) codec: i32,
    #[prost(int32, tag = "5")]
    pub(crate) compression: i32,
    #[prost(string, tag = "6")]
    pub(crate) host: String,
    #[prost(uint32, tag = "7")]
    pub(crate) port: u32,
    #[prost(bytes = "vec", tag = "8")]
    pub(crate) server_tls_cert: Vec<u8>,
    #[prost(message, optional, tag = "9")]
    pub(crate) client_tls_creds: Option<Credentials>,
    #[prost(uint32, tag = "10")]
    pub(crate) message_receive_limit: u32,
    #[prost(string, optional, tag = "11")]
    pub(crate) service: Option<String>,
    #[prost(string, optional, tag = "12")]
    pub(crate) method: Option<String>,
    #[prost(int32, tag = "13")]
    pub(crate) stream_type: i32,
    #[prost(bool, tag = "14")]
    pub(crate) use_get_http_method: bool,
    #[prost(message, repeated, tag = "15")]
    pub(crate) request_headers: Vec<Header>,
    #[prost(message, repeated, tag = "16")]
    pub(crate) request_messages: Vec<prost_types::Any>,
    #[prost(uint32, optional, tag = "17")]
    pub(crate) timeout_ms: Option<u32>,
    #[prost(uint32, tag = "18")]
    pub(crate) request_delay_ms: u32,
    #[prost(message, optional, tag = "19")]
    pub(crate) cancel: Option<Cancel>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Credentials {
    #[prost(bytes = "vec", tag = "1")]
    pub(crate) cert: Vec<u8>,
    #[prost(bytes = "vec", tag = "2")]
    pub(crate) key: Vec<u8>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Header {
    #[prost(string, tag = "1")]
    pub(crate) name: String,
    #[prost(string, repeated, tag = "2")]
    pub(crate) value: Vec<String>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Cancel {
    #[prost(oneof = "Timing", tags = "1, 2, 3")]
    pub(crate) timing: Option<Timing>,
}

#[derive(Clone, PartialEq, prost::Oneof)]
pub(crate) enum Timing {
    #[prost(message, tag = "1")]
    BeforeCloseSend(()),
    #[prost(uint32, tag = "2")]
    AfterCloseSendMs(u32),
    #[prost(uint32, tag = "3")]
    AfterNumResponses(u32),
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Answer {
    #[prost(string, tag = "1")]
    pub(crate) test_name: String,
    #[prost(oneof = "Outcome", tags = "2, 3")]
    pub(crate) outcome: Option<Outcome>,
}

#[derive(Clone, PartialEq, prost::Oneof)]
pub(crate) enum Outcome {
    #[prost(message, tag = "2")]
    Response(Result),
    #[prost(message, tag = "3")]
    Error(Failed),
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Result {
    #[prost(message, repeated, tag = "1")]
    pub(crate) response_headers: Vec<Header>,
    /// `ConformancePayload`, as they came.
    #[prost(bytes = "vec", repeated, tag = "2")]
    pub(crate) payloads: Vec<Vec<u8>>,
    #[prost(message, optional, tag = "3")]
    pub(crate) error: Option<CallFailed>,
    #[prost(message, repeated, tag = "4")]
    pub(crate) response_trailers: Vec<Header>,
    #[prost(int32, tag = "5")]
    pub(crate) num_unsent_requests: i32,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct CallFailed {
    #[prost(int32, tag = "1")]
    pub(crate) code: i32,
    #[prost(string, optional, tag = "2")]
    pub(crate) message: Option<String>,
    #[prost(message, repeated, tag = "3")]
    pub(crate) details: Vec<prost_types::Any>,
}

impl CallFailed {
    pub(crate) fn cancelled() -> Self {
        Self { code: 1, message: None, details: Vec::new() }
    }
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Failed {
    #[prost(string, tag = "1")]
    pub(crate) message: String,
}

/// Every answer of the suite's service has its payload first.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Reply {
    #[prost(bytes = "vec", optional, tag = "1")]
    pub(crate) payload: Option<Vec<u8>>,
}
