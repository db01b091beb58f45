//! `rpcctl config check`: all that makes no sense in the files, whatever profile it stands in.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::super::profile::{Values, no_default, setting_words, shown_path, whose};
use super::super::{Exit, Failed, Writers};
use crate::args::{speaks, target_error};
use crate::config::{self, By, Chosen, Fault, File, FileKind, Kind, Places, Setting, Source, Value, What};
use crate::output::sanitize;
use crate::wire::Metadata;

/// Checks.
pub(super) fn run(named: Option<&Path>, places: &Places, io: &mut Writers<'_>) -> Result<Exit, Failed> {
    let (files, mut faults) = config::open(places, named)?;
    if files.is_empty() {
        writeln!(io.talk, "(there are no files: rpcctl config path says where yours would be)")?;
        return Ok(Exit::OK);
    }
    let command = super::super::command();
    let verbs = [Values::new(&command, "call"), Values::new(&command, "list")];
    for file in &files {
        let profiles = file.document.profiles.iter().map(|profile| &profile.settings);
        for setting in std::iter::once(&file.document.settings).chain(profiles).flatten() {
            faults.extend(wrong(setting, file, &verbs).map(|what| Fault {
                path: file.path.clone(),
                line: setting.line,
                what,
            }));
        }
        faults.extend(config::contradictions(&file.path, &file.document, speaks));
    }
    let told: Vec<(PathBuf, FileKind)> = files.iter().map(|file| (file.path.clone(), file.kind)).collect();
    faults.extend(of_profiles(&files.into_iter().map(trusted).collect::<Vec<_>>()));
    faults.sort_by(|one, other| (&one.path, one.line).cmp(&(&other.path, other.line)));
    let mut shown = BTreeSet::new();
    for fault in faults {
        let text = fault.to_string();
        if shown.insert(text.clone()) {
            writeln!(io.out, "{}", sanitize::brief(&text))?;
        }
    }
    for (path, kind) in told {
        let place = path.display().to_string();
        let wrong = shown.iter().filter(|fault| fault.starts_with(&format!("{place}:"))).count();
        let how = match wrong {
            0 => "nothing is wrong".to_owned(),
            1 => "1 thing is wrong".to_owned(),
            many => format!("{many} things are wrong"),
        };
        writeln!(io.talk, "{} ({}): {how}", shown_path(&path, places), whose(kind))?;
    }
    Ok(if shown.is_empty() { Exit::OK } else { Exit(2) })
}

/// The file as it would count if it were trusted: whoever checks it wants to know that as well.
fn trusted(file: File) -> File {
    match file.kind {
        FileKind::Folder { .. } => File { kind: FileKind::Folder { trusted: true }, ..file },
        _ => file,
    }
}

/// What comes of profiles together: those that are not there, or inherit from themselves.
fn of_profiles(files: &[File]) -> Vec<Fault> {
    let named = files.iter().filter_map(|file| {
        let default = file.document.profile.as_ref()?;
        Some(Chosen { name: default.name.clone(), by: By::Key("profile", file.path.clone(), default.line) })
    });
    let all = files.iter().flat_map(|file| &file.document.profiles);
    let all = all.map(|profile| Chosen { name: profile.name.clone(), by: By::Name("--profile") });
    named
        .chain(all)
        .filter_map(|chosen| match config::layers(files, Some(&chosen)) {
            Ok(layers) => config::in_force(&layers, config::Said::new(), speaks).err(),
            Err(config::Error::Fault(fault)) => Some(fault),
            Err(_) => None,
        })
        .collect()
}

/// Why a value makes no sense by itself.
fn wrong(setting: &Setting, file: &File, verbs: &[Values; 2]) -> Option<What> {
    let why = match &setting.value {
        Value::Text(address) if setting.key.name == "address" => target_error(address),
        Value::Secrets(sources) => sources.iter().find_map(|source| match source {
            Source::Text(text) => {
                let name = setting.header.as_deref()?;
                let line = format!("{name}: {}", text.reveal());
                Metadata::default().add_line(&line).err().map(|error| error.to_string())
            }
            Source::File(path) if !path.is_file() => Some(format!("there is no file {}", path.display())),
            Source::File(_) | Source::Env(_) | Source::Command(_) => None,
        }),
        Value::Paths(paths) => {
            // An import path may have it.
            let missing = paths.iter().find(|path| setting.key.name != "proto" && !path.exists());
            missing.map(|path| format!("there is no {}", path.display()))
        }
        Value::Text(_) => {
            if let Some(what) = no_default(setting) {
                return Some(what);
            }
            let values = match (setting.key.kind, setting.key.name) {
                (Kind::Text, "list-output") => &verbs[1],
                _ => &verbs[0],
            };
            let mut words = setting_words(setting, &file.path).into_iter();
            return words.find_map(|word| values.refused(&word)).map(What::Text);
        }
        Value::Switch(_) => None,
    };
    why.map(|why| What::Value { key: setting.id(), why })
}
