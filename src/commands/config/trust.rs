//! `rpcctl config trust` and `untrust`: whether all of a folder's file counts.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use clap::Args;

use super::super::profile::{folder_file, shown_path};
use super::super::{Exit, Failed, Writers};
use crate::config::{self, Document, FOLDER_FILE, Places, Store};
use crate::failure::{Failure, Kind};
use crate::output::sanitize;

#[derive(Debug, Clone, Args)]
pub(super) struct TrustArgs {
    /// The file, or its folder [default: the nearest .rpcctl.toml from here upwards]
    file: Option<PathBuf>,

    /// List what is trusted instead
    #[arg(long, conflicts_with = "file")]
    list: bool,
}

#[derive(Debug, Clone, Args)]
pub(super) struct UntrustArgs {
    /// The file, or its folder [default: the nearest .rpcctl.toml from here upwards]
    file: Option<PathBuf>,
}

/// Trust that can't be given or taken.
#[derive(Debug, thiserror::Error)]
enum TrustError {
    #[error("there is no {FOLDER_FILE} here, or in a folder above")]
    NoFile,
    #[error("cannot read {path}")]
    Read { path: String, source: io::Error },
    #[error("cannot note down that {path} is trusted")]
    Write { path: String, source: io::Error },
    #[error("it is not known where to note down what is trusted: neither HOME nor XDG_STATE_HOME is set")]
    NoStore,
}

impl From<TrustError> for Failure {
    fn from(error: TrustError) -> Self {
        Self::new(Kind::Failed, error)
    }
}

/// Trusts a file, and says what counts by that.
pub(super) fn trust(args: &TrustArgs, places: &Places, io: &mut Writers<'_>) -> Result<Exit, Failed> {
    let store = places.store().ok_or(TrustError::NoStore)?;
    if args.list {
        return list(&store, io);
    }
    let path = folder_file(places, args.file.as_deref()).ok_or(TrustError::NoFile)?;
    let shown = shown_path(&path, places);
    let content = fs::read(&path).map_err(|source| TrustError::Read { path: shown.clone(), source })?;
    let document = readable(&path, &content, places)?;
    store.trust(&path, &content).map_err(|source| TrustError::Write { path: shown.clone(), source })?;
    writeln!(io.talk, "{shown} is trusted, as it is now")?;
    let keys = guarded(&document);
    if keys.is_empty() {
        writeln!(io.talk, "there is nothing in it that would not count without")?;
    } else {
        writeln!(io.talk, "this in it counts now: {}", sanitize::brief(&keys.join(", ")))?;
    }
    Ok(Exit::OK)
}

/// What a file says; one that makes no sense is trusted with nothing.
fn readable(path: &Path, content: &[u8], places: &Places) -> Result<Document, Failed> {
    let (file, faults) =
        config::parse(path.to_owned(), config::FileKind::Folder { trusted: true }, content, places);
    match faults.into_iter().next() {
        Some(fault) => Err(fault.into()),
        None => Ok(file.document),
    }
}

/// The keys that count by trust alone.
fn guarded(document: &Document) -> Vec<String> {
    let mut keys: Vec<String> = document.profile.iter().map(|_| "profile".to_owned()).collect();
    let mut add = |before: &str, settings: &[config::Setting]| {
        let settings = settings.iter().filter(|setting| !setting.key.group.is_harmless());
        keys.extend(settings.map(|setting| format!("{before}{}", setting.id())));
    };
    add("", &document.settings);
    for profile in &document.profiles {
        add(&format!("profiles.{}.", profile.name), &profile.settings);
    }
    for profile in document.profiles.iter().filter(|profile| profile.inherits.is_some()) {
        keys.push(format!("profiles.{}.inherits", profile.name));
    }
    keys
}

/// Takes it back.
pub(super) fn untrust(args: &UntrustArgs, places: &Places, io: &mut Writers<'_>) -> Result<Exit, Failed> {
    let store = places.store().ok_or(TrustError::NoStore)?;
    let path = folder_file(places, args.file.as_deref()).ok_or(TrustError::NoFile)?;
    let shown = shown_path(&path, places);
    let was = store.untrust(&path).map_err(|source| TrustError::Write { path: shown.clone(), source })?;
    let how = if was { "no longer trusted" } else { "not trusted, and was not before" };
    writeln!(io.talk, "{shown} is {how}")?;
    Ok(Exit::OK)
}

/// Lists what is trusted, and says what has changed since.
fn list(store: &Store, io: &mut Writers<'_>) -> Result<Exit, Failed> {
    let all =
        store.list().map_err(|source| TrustError::Read { path: "what is trusted".to_owned(), source })?;
    if all.is_empty() {
        writeln!(io.talk, "(nothing is trusted)")?;
    }
    for (path, same) in all {
        let path = path.display().to_string();
        writeln!(io.out, "{}", sanitize::line(&path))?;
        match same {
            Some(true) => {}
            Some(false) => {
                writeln!(io.talk, "{} has changed since, and is not trusted", sanitize::line(&path))?;
            }
            None => writeln!(io.talk, "{} is not there any more", sanitize::line(&path))?,
        }
    }
    Ok(Exit::OK)
}
