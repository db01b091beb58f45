//! The same case over every place a schema can come from.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use super::{Output, Rpcctl, rpcctl};

/// What the demo server offers.
const FILES: [&str; 3] = ["demo/v1/demo.proto", "hello/hello.proto", "helloworld/helloworld.proto"];

/// A place that a schema comes from: the server's reflection, .proto files, or a descriptor set.
pub(crate) struct Source {
    name: &'static str,
    flags: Vec<OsString>,
}

impl Source {
    /// The run, with the schema from here.
    pub(crate) fn of(&self, run: Rpcctl) -> Rpcctl {
        self.flags.iter().fold(run, Rpcctl::arg)
    }
}

/// Every source of the demo server's schema.
fn sources() -> [Source; 3] {
    let mut files: Vec<OsString> = vec!["-I".into(), proto().into()];
    for file in FILES {
        files.extend(["--proto".into(), file.into()]);
    }
    [
        Source { name: "reflection", flags: vec![] },
        Source { name: "--proto", flags: files },
        Source { name: "--descriptor-set", flags: vec!["--descriptor-set".into(), descriptor_set().into()] },
    ]
}

/// Runs `call TARGET WORDS` with the schema from each source, and gives what came out, which has to be the same for
/// all of them.
pub(crate) fn over_every_source(target: &str, words: &str, case: impl Fn(Rpcctl) -> Rpcctl) -> Output {
    from_every_source(|source| case(source.of(rpcctl("call").arg(target).args(words))).run())
}

/// The same for a run that is dealt with while it is under way.
pub(crate) fn from_every_source(case: impl Fn(&Source) -> Output) -> Output {
    let mut first: Option<Output> = None;
    for source in sources() {
        let output = case(&source);
        let first = first.get_or_insert_with(|| output.clone());
        assert_eq!(output.to_string(), first.to_string(), "{} differs from reflection", source.name);
        assert_eq!(output.stdout, first.stdout, "{} differs from reflection", source.name);
    }
    first.unwrap()
}

fn proto() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("proto")
}

/// All that the demo server offers, as `protoc --include_imports --descriptor_set_out` writes it.
fn descriptor_set() -> &'static Path {
    static FILE: OnceLock<PathBuf> = OnceLock::new();
    FILE.get_or_init(|| {
        let mut compiler = protox::Compiler::new([proto()]).unwrap();
        compiler.include_imports(true).open_files(FILES).unwrap();
        let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("demo.binpb");
        std::fs::write(&file, compiler.encode_file_descriptor_set()).unwrap();
        file
    })
}
