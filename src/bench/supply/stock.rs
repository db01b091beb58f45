//! All that calls are made of, read and checked before the first.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use fastrand::Rng;
use prost_reflect::{MessageDescriptor, MethodDescriptor};

use super::document::{Draft, Maker};
use super::table::Table;
use super::values::End;
use super::words::{self, Known, Part, Word};
use super::{Desk, Drawn, Kind, Made, Supply, SupplyError, Writing, several};
use crate::bench::pace::mixed;
use crate::message::count::{Count, Shape, Takes};
use crate::message::split::Document;
use crate::message::{Error, Excerpt, Format, Origin, Place, Position, Reader, json};
use crate::session::Metadata;

/// In which order several messages are sent to a method that takes one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Order {
    /// By turns.
    #[default]
    ByTurns,
    /// By chance, each as often as another.
    AtRandom,
}

/// What calls are to be made of.
#[derive(Debug)]
pub struct Wanted<'w> {
    /// The method.
    pub method: &'w MethodDescriptor,
    /// Its request type, in a pool that knows as many as can be found of the types that [`named_types`] tells.
    pub input: &'w MessageDescriptor,
    /// Texts of messages, and where each comes from.
    pub data: &'w [(Origin, Bytes)],
    /// How they are written.
    pub format: Format,
    /// Whether JSON members that the message does not have are passed over.
    pub allow_unknown_fields: bool,
    /// Metadata, the values of which may have placeholders.
    pub metadata: &'w Metadata,
    /// Whether `{{` begins a placeholder, in JSON, YAML and metadata.
    pub templates: bool,
    /// Rows, for placeholders.
    pub table: Option<Table>,
    /// In which order messages are sent, where each is a call.
    pub order: Order,
    /// What all chance comes from.
    pub seed: u64,
    /// How messages go over the wire.
    pub writing: Writing,
}

/// The full names of the types that an `Any` in the data names, each once.
pub fn named_types(data: &[(Origin, Bytes)], format: Format) -> Vec<String> {
    let mut all = Vec::new();
    for (_, text) in data {
        let names = match format {
            Format::Json => json::any_types(text),
            Format::Yaml => json::any_types_in_yaml(text),
            Format::Text | Format::Binary { .. } => Vec::new(),
        };
        all.extend(names);
    }
    all.sort_unstable();
    all.dedup();
    all
}

/// All that calls are made of.
#[derive(Debug, Clone)]
pub struct Stock {
    calls: Calls,
    metadata: Metadata,
    order: Order,
    seed: u64,
}

#[derive(Debug, Clone)]
enum Calls {
    /// Made already.
    Made(Arc<[Made]>),
    Drafts(Arc<Drafts>),
}

/// Calls that are made when they are due.
#[derive(Debug)]
pub(super) struct Drafts {
    input: MessageDescriptor,
    allow_unknown_fields: bool,
    writing: Writing,
    order: Order,
    table: Option<Arc<Table>>,
    fields: Vec<(Bytes, Vec<Part>)>,
    /// The messages of each.
    calls: Vec<Vec<Message>>,
}

#[derive(Debug)]
enum Message {
    /// In its envelope.
    Constant(Bytes),
    Draft(Draft),
}

/// How many calls are made ahead, and how many bytes of them, where they repeat.
const AHEAD: u64 = 100_000;
const AHEAD_BYTES: usize = 64 << 20;

impl Stock {
    /// Reads the data, and checks all that it can become.
    pub fn read(wanted: &Wanted<'_>) -> Result<Self, SupplyError> {
        let table = wanted.table.clone().map(Arc::new);
        let columns = table.as_ref().map(|table| table.columns());
        let known = Known { method: wanted.method, columns };
        let (metadata, fields) = headers(wanted, known)?;
        let messages = messages(wanted, known)?;
        let shape = shape(wanted.method);
        let calls = if shape.takes() == Takes::AnyNumber {
            vec![messages]
        } else {
            messages.into_iter().map(|message| vec![message]).collect()
        };
        let mut drafts = Drafts {
            input: wanted.input.clone(),
            allow_unknown_fields: wanted.allow_unknown_fields,
            writing: wanted.writing,
            order: wanted.order,
            table,
            fields,
            calls,
        };
        drafts.check()?;
        let drafts = Arc::new(drafts);
        let calls = ahead(&drafts).map_or(Calls::Drafts(drafts), Calls::Made);
        Ok(Self { calls, metadata, order: wanted.order, seed: wanted.seed })
    }

    /// The metadata that all calls have in common. The rest is in the fields of each.
    pub fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    /// How many calls there are, where the same are made again and again.
    pub fn repeats(&self) -> Option<usize> {
        match &self.calls {
            Calls::Made(calls) => Some(calls.len()),
            Calls::Drafts(_) => None,
        }
    }

    /// Where the thread of this number, from 0, of so many takes its calls from.
    pub fn supply(&self, thread: usize, threads: usize) -> Supply {
        // Not what arrivals draw, which have the same seed.
        let random = Rng::with_seed(mixed(!self.seed, thread as u64));
        match (&self.calls, self.order) {
            (Calls::Made(calls), Order::ByTurns) => Supply::shared(Arc::clone(calls), thread, threads),
            (Calls::Made(calls), Order::AtRandom) => Supply(Kind::AtRandom(Arc::clone(calls), random)),
            (Calls::Drafts(drafts), _) => {
                Supply(Kind::Drawn(Box::new(Drawn::new(Arc::clone(drafts), thread, threads, random))))
            }
        }
    }
}

