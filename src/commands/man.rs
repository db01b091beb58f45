//! `rpcctl man`: manual pages, one a verb.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command as Process, Stdio};

use clap::builder::{PossibleValuesParser, Resettable};
use clap::{Args, Command};
use clap_mangen::roff::{Roff, bold, roman};

use super::{Exit, Failed, Surroundings};
use crate::failure::{Failure, Kind};

/// Show the manual page, or a verb's
///
/// At a terminal, as `man` shows it; elsewhere, or where there is no `man`, as roff.
#[derive(Debug, Clone, Args)]
#[command(
    after_help = "Examples:\n  rpcctl man call\n  rpcctl man config show\n  rpcctl man --write ~/.cargo/share/man/man1   for `man rpcctl-call`"
)]
pub struct ManArgs {
    /// The verb whose page is wanted
    #[arg(value_parser = PossibleValuesParser::new(super::VERBS.map(|(name, ..)| name)))]
    pub verb: Option<String>,

    /// What the verb is to do, where it has pages for that: rpcctl man config show
    #[arg(requires = "verb")]
    pub action: Option<String>,

    /// Write the pages of all verbs to this folder instead: rpcctl.1, rpcctl-call.1 and so on
    ///
    /// `man` finds those in share/man/man1 beside a bin folder that is in PATH.
    #[arg(long, value_name = "DIR", conflicts_with_all = ["verb", "action"])]
    pub write: Option<PathBuf>,
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

/// A page that there is not.
#[derive(Debug, thiserror::Error)]
#[error("{verb} has no page {action:?}")]
struct NoPage {
    verb: String,
    action: String,
    all: Vec<String>,
}

impl From<NoPage> for Failure {
    fn from(error: NoPage) -> Self {
        let hint = match error.all.as_slice() {
            [] => format!("all of it is on one: rpcctl man {}", error.verb),
            all => format!("there are {}", all.join(", ")),
        };
        Self::new(Kind::Wrong, error).hint(hint)
    }
}

/// Shows the page, or writes the pages.
pub fn run(args: &ManArgs, surroundings: &Surroundings, out: &mut dyn Write) -> Result<Exit, Failed> {
    // The help has no pages of its own.
    let verbs = |verb: Command| verb.disable_help_subcommand(true);
    let mut command = super::command().disable_help_subcommand(true).mut_subcommands(verbs);
    command.build();
    if let Some(folder) = &args.write {
        write(command, folder, out)?;
        return Ok(Exit::OK);
    }
    let verb = args.verb.as_deref().and_then(|verb| command.find_subcommand(verb).cloned());
    let command = match (verb, &args.action) {
        (Some(verb), Some(action)) => below(&verb, action)?,
        (verb, _) => verb.unwrap_or(command),
    };
    let page = page(command)?;
    if !(surroundings.stdout_terminal && is_shown(&page)) {
        out.write_all(&page)?;
    }
    Ok(Exit::OK)
}

/// What a verb has below it under this name.
fn below(verb: &Command, action: &str) -> Result<Command, NoPage> {
    let missing = || NoPage {
        verb: verb.get_name().to_owned(),
        action: action.to_owned(),
        all: verb.get_subcommands().map(|it| it.get_name().to_owned()).collect(),
    };
    verb.find_subcommand(action).cloned().ok_or_else(missing)
}

/// Writes every page to a file of its own, and names it.
fn write(command: Command, folder: &Path, out: &mut dyn Write) -> Result<(), Failed> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| PageError { path, source }
    };
    fs::create_dir_all(folder).map_err(failed(folder))?;
    let verbs: Vec<Command> = command.get_subcommands().flat_map(with_actions).cloned().collect();
    let verbs = verbs.into_iter().map(|verb| (format!("{}.1", verb.get_display_name().unwrap_or("")), verb));
    for (file, command) in std::iter::once(("rpcctl.1".to_owned(), command)).chain(verbs) {
        let path = folder.join(file);
        fs::write(&path, page(command)?).map_err(failed(&path))?;
        writeln!(out, "{}", path.display())?;
    }
    Ok(())
}

/// A verb, and what it has below it.
fn with_actions(verb: &Command) -> impl Iterator<Item = &Command> {
    std::iter::once(verb).chain(verb.get_subcommands())
}

