//! The streams of a connection that are open, by their ids.
//!
//! Ids go up, and most streams are over long before as many others were opened as there is room for, so that the place of
//! one follows from its id. The few that are not give way, and are looked up elsewhere.

use std::collections::HashMap;

use crate::bench::book::Noted;

/// An open stream, and what has come of its answer.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Stream {
    /// Its id; 0 is none.
    pub(super) id: u32,
    pub(super) noted: Noted,
    /// What was received since the server was last told that it may send more.
    pub(super) received: u32,
    pub(super) envelopes: Envelopes,
    /// How far its answer is.
    pub(super) stage: Stage,
}

/// How far an answer is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Stage {
    /// Nothing has come.
    #[default]
    Asked,
    /// Headers have, and messages may follow.
    Answering,
    /// What comes is no answer of gRPC's, and has this HTTP status.
    Foreign(u16),
}

/// Where in its messages a stream is: they are counted, and not looked at.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Envelopes {
    /// What has come of the next prefix.
    prefix: [u8; 5],
    have: u8,
    /// What is still to come of a message.
    left: u32,
}

impl Envelopes {
    /// Takes more bytes, and tells how many messages have become whole; none where a prefix is none of gRPC's.
    #[inline]
    pub(super) fn push(&mut self, mut bytes: &[u8]) -> Option<u32> {
        let mut whole = 0;
        loop {
            if self.have == 5 {
                let left = usize::try_from(self.left).unwrap_or(usize::MAX);
                let Some(rest) = bytes.get(left..) else {
                    self.left -= u32::try_from(bytes.len()).unwrap_or(self.left);
                    return Some(whole);
                };
                bytes = rest;
                (self.have, self.left) = (0, 0);
                whole += 1;
            }
            if self.have == 0
                && let Some((&[flag, a, b, c, d], rest)) = bytes.split_first_chunk()
            {
                bytes = rest;
                self.begin(flag, [a, b, c, d])?;
                continue;
            }
            let Some((&byte, rest)) = bytes.split_first() else { return Some(whole) };
            bytes = rest;
            if let Some(place) = self.prefix.get_mut(usize::from(self.have)) {
                *place = byte;
            }
            self.have += 1;
            if self.have == 5 {
                let [flag, a, b, c, d] = self.prefix;
                self.begin(flag, [a, b, c, d])?;
            }
        }
    }

    fn begin(&mut self, flag: u8, length: [u8; 4]) -> Option<()> {
        (self.have, self.left) = (5, u32::from_be_bytes(length));
        (flag <= 1).then_some(())
    }

    /// Whether no message has come in part.
    pub(super) fn is_between(&self) -> bool {
        self.have == 0
    }
}

/// The open streams of a connection.
#[derive(Debug)]
pub(super) struct Streams {
    /// A power of two of places.
    places: Box<[Stream]>,
    /// Those whose places others took.
    apart: HashMap<u32, Stream>,
    open: usize,
}

impl Streams {
    /// With places for twice as many as are open at a time, within reason.
    pub(super) fn new(at_a_time: usize) -> Self {
        let places = (at_a_time.clamp(1, 1 << 15) * 2).next_power_of_two();
        Self { places: vec![Stream::default(); places].into(), apart: HashMap::new(), open: 0 }
    }

    /// How many are open.
    pub(super) fn open(&self) -> usize {
        self.open
    }

    #[inline]
    fn place(&self, id: u32) -> usize {
        usize::try_from(id >> 1).unwrap_or(0) & (self.places.len() - 1)
    }

    #[inline]
    pub(super) fn open_one(&mut self, stream: Stream) {
        let place = self.place(stream.id);
        self.open += 1;
        if let Some(there) = self.places.get_mut(place) {
            let before = std::mem::replace(there, stream);
            if before.id != 0 {
                self.apart.insert(before.id, before);
            }
        }
    }

    #[inline]
    pub(super) fn get(&mut self, id: u32) -> Option<&mut Stream> {
        let place = self.place(id);
        match self.places.get_mut(place) {
            Some(stream) if stream.id == id => Some(stream),
            _ if self.apart.is_empty() => None,
            _ => self.apart.get_mut(&id),
        }
    }

    #[inline]
    pub(super) fn close(&mut self, id: u32) -> Option<Stream> {
        let place = self.place(id);
        let closed = match self.places.get_mut(place) {
            Some(stream) if stream.id == id && id != 0 => Some(std::mem::take(stream)),
            _ if self.apart.is_empty() => None,
            _ => self.apart.remove(&id),
        };
        self.open -= usize::from(closed.is_some());
        closed
    }

    /// Those that are open, in no order.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Stream> {
        self.places.iter().filter(|stream| stream.id != 0).chain(self.apart.values())
    }

    /// Closes those of which this is so.
    pub(super) fn close_if(&mut self, is_over: impl Fn(&Stream) -> bool) -> Vec<Stream> {
        let over: Vec<u32> = self.iter().filter(|stream| is_over(stream)).map(|stream| stream.id).collect();
        over.into_iter().filter_map(|id| self.close(id)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::load::Sending;

    #[test]
    fn messages_are_counted_however_they_are_cut() {
        let wire = [&[0, 0, 0, 0, 3][..], b"abc", &[1, 0, 0, 0, 0], &[0, 0, 0, 1, 0], &[7; 256]].concat();
        for step in 1..=wire.len() {
            let mut envelopes = Envelopes::default();
            let mut count = 0;
            for piece in wire.chunks(step) {
                count += envelopes.push(piece).unwrap();
            }
            assert_eq!((count, envelopes.is_between()), (3, true), "{step}");
            assert_eq!(envelopes.push(&[0, 0]), Some(0));
            assert!(!envelopes.is_between());
        }
        assert_eq!(Envelopes::default().push(&[2, 0, 0, 0, 0]), None);
    }

    fn noted(due: u64) -> Noted {
        Noted::new(due, 0, Sending::AtOnce, 1)
    }

    #[test]
    fn a_stream_is_found_wherever_it_is() {
        let mut streams = Streams::new(2);
        let ids: Vec<u32> = (0..100).map(|number| number * 2 + 1).collect();
        for &id in &ids {
            streams.open_one(Stream { id, noted: noted(u64::from(id)), ..Stream::default() });
        }
        assert_eq!((streams.open(), streams.iter().count()), (100, 100));
        for &id in &ids {
            assert_eq!(streams.get(id).unwrap().noted.due, u64::from(id));
        }
        assert!(streams.get(201).is_none());
        assert!(streams.get(0).is_none() && streams.close(0).is_none());
        assert_eq!(streams.close_if(|stream| stream.id < 100).len(), 50);
        assert!(streams.close(1).is_none());
        assert_eq!(streams.close(199).unwrap().noted.due, 199);
        assert_eq!(streams.open(), 49);
    }
}
