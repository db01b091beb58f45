//! Bytes of which nothing is known, alone or in a row, as `decode` and `decode --raw` show them: every byte in its place.
//!
//! The first byte chooses the type that is tried, by its letter, and the next one the framing: `n`, `v` or `g`.
#![no_main]

#[path = "../demo.rs"]
mod demo;
#[path = "../messages.rs"]
mod messages;

use demo::DEMO;
use libfuzzer_sys::fuzz_target;
use messages::is_safe;
use prost_reflect::MessageDescriptor;
use rpcctl::message::digits::{DigitReader, Digits, Piece};
use rpcctl::message::frames::{self, Frame, FrameError, Framing, Rows, Rules};
use rpcctl::message::json;
use rpcctl::message::survey::Surveyor;
use rpcctl::message::tree::{Break, Node, Shown, Tree};
use rpcctl::output::tree::{self as show, Document, Form, Look};

/// What a frame may unpack to. Beyond, no more can be found than how long it takes.
const LARGEST: usize = 1 << 16;

fuzz_target!(|input: &[u8]| {
    let [letter, framing, input @ ..] = input else { return };
    let descriptor = DEMO.message_type(*letter);
    let framing = match framing {
        b'v' => Framing::Varint,
        b'g' => Framing::Grpc,
        _ => Framing::None,
    };
    for frame in row(input, framing) {
        shown(&frame, None);
        shown(&frame, Some(descriptor));
        surveyed(&frame.message, descriptor);
        DEMO.ways.check(descriptor, &frame.message);
    }
    for digits in [Digits::Hex, Digits::Base64] {
        for apart in [false, true] {
            assert_eq!(pieces(input, digits, apart, 7), pieces(input, digits, apart, LARGEST));
        }
    }
});

/// What digits stand for, however they come.
fn pieces(text: &[u8], digits: Digits, apart: bool, piece: usize) -> (Vec<Vec<u8>>, Vec<u8>, Option<String>) {
    let mut reader = DigitReader::new(digits, apart, LARGEST);
    let (mut messages, mut bytes) = (Vec::new(), Vec::new());
    let mut take = |reader: &mut DigitReader| loop {
        match reader.next_piece() {
            Ok(Some(Piece::Message(message))) => messages.push(message),
            Ok(Some(Piece::Bytes(mut more))) => bytes.append(&mut more),
            Ok(None) => return None,
            Err(error) => return Some(error.to_string()),
        }
    };
    let mut error = None;
    for piece in text.chunks(piece) {
        reader.push(piece);
        error = error.or_else(|| take(&mut reader));
    }
    reader.finish();
    let error = error.or_else(|| take(&mut reader));
    // What stood before an error in one piece is given out or not.
    let bytes = if error.is_some() { Vec::new() } else { bytes };
    (messages, bytes, error)
}

/// What is told of a message is what is shown in place of its values.
fn surveyed(bytes: &[u8], descriptor: &MessageDescriptor) {
    struct Nobody;
    impl json::Types for Nobody {
        fn message(&self, _: &str) -> Option<MessageDescriptor> {
            None
        }
    }
    let found = Surveyor::default().survey(descriptor, bytes, &Nobody);
    let shown = json::Printer::default().print(descriptor, bytes, &Nobody, &mut Vec::new());
    assert_eq!(found.count > 0, shown.placeholders > 0, "{found:?}");
    assert!(found.problems.iter().all(|problem| problem.offset <= bytes.len()));
}

/// The messages of a row, which stand one behind the other and come back from a row made of them.
fn row(input: &[u8], framing: Framing) -> Vec<Frame> {
    let (frames, error) = split(input, framing);
    let mut end = 0;
    let mut again = Vec::new();
    for frame in &frames {
        assert!(frame.start >= end && frame.start <= end + 10);
        let packed = frame.compression.is_some();
        assert!(packed || frame.message == input[frame.start..frame.start + frame.length]);
        end = frame.start + frame.length;
        frames::append(&mut again, &frame.message, framing, None).expect("a length");
    }
    assert_eq!(end, error.map_or(input.len(), |error| error.offset));
    let (again, error) = split(&again, framing);
    assert_eq!(error, None);
    assert!(again.iter().map(|frame| &frame.message).eq(frames.iter().map(|frame| &frame.message)));
    frames
}

