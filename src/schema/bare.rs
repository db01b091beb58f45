//! What the pool gets to see of the options of a file, and the way back.
//!
//! The pool decodes all options of all elements whenever files are linked. It looks for each custom one in a list of all
//! the extensions there are, goes through every comment of the file for each one that no compiler resolved, and takes no
//! file of which it can't decode, or find, a single one: a server's answer of a few megabytes would keep it busy for
//! minutes. So it sees the few options that change what it does, and the marks of [`super::edition`]. The whole file goes
//! along in one option of the file itself ([`Mark::Whole`]), from where [`super::options`] reads what is shown.

use bytes::Bytes;
use prost::Message as _;
use prost::encoding::WireType;
use prost_types::{FileDescriptorProto, UninterpretedOption};

use super::edition::marks::{self, Mark};
use super::edition::{PROTO3, options};
use super::raw::{Enum, Field, File, Message, Service};
use super::walk;

/// `uninterpreted_option` in all messages of options.
pub(super) const UNINTERPRETED: u32 = 999;

/// `FileDescriptorProto.options`
const FILE_OPTIONS: u32 = 8;
/// `FileDescriptorProto.source_code_info`
pub(super) const SOURCE_CODE_INFO: u32 = 9;

/// `FileOptions.optimize_for`. A file that was lowered from an edition has the edition's number there, once more: that
/// is asked of every field, and what the descriptor structs have a place for need not be decoded.
const OPTIMIZE_FOR: u32 = 9;

/// What has options.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
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

impl Kind {
    /// The options that the pool, or who asks its descriptors, goes by. Each is a varint.
    fn kept(self) -> &'static [(&'static str, u32)] {
        match self {
            Self::Message => &[("message_set_wire_format", 1), ("deprecated", 3), ("map_entry", 7)],
            Self::Field => &[("packed", 2), ("deprecated", 3)],
            Self::Enum => &[("allow_alias", 2), ("deprecated", 3)],
            Self::EnumValue => &[("deprecated", 1)],
            Self::Service => &[("deprecated", 33)],
            Self::Method => &[("deprecated", 33), ("idempotency_level", 34)],
            Self::File | Self::Oneof | Self::ExtensionRange => &[],
        }
    }

    /// Which of the options that can have marks these are.
    fn marked(self) -> Option<usize> {
        match self {
            Self::File => Some(0),
            Self::Message => Some(1),
            Self::Field => Some(2),
            Self::Enum => Some(3),
            _ => None,
        }
    }
}

/// How many there are of something in the options of files, of messages, of fields and of enums.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Counts(pub(super) [usize; 4]);

impl Counts {
    /// Counts an extension of options by what it extends.
    pub(super) fn add_extension(&mut self, extendee: &str) {
        const OPTIONS: [&str; 4] = ["FileOptions", "MessageOptions", "FieldOptions", "EnumOptions"];
        let last = extendee.rsplit('.').next().unwrap_or_default();
        if let Some(count) = OPTIONS.iter().position(|name| *name == last).and_then(|at| self.0.get_mut(at)) {
            *count += 1;
        }
    }
}

/// A file without the options that the pool has no use for.
pub(super) struct Bare {
    pub(super) bytes: Bytes,
    /// Its marks, each of which the pool looks for among the extensions.
    pub(super) marks: Counts,
    /// Whether there were any others.
    is_less: bool,
    /// The edition that it was lowered from.
    edition: Option<i32>,
}

impl Bare {
    /// Takes the options out of a file.
    pub(super) fn new(bytes: &Bytes) -> Result<Self, prost::DecodeError> {
        let mut file = File::decode(bytes.clone()).map_err(|own| {
            // It is protobuf's own message that is said to be malformed.
            FileDescriptorProto::decode(bytes.clone()).err().unwrap_or(own)
        })?;
        let edition = file.options.iter().filter_map(|part| marks::find(part, Mark::Edition)).last();
        let mut strip = Strip { edition, is_less: false, marks: Counts::default() };
        strip.file(&mut file);
        let Strip { is_less, marks, .. } = strip;
        let bytes = if is_less { file.encode_to_vec().into() } else { bytes.clone() };
        Ok(Self { bytes, marks, is_less, edition })
    }

    /// What the pool gets to see: the file as it is here, with the whole of it where that is more.
    pub(super) fn with(mut self, whole: &Bytes) -> Self {
        if !self.is_less && self.edition.is_none() {
            return self;
        }
        let mut own = Vec::new();
        if let Some(edition) = self.edition {
            options::add_varint(&mut own, OPTIMIZE_FOR, i64::from(edition).cast_unsigned());
        }
        // The pool has the comments.
        let mut parts = [whole.clone()];
        options::remove(&mut parts, |number| number == SOURCE_CODE_INFO);
        options::add_bytes(&mut own, Mark::Whole.number(), &parts.concat());
        let mut all = vec![self.bytes];
        options::add_bytes(&mut all, FILE_OPTIONS, &own.concat());
        self.bytes = all.concat().into();
        self.marks.0[0] += 1;
        self
    }
}

/// The number of the edition that a file of the pool's was lowered from, if it was.
pub(super) fn edition(file: &FileDescriptorProto) -> Option<i32> {
    file.options.as_ref()?.optimize_for.filter(|&number| number >= PROTO3)
}

/// A file of the pool's, encoded, with all of its options.
pub(super) fn whole(encoded: Vec<u8>) -> Vec<u8> {
    let of_file = options::delimited(&encoded, FILE_OPTIONS);
    let whole = of_file.flat_map(|part| options::delimited(part, Mark::Whole.number())).last();
    let Some(whole) = whole.map(Bytes::copy_from_slice) else { return encoded };
    // What the pool has more of is names in full.
    let encoded = Bytes::from(encoded);
    let (Ok(mut file), Ok(whole)) = (File::decode(encoded.clone()), File::decode(whole)) else {
        return encoded.to_vec();
    };
    give(&mut file, whole);
    file.encode_to_vec()
}

