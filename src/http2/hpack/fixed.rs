//! The table that both sides know (RFC 7541, Appendix A).

use super::Field;

/// How many entries it has.
pub(super) const COUNT: usize = ENTRIES.len();

/// The entry of an index, from 1.
pub(super) fn get(index: usize) -> Option<Field<'static>> {
    let (name, value) = ENTRIES.get(index.checked_sub(1)?)?;
    Some(Field { name: name.as_bytes(), value: value.as_bytes(), sensitive: false })
}

/// The index of an entry with this name, and whether it has this value, too.
pub(super) fn find(name: &[u8], value: &[u8]) -> Option<(usize, bool)> {
    let named = ENTRIES.iter().enumerate().filter(|(_, (known, _))| known.as_bytes() == name);
    let mut named = named.map(|(index, (_, known))| (index + 1, known.as_bytes() == value)).peekable();
    let first = named.peek().copied();
    named.find(|(_, same)| *same).or(first)
}

const ENTRIES: [(&str, &str); 61] = [
    (":authority", ""),
    (":method", "GET"),
    (":method", "POST"),
    (":path", "/"),
    (":path", "/index.html"),
    (":scheme", "http"),
    (":scheme", "https"),
    (":status", "200"),
    (":status", "204"),
    (":status", "206"),
    (":status", "304"),
    (":status", "400"),
    (":status", "404"),
    (":status", "500"),
    ("accept-charset", ""),
    ("accept-encoding", "gzip, deflate"),
    ("accept-language", ""),
    ("accept-ranges", ""),
    ("accept", ""),
    ("access-control-allow-origin", ""),
    ("age", ""),
    ("allow", ""),
    ("authorization", ""),
    ("cache-control", ""),
    ("content-disposition", ""),
    ("content-encoding", ""),
    ("content-language", ""),
    ("content-length", ""),
    ("content-location", ""),
    ("content-range", ""),
    ("content-type", ""),
    ("cookie", ""),
    ("date", ""),
    ("etag", ""),
    ("expect", ""),
    ("expires", ""),
    ("from", ""),
    ("host", ""),
    ("if-match", ""),
    ("if-modified-since", ""),
    ("if-none-match", ""),
    ("if-range", ""),
    ("if-unmodified-since", ""),
    ("last-modified", ""),
    ("link", ""),
    ("location", ""),
    ("max-forwards", ""),
    ("proxy-authenticate", ""),
    ("proxy-authorization", ""),
    ("range", ""),
    ("referer", ""),
    ("refresh", ""),
    ("retry-after", ""),
    ("server", ""),
    ("set-cookie", ""),
    ("strict-transport-security", ""),
    ("transfer-encoding", ""),
    ("user-agent", ""),
    ("vary", ""),
    ("via", ""),
    ("www-authenticate", ""),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_found_by_their_names_and_values() {
        assert_eq!(get(0), None);
        assert_eq!(get(COUNT + 1), None);
        for index in 1..=COUNT {
            let Field { name, value, .. } = get(index).unwrap();
            assert_eq!(find(name, value), Some((index, true)));
        }
        assert_eq!(find(b":status", b"999"), Some((8, false)));
        assert_eq!(find(b"grpc-status", b"0"), None);
    }
}
