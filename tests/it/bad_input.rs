//! What people get wrong, and what fails under them: each with one clear error that names the culprit, advice that can
//! be pasted, and the documented exit code.
//!
//! Others have files of their own: targets, headers, methods and the number of messages in `usage`, imports in
//! `protos`, reflection in `reflection`, TLS in `connect` and `certificates`, foreign servers in `answers`, signals in
//! `stream`.

use std::io::Write as _;

use insta::assert_snapshot;

use crate::common::{GRPC, Output, Peer, Step, envelope, over_every_source, rpcctl};

fn echo(data: &str) -> Output {
    rpcctl("call demo: demo.v1.Demo/Echo").data(data).run()
}

#[test]
fn malformed_json() {
    assert_snapshot!(echo("{\n  \"int32Value\": 1,\n}"), @r"
    ------- stderr -------
    error: -d: line 3 column 1: not valid JSON: expected another member's name after ',', found '}'
      }
      ^
    [exit 2]
    ");
    let sum =
        rpcctl("call demo: demo.v1.Demo/Sum").data(r#"{"number": 1}"#).data(r#"{"number": 1} {"number: 2}"#);
    assert_snapshot!(sum.run(), @r#"
    ------- stderr -------
    error: -d #2, document 2: line 1 column 27: not valid JSON: expected '"', found the end of the input inside the string that begins at line 1 column 16
      {"number: 2}
                  ^
    [exit 2]
    "#);
}

#[test]
fn malformed_text() {
    let call = rpcctl("call demo: demo.v1.Demo/Echo -i text").data("int32_value: 1\nnested { ");
    assert_snapshot!(call.run(), @"
    ------- stderr -------
    error: -d: nested at line 2 column 10: expected a field's name or '}', found the end of the input
      nested {
               ^
    [exit 2]
    ");
}

#[test]
fn an_unknown_field() {
    assert_snapshot!(echo(r#"{"nested": {"deeper": {"levl": 1}}}"#), @r#"
    ------- stderr -------
    error: -d: nested.deeper at line 1 column 24: unknown field "levl" of demo.v1.Everything.Nested.Deeper, did you mean "level"?
    [exit 2]
    "#);
}

#[test]
fn a_value_of_the_wrong_type() {
    assert_snapshot!(echo(r#"{"children": [{}, 7]}"#), @"
    ------- stderr -------
    error: -d: children[1] at line 1 column 19: expected demo.v1.Everything (an object), found 7
    hint: see its fields: rpcctl describe demo: demo.v1.Everything
    [exit 2]
    ");
}

#[test]
fn a_number_out_of_range() {
    assert_snapshot!(echo(r#"{"int32Value": 2147483648}"#), @"
    ------- stderr -------
    error: -d: int32Value at line 1 column 16: 2147483648 is out of range: int32 goes from -2147483648 to 2147483647
    [exit 2]
    ");
}

#[test]
fn an_unknown_name_of_an_enum() {
    assert_snapshot!(echo(r#"{"mood": "GRUMPY"}"#), @r#"
    ------- stderr -------
    error: -d: mood at line 1 column 10: unknown value "GRUMPY" of demo.v1.Mood, which has "MOOD_UNSPECIFIED", "MOOD_HAPPY", "MOOD_GLAD", "MOOD_SAD" and "MOOD_SPLENETIC"
    [exit 2]
    "#);
}

#[test]
fn a_string_that_is_no_text() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(b"{\"stringValue\": \"a\xffb\"}").unwrap();
    let call = rpcctl("call demo: demo.v1.Demo/Echo -d").arg(format!("@{}", file.path().display())).run();
    let told = call.to_string().replace(&file.path().display().to_string(), "FILE");
    assert_snapshot!(told, @r#"
    ------- stderr -------
    error: FILE: line 1 column 19: not valid UTF-8
      {"stringValue": "a�b"}
                        ^
    [exit 2]
    "#);
}

/// An answer's string that is no text costs no more than itself.
#[test]
fn a_string_of_the_servers_that_is_no_text() {
    let reply = b"\x0a\x03a\xffb";
    let steps = vec![
        Step::Headers(200, vec![GRPC]),
        Step::Data(envelope(0, reply)),
        Step::Trailers(vec![("grpc-status", "0")]),
    ];
    let peer = Peer::h2(move |_, _| steps.clone());
    let call = rpcctl("call").arg(&peer.address).args("hello.HelloService/SayHello -o jsonl");
    assert_snapshot!(call.args("-I proto --proto hello/hello.proto").run(), @r#"
    {"message":{"@error":"a string that is not valid UTF-8","@value":"Yf9i"}}
    [exit 0]
    "#);
}

#[test]
fn a_file_that_cannot_be_read_or_is_empty() {
    assert_snapshot!(rpcctl("call demo: HelloService/SayHello -d @missing.json").run(), @"
    ------- stderr -------
    error: cannot read missing.json: No such file or directory
    [exit 1]
    ");
    assert_snapshot!(rpcctl("call demo: HelloService/SayHello -d @src").run(), @"
    ------- stderr -------
    error: cannot read src: Is a directory
    [exit 1]
    ");
    let file = tempfile::NamedTempFile::new().unwrap();
    let call = rpcctl("call demo: HelloService/SayHello -d").arg(format!("@{}", file.path().display())).run();
    assert_snapshot!(call.to_string().replace(&file.path().display().to_string(), "FILE"), @"
    ------- stderr -------
    error: hello.HelloService/SayHello is unary and takes one message, but FILE holds none ({} would be the empty one)
    [exit 2]
    ");
}

#[test]
fn a_scheme_that_is_not_known() {
    assert_snapshot!(rpcctl("call ftp://localhost:21 A/B").run(), @"
    ------- stderr -------
    error: ftp:// is not known: write HOST:PORT, http://HOST:PORT (plaintext), https://HOST:PORT (TLS), unix:PATH or demo:
    [exit 2]
    ");
}

/// Whatever came whole is shown before the cut is told.
#[test]
fn a_connection_cut_in_the_middle_of_a_message() {
    let [whole, half] = [envelope(0, b"\x08\x07"), envelope(0, b"\x08\x06")[..4].to_vec()];
    let steps = vec![Step::Headers(200, vec![GRPC]), Step::Data([whole, half].concat()), Step::Cut];
    let peer = Peer::h2(move |_, _| steps.clone());
    let call = rpcctl("call").arg(&peer.address).args("demo.v1.Demo/CountDown -o jsonl -d {\"from\":7}");
    assert_snapshot!(call.args("-I proto --proto demo/v1/demo.proto").run(), @r#"
    {"number":7}
    ------- stderr -------
    error: UNAVAILABLE (14, on this side): the connection was lost before the call was over
    [exit 78]
    "#);
}

#[test]
fn a_message_over_the_limit() {
    let demo = crate::common::Demo::plain();
    let output = over_every_source(&demo.address, "demo.v1.Demo/Generate", |call| {
        call.args("--max-message-size 1K -o none").data(r#"{"count": 1, "size": 2000}"#)
    });
    assert_snapshot!(output, @"
    ------- stderr -------
    error: RESOURCE_EXHAUSTED (8, on this side): a message is larger, decompressed, than the limit of 1024 bytes
    hint: take larger messages with --max-message-size, such as 64M; 0 is no limit
    [exit 72]
    ");
}
