//! `rpcctl man`: manual pages, one a verb.

use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;

use clap::{Args, Command};

use super::Exit;

/// Print the manual page, or write the pages of all verbs to a folder
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:\n  rpcctl man | man -l -\n  rpcctl man ~/.local/share/man/man1")]
pub struct ManArgs {
    /// Write rpcctl.1, rpcctl-call.1 and so on to this folder
    pub dir: Option<PathBuf>,
}

/// Prints the page, or writes the pages.
pub fn run(args: &ManArgs, out: &mut dyn Write) -> io::Result<Exit> {
    let mut command = super::command();
    command.build();
    let Some(dir) = &args.dir else {
        out.write_all(&page(command)?)?;
        return Ok(Exit::OK);
    };
    fs::create_dir_all(dir)?;
    for verb in command.get_subcommands() {
        fs::write(dir.join(format!("rpcctl-{}.1", verb.get_name())), page(verb.clone())?)?;
    }
    fs::write(dir.join("rpcctl.1"), page(command)?)?;
    Ok(Exit::OK)
}

fn page(command: Command) -> io::Result<Vec<u8>> {
    let mut page = Vec::new();
    clap_mangen::Man::new(command).render(&mut page)?;
    Ok(page)
}
