//! JSON values, one after another, with or without blanks between them.

use super::{Document, Input, SplitError, SplitProblem};

/// Cuts a stream of JSON values.
///
/// An object, array or string is given out with its last character; a number or word as soon as something else
/// follows it. What is inside is not checked: that is the reader's job, who also gets what the input's end or a wrong
/// bracket cuts short, since he knows best what is missing.
///
/// Where lines are told apart, what begins no value is a document to the end of its line, and so is a string that does
/// not end on its own: the reader gets it, and what stands on the next line is another.
#[derive(Debug, Default)]
pub(super) struct JsonRules {
    pub(super) lines: bool,
    state: State,
    /// The brackets open in the document at hand.
    open: Vec<u8>,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Before a document.
    #[default]
    Between,
    /// Inside brackets.
    Inside,
    /// Inside a string.
    Quoted,
    /// Inside a string, after a backslash.
    Escaped,
    /// Inside a number, `true`, `false` or `null`.
    Word,
    /// Inside of what is no JSON, to the end of its line.
    Line,
}

/// What one byte does to the document at hand.
enum Step {
    Continues,
    Ends,
    /// It ended before this byte.
    Ended,
    Wrong(SplitProblem),
}

impl JsonRules {
    /// The next document that is complete, if one is.
    pub(super) fn next_document(&mut self, input: &mut Input) -> Result<Option<Document>, SplitError> {
        if self.state == State::Between {
            let blanks = input.unseen().iter().take_while(|&&byte| is_blank(byte)).count();
            input.skip(blanks);
        }
        let mut length = 0;
        let mut step = Step::Continues;
        for index in 0..input.unseen().len() {
            let Some(&byte) = input.unseen().get(index) else { break };
            step = self.step(byte);
            if self.lines && self.state == State::Word && matches!(step, Step::Ended) {
                let word = input.seen(index);
                if !is_scalar(word) {
                    (self.state, step) = (State::Line, step_on_line(byte));
                }
            }
            length = index + usize::from(!matches!(step, Step::Ended | Step::Wrong(_)));
            if !matches!(step, Step::Continues) {
                break;
            }
        }
        input.take(length)?;
        match step {
            Step::Continues if input.finished && self.state != State::Between => {
                Ok(Some(self.document(input)))
            }
            Step::Continues => Ok(None),
            Step::Ends | Step::Ended => Ok(Some(self.document(input))),
            Step::Wrong(problem) => Err(input.fail(problem)),
        }
    }

    fn document(&mut self, input: &mut Input) -> Document {
        self.state = State::Between;
        self.open.clear();
        input.document()
    }

    fn step(&mut self, byte: u8) -> Step {
        match self.state {
            State::Quoted | State::Escaped if self.lines && byte == b'\n' => return Step::Ends,
            State::Line => return step_on_line(byte),
            State::Quoted => match byte {
                b'\\' => self.state = State::Escaped,
                b'"' if self.open.is_empty() => return Step::Ends,
                b'"' => self.state = State::Inside,
                _ => {}
            },
            State::Escaped => self.state = State::Quoted,
            State::Word => match byte {
                b'{' | b'}' | b'[' | b']' | b'"' | b',' | b':' => return Step::Ended,
                byte if is_blank(byte) => return Step::Ended,
                _ => {}
            },
            State::Between | State::Inside => match byte {
                b'{' | b'[' => {
                    self.open.push(byte);
                    self.state = State::Inside;
                }
                b'"' => self.state = State::Quoted,
                b'}' | b']' if self.state == State::Inside => {
                    let fits = self.open.pop().is_some_and(|open| (open == b'{') == (byte == b'}'));
                    return if fits && !self.open.is_empty() { Step::Continues } else { Step::Ends };
                }
                _ if self.state == State::Inside => {}
                b'}' | b']' | b',' | b':' if self.lines => self.state = State::Line,
                b'}' | b']' | b',' | b':' => return Step::Wrong(SplitProblem::Stray(byte.into())),
                _ => self.state = State::Word,
            },
        }
        Step::Continues
    }
}

/// What a byte does to what takes its whole line.
fn step_on_line(byte: u8) -> Step {
    if byte == b'\n' { Step::Ended } else { Step::Continues }
}

/// Whether a word is a number, `true`, `false` or `null`, as far as that can be seen from where it ends.
fn is_scalar(word: &[u8]) -> bool {
    matches!(word, b"true" | b"false" | b"null")
        || word.first().is_some_and(|&byte| byte == b'-' || byte.is_ascii_digit())
}

/// JSON's white space, and the record separator that RFC 7464 puts before each text.
fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | 0x1e)
}

#[cfg(test)]
mod tests {
    use super::super::Splitter;
    use super::super::tests::split;
    use super::*;
    use crate::message::{Format, Position};

    fn documents(input: &str) -> Vec<(usize, String)> {
        split(Format::Json, &[input.as_bytes()]).unwrap()
    }

