//! The same call in gRPC-Web and in Connect, over HTTP/1.1 and HTTP/2: what goes over the wire, and what is made of
//! the answer.

use insta::assert_snapshot;

use crate::common::{Demo, GRPC, Output, Peer, Step, envelope, rpcctl};

const SCHEMA: &str = r#"
syntax = "proto3";
package t;
message Greeting { string text = 1; }
service Greeter {
  rpc Greet(Greeting) returns (Greeting);
  rpc Look(Greeting) returns (Greeting) { option idempotency_level = NO_SIDE_EFFECTS; }
  rpc Listen(Greeting) returns (stream Greeting);
  rpc Gather(stream Greeting) returns (Greeting);
}
"#;

/// A call with `{"text": "Hi"}`.
fn call(words: &str, address: &str) -> Output {
    call_with(words, address, r#"{"text":"Hi"}"#)
}

fn call_with(words: &str, address: &str, data: &str) -> Output {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("t.proto"), SCHEMA).unwrap();
    let (method, flags) = words.split_once(' ').unwrap_or((words, ""));
    let call = rpcctl("call --proto t.proto").within(folder.path()).arg(address).arg(method);
    call.args(flags).data(data).run()
}

/// `Greeting { text: "Hi" }`
const HI: &[u8] = b"\x0a\x02Hi";

