//! The same case over every place a schema can come from.

use std::path::PathBuf;
use std::sync::OnceLock;

use super::{Demo, Output, Rpcctl};

/// Runs the case with the server's reflection, with .proto files and with a descriptor set, and gives what came out,
/// which has to be the same for all three.
pub(crate) fn over_every_source(server: &Demo, words: &str, case: impl Fn(Rpcctl) -> Rpcctl) -> Output {
    let set = descriptor_set().display().to_string();
    let run = |flags: &str| case(server.rpcctl("call", words).args(flags)).run();
    let reflected = run("");
    let files = run(
        "-I proto --proto demo/v1/demo.proto --proto hello/hello.proto --proto helloworld/helloworld.proto",
    );
    let set = run(&format!("--descriptor-set {set}"));
    let same = |other: &Output, what: &str| {
        assert_eq!(other.to_string(), reflected.to_string(), "{what} differs from reflection: {words}");
    };
    same(&files, "--proto");
    same(&set, "--descriptor-set");
    reflected
}

/// All that the demo server offers, as `protoc --include_imports --descriptor_set_out` writes it.
fn descriptor_set() -> PathBuf {
    static FILE: OnceLock<PathBuf> = OnceLock::new();
    let file = FILE.get_or_init(|| {
        let files = ["demo/v1/demo.proto", "hello/hello.proto", "helloworld/helloworld.proto"];
        let mut compiler = protox::Compiler::new(["proto"]).unwrap();
        compiler.include_imports(true).open_files(files).unwrap();
        let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("demo.binpb");
        std::fs::write(&file, compiler.encode_file_descriptor_set()).unwrap();
        file
    });
    file.clone()
}
