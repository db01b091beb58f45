//! What holds for a field, an enum or a message, whether its file is written in proto2, proto3 or an edition.
//!
//! Descriptors answer for proto2 and proto3 alone. The pool has other files in a form that it accepts
//! (`schema::edition`), and what that form has no keywords for is read here. Nothing is decoded for proto3 files and
//! next to nothing for proto2 files; what is asked of the same descriptor over and over is worth keeping, all the same.

use prost_reflect::{
    Cardinality, DynamicMessage, EnumDescriptor, ExtensionDescriptor, FieldDescriptor, FileDescriptor, Kind,
    MessageDescriptor, Syntax,
};
use prost_types::{DescriptorProto, MessageOptions};

use super::bare;
pub use super::edition::Edition;
use super::edition::{Mark, PROTO3, has_mark};

/// Whether it makes a difference that a singular field is not set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// Set and not set are two things; what is set is sent, zero or not.
    Explicit,
    /// A zero is the same as nothing, and is not sent.
    Implicit,
    /// It has to be set.
    Required,
}

/// What protobuf promises of a message's JSON, or an enum's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JsonFormat {
    /// It can be written and read: no two names clash.
    Allow,
    /// Names may clash, and what can't be told apart is as it comes.
    LegacyBestEffort,
}

/// A field or an extension.
pub trait Member: sealed::Sealed {}

impl Member for FieldDescriptor {}
impl Member for ExtensionDescriptor {}

mod sealed {
    use super::{Cardinality, DynamicMessage, ExtensionDescriptor, FieldDescriptor, FileDescriptor, Kind};

    /// What the descriptors of fields and extensions have in common.
    pub trait Sealed {
        fn file(&self) -> FileDescriptor;
        fn has_options(&self) -> bool;
        fn decoded_options(&self) -> DynamicMessage;
        fn count(&self) -> Cardinality;
        fn has_presence(&self) -> bool;
        fn group(&self) -> bool;
        fn packed(&self) -> bool;
        fn label(&self) -> &str;
        fn value_kind(&self) -> Kind;
        /// The full name of the message in whose braces it is declared.
        fn scope(&self) -> Option<String>;
    }

    impl Sealed for FieldDescriptor {
        fn file(&self) -> FileDescriptor {
            self.parent_file()
        }
        fn has_options(&self) -> bool {
            self.field_descriptor_proto().options.is_some()
        }
        fn decoded_options(&self) -> DynamicMessage {
            self.options()
        }
        fn count(&self) -> Cardinality {
            self.cardinality()
        }
        fn has_presence(&self) -> bool {
            self.supports_presence()
        }
        fn group(&self) -> bool {
            self.is_group()
        }
        fn packed(&self) -> bool {
            self.is_packed()
        }
        fn label(&self) -> &str {
            self.name()
        }
        fn value_kind(&self) -> Kind {
            self.kind()
        }
        fn scope(&self) -> Option<String> {
            Some(self.parent_message().full_name().to_owned())
        }
    }

    impl Sealed for ExtensionDescriptor {
        fn file(&self) -> FileDescriptor {
            self.parent_file()
        }
        fn has_options(&self) -> bool {
            self.field_descriptor_proto().options.is_some()
        }
        fn decoded_options(&self) -> DynamicMessage {
            self.options()
        }
        fn count(&self) -> Cardinality {
            self.cardinality()
        }
        /// Extensions always have it.
        fn has_presence(&self) -> bool {
            true
        }
        fn group(&self) -> bool {
            self.is_group()
        }
        fn packed(&self) -> bool {
            self.is_packed()
        }
        fn label(&self) -> &str {
            self.name()
        }
        fn value_kind(&self) -> Kind {
            self.kind()
        }
        fn scope(&self) -> Option<String> {
            Some(self.parent_message()?.full_name().to_owned())
        }
    }
}

/// The edition in which a file is written; proto2 and proto3 are none.
pub fn edition(file: &FileDescriptor) -> Option<Edition> {
    lowered_from(file).and_then(Edition::from_number)
}

/// Whether a file is written in proto3.
pub fn is_proto3(file: &FileDescriptor) -> bool {
    file.syntax() == Syntax::Proto3 || lowered_from(file) == Some(PROTO3)
}

