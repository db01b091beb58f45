//! One server as calls see it: its connection, opened at the first call and again when it was lost.

use std::sync::Arc;
use std::time::Instant;

use tokio::sync::Mutex;

use super::head::{Place as RequestPlace, Says};
use super::{CallPlan, Deadline, Dialect, RequestHead, Streams};
use crate::transport::{Connection, Dialer, Error, Facts, Http, Place, Settings, Target};

/// How requests to one server are addressed.
#[derive(Debug, Clone)]
pub struct Channel {
    /// Where the server is.
    pub target: Target,
    /// What is spoken to it.
    pub dialect: Dialect,
    /// `:authority`, where it is not the target's own.
    pub authority: Option<String>,
    /// What stands before `/package.Service/Method` in every path; empty or beginning with a slash.
    pub prefix: String,
    /// `user-agent`.
    pub user_agent: String,
}

/// A server that can be called.
pub struct Client {
    channel: Channel,
    state: Mutex<State>,
}

struct State {
    dialer: Dialer,
    connection: Option<Arc<Connection>>,
    /// How many connections there were, and how many bytes were written on those before the present one, and read.
    before: Carried,
}

/// What a client's connections carried.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Carried {
    /// How many there were.
    pub connections: u64,
    /// How many bytes were written.
    pub sent: u64,
    /// How many were read.
    pub received: u64,
}

impl Carried {
    fn add(&mut self, connection: &Connection) {
        let [sent, received] = connection.carried();
        self.sent += sent;
        self.received += received;
    }
}

impl Client {
    /// A client for the server, for whoever waits until the deadline. The files that the channel names are read; the
    /// connection is made when it is first needed.
    pub fn open(channel: Channel, deadline: Option<Deadline>) -> Result<Arc<Self>, Error> {
        let dialer = Dialer::open(channel.target.clone(), deadline.map(|deadline| deadline.at))?;
        Ok(Self::with(channel, dialer))
    }

    fn with(channel: Channel, dialer: Dialer) -> Arc<Self> {
        let state = State { dialer, connection: None, before: Carried::default() };
        Arc::new(Self { channel, state: Mutex::new(state) })
    }

    /// Another client for the same server, with a connection of its own. No files are read again.
    pub async fn another(&self) -> Arc<Self> {
        let dialer = self.state.lock().await.dialer.clone();
        Self::with(self.channel.clone(), dialer)
    }

    /// How its requests are addressed.
    pub fn channel(&self) -> &Channel {
        &self.channel
    }

    /// A connection that takes a request, made now if there is none.
    pub async fn connection(&self) -> Result<Arc<Connection>, Error> {
        let mut state = self.state.lock().await;
        if let Some(connection) = &state.connection {
            // HTTP/1.1 has one call at a time on a connection, and whoever makes it holds on to that.
            let is_free = connection.http() == Http::Two || Arc::strong_count(connection) == 1;
            if is_free && connection.is_ready().await {
                return Ok(Arc::clone(connection));
            }
        }
        let connection = Arc::new(Connection::open(&state.dialer).await?);
        // What the server speaks is found out once.
        state.dialer.speak(connection.http());
        state.before.connections += 1;
        if let Some(before) = state.connection.replace(Arc::clone(&connection)) {
            state.before.add(&before);
        }
        Ok(connection)
    }

    /// A connection on which a request can go out at once, if there is one.
    pub(super) fn connection_at_hand(&self) -> Option<Arc<Connection>> {
        let state = self.state.try_lock().ok()?;
        state.connection.as_ref().filter(|connection| connection.takes_at_once()).map(Arc::clone)
    }

    /// Takes leave of the server, so that it hears of calls that were dropped; at most a moment is given to that.
    pub async fn close(&self) {
        let mut state = self.state.lock().await;
        let Some(connection) = state.connection.take() else { return };
        state.before.add(&connection);
        drop(state);
        Connection::close(connection).await;
    }

    /// The head of the request that a call in this dialect is, over this HTTP; with `get`, that is its message as it is on
    /// the wire.
    pub(super) fn head(
        &self,
        call: &CallPlan,
        (dialect, streams): (Dialect, Streams),
        version: Http,
        get: Option<&[u8]>,
    ) -> RequestHead {
        let Channel { target, authority, prefix, user_agent, .. } = &self.channel;
        let scheme = if target.tls.is_some() { "https" } else { "http" };
        let authority = authority.clone().unwrap_or_else(|| target.endpoint.authority());
        let path = format!("{prefix}{}", call.path);
        let timeout = call.deadline.as_ref().map(Deadline::left).or(call.timeout);
        let says = Says { user_agent, timeout, metadata: &call.metadata, streams };
        RequestHead::new(dialect, RequestPlace { version, scheme, authority, path }, &says, get)
    }

    /// Where connections to the server go, if straight there.
    pub async fn place(&self) -> Result<Option<Place>, Error> {
        let dialer = self.state.lock().await.dialer.clone();
        dialer.place().await
    }

    /// The head of a request that is not made.
    pub fn preview(&self, call: &CallPlan) -> RequestHead {
        self.head(call, (call.dialect, call.streams), self.channel.target.http.first(), None)
    }

    /// Whether there is a connection that takes a request.
    pub fn is_connected(&self) -> bool {
        let current = self.state.try_lock();
        current.is_ok_and(|current| {
            current.connection.as_ref().is_some_and(|connection| !connection.is_closed())
        })
    }

    /// What its connections carried so far; nothing is known while one is being made.
    pub fn carried(&self) -> Option<Carried> {
        let current = self.state.try_lock().ok()?;
        let mut carried = current.before;
        if let Some(connection) = &current.connection {
            carried.add(connection);
        }
        Some(carried)
    }

    /// Whether the server has been seen to speak HTTP/2 on the present connection.
    pub fn has_spoken(&self) -> bool {
        let current = self.state.try_lock();
        current.is_ok_and(|current| {
            current.connection.as_ref().is_some_and(|connection| connection.has_spoken())
        })
    }

    /// The server's HTTP/2 settings on the present connection, and when they came, if they have.
    pub fn settings(&self) -> Option<(Instant, Settings)> {
        let current = self.state.try_lock().ok()?;
        current.connection.as_ref().and_then(|connection| connection.settings())
    }

    /// What is known of the present connection, if there is one.
    pub fn facts(&self) -> Option<Facts> {
        let current = self.state.try_lock().ok()?;
        current.connection.as_ref().map(|connection| connection.facts().clone())
    }
}
