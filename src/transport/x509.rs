//! What a server's certificate says of itself, read for messages alone: nobody is believed because of it.
//!
//! As much DER (X.690 §10) and X.509 (RFC 5280 §4.1) as that takes, and no more.

use std::fmt;
use std::net::IpAddr;

const INTEGER: u8 = 0x02;
const OCTET_STRING: u8 = 0x04;
const OBJECT_IDENTIFIER: u8 = 0x06;
const VERSION: u8 = 0xa0;
const EXTENSIONS: u8 = 0xa3;
const DNS_NAME: u8 = 0x82;
const IP_ADDRESS: u8 = 0x87;

const COMMON_NAME: &[u8] = &[0x55, 0x04, 0x03];
const ORGANIZATION: &[u8] = &[0x55, 0x04, 0x0a];
const SUBJECT_ALT_NAME: &[u8] = &[0x55, 0x1d, 0x11];
const BASIC_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 0x13];

/// Names of a certificate that are shown; it may have hundreds.
const SHOWN: usize = 8;

/// A certificate's own words.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Certificate {
    /// The hosts and addresses it is for.
    pub names: Vec<String>,
    /// Whether it says that it is a CA's.
    pub is_ca: bool,
    /// Who signed it: a common name, or an organization.
    pub issuer: Option<String>,
    /// Whether that is the one whom it is about.
    pub self_issued: bool,
}

impl fmt::Display for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "for {}, ", listed(&self.names))?;
        if self.self_issued {
            f.write_str("self-signed")
        } else {
            write!(f, "signed by {}", signer(self.issuer.as_deref()))
        }
    }
}

impl Certificate {
    /// Reads what can be read; nothing at all where `der` is no certificate.
    pub(super) fn read(der: &[u8]) -> Option<Self> {
        let (certificate, _) = element(der)?;
        let mut fields = elements(element(certificate.content)?.0.content).peekable();
        fields.next_if(|field| field.tag == VERSION);
        fields.next_if(|field| field.tag == INTEGER);
        let (_signature, issuer, _validity, subject) =
            (fields.next()?, fields.next()?, fields.next()?, fields.next()?);
        let mut read = Self {
            issuer: attribute(issuer.content, COMMON_NAME)
                .or_else(|| attribute(issuer.content, ORGANIZATION)),
            self_issued: issuer.content == subject.content,
            ..Self::default()
        };
        if let Some(extensions) = fields.find(|field| field.tag == EXTENSIONS) {
            for extension in elements(element(extensions.content)?.0.content) {
                read.take_extension(extension.content);
            }
        }
        Some(read)
    }

    fn take_extension(&mut self, extension: &[u8]) {
        let mut parts = elements(extension);
        let id = parts.next().map(|id| id.content);
        let value = parts.find(|part| part.tag == OCTET_STRING);
        let Some((value, _)) = value.and_then(|value| element(value.content)) else { return };
        if id == Some(SUBJECT_ALT_NAME) {
            self.names = elements(value.content).filter_map(name).collect();
        } else if id == Some(BASIC_CONSTRAINTS) {
            self.is_ca = elements(value.content).next().is_some_and(|ca| ca.content == [0xff]);
        }
    }
}

/// Who signed a certificate, in its own words.
pub(super) fn signer(issuer: Option<&str>) -> String {
    issuer.map_or("nobody that it names".to_owned(), |issuer| format!("{issuer:?}"))
}

/// The names of a certificate, in words.
pub(super) fn listed(names: &[String]) -> String {
    match (names, names.split_at_checked(SHOWN)) {
        ([], _) => "no host that it names".to_owned(),
        (_, Some((shown, rest))) if !rest.is_empty() => {
            format!("{} and {} more", shown.join(", "), rest.len())
        }
        ([name], _) => name.clone(),
        ([names @ .., last], _) => format!("{} and {last}", names.join(", ")),
    }
}

