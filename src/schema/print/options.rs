//! Options of an element, standard and custom, as `name = value` pairs.

use prost_reflect::{DynamicMessage, Kind, Value};

use super::{Printer, escape, tag, text, unresolved};
use crate::schema::edition;
use crate::schema::name::scopes;

/// A field list longer than this is written one option a line.
const LINE_WIDTH: usize = 100;

/// What an element's options come to.
#[derive(Default)]
pub(super) struct Options {
    /// `name = value`; values may have several lines.
    pub(super) items: Vec<String>,
    /// What cannot be written as an option, as text for a comment.
    pub(super) notes: Vec<String>,
}

impl Printer<'_> {
    /// The options of the element at `path`.
    pub(super) fn options(&self, path: &[i32]) -> Options {
        let read = self.ground.options.read(path);
        let mut options = Options::default();
        for (field, value) in &read.standard {
            match (field.name(), value) {
                // It is how a map field is stored.
                ("map_entry", _) => {}
                ("features", Value::Message(features)) => options.add_each("features", features),
                (name, _) => options.add(&escape::identifier(name), value, &field.kind()),
            }
        }
        for (extension, value) in &read.custom {
            let name = format!("({})", self.extension_name(extension.full_name(), path));
            options.add(&name, value, &extension.kind());
            if text::has_unknown(value) {
                options.notes.push(format!(" {name} has fields that its type does not have"));
            }
        }
        for number in &read.unknown {
            options.notes.push(format!(" option {number} is of no known extension"));
        }
        for name in &read.undecodable {
            options.notes.push(format!(" {} has a value that is none of its type", escape::line(name)));
        }
        for option in &read.unresolved {
            unresolved::add(option, &read, &mut options);
        }
        if read.is_broken {
            options.notes.push(" options that do not decode".to_owned());
        }
        if let Some(noted) = &self.noted {
            noted.add(path, &options.notes);
        }
        options
    }

    /// The keyword before a message or an enum that says who may use it.
    pub(super) fn visibility(&self, path: &[i32]) -> &'static str {
        let options = self.ground.options.bytes(path).filter(|_| self.ground.edition.is_some());
        match options.and_then(edition::visibility) {
            Some(1) => "local ",
            Some(2) => "export ",
            _ => "",
        }
    }

    /// The files that are imported for their options alone.
    pub(super) fn option_imports(&self) -> Vec<String> {
        let options = self.ground.options.bytes(&[]).filter(|_| self.ground.edition.is_some());
        options.map(edition::option_imports).unwrap_or_default()
    }

    /// Whether fields may declare their messages as groups.
    pub(super) fn has_groups(&self) -> bool {
        self.ground.has_groups()
    }

    /// The name of an extension in parentheses: with a leading dot only where something nearer would be
    /// found first. One word alone can be found almost anywhere, so it always has the dot.
    fn extension_name(&self, full_name: &str, path: &[i32]) -> String {
        let name = escape::dotted(full_name);
        let Some((first, _)) = full_name.split_once('.') else { return format!(".{name}") };
        let scope = self.scope(path);
        let hidden = scopes(&scope).any(|outer| self.is_scope(&format!("{outer}.{first}")));
        if hidden { format!(".{name}") } else { name }
    }

    /// The name of the innermost message or service around the element at `path`, or the package.
    fn scope(&self, path: &[i32]) -> String {
        let file = self.ground.file.file_descriptor_proto();
        let mut scope = file.package().to_owned();
        let mut push = |name: &str| {
            if !scope.is_empty() {
                scope.push('.');
            }
            scope.push_str(name);
        };
        let mut nested = file.message_type.as_slice();
        let mut message_tag = tag::file::MESSAGE;
        for step in path.chunks(2) {
            let &[tag, index] = step else { break };
            let index = usize::try_from(index).unwrap_or(usize::MAX);
            let Some(message) = nested.get(index).filter(|_| tag == message_tag) else { break };
            push(message.name());
            nested = &message.nested_type;
            message_tag = tag::message::NESTED;
        }
        if let &[tag::file::SERVICE, index, ..] = path {
            let service = usize::try_from(index).ok().and_then(|index| file.service.get(index));
            if let Some(service) = service {
                push(service.name());
            }
        }
        scope
    }

    /// Whether `name` is something with names inside: resolving `a.b` stops at the nearest such `a`.
    fn is_scope(&self, name: &str) -> bool {
        let pool = self.ground.file.parent_pool();
        pool.get_message_by_name(name).is_some()
            || pool.get_enum_by_name(name).is_some()
            || pool.get_service_by_name(name).is_some()
            || self.ground.options.is_package(name)
    }

    /// `option name = value;` for each option of a block.
    pub(super) fn option_statements(&mut self, options: &Options) {
        for note in &options.notes {
            self.note(note);
        }
        for item in &options.items {
            self.out.text(&format!("option {item};"));
        }
    }
}

impl Options {
    pub(super) fn is_empty(&self) -> bool {
        self.items.is_empty() && self.notes.is_empty()
    }

    fn add(&mut self, name: &str, value: &Value, kind: &Kind) {
        if let Value::List(items) = value {
            for item in items {
                self.add(name, item, kind);
            }
        } else if let Some(text) = text::option_value(value, kind) {
            self.items.push(format!("{name} = {text}"));
        } else {
            self.notes.push(match value {
                Value::EnumNumber(number) => format!(" {name} = {number}, a number without a name"),
                _ => format!(" {name} has a value that cannot be written"),
            });
        }
    }

    /// Every member of a message as an option of its own, as deep as members are messages: that is how features are
    /// always written.
    fn add_each(&mut self, name: &str, message: &DynamicMessage) {
        for (field, value) in message.fields() {
            let name = format!("{name}.{}", escape::identifier(field.name()));
            self.add_or_each(&name, value, &field.kind());
        }
        for (extension, value) in message.extensions() {
            let name = format!("{name}.({})", escape::dotted(extension.full_name()));
            self.add_or_each(&name, value, &extension.kind());
        }
        for number in text::unknown_numbers(message) {
            self.notes.push(format!(" {name} {number} is of no known extension"));
        }
    }

    fn add_or_each(&mut self, name: &str, value: &Value, kind: &Kind) {
        match value {
            // The language has but three levels: the features, those of a language, and each of these.
            Value::Message(message) if name.matches('.').count() < 8 => self.add_each(name, message),
            _ => self.add(name, value, kind),
        }
    }

    /// `statement [options]end`, on one line where it fits.
    pub(super) fn after(&self, statement: &str, end: &str) -> String {
        let list = self.items.join(", ");
        if self.is_empty() {
            return format!("{statement}{end}");
        }
        let one_line = !list.contains('\n') && statement.len() + list.len() < LINE_WIDTH;
        if self.notes.is_empty() && (one_line || self.items.len() == 1) {
            return format!("{statement} [{list}]{end}");
        }
        let notes = self.notes.iter().flat_map(|note| ["//", note, "\n"]).collect::<String>();
        if self.items.is_empty() {
            return format!("{notes}{statement}{end}");
        }
        let items = self.items.join(",\n").replace('\n', "\n  ");
        format!("{notes}{statement} [\n  {items}\n]{end}")
    }
}
