//! Calls that end in a status: what is printed, and the exit code.

use insta::assert_snapshot;

use crate::common::{Demo, over_every_source, rpcctl};

#[test]
fn a_status_is_told_with_its_details() {
    let demo = Demo::plain();
    let data = r#"{"code": "NOT_FOUND", "message": "no such book", "samples": [
        "ERROR_INFO", "RETRY_INFO", "DEBUG_INFO", "QUOTA_FAILURE", "PRECONDITION_FAILURE", "BAD_REQUEST",
        "REQUEST_INFO", "RESOURCE_INFO", "HELP", "LOCALIZED_MESSAGE"]}"#;
    let output = over_every_source(&demo, "demo.v1.Demo/Fail", |call| call.data(data));
    assert_snapshot!(output, @"");
}

#[test]
fn details_of_the_servers_own_types_are_decoded() {
    let demo = Demo::plain();
    let data = r#"{"code": 3, "details": [{"@type": "x.y/demo.v1.SumReply", "sum": "5", "count": "2"}]}"#;
    assert_snapshot!(over_every_source(&demo, "demo.v1.Demo/Fail", |call| call.data(data)), @"");
}

#[test]
fn every_code_has_its_exit_code() {
    for code in 1..=16 {
        let data = format!("{{\"code\": {code}}}");
        let output = rpcctl("call demo: demo.v1.Demo/Fail").data(&data).run();
        assert_eq!(output.code, Some(64 + code), "{output}");
    }
}

#[test]
fn messages_before_a_failure_stay() {
    let data = r#"{"messages": 2, "failure": {"code": "ABORTED", "message": "enough"}}"#;
    let output = rpcctl("call demo: demo.v1.Demo/FailAfter -o json").data(data).run();
    assert_snapshot!(output, @"");
}

#[test]
fn the_deadline_covers_the_call() {
    let output = rpcctl("call demo: demo.v1.Demo/Sleep --timeout 200ms").data(r#"{"duration": "60s"}"#).run();
    assert_snapshot!(output, @"");
}

#[test]
fn a_message_over_the_limit_is_not_taken() {
    let call = |flags: &str, size: u32| {
        let data = format!("{{\"count\": 1, \"size\": {size}}}");
        rpcctl("call demo: demo.v1.Demo/Generate -o none").args(flags).data(&data).run()
    };
    assert_snapshot!(call("--max-message-size 1000", 2000), @"");
    assert_snapshot!(call("", 5_000_000), @"");
    assert_snapshot!(call("--max-message-size 0", 5_000_000), @"");
}

#[test]
fn a_terminal_is_safe_from_what_a_server_says() {
    let data = r#"{"code": "INTERNAL", "message": "a\u001b[31mred\u0007\u202e\nline"}"#;
    assert_snapshot!(rpcctl("call demo: demo.v1.Demo/Fail").data(data).run(), @"");
}
