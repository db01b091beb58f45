//! Many calls of one command, and less than a call: `--each`, `--parallel`, `--limit`, `--dry-run`.

use insta::assert_snapshot;

use crate::common::{Demo, from_every_source, over_every_source, rpcctl};

#[test]
fn each_message_is_a_call_of_its_own() {
    let demo = Demo::plain();
    let output = over_every_source(&demo.address, "hello.HelloService/SayHello", |call| {
        call.args("--each -o jsonl").data(r#"{"name": "A"} {"name": "B"}"#).data(r#"{"name": "C"}"#)
    });
    assert_snapshot!(output, @r#"
    {"message":"Hello, A"}
    {"message":"Hello, B"}
    {"message":"Hello, C"}
    [exit 0]
    "#);
}

#[test]
fn a_call_that_fails_ends_no_other_and_the_first_failure_is_the_exit_code() {
    let demo = Demo::plain();
    let output = over_every_source(&demo.address, "demo.v1.Demo/Fail", |call| {
        call.args("--each --parallel 3")
            .data(r#"{"code": "NOT_FOUND", "message": "gone", "samples": ["ERROR_INFO"]}"#)
            .data(r#"{"code": "INTERNAL"}"#)
    });
    assert_snapshot!(output, @r#"
    ------- stderr -------
    error: request 1: NOT_FOUND (5): gone
      1. {
           "@type": "type.googleapis.com/google.rpc.ErrorInfo",
           "reason": "SHELF_EMPTY",
           "domain": "demo.example.com",
           "metadata": {
             "shelf": "A7"
           }
         }
    error: request 2: INTERNAL (13)
    error: NOT_FOUND (5, on this side): 2 of 2 calls failed, the first with this status
    [exit 69]
    "#);
}

/// The second call is over long before the first, and is told after it.
#[test]
fn answers_are_in_the_order_of_the_messages_whoever_is_first() {
    let run = rpcctl("call demo: demo.v1.Demo/Sleep --each --parallel 4 -o jsonl");
    let output = run.data(r#"{"duration": "0.5s"} {"duration": "0s"} {"duration": "0.2s"}"#).run();
    assert_eq!(output.code, Some(0), "{output}");
    let text = output.text();
    let seconds = text.lines().map(|line| {
        let number = line.strip_prefix(r#"{"slept":""#).and_then(|rest| rest.strip_suffix(r#"s"}"#));
        number.unwrap().parse::<f64>().unwrap()
    });
    let seconds: Vec<f64> = seconds.collect();
    assert!(seconds[0] >= 0.5 && seconds[1] < 0.2 && seconds[2] >= 0.2, "{seconds:?}");
}

#[test]
fn each_goes_out_as_it_is_typed() {
    from_every_source(|source| {
        let mut call =
            source.of(rpcctl("call demo: hello.HelloService/SayHello --each -d @ -o jsonl")).start();
        for name in ["one", "two"] {
            call.write(&format!("{{\"name\": \"{name}\"}}\n"));
            assert_eq!(call.line(), format!(r#"{{"message":"Hello, {name}"}}"#));
        }
        call.close_stdin();
        call.wait()
    });
}

#[test]
fn what_was_called_before_a_wrong_message_is_answered() {
    let call = rpcctl("call demo: hello.HelloService/SayHello --each --parallel 8 -d @ -o jsonl");
    assert_snapshot!(call.stdin(r#"{"name": "a"} {"name": "b"} {"name": 3} {"name": "d"}"#).run(), @r#"
    {"message":"Hello, a"}
    {"message":"Hello, b"}
    {"message":"Hello, d"}
    ------- stderr -------
    error: stdin, document 3: name at line 1 column 38: expected string, found 3
    error: 1 of 4 messages could not be sent
    [exit 2]
    "#);
    // On the command line, all is well or nothing is sent.
    let call = rpcctl("call demo: hello.HelloService/SayHello --each -o jsonl");
    assert_snapshot!(call.data(r#"{"name": "a"} {"name": 3} {"name": "d"}"#).run(), @"
    ------- stderr -------
    error: -d, document 2: name at line 1 column 24: expected string, found 3
    [exit 2]
    ");
}

/// What is no message ends no other: of a line that is no JSON, the next line is read.
#[test]
fn what_can_not_be_sent_is_told_in_its_place_and_the_next_is_sent() {
    let lines = "{\"name\":\"a\"}\nnot json, {\n{\"name\":\"b\n{\"name\":3}\n}\n{\"name\":\"c\"}\n";
    let output = from_every_source(|source| {
        let call =
            source.of(rpcctl("call demo: hello.HelloService/SayHello --each --parallel 4 -d @ -o jsonl"));
        call.stdin(lines).run()
    });
    assert_snapshot!(output, @r#"
    {"message":"Hello, a"}
    {"message":"Hello, c"}
    ------- stderr -------
    error: stdin, document 2: line 2 column 1: not valid JSON: expected a JSON value, found not
      not json, {
      ^
    error: stdin, document 3: name at line 3 column 11: not valid JSON: line breaks and controls stand in a string as escapes, such as \n
      {"name":"b
                ^
    error: stdin, document 4: name at line 4 column 9: expected string, found 3
    error: stdin, document 5: line 5 column 1: not valid JSON: expected a JSON value, found '}'
      }
      ^
    error: 4 of 6 messages could not be sent
    [exit 2]
    "#);
    let failing = "{\"code\":\"NOT_FOUND\"}\n[]\n{\"code\":\"OK\"}\n";
    let fail = rpcctl("call demo: demo.v1.Demo/Fail --each -d @ -o jsonl").stdin(failing).run();
    assert_snapshot!(fail, @"
    ------- stderr -------
    error: request 1: NOT_FOUND (5)
    error: stdin, document 2: line 2 column 1: expected demo.v1.FailRequest (an object), found an array
    hint: see its fields: rpcctl describe demo: demo.v1.FailRequest
    error: request 3: UNKNOWN (2)
    error: 1 of 3 messages could not be sent, and 2 of 2 calls failed
    [exit 2]
    ");
    let yaml = rpcctl("call demo: hello.HelloService/SayHello --each -i yaml -d @ -o yaml");
    assert_snapshot!(yaml.stdin("name: a\n---\nname: [\n---\nname: b\n").run(), @r#"
    message: "Hello, a"
    ---
    message: "Hello, b"
    ------- stderr -------
    error: stdin, document 2: name[0] at line 4 column 1: not valid YAML: while parsing a node, did not find expected node content
    error: 1 of 3 messages could not be sent
    [exit 2]
    "#);
    // Where lengths tell messages apart, nothing is found behind one that is wrong.
    let binary = rpcctl("call demo: hello.HelloService/SayHello --each -i binary -d @ -o jsonl");
    assert_snapshot!(binary.stdin(&b"\x03\x0a\x01a\x09\x0a"[..]).run(), @r#"
    {"message":"Hello, a"}
    ------- stderr -------
    error: stdin, document 2: byte 4: the message is to have 9 bytes, and the input ends after 1 of them
    hint: where a method takes a stream, each message stands behind its length, a varint, as -o binary writes those of one
    hint: messages sent before it: 1; where the next one begins can't be told
    [exit 2]
    "#);
}

/// Each that could not be sent is a document with its error, and their sum is none.
#[test]
fn what_can_not_be_sent_is_a_document_of_its_own() {
    let call = rpcctl("call demo: hello.HelloService/SayHello --each -d @ -o exchange");
    let output = call.stdin("oops\n{\"name\":\"a\"}\n{\"name\":3}\n").run();
    let documents = serde_json::Deserializer::from_slice(&output.stdout).into_iter::<serde_json::Value>();
    let ended: Vec<String> = documents
        .map(|document| {
            let document = document.unwrap();
            let message = document["error"]["message"].as_str().unwrap_or_default().lines().next();
            let told = format!("{} {} {}", document["ended"], document["exit"], message.unwrap_or_default());
            told.trim_end().to_owned()
        })
        .collect();
    assert_snapshot!(ended.join("\n"), @r#"
    "error" 2 stdin: line 1 column 1: not valid JSON: expected a JSON value, found oops
    "status" 0
    "error" 2 stdin, document 3: name at line 3 column 9: expected string, found 3
    "#);
    assert_eq!(output.code, Some(2), "{output}");
}

#[test]
fn streams_of_answers_are_each_told_whole() {
    let call = rpcctl("call demo: demo.v1.Demo/CountDown --each --parallel 2 -o jsonl");
    assert_snapshot!(call.data(r#"{"from": 2} {"from": 1}"#).run(), @r#"
    {"number":2}
    {"number":1}
    {"number":1}
    [exit 0]
    "#);
}

#[test]
fn one_call_where_nothing_is_given_and_none_where_nothing_comes() {
    let call = || rpcctl("call demo: helloworld.Greeter/SayHello --each -o jsonl");
    assert_snapshot!(call().run(), @r#"
    {"message":"Hello world"}
    [exit 0]
    "#);
    assert_snapshot!(call().args("-d @").run(), @"[exit 0]");
}

#[test]
fn verbose_tells_each_call() {
    let call = rpcctl("call demo: helloworld.Greeter/SayHello --each -v -o none -d {} -d {}").run();
    assert_snapshot!(call.without_times(), @"
    ------- stderr -------
    > POST http://localhost/helloworld.Greeter/SayHello
    > content-type: application/grpc+proto
    > te: trailers
    > grpc-accept-encoding: gzip, deflate, br, zstd
    > user-agent: rpcctl/0.1.0
    * response headers
    < content-type: application/grpc
    < grpc-encoding: gzip
    < date: TIME
    * response trailers
    < grpc-status: 0
    * request 1: status: OK (0)
    > POST http://localhost/helloworld.Greeter/SayHello
    > content-type: application/grpc+proto
    > te: trailers
    > grpc-accept-encoding: gzip, deflate, br, zstd
    > user-agent: rpcctl/0.1.0
    * response headers
    < content-type: application/grpc
    < grpc-encoding: gzip
    < date: TIME
    * response trailers
    < grpc-status: 0
    * request 2: status: OK (0)
    * status: OK (0)
    * sent 2 messages, received 2 messages
    * time: connect TIME, schema TIME, first byte TIME, total TIME
    [exit 0]
    ");
}

#[test]
fn the_deadline_is_over_all_calls() {
    let call = rpcctl("call demo: demo.v1.Demo/Sleep --each --timeout 1500ms -o jsonl");
    let output = call.data(r#"{"duration": "0.001s"} {"duration": "60s"} {"duration": "60s"}"#).run();
    assert!(output.text().starts_with("{\"slept\":\"0."), "{output}");
    assert_eq!(output.code, Some(68));
    assert!(output.talk().contains("1 of 2 calls failed"), "{output}");
}

/// The second and the third have been answered, and wait for the first to be told.
#[test]
#[cfg(unix)]
fn what_came_out_of_order_is_shown_when_a_signal_ends_it() {
    let mut demo = Demo::with("--log");
    let mut call = demo.rpcctl("call", "demo.v1.Demo/Sleep --each --parallel 3 -o jsonl -d @").start();
    call.write(r#"{"duration": "60s"} {"duration": "0.001s"} {"duration": "0.002s"}"#);
    call.close_stdin();
    demo.logged("Sleep");
    demo.logged("Sleep");
    // What has been answered is on its way; a whole other call takes longer than that.
    assert_eq!(demo.rpcctl("call", "hello.HelloService/SayHello").run().code, Some(0));
    call.signal("INT");
    let output = call.wait();
    assert_eq!(output.text().matches("slept").count(), 2, "{output}");
    assert_eq!(output.code, Some(130), "{output}");
}

#[test]
fn a_stream_is_no_message_each() {
    assert_snapshot!(rpcctl("call demo: demo.v1.Demo/Sum --each -d {}").run(), @"
    ------- stderr -------
    error: demo.v1.Demo/Sum is client-streaming and takes all messages in one call
    hint: leave out --each
    [exit 2]
    ");
    assert_snapshot!(rpcctl("call netrpc://localhost:1 A.B --each --parallel 2").run(), @"
    ------- stderr -------
    error: --parallel is for gRPC, and this is a net/rpc server
    hint: leave out --each, which net/rpc's calls always are: --max-in-flight N
    [exit 2]
    ");
}

#[test]
fn a_limit_ends_a_stream_that_would_go_on() {
    let output = over_every_source(&Demo::plain().address, "demo.v1.Demo/CountDown", |call| {
        call.args("--limit 2 -o jsonl").data(r#"{"from": 1000000}"#)
    });
    assert_snapshot!(output, @r#"
    {"number":1000000}
    {"number":999999}
    [exit 0]
    "#);
    let told = rpcctl("call demo: demo.v1.Demo/CountDown --limit 1 -v -o none -d {\"from\":9}").run().talk();
    assert!(told.contains("* ended after 1 message, as --limit says\n"), "{told}");
}

#[test]
fn none_is_no_number_of_answers_or_calls() {
    assert_snapshot!(rpcctl("call demo: Demo/CountDown --limit 0").run(), @"
    ------- stderr -------
    error: invalid value '0' for '--limit <N>': write a number, 1 or more

    For more information, try '--help'.
    [exit 2]
    ");
    for flag in ["--each --parallel 0", "--max-in-flight 0", "--limit many"] {
        let output = rpcctl("call demo: Demo/CountDown").args(flag).run();
        assert_eq!(output.code, Some(2), "{output}");
        assert!(output.talk().contains("write a number, 1 or more\n"), "{output}");
    }
}

#[test]
fn a_dry_run_shows_what_would_be_sent() {
    let output = from_every_source(|source| {
        let call = source.of(rpcctl("call demo: hello.HelloService/SayHello --dry-run -H x-user:alice"));
        call.data(r#"{"name": "Alice"}"#).run()
    });
    assert_snapshot!(output, @r#"
    {
      "name": "Alice"
    }
    ------- stderr -------
    * hello.HelloService/SayHello is unary: hello.HelloRequest → hello.HelloReply
    * to demo:, in plaintext
    > POST http://localhost/hello.HelloService/SayHello
    > content-type: application/grpc+proto
    > te: trailers
    > grpc-accept-encoding: gzip, deflate, br, zstd
    > user-agent: rpcctl/0.1.0
    > x-user: alice
    * message 1: 7 bytes
    * 1 message, and nothing was sent
    [exit 0]
    "#);
}

/// With a schema from files there is nobody to ask, and so nobody has to be there.
#[test]
fn a_dry_run_needs_no_server() {
    let call = rpcctl("call https://localhost:1/prefix demo.v1.Demo/Sum --dry-run -o jsonl");
    let output = call.args("--proto proto/demo/v1/demo.proto -I proto").data("{\"number\": 1} {}").run();
    assert_snapshot!(output, @r#"
    {"number":"1"}
    {}
    ------- stderr -------
    * demo.v1.Demo/Sum is client-streaming: demo.v1.SumRequest → demo.v1.SumReply
    * to https://localhost:1, over TLS
    > POST https://localhost:1/prefix/demo.v1.Demo/Sum
    > content-type: application/grpc+proto
    > te: trailers
    > grpc-accept-encoding: gzip, deflate, br, zstd
    > user-agent: rpcctl/0.1.0
    * message 1: 2 bytes
    * message 2: 0 bytes
    * 2 messages, and nothing was sent
    [exit 0]
    "#);
    let wrong =
        rpcctl("call localhost:1 demo.v1.Demo/Sum --dry-run --proto proto/demo/v1/demo.proto -I proto");
    assert_eq!(wrong.data("{\"nmber\": 1}").run().code, Some(2));
}

#[test]
fn a_dry_run_of_net_rpc_tells_the_type_that_goes_out() {
    let output = rpcctl("call netrpc://localhost:1 Arith.Multiply --dry-run -o jsonl")
        .data(r#"{"A": 6, "B": 7}"#)
        .run();
    assert_snapshot!(output, @r#"
    {"A":6,"B":7}
    ------- stderr -------
    * Arith.Multiply of net/rpc
    * to netrpc://localhost:1, in plaintext
    * message 1: 101 bytes, struct{A int; B int}
    * 1 message, and nothing was sent
    [exit 0]
    "#);
    let typed = rpcctl("call netrpc://localhost:1 Arith.Multiply --dry-run -o none");
    let talk = typed.arg("--type").arg("struct{A uint}").data(r#"{"A": 6}"#).run().talk();
    assert!(talk.contains("struct{A uint}\n"), "{talk}");
}
