//! Dialogues over scripted answers.

use super::*;
use crate::schema::testing;

const PROTO: &str = r#"
    syntax = "proto3";
    import "google/protobuf/any.proto";
    import "google/protobuf/struct.proto";
    import "google/protobuf/timestamp.proto";
    import "google/protobuf/wrappers.proto";
    message Person { string name = 1; int32 age = 2; Mood mood = 3; }
    enum Mood { UNKNOWN = 0; HAPPY = 1; SAD = 2; }
    message Nested { Person person = 1; Nested more = 2; }
    message Lists { repeated string tags = 1; repeated Person people = 2; map<string, string> labels = 3; map<int32, Person> by_number = 4; }
    message Choice { bool before = 3; oneof which { string text = 1; Person person = 2; } bytes raw = 4; }
    message Known { google.protobuf.Timestamp at = 1; google.protobuf.Struct struct = 2; google.protobuf.Any any = 3; bool ok = 4; optional int32 maybe = 5;
      google.protobuf.BoolValue wrapped = 6; google.protobuf.StringValue text = 7; }
    message Nothing {}
"#;

/// The dialogue of a message type with these answers, as it looks on a terminal, and the words that come of it.
fn dialogue(message: &str, many: bool, answers: &[&str]) -> (String, Vec<String>) {
    let message = testing::message(PROTO, message);
    let mut form = Form::new(&message, many, SystemTime::UNIX_EPOCH);
    let mut shown = String::new();
    let mut answers = answers.iter();
    while let Some(question) = form.question() {
        let answer = answers.next().unwrap_or_else(|| panic!("no answer to {question:?} behind\n{shown}"));
        shown.push_str(&format!("{question}{answer}\n"));
        if let Err(why) = form.answer(answer) {
            shown.push_str(&format!("! {why}\n"));
        }
    }
    assert_eq!(answers.next(), None, "{shown}");
    let words = |items: &Vec<Item>| items.iter().map(Item::word).collect::<Vec<_>>().join(" ");
    (shown, form.messages().iter().map(words).collect())
}

#[test]
fn each_field_is_asked_for_and_what_does_not_fit_again() {
    let (shown, words) = dialogue("Person", false, &["Alice", "x", "30", "glad", "happy"]);
    assert_eq!(
        shown,
        "name (string): Alice\n\
         age (int32): x\n\
         ! expected int32 (a number), found \"x\"\n\
         age (int32): 30\n  0  UNKNOWN\n  1  HAPPY\n  2  SAD\n\
         mood (Mood): glad\n\
         ! unknown value \"glad\" of Mood, which has \"UNKNOWN\", \"HAPPY\" and \"SAD\"\n  0  UNKNOWN\n  1  HAPPY\n  2  SAD\n\
         mood (Mood): happy\n"
    );
    assert_eq!(words, ["name=Alice age=30 mood=happy"]);
}

#[test]
fn fields_can_be_skipped_and_texts_be_empty() {
    assert_eq!(dialogue("Person", false, &["", "", ""]).1, [""]);
    assert_eq!(dialogue("Person", false, &["\"\"", "", "2"]).1, ["name= mood=2"]);
    assert_eq!(dialogue("Person", false, &[" a=b:=c ", " 7 ", ""]).1, ["name= a=b:=c  age=7"]);
    assert_eq!(dialogue("Nothing", false, &[]).1, [""]);
}

#[test]
fn messages_are_asked_into_where_they_are_wanted() {
    let (shown, words) = dialogue("Nested", false, &["y", "A", "", "", "Y", "n", "yes", "perhaps", "", "no"]);
    assert!(shown.starts_with("person (Person), fill it in? [y/N]: y\nperson.name (string): A\n"), "{shown}");
    assert!(shown.contains("! write y or n\n"), "{shown}");
    assert_eq!(words, ["person.name=A more.more:={}"]);
    assert_eq!(dialogue("Nested", false, &["y", "", "", "", "n"]).1, ["person:={}"]);
}

#[test]
fn no_recursion_goes_on_without_an_end() {
    let answers = ["n", "y"].repeat(DEPTH);
    let (_, words) = dialogue("Nested", false, &answers);
    assert_eq!(words[0].matches("more").count(), DEPTH, "{words:?}");
}

