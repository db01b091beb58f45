//! Items put together by a type, and what is said of those that do not fit.

use std::time::{Duration, SystemTime};

use prost_reflect::MessageDescriptor;

use super::*;
use crate::message::split::Document;
use crate::message::{self, Format, Origin, Position};
use crate::schema::testing;

const PROTO: &str = r#"
    syntax = "proto3";
    import "google/protobuf/any.proto";
    import "google/protobuf/duration.proto";
    import "google/protobuf/empty.proto";
    import "google/protobuf/field_mask.proto";
    import "google/protobuf/struct.proto";
    import "google/protobuf/timestamp.proto";
    import "google/protobuf/wrappers.proto";
    message M {
      string name = 1; int32 age = 2; bool ok = 3; double weight = 4; bytes raw = 5; Mood mood = 6;
      M friend = 7; repeated string tags = 8; repeated M friends = 9; map<string, string> labels = 10;
      map<int32, M> by_number = 11; repeated int32 numbers = 12; repeated bytes blobs = 13; repeated Mood moods = 14;
      oneof choice { string left = 20; int32 right = 21; }
      google.protobuf.Timestamp at = 30; google.protobuf.Duration span = 31; google.protobuf.FieldMask mask = 32;
      google.protobuf.Struct struct = 33; google.protobuf.Value value = 34; google.protobuf.ListValue list = 35;
      google.protobuf.Any any = 36; google.protobuf.Int64Value wrapped = 37; google.protobuf.StringValue text = 38;
      google.protobuf.BytesValue bytes = 39; google.protobuf.Empty empty = 40; google.protobuf.NullValue null = 41;
      repeated google.protobuf.Duration spans = 42; int64 long_name = 43;
    }
    enum Mood { MOOD_UNSPECIFIED = 0; MOOD_HAPPY = 1; MOOD_SAD = 2; }
"#;

fn descriptor() -> MessageDescriptor {
    testing::message(PROTO, "M")
}

fn manner() -> Manner {
    Manner { allow_unknown_fields: false, now: SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000) }
}

/// The items, of which those with a file have this in it.
fn items(words: &[&str], content: &[u8]) -> Vec<Item> {
    let parse = |word: &&str| {
        let mut item = Item::parse(word).unwrap_or_else(|error| panic!("{error}"));
        item.fill(content.to_vec());
        item
    };
    words.iter().map(parse).collect()
}

/// The JSON of items that fit, after it was read as a message.
fn fits(words: &[&str], content: &[u8]) -> String {
    let descriptor = descriptor();
    let written =
        write(Some(&descriptor), &items(words, content), manner()).unwrap_or_else(|e| panic!("{e}"));
    let json = written.json().to_owned();
    read(&descriptor, written).unwrap_or_else(|error| panic!("{json}: {error}"));
    json
}

fn read(descriptor: &MessageDescriptor, written: Written) -> Result<(), message::Error> {
    let text = written.json().to_owned().into();
    let document = Document { number: 1, start: Position::START, text };
    message::Reader::default()
        .read(Format::Json, descriptor, &Origin::Items(written.into()), &document, false)
        .map(drop)
}

/// What is said of items that do not fit.
fn told(words: &[&str], content: &[u8]) -> String {
    let descriptor = descriptor();
    let written = write(Some(&descriptor), &items(words, content), manner());
    written.and_then(|written| read(&descriptor, written)).unwrap_err().to_string()
}

