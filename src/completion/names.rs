//! Names of services, methods and types: in full, or the end of one that is being typed.

use super::{Candidate, Catalog, Method, Service, beginning, begins};

/// More methods than this are shown by their services first.
const MANY: usize = 100;

/// The methods that begin with `word`, by their full names or, where none does, by the ends of them.
pub fn methods(catalog: &Catalog, word: &str) -> Vec<Candidate> {
    let all: Vec<(&Service, &Method)> = catalog
        .services
        .iter()
        .flat_map(|service| service.methods.iter().map(move |method| (service, method)))
        .collect();
    let full = all
        .iter()
        .map(|(service, method)| Candidate::new(path(service, &service.name, method), &*method.signature));
    let full = beginning(full.collect(), word);
    if full.len() > MANY {
        let beginnings =
            catalog.services.iter().map(|service| format!("{}{}", service.name, service.separator));
        let services =
            beginning(beginnings.map(|beginning| Candidate::open(beginning, "service")).collect(), word);
        if services.len() > 1 {
            return services;
        }
    }
    if !full.is_empty() {
        return full;
    }
    let ends = |fits: fn(&str, &str) -> bool| -> Vec<Candidate> {
        let mut ends: Vec<Candidate> =
            all.iter().filter_map(|pair| shortest(&all, *pair, |end| fits(end, word))).collect();
        ends.sort_by(|a, b| a.text.cmp(&b.text));
        ends
    };
    let exact = ends(|end, word| end.starts_with(word));
    if exact.is_empty() { ends(begins) } else { exact }
}

/// The shortest end of a method's name that no other method has and that has one in it which fits.
fn shortest(
    all: &[(&Service, &Method)],
    pair: (&Service, &Method),
    fits: impl Fn(&str) -> bool,
) -> Option<Candidate> {
    let (service, method) = pair;
    let alone = [method.name.clone()];
    let behind_service = tails(&service.name).map(|tail| path(service, tail, method));
    let mut ends: Vec<String> = alone.into_iter().chain(behind_service).collect();
    ends.sort_by_key(String::len);
    let others = |end: &str| {
        all.iter().filter(|(service, method)| is_end(&path(service, &service.name, method), end)).count() > 1
    };
    let mut from = ends.into_iter().skip_while(|end| !fits(end));
    Some(Candidate::new(from.find(|end| !others(end))?, &*method.signature))
}

fn path(service: &Service, name: &str, method: &Method) -> String {
    format!("{name}{}{}", service.separator, method.name)
}

/// Whether a method's name ends like that, from a dot or a slash on.
fn is_end(full: &str, end: &str) -> bool {
    full.strip_suffix(end).is_some_and(|rest| rest.is_empty() || rest.ends_with(['.', '/']))
}

/// The services that begin with `word`, in full or, where none does, by the end of the name.
pub fn services(catalog: &Catalog, word: &str) -> Vec<Candidate> {
    let names: Vec<&str> = catalog.services.iter().map(|service| service.name.as_str()).collect();
    ends(&names, word, "service")
}

/// Everything with a name that begins with `word`: services, methods, messages, enums.
pub fn symbols(catalog: &Catalog, word: &str) -> Vec<Candidate> {
    let messages: Vec<&str> = catalog.messages.keys().map(String::as_str).collect();
    let enums: Vec<&str> = catalog.enums.keys().map(String::as_str).collect();
    let mut found = services(catalog, word);
    found.extend(ends(&messages, word, "message"));
    found.extend(ends(&enums, word, "enum"));
    // Of an empty word, methods would be most of what is shown, and hide the rest.
    if !word.is_empty() {
        found.extend(methods(catalog, word));
    }
    found
}

