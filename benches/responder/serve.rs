//! One thread, one poll, and any number of connections: each read is answered with one write.

use std::io;
use std::os::unix::net::UnixStream as StdUnixStream;
use std::sync::Arc;

use mio::event::Source;
use mio::net::{TcpListener, UnixListener, UnixStream};
use mio::{Events, Interest, Poll, Token};
use rustls::ServerConfig;
use signal_hook::consts::{SIGINT, SIGTERM};

use crate::connection::{Connection, Desk};
use crate::link::{Came, Link, Socket};
use crate::options::Place;

/// What one read takes at most.
const READ: usize = 1 << 18;
const LISTENER: Token = Token(usize::MAX - 1);
const SIGNAL: Token = Token(usize::MAX - 2);

/// A socket that clients connect to.
enum Listener {
    Tcp(TcpListener),
    Unix(UnixListener),
}

/// The server.
pub(crate) struct Server {
    poll: Poll,
    listener: Listener,
    /// Has something to read once a signal came.
    signals: UnixStream,
    tls: Option<Arc<ServerConfig>>,
    /// By token; those that are over leave a gap, and `free` tells where.
    peers: Vec<Option<Peer>>,
    free: Vec<usize>,
    buffer: Vec<u8>,
}

/// A client.
struct Peer {
    link: Link,
    connection: Connection,
    /// What is to be written.
    out: Vec<u8>,
    /// The client says nothing more: what is left to read ends.
    ends: bool,
    /// Nothing more is said to it.
    finished: bool,
}

/// What a turn left a connection as.
enum Turn {
    /// An event comes when there is more to do.
    Waits,
    /// There is more to read, after the others had theirs.
    GoesOn,
    Over,
}

impl Server {
    pub(crate) fn bind(place: &Place, tls: Option<Arc<ServerConfig>>) -> io::Result<Self> {
        let poll = Poll::new()?;
        let mut listener = match place {
            Place::Tcp(address) => Listener::Tcp(TcpListener::bind(*address)?),
            Place::Unix(path) => Listener::Unix(UnixListener::bind(path)?),
        };
        poll.registry().register(listener.source(), LISTENER, Interest::READABLE)?;
        let (mut signals, sender) = UnixStream::pair()?;
        let sender = StdUnixStream::from(sender);
        signal_hook::low_level::pipe::register(SIGINT, sender.try_clone()?)?;
        signal_hook::low_level::pipe::register(SIGTERM, sender)?;
        poll.registry().register(&mut signals, SIGNAL, Interest::READABLE)?;
        let (peers, free) = (Vec::new(), Vec::new());
        Ok(Self { poll, listener, signals, tls, peers, free, buffer: vec![0; READ] })
    }

    /// Where it listens, as `--listen` takes it.
    pub(crate) fn place(&self) -> io::Result<String> {
        Ok(match &self.listener {
            Listener::Tcp(listener) => listener.local_addr()?.to_string(),
            Listener::Unix(listener) => {
                let address = listener.local_addr()?;
                format!("unix:{}", address.as_pathname().unwrap_or("".as_ref()).display())
            }
        })
    }

    /// Serves until a signal comes.
    pub(crate) fn run(&mut self, desk: &mut Desk) -> io::Result<()> {
        let mut events = Events::with_capacity(1024);
        let (mut turns, mut again) = (Vec::new(), Vec::new());
        loop {
            let timeout = if again.is_empty() { None } else { Some(std::time::Duration::ZERO) };
            match self.poll.poll(&mut events, timeout) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                done => done?,
            }
            std::mem::swap(&mut turns, &mut again);
            for event in &events {
                match event.token() {
                    LISTENER => self.accept(desk, &mut turns)?,
                    SIGNAL => return self.signalled(),
                    Token(index) => {
                        if let Some(Some(peer)) = self.peers.get_mut(index) {
                            peer.ends |= event.is_read_closed();
                            turns.push(index);
                        }
                    }
                }
            }
            for index in turns.drain(..) {
                let Some(Some(peer)) = self.peers.get_mut(index) else { continue };
                // A connection that breaks off is the client's business, which counts such.
                match peer.turn(&mut self.buffer, desk).unwrap_or(Turn::Over) {
                    Turn::Waits => {}
                    Turn::GoesOn => again.push(index),
                    Turn::Over => {
                        self.peers[index] = None;
                        self.free.push(index);
                    }
                }
            }
        }
    }

    /// Takes every connection that waits. Each has its turn, in which its settings are said.
    fn accept(&mut self, desk: &mut Desk, turns: &mut Vec<usize>) -> io::Result<()> {
        loop {
            let socket = match self.listener.accept() {
                Ok(socket) => socket,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => continue,
                Err(error) => return Err(error),
            };
            // One that is gone already has no options to set.
            let Ok(mut link) = Link::new(socket, self.tls.as_ref()) else { continue };
            let index = self.free.pop().unwrap_or(self.peers.len());
            link.register(self.poll.registry(), Token(index))?;
            desk.ledger.connected();
            let mut out = Vec::new();
            let connection = Connection::new(&mut out);
            let peer = Some(Peer { link, connection, out, ends: false, finished: false });
            match self.peers.get_mut(index) {
                Some(gap) => *gap = peer,
                None => self.peers.push(peer),
            }
            turns.push(index);
        }
    }

    fn signalled(&mut self) -> io::Result<()> {
        self.poll.registry().deregister(&mut self.signals)?;
        if let Listener::Unix(listener) = &self.listener
            && let Some(path) = listener.local_addr()?.as_pathname()
        {
            std::fs::remove_file(path)?;
        }
        Ok(())
    }
}

impl Peer {
    /// Reads once, and answers.
    fn turn(&mut self, buffer: &mut [u8], desk: &mut Desk) -> io::Result<Turn> {
        if !self.say()? {
            return Ok(Turn::Waits);
        }
        let Self { link, connection, out, .. } = self;
        Ok(match link.read(buffer, |bytes| connection.receive(bytes, desk, out))? {
            Came::Nothing => Turn::Waits,
            Came::End => Turn::Over,
            // No event tells of what was there before this read, such as the end that came with the last bytes.
            Came::Something { all } => {
                if self.say()? && (!all || self.ends) {
                    Turn::GoesOn
                } else {
                    Turn::Waits
                }
            }
        })
    }

    /// Writes what there is to say; false when the client has to read first, and nothing is read from it until then.
    fn say(&mut self) -> io::Result<bool> {
        if self.finished {
            self.out.clear();
            return Ok(true);
        }
        if !self.link.write(&mut self.out)? {
            return Ok(false);
        }
        if self.connection.is_over() {
            self.link.finish()?;
            self.finished = true;
        }
        Ok(true)
    }
}

impl Listener {
    fn source(&mut self) -> &mut dyn Source {
        match self {
            Self::Tcp(listener) => listener,
            Self::Unix(listener) => listener,
        }
    }

    fn accept(&self) -> io::Result<Socket> {
        match self {
            Self::Tcp(listener) => listener.accept().map(|(socket, _)| Socket::Tcp(socket)),
            Self::Unix(listener) => listener.accept().map(|(socket, _)| Socket::Unix(socket)),
        }
    }
}
