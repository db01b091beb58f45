//! HTTP/2 of one connection, without I/O: bytes come in, answers go out.

use rpcctl::http2::hpack::{DEFAULT_TABLE_SIZE, Decoder};
use rpcctl::http2::{
    Assembly, Data, Error, ErrorCode, Frame, Headers, MAX_WINDOW, PREFACE, Reader, Scope, Setting, Settings,
    setting,
};

use crate::answers::{Answers, Message};
use crate::faults::{Fate, Ledger};
use crate::streams::Streams;

/// More than a client that is measured has at once.
const MAX_STREAMS: u32 = 1_000_000;
/// More than the header blocks of a request need.
const MAX_BLOCK: usize = 1 << 16;
/// What a connection's window is before it is widened (RFC 9113 §6.9.2).
const DEFAULT_WINDOW: u32 = 65_535;

/// One side of a connection, the server's.
pub(crate) struct Connection {
    /// What came of a frame that is not there whole.
    rest: Vec<u8>,
    phase: Phase,
    reader: Reader,
    assembly: Assembly,
    decoder: Decoder,
    /// A header block that left the table as it was: it need not be read twice in a row.
    known: Vec<u8>,
    /// The stream whose header block is coming, and whether the block is all that comes on it.
    heading: (u32, bool),
    streams: Streams,
    answers: Answers,
    requests: u64,
    /// What came since the connection's window was widened last.
    received: u32,
    /// The client takes more than it did.
    widened: bool,
}

/// How far a connection is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Preface,
    Open,
    /// GOAWAY was said: what came up to this stream is answered.
    Leaving(u32),
    /// The client broke HTTP/2: nothing is read any more.
    Broken,
}

/// What a request is answered with, and where it is counted.
pub(crate) struct Desk {
    pub(crate) message: Message,
    pub(crate) ledger: Ledger,
}

impl Connection {
    /// One that has said its settings, in `out`.
    pub(crate) fn new(out: &mut Vec<u8>) -> Self {
        let settings =
            [(setting::MAX_CONCURRENT_STREAMS, MAX_STREAMS), (setting::INITIAL_WINDOW_SIZE, MAX_WINDOW)]
                .map(|(id, value)| Setting { id, value }.to_bytes());
        put(out, &Frame::Settings(Settings::of(&settings)));
        put(out, &Frame::WindowUpdate { stream: 0, increment: MAX_WINDOW - DEFAULT_WINDOW });
        Self {
            rest: Vec::new(),
            phase: Phase::Preface,
            reader: Reader::default(),
            assembly: Assembly::new(MAX_BLOCK),
            decoder: Decoder::new(MAX_BLOCK),
            known: Vec::new(),
            heading: (0, false),
            streams: Streams::default(),
            answers: Answers::default(),
            requests: 0,
            received: 0,
            widened: false,
        }
    }

    /// Whether nothing more is going to be said.
    pub(crate) fn is_over(&self) -> bool {
        match self.phase {
            Phase::Preface | Phase::Open => false,
            Phase::Leaving(_) => self.streams.are_over(),
            Phase::Broken => true,
        }
    }

    /// Takes what has come, and puts what there is to say to it into `out`.
    pub(crate) fn receive(&mut self, bytes: &[u8], desk: &mut Desk, out: &mut Vec<u8>) {
        if self.rest.is_empty() {
            let taken = self.frames(bytes, desk, out);
            self.rest.extend_from_slice(bytes.get(taken..).unwrap_or_default());
        } else {
            let mut all = std::mem::take(&mut self.rest);
            all.extend_from_slice(bytes);
            let taken = self.frames(&all, desk, out);
            all.drain(..taken);
            self.rest = all;
        }
        if std::mem::take(&mut self.widened) {
            self.streams.go_on(&mut self.answers, &desk.message, out);
        }
    }

