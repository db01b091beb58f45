//! Header blocks of requests: all alike but for what a call has of its own, and constant once the server's table knows
//! them.

use std::sync::Arc;

use bytes::Bytes;

use crate::http2::hpack::{DEFAULT_TABLE_SIZE, Encoder, Field, Indexing, OVERHEAD};

/// The header fields that all calls have, in the order that they are sent in.
#[derive(Debug, Clone, Default)]
pub struct Head {
    /// Pseudo-header fields come first.
    pub fields: Arc<[HeadField]>,
}

/// A header field of all calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeadField {
    /// Its name.
    pub name: Bytes,
    /// Its value, as it is on the wire.
    pub value: Bytes,
    /// Whether no table may have it.
    pub sensitive: bool,
}

impl HeadField {
    fn field(&self) -> Field<'_> {
        Field { name: &self.name, value: &self.value, sensitive: self.sensitive }
    }
}

/// Fields that no table on the way may have, though each call has its own (RFC 7541 §7.1.3).
const SECRET: [&[u8]; 3] = [b"authorization", b"cookie", b"proxy-authorization"];

/// The size of a table that servers keep without saying so.
const USUAL: usize = DEFAULT_TABLE_SIZE as usize;

/// Writes the header blocks of one connection.
#[derive(Debug)]
pub(super) struct Requests {
    head: Head,
    encoder: Encoder,
    /// How many of the fields the server's table has room for, all at a time.
    kept: usize,
    /// The block, once sending it changes nothing any more.
    constant: Option<Box<[u8]>>,
    scratch: Vec<u8>,
}

impl Requests {
    /// For a server that keeps a table of this size.
    pub(super) fn new(head: Head, table_size: usize) -> Self {
        let encoder = Encoder::default();
        let mut requests = Self { head, encoder, kept: 0, constant: None, scratch: Vec::new() };
        requests.kept = requests.fitting(USUAL);
        if table_size < USUAL {
            requests.resize(table_size);
        }
        requests
    }

    /// The server keeps a table of another size from now on. A larger one than usual is not needed, and would have to be
    /// announced.
    pub(super) fn resize(&mut self, table_size: usize) {
        let size = table_size.min(USUAL);
        self.encoder.resize(size);
        self.kept = self.fitting(size);
        self.constant = None;
    }

    /// How many of the fields a table of this size has room for, all at a time.
    fn fitting(&self, mut room: usize) -> usize {
        let fits = |field: &&HeadField| {
            let size = field.name.len() + field.value.len() + OVERHEAD;
            room.checked_sub(size).inspect(|left| room = *left).is_some()
        };
        self.head.fields.iter().take_while(fits).count()
    }

    /// The block of the next call, which has these fields of its own.
    #[inline]
    pub(super) fn block(&mut self, own: &[(Bytes, Bytes)]) -> &[u8] {
        if !own.is_empty() || self.constant.is_none() {
            self.write(own);
            return &self.scratch;
        }
        self.constant.as_deref().unwrap_or_default()
    }

    fn write(&mut self, own: &[(Bytes, Bytes)]) {
        self.scratch.clear();
        let before = self.encoder.changes();
        if let Some(constant) = &self.constant {
            self.scratch.extend_from_slice(constant);
        } else {
            self.encoder.begin(&mut self.scratch);
            let news = self.scratch.len();
            for (at, field) in self.head.fields.iter().enumerate() {
                let indexing = if at < self.kept { Indexing::Repeats } else { Indexing::Varies };
                self.encoder.field(&mut self.scratch, field.field(), indexing);
            }
            // What changed nothing can be said again as it is.
            if self.encoder.changes() == before {
                self.constant = self.scratch.get(news..).map(Into::into);
            }
        }
        for (name, value) in own {
            let sensitive = SECRET.contains(&&name[..]);
            let field = Field { name, value, sensitive };
            self.encoder.field(&mut self.scratch, field, Indexing::Varies);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http2::hpack::Decoder;

    fn head(fields: &[(&str, &str)]) -> Head {
        let own = |text: &str| Bytes::copy_from_slice(text.as_bytes());
        let fields = fields.iter().map(|(name, value)| HeadField {
            name: own(name),
            value: own(value),
            sensitive: *name == "authorization",
        });
        Head { fields: fields.collect() }
    }

    #[test]
    fn each_block_says_the_same_and_short_ones_soon() {
        let long = "x".repeat(3000);
        let fields =
            [(":method", "POST"), (":path", "/a/b"), ("authorization", "me"), ("a", &long), ("b", &long)];
        let head = head(&fields);
        for (table, shortest) in [(4096, 3100), (0, 6200), (1 << 20, 3100)] {
            let mut requests = Requests::new(head.clone(), table);
            let mut decoder = Decoder::new(usize::MAX);
            let mut lengths = Vec::new();
            for number in 0..4 {
                let own = [(Bytes::from("n"), Bytes::from(number.to_string()))];
                let own = if number % 2 == 0 { &own[..] } else { &[] };
                let block = requests.block(own).to_vec();
                lengths.push(block.len());
                let mut read = Vec::new();
                let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
                decoder.decode(&block, |field| read.push((text(field.name), text(field.value)))).unwrap();
                let mut wanted: Vec<_> =
                    fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
                wanted.extend((number % 2 == 0).then(|| ("n".to_owned(), number.to_string())));
                assert_eq!(read, wanted);
            }
            assert!(lengths[3] < shortest, "{table}: {lengths:?}");
            assert!(requests.constant.is_some());
        }
    }
}
