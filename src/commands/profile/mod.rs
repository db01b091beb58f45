//! What configuration files say becomes words under those that were typed.
//!
//! The words are parsed once as they were typed, which tells what they say; what the files say besides goes in front of
//! them, and all are parsed again. So a file's value is read as the flag's own is, and nothing is merged field by field.
//! Headers and credentials are no words, so that nothing of theirs can be shown as one.

mod secrets;
mod typed;
mod values;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use clap::{ArgMatches, Command};

use super::surroundings::World;
use crate::args::{Configured, Protocol, Under, protocol, quoted, same_server, speaks};
use crate::config::{
    self, Chosen, Fault, File, FileKind, InForce, Layer, NoProfile, Places, Said, Taken, Value,
};
use crate::failure::{Failure, Kind};
use crate::secrets::is_secret;

pub(super) use secrets::Secrets;
pub(super) use typed::Typed;
pub(super) use values::{Values, path_of, shown_path, words as setting_words};

/// What files say to a command.
#[derive(Debug, Default)]
pub(super) struct Merged {
    /// Flags that stand under those that were typed, each with the file and the line that it comes from.
    words: Vec<(OsString, PathBuf, usize)>,
    /// What is no flag.
    pub(super) under: Under,
    /// What has to be said about it.
    pub(super) warnings: Vec<String>,
    /// How long it took to fetch secrets, which may have had to be asked for.
    pub(super) waited: Duration,
}

/// What a command goes by, besides the words: files, variables.
pub(super) struct Around {
    /// Where files are.
    pub(super) places: Places,
    /// The environment's own settings.
    pub(super) variables: Variables,
    /// What can be asked for by name.
    pub(super) lookup: World,
    /// Whether nobody is there to wait or to be asked: no command is run then, and a secret that is not to be had is left
    /// out.
    pub(super) unattended: bool,
}

/// The environment, as far as it stands over files.
#[derive(Debug, Clone, Default)]
pub(super) struct Variables {
    /// `RPCCTL_PROFILE`.
    pub(super) profile: Option<OsString>,
    /// `RPCCTL_ADDRESS`.
    pub(super) address: Option<OsString>,
    /// Whether there is an `RPCCTL_TOKEN`.
    pub(super) token: bool,
}

impl Around {
    /// The server, as far as it is named nearer to the command line than any file.
    fn target(&self, typed: &Typed) -> Option<String> {
        typed.target().or_else(|| self.variables.address.clone()?.into_string().ok())
    }
}

/// The files that count for a command, opened.
pub(super) struct Opened {
    pub(super) files: Vec<File>,
    pub(super) chosen: Option<Chosen>,
    named: bool,
}

/// What of them counts.
pub(super) struct Resolved<'f> {
    pub(super) all: InForce<'f>,
    kept: Option<Kept<'f>>,
    /// The file that nobody vouches for, and the keys in it that are left out.
    left_out: Option<(&'f File, Vec<String>)>,
}

/// Opens the files, and chooses the profile.
pub(super) fn open(typed: &Typed, around: &Around) -> Result<Opened, Failure> {
    let config = typed.one("config").map(PathBuf::from);
    let (files, faults) = config::open(&around.places, config.as_deref())?;
    if let Some(fault) = faults.into_iter().next() {
        return Err(fault.into());
    }
    let typed = typed.one("profile");
    // A variable that is exported is no more than a profile that is always in force.
    let named = typed.is_some();
    let name = typed.or(around.variables.profile.clone());
    let name = name.map(|name| name.to_string_lossy().into_owned());
    let chosen = config::chosen(&files, name.as_deref());
    Ok(Opened { files, chosen, named })
}

/// Credentials that are for another server than the one that is called.
struct Kept<'f> {
    /// The address they are for.
    address: Taken<'f>,
    credentials: Vec<Taken<'f>>,
    /// Whether they would go elsewhere, too, if their profile were asked for by name.
    may_go: bool,
}

