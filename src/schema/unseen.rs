//! Methods of which nothing is known but where they are called: what they take and answer is bytes.

use prost_reflect::{DescriptorPool, MessageDescriptor, MethodDescriptor};
use prost_types::{
    DescriptorProto, FileDescriptorProto, FileDescriptorSet, MethodDescriptorProto, ServiceDescriptorProto,
};

/// The name of a message of which nothing is known. No schema has it: it is no identifier.
const NAME: &str = "(unknown)";

/// The method called at `pkg.Service/Method`. It takes one message and may answer with any number; none where that is
/// no method's full name.
pub fn method(path: &str) -> Option<MethodDescriptor> {
    let (service, method) = path.trim_start_matches('/').split_once('/')?;
    let is_name = |name: &str| !name.is_empty() && !name.contains(|c: char| c == '/' || c.is_whitespace());
    if !(is_name(service) && is_name(method)) {
        return None;
    }
    let (package, service) = service.rsplit_once('.').unwrap_or(("", service));
    let message = format!(".{}{}{NAME}", package, if package.is_empty() { "" } else { "." });
    let file = FileDescriptorProto {
        name: Some(NAME.to_owned()),
        package: Some(package.to_owned()).filter(|package| !package.is_empty()),
        syntax: Some("proto3".to_owned()),
        message_type: vec![DescriptorProto { name: Some(NAME.to_owned()), ..DescriptorProto::default() }],
        service: vec![ServiceDescriptorProto {
            name: Some(service.to_owned()),
            method: vec![MethodDescriptorProto {
                name: Some(method.to_owned()),
                input_type: Some(message.clone()),
                output_type: Some(message),
                server_streaming: Some(true),
                ..MethodDescriptorProto::default()
            }],
            ..ServiceDescriptorProto::default()
        }],
        ..FileDescriptorProto::default()
    };
    let pool = DescriptorPool::from_file_descriptor_set(FileDescriptorSet { file: vec![file] }).ok()?;
    pool.services().next()?.methods().next()
}

/// Whether nothing is known of a message.
pub fn is_unseen(message: &MessageDescriptor) -> bool {
    message.name() == NAME
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::name::method_path;

    #[test]
    fn a_full_name_is_all_that_a_call_needs() {
        for path in ["pkg.v1.Service/Method", "Service/Method"] {
            let found = method(path).unwrap();
            assert_eq!(method_path(&found), path);
            assert!(is_unseen(&found.input()) && !found.is_client_streaming() && found.is_server_streaming());
        }
        for path in ["Method", "", "a b.C/d/", "/Method"] {
            assert!(method(path).is_none(), "{path}");
        }
    }
}
