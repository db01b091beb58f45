//! `rpcctl list`.

use insta::assert_snapshot;

use crate::common::{Demo, rpcctl};

#[test]
fn services_are_listed_one_a_line() {
    let demo = Demo::plain();
    assert_snapshot!(demo.rpcctl("list", "").run(), @"
    demo.v1.Demo
    grpc.health.v1.Health
    grpc.reflection.v1.ServerReflection
    grpc.reflection.v1alpha.ServerReflection
    hello.HelloService
    helloworld.Greeter
    [exit 0]
    ");
}

#[test]
fn methods_of_a_service_are_listed_one_a_line() {
    let demo = Demo::plain();
    assert_snapshot!(demo.rpcctl("list", "demo.v1.Demo").run(), @"
    demo.v1.Demo/Chat
    demo.v1.Demo/CountDown
    demo.v1.Demo/Echo
    demo.v1.Demo/EchoMetadata
    demo.v1.Demo/Fail
    demo.v1.Demo/FailAfter
    demo.v1.Demo/Generate
    demo.v1.Demo/OldEcho
    demo.v1.Demo/Sleep
    demo.v1.Demo/Sum
    [exit 0]
    ");
}

#[test]
fn long_lists_say_what_goes_in_and_out() {
    let all = rpcctl("list demo: -l").run();
    assert_snapshot!(all, @"
    demo.v1.Demo/Chat	bidi stream	demo.v1.ChatRequest	demo.v1.ChatReply
    demo.v1.Demo/CountDown	server stream	demo.v1.CountDownRequest	demo.v1.CountDownReply
    demo.v1.Demo/Echo	unary	demo.v1.Everything	demo.v1.Everything
    demo.v1.Demo/EchoMetadata	unary	demo.v1.EchoMetadataRequest	demo.v1.EchoMetadataReply
    demo.v1.Demo/Fail	unary	demo.v1.FailRequest	demo.v1.FailReply
    demo.v1.Demo/FailAfter	server stream	demo.v1.FailAfterRequest	demo.v1.FailReply
    demo.v1.Demo/Generate	server stream	demo.v1.GenerateRequest	demo.v1.GenerateReply
    demo.v1.Demo/OldEcho	unary	demo.v1.Everything	demo.v1.Everything
    demo.v1.Demo/Sleep	unary	demo.v1.SleepRequest	demo.v1.SleepReply
    demo.v1.Demo/Sum	client stream	demo.v1.SumRequest	demo.v1.SumReply
    grpc.health.v1.Health/Check	unary	grpc.health.v1.HealthCheckRequest	grpc.health.v1.HealthCheckResponse
    grpc.health.v1.Health/List	unary	grpc.health.v1.HealthListRequest	grpc.health.v1.HealthListResponse
    grpc.health.v1.Health/Watch	server stream	grpc.health.v1.HealthCheckRequest	grpc.health.v1.HealthCheckResponse
    grpc.reflection.v1.ServerReflection/ServerReflectionInfo	bidi stream	grpc.reflection.v1.ServerReflectionRequest	grpc.reflection.v1.ServerReflectionResponse
    grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo	bidi stream	grpc.reflection.v1alpha.ServerReflectionRequest	grpc.reflection.v1alpha.ServerReflectionResponse
    hello.HelloService/SayHello	unary	hello.HelloRequest	hello.HelloReply
    helloworld.Greeter/SayHello	unary	helloworld.HelloRequest	helloworld.HelloReply
    [exit 0]
    ");
    let all = all.text();
    let demo: Vec<&str> = all.lines().filter(|line| line.starts_with("demo.v1.Demo/")).collect();
    let alone = rpcctl("list demo: demo.v1.Demo -l").run().text();
    assert_eq!(alone.lines().collect::<Vec<_>>(), demo);
}

#[test]
fn json_is_for_programs() {
    assert_snapshot!(rpcctl("list demo: -o json").run(), @r#"
    [
      {
        "name": "demo.v1.Demo"
      },
      {
        "name": "grpc.health.v1.Health"
      },
      {
        "name": "grpc.reflection.v1.ServerReflection"
      },
      {
        "name": "grpc.reflection.v1alpha.ServerReflection"
      },
      {
        "name": "hello.HelloService"
      },
      {
        "name": "helloworld.Greeter"
      }
    ]
    [exit 0]
    "#);
    assert_snapshot!(rpcctl("list demo: hello.HelloService -l -o json").run(), @r#"
    [
      {
        "name": "SayHello",
        "fullName": "hello.HelloService.SayHello",
        "path": "/hello.HelloService/SayHello",
        "requestType": "hello.HelloRequest",
        "responseType": "hello.HelloReply",
        "clientStreaming": false,
        "serverStreaming": false
      }
    ]
    [exit 0]
    "#);
}

#[test]
fn files_need_no_server() {
    let files = "-I proto --proto hello/hello.proto --proto helloworld/helloworld.proto";
    assert_snapshot!(rpcctl("list").args(files).run(), @"
    hello.HelloService
    helloworld.Greeter
    [exit 0]
    ");
    assert_snapshot!(rpcctl("list Greeter").args(files).run(), @"
    helloworld.Greeter/SayHello
    [exit 0]
    ");
}

#[test]
fn a_package_lists_its_services() {
    let output = rpcctl("list demo: grpc").run();
    assert_snapshot!(output, @"
    grpc.health.v1.Health
    grpc.reflection.v1.ServerReflection
    grpc.reflection.v1alpha.ServerReflection
    [exit 0]
    ");
    assert_eq!(rpcctl("list demo: grpc.reflection -o json").run().text().matches("\"name\"").count(), 2);
    // Nothing below it is none of it.
    assert_eq!(rpcctl("list demo: grp").run().code, Some(1));
}

#[test]
fn a_service_that_is_not_there_is_answered_with_the_nearest() {
    assert_snapshot!(rpcctl("list demo: helloworld.Greter").run(), @r#"
    ------- stderr -------
    error: there is no service "helloworld.Greter"
    hint: did you mean helloworld.Greeter?
    hint: see what there is: rpcctl list demo:
    [exit 1]
    "#);
}

#[test]
fn the_target_can_be_given_by_flag_and_environment() {
    let demo = Demo::plain();
    let listed = demo.rpcctl("list", "").run().text();
    assert_eq!(rpcctl("list -a").arg(&demo.address).run().text(), listed);
    assert_eq!(rpcctl("list").env("RPCCTL_ADDRESS", &demo.address).run().text(), listed);
    let other = rpcctl("list -a").arg(&demo.address).env("RPCCTL_ADDRESS", "localhost:1").run();
    assert_eq!(other.text(), listed, "the flag counts more than the environment");
}

#[test]
fn verbose_tells_how_the_schema_was_come_by() {
    let demo = Demo::with("--tls");
    let output = demo.rpcctl("list", "hello.HelloService --insecure -v").arg("-H").arg("x-a: b").run();
    assert_snapshot!(output.without_times(), @"
    hello.HelloService/SayHello
    ------- stderr -------
    warning: --insecure: nothing verifies that this is 127.0.0.1:PORT
    * connected to 127.0.0.1:PORT
    * TLSv1.3, TLS_AES_256_GCM_SHA384, ALPN h2
    * certificate for localhost, 127.0.0.1 and ::1, self-signed
    > POST https://127.0.0.1:PORT/grpc.reflection.v1.ServerReflection/ServerReflectionInfo
    > content-type: application/grpc+proto
    > te: trailers
    > grpc-accept-encoding: gzip, deflate, br, zstd
    > user-agent: rpcctl/0.1.0
    > x-a: b
    * time: resolve TIME, connect TIME, TLS TIME, schema TIME, total TIME
    [exit 0]
    ");
    let twice = rpcctl("list demo: hello.HelloService -vv").run();
    assert_eq!(twice.code, Some(0), "{twice}");
}

#[test]
fn verbose_tells_of_a_file_that_no_server_was_asked_for() {
    let output = rpcctl("list -v -I proto --proto hello/hello.proto").run();
    assert_snapshot!(output.without_times(), @"
    hello.HelloService
    ------- stderr -------
    * time: schema TIME, total TIME
    [exit 0]
    ");
}