impl Opened {
    /// Decides what counts. `counts` is whether a setting means anything to the command.
    pub(super) fn resolve(
        &self,
        typed: &Typed,
        around: &Around,
        counts: impl Fn(&config::Key) -> bool,
    ) -> Result<Resolved<'_>, Failure> {
        let layers = config::layers(&self.files, self.chosen.as_ref()).map_err(|error| match error {
            config::Error::NoProfile(missing) => no_profile(missing, &self.files, &around.places),
            error => error.into(),
        })?;
        let target = around.target(typed);
        let said = said(typed, around, target.as_deref());
        let mut all = config::in_force(&layers, said, speaks)?;
        all.taken.retain(|taken| counts(taken.setting.key));
        all.left_out.retain(|taken| counts(taken.setting.key));
        let kept = self.keep(&mut all, &layers, target.as_deref());
        let left_out = self.left_out(&all);
        Ok(Resolved { all, kept, left_out })
    }

    /// What would count if its file were trusted.
    fn left_out(&self, all: &InForce<'_>) -> Option<(&File, Vec<String>)> {
        let file = self.files.iter().find(|file| !file.is_trusted())?;
        let chooses = file.document.profile.is_some() && !self.named;
        let chosen = |name: &str| self.chosen.as_ref().is_some_and(|chosen| chosen.name == name);
        let inherits = file.document.profiles.iter().any(|it| it.inherits.is_some() && chosen(&it.name));
        let besides = [(chooses, "profile"), (inherits, "inherits")];
        let besides = besides.into_iter().filter(|(is, _)| *is).map(|(_, key)| key.to_owned());
        let mut keys: Vec<String> =
            all.left_out.iter().map(|taken| taken.setting.id()).chain(besides).collect();
        keys.sort_unstable();
        keys.dedup();
        Some((file, keys)).filter(|(_, keys)| !keys.is_empty())
    }

    /// Credentials are for the server that they stand beside. They go to another only if the profile was asked for by
    /// name; a profile that is always in force is not to give them to whoever is called. And where the server does not
    /// count because nobody vouches for it, they are not for the one that is called where none is named.
    fn keep<'f>(
        &self,
        all: &mut InForce<'f>,
        layers: &[Layer<'f>],
        target: Option<&str>,
    ) -> Option<Kept<'f>> {
        let is_address = |taken: &&Taken<'_>| taken.setting.key.name == "address";
        let guarded = all.left_out.iter().find(is_address);
        let (address, may_go) = match (guarded, config::address(layers)) {
            (Some(guarded), None) => (*guarded, false),
            (_, own) => (own?, true),
        };
        let Value::Text(own) = &address.setting.value else { return None };
        if may_go && (self.named || target.is_none_or(|target| same_server(target, own))) {
            return None;
        }
        let is_credential = |taken: &&Taken<'_>| {
            let named = taken.setting.header.as_deref().is_none_or(is_secret);
            named && matches!(taken.setting.value, Value::Secrets(_))
        };
        let (credentials, taken): (Vec<_>, _) = all.taken.iter().partition(is_credential);
        all.taken = taken;
        (!credentials.is_empty()).then_some(Kept { address, credentials, may_go })
    }
}

impl<'f> Resolved<'f> {
    /// The address of a profile that was asked for by name, where it does not count because nobody vouches for its
    /// file and no other server is named: what was asked for is not what would be called.
    fn untrusted_server(&self, opened: &Opened, target: Option<&str>) -> Option<Taken<'f>> {
        let is_address = |taken: &&Taken<'_>| taken.setting.key.name == "address";
        let elsewhere = target.is_some() || self.all.taken.iter().any(|taken| is_address(&taken));
        let address = self.all.left_out.iter().find(is_address).copied();
        address.filter(|_| opened.named && !elsewhere)
    }
}

