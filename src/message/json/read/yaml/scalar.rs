//! What a scalar means in YAML's core schema (YAML 1.2.2, section 10.3).

use std::borrow::Cow;

use saphyr_parser::Tag;

use super::super::error::Problem;
use super::super::syntax::{Json, is_number};

/// The value of a scalar: by its tag, by what it looks like if it is plain, and else its text.
pub(super) fn value<'d>(text: Cow<'d, str>, plain: bool, tag: Option<&Tag>) -> Result<Json<'d>, Problem> {
    let Some(tag) = tag else { return Ok(if plain { resolved(text) } else { Json::String(text) }) };
    if !tag.is_yaml_core_schema() {
        // What is tagged with nothing but "!" is text.
        return if tag.handle.len() + tag.suffix.len() <= 1 { Ok(Json::String(text)) } else { Err(odd(tag)) };
    }
    let told = || Problem::Yaml(format!("{text:?} is no !!{}", tag.suffix));
    match (tag.suffix.as_str(), resolved(Cow::Borrowed(&*text))) {
        // Bytes are base64 in JSON as well, without the line breaks.
        ("binary", _) => Ok(Json::String(text.split_whitespace().collect::<String>().into())),
        ("str", _) => Ok(Json::String(text)),
        ("null", Json::Null) => Ok(Json::Null),
        ("bool", Json::Bool(value)) => Ok(Json::Bool(value)),
        ("int" | "float", Json::Number(number)) => Ok(Json::Number(number.into_owned().into())),
        ("float", Json::String(special)) if matches!(&*special, "NaN" | "Infinity" | "-Infinity") => {
            Ok(Json::String(special.into_owned().into()))
        }
        ("null" | "bool" | "int" | "float", _) => Err(told()),
        _ => Err(odd(tag)),
    }
}

/// Refuses a tag that says something else than the kind of value it is at.
pub(super) fn no_odd_tag(tag: Option<&Tag>, kind: &str) -> Result<(), Problem> {
    match tag {
        Some(tag) if !(tag.is_yaml_core_schema() && tag.suffix == kind) => Err(odd(tag)),
        _ => Ok(()),
    }
}

fn odd(tag: &Tag) -> Problem {
    let tag = if tag.is_yaml_core_schema() {
        format!("!!{}", tag.suffix)
    } else {
        format!("{}{}", tag.handle, tag.suffix)
    };
    Problem::Yaml(format!("the tag {tag} says nothing to a message"))
}

/// What a plain scalar is.
fn resolved(text: Cow<'_, str>) -> Json<'_> {
    match &*text {
        "" | "~" | "null" | "Null" | "NULL" => Json::Null,
        "true" | "True" | "TRUE" => Json::Bool(true),
        "false" | "False" | "FALSE" => Json::Bool(false),
        ".nan" | ".NaN" | ".NAN" => Json::String("NaN".into()),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => Json::String("Infinity".into()),
        "-.inf" | "-.Inf" | "-.INF" => Json::String("-Infinity".into()),
        number if is_number(number) => Json::Number(text),
        other => match number(other) {
            Some(number) => Json::Number(number.into()),
            None => Json::String(text),
        },
    }
}

/// A number that YAML writes as JSON does not: `0x1F`, `0o17`, `+1`, `007`, `.5`, `1.`.
fn number(text: &str) -> Option<String> {
    for (prefix, radix) in [("0x", 16), ("0o", 8)] {
        if let Some(digits) = text.strip_prefix(prefix) {
            // A sign is none of the digits.
            let all = digits.chars().all(|c| c.is_digit(radix));
            return u128::from_str_radix(digits, radix).ok().filter(|_| all).map(|number| number.to_string());
        }
    }
    let (sign, rest) = match text.strip_prefix(['+', '-']) {
        Some(rest) if text.starts_with('-') => ("-", rest),
        Some(rest) => ("", rest),
        None => ("", text),
    };
    let (mantissa, exponent) = rest.find(['e', 'E']).map_or((rest, ""), |at| rest.split_at(at));
    let (whole, fraction) =
        mantissa.split_once('.').map_or((mantissa, ""), |(whole, fraction)| (whole, fraction));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.len() + fraction.len() == 0 || !digits(whole) || !digits(fraction) {
        return None;
    }
    let whole = match whole.trim_start_matches('0') {
        "" => "0",
        whole => whole,
    };
    let point = if fraction.is_empty() { "" } else { "." };
    let number = format!("{sign}{whole}{point}{fraction}{exponent}");
    is_number(&number).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        match resolved(text.into()) {
            Json::Null => "null".to_owned(),
            Json::Bool(value) => value.to_string(),
            Json::Number(number) => number.into_owned(),
            Json::String(text) => format!("{text:?}"),
            Json::Array(_) | Json::Object(_) => "more".to_owned(),
        }
    }

    #[test]
    fn plain_scalars_are_those_of_the_core_schema() {
        for (text, value) in [
            ("", "null"),
            ("~", "null"),
            ("True", "true"),
            ("no", "\"no\""),
            ("yes", "\"yes\""),
            ("1", "1"),
            ("-1.5e3", "-1.5e3"),
            ("+1", "1"),
            ("007", "7"),
            ("00", "0"),
            (".5", "0.5"),
            ("-.5e+2", "-0.5e+2"),
            ("1.", "1"),
            ("0x1F", "31"),
            ("0o17", "15"),
            (".inf", "\"Infinity\""),
            ("-.Inf", "\"-Infinity\""),
            (".nan", "\"NaN\""),
            ("1.2.3", "\"1.2.3\""),
            ("1_000", "\"1_000\""),
            ("0x", "\"0x\""),
            ("0x-1", "\"0x-1\""),
            ("+-5", "\"+-5\""),
            (".", "\".\""),
            ("-", "\"-\""),
            ("e5", "\"e5\""),
            ("1e", "\"1e\""),
            ("2026-01-01T00:00:00Z", "\"2026-01-01T00:00:00Z\""),
        ] {
            assert_eq!(shown(text), value, "{text}");
        }
    }
}
