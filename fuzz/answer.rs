//! A server that answers every call with this, over HTTP/2 in memory, and what the call comes to.
#![allow(dead_code, reason = "no target uses all of it")]

use std::convert::Infallible;

use bytes::Bytes;
use rpcctl::http2::hpack::{Encoder, Field, Indexing};
use rpcctl::http2::{Frame, PREFACE, Reader, Settings, write_block, write_data};
use rpcctl::transport::{Endpoint, Opener, Target};
use rpcctl::wire::{
    Call, CallPlan, Channel, Client, Dialect, EventKind, Metadata, MetadataValue, Status, Streams, Tells,
};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream};

/// The largest message that is taken.
pub const LIMIT: usize = 1 << 16;

/// An answer.
pub struct Answer<'a> {
    pub dialect: Dialect,
    pub streams: Streams,
    pub head: Vec<(&'a [u8], &'a [u8])>,
    /// The body, and how many bytes of it are in a frame.
    pub body: &'a [u8],
    pub piece: u32,
    /// What HTTP has behind the body, if anything.
    pub trailers: Option<Vec<(&'a [u8], &'a [u8])>>,
}

/// What became of it.
#[derive(Debug, PartialEq)]
pub struct Outcome {
    pub headers: Option<Metadata>,
    pub messages: Vec<Bytes>,
    /// Nothing where there was no connection to speak of.
    pub end: Option<(Status, Metadata)>,
}

impl Answer<'_> {
    fn wire(&self) -> Vec<u8> {
        let mut out = Vec::new();
        Frame::Settings(Settings::of(&[])).write(&mut out).unwrap();
        let mut encoder = Encoder::default();
        let mut block = |fields: &[(&[u8], &[u8])]| {
            let mut block = Vec::new();
            encoder.begin(&mut block);
            for (name, value) in fields {
                encoder.field(&mut block, Field { name, value, sensitive: false }, Indexing::Varies);
            }
            block
        };
        let only = self.body.is_empty() && self.trailers.is_none();
        write_block(&mut out, 1, &block(&self.head), only, 1 << 14);
        if !self.body.is_empty() {
            write_data(&mut out, 1, self.body, self.trailers.is_none(), self.piece);
        }
        if let Some(trailers) = &self.trailers {
            write_block(&mut out, 1, &block(trailers), true, 1 << 14);
        }
        out
    }

    /// Makes a call and reads its answer to the end.
    pub fn outcome(&self) -> Outcome {
        let wire = self.wire();
        let opener = Opener::new("fuzz:", move || {
            let (near, far) = tokio::io::duplex(1 << 16);
            tokio::spawn(serve(far, wire.clone()));
            Ok(Box::new(near))
        });
        let channel = Channel {
            target: Target::new(Endpoint::Opened(opener)),
            dialect: self.dialect,
            authority: None,
            prefix: String::new(),
            user_agent: "fuzz".to_owned(),
        };
        let plan = CallPlan {
            path: "/s.Service/Do".to_owned(),
            metadata: Metadata::default(),
            deadline: None,
            max_message_size: LIMIT,
            awaited: None,
            dialect: self.dialect,
            streams: self.streams,
            get: false,
            timeout: None,
            tells: Tells::Usual,
        };
        // What is waited for is not slept for.
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let client = Client::open(channel, None).unwrap();
            let messages = tokio_stream::iter([Ok::<_, Infallible>(Bytes::new())]);
            let mut call = Call::begin(&client, plan, messages);
            let mut outcome = Outcome { headers: None, messages: Vec::new(), end: None };
            while let Some(Ok(event)) = call.next().await {
                assert!(outcome.end.is_none(), "an event after the end");
                match event.kind {
                    EventKind::Headers(headers) => {
                        assert!(outcome.headers.is_none() && outcome.messages.is_empty());
                        outcome.headers = Some(headers);
                    }
                    EventKind::Message { index, payload, wire_size, compressed } => {
                        assert_eq!(index, outcome.messages.len());
                        assert!(payload.len() <= LIMIT && wire_size <= LIMIT);
                        assert!(compressed || wire_size == payload.len());
                        outcome.messages.push(payload);
                    }
                    EventKind::End(status, trailers) => outcome.end = Some((status, trailers)),
                    _ => {}
                }
            }
            for metadata in outcome.headers.iter().chain(outcome.end.as_ref().map(|(_, trailers)| trailers)) {
                entries(metadata);
            }
            outcome
        })
    }
}

/// Waits for a request, since none is answered before it came, and answers.
async fn serve(mut stream: DuplexStream, wire: Vec<u8>) {
    let (mut read, mut reader, mut from) = (Vec::new(), Reader::default(), PREFACE.len());
    while matches!(stream.read_buf(&mut read).await, Ok(count) if count > 0) {
        let mut rest = read.get(from..).unwrap_or_default();
        while let Ok(Some(frame)) = reader.next(&mut rest) {
            // A client that has seen enough leaves.
            if matches!(frame, Frame::Headers(_)) && stream.write_all(&wire).await.is_err() {
                return;
            }
        }
        from = from.max(read.len() - rest.len());
    }
}

/// Every entry can be read; a binary one is what its base64 says.
pub fn entries(metadata: &Metadata) {
    for (name, value) in metadata.entries() {
        match value {
            MetadataValue::Binary(_) => assert!(name.ends_with("-bin")),
            MetadataValue::Text(_) => {}
        }
    }
    let count = metadata.as_http().len();
    assert!(metadata.entries().count() >= count);
}

/// Lines of `name: value`.
pub fn lines(text: &[u8]) -> Vec<(&[u8], &[u8])> {
    text.split(|byte| *byte == b'\n')
        .filter_map(|line| {
            let colon = line.iter().position(|byte| *byte == b':')?;
            let (name, value) = line.split_at(colon);
            Some((name, value[1..].trim_ascii()))
        })
        .collect()
}

/// Takes apart an input: a byte of choices, the size of a frame, and three texts, with `\0\xff` between them.
pub fn parts(input: &[u8]) -> Option<(u8, u32, &[u8], &[u8], &[u8])> {
    let (&[choices, piece], rest) = input.split_first_chunk()?;
    let (head, rest) = split(rest);
    let (trailers, body) = split(rest);
    Some((choices, u32::from(piece) + 1, head, trailers, body))
}

fn split(text: &[u8]) -> (&[u8], &[u8]) {
    match text.windows(2).position(|two| two == [0, 0xff]) {
        Some(at) => (&text[..at], &text[at + 2..]),
        None => (text, &[]),
    }
}

/// The messages at the front of a body that is not compressed, by nothing but the rule of their prefix, as far as they
/// are whole, of flag 0, and within the limit.
pub fn messages(mut body: &[u8]) -> Vec<&[u8]> {
    let mut messages = Vec::new();
    while let Some(([0, size @ ..], rest)) = body.split_first_chunk::<5>() {
        let size = usize::try_from(u32::from_be_bytes(*size)).unwrap();
        let Some((message, rest)) = rest.split_at_checked(size) else { break };
        if size > LIMIT {
            break;
        }
        messages.push(message);
        body = rest;
    }
    messages
}
