//! Descriptors that do not fit together, made to fit.
//!
//! Servers send files without the imports they need, with imports that nobody has, with names that are relative or
//! not those that protobuf prescribes, and the same definitions twice. What is meant is clear all the same, and is
//! worked out here from all files at once, after the plain link has failed. Files that need no repair stay byte for
//! byte what they were. What a repair cannot mend is for the pool to complain about.

mod conflicts;
mod extensions;
mod imports;
mod message;
mod names;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::fmt;

use bytes::Bytes;
use prost::Message as _;
use prost_reflect::DescriptorPool;

use super::check::MAX_FIELD_NUMBER;
use super::file_set::{Edit, FileSet, LinkError};
use super::name::joined;
use super::raw;
use names::{Index, Uses};

/// One thing that was mended in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repair {
    file: String,
    what: What,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum What {
    SecondName(String),
    DroppedImport { import: String, why: Dropped },
    AddedImport { import: String, definition: String },
    Circle,
    Names(usize),
    MapEntry { from: String, to: String },
    Optional(String),
    Copy { field: String, message: String },
    JsonName { field: String, name: String, other: String },
    Types(usize),
    Proto2(&'static str),
    Definition(String),
    Conflict { name: String, kept: String },
    Extension { name: String, why: Unlinkable },
    LostExtension { number: i32, why: String },
    File,
}

/// Why a file is not imported any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Dropped {
    /// It is not there.
    Missing,
    /// It is left out itself.
    LeftOut,
    /// It is the file itself.
    Itself,
    /// It would make a circle, and nothing of it is used.
    Unused,
}

impl fmt::Display for Dropped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => "which is missing and not needed",
            Self::LeftOut => "which is left out",
            Self::Itself => "which is the file itself",
            Self::Unused => "which nothing uses",
        })
    }
}

/// Why an extension is none.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Unlinkable {
    /// It extends what is no message, or what nobody defines.
    NoMessage(String),
    /// It has a number that the message keeps for itself.
    OutOfRange { number: i32, message: String },
    /// It has a number that only a message set can have, for which the pool has no room.
    TooLarge(i32),
    /// Another has its number.
    Taken { number: i32, message: String, by: String },
    /// Its type is one that nobody defines.
    NoType(String),
}

impl fmt::Display for Unlinkable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoMessage(name) => write!(f, "it extends {name}, which is no message"),
            Self::OutOfRange { number, message } => {
                write!(f, "its number {number} is in none of the ranges that {message} has for extensions")
            }
            Self::TooLarge(number) => {
                write!(
                    f,
                    "its number {number} is larger than those that can be had, {MAX_FIELD_NUMBER} at most"
                )
            }
            Self::Taken { number, message, by } => {
                write!(f, "its number {number} in {message} is that of {by}")
            }
            Self::NoType(name) => write!(f, "nobody has its type {name}"),
        }
    }
}

impl fmt::Display for Repair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.file)?;
        match &self.what {
            What::SecondName(name) => {
                write!(f, "called so, because there is another {name}, which says something else")
            }
            What::DroppedImport { import, why } => write!(f, "dropped the import of {import}, {why}"),
            What::AddedImport { import, definition } => {
                write!(f, "added the import of {import}, which defines {definition}")
            }
            What::Circle => write!(f, "let be that it imports files that need each other"),
            What::Names(1) => write!(f, "wrote the name of 1 type in full"),
            What::Names(count) => write!(f, "wrote the names of {count} types in full"),
            What::MapEntry { from, to } => write!(f, "renamed the map entry {from} to {to}"),
            What::Optional(field) => write!(f, "made {field} optional, as its oneof says"),
            What::Copy { field, message } => {
                write!(f, "dropped {field} from the fields of {message}, which it is an extension of")
            }
            What::JsonName { field, name, other } => {
                write!(f, "called {field} {other:?} in JSON, where another field is {name:?}")
            }
            What::Types(1) => write!(f, "said of 1 field what kind of type it has"),
            What::Types(count) => write!(f, "said of {count} fields what kind of type they have"),
            What::Proto2(why) => write!(f, "took it for proto2, because it has {why}"),
            What::Definition(name) => write!(f, "left out {name}, which is defined elsewhere"),
            What::Conflict { name, kept } => {
                write!(f, "{name} is defined otherwise in {kept}, which was kept")
            }
            What::Extension { name, why } => write!(f, "left out the extension {name}: {why}"),
            What::LostExtension { number, why } => write!(f, "went without its extension {number}, {why}"),
            What::File => write!(f, "left out, because all of it is defined elsewhere"),
        }
    }
}

