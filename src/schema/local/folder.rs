//! Folders in the place of `.proto` files: every one below is meant.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::{LocalError, absolute, place_of};

/// More files than any real tree has.
const MOST_FILES: usize = 20_000;

/// Files to compile, and where their imports are looked for.
pub(super) struct Expanded {
    pub(super) protos: Vec<PathBuf>,
    pub(super) import_paths: Vec<PathBuf>,
}

/// Puts in the place of each folder the `.proto` files below it. Their names begin in the folder, unless it lies below an
/// import path: then they begin there.
pub(super) fn expanded(protos: &[PathBuf], import_paths: &[PathBuf]) -> Result<Expanded, LocalError> {
    let (mut all, mut roots) = (Vec::new(), Vec::new());
    let known: Vec<PathBuf> = import_paths.iter().filter_map(|path| absolute(path).ok()).collect();
    for proto in protos {
        let place = place_of(proto, import_paths);
        if !place.is_dir() {
            all.push(proto.clone());
            continue;
        }
        all.extend(below(&place)?);
        let is_known = absolute(&place).is_ok_and(|place| known.iter().any(|root| place.starts_with(root)));
        if !is_known {
            roots.push(place);
        }
    }
    let here = (!roots.is_empty() && import_paths.is_empty()).then(|| PathBuf::from("."));
    let import_paths = roots.into_iter().chain(import_paths.iter().cloned()).chain(here).collect();
    Ok(Expanded { protos: all, import_paths })
}

/// The `.proto` files below a folder; hidden folders and links to others are passed over.
fn below(root: &Path) -> Result<Vec<PathBuf>, LocalError> {
    let failed = |folder: &Path| {
        let path = folder.to_owned();
        move |source| LocalError::Folder { path, source }
    };
    let (mut found, mut folders) = (BTreeSet::new(), vec![root.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).map_err(failed(&folder))? {
            let entry = entry.map_err(failed(&folder))?;
            let (path, kind) = (entry.path(), entry.file_type().map_err(failed(&folder))?);
            let hidden = entry.file_name().to_string_lossy().starts_with('.');
            if kind.is_dir() && !hidden {
                folders.push(path);
            } else if !kind.is_dir() && path.extension().is_some_and(|extension| extension == "proto") {
                found.insert(path);
            }
            if found.len() + folders.len() > MOST_FILES {
                return Err(LocalError::TooMany(root.to_owned()));
            }
        }
    }
    if found.is_empty() {
        Err(LocalError::NoProtos(root.to_owned()))
    } else {
        Ok(found.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_begin_in_the_folder_or_in_an_import_path_above_it() {
        let tree = tempfile::tempdir().unwrap();
        let path = |name: &str| tree.path().join(name);
        fs::create_dir_all(path("a/b/.git")).unwrap();
        for file in ["a/b/y.proto", "a/b/x.proto", "a/z.proto", "a/b/.git/no.proto", "a/README"] {
            fs::write(path(file), "").unwrap();
        }
        let expand = |proto: &str, import_paths: &[PathBuf]| expanded(&[path(proto)], import_paths).unwrap();
        let alone = expand("a", &[]);
        assert_eq!(alone.protos, [path("a/b/x.proto"), path("a/b/y.proto"), path("a/z.proto")]);
        assert_eq!(alone.import_paths, [path("a"), PathBuf::from(".")]);
        assert_eq!(expand("a/b", &[path("a")]).import_paths, [path("a")]);
        assert_eq!(expand("a/b", &[path("c")]).import_paths, [path("a/b"), path("c")]);
        let file = expand("a/z.proto", &[]);
        assert_eq!((file.protos, file.import_paths), (vec![path("a/z.proto")], vec![]));
        fs::create_dir(path("none")).unwrap();
        assert!(matches!(expanded(&[path("none")], &[]), Err(LocalError::NoProtos(_))));
    }
}
