use std::fmt;

use super::*;
use crate::schema::testing;

fn nodes<'a>(tree: &Tree<'a>) -> Vec<Node<'a>> {
    tree.fields().map(|field| field.unwrap_or_else(|broken| panic!("{broken:?}"))).collect()
}

fn words(packed: &Packed<'_>) -> Vec<String> {
    let mut words = Vec::new();
    let take = |word: &dyn fmt::Display| -> Result<(), ()> {
        words.push(word.to_string());
        Ok(())
    };
    packed.each(take).unwrap();
    words
}

/// What is shown, without what is in a message.
fn shown(value: &Shown<'_>) -> String {
    match value {
        Shown::Number(number) => number.to_string(),
        Shown::Word(word) => word.clone(),
        Shown::Text(text) => format!("{text:?}"),
        Shown::Bytes(bytes) => format!("<{}>", bytes.escape_ascii()),
        Shown::Packed(packed) => format!("[{}]", words(packed).join(", ")),
        Shown::Message(_) => "a message".to_owned(),
        Shown::Group(_) => "a group".to_owned(),
    }
}

#[test]
fn what_has_a_length_is_guessed() {
    for (content, value, what) in [
        (&b"Alice"[..], "\"Alice\"", "text"),
        (b"\x08\x96\x01", "a message", "a message"),
        (b"\x03\x8e\x02\x9e\xa7\x05", "[3, 270, 86942]", "packed varints"),
        (b"\0\0\0\0\0\0\xf0\x3f\0\0\0\0\0\0\x04\xc0", "[1, -2.5]", "packed doubles"),
        (b"\x01\0\0\0\x02\0\0\0", "[1, 2]", "packed fixed32"),
        (b"\xff\xff", "<\\xff\\xff>", "bytes"),
    ] {
        let bytes = [&[0x0a, u8::try_from(content.len()).unwrap()], content].concat();
        let tree = Tree::of(&bytes, None);
        let nodes = nodes(&tree);
        let [node] = &nodes[..] else { panic!() };
        assert_eq!((&node.range, node.content, node.end), (&(0..bytes.len()), 2, bytes.len()));
        assert_eq!((shown(&node.value).as_str(), &node.meaning), (value, &Meaning::Guess(what)));
    }
}

#[test]
fn numbers_may_mean_several_things() {
    let tree = Tree::of(b"\x08\x96\x01\x15\x00\x00\x80\x3f\x18\x01", None);
    let shown: Vec<_> = nodes(&tree).iter().map(|node| (shown(&node.value), node.meaning.clone())).collect();
    let word = |word: &str, other| (word.to_owned(), Meaning::Wire(other));
    assert_eq!(
        shown,
        [word("150", Some(Other::Sint64(75))), word("0x3f800000", Some(Other::Float(1.0))), word("1", None)]
    );
}

#[test]
fn a_type_says_what_is_what_and_what_does_not_fit() {
    let proto = r#"
        syntax = "proto3";
        enum E { NONE = 0; ONE = 1; }
        message M { string s = 1; repeated sint32 l = 2; E e = 3; M m = 4; map<string, int32> map = 5; }
    "#;
    let bytes = b"\x0a\x01a\x12\x02\x01\x02\x18\x01\x22\x02\x08\x05\x2a\x05\x0a\x01k\x10\x07";
    let tree = Tree::of(bytes, Some(&testing::message(proto, "M")));
    let fields = nodes(&tree);
    let names: Vec<_> = fields.iter().map(|node| node.name.as_deref().unwrap()).collect();
    assert_eq!(names, ["s", "l", "e", "m", "map"]);
    assert_eq!(shown(&fields[1].value), "[-1, 1]");
    assert_eq!(shown(&fields[2].value), "ONE (1)");
    let Shown::Message(inner) = &fields[3].value else { panic!() };
    let inner = nodes(inner);
    assert_eq!(inner[0].meaning, Meaning::Misfit("string".to_owned()));
    assert_eq!(inner[0].range, 11..13);
    let Shown::Message(entry) = &fields[4].value else { panic!() };
    assert_eq!(shown(&nodes(entry)[1].value), "7");
    assert_eq!(tree.first_break(), None);
}

