//! Names as people type them: method names in two forms, tails of names, and near misses.

use std::fmt;

use prost_reflect::{DescriptorPool, MethodDescriptor, ServiceDescriptor};

/// How many near misses are worth naming.
const MAX_SUGGESTIONS: usize = 3;
/// No name is longer that was misspelt; comparing takes time that grows with the square of it.
pub const MAX_MISSPELT: usize = 200;

/// A name in full: within a scope, which may be that of no package.
pub(super) fn joined(scope: &str, name: &str) -> String {
    if scope.is_empty() { name.to_owned() } else { format!("{scope}.{name}") }
}

/// A scope and those around it, the innermost first: `a.b.c`, `a.b`, `a`.
pub(super) fn scopes(scope: &str) -> impl Iterator<Item = &str> {
    std::iter::successors((!scope.is_empty()).then_some(scope), |inner| Some(inner.rsplit_once('.')?.0))
}

/// A method name taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MethodName<'a> {
    /// The service, in full or a tail of it; `None` for a method's bare name.
    pub service: Option<&'a str>,
    /// The method.
    pub method: &'a str,
}

impl<'a> MethodName<'a> {
    /// Takes `pkg.Svc/Method`, `pkg.Svc.Method` and tails of both; a `/` or `.` before it and a `/` behind are allowed.
    pub fn parse(name: &'a str) -> Self {
        let name = bare(name);
        match name.rsplit_once('/').or_else(|| name.rsplit_once('.')) {
            Some((service, method)) => Self { service: Some(service), method },
            None => Self { service: None, method: name },
        }
    }
}

/// A name without the slashes and dots that mean nothing around it.
pub fn bare(name: &str) -> &str {
    name.trim_start_matches(['.', '/']).trim_end_matches('/')
}

/// `pkg.Svc/Method`: the form to show, since it can be pasted into a call.
pub fn method_path(method: &MethodDescriptor) -> String {
    format!("{}/{}", method.parent_service().full_name(), method.name())
}

/// Whether `tail` is `full_name` or its end from some dot on.
pub fn is_tail(full_name: &str, tail: &str) -> bool {
    let Some(rest) = full_name.strip_suffix(tail) else { return false };
    !tail.is_empty() && (rest.is_empty() || rest.ends_with('.'))
}

/// What looking for a method came to.
#[derive(Clone)]
pub enum MethodLookup {
    /// The one method of that name.
    Found(MethodDescriptor),
    /// More than one name ends like that; in the form `pkg.Svc/Method`, sorted.
    Ambiguous(Vec<String>),
    /// The service is there and the method is not.
    NoSuchMethod {
        /// The service's full name.
        service: String,
        /// The nearest methods of that service, best first, in the form `pkg.Svc/Method`.
        did_you_mean: Vec<String>,
        /// All methods of that service in the same form, sorted.
        methods: Vec<String>,
    },
    /// The name is that of a service.
    IsService {
        /// The service's full name.
        service: String,
        /// All its methods in the form `pkg.Svc/Method`, sorted.
        methods: Vec<String>,
    },
    /// Nothing is called that.
    NotFound {
        /// The nearest names, best first.
        did_you_mean: Vec<String>,
    },
}

/// Names only: the descriptor's own `Debug` does not end for a message that contains itself.
impl fmt::Debug for MethodLookup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Found(method) => write!(f, "Found({})", method_path(method)),
            Self::Ambiguous(names) => write!(f, "Ambiguous({names:?})"),
            Self::NoSuchMethod { service, did_you_mean, .. } => {
                write!(f, "NoSuchMethod({service}, {did_you_mean:?})")
            }
            Self::IsService { service, .. } => write!(f, "IsService({service})"),
            Self::NotFound { did_you_mean } => write!(f, "NotFound({did_you_mean:?})"),
        }
    }
}

