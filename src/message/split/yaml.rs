//! YAML documents, between lines that begin with `---` or `...` (YAML 1.2.2, section 9.1): such a line is nothing else,
//! whatever stands around it.

use super::{Document, Input, SplitError};

/// Cuts a stream of YAML documents.
///
/// A document is given out when the mark behind it arrives, the last one at the end of the input. One of nothing but
/// blanks, comments and directives is none, as files mostly have a mark before the first document, or behind the last.
#[derive(Debug, Default)]
pub(super) struct YamlRules {
    line: Line,
    /// Whether there is anything in the document at hand.
    content: bool,
}

/// How much of a line has been seen.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Line {
    #[default]
    Start,
    /// Nothing but blanks.
    Blank,
    /// What does not matter any more.
    Seen,
}

/// What a line begins with.
enum Begin {
    /// `---`, which belongs to the document behind it.
    Document,
    /// `...`, which ends one.
    End,
    Other,
    /// More has to come before that is clear.
    Unclear,
}

impl YamlRules {
    /// The next document that is complete, if one is.
    pub(super) fn next_document(&mut self, input: &mut Input) -> Result<Option<Document>, SplitError> {
        while !input.unseen().is_empty() {
            let mark =
                if self.line == Line::Start { begin(input.unseen(), input.finished) } else { Begin::Other };
            match mark {
                Begin::Unclear => return Ok(None),
                Begin::Document | Begin::End if self.content => {
                    self.content = false;
                    return Ok(Some(input.document()));
                }
                Begin::Document | Begin::End => {
                    input.take(3)?;
                    self.line = Line::Blank;
                    // What came before it was no document.
                    if matches!(mark, Begin::End) {
                        input.forget();
                    }
                }
                Begin::Other => self.line(input)?,
            }
        }
        let last = input.finished && self.content;
        self.content &= !last;
        Ok(last.then(|| input.document()))
    }

    /// Takes the rest of a line, as far as it is there.
    fn line(&mut self, input: &mut Input) -> Result<(), SplitError> {
        let unseen = input.unseen();
        let end = unseen.iter().position(|&byte| byte == b'\n').map(|at| at + 1);
        let rest = unseen.get(..end.unwrap_or(unseen.len())).unwrap_or_default();
        if self.line != Line::Seen
            && let Some(&first) = rest.iter().find(|byte| !byte.is_ascii_whitespace())
        {
            let directive = first == b'%' && self.line == Line::Start && rest.first() == Some(&b'%');
            self.content |= first != b'#' && (self.content || !directive);
            self.line = Line::Seen;
        } else if self.line == Line::Start {
            self.line = Line::Blank;
        }
        let length = rest.len();
        input.take(length)?;
        if end.is_some() {
            self.line = Line::Start;
        }
        Ok(())
    }
}

fn begin(line: &[u8], finished: bool) -> Begin {
    let mark = |mark: &[u8]| line.starts_with(mark);
    if line.len() < 4
        && !finished
        && (b"---".starts_with(line) || b"...".starts_with(line) || mark(b"---") || mark(b"..."))
    {
        return Begin::Unclear;
    }
    match line.get(3) {
        Some(byte) if !byte.is_ascii_whitespace() => Begin::Other,
        _ if mark(b"---") => Begin::Document,
        _ if mark(b"...") => Begin::End,
        _ => Begin::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::super::Splitter;
    use super::super::tests::split;
    use crate::message::Format;

    fn documents(input: &str) -> Vec<(usize, String)> {
        split(Format::Yaml, &[input.as_bytes()]).unwrap()
    }

    #[test]
    fn marks_stand_between_documents() {
        for (input, expected) in [
            ("a: 1", &[(1, "a: 1")][..]),
            ("a: 1\n---\nb: 2\n", &[(1, "a: 1\n"), (2, "---\nb: 2\n")]),
            ("---\na: 1\n---\nb: 2", &[(1, "---\na: 1\n"), (3, "---\nb: 2")]),
            ("--- {a: 1}\n--- {b: 2}\n...\n", &[(1, "--- {a: 1}\n"), (2, "--- {b: 2}\n")]),
            ("%YAML 1.2\n---\na: 1\n", &[(1, "%YAML 1.2\n---\na: 1\n")]),
            ("# c\n---\na: |\n ---\n ...\n---x\n", &[(1, "# c\n---\na: |\n ---\n ...\n---x\n")]),
            ("a: 1\r\n---\r\nb: 2\r\n", &[(1, "a: 1\r\n"), (2, "---\r\nb: 2\r\n")]),
            ("a: 1\n---\n# nothing\n---\n", &[(1, "a: 1\n")]),
            ("a: 1\n...\n\n...\nb: 2", &[(1, "a: 1\n"), (4, "\nb: 2")]),
            ("a: 1\n%b: 2\n", &[(1, "a: 1\n%b: 2\n")]),
            ("---", &[]),
            ("# only this", &[]),
        ] {
            let expected: Vec<(usize, String)> =
                expected.iter().map(|&(line, text)| (line, text.to_owned())).collect();
            assert_eq!(documents(input), expected, "{input:?}");
        }
    }

    #[test]
    fn a_document_is_given_out_with_the_mark_behind_it() {
        let mut splitter = Splitter::new(Format::Yaml, 100);
        for (input, complete) in
            [("a: 1\n", false), ("--", false), ("-", false), ("\n", true), ("b: 2\n..", false), (".\n", true)]
        {
            splitter.push(input.as_bytes());
            assert_eq!(splitter.next_document().unwrap().is_some(), complete, "{input:?}");
            assert_eq!(splitter.next_document(), Ok(None));
        }
    }

    #[test]
    fn time_is_linear_in_the_input() {
        let mut splitter = Splitter::new(Format::Yaml, usize::MAX);
        splitter.push(b"a: ");
        for _ in 0..1_000_000 {
            splitter.push(b"x");
            assert_eq!(splitter.next_document(), Ok(None));
        }
        splitter.push(b"\n---\n");
        assert_eq!(splitter.next_document().unwrap().unwrap().text.len(), 1_000_004);
    }
}
