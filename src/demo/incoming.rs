//! Connections for tonic, in HTTP/1.1 or HTTP/2: accepted, and secured where that is wanted. tonic would do both, but its
//! TLS offers HTTP/2 alone.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::mpsc::{self, Sender};
use tokio::task::JoinSet;
use tokio_stream::wrappers::ReceiverStream;
use tonic::transport::server::{Connected, TcpConnectInfo};

use super::listen::{Accepted, Listener};
use crate::transport::{Acceptor, Stream};

/// How long to wait when the system has no room for another connection.
pub(super) const PAUSE: Duration = Duration::from_millis(50);

/// A connection that tonic serves.
pub(super) struct Connection {
    stream: Box<dyn Stream>,
    peer: Option<SocketAddr>,
}

/// The connections of a listener, which is closed once nobody waits for them.
///
/// Must be called within a tokio runtime.
pub(super) fn incoming(
    listener: Listener,
    acceptor: Option<Acceptor>,
) -> ReceiverStream<io::Result<Connection>> {
    let (sender, receiver) = mpsc::channel(1);
    tokio::spawn(async move {
        tokio::select! {
            () = sender.closed() => {}
            () = accept(&listener, acceptor, &sender) => {}
        }
    });
    ReceiverStream::new(receiver)
}

/// Accepts connections for ever. One that is slow to shake hands keeps no other waiting.
async fn accept(listener: &Listener, acceptor: Option<Acceptor>, sender: &Sender<io::Result<Connection>>) {
    let mut handshakes = JoinSet::new();
    loop {
        // Those that have ended are let go of.
        while handshakes.try_join_next().is_some() {}
        let Ok(Accepted { stream, peer }) = listener.accept().await else {
            tokio::time::sleep(PAUSE).await;
            continue;
        };
        let (acceptor, sender) = (acceptor.clone(), sender.clone());
        handshakes.spawn(async move {
            let stream = match acceptor {
                None => Ok(stream),
                Some(acceptor) => acceptor.accept(stream).await,
            };
            // Who fails to shake hands is gone, and when nobody waits for connections any more, nobody needs one.
            if let Ok(stream) = stream {
                let _ = sender.send(Ok(Connection { stream, peer })).await;
            }
        });
    }
}

impl Connected for Connection {
    type ConnectInfo = TcpConnectInfo;

    fn connect_info(&self) -> TcpConnectInfo {
        TcpConnectInfo { local_addr: None, remote_addr: self.peer }
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