    fn error(input: &str) -> SplitError {
        split(Format::Json, &[input.as_bytes()]).unwrap_err()
    }

    #[test]
    fn values_follow_one_another() {
        assert_eq!(
            documents("{} {\"a\":1}\n[1]\"s\"1 2.5\ntrue{\"b\":\"}\"}null"),
            [
                (1, "{}"),
                (1, "{\"a\":1}"),
                (2, "[1]"),
                (2, "\"s\""),
                (2, "1"),
                (2, "2.5"),
                (3, "true"),
                (3, "{\"b\":\"}\"}"),
                (3, "null"),
            ]
            .map(|(line, text)| (line, text.to_owned()))
        );
    }

    #[test]
    fn a_document_is_given_out_with_its_last_byte() {
        let mut splitter = Splitter::new(Format::Json, 100);
        for (input, complete) in
            [("{\"a\":", false), ("1}", true), ("[", false), ("]", true), ("7", false), (" ", true)]
        {
            splitter.push(input.as_bytes());
            assert_eq!(splitter.next_document().unwrap().is_some(), complete, "{input}");
            assert_eq!(splitter.next_document(), Ok(None));
        }
    }

    #[test]
    fn words_are_left_to_the_reader() {
        assert_eq!(documents("hello wörld"), [(1, "hello".to_owned()), (1, "wörld".to_owned())]);
    }

    #[test]
    fn what_is_cut_short_is_left_to_the_reader() {
        for cut in ["{", "{\"a\":[1", "\"abc", "{\"a\":\"\\"] {
            assert_eq!(documents(&format!("{{}}\n{cut}")), [(1, "{}".to_owned()), (2, cut.to_owned())]);
        }
        assert_eq!(documents("{\"a\":[}\n1"), [(1, "{\"a\":[}".to_owned()), (2, "1".to_owned())]);
        assert_eq!(documents("[1)}[]"), [(1, "[1)}".to_owned()), (1, "[]".to_owned())]);
    }

    #[test]
    fn tells_what_does_not_belong() {
        for stray in ['}', ']', ',', ':'] {
            let error = error(&format!("{{}} {stray} {{}}"));
            assert_eq!(error.problem, SplitProblem::Stray(stray));
            assert_eq!((error.document, error.position), (2, Position { line: 1, column: 4 }));
        }
        assert_eq!(error("[1)]}").problem, SplitProblem::Stray('}'));
    }

    #[test]
    fn what_is_no_json_may_end_with_its_line() {
        let documents = |input: &str| {
            let mut all = Vec::new();
            let mut splitter = Splitter::new(Format::Json, 1000).line_by_line();
            // Torn anywhere, it is cut the same.
            for byte in input.bytes() {
                splitter.push(&[byte]);
                while let Some(document) = splitter.next_document().unwrap() {
                    all.push(String::from_utf8(document.text.to_vec()).unwrap());
                }
            }
            splitter.finish();
            while let Some(document) = splitter.next_document().unwrap() {
                all.push(String::from_utf8(document.text.to_vec()).unwrap());
            }
            let mut splitter = Splitter::new(Format::Json, 1000).line_by_line();
            splitter.push(input.as_bytes());
            splitter.finish();
            let whole = std::iter::from_fn(|| splitter.next_document().unwrap());
            assert_eq!(
                whole.map(|document| String::from_utf8(document.text.to_vec()).unwrap()).collect::<Vec<_>>(),
                all
            );
            all
        };
        assert_eq!(documents("{}\nnot json, {\n{}"), ["{}", "not json, {", "{}"]);
        assert_eq!(documents("{\"a\":\"x\n{}"), ["{\"a\":\"x\n", "{}"]);
        assert_eq!(documents("{}}\n[1] ,2\n{}"), ["{}", "}", "[1]", ",2", "{}"]);
        assert_eq!(documents("1 true null\n-2 \"s\" tru\n"), ["1", "true", "null", "-2", "\"s\"", "tru"]);
        assert_eq!(documents("{\n\"a\":1}\n{}"), ["{\n\"a\":1}", "{}"]);
    }

    #[test]
    fn time_is_linear_in_the_input() {
        // A million brackets, and a megabyte pushed byte by byte: neither may rescan what it has seen.
        let deep = [vec![b'['; 1_000_000], vec![b']'; 1_000_000]].concat();
        let mut splitter = Splitter::new(Format::Json, usize::MAX);
        splitter.push(&deep);
        assert_eq!(splitter.next_document().unwrap().unwrap().text.len(), 2_000_000);
        splitter.push(b"\"");
        for _ in 0..1_000_000 {
            splitter.push(b"x");
            assert_eq!(splitter.next_document(), Ok(None));
        }
        splitter.push(b"\"");
        assert_eq!(splitter.next_document().unwrap().unwrap().text.len(), 1_000_002);
    }
}
