//! Certificates and keys from files of PEM or PKCS#12, and whether they belong together.

use std::path::{Path, PathBuf};

use p12_keystore::{KeyStore, Pkcs12ImportPolicy};
use pkcs8::EncryptedPrivateKeyInfoRef;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::sign::CertifiedKey;
use rustls::{Error as TlsError, InconsistentKeys};

use super::error::Error;
use super::tls::provider;
use super::x509;
use crate::bounded::{self, MIB};
use crate::secrets::Secret;

/// The largest file that is read: all authorities that browsers trust take less than one.
const LARGEST: u64 = 16 * MIB;

/// A client certificate chain and its key, in PEM or PKCS#12 (RFC 7292).
#[derive(Debug, Clone)]
pub struct Identity {
    /// The file with the certificate chain, leaf first, or all of it in PKCS#12.
    pub cert: PathBuf,
    /// The file with the private key (PKCS#8, PKCS#1 or SEC1); none where it is in the same.
    pub key: Option<PathBuf>,
    /// The password that the key is encrypted with.
    pub password: Option<KeyPassword>,
}

/// A password, or where it is.
#[derive(Debug, Clone)]
pub enum KeyPassword {
    /// The password.
    Text(Secret),
    /// The first line of a file.
    File(PathBuf),
}

impl KeyPassword {
    fn read(&self) -> Result<Secret, Error> {
        let path = match self {
            Self::Text(text) => return Ok(text.clone()),
            Self::File(path) => path,
        };
        let wrong = |why: String| Error::TlsFile { what: "password of the key", path: path.clone(), why };
        let bytes = bounded::read(path, MIB).map_err(|error| wrong(error.to_string()))?;
        let text = String::from_utf8(bytes).map_err(|_| wrong("it is not UTF-8".to_owned()))?;
        Ok(Secret::new(text.lines().next().unwrap_or_default()))
    }
}

impl Identity {
    /// Whether a server can identify itself with it, and the names that it has then. A server's certificate is read by
    /// the TLS library, and that reads none of X.509 version 1.
    pub fn check_for_server(&self) -> Result<Vec<String>, Error> {
        const WHAT: &str = "certificate";
        let certified = open(self, WHAT)?;
        let own = certified.cert.first();
        let version1 = own.is_some_and(|own| x509::version1_key(own).is_some());
        if !version1 {
            let own = own.and_then(|own| x509::Certificate::read(own));
            return Ok(own.map(|own| own.names).unwrap_or_default());
        }
        let why = "it is of X.509 version 1; `openssl x509 -req -extfile FILE` makes one of version 3";
        Err(Error::TlsFile { what: WHAT, path: self.cert.clone(), why: why.to_owned() })
    }
}

