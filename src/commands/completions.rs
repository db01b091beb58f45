//! `rpcctl completions`: what a shell needs to complete this program's words.

use std::io::{self, Write};

use clap::Args;
use clap_complete::Shell;

use super::Exit;

/// Print a completion script for a shell
#[derive(Debug, Clone, Args)]
#[command(
    after_help = "Example:\n  rpcctl completions bash > ~/.local/share/bash-completion/completions/rpcctl"
)]
pub struct CompletionsArgs {
    /// The shell
    pub shell: Shell,
}

/// Prints the script.
pub fn run(args: &CompletionsArgs, out: &mut dyn Write) -> io::Result<Exit> {
    // The generator takes a failed write for a bug and panics, so it writes to memory.
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut super::command(), "rpcctl", &mut script);
    out.write_all(&script)?;
    Ok(Exit::OK)
}
