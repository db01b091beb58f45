//! The demo server in every protocol, over HTTP/1.1 and HTTP/2, in protobuf's bytes and in JSON.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use insta::assert_snapshot;

use crate::common::{Demo, Output, rpcctl};

/// Every way to speak to it, as flags.
fn ways() -> impl Iterator<Item = String> {
    let protocols = ["grpc", "grpc-web", "grpc-web-text", "connect"];
    protocols.into_iter().flat_map(|protocol| {
        let versions: &[&str] = if protocol == "grpc" { &["2"] } else { &["1.1", "2"] };
        versions.iter().flat_map(move |http| {
            ["proto", "json"].map(|codec| format!("--protocol {protocol} --http {http} --codec {codec}"))
        })
    })
}

/// A call in each way; all of them have to come out the same.
fn everywhere(demo: &Demo, method: &str, data: &str) -> Output {
    let mut first = None;
    for way in ways() {
        let output = demo.rpcctl("call", method).args("-o jsonl").args(&way).data(data).run();
        let first = first.get_or_insert_with(|| output.to_string());
        assert_eq!(output.to_string(), *first, "{method} with {way}");
    }
    demo.rpcctl("call", method).args("-o jsonl").data(data).run()
}

#[test]
fn every_shape_is_the_same_in_every_way() {
    let demo = Demo::plain();
    assert_snapshot!(everywhere(&demo, "hello.HelloService/SayHello", r#"{"name": "Alice"}"#), @r#"
    {"message":"Hello, Alice"}
    [exit 0]
    "#);
    assert_snapshot!(everywhere(&demo, "demo.v1.Demo/CountDown", r#"{"from": 3}"#), @r#"
    {"number":3}
    {"number":2}
    {"number":1}
    [exit 0]
    "#);
    assert_snapshot!(everywhere(&demo, "demo.v1.Demo/Sum", r#"{"number": 2} {"number": 40}"#), @r#"
    {"sum":"42","count":"2"}
    [exit 0]
    "#);
    assert_snapshot!(everywhere(&demo, "demo.v1.Demo/Chat", r#"{"text": "a"} {"text": "b"}"#), @r#"
    {"sequence":"1","text":"a"}
    {"sequence":"2","text":"b"}
    [exit 0]
    "#);
}

#[test]
fn every_failure_is_the_same_in_every_way() {
    let demo = Demo::plain();
    let failure =
        r#"{"code": "NOT_FOUND", "message": "no such bük: 100%", "samples": ["ERROR_INFO", "RETRY_INFO"]}"#;
    assert_snapshot!(everywhere(&demo, "demo.v1.Demo/Fail", failure), @r#"
    ------- stderr -------
    error: NOT_FOUND (5): no such bük: 100%
      1. {
           "@type": "type.googleapis.com/google.rpc.ErrorInfo",
           "reason": "SHELF_EMPTY",
           "domain": "demo.example.com",
           "metadata": {
             "shelf": "A7"
           }
         }
      2. {
           "@type": "type.googleapis.com/google.rpc.RetryInfo",
           "retryDelay": "1.500s"
         }
    [exit 69]
    "#);
    let after = format!(r#"{{"messages": 2, "failure": {failure}}}"#);
    assert_snapshot!(everywhere(&demo, "demo.v1.Demo/FailAfter", &after), @r#"
    {"sequence":1}
    {"sequence":2}
    ------- stderr -------
    error: NOT_FOUND (5): no such bük: 100%
      1. {
           "@type": "type.googleapis.com/google.rpc.ErrorInfo",
           "reason": "SHELF_EMPTY",
           "domain": "demo.example.com",
           "metadata": {
             "shelf": "A7"
           }
         }
      2. {
           "@type": "type.googleapis.com/google.rpc.RetryInfo",
           "retryDelay": "1.500s"
         }
    [exit 69]
    "#);
    // A status that stands for itself.
    assert_snapshot!(everywhere(&demo, "demo.v1.Demo/Sum", r#"{"number": "9223372036854775807"} {"number": 1}"#), @"
    ------- stderr -------
    error: OUT_OF_RANGE (11): the sum leaves 64 bits at number 2
    [exit 75]
    ");
}

#[test]
fn metadata_goes_both_ways_in_every_way() {
    let demo = Demo::plain();
    for way in ways() {
        let call = demo.rpcctl("call", "demo.v1.Demo/EchoMetadata -o jsonl -v").args(&way);
        let output = call.args("-H x-a:1 -H x-a:2 -H x-b-bin:AQI= -H own:3").data("{}").run();
        assert_eq!(
            output.text(),
            concat!(
                r#"{"entries":[{"name":"own","text":"3"},{"name":"user-agent","text":"rpcctl/0.1.0"},"#,
                r#"{"name":"x-a","text":"1"},{"name":"x-a","text":"2"},{"name":"x-b-bin","binary":"AQI="}]}"#,
                "\n"
            ),
            "{way}"
        );
        let talk = output.talk();
        let (headers, trailers) = talk.split_once("* response trailers").unwrap();
        for part in [headers, trailers] {
            for line in ["\n< x-a: 1\n", "\n< x-a: 2\n", "\n< x-b-bin: AQI"] {
                assert!(part.contains(line), "{way}: no {line:?} in {part}");
            }
            assert!(!part.contains("< own"), "{way}: {part}");
        }
    }
}

#[test]
fn messages_are_compressed_both_ways() {
    let demo = Demo::plain();
    let text = "abc ".repeat(2000);
    for way in ways() {
        for name in ["gzip", "deflate", "br", "zstd"] {
            let call = demo.rpcctl("call", "demo.v1.Demo/Echo -o jsonl -vv").args(&way).args("--compression");
            let output = call.arg(name).data(&format!(r#"{{"stringValue": "{text}"}}"#)).run();
            assert_eq!(output.text(), format!("{{\"stringValue\":\"{text}\"}}\n"), "{way} in {name}");
            let talk = output.talk();
            assert!(talk.contains(" bytes, compressed from 80"), "{way} in {name}: {talk}");
            let received = |name| format!(" bytes of {name}, which are 80");
            // tonic has gzip; the others are for what is not gRPC in protobuf's bytes.
            assert!(talk.contains(&received("gzip")), "{way} in {name}: {talk}");
        }
    }
}

#[test]
fn a_conversation_goes_back_and_forth() {
    let demo = Demo::plain();
    for way in ways() {
        let mut chat = demo.rpcctl("call", "demo.v1.Demo/Chat -o jsonl -d @").args(&way).start();
        for (at, word) in ["one", "two", "three"].into_iter().enumerate() {
            chat.write(&format!("{{\"text\":\"{word}\"}}\n"));
            assert_eq!(chat.line(), format!("{{\"sequence\":\"{}\",\"text\":\"{word}\"}}", at + 1), "{way}");
        }
        chat.close_stdin();
        assert_eq!(chat.wait().code, Some(0), "{way}");
    }
}

#[test]
fn a_half_duplex_conversation_may_be_long() {
    let demo = Demo::plain();
    let messages = format!("{{\"text\":\"{}\"}}", "x".repeat(1000)).repeat(2000);
    for way in ["--protocol connect --http 1.1", "--protocol grpc-web-text --http 1.1"] {
        let output = demo.rpcctl("call", "demo.v1.Demo/Chat -o jsonl -d @").args(way).stdin(&*messages).run();
        assert_eq!(output.code, Some(0), "{way}");
        assert_eq!(output.text().lines().count(), 2000, "{way}");
    }
}

#[test]
fn an_application_of_http_alone_posts_json() {
    let demo = Demo::plain();
    let post = |path: &str, headers: &str, body: &str| {
        demo.http1_text(&format!("POST /{path} HTTP/1.1\ncontent-type: application/json\n{headers}"), body)
    };
    assert_snapshot!(post("hello.HelloService/SayHello", "x-a: 1", r#"{"name":"curl"}"#), @r#"
    HTTP/1.1 200 OK
    content-type: application/json
    content-length: 25

    {"message":"Hello, curl"}
    "#);
    assert_snapshot!(post("hello.HelloService/SayHello", "x-a: 1", r#"{"nmae":"curl"}"#), @r#"
    HTTP/1.1 400 Bad Request
    accept-encoding: gzip, deflate, br, zstd
    content-type: application/json
    content-length: 125

    {"code":"invalid_argument","message":"line 1 column 2: unknown field \"nmae\" of hello.HelloRequest, did you mean \"name\"?"}
    "#);
    assert_snapshot!(post("demo.v1.Demo/EchoMetadata", "x-a: 1\nconnect-protocol-version: 1", "{}"), @r#"
    HTTP/1.1 200 OK
    x-a: 1
    trailer-x-a: 1
    content-type: application/json
    content-length: 39

    {"entries":[{"name":"x-a","text":"1"}]}
    "#);
    assert_snapshot!(post("demo.v1.Demo/Fail", "", r#"{"code":8,"message":"no","samples":["REQUEST_INFO"]}"#), @r#"
    HTTP/1.1 429 Too Many Requests
    accept-encoding: gzip, deflate, br, zstd
    content-type: application/json
    content-length: 177

    {"code":"resource_exhausted","details":[{"debug":{"requestId":"req-1","servingData":"shard 3"},"type":"google.rpc.RequestInfo","value":"CgVyZXEtMRIHc2hhcmQgMw"}],"message":"no"}
    "#);
    assert_snapshot!(post("demo.v1.Demo/Sleep", "connect-timeout-ms: 50", r#"{"duration":"9s"}"#), @r#"
    HTTP/1.1 504 Gateway Timeout
    accept-encoding: gzip, deflate, br, zstd
    content-type: application/json
    content-length: 74

    {"code":"deadline_exceeded","message":"the deadline passed on the server"}
    "#);
    assert_snapshot!(post("demo.v1.Demo/Sleep", "connect-timeout-ms: soon", "{}"), @r#"
    HTTP/1.1 400 Bad Request
    accept-encoding: gzip, deflate, br, zstd
    content-type: application/json
    content-length: 97

    {"code":"invalid_argument","message":"connect-timeout-ms is to be a number of at most 10 digits"}
    "#);
    assert_snapshot!(post("demo.v1.Demo/Sleep", "connect-protocol-version: 2", "{}"), @r#"
    HTTP/1.1 400 Bad Request
    accept-encoding: gzip, deflate, br, zstd
    content-type: application/json
    content-length: 84

    {"code":"invalid_argument","message":"connect-protocol-version is \"2\", not \"1\""}
    "#);
    assert_snapshot!(post("demo.v1.Demo/Sleep", "content-encoding: lzw", "{}"), @r#"
    HTTP/1.1 501 Not Implemented
    accept-encoding: gzip, deflate, br, zstd
    content-type: application/json
    content-length: 119

    {"code":"unimplemented","message":"messages compressed with \"lzw\" are not understood: use gzip, deflate, br or zstd"}
    "#);
    assert_snapshot!(post("demo.v1.Demo/Nap", "", "{}"), @r#"
    HTTP/1.1 404 Not Found
    accept-encoding: gzip, deflate, br, zstd
    content-type: application/json
    content-length: 24

    {"code":"unimplemented"}
    "#);
    assert_snapshot!(post("other.Service/Nap", "", "{}"), @r#"
    HTTP/1.1 404 Not Found
    accept-encoding: gzip, deflate, br, zstd
    content-type: application/json
    content-length: 66

    {"code":"unimplemented","message":"unknown service other.Service"}
    "#);
}

#[test]
fn a_method_without_side_effects_can_be_got() {
    let demo = Demo::plain();
    let get = |what: &str| demo.http1_text(&format!("GET /demo.v1.Demo/{what} HTTP/1.1"), "");
    assert_snapshot!(get("Echo?connect=v1&encoding=json&message=%7B%22stringValue%22%3A%22a+b%22%7D"), @r#"
    HTTP/1.1 200 OK
    vary: accept-encoding
    content-type: application/json
    content-length: 21

    {"stringValue":"a b"}
    "#);
    assert_snapshot!(get("Fail?encoding=json&base64=1&message=eyJjb2RlIjo1fQ&connect=v1"), @r#"
    HTTP/1.1 404 Not Found
    vary: accept-encoding
    accept-encoding: gzip, deflate, br, zstd
    content-type: application/json
    content-length: 20

    {"code":"not_found"}
    "#);
    assert_snapshot!(get("Echo?encoding=json"), @r#"
    HTTP/1.1 400 Bad Request
    vary: accept-encoding
    accept-encoding: gzip, deflate, br, zstd
    content-type: application/json
    content-length: 94

    {"code":"invalid_argument","message":"the query has no message, or none in base64 as it says"}
    "#);
    assert_snapshot!(get("Echo?encoding=json&message=%7B%7D&connect=v2"), @r#"
    HTTP/1.1 400 Bad Request
    vary: accept-encoding
    accept-encoding: gzip, deflate, br, zstd
    content-type: application/json
    content-length: 73

    {"code":"invalid_argument","message":"the query says connect=v2, not v1"}
    "#);
    assert_snapshot!(get("Echo?encoding=xml&message=%7B%7D"), @"
    HTTP/1.1 415 Unsupported Media Type
    content-type: text/plain; charset=utf-8
    content-length: 48

    the query needs encoding=json or encoding=proto
    ");
    assert_snapshot!(get("Sleep?encoding=json&message=%7B%7D"), @"
    HTTP/1.1 405 Method Not Allowed
    content-type: text/plain; charset=utf-8
    allow: POST
    content-length: 36

    this method can be called with POST
    ");
    for way in ["--http 1.1 --codec json", "--http 2 --codec proto", "--http 2 --compression br"] {
        let call = demo.rpcctl("call", "demo.v1.Demo/Echo -o jsonl --get --protocol connect").args(way);
        assert_eq!(call.data(r#"{"int32Value":7}"#).run().text(), "{\"int32Value\":7}\n", "{way}");
    }
}

#[test]
fn what_is_no_call_is_told_by_http() {
    let demo = Demo::plain();
    assert_snapshot!(demo.http1_text("GET / HTTP/1.1", ""), @"
    HTTP/1.1 404 Not Found
    content-type: text/plain; charset=utf-8
    content-length: 51

    no method is here: POST to /package.Service/Method
    ");
    assert_snapshot!(demo.http1_text("PUT /hello.HelloService/SayHello HTTP/1.1", "{}"), @"
    HTTP/1.1 405 Method Not Allowed
    content-type: text/plain; charset=utf-8
    allow: POST
    content-length: 36

    this method can be called with POST
    ");
    assert_snapshot!(demo.http1_text("PUT /demo.v1.Demo/Echo HTTP/1.1", "{}"), @"
    HTTP/1.1 405 Method Not Allowed
    content-type: text/plain; charset=utf-8
    allow: GET, POST
    content-length: 41

    this method can be called with GET, POST
    ");
    let form = "POST /hello.HelloService/SayHello HTTP/1.1\ncontent-type: application/x-www-form-urlencoded";
    assert_snapshot!(demo.http1_text(form, "{}"), @"
    HTTP/1.1 415 Unsupported Media Type
    content-type: text/plain; charset=utf-8
    accept-post: application/proto, application/json, application/grpc-web-text+proto, application/grpc-web-text+json, application/grpc-web+proto, application/grpc-web+json, application/grpc+proto, application/grpc+json
    content-length: 236

    the content-type is to be one of application/proto, application/json, application/grpc-web-text+proto, application/grpc-web-text+json, application/grpc-web+proto, application/grpc-web+json, application/grpc+proto, application/grpc+json
    ");
    let unary = "POST /demo.v1.Demo/CountDown HTTP/1.1\ncontent-type: application/json";
    assert_snapshot!(demo.http1_text(unary, "{}"), @"
    HTTP/1.1 415 Unsupported Media Type
    content-type: text/plain; charset=utf-8
    accept-post: application/connect+proto, application/connect+json, application/grpc-web-text+proto, application/grpc-web-text+json, application/grpc-web+proto, application/grpc-web+json, application/grpc+proto, application/grpc+json
    content-length: 252

    the content-type is to be one of application/connect+proto, application/connect+json, application/grpc-web-text+proto, application/grpc-web-text+json, application/grpc-web+proto, application/grpc-web+json, application/grpc+proto, application/grpc+json
    ");
    let grpc = "POST /hello.HelloService/SayHello HTTP/1.1\ncontent-type: application/grpc";
    assert_snapshot!(demo.http1_text(grpc, ""), @"
    HTTP/1.1 505 HTTP Version Not Supported
    content-type: text/plain; charset=utf-8
    content-length: 63

    gRPC needs HTTP/2; gRPC-Web and Connect work over HTTP/1.1 too
    ");
}

#[test]
fn broken_requests_are_invalid() {
    let demo = Demo::plain();
    let call = |method: &str, body: &[u8]| {
        let head = format!("POST /demo.v1.Demo/{method} HTTP/1.1\ncontent-type: application/connect+json");
        let answer = demo.http1(&head, body);
        let json = answer.iter().rposition(|&byte| byte == 2).unwrap() + 5;
        let end = answer[json..].split(|&byte| byte == b'\r').next().unwrap();
        String::from_utf8(end.to_vec()).unwrap()
    };
    assert_snapshot!(call("CountDown", b""), @r#"{"error":{"code":"unimplemented","message":"the method takes one message, and the request has none"}}"#);
    assert_snapshot!(call("CountDown", b"\0\0\0\0\x02{}\0\0\0\0\x02{}"), @r#"{"error":{"code":"unimplemented","message":"the method takes one message, and the request has more"}}"#);
    let stream = |body: &[u8]| call("Sum", body);
    assert_snapshot!(stream(b"\0\0\0\0\x09{}"), @r#"{"error":{"code":"invalid_argument","message":"the request ended in the middle of a message"}}"#);
    assert_snapshot!(stream(b"\x01\0\0\0\x02{}"), @r#"{"error":{"code":"internal","message":"a message is marked as compressed, and no way to do so was named"}}"#);
    assert_snapshot!(stream(b"\x04\0\0\0\x02{}"), @r#"{"error":{"code":"invalid_argument","message":"a message begins with the byte 0x04, which is no flag"}}"#);
    assert_snapshot!(stream(b"\0\xff\xff\xff\xff{}"), @r#"{"error":{"code":"resource_exhausted","message":"a message is larger than the limit of 67108864 bytes"}}"#);
    assert_snapshot!(stream(b"\0\0\0\0\x02{]"), @r#"{"error":{"code":"invalid_argument","message":"line 1 column 2: not valid JSON: expected a member's name in double quotes, or '}', found ']'"}}"#);
    let text = "POST /hello.HelloService/SayHello HTTP/1.1\ncontent-type: application/grpc-web-text";
    let answer = String::from_utf8(demo.http1(text, b"A=AAAA")).unwrap();
    let digits = answer.lines().find(|line| line.starts_with("gAAA")).unwrap();
    let trailers = BASE64_STANDARD.decode(digits).unwrap();
    assert_snapshot!(trailers.escape_ascii(), @r"\x80\x00\x00\x00^grpc-status: 3\r\ngrpc-message: the%20body%20is%20no%20base64,%20as%20grpc-web-text%20has%20it\r\n");
}

#[test]
fn a_stream_ends_at_its_deadline() {
    let demo = Demo::plain();
    let head = "POST /demo.v1.Demo/CountDown HTTP/1.1
        content-type: application/connect+json
        connect-timeout-ms: 300";
    let request = br#"{"from":9,"interval":"9s"}"#;
    let envelope = [&[0, 0, 0, 0, u8::try_from(request.len()).unwrap()][..], request].concat();
    let answer = demo.http1(head, &envelope);
    let text = String::from_utf8_lossy(&answer);
    assert!(text.contains("{\"number\":9}"), "{text}");
    let end = r#"{"error":{"code":"deadline_exceeded","message":"the deadline passed on the server"}}"#;
    assert!(text.contains(end), "{text}");
}

#[test]
fn a_connection_outlives_requests_that_were_answered_early() {
    use std::io::{BufRead as _, BufReader, Read as _, Write as _};

    let demo = Demo::with("--token secret");
    let mut server = std::net::TcpStream::connect(&demo.address).unwrap();
    server.set_read_timeout(Some(std::time::Duration::from_secs(30))).unwrap();
    let mut answers = BufReader::new(server.try_clone().unwrap());
    let body = vec![b'x'; 300_000];
    let requests = [
        ("/hello.HelloService/SayHello", "image/png", "415"),
        ("/hello.HelloService/Nothing", "application/proto", "401"),
        ("/hello.HelloService/SayHello", "application/proto", "401"),
        ("/demo.v1.Demo/Sum", "application/connect+proto", "200"),
        ("/nowhere", "text/plain", "404"),
    ];
    for (path, content_type, status) in requests {
        let size = body.len();
        let head = format!("POST {path} HTTP/1.1\r\nhost: demo\r\ncontent-type: {content_type}\r\n");
        server.write_all(format!("{head}content-length: {size}\r\n\r\n").as_bytes()).unwrap();
        // The answer is there before the body is.
        let mut line = String::new();
        answers.read_line(&mut line).unwrap();
        assert!(line.starts_with(&format!("HTTP/1.1 {status} ")), "{path}: {line}");
        server.write_all(&body).unwrap();
        skip_answer(&mut answers);
    }
    server.write_all(b"GET / HTTP/1.1\r\nhost: demo\r\nconnection: close\r\n\r\n").unwrap();
    let mut rest = String::new();
    answers.read_to_string(&mut rest).unwrap();
    assert!(rest.starts_with("HTTP/1.1 404 "), "{rest}");
}

/// Reads what is left of an answer behind its first line.
fn skip_answer(answers: &mut impl std::io::BufRead) {
    let (mut size, mut chunked) = (0, false);
    let mut line = String::new();
    while answers.read_line(&mut line).unwrap() > 2 {
        if let Some(told) = line.strip_prefix("content-length: ") {
            size = told.trim().parse().unwrap();
        }
        chunked |= line.starts_with("transfer-encoding: chunked");
        line.clear();
    }
    let mut body = vec![0; size];
    answers.read_exact(&mut body).unwrap();
    while chunked {
        let mut line = String::new();
        answers.read_line(&mut line).unwrap();
        let size = usize::from_str_radix(line.trim(), 16).unwrap();
        answers.read_exact(&mut vec![0; size + 2]).unwrap();
        chunked = size > 0;
    }
}

#[test]
fn pages_of_other_origins_may_call() {
    let demo = Demo::plain();
    let preflight = "OPTIONS /hello.HelloService/SayHello HTTP/1.1
        origin: https://page.example
        access-control-request-method: POST
        access-control-request-headers: content-type,connect-protocol-version,x-a";
    assert_snapshot!(demo.http1_text(preflight, ""), @"
    HTTP/1.1 204 No Content
    access-control-allow-origin: *
    access-control-allow-methods: GET, POST
    access-control-allow-headers: content-type,connect-protocol-version,x-a
    vary: access-control-request-headers
    access-control-max-age: 7200
    ");
    let call = "POST /demo.v1.Demo/EchoMetadata HTTP/1.1
        origin: https://page.example
        content-type: application/json
        x-a: 1";
    assert_snapshot!(demo.http1_text(call, "{}"), @r#"
    HTTP/1.1 200 OK
    x-a: 1
    trailer-x-a: 1
    content-type: application/json
    access-control-expose-headers: x-a, trailer-x-a, content-type
    access-control-allow-origin: *
    content-length: 87

    {"entries":[{"name":"origin","text":"https://page.example"},{"name":"x-a","text":"1"}]}
    "#);
    let refused = "POST /hello.HelloService/SayHello HTTP/1.1
        origin: https://page.example
        content-type: text/plain";
    assert_snapshot!(demo.http1_text(refused, "{}"), @"
    HTTP/1.1 415 Unsupported Media Type
    content-type: text/plain; charset=utf-8
    accept-post: application/proto, application/json, application/grpc-web-text+proto, application/grpc-web-text+json, application/grpc-web+proto, application/grpc-web+json, application/grpc+proto, application/grpc+json
    access-control-expose-headers: content-type, accept-post
    access-control-allow-origin: *
    content-length: 236

    the content-type is to be one of application/proto, application/json, application/grpc-web-text+proto, application/grpc-web-text+json, application/grpc-web+proto, application/grpc-web+json, application/grpc+proto, application/grpc+json
    ");
    assert_snapshot!(demo.http1_text("OPTIONS /hello.HelloService/SayHello HTTP/1.1", ""), @"
    HTTP/1.1 405 Method Not Allowed
    content-type: text/plain; charset=utf-8
    allow: POST
    content-length: 36

    this method can be called with POST
    ");
}

#[test]
fn a_token_and_chance_are_told_by_http_too() {
    let head = "POST /hello.HelloService/SayHello HTTP/1.1\ncontent-type: application/json";
    let tokened = Demo::with("--token secret --log");
    assert_snapshot!(tokened.http1_text(head, "{}"), @r#"
    HTTP/1.1 401 Unauthorized
    accept-encoding: gzip, deflate, br, zstd
    content-type: application/json
    content-length: 81

    {"code":"unauthenticated","message":"no token: send authorization: Bearer TOKEN"}
    "#);
    let given = format!("{head}\nauthorization: Bearer secret");
    assert!(tokened.http1_text(&given, "{}").ends_with("{\"message\":\"Hello, world\"}"));
    assert_snapshot!(Demo::with("--fail-rate 1").http1_text(head, "{}"), @r#"
    HTTP/1.1 503 Service Unavailable
    accept-encoding: gzip, deflate, br, zstd
    content-type: application/json
    content-length: 72

    {"code":"unavailable","message":"failed by chance, as --fail-rate asks"}
    "#);
}

#[test]
fn tls_agrees_on_either_http() {
    let demo = Demo::with("--tls");
    let server = format!("connect+https://localhost:{}", demo.port());
    for http in ["1.1", "2", "auto"] {
        let call =
            rpcctl("call").arg(&server).args("HelloService/SayHello -o jsonl --insecure -v --http").arg(http);
        let output = call.run();
        assert_eq!(output.text(), "{\"message\":\"Hello, world\"}\n", "{http}: {output}");
        let is_one = output.talk().contains("SayHello HTTP/1.1\n");
        assert_eq!(is_one, http == "1.1", "{http}: {output}");
    }
    let grpc = rpcctl("call").arg(format!("https://localhost:{}", demo.port()));
    assert_eq!(grpc.args("HelloService/SayHello --insecure").run().code, Some(0));
}

#[test]
fn reflection_and_health_answer_in_every_way() {
    let demo = Demo::plain();
    let listed = demo.rpcctl("list", "").run().to_string();
    for way in ways().filter(|way| way.contains("proto")) {
        let way = way.replace("--codec proto", "").replace("--codec json", "");
        assert_eq!(demo.rpcctl("list", &way).run().to_string(), listed, "{way}");
    }
    let alpha = "grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo";
    let services = everywhere(&demo, alpha, r#"{"listServices": ""}"#).text();
    assert!(services.contains("demo.v1.Demo"), "{services}");
    assert_snapshot!(everywhere(&demo, "grpc.health.v1.Health/Check", r#"{"service": "demo.v1.Demo"}"#), @r#"
    {"status":"SERVING"}
    [exit 0]
    "#);
}

#[test]
#[cfg(unix)]
fn a_stream_of_connect_is_finished_when_the_server_is_told_to_stop() {
    use std::io::{Read as _, Write as _};

    let demo = Demo::plain();
    // A browser keeps connections that it has no call on.
    let head =
        "POST /hello.HelloService/SayHello HTTP/1.1\r\nhost: demo\r\ncontent-type: application/json\r\n";
    let mut idle = std::net::TcpStream::connect(&demo.address).unwrap();
    idle.write_all(format!("{head}content-length: 2\r\n\r\n{{}}").as_bytes()).unwrap();
    let mut answered = [0; 15];
    idle.read_exact(&mut answered).unwrap();
    assert_eq!(&answered, b"HTTP/1.1 200 OK");

    let call = demo.rpcctl("call", "demo.v1.Demo/CountDown -o jsonl --protocol connect --http 1.1");
    let mut call = call.data(r#"{"from": 3, "interval": "0.1s"}"#).start();
    call.line();
    demo.signal("TERM");
    assert_eq!(demo.wait().code, Some(0));
    assert_eq!(call.wait().to_string(), "{\"number\":3}\n{\"number\":2}\n{\"number\":1}\n[exit 0]");
}

#[test]
#[cfg(unix)]
fn other_doors_speak_every_protocol() {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("demo.sock");
    let socket = format!("unix:{}", socket.display());
    let served = Demo::start(rpcctl("serve-demo --unix").arg(socket.trim_start_matches("unix:")));
    for target in ["demo:", &served.address] {
        for way in ["--protocol connect --codec json", "--protocol grpc-web --http 2"] {
            let output = rpcctl("call").arg(target).args("HelloService/SayHello -o jsonl").args(way).run();
            assert_eq!(output.to_string(), "{\"message\":\"Hello, world\"}\n[exit 0]", "{target} {way}");
        }
    }
}
