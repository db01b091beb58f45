//! TLS as a client: which roots, which identity, which name, and who is believed.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, WebPkiSupportedAlgorithms};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{
    AlertDescription, CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme,
};

use super::error::{Error, TlsFault};
use super::io::Stream;

/// How TLS is to be spoken.
#[derive(Debug, Clone)]
pub struct TlsPlan {
    /// Whose certificates are believed.
    pub roots: Roots,
    /// The client's own certificate, for servers that ask for one.
    pub identity: Option<Identity>,
    /// The name sent as SNI and verified in the server's certificate; the target's host where absent.
    pub server_name: Option<String>,
}

/// Whose certificates are believed.
#[derive(Debug, Clone)]
pub enum Roots {
    /// The system's trusted roots; loading them takes milliseconds, so it happens only for this variant.
    System,
    /// The certificates of these PEM files instead of the system's: roots, or the server's own leaf.
    Files(Vec<PathBuf>),
    /// Anybody's. The connection is encrypted, and nobody knows to whom.
    Unverified,
}

/// A client certificate chain and its key, as PEM files; both may be the same file.
#[derive(Debug, Clone)]
pub struct Identity {
    /// The file with the certificate chain, leaf first.
    pub cert: PathBuf,
    /// The file with the private key (PKCS#8, PKCS#1 or SEC1).
    pub key: PathBuf,
}

/// Reads the plan's files and makes the configuration that the TLS library wants.
pub(super) fn client_config(plan: &TlsPlan) -> Result<ClientConfig, Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = verifier(&plan.roots, &provider)?;
    let setup = |error: rustls::Error| Error::TlsSetup(error.to_string());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(setup)?
        .dangerous()
        .with_custom_certificate_verifier(verifier);
    let mut config = match &plan.identity {
        None => builder.with_no_client_auth(),
        Some(identity) => {
            let chain = read_certificates("client certificate", &identity.cert)?;
            let key = PrivateKeyDer::from_pem_file(&identity.key).map_err(|error| Error::TlsFile {
                what: "private key",
                path: identity.key.clone(),
                why: pem_error(&error),
            })?;
            builder.with_client_auth_cert(chain, key).map_err(|error| Error::TlsFile {
                what: "client certificate",
                path: identity.cert.clone(),
                why: error.to_string(),
            })?
        }
    };
    config.alpn_protocols = vec![b"h2".to_vec()];
    Ok(config)
}

/// The name to send as SNI and to verify.
pub(super) fn server_name(plan: &TlsPlan, host: &str) -> Result<ServerName<'static>, Error> {
    let name = plan.server_name.as_deref().unwrap_or(host).trim_end_matches('.').to_owned();
    ServerName::try_from(name.clone())
        .map_err(|_| Error::TlsSetup(format!("{name:?} is neither a host name nor an IP address")))
}

/// Does the handshake over `stream`. The outer error is this side's, the inner one the handshake's.
pub(super) async fn handshake(
    plan: &TlsPlan,
    host: &str,
    stream: impl Stream + 'static,
) -> Result<io::Result<Box<dyn Stream>>, Error> {
    let config = Arc::new(client_config(plan)?);
    let name = server_name(plan, host)?;
    let stream = tokio_rustls::TlsConnector::from(config).connect(name, stream).await;
    Ok(stream.map(|stream| Box::new(stream) as Box<dyn Stream>))
}

/// Finds the TLS library's error in an I/O error, or in what caused it.
pub(super) fn tls_error<'a>(error: &'a (dyn std::error::Error + 'static)) -> Option<&'a rustls::Error> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<rustls::Error>() {
            return Some(found);
        }
        // An `io::Error` made from another error shows that one's source, not the error itself, as its own.
        if let Some(found) = error.downcast_ref::<io::Error>().and_then(|io| io.get_ref()) {
            let inner: &'a (dyn std::error::Error + 'static) = found;
            if let Some(found) = tls_error(inner) {
                return Some(found);
            }
        }
        next = error.source();
    }
    None
}

