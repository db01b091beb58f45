//! Where everything stands in large sources, which the compiler is not shown.
//!
//! It goes through all places of a file for each option that it resolves, to give the option's place its new path. That
//! is nothing in most files, and minutes in some. Those are compiled without their places, which come back afterwards
//! with the same paths, each worked out once.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use prost::encoding;
use prost_reflect::{Cardinality, DescriptorPool, FileDescriptor, Kind, MessageDescriptor};
use prost_types::uninterpreted_option::NamePart;
use prost_types::{
    DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, FileDescriptorProto, SourceCodeInfo,
    UninterpretedOption,
};
use protox::file::File;

use super::super::bare::{SOURCE_CODE_INFO, UNINTERPRETED};
use super::super::name::{joined, scopes};

/// How many places the compiler may look at for the options of one file.
const MAX_LOOKS: usize = 1 << 20;

/// The files that were opened without their places.
#[derive(Debug, Clone)]
pub(super) struct Places {
    taken: Arc<Mutex<HashMap<String, FileDescriptorProto>>>,
    /// Files that keep theirs.
    kept: Arc<HashSet<String>>,
    /// How many looks the compiler may take.
    max: usize,
}

impl Default for Places {
    fn default() -> Self {
        Self { taken: Arc::default(), kept: Arc::default(), max: MAX_LOOKS }
    }
}

impl Places {
    /// The same anew, for when this file is to keep its places, since an error is to be shown there.
    pub(super) fn without(&self, file: Option<&str>) -> Option<Self> {
        let taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let wrong = file.filter(|file| taken.contains_key(*file))?;
        Some(Self { taken: Arc::default(), kept: Arc::new(HashSet::from([wrong.to_owned()])), max: self.max })
    }

    /// A file as the compiler is to see it.
    pub(super) fn take(&self, file: File) -> File {
        let descriptor = file.file_descriptor_proto();
        let places = descriptor.source_code_info.as_ref().map_or(0, |info| info.location.len());
        let mut options = 0;
        each_element(descriptor, &mut |element| options += element.options.len());
        if places.saturating_mul(options) <= self.max || self.kept.contains(file.name()) {
            return file;
        }
        let mut descriptor = FileDescriptorProto::from(file);
        let whole = descriptor.clone();
        descriptor.source_code_info = None;
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.insert(descriptor.name().to_owned(), whole);
        File::from_file_descriptor_proto(descriptor)
    }

    /// A compiled file, encoded, with its places.
    pub(super) fn give(&self, file: &FileDescriptor) -> Vec<u8> {
        let mut bytes = file.encode_to_vec();
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(source) = taken.remove(file.name()) {
            let info = with_paths(source, file.parent_pool());
            encoding::message::encode(SOURCE_CODE_INFO, &info, &mut bytes);
        }
        bytes
    }
}

/// The places of a source, with the paths that options have once they are resolved.
fn with_paths(mut source: FileDescriptorProto, pool: &DescriptorPool) -> SourceCodeInfo {
    let mut info = source.source_code_info.take().unwrap_or_default();
    let mut resolved: HashMap<Vec<i32>, Vec<i32>> = HashMap::new();
    let mut repeated: HashMap<Vec<i32>, i32> = HashMap::new();
    each_element(&source, &mut |element| {
        let kind = pool.get_message_by_name(&format!("google.protobuf.{}", element.kind));
        for (index, option) in (0..).zip(element.options) {
            let Some(numbers) =
                kind.as_ref().and_then(|kind| numbers(&option.name, kind, &element.scope, pool))
            else {
                continue;
            };
            let from = [&element.path[..], &[UNINTERPRETED.cast_signed(), index]].concat();
            let mut to = [&element.path[..], &numbers.path].concat();
            if numbers.is_repeated {
                let count = repeated.entry(to.clone()).or_default();
                to.push(*count);
                *count += 1;
            }
            resolved.insert(from, to);
        }
    });
    for location in &mut info.location {
        let uninterpreted = location.path.iter().position(|step| *step == UNINTERPRETED.cast_signed());
        // A path may have that number as an index, too, and those of no option are in the map.
        let ends = uninterpreted.into_iter().flat_map(|at| at + 2..=location.path.len());
        let found = ends.filter_map(|end| Some((end, resolved.get(location.path.get(..end)?)?)));
        if let Some((end, to)) = found.into_iter().next() {
            location.path.splice(..end, to.iter().copied());
        }
    }
    info
}

/// What leads to an option in a message of options.
struct Numbers {
    path: Vec<i32>,
    is_repeated: bool,
}

