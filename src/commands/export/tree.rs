//! A tree of files below a folder. Nothing is written before it is known that nothing stands in the way of any of it; if
//! the system refuses all the same, because the disk is full for one, what was written until then stays, and is told.
//!
//! Names are known to be harmless ([`super::names`]); what else may lead out of the folder is on the disk already:
//! links, which are never followed below it.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::names::{self, System};

/// A file to be: its name, with slashes between folders, and what is in it.
pub(super) struct Source {
    pub(super) name: String,
    pub(super) text: String,
}

/// Why a tree was not written.
#[derive(Debug, thiserror::Error)]
pub(super) enum TreeError {
    /// Names that no file below a folder can have.
    #[error("cannot write {} of these names, and nothing was written:{}", files(.0.len()), listed(.0.iter().map(|(name, why)| format!("{name:?}: {why}"))))]
    Names(Vec<(String, String)>),
    /// Files that are there and say something else.
    #[error("{} something else, and nothing was written:{}", if .0.len() == 1 { "this file is there and says" } else { "these files are there and say" }, listed(.0.iter().map(|path| path.display().to_string())))]
    Exists(Vec<PathBuf>),
    /// A link, which may lead anywhere.
    #[error("{path} is a symbolic link, which is not followed", path = .0.display())]
    Link(PathBuf),
    /// Something else where a folder belongs.
    #[error("{path} is no folder, and one belongs there", path = .0.display())]
    NoFolder(PathBuf),
    /// Something else where a file belongs.
    #[error("{path} is no file, and one belongs there", path = .0.display())]
    NoFile(PathBuf),
    /// The system refuses.
    #[error("cannot write {path}{}", told(*written), path = .path.display())]
    Io { path: PathBuf, source: io::Error, written: usize },
}

/// How many of many are named.
const NAMED: usize = 20;

fn files(count: usize) -> String {
    if count == 1 { "a file".to_owned() } else { format!("{count} files") }
}

/// What was written before something could not be.
fn told(written: usize) -> String {
    match written {
        0 => String::new(),
        1 => "; the file before it is written".to_owned(),
        count => format!("; the {count} files before it are written"),
    }
}

fn listed(all: impl ExactSizeIterator<Item = String>) -> String {
    let more = all.len().saturating_sub(NAMED);
    let mut text: String = all.take(NAMED).flat_map(|one| ["\n        ".to_owned(), one]).collect();
    if more > 0 {
        text.push_str(&format!("\n        and {more} more"));
    }
    text
}

/// What is to become of a file.
enum Step {
    Create,
    Replace,
    /// It is as it should be.
    Keep,
}

/// Writes the files below `root` and gives their paths. Files that say something else are replaced by force alone.
pub(super) fn write(root: &Path, sources: &[Source], force: bool) -> Result<Vec<PathBuf>, TreeError> {
    let all: Vec<&str> = sources.iter().map(|source| source.name.as_str()).collect();
    let refused = names::refused(&all, System::HERE);
    if !refused.is_empty() {
        let owned = refused.into_iter().map(|(name, why)| (name.to_owned(), why));
        return Err(TreeError::Names(owned.collect()));
    }
    let (mut steps, mut in_the_way) = (Vec::new(), Vec::new());
    for source in sources {
        let path = root.join(&source.name);
        let step = step(root, source)?;
        if matches!(step, Step::Replace) && !force {
            in_the_way.push(path.clone());
        }
        steps.push((source, path, step));
    }
    if !in_the_way.is_empty() {
        return Err(TreeError::Exists(in_the_way));
    }
    fs::create_dir_all(root).map_err(failed(root))?;
    let mut written = 0;
    for (source, path, step) in &steps {
        put(root, source, path, step).map_err(|error| error.after(written))?;
        written += usize::from(!matches!(step, Step::Keep));
    }
    Ok(steps.into_iter().map(|(_, path, _)| path).collect())
}

impl TreeError {
    /// The same where so many files had been written.
    fn after(self, count: usize) -> Self {
        match self {
            Self::Io { path, source, .. } => Self::Io { path, source, written: count },
            other => other,
        }
    }
}

fn put(root: &Path, source: &Source, path: &Path, step: &Step) -> Result<(), TreeError> {
    make_folders(root, &source.name)?;
    let put = match step {
        Step::Keep => Ok(()),
        Step::Create => create(path, &source.text),
        Step::Replace => replace(path, &source.text),
    };
    put.map_err(failed(path))
}

fn failed(path: &Path) -> impl FnOnce(io::Error) -> TreeError + use<> {
    let path = path.to_owned();
    move |source| TreeError::Io { path, source, written: 0 }
}

/// What is at a path, itself and not what it may lead to.
fn kind(path: &Path) -> Result<Option<fs::FileType>, TreeError> {
    match fs::symlink_metadata(path) {
        Ok(known) => Ok(Some(known.file_type())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed(path)(error)),
    }
}

/// The folders between the root and a file, the outermost first.
fn folders<'a>(root: &'a Path, name: &'a str) -> impl Iterator<Item = PathBuf> + 'a {
    name.match_indices('/').filter_map(move |(end, _)| Some(root.join(name.get(..end)?)))
}

fn step(root: &Path, source: &Source) -> Result<Step, TreeError> {
    for folder in folders(root, &source.name) {
        match kind(&folder)? {
            None => return Ok(Step::Create),
            Some(kind) if kind.is_symlink() => return Err(TreeError::Link(folder)),
            Some(kind) if !kind.is_dir() => return Err(TreeError::NoFolder(folder)),
            Some(_) => {}
        }
    }
    let path = root.join(&source.name);
    match kind(&path)? {
        None => Ok(Step::Create),
        Some(kind) if kind.is_symlink() => Err(TreeError::Link(path)),
        Some(kind) if !kind.is_file() => Err(TreeError::NoFile(path)),
        Some(_) => {
            let length = fs::symlink_metadata(&path).map_err(failed(&path))?.len();
            let same = length == source.text.len() as u64
                && fs::read(&path).map_err(failed(&path))? == source.text.as_bytes();
            Ok(if same { Step::Keep } else { Step::Replace })
        }
    }
}

