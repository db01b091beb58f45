//! What the flags about TLS say.

use clap::ValueEnum;
use thiserror::Error;

use super::{Given, TargetArgs};
use crate::args::ArgsError;
use crate::args::place::{Address, Place, Protocol, Scheme};
use crate::transport::{
    Endpoint, HttpChoice, Identity, KeyPassword, Roots, TlsFiles, TlsPlan, TlsVersion, TlsVersions,
};

/// The flags that mean something in TLS alone.
pub(super) const TLS_FLAGS: [&str; 9] = [
    "--tls",
    "--cacert",
    "--cert",
    "--key",
    "--key-password",
    "--tls-min",
    "--tls-max",
    "--insecure",
    "--server-name",
];

/// The `--tls-min` and `--tls-max` values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum TlsArg {
    /// TLS 1.2
    #[value(name = "1.2")]
    V12,
    /// TLS 1.3
    #[value(name = "1.3")]
    V13,
}

impl TlsArg {
    fn version(self) -> TlsVersion {
        match self {
            Self::V12 => TlsVersion::V12,
            Self::V13 => TlsVersion::V13,
        }
    }

    pub(in crate::args) fn word(self) -> &'static str {
        match self {
            Self::V12 => "1.2",
            Self::V13 => "1.3",
        }
    }
}

/// Flags about TLS that contradict the target.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TlsConflict {
    /// `http://`, or a scheme like it, with a flag that means TLS.
    #[error("{scheme} is plaintext, and {flag} means TLS")]
    PlaintextScheme {
        /// The scheme, as it was typed.
        scheme: String,
        /// The flag.
        flag: &'static str,
        /// The scheme of the same with TLS.
        tls: String,
    },
    /// `https://`, or a scheme like it, with `--plaintext`.
    #[error("{scheme} is TLS, and --plaintext says otherwise")]
    TlsScheme {
        /// The scheme, as it was typed.
        scheme: String,
        /// The scheme of the same in plaintext.
        plaintext: String,
    },
    /// `demo:` with a flag that means TLS.
    #[error("demo: is inside this process, and {0} means TLS")]
    Demo(&'static str),
}

impl TargetArgs {
    /// How TLS is to be spoken, if it is.
    pub(super) fn tls(
        &self,
        place: &Place,
        endpoint: &Endpoint,
        http: HttpChoice,
        given: &Given,
    ) -> Result<Option<TlsPlan>, ArgsError> {
        let flag = self.tls_flags().next();
        let wanted = match (place.scheme, flag) {
            (_, Some(flag)) if place.address == Address::Demo => return Err(TlsConflict::Demo(flag).into()),
            (Some(Scheme::Plaintext), Some(flag)) => {
                let (scheme, tls) = place.schemes(true);
                return Err(TlsConflict::PlaintextScheme { scheme, flag, tls }.into());
            }
            (Some(Scheme::Tls), None) if self.plaintext => {
                let (scheme, plaintext) = place.schemes(false);
                return Err(TlsConflict::TlsScheme { scheme, plaintext }.into());
            }
            (Some(Scheme::Tls), _) | (None, Some(_)) => true,
            (Some(Scheme::Plaintext), None) => false,
            (None, None) => !self.plaintext && !endpoint.is_loopback(),
        };
        if !wanted {
            return Ok(None);
        }
        let roots = match (self.insecure, self.cacert.is_empty()) {
            (true, _) => Roots::Unverified,
            (false, true) => Roots::System,
            (false, false) => Roots::Files(self.cacert.clone()),
        };
        let identity = self.cert.clone().map(|cert| Identity {
            cert,
            key: self.key.clone(),
            password: self.key_password(),
        });
        Ok(Some(TlsPlan {
            roots,
            identity,
            server_name: self.server_name.clone(),
            alpn: match place.protocol {
                Protocol::NetRpc { http: false, .. } => &[],
                Protocol::Http(_) | Protocol::NetRpc { http: true, .. } => http.alpn(),
            },
            versions: self.versions()?,
            key_log: given.key_log.clone(),
            files: TlsFiles::default(),
        }))
    }

    /// Which versions of TLS may be spoken.
    fn versions(&self) -> Result<TlsVersions, ArgsError> {
        let usual = TlsVersions::default();
        let min = self.tls_min.map_or(usual.min, TlsArg::version);
        let max = self.tls_max.map_or(usual.max, TlsArg::version);
        if min > max { Err(ArgsError::NoVersion) } else { Ok(TlsVersions { min, max }) }
    }

    /// The flag given that is about a key.
    pub(super) fn key_flag(&self) -> Option<&'static str> {
        let password = self.key_password.as_ref().map(|_| "--key-password");
        self.key.as_ref().map(|_| "--key").or(password)
    }

    fn key_password(&self) -> Option<KeyPassword> {
        let password = self.key_password.as_ref()?;
        Some(match password.reveal().strip_prefix('@') {
            Some(path) => KeyPassword::File(path.into()),
            None => KeyPassword::Text(password.clone()),
        })
    }

    /// The flags given that mean TLS.
    pub(super) fn tls_flags(&self) -> impl Iterator<Item = &'static str> {
        let flags = [
            (self.tls, "--tls"),
            (self.insecure, "--insecure"),
            (!self.cacert.is_empty(), "--cacert"),
            (self.cert.is_some(), "--cert"),
            (self.server_name.is_some(), "--server-name"),
        ];
        flags.into_iter().filter_map(|(given, flag)| given.then_some(flag))
    }
}
