//! What a server's refusal means, and how to ask so that it accepts.
//!
//! A Go server has no schema to show, but its decoder says what it wanted when it gets something else. The texts are
//! those of `encoding/gob`, `net/rpc` and `encoding/json`, which have been the same since Go 1.0; a text that is not
//! one of them, or comes from a method that only sounds like them, is left to speak for itself.

mod describe;
#[cfg(test)]
mod tests;

pub use describe::describe;

use self::describe::{Edit, mended};
use super::gob::{Definition, Field, TypeRef, Types};
use super::gotype;

/// What a refusal means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// Why the server refused, in a sentence without its full stop.
    pub why: String,
    /// What to do about it, where something can be done.
    pub mend: Option<Mend>,
}

/// What to do about a refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mend {
    /// Give this type for the argument.
    Type(String),
    /// Give the type's definition, copied from the server's source: only there is it said what a name stands for.
    Definition,
    /// Look up what services and methods there are.
    List,
}

/// What was sent: the argument's type.
#[derive(Debug, Clone, Copy)]
pub struct Sent<'a> {
    /// The types of the connection's arguments.
    pub types: &'a Types,
    /// The argument's.
    pub ty: TypeRef,
}

/// Explains a server's error. Over JSON-RPC nothing has a type, so `sent` is none; gob's texts are not looked for there,
/// nor JSON's where gob was spoken: a method that says such a thing speaks of something else.
pub fn explain(error: &str, sent: Option<Sent<'_>>) -> Option<Explanation> {
    rpc(error).or_else(|| match sent {
        Some(sent) => gob(error, sent),
        None => json(error),
    })
}

fn told(why: impl Into<String>, mend: Option<Mend>) -> Explanation {
    Explanation { why: why.into(), mend }
}

/// The text between a prefix and the last `middle`, and the text after that.
fn around<'a>(error: &'a str, prefix: &str, middle: &str) -> Option<(&'a str, &'a str)> {
    error.strip_prefix(prefix)?.rsplit_once(middle)
}

fn rpc(error: &str) -> Option<Explanation> {
    if let Some(name) = error.strip_prefix("rpc: can't find service ") {
        let service = name.rsplit_once('.').map_or(name, |(service, _)| service);
        return Some(told(format!("the server has no service {service}"), Some(Mend::List)));
    }
    if let Some(name) = error.strip_prefix("rpc: can't find method ") {
        let (service, method) = name.rsplit_once('.').unwrap_or(("", name));
        return Some(told(format!("the server's {service} has no method {method}"), Some(Mend::List)));
    }
    if let Some(name) = error.strip_prefix("rpc: service/method request ill-formed: ") {
        return Some(told(
            format!("{name} names no method: a service, a dot and a method do"),
            Some(Mend::List),
        ));
    }
    None
}

fn json(error: &str) -> Option<Explanation> {
    if error == "jsonrpc: request body missing params" {
        return Some(told("the server got no argument", None));
    }
    if error.starts_with("parsing time ") {
        return Some(told("the server wants a time there, such as \"2006-01-02T15:04:05Z\"", None));
    }
    if error.starts_with("illegal base64 data") {
        return Some(told("the server wants bytes there, in base64", None));
    }
    let (sent, wanted) = error.strip_prefix("json: cannot unmarshal ")?.split_once(" into Go ")?;
    if let Some((field, ty)) =
        wanted.strip_prefix("struct field ").and_then(|rest| rest.split_once(" of type "))
    {
        return Some(told(
            format!("the server's {field} is of type {ty}, which can't be the {sent} that was sent"),
            None,
        ));
    }
    let ty = wanted.strip_prefix("value of type ")?;
    Some(told(
        format!("the server takes an argument of type {ty}, which can't be the {sent} that was sent"),
        None,
    ))
}

fn gob(error: &str, sent: Sent<'_>) -> Option<Explanation> {
    if let Some((ty, field)) = around(error, "gob: wrong type (", ") for received field ") {
        return wrong_field(ty, field, sent);
    }
    if let Some(name) = error.strip_prefix("gob: type mismatch: no fields matched compiling decoder for ") {
        return Some(no_field(name, sent));
    }
    if let Some((ty, "")) =
        around(error, "gob: type mismatch in decoder: want struct type ", "; got non-struct")
    {
        return Some(no_struct(ty, sent));
    }
    if let Some((local, remote)) = around(error, "gob: decoding into local type ", ", received remote type ")
    {
        return Some(wrong_argument(local, remote, sent));
    }
    if error.starts_with("gob: local interface type ") {
        let why = "the server takes an interface, which holds a value together with its type";
        return Some(told(why, Some(Mend::Type("any".to_owned()))));
    }
    if let Some((name, "")) = around(error, "value for \"", "\" out of range") {
        return Some(told(
            format!("a number is out of the range of the server's {}", name.trim_start_matches('*')),
            None,
        ));
    }
    if let Some(name) = error.strip_prefix("gob: name not registered for interface: ") {
        return Some(told(format!("the server knows no type that is registered as {name}"), None));
    }
    None
}

