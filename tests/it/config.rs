//! Configuration files: what they say to a command, what is wrong in them, and whom they are believed of.

use std::fs;
use std::path::{Path, PathBuf};

use insta::assert_snapshot;
use tempfile::TempDir;

use crate::common::{Demo, Output, Rpcctl, rpcctl};

/// A home with a configuration, and a folder below it to work in.
struct Home {
    _folder: TempDir,
    path: PathBuf,
}

impl Home {
    fn new(config: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = fs::canonicalize(folder.path()).unwrap();
        let home = Self { _folder: folder, path };
        home.write(".config/rpcctl/config.toml", config);
        fs::create_dir_all(home.path.join("work/deep")).unwrap();
        home
    }

    /// A home without a configuration, and one in the folder.
    fn with_folder(config: &str) -> Self {
        let home = Self::new("");
        home.write("work/.rpcctl.toml", config);
        home
    }

    fn write(&self, file: &str, text: &str) {
        let path = self.path.join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn rpcctl(&self, words: &str) -> Rpcctl {
        rpcctl(words).env("HOME", &self.path).within(&self.path.join("work/deep"))
    }

    /// A run, with `HOME` in the place of the folder's path.
    fn run(&self, words: &str) -> String {
        self.shown(&self.rpcctl(words).run())
    }

    fn shown(&self, output: &Output) -> String {
        output.to_string().replace(&self.path.display().to_string(), "HOME")
    }
}

/// The values of a header that reached the server.
fn sent(output: &Output, name: &str) -> Vec<String> {
    let begin = format!("{{\"name\":\"{name}\",\"text\":\"");
    let text = output.text();
    text.split(&begin).skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()).collect()
}

const ECHO: &str = "call demo.v1.Demo/EchoMetadata";

#[test]
fn a_profile_says_what_is_not_typed() {
    let home = Home::new(
        "\
[profiles.base]
output = 'jsonl'
header = { x-team = 'payments', x-who = 'base' }

[profiles.demo]
inherits = 'base'
address = 'demo:'
bearer = 'env:TOKEN'

[profiles.demo.header]
X-Who = 'demo'
",
    );
    let echo = |words: &str| home.rpcctl(ECHO).args(words).env("TOKEN", "t");
    let output = echo("--profile demo").run();
    assert_eq!(sent(&output, "authorization"), ["Bearer t"], "{output}");
    assert_eq!(sent(&output, "x-team"), ["payments"]);
    assert_eq!(sent(&output, "x-who"), ["demo"]);
    let output = echo("").env("RPCCTL_PROFILE", "demo").run();
    assert_eq!(sent(&output, "x-who"), ["demo"], "{output}");

    let output = echo("--profile demo -H x-who:typed -u a:b").run();
    assert_eq!(sent(&output, "authorization"), ["Basic YTpi"], "{output}");
    assert_eq!(sent(&output, "x-who"), ["typed"]);
    assert_eq!(sent(&output, "x-team"), ["payments"]);
    let output = echo("--profile demo").env("RPCCTL_TOKEN", "env").run();
    assert_eq!(sent(&output, "authorization"), ["Bearer env"], "{output}");
    assert!(echo("--profile demo -o json").run().text().starts_with("{\n"));
    assert!(echo("--profile demo --format text").run().text().starts_with("entries {"));
    assert_eq!(home.rpcctl("list --profile demo").env("TOKEN", "t").run().text().lines().count(), 6);
}

