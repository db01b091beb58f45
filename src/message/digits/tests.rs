use super::*;
use crate::message::Position;

fn read_in(text: &[u8], piece: usize, mut reader: DigitReader) -> Result<Vec<Piece>, DigitsError> {
    let mut pieces = Vec::new();
    for piece in text.chunks(piece.max(1)) {
        reader.push(piece);
        while let Some(piece) = reader.next_piece()? {
            pieces.push(piece);
        }
    }
    reader.finish();
    while let Some(piece) = reader.next_piece()? {
        pieces.push(piece);
    }
    Ok(pieces)
}

/// The messages of lines, however the text comes.
fn messages(digits: Digits, text: &str) -> Result<Vec<Vec<u8>>, DigitsError> {
    let read = |piece| read_in(text.as_bytes(), piece, DigitReader::new(digits, true, 1 << 20));
    let whole = read(text.len());
    assert_eq!(read(1), whole, "{text:?}");
    let message = |piece| match piece {
        Piece::Message(bytes) => bytes,
        Piece::Bytes(bytes) => panic!("{bytes:?}"),
    };
    whole.map(|pieces| pieces.into_iter().map(message).collect())
}

/// The bytes of a text whose lines mean nothing.
fn flow(digits: Digits, text: &str) -> Result<Vec<u8>, DigitsError> {
    let read = |piece| -> Result<Vec<u8>, DigitsError> {
        let pieces = read_in(text.as_bytes(), piece, DigitReader::new(digits, false, 1 << 20))?;
        let bytes = |piece| match piece {
            Piece::Bytes(bytes) => bytes,
            Piece::Message(bytes) => panic!("{bytes:?}"),
        };
        Ok(pieces.into_iter().flat_map(bytes).collect())
    };
    let whole = read(text.len());
    assert_eq!(read(1), whole, "{text:?}");
    whole
}

const ALICE: &[u8] = b"\x0a\x05Alice";

#[test]
fn digits_are_read_however_they_are_written() {
    for text in [
        "0a05416c696365",
        "0A 05 41 6c 69 63 65",
        "0x0a,0x05,41:6c:69:63:65",
        r"\x0a\x05\x41\x6c\x69\x63\x65",
        "0a 0 5 41 6c 69 63 65\r\n",
        "0x0a05416c696365",
    ] {
        assert_eq!(messages(Digits::Hex, text).unwrap(), [ALICE], "{text}");
        assert_eq!(flow(Digits::Hex, text).unwrap(), ALICE, "{text}");
    }
    for text in ["CgVBbGljZQ==", "CgVBbGljZQ", "CgVB bGljZQ="] {
        assert_eq!(messages(Digits::Base64, text).unwrap(), [ALICE], "{text}");
        assert_eq!(flow(Digits::Base64, text).unwrap(), ALICE, "{text}");
    }
    assert_eq!(flow(Digits::Base64, "_-8=").unwrap(), b"\xff\xef");
}

#[test]
fn each_line_is_a_message() {
    assert_eq!(messages(Digits::Hex, "0a0141\n\n0a0142\n").unwrap(), [&b"\x0a\x01A"[..], b"", b"\x0a\x01B"]);
    assert_eq!(messages(Digits::Base64, "CgFB\nCgFC").unwrap(), [b"\x0a\x01A", b"\x0a\x01B"]);
    assert!(messages(Digits::Hex, "").unwrap().is_empty());
    assert_eq!(messages(Digits::Hex, "\n").unwrap(), [b""]);
    let word = DigitReader::new(Digits::Hex, true, 9).of_a_word();
    assert_eq!(read_in(b"", 1, word).unwrap(), [Piece::Message(Vec::new())]);
    // Where something stands around each, lines mean nothing, and padding ends no more than a group.
    assert_eq!(flow(Digits::Base64, "AwoBQQ==\nAwoBQg==\n").unwrap(), b"\x03\x0a\x01A\x03\x0a\x01B");
    assert_eq!(flow(Digits::Hex, "030a0\n141\n").unwrap(), b"\x03\x0a\x01A");
}

#[test]
fn lines_that_were_wrapped_are_one_message() {
    let long = [b"\x0a\x64".to_vec(), vec![b'x'; 100]].concat();
    for (digits, text) in [
        (Digits::Hex, "0a 05 41 6c\n69 63 65\n"),
        (Digits::Hex, "0a054\n16c69\n6365"),
        (Digits::Base64, "CgVBbGlj\nZQ==\n"),
        (Digits::Base64, "CgVBb\nGljZQ\n"),
    ] {
        assert_eq!(messages(digits, text).unwrap(), [ALICE], "{text}");
    }
    let hex = format!("0a64{}", "78".repeat(100));
    let lines: Vec<&str> = hex.as_bytes().chunks(60).map(|line| std::str::from_utf8(line).unwrap()).collect();
    let wrapped = format!("{}\n", lines.join("\n"));
    assert_eq!(messages(Digits::Hex, &format!("{wrapped}0a0141\n")).unwrap(), [&long[..], b"\x0a\x01A"]);
    // What makes no message together is as many as there are lines, broken or not.
    assert_eq!(
        messages(Digits::Hex, "0a0741\n0a0141\n08").unwrap(),
        [&b"\x0a\x07A"[..], b"\x0a\x01A", b"\x08"]
    );
}

