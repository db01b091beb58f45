use prost_reflect::{DynamicMessage, MethodDescriptor};

use super::*;
use crate::compression::Compression;
use crate::message::{Format, Origin};
use crate::session::Metadata;

const RUN: Run = Run { seed: 1, first: 0 };

/// What is given, for a method; the rest is as it mostly is.
struct Given {
    method: MethodDescriptor,
    data: Vec<(Origin, Bytes)>,
    metadata: Metadata,
    format: Format,
    templates: bool,
    table: Option<Table>,
    order: Order,
    writing: Writing,
}

fn given(method: &str, data: &[&str]) -> Given {
    let data = data.iter().zip(1..);
    Given {
        method: testing::method(method),
        data: data
            .map(|(text, at)| (Origin::Flag("-d", Some(at)), Bytes::from((*text).to_owned())))
            .collect(),
        metadata: Metadata::default(),
        format: Format::Json,
        templates: true,
        table: None,
        order: Order::ByTurns,
        writing: Writing::default(),
    }
}

impl Given {
    fn stock(&self) -> Result<Stock, SupplyError> {
        Stock::read(&Wanted {
            callee: Callee::Proto(&self.method, &self.method.input()),
            data: &self.data,
            format: self.format,
            allow_unknown_fields: false,
            metadata: &self.metadata,
            templates: self.templates,
            table: self.table.clone(),
            order: self.order,
            writing: self.writing,
        })
    }

    /// So many calls of one thread, as JSON.
    fn calls(&self, (thread, threads): (usize, usize), count: usize) -> Vec<String> {
        let mut supply = self.stock().unwrap().supply((thread, threads), RUN);
        (0..count).map(|_| self.told(supply.take().unwrap())).collect()
    }

    fn told(&self, made: &Made) -> String {
        let json = |message: Bytes| {
            let message = DynamicMessage::decode(self.method.input(), message).unwrap();
            serde_json::to_string(&message).unwrap()
        };
        let messages: Vec<String> = made.payloads().map(json).collect();
        assert_eq!(messages.len(), usize::try_from(made.messages).unwrap());
        let field = |(name, value): &(Bytes, Bytes)| {
            format!("{}: {} ", str::from_utf8(name).unwrap(), str::from_utf8(value).unwrap())
        };
        made.fields.iter().map(field).collect::<String>() + &messages.join(" ")
    }

    fn error(&self) -> String {
        let error = self.stock().unwrap_err();
        let mut told = error.to_string();
        if let SupplyError::Values { source, .. } = &error {
            told += &format!("\ncaused by: {source}");
        }
        told + &error.hint().map(|hint| format!("\nhint: {hint}")).unwrap_or_default()
    }

    fn csv(mut self, text: &str) -> Self {
        self.table = Some(Table::read(text.as_bytes()).unwrap());
        self
    }

    fn header(mut self, line: &str) -> Self {
        self.metadata.add_line(line).unwrap();
        self
    }
}

