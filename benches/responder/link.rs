//! Bytes of one connection: a TCP or unix socket, and TLS on it.

use std::io::{self, BufRead as _, Read, Write};
use std::sync::Arc;

use mio::event::Source;
use mio::net::{TcpStream, UnixStream};
use mio::{Interest, Registry, Token};
use rustls::{ServerConfig, ServerConnection};

/// A socket.
pub(crate) enum Socket {
    Tcp(TcpStream),
    Unix(UnixStream),
}

/// A connection's bytes, in the clear or not.
pub(crate) struct Link {
    socket: Socket,
    tls: Option<Box<ServerConnection>>,
}

/// What one read brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Came {
    Nothing,
    /// Something; `all` there was, unless the buffer was too small for it.
    Something {
        all: bool,
    },
    End,
}

impl Link {
    pub(crate) fn new(mut socket: Socket, tls: Option<&Arc<ServerConfig>>) -> io::Result<Self> {
        if let Socket::Tcp(socket) = &mut socket {
            socket.set_nodelay(true)?;
        }
        let tls = tls.map(|config| ServerConnection::new(Arc::clone(config))).transpose();
        let mut tls = tls.map_err(io::Error::other)?.map(Box::new);
        if let Some(tls) = &mut tls {
            // Nothing is read while something waits to be written: that bounds it.
            tls.set_buffer_limit(None);
        }
        Ok(Self { socket, tls })
    }

    pub(crate) fn register(&mut self, registry: &Registry, token: Token) -> io::Result<()> {
        self.socket.source().register(registry, token, Interest::READABLE | Interest::WRITABLE)
    }

    /// Reads once, and hands on what came.
    pub(crate) fn read(&mut self, buffer: &mut [u8], mut take: impl FnMut(&[u8])) -> io::Result<Came> {
        let size = match self.socket.read(buffer) {
            Ok(0) => return Ok(Came::End),
            Ok(size) => size,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(Came::Nothing),
            Err(error) => return Err(error),
        };
        let came = Came::Something { all: size < buffer.len() };
        let mut bytes = &buffer[..size];
        let Some(tls) = &mut self.tls else {
            take(bytes);
            return Ok(came);
        };
        while !bytes.is_empty() {
            tls.read_tls(&mut bytes)?;
            if let Err(error) = tls.process_new_packets() {
                // The alert that says why.
                tls.write_tls(&mut self.socket)?;
                return Err(io::Error::other(error));
            }
            loop {
                let mut reader = tls.reader();
                let size = match reader.fill_buf() {
                    Ok([]) => return Ok(Came::End),
                    Ok(bytes) => {
                        take(bytes);
                        bytes.len()
                    }
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                    Err(error) => return Err(error),
                };
                reader.consume(size);
            }
        }
        Ok(came)
    }

    /// Writes what the socket takes of it, and of what TLS has to say itself; whether that is all.
    pub(crate) fn write(&mut self, out: &mut Vec<u8>) -> io::Result<bool> {
        let Some(tls) = &mut self.tls else {
            while !out.is_empty() {
                match self.socket.write(out) {
                    Ok(size) if size == out.len() => out.clear(),
                    Ok(size) => drop(out.drain(..size)),
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(false),
                    Err(error) => return Err(error),
                }
            }
            return Ok(true);
        };
        tls.writer().write_all(out)?;
        out.clear();
        while tls.wants_write() {
            match tls.write_tls(&mut self.socket) {
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(false),
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    }

    /// Says that nothing more is going to be written. What was, arrives: the socket is not closed.
    pub(crate) fn finish(&mut self) -> io::Result<()> {
        if let Some(tls) = &mut self.tls {
            tls.send_close_notify();
            tls.write_tls(&mut self.socket)?;
        }
        match &self.socket {
            Socket::Tcp(socket) => socket.shutdown(std::net::Shutdown::Write),
            Socket::Unix(socket) => socket.shutdown(std::net::Shutdown::Write),
        }
    }
}

impl Socket {
    fn source(&mut self) -> &mut dyn Source {
        match self {
            Self::Tcp(socket) => socket,
            Self::Unix(socket) => socket,
        }
    }
}

impl Read for Socket {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Tcp(socket) => socket.read(buffer),
            Self::Unix(socket) => socket.read(buffer),
        }
    }
}

impl Write for Socket {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Tcp(socket) => socket.write(bytes),
            Self::Unix(socket) => socket.write(bytes),
        }
    }

    fn write_vectored(&mut self, pieces: &[io::IoSlice<'_>]) -> io::Result<usize> {
        match self {
            Self::Tcp(socket) => socket.write_vectored(pieces),
            Self::Unix(socket) => socket.write_vectored(pieces),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
