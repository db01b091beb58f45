//! What surrounds the process: environment and terminals, asked here and passed on as values.

use std::cell::Cell;
use std::ffi::OsString;
use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use super::password;
use super::profile::{Around, Merged, Variables};
use crate::args::{ColorArg, Given, HeadersUnder, Lookup, Proxies, Under, is_stdin};
use crate::bounded;
use crate::config::Places;
use crate::output::Destination;
use crate::output::color::Paint;
use crate::secrets::Secret;
use crate::transport::{Opener, Stream};

/// The variables by which programs are told of a proxy for TLS, in the order in which they count.
const TLS_PROXIES: [&str; 4] = ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];
/// The same for plaintext.
const PLAINTEXT_PROXIES: [&str; 4] = ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"];

/// What the surroundings say, asked once.
#[derive(Clone)]
pub struct Surroundings {
    /// What stands for a target.
    pub given: Given,
    /// What can be asked for by name.
    pub world: World,
    /// Where files are.
    pub(super) places: Places,
    /// The environment's own settings.
    pub(super) variables: Variables,
    /// What has to be said about configuration files.
    pub warnings: Vec<String>,
    /// Where colours are wanted.
    pub colors: Colors,
    /// Whether standard input is a terminal.
    pub stdin_terminal: bool,
    /// Whether standard output is a terminal.
    pub stdout_terminal: bool,
    /// Whether standard error is a terminal.
    pub stderr_terminal: bool,
    /// How many columns that terminal has, as far as it says.
    pub stdout_columns: Option<usize>,
    /// How many columns a terminal has on which to tell how far a long stream came: none where that would stand among
    /// what is printed, by this program or by one that reads it.
    pub progress_columns: Option<usize>,
    /// The same of what prints nothing before it is over, and so may share the terminal with what it prints.
    pub live_columns: Option<usize>,
    started: Instant,
    /// When that was by the clock on the wall.
    date: SystemTime,
}

impl Surroundings {
    /// Asks. Under what they say stands what files do.
    pub(super) fn ask(started: Instant, color: ColorArg, merged: Merged) -> Self {
        let Merged { under, warnings, around, .. } = merged;
        let Around { places, variables, lookup: world, .. } = around.unwrap_or_else(self::around);
        let token = set("RPCCTL_TOKEN");
        let (stdin, stdout, stderr) = terminals();
        Self {
            given: Given {
                address: variables.address.clone(),
                demo: Opener::new("demo:", demo_stream),
                proxies: proxies(),
                key_log: set("SSLKEYLOGFILE").map(PathBuf::from),
                under: Under { headers: HeadersUnder { token, ..under.headers }, ..under },
            },
            warnings,
            world,
            places,
            variables,
            colors: Colors::of(color, stdout, stderr),
            stdin_terminal: stdin,
            stdout_terminal: stdout,
            stderr_terminal: stderr,
            progress_columns: if stderr && !stdout { progress_columns() } else { None },
            live_columns: if stderr { progress_columns() } else { None },
            stdout_columns: if stdout { columns(io::stdout()) } else { None },
            started,
            date: SystemTime::now() - started.elapsed(),
        }
    }
}

impl Surroundings {
    /// What a command goes by besides its words, as it stood when the process began.
    pub(super) fn around(&self) -> Around {
        let (places, variables) = (self.places.clone(), self.variables.clone());
        Around { places, variables, lookup: self.world.clone(), unattended: false }
    }

    /// When the process began, as far as timings and the deadline go: time in which a person was asked for something is
    /// nobody's delay.
    pub(super) fn started(&self) -> Instant {
        self.started + self.world.waited.get()
    }

    /// The same by the clock on the wall.
    pub(super) fn date(&self) -> SystemTime {
        self.date + self.world.waited.get()
    }
}

/// The words of the command line behind the program's name.
pub(super) fn words() -> Vec<String> {
    std::env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned()).collect()
}

/// What a command goes by besides its words.
pub(super) fn around() -> Around {
    let variables = Variables {
        profile: set("RPCCTL_PROFILE"),
        address: set("RPCCTL_ADDRESS"),
        token: set("RPCCTL_TOKEN").is_some(),
    };
    Around { places: places(), variables, lookup: World::default(), unattended: false }
}

