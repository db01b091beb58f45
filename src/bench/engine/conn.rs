//! HTTP/2 as a client of many calls: bytes in, bytes out, and no I/O.

use percent_encoding::percent_decode;

use super::answers::{Answers, Block, Content, GrpcStatus};
use super::bodies::{Bodies, DEFAULT_WINDOW, put};
use super::requests::{Head, Requests};
use super::streams::{Stage, Stream, Streams};
use crate::bench::book::{Book, Noted};
use crate::bench::load::Sending;
use crate::bench::record::{Fault, Outcome};
use crate::bench::supply::Made;
use crate::http2::{
    Assembly, Data, Error, ErrorCode, Frame, MAX_WINDOW, PREFACE, Reader, Scope, Setting, Settings, flag,
    hpack, kind, setting, write_block,
};
use crate::media::Codec;
use crate::session::Code;

/// How much a server may send on a stream before it hears that more is welcome.
const STREAM_WINDOW: u32 = (1 << 30) - 1;
/// The largest header block that is taken, which is as much as `call` takes.
const MAX_BLOCK: usize = 4 << 20;
/// How much a server may ask for without taking what it gets.
const MAX_OWED: usize = 10_000;
/// The last id that a stream is given: a connection on which there are no more is replaced (RFC 9113 §5.1.1).
const LAST_ID: u32 = MAX_WINDOW - 2;

/// What all calls of a run have in common.
#[derive(Debug, Clone)]
pub struct Common {
    /// Their header fields.
    pub head: Head,
    /// Whether each is answered with one message.
    pub one_answer: bool,
    /// When the messages of a call are sent.
    pub sending: Sending,
    /// How messages are written.
    pub codec: Codec,
}

/// One connection.
#[derive(Debug)]
pub(super) struct Conn {
    common: Common,
    /// What is to be written.
    pub(super) out: Vec<u8>,
    reader: Reader,
    assembly: Assembly,
    /// The stream whose header block is coming, and whether nothing follows it.
    block: (u32, bool),
    answers: Answers,
    /// None before the server's SETTINGS have come.
    requests: Option<Requests>,
    streams: Streams,
    /// How many streams are to be open at a time.
    wanted: usize,
    /// How many the server takes.
    allowed: Option<u32>,
    next_id: u32,
    /// What is still to be sent of calls.
    bodies: Bodies,
    /// What was received since the server was last told that it may send more.
    received: u32,
    /// The last stream that the server looks at, and why it takes no more.
    leaving: Option<(u32, ErrorCode)>,
    /// How many calls were made on it.
    pub(super) calls: u64,
    /// No stream was sent before.
    oldest: u64,
    /// How many answers of this side's wait to be written, to what the server makes it say.
    owed: usize,
}

impl Conn {
    /// Begins a connection, on which as many streams are to be open at a time.
    pub(super) fn new(common: Common, wanted: usize) -> Self {
        let codec = common.codec;
        let mut conn = Self {
            common,
            out: Vec::new(),
            reader: Reader::default(),
            assembly: Assembly::new(MAX_BLOCK),
            block: (0, false),
            answers: Answers::new(codec),
            requests: None,
            streams: Streams::new(wanted),
            wanted,
            allowed: None,
            next_id: 1,
            bodies: Bodies::new(),
            received: 0,
            leaving: None,
            calls: 0,
            oldest: u64::MAX,
            owed: 0,
        };
        conn.out.extend_from_slice(PREFACE);
        let settings = [
            Setting { id: setting::ENABLE_PUSH, value: 0 },
            Setting { id: setting::INITIAL_WINDOW_SIZE, value: STREAM_WINDOW },
        ];
        conn.write(&Frame::Settings(Settings::of(&settings.map(Setting::to_bytes))));
        conn.write(&Frame::WindowUpdate { stream: 0, increment: MAX_WINDOW - DEFAULT_WINDOW });
        conn
    }

    /// Frames of this side's have room: they are short.
    fn write(&mut self, frame: &Frame<'_>) {
        let _ = frame.write(&mut self.out);
    }

    /// Whether the server's SETTINGS have come.
    pub(super) fn is_settled(&self) -> bool {
        self.requests.is_some()
    }

