//! `rpcctl call` with the request as items: what they say, and what is said of those that do not fit.

use insta::assert_snapshot;

use crate::common::{Demo, Rpcctl, over_every_source, rpcctl};

/// An answer on one line, of a method that answers with what it is sent.
fn echo(items: &[&str]) -> String {
    let call = |call| items.iter().fold(call, Rpcctl::arg);
    over_every_source("demo:", "demo.v1.Demo/Echo -o jsonl", call).to_string()
}

#[test]
fn items_are_the_request() {
    let demo = Demo::plain();
    let output =
        over_every_source(&demo.address, "hello.HelloService/SayHello", |call| call.arg("name=Alice"));
    assert_snapshot!(output, @r#"
    {
      "message": "Hello, Alice"
    }
    [exit 0]
    "#);
}

#[test]
fn each_is_of_its_fields_type() {
    assert_snapshot!(echo(&["int32_value=30", "boolValue=true", "string_value=30", "double_value=1e3", "mood=mood_happy"]), @r#"
    {"doubleValue":1000,"int32Value":30,"boolValue":true,"stringValue":"30","mood":"MOOD_HAPPY"}
    [exit 0]
    "#);
    assert_snapshot!(echo(&["duration=1m30s", "timestamp=2026-11-21T10:00:00Z", "mask=a.b,c_d", "int64_wrapper=5"]), @r#"
    {"timestamp":"2026-11-21T10:00:00Z","duration":"90s","mask":"a.b,cD","int64Wrapper":"5"}
    [exit 0]
    "#);
    assert_snapshot!(echo(&["struct.a=1", "struct.b.c=x", "value=true", "list[]=x", "choice_null=null"]), @r#"
    {"choiceNull":null,"struct":{"a":1,"b":{"c":"x"}},"value":true,"list":["x"]}
    [exit 0]
    "#);
    let now = rpcctl("call demo: demo.v1.Demo/Echo timestamp=now -o jsonl").run().text();
    assert!(now.starts_with("{\"timestamp\":\"20"), "{now}");
}

#[test]
fn paths_lead_into_messages_lists_and_maps() {
    assert_snapshot!(echo(&["nested.name=A", "nested.deeper.level=deep", "strings=a", "strings=b", "strings[]=c", "string_map.env=prod", "string_map[a.b]=c"]), @r#"
    {"nested":{"name":"A","deeper":{"level":"DEEP"}},"strings":["a","b","c"],"stringMap":{"a.b":"c","env":"prod"}}
    [exit 0]
    "#);
    assert_snapshot!(echo(&["nesteds[0].name=A", "nesteds[0].deeper.level=BOTTOM", "nesteds[].name=B", "packed:=[1,2]"]), @r#"
    {"packed":[1,2],"nesteds":[{"name":"A","deeper":{"level":"BOTTOM"}},{"name":"B"}]}
    [exit 0]
    "#);
}

#[test]
fn json_stands_behind_a_colon_and_an_equals_sign() {
    let any = r#"any:={"@type":"type.googleapis.com/demo.v1.ChatRequest","text":"x"}"#;
    assert_snapshot!(echo(&[any, "nested:={\"name\":\"A\"}", "int64_value:=\"5\""]), @r#"
    {"int64Value":"5","nested":{"name":"A"},"any":{"@type":"type.googleapis.com/demo.v1.ChatRequest","text":"x"}}
    [exit 0]
    "#);
}

#[test]
fn a_file_goes_where_it_is_named() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("raw"), b"\0\xff").unwrap();
    std::fs::write(directory.path().join("text"), "a\nb\n").unwrap();
    std::fs::write(directory.path().join("nested.json"), "{\n\"name\": \"A\"}\n").unwrap();
    let call = |items: &str| {
        over_every_source("demo:", "demo.v1.Demo/Echo -o jsonl", |call| {
            call.args(items).within(directory.path())
        })
    };
    assert_snapshot!(call("bytes_value@raw string_value@text nested@nested.json"), @r#"
    {"stringValue":"a\nb\n","bytesValue":"AP8=","nested":{"name":"A"}}
    [exit 0]
    "#);
    assert_snapshot!(call("string_value@raw"), @"
    ------- stderr -------
    error: string_value@raw: raw is not UTF-8, and this is string
    [exit 2]
    ");
    assert_snapshot!(call("string_value@missing"), @"
    ------- stderr -------
    error: cannot read missing: No such file or directory
    [exit 1]
    ");
}

#[test]
fn an_item_that_does_not_fit_is_named() {
    assert_snapshot!(echo(&["bool_value=true", "int32_value=x"]), @r#"
    ------- stderr -------
    error: int32_value=x: expected int32 (a number), found "x"
    [exit 2]
    "#);
    assert_snapshot!(echo(&["mood=hapy"]), @r#"
    ------- stderr -------
    error: mood=hapy: unknown value "hapy" of demo.v1.Mood, did you mean "MOOD_HAPPY"?
    [exit 2]
    "#);
    assert_snapshot!(echo(&["nested.nmae=x"]), @r#"
    ------- stderr -------
    error: nested.nmae=x: unknown field "nmae" of demo.v1.Everything.Nested, did you mean "name"?
    [exit 2]
    "#);
    assert_snapshot!(echo(&["string_value:=Alice"]), @"
    ------- stderr -------
    error: string_value:=Alice: column 1: not valid JSON: expected a JSON value, found Alice
    hint: for text: string_value=Alice
    [exit 2]
    ");
    assert_snapshot!(echo(&["nested:=@nested.json"]), @"
    ------- stderr -------
    error: nested:=@nested.json: column 1: not valid JSON: expected a JSON value, found '@'
    hint: for what is in a file: nested@nested.json
    [exit 2]
    ");
    assert_snapshot!(echo(&["int32_value=1", "int32_value.b=2"]), @"
    ------- stderr -------
    error: int32_value.b=2: int32_value is int32, and nothing is in it
    [exit 2]
    ");
    assert_snapshot!(echo(&["choice_string=a", "choice_int64=1"]), @r#"
    ------- stderr -------
    error: choice_int64=1: only one member of oneof choice can be given, and "choiceString" was given already
    [exit 2]
    "#);
    assert_snapshot!(echo(&["timestamp=soon"]), @r#"
    ------- stderr -------
    error: timestamp=soon: expected google.protobuf.Timestamp (a time, such as 2026-11-21T10:00:00Z, 2026-11-21, now or now+1h), found "soon"
    [exit 2]
    "#);
}

#[test]
fn the_name_of_a_file_as_text_is_remarked_on() {
    // Tests run in the package's directory.
    let file = rpcctl("call demo: Demo/Echo string_value=@Cargo.toml string_map.a=@proto -o jsonl").run();
    assert_snapshot!(file, @r#"
    {"stringValue":"@Cargo.toml","stringMap":{"a":"@proto"}}
    ------- stderr -------
    * string_value=@Cargo.toml sends that text; for what is in Cargo.toml: string_value@Cargo.toml
    [exit 0]
    "#);
    assert_eq!(rpcctl("call demo: Demo/Echo string_value=@nobody -o none").run().talk(), "");
}

#[test]
fn a_file_that_cannot_be_read_could_not_be_done() {
    assert_snapshot!(rpcctl("call demo: Demo/Echo string_value@no/such").run(), @"
    ------- stderr -------
    error: cannot read no/such: No such file or directory
    [exit 1]
    ");
}

#[test]
fn what_has_fields_is_shown_how_to_see_them() {
    assert_snapshot!(rpcctl("call demo: Demo/Echo nested=3").run(), @r#"
    ------- stderr -------
    error: nested=3: expected demo.v1.Everything.Nested (write nested.FIELD=…, or nested:={…}), found "3"
    hint: see its fields: rpcctl describe demo: demo.v1.Everything.Nested
    [exit 2]
    "#);
    assert_snapshot!(rpcctl("call demo: Demo/Echo").data(r#"{"nested":3}"#).run(), @"
    ------- stderr -------
    error: -d: nested at line 1 column 11: expected demo.v1.Everything.Nested (an object), found 3
    hint: see its fields: rpcctl describe demo: demo.v1.Everything.Nested
    [exit 2]
    ");
    assert_snapshot!(rpcctl("call demo: Demo/Fail code=x").run(), @r#"
    ------- stderr -------
    error: code=x: unknown value "x" of google.rpc.Code
    hint: see its values: rpcctl describe demo: google.rpc.Code
    [exit 2]
    "#);
    assert!(echo(&["mood=happy"]).contains(r#""mood":"MOOD_HAPPY""#));
}

#[test]
fn an_item_where_the_method_should_stand() {
    assert_snapshot!(rpcctl("call localhost:50051 name=x").run(), @"
    ------- stderr -------
    error: no method given
    hint: see the methods: rpcctl list localhost:50051 -l
    hint: name=x is an item of a request: the method stands before it
    [exit 2]
    ");
    for words in ["call name=x", "call localhost:50051 name=http://x:1 a.B/C", "call user@host:50051 a.B/C"] {
        let output = rpcctl(words).run();
        assert!(output.talk().starts_with("error: no method given\n"), "{words}: {output}");
        assert_eq!(output.code, Some(2), "{words}: {output}");
    }
}

#[test]
fn behind_a_target_with_the_method_stand_items() {
    let output = over_every_source("demo:/hello.HelloService/SayHello", "name=Bob -o jsonl", |call| call);
    assert_snapshot!(output, @r#"
    {"message":"Hello, Bob"}
    [exit 0]
    "#);
}

#[test]
fn items_and_other_data_do_not_go_together() {
    assert_snapshot!(rpcctl("call demo: HelloService/SayHello name=x").data("{}").run(), @"
    ------- stderr -------
    error: the request is given twice: by name=x and by -d
    hint: leave one of them out
    [exit 2]
    ");
    assert_snapshot!(rpcctl("call demo: HelloService/SayHello name=x -i text").run(), @"
    ------- stderr -------
    error: -i says how -d is written, and name=x is an item
    hint: leave it out: an item is written in the words of its field's type
    [exit 2]
    ");
    let text = over_every_source("demo:", "demo.v1.Demo/Echo int32_value=4 --format text", |call| call);
    assert_eq!(text.to_string(), "int32_value: 4\n[exit 0]");
}

#[test]
fn words_behind_the_method_that_are_no_items() {
    assert_snapshot!(rpcctl("call demo: HelloService/SayHello Alice").run(), @"
    ------- stderr -------
    error: Alice is no item of a request: write FIELD=VALUE, FIELD:=JSON or FIELD@FILE
    [exit 2]
    ");
    assert_snapshot!(rpcctl("call demo: HelloService/SayHello name=x a[0=y").run(), @"
    ------- stderr -------
    error: a[0=y is no item: the bracket is not closed
    [exit 2]
    ");
    let swapped = rpcctl("call HelloService/SayHello localhost:50051").arg("name=a b").run();
    assert_snapshot!(swapped, @"
    ------- stderr -------
    error: the server comes before HelloService/SayHello
    hint: in this order: rpcctl call localhost:50051 HelloService/SayHello 'name=a b'
    [exit 2]
    ");
}

#[test]
fn a_stream_gets_the_one_message_that_items_make() {
    assert_snapshot!(over_every_source("demo:", "demo.v1.Demo/Sum number=42 -o jsonl", |call| call), @r#"
    {"sum":"42","count":"1"}
    [exit 0]
    "#);
    assert_snapshot!(over_every_source("demo:", "demo.v1.Demo/CountDown from=2 -o jsonl", |call| call), @r#"
    {"number":2}
    {"number":1}
    [exit 0]
    "#);
}

#[test]
fn unknown_fields_pass_when_allowed() {
    let words = "hello.HelloService/SayHello name=A nme=B --allow-unknown-fields -o jsonl";
    assert_snapshot!(over_every_source("demo:", words, |call| call), @r#"
    {"message":"Hello, A"}
    [exit 0]
    "#);
}

#[test]
fn for_net_rpc_items_are_fields_of_the_argument() {
    let demo = Demo::start(rpcctl("serve-demo --netrpc 127.0.0.1:0"));
    let call = |scheme: &str, words: &[&str]| {
        let call = rpcctl("call").arg(format!("{scheme}://localhost:{}", demo.port())).arg("Arith.Multiply");
        words.iter().fold(call, Rpcctl::arg).run()
    };
    for scheme in ["netrpc", "netrpc+http", "jsonrpc"] {
        assert_eq!(call(scheme, &["A=10", "B=20"]).to_string(), "200\n[exit 0]", "{scheme}");
        assert_eq!(call(scheme, &["A:=10", "B=20"]).to_string(), "200\n[exit 0]", "{scheme}");
    }
    assert_snapshot!(call("netrpc", &["--type", "struct{A int; B int}", "A=x", "B=20"]), @r#"
    ------- stderr -------
    error: A=x: at .A: expected an integer for int, found "x"
    [exit 2]
    "#);
    assert_snapshot!(call("netrpc", &["A=10", "A=20"]), @"
    ------- stderr -------
    error: A=20: A is given twice, first by A=10; for a list: A[]=…
    [exit 2]
    ");
}
