//! A server that writes its frames itself, so that it can write wrong ones, and the calls that are made of it.

use std::io;

use rpcctl::http2::hpack::{Decoder, Encoder, Field, Indexing};
use rpcctl::http2::{Assembly, Frame, Head, PREFACE, Reader, Setting, Settings, write_block, write_data};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::common::{Output, Peer, Rpcctl, envelope, rpcctl};

/// The head of a right answer.
pub(super) const OK: &[(&str, &str)] = &[(":status", "200"), ("content-type", "application/grpc")];
/// Its end.
pub(super) const DONE: &[(&str, &str)] = &[("grpc-status", "0")];
/// A `hello.HelloReply` whose message is "hi".
pub(super) const HI: &[u8] = b"\x0a\x02hi";
/// How long a call may take that has a verdict: a call that ends in DEADLINE_EXCEEDED had none.
const LIMIT: &str = "--timeout 20s";

trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

/// One connection, from the server's side.
pub(super) struct Talk {
    stream: Box<dyn Stream>,
    read: Vec<u8>,
    reader: Reader,
    assembly: Assembly,
    decoder: Decoder,
    encoder: Encoder,
}

/// A frame that the client sent.
pub(super) struct Came {
    head: Head,
    payload: Vec<u8>,
}

impl Came {
    pub(super) fn frame(&self) -> Frame<'_> {
        Frame::read(self.head, &self.payload).expect("the client breaks nothing")
    }
}

impl Talk {
    pub(super) fn over(stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) -> Self {
        Self {
            stream: Box::new(stream),
            read: Vec::new(),
            reader: Reader::default(),
            assembly: Assembly::new(1 << 20),
            decoder: Decoder::new(1 << 20),
            encoder: Encoder::default(),
        }
    }

    /// The next frame of the client's; none once it has left.
    pub(super) async fn next(&mut self) -> io::Result<Option<Came>> {
        loop {
            let mut rest = &self.read[..];
            match self.reader.next(&mut rest) {
                Ok(Some(_)) => {
                    let taken = self.read.len() - rest.len();
                    let payload = self.read[Head::SIZE..taken].to_vec();
                    let head = Head::from_bytes(*self.read.first_chunk().unwrap());
                    self.read.drain(..taken);
                    return Ok(Some(Came { head, payload }));
                }
                Ok(None) => {}
                Err(error) => panic!("the client breaks HTTP/2: {error}"),
            }
            if self.stream.read_buf(&mut self.read).await? == 0 {
                return Ok(None);
            }
        }
    }

