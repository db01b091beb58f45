//! What is committed of the program's own words: its help in `tests/it/help/`, and the completions.
//!
//! `UPDATE=1 cargo test --test it committed` writes them anew.

use std::fs;
use std::path::Path;

use crate::common::rpcctl;

const VERBS: [&str; 15] = [
    "list",
    "describe",
    "call",
    "encode",
    "decode",
    "export",
    "diff",
    "health",
    "channelz",
    "bench",
    "doctor",
    "serve-demo",
    "config",
    "completions",
    "man",
];

fn same(file: &str, printed: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    if std::env::var_os("UPDATE").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, printed).unwrap();
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == printed,
        "{file} is not what the program prints; UPDATE=1 writes it anew:\n{printed}"
    );
}

fn printed(words: &str) -> String {
    let output = rpcctl(words).run();
    assert_eq!((output.code, output.talk().as_str()), (Some(0), ""), "{words}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn help_is_as_committed() {
    same("tests/it/help/rpcctl.txt", &printed("--help"));
    same("tests/it/help/rpcctl-short.txt", &printed("-h"));
    same("tests/it/help/call-short.txt", &printed("call -h"));
    for verb in VERBS {
        same(&format!("tests/it/help/{verb}.txt"), &printed(&format!("{verb} --help")));
    }
}

/// What is wider than a page of 98 columns would be broken by the terminal, or was by the parser.
#[test]
fn examples_can_be_pasted_and_paragraphs_are_broken_once() {
    for verb in [""].into_iter().chain(VERBS) {
        for help in ["-h", "--help"] {
            let text = printed(&format!("{verb} {help}"));
            let wide = text.lines().find(|line| line.chars().count() > WIDTH);
            assert_eq!(wide, None, "{verb} {help}");
            let (_, end) = text.split_once("\nExample").unwrap();
            let mut paragraphs = end.split("\n\n");
            for line in paragraphs.next().unwrap().lines().skip(1) {
                assert!(
                    line.starts_with("  rpcctl ") || line.starts_with("  printf "),
                    "{verb} {help}: {line}"
                );
            }
            for paragraph in paragraphs {
                let lines: Vec<&str> = paragraph.trim_end().lines().collect();
                for pair in lines.windows(2) {
                    let next = pair[1].split(' ').next().unwrap();
                    let joined = pair[0].chars().count() + 1 + next.chars().count();
                    assert!(joined > WIDTH, "{verb} {help}: {pair:?}");
                }
            }
        }
    }
}

/// The widest that help is.
const WIDTH: usize = 98;

#[test]
fn completions_are_as_committed() {
    for (shell, file) in [
        ("bash", "rpcctl.bash"),
        ("zsh", "_rpcctl"),
        ("fish", "rpcctl.fish"),
        ("powershell", "_rpcctl.ps1"),
        ("elvish", "rpcctl.elv"),
    ] {
        same(&format!("completions/{file}"), &printed(&format!("completions {shell}")));
    }
}

#[test]
fn the_version_is_the_packages() {
    assert_eq!(printed("--version"), format!("rpcctl {}\n", env!("CARGO_PKG_VERSION")));
}
