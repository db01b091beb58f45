//! What surrounds the process: environment and terminals, asked here and passed on as values.

use std::ffi::OsString;
use std::io::{self, IsTerminal as _};
use std::path::Path;
use std::time::Instant;

use crate::args::{Given, HeadersUnder, Lookup};
use crate::output::Destination;
use crate::secrets::Secret;
use crate::transport::{Opener, Stream};

/// The variables by which programs are told of a proxy for what is neither HTTP/1 nor plaintext.
const PROXIES: [&str; 4] = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];

/// What the surroundings say, asked once.
pub struct Surroundings {
    /// What stands for a target.
    pub given: Given,
    /// What can be asked for by name.
    pub world: World,
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
                address: set("RPCCTL_ADDRESS"),
                demo: Opener::new("demo:", demo_stream),
                proxy: PROXIES.into_iter().find(|name| set(name).is_some()),
                under: HeadersUnder { token: set("RPCCTL_TOKEN"), ..HeadersUnder::default() },
            },
            world: World,
            stdin_terminal: io::stdin().is_terminal(),
            stdout_terminal: io::stdout().is_terminal(),
            stdout_columns: terminal_size::terminal_size_of(io::stdout()).map(|(width, _)| width.0.into()),
            started,
        }
    }
}

/// A variable that says something.
fn set(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}

/// What can be asked for by name: variables, files, and a password.
#[derive(Debug, Clone, Copy)]
pub struct World;

impl Lookup for World {
    fn variable(&self, name: &str) -> Option<OsString> {
        std::env::var_os(name)
    }

    fn file(&self, path: &Path) -> io::Result<Vec<u8>> {
        std::fs::read(path)
    }

    /// The terminal is asked, and not what stands on stdin: that may be messages. Where neither stdin nor stderr is a
    /// terminal nobody is expected to be there, though there may be a terminal behind all of it.
    fn password(&self, question: &str) -> io::Result<Option<Secret>> {
        if !io::stdin().is_terminal() && !io::stderr().is_terminal() {
            return Ok(None);
        }
        rpassword::prompt_password(question).map(|password| Some(Secret::new(password)))
    }
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
