//! Hints that show a command, and errors about the surroundings rather than the words.

use insta::assert_snapshot;

use crate::common::{Demo, program, rpcctl};

#[test]
fn a_command_to_paste_has_all_that_leads_to_the_same_server() {
    let demo = Demo::with("--tls");
    let flags =
        "--insecure --server-name other --authority a.example --reflection v1 -H authorization:secret";
    let output = demo.rpcctl("call", "hello.HelloService/Nope").args(flags).run();
    assert_snapshot!(output, @r#"
    ------- stderr -------
    warning: --insecure: nothing verifies that this is 127.0.0.1:PORT
    error: hello.HelloService has no method "Nope"
    hint: see what there is: rpcctl list 127.0.0.1:PORT --insecure --server-name other --authority a.example --reflection v1 -H "authorization: $AUTHORIZATION" hello.HelloService
    [exit 1]
    "#);
    assert!(!output.to_string().contains("secret"));
    let pasted = demo.rpcctl("list", flags).arg("hello.HelloService").run();
    assert_eq!(pasted.text(), "hello.HelloService/SayHello\n");
    // Nobody should send the mark that stands for a secret.
    assert_snapshot!(demo.rpcctl("list", &flags.replace("secret", "…")).run(), @r#"
    ------- stderr -------
    error: -H: the value of "authorization" has characters beyond ASCII, which gRPC does not send as text
    hint: what is not ASCII goes as bytes: a name that ends in -bin, with a value in base64
    [exit 2]
    "#);
}

#[test]
fn a_command_to_paste_has_all_that_leads_to_the_same_schema() {
    let files = "-I proto --proto hello/hello.proto";
    assert_snapshot!(rpcctl("describe demo: hello.Nope").args(files).run(), @r#"
    ------- stderr -------
    error: there is no symbol "hello.Nope"
    hint: see what there is: rpcctl list demo: --proto hello/hello.proto -I proto
    [exit 1]
    "#);
    assert_snapshot!(rpcctl("call demo:").args(files).run(), @"
    ------- stderr -------
    error: no method given
    hint: see the methods: rpcctl list demo: --proto hello/hello.proto -I proto -l
    [exit 2]
    ");
}

#[test]
fn a_command_to_paste_has_what_stands_before_every_method() {
    let demo = Demo::plain();
    let target = format!("http://{}/api/hello.HelloService/SayHello", demo.address);
    let output =
        rpcctl("call --proto hello/hello.proto -I proto").arg(target.replace("SayHello", "Nope")).run();
    assert_snapshot!(output, @r#"
    ------- stderr -------
    error: hello.HelloService has no method "Nope"
    hint: see what there is: rpcctl list http://127.0.0.1:PORT/api --proto hello/hello.proto -I proto hello.HelloService
    [exit 1]
    "#);
}

#[test]
fn behind_a_socket_a_name_is_a_word_of_its_own() {
    assert_snapshot!(rpcctl("call unix:/no/such.sock/hello.HelloService/SayHello").run(), @"
    ------- stderr -------
    error: no method given
    hint: behind a unix socket, a name is a word of its own: unix:/no/such.sock hello.HelloService/SayHello
    [exit 2]
    ");
    assert_snapshot!(rpcctl("list unix:/no/such.sock/hello.HelloService").run(), @"
    ------- stderr -------
    error: cannot connect to unix:/no/such.sock/hello.HelloService
      caused by: No such file or directory
    hint: there is no such socket: check the path
    hint: behind a unix socket, a name is a word of its own: unix:/no/such.sock hello.HelloService
    [exit 1]
    ");
}

#[test]
fn a_target_from_elsewhere_is_told_from_where() {
    assert_snapshot!(rpcctl("list").env("RPCCTL_ADDRESS", "example.com").run(), @"
    ------- stderr -------
    error: RPCCTL_ADDRESS: example.com is a host without a port: add a port, such as example.com:443 or example.com:50051
    [exit 2]
    ");
    assert_snapshot!(rpcctl("list").env("RPCCTL_ADDRESS", "127.0.0.1:1").run(), @"
    ------- stderr -------
    error: cannot connect to 127.0.0.1:1
      caused by: Connection refused
    hint: nothing listens there: check host and port; rpcctl serve-demo starts a server to try
    hint: 127.0.0.1:1 is what RPCCTL_ADDRESS says
    [exit 1]
    ");
    assert_snapshot!(rpcctl("list -a localhost:99999").run(), @r#"
    ------- stderr -------
    error: -a: "localhost:PORT" is no server and no name: write HOST:PORT, with a port from 1 to 65535, or [IPV6]:PORT
    [exit 2]
    "#);
    assert_snapshot!(rpcctl("list -a").arg("").run(), @r#"
    ------- stderr -------
    error: -a: "" is no server and no name: there are blanks in it, or nothing else
    [exit 2]
    "#);
}

#[test]
#[cfg(unix)]
fn an_address_that_is_no_text_is_refused_where_it_counts() {
    use std::os::unix::ffi::OsStrExt as _;
    let address = std::ffi::OsStr::from_bytes(b"local\xffhost:1");
    assert_snapshot!(rpcctl("list").env("RPCCTL_ADDRESS", address).run(), @r#"
    ------- stderr -------
    error: RPCCTL_ADDRESS is not UTF-8: "local\xFFhost:1"
    [exit 2]
    "#);
    assert_eq!(rpcctl("list demo:").env("RPCCTL_ADDRESS", address).run().code, Some(0));
}

#[test]
fn a_duration_is_longer_than_nothing() {
    assert_snapshot!(rpcctl("list demo: --timeout -1s").run(), @"
    ------- stderr -------
    error: invalid value '-1s' for '--timeout <DURATION>': it must be longer than nothing

    For more information, try '--help'.
    [exit 2]
    ");
    assert_snapshot!(rpcctl("list demo: --timeout 0").run(), @"
    ------- stderr -------
    error: invalid value '0' for '--timeout <DURATION>': it must be longer than nothing

    For more information, try '--help'.
    [exit 2]
    ");
    assert_snapshot!(rpcctl("list demo: --connect-timeout 5parsecs").run(), @"
    ------- stderr -------
    error: invalid value '5parsecs' for '--connect-timeout <DURATION>': write a duration such as 5s, 300ms, 1m30s or 2.5 (seconds)

    For more information, try '--help'.
    [exit 2]
    ");
    assert_eq!(rpcctl("list demo: --connect-timeout 5").run().code, Some(0));
}

#[test]
#[cfg(target_os = "linux")]
fn output_that_cannot_be_written() {
    for words in ["--help", "call --help", "--version", "completions bash", "man", "list demo:"] {
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let mut command = std::process::Command::new(program());
        let output = command.args(words.split(' ')).stdout(full).output().unwrap();
        assert_eq!(
            String::from_utf8_lossy(&output.stderr),
            "error: cannot write the output: No space left on device\n",
            "{words}"
        );
        assert_eq!(output.status.code(), Some(1), "{words}");
        assert_eq!(rpcctl(words).reading_only(0).run().code, Some(0), "{words}");
    }
}

#[test]
fn pages_that_cannot_be_written_are_named() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("file"), "").unwrap();
    assert_snapshot!(rpcctl("man --write file/man1").within(directory.path()).run(), @"
    ------- stderr -------
    error: cannot write file/man1
      caused by: Not a directory
    [exit 1]
    ");
}

#[test]
fn a_name_that_is_not_there_is_answered_with_what_is_near_and_the_servers() {
    assert_snapshot!(rpcctl("describe demo: Nope").run(), @r#"
    ------- stderr -------
    error: there is no symbol "Nope"
    hint: see what there is: rpcctl list demo:
    [exit 1]
    "#);
    assert_snapshot!(rpcctl("call demo: Hello/SayHello").run(), @r#"
    ------- stderr -------
    error: there is no method "Hello/SayHello"
    hint: did you mean hello.HelloService/SayHello?
    hint: see what there is: rpcctl list demo:
    [exit 1]
    "#);
    assert_eq!(rpcctl("call demo: hello.HelloService/SayHello/").run().code, Some(0));
}

#[test]
fn a_package_is_described_by_all_that_is_in_it() {
    assert_snapshot!(rpcctl("describe demo: hello").run(), @r#"
    // hello.HelloService is a service in hello/hello.proto

    // The smallest service there is: a name goes in, a greeting comes out.
    service HelloService {
      // Answers "Hello, NAME". An empty name is greeted as "world".
      rpc SayHello(.hello.HelloRequest) returns (.hello.HelloReply);
    }

    // hello.HelloRequest is a message in hello/hello.proto

    // Who is to be greeted.
    message HelloRequest {
      // The name to greet; "world" when empty.
      string name = 1;
    }

    // hello.HelloReply is a message in hello/hello.proto

    // The greeting.
    message HelloReply {
      // "Hello, " followed by the name.
      string message = 1;
    }
    [exit 0]
    "#);
    let json = rpcctl("describe demo: demo.v1 -o json").run().text();
    let all: Vec<serde_json::Value> = serde_json::from_str(&json).unwrap();
    assert!(all.iter().all(|one| one["name"].as_str().unwrap().starts_with("demo.v1.")) && all.len() > 10);
}

#[test]
fn a_request_that_does_not_fit_is_answered_with_what_would() {
    let echo = |data: &str| rpcctl("call demo: demo.v1.Demo/Echo").data(data).run();
    assert_snapshot!(echo(r#"{"xyzzy": 1}"#), @r#"
    ------- stderr -------
    error: -d: line 1 column 2: unknown field "xyzzy" of demo.v1.Everything
    hint: see its fields: rpcctl describe demo: demo.v1.Everything
    [exit 2]
    "#);
    assert_snapshot!(echo(r#"{"any": {"@type": "type.googleapis.com/no.Such"}}"#), @"
    ------- stderr -------
    error: -d: any.@type at line 1 column 19: message type no.Such is not known
    hint: give the file that defines no.Such: --proto FILE, or --descriptor-set FILE
    [exit 2]
    ");
    assert_snapshot!(rpcctl("call demo: demo.v1.Demo/Sum").data(r#"{"xyzzy": 1}"#).run(), @r#"
    ------- stderr -------
    error: -d: line 1 column 2: unknown field "xyzzy" of demo.v1.SumRequest, which has "number"
    [exit 2]
    "#);
    assert_snapshot!(rpcctl("call demo: demo.v1.Demo/Sum -i text").data("number: 1\n xyzzy: 1").run(), @r#"
    ------- stderr -------
    error: -d: line 2 column 2: unknown field "xyzzy" of demo.v1.SumRequest, which has "number"
    [exit 2]
    "#);
    assert_snapshot!(rpcctl("call demo: demo.v1.Demo/Sum -i text").data("numbre: 1").run(), @r#"
    ------- stderr -------
    error: -d: line 1 column 1: unknown field "numbre" of demo.v1.SumRequest, did you mean "number"?
    [exit 2]
    "#);
}

#[test]
fn a_path_that_is_taken_for_a_prefix_is_named() {
    let demo = Demo::plain();
    let url = format!("http://{}/foo/bar", demo.address);
    assert_snapshot!(rpcctl("list").arg(&url).run(), @"
    ------- stderr -------
    error: the server does not offer reflection (UNIMPLEMENTED: unknown service foo)
    hint: give the schema with --proto FILE or --descriptor-set FILE instead
    hint: it was called under the prefix /foo/bar: in a URL, the path before a method's name is one
    [exit 1]
    ");
}

#[test]
fn a_refusal_of_reflection_has_its_own_exit_code() {
    let demo = Demo::with("--token secret");
    assert_snapshot!(demo.rpcctl("list", "").run(), @"
    ------- stderr -------
    error: the server refused reflection (UNAUTHENTICATED: no token: send authorization: Bearer TOKEN)
    hint: credentials go along with --bearer TOKEN, -u USER, or -H 'authorization: …'
    hint: give the schema with --proto FILE or --descriptor-set FILE instead
    [exit 80]
    ");
}
