//! A gob type in Go's words, as it is or with something changed.

use super::Sent;
use crate::netrpc::gob::{Definition, Field, Marshaler, TypeRef, Types};
use crate::netrpc::standard::Standard;

/// How many types are written at most: one may be used over and over in another.
const MOST: usize = 1_000;
/// How deep they may be nested.
const DEPTH: usize = 100;

/// What is different from the type that was sent.
#[derive(Debug)]
pub(super) enum Edit<'a> {
    /// The type of a field of a struct.
    Field { place: TypeRef, name: &'a str, ty: &'a str },
    /// The names of a struct's fields, which then begin with capitals.
    Capitals { place: TypeRef },
}

/// A type in Go's words, with the declarations of those that name themselves behind it, as `--type` takes it. None if
/// it is endless, or has types in it for which Go has no words.
pub fn describe(types: &Types, ty: TypeRef) -> Option<String> {
    write(Sent { types, ty }, None)
}

/// What was sent, with an edit.
pub(super) fn mended(sent: Sent<'_>, edit: &Edit<'_>) -> Option<String> {
    write(sent, Some(edit))
}

fn write(sent: Sent<'_>, edit: Option<&Edit<'_>>) -> Option<String> {
    let mut writer = Writer {
        types: sent.types,
        edit,
        open: Vec::new(),
        named: Vec::new(),
        declared: Vec::new(),
        left: MOST,
    };
    let root = writer.ty(sent.ty)?;
    Some(writer.declared.iter().fold(root, |text, declaration| text + "; " + declaration))
}

struct Writer<'a> {
    types: &'a Types,
    edit: Option<&'a Edit<'a>>,
    /// The types around the one being written.
    open: Vec<TypeRef>,
    /// Those of them that were named inside themselves, and so need a declaration.
    named: Vec<TypeRef>,
    declared: Vec<String>,
    left: usize,
}

impl Writer<'_> {
    fn ty(&mut self, ty: TypeRef) -> Option<String> {
        self.left = self.left.checked_sub(1)?;
        Some(match ty {
            TypeRef::Bool => "bool".to_owned(),
            TypeRef::Int => "int".to_owned(),
            TypeRef::Uint => "uint".to_owned(),
            TypeRef::Float => "float64".to_owned(),
            TypeRef::Bytes => "[]byte".to_owned(),
            TypeRef::String => "string".to_owned(),
            TypeRef::Complex => "complex128".to_owned(),
            TypeRef::Interface => "any".to_owned(),
            TypeRef::Defined(place) => return self.defined(ty, place),
        })
    }

    fn defined(&mut self, ty: TypeRef, place: usize) -> Option<String> {
        let definition = self.types.get(ty)?;
        let name = own_name(definition, place);
        if self.open.contains(&ty) {
            self.named.push(ty);
            // gob forgets the pointer without which a struct can't be inside itself.
            let pointer = if matches!(definition, Definition::Struct { .. }) { "*" } else { "" };
            return Some(format!("{pointer}{name}"));
        }
        if self.named.contains(&ty) {
            return Some(name);
        }
        if self.open.len() == DEPTH {
            return None;
        }
        self.open.push(ty);
        let text = self.definition(ty, definition)?;
        self.open.pop();
        if self.named.contains(&ty) {
            self.declared.push(format!("type {name} {text}"));
            return Some(name);
        }
        Some(text)
    }

    fn definition(&mut self, ty: TypeRef, definition: &Definition) -> Option<String> {
        Some(match definition {
            Definition::Array { element, length, .. } => format!("[{length}]{}", self.ty(*element)?),
            Definition::Slice { element, .. } => format!("[]{}", self.ty(*element)?),
            Definition::Map { key, value, .. } => format!("map[{}]{}", self.ty(*key)?, self.ty(*value)?),
            Definition::Struct { fields, .. } => {
                let fields: Option<Vec<String>> = fields.iter().map(|field| self.field(ty, field)).collect();
                format!("struct{{{}}}", fields?.join("; "))
            }
            Definition::Opaque { name, marshaler, .. } => opaque(name, *marshaler)?.to_owned(),
        })
    }

    fn field(&mut self, structure: TypeRef, field: &Field) -> Option<String> {
        match self.edit {
            Some(Edit::Field { place, name, ty }) if *place == structure && **name == *field.name => {
                Some(format!("{name} {ty}"))
            }
            Some(Edit::Capitals { place }) if *place == structure => {
                let mut letters = field.name.chars();
                let first = letters.next()?.to_uppercase();
                Some(format!("{first}{} {}", letters.as_str(), self.ty(field.ty)?))
            }
            _ => Some(format!("{} {}", field.name, self.ty(field.ty)?)),
        }
    }
}

fn own_name(definition: &Definition, place: usize) -> String {
    let name = definition.name();
    let is_word =
        name.chars().all(|c| c.is_alphanumeric() || c == '_') && name.starts_with(char::is_alphabetic);
    if is_word { name.to_string() } else { format!("T{place}") }
}

fn opaque(name: &str, marshaler: Marshaler) -> Option<&'static str> {
    Standard::from_wire(name, marshaler, &[]).map(Standard::go_name)
}
