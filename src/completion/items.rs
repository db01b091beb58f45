//! The items behind a method: its request's fields, and what can be written for each.

use super::{Answer, Candidate, Catalog, Field, Form, Method, Rest, begins};
use crate::schema::name::short_value;

/// Ways to go on with an item; `given` are the items that stand there already.
pub fn items(catalog: &Catalog, method: &Method, given: &[String], word: &str) -> Answer {
    match split(word) {
        (path, None) => fields(catalog, method, given, path).into(),
        (path, Some(operator)) => {
            let before = format!("{path}{operator}");
            if operator == "@" {
                return Rest::File(before).into();
            }
            let written = word.get(before.len()..).unwrap_or_default();
            let values = find(catalog, method, path).map(|field| values(catalog, field, operator, written));
            let mut candidates = values.unwrap_or_default();
            for candidate in &mut candidates {
                candidate.text.insert_str(0, &before);
            }
            candidates.into()
        }
    }
}

/// An item's path, and the operator at the leftmost place where there is one.
fn split(item: &str) -> (&str, Option<&str>) {
    let place = item.find(['=', '@']).into_iter().chain(item.find(":=")).min();
    let Some(place) = place else { return (item, None) };
    let (path, rest) = item.split_at(place);
    (path, rest.get(..if rest.starts_with(":=") { 2 } else { 1 }))
}

/// The fields that a path may go on with.
fn fields(catalog: &Catalog, method: &Method, given: &[String], path: &str) -> Vec<Candidate> {
    let (parents, begun) = match path.rfind('.') {
        Some(dot) => path.split_at(dot + 1),
        None => ("", path),
    };
    let steps = parents.strip_suffix('.').into_iter().flat_map(|path| path.split('.'));
    let Some(Inside::Message(message)) = walk(catalog, method, steps) else { return Vec::new() };
    let known = catalog.messages.get(message).map(Vec::as_slice).unwrap_or_default();
    let mut candidates = Vec::new();
    let exact = known.iter().any(|field| field.name.starts_with(begun));
    let fits = |field: &&Field| {
        if exact { field.name.starts_with(begun) } else { begins(&field.name, begun) }
    };
    for field in known.iter().filter(fits) {
        let name = format!("{parents}{}", field.name);
        if (field.repeated || field.map) || !given.iter().any(|item| split(item).0 == name) {
            candidates.extend(spellings(&name, field));
        }
    }
    candidates
}

/// How an item for a field begins.
fn spellings(name: &str, field: &Field) -> Vec<Candidate> {
    let help = match (field.map, field.repeated) {
        (true, _) => format!("map of {}", field.type_name),
        (_, true) => format!("repeated {}", field.type_name),
        _ => field.type_name.clone(),
    };
    let behind = match field.form {
        _ if field.map => &["."][..],
        Form::Message if field.repeated => &[":="],
        Form::Message => &["."],
        Form::Json => &[":="],
        Form::Bytes => &["=", "@"],
        Form::Plain | Form::Bool | Form::Enum | Form::Time => &["="],
    };
    behind.iter().map(|end| Candidate::open(format!("{name}{end}"), help.as_str())).collect()
}

/// What can be written for a field, as far as it can be listed, that begins with this.
fn values(catalog: &Catalog, field: &Field, operator: &str, written: &str) -> Vec<Candidate> {
    let names: Vec<&str> = match (field.form, operator) {
        (Form::Bool, _) => vec!["true", "false"],
        (Form::Enum, "=") => return of_enum(catalog, &field.type_name, written),
        (Form::Time, "=") => vec!["now"],
        _ => Vec::new(),
    };
    let names = names.into_iter().filter(|name| name.starts_with(written));
    names.map(|name| Candidate::new(name, "")).collect()
}

/// The values of an enum. Items take them in any case, and without the enum's name before them: so they are offered as
/// they were begun.
fn of_enum(catalog: &Catalog, name: &str, written: &str) -> Vec<Candidate> {
    let all = || catalog.enums.get(name).into_iter().flatten().map(String::as_str);
    let in_any_case = |value: &&str| begins(value, written);
    let exact: Vec<&str> = all().filter(|value| value.starts_with(written)).collect();
    let found = match exact.is_empty() {
        false => exact,
        true if all().any(|value| begins(value, written)) => all().filter(in_any_case).collect(),
        true => all().filter_map(|value| short_value(name, value)).filter(in_any_case).collect(),
    };
    let small = !written.is_empty() && !written.contains(|c: char| c.is_ascii_uppercase());
    let as_begun = |value: &str| if small { value.to_ascii_lowercase() } else { value.to_owned() };
    // A name that is small in itself stays as it is.
    let spelt = |value: &str| if value.starts_with(written) { value.to_owned() } else { as_begun(value) };
    found.into_iter().map(|value| Candidate::new(spelt(value), "")).collect()
}

