//! Anything with a name in a schema, and finding it by that name or the end of it.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;

use prost_reflect::{
    DescriptorPool, EnumDescriptor, EnumValueDescriptor, ExtensionDescriptor, FieldDescriptor,
    FileDescriptor, MessageDescriptor, MethodDescriptor, OneofDescriptor, ServiceDescriptor,
};

use super::{builtin, name};

/// A named element of a schema.
#[derive(Clone)]
pub enum Symbol {
    /// `service`.
    Service(ServiceDescriptor),
    /// `rpc`.
    Method(MethodDescriptor),
    /// `message`.
    Message(MessageDescriptor),
    /// A field of a message.
    Field(FieldDescriptor),
    /// `oneof`.
    Oneof(OneofDescriptor),
    /// `enum`.
    Enum(EnumDescriptor),
    /// A value of an enum.
    EnumValue(EnumValueDescriptor),
    /// A field declared in an `extend` block.
    Extension(ExtensionDescriptor),
}

impl Symbol {
    /// The full name with dots all through. An enum value's is in the scope around its enum, as the language
    /// has it: `pkg.VALUE`.
    pub fn full_name(&self) -> &str {
        match self {
            Self::Service(service) => service.full_name(),
            Self::Method(method) => method.full_name(),
            Self::Message(message) => message.full_name(),
            Self::Field(field) => field.full_name(),
            Self::Oneof(oneof) => oneof.full_name(),
            Self::Enum(enum_) => enum_.full_name(),
            Self::EnumValue(value) => value.full_name(),
            Self::Extension(extension) => extension.full_name(),
        }
    }

    /// What it is: `service`, `enum value`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Service(_) => "service",
            Self::Method(_) => "method",
            Self::Message(_) => "message",
            Self::Field(_) => "field",
            Self::Oneof(_) => "oneof",
            Self::Enum(_) => "enum",
            Self::EnumValue(_) => "enum value",
            Self::Extension(_) => "extension",
        }
    }

    /// The same in a sentence: `a service`, `an enum value`.
    pub fn kind_with_article(&self) -> String {
        // A oneof is spoken with a consonant.
        let vowel = matches!(self, Self::Enum(_) | Self::EnumValue(_) | Self::Extension(_));
        format!("{} {}", if vowel { "an" } else { "a" }, self.kind())
    }

    /// The file that declares it.
    pub fn file(&self) -> FileDescriptor {
        match self {
            Self::Service(service) => service.parent_file(),
            Self::Method(method) => method.parent_file(),
            Self::Message(message) => message.parent_file(),
            Self::Field(field) => field.parent_file(),
            Self::Oneof(oneof) => oneof.parent_file(),
            Self::Enum(enum_) => enum_.parent_file(),
            Self::EnumValue(value) => value.parent_file(),
            Self::Extension(extension) => extension.parent_file(),
        }
    }

    /// Where it is in its file's descriptor.
    pub fn path(&self) -> &[i32] {
        match self {
            Self::Service(service) => service.path(),
            Self::Method(method) => method.path(),
            Self::Message(message) => message.path(),
            Self::Field(field) => field.path(),
            Self::Oneof(oneof) => oneof.path(),
            Self::Enum(enum_) => enum_.path(),
            Self::EnumValue(value) => value.path(),
            Self::Extension(extension) => extension.path(),
        }
    }
}

/// Names only: the descriptors' own `Debug` does not end for a message that contains itself.
impl fmt::Debug for Symbol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.full_name(), self.kind_with_article())
    }
}

/// What looking for a name came to.
#[derive(Clone, Debug)]
pub enum Lookup {
    /// The one symbol of that name.
    Found(Symbol),
    /// More than one name ends like that; full names, sorted.
    Ambiguous(Vec<String>),
    /// No name does.
    NotFound {
        /// The nearest names, best first.
        did_you_mean: Vec<String>,
    },
}