impl Repair {
    /// What is to be told of an extension of a message that can't be had.
    pub(super) fn lost_extension(message: &str, number: i32, why: &str) -> Self {
        Self { file: message.to_owned(), what: What::LostExtension { number, why: why.to_owned() } }
    }

    /// Whether one of two definitions that contradict each other was kept: what is said by it may be wrong.
    pub fn is_conflict(&self) -> bool {
        matches!(self.what, What::Conflict { .. })
    }
}

/// A reference to a type that nobody defines.
#[derive(Debug, Clone)]
pub(super) struct Missing {
    name: String,
    scope: String,
    file: String,
}

impl Missing {
    /// The file that refers to it.
    pub(super) fn file(&self) -> &str {
        &self.file
    }

    /// The full names that may be meant, the likeliest first.
    pub(super) fn candidates(&self) -> Vec<String> {
        const SCOPES: usize = 8;
        if let Some(full_name) = self.name.strip_prefix('.') {
            return vec![full_name.to_owned()];
        }
        let scopes =
            std::iter::successors(Some(self.scope.as_str()), |scope| Some(scope.rsplit_once('.')?.0));
        let outermost = self.name.contains('.').then(|| self.name.clone());
        outermost.into_iter().chain(scopes.take(SCOPES).map(|scope| joined(scope, &self.name))).collect()
    }
}

/// What repairing came to.
pub(super) struct Outcome {
    pub(super) files: FileSet,
    pub(super) repairs: Vec<Repair>,
    /// What could not be repaired because definitions are missing, and what each file lacks for it.
    pub(super) missing: Vec<Missing>,
    dropped: HashMap<String, String>,
}

impl Outcome {
    /// Whether the files are as they were, and nothing is known to be missing.
    pub(super) fn changes_nothing(&self) -> bool {
        self.repairs.is_empty() && self.missing.is_empty()
    }

    /// The same, unless something is missing: then without the extensions that are what it is missing for.
    pub(super) fn without_lost_extensions(self, files: &FileSet) -> Self {
        if self.missing.is_empty() { self } else { repaired_with(files, Lost::LeftOut) }
    }

    /// The same of some of the files alone.
    pub(super) fn of_only(mut self, files: FileSet) -> Self {
        self.repairs.retain(|repair| files.contains(&repair.file));
        self.missing.clear();
        Self { files, ..self }
    }

    /// Links the repaired files.
    pub(super) fn link(&self, options: bool, nobody: &'static str) -> Result<DescriptorPool, LinkError> {
        match self.missing.first() {
            None => self.files.link(options, nobody),
            Some(missing) => Err(self.lack(missing, nobody)),
        }
    }

    /// Links the repaired files, which come with the pool, or else takes what came of linking them as they were.
    pub(super) fn or(
        self,
        plain: Result<DescriptorPool, LinkError>,
        options: bool,
        nobody: &'static str,
    ) -> Result<(DescriptorPool, Option<Self>), LinkError> {
        match self.link(options, nobody) {
            Ok(pool) if !self.repairs.is_empty() => Ok((pool, Some(self))),
            Err(error) if plain.is_err() && !self.changes_nothing() => Err(error),
            _ => Ok((plain?, None)),
        }
    }

    /// What it comes to that something is missing.
    pub(super) fn lack(&self, Missing { name, file, .. }: &Missing, nobody: &'static str) -> LinkError {
        // A missing file is the likeliest to define a missing type.
        let wanted_by = file.clone();
        match self.dropped.get(file) {
            Some(import) => LinkError::MissingImport { import: import.clone(), wanted_by, nobody },
            None => {
                LinkError::MissingType { name: name.trim_start_matches('.').to_owned(), wanted_by, nobody }
            }
        }
    }
}

