//! Headers and credentials: where they come from, which of them counts, and that they are not shown.

use insta::assert_snapshot;

use crate::common::{Demo, Output, Rpcctl, rpcctl};

fn echo(flags: &str) -> Rpcctl {
    rpcctl("call demo: demo.v1.Demo/EchoMetadata -o jsonl").args(flags)
}

/// The values of a header that reached the server.
fn sent(output: &Output, name: &str) -> Vec<String> {
    let begin = format!("{{\"name\":\"{name}\",\"text\":\"");
    let text = output.text();
    text.split(&begin).skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()).collect()
}

#[test]
fn headers_stand_in_a_file() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("h.txt"), "x-a: 1\n\n# not this\nX-B:  two words \r\n").unwrap();
    let output = echo("-H @h.txt -H x-a:2").within(folder.path()).run();
    assert_eq!(sent(&output, "x-a"), ["1", "2"], "{output}");
    assert_eq!(sent(&output, "x-b"), ["two words"], "{output}");
}

#[test]
fn a_file_of_headers_that_cannot_be_sent_is_told_by_its_line() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("h.txt"), "x-a: 1\n\nBearer s3cret\n").unwrap();
    std::fs::write(folder.path().join("empty.txt"), "# nothing yet\n").unwrap();
    std::fs::write(folder.path().join("bytes"), b"a: \xff").unwrap();
    let list = |file: &str| rpcctl("list demo: -H").arg(file).within(folder.path()).run();
    assert_snapshot!(list("@h.txt"), @r#"
    ------- stderr -------
    error: h.txt:3: "Bearer …" is no header: write 'name: value'
    [exit 2]
    "#);
    assert_snapshot!(list("@empty.txt"), @"
    ------- stderr -------
    error: -H: there is no header in empty.txt
    [exit 2]
    ");
    assert_snapshot!(list("@bytes"), @"
    ------- stderr -------
    error: -H: bytes is not UTF-8
    [exit 2]
    ");
    assert_snapshot!(list("@nope.txt"), @"
    ------- stderr -------
    error: -H: cannot read nope.txt
      caused by: No such file or directory
    [exit 1]
    ");
}

#[test]
fn variables_go_into_headers_where_that_is_asked_for() {
    let header = |flags: &str| echo(flags).arg("-H").arg("x-who: ${WHO} $${WHO}").env("WHO", "me");
    assert_eq!(sent(&header("--expand-headers").run(), "x-who"), ["me ${WHO}"]);
    assert_eq!(sent(&header("").run(), "x-who"), ["${WHO} $${WHO}"]);
    assert_snapshot!(echo("--expand-headers -H").arg("authorization: Bearer ${TOKEN}").run(), @"
    ------- stderr -------
    error: -H: the environment variable TOKEN is not set
    [exit 2]
    ");
    assert_snapshot!(echo("--expand-headers -H").arg("x: ${a b}").run(), @"
    ------- stderr -------
    error: -H: ${ does not begin a variable such as ${NAME}
    hint: for ${ itself write $${
    [exit 2]
    ");
}

#[test]
fn a_bearer_token_goes_to_reflection_and_the_call() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("token"), "open sesame\n").unwrap();
    std::fs::write(folder.path().join("good"), "sesame\n").unwrap();
    let demo = Demo::with("--token sesame");
    let call = |flags: &str| {
        demo.rpcctl("call", "hello.HelloService/SayHello -o none").args(flags).within(folder.path())
    };
    assert_eq!(call("--bearer sesame").run().code, Some(0));
    assert_eq!(call("--bearer @good").run().code, Some(0));
    assert_eq!(call("").env("RPCCTL_TOKEN", "sesame").run().code, Some(0));
    assert_eq!(call("--bearer sesame").env("RPCCTL_TOKEN", "other").run().code, Some(0));
    assert_eq!(
        call("-H").arg("authorization: Bearer sesame").env("RPCCTL_TOKEN", "other").run().code,
        Some(0)
    );
    assert_eq!(call("--bearer other").run().code, Some(80));
    assert_snapshot!(call("--bearer @token").run(), @"
    ------- stderr -------
    error: --bearer: a token has no blanks, line breaks or characters beyond ASCII in it
    hint: give the token alone, without the word Bearer; one in a file is @FILE
    [exit 2]
    ");
    assert_snapshot!(call("--bearer").arg("").run(), @"
    ------- stderr -------
    error: --bearer: the token is empty
    hint: is the variable set? rpcctl also reads RPCCTL_TOKEN, and --bearer @FILE
    [exit 2]
    ");
    assert_snapshot!(call("--bearer @none").run(), @"
    ------- stderr -------
    error: --bearer: cannot read none
      caused by: No such file or directory
    [exit 1]
    ");
}

#[test]
fn a_name_and_a_password_are_basic_authorization() {
    assert_eq!(
        sent(&echo("-u alice:open:sesame").run(), "authorization"),
        ["Basic YWxpY2U6b3BlbjpzZXNhbWU="]
    );
    assert_snapshot!(echo("-u alice").run(), @"
    ------- stderr -------
    error: -u alice has no password, and there is no terminal to ask for it
    hint: give it as -u USER:PASSWORD, or the whole header in a file: -H @FILE
    [exit 2]
    ");
    assert_snapshot!(echo("-u :s3cret").run(), @"
    ------- stderr -------
    error: -u: there is no name
    [exit 2]
    ");
}

#[test]
fn one_credential_is_enough() {
    assert_snapshot!(echo("--bearer s3cret -H authorization:s3cret").run(), @"
    ------- stderr -------
    error: two credentials: --bearer, and an authorization header with -H
    hint: send one of them
    [exit 2]
    ");
    let output = echo("--bearer one --rpc-header authorization:two").run();
    assert_eq!(sent(&output, "authorization"), ["two"], "{output}");
}

#[test]
fn credentials_are_not_repeated_in_hints() {
    let list = |flags: &str| rpcctl("describe demo: hello.Nope").args(flags).run();
    assert_snapshot!(list("--bearer s3cret"), @r#"
    ------- stderr -------
    error: there is no symbol "hello.Nope"
    hint: see what there is: rpcctl list demo: --bearer "$TOKEN"
    [exit 1]
    "#);
    assert_snapshot!(list("-u alice:s3cret"), @r#"
    ------- stderr -------
    error: there is no symbol "hello.Nope"
    hint: see what there is: rpcctl list demo: -u alice
    [exit 1]
    "#);
    assert_snapshot!(rpcctl("-plaintext --bearer s3cret -ualice:s3cret localhost:50051 list").run(), @r"
    ------- stderr -------
    error: rpcctl's flags have two dashes: --plaintext
    [exit 2]
    ");
}

#[test]
fn a_credential_in_plaintext_is_warned_of_beyond_this_machine() {
    // No such name is ever known (RFC 6761 §6.4).
    let list = |target: &str, flags: &str| rpcctl("list").arg(target).args(flags).run().talk();
    let warned = |talk: &str| talk.lines().find(|line| line.starts_with("warning: ")).map(str::to_owned);
    let talk = list("http://a.invalid", "--bearer s3cret --reflect-header cookie:s3cret");
    assert_eq!(
        warned(&talk).as_deref(),
        Some(
            "warning: authorization and cookie: sent to http://a.invalid in plaintext, for all on the way to read"
        )
    );
    assert!(!talk.contains("s3cret"), "{talk}");
    for (target, flags) in [
        ("http://a.invalid", "-H x-user:alice -H idempotency-key:1"),
        ("https://a.invalid", "--bearer s3cret"),
        ("demo:", "--bearer s3cret"),
    ] {
        assert_eq!(warned(&list(target, flags)), None, "{target} {flags}");
    }
}

#[test]
fn a_token_of_the_environment_does_not_bar_servers_without_headers() {
    let demo = Demo::start(rpcctl("serve-demo --netrpc 127.0.0.1:0"));
    let call =
        rpcctl("call").arg(format!("netrpc://localhost:{}", demo.port())).args("Arith.Multiply -o jsonl");
    let output = call.data(r#"{"A":6,"B":7}"#).env("RPCCTL_TOKEN", "t").run();
    assert_snapshot!(output, @"
    42
    [exit 0]
    ");
}

#[test]
fn headers_and_a_token_come_from_stdin() {
    assert_eq!(sent(&echo("-H @-").stdin("x-a: 1\n# no\nx-b: 2\n").run(), "x-b"), ["2"]);
    assert_eq!(sent(&echo("-H @").stdin("x-a: 1\n").run(), "x-a"), ["1"]);
    assert_eq!(sent(&echo("--rpc-header @-").stdin("x-a: 1\n").run(), "x-a"), ["1"]);
    assert_eq!(sent(&echo("--bearer @-").stdin("token\n").run(), "authorization"), ["Bearer token"]);
    assert_snapshot!(echo("-H @-").run(), @"
    ------- stderr -------
    error: -H: there is no header in stdin
    [exit 2]
    ");
    assert_snapshot!(echo("-H @-").stdin("x-a: 1\ns3cret").run(), @r#"
    ------- stderr -------
    error: stdin:2: "…" is no header: write 'name: value'
    [exit 2]
    "#);
}

#[test]
fn stdin_is_read_once() {
    for (flags, both) in [
        ("-H @- -d @", "-H and -d @"),
        ("--bearer @- -d @-", "--bearer and -d @"),
        ("-H @ --bearer @", "-H and --bearer"),
        ("-H @- --rpc-header @-", "-H and --rpc-header"),
        ("--reflect-header @- --reflect-header @-", "--reflect-header and --reflect-header"),
    ] {
        let told = format!(
            "------- stderr -------\nerror: stdin can be read only once, and {both} both read it\n\
             hint: give one of them in a file: @FILE\n[exit 2]"
        );
        assert_eq!(echo(flags).stdin("x: y").run().to_string(), told);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn what_is_endless_is_no_credential() {
    assert_snapshot!(echo("-H @/dev/zero").run(), @"
    ------- stderr -------
    error: -H: cannot read /dev/zero
      caused by: it is larger than 1 MiB
    [exit 1]
    ");
    assert_snapshot!(echo("--bearer @/dev/zero").run(), @"
    ------- stderr -------
    error: --bearer: cannot read /dev/zero
      caused by: it is larger than 1 MiB
    [exit 1]
    ");
}

/// A terminal that goes on showing nothing is a shell that can't be typed into.
#[cfg(target_os = "linux")]
mod on_a_terminal {
    use std::net::TcpListener;
    use std::process::Command;
    use std::sync::mpsc::channel;
    use std::thread;
    use std::time::Duration;

    use crate::common::{Output, Running, on_a_terminal};

    const ECHO: &str = "call demo: demo.v1.Demo/EchoMetadata -o jsonl";

    /// Does what is left of a session whose verb has asked for a password; how the verb ended and whether the terminal
    /// shows what is typed is printed last. `rest` is given the session, and what sends the verb a signal. None where
    /// there is no terminal to be had.
    fn asked(verb: &str, rest: impl FnOnce(&mut Running, &dyn Fn(&str))) -> Option<Output> {
        let folder = tempfile::tempdir().unwrap();
        let line = format!(
            "(until stty -a < /dev/tty | grep -q -- ' -echo '; do :; done; echo asked) & \
             sh -c 'echo $$ > pid; exec rpcctl {verb} --color never -u alice'; code=$?; \
             echo; echo code $code; stty -a | grep -o -- '-*\\becho\\b'"
        );
        let mut session = on_a_terminal(&line)?.within(folder.path()).start();
        wait_for(&mut session, "asked");
        let kill = |name: &str| {
            let pid = std::fs::read_to_string(folder.path().join("pid")).unwrap();
            let kill = Command::new("kill").args([&format!("-{name}"), pid.trim()]).status();
            assert!(kill.unwrap().success());
        };
        rest(&mut session, &kill);
        let mut output = session.wait();
        output.stdout.retain(|byte| *byte != b'\r');
        Some(output)
    }

    fn wait_for(session: &mut Running, text: &str) {
        while !session.line().contains(text) {}
    }

    #[test]
    fn a_password_is_asked_for() {
        let Some(output) = asked(ECHO, |session, _| session.write("open\r")) else { return };
        assert!(output.text().contains("\"text\":\"Basic YWxpY2U6b3Blbg==\""), "{output}");
        assert!(output.text().ends_with("\ncode 0\necho\n"), "{output}");
    }

    #[test]
    fn the_terminal_is_as_it_was_when_a_signal_ends_the_question() {
        for (name, code) in [("", 130), ("INT", 130), ("TERM", 143), ("QUIT", 131), ("HUP", 129)] {
            let end = |session: &mut Running, kill: &dyn Fn(&str)| match name {
                "" => session.write("\u{3}"),
                name => kill(name),
            };
            let Some(output) = asked(ECHO, end) else { return };
            assert!(output.text().ends_with(&format!("\ncode {code}\necho\n")), "{name}: {output}");
            assert!(!output.text().contains("entries"), "{output}");
        }
    }

    #[test]
    fn signals_end_a_verb_as_ever_once_it_has_the_password() {
        let silent = TcpListener::bind("127.0.0.1:0").unwrap();
        let list = format!("list {}", silent.local_addr().unwrap());
        let (sender, connected) = channel();
        thread::spawn(move || {
            for connection in silent.incoming() {
                if sender.send(connection.unwrap()).is_err() {
                    return;
                }
            }
        });
        let sleep = "call demo: Demo/Sleep duration=1m -v";
        for (verb, name, code) in [
            (sleep, "INT", 130),
            (sleep, "TERM", 143),
            (sleep, "QUIT", 131),
            (sleep, "HUP", 129),
            (list.as_str(), "INT", 130),
            (list.as_str(), "TERM", 143),
        ] {
            let end = |session: &mut Running, kill: &dyn Fn(&str)| {
                session.write("open\r");
                let connection = if verb == sleep {
                    wait_for(session, "> user-agent");
                    None
                } else {
                    Some(connected.recv_timeout(Duration::from_secs(30)).unwrap())
                };
                kill(name);
                drop(connection);
            };
            let Some(output) = asked(verb, end) else { return };
            assert!(output.text().ends_with(&format!("\ncode {code}\necho\n")), "{verb} {name}: {output}");
        }
    }
}
