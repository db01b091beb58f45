//! Messages in a row through `rpcctl encode` and `rpcctl decode`: every way to write several, one by one as they come.

use std::fmt::Write as _;

use crate::common::rpcctl;

const FORMATS: [&str; 3] = ["binary", "hex", "base64"];
const FRAMINGS: [&str; 3] = ["none", "varint", "grpc"];

#[test]
fn however_many_go_in_come_out() {
    let long = format!("{{\"name\":\"{}\"}}", "long ".repeat(100));
    let rows: [&[&str]; 7] = [
        &[],
        &["{}"],
        &[r#"{"name":"A"}"#],
        &[&long],
        &["{}", "{}"],
        &[r#"{"name":"A"}"#, r#"{"name":"B"}"#, "{}"],
        &["{}", &long, r#"{"name":"A"}"#],
    ];
    let mut tried = String::new();
    for format in FORMATS {
        for framing in FRAMINGS {
            for row in rows {
                // Without anything around it, there is exactly one.
                if (format, framing) == ("binary", "none") && row.len() != 1 {
                    continue;
                }
                let documents: String = row.iter().fold(String::new(), |all, one| all + one + "\n");
                let way = format!("--framing {framing}");
                let encoded = rpcctl("encode demo: hello.HelloRequest")
                    .args(&format!("{way} -o {format}"))
                    .stdin(documents.as_bytes())
                    .run();
                assert_eq!(encoded.code, Some(0), "{encoded}");
                let decode = |output: &str| {
                    rpcctl("decode demo: hello.HelloRequest")
                        .args(&format!("{way} -i {format} -o {output}"))
                        .stdin(encoded.stdout.clone())
                        .run()
                };
                let decoded = decode("jsonl");
                assert_eq!((decoded.text(), decoded.code), (documents, Some(0)), "{format} {framing}");
                // And once more through the format in which nothing stands for an empty message.
                let text = decode("text").stdout;
                let again = rpcctl("encode demo: hello.HelloRequest -i text")
                    .args(&format!("{way} -o {format}"))
                    .stdin(text)
                    .run();
                if (format, framing, row) != ("binary", "none", &["{}"]) {
                    assert_eq!(again.stdout, encoded.stdout, "{format} {framing}");
                }
                let _ = write!(tried, "{format} {framing} {}, ", row.len());
            }
        }
    }
    assert_eq!(tried.matches(", ").count(), 3 + 8 * 7, "{tried}");
}

#[test]
fn each_d_is_a_row_of_its_own() {
    let run = |words: &str| rpcctl("decode demo: hello.HelloRequest -o jsonl").args(words).run().to_string();
    let both = "{\"name\":\"A\"}\n{\"name\":\"B\"}\n[exit 0]";
    assert_eq!(run("-i hex -d 0a0141 -d 0a0142"), both);
    assert_eq!(run("-i hex --framing varint -d 030a0141 -d 030a0142"), both);
    insta::assert_snapshot!(run("-i hex -d 0a0141 -d 0a0z"), @r#"
    {"name":"A"}
    ------- stderr -------
    error: -d #2: line 1 column 4: 'z' is no hexadecimal digit
    hint: for base64: -i base64
    [exit 2]
    "#);
    insta::assert_snapshot!(run("-i hex --framing varint -d 030a0141 -d 030a01"), @r#"
    {"name":"A"}
    ------- stderr -------
    error: -d #2: at byte 0: the message is 3 bytes long, and the input ends after 2 of them, at byte 3
    hint: other framings: --framing none, grpc
    [exit 1]
    "#);
    insta::assert_snapshot!(run("-i hex -d @ -d @-"), @"
    ------- stderr -------
    error: stdin can be read only once, and -d @ is given more than once
    [exit 2]
    ");
}

#[test]
fn a_dump_is_one_message() {
    let dump = "00000000: 0a05 416c 6963 65                        ..Alice\n";
    for (words, dump) in [
        ("-i hex", dump),
        ("-i hex", "00000000  0a 05 41 6c 69 63 65  |..Alice|\n00000007\n"),
        ("-i hex", "0000000 0a 05 41 6c 69 63 65\n0000007\n"),
        ("-i hex --framing varint", "00000000: 070a 0541 6c69 6365  ...Alice\n"),
    ] {
        let output = rpcctl("decode demo: hello.HelloRequest -o jsonl").args(words).stdin(dump).run();
        assert_eq!(output.to_string(), "{\"name\":\"Alice\"}\n[exit 0]", "{dump}");
    }
    let words = rpcctl("decode demo: hello.HelloRequest -i hex").stdin("0000000 050a 6c41 6369 0065\n").run();
    insta::assert_snapshot!(words, @"
    ------- stderr -------
    error: stdin: line 1 column 9: a dump in words, whose order of bytes is the machine's: xxd, hexdump -C and od -t x1 show bytes
    [exit 2]
    ");
}

#[test]
fn messages_come_out_as_they_go_in() {
    let mut encode = rpcctl("encode demo: hello.HelloRequest -o hex").start();
    encode.write("{\"name\":\"A\"}\n");
    assert_eq!(encode.line(), "0a0141");
    encode.write("{\"name\":\"B\"}\n");
    assert_eq!(encode.line(), "0a0142");
    encode.close_stdin();
    assert_eq!(encode.wait().code, Some(0));
    for (words, a, b) in [
        ("demo: hello.HelloRequest -i hex -o jsonl", "0a0141\n", "0a0142\n"),
        ("demo: hello.HelloRequest -i base64 -o jsonl --framing grpc", "AAAAAAMKAUE=\n", "AAAAAAMKAUI=\n"),
    ] {
        let mut decode = rpcctl("decode").args(words).start();
        decode.write(a);
        assert_eq!(decode.line(), "{\"name\":\"A\"}", "{words}");
        decode.write(b);
        assert_eq!(decode.line(), "{\"name\":\"B\"}", "{words}");
        decode.close_stdin();
        assert_eq!(decode.wait().code, Some(0), "{words}");
    }
}

#[test]
fn a_reader_that_goes_away_ends_both() {
    let documents = "{\"name\":\"A\"}\n".repeat(100_000);
    let encoded = rpcctl("encode demo: hello.HelloRequest -o hex").stdin(documents).reading_only(2).run();
    assert_eq!(encoded.to_string(), "0a0141\n0a0141\n[exit 0]");
    let lines = "0a0141\n".repeat(100_000);
    let decoded = rpcctl("decode demo: hello.HelloRequest -i hex -o jsonl").stdin(lines.clone());
    assert_eq!(decoded.reading_only(2).run().to_string(), "{\"name\":\"A\"}\n{\"name\":\"A\"}\n[exit 0]");
    let raw = rpcctl("decode --raw").stdin(b"\x08\x01".repeat(1 << 20)).reading_only(2).run();
    assert_eq!(raw.to_string(), "1: 1\n1: 1\n[exit 0]");
}

#[test]
fn no_more_is_unpacked_than_is_allowed() {
    let row = [r#"{"name":"A"}"#.to_owned(), format!("{{\"name\":\"{}\"}}", "A".repeat(1 << 20))].concat();
    for compression in ["gzip", "deflate", "br", "zstd"] {
        let framed = rpcctl("encode demo: hello.HelloRequest --framing grpc --compression")
            .arg(compression)
            .stdin(row.as_bytes())
            .run();
        assert!(framed.code == Some(0) && framed.stdout.len() < 10_000, "{compression}");
        let decode = |size: &str| {
            rpcctl("decode demo: hello.HelloRequest --framing grpc -o jsonl --compression")
                .arg(compression)
                .args("--max-message-size")
                .arg(size)
                .stdin(framed.stdout.clone())
                .run()
        };
        let whole = decode("2M");
        assert_eq!((whole.text().lines().count(), whole.code), (2, Some(0)), "{compression}");
        let refused = decode("1M");
        assert_eq!((refused.text().as_str(), refused.code), ("{\"name\":\"A\"}\n", Some(1)), "{compression}");
        let expected = format!(
            "a message that {compression} makes more than 1048576 bytes of, and no more are taken\n\
             hint: for larger ones: --max-message-size SIZE; 0 is no limit\n"
        );
        assert!(refused.talk().ends_with(&expected), "{refused}");
    }
    let unmarked = rpcctl("decode --raw --framing grpc -i hex -d 01000000030b0280").run();
    insta::assert_snapshot!(unmarked, @"
    ------- stderr -------
    error: at byte 0: a compressed message that bears no mark of gzip, deflate or zstd; br has none
    hint: if the server said br: --compression br
    [exit 1]
    ");
    let large = rpcctl("decode --raw --max-message-size 3 -i hex -d 0a0141 -d 0a024142").run();
    insta::assert_snapshot!(large, @r#"
    1: "A"  # guess: text
    ------- stderr -------
    error: -d #2: line 1 column 1: a message of more than 3 bytes, and no more are taken
    hint: for larger ones: --max-message-size SIZE; 0 is no limit
    [exit 2]
    "#);
}

#[cfg(target_os = "linux")]
#[test]
fn who_sits_at_a_terminal_is_told_that_stdin_is_read() {
    for words in ["encode demo: hello.HelloRequest -o hex -d @", "decode --raw -i hex"] {
        let Some(run) = crate::common::rpcctl_on_a_terminal(words) else { return };
        let mut run = run.start();
        assert!(run.line().contains("* type messages, end with ^D"), "{words}");
        run.write("\u{4}");
        assert_eq!(run.wait().code, Some(0), "{words}");
    }
}
