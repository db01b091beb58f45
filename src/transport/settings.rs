//! The server's HTTP/2 settings (RFC 9113 §6.5): the HTTP library keeps them to itself, so they are read off the first
//! frame as it passes.

use crate::http2::{Frame, Head, Setting, kind, setting};

/// The settings that a server sent in its first SETTINGS frame, in its order. What is not among them is as the RFC has
/// it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings(Vec<Setting>);

/// The longest frame that they may come in, to be known as them.
const LONGEST: u32 = 255;

impl Settings {
    /// Reads them off what a server says first (RFC 9113 §3.4); nothing where that is no whole SETTINGS frame.
    pub(super) fn read(said: &[u8]) -> Option<Self> {
        let (head, rest) = begun(said)?;
        match Frame::read(head, rest.get(..usize::try_from(head.length).ok()?)?).ok()? {
            Frame::Settings(settings) => Some(Self(settings.iter().collect())),
            // Nobody has sent any yet, but it is HTTP/2 that is spoken.
            Frame::SettingsAck => Some(Self(Vec::new())),
            _ => None,
        }
    }

    /// Whether a connection that begins like this speaks HTTP/2: whether the frame is there whole.
    pub(super) fn have_come(said: &[u8]) -> bool {
        Self::read(said).is_some()
    }

    /// Whether what was said so far may still become them.
    pub(super) fn may_follow(said: &[u8]) -> bool {
        let Some((head, rest)) = begun(said) else {
            // Too little for a head (RFC 9113 §4.1) may be enough to tell. Of the three bytes of a length that is no
            // longer than that, two are zero; then comes the type.
            let (length, rest) = said.split_at(said.len().min(3));
            let short = length.iter().take(2).all(|&byte| byte == 0);
            return short && rest.first().is_none_or(|&byte| byte == kind::SETTINGS);
        };
        head.kind == kind::SETTINGS
            && head.stream == 0
            && head.length <= LONGEST
            && u32::try_from(rest.len()).is_ok_and(|come| come < head.length)
    }

    /// How many streams at a time the server takes, where it says so.
    pub fn max_concurrent_streams(&self) -> Option<u32> {
        let said = self.0.iter().rev().find(|said| said.id == setting::MAX_CONCURRENT_STREAMS);
        said.map(|said| said.value)
    }

    /// Each setting with its name, as the RFC that defines it spells it, or its number where nobody here knows it.
    pub fn entries(&self) -> impl Iterator<Item = (String, u32)> {
        self.0.iter().map(|setting| {
            let name = setting.name().map_or_else(|| format!("{:#06x}", setting.id), str::to_owned);
            (name, setting.value)
        })
    }
}

/// The head of the first frame, once it is there, and what follows.
fn begun(said: &[u8]) -> Option<(Head, &[u8])> {
    let (head, rest) = said.split_first_chunk()?;
    Some((Head::from_bytes(*head), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(settings: &[(u16, u32)]) -> Vec<u8> {
        let length = u8::try_from(settings.len() * 6).unwrap();
        let mut frame = vec![0, 0, length, 4, 0, 0, 0, 0, 0];
        for (id, value) in settings {
            frame.extend(id.to_be_bytes());
            frame.extend(value.to_be_bytes());
        }
        frame
    }

    #[test]
    fn settings_are_read_off_a_whole_frame_and_what_follows_is_left() {
        let sent = [(3, 100), (4, 65_535), (0xfe03, 1), (0x1234, u32::MAX)];
        let mut bytes = frame(&sent);
        for end in 0..bytes.len() {
            assert_eq!(Settings::read(&bytes[..end]), None, "{end}");
            assert!(Settings::may_follow(&bytes[..end]), "{end}");
        }
        bytes.extend(b"more");
        assert!(!Settings::may_follow(&bytes));
        let settings = Settings::read(&bytes).unwrap();
        let entries: Vec<_> = settings.entries().collect();
        let wanted = [
            ("MAX_CONCURRENT_STREAMS", 100),
            ("INITIAL_WINDOW_SIZE", 65_535),
            ("GRPC_ALLOW_TRUE_BINARY_METADATA", 1),
            ("0x1234", u32::MAX),
        ];
        assert_eq!(entries, wanted.map(|(name, value)| (name.to_owned(), value)));
        assert_eq!(Settings::read(&frame(&[])).unwrap().entries().count(), 0);
    }

    #[test]
    fn what_is_no_settings_frame_is_none() {
        for bytes in
            [&b"HTTP/1.1 400 Bad Request\r\n"[..], &[0, 0, 5, 4, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5], &[0x15, 3, 3]]
        {
            assert_eq!(Settings::read(bytes), None);
        }
        // Few bytes are enough: an alert of TLS, a greeting of another protocol, another frame.
        for bytes in [
            &b"HTTP/1.1 400"[..],
            b"H",
            b"\x15",
            b"\x15\x03\x03\0\x02\x02\x46",
            b"-ERR x\r\n",
            b"\0\0\x06\x06",
        ] {
            assert!(!Settings::may_follow(bytes), "{bytes:?}");
        }
        for bytes in [&b""[..], b"\0", b"\0\0\x06", b"\0\0\x06\x04\0"] {
            assert!(Settings::may_follow(bytes), "{bytes:?}");
        }
    }
}
