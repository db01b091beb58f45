//! Features as a file has them written, and what they come to where they are inherited.

use bytes::Bytes;
use prost::Message as _;

use super::options;

/// `google.protobuf.FeatureSet`, as far as it matters once a file is compiled. Zero is what says nothing.
#[derive(Clone, Copy, PartialEq, prost::Message)]
pub(in crate::schema) struct Features {
    #[prost(int32, tag = "1")]
    presence: i32,
    #[prost(int32, tag = "2")]
    enum_type: i32,
    #[prost(int32, tag = "3")]
    repeated: i32,
    #[prost(int32, tag = "4")]
    utf8: i32,
    #[prost(int32, tag = "5")]
    encoding: i32,
    #[prost(int32, tag = "6")]
    json: i32,
}

const EXPLICIT: i32 = 1;
const IMPLICIT: i32 = 2;
const LEGACY_REQUIRED: i32 = 3;
const OPEN: i32 = 1;
const CLOSED: i32 = 2;
const PACKED: i32 = 1;
const VERIFY: i32 = 2;
const NONE: i32 = 3;
const LENGTH_PREFIXED: i32 = 1;
const DELIMITED: i32 = 2;
const ALLOW: i32 = 1;
const LEGACY_BEST_EFFORT: i32 = 2;

/// Where the options of each kind of element have their features.
#[derive(Clone, Copy)]
pub(super) enum Holder {
    File = 50,
    Message = 12,
    Field = 21,
    Oneof = 1,
    Enum = 7,
}

impl Features {
    /// What holds in editions 2023 and 2024 where nothing is said: the two differ in nothing that is here.
    pub(super) const DEFAULT: Self = Self {
        presence: EXPLICIT,
        enum_type: OPEN,
        repeated: PACKED,
        utf8: VERIFY,
        encoding: LENGTH_PREFIXED,
        json: ALLOW,
    };

    /// What holds in proto3.
    pub(super) const PROTO3: Self = Self { presence: IMPLICIT, ..Self::DEFAULT };

    /// What holds for an element with these options, inside one for which `self` holds.
    pub(super) fn inherited(self, options: &[Bytes], holder: Holder) -> Self {
        let parts = options.iter().flat_map(|part| options::delimited(part, holder as u32));
        parts.filter_map(|own| Self::decode(own).ok()).fold(self, Self::overridden)
    }

    fn overridden(self, own: Self) -> Self {
        let pick = |own: i32, inherited: i32| if own == 0 { inherited } else { own };
        Self {
            presence: pick(own.presence, self.presence),
            enum_type: pick(own.enum_type, self.enum_type),
            repeated: pick(own.repeated, self.repeated),
            utf8: pick(own.utf8, self.utf8),
            encoding: pick(own.encoding, self.encoding),
            json: pick(own.json, self.json),
        }
    }

    pub(super) fn is_implicit(self) -> bool {
        self.presence == IMPLICIT
    }

    pub(super) fn is_required(self) -> bool {
        self.presence == LEGACY_REQUIRED
    }

    pub(super) fn is_closed(self) -> bool {
        self.enum_type == CLOSED
    }

    pub(super) fn is_packed(self) -> bool {
        self.repeated == PACKED
    }

    pub(super) fn takes_any_bytes(self) -> bool {
        self.utf8 == NONE
    }

    pub(super) fn is_delimited(self) -> bool {
        self.encoding == DELIMITED
    }

    pub(super) fn has_legacy_json(self) -> bool {
        self.json == LEGACY_BEST_EFFORT
    }
}
