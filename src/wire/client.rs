//! One server as calls see it: its connection, opened at the first call and again when it was lost.

use std::sync::Arc;
use std::time::Instant;

use tokio::sync::Mutex;

use super::{CallPlan, Deadline, RequestHead};
use crate::transport::{Connection, Dialer, Error, Facts, Settings, Target};

/// How requests to one server are addressed.
#[derive(Debug, Clone)]
pub struct Channel {
    /// Where the server is.
    pub target: Target,
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
    dialer: Dialer,
    connection: Mutex<Option<Arc<Connection>>>,
}

impl Client {
    /// A client for the server, for whoever waits until the deadline. The files that the channel names are read; the
    /// connection is made when it is first needed.
    pub fn open(channel: Channel, deadline: Option<Deadline>) -> Result<Arc<Self>, Error> {
        let dialer = Dialer::open(channel.target.clone(), deadline.map(|deadline| deadline.at))?;
        Ok(Arc::new(Self { channel, dialer, connection: Mutex::new(None) }))
    }

    /// How its requests are addressed.
    pub fn channel(&self) -> &Channel {
        &self.channel
    }

    /// The connection, made now if there is none that still takes requests.
    pub async fn connection(&self) -> Result<Arc<Connection>, Error> {
        let mut current = self.connection.lock().await;
        if let Some(connection) = current.as_ref().filter(|connection| !connection.is_closed()) {
            return Ok(Arc::clone(connection));
        }
        let connection = Arc::new(Connection::open(&self.dialer).await?);
        *current = Some(Arc::clone(&connection));
        Ok(connection)
    }

    /// The head of the request that a call is.
    pub fn head(&self, call: &CallPlan) -> RequestHead {
        let Channel { target, authority, prefix, user_agent } = &self.channel;
        let scheme = if target.tls.is_some() { "https" } else { "http" };
        let authority = authority.clone().unwrap_or_else(|| target.endpoint.authority());
        let path = format!("{prefix}{}", call.path);
        let timeout = call.deadline.as_ref().map(Deadline::left);
        RequestHead::grpc((scheme, authority, path), user_agent, timeout, &call.metadata)
    }

    /// Whether the server has been seen to speak HTTP/2 on the present connection.
    pub fn has_spoken(&self) -> bool {
        let current = self.connection.try_lock();
        current.is_ok_and(|current| current.as_ref().is_some_and(|connection| connection.has_spoken()))
    }

    /// The server's HTTP/2 settings on the present connection, and when they came, if they have.
    pub fn settings(&self) -> Option<(Instant, Settings)> {
        let current = self.connection.try_lock().ok()?;
        current.as_ref().and_then(|connection| connection.settings())
    }

    /// What is known of the present connection, if there is one.
    pub fn facts(&self) -> Option<Facts> {
        let current = self.connection.try_lock().ok()?;
        current.as_ref().map(|connection| connection.facts().clone())
    }
}
