//! `rpcctl diff`.

use std::fs;
use std::path::Path;

use insta::assert_snapshot;

use crate::common::reflecting::{file, reflecting};
use crate::common::{Demo, rpcctl};

/// A folder with these files in it.
fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

const OLD: &str = "syntax = 'proto3'; package api.v1; import 'api/types.proto';
    service Books { rpc Get(Key) returns (Book); rpc Drop(Key) returns (Book); }
    message Key { int32 id = 1; string shelf = 2; }
    message Book { Key key = 1; Kind kind = 2; int32 pages = 3; }";
const NEW: &str = "syntax = 'proto3'; package api.v1; import 'api/types.proto';
    service Books { rpc Get(Key) returns (stream Book); rpc Put(Book) returns (Key); }
    message Key { int64 id = 1; string rack = 2; }
    message Book { Key key = 1; Kind kind = 2; reserved 3; reserved 'pages'; }";
const TYPES: &str = "syntax = 'proto3'; package api.v1; enum Kind { ANY = 0; NOVEL = 1; }";
const MORE_TYPES: &str = "syntax = 'proto3'; package api.v1; enum Kind { ANY = 0; NOVEL = 1; POEM = 2; }";

fn versions() -> tempfile::TempDir {
    folder(&[
        ("old/api/books.proto", OLD),
        ("old/api/types.proto", TYPES),
        ("new/api/books.proto", NEW),
        ("new/api/types.proto", MORE_TYPES),
    ])
}