#[test]
fn what_is_in_an_any_is_shown_by_its_type() {
    let proto = r#"
        syntax = "proto3";
        import "google/protobuf/any.proto";
        message M { google.protobuf.Any any = 1; string name = 2; }
    "#;
    let descriptor = testing::message(proto, "M");
    let inside = |url: &str| {
        let any = [&[0x0a, u8::try_from(url.len()).unwrap()], url.as_bytes(), b"\x12\x03\x12\x01x"].concat();
        let bytes = [&[0x0a, u8::try_from(any.len()).unwrap()], &any[..]].concat();
        let outer = Tree::of(&bytes, Some(&descriptor));
        let Shown::Message(any) = &nodes(&outer)[0].value else { panic!("no message") };
        let value = nodes(any).pop().unwrap();
        let name = match &value.value {
            Shown::Message(message) => nodes(message)[0].name.clone(),
            _ => None,
        };
        (value.meaning, name)
    };
    assert_eq!(inside("a/M"), (Meaning::Declared("M".to_owned()), Some("name".to_owned())));
    assert_eq!(inside("a/N"), (Meaning::Declared("bytes".to_owned()), None));
}

fn place(bytes: &[u8], descriptor: Option<&MessageDescriptor>) -> (Vec<u32>, usize, Malformed) {
    let BreakPlace { path, offset, error, .. } = Tree::of(bytes, descriptor).first_break().unwrap();
    (path, offset, error)
}

#[test]
fn where_it_breaks_is_told_however_deep() {
    let proto = "syntax = 'proto3'; message M { M m = 1; int32 i = 2; string s = 3; }";
    let descriptor = testing::message(proto, "M");
    // Inside a message that is as long as it should be, which only a type knows to be one.
    assert_eq!(place(b"\x10\x01\x0a\x02\x10\x80", Some(&descriptor)), (vec![1, 2], 4, Malformed::Cut));
    assert_eq!(place(b"\x10\x01\x07", None), (vec![], 2, Malformed::Number));
    for descriptor in [None, Some(&descriptor)] {
        // Two messages, one in the other, of which the end is missing.
        assert_eq!(
            place(b"\x0a\x09\x10\x01\x0a\x05\x10\x02\x10", descriptor),
            (vec![1, 1, 2], 8, Malformed::Cut)
        );
        // Missing behind a field.
        assert_eq!(place(b"\x0a\x09\x10\x01\x10\x02", descriptor), (vec![1], 6, Malformed::Cut));
        // What is no message has no inside.
        assert_eq!(place(b"\x10\x01\x1a\x09Alice", descriptor), (vec![3], 2, Malformed::Cut));
    }
    // A group needs no type.
    assert_eq!(place(b"\x0b\x10\x01\x0e", None), (vec![1, 1], 3, Malformed::WireType(6)));
    assert_eq!(place(b"\x0b\x10\x01\x14", None), (vec![1, 2], 3, Malformed::EndGroup));
    assert_eq!(place(b"\x0b\x13\x10\x01", None), (vec![1, 2], 4, Malformed::Cut));
    let tree = Tree::of(b"\x0a\x09\x10\x01\x10\x02", None);
    let Ok(node) = tree.fields().next().unwrap() else { panic!() };
    assert_eq!(node.missing, Some((5, 9)));
    assert_eq!(tree.fields().count(), 1);
}

#[test]
fn no_depth_is_too_much() {
    let mut bytes = b"\x08\x01".to_vec();
    for _ in 0..30 {
        bytes = [&[0x0b], &bytes[..], &[0x0c]].concat();
    }
    let tree = Tree::of(&bytes, None);
    assert!(matches!(nodes(&tree)[0].value, Shown::Group(_)));
    let deep = [vec![0x0b; 100_000], vec![0x0c; 100_000]].concat();
    assert_eq!(place(&deep, None), (vec![1], 0, Malformed::TooDeep));
    let open = vec![0x0b; 100_000];
    assert_eq!(Tree::of(&open, None).first_break().unwrap().error, Malformed::TooDeep);
}
