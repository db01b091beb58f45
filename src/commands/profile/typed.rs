//! What was typed, as far as it stands over files.

use std::collections::BTreeMap;
use std::ffi::OsString;

use clap::parser::ValueSource;
use clap::{ArgMatches, Command};

use crate::args::named_target;
use crate::config::{KEYS, Kind, Said};

/// The flags that were typed, by their long names, with their values as they stand there; and the words that are no
/// flags.
#[derive(Debug, Clone, Default)]
pub(in crate::commands) struct Typed {
    flags: BTreeMap<String, Vec<OsString>>,
    words: Vec<String>,
}

/// Whether a verb has this flag.
pub(in crate::commands) fn has_flag(verb: &Command, long: &str) -> bool {
    verb.get_arguments().any(|arg| arg.get_long() == Some(long))
}

impl Typed {
    /// What was typed behind a verb.
    pub(in crate::commands) fn of(verb: &Command, matches: &ArgMatches) -> Self {
        let mut typed = Self::default();
        for arg in verb.get_arguments() {
            let id = arg.get_id().as_str();
            if matches.value_source(id) != Some(ValueSource::CommandLine) {
                continue;
            }
            let values: Vec<OsString> =
                matches.get_raw(id).into_iter().flatten().map(ToOwned::to_owned).collect();
            match arg.get_long() {
                Some(long) => drop(typed.flags.insert(long.to_owned(), values)),
                None => typed.words.extend(values.into_iter().filter_map(|word| word.into_string().ok())),
            }
        }
        typed
    }

    /// Whether a flag was typed.
    pub(in crate::commands) fn has(&self, long: &str) -> bool {
        self.flags.contains_key(long)
    }

    /// The value of a flag that takes one.
    pub(in crate::commands) fn one(&self, long: &str) -> Option<OsString> {
        self.flags.get(long)?.last().cloned()
    }

    /// The values of a flag.
    pub(in crate::commands) fn all(&self, long: &str) -> &[OsString] {
        self.flags.get(long).map(Vec::as_slice).unwrap_or_default()
    }

    /// All but one flag.
    pub(in crate::commands) fn without(&self, long: &str) -> Self {
        let mut rest = self.clone();
        rest.flags.remove(long);
        rest
    }

    /// Whether a credential was typed.
    pub(in crate::commands) fn gives_authorization(&self) -> bool {
        let said = self.said();
        ["bearer", "user", "header.authorization"].iter().any(|given| said.contains(*given))
    }

    /// The server.
    pub(in crate::commands) fn target(&self) -> Option<String> {
        let flag = || self.one("address")?.into_string().ok();
        named_target(&self.words).map(str::to_owned).or_else(flag)
    }

    /// What it replaces.
    pub(super) fn said(&self) -> Said {
        let mut said: Said = self.flags.keys().cloned().collect();
        said.extend(KEYS.iter().filter(|key| self.has(key.flag)).map(|key| key.name.to_owned()));
        for key in KEYS.iter().filter(|key| key.kind == Kind::Headers) {
            let lines = self.all(key.flag).iter().filter_map(|line| line.to_str());
            let names = lines.filter(|line| !line.starts_with('@')).filter_map(|line| line.split_once(':'));
            said.extend(names.map(|(name, _)| format!("{}.{}", key.name, name.trim().to_ascii_lowercase())));
        }
        said
    }
}
