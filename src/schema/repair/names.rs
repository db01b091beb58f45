//! Who defines which name, what is defined twice, and which name a reference means.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;

use prost::Message as _;

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
    map_entry: bool,
}

/// Every name that can be referred to, and those that it must not be confused with.
pub(super) struct Index {
    names: HashMap<String, Definition>,
}

impl Index {
    /// Protobuf's own types are always the program's, whatever else defines them.
    pub(super) fn new() -> Self {
        let well_known = builtin_types().iter().filter(|(_, file)| builtin::is_well_known(file));
        let definition = |file: &&'static str| Definition { owner: Owner::Builtin(file), map_entry: false };
        Self { names: well_known.map(|(name, file)| (name.clone(), definition(file))).collect() }
    }

    /// Takes a file's definitions, and out of the file what is defined already.
    pub(super) fn define(&mut self, place: usize, file: &mut File, notes: &mut Notes) {
        let package = file.package().to_owned();
        let file_name = file.name().to_owned();
        let mut left_out = Vec::new();
        let mut takes = |name: &str| {
            let full_name = joined(&package, name);
            let fresh = self.claim(&full_name, place, &file_name);
            if !fresh {
                left_out.push(full_name);
            }
            fresh
        };
        file.enum_type.retain(|enumeration| takes(enumeration.name()));
        file.service.retain(|service| takes(service.name()));
        file.extension.retain(|extension| takes(extension.name()));
        file.message_type.retain(|message| takes(message.name()));
        for message in &file.message_type {
            self.define_nested(place, message, &joined(&package, message.name()));
        }
        if !left_out.is_empty() && file.is_empty() {
            notes.add(What::File);
        } else {
            for name in left_out {
                notes.add(What::Definition(name));
            }
        }
    }

    /// Takes a name, unless it is another file's. What one file defines twice is left to the pool to complain about.
    fn claim(&mut self, full_name: &str, place: usize, file: &str) -> bool {
        let mine = Definition { owner: Owner::File(place), map_entry: false };
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
        for enumeration in &message.enum_type {
            let name = joined(full_name, enumeration.name());
            self.names.insert(name, Definition { owner, map_entry: false });
        }
        for nested in &message.nested_type {
            let name = joined(full_name, nested.name());
            self.define_nested(place, nested, &name);
            self.names.insert(name, Definition { owner, map_entry: nested.is_map_entry() });
        }
    }

    /// What `name` means in `scope`, innermost first, and who defines that. A map entry is meant by the one repeated
    /// field that it belongs to, and hides nothing from others.
    fn resolve(&self, name: &str, scope: &str, repeated: bool) -> Option<(String, Owner)> {
        if let Some(full_name) = name.strip_prefix('.') {
            return Some((full_name.to_owned(), self.owner(full_name)?));
        }
        let mut scope = scope;
        while !scope.is_empty() {
            let full_name = joined(scope, name);
            match self.names.get(&full_name) {
                Some(definition) if repeated || !definition.map_entry => {
                    return Some((full_name, definition.owner));
                }
                _ => scope = scope.rsplit_once('.').map_or("", |(outer, _)| outer),
            }
        }
        Some((name.to_owned(), self.owner(name)?))
    }

    fn owner(&self, full_name: &str) -> Option<Owner> {
        let own = || builtin_types().get(full_name).map(|file| Owner::Builtin(file));
        self.names.get(full_name).map(|definition| definition.owner).or_else(own)
    }
}

/// The types of the built-in files.
fn builtin_types() -> &'static HashMap<String, &'static str> {
    static TYPES: OnceLock<HashMap<String, &'static str>> = OnceLock::new();
    TYPES.get_or_init(|| {
        let mut index = Index { names: HashMap::new() };
        for name in builtin::names() {
            let Some(file) = builtin::file(name).and_then(|bytes| File::decode(bytes).ok()) else { continue };
            let types = file.message_type.iter().map(Message::name);
            for full_name in types.chain(file.enum_type.iter().map(Enum::name)) {
                let definition = Definition { owner: Owner::Builtin(name), map_entry: false };
                index.names.insert(joined(file.package(), full_name), definition);
            }
            for message in &file.message_type {
                index.define_nested(0, message, &joined(file.package(), message.name()));
            }
            for definition in index.names.values_mut().filter(|d| matches!(d.owner, Owner::File(_))) {
                definition.owner = Owner::Builtin(name);
            }
        }
        let owned = |(name, definition): (String, Definition)| match definition.owner {
            Owner::Builtin(file) => Some((name, file)),
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
    let mut walk = Qualifier { index, uses: Uses::default(), qualified: 0, file: file.name().to_owned() };
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
    walk.uses
}

struct Qualifier<'a> {
    index: &'a Index,
    uses: Uses,
    qualified: usize,
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