fn untrusted_server(address: Taken<'_>, places: &Places) -> Failure {
    let path = shown_path(&address.file.path, places);
    let profile = address.profile.unwrap_or_default().to_owned();
    let error = UntrustedServer { profile, place: format!("{path}:{}", address.setting.line) };
    Failure::new(Kind::Wrong, error).hint("read the file, and then: rpcctl config trust")
}

/// A profile was asked for by name, and its server is nobody's word.
#[derive(Debug, thiserror::Error)]
#[error("the address of profile {profile} does not count, since {place} is not trusted")]
struct UntrustedServer {
    profile: String,
    place: String,
}

/// What is said nearer to the command line than any file.
fn said(typed: &Typed, around: &Around, target: Option<&str>) -> Said {
    let mut said = typed.said();
    if let Some(target) = target {
        said.insert("address".to_owned());
        said.extend(speaks(target).map(str::to_owned));
    }
    // It counts where no authorization was typed, and then over that of any file.
    if around.variables.token {
        said.insert("bearer".to_owned());
    }
    said
}

/// Makes of the files what stands under the words of a verb.
pub(super) fn merge(verb: &Command, matches: &ArgMatches, around: &Around) -> Result<Merged, Failure> {
    let typed = Typed::of(verb, matches);
    let opened = open(&typed, around)?;
    if opened.files.is_empty() && opened.chosen.is_none() {
        return Ok(Merged::default());
    }
    let flags = |key: &config::Key| {
        key.name == "address"
            || (typed::has(verb, key.flag) && key.verbs.is_none_or(|only| only.contains(&verb.get_name())))
    };
    let resolved = opened.resolve(&typed, around, flags)?;
    if let Some(address) = resolved.untrusted_server(&opened, around.target(&typed).as_deref()) {
        return Err(untrusted_server(address, &around.places));
    }
    let mut merged = Merged { warnings: warnings(&resolved, &around.places), ..Merged::default() };
    let find = |name: &str| resolved.all.taken.iter().find(|taken| taken.setting.key.name == name);
    let address = find("address");
    let place = |taken: &Taken<'_>| {
        format!("{}:{}", shown_path(&taken.file.path, &around.places), taken.setting.line)
    };
    merged.under.schema_at = find("proto").or_else(|| find("descriptor-set")).map(place);
    if let Some((taken, Value::Text(text))) = address.map(|taken| (taken, &taken.setting.value)) {
        let at = place(taken);
        merged.under.address = Some(Configured { text: text.clone(), at });
    }
    if let (Some(key), None, false) = (find("key"), find("cert"), typed.has("cert")) {
        return Err(
            Fault::value(&key.file.path, key.setting, "there is no cert that it is the key of").into()
        );
    }
    let target =
        around.target(&typed).or_else(|| merged.under.address.as_ref().map(|address| address.text.clone()));
    let protocol = target.map_or(Protocol::Grpc, |target| protocol(&target));
    let passes =
        |taken: &&Taken<'_>| values::means_something(taken.setting, verb.get_name(), &typed, protocol);
    let passing: Vec<Taken<'_>> = resolved.all.taken.iter().filter(passes).copied().collect();
    for taken in &passing {
        let words = values::words(taken.setting, &taken.file.path);
        if !words.is_empty() {
            merged.under.flags.push(taken.setting.key.flag);
        }
        let with_place = |word| (word, taken.file.path.clone(), taken.setting.line);
        merged.words.extend(words.into_iter().map(with_place));
    }
    let expanding = typed.has("expand-headers") || merged.under.flags.contains(&"expand-headers");
    let begun = Instant::now();
    let secrets = Secrets { lookup: &around.lookup, expanding, unattended: around.unattended };
    merged.under.headers = secrets.headers(&passing)?;
    merged.waited = begun.elapsed();
    Ok(merged)
}

impl Merged {
    /// The words with those of the files in front of them, behind the verb; none if there are none to add.
    pub(super) fn words(&self, typed: &[OsString]) -> Option<Vec<OsString>> {
        if self.words.is_empty() {
            return None;
        }
        let (verb, rest) = typed.split_at_checked(2)?;
        let own = self.words.iter().map(|(word, ..)| word);
        Some(verb.iter().chain(own).chain(rest).cloned().collect())
    }

