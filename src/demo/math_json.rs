//! `Args { A, B int }` in JSON, as Go's `encoding/json` reads it: names in whatever case, null for nothing said, what
//! has no field passed over. What it refuses is refused in its words.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::netrpc::json_kind;

/// An object's members in their order, doubles and all: Go takes the last, and names the first that is wrong.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;

        impl<'de> Visitor<'de> for Object {
            type Value = Vec<(String, &'de RawValue)>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(members)
            }
        }

        deserializer.deserialize_map(Object).map(Self)
    }
}

/// A and B; zero where nothing is said of them.
pub(super) fn args(json: Option<&RawValue>) -> Result<(i64, i64), String> {
    let (mut a, mut b) = (0, 0);
    let Some(json) = json.filter(|json| json_kind(json) != "null") else { return Ok((a, b)) };
    let members: Members<'_> = serde_json::from_str(json.get())
        .map_err(|_| format!("json: cannot unmarshal {} into Go value of type demo.Args", json_kind(json)))?;
    let mut wrong = None;
    for (name, value) in members.0 {
        let (name, field) = match name.as_str() {
            "A" | "a" => ("A", &mut a),
            "B" | "b" => ("B", &mut b),
            _ => continue,
        };
        match int(value) {
            Ok(Some(int)) => *field = int,
            Ok(None) => {}
            Err(what) => {
                let error =
                    || format!("json: cannot unmarshal {what} into Go struct field Args.{name} of type int");
                wrong.get_or_insert_with(error);
            }
        }
    }
    wrong.map_or(Ok((a, b)), Err)
}

/// An int; nothing for null. The error is what it is instead.
fn int(value: &RawValue) -> Result<Option<i64>, String> {
    match json_kind(value) {
        "null" => Ok(None),
        "number" => value.get().parse().map(Some).map_err(|_| format!("number {}", value.get())),
        kind => Err(kind.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<(i64, i64), String> {
        args(Some(serde_json::from_str(json).unwrap()))
    }

    #[test]
    fn what_go_takes_is_taken() {
        for (json, expected) in [
            (r#"{"A": 7, "B": 2}"#, (7, 2)),
            (r#"{"b": 2, "a": -0}"#, (0, 2)),
            (r#"{"A": 7, "a": 9, "B": 2}"#, (9, 2)),
            (r#"{"A": 7, "A": null}"#, (7, 0)),
            (r#"{"A": 7, "B": 2, "C": "x"}"#, (7, 2)),
            ("{}", (0, 0)),
            ("null", (0, 0)),
        ] {
            assert_eq!(read(json), Ok(expected), "{json}");
        }
        assert_eq!(args(None), Ok((0, 0)));
    }

    #[test]
    fn what_go_refuses_is_refused_in_its_words() {
        for (json, what) in [
            (r#"{"A": "x", "B": 2}"#, "string into Go struct field Args.A of type int"),
            (r#"{"b": "x", "A": true}"#, "string into Go struct field Args.B of type int"),
            (r#"{"A": 1.0}"#, "number 1.0 into Go struct field Args.A of type int"),
            (r#"{"A": 1e2}"#, "number 1e2 into Go struct field Args.A of type int"),
            (
                r#"{"A": 9223372036854775808}"#,
                "number 9223372036854775808 into Go struct field Args.A of type int",
            ),
            (r#"{"A": true}"#, "bool into Go struct field Args.A of type int"),
            (r#"{"A": []}"#, "array into Go struct field Args.A of type int"),
            (r#"{"A": {}}"#, "object into Go struct field Args.A of type int"),
            ("1.50", "number into Go value of type demo.Args"),
            (r#""x""#, "string into Go value of type demo.Args"),
            ("[1]", "array into Go value of type demo.Args"),
        ] {
            assert_eq!(read(json).unwrap_err(), format!("json: cannot unmarshal {what}"), "{json}");
        }
    }
}
