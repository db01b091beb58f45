//! The types of the demo server, and the well-known ones.

use std::path::Path;
use std::sync::LazyLock;

use prost_reflect::MessageDescriptor;
use rpcctl::schema::{Schema, SchemaPlan};

use crate::messages::Ways;

pub static DEMO: LazyLock<Demo> = LazyLock::new(Demo::new);

pub struct Demo {
    types: Vec<MessageDescriptor>,
    pub ways: Ways,
}

/// A message type's name, but for its package.
const TYPES: [&str; 20] = [
    "demo.v1.Everything",
    "google.protobuf.Any",
    "google.protobuf.Timestamp",
    "google.protobuf.Duration",
    "google.protobuf.FieldMask",
    "google.protobuf.Struct",
    "google.protobuf.Value",
    "google.protobuf.ListValue",
    "google.protobuf.Empty",
    "google.protobuf.DoubleValue",
    "google.protobuf.FloatValue",
    "google.protobuf.Int64Value",
    "google.protobuf.UInt64Value",
    "google.protobuf.Int32Value",
    "google.protobuf.UInt32Value",
    "google.protobuf.BoolValue",
    "google.protobuf.StringValue",
    "google.protobuf.BytesValue",
    "google.rpc.Status",
    "google.rpc.BadRequest",
];

impl Demo {
    fn new() -> Self {
        let plan = SchemaPlan {
            protos: ["demo/v1/everything.proto", "google/rpc/error_details.proto", "google/rpc/status.proto"]
                .map(Into::into)
                .into(),
            import_paths: vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("../proto")],
            ..SchemaPlan::default()
        };
        let schema = Schema::of_files(&plan).expect("the demo server's own files");
        let types = TYPES.map(|name| schema.known_message(name).expect(name));
        Self { types: types.into(), ways: Ways::new(false) }
    }

    /// The type that a letter stands for, in either case: `a` is the first one.
    pub fn message_type(&self, letter: u8) -> &MessageDescriptor {
        &self.types[usize::from(letter.to_ascii_lowercase().wrapping_sub(b'a')) % self.types.len()]
    }
}
