//! `rpcctl call --prompt`: the request asked for on a terminal.

use insta::assert_snapshot;

use crate::common::rpcctl;

#[test]
fn without_a_terminal_nobody_is_asked() {
    assert_snapshot!(rpcctl("call demo: HelloService/SayHello --prompt").run(), @"
    ------- stderr -------
    error: --prompt asks on a terminal, and stdin is none
    hint: give the request as items, FIELD=VALUE, or with -d
    [exit 2]
    ");
}

#[test]
fn what_is_given_is_not_asked_for() {
    for (words, given) in [("name=x", "name=x"), ("-d {}", "-d"), ("-i yaml", "-i")] {
        let output = rpcctl("call demo: HelloService/SayHello --prompt").args(words).run();
        let told = format!(
            "------- stderr -------\nerror: --prompt asks for the request, and {given} gives it\n\
             hint: leave one of them out\n[exit 2]"
        );
        assert_eq!(output.to_string(), told);
    }
}

#[cfg(target_os = "linux")]
mod on_a_terminal {
    use insta::assert_snapshot;

    use crate::common::{Output, rpcctl_on_a_terminal};

    /// A dialogue with these answers; nothing where there is no terminal to be had.
    fn dialogue(words: &str, answers: &str) -> Option<Output> {
        let mut dialogue = rpcctl_on_a_terminal(&format!("{words} --color never"))?.start();
        // What is typed before somebody listens is lost to the signals, if not to the dialogue.
        let intro = dialogue.line();
        assert!(intro.contains("Enter skips a field") || intro.starts_with("error"), "{intro}");
        dialogue.write(answers);
        let mut output = dialogue.wait();
        output.stdout.retain(|byte| *byte != b'\r');
        Some(output)
    }

    #[test]
    fn each_field_is_asked_for_and_the_call_is_made() {
        let Some(output) = dialogue("call demo: HelloService/SayHello --prompt -o jsonl", "it's me\n") else {
            return;
        };
        assert_snapshot!(output, @r#"
        * hello.HelloService/SayHello takes hello.HelloRequest: Enter skips a field, . all that is left, "" is the empty text, ^D leaves
        name (string): {
          "name": "it's me"
        }
        rpcctl call demo: HelloService/SayHello -o jsonl --color never 'name=it'\''s me'
        {"message":"Hello, it's me"}
        [exit 0]
        "#);
    }

    #[test]
    fn messages_of_a_stream_are_asked_for_one_by_one() {
        let Some(output) = dialogue("call demo: Demo/Sum --prompt -o jsonl", "x\n1\ny\n41\n\n") else {
            return;
        };
        assert_snapshot!(output, @r#"
        * demo.v1.Demo/Sum takes demo.v1.SumRequest: Enter skips a field, . all that is left, "" is the empty text, ^D leaves
        number (int64):   expected int64 (a number), found "x"
        number (int64): another message? [y/N]: number (int64): another message? [y/N]: {
          "number": 1
        }
        {
          "number": 41
        }
        rpcctl call demo: Demo/Sum -o jsonl --color never -d '{"number":1}' -d '{"number":41}'
        {"sum":"42","count":"2"}
        [exit 0]
        "#);
    }

    #[test]
    fn a_dry_run_sends_nothing_of_what_was_asked_for() {
        let words = "call demo: Demo/Sleep --prompt --dry-run -o jsonl";
        let Some(output) = dialogue(words, "1m\n") else { return };
        assert!(
            output
                .text()
                .contains("rpcctl call demo: Demo/Sleep --dry-run -o jsonl --color never duration=1m\n"),
            "{output}"
        );
        assert!(output.text().contains("nothing was sent"), "{output}");
        assert_eq!(output.code, Some(0));
    }

    #[test]
    fn the_line_that_does_the_same_has_the_flags_of_this_one() {
        let words = "call demo: Demo/Sum --prompt --format text --timeout 1m --max-message-size 1M \
                     -H x-a:1 --rpc-header authorization:hunter2 --bearer hunter2 --limit 3";
        let Some(output) = dialogue(words, "1\ny\n2\n.\n") else { return };
        let text = output.text();
        let line = text.lines().find(|line| line.starts_with("rpcctl ")).unwrap_or_default();
        assert_snapshot!(line, @r#"rpcctl call demo: Demo/Sum --format text --timeout 1m --max-message-size 1M -H x-a:1 --rpc-header "authorization: $AUTHORIZATION" --bearer "$TOKEN" --limit 3 --color never -i json -d '{"number":1}' -d '{"number":2}'"#);
        let Some(output) = dialogue("call demo: Demo/Echo --prompt -o none -v", "7\n.\n") else { return };
        let line = "\nrpcctl call demo: Demo/Echo -o none -v --color never double_value=7\n";
        assert!(output.text().contains(line), "{output}");
        assert_eq!(output.code, Some(0), "{output}");
    }

    #[test]
    fn what_is_printed_says_nothing_of_what_is_asked_for() {
        let Some(output) = dialogue("call demo: HelloService/SayHello --prompt --format text", "A\n") else {
            return;
        };
        assert!(output.text().ends_with("message: \"Hello, A\"\n"), "{output}");
    }

    #[test]
    fn it_can_be_left() {
        for (key, code) in [("\u{3}", 130), ("\u{4}", 130)] {
            let Some(output) = dialogue("call demo: HelloService/SayHello --prompt", key) else { return };
            // The key may come before the question does.
            assert!(output.text().ends_with("\n* nothing was sent\n"), "{:?}", output.text());
            assert!(!output.text().contains("Hello, "), "{output}");
            assert_eq!(output.code, Some(code), "{output}");
        }
    }

    #[test]
    fn net_rpc_has_nothing_to_ask_by() {
        let Some(output) = dialogue("call netrpc://localhost:1 Arith.Multiply --prompt", "") else { return };
        assert_snapshot!(output, @"
        error: --prompt asks by the schema, and net/rpc has none
        hint: give the fields of the argument as items, such as A=6 B=7
        [exit 2]
        ");
    }
}
