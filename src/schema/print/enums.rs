//! Enums and their values.

use prost_reflect::prost_types::EnumDescriptorProto;

use super::{Printer, child, escape, tag};

impl Printer<'_> {
    pub(super) fn enumeration(&mut self, enum_: &EnumDescriptorProto, path: &[i32]) {
        let head = format!("{}enum {}", self.visibility(path), escape::identifier(enum_.name()));
        self.block(path, &head, |p| {
            let options = p.options(path);
            p.option_statements(&options);
            for (index, value) in enum_.value.iter().enumerate() {
                let path = child(path, tag::ENUM_VALUE, index);
                let statement = format!("{} = {}", escape::identifier(value.name()), value.number());
                let options = p.options(&path);
                p.statement(&path, &options.after(&statement, ";"));
            }
            // Unlike those of messages, the ranges of enums include their end.
            let reserved = enum_.reserved_range.iter().map(|range| (range.start(), range.end()));
            p.reserved(reserved, i32::MAX, &enum_.reserved_name);
        });
    }
}
