//! A look at each leg of the way to a server for itself, where a connection would tell only how all of them went.

use bytes::Bytes;
use tokio::io::AsyncReadExt as _;
use tokio::time::{Instant, timeout, timeout_at};

use super::body::Body;
use super::connection::Connection;
use super::dial::dial;
use super::error::Error;
use super::establish::{Dialer, Established, Facts};
use super::fault::{TlsFault, tls_error};
use super::io::{Stream, Watched};
use super::tls::{Refusal, Tls, TlsLook, TlsVersion};
use super::{Http, HttpChoice, Target, diagnose};

/// Which part of the time for connecting has to pass before a server counts as silent.
const SILENT: u32 = 4;
/// How long a server may take to refuse a client certificate that it asked for.
const PATIENCE: std::time::Duration = std::time::Duration::from_millis(500);

impl Target {
    /// The same server, to be spoken to in this HTTP alone.
    #[must_use]
    pub fn speaking(&self, http: Http) -> Self {
        let mut target = Self { http: HttpChoice::Only(http), ..self.clone() };
        if let Some(tls) = &mut target.tls {
            tls.alpn = target.http.alpn();
        }
        target
    }
}

/// Connects, by way of the proxy where there is one, and says nothing.
pub async fn reach(dialer: &Dialer) -> Result<Facts, Error> {
    let dialer = Dialer { tls: None, ..dialer.clone() };
    Established::open(&dialer).await.map(|established| established.facts)
}

/// Does the TLS handshake, and tells all that the server shows in it. A server that wants a client certificate is given a
/// moment to refuse the one it got, or that it got none: in TLS 1.3 that comes after the handshake (RFC 8446 §4.4.2.4).
/// Nothing where the target is spoken to in plaintext. The time for connecting runs since then.
pub async fn tls(dialer: &Dialer, started: std::time::Instant) -> Result<Option<TlsLook>, Error> {
    let (Some(tls), target) = (&dialer.tls, dialer.target()) else { return Ok(None) };
    let limit = dialer.connect_limit(started);
    let late = |phase| move |_| late(target, phase);
    let reached = timeout_at(limit, dial(target)).await.map_err(late("connection"))??;
    let (stream, seen) = Watched::new(reached.stream);
    let looked = tls.look(target.endpoint.host(), stream);
    let (mut stream, look) = match timeout_at(limit, looked).await.map_err(late("TLS handshake"))?? {
        Ok(shown) => shown,
        Err(refusal) => {
            let limit = dialer.look_limit(started);
            return Err(diagnose::handshake(dialer, &tls.plan, &seen.snapshot(), refusal, limit).await);
        }
    };
    match &look.wanted {
        Some(_) => match alert(&mut *stream, diagnose::within(limit, PATIENCE)).await {
            Some(error) => {
                let error = std::io::Error::new(std::io::ErrorKind::InvalidData, error);
                Err(diagnose::refused(target, &tls.plan, &Refusal { error, certificate: None }))
            }
            None => Ok(Some(look)),
        },
        None => Ok(Some(look)),
    }
}

fn late(target: &Target, phase: &'static str) -> Error {
    Error::Timeout { target: target.endpoint.to_string(), phase, limit: target.connect_timeout }
}

/// The alert that a server ends a handshake with which seemed to be over.
async fn alert(stream: &mut dyn Stream, limit: Instant) -> Option<rustls::Error> {
    let mut buffer = [0; 64];
    let read = timeout_at(limit, stream.read(&mut buffer)).await.ok()?;
    tls_error(&read.err()?).cloned()
}

/// Whether the server speaks this version of TLS, whoever it is. Nothing where that can't be told.
pub async fn speaks(dialer: &Dialer, version: TlsVersion) -> Option<bool> {
    let tls: Tls = dialer.tls.as_ref()?.in_version(version);
    let target = dialer.target();
    let shaken = async {
        let stream = dial(target).await.ok()?.stream;
        Some(match tls.handshake(target.endpoint.host(), stream).await.ok()? {
            Ok(_) => true,
            Err(Refusal { error, certificate }) => {
                let fault = TlsFault::new(&error, certificate.as_ref(), tls.plan.identity.is_some());
                // What is refused in it was said in it.
                matches!(fault, TlsFault::NoClientCertificate | TlsFault::ClientCertificate(_))
            }
        })
    };
    timeout(target.connect_timeout, shaken).await.ok().flatten()
}

/// Does this with a server, which it has begun with just now, and within the time that connecting may take. One that is
/// silent for long is asked in the other language meanwhile: in TLS where it is spoken to in plaintext, and the other way
/// round. If it answers to that, no more is waited for.
pub async fn heard<T>(dialer: &Dialer, work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    let target = dialer.target();
    let limit = dialer.look_limit(std::time::Instant::now());
    let other = async {
        tokio::time::sleep(target.connect_timeout / SILENT).await;
        let speaks = match dialer.tls {
            Some(_) => diagnose::speaks_plaintext(target, limit).await,
            None => diagnose::speaks_tls(target, limit).await,
        };
        if !speaks {
            std::future::pending::<()>().await;
        }
    };
    tokio::select! {
        biased;
        done = work => done,
        () = other => {
            let name = target.endpoint.to_string();
            Err(match dialer.tls {
                Some(_) => Error::TlsToPlaintext { target: name },
                None => Error::PlaintextToTls { target: name },
            })
        }
    }
}

/// The HTTP status of a POST of nothing, as this type, to `path`; nothing where there is no answer in time.
pub async fn status(
    dialer: &Dialer,
    authority: &str,
    path: &str,
    content_type: &str,
) -> Option<http::StatusCode> {
    let target = dialer.target();
    let asked = async {
        let connection = Connection::open(dialer).await.ok()?;
        let request = http::Request::post(match connection.http() {
            Http::One => path.to_owned(),
            Http::Two => {
                let scheme = if target.tls.is_some() { "https" } else { "http" };
                format!("{scheme}://{authority}{path}")
            }
        })
        .header("content-type", content_type);
        let request = match connection.http() {
            Http::One => request.header("host", authority),
            Http::Two => request.header("te", "trailers"),
        };
        let nothing = Body::whole(Bytes::new());
        Some(connection.send(request.body(nothing).ok()?).await.ok()?.status())
    };
    timeout(target.connect_timeout, asked).await.ok().flatten()
}
