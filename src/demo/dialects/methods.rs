//! What the services' methods look like: whether they stream, and what their messages are in JSON.

use std::sync::OnceLock;

use bytes::Bytes;
use prost_reflect::{DescriptorPool, MessageDescriptor, MethodDescriptor};
use prost_types::method_options::IdempotencyLevel;
use tonic::Status;

use crate::message::json::{Printer, Reader, Types};

/// The methods of some services.
#[derive(Default)]
pub struct Methods {
    sets: Vec<Bytes>,
    /// gRPC in protobuf's bytes has no need of it, and some servers are never asked for anything else.
    pool: OnceLock<DescriptorPool>,
    reader: Reader,
    printer: Printer,
}

impl Methods {
    /// The methods of the services in these encoded descriptor sets.
    pub fn new(sets: Vec<Bytes>) -> Self {
        Self { sets, ..Self::default() }
    }

    /// The method with the path `/package.Service/Method`.
    pub(super) fn find(&self, path: &str) -> Option<MethodDescriptor> {
        let (service, method) = path.strip_prefix('/')?.split_once('/')?;
        self.pool().get_service_by_name(service)?.methods().find(|known| known.name() == method)
    }

    /// A message in protobuf's bytes, out of JSON.
    pub(super) fn from_json(&self, message: &MessageDescriptor, json: &[u8]) -> Result<Bytes, Status> {
        let read = self.reader.read(message, json, false);
        read.map(Bytes::from).map_err(|error| {
            let field = error.path.as_deref().map(|path| format!("{path}: ")).unwrap_or_default();
            Status::invalid_argument(format!("{}: {field}{}", error.position, error.problem))
        })
    }

    /// A message as JSON. What JSON can't show has something in its place that says so.
    pub(super) fn to_json(&self, message: &MessageDescriptor, bytes: &[u8]) -> Bytes {
        let mut json = Vec::new();
        self.printer.print(message, bytes, self, &mut json);
        json.into()
    }

    fn pool(&self) -> &DescriptorPool {
        self.pool.get_or_init(|| {
            let mut pool = DescriptorPool::new();
            for set in &self.sets {
                // A set that can't be read has no methods: its services answer in gRPC alone.
                let _ = pool.decode_file_descriptor_set(set.clone());
            }
            pool
        })
    }
}

impl Types for Methods {
    fn message(&self, full_name: &str) -> Option<MessageDescriptor> {
        self.pool().get_message_by_name(full_name)
    }
}

/// Whether there is one message each way.
pub(super) fn is_unary(method: &MethodDescriptor) -> bool {
    !method.is_client_streaming() && !method.is_server_streaming()
}

/// Whether it may be called with GET.
pub(super) fn is_safe(method: &MethodDescriptor) -> bool {
    let level = method.method_descriptor_proto().options.as_ref().map(|options| options.idempotency_level());
    is_unary(method) && level == Some(IdempotencyLevel::NoSideEffects)
}
