//! Files in editions 2023 and 2024 (`tests/data/editions`), from a server's reflection and from a descriptor set.

use std::fmt::Write as _;
use std::path::PathBuf;

use insta::assert_snapshot;
use prost::Message as _;
use prost_types::FileDescriptorProto;
use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;

use crate::common::reflecting::serving;
use crate::common::{GRPC, Output, Peer, Step, rpcctl};

/// What protoc 35.1 made of the files with `-o set.binpb`.
const SET: &[u8] = include_bytes!("../data/editions/set.binpb");

fn set() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/editions/set.binpb")
}

/// Each file of the set with its name, as bytes.
fn files() -> Vec<(String, Vec<u8>)> {
    raw(SET)
}

fn raw(set: &[u8]) -> Vec<(String, Vec<u8>)> {
    #[derive(prost::Message)]
    struct Raw {
        #[prost(bytes = "vec", repeated, tag = "1")]
        files: Vec<Vec<u8>>,
    }
    let named =
        |file: Vec<u8>| (FileDescriptorProto::decode(file.as_slice()).unwrap().name().to_owned(), file);
    Raw::decode(set).unwrap().files.into_iter().map(named).collect()
}

/// A server of `ed.v1.Svc` and `ed.v2.S`, which send back what they get. Its reflection has all files but `without`.
fn server(without: &'static str) -> Peer {
    let file = move |wanted: &str| {
        let found = files().into_iter().find(|(name, _)| name == wanted && wanted != without);
        found.map(|(_, bytes)| vec![bytes])
    };
    let answer = move |question: &MessageRequest| match question {
        MessageRequest::FileByFilename(name) => file(name),
        MessageRequest::FileContainingSymbol(name) if name.starts_with("ed.v1.") => file("e23.proto"),
        MessageRequest::FileContainingSymbol(name) if name.starts_with("ed.v2.") => file("e24.proto"),
        _ => None,
    };
    serving("/grpc.reflection.v1.", &["ed.v1.Svc", "ed.v2.S"], answer, |path, body| {
        if !path.starts_with("/ed.") {
            return vec![Step::Only(200, vec![GRPC, ("grpc-status", "12")])];
        }
        vec![
            Step::Headers(200, vec![GRPC]),
            Step::Data(body.to_vec()),
            Step::Trailers(vec![("grpc-status", "0")]),
        ]
    })
}

/// Runs with the schema from reflection and from the set, which has to come to the same.
fn either_way(verb: &str, words: &str) -> Output {
    let peer = server("");
    let asked = rpcctl(verb).arg(&peer.address).args(words).run();
    let read = rpcctl(verb).arg(&peer.address).args(words).arg("--descriptor-set").arg(set()).run();
    assert_eq!(read.to_string(), asked.to_string());
    assert_eq!(read.stdout, asked.stdout);
    asked
}

