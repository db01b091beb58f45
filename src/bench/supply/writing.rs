//! How messages go over the wire: in envelopes, compressed or not.

use std::io;

use bytes::BytesMut;
use prost_reflect::MessageDescriptor;

use crate::compression::Compression;
use crate::envelope;
use crate::message::json::{Printer, Types};

/// How messages go over the wire.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Writing {
    /// How they are compressed, if they are.
    pub compression: Option<Compression>,
    /// The size of the smallest messages that are.
    pub compress_min: usize,
    /// Whether they are JSON, as Connect and gRPC-Web may have them.
    pub json: bool,
}

/// What an `Any` in a message names is in the pool of the message's own type.
struct Nobody;

impl Types for Nobody {
    fn message(&self, _: &str) -> Option<MessageDescriptor> {
        None
    }
}

impl Writing {
    /// Appends a message in its envelope.
    pub(super) fn write(
        self,
        input: &MessageDescriptor,
        message: &[u8],
        out: &mut BytesMut,
    ) -> io::Result<()> {
        let mut printed = Vec::new();
        let plain = if self.json {
            Printer::default().print(input, message, &Nobody, &mut printed);
            &printed
        } else {
            message
        };
        let compressed = match self.compression.filter(|_| plain.len() >= self.compress_min) {
            Some(compression) => Some(compression.compress(plain)?),
            None => None,
        };
        let wire = compressed.as_deref().unwrap_or(plain);
        out.extend_from_slice(&envelope::begin(wire.len(), compressed.is_some())?);
        out.extend_from_slice(wire);
        Ok(())
    }
}
