//! Calls that are made when they are due, or ahead where they are few and come again and again.

use std::sync::Arc;

use bytes::Bytes;
use fastrand::Rng;
use prost_reflect::MessageDescriptor;

use super::document::{Draft, Maker, Scratch};
use super::table::Table;
use super::values::{Extreme, Values};
use super::words::{Part, Word};
use super::{Made, Order, PREFIX, SupplyError, Unmade, Workspace, Writing};
use crate::message::Reader;

/// Calls that are made when they are due.
#[derive(Debug)]
pub(super) struct Drafts {
    /// What messages are read as.
    pub(super) input: MessageDescriptor,
    /// Whether they go as the JSON that they are.
    pub(super) takes_json: bool,
    pub(super) allow_unknown_fields: bool,
    pub(super) writing: Writing,
    pub(super) order: Order,
    pub(super) table: Option<Arc<Table>>,
    pub(super) fields: Vec<(Bytes, Vec<Part>)>,
    /// The messages of each.
    pub(super) calls: Vec<Vec<Message>>,
}

#[derive(Debug)]
pub(super) enum Message {
    /// In its envelope.
    Constant(Bytes),
    Draft(Draft),
}

/// How often it is tried what chance may draw, beyond the ends of its numbers.
const SAMPLES: usize = 200;
/// How many calls are made ahead, and how many bytes of them, where they repeat.
const AHEAD: u64 = 100_000;
const AHEAD_BYTES: usize = 64 << 20;

impl Drafts {
    pub(super) fn table(&self) -> Option<Arc<Table>> {
        self.table.clone()
    }

    /// The header fields of a call, without their values.
    pub(super) fn fields(&self) -> Vec<(Bytes, Bytes)> {
        self.fields.iter().map(|(name, _)| (name.clone(), Bytes::new())).collect()
    }

    fn words(&self) -> impl Iterator<Item = Word> {
        let drafts = self.calls.iter().flatten().filter_map(|message| match message {
            Message::Draft(draft) => Some(draft),
            Message::Constant(_) => None,
        });
        let fields = self.fields.iter().flat_map(|(_, parts)| parts).filter_map(|part| match part {
            Part::Word(word) => Some(*word),
            Part::Text(_) => None,
        });
        drafts.flat_map(Draft::words).chain(fields)
    }

    /// Whether any placeholder has its value from a row.
    pub(super) fn uses_rows(&self) -> bool {
        self.words().any(|word| matches!(word, Word::Column(_)))
    }

    /// How many rows matter.
    fn rows(&self) -> u64 {
        let uses_rows = self.uses_rows();
        self.table.as_ref().filter(|_| uses_rows).map_or(1, |table| table.rows() as u64)
    }

    /// Makes all that can be molds, and sees whether every row, both ends of the numbers that chance may draw, and samples
    /// of what else it may, make messages and headers.
    pub(super) fn check(&mut self) -> Result<(), SupplyError> {
        let rows = self.rows();
        let uses_rows = self.uses_rows();
        let mut values = Values::new(0, self.table(), Rng::with_seed(0));
        let reader = Reader::default();
        let maker = Maker {
            reader: &reader,
            input: &self.input,
            takes_json: self.takes_json,
            allow_unknown_fields: self.allow_unknown_fields,
        };
        let row_of =
            |call: u64| uses_rows.then(|| usize::try_from(call).unwrap_or(usize::MAX).saturating_add(1));
        let (mut scratch, mut out) = (Scratch::default(), Vec::new());
        let drafts = self.calls.iter_mut().flatten().filter_map(|message| match message {
            Message::Draft(draft) => Some(draft),
            Message::Constant(_) => None,
        });
        for draft in drafts {
            values.begin(0);
            draft.cast(&maker, &mut values);
            let numbers = draft.words().any(|word| matches!(word, Word::Random(..)));
            let ends: &[_] = if numbers { &[Some(Extreme::Lowest), Some(Extreme::Highest)] } else { &[None] };
            let own = if draft.words().any(|word| matches!(word, Word::Column(_))) { rows } else { 1 };
            let all = (0..own).flat_map(|call| ends.iter().map(move |end| (call, *end)));
            let samples = if draft.words().any(Word::is_chance) { SAMPLES } else { 0 };
            for (call, extreme) in all.chain(std::iter::repeat_n((0, None), samples)) {
                values.begin(call);
                values.extreme = extreme;
                out.clear();
                if draft.is_mold() && draft.write(&maker, &mut values, &mut scratch, &mut out) {
                    continue;
                }
                draft.read(&maker, &mut values, &mut scratch).map_err(|error| SupplyError::Values {
                    row: row_of(call),
                    text: Draft::last(&scratch),
                    source: Box::new(error),
                })?;
                draft.break_mold();
            }
            values.extreme = None;
        }
        for call in 0..rows {
            values.begin(call);
            for (name, parts) in &self.fields {
                out.clear();
                field(parts, &mut values, &mut out);
                if http::HeaderValue::from_bytes(&out).is_err() || !out.is_ascii() {
                    let name = String::from_utf8_lossy(name).into_owned();
                    return Err(SupplyError::HeaderValue { name, row: row_of(call).unwrap_or(1) });
                }
            }
        }
        Ok(())
    }

