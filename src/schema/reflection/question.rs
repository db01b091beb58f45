//! What a server's reflection is asked, and what it says: the messages of its service, of which both versions have the
//! same.

use bytes::Bytes;
use prost::Message as _;
use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;
use tonic_reflection::pb::v1::server_reflection_response::MessageResponse;
use tonic_reflection::pb::v1::{ExtensionRequest, ServerReflectionRequest, ServerReflectionResponse};

use crate::chars::beginning;

/// A question to a server's reflection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::schema) enum Question {
    Services,
    File(String),
    Symbol(String),
    /// The numbers of the extensions of a message.
    ExtensionNumbers(String),
    /// The file with the extension of a message that has this number.
    Extension(String, i32),
}

/// What it means that a question goes without an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::schema) enum Need {
    /// The schema is not to be had.
    Must,
    /// Nothing: what is asked for is taken not to be there.
    May,
}

/// What the server said to one question.
#[derive(Debug, Clone)]
pub(in crate::schema) enum Answer {
    Services(Vec<String>),
    Files(Vec<Bytes>),
    Numbers(Vec<i32>),
    /// The server does not know, in its own words.
    Unknown(String),
}

impl Question {
    /// The request message, about this host.
    pub(super) fn encode(&self, host: &str) -> Vec<u8> {
        let request = match self.clone() {
            Self::Services => MessageRequest::ListServices("*".to_owned()),
            Self::File(name) => MessageRequest::FileByFilename(name),
            Self::Symbol(name) => MessageRequest::FileContainingSymbol(name),
            Self::ExtensionNumbers(message) => MessageRequest::AllExtensionNumbersOfType(message),
            Self::Extension(containing_type, extension_number) => {
                MessageRequest::FileContainingExtension(ExtensionRequest {
                    containing_type,
                    extension_number,
                })
            }
        };
        ServerReflectionRequest { host: host.to_owned(), message_request: Some(request) }.encode_to_vec()
    }
}

/// How many characters of what a server says in its own words are worth repeating.
const MOST: usize = 1000;

/// As much of a text as is worth repeating.
fn cut(text: &str) -> String {
    beginning(text, MOST)
}

impl Answer {
    /// What a response message says.
    pub(super) fn decode(response: &[u8]) -> Result<Self, prost::DecodeError> {
        Ok(match ServerReflectionResponse::decode(response)?.message_response {
            Some(MessageResponse::ListServicesResponse(list)) => {
                Self::Services(list.service.into_iter().map(|service| service.name).collect())
            }
            Some(MessageResponse::FileDescriptorResponse(files)) => {
                Self::Files(files.file_descriptor_proto.into_iter().map(Bytes::from).collect())
            }
            Some(MessageResponse::AllExtensionNumbersResponse(all)) => Self::Numbers(all.extension_number),
            Some(MessageResponse::ErrorResponse(error)) => Self::Unknown(cut(&error.error_message)),
            None => Self::Unknown("the server answered something else than was asked".to_owned()),
        })
    }
}
