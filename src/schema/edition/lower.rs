//! A file in an edition as a proto2 file that means the same, for the pool.

use bytes::Bytes;
use prost::Message as _;
use prost_types::field_descriptor_proto::{Label, Type};

use super::features::{Features, Holder};
use super::marks::{self, Mark};
use super::{Edition, PROTO2, PROTO3, options};
use crate::schema::check::CheckError;
use crate::schema::name;
use crate::schema::raw::{Enum, Field, File, Message};

/// `FieldOptions.packed`
pub(super) const PACKED: u32 = 2;

/// A file that is fit for the pool.
pub(in crate::schema) struct Lowered {
    /// What the pool may see of it.
    pub(in crate::schema) bytes: Bytes,
    /// The files that it imports for their options alone, which it can do without.
    pub(in crate::schema) option_imports: Vec<String>,
}

/// Makes a file fit for the pool. One that is already stays byte for byte what it was.
pub(in crate::schema) fn lower(bytes: &Bytes) -> Result<Lowered, CheckError> {
    let head = Head::decode(bytes.clone())?;
    if head.syntax != "editions" {
        let forged = head.options.iter().any(|part| options::has(part, marks::is_mark));
        let bytes = if forged { without_marks(bytes)? } else { bytes.clone() };
        return Ok(Lowered { bytes, option_imports: Vec::new() });
    }
    let mut file = File::decode(bytes.clone())?;
    options::remove(&mut file.options, marks::is_mark);
    match head.edition {
        PROTO2 => file.syntax = None,
        PROTO3 => file.syntax = Some("proto3".to_owned()),
        number => {
            let unknown = || CheckError::Edition { file: file.name().to_owned(), number };
            let edition = Edition::from_number(number).ok_or_else(unknown)?;
            lower_file(
                &mut file,
                edition.number(),
                Defaults { features: Features::DEFAULT, packed: Packed::Feature },
            );
        }
    }
    Ok(Lowered { bytes: file.encode_to_vec().into(), option_imports: head.option_imports })
}

/// Makes a proto3 file fit for the pool that has fields with names that the pool takes for the same.
pub(in crate::schema) fn lower_proto3(bytes: &Bytes) -> Result<Lowered, CheckError> {
    let mut file = File::decode(bytes.clone())?;
    options::remove(&mut file.options, marks::is_mark);
    lower_file(&mut file, PROTO3, Defaults { features: Features::PROTO3, packed: Packed::Option });
    Ok(Lowered { bytes: file.encode_to_vec().into(), option_imports: Vec::new() })
}

/// As much of a `FileDescriptorProto` as tells whether it has to be lowered.
#[derive(Clone, PartialEq, prost::Message)]
struct Head {
    #[prost(bytes = "bytes", repeated, tag = "8")]
    options: Vec<Bytes>,
    #[prost(string, tag = "12")]
    syntax: String,
    #[prost(int32, tag = "14")]
    edition: i32,
    #[prost(string, repeated, tag = "15")]
    option_imports: Vec<String>,
}

/// A file that says of itself what only this program says: the rest of it is as good as any.
fn without_marks(bytes: &Bytes) -> Result<Bytes, CheckError> {
    let mut file = File::decode(bytes.clone())?;
    options::remove(&mut file.options, marks::is_mark);
    Ok(file.encode_to_vec().into())
}

/// What holds where nothing else is said.
#[derive(Clone, Copy)]
struct Defaults {
    features: Features,
    packed: Packed,
}

/// What says whether the values of a field share one length.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Packed {
    /// A feature, and no option.
    Feature,
    /// The option of that name.
    Option,
}

/// Lowers a file written in the edition of this number, in which `defaults` hold.
fn lower_file(file: &mut File, edition: i32, Defaults { features, packed }: Defaults) {
    let features = features.inherited(&file.options, Holder::File);
    marks::add(&mut file.options, Mark::Edition, edition);
    for import in std::mem::take(&mut file.option_dependency) {
        marks::add_name(&mut file.options, Mark::OptionImport, &import);
    }
    // Said in so many words, which compilers leave out: a file without is known not to be a lowered one at a glance.
    file.syntax = Some("proto2".to_owned());
    file.edition = None;
    let package = file.package().to_owned();
    for message in &mut file.message_type {
        lower_message(message, &package, Defaults { features, packed });
    }
    for enumeration in &mut file.enum_type {
        lower_enum(enumeration, features);
    }
    for extension in &mut file.extension {
        lower_field(
            extension,
            &Place { features, packed, is_extension: true, in_map_entry: false, is_map: false },
        );
    }
}

