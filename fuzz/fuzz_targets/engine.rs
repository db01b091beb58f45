//! A connection of the load engine, and whatever a server says on it: every call is over or under way, what is sent is
//! HTTP/2 as a client may send it, and it is the same however the bytes come.
//!
//! The first byte chooses how many streams there are, the shape of calls, and whether a right SETTINGS frame is there
//! already. Each byte behind it is a step: 0 begins a call, 255 gives up those that are old, and any other is how many
//! bytes of the input the server says next.
#![no_main]

use std::collections::HashMap;

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use rpcctl::bench::engine::{Common, Dialogue, Head, HeadField};
use rpcctl::bench::load::Sending;
use rpcctl::bench::supply::Made;
use rpcctl::http2::hpack::Decoder;
use rpcctl::http2::{Assembly, Frame, PREFACE, Reader};
use rpcctl::media::Codec;

/// Messages of a call: 40, 0 and 300 bytes.
const SIZES: [u16; 3] = [40, 0, 300];

fuzz_target!(|input: &[u8]| {
    let Some((&choice, script)) = input.split_first() else { return };
    let whole = run(choice, script, usize::MAX);
    let pieces = run(choice, script, 1);
    assert_eq!(whole, pieces);
});

fn common(choice: u8) -> Common {
    let field = |name: &'static str, value: &'static str| HeadField {
        name: Bytes::from_static(name.as_bytes()),
        value: Bytes::from_static(value.as_bytes()),
    };
    let fields = [field(":method", "POST"), field(":path", "/t.S/M"), field("te", "trailers")];
    Common {
        head: Head { fields: fields.into() },
        one_answer: choice & 8 != 0,
        sending: if choice & 16 != 0 { Sending::PingPong } else { Sending::AtOnce },
        codec: Codec::Proto,
    }
}

fn call() -> Made {
    let message = |size: u16| {
        let [high, low] = size.to_be_bytes();
        [&[0, 0, 0, high, low][..], &vec![7; size.into()]].concat()
    };
    Made { fields: Vec::new(), body: SIZES.map(message).concat().into(), messages: 3 }
}

/// What was sent, and what the calls ended in, where the server's bytes come in pieces of this size.
fn run(choice: u8, mut script: &[u8], piece: usize) -> (Vec<u8>, String) {
    let mut dialogue = Dialogue::new(common(choice), usize::from(choice & 7) + 1);
    let mut heard = Vec::new();
    if choice & 32 != 0 {
        heard.extend_from_slice(&[0, 0, 0, 4, 0, 0, 0, 0, 0]);
    }
    let (mut sent, mut client) = (Vec::new(), Client::default());
    let call = call();
    loop {
        let goes_on = hear(&mut dialogue, &mut heard, &[], piece);
        let out = dialogue.sent();
        client.take(&out);
        sent.extend_from_slice(&out);
        let tally = dialogue.tally();
        assert_eq!(tally.issued, tally.over() + dialogue.open() as u64);
        let Some((&step, rest)) = script.split_first().filter(|_| goes_on) else { break };
        script = rest;
        match step {
            0 => drop(dialogue.begin(&call)),
            255 => dialogue.expire(8),
            size => {
                let (said, rest) = script.split_at(script.len().min(size.into()));
                script = rest;
                if !hear(&mut dialogue, &mut heard, said, piece) {
                    break;
                }
            }
        }
    }
    dialogue.lose();
    assert_eq!(dialogue.open(), 0);
    let tally = dialogue.tally();
    assert_eq!(tally.issued, tally.over());
    assert!(tally.messages_sent <= tally.issued * 3);
    (sent, format!("{:?} {} {}", tally.outcomes(), tally.messages_sent, tally.messages_received))
}

/// Whether it may go on.
fn hear(dialogue: &mut Dialogue, heard: &mut Vec<u8>, said: &[u8], piece: usize) -> bool {
    let mut pieces = said.chunks(piece.min(said.len().max(1)));
    loop {
        let more = pieces.next();
        heard.extend_from_slice(more.unwrap_or_default());
        let mut bytes = &heard[..];
        let goes_on = dialogue.receive(&mut bytes).is_ok();
        let taken = heard.len() - bytes.len();
        heard.drain(..taken);
        if !goes_on || more.is_none() {
            return goes_on;
        }
    }
}

/// What a server knows of a client by what it sent.
#[derive(Default)]
struct Client {
    has_begun: bool,
    reader: Reader,
    decoder: Option<Decoder>,
    assembly: Option<Assembly>,
    /// How many bytes of its body each stream has sent, and whether that is all.
    streams: HashMap<u32, (usize, bool)>,
    last: u32,
}

impl Client {
    fn take(&mut self, mut bytes: &[u8]) {
        if !std::mem::replace(&mut self.has_begun, true) {
            bytes = bytes.strip_prefix(PREFACE).expect("the preface comes first");
        }
        while let Some(frame) = self.reader.next(&mut bytes).expect("it is a frame") {
            match frame {
                Frame::Headers(headers) => {
                    let stream = headers.block.stream;
                    assert!(stream % 2 == 1 && stream > self.last && headers.block.ends);
                    self.last = stream;
                    self.streams.insert(stream, (0, headers.end_stream));
                    let assembly = self.assembly.get_or_insert_with(|| Assembly::new(1 << 20));
                    let block = assembly.push(headers.block).expect("a block").expect("all of it");
                    let decoder = self.decoder.get_or_insert_with(|| Decoder::new(1 << 20));
                    let mut fields = 0;
                    decoder.decode(block, |_| fields += 1).expect("it is written right");
                    assert_eq!(fields, 3);
                }
                Frame::Data(data) => {
                    let (sent, ended) = self.streams.get_mut(&data.stream).expect("a stream that was begun");
                    assert!(!*ended);
                    *sent += data.data.len();
                    *ended = data.end_stream;
                    let all = SIZES.iter().map(|size| usize::from(*size) + 5).sum::<usize>();
                    assert!(*sent <= all && (!*ended || *sent == all));
                }
                Frame::RstStream { stream, .. } => {
                    // A server that speaks of a stream that was never begun may be told so.
                    self.streams.entry(stream).or_default().1 = true;
                }
                _ => {}
            }
        }
        assert!(bytes.is_empty());
    }
}
