//! What one side has, by full names.

use std::collections::{BTreeMap, BTreeSet};

use prost_reflect::{
    EnumDescriptor, ExtensionDescriptor, FileDescriptor, Kind, MessageDescriptor, MethodDescriptor,
    ServiceDescriptor,
};

use crate::schema::is_well_known;

/// Packages of gRPC itself, which servers offer whatever their own schema is.
const OF_GRPC: [&str; 3] = ["grpc.reflection", "grpc.health", "grpc.channelz"];

/// What one side has. Map entries are the fields that declare them.
#[derive(Default)]
pub(super) struct Index {
    pub(super) files: BTreeMap<String, FileDescriptor>,
    pub(super) services: BTreeMap<String, ServiceDescriptor>,
    pub(super) messages: BTreeMap<String, MessageDescriptor>,
    pub(super) enums: BTreeMap<String, EnumDescriptor>,
    pub(super) extensions: BTreeMap<String, ExtensionDescriptor>,
}

impl Index {
    /// What each side has, as far as it is meant.
    pub(super) fn of_both(old: &[FileDescriptor], new: &[FileDescriptor], only: &[String]) -> (Self, Self) {
        let packages = |files: &[FileDescriptor]| -> BTreeSet<String> {
            files.iter().map(|file| file.package_name().to_owned()).collect()
        };
        let (in_old, in_new) = (packages(old), packages(new));
        if only.is_empty() {
            return (
                Self::of_files(old, |package| in_new.contains(package)),
                Self::of_files(new, |package| in_old.contains(package)),
            );
        }
        let (mut old, mut new) = (Self::of_files(old, |_| true), Self::of_files(new, |_| true));
        old.retain(only);
        new.retain(only);
        (old, new)
    }

    /// All of these files; packages of gRPC's own where they count.
    fn of_files(files: &[FileDescriptor], counts: impl Fn(&str) -> bool) -> Self {
        let mut index = Self::default();
        for file in files.iter().filter(|file| !is_well_known(file)) {
            let package = file.package_name();
            if OF_GRPC.iter().any(|own| is_in(package, own)) && !counts(package) {
                continue;
            }
            index.files.insert(file.name().to_owned(), file.clone());
            for service in file.services() {
                index.services.insert(service.full_name().to_owned(), service);
            }
            file.enums().for_each(|enumeration| index.enumeration(enumeration));
            file.extensions().for_each(|extension| index.extension(extension));
            let mut messages: Vec<MessageDescriptor> = file.messages().collect();
            while let Some(message) = messages.pop() {
                message.child_enums().for_each(|enumeration| index.enumeration(enumeration));
                message.child_extensions().for_each(|extension| index.extension(extension));
                messages.extend(message.child_messages());
                index.message(message);
            }
        }
        index
    }

    /// Leaves out what neither is one of these definitions, or in one of these packages, nor stands in such a file.
    fn retain(&mut self, only: &[String]) {
        let is_meant = |name: &str| only.iter().any(|one| is_in(name, one));
        self.services.retain(|name, _| is_meant(name));
        self.messages.retain(|name, _| is_meant(name));
        self.enums.retain(|name, _| is_meant(name));
        self.extensions.retain(|name, _| is_meant(name));
        let services = self.services.values().map(ServiceDescriptor::parent_file);
        let messages = self.messages.values().map(MessageDescriptor::parent_file);
        let enums = self.enums.values().map(EnumDescriptor::parent_file);
        let extensions = self.extensions.values().map(ExtensionDescriptor::parent_file);
        let files = services.chain(messages).chain(enums).chain(extensions);
        let files: BTreeSet<String> = files.map(|file| file.name().to_owned()).collect();
        self.files.retain(|name, file| files.contains(name) || is_meant(file.package_name()));
    }

    /// The types that a method's messages are made of.
    pub(super) fn of_method(method: &MethodDescriptor) -> Self {
        let mut index = Self::default();
        let mut open = vec![method.input(), method.output()];
        let mut seen = BTreeSet::new();
        while let Some(message) = open.pop() {
            if is_well_known(&message.parent_file()) || !seen.insert(message.full_name().to_owned()) {
                continue;
            }
            for field in message.fields() {
                match field.kind() {
                    Kind::Message(inner) => open.push(inner),
                    Kind::Enum(inner) if !is_well_known(&inner.parent_file()) => index.enumeration(inner),
                    _ => {}
                }
            }
            index.message(message);
        }
        index
    }

    fn message(&mut self, message: MessageDescriptor) {
        if !message.is_map_entry() {
            self.messages.insert(message.full_name().to_owned(), message);
        }
    }

    fn enumeration(&mut self, enumeration: EnumDescriptor) {
        self.enums.insert(enumeration.full_name().to_owned(), enumeration);
    }

    fn extension(&mut self, extension: ExtensionDescriptor) {
        self.extensions.insert(extension.full_name().to_owned(), extension);
    }
}

/// Whether a name is another, or one of something in it.
pub(super) fn is_in(package: &str, other: &str) -> bool {
    package.strip_prefix(other).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}
