//! JSON to bytes and back, by the code that `rpcctl call` uses and by prost-reflect's own serde.
//!
//! `cargo bench --bench messages`; a bar that is missed is printed and makes the exit code 1.

use std::error::Error;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use prost::Message as _;
use prost_reflect::{DynamicMessage, MessageDescriptor};
use rpcctl::message::json::{Printer, Reader, Types as _};
use rpcctl::schema::{Schema, SchemaPlan};

/// Of prost-reflect's time, at most.
const BAR: f64 = 0.5;
/// How often each is measured, by turns.
const ROUNDS: usize = 15;
/// How much is done in one round, at least.
const ROUND: usize = 16 << 20;

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let schema = Schema::of_files(&SchemaPlan {
        protos: vec![PathBuf::from("demo/v1/everything.proto")],
        import_paths: vec![PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("proto")],
        ..SchemaPlan::default()
    })?;
    let descriptor = schema.message("demo.v1.Everything").ok_or("there is no demo.v1.Everything")?;
    let mut missed = false;
    for (name, document) in [("1 KiB", message(1)), ("10 MiB", message(22_000))] {
        let (reader, printer) = (Reader::default(), Printer::default());
        let ours = || {
            let bytes = reader.read(&descriptor, document.as_bytes(), false).unwrap_or_default();
            let mut json = Vec::with_capacity(document.len());
            printer.print(&descriptor, &bytes, &schema, &mut json);
            (bytes.len(), json.len())
        };
        let theirs = || by_serde(&descriptor, &document).unwrap_or_default();
        check(&descriptor, &document, (&reader, &printer), &schema)?;
        let times = (ROUND / document.len()).max(1);
        let (mut our_times, mut their_times) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            our_times.push(measured(times, &ours));
            their_times.push(measured(times, &theirs));
        }
        let (ours_median, theirs_median) = (median(&mut our_times), median(&mut their_times));
        let ratio = ours_median.as_secs_f64() / theirs_median.as_secs_f64();
        writeln!(
            io::stdout(),
            "{name:>7} ({} bytes of JSON, {} on the wire): rpcctl {ours_median:?}, prost-reflect {theirs_median:?}, ratio {ratio:.3}x (bar {BAR}x)",
            document.len(),
            ours().0,
        )?;
        missed |= ratio > BAR;
    }
    Ok(if missed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// JSON with fields of every common kind, and so many of them in a list.
fn message(children: usize) -> String {
    let child = |index: usize| {
        format!(
            r#"{{"int32Value":{index},"int64Value":"-{index}00000000","doubleValue":{index}.5,"boolValue":true,"stringValue":"message {index} of many, with \"quotes\" and ümläute","bytesValue":"AAECAwQFBgcICQ==","mood":"MOOD_HAPPY","packed":[1,2,3,{index},500000],"strings":["one","two","three"],"nested":{{"name":"inner"}},"stringMap":{{"key":"value","other":"{index}"}},"timestamp":"2024-05-01T12:30:00.250Z","optionalInt32":0,"nesteds":[{{"name":"a"}},{{"name":"b"}}],"doubles":[0.1,-2.5,1e100],"choiceString":"chosen"}}"#
        )
    };
    let children: Vec<String> = (0..children).map(child).collect();
    format!(r#"{{"stringValue":"{}","children":[{}]}}"#, "x".repeat(550), children.join(","))
}

/// Both make the same message of a document, and the same document of that.
fn check(
    descriptor: &MessageDescriptor,
    document: &str,
    (reader, printer): (&Reader, &Printer),
    schema: &Schema,
) -> Result<(), Box<dyn Error>> {
    let bytes = reader.read(descriptor, document.as_bytes(), false)?;
    let ours = DynamicMessage::decode(descriptor.clone(), &*bytes)?;
    let mut from = serde_json::Deserializer::from_str(document);
    let theirs = DynamicMessage::deserialize(descriptor.clone(), &mut from)?;
    // As it is on the wire: a zero that was spelled out stays in the other's memory.
    let theirs = DynamicMessage::decode(descriptor.clone(), &*theirs.encode_to_vec())?;
    let mut json = Vec::new();
    printer.print(descriptor, &bytes, schema, &mut json);
    let (our_json, their_json): (serde_json::Value, serde_json::Value) =
        (serde_json::from_slice(&json)?, serde_json::to_value(&theirs)?);
    if ours == theirs && our_json == their_json { Ok(()) } else { Err("the two do not mean the same".into()) }
}

fn by_serde(descriptor: &MessageDescriptor, document: &str) -> Result<(usize, usize), Box<dyn Error>> {
    let mut reader = serde_json::Deserializer::from_str(document);
    let bytes = DynamicMessage::deserialize(descriptor.clone(), &mut reader)?.encode_to_vec();
    let json = serde_json::to_vec(&DynamicMessage::decode(descriptor.clone(), &*bytes)?)?;
    Ok((bytes.len(), json.len()))
}

fn measured(times: usize, work: &impl Fn() -> (usize, usize)) -> Duration {
    let began = Instant::now();
    for _ in 0..times {
        std::hint::black_box(work());
    }
    began.elapsed() / u32::try_from(times).unwrap_or(u32::MAX)
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}
