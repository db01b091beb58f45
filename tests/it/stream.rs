//! Streams as they happen: what is sent and printed while stdin is still open.

use std::io::Read as _;
use std::process::{Command, Stdio};

use insta::assert_snapshot;

use crate::common::{Demo, from_every_source, over_every_source, program, rpcctl};

#[test]
fn each_answer_is_printed_before_the_next_question() {
    let output = from_every_source(|source| {
        let mut call = source.of(rpcctl("call demo: demo.v1.Demo/Chat -d @ -o jsonl")).start();
        call.write("{\"text\": \"one\"}\n");
        assert_eq!(call.line(), r#"{"sequence":"1","text":"one"}"#);
        call.write("{\"text\":\n");
        call.write("\"two\"}\n");
        assert_eq!(call.line(), r#"{"sequence":"2","text":"two"}"#);
        call.close_stdin();
        call.wait()
    });
    assert_eq!(output.code, Some(0));
}

#[test]
fn a_call_that_the_server_ends_is_over_though_stdin_is_open() {
    let output = from_every_source(|source| {
        let mut call = source.of(rpcctl("call demo: demo.v1.Demo/Sum -d @")).start();
        call.write("{\"number\": \"9223372036854775807\"}\n{\"number\": 1}\n");
        call.wait()
    });
    assert_snapshot!(output, @"
    ------- stderr -------
    error: OUT_OF_RANGE (11): the sum leaves 64 bits at number 2
    [exit 75]
    ");
}

#[test]
fn a_call_that_takes_one_message_does_not_wait_for_a_pipe_that_stays_open() {
    let output = from_every_source(|source| {
        let mut call = source.of(rpcctl("call demo: demo.v1.Demo/CountDown -d @ -o jsonl")).start();
        call.write("{\"from\": 1}\n");
        assert_eq!(call.line(), r#"{"number":1}"#);
        call.wait()
    });
    assert_eq!(output.code, Some(0));
}

#[test]
fn what_was_answered_stays_when_the_input_is_wrong() {
    let output = from_every_source(|source| {
        let mut call = source.of(rpcctl("call demo: demo.v1.Demo/Chat -d @ -o jsonl")).start();
        call.write("{\"text\": \"one\"}\n");
        call.line();
        call.write("{\"txt\": \"two\"}\n");
        call.wait()
    });
    assert_snapshot!(output, @r#"
    {"sequence":"1","text":"one"}
    ------- stderr -------
    error: stdin, document 2: line 2 column 2: unknown field "txt" of demo.v1.ChatRequest, did you mean "text"?
    [exit 2]
    "#);
}

#[test]
#[cfg(unix)]
fn an_interrupt_ends_it_after_printing_what_came() {
    for (name, code) in [("INT", 130), ("TERM", 143)] {
        let output = from_every_source(|source| {
            let mut call = source.of(rpcctl("call demo: demo.v1.Demo/Chat -d @ -o jsonl")).start();
            call.write("{\"text\": \"one\"}\n");
            call.line();
            call.signal(name);
            call.wait()
        });
        let told =
            "{\"sequence\":\"1\",\"text\":\"one\"}\n------- stderr -------\ninterrupted after 1 message\n";
        assert_eq!(output.to_string(), format!("{told}[exit {code}]"));
    }
}

#[test]
#[cfg(unix)]
fn an_interrupt_leaves_the_times_to_those_who_asked_for_them() {
    let mut call = rpcctl("call demo: demo.v1.Demo/Chat -d @ -o jsonl -v").start();
    call.write("{\"text\": \"one\"}\n{\"text\": \"two\"}\n");
    call.line();
    call.line();
    call.signal("INT");
    let output = call.wait().without_times();
    let talk = output.talk();
    let last: Vec<&str> = talk.lines().skip_while(|line| *line != "* interrupted").collect();
    assert_snapshot!(last.join("\n"), @"
    * interrupted
    * sent 2 messages, received 2 messages
    * time: connect TIME, schema TIME, first byte TIME, total TIME
    ");
    assert_eq!(output.code, Some(130));
}

#[test]
#[cfg(unix)]
fn an_interrupt_waits_for_no_reader() {
    let words = ["call", "demo:", "demo.v1.Demo/CountDown", "-d", r#"{"from":1000000}"#];
    let mut call = Command::new(program())
        .args(words)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // What was printed shows that the call is under way; the rest is left unread.
    call.stdout.as_mut().unwrap().read_exact(&mut [0; 1]).unwrap();
    assert!(Command::new("kill").args(["-INT", &call.id().to_string()]).status().unwrap().success());
    let mut said = String::new();
    call.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!(call.wait().unwrap().code(), Some(130), "{said}");
    assert!(said.starts_with("interrupted after "), "{said}");
}

#[test]
fn a_reader_that_does_not_read_holds_up_no_deadline() {
    let words = ["call", "demo:", "demo.v1.Demo/CountDown", "-d", r#"{"from":1000000}"#, "--timeout", "1s"];
    let mut call = Command::new(program())
        .args(words)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = String::new();
    call.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!(call.wait().unwrap().code(), Some(68), "{said}");
    assert!(
        said.starts_with("error: DEADLINE_EXCEEDED (4, on this side): the deadline of 1s passed"),
        "{said}"
    );
}

#[test]
#[cfg(unix)]
fn a_named_pipe_that_nobody_writes_to_holds_up_no_deadline() {
    let directory = tempfile::tempdir().unwrap();
    assert!(Command::new("mkfifo").arg(directory.path().join("pipe")).status().unwrap().success());
    let words = "demo.v1.Demo/Sum -d @pipe --timeout 300ms";
    let output = over_every_source("demo:", words, |call| call.within(directory.path()));
    assert_eq!(output.code, Some(68));
}

#[test]
fn many_short_messages_are_no_attack() {
    let demo = Demo::start(rpcctl("serve-demo --listen 127.0.0.1:0"));
    let sum = over_every_source(&demo.address, "demo.v1.Demo/Sum -d @ -o jsonl", |call| {
        call.stdin("{\"number\":1}\n".repeat(20_000))
    });
    assert_snapshot!(sum, @r#"
    {"sum":"20000","count":"20000"}
    [exit 0]
    "#);
}

#[test]
fn a_deadline_that_passes_before_anything_is_typed_blames_nobody_else() {
    let call = rpcctl("call demo: demo.v1.Demo/Sum -d @ --timeout 300ms").start();
    assert_snapshot!(call.wait(), @"
    ------- stderr -------
    error: DEADLINE_EXCEEDED (4, on this side): the deadline of 300ms passed while waiting for messages from stdin, and none was sent
    [exit 68]
    ");
    // With something sent, it is the server's turn.
    let mut call = rpcctl("call demo: demo.v1.Demo/Sum -d @ --timeout 1s").start();
    call.write(r#"{"number": 1}"#);
    assert_snapshot!(call.wait(), @"
    ------- stderr -------
    error: DEADLINE_EXCEEDED (4, on this side): the deadline of 1s passed while waiting for the answer to begin
    [exit 68]
    ");
}
