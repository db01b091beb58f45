//! `rpcctl complete`: how the word being typed may go on. The scripts of `rpcctl completions` call it; people do not,
//! so it is in no help.
//!
//! It prints a candidate a line: what kind it is in one character, the word, a tab, what it is. `docs/completion.md`
//! has the kinds. Whatever goes wrong, it says nothing and exits with 0: an error would stand in the middle of a
//! prompt. Nor does it ever take longer than a person waits, be it a server that is slow or files that are many.

mod ask;
mod line;
mod place;
mod unquote;

pub(super) use ask::remember;

use std::io::{self, Write};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use clap::Args;

use super::completions::Shell;
use super::{Exit, Surroundings};
use crate::args::duration;
use crate::completion::{Answer, Candidate, Rest};
use crate::output::sanitize;

/// What it takes to print an answer, once the time for servers is over.
const REST: Duration = Duration::from_millis(30);

/// The words of a line that is being typed.
#[derive(Debug, Clone, Args)]
#[command(hide = true)]
pub(super) struct CompleteArgs {
    /// Whose line it is, and so how its words are quoted
    shell: Shell,

    /// How long servers and files may take
    #[arg(long, value_name = "DURATION", default_value = "250ms", value_parser = duration)]
    patience: Duration,

    /// Ask the server and keep what it says, however long that takes, and print nothing
    #[arg(long)]
    refresh: bool,

    /// The words so far, the program's name first; the last is being typed
    #[arg(last = true)]
    words: Vec<String>,
}

/// Prints the candidates.
pub(super) fn run(args: &CompleteArgs, surroundings: &Surroundings, out: &mut dyn Write) -> io::Result<Exit> {
    let words = unquote::words(args.shell, &args.words, super::surroundings::variable);
    let surroundings = surroundings.clone();
    if args.refresh {
        // Asking takes a runtime of its own, and this thread has one.
        let asked = thread::spawn(move || place::refresh(&words, &surroundings));
        let _ = asked.join();
        return Ok(Exit::OK);
    }
    let (sender, receiver) = mpsc::channel();
    let again = ask::Again { shell: args.shell, words: args.words.clone(), patience: args.patience };
    // Reading files and compiling them can't be interrupted, so what is late is left behind in its own thread.
    thread::spawn(move || sender.send(place::answer(&words, &again, &surroundings)));
    if let Ok(answer) = receiver.recv_timeout(args.patience.saturating_add(REST)) {
        print(&answer, out)?;
    }
    Ok(Exit::OK)
}

/// Writes an answer the way the scripts read it.
fn print(answer: &Answer, out: &mut dyn Write) -> io::Result<()> {
    for Candidate { text, help, open } in answer.candidates.iter().filter(|candidate| is_harmless(candidate))
    {
        let kind = if *open { '+' } else { '=' };
        writeln!(out, "{kind}{text}\t{}", sanitize::brief(help))?;
    }
    match &answer.rest {
        Some(Rest::File(before)) => writeln!(out, "@{before}"),
        Some(Rest::Folder(before)) => writeln!(out, "/{before}"),
        None => Ok(()),
    }
}

/// Whether a shell takes a word as it stands. Servers choose names, and what a shell would act on must not get into a
/// command line by way of completion.
fn is_harmless(candidate: &Candidate) -> bool {
    candidate.text.chars().all(|c| c.is_alphanumeric() || "_-./:@=+%,[]".contains(c))
}