    /// How many streams the server takes at a time, if it said so.
    pub(super) fn allowed(&self) -> Option<u32> {
        self.allowed
    }

    /// How many calls are under way.
    pub(super) fn open(&self) -> usize {
        self.streams.open()
    }

    /// How many more may be.
    #[inline]
    pub(super) fn room(&self) -> usize {
        if self.leaving.is_some() || self.requests.is_none() || self.next_id > LAST_ID {
            return 0;
        }
        let allowed =
            self.allowed.map_or(usize::MAX, |allowed| usize::try_from(allowed).unwrap_or(usize::MAX));
        // What is begun where nothing can be sent only waits. One that waits for its own stream's window keeps nobody else.
        if self.bodies.are_held_up() {
            return 0;
        }
        let ids = usize::try_from((LAST_ID - self.next_id) / 2 + 1).unwrap_or(usize::MAX);
        self.wanted.min(allowed).saturating_sub(self.streams.open()).min(ids)
    }

    /// Whether it takes no more calls, for good.
    pub(super) fn is_leaving(&self) -> bool {
        self.leaving.is_some() || self.next_id > LAST_ID
    }

    /// Begins a call, for which there has to be room.
    #[inline]
    pub(super) fn begin(&mut self, call: &Made, due: u64, now: u64, book: &mut Book) {
        let Some(requests) = &mut self.requests else { return };
        let id = self.next_id;
        self.next_id += 2;
        self.calls += 1;
        let is_empty = call.body.is_empty();
        let block = requests.block(&call.fields);
        let most = self.bodies.max_frame();
        if u32::try_from(block.len()).is_ok_and(|size| size <= most) {
            let flags = flag::END_HEADERS | if is_empty { flag::END_STREAM } else { 0 };
            put(&mut self.out, kind::HEADERS, flags, id, block);
        } else {
            write_block(&mut self.out, id, block, is_empty, most);
        }
        match self.common.sending {
            _ if is_empty => {}
            Sending::AtOnce => self.bodies.send(&mut self.out, id, &call.body),
            Sending::PingPong => self.bodies.begin(&mut self.out, id, call.body.clone()),
        }
        let noted = Noted::new(due, now, self.common.sending, call.messages);
        self.streams.open_one(Stream { id, noted, ..Stream::default() });
        self.oldest = self.oldest.min(now);
        book.issued(&noted, call.messages);
    }

    /// Takes what has come; what is no whole frame yet is left. After an error the connection is over.
    pub(super) fn receive(&mut self, bytes: &mut &[u8], now: u64, book: &mut Book) -> Result<(), Error> {
        loop {
            match self.reader.next(bytes) {
                Ok(Some(frame)) => self.frame(&frame, now, book)?,
                Ok(None) => return Ok(()),
                Err(error) => self.wrong(error, now, book)?,
            }
        }
    }

    /// A frame broke the rules: its call is over, or the connection.
    #[cold]
    fn wrong(&mut self, error: Error, now: u64, book: &mut Book) -> Result<(), Error> {
        let Scope::Stream(id) = error.scope else { return Err(error) };
        if id >= self.next_id || id.is_multiple_of(2) {
            // Nobody opened it, and nothing may be said on it (RFC 9113 §5.1).
            return Err(Error { scope: Scope::Connection, ..error });
        }
        // On one that is over it changes nothing.
        if self.streams.get(id).is_some() {
            self.bodies.forget(id);
            self.owe(&Frame::RstStream { stream: id, code: error.code })?;
            self.end(id, broken(error.what, book), now, book);
        }
        Ok(())
    }

