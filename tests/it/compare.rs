//! One call over several protocols: the answer where they agree, and else where they differ.

use insta::assert_snapshot;

use crate::common::{Demo, GRPC, Output, Peer, Rpcctl, Step, envelope, rpcctl};

const SCHEMA: &str = r#"
syntax = "proto3";
package t;
message Greeting { string text = 1; repeated string more = 2; }
service Greeter {
  rpc Greet(Greeting) returns (Greeting);
  rpc Look(Greeting) returns (Greeting) { option idempotency_level = NO_SIDE_EFFECTS; }
  rpc Listen(Greeting) returns (stream Greeting);
}
"#;

const ALL: &str = "--protocol grpc,grpc-web,grpc-web-text,connect";

/// A folder with the schema in it, and with `request.json`.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("t.proto"), SCHEMA).unwrap();
    std::fs::write(folder.path().join("request.json"), r#"{"text":"Hi"}"#).unwrap();
    folder
}

/// A call by that schema.
fn call(words: &str, address: &str) -> Output {
    let folder = folder();
    in_folder(folder.path(), words, address).run()
}

fn in_folder(folder: &std::path::Path, words: &str, address: &str) -> Rpcctl {
    let (method, flags) = words.split_once(' ').unwrap_or((words, ""));
    rpcctl("call --proto t.proto").within(folder).arg(address).arg(method).args(flags)
}

/// `Greeting { text: … }`
fn greeting(text: &str) -> Vec<u8> {
    [&[0x0a, u8::try_from(text.len()).unwrap()], text.as_bytes()].concat()
}

/// What a request of this head speaks.
fn spoken(head: &http::request::Parts) -> &str {
    let content_type = head.headers.get("content-type").map_or("", |value| value.to_str().unwrap());
    match content_type.split('+').next().unwrap() {
        "application/grpc" => "grpc",
        "application/grpc-web" => "grpc-web",
        _ => "connect",
    }
}

fn grpc(
    headers: &[(&'static str, &'static str)],
    messages: &[&str],
    trailers: &[(&'static str, &'static str)],
) -> Vec<Step> {
    let head = Step::Headers(200, [&[GRPC], headers].concat());
    let data = messages.iter().map(|text| Step::Data(envelope(0, &greeting(text))));
    std::iter::once(head).chain(data).chain([Step::Trailers(trailers.to_vec())]).collect()
}

fn connect(headers: &[(&'static str, &'static str)], body: Vec<u8>) -> Vec<Step> {
    let head = Step::Headers(200, [&[("content-type", "application/proto")], headers].concat());
    vec![head, Step::Data(body), Step::End]
}

fn unsupported() -> Vec<Step> {
    vec![Step::Only(415, vec![("accept-post", "application/grpc")])]
}

