//! How a call ended, told on the side: code, message, hints, details.

use std::io::{self, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use prost::Message as _;
use serde::Serialize;
use serde_json::value::RawValue;

use crate::message::json::{self, Types};
use crate::output::{sanitize, talk};
use crate::session::{Code, Origin, Status, StatusDetails};

/// Tells a status that is none of OK, with its details, of types among these. `which` is whose it is, where there are
/// several.
pub(super) fn tell(
    talk: &mut dyn Write,
    which: &str,
    (status, types): (&Status, &dyn Types),
) -> io::Result<()> {
    writeln!(talk, "error: {which}{}", talk::outcome(status))?;
    if status.origin == Origin::Local && status.code == Code::RESOURCE_EXHAUSTED {
        writeln!(talk, "hint: take larger messages with --max-message-size, such as 64M; 0 is no limit")?;
    }
    talk::hint(talk, status)?;
    match &status.details {
        StatusDetails::None => Ok(()),
        StatusDetails::Malformed(bytes) => {
            writeln!(talk, "  details that can't be read: {}", bytes.escape_ascii())
        }
        StatusDetails::Decoded(details) => {
            details.details.iter().zip(1..).try_for_each(|(detail, number)| {
                let json =
                    String::from_utf8_lossy(&detail_json(detail, types, true)).replace('\n', "\n     ");
                writeln!(talk, "  {number}. {json}")
            })
        }
    }
}

/// Prints a status as the JSON of a `google.rpc.Status`. Of one of several calls, `request` has its place from 1.
pub(super) fn json(
    talk: &mut dyn Write,
    index: Option<usize>,
    (status, types): (&Status, &dyn Types),
    pretty: bool,
) -> io::Result<()> {
    let details: Vec<Box<RawValue>> = match &status.details {
        StatusDetails::None => Vec::new(),
        StatusDetails::Malformed(bytes) => {
            let value =
                serde_json::json!({"@error": "not a google.rpc.Status", "@value": STANDARD.encode(bytes)});
            vec![serde_json::value::to_raw_value(&value)?]
        }
        StatusDetails::Decoded(status) => status
            .details
            .iter()
            .map(|detail| {
                let json = String::from_utf8_lossy(&detail_json(detail, types, false)).into_owned();
                Ok(RawValue::from_string(json)?)
            })
            .collect::<io::Result<_>>()?,
    };
    let shown = StatusJson {
        request: index.map(|index| index + 1),
        code: status.code.0,
        message: &status.message,
        details: (!details.is_empty()).then_some(details),
    };
    let text = serde_json::to_string(&shown)?;
    let text = if pretty { json::pretty(&text) } else { text };
    writeln!(talk, "{}", sanitize::json(&text))
}

/// A status as JSON shows it.
#[derive(Serialize)]
struct StatusJson<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    request: Option<usize>,
    code: u32,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    details: Option<Vec<Box<RawValue>>>,
}

/// One detail, as the JSON of an Any shows it: with its type, and a placeholder where that is not known.
pub(in crate::output) fn detail_json(detail: &prost_types::Any, types: &dyn Types, pretty: bool) -> Vec<u8> {
    let mut json = Vec::new();
    let Some(descriptor) = types.message("google.protobuf.Any") else { return json };
    let style = json::Style { pretty, escape_controls: true, ..json::Style::default() };
    json::Printer::new(style).print(&descriptor, &detail.encode_to_vec(), types, &mut json);
    json
}

/// The full names of the types of a status's details.
pub fn detail_types(status: &Status) -> Vec<String> {
    let StatusDetails::Decoded(details) = &status.details else { return Vec::new() };
    let name = |any: &prost_types::Any| any.type_url.rsplit('/').next().map(str::to_owned);
    details.details.iter().filter_map(name).collect()
}
