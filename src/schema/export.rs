//! Descriptors for other tools: what a schema's files are, with all that they import, and as they came.

use std::borrow::Cow;
use std::collections::HashSet;

use bytes::Bytes;
use prost::Message as _;
use prost_reflect::prost::encoding::{encode_varint, key_len};
use prost_reflect::{DescriptorPool, FileDescriptor};

use super::file_set::FileSet;
use super::{Schema, bare, builtin, edition};

/// The key of `FileDescriptorSet.file`: field 1, length-delimited.
const FILE: u8 = 0x0a;

/// A file's descriptor as its author's compiler wrote it.
pub fn encoded(file: &FileDescriptor) -> Vec<u8> {
    let lowered = bare::whole(file.encode_to_vec());
    match edition::raise(&lowered) {
        Cow::Borrowed(_) => lowered,
        Cow::Owned(bytes) => bytes,
    }
}

impl Schema {
    /// Every file that is known now and not built in, in the order in which they came.
    pub fn own_files(&self) -> Vec<FileDescriptor> {
        let mut seen = HashSet::new();
        let named = self.sources().flat_map(|(files, pool)| files.named().map(move |(name, _)| (name, pool)));
        named
            .filter(|(name, _)| seen.insert(*name))
            .filter_map(|(name, pool)| pool.get_file_by_name(name))
            .collect()
    }

    /// A `google.protobuf.FileDescriptorSet` of these files, each as it came.
    pub fn descriptor_set(&self, files: &[FileDescriptor]) -> Vec<u8> {
        set_of(files.iter().map(|file| self.bytes(file)))
    }

    /// A file's descriptor as it came, or as it was repaired: an encoder would leave out what it does not know.
    fn bytes(&self, file: &FileDescriptor) -> Bytes {
        let is_own = |(_, pool): &(&FileSet, &DescriptorPool)| *pool == file.parent_pool();
        // What was fetched before more was, is in a pool of its own.
        let sources = self.sources().filter(is_own).chain(self.sources());
        let bytes = sources.map(|(files, _)| files).find_map(|files| files.bytes(file.name()));
        bytes.or_else(|| builtin::file(file.name())).unwrap_or_else(|| encoded(file).into())
    }

    /// The files that each pool was made of.
    fn sources(&self) -> impl Iterator<Item = (&FileSet, &DescriptorPool)> {
        let remote = self.remote.as_ref().map(|remote| (remote.files(), remote.pool()));
        remote.into_iter().chain(self.local.as_ref().map(|local| (&local.files, &local.pool)))
    }
}

/// A `google.protobuf.FileDescriptorSet` of these files and all that they import, written anew from what a pool has of
/// them. For one that is as it came: [`Schema::descriptor_set`].
pub fn descriptor_set(files: impl IntoIterator<Item = FileDescriptor>) -> Vec<u8> {
    set_of(with_imports(files).iter().map(|file| encoded(file).into()))
}

fn set_of(files: impl Iterator<Item = Bytes>) -> Vec<u8> {
    let mut set = Vec::new();
    for bytes in files {
        set.reserve(key_len(1) + bytes.len());
        set.push(FILE);
        encode_varint(bytes.len() as u64, &mut set);
        set.extend_from_slice(&bytes);
    }
    set
}

/// These files and all that they import, each once and none before what it imports, as `protoc --include_imports`
/// orders them.
pub fn with_imports(files: impl IntoIterator<Item = FileDescriptor>) -> Vec<FileDescriptor> {
    let mut ordered = Vec::new();
    let mut seen = HashSet::new();
    // Imports may be nested as deep as there are files, so they are followed without recursion. A file is taken when
    // it is come upon again, behind what it imports.
    let mut open: Vec<(FileDescriptor, bool)> = files.into_iter().map(|file| (file, false)).collect();
    open.reverse();
    while let Some((file, imports_done)) = open.pop() {
        if imports_done {
            ordered.push(file);
        } else if seen.insert(file.name().to_owned()) {
            let by_name = |name: String| file.parent_pool().get_file_by_name(&name);
            let options = edition::option_imports(&file.options().encode_to_vec());
            let imports: Vec<FileDescriptor> =
                file.dependencies().chain(options.into_iter().filter_map(by_name)).collect();
            open.push((file, true));
            open.extend(imports.into_iter().rev().map(|import| (import, false)));
        }
    }
    ordered
}

/// Whether a file is one of protobuf's own, which every compiler brings along.
pub fn is_well_known(file: &FileDescriptor) -> bool {
    builtin::is_well_known(file.name())
}

#[cfg(test)]
mod tests {
    use prost_types::FileDescriptorProto;

    use super::*;
    use crate::schema::file_set::FileSet;
    use crate::schema::{Local, RawSet};

    /// A schema of files that import others, one with a field that nobody knows.
    fn schema() -> (Schema, Vec<Bytes>) {
        let file = |name: &str, imports: &[&str]| FileDescriptorProto {
            name: Some(name.to_owned()),
            dependency: imports.iter().map(|&import| import.to_owned()).collect(),
            ..FileDescriptorProto::default()
        };
        let mut a = file("a.proto", &["b.proto", "c.proto", "google/protobuf/any.proto"]).encode_to_vec();
        a.extend_from_slice(b"\xba\x3e\x01x");
        let all = [a, file("b.proto", &["c.proto"]).encode_to_vec(), file("c.proto", &[]).encode_to_vec()];
        let all: Vec<Bytes> = all.into_iter().map(Bytes::from).collect();
        let mut files = FileSet::default();
        for file in &all {
            files.add(file.clone()).unwrap();
        }
        let local = Some(Local::link(&files, true).unwrap());
        (Schema { local, ..Schema::nothing() }, all)
    }

    #[test]
    fn a_set_is_whole_ordered_and_as_it_came() {
        let (schema, all) = schema();
        let a = schema.own_files().into_iter().find(|file| file.name() == "a.proto").unwrap();
        let files = with_imports([a.clone(), a]);
        let names: Vec<&str> = files.iter().map(FileDescriptor::name).collect();
        assert_eq!(names, ["c.proto", "b.proto", "google/protobuf/any.proto", "a.proto"]);
        let set = RawSet::decode(schema.descriptor_set(&files).as_slice()).unwrap();
        assert_eq!(set.files[..2], [all[2].clone(), all[1].clone()]);
        assert_eq!(set.files[3], all[0]);
        assert!(DescriptorPool::decode(schema.descriptor_set(&files).as_slice()).is_ok());
    }

    #[test]
    fn everything_is_what_came_and_nothing_built_in() {
        let (schema, _) = schema();
        let names: Vec<String> = schema.own_files().iter().map(|file| file.name().to_owned()).collect();
        assert_eq!(names, ["a.proto", "b.proto", "c.proto"]);
    }
}