#[test]
fn a_server_that_was_named_is_called_rather_than_a_profiles() {
    let demo = Demo::plain();
    let home = Home::new("address = 'localhost:1'\nauthority = 'a.example'\n");
    let list = |words: &str| home.rpcctl("list").args(words);
    assert_eq!(list(&demo.address).run().code, Some(0));
    assert_eq!(list("").arg("-a").arg(&demo.address).run().code, Some(0));
    assert_eq!(list("").env("RPCCTL_ADDRESS", &demo.address).run().code, Some(0));
    assert_snapshot!(home.run("list"), @"
    ------- stderr -------
    error: cannot connect to localhost:1
      caused by: Connection refused
    hint: nothing listens there: check host and port; rpcctl serve-demo starts a server to try
    hint: localhost:1 is what ~/.config/rpcctl/config.toml:1 says
    [exit 1]
    ");
}

#[test]
fn plaintext_and_tls_yield_to_what_was_typed() {
    let (plain, tls) = (Demo::plain(), Demo::with("--tls"));
    let home =
        Home::new("[profiles.tls]\ntls = true\ncacert = 'none.pem'\n[profiles.plain]\nplaintext = true\n");
    let code = |words: &str, server: &str| home.rpcctl("list").args(words).arg(server).run().code;
    assert_eq!(code("--profile plain --insecure", &tls.address), Some(0));
    assert_eq!(code("--profile plain", &format!("https://localhost:{}", tls.port())), Some(1));
    assert_eq!(code("--profile tls --insecure", &tls.address), Some(0));
    assert_eq!(code("--profile tls --plaintext", &plain.address), Some(0));
    assert_eq!(code("--profile tls", &format!("http://{}", plain.address)), Some(0));
    assert_eq!(code("--profile tls", "demo:"), Some(0));
}

#[test]
fn files_are_found_from_the_file_that_names_them() {
    let home = Home::with_folder("import-path = 'api'\nproto = 'orders/orders.proto'\n");
    home.write(
        "work/api/orders/orders.proto",
        "syntax = \"proto3\"; package o; import \"orders/m.proto\"; service S { rpc M(E) returns (E); }",
    );
    home.write("work/api/orders/m.proto", "syntax = \"proto3\"; package o; message E {}");
    home.write("work/other.proto", "syntax = \"proto3\"; package x; service T {}");
    assert_snapshot!(home.run("list"), @"
    o.S
    [exit 0]
    ");
    assert_snapshot!(home.run("call demo: Demo/Echo"), @r#"
    ------- stderr -------
    error: there is no method "Demo/Echo"
    hint: see what there is: rpcctl list demo:
    hint: the schema is what ~/work/.rpcctl.toml:2 says; to ask the server first: --reflection auto
    [exit 1]
    "#);
    assert_eq!(home.rpcctl("call demo: Demo/Echo --reflection auto").run().code, Some(0));
    // What was typed replaces the list.
    assert_snapshot!(home.run("list --proto ../other.proto"), @"
    x.T
    [exit 0]
    ");
}

/// A folder's file decides what a server is said to offer: that is not to be taken for the server's word.
#[test]
fn a_server_that_was_named_and_is_not_asked_is_told() {
    let home = Home::with_folder("proto = 'o.proto'\n");
    home.write("work/o.proto", "syntax = \"proto3\"; package o; service S {}");
    assert_snapshot!(home.run("list demo:"), @"
    o.S
    ------- stderr -------
    note: the schema is what ~/work/.rpcctl.toml:1 says; to ask the server first: --reflection auto
    [exit 0]
    ");
    assert_snapshot!(home.run("describe -a demo: o.S"), @"
    // o.S is a service in o.proto
    service S {}
    ------- stderr -------
    note: the schema is what ~/work/.rpcctl.toml:1 says; to ask the server first: --reflection auto
    [exit 0]
    ");
    assert_snapshot!(home.shown(&home.rpcctl("list").env("RPCCTL_ADDRESS", "localhost:1").run()), @"
    o.S
    ------- stderr -------
    note: the schema is what ~/work/.rpcctl.toml:1 says; to ask the server first: --reflection auto
    [exit 0]
    ");
    // Nobody named a server, or somebody named the files, or the server is asked.
    assert_snapshot!(home.run("list"), @"
    o.S
    [exit 0]
    ");
    assert_snapshot!(home.run("list demo: --proto ../o.proto"), @"
    o.S
    [exit 0]
    ");
    let asked = home.run("list demo: --reflection auto");
    assert!(asked.contains("hello.HelloService\n") && !asked.contains("note:"), "{asked}");
    let export = home.run("export demo: -o -");
    assert!(export.contains("note: the schema is what ~/work/.rpcctl.toml:1 says"), "{export}");
}

#[test]
fn settings_that_mean_nothing_to_a_verb_or_a_server_are_passed_over() {
    let demo = Demo::start(rpcctl("serve-demo --netrpc 127.0.0.1:0"));
    let home = Home::new(
        "reflection = 'v1'\nauthority = 'a.example'\noutput = 'text'\nemit-defaults = true\nheader.x = 'y'\nrpc-header.z = 'env:NOT_SET'\n",
    );
    assert_eq!(home.rpcctl("list demo:").run().code, Some(0));
    let home = Home::new("output = 'text'\nlist-output = 'table'\n");
    assert_eq!(home.rpcctl("describe demo: hello").run().code, Some(0));
    assert!(home.rpcctl("list demo:").run().text().starts_with("METHOD"));
    assert_eq!(
        home.rpcctl("call demo: HelloService/SayHello --jq .message").run().text(),
        "\"Hello, world\"\n"
    );
    let server = format!("netrpc://localhost:{}", demo.port());
    let home = Home::new("reflection = 'v1'\nauthority = 'a.example'\noutput = 'text'\nheader.x = 'y'\n");
    let output =
        home.rpcctl("call").arg(server).args("Arith.Multiply -o jsonl").data(r#"{"A":6,"B":7}"#).run();
    assert_eq!((output.code, output.text().as_str()), (Some(0), "42\n"), "{output}");
}

#[test]
fn hints_repeat_the_profile_and_not_what_it_says() {
    let home =
        Home::new("[profiles.p]\naddress = 'demo:'\nreflection = 'v1'\nheader.x = 'y'\nbearer = 's3cret'\n");
    assert_snapshot!(home.run("call --profile p hello.HelloService/Nope"), @r#"
    ------- stderr -------
    error: hello.HelloService has no method "Nope"
    hint: see what there is: rpcctl list demo: --profile p hello.HelloService
    [exit 1]
    "#);
}

#[test]
fn what_is_wrong_in_a_file_is_told_by_file_line_and_key() {
    let list = |config: &str| Home::new(config).run("list demo:");
    assert_snapshot!(list("\nadress = 'x'"), @"
    ------- stderr -------
    error: HOME/.config/rpcctl/config.toml:2: there is no key adress, did you mean address?
    [exit 2]
    ");
    assert_snapshot!(list("timeout = 'soon'"), @r#"
    ------- stderr -------
    error: HOME/.config/rpcctl/config.toml:1: timeout = "soon": write a duration such as 5s, 300ms, 1m30s or 2.5 (seconds)
    [exit 2]
    "#);
    assert_snapshot!(list("reflection = 'v3'"), @r#"
    ------- stderr -------
    error: HOME/.config/rpcctl/config.toml:1: reflection = "v3": it is one of auto, v1, v1alpha, off
    [exit 2]
    "#);
    assert_snapshot!(list("tls = 'yes'"), @"
    ------- stderr -------
    error: HOME/.config/rpcctl/config.toml:1: tls is true or false, and not a text
    [exit 2]
    ");
    assert_snapshot!(list("bearer = s3cret"), @r#"
    ------- stderr -------
    error: HOME/.config/rpcctl/config.toml:1: string values must be quoted, expected literal string
    [exit 2]
    "#);
    assert_snapshot!(list("[header]\nte = 'x'"), @r#"
    ------- stderr -------
    error: HOME/.config/rpcctl/config.toml:2: header.te: "te" is set by the protocol itself and can't be given as a header
    [exit 2]
    "#);
    assert_snapshot!(Home::new("tls = true\nplaintext = true").run("list h:1"), @"
    ------- stderr -------
    error: HOME/.config/rpcctl/config.toml:2: plaintext and tls (line 1) contradict each other
    [exit 2]
    ");
    assert_snapshot!(Home::new("key = 'k.pem'").run("list localhost:1"), @"
    ------- stderr -------
    error: HOME/.config/rpcctl/config.toml:1: key: there is no cert that it is the key of
    [exit 2]
    ");
    assert_snapshot!(Home::new("address = 'ftp://x'").run("list"), @"
    ------- stderr -------
    error: ~/.config/rpcctl/config.toml:1: address: ftp:// is not known: write HOST:PORT, http://HOST:PORT (plaintext), https://HOST:PORT (TLS), unix:PATH or demo:
    [exit 2]
    ");
}

#[test]
fn profiles_that_are_not_there() {
    let home = Home::new("[profiles.staging]\ninherits = 'bas'\n[profiles.base]\ninherits = 'base'\n");
    assert_snapshot!(home.run("list --profile stagin demo:"), @r#"
    ------- stderr -------
    error: --profile: there is no profile "stagin", did you mean "staging"?
    hint: the profiles are base, staging
    [exit 2]
    "#);
    assert_snapshot!(home.run("list --profile staging demo:"), @r#"
    ------- stderr -------
    error: HOME/.config/rpcctl/config.toml:2: inherits: there is no profile "bas", did you mean "base"?
    hint: the profiles are base, staging
    [exit 2]
    "#);
    assert_snapshot!(home.run("list --profile base demo:"), @"
    ------- stderr -------
    error: HOME/.config/rpcctl/config.toml:4: a profile can't inherit from itself: base inherits from base
    [exit 2]
    ");
    assert_snapshot!(home.shown(&home.rpcctl("list demo:").env("RPCCTL_PROFILE", "nope").run()), @r#"
    ------- stderr -------
    error: RPCCTL_PROFILE: there is no profile "nope"
    hint: the profiles are base, staging
    [exit 2]
    "#);
    assert_snapshot!(Home::new("profile = 'nope'").run("list demo:"), @r#"
    ------- stderr -------
    error: HOME/.config/rpcctl/config.toml:1: profile: there is no profile "nope"
    [exit 2]
    "#);
    assert_snapshot!(rpcctl("list --profile p demo:").run(), @r#"
    ------- stderr -------
    error: --profile: there is no profile "p"
    hint: profiles stand in a file: --config FILE, or one in ~/.config/rpcctl
    [exit 2]
    "#);
}

#[test]
fn one_file_may_stand_for_all() {
    let home = Home::new("address = 'localhost:1'\n");
    home.write("work/.rpcctl.toml", "nonsense");
    home.write("other.toml", "address = 'demo:'\n");
    let output = home.rpcctl("list --config").arg(home.path.join("other.toml")).run();
    assert_eq!(output.code, Some(0), "{output}");
    assert_eq!(home.rpcctl("list demo: --config /dev/null").run().code, Some(0));
    assert_snapshot!(home.run("list demo: --config none.toml"), @"
    ------- stderr -------
    error: cannot read none.toml
      caused by: No such file or directory
    [exit 1]
    ");
}

#[test]
fn a_folder_that_is_not_trusted_says_nothing_of_whom_to_call_and_what_to_send() {
    let demo = Demo::plain();
    let home = Home::with_folder(
        "profile = 'p'\noutput = 'jsonl'\n[profiles.p]\naddress = 'localhost:1'\nheader.x = 'y'\n",
    );
    let call = |words: &str| home.rpcctl(ECHO).args(words).env("RPCCTL_ADDRESS", &demo.address);
    assert_snapshot!(home.shown(&call("").run()), @r#"
    {"entries":[{"name":"user-agent","text":"rpcctl/0.1.0"}]}
    ------- stderr -------
    warning: ~/work/.rpcctl.toml is not trusted, and this in it does not count: profile; read it, and then: rpcctl config trust
    [exit 0]
    "#);
    assert_snapshot!(home.shown(&call("--profile p").run()), @r#"
    {"entries":[{"name":"user-agent","text":"rpcctl/0.1.0"}]}
    ------- stderr -------
    warning: ~/work/.rpcctl.toml is not trusted, and this in it does not count: header.x; read it, and then: rpcctl config trust
    [exit 0]
    "#);
    assert_snapshot!(home.run("config trust"), @"
    ------- stderr -------
    ~/work/.rpcctl.toml is trusted, as it is now
    this in it counts now: profile, profiles.p.address, profiles.p.header.x
    [exit 0]
    ");
    let output = call("").run();
    assert_eq!((sent(&output, "x"), output.talk().as_str()), (vec!["y".to_owned()], ""), "{output}");
    assert_snapshot!(home.run("config trust --list"), @"
    HOME/work/.rpcctl.toml
    [exit 0]
    ");
    // A change is not trusted.
    home.write("work/.rpcctl.toml", "bearer = 'other'\noutput = 'jsonl'");
    let output = call("").run();
    assert!(output.talk().contains("does not count: bearer;"), "{output}");
    assert_snapshot!(home.run("config trust --list"), @"
    HOME/work/.rpcctl.toml
    ------- stderr -------
    HOME/work/.rpcctl.toml has changed since, and is not trusted
    [exit 0]
    ");
    assert_snapshot!(home.run("config untrust .."), @"
    ------- stderr -------
    ../.rpcctl.toml is no longer trusted
    [exit 0]
    ");
    assert_snapshot!(home.run("config trust --list"), @"
    ------- stderr -------
    (nothing is trusted)
    [exit 0]
    ");
}

#[test]
fn a_folder_runs_no_commands() {
    let home = Home::with_folder("bearer = 'command:touch ran; echo t'\n");
    let why =
        "/work/.rpcctl.toml:1: bearer: a command may stand in your own configuration only, not in a folder's";
    for (words, begin, end) in [
        ("list demo:", "warning: ~", "[exit 0]"),
        ("config show", "warning: ~", "[exit 0]"),
        ("config trust", "error: HOME", "[exit 2]"),
        ("config check", "HOME", "[exit 2]"),
    ] {
        let told = home.run(words);
        assert!(told.contains(&format!("{begin}{why}")) && told.ends_with(end), "{told}");
    }
    assert!(!home.path.join("work/ran").exists());
}

/// A folder that was cloned stops nothing; what the user vouches for is to be mended.
#[test]
fn a_folder_that_makes_no_sense_is_left_out_where_it_is_not_trusted() {
    for (text, why) in [
        ("output = ", "1: string values must be quoted, expected literal string"),
        ("output = 'jsonl'\nadress = 'x'", "2: there is no key adress, did you mean address?"),
        ("output = true", "1: output is a text, and not true or false"),
        (
            "output = 'jsonl'\n[profiles.p]\ninherits = 1",
            "3: inherits is the name of a profile, and not a number",
        ),
        ("int64-numbers = true\noutput = 'xml'", "2: output = \"xml\": it is one of"),
        ("[profiles.p]\nreflection = 'v3'", "2: reflection = \"v3\": it is one of auto, v1, v1alpha, off"),
    ] {
        let home = Home::with_folder(text);
        let output = home.rpcctl("call demo: HelloService/SayHello").run();
        let told = output.talk();
        assert!(told.starts_with(&format!("warning: ~/work/.rpcctl.toml:{why}")), "{output}");
        assert!(
            told.ends_with("; so nothing in this file counts\n") && told.lines().count() == 1,
            "{output}"
        );
        assert_eq!(
            (output.text().as_str(), output.code),
            ("{\n  \"message\": \"Hello, world\"\n}\n", Some(0))
        );
        // What is typed is one's own, and so is what is trusted.
        let named = home.run("call demo: HelloService/SayHello --config ../.rpcctl.toml --profile p");
        assert!(named.contains("error: ") && named.ends_with("[exit 2]"), "{named}");
        let shown = home.rpcctl("config show").run();
        assert!(shown.talk() == told && !shown.text().contains("/work/"), "{shown}");
        let checked = home.run("config check");
        assert!(checked.starts_with(&format!("HOME/work/.rpcctl.toml:{why}")), "{checked}");
        assert!(checked.ends_with("[exit 2]"), "{checked}");
    }
    let home = Home::with_folder("[profiles.p]\noutput = true\n");
    assert_snapshot!(home.run("list demo: --profile p"), @r#"
    ------- stderr -------
    error: --profile: there is no profile "p"
    hint: ~/work/.rpcctl.toml:2: output is a text, and not true or false; so nothing in this file counts
    hint: there are no profiles in ~/.config/rpcctl/config.toml
    [exit 2]
    "#);
}

#[test]
fn a_folder_that_is_trusted_is_to_be_mended() {
    let home = Home::with_folder("output = 'xml'\n");
    assert_eq!(home.rpcctl("config trust").run().code, Some(0));
    assert_snapshot!(home.run("call demo: HelloService/SayHello"), @r#"
    ------- stderr -------
    error: HOME/work/.rpcctl.toml:1: output = "xml": it is one of json, jsonl, table, yaml, text, exchange, binary, none
    [exit 2]
    "#);
}

#[test]
fn a_folder_that_cannot_be_read_is_left_out() {
    let home = Home::with_folder("");
    fs::write(home.path.join("work/.rpcctl.toml"), vec![b'#'; (1 << 20) + 1]).unwrap();
    assert_snapshot!(home.run("list demo: hello.HelloService"), @"
    hello.HelloService/SayHello
    ------- stderr -------
    warning: ~/work/.rpcctl.toml: it can't be read: it is larger than 1 MiB; so nothing in this file counts
    [exit 0]
    ");
    assert_snapshot!(home.run("config check"), @"
    HOME/work/.rpcctl.toml: it can't be read: it is larger than 1 MiB
    ------- stderr -------
    ~/work/.rpcctl.toml (the folder's, not trusted): 1 thing is wrong
    ~/.config/rpcctl/config.toml (yours): nothing is wrong
    [exit 2]
    ");
}

#[cfg(target_os = "linux")]
#[test]
fn a_folder_that_is_not_trusted_names_no_devices() {
    let home = Home::with_folder("proto = ['zero.proto', 'b.proto']\n");
    std::os::unix::fs::symlink("/dev/zero", home.path.join("work/zero.proto")).unwrap();
    assert_snapshot!(home.run("list demo: hello.HelloService"), @"
    hello.HelloService/SayHello
    ------- stderr -------
    warning: ~/work/.rpcctl.toml:1: proto: HOME/work/zero.proto is no regular file; so nothing in this file counts
    [exit 0]
    ");
    assert_eq!(home.rpcctl("config trust").run().code, Some(0));
    assert_snapshot!(home.run("list demo: hello.HelloService"), @"
    ------- stderr -------
    note: the schema is what ~/work/.rpcctl.toml:1 says; to ask the server first: --reflection auto
    error: there is no file b.proto, here or below an import path
    [exit 1]
    ");
}

#[test]
fn check_follows_profiles_of_a_folder_that_is_not_trusted() {
    let home = Home::with_folder("[profiles.p]\ninherits = 'nope'\n[profiles.q]\ninherits = 'q'\n");
    assert_snapshot!(home.run("config check"), @r#"
    HOME/work/.rpcctl.toml:2: inherits: there is no profile "nope"
    HOME/work/.rpcctl.toml:4: a profile can't inherit from itself: q inherits from q
    ------- stderr -------
    ~/work/.rpcctl.toml (the folder's, not trusted): 2 things are wrong
    ~/.config/rpcctl/config.toml (yours): nothing is wrong
    [exit 2]
    "#);
    assert_eq!(home.rpcctl("list demo: --profile p").run().code, Some(0));
}

#[test]
fn there_may_be_nothing_to_trust() {
    assert_snapshot!(Home::new("").run("config trust"), @"
    ------- stderr -------
    error: there is no .rpcctl.toml here, or in a folder above
    [exit 1]
    ");
    let home = Home::with_folder("proto = 'a.proto'");
    assert_snapshot!(home.run("config trust"), @"
    ------- stderr -------
    ~/work/.rpcctl.toml is trusted, as it is now
    there is nothing in it that would not count without
    [exit 0]
    ");
}

#[test]
fn secrets_are_fetched_where_a_file_says() {
    let home = Home::new(
        "\
[profiles.a]
bearer = 'command:printf %s to; cat part'
[profiles.b]
bearer = 'file:~/token'
[profiles.c]
header.authorization = 'env:AUTH'
[profiles.d]
expand-headers = true
header = { authorization = 'Bearer ${AUTH}', x = 'env:RAW' }
[profiles.e]
user = 'alice:open'
[profiles.f]
user = 'alice'
",
    );
    home.write(".config/rpcctl/part", "ken\n");
    home.write("token", "token\n\n");
    let echo = |profile: &str| {
        let echo = home.rpcctl("call demo: demo.v1.Demo/EchoMetadata -o jsonl --profile").arg(profile);
        echo.env("AUTH", "token").env("RAW", "${AUTH}").run()
    };
    for (profile, value) in [
        ("a", "Bearer token"),
        ("b", "Bearer token"),
        ("c", "token"),
        ("d", "Bearer token"),
        ("e", "Basic YWxpY2U6b3Blbg=="),
    ] {
        let output = echo(profile);
        assert_eq!(sent(&output, "authorization"), [value], "{output}");
    }
    assert_snapshot!(home.shown(&echo("f")), @"
    ------- stderr -------
    error: HOME/.config/rpcctl/config.toml:13: user alice has no password, and there is no terminal to ask for it
    [exit 2]
    ");
    // A variable's value is not read again.
    assert_eq!(sent(&echo("d"), "x"), ["${AUTH}"]);
}

#[test]
fn secrets_that_are_not_to_be_had() {
    let list = |bearer: &str| Home::new(&format!("bearer = '{bearer}'\n")).run("list demo:");
    assert_snapshot!(list("env:NOT_SET"), @"
    ------- stderr -------
    error: HOME/.config/rpcctl/config.toml:1: bearer: the environment variable NOT_SET is not set
    [exit 2]
    ");
    assert_snapshot!(list("file:none"), @"
    ------- stderr -------
    error: HOME/.config/rpcctl/config.toml:1: bearer: cannot read HOME/.config/rpcctl/none
      caused by: No such file or directory
    [exit 1]
    ");
    assert_snapshot!(list("command:echo not in the store >&2; exit 3"), @"
    ------- stderr -------
    error: HOME/.config/rpcctl/config.toml:1: bearer: the command failed: it exited with 3
      caused by: not in the store
    [exit 1]
    ");
    assert_snapshot!(list("command:true"), @"
    ------- stderr -------
    error: HOME/.config/rpcctl/config.toml:1: bearer: the command printed nothing
    [exit 1]
    ");
    assert_snapshot!(list("s3cret s3cret"), @"
    ------- stderr -------
    error: HOME/.config/rpcctl/config.toml:1: bearer: a token has no blanks, line breaks or characters beyond ASCII in it
    [exit 2]
    ");
}

#[test]
fn secrets_of_what_is_replaced_are_not_fetched() {
    let home = Home::new("bearer = 'command:false'\nheader.x-token = 'env:NOT_SET'\nheader.x = '1'\n");
    for words in ["--bearer t -H x-token:u", "-u a:b -H x-token:u", "-H authorization:v -H x-token:u"] {
        let output = home.rpcctl("call demo: demo.v1.Demo/EchoMetadata").args(words).run();
        assert_eq!(output.code, Some(0), "{words}: {output}");
    }
}

#[test]
fn credentials_stay_with_the_server_they_stand_beside() {
    let demo = Demo::plain();
    let home = Home::new(
        "profile = 'p'\n[profiles.p]\naddress = 'demo:'\nbearer = 't'\nheader = { x = '1', x-api-key = 'k' }\noutput = 'jsonl'\n",
    );
    let call = |words: &str| home.rpcctl("call").args(words).arg("demo.v1.Demo/EchoMetadata").run();
    assert_eq!(sent(&call(""), "authorization"), ["Bearer t"]);
    assert_eq!(sent(&call("demo:"), "authorization"), ["Bearer t"]);
    assert_eq!(sent(&call(&format!("--profile p {}", demo.address)), "authorization"), ["Bearer t"]);
    assert_snapshot!(home.shown(&call(&demo.address)), @r#"
    {"entries":[{"name":"user-agent","text":"rpcctl/0.1.0"},{"name":"x","text":"1"}]}
    ------- stderr -------
    warning: not sent, being for demo: alone: bearer, header.x-api-key; --profile p sends it elsewhere too
    [exit 0]
    "#);
}

/// A variable that is exported is always in force, and names no profile for this call.
#[test]
fn a_profile_of_the_environment_gives_its_credentials_to_no_other_server() {
    let home = Home::new("[profiles.p]\naddress = 'localhost:1'\nbearer = 't'\n");
    let call = home.rpcctl("call demo: demo.v1.Demo/EchoMetadata -o jsonl").env("RPCCTL_PROFILE", "p").run();
    assert_eq!(sent(&call, "authorization"), [""; 0]);
    assert!(call.talk().contains("not sent, being for localhost:1 alone: bearer"), "{call}");
}

/// What would be called instead is not what was asked for.
#[test]
fn a_profile_whose_server_nobody_vouches_for_is_not_called_by_name() {
    let home = Home::new("");
    home.write("work/.rpcctl.toml", "[profiles.p]\naddress = 'demo:'\n");
    let call = home.rpcctl("call --profile p hello.HelloService/SayHello").run();
    assert_snapshot!(home.shown(&call), @"
    ------- stderr -------
    error: the address of profile p does not count, since ~/work/.rpcctl.toml:2 is not trusted
    hint: read the file, and then: rpcctl config trust
    [exit 2]
    ");
    let named = home.rpcctl("call demo: --profile p hello.HelloService/SayHello -o jsonl").run();
    assert_eq!(named.text(), "{\"message\":\"Hello, world\"}\n");
}

#[test]
fn credentials_are_not_sent_where_their_server_does_not_count() {
    let home = Home::new("[profiles.p]\nbearer = 't'\n");
    home.write("work/.rpcctl.toml", "[profiles.p]\naddress = 'api.example.com:443'\n");
    assert_snapshot!(home.run("config show --profile p").split("stderr").nth(1).unwrap(), @"
     -------
    warning: ~/work/.rpcctl.toml is not trusted, and this in it does not count: address; read it, and then: rpcctl config trust
    warning: not sent, being for api.example.com:443 alone: bearer
    [exit 0]
    ");
    // A server that was named with it may have it.
    let output = home.rpcctl("call demo: demo.v1.Demo/EchoMetadata -o jsonl --profile p").run();
    assert_eq!((sent(&output, "authorization"), output.talk().as_str()), (vec!["Bearer t".to_owned()], ""));
}

#[test]
fn show_tells_every_value_and_where_it_comes_from() {
    let home = Home::new(
        "\
timeout = '5s'
[profiles.base]
cacert = ['a.pem', 'b.pem']
[profiles.p]
inherits = 'base'
address = 'api.example.com:443'
bearer = 'command:pass show token'
header = { x-team = 'payments', cookie = 's3cret', x-api-key = 'env:KEY' }
",
    );
    home.write("work/.rpcctl.toml", "output = 'jsonl'\nauthority = 'evil'\n");
    assert_snapshot!(home.run("config show --profile p --timeout 9s -H cookie:s3cret -H a:b"), @"
    profile	p	--profile
    address	api.example.com:443	~/.config/rpcctl/config.toml:6 (profile p)
    cacert	HOME/.config/rpcctl/a.pem, HOME/.config/rpcctl/b.pem	~/.config/rpcctl/config.toml:3 (profile base)
    tls-min	1.2	default
    tls-max	1.3	default
    user-agent	rpcctl/0.1.0	default
    connect-timeout	10s	default
    timeout	9s	--timeout
    max-header-size	1M	default
    protocol	grpc	default
    codec	proto	default
    max-message-size	4M	default
    header.cookie	(redacted)	--header
    header.a	b	--header
    header.x-api-key	env:KEY	~/.config/rpcctl/config.toml:8 (profile p)
    header.x-team	payments	~/.config/rpcctl/config.toml:8 (profile p)
    bearer	command:pass …	~/.config/rpcctl/config.toml:7 (profile p)
    reflection	auto, or off where files are given	default
    output	jsonl	~/work/.rpcctl.toml:1
    list-output	text	default
    ------- stderr -------
    warning: ~/work/.rpcctl.toml is not trusted, and this in it does not count: authority; read it, and then: rpcctl config trust
    [exit 0]
    ");
    let show =
        home.rpcctl("config show -o json").env("RPCCTL_ADDRESS", "demo:").env("RPCCTL_TOKEN", "s3cret");
    let rows: serde_json::Value = serde_json::from_str(&show.run().text()).unwrap();
    let row = |key: &str| rows.as_array().unwrap().iter().find(|row| row["key"] == key).unwrap().to_string();
    assert_snapshot!(row("address"), @r#"{"from":"environment","key":"address","name":"RPCCTL_ADDRESS","value":"demo:"}"#);
    assert_snapshot!(row("bearer"), @r#"{"from":"environment","key":"bearer","name":"RPCCTL_TOKEN","value":"(redacted)"}"#);
    assert_snapshot!(row("connect-timeout"), @r#"{"from":"default","key":"connect-timeout","value":"10s"}"#);
    assert!(
        row("timeout").contains(r#""from":"file","key":"timeout","line":1,"value":"5s""#)
            || row("timeout").contains("\"line\":1")
    );
}

#[test]
fn check_tells_all_that_is_wrong() {
    let home = Home::new(
        "\
timeout = 'soon'
nonsense = 1
[profiles.a]
inherits = 'b'
address = 'nowhere'
cert = 'none.pem'
[profiles.b]
inherits = 'a'
bearer = 'x'
user = 'y:z'
reflection = 'v3'
",
    );
    assert_snapshot!(home.run("config check"), @r#"
    HOME/.config/rpcctl/config.toml:1: timeout = "soon": write a duration such as 5s, 300ms, 1m30s or 2.5 (seconds)
    HOME/.config/rpcctl/config.toml:2: there is no key nonsense
    HOME/.config/rpcctl/config.toml:4: a profile can't inherit from itself: b inherits from a inherits from b
    HOME/.config/rpcctl/config.toml:5: address: nowhere is a host without a port: add a port, such as nowhere:443 or nowhere:50051
    HOME/.config/rpcctl/config.toml:6: cert: there is no HOME/.config/rpcctl/none.pem
    HOME/.config/rpcctl/config.toml:8: a profile can't inherit from itself: a inherits from b inherits from a
    HOME/.config/rpcctl/config.toml:10: user and bearer (line 9) contradict each other
    HOME/.config/rpcctl/config.toml:11: reflection = "v3": it is one of auto, v1, v1alpha, off
    ------- stderr -------
    ~/.config/rpcctl/config.toml (yours): 8 things are wrong
    [exit 2]
    "#);
    assert_snapshot!(Home::with_folder("output = 'jsonl'").run("config check"), @"
    ------- stderr -------
    ~/work/.rpcctl.toml (the folder's, not trusted): nothing is wrong
    ~/.config/rpcctl/config.toml (yours): nothing is wrong
    [exit 0]
    ");
    assert_snapshot!(rpcctl("config check").within(Path::new("/")).run(), @"
    ------- stderr -------
    (there are no files: rpcctl config path says where yours would be)
    [exit 0]
    ");
}

#[test]
fn path_names_the_files() {
    let home = Home::with_folder("");
    assert_snapshot!(home.run("config path"), @"
    HOME/.config/rpcctl/config.toml
    HOME/work/.rpcctl.toml
    ------- stderr -------
    ~/.config/rpcctl/config.toml: yours
    ~/work/.rpcctl.toml: the folder's, not trusted
    [exit 0]
    ");
    let other = home.rpcctl("config path").env("XDG_CONFIG_HOME", home.path.join("xdg")).run();
    assert!(home.shown(&other).starts_with("HOME/xdg/rpcctl/config.toml\n"));
}

#[test]
fn names_in_a_file_do_not_reach_a_terminal_raw() {
    let home = Home::with_folder("profile = \"\\u001b[31m\"\nheader = { \"\\u001b]0;x\" = 'y' }\n");
    for words in ["list demo:", "config show", "config trust", "config check", "list demo: --profile p\u{1b}"]
    {
        let output = home.rpcctl(words).run();
        assert!(![output.stdout.clone(), output.stderr.clone()].concat().contains(&0x1b), "{output}");
    }
}

#[test]
fn the_documentation_has_every_key() {
    let text = include_str!("../../docs/configuration.md");
    for key in &rpcctl::config::KEYS {
        let rows = || text.lines().filter(|line| line.starts_with("| `"));
        assert!(rows().any(|row| row.contains(&format!("`{}`", key.name))), "{}", key.name);
    }
}
