//! Schemas from files: `.proto` sources, compiled here, and descriptor sets.

use std::path::{Path, PathBuf};

use bytes::Bytes;
use miette::Diagnostic as _;
use prost::Message as _;
use protox::Compiler;
use protox::file::{ChainFileResolver, File, FileResolver, GoogleFileResolver, IncludeFileResolver};
use thiserror::Error;

use super::builtin;
use super::check::CheckError;
use super::file_set::FileSet;
use super::raw_set::RawSet;

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
    /// A `.proto` file does not compile; the text has the file, the line and the column.
    #[error("{0}")]
    Compile(String),
    /// A compiled `.proto` file can't be used.
    #[error("cannot use the compiled files")]
    Compiled(#[source] CheckError),
}

/// Reads a descriptor set into `files`.
pub(super) fn add_descriptor_set(files: &mut FileSet, path: &Path) -> Result<(), LocalError> {
    let bytes = std::fs::read(path).map_err(|source| LocalError::Read { path: path.to_owned(), source })?;
    let set = RawSet::decode(Bytes::from(bytes))
        .map_err(|source| LocalError::NotASet { path: path.to_owned(), source })?;
    for file in set.files {
        files.add(file).map_err(|source| LocalError::Unusable { path: path.to_owned(), source })?;
    }
    Ok(())
}

/// Compiles `.proto` files into `files`. Imports are looked for in `import_paths`, in the order given; without
/// any, in the working directory. A file that lies under none of them is found by its own path.
pub(super) fn add_protos(
    files: &mut FileSet,
    protos: &[PathBuf],
    import_paths: &[PathBuf],
) -> Result<(), LocalError> {
    let mut resolver = ChainFileResolver::new();
    let here = [PathBuf::from(".")];
    for path in if import_paths.is_empty() { &here[..] } else { import_paths } {
        resolver.add(IncludeFileResolver::new(path.clone()));
    }
    // A file's own directory comes last, so that naming one file in a tree elsewhere is enough for its neighbours.
    for parent in protos.iter().filter_map(|proto| proto.parent()).filter(|_| import_paths.is_empty()) {
        if !parent.as_os_str().is_empty() {
            resolver.add(IncludeFileResolver::new(parent.to_owned()));
        }
    }
    resolver.add(GoogleFileResolver::new());
    resolver.add(BuiltinResolver);
    let mut compiler = Compiler::with_file_resolver(resolver);
    compiler.include_imports(true).include_source_info(true);
    for proto in protos {
        let candidates = import_paths.iter().map(|path| path.join(proto)).chain([proto.clone()]);
        if !candidates.into_iter().any(|path| path.exists()) {
            return Err(LocalError::NoSuchProto { path: proto.clone() });
        }
        compiler.open_file(proto).map_err(|error| LocalError::Compile(located(&error)))?;
    }
    let set = RawSet::decode(Bytes::from(compiler.encode_file_descriptor_set()))
        .map_err(|error| LocalError::Compiled(CheckError::Malformed(error)))?;
    for file in set.files {
        files.add(file).map_err(LocalError::Compiled)?;
    }
    Ok(())
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
