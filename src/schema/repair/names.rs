//! Who defines which name, what is defined twice, and which name a reference means.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;

use prost::Message as _;
use prost_types::field_descriptor_proto::Type;

use super::super::builtin;
use super::super::raw::{Enum, Field, File, Message};
use super::{Missing, Notes, What, joined};

/// Who defines a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Owner {
    /// A file of the set, by its place.
    File(usize),
    /// A file of the program's own.
    Builtin(&'static str),
}

#[derive(Clone, Copy)]
struct Definition {
    owner: Owner,
    is: Is,
}

/// What a name is of.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Is {
    Message,
    MapEntry,
    Enum,
    /// A service, an extension.
    Other,
}

impl Definition {
    fn builtin(file: &'static str, is: Is) -> Self {
        Self { owner: Owner::Builtin(file), is }
    }
}

/// Every name that can be referred to, and those that it must not be confused with.
pub(super) struct Index {
    names: HashMap<String, Definition>,
    /// The messages of the files, with the numbers that others may use in them: each range from the first on, up to
    /// the one behind the last.
    ranges: HashMap<String, Vec<(i32, i32)>>,
}

impl Index {
    /// Protobuf's own types are always the program's, whatever else defines them.
    pub(super) fn new() -> Self {
        let well_known = builtin_types().iter().filter(|(_, (file, _))| builtin::is_well_known(file));
        Self {
            names: well_known
                .map(|(name, (file, is))| (name.clone(), Definition::builtin(file, *is)))
                .collect(),
            ranges: HashMap::new(),
        }
    }

    /// Takes a file's definitions. Out of the file come those that are defined already, as a file of their own.
    pub(super) fn define(&mut self, place: usize, file: &mut File) -> File {
        let package = file.package().to_owned();
        let file_name = file.name().to_owned();
        let mut takes = |name: &str, is: Is| self.claim(&joined(&package, name), (place, is), &file_name);
        let lost = File {
            name: file.name.clone(),
            package: file.package.clone(),
            syntax: file.syntax.clone(),
            edition: file.edition,
            options: file.options.clone(),
            enum_type: split(&mut file.enum_type, |enumeration| takes(enumeration.name(), Is::Enum)),
            service: split(&mut file.service, |service| takes(service.name(), Is::Other)),
            extension: split(&mut file.extension, |extension| takes(extension.name(), Is::Other)),
            message_type: split(&mut file.message_type, |message| takes(message.name(), Is::Message)),
            ..File::default()
        };
        for message in &file.message_type {
            self.define_nested(place, message, &joined(&package, message.name()));
        }
        lost
    }

    /// Takes a name, unless it is another file's. What one file defines twice is left to the pool to complain about.
    fn claim(&mut self, full_name: &str, (place, is): (usize, Is), file: &str) -> bool {
        let mine = Definition { owner: Owner::File(place), is };
        match self.names.entry(full_name.to_owned()) {
            Entry::Vacant(entry) => {
                entry.insert(mine);
                true
            }
            Entry::Occupied(mut entry) => match entry.get().owner {
                Owner::File(owner) => owner == place,
                Owner::Builtin(owner) if owner == file => {
                    entry.insert(mine);
                    true
                }
                Owner::Builtin(_) => false,
            },
        }
    }

    fn define_nested(&mut self, place: usize, message: &Message, full_name: &str) {
        let owner = Owner::File(place);
        let ranges = message.extension_range.iter().map(|range| (range.start(), range.end())).collect();
        self.ranges.insert(full_name.to_owned(), ranges);
        for enumeration in &message.enum_type {
            let name = joined(full_name, enumeration.name());
            self.names.insert(name, Definition { owner, is: Is::Enum });
        }
        for nested in &message.nested_type {
            let name = joined(full_name, nested.name());
            self.define_nested(place, nested, &name);
            let is = if nested.is_map_entry() { Is::MapEntry } else { Is::Message };
            self.names.insert(name, Definition { owner, is });
        }
    }

    /// What `name` means in `scope`, innermost first, and who defines that. A map entry is meant by the one repeated
    /// field that it belongs to, and hides nothing from others.
    pub(super) fn resolve(&self, name: &str, scope: &str, repeated: bool) -> Option<(String, Owner)> {
        if let Some(full_name) = name.strip_prefix('.') {
            return Some((full_name.to_owned(), self.owner(full_name)?));
        }
        let mut scope = scope;
        while !scope.is_empty() {
            let full_name = joined(scope, name);
            match self.names.get(&full_name) {
                Some(definition) if repeated || definition.is != Is::MapEntry => {
                    return Some((full_name, definition.owner));
                }
                _ => scope = scope.rsplit_once('.').map_or("", |(outer, _)| outer),
            }
        }
        Some((name.to_owned(), self.owner(name)?))
    }

    /// The numbers that others may use in a message of the files.
    pub(super) fn extension_ranges(&self, full_name: &str) -> Option<&[(i32, i32)]> {
        self.ranges.get(full_name).map(Vec::as_slice)
    }

    pub(super) fn owner(&self, full_name: &str) -> Option<Owner> {
        self.definition(full_name).map(|definition| definition.owner)
    }

    /// What a full name is of.
    fn kind(&self, full_name: &str) -> Option<Is> {
        self.definition(full_name).map(|definition| definition.is)
    }

