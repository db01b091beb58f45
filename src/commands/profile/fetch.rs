//! Secrets that a file names are fetched, from variables, files and commands.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::args::{Credential, HeadersUnder, Lookup, expand};
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
    #[error("{at}: cannot run the command")]
    Start { at: String, source: std::io::Error },
    #[error("{at}: the command failed: {how}")]
    Failed { at: String, how: String, source: Option<Said> },
    #[error("{at}: the command printed nothing")]
    Nothing { at: String },
}

/// What a command said before it failed.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Said(String);

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
                let bytes = self.lookup.file(path);
                let bytes =
                    bytes.map_err(|source| SecretError::File { at: at(), path: path.clone(), source })?;
                let text = String::from_utf8(bytes);
                let text = text.map_err(|_| wrong(format!("{} is not UTF-8", path.display())))?;
                Secret::new(text.trim_end())
            }
            Source::Command(line) => run(line, file, at)?,
        })
    }
}

/// What a command line prints, without the line break at its end. It runs where its file stands, and reads nothing:
/// what stands on stdin may be messages.
fn run(line: &str, file: &Path, at: impl Fn() -> String) -> Result<Secret, SecretError> {
    let (shell, flag) = if cfg!(windows) { ("cmd", "/C") } else { ("sh", "-c") };
    let mut command = Command::new(shell);
    command.args([flag, line]).stdin(Stdio::null());
    if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        command.current_dir(folder);
    }
    let output = command.output().map_err(|source| SecretError::Start { at: at(), source })?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr).trim().replace('\n', "\n             ");
        let source = Some(Said(said)).filter(|said| !said.0.is_empty());
        let how = match output.status.code() {
            Some(code) => format!("it exited with {code}"),
            None => output.status.to_string(),
        };
        return Err(SecretError::Failed { at: at(), how, source });
    }
    match String::from_utf8(output.stdout) {
        Ok(text) if !text.trim().is_empty() => Ok(Secret::new(text.trim_end_matches(['\n', '\r']))),
        Ok(_) => Err(SecretError::Nothing { at: at() }),
        Err(_) => Err(SecretError::Failed {
            at: at(),
            how: "what it printed is not UTF-8".to_owned(),
            source: None,
        }),
    }
}
