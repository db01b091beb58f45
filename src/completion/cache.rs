//! Catalogs on disk, one file a target: what completion falls back on, and answers at once from.
//!
//! The files are nobody else's to read, since they tell whom one talks to and what is there. They are kept by target
//! and by how it is addressed, never by who asked: no header is in a name or a file. What can't be read is as if it
//! were not there, and the next answer of the server is written over it.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde::{Deserialize, Serialize};

use super::Catalog;

/// What an older version wrote is not read.
const FORMAT: u32 = 1;
/// A file that is larger is neither written nor read: reading it would take longer than anyone waits.
const MAX_BYTES: u64 = 4 << 20;
/// So many files are kept, the newest.
const MAX_FILES: usize = 64;
/// What was not asked for so long is forgotten.
const MAX_AGE: Duration = Duration::from_secs(30 * 24 * 3600);
/// No file system takes names of more bytes; some room is left for endings.
const MAX_NAME: usize = 230;

/// What can stand in a file's name as it is.
const PLAIN: AsciiSet = NON_ALPHANUMERIC.remove(b'.').remove(b'-').remove(b'_').remove(b'[').remove(b']');

/// A target, as a file's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key(String);

impl Key {
    /// The key of a target, and what else decides who answers there. None where it makes too long a name.
    pub fn new(target: &str, besides: &[&str]) -> Option<Self> {
        let encoded = |text: &str| utf8_percent_encode(text, &PLAIN).to_string();
        let mut name = encoded(target);
        for word in besides {
            name.push(',');
            name.push_str(&encoded(word));
        }
        (!target.is_empty() && name.len() <= MAX_NAME).then_some(Self(name))
    }
}

/// The folder of catalogs.
#[derive(Debug, Clone)]
pub struct Cache {
    folder: PathBuf,
}

/// A catalog that was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cached {
    /// What the server offered.
    pub catalog: Catalog,
    /// How long ago it said so.
    pub age: Duration,
}

#[derive(Serialize, Deserialize)]
struct Kept<C> {
    format: u32,
    catalog: C,
}

impl Cache {
    /// The cache in this folder, which need not be there.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// What is kept for a target, unless it is too old.
    pub fn read(&self, key: &Key) -> Option<Cached> {
        let file = File::open(self.path(key)).ok()?;
        let metadata = file.metadata().ok()?;
        let age = age(&metadata)?;
        if age > MAX_AGE || metadata.len() > MAX_BYTES {
            return None;
        }
        let mut bytes = Vec::new();
        file.take(MAX_BYTES).read_to_end(&mut bytes).ok()?;
        let kept: Kept<Catalog> = serde_json::from_slice(&bytes).ok()?;
        (kept.format == FORMAT).then_some(Cached { catalog: kept.catalog, age })
    }

    /// Keeps what a target offers, and lets go of what is old.
    pub fn write(&self, key: &Key, catalog: &Catalog) -> io::Result<()> {
        let bytes = serde_json::to_vec(&Kept { format: FORMAT, catalog }).map_err(io::Error::other)?;
        if bytes.len() as u64 > MAX_BYTES {
            return Ok(());
        }
        make_private_folder(&self.folder)?;
        // Two shells may complete at once: each writes a file of its own, and the later one stays.
        let unfinished = self.folder.join(format!("{}.{}.new", key.0, std::process::id()));
        private_file().create(true).truncate(true).open(&unfinished)?.write_all(&bytes)?;
        fs::rename(&unfinished, self.path(key))?;
        // It answered.
        let _ = fs::remove_file(self.waiting(key));
        self.tidy()
    }

    /// Leaves a target's name where completion finds it; it does nothing where nobody has completed anything yet.
    pub fn remember(&self, key: &Key) {
        // The next completion writes what belongs into it.
        let _ = private_file().create_new(true).open(self.path(key));
    }

    /// Notes that a target has begun to be asked and takes its time.
    pub fn note_waiting(&self, key: &Key) {
        let noted = make_private_folder(&self.folder)
            .and_then(|()| private_file().create(true).truncate(true).open(self.waiting(key)));
        // The time of the file is all there is to it, and a file that was there has an old one.
        let _ = noted.and_then(|file| file.set_modified(SystemTime::now()));
    }

    /// How long ago it was noted that a target takes its time.
    pub fn waiting_since(&self, key: &Key) -> Option<Duration> {
        age(&fs::metadata(self.waiting(key)).ok()?)
    }

