//! Runs the real program in a clean environment, with every wait bounded.

use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use super::Output;

/// How long a run may take before it is ended and the test fails: far more than any takes.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often a process whose pipes are closed is asked whether it is gone.
const GLANCE: Duration = Duration::from_millis(1);

/// The program: what Cargo built for these tests, or what `RPCCTL` names, such as a release build.
pub(crate) fn program() -> PathBuf {
    std::env::var_os("RPCCTL").map_or_else(|| env!("CARGO_BIN_EXE_rpcctl").into(), PathBuf::from)
}

/// A `PATH` with the program in it.
pub(crate) fn path() -> String {
    format!("{}:/usr/bin:/bin", program().parent().unwrap().display())
}

/// The program with `words` as its arguments, split at spaces.
pub(crate) fn rpcctl(words: &str) -> Rpcctl {
    let mut command = Command::new(program());
    command.env_clear().args(words.split_whitespace());
    Rpcctl { command, stdin: Vec::new(), lines_read: usize::MAX }
}

/// The program with `words` as its arguments on a terminal of its own, which does not show what is typed: so what is
/// printed does not depend on how fast that is. None where the machine has no `script` to make one.
#[cfg(target_os = "linux")]
pub(crate) fn rpcctl_on_a_terminal(words: &str) -> Option<Rpcctl> {
    on_a_terminal(&format!("stty -echo; exec rpcctl {words}"))
}

/// A line of a shell on a terminal of its own, with the program as `rpcctl`.
#[cfg(target_os = "linux")]
pub(crate) fn on_a_terminal(line: &str) -> Option<Rpcctl> {
    let mut command = Command::new("script");
    command.env_clear().env("PATH", path()).args(["-q", "-e", "-c", line, "/dev/null"]);
    let is_there =
        Command::new("script").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    is_there.is_ok_and(|status| status.success()).then(|| Rpcctl {
        command,
        stdin: Vec::new(),
        lines_read: usize::MAX,
    })
}

/// The program where it may have no more than so many files open.
#[cfg(unix)]
pub(crate) fn rpcctl_with_files(files: u32, words: &str) -> Rpcctl {
    let mut command = Command::new("sh");
    command.env_clear().env("PATH", path());
    command
        .args(["-c", &format!("ulimit -n {files}; exec rpcctl \"$@\""), "sh"])
        .args(words.split_whitespace());
    Rpcctl { command, stdin: Vec::new(), lines_read: usize::MAX }
}

/// A run to be.
pub(crate) struct Rpcctl {
    command: Command,
    stdin: Vec<u8>,
    lines_read: usize,
}

impl Rpcctl {
    /// One more argument, as it is.
    pub(crate) fn arg(mut self, arg: impl AsRef<std::ffi::OsStr>) -> Self {
        self.command.arg(arg);
        self
    }

    /// More arguments, split at spaces.
    pub(crate) fn args(mut self, words: &str) -> Self {
        self.command.args(words.split_whitespace());
        self
    }

    /// Data to send: `-d DATA`.
    pub(crate) fn data(self, data: &str) -> Self {
        self.arg("-d").arg(data)
    }

    /// An environment variable, in an environment that has no other.
    pub(crate) fn env(mut self, name: &str, value: impl AsRef<std::ffi::OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// The directory to run in, which is this package's otherwise.
    pub(crate) fn within(mut self, directory: &Path) -> Self {
        self.command.current_dir(directory);
        self
    }

    /// All of stdin.
    pub(crate) fn stdin(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.stdin = bytes.into();
        self
    }

    /// Closes the reading end of stdout after so many lines, as `head` does.
    pub(crate) fn reading_only(mut self, lines: usize) -> Self {
        self.lines_read = lines;
        self
    }

    /// Runs to the end.
    pub(crate) fn run(mut self) -> Output {
        let stdin = std::mem::take(&mut self.stdin);
        let mut running = self.start();
        let mut pipe = running.stdin.take().unwrap();
        // A process that ends without reading its stdin breaks the pipe, which is its good right.
        let writer = thread::spawn(move || drop(pipe.write_all(&stdin)));
        let output = running.wait();
        drop(writer.join());
        output
    }

    /// Runs to the end, with the most memory that it ever held, in KiB, as often as that was looked at: a
    /// process that is gone does not tell. Zero where the system does not tell either.
    pub(crate) fn run_measured(self) -> (Output, u64) {
        let running = self.start();
        let status = format!("/proc/{}/status", running.child.id());
        let watch = thread::spawn(move || {
            let mut peak = 0;
            while let Ok(status) = std::fs::read_to_string(&status)
                && let Some(line) = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))
            {
                peak = line.trim().trim_end_matches(" kB").parse().unwrap_or(peak);
                thread::sleep(GLANCE);
            }
            peak
        });
        let output = running.wait();
        (output, watch.join().unwrap())
    }

    /// Starts, with stdin held open.
    pub(crate) fn start(mut self) -> Running {
        self.command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = self.command.spawn().expect("the program starts");
        let stdout = read_lines(child.stdout.take().unwrap(), self.lines_read);
        let stderr = read_lines(child.stderr.take().unwrap(), usize::MAX);
        let stdin = child.stdin.take();
        let give_up = Instant::now() + PATIENCE;
        Running { child, stdin, stdout, stderr, seen: Vec::new(), heard: Vec::new(), give_up }
    }
}

