//! What configuration files say becomes words under those that were typed.
//!
//! The words are parsed once as they were typed, which tells what they say; what the files say besides goes in front of
//! them, and all are parsed again. So a file's value is read as the flag's own is, and nothing is merged field by field.
//! Headers and credentials are no words, so that nothing of theirs can be shown as one.

mod command;
mod fetch;
mod merge;
mod resolve;
mod tell;
mod typed;
mod values;

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::surroundings::World;
use crate::config::{self, FileKind, Places};

pub(super) use merge::{Merged, merge};
pub(super) use resolve::{Opened, Resolved, open};
pub(super) use tell::warnings;
pub(super) use typed::{Typed, has_flag};
pub(super) use values::{Values, no_default, path_of, shown_path, words as setting_words};

/// What a command goes by, besides the words: files, variables.
#[derive(Debug, Clone)]
pub(super) struct Around {
    /// Where files are.
    pub(super) places: Places,
    /// The environment's own settings.
    pub(super) variables: Variables,
    /// What can be asked for by name.
    pub(super) lookup: World,
    /// Whether nobody is there to wait or to be asked: no command is run then, and a secret that is not to be had is left
    /// out.
    pub(super) unattended: bool,
}

/// The environment, as far as it stands over files.
#[derive(Debug, Clone, Default)]
pub(super) struct Variables {
    /// `RPCCTL_PROFILE`.
    pub(super) profile: Option<OsString>,
    /// `RPCCTL_ADDRESS`.
    pub(super) address: Option<OsString>,
    /// Whether there is an `RPCCTL_TOKEN`.
    pub(super) token: bool,
}

impl Around {
    /// The server, as far as it is named nearer to the command line than any file.
    fn target(&self, typed: &Typed) -> Option<String> {
        typed.target().or_else(|| self.variables.address.clone()?.into_string().ok())
    }
}

/// Whose a file is, in words.
pub(super) fn whose(kind: FileKind) -> &'static str {
    match kind {
        FileKind::Own => "yours",
        FileKind::Named => "named with --config",
        FileKind::Folder { trusted: true } => "the folder's, trusted",
        FileKind::Folder { trusted: false } => "the folder's, not trusted",
    }
}

/// The folder's file, or why there is none to speak of.
pub(super) fn folder_file(places: &Places, named: Option<&Path>) -> Option<PathBuf> {
    match named {
        Some(path) if path.is_dir() => Some(path.join(config::FOLDER_FILE)),
        Some(path) => Some(path.to_owned()),
        None => config::folder_file(places),
    }
}
