//! Small writes that belong together, put together.
//!
//! HTTP/2's preface, SETTINGS, HEADERS and DATA come from different places, each with a flush of its own, and each
//! would be a packet that wakes the server. Here a flush waits until every task that is ready has run once more and
//! had the chance to add to it, which takes microseconds and never longer.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// What is larger than this is not worth a copy.
const SMALL: usize = 4 << 10;
/// How often one flush may wait for others to add to it.
const PATIENCE: u8 = 3;

/// A stream whose small writes wait for each other.
pub(super) struct Coalesced<S> {
    inner: S,
    pending: Vec<u8>,
    /// How much of `pending` was there when a flush last waited.
    waited_at: usize,
    waits: u8,
}

impl<S: AsyncWrite + Unpin> Coalesced<S> {
    pub(super) fn new(inner: S) -> Self {
        Self { inner, pending: Vec::new(), waited_at: 0, waits: 0 }
    }

    fn poll_write_out(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut written = 0;
        let result = loop {
            let Some(rest) = self.pending.get(written..).filter(|rest| !rest.is_empty()) else {
                break Poll::Ready(Ok(()));
            };
            match Pin::new(&mut self.inner).poll_write(cx, rest) {
                Poll::Ready(Ok(0)) => break Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                Poll::Ready(Ok(count)) => written += count,
                Poll::Ready(Err(error)) => break Poll::Ready(Err(error)),
                Poll::Pending => break Poll::Pending,
            }
        };
        self.pending.drain(..written);
        self.waited_at = 0;
        result
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Coalesced<S> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_read(cx, buf)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Coalesced<S> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        if this.pending.len() + buf.len() <= SMALL {
            this.pending.extend_from_slice(buf);
            return Poll::Ready(Ok(buf.len()));
        }
        ready!(this.poll_write_out(cx))?;
        Pin::new(&mut this.inner).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let size: usize = bufs.iter().map(|buf| buf.len()).sum();
        if this.pending.len() + size <= SMALL {
            for buf in bufs {
                this.pending.extend_from_slice(buf);
            }
            return Poll::Ready(Ok(size));
        }
        ready!(this.poll_write_out(cx))?;
        Pin::new(&mut this.inner).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.pending.len() > this.waited_at && this.waits < PATIENCE {
            this.waited_at = this.pending.len();
            this.waits += 1;
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        ready!(this.poll_write_out(cx))?;
        this.waits = 0;
        Pin::new(&mut this.inner).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        ready!(this.poll_write_out(cx))?;
        Pin::new(&mut this.inner).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    fn run<T>(future: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
    }

    #[test]
    fn what_is_written_arrives_in_order_whatever_its_size() {
        run(async {
            let (near, mut far) = tokio::io::duplex(1000);
            let sender = tokio::spawn(async move {
                let mut near = Coalesced::new(near);
                for size in [1, 4095, 1, 10_000, 3] {
                    near.write_all(&vec![u8::try_from(size % 251).unwrap(); size]).await.unwrap();
                    near.flush().await.unwrap();
                }
                near.write_all(b"end").await.unwrap();
                near.shutdown().await.unwrap();
            });
            let mut seen = Vec::new();
            far.read_to_end(&mut seen).await.unwrap();
            sender.await.unwrap();
            let mut wanted = Vec::new();
            for size in [1, 4095, 1, 10_000, 3] {
                wanted.extend(vec![u8::try_from(size % 251).unwrap(); size]);
            }
            wanted.extend(b"end");
            assert!(seen == wanted);
        });
    }

    #[test]
    fn a_flush_waits_for_those_who_are_ready() {
        run(async {
            let (near, mut far) = tokio::io::duplex(1000);
            let (mut read, write) = tokio::io::split(Coalesced::new(near));
            let write = std::sync::Arc::new(tokio::sync::Mutex::new(write));
            let second = std::sync::Arc::clone(&write);
            write.lock().await.write_all(b"one ").await.unwrap();
            tokio::spawn(async move { second.lock().await.write_all(b"two").await.unwrap() });
            tokio::task::yield_now().await;
            write.lock().await.flush().await.unwrap();
            let mut seen = [0; 100];
            let count = far.read(&mut seen).await.unwrap();
            assert_eq!(&seen[..count], b"one two");
            drop(far);
            assert_eq!(read.read(&mut seen).await.unwrap(), 0);
        });
    }
}
