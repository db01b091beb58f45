//! A file's text becomes settings, each with its line.

use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::keys::{KEYS, Key, Kind};
use super::{What, nearest};
use crate::secrets::Secret;

/// What a file says.
#[derive(Debug, Default)]
pub struct Document {
    /// The profile to take where none is named.
    pub profile: Option<Named>,
    /// What counts with any profile, and without one.
    pub settings: Vec<Setting>,
    /// The profiles.
    pub profiles: Vec<Profile>,
}

/// A profile's name, and where it is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// The name.
    pub name: String,
    /// The line.
    pub line: usize,
}

/// A profile.
#[derive(Debug)]
pub struct Profile {
    /// Its name.
    pub name: String,
    /// The profile under it.
    pub inherits: Option<Named>,
    /// What it says itself.
    pub settings: Vec<Setting>,
}

/// A key with its value.
#[derive(Debug)]
pub struct Setting {
    /// The key.
    pub key: &'static Key,
    /// The name of the header, where the key is a table of headers.
    pub header: Option<String>,
    /// The value.
    pub value: Value,
    /// The line.
    pub line: usize,
}

/// A value.
#[derive(Debug, PartialEq, Eq)]
pub enum Value {
    /// True or false.
    Switch(bool),
    /// A text.
    Text(String),
    /// Paths; one, where there can be but one.
    Paths(Vec<PathBuf>),
    /// Secrets, or where to find them; one, where there can be but one.
    Secrets(Vec<Source>),
}

/// Where a secret is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// Here.
    Text(Secret),
    /// `env:NAME`: in a variable of the environment.
    Env(String),
    /// `file:PATH`: in a file.
    File(PathBuf),
    /// `command:LINE`: what a command line prints.
    Command(String),
}

impl Setting {
    /// Its name in messages: the key, and the header's name behind it.
    pub fn id(&self) -> String {
        match &self.header {
            Some(header) => format!("{}.{header}", self.key.name),
            None => self.key.name.to_owned(),
        }
    }
}

/// Reads a file's text. Paths in it are relative to `folder`, and `~/` is `home`. All that is wrong is told, by line.
pub fn read(text: &str, folder: &Path, home: Option<&Path>) -> (Document, Vec<(usize, What)>) {
    let mut reader = Reader { text, folder, home, faults: Vec::new() };
    let table = match DeTable::parse(text) {
        Ok(table) => table,
        // The parser shows the line too, and there may be a secret in it.
        Err(error) => {
            let line = reader.line(error.span().map_or(0, |span| span.start));
            return (Document::default(), vec![(line, What::Text(error.message().replace('\n', ", ")))]);
        }
    };
    let document = reader.document(table.get_ref());
    reader.faults.sort_by_key(|(line, _)| *line);
    (document, reader.faults)
}

/// The line of an offset, from 1.
pub(super) fn line_of(text: &[u8], offset: usize) -> usize {
    text.get(..offset).unwrap_or_default().split(|&byte| byte == b'\n').count()
}

struct Reader<'t> {
    text: &'t str,
    folder: &'t Path,
    home: Option<&'t Path>,
    faults: Vec<(usize, What)>,
}