    #[inline]
    fn frame(&mut self, frame: &Frame<'_>, now: u64, book: &mut Book) -> Result<(), Error> {
        match *frame {
            Frame::Data(data) => {
                self.data(&data, now, book);
                Ok(())
            }
            Frame::Headers(headers) => {
                let (stream, ends) = (headers.block.stream, headers.end_stream);
                // Most come in one piece.
                if headers.block.ends {
                    let block = self.answers.read(headers.block.fragment)?;
                    self.headers(stream, block, ends, now, book);
                    return Ok(());
                }
                self.block = (stream, ends);
                self.assembly.push(headers.block)?;
                Ok(())
            }
            Frame::Continuation(piece) => {
                if let Some(block) = self.assembly.push(piece)? {
                    let block = self.answers.read(block)?;
                    let (stream, ends) = self.block;
                    self.headers(stream, block, ends, now, book);
                }
                Ok(())
            }
            Frame::RstStream { stream, code } => {
                // Nothing is said on it any more, not even that (RFC 9113 §5.4.2).
                self.bodies.forget(stream);
                self.end(stream, Outcome::Fault(Fault::Reset(code)), now, book);
                Ok(())
            }
            Frame::Settings(settings) => self.settings(settings),
            Frame::Ping { ack: false, data } => self.owe(&Frame::Ping { ack: true, data }),
            Frame::GoAway { last_stream, code, debug } => {
                book.why(Fault::GoAway(code), &String::from_utf8_lossy(debug));
                // Of two the later counts, and never takes more (RFC 9113 §6.8).
                let last = self.leaving.map_or(last_stream, |(before, _)| before.min(last_stream));
                self.leaving = Some((last, code));
                for stream in self.streams.close_if(|stream| stream.id > last) {
                    book.ended(&stream.noted, Outcome::Fault(Fault::GoAway(code)), now);
                }
                self.bodies.forget_if(|stream| stream > last);
                Ok(())
            }
            Frame::WindowUpdate { stream, increment } => self.more_room(stream, increment),
            Frame::PushPromise { .. } => Err(PUSHED),
            Frame::Priority(_) | Frame::SettingsAck | Frame::Ping { .. } | Frame::Unknown { .. } => Ok(()),
        }
    }

    fn settings(&mut self, settings: Settings<'_>) -> Result<(), Error> {
        settings.check()?;
        let mut table_size = None;
        for Setting { id, value } in settings.iter() {
            match id {
                setting::MAX_CONCURRENT_STREAMS => self.allowed = Some(value),
                setting::MAX_FRAME_SIZE => self.bodies.take_frames(value),
                setting::HEADER_TABLE_SIZE => table_size = Some(value),
                setting::INITIAL_WINDOW_SIZE => self.bodies.begin_windows_with(value),
                _ => {}
            }
        }
        let size = |size: u32| usize::try_from(size).unwrap_or(usize::MAX);
        match (&mut self.requests, table_size) {
            (requests @ None, said) => {
                let table_size = size(said.unwrap_or(hpack::DEFAULT_TABLE_SIZE));
                *requests = Some(Requests::new(self.common.head.clone(), table_size));
            }
            (Some(requests), Some(said)) => requests.resize(size(said)),
            (Some(_), None) => {}
        }
        self.owe(&Frame::SettingsAck)?;
        self.bodies.pump(&mut self.out);
        Ok(())
    }

    /// Answers what the server makes this side say.
    fn owe(&mut self, answer: &Frame<'_>) -> Result<(), Error> {
        self.owed += 1;
        if self.owed > MAX_OWED {
            return Err(CALM);
        }
        self.write(answer);
        Ok(())
    }

    fn more_room(&mut self, stream: u32, increment: u32) -> Result<(), Error> {
        let can_be = self.bodies.more_room(&mut self.out, stream, increment);
        if can_be { Ok(()) } else { Err(TOO_WIDE) }
    }

