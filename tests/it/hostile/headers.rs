//! Headers and trailers of any size, and in any number of frames.

use std::sync::mpsc;
use std::time::Duration;

use insta::assert_snapshot;
use rpcctl::http2::hpack::{Decoder, Field};
use rpcctl::http2::{Block, Frame, Head, Headers, kind};

use super::flood::BOUND;
use super::raw::{DONE, HI, OK, Talk, answered, asked, hello, raw};
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
    error: INTERNAL (13, on this side): the answer's headers take 1048674 bytes, more than the limit of 1048576 bytes
    hint: take larger headers with --max-header-size 4M
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

/// An answer with this in its trailers.
fn trailed(fields: Vec<(&'static str, String)>) -> Peer {
    asked(move |mut talk: Talk, stream| {
        let fields = fields.clone();
        async move {
            talk.headers(stream, OK).await?;
            talk.message(stream, HI).await?;
            let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
            talk.trailers(stream, &fields).await?;
            talk.hang().await
        }
    })
}

fn gone() -> [(&'static str, String); 2] {
    [("grpc-status", "5".to_owned()), ("grpc-message", "gone".to_owned())]
}

/// Trailers that are larger than headers may be take nothing away: how the call ended stands in them.
#[test]
fn a_status_behind_trailers_of_1_mib() {
    let more = ("x-more", "v".repeat(1_100_000));
    let peer = trailed([&[more][..], &gone()].concat());
    assert_snapshot!(hello(&peer).run(), @r#"
    {"message":"hi"}
    ------- stderr -------
    error: NOT_FOUND (5): gone
    [exit 69]
    "#);
    let output = hello(&peer).arg("-v").run();
    assert!(output.talk().contains(&"v".repeat(1_100_000)), "all of it is shown");
}

#[test]
fn details_of_1_mib() {
    // A message of `google.rpc.Status` with a long text in it.
    let text = "d".repeat(800_000);
    let mut details = b"\x08\x05\x12".to_vec();
    prost::encoding::encode_varint(text.len() as u64, &mut details);
    details.extend(text.as_bytes());
    let any = b"\x1a\x0c\x0a\x05a.b/C\x12\x03\x08\x96\x01";
    details.extend(any);
    let details = base64::Engine::encode(&base64::prelude::BASE64_STANDARD, details);
    assert!(details.len() > 1 << 20);
    let peer = trailed([&gone()[..], &[("grpc-status-details-bin", details)]].concat());
    assert_snapshot!(hello(&peer).run(), @r#"
    {"message":"hi"}
    ------- stderr -------
    error: NOT_FOUND (5): gone
      1. {
           "@type": "a.b/C",
           "@error": "message type C is not known",
           "@value": "CJYB"
         }
    [exit 69]
    "#);
}

#[test]
fn trailers_and_nothing_else_of_1_mib() {
    let output = answered(|mut talk: Talk, stream| async move {
        let value = "v".repeat(1_100_000);
        let status = [("x-more", value.as_str()), ("grpc-status", "5"), ("grpc-message", "gone")];
        talk.trailers(stream, &[OK, &status].concat()).await?;
        talk.hang().await
    });
    assert_snapshot!(output, @"
    ------- stderr -------
    error: NOT_FOUND (5): gone
    [exit 69]
    ");
}

/// What the HTTP library cuts is lost, and the hint says how to have it.
#[test]
fn a_status_behind_trailers_beyond_all_room() {
    let more = |size: usize| ("x-more", "v".repeat(size));
    let peer = trailed([&[more(4_400_000)][..], &gone()].concat());
    let (output, peak) = hello(&peer).run_measured();
    assert!(peak < BOUND, "{peak}");
    assert_snapshot!(output, @r#"
    {"message":"hi"}
    ------- stderr -------
    error: INTERNAL (13, read off a broken answer): the server ended its answer without a grpc-status
    hint: if its trailers take more than 4194304 bytes, they came cut: --max-header-size 4M
    [exit 77]
    "#);
    assert_snapshot!(hello(&peer).args("--max-header-size 4M").run(), @r#"
    {"message":"hi"}
    ------- stderr -------
    error: NOT_FOUND (5): gone
    [exit 69]
    "#);
    let peer = trailed([&[more(16 << 20)][..], &gone()].concat());
    let (output, peak) = hello(&peer).run_measured();
    assert!(peak < BOUND, "{peak}");
    assert_snapshot!(output, @r#"
    {"message":"hi"}
    ------- stderr -------
    error: INTERNAL (13, on this side): the server's headers, or its trailers, are larger than is taken
    hint: take larger ones with --max-header-size 4M
    [exit 77]
    "#);
}

/// So much that the HTTP library takes no more of it.
#[test]
fn headers_beyond_all_room() {
    for size in [5_000_000, 16 << 20] {
        let (output, peak) = hello(&with_metadata(size, 1)).run_measured();
        assert!(peak < BOUND, "{peak}");
        assert_eq!(output.code, Some(77), "{output}");
        assert!(output.talk().contains("--max-header-size 4M\n"), "{output}");
    }
}

/// HTTP/1.1's library has one buffer for them.
#[test]
fn headers_of_http1() {
    let value = "v".repeat(1_100_000);
    let peer = Peer::http1(move |_, _| {
        let head = "HTTP/1.1 200 OK\r\ncontent-type: application/proto\r\ncontent-length: 0\r\n";
        format!("{head}x-more: {value}\r\n\r\n").into_bytes()
    });
    let call = || hello(&peer).args("--protocol connect --http 1.1");
    assert_snapshot!(call().run(), @"
    ------- stderr -------
    error: INTERNAL (13, on this side): the answer's headers take 1100146 bytes, more than the limit of 1048576 bytes
    hint: take larger headers with --max-header-size 4M
    [exit 77]
    ");
    assert_snapshot!(call().args("--max-header-size 4M").run(), @"
    {}
    [exit 0]
    ");
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
    error: INTERNAL (13, on this side): the server's headers, or its trailers, are larger than is taken
    hint: take larger ones with --max-header-size 4M
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
    hint: headers that take more than 4194304 bytes end like this, too: --max-header-size 4M
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
    hint: headers that take more than 4194304 bytes end like this, too: --max-header-size 4M
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
    [exit 77]
    ");
}

/// RFC 7541 §7.1.3: whoever passes the request on keeps them out of tables, too.
#[test]
fn credentials_are_marked_as_never_to_be_remembered() {
    let (tell, told) = mpsc::channel();
    let peer = raw(move |mut talk| {
        let tell = tell.clone();
        async move {
            talk.preface().await?;
            talk.settings(&[]).await?;
            while let Some(came) = talk.next().await? {
                let Frame::Headers(headers) = came.frame() else { continue };
                let mut marked = Vec::new();
                let note = |field: Field<'_>| {
                    if field.sensitive {
                        marked.push(String::from_utf8_lossy(field.name).into_owned());
                    }
                };
                Decoder::new(1 << 20).decode(headers.block.fragment, note).expect("a header block");
                tell.send(marked).expect("somebody listens");
                return Ok(());
            }
            Ok(())
        }
    });
    hello(&peer).args("--bearer secret -H x-api-key:secret -H x-id:1").run();
    let mut marked = told.recv_timeout(Duration::from_secs(20)).expect("there was a request");
    marked.sort();
    assert_eq!(marked, ["authorization", "x-api-key"]);
}
