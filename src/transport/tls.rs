//! TLS as a client: which roots, which identity, which name, and who is believed.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use rustls::client::ResolvesClientCert;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::ServerName;
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, ClientConnection, ProtocolVersion, SignatureScheme, SupportedProtocolVersion};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::error::Error;
use super::identity::{self, Identity};
use super::io::Stream;
use super::key_log::KeyLog;
use super::verify::{Trust, Verifier};
use super::x509::{self, Certificate};

/// How TLS is to be spoken.
#[derive(Debug, Clone, Default)]
pub struct TlsPlan {
    /// Whose certificates are believed.
    pub roots: Roots,
    /// The client's own certificate, for servers that ask for one.
    pub identity: Option<Identity>,
    /// The name sent as SNI and verified in the server's certificate; the target's host where absent.
    pub server_name: Option<String>,
    /// The protocols offered by ALPN (RFC 7301), the preferred one first; empty offers none.
    pub alpn: &'static [&'static str],
    /// Which versions may be spoken.
    pub versions: TlsVersions,
    /// The file that gets the secrets of every connection, so that what was recorded of them can be read.
    pub key_log: Option<PathBuf>,
    /// What the files hold.
    pub files: TlsFiles,
}

/// What the files of a plan hold, which is read when it is first needed and never again: one of them may be a pipe. All
/// copies of a plan share it.
#[derive(Clone, Default)]
pub struct TlsFiles(Arc<Held>);

#[derive(Default)]
struct Held {
    identity: OnceLock<Result<Arc<CertifiedKey>, Error>>,
    trust: OnceLock<Result<Option<Arc<Trust>>, Error>>,
}

/// There are keys in it.
impl fmt::Debug for TlsFiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsFiles").finish_non_exhaustive()
    }
}

impl TlsFiles {
    /// The client's own certificate and its key.
    fn identity(&self, identity: &Identity) -> Result<Arc<CertifiedKey>, Error> {
        let read = || identity::open(identity, "client certificate").map(Arc::new);
        self.0.identity.get_or_init(read).as_ref().map(Arc::clone).map_err(Error::again)
    }

    /// Who is believed; none is anybody.
    fn trust(&self, roots: &Roots) -> Result<Option<Arc<Trust>>, Error> {
        if matches!(roots, Roots::Unverified) {
            return Ok(None);
        }
        let read = || Ok(Trust::new(roots)?.map(Arc::new));
        match self.0.trust.get_or_init(read) {
            Ok(trust) => Ok(trust.clone()),
            Err(error) => Err(error.again()),
        }
    }
}

impl TlsPlan {
    /// Whether the client's own certificate is known to be of X.509 version 1, which has no word of what it is for.
    pub fn shows_version1(&self) -> bool {
        let Some(Ok(identity)) = self.files.0.identity.get() else { return false };
        identity.cert.first().is_some_and(|own| x509::version1_key(own).is_some())
    }
}

/// A version of TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TlsVersion {
    /// TLS 1.2 (RFC 5246).
    V12,
    /// TLS 1.3 (RFC 8446).
    V13,
}

/// Versions of TLS, from the first to the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TlsVersions {
    /// The oldest.
    pub min: TlsVersion,
    /// The newest.
    pub max: TlsVersion,
}

impl Default for TlsVersions {
    fn default() -> Self {
        Self { min: TlsVersion::V12, max: TlsVersion::V13 }
    }
}

impl TlsVersion {
    /// All that can be spoken.
    pub const ALL: [Self; 2] = [Self::V12, Self::V13];

    /// As the RFCs have it.
    pub fn name(self) -> &'static str {
        match self {
            Self::V12 => "TLSv1.2",
            Self::V13 => "TLSv1.3",
        }
    }
}

impl TlsVersions {
    fn supported(self) -> Vec<&'static SupportedProtocolVersion> {
        let all = [(TlsVersion::V12, &TLS12), (TlsVersion::V13, &TLS13)];
        let allowed = all.into_iter().filter(|(version, _)| (self.min..=self.max).contains(version));
        allowed.map(|(_, version)| version).collect()
    }
}

/// Whose certificates are believed.
#[derive(Debug, Clone, Default)]
pub enum Roots {
    /// The system's trusted roots; loading them takes milliseconds, so it happens only for this variant.
    #[default]
    System,
    /// The certificates of these PEM files instead of the system's: roots, or the server's own leaf.
    Files(Vec<PathBuf>),
    /// Anybody's. The connection is encrypted, and nobody knows to whom.
    Unverified,
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
    pub(super) fn of(connection: &ClientConnection) -> Self {
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

/// What a server shows in a handshake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsLook {
    /// What was agreed on.
    pub facts: TlsFacts,
    /// Its certificates, its own first.
    pub chain: Vec<Certificate>,
    /// Whether it asked for a client certificate, and by which authorities, which may be none.
    pub wanted: Option<Vec<String>>,
}

/// Notes whether a server asks for a client certificate.
#[derive(Debug)]
struct Asked {
    by: Arc<dyn ResolvesClientCert>,
    wanted: OnceLock<Vec<String>>,
}

impl ResolvesClientCert for Asked {
    fn resolve(&self, authorities: &[&[u8]], schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.wanted.get_or_init(|| authorities.iter().filter_map(|name| x509::name(name)).collect());
        self.by.resolve(authorities, schemes)
    }

