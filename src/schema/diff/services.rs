//! Services and methods.

use std::collections::{BTreeMap, HashSet};

use prost_reflect::{MethodDescriptor, ServiceDescriptor};

use super::index::Index;
use super::{Breaks, Differ, Subject};
use crate::schema::name::method_path;

fn subject<'a>(service: &'a ServiceDescriptor, file: &'a str) -> Subject<'a> {
    Subject { kind: "service", name: service.full_name(), file }
}

impl Differ {
    pub(super) fn services(&mut self, old: &Index, new: &Index) {
        let mut kept = HashSet::new();
        for (name, service) in &old.services {
            let file = service.parent_file();
            let now = self.new_name(name).into_owned();
            match new.services.get(&now) {
                Some(now) => self.service(service, now, file.name()),
                // There is nobody to answer its calls, however they are encoded.
                None => self.removed(subject(service, file.name()), "service-removed", Breaks::ALL),
            }
            kept.insert(now);
        }
        for (_, service) in new.services.iter().filter(|(name, _)| !kept.contains(*name)) {
            self.added(subject(service, service.parent_file().name()), "service-added", Breaks::NOTHING);
        }
    }

    fn service(&mut self, old: &ServiceDescriptor, new: &ServiceDescriptor, file: &str) {
        self.options(subject(old, file), old, new);
        let by_name = |service: &ServiceDescriptor| -> BTreeMap<String, MethodDescriptor> {
            service.methods().map(|method| (method.name().to_owned(), method)).collect()
        };
        let (before, after) = (by_name(old), by_name(new));
        for (name, method) in &before {
            if let Some(now) = after.get(name) {
                self.method(method, now);
                continue;
            }
            let path = method_path(method);
            let subject = Subject { kind: "method", name: &path, file };
            self.removed(subject, "method-removed", Breaks::ALL);
        }
        for (_, method) in after.iter().filter(|(name, _)| !before.contains_key(*name)) {
            let (path, file) = (method_path(method), new.parent_file());
            let subject = Subject { kind: "method", name: &path, file: file.name() };
            self.added(subject, "method-added", Breaks::NOTHING);
        }
    }

    pub(super) fn method(&mut self, old: &MethodDescriptor, new: &MethodDescriptor) {
        let (path, file) = (method_path(old), old.parent_file());
        let subject = Subject { kind: "method", name: &path, file: file.name() };
        let sides = [
            ("method-request", "request", old.input(), new.input()),
            ("method-response", "response", old.output(), new.output()),
        ];
        for (rule, what, before, after) in sides {
            if self.new_name(before.full_name()) != after.full_name() {
                self.changed(subject, (rule, what), (before.full_name(), after.full_name()), Breaks::ALL);
            }
        }
        let streams = [
            ("method-client-streaming", "request", old.is_client_streaming(), new.is_client_streaming()),
            ("method-server-streaming", "response", old.is_server_streaming(), new.is_server_streaming()),
        ];
        for (rule, what, before, after) in streams {
            if before != after {
                let word = |streams| if streams { "a stream" } else { "one message" };
                self.changed(subject, (rule, what), (word(before), word(after)), Breaks::ALL);
            }
        }
        self.options(subject, old, new);
    }
}