    fn definition(&self, full_name: &str) -> Option<Definition> {
        let own = || builtin_types().get(full_name).map(|(file, is)| Definition::builtin(file, *is));
        self.names.get(full_name).copied().or_else(own)
    }
}

/// Leaves what is `kept`, and gives the rest.
fn split<T>(all: &mut Vec<T>, kept: impl FnMut(&T) -> bool) -> Vec<T> {
    let (stays, lost) = std::mem::take(all).into_iter().partition(kept);
    *all = stays;
    lost
}

/// The types of the built-in files.
fn builtin_types() -> &'static HashMap<String, (&'static str, Is)> {
    static TYPES: OnceLock<HashMap<String, (&'static str, Is)>> = OnceLock::new();
    TYPES.get_or_init(|| {
        let mut index = Index { names: HashMap::new(), ranges: HashMap::new() };
        for name in builtin::names() {
            let Some(file) = builtin::file(name).and_then(|bytes| File::decode(bytes).ok()) else { continue };
            let messages = file.message_type.iter().map(|message| (Message::name(message), Is::Message));
            let enums = file.enum_type.iter().map(|enumeration| (Enum::name(enumeration), Is::Enum));
            for (full_name, is) in messages.chain(enums) {
                index.names.insert(joined(file.package(), full_name), Definition::builtin(name, is));
            }
            for message in &file.message_type {
                index.define_nested(0, message, &joined(file.package(), message.name()));
            }
            for definition in index.names.values_mut().filter(|d| matches!(d.owner, Owner::File(_))) {
                definition.owner = Owner::Builtin(name);
            }
        }
        let owned = |(name, definition): (String, Definition)| match definition.owner {
            Owner::Builtin(file) => Some((name, (file, definition.is))),
            Owner::File(_) => None,
        };
        index.names.into_iter().filter_map(owned).collect()
    })
}

/// What a file refers to.
#[derive(Default)]
pub(super) struct Uses {
    /// Who defines it, each with the first type of theirs that is referred to, in the order of reference.
    pub(super) owners: Vec<(Owner, String)>,
    seen: HashSet<Owner>,
    pub(super) missing: Vec<Missing>,
}

impl Uses {
    pub(super) fn contains(&self, owner: Owner) -> bool {
        self.seen.contains(&owner)
    }
}

/// Writes every reference of a file in full, and tells whom they need.
pub(super) fn qualify(index: &Index, file: &mut File, notes: &mut Notes) -> Uses {
    let package = file.package().to_owned();
    let in_edition = file.syntax() == "editions";
    let name = file.name().to_owned();
    let mut walk = Qualifier { index, uses: Uses::default(), qualified: 0, typed: 0, in_edition, file: name };
    for message in &mut file.message_type {
        walk.message(message, &package);
    }
    for extension in &mut file.extension {
        walk.field(extension, &package);
    }
    for service in &mut file.service {
        let scope = joined(&package, service.name());
        for method in &mut service.method {
            walk.reference(&mut method.input_type, &scope, false);
            walk.reference(&mut method.output_type, &scope, false);
        }
    }
    if walk.qualified > 0 {
        notes.add(What::Names(walk.qualified));
    }
    if walk.typed > 0 {
        notes.add(What::Types(walk.typed));
    }
    walk.uses
}

struct Qualifier<'a> {
    index: &'a Index,
    uses: Uses,
    qualified: usize,
    /// How many fields were told what kind of type they have.
    typed: usize,
    in_edition: bool,
    file: String,
}

impl Qualifier<'_> {
    /// Descends into nested messages; their depth is bounded by the decoder, which stops at 100.
    fn message(&mut self, message: &mut Message, scope: &str) {
        let full_name = joined(scope, message.name());
        for field in message.field.iter_mut().chain(&mut message.extension) {
            self.field(field, &full_name);
        }
        for nested in &mut message.nested_type {
            self.message(nested, &full_name);
        }
    }

    fn field(&mut self, field: &mut Field, scope: &str) {
        let repeated = field.is_repeated();
        self.reference(&mut field.type_name, scope, repeated);
        self.reference(&mut field.extendee, scope, false);
        // The pool finds it out for itself, but not what features make of it.
        if self.in_edition && field.r#type.is_none() {
            let name = field.type_name().trim_start_matches('.');
            field.r#type = match self.index.kind(name) {
                Some(Is::Message | Is::MapEntry) => Some(Type::Message.into()),
                Some(Is::Enum) => Some(Type::Enum.into()),
                Some(Is::Other) | None => None,
            };
            self.typed += usize::from(field.r#type.is_some());
        }
    }

    fn reference(&mut self, reference: &mut Option<String>, scope: &str, repeated: bool) {
        let Some(name) = reference.as_deref().filter(|name| !name.is_empty()) else { return };
        let Some((full_name, owner)) = self.index.resolve(name, scope, repeated) else {
            let (name, scope) = (name.to_owned(), scope.to_owned());
            self.uses.missing.push(Missing { name, scope, file: self.file.clone() });
            return;
        };
        if !name.starts_with('.') {
            *reference = Some(format!(".{full_name}"));
            self.qualified += 1;
        }
        if self.uses.seen.insert(owner) {
            self.uses.owners.push((owner, full_name));
        }
    }
}
