//! Connections for who waits for many of them at a time: nothing here waits, and no runtime is needed.

use std::io::{self, Read, Write};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use mio::event::Source;
use mio::{Interest, Registry, Token};
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection};

use super::error::Error;
use super::tls::TlsFacts;
use super::{Dialer, Endpoint, dial};

/// How much is read of a socket at a time for TLS to open.
const TLS_READ: usize = 64 << 10;

/// How often what has come is read, and thrown away, before a socket is closed.
const LAST_READS: usize = 16;

/// Where connections go, with everything that takes time found out.
#[derive(Debug, Clone)]
pub struct Place {
    addresses: Addresses,
    tls: Option<(Arc<ClientConfig>, ServerName<'static>)>,
}

#[derive(Debug, Clone)]
enum Addresses {
    Tcp(Vec<SocketAddr>),
    Unix(PathBuf),
}

impl Dialer {
    /// Whether connections go to the server itself: over TCP or a unix socket, and not through a proxy.
    pub fn is_straight(&self) -> bool {
        match &self.target.endpoint {
            Endpoint::Tcp { .. } => self.target.route.proxy.is_none(),
            Endpoint::Unix(_) => cfg!(unix),
            Endpoint::Opened(_) => false,
        }
    }

    /// Finds out where connections go. Of those that do not go straight to the server, nothing is found out.
    pub async fn place(&self) -> Result<Option<Place>, Error> {
        let addresses = match &self.target.endpoint {
            _ if !self.is_straight() => return Ok(None),
            Endpoint::Tcp { .. } => {
                let hop = dial::first_hop(&self.target).await?;
                Addresses::Tcp(hop.map(|hop| hop.addresses).unwrap_or_default())
            }
            Endpoint::Unix(path) => Addresses::Unix(path.clone()),
            Endpoint::Opened(_) => return Ok(None),
        };
        let tls = match &self.tls {
            Some(tls) => Some(tls.shared(self.target.endpoint.host())?),
            None => None,
        };
        Ok(Some(Place { addresses, tls }))
    }
}

impl Place {
    /// Begins to connect; the how manieth try it is decides which of several addresses it goes to.
    pub fn connect(&self, attempt: usize) -> io::Result<Socket> {
        let plain = match &self.addresses {
            Addresses::Tcp(addresses) => {
                let none = || io::Error::new(io::ErrorKind::NotFound, "the name has no address");
                let address = addresses.get(attempt % addresses.len().max(1)).ok_or_else(none)?;
                let stream = mio::net::TcpStream::connect(*address)?;
                // Small frames must not wait for each other; where it can't be set, they do.
                let _ = stream.set_nodelay(true);
                Plain::Tcp(stream)
            }
            #[cfg(unix)]
            Addresses::Unix(path) => Plain::Unix(mio::net::UnixStream::connect(path)?),
            #[cfg(not(unix))]
            Addresses::Unix(_) => return Err(io::ErrorKind::Unsupported.into()),
        };
        let tls = match &self.tls {
            Some((config, name)) => {
                let mut session =
                    ClientConnection::new(Arc::clone(config), name.clone()).map_err(io::Error::other)?;
                // What is written goes out at once, or waits in the caller's hands.
                session.set_buffer_limit(None);
                Some(Box::new(Tls { session, wire: Vec::new(), taken: 0 }))
            }
            None => None,
        };
        Ok(Socket { plain, tls })
    }

    /// How many addresses there are to try.
    pub fn addresses(&self) -> usize {
        match &self.addresses {
            Addresses::Tcp(addresses) => addresses.len(),
            Addresses::Unix(_) => 1,
        }
    }
}

/// A socket that never waits: what can't be done at once is [`io::ErrorKind::WouldBlock`].
#[derive(Debug)]
pub struct Socket {
    plain: Plain,
    tls: Option<Box<Tls>>,
}

#[derive(Debug)]
enum Plain {
    Tcp(mio::net::TcpStream),
    #[cfg(unix)]
    Unix(mio::net::UnixStream),
}

#[derive(Debug)]
struct Tls {
    session: ClientConnection,
    /// What was read of the socket, and how much of it TLS has taken.
    wire: Vec<u8>,
    taken: usize,
}

impl Socket {
    /// Whether it is connected; an error says why it never will be.
    pub fn is_connected(&self) -> io::Result<bool> {
        if let Some(error) = self.plain.take_error()? {
            return Err(error);
        }
        match self.plain.peer() {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotConnected => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Goes on with the TLS handshake, and tells whether it is done; where there is none, it is.
    pub fn shake_hands(&mut self) -> io::Result<bool> {
        let Self { plain, tls: Some(tls) } = self else { return Ok(true) };
        loop {
            match tls.flush(plain) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(false),
                flushed => flushed?,
            }
            if !tls.session.is_handshaking() {
                return Ok(true);
            }
            match tls.fill(plain) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(false),
                Err(error) => return Err(error),
            }
        }
    }

    /// What TLS agreed on, once the handshake is done.
    pub fn tls(&self) -> Option<TlsFacts> {
        self.tls.as_ref().map(|tls| TlsFacts::of(&tls.session))
    }

