//! Frames as two readers see them: rpcctl's own, and h2's.

use std::io::Cursor;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use h2::Codec;
use h2::frame::Frame as Theirs;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use rpcctl::http2::hpack::{Decoder, Field};
use rpcctl::http2::{Assembly, Error, Frame, Reader, setting};
use tokio_stream::Stream as _;

/// Far more than an input can hold.
const LARGEST: usize = 1 << 28;

/// Names and values, by names.
pub type List = Vec<(Vec<u8>, Vec<u8>)>;

/// A frame, as far as both have it.
#[derive(Debug, PartialEq, Eq)]
pub enum Seen {
    Data { stream: u32, data: Vec<u8>, end: bool },
    Headers { stream: u32, list: List, end: bool },
    Promise { stream: u32, promised: u32, list: List },
    Priority,
    Reset { stream: u32, code: u32 },
    Settings { ack: bool, values: [Option<u32>; 7] },
    Ping { ack: bool, data: [u8; 8] },
    GoAway { last: u32, code: u32, debug: Vec<u8> },
    Window { stream: u32, increment: u32 },
}

/// How a reader came to its end.
#[derive(Debug, PartialEq, Eq)]
pub enum End {
    /// What is left is no whole frame, or no whole header block.
    Input { in_block: bool },
    /// An error. h2 has no error for some, which is then said to be so.
    Wrong { for_h2: bool },
    /// What is right by the frames' rules, and h2 looks at it by those of HTTP.
    Beyond,
}

/// What rpcctl reads.
pub fn ours(mut bytes: &[u8]) -> (Vec<Seen>, End) {
    let (mut reader, mut assembly, mut decoder) =
        (Reader::default(), Assembly::new(LARGEST), Decoder::new(LARGEST));
    let mut seen = Vec::new();
    // What the block that is being put together belongs to.
    let mut open: Option<(Option<u32>, bool)> = None;
    loop {
        let frame = match reader.next(&mut bytes) {
            Ok(Some(frame)) => frame,
            // h2 looks at a length before the head is there whole.
            Ok(None) if matches!(bytes, [a, b, c, ..] if u32::from_be_bytes([0, *a, *b, *c]) > 1 << 14) => {
                return (seen, End::Beyond);
            }
            Ok(None) => return (seen, End::Input { in_block: open.is_some() }),
            Err(error) => return (seen, End::Wrong { for_h2: !is_lax(&error) }),
        };
        match &frame {
            Frame::Headers(headers) => {
                if headers.priority.is_some_and(|place| place.dependency == headers.block.stream) {
                    return (seen, End::Beyond);
                }
                open = Some((None, headers.end_stream));
            }
            // h2 takes none of which there is nothing behind the promised stream.
            Frame::PushPromise { block, padding: None | Some(0), .. } if block.fragment.is_empty() => {
                return (seen, End::Beyond);
            }
            Frame::PushPromise { promised, .. } => open = Some((Some(*promised), false)),
            Frame::Priority(place) if place.dependency == place.stream => return (seen, End::Beyond),
            Frame::Settings(settings) if settings.check().is_err() => {
                // RFC 9218 came after it.
                let newer =
                    settings.iter().any(|one| one.id == setting::NO_RFC7540_PRIORITIES && one.value > 1);
                return (seen, End::Wrong { for_h2: !newer });
            }
            _ => {}
        }
        if let Some(piece) = frame.block() {
            match assembly.push(piece) {
                Ok(None) => continue,
                Ok(Some(block)) => {
                    let Some(list) = list(&mut decoder, block) else {
                        return (seen, End::Wrong { for_h2: true });
                    };
                    if !is_http(&list) {
                        return (seen, End::Beyond);
                    }
                    let list = by_name(list);
                    let stream = piece.stream;
                    seen.push(match open.take() {
                        Some((Some(promised), _)) => Seen::Promise { stream, promised, list },
                        Some((None, end)) => Seen::Headers { stream, list, end },
                        None => panic!("a block of nothing"),
                    });
                }
                Err(error) => panic!("{error}"),
            }
            continue;
        }
        seen.extend(one(&frame));
    }
}

