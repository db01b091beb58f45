//! Requests, encoded for one connection in the order in which they will be sent.

use std::str;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::{Bytes, BytesMut};

use super::answer::{Codec, Reply};
use super::explain::{Explanation, Sent, describe, explain};
use super::gob::{self, Definition, Field, Struct, TypeRef, Value};
use super::gotype::GoTypes;
use super::infer::{ArgumentError, Arguments};
use super::{json, jsonrpc};

/// A request, encoded. The requests of a connection are numbered from 0 in the order in which they are sent.
#[derive(Debug, Clone)]
pub struct Request {
    /// Its bytes.
    pub bytes: Bytes,
    /// The type of its argument, where it has one.
    pub ty: Option<TypeRef>,
    /// Its argument, where that is to be told.
    pub argument: Option<Reply>,
}

/// Why there is no request.
#[derive(Debug, thiserror::Error)]
pub enum RequestError {
    /// JSON is text in UTF-8.
    #[error("the request is not UTF-8")]
    NotText,
    /// It isn't JSON.
    #[error("the request is not JSON: {0}")]
    Syntax(#[from] json::SyntaxError),
    /// It is no value of the argument's type, or one of no type.
    #[error(transparent)]
    Argument(#[from] ArgumentError),
    /// It can't be written.
    #[error("the request can't be written as gob: {0}")]
    Gob(#[from] gob::EncodeError),
}

impl RequestError {
    /// Where in the argument it is, such as `.Items[2].Name`; none where that is not known.
    pub fn path(&self) -> Option<&str> {
        match self {
            Self::Argument(ArgumentError::Value { path, .. }) => Some(path),
            _ => None,
        }
    }

    /// The Go type to give for the whole argument, where only the type is wrong.
    pub fn suggested(&self) -> Option<&str> {
        match self {
            Self::Argument(ArgumentError::Value { problem, .. }) => problem.suggested(),
            _ => None,
        }
    }
}

/// Encodes the requests of one connection, all of one method.
pub struct Encoder {
    method: String,
    seq: u64,
    side: Side,
    /// Whether requests hold their arguments, to be told.
    keeps: bool,
}

enum Side {
    Gob(Box<Gob>),
    Json,
}

/// The types of the arguments of one connection, for whoever wants to know what was sent.
#[derive(Clone, Default)]
pub struct SentTypes(Arc<Mutex<Arguments>>);

impl SentTypes {
    /// What a server's refusal of a request with an argument of type `ty` means.
    pub fn explain(&self, refusal: &str, ty: Option<TypeRef>) -> Option<Explanation> {
        let arguments = self.lock();
        let sent = ty.map(|ty| Sent { types: arguments.types(), ty });
        explain(refusal, sent)
    }

    /// A type in Go's words, as `--type` takes it; none for which Go has no words.
    pub fn describe(&self, ty: TypeRef) -> Option<String> {
        describe(self.lock().types(), ty)
    }

    fn lock(&self) -> MutexGuard<'_, Arguments> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Gob {
    arguments: SentTypes,
    encoder: gob::Encoder,
    /// The type of `rpc.Request`, its name and those of its fields.
    head: TypeRef,
    names: [Arc<str>; 3],
    method: Bytes,
    written: BytesMut,
}

impl Encoder {
    /// An encoder for requests of `method`, `Service.Method`. The type of their arguments is inferred where it is not
    /// given; JSON-RPC knows none.
    pub fn new(codec: Codec, method: &str, given: Option<GoTypes>) -> Self {
        let side = match codec {
            Codec::Gob => Side::Gob(Box::new(Gob::new(method, given))),
            Codec::Json => Side::Json,
        };
        Self { method: method.to_owned(), seq: 0, side, keeps: false }
    }

    /// The same, whose requests hold their arguments if `keeps`.
    #[must_use]
    pub fn keeping(self, keeps: bool) -> Self {
        Self { keeps, ..self }
    }

    /// Encodes the next request, whose argument is this JSON.
    pub fn encode(&mut self, argument: &[u8]) -> Result<Request, RequestError> {
        let text = str::from_utf8(argument).map_err(|_| RequestError::NotText)?;
        let request = match &mut self.side {
            Side::Gob(gob) => {
                let argument = gob.arguments.lock().read(text)?;
                let request = gob.encode(self.seq, argument.ty, &argument.value)?;
                Request { argument: self.keeps.then_some(Reply::Gob(argument.value)), ..request }
            }
            Side::Json => {
                json::read(text)?;
                let bytes = jsonrpc::request(&self.method, argument, self.seq);
                let argument = self.keeps.then(|| Reply::Json(Bytes::copy_from_slice(argument)));
                Request { bytes, ty: None, argument }
            }
        };
        self.seq += 1;
        Ok(request)
    }

    /// The types of the arguments, as they become known.
    pub fn sent(&self) -> SentTypes {
        match &self.side {
            Side::Gob(gob) => gob.arguments.clone(),
            Side::Json => SentTypes::default(),
        }
    }

    /// Encodes the next request, whose argument is a struct without fields.
    pub fn nothing(&mut self) -> Result<Request, RequestError> {
        let Side::Gob(gob) = &mut self.side else { return self.encode(b"{}") };
        let ty = gob.arguments.lock().define(Definition::Struct { name: "".into(), fields: Vec::new() });
        let value = Value::Struct(Struct::default());
        let request = gob.encode(self.seq, ty, &value)?;
        self.seq += 1;
        Ok(Request { argument: self.keeps.then_some(Reply::Gob(value)), ..request })
    }
}

impl Gob {
    fn new(method: &str, given: Option<GoTypes>) -> Self {
        let mut arguments = given.map_or_else(Arguments::inferred, Arguments::of);
        let names: [Arc<str>; 3] = ["Request".into(), "ServiceMethod".into(), "Seq".into()];
        let [name, service_method, seq] = names.clone();
        let fields =
            vec![Field { name: service_method, ty: TypeRef::String }, Field { name: seq, ty: TypeRef::Uint }];
        let head = arguments.define(Definition::Struct { name, fields });
        let method = Bytes::copy_from_slice(method.as_bytes());
        let encoder = gob::Encoder::default();
        let arguments = SentTypes(Arc::new(Mutex::new(arguments)));
        Self { arguments, encoder, head, names, method, written: BytesMut::new() }
    }

    fn encode(&mut self, seq: u64, ty: TypeRef, value: &Value) -> Result<Request, gob::EncodeError> {
        let [name, service_method, number] = self.names.clone();
        let fields = vec![(service_method, Value::String(self.method.clone())), (number, Value::Uint(seq))];
        let head = Value::Struct(Struct { name, fields });
        let arguments = self.arguments.lock();
        let types = arguments.types();
        // A request that can't be written whole is not written in part: what was begun goes.
        self.written.clear();
        self.encoder.encode(types, self.head, &head, &mut self.written)?;
        self.encoder.encode(types, ty, value, &mut self.written)?;
        Ok(Request { bytes: self.written.split().freeze(), ty: Some(ty), argument: None })
    }
}
