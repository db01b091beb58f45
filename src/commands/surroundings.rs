//! What surrounds the process: environment and terminals, asked here and passed on as values.

use std::io::{self, IsTerminal as _};
use std::path::PathBuf;
use std::time::Instant;

use crate::args::Given;
use crate::output::Destination;
use crate::transport::{Opener, Stream};

/// The variables by which programs are told of a proxy for what is neither HTTP/1 nor plaintext.
const PROXIES: [&str; 4] = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];

/// What the surroundings say, asked once.
#[derive(Clone)]
pub struct Surroundings {
    /// What stands for a target.
    pub given: Given,
    /// Whether standard input is a terminal.
    pub stdin_terminal: bool,
    /// Whether standard output is a terminal.
    pub stdout_terminal: bool,
    /// How many columns that terminal has, as far as it says.
    pub stdout_columns: Option<usize>,
    /// When the process began, as far as timings and the deadline go.
    pub started: Instant,
}

impl Surroundings {
    /// Asks.
    pub(super) fn ask(started: Instant) -> Self {
        Self {
            given: Given {
                address: std::env::var_os("RPCCTL_ADDRESS").filter(|address| !address.is_empty()),
                demo: Opener::new("demo:", demo_stream),
                proxy: PROXIES
                    .into_iter()
                    .find(|name| std::env::var_os(name).is_some_and(|url| !url.is_empty())),
            },
            stdin_terminal: io::stdin().is_terminal(),
            stdout_terminal: io::stdout().is_terminal(),
            stdout_columns: terminal_size::terminal_size_of(io::stdout()).map(|(width, _)| width.0.into()),
            started,
        }
    }
}

/// A variable, if it is text.
pub(super) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// A variable that holds a path, which nothing but an absolute one is (the XDG base directory specification).
pub(super) fn folder(name: &str) -> Option<PathBuf> {
    std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute())
}

/// A folder of the user's: what `variable` says, or `usual` below the home folder.
pub(super) fn user_folder(variable: &str, usual: &str) -> Option<PathBuf> {
    folder(variable).or_else(|| Some(home()?.join(usual)))
}

/// The home folder.
pub(super) fn home() -> Option<PathBuf> {
    folder("HOME").or_else(|| folder("USERPROFILE"))
}

/// Where completion keeps what servers said.
pub(super) fn cache_folder() -> Option<PathBuf> {
    user_folder("XDG_CACHE_HOME", ".cache").map(|folder| folder.join("rpcctl"))
}

/// This program's file.
pub(super) fn program() -> Option<PathBuf> {
    std::env::current_exe().ok()
}

/// A connection to a demo server inside this process.
fn demo_stream() -> io::Result<Box<dyn Stream>> {
    let stream = crate::demo::in_memory().map_err(io::Error::other)?;
    Ok(Box::new(stream))
}

/// What standard output is.
#[cfg(unix)]
pub(super) fn destination() -> Destination {
    use std::os::fd::AsFd as _;
    let file = io::stdout().as_fd().try_clone_to_owned().map(std::fs::File::from);
    match file.and_then(|file| file.metadata()) {
        Ok(metadata) if metadata.is_file() => Destination::File,
        _ => Destination::Reader,
    }
}

/// What standard output is, as far as can be told.
#[cfg(not(unix))]
pub(super) fn destination() -> Destination {
    Destination::Reader
}
