//! Messages as their bytes: alone, or each behind its length as a varint, as protobuf's `writeDelimitedTo` has it.

use prost_reflect::prost::encoding::decode_varint;

use super::{Document, Input, SplitError, SplitProblem};

/// The longest varint.
const LONGEST: usize = 10;

/// All of the input, which is one message; nothing at all is no document, and the message that is empty.
pub(super) fn whole(input: &mut Input) -> Result<Option<Document>, SplitError> {
    let unseen = input.unseen().len();
    input.take(unseen)?;
    let last = input.finished && !input.buffer.is_empty();
    Ok(last.then(|| input.document()))
}

/// The next message that is complete, if one is.
pub(super) fn delimited(input: &mut Input) -> Result<Option<Document>, SplitError> {
    let unseen = input.unseen();
    let Some(last) = unseen.iter().take(LONGEST).position(|byte| byte & 0x80 == 0) else {
        return match unseen.len() {
            LONGEST.. => Err(input.fail(SplitProblem::Length)),
            0 => Ok(None),
            _ if input.finished => Err(input.fail(SplitProblem::LengthCut)),
            _ => Ok(None),
        };
    };
    let mut varint = unseen.get(..=last).unwrap_or_default();
    let length = decode_varint(&mut varint).ok().and_then(|length| usize::try_from(length).ok());
    let Some(length) = length else { return Err(input.fail(SplitProblem::Length)) };
    if length > input.limit {
        return Err(input.fail(SplitProblem::TooLarge { limit: input.limit }));
    }
    let there = unseen.len() - last - 1;
    if there < length {
        return if input.finished { Err(input.fail(SplitProblem::Cut { length, there })) } else { Ok(None) };
    }
    input.skip(last + 1);
    input.take(length)?;
    Ok(Some(input.document()))
}

#[cfg(test)]
mod tests {
    use super::super::{SplitError, Splitter};
    use crate::message::Format;

    /// The messages of parts that come one by one.
    fn split(delimited: bool, parts: &[&[u8]]) -> Result<Vec<Vec<u8>>, SplitError> {
        let mut splitter = Splitter::new(Format::Binary { delimited }, 200);
        let mut messages = Vec::new();
        for part in parts {
            splitter.push(part);
            while let Some(document) = splitter.next_document()? {
                messages.push(document.text.to_vec());
            }
        }
        splitter.finish();
        while let Some(document) = splitter.next_document()? {
            messages.push(document.text.to_vec());
        }
        Ok(messages)
    }

    #[test]
    fn alone_all_of_it_is_a_message() {
        assert_eq!(split(false, &[b"\xef\xbb", b"\xbf\n"]).unwrap(), [b"\xef\xbb\xbf\n"]);
        assert!(split(false, &[b""]).unwrap().is_empty());
        let error = split(false, &[&[b'\n'; 201]]).unwrap_err().to_string();
        assert_eq!(error, "the document is larger than 200 bytes");
    }

    #[test]
    fn in_a_stream_each_stands_behind_its_length() {
        let long = [&[0x80, 0x01][..], &[b'x'; 128]].concat();
        let input = [b"\x02ab\x00", long.as_slice(), b"\x01\n"].concat();
        let whole = split(true, &[&input]).unwrap();
        assert_eq!(whole, [&b"ab"[..], b"", &[b'x'; 128], b"\n"]);
        assert_eq!(split(true, &input.chunks(1).collect::<Vec<_>>()).unwrap(), whole);
        assert!(split(true, &[b""]).unwrap().is_empty());
    }

    #[test]
    fn what_is_cut_short_is_told_with_its_place() {
        for (input, told) in [
            (
                &b"\x02ab\x05abc"[..],
                "byte 3: the message is to have 5 bytes, and the input ends after 3 of them",
            ),
            (b"\x02ab\x80", "byte 3: the input ends within the length of a message"),
            (&[0xff; 11], "byte 0: this is no length of a message"),
            (b"\xff\xff\xff\xff\x7f", "the document is larger than 200 bytes"),
        ] {
            assert_eq!(split(true, &[input]).unwrap_err().to_string(), told);
        }
    }
}
