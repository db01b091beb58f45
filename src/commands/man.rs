//! `rpcctl man`: manual pages, one a verb.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::{Args, Command};

use super::{Exit, Failed};
use crate::failure::{Failure, Kind};

/// Print the manual page, or write the pages of all verbs to a folder
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:\n  rpcctl man | man -l -\n  rpcctl man ~/.local/share/man/man1")]
pub struct ManArgs {
    /// Write rpcctl.1, rpcctl-call.1 and so on to this folder
    pub dir: Option<PathBuf>,
}

/// A page, or the folder for them, could not be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write {path}", path = .path.display())]
struct PageError {
    path: PathBuf,
    source: io::Error,
}

impl From<PageError> for Failure {
    fn from(error: PageError) -> Self {
        Self::new(Kind::Failed, error)
    }
}

/// Prints the page, or writes the pages.
pub fn run(args: &ManArgs, out: &mut dyn Write) -> Result<Exit, Failed> {
    let mut command = super::command();
    command.build();
    let Some(dir) = &args.dir else {
        out.write_all(&page(command)?)?;
        return Ok(Exit::OK);
    };
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| PageError { path, source }
    };
    fs::create_dir_all(dir).map_err(failed(dir))?;
    let verbs = command.get_subcommands().map(|verb| (format!("rpcctl-{}.1", verb.get_name()), verb.clone()));
    for (file, command) in verbs.chain([("rpcctl.1".to_owned(), command.clone())]) {
        let path = dir.join(file);
        fs::write(&path, page(command)?).map_err(failed(&path))?;
    }
    Ok(Exit::OK)
}

fn page(command: Command) -> io::Result<Vec<u8>> {
    let mut page = Vec::new();
    clap_mangen::Man::new(command).render(&mut page)?;
    Ok(page)
}
