//! Calls on one connection: requests go out without waiting for answers, answers come in whatever order the server has
//! them ready. Writing never waits for reading, nor reading for writing.

use std::collections::{HashMap, VecDeque};
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::{Buf as _, BytesMut};
use futures_core::Stream;
use tokio::io::{AsyncRead as _, AsyncWrite as _, ReadBuf};
use tokio::time::{Sleep, sleep, timeout};

use super::answer::{Answer, Codec, MalformedAnswer, Reader};
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
    pub(super) dialer: Dialer,
    /// How values are written.
    pub codec: Codec,
    pub(super) connect: Option<Connect>,
}

impl Client {
    /// A client for the server, for whoever waits until the deadline. The files that the plan names are read; each
    /// row of calls makes a connection of its own.
    pub fn open(plan: ServerPlan, deadline: Option<Instant>) -> Result<Self, transport::Error> {
        let ServerPlan { target, codec, connect } = plan;
        Ok(Self { dialer: Dialer::open(target, deadline)?, codec, connect })
    }
}

/// What a row of calls needs besides its requests.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// How many calls may await their answers at a time; at least one.
    pub max_in_flight: usize,
    /// The largest answer that is taken, in bytes.
    pub max_message_size: usize,
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
const MANY: usize = 32;
/// How much is read at once.
const CHUNK: usize = 64 << 10;
/// How many events may wait to be asked for before more is read.
const EVENTS_AHEAD: usize = 512;
/// How long the place of a call that was answered may stay empty until others are too, so that requests go out
/// together: a packet costs either side more than a request does.
const LINGER: Duration = Duration::from_millis(1);

/// Calls under way. Ask [`Calls::next`] until it gives nothing more; dropping it closes the connection.
pub struct Calls<R, E> {
    state: State<R, E>,
    events: VecDeque<Event>,
}

type Opening<E> = Pin<Box<dyn Future<Output = Result<Opened, Error<E>>> + Send>>;

enum State<R, E> {
    Opening(Opening<E>, Option<Start<R>>),
    Open(Box<Pipe<R>>),
    Done,
}

/// What is needed once the connection is made.
struct Start<R> {
    requests: R,
    codec: Codec,
    limits: Limits,
}

struct Opened {
    connection: Established,
    upgraded: bool,
    /// What the server said after its answer to the CONNECT.
    buffer: BytesMut,
}

