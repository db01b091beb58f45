//! A command that prints a secret, run for as long as that may take and read for as much as that may be.

use std::io::{self, Read};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use crate::bounded::{self, MIB};
use crate::secrets::Secret;

/// How long a command may take: somebody may have to unlock what it reads from.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);
/// How often a command that has closed its output is asked whether it is over.
const GLANCE: Duration = Duration::from_millis(5);
/// How long what a command said is waited for once it is over: what it has started may hold that open.
const LAST_WORDS: Duration = Duration::from_secs(1);
/// How much is told of what a command says when it fails.
const SAID: u64 = 4 << 10;

/// A command that gives no secret.
#[derive(Debug, thiserror::Error)]
pub(super) enum CommandError {
    #[error("cannot run the command")]
    Start(#[source] io::Error),
    #[error("the command failed: {how}")]
    Failed { how: String, source: Option<Said> },
    #[error("the command was ended, since it took longer than {} s", .0.as_secs())]
    Late(Duration),
    #[error("the command printed nothing")]
    Nothing,
}

/// What a command said before it failed.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct Said(String);

/// What a command line prints, without the line break at its end. It runs where its file stands, and reads nothing:
/// what stands on stdin may be messages.
pub(super) fn run(line: &str, file: &Path, patience: Duration) -> Result<Secret, CommandError> {
    let (shell, flag) = if cfg!(windows) { ("cmd", "/C") } else { ("sh", "-c") };
    let mut command = Command::new(shell);
    command.args([flag, line]).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        command.current_dir(folder);
    }
    let mut child = command.spawn().map_err(CommandError::Start)?;
    let answer = wait(&mut child, patience);
    // What is over by itself has nothing more to do; what was not waited for is not to go on.
    let _ = child.kill();
    let _ = child.wait();
    let (status, printed, said) = answer?;
    if !status.success() {
        let said = String::from_utf8_lossy(&said).trim().replace('\n', "\n             ");
        let source = Some(Said(said)).filter(|said| !said.0.is_empty());
        let how = match status.code() {
            Some(code) => format!("it exited with {code}"),
            None => status.to_string(),
        };
        return Err(CommandError::Failed { how, source });
    }
    match String::from_utf8(printed) {
        Ok(text) if !text.trim().is_empty() => Ok(Secret::new(text.trim_end_matches(['\n', '\r']))),
        Ok(_) => Err(CommandError::Nothing),
        Err(_) => Err(failed("what it printed is not UTF-8")),
    }
}

fn failed(how: impl Into<String>) -> CommandError {
    CommandError::Failed { how: how.into(), source: None }
}

/// How a command ended, what it printed, and the beginning of what it said besides.
fn wait(child: &mut Child, patience: Duration) -> Result<(ExitStatus, Vec<u8>, Vec<u8>), CommandError> {
    let end = Instant::now() + patience;
    let left = || end.saturating_duration_since(Instant::now());
    let printed = child.stdout.take().map(|pipe| aside(move || bounded::read_from(pipe, MIB)));
    let said = child.stderr.take().map(|pipe| aside(move || beginning(pipe)));
    let printed = match printed.map(|pipe| pipe.recv_timeout(left())) {
        Some(Ok(read)) => read.map_err(|error| failed(format!("what it printed can't be read: {error}")))?,
        Some(Err(_)) => return Err(CommandError::Late(patience)),
        None => Vec::new(),
    };
    loop {
        match child.try_wait() {
            Ok(Some(status)) if status.success() => return Ok((status, printed, Vec::new())),
            Ok(Some(status)) => {
                let said = said.and_then(|pipe| pipe.recv_timeout(left().min(LAST_WORDS)).ok()?.ok());
                return Ok((status, printed, said.unwrap_or_default()));
            }
            Ok(None) if left().is_zero() => return Err(CommandError::Late(patience)),
            Ok(None) => thread::sleep(GLANCE.min(left())),
            Err(error) => return Err(failed(error.to_string())),
        }
    }
}

/// The beginning of what a pipe brings; the rest is read and dropped, so that who writes it can go on.
fn beginning(mut pipe: impl Read) -> io::Result<Vec<u8>> {
    let mut beginning = Vec::new();
    pipe.by_ref().take(SAID).read_to_end(&mut beginning)?;
    io::copy(&mut pipe, &mut io::sink())?;
    Ok(beginning)
}

/// Does it on a thread of its own, which is left behind where it takes too long.
fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Receiver<T> {
    let (sender, receiver) = channel();
    thread::spawn(move || sender.send(work()));
    receiver
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn told(line: &str, patience: Duration) -> Result<String, String> {
        run(line, Path::new("x"), patience)
            .map(|secret| secret.reveal().to_owned())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn a_command_that_does_not_end_is_ended() {
        let late = "the command was ended, since it took longer than 0 s";
        let began = Instant::now();
        // One that goes on printing nothing, one that has closed its output, and one whose heir holds it open.
        for line in ["exec sleep 1000", "exec >&- 2>&-; exec sleep 1000", "sleep 5 & echo s3cret"] {
            assert_eq!(told(line, Duration::from_millis(200)).unwrap_err(), late, "{line}");
        }
        assert!(began.elapsed() < Duration::from_secs(5));
    }

    #[test]
    fn a_command_that_prints_without_end_is_ended() {
        let told = told("yes", PATIENCE).unwrap_err();
        assert_eq!(told, "the command failed: what it printed can't be read: it is larger than 1 MiB");
    }

    #[test]
    fn what_a_command_says_besides_does_not_stop_it() {
        assert_eq!(told("yes | head -c 1000000 >&2; echo t", PATIENCE).unwrap(), "t");
        assert!(
            told("yes | head -c 1000000 >&2; exit 3", PATIENCE).unwrap_err().contains("it exited with 3")
        );
    }
}
