//! What the help and the README tell people to type does what they say.
#![cfg(unix)]

use std::path::Path;
use std::process::{Command, Stdio};

use crate::common::{Demo, path, rpcctl};

#[test]
fn examples_of_the_help_work() {
    let helps = ["", "list", "describe", "call", "encode", "decode", "doctor"]
        .map(|verb| rpcctl(verb).args("--help").run().text().replace("localhost:50051", "demo:"));
    let lines = helps.iter().flat_map(|help| help.lines()).filter(|line| line.starts_with("  "));
    let tried = try_all(lines.filter(|line| line.contains("rpcctl ") && line.contains(" demo:")));
    assert!(tried > 3, "the help has examples");
}

/// These write to the home folder, which is another here.
#[test]
fn examples_of_what_is_installed_work() {
    let home = tempfile::tempdir().unwrap();
    let helps = ["completions", "man"].map(|verb| rpcctl(verb).args("--help").run().text());
    let lines = helps.iter().flat_map(|help| help.lines()).filter(|line| line.starts_with("  rpcctl "));
    let mut tried = 0;
    for line in lines {
        let command = line.trim().split("  ").next().unwrap_or_default();
        let run = command_of(command).env("HOME", home.path()).env("SHELL", "/bin/bash").output().unwrap();
        assert!(run.status.success(), "{command}\n{}", String::from_utf8_lossy(&run.stderr));
        tried += 1;
    }
    assert!(tried > 4, "their help has examples");
    for file in [".cargo/share/man/man1/rpcctl-call.1", ".local/share/bash-completion/completions/rpcctl"] {
        assert!(home.path().join(file).exists(), "{file}");
    }
}

/// Runs the examples of a verb that writes files, in a folder for them; `file` stands for one that people have.
pub(crate) fn try_within(folder: &Path, verb: &str, file: &str, instead: &str) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("proto").display().to_string();
    let help = rpcctl(verb).args("--help").run().text();
    let help = help.replace("localhost:50051", "demo:").replace(file, instead);
    let mut tried = 0;
    for line in help.lines().filter(|line| line.starts_with("  rpcctl ")) {
        let command =
            line.trim().split("  ").next().unwrap_or_default().replace("-I proto", &format!("-I {root}"));
        let run = command_of(&command).current_dir(folder).output().unwrap();
        assert!(run.status.success(), "{command}\n{}", String::from_utf8_lossy(&run.stderr));
        tried += 1;
    }
    assert!(tried > 3, "its help has examples");
}

/// Each starts a server, here on a port or a socket that nobody else has.
#[test]
fn examples_of_the_demo_server_work() {
    let folder = tempfile::tempdir().unwrap();
    let help = rpcctl("serve-demo --help").run().text();
    let mut tried = 0;
    for line in help.lines().filter(|line| line.starts_with("  rpcctl serve-demo")) {
        let command = line.trim().split("  ").next().unwrap_or_default();
        let words = command.strip_prefix("rpcctl ").unwrap().replace("/tmp/demo.sock", "demo.sock");
        let anywhere = if words.contains("--unix") { "" } else { " --listen 127.0.0.1:0" };
        let demo = Demo::start(rpcctl(&format!("{words}{anywhere}")).within(folder.path()));
        assert!(!demo.address.is_empty(), "{command}");
        tried += 1;
    }
    assert!(tried > 4, "its help has examples");
}

#[test]
fn examples_of_the_readme_work() {
    let readme = include_str!("../../README.md").replace("localhost:50051", "demo:");
    let folder = tempfile::tempdir().unwrap();
    let copy = format!("cp -R {}/proto .", env!("CARGO_MANIFEST_DIR"));
    assert!(shell_in(folder.path(), &copy).status.success());
    let lines = readme.lines().map(|line| line.trim_start_matches("$ "));
    let makes_a_file = |line: &str| line.starts_with("echo ") || line.starts_with("printf ");
    let lines =
        lines.filter(|line| makes_a_file(line) || line.starts_with("rpcctl ") && line.contains(" demo:"));
    assert!(try_all_in(folder.path(), lines) > 5, "the README has examples");
}