    /// Waits for the client's preface.
    pub(super) async fn preface(&mut self) -> io::Result<()> {
        while self.read.len() < PREFACE.len() {
            if self.stream.read_buf(&mut self.read).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        assert!(self.read.starts_with(PREFACE));
        self.read.drain(..PREFACE.len());
        Ok(())
    }

    /// Waits for a whole request, whose headers are right; gives its stream.
    pub(super) async fn request(&mut self) -> io::Result<u32> {
        loop {
            let came = self.next().await?.ok_or(io::ErrorKind::UnexpectedEof)?;
            let frame = came.frame();
            if let Some(block) = frame.block()
                && let Some(block) = self.assembly.push(block).expect("a short header block")
            {
                let mut fields = Vec::new();
                let told = self.decoder.decode(block, |field| fields.push(field.name.to_vec()));
                assert!(told.expect("a header block").whole);
                assert!(
                    [&b":path"[..], b"te", b"content-type"]
                        .iter()
                        .all(|name| fields.contains(&name.to_vec()))
                );
            }
            match frame {
                Frame::Headers(headers) if headers.end_stream => return Ok(headers.block.stream),
                Frame::Data(data) if data.end_stream => return Ok(data.stream),
                Frame::Settings(settings) => {
                    settings.check().expect("settings that may be so");
                    self.send(&[Frame::SettingsAck]).await?;
                }
                _ => {}
            }
        }
    }

    /// Says SETTINGS.
    pub(super) async fn settings(&mut self, settings: &[(u16, u32)]) -> io::Result<()> {
        let settings: Vec<_> = settings.iter().map(|&(id, value)| Setting { id, value }.to_bytes()).collect();
        self.send(&[Frame::Settings(Settings::of(&settings))]).await
    }

    pub(super) async fn send(&mut self, frames: &[Frame<'_>]) -> io::Result<()> {
        let mut bytes = Vec::new();
        for frame in frames {
            frame.write(&mut bytes).expect("frames of a size that there is");
        }
        self.raw(&bytes).await
    }

    /// Bytes as they are.
    pub(super) async fn raw(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes).await?;
        self.stream.flush().await
    }

    /// A header block, which the client's table takes part in.
    pub(super) fn block(&mut self, fields: &[(&str, &str)]) -> Vec<u8> {
        let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_bytes(), value.as_bytes())).collect();
        self.block_of_bytes(&fields)
    }

    pub(super) fn block_of_bytes(&mut self, fields: &[(&[u8], &[u8])]) -> Vec<u8> {
        let mut block = Vec::new();
        self.encoder.begin(&mut block);
        for (name, value) in fields {
            self.encoder.field(&mut block, Field { name, value, sensitive: false }, Indexing::Varies);
        }
        block
    }

    /// Headers that more follows.
    pub(super) async fn headers(&mut self, stream: u32, fields: &[(&str, &str)]) -> io::Result<()> {
        let block = self.block(fields);
        self.blocked(stream, &block, false).await
    }

    /// Headers that nothing follows.
    pub(super) async fn trailers(&mut self, stream: u32, fields: &[(&str, &str)]) -> io::Result<()> {
        let block = self.block(fields);
        self.blocked(stream, &block, true).await
    }

    /// Trailers, and a frame right behind them, which nobody has time between to act on.
    pub(super) async fn trailers_and(
        &mut self,
        stream: u32,
        fields: &[(&str, &str)],
        frame: Frame<'_>,
    ) -> io::Result<()> {
        let block = self.block(fields);
        let mut bytes = Vec::new();
        write_block(&mut bytes, stream, &block, true, 1 << 14);
        frame.write(&mut bytes).expect("a frame of a size that there is");
        self.raw(&bytes).await
    }

    /// A header block in frames.
    pub(super) async fn blocked(&mut self, stream: u32, block: &[u8], end_stream: bool) -> io::Result<()> {
        let mut bytes = Vec::new();
        write_block(&mut bytes, stream, block, end_stream, 1 << 14);
        self.raw(&bytes).await
    }

    /// Bytes of a body in frames.
    pub(super) async fn data(&mut self, stream: u32, data: &[u8]) -> io::Result<()> {
        let mut bytes = Vec::new();
        write_data(&mut bytes, stream, data, false, 1 << 14);
        self.raw(&bytes).await
    }

    /// A message in its envelope.
    pub(super) async fn message(&mut self, stream: u32, message: &[u8]) -> io::Result<()> {
        self.data(stream, &envelope(0, message)).await
    }

    /// The right answer to a call of `hello.HelloService/SayHello`.
    pub(super) async fn answer(&mut self, stream: u32) -> io::Result<()> {
        self.headers(stream, OK).await?;
        self.message(stream, HI).await?;
        self.trailers(stream, DONE).await
    }

    /// Takes what the client has said so far, and waits for no more.
    pub(super) async fn drain(&mut self) -> io::Result<()> {
        loop {
            let came = tokio::select! {
                biased;
                came = self.next() => came?,
                () = tokio::task::yield_now() => return Ok(()),
            };
            if came.is_none() {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
    }

    /// Says nothing more, until the client leaves.
    pub(super) async fn hang(&mut self) -> io::Result<()> {
        while self.next().await?.is_some() {}
        Ok(())
    }

    /// Ends what this side says, and waits until the client leaves: what was said before is not lost.
    pub(super) async fn close(&mut self) -> io::Result<()> {
        self.stream.shutdown().await?;
        self.hang().await
    }
}

/// A server that treats each connection like this, once the client has said its preface.
pub(super) fn raw<F>(script: impl Fn(Talk) -> F + Send + Clone + 'static) -> Peer
where
    F: Future<Output = io::Result<()>> + Send + 'static,
{
    Peer::tcp(move |stream: TcpStream| {
        let script = script.clone();
        async move {
            stream.set_nodelay(true).unwrap();
            // A client that leaves before the end is what many of these are about.
            drop(script(Talk::over(stream)).await);
        }
    })
}

/// A server that says SETTINGS, waits for a request, and does this on its stream.
pub(super) fn asked<F>(script: impl Fn(Talk, u32) -> F + Send + Clone + 'static) -> Peer
where
    F: Future<Output = io::Result<()>> + Send + 'static,
{
    raw(move |mut talk| {
        let script = script.clone();
        async move {
            talk.preface().await?;
            talk.settings(&[]).await?;
            let stream = talk.request().await?;
            script(talk, stream).await
        }
    })
}

/// A call of a method with one answer.
pub(super) fn hello(peer: &Peer) -> Rpcctl {
    let schema = "hello.HelloService/SayHello -o jsonl -I proto --proto hello/hello.proto";
    rpcctl("call").arg(&peer.address).args(schema).args(LIMIT)
}

/// A call of a method of the demo server's.
pub(super) fn demo(peer: &Peer, method: &str) -> Rpcctl {
    let schema = "-o jsonl -I proto --proto demo/v1/demo.proto";
    rpcctl("call").arg(&peer.address).arg(format!("demo.v1.Demo/{method}")).args(schema).args(LIMIT)
}

/// What becomes of a call that is answered like this.
pub(super) fn answered<F>(script: impl Fn(Talk, u32) -> F + Send + Clone + 'static) -> Output
where
    F: Future<Output = io::Result<()>> + Send + 'static,
{
    hello(&asked(script)).run()
}
