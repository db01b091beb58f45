//! `rpcctl completions install`: the script in the place of the user's own where the shell looks for it.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::ValueEnum as _;

use super::super::{Failed, surroundings};
use super::Shell;
use crate::args::quoted;
use crate::failure::{Failure, Kind};

/// Where distributions put what makes bash look for completions in a folder.
const BASH_COMPLETION: [&str; 5] = [
    "/usr/share/bash-completion/bash_completion",
    "/usr/local/share/bash-completion/bash_completion",
    "/usr/local/etc/profile.d/bash_completion.sh",
    "/opt/homebrew/etc/profile.d/bash_completion.sh",
    "/etc/bash_completion",
];

/// Why the script is not installed.
#[derive(Debug, thiserror::Error)]
enum InstallError {
    #[error("SHELL is not set, so it is not known which shell to install it for")]
    NoShell,
    #[error("SHELL is {0:?}, and there is no script for that")]
    UnknownShell(String),
    #[error("HOME is not set, so it is not known where to install it")]
    NoHome,
    #[error("cannot write {}", path.display())]
    Unwritten { path: PathBuf, source: io::Error },
}

impl From<InstallError> for Failure {
    fn from(error: InstallError) -> Self {
        const NAME_IT: &str = "name it: rpcctl completions install bash (or zsh, fish, powershell, elvish)";
        const PRINT_IT: &str = "print it, and put it where you like: rpcctl completions bash > FILE";
        let (kind, hint) = match &error {
            InstallError::NoShell | InstallError::UnknownShell(_) => (Kind::Wrong, NAME_IT),
            InstallError::NoHome | InstallError::Unwritten { .. } => (Kind::Failed, PRINT_IT),
        };
        Self::new(kind, error).hint(hint)
    }
}

/// Where a script goes, and what else it takes.
#[derive(Debug, PartialEq, Eq)]
struct Place {
    file: PathBuf,
    /// What the shell needs besides, and in which file; none where it finds the script by itself.
    line: Option<Line>,
}

/// A line that someone has to add to a file of theirs: nobody else writes there.
#[derive(Debug, PartialEq, Eq)]
struct Line {
    file: PathBuf,
    text: String,
    /// Where in the file, if that matters.
    remark: &'static str,
}

/// What the places depend on.
struct Folders {
    home: PathBuf,
    data: PathBuf,
    config: PathBuf,
    /// Where zsh's own files are.
    zsh: PathBuf,
    /// Where bash-completion looks first.
    bash: PathBuf,
    /// Whether bash looks for completions at all.
    bash_looks: bool,
}

/// Writes the script, and says so and what is left to do.
pub(super) fn run(shell: Option<Shell>, dry_run: bool, out: &mut dyn Write) -> Result<(), Failed> {
    let shell = match shell {
        Some(shell) => shell,
        None => users_shell()?,
    };
    let place = place(shell, &Folders::ask().ok_or(InstallError::NoHome)?);
    let (file, script) = (&place.file, shell.script());
    let there = fs::read(file).is_ok_and(|bytes| bytes == script.as_bytes());
    let done = match (there, dry_run) {
        (true, _) => "is up to date:",
        (false, true) => "would be written to",
        (false, false) => {
            write(file, script).map_err(|source| InstallError::Unwritten { path: file.clone(), source })?;
            "is written to"
        }
    };
    writeln!(out, "the script for {} {done} {}", name(shell), file.display())?;
    match place.line.filter(|line| !is_there(line)) {
        Some(line) => {
            writeln!(out, "add this to {}{}:\n  {}", line.file.display(), line.remark, line.text)?;
        }
        None if !dry_run => writeln!(out, "it works in each shell that is started from now on")?,
        None => {}
    }
    Ok(())
}

fn name(shell: Shell) -> String {
    shell.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
}

/// The shell that the environment names.
fn users_shell() -> Result<Shell, InstallError> {
    let path =
        surroundings::variable("SHELL").filter(|path| !path.is_empty()).ok_or(InstallError::NoShell)?;
    by_path(&path).ok_or(InstallError::UnknownShell(path))
}

fn by_path(path: &str) -> Option<Shell> {
    let file = Path::new(path).file_stem()?.to_str()?;
    match file {
        "pwsh" => Some(Shell::Powershell),
        file => Shell::from_str(file, true).ok(),
    }
}

