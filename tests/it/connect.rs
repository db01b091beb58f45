//! Getting to a server: addresses, TLS, and ports that speak something else.

use insta::assert_snapshot;
use tokio::io::AsyncWriteExt as _;

use crate::common::{Demo, Peer, rpcctl};

const HELLO: &str = "HelloService/SayHello -o jsonl";

/// An address where nothing listens: it was the system's to give, and has been given back.
fn nobody() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().to_string()
}

#[test]
fn nobody_listens() {
    assert_snapshot!(rpcctl("call").arg(nobody()).args(HELLO).run(), @"");
}

#[test]
fn the_name_does_not_resolve() {
    let output = rpcctl("list no-such-host.invalid:50051 --timeout 20s").run();
    assert_eq!(output.code, Some(1), "{output}");
    assert!(output.talk().contains("cannot resolve no-such-host.invalid"), "{output}");
}

#[test]
fn a_server_that_says_nothing_is_given_up() {
    let silent = Peer::tcp(|stream| async move {
        let _open = stream;
        std::future::pending::<()>().await;
    });
    let call = rpcctl("call").arg(&silent.address).args(HELLO);
    assert_snapshot!(call.args("--connect-timeout 300ms").run(), @"");
    let call = rpcctl("call").arg(&silent.address).args(HELLO);
    assert_snapshot!(call.args("--timeout 300ms").run(), @"");
    let call = rpcctl("call --tls").arg(&silent.address).args(HELLO);
    assert_snapshot!(call.args("--connect-timeout 300ms").run(), @"");
}

#[test]
fn a_port_that_speaks_something_else_is_named() {
    let http1 = Peer::tcp(|mut stream| async move {
        drop(stream.write_all(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n").await);
    });
    assert_snapshot!(rpcctl("list").arg(&http1.address).run(), @"");
    let ssh = Peer::tcp(|mut stream| async move { drop(stream.write_all(b"SSH-2.0-OpenSSH_9.2\r\n").await) });
    assert_snapshot!(rpcctl("list").arg(&ssh.address).run(), @"");
    let closed = Peer::tcp(|stream| async move { drop(stream) });
    let output = rpcctl("list").arg(&closed.address).run();
    assert_eq!(output.code, Some(1), "{output}");
}

#[test]
fn tls_with_the_servers_own_certificate() {
    let directory = tempfile::tempdir().unwrap();
    let serve =
        rpcctl("serve-demo --listen 127.0.0.1:0 --tls --write-cert demo.pem").within(directory.path());
    let demo = Demo::start(serve);
    let call = demo.rpcctl("call", HELLO).args("--cacert demo.pem").within(directory.path());
    assert_snapshot!(call.run(), @"");
    let named =
        rpcctl("call --cacert demo.pem").arg(format!("https://localhost:{}", demo.port())).args(HELLO);
    assert_snapshot!(named.within(directory.path()).run(), @"");
}

#[test]
fn tls_without_trust() {
    let demo = Demo::with("--tls");
    assert_snapshot!(demo.rpcctl("call", HELLO).args("--tls").run(), @"");
    assert_snapshot!(demo.rpcctl("call", HELLO).args("--insecure").run(), @"");
}

#[test]
fn tls_for_another_name() {
    let directory = tempfile::tempdir().unwrap();
    let serve =
        rpcctl("serve-demo --listen 127.0.0.1:0 --tls --write-cert demo.pem").within(directory.path());
    let demo = Demo::start(serve);
    let call = demo.rpcctl("call", HELLO).args("--cacert demo.pem --server-name example.com");
    assert_snapshot!(call.within(directory.path()).run(), @"");
}

#[test]
fn plaintext_to_tls_and_the_reverse_are_named() {
    let secured = Demo::with("--tls");
    assert_snapshot!(secured.rpcctl("call", HELLO).run(), @"");
    let plain = Demo::plain();
    assert_snapshot!(plain.rpcctl("call", HELLO).args("--tls").run(), @"");
}

#[test]
fn a_certificate_file_that_is_none() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("empty.pem"), "").unwrap();
    let list = |flags: &str| rpcctl("list localhost:1").args(flags).within(directory.path()).run();
    assert_snapshot!(list("--cacert missing.pem"), @"");
    assert_snapshot!(list("--cacert empty.pem"), @"");
}

#[test]
#[cfg(unix)]
fn unix_sockets() {
    let directory = tempfile::tempdir().unwrap();
    let socket = directory.path().join("demo.sock").display().to_string();
    let _demo = Demo::start(rpcctl("serve-demo --unix").arg(&socket));
    for target in [format!("unix:{socket}"), format!("unix://{socket}")] {
        let output = rpcctl("call").arg(&target).args(HELLO).run();
        assert_eq!(output.to_string(), "{\"message\":\"Hello, world\"}\n[exit 0]", "{target}");
    }
    assert_snapshot!(rpcctl("call unix:/no/such.sock").args(HELLO).run(), @"");
}

#[test]
fn the_demo_inside_the_program_needs_no_server() {
    assert_snapshot!(rpcctl("call demo:").args(HELLO).run(), @"");
    assert_snapshot!(rpcctl("call demo:/hello.HelloService/SayHello -o jsonl").run(), @"");
}

#[test]
fn names_resolve() {
    let demo = Demo::plain();
    let target = format!("dns:///localhost:{}", demo.port());
    assert_snapshot!(rpcctl("call").arg(target).args(HELLO).run(), @"");
}

#[test]
fn the_authority_is_the_callers_choice() {
    let demo = Demo::plain();
    let output = demo.rpcctl("call", HELLO).args("--authority example.com -v").run();
    assert!(output.talk().contains("example.com"), "{output}");
    assert_eq!(output.code, Some(0));
}
