//! `google.protobuf.Any` in JSON: the message inside, with its type in front.

use prost_reflect::bytes::Bytes;
use prost_reflect::{DynamicMessage, ReflectMessage as _, Value};

use super::print::{DEPTH, Run};

/// Prints an `Any` expanded, or as a placeholder with its type and bytes when that cannot be done.
pub(super) fn print(run: &mut Run<'_>, any: &DynamicMessage, depth: usize) {
    let url = any.get_field_by_number(1);
    let url = url.as_deref().and_then(Value::as_str).unwrap_or_default();
    let bytes = any.get_field_by_number(2);
    let bytes = bytes.as_deref().and_then(Value::as_bytes).cloned().unwrap_or_default();
    if url.is_empty() && bytes.is_empty() {
        return run.w.raw(b"{}");
    }
    match unpack(run, any, url, bytes.clone(), depth) {
        Ok(message) => expanded(run, url, &message, depth + 1),
        Err(error) => placeholder(run, url, &bytes, &error),
    }
}

fn unpack(
    run: &mut Run<'_>,
    any: &DynamicMessage,
    url: &str,
    bytes: Bytes,
    depth: usize,
) -> Result<DynamicMessage, String> {
    if depth >= DEPTH {
        return Err(format!("nested more than {DEPTH} messages deep"));
    }
    let name = url.rsplit_once('/').map_or(url, |(_, name)| name);
    if !is_full_name(name) {
        return Err("this type URL names no message type".to_owned());
    }
    let descriptor = run
        .types
        .message(name)
        .or_else(|| any.descriptor().parent_pool().get_message_by_name(name))
        .ok_or_else(|| {
            if !run.missing.0.iter().any(|missing| missing == name) {
                run.missing.0.push(name.to_owned());
            }
            format!("message type {name} is not known")
        })?;
    DynamicMessage::decode(descriptor, bytes).map_err(|error| format!("not a valid {name}: {error}"))
}

fn expanded(run: &mut Run<'_>, url: &str, message: &DynamicMessage, depth: usize) {
    let plan = run.plans.of(&message.descriptor(), run.style);
    let mut object = run.w.object();
    run.w.key(&mut object, "@type");
    run.w.string(url);
    if plan.well_known.is_some() {
        run.w.key(&mut object, "value");
        run.message(message, &plan, depth);
    } else {
        run.members(message, &plan, &[], depth, &mut object);
    }
    run.w.close(&object);
}

fn placeholder(run: &mut Run<'_>, url: &str, bytes: &[u8], error: &str) {
    let mut object = run.w.object();
    run.w.key(&mut object, "@type");
    run.w.string(url);
    run.w.key(&mut object, "@error");
    run.w.string(error);
    run.w.key(&mut object, "@value");
    run.w.base64(bytes);
    run.w.close(&object);
}

/// Whether it makes sense to ask anybody for a type of this name.
pub(in crate::message) fn is_full_name(name: &str) -> bool {
    name.split('.').all(|part| {
        part.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    })
}
