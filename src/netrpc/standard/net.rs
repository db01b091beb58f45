//! `net/netip` and UUIDs: the bytes of addresses.

use std::net::{IpAddr, SocketAddr};

pub(super) fn addr_bytes(text: &str) -> Option<Vec<u8>> {
    if text.is_empty() {
        return Some(Vec::new());
    }
    let (addr, zone) = text.split_once('%').map_or((text, None), |(addr, zone)| (addr, Some(zone)));
    let addr: IpAddr = addr.parse().ok()?;
    let mut out = octets(addr);
    if let Some(zone) = zone {
        if addr.is_ipv4() || zone.is_empty() {
            return None;
        }
        out.extend(zone.bytes());
    }
    Some(out)
}

pub(super) fn addr_text(bytes: &[u8]) -> Option<String> {
    if bytes.is_empty() {
        return Some(String::new());
    }
    if let Ok(four) = <[u8; 4]>::try_from(bytes) {
        return Some(IpAddr::from(four).to_string());
    }
    let (sixteen, zone) = bytes.split_first_chunk::<16>()?;
    let zone = std::str::from_utf8(zone).ok()?;
    let addr = IpAddr::from(*sixteen);
    Some(if zone.is_empty() { addr.to_string() } else { format!("{addr}%{zone}") })
}

/// The address, then the port with its low byte first.
pub(super) fn addr_port_bytes(text: &str) -> Option<Vec<u8>> {
    let address: SocketAddr = text.parse().ok()?;
    let mut out = octets(address.ip());
    out.extend(address.port().to_le_bytes());
    Some(out)
}

pub(super) fn addr_port_text(bytes: &[u8]) -> Option<String> {
    let (addr, port) = bytes.split_last_chunk::<2>()?;
    let port = u16::from_le_bytes(*port);
    match addr_text(addr)? {
        addr if addr.contains(':') => Some(format!("[{addr}]:{port}")),
        addr => Some(format!("{addr}:{port}")),
    }
}

/// The address, then the length.
pub(super) fn prefix_bytes(text: &str) -> Option<Vec<u8>> {
    let (addr, bits) = text.split_once('/')?;
    let mut out = octets(addr.parse().ok()?);
    let bits: u8 = bits.parse().ok()?;
    if usize::from(bits) > out.len() * 8 {
        return None;
    }
    out.push(bits);
    Some(out)
}

pub(super) fn prefix_text(bytes: &[u8]) -> Option<String> {
    let (bits, addr) = bytes.split_last()?;
    Some(format!("{}/{bits}", addr_text(addr)?))
}

pub(super) fn uuid_bytes(text: &str) -> Option<Vec<u8>> {
    let dashes = text.bytes().enumerate().all(|(at, c)| (c == b'-') == matches!(at, 8 | 13 | 18 | 23));
    if text.len() != 36 || !dashes {
        return None;
    }
    let digits: Option<Vec<u32>> = text.chars().filter(|c| *c != '-').map(|c| c.to_digit(16)).collect();
    digits?
        .chunks_exact(2)
        .map(|pair| u8::try_from(pair.iter().fold(0, |byte, digit| byte << 4 | digit)).ok())
        .collect()
}

pub(super) fn uuid_text(bytes: &[u8]) -> Option<String> {
    let bytes: &[u8; 16] = bytes.try_into().ok()?;
    let mut out = String::with_capacity(36);
    for (at, byte) in bytes.iter().enumerate() {
        out += if matches!(at, 4 | 6 | 8 | 10) { "-" } else { "" };
        out += &format!("{byte:02x}");
    }
    Some(out)
}

fn octets(addr: IpAddr) -> Vec<u8> {
    match addr {
        IpAddr::V4(addr) => addr.octets().to_vec(),
        IpAddr::V6(addr) => addr.octets().to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Ways = (fn(&str) -> Option<Vec<u8>>, fn(&[u8]) -> Option<String>);
    const ADDR: Ways = (addr_bytes, addr_text);
    const ADDR_PORT: Ways = (addr_port_bytes, addr_port_text);
    const PREFIX: Ways = (prefix_bytes, prefix_text);
    const UUID: Ways = (uuid_bytes, uuid_text);

    #[test]
    fn addresses_are_the_bytes_that_go_makes() {
        for ((to, from), text, bytes) in [
            (ADDR, "1.2.3.4", &b"\x01\x02\x03\x04"[..]),
            (ADDR, "fe80::1%eth0", b"\xfe\x80\0\0\0\0\0\0\0\0\0\0\0\0\0\x01eth0"),
            (ADDR, "", b""),
            (ADDR_PORT, "1.2.3.4:80", b"\x01\x02\x03\x04\x50\0"),
            (ADDR_PORT, "[::1]:258", b"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01\x02\x01"),
            (PREFIX, "10.0.0.0/8", b"\x0a\0\0\0\x08"),
            (
                UUID,
                "6ba7b810-9dad-11d1-80b4-00c04fd430c8",
                b"k\xa7\xb8\x10\x9d\xad\x11\xd1\x80\xb4\0\xc0O\xd40\xc8",
            ),
        ] {
            assert_eq!(to(text).unwrap(), bytes);
            assert_eq!(from(bytes).unwrap(), text);
        }
    }

    #[test]
    fn what_is_no_address_is_none() {
        for ((to, from), text, bytes) in [
            (ADDR, "1.2.3.4%eth0", &b"\x01\x02\x03"[..]),
            (ADDR_PORT, "1.2.3.4", b"\x01"),
            (PREFIX, "10.0.0.0/33", b""),
            (UUID, "6ba7b8109dad11d180b400c04fd430c8", b"k"),
            (UUID, "6ba7b810-9dad-11d1-80b4-00c04fd430éc", b""),
        ] {
            assert_eq!(to(text), None);
            assert_eq!(from(bytes), None);
        }
    }
}