    #[inline]
    fn data(&mut self, data: &Data<'_>, now: u64, book: &mut Book) {
        let flow = u32::try_from(data.flow()).unwrap_or(u32::MAX);
        self.received = self.received.saturating_add(flow);
        if self.received > MAX_WINDOW / 2 {
            let increment = std::mem::take(&mut self.received);
            self.write(&Frame::WindowUpdate { stream: 0, increment });
        }
        // What comes for a stream that was given up is passed over.
        let Some(stream) = self.streams.get(data.stream) else { return };
        match stream.stage {
            Stage::Answering => match stream.envelopes.push(data.data) {
                Some(0) => {}
                Some(count) => {
                    let next = book.messages(&mut stream.noted, count, now);
                    self.bodies.go_on(&mut self.out, data.stream, next);
                }
                None => {
                    let outcome = broken("there is something else where a message should begin", book);
                    self.give_up(data.stream, outcome, ErrorCode::CANCEL, now, book);
                    return;
                }
            },
            Stage::Foreign(_) => {}
            Stage::Asked => {
                let outcome = broken("DATA comes before headers", book);
                self.give_up(data.stream, outcome, ErrorCode::PROTOCOL_ERROR, now, book);
                return;
            }
        }
        if data.end_stream {
            let outcome = match stream.stage {
                Stage::Foreign(http) => no_answer(http, Content::Foreign),
                _ => broken(NO_STATUS, book),
            };
            self.end(data.stream, outcome, now, book);
            return;
        }
        stream.received = stream.received.saturating_add(flow);
        if stream.received > STREAM_WINDOW / 2 {
            let increment = std::mem::take(&mut stream.received);
            self.write(&Frame::WindowUpdate { stream: data.stream, increment });
        }
    }

    #[inline]
    fn headers(&mut self, id: u32, block: Block, ends: bool, now: u64, book: &mut Book) {
        let one_answer = self.common.one_answer;
        if let Some((code, said)) = self.answers.said() {
            book.said(Code(code), &percent_decode(&said).decode_utf8_lossy());
        }
        let Some(stream) = self.streams.get(id) else { return };
        let outcome = match (stream.stage, ends) {
            (Stage::Asked, false) if matches!(block.http, Some(100..200)) => return,
            (Stage::Asked, true) if matches!(block.http, Some(100..200)) => {
                broken("the server ended its answer with an interim one", book)
            }
            // A status of gRPC's own counts more than HTTP's (http-grpc-status-mapping.md).
            (Stage::Asked, true) => match (block.grpc, block.http) {
                (None, Some(http)) if http != 200 || block.content != Content::Own => {
                    no_answer(http, block.content)
                }
                _ => of_trailers(&block, stream, one_answer).unwrap_or_else(|what| broken(what, book)),
            },
            (Stage::Asked, false) => {
                let http = block.http.unwrap_or_default();
                match block.content {
                    Content::Own if http == 200 => stream.stage = Stage::Answering,
                    Content::OtherCodec if http == 200 => {
                        let outcome = no_answer(http, block.content);
                        return self.give_up(id, outcome, ErrorCode::CANCEL, now, book);
                    }
                    _ => stream.stage = Stage::Foreign(http),
                }
                return;
            }
            (Stage::Foreign(http), _) => no_answer(http, Content::Foreign),
            (Stage::Answering, true) => {
                of_trailers(&block, stream, one_answer).unwrap_or_else(|what| broken(what, book))
            }
            (Stage::Answering, false) => {
                let outcome = broken("headers come in the middle of an answer", book);
                return self.give_up(id, outcome, ErrorCode::PROTOCOL_ERROR, now, book);
            }
        };
        self.end(id, outcome, now, book);
    }

    #[inline]
    fn end(&mut self, id: u32, outcome: Outcome, now: u64, book: &mut Book) {
        let Some(stream) = self.streams.close(id) else { return };
        book.ended(&stream.noted, outcome, now);
        // The rest of a body whose call is over is not sent; a server that still reads it hears why.
        if !self.bodies.are_all_sent() && self.bodies.forget(id) {
            self.write(&Frame::RstStream { stream: id, code: ErrorCode::CANCEL });
        }
    }

    /// Ends a call from this side.
    #[cold]
    fn give_up(&mut self, id: u32, outcome: Outcome, code: ErrorCode, now: u64, book: &mut Book) {
        self.bodies.forget(id);
        self.write(&Frame::RstStream { stream: id, code });
        self.end(id, outcome, now, book);
    }

    /// When the first of the calls that are under way is out of time, at the earliest.
    pub(super) fn expires(&self, timeout: u64) -> Option<u64> {
        (self.oldest != u64::MAX).then(|| self.oldest.saturating_add(timeout))
    }

