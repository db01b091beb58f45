//! Messages that are more than they seem: a few bytes that become many, and JSON that goes deeper than anybody reads.

use std::io::Read as _;

use flate2::read::GzDecoder;
use flate2::{Compress, Compression, FlushCompress};
use insta::assert_snapshot;

use super::flood::BOUND;
use super::raw::{DONE, OK, Talk, asked, demo, hello};
use crate::common::{Output, Peer, Step, envelope};

/// Half a gibibyte of zeros in half a mebibyte: one block of them, again and again.
fn deflated() -> Vec<u8> {
    let mut deflate = Compress::new(Compression::best(), false);
    let mut block = Vec::with_capacity(1 << 16);
    // Such a block begins anew, and ends with a byte.
    deflate.compress_vec(&vec![0; 1 << 20], &mut block, FlushCompress::Full).unwrap();
    block.repeat(512)
}

/// Much in little, in each of the ways that are offered.
fn bombs() -> [(&'static str, Vec<u8>); 4] {
    let gzip = [&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3][..], &deflated()].concat();
    let zlib = [&[0x78, 0x9c][..], &deflated()].concat();
    let br = rpcctl::compression::Compression::Brotli.compress(&vec![0; 128 << 20]).unwrap();
    // A frame with a window of 128 KiB, and blocks that are one byte, so many times (RFC 8878 §3.1.1).
    let block = [&((1_u32 << 20) | (1 << 1)).to_le_bytes()[..3], &[0]].concat();
    let zstd = [&[0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x38][..], &block.repeat(4096)].concat();
    [("gzip", gzip), ("deflate", zlib), ("br", br), ("zstd", zstd)]
}

fn refused((output, peak): (Output, u64), what: &str) {
    assert!(peak < BOUND, "{what}: {peak}");
    assert_eq!(
        output.to_string(),
        "\
------- stderr -------
error: RESOURCE_EXHAUSTED (8, on this side): a message is larger, decompressed, than the limit of 4194304 bytes
hint: take larger messages with --max-message-size, such as 64M; 0 is no limit
[exit 72]",
        "{what}"
    );
}

#[test]
fn bombs_in_envelopes() {
    for (encoding, bomb) in bombs() {
        assert!(bomb.len() < 1 << 20, "{encoding}: {}", bomb.len());
        let bomb = envelope(1, &bomb);
        let peer = asked(move |mut talk: Talk, stream| {
            let bomb = bomb.clone();
            async move {
                talk.headers(stream, &[OK, &[("grpc-encoding", encoding)]].concat()).await?;
                talk.data(stream, &bomb).await?;
                talk.trailers(stream, DONE).await?;
                talk.hang().await
            }
        });
        refused(hello(&peer).run_measured(), encoding);
    }
}

#[test]
fn bombs_without_envelopes() {
    for (encoding, bomb) in bombs() {
        let peer = Peer::h2(move |_, _| {
            let head = vec![("content-type", "application/proto"), ("content-encoding", encoding)];
            vec![Step::Headers(200, head), Step::Data(bomb.clone()), Step::End]
        });
        refused(hello(&peer).args("--protocol connect").run_measured(), encoding);
    }
}

/// What is told of an error is its HTTP status, for nobody can read it.
#[test]
fn bombs_that_are_errors() {
    for (encoding, bomb) in bombs() {
        let peer = Peer::h2(move |_, _| {
            let head = vec![("content-type", "application/json"), ("content-encoding", encoding)];
            vec![Step::Headers(403, head), Step::Data(bomb.clone()), Step::End]
        });
        let (output, peak) = hello(&peer).args("--protocol connect").run_measured();
        assert!(peak < BOUND, "{encoding}: {peak}");
        assert_eq!(
            output.to_string(),
            "\
------- stderr -------
error: PERMISSION_DENIED (7, read off a broken answer): the server answered HTTP 403 Forbidden and an error of more than 1048576 bytes
[exit 71]",
            "{encoding}"
        );
    }
}

