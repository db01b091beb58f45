//! What `encode` and `decode` have in common: bytes written as digits, and where they come from.

use std::io;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use prost_reflect::MessageDescriptor;

use super::schema_verb::{self, SchemaVerb, SchemaVerbArgs};
use super::{Failed, Surroundings, Writers, open};
use crate::args::{BytesArg, is_stdin};
use crate::bounded::{self, MIB};
use crate::chars::{self, DecodeError};
use crate::failure::{Failure, Kind};
use crate::schema;
use crate::schema::symbol::Symbol;
use crate::session::Session;

/// The largest input, in MiB.
const LARGEST: u64 = 1024 * MIB;

/// Bytes that can't be had.
#[derive(Debug, thiserror::Error)]
pub(super) enum BytesError {
    #[error("cannot read {from}")]
    Read { from: String, source: io::Error },
    #[error("{from}: {found:?} is no hexadecimal digit")]
    Hex { from: String, found: char },
    #[error("{from}: an odd number of hexadecimal digits")]
    OddHex { from: String },
    #[error("{from}: not base64: {source}")]
    Base64 { from: String, source: DecodeError },
    #[error("-d has text, and -i binary reads bytes")]
    TextForBytes,
    #[error("{verb} needs the name of a message")]
    NoType { verb: &'static str },
    #[error("{name} is {kind}, and {verb} is about messages")]
    NoMessage { verb: &'static str, name: String, kind: String },
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
            BytesError::NoType { verb: "decode" } => (Kind::Wrong, Some("without any schema: --raw")),
            _ => (Kind::Wrong, None),
        };
        let failure = Self::new(kind, error);
        match hint {
            Some(hint) => failure.hint(hint),
            None => failure,
        }
    }
}

/// The server and the type that words name, found.
pub(super) async fn open(
    verb: &'static str,
    words: &[String],
    flags: &SchemaVerbArgs,
    surroundings: &Surroundings,
    io: &mut Writers<'_>,
) -> Result<(Session, MessageDescriptor), Failed> {
    let SchemaVerb { session, name, target } = flags.plan(verb, words, surroundings, false)?;
    let name = name.ok_or(BytesError::NoType { verb })?;
    io.warn(&target)?;
    let session = open::session(session, &target, surroundings, io).await?;
    if session.netrpc().is_some() {
        return Err(BytesError::Go(verb).into());
    }
    let found = session.schema().await.symbol(&name).await;
    let found = schema_verb::explained(found, &session, io).await;
    schema_verb::tell(&session, flags.talk(), surroundings, io).await?;
    let message = found.and_then(|symbol| message_of(verb, symbol));
    Ok((session, message.map_err(|failure| Failed::at(&target, failure))?))
}

/// The message that a name is of: a type, or what a method takes.
fn message_of(verb: &'static str, symbol: Symbol) -> Result<MessageDescriptor, Failure> {
    match symbol {
        Symbol::Message(message) => Ok(message),
        Symbol::Method(method) => Ok(method.input()),
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

/// The bytes that a word of `-d` stands for, or standard input without one.
pub(super) fn read(word: Option<&str>, format: BytesArg) -> Result<Vec<u8>, BytesError> {
    let (from, given) = match word.map(|word| (word, word.strip_prefix('@'))) {
        None => ("stdin".to_owned(), bounded::read_from(io::stdin().lock(), LARGEST)),
        Some((_, Some(path))) if path.is_empty() || is_stdin(Path::new(path)) => {
            ("stdin".to_owned(), bounded::read_from(io::stdin().lock(), LARGEST))
        }
        Some((_, Some(path))) => (path.to_owned(), bounded::read(Path::new(path), LARGEST)),
        Some((_, None)) if format == BytesArg::Binary => return Err(BytesError::TextForBytes),
        Some((word, None)) => ("-d".to_owned(), Ok(word.as_bytes().to_vec())),
    };
    let bytes = given.map_err(|source| BytesError::Read { from: from.clone(), source })?;
    match format {
        BytesArg::Binary => Ok(bytes),
        BytesArg::Hex => unhex(&bytes, &from),
        BytesArg::Base64 => unbase64(&bytes).map_err(|source| BytesError::Base64 { from, source }),
    }
}

/// Digits with whatever people and programs put between them: blanks, colons, commas, `0x` and `\x`.
fn unhex(text: &[u8], from: &str) -> Result<Vec<u8>, BytesError> {
    let text = String::from_utf8_lossy(text);
    let mut digits = Vec::with_capacity(text.len());
    let words = text.split(|c: char| c.is_whitespace() || matches!(c, ':' | ',' | '\\'));
    for word in words {
        let word = word.strip_prefix("0x").or_else(|| word.strip_prefix('x')).unwrap_or(word);
        for c in word.chars() {
            let digit = c.to_digit(16).and_then(|digit| u8::try_from(digit).ok());
            digits.push(digit.ok_or_else(|| BytesError::Hex { from: from.to_owned(), found: c })?);
        }
    }
    let (pairs, []) = digits.as_chunks() else { return Err(BytesError::OddHex { from: from.to_owned() }) };
    Ok(pairs.iter().map(|[high, low]| high << 4 | low).collect())
}

/// Base64 over any number of lines.
fn unbase64(text: &[u8]) -> Result<Vec<u8>, DecodeError> {
    let text: Vec<u8> = text.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
    chars::unbase64(&text)
}

/// Bytes as they are written.
pub(super) fn written(bytes: &[u8], format: BytesArg) -> Vec<u8> {
    let mut out = Vec::new();
    match format {
        BytesArg::Binary => out.extend_from_slice(bytes),
        BytesArg::Hex => {
            for byte in bytes {
                out.extend(format!("{byte:02x}").into_bytes());
            }
            out.push(b'\n');
        }
        BytesArg::Base64 => {
            out.extend(STANDARD.encode(bytes).into_bytes());
            out.push(b'\n');
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_read_however_they_are_written() {
        for text in [
            "0a05416c696365",
            "0A 05 41 6c 69\n63 65",
            "0x0a,0x05,41:6c:69:63:65",
            r"\x0a\x05\x41\x6c\x69\x63\x65",
        ] {
            assert_eq!(unhex(text.as_bytes(), "-d").unwrap(), b"\x0a\x05Alice", "{text}");
        }
        assert_eq!(unhex(b"0a5", "-d").unwrap_err().to_string(), "-d: an odd number of hexadecimal digits");
        assert_eq!(unhex(b"zz", "-d").unwrap_err().to_string(), "-d: 'z' is no hexadecimal digit");
        assert_eq!(unbase64(b"CgVB\nbGljZQ").unwrap(), b"\x0a\x05Alice");
    }

    #[test]
    fn what_is_written_is_read() {
        let bytes: Vec<u8> = (0..=255).collect();
        assert_eq!(unhex(&written(&bytes, BytesArg::Hex), "-d").unwrap(), bytes);
        assert_eq!(unbase64(&written(&bytes, BytesArg::Base64)).unwrap(), bytes);
    }
}