#[test]
fn messages_of_a_unary_method_are_calls_by_turns() {
    let several = given("Say", &[r#"{"id":1}{"id":2}"#, r#"[{"id":3}]"#]);
    let expected = [r#"{"id":1}"#, r#"{"id":2}"#, r#"{"id":3}"#, r#"{"id":1}"#];
    assert_eq!(several.calls((0, 1), 4), expected);
    assert_eq!(several.calls((1, 2), 3), [r#"{"id":2}"#, r#"{"id":1}"#, r#"{"id":3}"#]);
    assert_eq!(several.calls((4, 7), 3), [r#"{"id":2}"#, r#"{"id":3}"#, r#"{"id":1}"#]);
    assert_eq!(several.stock().unwrap().repeats(), Some(3));
    assert_eq!(given("Say", &[]).calls((0, 1), 2), ["{}", "{}"]);
}

#[test]
fn those_of_a_client_stream_are_one_call() {
    let several = given("Pour", &[r#"{"id":1}{"id":2}"#, r#"[{"id":3}]"#]);
    assert_eq!(several.calls((1, 3), 2), [r#"{"id":1} {"id":2} {"id":3}"#; 2]);
    let none = given("Pour", &[]).stock().unwrap().supply((0, 1), RUN).take().cloned().unwrap();
    assert_eq!(none, Made::default());
    let drawn = given("Pour", &[r#"{"id":{{counter}}}{"name":"x"}{"name":"{{counter}}"}"#]);
    assert_eq!(
        drawn.calls((1, 2), 2),
        [r#"{"id":1} {"name":"x"} {"name":"1"}"#, r#"{"id":3} {"name":"x"} {"name":"3"}"#]
    );
}

#[test]
fn chance_takes_each_as_often_as_another() {
    let mut several = given("Say", &[r#"{"id":1}{"id":2}"#]);
    several.order = Order::AtRandom;
    for data in ["{\"id\":1}{\"id\":2}", "{\"id\":1,\"real\":{{random 0 9}}}{\"id\":2}"] {
        several.data = vec![(Origin::Stdin, Bytes::from_static(data.as_bytes()))];
        let calls = several.calls((0, 1), 1000);
        let first = calls.iter().filter(|call| call.starts_with("{\"id\":1")).count();
        assert!(first.abs_diff(500) < 80, "{first}");
        assert_eq!(calls, several.calls((0, 1), 1000));
        assert_ne!(calls, several.calls((1, 2), 1000));
    }
}

#[test]
fn calls_are_numbered_over_all_threads() {
    let counted = given(
        "Say",
        &[r#"{"id": {{counter}}, "name": "user-{{.RequestNumber}}-é", "child": {"real": {{counter}}}}"#],
    );
    let all: Vec<String> = (0..3).flat_map(|thread| counted.calls((thread, 3), 2)).collect();
    for (at, number) in [0, 3, 1, 4, 2, 5].into_iter().enumerate() {
        let id = if number > 0 { format!(r#""id":{number},"#) } else { String::new() };
        let child = if number > 0 { format!(r#"{{"real":{number}.0}}"#) } else { "{}".to_owned() };
        let name = format!(r#"{{"name":"user-{number}-é",{id}"child":{child}}}"#);
        assert_eq!(all[at], name);
    }
    assert_eq!(counted.stock().unwrap().repeats(), None);
}

#[test]
fn rows_come_by_turns_and_are_made_ahead() {
    let rows = given("Say", &[r#"{"name": "{{csv.name}}", "id": {{csv.id}}}"#])
        .csv("id,name\n1,\"a \"\"b\"\"\"\n2,c\n3,\"d\ne\"")
        .header("x-row: {{csv.id}}");
    let expected = [
        r#"x-row: 1 {"name":"a \"b\"","id":1}"#,
        r#"x-row: 2 {"name":"c","id":2}"#,
        r#"x-row: 3 {"name":"d\ne","id":3}"#,
        r#"x-row: 1 {"name":"a \"b\"","id":1}"#,
    ];
    assert_eq!(rows.calls((0, 1), 4), expected);
    assert_eq!(rows.calls((1, 2), 2), [expected[1], expected[0]]);
    assert_eq!(rows.stock().unwrap().repeats(), Some(3));
    // With another message they come again after six.
    let both = given("Say", &[r#"{"name": "{{csv.name}}"}"#, r#"{"id": 7}"#]).csv("name\na\nb\nc");
    let expected = [
        r#"{"name":"a"}"#,
        r#"{"id":7}"#,
        r#"{"name":"c"}"#,
        r#"{"id":7}"#,
        r#"{"name":"b"}"#,
        r#"{"id":7}"#,
    ];
    assert_eq!(both.calls((0, 1), 6), expected);
    assert_eq!(both.stock().unwrap().repeats(), Some(6));
    // And with a number, never.
    let counted = given("Say", &[r#"{"name": "{{csv.name}}", "id": {{counter}}}"#]).csv("name\na\nb");
    assert_eq!(counted.calls((1, 2), 2), [r#"{"name":"b","id":1}"#, r#"{"name":"b","id":3}"#]);
}

#[test]
fn what_is_no_mold_is_read_for_each_call() {
    let odd = given(
        "Say",
        &[r#"{"raw": "{{csv.raw}}", "color": "{{csv.color}}", "child": {{csv.child}}, "id": {{counter}}}"#],
    )
    .csv("raw,color,child\naGk=,RED,\"{\"\"name\"\":\"\"x\"\"}\"\n,2,null");
    let error = odd.error();
    assert_eq!(
        error,
        "row 2 of the CSV file: with its placeholders filled in, the data is no message\n\
         caused by: -d #1: color at line 1 column 22: unknown value \"2\" of t.Color, which has \"NONE\", \"RED\" and \"BLUE\"\n\
         hint: it reads: {\"raw\": \"\", \"color\": \"2\", \"child\": null, \"id\": 1}"
    );
    let odd = odd.csv("raw,color,child\naGk=,RED,\"{\"\"name\"\":\"\"x\"\"}\"\n,BLUE,null");
    let calls = odd.calls((0, 1), 3);
    assert_eq!(calls[0], r#"{"child":{"name":"x"},"raw":"aGk=","color":"RED"}"#);
    assert_eq!(calls[1], r#"{"id":1,"color":"BLUE"}"#);
    assert_eq!(calls[2], r#"{"id":2,"child":{"name":"x"},"raw":"aGk=","color":"RED"}"#);
}

#[test]
fn a_mold_that_a_row_breaks_is_left() {
    let rows = given("Say", &[r#"{"name": {{csv.name}}, "id": {{csv.id}}, "real": {{counter}}}"#])
        .csv("name,id\n\"\"\"a\"\"\",1\nnull,1e1");
    assert_eq!(rows.calls((0, 1), 2), [r#"{"name":"a","id":1}"#, r#"{"id":10,"real":1.0}"#]);
    let ids = given("Say", &[r#"{"id": {{csv.id}}, "real": {{counter}}}"#]).csv("id\n1\nnull");
    assert_eq!(ids.calls((0, 1), 2), [r#"{"id":1}"#, r#"{"real":1.0}"#]);
}

#[test]
fn moments_and_names_of_all_kinds() {
    let all = given(
        "Say",
        &[r#"{"at": "{{timestamp}}", "name": "{{.MethodName}}/{{uuid}}", "tags": ["{{.UUID}}", "{{.UUID}}", "{{randomString 5}}"]}"#],
    )
    .header("x-request-id: {{.UUID}}")
    .header("x-method: {{.FullyQualifiedName}}")
    .header("x-same: 1");
    let stock = all.stock().unwrap();
    assert!(stock.metadata().has("x-same") && stock.metadata().has("x-method"));
    assert!(!stock.metadata().has("x-request-id"));
    let mut supply = stock.supply((0, 1), RUN);
    let mut seen = std::collections::HashSet::new();
    for _ in 0..100 {
        let made = supply.take().unwrap();
        let id = String::from_utf8(made.fields[0].1.to_vec()).unwrap();
        let message: serde_json::Value = serde_json::from_str(
            all.told(made).split_once('{').map(|(_, json)| format!("{{{json}")).unwrap().as_str(),
        )
        .unwrap();
        assert_eq!(message["tags"][0], message["tags"][1]);
        assert_eq!(message["tags"][0], *id);
        assert_eq!(message["tags"][2].as_str().unwrap().len(), 5);
        assert!(message["name"].as_str().unwrap().starts_with("Say/"));
        assert!(message["at"].as_str().unwrap().starts_with("20"), "{message}");
        assert!(seen.insert(id) && seen.insert(message["name"].to_string()));
    }
}

#[test]
fn a_run_goes_on_where_another_ended() {
    let told = |given: &Given, run| {
        let mut supply = given.stock().unwrap().supply((1, 2), run);
        let calls = [0; 2].map(|_| given.told(supply.take().unwrap()));
        assert_eq!(supply.taken(), 2);
        calls
    };
    let next = |first| Run { first, ..RUN };
    let counted = given("Say", &[r#"{"id":{{counter}}}"#]);
    assert_eq!(told(&counted, next(10)), [r#"{"id":11}"#, r#"{"id":13}"#]);
    let by_turns = given("Say", &[r#"{"id":1}{"id":2}{"id":3}"#]);
    assert_eq!(told(&by_turns, next(4)), [r#"{"id":3}"#, r#"{"id":2}"#]);
    let drawn = given("Say", &[r#"{"name":"{{uuid}}"}"#]);
    assert_eq!(told(&drawn, RUN), told(&drawn, RUN));
    assert_ne!(told(&drawn, RUN), told(&drawn, Run { seed: 2, ..RUN }));
}

#[test]
fn a_call_that_can_not_be_made_is_the_last() {
    let last = i32::MAX.unsigned_abs().into();
    let counted = given("Say", &[r#"{"id":{{counter}}}"#]);
    let mut supply = counted.stock().unwrap().supply((0, 1), Run { first: last, ..RUN });
    assert_eq!(counted.told(supply.take().unwrap()), r#"{"id":2147483647}"#);
    assert!(supply.take().is_none() && supply.take().is_none());
    let unmade = supply.unmade().unwrap();
    assert_eq!(unmade.call, Some(last + 1));
    let told = unmade.to_string();
    assert!(
        told.contains("of call 2147483648, with its placeholders filled in, is no message")
            && told.contains("out of range: int32"),
        "{told}"
    );
    // What chance may draw is tried ahead.
    let error = given("Say", &[r#"{"raw":"{{randomString 0}}"}"#]).error();
    assert!(error.contains("base64") && error.contains("it reads: {\"raw\":"), "{error}");
}

#[test]
fn arguments_of_net_rpc_are_the_json_that_they_are() {
    let told = |data: &'static str, count| {
        let go = Wanted {
            callee: Callee::Go("Arith.Sum"),
            data: &[(Origin::Stdin, Bytes::from_static(data.as_bytes()))],
            format: Format::Json,
            allow_unknown_fields: false,
            metadata: &Metadata::default(),
            templates: true,
            table: Some(Table::read(b"id\n7\n8").unwrap()),
            order: Order::ByTurns,
            writing: Writing::default(),
        };
        let mut supply = Stock::read(&go)?.supply((0, 1), RUN);
        let mut all = Vec::new();
        for _ in 0..count {
            all.extend(
                supply.take().unwrap().payloads().map(|json| String::from_utf8(json.to_vec()).unwrap()),
            );
        }
        Ok::<_, SupplyError>(all)
    };
    // Numbers keep all of their digits.
    assert_eq!(
        told(r#"{"A": 9007199254740993, "B": [1.50]} [1,2]"#, 3).unwrap(),
        [r#"{"A": 9007199254740993, "B": [1.50]}"#, "[1,2]", r#"{"A": 9007199254740993, "B": [1.50]}"#]
    );
    assert_eq!(
        told(r#"{"A":{{counter}},"B":"{{.MethodName}}-{{csv.id}}"}"#, 2).unwrap(),
        [r#"{"A":0,"B":"Sum-7"}"#, r#"{"A":1,"B":"Sum-8"}"#]
    );
    assert_eq!(told("", 1).unwrap_err().to_string().lines().count(), 1);
    assert!(told("{\"A\": {{uuid}}}", 1).is_err() && told("{", 1).is_err());
}

#[test]
fn what_is_no_placeholder_is_told_with_its_place() {
    let error = given("Say", &["{}", "{\n \"name\": \"{{countr}}\"}"]).error();
    assert_eq!(
        error,
        "-d #2: line 2 column 11: no placeholder is {{countr}}, did you mean {{counter}}?\n   \"name\": \"{{countr}}\"}\n            ^\n\
         hint: to send {{ as it stands, without any placeholders: --disable-templates"
    );
    let error = given("Say", &[r#"{"name": "{{csv.a}}"}"#]).error();
    assert!(
        error.contains("{{csv.a}} is of a CSV file, and there is none") && error.contains("--csv FILE"),
        "{error}"
    );
    let error = given("Say", &[r#"{"id": {{random 1 3000000000}}}"#]).error();
    assert!(error.contains("3000000000 is out of range: int32") && !error.contains("row"), "{error}");
    let error = given("Say", &[r#"{"id": {{uuid}}}"#]).error();
    assert!(error.contains("it reads: {\"id\": "), "{error}");
    let error = given("Say", &[]).header("x-a: {{random}}").error();
    assert_eq!(error, "the header \"x-a\": {{random}} is written as {{random A B}}");
    let error = given("Say", &[]).csv("a\nx\né").header("x-a: {{csv.a}}").error();
    assert_eq!(error, "row 2 of the CSV file makes a value of the header \"x-a\" that is no visible ASCII");
    let error = given("Say", &[" "]).error();
    assert!(error.contains("holds none"), "{error}");
}

#[test]
fn without_templates_braces_are_braces() {
    let mut plain = given("Say", &[r#"{"name": "{{counter}}"}"#]).header("x-a: {{counter}}");
    plain.templates = false;
    assert_eq!(plain.calls((0, 1), 2), [r#"{"name":"{{counter}}"}"#; 2]);
    assert!(plain.stock().unwrap().metadata().has("x-a"));
    let escaped = given("Say", &["{\"name\": \"\\u007b{counter}}\"}"]);
    assert_eq!(escaped.calls((0, 1), 1), [r#"{"name":"{{counter}}"}"#]);
}

#[test]
fn yaml_has_placeholders_in_quotes() {
    let mut yaml = given("Say", &["name: 'a-{{counter}}'\nid: \"{{counter}}\"\n---\nid: 7\n"]);
    yaml.format = Format::Yaml;
    assert_eq!(yaml.calls((0, 1), 3), [r#"{"name":"a-0"}"#, r#"{"id":7}"#, r#"{"name":"a-2","id":2}"#]);
}

#[test]
fn messages_may_be_compressed_or_json() {
    let mut long =
        given("Say", &[r#"{"name": "{{counter}}xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"}"#]);
    long.writing.compression = Some(Compression::Gzip);
    let mut supply = long.stock().unwrap().supply((0, 1), RUN);
    let body = supply.take().unwrap().body.clone();
    assert_eq!(body[0], 1);
    let plain = Compression::Gzip.decompress(&body[PREFIX..], 1000).unwrap();
    assert!(plain.starts_with(b"\x0a\x370xxx"), "{}", plain.escape_ascii());
    long.writing.compress_min = 1000;
    assert_eq!(long.stock().unwrap().supply((0, 1), RUN).take().unwrap().body[0], 0);
    let mut json = given("Say", &[r#"{"id": {{counter}}}"#]);
    json.writing.json = true;
    let mut supply = json.stock().unwrap().supply((7, 8), RUN);
    assert_eq!(supply.take().unwrap().body, &b"\0\0\0\0\x08{\"id\":7}"[..]);
}

#[test]
fn buffers_are_used_up_without_a_mistake() {
    let text = format!(r#"{{"name": "{{{{counter}}}} {}"}}"#, "y".repeat(5000));
    let long = given("Say", &[&text]).header("x-n: {{counter}}");
    let mut supply = long.stock().unwrap().supply((0, 1), RUN);
    let mut kept = Vec::new();
    for number in 0..200 {
        let made = supply.take().unwrap().clone();
        assert_eq!(made.fields[0].1, number.to_string());
        if number % 7 == 0 {
            kept.push((number, made));
        }
    }
    for (number, made) in kept {
        assert!(long.told(&made).contains(&format!("\"{number} yyy")));
    }
}

#[test]
fn no_text_is_too_odd() {
    let odd = [
        "{{",
        "}}",
        "{{}}",
        "{{{{}}}}",
        "{{counter",
        "{\"name\": \"{{counter}}",
        "[{{counter}}]",
        "{{counter}}",
        "\"{{uuid}}\"",
        "{\"name\": \"\\{{counter}}\"}",
        "{\"name\": \"\\u{{counter}}\"}",
        "{\"{{counter}}\": 1}",
        "{\"id\": 1{{counter}}}",
        "{\"id\": -{{counter}}}",
        "{\"name\": \"{{counter}}\\\"{{counter}}\"}",
        "{\"name\":\"{{randomString 3}}\\\\\"}",
        "{\"@type\": \"{{uuid}}\"}",
        "{\"id\": {{counter}}{{counter}}}",
        "\u{feff}{{counter}}",
        "{\"open\": {\"a\": [{{counter}}, \"{{uuid}}\"]}}",
    ];
    for text in odd {
        for method in ["Say", "Pour", "List"] {
            if let Ok(stock) = given(method, &[text]).stock() {
                let mut supply = stock.supply((0, 1), RUN);
                for _ in 0..20 {
                    assert!(supply.take().is_some(), "{text}");
                }
            }
        }
    }
}

/// Not a test of speed, which a busy machine has none of: run it by name, in a release build.
#[test]
#[ignore = "a measurement"]
fn what_a_call_costs() {
    for (what, data) in [
        ("constant", r#"{"name": "x"}"#),
        ("counter", r#"{"id": {{counter}}}"#),
        ("uuid", r#"{"name": "{{uuid}}"}"#),
        (
            "several, nested",
            r#"{"name": "user-{{counter}}", "id": {{random 1 1000}}, "child": {"name": "{{uuid}}", "id": 5}, "tags": ["a", "{{randomString 8}}"]}"#,
        ),
        ("moment", r#"{"at": "{{timestamp}}"}"#),
        ("timestamp as text", r#"{"name": "{{timestamp}}"}"#),
        ("by way of JSON", r#"{"raw": "{{randomString 8}}", "id": {{counter}}}"#),
    ] {
        let mut supply = given("Say", &[data]).stock().unwrap().supply((0, 1), RUN);
        let began = std::time::Instant::now();
        let mut bytes = 0;
        for _ in 0..2_000_000 {
            bytes += supply.take().map_or(0, |made| made.body.len());
        }
        let took = began.elapsed() / 2_000_000;
        std::io::Write::write_fmt(&mut std::io::stderr(), format_args!("{what}: {took:?} ({bytes})\n"))
            .unwrap();
    }
}
