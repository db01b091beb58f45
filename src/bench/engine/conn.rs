//! HTTP/2 as a client of many calls: bytes in, bytes out, and no I/O.

use std::collections::VecDeque;

use bytes::Bytes;
use percent_encoding::percent_decode;

use super::answers::{Answers, Block, GrpcStatus};
use super::requests::{Head, Requests};
use super::streams::{Stage, Stream, Streams};
use crate::bench::book::{Book, Noted};
use crate::bench::record::{Fault, Outcome};
use crate::bench::supply::Made;
use crate::http2::{
    Assembly, DEFAULT_MAX_FRAME_SIZE, Data, Error, ErrorCode, Frame, Head as FrameHead, MAX_WINDOW, PREFACE,
    Reader, Scope, Setting, Settings, flag, hpack, kind, setting, write_block, write_data,
};
use crate::session::Code;

/// How much a server may send on a stream before it hears that more is welcome.
const STREAM_WINDOW: u32 = (1 << 30) - 1;
/// The window of a connection, and of a stream, before anything is said of them (RFC 9113 §6.9.2).
const DEFAULT_WINDOW: u32 = 65_535;
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
    /// How much may be sent, on the connection and on a new stream.
    window: i64,
    initial_window: i64,
    max_frame: u32,
    /// Bodies that there is no room for.
    waiting: VecDeque<Body>,
    /// What was received since the server was last told that it may send more.
    received: u32,
    /// The last stream that the server looks at, and why it takes no more.
    leaving: Option<(u32, ErrorCode)>,
    /// How many calls were made on it.
    pub(super) calls: u64,
    /// No stream was sent before.
    oldest: u64,
    /// How many answers of this side's wait to be written, to what the server asks of the connection itself.
    owed: usize,
}

/// What is left of a body.
#[derive(Debug)]
struct Body {
    stream: u32,
    rest: Bytes,
    window: i64,
}

impl Conn {
    /// Begins a connection, on which as many streams are to be open at a time.
    pub(super) fn new(common: Common, wanted: usize) -> Self {
        let mut conn = Self {
            common,
            out: Vec::new(),
            reader: Reader::default(),
            assembly: Assembly::new(MAX_BLOCK),
            block: (0, false),
            answers: Answers::new(),
            requests: None,
            streams: Streams::new(wanted),
            wanted,
            allowed: None,
            next_id: 1,
            window: i64::from(DEFAULT_WINDOW),
            initial_window: i64::from(DEFAULT_WINDOW),
            max_frame: DEFAULT_MAX_FRAME_SIZE,
            waiting: VecDeque::new(),
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
        // A server that is sent more than it takes at once may think that it is attacked.
        if !self.waiting.is_empty() {
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
        let most = usize::try_from(self.max_frame).unwrap_or(usize::MAX);
        if block.len() <= most {
            let flags = flag::END_HEADERS | if is_empty { flag::END_STREAM } else { 0 };
            put(&mut self.out, kind::HEADERS, flags, id, block);
        } else {
            write_block(&mut self.out, id, block, is_empty, self.max_frame);
        }
        if !is_empty {
            let size = i64::try_from(call.body.len()).unwrap_or(i64::MAX);
            if size <= self.window && size <= self.initial_window && call.body.len() <= most {
                self.window -= size;
                put(&mut self.out, kind::DATA, flag::END_STREAM, id, &call.body);
            } else {
                let window = self.initial_window;
                self.waiting.push_back(Body { stream: id, rest: call.body.clone(), window });
                self.pump();
            }
        }
        let noted = Noted::new(due, now);
        self.streams.open_one(Stream { id, noted, ..Stream::default() });
        self.oldest = self.oldest.min(now);
        book.issued(&noted, call.messages);
    }

    /// Sends what there is room for, of bodies that wait for it.
    fn pump(&mut self) {
        for _ in 0..self.waiting.len() {
            let Some(mut body) = self.waiting.pop_front() else { return };
            let room = self.window.min(body.window).max(0);
            let size = usize::try_from(room).unwrap_or(usize::MAX).min(body.rest.len());
            if size > 0 {
                let piece = body.rest.split_to(size);
                let ends = body.rest.is_empty();
                write_data(&mut self.out, body.stream, &piece, ends, self.max_frame);
                let size = i64::try_from(size).unwrap_or(i64::MAX);
                self.window -= size;
                body.window -= size;
            }
            if !body.rest.is_empty() {
                self.waiting.push_back(body);
            }
        }
    }

    /// Takes what has come; what is no whole frame yet is left. After an error the connection is over.
    pub(super) fn receive(&mut self, bytes: &mut &[u8], now: u64, book: &mut Book) -> Result<(), Error> {
        loop {
            match self.reader.next(bytes) {
                Ok(Some(frame)) => self.frame(&frame, now, book)?,
                Ok(None) => return Ok(()),
                Err(Error { scope: Scope::Stream(id), code, .. }) => {
                    self.write(&Frame::RstStream { stream: id, code });
                    self.end(id, Outcome::Fault(Fault::Broken), now, book);
                }
                Err(error) => return Err(error),
            }
        }
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
                self.waiting.retain(|body| body.stream != stream);
                self.end(stream, Outcome::Fault(Fault::Reset(code)), now, book);
                Ok(())
            }
            Frame::Settings(settings) => self.settings(settings),
            Frame::Ping { ack: false, data } => self.owe(&Frame::Ping { ack: true, data }),
            Frame::GoAway { last_stream, code, .. } => {
                // Of two the later counts, and never takes more (RFC 9113 §6.8).
                let last = self.leaving.map_or(last_stream, |(before, _)| before.min(last_stream));
                self.leaving = Some((last, code));
                for stream in self.streams.close_if(|stream| stream.id > last) {
                    book.ended(&stream.noted, Outcome::Fault(Fault::GoAway(code)), now);
                }
                self.waiting.retain(|body| body.stream <= last);
                Ok(())
            }
            Frame::WindowUpdate { stream, increment } => self.more_room(stream, increment),
            Frame::PushPromise { .. } => Err(BROKEN),
            Frame::Priority(_) | Frame::SettingsAck | Frame::Ping { .. } | Frame::Unknown { .. } => Ok(()),
        }
    }