/// What the README reads from files it has made before.
#[test]
fn the_readme_makes_its_files() {
    let mut made = Vec::new();
    let mut read = 0;
    for line in include_str!("../../README.md").lines() {
        for file in ["request.json", "names.jsonl", "dump.bin", "api.binpb", "ca.pem"] {
            let makes =
                [" > ", "-o ", "--write-cert "].iter().any(|by| line.contains(&format!("{by}{file}")));
            if makes {
                made.push(file);
            } else if line.contains(file) {
                assert!(made.contains(&file), "{line}");
                read += 1;
            }
        }
    }
    assert!(read > 4, "the README reads files");
}

#[test]
fn health_is_as_documented() {
    runs_as_shown(include_str!("../../docs/health.md"));
}

#[test]
fn the_exit_codes_are_as_documented() {
    runs_as_shown(include_str!("../../docs/exit-codes.md"));
}

#[test]
fn differences_are_as_documented() {
    runs_as_shown(include_str!("../../docs/diff.md"));
}

#[test]
fn bytes_are_as_documented() {
    runs_as_shown(include_str!("../../docs/decode.md"));
}

#[test]
fn requests_are_as_documented() {
    runs_as_shown(include_str!("../../docs/requests.md"));
}

/// Every command of a document's console does what is shown below it.
fn runs_as_shown(text: &str) {
    let consoles = text.split("```console\n").skip(1).filter_map(|rest| rest.split("```").next());
    for console in consoles {
        let mut shown = String::new();
        for command in console.lines().filter_map(|line| line.strip_prefix("$ ")) {
            let run = shell(command);
            let output = [run.stdout, run.stderr].concat();
            shown.push_str(&format!("$ {command}\n{}", String::from_utf8_lossy(&output)));
        }
        assert_eq!(shown, console);
    }
}

#[test]
fn net_rpc_is_as_the_readme_shows_it() {
    let text = include_str!("../../README.md").split("## Go's net/rpc").nth(1).unwrap();
    let console = text.split("```console\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let demo = Demo::start(rpcctl("serve-demo --netrpc 127.0.0.1:0"));
    let server = format!("localhost:{}", demo.port());
    let mut tried = 0;
    for shown in console.split("$ ").filter(|shown| shown.contains("localhost:1234")) {
        let (command, printed) = shown.split_once('\n').unwrap();
        let run = shell(&command.replace("localhost:1234", &server));
        let output = [run.stdout, run.stderr].concat();
        assert_eq!(String::from_utf8_lossy(&output), printed, "{command}");
        tried += 1;
    }
    assert!(tried > 3, "the README has examples");
}

/// Runs each line that needs no file but those of this package.
fn try_all<'a>(lines: impl Iterator<Item = &'a str>) -> usize {
    try_all_in(Path::new("."), lines.filter(|line| !line.contains("@request.json")))
}

/// Runs each line in this folder. A status that is none of OK is an answer too.
fn try_all_in<'a>(folder: &Path, lines: impl Iterator<Item = &'a str>) -> usize {
    let mut tried = 0;
    for line in lines {
        // Behind two spaces is what it is for, and behind jq what not every machine has.
        let command = line.trim().split("  ").next().unwrap_or_default();
        let command = command.split(" | jq").next().unwrap_or_default();
        let run = shell_in(folder, command);
        let done = run.status.code().is_some_and(|code| code == 0 || code > 64);
        assert!(done, "{command}\n{}", String::from_utf8_lossy(&run.stderr));
        tried += 1;
    }
    tried
}

/// Runs a line as a person would who has the program installed.
fn shell(line: &str) -> std::process::Output {
    shell_in(Path::new("."), line)
}

fn shell_in(folder: &Path, line: &str) -> std::process::Output {
    command_of(line).current_dir(folder).output().unwrap()
}

fn command_of(line: &str) -> Command {
    let mut shell = Command::new("sh");
    shell.args(["-c", line]).env_clear().env("PATH", path()).stdin(Stdio::null());
    shell
}
