//! What a call would send, without sending it.

use tokio_stream::StreamExt as _;

use super::call::payload;
use super::{CallOptions, Messages, Payload, Session};
use crate::message;
use crate::message::input::Requests;
use crate::netrpc::{self, SentTypes};
use crate::wire::{Codec, RequestHead};

/// What a call would send.
pub struct Preview {
    /// The request's head; net/rpc has none.
    pub head: Option<RequestHead>,
    inner: Inner,
    number: usize,
}

enum Inner {
    Proto(Requests, Codec),
    Go { requests: Requests<netrpc::Request>, types: SentTypes, reader: Box<netrpc::RequestReader> },
}

/// One message that would be sent.
pub struct Unsent {
    /// Its place among the messages, from 0.
    pub index: usize,
    /// How many bytes it takes, without an envelope.
    pub size: usize,
    /// What the server would read.
    pub payload: Payload,
    /// The Go type of a net/rpc argument, in Go's words.
    pub go_type: Option<String>,
}

impl Session {
    /// What [`Session::call`] would send of these.
    pub fn preview(&self, messages: Messages, options: CallOptions) -> Preview {
        let (head, inner) = match messages {
            Messages::Proto(method, requests) | Messages::Each(method, requests) => {
                let plan = self.call_plan(&method, options);
                (Some(method.client.preview(&plan)), Inner::Proto(requests, self.codec()))
            }
            Messages::Go(method, requests, types) => {
                let reader = Box::new(netrpc::RequestReader::new(method.client.codec));
                (None, Inner::Go { requests, types, reader })
            }
        };
        Preview { head, inner, number: 0 }
    }
}

impl Preview {
    /// The next message, once it is complete.
    pub async fn next(&mut self) -> Option<Result<Unsent, message::Error>> {
        let index = self.number;
        self.number += 1;
        let unsent = match &mut self.inner {
            Inner::Proto(requests, codec) => requests.next().await?.map(|bytes| Unsent {
                index,
                size: bytes.len(),
                payload: payload(*codec)(bytes),
                go_type: None,
            }),
            Inner::Go { requests, types, reader } => requests.next().await?.map(|request| Unsent {
                index,
                size: request.bytes.len(),
                go_type: request.ty.and_then(|ty| types.describe(ty)),
                payload: Payload::Go(reader.argument(&request)),
            }),
        };
        Some(unsent)
    }
}
