//! Fields become header blocks.

use super::table::{Name, Table};
use super::write::{self, Literal, Strings};
use super::{DEFAULT_TABLE_SIZE, Field, fixed};

/// Writes the header blocks for one side of a connection, which has to get all of them, in their order.
#[derive(Debug)]
pub struct Encoder {
    table: Table,
    strings: Strings,
    /// Sizes of the table that the other side has yet to be told: the smallest since the last block, and the last.
    resized: Option<(usize, usize)>,
}

/// Whether a field is to be remembered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Indexing {
    /// It will come again as it is.
    Repeats,
    /// It changes each time.
    Varies,
}

impl Default for Encoder {
    fn default() -> Self {
        Self::new(Strings::default())
    }
}

impl Encoder {
    /// One that writes strings like this.
    pub fn new(strings: Strings) -> Self {
        let max = usize::try_from(DEFAULT_TABLE_SIZE).unwrap_or(usize::MAX);
        Self { table: Table::new(max), strings, resized: None }
    }

    /// Keeps a table of this size, which is no larger than the other side's SETTINGS allow.
    pub fn resize(&mut self, max: usize) {
        self.table.resize(max);
        let smallest = self.resized.map_or(max, |(smallest, _)| smallest.min(max));
        self.resized = Some((smallest, max));
    }

    /// How often its table has changed: fields whose block changed nothing have the same block as long as that stays.
    pub fn changes(&self) -> u64 {
        self.table.changes()
    }

    /// Begins a block, in which the new sizes of the table come first (RFC 7541 §4.2).
    pub fn begin(&mut self, out: &mut Vec<u8>) {
        if let Some((smallest, last)) = self.resized.take() {
            if smallest < last {
                write::resize(out, smallest);
            }
            write::resize(out, last);
        }
    }

    /// Adds a field to a block that was begun.
    pub fn field(&mut self, out: &mut Vec<u8>, field: Field<'_>, indexing: Indexing) {
        let Field { name, value, sensitive } = field;
        let known = fixed::find(name, value);
        let kept = || self.table.find(name, value).map(|(place, same)| (place + fixed::COUNT + 1, same));
        let found = match known {
            Some((_, true)) => known,
            _ => kept().filter(|(_, same)| *same || known.is_none()).or(known),
        };
        let kind = match indexing {
            _ if sensitive => Literal::Never,
            Indexing::Repeats => Literal::Added,
            Indexing::Varies => Literal::NotAdded,
        };
        match found {
            // What may never stand in a table is not looked up in one either.
            Some((index, true)) if !sensitive => return write::indexed(out, index),
            Some((index, _)) => write::named(out, kind, index, value, self.strings),
            None => write::literal(out, kind, name, value, self.strings),
        }
        if kind == Literal::Added {
            self.table.add(Name::This(name), value);
        }
    }
}
