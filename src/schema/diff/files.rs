//! Files: where definitions stand, and what is said of all of them at once.

use std::collections::{BTreeMap, BTreeSet};

use prost_reflect::prost_types::FileOptions;
use prost_reflect::{EnumDescriptor, FileDescriptor, MessageDescriptor, ServiceDescriptor};

use super::index::Index;
use super::options::Custom;
use super::{Breaks, Differ, FileNames, Subject};
use crate::schema::traits;

/// What options make of generated code, each with how it is read.
type Setting = (&'static str, fn(&FileOptions) -> Option<String>);

const SETTINGS: [Setting; 15] = [
    ("go_package", |options| options.go_package.clone()),
    ("java_package", |options| options.java_package.clone()),
    ("java_outer_classname", |options| options.java_outer_classname.clone()),
    ("java_multiple_files", |options| said(options.java_multiple_files)),
    ("java_generic_services", |options| said(options.java_generic_services)),
    ("cc_generic_services", |options| said(options.cc_generic_services)),
    ("py_generic_services", |options| said(options.py_generic_services)),
    ("csharp_namespace", |options| options.csharp_namespace.clone()),
    ("objc_class_prefix", |options| options.objc_class_prefix.clone()),
    ("swift_prefix", |options| options.swift_prefix.clone()),
    ("php_class_prefix", |options| options.php_class_prefix.clone()),
    ("php_namespace", |options| options.php_namespace.clone()),
    ("php_metadata_namespace", |options| options.php_metadata_namespace.clone()),
    ("ruby_package", |options| options.ruby_package.clone()),
    ("optimize_for", |options| {
        let speed = prost_reflect::prost_types::file_options::OptimizeMode::Speed;
        options
            .optimize_for
            .map(|_| options.optimize_for())
            .filter(|mode| *mode != speed)
            .map(|mode| mode.as_str_name().to_owned())
    }),
];

/// What is false is as if nothing were said.
fn said(flag: Option<bool>) -> Option<String> {
    flag.filter(|set| *set).map(|_| "true".to_owned())
}

/// Packages that went away while a new one came in all of their files.
pub(super) fn moved_packages(old: &Index, new: &Index) -> Vec<(String, String)> {
    let packages = |index: &Index| -> BTreeSet<String> {
        index.files.values().map(|file| file.package_name().to_owned()).collect()
    };
    let (before, after) = (packages(old), packages(new));
    let mut moved: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (name, file) in &old.files {
        if let Some(now) = new.files.get(name) {
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
    let mut only: Vec<(String, String)> = only.collect();
    // The longest name is the one that is meant.
    only.sort_by_key(|(from, _)| std::cmp::Reverse(from.len()));
    only
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
            let last = |name: &str| name.rsplit('/').next().unwrap_or_default().to_owned();
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
        let nothing = FileOptions::default();
        let before = old.file_descriptor_proto().options.as_ref().unwrap_or(&nothing);
        let after = new.file_descriptor_proto().options.as_ref().unwrap_or(&nothing);
        for (name, read) in SETTINGS {
            let (before, after) = (read(before), read(after));
            if before != after {
                let text =
                    |value: Option<String>| value.map_or("unset".to_owned(), |value| format!("{value:?}"));
                self.changed(subject, ("file-option", name), (&text(before), &text(after)), Breaks::SOURCE);
            }
        }
        let is_deprecated = |file: &FileDescriptor| {
            file.file_descriptor_proto().options.as_ref().is_some_and(FileOptions::deprecated)
        };
        self.deprecation(subject, is_deprecated(old), is_deprecated(new));
        let custom = |file: &FileDescriptor| {
            Custom::of(file.file_descriptor_proto().options.is_some().then(|| file.options()))
        };
        self.custom(subject, &custom(old), &custom(new));
    }
}

fn language(file: &FileDescriptor) -> String {
    match traits::edition(file) {
        Some(edition) => format!("edition {edition}"),
        None if traits::is_proto3(file) => "proto3".to_owned(),
        None => "proto2".to_owned(),
    }
}
