//! Calls that end in a status: what is printed, and the exit code.

use insta::assert_snapshot;

use crate::common::{Demo, over_every_source};

#[test]
fn a_status_is_told_with_its_details() {
    let demo = Demo::plain();
    let data = r#"{"code": "NOT_FOUND", "message": "no such book", "samples": [
        "ERROR_INFO", "RETRY_INFO", "DEBUG_INFO", "QUOTA_FAILURE", "PRECONDITION_FAILURE"]}"#;
    assert_snapshot!(over_every_source(&demo.address, "demo.v1.Demo/Fail", |call| call.data(data)), @r#"
    ------- stderr -------
    error: NOT_FOUND (5): no such book
      1. {
           "@type": "type.googleapis.com/google.rpc.ErrorInfo",
           "reason": "SHELF_EMPTY",
           "domain": "demo.example.com",
           "metadata": {
             "shelf": "A7"
           }
         }
      2. {
           "@type": "type.googleapis.com/google.rpc.RetryInfo",
           "retryDelay": "1.500s"
         }
      3. {
           "@type": "type.googleapis.com/google.rpc.DebugInfo",
           "stackEntries": [
             "shelf.go:42",
             "main.go:7"
           ],
           "detail": "the shelf was empty"
         }
      4. {
           "@type": "type.googleapis.com/google.rpc.QuotaFailure",
           "violations": [
             {
               "subject": "project:demo",
               "description": "100 calls a day",
               "quotaValue": "100"
             }
           ]
         }
      5. {
           "@type": "type.googleapis.com/google.rpc.PreconditionFailure",
           "violations": [
             {
               "type": "TOS",
               "subject": "demo.example.com",
               "description": "the terms of service were not accepted"
             }
           ]
         }
    [exit 69]
    "#);
}

#[test]
fn every_standard_detail_is_known() {
    let demo = Demo::plain();
    let data = r#"{"code": 5, "samples": ["BAD_REQUEST", "REQUEST_INFO", "RESOURCE_INFO", "HELP", "LOCALIZED_MESSAGE"]}"#;
    assert_snapshot!(over_every_source(&demo.address, "demo.v1.Demo/Fail", |call| call.data(data)), @r#"
    ------- stderr -------
    error: NOT_FOUND (5)
      1. {
           "@type": "type.googleapis.com/google.rpc.BadRequest",
           "fieldViolations": [
             {
               "field": "book.title",
               "description": "must not be empty",
               "reason": "EMPTY",
               "localizedMessage": {
                 "locale": "de-CH",
                 "message": "darf nicht leer sein"
               }
             }
           ]
         }
      2. {
           "@type": "type.googleapis.com/google.rpc.RequestInfo",
           "requestId": "req-1",
           "servingData": "shard 3"
         }
      3. {
           "@type": "type.googleapis.com/google.rpc.ResourceInfo",
           "resourceType": "demo.example.com/Book",
           "resourceName": "shelves/A7/books/1",
           "owner": "librarian",
           "description": "lent out"
         }
      4. {
           "@type": "type.googleapis.com/google.rpc.Help",
           "links": [
             {
               "description": "How to ask",
               "url": "https://demo.example.com/help"
             }
           ]
         }
      5. {
           "@type": "type.googleapis.com/google.rpc.LocalizedMessage",
           "locale": "de-CH",
           "message": "darf nicht leer sein"
         }
    [exit 69]
    "#);
}

#[test]
fn details_of_the_servers_own_types_are_decoded() {
    let demo = Demo::plain();
    let data = r#"{"code": 3, "details": [{"@type": "x.y/demo.v1.SumReply", "sum": "5", "count": "2"}]}"#;
    assert_snapshot!(over_every_source(&demo.address, "demo.v1.Demo/Fail", |call| call.data(data)), @r#"
    ------- stderr -------
    error: INVALID_ARGUMENT (3)
      1. {
           "@type": "x.y/demo.v1.SumReply",
           "sum": "5",
           "count": "2"
         }
    [exit 67]
    "#);
}

#[test]
fn every_code_has_its_exit_code() {
    for code in 1..=16 {
        let data = format!("{{\"code\": {code}}}");
        let output = over_every_source("demo:", "demo.v1.Demo/Fail", |call| call.data(&data));
        assert_eq!(output.code, Some(64 + code), "{output}");
    }
}

#[test]
fn messages_before_a_failure_stay() {
    let data = r#"{"messages": 2, "failure": {"code": "ABORTED", "message": "enough"}}"#;
    let output = over_every_source("demo:", "demo.v1.Demo/FailAfter -o json", |call| call.data(data));
    assert_snapshot!(output, @r#"
    {
      "sequence": 1
    }
    {
      "sequence": 2
    }
    ------- stderr -------
    error: ABORTED (10): enough
    [exit 74]
    "#);
}

#[test]
fn the_deadline_covers_the_call() {
    let data = r#"{"duration": "60s"}"#;
    let output = over_every_source("demo:", "demo.v1.Demo/Sleep --timeout 200ms", |call| call.data(data));
    assert_snapshot!(output, @"
    ------- stderr -------
    error: DEADLINE_EXCEEDED (4, on this side): the deadline of 200ms passed while waiting for the answer to begin
    [exit 68]
    ");
}

#[test]
fn a_message_over_the_limit_is_not_taken() {
    let call = |flags: &str, size: u32| {
        let data = format!("{{\"count\": 1, \"size\": {size}}}");
        over_every_source("demo:", "demo.v1.Demo/Generate -o none", |call| call.args(flags).data(&data))
    };
    assert_snapshot!(call("--max-message-size 1000", 2000), @"
    ------- stderr -------
    error: RESOURCE_EXHAUSTED (8, on this side): a message is larger, decompressed, than the limit of 1000 bytes
    hint: take larger messages with --max-message-size, such as 64M; 0 is no limit
    [exit 72]
    ");
    assert_snapshot!(call("", 5_000_000), @"
    ------- stderr -------
    error: RESOURCE_EXHAUSTED (8, on this side): a message is larger, decompressed, than the limit of 4194304 bytes
    hint: take larger messages with --max-message-size, such as 64M; 0 is no limit
    [exit 72]
    ");
    assert_snapshot!(call("--max-message-size 0", 5_000_000), @"[exit 0]");
}

#[test]
fn a_terminal_is_safe_from_what_a_server_says() {
    let data = r#"{"code": "INTERNAL", "message": "a\u001b[31mred\u0007\u202e\nline"}"#;
    assert_snapshot!(over_every_source("demo:", "demo.v1.Demo/Fail", |call| call.data(data)), @r"
    ------- stderr -------
    error: INTERNAL (13): a\u001b[31mred\u0007\u202e
      line
    [exit 77]
    ");
}