#[test]
fn what_all_answer_is_printed_once() {
    let demo = Demo::plain();
    assert_snapshot!(demo.rpcctl("call", "HelloService/SayHello name=Alice").args(ALL).run(), @r#"
    {
      "message": "Hello, Alice"
    }
    ------- stderr -------
    * grpc, grpc-web, grpc-web-text and connect agree
    [exit 0]
    "#);
    let count = demo.rpcctl("call", "Demo/CountDown from=3 -o jsonl").args(ALL);
    assert_snapshot!(count.run(), @r#"
    {"number":3}
    {"number":2}
    {"number":1}
    ------- stderr -------
    * grpc, grpc-web, grpc-web-text and connect agree
    [exit 0]
    "#);
    let sum = demo.rpcctl("call", "Demo/Sum").args(ALL).data(r#"{"number":1}{"number":2}"#);
    assert_snapshot!(sum.run(), @r#"
    {
      "sum": "3",
      "count": "2"
    }
    ------- stderr -------
    * grpc, grpc-web, grpc-web-text and connect agree
    [exit 0]
    "#);
    let chat = demo.rpcctl("call", "Demo/Chat -o jsonl").args(ALL).data(r#"{"text":"a"}{"text":"b"}"#);
    assert_snapshot!(chat.run(), @r#"
    {"sequence":"1","text":"a"}
    {"sequence":"2","text":"b"}
    ------- stderr -------
    * grpc, grpc-web, grpc-web-text and connect agree
    [exit 0]
    "#);
    let fail = r#"{"code":"NOT_FOUND","message":"no such book","samples":["ERROR_INFO"]}"#;
    assert_snapshot!(demo.rpcctl("call", "Demo/Fail").args(ALL).data(fail).run(), @r#"
    ------- stderr -------
    error: NOT_FOUND (5): no such book
      1. {
           "@type": "type.googleapis.com/google.rpc.ErrorInfo",
           "reason": "SHELF_EMPTY",
           "domain": "demo.example.com",
           "metadata": {
             "shelf": "A7"
           }
         }
    * grpc, grpc-web, grpc-web-text and connect agree
    [exit 69]
    "#);
    let raw = demo.rpcctl("call", "hello.HelloService/SayHello --raw-request 0a05416c696365");
    assert_eq!(raw.args(ALL).run().code, Some(0));
    let stream = demo.rpcctl("call", "demo.v1.Demo/CountDown --raw-request 0803");
    assert_eq!(stream.args(ALL).run().code, Some(0));
    let echo =
        demo.rpcctl("call", "Demo/Echo int32_value=7 --jq .int32Value --codec json --compression gzip");
    assert_snapshot!(echo.args(ALL).run(), @"
    7
    ------- stderr -------
    * grpc, grpc-web, grpc-web-text and connect agree
    [exit 0]
    ");
}

#[test]
fn the_request_is_the_same_each_time() {
    // `now` is the moment at which the request is made.
    let demo = Demo::plain();
    let echo = demo.rpcctl("call", "Demo/Echo timestamp=now -o none").args(ALL).run();
    assert_eq!(echo.code, Some(0), "{echo}");
    let traced = demo.rpcctl("call", "Demo/EchoMetadata --traceparent -o none -H x-a:1").args(ALL).run();
    assert_eq!(traced.code, Some(0), "{traced}");
}

/// Over gRPC one thing, over Connect another, and gRPC-Web not at all.
fn of_two_minds() -> Peer {
    Peer::h2_by_head(|head, _| match spoken(head) {
        "grpc" => grpc(
            &[("shelf", "A7"), ("x-cache", "hit"), ("date", "Sat, 28 Nov 2026 00:00:00 GMT")],
            &["Hi"],
            &[("grpc-status", "0"), ("cookie", "s3cret")],
        ),
        "grpc-web" => unsupported(),
        _ => connect(
            &[("shelf", "A7"), ("x-cache", "miss"), ("server", "nginx"), ("trailer-cookie", "s3cret2")],
            [greeting("Ho\u{1b}"), b"\x12\x01x".to_vec()].concat(),
        ),
    })
}

#[test]
fn what_differs_is_shown_with_who_says_what() {
    let peer = of_two_minds();
    assert_snapshot!(call("Greet --protocol grpc,grpc-web,connect", &peer.address), @r#"
    status
      grpc, connect: OK (0)
      grpc-web: UNKNOWN (2, read off a broken answer): the server answered HTTP 415 Unsupported Media Type and no gRPC-Web status
    message 1
      --- grpc
      +++ connect
        {
      -   "text": "Hi"
      +   "text": "Ho\u001b",
      +   "more": [
      +     "x"
      +   ]
        }
    metadata cookie
      grpc: (redacted)
      connect: (redacted)
    metadata x-cache
      grpc: hit
      connect: miss
    ------- stderr -------
    * grpc, grpc-web and connect differ in 4 places
    [exit 99]
    "#);
    assert_snapshot!(call("Greet --protocol connect,grpc -o none", &peer.address), @"
    ------- stderr -------
    * connect and grpc differ in 3 places
    [exit 99]
    ");
}

#[test]
fn with_v_each_call_is_told() {
    let peer = of_two_minds();
    assert_snapshot!(call("Greet --protocol connect,grpc -o jsonl -v", &peer.address).without_times(), @r#"
    message 1
      --- connect
      +++ grpc
        {
      -   "text": "Ho\u001b",
      -   "more": [
      -     "x"
      -   ]
      +   "text": "Hi"
        }
    metadata cookie
      connect: (redacted)
      grpc: (redacted)
    metadata x-cache
      connect: miss
      grpc: hit
    ------- stderr -------
    * over connect
    * connected to 127.0.0.1:PORT
    > POST http://127.0.0.1:PORT/t.Greeter/Greet
    > content-type: application/proto
    > connect-protocol-version: 1
    > accept-encoding: gzip, deflate, br, zstd
    > user-agent: rpcctl/0.1.0
    * response headers
    < content-type: application/proto
    < shelf: A7
    < x-cache: miss
    < server: nginx
    * response trailers
    < cookie: (redacted)
    * status: OK (0)
    * sent 1 message, received 1 message
    * time: resolve TIME, connect TIME, schema TIME, first byte TIME, total TIME
    * over grpc
    * connected to 127.0.0.1:PORT
    > POST http://127.0.0.1:PORT/t.Greeter/Greet
    > content-type: application/grpc+proto
    > te: trailers
    > grpc-accept-encoding: gzip, deflate, br, zstd
    > user-agent: rpcctl/0.1.0
    * response headers
    < content-type: application/grpc
    < shelf: A7
    < x-cache: hit
    < date: TIME
    * response trailers
    < grpc-status: 0
    < cookie: (redacted)
    * status: OK (0)
    * sent 1 message, received 1 message
    * time: resolve TIME, connect TIME, schema TIME, first byte TIME, total TIME
    * connect and grpc differ in 3 places
    * time: connect TIME, grpc TIME
    [exit 99]
    "#);
    let colored = call("Greet --protocol connect,grpc --color always", &peer.address).text();
    assert!(colored.contains("\u{1b}[1m\u{1b}[31m-   \"text\": \"Ho\\u001b\",\u{1b}[0m"), "{colored:?}");
}

#[test]
fn all_that_came_is_one_document() {
    let peer = of_two_minds();
    let output = call("Greet --protocol grpc,grpc-web,connect -o json", &peer.address);
    let mut document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    document["target"] = "TARGET".into();
    for outcome in document["outcomes"].as_array_mut().unwrap() {
        assert!(outcome["durationMs"].as_f64().unwrap() > 0.0);
        outcome["durationMs"] = 0.into();
    }
    let [outcomes, differences] = ["outcomes", "differences"].map(|list| {
        let all = document[list].take();
        all.as_array().unwrap().iter().map(|one| format!("{one}\n")).collect::<Vec<_>>().concat()
    });
    assert_snapshot!(format!("{outcomes}{differences}{document} {:?}", output.code), @r#"
    {"durationMs":0,"error":null,"messages":[{"text":"Hi"}],"metadata":{"cookie":["(redacted)"],"shelf":["A7"],"x-cache":["hit"]},"protocol":"grpc","status":{"code":0,"details":[],"message":"","name":"OK","origin":"server"}}
    {"durationMs":0,"error":null,"messages":[],"metadata":{},"protocol":"grpc-web","status":{"code":2,"details":[],"message":"the server answered HTTP 415 Unsupported Media Type and no gRPC-Web status","name":"UNKNOWN","origin":"mapped"}}
    {"durationMs":0,"error":null,"messages":[{"more":["x"],"text":"Ho\u001b"}],"metadata":{"cookie":["(redacted)"],"shelf":["A7"],"x-cache":["miss"]},"protocol":"connect","status":{"code":0,"details":[],"message":"","name":"OK","origin":"server"}}
    {"aspect":"status","sides":[{"protocols":["grpc","connect"],"value":"OK (0)"},{"protocols":["grpc-web"],"value":"UNKNOWN (2, read off a broken answer): the server answered HTTP 415 Unsupported Media Type and no gRPC-Web status"}]}
    {"aspect":"message","index":0,"sides":[{"protocols":["grpc"],"value":{"text":"Hi"}},{"protocols":["connect"],"value":{"more":["x"],"text":"Ho\u001b"}}]}
    {"aspect":"metadata","name":"cookie","sides":[{"protocols":["grpc"],"value":["(redacted)"]},{"protocols":["connect"],"value":["(redacted)"]}]}
    {"aspect":"metadata","name":"x-cache","sides":[{"protocols":["grpc"],"value":["hit"]},{"protocols":["connect"],"value":["miss"]}]}
    {"agree":false,"differences":null,"exit":99,"method":"t.Greeter/Greet","outcomes":null,"target":"TARGET"} Some(99)
    "#);
}

#[test]
fn streams_may_differ_in_each_message_and_in_how_they_end() {
    let peer = Peer::h2_by_head(|head, _| {
        if spoken(head) == "grpc" {
            return grpc(&[], &["a", "b", "c"], &[("grpc-status", "0")]);
        }
        let end = br#"{"error":{"code":"aborted","message":"stop\nhere"}}"#;
        let body = [envelope(0, &greeting("a")), envelope(0, &greeting("x")), envelope(2, end)].concat();
        let head = Step::Headers(200, vec![("content-type", "application/connect+proto")]);
        vec![head, Step::Data(body), Step::End]
    });
    assert_snapshot!(call("Listen --protocol grpc,connect", &peer.address), @r#"
    status
      grpc: OK (0)
      connect: ABORTED (10): stop
        here
    messages
      grpc: 3
      connect: 2
    message 2
      --- grpc
      +++ connect
        {
      -   "text": "b"
      +   "text": "x"
        }
    message 3
      --- grpc
      +++ connect: none
      - {
      -   "text": "c"
      - }
    ------- stderr -------
    * grpc and connect differ in 4 places
    [exit 99]
    "#);
    let many = Peer::h2_by_head(|head, _| {
        let texts = if spoken(head) == "grpc" { vec!["a"; 12] } else { Vec::new() };
        if spoken(head) == "grpc" {
            return grpc(&[], &texts, &[("grpc-status", "0")]);
        }
        let head = Step::Headers(200, vec![("content-type", "application/connect+proto")]);
        vec![head, Step::Data(envelope(2, b"{}")), Step::End]
    });
    let shown = call("Listen --protocol grpc,connect", &many.address).text();
    assert!(shown.ends_with("message 10\n  --- grpc\n  +++ connect: none\n  - {\n  -   \"text\": \"a\"\n  - }\n… 2 more, which -o json shows\n"), "{shown}");
}

#[test]
fn details_of_statuses_are_compared() {
    let peer = Peer::h2_by_head(|head, _| {
        if spoken(head) == "grpc" {
            // A google.rpc.Status with the same ErrorInfo, of reason EMPTY, but of the domain "shelf".
            const DETAILS: &str = "CAUSDG5vIHN1Y2ggYm9vaxo6Cih0eXBlLmdvb2dsZWFwaXMuY29tL2dvb2dsZS5ycGMuRXJyb3JJbmZvEg4KBUVNUFRZEgVzaGVsZg";
            let details = ("grpc-status-details-bin", DETAILS);
            let trailers = vec![GRPC, ("grpc-status", "5"), ("grpc-message", "no such book"), details];
            return vec![Step::Only(200, trailers)];
        }
        let error = br#"{"code":"not_found","message":"no such book","details":[
            {"type":"google.rpc.ErrorInfo","value":"CgVFTVBUWRIEc2hvcA"}]}"#;
        let head = Step::Headers(404, vec![("content-type", "application/json")]);
        vec![head, Step::Data(error.to_vec()), Step::End]
    });
    assert_snapshot!(call("Greet --protocol grpc,connect", &peer.address), @r#"
    details
      --- grpc
      +++ connect
        {
          "@type": "type.googleapis.com/google.rpc.ErrorInfo",
          "reason": "EMPTY",
      -   "domain": "shelf"
      +   "domain": "shop"
        }
    ------- stderr -------
    * grpc and connect differ in 1 place
    [exit 99]
    "#);
}

#[test]
fn a_protocol_that_a_server_lacks_is_a_difference() {
    // gRPC alone.
    let peer = Peer::h2_by_head(|head, _| match spoken(head) {
        "grpc" => grpc(&[], &["Hi"], &[("grpc-status", "0")]),
        _ => unsupported(),
    });
    assert_snapshot!(call("Greet --protocol grpc,grpc-web,connect", &peer.address), @"
    status
      grpc: OK (0)
      grpc-web, connect: UNKNOWN (2, read off a broken answer): the server answered HTTP 415 Unsupported Media Type and no gRPC-Web status
    ------- stderr -------
    * grpc, grpc-web and connect differ in 1 place
    [exit 99]
    ");
    assert_snapshot!(call("Greet --protocol grpc-web,connect", &peer.address), @"
    ------- stderr -------
    error: UNKNOWN (2, read off a broken answer): the server answered HTTP 415 Unsupported Media Type and no gRPC-Web status
    * grpc-web and connect agree
    [exit 66]
    ");
}

#[test]
fn a_server_of_http_1_is_not_asked_for_grpc() {
    let peer = Peer::http1(|_, _| {
        let body = greeting("Hi");
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/proto\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        [head.as_bytes(), &body].concat()
    });
    assert_snapshot!(call("Greet --protocol grpc,connect", &peer.address), @r#"
    spoken
      grpc: no: 127.0.0.1:PORT is an HTTP/1 web server: it answers "HTTP/1.1 400 Bad Request"
      connect: yes
    ------- stderr -------
    * grpc and connect differ in 1 place
    [exit 99]
    "#);
    assert_snapshot!(call("Greet --protocol connect,grpc -v", &peer.address).without_times(), @r#"
    spoken
      connect: yes
      grpc: no: 127.0.0.1:PORT is an HTTP/1 web server: it answers "HTTP/1.1 400 Bad Request"
    ------- stderr -------
    * over connect
    * connected to 127.0.0.1:PORT
    > POST http://127.0.0.1:PORT/t.Greeter/Greet HTTP/1.1
    > content-type: application/proto
    > connect-protocol-version: 1
    > accept-encoding: gzip, deflate, br, zstd
    > user-agent: rpcctl/0.1.0
    * response headers
    < content-type: application/proto
    < content-length: 4
    * response trailers: none
    * status: OK (0)
    * sent 1 message, received 1 message
    * time: resolve TIME, connect TIME, schema TIME, first byte TIME, total TIME
    * over grpc
    * connected to 127.0.0.1:PORT
    > POST http://127.0.0.1:PORT/t.Greeter/Greet
    > content-type: application/grpc+proto
    > te: trailers
    > grpc-accept-encoding: gzip, deflate, br, zstd
    > user-agent: rpcctl/0.1.0
    error: 127.0.0.1:PORT is an HTTP/1 web server: it answers "HTTP/1.1 400 Bad Request"
    hint: gRPC needs HTTP/2: is this the right port, and no HTTP/1 proxy before it? A server of gRPC-Web or Connect may speak HTTP/1 alone: --protocol grpc-web, --protocol connect
    * connect and grpc differ in 1 place
    * time: connect TIME, grpc TIME
    [exit 99]
    "#);
    let output = call("Greet --protocol grpc,connect -o json", &peer.address);
    let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let [grpc, connect] = [0, 1].map(|place| &document["outcomes"][place]);
    assert_eq!((&grpc["status"], &connect["error"]), (&serde_json::Value::Null, &serde_json::Value::Null));
    let why = grpc["error"]["message"].as_str().unwrap();
    assert!(why.contains("is an HTTP/1 web server"), "{why}");
    assert_eq!(document["differences"][0]["aspect"], "spoken");
    assert_eq!(document["differences"][0]["sides"][0]["protocols"], serde_json::json!(["grpc"]));
    // Nothing at all.
    assert_snapshot!(call("Greet --protocol connect,grpc", "localhost:1"), @"
    ------- stderr -------
    error: cannot connect to localhost:1
      caused by: Connection refused
    hint: nothing listens there: check host and port; rpcctl serve-demo starts a server to try
    [exit 1]
    ");
}

#[test]
fn the_schema_is_asked_for_over_whichever_protocol_tells_it() {
    let demo = Demo::plain();
    // In front of the demo stands what lets gRPC-Web and Connect over HTTP/1.1 through, and nothing else.
    let target = demo.address.clone();
    let proxy = Peer::tcp(move |mut client| {
        let target = target.clone();
        async move {
            use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
            let mut first = [0; 3];
            if client.read_exact(&mut first).await.is_err() {
                return;
            }
            if first == *b"PRI" {
                drop(client.write_all(b"HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n").await);
                return;
            }
            let mut server = tokio::net::TcpStream::connect(&target).await.unwrap();
            server.write_all(&first).await.unwrap();
            drop(tokio::io::copy_bidirectional(&mut client, &mut server).await);
        }
    });
    let output = rpcctl("call --protocol grpc,grpc-web,connect")
        .arg(&proxy.address)
        .args("HelloService/SayHello name=Alice");
    assert_snapshot!(output.run(), @r#"
    spoken
      grpc: no: 127.0.0.1:PORT is an HTTP/1 web server: it answers "HTTP/1.1 400 Bad Request"
      grpc-web, connect: yes
    ------- stderr -------
    * grpc, grpc-web and connect differ in 1 place
    [exit 99]
    "#);
    // Where none tells it, the first says why.
    let silent = Peer::h2_by_head(|_, _| unsupported());
    let output = rpcctl("call --protocol grpc,connect").arg(&silent.address).arg("a.B/C").run();
    assert_snapshot!(output, @"
    ------- stderr -------
    * over connect, the method is not found: the server refused reflection (UNKNOWN: the server answered HTTP 415 Unsupported Media Type and no Connect status)
    error: the server refused reflection (UNKNOWN: the server answered HTTP 415 Unsupported Media Type and no gRPC status)
    hint: see what is spoken there: rpcctl doctor 127.0.0.1:PORT --protocol grpc
    [exit 66]
    ");
}

#[test]
fn get_is_for_connect_and_the_others_go_on() {
    let peer = Peer::h2_by_head(|head, _| {
        if head.method == http::Method::GET {
            return connect(&[], greeting("Hi"));
        }
        assert_eq!(spoken(head), "grpc");
        grpc(&[], &["Hi"], &[("grpc-status", "0")])
    });
    assert_snapshot!(call("Look --protocol grpc,connect --get", &peer.address), @r#"
    {
      "text": "Hi"
    }
    ------- stderr -------
    * grpc and connect agree
    [exit 0]
    "#);
    assert_eq!(call("Look --protocol grpc,grpc-web --get", &peer.address).code, Some(2));
    assert_eq!(call("Greet --protocol grpc,connect --get", &peer.address).code, Some(2));
}

#[test]
fn a_stream_is_held_up_to_a_limit() {
    let demo = Demo::plain();
    let generate = demo.rpcctl("call", "Demo/Generate -o none --protocol grpc,connect");
    let output = generate.data(r#"{"count":20,"size":3000000}"#).run();
    assert_snapshot!(output, @"
    ------- stderr -------
    error: CANCELLED (1, on this side): no more than 32 MiB of an answer are compared
    * grpc and connect agree
    [exit 65]
    ");
    // One message is as large as --max-message-size allows.
    let generate =
        demo.rpcctl("call", "Demo/Generate -o none --protocol grpc,connect --max-message-size 64M");
    let output = generate.data(r#"{"count":1,"size":40000000}"#).run();
    assert_eq!(output.code, Some(0), "{output}");
}

#[test]
fn each_call_has_the_whole_timeout() {
    let peer = Peer::h2_by_head(|head, _| match spoken(head) {
        "grpc" => vec![Step::Hang],
        _ => connect(&[], greeting("Hi")),
    });
    assert_snapshot!(call("Greet --protocol grpc,connect --timeout 500ms", &peer.address), @"
    status
      grpc: DEADLINE_EXCEEDED (4, on this side): the deadline of 500ms passed while waiting for the answer to begin
      connect: OK (0)
    ------- stderr -------
    * grpc and connect differ in 1 place
    [exit 99]
    ");
}

#[test]
#[cfg(unix)]
fn a_signal_ends_it_all() {
    let (tell, called) = std::sync::mpsc::channel();
    let peer = Peer::h2_by_head(move |head, _| {
        if spoken(head) == "grpc" {
            return grpc(&[], &["Hi"], &[("grpc-status", "0")]);
        }
        tell.send(()).unwrap();
        vec![Step::Hang]
    });
    let folder = folder();
    let running = in_folder(folder.path(), "Greet --protocol grpc,connect", &peer.address).start();
    called.recv_timeout(std::time::Duration::from_secs(30)).unwrap();
    running.signal("INT");
    assert_snapshot!(running.wait(), @"
    ------- stderr -------
    interrupted after 1 of 2 protocols
    [exit 130]
    ");
}

#[test]
fn what_can_be_done_once_alone_is_refused() {
    for (flags, said) in [
        ("--each", "--each is about one call"),
        ("--dry-run", "--dry-run is about one call"),
        ("--limit 3", "--limit is about one call"),
        ("--prompt", "--prompt"),
        ("--all-backends", "--all-backends is about one call"),
        ("-o exchange", "-o exchange is about one call"),
        ("-o json --jq .", "--jq is for an answer"),
        ("-o json --raw", "--raw is for an answer"),
        ("-d @", "stdin can be read only once"),
        ("-d @/dev/null", "/dev/null can be read only once"),
        ("--http 1.1", "gRPC needs HTTP/2"),
        ("--get", "NO_SIDE_EFFECTS"),
    ] {
        let output = call(&format!("Greet --protocol grpc,connect {flags}"), "localhost:1");
        assert_eq!(output.code, Some(2), "{flags}: {output}");
        assert!(output.talk().contains(said), "{flags}: {output}");
        assert!(output.talk().contains("\nhint: "), "{flags}: {output}");
    }
    assert_snapshot!(call("Greet -d @- --protocol grpc,connect", "localhost:1"), @"
    ------- stderr -------
    error: --protocol names several, which all get the request, and stdin can be read only once
    hint: give it in a file: -d @FILE
    [exit 2]
    ");
    assert_snapshot!(call("Greet --protocol grpc,connect,grpc", "localhost:1"), @"
    ------- stderr -------
    error: --protocol names grpc more than once
    hint: name each once
    [exit 2]
    ");
    assert_snapshot!(call("Greet --protocol grpc,connect", "connect+http://localhost:1"), @"
    ------- stderr -------
    error: the target says connect, and --protocol names several
    hint: write the target with http:// or https://, or leave --protocol out
    [exit 2]
    ");
    assert_snapshot!(call("Greet --protocol grpc,connect", "netrpc://localhost:1"), @"
    ------- stderr -------
    error: --protocol is about gRPC, gRPC-Web and Connect, and this is a net/rpc server
    hint: leave the flag out
    [exit 2]
    ");
    assert_snapshot!(rpcctl("list localhost:1 --protocol grpc,connect").run(), @"
    ------- stderr -------
    error: --protocol names several, and one is spoken here: grpc,connect
    hint: name one; call compares what several answer
    [exit 2]
    ");
}

#[test]
fn a_request_from_a_file_is_read_each_time() {
    let peer = Peer::h2_by_head(|head, body| {
        let message = if spoken(head) == "grpc" { &body[5..] } else { body };
        assert_eq!(message, greeting("Hi"));
        match spoken(head) {
            "grpc" => grpc(&[], &["Hi"], &[("grpc-status", "0")]),
            _ => connect(&[], greeting("Hi")),
        }
    });
    assert_snapshot!(call("Greet --protocol grpc,connect -d @request.json", &peer.address), @r#"
    {
      "text": "Hi"
    }
    ------- stderr -------
    * grpc and connect agree
    [exit 0]
    "#);
}

#[test]
fn a_file_names_one_protocol() {
    let folder = folder();
    std::fs::write(folder.path().join("c.toml"), "protocol = \"grpc,connect\"\n").unwrap();
    let output = in_folder(folder.path(), "Greet --config c.toml", "localhost:1").run();
    assert_snapshot!(output, @"
    ------- stderr -------
    error: c.toml:1: protocol: a file names one protocol; several are named on the command line
    [exit 2]
    ");
    let check = rpcctl("config check --config c.toml").within(folder.path()).run();
    assert_snapshot!(check, @"
    c.toml:1: protocol: a file names one protocol; several are named on the command line
    ------- stderr -------
    c.toml (named with --config): 1 thing is wrong
    [exit 2]
    ");
    // What is typed counts in place of it, and not beside it.
    std::fs::write(folder.path().join("c.toml"), "protocol = \"connect\"\n").unwrap();
    let peer = of_two_minds();
    let output = in_folder(folder.path(), "Greet --config c.toml --protocol grpc", &peer.address).run();
    assert_eq!(output.to_string(), "{\n  \"text\": \"Hi\"\n}\n[exit 0]");
}
