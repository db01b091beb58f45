//! Sockets that wait for connections: TCP, and unix sockets whose file is ours from start to end.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::{fs, io};

use tokio::net::TcpListener;
#[cfg(unix)]
use tokio::net::UnixListener;

use super::error::Error;
use super::plan::Endpoint;
use crate::transport::Stream;

/// A socket that accepts connections.
pub(super) enum Listener {
    Tcp(TcpListener),
    #[cfg(unix)]
    Unix(UnixListener, Option<SocketFile>),
}

/// A connection that was accepted.
pub(super) struct Accepted {
    pub(super) stream: Box<dyn Stream>,
    /// Who connected; peers on a unix socket have no name.
    pub(super) peer: Option<SocketAddr>,
}

impl Listener {
    /// The next connection.
    pub(super) async fn accept(&self) -> io::Result<Accepted> {
        Ok(match self {
            Self::Tcp(listener) => {
                let (stream, peer) = listener.accept().await?;
                stream.set_nodelay(true)?;
                Accepted { stream: Box::new(stream), peer: Some(peer) }
            }
            #[cfg(unix)]
            Self::Unix(listener, _) => Accepted { stream: Box::new(listener.accept().await?.0), peer: None },
        })
    }

    /// The file that it would remove at its end, for who means to do so before.
    pub(super) fn take_file(&mut self) -> Option<SocketFile> {
        match self {
            Self::Tcp(_) => None,
            #[cfg(unix)]
            Self::Unix(_, file) => file.take(),
        }
    }
}

/// The file of a unix socket. Dropping this removes it.
pub(super) struct SocketFile(PathBuf);

impl Drop for SocketFile {
    fn drop(&mut self) {
        // Nothing is lost if it is gone already.
        let _ = fs::remove_file(&self.0);
    }
}

/// Starts to listen everywhere; says where.
pub(super) async fn bind_all(endpoints: Vec<Endpoint>) -> Result<(Vec<Listener>, Vec<Endpoint>), Error> {
    let (mut listeners, mut bound) = (Vec::new(), Vec::new());
    for endpoint in endpoints {
        let (listener, endpoint) = bind(endpoint).await?;
        listeners.push(listener);
        bound.push(endpoint);
    }
    Ok((listeners, bound))
}

/// Starts to listen; says where, which for port 0 is more than was asked for.
async fn bind(endpoint: Endpoint) -> Result<(Listener, Endpoint), Error> {
    match endpoint {
        Endpoint::Tcp(address) => {
            let failed = |source| Error::Bind { address, source };
            let listener = TcpListener::bind(address).await.map_err(failed)?;
            let bound = Endpoint::Tcp(listener.local_addr().map_err(failed)?);
            Ok((Listener::Tcp(listener), bound))
        }
        #[cfg(unix)]
        Endpoint::Unix(path) => match unix::bind(&path) {
            Ok(listener) => {
                let file = SocketFile(path.clone());
                Ok((Listener::Unix(listener, Some(file)), Endpoint::Unix(path)))
            }
            Err(source) if unix::is_no_socket(&path) && source.kind() == io::ErrorKind::AddrInUse => {
                Err(Error::NoSocket { path })
            }
            Err(source) => Err(Error::Unix { path, source }),
        },
    }
}

#[cfg(unix)]
mod unix {
    use std::fs;
    use std::io::{self, ErrorKind};
    use std::os::unix::fs::FileTypeExt;
    use std::path::Path;

    use tokio::net::UnixListener;

    /// Listens on `path`. A socket left behind by a server that died is replaced; anything else there is not touched.
    pub(super) fn bind(path: &Path) -> io::Result<UnixListener> {
        match UnixListener::bind(path) {
            Err(error) if error.kind() == ErrorKind::AddrInUse && is_stale(path) => {
                fs::remove_file(path)?;
                UnixListener::bind(path)
            }
            result => result,
        }
    }

    /// Whether something is there, and is no socket.
    pub(super) fn is_no_socket(path: &Path) -> bool {
        fs::metadata(path).is_ok_and(|found| !found.file_type().is_socket())
    }

    /// Whether this is a socket that nobody listens on.
    fn is_stale(path: &Path) -> bool {
        let is_socket = fs::symlink_metadata(path).is_ok_and(|found| found.file_type().is_socket());
        is_socket
            && std::os::unix::net::UnixStream::connect(path)
                .is_err_and(|error| error.kind() == ErrorKind::ConnectionRefused)
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[tokio::test]
        async fn a_stale_socket_is_replaced_and_a_live_one_is_not() {
            let dir = tempfile::tempdir().unwrap();
            let path = dir.path().join("demo.sock");
            // A listener of std leaves its file behind, as a server does that dies.
            drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
            assert!(path.exists());

            let first = bind(&path).unwrap();
            assert_eq!(bind(&path).unwrap_err().kind(), ErrorKind::AddrInUse);
            drop(first);
        }

        #[tokio::test]
        async fn a_file_that_is_no_socket_is_left_alone() {
            let file = tempfile::NamedTempFile::new().unwrap();
            assert_eq!(bind(file.path()).unwrap_err().kind(), ErrorKind::AddrInUse);
            assert!(file.path().exists());
        }
    }
}
