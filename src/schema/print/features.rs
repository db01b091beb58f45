//! What a symbol has from its file and from what encloses it: features, which are written there and not beside it.

use prost_reflect::{Cardinality, Kind};

use super::{Printer, tag};
use crate::schema::symbol::Symbol;

/// What holds in every edition that is known where nothing is said.
const DEFAULTS: [&str; 8] = [
    "features.field_presence = EXPLICIT",
    "features.enum_type = OPEN",
    "features.repeated_field_encoding = PACKED",
    "features.utf8_validation = VERIFY",
    "features.message_encoding = LENGTH_PREFIXED",
    "features.json_format = ALLOW",
    "features.enforce_naming_style = STYLE_LEGACY",
    "features.default_symbol_visibility = EXPORT_ALL",
];

impl Printer<'_> {
    /// The features that a symbol is given by its file and by the messages around it, as far as they change what it is.
    pub(super) fn inherited_features(&self, symbol: &Symbol) -> Vec<String> {
        if self.ground.edition.is_none() {
            return Vec::new();
        }
        let mut features: Vec<String> = Vec::new();
        for path in outer(symbol.path()) {
            for item in self.own_features(path) {
                features.retain(|other| name(other) != name(&item));
                features.push(item);
            }
        }
        // A value is shown in its enum, and both are beside what they say themselves.
        let shown = match symbol {
            Symbol::EnumValue(value) => value.parent_enum().path(),
            symbol => symbol.path(),
        };
        let own = self.own_features(shown);
        features.retain(|item| {
            let is_own = own.iter().any(|own| name(own) == name(item));
            !is_own && !DEFAULTS.contains(&item.as_str()) && matters(name(item), symbol)
        });
        features
    }

    fn own_features(&self, path: &[i32]) -> Vec<String> {
        self.options(path).items.into_iter().filter(|item| item.starts_with("features.")).collect()
    }
}

/// The paths of the file and of the messages around the element at `path`, the outermost first.
fn outer(path: &[i32]) -> impl Iterator<Item = &[i32]> {
    let is_message = |(depth, step): &(usize, &[i32])| {
        step.first() == Some(if *depth == 0 { &tag::file::MESSAGE } else { &tag::message::NESTED })
    };
    let messages = path.chunks(2).enumerate().take_while(is_message).count();
    // The last step leads to the element itself.
    let depth = messages.min((path.len() / 2).saturating_sub(1));
    (0..=depth).filter_map(move |depth| path.get(..2 * depth))
}

fn name(item: &str) -> &str {
    item.split(" = ").next().unwrap_or_default()
}

/// Whether a feature changes what a symbol is, or something in it.
fn matters(feature: &str, symbol: &Symbol) -> bool {
    match symbol {
        Symbol::Message(_) => feature != "features.enforce_naming_style",
        Symbol::Field(field) => {
            let has_choice =
                field.cardinality() == Cardinality::Optional && field.containing_oneof().is_none();
            matters_to(feature, &field.kind(), field.is_list(), has_choice)
        }
        // They always have presence.
        Symbol::Extension(field) => matters_to(feature, &field.kind(), field.is_list(), false),
        Symbol::Oneof(oneof) => {
            oneof.fields().any(|field| matters_to(feature, &field.kind(), field.is_list(), false))
        }
        Symbol::Enum(_) | Symbol::EnumValue(_) => {
            matches!(feature, "features.enum_type" | "features.json_format")
        }
        Symbol::Service(_) | Symbol::Method(_) => false,
    }
}

/// Whether a feature changes what a field of this type is.
fn matters_to(feature: &str, kind: &Kind, is_list: bool, has_choice: bool) -> bool {
    let is_message = matches!(kind, Kind::Message(_));
    let is_packable = !is_message && !matches!(kind, Kind::String | Kind::Bytes);
    match feature {
        "features.field_presence" => has_choice && !is_message,
        "features.repeated_field_encoding" => is_list && is_packable,
        "features.utf8_validation" => matches!(kind, Kind::String),
        "features.message_encoding" => matches!(kind, Kind::Message(message) if !message.is_map_entry()),
        _ => false,
    }
}