fn one(frame: &Frame<'_>) -> Option<Seen> {
    Some(match frame {
        Frame::Data(data) => {
            Seen::Data { stream: data.stream, data: data.data.to_vec(), end: data.end_stream }
        }
        Frame::Priority(_) => Seen::Priority,
        Frame::RstStream { stream, code } => Seen::Reset { stream: *stream, code: code.0 },
        Frame::Settings(settings) => {
            let last = |id| settings.iter().filter(|one| one.id == id).last().map(|one| one.value);
            Seen::Settings { ack: false, values: [1, 2, 3, 4, 5, 6, 8].map(last) }
        }
        Frame::SettingsAck => Seen::Settings { ack: true, values: [None; 7] },
        Frame::Ping { ack, data } => Seen::Ping { ack: *ack, data: *data },
        Frame::GoAway { last_stream, code, debug } => {
            Seen::GoAway { last: *last_stream, code: code.0, debug: debug.to_vec() }
        }
        Frame::WindowUpdate { stream, increment } => Seen::Window { stream: *stream, increment: *increment },
        Frame::Unknown { .. } | Frame::Headers(_) | Frame::PushPromise { .. } | Frame::Continuation(_) => {
            return None;
        }
    })
}

/// What h2 looks at later, or never.
fn is_lax(error: &Error) -> bool {
    matches!(
        error.what,
        "a frame that belongs to the connection names a stream"
            | "a frame that belongs to a stream names none"
            | "PUSH_PROMISE promises no stream"
    )
}

/// The fields of a block, in their order.
pub fn list(decoder: &mut Decoder, block: &[u8]) -> Option<List> {
    let mut list = Vec::new();
    let told =
        decoder.decode(block, |Field { name, value, .. }| list.push((name.to_vec(), value.to_vec()))).ok()?;
    assert!(told.whole);
    Some(list)
}

fn by_name(mut list: List) -> List {
    list.sort_by(|one, other| one.0.cmp(&other.0));
    list
}

/// Whether these are headers as HTTP has them.
fn is_http(list: &List) -> bool {
    let mut pseudo: Vec<&[u8]> = Vec::new();
    let mut regular = false;
    list.iter().all(|(name, value)| {
        if name.first() == Some(&b':') {
            let right = match name.as_slice() {
                b":status" => StatusCode::from_bytes(value).is_ok(),
                b":method" => Method::from_bytes(value).is_ok(),
                b":scheme" | b":authority" | b":path" | b":protocol" => std::str::from_utf8(value).is_ok(),
                _ => false,
            };
            let first = !regular && !pseudo.contains(&name.as_slice());
            pseudo.push(name);
            return right && first;
        }
        regular = true;
        let hop = [&b"connection"[..], b"transfer-encoding", b"upgrade", b"keep-alive", b"proxy-connection"];
        HeaderName::from_lowercase(name).is_ok()
            && HeaderValue::from_bytes(value).is_ok()
            && !hop.contains(&name.as_slice())
            && (name != b"te" || value == b"trailers")
    })
}

/// What h2 reads; whether it found something wrong.
pub fn theirs(bytes: &[u8]) -> (Vec<Seen>, bool) {
    let io = tokio::io::join(Cursor::new(bytes.to_vec()), tokio::io::sink());
    let mut codec: Codec<_, Bytes> = Codec::new(io);
    codec.set_max_recv_header_list_size(LARGEST);
    let mut seen = Vec::new();
    loop {
        match Pin::new(&mut codec).poll_next(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(Some(Ok(frame))) => seen.push(their(frame)),
            // The bytes ended in the middle of a frame.
            Poll::Ready(Some(Err(error))) => {
                let told = format!("{error:?}");
                return (seen, !told.contains("bytes remaining on stream"));
            }
            Poll::Ready(None) => return (seen, false),
            Poll::Pending => unreachable!("all of it is there"),
        }
    }
}

