//! Finds the member of a JSON document that its message type does not have, to say which names it does have.
//!
//! Reading stops at the first such name but tells of it in words only; so the document is walked again, this time
//! looking at nothing but names.

use std::cell::RefCell;
use std::fmt;

use prost_reflect::{Kind, MessageDescriptor};
use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::path::Place;

/// A name that its message type does not have.
pub(super) struct Unknown {
    pub(super) name: String,
    pub(super) message: MessageDescriptor,
    pub(super) line: usize,
    pub(super) column: usize,
}

/// The first unknown name in `document`, if there is one before it goes wrong in another way.
pub(super) fn first_unknown(message: &MessageDescriptor, document: &[u8]) -> Option<Unknown> {
    let found = RefCell::new(None);
    let mut reader = serde_json::Deserializer::from_slice(document);
    let walk = Walk { place: &Place::Element(Kind::Message(message.clone())), found: &found };
    let error = walk.deserialize(&mut reader).err()?;
    let (name, message) = found.into_inner()?;
    Some(Unknown { name, message, line: error.line(), column: error.column() })
}

/// The member of `message` that was probably meant.
pub(super) fn similar(message: &MessageDescriptor, name: &str) -> Option<String> {
    let wanted = name.to_ascii_lowercase();
    message
        .fields()
        .flat_map(|field| {
            let own = strsim::jaro_winkler(&wanted, &field.name().to_ascii_lowercase());
            let json = strsim::jaro_winkler(&wanted, &field.json_name().to_ascii_lowercase());
            let name = if own > json { field.name() } else { field.json_name() };
            Some((own.max(json), name.to_owned()))
        })
        .filter(|(score, _)| *score > 0.8)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, name)| name)
}

struct Walk<'w> {
    place: &'w Place,
    found: &'w RefCell<Option<(String, MessageDescriptor)>>,
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
                        *self.found.borrow_mut() = Some((key, message.clone()));
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

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}
