//! What is looked at in a descriptor file before the descriptor pool may see it.
//!
//! Descriptors come from servers and files that nobody vouches for, and the pool takes some things for granted:
//! it panics, at once or when the descriptor is used, on a syntax it does not know, on a map entry without a key
//! and a value, on an enum without values and on indices that point nowhere.

use prost_types::field_descriptor_proto::{Label, Type};
use prost_types::{DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, FileDescriptorProto};
use thiserror::Error;

/// Why a descriptor file is not taken.
#[derive(Debug, Clone, Error)]
pub enum CheckError {
    /// The bytes are no `FileDescriptorProto`.
    #[error("a descriptor is not a google.protobuf.FileDescriptorProto")]
    Malformed(#[source] Undecodable),
    /// The file is written in an edition that is not known.
    #[error("{file} is written in {}, which this version does not know", which(*number))]
    Edition {
        /// The file.
        file: String,
        /// The edition's number in `google.protobuf.Edition`; 0 where none is given.
        number: i32,
    },
    /// The file has a syntax that protobuf does not define.
    #[error("{file} has the unknown syntax {syntax:?}")]
    UnknownSyntax {
        /// The file.
        file: String,
        /// What it says.
        syntax: String,
    },
    /// Something in the file contradicts the descriptor format.
    #[error("{file}: {element} {what}")]
    Invalid {
        /// The file.
        file: String,
        /// The message, field or enum.
        element: String,
        /// What is wrong with it.
        what: &'static str,
    },
}

/// Why bytes are no message, in a line: the way down to what is wrong may have a hundred steps, all of them the same.
#[derive(Debug, Clone, Error)]
#[error("{0}")]
pub struct Undecodable(String);

impl Undecodable {
    /// What the decoder says, each step of the way but once.
    pub(super) fn new(error: &prost::DecodeError) -> Self {
        let told = error.to_string();
        let mut steps: Vec<(&str, usize)> = Vec::new();
        for step in told.split(": ") {
            match steps.last_mut() {
                Some((last, count)) if *last == step => *count += 1,
                _ => steps.push((step, 1)),
            }
        }
        let told = steps.into_iter().map(|(step, count)| match count {
            1 => step.to_owned(),
            count => format!("{step} ({count} deep)"),
        });
        Self(told.collect::<Vec<_>>().join(": "))
    }
}

impl From<prost::DecodeError> for CheckError {
    fn from(error: prost::DecodeError) -> Self {
        Self::Malformed(Undecodable::new(&error))
    }
}

/// An edition by its name as far as names are given out; numbers are not years.
fn which(number: i32) -> String {
    match number {
        0 => "an edition that it does not name".to_owned(),
        1002 => "edition 2026".to_owned(),
        _ => format!("the edition with the number {number}"),
    }
}

/// Protobuf's largest field number.
pub(super) const MAX_FIELD_NUMBER: i32 = (1 << 29) - 1;

/// The largest of an extension, which may be one of a message set.
const MAX_EXTENSION_NUMBER: i32 = i32::MAX - 1;

/// Checks one file.
pub(super) fn file(file: &FileDescriptorProto) -> Result<(), CheckError> {
    match file.syntax() {
        // Which edition it is, is looked at where the file is made to fit the pool.
        "" | "proto2" | "proto3" | "editions" => {}
        other => {
            return Err(CheckError::UnknownSyntax { file: file.name().to_owned(), syntax: other.to_owned() });
        }
    }
    let check = Check { file: file.name() };
    let imports = file.dependency.len();
    let points = |index: &i32| usize::try_from(*index).is_ok_and(|index| index < imports);
    if !file.public_dependency.iter().chain(&file.weak_dependency).all(points) {
        return Err(check.invalid(file.name(), "marks an import that it does not have"));
    }
    check.names(file)?;
    for message in &file.message_type {
        check.message(message)?;
    }
    for extension in &file.extension {
        check.extension(extension)?;
    }
    file.enum_type.iter().try_for_each(|enumeration| check.enumeration(enumeration))
}

struct Check<'a> {
    file: &'a str,
}

