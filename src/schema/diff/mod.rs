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
mod options;
mod ranges;
mod services;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use prost_reflect::{FileDescriptor, MethodDescriptor};

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
    /// Packages and definitions, by their full names; none is all there are.
    pub only: Vec<String>,
}

/// What changed between all that these files have, as far as it is in scope; none where nothing of either side is.
/// What is protobuf's own is the same everywhere, and what is gRPC's own counts where both sides have it.
pub fn schemas(old: &[FileDescriptor], new: &[FileDescriptor], scope: &Scope) -> Option<Vec<Change>> {
    let mut differ = Differ { names: scope.files, ..Differ::default() };
    let (old, new) = Index::of_both(old, new, &scope.only);
    if old.is_empty() && new.is_empty() && !scope.only.is_empty() {
        return None;
    }
    differ.moved = files::moved_packages(&old, &new);
    differ.files(&old, &new);
    differ.services(&old, &new);
    differ.messages(&old, &new);
    differ.enums(&old, &new);
    differ.extensions(&old, &new);
    Some(differ.changes)
}

/// What changed between a method and the types that its messages are made of.
pub fn methods(old: &MethodDescriptor, new: &MethodDescriptor) -> Vec<Change> {
    let mut differ = Differ::default();
    differ.method(old, new);
    let (old, new) = (Index::of_method(old), Index::of_method(new));
    differ.messages(&old, &new);
    differ.enums(&old, &new);
    // What is not reached any more is not gone, and what is reached now is not new. Options of people's own are no
    // matter of calls.
    differ.changes.retain(|change| {
        !matches!(change.rule, "message-added" | "message-removed" | "enum-added" | "enum-removed")
            && change.rule != options::RULE
    });
    differ.changes
}

#[derive(Default)]
struct Differ {
    changes: Vec<Change>,
    names: FileNames,
    /// Packages that have another name now.
    moved: Vec<(String, String)>,
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

    /// Whether it is said that nobody should use something.
    fn deprecation(&mut self, subject: Subject<'_>, old: bool, new: bool) {
        if old != new {
            let text = if new { "deprecated" } else { "no longer deprecated" };
            self.push(subject, "deprecation", Effect::Changed, Breaks::NOTHING, text.to_owned());
        }
    }

    /// The name that something of this old name has now if it only went along with its package.
    fn new_name<'n>(&self, old: &'n str) -> Cow<'n, str> {
        let renamed = self.moved.iter().find_map(|(from, to)| {
            let rest = old.strip_prefix(from.as_str())?.strip_prefix('.')?;
            Some(if to.is_empty() { rest.to_owned() } else { format!("{to}.{rest}") })
        });
        renamed.map_or(Cow::Borrowed(old), Cow::Owned)
    }
}
