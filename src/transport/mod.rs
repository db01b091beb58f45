//! Bytes to a server: addresses, TCP, unix sockets, TLS, HTTP/1.1 and HTTP/2. Knows no RPC and imports nothing of ours.
//!
//! A [`Target`] is a plain value that says where and how. A [`Dialer`] has read the files that it names,
//! [`Connection::open`] makes the connection, and [`Connection::send`] puts one HTTP request on it. What goes wrong
//! before the server has spoken HTTP is an [`Error`] that names the cause, after a second look at the port where the bytes alone do not tell
//! (in `diagnose`); what goes wrong with one stream after that is a [`StreamError`].

mod accept;
mod address;
mod coalesce;
mod connection;
mod diagnose;
mod dial;
mod error;
mod establish;
mod fault;
mod http1;
mod identity;
mod io;
mod settings;
mod tls;
mod verify;
mod version;
mod x509;

pub use accept::Acceptor;
pub use address::{Endpoint, Opener, is_loopback};
pub use connection::{Body, BoxError, Connection, HttpError, Incoming, SendError};
pub use error::{Error, SoFar, StreamError};
pub use establish::{Dialer, Established, Facts};
pub use fault::TlsFault;
pub use http1::{Page, get};
pub use identity::Identity;
pub use io::Stream;
pub use settings::Settings;
pub use tls::{Roots, TlsFacts, TlsPlan};
pub use version::{Http, HttpChoice};
pub use x509::Certificate;

use std::time::Duration;

/// Where a server is and how to reach it; nothing is opened before [`Dialer::open`].
#[derive(Debug, Clone)]
pub struct Target {
    /// The address.
    pub endpoint: Endpoint,
    /// TLS, or plaintext where absent.
    pub tls: Option<TlsPlan>,
    /// Which HTTP may be spoken, where any is.
    pub http: HttpChoice,
    /// The longest that TCP, TLS and the server's first SETTINGS frame may take together.
    pub connect_timeout: Duration,
    /// How often an HTTP/2 PING asks a silent server whether it is still there.
    pub keepalive: Option<Duration>,
}
