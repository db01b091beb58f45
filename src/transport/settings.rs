//! The server's HTTP/2 settings (RFC 9113 §6.5): the HTTP library keeps them to itself, so they are read off the first
//! frame as it passes.

/// The settings that a server sent in its first SETTINGS frame, in its order. What is not among them is as the RFC has
/// it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings(Vec<(u16, u32)>);

/// The size of a frame's head.
const HEAD: usize = 9;

impl Settings {
    /// Reads them off what a server says first; nothing where that is no whole SETTINGS frame.
    pub(super) fn read(head: &[u8]) -> Option<Self> {
        let settings = whole(head)?;
        let setting =
            |&[i, d, a, b, c, e]: &[u8; 6]| (u16::from_be_bytes([i, d]), u32::from_be_bytes([a, b, c, e]));
        Some(Self(settings.iter().map(setting).collect()))
    }

    /// Whether a connection that begins like this speaks HTTP/2: whether the frame is there whole.
    pub(super) fn have_come(head: &[u8]) -> bool {
        whole(head).is_some()
    }

    /// Whether what was said so far may still become them.
    pub(super) fn may_follow(head: &[u8]) -> bool {
        match head {
            [0, 0, length, 0x04, _, 0, 0, 0, 0, ..] => head.len() < HEAD + usize::from(*length),
            [_, _, _, _, _, _, _, _, _, ..] => false,
            _ => true,
        }
    }

    /// Each setting with its name, as the RFC that defines it spells it, or its number where nobody here knows it.
    pub fn entries(&self) -> impl Iterator<Item = (String, u32)> {
        self.0
            .iter()
            .map(|&(id, value)| (name(id).map_or_else(|| format!("{id:#06x}"), str::to_owned), value))
    }
}

/// The settings of a SETTINGS frame, which is the first that a server sends (RFC 9113 §3.4), if it is there whole.
fn whole(head: &[u8]) -> Option<&[[u8; 6]]> {
    let [a, b, c, 0x04, _, 0, 0, 0, 0, rest @ ..] = head else { return None };
    let length = usize::from(*a) << 16 | usize::from(*b) << 8 | usize::from(*c);
    match rest.get(..length)?.as_chunks() {
        (settings, []) => Some(settings),
        _ => None,
    }
}

/// RFC 9113 §6.5.2, RFC 8441 §3, RFC 9218 §2.1, and gRPC's own (its `doc/PROTOCOL-HTTP2.md` has true binary metadata).
fn name(id: u16) -> Option<&'static str> {
    Some(match id {
        1 => "HEADER_TABLE_SIZE",
        2 => "ENABLE_PUSH",
        3 => "MAX_CONCURRENT_STREAMS",
        4 => "INITIAL_WINDOW_SIZE",
        5 => "MAX_FRAME_SIZE",
        6 => "MAX_HEADER_LIST_SIZE",
        8 => "ENABLE_CONNECT_PROTOCOL",
        9 => "NO_RFC7540_PRIORITIES",
        0xfe03 => "GRPC_ALLOW_TRUE_BINARY_METADATA",
        _ => return None,
    })
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
        assert!(!Settings::may_follow(b"HTTP/1.1 400"));
    }
}
