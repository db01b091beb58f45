//! What `encode` and `decode` have in common: the type that messages are of, and bytes written as digits.

use std::io;
use std::path::Path;

use ::bytes::Bytes;
use clap::Args;
use prost_reflect::MessageDescriptor;

use super::data::{self, Data};
use super::schema_verb::{self, SchemaVerb, SchemaVerbArgs};
use super::{Failed, Surroundings, Writers, open};
use crate::args::{BytesArg, TargetPlan, is_stdin, quoted};
use crate::bounded::{self, MIB};
use crate::chars;
use crate::failure::{Failure, Kind};
use crate::message::digits::{DigitProblem, DigitReader, Digits, DigitsError, Piece};
use crate::message::input::Source;
use crate::schema;
use crate::schema::symbol::Symbol;
use crate::session::Session;

/// The largest request that is taken as bytes.
const LARGEST: u64 = 1024 * MIB;

/// Which message a name is of.
#[derive(Debug, Clone, Copy, Args)]
pub(super) struct WhichArgs {
    /// With a method's name: what it answers with, rather than what it takes
    #[arg(long)]
    pub(super) response: bool,
}

/// Bytes that can't be had.
#[derive(Debug, thiserror::Error)]
pub(super) enum BytesError {
    #[error("--raw-request: cannot read {from}")]
    Read { from: String, source: io::Error },
    #[error("--raw-request: {0}")]
    Digits(DigitsError),
    #[error("-d has text, and -i binary reads bytes")]
    TextForBytes,
    #[error("-d - is no message")]
    Dash,
    #[error("stdin can be read only once, and -d @ is given more than once")]
    StdinTwice,
    #[error("{verb} needs the name of a message")]
    NoType { verb: &'static str },
    #[error("{name} is {kind}, and {verb} is about messages")]
    NoMessage { verb: &'static str, name: String, kind: String },
    #[error("--response is about a method, and {0} is a message")]
    NoMethod(String),
    #[error("the bytes would go to the terminal")]
    ToTerminal,
    #[error("{0} is about protobuf, and a net/rpc server knows none")]
    Go(&'static str),
}

impl From<BytesError> for Failure {
    fn from(error: BytesError) -> Self {
        let (kind, hint) = match &error {
            BytesError::Read { .. } => (Kind::Failed, None),
            BytesError::ToTerminal => (Kind::Wrong, Some("-o hex, -o base64, or a file: > message.bin")),
            BytesError::TextForBytes => {
                (Kind::Wrong, Some("for digits: -i hex or -i base64; for a file of bytes: -d @FILE"))
            }
            BytesError::Dash => (Kind::Wrong, Some("for bytes from stdin: -d @")),
            BytesError::NoType { verb: "decode" } => (Kind::Wrong, Some("without any schema: --raw")),
            BytesError::NoMethod(_) => (Kind::Wrong, Some("leave it out")),
            _ => (Kind::Wrong, None),
        };
        let failure = Self::new(kind, error);
        match hint {
            Some(hint) => failure.hint(hint),
            None => failure,
        }
    }
}

/// What else the digits may be.
pub(super) fn other_digits(problem: DigitProblem) -> Option<&'static str> {
    match problem {
        DigitProblem::NoDigit { found, digits: Digits::Hex }
            if found.0.is_ascii_alphanumeric() || matches!(found.0, b'+' | b'/' | b'=' | b'-' | b'_') =>
        {
            Some("for base64: -i base64")
        }
        DigitProblem::TooLarge { .. } => Some("for larger ones: --max-message-size SIZE; 0 is no limit"),
        _ => None,
    }
}

/// A type, and the server that knows it.
pub(super) struct Opened {
    pub(super) session: Session,
    pub(super) message: MessageDescriptor,
    pub(super) target: TargetPlan,
}

/// The server and the type that words name, found.
pub(super) async fn open(
    verb: &'static str,
    words: &[String],
    (flags, which): (&SchemaVerbArgs, WhichArgs),
    surroundings: &Surroundings,
    io: &mut Writers<'_>,
) -> Result<Opened, Failed> {
    let plan = flags.plan(verb, words, surroundings, false)?;
    if plan.name.is_some() {
        plan.warn(io)?;
    }
    let SchemaVerb { session, name, target, .. } = plan;
    let name = name.ok_or(BytesError::NoType { verb })?;
    let session = open::session(session, &target, surroundings, io).await?;
    if session.netrpc().is_some() {
        return Err(BytesError::Go(verb).into());
    }
    let found = session.schema().await.symbol(&name).await;
    let found = schema_verb::explained(found, &session, io).await;
    schema_verb::tell(&session, flags.talk(), surroundings, io).await?;
    let message = found.and_then(|symbol| message_of(verb, symbol, which));
    let message = message.map_err(|failure| Failed::at(&target, failure))?;
    Ok(Opened { session, message, target })
}

/// The message that a name is of: a type, or what a method takes or answers with.
fn message_of(verb: &'static str, symbol: Symbol, which: WhichArgs) -> Result<MessageDescriptor, Failure> {
    match symbol {
        Symbol::Message(message) if which.response => {
            Err(BytesError::NoMethod(message.full_name().to_owned()).into())
        }
        Symbol::Message(message) => Ok(message),
        Symbol::Method(method) => Ok(if which.response { method.output() } else { method.input() }),
        Symbol::Service(service) => {
            let methods = service.methods().map(|method| schema::name::method_path(&method)).collect();
            Err(schema::Error::IsService { service: service.full_name().to_owned(), methods }.into())
        }
        other => {
            let (name, kind) = (other.full_name().to_owned(), other.kind_with_article());
            Err(BytesError::NoMessage { verb, name, kind }.into())
        }
    }
}

/// How bytes are written as digits, if they are.
pub(super) fn digits(format: BytesArg) -> Option<Digits> {
    match format {
        BytesArg::Binary => None,
        BytesArg::Hex => Some(Digits::Hex),
        BytesArg::Base64 => Some(Digits::Base64),
    }
}

/// Where the words of all `-d`s say that bytes are; stdin without any.
pub(super) fn data(words: &[String], format: BytesArg) -> Result<Vec<Data>, BytesError> {
    let one = |word: &String| match word.strip_prefix('@') {
        Some(path) if path.is_empty() || is_stdin(Path::new(path)) => Ok(Data::Stdin),
        Some(path) => Ok(Data::File(path.into())),
        None if word == "-" => Err(BytesError::Dash),
        None if format == BytesArg::Binary => Err(BytesError::TextForBytes),
        None => Ok(Data::Text(word.clone())),
    };
    if words.is_empty() {
        return Ok(vec![Data::Stdin]);
    }
    let data = words.iter().map(one).collect::<Result<Vec<Data>, _>>()?;
    match data.iter().filter(|data| **data == Data::Stdin).count() {
        0 | 1 => Ok(data),
        _ => Err(BytesError::StdinTwice),
    }
}

/// The sources of data.
pub(super) fn sources(data: Vec<Data>, typed: bool) -> Vec<Source> {
    data::sources(data, typed)
}

/// The bytes that a word of `--raw-request` stands for: hexadecimal digits, or those in a file; and what to say of a file
/// that may have been meant otherwise.
pub(super) fn raw_request(word: &str) -> Result<(Bytes, Option<String>), BytesError> {
    let Some(path) = word.strip_prefix('@') else {
        let mut reader = DigitReader::new(Digits::Hex, false, usize::MAX);
        reader.push(word.as_bytes());
        reader.finish();
        let mut bytes = Vec::new();
        let read = std::iter::from_fn(|| reader.next_piece().transpose());
        for piece in read {
            match piece.map_err(BytesError::Digits)? {
                Piece::Bytes(mut piece) | Piece::Message(mut piece) => bytes.append(&mut piece),
            }
        }
        return Ok((bytes.into(), None));
    };
    let stdin = path.is_empty() || is_stdin(Path::new(path));
    let (from, read) = if stdin {
        ("stdin", bounded::read_from(io::stdin().lock(), LARGEST))
    } else {
        (path, bounded::read(Path::new(path), LARGEST))
    };
    let bytes = read.map_err(|source| BytesError::Read { from: from.to_owned(), source })?;
    let note = are_hex_digits(&bytes).then(|| {
        let instead = if stdin { "cat".to_owned() } else { format!("cat {}", quoted(path)) };
        format!(
            "{from} holds hexadecimal digits, which are sent as they are; for the bytes they stand for: --raw-request \"$({instead})\""
        )
    });
    Ok((bytes.into(), note))
}

/// The digits that bytes are the text of, and what those stand for, message by message: text like that is hardly ever
/// meant as bytes.
pub(super) fn read_as_digits(bytes: &[u8]) -> Option<(Digits, Vec<Vec<u8>>)> {
    let is_text = |byte: &u8| byte.is_ascii_graphic() || byte.is_ascii_whitespace();
    if bytes.len() < 2 || !bytes.iter().all(is_text) {
        return None;
    }
    [Digits::Hex, Digits::Base64].into_iter().find_map(|digits| {
        let mut reader = DigitReader::new(digits, true, usize::MAX);
        reader.push(bytes);
        reader.finish();
        let pieces: Result<Vec<Piece>, _> = std::iter::from_fn(|| reader.next_piece().transpose()).collect();
        let messages: Vec<Vec<u8>> = pieces
            .ok()?
            .into_iter()
            .map(|piece| match piece {
                Piece::Bytes(bytes) | Piece::Message(bytes) => bytes,
            })
            .collect();
        (!messages.is_empty()).then_some((digits, messages))
    })
}

/// How digits are read that were read as bytes.
pub(super) fn how_to_read(digits: Digits) -> &'static str {
    match digits {
        Digits::Hex => "these are hexadecimal digits: -i hex",
        Digits::Base64 => "these are base64 digits: -i base64",
    }
}

/// Whether bytes are most likely meant as digits.
fn are_hex_digits(bytes: &[u8]) -> bool {
    let digits = bytes.iter().filter(|byte| byte.is_ascii_hexdigit()).count();
    digits > 1 && bytes.iter().all(|byte| byte.is_ascii_hexdigit() || byte.is_ascii_whitespace())
}

/// Bytes as they are written.
pub(super) fn written(bytes: Vec<u8>, format: BytesArg) -> Vec<u8> {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let mut out = match format {
        BytesArg::Binary => return bytes,
        BytesArg::Hex => {
            let digits = |byte: &u8| [byte >> 4, byte & 15].map(|digit| HEX[usize::from(digit)]);
            bytes.iter().flat_map(digits).collect()
        }
        BytesArg::Base64 => chars::base64_digits(&bytes),
    };
    out.push(b'\n');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let bytes: Vec<u8> = (0..=255).collect();
        for format in [BytesArg::Hex, BytesArg::Base64] {
            let mut reader = DigitReader::new(digits(format).unwrap(), false, usize::MAX);
            reader.push(&written(bytes.clone(), format));
            reader.finish();
            assert_eq!(reader.next_piece(), Ok(Some(Piece::Bytes(bytes.clone()))));
        }
    }

    #[test]
    fn digits_in_a_file_are_noticed() {
        assert!(are_hex_digits(b"0a05416c\n696365\n"));
        for bytes in [&b"\x0a\x05Alice"[..], b"", b"\n", b"a"] {
            assert!(!are_hex_digits(bytes), "{}", bytes.escape_ascii());
        }
    }

    #[test]
    fn each_d_is_a_source() {
        let words = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect::<Vec<_>>();
        let read = data(&words(&["0a", "@", "@a.bin"]), BytesArg::Hex).unwrap();
        assert_eq!(read, [Data::Text("0a".to_owned()), Data::Stdin, Data::File("a.bin".into())]);
        assert_eq!(data(&[], BytesArg::Binary).unwrap(), [Data::Stdin]);
        assert!(matches!(data(&words(&["@", "@-"]), BytesArg::Hex), Err(BytesError::StdinTwice)));
        assert!(matches!(data(&words(&["0a"]), BytesArg::Binary), Err(BytesError::TextForBytes)));
        assert!(matches!(data(&words(&["-"]), BytesArg::Hex), Err(BytesError::Dash)));
    }
}
