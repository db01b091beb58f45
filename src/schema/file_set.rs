//! Descriptor files as raw bytes, from wherever they came, and how they become a pool.
//!
//! The bytes are kept because decoding them into structs loses custom options. Every file is checked before it is
//! taken ([`super::check`]), since the pool behind it is not safe against hostile ones.

mod again;
mod parts;
mod work;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use bytes::Bytes;
use prost::Message as _;
use prost_reflect::DescriptorPool;
use prost_types::{DescriptorProto, FileDescriptorProto};
use thiserror::Error;

use super::bare::Bare;
use super::builtin;
use super::check::{self, CheckError};
use super::edition::{self, Lowered};
use super::odd;
use super::raw_set::RawSet;
use again::Again;
use work::Work;

#[derive(Clone)]
struct RawFile {
    bytes: Bytes,
    /// What the pool gets to see of it.
    lowered: Bytes,
    imports: Vec<String>,
    /// What it imports beside, for options that may as well stay unknown.
    option_imports: Vec<String>,
    /// Which of the imports are passed on to importers.
    public: Vec<i32>,
    /// How much work it makes for the pool.
    work: Work,
}

/// A file that was read, and not yet checked.
struct Read {
    bytes: Bytes,
    bare: Bare,
    /// All of it but the options that the pool does not see.
    file: FileDescriptorProto,
}

impl Read {
    fn new(bytes: Bytes) -> Result<Self, CheckError> {
        let bare = Bare::new(&bytes)?;
        let file = FileDescriptorProto::decode(bare.bytes.clone())?;
        Ok(Self { bytes, bare, file })
    }
}

impl RawFile {
    /// Checks a file, and makes it fit for the pool if it is not.
    fn new(Read { bytes, bare, file }: Read) -> Result<Self, CheckError> {
        check::file(&file)?;
        let lower = if odd::has_like_names(&file) { edition::lower_proto3 } else { edition::lower };
        let Lowered { bytes: lowered, option_imports } = lower(&bytes)?;
        let bare = if lowered == bytes { bare } else { Bare::new(&lowered)? }.with(&lowered);
        let work = Work::of(&file, bare.marks);
        let (imports, public) = (file.dependency, file.public_dependency);
        Ok(Self { bytes, lowered: bare.bytes, imports, option_imports, public, work })
    }
}

impl RawFile {
    fn of_program(bytes: Bytes, imports: Vec<String>) -> Self {
        Self {
            lowered: bytes.clone(),
            bytes,
            imports,
            option_imports: Vec::new(),
            public: Vec::new(),
            work: Work::default(),
        }
    }
}

/// Files by name, checked, not yet linked to each other.
#[derive(Clone, Default)]
pub(super) struct FileSet {
    files: HashMap<String, RawFile>,
    /// The names in the order in which they came.
    order: Vec<String>,
    /// Whether any file has marks of what a repair mends, though it may well link.
    odd: bool,
    /// Whether any message may have numbers that are for others to use.
    extendable: bool,
    /// Whether files import each other in circles that the pool can bear: none of the imports is public.
    cycles: bool,
    /// The files of names that were taken.
    again: Again,
}

impl LinkError {
    /// Whether the files may mean something all the same, which [`super::repair`] finds out.
    pub(super) fn is_repairable(&self) -> bool {
        !matches!(self, Self::ImportsTooDeep(_) | Self::TooManyWays(_) | Self::TooManyOptions(_))
    }
}

impl From<prost_reflect::DescriptorError> for LinkError {
    fn from(error: prost_reflect::DescriptorError) -> Self {
        Self::Descriptors(Arc::new(error))
    }
}

/// What is to become of a file.
pub(super) enum Edit {
    Replace(Bytes),
    Remove,
}

