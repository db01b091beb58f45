//! `rpcctl completions`, which prints the scripts and installs them.

use std::fs;
use std::path::Path;

use insta::assert_snapshot;

use crate::common::{Output, rpcctl};

/// With this home folder, named as such in what comes out.
fn at_home(words: &str, home: &Path) -> String {
    let output: Output = rpcctl(words).env("HOME", home).env("SHELL", "/usr/bin/fish").run();
    output.to_string().replace(&*home.to_string_lossy(), "HOME")
}

#[test]
fn the_script_goes_where_the_shell_looks_and_stays_as_it_is() {
    let home = tempfile::tempdir().unwrap();
    assert_snapshot!(at_home("completions install --dry-run", home.path()), @"
    the script for fish would be written to HOME/.config/fish/completions/rpcctl.fish
    [exit 0]
    ");
    assert!(fs::read_dir(home.path()).unwrap().next().is_none(), "nothing is written");
    assert_snapshot!(at_home("completions install", home.path()), @"
    the script for fish is written to HOME/.config/fish/completions/rpcctl.fish
    it works in each shell that is started from now on
    [exit 0]
    ");
    let script = fs::read(home.path().join(".config/fish/completions/rpcctl.fish")).unwrap();
    assert_eq!(script, rpcctl("completions fish").run().stdout);
    assert_snapshot!(at_home("completions install", home.path()), @"
    the script for fish is up to date: HOME/.config/fish/completions/rpcctl.fish
    it works in each shell that is started from now on
    [exit 0]
    ");
}

#[test]
fn what_is_left_to_do_is_told_until_it_is_done() {
    let home = tempfile::tempdir().unwrap();
    assert_snapshot!(at_home("completions install zsh", home.path()), @"
    the script for zsh is written to HOME/.local/share/zsh/site-functions/_rpcctl
    add this to HOME/.zshrc, or its first part above the line with compinit:
      fpath=(HOME/.local/share/zsh/site-functions $fpath); autoload -Uz compinit; compinit
    [exit 0]
    ");
    fs::write(home.path().join(".zshrc"), "fpath=(~/.local/share/zsh/site-functions $fpath)\ncompinit\n")
        .unwrap();
    assert_snapshot!(at_home("completions install zsh", home.path()), @"
    the script for zsh is up to date: HOME/.local/share/zsh/site-functions/_rpcctl
    it works in each shell that is started from now on
    [exit 0]
    ");
}

#[test]
fn where_it_can_not_be_installed_one_is_told_how() {
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join("file"), "").unwrap();
    assert_snapshot!(rpcctl("completions install").env("HOME", home.path()).run(), @"
    ------- stderr -------
    error: SHELL is not set, so it is not known which shell to install it for
    hint: name it: rpcctl completions install bash (or zsh, fish, powershell, elvish)
    [exit 2]
    ");
    assert_snapshot!(rpcctl("completions install").env("SHELL", "/bin/dash").run(), @r#"
    ------- stderr -------
    error: SHELL is "/bin/dash", and there is no script for that
    hint: name it: rpcctl completions install bash (or zsh, fish, powershell, elvish)
    [exit 2]
    "#);
    assert_snapshot!(rpcctl("completions install fish").run(), @"
    ------- stderr -------
    error: HOME is not set, so it is not known where to install it
    hint: print it, and put it where you like: rpcctl completions bash > FILE
    [exit 1]
    ");
    let shown = at_home("completions install elvish", &home.path().join("file"));
    assert_snapshot!(shown, @"
    ------- stderr -------
    error: cannot write HOME/.config/elvish/lib/rpcctl.elv
      caused by: Not a directory
    hint: print it, and put it where you like: rpcctl completions bash > FILE
    [exit 1]
    ");
}

#[test]
fn words_of_install_go_with_nothing_else() {
    assert_snapshot!(rpcctl("completions bash zsh").run(), @"
    ------- stderr -------
    error: a second shell goes with install alone
    hint: write rpcctl completions install SHELL, or rpcctl completions SHELL
    [exit 2]
    ");
    assert_snapshot!(rpcctl("completions bash --dry-run").run(), @"
    ------- stderr -------
    error: --dry-run goes with install alone
    hint: write rpcctl completions install SHELL, or rpcctl completions SHELL
    [exit 2]
    ");
}
