//! Header lines as they were written: on the command line, in a file, or in a profile.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use super::expand::expand;
use super::{ArgsError, LARGEST, Lookup, called};
use crate::secrets::Secret;
use crate::wire::Metadata;

/// A header line, and where it stands.
#[derive(Debug)]
pub(super) struct Line {
    /// The flag, or the file and the line in it.
    at: String,
    text: Secret,
}

/// A file of headers that gives none.
#[derive(Debug, Error)]
pub enum HeaderFileError {
    /// It can't be read.
    #[error("{flag}: cannot read {}", path.display())]
    Read {
        /// The flag that names it.
        flag: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It is no text.
    #[error("{flag}: {} is not UTF-8", path.display())]
    NotText {
        /// The flag that names it.
        flag: &'static str,
        /// The file.
        path: PathBuf,
    },
    /// There is none in it.
    #[error("{flag}: there is no header in {}", path.display())]
    Empty {
        /// The flag that names it.
        flag: &'static str,
        /// The file.
        path: PathBuf,
    },
}

impl Line {
    /// A line that was made of a profile, and found right before.
    pub(super) fn of_a_profile(text: &Secret) -> Self {
        Self { at: "the profile".to_owned(), text: text.clone() }
    }

    /// The header's name as it was written.
    pub(super) fn name(&self) -> Option<&str> {
        self.text.reveal().split_once(':').map(|(name, _)| name.trim())
    }

    /// Whether it is a header of this name.
    pub(super) fn is(&self, name: &str) -> bool {
        self.name().is_some_and(|own| own.eq_ignore_ascii_case(name))
    }

    /// Adds the header.
    pub(super) fn add_to(&self, metadata: &mut Metadata) -> Result<(), ArgsError> {
        metadata
            .add_line(self.text.reveal())
            .map_err(|source| ArgsError::Metadata { at: self.at.clone(), source })
    }
}

/// Whether one of these lines is a header of this name.
pub(super) fn name(lines: &[Line], name: &str) -> bool {
    lines.iter().any(|line| line.is(name))
}

/// The lines that a flag gives: each value is one, or names a file of them.
pub(super) fn lines(
    flag: &'static str,
    values: &[String],
    expanding: bool,
    lookup: &dyn Lookup,
) -> Result<Vec<Line>, ArgsError> {
    let mut all = Vec::new();
    for value in values {
        match value.strip_prefix('@') {
            Some(path) => all.extend(in_file(flag, Path::new(path), lookup)?),
            None => all.push(Line { at: flag.to_owned(), text: Secret::new(value) }),
        }
    }
    if expanding {
        for line in &mut all {
            let expanded = expand(line.text.reveal(), |name| lookup.variable(name))
                .map_err(|source| ArgsError::Expand { at: line.at.clone(), source })?;
            line.text = Secret::new(expanded);
        }
    }
    Ok(all)
}

/// The lines of a file.
fn in_file(flag: &'static str, path: &Path, lookup: &dyn Lookup) -> Result<Vec<Line>, HeaderFileError> {
    let read = lookup.file(path, LARGEST);
    let path = called(path).to_owned();
    let bytes = match read {
        Ok(bytes) => bytes,
        Err(source) => return Err(HeaderFileError::Read { flag, path, source }),
    };
    let Ok(text) = String::from_utf8(bytes) else { return Err(HeaderFileError::NotText { flag, path }) };
    // Editors elsewhere begin a text with a mark that says what it is encoded in.
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let lines: Vec<Line> = (1..)
        .zip(text.lines())
        .filter(|(_, line)| !line.trim().is_empty() && !line.trim_start().starts_with('#'))
        .map(|(number, line)| Line { at: format!("{}:{number}", path.display()), text: Secret::new(line) })
        .collect();
    if lines.is_empty() { Err(HeaderFileError::Empty { flag, path }) } else { Ok(lines) }
}
