//! `--proto` and `-I`: which files are found, and what is said of those that are not.

use std::fs;
use std::path::Path;

use insta::assert_snapshot;

use crate::common::{Output, rpcctl};

/// A directory with .proto files, each by its path and its lines.
fn tree(files: &[(&str, &str)]) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    for (path, lines) in files {
        let path = directory.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, format!("syntax = \"proto3\";\n{lines}\n")).unwrap();
    }
    directory
}

fn list(directory: &Path, flags: &str) -> Output {
    rpcctl("list").args(flags).within(directory).run()
}

const API: &str = "package api.v1; import \"api/v1/types.proto\"; service S { rpc M(T) returns (T); }";
const TYPES: &str = "package api.v1; message T {}";

#[test]
fn imports_are_found_above_the_file_that_has_them() {
    let tree = tree(&[
        ("proto/api/v1/api.proto", API),
        ("proto/api/v1/types.proto", TYPES),
        (
            "proto/more.proto",
            "import \"api/v1/api.proto\"; import \"api/v1/types.proto\"; service More { rpc M(api.v1.T) returns (api.v1.T); }",
        ),
    ]);
    let below = |path: &str| tree.path().join(path);
    let found = list(tree.path(), "--proto proto/api/v1/api.proto");
    assert_snapshot!(found, @"
    api.v1.S
    [exit 0]
    ");
    assert_eq!(list(&below("proto/api"), "--proto v1/api.proto").to_string(), found.to_string());
    assert_eq!(list(&below("proto/api/v1"), "--proto api.proto").to_string(), found.to_string());
    assert_eq!(list(&below("proto/api/v1"), "--proto ../v1/api.proto").to_string(), found.to_string());
    let absolute = below("proto/api/v1/api.proto").display().to_string();
    assert_eq!(list(Path::new("/"), &format!("--proto {absolute}")).to_string(), found.to_string());
    assert_snapshot!(list(tree.path(), "--proto proto/api/v1/api.proto --proto proto/more.proto"), @"
    More
    api.v1.S
    [exit 0]
    ");
}

#[test]
fn import_paths_that_are_given_are_all_there_is() {
    let tree = tree(&[
        ("proto/api/v1/api.proto", API),
        ("proto/api/v1/types.proto", TYPES),
        ("other/alone.proto", "service Alone {}"),
    ]);
    assert_snapshot!(list(tree.path(), "--proto proto/api/v1/api.proto -I other"), @"
    ------- stderr -------
    error: api.proto:2:17: import 'api/v1/types.proto' not found
    hint: to find api/v1/types.proto, add -I proto
    [exit 1]
    ");
    assert_snapshot!(list(tree.path(), "--proto other/alone.proto -I proto"), @"
    Alone
    [exit 0]
    ");
}

#[test]
fn an_import_that_is_nowhere_or_in_two_places() {
    let tree = tree(&[
        ("a/b/nowhere.proto", "import \"lost.proto\";"),
        ("a/b/twice.proto", "import \"c/twice.proto\";"),
        ("c/twice.proto", ""),
        ("a/c/twice.proto", ""),
        ("a/b/main/main.proto", ""),
    ]);
    assert_snapshot!(list(tree.path(), "--proto a/b/nowhere.proto"), @"
    ------- stderr -------
    error: a/b/nowhere.proto:2:1: import 'lost.proto' not found
    hint: say below which directory lost.proto lies, with -I DIR
    [exit 1]
    ");
    let twice = list(&tree.path().join("a/b/main"), "--proto ../twice.proto");
    assert!(twice.talk().contains("hint: c/twice.proto is in more than one place: choose -I "), "{twice}");
}

#[test]
fn paths_that_are_something_else() {
    let tree = tree(&[("proto/b.proto", ""), ("proto/a.proto", ""), ("empty/no/x.proto", "")]);
    assert_snapshot!(list(tree.path(), "--proto proto/a.proto -I nope"), @"
    ------- stderr -------
    error: the import path nope does not exist
    [exit 1]
    ");
    assert_snapshot!(list(tree.path(), "--proto a.proto -I proto/a.proto"), @"
    ------- stderr -------
    error: the import path proto/a.proto is a file, not a directory
    [exit 1]
    ");
    std::fs::create_dir(tree.path().join("nothing")).unwrap();
    assert_snapshot!(list(tree.path(), "--proto nothing"), @"
    ------- stderr -------
    error: there is no .proto file below nothing
    [exit 1]
    ");
    assert_snapshot!(list(tree.path(), "--proto nope.proto -I proto"), @"
    ------- stderr -------
    error: there is no file nope.proto, here or below an import path
    [exit 1]
    ");
}

#[test]
fn a_folder_is_every_file_below_it() {
    let tree = tree(&[
        ("api/v1/a.proto", "package v1; import 'v1/types.proto'; service A { rpc Do(T) returns (T); }"),
        ("api/v1/types.proto", "package v1; message T {}"),
        ("api/b.proto", "service B {}"),
        ("api/.hidden/c.proto", "service C {}"),
        ("other/d.proto", "import 'b.proto'; service D {}"),
    ]);
    assert_snapshot!(list(tree.path(), "--proto api"), @"
    B
    v1.A
    [exit 0]
    ");
    assert_snapshot!(list(tree.path(), "--proto api --proto other"), @"
    B
    D
    v1.A
    [exit 0]
    ");
    // Below an import path, files have the names that they have there.
    assert_snapshot!(list(tree.path(), "--proto api/v1 -I api"), @"
    v1.A
    [exit 0]
    ");
    assert_snapshot!(list(tree.path(), "--proto v1 -I api"), @"
    v1.A
    [exit 0]
    ");
    assert_snapshot!(list(tree.path(), "--proto api/v1"), @"
    ------- stderr -------
    error: a.proto:2:13: import 'v1/types.proto' not found
    hint: to find v1/types.proto, add -I api
    [exit 1]
    ");
}

#[test]
fn what_stands_behind_the_wrong_flag_is_told() {
    let tree = tree(&[("a/b.proto", "service B {}")]);
    let set = tree.path().join("a/set.binpb");
    assert_eq!(rpcctl("export --proto a/b.proto -o a/set.binpb").within(tree.path()).run().code, Some(0));
    assert_snapshot!(list(tree.path(), "--proto a/set.binpb"), @"
    ------- stderr -------
    error: a/set.binpb is a descriptor set, and no .proto file
    hint: give it as what it is: --descriptor-set a/set.binpb
    [exit 1]
    ");
    assert_snapshot!(list(tree.path(), "--descriptor-set a/b.proto"), @"
    ------- stderr -------
    error: a/b.proto is a .proto file, and no descriptor set
    hint: give it as what it is: --proto a/b.proto
    [exit 1]
    ");
    std::fs::rename(set, tree.path().join("a/set.proto")).unwrap();
    assert_snapshot!(list(tree.path(), "--proto set.proto -I a"), @"
    ------- stderr -------
    error: a/set.proto is a descriptor set, and no .proto file
    hint: give it as what it is: --descriptor-set a/set.proto
    [exit 1]
    ");
    let piped = |bytes: Vec<u8>| rpcctl("list --descriptor-set -").within(tree.path()).stdin(bytes).run();
    assert_snapshot!(piped(std::fs::read(tree.path().join("a/set.proto")).unwrap()), @"
    B
    [exit 0]
    ");
    assert_snapshot!(piped(b"neither".to_vec()), @"
    ------- stderr -------
    error: stdin is not a descriptor set
      caused by: failed to decode Protobuf message: invalid wire type value: 6
    [exit 1]
    ");
}

#[test]
fn a_file_that_is_named_is_that_file_whatever_else_has_its_name() {
    let tree = tree(&[
        ("p.proto", "service Outer {}"),
        ("d/p.proto", "service Inner {}"),
        ("d/user.proto", "import \"p.proto\";"),
    ]);
    let (outer, inner) = (tree.path(), tree.path().join("d"));
    let path = outer.join("p.proto").display().to_string();
    for (within, words) in [
        (outer, format!("--proto {path}")),
        (outer, format!("--proto {path} -I .")),
        (outer, format!("--proto {path} -I d")),
        (outer, format!("--proto {path} --proto p.proto")),
        (&inner, "--proto ../p.proto".to_owned()),
        (&inner, "--proto ../p.proto -I .".to_owned()),
        (&inner, format!("--proto {path}")),
        (&inner, format!("--proto user.proto --proto {path} -I .")),
    ] {
        assert_eq!(list(within, &words).to_string(), "Outer\n[exit 0]", "{words}");
    }
    assert_eq!(list(outer, "--proto p.proto -I d").to_string(), "Outer\n[exit 0]");
    assert_eq!(list(outer, "--proto user.proto -I d --proto d/p.proto").to_string(), "Inner\n[exit 0]");
}

#[test]
fn a_file_in_an_edition_is_named_as_one() {
    let tree = tree(&[("new.proto", ""), ("user.proto", "import \"new.proto\";")]);
    std::fs::write(tree.path().join("new.proto"), "// New.\nedition = \"2023\"; message M {}").unwrap();
    let told = list(tree.path(), "--proto new.proto");
    assert_snapshot!(told, @"
    ------- stderr -------
    error: new.proto is written in edition 2023, which can only be read compiled
    hint: compile with protoc --include_imports -o set.binpb new.proto and give --descriptor-set set.binpb
    [exit 1]
    ");
    // A set of one of them would lack the other.
    assert_snapshot!(list(tree.path(), "--proto user.proto"), @"
    ------- stderr -------
    error: new.proto is written in edition 2023, which can only be read compiled
    hint: compile with protoc --include_imports -o set.binpb user.proto and give --descriptor-set set.binpb
    [exit 1]
    ");
    assert_snapshot!(list(tree.path(), "--proto user.proto -I ."), @"
    ------- stderr -------
    error: new.proto is written in edition 2023, which can only be read compiled
    hint: compile with protoc -I . --include_imports -o set.binpb user.proto and give --descriptor-set set.binpb
    [exit 1]
    ");
}

#[test]
fn a_file_in_an_edition_is_named_with_its_path() {
    let tree = tree(&[("dir/user.proto", "import \"e.proto\";"), ("dir/e.proto", ""), ("here/x", "")]);
    std::fs::write(tree.path().join("dir/e.proto"), "edition = '2024'; message M {}").unwrap();
    let hint = |from: &str, flags: &str| {
        let told = list(&tree.path().join(from), flags);
        told.talk().lines().find(|line| line.starts_with("hint")).unwrap_or_default().to_owned()
    };
    let told = ["--proto dir/e.proto", "--proto dir/user.proto", "--proto e.proto -I dir", "--proto dir"];
    assert_snapshot!(told.map(|flags| hint("", flags)).join("\n"), @"
    hint: compile with protoc -I . -I dir --include_imports -o set.binpb dir/e.proto and give --descriptor-set set.binpb
    hint: compile with protoc -I . -I dir --include_imports -o set.binpb dir/user.proto and give --descriptor-set set.binpb
    hint: compile with protoc -I dir --include_imports -o set.binpb dir/e.proto and give --descriptor-set set.binpb
    hint: compile with protoc -I dir -I . --include_imports -o set.binpb $(find dir -name '*.proto') and give --descriptor-set set.binpb
    ");
    assert_snapshot!(hint("here", "--proto ../dir/e.proto"), @"hint: compile with protoc -I . -I ../dir --include_imports -o set.binpb ../dir/e.proto and give --descriptor-set set.binpb");
}

/// Files that are none: what has no end is told, and waiting for one ends with a signal.
#[cfg(target_os = "linux")]
mod endless {
    use std::fs::{self, File};
    use std::process::Command;
    use std::sync::mpsc::channel;
    use std::thread;
    use std::time::Duration;

    use insta::assert_snapshot;

    use crate::common::rpcctl;

    #[test]
    fn what_has_no_end_is_no_schema() {
        assert_snapshot!(rpcctl("list --proto /dev/zero").run(), @"
        ------- stderr -------
        error: cannot read /dev/zero: it is larger than 64 MiB
        [exit 1]
        ");
        let folder = tempfile::tempdir().unwrap();
        let big = File::create(folder.path().join("big.proto")).unwrap();
        big.set_len((64 << 20) + 1).unwrap();
        assert_snapshot!(rpcctl("list --proto big.proto").within(folder.path()).run(), @"
        ------- stderr -------
        error: cannot read big.proto: it is larger than 64 MiB
        [exit 1]
        ");
        let importing = "syntax = \"proto3\"; import \"big.proto\";";
        fs::write(folder.path().join("a.proto"), importing).unwrap();
        assert_snapshot!(rpcctl("list --proto a.proto").within(folder.path()).run(), @"
        ------- stderr -------
        error: cannot read big.proto: it is larger than 64 MiB
        [exit 1]
        ");
        assert_snapshot!(rpcctl("list https://localhost:1 --cacert /dev/zero").run(), @"
        ------- stderr -------
        error: cannot use CA certificate /dev/zero: it is larger than 16 MiB
        [exit 1]
        ");
    }

    #[test]
    fn a_pipe_is_a_file_too() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let list = rpcctl("list --proto pipe").within(folder.path()).start();
        thread::spawn(move || fs::write(&pipe, "syntax = \"proto3\"; package p; service S {}"));
        assert_eq!(list.wait().text(), "p.S\n");
    }

    #[test]
    fn a_signal_ends_the_wait_for_a_pipe() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        for words in [
            "call demo: Demo/Echo --proto pipe",
            "call demo: Demo/Echo --descriptor-set pipe",
            "call https://localhost:1 Demo/Echo --cacert pipe",
            "call demo: Demo/Echo -H @pipe",
            "list demo: --proto pipe",
        ] {
            let waiting = rpcctl(words).within(folder.path()).start();
            // Opening it for writing waits for who reads it.
            let (sender, receiver) = channel();
            let opened = pipe.clone();
            thread::spawn(move || sender.send(File::options().write(true).open(opened)));
            let writer = receiver.recv_timeout(Duration::from_secs(30)).expect(words).unwrap();
            waiting.signal("INT");
            // A shell shows the end by a signal as 130.
            assert_eq!(waiting.wait().code, None, "{words}");
            drop(writer);
        }
    }
}
