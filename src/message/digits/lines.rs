//! Lines that are each a message, or one that was wrapped.

use std::collections::VecDeque;

use super::machine::Machine;
use super::{DigitProblem, DigitsError};
use crate::message::Position;
use crate::message::bytes::Records;

/// Takes lines, and tells the messages they are.
#[derive(Debug)]
pub(super) struct Lines {
    machine: Machine,
    limit: usize,
    text: Vec<u8>,
    /// How much of the text was searched for the end of its first line.
    searched: usize,
    /// The number of the first line in the text.
    line: usize,
    run: Option<Run>,
    ready: VecDeque<Result<Vec<u8>, DigitsError>>,
    /// Whether nothing at all is a message.
    word: bool,
    over: bool,
}

/// Lines that may be one message.
#[derive(Debug)]
struct Run {
    width: usize,
    first: usize,
    lines: Vec<Vec<u8>>,
    size: usize,
}

impl Lines {
    pub(super) fn new(machine: Machine, limit: usize, word: bool) -> Self {
        Self {
            machine,
            limit,
            text: Vec::new(),
            searched: 0,
            line: 1,
            run: None,
            ready: VecDeque::new(),
            word,
            over: false,
        }
    }

    pub(super) fn push(&mut self, text: &[u8]) {
        self.text.extend_from_slice(text);
    }

    /// The next message; `finished` is whether no more text will come.
    pub(super) fn next_message(&mut self, finished: bool) -> Result<Option<Vec<u8>>, DigitsError> {
        loop {
            if let Some(ready) = self.ready.pop_front() {
                return ready.map(Some);
            }
            if let Some(line) = self.take_line(finished)? {
                self.take(line);
                self.line += 1;
            } else if finished && self.run.is_some() {
                self.close();
            } else {
                return Ok(None);
            }
        }
    }

    fn take_line(&mut self, finished: bool) -> Result<Option<Vec<u8>>, DigitsError> {
        let unseen = self.text.get(self.searched..).unwrap_or_default();
        if let Some(end) = unseen.iter().position(|byte| *byte == b'\n') {
            let mut line: Vec<u8> = self.text.drain(..=self.searched + end).collect();
            line.pop();
            (self.searched, self.word) = (0, false);
            return Ok(Some(line));
        }
        self.searched = self.text.len();
        if self.text.len() / 8 > self.limit {
            return Err(self.too_large());
        }
        if !finished || self.over || self.text.is_empty() && !self.word {
            return Ok(None);
        }
        (self.over, self.searched) = (true, 0);
        Ok(Some(std::mem::take(&mut self.text)))
    }

    fn too_large(&self) -> DigitsError {
        let position = Position { line: self.line, column: 1 };
        DigitsError { position, problem: DigitProblem::TooLarge { limit: self.limit } }
    }

    fn take(&mut self, line: Vec<u8>) {
        let width = line.trim_ascii().len();
        if let Some(run) = &mut self.run {
            if width > 0 && width <= run.width {
                run.size += line.len();
                run.lines.push(line);
                // Of one as long, more may follow; what is larger than any message is none.
                if width < run.width || run.size / 8 > self.limit {
                    self.close();
                }
                return;
            }
            self.close();
        }
        match self.bytes(self.line, std::slice::from_ref(&line)) {
            Ok(bytes) if is_whole(&bytes) => self.ready.push_back(Ok(bytes)),
            Err(error) if !is_cut(&error) => self.ready.push_back(Err(error)),
            _ => {
                let size = line.len();
                self.run = Some(Run { width, first: self.line, lines: vec![line], size });
            }
        }
    }

    /// Decides what the lines of a run are: one message, if they make one, and else each its own, broken or not.
    fn close(&mut self) {
        let Some(run) = self.run.take() else { return };
        if run.lines.len() > 1
            && let Ok(bytes) = self.bytes(run.first, &run.lines)
            && is_whole(&bytes)
        {
            return self.ready.push_back(Ok(bytes));
        }
        for (line, number) in run.lines.iter().zip(run.first..) {
            let bytes = self.bytes(number, std::slice::from_ref(line));
            self.ready.push_back(bytes);
        }
    }

    /// What lines stand for together.
    fn bytes(&self, first: usize, lines: &[Vec<u8>]) -> Result<Vec<u8>, DigitsError> {
        let mut machine = self.machine.clone();
        let mut bytes = Vec::new();
        let mut position = Position { line: first, column: 1 };
        for (line, number) in lines.iter().zip(first..) {
            position = Position { line: number, column: 1 };
            machine.feed(line, &mut position, &mut bytes)?;
        }
        machine.end(position, &mut bytes)?;
        if bytes.len() > self.limit {
            let problem = DigitProblem::TooLarge { limit: self.limit };
            return Err(DigitsError { position: Position { line: first, column: 1 }, problem });
        }
        Ok(bytes)
    }
}

/// Whether bytes are fields to their end.
fn is_whole(bytes: &[u8]) -> bool {
    Records::new(bytes).all(|record| record.is_ok())
}

/// Whether a line ends in the middle of a byte, as one that was wrapped may.
fn is_cut(error: &DigitsError) -> bool {
    matches!(error.problem, DigitProblem::Odd | DigitProblem::Short)
}