/// The field that a path leads to; of a map, by one of its keys.
fn find<'c>(catalog: &'c Catalog, method: &'c Method, path: &str) -> Option<&'c Field> {
    match walk(catalog, method, path.split('.'))? {
        Inside::Value(field) => Some(field),
        Inside::Message(_) | Inside::Map(_) => None,
    }
}

/// Where a path has led.
enum Inside<'c> {
    /// Into a message of this name.
    Message(&'c str),
    /// Into a map, whose key comes next.
    Map(&'c Field),
    /// To a field that nothing is inside of.
    Value(&'c Field),
}

fn walk<'c, 'p>(
    catalog: &'c Catalog,
    method: &'c Method,
    path: impl Iterator<Item = &'p str>,
) -> Option<Inside<'c>> {
    let mut inside = Inside::Message(&method.input);
    for part in path {
        let within = |field: &'c Field| match field.form {
            Form::Message => Inside::Message(&field.type_name),
            _ => Inside::Value(field),
        };
        inside = match inside {
            Inside::Message(message) => {
                // `tags[]` adds one to a list, `tags[0]` is one of it, `labels[env]` is a map's.
                let (name, inner) = part.split_once('[').map_or((part, false), |(name, _)| (name, true));
                let field = catalog
                    .messages
                    .get(message)?
                    .iter()
                    .find(|field| field.name == name || field.json_name == name)?;
                if field.map && !inner { Inside::Map(field) } else { within(field) }
            }
            Inside::Map(field) => within(field),
            Inside::Value(_) => return None,
        };
    }
    Some(inside)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{catalog, words};
    use super::*;

    fn offered(word: &str) -> Vec<String> {
        let catalog = catalog();
        words(&items(&catalog, catalog.method("People/Add").unwrap(), &[], word).candidates)
    }

    #[test]
    fn fields_and_the_fields_within_them() {
        assert_eq!(
            offered(""),
            [
                "name=…",
                "home_town.…",
                "friends:=…",
                "labels.…",
                "towns.…",
                "mood=…",
                "admin=…",
                "photo=…",
                "photo@…",
                "born=…",
                "extra:=…"
            ]
        );
        assert_eq!(offered("ho"), ["home_town.…"]);
        assert_eq!(offered("HO"), ["home_town.…"]);
        assert_eq!(offered("home_town."), ["home_town.name=…", "home_town.codes=…", "home_town.mayor.…"]);
        assert_eq!(offered("homeTown.mayor.ad"), ["homeTown.mayor.admin=…"]);
        assert!(offered("labels.").is_empty(), "a key is anything");
        assert_eq!(offered("towns.paris.n"), ["towns.paris.name=…"]);
        assert_eq!(offered("friends[0].na"), ["friends[0].name=…"]);
        assert_eq!(offered("towns[paris].na"), ["towns[paris].name=…"]);
        for nowhere in ["nope.", "name.", "home_town.name.x", ".", "home_town..x"] {
            assert!(offered(nowhere).is_empty(), "{nowhere}");
        }
    }

    #[test]
    fn values_where_they_can_be_listed() {
        assert_eq!(offered("mood="), ["mood=MOOD_UNKNOWN", "mood=MOOD_FINE"]);
        assert_eq!(offered("mood=MOOD_F"), ["mood=MOOD_FINE"]);
        assert_eq!(offered("mood=mood_f"), ["mood=mood_fine"]);
        assert_eq!(offered("mood=fi"), ["mood=fine"]);
        assert_eq!(offered("mood=FI"), ["mood=FINE"]);
        assert!(offered("mood=x").is_empty());
        assert_eq!(offered("home_town.mayor.admin=t"), ["home_town.mayor.admin=true"]);
        assert_eq!(offered("admin:=f"), ["admin:=false"]);
        assert_eq!(offered("born="), ["born=now"]);
        assert!(offered("name=").is_empty());
        assert!(offered("nope=").is_empty());
    }

    #[test]
    fn behind_an_at_sign_is_a_file() {
        let catalog = catalog();
        let method = catalog.method("People/Add").unwrap();
        for (word, before) in [("photo@", "photo@"), ("photo@pic/a=b.pn", "photo@"), ("@", "@")] {
            assert_eq!(
                items(&catalog, method, &[], word).rest,
                Some(Rest::File(before.to_owned())),
                "{word}"
            );
        }
        assert_eq!(items(&catalog, method, &[], "name=a@b").rest, None);
    }

    #[test]
    fn what_is_given_is_not_offered_again_unless_it_can_be_more_than_one() {
        let catalog = catalog();
        let method = catalog.method("Towns/Add").unwrap();
        let given = ["name=Paris".to_owned(), "codes=1".to_owned()];
        assert_eq!(words(&items(&catalog, method, &given, "").candidates), ["codes=…", "mayor.…"]);
    }
}