    /// What is wrong with a value in a file, if that is why the words can't be parsed.
    pub(super) fn blame(&self, command: &Command, verb: &str) -> Option<Failure> {
        let values = Values::new(command, verb);
        self.words.iter().find_map(|(word, path, line)| {
            let what = config::What::Text(values.refused(word)?);
            Some(Fault { path: path.clone(), line: *line, what }.into())
        })
    }
}

/// What was left out, and what can be done about it.
pub(super) fn warnings(resolved: &Resolved<'_>, places: &Places) -> Vec<String> {
    let mut warnings = Vec::new();
    if let Some((file, keys)) = &resolved.left_out {
        let (path, keys) = (shown_path(&file.path, places), keys.join(", "));
        warnings.push(format!(
            "{path} is not trusted, and this in it does not count: {keys}; read it, and then: rpcctl config trust"
        ));
    }
    if let Some(Kept { address, credentials, may_go }) = &resolved.kept
        && let Value::Text(address) = &address.setting.value
    {
        let keys: Vec<String> = credentials.iter().map(|taken| taken.setting.id()).collect();
        let keys = keys.join(", ");
        let how = match credentials.first().and_then(|taken| taken.profile).filter(|_| *may_go) {
            Some(profile) => format!("; --profile {} sends it elsewhere too", quoted(profile)),
            None => String::new(),
        };
        warnings.push(format!("not sent, being for {address} alone: {keys}{how}"));
    }
    warnings
}

impl From<config::Error> for Failure {
    fn from(error: config::Error) -> Self {
        match error {
            config::Error::Fault(fault) => fault.into(),
            error @ config::Error::Read { .. } => Self::new(Kind::Failed, error),
            error @ config::Error::NoProfile(_) => Self::new(Kind::Wrong, error),
        }
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        let hint = match &fault.what {
            config::What::Command(_) => {
                Some("put it into your own file, whose path is told by: rpcctl config path".to_owned())
            }
            config::What::NoProfile(NoProfile { all, .. }) if !all.is_empty() => {
                Some(format!("the profiles are {}", all.join(", ")))
            }
            _ => None,
        };
        let failure = Self::new(Kind::Wrong, fault);
        match hint {
            Some(hint) => failure.hint(hint),
            None => failure,
        }
    }
}

/// A profile that was named, and is not there.
fn no_profile(missing: NoProfile, files: &[File], places: &Places) -> Failure {
    let all = missing.all.join(", ");
    let failure = Failure::new(Kind::Wrong, missing);
    if !all.is_empty() {
        return failure.hint(format!("the profiles are {all}"));
    }
    let read: Vec<String> = files.iter().map(|file| shown_path(&file.path, places)).collect();
    match (read.as_slice(), config::own_file(places)) {
        ([], Some(own)) => failure.hint(format!(
            "profiles stand in {}, as [profiles.NAME], and there is no such file",
            shown_path(&own, places)
        )),
        ([], None) => failure.hint("profiles stand in a file: --config FILE, or one in ~/.config/rpcctl"),
        (read, _) => failure.hint(format!("there are no profiles in {}", read.join(" and "))),
    }
}

/// Whose a file is, in words.
pub(super) fn whose(kind: FileKind) -> &'static str {
    match kind {
        FileKind::Own => "yours",
        FileKind::Named => "named with --config",
        FileKind::Folder { trusted: true } => "the folder's, trusted",
        FileKind::Folder { trusted: false } => "the folder's, not trusted",
    }
}

/// The folder's file, or why there is none to speak of.
pub(super) fn folder_file(places: &Places, named: Option<&Path>) -> Option<PathBuf> {
    match named {
        Some(path) if path.is_dir() => Some(path.join(config::FOLDER_FILE)),
        Some(path) => Some(path.to_owned()),
        None => config::folder_file(places),
    }
}