    /// Makes the call of this number, for which the values are ready.
    pub(super) fn make(&self, workspace: &mut Workspace, call: u64) {
        let which = match self.order {
            Order::ByTurns => self.turn(call),
            Order::AtRandom => workspace.values.one_of(self.calls.len()),
        };
        self.fill(workspace, which);
    }

    /// Which messages the call of this number has, by turns.
    fn turn(&self, call: u64) -> usize {
        usize::try_from(call % self.calls.len().max(1) as u64).unwrap_or_default()
    }

    fn fill(&self, workspace: &mut Workspace, which: usize) {
        self.body(workspace, self.calls.get(which).map(Vec::as_slice).unwrap_or_default());
        for (index, (_, parts)) in self.fields.iter().enumerate() {
            workspace.message.clear();
            field(parts, &mut workspace.values, &mut workspace.message);
            workspace.reserve(workspace.message.len());
            workspace.buffer.extend_from_slice(&workspace.message);
            let written = workspace.buffer.split().freeze();
            if let Some((_, value)) = workspace.made.fields.get_mut(index) {
                *value = written;
            }
        }
    }

    fn body(&self, workspace: &mut Workspace, messages: &[Message]) {
        workspace.made.messages = u32::try_from(messages.len()).unwrap_or(u32::MAX);
        if let [Message::Constant(bytes)] = messages {
            workspace.made.body = bytes.clone();
            return;
        }
        let before = workspace.made.body.len();
        workspace.reserve(before + PREFIX);
        for message in messages {
            let written = match message {
                Message::Constant(bytes) => {
                    workspace.buffer.extend_from_slice(bytes);
                    Ok(())
                }
                Message::Draft(draft) => self.message(workspace, draft),
            };
            if let Err(unmade) = written {
                workspace.buffer.clear();
                workspace.unmade = Some(unmade);
                return;
            }
        }
        workspace.made.body = workspace.buffer.split().freeze();
    }

    fn message(&self, workspace: &mut Workspace, draft: &Draft) -> Result<(), Unmade> {
        let Workspace { reader, values, scratch, message, buffer, .. } = workspace;
        let maker = Maker {
            reader,
            input: &self.input,
            takes_json: self.takes_json,
            allow_unknown_fields: self.allow_unknown_fields,
        };
        message.clear();
        if !draft.write(&maker, values, scratch, message) {
            // What a mold refuses, the reader may take. What chance draws, it draws anew.
            let read = draft.read(&maker, values, scratch);
            let read = read.map_err(|error| Unmade {
                call: Some(values.call()),
                text: Draft::last(scratch),
                why: error.to_string(),
            })?;
            message.extend_from_slice(&read);
        }
        self.writing.write(&self.input, message, buffer).map_err(|error| Unmade {
            call: Some(values.call()),
            text: String::new(),
            why: error.to_string(),
        })
    }
}

/// Appends the value of a header.
fn field(parts: &[Part], values: &mut Values, out: &mut Vec<u8>) {
    for part in parts {
        match part {
            Part::Text(text) => out.extend_from_slice(text.as_bytes()),
            Part::Word(word) => values.text(*word, out),
        }
    }
}

/// All calls, where they are few and come again and again.
pub(super) fn ahead(drafts: &Arc<Drafts>) -> Option<Arc<[Made]>> {
    if !drafts.words().all(|word| matches!(word, Word::Column(_))) {
        return None;
    }
    let (rows, calls) = (drafts.rows(), drafts.calls.len() as u64);
    if rows > 1 && calls > 1 && drafts.order == Order::AtRandom {
        return None;
    }
    let cycle = rows / divisor(rows, calls.max(1)) * calls.max(1);
    if cycle > AHEAD {
        return None;
    }
    let mut workspace = Workspace::new(drafts, 0, Rng::with_seed(0));
    let (mut all, mut bytes) = (Vec::new(), 0);
    for call in 0..cycle {
        workspace.values.begin(call);
        drafts.fill(&mut workspace, drafts.turn(call));
        bytes += workspace.made.body.len();
        if bytes > AHEAD_BYTES {
            return None;
        }
        all.push(workspace.made.clone());
    }
    Some(all.into())
}

/// The greatest common divisor.
fn divisor(one: u64, other: u64) -> u64 {
    if other == 0 { one } else { divisor(other, one % other) }
}
