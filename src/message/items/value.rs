//! What an item says, in the words of its place: as the JSON that has the same there.

use std::time::SystemTime;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use prost_reflect::{EnumDescriptor, EnumValueDescriptor, Kind, MessageDescriptor};

use super::error::{Misplaced, Problem, shown};
use super::{Given, Item, path};
use crate::chars;
use crate::message::json::{self, Outline, WellKnown, type_name};

/// JSON, or why there is none.
pub(super) type Json = Result<String, Misplaced>;

/// The value of an item for a place of this type, or of no known one.
pub(super) fn of(item: &Item, kind: Option<&Kind>, now: SystemTime) -> Json {
    match (&item.value, kind) {
        (Given::Text(text), None) => Ok(guessed(text)),
        (Given::Text(text), Some(kind)) => text_of(item, text, kind, now),
        (Given::Json(_), _) => whole(item),
        // Nobody sends what is in no file.
        (Given::File(_), _) => Ok("null".to_owned()),
        (Given::Content(file, bytes), kind) => {
            let text = || {
                let kind = kind.map_or("text", type_name).to_owned();
                std::str::from_utf8(bytes)
                    .map_err(|_| Misplaced::new(Problem::NotText { file: file.clone(), kind }))
            };
            match kind.map(inner) {
                None | Some(Kind::String) => Ok(quoted(text()?)),
                Some(Kind::Bytes) => Ok(format!("\"{}\"", STANDARD.encode(bytes))),
                Some(Kind::Message(message)) => match WellKnown::of(&message) {
                    Some(WellKnown::Value) => Ok(quoted(text()?)),
                    Some(WellKnown::Timestamp | WellKnown::Duration | WellKnown::FieldMask) => {
                        text_of(item, text()?.trim(), &Kind::Message(message), now)
                    }
                    _ => whole(item),
                },
                Some(kind) => text_of(item, text()?.trim(), &kind, now),
            }
        }
    }
}

/// The JSON of a whole list or map.
pub(super) fn whole(item: &Item) -> Json {
    outlined(item)?;
    match &item.value {
        Given::Json(text) => Ok(one_line(text)),
        // It is JSON, and so it is text.
        Given::Content(_, bytes) => Ok(one_line(&String::from_utf8_lossy(bytes))),
        Given::Text(_) | Given::File(_) => Ok("null".to_owned()),
    }
}

/// What an item's JSON is on the outside; other items have none.
pub(super) fn outlined(item: &Item) -> Result<Option<Outline>, Misplaced> {
    let (file, document, instead) = match &item.value {
        Given::Json(json) => {
            let path = path::text(&item.path);
            // Words that a shell would not take as they are were hardly meant so.
            let plain =
                json.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | ',' | '/' | '@'));
            let instead = match json.strip_prefix('@') {
                // xh and HTTPie have it so.
                Some(file) => ("what is in a file", format!("{path}@{file}")),
                None => ("text", format!("{path}={json}")),
            };
            (None, json.as_bytes(), plain.then_some(instead))
        }
        Given::Content(file, bytes) => (Some(file.clone()), bytes.as_ref(), None),
        Given::Text(_) | Given::File(_) => return Ok(None),
    };
    json::outline(document).map(Some).map_err(|error| {
        // Of a value that spans one line, its column is all there is to say.
        let error = error.to_string().replacen("line 1 column ", "column ", 1);
        Misplaced::new(Problem::Syntax { file, error, instead })
    })
}

/// What a text is where nothing says so: a number, true, false or null if it is written as JSON has them.
fn guessed(text: &str) -> String {
    if matches!(text, "true" | "false" | "null") || json::is_number(text) {
        text.to_owned()
    } else {
        quoted(text)
    }
}

/// A text as a value of a type. One that is none is left to the reader of JSON, who says what it should be.
fn text_of(item: &Item, text: &str, kind: &Kind, now: SystemTime) -> Json {
    Ok(match kind {
        Kind::Bool if matches!(text, "true" | "false") => text.to_owned(),
        Kind::String | Kind::Bytes | Kind::Bool => quoted(text),
        Kind::Enum(values) => enumeration(values, text),
        Kind::Message(message) => return text_of_message(item, text, message, now),
        _ if json::is_number(text) => text.to_owned(),
        Kind::Double | Kind::Float => quoted(match text.to_ascii_lowercase().as_str() {
            "nan" => "NaN",
            "inf" | "+inf" | "infinity" => "Infinity",
            "-inf" | "-infinity" => "-Infinity",
            _ => text,
        }),
        _ => quoted(text),
    })
}

