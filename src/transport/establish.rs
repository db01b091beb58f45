//! A connection up to the point where the protocol's first word is due: dialed, and TLS where the target asks for it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use tokio::time::timeout_at;

use super::dial::dial;
use super::error::Error;
use super::io::{Stream, Watched};
use super::tls::{Tls, TlsFacts};
use super::{Http, HttpChoice, Target, diagnose};

/// A target ready to be connected to: the files of its TLS are read.
#[derive(Debug, Clone)]
pub struct Dialer {
    pub(super) target: Target,
    pub(super) tls: Option<Arc<Tls>>,
    /// When whoever asks no longer waits for anything: finding out what is wrong ends before.
    pub(super) deadline: Option<Instant>,
}

impl Dialer {
    /// Reads the files of the target's TLS. Connections and all that is found out about them are for somebody who
    /// waits until the deadline.
    pub fn open(target: Target, deadline: Option<Instant>) -> Result<Self, Error> {
        let tls = target.tls.clone().map(Tls::open).transpose()?.map(Arc::new);
        Ok(Self { target, tls, deadline })
    }

    /// From now on this HTTP alone is spoken.
    pub fn speak(&mut self, http: Http) {
        self.target.http = HttpChoice::Only(http);
    }

    /// Where the server is and how it is reached.
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// When connecting that began then has to be done.
    pub(super) fn connect_limit(&self, started: Instant) -> tokio::time::Instant {
        tokio::time::Instant::from_std(started) + self.target.connect_timeout
    }

    /// When nobody waits any more to hear what went wrong with a connection that was begun then.
    pub(super) fn look_limit(&self, started: Instant) -> tokio::time::Instant {
        let limit = self.connect_limit(started);
        self.deadline.map_or(limit, |deadline| limit.min(deadline.into()))
    }
}

/// What is known of a connection, with the moments at which each phase ended.
#[derive(Debug, Clone)]
pub struct Facts {
    /// When opening it began.
    pub started: Instant,
    /// When the name was resolved, where there was one.
    pub resolved: Option<Instant>,
    /// When TCP, or the unix socket, was connected.
    pub connected: Instant,
    /// When a proxy had passed the connection on, and which, where one did.
    pub tunnel: Option<(Instant, String)>,
    /// When the TLS handshake was done, and what it agreed on.
    pub secured: Option<(Instant, TlsFacts)>,
    /// The address connected to; none for unix sockets and streams in memory.
    pub peer: Option<SocketAddr>,
}

impl Facts {
    /// When the first byte could be sent.
    pub fn ready(&self) -> Instant {
        let tunnelled = self.tunnel.as_ref().map_or(self.connected, |(at, _)| *at);
        self.secured.as_ref().map_or(tunnelled, |(at, _)| *at)
    }
}

/// A connection on which no protocol has spoken yet.
pub struct Established {
    /// The bytes, decrypted.
    pub stream: Box<dyn Stream>,
    /// What is known of it.
    pub facts: Facts,
}

impl Established {
    /// Resolves, connects, and does the TLS handshake where the target asks for one, all within the connect timeout.
    pub async fn open(dialer: &Dialer) -> Result<Self, Error> {
        Self::open_since(dialer, Instant::now()).await
    }

    /// The same for who began then to connect.
    pub(super) async fn open_since(dialer: &Dialer, started: Instant) -> Result<Self, Error> {
        let target = &dialer.target;
        let limit = dialer.connect_limit(started);
        let phase = |phase: &'static str| {
            move |_| Error::Timeout {
                target: target.endpoint.to_string(),
                phase,
                limit: target.connect_timeout,
            }
        };
        let connecting = match target.route.proxy {
            None => "connection",
            Some(_) => "connection through the proxy",
        };
        let reached = timeout_at(limit, dial(target)).await.map_err(phase(connecting))??;
        let mut facts = Facts {
            started,
            resolved: reached.resolved,
            connected: reached.connected,
            tunnel: reached.tunnel,
            secured: None,
            peer: reached.peer,
        };
        let Some(tls) = &dialer.tls else { return Ok(Self { stream: reached.stream, facts }) };
        let (stream, seen) = Watched::new(reached.stream);
        let handshake = tls.handshake(target.endpoint.host(), stream);
        match timeout_at(limit, handshake).await.map_err(phase("TLS handshake"))?? {
            Ok((stream, agreed)) => {
                facts.secured = Some((Instant::now(), agreed));
                Ok(Self { stream, facts })
            }
            Err(refusal) => {
                let limit = dialer.look_limit(started);
                Err(diagnose::handshake(dialer, &tls.plan, &seen.snapshot(), refusal, limit).await)
            }
        }
    }
}
