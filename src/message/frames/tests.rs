use super::*;

const LARGEST: usize = 1 << 20;

fn rules(framing: Framing) -> Rules {
    Rules { framing, compression: None, largest: LARGEST, unpacked: LARGEST }
}

/// The messages of bytes that come in pieces of so many.
fn read(bytes: &[u8], piece: usize, rules: Rules) -> (Vec<Bytes>, Option<FrameError>) {
    let mut rows = Rows::new(rules);
    let mut messages = Vec::new();
    let mut take = |rows: &mut Rows| loop {
        match rows.next_frame() {
            Ok(Some(frame)) => messages.push(frame.message),
            Ok(None) => return None,
            Err(error) => return Some(error),
        }
    };
    for piece in bytes.chunks(piece) {
        rows.push(piece);
        if let Some(error) = take(&mut rows) {
            return (messages, Some(error));
        }
    }
    rows.finish();
    let error = take(&mut rows);
    (messages, error)
}

fn messages(bytes: &[u8], framing: Framing) -> (Vec<Bytes>, Option<(usize, FrameProblem)>) {
    let whole = read(bytes, bytes.len().max(1), rules(framing));
    assert_eq!(read(bytes, 1, rules(framing)), whole, "in pieces");
    (whole.0, whole.1.map(|error| (error.offset, error.problem)))
}

fn framed(packed: &[u8]) -> Vec<u8> {
    let length = u32::try_from(packed.len()).unwrap().to_be_bytes();
    [&[1], length.as_slice(), packed].concat()
}

#[test]
fn what_is_written_is_read() {
    let rows = [b"".to_vec(), b"a".to_vec(), vec![7; 300]];
    let compressions = Compression::ALL.map(Some).into_iter().chain([None]);
    for (framing, compression) in
        compressions.map(|how| (Framing::Grpc, how)).chain([(Framing::Varint, None)])
    {
        let mut out = Vec::new();
        for row in &rows {
            append(&mut out, row, framing, compression).unwrap();
        }
        let rules = Rules { compression, ..rules(framing) };
        let (read, error) = read(&out, 3, rules);
        assert_eq!(error, None, "{compression:?}");
        assert!(read.iter().eq(&rows), "{compression:?}");
    }
    assert_eq!(messages(b"", Framing::None), (vec![Bytes::new()], None));
    assert_eq!(messages(b"", Framing::Grpc), (vec![], None));
}

#[test]
fn compressed_frames_are_unpacked_by_what_they_begin_with_or_what_is_said() {
    let message = vec![7; 300];
    let packed = |how: Compression| framed(&how.compress(&message).unwrap());
    let marked = [Compression::Gzip, Compression::Deflate, Compression::Zstd];
    assert_eq!(
        messages(&marked.map(packed).concat(), Framing::Grpc),
        (vec![Bytes::from(message.clone()); 3], None)
    );
    // What is said counts where there is no mark, and a mark where what is said is wrong.
    for how in Compression::ALL {
        let said = Rules { compression: Some(Compression::Brotli), ..rules(Framing::Grpc) };
        let (read, error) = read(&packed(how), 7, said);
        assert_eq!((read, error), (vec![Bytes::from(message.clone())], None), "{how}");
    }
    let told = |packed: &[u8]| messages(&framed(packed), Framing::Grpc).1.unwrap().1.to_string();
    assert!(told(b"\xff\x06\0\0sNaPpY").contains("compressed with snappy"));
    assert!(told(b"\x0b\x02\x80").ends_with("bears no mark of gzip, deflate or zstd; br has none"));
    assert!(told(b"").ends_with("br has none"));
    let gzip = Compression::Gzip.compress(&message).unwrap();
    assert!(told(&gzip[..9]).starts_with("a message compressed with gzip that is broken: "));
}

#[test]
fn no_more_is_unpacked_or_held_than_is_allowed() {
    let packed = framed(&Compression::Gzip.compress(&vec![0; 3 * LARGEST]).unwrap());
    let (how, limit) = (Compression::Gzip, LARGEST);
    assert_eq!(
        messages(&packed, Framing::Grpc),
        (vec![], Some((0, FrameProblem::UnpacksTooLarge { how, limit })))
    );
    // Said before any of it is there.
    let mut rows = Rows::new(rules(Framing::Varint));
    rows.push(b"\x81\x80\x40");
    let problem = FrameProblem::TooLarge { length: 1 << 20 | 1, limit };
    assert_eq!(rows.next_frame(), Err(FrameError { offset: 0, problem }));
    assert_eq!(rows.next_frame(), Ok(None));
}

#[test]
fn what_came_before_a_break_is_kept() {
    let cut = |length, there, end| FrameProblem::Cut { length, there, end };
    for (bytes, framing, offset, problem) in [
        (&b"\x01a\x05bc"[..], Framing::Varint, 2, cut(5, 2, 5)),
        (b"\x01a\x80", Framing::Varint, 2, FrameProblem::LengthCut),
        (b"\x01a\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", Framing::Varint, 2, FrameProblem::Length),
        (b"\0\0\0\0\x01a\0\0", Framing::Grpc, 6, FrameProblem::LengthCut),
        (b"\0\0\0\0\x01a\x80\0\0\0\0", Framing::Grpc, 6, FrameProblem::Flags(0x80)),
        (b"\0\0\0\0\x01a\0\0\0\0\x02b", Framing::Grpc, 6, cut(2, 1, 12)),
    ] {
        assert_eq!(messages(bytes, framing), (vec![Bytes::from_static(b"a")], Some((offset, problem))));
    }
}

#[test]
fn what_is_there_of_a_message_is_had_after_its_break() {
    let mut rows = Rows::new(rules(Framing::Varint));
    rows.push(b"\x01a\x05bc");
    rows.finish();
    assert_eq!(rows.next_frame().unwrap().unwrap().message, "a");
    assert_eq!(rows.take_cut(), None);
    assert!(rows.next_frame().is_err());
    let cut = rows.take_cut().unwrap();
    assert_eq!((&cut.message[..], cut.start, cut.length), (&b"bc"[..], 3, 2));
    assert_eq!((rows.take_cut(), rows.next_frame()), (None, Ok(None)));
}

#[test]
fn another_framing_is_found_where_it_fits() {
    let fits = |bytes: &[u8]| bytes.is_empty() || bytes == b"a";
    let better = |bytes: &[u8], whole, framing| better_framing(bytes, whole, rules(framing), fits);
    assert_eq!(better(b"\0\0\0\0\x01a", true, Framing::None), Some(Framing::Grpc));
    assert_eq!(better(b"\x01a\x01a", true, Framing::None), Some(Framing::Varint));
    assert_eq!(better(b"a", true, Framing::Grpc), Some(Framing::None));
    assert_eq!(better(b"\x01a\x01", false, Framing::Grpc), Some(Framing::Varint));
    for (bytes, whole) in [(&b"\x01a\x01"[..], true), (b"a", false), (b"", true), (b"\0", true), (b"b", true)]
    {
        assert_eq!(better(bytes, whole, Framing::Grpc), None, "{}", bytes.escape_ascii());
    }
}
