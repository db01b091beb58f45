//! Commands that ask wrongly, and what they are told.

use insta::assert_snapshot;

use crate::common::rpcctl;

#[test]
fn a_host_needs_a_port() {
    assert_snapshot!(rpcctl("call example.com HelloService/SayHello").run(), @"
    ------- stderr -------
    error: example.com is a host without a port: add a port, such as example.com:443 or example.com:50051
    [exit 2]
    ");
    assert_snapshot!(rpcctl("list example.com").run(), @"
    ------- stderr -------
    error: example.com looks like a host without a port
    hint: for a host add a port, such as example.com:50051; for a symbol begin with a dot: .example.com
    [exit 2]
    ");
}

#[test]
fn a_call_needs_a_method() {
    assert_snapshot!(rpcctl("call localhost:50051").run(), @"
    ------- stderr -------
    error: no method given
    hint: see the methods: rpcctl list localhost:50051 -l
    [exit 2]
    ");
    assert_snapshot!(rpcctl("call").run(), @"
    ------- stderr -------
    error: no method given
    hint: see the methods: rpcctl list localhost:50051 -l
    [exit 2]
    ");
}

#[test]
fn a_target_is_given_once() {
    assert_snapshot!(rpcctl("call -a localhost:1 localhost:2 HelloService/SayHello").run(), @"
    ------- stderr -------
    error: two targets: localhost:1 with -a and localhost:2 as an argument
    hint: name the server once
    [exit 2]
    ");
}

#[test]
fn a_scheme_and_a_flag_must_not_disagree() {
    assert_snapshot!(rpcctl("list http://localhost:1 --tls").run(), @"
    ------- stderr -------
    error: http:// is plaintext, and --tls means TLS
    hint: write https://, or leave out the flag
    [exit 2]
    ");
    assert_snapshot!(rpcctl("list https://localhost:1 --plaintext").run(), @"
    ------- stderr -------
    error: https:// is TLS, and --plaintext says otherwise
    hint: write http://, or leave out --plaintext
    [exit 2]
    ");
    assert_snapshot!(rpcctl("list localhost:1 --plaintext --tls").run(), @"
    ------- stderr -------
    error: the argument '--plaintext' cannot be used with '--tls'

    Usage: rpcctl list [OPTIONS] [TARGET] [SERVICE]

    For more information, try '--help'.
    [exit 2]
    ");
    assert_snapshot!(rpcctl("list localhost:1 --plaintext --insecure").run(), @"
    ------- stderr -------
    error: the argument '--plaintext' cannot be used with '--insecure'

    Usage: rpcctl list [OPTIONS] [TARGET] [SERVICE]

    For more information, try '--help'.
    [exit 2]
    ");
}

#[test]
fn reserved_metadata_is_refused() {
    for header in [":path: /x", "te: trailers", "content-type: x", "grpc-timeout: 1S", "x: a\nb", "no colon"]
    {
        let output = rpcctl("call demo: HelloService/SayHello -H").arg(header).run();
        assert_eq!(output.code, Some(2), "{header:?}: {output}");
    }
    assert_snapshot!(rpcctl("call demo: HelloService/SayHello -H").arg("grpc-timeout: 1S").run(), @r#"
    ------- stderr -------
    error: -H: "grpc-timeout" is set by the protocol itself and can't be given as a header
    [exit 2]
    "#);
    assert_snapshot!(rpcctl("call demo: HelloService/SayHello -H").arg("x-bin: not base64!").run(), @r#"
    ------- stderr -------
    error: -H: the value of "x-bin" must be base64, because its name ends in -bin
    [exit 2]
    "#);
}

#[test]
fn a_header_that_is_none_keeps_its_secret() {
    let list = |flag: &str, line: &str| rpcctl("list demo:").arg(flag).arg(line).run();
    assert_snapshot!(list("-H", "Bearer s3cret"), @r#"
    ------- stderr -------
    error: -H: "Bearer …" is no header: write 'name: value'
    [exit 2]
    "#);
    assert_snapshot!(list("--reflect-header", "s3cret"), @r#"
    ------- stderr -------
    error: --reflect-header: "…" is no header: write 'name: value'
    [exit 2]
    "#);
    assert_snapshot!(list("-H", "authorization=s3 s3cret: x"), @r#"
    ------- stderr -------
    error: -H: "authorization…" is not a header name: letters, digits, '-', '_' and '.' only
    [exit 2]
    "#);
}

#[test]
fn data_that_does_not_fit_is_told_with_its_place() {
    let call = |data: &str| rpcctl("call demo: demo.v1.Demo/Echo").data(data).run();
    assert_snapshot!(call(r#"{"nested": {"deeper": {"level": 1.5}}}"#), @"
    ------- stderr -------
    error: -d: nested.deeper.level at line 1 column 33: expected demo.v1.Everything.Nested.Deeper.Level (a whole number), found 1.5
    [exit 2]
    ");
    assert_snapshot!(call(r#"{"int32Value": "x"}"#), @r#"
    ------- stderr -------
    error: -d: int32Value at line 1 column 16: expected int32 (a number), found "x"
    [exit 2]
    "#);
    assert_snapshot!(call(r#"{"intValue": 1}"#), @r#"
    ------- stderr -------
    error: -d: line 1 column 2: unknown field "intValue" of demo.v1.Everything, did you mean "int32Value"?
    [exit 2]
    "#);
    assert_snapshot!(call("{\n  \"int32Value\": 1,\n}"), @"
    ------- stderr -------
    error: -d: line 3 column 1: not valid JSON: expected another member's name after ',', found '}'
      }
      ^
    [exit 2]
    ");
    assert_snapshot!(call("{"), @"
    ------- stderr -------
    error: -d: line 1 column 2: not valid JSON: expected a member's name in double quotes, or '}', found the end of the input inside the object that begins at line 1 column 1
      {
       ^
    [exit 2]
    ");
    assert_snapshot!(call("[1]"), @"
    ------- stderr -------
    error: -d: line 1 column 1: expected demo.v1.Everything (an object), found an array
    hint: see its fields: rpcctl describe demo: demo.v1.Everything
    [exit 2]
    ");
}

#[test]
fn of_several_data_the_one_that_does_not_fit_is_named() {
    let call = rpcctl("call demo: demo.v1.Demo/Sum").data(r#"{"number": 1}"#).data(r#"{"number": "x"}"#);
    assert_snapshot!(call.run(), @r#"
    ------- stderr -------
    error: -d #2: number at line 1 column 12: expected int64 (a number), found "x"
    [exit 2]
    "#);
    let call = rpcctl("call demo: demo.v1.Demo/Sum").data(r#"{"number": 1} {"numbr": 2}"#);
    assert_snapshot!(call.run(), @r#"
    ------- stderr -------
    error: -d, document 2: line 1 column 16: unknown field "numbr" of demo.v1.SumRequest, did you mean "number"?
    [exit 2]
    "#);
}

#[test]
fn data_without_its_at_sign_is_noticed() {
    let call = |data: &str| rpcctl("call demo: HelloService/SayHello").data(data).run();
    assert_snapshot!(call("my request.json"), @"
    ------- stderr -------
    error: -d my request.json is no message, but the name of a file
    hint: for the messages in the file: -d '@my request.json'
    [exit 2]
    ");
    assert_snapshot!(call("-"), @"
    ------- stderr -------
    error: -d - is no message
    hint: for messages from stdin: -d @
    [exit 2]
    ");
}

#[test]
fn an_item_in_place_of_data_is_noticed() {
    assert_snapshot!(rpcctl("call demo: HelloService/SayHello").data("name=x").run(), @"
    ------- stderr -------
    error: -d name=x is no message, but an item
    hint: items stand behind the method, without -d: METHOD name=x
    [exit 2]
    ");
}

#[test]
fn no_message_where_one_was_to_be() {
    assert_snapshot!(rpcctl("call demo: HelloService/SayHello").data("").run(), @"
    ------- stderr -------
    error: -d is empty
    hint: the empty message is -d '{}'
    [exit 2]
    ");
    assert_snapshot!(rpcctl("call demo: HelloService/SayHello -d @").run(), @"
    ------- stderr -------
    error: hello.HelloService/SayHello is unary and takes one message, but stdin holds none ({} would be the empty one)
    [exit 2]
    ");
    assert_snapshot!(rpcctl("call demo: demo.v1.Demo/Sum -d @").run(), @"
    {}
    [exit 0]
    ");
}

#[test]
fn a_unary_method_takes_one_message() {
    let call = rpcctl("call demo: HelloService/SayHello").data(r#"{"name": "A"} {"name": "B"}"#);
    assert_snapshot!(call.run(), @"
    ------- stderr -------
    error: hello.HelloService/SayHello is unary and takes one message, but more were given
    hint: for a call with each of them: --each
    [exit 2]
    ");
}

#[test]
fn garbage_behind_the_one_message_is_no_second_message() {
    let call = rpcctl("call demo: HelloService/SayHello -d @").stdin("{\"name\":\"in\"} trailing\n");
    assert_snapshot!(call.run(), @"
    ------- stderr -------
    error: stdin, document 2: line 1 column 15: not valid JSON: expected a JSON value, found trailing
      trailing
      ^
    [exit 2]
    ");
}

#[test]
fn a_method_that_is_not_there_is_answered_with_the_nearest() {
    assert_snapshot!(rpcctl("call demo: hello.HelloService/SayHelo").run(), @r#"
    ------- stderr -------
    error: hello.HelloService has no method "SayHelo"
    hint: did you mean hello.HelloService/SayHello?
    hint: see what there is: rpcctl list demo: hello.HelloService
    [exit 1]
    "#);
    assert_snapshot!(rpcctl("call demo: HeloService/SayHello").run(), @r#"
    ------- stderr -------
    error: there is no method "HeloService/SayHello"
    hint: did you mean hello.HelloService/SayHello?
    hint: see what there is: rpcctl list demo:
    [exit 1]
    "#);
    assert_snapshot!(rpcctl("call demo: hello.HelloService").run(), @"
    ------- stderr -------
    error: hello.HelloService is a service; name one of its methods
    hint: its methods are
            hello.HelloService/SayHello
    [exit 2]
    ");
}

#[test]
fn an_ambiguous_tail_lists_what_it_may_mean() {
    assert_snapshot!(rpcctl("call demo: SayHello").run(), @r#"
    ------- stderr -------
    error: "SayHello" is the end of more than one name
    hint: it may be
            hello.HelloService/SayHello
            helloworld.Greeter/SayHello
    hint: see what one is: rpcctl describe demo: hello.HelloService/SayHello
    [exit 2]
    "#);
}

#[test]
fn files_that_give_no_schema_are_told() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(
        directory.path().join("broken.proto"),
        "syntax = \"proto3\";\nmessage A { strin x = 1; }\n",
    )
    .unwrap();
    std::fs::write(directory.path().join("broken.binpb"), b"\xff\xff\xff").unwrap();
    let list = |flags: &str| rpcctl("list").args(flags).within(directory.path()).run();
    assert_snapshot!(list("--proto broken.proto"), @"
    ------- stderr -------
    error: broken.proto:2:13: name 'strin' is not defined
    [exit 1]
    ");
    assert_snapshot!(list("--proto missing.proto"), @"
    ------- stderr -------
    error: there is no file missing.proto, here or below an import path
    [exit 1]
    ");
    assert_snapshot!(list("--descriptor-set broken.binpb"), @"
    ------- stderr -------
    error: broken.binpb is not a descriptor set
      caused by: failed to decode Protobuf message: invalid varint
    [exit 1]
    ");
    assert_snapshot!(list("--reflection off"), @"
    ------- stderr -------
    error: nothing says what the server offers: reflection is off, and no files are given
    hint: leave out --reflection off, or give --proto FILE or --descriptor-set FILE
    [exit 2]
    ");
}

#[test]
fn unknown_flags_and_verbs() {
    assert_snapshot!(rpcctl("call demo: A/B --plain").run(), @"
    ------- stderr -------
    error: unexpected argument '--plain' found

      tip: a similar argument exists: '--plaintext'

    Usage: rpcctl call [OPTIONS] [TARGET] METHOD [ITEM]...

    For more information, try '--help'.
    [exit 2]
    ");
    assert_snapshot!(rpcctl("call demo: A/B -k").run(), @"
    ------- stderr -------
    error: unexpected argument '-k' found

      tip: a similar argument exists: '--insecure'

    Usage: rpcctl call [OPTIONS] [TARGET] METHOD [ITEM]...

    For more information, try '--help'.
    [exit 2]
    ");
    assert_snapshot!(rpcctl("cal").run(), @"
    ------- stderr -------
    error: unrecognized subcommand 'cal'

      tip: a similar subcommand exists: 'call'

    Usage: rpcctl [OPTIONS] <COMMAND>

    For more information, try '--help'.
    [exit 2]
    ");
}

#[test]
fn huge_names_are_shown_by_their_ends() {
    let name = format!("first.{}.last", "x".repeat(10_000));
    for (verb, words) in [("describe demo:", ""), ("call demo:", "-d {}"), ("list demo:", "")] {
        let output = rpcctl(verb).arg(&name).args(words).run();
        let talk = output.talk();
        assert!(talk.contains("first.xxx") && talk.contains("xxx.last") && talk.contains('…'), "{talk}");
        assert!(talk.len() < 1000, "{} bytes", talk.len());
    }
}

#[test]
fn lines_that_grpcurl_takes_are_told_as_they_are_here() {
    assert_snapshot!(rpcctl("-plaintext localhost:50051 list").run(), @"
    ------- stderr -------
    error: rpcctl's flags have two dashes: --plaintext
    hint: rpcctl list localhost:50051 --plaintext
    [exit 2]
    ");
    assert_snapshot!(rpcctl("list -insecure localhost:50051").run(), @"
    ------- stderr -------
    error: rpcctl's flags have two dashes: --insecure
    hint: rpcctl list --insecure localhost:50051
    [exit 2]
    ");
    assert_snapshot!(rpcctl("list -import-path proto -proto hello/hello.proto").run(), @"
    ------- stderr -------
    error: rpcctl's flags have two dashes: --import-path
    hint: rpcctl list --import-path proto --proto hello/hello.proto
    [exit 2]
    ");
    assert_snapshot!(rpcctl("localhost:50051 describe hello.HelloService").run(), @"
    ------- stderr -------
    error: the verb comes first, and then the server
    hint: rpcctl describe localhost:50051 hello.HelloService
    [exit 2]
    ");
    let call = rpcctl("-H").arg("authorization: Bearer secret").data(r#"{"name": "it's"}"#);
    assert_snapshot!(call.args("localhost:50051 hello.HelloService/SayHello").run(), @r#"
    ------- stderr -------
    error: the verb comes first, and then the server
    hint: rpcctl call localhost:50051 hello.HelloService/SayHello -H "authorization: $AUTHORIZATION" -d '{"name": "it'\''s"}'
    [exit 2]
    "#);
}

#[test]
fn grpcurls_lines_that_cannot_be_told_say_why() {
    assert_snapshot!(rpcctl("-proto-out-dir x -plaintext localhost:50051 describe").run(), @"
    ------- stderr -------
    error: rpcctl's flags have two dashes: --proto-out-dir
    hint: rpcctl export localhost:50051 --proto-dir x --plaintext
    [exit 2]
    ");
    assert_snapshot!(rpcctl("-plaintext -emit-defaults localhost:50051 list").run(), @"
    ------- stderr -------
    error: --emit-defaults is no flag of rpcctl list
    hint: rpcctl list localhost:50051 --plaintext
    [exit 2]
    ");
    assert_snapshot!(rpcctl("-plaintext -unix /run/a.sock list").run(), @"
    ------- stderr -------
    error: rpcctl's flags have two dashes: --plaintext
    hint: rpcctl list unix:/run/a.sock --plaintext
    [exit 2]
    ");
    assert_snapshot!(rpcctl("grpcurl localhost:50051 list").run(), @"
    ------- stderr -------
    error: rpcctl stands in the place of grpcurl
    hint: rpcctl list localhost:50051 --tls
    hint: grpcurl speaks TLS where nothing is said of it, so --tls is in the line
    [exit 2]
    ");
    assert_snapshot!(rpcctl("grpcurl -use-reflection=false -proto hello/hello.proto -import-path proto list").run(), @"
    ------- stderr -------
    error: rpcctl's flags have two dashes: --reflection
    hint: rpcctl list --reflection=off --proto hello/hello.proto --import-path proto
    [exit 2]
    ");
}

#[test]
fn what_the_verb_does_not_have_is_left_out_of_the_line() {
    for (typed, line) in [
        ("-plaintext -rpc-header a:b h:1 list", "rpcctl list h:1 --plaintext"),
        ("-plaintext -protoset-out x h:1 list", "rpcctl export h:1 --plaintext --out x"),
        (
            "-plaintext -protoset-out x h:1 describe a.B",
            "rpcctl describe h:1 a.B --plaintext --protoset-out x",
        ),
    ] {
        let output = rpcctl(typed).run();
        assert_eq!(output.code, Some(2), "{output}");
        assert!(output.talk().contains(&format!("\nhint: {line}\n")), "{output}");
    }
}

#[test]
fn what_is_offered_for_grpcurls_line_can_be_pasted() {
    let output = rpcctl("-use-reflection=false -proto hello/hello.proto -import-path proto list").run();
    let line = output.talk().lines().find_map(|line| line.strip_prefix("hint: rpcctl ")).map(str::to_owned);
    assert_eq!(rpcctl(&line.unwrap()).run().text(), "hello.HelloService\n");
}

#[test]
fn a_password_before_a_host_is_not_repeated() {
    for target in ["http://me:s3cret@localhost:50051", "me:s3cret@localhost:50051"] {
        let told = rpcctl("list").arg(target).run();
        assert!(told.talk().contains("…@localhost:50051") && !told.talk().contains("s3cret"), "{told}");
        assert_eq!(told.code, Some(2));
    }
}

#[test]
fn words_that_are_no_server_and_no_name() {
    assert_snapshot!(rpcctl("list p.proto").run(), @"
    ------- stderr -------
    error: p.proto is a file, and neither a server nor a name
    hint: for the schema in the file: --proto p.proto
    [exit 2]
    ");
    assert_snapshot!(rpcctl("list /tmp/x/p.proto").run(), @"
    ------- stderr -------
    error: /tmp/x/p.proto is a file, and neither a server nor a name
    hint: for the schema in the file: --proto /tmp/x/p.proto
    [exit 2]
    ");
    assert_snapshot!(rpcctl("list demo").run(), @"
    ------- stderr -------
    error: demo is no server's name
    hint: the demo server inside rpcctl is demo: with a colon
    [exit 2]
    ");
    assert_snapshot!(rpcctl("describe demo.v1.range").run(), @"
    ------- stderr -------
    error: demo.v1.range looks like a host without a port
    hint: for a host add a port, such as demo.v1.range:50051; for a symbol begin with a dot: .demo.v1.range
    [exit 2]
    ");
    assert_snapshot!(rpcctl("call demo: HelloService::SayHello").run(), @r#"
    ------- stderr -------
    error: "HelloService::SayHello" is no server and no name: for a method write Service/Method
    [exit 2]
    "#);
    assert_snapshot!(rpcctl("call demo: demo:").run(), @"
    ------- stderr -------
    error: two servers: demo: and demo:
    hint: name the server once
    [exit 2]
    ");
    assert_snapshot!(rpcctl("call demo: HelloService SayHello").run(), @"
    ------- stderr -------
    error: HelloService and SayHello are two words, and a method is one
    hint: write HelloService/SayHello
    [exit 2]
    ");
    assert_snapshot!(rpcctl("list demo: x y z").run(), @r#"
    ------- stderr -------
    error: unexpected argument "y": a server and a name are all there can be
    [exit 2]
    "#);
}

#[test]
fn data_goes_with_its_flag() {
    let call = |words: &str| rpcctl(words).arg(r#"{"name":"Al"}"#).run();
    assert_snapshot!(call("call demo: HelloService/SayHello"), @r#"
    ------- stderr -------
    error: {"name":"Al"} is no name, but data
    hint: data goes with -d: -d '{"name":"Al"}'
    [exit 2]
    "#);
    assert_snapshot!(call("call demo: HelloService/SayHello -dd"), @r#"
    ------- stderr -------
    error: {"name":"Al"} is no name, but data
    hint: data goes with -d: -d '{"name":"Al"}'
    [exit 2]
    "#);
}

#[test]
fn the_server_comes_first() {
    assert_snapshot!(rpcctl("list services localhost:50051 --plaintext").run(), @"
    ------- stderr -------
    error: the server comes before services
    hint: in this order: rpcctl list localhost:50051 --plaintext
    [exit 2]
    ");
    let call = rpcctl("call HelloService/SayHello localhost:50051 -H a:secret").data(r#"{"name": "Al"}"#);
    assert_snapshot!(call.run(), @r#"
    ------- stderr -------
    error: the server comes before HelloService/SayHello
    hint: in this order: rpcctl call localhost:50051 -H a:secret HelloService/SayHello -d '{"name": "Al"}'
    [exit 2]
    "#);
}

#[test]
fn a_symbol_without_capitals_is_found_where_the_server_is_known() {
    let files = "--proto demo/v1/options.proto -I proto";
    for words in [files, "-a demo:"] {
        let output = rpcctl("describe").args(words).arg("demo.v1.range").run();
        assert_eq!(output.code, Some(0), "{output}");
        assert!(output.text().contains("demo.v1.range"), "{output}");
    }
}

#[test]
fn of_one_value_the_last_counts_and_of_many_all() {
    let call =
        |flags: &str| rpcctl("call demo: HelloService/SayHello").args(flags).data(r#"{"name":"A"}"#).run();
    assert_eq!(call("-o text -o jsonl").text(), "{\"message\":\"Hello, A\"}\n");
    assert_eq!(call("--timeout 1s --timeout 9s --plaintext --plaintext").code, Some(0));
    let sum = rpcctl("call demo: demo.v1.Demo/Sum -o jsonl").data(r#"{"number":1}"#).data(r#"{"number":2}"#);
    assert_eq!(sum.run().text(), "{\"sum\":\"3\",\"count\":\"2\"}\n");
    let echo = rpcctl("call demo: Demo/EchoMetadata -H a:1 -H b:2").run().text();
    assert!(echo.contains("\"a\"") && echo.contains("\"b\""), "{echo}");
}
