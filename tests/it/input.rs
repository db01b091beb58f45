//! `rpcctl call` with its messages as YAML and as bytes.

use insta::assert_snapshot;

use crate::common::{Demo, Output, Rpcctl, over_every_source, rpcctl};

fn yaml(words: &str, documents: &str) -> Output {
    over_every_source("demo:", words, |call| call.args("-i yaml -o jsonl -d @").stdin(documents))
}

#[test]
fn yaml_is_the_message_that_its_json_would_be() {
    let echoed = yaml(
        "demo.v1.Demo/Echo",
        "# a comment\nint32_value: 0x1F\nstringValue: |\n  a\n  b\nnested: &n {name: 'it''s'}\nnesteds: [*n, *n]\n\
         string_map:\n  a.b: c\nmood: MOOD_SAD\nstruct: {a: [1, ~, no]}\nany:\n  '@type': type.googleapis.com/demo.v1.ChatRequest\n  text: x\n",
    );
    assert_snapshot!(echoed, @r#"
    {"int32Value":31,"stringValue":"a\nb\n","mood":"MOOD_SAD","nested":{"name":"it's"},"nesteds":[{"name":"it's"},{"name":"it's"}],"stringMap":{"a.b":"c"},"any":{"@type":"type.googleapis.com/demo.v1.ChatRequest","text":"x"},"struct":{"a":[1,null,"no"]}}
    [exit 0]
    "#);
}

#[test]
fn yaml_documents_follow_one_another() {
    assert_snapshot!(yaml("demo.v1.Demo/Sum", "---\nnumber: 1\n---\nnumber: 41\n---\n# nothing\n"), @r#"
    {"sum":"42","count":"2"}
    [exit 0]
    "#);
    let data = over_every_source("demo:", "demo.v1.Demo/Sum -i yaml -o jsonl", |call| {
        call.data("number: 1\n---\nnumber: 2").data("number: 39")
    });
    assert_eq!(data.to_string(), "{\"sum\":\"42\",\"count\":\"3\"}\n[exit 0]");
    assert_snapshot!(yaml("hello.HelloService/SayHello", "name: a\n---\nname: b\n"), @"
    ------- stderr -------
    error: hello.HelloService/SayHello is unary and takes one message, but more were given
    hint: for a call with each of them: --each
    [exit 2]
    ");
    assert_snapshot!(yaml("hello.HelloService/SayHello", "# nothing\n"), @"
    ------- stderr -------
    error: hello.HelloService/SayHello is unary and takes one message, but stdin holds none ({} would be the empty one)
    [exit 2]
    ");
}

#[test]
fn a_stream_gets_each_yaml_document_with_the_mark_behind_it() {
    let mut chat = rpcctl("call demo: demo.v1.Demo/Chat -i yaml -d @ -o jsonl").start();
    chat.write("text: hi\n---\n");
    assert_eq!(chat.line(), r#"{"sequence":"1","text":"hi"}"#);
    chat.write("text: there\n...\n");
    assert_eq!(chat.line(), r#"{"sequence":"2","text":"there"}"#);
    chat.close_stdin();
    assert_eq!(chat.wait().code, Some(0));
}

#[test]
fn yaml_that_does_not_fit_is_told_with_its_place() {
    let call = |document: &str| yaml("demo.v1.Demo/Echo", document);
    assert_snapshot!(call("nested:\n  deeper:\n    level: 1.5\n"), @"
    ------- stderr -------
    error: stdin: nested.deeper.level at line 3 column 12: expected demo.v1.Everything.Nested.Deeper.Level (a whole number), found 1.5
    [exit 2]
    ");
    assert_snapshot!(call("{}\n---\nint32_valu: 1\n"), @r#"
    ------- stderr -------
    error: demo.v1.Demo/Echo is unary and takes one message, but more were given
    hint: for a call with each of them: --each
    [exit 2]
    "#);
    assert_snapshot!(call("strings: [a"), @"
    ------- stderr -------
    error: stdin: strings[1] at line 1 column 12: not valid YAML: while parsing a flow sequence, expected ',' or ']'
      strings: [a
                 ^
    [exit 2]
    ");
    assert_snapshot!(yaml("demo.v1.Demo/Sum", "number: 1\n---\nnumbr: 1\n"), @r#"
    ------- stderr -------
    error: stdin, document 2: line 3 column 1: unknown field "numbr" of demo.v1.SumRequest, did you mean "number"?
    [exit 2]
    "#);
}

#[test]
fn a_file_of_yaml_is_told_how_it_is_read() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("request.yaml"), "name: File\n").unwrap();
    let call = |words: &str| {
        over_every_source("demo:", "HelloService/SayHello -o jsonl", |call| {
            call.args(words).within(directory.path())
        })
    };
    assert_snapshot!(call("-i yaml -d @request.yaml"), @r#"
    {"message":"Hello, File"}
    [exit 0]
    "#);
    assert_snapshot!(call("-d @request.yaml"), @"
    ------- stderr -------
    error: request.yaml: line 1 column 1: not valid JSON: expected a JSON value, found name
      name
      ^
    hint: for YAML: -i yaml
    [exit 2]
    ");
    assert_snapshot!(call("-i yaml -d request.yaml"), @"
    ------- stderr -------
    error: -d request.yaml is no message, but the name of a file
    hint: for the messages in the file: -d @request.yaml
    [exit 2]
    ");
    assert_snapshot!(rpcctl("call demo: HelloService/SayHello -i yaml").data("").run(), @"
    ------- stderr -------
    error: -d is empty
    hint: the empty message is -d '{}'
    [exit 2]
    ");
}

#[test]
fn aliases_that_stand_for_too_much_are_refused() {
    let mut laughs = "struct:\n  a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]\n".to_owned();
    for level in 1..12 {
        let before = format!("*a{}, ", level - 1).repeat(10);
        laughs.push_str(&format!("  a{level}: &a{level} [{}]\n", before.trim_end_matches(", ")));
    }
    let told = rpcctl("call demo: demo.v1.Demo/Echo -i yaml -d @").stdin(laughs).run();
    assert_snapshot!(told, @r#"
    ------- stderr -------
    error: stdin: struct["a4"][9] at line 6 column 57: what its aliases stand for is too much
    [exit 2]
    "#);
}

#[test]
fn what_is_printed_as_bytes_can_be_sent_as_bytes() {
    let echo = "demo.v1.Demo/Echo";
    let sent = rpcctl("call demo:").arg(echo).args("int32_value=5 strings=a -o binary").run().stdout;
    let output =
        over_every_source("demo:", echo, |call| call.args("-i binary -o jsonl -d @").stdin(sent.clone()));
    assert_eq!(output.to_string(), "{\"int32Value\":5,\"strings\":[\"a\"]}\n[exit 0]");
    let stream = rpcctl("call demo: demo.v1.Demo/CountDown from=3 -o binary").run().stdout;
    let sum = |call: Rpcctl| call.args("-i binary -o jsonl -d @").stdin(stream.clone());
    assert_eq!(
        over_every_source("demo:", "demo.v1.Demo/Sum", sum).to_string(),
        "{\"sum\":\"6\",\"count\":\"3\"}\n[exit 0]"
    );
    let empty =
        over_every_source("demo:", "HelloService/SayHello", |call| call.args("-i binary -o jsonl -d @"));
    assert_eq!(empty.to_string(), "{\"message\":\"Hello, world\"}\n[exit 0]");
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("sum"), &stream).unwrap();
    let file = rpcctl("call demo: Demo/Sum -i binary -o jsonl -d @sum").within(directory.path()).run();
    assert_eq!(file.to_string(), "{\"sum\":\"6\",\"count\":\"3\"}\n[exit 0]");
}

#[test]
fn with_each_a_message_stands_behind_its_length_too() {
    let sent = b"\x03\x0a\x01a\x03\x0a\x01b";
    let output = over_every_source("demo:", "hello.HelloService/SayHello --each", |call| {
        call.args("-i binary -o jsonl -d @").stdin(*sent)
    });
    assert_eq!(output.to_string(), "{\"message\":\"Hello, a\"}\n{\"message\":\"Hello, b\"}\n[exit 0]");
}

#[test]
fn bytes_that_are_no_message_are_told_so() {
    let call = |method: &str, bytes: &[u8]| {
        over_every_source("demo:", method, |call| call.args("-i binary -d @").stdin(bytes))
    };
    assert_snapshot!(call("HelloService/SayHello", b"\x0a\x05ab"), @"
    ------- stderr -------
    error: stdin: these bytes are no hello.HelloRequest: it ends in the middle of a field
    [exit 2]
    ");
    assert_snapshot!(call("HelloService/SayHello", b"\x03\x0a\x01x\x00"), @"
    ------- stderr -------
    error: stdin: these bytes are no hello.HelloRequest: a field number that no field can have
    hint: each stands behind its length there, as -o binary writes messages of a stream; this method takes one alone
    [exit 2]
    ");
    assert_snapshot!(call("demo.v1.Demo/Sum", b"\x02\x08\x01\x05ab"), @"
    ------- stderr -------
    error: stdin, document 2: byte 3: the message is to have 5 bytes, and the input ends after 2 of them
    hint: where a method takes a stream, each message stands behind its length, a varint, as -o binary writes those of one
    [exit 2]
    ");
    assert_snapshot!(rpcctl("call demo: Demo/Sum -i binary").data("x").run(), @"
    ------- stderr -------
    error: -i binary reads bytes, and -d has text
    hint: bytes come from a file, -d @FILE, or from stdin, -d @
    [exit 2]
    ");
}

#[test]
fn net_rpc_takes_yaml_and_no_bytes() {
    let demo = Demo::start(rpcctl("serve-demo --netrpc 127.0.0.1:0"));
    for scheme in ["netrpc", "jsonrpc"] {
        let server = format!("{scheme}://localhost:{}", demo.port());
        let output = rpcctl("call")
            .arg(&server)
            .args("Arith.Multiply -i yaml")
            .data("A: 6\nB: 0x7\n---\n{A: 2, B: 3}");
        assert_eq!(output.run().to_string(), "42\n6\n[exit 0]", "{scheme}");
    }
    assert_snapshot!(rpcctl("call netrpc://localhost:1 Arith.Multiply -i yaml").data("A: [6").run(), @"
    ------- stderr -------
    error: -d: A[1] at line 1 column 6: not valid YAML: while parsing a flow sequence, expected ',' or ']'
      A: [6
           ^
    [exit 2]
    ");
    assert_snapshot!(rpcctl("call netrpc://localhost:1 Arith.Multiply -i binary -d @").run(), @"
    ------- stderr -------
    error: -i binary is about protobuf, and a net/rpc server knows none
    hint: JSON goes in with -d, and comes out with -o json or -o jsonl
    [exit 2]
    ");
}
