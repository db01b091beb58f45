//! What the services' methods look like: whether they stream, and what their messages are in JSON.

use std::collections::HashSet;
use std::sync::OnceLock;

use bytes::Bytes;
use prost::Message as _;
use prost_reflect::{DescriptorPool, MessageDescriptor, MethodDescriptor};
use prost_types::MethodOptions;
use prost_types::method_options::IdempotencyLevel;
use tonic::Status;

use crate::message::json::{Printer, Reader, Types};

/// The methods of some services.
#[derive(Default)]
pub struct Methods {
    sets: Vec<Bytes>,
    /// gRPC in protobuf's bytes has no need of it, and some servers are never asked for anything else.
    pool: OnceLock<DescriptorPool>,
    /// The paths of those that take one message, which cost little to find.
    lone: OnceLock<HashSet<String>>,
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

    /// Whether it is the path of a method that takes one message, and not a stream of them.
    pub(super) fn is_lone(&self, path: &str) -> bool {
        self.lone.get_or_init(|| self.sets.iter().flat_map(lone).collect()).contains(path)
    }

    /// A message in protobuf's bytes, out of JSON.
    pub(super) fn read_json(&self, message: &MessageDescriptor, json: &[u8]) -> Result<Bytes, Status> {
        let read = self.reader.read(message, json, false);
        read.map(Bytes::from).map_err(|error| {
            let field = error.path.as_deref().map(|path| format!("{path}: ")).unwrap_or_default();
            Status::invalid_argument(format!("{}: {field}{}", error.position, error.problem))
        })
    }

    /// A message as JSON. What JSON can't show has something in its place that says so.
    pub(super) fn write_json(&self, message: &MessageDescriptor, bytes: &[u8]) -> Bytes {
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

/// The paths of the methods in a set that take one message.
fn lone(set: &Bytes) -> Vec<String> {
    let mut paths = Vec::new();
    for file in Set::decode(set.clone()).unwrap_or_default().files {
        let package = if file.package.is_empty() { String::new() } else { format!("{}.", file.package) };
        for service in file.services {
            let methods = service.methods.into_iter().filter(|method| !method.client_streaming);
            paths.extend(methods.map(|method| format!("/{package}{}/{}", service.name, method.name)));
        }
    }
    paths
}

/// As much of a `FileDescriptorSet` as that needs.
#[derive(Clone, PartialEq, prost::Message)]
struct Set {
    #[prost(message, repeated, tag = "1")]
    files: Vec<File>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct File {
    #[prost(string, tag = "2")]
    package: String,
    #[prost(message, repeated, tag = "6")]
    services: Vec<Service>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Service {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(message, repeated, tag = "2")]
    methods: Vec<Method>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Method {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(bool, tag = "5")]
    client_streaming: bool,
}

/// Whether there is one message each way.
pub(super) fn is_unary(method: &MethodDescriptor) -> bool {
    !method.is_client_streaming() && !method.is_server_streaming()
}

/// Whether it may be called with GET.
pub(super) fn is_safe(method: &MethodDescriptor) -> bool {
    let level = method.method_descriptor_proto().options.as_ref().map(MethodOptions::idempotency_level);
    is_unary(method) && level == Some(IdempotencyLevel::NoSideEffects)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::proto::DESCRIPTORS;

    #[test]
    fn methods_are_found_by_their_paths() {
        let methods = Methods::new(vec![Bytes::from_static(DESCRIPTORS)]);
        assert!(
            methods.is_lone("/demo.v1.Demo/CountDown") && methods.is_lone("/hello.HelloService/SayHello")
        );
        assert!(!methods.is_lone("/demo.v1.Demo/Sum") && !methods.is_lone("/demo.v1.Demo/Nap"));
        assert!(is_safe(&methods.find("/demo.v1.Demo/Echo").unwrap()));
        assert!(!is_safe(&methods.find("/demo.v1.Demo/Sleep").unwrap()));
        for path in ["", "/", "/demo.v1.Demo", "/demo.v1.Demo/", "demo.v1.Demo/Echo", "//"] {
            assert!(methods.find(path).is_none(), "{path:?}");
        }
    }
}