/// Finds a method by its full name or by any tail of full names that only one method has.
pub fn find_method(pool: &DescriptorPool, name: &str) -> MethodLookup {
    let MethodName { service, method } = MethodName::parse(name);
    if let Some(service) = service.and_then(|service| pool.get_service_by_name(service)) {
        let found = service.methods().find(|candidate| candidate.name() == method);
        return found.map_or_else(|| no_such_method(&service, method), MethodLookup::Found);
    }
    let bare = bare(name);
    if let Some(service) = pool.get_service_by_name(bare) {
        return is_service(&service);
    }
    let services: Vec<ServiceDescriptor> =
        pool.services().filter(|s| service.is_none_or(|tail| is_tail(s.full_name(), tail))).collect();
    let mut methods: Vec<MethodDescriptor> = services
        .iter()
        .flat_map(|s| s.methods().filter(|m| m.name() == method).collect::<Vec<_>>())
        .collect();
    match (methods.len(), services.as_slice()) {
        (0, [only]) if service.is_some() => no_such_method(only, method),
        (0, _) => service_or_nothing(pool, bare),
        (1, _) => methods.pop().map_or(MethodLookup::Ambiguous(Vec::new()), MethodLookup::Found),
        _ => {
            let mut names: Vec<String> = methods.iter().map(method_path).collect();
            names.sort_unstable();
            MethodLookup::Ambiguous(names)
        }
    }
}

fn service_or_nothing(pool: &DescriptorPool, name: &str) -> MethodLookup {
    let mut services = pool.services().filter(|service| is_tail(service.full_name(), name));
    if let (Some(only), None) = (services.next(), services.next()) {
        return is_service(&only);
    }
    MethodLookup::NotFound {
        did_you_mean: did_you_mean(name, pool.services().flat_map(|s| method_paths(&s))),
    }
}

fn is_service(service: &ServiceDescriptor) -> MethodLookup {
    MethodLookup::IsService { service: service.full_name().to_owned(), methods: method_paths(service) }
}

fn no_such_method(service: &ServiceDescriptor, method: &str) -> MethodLookup {
    let methods = method_paths(service);
    MethodLookup::NoSuchMethod {
        service: service.full_name().to_owned(),
        did_you_mean: did_you_mean(method, &methods),
        methods,
    }
}

fn method_paths(service: &ServiceDescriptor) -> Vec<String> {
    let mut paths: Vec<String> = service.methods().map(|method| method_path(&method)).collect();
    paths.sort_unstable();
    paths
}

/// The candidates that `wanted` may have been meant as, best first, three at most.
///
/// As much of a candidate's end is compared as `wanted` has parts, without regard to case. One that differs
/// only in what comes before its last part (a service's name cut short, a package forgotten or mistaken) is named if
/// nothing is nearer.
pub fn did_you_mean(wanted: &str, candidates: impl IntoIterator<Item = impl AsRef<str>>) -> Vec<String> {
    if wanted.is_empty() || wanted.len() > MAX_MISSPELT {
        return Vec::new();
    }
    let wanted = wanted.to_lowercase();
    let allowed = (wanted.chars().count() / 3).clamp(1, 5);
    let mut near: Vec<(Nearness, String)> = candidates
        .into_iter()
        .filter_map(|candidate| {
            let candidate = candidate.as_ref();
            Some((nearness(&wanted, candidate, allowed)?, candidate.to_owned()))
        })
        .collect();
    near.sort_unstable();
    near.dedup();
    if let Some(way) = near.first().map(|(nearness, _)| std::mem::discriminant(nearness)) {
        near.retain(|(nearness, _)| std::mem::discriminant(nearness) == way);
    }
    near.truncate(MAX_SUGGESTIONS);
    near.into_iter().map(|(_, candidate)| candidate).collect()
}

/// In what way two names are alike; what is nearer comes first.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Nearness {
    /// By so many letters.
    Misspelt(usize),
    /// They have the last part in common, and the rest is cut short by so many letters.
    CutShort(usize),
    /// They have the last part in common; the rest differs by so many letters.
    Elsewhere(usize),
}

