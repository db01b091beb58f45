//! A method, found.

use std::sync::Arc;

use prost_reflect::MethodDescriptor;
use prost_types::method_options::IdempotencyLevel;

use crate::message::count::{Shape, Takes};
use crate::wire::{Client, Event};
use crate::{netrpc, schema};

/// A method, found.
#[derive(Clone)]
pub enum Method {
    /// A method of a schema.
    Proto(ProtoMethod),
    /// A method of net/rpc, of which nothing is known but its name.
    Go(GoMethod),
}

/// A method of a schema.
#[derive(Clone)]
pub struct ProtoMethod {
    /// Its descriptor.
    pub descriptor: MethodDescriptor,
    /// How long finding it took, apart from connecting, and when it was found.
    pub(super) found: Event,
    /// Where it is called.
    pub(super) client: Arc<Client>,
}

/// A method of net/rpc.
#[derive(Clone)]
pub struct GoMethod {
    /// `Service.Method`.
    pub name: String,
    /// Where it is called.
    pub(super) client: netrpc::Client,
}

impl Method {
    /// Its name, as it is called.
    pub fn name(&self) -> String {
        match self {
            Self::Proto(method) => method.name(),
            Self::Go(method) => method.name.clone(),
        }
    }

    /// How many messages it takes.
    pub fn takes(&self) -> Takes {
        match self {
            Self::Proto(method) => method.shape().takes(),
            Self::Go(_) => Takes::EachItsOwn,
        }
    }
}

impl ProtoMethod {
    /// Which of its sides stream.
    pub fn shape(&self) -> Shape {
        Shape {
            client_streaming: self.descriptor.is_client_streaming(),
            server_streaming: self.descriptor.is_server_streaming(),
        }
    }

    /// Whether any of its sides streams.
    pub fn streams(&self) -> bool {
        self.descriptor.is_client_streaming() || self.descriptor.is_server_streaming()
    }

    /// Whether its author says that it has no side effects (`idempotency_level`).
    pub fn is_safe(&self) -> bool {
        let options = self.descriptor.method_descriptor_proto().options.as_ref();
        options.is_some_and(|options| options.idempotency_level() == IdempotencyLevel::NoSideEffects)
    }

    /// `pkg.Service/Method`, as it is called.
    pub fn name(&self) -> String {
        schema::name::method_path(&self.descriptor)
    }
}