impl Check<'_> {
    /// The pool passes over a dot in front when it is asked for a name, and then does not find what has one.
    fn names(&self, file: &FileDescriptorProto) -> Result<(), CheckError> {
        let messages = file.message_type.iter().map(DescriptorProto::name);
        let enums = file.enum_type.iter().map(EnumDescriptorProto::name);
        let services = file.service.iter().map(prost_types::ServiceDescriptorProto::name);
        let extensions = file.extension.iter().map(FieldDescriptorProto::name);
        let mut outermost = messages.chain(enums).chain(services).chain(extensions);
        let first =
            if file.package().is_empty() { outermost.find(|name| name.starts_with('.')) } else { None };
        match first.or(Some(file.package()).filter(|package| package.starts_with('.'))) {
            Some(name) => Err(self.invalid(name, "is a name that begins with a dot")),
            None => Ok(()),
        }
    }

    /// Descends into nested types; their depth is bounded by the decoder, which stops at 100.
    fn message(&self, message: &DescriptorProto) -> Result<(), CheckError> {
        let is_map_entry = message.options.as_ref().is_some_and(prost_types::MessageOptions::map_entry);
        if is_map_entry && !is_map_entry_shaped(message) {
            return Err(self.invalid(message.name(), "is a map entry without a key and a value"));
        }
        for field in &message.field {
            self.field(field, MAX_FIELD_NUMBER, message.oneof_decl.len())?;
        }
        for extension in &message.extension {
            self.extension(extension)?;
        }
        message.enum_type.iter().try_for_each(|enumeration| self.enumeration(enumeration))?;
        message.nested_type.iter().try_for_each(|nested| self.message(nested))
    }

    fn extension(&self, extension: &FieldDescriptorProto) -> Result<(), CheckError> {
        self.field(extension, MAX_EXTENSION_NUMBER, 0)
    }

    fn field(&self, field: &FieldDescriptorProto, max: i32, oneofs: usize) -> Result<(), CheckError> {
        if !(1..=max).contains(&field.number()) {
            return Err(self.invalid(field.name(), "has a field number out of range"));
        }
        let oneof = field.oneof_index.map(usize::try_from);
        if oneof.is_some_and(|index| index.map_or(true, |index| index >= oneofs)) {
            return Err(self.invalid(field.name(), "is in a oneof that does not exist"));
        }
        Ok(())
    }

    fn enumeration(&self, enumeration: &EnumDescriptorProto) -> Result<(), CheckError> {
        if enumeration.value.is_empty() {
            return Err(self.invalid(enumeration.name(), "is an enum without values"));
        }
        Ok(())
    }

    fn invalid(&self, element: &str, what: &'static str) -> CheckError {
        CheckError::Invalid { file: self.file.to_owned(), element: element.to_owned(), what }
    }
}

fn is_map_entry_shaped(message: &DescriptorProto) -> bool {
    let [key, value] = message.field.as_slice() else { return false };
    // Some servers leave out the type of what has a type name, so a message or enum value may have none.
    let scalar = !matches!(
        key.r#type(),
        Type::Double | Type::Float | Type::Bytes | Type::Message | Type::Group | Type::Enum
    );
    let singular = [key, value].iter().all(|field| field.label() != Label::Repeated);
    let named = key.name() == "key" && key.number() == 1 && value.name() == "value" && value.number() == 2;
    scalar && singular && named
}

#[cfg(test)]
mod tests {
    use prost_types::{MessageOptions, OneofDescriptorProto};

    use super::*;

    fn refused(file: &FileDescriptorProto) -> String {
        super::file(file).unwrap_err().to_string()
    }

    fn with(message: DescriptorProto) -> FileDescriptorProto {
        FileDescriptorProto { name: Some("f".to_owned()), message_type: vec![message], ..Default::default() }
    }

    fn field(number: i32, oneof_index: Option<i32>) -> FieldDescriptorProto {
        FieldDescriptorProto {
            name: Some("x".to_owned()),
            number: Some(number),
            oneof_index,
            ..Default::default()
        }
    }

    #[test]
    fn syntaxes_that_the_pool_panics_on_are_refused() {
        let file = |syntax: &str| FileDescriptorProto {
            name: Some("f".to_owned()),
            syntax: Some(syntax.to_owned()),
            ..Default::default()
        };
        assert_eq!(refused(&file("<unknown:0>")), "f has the unknown syntax \"<unknown:0>\"");
        for known in ["", "proto2", "proto3", "editions"] {
            assert!(super::file(&file(known)).is_ok(), "{known}");
        }
    }

    #[test]
    fn indices_that_point_nowhere_are_refused() {
        let oneof = |index| {
            with(DescriptorProto {
                field: vec![field(1, Some(index))],
                oneof_decl: vec![OneofDescriptorProto::default()],
                ..Default::default()
            })
        };
        assert!(super::file(&oneof(0)).is_ok());
        for index in [1, 77, -1] {
            assert_eq!(refused(&oneof(index)), "f: x is in a oneof that does not exist");
        }
        let import = FileDescriptorProto { public_dependency: vec![-1], ..with(DescriptorProto::default()) };
        assert_eq!(refused(&import), "f: f marks an import that it does not have");
        for number in [0, -1, 1 << 29] {
            let number = with(DescriptorProto { field: vec![field(number, None)], ..Default::default() });
            assert_eq!(refused(&number), "f: x has a field number out of range");
        }
        let extension = |number| FileDescriptorProto {
            extension: vec![field(number, None)],
            ..with(DescriptorProto::default())
        };
        assert_eq!(refused(&extension(i32::MAX)), "f: x has a field number out of range");
        assert!(super::file(&extension(i32::MAX - 1)).is_ok(), "a message set may have it");
    }

    #[test]
    fn names_in_full_begin_with_no_dot() {
        let named = |package: &str, name: &str| FileDescriptorProto {
            package: Some(package.to_owned()),
            ..with(DescriptorProto { name: Some(name.to_owned()), ..Default::default() })
        };
        for (package, name) in [(".", "M"), (".p", "M"), ("", ".M"), ("", ".")] {
            let told = refused(&named(package, name));
            assert!(told.ends_with(" is a name that begins with a dot"), "{told}");
        }
        assert!(super::file(&named("p", ".M")).is_ok());
    }

    #[test]
    fn a_map_entry_has_a_key_and_a_value() {
        let entry = with(DescriptorProto {
            name: Some("M".to_owned()),
            options: Some(MessageOptions { map_entry: Some(true), ..Default::default() }),
            field: vec![field(1, None)],
            ..Default::default()
        });
        assert_eq!(refused(&entry), "f: M is a map entry without a key and a value");
    }
}