struct Strip {
    edition: Option<i32>,
    is_less: bool,
    marks: Counts,
}

impl Strip {
    fn file(&mut self, file: &mut File) {
        self.options(Kind::File, &mut file.options);
        file.message_type.iter_mut().for_each(|message| self.message(message));
        file.enum_type.iter_mut().for_each(|enumeration| self.enumeration(enumeration));
        file.extension.iter_mut().for_each(|field| self.options(Kind::Field, &mut field.options));
        file.service.iter_mut().for_each(|service| self.service(service));
    }

    /// Descends into nested messages; their depth is bounded by the decoder, which stops at 100.
    fn message(&mut self, message: &mut Message) {
        self.options(Kind::Message, &mut message.options);
        let fields = message.field.iter_mut().chain(&mut message.extension);
        fields.for_each(|field| self.options(Kind::Field, &mut field.options));
        message.oneof_decl.iter_mut().for_each(|oneof| self.options(Kind::Oneof, &mut oneof.options));
        let ranges = message.extension_range.iter_mut();
        ranges.for_each(|range| self.options(Kind::ExtensionRange, &mut range.options));
        message.enum_type.iter_mut().for_each(|enumeration| self.enumeration(enumeration));
        message.nested_type.iter_mut().for_each(|nested| self.message(nested));
    }

    fn enumeration(&mut self, enumeration: &mut Enum) {
        self.options(Kind::Enum, &mut enumeration.options);
        enumeration.value.iter_mut().for_each(|value| self.options(Kind::EnumValue, &mut value.options));
    }

    fn service(&mut self, service: &mut Service) {
        self.options(Kind::Service, &mut service.options);
        service.method.iter_mut().for_each(|method| self.options(Kind::Method, &mut method.options));
    }

    fn options(&mut self, kind: Kind, parts: &mut Vec<Bytes>) {
        let marked = kind.marked().filter(|_| self.edition.is_some());
        let (mut kept, mut unresolved, mut is_less) = (Vec::new(), Vec::new(), false);
        for part in parts.iter() {
            let mut end = 0;
            for field in walk::fields(part) {
                end = field.whole.end;
                let is_mark = marked.filter(|_| marks::is_mark(field.number));
                let is_kept = field.wire_type == WireType::Varint
                    && kind.kept().iter().any(|(_, number)| *number == field.number);
                if let Some(count) = is_mark.and_then(|at| self.marks.0.get_mut(at)) {
                    *count += 1;
                }
                if is_kept || is_mark.is_some() {
                    kept.extend_from_slice(part.get(field.whole).unwrap_or_default());
                    continue;
                }
                is_less = true;
                if field.number == UNINTERPRETED && field.wire_type == WireType::LengthDelimited {
                    unresolved.extend(part.get(field.value).and_then(|option| flag(kind, option)));
                }
            }
            is_less |= end < part.len();
        }
        if is_less {
            let mut options = vec![Bytes::from(kept)];
            for (number, value) in unresolved {
                options::add_varint(&mut options, number, u64::from(value));
            }
            options.retain(|part| !part.is_empty());
            *parts = options;
            self.is_less = true;
        }
    }
}

/// An option that no compiler resolved and that the pool goes by, if it is one: its number and what it says.
fn flag(kind: Kind, option: &[u8]) -> Option<(u32, bool)> {
    let option = UninterpretedOption::decode(option).ok()?;
    let [name] = option.name.as_slice() else { return None };
    let known = kind.kept().iter().find(|(known, _)| !name.is_extension && *known == name.name_part);
    let value = match option.identifier_value.as_deref()? {
        "true" => true,
        "false" => false,
        _ => return None,
    };
    known.map(|(_, number)| (*number, value))
}

/// Gives a file the options of another that differs from it in nothing else that counts.
fn give(to: &mut File, from: File) {
    to.options = merged(from.options);
    give_each(&mut to.message_type, from.message_type, give_message);
    give_each(&mut to.enum_type, from.enum_type, give_enum);
    give_each(&mut to.extension, from.extension, give_field);
    give_each(&mut to.service, from.service, |to, from| {
        to.options = merged(from.options);
        give_each(&mut to.method, from.method, |to, from| to.options = merged(from.options));
    });
}

/// What is there in parts, in one.
fn merged(parts: Vec<Bytes>) -> Vec<Bytes> {
    if parts.len() < 2 { parts } else { vec![parts.concat().into()] }
}

fn give_each<T>(to: &mut [T], from: Vec<T>, give: impl Fn(&mut T, T)) {
    to.iter_mut().zip(from).for_each(|(to, from)| give(to, from));
}

/// Descends into nested messages; their depth is bounded by the decoder, which stops at 100.
fn give_message(to: &mut Message, from: Message) {
    to.options = merged(from.options);
    give_each(&mut to.field, from.field, give_field);
    give_each(&mut to.extension, from.extension, give_field);
    give_each(&mut to.oneof_decl, from.oneof_decl, |to, from| to.options = merged(from.options));
    give_each(&mut to.extension_range, from.extension_range, |to, from| to.options = merged(from.options));
    give_each(&mut to.enum_type, from.enum_type, give_enum);
    give_each(&mut to.nested_type, from.nested_type, give_message);
}

fn give_field(to: &mut Field, from: Field) {
    to.options = merged(from.options);
}

fn give_enum(to: &mut Enum, from: Enum) {
    to.options = merged(from.options);
    give_each(&mut to.value, from.value, |to, from| to.options = merged(from.options));
}