impl Folders {
    fn ask() -> Option<Self> {
        let home = surroundings::home()?;
        let data = surroundings::user_folder("XDG_DATA_HOME", ".local/share")?;
        Some(Self {
            zsh: surroundings::folder("ZDOTDIR").unwrap_or_else(|| home.clone()),
            bash: surroundings::folder("BASH_COMPLETION_USER_DIR")
                .unwrap_or_else(|| data.join("bash-completion")),
            config: surroundings::user_folder("XDG_CONFIG_HOME", ".config")?,
            bash_looks: BASH_COMPLETION.iter().any(|file| Path::new(file).exists()),
            data,
            home,
        })
    }
}

/// Where the script of a shell goes.
fn place(shell: Shell, folders: &Folders) -> Place {
    let quoted_path = |path: &Path| quoted(&path.to_string_lossy());
    match shell {
        Shell::Bash => {
            let file = folders.bash.join("completions/rpcctl");
            let line = (!folders.bash_looks).then(|| Line {
                file: folders.home.join(".bashrc"),
                text: format!(". {}", quoted_path(&file)),
                remark: ", since the package bash-completion is not installed",
            });
            Place { file, line }
        }
        Shell::Zsh => {
            let folder = folders.data.join("zsh/site-functions");
            let line = Line {
                file: folders.zsh.join(".zshrc"),
                text: format!("fpath=({} $fpath); autoload -Uz compinit; compinit", quoted_path(&folder)),
                remark: ", or its first part above the line with compinit",
            };
            Place { file: folder.join("_rpcctl"), line: Some(line) }
        }
        Shell::Fish => Place { file: folders.config.join("fish/completions/rpcctl.fish"), line: None },
        Shell::Powershell => {
            let file = folders.config.join("powershell/completions/rpcctl.ps1");
            let line = Line {
                file: folders.config.join("powershell/Microsoft.PowerShell_profile.ps1"),
                text: format!(". {}", quoted_path(&file)),
                remark: ", or wherever $PROFILE says",
            };
            Place { file, line: Some(line) }
        }
        Shell::Elvish => {
            let line = Line {
                file: folders.config.join("elvish/rc.elv"),
                text: "use rpcctl".to_owned(),
                remark: "",
            };
            Place { file: folders.config.join("elvish/lib/rpcctl.elv"), line: Some(line) }
        }
    }
}

/// Whether someone added the line before, in words of their own perhaps.
fn is_there(line: &Line) -> bool {
    let text = fs::read_to_string(&line.file).unwrap_or_default();
    let wanted = line.text.split(';').next().unwrap_or_default();
    text.contains(wanted) || (wanted.starts_with("fpath=") && text.contains("zsh/site-functions"))
}

fn write(file: &Path, script: &str) -> io::Result<()> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(file, script)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folders(bash_looks: bool) -> Folders {
        let folder = |name: &str| PathBuf::from(format!("/h/{name}"));
        Folders {
            home: folder(""),
            data: folder("data"),
            config: folder("config"),
            zsh: folder("zsh"),
            bash: folder("data/bash-completion"),
            bash_looks,
        }
    }

    #[test]
    fn each_shell_has_its_place() {
        let shown = |shell, looks| {
            let place = place(shell, &folders(looks));
            let line = place.line.map(|line| format!(" {}: {}", line.file.display(), line.text));
            format!("{}{}", place.file.display(), line.unwrap_or_default())
        };
        assert_eq!(shown(Shell::Bash, true), "/h/data/bash-completion/completions/rpcctl");
        assert_eq!(
            shown(Shell::Bash, false),
            "/h/data/bash-completion/completions/rpcctl /h/.bashrc: . /h/data/bash-completion/completions/rpcctl"
        );
        assert!(shown(Shell::Zsh, true).starts_with(
            "/h/data/zsh/site-functions/_rpcctl /h/zsh/.zshrc: fpath=(/h/data/zsh/site-functions $fpath);"
        ));
        assert_eq!(shown(Shell::Fish, true), "/h/config/fish/completions/rpcctl.fish");
        assert_eq!(
            shown(Shell::Elvish, true),
            "/h/config/elvish/lib/rpcctl.elv /h/config/elvish/rc.elv: use rpcctl"
        );
        assert!(shown(Shell::Powershell, true).contains("profile.ps1: . /h/config/powershell/completions/"));
    }

    #[test]
    fn a_shell_is_known_by_its_path() {
        for (path, shell) in [
            ("/bin/bash", Some(Shell::Bash)),
            ("/usr/local/bin/zsh", Some(Shell::Zsh)),
            ("/opt/microsoft/powershell/7/pwsh", Some(Shell::Powershell)),
            ("fish", Some(Shell::Fish)),
            ("/bin/dash", None),
            ("/", None),
        ] {
            assert_eq!(by_path(path), shell, "{path}");
        }
    }
}
