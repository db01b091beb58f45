//! Answers that are no gRPC answers, by their HTTP status, and servers that speak no HTTP/2 at all: the sixteen rows of
//! gRPC's own `bad_server_response_test`.

use insta::assert_snapshot;

use super::raw::{Talk, answered, hello, raw};
use crate::common::{Output, Peer};

/// A head with this status, which says that nothing follows, and no end of the stream.
fn http(status: &'static str) -> Output {
    answered(move |mut talk: Talk, stream| async move {
        let head = [(":status", status), ("content-type", "application/grpc"), ("content-length", "0")];
        talk.headers(stream, &head).await?;
        talk.hang().await
    })
}

#[test]
fn http_204_no_content() {
    assert_snapshot!(http("204"), @"
    ------- stderr -------
    error: UNKNOWN (2, read off a broken answer): the server answered HTTP 204 No Content and no gRPC status
    [exit 66]
    ");
}

#[test]
fn http_206_partial_content() {
    assert_snapshot!(http("206"), @"
    ------- stderr -------
    error: UNKNOWN (2, read off a broken answer): the server answered HTTP 206 Partial Content and no gRPC status
    [exit 66]
    ");
}

#[test]
fn http_304_not_modified() {
    assert_snapshot!(http("304"), @"
    ------- stderr -------
    error: UNKNOWN (2, read off a broken answer): the server answered HTTP 304 Not Modified and no gRPC status
    [exit 66]
    ");
}

#[test]
fn http_400_bad_request() {
    assert_snapshot!(http("400"), @"
    ------- stderr -------
    error: INTERNAL (13, read off a broken answer): the server answered HTTP 400 Bad Request and no gRPC status
    [exit 77]
    ");
}

#[test]
fn http_401_unauthorized() {
    assert_snapshot!(http("401"), @"
    ------- stderr -------
    error: UNAUTHENTICATED (16, read off a broken answer): the server answered HTTP 401 Unauthorized and no gRPC status
    [exit 80]
    ");
}

#[test]
fn http_403_forbidden() {
    assert_snapshot!(http("403"), @"
    ------- stderr -------
    error: PERMISSION_DENIED (7, read off a broken answer): the server answered HTTP 403 Forbidden and no gRPC status
    [exit 71]
    ");
}

#[test]
fn http_404_not_found() {
    assert_snapshot!(http("404"), @"
    ------- stderr -------
    error: UNIMPLEMENTED (12, read off a broken answer): the server answered HTTP 404 Not Found and no gRPC status
    [exit 76]
    ");
}

#[test]
fn http_429_too_many_requests() {
    assert_snapshot!(http("429"), @"
    ------- stderr -------
    error: UNAVAILABLE (14, read off a broken answer): the server answered HTTP 429 Too Many Requests and no gRPC status
    [exit 78]
    ");
}

#[test]
fn http_499_client_closed_request() {
    assert_snapshot!(http("499"), @"
    ------- stderr -------
    error: UNKNOWN (2, read off a broken answer): the server answered HTTP 499 <unknown status code> and no gRPC status
    [exit 66]
    ");
}

#[test]
fn http_500_internal_server_error() {
    assert_snapshot!(http("500"), @"
    ------- stderr -------
    error: UNKNOWN (2, read off a broken answer): the server answered HTTP 500 Internal Server Error and no gRPC status
    [exit 66]
    ");
}

#[test]
fn http_502_bad_gateway() {
    assert_snapshot!(http("502"), @"
    ------- stderr -------
    error: UNAVAILABLE (14, read off a broken answer): the server answered HTTP 502 Bad Gateway and no gRPC status
    [exit 78]
    ");
}

#[test]
fn http_503_service_unavailable() {
    assert_snapshot!(http("503"), @"
    ------- stderr -------
    error: UNAVAILABLE (14, read off a broken answer): the server answered HTTP 503 Service Unavailable and no gRPC status
    [exit 78]
    ");
}

#[test]
fn http_504_gateway_timeout() {
    assert_snapshot!(http("504"), @"
    ------- stderr -------
    error: UNAVAILABLE (14, read off a broken answer): the server answered HTTP 504 Gateway Timeout and no gRPC status
    [exit 78]
    ");
}

/// Says this to whoever connects.
fn says(text: &'static [u8]) -> Output {
    let peer = raw(move |mut talk: Talk| async move {
        talk.preface().await?;
        talk.raw(text).await?;
        talk.hang().await
    });
    hello(&peer).run()
}

#[test]
fn text_that_is_no_http() {
    assert_snapshot!(says(b"Bad Request\n"), @r#"
    ------- stderr -------
    error: 127.0.0.1:PORT does not speak HTTP/2: its first bytes are "Bad Request\n"
    hint: gRPC needs HTTP/2: is this the right port, and no HTTP/1 proxy before it?
    [exit 1]
    "#);
}

#[test]
fn an_answer_of_http_1_0() {
    assert_snapshot!(says(b"HTTP/1.0 400 Bad Request\n\nBad Request"), @r#"
    ------- stderr -------
    error: 127.0.0.1:PORT is an HTTP/1 web server: it answers "HTTP/1.0 400 Bad Request"
    hint: gRPC needs HTTP/2: is this the right port, and no HTTP/1 proxy before it? A server of gRPC-Web or Connect may speak HTTP/1 alone: --protocol grpc-web, --protocol connect
    [exit 1]
    "#);
}

#[test]
fn bytes_of_no_meaning() {
    let noise: &'static [u8] =
        (0..4096_u32).map(|i| ((i * i) >> 3).to_le_bytes()[0] | 1).collect::<Vec<_>>().leak();
    assert_snapshot!(says(noise), @r#"
    ------- stderr -------
    error: 127.0.0.1:PORT does not speak HTTP/2: its first bytes are "\x01\x01\x01\x01\x03\x03\x05\x07\t\x0b\r\x0f\x13\x15\x19\x1d!%)-37=CIOU[ciqy"
    hint: gRPC needs HTTP/2: is this the right port, and no HTTP/1 proxy before it?
    [exit 1]
    "#);
}

/// A server that is connected to and says nothing.
fn silent() -> Peer {
    raw(|mut talk: Talk| async move {
        talk.preface().await?;
        talk.hang().await
    })
}

#[test]
fn no_settings_before_the_deadline() {
    assert_snapshot!(hello(&silent()).args("--timeout 300ms").run(), @"
    ------- stderr -------
    error: DEADLINE_EXCEEDED (4, on this side): the deadline of 300ms passed while connecting
    [exit 68]
    ");
}

#[test]
fn no_settings_before_the_connect_timeout() {
    assert_snapshot!(hello(&silent()).args("--connect-timeout 300ms").run(), @"
    ------- stderr -------
    error: 127.0.0.1:PORT: no HTTP/2 SETTINGS from the server within 300ms
    hint: something listens there and says nothing: does it speak TLS (--tls), or something else than gRPC? If it is only slow: --connect-timeout DURATION
    [exit 1]
    ");
}

#[test]
fn an_answer_before_any_settings() {
    let peer = raw(|mut talk: Talk| async move {
        talk.preface().await?;
        let stream = talk.request().await?;
        talk.answer(stream).await?;
        talk.hang().await
    });
    assert_snapshot!(hello(&peer).run(), @r#"
    {"message":"hi"}
    [exit 0]
    "#);
}

/// The page of an error that is never sent to its end: what it is was said before.
#[test]
fn an_error_page_without_an_end() {
    let output = answered(|mut talk: Talk, stream| async move {
        talk.headers(stream, &[(":status", "503"), ("content-type", "text/html")]).await?;
        talk.data(stream, b"<h1>Upstream").await?;
        talk.hang().await
    });
    assert_snapshot!(output, @"
    ------- stderr -------
    error: UNAVAILABLE (14, read off a broken answer): the server answered HTTP 503 Service Unavailable and no gRPC status, with content-type text/html: <h1>Upstream
    [exit 78]
    ");
}

/// A first word that is shorter than any frame, on a connection that stays open: it is told by what it is, and nothing is
/// waited for.
fn short(word: &'static [u8]) -> Output {
    let peer = Peer::tcp(move |mut stream| async move {
        use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
        drop(stream.write_all(word).await);
        drop(stream.read_to_end(&mut Vec::new()).await);
        std::future::pending::<()>().await;
    });
    let began = std::time::Instant::now();
    let output = hello(&peer).args("--connect-timeout 20s").run();
    assert!(began.elapsed() < std::time::Duration::from_secs(5), "{:?}", began.elapsed());
    output
}

#[test]
fn short_words() {
    assert_snapshot!(short(b"-ERR x\r\n"), @r#"
    ------- stderr -------
    error: 127.0.0.1:PORT does not speak HTTP/2: its first bytes are "-ERR x\r\n"
    hint: gRPC needs HTTP/2: is this the right port, and no HTTP/1 proxy before it?
    [exit 1]
    "#);
    assert_snapshot!(short(b"\x15\x03\x03\0\x02\x02\x46"), @"
    ------- stderr -------
    error: 127.0.0.1:PORT speaks TLS, and it was called in plaintext
    hint: speak TLS: --tls (and --cacert FILE for a private CA)
    [exit 1]
    ");
    assert_snapshot!(short(b"\x16\x03"), @"
    ------- stderr -------
    error: 127.0.0.1:PORT speaks TLS, and it was called in plaintext
    hint: speak TLS: --tls (and --cacert FILE for a private CA)
    [exit 1]
    ");
    assert_snapshot!(short(b"HTTP/1."), @r#"
    ------- stderr -------
    error: 127.0.0.1:PORT is an HTTP/1 web server: it answers "HTTP/1."
    hint: gRPC needs HTTP/2: is this the right port, and no HTTP/1 proxy before it? A server of gRPC-Web or Connect may speak HTTP/1 alone: --protocol grpc-web, --protocol connect
    [exit 1]
    "#);
    // Two bytes of a length, and a type that is not that of SETTINGS.
    assert_snapshot!(short(b"\0\0\x08\x06"), @r#"
    ------- stderr -------
    error: 127.0.0.1:PORT does not speak HTTP/2: its first bytes are "\x00\x00\x08\x06"
    hint: gRPC needs HTTP/2: is this the right port, and no HTTP/1 proxy before it?
    [exit 1]
    "#);
}
