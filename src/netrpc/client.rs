//! Calls on one connection: requests go out without waiting for answers, answers come in whatever order the server has
//! them ready. Writing never waits for reading, nor reading for writing.

use std::collections::{HashMap, VecDeque};
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::{Buf as _, BytesMut};
use futures_core::Stream;
use tokio::io::{AsyncRead as _, AsyncWrite as _, ReadBuf};
use tokio::time::{Sleep, sleep, timeout};

use super::answer::{Answer, Codec, MalformedAnswer, Reader, Reply};
use super::gob::TypeRef;
use super::handshake::{Connect, HandshakeError};
use super::request::Request;
use crate::transport::{self, Dialer, Established, Facts, Target};

/// How a net/rpc server is reached.
#[derive(Debug, Clone)]
pub struct ServerPlan {
    /// Where it is.
    pub target: Target,
    /// How values are written.
    pub codec: Codec,
    /// The CONNECT that comes first, where gob goes over HTTP.
    pub connect: Option<Connect>,
}

/// A net/rpc server that can be called.
#[derive(Clone)]
pub struct Client {
    pub(super) dialer: Arc<Dialer>,
    /// How values are written.
    pub codec: Codec,
    pub(super) connect: Option<Connect>,
}

impl Client {
    /// A client for the server, for whoever waits until the deadline. The files that the plan names are read; each
    /// row of calls makes a connection of its own.
    pub fn open(plan: ServerPlan, deadline: Option<Instant>) -> Result<Self, transport::Error> {
        let ServerPlan { target, codec, connect } = plan;
        Ok(Self { dialer: Arc::new(Dialer::open(target, deadline)?), codec, connect })
    }

    /// Connects, and leaves again.
    pub async fn reach(&self) -> Result<(), transport::Error> {
        Established::open(&self.dialer).await.map(drop)
    }
}

/// What a row of calls needs besides its requests.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// How many calls may await their answers at a time; at least one.
    pub max_in_flight: usize,
    /// The largest answer that is taken, in bytes.
    pub max_message_size: usize,
    /// Whether each answer is read as soon as it can be, however many more are to come: for who measures that.
    pub hurries: bool,
}

/// What happens during a row of calls.
#[derive(Debug)]
pub enum Event {
    /// The connection is made.
    Connected(Facts),
    /// The server answered the CONNECT as Go does.
    Upgraded,
    /// A request was handed to the connection.
    Sent {
        /// Its number.
        seq: u64,
        /// Its size in bytes.
        size: usize,
        /// Its argument, where that is to be told.
        argument: Option<Reply>,
    },
    /// There are no more requests.
    AllSent,
    /// An answer came.
    Answered {
        /// The answer.
        answer: Answer,
        /// The type of what was sent, where it had one.
        sent: Option<TypeRef>,
    },
    /// It is over; nothing follows.
    End(Ending),
}

/// How a row of calls ended.
#[derive(Debug)]
pub enum Ending {
    /// Every request was answered.
    Complete,
    /// The connection was lost, or closed by the server, with so many requests unanswered.
    Lost {
        /// How many.
        unanswered: usize,
        /// Whether the server had said anything at all.
        heard: bool,
        /// What the system says; the server's closing is none of its errors.
        error: Option<io::Error>,
    },
    /// What came can't be read.
    Malformed(MalformedAnswer),
}