    fn has_certs(&self) -> bool {
        self.by.has_certs()
    }
}

/// TLS as it will be spoken: the plan's files are read. The system's roots are loaded at the first handshake, which
/// takes milliseconds, and not at all where nothing is connected to.
#[derive(Debug)]
pub(super) struct Tls {
    pub(super) plan: TlsPlan,
    identity: Option<Arc<CertifiedKey>>,
    key_log: Option<Arc<KeyLog>>,
}

impl Tls {
    /// Reads the files.
    pub(super) fn open(plan: TlsPlan) -> Result<Self, Error> {
        let identity = plan.identity.as_ref().map(|identity| plan.files.identity(identity));
        let key_log = plan.key_log.as_deref().map(KeyLog::open).transpose()?.map(Arc::new);
        let identity = identity.transpose()?;
        let tls = Self { plan, identity, key_log };
        if !matches!(tls.plan.roots, Roots::System) {
            tls.trust()?;
        }
        Ok(tls)
    }

    /// Who is believed; none is anybody.
    fn trust(&self) -> Result<Option<Arc<Trust>>, Error> {
        self.plan.files.trust(&self.plan.roots)
    }

    /// The configuration that the TLS library wants, for one handshake.
    fn config(&self, verifier: Arc<Verifier>) -> Result<ClientConfig, Error> {
        let builder = ClientConfig::builder_with_provider(provider())
            .with_protocol_versions(&self.plan.versions.supported())
            .map_err(|error| Error::TlsSetup(error.to_string()))?
            .dangerous()
            .with_custom_certificate_verifier(verifier);
        let mut config = match &self.identity {
            None => builder.with_no_client_auth(),
            Some(identity) => {
                let always = SingleCertAndKey::from(Arc::clone(identity));
                builder.with_client_cert_resolver(Arc::new(always))
            }
        };
        if let Some(key_log) = &self.key_log {
            config.key_log = Arc::clone(key_log) as Arc<dyn rustls::KeyLog>;
        }
        config.alpn_protocols = self.plan.alpn.iter().map(|name| name.as_bytes().to_vec()).collect();
        Ok(config)
    }

    /// The name to send as SNI and to verify.
    fn server_name(&self, host: &str) -> Result<ServerName<'static>, Error> {
        let name = self.plan.server_name.as_deref().unwrap_or(host).trim_end_matches('.').to_owned();
        ServerName::try_from(name.clone())
            .map_err(|_| Error::TlsSetup(format!("{name:?} is neither a host name nor an IP address")))
    }

    /// What the handshakes of many connections to `host` have in common.
    pub(super) fn shared(&self, host: &str) -> Result<(Arc<ClientConfig>, ServerName<'static>), Error> {
        let config = self.config(Arc::new(Verifier::new(self.trust()?)))?;
        Ok((Arc::new(config), self.server_name(host)?))
    }

    /// Does the handshake over `stream`. The outer error is this side's, the inner one the handshake's.
    pub(super) async fn handshake(
        &self,
        host: &str,
        stream: impl Stream + 'static,
    ) -> Result<Result<Secured, Refusal>, Error> {
        let verifier = Arc::new(Verifier::new(self.trust()?));
        let config = self.config(Arc::clone(&verifier))?;
        Ok(self.connect(host, stream, config, &verifier).await?.map(|stream| {
            let facts = TlsFacts::of(stream.get_ref().1);
            let stream: Box<dyn Stream> = Box::new(stream);
            (stream, facts)
        }))
    }

    /// The same, to see all that a server shows.
    pub(super) async fn look(
        &self,
        host: &str,
        stream: impl Stream + 'static,
    ) -> Result<Result<(Box<dyn Stream>, TlsLook), Refusal>, Error> {
        let verifier = Arc::new(Verifier::new(self.trust()?));
        let mut config = self.config(Arc::clone(&verifier))?;
        let asked = Arc::new(Asked { by: config.client_auth_cert_resolver, wanted: OnceLock::new() });
        config.client_auth_cert_resolver = Arc::clone(&asked) as Arc<dyn ResolvesClientCert>;
        Ok(self.connect(host, stream, config, &verifier).await?.map(|stream| {
            let connection = stream.get_ref().1;
            let chain = connection.peer_certificates().unwrap_or_default();
            let look = TlsLook {
                facts: TlsFacts::of(connection),
                chain: chain.iter().filter_map(|certificate| Certificate::read(certificate)).collect(),
                wanted: asked.wanted.get().cloned(),
            };
            let stream: Box<dyn Stream> = Box::new(stream);
            (stream, look)
        }))
    }

    async fn connect<S: Stream + 'static>(
        &self,
        host: &str,
        stream: S,
        config: ClientConfig,
        verifier: &Verifier,
    ) -> Result<Result<TlsStream<S>, Refusal>, Error> {
        let name = self.server_name(host)?;
        let connected = TlsConnector::from(Arc::new(config)).connect(name, stream).await;
        Ok(connected.map_err(|error| Refusal { error, certificate: verifier.shown() }))
    }

    /// The same identity, to whoever answers, in one version.
    pub(super) fn in_version(&self, version: TlsVersion) -> Self {
        let versions = TlsVersions { min: version, max: version };
        let plan = TlsPlan { roots: Roots::Unverified, versions, ..self.plan.clone() };
        Self { plan, identity: self.identity.clone(), key_log: self.key_log.clone() }
    }

    /// A real ClientHello for `host`, as the TLS library makes it: any TLS server answers it, if only with an alert.
    pub(super) fn client_hello(&self, host: &str) -> Result<Vec<u8>, Error> {
        let config = Arc::new(self.config(Arc::new(Verifier::new(None)))?);
        let mut connection = ClientConnection::new(config, self.server_name(host)?)
            .map_err(|error| Error::TlsSetup(error.to_string()))?;
        let mut hello = Vec::new();
        // Writing to memory can't fail; were it to, the hello would be empty and the server silent.
        let _ = connection.write_tls(&mut hello);
        Ok(hello)
    }
}

pub(super) fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
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