#[test]
fn lists_and_maps_go_on_until_nothing_is_said() {
    let answers = [
        "a", "b", "", "y", "A", "", "", "y", "", "", "", "n", "env", "prod", "env", "a.b", "c", "k", "", "",
        "x", "7", "y", "B", "", "", "",
    ];
    let (shown, words) = dialogue("Lists", false, &answers);
    assert_eq!(
        shown,
        "tags[0] (string, Enter ends the list): a\n\
         tags[1] (string, Enter ends the list): b\n\
         tags[2] (string, Enter ends the list): \n\
         people[0] (Person), one more? [y/N]: y\n\
         people[0].name (string): A\n\
         people[0].age (int32): \n  0  UNKNOWN\n  1  HAPPY\n  2  SAD\n\
         people[0].mood (Mood): \n\
         people[1] (Person), one more? [y/N]: y\n\
         people[1].name (string): \n\
         people[1].age (int32): \n  0  UNKNOWN\n  1  HAPPY\n  2  SAD\n\
         people[1].mood (Mood): \n\
         people[2] (Person), one more? [y/N]: n\n\
         labels (map, a key: string, Enter ends it): env\n\
         labels.env (string): prod\n\
         labels (map, the next key: string, Enter ends it): env\n\
         ! that key is there already\n\
         labels (map, the next key: string, Enter ends it): a.b\n\
         labels[a.b] (string): c\n\
         labels (map, the next key: string, Enter ends it): k\n\
         labels.k (string): \n\
         labels (map, the next key: string, Enter ends it): \n\
         by_number (map, a key: int32, Enter ends it): x\n\
         ! this is no int32\n\
         by_number (map, a key: int32, Enter ends it): 7\n\
         by_number.7 (Person), fill it in? [y/N]: y\n\
         by_number.7.name (string): B\n\
         by_number.7.age (int32): \n  0  UNKNOWN\n  1  HAPPY\n  2  SAD\n\
         by_number.7.mood (Mood): \n\
         by_number (map, the next key: int32, Enter ends it): \n"
    );
    assert_eq!(
        words,
        [
            "tags[0]=a tags[1]=b people[0].name=A people[1]:={} labels.env=prod labels[a.b]=c by_number.7.name=B"
        ]
    );
}

#[test]
fn of_a_oneof_one_is_chosen() {
    let (shown, words) = dialogue("Choice", false, &["y", "3", "2", "A", "", "", "AP8="]);
    assert_eq!(
        shown,
        "before (bool, y or n): y\n  1  text (string)\n  2  person (Person)\n\
         which (one of these, Enter for none): 3\n\
         ! write a number from 1 to 2, or a name\n  1  text (string)\n  2  person (Person)\n\
         which (one of these, Enter for none): 2\n\
         person.name (string): A\n\
         person.age (int32): \n  0  UNKNOWN\n  1  HAPPY\n  2  SAD\n\
         person.mood (Mood): \n\
         raw (bytes, base64): AP8=\n"
    );
    assert_eq!(words, ["before=true person.name=A raw=AP8="]);
    assert_eq!(dialogue("Choice", false, &["n", "text", "x", ""]).1, ["before=false text=x"]);
    assert_eq!(dialogue("Choice", false, &["", "1", "", ""]).1, [""]);
    assert_eq!(dialogue("Choice", false, &["", "", ""]).1, [""]);
}

#[test]
fn well_known_types_are_one_value() {
    let answers = ["soon", "now", "{", "{\"a\":1}", "{\"@type\":\"x/y.Z\"}", "n", "0", "y", " a"];
    let (shown, words) = dialogue("Known", false, &answers);
    assert!(
        shown.contains(
            "at (google.protobuf.Timestamp, such as 2026-11-21T10:00:00Z or now): soon\n! expected"
        ),
        "{shown}"
    );
    assert!(
        shown.contains("struct (google.protobuf.Struct, JSON): {\n! column 2: not valid JSON"),
        "{shown}"
    );
    assert_eq!(
        words,
        [r#"at=now struct:={"a":1} any:={"@type":"x/y.Z"} ok=false maybe=0 wrapped=true text= a"#]
    );
}

#[test]
fn all_that_is_left_can_be_skipped() {
    assert_eq!(dialogue("Person", false, &["A", "."]).1, ["name=A"]);
    assert_eq!(dialogue("Person", false, &["."]).1, [""]);
    assert_eq!(dialogue("Nested", false, &["y", "A", " . "]).1, ["person.name=A"]);
    // What was wanted is there, and what has a name and no value is not.
    assert_eq!(dialogue("Nested", false, &["y", "."]).1, ["person:={}"]);
    assert_eq!(dialogue("Nested", false, &["n", "y", "n", "y", "."]).1, ["more.more:={}"]);
    assert_eq!(dialogue("Lists", false, &["a", "."]).1, ["tags[0]=a"]);
    assert_eq!(dialogue("Lists", false, &["", "n", "a", "x", "b", "."]).1, ["labels.a=x"]);
    assert_eq!(dialogue("Choice", false, &["", "1", "."]).1, [""]);
    assert_eq!(dialogue("Person", true, &["A", ".", "y", "B", ".", "."]).1, ["name=A", "name=B"]);
    let quoted = dialogue("Lists", false, &["\".\"", "", "n", "\".\"", "\".\"", "."]).1;
    assert_eq!(quoted, ["tags[0]=. labels[.]=."]);
}

#[test]
fn of_many_messages_each_is_asked_for() {
    let (shown, words) = dialogue("Person", true, &["A", "", "", "y", "B", "", "", ""]);
    assert_eq!(shown.matches("another message? [y/N]: ").count(), 2);
    assert_eq!(words, ["name=A", "name=B"]);
}
