//! A net/rpc server on one stream: the first bytes tell gob over HTTP, JSON-RPC and gob apart.
//!
//! It answers in the words of Go's own server (`net/rpc/server.go`, `net/rpc/jsonrpc/server.go`), one request after
//! another in the order in which they come.

use std::io;
use std::sync::Arc;

use bytes::BytesMut;
use serde::Deserialize;
use serde_json::value::RawValue;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::debug;
use super::gob::{self, Struct, TypeRef, Types, Value};
use super::handshake::{CONNECTED, DEBUG_PATH, DEFAULT_PATH, MAX_HEAD, head_length};
use super::{json, jsonrpc};
use crate::transport::Stream;

/// The largest request that is taken, in bytes.
const MAX_REQUEST: usize = 4 << 20;
/// The methods by which HTTP is told from gob, whose first byte is a length.
const HTTP: [&str; 5] = ["CONNECT ", "GET ", "HEAD ", "POST ", "OPTIONS "];

/// The argument of a call, as the codec that asked has it.
#[derive(Debug)]
pub enum Argument<'a> {
    /// A value that has a type.
    Gob(Value),
    /// JSON, none where the request has no parameter, or why there is no telling.
    Json(Result<Option<&'a RawValue>, String>),
}

/// What a server offers.
pub trait Offer: Send + Sync + 'static {
    /// The types of its replies.
    fn types(&self) -> Types;

    /// Calls `Service.Method`. The error is what the method says, in words.
    fn call(&self, method: &str, argument: Argument<'_>) -> Result<(TypeRef, Value), String>;

    /// Its services, for the page at `/debug/rpc`.
    fn services(&self) -> Vec<debug::Service>;
}

/// Serves one connection until the client closes it, or says what can't be understood.
pub async fn serve(mut stream: Box<dyn Stream>, offer: Arc<dyn Offer>) -> io::Result<()> {
    let mut buffer = BytesMut::new();
    loop {
        match protocol(&buffer) {
            Some(Protocol::Http) => return serve_http(stream, buffer, offer).await,
            Some(Protocol::Json) => return serve_requests(stream, buffer, JsonSide::new(offer)).await,
            Some(Protocol::Gob) => return serve_requests(stream, buffer, GobSide::new(offer)).await,
            None if stream.read_buf(&mut buffer).await? == 0 => return Ok(()),
            None => {}
        }
    }
}

enum Protocol {
    Http,
    Json,
    Gob,
}

/// What begins like this; none where that can't be said yet.
fn protocol(head: &[u8]) -> Option<Protocol> {
    let first = *head.first()?;
    if matches!(first, b'{' | b' ' | b'\t' | b'\r' | b'\n') {
        return Some(Protocol::Json);
    }
    if HTTP.iter().any(|method| head.starts_with(method.as_bytes())) {
        return Some(Protocol::Http);
    }
    let undecided = HTTP.iter().any(|method| method.as_bytes().starts_with(head));
    (!undecided).then_some(Protocol::Gob)
}

/// One of the two codecs, as the server sees it.
trait Side {
    /// Takes a request off the front of `input` and adds its answer to `output`; false when there is none that is
    /// whole. An error is a stream that can't be read on.
    fn step(&mut self, input: &mut BytesMut, output: &mut BytesMut) -> Result<bool, io::Error>;
}

async fn serve_requests(
    mut stream: Box<dyn Stream>,
    mut input: BytesMut,
    mut side: impl Side,
) -> io::Result<()> {
    let mut output = BytesMut::new();
    loop {
        while side.step(&mut input, &mut output)? {}
        if !output.is_empty() {
            stream.write_all_buf(&mut output).await?;
            stream.flush().await?;
        }
        if stream.read_buf(&mut input).await? == 0 {
            return Ok(());
        }
    }
}

fn malformed(error: impl std::error::Error + Send + Sync + 'static) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}

/// gob: an `rpc.Request`, then the argument; an `rpc.Response`, then the reply.
struct GobSide {
    offer: Arc<dyn Offer>,
    decoder: gob::Decoder,
    /// The method and the number of the request whose argument is awaited.
    head: Option<(String, u64)>,
    encoder: gob::Encoder,
    types: Types,
    response: TypeRef,
    nothing: TypeRef,
}

impl GobSide {
    fn new(offer: Arc<dyn Offer>) -> Self {
        let mut types = offer.types();
        let fields = [("ServiceMethod", TypeRef::String), ("Seq", TypeRef::Uint), ("Error", TypeRef::String)];
        let field = |(name, ty): (&str, TypeRef)| gob::Field { name: name.into(), ty };
        let response = types
            .define(gob::Definition::Struct { name: "Response".into(), fields: fields.map(field).into() });
        let nothing = types.define(gob::Definition::Struct { name: "".into(), fields: Vec::new() });
        let decoder = gob::Decoder::new(gob::Limits::for_messages_of(MAX_REQUEST));
        Self { offer, decoder, head: None, encoder: gob::Encoder::default(), types, response, nothing }
    }

    fn answer(
        &mut self,
        (method, seq): (String, u64),
        result: Result<(TypeRef, Value), String>,
        output: &mut BytesMut,
    ) -> Result<(), gob::EncodeError> {
        let error = result.as_ref().err().cloned().unwrap_or_default();
        let (ty, reply) = result.unwrap_or_else(|_| (self.nothing, Value::Struct(Struct::default())));
        let text = |text: String| Value::String(text.into_bytes().into());
        let fields = [("ServiceMethod", text(method)), ("Seq", Value::Uint(seq)), ("Error", text(error))];
        let fields = fields.map(|(name, value)| (name.into(), value)).into();
        let head = Value::Struct(Struct { name: "Response".into(), fields });
        self.encoder.encode(&self.types, self.response, &head, output)?;
        self.encoder.encode(&self.types, ty, &reply, output)
    }
}

impl Side for GobSide {
    fn step(&mut self, input: &mut BytesMut, output: &mut BytesMut) -> Result<bool, io::Error> {
        if self.head.is_none() {
            let Some(head) = self.decoder.read(input).map_err(malformed)? else { return Ok(false) };
            self.head = Some(request_head(head)?);
        }
        let Some(argument) = self.decoder.read(input).map_err(malformed)? else { return Ok(false) };
        if let Some(head) = self.head.take() {
            let result = self.offer.call(&head.0, Argument::Gob(argument));
            self.answer(head, result, output).map_err(malformed)?;
        }
        Ok(true)
    }
}

/// The method and the number in an `rpc.Request`.
fn request_head(value: Value) -> io::Result<(String, u64)> {
    let (mut method, mut seq) = (None, 0);
    if let Value::Struct(Struct { fields, .. }) = value {
        for (name, value) in fields {
            match (&*name, value) {
                ("ServiceMethod", Value::String(text)) => {
                    method = Some(String::from_utf8_lossy(&text).into_owned());
                }
                ("Seq", Value::Uint(number)) => seq = number,
                _ => {}
            }
        }
    }
    let method = method.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "no rpc.Request"))?;
    Ok((method, seq))
}

