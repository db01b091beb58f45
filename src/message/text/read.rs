//! Reading the text format.

use miette::Diagnostic as _;
use prost_reflect::prost::Message as _;
use prost_reflect::text_format::ParseError;
use prost_reflect::{DynamicMessage, MessageDescriptor};

use crate::message::{Position, TooDeep, json};

/// As deep as brackets may be nested: what the wire format's readers allow. The parser underneath recurses.
const DEPTH: usize = 100;

/// A document that is not the message it should be.
#[derive(Debug, thiserror::Error)]
#[error("{position}: {problem}")]
pub struct ReadError {
    /// Where in the document.
    pub position: Position,
    /// What is wrong there.
    pub problem: Problem,
}

/// What is wrong with a document.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// It is not UTF-8.
    #[error("not valid UTF-8")]
    Encoding,
    /// It is no text format, or not of this message type.
    #[error(transparent)]
    Parse(ParseError),
    /// A name that the message type does not have.
    #[error(transparent)]
    UnknownField(json::Problem),
    /// Messages in messages beyond what any receiver accepts.
    #[error(transparent)]
    TooDeep(#[from] TooDeep),
}

impl ReadError {
    /// The same, its place counted in the input in which the document begins at `start`.
    #[must_use]
    pub fn after(mut self, start: Position) -> Self {
        self.position = self.position.after(start);
        self
    }
}

/// Reads one document as the bytes of a message.
pub fn read(descriptor: &MessageDescriptor, document: &[u8]) -> Result<Vec<u8>, ReadError> {
    let error = |offset, problem| ReadError { position: Position::of(document, offset), problem };
    let text = std::str::from_utf8(document).map_err(|utf8| error(utf8.valid_up_to(), Problem::Encoding))?;
    if let Some(offset) = too_deep(document) {
        return Err(error(offset, TooDeep(DEPTH).into()));
    }
    let message = DynamicMessage::parse_text_format(descriptor.clone(), text).map_err(|parse| {
        let label = parse.labels().and_then(|mut labels| labels.next());
        // Only the end of the input has no label.
        let offset = label.map_or(document.trim_ascii_end().len(), |label| label.offset());
        let unknown = unknown_field(&parse.to_string(), descriptor).map(Problem::UnknownField);
        error(offset, unknown.unwrap_or(Problem::Parse(parse)))
    })?;
    Ok(message.encode_to_vec())
}

/// What the parser says of a name that a message type does not have, in the words that JSON gets. It keeps what went
/// wrong to itself; where it says something else, that is told as it is.
fn unknown_field(told: &str, descriptor: &MessageDescriptor) -> Option<json::Problem> {
    let (name, message) = told.strip_prefix("field '")?.split_once("' not found for message '")?;
    let message = descriptor.parent_pool().get_message_by_name(message.strip_suffix('\'')?)?;
    Some(json::unknown_field(name, &message, |field| vec![field.name()]))
}

/// Where brackets are nested deeper than [`DEPTH`], if anywhere.
fn too_deep(document: &[u8]) -> Option<usize> {
    let mut depth = 0_usize;
    let mut bytes = document.iter().enumerate();
    while let Some((at, &byte)) = bytes.next() {
        match byte {
            b'{' | b'<' | b'[' => {
                depth += 1;
                if depth > DEPTH {
                    return Some(at);
                }
            }
            b'}' | b'>' | b']' => depth = depth.saturating_sub(1),
            b'#' => drop(bytes.find(|&(_, &byte)| byte == b'\n')),
            b'"' | b'\'' => {
                while let Some((_, &inside)) = bytes.next() {
                    match inside {
                        b'\\' => drop(bytes.next()),
                        // No string goes past its line, so a quote left open hides no brackets on the next.
                        b'\n' => break,
                        _ if inside == byte => break,
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::testing;

    const PROTO: &str = r#"
        syntax = "proto3";
        import "google/protobuf/any.proto";
        message M { int32 a = 1; M m = 2; string s = 3; repeated int32 l = 4; google.protobuf.Any any = 5; repeated M r = 6; }
    "#;

    fn parse(text: &str) -> Result<Vec<u8>, ReadError> {
        read(&testing::message(PROTO, "M"), text.as_bytes())
    }

    #[test]
    fn braces_and_angle_brackets_comments_and_lists() {
        let bytes = parse("# {\na: 1 m { a: 2 } # <\n l: [1, 2] s: '}<'").unwrap();
        assert_eq!(bytes, b"\x08\x01\x12\x02\x08\x02\x1a\x02}<\x22\x02\x01\x02");
        assert_eq!(parse("m < a: 2 >").unwrap(), b"\x12\x02\x08\x02");
        assert_eq!(parse("").unwrap(), b"");
        assert_eq!(
            parse("any { [type.googleapis.com/M] { a: 1 } }").unwrap(),
            b"\x2a\x1b\x0a\x15type.googleapis.com/M\x12\x02\x08\x01"
        );
    }

    #[test]
    fn errors_say_where() {
        for (text, line, column, message) in [
            (
                "a: 1\n  nme: 2",
                2,
                3,
                r#"unknown field "nme" of M, which has "a", "m", "s", "l", "any" and "r""#,
            ),
            ("a: 1\nm { a: x }", 2, 8, "expected an integer, but found 'x'"),
            ("a: 1\nm {", 2, 4, "expected '}' or a field name, but reached end of input"),
            (
                "a: 99999999999",
                1,
                4,
                "expected value to be a signed 32-bit integer, but the value 99999999999 is out of range",
            ),
        ] {
            let error = parse(text).unwrap_err();
            assert_eq!(
                (error.position, error.problem.to_string().as_str()),
                (Position { line, column }, message),
                "{text}"
            );
        }
        let error = read(&testing::message(PROTO, "M"), b"a: 1\n\xff").unwrap_err();
        assert_eq!(error.position, Position { line: 2, column: 1 });
        assert!(matches!(error.problem, Problem::Encoding));
    }

    #[test]
    fn nesting_is_refused_before_it_is_parsed() {
        let nested = |depth: usize, open: &str, close: &str| open.repeat(depth) + &close.repeat(depth);
        for (open, close) in [("m{", "}"), ("m<", ">"), ("r:[{", "}]")] {
            assert!(parse(&nested(50, open, close)).is_ok());
            let error = parse(&nested(1_000_000, open, close)).unwrap_err();
            assert!(matches!(error.problem, Problem::TooDeep(_)));
        }
        assert!(parse(&nested(100, "m{", "}")).is_ok());
        assert!(parse(&nested(101, "m{", "}")).is_err());
        // Neither strings nor comments nest anything.
        assert!(parse(&format!("s: \"\\\"{}\" # {}", "{".repeat(1000), "<".repeat(1000))).is_ok());
        let hidden = format!("s: '\n{}", "m{".repeat(100_000));
        assert!(matches!(parse(&hidden).unwrap_err().problem, Problem::TooDeep(_)));
    }
}
