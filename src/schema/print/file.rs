//! A whole file.

use std::rc::Rc;

use prost_reflect::prost_types::FileDescriptorProto;

use super::message::Members;
use super::{Printer, child, escape, tag};

impl Printer<'_> {
    pub(super) fn file(&mut self) {
        let ground = Rc::clone(&self.ground);
        let file = ground.file.file_descriptor_proto();
        let syntax = match ground.edition {
            Some(edition) => format!("edition = \"{edition}\";"),
            None if self.is_proto3() => "syntax = \"proto3\";".to_owned(),
            None => "syntax = \"proto2\";".to_owned(),
        };
        self.statement(&[tag::file::SYNTAX], &syntax);
        if !file.package().is_empty() {
            self.out.blank();
            self.statement(&[tag::file::PACKAGE], &format!("package {};", escape::dotted(file.package())));
        }
        self.imports(file);
        self.out.blank();
        let mut options = self.options(&[]);
        options.items.extend(self.stripped(file, &options));
        self.option_statements(&options);
        for (index, service) in file.service.iter().enumerate() {
            self.out.blank();
            self.service(service, &child(&[], tag::file::SERVICE, index));
        }
        self.out.blank();
        self.members(&Members::of_file(&ground));
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
        for (index, name) in self.option_imports().iter().enumerate() {
            let path = child(&[], tag::file::OPTION_DEPENDENCY, index);
            self.statement(&path, &format!("import option {};", escape::quoted(name)));
        }
    }
}
