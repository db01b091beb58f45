//! Frames become bytes.

use super::super::MAX_FRAME_SIZE;
use super::super::error::Error;
use super::{Block, Data, Frame, Head, Headers, Priority, flag, kind};

/// The most padding that a frame can have.
const ZEROS: [u8; 255] = [0; 255];

impl Frame<'_> {
    /// Adds it to `out`. What is longer than any frame can be is refused, and nothing is added.
    pub fn write(&self, out: &mut Vec<u8>) -> Result<(), Error> {
        match self {
            Self::Data(Data { stream, data, end_stream, padding }) => {
                let head = head(kind::DATA, *stream, *end_stream, flag::END_STREAM);
                put(out, head, *padding, &[], data)
            }
            Self::Headers(Headers { block, end_stream, priority, padding }) => {
                let mut head = of_block(kind::HEADERS, *block);
                head.flags |= if *end_stream { flag::END_STREAM } else { 0 };
                match priority {
                    None => put(out, head, *padding, &[], block.fragment),
                    Some(priority) => {
                        head.flags |= flag::PRIORITY;
                        put(out, head, *padding, &priority.fields(), block.fragment)
                    }
                }
            }
            Self::Priority(priority) => {
                put(out, head(kind::PRIORITY, priority.stream, false, 0), None, &[], &priority.fields())
            }
            Self::RstStream { stream, code } => {
                put(out, head(kind::RST_STREAM, *stream, false, 0), None, &[], &code.0.to_be_bytes())
            }
            Self::Settings(settings) => {
                put(out, head(kind::SETTINGS, 0, false, 0), None, &[], settings.bytes())
            }
            Self::SettingsAck => put(out, head(kind::SETTINGS, 0, true, flag::ACK), None, &[], &[]),
            Self::PushPromise { promised, block, padding } => {
                let head = of_block(kind::PUSH_PROMISE, *block);
                put(out, head, *padding, &promised.to_be_bytes(), block.fragment)
            }
            Self::Ping { ack, data } => put(out, head(kind::PING, 0, *ack, flag::ACK), None, &[], data),
            Self::GoAway { last_stream, code, debug } => {
                let fields = [last_stream.to_be_bytes(), code.0.to_be_bytes()];
                put(out, head(kind::GOAWAY, 0, false, 0), None, fields.as_flattened(), debug)
            }
            Self::WindowUpdate { stream, increment } => {
                put(out, head(kind::WINDOW_UPDATE, *stream, false, 0), None, &[], &increment.to_be_bytes())
            }
            Self::Continuation(block) => {
                put(out, of_block(kind::CONTINUATION, *block), None, &[], block.fragment)
            }
            Self::Unknown { head, payload } => put(out, *head, None, &[], payload),
        }
    }
}

impl Priority {
    fn fields(&self) -> [u8; 5] {
        let exclusive = u32::from(self.exclusive) << 31;
        let [a, b, c, d] = (self.dependency | exclusive).to_be_bytes();
        [a, b, c, d, self.weight]
    }
}

fn head(kind: u8, stream: u32, set: bool, flag: u8) -> Head {
    Head { length: 0, kind, flags: if set { flag } else { 0 }, stream }
}

fn of_block(kind: u8, block: Block<'_>) -> Head {
    head(kind, block.stream, block.ends, flag::END_HEADERS)
}

fn put(
    out: &mut Vec<u8>,
    mut head: Head,
    padding: Option<u8>,
    fields: &[u8],
    rest: &[u8],
) -> Result<(), Error> {
    let padded = padding.map_or(0, |padding| usize::from(padding) + 1);
    let length = u32::try_from(padded + fields.len() + rest.len()).ok();
    head.length =
        length.filter(|length| *length <= MAX_FRAME_SIZE).ok_or(Error::size("longer than any frame"))?;
    if padding.is_some() {
        head.flags |= flag::PADDED;
    }
    out.extend_from_slice(&head.to_bytes());
    out.extend(padding);
    out.extend_from_slice(fields);
    out.extend_from_slice(rest);
    out.extend_from_slice(ZEROS.get(..padding.map_or(0, usize::from)).unwrap_or(&ZEROS));
    Ok(())
}

/// Adds a header block, in HEADERS and as many CONTINUATIONs as frames of this size need.
pub fn write_block(out: &mut Vec<u8>, stream: u32, block: &[u8], end_stream: bool, max_frame_size: u32) {
    let mut head =
        Head { length: 0, kind: kind::HEADERS, flags: if end_stream { flag::END_STREAM } else { 0 }, stream };
    in_pieces(out, block, max_frame_size, |last| {
        let this = Head { flags: head.flags | if last { flag::END_HEADERS } else { 0 }, ..head };
        head = Head { kind: kind::CONTINUATION, flags: 0, ..head };
        this
    });
}

/// Adds a piece of a body, in as many frames of this size as it needs.
pub fn write_data(out: &mut Vec<u8>, stream: u32, data: &[u8], end_stream: bool, max_frame_size: u32) {
    in_pieces(out, data, max_frame_size, |last| {
        head(kind::DATA, stream, last && end_stream, flag::END_STREAM)
    });
}

/// One frame at least, for what may be empty.
fn in_pieces(out: &mut Vec<u8>, mut rest: &[u8], max_frame_size: u32, mut head: impl FnMut(bool) -> Head) {
    let most = usize::try_from(max_frame_size.clamp(1, MAX_FRAME_SIZE)).unwrap_or(usize::MAX);
    loop {
        let (piece, after) = rest.split_at(rest.len().min(most));
        rest = after;
        let length = u32::try_from(piece.len()).unwrap_or(MAX_FRAME_SIZE);
        out.extend_from_slice(&Head { length, ..head(rest.is_empty()) }.to_bytes());
        out.extend_from_slice(piece);
        if rest.is_empty() {
            return;
        }
    }
}
