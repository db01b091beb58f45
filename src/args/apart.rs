//! A value apart from a flag that may stand without one: `--retry-connect 2s`, which would be taken for a name.

use std::ffi::OsString;

use clap::Command;

use super::habits::{HabitError, Wrong};
use super::retyped;
use super::words::value_apart;

/// A value that goes with `=` and stands apart, with the line to paste instead. `verb` is the verb of the line.
pub fn apart(verb: &Command, words: &[OsString]) -> Option<HabitError> {
    let words: Option<Vec<String>> =
        words.iter().skip(1).map(|word| word.to_str().map(str::to_owned)).collect();
    let (flag, value, meant) = value_apart(verb, &words?)?;
    let line = format!("rpcctl {}", retyped(verb, &meant, "").join(" "));
    Some(HabitError::new(Wrong::Apart { flag, value }, Some(line)))
}

/// Whether any word may be a flag whose value is left out. It is asked of every line.
pub fn may_stand_alone(verb: &Command, words: &[OsString]) -> bool {
    words.iter().filter_map(|word| word.to_str()?.strip_prefix("--")).any(|name| {
        verb.get_arguments().any(|arg| arg.is_require_equals_set() && arg.get_long() == Some(name))
    })
}
