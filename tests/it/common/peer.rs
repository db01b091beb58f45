//! Servers that answer wrongly, frame by frame: what no gRPC library would let a test send.

use std::future::poll_fn;
use std::net::TcpListener;
use std::task::Poll;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use h2::Reason;
use h2::server::SendResponse;
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Response, Uri};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::{mpsc, oneshot};

/// The header that makes an answer gRPC's.
pub(crate) const GRPC: (&str, &str) = ("content-type", "application/grpc");

/// One thing that a peer does in answer to a request.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    /// The response's HTTP status and headers.
    Headers(u16, Vec<(&'static str, &'static str)>),
    /// Headers that end the answer: what gRPC calls Trailers-Only.
    Only(u16, Vec<(&'static str, &'static str)>),
    /// Bytes of the body, as they are.
    Data(Vec<u8>),
    /// The same byte of the body again and again, now and then, without an end.
    Drip(u8),
    /// Trailers, which end the answer.
    Trailers(Vec<(&'static str, &'static str)>),
    /// The end of the answer, without trailers.
    End,
    /// RST_STREAM.
    Reset(Reason),
    /// GOAWAY, and the connection's end.
    GoAway(Reason),
    /// The connection's end, without a word.
    Cut,
    /// Nothing more, and no end.
    Hang,
}

/// A server on a port that the system picked; it ends with this value.
pub(crate) struct Peer {
    /// Where it listens, as a target.
    pub(crate) address: String,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Peer {
    /// Speaks HTTP/2 and answers every request with the steps that `answer` gives for its path and body.
    pub(crate) fn h2(answer: impl Fn(&str, &[u8]) -> Vec<Step> + Send + Clone + 'static) -> Self {
        Self::h2_by_uri(move |uri, body| answer(uri.path(), body))
    }

    /// The same by the whole address that is asked for.
    pub(crate) fn h2_by_uri(answer: impl Fn(&Uri, &[u8]) -> Vec<Step> + Send + Clone + 'static) -> Self {
        Self::h2_limited(u32::MAX, answer)
    }

    /// The same, with so many requests at a time.
    pub(crate) fn h2_limited(
        streams: u32,
        answer: impl Fn(&Uri, &[u8]) -> Vec<Step> + Send + Clone + 'static,
    ) -> Self {
        Self::h2_serving(streams, move |head, body| answer(&head.uri, body))
    }

    /// The same by the whole head of the request.
    pub(crate) fn h2_by_head(answer: impl Fn(&Parts, &[u8]) -> Vec<Step> + Send + Clone + 'static) -> Self {
        Self::h2_serving(u32::MAX, answer)
    }

    fn h2_serving(
        streams: u32,
        answer: impl Fn(&Parts, &[u8]) -> Vec<Step> + Send + Clone + 'static,
    ) -> Self {
        Self::tcp(move |stream| {
            let answer = answer.clone();
            async move {
                // A client that gives up mid-way is what many of these answers are about.
                drop(serve(stream, streams, answer).await);
            }
        })
    }

    /// Speaks HTTP/1.1 and nothing else, and answers every request with the bytes that `answer` gives for its head and
    /// body; what is no request of HTTP/1.1 gets a 400.
    pub(crate) fn http1(answer: impl Fn(&str, &[u8]) -> Vec<u8> + Send + Clone + 'static) -> Self {
        Self::tcp(move |stream| {
            let answer = answer.clone();
            async move {
                drop(serve_http1(stream, answer).await);
            }
        })
    }

    /// Treats each connection as `serve` does.
    pub(crate) fn tcp<F>(serve: impl Fn(TcpStream) -> F + Send + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (stop, mut stopped) = oneshot::channel();
        let thread = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let listener = tokio::net::TcpListener::from_std(listener).unwrap();
                loop {
                    tokio::select! {
                        accepted = listener.accept() => drop(tokio::spawn(serve(accepted.unwrap().0))),
                        _ = &mut stopped => return,
                    }
                }
            });
        });
        Self { address, stop: Some(stop), thread: Some(thread) }
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        drop(self.stop.take());
        drop(self.thread.take().map(JoinHandle::join));
    }
}