/// Why files make no pool.
#[derive(Debug, Clone, Error)]
pub enum LinkError {
    /// An import that nobody has.
    #[error("{wanted_by} imports {import}, which {nobody}")]
    MissingImport {
        /// The file that is missing.
        import: String,
        /// A file that imports it.
        wanted_by: String,
        /// Who does not have it.
        nobody: &'static str,
    },
    /// A type that nobody defines.
    #[error("{wanted_by} needs {name}, which {nobody}")]
    MissingType {
        /// The type's name, as the file has it.
        name: String,
        /// A file that needs it.
        wanted_by: String,
        /// Who does not have it.
        nobody: &'static str,
    },
    /// Files that import each other in a circle.
    #[error("{0} imports itself, by way of the files it imports")]
    ImportCycle(String),
    /// The import chain is longer than any real one.
    #[error("{0} stands behind more than {MAX_IMPORT_DEPTH} files that import one another")]
    ImportsTooDeep(String),
    /// Public imports that lead to the same files again and again, by millions of ways.
    #[error("{0} imports files that pass on their imports in too many ways")]
    TooManyWays(String),
    /// Names that are so long, or have to be looked for in so many places, that it would take minutes.
    #[error("{0} has more names, or longer ones, than any real file")]
    TooManyNames(String),
    /// Features and extensions of options, each of which is looked for in all of the others.
    #[error("{0} has more features, or there are more extensions of options, than in any real schema")]
    TooManyOptions(String),
    /// The files contradict themselves or each other.
    #[error("the descriptors do not fit together")]
    Descriptors(#[source] Arc<prost_reflect::DescriptorError>),
}

/// Import chains of real schemas are a dozen files long.
pub(super) const MAX_IMPORT_DEPTH: usize = 100;

/// Real schemas have a handful of public imports.
const MAX_WAYS: usize = 1_000_000;

impl FileSet {
    /// Takes a file. One whose name is taken gets another, unless it says the same: it may define what nobody else
    /// does, and a repair tells the two apart.
    pub(super) fn add(&mut self, bytes: Bytes) -> Result<(), CheckError> {
        let mut read = Read::new(bytes)?;
        let mut name = read.file.name().to_owned();
        // The compiler's own files are always taken from here: they are the same everywhere, but for versions,
        // and what interprets them relies on their contents.
        if builtin::is_well_known(&name) {
            return Ok(());
        }
        if self.contains(&name) {
            let Some((other, bytes)) = self.again(&name, &read.bytes) else { return Ok(()) };
            read = Read::new(bytes)?;
            name = other;
            self.odd = true;
        }
        let is_odd = odd::is_odd(&read.file);
        let extendable = read.file.dependency.iter().any(|import| import == builtin::DESCRIPTOR)
            || read.file.message_type.iter().any(has_extension_range);
        let file = RawFile::new(read)?;
        self.odd |= is_odd;
        self.extendable |= extendable;
        self.order.push(name.clone());
        self.files.insert(name, file);
        Ok(())
    }

    /// Takes every file that the program has itself.
    pub(super) fn add_builtins(&mut self) {
        for name in builtin::names() {
            if let Some(bytes) = builtin::file(name).filter(|_| !self.contains(name)) {
                let imports = builtin::imports(name).into_iter().map(str::to_owned).collect();
                self.order.push(name.to_owned());
                self.files.insert(name.to_owned(), RawFile::of_program(bytes, imports));
            }
        }
    }

    /// Takes from `other` the files that are missing here.
    pub(super) fn fill_from(&mut self, other: &Self) {
        for name in self.missing().into_iter().chain(self.missing_options()) {
            if let Some(file) = other.files.get(&name) {
                self.order.push(name.clone());
                self.files.insert(name, file.clone());
            }
        }
    }

    /// The files in the order in which they came, as they are.
    pub(super) fn named(&self) -> impl Iterator<Item = (&str, &Bytes)> {
        self.order.iter().filter_map(|name| Some((name.as_str(), &self.files.get(name)?.bytes)))
    }

    /// A file as it is.
    pub(super) fn bytes(&self, name: &str) -> Option<Bytes> {
        self.files.get(name).map(|file| file.bytes.clone())
    }

    /// Gives files other contents, or takes them away. They are checked again; one that fails stays as it was.
    pub(super) fn edit(&mut self, edits: HashMap<String, Edit>, mut cycles: bool) {
        for (name, edit) in edits {
            let Edit::Replace(bytes) = edit else {
                self.files.remove(&name);
                continue;
            };
            match Read::new(bytes).and_then(RawFile::new) {
                Ok(file) => drop(self.files.insert(name, file)),
                Err(_) => cycles = false,
            }
        }
        self.order.retain(|name| self.files.contains_key(name));
        self.odd = false;
        self.cycles = cycles;
    }

    /// Whether the files should be repaired even if they link.
    pub(super) fn is_odd(&self) -> bool {
        self.odd
    }

    /// Has the files repaired even if they link.
    pub(super) fn be_odd(&mut self) {
        self.odd = true;
    }

    /// Whether there may be a message that others can extend, as the options of descriptors are.
    pub(super) fn can_be_extended(&self) -> bool {
        self.extendable
    }

