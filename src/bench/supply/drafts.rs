//! Calls that are made when they are due, or ahead where they are few and come again and again.

use std::sync::Arc;

use bytes::Bytes;
use fastrand::Rng;
use prost_reflect::MessageDescriptor;

use super::document::{Draft, Maker, Scratch};
use super::table::Table;
use super::values::{End, Values};
use super::words::{Part, Word};
use super::{Desk, Made, Order, PREFIX, SupplyError, Writing};
use crate::message::Reader;

/// Calls that are made when they are due.
#[derive(Debug)]
pub(super) struct Drafts {
    pub(super) input: MessageDescriptor,
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

    /// How many rows matter.
    fn rows(&self) -> u64 {
        let uses_rows = self.words().any(|word| matches!(word, Word::Column(_)));
        self.table.as_ref().filter(|_| uses_rows).map_or(1, |table| table.rows() as u64)
    }

    /// Makes all that can be molds, and sees whether every row, and both ends of what chance may draw, make messages and
    /// headers.
    pub(super) fn check(&mut self) -> Result<(), SupplyError> {
        let rows = self.rows();
        let uses_rows = rows > 1 || self.words().any(|word| matches!(word, Word::Column(_)));
        let mut values = Values::new(0, self.table(), Rng::with_seed(0));
        let reader = Reader::default();
        let maker =
            Maker { reader: &reader, input: &self.input, allow_unknown_fields: self.allow_unknown_fields };
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
            let chance = draft.words().any(|word| matches!(word, Word::Random(..)));
            let ends: &[_] = if chance { &[Some(End::Lowest), Some(End::Highest)] } else { &[None] };
            let own = if draft.words().any(|word| matches!(word, Word::Column(_))) { rows } else { 1 };
            for (call, end) in (0..own).flat_map(|call| ends.iter().map(move |end| (call, *end))) {
                values.begin(call);
                values.end = end;
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
            values.end = None;
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
    pub(super) fn make(&self, desk: &mut Desk, call: u64) {
        let which = match self.order {
            Order::ByTurns => self.turn(call),
            Order::AtRandom => desk.values.one_of(self.calls.len()),
        };
        self.fill(desk, which);
    }

    /// Which messages the call of this number has, by turns.
    fn turn(&self, call: u64) -> usize {
        usize::try_from(call % self.calls.len().max(1) as u64).unwrap_or_default()
    }

    fn fill(&self, desk: &mut Desk, which: usize) {
        self.body(desk, self.calls.get(which).map(Vec::as_slice).unwrap_or_default());
        for (index, (_, parts)) in self.fields.iter().enumerate() {
            desk.message.clear();
            field(parts, &mut desk.values, &mut desk.message);
            desk.reserve(desk.message.len());
            desk.buffer.extend_from_slice(&desk.message);
            let written = desk.buffer.split().freeze();
            if let Some((_, value)) = desk.made.fields.get_mut(index) {
                *value = written;
            }
        }
    }

    fn body(&self, desk: &mut Desk, messages: &[Message]) {
        desk.made.messages = u32::try_from(messages.len()).unwrap_or(u32::MAX);
        if let [Message::Constant(bytes)] = messages {
            desk.made.body = bytes.clone();
            return;
        }
        let before = desk.made.body.len();
        desk.reserve(before + PREFIX);
        for message in messages {
            let written = match message {
                Message::Constant(bytes) => {
                    desk.buffer.extend_from_slice(bytes);
                    true
                }
                Message::Draft(draft) => self.message(desk, draft),
            };
            if !written {
                desk.buffer.clear();
                return;
            }
        }
        desk.made.body = desk.buffer.split().freeze();
    }

    fn message(&self, desk: &mut Desk, draft: &Draft) -> bool {
        let maker = Maker {
            reader: &desk.reader,
            input: &self.input,
            allow_unknown_fields: self.allow_unknown_fields,
        };
        desk.message.clear();
        draft.write(&maker, &mut desk.values, &mut desk.scratch, &mut desk.message)
            && self.writing.write(&self.input, &desk.message, &mut desk.buffer).is_ok()
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
    let mut desk = Desk::new(drafts, 0, Rng::with_seed(0));
    let (mut all, mut bytes) = (Vec::new(), 0);
    for call in 0..cycle {
        desk.values.begin(call);
        drafts.fill(&mut desk, drafts.turn(call));
        bytes += desk.made.body.len();
        if bytes > AHEAD_BYTES {
            return None;
        }
        all.push(desk.made.clone());
    }
    Some(all.into())
}

/// The greatest common divisor.
fn divisor(one: u64, other: u64) -> u64 {
    if other == 0 { one } else { divisor(other, one % other) }
}
