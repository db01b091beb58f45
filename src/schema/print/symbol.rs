//! One symbol, inside what encloses it and nothing else.

use std::rc::Rc;

use prost_reflect::{
    EnumDescriptor, ExtensionDescriptor, FieldDescriptor, FileDescriptor, MessageDescriptor,
    MethodDescriptor, OneofDescriptor,
};

use super::message::{Declaration, Members, real_oneof};
use super::{Files, Printer, child, escape, tag};
use crate::schema::fields::place_among_siblings;
use crate::schema::symbol::Symbol;

pub(super) fn print(files: &mut Files, symbol: &Symbol, out: &mut String) {
    let file = symbol.file();
    let mut printer = files.printer(&file, out);
    printer.heading(symbol, &file);
    match symbol {
        Symbol::Service(service) => {
            printer.service(service.service_descriptor_proto(), service.path());
        }
        Symbol::Method(method) => {
            printer.method_alone(method);
            messages_of(files, method, out);
        }
        Symbol::Message(message) => printer.message_in_place(message),
        Symbol::Field(field) => printer.field_alone(field),
        Symbol::Oneof(oneof) => printer.oneof_alone(oneof),
        Symbol::Enum(enum_) => printer.enum_in_place(enum_),
        Symbol::EnumValue(value) => printer.enum_in_place(value.parent_enum()),
        Symbol::Extension(extension) => printer.extension_alone(extension),
    }
}

/// What others add to a message, or to those of a method.
pub(super) fn extensions(files: &mut Files, symbol: &Symbol, out: &mut String) {
    match symbol {
        Symbol::Message(message) => extensions_of(files, message, out),
        Symbol::Method(method) => {
            extensions_of(files, &method.input(), out);
            if method.input() != method.output() {
                extensions_of(files, &method.output(), out);
            }
        }
        _ => {}
    }
}

/// What a message declares in its own braces is there already.
fn extensions_of(files: &mut Files, message: &MessageDescriptor, out: &mut String) {
    let is_within = |extension: &ExtensionDescriptor| {
        let around = std::iter::successors(extension.parent_message(), MessageDescriptor::parent_message);
        around.into_iter().any(|outer| outer == *message)
    };
    let mut extensions: Vec<ExtensionDescriptor> =
        message.extensions().filter(|extension| !is_within(extension)).collect();
    extensions.sort_by_key(ExtensionDescriptor::number);
    for extension in extensions {
        out.push('\n');
        print(files, &Symbol::Extension(extension), out);
    }
}

fn messages_of(files: &mut Files, method: &MethodDescriptor, out: &mut String) {
    let (input, output) = (method.input(), method.output());
    let same = input == output;
    out.push('\n');
    print(files, &Symbol::Message(input), out);
    if !same {
        out.push('\n');
        print(files, &Symbol::Message(output), out);
    }
}

impl Printer<'_> {
    fn heading(&mut self, symbol: &Symbol, file: &FileDescriptor) {
        let edition = self.ground.edition.map_or(String::new(), |edition| format!(", edition {edition}"));
        self.note(&format!(
            " {} is {} in {}{edition}",
            symbol.full_name(),
            symbol.kind_with_article(),
            file.name()
        ));
        let inherited = self.inherited_features(symbol);
        if !inherited.is_empty() {
            self.note(&format!(" inherited: {}", inherited.join(", ")));
        }
        // Otherwise the heading would read as the first line of the comment below it.
        let is_outermost = symbol.path().len() == 2 && !matches!(symbol, Symbol::Extension(_));
        if is_outermost && self.has_comments(symbol.path()) {
            self.out.blank();
        }
    }

    /// Runs `body` among the members of `message`, or of the file, inside bare blocks of all that enclose it.
    fn inside(&mut self, message: Option<&MessageDescriptor>, body: impl FnOnce(&mut Self, &Members<'_>)) {
        let mut chain: Vec<MessageDescriptor> =
            std::iter::successors(message.cloned(), MessageDescriptor::parent_message).collect();
        chain.reverse();
        for outer in &chain {
            self.out.text(&format!("message {} {{", escape::identifier(outer.name())));
            self.out.indent();
        }
        if let Some(inner) = message {
            let name = format!(".{}", inner.full_name());
            let groups = self.has_groups();
            body(self, &Members::of_message(inner.descriptor_proto(), &name, inner.path(), groups));
        } else {
            let ground = Rc::clone(&self.ground);
            body(self, &Members::of_file(&ground));
        }
        for _ in &chain {
            self.out.dedent();
            self.out.text("}");
        }
    }

    /// A message; one that a map or a group declares is shown by that field.
    fn message_in_place(&mut self, message: &MessageDescriptor) {
        let position = place_among_siblings(message.path());
        self.inside(message.parent_message().as_ref(), |p, members| match members.declared_by(position) {
            Some(Declaration::Field(index)) => p.member(index, members),
            Some(Declaration::Extension(index)) => p.extend(&[index], members),
            None => p.message(message.descriptor_proto(), &members.name, message.path()),
        });
    }

    fn method_alone(&mut self, method: &MethodDescriptor) {
        self.out.text(&format!("service {} {{", escape::identifier(method.parent_service().name())));
        self.out.indent();
        self.method(method.method_descriptor_proto(), method.path());
        self.out.dedent();
        self.out.text("}");
    }

    fn enum_in_place(&mut self, enum_: &EnumDescriptor) {
        self.inside(enum_.parent_message().as_ref(), |p, _| {
            p.enumeration(enum_.enum_descriptor_proto(), enum_.path());
        });
    }

    fn field_alone(&mut self, field: &FieldDescriptor) {
        self.inside(Some(field.parent_message()), |p, members| {
            p.member(place_among_siblings(field.path()), members);
        });
    }

    fn oneof_alone(&mut self, oneof: &OneofDescriptor) {
        self.inside(Some(oneof.parent_message()), |p, members| {
            p.oneof(place_among_siblings(oneof.path()), members);
        });
    }

    fn extension_alone(&mut self, extension: &ExtensionDescriptor) {
        self.inside(extension.parent_message().as_ref(), |p, members| {
            p.extend(&[place_among_siblings(extension.path())], members);
        });
    }

    /// The field at `index` among `members`, in its oneof if it has one.
    fn member(&mut self, index: usize, members: &Members<'_>) {
        let Some(field) = members.fields.get(index) else { return };
        let path = child(members.path, tag::message::FIELD, index);
        let oneof = real_oneof(field).and_then(|oneof| members.oneofs.get(oneof));
        let Some(oneof) = oneof else {
            self.field(field, &path, members);
            return;
        };
        self.out.text(&format!("oneof {} {{", escape::identifier(oneof.name())));
        self.out.indent();
        self.field(field, &path, members);
        self.out.dedent();
        self.out.text("}");
    }
}
