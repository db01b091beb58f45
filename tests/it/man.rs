//! `rpcctl man`.

use insta::assert_snapshot;

use crate::common::rpcctl;

#[test]
fn each_page_is_of_its_own_verb() {
    let page = |words: &str| rpcctl(words).run().text();
    assert!(page("man").contains("\n.TH rpcctl 1 "), "{}", page("man"));
    let call = page("man call");
    assert!(call.contains("\n.TH rpcctl-call 1 ") && call.contains("Call a method"), "{call}");
}

#[test]
fn what_a_verb_has_below_it_has_pages_too() {
    let page = rpcctl("man config show").run().text();
    assert!(
        page.contains("\n.TH rpcctl-config-show 1 ") && page.contains("Show every value in force"),
        "{page}"
    );
    assert_snapshot!(rpcctl("man config shwo").run(), @r#"
    ------- stderr -------
    error: config has no page "shwo"
    hint: there are show, path, check, trust, untrust
    [exit 2]
    "#);
    assert_snapshot!(rpcctl("man call show").run(), @r#"
    ------- stderr -------
    error: call has no page "show"
    hint: all of it is on one: rpcctl man call
    [exit 2]
    "#);
}

#[test]
fn the_pages_that_were_written_are_named() {
    let directory = tempfile::tempdir().unwrap();
    let output = rpcctl("man --write man1").within(directory.path()).run();
    assert_snapshot!(output, @"
    man1/rpcctl.1
    man1/rpcctl-list.1
    man1/rpcctl-describe.1
    man1/rpcctl-call.1
    man1/rpcctl-encode.1
    man1/rpcctl-decode.1
    man1/rpcctl-export.1
    man1/rpcctl-diff.1
    man1/rpcctl-health.1
    man1/rpcctl-channelz.1
    man1/rpcctl-bench.1
    man1/rpcctl-bench-merge.1
    man1/rpcctl-bench-compare.1
    man1/rpcctl-doctor.1
    man1/rpcctl-serve-demo.1
    man1/rpcctl-config.1
    man1/rpcctl-config-show.1
    man1/rpcctl-config-path.1
    man1/rpcctl-config-check.1
    man1/rpcctl-config-trust.1
    man1/rpcctl-config-untrust.1
    man1/rpcctl-completions.1
    man1/rpcctl-man.1
    [exit 0]
    ");
    for path in output.text().lines() {
        let page = std::fs::read_to_string(directory.path().join(path)).unwrap();
        assert!(page.contains(".SH \"EXIT STATUS\""), "{path}");
        assert!(page.contains(".SH EXAMPLES"), "{path}");
        // Every page that one refers to is there.
        for other in page.split("rpcctl\\-").skip(1).filter_map(|rest| rest.split_once("(1)")) {
            let (name, _) = other;
            if name.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'\\' || byte == b'-') {
                let file = format!("man1/rpcctl-{}.1", name.replace('\\', ""));
                assert!(directory.path().join(&file).exists(), "{path} refers to {file}");
            }
        }
    }
}

#[test]
fn a_page_that_there_is_not_is_told_and_nothing_written() {
    let directory = tempfile::tempdir().unwrap();
    assert_snapshot!(rpcctl("man cal").within(directory.path()).run(), @"
    ------- stderr -------
    error: invalid value 'cal' for '[VERB]'
      [possible values: list, describe, call, encode, decode, export, diff, health, channelz, bench, doctor, serve-demo, config, completions, man]

      tip: a similar value exists: 'call'

    For more information, try '--help'.
    [exit 2]
    ");
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 0);
}
