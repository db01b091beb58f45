//! Colours: nowhere but on a terminal unless they are asked for, and the plain text with escapes in it where they are.

use insta::assert_snapshot;

use crate::common::{Demo, Output, Rpcctl, rpcctl};

/// Without the escapes of colours.
fn plain(bytes: &[u8]) -> String {
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    let mut parts = text.split("\u{1b}[");
    let mut plain = parts.next().unwrap().to_owned();
    parts.for_each(|part| plain.push_str(part.split_once('m').unwrap().1));
    plain
}

fn has_colors(bytes: &[u8]) -> bool {
    bytes.contains(&0x1b)
}

/// What is printed in colours is what is printed without them.
fn in_colors(run: impl Fn() -> Rpcctl) -> Output {
    let painted = run().args("--color always").run();
    let unpainted = run().run();
    assert!(!has_colors(&unpainted.stdout) && !has_colors(&unpainted.stderr), "{unpainted}");
    assert_eq!(plain(&painted.stdout), String::from_utf8_lossy(&unpainted.stdout), "{painted}");
    assert_eq!(painted.code, unpainted.code);
    painted
}

#[test]
fn answers_errors_and_the_talk_have_colours() {
    let hello = || rpcctl("call demo: HelloService/SayHello").data(r#"{"name":"a\u001b[31mb"}"#);
    assert_snapshot!(in_colors(hello).text().replace('\u{1b}', "^"), @r#"
    {
      ^[1m^[34m"message"^[0m: ^[32m"Hello, a\u001b[31mb"^[0m
    }
    "#);
    in_colors(|| rpcctl("call demo: Demo/CountDown -o jsonl").data(r#"{"from":3}"#));
    assert!(has_colors(&in_colors(|| hello().args("--jq .message")).stdout));
    // What is no JSON has none.
    for words in ["-o text", "-o none", "-o table"] {
        assert!(!has_colors(&in_colors(|| hello().args(words)).stdout), "{words}");
    }
    let raw = || rpcctl("call demo: HelloService/SayHello --raw --jq .message");
    assert!(!has_colors(&in_colors(raw).stdout));
    let failed = in_colors(|| rpcctl("call demo: Demo/Fail").data(r#"{"code":"ABORTED","message":"no"}"#));
    assert_eq!(failed.talk().replace('\u{1b}', "^"), "^[1m^[31merror:^[0m ABORTED (10): no\n");
    let unknown = in_colors(|| rpcctl("call demo: Demo/Nope"));
    assert_eq!(plain(&unknown.stderr), rpcctl("call demo: Demo/Nope").run().talk());
    assert!(unknown.talk().contains("\u{1b}[1m\u{1b}[32mhint:\u{1b}[0m "), "{unknown}");
    let told = rpcctl("call demo: Demo/Sum -v --color always").run().talk();
    assert!(told.contains("\u{1b}[90m>\u{1b}[0m \u{1b}[1m\u{1b}[34mte\u{1b}[0m: trailers\n"), "{told}");
}

#[test]
fn a_document_of_a_call_has_colours_and_is_one_still() {
    let output = rpcctl("call demo: Demo/Sum -o exchange --color always").run();
    assert!(has_colors(&output.stdout));
    let document: serde_json::Value = serde_json::from_str(&plain(&output.stdout)).unwrap();
    assert_eq!(document["ended"], "status");
}

#[test]
fn schemas_have_colours() {
    let demo = Demo::plain();
    in_colors(|| demo.rpcctl("describe", "demo.v1.Everything"));
    in_colors(|| demo.rpcctl("describe", ""));
    for words in
        ["describe -o json demo.v1.Demo", "describe --template demo.v1.Everything", "list -o json -l"]
    {
        let (verb, words) = words.split_once(' ').unwrap();
        assert!(has_colors(&in_colors(|| demo.rpcctl(verb, words)).stdout), "{words}");
    }
    let source = in_colors(|| demo.rpcctl("describe", "hello.HelloRequest"));
    assert_snapshot!(source.text().replace('\u{1b}', "^"), @r#"
    ^[90m// hello.HelloRequest is a message in hello/hello.proto^[0m

    ^[90m// Who is to be greeted.^[0m
    ^[35mmessage^[0m ^[1mHelloRequest^[0m {
      ^[90m// The name to greet; "world" when empty.^[0m
      ^[36mstring^[0m name = ^[36m1^[0m;
    }
    "#);
    // Rows for programs are as they are for programs.
    assert!(!has_colors(&in_colors(|| demo.rpcctl("list", "-l")).stdout));
    let go = Demo::start(rpcctl("serve-demo --netrpc 127.0.0.1:0"));
    let go = format!("netrpc+http://{}", go.address.trim_start_matches("netrpc://"));
    assert!(!has_colors(&rpcctl("describe --color always").arg(go).run().stderr));
}

#[test]
fn the_environment_and_the_flag_say_when() {
    let colored = |run: Rpcctl| {
        let output = run.args("HelloService/SayHello").run();
        assert_eq!(output.code, Some(0), "{output}");
        has_colors(&output.stdout)
    };
    let call = || rpcctl("call demo:");
    assert!(!colored(call()) && !colored(call().args("--color auto")));
    assert!(colored(call().args("--color always").env("NO_COLOR", "1")));
    assert!(colored(call().env("CLICOLOR_FORCE", "1")));
    assert!(!colored(call().env("CLICOLOR_FORCE", "1").env("NO_COLOR", "1")));
    assert!(colored(call().env("CLICOLOR_FORCE", "1").env("NO_COLOR", "")));
    assert!(!colored(call().env("CLICOLOR_FORCE", "0")));
    assert!(!colored(call().env("CLICOLOR_FORCE", "1").args("--color never")));
    // Before the verb, too.
    assert!(colored(rpcctl("--color always call demo:")));
    assert!(colored(rpcctl("--color=always -o json call demo:")));
}

#[test]
fn help_and_usage_errors_follow_the_same_choice() {
    for words in ["--help", "call -h", "list --help"] {
        let shown = |more: &str| rpcctl(words).args(more).run().stdout;
        assert!(has_colors(&shown("--color always")), "{words}");
        assert!(!has_colors(&shown("")) && !has_colors(&shown("--color never")), "{words}");
        assert!(has_colors(&rpcctl("--color=always").args(words).run().stdout), "{words}");
        assert!(has_colors(&rpcctl(words).env("CLICOLOR_FORCE", "1").run().stdout), "{words}");
    }
    let wrong = |more: &str| rpcctl("list --no-such").args(more).run().stderr;
    assert!(has_colors(&wrong("--color always")) && !has_colors(&wrong("")));
    let grpcurl = rpcctl("-plaintext localhost:1 list --color=always").run();
    assert_eq!(grpcurl.code, Some(2), "{grpcurl}");
}
