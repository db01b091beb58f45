//! Names in JSON: the same call prints the same, whether or not whoever describes the method says them.

use std::path::{Path, PathBuf};

use prost::Message as _;
use prost_types::field_descriptor_proto::{Label, Type};
use prost_types::{
    DescriptorProto, EnumDescriptorProto, EnumValueDescriptorProto, FieldDescriptorProto, FieldOptions,
    FileDescriptorProto, FileDescriptorSet, OneofDescriptorProto,
};

use crate::common::reflecting::{field, file, message, ok, serving};
use crate::common::{GRPC, Output, Peer, Step, rpcctl};

const SOURCE: &str = r#"syntax = "proto3";
package s;
service Service { rpc Do(M) returns (M); }
message M {
  string two_words = 1;
  // Its own name, on purpose.
  string kept_name = 2 [json_name = "kept_name"];
  string odd = 3 [json_name = "ODD"];
  M inner_one = 4;
  map<string, M> map_of_all = 5;
  oneof which_one { int32 _odd__name_2 = 6; }
  repeated M many_more = 7;
}
"#;

const REQUEST: &str = r#"{"twoWords":"a","kept_name":"b","ODD":"c","innerOne":{"twoWords":"d"},"mapOfAll":{"k_k":{"kept_name":"e"}},"OddName2":5,"manyMore":[{"ODD":"f"}]}"#;

/// What protoc calls a field in JSON that says nothing of it.
fn default_name(name: &str) -> String {
    let mut upper = false;
    let letter = |c: char| {
        let shown = if upper { c.to_ascii_uppercase() } else { c };
        upper = c == '_';
        (c != '_').then_some(shown)
    };
    name.chars().filter_map(letter).collect()
}

/// The file, with all names, or with those alone that its author chose.
fn compiled(all: bool) -> FileDescriptorProto {
    fn strip(message: &mut DescriptorProto) {
        for field in &mut message.field {
            let default = default_name(field.name());
            field.json_name = field.json_name.take().filter(|name| *name != default);
        }
        message.nested_type.iter_mut().for_each(strip);
    }
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("s.proto"), SOURCE).unwrap();
    let mut file = protox::compile(["s.proto"], [folder.path()]).unwrap().file.remove(0);
    if !all {
        file.message_type.iter_mut().for_each(strip);
    }
    file
}

fn echo(_: &str, body: &[u8]) -> Vec<Step> {
    vec![Step::Headers(200, vec![GRPC]), Step::Data(body.to_vec()), ok()]
}

/// A server that describes itself by these files.
fn describing(files: &[FileDescriptorProto]) -> Peer {
    let files: Vec<Vec<u8>> = files.iter().map(FileDescriptorProto::encode_to_vec).collect();
    serving("/grpc.reflection.v1.", &["s.Service"], move |_| Some(files.clone()), echo)
}

/// A descriptor set in a file.
fn set_of(folder: &Path, file: FileDescriptorProto) -> PathBuf {
    let path = folder.join("set.binpb");
    std::fs::write(&path, FileDescriptorSet { file: vec![file] }.encode_to_vec()).unwrap();
    path
}

#[test]
fn the_same_call_prints_the_same_whatever_the_source() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("s.proto"), SOURCE).unwrap();
    let run = |verb: &str, words: &str, all: bool, flags: &[&str]| -> String {
        let peer = describing(&[compiled(all)]);
        let path = set_of(folder.path(), compiled(all)).display().to_string();
        let run = rpcctl(verb).arg(&peer.address).args(words).within(folder.path());
        let run = flags.iter().fold(run, |run, flag| run.arg(if *flag == "SET" { &path } else { *flag }));
        if verb == "call" { run.arg("-d").arg(REQUEST).run().to_string() } else { run.run().to_string() }
    };
    let sources: [(bool, &[&str]); 5] = [
        (false, &[]),
        (true, &[]),
        (false, &["--descriptor-set", "SET"]),
        (true, &["--descriptor-set", "SET"]),
        (true, &["--proto", "s.proto"]),
    ];
    for (all, flags) in sources {
        let called = run("call", "s.Service/Do -o jsonl", all, flags);
        assert_eq!(called, format!("{REQUEST}\n[exit 0]"), "{all} {flags:?}");
        let listed = run("list", "", all, flags);
        assert_eq!(listed, "s.Service\n[exit 0]");
        let described = run("describe", "s.M", all, flags);
        assert!(described.contains("\n  string two_words = 1;\n"), "{described}");
        assert!(described.contains("  string kept_name = 2 [json_name = \"kept_name\"];\n"), "{described}");
        assert!(described.contains("  string odd = 3 [json_name = \"ODD\"];\n"), "{described}");
    }
}

fn scalar(name: &str, number: i32, kind: Type) -> FieldDescriptorProto {
    FieldDescriptorProto {
        name: Some(name.to_owned()),
        r#type: Some(kind.into()),
        type_name: None,
        ..field(number, "")
    }
}

