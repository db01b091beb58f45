//! `rpcctl doctor`: each broken set-up is told by its step, and the command that it names is run and mends it.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use insta::assert_snapshot;
use prost::Message as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::certificates::certified;
use crate::common::reflecting::{by_question, file, files, listed, not_found, ok, reflecting_at, serving};
use crate::common::{Demo, GRPC, Output, Peer, Proxy, Rpcctl, Step, envelope, path, rpcctl};

const SCHEMA: &str = "syntax = 'proto3'; package s; message M {} service Service { rpc Do(M) returns (M); }";

/// Examines.
pub(crate) fn doctor(target: &str, flags: &str) -> Rpcctl {
    rpcctl("doctor").arg(target).args(flags)
}

/// The report without times.
pub(crate) fn told(output: &Output) -> String {
    let mut told = String::new();
    for line in output.text().lines() {
        let words: Vec<&str> = line.split(' ').collect();
        let is_time = |index: usize| {
            let number = words[index].trim_start_matches('(').parse::<f64>().is_ok();
            number && words.get(index + 1).is_some_and(|unit| unit.trim_end_matches([')', ',']) == "ms")
        };
        let shown: Vec<&str> = words
            .iter()
            .enumerate()
            .filter(|(index, _)| !(*index > 0 && is_time(index - 1)))
            .map(|(index, word)| match is_time(index) {
                true if words[index + 1].ends_with(')') => "(TIME)",
                true => "TIME",
                false => word,
            })
            .collect();
        told.push_str(&format!("{}\n", shown.join(" ")));
    }
    told
}

