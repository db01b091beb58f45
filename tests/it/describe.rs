//! `rpcctl describe`.

use insta::assert_snapshot;

use crate::common::{Demo, Output, rpcctl};

fn described(words: &str) -> Output {
    rpcctl("describe demo:").args(words).run()
}

#[test]
fn a_service() {
    assert_snapshot!(described("helloworld.Greeter"), @r#"
    // helloworld.Greeter is a service in helloworld/helloworld.proto

    // The greeter that gRPC's own tutorials call, so that their clients work against this server unchanged.
    service Greeter {
      // Answers "Hello NAME". An empty name is greeted as "world".
      rpc SayHello(.helloworld.HelloRequest) returns (.helloworld.HelloReply);
    }
    [exit 0]
    "#);
}

#[test]
fn a_method_comes_with_its_messages() {
    assert_snapshot!(described("demo.v1.Demo.CountDown"), @r#"
    // demo.v1.Demo.CountDown is a method in demo/v1/demo.proto
    service Demo {
      // Server streaming: counts down from a number to 1, one message each.
      rpc CountDown(.demo.v1.CountDownRequest) returns (stream .demo.v1.CountDownReply) {
        option (demo.v1.example) = {
          request: "{\"from\": 3, \"interval\": \"0.5s\"}"
          outcome: "three messages, half a second apart"
        };
      }
    }

    // demo.v1.CountDownRequest is a message in demo/v1/demo.proto

    // Where to count from, and how fast.
    message CountDownRequest {
      // The first number sent; with 0 none is sent.
      uint32 from = 1 [(demo.v1.range) = { max: 1000000 }];
      // The time between two messages; none when absent.
      .google.protobuf.Duration interval = 2;
    }

    // demo.v1.CountDownReply is a message in demo/v1/demo.proto

    // One step of a count down.
    message CountDownReply {
      // How many are left, this one included.
      uint32 number = 1;
    }
    [exit 0]
    "#);
}

#[test]
fn a_message_with_its_options() {
    assert_snapshot!(described("demo.v1.CountDownRequest"), @"
    // demo.v1.CountDownRequest is a message in demo/v1/demo.proto

    // Where to count from, and how fast.
    message CountDownRequest {
      // The first number sent; with 0 none is sent.
      uint32 from = 1 [(demo.v1.range) = { max: 1000000 }];
      // The time between two messages; none when absent.
      .google.protobuf.Duration interval = 2;
    }
    [exit 0]
    ");
    assert_snapshot!(described("demo.v1.MetadataEntry"), @r#"
    // demo.v1.MetadataEntry is a message in demo/v1/demo.proto

    // One line of metadata.
    message MetadataEntry {
      // The name, in lower case.
      string name = 1;
      // The value: text, or bytes where the name ends in "-bin".
      oneof value {
        // An ASCII value.
        string text = 2;
        // The value of a "-bin" entry, after base64 decoding.
        bytes binary = 3;
      }
    }
    [exit 0]
    "#);
}

#[test]
fn a_field_a_oneof_and_an_extension() {
    assert_snapshot!(described("demo.v1.Everything.percent"), @"
    // demo.v1.Everything.percent is a field in demo/v1/everything.proto
    message Everything {
      // A number with a custom option; the range is for show and not enforced.
      int32 percent = 83 [(demo.v1.range) = { max: 100 }];
    }
    [exit 0]
    ");
    assert_snapshot!(described("demo.v1.MetadataEntry.value"), @r#"
    // demo.v1.MetadataEntry.value is a oneof in demo/v1/demo.proto
    message MetadataEntry {
      // The value: text, or bytes where the name ends in "-bin".
      oneof value {
        // An ASCII value.
        string text = 2;
        // The value of a "-bin" entry, after base64 decoding.
        bytes binary = 3;
      }
    }
    [exit 0]
    "#);
    assert_snapshot!(described("demo.v1.range"), @"
    // demo.v1.range is an extension in demo/v1/options.proto
    extend .google.protobuf.FieldOptions {
      // The values that the field may have; others are answered with INVALID_ARGUMENT.
      .demo.v1.Range range = 50051;
    }
    [exit 0]
    ");
}

#[test]
fn an_enum_and_one_of_its_values() {
    assert_snapshot!(described("demo.v1.Mood"), @r#"
    // demo.v1.Mood is an enum in demo/v1/everything.proto

    // How somebody feels.
    enum Mood {
      option allow_alias = true;
      // Not said.
      MOOD_UNSPECIFIED = 0;
      // Happy.
      MOOD_HAPPY = 1;
      // Another name for happy.
      MOOD_GLAD = 1;
      // Sad.
      MOOD_SAD = 2;
      // Nobody feels like this any more.
      MOOD_SPLENETIC = 3 [deprecated = true];
      reserved 10 to 20, 100 to max;
      reserved "MOOD_GONE";
    }
    [exit 0]
    "#);
    assert_snapshot!(described("demo.v1.MOOD_SPLENETIC"), @r#"
    // demo.v1.MOOD_SPLENETIC is an enum value in demo/v1/everything.proto
    // How somebody feels.
    enum Mood {
      option allow_alias = true;
      // Not said.
      MOOD_UNSPECIFIED = 0;
      // Happy.
      MOOD_HAPPY = 1;
      // Another name for happy.
      MOOD_GLAD = 1;
      // Sad.
      MOOD_SAD = 2;
      // Nobody feels like this any more.
      MOOD_SPLENETIC = 3 [deprecated = true];
      reserved 10 to 20, 100 to max;
      reserved "MOOD_GONE";
    }
    [exit 0]
    "#);
    assert_snapshot!(described("demo.v1.Everything.Nested.Deeper.Level"), @"
    // demo.v1.Everything.Nested.Deeper.Level is an enum in demo/v1/everything.proto
    message Everything {
      message Nested {
        message Deeper {
          // An enum declared inside a message.
          enum Level {
            // No level.
            LEVEL_UNSPECIFIED = 0;
            // Deep.
            DEEP = 1;
            // As deep as it gets.
            BOTTOM = -1;
          }
        }
      }
    }
    [exit 0]
    ");
}

#[test]
fn without_a_symbol_every_service() {
    let all = rpcctl("describe -I proto --proto hello/hello.proto --proto helloworld/helloworld.proto").run();
    assert_snapshot!(all, @r#"
    // hello.HelloService is a service in hello/hello.proto

    // The smallest service there is: a name goes in, a greeting comes out.
    service HelloService {
      // Answers "Hello, NAME". An empty name is greeted as "world".
      rpc SayHello(.hello.HelloRequest) returns (.hello.HelloReply);
    }

    // helloworld.Greeter is a service in helloworld/helloworld.proto

    // The greeter that gRPC's own tutorials call, so that their clients work against this server unchanged.
    service Greeter {
      // Answers "Hello NAME". An empty name is greeted as "world".
      rpc SayHello(.helloworld.HelloRequest) returns (.helloworld.HelloReply);
    }
    [exit 0]
    "#);
}

#[test]
fn a_template_is_a_request_to_fill_in() {
    assert_snapshot!(described("demo.v1.Demo.Fail --template"), @r#"
    {
      "code": "OK",
      "message": "",
      "details": [
        {
          "@type": "type.googleapis.com/google.protobuf.Empty",
          "value": {}
        }
      ],
      "samples": [
        "SAMPLE_UNSPECIFIED"
      ]
    }
    [exit 0]
    "#);
    assert_snapshot!(described("demo.v1.CountDownRequest --template"), @r#"
    {
      "from": 0,
      "interval": "0s"
    }
    [exit 0]
    "#);
}

#[test]
fn json_is_for_programs() {
    assert_snapshot!(described("hello.HelloService -o json"), @r#"
    {
      "name": "hello.HelloService",
      "kind": "service",
      "file": "hello/hello.proto",
      "source": "// hello.HelloService is a service in hello/hello.proto\n\n// The smallest service there is: a name goes in, a greeting comes out.\nservice HelloService {\n  // Answers \"Hello, NAME\". An empty name is greeted as \"world\".\n  rpc SayHello(.hello.HelloRequest) returns (.hello.HelloReply);\n}\n",
      "descriptor": {
        "name": "HelloService",
        "method": [
          {
            "name": "SayHello",
            "inputType": ".hello.HelloRequest",
            "outputType": ".hello.HelloReply"
          }
        ]
      }
    }
    [exit 0]
    "#);
}

#[test]
fn a_symbol_that_is_not_there_is_answered_with_the_nearest() {
    assert_snapshot!(described("demo.v1.CountDownRequst"), @r#"
    ------- stderr -------
    error: there is no symbol "demo.v1.CountDownRequst"
    hint: did you mean demo.v1.CountDownRequest, demo.v1.CountDownReply?
    hint: see what there is: rpcctl list demo:
    [exit 1]
    "#);
}

#[test]
fn it_is_the_same_from_reflection_and_from_files() {
    for symbol in ["demo.v1.Demo", "demo.v1.Everything", "demo.v1.FailRequest", "helloworld.Greeter"] {
        let files =
            rpcctl("describe -I proto --proto demo/v1/demo.proto --proto helloworld/helloworld.proto");
        assert_eq!(files.arg(symbol).run().to_string(), described(symbol).to_string());
    }
}

#[test]
fn verbose_tells_of_a_reflection_that_was_refused() {
    let demo = Demo::with("--token secret");
    assert_snapshot!(demo.rpcctl("describe", "demo.v1.Demo -v").run().without_times(), @"
    ------- stderr -------
    * connected to 127.0.0.1:PORT
    > POST http://127.0.0.1:PORT/grpc.reflection.v1.ServerReflection/ServerReflectionInfo
    > content-type: application/grpc+proto
    > te: trailers
    > grpc-accept-encoding: gzip, deflate, br, zstd
    > user-agent: rpcctl/0.1.0
    * time: resolve TIME, connect TIME, schema TIME, total TIME
    error: the server refused reflection (UNAUTHENTICATED: no token: send authorization: Bearer TOKEN)
    hint: credentials go along with --bearer TOKEN, -u USER, or -H 'authorization: …'
    hint: give the schema with --proto FILE or --descriptor-set FILE instead
    [exit 80]
    ");
}

#[test]
fn a_template_is_a_request_that_a_call_takes() {
    for method in ["Demo/Echo", "Demo/Fail", "Demo/EchoMetadata", "hello.HelloService/SayHello"] {
        let template = described(&format!("{method} --template"));
        assert_eq!((template.code, template.talk().as_str()), (Some(0), ""), "{method}");
        let call = rpcctl("call demo:").arg(method).args("-d @").stdin(template.stdout).run();
        assert_ne!(call.code, Some(2), "{method}: {call}");
    }
}

#[test]
fn what_has_no_template_is_told() {
    assert_snapshot!(described("Greeter --template"), @"
    ------- stderr -------
    error: helloworld.Greeter is a service; name one of its methods
    hint: its methods are
            helloworld.Greeter/SayHello
    [exit 2]
    ");
    assert_snapshot!(described("demo.v1.Mood --template -o json"), @"
    ------- stderr -------
    error: demo.v1.Mood is an enum, and --template is for a method or a message
    [exit 2]
    ");
    assert_snapshot!(described("--template"), @"
    ------- stderr -------
    error: --template needs the name of a method or a message
    hint: see the methods: rpcctl list demo: -l
    [exit 2]
    ");
}