    /// Reads all frames that are there whole, and says how many bytes they were.
    fn frames(&mut self, bytes: &[u8], desk: &mut Desk, out: &mut Vec<u8>) -> usize {
        let mut rest = bytes;
        if self.phase == Phase::Preface {
            match rest.strip_prefix(PREFACE) {
                Some(frames) => (rest, self.phase) = (frames, Phase::Open),
                None if PREFACE.starts_with(rest) => return 0,
                None => self.end(ErrorCode::PROTOCOL_ERROR, b"no preface", desk, out),
            }
        }
        while self.phase != Phase::Broken {
            let done = match self.reader.next(&mut rest) {
                Ok(Some(frame)) => self.frame(&frame, desk, out),
                Ok(None) => return bytes.len() - rest.len(),
                Err(error) => Err(error),
            };
            match done {
                Ok(()) => {}
                Err(Error { scope: Scope::Connection, code, what }) => {
                    self.end(code, what.as_bytes(), desk, out);
                }
                Err(Error { scope: Scope::Stream(stream), code, .. }) => {
                    self.streams.remove(stream);
                    put(out, &Frame::RstStream { stream, code });
                }
            }
        }
        bytes.len()
    }

    fn frame(&mut self, frame: &Frame<'_>, desk: &mut Desk, out: &mut Vec<u8>) -> Result<(), Error> {
        match frame {
            Frame::Data(data) => self.data(*data, desk, out)?,
            Frame::Headers(headers) => self.headers(*headers, desk, out)?,
            Frame::Continuation(_) => self.block(frame, desk, out)?,
            Frame::Settings(settings) => self.settings(*settings, out)?,
            Frame::Ping { ack: false, data } => put(out, &Frame::Ping { ack: true, data: *data }),
            Frame::WindowUpdate { stream, increment } => self.widen(*stream, *increment)?,
            Frame::RstStream { stream, .. } => {
                if self.streams.remove(*stream).is_some() {
                    desk.ledger.cancelled();
                }
            }
            Frame::PushPromise { .. } => return Err(broken("a client pushes")),
            Frame::Priority(_)
            | Frame::SettingsAck
            | Frame::Ping { ack: true, .. }
            | Frame::GoAway { .. }
            | Frame::Unknown { .. } => {}
        }
        Ok(())
    }

    fn data(&mut self, data: Data<'_>, desk: &mut Desk, out: &mut Vec<u8>) -> Result<(), Error> {
        let Data { stream, end_stream, .. } = data;
        let size = u32::try_from(data.flow()).unwrap_or(u32::MAX);
        self.received = self.received.saturating_add(size);
        if self.received > MAX_WINDOW / 2 {
            let increment = std::mem::take(&mut self.received);
            put(out, &Frame::WindowUpdate { stream: 0, increment });
        }
        if stream > self.streams.highest() && !self.ignores(stream) {
            return Err(broken("DATA on a stream that nobody opened"));
        }
        if !self.streams.takes(stream) {
            // It came after the stream was reset, or belongs to one that is ignored.
            return Ok(());
        }
        if end_stream {
            self.answer(stream, desk, out);
        } else if let Some(increment) = self.streams.receive(stream, size) {
            put(out, &Frame::WindowUpdate { stream, increment });
        }
        Ok(())
    }

    fn headers(&mut self, headers: Headers<'_>, desk: &mut Desk, out: &mut Vec<u8>) -> Result<(), Error> {
        self.heading = (headers.block.stream, headers.end_stream);
        self.block(&Frame::Headers(headers), desk, out)
    }

    /// A piece of a header block. All of them are read, also those of streams that are not: the table is one.
    fn block(&mut self, piece: &Frame<'_>, desk: &mut Desk, out: &mut Vec<u8>) -> Result<(), Error> {
        let Some(piece) = piece.block() else { return Ok(()) };
        let Some(block) = self.assembly.push(piece)? else { return Ok(()) };
        if block != self.known || block.is_empty() {
            let told = self.decoder.decode(block, |_| {})?;
            self.known.clear();
            if !told.changed {
                self.known.extend_from_slice(block);
            }
        }
        let (stream, ends) = self.heading;
        if stream > self.streams.highest() {
            return self.begin(stream, ends, desk, out);
        }
        if self.streams.takes(stream) {
            if !ends {
                return Err(broken("trailers that are not the end"));
            }
            self.answer(stream, desk, out);
        }
        Ok(())
    }

