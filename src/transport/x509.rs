//! What a certificate says of itself, read for messages: nobody is believed because of it.

use std::fmt;
use std::net::IpAddr;
use std::ops::RangeInclusive;
use std::time::SystemTime;

use rustls::pki_types::SubjectPublicKeyInfoDer;
use x509_cert::Version;
use x509_cert::der::asn1::AnyRef;
use x509_cert::der::{Decode as _, Encode as _};
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::ext::pkix::{BasicConstraints, SubjectAltName};
use x509_cert::name::Name;

/// Names of a certificate that are shown; it may have hundreds.
const SHOWN: usize = 8;

/// A certificate's own words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// The version of X.509 that it is of: 1 has no extensions, and so no names of hosts.
    pub version: u8,
    /// When it is valid.
    pub valid: RangeInclusive<SystemTime>,
    /// The hosts and addresses it is for.
    pub names: Vec<String>,
    /// Whether it says that it is a CA's.
    pub is_ca: bool,
    /// Whom it is about: the whole distinguished name, as RFC 4514 writes it.
    pub subject: String,
    /// Who signed it, in the same way.
    pub issuer_name: String,
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
        let certificate = x509_cert::Certificate::from_der(der).ok()?;
        let said = certificate.tbs_certificate();
        let names = said.get_extension::<SubjectAltName>().ok().flatten();
        let constraints = said.get_extension::<BasicConstraints>().ok().flatten();
        Some(Self {
            version: match said.version() {
                Version::V1 => 1,
                Version::V2 => 2,
                Version::V3 => 3,
            },
            valid: said.validity().not_before.to_system_time()..=said.validity().not_after.to_system_time(),
            names: names.map(|(_, names)| names.0.iter().filter_map(host).collect()).unwrap_or_default(),
            is_ca: constraints.is_some_and(|(_, constraints)| constraints.ca),
            subject: one_line(&said.subject().to_string()),
            issuer_name: one_line(&said.issuer().to_string()),
            issuer: title(said.issuer()),
            self_issued: said.issuer() == said.subject(),
        })
    }
}

/// A certificate's key.
pub(super) struct PublicKey {
    der: Vec<u8>,
    algorithm: Vec<u8>,
    bits: Vec<u8>,
}

/// The key of a certificate of X.509 version 1, which the TLS library does not read; nothing of any other.
pub(super) fn version1_key(der: &[u8]) -> Option<PublicKey> {
    let certificate = x509_cert::Certificate::from_der(der).ok()?;
    let said = certificate.tbs_certificate();
    if said.version() != Version::V1 {
        return None;
    }
    let key = said.subject_public_key_info();
    Some(PublicKey {
        der: key.to_der().ok()?,
        algorithm: AnyRef::from_der(&key.algorithm.to_der().ok()?).ok()?.value().to_vec(),
        bits: key.subject_public_key.as_bytes()?.to_vec(),
    })
}

impl PublicKey {
    /// All of it: its SubjectPublicKeyInfo.
    pub(super) fn der(&self) -> SubjectPublicKeyInfoDer<'_> {
        self.der.as_slice().into()
    }

    /// What it is for: the content of its AlgorithmIdentifier.
    pub(super) fn algorithm(&self) -> &[u8] {
        &self.algorithm
    }

    /// The key itself.
    pub(super) fn bits(&self) -> &[u8] {
        &self.bits
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

/// One of the names that a certificate is for, where it is a host's.
fn host(name: &GeneralName) -> Option<String> {
    match name {
        GeneralName::DnsName(name) => Some(one_line(name.as_str())),
        GeneralName::IpAddress(address) => match address.as_bytes().len() {
            4 => Some(IpAddr::from(<[u8; 4]>::try_from(address.as_bytes()).ok()?).to_string()),
            16 => Some(IpAddr::from(<[u8; 16]>::try_from(address.as_bytes()).ok()?).to_string()),
            _ => None,
        },
        _ => None,
    }
}

/// What a distinguished name is known by: its common name, or its organization.
fn title(name: &Name) -> Option<String> {
    let title = name.common_name().ok().flatten().or_else(|| name.organization().ok().flatten());
    title.map(|title| one_line(&title.value()))
}

/// A distinguished name, as RFC 4514 writes it.
pub(super) fn name(der: &[u8]) -> Option<String> {
    Name::from_der(der).ok().map(|name| one_line(&name.to_string()))
}

/// Text on one line.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '?' } else { c }).collect()
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
        assert!(server.version == 3 && server.valid.contains(&SystemTime::now()));
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
