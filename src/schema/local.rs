//! Schemas from files: `.proto` sources, compiled here, and descriptor sets.

mod edition;
mod folder;
mod named;
mod places;
mod roots;
mod source;

use std::collections::HashSet;
use std::path::{Component, Path, PathBuf};

use bytes::Bytes;
use miette::Diagnostic as _;
use prost::Message as _;
use prost_types::FileDescriptorProto;
use protox::Compiler;
use protox::file::{ChainFileResolver, File, FileResolver, GoogleFileResolver};
use thiserror::Error;

use super::builtin;
use super::check::CheckError;
use super::error::Refused;
use super::file_set::FileSet;
use super::linked::Lost;
use super::raw_set::RawSet;
use crate::bounded::{self, MIB};
use folder::Expanded;
use named::NamedResolver;
use places::Places;
pub use roots::Missed;
use source::Include;

/// Why files give no schema.
#[derive(Debug, Error)]
pub enum LocalError {
    /// A descriptor set can't be read.
    #[error("cannot read descriptor set {path}", path = .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// A descriptor set holds something else.
    #[error("{path} is not a descriptor set", path = .path.display())]
    NotASet {
        /// The file.
        path: PathBuf,
        /// What the decoder said.
        source: prost::DecodeError,
    },
    /// A descriptor set without any file.
    #[error("there is nothing in {path}", path = .0.display())]
    Empty(PathBuf),
    /// A file of a descriptor set can't be used.
    #[error("cannot use descriptor set {path}", path = .path.display())]
    Unusable {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: CheckError,
    },
    /// A `.proto` file is not there, neither by its own path nor below an import path.
    #[error("there is no file {path}, here or below an import path", path = .path.display())]
    NoSuchProto {
        /// The file.
        path: PathBuf,
    },
    /// A folder can't be looked through.
    #[error("cannot read the folder {path}", path = .path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// A folder without any.
    #[error("there is no .proto file below {}", .0.display())]
    NoProtos(PathBuf),
    /// A folder such as `/`.
    #[error("there are too many files below {}", .0.display())]
    TooMany(PathBuf),
    /// A descriptor set stands where a `.proto` file belongs.
    #[error("{} is a descriptor set, and no .proto file", .0.display())]
    ASet(PathBuf),
    /// A `.proto` file stands where a descriptor set belongs.
    #[error("{} is a .proto file, and no descriptor set", .0.display())]
    ASource(PathBuf),
    /// An import path that is no directory.
    #[error("the import path {path} {}", if *.is_file { "is a file, not a directory" } else { "does not exist" }, path = .path.display())]
    NoSuchImportPath {
        /// The import path.
        path: PathBuf,
        /// Whether there is a file of that name.
        is_file: bool,
    },
    /// A `.proto` file does not compile; the text has the file, the line and the column.
    #[error("{0}")]
    Compile(String),
    /// A `.proto` file imports one that was not found where it was looked for.
    #[error("{text}")]
    Import {
        /// What the compiler says, with the file, the line and the column.
        text: String,
        /// The import, and where it is.
        missed: Missed,
    },
    /// A `.proto` file is written in an edition, which its compiler does not know. Compiled files are another matter.
    #[error("{file} is written in {}, which can only be read compiled", edition.as_deref().map_or("an edition".to_owned(), |edition| format!("edition {edition}")))]
    Edition {
        /// The file, as it is imported.
        file: String,
        /// Which edition, where that is known.
        edition: Option<String>,
        /// What was to be compiled: files and folders.
        protos: Vec<PathBuf>,
        /// Where a compiler has to look for that and its imports, beginning here if it is empty.
        import_paths: Vec<PathBuf>,
    },
    /// A compiled `.proto` file can't be used.
    #[error("cannot use the compiled files")]
    Compiled(#[source] CheckError),
}

/// The largest descriptor set that is read.
const LARGEST_SET: u64 = 512 * MIB;

/// Reads a descriptor set, `-` for that on stdin, into `files`, and gives those that are none that can be used.
pub(super) fn add_descriptor_set(files: &mut FileSet, path: &Path) -> Result<Vec<Lost>, LocalError> {
    let stdin = path == Path::new("-");
    let read = if stdin {
        bounded::read_from(std::io::stdin().lock(), LARGEST_SET)
    } else {
        bounded::read(path, LARGEST_SET)
    };
    let path = if stdin { Path::new("stdin") } else { path };
    let bytes = Bytes::from(read.map_err(|source| LocalError::Read { path: path.to_owned(), source })?);
    let set = RawSet::decode(bytes.clone()).map_err(|source| {
        let path = path.to_owned();
        if source::is_one(&bytes) { LocalError::ASource(path) } else { LocalError::NotASet { path, source } }
    })?;
    // Nothing would seem to be offered: so it looks when the command behind a pipe fails.
    if set.files.is_empty() {
        return Err(LocalError::Empty(path.to_owned()));
    }
    let mut lost = Vec::new();
    for file in set.files {
        if let Err(source) = files.add(file.clone()) {
            lost.push(Lost::new(&file, Refused::InSet { path: path.to_owned(), source }));
        }
    }
    Ok(lost)
}

/// Takes all files of an encoded set.
pub(super) fn add_set(files: &mut FileSet, set: Bytes) -> Result<(), CheckError> {
    let set = RawSet::decode(set)?;
    set.files.into_iter().try_for_each(|file| files.add(file))
}

/// Compiles `.proto` files into `files`. Imports are looked for in `import_paths`, in the order given; without any, in
/// the working directory, beside the files, and below the directories above them. A file that lies under none of the
/// import paths is found by its own path.
pub(super) fn add_protos(
    files: &mut FileSet,
    protos: &[PathBuf],
    import_paths: &[PathBuf],
) -> Result<(), LocalError> {
    if let Some(path) = import_paths.iter().find(|path| !path.is_dir()) {
        return Err(LocalError::NoSuchImportPath { path: path.clone(), is_file: path.is_file() });
    }
    let (asked, given) = (protos, import_paths);
    let Expanded { protos, import_paths } = folder::expanded(asked, given)?;
    if let Some(path) = protos.iter().find(|proto| !place_of(proto, &import_paths).exists()) {
        return Err(LocalError::NoSuchProto { path: path.clone() });
    }
    let (compiled, places) = compile(&each_once(&protos), &import_paths).map_err(|error| {
        let set = protos.iter().map(|proto| place_of(proto, &import_paths)).find(|path| is_set(path));
        set.map_or_else(|| edition::whole(error, asked, given), LocalError::ASet)
    })?;
    for file in compiled.descriptor_pool().files() {
        files.add(places.give(&file).into()).map_err(LocalError::Compiled)?;
    }
    Ok(())
}

/// Whether a file that does not compile is a descriptor set.
fn is_set(path: &Path) -> bool {
    let bytes = path.is_file().then(|| bounded::read(path, LARGEST_SET));
    let set = bytes.and_then(|bytes| RawSet::decode(Bytes::from(bytes.ok()?)).ok());
    let is_file =
        |file: &Bytes| FileDescriptorProto::decode(file.clone()).is_ok_and(|file| !file.name().is_empty());
    set.is_some_and(|set| !set.files.is_empty() && set.files.iter().all(is_file))
}

/// The files without those that came before by another path.
fn each_once(protos: &[PathBuf]) -> Vec<PathBuf> {
    let mut seen = HashSet::new();
    let is_new = |proto: &&PathBuf| absolute(proto).map_or(true, |place| seen.insert(place));
    protos.iter().filter(is_new).cloned().collect()
}

/// Where a file is that was named: at that path itself, or else below an import path.
fn place_of(proto: &Path, import_paths: &[PathBuf]) -> PathBuf {
    let below = || import_paths.iter().map(|path| path.join(proto)).find(|path| path.exists());
    if proto.exists() { proto.to_owned() } else { below().unwrap_or_else(|| proto.to_owned()) }
}

/// Compiles, and a second time with the directories that imports turn out to be relative to.
fn compile(protos: &[PathBuf], import_paths: &[PathBuf]) -> Result<(Compiler, Places), LocalError> {
    let here = [PathBuf::from(".")];
    let directories: &[PathBuf] = if import_paths.is_empty() { &here } else { import_paths };
    let error = match compile_with(protos, directories) {
        Ok(compiled) => return Ok(compiled),
        Err(error) => error,
    };
    if let Some(error) = edition::explained(&error, import_paths) {
        return Err(error);
    }
    let error = located(&error);
    if !import_paths.is_empty() {
        let places = protos.iter().map(|proto| place_of(proto, import_paths)).collect();
        let missed = roots::search(places, import_paths).missed;
        return Err(explained(error, missed));
    }
    // Roots can lie above the working directory, and a file must have one name under all of them.
    let places = protos.iter().map(|proto| absolute(proto)).collect::<Result<Vec<_>, _>>();
    let (Ok(here), Ok(places)) = (absolute(Path::new(".")), places) else {
        return Err(LocalError::Compile(error));
    };
    let found = roots::search(places.clone(), std::slice::from_ref(&here));
    if found.roots.is_empty() {
        return Err(explained(error, found.missed));
    }
    let paths: Vec<PathBuf> = found.roots.into_iter().chain([here]).collect();
    let missed = found.missed.filter(|_| found.lost);
    compile_with(&places, &paths).map_err(|error| {
        edition::explained(&error, &paths).unwrap_or_else(|| explained(located(&error), missed))
    })
}

/// A path from the root on, without `.` and `..`: every directory on it is one above the file.
fn absolute(path: &Path) -> std::io::Result<PathBuf> {
    let mut clean = PathBuf::new();
    for component in std::path::absolute(path)?.components() {
        match component {
            Component::ParentDir => drop(clean.pop()),
            Component::CurDir => {}
            component => clean.push(component),
        }
    }
    Ok(clean)
}

/// The compiler's error, with the import that was not found, where there is one.
fn explained(text: String, missed: Option<Missed>) -> LocalError {
    match missed {
        Some(missed) => LocalError::Import { text, missed },
        None => LocalError::Compile(text),
    }
}

/// Compiles what may be too large to be compiled with all its places, and once more with those of a file with an error.
fn compile_with(protos: &[PathBuf], import_paths: &[PathBuf]) -> Result<(Compiler, Places), protox::Error> {
    let places = Places::default();
    match compile_without(&places, protos, import_paths) {
        Ok(compiler) => Ok((compiler, places)),
        Err(error) => match places.without(error.file()) {
            Some(places) => Ok((compile_without(&places, protos, import_paths)?, places)),
            None => Err(error),
        },
    }
}

fn compile_without(
    places: &Places,
    protos: &[PathBuf],
    import_paths: &[PathBuf],
) -> Result<Compiler, protox::Error> {
    // A file's own directory comes last, so that naming one file in a tree elsewhere is enough for its neighbours.
    let own = protos.iter().filter(|proto| proto.exists()).filter_map(|proto| proto.parent());
    let own = own.map(|parent| Path::new(".").join(parent));
    let directories: Vec<PathBuf> = import_paths.iter().cloned().chain(own).collect();
    let mut resolver = ChainFileResolver::new();
    resolver.add(NamedResolver::new(protos, &directories, places));
    for directory in directories {
        resolver.add(Include::new(directory, places));
    }
    resolver.add(GoogleFileResolver::new());
    resolver.add(BuiltinResolver);
    let mut compiler = Compiler::with_file_resolver(resolver);
    for proto in protos {
        compiler.open_file(proto)?;
    }
    Ok(compiler)
}

/// An error as compilers show it: file, line and column before the message, as far as they are known.
fn located(error: &protox::Error) -> String {
    let label = error.labels().and_then(|mut labels| labels.next());
    if let (Some(source), Some(label)) = (error.source_code(), label)
        && let Ok(place) = source.read_span(label.inner(), 0, 0)
    {
        let file = place.name().or(error.file()).unwrap_or("");
        return format!("{file}:{}:{}: {error}", place.line() + 1, place.column() + 1);
    }
    match error.file() {
        Some(file) => format!("{file}: {error}"),
        None => error.to_string(),
    }
}

/// Finds `google/rpc/*`, which protox does not bring along.
#[derive(Debug)]
struct BuiltinResolver;

impl FileResolver for BuiltinResolver {
    fn open_file(&self, name: &str) -> Result<File, protox::Error> {
        let bytes = builtin::file(name).ok_or_else(|| protox::Error::file_not_found(name))?;
        File::decode_file_descriptor_proto(bytes).map_err(protox::Error::new)
    }
}