#[test]
fn folders_are_compared_and_what_breaks_is_told() {
    let folder = versions();
    let diff = |words: &str| rpcctl("diff").args(words).within(folder.path()).run();
    assert_snapshot!(diff("old new"), @"
    - api.v1.Books/Drop: method removed  (breaks wire, JSON, source)
    ~ api.v1.Books/Get: response one message → a stream  (breaks wire, JSON, source)
    + api.v1.Books/Put: method added
    - api.v1.Book.pages: field 3 removed  (breaks source)
    ~ api.v1.Key.id: type int32 → int64  (breaks JSON, source)
    ~ api.v1.Key.shelf: name shelf → rack  (breaks JSON, source)
    + api.v1.Kind.POEM: value 2 added
    7 changes, 5 breaking (2 wire, 4 JSON, 5 source); compared: 1 service (3 methods), 2 messages and 1 enum
    [exit 99]
    ");
    let nothing = "no changes; compared: 1 service (2 methods), 2 messages and 1 enum\n[exit 0]";
    assert_eq!(diff("old old").to_string(), nothing);
    assert_eq!(diff("old/api/books.proto old -I old").to_string(), nothing);
    assert_eq!(diff("old/api/types.proto new/api/types.proto").code, Some(0), "what is added breaks nothing");
}

#[test]
fn what_may_break_is_chosen() {
    let folder = folder(&[
        ("old.proto", "syntax = 'proto3'; message M { string a = 1; }"),
        ("new.proto", "syntax = 'proto3'; message M { string b = 1; }"),
    ]);
    for (against, code) in
        [("wire", 0), ("json", 99), ("source", 99), ("wire,json", 99), ("wire --against json", 99)]
    {
        let run = rpcctl("diff old.proto new.proto --against").args(against).within(folder.path()).run();
        assert_eq!(run.code, Some(code), "{against}: {run}");
        assert!(run.text().contains("M.a: name a → b"), "all is shown: {run}");
    }
}

#[test]
fn json_is_for_programs() {
    let folder = versions();
    assert_snapshot!(rpcctl("diff old/api/types.proto new/api/types.proto -o json").within(folder.path()).run(), @r#"
    {
      "old": "old/api/types.proto",
      "new": "new/api/types.proto",
      "breaking": false,
      "compared": {
        "services": 0,
        "methods": 0,
        "messages": 0,
        "enums": 1,
        "extensions": 0
      },
      "changes": [
        {
          "rule": "enum-value-added",
          "change": "added",
          "kind": "enum value",
          "name": "api.v1.Kind.POEM",
          "file": "new/api/types.proto",
          "text": "value 2 added",
          "breaks": []
        }
      ]
    }
    [exit 0]
    "#);
    let all = rpcctl("diff old new -o json").within(folder.path()).run();
    let document: serde_json::Value = serde_json::from_slice(&all.stdout).unwrap();
    assert_eq!((all.code, &document["breaking"]), (Some(99), &true.into()));
    let of = |rule: &str| {
        document["changes"].as_array().unwrap().iter().find(|change| change["rule"] == rule).unwrap().clone()
    };
    assert_snapshot!(of("field-type"), @r#"{"breaks":["json","source"],"change":"changed","file":"api/books.proto","kind":"field","name":"api.v1.Key.id","new":"int64","old":"int32","rule":"field-type","text":"type int32 → int64"}"#);
    let nothing = rpcctl("diff old old -o json").within(folder.path()).run();
    assert_eq!(nothing.code, Some(0));
}

#[test]
fn servers_are_compared_with_files_and_with_each_other() {
    let demo = Demo::plain();
    let folder = tempfile::tempdir().unwrap();
    let set = folder.path().join("set.binpb");
    assert_eq!(demo.rpcctl("export", "-o").arg(&set).run().code, Some(0));
    let run = rpcctl("diff").arg(&demo.address).arg("demo:").run();
    assert_snapshot!(run, @"
    no changes; compared: 6 services (17 methods), 45 messages, 5 enums and 3 extensions
    [exit 0]
    ");
    assert_eq!(rpcctl("diff").arg(&set).arg(&demo.address).run().to_string(), run.to_string());
    let all = demo.rpcctl("diff", "proto/hello").run().text();
    assert!(all.contains("- helloworld.Greeter: service removed"), "{all}");
    let part = demo.rpcctl("diff", "proto/hello hello").run();
    assert_eq!(
        part.to_string(),
        "no changes; compared: 1 service (1 method) and 2 messages\n[exit 0]",
        "only the folder in which its name begins is another"
    );
    let moved = demo.rpcctl("diff", "proto/hello hello -I proto/hello").run();
    assert_snapshot!(moved, @"
    ~ hello/hello.proto: 3 definitions moved: hello/hello.proto → hello.proto  (breaks source)
    1 change, 1 breaking (0 wire, 0 JSON, 1 source); compared: 1 service (1 method) and 2 messages
    [exit 99]
    ");
    let run = rpcctl("diff proto/hello").arg(&demo.address).arg("-v").run();
    assert!(run.talk().contains("* connected to"), "{run}");
}

#[test]
fn editions_are_compared_with_each_other() {
    let set = "tests/data/editions/set.binpb";
    assert_snapshot!(rpcctl(&format!("diff {set} {set}")).run(), @"
    no changes; compared: 2 services (2 methods), 8 messages, 4 enums and 4 extensions
    [exit 0]
    ");
}

#[test]
fn options_are_compared() {
    let folder = folder(&[
        ("old/m.proto", "syntax = 'proto2'; message M { optional string a = 1; optional bool b = 2; }"),
        (
            "new/m.proto",
            "syntax = 'proto2'; option cc_enable_arenas = false;
            message M { optional string a = 1 [ctype = CORD, debug_redact = true]; optional bool b = 2 [lazy = true]; }",
        ),
    ]);
    let diff = |words: &str| rpcctl("diff").args(words).within(folder.path()).run();
    assert_snapshot!(diff("old new"), @"
    ~ m.proto: cc_enable_arenas true → false  (breaks source)
    ~ M.a: ctype STRING → CORD  (breaks source)
    ~ M.a: debug_redact false → true
    ~ M.b: lazy false → true
    4 changes, 2 breaking (0 wire, 0 JSON, 2 source); compared: 1 message
    [exit 99]
    ");
    assert_eq!(diff("old new --against wire,json").code, Some(0));
}

#[test]
fn names_are_found_by_their_ends_and_refused_before_anything_is_told() {
    let folder = versions();
    let diff = |words: &str| rpcctl("diff old new").args(words).within(folder.path()).run();
    assert_snapshot!(diff("Key"), @"
    ~ api.v1.Key.id: type int32 → int64  (breaks JSON, source)
    ~ api.v1.Key.shelf: name shelf → rack  (breaks JSON, source)
    2 changes, 2 breaking (0 wire, 2 JSON, 2 source); compared: 1 message
    [exit 99]
    ");
    assert_eq!(diff("Kind").text(), diff(".api.v1.Kind").text());
    assert_snapshot!(diff("Book Boks"), @"
    ------- stderr -------
    error: neither side has anything called Boks
    hint: did you mean api.v1.Books?
    [exit 1]
    ");
    assert_snapshot!(diff("api.v1 Books/Put"), @"
    ------- stderr -------
    error: api.v1.Books/Put is a method, and what is compared are packages and whole definitions
    hint: rpcctl diff old new api.v1.Books
    [exit 2]
    ");
    assert_snapshot!(diff("Key.id"), @"
    ------- stderr -------
    error: api.v1.Key.id is a field, and what is compared are packages and whole definitions
    hint: rpcctl diff old new api.v1.Key
    [exit 2]
    ");
    assert_snapshot!(diff("api.v2"), @"
    ------- stderr -------
    error: neither side has anything called api.v2
    hint: did you mean api.v1?
    [exit 1]
    ");
    assert_snapshot!(diff("google.protobuf.Any"), @"
    ------- stderr -------
    error: neither side has anything called google.protobuf.Any
    hint: did you mean api.v1.ANY?
    [exit 1]
    ");
    let twice = [
        ("a.proto", "syntax = 'proto3'; package a; message M {}"),
        ("b.proto", "syntax = 'proto3'; package b; message M {}"),
    ];
    let twice = self::folder(&twice);
    assert_snapshot!(rpcctl("diff . . M").within(twice.path()).run(), @r#"
    ------- stderr -------
    error: "M" is the end of more than one name
    hint: it may be
            a.M
            b.M
    [exit 2]
    "#);
}

#[test]
fn a_descriptor_set_may_come_through_a_pipe() {
    let folder = versions();
    let set = folder.path().join("old.binpb");
    assert_eq!(rpcctl("export --proto old -o").arg(&set).within(folder.path()).run().code, Some(0));
    let bytes = fs::read(&set).unwrap();
    let piped =
        |words: &str, bytes: &[u8]| rpcctl("diff").args(words).within(folder.path()).stdin(bytes).run();
    let changes = rpcctl("diff old.binpb new").within(folder.path()).run();
    assert_eq!(changes.code, Some(99), "{changes}");
    assert_eq!(piped("- new", &bytes).to_string(), changes.to_string());
    assert!(piped("old.binpb -", &bytes).text().starts_with("no changes; compared: 1 service"));
    #[cfg(unix)]
    assert_eq!(piped("/dev/stdin new", &bytes).to_string(), changes.to_string());
    assert_snapshot!(piped("- new", b""), @"
    ------- stderr -------
    error: there is nothing in stdin
    hint: was it written to the end? In a pipe: did the command before it work?
    [exit 1]
    ");
    assert_snapshot!(piped("- -", &bytes), @"
    ------- stderr -------
    error: there is but one stdin, and both sides are -
    hint: give one of them as a file, or as <(COMMAND)
    [exit 2]
    ");
    assert_snapshot!(piped("- new", b"// Source.\nsyntax = 'proto3';"), @"
    ------- stderr -------
    error: stdin is a .proto file, and no descriptor set
    hint: what is in a .proto file is known by the end of its name: call it so
    [exit 1]
    ");
}

#[test]
fn what_can_not_be_compared_is_told() {
    let folder = versions();
    let diff = |words: &str| rpcctl("diff").args(words).within(folder.path()).run();
    assert_snapshot!(diff("old"), @"
    ------- stderr -------
    error: the following required arguments were not provided:
      <NEW>

    Usage: rpcctl diff [OPTIONS] <OLD> <NEW> [SYMBOL]...

    For more information, try '--help'.
    [exit 2]
    ");
    assert_snapshot!(diff("old nope"), @r#"
    ------- stderr -------
    error: "nope" is no server, and there is no such file
    hint: write a server as HOST:PORT, or a file by its path
    [exit 1]
    "#);
    assert_snapshot!(diff("old demo:/hello.HelloService"), @"
    ------- stderr -------
    error: demo:/hello.HelloService names hello.HelloService, and all of a server is compared
    hint: name the server alone
    [exit 2]
    ");
    assert_snapshot!(diff("old new --proto old/api/types.proto"), @"
    ------- stderr -------
    error: --proto has no place here: what is compared stands behind diff
    hint: rpcctl diff OLD NEW, each a server, a descriptor set, a .proto file or a folder
    [exit 2]
    ");
    assert_snapshot!(diff("old netrpc://localhost:1"), @"
    ------- stderr -------
    error: netrpc://localhost:1 speaks net/rpc, whose types are Go's: there is no schema to compare
    [exit 2]
    ");
    assert_snapshot!(diff("old/api/books.proto new/api"), @"
    ------- stderr -------
    error: books.proto:1:36: import 'api/types.proto' not found
    hint: to find api/types.proto, add -I new
    [exit 1]
    ");
    assert_snapshot!(diff("new old/api/none"), @r#"
    ------- stderr -------
    error: "old/api/none" is no server, and there is no such file
    hint: write a server as HOST:PORT, or a file by its path
    [exit 1]
    "#);
    fs::create_dir(folder.path().join("empty")).unwrap();
    assert_snapshot!(diff("old empty"), @"
    ------- stderr -------
    error: there is no .proto file below empty
    [exit 1]
    ");
}

#[test]
fn half_a_schema_is_not_compared() {
    let peer = reflecting(|_| None);
    assert_snapshot!(rpcctl("diff proto/hello").arg(&peer.address).run(), @"
    ------- stderr -------
    warning: s.Service is left out: the server lists it and does not describe it
    error: 127.0.0.1:PORT lists s.Service and does not describe it, and half a schema is not compared
    [exit 1]
    ");
}

const OTHER_HELLO: &str = "syntax = 'proto3'; package hello;
    service HelloService { rpc SayHello(HelloRequest) returns (HelloReply); }
    message HelloRequest { bytes name = 1; int32 age = 2; } message HelloReply { string message = 1; }
    message Unused {}";

#[test]
fn a_call_can_be_told_that_its_files_are_not_the_servers() {
    let folder = folder(&[("hello.proto", OTHER_HELLO)]);
    let demo = Demo::plain();
    let call = |words: &str| {
        let run = demo.rpcctl("call", "HelloService/SayHello name=QWxpY2U= --check-schema").args(words);
        run.within(folder.path()).run()
    };
    assert_snapshot!(call("--proto hello.proto"), @r#"
    {
      "message": "Hello, Alice"
    }
    ------- stderr -------
    warning: the server says otherwise of hello.HelloService/SayHello than the files:
      ~ hello.HelloRequest.name: type bytes → string  (breaks wire, JSON, source)
      - hello.HelloRequest.age: field 2 removed; its number and name are not reserved  (breaks wire, JSON, source)
    [exit 0]
    "#);
    let first = call("--proto hello.proto --reflection auto");
    assert!(first.talk().starts_with("warning: the server says otherwise of"), "{first}");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("proto").display().to_string();
    let same = call(&format!("--proto hello/hello.proto -I {root}"));
    assert_eq!((same.code, same.talk().as_str()), (Some(0), ""), "{same}");
    assert_snapshot!(call(""), @"
    ------- stderr -------
    error: --check-schema compares files with the server, and no files are given
    hint: give them: --proto FILE or --descriptor-set FILE
    [exit 2]
    ");
    assert_snapshot!(call("--proto hello.proto --reflection off"), @"
    ------- stderr -------
    error: --check-schema asks the server's reflection, and --reflection off forbids it
    hint: leave out --reflection: with files, the server is asked for the check alone
    [exit 2]
    ");
    let verbose = call("--proto hello.proto -v").talk();
    assert!(verbose.contains("* connected to") && verbose.contains("SayHello"), "{verbose}");
}

#[test]
fn a_check_that_can_not_be_done_ends_no_call() {
    let folder = folder(&[(
        "s.proto",
        "syntax = 'proto3'; package s; message M {} service Service { rpc Do(M) returns (M); }",
    )]);
    let peer = reflecting(|_| None);
    let call =
        rpcctl("call").arg(&peer.address).args("Do --check-schema --proto s.proto").within(folder.path());
    assert_snapshot!(call.run(), @r#"
    ------- stderr -------
    warning: --check-schema could not be done: there is no method "s.Service/Do"
    error: CANCELLED (1, read off a broken answer): the server reset the stream: stream no longer needed
    [exit 65]
    "#);
}

#[test]
fn names_reach_no_terminal_as_they_are() {
    use prost::Message as _;
    let peer = reflecting(|_| {
        let mut evil = file();
        evil.message_type[0].field.push(prost_types::FieldDescriptorProto {
            name: Some("\u{1b}[31m".to_owned()),
            number: Some(1),
            r#type: Some(5),
            label: Some(1),
            ..Default::default()
        });
        Some(vec![evil.encode_to_vec()])
    });
    let plain = reflecting(|_| Some(vec![file().encode_to_vec()]));
    let run = rpcctl("diff").arg(&plain.address).arg(&peer.address).run();
    assert_snapshot!(run, @r"
    + s.M.\u001b[31m: field 1 added
    1 change, none breaking; compared: 1 service (1 method) and 1 message
    [exit 0]
    ");
}

#[test]
fn examples_of_its_help_work() {
    let files = folder(&[("api.proto", "syntax = 'proto3'; package api; message M {}")]);
    let link = |name: &str| Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    #[cfg(unix)]
    std::os::unix::fs::symlink(link("proto"), files.path().join("proto")).unwrap();
    assert_eq!(rpcctl("export demo: -o old.binpb").within(files.path()).run().code, Some(0));
    let help = rpcctl("diff --help").run().text();
    let mut tried = 0;
    for line in help.lines().filter_map(|line| line.strip_prefix("  rpcctl ")) {
        let words = line.split("  ").next().unwrap().replace("localhost:50051", "demo:");
        let words = words.replace("api.example.com:443", "demo:");
        let run = rpcctl(&words).within(files.path()).run();
        assert!(matches!(run.code, Some(0 | 99)) && run.talk().is_empty(), "{words}: {run}");
        tried += 1;
    }
    assert!(tried > 3, "its help has examples");
}
