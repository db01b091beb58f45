//! The descriptor files that are at hand without asking anyone: `google/protobuf/*` and `google/rpc/*`.

mod newer;

use std::collections::HashMap;
use std::sync::OnceLock;

use bytes::Bytes;
use prost::Message as _;
use prost_types::{DescriptorProto, FileDescriptorProto};

use super::raw_set::RawSet;

/// The compiler's own descriptor file, which custom options import.
pub(super) const DESCRIPTOR: &str = "google/protobuf/descriptor.proto";

const SET: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/builtin.bin"));

struct Builtin {
    bytes: Bytes,
    imports: Vec<String>,
}

fn files() -> &'static HashMap<String, Builtin> {
    static FILES: OnceLock<HashMap<String, Builtin>> = OnceLock::new();
    FILES.get_or_init(|| {
        let set = RawSet::decode(Bytes::from_static(SET)).unwrap_or_default();
        let head = |bytes: &Bytes| Head::decode(bytes.clone()).unwrap_or_default();
        set.files
            .into_iter()
            .map(|bytes| (head(&bytes), bytes))
            .map(|(Head { name, imports }, bytes)| (name, Builtin { bytes, imports }))
            .collect()
    })
}

/// As much of a `FileDescriptorProto` as is needed to find it.
#[derive(Clone, PartialEq, prost::Message)]
struct Head {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(string, repeated, tag = "3")]
    imports: Vec<String>,
}

/// The bytes of a built-in file.
pub(super) fn file(name: &str) -> Option<Bytes> {
    if name == DESCRIPTOR {
        return Some(descriptor());
    }
    is_builtin_name(name).then(|| files().get(name).map(|file| file.bytes.clone())).flatten()
}

/// What a built-in file imports.
pub(super) fn imports(name: &str) -> Vec<&'static str> {
    files().get(name).map(|file| file.imports.iter().map(String::as_str).collect()).unwrap_or_default()
}

/// The compiler's own descriptor file.
pub(super) fn descriptor() -> Bytes {
    static FILE: OnceLock<Bytes> = OnceLock::new();
    let own = || files().get(DESCRIPTOR).map(|file| file.bytes.clone()).unwrap_or_default();
    FILE.get_or_init(|| newer::completed(own())).clone()
}

/// The names of all built-in files.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    files().keys().map(String::as_str)
}

/// Whether a file is one of protobuf's own, which are the same everywhere.
pub(super) fn is_well_known(name: &str) -> bool {
    name.starts_with("google/protobuf/") && file(name).is_some()
}

/// Tells without opening the set, which most schemas have no need of.
fn is_builtin_name(name: &str) -> bool {
    name.starts_with("google/protobuf/") || name.starts_with("google/rpc/")
}

/// A `descriptor.proto` whose option messages have no fields. A pool wants to know their types as soon as any
/// option is set anywhere, and building the real ones takes longer than the rest of a call.
pub(super) fn option_types() -> Bytes {
    const OPTIONS: [&str; 9] =
        ["File", "Message", "ExtensionRange", "Field", "Oneof", "Enum", "EnumValue", "Service", "Method"];
    let message =
        |name: &&str| DescriptorProto { name: Some(format!("{name}Options")), ..DescriptorProto::default() };
    let file = FileDescriptorProto {
        name: Some(DESCRIPTOR.to_owned()),
        package: Some("google.protobuf".to_owned()),
        message_type: OPTIONS.iter().map(message).collect(),
        ..FileDescriptorProto::default()
    };
    file.encode_to_vec().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_promised_is_built_in() {
        for name in
            ["any", "duration", "empty", "field_mask", "struct", "timestamp", "wrappers", "descriptor"]
        {
            assert!(is_well_known(&format!("google/protobuf/{name}.proto")), "{name}");
        }
        for name in ["status", "error_details", "code"] {
            assert!(file(&format!("google/rpc/{name}.proto")).is_some(), "{name}");
        }
        assert_eq!(file("google/rpc/nothing.proto"), None);
        let mut pool = prost_reflect::DescriptorPool::new();
        pool.decode_file_descriptor_proto(descriptor()).unwrap();
        let features = pool.get_message_by_name("google.protobuf.FeatureSet").unwrap();
        assert!(features.extension_ranges().any(|range| range.contains(&1002)), "pb.go");
        assert!(features.get_field_by_name("default_symbol_visibility").is_some());
        assert_eq!(imports("google/rpc/status.proto"), ["google/protobuf/any.proto"]);
    }
}
