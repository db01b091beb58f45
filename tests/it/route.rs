//! The way to a server: proxies, other places, other addresses, versions of TLS, and the identities to show there.

use std::path::Path;

use insta::assert_snapshot;
use p12_keystore::{Certificate, KeyStore, KeyStoreEntry, LocalKeyId, PrivateKey, PrivateKeyChain};

use crate::common::{Demo, Output, Peer, Proxy, Rpcctl, rpcctl};

const HELLO: &str = "HelloService/SayHello name=Alice -o jsonl";

/// Says hello to a server that has a name, and whose port is not told.
fn hello(target: &str) -> Rpcctl {
    rpcctl("call --plaintext").arg(target).args(HELLO)
}

fn greeted(output: &Output) {
    assert_eq!(output.text(), "{\"message\":\"Hello, Alice\"}\n", "{output}");
}

#[test]
fn through_a_proxy_that_learns_nothing_of_the_call() {
    let demo = Demo::plain();
    let proxy = Proxy::http(&demo.address, None);
    let call = hello("api.example.com:50051").arg("--proxy").arg(format!("http://{}", proxy.address()));
    let output = call.args("-H authorization:secret --authority inside.example.com -v").run();
    greeted(&output);
    assert!(output.talk().contains("* through the proxy http://127.0.0.1:"), "{output}");
    let told = proxy.told();
    assert_eq!(told, ["CONNECT api.example.com:50051 HTTP/1.1\r\nhost: api.example.com:50051\r\n\r\n"]);
}

#[test]
fn through_a_proxy_with_tls_inside() {
    let directory = tempfile::tempdir().unwrap();
    let cert = directory.path().join("demo.pem");
    let demo = Demo::with(&format!("--tls --write-cert {}", cert.display()));
    let proxy = Proxy::http(&demo.address, None);
    let call = rpcctl("call api.example.com:443").args(HELLO).arg("--cacert").arg(&cert);
    let output = call.arg("--proxy").arg(proxy.address()).args("--server-name localhost").run();
    greeted(&output);
    assert!(proxy.told()[0].starts_with("CONNECT api.example.com:443 "));
}

