//! Files: where definitions stand, and what is said of all of them at once.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use prost_reflect::{EnumDescriptor, FileDescriptor, MessageDescriptor, ServiceDescriptor};

use super::index::Index;
use super::{Breaks, Differ, FileNames, Subject};
use crate::schema::traits;

/// What comes behind the last slash.
fn last(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or_default()
}

/// The file that another one became, as far as names tell.
fn counterpart<'n>(name: &str, old: &Index, new: &'n Index, names: FileNames) -> Option<&'n FileDescriptor> {
    if let Some(file) = new.files.get(name) {
        return Some(file);
    }
    let only = |index: &Index| index.files.len() == 1;
    let one = |mut files: Vec<&'n FileDescriptor>| files.pop().filter(|_| files.is_empty());
    match names {
        FileNames::Exact => None,
        FileNames::Nothing if only(old) && only(new) => new.files.values().next(),
        FileNames::Last | FileNames::Nothing => {
            one(new.files.values().filter(|file| last(file.name()) == last(name)).collect())
        }
    }
}

/// Packages that went away while a new one came in all of their files.
pub(super) fn moved_packages(old: &Index, new: &Index, names: FileNames) -> HashMap<String, String> {
    let packages = |index: &Index| -> BTreeSet<String> {
        index.files.values().map(|file| file.package_name().to_owned()).collect()
    };
    let (before, after) = (packages(old), packages(new));
    let mut moved: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (name, file) in &old.files {
        if let Some(now) = counterpart(name, old, new, names) {
            moved.entry(file.package_name()).or_default().insert(now.package_name());
        }
    }
    let only =
        moved.into_iter().filter_map(|(from, to)| match to.into_iter().collect::<Vec<_>>().as_slice() {
            [to] if !after.contains(from) && !before.contains(*to) && !from.is_empty() => {
                Some((from.to_owned(), (*to).to_owned()))
            }
            _ => None,
        });
    only.collect()
}

impl Differ {
    pub(super) fn files(&mut self, old: &Index, new: &Index) {
        let moves = self.moves(old, new);
        for (name, file) in &old.files {
            if let Some(now) = new.files.get(name) {
                self.file(file, now);
            }
        }
        for ((from, to), count) in &moves {
            let is_move = match self.names {
                FileNames::Exact => true,
                FileNames::Last => last(from) != last(to),
                FileNames::Nothing => false,
            };
            if is_move {
                let subject = Subject { kind: "file", name: from, file: from };
                let what =
                    if *count == 1 { "1 definition".to_owned() } else { format!("{count} definitions") };
                let what = format!("{what} moved:");
                self.changed(subject, ("file-move", &what), (from, to), Breaks::SOURCE);
            }
            if let (None, Some(file), Some(now)) =
                (new.files.get(from), old.files.get(from), new.files.get(to))
            {
                self.file(file, now);
            }
        }
    }

    /// How many definitions at the top of files stand in another one now.
    fn moves(&self, old: &Index, new: &Index) -> BTreeMap<(String, String), usize> {
        let mut moves = BTreeMap::new();
        let mut count = |old: &FileDescriptor, new: Option<FileDescriptor>| {
            if let Some(new) = new.filter(|new| new.name() != old.name()) {
                *moves.entry((old.name().to_owned(), new.name().to_owned())).or_default() += 1;
            }
        };
        for (name, service) in &old.services {
            count(
                &service.parent_file(),
                new.services.get(&*self.new_name(name)).map(ServiceDescriptor::parent_file),
            );
        }
        for (name, message) in old.messages.iter().filter(|(_, message)| message.parent_message().is_none()) {
            count(
                &message.parent_file(),
                new.messages.get(&*self.new_name(name)).map(MessageDescriptor::parent_file),
            );
        }
        for (name, kind) in old.enums.iter().filter(|(_, kind)| kind.parent_message().is_none()) {
            count(&kind.parent_file(), new.enums.get(&*self.new_name(name)).map(EnumDescriptor::parent_file));
        }
        moves
    }

    fn file(&mut self, old: &FileDescriptor, new: &FileDescriptor) {
        let subject = Subject { kind: "file", name: old.name(), file: old.name() };
        if old.package_name() != new.package_name() {
            let names = (old.package_name(), new.package_name());
            self.changed(subject, ("file-package", "package"), names, Breaks::ALL);
        }
        let (before, after) = (language(old), language(new));
        if before != after {
            self.changed(subject, ("file-syntax", "syntax"), (&before, &after), Breaks::SOURCE);
        }
        self.options(subject, old, new);
    }
}

fn language(file: &FileDescriptor) -> String {
    match traits::edition(file) {
        Some(edition) => format!("edition {edition}"),
        None if traits::is_proto3(file) => "proto3".to_owned(),
        None => "proto2".to_owned(),
    }
}