#[test]
fn listed() {
    assert_snapshot!(either_way("list", "-l"), @"
    ed.v1.Svc/Do	unary	ed.v1.Traits	ed.v1.Traits
    ed.v2.S/Do	unary	ed.v2.M	ed.v2.M
    [exit 0]
    ");
}

#[test]
fn described() {
    assert_snapshot!(either_way("describe", "ed.v2.M"), @"
    // ed.v2.M is a message in e24.proto, edition 2024
    // inherited: features.field_presence = IMPLICIT, features.enum_type = CLOSED, features.repeated_field_encoding = EXPANDED, features.message_encoding = DELIMITED
    message M {
      int32 a = 1;
      int32 b = 2 [features.field_presence = EXPLICIT];
      .ed.v2.M child = 3;
      repeated int32 xs = 4;
      map<int32, .ed.v2.M> by_id = 5;
      oneof o {
        int32 p = 6;
      }
      .ed.v2.M.E e = 7;
      repeated string words = 8;

      export message Shown {
        int32 z = 1;
      }

      message Hidden {}

      local enum E {
        option features.enum_type = OPEN;
        Z = 0;
        Y = 1;
      }
    }
    [exit 0]
    ");
    assert_snapshot!(either_way("describe", "ed.v1.Traits.required"), @"
    // ed.v1.Traits.required is a field in e23.proto, edition 2023
    message Traits {
      int32 required = 3 [features.field_presence = LEGACY_REQUIRED];
    }
    [exit 0]
    ");
}

/// What a field is does not stand beside it where it is said of the whole file.
#[test]
fn what_is_inherited_is_described() {
    let heads = |name: &str| {
        let described = either_way("describe", name).text();
        described.lines().take_while(|line| line.starts_with("//")).collect::<Vec<_>>().join("\n")
    };
    let names = [
        "ed.v2.M.a",
        "ed.v2.M.b",
        "ed.v2.M.child",
        "ed.v2.M.xs",
        "ed.v2.M.words",
        "ed.v2.M.by_id",
        "ed.v2.M.p",
        "ed.v2.M.o",
        "ed.v2.M.E",
        "ed.v2.M.Z",
        "ed.v2.M.Hidden",
        "ed.v2.Level",
        "ed.v2.S",
        "ed.v1.Traits.unchecked",
        "ed.v1.Traits.checked",
        "ed.v1.Traits.explicit",
    ];
    assert_snapshot!(names.map(heads).join("\n"), @"
    // ed.v2.M.a is a field in e24.proto, edition 2024
    // inherited: features.field_presence = IMPLICIT
    // ed.v2.M.b is a field in e24.proto, edition 2024
    // ed.v2.M.child is a field in e24.proto, edition 2024
    // inherited: features.message_encoding = DELIMITED
    // ed.v2.M.xs is a field in e24.proto, edition 2024
    // inherited: features.repeated_field_encoding = EXPANDED
    // ed.v2.M.words is a field in e24.proto, edition 2024
    // ed.v2.M.by_id is a field in e24.proto, edition 2024
    // ed.v2.M.p is a field in e24.proto, edition 2024
    // ed.v2.M.o is a oneof in e24.proto, edition 2024
    // ed.v2.M.E is an enum in e24.proto, edition 2024
    // ed.v2.M.Z is an enum value in e24.proto, edition 2024
    // ed.v2.M.Hidden is a message in e24.proto, edition 2024
    // inherited: features.field_presence = IMPLICIT, features.enum_type = CLOSED, features.repeated_field_encoding = EXPANDED, features.message_encoding = DELIMITED
    // ed.v2.Level is an enum in e24.proto, edition 2024
    // inherited: features.enum_type = CLOSED
    // ed.v2.S is a service in e24.proto, edition 2024
    // ed.v1.Traits.unchecked is a field in e23.proto, edition 2023
    // inherited: features.utf8_validation = NONE
    // ed.v1.Traits.checked is a field in e23.proto, edition 2023
    // ed.v1.Traits.explicit is a field in e23.proto, edition 2023
    ");
}

#[test]
fn described_for_programs() {
    assert_snapshot!(either_way("describe", "ed.v2.Level -o json"), @r#"
    {
      "name": "ed.v2.Level",
      "kind": "enum",
      "file": "e24.proto",
      "edition": "2024",
      "source": "// ed.v2.Level is an enum in e24.proto, edition 2024\n// inherited: features.enum_type = CLOSED\nexport enum Level {\n  LEVEL_UNKNOWN = 0;\n}\n",
      "descriptor": {
        "name": "Level",
        "value": [
          {
            "name": "LEVEL_UNKNOWN",
            "number": 0
          }
        ],
        "visibility": "VISIBILITY_EXPORT"
      }
    }
    [exit 0]
    "#);
    assert_snapshot!(either_way("describe", "ed.v1.Traits.inner -o json"), @r#"
    {
      "name": "ed.v1.Traits.inner",
      "kind": "field",
      "file": "e23.proto",
      "edition": "2023",
      "source": "// ed.v1.Traits.inner is a field in e23.proto, edition 2023\nmessage Traits {\n  .ed.v1.Traits.Inner inner = 6 [features.message_encoding = DELIMITED];\n}\n",
      "descriptor": {
        "name": "inner",
        "number": 6,
        "label": "LABEL_OPTIONAL",
        "type": "TYPE_MESSAGE",
        "typeName": ".ed.v1.Traits.Inner",
        "jsonName": "inner",
        "options": {
          "features": {
            "messageEncoding": "DELIMITED"
          }
        }
      }
    }
    [exit 0]
    "#);
    assert_snapshot!(either_way("describe", "ed.v2.M --template"), @r#"
    {
      "a": 0,
      "b": 0,
      "child": null,
      "xs": [
        0
      ],
      "byId": {},
      "p": 0,
      "e": "Z",
      "words": [
        ""
      ]
    }
    [exit 0]
    "#);
}

/// The bytes on the wire are those that protobuf's own runtime makes of the same JSON.
#[test]
fn called() {
    let sent = |words: &str, data: &str| {
        let peer = server("");
        let call = rpcctl("call -o binary").arg(&peer.address).args(words).arg("-d").arg(data).run();
        assert_eq!(call.talk(), "", "{call}");
        call.stdout.iter().fold(String::new(), |mut hex, byte| {
            write!(hex, "{byte:02x}").unwrap();
            hex
        })
    };
    let traits = r#"{"explicit": 0, "implicit": 9, "required": 1, "packed": [1, 2], "expanded": [3, 4],
        "inner": {"x": 5}, "many": [{"x": 6}, {}], "byName": {"k": {"x": 7}}, "open": "OPEN_ONE",
        "closed": "CLOSED_ONE", "right": {"x": 8}, "grouplike": {"y": "z"}, "count": 7,
        "[ed.v1.tail]": [{"x": 9}]}"#;
    assert_eq!(
        sent("ed.v1.Svc/Do", traits),
        "0800100918012202010228032804330805343b08063c3b3c42070a016b1202080758016001\
         730808747b0a017a7c800107cb0c0809cc0c"
    );
    let m = r#"{"a": 1, "b": 0, "child": {"a": 2, "child": {}}, "xs": [1, 2], "byId": {"3": {"a": 4}}, "p": 0,
        "e": "Y", "words": ["w"]}"#;
    assert_eq!(sent("ed.v2.S/Do", m), "080110001b08021b1c1c200120022a0608031202080430003801420177");
    assert_eq!(sent("ed.v1.Svc/Do", r#"{"implicit": 0, "required": 0}"#), "1800");
    assert_eq!(sent("ed.v2.S/Do", r#"{"a": 0, "e": "Z", "b": 0}"#), "1000");
    let peer = server("");
    let call = rpcctl("call -o jsonl").arg(&peer.address).args("ed.v2.S/Do").arg("-d").arg(m).run();
    assert_snapshot!(call, @r#"
    {"a":1,"b":0,"child":{"a":2,"child":{}},"xs":[1,2],"byId":{"3":{"a":4}},"p":0,"e":"Y","words":["w"]}
    [exit 0]
    "#);
}

#[test]
fn answers_are_read_by_their_features() {
    let read = |bytes: &'static [u8]| {
        let peer = server("");
        let run =
            rpcctl("call -i binary -o jsonl").arg(&peer.address).args("ed.v1.Svc/Do -d @-").stdin(bytes);
        run.run().to_string()
    };
    // Values without a name: of the open enum one is a number, of the closed one it is unknown.
    assert_snapshot!(read(b"\x18\x00\x58\x07\x60\x07"), @r#"
    {"required":0,"open":7}
    [exit 0]
    "#);
    // Bytes that are no UTF-8, where they are not looked at and where they are.
    assert_snapshot!(read(b"\x18\x00\x52\x01\xff"), @r#"
    {"required":0,"unchecked":{"@error":"a string that is not valid UTF-8","@value":"/w=="}}
    [exit 0]
    "#);
    assert_snapshot!(read(b"\x18\x00\x4a\x01\xff"), @"
    ------- stderr -------
    error: stdin: these bytes are no ed.v1.Traits: a string that is not valid UTF-8
    [exit 2]
    ");
}

#[test]
fn a_file_that_is_imported_for_its_options_need_not_be_there() {
    let peer = server("opts.proto");
    assert_snapshot!(rpcctl("list").arg(&peer.address).arg("ed.v2.S").run(), @"
    ed.v2.S/Do
    [exit 0]
    ");
    assert_snapshot!(rpcctl("describe").arg(&peer.address).arg("ed.v2.Own").run(), @"
    // ed.v2.Own is a message in e24.proto, edition 2024
    // inherited: features.field_presence = IMPLICIT, features.enum_type = CLOSED, features.repeated_field_encoding = EXPANDED, features.message_encoding = DELIMITED
    local message Own {
      string s = 1;
    }
    [exit 0]
    ");
}

#[test]
fn a_set_that_is_written_is_the_one_that_was_read() {
    let written = tempfile::NamedTempFile::new().unwrap();
    let run = rpcctl("describe ed.v2.M --descriptor-set-out")
        .arg(written.path())
        .arg("--descriptor-set")
        .arg(set())
        .run();
    assert_eq!(run.talk(), "", "{run}");
    let bytes = std::fs::read(written.path()).unwrap();
    let files = |set: &[u8]| {
        let mut files = raw(set);
        files.retain(|(name, _)| !name.starts_with("google/"));
        files.sort();
        files
    };
    assert_eq!(files(&bytes), files(SET));
}

#[test]
fn an_edition_that_nobody_knows_hides_nothing_else() {
    let later = FileDescriptorProto {
        name: Some("later.proto".to_owned()),
        package: Some("ed.v3".to_owned()),
        syntax: Some("editions".to_owned()),
        service: vec![prost_types::ServiceDescriptorProto {
            name: Some("Svc".to_owned()),
            ..Default::default()
        }],
        ..Default::default()
    };
    // Field 14 is the edition: 2026.
    let later = [later.encode_to_vec(), vec![0x70, 0xea, 0x07]].concat();
    let answer = move |question: &MessageRequest| match question {
        MessageRequest::FileContainingSymbol(name) if name.starts_with("ed.v3") => Some(vec![later.clone()]),
        MessageRequest::FileContainingSymbol(name) if name.starts_with("ed.v1") => {
            Some(files().into_iter().map(|(_, bytes)| bytes).collect())
        }
        _ => None,
    };
    let peer = serving("/", &["ed.v1.Svc", "ed.v3.Svc"], answer, |_, _| Vec::new());
    assert_snapshot!(rpcctl("list -l").arg(&peer.address).run(), @"
    ed.v1.Svc/Do	unary	ed.v1.Traits	ed.v1.Traits
    ------- stderr -------
    warning: ed.v3.Svc is left out: later.proto is written in edition 2026, which this version does not know
    [exit 0]
    ");
    assert_snapshot!(rpcctl("describe").arg(&peer.address).arg("ed.v3.Svc").run(), @"
    ------- stderr -------
    error: cannot use the server's descriptors
      caused by: later.proto is written in edition 2026, which this version does not know
    hint: editions 2023 and 2024, proto2 and proto3 are read
    [exit 1]
    ");
}
