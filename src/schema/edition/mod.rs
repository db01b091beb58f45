//! Files written in an edition of protobuf, for a pool that knows proto2 and proto3 alone, and files in proto3 that it
//! refuses although they are right.
//!
//! The pool gets each such file in a form that it accepts ([`lower`]): as proto2, where everything that a feature can
//! turn on or off has a keyword of its own. What has none goes along in options that nobody else can set, from where
//! [`super::traits`] reads it. [`raise`] undoes all that, for whoever shows a file or passes it on.

pub(super) mod features;
mod lower;
pub(super) mod marks;
pub(super) mod options;
mod raise;
#[cfg(test)]
mod tests;

use std::fmt;

use bytes::Bytes;

pub(super) use lower::{Lowered, lower, lower_proto3};
pub(super) use marks::{Mark, has as has_mark};
pub(super) use raise::{authors, option_imports, raise, visibility};

/// An edition of the language, one of those that this program knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Edition {
    /// The first one, whose features take the place of proto2 and proto3.
    E2023,
    /// With `export`, `local` and `import option`.
    E2024,
}

/// How proto2 is numbered among the editions.
const PROTO2: i32 = 998;
/// How proto3 is numbered among the editions.
pub(super) const PROTO3: i32 = 999;

/// Where the options of a file have their features.
pub(super) const FILE_FEATURES: u32 = features::Holder::File as u32;
/// Where those of a message have them.
pub(super) const MESSAGE_FEATURES: u32 = features::Holder::Message as u32;
/// Where those of a field have them.
pub(super) const FIELD_FEATURES: u32 = features::Holder::Field as u32;
/// Where those of an enum have them.
pub(super) const ENUM_FEATURES: u32 = features::Holder::Enum as u32;

/// The features that are written down in options, as they are.
pub(super) fn written_features(options: &[Bytes], holder: u32) -> Vec<u8> {
    options.iter().flat_map(|part| options::delimited(part, holder)).flatten().copied().collect()
}

impl Edition {
    /// The edition of this number in `google.protobuf.Edition`.
    pub(super) fn from_number(number: i32) -> Option<Self> {
        match number {
            1000 => Some(Self::E2023),
            1001 => Some(Self::E2024),
            _ => None,
        }
    }

    pub(super) fn number(self) -> i32 {
        match self {
            Self::E2023 => 1000,
            Self::E2024 => 1001,
        }
    }
}

impl fmt::Display for Edition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::E2023 => "2023",
            Self::E2024 => "2024",
        })
    }
}
