//! `rpcctl encode` and `rpcctl decode`: messages as bytes, and bytes as messages.

use insta::assert_snapshot;

use crate::common::{Output, rpcctl};

fn encode(words: &str, documents: &str) -> Output {
    rpcctl("encode demo:").args(words).stdin(documents).run()
}

fn decode(words: &str, bytes: &[u8]) -> Output {
    rpcctl("decode").args(words).stdin(bytes).run()
}

#[test]
fn what_is_encoded_from_any_format() {
    let all = [
        rpcctl("encode demo: hello.HelloRequest name=Alice -o hex").run(),
        encode("hello.HelloRequest -o hex", r#"{"name":"Alice"}"#),
        encode("hello.HelloRequest -o hex -i yaml", "name: Alice"),
        encode("hello.HelloRequest -o hex -i text", "name: 'Alice'"),
        // A method stands for what it takes.
        encode("HelloService/SayHello -o hex", r#"{"name":"Alice"}"#),
    ];
    for output in all {
        assert_eq!(output.to_string(), "0a05416c696365\n[exit 0]");
    }
    assert_snapshot!(encode("hello.HelloRequest -o base64", r#"{"name":"Alice"}"#), @"
    CgVBbGljZQ==
    [exit 0]
    ");
    assert_eq!(encode("hello.HelloRequest", r#"{"name":"Alice"}"#).stdout, b"\x0a\x05Alice");
}

#[test]
fn a_file_of_proto_needs_no_server() {
    let words = "encode -I proto --proto hello/hello.proto hello.HelloRequest name=Bob -o hex";
    assert_snapshot!(rpcctl(words).run(), @"
    0a03426f62
    [exit 0]
    ");
}

#[test]
fn several_messages_need_something_between_them() {
    let two = r#"{"name":"A"} {"name":"B"}"#;
    assert_snapshot!(encode("hello.HelloRequest -o hex", two), @"
    0a0141
    0a0142
    [exit 0]
    ");
    assert_eq!(encode("hello.HelloRequest --framing varint", two).stdout, b"\x03\x0a\x01A\x03\x0a\x01B");
    let framed = encode("hello.HelloRequest --framing grpc", two).stdout;
    assert_eq!(framed, b"\0\0\0\0\x03\x0a\x01A\0\0\0\0\x03\x0a\x01B");
    assert_snapshot!(decode("demo: hello.HelloRequest --framing grpc -o yaml", &framed), @"
    name: A
    ---
    name: B
    [exit 0]
    ");
    let refused = encode("hello.HelloRequest", two);
    assert_eq!((refused.code, refused.stdout.as_slice()), (Some(2), &b"\x0a\x01A"[..]));
    assert_snapshot!(refused.talk(), @"
    error: another message: without a framing, nothing would tell it from the first
    hint: --framing varint, or a line each: -o hex, -o base64
    ");
}

#[test]
fn what_does_not_fit_is_told_as_in_a_call() {
    assert_snapshot!(rpcctl("encode demo: hello.HelloRequest nme=x").run(), @r#"
    ------- stderr -------
    error: nme=x: unknown field "nme" of hello.HelloRequest, did you mean "name"?
    [exit 2]
    "#);
    assert_snapshot!(rpcctl("encode demo:").run(), @"
    ------- stderr -------
    error: encode needs the name of a message
    [exit 2]
    ");
    assert_snapshot!(rpcctl("encode demo: demo.v1.Mood").run(), @"
    ------- stderr -------
    error: demo.v1.Mood is an enum, and encode is about messages
    [exit 2]
    ");
}

#[test]
fn digits_are_read_in_many_forms() {
    for (format, digits) in
        [("hex", "0x0a 0x05 41 6c:69:63,65"), ("hex", "0A05416C696365"), ("base64", "CgVB\nbGljZQ")]
    {
        let output =
            rpcctl("decode demo: hello.HelloRequest -o jsonl -i").arg(format).args("-d").arg(digits).run();
        assert_eq!(output.to_string(), "{\"name\":\"Alice\"}\n[exit 0]", "{digits}");
    }
    assert_snapshot!(rpcctl("decode demo: hello.HelloRequest -i hex -d 0a0z").run(), @"
    ------- stderr -------
    error: -d: 'z' is no hexadecimal digit
    [exit 2]
    ");
    assert_snapshot!(rpcctl("decode demo: hello.HelloRequest -d 0a05").run(), @"
    ------- stderr -------
    error: -d has text, and -i binary reads bytes
    hint: for digits: -i hex or -i base64; for a file of bytes: -d @FILE
    [exit 2]
    ");
}

#[test]
fn without_a_schema_the_fields_are_shown_and_guesses_marked() {
    let bytes = b"\x0a\x05Alice\x10\x96\x01\x1a\x03\x08\x96\x01\x22\x03\x03\x8e\x02\x2b\x08\x01\x2c\x35\0\0\x80\x3f\x39\0\0\0\0\0\0\xf0\x3f";
    assert_snapshot!(decode("--raw", bytes), @r#"
    1: "Alice"
    2: 150  # or sint64 75
    3 {  # guess: a message
      1: 150  # or sint64 75
    }
    4: [3, 270]  # guess: packed varints
    5 group {
      1: 1
    }
    6: 0x3f800000  # or float 1
    7: 0x3ff0000000000000  # or double 1
    [exit 0]
    "#);
    assert_snapshot!(decode("--raw -v", &bytes[..15]), @r#"
            0..7  1: "Alice"
           7..10  2: 150  # or sint64 75
          10..15  3 {  # guess: a message
          12..15    1: 150  # or sint64 75
                  }
    [exit 0]
    "#);
    assert_snapshot!(decode("--raw -o jsonl", &bytes[..10]), @r#"
    {"fields":[{"number":1,"start":0,"end":7,"guess":"text","text":"Alice"},{"number":2,"start":7,"end":10,"or":"sint64 75","value":"150"}]}
    [exit 0]
    "#);
}

#[test]
fn a_broken_tail_shows_all_before_it_and_where_it_breaks() {
    assert_snapshot!(decode("--raw", b"\x0a\x05Alice\x12\x09abc"), @r#"
    1: "Alice"
    2: <12 09 61 62 63>  # broken: it ends in the middle of a field
    ------- stderr -------
    error: the bytes break off at byte 7, in field 2: it ends in the middle of a field
    hint: -v shows which bytes each field takes
    [exit 1]
    "#);
    assert_snapshot!(decode("demo: hello.HelloRequest -o jsonl", b"\x0a\x05Alice\x12\x09abc"), @r#"
    {"name":"Alice","@broken":[{"@field":2,"@error":"it ends in the middle of a field","@value":"EglhYmM="}]}
    ------- stderr -------
    error: the bytes break off at byte 7, in field 2: it ends in the middle of a field
    hint: -v shows which bytes each field takes
    [exit 1]
    "#);
    assert_snapshot!(decode("demo: hello.HelloRequest -o jsonl --framing varint", b"\x03\x0a\x01A\x05\x0a"), @r#"
    {"name":"A"}
    ------- stderr -------
    error: at byte 4: the message is 5 bytes long, and 1 are left
    hint: other framings: --framing none, varint, grpc
    [exit 1]
    "#);
}

#[test]
fn what_goes_in_comes_out() {
    let json = r#"{"doubleValue":-0.0,"int64Value":"-9223372036854775808","bytesValue":"/w==","mood":"MOOD_HAPPY","stringMap":{"a":"1","b":""},"any":{"@type":"type.googleapis.com/hello.HelloRequest","name":"x"}}"#;
    for (input, output) in [("json", "jsonl"), ("yaml", "yaml"), ("text", "text")] {
        let first = encode("demo.v1.Everything", json).stdout;
        let shown = decode(&format!("demo: demo.v1.Everything -o {output}"), &first);
        let shown = String::from_utf8(shown.stdout).unwrap();
        let again = encode(&format!("demo.v1.Everything -i {input}"), &shown).stdout;
        assert_eq!(again, first, "{shown}");
    }
}

#[test]
fn a_method_is_called_without_any_schema() {
    let demo = crate::common::Demo::plain();
    let call = |words: &str| demo.rpcctl("call", words).run();
    assert_snapshot!(call("hello.HelloService/SayHello --raw-request 0a05416c696365"), @r#"
    1: "Hello, Alice"
    [exit 0]
    "#);
    assert_snapshot!(call("hello.HelloService/SayHello --raw-request 0a05416c696365 -o jsonl"), @r#"
    {"fields":[{"number":1,"start":0,"end":14,"guess":"text","text":"Hello, Alice"}]}
    [exit 0]
    "#);
    // As many answers as come.
    assert_snapshot!(call("demo.v1.Demo/CountDown --raw-request 0803"), @"
    1: 3  # or sint64 -2
    
    1: 2  # or sint64 1
    
    1: 1
    [exit 0]
    ");
    assert_snapshot!(call("SayHello --raw-request 0a"), @"
    ------- stderr -------
    error: without a schema SayHello is no method: pkg.Service/Method is the whole name of one
    [exit 2]
    ");
    // It is sent as it is, and what the server makes of it is told.
    let broken = call("hello.HelloService/SayHello --raw-request 0a05");
    assert_eq!(broken.code, Some(77), "{broken}");
}

#[test]
fn a_field_of_raw_bytes_keeps_its_number_beside_its_value() {
    let json = rpcctl("decode --raw -o jsonl -i hex -d 309601").run();
    let tree: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!((&tree["fields"][0]["number"], &tree["fields"][0]["value"]), (&6.into(), &"150".into()));
}