/// Why there were no calls.
#[derive(Debug, thiserror::Error)]
pub enum Error<E> {
    /// The stream of requests failed.
    #[error("the requests failed")]
    Requests(E),
    /// There is no connection.
    #[error(transparent)]
    Connection(transport::Error),
    /// The server does not speak net/rpc over HTTP.
    #[error(transparent)]
    Handshake(#[from] HandshakeError),
}

/// Bytes that may wait to be written before more requests are taken.
const WRITE_AHEAD: usize = 64 << 10;
/// So many calls await their answers that the first is not worth hurrying for.
const MANY: usize = 64;
/// How long to leave them alone then: too short for a signal or a deadline to notice.
const REST: Duration = Duration::from_micros(80);
/// How much is read at once.
const CHUNK: usize = 64 << 10;
/// How many events may wait to be asked for before more is read.
const EVENTS_AHEAD: usize = 512;
/// How much memory answers may take that wait to be asked for, before more are looked at.
const MEMORY_AHEAD: usize = 1 << 20;
/// How long the place of a call that was answered may stay empty until others are too, so that requests go out
/// together: a packet costs either side more than a request does.
const LINGER: Duration = Duration::from_millis(1);

/// Calls under way. Ask [`Calls::next`] until it gives nothing more; dropping it closes the connection.
pub struct Calls<R, E> {
    state: State<R, E>,
    events: VecDeque<Event>,
}

type Opening<R, E> = Pin<Box<dyn Future<Output = Result<Opened<R, E>, Error<E>>> + Send>>;

enum State<R, E> {
    Opening(Opening<R, E>),
    Open(Box<Pipe<R, E>>),
    Done,
}

/// A connection that is made, and what there is to tell of that.
struct Opened<R, E> {
    pipe: Box<Pipe<R, E>>,
    facts: Facts,
    upgraded: bool,
}

impl<R, E> Calls<R, E>
where
    R: Stream<Item = Result<Request, E>> + Send + Unpin + 'static,
    E: Send + 'static,
{
    /// Begins to connect and to call, which goes on as events are asked for.
    pub fn begin(client: Client, limits: Limits, requests: R) -> Self {
        let opening = open(client, limits, requests);
        Self { state: State::Opening(Box::pin(opening)), events: VecDeque::new() }
    }

    /// How many bytes were written on the connection, and how many read, while calls were under way.
    pub fn carried(&self) -> [u64; 2] {
        match &self.state {
            State::Open(pipe) => pipe.carried,
            State::Opening(_) | State::Done => [0; 2],
        }
    }

    /// The next event; nothing after the End, or after an error.
    /// Safe to cancel: no event is lost when the future is dropped.
    pub async fn next(&mut self) -> Option<Result<Event, Error<E>>> {
        loop {
            if let Some(event) = self.events.pop_front() {
                return Some(Ok(event));
            }
            let result = match &mut self.state {
                State::Opening(opening) => match opening.await {
                    Ok(Opened { pipe, facts, upgraded }) => {
                        self.events.push_back(Event::Connected(facts));
                        self.events.extend(upgraded.then_some(Event::Upgraded));
                        self.state = State::Open(pipe);
                        continue;
                    }
                    Err(error) => Err(error),
                },
                State::Open(pipe) => {
                    let events = &mut self.events;
                    poll_fn(|cx| pipe.poll(cx, events)).await.map_err(Error::Requests)
                }
                State::Done => return None,
            };
            if result.is_err() || matches!(self.events.back(), Some(Event::End(_))) {
                self.state = State::Done;
            }
            if let Err(error) = result {
                return Some(Err(error));
            }
        }
    }
}

async fn open<R, E>(client: Client, limits: Limits, requests: R) -> Result<Opened<R, E>, Error<E>> {
    let Established { mut stream, facts } =
        Established::open(&client.dialer).await.map_err(Error::Connection)?;
    // What the server says behind its answer to the CONNECT is the beginning of its answers.
    let mut unread = BytesMut::new();
    if let Some(connect) = &client.connect {
        let target = client.dialer.target();
        let limit = target.connect_timeout.saturating_sub(facts.started.elapsed());
        let performed = timeout(limit, connect.perform(&mut stream, &mut unread)).await;
        performed.map_err(|_| {
            Error::Connection(transport::Error::Timeout {
                target: target.endpoint.to_string(),
                phase: "answer to the CONNECT",
                limit: target.connect_timeout,
            })
        })??;
    }
    let reader = Reader::new(client.codec, limits.max_message_size);
    let pipe = Box::new(Pipe::new((stream, unread, reader), limits, requests));
    Ok(Opened { pipe, facts, upgraded: client.connect.is_some() })
}

/// A connection on which requests go out and answers come in.
struct Pipe<R, E> {
    stream: Box<dyn transport::Stream>,
    /// Where requests come from, until there are no more.
    requests: Option<R>,
    /// Why there are no more, if not because they were all given. What was sent before is still answered.
    failed: Option<E>,
    max_in_flight: usize,
    hurries: bool,
    sent: u64,
    /// When requests go out though there is room for few.
    linger: Option<Pin<Box<Sleep>>>,
    /// The requests that await an answer, with the types of their arguments.
    in_flight: HashMap<u64, Option<TypeRef>>,
    unwritten: BytesMut,
    /// Whether what was written may still wait in a buffer below.
    unflushed: bool,
    /// Why nothing more can be written. What the server said before may still be read.
    unwritable: Option<io::Error>,
    chunk: Box<[u8]>,
    unread: BytesMut,
    reader: Reader,
    /// Whether the server has said anything.
    heard: bool,
    /// How many bytes were written, and how many read.
    carried: [u64; 2],
}

impl<R, E> Pipe<R, E> {
    fn new(
        (stream, unread, reader): (Box<dyn transport::Stream>, BytesMut, Reader),
        limits: Limits,
        requests: R,
    ) -> Self {
        Self {
            stream,
            requests: Some(requests),
            failed: None,
            max_in_flight: limits.max_in_flight.max(1),
            hurries: limits.hurries,
            sent: 0,
            linger: None,
            in_flight: HashMap::new(),
            unwritten: BytesMut::new(),
            unflushed: false,
            unwritable: None,
            chunk: vec![0; CHUNK].into(),
            unread,
            reader,
            heard: false,
            carried: [0; 2],
        }
    }

