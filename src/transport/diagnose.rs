//! A second look at a port that would not talk: which protocol does it really speak?
//!
//! The bytes a server sent are evidence enough most of the time. A server that just hangs up gives none, so
//! then the port is asked once more, in the other language, for at most [`PATIENCE`] and within what is left of
//! the connect timeout and the deadline.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::{Instant, timeout_at};

use super::dial::dial;
use super::error::Error;
use super::fault::{TlsFault, tls_error};
use super::io::SeenState;
use super::settings::Settings;
use super::tls::{Refusal, Roots, Tls, TlsPlan};
use super::{Dialer, Target};
use crate::http2::{self, Head, kind};

/// How long the second look may take.
const PATIENCE: Duration = Duration::from_millis(500);

/// What a server's first bytes are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Speech {
    Nothing,
    Tls,
    Http2,
    Http1,
    Other,
}

fn speech(head: &[u8]) -> Speech {
    match head {
        [] => Speech::Nothing,
        // A TLS record: alert or handshake, of a version 3.x (RFC 8446 §5.1).
        [0x15 | 0x16, 0x03, ..] => Speech::Tls,
        [b'H', b'T', b'T', b'P', ..] => Speech::Http1,
        // What HTTP/1 servers answer to what they take for HTTP/0.9.
        head if is_html(head) => Speech::Http1,
        head if Settings::have_come(head) => Speech::Http2,
        _ => Speech::Other,
    }
}

/// Whether a server's first bytes are a record of TLS.
pub(super) fn is_tls(head: &[u8]) -> bool {
    speech(head) == Speech::Tls
}

fn is_html(head: &[u8]) -> bool {
    let text = head.trim_ascii_start();
    let begins = |with: &[u8]| text.get(..with.len()).is_some_and(|start| start.eq_ignore_ascii_case(with));
    begins(b"<!doctype html") || begins(b"<html")
}

/// Why the TLS handshake failed. The second look ends at `limit`.
pub(super) async fn handshake(
    dialer: &Dialer,
    plan: &TlsPlan,
    seen: &SeenState,
    refusal: Refusal,
    limit: Instant,
) -> Error {
    let plaintext = match speech(&seen.head) {
        Speech::Tls => false,
        Speech::Nothing => {
            matches!(ask(&dialer.target, &http2_hello(), limit).await, Speech::Http2 | Speech::Http1)
        }
        // Proxies answer what they do not understand in HTTP/1, and may take HTTP/2 all the same.
        Speech::Http1
            if plan.alpn.contains(&"h2")
                && ask(&dialer.target, &http2_hello(), limit).await != Speech::Http2 =>
        {
            return web_server(&dialer.target, &seen.head);
        }
        Speech::Http1 | Speech::Http2 | Speech::Other => true,
    };
    if plaintext {
        return Error::TlsToPlaintext { target: dialer.target.endpoint.to_string() };
    }
    refused(&dialer.target, plan, &refusal)
}

fn web_server(target: &Target, head: &[u8]) -> Error {
    let line = head.split(|&byte| byte == b'\r' || byte == b'\n').next().unwrap_or_default();
    Error::WebServer { target: target.endpoint.to_string(), line: String::from_utf8_lossy(line).into_owned() }
}

/// Whether a port answers HTTP in plaintext.
pub(super) async fn speaks_plaintext(target: &Target, limit: Instant) -> bool {
    matches!(ask(target, &http2_hello(), limit).await, Speech::Http2 | Speech::Http1)
}

/// A handshake's error, told.
pub(super) fn refused(target: &Target, plan: &TlsPlan, refusal: &Refusal) -> Error {
    let fault = TlsFault::new(&refusal.error, refusal.certificate.as_ref(), plan.identity.is_some());
    Error::Tls { target: target.endpoint.to_string(), fault, plan: Box::new(plan.clone()) }
}

