//! All that calls are made of, read and checked before the first.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use fastrand::Rng;

use super::callee::Callee;
use super::document::Draft;
use super::drafts::{Drafts, Message, ahead};
use super::table::Table;
use super::words::{self, Known, Part};
use super::{Drawn, Made, Numbers, Supply, SupplyError, Writing, several};
use crate::bench::pace::mixed;
use crate::message::count::{Count, Takes};
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
    /// What is called.
    pub callee: Callee<'w>,
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
    uses_rows: bool,
}

/// Where in all calls a run is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Run {
    /// What all chance comes from.
    pub seed: u64,
    /// The number of its first call, which is that of calls before it.
    pub first: u64,
}

#[derive(Debug, Clone)]
enum Calls {
    /// Made already.
    Made(Arc<[Made]>),
    Drafts(Arc<Drafts>),
}

impl Stock {
    /// Reads the data, and checks all that it can become.
    pub fn read(wanted: &Wanted<'_>) -> Result<Self, SupplyError> {
        let table = wanted.table.clone().map(Arc::new);
        let columns = table.as_ref().map(|table| table.columns());
        let known = Known { callee: wanted.callee, columns };
        let (metadata, fields) = headers(wanted, known)?;
        let messages = messages(wanted, known)?;
        let calls = if wanted.callee.shape().takes() == Takes::AnyNumber {
            vec![messages]
        } else {
            messages.into_iter().map(|message| vec![message]).collect()
        };
        let mut drafts = Drafts {
            input: wanted.callee.input(),
            takes_json: wanted.callee.takes_json(),
            allow_unknown_fields: wanted.allow_unknown_fields,
            writing: wanted.writing,
            order: wanted.order,
            table,
            fields,
            calls,
        };
        drafts.check()?;
        let drafts = Arc::new(drafts);
        let uses_rows = drafts.uses_rows();
        let calls = ahead(&drafts).map_or(Calls::Drafts(drafts), Calls::Made);
        Ok(Self { calls, metadata, order: wanted.order, uses_rows })
    }

    /// The metadata that all calls have in common. The rest is in the fields of each.
    pub fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    /// Whether any placeholder has its value from a row of the table.
    pub fn uses_rows(&self) -> bool {
        self.uses_rows
    }

    /// How many calls there are, where the same are made again and again.
    pub fn repeats(&self) -> Option<usize> {
        match &self.calls {
            Calls::Made(calls) => Some(calls.len()),
            Calls::Drafts(_) => None,
        }
    }

    /// Where the thread of this number, from 0, of so many takes its calls of a run from.
    pub fn supply(&self, (thread, threads): (usize, usize), run: Run) -> Supply {
        // Not what arrivals draw, which have the same seed.
        let random = Rng::with_seed(mixed(!run.seed, thread as u64));
        let numbers = Numbers { next: run.first.wrapping_add(thread as u64), step: threads.max(1) as u64 };
        match (&self.calls, self.order) {
            (Calls::Made(calls), Order::ByTurns) => Supply::by_turns(Arc::clone(calls), numbers),
            (Calls::Made(calls), Order::AtRandom) => Supply::at_random(Arc::clone(calls), random),
            (Calls::Drafts(drafts), _) => {
                Supply::drawn(Drawn::new(Arc::clone(drafts), thread, numbers, random))
            }
        }
    }
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
    let input = wanted.callee.input();
    let takes_json = wanted.callee.takes_json();
    let reader = Reader::default();
    let constant = |message: &[u8]| -> Result<Message, SupplyError> {
        let mut out = BytesMut::new();
        wanted.writing.write(&input, message, &mut out).map_err(SupplyError::Write)?;
        Ok(Message::Constant(out.freeze()))
    };
    let mut all = Vec::new();
    for (origin, document) in several::documents(wanted.data, wanted.format, wanted.callee)? {
        let templates = wanted.templates && matches!(wanted.format, Format::Json | Format::Yaml);
        if templates && words::has_any(&document.text) {
            all.push(Message::Draft(draft(origin, &document, wanted.format, known)?));
        } else {
            let allow = wanted.allow_unknown_fields;
            let message = reader.read(wanted.format, &input, &origin, &document, allow)?;
            all.push(constant(if takes_json { &document.text } else { &message })?);
        }
    }
    let given = wanted.data.first().map(|(origin, _)| origin.clone());
    let missing = Count::new(wanted.callee.name(), wanted.callee.shape()).missing(given.is_some());
    if all.is_empty()
        && let Some(missing) = missing
    {
        match given.filter(|_| matches!(wanted.format, Format::Json | Format::Yaml)) {
            Some(origin) => return Err(Error::None { origin, missing }.into()),
            None => all.push(constant(if takes_json { b"{}" } else { b"" })?),
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
