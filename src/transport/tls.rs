//! TLS as a client: which roots, which identity, which name, and who is believed.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, WebPkiSupportedAlgorithms};
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{
    ClientConfig, ClientConnection, DigitallySignedStruct, ProtocolVersion, RootCertStore, SignatureScheme,
};

use super::error::Error;
use super::fault::is_validity;
use super::io::Stream;
use super::x509::Certificate;

/// How TLS is to be spoken.
#[derive(Debug, Clone)]
pub struct TlsPlan {
    /// Whose certificates are believed.
    pub roots: Roots,
    /// The client's own certificate, for servers that ask for one.
    pub identity: Option<Identity>,
    /// The name sent as SNI and verified in the server's certificate; the target's host where absent.
    pub server_name: Option<String>,
    /// The protocols offered by ALPN (RFC 7301), the preferred one first; empty offers none.
    pub alpn: &'static [&'static str],
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

/// What a handshake agreed on, in the names that the RFCs and IANA give it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFacts {
    /// `TLSv1.3`.
    pub version: String,
    /// `TLS_AES_256_GCM_SHA384`.
    pub cipher: String,
    /// What is spoken inside, where both sides named it.
    pub alpn: Option<String>,
    /// What the server's certificate says of itself.
    pub certificate: Option<Box<Certificate>>,
}

impl TlsFacts {
    fn of(connection: &ClientConnection) -> Self {
        let version = connection.protocol_version().as_ref().and_then(ProtocolVersion::as_str);
        let cipher = connection.negotiated_cipher_suite().and_then(|suite| suite.suite().as_str());
        let named = |name: Option<&str>| name.unwrap_or("of an unknown name").to_owned();
        Self {
            version: named(version).replace('_', "."),
            // The library tells the suites of TLS 1.3 apart by a prefix of its own.
            cipher: named(cipher).replace("TLS13_", "TLS_"),
            alpn: connection.alpn_protocol().map(|name| name.escape_ascii().to_string()),
            certificate: connection
                .peer_certificates()
                .and_then(|chain| Certificate::read(chain.first()?).map(Box::new)),
        }
    }
}

/// Reads the plan's files and makes the configuration that the TLS library wants.
pub(super) fn client_config(plan: &TlsPlan, verifier: Arc<Verifier>) -> Result<ClientConfig, Error> {
    let builder = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::TlsSetup(error.to_string()))?
        .dangerous()
        .with_custom_certificate_verifier(verifier);
    let mut config = match &plan.identity {
        None => builder.with_no_client_auth(),
        Some(identity) => {
            let chain = read_certificates("client certificate", &identity.cert)?;
            let key = read_key(&identity.key)?;
            builder.with_client_auth_cert(chain, key).map_err(|error| identity.unusable(&error))?
        }
    };
    config.alpn_protocols = plan.alpn.iter().map(|name| name.as_bytes().to_vec()).collect();
    Ok(config)
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

/// The name to send as SNI and to verify.
pub(super) fn server_name(plan: &TlsPlan, host: &str) -> Result<ServerName<'static>, Error> {
    let name = plan.server_name.as_deref().unwrap_or(host).trim_end_matches('.').to_owned();
    ServerName::try_from(name.clone())
        .map_err(|_| Error::TlsSetup(format!("{name:?} is neither a host name nor an IP address")))
}

/// A stream in TLS, and what was agreed on for it.
pub(super) type Secured = (Box<dyn Stream>, TlsFacts);

/// A handshake that failed.
pub(super) struct Refusal {
    /// What the TLS library says.
    pub(super) error: io::Error,
    /// What the server's certificate says of itself, if it showed one.
    pub(super) certificate: Option<Certificate>,
}

/// Does the handshake over `stream`. The outer error is this side's, the inner one the handshake's.
pub(super) async fn handshake(
    plan: &TlsPlan,
    host: &str,
    stream: impl Stream + 'static,
) -> Result<Result<Secured, Refusal>, Error> {
    let verifier = Arc::new(Verifier::new(&plan.roots)?);
    let config = Arc::new(client_config(plan, Arc::clone(&verifier))?);
    let name = server_name(plan, host)?;
    Ok(match tokio_rustls::TlsConnector::from(config).connect(name, stream).await {
        Ok(stream) => {
            let facts = TlsFacts::of(stream.get_ref().1);
            Ok((Box::new(stream), facts))
        }
        Err(error) => Err(Refusal { error, certificate: verifier.shown.get().cloned() }),
    })
}

