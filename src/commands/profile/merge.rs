//! Makes of files what stands under the words of a verb.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Instant;

use clap::{ArgMatches, Command};

use super::fetch::Fetch;
use super::resolve::{Opened, Resolved, open};
use super::{Around, Typed, Values, shown_path, tell, typed, values};
use crate::args::{Configured, Protocol, Under, protocol};
use crate::config::{self, Fault, Places, Taken, Value};
use crate::failure::Failure;

/// What files say to a command.
#[derive(Debug, Default)]
pub(in crate::commands) struct Merged {
    /// Flags that stand under those that were typed, each with the file and the line that it comes from.
    words: Vec<(OsString, PathBuf, usize)>,
    /// What is no flag.
    pub(in crate::commands) under: Under,
    /// What has to be said about it.
    pub(in crate::commands) warnings: Vec<String>,
    /// What it was made by, where there was anything to ask for.
    pub(in crate::commands) around: Option<Around>,
}

/// Makes of the files what stands under the words of a verb.
pub(in crate::commands) fn merge(
    verb: &Command,
    matches: &ArgMatches,
    around: Around,
) -> Result<Merged, Failure> {
    let flag = |id| matches.get_raw(id).and_then(Iterator::last);
    let mut opened = open(flag("config"), flag("profile"), &around)?;
    opened.check_values(verb)?;
    if opened.files.is_empty() && opened.chosen.is_none() {
        let warnings = tell::warnings(&opened, None, &around.places);
        return Ok(Merged { warnings, around: Some(around), ..Merged::default() });
    }
    let typed = Typed::of(verb, matches);
    let flags = |key: &config::Key| key.name == "address" || is_of(key, verb);
    let resolved = opened.resolve(&typed, &around, flags)?;
    if let Some(address) = resolved.untrusted_server(&opened, around.target(&typed).as_deref()) {
        return Err(tell::untrusted_server(address, &around.places));
    }
    let warnings = tell::warnings(&opened, Some(&resolved), &around.places);
    let mut merged = Merged { warnings, ..Merged::default() };
    resolved.check_key(&typed)?;
    resolved.check_defaults()?;
    merged.under = under(&resolved, &around.places);
    let target =
        around.target(&typed).or_else(|| merged.under.address.as_ref().map(|address| address.text.clone()));
    let protocol = target.map_or(Protocol::Http(None), |target| protocol(&target));
    let passes =
        |taken: &&Taken<'_>| values::means_something(taken.setting, verb.get_name(), &typed, protocol);
    let passing: Vec<Taken<'_>> = resolved.all.taken.iter().filter(passes).copied().collect();
    merged.add_words(&passing);
    let expanding = typed.has("expand-headers") || merged.under.flags.contains(&"expand-headers");
    let begun = Instant::now();
    let fetch = Fetch { lookup: &around.lookup, expanding, unattended: around.unattended };
    merged.under.headers = fetch.headers(&passing)?;
    around.lookup.took(begun.elapsed());
    merged.around = Some(around);
    Ok(merged)
}

/// Whether a key means a flag of this verb.
fn is_of(key: &config::Key, verb: &Command) -> bool {
    typed::has_flag(verb, key.flag) && key.verbs.is_none_or(|only| only.contains(&verb.get_name()))
}

/// A setting's place, as messages name it.
fn place(taken: &Taken<'_>, places: &Places) -> String {
    format!("{}:{}", shown_path(&taken.file.path, places), taken.setting.line)
}

/// What no flag can carry: the server, and where the schema was said.
fn under(resolved: &Resolved<'_>, places: &Places) -> Under {
    let schema = resolved.setting("proto").or_else(|| resolved.setting("descriptor-set"));
    let address = resolved.setting("address").and_then(|taken| match &taken.setting.value {
        Value::Text(text) => Some(Configured { text: text.clone(), at: place(taken, places) }),
        _ => None,
    });
    Under { address, schema_at: schema.map(|taken| place(taken, places)), ..Under::default() }
}

impl Opened {
    /// A file that nobody vouches for is left out, too, where a flag of this verb refuses a value of it, or would read
    /// what is no file.
    pub(in crate::commands) fn check_values(&mut self, verb: &Command) -> Result<(), Failure> {
        let mut refused = Vec::new();
        for file in self.files.iter().filter(|file| !file.is_trusted()) {
            let profiles = file.document.profiles.iter().map(|profile| &profile.settings);
            let all = std::iter::once(&file.document.settings).chain(profiles).flatten();
            let own = all.filter(|setting| setting.key.group.is_harmless() && is_of(setting.key, verb));
            refused.extend(own.filter_map(|setting| {
                let text = values::no_choice(setting, verb).map(config::What::Text);
                let what = text.or_else(|| values::no_file(setting, &file.path))?;
                Some(Fault { path: file.path.clone(), line: setting.line, what })
            }));
        }
        refused.into_iter().try_for_each(|fault| self.leave_out(fault))
    }
}

impl<'f> Resolved<'f> {
    /// The setting of a key that counts.
    fn setting(&self, key: &str) -> Option<&Taken<'f>> {
        self.all.taken.iter().find(|taken| taken.setting.key.name == key)
    }

    /// A key without a certificate is none.
    fn check_key(&self, typed: &Typed) -> Result<(), Fault> {
        match (self.setting("key"), self.setting("cert")) {
            (Some(key), None) if !typed.has("cert") => {
                let why = "there is no cert that it is the key of";
                Err(Fault::value(&key.file.path, key.setting, why))
            }
            _ => Ok(()),
        }
    }
}

impl Resolved<'_> {
    /// Every value that counts may stand in a file.
    fn check_defaults(&self) -> Result<(), Fault> {
        self.all.taken.iter().try_for_each(|taken| match values::no_default(taken.setting) {
            Some(what) => Err(Fault { path: taken.file.path.clone(), line: taken.setting.line, what }),
            None => Ok(()),
        })
    }
}

impl Merged {
    /// Adds the words of settings.
    fn add_words(&mut self, settings: &[Taken<'_>]) {
        for taken in settings {
            let words = values::words(taken.setting, &taken.file.path);
            if !words.is_empty() {
                self.under.flags.push(taken.setting.key.flag);
            }
            let with_place = |word| (word, taken.file.path.clone(), taken.setting.line);
            self.words.extend(words.into_iter().map(with_place));
        }
    }

    /// The words with those of the files in front of them, behind the verb; none if there are none to add.
    pub(in crate::commands) fn words(&self, typed: &[OsString]) -> Option<Vec<OsString>> {
        if self.words.is_empty() {
            return None;
        }
        let (verb, rest) = typed.split_at_checked(2)?;
        let own = self.words.iter().map(|(word, ..)| word);
        Some(verb.iter().chain(own).chain(rest).cloned().collect())
    }

    /// What is wrong with a value in a file, if that is why the words can't be parsed.
    pub(in crate::commands) fn blame(&self, command: &Command, verb: &str) -> Option<Failure> {
        let values = Values::new(command, verb);
        self.words.iter().find_map(|(word, path, line)| {
            let what = config::What::Text(values.refused(word)?);
            Some(Fault { path: path.clone(), line: *line, what }.into())
        })
    }
}
