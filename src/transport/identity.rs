//! Certificates and keys from PEM files, and whether they belong together.

use std::path::{Path, PathBuf};

use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use rustls::{Error as TlsError, InconsistentKeys};

use super::error::Error;
use super::tls::provider;
use super::x509;
use crate::bounded::{self, MIB};

/// The largest file that is read: all authorities that browsers trust take less than one.
const LARGEST: u64 = 16 * MIB;

/// A client certificate chain and its key, as PEM files; both may be the same file.
#[derive(Debug, Clone)]
pub struct Identity {
    /// The file with the certificate chain, leaf first.
    pub cert: PathBuf,
    /// The file with the private key (PKCS#8, PKCS#1 or SEC1).
    pub key: PathBuf,
}

impl Identity {
    /// Whether a server can identify itself with it. A server's certificate is read by the TLS library, and that reads
    /// none of X.509 version 1.
    pub fn check_for_server(&self) -> Result<(), Error> {
        const WHAT: &str = "certificate";
        let certified = open(self, WHAT)?;
        let version1 = certified.cert.first().is_some_and(|leaf| x509::version1_key(leaf).is_some());
        if !version1 {
            return Ok(());
        }
        let why = "it is of X.509 version 1; `openssl x509 -req -extfile FILE` makes one of version 3";
        Err(Error::TlsFile { what: WHAT, path: self.cert.clone(), why: why.to_owned() })
    }
}

/// Reads a certificate chain, called so in messages, and its key.
pub(super) fn open(identity: &Identity, what: &'static str) -> Result<CertifiedKey, Error> {
    let chain = read_certificates(what, &identity.cert)?;
    let key = read_key(&identity.key)?;
    let wrong = |why: String| Error::TlsFile { what: "private key", path: identity.key.clone(), why };
    let key = provider().key_provider.load_private_key(key).map_err(|_| {
        wrong("it is neither an RSA key, nor ECDSA on P-256 or P-384, nor Ed25519".to_owned())
    })?;
    let certified = CertifiedKey::new(chain, key);
    match belong_together(&certified) {
        Some(true) => Ok(certified),
        Some(false) => {
            Err(wrong(format!("it is not the key of the certificate {}", identity.cert.display())))
        }
        None => Err(Error::TlsFile {
            what,
            path: identity.cert.clone(),
            why: "it is no X.509 certificate".to_owned(),
        }),
    }
}

/// Whether the key is the certificate's, as far as can be told; nothing where the certificate can't be read. The TLS
/// library reads none of X.509 version 1, and has no need to: the server is who judges it.
fn belong_together(certified: &CertifiedKey) -> Option<bool> {
    match certified.keys_match() {
        Ok(()) | Err(TlsError::InconsistentKeys(InconsistentKeys::Unknown)) => Some(true),
        Err(TlsError::InconsistentKeys(_)) => Some(false),
        Err(_) => {
            let key = x509::version1_key(certified.cert.first()?)?;
            Some(certified.key.public_key().is_none_or(|own| own == key.der()))
        }
    }
}

/// Reads all certificates in a file, of which there has to be one.
pub(super) fn read_certificates(
    what: &'static str,
    path: &Path,
) -> Result<Vec<CertificateDer<'static>>, Error> {
    let file_error = |why: String| Error::TlsFile { what, path: path.to_owned(), why };
    let text = bounded::read(path, LARGEST).map_err(|error| file_error(error.to_string()))?;
    let certificates: Vec<_> = CertificateDer::pem_slice_iter(&text)
        .collect::<Result<_, _>>()
        .map_err(|error| file_error(pem_error(&error, "certificate")))?;
    if certificates.is_empty() {
        return Err(file_error("no PEM certificate in it".to_owned()));
    }
    Ok(certificates)
}

fn read_key(path: &Path) -> Result<PrivateKeyDer<'static>, Error> {
    let wrong = |why| Error::TlsFile { what: "private key", path: path.to_owned(), why };
    let text = bounded::read(path, LARGEST).map_err(|error| wrong(error.to_string()))?;
    PrivateKeyDer::from_pem_slice(&text).map_err(|error| {
        let encrypted =
            matches!(error, pem::Error::NoItemsFound) && text.windows(9).any(|word| word == b"ENCRYPTED");
        let why = if encrypted {
            "it is encrypted; `openssl pkey` writes it without a password".to_owned()
        } else {
            pem_error(&error, "private key")
        };
        wrong(why)
    })
}

fn pem_error(error: &pem::Error, what: &str) -> String {
    match error {
        pem::Error::Io(io) => io.to_string(),
        pem::Error::NoItemsFound => format!("no PEM {what} in it"),
        _ => "its PEM is malformed".to_owned(),
    }
}
