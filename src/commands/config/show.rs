//! `rpcctl config show`: every value in force, and where it comes from.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use super::super::profile::{self, Resolved, Typed, path_of, shown_path};
use super::super::{Exit, Failed, Surroundings, Writers};
use crate::args::{CallHeaders, DescribeFormat, JsonArgs, SchemaArgs, TargetArgs};
use crate::config::{By, KEYS, Key, Kind, Places, Setting, Source, Taken, Value};
use crate::output::sanitize;
use crate::secrets::{REDACTED, is_secret};

#[derive(Debug, Clone, Args)]
pub(super) struct ShowArgs {
    /// How to print
    #[arg(short, long, value_name = "FORMAT", value_enum, default_value_t)]
    output: DescribeFormat,

    #[command(flatten)]
    json: JsonArgs,

    #[command(flatten)]
    target: TargetArgs,

    #[command(flatten)]
    schema: SchemaArgs,

    #[command(flatten)]
    headers: CallHeaders,
}

/// A value in force.
#[derive(Debug, Serialize)]
struct Row {
    key: String,
    value: Shown,
    from: From,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    profile: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum From {
    Flag,
    Environment,
    File,
    Default,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Shown {
    Switch(bool),
    One(String),
    Many(Vec<String>),
}

/// Shows.
pub(super) fn run(
    args: &ShowArgs,
    typed: &Typed,
    surroundings: &Surroundings,
    io: &mut Writers<'_>,
) -> Result<Exit, Failed> {
    let around = surroundings.around();
    // Its own -o is no setting.
    let typed = &typed.without("output");
    let (config, profile) = (typed.one("config"), typed.one("profile"));
    let mut opened = profile::open(config.as_deref(), profile.as_deref(), &around)?;
    let command = super::super::command();
    // Between them they have a flag for every key.
    for verb in ["call", "list"].into_iter().filter_map(|verb| command.find_subcommand(verb)) {
        opened.check_values(verb)?;
    }
    let resolved = opened.resolve(typed, &around, |_| true)?;
    for warning in profile::warnings(&opened, Some(&resolved), &around.places) {
        writeln!(io.talk, "warning: {}", sanitize::brief(&warning))?;
    }
    let mut rows = vec![profile_row(&opened)];
    rows.extend(KEYS.iter().flat_map(|key| rows_of(key, typed, &resolved, &around.variables)));
    let rows: Vec<Row> = rows.into_iter().flatten().collect();
    match args.output {
        DescribeFormat::Json => {
            serde_json::to_writer_pretty(&mut *io.out, &rows).map_err(io::Error::from)?;
            writeln!(io.out)?;
        }
        DescribeFormat::Text => text(io.out, &rows, surroundings.stdout_terminal, &around.places)?,
    }
    Ok(Exit::OK)
}

/// The profile itself.
fn profile_row(opened: &profile::Opened) -> Option<Row> {
    let chosen = opened.chosen.as_ref()?;
    let row = Row::new("profile", Shown::One(chosen.name.clone()));
    Some(match &chosen.by {
        By::Key(_, file, line) => {
            Row { from: From::File, file: Some(file.clone()), line: Some(*line), ..row }
        }
        By::Name(flag) if flag.starts_with('-') => row.named(From::Flag, flag),
        By::Name(variable) => row.named(From::Environment, variable),
    })
}

/// The values of a key that are in force: one, or as many as there are headers.
fn rows_of(
    key: &'static Key,
    typed: &Typed,
    resolved: &Resolved<'_>,
    variables: &profile::Variables,
) -> Vec<Option<Row>> {
    let own = |taken: &&Taken<'_>| std::ptr::eq(taken.setting.key, key);
    let mut rows: Vec<Option<Row>> = typed_rows(key, typed).into_iter().map(Some).collect();
    let environment = match key.name {
        "address" if rows.is_empty() => variables.address.as_ref().map(|address| {
            let address = address.to_string_lossy().into_owned();
            Row::new(key.name, Shown::One(address)).named(From::Environment, "RPCCTL_ADDRESS")
        }),
        "bearer" if variables.token && !typed.gives_authorization() => {
            let row = Row::new(key.name, Shown::One(REDACTED.to_owned()));
            Some(row.named(From::Environment, "RPCCTL_TOKEN"))
        }
        _ => None,
    };
    rows.extend(environment.map(Some));
    rows.extend(resolved.all.taken.iter().filter(own).map(|taken| Some(file_row(taken))));
    if rows.is_empty() {
        let default = key.default.map(|value| Row::new(key.name, Shown::One(value.to_owned())));
        rows.push(default);
    }
    rows
}

fn typed_rows(key: &'static Key, typed: &Typed) -> Vec<Row> {
    let flag = format!("--{}", key.flag);
    if !typed.has(key.flag) || key.flag != key.name {
        return Vec::new();
    }
    let mut texts = typed.all(key.flag).iter().map(|value| value.to_string_lossy().into_owned());
    let row = |id: &str, value| Row::new(id, value).named(From::Flag, &flag);
    match key.kind {
        Kind::Switch => vec![row(key.name, Shown::Switch(true))],
        Kind::Headers => texts
            .map(|line| match line.split_once(':') {
                _ if line.starts_with('@') => row(key.name, Shown::One(line)),
                Some((name, value)) => {
                    let name = name.trim().to_ascii_lowercase();
                    let value = if is_secret(&name) { REDACTED } else { value.trim() };
                    row(&format!("{}.{name}", key.name), Shown::One(value.to_owned()))
                }
                None => row(key.name, Shown::One(REDACTED.to_owned())),
            })
            .collect(),
        Kind::Secret => texts
            .map(|text| if text.starts_with('@') { text } else { REDACTED.to_owned() })
            .map(|text| row(key.name, Shown::One(text)))
            .collect(),
        Kind::Paths => vec![row(key.name, Shown::of(texts.collect()))],
        Kind::Text | Kind::Path => {
            texts.next_back().into_iter().map(|text| row(key.name, Shown::One(text))).collect()
        }
    }
}

fn file_row(taken: &Taken<'_>) -> Row {
    let setting = taken.setting;
    let value = match &setting.value {
        Value::Switch(on) => Shown::Switch(*on),
        Value::Text(text) => Shown::One(text.clone()),
        Value::Paths(paths) => {
            let paths = paths.iter().map(|path| path_of(setting, path, &taken.file.path));
            Shown::of(paths.map(|path| path.display().to_string()).collect())
        }
        Value::Secrets(sources) => Shown::of(sources.iter().map(|source| shown(source, setting)).collect()),
    };
    Row {
        from: From::File,
        file: Some(taken.file.path.clone()),
        line: Some(setting.line),
        profile: taken.profile.map(str::to_owned),
        ..Row::new(&setting.id(), value)
    }
}

/// Where a secret is, or what it is if its name says that it is none. Of a command the program alone: others of its words
/// may be secrets.
fn shown(source: &Source, setting: &Setting) -> String {
    match source {
        Source::Text(text) if setting.header.as_deref().is_some_and(|name| !is_secret(name)) => {
            text.reveal().to_owned()
        }
        Source::Text(_) => REDACTED.to_owned(),
        Source::Env(name) => format!("env:{name}"),
        Source::File(path) => format!("file:{}", path.display()),
        Source::Command(line) => match line.split_once(char::is_whitespace) {
            Some((program, _)) => format!("command:{program} …"),
            None => format!("command:{line}"),
        },
    }
}

impl Shown {
    fn of(mut texts: Vec<String>) -> Self {
        match texts.len() {
            1 => Self::One(texts.remove(0)),
            _ => Self::Many(texts),
        }
    }

    fn text(&self) -> String {
        let texts = match self {
            Self::Switch(on) => on.to_string(),
            Self::One(text) => text.clone(),
            Self::Many(texts) => texts.join(", "),
        };
        sanitize::line(&texts).into_owned()
    }
}

impl Row {
    fn new(key: &str, value: Shown) -> Self {
        let key = sanitize::line(key).into_owned();
        Self { key, value, from: From::Default, name: None, file: None, line: None, profile: None }
    }

    fn named(self, from: From, name: &str) -> Self {
        Self { from, name: Some(name.to_owned()), ..self }
    }

    /// Where it comes from.
    fn origin(&self, places: &Places) -> String {
        let profile = self.profile.as_ref().map(|name| format!(" (profile {name})")).unwrap_or_default();
        let text = match (&self.file, self.line, &self.name) {
            (Some(file), Some(line), _) => format!("{}:{line}{profile}", shown_path(file, places)),
            (_, _, Some(name)) => name.clone(),
            _ => "default".to_owned(),
        };
        sanitize::line(&text).into_owned()
    }
}

/// A row a line, in columns on a terminal, and with tabs between elsewhere.
fn text(out: &mut dyn Write, rows: &[Row], terminal: bool, places: &Places) -> io::Result<()> {
    let cells = rows.iter().map(|row| [row.key.clone(), row.value.text(), row.origin(places)]);
    let cells: Vec<[String; 3]> = cells.collect();
    let width = |column: usize| {
        let widths = cells.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count());
        widths.max().unwrap_or(0)
    };
    let (first, second) = (width(0), width(1));
    for [key, value, origin] in &cells {
        if terminal {
            writeln!(out, "{key:first$}  {value:second$}  {origin}")?;
        } else {
            writeln!(out, "{key}\t{value}\t{origin}")?;
        }
    }
    Ok(())
}
