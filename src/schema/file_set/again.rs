//! Files of a name that another file has already. A descriptor set and a `.proto` file, or two services of one server,
//! may well have a file of the same name each, and neither must vanish.

use std::collections::{HashMap, HashSet};

use bytes::Bytes;
use prost::Message as _;
use prost_reflect::prost::encoding::encode_varint;

use super::super::name::json_name;
use super::super::raw::{Field, File, Message};
use super::FileSet;

/// What came under names that were taken.
#[derive(Clone, Default)]
pub(super) struct Again {
    by_name: HashMap<String, Copies>,
    /// What files were called, by the names that they have now.
    former: HashMap<String, String>,
}

/// What came under one name.
#[derive(Clone, Default)]
struct Copies {
    contents: HashSet<Bytes>,
    /// The number that the last of them got.
    number: usize,
}

impl Again {
    pub(super) fn former_name(&self, name: &str) -> Option<&str> {
        self.former.get(name).map(String::as_str)
    }
}

impl FileSet {
    /// A name for a file whose own is taken, and the file with that name; nothing if it is one that is there.
    pub(super) fn again(&mut self, name: &str, bytes: &Bytes) -> Option<(String, Bytes)> {
        let first = self.bytes(name)?;
        if first == *bytes {
            return None;
        }
        let copies = self
            .again
            .by_name
            .entry(name.to_owned())
            .or_insert_with(|| Copies { contents: HashSet::from([first.clone()]), number: 1 });
        if !copies.contents.insert(bytes.clone()) || is_the_same(&first, bytes) {
            return None;
        }
        let other = loop {
            copies.number += 1;
            let other = numbered(name, copies.number);
            if !self.files.contains_key(&other) {
                break other;
            }
        };
        self.again.former.insert(other.clone(), name.to_owned());
        // Of a field that is there twice the last one counts.
        let mut renamed = Vec::with_capacity(bytes.len() + other.len() + 4);
        renamed.extend_from_slice(bytes);
        renamed.push(0x0a);
        encode_varint(other.len() as u64, &mut renamed);
        renamed.extend_from_slice(other.as_bytes());
        Some((other, renamed.into()))
    }
}

/// `a (2).proto` for `a.proto`: nobody imports that.
fn numbered(name: &str, number: usize) -> String {
    match name.rsplit_once('.') {
        Some((stem, extension)) if !extension.contains('/') => format!("{stem} ({number}).{extension}"),
        _ => format!("{name} ({number})"),
    }
}

/// Whether two files differ at most in comments, and in what one compiler writes down and another leaves to be known.
fn is_the_same(one: &Bytes, other: &Bytes) -> bool {
    let bare = |bytes: &Bytes| File::decode(bytes.clone()).ok().map(bare);
    bare(one).is_some_and(|one| bare(other) == Some(one))
}

fn bare(mut file: File) -> File {
    file.source_code_info.clear();
    if file.syntax() == "proto2" {
        file.syntax = None;
    }
    file.message_type.iter_mut().for_each(bare_message);
    file.extension.iter_mut().for_each(bare_field);
    file
}

/// Descends into nested messages; their depth is bounded by the decoder, which stops at 100.
fn bare_message(message: &mut Message) {
    message.field.iter_mut().chain(&mut message.extension).for_each(bare_field);
    message.nested_type.iter_mut().for_each(bare_message);
}

fn bare_field(field: &mut Field) {
    if field.json_name.as_ref().is_some_and(|name| *name == json_name(field.name())) {
        field.json_name = None;
    }
}

#[cfg(test)]
mod tests {
    use prost_types::source_code_info::Location;
    use prost_types::{DescriptorProto, FieldDescriptorProto, FileDescriptorProto, SourceCodeInfo};

    use super::*;

    fn file(message: &str) -> FileDescriptorProto {
        let field = FieldDescriptorProto {
            name: Some("a_b".to_owned()),
            number: Some(1),
            r#type: Some(5),
            ..FieldDescriptorProto::default()
        };
        FileDescriptorProto {
            name: Some("a.proto".to_owned()),
            message_type: vec![DescriptorProto {
                name: Some(message.to_owned()),
                field: vec![field],
                ..DescriptorProto::default()
            }],
            ..FileDescriptorProto::default()
        }
    }

    fn names(files: &[FileDescriptorProto]) -> Vec<String> {
        let mut set = FileSet::default();
        for file in files {
            set.add(file.encode_to_vec().into()).unwrap();
        }
        set.named().map(|(name, _)| name.to_owned()).collect()
    }

    #[test]
    fn what_says_something_else_gets_a_name_of_its_own() {
        let (m, n, o) = (file("M"), file("N"), file("O"));
        assert_eq!(
            names(&[m.clone(), n.clone(), m, n.clone(), o, n]),
            ["a.proto", "a (2).proto", "a (3).proto"]
        );
        let squatter = FileDescriptorProto { name: Some("a (2).proto".to_owned()), ..file("S") };
        assert_eq!(names(&[squatter, file("M"), file("N")]), ["a (2).proto", "a.proto", "a (3).proto"]);
    }

    #[test]
    fn what_differs_in_nothing_that_counts_is_the_same() {
        let mut told = file("M");
        told.syntax = Some("proto2".to_owned());
        told.message_type[0].field[0].json_name = Some("aB".to_owned());
        told.source_code_info = Some(SourceCodeInfo { location: vec![Location::default()] });
        assert_eq!(names(&[file("M"), told.clone()]), ["a.proto"]);
        told.message_type[0].field[0].json_name = Some("b".to_owned());
        assert_eq!(names(&[file("M"), told]), ["a.proto", "a (2).proto"]);
    }

    #[test]
    fn numbers_stand_before_what_ends_a_name() {
        assert_eq!(numbered("a.b/c.proto", 2), "a.b/c (2).proto");
        assert_eq!(numbered("a.b/c", 2), "a.b/c (2)");
        assert_eq!(numbered("", 3), " (3)");
    }
}