/// Links files as they are or, where they do not fit, repaired; the repaired ones come with the pool.
pub(super) fn link(
    files: &FileSet,
    options: bool,
    nobody: &'static str,
) -> Result<(DescriptorPool, Option<Outcome>), LinkError> {
    let plain = files.link(options, nobody);
    if !is_wanted(files, &plain) {
        return Ok((plain?, None));
    }
    repaired(files).without_lost_extensions(files).or(plain, options, nobody)
}

/// Whether files that were linked as they are, or were not, are to be repaired.
pub(super) fn is_wanted(files: &FileSet, plain: &Result<DescriptorPool, LinkError>) -> bool {
    match plain {
        Ok(_) => files.is_odd(),
        Err(error) => error.is_repairable(),
    }
}

/// A file while it is repaired.
struct Draft {
    name: String,
    file: raw::File,
    notes: Notes,
    /// Whether it has changed in a way that is not worth a note.
    changed: bool,
    left_out: bool,
    /// What other files define already.
    lost: raw::File,
    uses: Uses,
    dropped: Vec<String>,
}

/// The notes on one file.
struct Notes {
    file: String,
    repairs: Vec<Repair>,
}

impl Notes {
    fn add(&mut self, what: What) {
        self.repairs.push(Repair { file: self.file.clone(), what });
    }
}

/// What becomes of extensions of which a type is missing.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Lost {
    /// They stay, since it may still be found.
    Kept,
    LeftOut,
}

/// Repairs what can be repaired. Files that ask for more work than any real ones do are left as they are.
pub(super) fn repaired(files: &FileSet) -> Outcome {
    repaired_with(files, Lost::Kept)
}

fn repaired_with(files: &FileSet, lost: Lost) -> Outcome {
    let mut drafts: Vec<Draft> = files.named().filter_map(|(name, bytes)| Draft::new(name, bytes)).collect();
    for draft in &mut drafts {
        if let Some(former) = files.former_name(&draft.name) {
            draft.notes.add(What::SecondName(former.to_owned()));
        }
    }
    let unchanged = || Outcome {
        files: files.clone(),
        repairs: Vec::new(),
        missing: Vec::new(),
        dropped: HashMap::new(),
    };
    if !files.can_be_repaired() || drafts.len() < files.len() {
        return unchanged();
    }
    let mut index = Index::new();
    for (place, draft) in drafts.iter_mut().enumerate() {
        message::restore(&mut draft.file, &mut draft.notes);
        draft.lost = index.define(place, &mut draft.file);
        draft.left_out = !draft.lost.is_empty() && draft.file.is_empty();
        if draft.left_out {
            draft.notes.repairs.retain(|repair| matches!(repair.what, What::SecondName(_)));
        }
    }
    conflicts::tell(&index, &mut drafts);
    let mut linkable = extensions::Linkable::new(&index, lost);
    for draft in drafts.iter_mut().filter(|draft| !draft.left_out) {
        linkable.retain(&mut draft.file, &mut draft.notes);
    }
    for draft in drafts.iter_mut().filter(|draft| !draft.left_out) {
        draft.uses = names::qualify(&index, &mut draft.file, &mut draft.notes);
    }
    let cycles = imports::recompute(&mut drafts);
    let mut outcome = unchanged();
    let mut edits = HashMap::new();
    for draft in drafts {
        if let Some(edit) = draft.edit() {
            edits.insert(draft.name.clone(), edit);
        }
        outcome.dropped.extend(draft.dropped.into_iter().next().map(|import| (draft.name, import)));
        outcome.missing.extend(draft.uses.missing);
        outcome.repairs.extend(draft.notes.repairs);
    }
    outcome.files.edit(edits, cycles);
    outcome
}

impl Draft {
    fn new(name: &str, bytes: &Bytes) -> Option<Self> {
        let file = raw::File::decode(bytes.clone()).ok()?;
        Some(Self {
            name: name.to_owned(),
            file,
            notes: Notes { file: name.to_owned(), repairs: Vec::new() },
            changed: false,
            left_out: false,
            lost: raw::File::default(),
            uses: Uses::default(),
            dropped: Vec::new(),
        })
    }

    /// What is to become of the file, if it does not stay as it was.
    fn edit(&self) -> Option<Edit> {
        if self.left_out {
            return Some(Edit::Remove);
        }
        let changed = self.changed || !self.notes.repairs.is_empty();
        changed.then(|| Edit::Replace(self.file.encode_to_vec().into()))
    }
}
