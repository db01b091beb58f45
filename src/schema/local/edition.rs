//! `.proto` files that are written in an edition: what a compiler that knows editions is to be told.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use miette::Diagnostic as _;

use super::{LocalError, absolute, place_of};

/// The better error, if the compiler stumbled over the word that says that a file is written in an edition.
pub(super) fn explained(error: &protox::Error, import_paths: &[PathBuf]) -> Option<LocalError> {
    let label = error.labels()?.next()?;
    // From the label on to the end of the next line.
    let place = error.source_code()?.read_span(label.inner(), 0, 1).ok()?;
    let text = std::str::from_utf8(place.data()).ok()?;
    let declared = text.strip_prefix("edition")?.trim_start().strip_prefix('=')?;
    let edition = declared.split(['"', '\'']).nth(1).map(str::to_owned);
    let file = place.name().or(error.file()).unwrap_or_default().to_owned();
    Some(LocalError::Edition { file, edition, protos: Vec::new(), import_paths: import_paths.to_vec() })
}

/// The same error with all that was to be compiled, since a set of one file alone would not have the others. Where no
/// import path is given, imports are looked for here and beside the files.
pub(super) fn whole(error: LocalError, asked: &[PathBuf], given: &[PathBuf]) -> LocalError {
    let LocalError::Edition { file, edition, import_paths: roots, .. } = error else { return error };
    let protos: Vec<PathBuf> = asked.iter().map(|proto| place_of(proto, given)).collect();
    let import_paths = if given.is_empty() { beside(&protos, &roots) } else { roots };
    LocalError::Edition { file, edition, protos, import_paths }
}

/// Where imports are looked for where nothing is said: the first directory that a file is below is where its name
/// begins. None is what compilers take for here.
fn beside(protos: &[PathBuf], roots: &[PathBuf]) -> Vec<PathBuf> {
    let here = Path::new(".");
    let folders = protos.iter().filter(|proto| proto.is_dir()).map(PathBuf::as_path);
    let parents = protos.iter().filter(|proto| !proto.is_dir()).map(|file| parent(file));
    let all = folders.chain(roots.iter().map(PathBuf::as_path)).chain([here]).chain(parents);
    let mut seen = HashSet::new();
    let each: Vec<PathBuf> =
        all.filter(|path| seen.insert(absolute(path).unwrap_or_default())).map(Path::to_owned).collect();
    if each == [here] { Vec::new() } else { each }
}

fn parent(file: &Path) -> &Path {
    file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}
