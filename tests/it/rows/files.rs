//! What is odd about the files that a server sends.

use std::collections::HashSet;
use std::sync::Mutex;

use insta::assert_snapshot;
use prost::Message as _;
use prost_types::{
    DescriptorProto, FieldDescriptorProto, FileDescriptorProto, MessageOptions, OneofDescriptorProto,
    SourceCodeInfo, source_code_info::Location,
};
use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;

use super::{
    ROOT, assert_works, assert_works_as, by_symbol, echo, encoded, imports, number, other, server, string,
    with_fields,
};
use crate::common::reflecting::{field, file, message, serving};
use crate::common::rpcctl;

#[test]
fn row_01_an_import_path_that_is_not_the_name_under_which_the_file_is_registered() {
    let answer = |question: &MessageRequest| match question {
        MessageRequest::FileContainingSymbol(name) if name == "s.Service" => {
            let main = imports(with_fields(vec![field(1, ".o.Other")]), &["api/o.proto"]);
            Some(encoded(&[main]))
        }
        MessageRequest::FileContainingSymbol(name) if name == "o.Other" => {
            Some(encoded(&[other("o.proto", "o", vec![message("Other", vec![string("name", 1)])])]))
        }
        _ => None,
    };
    assert_works(|| server(answer), r#"{"f1":{"name":"x"}}"#);
    let told = rpcctl("list -v").arg(&server(answer).address).arg("s.Service").run().to_string();
    let repairs: Vec<&str> = told.lines().filter(|line| line.starts_with("* repaired")).collect();
    assert_snapshot!(repairs.join("\n"), @"
    * repaired: s.proto: dropped the import of api/o.proto, which is missing and not needed
    * repaired: s.proto: added the import of o.proto, which defines o.Other
    ");
}

#[test]
fn of_many_repairs_the_first_are_told_and_how_many_more_there_are() {
    let gone: Vec<String> = (10..35).map(|number| format!("gone{number}.proto")).collect();
    let gone: Vec<&str> = gone.iter().map(String::as_str).collect();
    let peer = || by_symbol(vec![imports(with_fields(vec![string("name", 1)]), &gone)]);
    let told = |flag: &str| {
        let told = rpcctl("list").arg(flag).arg(&peer().address).arg("s.Service").run().talk();
        let repairs = told.lines().filter(|line| line.starts_with("* repaired"));
        repairs.map(str::to_owned).collect::<Vec<_>>()
    };
    let short = told("-v");
    assert_eq!(short.len(), 11, "{short:?}");
    assert_snapshot!(short[9..].join("\n"), @"
    * repaired: s.proto: dropped the import of gone19.proto, which is missing and not needed
    * repaired: 15 more like that, which -vv tells
    ");
    assert_eq!(told("-vv").len(), 25);
}

#[test]
fn row_02_a_placeholder_in_place_of_a_file() {
    let junk = FileDescriptorProto {
        name: Some("junk.proto".to_owned()),
        syntax: Some("<unknown:0>".to_owned()),
        ..Default::default()
    };
    let main = imports(with_fields(vec![string("name", 1)]), &["junk.proto"]);
    assert_works(|| by_symbol(vec![main.clone(), junk.clone()]), r#"{"name":"x"}"#);
    // The same when it is asked for by its name.
    let by_name = || {
        let (main, junk) = (main.clone(), junk.clone());
        server(move |question| match question {
            MessageRequest::FileContainingSymbol(name) if name == "s.Service" => {
                Some(encoded(std::slice::from_ref(&main)))
            }
            MessageRequest::FileByFilename(name) if name == "junk.proto" => {
                Some(encoded(std::slice::from_ref(&junk)))
            }
            _ => None,
        })
    };
    assert_works(by_name, r#"{"name":"x"}"#);
}

#[test]
fn row_03_an_import_for_options_that_is_missing() {
    let main = imports(with_fields(vec![string("name", 1)]), &["validate/validate.proto"]);
    // And the option that it is there for, of which nobody knows what it is: field 1071 of the file's options.
    let option = [vec![0x42, 0x05, 0xfa, 0x42, 0x02, 0x08, 0x01], Vec::new()].concat();
    let bytes = [main.encode_to_vec(), option].concat();
    let peer = || {
        let bytes = bytes.clone();
        server(move |question| {
            matches!(question, MessageRequest::FileContainingSymbol(_)).then(|| vec![bytes.clone()])
        })
    };
    assert_works(peer, r#"{"name":"x"}"#);
}

#[test]
fn row_04_no_imports_and_well_known_types_under_another_name() {
    let main = with_fields(vec![field(1, ".google.protobuf.Timestamp"), field(2, ".o.Other")]);
    let main = FileDescriptorProto { name: Some("s".to_owned()), ..main };
    let known = other(
        "google_protobuf.proto",
        "google.protobuf",
        vec![message("Timestamp", vec![number("seconds", 1), number("nanos", 2)])],
    );
    let sub = other("o.proto", "o", vec![message("Other", vec![string("name", 1)])]);
    let files = vec![main, known, sub];
    let described =
        assert_works(|| by_symbol(files.clone()), r#"{"f1":"2026-01-02T03:04:05Z","f2":{"name":"x"}}"#);
    assert_snapshot!(described, @"
    // s.M is a message in s
    message M {
      .google.protobuf.Timestamp f1 = 1;
      .o.Other f2 = 2;
    }
    ");
}

#[test]
fn row_05_relative_names_camel_case_and_optional_that_was_lost() {
    let lost = FieldDescriptorProto { oneof_index: Some(0), ..string("twoWords", 1) };
    let oneof = OneofDescriptorProto { name: Some("_twoWords".to_owned()), options: None };
    let m = DescriptorProto {
        oneof_decl: vec![oneof],
        ..message("M", vec![lost, field(2, "N"), string("z", 3)])
    };
    let mut main = FileDescriptorProto { message_type: vec![m, message("N", vec![])], ..file() };
    main.service[0].method[0].input_type = Some("M".to_owned());
    main.service[0].method[0].output_type = Some("M".to_owned());
    let described = assert_works(|| by_symbol(vec![main.clone()]), r#"{"twoWords":"","f2":{}}"#);
    assert_snapshot!(described, @"
    // s.M is a message in s.proto
    message M {
      optional string twoWords = 1;
      .s.N f2 = 2;
      string z = 3;
    }
    ");
}

#[test]
fn row_06_a_map_entry_under_another_name() {
    let entry = DescriptorProto {
        options: Some(MessageOptions { map_entry: Some(true), ..Default::default() }),
        ..message("Labels", vec![string("key", 1), string("value", 2)])
    };
    for type_name in ["Labels", ".s.M.Labels"] {
        let labels =
            FieldDescriptorProto { name: Some("labels".to_owned()), label: Some(3), ..field(1, type_name) };
        let m = DescriptorProto { nested_type: vec![entry.clone()], ..message("M", vec![labels]) };
        let main = FileDescriptorProto { message_type: vec![m], ..file() };
        let described = assert_works(|| by_symbol(vec![main.clone()]), r#"{"labels":{"a":"b"}}"#);
        assert!(described.contains("  map<string, string> labels = 1;\n"), "{described}");
    }
}

#[test]
fn row_11_names_in_json_that_are_left_out() {
    let main = with_fields(vec![string("two_words", 1), string("_odd__name_2", 2)]);
    assert_works(|| by_symbol(vec![main.clone()]), r#"{"twoWords":"x","OddName2":"y"}"#);
}

/// `s.proto`, which imports `a.proto`, which imports `b.proto`; `public` where it passes that on.
fn chain(public: bool) -> Vec<FileDescriptorProto> {
    let fields = if public { vec![field(1, ".a.A"), field(2, ".b.B")] } else { vec![field(1, ".a.A")] };
    let between = imports(other("a.proto", "a", vec![message("A", vec![field(1, ".b.B")])]), &["b.proto"]);
    vec![
        imports(with_fields(fields), &["a.proto"]),
        FileDescriptorProto { public_dependency: if public { vec![0] } else { vec![] }, ..between },
        other("b.proto", "b", vec![message("B", vec![string("name", 1)])]),
    ]
}

#[test]
fn row_12_one_file_an_answer() {
    let answer = |public: bool| {
        move |question: &MessageRequest| {
            let found = chain(public).into_iter().find(|file| match question {
                MessageRequest::FileByFilename(name) => file.name() == name,
                MessageRequest::FileContainingSymbol(name) => {
                    name.starts_with(&format!("{}.", file.package()))
                }
                _ => false,
            });
            Some(encoded(&[found?]))
        }
    };
    assert_works(|| server(answer(false)), r#"{"f1":{"f1":{"name":"x"}}}"#);
    // What is imported publicly need not be imported by whoever uses it.
    assert_works(|| server(answer(true)), r#"{"f1":{"f1":{"name":"x"}},"f2":{"name":"y"}}"#);
}

#[test]
fn row_13_files_that_are_sent_once() {
    let peer = || {
        let sent = Mutex::new(HashSet::new());
        server(move |question| match question {
            MessageRequest::FileContainingSymbol(name) if name.starts_with("s.") => {
                let mut sent = sent.lock().unwrap();
                let mut files = chain(false);
                files.retain(|file| sent.insert(file.name().to_owned()));
                Some(encoded(&files))
            }
            _ => None,
        })
    };
    assert_works(peer, r#"{"f1":{"f1":{"name":"x"}}}"#);
}

#[test]
fn row_14_the_same_definitions_in_two_files() {
    let copy = |name: &str| other(name, "o", vec![message("Other", vec![string("name", 1)])]);
    let main = imports(
        with_fields(vec![field(1, ".o.Other")]),
        &["o.proto", "vendor/o.proto", "google/protobuf/descriptor.proto"],
    );
    // descriptor.proto sent along, once under its own name and once under another, in versions of the server's own.
    let own = |name: &str| other(name, "google.protobuf", vec![message("FileOptions", vec![string("x", 1)])]);
    let files = vec![
        main,
        copy("o.proto"),
        copy("vendor/o.proto"),
        own("google/protobuf/descriptor.proto"),
        own("vendor/descriptor.proto"),
    ];
    assert_works(|| by_symbol(files.clone()), r#"{"f1":{"name":"x"}}"#);
}

#[test]
fn row_14_the_service_itself_in_two_files() {
    let main = with_fields(vec![string("name", 1)]);
    let again = FileDescriptorProto { name: Some("api/s.proto".to_owned()), ..main.clone() };
    assert_works(|| by_symbol(vec![main.clone(), again.clone()]), r#"{"name":"x"}"#);
}

#[test]
fn row_15_a_service_that_is_listed_and_not_known() {
    let main = with_fields(vec![string("name", 1)]);
    let answer = move |question: &MessageRequest| match question {
        MessageRequest::FileContainingSymbol(name) if name.starts_with("s.") && name != "s.Unknown" => {
            Some(encoded(std::slice::from_ref(&main)))
        }
        _ => None,
    };
    let peer = || serving(ROOT, &["s.Service", "s.Unknown"], answer.clone(), echo);
    assert_works_as("s.Service\ns.Unknown\n", peer, r#"{"name":"x"}"#);
    // All that is asked of all services shows the one, and says what it can't of the other.
    assert_snapshot!(rpcctl("list -l").arg(&peer().address).run(), @"
    s.Service/Do	unary	s.M	s.M
    ------- stderr -------
    warning: s.Unknown is left out: the server lists it and does not describe it
    [exit 0]
    ");
    assert_snapshot!(rpcctl("describe").arg(&peer().address).run(), @"
    // s.Service is a service in s.proto
    service Service {
      rpc Do(.s.M) returns (.s.M);
    }
    ------- stderr -------
    warning: s.Unknown is left out: the server lists it and does not describe it
    [exit 0]
    ");
    let by_tail = rpcctl("call -o jsonl").arg(&peer().address).args("Do").data(r#"{"name":"x"}"#).run();
    assert_eq!(by_tail.to_string(), "{\"name\":\"x\"}\n[exit 0]");
}

#[test]
fn row_19_an_answer_of_more_than_four_mebibytes() {
    let location = Location {
        path: vec![4, 0],
        span: vec![0, 0, 0],
        leading_comments: Some("x".repeat(5 << 20)),
        ..Default::default()
    };
    let info = SourceCodeInfo { location: vec![location] };
    let main = FileDescriptorProto { source_code_info: Some(info), ..with_fields(vec![string("name", 1)]) };
    let described = assert_works(|| by_symbol(vec![main.clone()]), r#"{"name":"x"}"#);
    assert!(described.len() > 5 << 20);
}

#[test]
fn row_19_a_message_with_very_many_fields() {
    let fields = (1..19_000).map(|at| string(&format!("a_field_of_a_very_wide_message_{at}"), at)).collect();
    let main = with_fields(fields);
    let request = r#"{"aFieldOfAVeryWideMessage1":"x","aFieldOfAVeryWideMessage18999":"y"}"#;
    assert_works(|| by_symbol(vec![main.clone()]), request);
}

#[test]
fn row_20_a_file_in_an_edition() {
    let main = FileDescriptorProto {
        syntax: Some("editions".to_owned()),
        ..with_fields(vec![string("name", 1), number("zero", 2)])
    };
    // The edition, 2023 or 2024, is field 14.
    for (edition, year) in [([0x70, 0xe8, 0x07], "2023"), ([0x70, 0xe9, 0x07], "2024")] {
        let bytes = [main.encode_to_vec(), edition.to_vec()].concat();
        let peer = || {
            let bytes = bytes.clone();
            server(move |_| Some(vec![bytes.clone()]))
        };
        assert_works(peer, r#"{"name":"x","zero":0}"#);
        let folder = tempfile::tempdir().unwrap();
        let peer = peer();
        let out = folder.path().display().to_string();
        let exported = rpcctl("export").arg(&peer.address).arg("--proto-dir").arg(&out).run();
        assert_eq!(exported.code, Some(0), "{exported}");
        let source = std::fs::read_to_string(folder.path().join("s.proto")).unwrap();
        assert!(source.starts_with(&format!("edition = \"{year}\";")), "{source}");
    }
}