    fn settings(&mut self, settings: Settings<'_>) -> Result<(), Error> {
        settings.check()?;
        let mut table_size = None;
        for Setting { id, value } in settings.iter() {
            match id {
                setting::MAX_CONCURRENT_STREAMS => self.allowed = Some(value),
                setting::MAX_FRAME_SIZE => self.max_frame = value,
                setting::HEADER_TABLE_SIZE => table_size = Some(value),
                setting::INITIAL_WINDOW_SIZE => {
                    let more = i64::from(value) - self.initial_window;
                    self.initial_window = i64::from(value);
                    for body in &mut self.waiting {
                        body.window += more;
                    }
                }
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
        self.pump();
        Ok(())
    }

    /// Answers what the server asks of the connection itself.
    fn owe(&mut self, answer: &Frame<'_>) -> Result<(), Error> {
        self.owed += 1;
        if self.owed > MAX_OWED {
            return Err(CALM);
        }
        self.write(answer);
        Ok(())
    }

    fn more_room(&mut self, stream: u32, increment: u32) -> Result<(), Error> {
        let window = match stream {
            0 => Some(&mut self.window),
            _ => self.waiting.iter_mut().find(|body| body.stream == stream).map(|body| &mut body.window),
        };
        // A body that is sent needs no room.
        let Some(window) = window else { return Ok(()) };
        *window += i64::from(increment);
        if *window > i64::from(MAX_WINDOW) {
            return Err(BROKEN);
        }
        if !self.waiting.is_empty() {
            self.pump();
        }
        Ok(())
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
                Some(count) => book.messages(&mut stream.noted, count, now),
                None => {
                    self.give_up(data.stream, Fault::Broken, ErrorCode::CANCEL, now, book);
                    return;
                }
            },
            Stage::Foreign(_) => {}
            Stage::Asked => {
                self.give_up(data.stream, Fault::Broken, ErrorCode::PROTOCOL_ERROR, now, book);
                return;
            }
        }
        if data.end_stream {
            let outcome = match stream.stage {
                Stage::Foreign(http) => foreign(http),
                _ => Outcome::Fault(Fault::Broken),
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
            (Stage::Asked, true) if matches!(block.http, Some(100..200)) => Outcome::Fault(Fault::Broken),
            // A status of gRPC's own counts more than HTTP's (http-grpc-status-mapping.md).
            (Stage::Asked, true) => match (block.grpc, block.http) {
                (None, Some(http)) if http != 200 || !block.is_grpc => foreign(http),
                _ => of_trailers(&block, stream, one_answer),
            },
            (Stage::Asked, false) => {
                let http = block.http.unwrap_or_default();
                let is_own = http == 200 && block.is_grpc;
                stream.stage = if is_own { Stage::Answering } else { Stage::Foreign(http) };
                return;
            }
            (Stage::Foreign(http), _) => foreign(http),
            (Stage::Answering, true) => of_trailers(&block, stream, one_answer),
            (Stage::Answering, false) => {
                return self.give_up(id, Fault::Broken, ErrorCode::PROTOCOL_ERROR, now, book);
            }
        };
        self.end(id, outcome, now, book);
    }

    #[inline]
    fn end(&mut self, id: u32, outcome: Outcome, now: u64, book: &mut Book) {
        let Some(stream) = self.streams.close(id) else { return };
        book.ended(&stream.noted, outcome, now);
        if !self.waiting.is_empty() {
            self.forget_body(id);
        }
    }

    /// The rest of a body whose call is over is not sent; a server that still reads it hears why.
    #[cold]
    fn forget_body(&mut self, id: u32) {
        let before = self.waiting.len();
        self.waiting.retain(|body| body.stream != id);
        if self.waiting.len() < before {
            self.write(&Frame::RstStream { stream: id, code: ErrorCode::CANCEL });
        }
    }

    /// Ends a call from this side.
    #[cold]
    fn give_up(&mut self, id: u32, fault: Fault, code: ErrorCode, now: u64, book: &mut Book) {
        self.waiting.retain(|body| body.stream != id);
        self.write(&Frame::RstStream { stream: id, code });
        self.end(id, Outcome::Fault(fault), now, book);
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
            self.give_up(id, Fault::Deadline, ErrorCode::CANCEL, now, book);
        }
        self.oldest = self.streams.iter().map(|stream| stream.noted.sent).min().unwrap_or(u64::MAX);
    }

