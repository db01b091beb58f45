//! What is called, as far as what it is sent depends on that.

use prost_reflect::{MessageDescriptor, MethodDescriptor, ReflectMessage};

use crate::message::count::Shape;

/// What is called.
#[derive(Debug, Clone, Copy)]
pub enum Callee<'c> {
    /// A method of a schema, and its request type, in a pool that knows as many as can be found of the types that
    /// [`named_types`](super::named_types) tells.
    Proto(&'c MethodDescriptor, &'c MessageDescriptor),
    /// A method of net/rpc, by its name: its argument is sent as JSON, whatever that holds.
    Go(&'c str),
}

impl Callee<'_> {
    /// What its messages are read as.
    pub(super) fn input(self) -> MessageDescriptor {
        match self {
            Self::Proto(_, input) => input.clone(),
            Self::Go(_) => prost_types::Value::default().descriptor(),
        }
    }

    /// Whether a message goes as the JSON that it is.
    pub(super) fn takes_json(self) -> bool {
        matches!(self, Self::Go(_))
    }

    /// Its full name.
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Proto(method, _) => method.full_name(),
            Self::Go(name) => name,
        }
    }

    /// How many messages it takes and gives.
    pub(super) fn shape(self) -> Shape {
        let (client_streaming, server_streaming) = match self {
            Self::Proto(method, _) => (method.is_client_streaming(), method.is_server_streaming()),
            Self::Go(_) => (false, false),
        };
        Shape { client_streaming, server_streaming }
    }

    /// What a word of ghz's stands for that is the same for all calls, if it is one.
    pub(super) fn constant(self, word: &str) -> Option<String> {
        let (service, name) = match self {
            Self::Proto(method, _) => (method.parent_service().name().to_owned(), method.name()),
            Self::Go(name) => name.rsplit_once('.').map_or((String::new(), name), |(s, m)| (s.to_owned(), m)),
        };
        Some(match (word, self) {
            (".FullyQualifiedName", _) => self.name().to_owned(),
            (".MethodName", _) => name.to_owned(),
            (".ServiceName", _) => service,
            (".IsClientStreaming", _) => self.shape().client_streaming.to_string(),
            (".IsServerStreaming", _) => self.shape().server_streaming.to_string(),
            (".InputName", Self::Proto(method, _)) => method.input().name().to_owned(),
            (".OutputName", Self::Proto(method, _)) => method.output().name().to_owned(),
            _ => return None,
        })
    }
}
