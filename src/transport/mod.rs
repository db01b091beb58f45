//! Bytes to a server: addresses, TCP, unix sockets, TLS, HTTP/1.1 and HTTP/2. Knows no RPC and imports nothing of
//! ours but leaves.
//!
//! A [`Target`] is a plain value that says where and how. A [`Dialer`] has read the files that it names,
//! [`Connection::open`] makes the connection, and [`Connection::send`] puts one HTTP request on it. What goes wrong
//! before the server has spoken HTTP is an [`Error`] that names the cause, after a second look at the port where the bytes alone do not tell
//! (in `diagnose`); what goes wrong with one stream after that is a [`StreamError`].

mod accept;
mod address;
mod body;
mod coalesce;
mod connection;
mod diagnose;
mod dial;
mod error;
mod establish;
mod fault;
mod http1;
mod http2;
mod identity;
mod io;
mod key_log;
pub mod look;
mod proxy;
mod route;
mod settings;
mod socket;
mod tls;
mod verify;
mod version;
mod x509;

pub use accept::Acceptor;
pub use address::{Endpoint, Opener, is_loopback};
pub use body::{Body, BoxError, Incoming, cancelled};
pub use connection::{Connection, SendError, Sent};
pub use dial::{FirstHop, addresses, first_hop, knock};
pub use error::{Error, HttpError, SoFar, StreamError};
pub use establish::{Dialer, Established, Facts};
pub use fault::TlsFault;
pub use http1::{Page, get};
pub use identity::{Identity, KeyPassword};
pub use io::Stream;
pub use proxy::ProxyFault;
pub use route::{Detour, Known, Proxy, ProxyKind, Route, is_exempt};
pub use settings::Settings;
pub use socket::{Place, Socket};
pub use tls::{Roots, TlsFacts, TlsFiles, TlsLook, TlsPlan, TlsVersion, TlsVersions};
pub use version::{Http, HttpChoice};
pub use x509::Certificate;

use std::time::Duration;

/// How long a keepalive PING may go unanswered.
const KEEPALIVE_PATIENCE: Duration = Duration::from_secs(20);

/// Where a server is and how to reach it; nothing is opened before [`Dialer::open`].
#[derive(Debug, Clone)]
pub struct Target {
    /// The address.
    pub endpoint: Endpoint,
    /// The way there.
    pub route: Route,
    /// TLS, or plaintext where absent.
    pub tls: Option<TlsPlan>,
    /// Which HTTP may be spoken, where any is.
    pub http: HttpChoice,
    /// The longest that TCP, TLS and the server's first SETTINGS frame may take together.
    pub connect_timeout: Duration,
    /// How often an HTTP/2 PING asks a silent server whether it is still there.
    pub keepalive: Option<Duration>,
    /// How many bytes the headers of an answer may take, and its trailers.
    pub max_header_size: u32,
}

impl Target {
    /// How much room headers have where nothing else is said: details of a status travel in trailers, so it is far more
    /// than the usual 16 KiB, and still bounded.
    pub const MAX_HEADER_SIZE: u32 = 1 << 20;
    /// How many times as much the HTTP/2 library takes. It cuts trailers that are larger, and with them how a call ended,
    /// and says nothing of that: what is a little too large is to come whole, and be told by who knows what stands in it.
    pub const ROOM_FOR_HEADERS: u32 = 4;

    /// A server that speaks HTTP/2 in plaintext, to which the way is straight.
    pub fn new(endpoint: Endpoint) -> Self {
        Self {
            endpoint,
            route: Route::default(),
            tls: None,
            http: HttpChoice::Only(Http::Two),
            connect_timeout: Duration::from_secs(10),
            keepalive: None,
            max_header_size: Self::MAX_HEADER_SIZE,
        }
    }
}
