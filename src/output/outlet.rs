//! Standard output that holds nobody up.
//!
//! What is read slowly, or not at all, blocks whoever writes to it, and then neither a signal nor a deadline is
//! noticed. The first little that is written fits into any pipe and is written at once, which is all that most calls
//! ever write. After that a thread of its own does the writing, and whoever prints waits for it where it can be waited
//! for.

use std::collections::VecDeque;
use std::io::{self, Write};
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use tokio::sync::{mpsc, oneshot};

/// What is written without a thread: half of what the pipes of any system hold.
const FREE: usize = 32 << 10;
/// How much may wait for the thread before printing has to.
const ENOUGH: usize = 256 << 10;
/// What is larger than this is not copied.
const LARGE: usize = 16 << 10;

/// How long what is printed to a file may wait for more, so that a stream of short messages is not as many writes.
/// Nobody watches a file more closely.
const LINGER: Duration = Duration::from_millis(20);

/// What is written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Destination {
    /// A file on a disk, which takes what it is given at once.
    File,
    /// Something that may be read slowly, or watched: a pipe, a terminal.
    Reader,
}

/// A writer that queues, and lets its queue be waited for.
pub struct Outlet {
    destination: Destination,
    /// When something was last written.
    last: Option<Instant>,
    direct: Option<Box<dyn Write + Send>>,
    written: usize,
    /// What was printed and not handed on.
    tail: BytesMut,
    queue: VecDeque<Bytes>,
    queued: usize,
    thread: Option<Thread>,
}

struct Thread {
    chunks: mpsc::Sender<Bytes>,
    /// How writing ended.
    end: oneshot::Receiver<io::Result<()>>,
}

impl Outlet {
    /// An outlet into `inner`.
    pub fn new(destination: Destination, inner: impl Write + Send + 'static) -> Self {
        Self {
            destination,
            last: None,
            direct: Some(Box::new(inner)),
            written: 0,
            tail: BytesMut::new(),
            queue: VecDeque::new(),
            queued: 0,
            thread: None,
        }
    }

    /// Prints `bytes`, without a copy where they are many.
    pub fn put(&mut self, bytes: Bytes) {
        if bytes.len() < LARGE {
            self.tail.extend_from_slice(&bytes);
        } else {
            self.cut_tail();
            self.queued += bytes.len();
            self.queue.push_back(bytes);
        }
    }

    /// Whether so much is waiting to be written that printing more has to wait.
    pub fn is_full(&self) -> bool {
        self.queued + self.tail.len() > ENOUGH
    }

    /// Nothing more is at hand: writes what was printed, or says when that is due.
    pub fn pause(&mut self) -> io::Result<Option<Instant>> {
        if self.tail.is_empty() && self.queue.is_empty() {
            return Ok(None);
        }
        match self.last {
            Some(last) if self.destination == Destination::File && last.elapsed() < LINGER => {
                Ok(Some(last + LINGER))
            }
            _ => self.hand_on().map(|()| None),
        }
    }

    /// Waits until there is room to print more. Nothing is lost when the future is dropped.
    pub async fn room(&mut self) -> io::Result<()> {
        self.hand_on()?;
        while self.queued > ENOUGH / 2 {
            self.hand_on_one().await?;
        }
        Ok(())
    }

    /// Waits until everything is written.
    pub async fn finish(&mut self) -> io::Result<()> {
        self.hand_on()?;
        while !self.queue.is_empty() {
            self.hand_on_one().await?;
        }
        match self.thread.take() {
            None => self.direct.as_mut().map_or(Ok(()), Write::flush),
            Some(thread) => {
                drop(thread.chunks);
                thread.end.await.unwrap_or(Ok(()))
            }
        }
    }

    fn cut_tail(&mut self) {
        if !self.tail.is_empty() {
            self.queued += self.tail.len();
            self.queue.push_back(self.tail.split().freeze());
        }
    }

    /// Hands on what can be without waiting.
    fn hand_on(&mut self) -> io::Result<()> {
        self.cut_tail();
        self.last = Some(Instant::now());
        if (self.destination == Destination::File || self.written + self.queued <= FREE)
            && let Some(direct) = &mut self.direct
        {
            for chunk in self.queue.drain(..) {
                direct.write_all(&chunk)?;
            }
            self.written += std::mem::take(&mut self.queued);
            return direct.flush();
        }
        if let Some(direct) = self.direct.take() {
            self.thread = Some(Thread::start(direct)?);
        }
        while let Some(thread) = &self.thread
            && let Some(chunk) = self.queue.pop_front()
        {
            let size = chunk.len();
            match thread.chunks.try_send(chunk) {
                Ok(()) => self.queued -= size,
                Err(mpsc::error::TrySendError::Full(chunk)) => {
                    self.queue.push_front(chunk);
                    break;
                }
                Err(mpsc::error::TrySendError::Closed(chunk)) => {
                    self.queue.push_front(chunk);
                    return self.why_closed();
                }
            }
        }
        Ok(())
    }

