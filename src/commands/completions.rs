//! `rpcctl completions`: what a shell needs to complete this program's words.
//!
//! The scripts are short: they hand the words over to `rpcctl complete` and put what it says where their shell wants it.
//! They are written in scripts/; completions/ has them for packages, kept the same by a test.

mod install;

use std::io::Write;

use clap::{Args, ValueEnum};

use super::{Exit, Failed};
use crate::failure::{Failure, Kind};

/// Print a completion script for a shell, or install it
///
/// What is completed are verbs, flags and their values, and what the server of the line offers: services, methods, the
/// fields of a request and the values of its enums.
#[derive(Debug, Clone, Args)]
#[command(
    override_usage = "rpcctl completions <SHELL>\n       rpcctl completions install [SHELL] [--dry-run]",
    after_help = "\
Examples:
  rpcctl completions install                for the shell that $SHELL names
  rpcctl completions install zsh --dry-run  where it would go, and what ~/.zshrc needs
  rpcctl completions bash > ~/.local/share/bash-completion/completions/rpcctl

A server is asked when a name is completed, for 250 ms at most. What it offers is kept in ~/.cache/rpcctl (or below \
XDG_CACHE_HOME), by target and never by token, and taken from there when the server does not answer."
)]
pub struct CompletionsArgs {
    /// The shell, or install
    #[arg(value_name = "SHELL|install")]
    pub what: What,

    /// The shell to install it for [default: that of $SHELL]
    #[arg(value_name = "SHELL")]
    pub shell: Option<Shell>,

    /// With install: say what it would do, and do nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum What {
    /// Print the script for GNU bash
    Bash,
    /// Print the script for zsh
    Zsh,
    /// Print the script for fish
    Fish,
    /// Print the script for PowerShell
    Powershell,
    /// Print the script for elvish
    Elvish,
    /// Write the script where the shell looks for it
    Install,
}

/// A shell that there is a script for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Shell {
    /// GNU bash
    Bash,
    /// The Z shell
    Zsh,
    /// fish
    Fish,
    /// PowerShell
    Powershell,
    /// elvish
    Elvish,
}

/// Words that go with `install` alone.
#[derive(Debug, thiserror::Error)]
#[error("{0} goes with install alone")]
struct WithInstall(&'static str);

impl From<WithInstall> for Failure {
    fn from(error: WithInstall) -> Self {
        Self::new(Kind::Wrong, error)
            .hint("write rpcctl completions install SHELL, or rpcctl completions SHELL")
    }
}

impl What {
    /// The shell whose script is to be printed.
    fn shell(self) -> Option<Shell> {
        Some(match self {
            Self::Bash => Shell::Bash,
            Self::Zsh => Shell::Zsh,
            Self::Fish => Shell::Fish,
            Self::Powershell => Shell::Powershell,
            Self::Elvish => Shell::Elvish,
            Self::Install => return None,
        })
    }
}

impl Shell {
    /// Its script.
    fn script(self) -> &'static str {
        match self {
            Self::Bash => include_str!("completions/scripts/rpcctl.bash"),
            Self::Zsh => include_str!("completions/scripts/_rpcctl"),
            Self::Fish => include_str!("completions/scripts/rpcctl.fish"),
            Self::Powershell => include_str!("completions/scripts/_rpcctl.ps1"),
            Self::Elvish => include_str!("completions/scripts/rpcctl.elv"),
        }
    }
}

/// Prints the script, or writes it to its place.
pub(super) fn run(args: &CompletionsArgs, out: &mut dyn Write) -> Result<Exit, Failed> {
    match args.what.shell() {
        None => install::run(args.shell, args.dry_run, out)?,
        Some(_) if args.shell.is_some() => return Err(WithInstall("a second shell").into()),
        Some(_) if args.dry_run => return Err(WithInstall("--dry-run").into()),
        Some(shell) => out.write_all(shell.script().as_bytes())?,
    }
    Ok(Exit::OK)
}
