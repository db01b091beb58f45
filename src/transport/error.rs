//! What goes wrong between here and a server, told as what it is.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use thiserror::Error;

use super::HttpChoice;
use super::fault::TlsFault;
use super::proxy::ProxyFault;
use super::tls::TlsPlan;
use crate::http2::ErrorCode;

/// Why no usable connection could be made.
#[derive(Debug, Error)]
pub enum Error {
    /// The name has no address.
    #[error("cannot resolve {host}")]
    Resolve {
        /// The name.
        host: String,
        /// What the resolver said.
        source: io::Error,
    },
    /// No address of the host accepted a connection; the source is the last one's.
    #[error("cannot connect to {target}{}", tried_list(.tried))]
    Connect {
        /// The target as the user typed it.
        target: String,
        /// Every address tried, when it was more than one.
        tried: Vec<(SocketAddr, String)>,
        /// What the last of them said.
        source: io::Error,
    },
    /// No connection to the proxy.
    #[error("cannot reach the proxy to {target}")]
    ProxyUnreachable {
        /// The target as the user typed it.
        target: String,
        /// Who named it.
        origin: &'static str,
        /// Why.
        source: Box<Error>,
    },
    /// The proxy does not pass the connection on.
    #[error("the proxy {proxy} makes no connection to {target}: {fault}")]
    Proxy {
        /// The proxy.
        proxy: String,
        /// Who named it.
        origin: &'static str,
        /// The target as the user typed it.
        target: String,
        /// Why not.
        fault: ProxyFault,
    },
    /// A phase of making the connection took longer than the connect timeout.
    #[error("{target}: no {phase} within {}", humantime::format_duration(*.limit))]
    Timeout {
        /// The target as the user typed it.
        target: String,
        /// What was being waited for.
        phase: &'static str,
        /// The connect timeout.
        limit: Duration,
    },
    /// The server takes connections and says nothing on them.
    #[error("{target}: {}", silence(*.so_far, *.limit))]
    Silent {
        /// The target as the user typed it.
        target: String,
        /// How far it came.
        so_far: SoFar,
        /// The connect timeout.
        limit: Duration,
    },
    /// A file with certificates or a key cannot be used.
    #[error("cannot use {what} {path}: {why}", path = .path.display())]
    TlsFile {
        /// What the file should hold.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// Why not.
        why: String,
    },
    /// The file that the secrets of TLS were to be written to can't be.
    #[error("cannot write the secrets of TLS to {path}", path = .path.display())]
    KeyLog {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The certificate and key, or the server's name, do not make a TLS configuration.
    #[error("cannot set up TLS: {0}")]
    TlsSetup(String),
    /// The TLS handshake failed.
    #[error("TLS handshake with {target} failed")]
    Tls {
        /// The target as the user typed it.
        target: String,
        /// Why.
        #[source]
        fault: TlsFault,
        /// How TLS was to be spoken, for hints.
        plan: Box<TlsPlan>,
    },
    /// TLS was spoken to a port that speaks plaintext.
    #[error("{target} does not speak TLS: it answered the TLS handshake in plaintext")]
    TlsToPlaintext {
        /// The target as the user typed it.
        target: String,
    },
    /// Plaintext was spoken to a port that speaks TLS.
    #[error("{target} speaks TLS, and it was called in plaintext")]
    PlaintextToTls {
        /// The target as the user typed it.
        target: String,
    },
    /// The server talks, but not HTTP as it was asked to.
    #[error("{target} does not speak {http}: {what}")]
    NotHttp {
        /// The target as the user typed it.
        target: String,
        /// What it was to speak.
        http: HttpChoice,
        /// What it said instead.
        what: String,
    },
    /// The server speaks HTTP/1 alone.
    #[error("{target} is an HTTP/1 web server: it answers {line:?}")]
    WebServer {
        /// The target as the user typed it.
        target: String,
        /// The first line of what it said.
        line: String,
    },
    /// The server's HTTP/1.1 came to nothing.
    #[error("{target} gave no answer over HTTP/1.1")]
    Http1 {
        /// The target as the user typed it.
        target: String,
        /// What the HTTP library said.
        source: hyper::Error,
    },
    /// The server closed the connection before it said anything.
    #[error("{target} closed the connection before it said anything")]
    Closed {
        /// The target as the user typed it.
        target: String,
        /// Whether it was spoken to in plaintext.
        plaintext: bool,
        /// The error of the last read, where there was one.
        source: Option<io::Error>,
    },
    /// HTTP/2 itself failed before the server had spoken.
    #[error("HTTP/2 with {target} failed")]
    Http2 {
        /// The target as the user typed it.
        target: String,
        /// What the HTTP library said.
        source: h2::Error,
    },
    /// Unix sockets do not exist on this platform.
    #[error("unix sockets are not available on this platform")]
    NoUnixSockets,
}

impl Error {
    /// The same once more: what was found out once about files and what is made of them.
    pub(super) fn again(&self) -> Self {
        match self {
            Self::TlsFile { what, path, why } => Self::TlsFile { what, path: path.clone(), why: why.clone() },
            Self::TlsSetup(why) => Self::TlsSetup(why.clone()),
            other => Self::TlsSetup(other.to_string()),
        }
    }
}

/// How far a connection came on which HTTP/2 is to be spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SoFar {
    /// It is connected, in plaintext.
    Plaintext,
    /// TLS is up, and HTTP/2 agreed on.
    Agreed,
    /// TLS is up, and the server did not agree to HTTP/2 by ALPN (RFC 7301).
    NotAgreed,
}

