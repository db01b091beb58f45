//! The well-known types that have a JSON form of their own.

use super::error::Problem;
use super::message::Reading;
use super::misfit::{Misfit, found};
use super::steps::Step;
use super::syntax::{Json, Member, Node};
use super::{names, time};
use crate::message::bytes::{Layout, Scalar, Shape, Sink};
use crate::message::json::any::is_full_name;
use crate::message::json::time::{DURATION_SECONDS, TIMESTAMP_SECONDS};
use crate::message::json::wkt::WellKnown;

/// Reads a message of a well-known type, written in its own form.
pub(super) fn read(
    reader: Reading<'_>,
    known: WellKnown,
    layout: &Layout,
    node: &Node<'_>,
    sink: &mut Sink,
) -> Result<(), Misfit> {
    let unfit = |how: &str| Misfit::unfit(node, format!("{} ({how})", layout.descriptor.full_name()));
    match (known, &node.json) {
        (WellKnown::Any, Json::Object(members)) => any(reader, layout, (node, members), sink),
        (WellKnown::Timestamp, json) => {
            const HOW: &str = r#"a time in quotes, such as "2024-05-01T12:30:00Z""#;
            let time = text(json).and_then(time::timestamp).ok_or_else(|| unfit(HOW))?;
            let range = ("0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999999Z");
            moment(layout, node, (time, TIMESTAMP_SECONDS.contains(&time.0), range), sink)
        }
        (WellKnown::Duration, json) => {
            const HOW: &str = r#"seconds in quotes, such as "1.5s""#;
            let time = text(json).and_then(time::duration).ok_or_else(|| unfit(HOW))?;
            let range = ("-315576000000s", "315576000000s");
            moment(layout, node, (time, DURATION_SECONDS.contains(&time.0), range), sink)
        }
        (WellKnown::FieldMask, json) => {
            const HOW: &str = r#"names in quotes, such as "userName,address.street""#;
            const RULE: &str = r#"names in camelCase and without "_", such as "userName,address.street""#;
            let paths = text(json).ok_or_else(|| unfit(HOW))?;
            let paths = field_mask(paths).ok_or_else(|| unfit(RULE))?;
            for path in paths {
                sink.bytes(1, path.as_bytes());
            }
            Ok(())
        }
        (WellKnown::Struct, Json::Object(members)) => {
            let Some((field, Shape::Map(key))) = layout.by_number(1).map(|field| (field, field.shape)) else {
                return Err(unfit("an object"));
            };
            reader.map(field, key, members, sink)
        }
        (WellKnown::Empty, Json::Object(members)) => reader.members(layout, (node, members), "", sink),
        (WellKnown::Any | WellKnown::Struct | WellKnown::Empty, _) => Err(unfit("an object")),
        (WellKnown::ListValue, Json::Array(elements)) => {
            let field = layout.by_number(1).ok_or_else(|| unfit("an array"))?;
            reader.list(field, elements, sink)
        }
        (WellKnown::ListValue, _) => Err(unfit("an array")),
        (WellKnown::Value, json) => {
            let number = match json {
                Json::Null => 1,
                Json::Number(_) => 2,
                Json::String(_) => 3,
                Json::Bool(_) => 4,
                Json::Object(_) => 5,
                Json::Array(_) => 6,
            };
            let field = layout.by_number(number);
            let field = field.ok_or_else(|| Misfit::unfit(node, layout.descriptor.full_name()))?;
            reader.single(field, number, node, sink, false).map(drop)
        }
        (WellKnown::Wrapper, _) => {
            let field = layout.by_number(1).ok_or_else(|| unfit("a value"))?;
            reader.single(field, 1, node, sink, field.is_implicit()).map(drop)
        }
    }
}

fn text<'n>(json: &'n Json<'_>) -> Option<&'n str> {
    match json {
        Json::String(text) => Some(text),
        _ => None,
    }
}

fn moment(
    layout: &Layout,
    node: &Node<'_>,
    ((seconds, nanos), in_range, (from, to)): ((i64, i32), bool, (&str, &str)),
    sink: &mut Sink,
) -> Result<(), Misfit> {
    if !in_range {
        let kind = layout.descriptor.full_name().to_owned();
        let problem = Problem::Range { found: found(node), kind, range: format!("{from} to {to}") };
        return Err(Misfit::new(node.at, problem));
    }
    if seconds != 0 {
        sink.number(1, Scalar::Int64, seconds.cast_unsigned());
    }
    if nanos != 0 {
        sink.number(2, Scalar::Int32, i64::from(nanos).cast_unsigned());
    }
    Ok(())
}

/// `someField.other` as `some_field.other`, for each path.
fn field_mask(text: &str) -> Option<Vec<String>> {
    let snake = |path: &str| {
        let mut out = String::with_capacity(path.len() + 4);
        for c in path.chars() {
            if c == '_' {
                return None;
            }
            if c.is_ascii_uppercase() {
                out.push('_');
            }
            out.push(c.to_ascii_lowercase());
        }
        Some(out)
    };
    text.split(',').filter(|path| !path.is_empty()).map(snake).collect()
}

fn any(
    reader: Reading<'_>,
    layout: &Layout,
    (node, members): (&Node<'_>, &[Member<'_>]),
    sink: &mut Sink,
) -> Result<(), Misfit> {
    const TYPE: &str = "@type";
    if members.is_empty() {
        return Ok(());
    }
    let missing = |member| Misfit::new(node.at, Problem::Any { member });
    let url = only(reader, members, TYPE)?.ok_or_else(|| missing(TYPE))?;
    let bad = |problem| Misfit::new(url.value.at, problem).within(Step::Field(TYPE.to_owned()));
    let Some((name, url_text)) = text(&url.value.json)
        .and_then(|text| Some((text.rsplit_once('/')?.1, text)))
        .filter(|(name, _)| is_full_name(name))
    else {
        let expected = r#"a type's URL, such as "type.googleapis.com/pkg.Message""#.to_owned();
        return Err(bad(Problem::Unfit { expected, found: found(&url.value), message: None }));
    };
    let inner = layout.descriptor.parent_pool().get_message_by_name(name);
    let inner = inner.ok_or_else(|| bad(Problem::UnknownType(name.to_owned())))?;
    let inner = reader.layouts.of(&inner);
    let too_deep = || super::message::too_deep(node);
    sink.any(url_text, too_deep, |sink| {
        if inner.well_known.is_none() {
            return reader.members(&inner, (node, members), TYPE, sink);
        }
        let value = only(reader, members, "value")?.ok_or_else(|| missing("value"))?;
        let other = members.iter().find(|member| member.name != TYPE && member.name != "value");
        if let Some(other) = other.filter(|_| !reader.allow_unknown_fields) {
            let problem = names::unknown_field(&other.name, &inner.descriptor, names::in_json);
            return Err(Misfit::new(other.at, problem));
        }
        reader
            .message(&inner, &value.value, sink)
            .map_err(|misfit| misfit.within(Step::Field("value".to_owned())))
    })
}

/// The member of that name, if it is given, which can't be more than once.
fn only<'m, 'd>(
    reader: Reading<'_>,
    members: &'m [Member<'d>],
    name: &str,
) -> Result<Option<&'m Member<'d>>, Misfit> {
    let mut found = members.iter().filter(|member| member.name == name);
    match (found.next(), found.next()) {
        (Some(first), Some(second)) => Err(reader.twice(second.at, name, first.at, name)),
        (first, _) => Ok(first),
    }
}