    /// The targets that were seen, the last one first.
    pub fn targets(&self) -> Vec<String> {
        let mut targets: Vec<(Duration, String)> = self
            .files()
            .into_iter()
            .filter_map(|(age, path)| {
                let name = path.file_name()?.to_str()?.strip_suffix(".json")?;
                let target = name.split(',').next()?;
                let target = percent_decode_str(target).decode_utf8().ok()?.into_owned();
                (age <= MAX_AGE).then_some((age, target))
            })
            .collect();
        targets.sort();
        let mut names: Vec<String> = Vec::new();
        for (_, name) in targets {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }

    fn path(&self, key: &Key) -> PathBuf {
        self.folder.join(format!("{}.json", key.0))
    }

    fn waiting(&self, key: &Key) -> PathBuf {
        self.folder.join(format!("{}.waiting", key.0))
    }

    /// Every file with its age.
    fn files(&self) -> Vec<(Duration, PathBuf)> {
        let entries = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        entries.filter_map(|entry| Some((age(&entry.metadata().ok()?)?, entry.path()))).collect()
    }

    /// Removes what is too old and what is too much.
    fn tidy(&self) -> io::Result<()> {
        let mut files = self.files();
        files.sort();
        for (number, (age, path)) in files.iter().enumerate() {
            if number >= MAX_FILES || *age > MAX_AGE {
                fs::remove_file(path)?;
            }
        }
        Ok(())
    }
}

/// How old a file is; one from the future is new.
fn age(metadata: &fs::Metadata) -> Option<Duration> {
    let modified = metadata.modified().ok()?;
    Some(SystemTime::now().duration_since(modified).unwrap_or_default())
}

fn make_private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
        builder.mode(0o700).create(folder)?;
        if fs::metadata(folder)?.permissions().mode() & 0o077 != 0 {
            fs::set_permissions(folder, fs::Permissions::from_mode(0o700))?;
        }
        Ok(())
    }
    #[cfg(not(unix))]
    builder.create(folder)
}

fn private_file() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

#[cfg(test)]
mod tests {
    use super::super::testing::catalog;
    use super::*;

    fn key(target: &str) -> Key {
        Key::new(target, &[]).unwrap()
    }

    #[test]
    fn what_was_written_is_read_again_and_its_target_known() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::new(folder.path().join("a/b"));
        assert_eq!(cache.read(&key("h:1")), None);
        cache.remember(&key("h:1"));
        assert_eq!(cache.targets(), [""; 0], "nobody completes anything here");
        cache.note_waiting(&key("h:1"));
        assert!(cache.waiting_since(&key("h:1")).is_some());
        cache.write(&key("h:1"), &catalog()).unwrap();
        assert_eq!(cache.waiting_since(&key("h:1")), None);
        assert_eq!(cache.read(&key("h:1")).unwrap().catalog, catalog());
        cache.remember(&key("https://é.example/x y"));
        cache.remember(&key("h:1"));
        assert!(cache.read(&key("h:1")).is_some(), "remembering leaves what is there");
        let mut targets = cache.targets();
        targets.sort();
        assert_eq!(targets, ["h:1", "https://é.example/x y"]);
    }

    #[test]
    fn what_decides_who_answers_is_told_apart_and_a_long_name_is_none() {
        assert_ne!(Key::new("h:1", &["a"]), Key::new("h:1", &["b"]));
        assert_ne!(Key::new("h:1", &["a,b"]), Key::new("h:1", &["a", "b"]));
        assert_eq!(Key::new(&"x".repeat(300), &[]), None);
        assert_eq!(Key::new("", &[]), None);
        assert!(!key("../../etc/passwd").0.contains('/'));
    }

    #[test]
    fn what_cannot_be_read_is_not_there() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::new(folder.path());
        cache.write(&key("h:1"), &catalog()).unwrap();
        let path = cache.path(&key("h:1"));
        let good = fs::read(&path).unwrap();
        for bad in
            [&b""[..], b"{", b"[]", b"{\"format\":2,\"catalog\":{}}", b"\xff\xfe", &good[..good.len() / 2]]
        {
            fs::write(&path, bad).unwrap();
            assert_eq!(cache.read(&key("h:1")), None, "{}", String::from_utf8_lossy(bad));
        }
        let deep = "[".repeat(1_000_000);
        fs::write(&path, format!("{{\"format\":1,\"catalog\":{{\"services\":{deep}")).unwrap();
        assert_eq!(cache.read(&key("h:1")), None);
    }

    #[test]
    fn what_is_old_or_too_much_goes() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::new(folder.path());
        let written = |target: &str, age: u64| {
            cache.write(&key(target), &catalog()).unwrap();
            let file = OpenOptions::new().write(true).open(cache.path(&key(target))).unwrap();
            file.set_modified(SystemTime::now() - Duration::from_secs(age)).unwrap();
        };
        written("old:1", 31 * 24 * 3600);
        assert_eq!(cache.read(&key("old:1")), None);
        for port in 0..70 {
            written(&format!("h:{port}"), 1000 - port);
        }
        let targets = cache.targets();
        assert_eq!((targets.len(), targets[0].as_str()), (MAX_FILES, "h:69"));
        assert!(!cache.path(&key("old:1")).exists());
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_can_read_it() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let inside = folder.path().join("rpcctl");
        fs::create_dir(&inside).unwrap();
        fs::set_permissions(&inside, fs::Permissions::from_mode(0o755)).unwrap();
        let cache = Cache::new(&inside);
        cache.write(&key("h:1"), &catalog()).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&inside), mode(&cache.path(&key("h:1")))), (0o700, 0o600));
    }
}
