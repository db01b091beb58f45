//! A byte stream, and the watch that is kept on what the server says first.

use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Instant;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::Notify;

use super::diagnose;
use super::fault::tls_error;
use super::settings::Settings;

/// How many of the server's first bytes are kept to tell what it speaks.
const HEAD: usize = 512;

/// A connected byte stream: TCP, a unix socket, TLS over either, or memory.
pub trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

/// What has been seen of the server's side of a connection so far.
#[derive(Debug, Default)]
pub(super) struct Seen {
    state: Mutex<SeenState>,
    changed: Notify,
    /// How many bytes were written, and how many read.
    carried: [AtomicU64; 2],
    /// Whether `state` has a moment in `spoken`: asked with every request.
    has_spoken: AtomicBool,
}

#[derive(Debug, Default, Clone)]
pub(super) struct SeenState {
    /// The first bytes, at most [`HEAD`] of them.
    pub(super) head: Vec<u8>,
    /// When the server's SETTINGS had come whole, so that it is known to speak HTTP/2.
    pub(super) spoken: Option<Instant>,
    /// Whether the stream ended, in whichever way.
    pub(super) ended: bool,
    /// The kind of error that it ended with, where it was one.
    pub(super) error: Option<io::ErrorKind>,
    /// What TLS said about that, where the stream is TLS.
    pub(super) tls: Option<rustls::Error>,
    /// When something came last.
    read_at: Option<Instant>,
}

impl Seen {
    pub(super) fn snapshot(&self) -> SeenState {
        self.lock().clone()
    }

    /// Whether the server's SETTINGS have come, so that it is known to speak HTTP/2.
    pub(super) fn has_spoken(&self) -> bool {
        self.has_spoken.load(Ordering::Acquire)
    }

    /// Whether what came begins like HTTP/1's answers.
    pub(super) fn is_http1(&self) -> bool {
        self.lock().head.starts_with(b"HTTP/1")
    }

    /// Whether what came is TLS, where that is not what is spoken.
    pub(super) fn is_tls(&self) -> bool {
        diagnose::is_tls(&self.lock().head)
    }

    /// The server's SETTINGS, and when they had come.
    pub(super) fn settings(&self) -> Option<(Instant, Settings)> {
        let state = self.lock();
        Some((state.spoken?, Settings::read(&state.head)?))
    }

    /// Waits until the first frame has come, or what can't become it, or the stream has ended or is given up.
    pub(super) async fn spoken(&self) {
        loop {
            let changed = self.changed.notified();
            {
                let state = self.lock();
                if !Settings::may_follow(&state.head) || state.ended {
                    return;
                }
            }
            changed.await;
        }
    }

    /// When something came last; now, if nothing has.
    pub(super) fn read_at(&self) -> Instant {
        *self.lock().read_at.get_or_insert_with(Instant::now)
    }

    /// How many bytes were written, and how many read.
    pub(super) fn carried(&self) -> [u64; 2] {
        self.carried.each_ref().map(|count| count.load(Ordering::Relaxed))
    }

    fn wrote(&self, result: &Poll<io::Result<usize>>) {
        if let Poll::Ready(Ok(count)) = result {
            self.carried[0].fetch_add(u64::try_from(*count).unwrap_or(0), Ordering::Relaxed);
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, SeenState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read(&self, bytes: &[u8]) {
        self.carried[1].fetch_add(u64::try_from(bytes.len()).unwrap_or(0), Ordering::Relaxed);
        let mut state = self.lock();
        state.read_at = Some(Instant::now());
        if state.head.len() < HEAD {
            let room = HEAD - state.head.len();
            state.head.extend_from_slice(&bytes[..bytes.len().min(room)]);
            if state.spoken.is_none() && Settings::have_come(&state.head) {
                state.spoken = state.read_at;
                self.has_spoken.store(true, Ordering::Release);
            }
            self.changed.notify_waiters();
        }
    }

    fn end(&self, error: Option<&io::Error>) {
        let mut state = self.lock();
        state.ended = true;
        state.error = state.error.or(error.map(io::Error::kind));
        if let Some(tls) = error.and_then(|error| tls_error(error)) {
            state.tls.get_or_insert_with(|| tls.clone());
        }
        drop(state);
        self.changed.notify_waiters();
    }
}

/// A stream whose reads are watched.
pub(super) struct Watched {
    inner: Box<dyn Stream>,
    seen: Arc<Seen>,
    /// What the stream ended in, while there is still something to be read of it.
    failed: Option<io::Error>,
}

impl Watched {
    pub(super) fn new(inner: Box<dyn Stream>) -> (Self, Arc<Seen>) {
        let seen = Arc::new(Seen::default());
        (Self { inner, seen: Arc::clone(&seen), failed: None }, seen)
    }
}

/// Who reads it may give it up without having read its end, such as on bytes that are no frame.
impl Drop for Watched {
    fn drop(&mut self) {
        self.seen.end(None);
    }
}

impl AsyncRead for Watched {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buf.filled().len();
        let mut result = Pin::new(&mut this.inner).poll_read(cx, buf);
        if let Poll::Ready(Err(error)) = result {
            // TLS tells of an alert before what came with it was read.
            this.seen.end(Some(&error));
            this.failed.get_or_insert(error);
            result = Pin::new(&mut this.inner).poll_read(cx, buf);
        }
        if buf.filled().len() > before {
            this.seen.read(&buf.filled()[before..]);
            return Poll::Ready(Ok(()));
        }
        if let Some(error) = this.failed.take() {
            return Poll::Ready(Err(error));
        }
        if let Poll::Ready(Ok(())) = result {
            this.seen.end(None);
        }
        result
    }
}

impl AsyncWrite for Watched {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let result = Pin::new(&mut this.inner).poll_write(cx, buf);
        this.seen.wrote(&result);
        result
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let result = Pin::new(&mut this.inner).poll_write_vectored(cx, bufs);
        this.seen.wrote(&result);
        result
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_shutdown(cx)
    }
}
