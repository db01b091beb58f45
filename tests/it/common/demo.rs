//! `rpcctl serve-demo` as a server for tests.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use super::run::Running;
use super::{Output, Rpcctl, rpcctl};

/// A demo server of its own process, on a port that the system picked; it ends with this value.
pub(crate) struct Demo {
    running: Running,
    /// Where it listens, as a target.
    pub(crate) address: String,
}

impl Demo {
    /// Starts one with nothing special about it.
    pub(crate) fn plain() -> Self {
        Self::start(rpcctl("serve-demo --listen 127.0.0.1:0"))
    }

    /// Starts one with more flags.
    pub(crate) fn with(flags: &str) -> Self {
        Self::start(rpcctl("serve-demo --listen 127.0.0.1:0").args(flags))
    }

    /// Starts one and waits until it says where it listens.
    pub(crate) fn start(serve: Rpcctl) -> Self {
        let mut running = serve.start();
        let line = running.line();
        let address = line.strip_prefix("listening on ").and_then(|rest| rest.split(' ').next());
        let address = address.unwrap_or_else(|| panic!("{line:?} names no address")).to_owned();
        Self { running, address }
    }

    /// The program with `verb ADDRESS words` as its arguments.
    pub(crate) fn rpcctl(&self, verb: &str, words: &str) -> Rpcctl {
        rpcctl(verb).arg(&self.address).args(words)
    }

    /// The port, to name the same server in other words.
    pub(crate) fn port(&self) -> &str {
        self.address.rsplit(':').next().unwrap()
    }

    /// What it answers to this request of HTTP/1.1: a first line, and headers, each on a line of its own.
    pub(crate) fn http1(&self, head: &str, body: &[u8]) -> Vec<u8> {
        let lines: Vec<&str> = head.lines().map(str::trim).collect();
        let size = body.len();
        let head = lines.join("\r\n");
        let head = format!("{head}\r\nhost: demo\r\nconnection: close\r\ncontent-length: {size}\r\n\r\n");
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        stream.write_all(&[head.as_bytes(), body].concat()).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        answer
    }

    /// The same as text, without the date.
    pub(crate) fn http1_text(&self, head: &str, body: &str) -> String {
        let answer = String::from_utf8(self.http1(head, body.as_bytes())).unwrap().replace("\r\n", "\n");
        let lines = answer.lines().filter(|line| !line.starts_with("date: ") && *line != "connection: close");
        lines.collect::<Vec<_>>().join("\n")
    }

    /// Waits for a line of its log that holds `text`.
    pub(crate) fn logged(&mut self, text: &str) -> String {
        self.running.hear(text)
    }

    /// Asks it to end, and waits for that.
    #[cfg(unix)]
    pub(crate) fn terminate(self) -> Output {
        self.running.signal("TERM");
        self.running.wait()
    }

    /// Asks it to end.
    #[cfg(unix)]
    pub(crate) fn signal(&self, name: &str) {
        self.running.signal(name);
    }

    /// Waits for its end.
    pub(crate) fn wait(self) -> Output {
        self.running.wait()
    }
}