/// Whether the pool has a file in another form than that in which it is written.
pub(super) fn is_lowered(file: &FileDescriptor) -> bool {
    lowered_from(file).is_some()
}

/// The number of the edition that a file was lowered from, if it was.
fn lowered_from(file: &FileDescriptor) -> Option<i32> {
    may_be_lowered(file).then(|| bare::edition(file.file_descriptor_proto())).flatten()
}

/// The presence of a singular field; one that is repeated has none.
pub fn presence(field: &impl Member) -> Option<Presence> {
    match field.count() {
        Cardinality::Repeated => None,
        Cardinality::Required => Some(Presence::Required),
        Cardinality::Optional if !field.has_presence() || is_marked(field, Mark::Implicit) => {
            Some(Presence::Implicit)
        }
        Cardinality::Optional => Some(Presence::Explicit),
    }
}

/// Whether the strings of a field have to be UTF-8: proto2 does not look, proto3 does.
pub fn validates_utf8(field: &impl Member) -> bool {
    let file = field.file();
    match file.syntax() {
        Syntax::Proto3 => true,
        Syntax::Proto2 => is_lowered(&file) && !is_marked(field, Mark::AnyBytes),
    }
}

/// Whether the messages of a field stand between two keys, and not behind their length.
pub fn is_delimited(field: &impl Member) -> bool {
    field.group()
}

/// Whether a field is delimited and named after its message, as every proto2 group is: then text format calls it by the
/// message's name.
pub fn is_group_like(field: &impl Member) -> bool {
    let Kind::Message(message) = field.value_kind() else { return false };
    field.group()
        && message.name().to_ascii_lowercase() == field.label()
        && message.parent_file() == field.file()
        && message.parent_message().map(|outer| outer.full_name().to_owned()) == field.scope()
}

/// Whether many values of a field share one length when they are written; what is read may be either way.
pub fn is_packed(field: &impl Member) -> bool {
    field.packed()
}

/// Whether an enum has its own values and no others: those of proto2 have, and those of proto3 have not.
pub fn is_closed(enumeration: &EnumDescriptor) -> bool {
    let file = enumeration.parent_file();
    match file.syntax() {
        Syntax::Proto3 => false,
        Syntax::Proto2 if !is_lowered(&file) => true,
        Syntax::Proto2 => {
            enumeration.enum_descriptor_proto().options.is_some()
                && has_mark(&enumeration.options(), Mark::Closed)
        }
    }
}

/// Whether a message is a set of extensions, each in a group of its own (`message_set_wire_format`).
pub fn is_message_set(message: &DescriptorProto) -> bool {
    message.options.as_ref().is_some_and(MessageOptions::message_set_wire_format)
}

/// What is promised of a message's JSON.
pub fn json_format(message: &MessageDescriptor) -> JsonFormat {
    let file = message.parent_file();
    let has_legacy =
        || message.descriptor_proto().options.is_some() && has_mark(&message.options(), Mark::LegacyJson);
    legacy_or_not(&file, has_legacy)
}

/// What is promised of an enum's JSON.
pub fn enum_json_format(enumeration: &EnumDescriptor) -> JsonFormat {
    let file = enumeration.parent_file();
    let has_legacy = || {
        enumeration.enum_descriptor_proto().options.is_some()
            && has_mark(&enumeration.options(), Mark::LegacyJson)
    };
    legacy_or_not(&file, has_legacy)
}

fn legacy_or_not(file: &FileDescriptor, in_an_edition: impl FnOnce() -> bool) -> JsonFormat {
    let legacy = match file.syntax() {
        Syntax::Proto3 => false,
        Syntax::Proto2 => !is_lowered(file) || in_an_edition(),
    };
    if legacy { JsonFormat::LegacyBestEffort } else { JsonFormat::Allow }
}

/// Whether a field has the mark, which means something in a file in an edition alone.
fn is_marked(field: &impl Member, mark: Mark) -> bool {
    let file = field.file();
    may_be_lowered(&file)
        && field.has_options()
        && has_mark(&field.decoded_options(), mark)
        && is_lowered(&file)
}

/// What is seen at a glance: protoc leaves proto2 unsaid.
fn may_be_lowered(file: &FileDescriptor) -> bool {
    file.file_descriptor_proto().syntax.as_deref() == Some("proto2")
}
