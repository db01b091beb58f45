//! `rpcctl export`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use insta::assert_snapshot;
use prost::Message as _;
use prost_reflect::text_format::FormatOptions;
use prost_reflect::{DescriptorPool, DynamicMessage, Value};
use prost_types::FileDescriptorProto;

use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;

use crate::common::reflecting::{file, reflecting, serving};
use crate::common::{Demo, Output, rpcctl};

/// The files of a descriptor set as text, by name and without positions, in their order.
fn files(set: &[u8]) -> Vec<(String, String)> {
    let kind = DescriptorPool::global().get_message_by_name("google.protobuf.FileDescriptorSet").unwrap();
    let set = DynamicMessage::decode(kind, set).unwrap();
    let files = set.get_field_by_name("file").unwrap();
    let files = files.as_list().unwrap().iter().map(|file| {
        let Value::Message(mut file) = file.clone() else { panic!() };
        file.clear_field_by_name("source_code_info");
        let name = file.get_field_by_name("name").unwrap().as_str().unwrap().to_owned();
        let options = FormatOptions::new().pretty(true).skip_unknown_fields(false);
        (name, file.to_text_format_with_options(&options))
    });
    files.collect()
}

/// The `.proto` files below a folder, by their paths from there.
fn below(root: &Path) -> Vec<String> {
    let (mut found, mut folders) = (Vec::new(), vec![root.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.push(path.strip_prefix(root).unwrap().to_str().unwrap().to_owned());
            }
        }
    }
    found.sort();
    found
}

/// What a compiler makes of a tree.
fn compiled(root: &Path) -> Vec<u8> {
    let mut compiler = protox::Compiler::new([root]).unwrap();
    compiler.include_imports(true).open_files(below(root)).unwrap();
    compiler.encode_file_descriptor_set()
}

/// Exports what these words name both ways, and checks that the tree gives the set.
fn same_both_ways(words: &str) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let (set, tree) = (folder.path().join("set.binpb"), folder.path().join("tree"));
    let run = rpcctl("export").args(words).arg("-o").arg(&set).arg("--proto-dir").arg(&tree).run();
    assert_eq!((run.code, run.talk().as_str()), (Some(0), ""), "{run}");
    let exported: BTreeMap<String, String> = files(&fs::read(set).unwrap()).into_iter().collect();
    let again: BTreeMap<String, String> = files(&compiled(&tree)).into_iter().collect();
    assert_eq!(exported.keys().collect::<Vec<_>>(), again.keys().collect::<Vec<_>>());
    for (name, text) in exported.iter().filter(|(name, _)| !name.starts_with("google/protobuf/")) {
        assert_eq!(&again[name], text, "{}", fs::read_to_string(tree.join(name)).unwrap());
    }
    below(&tree)
}

#[test]
fn a_tree_compiles_to_what_the_server_said() {
    let demo = Demo::plain();
    let all = same_both_ways(&demo.address);
    assert!(all.contains(&"demo/v1/demo.proto".to_owned()), "{all:?}");
    assert!(!all.iter().any(|name| name.starts_with("google/protobuf/")), "{all:?}");
    assert_eq!(same_both_ways(&format!("{} HelloService", demo.address)), ["hello/hello.proto"]);
}

const OPTIONS: &str = r#"
syntax = "proto2";
package weird.opts;
import "google/protobuf/descriptor.proto";
message Rule { optional string pattern = 1; repeated Rule rules = 2; map<string, int64> weights = 3; extensions 9; }
extend Rule { optional bytes more = 9; }
extend google.protobuf.FieldOptions { optional Rule rule = 50000; repeated sint64 many = 50001; }
extend google.protobuf.MethodOptions { optional group Http = 50002 { optional string get = 1; } }
extend google.protobuf.EnumValueOptions { optional double weight = 50003; }
"#;