fn answer(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 {status}\r\n{headers}content-length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

/// A server of HTTP/1.1 that answers with the request's head and body, as text, in a message of JSON.
fn telling() -> Peer {
    Peer::http1(|head, body| {
        let shown = |line: &&str| !line.starts_with("host: ") && !line.starts_with("connect-timeout-ms: ");
        let head: Vec<&str> = head.trim().lines().filter(shown).collect();
        let told = format!("{} | {}", head.join(" | "), body.escape_ascii());
        let json = serde_json::json!({ "text": told }).to_string();
        answer("200 OK", "content-type: application/json\r\n", json.as_bytes())
    })
}

/// A server of HTTP/1.1 that gives every request this answer.
fn saying(status: &'static str, headers: &'static str, body: Vec<u8>) -> Peer {
    Peer::http1(move |_, _| answer(status, headers, &body))
}

#[test]
fn a_unary_call_of_connect_is_plain_http() {
    let server = telling();
    assert_snapshot!(call("Greet --protocol connect --codec json --timeout 9s -H a:1", &server.address), @r#"
    {
      "text": "POST /t.Greeter/Greet HTTP/1.1 | content-type: application/json | connect-protocol-version: 1 | accept-encoding: gzip, deflate, br, zstd | user-agent: rpcctl/0.1.0 | a: 1 | content-length: 13 | {\\\"text\\\":\\\"Hi\\\"}"
    }
    [exit 0]
    "#);
    assert_snapshot!(call("Look --protocol connect --codec json --get", &server.address), @r#"
    {
      "text": "GET /t.Greeter/Look?connect=v1&encoding=json&base64=1&message=eyJ0ZXh0IjoiSGkifQ HTTP/1.1 | accept-encoding: gzip, deflate, br, zstd | user-agent: rpcctl/0.1.0 | "
    }
    [exit 0]
    "#);
}

#[test]
fn what_a_port_speaks_is_found_out() {
    // This one speaks HTTP/1.1 alone, and says so to HTTP/2's preface.
    let server = saying("200 OK", "content-type: application/proto\r\n", HI.to_vec());
    let url = format!("connect+http://{}", server.address);
    assert_snapshot!(call("Greet", &url), @r#"
    {
      "text": "Hi"
    }
    [exit 0]
    "#);
    // This one speaks HTTP/2 alone.
    let server = Peer::h2(|_, _| {
        vec![
            Step::Headers(200, vec![("content-type", "application/proto")]),
            Step::Data(HI.to_vec()),
            Step::End,
        ]
    });
    assert_snapshot!(call("Greet --protocol connect", &server.address), @r#"
    {
      "text": "Hi"
    }
    [exit 0]
    "#);
    assert_snapshot!(call("Greet --protocol connect --http 1.1 --connect-timeout 2s", &server.address), @r#"
    ------- stderr -------
    error: 127.0.0.1:PORT does not speak HTTP/1.1: its first bytes are "\x00\x00\x06\x04\x00\x00\x00\x00\x00\x00\x03\xff\xff\xff\xff"
    hint: is this the right port? --http auto speaks HTTP/2 where the server does
    [exit 1]
    "#);
}

#[test]
fn an_error_of_connect_is_a_status_with_its_details() {
    let error = br#"{"code":"not_found","message":"no such book","details":[
        {"type":"google.rpc.ErrorInfo","value":"CgVFTVBUWRIEc2hvcA","debug":{}}]}"#;
    let server = saying(
        "404 Not Found",
        "content-type: application/json\r\ntrailer-shelf: A7\r\nx-server: s\r\n",
        error.to_vec(),
    );
    assert_snapshot!(call("Greet --protocol connect -v", &server.address).without_times(), @r#"
    ------- stderr -------
    * connected to 127.0.0.1:PORT
    > POST http://127.0.0.1:PORT/t.Greeter/Greet HTTP/1.1
    > content-type: application/proto
    > connect-protocol-version: 1
    > accept-encoding: gzip, deflate, br, zstd
    > user-agent: rpcctl/0.1.0
    * response headers
    < content-type: application/json
    < x-server: s
    < content-length: 138
    * response trailers
    < shelf: A7
    error: NOT_FOUND (5): no such book
      1. {
           "@type": "type.googleapis.com/google.rpc.ErrorInfo",
           "reason": "EMPTY",
           "domain": "shop"
         }
    * sent 1 message, received 0 messages
    * time: resolve TIME, connect TIME, schema TIME, first byte TIME, total TIME
    [exit 69]
    "#);
    let server = saying("503 Service Unavailable", "content-type: text/html\r\n", b"<h1>busy</h1>".to_vec());
    assert_snapshot!(call("Greet --protocol connect", &server.address), @"
    ------- stderr -------
    error: UNAVAILABLE (14, read off a broken answer): the server answered HTTP 503 Service Unavailable and no Connect status, with content-type text/html: <h1>busy</h1>
    [exit 78]
    ");
}

#[test]
fn a_stream_of_connect_ends_with_an_envelope() {
    let stream = |end: &'static [u8]| {
        let body = [envelope(0, HI), envelope(0, HI), envelope(2, end)].concat();
        saying("200 OK", "content-type: application/connect+proto\r\n", body)
    };
    let good = stream(br#"{"metadata":{"shelf":["A7"]}}"#);
    assert_snapshot!(call("Listen --protocol connect -o jsonl -v", &good.address).without_times(), @r#"
    {"text":"Hi"}
    {"text":"Hi"}
    ------- stderr -------
    * connected to 127.0.0.1:PORT
    > POST http://127.0.0.1:PORT/t.Greeter/Listen HTTP/1.1
    > content-type: application/connect+proto
    > connect-protocol-version: 1
    > connect-accept-encoding: gzip, deflate, br, zstd
    > user-agent: rpcctl/0.1.0
    * response headers
    < content-type: application/connect+proto
    < content-length: 52
    * response trailers
    < shelf: A7
    * status: OK (0)
    * sent 1 message, received 2 messages
    * time: resolve TIME, connect TIME, schema TIME, first byte TIME, total TIME
    [exit 0]
    "#);
    let bad = stream(br#"{"error":{"code":"aborted","message":"stop"}}"#);
    assert_snapshot!(call("Listen --protocol connect -o jsonl", &bad.address), @r#"
    {"text":"Hi"}
    {"text":"Hi"}
    ------- stderr -------
    error: ABORTED (10): stop
    [exit 74]
    "#);
    let cut = saying("200 OK", "content-type: application/connect+proto\r\n", envelope(0, HI));
    assert_snapshot!(call("Listen --protocol connect -o jsonl", &cut.address), @r#"
    {"text":"Hi"}
    ------- stderr -------
    error: INTERNAL (13, read off a broken answer): the server ended its answer without saying how the call ended
    [exit 77]
    "#);
}

#[test]
fn grpc_web_has_its_trailers_in_the_body() {
    let body = || [envelope(0, HI), envelope(0x80, b"Grpc-Status: 0\r\nshelf: A7\r\n")].concat();
    let server = saying("200 OK", "content-type: application/grpc-web+proto\r\n", body());
    assert_snapshot!(call("Greet --protocol grpc-web -v", &server.address).without_times(), @r#"
    {
      "text": "Hi"
    }
    ------- stderr -------
    * connected to 127.0.0.1:PORT
    > POST http://127.0.0.1:PORT/t.Greeter/Greet HTTP/1.1
    > content-type: application/grpc-web+proto
    > accept: application/grpc-web+proto
    > x-grpc-web: 1
    > grpc-accept-encoding: gzip, deflate, br, zstd
    > user-agent: rpcctl/0.1.0
    * response headers
    < content-type: application/grpc-web+proto
    < content-length: 41
    * response trailers
    < grpc-status: 0
    < shelf: A7
    * status: OK (0)
    * sent 1 message, received 1 message
    * time: resolve TIME, connect TIME, schema TIME, first byte TIME, total TIME
    [exit 0]
    "#);
    let body = || [envelope(0, HI), envelope(0x80, b"grpc-status: 10\r\ngrpc-message: st%6fp\r\n")].concat();
    let server = Peer::h2(move |_, _| {
        let headers = vec![("content-type", "application/grpc-web+proto")];
        vec![Step::Headers(200, headers), Step::Data(body()), Step::End]
    });
    assert_snapshot!(call("Listen --protocol grpc-web", &server.address), @r#"
    {
      "text": "Hi"
    }
    ------- stderr -------
    error: ABORTED (10): stop
    [exit 74]
    "#);
    let server = saying(
        "200 OK",
        "content-type: application/grpc-web\r\ngrpc-status: 5\r\ngrpc-message: nobody\r\n",
        Vec::new(),
    );
    assert_snapshot!(call("Greet --protocol grpc-web", &server.address), @"
    ------- stderr -------
    error: NOT_FOUND (5): nobody
    [exit 69]
    ");
}

#[test]
fn grpc_web_text_is_base64_both_ways() {
    let server = Peer::http1(|head, body| {
        assert!(head.contains("content-type: application/grpc-web-text+proto\r\n"), "{head}");
        assert_eq!(body, b"AAAAAAQKAkhp", "an envelope with Hi in it");
        // Each envelope has padding of its own.
        let text = b"AAAAAAQKAkhpgAAAAA9ncnBjLXN0YXR1czowDQo=";
        answer("200 OK", "content-type: application/grpc-web-text+proto\r\n", text)
    });
    assert_snapshot!(call("Greet --protocol grpc-web-text", &server.address), @r#"
    {
      "text": "Hi"
    }
    [exit 0]
    "#);
}

#[test]
fn requests_are_compressed_in_any_of_the_usual_ways() {
    for name in ["gzip", "deflate", "br", "zstd"] {
        // Whatever came goes back as it is.
        let server = Peer::h2(move |_, body| {
            assert_eq!(body[0], 1, "the flag of a compressed message");
            let headers = vec![("content-type", "application/grpc"), ("grpc-encoding", name)];
            vec![
                Step::Headers(200, headers),
                Step::Data(body.to_vec()),
                Step::Trailers(vec![("grpc-status", "0")]),
            ]
        });
        let output = call(&format!("Greet --compression {name}"), &server.address);
        assert_eq!(output.to_string(), "{\n  \"text\": \"Hi\"\n}\n[exit 0]", "{name}");
    }
}

#[test]
fn messages_below_a_size_are_left_uncompressed() {
    // The flag of each message, in a header of the answer.
    let server = Peer::h2(|_, body| {
        let (mut flags, mut rest) = (String::new(), body);
        while let [flag, a, b, c, d, more @ ..] = rest {
            flags.push_str(&format!("{flag} "));
            let size = usize::try_from(u32::from_be_bytes([*a, *b, *c, *d])).unwrap();
            rest = &more[size..];
        }
        let flags: &'static str = flags.trim_end().to_owned().leak();
        vec![
            Step::Headers(200, vec![GRPC, ("x-flags", flags)]),
            Step::Data(envelope(0, b"")),
            Step::Trailers(vec![("grpc-status", "0")]),
        ]
    });
    let long = "a".repeat(1024);
    let messages = format!("{{\"text\":\"a\"}} {{\"text\":\"{long}\"}}");
    for (flags, wanted) in [
        ("--compression gzip", "x-flags: 1 1"),
        ("--compression gzip --compress-min-size 1K", "x-flags: 0 1"),
        ("--compression gzip --compress-min-size 1M", "x-flags: 0 0"),
    ] {
        let output = call_with(&format!("Gather {flags} -v"), &server.address, &messages);
        assert!(output.talk().contains(wanted), "{flags}: {output}");
    }
    // A request of Connect's that is one message says in its headers whether that is compressed.
    let server = Peer::h2(|_, body| {
        let compressed = if body.starts_with(&[0x1f, 0x8b]) { "yes" } else { "no" };
        vec![
            Step::Headers(200, vec![("content-type", "application/proto"), ("x-compressed", compressed)]),
            Step::End,
        ]
    });
    for (size, wanted) in [("0", true), ("1K", false)] {
        let words = format!("Greet --protocol connect --compression gzip --compress-min-size {size} -v");
        let output = call(&words, &server.address);
        let (header, flag) = ("content-encoding: gzip", if wanted { "yes" } else { "no" });
        assert_eq!(output.talk().contains(header), wanted, "{output}");
        assert!(output.talk().contains(&format!("x-compressed: {flag}")), "{output}");
    }
}

/// A message without an envelope is held to the limit as it comes.
#[test]
fn a_unary_answer_of_connect_has_a_limit() {
    let body = [&[0x0a, 0x80, 0x07][..], &[b'a'; 896]].concat();
    let server = saying("200 OK", "content-type: application/proto\r\n", body);
    assert_snapshot!(call("Greet --protocol connect --max-message-size 100", &server.address), @"
    ------- stderr -------
    error: RESOURCE_EXHAUSTED (8, on this side): a message is larger than the limit of 100 bytes
    hint: take larger messages with --max-message-size, such as 64M; 0 is no limit
    [exit 72]
    ");
    assert_eq!(call("Greet --protocol connect --max-message-size 900", &server.address).code, Some(0));
}

/// How large an error may be is nothing that a flag says, and what it is stands at its beginning.
#[test]
fn an_error_of_2_mebibytes_is_still_what_it_says() {
    let long = "m".repeat(2 << 20);
    let named = format!(r#"{{"code":"not_found","message":"{long}"}}"#);
    let server = saying("404 Not Found", "content-type: application/json\r\n", named.into_bytes());
    assert_snapshot!(call("Greet --protocol connect", &server.address), @r#"
    ------- stderr -------
    error: NOT_FOUND (5, read off a broken answer): the server answered HTTP 404 Not Found and an error of more than 1048576 bytes: {"code":"not_found","message":"mmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmm
    [exit 69]
    "#);
    let unnamed = format!(r#"{{"message":"{long}"}}"#);
    let server = saying("403 Forbidden", "content-type: application/json\r\n", unnamed.into_bytes());
    let output = call("Greet --protocol connect", &server.address);
    assert_eq!(output.code, Some(71), "{output}");
    let damaged = "content-type: application/json\r\ncontent-encoding: gzip\r\n";
    let server = saying("403 Forbidden", damaged, b"not gzip".to_vec());
    assert_snapshot!(call("Greet --protocol connect", &server.address), @"
    ------- stderr -------
    error: PERMISSION_DENIED (7, read off a broken answer): the server answered HTTP 403 Forbidden and an error that can't be read: a compressed message is damaged: unexpected end of file
    [exit 71]
    ");
}

/// A server that says something else to everybody.
#[test]
fn a_port_that_speaks_something_else() {
    let server = Peer::tcp(|mut stream: tokio::net::TcpStream| async move {
        use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
        drop(stream.write_all(b"-ERR unknown command\r\n").await);
        drop(stream.read_to_end(&mut Vec::new()).await);
    });
    assert_snapshot!(call("Greet --protocol connect", &server.address), @r#"
    ------- stderr -------
    error: 127.0.0.1:PORT does not speak HTTP: its first bytes are "-ERR unknown command\r\n"
    hint: is this the right port? Neither HTTP/2 nor HTTP/1.1 is understood there
    [exit 1]
    "#);
    assert_snapshot!(call("Greet --protocol connect --http 1.1", &server.address), @r#"
    ------- stderr -------
    error: 127.0.0.1:PORT does not speak HTTP/1.1: its first bytes are "-ERR unknown command\r\n"
    hint: is this the right port? --http auto speaks HTTP/2 where the server does
    [exit 1]
    "#);
    assert_snapshot!(call("Greet", &server.address), @r#"
    ------- stderr -------
    error: 127.0.0.1:PORT does not speak HTTP/2: its first bytes are "-ERR unknown command\r\n"
    hint: gRPC needs HTTP/2: is this the right port, and no HTTP/1 proxy before it?
    [exit 1]
    "#);
}

#[test]
fn headers_that_a_protocol_sets_itself_are_refused() {
    for (protocol, header) in [
        ("connect", "content-encoding: gzip"),
        ("connect", "accept-encoding: identity"),
        ("connect", "connect-timeout-ms: 1"),
        ("connect", "Connect-Protocol-Version: 2"),
        ("grpc-web", "x-grpc-web: 2"),
        ("grpc-web-text", "content-encoding: gzip"),
        ("grpc,connect", "connect-timeout-ms: 1"),
    ] {
        for flag in ["-H", "--rpc-header", "--reflect-header"] {
            let call = rpcctl("call localhost:1 t.Greeter/Greet --protocol").arg(protocol);
            let output = call.arg(flag).arg(header).run();
            assert_eq!(output.code, Some(2), "{protocol}, {header}: {output}");
            assert!(output.talk().contains("can't be given as a header"), "{output}");
        }
        let list = rpcctl("list localhost:1 --protocol").arg(protocol.trim_start_matches("grpc,"));
        let output = list.arg("-H").arg(header).run();
        assert_eq!(output.code, Some(2), "{protocol}, {header}: {output}");
    }
    let refused = rpcctl("call localhost:1 t.Greeter/Greet --protocol connect -H connect-timeout-ms:1");
    assert_snapshot!(refused.run(), @r#"
    ------- stderr -------
    error: "connect-timeout-ms" is set by Connect itself and can't be given as a header
    hint: leave it out: --compression says how requests are compressed, --timeout how long a call may take
    [exit 2]
    "#);
    // They mean nothing to gRPC, and go to the server as any others.
    let server = Peer::h2(|_, _| vec![Step::Only(200, vec![GRPC, ("grpc-status", "5")])]);
    let call = call("Greet -v -H content-encoding:gzip -H connect-timeout-ms:1", &server.address);
    assert_eq!(call.code, Some(69), "{call}");
    assert!(call.talk().contains("> connect-timeout-ms: 1\n"), "{call}");
}

#[test]
fn a_call_is_part_of_one_trace() {
    let header = "traceparent:00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let words = format!("call localhost:1 t.Greeter/Greet --traceparent -H {header}");
    assert_snapshot!(rpcctl(&words).run(), @"
    ------- stderr -------
    error: two traces: --traceparent makes a traceparent header, and one is given
    hint: leave --traceparent out, or the header
    [exit 2]
    ");
}

/// Where the message is all of the request, there is nothing to be held open.
#[test]
fn a_unary_call_of_connect_ends_with_its_message() {
    let demo = Demo::plain();
    let words = "demo.v1.Demo/Echo --no-half-close --timeout 2s --protocol";
    assert_snapshot!(demo.rpcctl("call", words).arg("connect").run(), @"
    ------- stderr -------
    error: --no-half-close can't hold demo.v1.Demo/Echo open: Connect calls it with a request that ends with its one message
    hint: leave it out, or call over gRPC or gRPC-Web, where it is a stream
    [exit 2]
    ");
    assert_eq!(demo.rpcctl("call", words).arg("grpc,connect").run().code, Some(2));
    let raw =
        demo.rpcctl("call", "demo.v1.Demo/Echo --no-half-close --protocol connect --raw-request").arg("");
    assert_eq!(raw.run().code, Some(2));
    // A stream can.
    let words = "demo.v1.Demo/Chat --no-half-close --cancel-after 1msg -o jsonl --protocol connect";
    let chat = demo.rpcctl("call", words).data("{}").run();
    assert_eq!(chat.code, Some(65), "{chat}");
}

#[test]
fn what_contradicts_itself_is_refused() {
    for words in [
        "Greet --http 1.1",
        "Greet --get",
        "Greet --protocol connect --get",
        "Listen --protocol connect --get",
        "Greet --protocol soap",
    ] {
        let output = call(words, "localhost:1");
        assert_eq!(output.code, Some(2), "{words}: {output}");
    }
    assert_snapshot!(call("Greet --http 1.1", "localhost:1"), @"
    ------- stderr -------
    error: gRPC needs HTTP/2, and --http says 1.1
    hint: leave --http out, or speak what HTTP/1.1 carries: --protocol grpc-web, --protocol connect
    [exit 2]
    ");
    assert_snapshot!(call("Greet --protocol connect --get", "localhost:1"), @"
    ------- stderr -------
    error: t.Greeter/Greet may have side effects: its idempotency_level is not NO_SIDE_EFFECTS
    hint: leave --get out, and it is called with POST
    [exit 2]
    ");
    assert_snapshot!(call("Greet --protocol grpc-web", "connect+http://localhost:1"), @"
    ------- stderr -------
    error: the target says connect, and --protocol says grpc-web
    hint: leave the flag out
    [exit 2]
    ");
    assert_snapshot!(call("Greet --codec json", "netrpc://localhost:1"), @"
    ------- stderr -------
    error: --codec is about gRPC, gRPC-Web and Connect, and this is a net/rpc server
    hint: leave the flag out
    [exit 2]
    ");
}