    fn begin(&mut self, stream: u32, ends: bool, desk: &mut Desk, out: &mut Vec<u8>) -> Result<(), Error> {
        if stream.is_multiple_of(2) {
            return Err(broken("a client opens streams of odd numbers"));
        }
        if self.ignores(stream) {
            desk.ledger.ignored();
            return Ok(());
        }
        self.streams.begin(stream, ends);
        self.requests += 1;
        if desk.ledger.goes_away(self.requests) {
            self.phase = Phase::Leaving(stream);
            put(out, &Frame::GoAway { last_stream: stream, code: ErrorCode::NO_ERROR, debug: b"as told" });
        }
        if ends {
            self.reply(stream, 0, desk, out);
        }
        Ok(())
    }

    /// Whether the stream came after the last one that is looked at.
    fn ignores(&self, stream: u32) -> bool {
        matches!(self.phase, Phase::Leaving(last) if stream > last)
    }

    /// Answers a request that was open until now.
    fn answer(&mut self, stream: u32, desk: &mut Desk, out: &mut Vec<u8>) {
        if let Some(granted) = self.streams.remove(stream) {
            self.reply(stream, granted, desk, out);
        }
    }

    fn reply(&mut self, stream: u32, granted: i64, desk: &mut Desk, out: &mut Vec<u8>) {
        match desk.ledger.decide() {
            Fate::Answered => self.streams.answer(stream, granted, &mut self.answers, &desk.message, out),
            Fate::Failed => self.answers.failed(out, stream),
            Fate::Reset => put(out, &Frame::RstStream { stream, code: ErrorCode::REFUSED_STREAM }),
        }
    }

    fn settings(&mut self, settings: Settings<'_>, out: &mut Vec<u8>) -> Result<(), Error> {
        settings.check()?;
        for Setting { id, value } in settings.iter() {
            match id {
                setting::HEADER_TABLE_SIZE => {
                    let size = value.min(DEFAULT_TABLE_SIZE);
                    self.answers.resize(usize::try_from(size).unwrap_or(usize::MAX));
                }
                setting::INITIAL_WINDOW_SIZE => {
                    self.streams.resize(value);
                    self.widened = true;
                }
                // No frame is longer than the least that MAX_FRAME_SIZE can be.
                _ => {}
            }
        }
        put(out, &Frame::SettingsAck);
        Ok(())
    }

    fn widen(&mut self, stream: u32, increment: u32) -> Result<(), Error> {
        self.widened = true;
        if self.streams.widen(stream, increment) {
            return Ok(());
        }
        let scope = if stream == 0 { Scope::Connection } else { Scope::Stream(stream) };
        Err(Error { code: ErrorCode::FLOW_CONTROL_ERROR, scope, what: "a window is wider than one can be" })
    }

    fn end(&mut self, code: ErrorCode, debug: &[u8], desk: &mut Desk, out: &mut Vec<u8>) {
        desk.ledger.broken();
        self.phase = Phase::Broken;
        put(out, &Frame::GoAway { last_stream: self.streams.highest(), code, debug });
    }
}

fn broken(what: &'static str) -> Error {
    Error { code: ErrorCode::PROTOCOL_ERROR, scope: Scope::Connection, what }
}

/// Adds a frame to what is to be said.
fn put(out: &mut Vec<u8>, frame: &Frame<'_>) {
    // What is refused is longer than a frame can be, and nothing here is.
    let written = frame.write(out);
    debug_assert_eq!(written, Ok(()));
}