impl<R, E> Calls<R, E>
where
    R: Stream<Item = Result<Request, E>> + Send + Unpin + 'static,
    E: Send + 'static,
{
    /// Begins to connect and to call, which goes on as events are asked for.
    pub fn begin(client: Client, limits: Limits, requests: R) -> Self {
        let start = Start { requests, codec: client.codec, limits };
        Self { state: State::Opening(Box::pin(open(client)), Some(start)), events: VecDeque::new() }
    }

    /// The next event; nothing after the End, or after an error.
    /// Safe to cancel: no event is lost when the future is dropped.
    pub async fn next(&mut self) -> Option<Result<Event, Error<E>>> {
        loop {
            if let Some(event) = self.events.pop_front() {
                return Some(Ok(event));
            }
            let result = match &mut self.state {
                State::Opening(opening, start) => match (opening.await, start.take()) {
                    (Ok(opened), Some(start)) => {
                        self.events.push_back(Event::Connected(opened.connection.facts.clone()));
                        self.events.extend(opened.upgraded.then_some(Event::Upgraded));
                        self.state = State::Open(Box::new(Pipe::new(opened, start)));
                        continue;
                    }
                    (Ok(_), None) => return None,
                    (Err(error), _) => Err(error),
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

async fn open<E>(client: Client) -> Result<Opened, Error<E>> {
    let mut connection = Established::open(&client.dialer).await.map_err(Error::Connection)?;
    let mut buffer = BytesMut::new();
    if let Some(connect) = &client.connect {
        let target = client.dialer.target();
        let limit = target.connect_timeout.saturating_sub(connection.facts.started.elapsed());
        let performed = timeout(limit, connect.perform(&mut connection.stream, &mut buffer)).await;
        performed.map_err(|_| {
            Error::Connection(transport::Error::Timeout {
                target: target.endpoint.to_string(),
                phase: "answer to the CONNECT",
                limit: target.connect_timeout,
            })
        })??;
    }
    Ok(Opened { connection, upgraded: client.connect.is_some(), buffer })
}

/// A connection on which requests go out and answers come in.
struct Pipe<R> {
    stream: Box<dyn transport::Stream>,
    /// Where requests come from, until there are no more.
    requests: Option<R>,
    limits: Limits,
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
}

impl<R> Pipe<R> {
    fn new(opened: Opened, start: Start<R>) -> Self {
        Self {
            stream: opened.connection.stream,
            requests: Some(start.requests),
            limits: start.limits,
            sent: 0,
            linger: None,
            in_flight: HashMap::new(),
            unwritten: BytesMut::new(),
            unflushed: false,
            unwritable: None,
            chunk: vec![0; CHUNK].into(),
            unread: opened.buffer,
            reader: Reader::new(start.codec, start.limits.max_message_size),
        }
    }

    /// Goes on until there are events. An error is that of the requests.
    fn poll<E>(&mut self, cx: &mut Context<'_>, events: &mut VecDeque<Event>) -> Poll<Result<(), E>>
    where
        R: Stream<Item = Result<Request, E>> + Unpin,
    {
        loop {
            self.take_requests(cx, events)?;
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
            if self.requests.is_none() && self.in_flight.is_empty() {
                events.push_back(Event::End(Ending::Complete));
            }
            if !events.is_empty() {
                return Poll::Ready(Ok(()));
            }
            if !wrote && !read {
                return Poll::Pending;
            }
        }
    }

    /// Takes requests while there is room for them.
    fn take_requests<E>(&mut self, cx: &mut Context<'_>, events: &mut VecDeque<Event>) -> Result<(), E>
    where
        R: Stream<Item = Result<Request, E>> + Unpin,
    {
        let most = self.limits.max_in_flight.max(1);
        let room = most.saturating_sub(self.in_flight.len());
        if room == 0 || (room < most.div_ceil(2) && self.linger(cx).is_pending()) {
            return Ok(());
        }
        self.linger = None;
        while self.in_flight.len() < most && self.unwritten.len() < WRITE_AHEAD {
            let Some(requests) = &mut self.requests else { return Ok(()) };
            match Pin::new(requests).poll_next(cx)? {
                Poll::Pending => return Ok(()),
                Poll::Ready(None) => {
                    self.requests = None;
                    events.push_back(Event::AllSent);
                }
                Poll::Ready(Some(request)) => {
                    let seq = self.sent;
                    self.sent += 1;
                    self.in_flight.insert(seq, request.ty);
                    self.unwritten.extend_from_slice(&request.bytes);
                    events.push_back(Event::Sent { seq, size: request.bytes.len() });
                }
            }
        }
        Ok(())
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
        let mut some = self.answers(events)?;
        let mut yielded = false;
        while events.len() < EVENTS_AHEAD {
            let mut chunk = ReadBuf::new(&mut self.chunk);
            match Pin::new(&mut self.stream).poll_read(cx, &mut chunk) {
                // A server on this machine may only be waiting for the processor. Given it, it has a row of answers
                // ready where it would have had one, and neither side goes to sleep and wakes for each.
                Poll::Pending if !yielded && !some && self.in_flight.len() >= MANY => {
                    std::thread::yield_now();
                    yielded = true;
                    continue;
                }
                Poll::Pending => break,
                Poll::Ready(Ok(())) if chunk.filled().is_empty() => return Err(self.lost(None)),
                Poll::Ready(Ok(())) => self.unread.extend_from_slice(chunk.filled()),
                Poll::Ready(Err(error)) => return Err(self.lost(Some(error))),
            }
            some = true;
            self.answers(events)?;
        }
        Ok(some)
    }

    /// The answers that are whole.
    fn answers(&mut self, events: &mut VecDeque<Event>) -> Result<bool, Ending> {
        let mut some = false;
        while !self.unread.is_empty()
            && let Some(answer) = self.reader.read(&mut self.unread).map_err(Ending::Malformed)?
        {
            let Some(sent) = self.in_flight.remove(&answer.seq) else {
                return Err(Ending::Malformed(MalformedAnswer::Id(answer.seq.to_string())));
            };
            events.push_back(Event::Answered { answer, sent });
            some = true;
        }
        Ok(some)
    }

    /// A server that went away in the middle: what could not be written says more than that nothing can be read.
    fn lost(&mut self, error: Option<io::Error>) -> Ending {
        Ending::Lost { unanswered: self.in_flight.len(), error: self.unwritable.take().or(error) }
    }
}
