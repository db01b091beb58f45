//! Bytes of which nothing is known: `rpcctl decode --raw`, and `rpcctl call --raw-request`.

use insta::assert_snapshot;

use crate::common::{Output, rpcctl};

fn decode(words: &str, bytes: &[u8]) -> Output {
    rpcctl("decode").args(words).stdin(bytes).run()
}

#[test]
fn without_a_schema_the_fields_are_shown_and_guesses_marked() {
    let bytes = b"\x0a\x05Alice\x10\x96\x01\x1a\x03\x08\x96\x01\x22\x03\x03\x8e\x02\x2b\x08\x01\x2c\x35\0\0\x80\x3f\x39\0\0\0\0\0\0\xf0\x3f";
    assert_snapshot!(decode("--raw", bytes), @r#"
    1: "Alice"  # guess: text
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
            0..7  0a 05 41 6c 69 63 65       1: "Alice"  # guess: text
           7..10  10 96 01                   2: 150  # or sint64 75
          10..15  1a 03                      3 {  # guess: a message
          12..15  08 96 01                     1: 150  # or sint64 75
                                             }
    [exit 0]
    "#);
    assert_snapshot!(decode("--raw -o jsonl", &bytes[..10]), @r#"
    {"fields":[{"number":1,"start":0,"end":7,"guess":"text","text":"Alice"},{"number":2,"start":7,"end":10,"or":"sint64 75","value":"150"}]}
    [exit 0]
    "#);
}

#[test]
fn a_method_is_called_without_any_schema() {
    let demo = crate::common::Demo::plain();
    let call = |words: &str| demo.rpcctl("call", words).run();
    assert_snapshot!(call("hello.HelloService/SayHello --raw-request 0a05416c696365"), @r#"
    1: "Hello, Alice"  # guess: text
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
    // Over Connect, too, where methods that stream are called otherwise.
    for flags in ["--http 2", "--http 1.1", "--compression gzip"] {
        let call = |words: &str| demo.rpcctl("call", words).args("--protocol connect -v").args(flags).run();
        let unary = call("hello.HelloService/SayHello --raw-request 0a05416c696365");
        assert_eq!(unary.text(), "1: \"Hello, Alice\"  # guess: text\n", "{unary}");
        assert_eq!(unary.talk().matches("> POST ").count(), 1, "{unary}");
        let stream = call("demo.v1.Demo/CountDown --raw-request 0803");
        assert_eq!(stream.code, Some(0), "{stream}");
        assert_eq!(
            stream.text(),
            "1: 3  # or sint64 -2\n\x1e\n1: 2  # or sint64 1\n\x1e\n1: 1\n",
            "{stream}"
        );
        let talk = stream.talk();
        assert_eq!(talk.matches("> POST ").count(), 2, "{talk}");
        assert!(talk.contains("* sent 1 message, received 3 messages\n"), "{talk}");
        assert_eq!(call("no.Such/Method --raw-request 0803").code, Some(76));
    }
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

#[test]
fn what_breaks_off_inside_of_a_message_is_shown_as_far_as_it_goes() {
    assert_snapshot!(decode("--raw -v", b"\x10\x01\x1a\x14\x0a\x05Alice\x1a\x05\x08\x96\x01\x12"), @r#"
            0..2  10 01                      2: 1
           2..17  1a 14                      3 {  # guess: a message; 7 of its 20 bytes are missing
           4..11  0a 05 41 6c 69 63 65         1: "Alice"  # guess: text
          11..17  1a 05                        3 {  # guess: a message; 1 of its 5 bytes is missing
          13..16  08 96 01                       1: 150  # or sint64 75
          16..17  12                             2: <12>  # broken: it ends in the middle of a field
                                               }
                                             }
    ------- stderr -------
    error: the bytes break off at byte 16, in field 3.3.2: it ends in the middle of a field
    [exit 1]
    "#);
    let cut = decode("--raw -o jsonl", b"\x1a\x14\x0a\x05Alice\x1a\x05\x08\x96\x01");
    assert_snapshot!(cut, @r#"
    {"fields":[{"number":3,"start":0,"end":14,"guess":"a message","missing":8,"message":{"fields":[{"number":1,"start":2,"end":9,"guess":"text","text":"Alice"},{"number":3,"start":9,"end":14,"guess":"a message","missing":2,"message":{"fields":[{"number":1,"start":11,"end":14,"or":"sint64 75","value":"150"}],"broken":{"start":14,"error":"it ends in the middle of a field","bytes":""}}}]}}]}
    ------- stderr -------
    error: the bytes break off at byte 14, in field 3.3: it ends in the middle of a field
    hint: -v shows which bytes each field takes
    [exit 1]
    "#);
    assert_snapshot!(decode("--raw", b"\x0b\x08\x01\x0f"), @"
    1 group {
      1: 1
      1: <0f>  # broken: wire type 7, which does not exist
    }
    ------- stderr -------
    error: the bytes break off at byte 3, in field 1.1: wire type 7, which does not exist
    hint: -v shows which bytes each field takes
    [exit 1]
    ");
}

#[test]
fn numbers_that_share_a_length_are_guessed() {
    let doubles = [1.0_f64, 0.5, -2.25].map(f64::to_le_bytes).concat();
    let floats = [1.5_f32, 100.0].map(f32::to_le_bytes).concat();
    let fixed = [1_u32, 500].map(u32::to_le_bytes).concat();
    let bytes = [b"\x0a\x18".to_vec(), doubles, b"\x12\x08".to_vec(), floats, b"\x1a\x08".to_vec(), fixed];
    let nested = b"\x22\x0c\x0a\x0a0123456789";
    assert_snapshot!(decode("--raw", &[bytes.concat(), nested.to_vec()].concat()), @r#"
    1: [1, 0.5, -2.25]  # guess: packed doubles
    2: [1.5, 100]  # guess: packed floats
    3: [1, 500]  # guess: packed fixed32
    4 {  # guess: a message
      1: "0123456789"  # guess: text
    }
    [exit 0]
    "#);
}

#[test]
fn offsets_in_what_was_compressed_say_so() {
    let words = "hello.HelloRequest name=Alice --framing grpc --compression gzip";
    let framed = rpcctl("encode demo:").args(words).run().stdout;
    let output = decode("--raw -v --framing grpc", &framed);
    let (first, rest) = output.text().split_once('\n').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    assert!(
        first.starts_with("# message 1: ")
            && first.ends_with("of gzip; offsets are those in the 7 bytes that they become"),
        "{first}"
    );
    assert_eq!(rest, "        0..7  0a 05 41 6c 69 63 65       1: \"Alice\"  # guess: text\n");
    let json = decode("--raw -o jsonl --framing grpc", &framed).text();
    assert!(json.starts_with("{\"compression\":\"gzip\",\"fields\":[{\"number\":1,\"start\":0,"), "{json}");
}

#[test]
fn raw_takes_no_schema() {
    for words in ["demo:", "hello.HelloRequest", "-a localhost:1", "--proto x.proto", "--descriptor-set x"] {
        let output = rpcctl("decode --raw -i hex -d 00").args(words).run();
        assert_eq!(output.code, Some(2), "{output}");
        assert!(output.talk().starts_with("error: --raw "), "{output}");
    }
}

#[test]
fn a_request_of_bytes_is_told_by_its_flag() {
    let call = |raw: &str| rpcctl("call demo: hello.HelloService/SayHello --raw-request").arg(raw).run();
    assert_snapshot!(call("0a 0z"), @"
------- stderr -------
error: --raw-request: line 1 column 5: 'z' is no hexadecimal digit
[exit 2]
");
    assert_snapshot!(call("@no/such/file"), @"
    ------- stderr -------
    error: --raw-request: cannot read no/such/file
      caused by: No such file or directory
    [exit 1]
    ");
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("request.hex"), "0a05416c696365\n").unwrap();
    let call =
        rpcctl("call demo: hello.HelloService/SayHello --raw-request @request.hex").within(folder.path());
    assert_snapshot!(call.run(), @r#"
    ------- stderr -------
    * request.hex holds hexadecimal digits, which are sent as they are; for the bytes they stand for: --raw-request "$(cat request.hex)"
    error: INTERNAL (13): failed to decode Protobuf message: unexpected end group tag
    [exit 77]
    "#);
}

/// What was pasted as digits and read as bytes is garbage, and told as what it is.
#[test]
fn digits_that_were_read_as_bytes_are_noticed() {
    assert_snapshot!(decode("--raw", b"0a05416c696365\n"), @"
    6: 97  # or sint64 -49
    6: 53  # or sint64 -27
    6: <34 31 36 63 36 39 36 33 36 35 0a>  # broken: the end of a group that did not begin
    ------- stderr -------
    error: the bytes break off at byte 4, in field 6: the end of a group that did not begin
    hint: these are hexadecimal digits: -i hex
    hint: -v shows which bytes each field takes
    [exit 1]
    ");
    assert_snapshot!(decode("demo: hello.HelloRequest -o jsonl", b"CgVBbGljZQ==\n"), @r#"
    {"@broken":[{"@field":8,"@error":"wire type 7, which does not exist","@value":"Q2dWQmJHbGpaUT09Cg=="}]}
    ------- stderr -------
    error: the bytes break off at byte 1, in field 8.12: wire type 7, which does not exist
    hint: these are base64 digits: -i base64
    hint: -v shows which bytes each field takes
    [exit 1]
    "#);
    assert_snapshot!(decode("--raw --framing grpc", b"00000000070a05416c696365\n"), @"
    ------- stderr -------
    error: at byte 0: a frame with the flags 0x30, which gRPC does not have
    hint: these are hexadecimal digits: -i hex
    [exit 1]
    ");
    let dump = decode("--raw -o jsonl", b"00000000: 0a05 416c 6963 65                        ..Alice\n");
    assert!(dump.talk().contains("hint: these are hexadecimal digits: -i hex\n"), "{dump}");
    // Text that stands for no message is none of these.
    let text = decode("--raw", b"hello world, or so");
    assert_eq!(text.code, Some(1), "{text}");
    assert!(!text.talk().contains("digits"), "{text}");
}

#[test]
fn nothing_at_all_is_told() {
    assert_snapshot!(decode("--raw", b""), @"
    ------- stderr -------
    note: there was nothing to decode
    [exit 0]
    ");
    assert_snapshot!(decode("--raw -i hex", b"\n"), @"
    ------- stderr -------
    note: there was nothing to decode
    [exit 0]
    ");
    assert_snapshot!(decode("demo: hello.HelloRequest --framing varint", b""), @"
    ------- stderr -------
    note: there was nothing to decode
    [exit 0]
    ");
    // The empty message is one.
    assert_snapshot!(decode("demo: hello.HelloRequest -o jsonl", b""), @"
    {}
    [exit 0]
    ");
}
