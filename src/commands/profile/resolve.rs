//! Which files and which profile there are, and what of them counts beside what was typed.

use std::ffi::OsStr;
use std::path::Path;

use super::{Around, Typed, tell};
use crate::args::{same_server, speaks};
use crate::config::{self, Chosen, Fault, File, InForce, Layer, Said, Taken, Value};
use crate::failure::Failure;
use crate::secrets::is_secret;

/// The files that count for a command, opened.
pub(in crate::commands) struct Opened {
    pub(in crate::commands) files: Vec<File>,
    pub(in crate::commands) chosen: Option<Chosen>,
    /// Why files are left out: nobody vouches for them, and they make no sense.
    pub(super) broken: Vec<Fault>,
    named: bool,
}

/// What of them counts.
pub(in crate::commands) struct Resolved<'f> {
    pub(in crate::commands) all: InForce<'f>,
    pub(super) kept: Option<Kept<'f>>,
    /// The file that nobody vouches for, and the keys in it that are left out.
    pub(super) left_out: Option<(&'f File, Vec<String>)>,
}

/// Opens the files, and chooses the profile. `config` and `profile` are what the flags say.
pub(in crate::commands) fn open(
    config: Option<&OsStr>,
    profile: Option<&OsStr>,
    around: &Around,
) -> Result<Opened, Failure> {
    let (files, faults) = config::open(&around.places, config.map(Path::new))?;
    // A variable that is exported is no more than a profile that is always in force.
    let named = profile.is_some();
    let name = match (profile, &around.variables.profile) {
        (Some(name), _) => Some((name, "--profile")),
        (None, Some(name)) => Some((name.as_os_str(), "RPCCTL_PROFILE")),
        (None, None) => None,
    };
    let name = name.map(|(name, by)| (name.to_string_lossy().into_owned(), by));
    let mut opened = Opened { files, chosen: None, broken: Vec::new(), named };
    for fault in faults {
        opened.leave_out(fault)?;
    }
    opened.chosen = config::chosen(&opened.files, name);
    Ok(opened)
}

/// Credentials that are for another server than the one that is called.
pub(super) struct Kept<'f> {
    /// The address they are for.
    pub(super) address: Taken<'f>,
    pub(super) credentials: Vec<Taken<'f>>,
    /// Whether they would go elsewhere, too, if their profile were asked for by name.
    pub(super) may_go: bool,
}

impl Opened {
    /// Leaves out the file of a fault. One that somebody vouches for is to be mended, and a folder that came from
    /// anywhere is no reason to do nothing.
    pub(super) fn leave_out(&mut self, fault: Fault) -> Result<(), Failure> {
        let same = |file: &File| !file.is_trusted() && file.path == fault.path;
        if self.files.iter().any(same) {
            self.files.retain(|file| !same(file));
            self.broken.push(fault);
        } else if self.broken.iter().all(|broken| broken.path != fault.path) {
            return Err(fault.into());
        }
        Ok(())
    }

    /// Decides what counts. `counts` is whether a setting means anything to the command.
    pub(in crate::commands) fn resolve(
        &self,
        typed: &Typed,
        around: &Around,
        counts: impl Fn(&config::Key) -> bool,
    ) -> Result<Resolved<'_>, Failure> {
        let layers = config::layers(&self.files, self.chosen.as_ref()).map_err(|error| match error {
            config::Error::NoProfile { by, missing } => tell::no_profile(by, missing, self, &around.places),
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
    pub(super) fn untrusted_server(&self, opened: &Opened, target: Option<&str>) -> Option<Taken<'f>> {
        let is_address = |taken: &&Taken<'_>| taken.setting.key.name == "address";
        let elsewhere = target.is_some() || self.all.taken.iter().any(|taken| is_address(&taken));
        let address = self.all.left_out.iter().find(is_address).copied();
        address.filter(|_| opened.named && !elsewhere)
    }
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
