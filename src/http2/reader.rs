//! Frames out of bytes as they come.

use super::error::{Error, ErrorCode};
use super::frame::{Frame, Head};
use super::{DEFAULT_MAX_FRAME_SIZE, Scope};

/// Reads one side of a connection, frame by frame, and holds it to the order that header blocks have.
#[derive(Debug, Clone)]
pub struct Reader {
    max_frame_size: u32,
    /// The stream whose header block goes on, and nothing else may come before it is there whole.
    open: Option<u32>,
}

impl Default for Reader {
    fn default() -> Self {
        Self::new(DEFAULT_MAX_FRAME_SIZE)
    }
}

impl Reader {
    /// One that takes payloads of at most this many bytes.
    pub fn new(max_frame_size: u32) -> Self {
        Self { max_frame_size, open: None }
    }

    /// Takes the next frame off the front of `bytes`, if it is there whole; else nothing is taken.
    ///
    /// An error that ends a stream leaves the connection in order: its frame is taken, and the next one can be read.
    pub fn next<'a>(&mut self, bytes: &mut &'a [u8]) -> Result<Option<Frame<'a>>, Error> {
        let Some((head, rest)) = bytes.split_first_chunk::<{ Head::SIZE }>() else { return Ok(None) };
        let head = Head::from_bytes(*head);
        if head.length > self.max_frame_size {
            return Err(Error::size("a frame is longer than was agreed on"));
        }
        let length = usize::try_from(head.length).unwrap_or(usize::MAX);
        let Some((payload, rest)) = rest.split_at_checked(length) else { return Ok(None) };
        let frame = Frame::read(head, payload);
        if matches!(frame, Ok(_) | Err(Error { scope: Scope::Stream(_), .. })) {
            self.order(&head, frame.as_ref().ok())?;
            *bytes = rest;
        }
        frame.map(Some)
    }

    /// Between the pieces of a header block there is nothing else (RFC 9113 §6.10).
    fn order(&mut self, head: &Head, frame: Option<&Frame<'_>>) -> Result<(), Error> {
        let piece = frame.and_then(Frame::block);
        let goes_on = matches!(frame, Some(Frame::Continuation(_)));
        match self.open {
            Some(stream) if !goes_on || stream != head.stream => {
                return Err(Error::connection(
                    ErrorCode::PROTOCOL_ERROR,
                    "something else comes before a header block is over",
                ));
            }
            None if goes_on => return Err(Error::protocol("CONTINUATION of nothing")),
            _ => {}
        }
        self.open = piece.filter(|piece| !piece.ends).map(|piece| piece.stream);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::frame::{Block, Headers, Priority};
    use super::*;

    fn headers(stream: u32, ends: bool) -> Frame<'static> {
        let block = Block { stream, fragment: b"abc", ends };
        Frame::Headers(Headers { block, end_stream: false, priority: None, padding: None })
    }

    fn continuation(stream: u32, ends: bool) -> Frame<'static> {
        Frame::Continuation(Block { stream, fragment: b"de", ends })
    }

    fn read(frames: &[Frame<'_>]) -> Result<usize, Error> {
        let mut bytes = Vec::new();
        for frame in frames {
            frame.write(&mut bytes).unwrap();
        }
        let (mut reader, mut rest, mut count) = (Reader::default(), &bytes[..], 0);
        while let Some(frame) = reader.next(&mut rest)? {
            assert_eq!(frame, frames[count]);
            count += 1;
        }
        assert!(rest.is_empty());
        Ok(count)
    }

    #[test]
    fn frames_come_out_however_the_bytes_are_cut() {
        let frames = [headers(1, true), Frame::Ping { ack: false, data: *b"12345678" }];
        let mut bytes = Vec::new();
        for frame in &frames {
            frame.write(&mut bytes).unwrap();
        }
        for cut in 0..=bytes.len() {
            let mut reader = Reader::default();
            let mut seen = Vec::new();
            let mut rest = &bytes[..cut];
            while let Some(frame) = reader.next(&mut rest).unwrap() {
                seen.push(frame);
            }
            let mut rest = &bytes[cut - rest.len()..];
            while let Some(frame) = reader.next(&mut rest).unwrap() {
                seen.push(frame);
            }
            assert_eq!(seen, frames, "cut at {cut}");
        }
    }

    #[test]
    fn a_header_block_is_not_interrupted() {
        let ping = Frame::Ping { ack: false, data: [0; 8] };
        assert_eq!(
            read(&[headers(1, false), continuation(1, false), continuation(1, true), ping.clone()]),
            Ok(4)
        );
        for wrong in [
            &[headers(1, false), ping][..],
            &[headers(1, false), continuation(3, true)],
            &[headers(1, false), headers(1, true)],
            &[headers(1, true), continuation(1, true)],
            &[continuation(1, true)],
        ] {
            assert_eq!(read(wrong).unwrap_err().code, ErrorCode::PROTOCOL_ERROR, "{wrong:?}");
        }
    }

    #[test]
    fn a_frame_is_as_long_as_was_agreed_on() {
        let mut bytes = &b"\0\x40\x01\0\0\0\0\0\x01"[..];
        assert_eq!(Reader::default().next(&mut bytes).unwrap_err().code, ErrorCode::FRAME_SIZE_ERROR);
        assert_eq!(Reader::new(16_385).next(&mut bytes), Ok(None));
    }

    #[test]
    fn what_ends_a_stream_leaves_the_rest_readable() {
        let mut bytes = b"\0\0\x03\x02\0\0\0\0\x01abc".to_vec();
        Frame::Priority(Priority { stream: 3, exclusive: false, dependency: 1, weight: 9 })
            .write(&mut bytes)
            .unwrap();
        let mut rest = &bytes[..];
        let mut reader = Reader::default();
        assert_eq!(reader.next(&mut rest).unwrap_err().scope, Scope::Stream(1));
        assert!(matches!(reader.next(&mut rest), Ok(Some(Frame::Priority(_)))));
        assert!(rest.is_empty());
    }
}