#[test]
fn dumps_are_one_message() {
    let bytes: Vec<u8> = [b"\x0a\x20".to_vec(), vec![b'|'; 32]].concat();
    let dumps = [
        "00000000: 0a20 7c7c 7c7c 7c7c 7c7c 7c7c 7c7c 7c7c  . ||||||||||||||\n\
         00000010: 7c7c 7c7c 7c7c 7c7c 7c7c 7c7c 7c7c 7c7c  ||||||||||||||||\n\
         00000020: 7c7c                                     ||\n",
        "00000000  0a 20 7c 7c 7c 7c 7c 7c  7c 7c 7c 7c 7c 7c 7c 7c  |. ||||||||||||||||\n\
         00000010  7c 7c 7c 7c 7c 7c 7c 7c  7c 7c 7c 7c 7c 7c 7c 7c  |||||||||||||||||\n\
         00000020  7c 7c                                             ||||\n00000022\n",
        "0000000 0a 20 7c 7c 7c 7c 7c 7c 7c 7c 7c 7c 7c 7c 7c 7c\n\
         0000020 7c 7c 7c 7c 7c 7c 7c 7c 7c 7c 7c 7c 7c 7c 7c 7c\n0000040 7c 7c\n0000042\n",
        "0000000 0a 20 7c 7c 7c 7c 7c 7c 7c 7c 7c 7c 7c 7c 7c 7c  >. ||||||||||||||<\n\
         0000016 7c 7c 7c 7c 7c 7c 7c 7c 7c 7c 7c 7c 7c 7c 7c 7c  >||||||||||||||||<\n\
         0000032 7c 7c                                            >||<\n0000034\n",
        "0000   0a 20 7c 7c 7c 7c 7c 7c 7c 7c 7c 7c 7c 7c 7c 7c   . ||||||||||||||\n\
         0010   7c 7c 7c 7c 7c 7c 7c 7c 7c 7c 7c 7c 7c 7c 7c 7c   ||||||||||||||||\n0020   7c 7c\n",
        "\t0x0000:  0a20 7c7c 7c7c 7c7c 7c7c 7c7c 7c7c 7c7c  . ||||||||||||||\n\
         \t0x0010:  7c7c 7c7c 7c7c 7c7c 7c7c 7c7c 7c7c 7c7c  ||||||||||||||||\n\t0x0020:  7c7c  ||\n",
    ];
    for dump in dumps {
        assert_eq!(messages(Digits::Hex, dump).unwrap(), [&bytes[..]], "{dump}");
        assert_eq!(flow(Digits::Hex, dump).unwrap(), bytes, "{dump}");
    }
}

#[test]
fn lines_of_a_dump_that_are_left_out_are_filled_in() {
    let dump = "00000000  0a 60 78 78 78 78 78 78  78 78 78 78 78 78 78 78  |.`xx|\n\
                00000010  78 78 78 78 78 78 78 78  78 78 78 78 78 78 78 78  |xxxx|\n*\n\
                00000060  78 78                                             |xx|\n00000062\n";
    let bytes = [b"\x0a\x60".to_vec(), vec![b'x'; 96]].concat();
    assert_eq!(messages(Digits::Hex, dump).unwrap(), [bytes]);
    let error = messages(Digits::Hex, &dump.replace("*\n", "")).unwrap_err().to_string();
    assert_eq!(error, "line 3 column 1: the dump goes on at offset 0x60, and 0x20 bytes stand before it");
    let error = messages(Digits::Hex, "0000000 050a 6c41 6369 0065\n0000007\n").unwrap_err().to_string();
    assert!(error.starts_with("line 1 column 9: a dump in words"), "{error}");
}

#[test]
fn a_length_is_no_offset() {
    let frame = b"\0\0\0\0\x03\x0a\x01A";
    for text in ["00000000030a0141", "0000000003 0a0141", "0000 0000 030a 0141", "00000000 030a0141"] {
        assert_eq!(flow(Digits::Hex, text).unwrap(), frame, "{text}");
    }
    assert_eq!(flow(Digits::Hex, "00000000: 0000 0000 030a 0141  ......A\n").unwrap(), frame);
}

#[test]
fn what_is_wrong_has_its_place() {
    for (digits, text, told) in [
        (Digits::Hex, "0a05\n0az1", "line 2 column 3: 'z' is no hexadecimal digit"),
        (
            Digits::Hex,
            "0a0",
            "line 1 column 4: a hexadecimal digit is missing: there is half a byte before this",
        ),
        (Digits::Hex, "0a\u{e9}", "line 1 column 3: the byte 0xc3 is no hexadecimal digit"),
        (Digits::Base64, "CgFB*", "line 1 column 5: '*' is no base64 digit"),
        (
            Digits::Base64,
            "CgFBC",
            "line 1 column 6: base64 digits are missing: the one before this is less than a byte",
        ),
        (
            Digits::Base64,
            "_+8=",
            "line 1 column 2: '+' is of the other base64 alphabet than digits before it",
        ),
        (Digits::Base64, "a=b=", "line 1 column 2: '=' where there is nothing to pad"),
    ] {
        // The lines before are given out first.
        let mut reader = DigitReader::new(digits, true, 99);
        reader.push(text.as_bytes());
        reader.finish();
        let error = loop {
            match reader.next_piece() {
                Ok(Some(_)) => {}
                Ok(None) => panic!("{text}"),
                Err(error) => break error,
            }
        };
        assert_eq!(error.to_string(), told);
        assert!(reader.next_piece().unwrap().is_none());
    }
    let error = flow(Digits::Hex, "0a0z").unwrap_err();
    assert_eq!(error.position, Position { line: 1, column: 4 });
    let large = read_in("08".repeat(200).as_bytes(), 7, DigitReader::new(Digits::Hex, true, 16)).unwrap_err();
    assert_eq!(large.problem, DigitProblem::TooLarge { limit: 16 });
}
