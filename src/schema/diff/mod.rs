//! What changed between two schemas, and what each change breaks.
//!
//! Both sides are compared by names, and fields and enum values by numbers, whatever files they stand in. What counts as
//! breaking is after `buf breaking`: its category WIRE is [`Breaks::wire`], what WIRE_JSON has beyond it is
//! [`Breaks::json`], and FILE and PACKAGE are [`Breaks::source`]. Where buf has one rule for several categories, such as
//! that of a field's type, each category is decided for itself. docs/diff.md has the table.

mod enums;
mod fields;
mod files;
mod index;
mod kinds;
mod messages;
pub mod names;
mod options;
mod ranges;
mod services;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use prost_reflect::{FileDescriptor, MethodDescriptor, ServiceDescriptor};

use super::options::Reader;
use index::Index;

/// Who is affected by a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Breaks {
    /// Old and new programs no longer understand each other's bytes, or calls.
    pub wire: bool,
    /// The same for protobuf's JSON.
    pub json: bool,
    /// Programs no longer compile, or mean something else, once their code is generated anew.
    pub source: bool,
}

impl Breaks {
    const NOTHING: Self = Self { wire: false, json: false, source: false };
    const SOURCE: Self = Self { source: true, ..Self::NOTHING };
    const JSON: Self = Self { json: true, ..Self::SOURCE };
    const WIRE: Self = Self { wire: true, ..Self::SOURCE };
    const ALL: Self = Self { wire: true, json: true, source: true };

    /// Whether anyone is.
    pub fn any(self) -> bool {
        self != Self::NOTHING
    }

    fn or(self, other: Self) -> Self {
        Self {
            wire: self.wire || other.wire,
            json: self.json || other.json,
            source: self.source || other.source,
        }
    }
}

/// What became of something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// It is there since.
    Added,
    /// It is there no longer.
    Removed,
    /// It is there and another.
    Changed,
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Which kind of change it is, in a word that stays the same: `field-type`.
    pub rule: &'static str,
    /// What became of it.
    pub effect: Effect,
    /// What has changed: `file`, `service`, `method`, `message`, `field`, `oneof`, `enum`, `enum value` or `extension`.
    pub kind: &'static str,
    /// Its full name, the old one where both have one; a method's is `pkg.Service/Method`.
    pub name: String,
    /// The file that it is in, or was.
    pub file: String,
    /// The change in words, to stand behind the name.
    pub text: String,
    /// What it was before, where that is one thing.
    pub old: Option<String>,
    /// What it is now.
    pub new: Option<String>,
    /// Who is affected.
    pub breaks: Breaks,
}

/// How much the names of files tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FileNames {
    /// They are what importers call them.
    #[default]
    Exact,
    /// They may begin in different folders: the last part is what counts.
    Last,
    /// They are what somebody called two versions of one file.
    Nothing,
}

/// What is compared of two schemas.
#[derive(Debug, Clone, Default)]
pub struct Scope {
    /// How much the names of files tell.
    pub files: FileNames,
    /// Packages and definitions, by their full names, as [`names::resolve`] gives them; none is all there are.
    pub only: Vec<String>,
}

/// What came of comparing two schemas.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// What changed.
    pub changes: Vec<Change>,
    /// How much there was to compare.
    pub compared: Counts,
}

/// How many definitions were looked at, each once that either side has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Services.
    pub services: usize,
    /// Their methods.
    pub methods: usize,
    /// Messages, without map entries.
    pub messages: usize,
    /// Enums.
    pub enums: usize,
    /// Extensions.
    pub extensions: usize,
}

/// What changed between all that these files have, as far as it is in scope. What is protobuf's own is the same
/// everywhere, and what is gRPC's own counts where both sides have it, or where it is named.
pub fn schemas(old: &[FileDescriptor], new: &[FileDescriptor], scope: &Scope) -> Comparison {
    let (old, new) = Index::of_both(old, new, &scope.only);
    let mut differ = Differ { names: scope.files, ..Differ::default() };
    differ.moved = files::moved_packages(&old, &new, differ.names);
    differ.files(&old, &new);
    differ.services(&old, &new);
    differ.messages(&old, &new);
    differ.enums(&old, &new);
    differ.extensions(&old, &new);
    Comparison { compared: differ.count(&old, &new), changes: differ.changes }
}

