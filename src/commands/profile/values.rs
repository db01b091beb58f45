//! A file's values as flags, and whether the flags take them.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::Command;
use clap::builder::PossibleValue;
use clap::error::{ContextKind, ContextValue};

use super::Typed;
use crate::args::Protocol;
use crate::config::{Group, KEYS, Key, Places, Setting, Value, What};
use crate::output::sanitize;

/// The flags that a setting stands for. Headers and credentials are none.
pub(in crate::commands) fn words(setting: &Setting, file: &Path) -> Vec<OsString> {
    let flag = setting.key.flag;
    let with = |value: OsString| {
        let mut word = OsString::from(format!("--{flag}="));
        word.push(value);
        word
    };
    match &setting.value {
        _ if setting.key.name == "address" => Vec::new(),
        Value::Switch(true) => vec![format!("--{flag}").into()],
        Value::Switch(false) | Value::Secrets(_) => Vec::new(),
        Value::Text(text) => vec![with(text.into())],
        Value::Paths(paths) => paths.iter().map(|path| with(path_of(setting, path, file).into())).collect(),
    }
}

/// A path of a setting's as its flag takes it.
pub(in crate::commands) fn path_of(setting: &Setting, path: &Path, file: &Path) -> PathBuf {
    if setting.key.name == "proto" { importable(path, file) } else { path.to_owned() }
}

/// A `.proto` file that does not lie beside the configuration is one by the name that an import has for it, below an
/// import path.
fn importable(path: &Path, file: &Path) -> PathBuf {
    let beside = file.parent().and_then(|folder| path.strip_prefix(folder).ok());
    match beside {
        Some(name) if !path.exists() => name.to_owned(),
        _ => path.to_owned(),
    }
}

/// Whether a setting says anything to this verb, beside what was typed, and to a server that speaks this. What would be
/// refused if it were typed is passed over, because nobody typed it.
pub(super) fn means_something(setting: &Setting, verb: &str, typed: &Typed, protocol: Protocol) -> bool {
    let of_json = typed.has("jq") || typed.has("raw");
    let go = matches!(protocol, Protocol::NetRpc { .. });
    let bare = matches!(protocol, Protocol::NetRpc { http: false, .. });
    match (setting.key.name, &setting.value) {
        // What is described has no columns.
        ("list-output", Value::Text(format)) => verb != "describe" || format != "table",
        ("output", Value::Text(format)) => match format.as_str() {
            "text" | "binary" => !of_json && !go,
            "yaml" | "none" => !of_json,
            _ => true,
        },
        ("authority", _) => !bare,
        _ => match setting.key.group {
            Group::Headers => !bare,
            Group::Schema => !go,
            Group::Connection | Group::Output => true,
        },
    }
}

/// Why a flag that takes one of a few words does not take a setting's.
pub(super) fn no_choice(setting: &Setting, verb: &Command) -> Option<String> {
    let Value::Text(text) = &setting.value else { return None };
    let flag = verb.get_arguments().find(|arg| arg.get_long() == Some(setting.key.flag))?;
    let choices = flag.get_possible_values();
    if choices.is_empty() || choices.iter().any(|choice| choice.matches(text, flag.is_ignore_case_set())) {
        return None;
    }
    let names: Vec<&str> =
        choices.iter().filter(|choice| !choice.is_hide_set()).map(PossibleValue::get_name).collect();
    Some(format!("{} = {text:?}: it is one of {}", setting.key.name, names.join(", ")))
}

/// Why a value that its flag takes is none for a file: what is to be compared is said where it is called.
pub(in crate::commands) fn no_default(setting: &Setting) -> Option<What> {
    let Value::Text(text) = &setting.value else { return None };
    let several = setting.key.name == "protocol" && text.contains(',');
    several.then(|| What::Value {
        key: setting.id(),
        why: "a file names one protocol; several are named on the command line".to_owned(),
    })
}

/// Why a path of a setting's is not read where nobody vouches for the setting: it leads to a device or a pipe.
pub(super) fn no_file(setting: &Setting, file: &Path) -> Option<What> {
    let Value::Paths(paths) = &setting.value else { return None };
    let odd = |path: &PathBuf| path.metadata().is_ok_and(|it| !it.is_file() && !it.is_dir());
    let path = paths.iter().map(|path| path_of(setting, path, file)).find(odd)?;
    Some(What::Value { key: setting.id(), why: format!("{} is no regular file", path.display()) })
}

/// Asks a verb's flags about values.
pub(in crate::commands) struct Values {
    command: Command,
    verb: String,
}

impl Values {
    /// Asks the flags of this verb.
    pub(in crate::commands) fn new(command: &Command, verb: &str) -> Self {
        Self { command: command.clone(), verb: verb.to_owned() }
    }

    /// Why the flag does not take its value, after the key and the value; none if it does.
    pub(in crate::commands) fn refused(&self, word: &OsString) -> Option<String> {
        let words = ["rpcctl".into(), self.verb.clone().into(), word.clone()];
        let error = self.command.clone().try_get_matches_from(words).err()?;
        let why = match (error.get(ContextKind::ValidValue), std::error::Error::source(&error)) {
            (Some(ContextValue::Strings(valid)), _) => format!("it is one of {}", valid.join(", ")),
            (_, Some(source)) => source.to_string(),
            _ => error.kind().to_string(),
        };
        let shown = word.to_string_lossy();
        let (flag, value) = shown.split_once('=').unwrap_or((&shown, "true"));
        Some(format!("{} = {value:?}: {why}", key_of(flag, &self.verb)))
    }
}

/// The key that a flag stands for.
fn key_of<'f>(flag: &'f str, verb: &str) -> &'f str {
    let long = flag.trim_start_matches('-');
    let of_verb = |key: &&Key| key.flag == long && key.verbs.is_none_or(|only| only.contains(&verb));
    KEYS.iter().find(of_verb).map_or(long, |key| key.name)
}

/// A path as people write it, safe for a terminal: folders may be named by others.
pub(in crate::commands) fn shown_path(path: &Path, places: &Places) -> String {
    let home = places.home.as_deref().and_then(|home| path.strip_prefix(home).ok());
    let shown = match home {
        Some(rest) => Path::new("~").join(rest).display().to_string(),
        None => path.display().to_string(),
    };
    sanitize::line(&shown).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_is_a_flag_with_the_same_default() {
        let command = crate::commands::command();
        for key in &KEYS {
            let verbs = key.verbs.unwrap_or(&["call"]);
            for verb in verbs.iter().map(|verb| command.find_subcommand(verb).unwrap()) {
                let flag = verb.get_arguments().find(|arg| arg.get_long() == Some(key.flag)).unwrap();
                if let Some(default) = flag.get_default_values().first() {
                    assert_eq!(key.default, default.to_str(), "{}", key.name);
                }
            }
        }
    }

    #[test]
    fn a_value_that_a_flag_refuses_is_told_as_the_key_has_it() {
        let command = crate::commands::command();
        let refused = |verb: &str, word: &str| Values::new(&command, verb).refused(&word.into());
        assert_eq!(
            refused("list", "--output=x").as_deref(),
            Some("list-output = \"x\": it is one of text, json, table")
        );
        assert_eq!(refused("call", "--timeout=5s"), None);
    }
}
