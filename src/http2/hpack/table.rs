//! The table that a connection builds up (RFC 7541 §2.3.2 and §4).

use std::collections::VecDeque;

use super::{Field, OVERHEAD};

/// Entries, the newest first. Their bytes stand one behind the other in one piece of memory, which is at most twice as
/// large as the table may be.
#[derive(Debug)]
pub(super) struct Table {
    max: usize,
    /// What the entries count.
    size: usize,
    entries: VecDeque<Entry>,
    bytes: Vec<u8>,
    changes: u64,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    start: usize,
    name: usize,
    value: usize,
}

impl Entry {
    fn size(self) -> usize {
        self.name + self.value + OVERHEAD
    }
}

/// The name of a new entry.
#[derive(Debug, Clone, Copy)]
pub(super) enum Name<'a> {
    This(&'a [u8]),
    /// That of an entry, by its place.
    OfEntry(usize),
}

impl Table {
    pub(super) fn new(max: usize) -> Self {
        Self { max, size: 0, entries: VecDeque::new(), bytes: Vec::new(), changes: 0 }
    }

    /// How often it has changed: as long as that stays, an index stands for the same.
    pub(super) fn changes(&self) -> u64 {
        self.changes
    }

    /// The largest that it may become.
    pub(super) fn max(&self) -> usize {
        self.max
    }

    /// Changes that; the oldest entries go until the rest has room.
    pub(super) fn resize(&mut self, max: usize) {
        self.changes += 1;
        self.max = max;
        self.make_room(0);
        if self.bytes.len() > max.saturating_mul(2) {
            self.compact();
            self.bytes.shrink_to(max.saturating_mul(2));
        }
    }

    /// The entry at a place, from 0 for the newest.
    pub(super) fn get(&self, place: usize) -> Option<Field<'_>> {
        let entry = self.entries.get(place)?;
        let both = self.bytes.get(entry.start..)?.get(..entry.name + entry.value)?;
        let (name, value) = both.split_at_checked(entry.name)?;
        Some(Field { name, value, sensitive: false })
    }

    /// The place of an entry with this name, and whether it has this value, too.
    pub(super) fn find(&self, name: &[u8], value: &[u8]) -> Option<(usize, bool)> {
        let fields = (0..self.entries.len()).filter_map(|place| Some((place, self.get(place)?)));
        let mut named = fields.filter(|(_, field)| field.name == name);
        let first = named.next()?;
        let mut same = std::iter::once(first).chain(named).filter(|(_, field)| field.value == value);
        Some(same.next().map_or((first.0, false), |(place, _)| (place, true)))
    }

    /// Adds an entry; one that is larger than the table empties it (RFC 7541 §4.4).
    pub(super) fn add(&mut self, name: Name<'_>, value: &[u8]) {
        self.changes += 1;
        let named = match name {
            Name::This(name) => name.len(),
            Name::OfEntry(place) => self.entries.get(place).map_or(0, |entry| entry.name),
        };
        let entry = Entry { start: 0, name: named, value: value.len() };
        if entry.size() > self.max {
            self.entries.clear();
            self.bytes.clear();
            self.size = 0;
            return;
        }
        // The name may be that of an entry which goes to make room, so it is copied first.
        if self.bytes.len() + named + value.len() > self.max.saturating_mul(2) {
            self.compact();
        }
        let start = self.bytes.len();
        match name {
            Name::This(name) => self.bytes.extend_from_slice(name),
            Name::OfEntry(place) => {
                let from = self.entries.get(place).map_or(start, |entry| entry.start);
                self.bytes.extend_from_within(from..from + named);
            }
        }
        self.bytes.extend_from_slice(value);
        self.make_room(entry.size());
        self.size += entry.size();
        self.entries.push_front(Entry { start, ..entry });
    }

    fn make_room(&mut self, size: usize) {
        while self.size + size > self.max {
            let Some(oldest) = self.entries.pop_back() else { return };
            self.size -= oldest.size();
        }
    }

    /// Lets go of the bytes of entries that are gone.
    fn compact(&mut self) {
        let start = self.entries.back().map_or(self.bytes.len(), |oldest| oldest.start);
        self.bytes.drain(..start);
        for entry in &mut self.entries {
            entry.start -= start;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_make_room_and_memory_is_bounded() {
        let mut table = Table::new(200);
        let mut last = Vec::new();
        for number in 0..1000_usize {
            let name = vec![b'a'; number % 7];
            let value = vec![u8::try_from(number % 256).unwrap(); number % 90];
            table.add(Name::This(&name), &value);
            assert!(table.size <= 200 && table.bytes.len() <= 400);
            assert_eq!(table.size, table.entries.iter().map(|entry| entry.size()).sum::<usize>());
            let newest = table.get(0).unwrap();
            assert_eq!((newest.name, newest.value), (&name[..], &value[..]));
            if let Some(second) = table.get(1) {
                assert_eq!(second.value, last);
            }
            last = value;
        }
    }

    #[test]
    fn a_name_may_be_that_of_an_entry_that_goes() {
        let mut table = Table::new(100);
        table.add(Name::This(b"name"), &[b'v'; 60]);
        table.add(Name::OfEntry(0), &[b'w'; 64]);
        let field = table.get(0).unwrap();
        assert_eq!((field.name, field.value), (&b"name"[..], &[b'w'; 64][..]));
        assert_eq!(table.get(1), None);
    }

    #[test]
    fn what_is_too_large_empties_it() {
        let mut table = Table::new(100);
        table.add(Name::This(b"a"), b"b");
        table.add(Name::OfEntry(0), &[0; 100]);
        assert_eq!((table.get(0), table.size), (None, 0));
        table.add(Name::This(b"a"), b"b");
        table.resize(10);
        assert_eq!((table.get(0), table.size, table.max()), (None, 0, 10));
    }
}
