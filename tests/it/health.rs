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
    hint: the server has no grpc.health.v1.Health; rpcctl list shows what it has
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

/// The deadline for the answer does not stand in the way of what is told of the connection.
#[test]
fn a_silent_port_is_told_as_that() {
    let silent = Peer::tcp(|stream| async move {
        let _open = stream;
        std::future::pending::<()>().await;
    });
    let output = health(&silent, "--connect-timeout 11s");
    assert!(output.talk().contains("within 11s\nhint: something listens there and says nothing"), "{output}");
    assert_eq!(output.code, Some(2));
}

#[test]
fn a_host_without_a_port_is_not_asked_about_in_silence() {
    let demo = Demo::plain();
    let health = |words: &str| rpcctl("health").args(words).env("RPCCTL_ADDRESS", &demo.address).run();
    assert_snapshot!(health("api.example.com"), @"
    ------- stderr -------
    error: api.example.com: NOT_FOUND (5): unknown service: api.example.com
    hint: api.example.com was taken for a service; if it is the server, add its port: rpcctl health api.example.com:50051
    hint: 127.0.0.1:PORT is what RPCCTL_ADDRESS says
    [exit 3]
    ");
    assert_snapshot!(health("myhost"), @"
    ------- stderr -------
    error: myhost: NOT_FOUND (5): unknown service: myhost
    hint: myhost was taken for a service; if it is the server, add its port: rpcctl health myhost:50051
    hint: 127.0.0.1:PORT is what RPCCTL_ADDRESS says
    [exit 3]
    ");
    // Where the server was named, it is nobody's guess.
    assert_snapshot!(demo.rpcctl("health", "api.example.com").run(), @"
    ------- stderr -------
    error: api.example.com: NOT_FOUND (5): unknown service: api.example.com
    [exit 3]
    ");
    assert_snapshot!(health("localhost"), @"
    ------- stderr -------
    error: localhost is a host without a port: add a port, such as localhost:443 or localhost:50051
    [exit 1]
    ");
    assert_snapshot!(health("hello.HelloService localhost:1"), @"
    ------- stderr -------
    error: the server comes before hello.HelloService
    hint: in this order: rpcctl health localhost:1 hello.HelloService
    [exit 1]
    ");
    assert_snapshot!(health("localhost:1 a.B localhost:2"), @"
    ------- stderr -------
    error: two servers: localhost:1 and localhost:2
    hint: name the server once
    [exit 1]
    ");
    assert_snapshot!(health("localhost:99999"), @r#"
    ------- stderr -------
    error: "localhost:PORT" is no server and no name: write HOST:PORT, with a port from 1 to 65535, or [IPV6]:PORT
    [exit 1]
    "#);
}

#[test]
fn json_has_a_line_for_each_that_is_not_known() {
    let demo = Demo::plain();
    assert_snapshot!(demo.rpcctl("health", "-o json hello.HelloService nope").run(), @r#"
    {"service":"hello.HelloService","status":"SERVING"}
    {"service":"nope","error":"NOT_FOUND (5): unknown service: nope"}
    ------- stderr -------
    error: nope: NOT_FOUND (5): unknown service: nope
    [exit 3]
    "#);
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    assert_snapshot!(rpcctl("health -o json").arg(gone.to_string()).run(), @r#"
    {"service":"","error":"cannot connect to 127.0.0.1:PORT: Connection refused"}
    ------- stderr -------
    error: cannot connect to 127.0.0.1:PORT
      caused by: Connection refused
    hint: nothing listens there: check host and port; rpcctl serve-demo starts a server to try
    [exit 2]
    "#);
    let nonsense = vec![
        Step::Headers(200, vec![GRPC]),
        Step::Data(envelope(0, b"\x08")),
        Step::Trailers(vec![("grpc-status", "0")]),
    ];
    assert_snapshot!(self::health(&saying(nonsense), "-o json"), @r#"
    {"service":"","error":"the server's answer is no grpc.health.v1.HealthCheckResponse"}
    ------- stderr -------
    error: the server's answer is no grpc.health.v1.HealthCheckResponse
    [exit 3]
    "#);
    assert_snapshot!(rpcctl("health -o json --cacert /no/such/file a.B").arg("-a").arg(gone.to_string()).run(), @r#"
    {"service":"a.B","error":"cannot use CA certificate /no/such/file: No such file or directory"}
    ------- stderr -------
    error: cannot use CA certificate /no/such/file: No such file or directory
    [exit 2]
    "#);
}

/// Its flags are told with their names here, and the line that is offered does what was meant.
#[test]
fn grpc_health_probes_flags_are_known() {
    let demo = Demo::plain();
    let probe = |words: &str| rpcctl("health").args(words).run();
    let addr = format!(":{}", demo.port());
    let told = probe(&format!(
        "-addr={addr} -service hello.HelloService -connect-timeout=1s --rpc-timeout 30s -gzip"
    ));
    assert_eq!(told.code, Some(1), "{told}");
    let line = told.talk();
    assert!(line.starts_with(
        "error: -addr is grpc_health_probe's: rpcctl health has other names for it\nhint: rpcctl "
    ));
    // The port is redacted in what was printed.
    let stderr = String::from_utf8(told.stderr).unwrap();
    let line = stderr.lines().find_map(|line| line.strip_prefix("hint: rpcctl ")).unwrap();
    assert_snapshot!(rpcctl("").args(line).run(), @"
    hello.HelloService: SERVING
    [exit 0]
    ");
    assert_snapshot!(probe("--service X"), @"
    ------- stderr -------
    error: --service is grpc_health_probe's: rpcctl health has other names for it
    hint: rpcctl health X
    [exit 1]
    ");
    assert_snapshot!(probe("-addr=h.example:1 -tls -tls-ca-cert ca.pem -tls-client-cert c.pem -tls-client-key k.pem -tls-server-name n"), @"
    ------- stderr -------
    error: -addr is grpc_health_probe's: rpcctl health has other names for it
    hint: rpcctl health h.example:1 --tls --cacert ca.pem --cert c.pem --key k.pem --server-name n
    [exit 1]
    ");
    assert_snapshot!(probe("-addr=h.example:1 -tls -tls-no-verify -user-agent x -rpc-header x-a:b -v"), @"
    ------- stderr -------
    error: -addr is grpc_health_probe's: rpcctl health has other names for it
    hint: rpcctl health h.example:1 --tls --insecure --user-agent x -H x-a:b -v
    [exit 1]
    ");
    assert_snapshot!(probe("-addr=h.example:1 -spiffe"), @"
    ------- stderr -------
    error: -spiffe has no counterpart yet
    [exit 1]
    ");
    assert_snapshot!(probe("-plaintext localhost:1"), @"
    ------- stderr -------
    error: rpcctl's flags have two dashes: --plaintext
    hint: rpcctl health --plaintext localhost:1
    [exit 1]
    ");
    assert_eq!(rpcctl("-plaintext health localhost:1").run().code, Some(1));
    assert_eq!(rpcctl("localhost:1 health").run().code, Some(1));
}

/// Old servers have the service and list nothing.
#[test]
fn a_server_that_lists_nothing_is_told_from_one_without_health() {
    let old = Peer::h2(|path, _| match path {
        "/grpc.health.v1.Health/List" => vec![Step::Only(200, vec![GRPC, ("grpc-status", "12")])],
        _ => status(1),
    });
    assert_snapshot!(health(&old, "--list"), @"
    ------- stderr -------
    error: UNIMPLEMENTED (12)
    hint: the server does not list what it knows: name a service
    [exit 3]
    ");
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
