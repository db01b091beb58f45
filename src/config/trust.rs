//! Which folders' files the user vouches for: by path and content, so that neither another file nor a change goes
//! unseen.
//!
//! It is a folder with a file for each, named by a digest of both and holding the path, as direnv has it: nothing has to
//! be rewritten to add to it, and asking is one look.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use ring::digest::{Context, SHA256};

/// Who is vouched for.
#[derive(Debug, Clone)]
pub struct Store {
    folder: PathBuf,
}

impl Store {
    /// What is known in this folder, be it there or not.
    pub fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// Whether a file with this content is vouched for.
    pub fn trusts(&self, path: &Path, content: &[u8]) -> bool {
        canonical(path).is_ok_and(|path| self.folder.join(entry(&path, content)).is_file())
    }

    /// Vouches for a file with this content, and for no other content of it.
    pub fn trust(&self, path: &Path, content: &[u8]) -> io::Result<()> {
        let path = canonical(path)?;
        self.untrust(&path)?;
        let mut folder = fs::DirBuilder::new();
        let mut file = fs::OpenOptions::new();
        #[cfg(unix)]
        {
            use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
            folder.mode(0o700);
            file.mode(0o600);
        }
        folder.recursive(true).create(&self.folder)?;
        let entry = self.folder.join(entry(&path, content));
        file.write(true)
            .create(true)
            .truncate(true)
            .open(entry)?
            .write_all(path.as_os_str().as_encoded_bytes())
    }

    /// Vouches for a file no longer, whatever it says; whether it did.
    pub fn untrust(&self, path: &Path) -> io::Result<bool> {
        let canonical = canonical(path).unwrap_or_else(|_| path.to_owned());
        let mut any = false;
        for (entry, named) in self.entries()? {
            if named == canonical || named == path {
                fs::remove_file(entry)?;
                any = true;
            }
        }
        Ok(any)
    }

    /// Every file that is vouched for, and whether it still is what it was.
    pub fn list(&self) -> io::Result<Vec<(PathBuf, Option<bool>)>> {
        let mut all: Vec<(PathBuf, Option<bool>)> = self
            .entries()?
            .into_iter()
            .map(|(_, path)| {
                let same = fs::read(&path).ok().map(|content| self.trusts(&path, &content));
                (path, same)
            })
            .collect();
        all.sort();
        Ok(all)
    }

    /// The entries, and the path in each.
    fn entries(&self) -> io::Result<Vec<(PathBuf, PathBuf)>> {
        let folder = match fs::read_dir(&self.folder) {
            Ok(folder) => folder,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut all = Vec::new();
        for entry in folder {
            let entry = entry?.path();
            let path = path_of(fs::read(&entry)?);
            all.push((entry, path));
        }
        Ok(all)
    }
}

/// The path of the folder without links; a link in its place is the file that stands there, wherever it leads.
fn canonical(path: &Path) -> io::Result<PathBuf> {
    let name = path.file_name().unwrap_or(OsStr::new(""));
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    Ok(fs::canonicalize(folder)?.join(name))
}

/// The name of an entry.
fn entry(path: &Path, content: &[u8]) -> String {
    let mut digest = Context::new(&SHA256);
    for part in [path.as_os_str().as_encoded_bytes(), b"\0", content] {
        digest.update(part);
    }
    digest.finish().as_ref().iter().fold(String::new(), |name, byte| format!("{name}{byte:02x}"))
}

#[cfg(unix)]
fn path_of(bytes: Vec<u8>) -> PathBuf {
    use std::os::unix::ffi::OsStringExt as _;
    OsString::from_vec(bytes).into()
}

#[cfg(not(unix))]
fn path_of(bytes: Vec<u8>) -> PathBuf {
    OsString::from(String::from_utf8_lossy(&bytes).into_owned()).into()
}
