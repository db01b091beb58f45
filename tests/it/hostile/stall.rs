//! Servers that stop, or go on too slowly: the deadline ends it, and tells what was waited for.

use std::sync::Arc;
use std::time::Duration;

use insta::assert_snapshot;
use rpcctl::http2::{Block, Frame, Headers};
use rustls::ServerConfig;
use rustls::crypto::ring::default_provider;
use rustls::pki_types::PrivateKeyDer;
use tokio_rustls::TlsAcceptor;

use super::raw::{OK, Talk, asked, demo, hello, raw};
use crate::common::{Peer, envelope, rpcctl};

#[test]
fn stalled_body() {
    let peer = asked(|mut talk: Talk, stream| async move {
        talk.headers(stream, OK).await?;
        talk.message(stream, b"\x08\x02").await?;
        let cut = envelope(0, b"\x08\x01");
        talk.data(stream, &cut[..cut.len() - 1]).await?;
        talk.hang().await
    });
    assert_snapshot!(demo(&peer, "CountDown").args("--timeout 500ms").run(), @r#"
    {"number":2}
    ------- stderr -------
    error: DEADLINE_EXCEEDED (4, on this side): the deadline of 500ms passed while waiting for the rest of the answer
    [exit 68]
    "#);
}

/// Nobody is at the other end any more, and nobody has said so.
#[test]
fn half_open_connection() {
    let peer = raw(|mut talk: Talk| async move {
        talk.preface().await?;
        talk.settings(&[]).await?;
        let stream = talk.request().await?;
        talk.headers(stream, OK).await?;
        talk.message(stream, b"\x08\x02").await?;
        std::future::pending().await
    });
    assert_snapshot!(demo(&peer, "CountDown").args("--timeout 500ms").run(), @r#"
    {"number":2}
    ------- stderr -------
    error: DEADLINE_EXCEEDED (4, on this side): the deadline of 500ms passed while waiting for the rest of the answer
    [exit 68]
    "#);
}

/// The same where somebody asks whether it is there. It takes 20 seconds, which is how long the answer may take.
#[test]
fn half_open_connection_with_keepalive() {
    let peer = raw(|mut talk: Talk| async move {
        talk.preface().await?;
        talk.settings(&[]).await?;
        let stream = talk.request().await?;
        talk.headers(stream, OK).await?;
        talk.message(stream, b"\x08\x02").await?;
        std::future::pending().await
    });
    let schema = "-o jsonl -I proto --proto demo/v1/demo.proto --keepalive-time 1s";
    assert_snapshot!(rpcctl("call").arg(&peer.address).args("demo.v1.Demo/CountDown").args(schema).run(), @r#"
    {"number":2}
    ------- stderr -------
    error: UNAVAILABLE (14, on this side): the server did not answer a keepalive PING for 20s, so the connection was given up
    [exit 78]
    "#);
}

/// The server has ended its side, and reads on.
#[test]
fn half_closed_connection() {
    let peer = asked(|mut talk: Talk, stream| async move {
        talk.headers(stream, OK).await?;
        talk.message(stream, b"\x08\x02").await?;
        talk.close().await
    });
    assert_snapshot!(demo(&peer, "CountDown").run(), @r#"
    {"number":2}
    ------- stderr -------
    error: UNAVAILABLE (14, on this side): the connection was lost before the call was over
    [exit 78]
    "#);
}

/// A header block of which a byte comes now and then, each in a frame of its own.
#[test]
fn slow_loris_headers() {
    let peer = asked(|mut talk: Talk, stream| async move {
        let block = talk.block(&[OK, &[("x-long", &"v".repeat(1000))]].concat());
        let piece = |fragment| Block { stream, fragment, ends: false };
        let first = Headers { block: piece(&block[..1]), end_stream: false, priority: None, padding: None };
        talk.send(&[Frame::Headers(first)]).await?;
        for byte in &block[1..] {
            talk.send(&[Frame::Continuation(piece(std::slice::from_ref(byte)))]).await?;
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    });
    assert_snapshot!(hello(&peer).args("--timeout 500ms").run(), @"
    ------- stderr -------
    error: DEADLINE_EXCEEDED (4, on this side): the deadline of 500ms passed while waiting for the answer to begin
    [exit 68]
    ");
}

/// SETTINGS of which a byte comes now and then.
#[test]
fn slow_loris_settings() {
    let peer = raw(|mut talk: Talk| async move {
        talk.preface().await?;
        for byte in b"\0\0\x06\x04\0\0\0\0\0\0\x05\0\0\x40\0" {
            talk.raw(&[*byte]).await?;
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        talk.hang().await
    });
    assert_snapshot!(hello(&peer).args("--connect-timeout 500ms").run(), @"
    ------- stderr -------
    error: 127.0.0.1:PORT: no HTTP/2 SETTINGS from the server within 500ms
    hint: something listens there and says nothing: does it speak TLS (--tls), or something else than gRPC? If it is only slow: --connect-timeout DURATION
    [exit 1]
    ");
}

/// A server behind TLS that speaks HTTP/2, and does this on the stream of a request; then TLS itself ends it so.
fn tls(end: End) -> Peer {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned(), "127.0.0.1".to_owned()]).unwrap();
    let key = PrivateKeyDer::Pkcs8(made.signing_key.serialize_der().into());
    let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    config.alpn_protocols = vec![b"h2".to_vec()];
    let acceptor = TlsAcceptor::from(Arc::new(config));
    Peer::tcp(move |stream| {
        let acceptor = acceptor.clone();
        async move {
            let stream = acceptor.accept(stream).await.unwrap();
            drop(mid_stream(stream, end).await);
        }
    })
}

#[derive(Debug, Clone, Copy)]
enum End {
    /// An alert that means the end of all.
    FatalAlert,
    /// The orderly end of TLS, in the middle of a message.
    CloseNotify,
    /// A record that nobody can have sent.
    Garbage,
}

type Tls = tokio_rustls::server::TlsStream<tokio::net::TcpStream>;

async fn mid_stream(stream: Tls, end: End) -> std::io::Result<()> {
    let (near, far) = tokio::io::duplex(1 << 16);
    let (mut from_client, mut to_client) = tokio::io::split(stream);
    let (mut from_script, mut to_script) = tokio::io::split(far);
    let script = async move {
        let mut talk = Talk::over(near);
        talk.preface().await?;
        talk.settings(&[]).await?;
        let stream = talk.request().await?;
        talk.headers(stream, OK).await?;
        talk.message(stream, b"\x08\x02").await?;
        std::io::Result::Ok(())
    };
    let carried = async { tokio::io::copy(&mut from_client, &mut to_script).await };
    // What the script said is on its way when it is over.
    let said = async { tokio::io::copy(&mut from_script, &mut to_client).await };
    tokio::select! {
        (script, said) = async { tokio::join!(script, said) } => { script?; said?; }
        carried = carried => { carried?; }
    }
    let mut stream = from_client.unsplit(to_client);
    finish(&mut stream, end).await
}

async fn finish(stream: &mut Tls, end: End) -> std::io::Result<()> {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    match end {
        End::CloseNotify => stream.shutdown().await?,
        End::FatalAlert => {
            // Made to think that the client broke TLS, it says so, in the connection's own keys.
            let (_, tls) = stream.get_mut();
            let mut broken = &b"\x17\x03\x03\x00\x20 what no client can have sent .."[..];
            tls.read_tls(&mut broken)?;
            assert!(tls.process_new_packets().is_err() && tls.wants_write());
            let mut alert = Vec::new();
            while tls.wants_write() {
                tls.write_tls(&mut alert)?;
            }
            stream.get_mut().0.write_all(&alert).await?;
        }
        End::Garbage => {
            stream.get_mut().0.write_all(b"\x17\x03\x03\x00\x20 what no server can have sent ..").await?;
        }
    }
    // The client is left to leave.
    let mut rest = Vec::new();
    stream.get_mut().0.read_to_end(&mut rest).await.map(drop)
}

fn over_tls(end: End) -> crate::common::Output {
    let peer = tls(end);
    let schema =
        "demo.v1.Demo/CountDown -o jsonl -I proto --proto demo/v1/demo.proto --insecure --timeout 20s";
    rpcctl("call").arg(format!("https://{}", peer.address)).args(schema).run()
}

#[test]
fn tls_alert_mid_stream() {
    assert_snapshot!(over_tls(End::FatalAlert), @r#"
    {"number":2}
    ------- stderr -------
    warning: --insecure: nothing verifies that this is https://127.0.0.1:PORT
    error: UNAVAILABLE (14, on this side): the connection was lost before the call was over: received fatal alert: BadRecordMac
    [exit 78]
    "#);
}

#[test]
fn tls_that_ends_mid_stream() {
    assert_snapshot!(over_tls(End::CloseNotify), @r#"
    {"number":2}
    ------- stderr -------
    warning: --insecure: nothing verifies that this is https://127.0.0.1:PORT
    error: UNAVAILABLE (14, on this side): the connection was lost before the call was over
    [exit 78]
    "#);
}

#[test]
fn tls_that_is_broken_mid_stream() {
    assert_snapshot!(over_tls(End::Garbage), @r#"
    {"number":2}
    ------- stderr -------
    warning: --insecure: nothing verifies that this is https://127.0.0.1:PORT
    error: UNAVAILABLE (14, on this side): the connection was lost before the call was over: cannot decrypt peer's message
    [exit 78]
    "#);
}

/// A server that reads nothing: a request larger than any window is not finished, and the deadline is.
#[test]
fn a_server_that_does_not_read() {
    let peer = raw(|mut talk: Talk| async move {
        talk.preface().await?;
        talk.settings(&[]).await?;
        std::future::pending().await
    });
    let name = "x".repeat(1 << 20);
    let output = hello(&peer).args("--timeout 500ms -d @").stdin(format!(r#"{{"name": "{name}"}}"#)).run();
    assert_snapshot!(output, @"
    ------- stderr -------
    error: DEADLINE_EXCEEDED (4, on this side): the deadline of 500ms passed while waiting for the answer to begin
    [exit 68]
    ");
}