/// The steps that failed, with what is told of them.
pub(crate) fn failures(output: &Output) -> String {
    let mut shown = false;
    let told = told(output);
    let lines = told.lines().filter(|line| {
        shown = line.starts_with('✗') || (shown && line.starts_with("   "));
        shown
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// The one command that is named, to be pasted.
#[track_caller]
fn fix(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let fixes: Vec<&str> = text.lines().filter_map(|line| line.trim_start().strip_prefix("fix: ")).collect();
    let [fix] = fixes.as_slice() else { panic!("not one fix, but {fixes:?}\n{output}") };
    let at = fix.find(": rpcctl ").unwrap_or_else(|| panic!("no command in {fix:?}"));
    fix[at + 2..].to_owned()
}

/// Runs a line as a person would who has the program installed.
fn paste(line: &str, directory: &Path, environment: &[(&str, &str)]) -> Output {
    let run = Command::new("sh")
        .args(["-c", line])
        .env_clear()
        .env("PATH", path())
        .envs(environment.iter().copied())
        .current_dir(directory)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    Output { stdout: run.stdout, stderr: run.stderr, code: run.status.code() }
}

/// The examination fails in the one step, and the command that it names, with what stands for its words in capitals, is
/// the end of all trouble. What was told of the failure.
#[track_caller]
fn mended(doctor: Rpcctl, words: &[(&str, &str)], directory: &Path) -> String {
    let output = doctor.within(directory).run();
    assert_eq!(output.code, Some(1), "{output}");
    let line = words.iter().fold(fix(&output), |line, (word, value)| line.replace(word, value));
    let after = paste(&line, directory, &[]);
    assert_eq!(after.code, Some(0), "{line}\n{after}");
    assert!(after.text().ends_with("calls can work\n"), "{after}");
    failures(&output)
}

fn here() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("s.proto"), SCHEMA).unwrap();
    directory
}

/// A health check's answer.
fn health(status: u8) -> Vec<Step> {
    vec![Step::Headers(200, vec![GRPC]), Step::Data(envelope(0, &[8, status])), ok()]
}

/// What answers health checks, and nothing else.
fn healthy(path: &str, _: &[u8]) -> Vec<Step> {
    if path == "/grpc.health.v1.Health/Check" {
        return health(1);
    }
    vec![Step::Only(200, vec![GRPC, ("grpc-status", "12")])]
}

#[test]
fn a_good_server_has_nothing_to_mend() {
    let demo = Demo::plain();
    let output = doctor(&demo.address, "HelloService").run();
    assert_eq!(output.code, Some(0), "{output}");
    let shown: Vec<String> = told(&output)
        .lines()
        .filter(|line| {
            !["http1", "grpc-web", "connect"].iter().any(|name| line.contains(&format!(" {name} ")))
        })
        .map(str::to_owned)
        .collect();
    assert_snapshot!(shown.join("\n"), @"
    ✓ resolve    127.0.0.1 is an address (TIME)
    ✓ tcp        127.0.0.1:PORT in TIME (TIME)
    – proxy      there is none on the way
    – tls        plaintext is spoken, as the target says
    ✓ http2      its settings: INITIAL_WINDOW_SIZE 1048576, MAX_FRAME_SIZE 16384, MAX_HEADER_LIST_SIZE 65536 (TIME)
    ✓ authority  the answer is the same for 127.0.0.1:PORT and any other name (TIME)
    ✓ grpc       it is spoken over HTTP/2 (TIME)
    ✓ reflection v1, 6 services, nothing to repair (TIME)
    ✓ health     the server: SERVING, hello.HelloService: SERVING (TIME)
    ✓ call       rpcctl.doctor.Nothing/Nothing came back UNIMPLEMENTED, as it has to (TIME)
    calls can work
    ");
    let output = doctor(&demo.address, "-o json").run();
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&report["works"], &report["complete"]), (&true.into(), &true.into()));
    let steps = report["steps"].as_array().unwrap();
    let names: Vec<&str> = steps.iter().map(|step| step["name"].as_str().unwrap()).collect();
    assert_snapshot!(names.join(" "), @"resolve tcp proxy tls http2 http1 authority grpc grpc-web connect reflection health call");
    let step = |name: &str| steps.iter().find(|step| step["name"] == name).unwrap();
    assert_eq!(step("resolve")["facts"]["addresses"][0]["family"], "IPv4");
    assert_eq!(step("reflection")["facts"]["version"], "v1");
    assert_eq!(step("health")["facts"]["overall"], "SERVING");
    assert_eq!(step("call")["facts"]["code"], "UNIMPLEMENTED");
    assert_eq!(step("proxy")["outcome"], "skipped");
    assert!(step("tcp")["took_ms"].is_number(), "{report}");
}

#[test]
fn the_demo_inside_needs_no_network() {
    let output = rpcctl("doctor demo: HelloService/SayHello").run();
    assert_eq!(output.code, Some(0), "{output}");
    assert!(output.text().contains("hello.HelloService/SayHello came back OK"), "{output}");
}

