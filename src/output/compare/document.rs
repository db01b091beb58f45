//! All outcomes, for programs: one document.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use super::text::values;
use super::{Answer, Aspect, Difference, Look, Outcome, Side, Value};
use crate::failure::Told;
use crate::message::json;
use crate::output::write_json_text;
use crate::secrets::Secrets;

/// What a document is about, and what is in it.
#[derive(Debug, Clone, Copy)]
pub struct Document<'a> {
    /// The server, as it was named.
    pub target: &'a str,
    /// The method, by its full name.
    pub method: &'a str,
    /// What came of the call over each protocol.
    pub outcomes: &'a [Outcome],
    /// Where that differs.
    pub differences: &'a [Difference],
    /// The exit code.
    pub exit: u8,
}

/// Prints it, as docs/protocols.md has it.
pub fn json(out: &mut dyn Write, document: Document<'_>, look: Look) -> io::Result<()> {
    let secrets = look.talk.secrets;
    let outcomes = document.outcomes.iter().map(|outcome| OutcomeJson::of(outcome, secrets));
    let differences = document.differences.iter().map(|difference| DifferenceJson::of(difference, secrets));
    let whole = DocumentJson {
        target: document.target,
        method: document.method,
        agree: document.differences.is_empty(),
        outcomes: outcomes.collect::<io::Result<_>>()?,
        differences: differences.collect::<io::Result<_>>()?,
        exit: document.exit,
    };
    write_json_text(out, &json::pretty(&serde_json::to_string(&whole)?), look.paint)
}

#[derive(Serialize)]
struct DocumentJson<'a> {
    target: &'a str,
    method: &'a str,
    agree: bool,
    outcomes: Vec<OutcomeJson<'a>>,
    differences: Vec<DifferenceJson<'a>>,
    exit: u8,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct OutcomeJson<'a> {
    protocol: &'static str,
    status: Option<Box<RawValue>>,
    messages: Vec<Box<RawValue>>,
    metadata: BTreeMap<&'a str, Vec<String>>,
    error: Option<ErrorJson<'a>>,
    duration_ms: Box<RawValue>,
}

impl<'a> OutcomeJson<'a> {
    fn of(outcome: &'a Outcome, secrets: Secrets) -> io::Result<Self> {
        let micros = outcome.took.as_micros();
        let (answer, error) = match &outcome.answer {
            Ok(answer) => (Some(answer), None),
            Err(Told { message, causes, hints }) => (None, Some(ErrorJson { message, causes, hints })),
        };
        let messages = answer.map(|answer| answer.messages.as_slice()).unwrap_or_default();
        let metadata = answer.into_iter().flat_map(|answer| &answer.metadata);
        Ok(Self {
            protocol: outcome.protocol,
            status: answer.map(|Answer { status_json, .. }| raw(status_json)).transpose()?,
            messages: messages.iter().map(|message| raw(message)).collect::<io::Result<_>>()?,
            metadata: metadata.map(|(name, all)| (name.as_str(), values(name, all, secrets))).collect(),
            error,
            duration_ms: raw(&format!("{}.{:03}", micros / 1000, micros % 1000))?,
        })
    }
}

#[derive(Serialize)]
struct ErrorJson<'a> {
    message: &'a str,
    causes: &'a [String],
    hints: &'a [String],
}

#[derive(Serialize)]
struct DifferenceJson<'a> {
    aspect: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    index: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    sides: Vec<SideJson<'a>>,
}

impl<'a> DifferenceJson<'a> {
    fn of(Difference { aspect, sides }: &'a Difference, secrets: Secrets) -> io::Result<Self> {
        let (aspect, index, name) = match aspect {
            Aspect::Spoken => ("spoken", None, None),
            Aspect::Status => ("status", None, None),
            Aspect::Details => ("details", None, None),
            Aspect::Messages => ("messages", None, None),
            Aspect::Message(index) => ("message", Some(*index), None),
            Aspect::Metadata(name) => ("metadata", None, Some(name.as_str())),
        };
        let side = |Side { protocols, value }: &'a Side| {
            let value = value.as_ref().map(|value| value_json(value, name, secrets)).transpose()?;
            Ok(SideJson { protocols, value })
        };
        Ok(Self { aspect, index, name, sides: sides.iter().map(side).collect::<io::Result<_>>()? })
    }
}

#[derive(Serialize)]
struct SideJson<'a> {
    protocols: &'a [&'static str],
    value: Option<Box<RawValue>>,
}

fn value_json(value: &Value, name: Option<&str>, secrets: Secrets) -> io::Result<Box<RawValue>> {
    Ok(match value {
        Value::Text(text) => to_raw_value(text)?,
        Value::Number(number) => to_raw_value(number)?,
        Value::Json(json) => raw(json)?,
        Value::JsonList(all) => {
            let all = all.iter().map(|json| raw(json)).collect::<io::Result<Vec<_>>>()?;
            to_raw_value(&all)?
        }
        Value::Texts(texts) => to_raw_value(&values(name.unwrap_or_default(), texts, secrets))?,
    })
}

/// JSON as it is; what came as JSON and is none is a string.
fn raw(json: &str) -> io::Result<Box<RawValue>> {
    match RawValue::from_string(json.to_owned()) {
        Ok(raw) => Ok(raw),
        Err(_) => Ok(to_raw_value(json)?),
    }
}
