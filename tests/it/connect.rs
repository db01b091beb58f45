//! Getting to a server: addresses, TLS, and ports that speak something else.

use insta::assert_snapshot;
use tokio::io::AsyncWriteExt as _;

use crate::common::{Demo, Peer, Rpcctl, rpcctl};

const HELLO: &str = "HelloService/SayHello -o jsonl";

/// An address where nothing listens: it was the system's to give, and has been given back.
fn nobody() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().to_string()
}

/// A server that says one thing to everybody and then listens.
fn saying(words: &'static [u8]) -> Peer {
    Peer::tcp(move |mut stream| async move {
        drop(stream.write_all(words).await);
        // Closing on what is unread would reset the connection, and that can cost the words.
        drop(tokio::io::copy(&mut stream, &mut tokio::io::sink()).await);
    })
}

#[test]
fn nobody_listens() {
    assert_snapshot!(rpcctl("call").arg(nobody()).args(HELLO).run(), @"
    ------- stderr -------
    error: cannot connect to 127.0.0.1:PORT
      caused by: Connection refused
    hint: nothing listens there: check host and port; rpcctl serve-demo starts a server to try
    [exit 1]
    ");
}

#[test]
fn the_name_does_not_resolve() {
    let output = rpcctl("list no-such-host.invalid:50051 --timeout 20s").run();
    assert_eq!(output.code, Some(1), "{output}");
    assert!(output.talk().contains("cannot resolve no-such-host.invalid"), "{output}");
    assert!(output.talk().contains("hint: check the name"), "{output}");
    assert!(!output.talk().contains("prox"), "{output}");
}

#[test]
fn a_server_that_says_nothing_is_given_up() {
    let silent = Peer::tcp(|stream| async move {
        let _open = stream;
        std::future::pending::<()>().await;
    });
    let call = rpcctl("call").arg(&silent.address).args(HELLO);
    assert_snapshot!(call.args("--connect-timeout 300ms").run(), @"
    ------- stderr -------
    error: 127.0.0.1:PORT: no HTTP/2 SETTINGS from the server within 300ms
    hint: something listens there and says nothing: does it speak TLS (--tls), or something else than gRPC? If it is only slow: --connect-timeout DURATION
    [exit 1]
    ");
    let call = rpcctl("call").arg(&silent.address).args(HELLO);
    assert_snapshot!(call.args("--timeout 300ms").run(), @"
    ------- stderr -------
    error: DEADLINE_EXCEEDED (4, on this side): the deadline of 300ms passed while connecting
    [exit 68]
    ");
    let call = rpcctl("call --tls").arg(&silent.address).args(HELLO);
    assert_snapshot!(call.args("--connect-timeout 300ms").run(), @"
    ------- stderr -------
    error: 127.0.0.1:PORT: no TLS handshake within 300ms
    hint: wait longer with --connect-timeout DURATION
    [exit 1]
    ");
}

#[test]
fn a_port_that_speaks_something_else_is_named() {
    let http1 = saying(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n");
    assert_snapshot!(rpcctl("list").arg(&http1.address).run(), @r#"
    ------- stderr -------
    error: 127.0.0.1:PORT is an HTTP/1 web server: it answers "HTTP/1.1 400 Bad Request"
    hint: gRPC needs HTTP/2: is this the right port, and no HTTP/1 proxy before it? A server of gRPC-Web or Connect may speak HTTP/1 alone: --protocol grpc-web, --protocol connect
    [exit 1]
    "#);
    assert_snapshot!(rpcctl("list --tls").arg(&http1.address).run(), @r#"
    ------- stderr -------
    error: 127.0.0.1:PORT is an HTTP/1 web server: it answers "HTTP/1.1 400 Bad Request"
    hint: gRPC needs HTTP/2: is this the right port, and no HTTP/1 proxy before it? A server of gRPC-Web or Connect may speak HTTP/1 alone: --protocol grpc-web, --protocol connect
    [exit 1]
    "#);
    // What a server of HTTP/0.9 days says without a status line.
    let html = saying(b"<!DOCTYPE HTML>\n<html lang=\"en\">\n");
    assert_snapshot!(rpcctl("list").arg(&html.address).run(), @r#"
    ------- stderr -------
    error: 127.0.0.1:PORT is an HTTP/1 web server: it answers "<!DOCTYPE HTML>"
    hint: gRPC needs HTTP/2: is this the right port, and no HTTP/1 proxy before it? A server of gRPC-Web or Connect may speak HTTP/1 alone: --protocol grpc-web, --protocol connect
    [exit 1]
    "#);
    assert_snapshot!(rpcctl("list --insecure").arg(&html.address).run(), @r#"
    ------- stderr -------
    warning: --insecure: nothing verifies that this is 127.0.0.1:PORT
    error: 127.0.0.1:PORT is an HTTP/1 web server: it answers "<!DOCTYPE HTML>"
    hint: gRPC needs HTTP/2: is this the right port, and no HTTP/1 proxy before it? A server of gRPC-Web or Connect may speak HTTP/1 alone: --protocol grpc-web, --protocol connect
    [exit 1]
    "#);
    let ssh = saying(b"SSH-2.0-OpenSSH_9.2\r\n");
    assert_snapshot!(rpcctl("list").arg(&ssh.address).run(), @r#"
    ------- stderr -------
    error: 127.0.0.1:PORT does not speak HTTP/2: its first bytes are "SSH-2.0-OpenSSH_9.2\r\n"
    hint: gRPC needs HTTP/2: is this the right port, and no HTTP/1 proxy before it?
    [exit 1]
    "#);
    let closed = Peer::tcp(|stream| async move { drop(stream) });
    // Whether the system calls it a reset depends on what was written by then.
    let output = rpcctl("list").arg(&closed.address).run();
    assert_eq!(output.code, Some(1), "{output}");
    assert!(output.talk().contains("closed the connection before it said anything"), "{output}");
    assert!(output.talk().contains("hint: is this the right port, and is it gRPC? Some servers"), "{output}");
}

#[test]
fn tls_with_the_servers_own_certificate() {
    let directory = tempfile::tempdir().unwrap();
    let serve =
        rpcctl("serve-demo --listen 127.0.0.1:0 --tls --write-cert demo.pem").within(directory.path());
    let demo = Demo::start(serve);
    let call = demo.rpcctl("call", HELLO).args("--cacert demo.pem").within(directory.path());
    assert_snapshot!(call.run(), @r#"
    {"message":"Hello, world"}
    [exit 0]
    "#);
    let named =
        rpcctl("call --cacert demo.pem").arg(format!("https://localhost:{}", demo.port())).args(HELLO);
    assert_snapshot!(named.within(directory.path()).run(), @r#"
    {"message":"Hello, world"}
    [exit 0]
    "#);
}

#[test]
fn tls_is_told_of_when_asked() {
    let demo = Demo::with("--tls");
    let output = demo.rpcctl("call", HELLO).args("--insecure -v").run();
    let talk = output.without_times().talk();
    let remarks: Vec<&str> = talk.lines().filter(|line| !line.starts_with(['<', '>'])).collect();
    assert_snapshot!(remarks.join("\n"), @"
    warning: --insecure: nothing verifies that this is 127.0.0.1:PORT
    * connected to 127.0.0.1:PORT
    * TLSv1.3, TLS_AES_256_GCM_SHA384, ALPN h2
    * certificate for localhost, 127.0.0.1 and ::1, self-signed
    * response headers
    * response trailers
    * status: OK (0)
    * sent 1 message, received 1 message
    * time: resolve TIME, connect TIME, TLS TIME, schema TIME, first byte TIME, total TIME
    ");
}

#[test]
fn tls_without_trust() {
    let demo = Demo::with("--tls");
    assert_snapshot!(demo.rpcctl("call", HELLO).args("--tls").run(), @"
    ------- stderr -------
    error: TLS handshake with 127.0.0.1:PORT failed
      caused by: its certificate is self-signed, and not one that is trusted here
    hint: --cacert FILE trusts another CA, or the certificate itself; --insecure goes on unverified
    [exit 1]
    ");
    assert_snapshot!(demo.rpcctl("call", HELLO).args("--insecure").run(), @r#"
    {"message":"Hello, world"}
    ------- stderr -------
    warning: --insecure: nothing verifies that this is 127.0.0.1:PORT
    [exit 0]
    "#);
}

#[test]
fn tls_for_another_name() {
    let directory = tempfile::tempdir().unwrap();
    let serve =
        rpcctl("serve-demo --listen 127.0.0.1:0 --tls --write-cert demo.pem").within(directory.path());
    let demo = Demo::start(serve);
    let call = demo.rpcctl("call", HELLO).args("--cacert demo.pem --server-name example.com");
    assert_snapshot!(call.within(directory.path()).run(), @"
    ------- stderr -------
    error: TLS handshake with 127.0.0.1:PORT failed
      caused by: its certificate is for localhost, 127.0.0.1 and ::1, not for example.com
    hint: if it is the server that you mean: --server-name localhost instead of the one given
    [exit 1]
    ");
}

#[test]
fn a_handshake_that_is_cut_off() {
    let peer = Peer::tcp(|stream| async move { drop(stream) });
    assert_snapshot!(rpcctl("list --tls").arg(&peer.address).run(), @"
    ------- stderr -------
    error: TLS handshake with 127.0.0.1:PORT failed
      caused by: it closed the connection in the middle of the handshake
    hint: is this the right port? Some servers hang up on names that they do not know: --server-name NAME
    [exit 1]
    ");
}

/// A second look that is kept waiting ends before the connect timeout and the deadline do, and what is known by then
/// is told.
#[test]
fn a_second_look_ends_in_time() {
    let met = std::sync::atomic::AtomicBool::new(false);
    let peer = Peer::tcp(move |stream| {
        let again = met.fetch_xor(true, std::sync::atomic::Ordering::Relaxed);
        async move {
            let _open = stream;
            if again {
                std::future::pending::<()>().await;
            }
        }
    });
    for limit in ["--connect-timeout 400ms", "--timeout 400ms"] {
        let list = |flags: &str| rpcctl("list").arg(&peer.address).args(limit).args(flags).run();
        let tls = list("--insecure");
        assert!(tls.talk().contains("it closed the connection in the middle of the handshake"), "{tls}");
        let plaintext = list("");
        assert!(plaintext.talk().contains("closed the connection before it said anything"), "{plaintext}");
    }
}

#[test]
fn plaintext_to_tls_and_the_reverse_are_named() {
    let secured = Demo::with("--tls");
    assert_snapshot!(secured.rpcctl("call", HELLO).run(), @"
    ------- stderr -------
    error: 127.0.0.1:PORT speaks TLS, and it was called in plaintext
    hint: speak TLS: --tls (and --cacert FILE for a private CA)
    [exit 1]
    ");
    let plain = Demo::plain();
    assert_snapshot!(plain.rpcctl("call", HELLO).args("--tls").run(), @"
    ------- stderr -------
    error: 127.0.0.1:PORT does not speak TLS: it answered the TLS handshake in plaintext
    hint: speak plaintext: --plaintext instead of --tls
    [exit 1]
    ");
}

#[test]
fn the_other_language_is_advised_as_the_server_was_named() {
    let (secured, plain) = (Demo::with("--tls"), Demo::plain());
    let hint = |rpcctl: Rpcctl| {
        let talk = rpcctl.run().talk();
        talk.lines().filter(|line| line.starts_with("hint: ")).collect::<Vec<_>>().join("\n")
    };
    let http = format!("http://{}", secured.address);
    assert_snapshot!(hint(rpcctl("list").arg(&http)), @"hint: speak TLS: https://127.0.0.1:PORT instead of http://127.0.0.1:PORT (and --cacert FILE for a private CA)");
    assert_snapshot!(hint(rpcctl("list -a").arg(&http)), @"hint: speak TLS: https://127.0.0.1:PORT instead of http://127.0.0.1:PORT with -a (and --cacert FILE for a private CA)");
    assert_snapshot!(hint(rpcctl("list").env("RPCCTL_ADDRESS", &http)), @"
    hint: speak TLS: https://127.0.0.1:PORT instead of http://127.0.0.1:PORT in RPCCTL_ADDRESS (and --cacert FILE for a private CA)
    hint: http://127.0.0.1:PORT is what RPCCTL_ADDRESS says
    ");
    assert_snapshot!(hint(rpcctl("list").env("RPCCTL_ADDRESS", &secured.address)), @"
    hint: speak TLS: --tls (and --cacert FILE for a private CA)
    hint: 127.0.0.1:PORT is what RPCCTL_ADDRESS says
    ");
    assert_snapshot!(hint(secured.rpcctl("list", "--plaintext")), @"hint: speak TLS: --tls instead of --plaintext (and --cacert FILE for a private CA)");
    let https = format!("https://{}", plain.address);
    assert_snapshot!(hint(rpcctl("list").arg(&https)), @"hint: speak plaintext: http://127.0.0.1:PORT instead of https://127.0.0.1:PORT");
    assert_snapshot!(hint(rpcctl("list --insecure -a").arg(&https)), @"hint: speak plaintext: http://127.0.0.1:PORT instead of https://127.0.0.1:PORT with -a, without --insecure");
    assert_snapshot!(hint(plain.rpcctl("list", "--insecure --server-name x")), @"hint: speak plaintext: --plaintext instead of --insecure and --server-name");
}

#[test]
fn a_server_may_want_to_know_its_clients() {
    let directory = tempfile::tempdir().unwrap();
    let client = rcgen::generate_simple_self_signed(["client".to_owned()]).unwrap();
    std::fs::write(directory.path().join("client.pem"), client.cert.pem()).unwrap();
    std::fs::write(directory.path().join("client.key"), client.signing_key.serialize_pem()).unwrap();
    let serve = rpcctl("serve-demo --listen 127.0.0.1:0 --tls --write-cert demo.pem --client-ca client.pem");
    let demo = Demo::start(serve.within(directory.path()));
    let call = |flags: &str| demo.rpcctl("call", HELLO).args(flags).within(directory.path()).run();
    assert_snapshot!(call("--cacert demo.pem --cert client.pem --key client.key"), @r#"
    {"message":"Hello, world"}
    [exit 0]
    "#);
    // The refusal comes after the handshake, in a race with this side's first write.
    insta::allow_duplicates! {for _ in 0..5 {
        assert_snapshot!(call("--cacert demo.pem"), @"
        ------- stderr -------
        error: TLS handshake with 127.0.0.1:PORT failed
          caused by: it wants a client certificate, and none was given
        hint: give --cert FILE and --key FILE, with a certificate signed by a CA that the server trusts
        [exit 1]
        ");
    }}
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
    assert_snapshot!(rpcctl("call unix:/no/such.sock").args(HELLO).run(), @"
    ------- stderr -------
    error: cannot connect to unix:/no/such.sock
      caused by: No such file or directory
    hint: there is no such socket: check the path
    [exit 1]
    ");
}

#[test]
fn the_demo_inside_the_program_needs_no_server() {
    assert_snapshot!(rpcctl("call demo:").args(HELLO).run(), @r#"
    {"message":"Hello, world"}
    [exit 0]
    "#);
    assert_snapshot!(rpcctl("call demo:/hello.HelloService/SayHello -o jsonl").run(), @r#"
    {"message":"Hello, world"}
    [exit 0]
    "#);
}

#[test]
fn names_resolve() {
    let demo = Demo::plain();
    let target = format!("dns:///localhost:{}", demo.port());
    assert_snapshot!(rpcctl("call").arg(target).args(HELLO).run(), @r#"
    {"message":"Hello, world"}
    [exit 0]
    "#);
}

#[test]
fn the_authority_is_the_callers_choice() {
    let demo = Demo::plain();
    let output = demo.rpcctl("call", HELLO).args("--authority example.com -v").run();
    assert!(output.talk().contains("example.com"), "{output}");
    assert_eq!(output.code, Some(0));
}