/// How near `candidate` is to `wanted` (in lower case), if that is near enough.
fn nearness(wanted: &str, candidate: &str, allowed: usize) -> Option<Nearness> {
    let parts = wanted.split(['.', '/']).count();
    let tail = end(candidate, parts).to_lowercase();
    let same_last_part = end(&tail, 1) == end(wanted, 1);
    // Most names are far longer or shorter: those need not be compared letter by letter.
    if !same_last_part && tail.len().abs_diff(wanted.len()) > allowed * 4 {
        return None;
    }
    match strsim::osa_distance(&unslashed(&tail), &unslashed(wanted)) {
        distance if distance <= allowed => Some(Nearness::Misspelt(distance)),
        distance if same_last_part && begins(&tail, wanted) => Some(Nearness::CutShort(distance)),
        distance => same_last_part.then_some(Nearness::Elsewhere(distance)),
    }
}

/// Whether each part of `name` begins with that of `wanted`.
fn begins(name: &str, wanted: &str) -> bool {
    let (mut parts, mut wanted) = (name.split(['.', '/']), wanted.split(['.', '/']));
    wanted.all(|wanted| !wanted.is_empty() && parts.next().is_some_and(|part| part.starts_with(wanted)))
}

fn unslashed(name: &str) -> String {
    name.replace('/', ".")
}

/// The last `parts` parts of a name.
fn end(name: &str, parts: usize) -> &str {
    match name.rmatch_indices(['.', '/']).nth(parts.saturating_sub(1)) {
        Some((at, _)) => name.get(at + 1..).unwrap_or(name),
        None => name,
    }
}

/// An enum value's name without the enum's own, with which they mostly begin: `HAPPY` of `MOOD_HAPPY` in `Mood`.
pub fn short_value<'v>(enumeration: &str, value: &'v str) -> Option<&'v str> {
    let enumeration = enumeration.rsplit('.').next().unwrap_or_default();
    let is_name = |begins: &str| {
        let letters = begins.bytes().filter(|byte| *byte != b'_');
        letters
            .map(|byte| byte.to_ascii_lowercase())
            .eq(enumeration.bytes().filter(|byte| *byte != b'_').map(|byte| byte.to_ascii_lowercase()))
    };
    let mut places = value.match_indices('_').map(|(at, _)| at);
    let at = places.find(|at| value.get(..*at).is_some_and(is_name))?;
    value.get(at + 1..).filter(|rest| !rest.is_empty())
}