/// Where files are, as the XDG base directory specification has it: a path that is not absolute counts for nothing.
fn places() -> Places {
    Places {
        config: user_folder("XDG_CONFIG_HOME", ".config"),
        state: user_folder("XDG_STATE_HOME", ".local/state"),
        cache: user_folder("XDG_CACHE_HOME", ".cache"),
        here: std::env::current_dir().ok(),
        home: home(),
    }
}

/// A variable that says something.
fn set(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}

/// What is said of proxies.
fn proxies() -> Proxies {
    let text = |name: &str| set(name).and_then(|value| value.into_string().ok());
    let first = |names: [&'static str; 4]| names.into_iter().find_map(|name| Some((name, text(name)?)));
    Proxies {
        tls: first(TLS_PROXIES),
        plaintext: first(PLAINTEXT_PROXIES),
        exempt: text("no_proxy").or_else(|| text("NO_PROXY")),
    }
}

/// What can be asked for by name: variables, files, and a password.
#[derive(Debug, Clone, Default)]
pub struct World {
    /// How long people took to answer.
    waited: Cell<Duration>,
    /// Whether they are never asked.
    mute: bool,
}

impl World {
    /// One in which people are asked for nothing.
    pub(super) fn mute() -> Self {
        Self { mute: true, ..Self::default() }
    }

    /// Takes note of how long people, or programs in their place, took in all.
    pub(super) fn took(&self, all: Duration) {
        self.waited.set(all);
    }
}

impl Lookup for World {
    fn variable(&self, name: &str) -> Option<OsString> {
        std::env::var_os(name)
    }

    fn file(&self, path: &Path, most: u64) -> io::Result<Vec<u8>> {
        match is_stdin(path) {
            true if self.mute => Err(io::Error::other("nobody is asked")),
            true => bounded::read_from(io::stdin(), most),
            false => bounded::read(path, most),
        }
    }

    /// The terminal is asked, and not what stands on stdin: that may be messages. Where neither stdin nor stderr is a
    /// terminal nobody is expected to be there, though there may be a terminal behind all of it.
    fn password(&self, question: &str) -> io::Result<Option<Secret>> {
        if self.mute || !io::stdin().is_terminal() && !io::stderr().is_terminal() {
            return Ok(None);
        }
        let asked = Instant::now();
        let password = password::ask(question)?;
        self.waited.set(self.waited.get() + asked.elapsed());
        Ok(Some(password))
    }
}

/// Whether standard input, output and error are terminals.
fn terminals() -> (bool, bool, bool) {
    (io::stdin().is_terminal(), io::stdout().is_terminal(), io::stderr().is_terminal())
}

/// How many columns a terminal has, as far as it says.
#[cfg(unix)]
fn columns(terminal: impl std::os::fd::AsFd) -> Option<usize> {
    terminal_size::terminal_size_of(terminal).map(|(width, _)| width.0.into())
}

/// How many columns a terminal has, as far as it says.
#[cfg(windows)]
fn columns(terminal: impl std::os::windows::io::AsHandle) -> Option<usize> {
    terminal_size::terminal_size_of(terminal).map(|(width, _)| width.0.into())
}

/// How wide standard error is, a terminal, if it can erase a line and no pipe reads standard output: what reads it may
/// write to the same terminal.
fn progress_columns() -> Option<usize> {
    let dumb = || std::env::var_os("TERM").is_some_and(|terminal| terminal == "dumb");
    if is_read() || dumb() { None } else { columns(io::stderr()) }
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
        let (_, stdout, stderr) = terminals();
        Self::of(choice, stdout, stderr)
    }

    /// The same where it is known already what is a terminal.
    fn of(choice: ColorArg, stdout: bool, stderr: bool) -> Self {
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
        Self { stdout: paint(stdout), stderr: paint(stderr) }
    }
}

/// A variable, if it is text.
pub(super) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// A variable that holds a path, which nothing but an absolute one is (the XDG base directory specification).
pub(super) fn folder(name: &str) -> Option<PathBuf> {
    set(name).map(PathBuf::from).filter(|path| path.is_absolute())
}

/// A folder of the user's: what `variable` says, or `usual` below the home folder.
pub(super) fn user_folder(variable: &str, usual: &str) -> Option<PathBuf> {
    folder(variable).or_else(|| Some(home()?.join(usual)))
}

/// The home folder.
pub(super) fn home() -> Option<PathBuf> {
    folder("HOME").or_else(|| folder("USERPROFILE").filter(|_| cfg!(windows)))
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