    /// Gives up calls that are out of time.
    pub(super) fn expire(&mut self, timeout: u64, now: u64, book: &mut Book) {
        let late: Vec<u32> = self
            .streams
            .iter()
            .filter(|stream| stream.noted.sent.saturating_add(timeout) <= now)
            .map(|stream| stream.id)
            .collect();
        for id in late {
            self.give_up(id, Outcome::Fault(Fault::Deadline), ErrorCode::CANCEL, now, book);
        }
        self.oldest = self.streams.iter().map(|stream| stream.noted.sent).min().unwrap_or(u64::MAX);
    }

    /// The connection is over, for what is said in words: no call that is under way will be.
    pub(super) fn lose(&mut self, (broke, why): (bool, &str), now: u64, book: &mut Book) {
        let fault = match self.leaving {
            _ if broke => Fault::Broken,
            Some((_, code)) if code != ErrorCode::NO_ERROR => Fault::GoAway(code),
            _ => Fault::Lost,
        };
        // What a GOAWAY says of it is said with that.
        if self.open() > 0 && !matches!(fault, Fault::GoAway(_)) {
            book.why(fault, why);
        }
        for stream in self.streams.close_if(|_| true) {
            book.ended(&stream.noted, Outcome::Fault(fault), now);
        }
        self.bodies.forget_if(|_| true);
    }

    /// All that there was to be written is.
    #[inline]
    pub(super) fn written(&mut self) {
        self.out.clear();
        self.owed = 0;
    }

    /// Takes leave of the server.
    pub(super) fn leave(&mut self, code: ErrorCode) {
        self.write(&Frame::GoAway { last_stream: 0, code, debug: &[] });
    }
}

/// A server that pushes, though it was told not to (RFC 9113 §6.6).
const PUSHED: Error = Error {
    code: ErrorCode::PROTOCOL_ERROR,
    scope: Scope::Connection,
    what: "PUSH_PROMISE where none may be",
};

/// Windows beyond what there can be (RFC 9113 §6.9.1).
const TOO_WIDE: Error = Error {
    code: ErrorCode::FLOW_CONTROL_ERROR,
    scope: Scope::Connection,
    what: "WINDOW_UPDATE beyond the largest window",
};

/// What is said of an answer without trailers, or whose trailers say nothing.
const NO_STATUS: &str = "the server ended its answer without a grpc-status";

/// How a call ends whose answer broke the rules, which is noted.
#[cold]
fn broken(what: &str, book: &mut Book) -> Outcome {
    book.why(Fault::Broken, what);
    Outcome::Fault(Fault::Broken)
}

/// A server that asks for signs of life, and does not take them.
const CALM: Error = Error {
    code: ErrorCode::ENHANCE_YOUR_CALM,
    scope: Scope::Connection,
    what: "the server asks for more than it takes",
};

/// What an answer stands for that is none, and came without a status of gRPC's. An HTTP status stands for one of those
/// where the answer is not gRPC's (http-grpc-status-mapping.md); one in another codec is, and can't be read
/// (statuscodes.md: "Error parsing response protocol buffer").
fn no_answer(http: u16, content: Content) -> Outcome {
    Outcome::Status(match content {
        Content::OtherCodec if http == 200 => Code::INTERNAL,
        _ => Code::from_http_number(http),
    })
}

/// What trailers say, or what is wrong with them.
#[inline]
fn of_trailers(block: &Block, stream: &Stream, one_answer: bool) -> Result<Outcome, &'static str> {
    match block.grpc {
        Some(GrpcStatus::Code(0)) if !stream.envelopes.is_between() => {
            Err("the server said OK in the middle of a message")
        }
        Some(GrpcStatus::Code(0)) if one_answer && stream.noted.messages == 0 => {
            Err("the server said OK and sent no message, where the method answers with one")
        }
        Some(GrpcStatus::Code(0)) if one_answer && stream.noted.messages > 1 => {
            Err("the server sent several messages, where the method answers with one")
        }
        Some(GrpcStatus::Code(code)) => Ok(Outcome::Status(Code(code))),
        Some(GrpcStatus::Garbled) => Err("the server's grpc-status is no number"),
        None => Err(NO_STATUS),
    }
}

#[cfg(test)]
mod tests;
