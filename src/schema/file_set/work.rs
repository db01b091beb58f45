//! How much work a file makes for the pool, which knows no measure: each definition is kept under its full name, each
//! relative name is looked for in every scope around it, and each mark in options among all their extensions.

use prost_types::{
    DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, FileDescriptorProto, ServiceDescriptorProto,
};

use super::super::bare::Counts;
use super::{FileSet, LinkError};

/// How many bytes of names may be put together for all files. Real schemas take a few million.
const MAX_NAMES: usize = 1 << 28;

/// The same for a repair: names that are relative, which it looks for once, are no trouble any more once it has written
/// them in full.
const MAX_REPAIR: usize = 4 * MAX_NAMES;

/// How often a mark may be held against an extension. Real schemas take a few hundred thousand.
const MAX_MARKS: usize = 1 << 27;

impl FileSet {
    /// Refuses what would take minutes.
    pub(super) fn check_work(&self) -> Result<(), LinkError> {
        if self.names() > MAX_NAMES {
            return Err(LinkError::TooManyNames(self.worst(|work| work.names)));
        }
        let (mut marks, mut extensions) = ([0_usize; 4], [0_usize; 4]);
        for file in self.files.values() {
            let both = marks.iter_mut().zip(&mut extensions);
            for ((marks, extensions), at) in both.zip(0..) {
                *marks += file.work.marks.0.get(at).copied().unwrap_or_default();
                *extensions += file.work.extensions.0.get(at).copied().unwrap_or_default();
            }
        }
        let looks =
            marks.iter().zip(&extensions).map(|(marks, extensions)| marks.saturating_mul(*extensions));
        if looks.fold(0, usize::saturating_add) > MAX_MARKS {
            return Err(LinkError::TooManyOptions(self.worst(|work| work.marks.0.iter().sum())));
        }
        Ok(())
    }

    /// Whether the names are few and short enough to be looked through for what does not fit.
    pub(in crate::schema) fn can_be_repaired(&self) -> bool {
        self.names() <= MAX_REPAIR
    }

    fn names(&self) -> usize {
        self.files.values().map(|file| file.work.names).fold(0, usize::saturating_add)
    }

    /// The file with the most of something.
    fn worst(&self, of: impl Fn(&Work) -> usize) -> String {
        let work = |name: &&String| self.files.get(*name).map_or(0, |file| of(&file.work));
        self.order.iter().max_by_key(work).cloned().unwrap_or_default()
    }
}

/// How much work a file makes.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Work {
    /// About how many bytes of names are put together for it.
    names: usize,
    /// The marks in its options.
    marks: Counts,
    /// The extensions of options that it has.
    extensions: Counts,
}

/// What stands before the names in it: how many bytes, and how many names.
#[derive(Clone, Copy)]
struct Scope {
    length: usize,
    depth: usize,
}

impl Work {
    /// That of a file with so many marks.
    pub(super) fn of(file: &FileDescriptorProto, marks: Counts) -> Self {
        let mut work = Self { marks, ..Self::default() };
        let package = Scope { length: file.package().len(), depth: parts(file.package()) };
        file.message_type.iter().for_each(|message| work.message(package, message));
        file.enum_type.iter().for_each(|enumeration| work.enumeration(package, enumeration));
        file.extension.iter().for_each(|extension| work.extension(package, extension));
        file.service.iter().for_each(|service| work.service(package, service));
        work
    }

    /// A definition, and the scope that it is.
    fn definition(&mut self, scope: Scope, name: &str) -> Scope {
        let length = scope.length.saturating_add(name.len() + 1);
        self.names = self.names.saturating_add(length);
        Scope { length, depth: scope.depth + 1 }
    }

    fn reference(&mut self, scope: Scope, name: &str) {
        if !name.is_empty() && !name.starts_with('.') {
            let longest = scope.length.saturating_add(name.len() + 1);
            self.names = self.names.saturating_add(longest.saturating_mul(scope.depth + 1));
        }
    }

    /// Descends into nested messages; their depth is bounded by the decoder, which stops at 100.
    fn message(&mut self, scope: Scope, message: &DescriptorProto) {
        let own = self.definition(scope, message.name());
        message.field.iter().for_each(|field| self.field(own, field));
        message.extension.iter().for_each(|extension| self.extension(own, extension));
        for oneof in &message.oneof_decl {
            self.definition(own, oneof.name());
        }
        message.nested_type.iter().for_each(|nested| self.message(own, nested));
        message.enum_type.iter().for_each(|enumeration| self.enumeration(own, enumeration));
    }

    fn extension(&mut self, scope: Scope, extension: &FieldDescriptorProto) {
        self.field(scope, extension);
        self.extensions.add_extension(extension.extendee());
    }

    fn field(&mut self, scope: Scope, field: &FieldDescriptorProto) {
        self.definition(scope, field.name());
        self.reference(scope, field.type_name());
        self.reference(scope, field.extendee());
    }

    fn enumeration(&mut self, scope: Scope, enumeration: &EnumDescriptorProto) {
        let own = self.definition(scope, enumeration.name());
        for value in &enumeration.value {
            self.definition(own, value.name());
        }
    }

    fn service(&mut self, scope: Scope, service: &ServiceDescriptorProto) {
        let own = self.definition(scope, service.name());
        for method in &service.method {
            self.definition(own, method.name());
            self.reference(own, method.input_type());
            self.reference(own, method.output_type());
        }
    }
}

/// How many names stand in a package's.
fn parts(package: &str) -> usize {
    package.split('.').filter(|part| !part.is_empty()).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(package: &str, type_name: &str, fields: usize) -> FileDescriptorProto {
        let field =
            FieldDescriptorProto { type_name: Some(type_name.to_owned()), ..FieldDescriptorProto::default() };
        FileDescriptorProto {
            package: Some(package.to_owned()),
            message_type: vec![DescriptorProto { field: vec![field; fields], ..DescriptorProto::default() }],
            ..FileDescriptorProto::default()
        }
    }

    fn names(file: &FileDescriptorProto) -> usize {
        Work::of(file, Counts::default()).names
    }

    #[test]
    fn relative_names_cost_by_the_scopes_around_them() {
        let package = ["p"; 1000].join(".");
        assert!(names(&file(&package, "N.Q", 15_000)) > MAX_NAMES);
        assert!(names(&file(&package, ".N.Q", 15_000)) < MAX_NAMES);
        assert!(names(&file("a.b.c", "N.Q", 15_000)) < MAX_NAMES / 100);
    }

    #[test]
    fn long_names_cost_by_how_often_they_are_written() {
        assert!(names(&file(&"p".repeat(1_000_000), "", 15_000)) > MAX_NAMES);
    }
}
