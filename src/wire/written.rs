//! How messages are written into requests: compressed, in envelopes, in base64.

use std::io;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;

use super::dialect::Protocol;
use super::plan::{CallPlan, Tells};
use crate::compression::Compression;
use crate::envelope;
use crate::transport;

/// How a dialect writes messages.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Written {
    pub(super) compression: Option<Compression>,
    /// The size of the smallest messages that are compressed.
    pub(super) compress_min: usize,
    /// Whether the body is base64.
    pub(super) text: bool,
    /// Whether messages are told, and not their sizes alone.
    pub(super) keeps: bool,
}

impl Written {
    /// How a call's messages are written.
    pub(super) fn of(plan: &CallPlan) -> Self {
        let dialect = plan.dialect;
        Self {
            compression: dialect.compression,
            compress_min: dialect.compress_min,
            text: dialect.protocol == (Protocol::GrpcWeb { text: true }),
            keeps: plan.tells == Tells::InFull,
        }
    }

    /// A message as it is on the wire, and its size there if it is compressed.
    pub(super) fn wire(self, message: Bytes) -> io::Result<(Bytes, Option<usize>)> {
        let Some(compression) = self.compression.filter(|_| message.len() >= self.compress_min) else {
            return Ok((message, None));
        };
        let compressed = compression.compress(&message)?;
        let size = compressed.len();
        Ok((compressed.into(), Some(size)))
    }
}

/// A body that is one message in its envelope.
pub(super) fn enveloped(wire: &[u8], compressed: bool) -> io::Result<transport::Body> {
    let prefix = envelope::begin(wire.len(), compressed)?;
    Ok(transport::Body::whole([&prefix, wire].concat().into()))
}

/// A body that is one message of what could be a stream, as it is on the wire.
pub(super) fn alone(wire: Bytes, compressed: bool, written: Written) -> io::Result<transport::Body> {
    let prefix = envelope::begin(wire.len(), compressed)?;
    if !written.text && wire.len() >= COPY_BELOW {
        return Ok(transport::Body::at_hand(Bytes::copy_from_slice(&prefix), wire));
    }
    let whole = [&prefix, &*wire].concat();
    let whole = if written.text { BASE64_STANDARD.encode(whole).into() } else { whole.into() };
    Ok(transport::Body::at_hand(whole, Bytes::new()))
}

/// Messages larger than this are not copied behind their prefix but sent after it; a frame takes no more once it has
/// as much.
pub(super) const COPY_BELOW: usize = 16 << 10;

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt as _;
    use tokio::sync::mpsc;

    use super::*;
    use crate::wire::request;

    #[test]
    fn a_message_that_is_at_hand_is_on_the_wire_as_one_of_a_stream() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let collected = async |mut body: transport::Body| {
                let mut wire = Vec::new();
                while let Some(frame) = body.frame().await {
                    wire.extend(frame.unwrap().into_data().unwrap());
                }
                wire
            };
            for size in [0, 1, 2, COPY_BELOW - 1, COPY_BELOW, 3 * COPY_BELOW] {
                for (text, compression) in [
                    (false, None),
                    (true, None),
                    (false, Some(Compression::Gzip)),
                    (true, Some(Compression::Gzip)),
                ] {
                    let written = Written { compression, compress_min: 2, text, keeps: false };
                    let message = Bytes::from(vec![7; size]);
                    let (notes, _heard) = mpsc::channel(8);
                    let stream = tokio_stream::iter([Ok::<_, ()>(message.clone())]);
                    let streamed = collected(request::body(stream, notes, written)).await;
                    let (wire, compressed) = written.wire(message).unwrap();
                    let alone = collected(alone(wire, compressed.is_some(), written).unwrap()).await;
                    assert!(alone == streamed, "{size} {written:?}");
                }
            }
        });
    }
}
