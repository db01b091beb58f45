//! Streams as they happen: what is sent and printed while stdin is still open.

use insta::assert_snapshot;

use crate::common::rpcctl;

#[test]
fn each_answer_is_printed_before_the_next_question() {
    let mut call = rpcctl("call demo: demo.v1.Demo/Chat -d @ -o jsonl").start();
    call.write("{\"text\": \"one\"}\n");
    assert_eq!(call.line(), r#"{"sequence":"1","text":"one"}"#);
    call.write("{\"text\":\n");
    call.write("\"two\"}\n");
    assert_eq!(call.line(), r#"{"sequence":"2","text":"two"}"#);
    call.close_stdin();
    assert_eq!(call.wait().code, Some(0));
}

#[test]
fn a_call_that_the_server_ends_is_over_though_stdin_is_open() {
    let mut call = rpcctl("call demo: demo.v1.Demo/Sum -d @").start();
    call.write("{\"number\": \"9223372036854775807\"}\n{\"number\": 1}\n");
    assert_snapshot!(call.wait(), @"
    ------- stderr -------
    error: OUT_OF_RANGE (11): the sum leaves 64 bits at number 2
    [exit 75]
    ");
}

#[test]
fn a_call_that_takes_one_message_starts_when_it_is_complete() {
    let mut call = rpcctl("call demo: demo.v1.Demo/CountDown -d @ -o jsonl").start();
    call.write("{\"from\": 1}\n");
    call.close_stdin();
    assert_eq!(call.line(), r#"{"number":1}"#);
    assert_eq!(call.wait().code, Some(0));
}

#[test]
fn what_was_answered_stays_when_the_input_is_wrong() {
    let mut call = rpcctl("call demo: demo.v1.Demo/Chat -d @ -o jsonl").start();
    call.write("{\"text\": \"one\"}\n");
    call.line();
    call.write("{\"txt\": \"two\"}\n");
    assert_snapshot!(call.wait(), @r#"
    {"sequence":"1","text":"one"}
    ------- stderr -------
    error: stdin, document 2, line 2, column 6: demo.v1.ChatRequest has no field "txt"; did you mean "text"?
    [exit 2]
    "#);
}

#[test]
#[cfg(unix)]
fn an_interrupt_ends_it_after_printing_what_came() {
    for (name, code) in [("INT", 130), ("TERM", 143)] {
        let mut call = rpcctl("call demo: demo.v1.Demo/Chat -d @ -o jsonl").start();
        call.write("{\"text\": \"one\"}\n");
        call.line();
        call.signal(name);
        let output = call.wait();
        assert_eq!(output.code, Some(code), "{output}");
    }
}