/// Which kind of mending an error asks for.
pub(super) fn fault(error: &rustls::Error) -> TlsFault {
    use CertificateError as Cert;
    match error {
        rustls::Error::InvalidCertificate(cert) => match cert {
            Cert::NotValidForName | Cert::NotValidForNameContext { .. } => TlsFault::WrongName,
            Cert::Expired
            | Cert::ExpiredContext { .. }
            | Cert::NotValidYet
            | Cert::NotValidYetContext { .. } => TlsFault::Validity,
            // `Other` holds, among rarer things, a CA certificate that serves as its own leaf.
            Cert::UnknownIssuer | Cert::BadSignature | Cert::Other(_) => TlsFault::UnknownIssuer,
            _ => TlsFault::Other,
        },
        rustls::Error::AlertReceived(
            AlertDescription::CertificateRequired
            | AlertDescription::BadCertificate
            | AlertDescription::UnknownCA
            | AlertDescription::CertificateUnknown
            | AlertDescription::AccessDenied,
        ) => TlsFault::ClientCertificate,
        _ => TlsFault::Other,
    }
}

fn verifier(roots: &Roots, provider: &Arc<CryptoProvider>) -> Result<Arc<dyn ServerCertVerifier>, Error> {
    let mut store = RootCertStore::empty();
    let mut pinned = Vec::new();
    match roots {
        Roots::Unverified => {
            return Ok(Arc::new(Unverified { algorithms: provider.signature_verification_algorithms }));
        }
        Roots::System => {
            let loaded = rustls_native_certs::load_native_certs();
            store.add_parsable_certificates(loaded.certs);
            if store.is_empty() {
                let why: Vec<String> = loaded.errors.iter().map(ToString::to_string).collect();
                return Err(Error::TlsSetup(format!("no trusted roots on this system {}", why.join("; "))));
            }
        }
        Roots::Files(files) => {
            for path in files {
                for certificate in read_certificates("CA certificate", path)? {
                    store.add(certificate.clone()).map_err(|error| Error::TlsFile {
                        what: "CA certificate",
                        path: path.clone(),
                        why: error.to_string(),
                    })?;
                    pinned.push(certificate);
                }
            }
        }
    }
    let chains = WebPkiServerVerifier::builder_with_provider(Arc::new(store), Arc::clone(provider))
        .build()
        .map_err(|error| Error::TlsSetup(error.to_string()))?;
    Ok(Arc::new(ChainOrPinned { chains, pinned }))
}

fn read_certificates(what: &'static str, path: &Path) -> Result<Vec<CertificateDer<'static>>, Error> {
    let file_error = |why: String| Error::TlsFile { what, path: path.to_owned(), why };
    let certificates: Vec<_> = CertificateDer::pem_file_iter(path)
        .map_err(|error| file_error(pem_error(&error)))?
        .collect::<Result<_, _>>()
        .map_err(|error| file_error(pem_error(&error)))?;
    if certificates.is_empty() {
        return Err(file_error("no PEM certificate in it".to_owned()));
    }
    Ok(certificates)
}

fn pem_error(error: &rustls::pki_types::pem::Error) -> String {
    match error {
        rustls::pki_types::pem::Error::Io(io) => io.to_string(),
        rustls::pki_types::pem::Error::NoItemsFound => "no such PEM section in it".to_owned(),
        other => other.to_string(),
    }
}

/// Believes chains to a trusted root, and a leaf that was itself given as trusted: the usual self-signed
/// certificate of a test server is no CA, or a CA used as its own leaf, and webpki refuses both.
#[derive(Debug)]
struct ChainOrPinned {
    chains: Arc<WebPkiServerVerifier>,
    pinned: Vec<CertificateDer<'static>>,
}

impl ServerCertVerifier for ChainOrPinned {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        self.chains.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now).or_else(
            |error| {
                if !self.pinned.iter().any(|pinned| pinned.as_ref() == end_entity.as_ref()) {
                    return Err(error);
                }
                rustls::client::verify_server_name(&ParsedCertificate::try_from(end_entity)?, server_name)?;
                match fault(&error) {
                    TlsFault::Validity => Err(error),
                    _ => Ok(ServerCertVerified::assertion()),
                }
            },
        )
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.chains.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.chains.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.chains.supported_verify_schemes()
    }
}

/// Believes anybody, but still checks that the peer holds the key of the certificate it shows.
#[derive(Debug)]
struct Unverified {
    algorithms: WebPkiSupportedAlgorithms,
}

impl ServerCertVerifier for Unverified {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls12_signature(message, cert, dss, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls13_signature(message, cert, dss, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}