#[test]
fn each_value_is_of_its_fields_type() {
    for (words, json) in [
        (&["name=Alice", "age=30", "ok=true"][..], r#"{"name":"Alice","age":30,"ok":true}"#),
        (&["name=30"], r#"{"name":"30"}"#),
        (&["name=true"], r#"{"name":"true"}"#),
        (&["name="], r#"{"name":""}"#),
        (&["name=\"q\"\n\u{1b}"], r#"{"name":"\"q\"\n\u001b"}"#),
        (&["weight=1.5e3"], r#"{"weight":1.5e3}"#),
        (&["weight=-inf"], r#"{"weight":"-Infinity"}"#),
        (&["raw=AP8="], r#"{"raw":"AP8="}"#),
        (&["mood=MOOD_SAD"], r#"{"mood":"MOOD_SAD"}"#),
        (&["mood=mood_sad"], r#"{"mood":"MOOD_SAD"}"#),
        (&["mood=SAD"], r#"{"mood":"MOOD_SAD"}"#),
        (&["mood=happy"], r#"{"mood":"MOOD_HAPPY"}"#),
        (&["mood=2"], r#"{"mood":2}"#),
        (&["long_name=5"], r#"{"longName":5}"#),
        (&["longName=5"], r#"{"longName":5}"#),
        (&["null=null"], r#"{"null":null}"#),
        (&["at=now", "span=1m30s"], r#"{"at":"2023-11-14T22:13:20Z","span":"90s"}"#),
        (&["mask=long_name,friend.name"], r#"{"mask":"longName,friend.name"}"#),
        (&["wrapped=5", "text=5"], r#"{"wrapped":5,"text":"5"}"#),
        (&["empty:={}"], r#"{"empty":{}}"#),
        (&["spans=5s", "spans=300ms"], r#"{"spans":["5s","0.3s"]}"#),
    ] {
        assert_eq!(fits(words, b""), json, "{words:?}");
    }
}

#[test]
fn a_path_leads_into_messages_lists_and_maps() {
    for (words, json) in [
        (&["friend.name=A", "age=1", "friend.age=2"][..], r#"{"friend":{"name":"A","age":2},"age":1}"#),
        (&["friend.friend.friend.ok=true"], r#"{"friend":{"friend":{"friend":{"ok":true}}}}"#),
        (&["tags=a", "tags=b", "tags[]=c", "tags[3]=d"], r#"{"tags":["a","b","c","d"]}"#),
        (&["numbers=1", "numbers:=2"], r#"{"numbers":[1,2]}"#),
        (&["numbers:=[1, 2]"], r#"{"numbers":[1, 2]}"#),
        (&["numbers:=null"], r#"{"numbers":null}"#),
        (
            &["friends[0].name=A", "friends[0].age=1", "friends[1].name=B"],
            r#"{"friends":[{"name":"A","age":1},{"name":"B"}]}"#,
        ),
        (&["friends[].name=A", "friends[].name=B"], r#"{"friends":[{"name":"A"},{"name":"B"}]}"#),
        (&["friends:={\"name\":\"A\"}", "friends:={}"], r#"{"friends":[{"name":"A"},{}]}"#),
        (&["friends[].tags=x"], r#"{"friends":[{"tags":["x"]}]}"#),
        (&["labels.env=prod", "labels[a.b/c]=d"], r#"{"labels":{"env":"prod","a.b/c":"d"}}"#),
        (&["labels.\"x.y\"=z"], r#"{"labels":{"x.y":"z"}}"#),
        (&["labels:={\"a\":\"b\"}"], r#"{"labels":{"a":"b"}}"#),
        (&["by_number.7.name=A", "byNumber[7].age=1"], r#"{"byNumber":{"7":{"name":"A","age":1}}}"#),
        (&["by_number[-1].ok=true"], r#"{"byNumber":{"-1":{"ok":true}}}"#),
        (&["friend:={\n \"age\": 1\n}"], r#"{"friend":{  "age": 1 }}"#),
    ] {
        assert_eq!(fits(words, b""), json, "{words:?}");
    }
}

#[test]
fn where_nothing_says_the_type_a_value_is_what_it_looks_like() {
    for (words, json) in [
        (
            &["struct.a=1", "struct.b.c=x", "struct.d[]=true"][..],
            r#"{"struct":{"a":1,"b":{"c":"x"},"d":[true]}}"#,
        ),
        (&["struct.a:=\"1\""], r#"{"struct":{"a":"1"}}"#),
        (&["value=null"], r#"{"value":null}"#),
        (&["value.a=1"], r#"{"value":{"a":1}}"#),
        (&["list[]=a", "list[]=1"], r#"{"list":["a",1]}"#),
        (&["struct.a.x=1", "struct.a[0]=2"], r#"{"struct":{"a":{"x":1,"0":2}}}"#),
    ] {
        assert_eq!(fits(words, b""), json, "{words:?}");
    }
    let open = |words: &[&str]| write(None, &items(words, b""), manner()).map(|w| w.json().to_owned());
    assert_eq!(open(&["A=10", "B=x", "C.D=1.0"]).unwrap(), r#"{"A":10,"B":"x","C":{"D":1.0}}"#);
    assert_eq!(open(&["A[]=10", "A[]=11"]).unwrap(), r#"{"A":[10,11]}"#);
    assert_eq!(
        open(&["A=10", "A=11"]).unwrap_err().to_string(),
        "A=11: A is given twice, first by A=10; for a list: A[]=…"
    );
}

#[test]
fn a_file_is_bytes_text_or_json_as_its_place_wants() {
    assert_eq!(fits(&["raw@f"], b"\0\xff"), r#"{"raw":"AP8="}"#);
    assert_eq!(fits(&["bytes@f"], b"\0\xff"), r#"{"bytes":"AP8="}"#);
    assert_eq!(fits(&["blobs@f", "blobs@f"], b"[1]"), r#"{"blobs":["WzFd","WzFd"]}"#);
    assert_eq!(fits(&["name@f", "text@f"], b"a\nb\n"), r#"{"name":"a\nb\n","text":"a\nb\n"}"#);
    assert_eq!(fits(&["tags@f"], b"[]"), r#"{"tags":["[]"]}"#);
    assert_eq!(fits(&["age@f", "numbers@f"], b"30\n"), r#"{"age":30,"numbers":[30]}"#);
    assert_eq!(
        fits(&["friend@f", "friends@f"], b"{\"age\":\n1}\n"),
        r#"{"friend":{"age": 1},"friends":[{"age": 1}]}"#
    );
    assert_eq!(fits(&["friends@f"], b"[{}]"), r#"{"friends":[{}]}"#);
    assert_eq!(fits(&["labels@f"], b"{\"a\":\"b\"}"), r#"{"labels":{"a":"b"}}"#);
    assert_eq!(fits(&["span@f"], b"5s\n"), r#"{"span":"5s"}"#);
    assert_eq!(told(&["name@f"], b"\xff"), "name@f: f is not UTF-8, and this is string");
    assert_eq!(
        told(&["friend@f"], b"{\n}}"),
        "friend@f: f: line 2 column 2: not valid JSON: expected nothing more after the value, found '}'"
    );
}

#[test]
fn what_does_not_fit_is_told_of_its_item() {
    for (words, message) in [
        (&["ok=true", "age=x"][..], r#"age=x: expected int32 (a number), found "x""#),
        (&["age=1.5"], "age=1.5: expected int32 (a whole number), found 1.5"),
        (
            &["age=3000000000"],
            "age=3000000000: 3000000000 is out of range: int32 goes from -2147483648 to 2147483647",
        ),
        (&["long_name=x"], r#"long_name=x: expected int64 (a number), found "x""#),
        (&["numbers=1", "numbers=x"], r#"numbers=x: numbers[1]: expected int32 (a number), found "x""#),
        (&["ok=yes"], r#"ok=yes: expected bool (true or false), found "yes""#),
        (&["friend.agee=1"], r#"friend.agee=1: unknown field "agee" of M, did you mean "age"?"#),
        (&["mood=HAPY"], r#"mood=HAPY: unknown value "HAPY" of Mood, did you mean "MOOD_HAPPY"?"#),
        (&["mood:=\"happy\""], r#"mood:="happy": unknown value "happy" of Mood, did you mean "MOOD_HAPPY"?"#),
        (
            &["at=soon"],
            r#"at=soon: expected google.protobuf.Timestamp (a time, such as 2026-11-21T10:00:00Z, 2026-11-21, now or now+1h), found "soon""#,
        ),
        (
            &["span=5"],
            r#"span=5: expected google.protobuf.Duration (such as 5s, 300ms, 1m30s or -1.5s), found "5""#,
        ),
        (&["name:=Alice"], "name:=Alice: column 1: not valid JSON: expected a JSON value, found Alice"),
        (&["age:=\"x\""], r#"age:="x": expected int32 (a number), found "x""#),
        (
            &["friend:={\"age\":\"x\"}"],
            r#"friend:={"age":"x"}: friend.age: expected int32 (a number), found "x""#,
        ),
        (&["friend=x"], r#"friend=x: expected M (write friend.FIELD=…, or friend:={…}), found "x""#),
        (
            &["any=x"],
            r#"any=x: expected google.protobuf.Any (write any:={"@type":"type.googleapis.com/pkg.Message", …}), found "x""#,
        ),
        (
            &["left=a", "right=1"],
            r#"right=1: only one member of oneof choice can be given, and "left" was given already"#,
        ),
        (&["by_number.x.age=1"], r#"by_number.x.age=1: byNumber["x"]: expected int32 (a number), found "x""#),
    ] {
        assert_eq!(told(words, b""), message);
    }
}

#[test]
fn what_has_no_place_is_told_of_its_item() {
    for (words, message) in [
        (&["age=1", "age=2"][..], "age=2: age is given twice, first by age=1"),
        (&["age=1", "age.b=2"], "age.b=2: age is int32, and nothing is in it"),
        (
            &["friend:={}", "friend.age=2"],
            "friend.age=2: friend is given as a whole and in parts: by friend:={} and this",
        ),
        (
            &["friend.age=2", "friend:={}"],
            "friend:={}: friend is given as a whole and in parts: by friend.age=2 and this",
        ),
        (&["tags:=[]", "tags=a"], "tags=a: tags is given as a whole and in parts: by tags:=[] and this"),
        (&["labels.a=1", "labels.a=2"], "labels.a=2: labels.a is given twice, first by labels.a=1"),
        (
            &["by_number.1.age=1", "by_number.01.age=2"],
            "by_number.01.age=2: byNumber: 01 is given twice, first by by_number.1.age=1",
        ),
        (
            &["labels=x"],
            "labels=x: labels is map<string, string>, whose entries have keys: labels.KEY=…, or labels:={…}",
        ),
        (&["labels[]=x"], "labels[]=x: labels is map<string, string>, whose entries have keys: labels.KEY=…"),
        (
            &["labels.a.b=x"],
            "labels.a.b=x: labels.a is string, and nothing is in it; a map's key with a dot goes in brackets: labels[a.b]",
        ),
        (
            &["friends.name=A"],
            "friends.name=A: friends is repeated M, and its elements have numbers: friends[0].name, or friends[].name for one more",
        ),
        (&["tags[1]=a"], "tags[1]=a: tags has 0 elements so far: the next is [0]"),
        (&["friend[]=a"], "friend[]=a: friend is M, and no list"),
        (&["friend[name]=a"], "friend[name]=a: friend is M, whose fields go behind a dot: friend.name"),
        (&["at.seconds=1"], "at.seconds=1: at is google.protobuf.Timestamp, which is written as a whole"),
        (&["struct.a[]=1", "struct.a.b=2"], "struct.a.b=2: struct.a is a list, by struct.a[]=1"),
        (&["nme=x"], r#"nme=x: unknown field "nme" of M, did you mean "name"?"#),
    ] {
        assert_eq!(told(words, b""), message);
    }
}

#[test]
fn a_request_that_is_one_value_has_no_fields() {
    let wrapped = descriptor().parent_pool().get_message_by_name("google.protobuf.Int64Value").unwrap();
    assert_eq!(
        write(Some(&wrapped), &items(&["value=1"], b""), manner()).unwrap_err().to_string(),
        "value=1: the request is google.protobuf.Int64Value, which is written as a whole"
    );
}

#[test]
fn unknown_fields_pass_when_allowed() {
    let manner = Manner { allow_unknown_fields: true, ..manner() };
    let written = write(Some(&descriptor()), &items(&["nme=x", "age=1"], b""), manner).unwrap();
    assert_eq!(written.json(), r#"{"nme":"x","age":1}"#);
}

#[test]
fn the_words_at_a_path_are_found() {
    let written = write(None, &items(&["A.B=1", "C=2", "A.D=3", "L[]=4"], b""), manner()).unwrap();
    assert_eq!(written.words_at(".A.B"), ["A.B=1"]);
    assert_eq!(written.words_at(".A"), ["A.B=1", "A.D=3"]);
    assert_eq!(written.words_at(".C.X"), ["C=2"]);
    assert!(written.words_at(".E").is_empty());
}

#[test]
fn whatever_is_in_a_word_it_is_taken_or_refused() {
    let words = [
        "friends[0].labels.\"a\"=é",
        "struct.a[].b[x]:={\"a\":[1]}",
        "by_number[7].at=now-1h",
        "friend.raw@f",
    ];
    let descriptor = descriptor();
    for word in words {
        for (at, _) in word.char_indices() {
            for c in ['"', '[', ']', '.', '=', ':', '@', '\\', '0', '{', '\u{0}', '\n', 'ß'] {
                let changed = format!("{}{c}{}", &word[..at], &word[at..]);
                let _ = is_item(&changed);
                let Ok(mut item) = Item::parse(&changed) else { continue };
                item.fill(&b"x"[..]);
                let items = [item.clone(), item];
                let _ = write(None, &items, manner()).map(|written| written.words_at(".a").len());
                if let Ok(written) = write(Some(&descriptor), &items, manner()) {
                    let _ = read(&descriptor, written).map_err(|error| error.to_string());
                }
            }
        }
    }
}
