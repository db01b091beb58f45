//! Messages, and the elements that messages and files have in common.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use prost_reflect::prost_types::descriptor_proto::ExtensionRange;
use prost_reflect::prost_types::field_descriptor_proto::{Label, Type};
use prost_reflect::prost_types::{
    DescriptorProto, FieldDescriptorProto, MessageOptions, OneofDescriptorProto,
};

use super::{Ground, MAX_DEPTH, Printer, child, escape, tag};
use crate::schema::traits;

/// Where field numbers end, as `max` in source means it.
const MAX_FIELD_NUMBER: i32 = 536_870_911;

/// The elements of one message or file among which a field finds its group or map entry.
pub(super) struct Members<'a> {
    /// The full name of the message with a leading dot; of a file, its package.
    pub(super) name: String,
    pub(super) path: &'a [i32],
    pub(super) fields: &'a [FieldDescriptorProto],
    pub(super) oneofs: &'a [OneofDescriptorProto],
    pub(super) nested: &'a [DescriptorProto],
    pub(super) nested_tag: i32,
    pub(super) extensions: &'a [FieldDescriptorProto],
    pub(super) extension_tag: i32,
    nested_by_name: Rc<HashMap<String, usize>>,
    fields_by_oneof: HashMap<usize, Vec<usize>>,
    /// Whether a field may declare its message as a group; in editions, it is declared for itself.
    has_groups: bool,
}

/// Which nested messages and extensions are printed already.
#[derive(Default)]
struct Progress {
    nested: usize,
    extensions: usize,
}

/// The field, by its index, that declares a nested message as its group or map entry.
#[derive(Clone, Copy)]
pub(super) enum Declaration {
    Field(usize),
    Extension(usize),
}

impl<'a> Members<'a> {
    pub(super) fn of_message(
        message: &'a DescriptorProto,
        name: &str,
        path: &'a [i32],
        has_groups: bool,
    ) -> Self {
        let mut fields_by_oneof: HashMap<usize, Vec<usize>> = HashMap::new();
        for (index, field) in message.field.iter().enumerate() {
            if let Some(oneof) = real_oneof(field) {
                fields_by_oneof.entry(oneof).or_default().push(index);
            }
        }
        Self {
            name: name.to_owned(),
            path,
            fields: &message.field,
            oneofs: &message.oneof_decl,
            nested: &message.nested_type,
            nested_tag: tag::message::NESTED,
            extensions: &message.extension,
            extension_tag: tag::message::EXTENSION,
            nested_by_name: Rc::new(by_name(&message.nested_type)),
            fields_by_oneof,
            has_groups,
        }
    }

    /// What a file holds that a message can hold too.
    pub(super) fn of_file(ground: &'a Ground) -> Self {
        let file = ground.file.file_descriptor_proto();
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
            nested_by_name: Rc::clone(ground.messages.get_or_init(|| Rc::new(by_name(&file.message_type)))),
            fields_by_oneof: HashMap::new(),
            has_groups: ground.has_groups(),
        }
    }

    /// The message declared here that is the type of `field`.
    fn nested_type(&self, field: &FieldDescriptorProto) -> Option<(usize, &'a DescriptorProto)> {
        let name = field.type_name().strip_prefix(self.name.as_str())?.strip_prefix('.')?;
        let index = *self.nested_by_name.get(name)?;
        Some((index, self.nested.get(index)?))
    }

    /// The message that `field` declares as a group.
    pub(super) fn group(&self, field: &FieldDescriptorProto) -> Option<(usize, &'a DescriptorProto)> {
        let is_group = self.has_groups && field.r#type() == Type::Group;
        let found = self.nested_type(field).filter(|_| is_group)?;
        (found.1.name().to_ascii_lowercase() == field.name()).then_some(found)
    }

    /// The entry message behind `field`, if it is a map.
    pub(super) fn map_entry(&self, field: &FieldDescriptorProto) -> Option<(usize, &'a DescriptorProto)> {
        let found = self.nested_type(field).filter(|_| field.label() == Label::Repeated)?;
        is_map_entry(found.1).then_some(found)
    }

    fn owned(&self, field: &FieldDescriptorProto) -> Option<usize> {
        self.group(field).or_else(|| self.map_entry(field)).map(|(index, _)| index)
    }

    /// The first nested message that the fields of a oneof declare.
    fn first_in_oneof(&self, oneof: usize) -> Option<usize> {
        self.oneof_fields(oneof).filter_map(|(_, member)| self.owned(member)).min()
    }

    /// For every nested message that has no declaration of its own, what declares it.
    fn declarations(&self) -> HashMap<usize, Declaration> {
        let fields = self.fields.iter().enumerate();
        let fields = fields.filter_map(|(i, field)| Some((self.owned(field)?, Declaration::Field(i))));
        let extensions = self.extensions.iter().enumerate();
        let extensions =
            extensions.filter_map(|(i, field)| Some((self.group(field)?.0, Declaration::Extension(i))));
        fields.chain(extensions).collect()
    }

    /// What declares the nested message at `index`, if it is not the message itself.
    pub(super) fn declared_by(&self, index: usize) -> Option<Declaration> {
        self.declarations().get(&index).copied()
    }

    /// The fields of one oneof with their indices.
    pub(super) fn oneof_fields(
        &self,
        oneof: usize,
    ) -> impl Iterator<Item = (usize, &'a FieldDescriptorProto)> {
        let indices = self.fields_by_oneof.get(&oneof).map(Vec::as_slice).unwrap_or_default();
        indices.iter().filter_map(|&index| Some((index, self.fields.get(index)?)))
    }
}

