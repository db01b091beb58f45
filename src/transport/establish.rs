//! A connection up to the point where the protocol's first word is due: dialed, and TLS where the target asks for it.

use std::net::SocketAddr;
use std::time::Instant;

use tokio::time::timeout_at;

use super::dial::dial;
use super::error::Error;
use super::io::{Stream, Watched};
use super::tls::TlsFacts;
use super::{Target, diagnose, tls};

/// What is known of a connection, with the moments at which each phase ended.
#[derive(Debug, Clone)]
pub struct Facts {
    /// When opening it began.
    pub started: Instant,
    /// When the name was resolved, where there was one.
    pub resolved: Option<Instant>,
    /// When TCP, or the unix socket, was connected.
    pub connected: Instant,
    /// When the TLS handshake was done, and what it agreed on.
    pub secured: Option<(Instant, TlsFacts)>,
    /// The address connected to; none for unix sockets and streams in memory.
    pub peer: Option<SocketAddr>,
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
    pub async fn open(target: &Target) -> Result<Self, Error> {
        let started = Instant::now();
        let limit = connect_limit(started, target);
        let phase = |phase: &'static str| {
            move |_| Error::Timeout {
                target: target.endpoint.to_string(),
                phase,
                limit: target.connect_timeout,
            }
        };
        let dialed = timeout_at(limit, dial(&target.endpoint)).await.map_err(phase("connection"))??;
        let mut facts = Facts {
            started,
            resolved: dialed.resolved,
            connected: Instant::now(),
            secured: None,
            peer: dialed.peer,
        };
        let Some(plan) = &target.tls else { return Ok(Self { stream: dialed.stream, facts }) };
        let (stream, seen) = Watched::new(dialed.stream);
        let handshake = tls::handshake(plan, target.endpoint.host(), stream);
        match timeout_at(limit, handshake).await.map_err(phase("TLS handshake"))?? {
            Ok((stream, agreed)) => {
                facts.secured = Some((Instant::now(), agreed));
                Ok(Self { stream, facts })
            }
            Err(refusal) => {
                let limit = look_limit(started, target);
                Err(diagnose::handshake(target, plan, &seen.snapshot(), refusal, limit).await)
            }
        }
    }
}

pub(super) fn connect_limit(started: Instant, target: &Target) -> tokio::time::Instant {
    tokio::time::Instant::from_std(started) + target.connect_timeout
}

/// When nobody waits any more to hear what went wrong.
pub(super) fn look_limit(started: Instant, target: &Target) -> tokio::time::Instant {
    let limit = target.timeout.map_or(target.connect_timeout, |timeout| timeout.min(target.connect_timeout));
    tokio::time::Instant::from_std(started) + limit
}
