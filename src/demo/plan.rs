//! What the demo server is to do, as plain values: nothing is opened and no environment is read.

use std::fmt;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

/// All that one demo server needs to know.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Plan {
    /// Where to listen for gRPC; every place offers the same services.
    pub listen: Vec<Endpoint>,
    /// Where to listen for Go's net/rpc.
    pub netrpc: Vec<Endpoint>,
    /// TLS on every place, or plaintext.
    pub tls: Option<Tls>,
    /// What stands between a call and its handler.
    pub interceptors: Interceptors,
}

/// A place to listen. Port 0 asks the system for a free one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Endpoint {
    /// An address and a port.
    Tcp(SocketAddr),
    /// A unix domain socket.
    #[cfg(unix)]
    Unix(PathBuf),
}

impl fmt::Display for Endpoint {
    /// As a target that can be called: `127.0.0.1:50051` or `unix:/path`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => address.fmt(f),
            #[cfg(unix)]
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
        }
    }
}

/// How a server proves who it is, and whether clients have to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tls {
    /// The server's certificate.
    pub identity: Identity,
    /// PEM file of the authorities that clients' certificates must come from; any client is welcome without it.
    pub client_ca: Option<PathBuf>,
}

/// Where the server's certificate comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Identity {
    /// Made in memory when the server starts, for `localhost` and the addresses listened on.
    SelfSigned,
    /// PEM files.
    Files {
        /// The certificate and what leads from it to its authority.
        cert: PathBuf,
        /// Its private key.
        key: PathBuf,
    },
}

/// What stands between a call and its handler, from the outside in.
#[derive(Clone, Default, PartialEq)]
pub struct Interceptors {
    /// One line a call.
    pub log: Option<LogFormat>,
    /// `UNAUTHENTICATED` without `authorization: Bearer TOKEN`. Health checks need no token, reflection does.
    pub token: Option<String>,
    /// `RESOURCE_EXHAUSTED` beyond so many calls a second. Like the next two, it spares health and reflection, so
    /// that a client's preparations do not count as calls.
    pub rate: Option<NonZeroU32>,
    /// A pause before each call is handled.
    pub latency: Option<Duration>,
    /// `UNAVAILABLE` with this probability, from 0 to 1.
    pub fail_rate: Option<f64>,
}

impl fmt::Debug for Interceptors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Interceptors")
            .field("log", &self.log)
            .field("token", &self.token.as_ref().map(|_| "(redacted)"))
            .field("rate", &self.rate)
            .field("latency", &self.latency)
            .field("fail_rate", &self.fail_rate)
            .finish()
    }
}

/// What a line about a call looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people: words in columns.
    Text,
    /// For programs: one JSON object.
    Json,
}
