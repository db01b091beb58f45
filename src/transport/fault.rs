//! Why a TLS handshake failed, in words: what the TLS library says of it is for those who wrote the library.

use std::io;
use std::time::{Duration, SystemTime};

use rustls::pki_types::UnixTime;
use rustls::{AlertDescription as Alert, CertificateError};
use thiserror::Error;

use super::x509::{Certificate, listed, signer};

/// Why a TLS handshake failed. "It" is the server.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TlsFault {
    /// The server's certificate chains to no trusted root.
    #[error("its certificate is signed by {}, and no CA that is trusted here vouches for that", signer(.0.as_deref()))]
    UnknownIssuer(Option<String>),
    /// The server's certificate is signed with its own key.
    #[error("its certificate is self-signed, and not one that is trusted here")]
    SelfSigned,
    /// The server's certificate is one of a CA, and is no other CA's.
    #[error("its certificate is one that a CA signs others with, and is not trusted as a server's own")]
    CaAsServer,
    /// The server's certificate is of X.509 version 1.
    #[error("its certificate is of X.509 version 1, which names no host, and no CA's word makes up for that")]
    Version1,
    /// The certificate is for other names.
    #[error("its certificate is for {}", others(.names, .wanted))]
    WrongName {
        /// The name wanted.
        wanted: String,
        /// The names it is for.
        names: Vec<String>,
    },
    /// The certificate, or another that it depends on, is not valid any more.
    #[error("its certificate {}", date(*.0, "expired on ").unwrap_or("has expired".to_owned()))]
    Expired(Option<SystemTime>),
    /// The certificate, or another that it depends on, is not valid yet.
    #[error("its certificate is not valid {}", date(*.0, "before ").unwrap_or("yet".to_owned()))]
    NotYetValid(Option<SystemTime>),
    /// The certificate is wrong in a way that nothing on this side can mend.
    #[error("its certificate {0}")]
    BadCertificate(&'static str),
    /// The server asked for a client certificate and got none.
    #[error("it wants a client certificate, and none was given")]
    NoClientCertificate,
    /// The server did not like the client certificate that it got.
    #[error("it refused the client certificate: {0}")]
    ClientCertificate(&'static str),
    /// The server found nothing in common with this side, or wants a certificate and does not say so.
    #[error("it refused the handshake without saying why (alert handshake_failure)")]
    Refused,
    /// The server knows no such host.
    #[error("it knows no server of the name that was asked for (alert unrecognized_name)")]
    UnknownName,
    /// The server does not offer HTTP/2.
    #[error("it does not offer HTTP/2 (alert no_application_protocol)")]
    NoHttp2,
    /// No version of TLS, or no cipher, that both sides speak.
    #[error("it speaks no version of TLS, or no cipher, that is spoken here (TLS 1.2 and 1.3)")]
    NothingInCommon,
    /// Another alert.
    #[error("it ended the handshake with TLS alert {0}")]
    Alert(u8),
    /// The server hung up.
    #[error("it closed the connection in the middle of the handshake")]
    HungUp,
    /// The server broke TLS's rules.
    #[error("what it sent breaks the rules of TLS")]
    Broken,
    /// The connection under TLS failed.
    #[error("{0}")]
    Io(String),
}

impl TlsFault {
    /// Reads it off the handshake's error, the certificate that the server showed, and whether this side had one.
    pub(super) fn new(error: &io::Error, certificate: Option<&Certificate>, identified: bool) -> Self {
        use rustls::Error as Tls;
        match tls_error(error) {
            Some(Tls::InvalidCertificate(error)) => of_certificate(error, certificate),
            Some(Tls::AlertReceived(alert)) => of_alert(*alert, identified),
            Some(Tls::PeerIncompatible(_)) => Self::NothingInCommon,
            Some(Tls::NoApplicationProtocol) => Self::NoHttp2,
            Some(_) => Self::Broken,
            None => match error.kind() {
                io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset => Self::HungUp,
                _ => Self::Io(error.to_string()),
            },
        }
    }
}

/// Whether what is wrong is the time, which no trust in the certificate mends.
pub(super) fn is_validity(error: &rustls::Error) -> bool {
    use CertificateError as E;
    matches!(
        error,
        rustls::Error::InvalidCertificate(
            E::Expired | E::ExpiredContext { .. } | E::NotValidYet | E::NotValidYetContext { .. }
        )
    )
}

fn of_certificate(error: &CertificateError, certificate: Option<&Certificate>) -> TlsFault {
    use CertificateError as E;
    let names = || certificate.map(|certificate| certificate.names.clone()).unwrap_or_default();
    match error {
        E::NotValidForNameContext { expected, .. } => {
            TlsFault::WrongName { wanted: expected.to_str().into_owned(), names: names() }
        }
        E::NotValidForName => TlsFault::WrongName { wanted: "this host".to_owned(), names: names() },
        E::ExpiredContext { not_after, .. } => TlsFault::Expired(time(*not_after)),
        E::Expired => TlsFault::Expired(None),
        E::NotValidYetContext { not_before, .. } => TlsFault::NotYetValid(time(*not_before)),
        E::NotValidYet => TlsFault::NotYetValid(None),
        E::UnknownIssuer | E::BadSignature => match certificate {
            Some(certificate) if certificate.self_issued => TlsFault::SelfSigned,
            _ => TlsFault::UnknownIssuer(certificate.and_then(|it| it.issuer.clone())),
        },
        E::Other(_) if certificate.is_some_and(|it| it.version == 1) => TlsFault::Version1,
        // What the library has no name for; a CA's certificate as a server's is the one that is met.
        E::Other(_) if certificate.is_some_and(|it| it.is_ca && it.self_issued) => TlsFault::SelfSigned,
        E::Other(_) if certificate.is_some_and(|it| it.is_ca) => TlsFault::CaAsServer,
        E::BadEncoding => TlsFault::BadCertificate("is malformed"),
        E::Revoked => TlsFault::BadCertificate("has been revoked"),
        E::InvalidPurpose | E::InvalidPurposeContext { .. } => {
            TlsFault::BadCertificate("is not meant for servers")
        }
        E::UnhandledCriticalExtension => {
            TlsFault::BadCertificate("has a critical extension that is not known here")
        }
        E::UnsupportedSignatureAlgorithmContext { .. }
        | E::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => {
            TlsFault::BadCertificate("is signed in a way that is not trusted here, such as with SHA-1")
        }
        _ => TlsFault::BadCertificate("can't be verified here"),
    }
}

/// The alerts of RFC 8446 §6.2. Which of them a server sends to a client without a certificate depends on its age.
fn of_alert(alert: Alert, identified: bool) -> TlsFault {
    let why = match alert {
        Alert::CertificateRequired => return TlsFault::NoClientCertificate,
        Alert::UnknownCA => "it does not trust the CA that signed it",
        Alert::CertificateExpired => "it has expired, or is not valid yet",
        Alert::CertificateRevoked => "it has been revoked",
        Alert::UnsupportedCertificate => "it is of a kind that is not taken",
        Alert::AccessDenied => "it is valid, and not let in",
        Alert::DecryptError => "its signature does not hold",
        Alert::BadCertificate | Alert::CertificateUnknown => "it is not acceptable there",
        Alert::HandshakeFailure => return TlsFault::Refused,
        Alert::UnrecognisedName => return TlsFault::UnknownName,
        Alert::NoApplicationProtocol => return TlsFault::NoHttp2,
        Alert::ProtocolVersion | Alert::InsufficientSecurity => return TlsFault::NothingInCommon,
        alert => return TlsFault::Alert(alert.into()),
    };
    if identified { TlsFault::ClientCertificate(why) } else { TlsFault::NoClientCertificate }
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

fn time(time: UnixTime) -> Option<SystemTime> {
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(time.as_secs()))
}

/// The date, behind `before`; none where it is not known, or in no year of four digits.
fn date(time: Option<SystemTime>, before: &str) -> Option<String> {
    let since = time?.duration_since(SystemTime::UNIX_EPOCH).ok()?;
    (since.as_secs() < 253_402_300_800)
        .then(|| format!("{before}{}", humantime::format_rfc3339_seconds(SystemTime::UNIX_EPOCH + since)))
}

/// Whom a certificate is for, when that is not `wanted`.
fn others(names: &[String], wanted: &str) -> String {
    if names.is_empty() {
        // Many were made for a "common name" alone, which no program goes by any more (RFC 9525 §2).
        return format!("nobody, and so not for {wanted}: it has no subjectAltName");
    }
    format!("{}, not for {wanted}", listed(names))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(error: rustls::Error) -> String {
        let error = io::Error::new(io::ErrorKind::InvalidData, error);
        TlsFault::new(&error, None, true).to_string()
    }

    #[test]
    fn faults_are_told_in_words() {
        use rustls::Error as Tls;
        assert_eq!(
            told(Tls::InvalidCertificate(CertificateError::ExpiredContext {
                time: UnixTime::since_unix_epoch(Duration::from_secs(2_000_000_000)),
                not_after: UnixTime::since_unix_epoch(Duration::from_secs(1_500_000_000)),
            })),
            "its certificate expired on 2017-07-14T02:40:00Z"
        );
        assert_eq!(
            told(Tls::AlertReceived(Alert::UnknownCA)),
            "it refused the client certificate: it does not trust the CA that signed it"
        );
        assert_eq!(
            told(Tls::AlertReceived(Alert::InternalError)),
            "it ended the handshake with TLS alert 80"
        );
        let end = io::Error::new(io::ErrorKind::UnexpectedEof, "tls handshake eof");
        assert_eq!(TlsFault::new(&end, None, false), TlsFault::HungUp);
    }

    #[test]
    fn dates_beyond_the_calendar_are_left_out() {
        for seconds in [u64::MAX, 300_000_000_000] {
            assert_eq!(date(time(UnixTime::since_unix_epoch(Duration::from_secs(seconds))), "on "), None);
        }
    }

    #[test]
    fn of_many_names_some_are_shown() {
        let names = |count: usize| (1..=count).map(|i| i.to_string()).collect::<Vec<_>>();
        assert_eq!(others(&names(0), "x"), "nobody, and so not for x: it has no subjectAltName");
        assert_eq!(others(&names(3), "x"), "1, 2 and 3, not for x");
        assert_eq!(others(&names(100), "x"), "1, 2, 3, 4, 5, 6, 7, 8 and 92 more, not for x");
    }
}
