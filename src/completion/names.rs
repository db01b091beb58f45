//! Names of services, methods and types: in full, or the end of one that is being typed.

use super::{Candidate, Catalog, Method, Service};

/// More methods than this are shown by their services first.
const MANY: usize = 100;

/// The methods that begin with `word`, by their full names or, where none does, by the ends of them.
pub fn methods(catalog: &Catalog, word: &str) -> Vec<Candidate> {
    let all: Vec<(&Service, &Method)> = catalog
        .services
        .iter()
        .flat_map(|service| service.methods.iter().map(move |method| (service, method)))
        .collect();
    let full: Vec<Candidate> = all
        .iter()
        .map(|(service, method)| Candidate::new(path(service, &service.name, method), &*method.signature))
        .filter(|candidate| candidate.text.starts_with(word))
        .collect();
    if full.len() > MANY {
        let beginnings = catalog
            .services
            .iter()
            .map(|service| format!("{}{}", service.name, service.separator))
            .filter(|beginning| beginning.starts_with(word));
        let services: Vec<Candidate> =
            beginnings.map(|beginning| Candidate::open(beginning, "service")).collect();
        if services.len() > 1 {
            return services;
        }
    }
    if !full.is_empty() {
        return full;
    }
    let mut ends: Vec<Candidate> = all.iter().filter_map(|pair| shortest(&all, *pair, word)).collect();
    ends.sort_by(|a, b| a.text.cmp(&b.text));
    ends
}

/// The shortest end of a method's name that begins with `word` and that no other method has.
fn shortest(all: &[(&Service, &Method)], pair: (&Service, &Method), word: &str) -> Option<Candidate> {
    let (service, method) = pair;
    let alone = [method.name.clone()];
    let behind_service = tails(&service.name).map(|tail| path(service, tail, method));
    let mut ends: Vec<String> = alone.into_iter().chain(behind_service).collect();
    ends.sort_by_key(String::len);
    let others = |end: &str| {
        all.iter().filter(|(service, method)| is_end(&path(service, &service.name, method), end)).count() > 1
    };
    let end = ends.into_iter().find(|end| end.starts_with(word) && !others(end))?;
    Some(Candidate::new(end, &*method.signature))
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
    let full: Vec<&str> = names.iter().copied().filter(|name| name.starts_with(word)).collect();
    let found = if full.is_empty() {
        let is_alone = |tail: &str| names.iter().filter(|name| is_end(name, tail)).count() == 1;
        let end = |name: &&'_ str| -> Option<usize> {
            let mut lengths: Vec<&str> = tails(name).collect();
            lengths.reverse();
            lengths.into_iter().find(|tail| tail.starts_with(word) && is_alone(tail)).map(str::len)
        };
        names.iter().filter_map(|name| name.get(name.len() - end(name)?..)).collect()
    } else {
        full
    };
    found.into_iter().map(|name| Candidate::new(name, help)).collect()
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
        assert!(offered("Ad").is_empty(), "Add alone is two methods");
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
        assert_eq!(words(&symbols(&catalog(), "To")), ["Towns", "Town", "Towns/Add"]);
        assert_eq!(words(&symbols(&catalog(), "")), ["t.People", "t.Towns", "t.Person", "t.Town", "t.Mood"]);
    }
}
