//! Calls of Go's net/rpc, against the demo server and against servers that misbehave.

use std::fs;

use insta::assert_snapshot;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::common::{Demo, Peer, Rpcctl, rpcctl};

/// A demo server that speaks net/rpc alone.
fn demo() -> Demo {
    Demo::start(rpcctl("serve-demo --netrpc 127.0.0.1:0"))
}

/// The program with `verb SCHEME://ADDRESS` as its arguments.
fn over(demo: &Demo, verb: &str, scheme: &str) -> Rpcctl {
    rpcctl(verb).arg(format!("{scheme}://127.0.0.1:{}", demo.port()))
}

const SEVENTEEN_BY_FIVE: &str = r#"{"A": 17, "B": 5}"#;

#[test]
fn one_port_speaks_gob_gob_over_http_and_json() {
    let demo = demo();
    let call = |scheme| over(&demo, "call", scheme).arg("Arith.QuoRem").data(SEVENTEEN_BY_FIVE).run();
    let output = call("netrpc").to_string();
    assert_snapshot!(output, @r#"
    {
      "Quo": 3,
      "Rem": 2
    }
    [exit 0]
    "#);
    assert_eq!(call("netrpc+http").to_string(), output);
    assert_eq!(call("jsonrpc").to_string(), output);
}

#[test]
fn the_method_may_stand_behind_the_address_and_have_a_slash() {
    let demo = demo();
    let target = format!("netrpc://127.0.0.1:{}/Arith/Multiply", demo.port());
    assert_snapshot!(rpcctl("call").arg(target).data(r#"{"A": 6, "B": 7}"#).run(), @"
    42
    [exit 0]
    ");
}

#[test]
fn a_method_without_data_gets_an_empty_struct() {
    assert_snapshot!(over(&demo(), "call", "netrpc").arg("MathService.Multiply").run(), @"
    0
    [exit 0]
    ");
}

#[test]
fn a_method_s_error_is_a_status() {
    let demo = demo();
    let call = |scheme| over(&demo, "call", scheme).arg("Arith.QuoRem").data(r#"{"A": 1}"#).run();
    let output = call("netrpc").to_string();
    assert_snapshot!(output, @"
    ------- stderr -------
    error: UNKNOWN (2): divide by zero
    [exit 66]
    ");
    assert_eq!(call("jsonrpc").to_string(), output);
}

#[test]
fn documents_are_calls_of_their_own_and_each_is_answered() {
    let demo = demo();
    let call = over(&demo, "call", "netrpc").arg("Arith.QuoRem").args("-o jsonl");
    let output = call.data(SEVENTEEN_BY_FIVE).data(r#"{"A": 1, "B": 0} {"A": 7, "B": 2}"#).run();
    assert_snapshot!(output, @r#"
    {"Quo":3,"Rem":2}
    {"Quo":3,"Rem":1}
    ------- stderr -------
    error: request 2 (seq 1): UNKNOWN (2): divide by zero
    error: UNKNOWN (2, on this side): 1 of 3 calls were refused
    [exit 66]
    "#);
}

#[test]
fn verbose_tells_the_sequence() {
    let demo = demo();
    let call = over(&demo, "call", "netrpc+http").arg("MathService.Multiply").args("-v");
    assert_snapshot!(call.data(r#"{"A": 2, "B": 3}"#).run().without_times(), @"
    6
    ------- stderr -------
    * connected to 127.0.0.1:PORT
    * the server speaks net/rpc over HTTP
    > seq 0: 107 bytes
    < seq 0: 89 bytes
    * status: OK (0)
    * sent 1 message, received 1 message
    * time: resolve TIME, connect TIME, upgrade TIME, first byte TIME, total TIME
    [exit 0]
    ");
}

#[test]
fn requests_from_stdin_are_sent_as_they_come() {
    let demo = demo();
    let mut running = over(&demo, "call", "netrpc").args("Arith.Multiply -d @ -o jsonl").start();
    for (request, reply) in [(r#"{"A": 2, "B": 3}"#, "6"), (r#"{"A": 4, "B": 5}"#, "20")] {
        running.write(&format!("{request}\n"));
        assert_eq!(running.line(), reply);
    }
}

#[test]
fn a_refusal_is_explained_with_the_type_that_would_do() {
    let demo = demo();
    let call = |data: &str| over(&demo, "call", "netrpc").arg("Arith.Multiply").data(data);
    assert_snapshot!(call(r#"{"A": 1.5, "B": 2}"#).run(), @"
    ------- stderr -------
    error: UNKNOWN (2): gob: wrong type (int) for received field .A
    hint: the server's A is of type int, and float64 was sent: --type 'struct{A int; B int}'
    [exit 66]
    ");
    assert_snapshot!(call(r#"{"a": 1, "b": 2}"#).run(), @"
    ------- stderr -------
    error: UNKNOWN (2): gob: type mismatch: no fields matched compiling decoder for Args
    hint: the server's Args has no field named a, b: names must be the same, capitals too: --type 'struct{A int; B int}'
    [exit 66]
    ");
    assert_snapshot!(call("1").run(), @"
    ------- stderr -------
    error: UNKNOWN (2): gob: type mismatch in decoder: want struct type demo.Args; got non-struct
    hint: the server takes the struct demo.Args, a JSON object, and int was sent
    [exit 66]
    ");
}

#[test]
fn a_type_can_be_given_in_go_s_words() {
    let demo = demo();
    let call = || over(&demo, "call", "netrpc").arg("Arith.Multiply").arg("--type");
    let data = r#"{"a": 3, "B": 5}"#;
    assert_snapshot!(call().arg("struct{A, B int}").data(data).run(), @"
    15
    [exit 0]
    ");
    assert_snapshot!(call().arg("struct{A uint; B int}").data(data).run(), @"
    ------- stderr -------
    error: UNKNOWN (2): gob: wrong type (int) for received field .A
    hint: the server's A is of type int, and uint was sent: --type 'struct{A int; B int}'
    [exit 66]
    ");

    let directory = tempfile::tempdir().unwrap();
    let source = "package main\n\ntype Args struct {\n\tA, B int\n}\n\nfunc (t *Arith) Multiply(args *Args, reply *int) error {\n\treturn nil\n}\n";
    fs::write(directory.path().join("arith.go"), source).unwrap();
    assert_snapshot!(call().arg("@arith.go").data(data).within(directory.path()).run(), @"
    15
    [exit 0]
    ");
    assert_snapshot!(call().arg("@arith.go:Nope").data(data).within(directory.path()).run(), @"
    ------- stderr -------
    error: arith.go: the file does not define type Nope; it defines Args
    hint: name one of the file's types with --type @FILE:TYPE
    [exit 2]
    ");
    assert_snapshot!(call().arg("@other.go").data(data).within(directory.path()).run(), @"
    ------- stderr -------
    error: cannot read other.go
      caused by: No such file or directory
    [exit 1]
    ");
}

#[test]
fn what_is_no_value_of_its_type_is_told_before_anything_is_sent() {
    let call = |ty: &str, data: &str| rpcctl("call netrpc://127.0.0.1:1 A.B --type").arg(ty).data(data).run();
    assert_snapshot!(call("struct{A uint8}", r#"{"A": 256}"#), @"
    ------- stderr -------
    error: -d: at .A: 256 is out of the range of uint8
    [exit 2]
    ");
    assert_snapshot!(call("struct{When time.Time}", r#"{"When": "noon"}"#), @r#"
    ------- stderr -------
    error: -d: at .When: expected a time such as "2006-01-02T15:04:05Z" for time.Time, found "noon"
    [exit 2]
    "#);
    assert_snapshot!(call("struct{A int", "{}"), @"
    ------- stderr -------
    error: --type: line 1, column 13: expected a field or a closing brace, found the end of the text
    [exit 2]
    ");
    assert_snapshot!(rpcctl("call netrpc://127.0.0.1:1 A.B").data(r#"[1, "x"]"#).run(), @"
    ------- stderr -------
    error: -d: the elements are numbers and strings, but a Go slice has elements of one type
    hint: if the server takes that: --type '[]any'
    [exit 2]
    ");
    assert_snapshot!(rpcctl("call jsonrpc://127.0.0.1:1 A.B").data(r#"{"A": }"#).run(), @"
    ------- stderr -------
    error: -d: the request is not JSON: line 1, column 7: expected a JSON value
    [exit 2]
    ");
}

#[test]
fn lists_are_read_off_the_page_for_people() {
    let demo = demo();
    assert_snapshot!(over(&demo, "list", "netrpc+http").run(), @"
    Arith
    MathService
    [exit 0]
    ");
    assert_snapshot!(over(&demo, "list", "netrpc+http").arg("Arith").run(), @"
    Arith.Multiply
    Arith.QuoRem
    [exit 0]
    ");
    assert_snapshot!(over(&demo, "list", "netrpc+http").arg("-l").run(), @"
    Arith.Multiply	*demo.Args	*int	0 calls
    Arith.QuoRem	*demo.Args	*demo.Quotient	0 calls
    MathService.Multiply	*demo.Args	*int	0 calls
    [exit 0]
    ");
    assert_snapshot!(over(&demo, "list", "netrpc+http").args("MathService -o json").run(), @r#"
    [
      {
        "name": "MathService",
        "methods": [
          {
            "name": "Multiply",
            "fullName": "MathService.Multiply",
            "argumentType": "*demo.Args",
            "replyType": "*int",
            "calls": 0
          }
        ]
      }
    ]
    [exit 0]
    "#);
    assert_snapshot!(over(&demo, "describe", "netrpc+http").run(), @"
    type Arith interface {
    	Multiply(*demo.Args, *int) error // 0 calls
    	QuoRem(*demo.Args, *demo.Quotient) error // 0 calls
    }

    type MathService interface {
    	Multiply(*demo.Args, *int) error // 0 calls
    }
    [exit 0]
    ");
    assert_snapshot!(over(&demo, "describe", "netrpc+http").arg("Arith.QuoRem").run(), @"
    type Arith interface {
    	QuoRem(*demo.Args, *demo.Quotient) error // 0 calls
    }
    [exit 0]
    ");
    assert_snapshot!(over(&demo, "list", "netrpc+http").arg("Geometry").run(), @"
    ------- stderr -------
    error: the server has no Geometry
    hint: see what there is: rpcctl list netrpc+http://127.0.0.1:PORT
    [exit 1]
    ");
}

#[test]
fn where_there_is_no_page_it_is_said_how_to_go_on() {
    assert_snapshot!(over(&demo(), "list", "netrpc").run(), @"
    ------- stderr -------
    error: net/rpc has no way to ask a server what it offers, except over HTTP
    hint: if it also serves HTTP: rpcctl list netrpc+http://127.0.0.1:PORT
    hint: a method can be called without: rpcctl call netrpc://127.0.0.1:PORT Service.Method -d JSON; a wrong name, or a wrong argument, is answered with what is wrong
    [exit 1]
    ");
}

#[cfg(unix)]
#[test]
fn over_a_unix_socket() {
    let directory = tempfile::tempdir().unwrap();
    let socket = directory.path().join("demo.sock");
    let _demo = Demo::start(rpcctl("serve-demo --netrpc").arg(format!("unix:{}", socket.display())));
    for scheme in ["netrpc+unix", "netrpc+http+unix", "jsonrpc+unix"] {
        let target = format!("{scheme}:{}", socket.display());
        let output = rpcctl("call").arg(target).arg("Arith.Multiply").data(r#"{"A": 6, "B": 7}"#).run();
        assert_eq!(output.text(), "42\n", "{scheme}");
    }
}

#[test]
fn over_tls() {
    let demo = Demo::start(rpcctl("serve-demo --netrpc 127.0.0.1:0 --tls"));
    for scheme in ["netrpc+tls", "netrpc+https", "jsonrpc+tls"] {
        let call = over(&demo, "call", scheme).args("--insecure Arith.Multiply").data(r#"{"A": 6, "B": 7}"#);
        assert_eq!(call.run().text(), "42\n", "{scheme}");
    }
    assert_snapshot!(over(&demo, "call", "netrpc+tls").arg("Arith.Multiply").run(), @"
    ------- stderr -------
    error: TLS handshake with 127.0.0.1:PORT failed
      caused by: its certificate is self-signed, and not one that is trusted here
    hint: --cacert FILE trusts another CA, or the certificate itself; --insecure goes on unverified
    [exit 1]
    ");
    assert_snapshot!(over(&demo, "call", "netrpc").args("--tls Arith.Multiply").run(), @"
    ------- stderr -------
    error: netrpc:// is plaintext, and --tls means TLS
    hint: write netrpc+tls://, or leave out the flag
    [exit 2]
    ");
}

#[test]
fn words_that_mean_nothing_to_net_rpc_are_refused() {
    let call = |words: &str| rpcctl("call netrpc://127.0.0.1:1").args(words).run();
    assert_snapshot!(call("Multiply"), @r#"
    ------- stderr -------
    error: "Multiply" is no method of net/rpc, which are named Service.Method
    [exit 2]
    "#);
    assert_snapshot!(call("A.B --proto x.proto"), @"
    ------- stderr -------
    error: --proto is about protobuf, and a net/rpc server knows none
    hint: leave it out: net/rpc's types are Go's, and no schema says them
    [exit 2]
    ");
    assert_snapshot!(call("A.B -o binary"), @"
    ------- stderr -------
    error: -o binary is about protobuf, and a net/rpc server knows none
    hint: JSON goes in with -d, and comes out with -o json or -o jsonl
    [exit 2]
    ");
    assert_snapshot!(call("A.B -H a:b"), @"
    ------- stderr -------
    error: a net/rpc connection carries no headers, except with the CONNECT of netrpc+http://
    [exit 2]
    ");
    assert_snapshot!(rpcctl("call netrpc+ftp://127.0.0.1:1 A.B").run(), @"
    ------- stderr -------
    error: netrpc+ftp: is not known: net/rpc is netrpc://, netrpc+tls://, netrpc+http://, netrpc+https://, jsonrpc://, jsonrpc+tls://, or one of these with +unix: and a path
    [exit 2]
    ");
    assert_snapshot!(rpcctl("call demo: Demo/Echo --type int").run(), @"
    ------- stderr -------
    error: --type is for net/rpc: a gRPC method's types are in its schema
    [exit 2]
    ");
}

#[test]
fn flags_that_would_be_ignored_are_refused() {
    let run = |words: &str| rpcctl("").args(words).run();
    for verb in ["list", "describe", "call"] {
        let name = if verb == "call" { "A.B" } else { "" };
        for (flag, given) in [
            ("--proto", "--proto x.proto"),
            ("--import-path", "-I x"),
            ("--descriptor-set", "--descriptor-set x"),
            ("--reflection", "--reflection v1"),
            ("--reflect-header", "--reflect-header a:b"),
        ] {
            let output = run(&format!("{verb} netrpc+http://127.0.0.1:1 {name} {given}")).to_string();
            let error = format!("error: {flag} is about protobuf, and a net/rpc server knows none\n");
            assert!(output.contains(&error) && output.contains("[exit 2]"), "{verb}: {output}");
        }
        let output = run(&format!("{verb} netrpc://127.0.0.1:1 {name} --authority a")).to_string();
        assert!(
            output.contains("error: a net/rpc connection has no authority") && output.contains("[exit 2]")
        );
    }
    assert_snapshot!(run("call jsonrpc://127.0.0.1:1 A.B --type int"), @"
    ------- stderr -------
    error: --type is for gob: JSON-RPC's values have no types
    [exit 2]
    ");
    assert_snapshot!(run("call demo: Demo/Echo --max-in-flight 3"), @"
    ------- stderr -------
    error: --max-in-flight is for net/rpc: a gRPC stream is one call
    hint: for calls of their own: --each --parallel N
    [exit 2]
    ");
}

#[test]
fn advice_about_tls_names_net_rpc_s_own_schemes() {
    let plain = answering(b"HTTP/1.1 400 Bad Request\r\n\r\n");
    let tls = Demo::start(rpcctl("serve-demo --netrpc 127.0.0.1:0 --tls"));
    for (secure, plaintext) in
        [("netrpc+https", "netrpc+http"), ("netrpc+tls", "netrpc"), ("jsonrpc+tls", "jsonrpc")]
    {
        let output = rpcctl("call").arg(format!("{secure}://{}", plain.address)).arg("A.B").run().to_string();
        let advice = format!("{plaintext}://127.0.0.1:PORT instead of {secure}://127.0.0.1:PORT");
        assert!(output.contains(&format!("speak plaintext: {advice}")), "{output}");
        let output = over(&tls, "call", plaintext).args("A.B --tls").run().to_string();
        assert!(output.contains(&format!("hint: write {secure}://, or leave out the flag")), "{output}");
        let output = over(&tls, "call", secure).args("A.B --plaintext").run().to_string();
        assert!(
            output.contains(&format!("hint: write {plaintext}://, or leave out --plaintext")),
            "{output}"
        );
    }
}

#[test]
fn verbose_lists_tell_of_the_connection() {
    let demo = demo();
    assert_snapshot!(over(&demo, "list", "netrpc+http").args("-v").run().without_times(), @"
    Arith
    MathService
    ------- stderr -------
    * connected to 127.0.0.1:PORT
    * time: resolve TIME, connect TIME, total TIME
    [exit 0]
    ");
    let described = over(&demo, "describe", "netrpc+http").args("Arith.QuoRem -v").run().to_string();
    assert!(described.contains("* connected to 127.0.0.1:PORT\n* time: "), "{described}");
}

#[test]
fn a_server_without_the_page_gets_a_hint() {
    let list = |scheme: &str, answer| {
        let peer = answering(answer);
        rpcctl("list").arg(format!("{scheme}://{}", peer.address)).run()
    };
    assert_snapshot!(list("netrpc+http", b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"), @"
    ------- stderr -------
    error: the server has no page of its services at /debug/rpc: it answered 400 Bad Request
    hint: is this the port that rpc.HandleHTTP is served on? the page comes with it
    hint: over TLS: rpcctl list netrpc+https://127.0.0.1:PORT
    [exit 1]
    ");
    assert_snapshot!(list("netrpc+http", b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"), @"
    ------- stderr -------
    error: what the server has at /debug/rpc is not the page of net/rpc's services
    hint: is this the port that rpc.HandleHTTP is served on? the page comes with it
    [exit 1]
    ");
}

#[test]
fn the_demo_server_reads_json_as_go_does() {
    use std::io::{BufRead as _, BufReader, Write as _};

    let demo = demo();
    let mut stream = std::net::TcpStream::connect(format!("127.0.0.1:{}", demo.port())).unwrap();
    let mut answers = BufReader::new(stream.try_clone().unwrap()).lines();
    let mut ask = |method: &str, params: &str| {
        writeln!(stream, r#"{{"method":"{method}","params":{params},"id":1}}"#).unwrap();
        answers.next().unwrap().unwrap()
    };
    for (method, params, result) in [
        ("Arith.Multiply", r#"[{"a":6,"b":7,"C":"x"}, 1]"#, "42"),
        ("Arith.Multiply", "[null]", "0"),
        ("Arith.Multiply", "[]", "0"),
    ] {
        assert_eq!(ask(method, params), format!(r#"{{"id":1,"result":{result},"error":null}}"#));
    }
    for (method, params, error) in [
        (
            "Arith.Multiply",
            r#"{"A":7}"#,
            "json: cannot unmarshal object into Go value of type [1]interface {}",
        ),
        ("Arith.Multiply", "5", "json: cannot unmarshal number into Go value of type [1]interface {}"),
        ("Arith.Multiply", "null", "jsonrpc: request body missing params"),
        ("Arith.Add", "5", "rpc: can't find method Arith.Add"),
        ("Arith.Multiply", "[5]", "json: cannot unmarshal number into Go value of type demo.Args"),
        (
            "Arith.Multiply",
            r#"[{"A":"x"}]"#,
            "json: cannot unmarshal string into Go struct field Args.A of type int",
        ),
    ] {
        assert_eq!(ask(method, params), format!(r#"{{"id":1,"result":null,"error":"{error}"}}"#));
    }
}

/// A server that reads what comes first and answers with these bytes, then closes the connection.
fn answering(answer: &'static [u8]) -> Peer {
    Peer::tcp(move |mut stream| async move {
        let mut request = [0; 4096];
        let _ = stream.read(&mut request).await;
        let _ = stream.write_all(answer).await;
    })
}

#[test]
fn a_server_that_says_something_else_is_told_from_a_lost_one() {
    let call = |scheme: &str, answer| {
        let peer = answering(answer);
        rpcctl("call").arg(format!("{scheme}://{}", peer.address)).arg("A.B").run()
    };
    assert_snapshot!(call("netrpc", b""), @"
    ------- stderr -------
    error: UNAVAILABLE (14, on this side): the server closed the connection with a call unanswered
    hint: is it net/rpc, and gob? over HTTP it is netrpc+http://, and JSON-RPC is jsonrpc://
    [exit 78]
    ");
    assert_snapshot!(call("netrpc", b"HTTP/1.1 400 Bad Request\r\n\r\n"), @"
    ------- stderr -------
    error: INTERNAL (13, read off a broken answer): the server speaks HTTP here
    hint: gob over HTTP is netrpc+http://HOST:PORT
    [exit 77]
    ");
    assert_snapshot!(call("netrpc", b"\x03\x04\x00\x06"), @"
    ------- stderr -------
    error: INTERNAL (13, read off a broken answer): the server speaks no gob here
    hint: is it net/rpc, and gob? over HTTP it is netrpc+http://, and JSON-RPC is jsonrpc://
    [exit 77]
    ");
    assert_snapshot!(call("netrpc", b"\xfc\x7f\xff\xff\xff\xff\x81"), @"
    ------- stderr -------
    error: RESOURCE_EXHAUSTED (8, on this side): the answer is too large: a message of 2147483647 bytes, where 4194304 are the most that is taken
    hint: take larger messages with --max-message-size, such as 64M; 0 is no limit
    [exit 72]
    ");
    assert_snapshot!(call("jsonrpc", b"hello\n"), @"
    ------- stderr -------
    error: INTERNAL (13, read off a broken answer): the answer is no JSON-RPC: it is no object
    hint: is it net/rpc, and JSON-RPC? gob is netrpc://, and over HTTP netrpc+http://
    [exit 77]
    ");
    assert_snapshot!(call("jsonrpc", b"{\"id\":7,\"result\":1,\"error\":null}\n"), @"
    ------- stderr -------
    error: INTERNAL (13, read off a broken answer): the answer is to request 7, and there is none of that id
    [exit 77]
    ");
    assert_snapshot!(call("netrpc+http", b"HTTP/1.1 404 Not Found\r\n\r\n404 page not found\n"), @r#"
    ------- stderr -------
    error: the server does not speak net/rpc at /_goRPC_: it answered "HTTP/1.1 404 Not Found: 404 page not found"
    hint: for gob without HTTP: netrpc://HOST:PORT; for JSON-RPC: jsonrpc://HOST:PORT
    [exit 1]
    "#);
    assert_snapshot!(call("netrpc+http", b"\x00\x00\x12"), @"
    ------- stderr -------
    error: the server does not speak net/rpc over HTTP: its answer is no HTTP
    hint: for gob without HTTP: netrpc://HOST:PORT; for JSON-RPC: jsonrpc://HOST:PORT
    [exit 1]
    ");
}

#[test]
fn calls_that_were_made_are_answered_though_a_later_document_is_wrong() {
    let demo = demo();
    let call = over(&demo, "call", "netrpc").args("Arith.Multiply -d @ -o jsonl");
    assert_snapshot!(call.stdin(r#"{"A": 2, "B": 3} {"A": }"#).run(), @"
    6
    ------- stderr -------
    error: stdin, document 2: the request is not JSON: line 1, column 7: expected a JSON value
    [exit 2]
    ");
}

#[test]
fn a_result_may_be_null() {
    let peer = answering(b"{\"id\":0,\"result\":null,\"error\":null}\n");
    let call = rpcctl("call").arg(format!("jsonrpc://{}", peer.address)).arg("A.B");
    assert_snapshot!(call.run(), @"
    null
    [exit 0]
    ");
}

#[test]
fn a_refusal_that_keeps_the_connection_open_is_not_waited_for() {
    let peer = Peer::tcp(|mut stream| async move {
        let refusal = b"HTTP/1.1 404 Not Found\r\nContent-Length: 5\r\n\r\ngone\n";
        let _ = stream.write_all(refusal).await;
        let mut request = [0; 4096];
        while stream.read(&mut request).await.is_ok_and(|count| count > 0) {}
    });
    let target = format!("netrpc+http://{}", peer.address);
    assert_snapshot!(rpcctl("call").arg(target).args("A.B --connect-timeout 20s").run(), @r#"
    ------- stderr -------
    error: the server does not speak net/rpc at /_goRPC_: it answered "HTTP/1.1 404 Not Found: gone"
    hint: for gob without HTTP: netrpc://HOST:PORT; for JSON-RPC: jsonrpc://HOST:PORT
    [exit 1]
    "#);
}

#[test]
fn another_protocol_is_told_by_its_first_words() {
    let call = |answer| {
        let peer = answering(answer);
        rpcctl("call").arg(format!("netrpc://{}", peer.address)).arg("A.B").run()
    };
    assert_snapshot!(call(b"SSH-2.0-OpenSSH_9.6\r\n"), @"
    ------- stderr -------
    error: INTERNAL (13, read off a broken answer): the server speaks no gob here
    hint: is it net/rpc, and gob? over HTTP it is netrpc+http://, and JSON-RPC is jsonrpc://
    [exit 77]
    ");
    let output = call(b"220 mail.example.com ESMTP\r\n").to_string();
    assert_eq!(call(b"hello world\n").to_string(), output);
}

#[test]
fn a_silent_server_is_waited_for_until_the_deadline() {
    let peer = Peer::tcp(|mut stream| async move {
        let mut request = [0; 4096];
        while stream.read(&mut request).await.is_ok_and(|count| count > 0) {}
    });
    let call = |scheme: &str| {
        let target = format!("{scheme}://{}", peer.address);
        rpcctl("call").arg(target).args("A.B --timeout 300ms").run()
    };
    assert_snapshot!(call("netrpc"), @"
    ------- stderr -------
    error: DEADLINE_EXCEEDED (4, on this side): the deadline of 300ms passed while waiting for answers
    hint: is it net/rpc, and gob? over HTTP it is netrpc+http://, and JSON-RPC is jsonrpc://
    [exit 68]
    ");
    assert_snapshot!(call("netrpc+http"), @"
    ------- stderr -------
    error: DEADLINE_EXCEEDED (4, on this side): the deadline of 300ms passed while connecting
    [exit 68]
    ");
    let list = rpcctl("list").arg(format!("netrpc+http://{}", peer.address)).args("--timeout 300ms");
    assert_snapshot!(list.run(), @"
    ------- stderr -------
    error: DEADLINE_EXCEEDED (4, on this side): the deadline of 300ms passed while asking for the services
    [exit 68]
    ");
}