fn shape(method: &MethodDescriptor) -> Shape {
    Shape { client_streaming: method.is_client_streaming(), server_streaming: method.is_server_streaming() }
}

/// Headers that are the same for all calls, and those that have placeholders.
type Headers = (Metadata, Vec<(Bytes, Vec<Part>)>);

fn headers(wanted: &Wanted<'_>, known: Known<'_>) -> Result<Headers, SupplyError> {
    let mut constant = http::HeaderMap::new();
    let mut fields = Vec::new();
    for (name, value) in wanted.metadata.as_http() {
        let text = value.to_str().ok().filter(|text| wanted.templates && words::has_any(text.as_bytes()));
        let Some(text) = text else {
            constant.append(name.clone(), value.clone());
            continue;
        };
        let parts = words::parse(text, known).map_err(|(_, problem)| SupplyError::Header {
            name: name.as_str().to_owned(),
            problem: Box::new(problem),
        })?;
        match parts.as_slice() {
            [Part::Text(text)] => {
                let same = http::HeaderValue::from_str(text).unwrap_or_else(|_| value.clone());
                constant.append(name.clone(), same);
            }
            _ => fields.push((Bytes::copy_from_slice(name.as_str().as_bytes()), parts)),
        }
    }
    Ok((Metadata::from_http(constant), fields))
}

/// The messages of the data, encoded where they have no placeholders.
fn messages(wanted: &Wanted<'_>, known: Known<'_>) -> Result<Vec<Message>, SupplyError> {
    let reader = Reader::default();
    let constant = |message: &[u8]| -> Result<Message, SupplyError> {
        let mut out = BytesMut::new();
        wanted.writing.write(wanted.input, message, &mut out).map_err(SupplyError::Write)?;
        Ok(Message::Constant(out.freeze()))
    };
    let mut all = Vec::new();
    for (origin, document) in several::documents(wanted.data, wanted.format, wanted.input)? {
        let templates = wanted.templates && matches!(wanted.format, Format::Json | Format::Yaml);
        if templates && words::has_any(&document.text) {
            all.push(Message::Draft(draft(origin, &document, wanted.format, known)?));
        } else {
            let allow = wanted.allow_unknown_fields;
            all.push(constant(&reader.read(wanted.format, wanted.input, &origin, &document, allow)?)?);
        }
    }
    let given = wanted.data.first().map(|(origin, _)| origin.clone());
    let method = wanted.method.full_name();
    let missing = Count::new(method, shape(wanted.method)).missing(given.is_some());
    if all.is_empty()
        && let Some(missing) = missing
    {
        match given.filter(|_| matches!(wanted.format, Format::Json | Format::Yaml)) {
            Some(origin) => return Err(Error::None { origin, missing }.into()),
            None => all.push(constant(b"")?),
        }
    }
    Ok(all)
}

/// A document with placeholders, as JSON.
fn draft(
    origin: Origin,
    document: &Document,
    format: Format,
    known: Known<'_>,
) -> Result<Draft, SupplyError> {
    let number = document.number;
    let place = || Place { origin: origin.clone(), document: number };
    let syntax = |error: Box<json::ReadError>| {
        let excerpt = Excerpt::of(&document.text, error.position);
        Error::Json { place: place(), error: Box::new(error.after(document.start)), excerpt }
    };
    let text = match format {
        Format::Yaml => json::from_yaml(&document.text).map_err(syntax)?,
        _ => document.text.to_vec(),
    };
    let text = String::from_utf8(text).map_err(|error| {
        let position = Position::of(&document.text, error.utf8_error().valid_up_to());
        syntax(Box::new(json::ReadError { position, path: None, problem: json::Problem::Encoding }))
    })?;
    let parts = words::parse(&text, known).map_err(|(at, problem)| {
        let position = Position::of(text.as_bytes(), at);
        let excerpt = Excerpt::of(text.as_bytes(), position);
        let position = position.after(document.start);
        SupplyError::Word { place: Box::new(place()), position, problem: Box::new(problem), excerpt }
    })?;
    Ok(Draft::new(origin, number, parts))
}

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
    fn check(&mut self) -> Result<(), SupplyError> {
        let rows = self.rows();
        let uses_rows = rows > 1 || self.words().any(|word| matches!(word, Word::Column(_)));
        let mut values = super::Values::new(0, self.table(), Rng::with_seed(0));
        let reader = Reader::default();
        let maker =
            Maker { reader: &reader, input: &self.input, allow_unknown_fields: self.allow_unknown_fields };
        let row_of =
            |call: u64| uses_rows.then(|| usize::try_from(call).unwrap_or(usize::MAX).saturating_add(1));
        let (mut scratch, mut out) = (super::Scratch::default(), Vec::new());
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
        desk.reserve(before + super::PREFIX);
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
fn field(parts: &[Part], values: &mut super::Values, out: &mut Vec<u8>) {
    for part in parts {
        match part {
            Part::Text(text) => out.extend_from_slice(text.as_bytes()),
            Part::Word(word) => values.text(*word, out),
        }
    }
}

/// All calls, where they are few and come again and again.
fn ahead(drafts: &Arc<Drafts>) -> Option<Arc<[Made]>> {
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
