//! Placeholders: `{{counter}}` in a text, and what they stand for. Those of ghz mean here what they mean there.

use super::callee::Callee;
use crate::chars::beginning;

/// A part of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    Text(String),
    Word(Word),
}

/// What is put in the place of a placeholder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Word {
    /// The number of the call, from 0.
    Counter,
    /// A new UUID each time.
    Uuid,
    /// The same one throughout the call.
    CallUuid,
    /// An integer, of which these are the lowest and the highest.
    Random(i64, i64),
    /// So many letters and digits; none of a number is by chance, too.
    RandomString(Option<usize>),
    /// RFC 3339, with or without nanoseconds.
    Timestamp { precise: bool },
    /// Since 1970.
    Unix(Unit),
    /// What a column has in the call's row.
    Column(usize),
    /// The thread, as ghz names its workers.
    Worker,
}

/// What time is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    Seconds,
    Millis,
    Nanos,
}

impl Word {
    /// Whether it is an integer.
    pub(super) fn is_number(self) -> bool {
        matches!(self, Self::Counter | Self::Random(..) | Self::Unix(_))
    }

    /// Whether chance draws it.
    pub(super) fn is_chance(self) -> bool {
        matches!(self, Self::Uuid | Self::CallUuid | Self::Random(..) | Self::RandomString(_))
    }
}

/// What is wrong with a placeholder.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WordError {
    /// It has no end.
    #[error("{{{{ has no }}}} behind it")]
    Open,
    /// Nothing has that name.
    #[error("no placeholder is {{{{{name}}}}}{}", similar.as_ref().map(|similar| format!(", did you mean {{{{{similar}}}}}?")).unwrap_or_default())]
    Unknown {
        /// What stands there.
        name: String,
        /// The nearest name.
        similar: Option<&'static str>,
    },
    /// Its arguments are others.
    #[error("{{{{{given}}}}} is written as {{{{{usage}}}}}")]
    Usage {
        /// What stands there.
        given: String,
        /// How it is written.
        usage: &'static str,
    },
    /// Its numbers are in the wrong order.
    #[error("{{{{{0}}}}} has nothing between its numbers")]
    Bounds(String),
    /// There is no file of rows.
    #[error("{{{{{0}}}}} is of a CSV file, and there is none")]
    NoTable(String),
    /// The file has no such column.
    #[error("the CSV file has no column {name:?}; it has {}", columns.iter().map(|column| format!("{column:?}")).collect::<Vec<_>>().join(", "))]
    NoColumn {
        /// Its name.
        name: String,
        /// Those that there are.
        columns: Vec<String>,
    },
}

/// What placeholders are about.
#[derive(Clone, Copy)]
pub(super) struct Known<'k> {
    pub(super) callee: Callee<'k>,
    /// The columns of the file of rows, where there is one.
    pub(super) columns: Option<&'k [String]>,
}

const OPEN: &str = "{{";
const CLOSE: &str = "}}";

/// The longest random text.
const LONGEST: usize = 1 << 20;

/// How each is written, for who mistypes one.
const NAMES: [&str; 9] = [
    "counter",
    "uuid",
    "random A B",
    "randomString N",
    "timestamp",
    "timestampUnix",
    "timestampUnixMilli",
    "timestampUnixNano",
    "csv.COLUMN",
];

/// Whether there may be placeholders in a text.
pub(super) fn has_any(text: &[u8]) -> bool {
    text.windows(2).any(|two| two == OPEN.as_bytes())
}

/// Takes a text apart, or says where what is wrong.
pub(super) fn parse(text: &str, known: Known<'_>) -> Result<Vec<Part>, (usize, WordError)> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(OPEN) {
        let offset = text.len() - rest.len() + at;
        let (before, after) = rest.split_at(at);
        let inside = after.get(OPEN.len()..).unwrap_or_default();
        let end = inside.find(CLOSE).ok_or((offset, WordError::Open))?;
        let (inside, behind) = inside.split_at(end);
        push(&mut parts, before);
        match meaning(inside.trim(), known).map_err(|error| (offset, error))? {
            Part::Text(text) => push(&mut parts, &text),
            word @ Part::Word(_) => parts.push(word),
        }
        rest = behind.get(CLOSE.len()..).unwrap_or_default();
    }
    push(&mut parts, rest);
    Ok(parts)
}