/// JSON-RPC 1.0: an object for a request, a line for an answer.
struct JsonSide {
    offer: Arc<dyn Offer>,
    scanner: jsonrpc::Scanner,
}

#[derive(Deserialize)]
struct JsonRequest<'a> {
    #[serde(default)]
    method: String,
    #[serde(borrow)]
    params: Option<&'a RawValue>,
    #[serde(borrow)]
    id: Option<&'a RawValue>,
}

impl JsonSide {
    fn new(offer: Arc<dyn Offer>) -> Self {
        Self { offer, scanner: jsonrpc::Scanner::default() }
    }

    fn result(&self, request: &JsonRequest<'_>) -> Result<Value, String> {
        Ok(self.offer.call(&request.method, Argument::Json(parameter(request.params)))?.1)
    }
}

/// What Go calls a JSON value in its errors.
pub fn json_kind(json: &RawValue) -> &'static str {
    match json.get().as_bytes().first() {
        Some(b'{') => "object",
        Some(b'[') => "array",
        Some(b'"') => "string",
        Some(b't' | b'f') => "bool",
        Some(b'n') => "null",
        _ => "number",
    }
}

/// The first parameter: Go reads them as an array of one, and passes over what else is in it.
fn parameter(params: Option<&RawValue>) -> Result<Option<&RawValue>, String> {
    let params = params.ok_or("jsonrpc: request body missing params")?;
    let items: Vec<&RawValue> = serde_json::from_str(params.get()).map_err(|_| {
        format!("json: cannot unmarshal {} into Go value of type [1]interface {{}}", json_kind(params))
    })?;
    Ok(items.into_iter().next())
}

impl Side for JsonSide {
    fn step(&mut self, input: &mut BytesMut, output: &mut BytesMut) -> Result<bool, io::Error> {
        let Some(text) = self.scanner.take(input, MAX_REQUEST).map_err(malformed)? else { return Ok(false) };
        let request: JsonRequest<'_> = serde_json::from_slice(&text)?;
        let id = request.id.map_or("null", RawValue::get);
        let (result, error) = match self.result(&request) {
            Ok(reply) => {
                let mut json = Vec::new();
                json::write(&mut json, &reply, json::Style::default());
                (String::from_utf8_lossy(&json).into_owned(), "null".to_owned())
            }
            Err(error) => ("null".to_owned(), serde_json::to_string(&error)?),
        };
        output
            .extend_from_slice(format!("{{\"id\":{id},\"result\":{result},\"error\":{error}}}\n").as_bytes());
        Ok(true)
    }
}

/// One HTTP request: the CONNECT after which gob is spoken, or the page for people.
async fn serve_http(
    mut stream: Box<dyn Stream>,
    mut buffer: BytesMut,
    offer: Arc<dyn Offer>,
) -> io::Result<()> {
    let head = loop {
        match head_length(&buffer) {
            Some(length) => break buffer.split_to(length),
            None if buffer.len() > MAX_HEAD => return Ok(()),
            None if stream.read_buf(&mut buffer).await? == 0 => return Ok(()),
            None => {}
        }
    };
    let line = String::from_utf8_lossy(&head).lines().next().unwrap_or_default().to_owned();
    let mut words = line.split(' ');
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let path = path.split('?').next().unwrap_or_default();
    let (status, kind, body) = match (method, path) {
        ("CONNECT", DEFAULT_PATH) => {
            stream.write_all(format!("HTTP/1.0 {CONNECTED}\n\n").as_bytes()).await?;
            return serve_requests(stream, buffer, GobSide::new(offer)).await;
        }
        (_, DEFAULT_PATH) => ("405 Method Not Allowed", "text/plain", "405 must CONNECT\n".to_owned()),
        (_, DEBUG_PATH) => ("200 OK", "text/html", debug::page(&offer.services())),
        _ => ("404 Not Found", "text/plain", "404 page not found\n".to_owned()),
    };
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {kind}; charset=utf-8\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await?;
    if method != "HEAD" {
        stream.write_all(body.as_bytes()).await?;
    }
    stream.shutdown().await
}