/// Finds a symbol by its full name (a leading dot, `pkg.Svc/Method`, `pkg.Enum.VALUE` and `[pkg.extension]`
/// are understood) or, if there is none, by any tail of full names that only one symbol has.
pub fn find(pool: &DescriptorPool, name: &str) -> Lookup {
    let bare = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(name);
    let bare = name::bare(bare);
    if let Some(symbol) = by_full_name(pool, bare) {
        return Lookup::Found(symbol);
    }
    let mut symbols = by_tail(pool, bare);
    match symbols.len() {
        0 => Lookup::NotFound { did_you_mean: name::did_you_mean(bare, all_names(pool, bare)) },
        1 => symbols.pop().map_or(Lookup::Ambiguous(Vec::new()), Lookup::Found),
        _ => {
            let mut names: Vec<String> = symbols.iter().map(|symbol| symbol.full_name().to_owned()).collect();
            names.sort_unstable();
            names.dedup();
            Lookup::Ambiguous(names)
        }
    }
}

/// Everything at the top of the files of a package, or of those below it, in the files' order.
pub fn in_package(pool: &DescriptorPool, package: &str) -> Vec<Symbol> {
    let package = name::bare(package);
    let is_below = |file: &FileDescriptor| {
        let rest = file.package_name().strip_prefix(package);
        !package.is_empty() && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    let of_file = |file: FileDescriptor| {
        let services = file.services().map(Symbol::Service).collect::<Vec<_>>();
        let messages = file.messages().map(Symbol::Message).collect::<Vec<_>>();
        let enums = file.enums().map(Symbol::Enum).collect::<Vec<_>>();
        let extensions = file.extensions().map(Symbol::Extension);
        services.into_iter().chain(messages).chain(enums).chain(extensions).collect::<Vec<_>>()
    };
    pool.files().filter(is_below).flat_map(of_file).collect()
}

/// By index, whatever the size of the pool; enum values alone, which are in no index by the name of the scope
/// around their enum, are looked for among the enums.
fn by_full_name(pool: &DescriptorPool, full_name: &str) -> Option<Symbol> {
    if let Some((service, method)) = full_name.split_once('/') {
        return method_of(&pool.get_service_by_name(service)?, method);
    }
    let direct = pool.get_service_by_name(full_name).map(Symbol::Service);
    direct
        .or_else(|| pool.get_message_by_name(full_name).map(Symbol::Message))
        .or_else(|| pool.get_enum_by_name(full_name).map(Symbol::Enum))
        .or_else(|| pool.get_extension_by_name(full_name).map(Symbol::Extension))
        .or_else(|| member(pool, full_name))
        .or_else(|| enum_value_in_scope(pool, full_name))
}

fn member(pool: &DescriptorPool, full_name: &str) -> Option<Symbol> {
    let (parent, name) = full_name.rsplit_once('.')?;
    if let Some(message) = pool.get_message_by_name(parent) {
        let oneof = || message.oneofs().find(|oneof| oneof.name() == name).map(Symbol::Oneof);
        return message.get_field_by_name(name).map(Symbol::Field).or_else(oneof).or_else(|| {
            message.child_enums().find_map(|enum_| enum_.get_value_by_name(name)).map(Symbol::EnumValue)
        });
    }
    if let Some(service) = pool.get_service_by_name(parent) {
        return method_of(&service, name);
    }
    pool.get_enum_by_name(parent)?.get_value_by_name(name).map(Symbol::EnumValue)
}

fn enum_value_in_scope(pool: &DescriptorPool, full_name: &str) -> Option<Symbol> {
    let (scope, name) = full_name.rsplit_once('.').unwrap_or(("", full_name));
    let mut enums = pool.all_enums().filter(|e| e.parent_message().is_none() && e.package_name() == scope);
    enums.find_map(|enum_| enum_.get_value_by_name(name)).map(Symbol::EnumValue)
}

fn method_of(service: &ServiceDescriptor, name: &str) -> Option<Symbol> {
    service.methods().find(|method| method.name() == name).map(Symbol::Method)
}

fn by_tail(pool: &DescriptorPool, tail: &str) -> Vec<Symbol> {
    if tail.is_empty() {
        return Vec::new();
    }
    let dotted: Cow<'_, str> =
        if tail.contains('/') { Cow::Owned(tail.replacen('/', ".", 1)) } else { Cow::Borrowed(tail) };
    let only_methods = tail.contains('/');
    let last = dotted.rsplit('.').next().unwrap_or_default();
    all(pool)
        .filter(|symbol| !only_methods || matches!(symbol, Symbol::Method(_)))
        .filter(|symbol| match symbol {
            // In the scope around its enum, and in the enum; most values are ruled out without a new string.
            Symbol::EnumValue(value) => {
                let in_enum = || format!("{}.{}", value.parent_enum().full_name(), value.name());
                value.name() == last
                    && (name::is_tail(value.full_name(), &dotted) || name::is_tail(&in_enum(), &dotted))
            }
            symbol => name::is_tail(symbol.full_name(), &dotted),
        })
        .collect()
}

/// Every symbol that somebody wrote, which leaves out map entries and the oneofs behind `optional`.
fn all(pool: &DescriptorPool) -> impl Iterator<Item = Symbol> + '_ {
    let services = pool.services().flat_map(|service| {
        let methods: Vec<Symbol> = service.methods().map(Symbol::Method).collect();
        std::iter::once(Symbol::Service(service)).chain(methods)
    });
    let messages = pool.all_messages().filter(|message| !message.is_map_entry()).flat_map(|message| {
        let fields: Vec<Symbol> = message.fields().map(Symbol::Field).collect();
        let oneofs: Vec<Symbol> =
            message.oneofs().filter(|oneof| !oneof.is_synthetic()).map(Symbol::Oneof).collect();
        std::iter::once(Symbol::Message(message)).chain(fields).chain(oneofs)
    });
    let enums = pool.all_enums().flat_map(|enum_| {
        let values: Vec<Symbol> = enum_.values().map(Symbol::EnumValue).collect();
        std::iter::once(Symbol::Enum(enum_)).chain(values)
    });
    services.chain(messages).chain(enums).chain(pool.all_extensions().map(Symbol::Extension))
}