#[test]
fn a_proxy_that_wants_to_know_who_it_is() {
    let demo = Demo::plain();
    // alice:s3cret
    let proxy = Proxy::http(&demo.address, Some("YWxpY2U6czNjcmV0"));
    let by = |login: &str| {
        let proxy = format!("http://{login}{}", proxy.address());
        hello("api.example.com:50051").arg("--proxy").arg(proxy).run()
    };
    greeted(&by("alice:s3cret@"));
    assert_snapshot!(by(""), @"
    ------- stderr -------
    error: the proxy http://127.0.0.1:PORT makes no connection to api.example.com:50051: it wants a user and a password
    hint: say them: --proxy SCHEME://USER:PASSWORD@HOST:PORT
    [exit 1]
    ");
    assert_snapshot!(by("alice:wrong@"), @"
    ------- stderr -------
    error: the proxy http://127.0.0.1:PORT makes no connection to api.example.com:50051: it refused the user and the password
    hint: say them: --proxy SCHEME://USER:PASSWORD@HOST:PORT
    [exit 1]
    ");
}

#[test]
fn through_socks() {
    let demo = Demo::plain();
    let proxy = Proxy::socks5(&demo.address, None);
    let by = |scheme: &str, target: &str| {
        hello(target).arg("--proxy").arg(format!("{scheme}://{}", proxy.address())).run()
    };
    greeted(&by("socks5h", "api.example.com:50051"));
    greeted(&by("socks5", "127.0.0.1:50051"));
    greeted(&by("socks5", "localhost:50052"));
    assert_eq!(proxy.told(), ["api.example.com:50051", "127.0.0.1:50051", "127.0.0.1:50052"]);
}

#[test]
fn socks_with_a_login() {
    let demo = Demo::plain();
    let proxy = Proxy::socks5(&demo.address, Some("al@ice:s3cret"));
    let by = |login: &str| {
        let proxy = format!("socks5h://{login}{}", proxy.address());
        hello("api.example.com:50051").arg("--proxy").arg(proxy).run()
    };
    greeted(&by("al%40ice:s3cret@"));
    assert_snapshot!(by("al%40ice:wrong@"), @"
    ------- stderr -------
    error: the proxy socks5h://127.0.0.1:PORT makes no connection to api.example.com:50051: it refused the user and the password
    hint: say them: --proxy SCHEME://USER:PASSWORD@HOST:PORT
    [exit 1]
    ");
    assert_snapshot!(by(""), @"
    ------- stderr -------
    error: the proxy socks5h://127.0.0.1:PORT makes no connection to api.example.com:50051: it wants a user and a password
    hint: say them: --proxy SCHEME://USER:PASSWORD@HOST:PORT
    [exit 1]
    ");
}

#[test]
fn the_environment_names_proxies() {
    let demo = Demo::plain();
    let proxy = Proxy::http(&demo.address, None);
    let by = |variable: &str, value: String| hello("api.example.com:50051").env(variable, value);
    greeted(&by("http_proxy", format!("http://{}", proxy.address())).run());
    greeted(&by("ALL_PROXY", proxy.address().to_owned()).run());
    assert_eq!(proxy.told().len(), 2);
    // This machine's own addresses are not asked of it, and neither is what is to go without.
    greeted(&hello(&demo.address).env("ALL_PROXY", proxy.address()).run());
    let resolve = format!("api.example.com:{}:127.0.0.1", demo.port());
    for exempt in ["*", "example.com", "10.0.0.0/8,.example.com"] {
        let target = format!("api.example.com:{}", demo.port());
        let call = hello(&target).env("ALL_PROXY", proxy.address()).arg("--resolve").arg(&resolve);
        greeted(&call.env("NO_PROXY", exempt).run());
        let call = hello(&target).env("ALL_PROXY", proxy.address()).arg("--resolve").arg(&resolve);
        greeted(&call.arg("--no-proxy").arg(exempt).run());
    }
    assert_eq!(proxy.told().len(), 2);
    // With a port it is about that port.
    let target = format!("api.example.com:{}", demo.port());
    let call = || hello(&target).env("ALL_PROXY", proxy.address()).arg("--resolve").arg(&resolve);
    greeted(&call().env("NO_PROXY", &target).run());
    greeted(&call().env("NO_PROXY", format!("other.example:1,.example.com:{}", demo.port())).run());
    assert_eq!(proxy.told().len(), 2);
    greeted(&call().env("NO_PROXY", "api.example.com:1").run());
    assert_eq!(proxy.told().len(), 3);
}

/// A proxy of HTTP waits for the rest of what it takes for a request.
#[test]
fn socks_that_is_spoken_to_a_proxy_of_http() {
    let demo = Demo::plain();
    let proxy = Proxy::http(&demo.address, None);
    let began = std::time::Instant::now();
    let socks = format!("socks5://{}", proxy.address());
    let call = hello("127.0.0.1:50051").args("--connect-timeout 20s --proxy").arg(&socks);
    assert_snapshot!(call.run(), @"
    ------- stderr -------
    error: the proxy socks5://127.0.0.1:PORT makes no connection to 127.0.0.1:50051: it is no SOCKS 5 proxy: it speaks HTTP
    hint: speak HTTP to it: give it as http://HOST:PORT in --proxy
    [exit 1]
    ");
    let doctor = rpcctl("doctor 127.0.0.1:50051 --connect-timeout 20s --proxy").arg(&socks).run();
    let fix = doctor.text().lines().find(|line| line.contains("fix: ")).map(str::to_owned);
    assert_snapshot!(fix.unwrap().trim(), @"fix: speak HTTP to it: rpcctl doctor 127.0.0.1:50051 --proxy http://127.0.0.1:PORT");
    assert!(began.elapsed() < std::time::Duration::from_secs(10), "{:?}", began.elapsed());
}

#[test]
fn a_proxy_that_is_none() {
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    assert_snapshot!(hello("api.example.com:50051").arg("--proxy").arg(gone.to_string()).run(), @"
    ------- stderr -------
    error: cannot reach the proxy to api.example.com:50051
      caused by: cannot connect to http://127.0.0.1:PORT
      caused by: Connection refused
    hint: leave --proxy out to connect directly
    [exit 1]
    ");
    assert_snapshot!(hello("api.example.com:50051").env("http_proxy", gone.to_string()).run(), @"
    ------- stderr -------
    error: cannot reach the proxy to api.example.com:50051
      caused by: cannot connect to http://127.0.0.1:PORT
      caused by: Connection refused
    hint: http_proxy names that proxy; to connect directly: --no-proxy '*'
    [exit 1]
    ");
    let forbidden = Peer::http1(|_, _| b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n".to_vec());
    assert_snapshot!(hello("api.example.com:50051").arg("--proxy").arg(&forbidden.address).run(), @"
    ------- stderr -------
    error: the proxy http://127.0.0.1:PORT makes no connection to api.example.com:50051: it answers the CONNECT with HTTP status 403 Forbidden
    hint: leave --proxy out to connect directly
    [exit 1]
    ");
    let demo = Demo::plain();
    let socks = format!("socks5h://{}", demo.address);
    assert_snapshot!(hello("api.example.com:50051").arg("--proxy").arg(socks).run(), @"
    ------- stderr -------
    error: the proxy socks5h://127.0.0.1:PORT makes no connection to api.example.com:50051: it is no SOCKS 5 proxy: it speaks HTTP
    hint: speak HTTP to it: give it as http://HOST:PORT in --proxy
    [exit 1]
    ");
    assert_snapshot!(hello("api.example.com:50051").args("--proxy ftp://u:secret@h").run(), @r#"
    ------- stderr -------
    error: --proxy says "ftp://…@h", which is no proxy: the schemes are http, https, socks5 and socks5h
    [exit 2]
    "#);
    let silent = Peer::tcp(|stream| async move {
        let _open = stream;
        std::future::pending::<()>().await;
    });
    let call = hello("api.example.com:50051").arg("--proxy").arg(&silent.address);
    assert_snapshot!(call.args("--connect-timeout 200ms").run(), @"
    ------- stderr -------
    error: api.example.com:50051: no connection through the proxy within 200ms
    hint: wait longer with --connect-timeout DURATION
    [exit 1]
    ");
}

#[test]
fn another_place_and_another_address() {
    let demo = Demo::plain();
    let port = demo.port();
    let detour = format!("api.example.com:443:127.0.0.1:{port}");
    let output = hello("api.example.com:443").arg("--connect-to").arg(&detour).args("-vv").run();
    greeted(&output);
    assert!(output.talk().contains("> POST http://api.example.com:443/hello"), "{output}");
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let detour = format!("::{gone}");
    assert_snapshot!(hello("api.example.com:443").arg("--connect-to").arg(detour).run(), @"
    ------- stderr -------
    error: cannot connect to 127.0.0.1:PORT, which --connect-to has for api.example.com:443
      caused by: Connection refused
    hint: nothing listens there: check host and port; rpcctl serve-demo starts a server to try
    [exit 1]
    ");
    let detour = format!("::127.0.0.1:{port}");
    greeted(&hello("api.example.com:443").arg("--connect-to").arg(&detour).run());
    let target = format!("api.example.com:{port}");
    greeted(&hello(&target).arg("--resolve").arg(format!("*:{port}:127.0.0.1")).run());
    // A network that nobody answers in is no hindrance.
    let known = format!("api.example.com:{port}:[100::1],192.0.2.1,127.0.0.1");
    greeted(&hello(&target).arg("--resolve").arg(known).run());
    assert_snapshot!(hello("h:1").args("--resolve h:1:nonsense").run(), @r#"
    ------- stderr -------
    error: invalid value 'h:1:nonsense' for '--resolve <HOST:PORT:ADDRESS>': "nonsense" is no IP address

    For more information, try '--help'.
    [exit 2]
    "#);
    assert_snapshot!(hello("h:1").args("--connect-to h:1:nonsense").run(), @"
    ------- stderr -------
    error: invalid value 'h:1:nonsense' for '--connect-to <FROM:TO>': it is HOST:PORT:OTHER_HOST:OTHER_PORT, and each may be empty

    For more information, try '--help'.
    [exit 2]
    ");
}

/// 127.0.0.0/8 is this machine's on Linux, and not elsewhere.
#[cfg(target_os = "linux")]
#[test]
fn every_server_of_a_name_is_called() {
    let first = Demo::plain();
    let port = first.port();
    let second = rpcctl("serve-demo --fail-rate 1 --listen").arg(format!("127.0.0.2:{port}"));
    let _second = Demo::start(second);
    let by = |addresses: &str, words: &str| {
        let resolve = format!("api.example.com:{port}:{addresses}");
        let call = hello(&format!("api.example.com:{port}")).args("--all-backends").args(words);
        call.arg("--resolve").arg(resolve).run()
    };
    greeted(&by("127.0.0.1", ""));
    let output = by("127.0.0.1,127.0.0.2,127.0.0.3,127.0.0.1", "").to_string();
    assert_snapshot!(output.replace(port, "PORT"), @r#"
    {"message":"Hello, Alice"}
    ------- stderr -------
    * server 127.0.0.1
    * server 127.0.0.2
    error: UNAVAILABLE (14): failed by chance, as --fail-rate asks
    * server 127.0.0.3
    error: cannot connect to api.example.com:PORT
      caused by: Connection refused
    hint: nothing listens there: check host and port; rpcctl serve-demo starts a server to try
    * 1 of 3 servers answered well
    [exit 78]
    "#);
    assert_snapshot!(by("127.0.0.1", "--prompt"), @"
    ------- stderr -------
    error: --prompt asks for the request, and name=Alice gives it
    hint: leave one of them out
    [exit 2]
    ");
    assert_snapshot!(rpcctl("call demo: HelloService/SayHello --all-backends").run(), @"
    ------- stderr -------
    error: --all-backends is about the addresses of a name, and demo: has none
    [exit 2]
    ");
    // A server at every address of this machine takes its time, and all have one deadline.
    let slow = Demo::start(rpcctl("serve-demo --listen 0.0.0.0:0 --latency 20s"));
    let port = slow.port();
    let resolve = format!("api.example.com:{port}:127.0.0.1,127.0.0.2,127.0.0.3");
    let call = hello(&format!("api.example.com:{port}")).args("--all-backends --timeout 3s --resolve");
    let began = std::time::Instant::now();
    assert_snapshot!(call.arg(resolve).run(), @"
    ------- stderr -------
    * server 127.0.0.1
    error: DEADLINE_EXCEEDED (4, on this side): the deadline of 3s passed while waiting for the answer to begin
    * server 127.0.0.2
    error: DEADLINE_EXCEEDED (4, on this side): the deadline of 3s passed while connecting
    * server 127.0.0.3
    error: DEADLINE_EXCEEDED (4, on this side): the deadline of 3s passed while connecting
    * 0 of 3 servers answered well
    [exit 68]
    ");
    assert!(began.elapsed() < std::time::Duration::from_secs(8), "{:?}", began.elapsed());
    let call = rpcctl("call").arg(&first.address).args("HelloService/SayHello --all-backends");
    assert_snapshot!(call.args("-d @/dev/null").run(), @"
    ------- stderr -------
    error: --all-backends sends the request to each server, and /dev/null can be read only once
    hint: write it to a file, or give it as text: -d JSON
    [exit 2]
    ");
    let call = rpcctl("call").arg(&first.address).args("HelloService/SayHello --all-backends");
    assert_snapshot!(call.args("--descriptor-set -").run(), @"
    ------- stderr -------
    error: --all-backends reads the schema for each server, and stdin can be read only once
    hint: write it to a file
    [exit 2]
    ");
    let output = rpcctl("call").arg(&first.address).args("HelloService/SayHello --all-backends -d @").run();
    assert_snapshot!(output, @"
    ------- stderr -------
    error: --all-backends sends the request to each server, and stdin can be read only once
    hint: give it in a file: -d @FILE
    [exit 2]
    ");
}

#[test]
fn what_leads_there_again_is_repeated() {
    let demo = Demo::plain();
    let proxy = Proxy::http(&demo.address, None);
    let list = rpcctl("list api.example.com:50051 Nonsense --plaintext");
    let list = list.arg("--proxy").arg(format!("http://u:secret@{}", proxy.address()));
    assert_snapshot!(list.run(), @r#"
    ------- stderr -------
    error: there is no service "Nonsense"
    hint: see what there is: rpcctl list api.example.com:50051 --plaintext --proxy "$PROXY"
    [exit 1]
    "#);
}

#[test]
fn versions_of_tls() {
    let directory = tempfile::tempdir().unwrap();
    let cert = directory.path().join("demo.pem");
    let demo = Demo::with(&format!("--tls --write-cert {}", cert.display()));
    let by = |flags: &str| demo.rpcctl("call", HELLO).arg("--cacert").arg(&cert).args(flags).args("-v").run();
    assert!(by("").talk().contains("* TLSv1.3, "));
    assert!(by("--tls-max 1.2").talk().contains("* TLSv1.2, "));
    assert!(by("--tls-min 1.3").talk().contains("* TLSv1.3, "));
    assert_snapshot!(by("--tls-min 1.3 --tls-max 1.2"), @"
    ------- stderr -------
    error: --tls-min is above --tls-max: no version of TLS is left
    [exit 2]
    ");
}

#[test]
fn secrets_of_tls_are_written_where_the_environment_says() {
    let directory = tempfile::tempdir().unwrap();
    let path = |name: &str| directory.path().join(name);
    let demo = Demo::with(&format!("--tls --write-cert {}", path("demo.pem").display()));
    let by = |log: &Path| {
        demo.rpcctl("call", HELLO).arg("--cacert").arg(path("demo.pem")).env("SSLKEYLOGFILE", log).run()
    };
    greeted(&by(&path("keys")));
    let keys = std::fs::read_to_string(path("keys")).unwrap();
    assert!(keys.lines().any(|line| line.starts_with("CLIENT_TRAFFIC_SECRET_0 ")), "{keys}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(std::fs::metadata(path("keys")).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let output = by(&path("no/such/folder"));
    assert_eq!(output.code, Some(1), "{output}");
    assert!(output.talk().contains("hint: SSLKEYLOGFILE says so"), "{output}");
}

#[cfg(unix)]
#[test]
fn tls_over_a_unix_socket() {
    let directory = tempfile::tempdir().unwrap();
    let path = |name: &str| directory.path().join(name).display().to_string();
    let serve = rpcctl("serve-demo --tls").arg("--unix").arg(path("s.sock"));
    let _demo = Demo::start(serve.arg("--write-cert").arg(path("demo.pem")));
    let output = rpcctl("call").arg(format!("unix:{}", path("s.sock"))).args(HELLO);
    greeted(&output.arg("--cacert").arg(path("demo.pem")).run());
}

#[test]
fn headers_have_room_as_far_as_they_are_given_it() {
    let demo = Demo::plain();
    let metadata = format!("x-large:{}", "a".repeat(5000));
    let by = |size: &str| {
        demo.rpcctl("call", "Demo/EchoMetadata -o jsonl --max-header-size").arg(size).arg("-H").arg(&metadata)
    };
    assert_eq!(by("64K").run().code, Some(0), "{}", by("64K").run());
    let output = by("2K").run();
    assert_ne!(output.code, Some(0), "{output}");
    assert_snapshot!(by("12").run(), @"
    ------- stderr -------
    error: invalid value '12' for '--max-header-size <BYTES>': headers need at least 1K

    For more information, try '--help'.
    [exit 2]
    ");
}

/// A server that wants a client's certificate, and such a certificate in every form.
struct Mutual {
    directory: tempfile::TempDir,
    demo: Demo,
}

impl Mutual {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let path = |name: &str| directory.path().join(name);
        let mut params = rcgen::CertificateParams::default();
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        params.distinguished_name.push(rcgen::DnType::CommonName, "Test CA");
        let key = rcgen::KeyPair::generate().unwrap();
        let ca = params.self_signed(&key).unwrap();
        let issuer = rcgen::Issuer::new(params, key);
        let make = |name: &str| {
            let key = rcgen::KeyPair::generate().unwrap();
            let params = rcgen::CertificateParams::new([name.to_owned(), "127.0.0.1".to_owned()]).unwrap();
            (params.signed_by(&key, &issuer).unwrap(), key)
        };
        let (server, server_key) = make("localhost");
        let (client, client_key) = make("client");
        std::fs::write(path("ca.pem"), ca.pem()).unwrap();
        std::fs::write(path("server.pem"), server.pem()).unwrap();
        std::fs::write(path("server.key"), server_key.serialize_pem()).unwrap();
        std::fs::write(path("client.pem"), client.pem()).unwrap();
        std::fs::write(path("password"), "p@ss\nsecond line\n").unwrap();
        let der = client_key.serialize_der();
        let info = pkcs8::PrivateKeyInfoRef::try_from(&der[..]).unwrap();
        let parameters =
            pkcs8::pkcs5::pbes2::Parameters::generate_pbkdf2_sha256_aes256cbc(2048, b"saltsalt", [7; 16])
                .unwrap();
        let locked = info.encrypt_with_params(parameters, "p@ss").unwrap();
        let pem = locked.to_pem("ENCRYPTED PRIVATE KEY", pkcs8::LineEnding::LF).unwrap();
        std::fs::write(path("client.key"), &*pem).unwrap();
        let mut store = KeyStore::new();
        let chain = PrivateKeyChain::new(
            LocalKeyId(b"1".to_vec()),
            PrivateKey::from_der(&der).unwrap(),
            [Certificate::from_der(client.der()).unwrap()],
        );
        store.add_entry("client", KeyStoreEntry::PrivateKeyChain(chain));
        std::fs::write(path("client.p12"), store.writer("p@ss").write().unwrap()).unwrap();
        let serve =
            rpcctl("serve-demo --listen 127.0.0.1:0 --cert server.pem --key server.key --client-ca ca.pem");
        let demo = Demo::start(serve.within(directory.path()));
        Self { directory, demo }
    }

    fn call(&self, flags: &str) -> Output {
        let call = self.demo.rpcctl("call", HELLO).args("--cacert ca.pem").args(flags);
        call.within(self.directory.path()).run()
    }
}

#[test]
fn keys_with_a_password() {
    let server = Mutual::new();
    greeted(&server.call("--cert client.pem --key client.key --key-password @password"));
    greeted(&server.call("--cert client.pem --key client.key --key-password p@ss"));
    // It may come through a pipe, whatever number of connections is made with it.
    let doctor = server.demo.rpcctl("doctor", "--cacert ca.pem --cert client.pem --key client.key");
    let doctor = doctor.args("--key-password @/dev/stdin").within(server.directory.path());
    let output = doctor.stdin("p@ss\n").run();
    assert_eq!(output.code, Some(0), "{output}");
    assert_snapshot!(server.call("--cert client.pem --key client.key"), @"
    ------- stderr -------
    error: cannot use private key client.key: it is encrypted: give its password with --key-password @FILE
    [exit 1]
    ");
    assert_snapshot!(server.call("--cert client.pem --key client.key --key-password wrong"), @"
    ------- stderr -------
    error: cannot use private key client.key: --key-password is not its password, or it is encrypted in a way that is not known here
    [exit 1]
    ");
    assert_snapshot!(server.call("--key-password wrong"), @"
    ------- stderr -------
    error: --key-password is about the key of a certificate, and there is no --cert
    hint: give it: --cert FILE
    [exit 2]
    ");
}

/// As with `--cert <(…)`: what is read from a pipe is gone.
#[cfg(target_os = "linux")]
#[test]
fn certificate_and_key_through_a_pipe() {
    let server = Mutual::new();
    let file = |name: &str| std::fs::read(server.directory.path().join(name)).unwrap();
    for bytes in [[file("client.pem"), file("client.key")].concat(), file("client.p12")] {
        let call = server.demo.rpcctl("call", HELLO).args("--cacert ca.pem --cert /dev/stdin");
        let call = call.args("--key-password @password").within(server.directory.path());
        greeted(&call.stdin(bytes).run());
    }
}

#[test]
fn certificates_in_pkcs12() {
    let server = Mutual::new();
    greeted(&server.call("--cert client.p12 --key-password @password"));
    assert_snapshot!(server.call("--cert client.p12"), @"
    ------- stderr -------
    error: cannot use client certificate client.p12: it is encrypted: give its password with --key-password @FILE
    [exit 1]
    ");
    assert_snapshot!(server.call("--cert client.p12 --key-password wrong"), @"
    ------- stderr -------
    error: cannot use client certificate client.p12: --key-password is not its password
    [exit 1]
    ");
    assert_snapshot!(server.call("--cert client.p12 --key client.key --key-password p@ss"), @"
    ------- stderr -------
    error: cannot use client certificate client.p12: it is not PEM; in PKCS#12 the key stands beside it, and needs no --key
    [exit 1]
    ");
    assert_snapshot!(server.call("--cert client.p12 --key-password @no-such-file"), @"
    ------- stderr -------
    error: cannot use password of the key no-such-file: No such file or directory
    [exit 1]
    ");
}
