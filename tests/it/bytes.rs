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
        [("hex", "0x0a 0x05 41 6c:69:63,65"), ("hex", "0A05416C696365"), ("base64", "CgVBbGlj\nZQ")]
    {
        let output =
            rpcctl("decode demo: hello.HelloRequest -o jsonl -i").arg(format).args("-d").arg(digits).run();
        assert_eq!(output.to_string(), "{\"name\":\"Alice\"}\n[exit 0]", "{digits}");
    }
    assert_snapshot!(rpcctl("decode demo: hello.HelloRequest -i hex -d 0a0z").run(), @"
    ------- stderr -------
    error: -d: line 1 column 4: 'z' is no hexadecimal digit
    hint: for base64: -i base64
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
fn a_broken_tail_shows_all_before_it_and_where_it_breaks() {
    assert_snapshot!(decode("--raw", b"\x0a\x05Alice\x12\x09abc"), @r#"
    1: "Alice"  # guess: text
    2: <12 09 61 62 63>  # broken: it ends in the middle of a field
    ------- stderr -------
    error: field 2 breaks off, at byte 7: 6 of its 9 bytes are missing
    hint: -v shows which bytes each field takes
    [exit 1]
    "#);
    assert_snapshot!(decode("demo: hello.HelloRequest -o jsonl", b"\x0a\x05Alice\x12\x09abc"), @r#"
    {"name":"Alice","@broken":[{"@field":2,"@error":"it ends in the middle of a field","@value":"EglhYmM="}]}
    ------- stderr -------
    error: field 2 breaks off, at byte 7: 6 of its 9 bytes are missing
    hint: -v shows which bytes each field takes
    [exit 1]
    "#);
    assert_snapshot!(decode("demo: hello.HelloRequest -o jsonl --framing varint", b"\x03\x0a\x01A\x05\x0a"), @r#"
    {"name":"A"}
    ------- stderr -------
    error: at byte 4: the message is 5 bytes long, and the input ends after 1 of them, at byte 6
    hint: other framings: --framing none, grpc
    [exit 1]
    "#);
}

#[test]
fn what_is_there_of_the_last_message_of_a_row_is_shown() {
    let cut = b"\x03\x0a\x01A\x0b\x0a\x02BC\x12\x05de";
    assert_snapshot!(decode("demo: hello.HelloRequest -o jsonl --framing varint", cut), @r#"
    {"name":"A"}
    {"name":"BC","@broken":[{"@field":2,"@error":"it ends in the middle of a field","@value":"EgVkZQ=="}]}
    ------- stderr -------
    error: at byte 4: the message is 11 bytes long, and the input ends after 8 of them, at byte 13
    hint: other framings: --framing none, grpc
    [exit 1]
    "#);
    assert_snapshot!(decode("--raw --framing varint -v", cut), @r#"
            1..4  0a 01 41                   1: "A"  # guess: text
    
            5..9  0a 02 42 43                1: "BC"  # guess: text
           9..13  12 05 64 65                2: <12 05 64 65>  # broken: it ends in the middle of a field
    ------- stderr -------
    error: at byte 4: the message is 11 bytes long, and the input ends after 8 of them, at byte 13
    hint: other framings: --framing none, grpc
    [exit 1]
    "#);
    assert_snapshot!(decode("--raw --framing varint", b"\x09\x0a\x02BC\x10\x05"), @r#"
    1: "BC"  # guess: text
    2: 5  # or sint64 -3
    ------- stderr -------
    error: at byte 0: the message is 9 bytes long, and the input ends after 6 of them, at byte 7
    hint: other framings: --framing none, grpc
    [exit 1]
    "#);
}

#[test]
fn what_the_schema_lets_be_is_not_called_wrong() {
    let proto = tempfile::tempdir().unwrap();
    let file =
        "syntax = \"proto2\"; message M { optional string s = 1; optional E e = 2; } enum E { ONE = 1; }";
    std::fs::write(proto.path().join("m.proto"), file).unwrap();
    let decode = |flags: &str| {
        let run = rpcctl("decode --proto m.proto M -i hex -d 0a01ff1007").args(flags);
        run.within(proto.path()).run()
    };
    assert_snapshot!(decode("-o text"), @r#"
    s: "\377"
    2: 7
    ------- stderr -------
    note: 1 value of M.e is not in E: 7
    [exit 0]
    "#);
    assert_snapshot!(decode("-o jsonl"), @r#"
    {"s":{"@error":"a string that is not valid UTF-8","@value":"/w=="}}
    ------- stderr -------
    note: 1 value of M.e is not in E: 7
    error: s, at byte 2: a string that is not valid UTF-8
    hint: -v shows which bytes each field takes
    [exit 1]
    "#);
}

#[test]
fn nothing_but_a_frame_of_grpc_says_that_a_message_is_compressed() {
    assert_snapshot!(rpcctl("encode demo: hello.HelloRequest name=A --compression gzip -o hex").run(), @"
    ------- stderr -------
    error: nothing but gRPC's frames can say that a message is compressed
    hint: --framing grpc, or leave out --compression
    [exit 2]
    ");
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
fn a_method_stands_for_what_it_takes_or_answers_with() {
    let answer = rpcctl("encode demo: HelloService/SayHello --response message=Hi -o hex").run();
    assert_eq!(answer.to_string(), "0a024869\n[exit 0]");
    let words = "decode demo: HelloService/SayHello -o jsonl -i hex -d 0a024869";
    assert_eq!(rpcctl(words).run().text(), "{\"name\":\"Hi\"}\n");
    assert_eq!(rpcctl(words).arg("--response").run().text(), "{\"message\":\"Hi\"}\n");
    assert_snapshot!(rpcctl("decode demo: hello.HelloRequest --response -i hex -d 0a").run(), @"
    ------- stderr -------
    error: --response is about a method, and hello.HelloRequest is a message
    hint: leave it out
    [exit 2]
    ");
}

#[test]
fn what_the_type_does_not_have_is_told_once() {
    // Bytes of another type, twice.
    let bytes = b"\x09\x22\x05Alice\x38\x01\x09\x22\x05Alice\x38\x01";
    assert_snapshot!(decode("demo: hello.HelloRequest -o jsonl --framing varint", bytes), @"
    {}
    {}
    ------- stderr -------
    note: 2 fields (9 bytes) are not in hello.HelloRequest: 4, 7
    [exit 0]
    ");
}

#[test]
fn what_is_wrong_is_told_by_field_and_byte_whatever_is_printed() {
    let everything = "decode demo: demo.v1.Everything -i hex";
    let mut told: Vec<_> = ["json", "jsonl", "yaml", "text"]
        .into_iter()
        .map(|output| {
            let run = rpcctl(everything).args("-d 7201ff7a02ffff").args("-o").arg(output).run();
            (run.talk(), run.code)
        })
        .collect();
    told.dedup();
    let [(talk, Some(1))] = &told[..] else { panic!("{told:?}") };
    assert_snapshot!(talk, @"
    error: string_value, at byte 2: a string that is not valid UTF-8
    hint: -v shows which bytes each field takes
    ");
    // The first message of several, and what else is wrong.
    let several = [b"\x03\x0a\x01A".to_vec(), b"\x05\x0a\x01\xff\x08\x01".repeat(2)].concat();
    assert_snapshot!(decode("demo: hello.HelloRequest -o jsonl --framing varint", &several), @r#"
    {"name":"A"}
    {"name":{"@error":"a string that is not valid UTF-8","@value":"/w=="},"@broken":[{"@field":1,"@error":"a value of another wire type than the field's","@value":"AQ=="}]}
    {"name":{"@error":"a string that is not valid UTF-8","@value":"/w=="},"@broken":[{"@field":1,"@error":"a value of another wire type than the field's","@value":"AQ=="}]}
    ------- stderr -------
    error: message 2: 2 places are not what hello.HelloRequest says
      name, at byte 7: a string that is not valid UTF-8
      name, at byte 8: a varint, which string has not
      and 1 more message is wrong
    hint: -v shows which bytes each field takes
    [exit 1]
    "#);
}

#[test]
fn a_misplaced_framing_is_noticed() {
    let alice = b"\x0a\x05Alice";
    let framed = |length: &[u8]| [length, &alice[..]].concat();
    for (bytes, framing, hint) in [
        (framed(b"\x07"), "none", "varint"),
        (framed(b"\0\0\0\0\x07"), "none", "grpc"),
        (alice.to_vec(), "grpc", "none"),
        (framed(b"\x07"), "grpc", "varint"),
        (alice.to_vec(), "varint", "none"),
    ] {
        for words in ["demo: hello.HelloRequest", "--raw"] {
            let output = decode(&format!("{words} --framing {framing}"), &bytes);
            let hint = format!("hint: they are whole messages with --framing {hint}\n");
            assert!(output.talk().contains(&hint), "{output}");
            assert_eq!(output.code, Some(1), "{output}");
        }
    }
    // To a varint, what begins with zeros are empty messages.
    let frame = framed(b"\0\0\0\0\x07");
    assert_snapshot!(decode("demo: hello.HelloRequest --framing varint -o jsonl", &frame).talk(), @"note: the first message is empty; they are whole messages with --framing grpc, too");
    // Where the bytes are a message as they stand, but not one of the type.
    let answer = decode("demo: hello.HelloRequest -o jsonl", b"\x1a\x0a\x18Alice of a12345678x1x1x1");
    assert_snapshot!(answer, @"
    {}
    ------- stderr -------
    note: 5 fields (27 bytes) are not in hello.HelloRequest: 3, 12, 15 (they are whole messages with --framing varint)
    [exit 0]
    ");
}

#[test]
fn what_helps_can_be_pasted() {
    let offline = "-I proto --proto hello/hello.proto";
    let run = |line: String| rpcctl(&line).run();
    assert_snapshot!(run(format!("decode {offline} hello.Nope -i hex -d 0a")), @r#"
    ------- stderr -------
    error: there is no symbol "hello.Nope"
    hint: see what there is: rpcctl list --proto hello/hello.proto -I proto
    [exit 1]
    "#);
    assert_snapshot!(run(format!("encode {offline} hello.HelloRequest order.json -o hex")), @r#"
    ------- stderr -------
    error: unexpected argument "order.json": a server and a name are all there can be
    hint: for what is in the file: -d @order.json
    [exit 2]
    "#);
    assert_snapshot!(run(format!("encode {offline} hello.HelloRequest ./order.yaml -o hex")), @r#"
    ------- stderr -------
    error: unexpected argument "./order.yaml": a server and a name are all there can be
    hint: for what is in the file: -d @./order.yaml
    [exit 2]
    "#);
    assert_snapshot!(rpcctl("call demo: HelloService/SayHello Cargo.toml").run(), @"
    ------- stderr -------
    error: Cargo.toml is no item of a request: write FIELD=VALUE, FIELD:=JSON or FIELD@FILE
    hint: for what is in the file: -d @Cargo.toml
    [exit 2]
    ");
    assert_snapshot!(run("decode demo: hello.HelloRequest -i hex -d CgVBbGljZQ==".to_owned()), @"
    ------- stderr -------
    error: -d: line 1 column 2: 'g' is no hexadecimal digit
    hint: for base64: -i base64
    [exit 2]
    ");
}