/// Why one HTTP/2 stream ended without an orderly end, once the server was known to speak HTTP/2.
#[derive(Debug, Error)]
pub enum StreamError {
    /// RST_STREAM with this error code (RFC 9113 §7).
    #[error("the server reset the stream: {}", h2::Reason::from(*.0).description())]
    Reset(u32),
    /// GOAWAY with this error code, and what the server says to it, closed the connection under the stream.
    #[error("the server sent GOAWAY ({}){}", ErrorCode(*.0), .1.as_ref().map(|said| format!(": {said}")).unwrap_or_default())]
    GoAway(u32, Option<String>),
    /// The server broke HTTP/2's rules, so this side ended the connection with this error code.
    #[error("the server broke HTTP/2: {}", h2::Reason::from(*.0).description())]
    Protocol(u32),
    /// It broke them on this stream, which alone was ended.
    #[error("the server broke HTTP/2: {}", h2::Reason::from(*.0).description())]
    Broken(u32),
    /// There is no room for the server's headers, or trailers.
    #[error("the server's headers, or its trailers, are larger than is taken")]
    HeadersTooLarge,
    /// The server broke HTTP/1.1's rules.
    #[error("the server broke HTTP/1.1: {0}")]
    Malformed(String),
    /// Nothing came from the server any more, and no answer to a keepalive PING either.
    #[error(
        "the server did not answer a keepalive PING for {}, so the connection was given up",
        humantime::format_duration(super::KEEPALIVE_PATIENCE)
    )]
    Unanswered,
    /// The connection was lost.
    #[error("the connection was lost before the call was over{}", .0.as_ref().map(|why| format!(": {why}")).unwrap_or_default())]
    Lost(Option<String>),
}

impl StreamError {
    /// HTTP/2's code for what has none of its own (RFC 9113 §7).
    pub const PROTOCOL_ERROR: u32 = 1;
    /// HTTP/2's code for what may be an attack.
    pub const ENHANCE_YOUR_CALM: u32 = 11;

    /// Tells the kind from the HTTP library's error.
    pub fn new(error: &HttpError) -> Self {
        match error {
            HttpError::One(error) => Self::of_http1(error),
            HttpError::Two(error) => Self::of_http2(error),
            HttpError::Unanswered => Self::Unanswered,
        }
    }