fn read_certificates(what: &'static str, path: &Path) -> Result<Vec<CertificateDer<'static>>, Error> {
    let file_error = |why: String| Error::TlsFile { what, path: path.to_owned(), why };
    let certificates: Vec<_> = CertificateDer::pem_file_iter(path)
        .map_err(|error| file_error(pem_error(&error, "certificate")))?
        .collect::<Result<_, _>>()
        .map_err(|error| file_error(pem_error(&error, "certificate")))?;
    if certificates.is_empty() {
        return Err(file_error("no PEM certificate in it".to_owned()));
    }
    Ok(certificates)
}

fn read_key(path: &Path) -> Result<PrivateKeyDer<'static>, Error> {
    PrivateKeyDer::from_pem_file(path).map_err(|error| {
        let encrypted = matches!(error, pem::Error::NoItemsFound)
            && std::fs::read(path).is_ok_and(|text| text.windows(9).any(|word| word == b"ENCRYPTED"));
        let why = if encrypted {
            "it is encrypted; `openssl pkey` writes it without a password".to_owned()
        } else {
            pem_error(&error, "private key")
        };
        Error::TlsFile { what: "private key", path: path.to_owned(), why }
    })
}

fn pem_error(error: &pem::Error, what: &str) -> String {
    match error {
        pem::Error::Io(io) => io.to_string(),
        pem::Error::NoItemsFound => format!("no PEM {what} in it"),
        _ => "its PEM is malformed".to_owned(),
    }
}

impl Identity {
    /// Why the certificate and the key are of no use together.
    fn unusable(&self, error: &rustls::Error) -> Error {
        let key = |why: &str| (("private key", &self.key), why.to_owned());
        let ((what, path), why) = match error {
            rustls::Error::InconsistentKeys(_) => {
                key(&format!("it is not the key of the certificate {}", self.cert.display()))
            }
            rustls::Error::InvalidCertificate(_) => {
                (("client certificate", &self.cert), "it is no X.509 certificate".to_owned())
            }
            _ => key("it is neither an RSA key, nor ECDSA on P-256 or P-384, nor Ed25519"),
        };
        Error::TlsFile { what, path: path.clone(), why }
    }
}

/// Decides who is believed, and remembers what certificate was shown. In any case the peer has to hold the key of it.
#[derive(Debug)]
pub(super) struct Verifier {
    /// The trusted chains; nobody's is anybody's.
    trust: Option<Trust>,
    algorithms: WebPkiSupportedAlgorithms,
    shown: OnceLock<Certificate>,
}

/// Chains to a trusted root, and leaves that were themselves given as trusted: the usual self-signed certificate of a
/// test server is no CA, or a CA used as its own leaf, and webpki refuses both.
#[derive(Debug)]
struct Trust {
    chains: Arc<WebPkiServerVerifier>,
    pinned: Vec<CertificateDer<'static>>,
}

impl Verifier {
    /// Reads the files that say who is believed.
    pub(super) fn new(roots: &Roots) -> Result<Self, Error> {
        let provider = provider();
        let algorithms = provider.signature_verification_algorithms;
        Ok(Self { trust: Trust::new(roots, provider)?, algorithms, shown: OnceLock::new() })
    }
}

impl Trust {
    fn new(roots: &Roots, provider: Arc<CryptoProvider>) -> Result<Option<Self>, Error> {
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
        let chains = WebPkiServerVerifier::builder_with_provider(Arc::new(store), provider)
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
        if let Some(certificate) = Certificate::read(end_entity) {
            self.shown.get_or_init(|| certificate);
        }
        trust.chains.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now).or_else(
            |error| {
                if !trust.pinned.iter().any(|pinned| pinned.as_ref() == end_entity.as_ref()) {
                    return Err(error);
                }
                rustls::client::verify_server_name(&ParsedCertificate::try_from(end_entity)?, server_name)?;
                if is_validity(&error) { Err(error) } else { Ok(ServerCertVerified::assertion()) }
            },
        )
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
