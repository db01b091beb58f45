//! What is made of answers before they are printed: `--jq`, `--raw`, `-o table`.

use insta::assert_snapshot;

use crate::common::{Demo, from_every_source, over_every_source, rpcctl};

#[test]
fn an_expression_is_run_over_each_message() {
    let output = over_every_source(&Demo::plain().address, "demo.v1.Demo/CountDown", |call| {
        call.arg("--jq")
            .arg("select(.number > 1) | {n: .number, twice: (.number * 2)}")
            .data(r#"{"from": 3}"#)
    });
    assert_snapshot!(output, @r#"
    {
      "n": 3,
      "twice": 6
    }
    {
      "n": 2,
      "twice": 4
    }
    [exit 0]
    "#);
}

#[test]
fn strings_lose_their_quotes_where_that_is_asked_for() {
    let call = || rpcctl("call demo: HelloService/SayHello --jq .message").data(r#"{"name": "\"A\""}"#);
    assert_snapshot!(call().run(), @r#"
    "Hello, \"A\""
    [exit 0]
    "#);
    assert_snapshot!(call().args("--raw").run(), @r#"
    Hello, "A"
    [exit 0]
    "#);
    assert_snapshot!(call().args("-r -o jsonl").arg("--jq").arg("., .message").run(), @r#"
    {"message":"Hello, \"A\""}
    Hello, "A"
    [exit 0]
    "#);
}

/// What came before the message that does not fit, and after it, is printed.
#[test]
fn an_expression_that_fails_on_a_message_ends_no_call() {
    let call = rpcctl("call demo: demo.v1.Demo/CountDown").data(r#"{"from": 3}"#);
    let call = call.arg("--jq").arg("if .number == 2 then error(\"two\") else .number end");
    assert_snapshot!(call.run(), @"
    3
    1
    ------- stderr -------
    error: --jq: message 2: two
    [exit 1]
    ");
}

#[test]
fn an_expression_that_is_none_is_refused_before_anything_is_done() {
    assert_snapshot!(rpcctl("call localhost:1 S/M --jq").arg(".a | frobnicate(1)").run(), @"
    ------- stderr -------
    error: --jq: there is no filter frobnicate at column 6
      .a | frobnicate(1)
           ^
    [exit 2]
    ");
    assert_snapshot!(rpcctl("call localhost:1 S/M -o binary --jq .").run(), @"
    ------- stderr -------
    error: --jq is for JSON, and -o binary is none
    hint: -o json, jsonl or table
    [exit 2]
    ");
}

/// It would use up the stack of the process that it is in, which is not the one that makes the call.
#[test]
fn an_expression_that_calls_itself_without_end_fails_on_its_message_alone() {
    let call = rpcctl("call demo: demo.v1.Demo/CountDown -o jsonl").data(r#"{"from":3}"#);
    let call = call.arg("--jq").arg("def f: 1 + f; .number | if . == 2 then f else . end");
    assert_snapshot!(call.run(), @"
    3
    1
    ------- stderr -------
    error: --jq: message 2: the expression needs more stack or memory than there is: does it call itself without end?
    [exit 1]
    ");
}

/// `halt` is jq's word for ending jq; a filter here ends what it makes of a message and nothing else.
#[test]
fn an_expression_that_halts_ends_no_call() {
    let call = rpcctl("call demo: demo.v1.Demo/CountDown from=2 -o jsonl --jq").arg(".number, halt_error");
    assert_snapshot!(call.run(), @"
    2
    1
    ------- stderr -------
    error: --jq: message 1: halt: it can end what is made of this message, and not the call
    error: --jq: message 2: halt: it can end what is made of this message, and not the call
    [exit 1]
    ");
}

#[test]
fn a_reader_ends_an_expression_that_never_ends() {
    let call = rpcctl("call demo: HelloService/SayHello -o jsonl --jq").arg("range(infinite)");
    let output = call.reading_only(2).run();
    assert_eq!((output.text().as_str(), output.code), ("0\n1\n", Some(0)), "{output}");
}

#[test]
fn an_expression_that_never_ends_is_over_with_the_deadline() {
    let call = rpcctl("call demo: HelloService/SayHello --timeout 300ms --jq").arg("def f: f; f");
    assert_snapshot!(call.run(), @"
    ------- stderr -------
    error: DEADLINE_EXCEEDED (4, on this side): the deadline of 300ms passed while --jq was at work
    [exit 68]
    ");
}

#[test]
fn a_stream_is_a_table_that_grows() {
    let output = from_every_source(|source| {
        let call = source.of(rpcctl("call demo: demo.v1.Demo/Chat -o table"));
        call.data(r#"{"text": "one"} {"text": "two\u001b[2J"}"#).run()
    });
    assert_snapshot!(output, @r"
    SEQUENCE  TEXT
    1         one
    2         two\u001b[2J
    [exit 0]
    ");
}

#[test]
fn the_one_list_of_a_message_is_a_table() {
    let call = rpcctl("call demo: demo.v1.Demo/Fail -o table").data(r#"{"code": "OK"}"#);
    assert_eq!(call.run().code, Some(66), "a table is of answers; a status is told as ever");
    let call = rpcctl("call demo: grpc.health.v1.Health/List -o table --jq");
    let call =
        call.arg("{services: (.statuses | to_entries | map({name: .key, status: .value.status})), more: 1}");
    assert_snapshot!(call.run(), @"
    NAME                                      STATUS
                                              SERVING
    demo.v1.Demo                              SERVING
    grpc.health.v1.Health                     SERVING
    grpc.reflection.v1.ServerReflection       SERVING
    grpc.reflection.v1alpha.ServerReflection  SERVING
    hello.HelloService                        SERVING
    helloworld.Greeter                        SERVING
    more: 1
    [exit 0]
    ");
}

#[test]
fn net_rpc_s_replies_are_reshaped_too() {
    let demo = Demo::start(rpcctl("serve-demo --netrpc 127.0.0.1:0"));
    let target = format!("netrpc://localhost:{}", demo.port());
    let call = || rpcctl("call").arg(&target).args("Arith.QuoRem -d {\"A\":17,\"B\":5}");
    assert_snapshot!(call().args("--jq .Quo").run(), @"
    3
    [exit 0]
    ");
    assert_snapshot!(call().args("-o table").run(), @"
    QUO  REM
    3    2
    [exit 0]
    ");
}

#[test]
fn lists_are_tables_too() {
    assert_snapshot!(rpcctl("list demo: hello.HelloService -o table").run(), @"
    METHOD                       KIND   REQUEST             RESPONSE
    hello.HelloService/SayHello  unary  hello.HelloRequest  hello.HelloReply
    [exit 0]
    ");
    let demo = Demo::start(rpcctl("serve-demo --netrpc 127.0.0.1:0"));
    let list = rpcctl("list -o table").arg(format!("netrpc+http://localhost:{}", demo.port())).run();
    assert_snapshot!(list, @"
    METHOD                ARGUMENT    REPLY           CALLS
    Arith.Multiply        *demo.Args  *int            0
    Arith.QuoRem          *demo.Args  *demo.Quotient  0
    MathService.Multiply  *demo.Args  *int            0
    [exit 0]
    ");
}
