//! Which files there are: the user's own, the folder's, or one that was named instead of both.

use std::io;
use std::path::{Path, PathBuf};

use super::read::{Document, Source, Value, line_of, read};
use super::trust::Store;
use super::{Error, Fault, What};
use crate::bounded::{self, MIB};

/// The largest file that is read.
const LARGEST: u64 = MIB;

/// The name of a folder's file.
pub const FOLDER_FILE: &str = ".rpcctl.toml";

/// Where files are looked for; what is not known is not looked for.
#[derive(Debug, Clone, Default)]
pub struct Places {
    /// The user's home.
    pub home: Option<PathBuf>,
    /// Where programs are configured, `~/.config`.
    pub config: Option<PathBuf>,
    /// Where programs keep what they know, `~/.local/state`.
    pub state: Option<PathBuf>,
    /// Where programs keep what they can do without, `~/.cache`.
    pub cache: Option<PathBuf>,
    /// The folder the command runs in.
    pub here: Option<PathBuf>,
}

/// A configuration file.
#[derive(Debug)]
pub struct File {
    /// Where it is.
    pub path: PathBuf,
    /// Whose it is.
    pub kind: Kind,
    /// What it says.
    pub document: Document,
}

/// Whose a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The user's own.
    Own,
    /// Named on the command line.
    Named,
    /// The folder's, which may have come from anywhere.
    Folder {
        /// Whether the user vouches for it as it is.
        trusted: bool,
    },
}

impl Places {
    /// Who vouches for what.
    pub fn store(&self) -> Option<Store> {
        Some(Store::new(self.state.as_ref()?.join("rpcctl").join("trusted")))
    }
}

/// The user's own file, be it there or not.
pub fn own_file(places: &Places) -> Option<PathBuf> {
    Some(places.config.as_ref()?.join("rpcctl").join("config.toml"))
}

/// The nearest file of a folder, from here upwards, to the home folder or the root.
pub fn folder_file(places: &Places) -> Option<PathBuf> {
    let here = places.here.as_deref()?;
    for folder in here.ancestors() {
        let path = folder.join(FOLDER_FILE);
        if path.is_file() {
            return Some(path);
        }
        if Some(folder) == places.home.as_deref() {
            return None;
        }
    }
    None
}

/// The files there are, the nearest first, and all that is wrong in them. `named` stands for all others. A folder's file
/// that can't be read is one with that fault: whose it is can't be told either.
pub fn open(places: &Places, named: Option<&Path>) -> Result<(Vec<File>, Vec<Fault>), Error> {
    let mut files = Vec::new();
    let mut faults = Vec::new();
    let mut add = |path: PathBuf, kind| -> Result<(), Error> {
        let read = match bounded::read(&path, LARGEST) {
            Ok(bytes) => bytes,
            // Most people have none.
            Err(error) if kind == Kind::Own && error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) if matches!(kind, Kind::Folder { .. }) => {
                let why =
                    if error.raw_os_error().is_some() { error.kind().to_string() } else { error.to_string() };
                faults.push(Fault::file(&path, format!("it can't be read: {why}")));
                files.push(File { path, kind, document: Document::default() });
                return Ok(());
            }
            Err(source) => return Err(Error::Read { path, source }),
        };
        let kind = match kind {
            Kind::Folder { .. } => {
                Kind::Folder { trusted: places.store().is_some_and(|store| store.trusts(&path, &read)) }
            }
            kind => kind,
        };
        let (file, wrong) = parse(path, kind, &read, places);
        faults.extend(wrong);
        files.push(file);
        Ok(())
    };
    if let Some(path) = named {
        add(path.to_owned(), Kind::Named)?;
    } else {
        if let Some(path) = folder_file(places) {
            add(path, Kind::Folder { trusted: false })?;
        }
        if let Some(path) = own_file(places) {
            add(path, Kind::Own)?;
        }
    }
    Ok((files, faults))
}

/// A file of these bytes, and what is wrong in it.
pub fn parse(path: PathBuf, kind: Kind, bytes: &[u8], places: &Places) -> (File, Vec<Fault>) {
    let at = |line, what| Fault { path: path.clone(), line, what };
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text.strip_prefix('\u{feff}').unwrap_or(text),
        Err(error) => {
            let fault = at(line_of(bytes, error.valid_up_to()), What::Text("it is not UTF-8".to_owned()));
            return (File { path, kind, document: Document::default() }, vec![fault]);
        }
    };
    // Where a symbolic link leads is no business of what stands in the file.
    let folder = path.parent().unwrap_or(Path::new(""));
    let (document, wrong) = read(text, folder, places.home.as_deref());
    let mut faults: Vec<Fault> = wrong.into_iter().map(|(line, what)| at(line, what)).collect();
    if let Kind::Folder { .. } = kind {
        let lists = document.profiles.iter().map(|it| &it.settings).chain([&document.settings]);
        let commands = lists.flatten().filter(|setting| {
            matches!(&setting.value, Value::Secrets(sources) if sources.iter().any(|it| matches!(it, Source::Command(_))))
        });
        faults.extend(commands.map(|setting| at(setting.line, What::Command(setting.id()))));
    }
    (File { path, kind, document }, faults)
}
