//! `google.protobuf.Any` in JSON: the message inside, with its type in front.

use std::sync::Arc;

use super::print::{Run, Types};
use crate::message::bytes::{Contents, DEPTH, Layout, Layouts, Parts};

/// Prints an `Any` expanded, or as a placeholder with its type and bytes when that cannot be done.
pub(super) fn print(run: &mut Run<'_>, layout: &Layout, any: &Contents<'_>, depth: usize) {
    let content = |number| any.get(layout, number).last().map_or(&b""[..], |(_, raw)| raw.content());
    let (url, bytes) = (content(1), content(2));
    if url.is_empty() && bytes.is_empty() {
        return run.w.raw(b"{}");
    }
    match unpack(run, layout, url, depth) {
        Ok(inner) => expanded(run, url, (&inner, bytes), depth + 1),
        Err(error) => placeholder(run, url, bytes, &error),
    }
}

/// The layout of the message inside.
fn unpack(run: &mut Run<'_>, any: &Layout, url: &[u8], depth: usize) -> Result<Arc<Layout>, String> {
    any_layout(run.types, run.layouts, any, url, depth).map_err(|(missing, error)| {
        if let Some(name) = missing {
            run.missing.wants(&name);
        }
        error
    })
}

/// The layout of the message in an `Any`, or why there is none, beside the type that would have to be known for it.
pub(in crate::message) fn any_layout(
    types: &dyn Types,
    layouts: &Layouts,
    any: &Layout,
    url: &[u8],
    depth: usize,
) -> Result<Arc<Layout>, (Option<String>, String)> {
    if depth >= DEPTH {
        return Err((None, format!("nested more than {DEPTH} messages deep")));
    }
    let url = std::str::from_utf8(url).unwrap_or_default();
    let name = url.rsplit_once('/').map_or(url, |(_, name)| name);
    if !is_full_name(name) {
        return Err((None, "this type URL names no message type".to_owned()));
    }
    let known = types.message(name).or_else(|| any.descriptor.parent_pool().get_message_by_name(name));
    match known {
        Some(descriptor) => Ok(layouts.of(&descriptor)),
        None => Err((Some(name.to_owned()), format!("message type {name} is not known"))),
    }
}

fn expanded(run: &mut Run<'_>, url: &[u8], (layout, bytes): (&Layout, &[u8]), depth: usize) {
    let mut object = run.w.object();
    run.w.key(&mut object, "@type");
    run.w.string(&String::from_utf8_lossy(url));
    if layout.well_known.is_some() {
        run.w.key(&mut object, "value");
        run.message(layout, &Parts::One(bytes), depth);
    } else {
        run.members(layout, &Contents::of(layout, &Parts::One(bytes)), depth, &mut object);
    }
    run.w.close(&object);
}

fn placeholder(run: &mut Run<'_>, url: &[u8], bytes: &[u8], error: &str) {
    run.missing.placeholders += 1;
    let mut object = run.w.object();
    run.w.key(&mut object, "@type");
    run.w.string(&String::from_utf8_lossy(url));
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
