//! Messages in text format, separated by 0x1E as grpcurl has it: the format itself has no end mark.

use super::{Document, Input, SplitError};

/// The ASCII record separator.
const SEPARATOR: u8 = 0x1e;

/// The next message that is complete, if one is.
///
/// A message is given out when its separator arrives, the last one at the end of the input. Nothing but blanks after
/// the last separator is no message; nothing between two separators is an empty one.
pub(super) fn next_document(input: &mut Input) -> Result<Option<Document>, SplitError> {
    let unseen = input.unseen();
    let separator = unseen.iter().position(|&byte| byte == SEPARATOR);
    input.take(separator.unwrap_or(unseen.len()))?;
    if separator.is_some() {
        let document = input.document();
        input.skip(1);
        return Ok(Some(document));
    }
    let last = input.finished && !input.buffer.trim_ascii().is_empty();
    Ok(last.then(|| input.document()))
}

#[cfg(test)]
mod tests {
    use super::super::tests::split;
    use crate::message::Format;

    fn documents(input: &str) -> Vec<String> {
        let documents = split(Format::Text, &[input.as_bytes()]).unwrap();
        documents.into_iter().map(|(_, text)| text).collect()
    }

    #[test]
    fn separators_end_messages() {
        assert_eq!(documents("a: 1"), ["a: 1"]);
        assert_eq!(documents("a: 1\u{1e}"), ["a: 1"]);
        assert_eq!(documents("a: 1\n\u{1e}\n"), ["a: 1\n"]);
        assert_eq!(documents("a: 1\u{1e}b: 2"), ["a: 1", "b: 2"]);
        assert_eq!(documents("a: 1\u{1e}\u{1e}b: 2"), ["a: 1", "", "b: 2"]);
        assert_eq!(documents("\u{1e}"), [""]);
    }
}