/// A run under way; dropping it ends it.
pub(crate) struct Running {
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: Receiver<Vec<u8>>,
    stderr: Receiver<Vec<u8>>,
    seen: Vec<u8>,
    heard: Vec<u8>,
    give_up: Instant,
}

impl Running {
    /// Writes to stdin at once.
    pub(crate) fn write(&mut self, text: &str) {
        let stdin = self.stdin.as_mut().expect("stdin is open");
        stdin.write_all(text.as_bytes()).and_then(|()| stdin.flush()).expect("the program reads stdin");
    }

    /// Ends stdin.
    pub(crate) fn close_stdin(&mut self) {
        self.stdin = None;
    }

    /// Waits for a line of stdout; without its line break.
    pub(crate) fn line(&mut self) -> String {
        match self.stdout.recv_timeout(self.left()) {
            Ok(line) => {
                self.seen.extend_from_slice(&line);
                String::from_utf8_lossy(&line).trim_end().to_owned()
            }
            Err(RecvTimeoutError::Timeout) => self.fail("no further line on stdout"),
            Err(RecvTimeoutError::Disconnected) => self.fail("stdout ended"),
        }
    }

    /// Waits for a line of stderr that holds `text`.
    pub(crate) fn hear(&mut self, text: &str) -> String {
        loop {
            match self.stderr.recv_timeout(self.left()) {
                Ok(line) => {
                    self.heard.extend_from_slice(&line);
                    let line = String::from_utf8_lossy(&line).trim_end().to_owned();
                    if line.contains(text) {
                        return line;
                    }
                }
                Err(_) => self.fail(&format!("no {text:?} on stderr")),
            }
        }
    }

    /// Sends a signal by its name.
    #[cfg(unix)]
    pub(crate) fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args([format!("-{name}"), pid]).status().unwrap();
        assert!(sent.success(), "the process is there");
    }

    /// Waits for the end. Stdin stays as it is.
    pub(crate) fn wait(mut self) -> Output {
        drain(&self.stdout, &mut self.seen, self.give_up)
            .and_then(|()| drain(&self.stderr, &mut self.heard, self.give_up))
            .unwrap_or_else(|| self.fail("it does not end"));
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            if self.left().is_zero() {
                self.fail("it closed its pipes and does not end");
            }
            thread::sleep(GLANCE);
        };
        self.output(status.code())
    }

    fn output(&mut self, code: Option<i32>) -> Output {
        let (stdout, stderr) = (std::mem::take(&mut self.seen), std::mem::take(&mut self.heard));
        Output { stdout, stderr, code }
    }

    fn left(&self) -> Duration {
        self.give_up.saturating_duration_since(Instant::now())
    }

    fn fail(&mut self, what: &str) -> ! {
        drop(self.child.kill());
        let soon = Instant::now() + Duration::from_secs(1);
        let _ = drain(&self.stdout, &mut self.seen, soon);
        let _ = drain(&self.stderr, &mut self.heard, soon);
        panic!("{what}; so far:\n{}", self.output(None))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself, which is no matter here.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Reads in a thread of its own, so that no pipe fills up and every wait for a line can have a limit.
fn read_lines(pipe: impl Read + Send + 'static, lines: usize) -> Receiver<Vec<u8>> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        let mut pipe = BufReader::new(pipe);
        for _ in 0..lines {
            let mut line = Vec::new();
            match pipe.read_until(b'\n', &mut line) {
                Ok(count) if count > 0 && sender.send(line).is_ok() => {}
                _ => return,
            }
        }
    });
    receiver
}

/// Takes all lines that are left; none if they don't end in time.
fn drain(lines: &Receiver<Vec<u8>>, all: &mut Vec<u8>, until: Instant) -> Option<()> {
    loop {
        match lines.recv_timeout(until.saturating_duration_since(Instant::now())) {
            Ok(line) => all.extend_from_slice(&line),
            Err(RecvTimeoutError::Disconnected) => return Some(()),
            Err(RecvTimeoutError::Timeout) => return None,
        }
    }
}
