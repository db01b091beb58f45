//! What surrounds the process: environment and terminals, asked here and passed on as values.

use std::io::{self, IsTerminal as _};
use std::time::{Instant, SystemTime};

use crate::args::{ColorArg, Given};
use crate::output::Destination;
use crate::output::color::Paint;
use crate::transport::{Opener, Stream};

/// The variables by which programs are told of a proxy for what is neither HTTP/1 nor plaintext.
const PROXIES: [&str; 4] = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];

/// What the surroundings say, asked once.
pub struct Surroundings {
    /// What stands for a target.
    pub given: Given,
    /// Where colours are wanted.
    pub colors: Colors,
    /// Whether standard input is a terminal.
    pub stdin_terminal: bool,
    /// Whether standard output is a terminal.
    pub stdout_terminal: bool,
    /// How many columns that terminal has, as far as it says.
    pub stdout_columns: Option<usize>,
    /// How many columns a terminal has on which to tell how far a long stream came: none where that would stand among
    /// what is printed, by this program or by one that reads it.
    pub progress_columns: Option<usize>,
    /// When the process began, as far as timings and the deadline go.
    pub started: Instant,
    /// The same by the clock on the wall.
    pub date: SystemTime,
}

impl Surroundings {
    /// Asks.
    pub(super) fn ask(started: Instant, colors: Colors) -> Self {
        Self {
            given: Given {
                address: std::env::var_os("RPCCTL_ADDRESS").filter(|address| !address.is_empty()),
                demo: Opener::new("demo:", demo_stream),
                proxy: PROXIES
                    .into_iter()
                    .find(|name| std::env::var_os(name).is_some_and(|url| !url.is_empty())),
            },
            colors,
            stdin_terminal: io::stdin().is_terminal(),
            stdout_terminal: io::stdout().is_terminal(),
            progress_columns: progress_columns(),
            stdout_columns: terminal_size::terminal_size_of(io::stdout()).map(|(width, _)| width.0.into()),
            started,
            date: SystemTime::now() - started.elapsed(),
        }
    }
}

/// How wide standard error is, if it is a terminal that can erase a line and standard output goes where nobody watches:
/// what reads a pipe may write to the same terminal.
fn progress_columns() -> Option<usize> {
    let apart = !io::stdout().is_terminal() && !is_read() && io::stderr().is_terminal();
    let dumb = || std::env::var_os("TERM").is_some_and(|terminal| terminal == "dumb");
    if !apart || dumb() {
        return None;
    }
    terminal_size::terminal_size_of(io::stderr()).map(|(width, _)| width.0.into())
}

/// Where colours are wanted: in what is asked for, and in what is said about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Colors {
    /// On standard output.
    pub stdout: Paint,
    /// On standard error.
    pub stderr: Paint,
}

impl Colors {
    /// Asks the terminals and the environment, as far as they are to decide (https://bixense.com/clicolors and
    /// https://no-color.org).
    pub(super) fn ask(choice: ColorArg) -> Self {
        let says = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        let decide = |is_terminal: bool| match choice {
            ColorArg::Always => true,
            ColorArg::Never => false,
            ColorArg::Auto if says("NO_COLOR").is_some() => false,
            ColorArg::Auto if says("CLICOLOR_FORCE").is_some_and(|force| force != "0") => true,
            ColorArg::Auto => {
                is_terminal
                    && says("TERM").is_none_or(|terminal| terminal != "dumb")
                    && says("CLICOLOR").is_none_or(|wanted| wanted != "0")
            }
        };
        let paint = |is_terminal| if decide(is_terminal) { Paint::Colored } else { Paint::Plain };
        Self { stdout: paint(io::stdout().is_terminal()), stderr: paint(io::stderr().is_terminal()) }
    }
}

/// A connection to a demo server inside this process.
fn demo_stream() -> io::Result<Box<dyn Stream>> {
    let stream = crate::demo::in_memory().map_err(io::Error::other)?;
    Ok(Box::new(stream))
}

/// What kind of file standard output is.
#[cfg(unix)]
fn output_type() -> io::Result<std::fs::FileType> {
    use std::os::fd::AsFd as _;
    let file = io::stdout().as_fd().try_clone_to_owned().map(std::fs::File::from);
    Ok(file?.metadata()?.file_type())
}

/// Whether standard output is a pipe, or the like, that another program reads.
#[cfg(unix)]
fn is_read() -> bool {
    use std::os::unix::fs::FileTypeExt as _;
    output_type().map_or(true, |kind| kind.is_fifo() || kind.is_socket())
}

/// Whether another program reads standard output, which can't be told.
#[cfg(not(unix))]
fn is_read() -> bool {
    true
}

/// What standard output is.
#[cfg(unix)]
pub(super) fn destination() -> Destination {
    match output_type() {
        Ok(kind) if kind.is_file() => Destination::File,
        _ => Destination::Reader,
    }
}

/// What standard output is, as far as can be told.
#[cfg(not(unix))]
pub(super) fn destination() -> Destination {
    Destination::Reader
}