const WEIRD: &str = r#"
syntax = "proto2";
package weird.optional.message;
import "deep/ly/opts é.proto";
import public "google/protobuf/timestamp.proto";
option java_package = "x.\"y\"";
message string {
  optional group Group = 1 { required int32 required = 1 [default = -0x10]; optional group Inner = 2 {} }
  map<fixed64, string> message = 3 [(weird.opts.rule).weights = { key: "a" value: -1 }, deprecated = true];
  oneof oneof { double bool = 4 [json_name = "BOOL", (weird.opts.many) = -1, (weird.opts.many) = 2]; group Two = 5 {} }
  optional bytes b = 6 [default = "\000\"\\\377'\n"];
  optional float f = 7 [default = -inf];
  repeated enum packed = 8 [packed = true];
  optional enum e = 9 [default = MINUS];
  optional weird.opts.Rule string = 10 [(weird.opts.rule) = { pattern: "]{" rules { [weird.opts.more]: "\001" } }];
  enum enum { option allow_alias = true; MINUS = -1; NEG = -1; max = 2 [(weird.opts.weight) = 1e300]; reserved 5 to max; reserved "to"; }
  extensions 100 to 199, 1000 to max;
  reserved 20, 30 to 40; reserved "gone";
  message option { extend string { optional option option = 100; repeated group Ext = 101 { optional int32 x = 1; } } }
}
extend string { optional google.protobuf.Timestamp at = 1000; }
service rpc { rpc returns(stream string) returns (stream string.option) { option (weird.opts.http).get = "/v1"; option idempotency_level = IDEMPOTENT; } }
"#;

#[test]
fn a_tree_compiles_to_whatever_the_language_has() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("deep/ly")).unwrap();
    fs::write(folder.path().join("deep/ly/opts é.proto"), OPTIONS).unwrap();
    fs::write(folder.path().join("weird.proto"), WEIRD).unwrap();
    let source = folder.path().display();
    let all = same_both_ways(&format!("--proto {source}/weird.proto -I {source}"));
    assert_eq!(all, ["deep/ly/opts é.proto", "weird.proto"]);
}

/// Which compile to the same set with protoc; the compiler here knows no editions.
#[test]
fn files_in_editions_are_their_sources() {
    let folder = tempfile::tempdir().unwrap();
    let tree = folder.path().join("tree");
    let run = rpcctl("export --descriptor-set tests/data/editions/set.binpb --proto-dir").arg(&tree).run();
    assert_eq!(run.code, Some(0), "{run}");
    assert_eq!(below(&tree), ["e23.proto", "e24.proto", "opts.proto"]);
    for name in below(&tree) {
        let source = fs::read_to_string(Path::new("tests/data/editions").join(&name)).unwrap();
        assert_eq!(fs::read_to_string(tree.join(name)).unwrap(), source);
    }
}

#[test]
fn a_set_is_as_it_came_with_imports_first() {
    let folder = tempfile::tempdir().unwrap();
    let set = |words: &str, name: &str| {
        let path = folder.path().join(name);
        let run = rpcctl("export").args(words).arg("-o").arg(&path).run();
        assert_eq!(run.to_string(), "[exit 0]");
        fs::read(path).unwrap()
    };
    let source = "-I proto --proto demo/v1/demo.proto";
    let all = set(source, "all.binpb");
    let mut compiler = protox::Compiler::new(["proto"]).unwrap();
    compiler.include_imports(true).include_source_info(true).open_file("demo/v1/demo.proto").unwrap();
    let names: Vec<String> = files(&all).into_iter().map(|(name, _)| name).collect();
    let place = |wanted: &str| names.iter().position(|name| name == wanted).unwrap();
    assert!(place("google/protobuf/any.proto") < place("demo/v1/everything.proto"), "{names:?}");
    assert!(place("demo/v1/everything.proto") < place("demo/v1/demo.proto"), "{names:?}");
    let sorted = |set: &[u8]| {
        let set = prost_types::FileDescriptorSet::decode(set).unwrap();
        let files = set.file.into_iter().filter(|file| !file.name().starts_with("google/protobuf/"));
        files.map(|file| (file.name().to_owned(), file)).collect::<BTreeMap<_, _>>()
    };
    assert_eq!(
        sorted(&all),
        sorted(&compiler.encode_file_descriptor_set()),
        "comments and positions are there"
    );
    let stdout = rpcctl("export").args(source).args("-o -").run();
    assert_eq!(stdout.stdout, all);
    let again = format!("--descriptor-set {}", folder.path().join("all.binpb").display());
    assert_eq!(set(&again, "again.binpb"), all);
    let everything = set(&format!("{again} demo.v1.Everything"), "some.binpb");
    assert!(!files(&everything).iter().any(|(name, _)| name == "demo/v1/demo.proto"));
    let both = set(&format!("{again} demo.v1.Everything google.rpc demo.v1.Demo/Sum"), "both.binpb");
    assert!(files(&both).iter().any(|(name, _)| name == "google/rpc/code.proto"));
}