    /// What a file was called, if its name was taken.
    pub(super) fn former_name(&self, name: &str) -> Option<&str> {
        self.again.former_name(name)
    }

    /// How many bytes the files have together.
    pub(super) fn size(&self) -> usize {
        self.files.values().map(|file| file.bytes.len()).sum()
    }

    pub(super) fn len(&self) -> usize {
        self.order.len()
    }

    pub(super) fn contains(&self, name: &str) -> bool {
        self.files.contains_key(name)
    }

    /// Imports that neither the set nor the program itself has, each once.
    pub(super) fn missing(&self) -> Vec<String> {
        self.lacking(|file| &file.imports)
    }

    /// The same of imports that are for options alone, and that nobody needs.
    pub(super) fn missing_options(&self) -> Vec<String> {
        self.lacking(|file| &file.option_imports)
    }

    fn lacking(&self, imports: impl Fn(&RawFile) -> &Vec<String>) -> Vec<String> {
        let mut seen = HashSet::new();
        let imports = self.order.iter().filter_map(|name| self.files.get(name)).flat_map(imports);
        imports
            .filter(|import| !self.contains(import) && builtin::file(import).is_none())
            .filter(|import| seen.insert(import.as_str()))
            .cloned()
            .collect()
    }

    /// Links all files. With `options`, the pool knows every standard option; without, it knows the types that
    /// options have and none of their fields, which spares the one millisecond that a short call is made of.
    pub(super) fn link(&self, options: bool, nobody: &'static str) -> Result<DescriptorPool, LinkError> {
        self.link_onto(None, options, nobody)
    }

    /// Links all files onto what [`groundwork`] made, where it is of use.
    pub(super) fn link_onto(
        &self,
        groundwork: Option<DescriptorPool>,
        options: bool,
        nobody: &'static str,
    ) -> Result<DescriptorPool, LinkError> {
        self.check_work()?;
        let mut sorted = self.sorted(nobody)?;
        self.check_public_imports(&sorted)?;
        let full = options || sorted.iter().any(|(name, _)| *name == builtin::DESCRIPTOR);
        sorted.retain(|(name, _)| *name != builtin::DESCRIPTOR);
        let mut set = RawSet { files: Vec::with_capacity(sorted.len() + 1) };
        let mut pool = match groundwork {
            Some(pool) if !full => pool,
            _ => {
                set.files.push(if full { builtin::descriptor() } else { builtin::option_types() });
                DescriptorPool::new()
            }
        };
        set.files.extend(sorted.into_iter().map(|(_, bytes)| bytes));
        pool.decode_file_descriptor_set(set.encode_to_vec().as_slice()).map_err(LinkError::from)?;
        Ok(pool)
    }

    /// Every file of the set and the program's own files that they need, imports before importers.
    fn sorted<'a>(&'a self, nobody: &'static str) -> Result<Vec<(&'a str, Bytes)>, LinkError> {
        let mut sorted = Vec::new();
        let mut state: HashMap<&str, Visit> = HashMap::new();
        for root in &self.order {
            // A path from a root to the file at hand, each with the imports of it that are still to be visited.
            let mut path: Vec<(&'a str, Bytes, Vec<&'a str>)> = Vec::new();
            let mut next = Some(root.as_str());
            loop {
                if let Some(name) = next.take() {
                    match state.get(name) {
                        Some(Visit::Done) => {}
                        Some(Visit::Open) if self.cycles => {}
                        Some(Visit::Open) => return Err(LinkError::ImportCycle(name.to_owned())),
                        None if path.len() >= MAX_IMPORT_DEPTH && !self.cycles => {
                            return Err(LinkError::ImportsTooDeep(name.to_owned()));
                        }
                        None => {
                            let wanted_by = path.last().map_or(root.as_str(), |(name, ..)| name);
                            let (bytes, imports) =
                                self.lookup(name).ok_or_else(|| LinkError::MissingImport {
                                    import: name.to_owned(),
                                    wanted_by: wanted_by.to_owned(),
                                    nobody,
                                })?;
                            state.insert(name, Visit::Open);
                            path.push((name, bytes, imports));
                        }
                    }
                }
                let Some((name, bytes, imports)) = path.last_mut() else { break };
                next = imports.pop();
                if next.is_none() {
                    state.insert(name, Visit::Done);
                    sorted.push((*name, std::mem::take(bytes)));
                    path.pop();
                }
            }
        }
        Ok(sorted)
    }

