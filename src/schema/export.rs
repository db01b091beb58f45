//! Descriptors as a file that other tools read.

use std::borrow::Cow;
use std::collections::HashSet;

use prost::Message as _;
use prost_reflect::FileDescriptor;
use prost_reflect::prost::encoding::{encode_varint, key_len};

use super::edition;

/// The key of `FileDescriptorSet.file`: field 1, length-delimited.
const FILE: u8 = 0x0a;

/// A file's descriptor as its author's compiler wrote it.
pub fn encoded(file: &FileDescriptor) -> Vec<u8> {
    let lowered = file.encode_to_vec();
    match edition::raise(&lowered) {
        Cow::Borrowed(_) => lowered,
        Cow::Owned(bytes) => bytes,
    }
}

/// A `google.protobuf.FileDescriptorSet` of these files and all that they import, each once and none before what it
/// imports, as `protoc --include_imports -o` orders them.
pub fn descriptor_set(files: impl IntoIterator<Item = FileDescriptor>) -> Vec<u8> {
    let mut set = Vec::new();
    let mut seen = HashSet::new();
    // Imports may be nested as deep as there are files, so they are followed without recursion. A file is written
    // when it is come upon again, behind what it imports.
    let mut open: Vec<(FileDescriptor, bool)> = files.into_iter().map(|file| (file, false)).collect();
    open.reverse();
    while let Some((file, imports_done)) = open.pop() {
        if imports_done {
            let bytes = encoded(&file);
            set.reserve(key_len(1) + bytes.len());
            set.push(FILE);
            encode_varint(bytes.len() as u64, &mut set);
            set.extend_from_slice(&bytes);
        } else if seen.insert(file.name().to_owned()) {
            let by_name = |name: String| file.parent_pool().get_file_by_name(&name);
            let options = edition::option_imports(&file.options().encode_to_vec());
            let imports: Vec<FileDescriptor> =
                file.dependencies().chain(options.into_iter().filter_map(by_name)).collect();
            open.push((file, true));
            open.extend(imports.into_iter().rev().map(|import| (import, false)));
        }
    }
    set
}

#[cfg(test)]
mod tests {
    use prost_reflect::DescriptorPool;

    use super::*;
    use crate::schema::testing;

    #[test]
    fn a_set_is_whole_and_read_again() {
        let sources = [
            (
                "a.proto",
                "syntax = \"proto3\"; import \"b.proto\"; import \"c.proto\"; message A { B b = 1; C c = 2; }",
            ),
            ("b.proto", "syntax = \"proto3\"; import \"c.proto\"; message B { C c = 1; }"),
            ("c.proto", "syntax = \"proto3\"; message C {}"),
        ];
        let pool = testing::pool(&sources);
        let a = pool.get_file_by_name("a.proto").unwrap();
        let read = DescriptorPool::decode(descriptor_set([a.clone(), a]).as_slice()).unwrap();
        let names: Vec<String> = read.files().map(|file| file.name().to_owned()).collect();
        assert_eq!(names, ["c.proto", "b.proto", "a.proto"]);
        assert!(read.get_message_by_name("A").is_some());
    }
}
