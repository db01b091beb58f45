//! `health`: how servers and services are, with the exit codes of grpc-health-probe.

use insta::assert_snapshot;

use crate::common::{Demo, GRPC, Output, Peer, Step, envelope, rpcctl};

/// A server whose every health answer is this.
fn saying(answer: Vec<Step>) -> Peer {
    Peer::h2(move |_, _| answer.clone())
}

fn status(number: u8) -> Vec<Step> {
    let answer = if number == 0 { Vec::new() } else { vec![8, number] };
    vec![
        Step::Headers(200, vec![GRPC]),
        Step::Data(envelope(0, &answer)),
        Step::Trailers(vec![("grpc-status", "0")]),
    ]
}

fn health(peer: &Peer, words: &str) -> Output {
    rpcctl("health").arg(&peer.address).args(words).run()
}

#[test]
fn a_server_and_its_services() {
    let demo = Demo::plain();
    assert_snapshot!(demo.rpcctl("health", "").run(), @"
    SERVING
    [exit 0]
    ");
    assert_snapshot!(demo.rpcctl("health", "hello.HelloService demo.v1.Demo").run(), @"
    hello.HelloService: SERVING
    demo.v1.Demo: SERVING
    [exit 0]
    ");
    assert_snapshot!(demo.rpcctl("health", "hello.HelloService no.Such").run(), @"
    hello.HelloService: SERVING
    ------- stderr -------
    error: no.Such: NOT_FOUND (5): unknown service: no.Such
    [exit 3]
    ");
    assert_snapshot!(demo.rpcctl("health", "--list").run(), @"
    SERVING
    demo.v1.Demo: SERVING
    grpc.health.v1.Health: SERVING
    grpc.reflection.v1.ServerReflection: SERVING
    grpc.reflection.v1alpha.ServerReflection: SERVING
    hello.HelloService: SERVING
    helloworld.Greeter: SERVING
    [exit 0]
    ");
    assert_snapshot!(demo.rpcctl("health", "-o json hello.HelloService").run(), @r#"
    {"service":"hello.HelloService","status":"SERVING"}
    [exit 0]
    "#);
}

#[test]
fn over_every_protocol() {
    let demo = Demo::plain();
    for flags in [
        "--protocol grpc-web",
        "--protocol grpc-web-text",
        "--protocol connect",
        "--protocol connect --codec json",
    ] {
        let output = demo.rpcctl("health", "--list").args(flags).run();
        assert!(output.text().contains("hello.HelloService: SERVING\n"), "{flags}: {output}");
        let watch = demo.rpcctl("health", "--watch no.Such --timeout 1s").args(flags).run();
        assert!(watch.text().contains("no.Such: SERVICE_UNKNOWN\n"), "{flags}: {watch}");
    }
}

#[test]
fn what_is_not_well_ends_in_4() {
    for (number, name) in [(0, "UNKNOWN"), (2, "NOT_SERVING"), (3, "SERVICE_UNKNOWN"), (9, "9")] {
        let output = health(&saying(status(number)), "");
        assert_eq!((output.text(), output.code), (format!("{name}\n"), Some(4)), "{output}");
    }
    assert_eq!(health(&saying(status(1)), "").code, Some(0));
}

#[test]
fn what_fails_ends_in_3() {
    let unimplemented = vec![Step::Only(200, vec![GRPC, ("grpc-status", "12")])];
    assert_snapshot!(health(&saying(unimplemented.clone()), ""), @"
    ------- stderr -------
    error: UNIMPLEMENTED (12)
    hint: the server has no grpc.health.v1.Health; rpcctl list shows what it has
    [exit 3]
    ");
    assert_snapshot!(health(&saying(unimplemented), "--list"), @"
    ------- stderr -------
    error: UNIMPLEMENTED (12)
    hint: the server does not list what it knows: name a service
    [exit 3]
    ");
    let nonsense = vec![
        Step::Headers(200, vec![GRPC]),
        Step::Data(envelope(0, b"\x08")),
        Step::Trailers(vec![("grpc-status", "0")]),
    ];
    assert_snapshot!(health(&saying(nonsense), ""), @"
    ------- stderr -------
    error: the server's answer is no grpc.health.v1.HealthCheckResponse
    [exit 3]
    ");
    assert_snapshot!(health(&saying(vec![Step::Hang]), "--timeout 200ms"), @"
    ------- stderr -------
    error: DEADLINE_EXCEEDED (4, on this side): the deadline of 200ms passed while waiting for the answer to begin
    [exit 3]
    ");
}

#[test]
fn no_connection_ends_in_2() {
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    assert_snapshot!(rpcctl("health").arg(gone.to_string()).run(), @"
    ------- stderr -------
    error: cannot connect to 127.0.0.1:PORT
      caused by: Connection refused
    hint: nothing listens there: check host and port; rpcctl serve-demo starts a server to try
    [exit 2]
    ");
    let silent = Peer::tcp(|stream| async move {
        let _open = stream;
        std::future::pending::<()>().await;
    });
    assert_snapshot!(health(&silent, "--connect-timeout 200ms"), @"
    ------- stderr -------
    error: 127.0.0.1:PORT: no HTTP/2 SETTINGS from the server within 200ms
    hint: something listens there and says nothing: does it speak TLS (--tls), or something else than gRPC? If it is only slow: --connect-timeout DURATION
    [exit 2]
    ");
    assert_snapshot!(health(&silent, "--timeout 200ms"), @"
    ------- stderr -------
    error: DEADLINE_EXCEEDED (4, on this side): the deadline of 200ms passed while connecting
    [exit 2]
    ");
    assert_eq!(rpcctl("health --cacert /no/such/file").arg(gone.to_string()).run().code, Some(2));
}

#[test]
fn what_is_asked_wrongly_ends_in_1() {
    assert_snapshot!(rpcctl("health --no-such-flag").run(), @"
    ------- stderr -------
    error: unexpected argument '--no-such-flag' found

    Usage: rpcctl health [OPTIONS] [TARGET] [SERVICE]...

    For more information, try '--help'.
    [exit 1]
    ");
    assert_snapshot!(rpcctl("health netrpc://localhost:1").run(), @"
    ------- stderr -------
    error: health is asked about by gRPC, and this is a net/rpc server
    [exit 1]
    ");
    assert_snapshot!(rpcctl("health localhost:1 a.B --list").run(), @"
    ------- stderr -------
    error: --list is about every service, and a.B is one
    [exit 1]
    ");
    assert_eq!(rpcctl("health localhost:1 --watch --list").run().code, Some(1));
    assert_eq!(rpcctl("health --help").run().code, Some(0));
}

#[cfg(unix)]
#[test]
fn changes_are_watched() {
    let (tell, _) = tokio::sync::broadcast::channel::<u8>(8);
    let telling = tell.clone();
    let peer = Peer::tcp(move |stream| {
        let mut changes = telling.subscribe();
        async move {
            let mut connection = h2::server::handshake(stream).await.unwrap();
            let (_, mut respond) = connection.accept().await.unwrap().unwrap();
            let head = http::Response::builder().header(GRPC.0, GRPC.1).body(()).unwrap();
            let mut answer = respond.send_response(head, false).unwrap();
            answer.send_data(envelope(0, &[8, 1]).into(), false).unwrap();
            tokio::spawn(async move { while connection.accept().await.is_some() {} });
            while let Ok(change) = changes.recv().await {
                answer.send_data(envelope(0, &[8, change]).into(), false).unwrap();
            }
        }
    });
    let mut watch = rpcctl("health --watch -o json a.B").arg("-a").arg(&peer.address).start();
    assert!(watch.line().starts_with(r#"{"service":"a.B","status":"SERVING","at":"#));
    tell.send(2).unwrap();
    assert!(watch.line().starts_with(r#"{"service":"a.B","status":"NOT_SERVING","at":"#));
    watch.signal("INT");
    assert_eq!(watch.wait().code, Some(130));
}
