//! Pools compiled from sources written in the tests that use them.

use std::path::Path;

use prost_reflect::{DescriptorPool, MessageDescriptor};
use protox::file::{ChainFileResolver, File, FileResolver, GoogleFileResolver};

struct Sources(Vec<(String, String)>);

impl FileResolver for Sources {
    fn resolve_path(&self, path: &Path) -> Option<String> {
        path.to_str().map(str::to_owned)
    }

    fn open_file(&self, name: &str) -> Result<File, protox::Error> {
        let found = self.0.iter().find(|(file, _)| file == name);
        let (_, source) = found.ok_or_else(|| protox::Error::file_not_found(name))?;
        File::from_source(name, source)
    }
}

/// Compiles `(name, source)` pairs; the well-known files are there to be imported.
pub(crate) fn try_pool(files: &[(&str, &str)]) -> Result<DescriptorPool, protox::Error> {
    let mut resolver = ChainFileResolver::new();
    resolver.add(Sources(files.iter().map(|(n, s)| ((*n).to_owned(), (*s).to_owned())).collect()));
    resolver.add(GoogleFileResolver::new());
    let mut compiler = protox::Compiler::with_file_resolver(resolver);
    compiler.include_imports(true).include_source_info(true);
    for (name, _) in files {
        compiler.open_file(name)?;
    }
    Ok(compiler.descriptor_pool())
}

/// The same, for sources that are known to compile.
pub(crate) fn pool(files: &[(&str, &str)]) -> DescriptorPool {
    try_pool(files).unwrap_or_else(|error| panic!("{error}"))
}

/// One message type of a single file.
pub(crate) fn message(source: &str, name: &str) -> MessageDescriptor {
    pool(&[("test.proto", source)]).get_message_by_name(name).unwrap()
}