fn repeated(field: FieldDescriptorProto) -> FieldDescriptorProto {
    FieldDescriptorProto { label: Some(Label::Repeated.into()), ..field }
}

/// A message with these fields and one of every kind that a syntax makes a difference for.
fn with(names: [&str; 2]) -> FileDescriptorProto {
    let loose = FieldDescriptorProto {
        options: Some(FieldOptions { packed: Some(false), ..Default::default() }),
        ..repeated(scalar("loose", 5, Type::Int32))
    };
    let opt = FieldDescriptorProto {
        proto3_optional: Some(true),
        oneof_index: Some(0),
        ..scalar("opt", 3, Type::String)
    };
    let kind = FieldDescriptorProto {
        name: Some("e".to_owned()),
        r#type: Some(Type::Enum.into()),
        ..field(6, ".s.E")
    };
    let fields = vec![
        scalar(names[0], 1, Type::Int32),
        scalar(names[1], 2, Type::Int32),
        opt,
        repeated(scalar("nums", 4, Type::Int32)),
        loose,
        kind,
        scalar("text", 7, Type::String),
    ];
    let oneof = OneofDescriptorProto { name: Some("_opt".to_owned()), options: None };
    let value = EnumValueDescriptorProto { name: Some("ZERO".to_owned()), number: Some(0), options: None };
    let kind = EnumDescriptorProto { name: Some("E".to_owned()), value: vec![value], ..Default::default() };
    FileDescriptorProto {
        message_type: vec![DescriptorProto { oneof_decl: vec![oneof], ..message("M", fields) }],
        enum_type: vec![kind],
        ..file()
    }
}

#[test]
fn names_that_differ_in_case_and_underscores_alone() {
    // As they are named in JSON: by their own rule, unless two would have one name.
    for (names, json) in [
        (["foo_bar", "foobar"], ["fooBar", "foobar"]),
        (["foo_bar", "fooBar"], ["foo_bar", "fooBar"]),
        (["fooBar", "foo_bar"], ["fooBar", "foo_bar"]),
        (["foo_bar", "foo__bar"], ["fooBar", "foo__bar"]),
    ] {
        let file = with(names);
        let folder = tempfile::tempdir().unwrap();
        let path = set_of(folder.path(), file.clone());
        let peer = describing(std::slice::from_ref(&file));
        let request = format!(
            r#"{{"{}":1,"{}":2,"opt":"","nums":[1,2],"loose":[1,2],"e":7,"text":"x"}}"#,
            json[0], json[1]
        );
        let sources: [&[&str]; 2] = [&[], &["--descriptor-set", path.to_str().unwrap()]];
        for flags in sources {
            let run = |verb: &str, words: &str, data: Option<&str>| -> Output {
                let run = rpcctl(verb).arg(&peer.address).args(words);
                let run = flags.iter().fold(run, |run, flag| run.arg(*flag));
                data.into_iter().fold(run, |run, data| run.arg("-d").arg(data)).run()
            };
            assert_eq!(run("list", "", None).to_string(), "s.Service\n[exit 0]");
            let described = run("describe", "s.M", None).to_string();
            let own = |index: usize| format!("  int32 {} = {}", names[index], index + 1);
            assert!(described.contains(&own(0)) && described.contains(&own(1)), "{described}");
            assert!(described.contains("  optional string opt = 3;\n"), "{described}");
            assert!(described.contains("  repeated int32 nums = 4;\n"), "{described}");
            assert!(described.contains("  repeated int32 loose = 5 [packed = false];\n"), "{described}");
            assert!(described.contains("  .s.E e = 6;\n"), "{described}");
            let called = run("call", "s.Service/Do -o jsonl", Some(&request)).to_string();
            assert_eq!(called, format!("{request}\n[exit 0]"));
            // Nothing is sent of what is zero, as proto3 has it; an enum is open and a string is UTF-8.
            let encoded = run("encode", "s.M -o hex", Some(&request)).to_string();
            assert_eq!(encoded, "080110021a00220201022801280230073a0178\n[exit 0]");
            let zero = run("encode", "s.M -o hex", Some(r#"{"text":"","e":"ZERO","nums":[]}"#)).to_string();
            assert_eq!(zero, "\n[exit 0]");
            let broken = run("decode", "s.M -i hex -o jsonl -d 3a01ff", None);
            assert_eq!(broken.code, Some(1), "{broken}");
        }
        let exported = rpcctl("export").arg(&peer.address).args("s.M --proto-dir").arg(folder.path()).run();
        assert_eq!(exported.code, Some(0), "{exported}");
        let source = std::fs::read_to_string(folder.path().join("s.proto")).unwrap();
        assert!(source.starts_with("syntax = \"proto3\";\n"), "{source}");
    }
}
