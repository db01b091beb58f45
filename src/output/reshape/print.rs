//! Values as JSON, as messages are printed: laid out the same, members in order, numbers with their digits.

use jaq_json::{Num, Val};

use crate::message::json::Writer;
use crate::output::sanitize;

/// Writes one value.
pub(super) fn value(out: &mut Vec<u8>, value: &Val, pretty: bool, escape: bool) {
    write(&mut Writer::new(out, pretty, escape), value);
}

fn write(json: &mut Writer<'_>, value: &Val) {
    match value {
        Val::Null => json.raw(b"null"),
        Val::Bool(true) => json.raw(b"true"),
        Val::Bool(false) => json.raw(b"false"),
        Val::Num(number) => json.raw(self::number(number).as_bytes()),
        Val::TStr(text) | Val::BStr(text) => json.string(&String::from_utf8_lossy(text)),
        Val::Arr(items) => {
            let mut open = json.array();
            for item in items.iter() {
                json.item(&mut open);
                write(json, item);
            }
            json.close(&open);
        }
        Val::Obj(members) => {
            let mut open = json.object();
            for (key, value) in members.iter() {
                match key {
                    Val::TStr(text) | Val::BStr(text) => json.key(&mut open, &String::from_utf8_lossy(text)),
                    // jq's objects have no other keys; a filter may make some all the same.
                    other => {
                        let mut key = Vec::new();
                        self::value(&mut key, other, false, true);
                        json.key(&mut open, &String::from_utf8_lossy(&key));
                    }
                }
                write(json, value);
            }
            json.close(&open);
        }
    }
}

/// A number as JSON has it: whole doubles without a point, and what JSON has no number for as jq does.
pub(super) fn number(number: &Num) -> String {
    match number {
        Num::Int(int) => int.to_string(),
        Num::BigInt(int) => int.to_string(),
        Num::Dec(digits) => digits.to_string(),
        Num::Float(float) if !float.is_finite() => "null".to_owned(),
        Num::Float(float) => {
            let plain = *float == 0.0 || (1e-5..1e17).contains(&float.abs());
            if plain { float.to_string() } else { format!("{float:e}") }
        }
    }
}

/// Writes a string without quotes; false for any other value.
pub(super) fn raw(value: &Val, escape: bool, out: &mut Vec<u8>) -> bool {
    let (Val::TStr(text) | Val::BStr(text)) = value else { return false };
    if escape {
        out.extend_from_slice(sanitize::multiline(&String::from_utf8_lossy(text)).as_bytes());
    } else {
        out.extend_from_slice(text);
    }
    true
}
