//! How much work the names of a file make for the pool, which knows no measure: each definition is kept under its full
//! name, and each relative name is looked for in every scope around it.

use prost_types::{
    DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, FileDescriptorProto, ServiceDescriptorProto,
    UninterpretedOption,
};

use super::{FileSet, LinkError};

/// How many bytes of names may be put together for all files. Real schemas take a few million.
const MAX_WORK: usize = 1 << 28;

impl FileSet {
    /// Refuses what would take minutes. Names that are relative are no trouble once a repair has written them in full.
    pub(super) fn check_work(&self) -> Result<(), LinkError> {
        let work = self.files.values().map(|file| file.work).fold(0, usize::saturating_add);
        if work <= MAX_WORK {
            return Ok(());
        }
        let work = |name: &&String| self.files.get(*name).map_or(0, |file| file.work);
        let worst = self.order.iter().max_by_key(work).cloned();
        Err(LinkError::TooManyNames(worst.unwrap_or_default()))
    }
}

/// About how many bytes of names are put together for a file.
pub(super) fn of(file: &FileDescriptorProto) -> usize {
    let mut work = Work { bytes: 0 };
    let package = Scope { length: file.package().len(), depth: parts(file.package()) };
    work.options(package, file.options.as_ref().map(|options| options.uninterpreted_option.as_slice()));
    file.message_type.iter().for_each(|message| work.message(package, message));
    file.enum_type.iter().for_each(|enumeration| work.enumeration(package, enumeration));
    file.extension.iter().for_each(|extension| work.field(package, extension));
    file.service.iter().for_each(|service| work.service(package, service));
    work.bytes
}

/// What stands before the names in it: how many bytes, and how many names.
#[derive(Clone, Copy)]
struct Scope {
    length: usize,
    depth: usize,
}

struct Work {
    bytes: usize,
}

impl Work {
    /// A definition, and the scope that it is.
    fn definition(&mut self, scope: Scope, name: &str) -> Scope {
        let length = scope.length.saturating_add(name.len() + 1);
        self.bytes = self.bytes.saturating_add(length);
        Scope { length, depth: scope.depth + 1 }
    }

    fn reference(&mut self, scope: Scope, name: &str) {
        if !name.is_empty() && !name.starts_with('.') {
            let longest = scope.length.saturating_add(name.len() + 1);
            self.bytes = self.bytes.saturating_add(longest.saturating_mul(scope.depth + 1));
        }
    }

    fn options(&mut self, scope: Scope, uninterpreted: Option<&[UninterpretedOption]>) {
        for part in uninterpreted.unwrap_or_default().iter().flat_map(|option| &option.name) {
            self.reference(scope, part.name_part.trim_start_matches('.'));
        }
    }

    /// Descends into nested messages; their depth is bounded by the decoder, which stops at 100.
    fn message(&mut self, scope: Scope, message: &DescriptorProto) {
        let own = self.definition(scope, message.name());
        self.options(own, message.options.as_ref().map(|options| options.uninterpreted_option.as_slice()));
        message.field.iter().chain(&message.extension).for_each(|field| self.field(own, field));
        for oneof in &message.oneof_decl {
            let inner = self.definition(own, oneof.name());
            self.options(
                inner,
                oneof.options.as_ref().map(|options| options.uninterpreted_option.as_slice()),
            );
        }
        message.nested_type.iter().for_each(|nested| self.message(own, nested));
        message.enum_type.iter().for_each(|enumeration| self.enumeration(own, enumeration));
    }

    fn field(&mut self, scope: Scope, field: &FieldDescriptorProto) {
        let own = self.definition(scope, field.name());
        self.reference(scope, field.type_name());
        self.reference(scope, field.extendee());
        self.options(own, field.options.as_ref().map(|options| options.uninterpreted_option.as_slice()));
    }

    fn enumeration(&mut self, scope: Scope, enumeration: &EnumDescriptorProto) {
        let own = self.definition(scope, enumeration.name());
        self.options(
            own,
            enumeration.options.as_ref().map(|options| options.uninterpreted_option.as_slice()),
        );
        for value in &enumeration.value {
            let inner = self.definition(scope, value.name());
            self.options(
                inner,
                value.options.as_ref().map(|options| options.uninterpreted_option.as_slice()),
            );
        }
    }

    fn service(&mut self, scope: Scope, service: &ServiceDescriptorProto) {
        let own = self.definition(scope, service.name());
        self.options(own, service.options.as_ref().map(|options| options.uninterpreted_option.as_slice()));
        for method in &service.method {
            let inner = self.definition(own, method.name());
            self.reference(own, method.input_type());
            self.reference(own, method.output_type());
            self.options(
                inner,
                method.options.as_ref().map(|options| options.uninterpreted_option.as_slice()),
            );
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

    #[test]
    fn relative_names_cost_by_the_scopes_around_them() {
        let package = ["p"; 1000].join(".");
        assert!(of(&file(&package, "N.Q", 15_000)) > MAX_WORK);
        assert!(of(&file(&package, ".N.Q", 15_000)) < MAX_WORK);
        assert!(of(&file("a.b.c", "N.Q", 15_000)) < MAX_WORK / 100);
    }

    #[test]
    fn long_names_cost_by_how_often_they_are_written() {
        assert!(of(&file(&"p".repeat(1_000_000), "", 15_000)) > MAX_WORK);
    }
}
