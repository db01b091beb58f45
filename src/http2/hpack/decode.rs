//! Header blocks become fields.

use super::super::error::Error;
use super::table::{Name, Table};
use super::{DEFAULT_TABLE_SIZE, Field, fixed, huffman, integer};

/// Reads the header blocks of one side of a connection, all of them and in their order.
#[derive(Debug)]
pub struct Decoder {
    table: Table,
    /// The largest table that this side allows.
    allowed: usize,
    max_list: usize,
    /// Where strings are decoded: they are lent from here.
    name: Vec<u8>,
    value: Vec<u8>,
}

/// What a header block held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Told {
    /// What its fields count (RFC 9113 §6.5.2).
    pub size: usize,
    /// Whether all of them were told: those beyond the limit are not, but the next block can be read all the same.
    pub whole: bool,
    /// Whether it changed the table: while none does, the same bytes say the same again.
    pub changed: bool,
}

/// A string, which is in the block itself where it needs no decoding.
#[derive(Clone, Copy)]
enum Text<'a> {
    Plain(&'a [u8]),
    Decoded,
}

impl Decoder {
    /// One that tells fields which count `max_list` in a block.
    pub fn new(max_list: usize) -> Self {
        let allowed = size(DEFAULT_TABLE_SIZE);
        Self { table: Table::new(allowed), allowed, max_list, name: Vec::new(), value: Vec::new() }
    }

    /// Allows a table of this size: to be said once the other side has acknowledged the SETTINGS that said it.
    pub fn allow(&mut self, table_size: u32) {
        self.allowed = size(table_size);
    }

    /// Reads a block, and tells its fields. After an error no further block can be read.
    pub fn decode(&mut self, mut block: &[u8], mut tell: impl FnMut(Field<'_>)) -> Result<Told, Error> {
        let (max_list, mut told) = (self.max_list, Told { size: 0, whole: true, changed: false });
        let mut resized = self.table.max() <= self.allowed;
        let mut begun = false;
        while let Some(&first) = block.first() {
            if first & 0xe0 == 0x20 {
                if begun {
                    return Err(Error::compression("a table is resized in the middle of a header block"));
                }
                let max = size(integer::read(&mut block, 5)?);
                if max > self.allowed {
                    return Err(Error::compression("a table is resized to more than it may be"));
                }
                self.table.resize(max);
                resized = true;
                told.changed = true;
                continue;
            }
            if !resized {
                return Err(Error::compression("a table is not resized to what it may be"));
            }
            begun = true;
            told.changed |= first & 0xc0 == 0x40;
            self.field(first, &mut block, &mut |field| {
                told.size = told.size.saturating_add(field.size());
                told.whole = told.whole && told.size <= max_list;
                if told.whole {
                    tell(field);
                }
            })?;
        }
        Ok(told)
    }

    /// One representation (RFC 7541 §6), which begins with this octet.
    fn field(&mut self, first: u8, block: &mut &[u8], tell: &mut dyn FnMut(Field<'_>)) -> Result<(), Error> {
        if first & 0x80 != 0 {
            let index = size(integer::read(block, 7)?);
            tell(entry(&self.table, index)?);
            return Ok(());
        }
        let adds = first & 0x40 != 0;
        let index = size(integer::read(block, if adds { 6 } else { 4 })?);
        let name = if index == 0 { Some(string(block, &mut self.name)?) } else { None };
        let value = string(block, &mut self.value)?;
        let value = value.bytes(&self.value);
        let sensitive = first & 0xf0 == 0x10;
        let name = if let Some(name) = name {
            let name = name.bytes(&self.name);
            tell(Field { name, value, sensitive });
            Name::This(name)
        } else {
            let Field { name, .. } = entry(&self.table, index)?;
            tell(Field { name, value, sensitive });
            match index.checked_sub(fixed::COUNT + 1) {
                Some(place) => Name::OfEntry(place),
                None => fixed::get(index).map_or(Name::This(b""), |entry| Name::This(entry.name)),
            }
        };
        if adds {
            self.table.add(name, value);
        }
        Ok(())
    }
}

/// The entry that an index stands for (RFC 7541 §2.3.3).
fn entry(table: &Table, index: usize) -> Result<Field<'_>, Error> {
    let field = match index.checked_sub(fixed::COUNT + 1) {
        Some(place) => table.get(place),
        None => fixed::get(index),
    };
    field.ok_or(Error::compression("a header block has an index that stands for nothing"))
}

/// Takes a string (RFC 7541 §5.2).
fn string<'a>(block: &mut &'a [u8], decoded: &mut Vec<u8>) -> Result<Text<'a>, Error> {
    const CUT: Error = Error::compression("a header block ends in the middle of a string");
    let coded = block.first().is_some_and(|first| first & 0x80 != 0);
    let length = size(integer::read(block, 7)?);
    let (string, rest) = block.split_at_checked(length).ok_or(CUT)?;
    *block = rest;
    if !coded {
        return Ok(Text::Plain(string));
    }
    decoded.clear();
    huffman::read(string, decoded)?;
    Ok(Text::Decoded)
}

impl<'a> Text<'a> {
    fn bytes<'b>(self, decoded: &'b [u8]) -> &'b [u8]
    where
        'a: 'b,
    {
        match self {
            Self::Plain(string) => string,
            Self::Decoded => decoded,
        }
    }
}

fn size(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
