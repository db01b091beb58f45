//! Finds the name in a JSON document that its message or enum does not have, to say which names it does have.
//!
//! Reading stops at the first such name but tells of it in words only; so the document is walked again, this time
//! looking at nothing but names.

use std::cell::RefCell;
use std::fmt;

use prost_reflect::{EnumDescriptor, EnumValueDescriptor, Kind, MessageDescriptor};
use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::path::Place;

/// A name that is not there.
pub(super) struct Unknown {
    pub(super) name: String,
    pub(super) owner: Owner,
    pub(super) line: usize,
    pub(super) column: usize,
}

/// What has no such name.
pub(super) enum Owner {
    Message(MessageDescriptor),
    Enum(EnumDescriptor),
}

/// The first unknown name in `document`, if there is one before it goes wrong in another way.
pub(super) fn first_unknown(message: &MessageDescriptor, document: &[u8]) -> Option<Unknown> {
    let found = RefCell::new(None);
    let mut reader = serde_json::Deserializer::from_slice(document);
    let walk = Walk { place: &Place::Element(Kind::Message(message.clone())), found: &found };
    let error = walk.deserialize(&mut reader).err()?;
    let (name, owner) = found.into_inner()?;
    Some(Unknown { name, owner, line: error.line(), column: error.column() })
}

impl Owner {
    /// The name that was probably meant by `name`.
    pub(super) fn similar(&self, name: &str) -> Option<String> {
        match self {
            Self::Message(message) => {
                let fields: Vec<_> = message.fields().collect();
                nearest(name, fields.iter().flat_map(|field| [field.json_name(), field.name()]))
            }
            Self::Enum(descriptor) => {
                let values: Vec<_> = descriptor.values().collect();
                nearest(name, values.iter().map(EnumValueDescriptor::name))
            }
        }
    }
}

fn nearest<'n>(wanted: &str, names: impl Iterator<Item = &'n str>) -> Option<String> {
    let folded = |name: &str| name.to_lowercase();
    names
        .map(|name| (strsim::jaro_winkler(&folded(wanted), &folded(name)) - distance(wanted, name), name))
        .filter(|(score, _)| *score > 0.8)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, name)| name.to_owned())
}

/// Settles between names that differ from the one wanted in letter case only, or equally.
fn distance(wanted: &str, name: &str) -> f64 {
    u32::try_from(strsim::levenshtein(wanted, name)).map_or(1.0, |steps| f64::from(steps) / 1000.0)
}

struct Walk<'w> {
    place: &'w Place,
    found: &'w RefCell<Option<(String, Owner)>>,
}

impl Walk<'_> {
    fn to<'w>(&'w self, place: &'w Place) -> Walk<'w> {
        Walk { place, found: self.found }
    }
}

impl<'de> DeserializeSeed<'de> for Walk<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Walk<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            match self.place {
                Place::Map(_, kind) => map.next_value_seed(self.to(&Place::Element(kind.clone())))?,
                // The well-known types have names of their own making.
                Place::Element(Kind::Message(message))
                    if !message.full_name().starts_with("google.protobuf.") =>
                {
                    let Some(place) = Place::of(message, &key) else {
                        *self.found.borrow_mut() = Some((key, Owner::Message(message.clone())));
                        return Err(A::Error::custom("unknown name"));
                    };
                    map.next_value_seed(self.to(&place))?;
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        match self.place {
            Place::List(kind) => {
                let element = Place::Element(kind.clone());
                while seq.next_element_seed(self.to(&element))?.is_some() {}
            }
            _ => while seq.next_element::<IgnoredAny>()?.is_some() {},
        }
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<(), E> {
        match self.place {
            Place::Element(Kind::Enum(values))
                if values.full_name() != "google.protobuf.NullValue"
                    && values.get_value_by_name(text).is_none() =>
            {
                *self.found.borrow_mut() = Some((text.to_owned(), Owner::Enum(values.clone())));
                Err(E::custom("unknown name"))
            }
            _ => Ok(()),
        }
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}
