//! What is to be sent: the messages of `-d`, a file that holds them, stdin, or the one that items make.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use prost_reflect::MessageDescriptor;
use serde::de::IgnoredAny;

use crate::args::{is_stdin, quoted};
use crate::bounded::{self, MIB};
use crate::failure::{Failure, Kind};
use crate::message::count::Takes;
use crate::message::input::Source;
use crate::message::items::{self, Item, Manner, is_item};
use crate::message::{self, Format, Origin};
use crate::session::Method;

/// One `-d`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Data {
    Text(String),
    File(PathBuf),
    Stdin,
}

/// Data that can't be meant as it is written.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum DataError {
    #[error("stdin can be read only once, and -d @ is given more than once")]
    StdinTwice,
    #[error("-d is empty")]
    Empty,
    #[error("-d - is no message")]
    Dash,
    #[error("-i binary reads bytes, and -d has text")]
    Bytes,
    #[error("-d {0} is no message, but the name of a file")]
    FileName(String),
    #[error("-d {0} is no message, but an item")]
    Item(String),
}

impl From<DataError> for Failure {
    fn from(error: DataError) -> Self {
        let hint = match &error {
            DataError::StdinTwice => None,
            DataError::Empty => Some("the empty message is -d '{}'".to_owned()),
            DataError::Bytes => Some("bytes come from a file, -d @FILE, or from stdin, -d @".to_owned()),
            DataError::Dash => Some("for messages from stdin: -d @".to_owned()),
            DataError::FileName(name) => {
                Some(format!("for the messages in the file: -d {}", quoted(&format!("@{name}"))))
            }
            DataError::Item(word) => {
                Some(format!("items stand behind the method, without -d: METHOD {}", quoted(word)))
            }
        };
        let failure = Self::new(Kind::Wrong, error);
        match hint {
            Some(hint) => failure.hint(hint),
            None => failure,
        }
    }
}

/// What can be read only once, and so be sent no more than once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ReadOnce {
    Stdin,
    /// A pipe, or what is like one.
    Pipe(PathBuf),
}

impl ReadOnce {
    /// The file, if it is one that can't be read again. One that is not there is told when it is read.
    pub(super) fn of(path: &Path) -> Option<Self> {
        if is_stdin(path) {
            return Some(Self::Stdin);
        }
        let ends = path.metadata().is_ok_and(|it| !it.is_file() && !it.is_dir());
        ends.then(|| Self::Pipe(path.to_owned()))
    }

    /// How a request can be given instead.
    pub(super) fn hint(&self) -> &'static str {
        match self {
            Self::Stdin => "give it in a file: -d @FILE",
            Self::Pipe(_) => "write it to a file, or give it as text: -d JSON",
        }
    }
}

impl fmt::Display for ReadOnce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stdin => f.write_str("stdin"),
            Self::Pipe(path) => write!(f, "{}", path.display()),
        }
    }
}

/// What of the data can be read only once, if any can.
pub(super) fn read_once(data: &[Data]) -> Option<ReadOnce> {
    data.iter().find_map(|data| match data {
        Data::Stdin => Some(ReadOnce::Stdin),
        Data::File(path) => ReadOnce::of(path),
        Data::Text(_) => None,
    })
}

/// Takes the words of all `-d`s.
pub(super) fn read(words: Vec<String>, format: Format) -> Result<Vec<Data>, DataError> {
    let data = words.into_iter().map(|word| one(word, format)).collect::<Result<Vec<Data>, DataError>>()?;
    match data.iter().filter(|data| **data == Data::Stdin).count() {
        0 | 1 => Ok(data),
        _ => Err(DataError::StdinTwice),
    }
}

/// The flag that reads stdin, if it does.
pub(super) fn reads_stdin(words: &[String]) -> Option<&'static str> {
    let mut paths = words.iter().filter_map(|word| word.strip_prefix('@'));
    paths.any(|path| is_stdin(Path::new(path))).then_some("-d @")
}

fn one(word: String, format: Format) -> Result<Data, DataError> {
    match word.strip_prefix('@') {
        Some("" | "-") => Ok(Data::Stdin),
        Some(path) => Ok(Data::File(path.into())),
        None if word == "-" => Err(DataError::Dash),
        // In the text format, nothing at all is the empty message.
        None if word.trim().is_empty() && matches!(format, Format::Json | Format::Yaml) => {
            Err(DataError::Empty)
        }
        None if matches!(format, Format::Binary { .. }) => Err(DataError::Bytes),
        None if is_file_name(&word) => Err(DataError::FileName(word)),
        // JSON may begin with a bracket, and text has no signs that JSON would take.
        None if matches!(format, Format::Json | Format::Yaml)
            && is_item(&word)
            && !word.starts_with(['[', '"']) =>
        {
            Err(DataError::Item(word))
        }
        None => Ok(Data::Text(word)),
    }
}

/// Whether a word can only be meant as the name of a file: it is no message and there is such a file, or would be.
fn is_file_name(word: &str) -> bool {
    let has_structure = word.contains(['{', '"', ':', '<', '\n']) || word.trim().is_empty();
    !has_structure && names_a_file(word) && serde_json::from_str::<IgnoredAny>(word).is_err()
}

/// Whether a word is the name of a file, or would be.
pub(super) fn names_a_file(word: &str) -> bool {
    let path = Path::new(word);
    let ends_so = path.extension().and_then(|extension| extension.to_str()).is_some_and(|extension| {
        ["json", "yaml", "yml"].iter().any(|known| extension.eq_ignore_ascii_case(known))
    });
    ends_so || path.is_file()
}