/// Why a connection on which HTTP/2 was spoken was never answered in HTTP/2. The second look ends at `limit`.
pub(super) async fn unspoken(dialer: &Dialer, seen: &SeenState, limit: Instant) -> Error {
    let target = &dialer.target;
    let name = target.endpoint.to_string();
    if let Some(tls) = &dialer.tls {
        // TLS 1.3 servers refuse a client's certificate after the handshake, with an alert that a failed write may
        // have come before.
        let alert = match &seen.tls {
            Some(error) => Some(error.clone()),
            None if seen.head.is_empty() => first_alert(target, tls, limit).await,
            None => None,
        };
        if let Some(alert) = alert {
            let error = io::Error::new(io::ErrorKind::InvalidData, alert);
            return refused(target, &tls.plan, &Refusal { error, certificate: None });
        }
    }
    let plaintext = target.tls.is_none();
    match speech(&seen.head) {
        Speech::Tls if plaintext => Error::PlaintextToTls { target: name },
        // Go's HTTPS servers answer plaintext with a courteous HTTP/1 error, so its text is not the evidence:
        // the port is asked for TLS.
        Speech::Nothing | Speech::Http1 if plaintext && speaks_tls(target, limit).await => {
            Error::PlaintextToTls { target: name }
        }
        Speech::Nothing => Error::Closed { target: name, plaintext, source: seen.error.map(io::Error::from) },
        Speech::Http1 => web_server(target, &seen.head),
        Speech::Http2 | Speech::Tls | Speech::Other => {
            let shown = seen.head.get(..32).unwrap_or(&seen.head).escape_ascii().to_string();
            let what = format!("its first bytes are \"{shown}\"");
            Error::NotHttp { target: name, http: target.http, what }
        }
    }
}

pub(super) async fn speaks_tls(target: &Target, limit: Instant) -> bool {
    ask(target, &client_hello(), limit).await == Speech::Tls
}

/// When a wait for `patience` that begins now has to end. Half of what is left is for what comes after it, so that
/// whatever is known by then is told before the limit.
pub(super) fn within(limit: Instant, patience: Duration) -> Instant {
    let now = Instant::now();
    now + patience.min(limit.saturating_duration_since(now) / 2)
}

/// Makes the TLS handshake again and says nothing after it, so that nothing comes before the server's alert.
async fn first_alert(target: &Target, tls: &Tls, limit: Instant) -> Option<rustls::Error> {
    let asked = async {
        let dialed = dial(target).await.ok()?;
        let (mut stream, _) = tls.handshake(target.endpoint.host(), dialed.stream).await.ok()?.ok()?;
        let mut buffer = [0; 64];
        let error = stream.read(&mut buffer).await.err()?;
        tls_error(&error).cloned()
    };
    timeout_at(within(limit, PATIENCE), asked).await.ok().flatten()
}

/// Sends `hello` on a fresh connection and tells what comes back.
async fn ask(target: &Target, hello: &[u8], limit: Instant) -> Speech {
    let asked = async {
        let mut stream = dial(target).await.ok()?.stream;
        stream.write_all(hello).await.ok()?;
        let mut head = Vec::new();
        // An alert of TLS is shorter than a frame's head, and nothing need follow it.
        while head.len() < Head::SIZE && !is_tls(&head) {
            let mut buffer = [0; 64];
            match stream.read(&mut buffer).await {
                Ok(count) if count > 0 => head.extend_from_slice(buffer.get(..count)?),
                _ => break,
            }
        }
        Some(speech(&head))
    };
    timeout_at(within(limit, PATIENCE), asked).await.ok().flatten().unwrap_or(Speech::Nothing)
}

/// The client connection preface and an empty SETTINGS frame (RFC 9113 §3.4).
fn http2_hello() -> Vec<u8> {
    let settings = Head { length: 0, kind: kind::SETTINGS, flags: 0, stream: 0 };
    [http2::PREFACE, &settings.to_bytes()].concat()
}

/// What begins TLS with anybody. Empty where the TLS library can't make it, which leaves the server silent.
fn client_hello() -> Vec<u8> {
    let plan = TlsPlan { roots: Roots::Unverified, alpn: &["h2"], ..TlsPlan::default() };
    Tls::open(plan).and_then(|tls| tls.client_hello("localhost")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_bytes_tell_the_protocol() {
        assert_eq!(speech(b""), Speech::Nothing);
        assert_eq!(speech(b"HTTP/1.1 400 Bad Request\r\n"), Speech::Http1);
        assert_eq!(speech(b"\n<!doctype HTML>\n<html"), Speech::Http1);
        assert_eq!(speech(b"\x15\x03\x03\x00\x02\x02\x32"), Speech::Tls);
        assert_eq!(speech(b"\0\0\x06\x04\0\0\0\0\0\0\x05\0\0\x40\0"), Speech::Http2);
        assert_eq!(speech(b"SSH-2.0-OpenSSH_9.2\r\n"), Speech::Other);
    }

    #[test]
    fn the_hello_is_a_tls_handshake_record() {
        assert_eq!(speech(&client_hello()), Speech::Tls);
    }
}
