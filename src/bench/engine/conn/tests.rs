use std::collections::BTreeMap;

use bytes::Bytes;

use super::*;
use crate::bench::engine::requests::HeadField;
use crate::bench::record::Tally;
use crate::http2::hpack::{Encoder, Field, Indexing};
use crate::http2::{Block as Piece, Head as FrameHead, Headers};

const PREFACE_AND_MORE: usize = PREFACE.len() + 9 + 12 + 13;

fn book() -> Book {
    let mut book = Book::new(false, false);
    (book.counted_from, book.is_counting) = (0, true);
    book
}

fn common(one_answer: bool) -> Common {
    let field = |name: &'static str, value: &'static str| HeadField {
        name: Bytes::from_static(name.as_bytes()),
        value: Bytes::from_static(value.as_bytes()),
    };
    let fields = [field(":method", "POST"), field(":path", "/t.S/M"), field("te", "trailers")];
    Common { head: Head { fields: fields.into() }, one_answer, sending: Sending::AtOnce, codec: Codec::Proto }
}

fn call(size: usize) -> Made {
    Made { fields: Vec::new(), body: vec![7; size].into(), messages: 1 }
}

/// A server's side of a connection, and the client that hears it.
struct Pair {
    conn: Conn,
    book: Book,
    encoder: Encoder,
    /// What the client has yet to read.
    wire: Vec<u8>,
    now: u64,
}

impl Pair {
    /// One whose server has said this in its SETTINGS.
    fn with(settings: &[(u16, u32)], streams: usize) -> Self {
        let conn = Conn::new(common(true), streams);
        let mut pair = Self { conn, book: book(), encoder: Encoder::default(), wire: Vec::new(), now: 1 };
        let bytes: Vec<_> = settings.iter().map(|&(id, value)| Setting { id, value }.to_bytes()).collect();
        pair.say(&Frame::Settings(Settings::of(&bytes)));
        pair.hear().unwrap();
        pair.conn.out.drain(..PREFACE_AND_MORE);
        pair
    }

    fn say(&mut self, frame: &Frame<'_>) {
        frame.write(&mut self.wire).unwrap();
    }

    fn block(&mut self, stream: u32, fields: &[(&str, &str)], end_stream: bool) {
        let mut fragment = Vec::new();
        self.encoder.begin(&mut fragment);
        for (name, value) in fields {
            let field = Field { name: name.as_bytes(), value: value.as_bytes(), sensitive: false };
            self.encoder.field(&mut fragment, field, Indexing::Repeats);
        }
        let block = Piece { stream, fragment: &fragment, ends: true };
        self.say(&Frame::Headers(Headers { block, end_stream, priority: None, padding: None }));
    }

    fn data(&mut self, stream: u32, data: &[u8], end_stream: bool) {
        self.say(&Frame::Data(Data { stream, data, end_stream, padding: None }));
    }

    fn head(&mut self, stream: u32) {
        self.block(stream, &[(":status", "200"), ("content-type", "application/grpc")], false);
    }

    fn answer(&mut self, stream: u32, message: &[u8], status: &str) {
        self.head(stream);
        self.data(stream, message, false);
        self.block(stream, &[("grpc-status", status)], true);
    }

    fn hear(&mut self) -> Result<(), Error> {
        let wire = std::mem::take(&mut self.wire);
        let mut rest = &wire[..];
        self.now += 10;
        self.conn.receive(&mut rest, self.now, &mut self.book)?;
        assert!(rest.is_empty());
        Ok(())
    }

    fn begin(&mut self, count: usize) {
        for _ in 0..count {
            self.conn.begin(&call(10), self.now, self.now, &mut self.book);
        }
    }

    /// What the client has sent since it was asked last: the kind of each frame, its stream, and its size.
    fn sent(&mut self) -> Vec<(u8, u32, u32)> {
        let mut seen = Vec::new();
        let mut rest = &self.conn.out[..];
        while let Some((head, after)) = rest.split_first_chunk() {
            let head = FrameHead::from_bytes(*head);
            seen.push((head.kind, head.stream, head.length));
            rest = &after[usize::try_from(head.length).unwrap()..];
        }
        self.conn.out.clear();
        seen
    }

    fn outcomes(&self) -> BTreeMap<Outcome, u64> {
        self.book.tally.outcomes()
    }
}

