//! The way from a message to a value in it, as errors tell it: `some.list[2].map["key"]`.

use std::fmt::Write as _;
use std::sync::Arc;

use super::error::shortened;
use crate::message::bytes::{Field, Kind, Layout, Layouts, Named, Shape};
use crate::message::json::WellKnown;

/// From a value into one that is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::message) enum Step {
    Field(String),
    Element(usize),
    Key(String),
}

/// Of a longer way, so many steps are told at its beginning, and so many at its end.
const SHOWN: (usize, usize) = (12, 3);

/// The text of a way whose innermost step is the first; none where there is no step.
pub(in crate::message) fn path(steps: &[Step]) -> Option<String> {
    let mut text = String::new();
    let left_out = SHOWN.0..steps.len().saturating_sub(SHOWN.1);
    for (index, step) in steps.iter().rev().enumerate() {
        if left_out.len() > 1 && left_out.contains(&index) {
            if index == left_out.start {
                text.push_str(".…");
            }
            continue;
        }
        // Writing to a String cannot fail.
        let _ = match step {
            Step::Field(name) if is_plain(name) && text.is_empty() => write!(text, "{name}"),
            Step::Field(name) if is_plain(name) => write!(text, ".{name}"),
            Step::Element(index) => write!(text, "[{index}]"),
            Step::Field(key) | Step::Key(key) => write!(text, "[{:?}]", shortened(key)),
        };
    }
    (!text.is_empty()).then_some(text)
}

/// Whether a name can be a field's, or an extension's or a type's in brackets.
fn is_plain(name: &str) -> bool {
    let inner = name.strip_prefix('[').and_then(|name| name.strip_suffix(']'));
    let plain = |name: &str, more: &[char]| {
        !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_' || more.contains(&c))
    };
    inner.map_or_else(|| plain(name, &['@', '-']), |name| plain(name, &['.', '/', '-', '%']))
}

/// Which grammar the steps were found by, before anything was known of the types.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::message) enum Grammar {
    /// An object is a message or a map.
    Json,
    /// A field that comes again is a list or a map, or given twice.
    Text,
}

/// What a step begins in.
enum Inside {
    Message(Arc<Layout>),
    /// A list or a map, and what its elements or values are.
    Several(Box<Inside>, bool),
    Unknown,
}

/// The steps, innermost first, that lead through a document that can't be read to its end, with what the types say of
/// them: what is a map's key, and what is none of several.
pub(super) fn through(
    layouts: &Layouts,
    layout: Arc<Layout>,
    steps: Vec<Step>,
    grammar: Grammar,
) -> Vec<Step> {
    let mut inside = Inside::Message(layout);
    let mut out = Vec::with_capacity(steps.len());
    for step in steps.into_iter().rev() {
        inside = match (inside, step, grammar) {
            // What has a form of its own is a value of JSON and nothing else.
            (Inside::Message(layout), Step::Field(key), Grammar::Json) if is_value(&layout) => {
                out.push(Step::Key(key));
                Inside::Message(layout)
            }
            (Inside::Message(layout), Step::Field(name), _) => {
                let index = match grammar {
                    Grammar::Json => layout.index_of_json(&name),
                    Grammar::Text => layout.index_of_text(&name).and_then(Named::field),
                };
                let next = index.and_then(|index| layout.field(index)).filter(|_| !is_any(&layout));
                out.push(Step::Field(name));
                next.map_or(Inside::Unknown, |field| behind(layouts, field))
            }
            (Inside::Several(one, true), Step::Field(key), Grammar::Json) => {
                out.push(Step::Key(key));
                *one
            }
            // An entry has its value in a field.
            (Inside::Several(one, true), Step::Field(name), Grammar::Text) => {
                let is_value = name == "value";
                out.push(Step::Field(name));
                if is_value { *one } else { Inside::Unknown }
            }
            (Inside::Several(one, false), Step::Field(name), _) => {
                out.push(Step::Field(name));
                *one
            }
            (Inside::Several(one, map), step, _) => {
                out.push(step);
                if map && grammar == Grammar::Text { Inside::Several(one, map) } else { *one }
            }
            (inside, Step::Element(_), Grammar::Text) => inside,
            (inside, step, _) => {
                out.push(step);
                inside
            }
        };
    }
    out.reverse();
    out
}

fn is_value(layout: &Layout) -> bool {
    matches!(layout.well_known, Some(WellKnown::Struct | WellKnown::Value | WellKnown::ListValue))
}

fn is_any(layout: &Layout) -> bool {
    layout.well_known == Some(WellKnown::Any)
}

fn behind(layouts: &Layouts, field: &Field) -> Inside {
    let one = match &field.kind {
        Kind::Message(link) => Inside::Message(layouts.behind(link)),
        Kind::Enum(_) | Kind::Scalar(_) => Inside::Unknown,
    };
    match field.shape {
        Shape::Single => one,
        Shape::List { .. } => Inside::Several(Box::new(one), false),
        Shape::Map(_) => Inside::Several(Box::new(one), true),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_way_is_told_by_its_ends() {
        let steps =
            |count: usize| (0..count).rev().map(|index| Step::Field(format!("f{index}"))).collect::<Vec<_>>();
        assert_eq!(path(&[]), None);
        assert_eq!(path(&steps(2)).unwrap(), "f0.f1");
        assert_eq!(path(&steps(16)).unwrap().matches('.').count(), 15);
        let long = path(&steps(100)).unwrap();
        assert!(long.starts_with("f0.f1.f2.") && long.ends_with(".f11.….f97.f98.f99"), "{long}");
    }

    #[test]
    fn what_can_be_no_name_stands_in_quotes() {
        let steps = [Step::Field("a b".to_owned()), Step::Element(3), Step::Field("[x.y]".to_owned())];
        assert_eq!(path(&steps).unwrap(), r#"[x.y][3]["a b"]"#);
    }
}
