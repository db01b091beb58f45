//! `rpcctl call` where all goes well: every shape, over every place a schema can come from.

use insta::assert_snapshot;

use crate::common::{Demo, from_every_source, over_every_source, rpcctl};

#[test]
fn unary() {
    let demo = Demo::plain();
    let output = over_every_source(&demo.address, "hello.HelloService/SayHello", |call| {
        call.data(r#"{"name": "Alice"}"#)
    });
    assert_snapshot!(output, @r#"
    {
      "message": "Hello, Alice"
    }
    [exit 0]
    "#);
}

#[test]
fn no_data_is_one_empty_message() {
    let demo = Demo::plain();
    assert_snapshot!(over_every_source(&demo.address, "helloworld.Greeter/SayHello", |call| call), @r#"
    {
      "message": "Hello world"
    }
    [exit 0]
    "#);
}

#[test]
fn server_streaming() {
    let demo = Demo::plain();
    let output =
        over_every_source(&demo.address, "demo.v1.Demo/CountDown", |call| call.data(r#"{"from": 3}"#));
    assert_snapshot!(output, @r#"
    {
      "number": 3
    }
    {
      "number": 2
    }
    {
      "number": 1
    }
    [exit 0]
    "#);
}

#[test]
fn client_streaming_takes_documents_and_flags_alike() {
    let demo = Demo::plain();
    let output = over_every_source(&demo.address, "demo.v1.Demo/Sum", |call| {
        call.data(r#"{"number": 1} {"number": 2}"#).data(r#"{"number": "39"}"#)
    });
    assert_snapshot!(output, @r#"
    {
      "sum": "42",
      "count": "3"
    }
    [exit 0]
    "#);
}

#[test]
fn client_streaming_without_data_sends_no_message() {
    let demo = Demo::plain();
    assert_snapshot!(over_every_source(&demo.address, "demo.v1.Demo/Sum", |call| call), @"
    {}
    [exit 0]
    ");
}

#[test]
fn bidirectional_streaming_from_stdin() {
    let demo = Demo::plain();
    let output = over_every_source(&demo.address, "demo.v1.Demo/Chat", |call| {
        call.args("-d @ -o jsonl").stdin("{\"text\": \"hi\"}\n{\"text\": \"there\"}\n")
    });
    assert_snapshot!(output, @r#"
    {"sequence":"1","text":"hi"}
    {"sequence":"2","text":"there"}
    [exit 0]
    "#);
}

#[test]
fn metadata_goes_there_and_back() {
    let demo = Demo::plain();
    let output = over_every_source(&demo.address, "demo.v1.Demo/EchoMetadata", |call| {
        call.args("--user-agent me/1 -o jsonl")
            .arg("-H")
            .arg("x-token: a b")
            .arg("-H")
            .arg("X-Trace-Bin: AAEC")
            .arg("--rpc-header")
            .arg("x-only: rpc")
            .arg("--reflect-header")
            .arg("x-reflect: no")
    });
    assert_snapshot!(output, @r#"
    {"entries":[{"name":"user-agent","text":"me/1"},{"name":"x-only","text":"rpc"},{"name":"x-token","text":"a b"},{"name":"x-trace-bin","binary":"AAEC"}]}
    [exit 0]
    "#);
}

#[test]
fn a_field_of_every_kind_comes_back_as_it_went() {
    let sent = r#"{
      "doubleValue": 1, "floatValue": 0.1, "int32Value": -1, "int64Value": "-9007199254740993",
      "uint32Value": 4294967295, "uint64Value": "18446744073709551615", "boolValue": true,
      "stringValue": "ä\n\"", "bytesValue": "AP8=", "mood": "MOOD_SAD",
      "nested": {"name": "n", "deeper": {"level": "BOTTOM"}}, "child": {"child": {"int32Value": 3}},
      "optionalInt32": 0, "packed": [1, 2], "strings": ["", "b"], "doubles": [1e300, "NaN", "-Infinity"],
      "choiceNull": null, "stringMap": {"b": "2", "a": "1"}, "int32Map": {"10": "x", "9": "y"},
      "boolMap": {"true": 0.5}, "moodMap": {"-1": "MOOD_HAPPY"}, "nestedMap": {"k": {"name": "v"}},
      "any": {"@type": "type.googleapis.com/demo.v1.ChatRequest", "text": "in an any"},
      "timestamp": "2026-01-02T03:04:05.500Z", "duration": "-1.5s", "struct": {"z": [1, null, {"a": 2.5}]},
      "value": [true, "x"], "list": [], "mask": "a.b,cD", "empty": {},
      "int64Wrapper": "5", "boolWrapper": false, "bytesWrapper": "", "otherName": "r", "type": "t"
    }"#;
    let demo = Demo::plain();
    let output =
        over_every_source(&demo.address, "demo.v1.Demo/Echo", |call| call.args("-o jsonl").data(sent));
    assert_snapshot!(output, @r#"
    {"doubleValue":1,"floatValue":0.1,"int32Value":-1,"int64Value":"-9007199254740993","uint32Value":4294967295,"uint64Value":"18446744073709551615","boolValue":true,"stringValue":"ä\n\"","bytesValue":"AP8=","mood":"MOOD_SAD","nested":{"name":"n","deeper":{"level":"BOTTOM"}},"child":{"child":{"int32Value":3}},"optionalInt32":0,"packed":[1,2],"strings":["","b"],"doubles":[1e+300,"NaN","-Infinity"],"choiceNull":null,"stringMap":{"a":"1","b":"2"},"int32Map":{"9":"y","10":"x"},"boolMap":{"true":0.5},"moodMap":{"-1":"MOOD_HAPPY"},"nestedMap":{"k":{"name":"v"}},"any":{"@type":"type.googleapis.com/demo.v1.ChatRequest","text":"in an any"},"timestamp":"2026-01-02T03:04:05.500Z","duration":"-1.500s","struct":{"z":[1,null,{"a":2.5}]},"value":[true,"x"],"list":[],"mask":"a.b,cD","empty":{},"int64Wrapper":"5","boolWrapper":false,"bytesWrapper":"","otherName":"r","type":"t"}
    [exit 0]
    "#);
}

#[test]
fn a_method_can_be_named_in_several_ways() {
    for name in [
        "hello.HelloService/SayHello",
        "hello.HelloService.SayHello",
        "HelloService/SayHello",
        "HelloService.SayHello",
    ] {
        let output =
            over_every_source("demo:", name, |call| call.args("-o jsonl").data(r#"{"name": "Bob"}"#));
        assert_eq!(output.to_string(), "{\"message\":\"Hello, Bob\"}\n[exit 0]", "{name}");
    }
}

#[test]
fn a_target_can_carry_the_method() {
    let demo = Demo::plain();
    let address = &demo.address;
    for target in [
        format!("{address}/hello.HelloService/SayHello"),
        format!("http://{address}/hello.HelloService/SayHello"),
    ] {
        let output = over_every_source(&target, "-o jsonl", |call| call);
        assert_eq!(output.to_string(), "{\"message\":\"Hello, world\"}\n[exit 0]", "{target}");
    }
}

#[test]
fn data_comes_from_files_too() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("request.json"), r#"{"name": "File"}"#).unwrap();
    let call = |data: &str| {
        over_every_source("demo:", "HelloService/SayHello", |call| call.data(data).within(directory.path()))
    };
    assert_snapshot!(call("@request.json"), @r#"
    {
      "message": "Hello, File"
    }
    [exit 0]
    "#);
    assert_snapshot!(call("@missing.json"), @"
    ------- stderr -------
    error: cannot read missing.json: No such file or directory
    [exit 1]
    ");
}

#[test]
fn flags_work_anywhere() {
    let output = from_every_source(|source| {
        source.of(rpcctl("call -o jsonl demo: --timeout 20s HelloService/SayHello")).run()
    });
    assert_eq!(output.to_string(), "{\"message\":\"Hello, world\"}\n[exit 0]");
}

#[test]
fn text_format_goes_both_ways() {
    let data = r#"int32_value: 7 nested { name: "n" } string_map { key: "k" value: "v" }"#;
    let output = over_every_source("demo:", "demo.v1.Demo/Echo --format text", |call| call.data(data));
    assert_snapshot!(output, @r#"
    int32_value: 7
    nested {
      name: "n"
    }
    string_map {
      key: "k"
      value: "v"
    }
    [exit 0]
    "#);
}

#[test]
fn answers_are_printed_as_asked() {
    let call = |flags: &str| {
        over_every_source("demo:", "demo.v1.Demo/CountDown", |call| call.args(flags).data(r#"{"from": 2}"#))
    };
    assert_snapshot!(call("-o json"), @r#"
    {
      "number": 2
    }
    {
      "number": 1
    }
    [exit 0]
    "#);
    assert_snapshot!(call("-o jsonl"), @r#"
    {"number":2}
    {"number":1}
    [exit 0]
    "#);
    // Between two messages, as grpcurl does it.
    assert_eq!(call("-o text").stdout, b"number: 2\n\x1e\nnumber: 1\n");
    assert_snapshot!(call("-o none"), @"[exit 0]");
    // Each behind its length; the one answer of a unary method is alone.
    assert_eq!(call("-o binary").stdout, [2, 8, 2, 2, 8, 1]);
    let data = r#"{"name": "A"}"#;
    let unary = over_every_source("demo:", "HelloService/SayHello -o binary", |call| call.data(data));
    assert_eq!(unary.stdout, b"\x0a\x08Hello, A");
}

#[test]
fn json_can_be_had_in_other_shapes() {
    let call = |flags: &str| {
        let data = r#"{"int64Value": "5", "mood": 2, "otherName": "x", "nested": {}}"#;
        over_every_source("demo:", "demo.v1.Demo/Echo -o jsonl", |call| call.args(flags).data(data))
    };
    assert_snapshot!(call(""), @r#"
    {"int64Value":"5","mood":"MOOD_SAD","nested":{},"otherName":"x"}
    [exit 0]
    "#);
    assert_snapshot!(call("--proto-names"), @r#"
    {"int64_value":"5","mood":"MOOD_SAD","nested":{},"renamed":"x"}
    [exit 0]
    "#);
    assert_snapshot!(call("--enum-numbers"), @r#"
    {"int64Value":"5","mood":2,"nested":{},"otherName":"x"}
    [exit 0]
    "#);
    assert_snapshot!(call("--int64-numbers"), @r#"
    {"int64Value":5,"mood":"MOOD_SAD","nested":{},"otherName":"x"}
    [exit 0]
    "#);
    let data = r#"{"number": 0}"#;
    let defaults = over_every_source("demo:", "demo.v1.Demo/Sum --emit-defaults", |call| call.data(data));
    assert_snapshot!(defaults, @r#"
    {
      "sum": "0",
      "count": "1"
    }
    [exit 0]
    "#);
}

#[test]
fn unknown_fields_pass_when_allowed() {
    let data = r#"{"name": "A", "nme": "B"}"#;
    let words = "HelloService/SayHello --allow-unknown-fields";
    assert_snapshot!(over_every_source("demo:", words, |call| call.data(data)), @r#"
    {
      "message": "Hello, A"
    }
    [exit 0]
    "#);
}

#[test]
fn a_reader_that_goes_away_ends_it_quietly() {
    let data = r#"{"count": 100000, "size": 100}"#;
    let output =
        over_every_source("demo:", "demo.v1.Demo/Generate -o jsonl", |call| call.data(data).reading_only(1));
    assert_eq!((output.code, output.talk().as_str()), (Some(0), ""));
}

#[test]
fn verbose_tells_the_talk() {
    let demo = Demo::plain();
    let output = demo.rpcctl("call", "HelloService/SayHello -v").arg("-H").arg("x-a: b").run();
    assert_snapshot!(output.without_times(), @r#"
    {
      "message": "Hello, world"
    }
    ------- stderr -------
    * connected to 127.0.0.1:PORT
    > POST http://127.0.0.1:PORT/hello.HelloService/SayHello
    > content-type: application/grpc+proto
    > te: trailers
    > grpc-accept-encoding: gzip, deflate, br, zstd
    > user-agent: rpcctl/0.1.0
    > x-a: b
    * response headers
    < content-type: application/grpc
    < grpc-encoding: gzip
    < date: TIME
    * response trailers
    < grpc-status: 0
    * status: OK (0)
    * sent 1 message, received 1 message
    * time: resolve TIME, connect TIME, schema TIME, first byte TIME, total TIME
    [exit 0]
    "#);
}

#[test]
fn answers_are_yaml() {
    let output = from_every_source(|source| {
        source.of(rpcctl("call demo: demo.v1.Demo/CountDown -o yaml")).data(r#"{"from": 2}"#).run()
    });
    assert_snapshot!(output, @"
    number: 2
    ---
    number: 1
    [exit 0]
    ");
    let echo = rpcctl("call demo: Demo/Echo nested.name=x strings=a int64_value=5 string_value=yes");
    let echo = echo.args("--format yaml").run();
    assert_snapshot!(echo, @r#"
    int64Value: "5"
    stringValue: "yes"
    nested:
      name: x
    strings:
      - a
    [exit 0]
    "#);
    // What is printed is read again.
    let again = rpcctl("call demo: Demo/Echo -i yaml -d @ -o yaml").stdin(echo.stdout.clone()).run();
    assert_eq!(again.text(), echo.text());
    assert_snapshot!(rpcctl("call demo: Demo/CountDown from=1 -o yaml --jq .number").run(), @"
    ------- stderr -------
    error: --jq is for JSON, and -o yaml is none
    hint: -o json, jsonl or table
    [exit 2]
    ");
    let unseen = rpcctl("call demo: demo.v1.Demo/CountDown --raw-request 0802 -o yaml").run();
    assert_snapshot!(unseen, @r#"
    fields:
      - number: 1
        start: 0
        end: 2
        or: sint64 1
        value: "2"
    ---
    fields:
      - number: 1
        start: 0
        end: 2
        value: "1"
    [exit 0]
    "#);
    let demo = Demo::start(rpcctl("serve-demo --netrpc 127.0.0.1:0"));
    let go =
        rpcctl("call").arg(&demo.address).args("Arith.QuoRem -o yaml").data(r#"{"A":17,"B":5}{"A":1,"B":1}"#);
    assert_snapshot!(go.run(), @"
    Quo: 3
    Rem: 2
    ---
    Quo: 1
    Rem: 0
    [exit 0]
    ");
    let json = rpcctl("call demo: Demo/CountDown from=1 -o yaml --protocol connect --codec json").run();
    assert_eq!(json.text(), "number: 1\n", "{json}");
}