    /// Goes on until there are events. An error is that of the requests.
    fn poll(&mut self, cx: &mut Context<'_>, events: &mut VecDeque<Event>) -> Poll<Result<(), E>>
    where
        R: Stream<Item = Result<Request, E>> + Unpin,
    {
        loop {
            self.take_requests(cx, events);
            let wrote = match self.write(cx) {
                Ok(wrote) => wrote,
                Err(error) => {
                    self.unwritable = Some(error);
                    false
                }
            };
            let read = match self.read(cx, events) {
                Ok(read) => read,
                Err(ending) => {
                    events.push_back(Event::End(ending));
                    return Poll::Ready(Ok(()));
                }
            };
            let over = self.is_over();
            if over && self.failed.is_none() {
                events.push_back(Event::End(Ending::Complete));
            }
            if !events.is_empty() {
                return Poll::Ready(Ok(()));
            }
            if let Some(error) = self.failed.take_if(|_| over) {
                return Poll::Ready(Err(error));
            }
            if !wrote && !read {
                return Poll::Pending;
            }
        }
    }

    /// Whether every request is answered, and none will follow.
    fn is_over(&self) -> bool {
        self.requests.is_none() && self.in_flight.is_empty()
    }

    /// Takes requests while there is room for them.
    fn take_requests(&mut self, cx: &mut Context<'_>, events: &mut VecDeque<Event>)
    where
        R: Stream<Item = Result<Request, E>> + Unpin,
    {
        let room = self.max_in_flight.saturating_sub(self.in_flight.len());
        if room == 0 || (room < self.max_in_flight.div_ceil(2) && self.linger(cx).is_pending()) {
            return;
        }
        self.linger = None;
        while self.in_flight.len() < self.max_in_flight && self.unwritten.len() < WRITE_AHEAD {
            let Some(requests) = &mut self.requests else { return };
            match Pin::new(requests).poll_next(cx) {
                Poll::Pending => return,
                Poll::Ready(Some(Err(error))) => {
                    self.requests = None;
                    self.failed = Some(error);
                }
                Poll::Ready(None) => {
                    self.requests = None;
                    events.push_back(Event::AllSent);
                }
                Poll::Ready(Some(Ok(request))) => {
                    let seq = self.sent;
                    self.sent += 1;
                    self.in_flight.insert(seq, request.ty);
                    self.unwritten.extend_from_slice(&request.bytes);
                    let size = request.bytes.len();
                    events.push_back(Event::Sent { seq, size, argument: request.argument });
                }
            }
        }
    }

    /// Ready when the room that there is has been there for long enough.
    fn linger(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.linger.get_or_insert_with(|| Box::pin(sleep(LINGER))).as_mut().poll(cx)
    }

    /// Writes what can be written now; tells whether anything was.
    fn write(&mut self, cx: &mut Context<'_>) -> io::Result<bool> {
        let mut wrote = false;
        while self.unwritable.is_none() && !self.unwritten.is_empty() {
            match Pin::new(&mut self.stream).poll_write(cx, &self.unwritten)? {
                Poll::Ready(0) => return Err(io::ErrorKind::WriteZero.into()),
                Poll::Ready(count) => {
                    self.unwritten.advance(count);
                    self.carried[0] += u64::try_from(count).unwrap_or(0);
                    self.unflushed = true;
                    wrote = true;
                }
                Poll::Pending => break,
            }
        }
        if self.unflushed && Pin::new(&mut self.stream).poll_flush(cx)?.is_ready() {
            self.unflushed = false;
        }
        Ok(wrote)
    }

    /// Reads what has come; tells whether anything had.
    fn read(&mut self, cx: &mut Context<'_>, events: &mut VecDeque<Event>) -> Result<bool, Ending> {
        let mut memory = 0;
        let mut some = self.answers(&mut memory, events)?;
        let mut rested = false;
        while events.len() < EVENTS_AHEAD && memory < MEMORY_AHEAD && !self.is_over() {
            let mut chunk = ReadBuf::new(&mut self.chunk);
            match Pin::new(&mut self.stream).poll_read(cx, &mut chunk) {
                // Answers come one by one, and waking for each costs more than reading it. While many are to come,
                // so short a sleep finds a row of them, and leaves the processor to a server on this machine.
                Poll::Pending if !self.hurries && !rested && !some && self.in_flight.len() >= MANY => {
                    std::thread::sleep(REST);
                    rested = true;
                    continue;
                }
                Poll::Pending => break,
                Poll::Ready(Ok(())) if chunk.filled().is_empty() => return Err(self.lost(None)),
                Poll::Ready(Ok(())) => {
                    self.unread.extend_from_slice(chunk.filled());
                    self.carried[1] += u64::try_from(chunk.filled().len()).unwrap_or(0);
                }
                Poll::Ready(Err(error)) => return Err(self.lost(Some(error))),
            }
            some = true;
            self.heard = true;
            self.answers(&mut memory, events)?;
        }
        Ok(some)
    }

    /// The answers that are whole, as many as may wait to be asked for. What is small on the wire may be large in
    /// `memory`, which counts what waits.
    fn answers(&mut self, memory: &mut usize, events: &mut VecDeque<Event>) -> Result<bool, Ending> {
        let mut some = false;
        while *memory < MEMORY_AHEAD
            && !self.unread.is_empty()
            && let Some(answer) = self.reader.read(&mut self.unread).map_err(Ending::Malformed)?
        {
            let Some(sent) = self.in_flight.remove(&answer.seq) else {
                return Err(Ending::Malformed(MalformedAnswer::Id(answer.seq.to_string())));
            };
            *memory += answer.memory;
            events.push_back(Event::Answered { answer, sent });
            some = true;
        }
        Ok(some)
    }

    /// A server that went away in the middle: what could not be written says more than that nothing can be read.
    fn lost(&mut self, error: Option<io::Error>) -> Ending {
        Ending::Lost {
            unanswered: self.in_flight.len(),
            heard: self.heard,
            error: self.unwritable.take().or(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::io::Cursor;

    use super::*;
    use crate::netrpc::gob::{self, Definition, Field, Struct, Types, Value};
    use crate::netrpc::request::Encoder;
    use crate::transport::{Endpoint, Opener};

    /// A server that answers with these bytes, whatever it is asked.
    fn client(answer: Vec<u8>) -> Client {
        let opener = Opener::new("test:", move || {
            Ok(Box::new(tokio::io::join(Cursor::new(answer.clone()), tokio::io::sink())))
        });
        let target = Target::new(Endpoint::Opened(opener));
        Client::open(ServerPlan { target, codec: Codec::Gob, connect: None }, None).unwrap()
    }

    /// Answers to so many requests, each an empty struct of a type with so many fields: a byte on the wire, and a
    /// value with all the fields in memory.
    fn empty_structs(answers: u64, fields: usize) -> Vec<u8> {
        let mut types = Types::default();
        let field = |name: String, ty| Field { name: name.into(), ty };
        let seq = types.define(Definition::Struct {
            name: "Response".into(),
            fields: vec![field("Seq".to_owned(), TypeRef::Uint)],
        });
        let wide = types.define(Definition::Struct {
            name: "Wide".into(),
            fields: (0..fields).map(|number| field(format!("F{number}"), TypeRef::Bool)).collect(),
        });
        let (mut encoder, mut stream) = (gob::Encoder::default(), BytesMut::new());
        let of = |name: &str, fields| Value::Struct(Struct { name: name.into(), fields });
        for answer in 0..answers {
            let head = of("Response", vec![("Seq".into(), Value::Uint(answer))]);
            encoder.encode(&types, seq, &head, &mut stream).unwrap();
            encoder.encode(&types, wide, &of("Wide", Vec::new()), &mut stream).unwrap();
        }
        stream.to_vec()
    }

    #[tokio::test]
    async fn answers_that_are_large_in_memory_do_not_wait_all_at_once() {
        let answers = 50;
        let client = client(empty_structs(answers, 20_000));
        let mut encoder = Encoder::new(Codec::Gob, "A.B", None);
        let requests: Vec<Result<Request, Infallible>> =
            (0..answers).map(|_| Ok(encoder.nothing().unwrap())).collect();
        let limits = Limits { max_in_flight: 100, max_message_size: 4 << 20, hurries: false };
        let mut calls = Calls::begin(client, limits, tokio_stream::iter(requests));
        let mut answered = 0;
        while let Some(event) = calls.next().await {
            answered += u64::from(matches!(event.unwrap(), Event::Answered { .. }));
            let waiting = calls.events.iter().filter(|event| matches!(event, Event::Answered { .. }));
            assert!(waiting.count() <= 3);
        }
        assert_eq!(answered, answers);
    }
}