/// One of the names that a certificate is for.
fn name(element: Element<'_>) -> Option<String> {
    match element.tag {
        DNS_NAME => Some(text(element.content)),
        IP_ADDRESS => match element.content.len() {
            4 => Some(IpAddr::from(<[u8; 4]>::try_from(element.content).ok()?).to_string()),
            16 => Some(IpAddr::from(<[u8; 16]>::try_from(element.content).ok()?).to_string()),
            _ => None,
        },
        _ => None,
    }
}

/// The first attribute of this kind in a distinguished name.
fn attribute(name: &[u8], kind: &[u8]) -> Option<String> {
    elements(name).flat_map(|set| elements(set.content)).find_map(|attribute| {
        let mut parts = elements(attribute.content);
        let id = parts.next().filter(|id| id.tag == OBJECT_IDENTIFIER)?;
        let value = parts.next()?;
        (id.content == kind).then(|| text(value.content))
    })
}

/// Text on one line.
fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).chars().map(|c| if c.is_control() { '?' } else { c }).collect()
}

#[derive(Clone, Copy)]
struct Element<'a> {
    tag: u8,
    content: &'a [u8],
}

/// The elements that follow one another, up to the first that is none.
fn elements(mut bytes: &[u8]) -> impl Iterator<Item = Element<'_>> {
    std::iter::from_fn(move || {
        let (element, rest) = element(bytes)?;
        bytes = rest;
        Some(element)
    })
}

/// The first element, and what follows it. Lengths of four bytes and more are no certificate's.
fn element(bytes: &[u8]) -> Option<(Element<'_>, &[u8])> {
    let (&[tag, first], rest) = bytes.split_first_chunk::<2>()?;
    let (length, rest) = match first {
        0..=0x7f => (usize::from(first), rest),
        0x81..=0x83 => {
            let (length, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
            (length.iter().fold(0, |length, &byte| length << 8 | usize::from(byte)), rest)
        }
        _ => return None,
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((Element { tag, content }, rest))
}

#[cfg(test)]
mod tests {
    use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};

    use super::*;

    fn names(names: &[&str]) -> CertificateParams {
        CertificateParams::new(names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>()).unwrap()
    }

    #[test]
    fn a_certificate_says_whom_it_is_for_and_who_signed_it() {
        let key = KeyPair::generate().unwrap();
        let mut authority = names(&[]);
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        authority.distinguished_name.push(DnType::CommonName, "The\nAuthority");
        let itself = Certificate::read(authority.self_signed(&key).unwrap().der()).unwrap();
        assert!(itself.is_ca && itself.self_issued);

        let issuer = Issuer::new(authority, key);
        let server = names(&["a.example", "*.b.example", "127.0.0.1", "::1"]);
        let server = server.signed_by(&KeyPair::generate().unwrap(), &issuer).unwrap();
        let server = Certificate::read(server.der()).unwrap();
        assert_eq!(server.names, ["a.example", "*.b.example", "127.0.0.1", "::1"]);
        assert_eq!(server.issuer.as_deref(), Some("The?Authority"));
        assert!(!server.is_ca && !server.self_issued);
        assert_eq!(
            server.to_string(),
            "for a.example, *.b.example, 127.0.0.1 and ::1, signed by \"The?Authority\""
        );
    }

    #[test]
    fn what_is_cut_off_or_nonsense_is_read_without_harm() {
        let whole = names(&["a.example"]).self_signed(&KeyPair::generate().unwrap()).unwrap();
        for end in 0..whole.der().len() {
            assert_eq!(Certificate::read(&whole.der()[..end]), None, "{end}");
        }
        for index in 0..whole.der().len() {
            let mut wrong = whole.der().to_vec();
            wrong[index] ^= 0xff;
            drop(Certificate::read(&wrong));
        }
        assert_eq!(Certificate::read(&[0x30, 0x84, 0xff, 0xff, 0xff, 0xff]), None);
    }
}
