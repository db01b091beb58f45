//! Which settings count: what is nearer to the command line replaces what stands under it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::files::{File, Kind as FileKind};
use super::read::{Document, Named, Profile, Setting, Value};
use super::{Error, Fault, NoProfile, What, nearest};

/// What is said nearer to the command line: keys, headers as `header.NAME`, and other flags by their long names.
pub type Said = BTreeSet<String>;

/// Settings that stand side by side.
#[derive(Debug, Clone, Copy)]
pub struct Layer<'f> {
    file: &'f File,
    profile: Option<&'f str>,
    settings: &'f [Setting],
}

/// A setting, and where it stands.
#[derive(Debug, Clone, Copy)]
pub struct Taken<'f> {
    /// The setting.
    pub setting: &'f Setting,
    /// The file.
    pub file: &'f File,
    /// The profile, unless it counts with any.
    pub profile: Option<&'f str>,
}

/// Which settings count.
#[derive(Debug, Default)]
pub struct InForce<'f> {
    /// Those that do, the nearest first.
    pub taken: Vec<Taken<'f>>,
    /// Those that do not because nobody vouches for their folder.
    pub left_out: Vec<Taken<'f>>,
}

/// The profile that counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chosen {
    /// Its name.
    pub name: String,
    /// What chooses it.
    pub by: By,
}

/// What names a profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum By {
    /// This flag or variable.
    Name(&'static str),
    /// This key, in this line of a file.
    Key(&'static str, PathBuf, usize),
}

/// The profile to take: the one that was named, by this flag or variable, or else the nearest file's that is believed.
pub fn chosen(files: &[File], named: Option<(String, &'static str)>) -> Option<Chosen> {
    if let Some((name, by)) = named {
        return Some(Chosen { name, by: By::Name(by) });
    }
    files.iter().filter(|file| file.is_trusted()).find_map(|file| {
        let Named { name, line } = file.document.profile.as_ref()?;
        Some(Chosen { name: name.clone(), by: By::Key("profile", file.path.clone(), *line) })
    })
}

/// The layers of a profile, the nearest first: its own, those it inherits from, and what counts with any. The nearer of
/// two files comes first in each. `files` are in that order.
pub fn layers<'f>(files: &'f [File], chosen: Option<&Chosen>) -> Result<Vec<Layer<'f>>, Error> {
    let mut layers = Vec::new();
    let mut chain: Vec<String> = Vec::new();
    let mut next = chosen.cloned();
    while let Some(Chosen { name, by }) = next {
        let found: Vec<(&File, &Profile)> = files
            .iter()
            .filter_map(|file| Some((file, file.document.profiles.iter().find(|it| it.name == name)?)))
            .collect();
        if found.is_empty() {
            let missing = no_profile(files, &name);
            return Err(match by {
                By::Key(key, path, line) => {
                    Fault { path, line, what: What::NoProfile { key, missing } }.into()
                }
                By::Name(by) => Error::NoProfile { by, missing },
            });
        }
        chain.push(name);
        let inherits = found
            .iter()
            .filter(|(file, _)| file.is_trusted())
            .find_map(|(file, profile)| Some((file, profile.inherits.as_ref()?)));
        next = match inherits {
            None => None,
            Some((file, Named { name, line })) => {
                if let Some(first) = chain.iter().position(|known| known == name) {
                    let mut round = chain.split_off(first);
                    round.push(name.clone());
                    return Err(
                        Fault { path: file.path.clone(), line: *line, what: What::Cycle(round) }.into()
                    );
                }
                let by = By::Key("inherits", file.path.clone(), *line);
                Some(Chosen { name: name.clone(), by })
            }
        };
        layers.extend(found.into_iter().map(|(file, profile)| Layer {
            file,
            profile: Some(&profile.name),
            settings: &profile.settings,
        }));
    }
    layers.extend(files.iter().map(|file| Layer { file, profile: None, settings: &file.document.settings }));
    Ok(layers)
}

/// The address that stands in the files, though one nearer to the command line may be called instead.
pub fn address<'f>(layers: &[Layer<'f>]) -> Option<Taken<'f>> {
    layers.iter().filter(|layer| layer.file.is_trusted()).find_map(|layer| {
        let setting = layer.settings.iter().find(|setting| setting.key.name == "address")?;
        Some(Taken { setting, file: layer.file, profile: layer.profile })
    })
}

