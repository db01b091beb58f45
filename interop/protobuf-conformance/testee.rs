//! What protobuf's conformance suite talks to: reads and prints messages with the code that `rpcctl call` uses.
//!
//! Its one argument is a descriptor set with the messages of the suite. Requests come on stdin and answers go to stdout,
//! each behind its length in four bytes, little-endian (`conformance/conformance.proto`).

use std::error::Error;
use std::io::{self, Read, Write};
use std::path::PathBuf;

use prost::Message as _;
use prost_reflect::MessageDescriptor;
use rpcctl::message::json::{self, Types as _};
use rpcctl::message::{bytes, text};
use rpcctl::schema::{Schema, SchemaPlan};

#[derive(Clone, PartialEq, prost::Message)]
struct Request {
    #[prost(oneof = "Payload", tags = "1, 2, 7, 8")]
    payload: Option<Payload>,
    #[prost(int32, tag = "3")]
    output: i32,
    #[prost(string, tag = "4")]
    message_type: String,
    #[prost(int32, tag = "5")]
    category: i32,
    #[prost(bool, tag = "9")]
    print_unknown_fields: bool,
}

#[derive(Clone, PartialEq, prost::Oneof)]
enum Payload {
    #[prost(bytes, tag = "1")]
    Protobuf(Vec<u8>),
    #[prost(string, tag = "2")]
    Json(String),
    #[prost(string, tag = "7")]
    Jspb(String),
    #[prost(string, tag = "8")]
    Text(String),
}

#[derive(Clone, PartialEq, prost::Message)]
struct Response {
    #[prost(oneof = "Outcome", tags = "1, 2, 3, 4, 5, 6, 8")]
    outcome: Option<Outcome>,
}

#[derive(Clone, PartialEq, prost::Oneof)]
enum Outcome {
    #[prost(string, tag = "1")]
    ParseError(String),
    #[prost(string, tag = "6")]
    SerializeError(String),
    #[prost(string, tag = "2")]
    RuntimeError(String),
    #[prost(bytes, tag = "3")]
    Protobuf(Vec<u8>),
    #[prost(string, tag = "4")]
    Json(String),
    #[prost(string, tag = "5")]
    Skipped(String),
    #[prost(string, tag = "8")]
    Text(String),
}

/// `conformance.WireFormat`.
const PROTOBUF: i32 = 1;
const JSON: i32 = 2;
const TEXT: i32 = 4;

/// `conformance.TestCategory`: JSON of which unknown members are passed over.
const IGNORING_UNKNOWN: i32 = 3;

fn main() -> Result<(), Box<dyn Error>> {
    let set = std::env::args_os().nth(1).map(PathBuf::from).ok_or("name a descriptor set")?;
    let schema = Schema::of_files(&SchemaPlan { descriptor_sets: vec![set], ..SchemaPlan::default() })?;
    let (mut stdin, mut stdout) = (io::stdin().lock(), io::stdout().lock());
    let mut length = [0; 4];
    while stdin.read_exact(&mut length).is_ok() {
        let mut request = vec![0; usize::try_from(u32::from_le_bytes(length))?];
        stdin.read_exact(&mut request)?;
        let response = Response { outcome: Some(answer(&schema, Request::decode(&*request)?)) };
        let response = response.encode_to_vec();
        stdout.write_all(&u32::try_from(response.len())?.to_le_bytes())?;
        stdout.write_all(&response)?;
        stdout.flush()?;
    }
    Ok(())
}

fn answer(schema: &Schema, request: Request) -> Outcome {
    // The first request asks which failures are known beforehand.
    if request.message_type == "conformance.FailureSet" {
        return Outcome::Protobuf(Vec::new());
    }
    let Some(descriptor) = schema.message(&request.message_type) else {
        return Outcome::RuntimeError(format!("there is no {}", request.message_type));
    };
    let read = match request.payload {
        // What is printed of a server's answer is printed from its own bytes, whatever they are; a runtime reads them first.
        Some(Payload::Protobuf(bytes)) => bytes::Rewriter::default()
            .rewrite(&descriptor, &bytes)
            .map(|written| if request.output == PROTOBUF { written } else { bytes })
            .map_err(|error| error.to_string()),
        Some(Payload::Json(document)) => json::Reader::strict()
            .read(&descriptor, document.as_bytes(), request.category == IGNORING_UNKNOWN)
            .map_err(|error| error.to_string()),
        Some(Payload::Text(document)) => {
            text::Reader::default().read(&descriptor, document.as_bytes()).map_err(|error| error.to_string())
        }
        Some(Payload::Jspb(_)) | None => return Outcome::Skipped("a format of nobody here".to_owned()),
    };
    match read {
        Err(error) => Outcome::ParseError(error),
        Ok(bytes) => write(schema, &descriptor, bytes, request.output, request.print_unknown_fields),
    }
}

fn write(
    schema: &Schema,
    descriptor: &MessageDescriptor,
    bytes: Vec<u8>,
    output: i32,
    print_unknown_fields: bool,
) -> Outcome {
    let mut out = Vec::new();
    let missing = match output {
        PROTOBUF => return Outcome::Protobuf(bytes),
        JSON => json::Printer::default().print(descriptor, &bytes, schema, &mut out),
        TEXT => {
            let style = text::Style { pretty: true, unknown: print_unknown_fields };
            text::Printer::new(style).print(descriptor, &bytes, schema, &mut out)
        }
        _ => return Outcome::Skipped("a format of nobody here".to_owned()),
    };
    // What stands there in place of a value is for people to see, and no value.
    if missing.placeholders > 0 {
        return Outcome::SerializeError(String::from_utf8_lossy(&out).into_owned());
    }
    match (output, String::from_utf8(out)) {
        (_, Err(error)) => Outcome::RuntimeError(error.to_string()),
        (JSON, Ok(document)) => Outcome::Json(document),
        (_, Ok(document)) => Outcome::Text(document),
    }
}