/// Reads a certificate chain, called so in messages, and its key.
pub(super) fn open(identity: &Identity, what: &'static str) -> Result<CertifiedKey, Error> {
    let key_file = identity.key.as_ref().unwrap_or(&identity.cert);
    let password = identity.password.as_ref().map(KeyPassword::read).transpose()?;
    // Each file is read once: it may be a pipe.
    let bytes = read(what, &identity.cert)?;
    let (chain, key) = if bytes.first() == Some(&DER) {
        in_store(what, identity, &bytes, password.as_ref())?
    } else {
        let chain = certificates(what, &identity.cert, &bytes)?;
        let apart = identity.key.as_ref().map(|path| read("private key", path)).transpose()?;
        (chain, in_pem(key_file, apart.as_ref().unwrap_or(&bytes), password.as_ref())?)
    };
    let wrong = |why: String| Error::TlsFile { what: "private key", path: key_file.clone(), why };
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

/// A certificate chain and its key.
type Certified = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

/// DER's SEQUENCE, which PKCS#12 begins with; PEM begins with a letter or a dash.
const DER: u8 = 0x30;

/// Reads a file that messages call so.
fn read(what: &'static str, path: &Path) -> Result<Vec<u8>, Error> {
    bounded::read(path, LARGEST).map_err(|error| Error::TlsFile {
        what,
        path: path.to_owned(),
        why: error.to_string(),
    })
}

/// Both in PKCS#12.
fn in_store(
    what: &'static str,
    identity: &Identity,
    bytes: &[u8],
    password: Option<&Secret>,
) -> Result<Certified, Error> {
    let wrong = |why: &str| Error::TlsFile { what, path: identity.cert.clone(), why: why.to_owned() };
    if identity.key.is_some() {
        return Err(wrong("it is not PEM; in PKCS#12 the key stands beside it, and needs no --key"));
    }
    let given = password.map_or("", Secret::reveal);
    let store = KeyStore::from_pkcs12(bytes, given, Pkcs12ImportPolicy::Relaxed).map_err(|error| {
        let locked = matches!(
            error,
            p12_keystore::error::Error::MacError(_)
                | p12_keystore::error::Error::UnpadError
                | p12_keystore::error::Error::Pkcs5Error(_)
        );
        match (locked, password) {
            (true, None) => wrong("it is encrypted: give its password with --key-password @FILE"),
            (true, Some(_)) => wrong("--key-password is not its password"),
            (false, _) => wrong("it is neither PEM nor PKCS#12, or a malformed one"),
        }
    })?;
    let Some((_, chain)) = store.private_key_chain() else {
        return Err(wrong("there is no private key in it"));
    };
    if chain.certs().is_empty() {
        return Err(wrong("there is no certificate in it that its key is for"));
    }
    let certificates = chain.certs().iter().map(|it| CertificateDer::from(it.as_der().to_vec())).collect();
    let key = PrivatePkcs8KeyDer::from(chain.key().as_der().to_vec());
    Ok((certificates, key.into()))
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
    certificates(what, path, &read(what, path)?)
}

/// All certificates in what a file holds.
fn certificates(what: &'static str, path: &Path, text: &[u8]) -> Result<Vec<CertificateDer<'static>>, Error> {
    let file_error = |why: String| Error::TlsFile { what, path: path.to_owned(), why };
    let certificates: Vec<_> = CertificateDer::pem_slice_iter(text)
        .collect::<Result<_, _>>()
        .map_err(|error| file_error(pem_error(&error, "certificate")))?;
    if certificates.is_empty() {
        return Err(file_error("no PEM certificate in it".to_owned()));
    }
    Ok(certificates)
}

/// The key in what a file of PEM holds.
fn in_pem(path: &Path, text: &[u8], password: Option<&Secret>) -> Result<PrivateKeyDer<'static>, Error> {
    let wrong =
        |why: &str| Error::TlsFile { what: "private key", path: path.to_owned(), why: why.to_owned() };
    let has = |words: &[u8]| text.windows(words.len()).any(|window| window == words);
    if has(b"Proc-Type: 4,ENCRYPTED") {
        return Err(wrong(
            "it is encrypted in OpenSSL's old way, with MD5; `openssl pkey -aes256` writes it in a safe one",
        ));
    }
    match PrivateKeyDer::from_pem_slice(text) {
        Ok(key) => Ok(key),
        Err(pem::Error::NoItemsFound) if has(b"BEGIN ENCRYPTED PRIVATE KEY") => match password {
            None => Err(wrong("it is encrypted: give its password with --key-password @FILE")),
            Some(password) => decrypt(text, password).map_err(wrong),
        },
        Err(error) => Err(wrong(&pem_error(&error, "private key"))),
    }
}

/// Decrypts a key (RFC 5958 §3).
fn decrypt(text: &[u8], password: &Secret) -> Result<PrivateKeyDer<'static>, &'static str> {
    let text = std::str::from_utf8(text).map_err(|_| "its PEM is malformed")?;
    let start = text.find("-----BEGIN ENCRYPTED PRIVATE KEY-----").ok_or("its PEM is malformed")?;
    let (_, document) = pkcs8::SecretDocument::from_pem(text.get(start..).unwrap_or_default())
        .map_err(|_| "its PEM is malformed")?;
    let encrypted = EncryptedPrivateKeyInfoRef::try_from(document.as_bytes())
        .map_err(|_| "it is no encrypted PKCS#8 key, or a malformed one")?;
    let key = encrypted.decrypt(password.reveal()).map_err(
        |_| "--key-password is not its password, or it is encrypted in a way that is not known here",
    )?;
    Ok(PrivatePkcs8KeyDer::from(key.as_bytes().to_vec()).into())
}

fn pem_error(error: &pem::Error, what: &str) -> String {
    match error {
        pem::Error::Io(io) => io.to_string(),
        pem::Error::NoItemsFound => format!("no PEM {what} in it"),
        _ => "its PEM is malformed".to_owned(),
    }
}