fn text_of_message(item: &Item, text: &str, message: &MessageDescriptor, now: SystemTime) -> Json {
    let path = path::text(&item.path);
    let unfit = |how: &str| {
        let expected = format!("{} ({how})", message.full_name());
        let has_fields = WellKnown::of(message).is_none();
        let message = has_fields.then(|| message.full_name().to_owned());
        json::Problem::Unfit { expected, found: format!("{:?}", shown(text)), message }.into()
    };
    match WellKnown::of(message) {
        Some(WellKnown::Timestamp) => timestamp(text, now)
            .ok_or_else(|| unfit("a time, such as 2026-11-21T10:00:00Z, 2026-11-21, now or now+1h")),
        Some(WellKnown::Duration) => duration(text).ok_or_else(|| unfit("such as 5s, 300ms, 1m30s or -1.5s")),
        Some(WellKnown::FieldMask) => field_mask(text)
            .ok_or_else(|| unfit("names with commas between, such as user_name,address.street")),
        Some(WellKnown::Value) => Ok(guessed(text)),
        Some(WellKnown::Wrapper) => text_of(item, text, &inner(&Kind::Message(message.clone())), now),
        Some(WellKnown::Any) => {
            Err(unfit(&format!(r#"write {path}:={{"@type":"type.googleapis.com/pkg.Message", …}}"#)))
        }
        Some(WellKnown::ListValue) => Err(unfit(&format!("write {path}[]=…, or {path}:=[…]"))),
        Some(WellKnown::Struct) => Err(unfit(&format!("write {path}.KEY=…, or {path}:={{…}}"))),
        Some(WellKnown::Empty) => Err(unfit(&format!("write {path}:={{}}"))),
        None => Err(unfit(&format!("write {path}.FIELD=…, or {path}:={{…}}"))),
    }
}

/// What a wrapper wraps; other types are themselves.
fn inner(kind: &Kind) -> Kind {
    let Kind::Message(message) = kind else { return kind.clone() };
    match (WellKnown::of(message), message.get_field(1)) {
        (Some(WellKnown::Wrapper), Some(field)) => field.kind(),
        _ => kind.clone(),
    }
}

/// An enum's value, by number or by name in any case, with or without the enum's own before it.
fn enumeration(values: &EnumDescriptor, text: &str) -> String {
    if text == "null" && values.full_name() == "google.protobuf.NullValue" || json::is_number(text) {
        return text.to_owned();
    }
    let alike = |value: &EnumValueDescriptor| value.name().eq_ignore_ascii_case(text);
    let exact = values.get_value_by_name(text);
    let found = exact.or_else(|| only(values.values().filter(alike)));
    // Two that differ in case alone are not chosen between.
    let found = found.or_else(|| json::by_short_name(values, text));
    quoted(found.as_ref().map_or(text, EnumValueDescriptor::name))
}

/// The one there is.
fn only<T>(mut all: impl Iterator<Item = T>) -> Option<T> {
    match (all.next(), all.next()) {
        (only, None) => only,
        _ => None,
    }
}

/// A time as people write it, as RFC 3339; where no zone is given, it is UTC.
fn timestamp(text: &str, now: SystemTime) -> Option<String> {
    if let Some(rest) = text.strip_prefix("now") {
        return moment(rest, now);
    }
    let (date, time) = text.split_at_checked(10)?;
    let time = time.strip_prefix(['T', 't', ' ']).map_or(time, str::trim_start);
    let zone = time.find(['Z', 'z', '+', '-']).unwrap_or(time.len());
    let (clock, zone) = time.split_at(zone);
    let clock = match clock.trim_end() {
        "" if zone.is_empty() => "00:00:00".to_owned(),
        clock if clock.len() == 5 => format!("{clock}:00"),
        clock => clock.to_owned(),
    };
    let zone = if zone.is_empty() { "Z".to_owned() } else { zone.to_ascii_uppercase() };
    let text = format!("{date}T{clock}{zone}");
    json::timestamp_of(&text).map(|_| quoted(&text))
}

/// The time so far from now: nothing, `+5m` or `-1h`.
fn moment(offset: &str, now: SystemTime) -> Option<String> {
    let moment = match (offset.strip_prefix('+'), offset.strip_prefix('-')) {
        _ if offset.is_empty() => now,
        (Some(later), _) => now.checked_add(humantime::parse_duration(later).ok()?)?,
        (_, Some(earlier)) => now.checked_sub(humantime::parse_duration(earlier).ok()?)?,
        _ => return None,
    };
    let (seconds, nanos) = match moment.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(since) => (i64::try_from(since.as_secs()).ok()?, since.subsec_nanos()),
        Err(before) => {
            let before = before.duration();
            let seconds = -i64::try_from(before.as_secs()).ok()?;
            if before.subsec_nanos() == 0 {
                (seconds, 0)
            } else {
                (seconds - 1, 1_000_000_000 - before.subsec_nanos())
            }
        }
    };
    json::timestamp(seconds, i32::try_from(nanos).ok()?)
}

/// A span of time as people write it, as seconds.
fn duration(text: &str) -> Option<String> {
    if json::duration_of(text).is_some() {
        return Some(quoted(text));
    }
    let (sign, rest) = text.strip_prefix('-').map_or(("", text), |rest| ("-", rest));
    // A number alone could be of anything, and 0 of nothing.
    let span = humantime::parse_duration(rest).ok()?;
    let fraction = format!("{:09}", span.subsec_nanos());
    Some(match fraction.trim_end_matches('0') {
        "" => format!("\"{sign}{}s\"", span.as_secs()),
        fraction => format!("\"{sign}{}.{fraction}s\"", span.as_secs()),
    })
}

/// Paths with either kind of names, as JSON has them; none where that would say another name.
fn field_mask(text: &str) -> Option<String> {
    let camel = |path: &str| {
        let mut out = String::with_capacity(path.len());
        let mut chars = path.chars();
        while let Some(c) = chars.next() {
            if c == '_' {
                // Only before a small letter does the capital say it.
                out.push(chars.next().filter(char::is_ascii_lowercase)?.to_ascii_uppercase());
            } else {
                out.push(c);
            }
        }
        Some(out)
    };
    let paths: Option<Vec<String>> =
        text.split(',').map(str::trim).filter(|path| !path.is_empty()).map(camel).collect();
    Some(quoted(&paths?.join(",")))
}

/// A JSON string.
pub(super) fn quoted(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len() + 2);
    chars::quoted(&mut out, text, false);
    String::from_utf8(out).unwrap_or_default()
}

/// JSON on one line, so that a column of the whole says where in it something is: line breaks are blanks between its
/// tokens, and nowhere else.
fn one_line(json: &str) -> String {
    json.trim().replace(['\n', '\r'], " ")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn times_are_written_as_people_do() {
        let now = SystemTime::UNIX_EPOCH + Duration::new(1_700_000_000, 500_000_000);
        let at = |text: &str| timestamp(text, now).unwrap_or_else(|| panic!("{text}"));
        for text in [
            "2026-11-21T10:00:00Z",
            "2026-11-21 10:00:00Z",
            "2026-11-21T10:00:00",
            "2026-11-21t10:00:00z",
            "2026-11-21 10:00",
        ] {
            assert_eq!(at(text), "\"2026-11-21T10:00:00Z\"", "{text}");
        }
        assert_eq!(at("2026-11-21"), "\"2026-11-21T00:00:00Z\"");
        assert_eq!(at("2026-11-21T10:00+02:00"), "\"2026-11-21T10:00:00+02:00\"");
        assert_eq!(at("2026-11-21 10:00:00.25 -01:30"), "\"2026-11-21T10:00:00.25-01:30\"");
        assert_eq!(at("now"), "\"2023-11-14T22:13:20.500Z\"");
        assert_eq!(at("now+1h"), "\"2023-11-14T23:13:20.500Z\"");
        assert_eq!(at("now-1m 500ms"), "\"2023-11-14T22:12:20Z\"");
        assert_eq!(at("now-54y"), "\"1969-11-14T10:13:20.500Z\"");
        for wrong in [
            "",
            "today",
            "now+",
            "now1h",
            "now+99999y",
            "2026-11-31",
            "2026-11-21T25:00",
            "21.11.2026",
            "é2026-11-21",
        ] {
            assert_eq!(timestamp(wrong, now), None, "{wrong}");
        }
    }

    #[test]
    fn spans_are_written_as_people_do() {
        for (text, seconds) in [
            ("5s", "5s"),
            ("-1.5s", "-1.5s"),
            ("300ms", "0.3s"),
            ("1m30s", "90s"),
            ("1h 1ns", "3600.000000001s"),
            ("-2m", "-120s"),
        ] {
            assert_eq!(duration(text), Some(format!("\"{seconds}\"")), "{text}");
        }
        for wrong in ["", "5", "soon", "--1s", "1x"] {
            assert_eq!(duration(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn masks_have_names_of_either_kind() {
        assert_eq!(
            field_mask("user_name, address.zip_code").as_deref(),
            Some("\"userName,address.zipCode\"")
        );
        assert_eq!(field_mask("userName").as_deref(), Some("\"userName\""));
        for no_json in ["line_1", "a__b", "a_"] {
            assert_eq!(field_mask(no_json), None, "{no_json}");
        }
    }

    #[test]
    fn without_a_type_a_text_is_what_it_looks_like() {
        for json in ["1", "-1.5e3", "true", "false", "null"] {
            assert_eq!(guessed(json), json);
        }
        for text in ["", "01", "+1", "True", "1 2", "nan", "a"] {
            assert_eq!(guessed(text), format!("{text:?}"));
        }
    }
}
