use super::*;
use crate::message::json;
use crate::message::tree::Tree;

fn lines(bytes: &[u8], look: Look) -> String {
    let mut out = Vec::new();
    text(&Tree::of(bytes, None), bytes, look, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn written(bytes: &[u8], form: Form) -> Vec<u8> {
    let mut out = Vec::new();
    let look = Document { form, before: 3, compression: Some("gzip"), escape: true };
    document(&Tree::of(bytes, None), look, &mut out).unwrap();
    out
}

const ALL: &[u8] = b"\x0a\x05Alice\x10\x96\x01\x1a\x03\x08\x96\x01\x22\x03\x03\x8e\x02\x2b\x08\x01\x2c\x35\0\0\x80\x3f\x3a\x02\xff\xff\x43\x44\x0a\x09\x0a\x04a: b\x12";

#[test]
fn every_form_holds_the_same() {
    for cut in 0..=ALL.len() {
        let bytes = &ALL[..cut];
        let line = written(bytes, Form::Line);
        let parsed: serde_json::Value = serde_json::from_slice(&line).unwrap();
        assert_eq!(parsed["compression"], "gzip");
        let line = String::from_utf8(line).unwrap();
        assert_eq!(String::from_utf8(written(bytes, Form::Pretty)).unwrap(), json::pretty(&line), "{cut}");
        let yaml = String::from_utf8(json::to_yaml(line.into_bytes())).unwrap();
        assert_eq!(String::from_utf8(written(bytes, Form::Yaml)).unwrap(), yaml, "{cut}");
    }
}

/// Where a tree ends, whose fields stand one behind the other.
fn end_of(tree: &Tree<'_>, start: usize) -> usize {
    use crate::message::tree::Shown;
    tree.fields().fold(start, |end, field| match field {
        Ok(node) => {
            assert_eq!(node.range.start, end);
            if let Shown::Message(inside) | Shown::Group(inside) = &node.value {
                assert_eq!(end_of(inside, node.content), node.end);
            }
            node.range.end
        }
        Err(broken) => {
            assert_eq!(broken.offset, end);
            end + broken.bytes.len()
        }
    })
}

#[test]
fn every_byte_has_its_place_whatever_the_bytes_are() {
    for at in 0..ALL.len() {
        for byte in 0..=u8::MAX {
            let mut bytes = ALL.to_vec();
            bytes[at] = byte;
            let tree = Tree::of(&bytes, None);
            assert_eq!(end_of(&tree, 0), bytes.len(), "{}", bytes.escape_ascii());
            assert_eq!(tree.first_break().is_some(), lines(&bytes, LOOK).contains("# broken: "));
        }
    }
}

const LOOK: Look = Look { offsets: None, escape: true };

#[test]
fn each_line_has_its_bytes_beside_it() {
    let look = Look { offsets: Some(10), escape: true };
    insta::assert_snapshot!(lines(ALL, look), @r#"
    10..17  0a 05 41 6c 69 63 65       1: "Alice"  # guess: text
    17..20  10 96 01                   2: 150  # or sint64 75
    20..25  1a 03                      3 {  # guess: a message
    22..25  08 96 01                     1: 150  # or sint64 75
                                       }
    25..30  22 03 03 8e 02             4: [3, 270]  # guess: packed varints
    30..34  2b                         5 group {
    31..33  08 01                        1: 1
    33..34  2c                         }
    34..39  35 00 00 80 3f             6: 0x3f800000  # or float 1
    39..43  3a 02 ff ff                7: <ff ff>  # guess: bytes
    43..45  43                         8 group {
    44..45  44                         }
    45..54  0a 09                      1 {  # guess: a message; 2 of its 9 bytes are missing
    47..53  0a 04 61 3a 20 62            1: "a: b"  # guess: text
    53..54  12                           2: <12>  # broken: it ends in the middle of a field
                                       }
    "#);
}

#[test]
fn many_are_written_as_they_are_read() {
    struct Counted(usize, usize);
    impl Write for Counted {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 = self.0.max(bytes.len());
            self.1 += bytes.len();
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let varints = vec![1; 1 << 20];
    let packed = [b"\x0a\x82\x80\x40".to_vec(), vec![0x80, 1], varints].concat();
    for bytes in [b"\x08\x01".repeat(1 << 18), packed] {
        let tree = Tree::of(&bytes, None);
        let mut out = Counted(0, 0);
        text(&tree, &bytes, Look { offsets: None, escape: true }, &mut out).unwrap();
        for form in [Form::Line, Form::Pretty, Form::Yaml] {
            document(&tree, Document { form, before: 0, compression: None, escape: true }, &mut out).unwrap();
        }
        assert!(out.0 < 2 * ENOUGH && out.1 > bytes.len(), "{} {}", out.0, out.1);
    }
}