fn no_profile(files: &[File], name: &str) -> NoProfile {
    let names = files.iter().flat_map(|file| file.document.profiles.iter().map(|it| it.name.as_str()));
    let all: BTreeSet<&str> = names.collect();
    NoProfile {
        name: name.to_owned(),
        near: nearest(name, all.iter().copied()),
        all: all.into_iter().map(str::to_owned).collect(),
    }
}

/// Chooses from the layers what nothing nearer replaces. `speaks` is what the address alone says, `plaintext` or `tls`.
pub fn in_force<'f>(
    layers: &[Layer<'f>],
    mut said: Said,
    speaks: impl Fn(&str) -> Option<&'static str>,
) -> Result<InForce<'f>, Fault> {
    let mut all = InForce::default();
    for layer in layers {
        let mut says = Vec::new();
        for setting in layer.settings {
            let taken = Taken { setting, file: layer.file, profile: layer.profile };
            if is_replaced(setting, &said) {
                continue;
            }
            if !layer.file.is_trusted() && !setting.key.group.is_harmless() {
                all.left_out.push(taken);
                continue;
            }
            all.taken.push(taken);
            says.push(setting.id());
            if let ("address", Value::Text(address)) = (setting.key.name, &setting.value) {
                says.extend(speaks(address).map(str::to_owned));
            }
        }
        said.extend(says);
        contradicted(&all.taken, &speaks)?;
    }
    Ok(all)
}

/// Whether something nearer replaces a setting.
fn is_replaced(setting: &Setting, said: &Said) -> bool {
    let is_said = |name: &str| said.contains(name);
    is_said(&setting.id())
        || setting.key.yields.iter().any(|flag| is_said(flag))
        || against(setting).iter().any(|other| is_said(other))
}

/// What says the opposite of a setting.
fn against(setting: &Setting) -> &'static [&'static str] {
    match (setting.key.name, setting.header.as_deref()) {
        ("header", Some("authorization")) => &["bearer", "user"],
        // It may stand beside a credential for all calls, and is not to outlive a nearer one.
        (_, Some("authorization")) => &["bearer", "user", "header.authorization"],
        (_, Some(_)) => &[],
        _ => setting.key.against,
    }
}

/// Two settings that count and can't both be. Nearer ones replace those under them, so they stand side by side, or the
/// address is one of them.
fn contradicted(taken: &[Taken<'_>], speaks: impl Fn(&str) -> Option<&'static str>) -> Result<(), Fault> {
    for (index, one) in taken.iter().enumerate() {
        for other in taken.iter().take(index) {
            if excludes(one.setting, other.setting, &speaks) || excludes(other.setting, one.setting, &speaks)
            {
                let (late, early) =
                    if one.setting.line < other.setting.line { (other, one) } else { (one, other) };
                return Err(contradiction(&late.file.path, late.setting, early.setting));
            }
        }
    }
    Ok(())
}

fn excludes(one: &Setting, other: &Setting, speaks: impl Fn(&str) -> Option<&'static str>) -> bool {
    let is_on = |setting: &Setting| setting.value != Value::Switch(false);
    if !is_on(one) || !is_on(other) {
        return false;
    }
    if let ("address", Value::Text(address)) = (one.key.name, &one.value) {
        return speaks(address).is_some_and(|speech| other.key.against.contains(&speech));
    }
    let for_one_call = one.header.is_some() && one.key.name != "header";
    !for_one_call && against(one).contains(&other.id().as_str())
}

fn contradiction(path: &Path, late: &Setting, early: &Setting) -> Fault {
    let what = What::Contradiction { one: late.id(), other: early.id(), line: early.line };
    Fault { path: path.to_owned(), line: late.line, what }
}

/// Everything in a file that contradicts something beside it.
pub fn contradictions(
    path: &Path,
    document: &Document,
    speaks: impl Fn(&str) -> Option<&'static str>,
) -> Vec<Fault> {
    let lists = std::iter::once(&document.settings).chain(document.profiles.iter().map(|it| &it.settings));
    let mut all = Vec::new();
    for settings in lists {
        for (index, one) in settings.iter().enumerate() {
            for other in settings.iter().take(index) {
                if excludes(one, other, &speaks) || excludes(other, one, &speaks) {
                    let (late, early) = if one.line < other.line { (other, one) } else { (one, other) };
                    all.push(contradiction(path, late, early));
                }
            }
        }
    }
    all
}

impl File {
    /// Whether all of it counts.
    pub fn is_trusted(&self) -> bool {
        self.kind != FileKind::Folder { trusted: false }
    }
}