const EMPTY: [u8; 5] = [0; 5];

#[test]
fn answers_are_counted_by_their_status() {
    let mut pair = Pair::with(&[], 10);
    pair.begin(4);
    assert_eq!((pair.conn.open(), pair.conn.room()), (4, 6));
    for (stream, status) in [(5, "0"), (1, "5"), (7, "0"), (3, "98")] {
        pair.answer(stream, &EMPTY, status);
    }
    pair.hear().unwrap();
    let codes = [(Code::OK, 2), (Code::NOT_FOUND, 1), (Code(98), 1)];
    assert_eq!(pair.outcomes(), codes.map(|(code, count)| (Outcome::Status(code), count)).into());
    assert_eq!((pair.conn.open(), pair.book.tally.messages_received), (0, 4));
    assert_eq!(pair.book.tally.ok.actual.look().unwrap().max, 10);
}

/// What is said in answer, by its name, and what the call ends in.
type Case = (&'static str, fn(&mut Pair), Outcome);

#[test]
fn what_is_no_answer_is_told_apart() {
    let cases: [Case; 12] = [
        ("trailers alone", |p| p.block(1, &[(":status", "200"), ("grpc-status", "8")], true), status(8)),
        ("an HTTP error", |p| p.block(1, &[(":status", "503")], true), status(14)),
        (
            "a page",
            |p| {
                p.block(1, &[(":status", "404"), ("content-type", "text/html")], false);
                p.data(1, b"<html>", true);
            },
            status(12),
        ),
        (
            "a page that says OK",
            |p| {
                p.block(1, &[(":status", "200"), ("content-type", "text/html")], false);
                p.data(1, b"<html>", true);
            },
            status(2),
        ),
        (
            "a reset",
            |p| p.say(&Frame::RstStream { stream: 1, code: ErrorCode(7) }),
            fault(Fault::Reset(ErrorCode(7))),
        ),
        ("no message", |p| p.answer(1, &[], "0"), fault(Fault::Broken)),
        ("two messages", |p| p.answer(1, &[0; 10], "0"), fault(Fault::Broken)),
        ("half a message", |p| p.answer(1, &[0, 0, 0, 0, 9, 1], "0"), fault(Fault::Broken)),
        ("half a message, and why", |p| p.answer(1, &[0, 0, 0, 0, 9, 1], "13"), status(13)),
        (
            "no envelope",
            |p| {
                p.head(1);
                p.data(1, b"hello", false);
            },
            fault(Fault::Broken),
        ),
        (
            "no trailers",
            |p| {
                p.head(1);
                p.data(1, &EMPTY, true);
            },
            fault(Fault::Broken),
        ),
        ("no number", |p| p.answer(1, &EMPTY, "OK"), fault(Fault::Broken)),
    ];
    for (name, what, outcome) in cases {
        let mut pair = Pair::with(&[], 10);
        pair.begin(1);
        // Something that is no answer yet.
        pair.block(1, &[(":status", "103")], false);
        what(&mut pair);
        // What comes late is nobody's.
        pair.say(&Frame::RstStream { stream: 1, code: ErrorCode::NO_ERROR });
        pair.hear().unwrap();
        assert_eq!(pair.outcomes(), [(outcome, 1)].into(), "{name}");
        assert_eq!(pair.conn.open(), 0);
    }
}

fn status(code: u32) -> Outcome {
    Outcome::Status(Code(code))
}

fn fault(fault: Fault) -> Outcome {
    Outcome::Fault(fault)
}

#[test]
fn a_server_that_leaves_finishes_what_it_looked_at() {
    let mut pair = Pair::with(&[], 10);
    pair.begin(3);
    pair.say(&Frame::GoAway { last_stream: 3, code: ErrorCode::NO_ERROR, debug: b"bye" });
    pair.answer(1, &EMPTY, "0");
    pair.hear().unwrap();
    assert_eq!((pair.conn.room(), pair.conn.is_leaving(), pair.conn.open()), (0, true, 1));
    pair.conn.lose((false, ""), 50, &mut pair.book);
    let expected = [(status(0), 1), (fault(Fault::GoAway(ErrorCode::NO_ERROR)), 1), (fault(Fault::Lost), 1)];
    assert_eq!(pair.outcomes(), expected.into());
}

#[test]
fn the_server_says_how_many_streams_and_how_large_tables_and_frames_are() {
    let mut pair = Pair::with(&[(setting::MAX_CONCURRENT_STREAMS, 2), (setting::HEADER_TABLE_SIZE, 0)], 10);
    assert_eq!((pair.conn.room(), pair.conn.allowed()), (2, Some(2)));
    pair.begin(2);
    assert_eq!(pair.conn.room(), 0);
    let sent = pair.sent();
    // Nothing can be remembered, so that each block is as long; the first tells of the table.
    let kinds: Vec<u8> = sent.iter().map(|(kind, ..)| *kind).collect();
    assert_eq!(kinds, [kind::SETTINGS, kind::HEADERS, kind::DATA, kind::HEADERS, kind::DATA]);
    assert_eq!(sent[1].2, sent[3].2 + 1);
    pair.say(&Frame::Settings(Settings::of(&[
        Setting { id: setting::MAX_CONCURRENT_STREAMS, value: 5 }.to_bytes()
    ])));
    pair.say(&Frame::Ping { ack: false, data: *b"01234567" });
    pair.hear().unwrap();
    assert_eq!(pair.conn.room(), 3);
    assert_eq!(pair.sent(), [(kind::SETTINGS, 0, 0), (kind::PING, 0, 8)]);
}

#[test]
fn bodies_wait_for_room() {
    let mut pair = Pair::with(&[(setting::INITIAL_WINDOW_SIZE, 20_000)], 10);
    let data = |pair: &mut Pair| {
        let sent = pair.sent().into_iter().filter(|(kind, ..)| *kind == kind::DATA);
        sent.map(|(_, stream, size)| (stream, size)).collect::<Vec<_>>()
    };
    pair.conn.begin(&call(50_000), 1, 1, &mut pair.book);
    assert_eq!(data(&mut pair), [(1, 16_384), (1, 3616)]);
    // It waits for its own window, and others have theirs.
    assert_eq!(pair.conn.room(), 9);
    pair.say(&Frame::WindowUpdate { stream: 1, increment: 10_000 });
    pair.hear().unwrap();
    assert_eq!(data(&mut pair), [(1, 10_000)]);
    // Smaller windows take room away that there was.
    pair.say(&Frame::Settings(Settings::of(&[
        Setting { id: setting::INITIAL_WINDOW_SIZE, value: 10_000 }.to_bytes()
    ])));
    pair.say(&Frame::WindowUpdate { stream: 1, increment: 11_000 });
    pair.hear().unwrap();
    assert_eq!(data(&mut pair), [(1, 1000)]);
    pair.say(&Frame::WindowUpdate { stream: 1, increment: 100_000 });
    pair.hear().unwrap();
    assert_eq!(data(&mut pair), [(1, 16_384), (1, 2616)]);
    assert_eq!(pair.conn.room(), 9);
    // The connection has 65,535 - 50,000 left.
    for _ in 0..2 {
        pair.conn.begin(&call(10_000), 1, 1, &mut pair.book);
    }
    assert_eq!(data(&mut pair), [(3, 10_000), (5, 5535)]);
    assert_eq!(pair.conn.room(), 0);
    // A call that is over has nothing more to send.
    pair.answer(5, &EMPTY, "8");
    pair.hear().unwrap();
    assert_eq!(pair.sent(), [(kind::RST_STREAM, 5, 4)]);
    pair.say(&Frame::WindowUpdate { stream: 0, increment: 100_000 });
    pair.hear().unwrap();
    assert_eq!((pair.sent(), pair.conn.room()), (vec![], 8));
}

#[test]
fn calls_that_are_late_are_given_up() {
    let mut pair = Pair::with(&[], 10);
    for sent in [100, 200, 300] {
        pair.conn.begin(&call(1), sent, sent, &mut pair.book);
    }
    assert_eq!(pair.conn.expires(50), Some(150));
    pair.sent();
    pair.conn.expire(50, 250, &mut pair.book);
    let mut reset = pair.sent();
    reset.sort_unstable();
    assert_eq!(reset, [(kind::RST_STREAM, 1, 4), (kind::RST_STREAM, 3, 4)]);
    assert_eq!((pair.outcomes(), pair.conn.expires(50)), ([(fault(Fault::Deadline), 2)].into(), Some(350)));
    // What the server had said by then changes nothing, and its tables are kept.
    pair.answer(1, &EMPTY, "0");
    pair.answer(5, &EMPTY, "0");
    pair.hear().unwrap();
    assert_eq!(pair.outcomes(), [(fault(Fault::Deadline), 2), (status(0), 1)].into());
}

#[test]
fn ids_come_to_an_end() {
    let mut pair = Pair::with(&[], 10);
    pair.conn.next_id = LAST_ID;
    assert_eq!((pair.conn.room(), pair.conn.is_leaving()), (1, false));
    pair.begin(1);
    assert_eq!((pair.conn.room(), pair.conn.is_leaving(), pair.conn.open()), (0, true, 1));
}

/// A server that has this side answer again and again, and reads none of it, takes no more memory than so much.
#[test]
fn what_breaks_rules_on_a_stream_is_answered_on_those_that_are_open() {
    let nothing = |stream| Frame::WindowUpdate { stream, increment: 0 };
    let mut pair = Pair::with(&[], 20_000);
    pair.begin(2);
    pair.sent();
    pair.say(&nothing(1));
    pair.hear().unwrap();
    assert_eq!(pair.sent(), [(kind::RST_STREAM, 1, 4)]);
    assert_eq!((pair.outcomes(), pair.conn.open()), ([(fault(Fault::Broken), 1)].into(), 1));
    for _ in 0..2 * MAX_OWED {
        pair.say(&nothing(1));
    }
    pair.hear().unwrap();
    assert_eq!((pair.sent(), pair.conn.open()), (vec![], 1));
    for never in [2, 5] {
        pair.say(&nothing(never));
        let error = pair.hear().unwrap_err();
        assert_eq!((error.code, error.scope), (ErrorCode::PROTOCOL_ERROR, Scope::Connection));
        assert_eq!(pair.sent(), []);
    }
    let mut pair = Pair::with(&[], 20_000);
    pair.begin(MAX_OWED + 1);
    pair.conn.written();
    for number in 0..=MAX_OWED {
        pair.say(&nothing(u32::try_from(number).unwrap() * 2 + 1));
    }
    assert_eq!(pair.hear().unwrap_err().code, ErrorCode::ENHANCE_YOUR_CALM);
}

/// Whatever a server says, every call is either over or under way.
#[test]
fn no_call_is_lost_or_counted_twice() {
    let mut random = fastrand::Rng::with_seed(7);
    for _ in 0..2000 {
        let mut pair = Pair::with(&[(setting::INITIAL_WINDOW_SIZE, 30)], 6);
        let mut wire = Vec::new();
        for _ in 0..10 {
            pair.begin(pair.conn.room().min(random.usize(0..4)));
            let stream = random.u32(0..16) * 2 + 1;
            match random.u8(0..8) {
                0..=2 => pair.answer(stream, &EMPTY, "0"),
                3 => pair.say(&Frame::RstStream { stream, code: ErrorCode(random.u32(0..20)) }),
                4 => pair.head(stream),
                5 => pair.say(&Frame::WindowUpdate { stream: stream - 1, increment: random.u32(1..100) }),
                6 => pair.data(stream, &vec![0; random.usize(0..20)], random.bool()),
                _ => pair.say(&Frame::GoAway { last_stream: stream, code: ErrorCode(0), debug: b"" }),
            }
            wire.append(&mut pair.wire);
            if random.u8(..) < 20 {
                let at = random.usize(..wire.len());
                wire[at] ^= 1 << random.u8(0..8);
            }
            let cut = random.usize(..=wire.len());
            let mut rest = &wire[..cut];
            let heard = pair.conn.receive(&mut rest, 5, &mut pair.book);
            let taken = cut - rest.len();
            wire.drain(..taken);
            let Tally { issued, .. } = pair.book.tally;
            let open = u64::try_from(pair.conn.open()).unwrap();
            assert_eq!(issued, pair.book.tally.over() + open);
            if heard.is_err() {
                break;
            }
        }
        pair.conn.lose((true, ""), 9, &mut pair.book);
        assert_eq!(pair.book.tally.issued, pair.book.tally.over());
    }
}

/// Three messages, of 10, 0 and 20 bytes, each of which waits for the answer to the one before.
fn talk(pair: &mut Pair) {
    pair.conn.common.one_answer = false;
    pair.conn.common.sending = Sending::PingPong;
    let body = [10, 0, 20].map(|size: u8| [&[0, 0, 0, 0, size][..], &vec![7; size.into()]].concat()).concat();
    let call = Made { fields: Vec::new(), body: body.into(), messages: 3 };
    pair.conn.begin(&call, pair.now, pair.now, &mut pair.book);
}

#[test]
fn each_message_waits_for_the_answer_to_the_one_before() {
    let mut pair = Pair::with(&[], 10);
    pair.book.has_streams = true;
    talk(&mut pair);
    assert_eq!(pair.sent()[2..], [(kind::DATA, 1, 15)]);
    pair.head(1);
    pair.data(1, &EMPTY[..4], false);
    pair.hear().unwrap();
    assert_eq!(pair.sent(), []);
    pair.data(1, &EMPTY[4..], false);
    pair.hear().unwrap();
    assert_eq!(pair.sent(), [(kind::DATA, 1, 5)]);
    pair.data(1, &EMPTY, false);
    pair.hear().unwrap();
    // The last has END_STREAM with it.
    assert_eq!(pair.conn.out[4], flag::END_STREAM);
    assert_eq!(pair.sent(), [(kind::DATA, 1, 25)]);
    // An answer to nothing.
    pair.data(1, &[0; 10], false);
    pair.block(1, &[("grpc-status", "0")], true);
    pair.hear().unwrap();
    assert_eq!((pair.sent(), pair.outcomes()), (vec![], [(status(0), 1)].into()));
    let tally = &mut pair.book.tally;
    assert_eq!((tally.messages_sent, tally.messages_received), (3, 4));
    assert_eq!(tally.messages.look().map(|times| (times.count, times.min, times.max)), Some((3, 10, 20)));
    assert_eq!(tally.first_message.look().map(|times| times.max), Some(20));
}

#[test]
fn windows_of_a_stream_count_for_all_its_messages() {
    let mut pair = Pair::with(&[(setting::INITIAL_WINDOW_SIZE, 18)], 10);
    talk(&mut pair);
    assert_eq!((pair.sent()[2..].to_vec(), pair.conn.room()), (vec![(kind::DATA, 1, 15)], 9));
    // Two answers at once, and room for a part of what they ask for.
    pair.head(1);
    pair.data(1, &[0; 10], false);
    pair.hear().unwrap();
    assert_eq!((pair.sent(), pair.conn.room()), (vec![(kind::DATA, 1, 3)], 9));
    pair.say(&Frame::WindowUpdate { stream: 1, increment: 4 });
    pair.hear().unwrap();
    assert_eq!(pair.sent(), [(kind::DATA, 1, 4)]);
    pair.say(&Frame::Settings(Settings::of(&[
        Setting { id: setting::INITIAL_WINDOW_SIZE, value: 118 }.to_bytes()
    ])));
    pair.hear().unwrap();
    assert_eq!(pair.sent(), [(kind::SETTINGS, 0, 0), (kind::DATA, 1, 23)]);
    assert_eq!(pair.conn.room(), 9);
}

#[test]
fn a_call_that_ends_early_has_nothing_more_to_say() {
    let mut pair = Pair::with(&[], 10);
    talk(&mut pair);
    pair.sent();
    pair.answer(1, &EMPTY, "9");
    pair.hear().unwrap();
    assert_eq!(pair.outcomes(), [(status(9), 1)].into());
    // The answer to the first had the second sent; the third never is.
    assert_eq!(pair.sent(), [(kind::DATA, 1, 5), (kind::RST_STREAM, 1, 4)]);
    assert!(pair.conn.bodies.are_all_sent());
    for reset in [false, true] {
        talk(&mut pair);
        pair.sent();
        let stream = pair.conn.next_id - 2;
        if reset {
            pair.say(&Frame::RstStream { stream, code: ErrorCode(8) });
        } else {
            pair.conn.expire(5, pair.now + 9, &mut pair.book);
        }
        pair.hear().unwrap();
        assert_eq!(pair.sent().len(), usize::from(!reset));
        assert!(pair.conn.bodies.are_all_sent());
    }
}
