//! Documents as protobuf messages.

use std::future::Future;
use std::pin::Pin;

use bytes::Bytes;
use prost_reflect::MessageDescriptor;

use super::Encode;
use crate::message::count::{Count, Takes};
use crate::message::json::{Printer, Types};
use crate::message::split::Document;
use crate::message::{self, Error, Format, Origin, Reader};

/// Finds the call's message type again in a schema that also has other types, which an `Any` in it names.
pub trait Widen: Send + Sync {
    /// The message type, in a pool that knows as many of `types` as can be found.
    fn widen(
        &self,
        types: Vec<String>,
    ) -> Pin<Box<dyn Future<Output = Option<MessageDescriptor>> + Send + '_>>;
}

/// What every protobuf message of a call is encoded by.
pub struct Encoder {
    /// How the documents are written.
    pub format: Format,
    /// Whether JSON members that the message does not have are passed over.
    pub allow_unknown_fields: bool,
    /// The method's request type.
    pub descriptor: MessageDescriptor,
    /// Holds the number of messages against what the method takes.
    pub count: Count,
    /// Reads the documents.
    pub reader: Reader,
    /// Writes messages as JSON where they go over the wire as that.
    pub json: Option<Printer>,
    /// Where types that only an `Any` names are found.
    pub widen: Box<dyn Widen>,
}

impl Encode for Encoder {
    type Message = Bytes;

    fn format(&self) -> Format {
        self.format
    }

    fn takes(&self) -> Takes {
        self.count.takes()
    }

    fn goes_on(&self) -> bool {
        self.count.takes() == Takes::EachItsOwn
    }

    async fn encode(&mut self, origin: &Origin, document: &Document) -> Result<Bytes, Error> {
        if let Err(too_many) = self.count.add() {
            // What is no document at all is not one too many.
            self.check_syntax(origin, document)?;
            return Err(too_many.into());
        }
        let mut unknown = message::any_types(self.format, &document.text);
        unknown.retain(|name| self.descriptor.parent_pool().get_message_by_name(name).is_none());
        if !unknown.is_empty()
            && let Some(descriptor) = self.widen.widen(unknown).await
        {
            self.descriptor = descriptor;
        }
        let read =
            self.reader.read(self.format, &self.descriptor, origin, document, self.allow_unknown_fields);
        Ok(self.written(read?))
    }

    fn at_end(&mut self, given: Option<Origin>) -> Result<Option<Bytes>, Error> {
        match (self.count.missing(given.is_some()), given) {
            (None, _) => Ok(None),
            // In the text format, nothing at all is the empty message, and so it is in bytes.
            (Some(missing), Some(origin)) if matches!(self.format, Format::Json | Format::Yaml) => {
                Err(Error::None { origin, missing })
            }
            (Some(_), _) => Ok(Some(self.written(Bytes::new()))),
        }
    }
}

/// What an `Any` in a message names is in the pool of the message's own type by then.
struct Nobody;

impl Types for Nobody {
    fn message(&self, _: &str) -> Option<MessageDescriptor> {
        None
    }
}

impl Encoder {
    /// A message as it goes over the wire.
    fn written(&self, message: Bytes) -> Bytes {
        let Some(printer) = &self.json else { return message };
        let mut json = Vec::new();
        printer.print(&self.descriptor, &message, &Nobody, &mut json);
        json.into()
    }

    fn check_syntax(&self, origin: &Origin, document: &Document) -> Result<(), Error> {
        let read = self.reader.read(self.format, &self.descriptor, origin, document, true);
        match read {
            Err(error) if error.is_of_syntax() => Err(error),
            _ => Ok(()),
        }
    }
}