/// The test that the bombs are bombs.
#[test]
fn a_bomb_is_much_in_little() {
    let [(_, gzip), ..] = bombs();
    let mut start = vec![1; 5 << 20];
    GzDecoder::new(&gzip[..]).read_exact(&mut start).unwrap();
    assert!(start.iter().all(|byte| *byte == 0));
    for (encoding, bomb) in bombs() {
        let encoding = rpcctl::compression::Compression::by_name(encoding.as_bytes()).unwrap();
        // What it is otherwise would be too much to print.
        let damage = encoding.decompress(&bomb, 60 << 20).err();
        assert_eq!(damage, Some(rpcctl::compression::Damage::TooLarge), "{encoding}");
    }
}

/// A unary answer of Connect in JSON.
fn json(body: impl Into<Vec<u8>>) -> Peer {
    let body = body.into();
    Peer::h2(move |_, _| {
        let head = vec![("content-type", "application/json")];
        vec![Step::Headers(200, head), Step::Data(body.clone()), Step::End]
    })
}

/// `demo.v1.Everything` in its field `child`, and so on.
#[test]
fn json_20_000_deep() {
    let deep = format!("{}{{}}{}", r#"{"child":"#.repeat(20_000), "}".repeat(20_000));
    let peer = json(deep.clone());
    let (output, peak) = demo(&peer, "Echo").args("--protocol connect --codec json").run_measured();
    assert!(peak < BOUND, "{peak}");
    // What came is shown.
    assert_eq!(output.text().trim(), deep);
    assert_snapshot!(output.talk(), @"error: message 1 does not fit: it is no demo.v1.Everything: child.child.child.child.child.child.child.child.child.child.child.child.….child.child.child at line 1 column 1819: messages are nested more than 100 deep, which receivers refuse");
    assert_eq!(output.code, Some(77));
}

#[test]
fn what_is_no_json_where_json_was_asked_for() {
    let run = |body: &str, flags: &str| {
        let words = format!("--protocol connect --codec json {flags}");
        demo(&json(body), "Echo").args(&words).run()
    };
    assert_snapshot!(run("{\"child\":", ""), @r#"
    {"@error":"child at line 1 column 10: not valid JSON: expected a value after ':', found the end of the input inside the object that begins at line 1 column 1","@value":"eyJjaGlsZCI6"}
    ------- stderr -------
    error: message 1 does not fit: it is no demo.v1.Everything: child at line 1 column 10: not valid JSON: expected a value after ':', found the end of the input inside the object that begins at line 1 column 1
    [exit 77]
    "#);
    assert_snapshot!(run("\u{1b}[31mred", ""), @r#"
    {"@error":"line 1 column 1: not valid JSON: expected a JSON value, found '\\u{1b}'","@value":"G1szMW1yZWQ="}
    ------- stderr -------
    error: message 1 does not fit: it is no demo.v1.Everything: line 1 column 1: not valid JSON: expected a JSON value, found '\u{1b}'
    [exit 77]
    "#);
    assert_snapshot!(run("{\"child\":1}", ""), @r#"
    {"child":1}
    ------- stderr -------
    error: message 1 does not fit: it is no demo.v1.Everything: child at line 1 column 10: expected demo.v1.Everything (an object), found 1
    [exit 77]
    "#);
    assert_snapshot!(run("{\"child\":1}", "-o text"), @r#"
    {"child":1}
    ------- stderr -------
    error: message 1 does not fit: it is no demo.v1.Everything: child at line 1 column 10: expected demo.v1.Everything (an object), found 1
    [exit 77]
    "#);
    assert_snapshot!(run("{\"child\":1}", "-o none"), @"
    ------- stderr -------
    error: message 1 does not fit: it is no demo.v1.Everything: child at line 1 column 10: expected demo.v1.Everything (an object), found 1
    [exit 77]
    ");
    let exchange = run("{\"child\":", "-o exchange");
    let document: serde_json::Value = serde_json::from_str(&exchange.text()).unwrap();
    assert_eq!((exchange.code, &document["exit"]), (Some(77), &serde_json::json!(77)), "{exchange}");
    // What a newer server says besides is nothing wrong.
    assert_snapshot!(run("{\"int32Value\":1,\"newer\":[{}]}", ""), @r#"
    {"int32Value":1}
    [exit 0]
    "#);
}