/// Whether `man` has shown the page. There may be no such program, or one that reads no page from its input.
fn is_shown(page: &[u8]) -> bool {
    let Ok(mut man) = Process::new("man").args(["-l", "-"]).stdin(Stdio::piped()).spawn() else {
        return false;
    };
    if let Some(mut input) = man.stdin.take() {
        // Who leaves the pager early has seen enough.
        let _ = input.write_all(page);
    }
    man.wait().is_ok_and(|status| status.success())
}

/// What the foot of every page says.
const SOURCE: &str = concat!("rpcctl ", env!("CARGO_PKG_VERSION"));

/// How a verb may end; docs/exit-codes.md says more.
const EXIT_STATUS: [(&str, &str); 5] = [
    ("0", "It worked; of a call, its status is OK."),
    ("1", "It could not be done: connection, TLS, schema or a file."),
    ("2", "It was asked for wrongly: usage, or request data."),
    ("64 + N", "A call ended in the gRPC status N, such as 69 for NOT_FOUND (5)."),
    ("130, 143", "It was ended by ^C or SIGTERM."),
];

/// A page: what the program knows of a verb, and its help's examples as such.
fn page(command: Command) -> io::Result<Vec<u8>> {
    let after = command
        .get_after_long_help()
        .or(command.get_after_help())
        .map(ToString::to_string)
        .unwrap_or_default();
    let mut page = Vec::new();
    let command = command.after_help(Resettable::Reset).after_long_help(Resettable::Reset);
    clap_mangen::Man::new(command).source(SOURCE).render(&mut page)?;
    ending(&after).to_writer(&mut page)?;
    Ok(page)
}

/// The sections made of what stands at the end of a verb's help.
fn ending(after: &str) -> Roff {
    let mut roff = Roff::new();
    let paragraphs = || after.split("\n\n");
    let notes: Vec<&str> = paragraphs().filter(|paragraph| !is_of_its_own(paragraph)).collect();
    if !notes.is_empty() {
        roff.control("SH", ["NOTES"]);
    }
    for (index, note) in notes.into_iter().enumerate() {
        if index > 0 {
            roff.control("PP", []);
        }
        roff.text([roman(note)]);
    }
    roff.control("SH", ["EXIT STATUS"]);
    for (code, meaning) in EXIT_STATUS {
        roff.control("TP", []);
        roff.text([bold(code)]);
        roff.text([roman(meaning)]);
    }
    if let Some(lines) = paragraphs().find_map(|paragraph| paragraph.strip_prefix(EXAMPLES)) {
        roff.control("SH", ["EXAMPLES"]);
        lines.lines().for_each(|line| example(line.trim(), &mut roff));
    }
    roff
}

const EXAMPLES: &str = "Examples:\n";

/// Whether a paragraph of the help has a section of its own.
fn is_of_its_own(paragraph: &str) -> bool {
    paragraph.is_empty() || paragraph.starts_with(EXAMPLES) || paragraph.starts_with("Exit status:")
}

/// A command to paste, under what it does, which stands behind it in the help.
fn example(line: &str, roff: &mut Roff) {
    let (command, remark) = line.split_once("  ").unwrap_or((line, ""));
    roff.control("PP", []);
    if !remark.is_empty() {
        roff.text([roman(format!("{}:", remark.trim()))]);
    }
    roff.control("RS", ["4"]);
    roff.control("nf", []);
    roff.text([roman(command)]);
    roff.control("fi", []);
    roff.control("RE", []);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn examples_are_lines_of_their_own_and_remarks_paragraphs() {
        let after = "Examples:\n  rpcctl man | man -l -   read it\n  .start\n\nA note\non two lines.\n\nExit status: 0.";
        let roff = ending(after).to_roff();
        assert!(roff.starts_with(".SH NOTES\nA note\non two lines.\n.SH \"EXIT STATUS\"\n"), "{roff}");
        let examples = roff.split(".SH EXAMPLES\n").nth(1).unwrap();
        assert_eq!(
            examples,
            ".PP\nread it:\n.RS 4\n.nf\nrpcctl man | man \\-l \\-\n.fi\n.RE\n\
             .PP\n.RS 4\n.nf\n\\&.start\n.fi\n.RE\n"
        );
    }

    #[test]
    fn without_examples_there_is_no_such_section() {
        let roff = ending("").to_roff();
        assert!(!roff.contains("EXAMPLES") && !roff.contains("NOTES"), "{roff}");
    }
}