async fn serve_http1(mut stream: TcpStream, answer: impl Fn(&str, &[u8]) -> Vec<u8>) -> std::io::Result<()> {
    let mut read = Vec::new();
    loop {
        let end = loop {
            if let Some(end) = read.windows(4).position(|four| four == b"\r\n\r\n") {
                break end + 4;
            }
            if stream.read_buf(&mut read).await? == 0 {
                return Ok(());
            }
        };
        let head = String::from_utf8_lossy(&read[..end]).into_owned();
        if !head.lines().next().is_some_and(|line| line.ends_with(" HTTP/1.1")) {
            stream.write_all(b"HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n").await?;
            return Ok(());
        }
        let header = |name: &str| {
            head.lines()
                .filter_map(|line| line.split_once(": "))
                .find(|(known, _)| *known == name)
                .map(|(_, v)| v)
        };
        let mut body = read.split_off(end);
        let body = if header("transfer-encoding").is_some() {
            let whole = loop {
                if let Some(whole) = unchunked(&body) {
                    break whole;
                }
                if stream.read_buf(&mut body).await? == 0 {
                    return Ok(());
                }
            };
            read = Vec::new();
            whole
        } else {
            let length = header("content-length").map_or(0, |length| length.parse().unwrap());
            while body.len() < length {
                if stream.read_buf(&mut body).await? == 0 {
                    return Ok(());
                }
            }
            read = body.split_off(length);
            body
        };
        stream.write_all(&answer(&head, &body)).await?;
    }
}

/// The body that chunks hold, once the last is there (RFC 9112 §7.1).
fn unchunked(mut chunks: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let line = chunks.windows(2).position(|two| two == b"\r\n")?;
        let size = usize::from_str_radix(std::str::from_utf8(&chunks[..line]).unwrap(), 16).unwrap();
        let chunk = chunks.get(line + 2..line + 2 + size)?;
        chunks = chunks.get(line + 4 + size..)?;
        body.extend_from_slice(chunk);
        if size == 0 {
            return Some(body);
        }
    }
}

/// A gRPC message's five bytes and its own.
pub(crate) fn envelope(flag: u8, message: &[u8]) -> Vec<u8> {
    let length = u32::try_from(message.len()).unwrap().to_be_bytes();
    [&[flag], length.as_slice(), message].concat()
}

async fn serve(
    stream: TcpStream,
    streams: u32,
    answer: impl Fn(&Parts, &[u8]) -> Vec<Step> + Send + Clone + 'static,
) -> Result<(), h2::Error> {
    let mut connection = h2::server::Builder::new().max_concurrent_streams(streams).handshake(stream).await?;
    let (last_words, mut goodbye) = mpsc::channel(1);
    loop {
        tokio::select! {
            accepted = connection.accept() => {
                let Some(accepted) = accepted else { return Ok(()) };
                let (request, respond) = accepted?;
                let (answer, last_words) = (answer.clone(), last_words.clone());
                tokio::spawn(async move {
                    let (head, stream) = request.into_parts();
                    let body = body(stream).await?;
                    play(answer(&head, &body), respond, last_words).await
                });
            }
            Some(reason) = goodbye.recv() => match reason {
                Some(reason) => connection.abrupt_shutdown(reason),
                None => {
                    // What was sent before goes out first.
                    return poll_fn(|cx| {
                        let _ = connection.poll_accept(cx);
                        Poll::Ready(Ok(()))
                    })
                    .await;
                }
            },
        }
    }
}

async fn body(mut stream: h2::RecvStream) -> Result<BytesMut, h2::Error> {
    let mut body = BytesMut::new();
    while let Some(data) = stream.data().await {
        let data = data?;
        stream.flow_control().release_capacity(data.len())?;
        body.extend_from_slice(&data);
    }
    Ok(body)
}

async fn play(
    steps: Vec<Step>,
    mut respond: SendResponse<Bytes>,
    last_words: mpsc::Sender<Option<Reason>>,
) -> Result<(), h2::Error> {
    let mut stream = None;
    for step in steps {
        match (step, &mut stream) {
            (Step::Headers(status, headers), _) => {
                stream = Some(respond.send_response(head(status, headers), false)?);
            }
            (Step::Only(status, headers), _) => drop(respond.send_response(head(status, headers), true)?),
            (Step::Data(data), Some(stream)) => stream.send_data(data.into(), false)?,
            (Step::Drip(byte), Some(stream)) => loop {
                stream.send_data(vec![byte].into(), false)?;
                tokio::time::sleep(Duration::from_millis(100)).await;
            },
            (Step::Trailers(trailers), Some(stream)) => stream.send_trailers(header_map(trailers))?,
            (Step::End, Some(stream)) => stream.send_data(Bytes::new(), true)?,
            (Step::Reset(reason), _) => respond.send_reset(reason),
            (Step::GoAway(reason), _) => drop(last_words.send(Some(reason)).await),
            (Step::Cut, _) => {
                let _ = last_words.send(None).await;
                // A stream that is let go of would be reset first.
                std::future::pending::<()>().await;
            }
            (Step::Hang, _) => std::future::pending().await,
            (step, None) => panic!("{step:?} before the headers"),
        }
    }
    Ok(())
}

fn head(status: u16, headers: Vec<(&'static str, &'static str)>) -> Response<()> {
    let mut response = Response::builder().status(status).body(()).unwrap();
    *response.headers_mut() = header_map(headers);
    response
}

fn header_map(headers: Vec<(&'static str, &'static str)>) -> HeaderMap {
    headers
        .into_iter()
        .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
        .collect()
}
