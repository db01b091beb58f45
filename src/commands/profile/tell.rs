//! What is said of files: what is left out of them and why, and what is wrong in them.

use super::resolve::{Kept, Opened, Resolved};
use super::shown_path;
use crate::args::quoted;
use crate::config::{self, Fault, NoProfile, Places, Taken, Value};
use crate::failure::{Failure, Kind};

/// What was left out, and what can be done about it.
pub(in crate::commands) fn warnings(
    opened: &Opened,
    resolved: Option<&Resolved<'_>>,
    places: &Places,
) -> Vec<String> {
    let mut warnings: Vec<String> = opened
        .broken
        .iter()
        .map(|fault| {
            let Fault { path, line, what } = fault;
            let line = if *line == 0 { String::new() } else { format!(":{line}") };
            format!("{}{line}: {what}; so nothing in this file counts", shown_path(path, places))
        })
        .collect();
    let Some(Resolved { left_out, kept, .. }) = resolved else { return warnings };
    if let Some((file, keys)) = left_out {
        let (path, keys) = (shown_path(&file.path, places), keys.join(", "));
        warnings.push(format!(
            "{path} is not trusted, and this in it does not count: {keys}; read it, and then: rpcctl config trust"
        ));
    }
    if let Some(Kept { address, credentials, may_go }) = kept
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
            error @ config::Error::NoProfile { .. } => Self::new(Kind::Wrong, error),
        }
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        let hint = match &fault.what {
            config::What::Command(_) => {
                Some("put it into your own file, whose path is told by: rpcctl config path".to_owned())
            }
            config::What::NoProfile { missing: NoProfile { all, .. }, .. } if !all.is_empty() => {
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
pub(super) fn no_profile(by: &'static str, missing: NoProfile, opened: &Opened, places: &Places) -> Failure {
    let all = missing.all.join(", ");
    let error = config::Error::NoProfile { by, missing };
    let mut failure = Failure::new(Kind::Wrong, error);
    for broken in warnings(opened, None, places) {
        failure = failure.hint(broken);
    }
    if !all.is_empty() {
        return failure.hint(format!("the profiles are {all}"));
    }
    let read: Vec<String> = opened.files.iter().map(|file| shown_path(&file.path, places)).collect();
    match (read.as_slice(), config::own_file(places)) {
        ([], Some(own)) => failure.hint(format!(
            "profiles stand in {}, as [profiles.NAME], and there is no such file",
            shown_path(&own, places)
        )),
        ([], None) => failure.hint("profiles stand in a file: --config FILE, or one in ~/.config/rpcctl"),
        (read, _) => failure.hint(format!("there are no profiles in {}", read.join(" and "))),
    }
}

/// The server that a profile names does not count, and no other is named.
pub(super) fn untrusted_server(address: Taken<'_>, places: &Places) -> Failure {
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