fn ends(names: &[&str], word: &str, help: &str) -> Vec<Candidate> {
    let full = beginning(names.iter().map(|name| Candidate::new(*name, help)).collect(), word);
    if !full.is_empty() {
        return full;
    }
    let is_alone = |tail: &str| names.iter().filter(|name| is_end(name, tail)).count() == 1;
    let found = |fits: fn(&str, &str) -> bool| -> Vec<Candidate> {
        let end = |name: &&'_ str| -> Option<usize> {
            let mut lengths: Vec<&str> = tails(name).collect();
            lengths.reverse();
            let mut from = lengths.into_iter().skip_while(|tail| !fits(tail, word));
            from.find(|tail| is_alone(tail)).map(str::len)
        };
        let ends = names.iter().filter_map(|name| name.get(name.len() - end(name)?..));
        ends.map(|name| Candidate::new(name, help)).collect()
    };
    let exact = found(|tail, word| tail.starts_with(word));
    if exact.is_empty() { found(begins) } else { exact }
}

/// A name and its ends behind each dot, longest first.
fn tails(name: &str) -> impl Iterator<Item = &str> {
    let behind_dots = name.match_indices('.').filter_map(|(dot, _)| name.get(dot + 1..));
    std::iter::once(name).chain(behind_dots)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{catalog, words};
    use super::*;

    #[test]
    fn methods_are_offered_in_full_and_then_by_the_end_that_is_theirs_alone() {
        let offered = |word| words(&methods(&catalog(), word));
        assert_eq!(offered(""), ["t.People/Add", "t.People/Watch", "t.Towns/Add"]);
        assert_eq!(offered("t.P"), ["t.People/Add", "t.People/Watch"]);
        assert_eq!(offered("Peo"), ["People/Add", "People/Watch"]);
        assert_eq!(offered("Wa"), ["Watch"]);
        // Add alone is two methods.
        assert_eq!(offered("Ad"), ["People/Add", "Towns/Add"]);
        // In any case, where that finds nothing.
        assert_eq!(offered("T.p"), ["t.People/Add", "t.People/Watch"]);
        assert_eq!(offered("wa"), ["Watch"]);
        assert_eq!(offered("towns/"), ["Towns/Add"]);
        assert!(offered("x").is_empty());
        assert_eq!(methods(&catalog(), "Wa")[0].help, "(stream Town) returns (stream Person)");
    }

    #[test]
    fn of_very_many_methods_the_services_come_first() {
        let mut catalog = catalog();
        for number in 0..MANY {
            let mut method = catalog.services[0].methods[0].clone();
            method.name = format!("Add{number}");
            catalog.services[0].methods.push(method);
        }
        assert_eq!(words(&methods(&catalog, "t.")), ["t.People/…", "t.Towns/…"]);
        assert_eq!(methods(&catalog, "t.People/").len(), MANY + 2, "one service alone is shown whole");
    }

    #[test]
    fn a_net_rpc_method_has_a_dot_before_it() {
        let method = crate::netrpc::debug::Method {
            name: "Multiply".to_owned(),
            argument: "*demo.Args".to_owned(),
            reply: "*int".to_owned(),
            calls: 0,
        };
        let service = crate::netrpc::debug::Service { name: "Arith".to_owned(), methods: vec![method] };
        let catalog = Catalog::of_net_rpc(&[service]);
        let [offered] = methods(&catalog, "Ar").try_into().unwrap();
        assert_eq!(offered, Candidate::new("Arith.Multiply", "(*demo.Args, *int)"));
    }

    #[test]
    fn services_and_types_by_name_or_end() {
        assert_eq!(words(&services(&catalog(), "t.T")), ["t.Towns"]);
        assert_eq!(words(&services(&catalog(), "To")), ["Towns"]);
        assert_eq!(words(&services(&catalog(), "to")), ["Towns"]);
        assert_eq!(words(&symbols(&catalog(), "To")), ["Towns", "Town", "Towns/Add"]);
        assert_eq!(words(&symbols(&catalog(), "")), ["t.People", "t.Towns", "t.Person", "t.Town", "t.Mood"]);
    }
}