/// Finds an option by the parts of its name, as the compiler has found it.
fn numbers(
    name: &[NamePart],
    kind: &MessageDescriptor,
    scope: &str,
    pool: &DescriptorPool,
) -> Option<Numbers> {
    let mut within = Some(kind.clone());
    let mut numbers = Numbers { path: Vec::with_capacity(name.len()), is_repeated: false };
    for part in name {
        let message = within.take()?;
        let (number, cardinality, kind, is_map) = if part.is_extension {
            let found = meanings(scope, &part.name_part).find_map(|name| {
                pool.get_extension_by_name(&name).filter(|found| found.containing_message() == message)
            })?;
            (found.number(), found.cardinality(), found.kind(), found.is_map())
        } else {
            let found = message.get_field_by_name(&part.name_part)?;
            (found.number(), found.cardinality(), found.kind(), found.is_map())
        };
        numbers.path.push(number.cast_signed());
        numbers.is_repeated = cardinality == Cardinality::Repeated && !is_map;
        within = if let Kind::Message(inner) = kind { Some(inner) } else { None };
    }
    Some(numbers)
}

/// The full names that a name may be meant for, the innermost first.
fn meanings(scope: &str, name: &str) -> impl Iterator<Item = String> {
    let full = name.strip_prefix('.').map(str::to_owned);
    let scope = if full.is_some() { "" } else { scope };
    let name = name.strip_prefix('.').unwrap_or(name);
    scopes(scope).map(move |outer| format!("{outer}.{name}")).chain([name.to_owned()])
}

/// An element that has options which are still to be resolved.
struct Element<'a> {
    /// That of its options.
    path: Vec<i32>,
    /// What they are, in `google.protobuf`.
    kind: &'static str,
    /// From where their names are looked for.
    scope: String,
    options: &'a [UninterpretedOption],
}

