//! A whole file.

use prost_reflect::prost_types::FileDescriptorProto;

use super::message::Members;
use super::{Printer, child, escape, tag};

impl<'a> Members<'a> {
    /// What a file holds that a message can hold too.
    pub(super) fn of_file(file: &'a FileDescriptorProto) -> Self {
        let package = file.package();
        Self {
            name: if package.is_empty() { String::new() } else { format!(".{package}") },
            path: &[],
            fields: &[],
            oneofs: &[],
            nested: &file.message_type,
            nested_tag: tag::file::MESSAGE,
            extensions: &file.extension,
            extension_tag: tag::file::EXTENSION,
        }
    }
}

impl Printer<'_> {
    pub(super) fn file(&mut self) {
        let file = self.file.file_descriptor_proto();
        let syntax = if self.is_proto3() { "proto3" } else { "proto2" };
        self.statement(&[tag::file::SYNTAX], &format!("syntax = \"{syntax}\";"));
        if !file.package().is_empty() {
            self.out.blank();
            self.statement(&[tag::file::PACKAGE], &format!("package {};", escape::dotted(file.package())));
        }
        self.imports(file);
        self.out.blank();
        let options = self.options(&[], "FileOptions");
        self.option_statements(&options);
        for (index, service) in file.service.iter().enumerate() {
            self.out.blank();
            self.service(service, &child(&[], tag::file::SERVICE, index), |_| true);
        }
        self.out.blank();
        self.members(&Members::of_file(file));
        for (index, enum_) in file.enum_type.iter().enumerate() {
            self.out.blank();
            self.enumeration(enum_, &child(&[], tag::file::ENUM, index));
        }
        self.out.end();
    }

    fn imports(&mut self, file: &FileDescriptorProto) {
        self.out.blank();
        for (index, name) in file.dependency.iter().enumerate() {
            let is_in = |list: &[i32]| list.iter().any(|&entry| usize::try_from(entry) == Ok(index));
            let kind = if is_in(&file.public_dependency) {
                "public "
            } else if is_in(&file.weak_dependency) {
                "weak "
            } else {
                ""
            };
            let path = child(&[], tag::file::DEPENDENCY, index);
            self.statement(&path, &format!("import {kind}{};", escape::quoted(name)));
        }
    }
}