/// A type as the server prints it, in the words that `--type` takes; none if only the server's source says what a name
/// in it stands for.
fn in_known_words(ty: &str) -> Option<String> {
    let types = gotype::parse(ty).ok()?;
    Some(types.show(types.root()))
}

fn type_or_definition(text: Option<String>) -> Mend {
    text.map_or(Mend::Definition, Mend::Type)
}

/// A field's type is not the one sent. The struct's name is the one that was sent with it.
fn wrong_field(ty: &str, field: &str, sent: Sent<'_>) -> Option<Explanation> {
    let (structure, name) = field.rsplit_once('.')?;
    let found = find(sent, structure, name);
    let was = found.and_then(|(place, field)| Some((place, describe(sent.types, field.ty)?)));
    let Some((place, was)) = was else {
        return Some(told(
            format!("the server's {} is of type {ty}", field.trim_start_matches('.')),
            Some(Mend::Definition),
        ));
    };
    let field = field.trim_start_matches('.');
    let why = format!("the server's {field} is of type {ty}, and {was} was sent");
    let text = in_known_words(ty).and_then(|ty| mended(sent, &Edit::Field { place, name, ty: &ty }));
    Some(told(why, Some(type_or_definition(text))))
}

/// The struct with this name that has a field with this name.
fn find<'a>(sent: Sent<'a>, structure: &str, field: &str) -> Option<(TypeRef, &'a Field)> {
    let mut queue = vec![sent.ty];
    let mut next = 0;
    while let Some(ty) = queue.get(next).copied() {
        next += 1;
        let Some(definition) = sent.types.get(ty) else { continue };
        if let Definition::Struct { name, fields } = definition
            && **name == *structure
            && let Some(field) = fields.iter().find(|known| *known.name == *field)
        {
            return Some((ty, field));
        }
        for part in definition.parts() {
            if !queue.contains(&part) {
                queue.push(part);
            }
        }
    }
    None
}

fn fields(sent: Sent<'_>) -> Option<&[Field]> {
    match sent.types.get(sent.ty)? {
        Definition::Struct { fields, .. } => Some(fields),
        _ => None,
    }
}

fn names<'a>(fields: impl Iterator<Item = &'a Field>) -> String {
    fields.map(|field| &*field.name).collect::<Vec<_>>().join(", ")
}

fn no_field(structure: &str, sent: Sent<'_>) -> Explanation {
    let what = if structure.is_empty() { "argument".to_owned() } else { structure.to_owned() };
    let sent_names = fields(sent).map(|fields| names(fields.iter())).filter(|names| !names.is_empty());
    let Some(sent_names) = sent_names else {
        return told(
            format!("the server's {what} has none of the fields that were sent"),
            Some(Mend::Definition),
        );
    };
    let small =
        fields(sent).is_some_and(|fields| fields.iter().any(|field| !starts_with_capital(&field.name)));
    let why =
        format!("the server's {what} has no field named {sent_names}: names must be the same, capitals too");
    let text = small.then(|| mended(sent, &Edit::Capitals { place: sent.ty })).flatten();
    told(why, Some(type_or_definition(text)))
}

fn starts_with_capital(name: &str) -> bool {
    name.chars().next().is_some_and(char::is_uppercase)
}

fn no_struct(ty: &str, sent: Sent<'_>) -> Explanation {
    let what = if ty.starts_with("struct") { "a struct".to_owned() } else { format!("the struct {ty}") };
    let Some(fields) = fields(sent) else {
        let was = describe(sent.types, sent.ty).unwrap_or_else(|| "something else".to_owned());
        return told(format!("the server takes {what}, a JSON object, and {was} was sent"), None);
    };
    let others = names(
        fields.iter().filter(|field| !matches!(sent.types.get(field.ty), Some(Definition::Struct { .. }))),
    );
    told(format!("the server takes {what}, a JSON object, in one of {others}"), None)
}

fn wrong_argument(local: &str, remote: &str, sent: Sent<'_>) -> Explanation {
    // An argument is decoded through a pointer to it.
    let local = local.strip_prefix('*').unwrap_or(local);
    let was = describe(sent.types, sent.ty).unwrap_or_else(|| remote.to_owned());
    let why = format!("the server takes an argument of type {local}, and {was} was sent");
    told(why, Some(type_or_definition(in_known_words(local))))
}
