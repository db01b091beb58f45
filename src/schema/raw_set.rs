//! A descriptor set whose files are bytes: decoding them into structs would lose their custom options.

use bytes::Bytes;

/// A `google.protobuf.FileDescriptorSet` whose files are left as bytes.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct RawSet {
    #[prost(bytes = "bytes", repeated, tag = "1")]
    pub(crate) files: Vec<Bytes>,
}