/// What somebody at a terminal has to know before the call waits for them, if anything.
pub(super) fn notice(data: &[Data], takes: Takes) -> Option<&'static str> {
    if data.contains(&Data::Stdin) {
        Some("* type messages, end with ^D")
    } else if data.is_empty() && takes == Takes::AnyNumber {
        Some("* no messages are sent: give them with -d JSON, or type them with -d @")
    } else {
        None
    }
}

/// Where the messages come from; where there are several `-d`s, each has its number in what is said about it. `typed` is whether
/// stdin is a terminal.
pub(super) fn sources(data: Vec<Data>, typed: bool) -> Vec<Source> {
    let several = data.len() > 1;
    let numbered = data.into_iter().zip(1..);
    let source = |(data, number): (Data, usize)| match data {
        Data::Text(text) => Source::Text(Origin::Flag("-d", several.then_some(number)), text.into()),
        Data::File(path) => Source::File(path),
        Data::Stdin => Source::Stdin { reader: Box::new(io::stdin()), typed },
    };
    numbered.map(source).collect()
}

/// The largest file that an item takes.
const LARGEST: u64 = 1024 * MIB;

/// Reads the files of items.
pub(super) fn fill(items: &mut [Item]) -> Result<(), message::Error> {
    for item in items {
        if let Some(path) = item.file() {
            let content = bounded::read(path, LARGEST).map_err(|source| {
                let origin = Origin::File(path.to_owned());
                message::Error::Read { origin, source }
            })?;
            item.fill(content);
        }
    }
    Ok(())
}

/// What to say of items that send the name of a file, and may have meant what is in it: in HTTPie and xh they would.
pub(super) fn notes(items: &[Item]) -> Vec<String> {
    let named = items.iter().filter_map(|item| Some((item, item.text()?.strip_prefix('@')?)));
    let there = named.filter(|(_, file)| Path::new(file).is_file());
    let note = |(item, file): (&Item, &str)| {
        let instead = item.word().replacen("=@", "@", 1);
        format!("{} sends that text; for what is in {file}: {}", item.word(), quoted(&instead))
    };
    there.map(note).collect()
}

/// The message that items make for a method, as a source of messages, and as JSON.
pub(super) fn source_of(
    items: &[Item],
    method: &Method,
    allow_unknown_fields: bool,
) -> Result<(Source, String), message::Error> {
    let input = match method {
        Method::Proto(method) => Some(method.descriptor.input()),
        Method::Go(_) => None,
    };
    source_for(items, input.as_ref(), allow_unknown_fields)
}

/// The message of a type, where one is known, that items make.
pub(super) fn source_for(
    items: &[Item],
    message: Option<&MessageDescriptor>,
    allow_unknown_fields: bool,
) -> Result<(Source, String), message::Error> {
    let manner = Manner { allow_unknown_fields, now: SystemTime::now() };
    let written = items::write(message, items, manner)?;
    let json = written.json().to_owned();
    Ok((Source::Text(Origin::Items(Arc::new(written)), json.clone().into()), json))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(word: &str) -> Result<Data, DataError> {
        one(word.to_owned(), Format::Json)
    }

    #[test]
    fn data_is_text_a_file_or_stdin() {
        assert_eq!(json("{}"), Ok(Data::Text("{}".to_owned())));
        assert_eq!(json("@"), Ok(Data::Stdin));
        assert_eq!(json("@-"), Ok(Data::Stdin));
        assert_eq!(json("@a/b.json"), Ok(Data::File("a/b.json".into())));
        let twice = vec!["@".to_owned(), "@-".to_owned()];
        assert_eq!(read(twice, Format::Json), Err(DataError::StdinTwice));
    }

    #[test]
    fn what_lacks_its_at_sign_is_noticed() {
        assert_eq!(json("-"), Err(DataError::Dash));
        // Tests run in the package's directory, which has the one and not the other.
        for name in ["Cargo.toml", "no/such/file.json"] {
            assert_eq!(json(name), Err(DataError::FileName(name.to_owned())));
        }
        for message in ["true", "1 2", "hello", r#"{"a": "b.json"}"#, "{}\n{}.json"] {
            assert_eq!(json(message), Ok(Data::Text(message.to_owned())));
        }
    }

    #[test]
    fn an_item_is_no_message() {
        for word in ["name=x", "a.b:=3", "photo@x.png"] {
            assert_eq!(json(word), Err(DataError::Item(word.to_owned())));
        }
        for message in [r#"["a=b"]"#, r#"{"a": "b=c"}"#, "\"a=b\"", "1 2"] {
            assert_eq!(json(message), Ok(Data::Text(message.to_owned())));
        }
        assert_eq!(one("a=b".to_owned(), Format::Text), Ok(Data::Text("a=b".to_owned())));
    }

    #[test]
    fn nothing_is_a_message_in_the_text_format_alone() {
        assert_eq!(json(" "), Err(DataError::Empty));
        assert_eq!(one(String::new(), Format::Text), Ok(Data::Text(String::new())));
    }

    #[test]
    fn a_terminal_is_told_what_is_waited_for() {
        let typing = "* type messages, end with ^D";
        for takes in [Takes::ExactlyOne, Takes::AnyNumber] {
            assert_eq!(notice(&[Data::Text("{}".to_owned()), Data::Stdin], takes), Some(typing));
            assert_eq!(notice(&[Data::File("a".into())], takes), None);
        }
        assert_eq!(notice(&[], Takes::ExactlyOne), None);
        assert!(notice(&[], Takes::AnyNumber).is_some_and(|notice| notice.contains("-d @")));
    }
}
