//! Bytes of which nothing is known, alone or in a row, as `decode` and `decode --raw` show them: every byte in its place.
//!
//! The first byte chooses the type that is tried, by its letter, and the next one the framing: `n`, `v` or `g`.
#![no_main]

#[path = "../demo.rs"]
mod demo;
#[path = "../messages.rs"]
mod messages;

use std::ops::Range;

use demo::DEMO;
use libfuzzer_sys::fuzz_target;
use messages::is_safe;
use prost_reflect::MessageDescriptor;
use rpcctl::message::frames::{self, Frame, Framing};
use rpcctl::message::json;
use rpcctl::message::tree::{Shown, Tree};
use rpcctl::output::tree::{self as show, Look};

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
        if frame.message.len() <= LARGEST {
            shown(&frame, None);
            shown(&frame, Some(descriptor));
            DEMO.ways.check(descriptor, &frame.message);
        }
    }
});

/// The messages of a row, which stand one behind the other and come back from a row made of them.
fn row(input: &[u8], framing: Framing) -> Vec<Frame> {
    let (frames, error) = frames::split(input, framing);
    let mut end = 0;
    let mut again = Vec::new();
    for frame in &frames {
        assert!(frame.range.start >= end && frame.range.start <= end + 10);
        assert!(frame.compressed || frame.message == input[frame.range.clone()]);
        end = frame.range.end;
        frames::append(&mut again, &frame.message, framing).expect("a length");
    }
    assert_eq!(end, error.map_or(input.len(), |error| error.offset));
    let (again, error) = frames::split(&again, framing);
    assert_eq!(error, None);
    assert!(again.iter().map(|frame| &frame.message).eq(frames.iter().map(|frame| &frame.message)));
    frames
}

fn shown(frame: &Frame, descriptor: Option<&MessageDescriptor>) {
    let bytes = &frame.message;
    let tree = Tree::of(bytes, descriptor);
    assert_eq!(in_place(&tree, bytes, 0), bytes.len());
    let first = tree.first_break();
    assert!(first.is_some() || tree.broken.is_none());
    assert!(first.is_none_or(|first| bytes.ends_with(&first.bytes) || first.offset < bytes.len()));
    for escape in [false, true] {
        let look = Look { offsets: escape.then(|| frame.offset()), escape };
        let text = show::text(&tree, look);
        assert!(is_safe(text.as_bytes()));
        assert_eq!(text.lines().count(), lines(&tree));
    }
    // A message whose type is known is printed as JSON itself.
    if descriptor.is_none() {
        let json = show::json(&tree, frame.offset());
        assert!(serde_json::from_slice::<serde::de::IgnoredAny>(&json).is_ok());
        let pretty = json::pretty(std::str::from_utf8(&json).expect("UTF-8"));
        let yaml = json::to_yaml(json);
        assert!(yaml.ends_with(b"\n") && json::to_yaml(pretty.into_bytes()) == yaml);
    }
}

/// Where a tree ends: each field begins where the one before it ends, and what is in it is in its place.
fn in_place(tree: &Tree, bytes: &[u8], start: usize) -> usize {
    let mut end = start;
    for node in &tree.fields {
        assert_eq!(node.range.start, end);
        end = node.range.end;
        assert!(end > node.range.start && end <= bytes.len());
        match &node.value {
            Shown::Text(text) => assert!(bytes[node.range.clone()].ends_with(text.as_bytes())),
            Shown::Bytes(content) => assert!(contains(&bytes[node.range.clone()], content)),
            Shown::Message(inner) => {
                assert_eq!(in_place(inner, bytes, content_start(inner, &node.range)), end)
            }
            // Its last tag stands behind what is in it.
            Shown::Group(inner) => {
                let last = in_place(inner, bytes, content_start(inner, &node.range));
                assert!(last <= end && end - last <= 10);
            }
            Shown::Word(_) | Shown::Packed(_) => {}
        }
    }
    if let Some(broken) = &tree.broken {
        assert_eq!(broken.offset, end);
        assert_eq!(broken.bytes, bytes[end..end + broken.bytes.len()]);
        assert!(!broken.bytes.is_empty());
        end += broken.bytes.len();
    }
    end
}

/// Where what is in a field begins.
fn content_start(inner: &Tree, range: &Range<usize>) -> usize {
    let first = inner.fields.first().map(|node| node.range.start);
    let start = first.or(inner.broken.as_ref().map(|broken| broken.offset));
    // Of one that is empty only its end is known.
    let start = start.unwrap_or(range.end);
    assert!(range.contains(&start) || start == range.end);
    start
}

fn contains(whole: &[u8], part: &[u8]) -> bool {
    part.is_empty() || messages::contains(whole, part)
}

/// How many lines show a tree: one a field, another where a message is closed, and one for the break.
fn lines(tree: &Tree) -> usize {
    let inner =
        |tree: &Tree| if tree.fields.is_empty() && tree.broken.is_none() { 0 } else { 1 + lines(tree) };
    let fields = tree.fields.iter().map(|node| match &node.value {
        Shown::Message(tree) | Shown::Group(tree) => 1 + inner(tree),
        _ => 1,
    });
    fields.sum::<usize>() + usize::from(tree.broken.is_some())
}