fn split(input: &[u8], framing: Framing) -> (Vec<Frame>, Option<FrameError>) {
    let mut rows = Rows::new(Rules { framing, compression: None, largest: usize::MAX, unpacked: LARGEST });
    let mut frames = Vec::new();
    rows.push(input);
    rows.finish();
    loop {
        match rows.next_frame() {
            Ok(Some(frame)) => frames.push(frame),
            Ok(None) => return (frames, None),
            Err(error) => return (frames, Some(error)),
        }
    }
}

fn shown(frame: &Frame, descriptor: Option<&MessageDescriptor>) {
    let bytes = &frame.message[..];
    let tree = Tree::of(bytes, descriptor);
    assert_eq!(in_place(&tree, bytes, 0), bytes.len());
    let first = tree.first_break();
    assert!(first.is_some() || tree.fields().all(|field| field.is_ok()));
    assert!(first.is_none_or(|first| first.offset <= bytes.len()));
    for escape in [false, true] {
        let look = Look { offsets: escape.then(|| frame.offset()), escape };
        let mut text = Vec::new();
        show::text(&tree, bytes, look, &mut text).expect("a Vec takes all");
        assert!(is_safe(&text));
    }
    // A message whose type is known is printed as JSON itself.
    if descriptor.is_none() {
        let written = |form| {
            let mut out = Vec::new();
            let look = Document { form, before: frame.offset(), compression: None, escape: true };
            show::document(&tree, look, &mut out).expect("a Vec takes all");
            out
        };
        let json = written(Form::Line);
        assert!(serde_json::from_slice::<serde::de::IgnoredAny>(&json).is_ok());
        let pretty = json::pretty(std::str::from_utf8(&json).expect("UTF-8"));
        assert_eq!(pretty.as_bytes(), written(Form::Pretty));
        assert_eq!(json::to_yaml(json), written(Form::Yaml));
    }
}

/// Where a tree ends: each field begins where the one before it ends, and what is in it is in its place.
fn in_place(tree: &Tree<'_>, bytes: &[u8], start: usize) -> usize {
    let mut end = start;
    let mut over = false;
    for field in tree.fields() {
        assert!(!over, "nothing stands behind a break");
        match field {
            Ok(node) => {
                assert_eq!(node.range.start, end);
                end = node.range.end;
                assert!(end > node.range.start && end <= bytes.len());
                assert!(node.content > node.range.start && node.content <= node.end && node.end <= end);
                inside(&node, bytes);
            }
            Err(Break { offset, bytes: rest, .. }) => {
                assert_eq!(offset, end);
                assert_eq!(rest, &bytes[end..end + rest.len()]);
                end += rest.len();
                over = true;
            }
        }
    }
    end
}

fn inside(node: &Node<'_>, bytes: &[u8]) {
    match &node.value {
        Shown::Text(text) => assert_eq!(&bytes[node.content..node.end], text.as_bytes()),
        Shown::Bytes(content) => {
            assert!(bytes[node.range.clone()].ends_with(content) || node.end < node.range.end)
        }
        Shown::Message(tree) => {
            assert_eq!(in_place(tree, bytes, node.content), node.end);
            assert_eq!(node.end, node.range.end);
        }
        Shown::Group(tree) => {
            assert_eq!(in_place(tree, bytes, node.content), node.end);
            // Its last tag stands behind what is in it.
            assert!(node.range.end - node.end <= 10);
        }
        Shown::Number(_) | Shown::Word(_) | Shown::Packed(_) => {}
    }
}
