//! A body of gRPC, held to what its method takes: one message where that is not a stream, and none larger than the limit.
//! tonic has other words for both than gRPC's `doc/statuscodes.md`, or none.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf as _, Bytes};
use http_body::{Frame, SizeHint};
use tonic::Status;
use tonic::body::Body;

use crate::envelope::PREFIX;

/// A body that ends in an error where it breaks the rules.
pub(super) struct Counted {
    body: Body,
    /// Whether the method takes one message, and neither none nor more.
    lone: bool,
    watch: Watch,
}

impl Counted {
    pub(super) fn new(body: Body, lone: bool, limit: usize) -> Self {
        Self { body, lone, watch: Watch { prefix: Vec::new(), rest: 0, messages: 0, limit } }
    }
}

impl http_body::Body for Counted {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let this = self.get_mut();
        let frame = ready!(Pin::new(&mut this.body).poll_frame(cx)).transpose()?;
        if let Some(data) = frame.as_ref().and_then(Frame::data_ref) {
            this.watch.see(data)?;
        }
        let messages = this.watch.messages;
        if this.lone && (messages > 1 || (frame.is_none() && messages == 0)) {
            let many = if messages == 0 { "none" } else { "more" };
            let text = format!("the method takes one message, and the request has {many}");
            return Poll::Ready(Some(Err(Status::unimplemented(text))));
        }
        Poll::Ready(frame.map(Ok))
    }

    fn is_end_stream(&self) -> bool {
        // What is missing is found out at the end, which has to be asked for.
        !self.lone && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// Sees where messages begin, and how large they say they are.
struct Watch {
    /// As much of a prefix as has come.
    prefix: Vec<u8>,
    /// What is still to come of the message.
    rest: usize,
    messages: usize,
    limit: usize,
}

impl Watch {
    fn see(&mut self, mut data: &[u8]) -> Result<(), Status> {
        loop {
            let part = self.rest.min(data.len());
            data.advance(part);
            self.rest -= part;
            let missing = (PREFIX - self.prefix.len()).min(data.len());
            if missing == 0 {
                return Ok(());
            }
            self.prefix.extend(data.iter().take(missing));
            data.advance(missing);
            if let Ok([_, length @ ..]) = <[u8; PREFIX]>::try_from(self.prefix.as_slice()) {
                self.prefix.clear();
                self.messages += 1;
                self.rest = usize::try_from(u32::from_be_bytes(length)).unwrap_or(usize::MAX);
                if self.rest > self.limit {
                    let text = format!("a message is larger than the limit of {} bytes", self.limit);
                    return Err(Status::resource_exhausted(text));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_counted_however_they_are_cut() {
        let wire = b"\0\0\0\0\x02ab\x01\0\0\0\0\0\0\0\0\x01c";
        for cut in 0..=wire.len() {
            let mut watch = Watch { prefix: Vec::new(), rest: 0, messages: 0, limit: 2 };
            watch.see(&wire[..cut]).unwrap();
            watch.see(&wire[cut..]).unwrap();
            assert_eq!((watch.messages, watch.rest, watch.prefix.len()), (3, 0, 0), "cut at {cut}");
        }
        let mut watch = Watch { prefix: Vec::new(), rest: 0, messages: 0, limit: 1 };
        assert_eq!(watch.see(wire).unwrap_err().code(), tonic::Code::ResourceExhausted);
    }
}