    /// Reads what has come; 0 is the end. Less than there is room for means that nothing more has come, but for TLS.
    pub fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let Self { plain, tls } = self;
        let Some(tls) = tls else { return again(|| plain.read(into)) };
        loop {
            match tls.session.reader().read(into) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                read => return read,
            }
            if tls.fill(plain)? == 0 {
                return Ok(0);
            }
            // TLS has things to say of its own, such as that keys are new.
            if tls.session.wants_write() {
                match tls.flush(plain) {
                    Err(error) if error.kind() != io::ErrorKind::WouldBlock => return Err(error),
                    _ => {}
                }
            }
        }
    }

    /// Whether a read that fills less than its room leaves nothing behind.
    pub fn reads_all(&self) -> bool {
        self.tls.is_none()
    }

    /// Writes as much as there is room for. What TLS has taken is written, though it may have yet to be flushed.
    pub fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let Self { plain, tls } = self;
        let Some(tls) = tls else { return again(|| plain.write(bytes)) };
        // Else memory would fill with what nobody takes.
        tls.flush(plain)?;
        let taken = tls.session.writer().write(bytes)?;
        match tls.flush(plain) {
            Err(error) if error.kind() != io::ErrorKind::WouldBlock => Err(error),
            _ => Ok(taken),
        }
    }

    /// Writes what TLS has taken, and tells whether all of it is.
    pub fn flush(&mut self) -> io::Result<bool> {
        let Self { plain, tls: Some(tls) } = self else { return Ok(true) };
        match tls.flush(plain) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Takes leave, as far as that can be done at once.
    pub fn close(mut self) {
        if let Some(tls) = &mut self.tls {
            tls.session.send_close_notify();
            tls.wire.resize(TLS_READ, 0);
            let _ = tls.flush(&mut self.plain);
            // A socket that is closed with something unread is reset, and what the server has not read by then is lost
            // to it, that word among it (RFC 9293 §3.6.1).
            for _ in 0..LAST_READS {
                match again(|| self.plain.read(&mut tls.wire)) {
                    Ok(size) if size > 0 => {}
                    _ => return,
                }
            }
        }
    }
}

impl Tls {
    /// Reads more of the socket for TLS to open.
    fn fill(&mut self, plain: &mut Plain) -> io::Result<usize> {
        if self.taken == self.wire.len() {
            self.wire.resize(TLS_READ, 0);
            self.taken = 0;
            let read = again(|| plain.read(&mut self.wire));
            self.wire.truncate(read.as_ref().map_or(0, |read| *read));
            if read? == 0 {
                return Ok(0);
            }
        }
        let mut rest = self.wire.get(self.taken..).unwrap_or_default();
        let before = rest.len();
        let taken = self.session.read_tls(&mut rest)?;
        self.taken += before - rest.len();
        if let Err(error) = self.session.process_new_packets() {
            // The server hears why, as far as that can be said at once.
            let _ = self.flush(plain);
            return Err(io::Error::new(io::ErrorKind::InvalidData, error));
        }
        Ok(taken)
    }

    fn flush(&mut self, plain: &mut Plain) -> io::Result<()> {
        while self.session.wants_write() {
            again(|| self.session.write_tls(plain))?;
        }
        Ok(())
    }
}

/// Does what a signal interrupted once more.
fn again<T>(mut what: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    loop {
        match what() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            done => return done,
        }
    }
}

impl Plain {
    fn take_error(&self) -> io::Result<Option<io::Error>> {
        match self {
            Self::Tcp(stream) => stream.take_error(),
            #[cfg(unix)]
            Self::Unix(stream) => stream.take_error(),
        }
    }

    fn peer(&self) -> io::Result<()> {
        match self {
            Self::Tcp(stream) => stream.peer_addr().map(drop),
            #[cfg(unix)]
            Self::Unix(stream) => stream.peer_addr().map(drop),
        }
    }
}

impl Read for Plain {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Tcp(stream) => stream.read(into),
            #[cfg(unix)]
            Self::Unix(stream) => stream.read(into),
        }
    }
}

impl Write for Plain {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Tcp(stream) => stream.write(bytes),
            #[cfg(unix)]
            Self::Unix(stream) => stream.write(bytes),
        }
    }

    fn write_vectored(&mut self, pieces: &[io::IoSlice<'_>]) -> io::Result<usize> {
        match self {
            Self::Tcp(stream) => stream.write_vectored(pieces),
            #[cfg(unix)]
            Self::Unix(stream) => stream.write_vectored(pieces),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Source for Socket {
    fn register(&mut self, registry: &Registry, token: Token, interests: Interest) -> io::Result<()> {
        match &mut self.plain {
            Plain::Tcp(stream) => stream.register(registry, token, interests),
            #[cfg(unix)]
            Plain::Unix(stream) => stream.register(registry, token, interests),
        }
    }

    fn reregister(&mut self, registry: &Registry, token: Token, interests: Interest) -> io::Result<()> {
        match &mut self.plain {
            Plain::Tcp(stream) => stream.reregister(registry, token, interests),
            #[cfg(unix)]
            Plain::Unix(stream) => stream.reregister(registry, token, interests),
        }
    }

    fn deregister(&mut self, registry: &Registry) -> io::Result<()> {
        match &mut self.plain {
            Plain::Tcp(stream) => stream.deregister(registry),
            #[cfg(unix)]
            Plain::Unix(stream) => stream.deregister(registry),
        }
    }
}
