//! What reflection can be asked about, looked up once: files, symbols, extensions and services.
//!
//! Files are kept as the bytes they came in. Decoding and encoding them again would lose custom options, which
//! are extensions that prost's structs have no room for.

use std::collections::{BTreeMap, HashMap, HashSet};

use bytes::Bytes;
use prost::{DecodeError, Message as _};
use prost_types::{DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, FileDescriptorProto};

use crate::schema::RawSet;

struct File {
    bytes: Bytes,
    imports: Vec<String>,
}

/// Everything reflection knows, by every name it can be asked by.
#[derive(Default)]
pub(super) struct Index {
    files: HashMap<String, File>,
    /// Full name of a symbol → name of the file that declares it.
    symbols: HashMap<String, String>,
    /// Full name of an extended message → number → name of the file that declares the extension.
    extensions: HashMap<String, BTreeMap<i32, String>>,
    services: Vec<String>,
}

impl Index {
    /// Reads encoded descriptor sets. Where two of them hold a file of the same name, the first one counts.
    pub(super) fn new(sets: &[&'static [u8]]) -> Result<Self, DecodeError> {
        let mut index = Self::default();
        for set in sets {
            for bytes in RawSet::decode(Bytes::from_static(set))?.files {
                index.add(bytes)?;
            }
        }
        index.services.sort();
        Ok(index)
    }

    /// Full names of all services, sorted.
    pub(super) fn services(&self) -> &[String] {
        &self.services
    }

    /// The file that declares a service, method, message, field, oneof, enum, enum value or extension.
    pub(super) fn file_of_symbol(&self, symbol: &str) -> Option<&str> {
        let symbol = symbol.strip_prefix('.').unwrap_or(symbol);
        self.symbols.get(symbol).map(String::as_str)
    }

    /// The file that declares the extension of `message` with this number.
    pub(super) fn file_of_extension(&self, message: &str, number: i32) -> Option<&str> {
        self.extensions.get(message)?.get(&number).map(String::as_str)
    }

    /// The numbers of all extensions of `message`, sorted; none if there is no such message.
    pub(super) fn extension_numbers(&self, message: &str) -> Option<Vec<i32>> {
        match self.extensions.get(message) {
            Some(extensions) => Some(extensions.keys().copied().collect()),
            None => self.symbols.contains_key(message).then(Vec::new),
        }
    }

    /// A file and all it imports, directly or not, itself first. Imports that are in `sent` are left out, since the
    /// other side has them; the file itself never is, since an answer without it would be none.
    pub(super) fn closure(&self, file: &str, sent: &mut HashSet<String>) -> Option<Vec<Bytes>> {
        let first = self.files.get(file)?;
        let mut found = vec![first.bytes.clone()];
        sent.insert(file.to_owned());
        let mut waiting: Vec<&String> = first.imports.iter().rev().collect();
        while let Some(name) = waiting.pop() {
            if let Some(file) = self.files.get(name)
                && sent.insert(name.clone())
            {
                found.push(file.bytes.clone());
                waiting.extend(file.imports.iter().rev());
            }
        }
        Some(found)
    }

    fn add(&mut self, bytes: Bytes) -> Result<(), DecodeError> {
        let file = FileDescriptorProto::decode(bytes.clone())?;
        let name = file.name().to_owned();
        if self.files.contains_key(&name) {
            return Ok(());
        }
        let mut symbols = Symbols { index: self, file: &name };
        let scope = file.package();
        for message in &file.message_type {
            symbols.message(scope, message);
        }
        for enumeration in &file.enum_type {
            symbols.enumeration(scope, enumeration);
        }
        for extension in &file.extension {
            symbols.extension(scope, extension);
        }
        for service in &file.service {
            let service_name = symbols.declare(scope, service.name());
            for method in &service.method {
                symbols.declare(&service_name, method.name());
            }
            symbols.index.services.push(service_name);
        }
        self.files.insert(name, File { bytes, imports: file.dependency });
        Ok(())
    }
}

/// Enters what one file declares.
struct Symbols<'a> {
    index: &'a mut Index,
    file: &'a str,
}