#[test]
fn plaintext_that_is_called_in_tls() {
    let demo = Demo::plain();
    let directory = here();
    assert_snapshot!(mended(doctor(&demo.address, "--insecure"), &[], directory.path()), @"
    ✗ tls        127.0.0.1:PORT does not speak TLS: it answered the TLS handshake in plaintext (TIME)
                 fix: speak plaintext: rpcctl doctor 127.0.0.1:PORT --plaintext
    ");
    let fix = fix(&doctor(&format!("https://{}", demo.address), "--server-name x").run());
    assert_eq!(fix, format!("rpcctl doctor http://{}", demo.address));
}

#[test]
fn tls_that_is_called_in_plaintext_and_not_trusted() {
    let directory = here();
    let serve = rpcctl("serve-demo --listen 127.0.0.1:0 --tls --write-cert demo.pem");
    let demo = Demo::start(serve.within(directory.path()));
    let first = doctor(&demo.address, "").run();
    assert_snapshot!(failures(&first), @"
    ✗ tls        127.0.0.1:PORT speaks TLS, and it was called in plaintext (TIME)
                 fix: speak TLS: rpcctl doctor 127.0.0.1:PORT --tls
    ");
    let by_environment = rpcctl("doctor --proto s.proto").env("RPCCTL_ADDRESS", &demo.address);
    assert_eq!(fix(&by_environment.within(directory.path()).run()), "rpcctl doctor --proto s.proto --tls");
    let second = paste(&fix(&first), directory.path(), &[]);
    assert_snapshot!(failures(&second), @"
    ✗ tls        TLS handshake with 127.0.0.1:PORT failed (TIME)
                 caused by: its certificate is self-signed, and not one that is trusted here
                 fix: trust the CA that signed it, or the certificate itself: rpcctl doctor 127.0.0.1:PORT --tls --cacert FILE
    ");
    let third = paste(&fix(&second).replace("FILE", "demo.pem"), directory.path(), &[]);
    assert_eq!(third.code, Some(0), "{third}");
    let tls = third.text().lines().find(|line| line.contains(" tls ")).unwrap().to_owned();
    assert!(
        tls.starts_with("✓ tls        TLSv1.3 (and TLSv1.2), ALPN h2, certificate for localhost"),
        "{tls}"
    );
    assert!(tls.contains("days more"), "{tls}");
}

#[test]
fn certificates_that_are_not_believed() {
    let directory = here();
    let demo = certified(directory.path(), |_| {});
    let unknown = mended(doctor(&demo.address, "--tls"), &[("FILE", "ca.pem")], directory.path());
    assert_snapshot!(unknown, @r#"
    ✗ tls        TLS handshake with 127.0.0.1:PORT failed (TIME)
                 caused by: its certificate is signed by "Test CA", and no CA that is trusted here vouches for that
                 fix: trust the CA that signed it, or the certificate itself: rpcctl doctor 127.0.0.1:PORT --tls --cacert FILE
    "#);
    let named = certified(directory.path(), |params| {
        params.subject_alt_names = vec![rcgen::SanType::DnsName("server.example".try_into().unwrap())];
    });
    let wrong = mended(doctor(&named.address, "--cacert ca.pem"), &[], directory.path());
    assert_snapshot!(wrong, @"
    ✗ tls        TLS handshake with 127.0.0.1:PORT failed (TIME)
                 caused by: its certificate is for server.example, not for 127.0.0.1
                 fix: if it is the server that you mean: rpcctl doctor 127.0.0.1:PORT --cacert ca.pem --server-name server.example
    ");
    let expired = certified(directory.path(), |params| params.not_after = rcgen::date_time_ymd(2001, 2, 3));
    let expired = mended(doctor(&expired.address, "--cacert ca.pem"), &[], directory.path());
    assert_snapshot!(expired, @"
    ✗ tls        TLS handshake with 127.0.0.1:PORT failed (TIME)
                 caused by: its certificate expired on 2001-02-03T00:00:00Z
                 fix: have it renewed; until then, go on unverified: rpcctl doctor 127.0.0.1:PORT --insecure
    ");
}

#[test]
fn a_server_that_wants_to_know_its_clients() {
    let directory = here();
    let client = rcgen::generate_simple_self_signed(["client".to_owned()]).unwrap();
    std::fs::write(directory.path().join("client.pem"), client.cert.pem()).unwrap();
    std::fs::write(directory.path().join("client.key"), client.signing_key.serialize_pem()).unwrap();
    let serve = rpcctl("serve-demo --listen 127.0.0.1:0 --tls --write-cert demo.pem --client-ca client.pem");
    let demo = Demo::start(serve.within(directory.path()));
    let words = [("--cert FILE", "--cert client.pem"), ("--key FILE", "--key client.key")];
    let wanted = mended(doctor(&demo.address, "--cacert demo.pem"), &words, directory.path());
    assert_snapshot!(wanted, @"
    ✗ tls        TLS handshake with 127.0.0.1:PORT failed (TIME)
                 caused by: it wants a client certificate, and none was given
                 fix: show a certificate that it trusts: rpcctl doctor 127.0.0.1:PORT --cacert demo.pem --cert FILE --key FILE
    ");
}

/// A server of HTTP/1.1 that knows health checks, in one protocol.
fn web(content_type: &'static str, body: Vec<u8>, unknown: &'static str) -> Peer {
    Peer::http1(move |head, _| {
        let (status, body) = match head {
            head if head.starts_with("POST /grpc.health.v1.Health/Check ") && head.contains(content_type) => {
                (format!("200 OK\r\ncontent-type: {content_type}"), body.clone())
            }
            _ => (unknown.to_owned(), Vec::new()),
        };
        [format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n\r\n", body.len()).as_bytes(), &body].concat()
    })
}

#[test]
fn a_server_of_http_1_alone() {
    let directory = here();
    let unknown = "404 Not Found\r\ncontent-type: text/plain";
    let connect = web("application/proto", vec![8, 1], unknown);
    let told = mended(doctor(&connect.address, "--proto s.proto"), &[], directory.path());
    assert_snapshot!(told, @r#"
    ✗ http2      HTTP/1.1 is answered, and HTTP/2 is not: this is an HTTP/1 server, or such a proxy stands before it (TIME)
                 caused by: 127.0.0.1:PORT is an HTTP/1 web server: it answers "HTTP/1.1 400 Bad Request"
                 fix: speak Connect: rpcctl doctor 127.0.0.1:PORT --proto s.proto --protocol connect
    "#);
    let trailers = envelope(0x80, b"grpc-status: 0\r\n");
    let body = [envelope(0, &[8, 1]), trailers].concat();
    let web = web("application/grpc-web+proto", body, unknown);
    let told = mended(doctor(&web.address, "--proto s.proto"), &[], directory.path());
    assert!(told.contains("fix: speak gRPC-Web: rpcctl doctor"), "{told}");
    let nothing = Peer::http1(|_, _| b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n".to_vec());
    assert_snapshot!(failures(&doctor(&nothing.address, "").run()), @r#"
    ✗ http2      HTTP/1.1 is answered, and HTTP/2 is not: this is an HTTP/1 server, or such a proxy stands before it (TIME)
                 caused by: 127.0.0.1:PORT is an HTTP/1 web server: it answers "HTTP/1.1 400 Bad Request"
                 fix: it speaks neither gRPC nor gRPC-Web nor Connect: is this the right port, and is nothing before it that passes none of them on?
    "#);
}

/// What speaks nothing that calls are made by has no schema to be given either.
#[test]
fn a_web_server_that_is_called() {
    let web = Peer::http1(|_, _| b"HTTP/1.1 501 Not Implemented\r\ncontent-length: 0\r\n\r\n".to_vec());
    let call = rpcctl("call --protocol connect").arg(&web.address).args("HelloService/SayHello");
    assert_snapshot!(call.run(), @"
    ------- stderr -------
    error: the server refused reflection (UNKNOWN: the server answered HTTP 501 Not Implemented and no Connect status)
    hint: see what is spoken there: rpcctl doctor 127.0.0.1:PORT --protocol connect
    [exit 66]
    ");
}

#[test]
fn a_server_of_grpc_web_alone() {
    let directory = here();
    let server = Peer::h2(|path, _| {
        let end = if path.ends_with("/Check") { "grpc-status: 0\r\n" } else { "grpc-status: 12\r\n" };
        let message = if path.ends_with("/Check") { envelope(0, &[8, 1]) } else { Vec::new() };
        vec![
            Step::Headers(200, vec![("content-type", "application/grpc-web+proto")]),
            Step::Data([message, envelope(0x80, end.as_bytes())].concat()),
            Step::End,
        ]
    });
    let told = mended(doctor(&server.address, "--proto s.proto"), &[], directory.path());
    assert_snapshot!(told, @"
    ✗ grpc       it is not spoken: UNKNOWN: the server answered HTTP 200 OK and no gRPC status, with content-type application/grpc-web+proto (TIME)
                 fix: speak gRPC-Web: rpcctl doctor 127.0.0.1:PORT --proto s.proto --protocol grpc-web
    ");
}

#[test]
fn a_server_without_reflection() {
    let directory = here();
    let server = Peer::h2(healthy);
    let words = [("FILE)", "FILE)"), ("--proto FILE", "--proto s.proto")];
    assert_snapshot!(mended(doctor(&server.address, ""), &words, directory.path()), @"
    ✗ reflection the server does not offer reflection (UNIMPLEMENTED) (TIME)
                 fix: give the schema in a file (or --descriptor-set FILE): rpcctl doctor 127.0.0.1:PORT --proto FILE
    ");
}

#[test]
fn reflection_of_the_old_version_is_no_trouble() {
    let answer = |_: &_| Some(vec![file().encode_to_vec()]);
    let server = reflecting_at("/grpc.reflection.v1alpha.", answer);
    let output = doctor(&server.address, "s.Service").run();
    assert_eq!(output.code, Some(0), "{output}");
    let reflection = told(&output).lines().find(|line| line.contains(" reflection ")).unwrap().to_owned();
    assert_snapshot!(reflection, @"✓ reflection v1alpha (there is no v1), 1 service, nothing to repair (TIME)");
}

#[test]
fn descriptors_that_need_repair_are_counted() {
    let mut broken = file();
    broken.dependency.push("nobody/has.proto".to_owned());
    let server = serving(
        "/grpc.reflection.v1.",
        &["s.Service"],
        move |question| match question {
            tonic_reflection::pb::v1::server_reflection_request::MessageRequest::FileContainingSymbol(_) => {
                Some(vec![broken.encode_to_vec()])
            }
            _ => None,
        },
        healthy,
    );
    let output = doctor(&server.address, "").run();
    assert_eq!(output.code, Some(0), "{output}");
    let reflection = told(&output).lines().find(|line| line.contains(" reflection ")).unwrap().to_owned();
    assert_snapshot!(reflection, @"✓ reflection v1, 1 service, 1 repair made: s.proto: dropped the import of nobody/has.proto, which is missing and not needed (TIME)");
}

#[test]
fn nobody_listens_yet() {
    let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let output = doctor(&address, "").run();
    assert_eq!(output.code, Some(1), "{output}");
    assert_snapshot!(failures(&output), @"
    ✗ tcp        cannot connect to 127.0.0.1:PORT (TIME)
                 caused by: Connection refused
                 fix: nothing listens there: check host and port, or wait for it to come up: rpcctl doctor 127.0.0.1:PORT --retry-connect
    ");
    let line = fix(&output);
    assert_eq!(line, format!("rpcctl doctor {address} --retry-connect"));
    let mut waiting = rpcctl(line.strip_prefix("rpcctl ").unwrap()).start();
    waiting.hear("attempt 1 failed");
    let _demo = Demo::start(rpcctl("serve-demo --listen").arg(&address));
    waiting.close_stdin();
    let output = waiting.wait();
    assert_eq!(output.code, Some(0), "{output}");
}

#[test]
fn a_name_that_does_not_resolve() {
    let demo = Demo::plain();
    let target = format!("no-such-host.invalid:{}", demo.port());
    let doctor = doctor(&target, "--plaintext --timeout 20s");
    let told = mended(doctor, &[("ADDRESS", "127.0.0.1")], here().path());
    assert!(told.starts_with("✗ resolve    cannot resolve no-such-host.invalid (TIME)"), "{told}");
    assert!(told.contains("fix: check the name, or say which address it has: rpcctl doctor"), "{told}");
}

#[test]
fn a_port_that_is_slow_to_speak() {
    let demo = Demo::plain();
    let behind = demo.address.clone();
    let slow = Peer::tcp(move |mut stream| {
        let behind = behind.clone();
        async move {
            tokio::time::sleep(Duration::from_millis(500)).await;
            let mut behind = tokio::net::TcpStream::connect(behind).await.unwrap();
            drop(tokio::io::copy_bidirectional(&mut stream, &mut behind).await);
        }
    });
    let told = mended(doctor(&slow.address, "--connect-timeout 250ms"), &[], here().path());
    assert_snapshot!(told.replace("--connect-timeout 1s", "--connect-timeout LONGER"), @"
    ✗ http2      127.0.0.1:PORT: no HTTP/2 SETTINGS from the server within 250ms (TIME)
                 fix: it says nothing in TLS either: is this the right port? If it is only slow, give it time: rpcctl doctor 127.0.0.1:PORT --connect-timeout LONGER
    ");
}

#[test]
fn a_port_that_says_nothing() {
    let silent = Peer::tcp(|stream| async move {
        let _open = stream;
        std::future::pending::<()>().await;
    });
    let output = doctor(&silent.address, "--connect-timeout 200ms").run();
    assert_eq!(output.code, Some(1), "{output}");
    assert_snapshot!(failures(&output), @"
    ✗ http2      127.0.0.1:PORT: no HTTP/2 SETTINGS from the server within 200ms (TIME)
                 fix: it says nothing in TLS either: is this the right port? If it is only slow, give it time: rpcctl doctor 127.0.0.1:PORT --connect-timeout 1s
    ");
    // The deadline over everything, and ^C, end it with what was found by then.
    let output = doctor(&silent.address, "--timeout 300ms").run();
    assert_eq!(output.code, Some(68), "{output}");
    assert!(output.text().starts_with("✓ resolve"), "{output}");
    assert_snapshot!(output.talk(), @"error: DEADLINE_EXCEEDED (4, on this side): the deadline of 300ms passed while looking at http2");
    let mut running = doctor(&silent.address, "").start();
    while !running.line().contains(" proxy ") {}
    running.signal("INT");
    let output = running.wait();
    assert_eq!(output.code, Some(130), "{output}");
    assert!(output.text().contains("✓ tcp"), "{output}");
}

#[test]
fn a_proxy_that_refuses() {
    let demo = Demo::plain();
    let refusing = Peer::tcp(|mut stream| async move {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            match stream.read_u8().await {
                Ok(byte) => head.push(byte),
                Err(_) => return,
            }
        }
        drop(stream.write_all(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n").await);
    });
    let directory = here();
    let told = mended(doctor(&demo.address, "--proxy").arg(&refusing.address), &[], directory.path());
    assert_snapshot!(told, @"
    ✗ proxy      the proxy http://127.0.0.1:PORT makes no connection to 127.0.0.1:PORT: it answers the CONNECT with HTTP status 403 Forbidden (TIME)
                 fix: connect without it: rpcctl doctor 127.0.0.1:PORT
    ");
    let known = format!("api.example.com:{}:127.0.0.1", demo.port());
    let target = format!("api.example.com:{}", demo.port());
    let by_variable = doctor(&target, "--plaintext --resolve").arg(known);
    let output = by_variable.env("http_proxy", &refusing.address).run();
    assert_eq!(output.code, Some(1), "{output}");
    let line = fix(&output);
    assert!(line.ends_with(" --no-proxy '*'"), "{line}");
    let after = paste(&line, directory.path(), &[("http_proxy", &refusing.address)]);
    assert_eq!(after.code, Some(0), "{after}");
}

#[test]
fn a_proxy_that_wants_to_know_who_it_is() {
    let demo = Demo::plain();
    // alice:s3cret
    let proxy = Proxy::http(&demo.address, Some("YWxpY2U6czNjcmV0"));
    let doctor = doctor("api.example.com:50051", "--plaintext --proxy").arg(proxy.address());
    let told = mended(doctor, &[("USER:PASSWORD", "alice:s3cret")], here().path());
    assert_snapshot!(told, @"
    ✗ proxy      the proxy http://127.0.0.1:PORT makes no connection to api.example.com:50051: it wants a user and a password (TIME)
                 fix: say who you are: rpcctl doctor api.example.com:50051 --plaintext --proxy http://USER:PASSWORD@127.0.0.1:PORT
    ");
}

#[test]
fn a_server_that_is_routed_to_by_name() {
    let answer = by_question(
        "/grpc.reflection.v1.",
        |question| {
            use tonic_reflection::pb::v1::server_reflection_request::MessageRequest::{
                FileContainingSymbol, ListServices,
            };
            match question {
                ListServices(_) => vec![listed(&["s.Service"])],
                FileContainingSymbol(_) => vec![files(vec![file().encode_to_vec()])],
                _ => vec![not_found()],
            }
        },
        vec![ok()],
        healthy,
    );
    let router = Peer::h2_by_uri(move |uri, body| {
        if uri.authority().is_some_and(|name| name.as_str() == "inside.example") {
            answer(uri.path(), body)
        } else {
            vec![Step::Only(421, vec![("content-type", "text/plain")])]
        }
    });
    let words = [("--authority NAME", "--authority inside.example")];
    let told = mended(doctor(&router.address, ""), &words, here().path());
    assert_snapshot!(told, @"
    ✗ authority  127.0.0.1:PORT is answered with HTTP 421, as routers do that know no such name (TIME)
                 fix: call it by a name that it is routed by: rpcctl doctor 127.0.0.1:PORT --authority NAME
    ✗ grpc       it is not spoken: UNKNOWN: the server answered HTTP 421 Misdirected Request and no gRPC status, with content-type text/plain (TIME)
    ");
    let known = doctor(&router.address, "--authority inside.example").run();
    assert!(known.text().contains("calls are routed by it, and inside.example is known"), "{known}");
}

#[test]
fn an_authority_that_the_server_does_not_know() {
    let router = Peer::h2_by_uri(|uri, body| {
        if uri.authority().is_some_and(|name| name.as_str().starts_with("127.0.0.1")) {
            healthy(uri.path(), body)
        } else {
            vec![Step::Only(404, vec![("content-type", "text/plain")])]
        }
    });
    let doctor = doctor(&router.address, "--proto s.proto --authority elsewhere.example");
    assert_snapshot!(mended(doctor, &[], here().path()), @"
    ✗ authority  elsewhere.example is not answered, and 127.0.0.1:PORT is (TIME)
                 fix: call it by its own name: rpcctl doctor 127.0.0.1:PORT --proto s.proto
    ✗ grpc       it is not spoken: UNIMPLEMENTED: the server answered HTTP 404 Not Found and no gRPC status, with content-type text/plain (TIME)
    ");
}

#[test]
fn a_server_that_says_it_does_not_serve() {
    let server = Peer::h2(|path, body| match path {
        "/grpc.health.v1.Health/Check" => health(if body.len() > 5 { 2 } else { 1 }),
        "/grpc.health.v1.Health/Watch" => health(1),
        path => healthy(path, body),
    });
    let directory = here();
    let doctor = doctor(&server.address, "s.Service --proto s.proto").within(directory.path());
    let output = doctor.run();
    assert_eq!(output.code, Some(1), "{output}");
    assert_snapshot!(failures(&output), @"
    ✗ health     s.Service: NOT_SERVING (TIME)
                 fix: that is its own word, and its log may say why; to be told when it serves: rpcctl health 127.0.0.1:PORT --watch s.Service
    ");
    let watched = paste(&fix(&output), directory.path(), &[]);
    assert!(watched.text().contains("SERVING"), "{watched}");
}

#[test]
fn a_server_that_wants_a_token() {
    let demo = Demo::with("--token secret");
    let directory = here();
    std::fs::write(directory.path().join("token"), "secret").unwrap();
    let output = doctor(&demo.address, "").run();
    assert_eq!(output.code, Some(1), "{output}");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let line = text.lines().find_map(|line| line.split_once("fix: ")).unwrap().1;
    let line = line[line.find("rpcctl ").unwrap()..].replace("@FILE", "@token");
    let after = paste(&line, directory.path(), &[]);
    assert_eq!(after.code, Some(0), "{line}\n{after}");
}

#[test]
fn a_service_or_a_method_that_is_not_there() {
    let demo = Demo::plain();
    let directory = here();
    let near = mended(doctor(&demo.address, "HelloServic"), &[], directory.path());
    assert_snapshot!(near, @r#"
    ✗ reflection there is no service "HelloServic" (TIME)
                 fix: did you mean hello.HelloService: rpcctl doctor 127.0.0.1:PORT hello.HelloService
    "#);
    let output = doctor(&demo.address, "NoService").run();
    let health = told(&output).lines().find(|line| line.contains(" health ")).unwrap().to_owned();
    assert_snapshot!(health, @"– health     the server: SERVING, and there is no NoService to ask about");
    let fix = fix(&doctor(&demo.address, "hello.HelloService/SayHelo").run());
    assert_eq!(fix, format!("rpcctl doctor {} hello.HelloService/SayHello", demo.address));
}

#[test]
#[cfg(unix)]
fn a_socket_that_is_not_there() {
    let directory = here();
    let output = doctor("unix:nosock", "").within(directory.path()).run();
    assert_snapshot!(failures(&output), @"
    ✗ tcp        cannot connect to unix:nosock (TIME)
                 caused by: No such file or directory
                 fix: there is no such socket: check the path, or wait for it to come up: rpcctl doctor unix:nosock --retry-connect
    ");
    let list = rpcctl("list unix:nosock").within(directory.path()).run();
    assert_snapshot!(list, @"
    ------- stderr -------
    error: cannot connect to unix:nosock
      caused by: No such file or directory
    hint: there is no such socket: check the path
    [exit 1]
    ");
}

#[test]
fn a_server_of_json_alone() {
    let json = br#"{"status":"SERVING"}"#.to_vec();
    let server = web("application/json", json, "415 Unsupported Media Type");
    let flags = "--protocol connect --codec json --proto s.proto";
    let output = doctor(&server.address, flags).within(here().path()).run();
    assert_eq!(output.code, Some(1), "{output}");
    let lines = told(&output);
    assert!(lines.contains("✓ connect    it is spoken over HTTP/1.1 (TIME)\n"), "{output}");
    assert!(lines.contains("✓ health     the server: SERVING (TIME)\n"), "{output}");
}

#[test]
fn net_rpc_has_steps_of_its_own() {
    let demo = Demo::start(rpcctl("serve-demo --netrpc 127.0.0.1:0"));
    let address = format!("127.0.0.1:{}", demo.port());
    let output = doctor(&format!("netrpc+http://{address}"), "").run();
    assert_eq!(output.code, Some(0), "{output}");
    assert_snapshot!(told(&output), @"
    ✓ resolve    127.0.0.1 is an address (TIME)
    ✓ tcp        127.0.0.1:PORT in TIME (TIME)
    – proxy      there is none on the way
    – tls        plaintext is spoken, as the target says
    ✓ handshake  /_goRPC_ is answered as Go does (TIME)
    ✓ call       rpcctl.doctor.Nothing came back UNKNOWN: rpc: can't find service rpcctl.doctor.Nothing, as it has to (TIME)
    ✓ methods    /debug/rpc has 3 in 2 services (TIME)
    calls can work
    ");
    for scheme in ["netrpc", "jsonrpc"] {
        let output = doctor(&format!("{scheme}://{address}"), "").run();
        assert_eq!(output.code, Some(0), "{output}");
    }
    let other = Demo::plain();
    let output = doctor(&format!("netrpc://{}", other.address), "").run();
    assert_eq!(output.code, Some(1), "{output}");
    assert!(failures(&output).starts_with("✗ call "), "{output}");
}

#[test]
fn what_is_asked_wrongly_is_refused() {
    assert_snapshot!(rpcctl("doctor a:1 b:2").run(), @"
    ------- stderr -------
    error: two servers: a:1 and b:2
    hint: name the server once
    [exit 2]
    ");
}
