//! Extensions that extend nothing: one of them must not cost the rest of its file, or all files.

use std::collections::HashMap;

use super::super::check::MAX_FIELD_NUMBER;
use super::super::raw::{Field, File, Message};
use super::names::{Index, Owner};
use super::{Lost, Notes, Unlinkable, What, joined};

/// Which extensions there can be.
pub(super) struct Linkable<'a> {
    index: &'a Index,
    lost: Lost,
    /// The extensions so far, by the message that they extend and their number.
    taken: HashMap<(String, i32), String>,
}

impl<'a> Linkable<'a> {
    pub(super) fn new(index: &'a Index, lost: Lost) -> Self {
        Self { index, lost, taken: HashMap::new() }
    }

    /// Takes out of a file the extensions that can't be.
    pub(super) fn retain(&mut self, file: &mut File, notes: &mut Notes) {
        let package = file.package().to_owned();
        self.retain_among(&mut file.extension, &package, notes);
        for message in &mut file.message_type {
            self.retain_in(message, &package, notes);
        }
    }

    /// Descends into nested messages; their depth is bounded by the decoder, which stops at 100.
    fn retain_in(&mut self, message: &mut Message, scope: &str, notes: &mut Notes) {
        let full_name = joined(scope, message.name());
        self.retain_among(&mut message.extension, &full_name, notes);
        for nested in &mut message.nested_type {
            self.retain_in(nested, &full_name, notes);
        }
    }

    fn retain_among(&mut self, extensions: &mut Vec<Field>, scope: &str, notes: &mut Notes) {
        extensions.retain(|extension| {
            let name = joined(scope, extension.name());
            let unlinkable = self.unlinkable(extension, scope, &name);
            let stays = unlinkable.is_none();
            if let Some(why) = unlinkable {
                notes.add(What::Extension { name, why });
            }
            stays
        });
    }

    /// Why there can be no such extension, if there can't.
    fn unlinkable(&mut self, extension: &Field, scope: &str, name: &str) -> Option<Unlinkable> {
        let (missing, number) = (self.lost == Lost::LeftOut, extension.number());
        if number > MAX_FIELD_NUMBER {
            return Some(Unlinkable::TooLarge(number));
        }
        let type_name = extension.type_name();
        if missing && !type_name.is_empty() && self.index.resolve(type_name, scope, false).is_none() {
            return Some(Unlinkable::NoType(type_name.trim_start_matches('.').to_owned()));
        }
        let extendee = || extension.extendee().trim_start_matches('.').to_owned();
        let Some((message, owner)) = self.index.resolve(extension.extendee(), scope, false) else {
            return missing.then(|| Unlinkable::NoMessage(extendee()));
        };
        // Those of options are told apart by whoever reads options, and have more ranges than there are numbers.
        if matches!(owner, Owner::Builtin(_)) {
            return None;
        }
        let Some(ranges) = self.index.extension_ranges(&message) else {
            return Some(Unlinkable::NoMessage(message));
        };
        if !ranges.iter().any(|&(start, end)| (start..end).contains(&number)) {
            return Some(Unlinkable::OutOfRange { number, message });
        }
        if let Some(by) = self.taken.get(&(message.clone(), number)) {
            return Some(Unlinkable::Taken { number, message, by: by.clone() });
        }
        self.taken.insert((message, number), name.to_owned());
        None
    }
}