fn make_folders(root: &Path, name: &str) -> Result<(), TreeError> {
    for folder in folders(root, name) {
        match kind(&folder)? {
            None => fs::create_dir(&folder).map_err(failed(&folder))?,
            Some(kind) if kind.is_symlink() => return Err(TreeError::Link(folder)),
            Some(_) => {}
        }
    }
    Ok(())
}

/// A file that is not there yet; a link in its place is none either.
fn create(path: &Path, text: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    // Half a file is none.
    file.write_all(text.as_bytes()).inspect_err(|_| drop(fs::remove_file(path)))
}

/// Another file in the place of one: what is there is not written to, whatever it has become by now.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    let beside = path.with_file_name(format!(".rpcctl-{}.tmp", std::process::id()));
    create(&beside, text)?;
    fs::rename(&beside, path).inspect_err(|_| drop(fs::remove_file(&beside)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sources(files: &[(&str, &str)]) -> Vec<Source> {
        files
            .iter()
            .map(|(name, text)| Source { name: (*name).to_owned(), text: (*text).to_owned() })
            .collect()
    }

    fn error(root: &Path, files: &[(&str, &str)], force: bool) -> String {
        let error = write(root, &sources(files), force).unwrap_err().to_string();
        error.replace(&root.display().to_string(), "ROOT")
    }

    #[test]
    fn a_tree_is_written_below_a_new_folder() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("new/tree");
        let written = write(&root, &sources(&[("a.proto", "a"), ("b/c/d.proto", "d")]), false).unwrap();
        assert_eq!(written, [root.join("a.proto"), root.join("b/c/d.proto")]);
        assert_eq!(fs::read_to_string(root.join("b/c/d.proto")).unwrap(), "d");
    }

    #[test]
    fn what_is_there_is_replaced_by_force_alone() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        fs::write(root.join("a.proto"), "mine").unwrap();
        fs::write(root.join("b.proto"), "same").unwrap();
        let files = [("a.proto", "a"), ("b.proto", "same"), ("c.proto", "c")];
        assert_eq!(
            error(root, &files, false),
            "this file is there and says something else, and nothing was written:\n        ROOT/a.proto"
        );
        assert!(!root.join("c.proto").exists(), "nothing was written");
        write(root, &sources(&files), true).unwrap();
        assert_eq!(fs::read_to_string(root.join("a.proto")).unwrap(), "a");
        assert_eq!(fs::read_dir(root).unwrap().count(), 3, "nothing else is left");
    }

    #[test]
    fn names_are_refused_before_anything_is_written() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("root");
        let said = error(&root, &[("a.proto", "a"), ("../x.proto", "x")], true);
        assert!(said.ends_with("\n        \"../x.proto\": it leads to other folders by . or .."), "{said}");
        assert!(!root.exists());
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn what_was_written_before_the_system_refused_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        // Right for a path, and too long for the file beside it: the names were looked at before.
        let long = format!("{}.proto", "n".repeat(300));
        let all = sources(&[("a.proto", "a"), ("b.proto", "b")]);
        let step = Step::Create;
        let long = Source { name: long, text: String::new() };
        let path = root.join(&long.name);
        write(root, &all, false).unwrap();
        let error = put(root, &long, &path, &step).unwrap_err();
        assert_eq!(error.to_string(), format!("cannot write {}", path.display()));
        let told = error.after(2).to_string();
        assert_eq!(told, format!("cannot write {}; the 2 files before it are written", path.display()));
        assert!(!path.exists());
    }

    #[test]
    #[cfg(unix)]
    fn links_are_not_followed() {
        use std::os::unix::fs::symlink;
        let folder = tempfile::tempdir().unwrap();
        let (root, other) = (folder.path().join("root"), folder.path().join("other"));
        fs::create_dir(&root).unwrap();
        fs::create_dir(&other).unwrap();
        fs::write(other.join("victim"), "mine").unwrap();
        symlink(&other, root.join("out")).unwrap();
        symlink(other.join("victim"), root.join("file.proto")).unwrap();
        symlink(other.join("none"), root.join("dangling.proto")).unwrap();
        for (name, link) in
            [("out/x.proto", "out"), ("file.proto", "file.proto"), ("dangling.proto", "dangling.proto")]
        {
            let said = error(&root, &[("a.proto", "a"), (name, "x")], true);
            assert_eq!(said, format!("ROOT/{link} is a symbolic link, which is not followed"));
        }
        assert_eq!(fs::read_dir(&other).unwrap().count(), 1);
        assert_eq!(fs::read_to_string(other.join("victim")).unwrap(), "mine");
        assert!(!root.join("a.proto").exists());
        // The folder that the user named may be one.
        symlink(&other, folder.path().join("link")).unwrap();
        write(&folder.path().join("link"), &sources(&[("x.proto", "x")]), false).unwrap();
        assert!(other.join("x.proto").exists());
    }

    #[test]
    fn folders_and_files_stay_what_they_are() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        fs::write(root.join("a"), "").unwrap();
        fs::create_dir(root.join("b.proto")).unwrap();
        assert_eq!(error(root, &[("a/x.proto", "")], true), "ROOT/a is no folder, and one belongs there");
        assert_eq!(error(root, &[("b.proto", "")], true), "ROOT/b.proto is no file, and one belongs there");
    }
}
