//! `rpcctl doctor`, and verbs like it: nothing is waited for once the port has said enough, no step outlasts
//! `--connect-timeout`, and files are read once.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use insta::assert_snapshot;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::common::{Demo, GRPC, Output, Peer, Step, envelope, path, rpcctl};
use crate::doctor::{doctor, failures, told};

/// What waits until `--connect-timeout` has passed takes longer than that, by far.
const SOON: Duration = Duration::from_secs(5);
const LONG: &str = "--connect-timeout 20s";

/// A port that says this as soon as somebody is there, and leaves it at that.
fn saying(word: &'static [u8]) -> Peer {
    Peer::tcp(move |mut stream| async move {
        drop(stream.write_all(word).await);
        drop(stream.read_to_end(&mut Vec::new()).await);
        std::future::pending::<()>().await;
    })
}

fn steps(output: &Output) -> Vec<serde_json::Value> {
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    report["steps"].as_array().unwrap().clone()
}

#[test]
fn an_alert_is_word_enough() {
    let demo = Demo::with("--tls");
    let began = Instant::now();
    assert_snapshot!(failures(&doctor(&demo.address, LONG).run()), @"
    ✗ tls        127.0.0.1:PORT speaks TLS, and it was called in plaintext (TIME)
                 fix: speak TLS: rpcctl doctor 127.0.0.1:PORT --tls
    ");
    let speaks_tls = |words: &str| {
        let (verb, flags) = words.split_once(' ').unwrap();
        let output = rpcctl(verb).arg(&demo.address).args(flags).args(LONG).run();
        assert!(output.talk().contains(" speaks TLS, and it was called in plaintext\n"), "{words}\n{output}");
    };
    speaks_tls("list --protocol connect");
    speaks_tls("health --protocol grpc-web");
    speaks_tls("call HelloService/SayHello --protocol grpc,grpc-web,connect");
    assert!(began.elapsed() < SOON * 3, "{:?}", began.elapsed());
}

#[test]
fn another_protocol_is_told_by_its_first_word() {
    let peer = saying(b"-ERR x\r\n");
    let began = Instant::now();
    let output = doctor(&peer.address, LONG).run();
    assert_eq!(output.code, Some(1), "{output}");
    assert_snapshot!(failures(&output), @r#"
    ✗ http2      127.0.0.1:PORT does not speak HTTP/2: its first bytes are "-ERR x\r\n" (TIME)
                 fix: gRPC needs HTTP/2: is this the right port, and no HTTP/1 proxy before it?
    "#);
    let list = rpcctl("list --protocol connect").arg(&peer.address).args(LONG).run();
    assert_snapshot!(list, @r#"
    ------- stderr -------
    error: 127.0.0.1:PORT does not speak HTTP: its first bytes are "-ERR x\r\n"
    hint: is this the right port? Neither HTTP/2 nor HTTP/1.1 is understood there
    [exit 1]
    "#);
    assert!(began.elapsed() < SOON, "{:?}", began.elapsed());
}

/// A server that is silent in plaintext, and answers the first word of TLS.
#[test]
fn a_silent_port_is_asked_in_tls_meanwhile() {
    let peer = Peer::tcp(|mut stream| async move {
        if stream.read_u8().await.is_ok_and(|first| first == 0x16) {
            drop(stream.write_all(b"\x15\x03\x03\0\x02\x02\x28").await);
        }
        drop(stream.read_to_end(&mut Vec::new()).await);
    });
    let began = Instant::now();
    let output = doctor(&peer.address, "--connect-timeout 10s").run();
    assert_snapshot!(failures(&output), @"
    ✗ tls        127.0.0.1:PORT speaks TLS, and it was called in plaintext (TIME)
                 fix: speak TLS: rpcctl doctor 127.0.0.1:PORT --tls
    ");
    assert!(began.elapsed() < Duration::from_secs(8), "{:?}", began.elapsed());
}

#[test]
fn no_step_outlasts_the_connect_timeout() {
    let silent = saying(b"");
    for (target, flags) in [(silent.address.clone(), ""), (silent.address.clone(), "--insecure")] {
        let output = doctor(&target, flags).args("--connect-timeout 2s -o json").run();
        assert_eq!(output.code, Some(1), "{output}");
        for step in steps(&output) {
            assert!(step["took_ms"].as_f64().unwrap_or_default() < 2400.0, "{step}");
        }
    }
}

/// Whoever reads the report finds each step, however far it came.
#[test]
fn what_was_not_looked_at_is_there_too() {
    let silent = saying(b"");
    let output = doctor(&silent.address, "--timeout 300ms -o json").run();
    assert_eq!(output.code, Some(68), "{output}");
    let told: Vec<String> = steps(&output)
        .iter()
        .map(|step| format!("{} {}", step["name"].as_str().unwrap(), step["outcome"].as_str().unwrap()))
        .collect();
    assert_snapshot!(told.join(", "), @"resolve passed, tcp passed, proxy skipped, tls skipped, http2 skipped, http1 skipped, authority skipped, grpc skipped, grpc-web skipped, connect skipped, reflection skipped, health skipped, call skipped");
    assert!(steps(&output)[4]["detail"] == "--timeout passed first", "{output}");
    let output = doctor(&silent.address, "--timeout 300ms").run();
    assert_snapshot!(output.text().lines().last().unwrap(), @"– tls, http2, http1, authority, grpc, grpc-web, connect, reflection, health, call: --timeout passed first");
    let output = doctor(&format!("netrpc://{}", silent.address), "--timeout 300ms -o json").run();
    let names: Vec<_> = steps(&output).iter().map(|step| step["name"].as_str().unwrap().to_owned()).collect();
    assert_eq!(names, ["resolve", "tcp", "proxy", "tls", "handshake", "call", "methods"]);
}

/// Some servers take their time to refuse what they do not speak.
#[test]
fn nobody_waits_for_what_is_not_called_by() {
    let server = Peer::h2_by_head(|head, _| {
        let content_type =
            head.headers.get("content-type").and_then(|it| it.to_str().ok()).unwrap_or_default();
        if !content_type.starts_with("application/grpc") || content_type.contains("web") {
            return vec![Step::Hang];
        }
        let serving = vec![Step::Headers(200, vec![GRPC]), Step::Data(envelope(0, &[8, 1]))];
        match head.uri.path() {
            "/grpc.health.v1.Health/Check" => {
                [serving, vec![Step::Trailers(vec![("grpc-status", "0")])]].concat()
            }
            _ => vec![Step::Only(200, vec![GRPC, ("grpc-status", "12")])],
        }
    });
    let began = Instant::now();
    let output = doctor(&server.address, LONG).run();
    assert!(told(&output).contains("✓ grpc       it is spoken over HTTP/2 (TIME)\n"), "{output}");
    assert!(output.text().contains("– connect    there is no answer within "), "{output}");
    assert!(began.elapsed() < SOON, "{:?}", began.elapsed());
}

/// A pipe gives what it has to whoever reads it first.
#[cfg(target_os = "linux")]
#[test]
fn files_of_tls_may_be_pipes() {
    let directory = tempfile::tempdir().unwrap();
    let serve = rpcctl("serve-demo --listen 0.0.0.0:0 --tls --write-cert demo.pem");
    let demo = Demo::start(serve.within(directory.path()));
    let here = format!("127.0.0.1:{}", demo.port());
    let everywhere = format!("api.example.com:{}", demo.port());
    for line in [
        format!("doctor {here}"),
        format!("call {here} HelloService/SayHello --protocol grpc,grpc-web,connect"),
        format!(
            "call {everywhere} HelloService/SayHello --all-backends --server-name localhost \
             --resolve {everywhere}:127.0.0.1,127.0.0.2,127.0.0.3"
        ),
    ] {
        let run = Command::new("sh")
            .args(["-c", &format!("cat demo.pem | rpcctl {line} --cacert /dev/stdin")])
            .env_clear()
            .env("PATH", path())
            .current_dir(directory.path())
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let output = Output { stdout: run.stdout, stderr: run.stderr, code: run.status.code() };
        assert_eq!(output.code, Some(0), "{line}\n{output}");
    }
}

/// A name server that takes its time: nothing else that is done by name is left waiting for it.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[test]
fn names_are_looked_up_within_the_limits() {
    const SLOW: &str = "#include <unistd.h>
        int getaddrinfo(const char *n, const char *s, const void *h, void **r) { sleep(10); return -2; }";
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("slow.c"), SLOW).unwrap();
    let mut compiler = Command::new("cc");
    compiler.args(["-shared", "-fPIC", "-o", "slow.so", "slow.c"]).current_dir(directory.path());
    assert!(compiler.status().unwrap().success());
    let run = |words: &str| {
        let began = Instant::now();
        let run = Command::new(env!("CARGO_BIN_EXE_rpcctl"))
            .args(words.split(' '))
            .env_clear()
            .env("LD_PRELOAD", directory.path().join("slow.so"))
            .stdin(Stdio::null())
            .output()
            .unwrap();
        assert!(began.elapsed() < Duration::from_secs(8), "{words}: {:?}", began.elapsed());
        Output { stdout: run.stdout, stderr: run.stderr, code: run.status.code() }
    };
    let call = "call api.example.com:80 HelloService/SayHello --plaintext --all-backends";
    assert_snapshot!(run(&format!("{call} --timeout 1s")), @"
    ------- stderr -------
    error: DEADLINE_EXCEEDED (4, on this side): the deadline of 1s passed while resolving the name
    [exit 68]
    ");
    assert_snapshot!(run(&format!("{call} --connect-timeout 1s")), @"
    ------- stderr -------
    error: api.example.com:80: no address from the name servers within 1s
    hint: wait longer with --connect-timeout DURATION
    [exit 1]
    ");
    assert_snapshot!(failures(&run("doctor api.example.com:80 --plaintext --connect-timeout 1s")), @"
    ✗ resolve    api.example.com:80: no address from the name servers within 1s (TIME)
                 fix: if it is only slow, give it time: rpcctl doctor api.example.com:80 --plaintext --connect-timeout 4s
    ");
}