fn by_name(messages: &[DescriptorProto]) -> HashMap<String, usize> {
    messages.iter().enumerate().map(|(index, message)| (message.name().to_owned(), index)).collect()
}

pub(super) fn is_map_entry(message: &DescriptorProto) -> bool {
    let has = |number| message.field.iter().any(|field| field.number() == number);
    message.options.as_ref().is_some_and(MessageOptions::map_entry) && has(1) && has(2)
}

/// The oneof of a field as source has it: `optional` in proto3 is stored as a oneof too.
pub(super) fn real_oneof(field: &FieldDescriptorProto) -> Option<usize> {
    usize::try_from(field.oneof_index?).ok().filter(|_| !field.proto3_optional())
}

impl Printer<'_> {
    /// The message at `path`; `scope` is the name of what encloses it, with a leading dot.
    pub(super) fn message(&mut self, message: &DescriptorProto, scope: &str, path: &[i32]) {
        let name = format!("{scope}.{}", message.name());
        let head = format!("{}message {}", self.visibility(path), escape::identifier(message.name()));
        self.block(path, &head, |p| p.message_body(message, &name, path));
    }

    pub(super) fn message_body(&mut self, message: &DescriptorProto, name: &str, path: &[i32]) {
        if path.len() > 2 * MAX_DEPTH {
            self.note(" nested too deeply to show");
            return;
        }
        let options = self.options(path);
        self.option_statements(&options);
        self.members(&Members::of_message(message, name, path, self.has_groups()));
        for (index, enum_) in message.enum_type.iter().enumerate() {
            self.out.separate();
            self.enumeration(enum_, &child(path, tag::message::ENUM, index));
        }
        if !(message.nested_type.is_empty() && message.enum_type.is_empty() && message.extension.is_empty()) {
            self.out.separate();
        }
        for (index, range) in message.extension_range.iter().enumerate() {
            self.extension_range(message, range, &child(path, tag::message::EXTENSION_RANGE, index));
        }
        let reserved = message.reserved_range.iter();
        self.reserved(
            reserved.map(|range| (range.start(), range.end().saturating_sub(1))),
            MAX_FIELD_NUMBER,
            &message.reserved_name,
        );
    }

    /// Fields, nested messages and extensions. Each kind keeps its order: a group or a map declares a
    /// nested message where it stands, so the messages that come before that one are printed before it.
    pub(super) fn members(&mut self, members: &Members<'_>) {
        let declarations = members.declarations();
        let mut done = Progress::default();
        let mut oneofs = HashSet::new();
        for (index, field) in members.fields.iter().enumerate() {
            let oneof = real_oneof(field);
            if oneof.is_some_and(|oneof| !oneofs.insert(oneof)) {
                continue;
            }
            let declared = oneof.map_or_else(|| members.owned(field), |oneof| members.first_in_oneof(oneof));
            if self.nested_before(declared.unwrap_or_default(), members, &declarations, &mut done) {
                self.out.separate();
            }
            match oneof {
                Some(oneof) => self.oneof(oneof, members),
                None => self.field(field, &child(members.path, tag::message::FIELD, index), members),
            }
        }
        self.nested_before(members.nested.len(), members, &declarations, &mut done);
        self.extensions_before(members.extensions.len(), members, &mut done);
    }

    /// Prints the nested messages up to `end` that were not printed yet; whether there were any.
    fn nested_before(
        &mut self,
        end: usize,
        members: &Members<'_>,
        declarations: &HashMap<usize, Declaration>,
        done: &mut Progress,
    ) -> bool {
        let mut printed = false;
        for (index, message) in members.nested.iter().enumerate().take(end).skip(done.nested) {
            match declarations.get(&index) {
                Some(Declaration::Field(_)) => {}
                Some(Declaration::Extension(extension)) => {
                    self.extensions_before(extension + 1, members, done);
                }
                None => {
                    printed = true;
                    self.out.separate();
                    self.message(message, &members.name, &child(members.path, members.nested_tag, index));
                }
            }
        }
        done.nested = done.nested.max(end);
        printed
    }

    /// Extensions in order, those of one message that follow each other in one block.
    fn extensions_before(&mut self, end: usize, members: &Members<'_>, done: &mut Progress) {
        while done.extensions < end {
            let rest = members.extensions.get(done.extensions..end).unwrap_or_default();
            let Some(first) = rest.first() else { break };
            let count = rest.iter().take_while(|other| other.extendee == first.extendee).count();
            let indices: Vec<usize> = (done.extensions..done.extensions + count).collect();
            self.out.separate();
            self.extend(&indices, members);
            done.extensions += count;
        }
    }

    /// An `extend` block with these extensions, all of the same message.
    pub(super) fn extend(&mut self, indices: &[usize], members: &Members<'_>) {
        let extensions: Vec<_> =
            indices.iter().filter_map(|&index| Some((index, members.extensions.get(index)?))).collect();
        let Some((_, first)) = extensions.first() else { return };
        // No element has the path of its file, so no comments are looked up for the block itself.
        let head = format!("extend {}", escape::dotted(first.extendee()));
        self.block(&[tag::file::EXTENSION, -1], &head, |p| {
            for (index, extension) in &extensions {
                p.field(extension, &child(members.path, members.extension_tag, *index), members);
            }
        });
    }

    pub(super) fn oneof(&mut self, index: usize, members: &Members<'_>) {
        let Some(oneof) = members.oneofs.get(index) else { return };
        let path = child(members.path, tag::message::ONEOF, index);
        let head = format!("oneof {}", escape::identifier(oneof.name()));
        self.block(&path, &head, |p| {
            let options = p.options(&path);
            p.option_statements(&options);
            for (index, field) in members.oneof_fields(index) {
                p.field(field, &child(members.path, tag::message::FIELD, index), members);
            }
        });
    }

    fn extension_range(&mut self, message: &DescriptorProto, range: &ExtensionRange, path: &[i32]) {
        let is_set = traits::is_message_set(message);
        let max = if is_set { i32::MAX - 1 } else { MAX_FIELD_NUMBER };
        let text = span(range.start(), range.end().saturating_sub(1), max);
        let options = self.options(path);
        self.statement(path, &options.after(&format!("extensions {text}"), ";"));
    }

    /// `reserved` statements; the ends of the ranges are the last numbers in them.
    pub(super) fn reserved(&mut self, ranges: impl Iterator<Item = (i32, i32)>, max: i32, names: &[String]) {
        let ranges: Vec<String> = ranges.map(|(start, end)| span(start, end, max)).collect();
        if !ranges.is_empty() {
            self.out.text(&format!("reserved {};", ranges.join(", ")));
        }
        let as_words = self.ground.edition.is_some();
        let name = |name: &String| {
            if as_words { escape::identifier(name).into_owned() } else { escape::quoted(name) }
        };
        let names: Vec<String> = names.iter().map(name).collect();
        if !names.is_empty() {
            self.out.text(&format!("reserved {};", names.join(", ")));
        }
    }
}

fn span(start: i32, end: i32, max: i32) -> String {
    if end >= max {
        format!("{start} to max")
    } else if end <= start {
        start.to_string()
    } else {
        format!("{start} to {end}")
    }
}