type Found<'f> = &'f mut dyn FnMut(Element<'_>);

macro_rules! found {
    ($found:expr, $path:expr, $tag:expr, $kind:expr, $scope:expr, $element:expr) => {
        if let Some(options) = $element.options.as_ref().filter(|own| !own.uninterpreted_option.is_empty()) {
            $found(Element {
                path: [&$path[..], &[$tag]].concat(),
                kind: $kind,
                scope: $scope.to_owned(),
                options: &options.uninterpreted_option,
            });
        }
    };
}

fn each_element(file: &FileDescriptorProto, found: Found<'_>) {
    let package = file.package();
    found!(found, &[], 8, "FileOptions", package, file);
    for (at, message) in (0..).zip(&file.message_type) {
        of_message(message, &[4, at], package, found);
    }
    for (at, enumeration) in (0..).zip(&file.enum_type) {
        of_enum(enumeration, &[5, at], package, found);
    }
    for (at, service) in (0..).zip(&file.service) {
        let scope = joined(package, service.name());
        found!(found, &[6, at], 3, "ServiceOptions", &scope, service);
        for (index, method) in (0..).zip(&service.method) {
            found!(found, &[6, at, 2, index], 4, "MethodOptions", &joined(&scope, method.name()), method);
        }
    }
    for (at, extension) in (0..).zip(&file.extension) {
        of_field(extension, &[7, at], package, found);
    }
}

/// Descends into nested messages; their depth is bounded by the parser.
fn of_message(message: &DescriptorProto, path: &[i32], outer: &str, found: Found<'_>) {
    let scope = joined(outer, message.name());
    let inner = |tag: i32, at: i32| [path, &[tag, at]].concat();
    found!(found, path, 7, "MessageOptions", &scope, message);
    for (at, field) in (0..).zip(&message.field) {
        of_field(field, &inner(2, at), &scope, found);
    }
    for (at, nested) in (0..).zip(&message.nested_type) {
        of_message(nested, &inner(3, at), &scope, found);
    }
    for (at, enumeration) in (0..).zip(&message.enum_type) {
        of_enum(enumeration, &inner(4, at), &scope, found);
    }
    for (at, range) in (0..).zip(&message.extension_range) {
        found!(found, &inner(5, at), 3, "ExtensionRangeOptions", &scope, range);
    }
    for (at, extension) in (0..).zip(&message.extension) {
        of_field(extension, &inner(6, at), &scope, found);
    }
    for (at, oneof) in (0..).zip(&message.oneof_decl) {
        found!(found, &inner(8, at), 2, "OneofOptions", &joined(&scope, oneof.name()), oneof);
    }
}

fn of_field(field: &FieldDescriptorProto, path: &[i32], outer: &str, found: Found<'_>) {
    found!(found, path, 8, "FieldOptions", &joined(outer, field.name()), field);
}

fn of_enum(enumeration: &EnumDescriptorProto, path: &[i32], outer: &str, found: Found<'_>) {
    let scope = joined(outer, enumeration.name());
    found!(found, path, 3, "EnumOptions", &scope, enumeration);
    for (at, value) in (0..).zip(&enumeration.value) {
        // The names of values are beside that of their enum.
        found!(found, [path, &[2, at]].concat(), 3, "EnumValueOptions", &joined(outer, value.name()), value);
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use prost::Message as _;
    use protox::Compiler;
    use protox::file::{ChainFileResolver, FileResolver, GoogleFileResolver};

    use super::*;

    const SOURCE: &str = r#"
        syntax = "proto2";
        package p.q;
        import "google/protobuf/descriptor.proto";
        // Of the file.
        option java_package = "j";
        message Rule { optional int32 a = 1; repeated Rule more = 2; extensions 10 to 20; }
        extend Rule { optional Rule again = 10; }
        extend google.protobuf.FileOptions { repeated string names = 50000; }
        extend google.protobuf.MessageOptions { optional Rule rule = 50000; }
        extend google.protobuf.FieldOptions { repeated int32 ints = 50000; optional Rule of = 50001; }
        extend google.protobuf.OneofOptions { optional bool o = 50000; }
        extend google.protobuf.EnumOptions { optional bool e = 50000; }
        extend google.protobuf.EnumValueOptions { optional bool v = 50000; }
        extend google.protobuf.ExtensionRangeOptions { optional bool x = 50000; }
        extend google.protobuf.ServiceOptions { optional bool s = 50000; }
        extend google.protobuf.MethodOptions { optional Rule m = 50000; }
        option (names) = "one";
        option (.p.q.names) = "two";
        message M {
          extend google.protobuf.MessageOptions { optional Rule rule = 50001; }
          // The one of the package.
          option (q.rule).a = 1;
          // The one in here, twice.
          option (rule).(again).a = 2;
          option (rule).(p.q.again).more = { a: 3 };
          option deprecated = true; // Behind it.
          repeated int32 f = 1 [packed = true, (ints) = 1, (ints) = 2, (q.of).more = { a: 1 }, (of).more = {}];
          oneof one { option (o) = true; int32 g = 2 [(ints) = 7]; }
          extensions 100 to 200 [(x) = true];
          message N { option (rule).a = 5; }
          enum E { option (e) = true; Z = 0 [(v) = true]; }
        }
        service S { option (s) = true; rpc C(M) returns (M) { option (m).a = 1; option idempotency_level = IDEMPOTENT; } }
    "#;

    struct One(&'static str, Places);

    impl FileResolver for One {
        fn resolve_path(&self, path: &Path) -> Option<String> {
            path.to_str().map(str::to_owned)
        }

        fn open_file(&self, name: &str) -> Result<File, protox::Error> {
            if name != "a.proto" {
                return Err(protox::Error::file_not_found(name));
            }
            Ok(self.1.take(File::from_source(name, self.0)?))
        }
    }

    fn compiled(places: &Places, source: &'static str) -> Result<FileDescriptorProto, protox::Error> {
        let mut resolver = ChainFileResolver::new();
        resolver.add(One(source, places.clone()));
        resolver.add(GoogleFileResolver::new());
        let mut compiler = Compiler::with_file_resolver(resolver);
        compiler.open_file("a.proto")?;
        let file = compiler.descriptor_pool().get_file_by_name("a.proto").unwrap();
        Ok(FileDescriptorProto::decode(places.give(&file).as_slice()).unwrap())
    }

    #[test]
    fn what_is_taken_comes_back_as_the_compiler_would_have_it() {
        let without = Places { max: 0, ..Places::default() };
        let (as_ever, given) =
            (compiled(&Places::default(), SOURCE).unwrap(), compiled(&without, SOURCE).unwrap());
        let paths = |file: &FileDescriptorProto| -> Vec<Vec<i32>> {
            file.source_code_info.iter().flat_map(|info| &info.location).map(|one| one.path.clone()).collect()
        };
        assert_eq!(paths(&given), paths(&as_ever));
        assert!(paths(&given).iter().all(|path| !path.contains(&999)));
        assert_eq!(given, as_ever);
    }

    #[test]
    fn a_file_with_an_error_keeps_its_places() {
        let wrong = "syntax = 'proto3'; message M { option deprecated = true; } option nothing = 1;";
        let without = Places { max: 0, ..Places::default() };
        let error = compiled(&without, wrong).unwrap_err();
        let again = without.without(error.file()).unwrap();
        assert!(again.without(error.file()).is_none(), "once is enough");
        let told = super::super::located(&compiled(&again, wrong).unwrap_err());
        assert_eq!(told, "a.proto:1:60: option field 'nothing' is not defined");
    }
}
