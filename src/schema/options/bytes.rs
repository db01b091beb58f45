//! Finds elements and their options in the bytes of a file descriptor.
//!
//! Options are read from the bytes because the typed descriptors drop every extension, and because decoding
//! them here can fail politely where a server's own `descriptor.proto` disagrees with the standard one.

use std::collections::HashMap;
use std::ops::Range;

use crate::schema::walk::delimited_within;

/// What kind of descriptor a run of bytes holds; it decides which fields lead further down.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Level {
    File,
    Message,
    Field,
    Oneof,
    ExtensionRange,
    Enum,
    EnumValue,
    Service,
    Method,
}

impl Level {
    /// The level below field `tag`, by the numbers in `descriptor.proto`.
    fn child(self, tag: u32) -> Option<Self> {
        match (self, tag) {
            (Self::File, 4) | (Self::Message, 3) => Some(Self::Message),
            (Self::File, 5) | (Self::Message, 4) => Some(Self::Enum),
            (Self::File, 6) => Some(Self::Service),
            (Self::File, 7) | (Self::Message, 2 | 6) => Some(Self::Field),
            (Self::Message, 5) => Some(Self::ExtensionRange),
            (Self::Message, 8) => Some(Self::Oneof),
            (Self::Enum, 2) => Some(Self::EnumValue),
            (Self::Service, 2) => Some(Self::Method),
            _ => None,
        }
    }

    /// The field that holds this descriptor's options.
    fn options(self) -> u32 {
        match self {
            Self::File | Self::Field => 8,
            Self::Message => 7,
            Self::Method => 4,
            Self::ExtensionRange | Self::Enum | Self::EnumValue | Self::Service => 3,
            Self::Oneof => 2,
        }
    }
}

/// How many there are of them.
pub(super) const KINDS: usize = Level::Method as usize + 1;

impl Level {
    /// The message that this descriptor's options are, in `google.protobuf`.
    pub(super) fn options_kind(self) -> &'static str {
        match self {
            Self::File => "FileOptions",
            Self::Message => "MessageOptions",
            Self::Field => "FieldOptions",
            Self::Oneof => "OneofOptions",
            Self::ExtensionRange => "ExtensionRangeOptions",
            Self::Enum => "EnumOptions",
            Self::EnumValue => "EnumValueOptions",
            Self::Service => "ServiceOptions",
            Self::Method => "MethodOptions",
        }
    }
}

/// What the element at `path` is.
pub(super) fn level(path: &[i32]) -> Option<Level> {
    let mut tags = path.iter().step_by(2).map(|tag| u32::try_from(*tag).ok());
    tags.try_fold(Level::File, |level, tag| level.child(tag?))
}

/// Whether the element at `path` is a field or an extension.
pub(super) fn is_field(path: &[i32]) -> bool {
    level(path) == Some(Level::Field)
}

/// The encoded options of every element of a file that has some, by the element's path.
#[derive(Default)]
pub(super) struct OptionBytes {
    file: Vec<u8>,
    ranges: HashMap<Vec<i32>, Range<usize>>,
}

impl OptionBytes {
    /// Reads `file`, an encoded `FileDescriptorProto`, once.
    pub(super) fn new(file: Vec<u8>) -> Self {
        let mut ranges = HashMap::new();
        collect(&file, 0..file.len(), Level::File, &mut Vec::new(), &mut ranges);
        Self { file, ranges }
    }

    /// The paths of the elements that have some.
    pub(super) fn paths(&self) -> impl Iterator<Item = &[i32]> {
        self.ranges.keys().map(Vec::as_slice)
    }

    /// The options of the element at `path`.
    pub(super) fn get(&self, path: &[i32]) -> Option<&[u8]> {
        self.file.get(self.ranges.get(path)?.clone())
    }
}

fn collect(
    file: &[u8],
    within: Range<usize>,
    level: Level,
    path: &mut Vec<i32>,
    found: &mut HashMap<Vec<i32>, Range<usize>>,
) {
    // Deeper than any compiler accepts; the bytes came through a decoder with the same limit.
    if path.len() > 200 {
        return;
    }
    let mut counts: HashMap<u32, i32> = HashMap::new();
    for (tag, range) in delimited_within(file, within) {
        if tag == level.options() {
            found.insert(path.clone(), range);
        } else if let (Some(child), Ok(tag_number)) = (level.child(tag), i32::try_from(tag)) {
            let count = counts.entry(tag).or_default();
            path.extend([tag_number, *count]);
            collect(file, range, child, path, found);
            path.truncate(path.len() - 2);
            *count += 1;
        }
    }
}

/// The bytes of the element at `path`, a list of (field number, index) pairs, in an encoded file.
pub(in crate::schema) fn element<'a>(file: &'a [u8], path: &[i32]) -> Option<&'a [u8]> {
    let mut within = 0..file.len();
    for step in path.chunks(2) {
        let &[tag, index] = step else { return None };
        let (tag, index) = (u32::try_from(tag).ok()?, usize::try_from(index).ok()?);
        within = delimited_within(file, within).filter(|(found, _)| *found == tag).nth(index)?.1;
    }
    file.get(within)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::testing::pool;

    const SOURCE: &str = "syntax = 'proto3';
        option java_package = 'j';
        message A { message B { int32 x = 1 [deprecated = true]; } oneof o { int32 y = 2; } }
        enum E { Z = 0; Y = 1 [deprecated = true]; }
        service S { rpc M(A) returns (A) { option deprecated = true; } }";

    #[test]
    fn options_are_found_by_path() {
        let file = pool(&[("a.proto", SOURCE)]).get_file_by_name("a.proto").unwrap();
        let options = OptionBytes::new(file.encode_to_vec());
        assert_eq!(options.get(&[]), Some(&b"\x0a\x01j"[..]));
        assert_eq!(options.get(&[4, 0, 3, 0, 2, 0]), Some(&b"\x18\x01"[..]));
        assert_eq!(options.get(&[5, 0, 2, 1]), Some(&b"\x08\x01"[..]));
        assert!(options.get(&[6, 0, 2, 0]).is_some());
        assert_eq!(options.get(&[4, 0]), None);
    }

    #[test]
    fn elements_are_found_by_path() {
        let file = pool(&[("a.proto", SOURCE)]).get_file_by_name("a.proto").unwrap().encode_to_vec();
        assert!(element(&file, &[4, 0, 3, 0]).unwrap().starts_with(b"\x0a\x01B"));
        assert_eq!(element(&file, &[4, 7]), None);
        assert_eq!(element(&file, &[4]), None);
    }

    #[test]
    fn broken_bytes_end_the_search() {
        assert_eq!(element(b"\x22\xff\xff\xff\xff\x0f", &[4, 0]), None);
        assert!(OptionBytes::new(vec![0x22, 0x80]).ranges.is_empty());
    }
}