impl Symbols<'_> {
    fn declare(&mut self, scope: &str, name: &str) -> String {
        let full = if scope.is_empty() { name.to_owned() } else { format!("{scope}.{name}") };
        self.index.symbols.entry(full.clone()).or_insert_with(|| self.file.to_owned());
        full
    }

    fn message(&mut self, scope: &str, message: &DescriptorProto) {
        let full = self.declare(scope, message.name());
        for field in &message.field {
            self.declare(&full, field.name());
        }
        for oneof in &message.oneof_decl {
            self.declare(&full, oneof.name());
        }
        for extension in &message.extension {
            self.extension(&full, extension);
        }
        for enumeration in &message.enum_type {
            self.enumeration(&full, enumeration);
        }
        for nested in &message.nested_type {
            self.message(&full, nested);
        }
    }

    /// A value belongs to the scope around its enum, as in C++. Many ask for it inside the enum all the same.
    fn enumeration(&mut self, scope: &str, enumeration: &EnumDescriptorProto) {
        let full = self.declare(scope, enumeration.name());
        for value in &enumeration.value {
            self.declare(scope, value.name());
            self.declare(&full, value.name());
        }
    }

    fn extension(&mut self, scope: &str, extension: &FieldDescriptorProto) {
        self.declare(scope, extension.name());
        let extended = extension.extendee().trim_start_matches('.').to_owned();
        let numbers = self.index.extensions.entry(extended).or_default();
        numbers.insert(extension.number(), self.file.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::proto::DESCRIPTORS;

    fn demo() -> Index {
        Index::new(&[DESCRIPTORS]).unwrap()
    }

    fn names(files: &[Bytes]) -> Vec<String> {
        files
            .iter()
            .map(|file| FileDescriptorProto::decode(file.clone()).unwrap().name().to_owned())
            .collect()
    }

    #[test]
    fn every_kind_of_symbol_is_found() {
        let index = demo();
        for (symbol, file) in [
            ("demo.v1.Demo", "demo/v1/demo.proto"),
            ("demo.v1.Demo.Echo", "demo/v1/demo.proto"),
            ("demo.v1.FailRequest", "demo/v1/demo.proto"),
            ("demo.v1.FailRequest.code", "demo/v1/demo.proto"),
            (".demo.v1.Everything", "demo/v1/everything.proto"),
            ("demo.v1.Everything.Nested.Deeper.Level", "demo/v1/everything.proto"),
            ("demo.v1.Everything.choice", "demo/v1/everything.proto"),
            ("demo.v1.Mood", "demo/v1/everything.proto"),
            ("demo.v1.MOOD_HAPPY", "demo/v1/everything.proto"),
            ("demo.v1.Mood.MOOD_HAPPY", "demo/v1/everything.proto"),
            ("demo.v1.example", "demo/v1/options.proto"),
            ("google.protobuf.Timestamp", "google/protobuf/timestamp.proto"),
            ("google.rpc.ErrorInfo", "google/rpc/error_details.proto"),
        ] {
            assert_eq!(index.file_of_symbol(symbol), Some(file), "{symbol}");
        }
        assert_eq!(index.file_of_symbol("demo.v1"), None);
        assert_eq!(index.file_of_symbol("nothing.Here"), None);
    }

    #[test]
    fn a_file_comes_with_all_its_imports_once() {
        let index = demo();
        let mut sent = HashSet::new();
        let files = names(&index.closure("demo/v1/demo.proto", &mut sent).unwrap());
        assert_eq!(files.first().map(String::as_str), Some("demo/v1/demo.proto"));
        for needed in
            ["demo/v1/everything.proto", "google/protobuf/descriptor.proto", "google/rpc/code.proto"]
        {
            assert_eq!(files.iter().filter(|name| *name == needed).count(), 1, "{needed}");
        }

        let again = names(&index.closure("demo/v1/everything.proto", &mut sent).unwrap());
        assert_eq!(again, ["demo/v1/everything.proto"], "its imports are there already");
        assert_eq!(index.closure("no/such.proto", &mut sent), None);
    }

    #[test]
    fn extensions_are_found_by_number() {
        let index = demo();
        assert_eq!(index.extension_numbers("google.protobuf.MethodOptions"), Some(vec![50051, 50052]));
        assert_eq!(index.extension_numbers("google.protobuf.EnumOptions"), Some(vec![]));
        assert_eq!(index.extension_numbers("nothing.Here"), None);
        assert_eq!(
            index.file_of_extension("google.protobuf.FieldOptions", 50051),
            Some("demo/v1/options.proto")
        );
        assert_eq!(index.file_of_extension("google.protobuf.FieldOptions", 1), None);
    }

    #[test]
    fn custom_options_survive() {
        let index = demo();
        let files = index.closure("demo/v1/demo.proto", &mut HashSet::new()).unwrap();
        let example = b"{\"from\": 3, \"interval\": \"0.5s\"}";
        assert!(files.iter().any(|file| file.windows(example.len()).any(|window| window == example)));
    }
}