/// What changed between a method and the types that its messages are made of.
pub fn methods(old: &MethodDescriptor, new: &MethodDescriptor) -> Vec<Change> {
    let mut differ = Differ::default();
    differ.method(old, new);
    let (old, new) = (Index::of_method(old), Index::of_method(new));
    differ.messages(&old, &new);
    differ.enums(&old, &new);
    // What is not reached any more is not gone, and what is reached now is not new. Most options are no matter of
    // calls.
    differ.changes.retain(|change| {
        !matches!(change.rule, "message-added" | "message-removed" | "enum-added" | "enum-removed")
            && !options::is_rule(change.rule)
    });
    differ.changes
}

#[derive(Default)]
struct Differ {
    changes: Vec<Change>,
    names: FileNames,
    /// Packages that have another name now, by the old one.
    moved: HashMap<String, String>,
    /// What is known of options, on both sides.
    reader: Reader,
}

/// What a change is about.
#[derive(Clone, Copy)]
struct Subject<'a> {
    kind: &'static str,
    name: &'a str,
    file: &'a str,
}

impl Differ {
    fn push(
        &mut self,
        subject: Subject<'_>,
        rule: &'static str,
        effect: Effect,
        breaks: Breaks,
        text: String,
    ) {
        self.changes.push(Change {
            rule,
            effect,
            kind: subject.kind,
            name: subject.name.to_owned(),
            file: subject.file.to_owned(),
            text,
            old: None,
            new: None,
            breaks,
        });
    }

    fn added(&mut self, subject: Subject<'_>, rule: &'static str, breaks: Breaks) {
        self.push(subject, rule, Effect::Added, breaks, format!("{} added", subject.kind));
    }

    fn removed(&mut self, subject: Subject<'_>, rule: &'static str, breaks: Breaks) {
        self.push(subject, rule, Effect::Removed, breaks, format!("{} removed", subject.kind));
    }

    /// `what` was one thing and is another.
    fn changed(
        &mut self,
        subject: Subject<'_>,
        (rule, what): (&'static str, &str),
        (old, new): (&str, &str),
        breaks: Breaks,
    ) {
        let text = format!("{what} {old} → {new}");
        self.push(subject, rule, Effect::Changed, breaks, text);
        if let Some(change) = self.changes.last_mut() {
            (change.old, change.new) = (Some(old.to_owned()), Some(new.to_owned()));
        }
    }

    /// The name that something of this old name has now if it only went along with its package.
    fn new_name<'n>(&self, old: &'n str) -> Cow<'n, str> {
        if self.moved.is_empty() {
            return Cow::Borrowed(old);
        }
        // The longest package is the one that is meant.
        let packages = old.rmatch_indices('.').filter_map(|(end, _)| old.split_at_checked(end));
        let renamed = packages.into_iter().find_map(|(package, rest)| Some((self.moved.get(package)?, rest)));
        match renamed {
            Some((to, rest)) if to.is_empty() => Cow::Owned(rest.trim_start_matches('.').to_owned()),
            Some((to, rest)) => Cow::Owned(format!("{to}{rest}")),
            None => Cow::Borrowed(old),
        }
    }

    /// How much there is on either side, with what went along with its package as one.
    fn count(&self, old: &Index, new: &Index) -> Counts {
        let gone_of = |names: &mut dyn Iterator<Item = &String>, is_new: &dyn Fn(&str) -> bool| {
            names.filter(|name| !is_new(&self.new_name(name))).count()
        };
        let methods = |service: &ServiceDescriptor| -> HashSet<String> {
            service.methods().map(|method| method.name().to_owned()).collect()
        };
        let gone = old.services.iter().map(|(name, service)| {
            let now = new.services.get(&*self.new_name(name)).map(methods).unwrap_or_default();
            methods(service).difference(&now).count()
        });
        Counts {
            services: new.services.len()
                + gone_of(&mut old.services.keys(), &|name| new.services.contains_key(name)),
            methods: new.services.values().map(|service| service.methods().len()).sum::<usize>()
                + gone.sum::<usize>(),
            messages: new.messages.len()
                + gone_of(&mut old.messages.keys(), &|name| new.messages.contains_key(name)),
            enums: new.enums.len() + gone_of(&mut old.enums.keys(), &|name| new.enums.contains_key(name)),
            extensions: new.extensions.len()
                + gone_of(&mut old.extensions.keys(), &|name| new.extensions.contains_key(name)),
        }
    }
}
