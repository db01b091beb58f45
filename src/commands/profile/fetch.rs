//! Secrets that a file names are fetched, from variables, files and commands.

use std::path::{Path, PathBuf};

use super::command::{self, CommandError};
use crate::args::{Credential, HeadersUnder, LARGEST, Lookup, expand};
use crate::config::{Fault, Setting, Source, Taken, Value, What};
use crate::failure::{Failure, Kind};
use crate::secrets::Secret;
use crate::wire::Metadata;

/// Fetches secrets.
pub(super) struct Fetch<'a> {
    /// What can be asked for by name.
    pub(super) lookup: &'a dyn Lookup,
    /// Whether `${NAME}` in a text is a variable.
    pub(super) expanding: bool,
    /// Whether no command is to be run, and what is not to be had is left out.
    pub(super) unattended: bool,
}

/// A secret that is not to be had.
#[derive(Debug, thiserror::Error)]
enum SecretError {
    #[error("{at}: cannot read {}", path.display())]
    File { at: String, path: PathBuf, source: std::io::Error },
    #[error("{at}: {source}")]
    Command { at: String, source: CommandError },
}

impl From<SecretError> for Failure {
    fn from(error: SecretError) -> Self {
        Self::new(Kind::Failed, error)
    }
}

impl Fetch<'_> {
    /// The headers and the credential among the settings.
    pub(super) fn headers(&self, taken: &[Taken<'_>]) -> Result<HeadersUnder, Failure> {
        let mut headers = HeadersUnder::default();
        for Taken { setting, file, .. } in taken {
            let Value::Secrets(sources) = &setting.value else { continue };
            for source in sources {
                if self.unattended && matches!(source, Source::Command(_)) {
                    continue;
                }
                match self.add(&mut headers, source, setting, &file.path) {
                    Err(_) if self.unattended => {}
                    added => added?,
                }
            }
        }
        Ok(headers)
    }

    /// Adds what one setting says in one place.
    fn add(
        &self,
        headers: &mut HeadersUnder,
        source: &Source,
        setting: &Setting,
        file: &Path,
    ) -> Result<(), Failure> {
        let secret = self.fetch(source, setting, file)?;
        let wrong =
            |error: String| Fault { path: file.to_owned(), line: setting.line, what: What::Text(error) };
        let list = match (setting.key.name, &setting.header) {
            ("bearer", _) => {
                let bearer = Credential::bearer("bearer", secret.reveal());
                headers.credential = Some(bearer.map_err(|error| wrong(error.to_string()))?);
                return Ok(());
            }
            ("user", _) => {
                let user = Credential::user("user", secret.reveal(), self.lookup);
                headers.credential = Some(user.map_err(|error| wrong(error.to_string()))?);
                return Ok(());
            }
            ("rpc-header", _) => &mut headers.call,
            ("reflect-header", _) => &mut headers.reflection,
            _ => &mut headers.both,
        };
        let name = setting.header.as_deref().unwrap_or_default();
        let line = format!("{name}: {}", secret.reveal());
        Metadata::default().add_line(&line).map_err(|error| wrong(format!("{}: {error}", setting.id())))?;
        list.push(Secret::new(line));
        Ok(())
    }

    fn fetch(&self, source: &Source, setting: &Setting, file: &Path) -> Result<Secret, Failure> {
        let at = || format!("{}:{}: {}", file.display(), setting.line, setting.id());
        let wrong = |why: String| Failure::from(Fault::value(file, setting, why));
        Ok(match source {
            Source::Text(text) if self.expanding && setting.header.is_some() => {
                let expanded = expand(text.reveal(), |name| self.lookup.variable(name));
                Secret::new(expanded.map_err(|error| wrong(error.to_string()))?)
            }
            Source::Text(text) => text.clone(),
            Source::Env(name) => {
                let value = self.lookup.variable(name).filter(|value| !value.is_empty());
                let value =
                    value.ok_or_else(|| wrong(format!("the environment variable {name} is not set")))?;
                let value = value.into_string();
                Secret::new(
                    value.map_err(|_| wrong(format!("the environment variable {name} is not UTF-8")))?,
                )
            }
            Source::File(path) => {
                let bytes = self.lookup.file(path, LARGEST);
                let bytes =
                    bytes.map_err(|source| SecretError::File { at: at(), path: path.clone(), source })?;
                let text = String::from_utf8(bytes);
                let text = text.map_err(|_| wrong(format!("{} is not UTF-8", path.display())))?;
                Secret::new(text.trim_end())
            }
            Source::Command(line) => command::run(line, file, command::PATIENCE)
                .map_err(|source| SecretError::Command { at: at(), source })?,
        })
    }
}