impl Reader<'_> {
    /// The line of an offset.
    fn line(&self, offset: usize) -> usize {
        line_of(self.text.as_bytes(), offset)
    }

    fn wrong(&mut self, line: usize, key: &str, wanted: &'static str, found: &DeValue<'_>) {
        self.faults.push((line, What::Type { key: key.to_owned(), wanted, found: kind(found) }));
    }

    fn document(&mut self, table: &DeTable<'_>) -> Document {
        let mut document = Document::default();
        for (key, value) in table {
            let (name, line) = (key.get_ref().as_ref(), self.line(key.span().start));
            match (name, value.get_ref()) {
                ("profiles", DeValue::Table(profiles)) => {
                    document.profiles.extend(profiles.iter().filter_map(|(name, it)| self.profile(name, it)));
                }
                ("profiles", other) => self.wrong(line, name, "a table of profiles", other),
                ("profile", value) => document.profile = self.named(name, line, value),
                _ => self.setting(key, value, &["profile", "profiles"], &mut document.settings),
            }
        }
        document
    }

    fn profile(
        &mut self,
        name: &Spanned<std::borrow::Cow<'_, str>>,
        value: &Spanned<DeValue<'_>>,
    ) -> Option<Profile> {
        let (name, line) = (name.get_ref().to_string(), self.line(name.span().start));
        let DeValue::Table(table) = value.get_ref() else {
            self.wrong(line, &format!("profiles.{name}"), "a table", value.get_ref());
            return None;
        };
        let mut profile = Profile { name, inherits: None, settings: Vec::new() };
        for (key, value) in table {
            let line = self.line(key.span().start);
            match key.get_ref().as_ref() {
                "inherits" => profile.inherits = self.named("inherits", line, value.get_ref()),
                _ => self.setting(key, value, &["inherits"], &mut profile.settings),
            }
        }
        Some(profile)
    }

    /// A profile that is named.
    fn named(&mut self, key: &str, line: usize, value: &DeValue<'_>) -> Option<Named> {
        let Some(name) = value.as_str() else {
            self.wrong(line, key, "the name of a profile", value);
            return None;
        };
        Some(Named { name: name.to_owned(), line })
    }

    /// Adds what a key says; `besides` are keys that are none of the table's and can stand here.
    fn setting(
        &mut self,
        name: &Spanned<std::borrow::Cow<'_, str>>,
        value: &Spanned<DeValue<'_>>,
        besides: &[&str],
        all: &mut Vec<Setting>,
    ) {
        let (name, line) = (name.get_ref().as_ref(), self.line(name.span().start));
        let Some(key) = KEYS.iter().find(|key| key.name == name) else {
            let known = KEYS.iter().map(|key| key.name).chain(besides.iter().copied());
            let near = nearest(name, known);
            return self.faults.push((line, What::UnknownKey { key: name.to_owned(), near }));
        };
        if let Kind::Headers = key.kind {
            return self.headers(key, line, value.get_ref(), all);
        }
        if let Some(value) = self.value(key, line, value.get_ref()) {
            all.push(Setting { key, header: None, value, line });
        }
    }

    fn headers(&mut self, key: &'static Key, line: usize, value: &DeValue<'_>, all: &mut Vec<Setting>) {
        const WANTED: &str = "a table of headers, such as { x-name = \"value\" }";
        let Some(table) = value.as_table() else { return self.wrong(line, key.name, WANTED, value) };
        for (name, value) in table {
            let line = self.line(name.span().start);
            let header = name.get_ref().to_ascii_lowercase();
            let id = format!("{}.{header}", key.name);
            if let Some(texts) = self.texts(&id, line, value.get_ref(), "a text, or several in brackets") {
                let sources = texts.into_iter().map(|text| self.source(&id, line, text)).collect();
                all.push(Setting { key, header: Some(header), value: Value::Secrets(sources), line });
            }
        }
    }

    fn value(&mut self, key: &Key, line: usize, value: &DeValue<'_>) -> Option<Value> {
        match (key.kind, value) {
            (Kind::Switch, DeValue::Boolean(on)) => return Some(Value::Switch(*on)),
            (Kind::Switch, _) => self.wrong(line, key.name, "true or false", value),
            (Kind::Text, DeValue::String(text)) => return Some(Value::Text(text.to_string())),
            (Kind::Text, DeValue::Integer(number)) => return Some(Value::Text(number.to_string())),
            (Kind::Text, DeValue::Float(number)) => return Some(Value::Text(number.to_string())),
            (Kind::Path, DeValue::String(text)) => return Some(Value::Paths(vec![self.path(text)])),
            (Kind::Path, _) => self.wrong(line, key.name, "a path", value),
            (Kind::Paths, _) => {
                let texts = self.texts(key.name, line, value, "a path, or several in brackets")?;
                return Some(Value::Paths(texts.iter().map(|text| self.path(text)).collect()));
            }
            (Kind::Secret, DeValue::String(text)) => {
                return Some(Value::Secrets(vec![self.source(key.name, line, text.to_string())]));
            }
            (Kind::Text | Kind::Secret, _) => self.wrong(line, key.name, "a text", value),
            // They are read one by one.
            (Kind::Headers, _) => {}
        }
        None
    }

    /// One text, or a list of them.
    fn texts(
        &mut self,
        key: &str,
        line: usize,
        value: &DeValue<'_>,
        wanted: &'static str,
    ) -> Option<Vec<String>> {
        if let Some(text) = value.as_str() {
            return Some(vec![text.to_owned()]);
        }
        let Some(list) = value.as_array() else {
            self.wrong(line, key, wanted, value);
            return None;
        };
        let mut texts = Vec::new();
        for item in list {
            if let Some(text) = item.get_ref().as_str() {
                texts.push(text.to_owned());
            } else {
                let line = self.line(item.span().start);
                self.wrong(line, key, wanted, item.get_ref());
            }
        }
        Some(texts)
    }

    fn path(&self, text: &str) -> PathBuf {
        match (text.strip_prefix("~/"), self.home) {
            (Some(rest), Some(home)) => home.join(rest),
            _ => self.folder.join(text),
        }
    }

    fn source(&mut self, key: &str, line: usize, text: String) -> Source {
        let place = text.split_once(':').filter(|(_, what)| what.trim().is_empty());
        if let Some((kind @ ("env" | "file" | "command"), _)) = place {
            let why = format!("nothing stands behind {kind}:");
            self.faults.push((line, What::Value { key: key.to_owned(), why }));
        }
        match text.split_once(':') {
            Some(("env", name)) => Source::Env(name.to_owned()),
            Some(("file", path)) => Source::File(self.path(path)),
            Some(("command", line)) => Source::Command(line.trim().to_owned()),
            Some(("text", text)) => Source::Text(Secret::new(text)),
            _ => Source::Text(Secret::new(text)),
        }
    }
}

/// What a value is, in words.
fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) | DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
