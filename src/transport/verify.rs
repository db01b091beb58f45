//! Which servers are believed: by their certificate, or by nothing but its key.

use std::sync::{Arc, OnceLock};
use std::time::SystemTime;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::WebPkiSupportedAlgorithms;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, DigitallySignedStruct, RootCertStore, SignatureScheme};

use super::error::Error;
use super::fault::is_validity;
use super::identity::read_certificates;
use super::tls::{Roots, provider};
use super::x509::{self, Certificate};

/// Decides who is believed, and remembers what certificate was shown. In any case the peer has to hold the key of it.
#[derive(Debug)]
pub(super) struct Verifier {
    /// The trusted chains; nobody's is anybody's.
    trust: Option<Arc<Trust>>,
    algorithms: WebPkiSupportedAlgorithms,
    shown: OnceLock<Certificate>,
}

/// Chains to a trusted root, and leaves that were themselves given as trusted: the usual self-signed certificate of a
/// test server is no CA, or a CA used as its own leaf, and webpki refuses both.
#[derive(Debug)]
pub(super) struct Trust {
    chains: Arc<WebPkiServerVerifier>,
    pinned: Vec<CertificateDer<'static>>,
}

impl Verifier {
    /// For one handshake.
    pub(super) fn new(trust: Option<Arc<Trust>>) -> Self {
        let algorithms = provider().signature_verification_algorithms;
        Self { trust, algorithms, shown: OnceLock::new() }
    }

    /// The certificate that was not simply accepted.
    pub(super) fn shown(&self) -> Option<Certificate> {
        self.shown.get().cloned()
    }
}

impl Verifier {
    /// Verifies a signature of TLS 1.2, whose schemes leave open which algorithm of theirs it is (RFC 5246 §7.4.1.4.1):
    /// it is the one that the key is for.
    fn verify_with(
        &self,
        key: &x509::PublicKey,
        message: &[u8],
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let schemes = self.algorithms.mapping.iter().filter(|(scheme, _)| *scheme == dss.scheme);
        let verified = schemes.flat_map(|(_, algorithms)| algorithms.iter()).any(|algorithm| {
            algorithm.public_key_alg_id().as_ref() == key.algorithm()
                && algorithm.verify_signature(key.bits(), message, dss.signature()).is_ok()
        });
        if verified {
            Ok(HandshakeSignatureValid::assertion())
        } else {
            Err(CertificateError::BadSignature.into())
        }
    }
}

/// Whether a certificate is valid now.
fn in_time(certificate: &Certificate, now: UnixTime) -> Result<(), rustls::Error> {
    let unix = |time: &SystemTime| {
        UnixTime::since_unix_epoch(time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default())
    };
    let (not_before, not_after) = (unix(certificate.valid.start()), unix(certificate.valid.end()));
    if now < not_before {
        return Err(CertificateError::NotValidYetContext { time: now, not_before }.into());
    }
    if now > not_after {
        return Err(CertificateError::ExpiredContext { time: now, not_after }.into());
    }
    Ok(())
}

impl Trust {
    /// Reads the files that say who is believed; none is anybody.
    pub(super) fn new(roots: &Roots) -> Result<Option<Self>, Error> {
        let mut store = RootCertStore::empty();
        let mut pinned = Vec::new();
        match roots {
            Roots::Unverified => return Ok(None),
            Roots::System => {
                let loaded = rustls_native_certs::load_native_certs();
                store.add_parsable_certificates(loaded.certs);
                if store.is_empty() {
                    let why: Vec<String> = loaded.errors.iter().map(ToString::to_string).collect();
                    let why = if why.is_empty() { String::new() } else { format!(": {}", why.join("; ")) };
                    return Err(Error::TlsSetup(format!("no trusted roots on this system{why}")));
                }
            }
            Roots::Files(files) => {
                for path in files {
                    for certificate in read_certificates("CA certificate", path)? {
                        store.add(certificate.clone()).map_err(|_| Error::TlsFile {
                            what: "CA certificate",
                            path: path.clone(),
                            why: "it is no X.509 certificate, or a malformed one".to_owned(),
                        })?;
                        pinned.push(certificate);
                    }
                }
            }
        }
        let chains = WebPkiServerVerifier::builder_with_provider(Arc::new(store), provider())
            .build()
            .map_err(|error| Error::TlsSetup(error.to_string()))?;
        Ok(Some(Self { chains, pinned }))
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let Some(trust) = &self.trust else { return Ok(ServerCertVerified::assertion()) };
        let shown = Certificate::read(end_entity);
        if let Some(certificate) = &shown {
            self.shown.get_or_init(|| certificate.clone());
        }
        let pinned = || trust.pinned.iter().any(|pinned| pinned.as_ref() == end_entity.as_ref());
        match trust.chains.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now) {
            Ok(verified) => Ok(verified),
            Err(error) if is_validity(&error) || !pinned() => Err(error),
            Err(_) => match shown {
                // It has no room for names. That it was given is all there is to know it by, and is enough.
                Some(certificate) if certificate.version == 1 => in_time(&certificate, now),
                _ => {
                    rustls::client::verify_server_name(&ParsedCertificate::try_from(end_entity)?, server_name)
                }
            }
            .map(|()| ServerCertVerified::assertion()),
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        match x509::version1_key(cert) {
            None => rustls::crypto::verify_tls12_signature(message, cert, dss, &self.algorithms),
            Some(key) => self.verify_with(&key, message, dss),
        }
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        match x509::version1_key(cert) {
            None => rustls::crypto::verify_tls13_signature(message, cert, dss, &self.algorithms),
            Some(key) => rustls::crypto::verify_tls13_signature_with_raw_key(
                message,
                &key.der(),
                dss,
                &self.algorithms,
            ),
        }
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}
