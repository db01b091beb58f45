//! Answers as bytes: made by an encoder until it says the same twice, and copied from then on.

use rpcctl::http2::hpack::{Encoder, Field, Indexing};
use rpcctl::http2::{DEFAULT_MAX_FRAME_SIZE, Head, write_block, write_data};

/// The message that every answer holds, behind gRPC's five bytes.
pub(crate) struct Message(Vec<u8>);

impl Message {
    /// A HelloReply of this size, which is not 1: its one field, with a text that fills it.
    pub(crate) fn new(size: usize) -> Self {
        const TEXT: &[u8] = b"Hello Alice ";
        let mut message = vec![0];
        message.extend_from_slice(&u32::try_from(size).unwrap_or(u32::MAX).to_be_bytes());
        if let Some(rest) = size.checked_sub(1) {
            message.push(0x0a);
            // The length is written in as many bytes as leave one that they can hold.
            let bytes = (1..10).find(|&bytes| rest.saturating_sub(bytes) < 1 << (7 * bytes)).unwrap_or(1);
            let length = rest.saturating_sub(bytes);
            for byte in 0..bytes {
                let more = if byte + 1 < bytes { 0x80 } else { 0 };
                message.push((length >> (7 * byte)).to_le_bytes()[0] & 0x7f | more);
            }
            message.extend(TEXT.iter().cycle().take(length));
        }
        Self(message)
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

/// What one connection's answers are written with.
#[derive(Default)]
pub(crate) struct Answers {
    encoder: Encoder,
    block: Vec<u8>,
    /// The last answer that went out at once.
    last: Vec<u8>,
    /// Where in it its stream stands, if the encoder has said it twice: nothing changes from then on.
    places: Option<Vec<usize>>,
}

const TYPE: (&[u8], &[u8]) = (b"content-type", b"application/grpc");

impl Answers {
    /// The client's table has room for so much.
    pub(crate) fn resize(&mut self, table: usize) {
        self.encoder.resize(table);
        self.forget();
    }

    /// A whole answer.
    pub(crate) fn whole(&mut self, out: &mut Vec<u8>, stream: u32, message: &Message) {
        let start = out.len();
        if let Some(places) = &self.places {
            out.extend_from_slice(&self.last);
            let (answer, stream) = (&mut out[start..], stream.to_be_bytes());
            for &place in places {
                answer[place..place + 4].copy_from_slice(&stream);
            }
            return;
        }
        self.headers(out, stream);
        write_data(out, stream, message.bytes(), false, DEFAULT_MAX_FRAME_SIZE);
        self.trailers(out, stream);
        // The same fields in the same bytes again: the table is where it was before.
        let mut answer = out[start..].to_vec();
        let places = places(&answer);
        for &place in &places {
            answer[place..place + 4].fill(0);
        }
        if self.last == answer {
            self.places = Some(places);
        }
        self.last = answer;
    }

    /// The beginning of an answer that has to wait for a window; [`Self::trailers`] are its end.
    pub(crate) fn begin(&mut self, out: &mut Vec<u8>, stream: u32) {
        self.forget();
        self.headers(out, stream);
    }

    pub(crate) fn end(&mut self, out: &mut Vec<u8>, stream: u32) {
        self.forget();
        self.trailers(out, stream);
    }

    /// An answer that is a status alone.
    pub(crate) fn failed(&mut self, out: &mut Vec<u8>, stream: u32) {
        self.forget();
        let fields =
            [(&b":status"[..], &b"200"[..]), TYPE, (b"grpc-status", b"13"), (b"grpc-message", b"as told")];
        self.fields(out, stream, &fields, true);
    }

    fn headers(&mut self, out: &mut Vec<u8>, stream: u32) {
        self.fields(out, stream, &[(b":status", b"200"), TYPE], false);
    }

    fn trailers(&mut self, out: &mut Vec<u8>, stream: u32) {
        self.fields(out, stream, &[(b"grpc-status", b"0")], true);
    }

    fn fields(&mut self, out: &mut Vec<u8>, stream: u32, fields: &[(&[u8], &[u8])], ends: bool) {
        self.block.clear();
        self.encoder.begin(&mut self.block);
        for &(name, value) in fields {
            let field = Field { name, value, sensitive: false };
            self.encoder.field(&mut self.block, field, Indexing::Repeats);
        }
        write_block(out, stream, &self.block, ends, DEFAULT_MAX_FRAME_SIZE);
    }

    /// Other fields change what the next answer looks like.
    fn forget(&mut self) {
        self.last.clear();
        self.places = None;
    }
}

/// Where the streams of these frames stand.
fn places(mut frames: &[u8]) -> Vec<usize> {
    let (mut places, mut at) = (Vec::new(), 0);
    while let Some((head, rest)) = frames.split_first_chunk::<{ Head::SIZE }>() {
        places.push(at + Head::SIZE - 4);
        let length = usize::try_from(Head::from_bytes(*head).length).unwrap_or(usize::MAX);
        frames = rest.get(length..).unwrap_or_default();
        at += Head::SIZE + length;
    }
    places
}