/// The lowerCamelCase name that protoc gives a field in JSON when the schema says nothing else.
pub(super) fn json_name(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let mut upper = false;
    for c in name.chars() {
        if c == '_' {
            upper = true;
        } else if std::mem::take(&mut upper) {
            out.push(c.to_ascii_uppercase());
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::testing::pool;

    fn greeters() -> DescriptorPool {
        let service = "rpc SayHello(M) returns (M); rpc SayBye(M) returns (M);";
        let file = |package: &str, service_name: &str| {
            format!(
                "syntax = 'proto3'; package {package}; message M {{}} service {service_name} {{ {service} }}"
            )
        };
        pool(&[
            ("a.proto", &file("hello", "HelloService")),
            ("b.proto", &file("helloworld", "Greeter")),
            ("c.proto", &file("v2.helloworld", "Greeter")),
        ])
    }

    fn look(name: &str) -> String {
        format!("{:?}", find_method(&greeters(), name))
    }

    #[test]
    fn method_names_come_apart_at_the_slash_or_the_last_dot() {
        let name = |service, method| MethodName { service, method };
        assert_eq!(MethodName::parse("a.B/C"), name(Some("a.B"), "C"));
        assert_eq!(MethodName::parse("/a.B/C"), name(Some("a.B"), "C"));
        assert_eq!(MethodName::parse(".a.B.C"), name(Some("a.B"), "C"));
        assert_eq!(MethodName::parse("a.B/C/"), name(Some("a.B"), "C"));
        assert_eq!(MethodName::parse("C"), name(None, "C"));
    }

    #[test]
    fn methods_by_full_name_and_by_tail() {
        for name in ["hello.HelloService/SayHello", "hello.HelloService.SayHello", "HelloService/SayHello"] {
            assert_eq!(look(name), "Found(hello.HelloService/SayHello)");
        }
        assert_eq!(look("v2.helloworld.Greeter/SayBye"), "Found(v2.helloworld.Greeter/SayBye)");
        // A tail of another name too, but one name in full.
        assert_eq!(look("helloworld.Greeter/SayBye"), "Found(helloworld.Greeter/SayBye)");
    }

    #[test]
    fn several_methods_with_one_tail_are_all_named() {
        assert_eq!(
            look("Greeter/SayHello"),
            r#"Ambiguous(["helloworld.Greeter/SayHello", "v2.helloworld.Greeter/SayHello"])"#
        );
        assert!(look("SayHello").starts_with("Ambiguous"));
    }

    #[test]
    fn a_service_without_that_method_says_so() {
        assert_eq!(
            look("HelloService/SayHallo"),
            r#"NoSuchMethod(hello.HelloService, ["hello.HelloService/SayHello"])"#
        );
        assert_eq!(look("hello.HelloService/Xyzzy"), "NoSuchMethod(hello.HelloService, [])");
    }

    #[test]
    fn a_service_alone_is_recognised() {
        assert_eq!(look("hello.HelloService"), "IsService(hello.HelloService)");
        assert_eq!(look("HelloService"), "IsService(hello.HelloService)");
    }

    #[test]
    fn near_misses() {
        assert_eq!(look("HeloService/SayHello"), r#"NotFound(["hello.HelloService/SayHello"])"#);
        assert_eq!(look("wrong.pkg.HelloService/Nothing"), "NotFound([])");
        assert_eq!(did_you_mean("status", ["google.rpc.Status", "a.Stats", "b.Unrelated"]).len(), 2);
        assert_eq!(
            did_you_mean("STATUS", ["google.rpc.Status", "a.Stats"]),
            ["google.rpc.Status", "a.Stats"]
        );
        assert!(did_you_mean("", ["a"]).is_empty());
        assert_eq!(look("Hello/SayHello"), r#"NotFound(["hello.HelloService/SayHello"])"#);
    }

    #[test]
    fn what_no_person_typed_is_not_compared() {
        let long = "a".repeat(1_000_000);
        assert!(did_you_mean(&long, [&long]).is_empty());
    }

    #[test]
    fn tails_end_at_dots() {
        assert!(is_tail("a.b.C", "b.C") && is_tail("a.b.C", "a.b.C"));
        assert!(!is_tail("a.b.C", "") && !is_tail("a.bc.C", "c.C"));
    }

    #[test]
    fn an_enums_own_name_is_no_part_of_the_short_one() {
        assert_eq!(short_value("demo.v1.Mood", "MOOD_HAPPY"), Some("HAPPY"));
        assert_eq!(short_value("HTTPMethod", "HTTP_METHOD_GET"), Some("GET"));
        assert_eq!(short_value("Log_Level", "LOG_LEVEL_VERY_HIGH"), Some("VERY_HIGH"));
        for (enumeration, value) in [("Mood", "HAPPY"), ("Mood", "MOOD_"), ("Mood", "MOODY_HAPPY")] {
            assert_eq!(short_value(enumeration, value), None, "{enumeration}.{value}");
        }
    }

    #[test]
    fn json_names() {
        assert_eq!(json_name("foo_bar_1x"), "fooBar1x");
        assert_eq!(json_name("_foo__bar_"), "FooBar");
    }
}
