//! What SETTINGS say (RFC 9113 §6.5).

use super::error::{Error, ErrorCode};
use super::{DEFAULT_MAX_FRAME_SIZE, MAX_FRAME_SIZE, MAX_WINDOW};

/// Identifiers of settings.
#[allow(missing_docs, reason = "each is named as its RFC names it")]
pub mod setting {
    // RFC 9113 §6.5.2.
    pub const HEADER_TABLE_SIZE: u16 = 1;
    pub const ENABLE_PUSH: u16 = 2;
    pub const MAX_CONCURRENT_STREAMS: u16 = 3;
    pub const INITIAL_WINDOW_SIZE: u16 = 4;
    pub const MAX_FRAME_SIZE: u16 = 5;
    pub const MAX_HEADER_LIST_SIZE: u16 = 6;
    // RFC 8441 §3.
    pub const ENABLE_CONNECT_PROTOCOL: u16 = 8;
    // RFC 9218 §2.1.
    pub const NO_RFC7540_PRIORITIES: u16 = 9;
    // gRPC's own, of true binary metadata: its `doc/PROTOCOL-HTTP2.md`.
    pub const GRPC_ALLOW_TRUE_BINARY_METADATA: u16 = 0xfe03;
}

/// One setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setting {
    /// Which one.
    pub id: u16,
    /// What it is set to.
    pub value: u32,
}

impl Setting {
    /// Its name, as the RFC that defines it spells it; none for one that nobody here knows.
    pub fn name(self) -> Option<&'static str> {
        Some(match self.id {
            setting::HEADER_TABLE_SIZE => "HEADER_TABLE_SIZE",
            setting::ENABLE_PUSH => "ENABLE_PUSH",
            setting::MAX_CONCURRENT_STREAMS => "MAX_CONCURRENT_STREAMS",
            setting::INITIAL_WINDOW_SIZE => "INITIAL_WINDOW_SIZE",
            setting::MAX_FRAME_SIZE => "MAX_FRAME_SIZE",
            setting::MAX_HEADER_LIST_SIZE => "MAX_HEADER_LIST_SIZE",
            setting::ENABLE_CONNECT_PROTOCOL => "ENABLE_CONNECT_PROTOCOL",
            setting::NO_RFC7540_PRIORITIES => "NO_RFC7540_PRIORITIES",
            setting::GRPC_ALLOW_TRUE_BINARY_METADATA => "GRPC_ALLOW_TRUE_BINARY_METADATA",
            _ => return None,
        })
    }

    /// Whether it may have this value.
    fn check(self) -> Result<(), Error> {
        match self.id {
            setting::ENABLE_PUSH | setting::ENABLE_CONNECT_PROTOCOL | setting::NO_RFC7540_PRIORITIES
                if self.value > 1 =>
            {
                Err(Error::protocol("a setting that is 0 or 1 is something else"))
            }
            setting::INITIAL_WINDOW_SIZE if self.value > MAX_WINDOW => Err(Error::connection(
                ErrorCode::FLOW_CONTROL_ERROR,
                "INITIAL_WINDOW_SIZE is larger than a window can be",
            )),
            setting::MAX_FRAME_SIZE if !(DEFAULT_MAX_FRAME_SIZE..=MAX_FRAME_SIZE).contains(&self.value) => {
                Err(Error::protocol("MAX_FRAME_SIZE is no size that a frame may be limited to"))
            }
            _ => Ok(()),
        }
    }

    /// As it stands in a frame.
    pub fn to_bytes(self) -> [u8; 6] {
        let ([high, low], [a, b, c, d]) = (self.id.to_be_bytes(), self.value.to_be_bytes());
        [high, low, a, b, c, d]
    }
}

/// The settings of one frame, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings<'a>(&'a [[u8; 6]]);

impl<'a> Settings<'a> {
    /// Reads a payload.
    pub(super) fn read(payload: &'a [u8]) -> Result<Self, Error> {
        match payload.as_chunks() {
            (settings, []) => Ok(Self(settings)),
            _ => Err(Error::size("SETTINGS ends in the middle of a setting")),
        }
    }

    /// Settings that were written one behind the other with [`Setting::to_bytes`].
    pub fn of(settings: &'a [[u8; 6]]) -> Self {
        Self(settings)
    }

    /// Each of them. A later one of the same identifier counts.
    pub fn iter(self) -> impl Iterator<Item = Setting> + use<'a> {
        self.0.iter().map(|&[high, low, ref value @ ..]| Setting {
            id: u16::from_be_bytes([high, low]),
            value: u32::from_be_bytes(*value),
        })
    }

    /// Whether all of them have values that they may have.
    pub fn check(self) -> Result<(), Error> {
        self.iter().try_for_each(Setting::check)
    }

    pub(super) fn bytes(self) -> &'a [u8] {
        self.0.as_flattened()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(id: u16, value: u32) -> Option<ErrorCode> {
        let bytes = [Setting { id, value }.to_bytes()];
        Settings::of(&bytes).check().err().map(|error| error.code)
    }

    #[test]
    fn settings_come_back_in_their_order() {
        let sent =
            [(3, 100), (4, 65_535), (0xfe03, 1), (0x1234, u32::MAX)].map(|(id, value)| Setting { id, value });
        let bytes = sent.map(Setting::to_bytes);
        let read = Settings::read(bytes.as_flattened()).unwrap();
        assert!(read.iter().eq(sent));
        assert_eq!(sent[2].name(), Some("GRPC_ALLOW_TRUE_BINARY_METADATA"));
        assert_eq!(sent[3].name(), None);
        let cut = Settings::read(&bytes.as_flattened()[1..]).unwrap_err();
        assert_eq!(cut.code, ErrorCode::FRAME_SIZE_ERROR);
    }

    #[test]
    fn a_setting_has_the_values_that_it_may_have() {
        assert_eq!(check(setting::ENABLE_PUSH, 2), Some(ErrorCode::PROTOCOL_ERROR));
        assert_eq!(check(setting::INITIAL_WINDOW_SIZE, MAX_WINDOW), None);
        assert_eq!(check(setting::INITIAL_WINDOW_SIZE, 1 << 31), Some(ErrorCode::FLOW_CONTROL_ERROR));
        assert_eq!(check(setting::MAX_FRAME_SIZE, 16_383), Some(ErrorCode::PROTOCOL_ERROR));
        assert_eq!(check(setting::MAX_FRAME_SIZE, 16_384), None);
        assert_eq!(check(setting::MAX_FRAME_SIZE, 1 << 24), Some(ErrorCode::PROTOCOL_ERROR));
        assert_eq!(check(0x4242, u32::MAX), None);
    }
}