    /// The connection is over: no call that is under way will be.
    pub(super) fn lose(&mut self, broke: bool, now: u64, book: &mut Book) {
        let fault = match self.leaving {
            _ if broke => Fault::Broken,
            Some((_, code)) if code != ErrorCode::NO_ERROR => Fault::GoAway(code),
            _ => Fault::Lost,
        };
        for stream in self.streams.close_if(|_| true) {
            book.ended(&stream.noted, Outcome::Fault(fault), now);
        }
        self.waiting.clear();
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

/// What a server must not do, in one word for all of it: which it was is not told here.
const BROKEN: Error =
    Error { code: ErrorCode::PROTOCOL_ERROR, scope: Scope::Connection, what: "broken rules" };

/// A server that asks for signs of life, and does not take them.
const CALM: Error = Error {
    code: ErrorCode::ENHANCE_YOUR_CALM,
    scope: Scope::Connection,
    what: "the server asks for more than it takes",
};

#[inline]
fn put(out: &mut Vec<u8>, kind: u8, flags: u8, stream: u32, payload: &[u8]) {
    let length = u32::try_from(payload.len()).unwrap_or(u32::MAX);
    out.extend_from_slice(&FrameHead { length, kind, flags, stream }.to_bytes());
    out.extend_from_slice(payload);
}

/// What an HTTP status stands for that came without a status of gRPC's.
fn foreign(http: u16) -> Outcome {
    Outcome::Status(Code::from_http_number(http))
}

#[inline]
fn of_trailers(block: &Block, stream: &Stream, one_answer: bool) -> Outcome {
    match block.grpc {
        Some(GrpcStatus::Code(0)) => {
            let is_whole = stream.envelopes.is_between() && (!one_answer || stream.noted.messages == 1);
            if is_whole { Outcome::Status(Code::OK) } else { Outcome::Fault(Fault::Broken) }
        }
        Some(GrpcStatus::Code(code)) => Outcome::Status(Code(code)),
        Some(GrpcStatus::Garbled) | None => Outcome::Fault(Fault::Broken),
    }
}

#[cfg(test)]
mod tests;
