//! Header blocks of requests: all alike but for what a call has of its own, and constant once the server's table knows
//! them.

use std::str;
use std::sync::Arc;

use bytes::Bytes;

use crate::http2::hpack::{DEFAULT_TABLE_SIZE, Encoder, Field, Indexing, OVERHEAD};
use crate::secrets;

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
}

impl HeadField {
    /// Credentials are no exception. `call` keeps them out of the server's table, since what a table knows can be guessed by
    /// who has guesses sent beside it and sees how long blocks become. Here there is nobody who could, which leaves it to
    /// the encoder (RFC 7541 §7.1.3); and a token of a kilobyte in each call would be most of what is measured.
    fn field(&self) -> Field<'_> {
        Field { name: &self.name, value: &self.value, sensitive: false }
    }
}

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
    /// Fields that calls have of their own, in their order, and whether each is a credential.
    own: Vec<(Bytes, bool)>,
    scratch: Vec<u8>,
}

impl Requests {
    /// For a server that keeps a table of this size.
    pub(super) fn new(head: Head, table_size: usize) -> Self {
        let encoder = Encoder::default();
        let mut requests =
            Self { head, encoder, kept: 0, constant: None, own: Vec::new(), scratch: Vec::new() };
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
        for (at, (name, value)) in own.iter().enumerate() {
            // What no table may have stays out of those on the way, too, and takes no more bytes.
            let sensitive = self.is_secret(at, name);
            let field = Field { name, value, sensitive };
            self.encoder.field(&mut self.scratch, field, Indexing::Varies);
        }
    }

    /// Whether the field at this place is a credential: names are the same in each call.
    fn is_secret(&mut self, at: usize, name: &Bytes) -> bool {
        if let Some((_, is_secret)) = self.own.get(at).filter(|(known, _)| known == name) {
            return *is_secret;
        }
        let is_secret = str::from_utf8(name).is_ok_and(secrets::is_secret);
        self.own.truncate(at);
        self.own.push((name.clone(), is_secret));
        is_secret
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http2::hpack::Decoder;

    fn head(fields: &[(&str, &str)]) -> Head {
        let own = |text: &str| Bytes::copy_from_slice(text.as_bytes());
        let fields = fields.iter().map(|(name, value)| HeadField { name: own(name), value: own(value) });
        Head { fields: fields.collect() }
    }

    #[test]
    fn credentials_of_a_call_s_own_are_kept_out_of_tables() {
        let mut requests = Requests::new(head(&[(":method", "POST"), ("authorization", "same")]), 4096);
        let own = |name: &'static str| (Bytes::from(name), Bytes::from("other"));
        let mut decoder = Decoder::new(usize::MAX);
        for own in
            [vec![own("x-api-key"), own("x-id")], vec![own("x-id"), own("x-api-key")], vec![own("x-id")]]
        {
            let block = requests.block(&own).to_vec();
            let mut marked = Vec::new();
            decoder
                .decode(&block, |field| {
                    if field.sensitive {
                        marked.push(field.name.to_vec());
                    }
                })
                .unwrap();
            let expected: Vec<_> =
                own.iter().map(|(name, _)| name.to_vec()).filter(|name| name == b"x-api-key").collect();
            assert_eq!(marked, expected);
        }
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