/// Exports from a server with one file of this name.
fn named(names: &[&str], words: &str, root: &Path) -> Output {
    let files: Vec<Vec<u8>> = names
        .iter()
        .map(|name| match *name {
            "s.proto" => file(),
            name => FileDescriptorProto { name: Some(name.to_owned()), ..FileDescriptorProto::default() },
        })
        .map(|file| file.encode_to_vec())
        .collect();
    let peer = reflecting(move |_| Some(files.clone()));
    rpcctl("export").arg(&peer.address).args(words).within(root).run()
}

#[test]
fn no_server_writes_outside_of_the_folder() {
    let folder = tempfile::tempdir().unwrap();
    let names = [
        "s.proto",
        "../up.proto",
        "/etc/absolute.proto",
        "a/../../up.proto",
        "a\\..\\x.proto",
        "C:x.proto",
        "nul\0.proto",
        "a//b.proto",
        "",
        ".git/hooks/post-checkout",
        "\u{1b}[31m.proto",
    ];
    assert_snapshot!(named(&names, "--proto-dir out --force", folder.path()), @r#"
    ------- stderr -------
    error: cannot write 10 files of these names, and nothing was written:
            "../up.proto": it leads to other folders by . or ..
            "/etc/absolute.proto": it is an absolute path
            "a/../../up.proto": it leads to other folders by . or ..
            "a\\..\\x.proto": to some systems a backslash or a colon leads elsewhere
            "C:x.proto": to some systems a backslash or a colon leads elsewhere
            "nul\0.proto": there are control characters in it
            "a//b.proto": there is an empty name between its slashes
            "": it is empty
            ".git/hooks/post-checkout": it does not end in .proto, and nothing else is put into a folder
            "\u{1b}[31m.proto": there are control characters in it
    hint: a descriptor set takes files of any name: -o api.binpb
    [exit 1]
    "#);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "nothing was written at all");
    assert_snapshot!(named(&["s.proto", "S.proto", "s.proto/x.proto"], "--proto-dir out", folder.path()), @r#"
    ------- stderr -------
    error: cannot write 2 files of these names, and nothing was written:
            "S.proto": s.proto differs by capitals alone
            "s.proto/x.proto": s.proto is a file, too
    hint: a descriptor set takes files of any name: -o api.binpb
    [exit 1]
    "#);
    assert_eq!(named(&names, "-o set.binpb", folder.path()).to_string(), "[exit 0]", "a set takes any names");
}

#[test]
#[cfg(unix)]
fn links_in_the_folder_lead_nowhere() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("out")).unwrap();
    std::os::unix::fs::symlink("/etc", folder.path().join("out/etc")).unwrap();
    assert_snapshot!(named(&["s.proto", "etc/x.proto"], "--proto-dir out -f", folder.path()), @"
    ------- stderr -------
    error: out/etc is a symbolic link, which is not followed
    [exit 1]
    ");
    assert!(!folder.path().join("out/s.proto").exists());
}

#[test]
fn what_is_there_already_is_not_replaced_unasked() {
    let folder = tempfile::tempdir().unwrap();
    let run =
        |words: &str| rpcctl("export demo: hello --proto-dir out").args(words).within(folder.path()).run();
    assert_snapshot!(run(""), @"
    out/hello/hello.proto
    [exit 0]
    ");
    assert_snapshot!(run(""), @"
    out/hello/hello.proto
    [exit 0]
    ");
    let path: PathBuf = folder.path().join("out/hello/hello.proto");
    fs::write(&path, "mine").unwrap();
    assert_snapshot!(run(""), @"
    ------- stderr -------
    error: this file is there and says something else, and nothing was written:
            out/hello/hello.proto
    hint: write into another folder, or replace them: --force
    [exit 1]
    ");
    assert_eq!(fs::read_to_string(&path).unwrap(), "mine");
    assert_eq!(run("--force").code, Some(0));
    assert!(fs::read_to_string(&path).unwrap().contains("service HelloService"));
}

#[test]
fn well_known_files_are_written_when_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let run = |words: &str| rpcctl("export demo:").args(words).within(folder.path()).run();
    let all = run("demo.v1 --proto-dir all --include-well-known").text();
    assert!(all.contains("all/google/protobuf/any.proto\n"), "{all}");
    assert!(!compiled(&folder.path().join("all")).is_empty());
    assert_snapshot!(run("google.protobuf.Duration --proto-dir one"), @"
    one/google/protobuf/duration.proto
    [exit 0]
    ");
}

const LOST: &str = "syntax = 'proto2'; package l; import 'opts.proto';
    option (o.f) = 'x';
    message M { option (o.m) = true; optional int32 a = 1 [(o.rule) = { known: 1 more: 2 }]; oneof w { option (o.one) = true; int32 b = 2; }
        enum E { option (o.e) = true; Z = 0 [(o.v) = true]; } extensions 5 to 9 [(o.r) = true]; message In { optional bool c = 1 [(o.many) = 'p']; } }
    extend M { optional int32 x = 5 [(o.many) = 'q', (o.many) = 'r']; }
    service S { option (o.s) = true; rpc Do(M) returns (M) { option (o.c) = true; } }";

/// Options whose extension nobody defines, and a field of what is defined that its type does not have.
#[test]
fn options_that_a_tree_lacks_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let compile = |options: &str, name: &str| {
        fs::write(folder.path().join("opts.proto"), options).unwrap();
        fs::write(folder.path().join("lost.proto"), LOST).unwrap();
        protox::Compiler::new([folder.path()]).unwrap().open_file(name).unwrap().encode_file_descriptor_set()
    };
    let extend = |rule: &str, rest: &str| {
        format!(
            "syntax = 'proto2'; package o; import 'google/protobuf/descriptor.proto'; message Rule {{ optional int32 known = 1; {rule} }}
            extend google.protobuf.FieldOptions {{ optional Rule rule = 50000; }} {rest}"
        )
    };
    let all = [
        ("File", "optional string f"),
        ("Message", "optional bool m"),
        ("Field", "repeated string many"),
        ("Oneof", "optional bool one"),
        ("Enum", "optional bool e"),
        ("EnumValue", "optional bool v"),
        ("ExtensionRange", "optional bool r"),
        ("Service", "optional bool s"),
        ("Method", "optional bool c"),
    ]
    .map(|(kind, field)| format!("extend google.protobuf.{kind}Options {{ {field} = 50001; }}"));
    let set = [
        compile(&extend("optional int32 more = 2;", &all.concat()), "lost.proto"),
        compile(&extend("", ""), "opts.proto"),
    ];
    fs::write(folder.path().join("set.binpb"), set.concat()).unwrap();
    let export =
        |words: &str| rpcctl("export --descriptor-set set.binpb").args(words).within(folder.path()).run();
    assert_snapshot!(export("--proto-dir out"), @"
    out/opts.proto
    out/lost.proto
    ------- stderr -------
    warning: the .proto files lack an option of lost.proto: option 50001 is of no known extension
    warning: the .proto files lack an option of l.M: option 50001 is of no known extension
    warning: the .proto files lack an option of l.M.a: (o.rule) has fields that its type does not have
    warning: the .proto files lack an option of l.M.In.c: option 50001 is of no known extension
    warning: the .proto files lack an option of l.M.E: option 50001 is of no known extension
    warning: the .proto files lack an option of l.M.E.Z: option 50001 is of no known extension
    warning: the .proto files lack an option of l.M.extensions: option 50001 is of no known extension
    warning: the .proto files lack an option of l.M.w: option 50001 is of no known extension
    warning: the .proto files lack an option of l.S: option 50001 is of no known extension
    warning: the .proto files lack an option of l.S/Do: option 50001 is of no known extension
    warning: 1 more like that
    [exit 0]
    ");
    assert_eq!(export("-o again.binpb").talk(), "", "a set lacks nothing");
    assert_eq!(export("o --proto-dir other").talk(), "", "what is not written lacks nothing");
}

/// What can be had is written all the same, and a script can tell that it is not all.
#[test]
fn what_is_left_out_of_everything_is_told_and_shown_by_the_exit_code() {
    let folder = tempfile::tempdir().unwrap();
    let wrong = FileDescriptorProto {
        name: Some("t.proto".to_owned()),
        package: Some("t".to_owned()),
        syntax: Some("<unknown:0>".to_owned()),
        ..file()
    };
    let answer = move |question: &MessageRequest| match question {
        MessageRequest::FileContainingSymbol(name) if name.starts_with("t.") => Some(wrong.encode_to_vec()),
        _ => Some(file().encode_to_vec()),
    };
    let peer = serving(
        "/",
        &["s.Service", "t.Service"],
        move |question| Some(vec![answer(question)?]),
        |_, _| Vec::new(),
    );
    let export = |words: &str| rpcctl("export").arg(&peer.address).args(words).within(folder.path()).run();
    assert_snapshot!(export("--proto-dir out -o set.binpb"), @r#"
    out/s.proto
    ------- stderr -------
    warning: t.Service is left out: t.proto has the unknown syntax "<unknown:0>"
    [exit 1]
    "#);
    assert_eq!(files(&fs::read(folder.path().join("set.binpb")).unwrap()).len(), 1);
    assert_eq!(export("s.Service -o again.binpb").code, Some(0), "what was named is there");
}

#[test]
fn what_looks_like_a_place_to_write_to_is_told() {
    assert_snapshot!(rpcctl("export demo: hello.HelloService hello.binpb").run(), @"
    ------- stderr -------
    error: nothing says where to: -o FILE, --proto-dir DIR, or both
    hint: to write that file: rpcctl export demo: hello.HelloService -o hello.binpb
    [exit 2]
    ");
    assert_snapshot!(rpcctl("export demo: out/").run(), @"
    ------- stderr -------
    error: nothing says where to: -o FILE, --proto-dir DIR, or both
    hint: to write that folder: rpcctl export demo: --proto-dir out/
    [exit 2]
    ");
    assert_snapshot!(rpcctl("export demo: hell -o /dev/null").run(), @r#"
    ------- stderr -------
    error: there is no symbol "hell"
    hint: did you mean demo.v1.HELP, hello?
    hint: see what there is: rpcctl list demo:
    [exit 1]
    "#);
}

#[test]
fn what_can_not_be_exported_is_told() {
    assert_snapshot!(rpcctl("export demo:").run(), @"
    ------- stderr -------
    error: nothing says where to: -o FILE, --proto-dir DIR, or both
    hint: as a descriptor set: rpcctl export demo: -o api.binpb
    hint: as .proto files: rpcctl export demo: --proto-dir api
    [exit 2]
    ");
    assert_snapshot!(rpcctl("export demo: hello nope -o /dev/null").run(), @r#"
    ------- stderr -------
    error: there is no symbol "nope"
    hint: see what there is: rpcctl list demo:
    [exit 1]
    "#);
    assert_snapshot!(rpcctl("export demo: -o /nowhere/x.binpb").run(), @"
    ------- stderr -------
    error: cannot write /nowhere/x.binpb
      caused by: No such file or directory
    [exit 1]
    ");
    assert_snapshot!(rpcctl("export netrpc://localhost:1 -o x").run(), @"
    ------- stderr -------
    error: net/rpc's types are Go's, and there are no descriptors of them to export
    hint: see what it offers: rpcctl list netrpc://localhost:1 -l
    [exit 2]
    ");
    assert_snapshot!(rpcctl("export hello demo: -o x").run(), @"
    ------- stderr -------
    error: the server comes before hello
    hint: in this order: rpcctl export demo: hello -o api.binpb
    [exit 2]
    ");
}

#[test]
#[cfg(target_os = "linux")]
fn no_bytes_go_to_a_terminal() {
    let Some(run) = crate::common::rpcctl_on_a_terminal("export demo: -o -") else { return };
    assert_snapshot!(run.run().text().replace('\r', ""), @"
    [1m[31merror:[0m a descriptor set is bytes, and stdout is a terminal
    [1m[32mhint:[0m write it to a file: -o api.binpb
    ");
}

#[test]
fn examples_of_its_help_work() {
    let folder = tempfile::tempdir().unwrap();
    crate::examples::try_within(folder.path(), "export", "--proto api.proto", "--proto hello/hello.proto");
    assert!(folder.path().join("api.binpb").exists());
}
