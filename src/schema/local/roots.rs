//! Where imports lie that were not found at once: below a directory above the file that wants them.
//!
//! `proto/api/v1/api.proto` imports `api/v1/types.proto`, which is relative to `proto`: compilers want to be told so,
//! and it can be seen.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::super::builtin;
use super::source;

/// More files than any real schema has.
const MAX_FILES: usize = 10_000;

/// What a search came to.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Search {
    /// Directories that have what was missing: the one of the file that misses it, or the only one above.
    pub(super) roots: Vec<PathBuf>,
    /// The first import that is in no directory, or in more than one; else the first that made a root of one.
    pub(super) missed: Option<Missed>,
    /// Whether an import is in no directory, or in more than one.
    pub(super) lost: bool,
}

/// An import that is not where it was looked for.
#[derive(Debug, PartialEq, Eq)]
pub struct Missed {
    /// The import.
    pub import: String,
    /// The directories above the file that have it.
    pub places: Vec<PathBuf>,
}

/// Follows the imports of `files` through `known` directories, and above the files where those don't have them.
pub(super) fn search(files: Vec<PathBuf>, known: &[PathBuf]) -> Search {
    let mut found = Search::default();
    let mut seen: HashSet<PathBuf> = files.iter().cloned().collect();
    let mut queue = files;
    while let Some(file) = queue.pop() {
        // What is wrong with a file is for the compiler to say.
        let Ok(parsed) = source::open(&file.to_string_lossy(), &file) else { continue };
        for import in &parsed.file_descriptor_proto().dependency {
            if builtin::file(import).is_some() {
                continue;
            }
            let has_it = |directory: &&PathBuf| directory.join(import).is_file();
            let directory = if let Some(directory) = known.iter().chain(&found.roots).find(has_it) {
                directory.clone()
            } else {
                let places = above(&file, import);
                let beside = places.first().filter(|place| file.parent() == Some(place));
                let only = if let [place] = places.as_slice() { Some(place) } else { None };
                let root = beside.or(only).cloned();
                let missed = Missed { import: import.clone(), places };
                let Some(root) = root else {
                    if !found.lost {
                        found.missed = Some(missed);
                    }
                    found.lost = true;
                    continue;
                };
                found.missed.get_or_insert(missed);
                found.roots.push(root.clone());
                root
            };
            let path = directory.join(import);
            if seen.len() < MAX_FILES && seen.insert(path.clone()) {
                queue.push(path);
            }
        }
    }
    found
}

/// The directories above a file that have an import of it.
fn above(file: &Path, import: &str) -> Vec<PathBuf> {
    let directories = file.ancestors().skip(1);
    directories.filter(|directory| directory.join(import).is_file()).map(Path::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// A directory with files, each by its path and its imports.
    fn tree(files: &[(&str, &[&str])]) -> tempfile::TempDir {
        let directory = tempfile::tempdir().unwrap();
        for (path, imports) in files {
            let path = directory.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            let lines: Vec<String> = imports.iter().map(|import| format!("import \"{import}\";")).collect();
            fs::write(path, format!("syntax = \"proto3\";\n{}", lines.join("\n"))).unwrap();
        }
        directory
    }

    #[test]
    fn a_root_is_found_above_the_file_that_needs_it() {
        let tree = tree(&[
            ("proto/api/v1/api.proto", &["api/v1/types.proto", "google/protobuf/any.proto"]),
            ("proto/api/v1/types.proto", &["other/o.proto"]),
            ("proto/other/o.proto", &["api/v1/types.proto"]),
        ]);
        let (file, root) = (tree.path().join("proto/api/v1/api.proto"), tree.path().join("proto"));
        let found = search(vec![file.clone()], &[]);
        assert_eq!(found.roots, std::slice::from_ref(&root));
        assert_eq!(found.missed.unwrap().import, "api/v1/types.proto");
        assert!(!found.lost);
        assert_eq!(search(vec![file], &[root]), Search::default());
    }

    #[test]
    fn two_roots_are_none() {
        let tree = tree(&[
            ("a/b/x.proto", &["w.proto", "y.proto", "z.proto"]),
            ("a/b/w.proto", &[]),
            ("a/w.proto", &[]),
            ("a/y.proto", &[]),
            ("y.proto", &[]),
        ]);
        let found = search(vec![tree.path().join("a/b/x.proto")], &[]);
        let places = vec![tree.path().join("a"), tree.path().to_owned()];
        assert_eq!(found.missed, Some(Missed { import: "y.proto".to_owned(), places }));
        assert!(found.lost);
        // What lies beside the file is meant, whatever lies above.
        assert_eq!(found.roots, [tree.path().join("a/b")]);
    }
}
