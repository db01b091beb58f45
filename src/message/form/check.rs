//! Holding an answer against the message that is asked for.

use prost_reflect::Kind;

use super::{Form, NotTaken};
use crate::message::items::{self, Item, Manner, Step, path_text};
use crate::message::json::{self, type_name};
use crate::message::split::Document;
use crate::message::{Error, Format, Origin, Position, Reader};

impl Form {
    /// The item that an answer makes, if it fits beside those that there are.
    pub(super) fn check(&self, path: &[Step], value: &str) -> Result<Item, NotTaken> {
        let word = format!("{}{value}", path_text(path));
        let item = Item::parse(&word).map_err(|error| NotTaken(error.to_string()))?;
        let mut items = self.items.clone();
        items.push(item.clone());
        let manner = Manner { allow_unknown_fields: false, now: self.now };
        let written = items::write(Some(&self.root), &items, manner).map_err(|error| why(&error))?;
        // What an Any has in it may be of a type that only the server knows.
        if !json::any_types(written.json().as_bytes()).is_empty() {
            return Ok(item);
        }
        let text = written.json().to_owned().into();
        let document = Document { number: 1, start: Position::START, text };
        let origin = Origin::Items(written.into());
        match Reader::default().read(Format::Json, &self.root, &origin, &document, false) {
            Ok(_) => Ok(item),
            // What is required may be yet to come.
            Err(Error::Item { problem, .. }) if is_required(&problem) => Ok(item),
            Err(error) => Err(why(&error)),
        }
    }
}

fn is_required(problem: &items::Problem) -> bool {
    matches!(problem, items::Problem::Json(json::Problem::Required { .. }))
}

/// What does not fit, without the item that nobody wrote.
fn why(error: &Error) -> NotTaken {
    NotTaken(match error {
        Error::Item { problem, .. } => problem.to_string(),
        error => error.to_string(),
    })
}

/// A key as it stands in a map that has these already.
pub(super) fn key(kind: &Kind, line: &str, keys: &[String]) -> Result<String, String> {
    let fits = match kind {
        Kind::String => true,
        Kind::Bool => matches!(line, "true" | "false"),
        Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => line.parse::<i32>().is_ok(),
        Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => line.parse::<i64>().is_ok(),
        Kind::Uint32 | Kind::Fixed32 => line.parse::<u32>().is_ok(),
        _ => line.parse::<u64>().is_ok(),
    };
    let name = if *kind == Kind::String && line == "\"\"" { "" } else { line };
    if !fits {
        Err(format!("this is no {}", type_name(kind)))
    } else if keys.iter().any(|known| known == name) {
        Err("that key is there already".to_owned())
    } else {
        Ok(name.to_owned())
    }
}
