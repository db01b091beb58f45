//! Which of a file's types is the argument.

use super::declarations::{Declarations, Method};
use super::error::TypeError;
use super::parse::{Expr, Parser};
use super::resolve::resolve;
use super::{GoTypes, declarations};

/// The type meant; see [`super::parse_file`].
pub(super) fn choose(
    text: &str,
    declared: &Declarations,
    wanted: Option<&str>,
    method: &str,
) -> Result<GoTypes, TypeError> {
    if let Some(wanted) = wanted {
        return named(text, declared, wanted);
    }
    let argument = declared.first.as_ref().or_else(|| argument(declared, method));
    if let Some(expr) = argument {
        return resolve(text, declared, expr, text);
    }
    let name = only(declared)?;
    resolve(text, declared, &Expr::Name { name: name.to_owned(), at: 0 }, text)
}

fn named(text: &str, declared: &Declarations, wanted: &str) -> Result<GoTypes, TypeError> {
    let Some(expr) = declarations::parse(wanted)?.first else {
        return Err(Parser::new(wanted).unexpected("a type"));
    };
    resolve(text, declared, &expr, wanted).map_err(|error| match error {
        TypeError::Undefined { name, .. } if wanted.contains(&name) => {
            TypeError::NotInFile { name, defined: names(declared, |_| true) }
        }
        error => error,
    })
}

/// What the method with this name takes: that of the service's own type, or the only one with the name, since a
/// service may be registered under any name.
fn argument<'a>(declared: &'a Declarations, method: &str) -> Option<&'a Expr> {
    let (service, name) = method.rsplit_once('.')?;
    let mut methods = declared.methods.iter().filter(|method| method.name == name);
    let own = |method: &&Method| method.receiver == service;
    let method = methods.clone().find(own).or_else(|| methods.next().filter(|_| methods.next().is_none()))?;
    method.argument.as_ref()
}

fn only(declared: &Declarations) -> Result<&str, TypeError> {
    let mut used = Vec::new();
    for (name, expr) in &declared.types {
        mentions(expr, &mut |mentioned| {
            if mentioned != name {
                used.push(mentioned);
            }
        });
    }
    used.sort_unstable();
    let free = |name: &str| used.binary_search(&name).is_err();
    let is_struct = |expr: &Expr| matches!(expr, Expr::Struct(fields) if !fields.is_empty());
    let structs = |(name, expr): &&(String, Expr)| is_struct(expr) && free(name);
    let mut found = declared.types.iter().filter(structs);
    match (found.next(), found.next(), declared.types.as_slice()) {
        (Some((name, _)), None, _) | (None, _, [(name, _)]) => Ok(name),
        (None, _, []) => Err(TypeError::Nothing),
        (None, ..) => Err(TypeError::Ambiguous { candidates: names(declared, |_| true) }),
        _ => Err(TypeError::Ambiguous {
            candidates: declared.types.iter().filter(structs).map(|(name, _)| name.clone()).collect(),
        }),
    }
}

fn names(declared: &Declarations, wanted: impl Fn(&str) -> bool) -> Vec<String> {
    declared.types.iter().map(|(name, _)| name).filter(|name| wanted(name)).cloned().collect()
}

/// Calls `mention` with every name in a type.
fn mentions<'a>(expr: &'a Expr, mention: &mut impl FnMut(&'a str)) {
    match expr {
        Expr::Name { name, .. } | Expr::Generic { name, .. } => mention(name),
        Expr::Pointer(inner) | Expr::Slice(inner) | Expr::Array { element: inner, .. } => {
            mentions(inner, mention);
        }
        Expr::Map(key, value) => {
            mentions(key, mention);
            mentions(value, mention);
        }
        Expr::Struct(fields) => fields.iter().for_each(|field| mentions(&field.ty, mention)),
        Expr::Interface | Expr::Unsendable => {}
    }
}