fn their(frame: Theirs) -> Seen {
    match frame {
        Theirs::Data(data) => Seen::Data {
            stream: data.stream_id().into(),
            end: data.is_end_stream(),
            data: data.into_payload().to_vec(),
        },
        Theirs::Headers(headers) => {
            let (stream, end) = (headers.stream_id().into(), headers.is_end_stream());
            let (pseudo, fields) = headers.into_parts();
            Seen::Headers { stream, end, list: their_list(&pseudo, &fields) }
        }
        Theirs::PushPromise(promise) => {
            let (stream, promised) = (promise.stream_id().into(), promise.promised_id().into());
            let (pseudo, fields) = promise.into_parts();
            Seen::Promise { stream, promised, list: their_list(&pseudo, &fields) }
        }
        Theirs::Priority(_) => Seen::Priority,
        Theirs::Reset(reset) => Seen::Reset { stream: reset.stream_id().into(), code: reset.reason().into() },
        Theirs::Settings(settings) => Seen::Settings {
            ack: settings.is_ack(),
            values: [
                settings.header_table_size(),
                settings.is_push_enabled().map(u32::from),
                settings.max_concurrent_streams(),
                settings.initial_window_size(),
                settings.max_frame_size(),
                settings.max_header_list_size(),
                settings.is_extended_connect_protocol_enabled().map(u32::from),
            ],
        },
        Theirs::Ping(ping) => Seen::Ping { ack: ping.is_ack(), data: *ping.payload() },
        Theirs::GoAway(away) => Seen::GoAway {
            last: away.last_stream_id().into(),
            code: away.reason().into(),
            debug: away.debug_data().to_vec(),
        },
        Theirs::WindowUpdate(update) => {
            Seen::Window { stream: update.stream_id().into(), increment: update.size_increment() }
        }
    }
}

fn their_list(pseudo: &h2::frame::Pseudo, fields: &HeaderMap) -> List {
    let mut list = List::new();
    let mut add = |name: &str, value: Option<&[u8]>| {
        list.extend(value.map(|value| (name.as_bytes().to_vec(), value.to_vec())));
    };
    add(":method", pseudo.method.as_ref().map(|method| method.as_str().as_bytes()));
    add(":scheme", pseudo.scheme.as_ref().map(|text| text.as_bytes()));
    add(":authority", pseudo.authority.as_ref().map(|text| text.as_bytes()));
    add(":path", pseudo.path.as_ref().map(|text| text.as_bytes()));
    add(":protocol", pseudo.protocol.as_ref().map(|protocol| protocol.as_str().as_bytes()));
    add(":status", pseudo.status.as_ref().map(|status| status.as_str().as_bytes()));
    list.extend(
        fields.iter().map(|(name, value)| (name.as_str().as_bytes().to_vec(), value.as_bytes().to_vec())),
    );
    by_name(list)
}

/// Holds one to the other.
pub fn compare(bytes: &[u8]) {
    let (ours, end) = ours(bytes);
    let (theirs, wrong) = theirs(bytes);
    // What h2 reads beyond the end of the other was read by rules that it does not have.
    let common = ours.len().min(theirs.len());
    assert_eq!(ours[..common], theirs[..common]);
    match end {
        End::Input { in_block: false } => assert_eq!((ours.len(), wrong), (theirs.len(), false)),
        // h2 reads a block as it comes.
        End::Input { in_block: true } => assert_eq!(ours.len(), theirs.len()),
        End::Wrong { for_h2: true } => assert_eq!((ours.len(), wrong), (theirs.len(), true)),
        End::Wrong { for_h2: false } | End::Beyond => assert!(theirs.len() >= ours.len()),
    }
}