    /// The thread writes no more: whoever prints now and then learns why without waiting.
    fn why_closed(&mut self) -> io::Result<()> {
        match self.thread.as_mut().map(|thread| thread.end.try_recv()) {
            Some(Ok(Err(error))) => {
                self.queue.clear();
                self.queued = 0;
                self.thread = None;
                Err(error)
            }
            _ => Ok(()),
        }
    }

    /// Hands on one chunk, or learns why that can't be.
    async fn hand_on_one(&mut self) -> io::Result<()> {
        let Some(thread) = &mut self.thread else { return self.hand_on() };
        if let Ok(permit) = thread.chunks.reserve().await {
            if let Some(chunk) = self.queue.pop_front() {
                self.queued -= chunk.len();
                permit.send(chunk);
            }
            return Ok(());
        }
        self.queue.clear();
        self.queued = 0;
        match self.thread.take() {
            Some(thread) => thread.end.await.unwrap_or(Ok(())),
            None => Ok(()),
        }
    }
}

impl Write for Outlet {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.tail.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    /// Hands on what can be handed on without waiting; [`Outlet::finish`] waits for the rest.
    fn flush(&mut self) -> io::Result<()> {
        self.hand_on()
    }
}

impl Thread {
    fn start(mut inner: Box<dyn Write + Send>) -> io::Result<Self> {
        let (chunks, mut received) = mpsc::channel::<Bytes>(4);
        let (told, end) = oneshot::channel();
        let write = move || {
            let mut result = Ok(());
            while let Some(chunk) = received.blocking_recv() {
                result = inner.write_all(&chunk);
                if result.is_err() {
                    break;
                }
            }
            // When nobody waits for it, the process is at its end.
            let _ = told.send(result.and_then(|()| inner.flush()));
        };
        std::thread::Builder::new().name("output".to_owned()).spawn(write)?;
        Ok(Self { chunks, end })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Shared(Arc<Mutex<Vec<u8>>>);

    impl Write for Shared {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn run<T>(future: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
    }

    #[test]
    fn little_is_written_at_once() {
        let shared = Shared::default();
        let mut outlet = Outlet::new(Destination::Reader, shared.clone());
        outlet.write_all(b"hello").unwrap();
        outlet.flush().unwrap();
        assert_eq!(*shared.0.lock().unwrap(), b"hello");
        assert!(outlet.thread.is_none());
    }

    #[test]
    fn much_arrives_in_order() {
        let shared = Shared::default();
        let mut outlet = Outlet::new(Destination::Reader, shared.clone());
        let mut wanted = Vec::new();
        run(async {
            for round in 0..200_u8 {
                let bytes = vec![round; 100 * usize::from(round)];
                wanted.extend_from_slice(&bytes);
                if round % 3 == 0 {
                    outlet.put(bytes.into());
                } else {
                    outlet.write_all(&bytes).unwrap();
                }
                if outlet.is_full() {
                    outlet.room().await.unwrap();
                }
            }
            outlet.finish().await.unwrap();
        });
        assert!(*shared.0.lock().unwrap() == wanted);
    }

    #[test]
    fn a_reader_that_went_away_is_told() {
        let (reader, writer) = io::pipe().unwrap();
        drop(reader);
        let mut outlet = Outlet::new(Destination::Reader, writer);
        let error = run(async {
            outlet.put(vec![0; 1 << 20].into());
            outlet.room().await.and(outlet.finish().await)
        });
        assert_eq!(error.unwrap_err().kind(), io::ErrorKind::BrokenPipe);
    }

    #[test]
    fn a_reader_that_went_away_is_told_to_whoever_prints_little_by_little() {
        let (reader, writer) = io::pipe().unwrap();
        let mut outlet = Outlet::new(Destination::Reader, writer);
        outlet.put(vec![0; FREE + 1].into());
        outlet.pause().unwrap();
        drop(reader);
        let told = (0..1000).find_map(|_| {
            std::thread::sleep(Duration::from_millis(1));
            outlet.put(vec![0; 1].into());
            outlet.pause().err()
        });
        assert_eq!(told.map(|error| error.kind()), Some(io::ErrorKind::BrokenPipe));
    }

    #[test]
    fn a_reader_that_does_not_read_blocks_only_those_who_wait() {
        let (reader, writer) = io::pipe().unwrap();
        let mut outlet = Outlet::new(Destination::Reader, writer);
        outlet.put(vec![0; 1 << 20].into());
        outlet.flush().unwrap();
        outlet.put(vec![0; 1 << 20].into());
        outlet.flush().unwrap();
        drop(reader);
    }
}
