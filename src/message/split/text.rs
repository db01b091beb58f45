//! Messages in text format, separated by 0x1E as grpcurl has it: the format itself has no end mark.

use super::{Document, Input, SplitError};

/// The ASCII record separator.
const SEPARATOR: u8 = 0x1e;

/// Cuts a stream of text-format messages.
///
/// A message is given out when its separator arrives, the last one at the end of the input. Nothing but blanks after
/// the last separator is no message; nothing between two separators is an empty one.
#[derive(Debug)]
pub struct TextSplitter {
    input: Input,
}

impl TextSplitter {
    /// A splitter that refuses documents of more than `limit` bytes.
    pub fn new(limit: usize) -> Self {
        Self { input: Input::new(limit) }
    }

    /// Adds input.
    pub fn push(&mut self, input: &[u8]) {
        self.input.push(input);
    }

    /// Says that no more input will come.
    pub fn finish(&mut self) {
        self.input.finished = true;
    }

    /// The next document that is complete, if one is.
    pub fn next_document(&mut self) -> Result<Option<Document>, SplitError> {
        if let Some(error) = &self.input.failed {
            return Err(error.clone());
        }
        if !self.input.begin() {
            return Ok(None);
        }
        let unseen = self.input.unseen();
        let separator = unseen.iter().position(|&byte| byte == SEPARATOR);
        self.input.take(separator.unwrap_or(unseen.len()))?;
        if separator.is_some() {
            let document = self.input.document();
            self.input.skip(1);
            return Ok(Some(document));
        }
        let last = self.input.finished && !self.input.buffer.trim_ascii().is_empty();
        Ok(last.then(|| self.input.document()))
    }
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
