//! Definitions that were left out because their names are taken: whether they say the same as those that were kept.
//!
//! What is compared is what the bytes of messages depend on, and their names: not comments, nor most options, which one
//! server sends along and another does not.

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;

use prost_types::field_descriptor_proto::Type;

use super::super::edition;
use super::super::raw::{Enum, Field, File, Message, Service};
use super::names::{Index, Owner};
use super::{Draft, What, joined};

/// Adds to the notes of each file what it lost, and whether that was the same as what was kept.
pub(super) fn tell(index: &Index, drafts: &mut [Draft]) {
    let kept = kept(index, drafts);
    let names: Vec<String> = drafts.iter().map(|draft| draft.name.clone()).collect();
    for draft in drafts.iter_mut().filter(|draft| !draft.lost.is_empty()) {
        let lost = definitions(index, &draft.lost, |_| true);
        for (name, essence) in lost {
            let owner = match index.owner(&name) {
                Some(Owner::File(place)) => names.get(place),
                // They are the same everywhere, but for versions.
                Some(Owner::Builtin(_)) | None => None,
            };
            match owner {
                Some(owner) if kept.get(&name) != Some(&essence) => {
                    draft.notes.add(What::Conflict { name, kept: owner.clone() });
                }
                _ if draft.left_out => {}
                _ => draft.notes.add(What::Definition(name)),
            }
        }
        if draft.left_out {
            draft.notes.add(What::File);
        }
    }
}

/// What was kept of all that is defined more than once.
fn kept(index: &Index, drafts: &[Draft]) -> HashMap<String, String> {
    let mut wanted: HashMap<usize, HashSet<String>> = HashMap::new();
    for draft in drafts {
        for name in names(&draft.lost) {
            if let Some(Owner::File(place)) = index.owner(&name) {
                wanted.entry(place).or_default().insert(name);
            }
        }
    }
    let of_file = |(place, names): (usize, HashSet<String>)| {
        let file = drafts.get(place).map(|draft| &draft.file);
        file.map(|file| definitions(index, file, |name| names.contains(name))).unwrap_or_default()
    };
    wanted.into_iter().flat_map(of_file).collect()
}

/// The full names of what a file defines outermost.
fn names(file: &File) -> impl Iterator<Item = String> {
    let enums = file.enum_type.iter().map(Enum::name);
    let services = file.service.iter().map(Service::name);
    let extensions = file.extension.iter().map(Field::name);
    let messages = file.message_type.iter().map(Message::name);
    let all = enums.chain(services).chain(extensions).chain(messages);
    all.map(|name| joined(file.package(), name))
}

/// What a file defines outermost, by full names, in a form that is the same for all that says the same.
fn definitions(index: &Index, file: &File, wanted: impl Fn(&str) -> bool) -> Vec<(String, String)> {
    let package = file.package();
    let in_edition = file.syntax() == "editions";
    let mut all = Vec::new();
    let mut add = |name: &str, write: &dyn Fn(&mut Essence<'_>)| {
        let name = joined(package, name);
        if wanted(&name) {
            let mut essence = Essence { index, in_edition, out: String::new() };
            essence.features(&file.options, edition::FILE_FEATURES);
            write(&mut essence);
            all.push((name, essence.out));
        }
    };
    for enumeration in &file.enum_type {
        add(enumeration.name(), &|essence| essence.enumeration(enumeration));
    }
    for service in &file.service {
        add(service.name(), &|essence| essence.service(service, package));
    }
    for extension in &file.extension {
        add(extension.name(), &|essence| essence.field(extension, None, package));
    }
    for message in &file.message_type {
        add(message.name(), &|essence| essence.message(message, package));
    }
    all
}

/// A definition while it is written down.
struct Essence<'a> {
    index: &'a Index,
    in_edition: bool,
    out: String,
}

impl Essence<'_> {
    fn line(&mut self, parts: &[&dyn std::fmt::Debug]) {
        // Writing to a string can't fail.
        let _ = writeln!(self.out, "{parts:?}");
    }

    /// What an edition has options for that say how things are written.
    fn features(&mut self, options: &[bytes::Bytes], holder: u32) {
        if self.in_edition {
            self.line(&[&edition::written_features(options, holder)]);
        }
    }

    /// Descends into nested messages; their depth is bounded by the decoder, which stops at 100.
    fn message(&mut self, message: &Message, scope: &str) {
        let full_name = joined(scope, message.name());
        self.line(&[&"message", &message.name(), &message.is_map_entry()]);
        self.features(&message.options, edition::MESSAGE_FEATURES);
        let mut fields: Vec<&Field> = message.field.iter().collect();
        fields.sort_by_key(|field| field.number());
        for field in fields {
            self.field(field, Some(message), &full_name);
        }
        for enumeration in by_name(&message.enum_type, Enum::name) {
            self.enumeration(enumeration);
        }
        for extension in by_name(&message.extension, Field::name) {
            self.field(extension, None, &full_name);
        }
        for nested in by_name(&message.nested_type, Message::name) {
            self.message(nested, &full_name);
        }
        self.line(&[&"end"]);
    }

    /// A field of a message, or an extension.
    fn field(&mut self, field: &Field, message: Option<&Message>, scope: &str) {
        let type_name = self.meant(field.type_name(), scope, field.is_repeated());
        let extendee = self.meant(field.extendee(), scope, false);
        // What has a type by its name may leave out what kind of type that is.
        let is_group = field.r#type == Some(Type::Group.into());
        let kind = if type_name.is_empty() || is_group { field.r#type } else { None };
        let real = field.oneof_index.filter(|_| !field.proto3_optional());
        let oneof = real.and_then(|index| message?.oneof_decl.get(usize::try_from(index).ok()?));
        self.line(&[
            &field.number(),
            &field.name(),
            &field.label.unwrap_or(1),
            &kind,
            &type_name,
            &extendee,
            &field.default_value(),
            &oneof.map(|oneof| oneof.name().to_owned()),
        ]);
        self.features(&field.options, edition::FIELD_FEATURES);
    }

    fn enumeration(&mut self, enumeration: &Enum) {
        self.line(&[&"enum", &enumeration.name()]);
        self.features(&enumeration.options, edition::ENUM_FEATURES);
        let mut values: Vec<(i32, &str)> =
            enumeration.value.iter().map(|value| (value.number(), value.name())).collect();
        values.sort_unstable();
        self.line(&[&values]);
    }

    fn service(&mut self, service: &Service, package: &str) {
        self.line(&[&"service", &service.name()]);
        let scope = joined(package, service.name());
        let mut methods: Vec<_> = service.method.iter().collect();
        methods.sort_by(|one, other| one.name().cmp(other.name()));
        for method in methods {
            let input = self.meant(method.input_type(), &scope, false);
            let output = self.meant(method.output_type(), &scope, false);
            let streams = (method.client_streaming(), method.server_streaming());
            self.line(&[&method.name(), &input, &output, &streams]);
        }
    }

    /// The full name that is meant, as far as it is known.
    fn meant(&self, name: &str, scope: &str, repeated: bool) -> String {
        if name.is_empty() {
            return String::new();
        }
        let found = self.index.resolve(name, scope, repeated).map(|(full_name, _)| full_name);
        found.unwrap_or_else(|| name.trim_start_matches('.').to_owned())
    }
}

fn by_name<T>(all: &[T], name: impl Fn(&T) -> &str) -> Vec<&T> {
    let mut sorted: Vec<&T> = all.iter().collect();
    sorted.sort_by(|one, other| name(one).cmp(name(other)));
    sorted
}