fn push(parts: &mut Vec<Part>, text: &str) {
    match parts.last_mut() {
        _ if text.is_empty() => {}
        Some(Part::Text(before)) => before.push_str(text),
        _ => parts.push(Part::Text(text.to_owned())),
    }
}

/// What stands for what is between the braces.
fn meaning(given: &str, known: Known<'_>) -> Result<Part, WordError> {
    if let Some(column) = given.strip_prefix("csv.") {
        let columns = known.columns.ok_or_else(|| WordError::NoTable(shown(given)))?;
        let column = column.trim();
        let index = columns.iter().position(|name| name == column);
        let unknown = || WordError::NoColumn { name: shown(column), columns: columns.to_vec() };
        return index.map(|index| Part::Word(Word::Column(index))).ok_or_else(unknown);
    }
    let mut arguments = given.split_whitespace();
    let name = arguments.next().unwrap_or_default();
    let arguments: Vec<&str> = arguments.collect();
    if let Some(text) = known.callee.constant(name).filter(|_| arguments.is_empty()) {
        return Ok(Part::Text(text));
    }
    let usage = |usage| WordError::Usage { given: shown(given), usage };
    let word = match name {
        "random" => {
            let (low, high) = integers(&arguments).ok_or_else(|| usage("random A B"))?;
            Word::Random(low, high)
        }
        // Without its end, and with its beginning where there is nothing between.
        "randomInt" => {
            let (low, end) = integers(&arguments).ok_or_else(|| usage("randomInt A B"))?;
            Word::Random(low, if low == end { end } else { end.saturating_sub(1) })
        }
        "randomString" => match arguments.as_slice() {
            [length] => match length.parse::<i64>() {
                Ok(..=0) => Word::RandomString(None),
                Ok(length) => {
                    let length = usize::try_from(length).ok().filter(|length| *length <= LONGEST);
                    Word::RandomString(Some(
                        length.ok_or_else(|| usage("randomString N, of no more than 1048576"))?,
                    ))
                }
                Err(_) => return Err(usage("randomString N")),
            },
            _ => return Err(usage("randomString N")),
        },
        _ => {
            let word = simple(name).ok_or_else(|| unknown(given, name))?;
            if arguments.is_empty() { word } else { return Err(unknown(given, name)) }
        }
    };
    match word {
        Word::Random(low, high) if low > high => Err(WordError::Bounds(shown(given))),
        word => Ok(Part::Word(word)),
    }
}

fn simple(name: &str) -> Option<Word> {
    Some(match name {
        "counter" | ".RequestNumber" => Word::Counter,
        "uuid" | "newUUID" => Word::Uuid,
        ".UUID" => Word::CallUuid,
        "timestamp" => Word::Timestamp { precise: true },
        ".Timestamp" => Word::Timestamp { precise: false },
        "timestampUnix" | ".TimestampUnix" => Word::Unix(Unit::Seconds),
        "timestampUnixMilli" | ".TimestampUnixMilli" => Word::Unix(Unit::Millis),
        "timestampUnixNano" | ".TimestampUnixNano" => Word::Unix(Unit::Nanos),
        ".WorkerID" => Word::Worker,
        _ => return None,
    })
}

fn integers(arguments: &[&str]) -> Option<(i64, i64)> {
    match arguments {
        [low, high] => Some((low.parse().ok()?, high.parse().ok()?)),
        _ => None,
    }
}

fn unknown(given: &str, name: &str) -> WordError {
    let alike = |known: &str| {
        let known = known.split(' ').next().unwrap_or_default();
        let lower = name.trim_start_matches('.').to_lowercase();
        strsim::jaro_winkler(&known.to_lowercase(), &lower)
    };
    let short = name.len() <= 64;
    let nearest = NAMES.iter().max_by(|one, other| alike(one).total_cmp(&alike(other)));
    let similar = nearest.copied().filter(|nearest| short && alike(nearest) > 0.8);
    WordError::Unknown { name: shown(given), similar }
}

/// As much of a text as tells which one is meant.
fn shown(text: &str) -> String {
    beginning(text, 40)
}

#[cfg(test)]
mod tests {
    use super::super::testing;
    use super::*;