    fn of_http1(error: &hyper::Error) -> Self {
        let mut source: Option<&(dyn std::error::Error + 'static)> = Some(error);
        while let Some(error) = source {
            if let Some(io) = error.downcast_ref::<io::Error>() {
                return Self::of_io(io);
            }
            source = error.source();
        }
        if error.is_parse_too_large() {
            return Self::HeadersTooLarge;
        }
        if error.is_parse() {
            return Self::Malformed(error.to_string());
        }
        Self::Lost(None)
    }

    fn of_http2(error: &h2::Error) -> Self {
        let Some(reason) = error.reason() else {
            return error.get_io().map_or(Self::Lost(None), Self::of_io);
        };
        let code = u32::from(reason);
        match (error.is_remote(), error.is_go_away()) {
            (true, true) => Self::GoAway(code, debug_data(error).map(|said| cut(&said))),
            (true, false) => Self::Reset(code),
            (false, true) if debug_data(error).is_some_and(|said| TOO_LARGE.contains(&&*said)) => {
                Self::HeadersTooLarge
            }
            (false, true) => Self::Protocol(code),
            (false, false) => Self::Broken(code),
        }
    }

    fn of_io(error: &io::Error) -> Self {
        // How the HTTP libraries put that the connection just ended.
        let ended = error.kind() == io::ErrorKind::BrokenPipe;
        Self::Lost((!ended).then(|| error.to_string()))
    }
}

/// What the HTTP library says of a request, or of the connection under it.
#[derive(Debug)]
pub enum HttpError {
    /// Over HTTP/1.1.
    One(hyper::Error),
    /// Over HTTP/2.
    Two(h2::Error),
    /// A keepalive PING was not answered.
    Unanswered,
}

/// With which words the HTTP library takes leave of a server whose headers, or trailers, have no end in sight.
const TOO_LARGE: [&str; 2] = ["header_list_way_too_large", "too_many_continuations"];
/// The most that is told of what a server says when it takes leave.
const LAST_WORDS: usize = 200;

/// What stands in a GOAWAY beside its code (RFC 9113 §6.8), which the library has in its text alone: as Rust's literals of
/// bytes are written, behind everything else.
fn debug_data(error: &h2::Error) -> Option<String> {
    let text = error.to_string();
    let (_, written) = text.split_once(" (b\"")?;
    let mut rest = written.strip_suffix("\")")?;
    let mut data = Vec::new();
    while let Some(at) = rest.find('\\') {
        let (plain, escape) = rest.split_at(at);
        data.extend_from_slice(plain.as_bytes());
        let (byte, length) = match escape.as_bytes().get(1)? {
            b'x' => (u8::from_str_radix(escape.get(2..4)?, 16).ok()?, 4),
            b'n' => (b'\n', 2),
            b'r' => (b'\r', 2),
            b't' => (b'\t', 2),
            b'0' => (0, 2),
            other => (*other, 2),
        };
        data.push(byte);
        rest = escape.get(length..)?;
    }
    data.extend_from_slice(rest.as_bytes());
    let said = String::from_utf8_lossy(&data).trim().to_owned();
    (!said.is_empty()).then_some(said)
}

fn cut(said: &str) -> String {
    match said.char_indices().nth(LAST_WORDS) {
        Some((end, _)) => format!("{}…", said.get(..end).unwrap_or_default()),
        None => said.to_owned(),
    }
}

fn silence(so_far: SoFar, limit: Duration) -> String {
    let limit = humantime::format_duration(limit);
    match so_far {
        SoFar::NotAgreed => {
            format!("TLS is up, but the server did not agree to HTTP/2, and said nothing within {limit}")
        }
        SoFar::Plaintext | SoFar::Agreed => format!("no HTTP/2 SETTINGS from the server within {limit}"),
    }
}

fn tried_list(tried: &[(SocketAddr, String)]) -> String {
    let list: Vec<String> = tried.iter().map(|(address, why)| format!("{address}: {why}")).collect();
    if list.is_empty() { String::new() } else { format!(" (tried {})", list.join("; ")) }
}
