//! What people who know grpcurl type without thinking: its long names mean here what they mean there.

use insta::assert_snapshot;

use crate::common::{Demo, from_every_source, rpcctl};

#[test]
fn grpcurls_long_names_are_taken() {
    let directory = tempfile::tempdir().unwrap();
    let set = directory.path().join("hello.binpb");
    let describe = rpcctl("describe demo: hello.HelloService --use-reflection --protoset-out").arg(&set);
    assert_eq!(describe.run().code, Some(0));
    let call = rpcctl("call demo: hello.HelloService/SayHello --protoset").arg(&set);
    let call = call.args(
        "--max-time 5 --max-msg-sz 4194304 --emit-defaults --allow-unknown-fields --use-reflection=false",
    );
    assert_snapshot!(call.data(r#"{"name": "A", "more": 1}"#).run(), @r#"
    {
      "message": "Hello, A"
    }
    [exit 0]
    "#);
    assert_snapshot!(rpcctl("describe demo: hello.HelloRequest --msg-template").run(), @r#"
    {
      "name": ""
    }
    [exit 0]
    "#);
    let files = rpcctl("list --proto demo.proto --import-path proto/demo/v1 --import-path proto").run();
    assert!(files.text().contains("demo.v1.Demo\n"), "{files}");
}

#[test]
fn a_status_can_be_had_as_json() {
    let output = from_every_source(|source| {
        let call = source.of(rpcctl("call demo: demo.v1.Demo/Fail --format-error"));
        call.data(r#"{"code": "NOT_FOUND", "message": "gone", "samples": ["ERROR_INFO"]}"#).run()
    });
    assert_snapshot!(output, @r#"
    ------- stderr -------
    {
      "code": 5,
      "message": "gone",
      "details": [
        {
          "@type": "type.googleapis.com/google.rpc.ErrorInfo",
          "reason": "SHELF_EMPTY",
          "domain": "demo.example.com",
          "metadata": {
            "shelf": "A7"
          }
        }
      ]
    }
    [exit 69]
    "#);
    let one_line = rpcctl("call demo: demo.v1.Demo/Fail --format-error -o jsonl --each");
    assert_snapshot!(one_line.data(r#"{"code": "ABORTED"} {"code": "NOT_FOUND", "message": "é\u001b"}"#).run(), @r#"
    ------- stderr -------
    {"request":1,"code":10,"message":""}
    {"request":2,"code":5,"message":"é\u001b"}
    {"code":10,"message":"2 of 2 calls failed, the first with this status"}
    [exit 74]
    "#);
}

/// What is written holds all that is imported, and each file once.
#[test]
fn a_descriptor_set_is_whole() {
    let directory = tempfile::tempdir().unwrap();
    let set = directory.path().join("set.binpb");
    assert_eq!(rpcctl("describe demo: --descriptor-set-out").arg(&set).run().code, Some(0));
    let source = |from: &str| {
        let run = rpcctl("describe demo.v1.Everything").args(from);
        let run = if from.is_empty() { run.arg("--descriptor-set").arg(&set) } else { run };
        run.run()
    };
    assert_eq!(source("").to_string(), source("-a demo:").to_string());
    let nowhere = directory.path().join("no/such/folder/set.binpb");
    let refused = rpcctl("describe demo: hello.HelloService --descriptor-set-out").arg(&nowhere).run();
    assert_eq!((refused.code, refused.text().as_str()), (Some(1), ""), "{refused}");
    assert!(refused.talk().contains("error: cannot write "), "{refused}");
}

#[test]
fn a_line_with_one_dash_is_told_with_two() {
    assert_snapshot!(rpcctl("-plaintext -format-error -d {} localhost:1 a.B/C").run(), @"
    ------- stderr -------
    error: rpcctl's flags have two dashes: --plaintext
    hint: rpcctl call localhost:1 a.B/C --plaintext --format-error -d '{}'
    [exit 2]
    ");
    assert_snapshot!(rpcctl("call -plaintext localhost:1 a.B/C").run(), @"
    ------- stderr -------
    error: rpcctl's flags have two dashes: --plaintext
    hint: rpcctl call --plaintext localhost:1 a.B/C
    [exit 2]
    ");
    assert_snapshot!(rpcctl("describe -use-reflection=false -protoset-out x.binpb localhost:1 a.B").run(), @"
    ------- stderr -------
    error: rpcctl's flags have two dashes: --reflection
    hint: rpcctl describe --reflection=off --protoset-out x.binpb localhost:1 a.B
    [exit 2]
    ");
    assert_snapshot!(rpcctl("-alts localhost:1 list").run(), @"
    ------- stderr -------
    error: -alts has no counterpart yet
    [exit 2]
    ");
}

/// A flag that may stand without a value does not take the next word for one.
#[test]
fn a_value_apart_from_its_flag_is_told_with_an_equals_sign() {
    assert_snapshot!(rpcctl("list localhost:1 --retry-connect 2s").run(), @"
    ------- stderr -------
    error: the value of --retry-connect goes with =: --retry-connect=2s
    hint: rpcctl list localhost:1 --retry-connect=2s
    [exit 2]
    ");
    assert_snapshot!(rpcctl("--retry-connect 2s list localhost:1 --bearer secret").run(), @r#"
    ------- stderr -------
    error: the value of --retry-connect goes with =: --retry-connect=2s
    hint: rpcctl --retry-connect=2s list localhost:1 --bearer "$TOKEN"
    [exit 2]
    "#);
    assert_snapshot!(rpcctl("channelz localhost:1 --watch 1s").run(), @"
    ------- stderr -------
    error: the value of --watch goes with =: --watch=1s
    hint: rpcctl channelz localhost:1 --watch=1s
    [exit 2]
    ");
    assert_snapshot!(rpcctl("serve-demo --log json").run(), @"
    ------- stderr -------
    error: the value of --log goes with =: --log=json
    hint: rpcctl serve-demo --log=json
    [exit 2]
    ");
    // That is a number of channelz, and no interval.
    let channelz = rpcctl("channelz localhost:1 --watch 5").run();
    assert_eq!(channelz.code, Some(1), "{channelz}");
}

#[test]
fn what_writes_sources_is_an_export() {
    let demo = Demo::plain();
    let folder = tempfile::tempdir().unwrap();
    let typed =
        rpcctl("-plaintext -protoset-out api.binpb -proto-out-dir out").arg(&demo.address).arg("list");
    let told = typed.within(folder.path()).run();
    assert_snapshot!(told, @"
    ------- stderr -------
    error: rpcctl's flags have two dashes: --plaintext
    hint: rpcctl export 127.0.0.1:PORT --plaintext --out api.binpb --proto-dir out
    [exit 2]
    ");
    let stderr = String::from_utf8(told.stderr).unwrap();
    let line = stderr.lines().find_map(|line| line.strip_prefix("hint: rpcctl ")).unwrap();
    let output = rpcctl("").args(line).within(folder.path()).run();
    assert_eq!(output.code, Some(0), "{output}");
    assert!(
        folder.path().join("out/demo/v1/demo.proto").exists() && folder.path().join("api.binpb").exists()
    );
}

#[test]
fn items_stay_in_the_line_to_paste() {
    assert_snapshot!(rpcctl("call demo: HelloService/SayHello name=A -emit-defaults").run(), @"
    ------- stderr -------
    error: rpcctl's flags have two dashes: --emit-defaults
    hint: rpcctl call demo: HelloService/SayHello name=A --emit-defaults
    [exit 2]
    ");
    assert_snapshot!(rpcctl("describe demo: hello.HelloRequest -allow-unknown-fields").run(), @"
    ------- stderr -------
    error: --allow-unknown-fields is no flag of rpcctl describe
    hint: rpcctl describe demo: hello.HelloRequest
    [exit 2]
    ");
}

#[test]
fn only_flags_that_may_be_meant_are_suggested() {
    for (flag, suggested) in [
        ("list --compact", None),
        ("diff --exit-code a b", None),
        ("list --headers x", Some("--header")),
        ("list --descriptor x", Some("--descriptor-set")),
        ("call --plaintex a.B/C", Some("--plaintext")),
    ] {
        let talk = rpcctl(flag).run().talk();
        let tip = talk.lines().find_map(|line| line.trim().strip_prefix("tip: a similar argument exists: '"));
        assert_eq!(tip.map(|tip| tip.trim_end_matches('\'')), suggested, "{talk}");
    }
}

#[test]
fn a_protocol_as_a_scheme_is_told_with_the_schemes_there_are() {
    assert_snapshot!(rpcctl("list connect://h:1").run(), @"
    ------- stderr -------
    error: connect:// is not known: write HOST:PORT, http://HOST:PORT (plaintext), https://HOST:PORT (TLS), unix:PATH or demo:
    hint: write connect+http://HOST:PORT (plaintext) or connect+https://HOST:PORT (TLS)
    [exit 2]
    ");
    assert_snapshot!(rpcctl("list GRPC://h:1").run(), @"
    ------- stderr -------
    error: GRPC:// is not known: write HOST:PORT, http://HOST:PORT (plaintext), https://HOST:PORT (TLS), unix:PATH or demo:
    hint: write GRPC+http://HOST:PORT (plaintext) or GRPC+https://HOST:PORT (TLS)
    [exit 2]
    ");
}