    fn parsed(text: &str) -> Result<Vec<Part>, (usize, String)> {
        let columns = ["id".to_owned(), "first name".to_owned()];
        let method = testing::method("Say");
        let known = Known { callee: Callee::Proto(&method, &method.input()), columns: Some(&columns) };
        parse(text, known).map_err(|(at, error)| (at, error.to_string()))
    }

    fn one(text: &str) -> Part {
        match parsed(text).as_deref() {
            Ok([part]) => part.clone(),
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn each_placeholder_has_its_meaning() {
        for (text, word) in [
            ("{{counter}}", Word::Counter),
            ("{{.RequestNumber}}", Word::Counter),
            ("{{ uuid }}", Word::Uuid),
            ("{{newUUID}}", Word::Uuid),
            ("{{.UUID}}", Word::CallUuid),
            ("{{random -5 5}}", Word::Random(-5, 5)),
            ("{{randomInt 1 10}}", Word::Random(1, 9)),
            ("{{randomInt 3 3}}", Word::Random(3, 3)),
            ("{{randomString 8}}", Word::RandomString(Some(8))),
            ("{{randomString 0}}", Word::RandomString(None)),
            ("{{timestamp}}", Word::Timestamp { precise: true }),
            ("{{.Timestamp}}", Word::Timestamp { precise: false }),
            ("{{timestampUnix}}", Word::Unix(Unit::Seconds)),
            ("{{.TimestampUnixMilli}}", Word::Unix(Unit::Millis)),
            ("{{timestampUnixNano}}", Word::Unix(Unit::Nanos)),
            ("{{csv.first name}}", Word::Column(1)),
            ("{{.WorkerID}}", Word::Worker),
        ] {
            assert_eq!(one(text), Part::Word(word), "{text}");
        }
        for (text, constant) in [
            ("{{.FullyQualifiedName}}", "t.S.Say"),
            ("{{.MethodName}}", "Say"),
            ("a {{.ServiceName}} {{.InputName}}/{{.OutputName}}", "a S M/M"),
            ("{{.IsClientStreaming}}{{.IsServerStreaming}}", "falsefalse"),
            ("{ { } }", "{ { } }"),
        ] {
            assert_eq!(one(text), Part::Text(constant.to_owned()), "{text}");
        }
        let text = |text: &str| Part::Text(text.to_owned());
        let parts = [text("a-"), Part::Word(Word::Counter), text("-b"), Part::Word(Word::Column(0))];
        assert_eq!(parsed("a-{{counter}}-b{{csv.id}}").as_deref(), Ok(&parts[..]));
        assert_eq!(parsed("").as_deref(), Ok(&[][..]));
    }

    #[test]
    fn what_is_no_placeholder_is_told_with_its_place() {
        for (text, at, told) in [
            ("x {{counter", 2, "{{ has no }} behind it"),
            ("é{{Counter}}", 2, "no placeholder is {{Counter}}, did you mean {{counter}}?"),
            ("{{.Uuid}}", 0, "no placeholder is {{.Uuid}}, did you mean {{uuid}}?"),
            ("{{counter 1}}", 0, "no placeholder is {{counter 1}}, did you mean {{counter}}?"),
            ("{{}}", 0, "no placeholder is {{}}"),
            ("{{printf x}}", 0, "no placeholder is {{printf x}}"),
            ("{{random 5}}", 0, "{{random 5}} is written as {{random A B}}"),
            ("{{random 5 1}}", 0, "{{random 5 1}} has nothing between its numbers"),
            (
                "{{random 1 99999999999999999999}}",
                0,
                "{{random 1 99999999999999999999}} is written as {{random A B}}",
            ),
            ("{{randomString}}", 0, "{{randomString}} is written as {{randomString N}}"),
            (
                "{{randomString 1048577}}",
                0,
                "{{randomString 1048577}} is written as {{randomString N, of no more than 1048576}}",
            ),
            ("{{csv.name}}", 0, r#"the CSV file has no column "name"; it has "id", "first name""#),
        ] {
            assert_eq!(parsed(text), Err((at, told.to_owned())), "{text}");
        }
        let method = testing::method("Say");
        let none =
            parse("{{csv.id}}", Known { callee: Callee::Proto(&method, &method.input()), columns: None });
        assert_eq!(none, Err((0, WordError::NoTable("csv.id".to_owned()))));
        assert!(parsed(&format!("{{{{{}}}}}", "x".repeat(100_000))).is_err());
    }
}
