//! `rpcctl config`: what configuration files say, whether it makes sense, and whom it is believed of.

mod check;
mod show;
mod trust;

use std::io::Write as _;
use std::path::PathBuf;

use clap::{ArgMatches, Args, Command, Subcommand};

use super::profile::{Typed, has_flag, shown_path, whose};
use super::{Exit, Failed, Surroundings, Writers};
use crate::config as files;

const EXAMPLES: &str = "\
Examples:
  rpcctl config show                       what is in force here, and where it comes from
  rpcctl config show --profile staging     the same with a profile
  rpcctl config check                      whether the files make sense
  rpcctl config trust                      let all of this folder's .rpcctl.toml count
  rpcctl config path                       which files those are

Your own file is ~/.config/rpcctl/config.toml; a folder's is the nearest .rpcctl.toml upwards. Of a folder's file the \
keys about schema and output count, and the others once it is trusted, as it is now. docs/configuration.md has every key.";

/// Show what configuration files say, check them, trust a folder's
#[derive(Debug, Clone, Args)]
#[command(after_help = EXAMPLES, subcommand_required = true, arg_required_else_help = true, disable_help_subcommand = true)]
pub struct ConfigArgs {
    #[command(subcommand)]
    action: Action,

    /// What was typed behind the action, to tell it from what stands in files.
    #[arg(skip)]
    pub(super) typed: Typed,
}

#[derive(Debug, Clone, Subcommand)]
enum Action {
    /// Show every value in force, and where it comes from
    #[command(after_help = "Examples:\n  rpcctl config show\n  rpcctl config show --profile staging -o json")]
    Show(Box<show::ShowArgs>),
    /// Name the files, your own first, then the folder's
    #[command(after_help = "Examples:\n  rpcctl config path\n  rpcctl config path --config ci.toml")]
    Path(FileArgs),
    /// Look for what makes no sense, in every profile
    #[command(after_help = "Examples:\n  rpcctl config check\n  rpcctl config check --config ci.toml")]
    Check(FileArgs),
    /// Let all of a folder's file count, as it is now
    #[command(after_help = "Examples:\n  rpcctl config trust\n  rpcctl config trust --list")]
    Trust(trust::TrustArgs),
    /// Let a folder's file count for schema and output alone again
    #[command(after_help = "Examples:\n  rpcctl config untrust\n  rpcctl config untrust ~/cloned")]
    Untrust(trust::UntrustArgs),
}

/// Which file is meant.
#[derive(Debug, Clone, Args)]
struct FileArgs {
    /// This file instead of those
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// What was typed behind an action that goes by it.
pub(super) fn typed(verb: &Command, matches: &ArgMatches) -> Option<Typed> {
    let (name, matches) = matches.subcommand()?;
    let action = verb.find_subcommand(name)?;
    has_flag(action, "profile").then(|| Typed::of(action, matches))
}

/// Does it.
pub fn run(args: &ConfigArgs, surroundings: &Surroundings, io: &mut Writers<'_>) -> Result<Exit, Failed> {
    let places = &surroundings.places;
    match &args.action {
        Action::Show(show) => show::run(show, &args.typed, surroundings, io),
        Action::Path(args) => path(args, places, io),
        Action::Check(args) => check::run(args.config.as_deref(), places, io),
        Action::Trust(args) => trust::trust(args, places, io),
        Action::Untrust(args) => trust::untrust(args, places, io),
    }
}

/// Names the files.
fn path(args: &FileArgs, places: &files::Places, io: &mut Writers<'_>) -> Result<Exit, Failed> {
    let (opened, _) = files::open(places, args.config.as_deref())?;
    let own = files::own_file(places).filter(|_| args.config.is_none());
    if let Some(own) = own.filter(|own| opened.iter().all(|file| file.path != *own)) {
        writeln!(io.out, "{}", own.display())?;
        writeln!(io.talk, "{}: not there", shown_path(&own, places))?;
    }
    for file in opened.iter().rev() {
        writeln!(io.out, "{}", file.path.display())?;
        writeln!(io.talk, "{}: {}", shown_path(&file.path, places), whose(file.kind))?;
    }
    Ok(Exit::OK)
}
