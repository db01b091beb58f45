//! What channelz tells, as values to be shown.

use std::time::{Duration, SystemTime};

use bytes::Bytes;

use super::proto::SocketOptionTcpInfo;

/// What a process was made of at a moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot {
    /// When it was asked, by this side's clock.
    pub taken: SystemTime,
    /// Channels and subchannels; what one refers to stands behind it.
    pub channels: Vec<Channel>,
    /// Servers.
    pub servers: Vec<Server>,
    /// Sockets: those that listen, those of servers' connections, and those of subchannels.
    pub sockets: Vec<Socket>,
}

/// Whether calls are made on it or spread over it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// Calls are made on it.
    Channel,
    /// Calls of a channel go through it, to one address as a rule.
    Subchannel,
}

/// Calls, counted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Calls {
    /// How many began.
    pub started: i64,
    /// How many ended well.
    pub succeeded: i64,
    /// How many ended in another status.
    pub failed: i64,
    /// When the last began.
    pub last: Option<SystemTime>,
}

/// A channel or a subchannel.
#[derive(Debug, Clone, PartialEq)]
pub struct Channel {
    /// Its number in the process.
    pub id: i64,
    /// Its name, if it has one.
    pub name: String,
    /// Which of the two it is.
    pub kind: Kind,
    /// The state of its connection, as the specification names it.
    pub state: &'static str,
    /// What it connects to.
    pub target: String,
    /// Its calls.
    pub calls: Calls,
    /// What happened to it.
    pub trace: Option<Trace>,
    /// The channels below it.
    pub channels: Vec<i64>,
    /// The subchannels below it.
    pub subchannels: Vec<i64>,
    /// Its sockets.
    pub sockets: Vec<i64>,
}

/// A server.
#[derive(Debug, Clone, PartialEq)]
pub struct Server {
    /// Its number in the process.
    pub id: i64,
    /// Its name, if it has one.
    pub name: String,
    /// The calls that came.
    pub calls: Calls,
    /// What happened to it.
    pub trace: Option<Trace>,
    /// The sockets that it listens on.
    pub listening: Vec<i64>,
}

/// What happened to a channel or a server.
#[derive(Debug, Clone, PartialEq)]
pub struct Trace {
    /// When it was made.
    pub created: Option<SystemTime>,
    /// How many events there were; old ones are dropped.
    pub logged: i64,
    /// Those that are left.
    pub events: Vec<Event>,
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// When.
    pub at: Option<SystemTime>,
    /// How grave it is: `INFO`, `WARNING`, `ERROR`, `UNKNOWN`.
    pub severity: &'static str,
    /// What.
    pub text: String,
    /// What it is about, where that is something below.
    pub about: Option<(Kind, i64)>,
}

/// Whose a socket is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holder {
    /// A server listens on it.
    Listener(i64),
    /// A client of this server is connected by it.
    Server(i64),
    /// A channel, or subchannel, is connected by it.
    Channel(Kind, i64),
}

/// A socket.
#[derive(Debug, Clone, PartialEq)]
pub struct Socket {
    /// Its number in the process.
    pub id: i64,
    /// Its name, if it has one.
    pub name: String,
    /// Whose it is, where that is known.
    pub holder: Option<Holder>,
    /// This end's address.
    pub local: Option<String>,
    /// The other end's address.
    pub remote: Option<String>,
    /// The other end's name, where it is not the target's.
    pub remote_name: String,
    /// How it is secured, where that is known.
    pub security: Option<Security>,
    /// Streams that began.
    pub streams_started: i64,
    /// Streams that ended well.
    pub streams_succeeded: i64,
    /// Streams that broke off.
    pub streams_failed: i64,
    /// Messages that were sent.
    pub messages_sent: i64,
    /// Messages that came.
    pub messages_received: i64,
    /// Pings that were sent to see whether the other end is there.
    pub keep_alives_sent: i64,
    /// When this end began a stream last.
    pub last_local_stream: Option<SystemTime>,
    /// When the other end began a stream last.
    pub last_remote_stream: Option<SystemTime>,
    /// When a message was sent last.
    pub last_sent: Option<SystemTime>,
    /// When a message came last.
    pub last_received: Option<SystemTime>,
    /// How much this end may send.
    pub local_window: Option<i64>,
    /// How much the other end may send.
    pub remote_window: Option<i64>,
    /// What is set on it.
    pub options: Vec<SocketOption>,
}

/// How a socket is secured.
#[derive(Debug, Clone, PartialEq)]
pub enum Security {
    /// By TLS.
    Tls {
        /// The cipher suite, as the server names it.
        cipher: String,
        /// This end's certificate.
        local: Bytes,
        /// The other end's certificate.
        remote: Bytes,
    },
    /// Otherwise.
    Other {
        /// What it is called.
        name: String,
        /// What else is said of it.
        value: Option<Additional>,
    },
}

/// What is set on a socket.
#[derive(Debug, Clone, PartialEq)]
pub struct SocketOption {
    /// Its name, such as `SO_REUSEADDR`.
    pub name: String,
    /// Its value, as text.
    pub value: String,
    /// What no text says.
    pub additional: Option<Additional>,
}

/// What a message says that is of any type.
#[derive(Debug, Clone, PartialEq)]
pub enum Additional {
    /// A time to wait.
    Timeout(Duration),
    /// Whether closing waits, and how long.
    Linger(bool, Duration),
    /// What the kernel says of a TCP connection.
    TcpInfo(Box<SocketOptionTcpInfo>),
    /// A type that is not known, and its bytes.
    Other {
        /// The type's URL.
        type_url: String,
        /// The message.
        value: Bytes,
    },
}