/// What `wanted` can have been meant as: protobuf's own names, which every schema has, only where one of them is asked
/// for.
fn all_names(pool: &DescriptorPool, wanted: &str) -> impl Iterator<Item = String> {
    let googles = wanted.starts_with("google.");
    let offered = move |symbol: &Symbol| googles || !builtin::is_well_known(symbol.file().name());
    let symbols = all(pool).filter(offered).map(|symbol| match &symbol {
        Symbol::Method(method) => name::method_path(method),
        symbol => symbol.full_name().to_owned(),
    });
    packages(pool).into_iter().chain(symbols)
}

/// The packages of what somebody wrote.
fn packages(pool: &DescriptorPool) -> BTreeSet<String> {
    let own = pool.files().filter(|file| !builtin::is_well_known(file.name()));
    own.map(|file| file.package_name().to_owned()).filter(|package| !package.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::testing::pool;

    fn hello() -> DescriptorPool {
        pool(&[
            (
                "hello.proto",
                "syntax = 'proto3'; package hello;
                service HelloService { rpc SayHello(HelloRequest) returns (HelloReply); }
                message HelloRequest { string name = 1; oneof how { bool loud = 2; } optional int32 n = 3; }
                message HelloReply { string text = 1; map<string, int32> counts = 2; Mood mood = 3;
                    enum Mood { CALM = 0; } }
                enum Colour { RED = 0; BLUE = 1; }",
            ),
            (
                "old.proto",
                "syntax = 'proto2'; package old;
                message HelloRequest { extensions 100 to 200; }
                extend HelloRequest { optional string nick = 100; }",
            ),
        ])
    }

    fn found(name: &str) -> String {
        match find(&hello(), name) {
            Lookup::Found(symbol) => format!("{symbol:?}"),
            other => panic!("{name}: {other:?}"),
        }
    }

    #[test]
    fn full_names_of_every_kind() {
        assert_eq!(found("hello.HelloService"), "hello.HelloService (a service)");
        assert_eq!(found(".hello.HelloService/SayHello"), "hello.HelloService.SayHello (a method)");
        assert_eq!(found("hello.HelloService.SayHello"), "hello.HelloService.SayHello (a method)");
        assert_eq!(found("hello.HelloRequest"), "hello.HelloRequest (a message)");
        assert_eq!(found("hello.HelloRequest.name"), "hello.HelloRequest.name (a field)");
        assert_eq!(found("hello.HelloRequest.how"), "hello.HelloRequest.how (a oneof)");
        assert_eq!(found("hello.Colour"), "hello.Colour (an enum)");
        assert_eq!(found("hello.BLUE"), "hello.BLUE (an enum value)");
        assert_eq!(found("hello.Colour.BLUE"), "hello.BLUE (an enum value)");
        assert_eq!(found("hello.HelloReply.CALM"), "hello.HelloReply.CALM (an enum value)");
        assert_eq!(found("hello.HelloReply.Mood.CALM"), "hello.HelloReply.CALM (an enum value)");
        assert_eq!(found("old.nick"), "old.nick (an extension)");
        assert_eq!(found("[old.nick]"), "old.nick (an extension)");
    }

    #[test]
    fn tails_are_cut_at_dots() {
        assert_eq!(found("HelloService/SayHello"), "hello.HelloService.SayHello (a method)");
        assert_eq!(found("SayHello"), "hello.HelloService.SayHello (a method)");
        assert_eq!(found("HelloReply"), "hello.HelloReply (a message)");
        assert_eq!(found("HelloRequest.name"), "hello.HelloRequest.name (a field)");
        assert_eq!(found("Colour.RED"), "hello.RED (an enum value)");
        assert!(matches!(find(&hello(), "Reply"), Lookup::NotFound { .. }));
        assert!(matches!(find(&hello(), ""), Lookup::NotFound { .. }));
    }

    #[test]
    fn a_tail_of_several_names_lists_them() {
        let Lookup::Ambiguous(names) = find(&hello(), "HelloRequest") else { panic!() };
        assert_eq!(names, ["hello.HelloRequest", "old.HelloRequest"]);
    }

    #[test]
    fn a_full_name_wins_over_tails() {
        let pool = pool(&[
            ("a.proto", "syntax = 'proto3'; message Foo {}"),
            ("b.proto", "syntax = 'proto3'; package b; message Foo {}"),
        ]);
        let Lookup::Found(symbol) = find(&pool, "Foo") else { panic!() };
        assert_eq!(symbol.full_name(), "Foo");
    }

    #[test]
    fn a_miss_names_the_nearest() {
        let Lookup::NotFound { did_you_mean } = find(&hello(), "hello.HeloService") else { panic!() };
        assert_eq!(did_you_mean, ["hello.HelloService"]);
        let Lookup::NotFound { did_you_mean } = find(&hello(), "sayhelo") else { panic!() };
        assert_eq!(did_you_mean, ["hello.HelloService/SayHello"]);
    }

    #[test]
    fn a_package_holds_what_is_at_the_top_of_its_files() {
        let names = |package| {
            let symbols = in_package(&hello(), package);
            symbols.iter().map(|symbol| symbol.full_name().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(names("old"), ["old.HelloRequest", "old.nick"]);
        let hello = ["hello.HelloService", "hello.HelloRequest", "hello.HelloReply", "hello.Colour"]
            .map(str::to_owned);
        assert_eq!(names("hello."), Vec::<String>::new());
        assert_eq!(names(".hello"), hello);
        assert!(names("hel").is_empty() && names("").is_empty());
    }

    #[test]
    fn protobufs_own_names_are_offered_to_those_who_ask_for_them() {
        let pool = DescriptorPool::global();
        assert!(matches!(find(&pool, "Nope"), Lookup::NotFound { did_you_mean } if did_you_mean.is_empty()));
        let Lookup::NotFound { did_you_mean } = find(&pool, "google.protobuf.Timestam") else { panic!() };
        assert_eq!(did_you_mean, ["google.protobuf.Timestamp"]);
    }

    #[test]
    fn what_nobody_wrote_is_not_offered() {
        assert!(matches!(find(&hello(), "_n"), Lookup::NotFound { .. }));
        assert!(matches!(find(&hello(), "CountsEntry"), Lookup::NotFound { .. }));
    }
}
