//! What can keep the demo server from running.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use crate::transport;

/// Why the demo server could not start or had to stop.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The port is taken (`AddrInUse`), or the address is not ours.
    #[error("cannot listen on {address}")]
    Bind {
        /// The address asked for.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
    /// The unix socket cannot be made, or another server listens on it (`AddrInUse`).
    #[error("cannot listen on unix:{}", path.display())]
    Unix {
        /// The path asked for.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Something else is where the unix socket is to be made.
    #[error("cannot listen on unix:{}: something is there, and it is no socket", path.display())]
    NoSocket {
        /// The path asked for.
        path: PathBuf,
    },
    /// A certificate or key file cannot be read.
    #[error("cannot read {}", path.display())]
    TlsFile {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A certificate or key file holds nothing that can be used.
    #[error(transparent)]
    Identity(transport::Error),
    /// The certificates and the key are no good, or do not belong together.
    #[error("the TLS certificate or key cannot be used")]
    Tls(#[source] io::Error),
    /// The self-signed certificate could not be made.
    #[error("cannot make a self-signed certificate")]
    SelfSign(#[source] rcgen::Error),
    /// The descriptors built into the program are broken.
    #[error("the demo's own descriptors cannot be read")]
    Descriptors(#[from] prost::DecodeError),
    /// A listener failed while serving.
    #[error("the demo server stopped")]
    Serve(#[source] tonic::transport::Error),
}
