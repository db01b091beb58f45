//! Headers and trailers of any size, and in any number of frames.

use insta::assert_snapshot;
use rpcctl::http2::{Block, Frame, Head, Headers, kind};

use super::flood::BOUND;
use super::raw::{DONE, HI, OK, Talk, answered, asked, hello};
use crate::common::Peer;

/// A right answer with this much metadata before and behind it.
fn with_metadata(size: usize, count: usize) -> Peer {
    asked(move |mut talk: Talk, stream| async move {
        let value = "v".repeat(size / count);
        let more = vec![("x-more", value.as_str()); count];
        talk.headers(stream, &[OK, &more].concat()).await?;
        talk.message(stream, HI).await?;
        talk.trailers(stream, &[DONE, &more].concat()).await?;
        talk.hang().await
    })
}

#[test]
fn metadata_of_16_kib() {
    let output = hello(&with_metadata(16 << 10, 1)).arg("-v").run();
    assert_eq!((output.code, output.text().as_str()), (Some(0), "{\"message\":\"hi\"}\n"), "{output}");
    assert_eq!(output.talk().matches("vvvv").count(), 2 * (16 << 10) / 4, "{output}");
}

#[test]
fn metadata_of_16_kib_in_many_fields() {
    let output = hello(&with_metadata(16 << 10, 128)).arg("-v").run();
    assert_eq!((output.code, output.text().as_str()), (Some(0), "{\"message\":\"hi\"}\n"), "{output}");
    assert_eq!(output.talk().matches("x-more").count(), 256, "{output}");
}

/// One byte more than is taken.
#[test]
fn metadata_of_1_mib() {
    let (output, peak) = hello(&with_metadata(1 << 20, 1)).run_measured();
    assert!(peak < BOUND, "{peak}");
    assert_snapshot!(output, @"
    ------- stderr -------
    error: INTERNAL (13, read off a broken answer): the server broke HTTP/2: unspecific protocol error detected
    hint: headers or trailers larger than --max-header-size end like this, too
    [exit 77]
    ");
}

#[test]
fn metadata_of_1_mib_that_is_taken() {
    let (output, peak) = hello(&with_metadata(1 << 20, 16)).args("--max-header-size 4M").run_measured();
    assert!(peak < BOUND, "{peak}");
    assert_snapshot!(output, @r#"
    {"message":"hi"}
    [exit 0]
    "#);
}

/// Trailers that are too large take nothing away from what came before, and what follows the status in them is all that
/// the HTTP library leaves out.
#[test]
fn trailers_of_1_mib() {
    let output = answered(|mut talk: Talk, stream| async move {
        talk.headers(stream, OK).await?;
        talk.message(stream, HI).await?;
        let value = "v".repeat(1 << 20);
        talk.trailers(stream, &[DONE, &[("x-more", value.as_str())]].concat()).await?;
        talk.hang().await
    });
    assert_snapshot!(output, @r#"
    {"message":"hi"}
    [exit 0]
    "#);
}

/// A few bytes that are many headers: an entry of 4,000 bytes, named a hundred thousand times.
#[test]
fn headers_that_are_a_bomb() {
    let peer = asked(|mut talk: Talk, stream| async move {
        use rpcctl::http2::hpack::{Literal, Strings, write};
        let mut block = talk.block(OK);
        write::literal(&mut block, Literal::Added, b"x-bomb", &[b'v'; 4000], Strings::Plain);
        block.extend(vec![0xbe; 100_000]);
        talk.blocked(stream, &block, false).await?;
        talk.hang().await
    });
    let (output, peak) = hello(&peer).run_measured();
    assert!(peak < BOUND, "{peak}");
    assert_snapshot!(output, @"
    ------- stderr -------
    error: INTERNAL (13, read off a broken answer): the server broke HTTP/2: detected excessive load generating behavior
    [exit 77]
    ");
}

/// A header block without an end, in frames as long as they may be.
#[test]
fn continuation_flood() {
    flood(&[0x40; 1 << 14]);
}

/// The same in frames that hold nothing, which costs the server as little.
#[test]
fn continuation_flood_of_nothing() {
    flood(b"");
}

fn flood(fragment: &'static [u8]) {
    let peer = asked(move |mut talk: Talk, stream| async move {
        let block = talk.block(OK);
        let block = Block { stream, fragment: &block, ends: false };
        talk.send(&[Frame::Headers(Headers { block, end_stream: false, priority: None, padding: None })])
            .await?;
        let length = u32::try_from(fragment.len()).unwrap();
        let frame =
            [&Head { length, kind: kind::CONTINUATION, flags: 0, stream }.to_bytes(), fragment].concat();
        let many = frame.repeat((1 << 20) / frame.len());
        loop {
            talk.raw(&many).await?;
        }
    });
    let (output, peak) = hello(&peer).run_measured();
    assert!(peak < BOUND, "{peak}");
    let told = output.to_string();
    assert_eq!(output.code, Some(77), "{told}");
    assert!(told.contains("INTERNAL (13"), "{told}");
}

/// Pseudo-headers behind the others, as in gRPC's own test of bad answers, which no HTTP/2 has.
#[test]
fn a_status_behind_other_headers() {
    let output = answered(|mut talk: Talk, stream| async move {
        talk.headers(stream, &[("content-type", "application/grpc"), (":status", "200")]).await?;
        talk.hang().await
    });
    assert_snapshot!(output, @"
    ------- stderr -------
    error: INTERNAL (13, read off a broken answer): the server broke HTTP/2: unspecific protocol error detected
    hint: headers or trailers larger than --max-header-size end like this, too
    [exit 77]
    ");
}

#[test]
fn no_status_of_http() {
    let output = answered(|mut talk: Talk, stream| async move {
        talk.headers(stream, &[("content-type", "application/grpc")]).await?;
        talk.hang().await
    });
    assert_snapshot!(output, @"
    ------- stderr -------
    error: INTERNAL (13, read off a broken answer): the server broke HTTP/2: unspecific protocol error detected
    hint: headers or trailers larger than --max-header-size end like this, too
    [exit 77]
    ");
}

#[test]
fn a_name_in_capitals() {
    let output = answered(|mut talk: Talk, stream| async move {
        talk.headers(stream, &[OK, &[("X-Loud", "1")]].concat()).await?;
        talk.hang().await
    });
    assert_snapshot!(output, @"
    ------- stderr -------
    error: INTERNAL (13, read off a broken answer): the server broke HTTP/2: unspecific protocol error detected
    hint: headers or trailers larger than --max-header-size end like this, too
    [exit 77]
    ");
}
