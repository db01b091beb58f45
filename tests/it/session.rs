//! docs/session.md is what docs/record-session makes of the program as it is now.
#![cfg(unix)]

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::common::program;

#[test]
fn the_recorded_session_is_what_happens() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let script = Command::new("sh")
        .arg(root.join("docs/record-session"))
        .arg(program())
        .env_clear()
        .env("PATH", "/usr/bin:/bin:/usr/local/bin")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&script.stderr);
    assert!(script.status.success() && said.is_empty(), "{said}");
    let recorded = String::from_utf8(script.stdout).unwrap();
    let path = root.join("docs/session.md");
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, &recorded).unwrap();
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(committed, recorded, "UPDATE=1 writes it anew");
}
