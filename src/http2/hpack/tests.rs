use super::super::error::{Error, ErrorCode};
use super::write::Literal;
use super::*;

type Pairs<'a> = &'a [(&'a str, &'a str)];

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
    let octet = |pair: &[u8]| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap();
    digits.chunks(2).map(octet).collect()
}

fn decode(decoder: &mut Decoder, block: &[u8]) -> Result<Vec<(String, String, bool)>, Error> {
    let mut fields = Vec::new();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let told = decoder.decode(block, |field| {
        fields.push((text(field.name), text(field.value), field.sensitive));
    })?;
    assert!(told.whole);
    assert_eq!(
        told.size,
        fields.iter().map(|(name, value, _)| name.len() + value.len() + OVERHEAD).sum::<usize>()
    );
    Ok(fields)
}

/// Blocks on one connection, each read, and written again as the RFC has it.
fn blocks(table_size: Option<usize>, strings: Strings, blocks: &[(&str, Pairs<'_>)]) {
    let mut decoder = Decoder::new(usize::MAX);
    let mut encoder = Encoder::new(strings);
    if let Some(size) = table_size {
        // The examples begin where both sides know of it.
        let mut resize = Vec::new();
        encoder.resize(size);
        encoder.begin(&mut resize);
        assert_eq!(decode(&mut decoder, &resize), Ok(vec![]));
    }
    for (block, fields) in blocks {
        let block = hex(block);
        let read = decode(&mut decoder, &block).unwrap();
        assert!(read.iter().map(|(name, value, _)| (&**name, &**value)).eq(fields.iter().copied()));
        let mut written = Vec::new();
        encoder.begin(&mut written);
        for (name, value) in *fields {
            let field = Field { name: name.as_bytes(), value: value.as_bytes(), sensitive: false };
            encoder.field(&mut written, field, Indexing::Repeats);
        }
        assert_eq!(written, block, "{fields:?}");
    }
}

/// RFC 7541, Appendix C.2.
#[test]
fn the_rfcs_fields() {
    let read = |block: &str| decode(&mut Decoder::new(usize::MAX), &hex(block)).unwrap();
    let field = |name: &str, value: &str, sensitive| vec![(name.to_owned(), value.to_owned(), sensitive)];
    let custom = "400a 6375 7374 6f6d 2d6b 6579 0d63 7573 746f 6d2d 6865 6164 6572";
    assert_eq!(read(custom), field("custom-key", "custom-header", false));
    assert_eq!(read("040c 2f73 616d 706c 652f 7061 7468"), field(":path", "/sample/path", false));
    let secret = "1008 7061 7373 776f 7264 0673 6563 7265 74";
    assert_eq!(read(secret), field("password", "secret", true));
    assert_eq!(read("82"), field(":method", "GET", false));

    let mut written = Vec::new();
    write::literal(&mut written, Literal::Added, b"custom-key", b"custom-header", Strings::Plain);
    assert_eq!(written, hex(custom));
    written.clear();
    write::named(&mut written, Literal::NotAdded, 4, b"/sample/path", Strings::Plain);
    assert_eq!(written, hex("040c 2f73 616d 706c 652f 7061 7468"));
    written.clear();
    let field = Field { name: b"password", value: b"secret", sensitive: true };
    Encoder::new(Strings::Plain).field(&mut written, field, Indexing::Repeats);
    assert_eq!(written, hex(secret));
}

const REQUESTS: [Pairs<'_>; 3] = [
    &[(":method", "GET"), (":scheme", "http"), (":path", "/"), (":authority", "www.example.com")],
    &[
        (":method", "GET"),
        (":scheme", "http"),
        (":path", "/"),
        (":authority", "www.example.com"),
        ("cache-control", "no-cache"),
    ],
    &[
        (":method", "GET"),
        (":scheme", "https"),
        (":path", "/index.html"),
        (":authority", "www.example.com"),
        ("custom-key", "custom-value"),
    ],
];

/// RFC 7541, Appendix C.3.
#[test]
fn the_rfcs_requests_without_huffman() {
    let wire = [
        "8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d",
        "8286 84be 5808 6e6f 2d63 6163 6865",
        "8287 85bf 400a 6375 7374 6f6d 2d6b 6579 0c63 7573 746f 6d2d 7661 6c75 65",
    ];
    let all: Vec<_> = wire.into_iter().zip(REQUESTS).collect();
    blocks(None, Strings::Plain, &all);
}

/// RFC 7541, Appendix C.4.
#[test]
fn the_rfcs_requests_with_huffman() {
    let wire = [
        "8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff",
        "8286 84be 5886 a8eb 1064 9cbf",
        "8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf",
    ];
    let all: Vec<_> = wire.into_iter().zip(REQUESTS).collect();
    blocks(None, Strings::Shorter, &all);
    blocks(None, Strings::Huffman, &all);
}

const RESPONSES: [Pairs<'_>; 3] = [
    &[
        (":status", "302"),
        ("cache-control", "private"),
        ("date", "Mon, 21 Oct 2013 20:13:21 GMT"),
        ("location", "https://www.example.com"),
    ],
    &[
        (":status", "307"),
        ("cache-control", "private"),
        ("date", "Mon, 21 Oct 2013 20:13:21 GMT"),
        ("location", "https://www.example.com"),
    ],
    &[
        (":status", "200"),
        ("cache-control", "private"),
        ("date", "Mon, 21 Oct 2013 20:13:22 GMT"),
        ("location", "https://www.example.com"),
        ("content-encoding", "gzip"),
        ("set-cookie", "foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1"),
    ],
];

/// RFC 7541, Appendix C.5: entries go, since the table has no more than 256 bytes.
#[test]
fn the_rfcs_responses_without_huffman() {
    let wire = [
        "4803 3330 3258 0770 7269 7661 7465 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3120 474d
         546e 1768 7474 7073 3a2f 2f77 7777 2e65 7861 6d70 6c65 2e63 6f6d",
        "4803 3330 37c1 c0bf",
        "88c1 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3220 474d 54c0 5a04 677a 6970 7738 666f
         6f3d 4153 444a 4b48 514b 425a 584f 5157 454f 5049 5541 5851 5745 4f49 553b 206d 6178 2d61 6765 3d33 3630 303b
         2076 6572 7369 6f6e 3d31",
    ];
    let all: Vec<_> = wire.into_iter().zip(RESPONSES).collect();
    blocks(Some(256), Strings::Plain, &all);
}

/// RFC 7541, Appendix C.6.
#[test]
fn the_rfcs_responses_with_huffman() {
    let wire = [
        "4882 6402 5885 aec3 771a 4b61 96d0 7abe 9410 54d4 44a8 2005 9504 0b81 66e0 82a6 2d1b ff6e 919d 29ad 1718 63c7
         8f0b 97c8 e9ae 82ae 43d3",
        "4883 640e ffc1 c0bf",
        "88c1 6196 d07a be94 1054 d444 a820 0595 040b 8166 e084 a62d 1bff c05a 839b d9ab 77ad 94e7 821d d7f2 e6c7 b335
         dfdf cd5b 3960 d5af 2708 7f36 72c1 ab27 0fb5 291f 9587 3160 65c0 03ed 4ee5 b106 3d50 07",
    ];
    let all: Vec<_> = wire.into_iter().zip(RESPONSES).collect();
    // "307" is as long in the code as it is.
    blocks(Some(256), Strings::Huffman, &all);
}

fn fails(block: &[u8]) -> ErrorCode {
    decode(&mut Decoder::new(usize::MAX), block).unwrap_err().code
}

#[test]
fn what_can_not_be_read_is_a_compression_error() {
    let wrong: [&[u8]; 9] = [
        // An index of nothing; of what is not there yet; behind everything.
        b"\x80",
        b"\xbe",
        b"\xff\xff\xff\xff\xff\x0f",
        b"\x7e\x01a",
        // Cut in an integer, in a name, in a value.
        b"\xff",
        b"\x40\x05abc",
        b"\x40\x01a\x7f\xff\xff\xff\xff\x0f",
        // No code.
        b"\x40\x81\x00\x00",
        // A table larger than 4096 bytes.
        b"\x3f\xe2\x1f",
    ];
    for block in wrong {
        assert_eq!(fails(block), ErrorCode::COMPRESSION_ERROR, "{block:02x?}");
    }
}

#[test]
fn sizes_come_first_and_are_what_was_agreed_on() {
    assert_eq!(fails(b"\x82\x20"), ErrorCode::COMPRESSION_ERROR);
    let mut decoder = Decoder::new(usize::MAX);
    assert_eq!(decode(&mut decoder, b"\x20\x3f\xe1\x1f").unwrap(), []);
    decoder.allow(100);
    assert_eq!(decode(&mut decoder, b"\x82").unwrap_err().code, ErrorCode::COMPRESSION_ERROR);
    assert_eq!(decode(&mut decoder, b"\x3f\x45\x82").unwrap().len(), 1);
    decoder.allow(10_000);
    assert_eq!(decode(&mut decoder, b"\x82").unwrap().len(), 1);
    assert_eq!(decode(&mut decoder, b"\x3f\xf1\x4d\x82").unwrap().len(), 1);

    let (mut encoder, mut block) = (Encoder::default(), Vec::new());
    for size in [100, 0, 50] {
        encoder.resize(size);
    }
    encoder.begin(&mut block);
    encoder.begin(&mut block);
    assert_eq!(block, b"\x20\x3f\x13");
}

#[test]
fn a_list_beyond_the_limit_is_not_told_and_the_table_is_kept() {
    let mut decoder = Decoder::new(4000);
    // An entry of some size, a thousand times.
    let mut block = Vec::new();
    write::literal(&mut block, Literal::Added, b"a", &[b'v'; 2000], Strings::Plain);
    block.extend([0xbe; 1000]);
    let mut seen = 0;
    let told = decoder.decode(&block, |_| seen += 1).unwrap();
    assert_eq!((told.whole, told.size, seen), (false, 2033 * 1001, 1));
    let told = decoder.decode(b"\xbe", |field| assert_eq!(field.value.len(), 2000)).unwrap();
    assert_eq!(told, Told { size: 2033, whole: true, changed: false });
}

#[test]
fn a_block_that_changes_the_table_says_so() {
    let mut decoder = Decoder::new(usize::MAX);
    let mut changed = |block: &str| decoder.decode(&hex(block), |_| {}).unwrap().changed;
    let added = "400a 6375 7374 6f6d 2d6b 6579 0d63 7573 746f 6d2d 6865 6164 6572";
    let not_added = "040c 2f73 616d 706c 652f 7061 7468";
    let never = "1008 7061 7373 776f 7264 0673 6563 7265 74";
    assert!(!changed("82"));
    assert!(changed(added) && changed(added));
    assert!(!changed("82be") && !changed(not_added) && !changed(never));
    assert!(changed("20 82"));
    assert!(!changed("82"));
}