/// Descends into nested messages; their depth is bounded by the decoder, which stops at 100.
fn lower_message(message: &mut Message, scope: &str, Defaults { features, packed }: Defaults) {
    let features = features.inherited(&message.options, Holder::Message);
    let full_name = name::joined(scope, message.name());
    let in_map_entry = message.is_map_entry();
    let maps: Vec<String> = message
        .nested_type
        .iter()
        .filter(|nested| nested.is_map_entry())
        .map(|nested| nested.name().to_owned())
        .collect();
    let oneofs: Vec<Features> =
        message.oneof_decl.iter().map(|oneof| features.inherited(&oneof.options, Holder::Oneof)).collect();
    for field in &mut message.field {
        let oneof = field.oneof_index.and_then(|index| oneofs.get(usize::try_from(index).ok()?));
        let place = Place {
            features: oneof.copied().unwrap_or(features),
            packed,
            is_extension: false,
            in_map_entry,
            is_map: field.is_repeated() && is_own(field.type_name(), &full_name, &maps),
        };
        lower_field(field, &place);
    }
    for extension in &mut message.extension {
        lower_field(
            extension,
            &Place { features, packed, is_extension: true, in_map_entry: false, is_map: false },
        );
    }
    options::remove(&mut message.options, marks::is_mark);
    if let Some(visibility) = message.visibility.take() {
        marks::add(&mut message.options, Mark::Visibility, visibility);
    }
    if features.has_legacy_json() {
        marks::add(&mut message.options, Mark::LegacyJson, 1);
    }
    for enumeration in &mut message.enum_type {
        lower_enum(enumeration, features);
    }
    for nested in &mut message.nested_type {
        lower_message(nested, &full_name, Defaults { features, packed });
    }
}

/// Whether a type's name is that of one of the types nested in the message `full_name`, in full or from any scope on.
fn is_own(type_name: &str, full_name: &str, nested: &[String]) -> bool {
    let (scope, last) = type_name.rsplit_once('.').unwrap_or(("", type_name));
    let is_scope = match scope.strip_prefix('.') {
        Some(scope) => scope == full_name,
        None => scope.is_empty() || name::is_tail(full_name, scope),
    };
    is_scope && nested.iter().any(|name| name == last)
}

/// Where a field stands, as far as that changes what its features mean.
struct Place {
    features: Features,
    packed: Packed,
    is_extension: bool,
    in_map_entry: bool,
    is_map: bool,
}

fn lower_field(field: &mut Field, place: &Place) {
    let features = place.features.inherited(&field.options, Holder::Field);
    let is_expanded =
        place.packed == Packed::Option && options::last_varint(&field.options, PACKED) == Some(0);
    options::remove(&mut field.options, |number| marks::is_mark(number) || number == PACKED && !is_expanded);
    let is_message = [Type::Message, Type::Group].iter().any(|&kind| field.r#type == Some(kind.into()));
    let is_repeated = field.is_repeated();
    // Maps never are, whatever is said of the whole file.
    if is_message && features.is_delimited() && !place.is_map && !place.in_map_entry {
        field.r#type = Some(Type::Group.into());
    }
    if is_repeated && features.is_packed() && !is_expanded {
        options::add_varint(&mut field.options, PACKED, 1);
    }
    // All others have presence, whatever is said of what they stand in.
    let may_choose =
        !is_repeated && !place.is_extension && !place.in_map_entry && field.oneof_index.is_none();
    if may_choose && features.is_implicit() && !is_message && field.default_value.is_none() {
        marks::add(&mut field.options, Mark::Implicit, 1);
    }
    if may_choose && features.is_required() {
        field.label = Some(Label::Required.into());
    }
    if features.takes_any_bytes() {
        marks::add(&mut field.options, Mark::AnyBytes, 1);
    }
}

fn lower_enum(enumeration: &mut Enum, inherited: Features) {
    let features = inherited.inherited(&enumeration.options, Holder::Enum);
    options::remove(&mut enumeration.options, marks::is_mark);
    if let Some(visibility) = enumeration.visibility.take() {
        marks::add(&mut enumeration.options, Mark::Visibility, visibility);
    }
    if features.is_closed() {
        marks::add(&mut enumeration.options, Mark::Closed, 1);
    }
    if features.has_legacy_json() {
        marks::add(&mut enumeration.options, Mark::LegacyJson, 1);
    }
}