    /// The pool follows public imports by every way there is, and of those there can be exponentially many.
    fn check_public_imports(&self, sorted: &[(&str, Bytes)]) -> Result<(), LinkError> {
        if self.files.values().all(|file| file.public.is_empty()) {
            return Ok(());
        }
        let mut ways: HashMap<&str, usize> = HashMap::new();
        let mut total: usize = 0;
        for (name, _) in sorted {
            let Some(file) = self.files.get(*name) else { continue };
            let ways_by = |import: &String| ways.get(import.as_str()).copied().unwrap_or(1);
            total = file.imports.iter().map(ways_by).fold(total, usize::saturating_add);
            if total > MAX_WAYS {
                return Err(LinkError::TooManyWays((*name).to_owned()));
            }
            let public =
                file.public.iter().filter_map(|&index| file.imports.get(usize::try_from(index).ok()?));
            let own = public.map(ways_by).fold(1, usize::saturating_add);
            ways.insert(name, own);
        }
        Ok(())
    }

    /// A file's bytes, as the pool gets to see them, and imports, the last import first.
    fn lookup<'a>(&'a self, name: &'a str) -> Option<(Bytes, Vec<&'a str>)> {
        if let Some(file) = self.files.get(name) {
            return Some((file.lowered.clone(), file.imports.iter().rev().map(String::as_str).collect()));
        }
        Some((builtin::file(name)?, builtin::imports(name).iter().rev().copied().collect()))
    }
}

/// What most pools begin with, for [`FileSet::link_onto`]. It can be made while an answer is awaited.
pub(super) fn groundwork() -> Option<DescriptorPool> {
    FileSet::default().link(false, "").ok()
}

fn has_extension_range(message: &DescriptorProto) -> bool {
    !message.extension_range.is_empty() || message.nested_type.iter().any(has_extension_range)
}

enum Visit {
    Open,
    Done,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, imports: &[&str]) -> Bytes {
        let file = FileDescriptorProto {
            name: Some(name.to_owned()),
            dependency: imports.iter().map(|&import| import.to_owned()).collect(),
            ..FileDescriptorProto::default()
        };
        file.encode_to_vec().into()
    }

    fn set(files: &[Bytes]) -> FileSet {
        let mut set = FileSet::default();
        for file in files {
            set.add(file.clone()).unwrap();
        }
        set
    }

    #[test]
    fn files_link_in_any_order_and_well_known_ones_need_not_be_given() {
        let set = set(&[file("a", &["b", "google/protobuf/timestamp.proto"]), file("b", &[])]);
        assert_eq!(set.missing(), Vec::<String>::new());
        let pool = set.link(false, "nobody has").unwrap();
        assert!(pool.get_message_by_name("google.protobuf.Timestamp").is_some());
    }

    #[test]
    fn a_missing_import_is_named_with_who_wanted_it() {
        let set = set(&[file("a", &["b"]), file("b", &["c", "d", "c"])]);
        assert_eq!(set.missing(), ["c", "d"]);
        let error = set.link(false, "nobody has").unwrap_err();
        assert_eq!(error.to_string(), "b imports c, which nobody has");
    }

    #[test]
    fn import_cycles_and_endless_chains_end() {
        let cycle = set(&[file("a", &["b"]), file("b", &["a"])]);
        assert!(matches!(cycle.link(false, ""), Err(LinkError::ImportCycle(_))));
        let own = set(&[file("a", &["a"])]);
        assert!(matches!(own.link(false, ""), Err(LinkError::ImportCycle(_))));
        let doubling = |i: i32| {
            let imports = (0..3).map(|side| format!("{}.{side}", i + 1)).collect::<Vec<_>>();
            (0..3).map(move |side| FileDescriptorProto {
                name: Some(format!("{i}.{side}")),
                dependency: if i < 60 { imports.clone() } else { Vec::new() },
                public_dependency: if i < 60 { vec![0, 1, 2] } else { Vec::new() },
                ..FileDescriptorProto::default()
            })
        };
        let tree: Vec<Bytes> = (0..=60).flat_map(doubling).map(|file| file.encode_to_vec().into()).collect();
        assert!(matches!(set(&tree).link(false, ""), Err(LinkError::TooManyWays(_))));
        let chain: Vec<_> = (0..300).map(|i| file(&i.to_string(), &[&(i + 1).to_string()])).collect();
        assert!(matches!(set(&chain).link(false, ""), Err(LinkError::ImportsTooDeep(_))));
    }
}
