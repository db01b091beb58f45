//! The one credential that a flag, the environment or a profile gives, and the header that it is sent as.

use std::io;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use thiserror::Error;

use super::{ArgsError, LARGEST, Lookup, ReflectionHeaders, called};
use crate::secrets::Secret;
use crate::wire::Metadata;

pub(super) const BEARER: &str = "--bearer";
const USER: &str = "-u";

/// A credential, as it stands behind `authorization:`.
#[derive(Debug, Clone)]
pub struct Credential {
    /// Who gave it, as messages name it.
    flag: &'static str,
    value: Secret,
}

/// Why there is no credential to send. None repeats what may be one.
#[derive(Debug, Error)]
pub enum CredentialError {
    /// Nothing was given, as by a variable that is not set.
    #[error("{0}: the token is empty")]
    Empty(&'static str),
    /// It has characters that no token has.
    #[error("{0}: a token has no blanks, line breaks or characters beyond ASCII in it")]
    NoToken(&'static str),
    /// It is not UTF-8.
    #[error("{0} is not UTF-8")]
    NotText(&'static str),
    /// Its file can't be read.
    #[error("{flag}: cannot read {path}")]
    File {
        /// Who named it.
        flag: &'static str,
        /// The file.
        path: String,
        /// Why.
        source: io::Error,
    },
    /// There is no name before the password.
    #[error("{0}: there is no name")]
    NoName(&'static str),
    /// There is nobody to ask for the password.
    #[error("{flag} {user} has no password, and there is no terminal to ask for it")]
    NobodyToAsk {
        /// Who named the user.
        flag: &'static str,
        /// The user.
        user: String,
    },
    /// Nobody answered.
    #[error("no password was given")]
    Unanswered(#[source] io::Error),
}

impl CredentialError {
    /// How to ask rightly.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Empty(BEARER) => {
                Some("is the variable set? rpcctl also reads RPCCTL_TOKEN, and --bearer @FILE")
            }
            Self::NoToken(_) => Some("give the token alone, without the word Bearer; one in a file is @FILE"),
            Self::NobodyToAsk { flag: USER, .. } => {
                Some("give it as -u USER:PASSWORD, or the whole header in a file: -H @FILE")
            }
            _ => None,
        }
    }

    /// Whether it could not be done, rather than was asked wrongly.
    pub fn is_failure(&self) -> bool {
        matches!(self, Self::File { .. } | Self::Unanswered(_))
    }
}

impl Credential {
    /// What the flags say. The file is read, and a password that is missing is asked for.
    pub(super) fn typed(
        headers: &ReflectionHeaders,
        lookup: &dyn Lookup,
    ) -> Result<Option<Self>, CredentialError> {
        if let Some(bearer) = &headers.bearer {
            return match bearer.reveal().strip_prefix('@') {
                Some(path) => Self::in_file(BEARER, Path::new(path), lookup).map(Some),
                None => Self::bearer(BEARER, bearer.reveal()).map(Some),
            };
        }
        headers.user.as_ref().map(|user| Self::user(USER, user.reveal(), lookup)).transpose()
    }

    /// A user; a password that does not stand behind the name and a colon is asked for.
    pub fn user(flag: &'static str, user: &str, lookup: &dyn Lookup) -> Result<Self, CredentialError> {
        if user.is_empty() || user.starts_with(':') {
            return Err(CredentialError::NoName(flag));
        }
        if user.contains(':') {
            return Ok(Self::basic(flag, user));
        }
        let asked =
            lookup.password(&format!("Password for {user}: ")).map_err(CredentialError::Unanswered)?;
        let password = asked.ok_or_else(|| CredentialError::NobodyToAsk { flag, user: user.to_owned() })?;
        Ok(Self::basic(flag, &format!("{user}:{}", password.reveal())))
    }

    /// A token that stands in a file alone.
    fn in_file(flag: &'static str, path: &Path, lookup: &dyn Lookup) -> Result<Self, CredentialError> {
        let failed =
            |source| CredentialError::File { flag, path: called(path).display().to_string(), source };
        let bytes = lookup.file(path, LARGEST).map_err(failed)?;
        let text = String::from_utf8(bytes).map_err(|_| CredentialError::NoToken(flag))?;
        Self::bearer(flag, &text)
    }

    /// A token; blanks around it are not part of it.
    pub fn bearer(flag: &'static str, token: &str) -> Result<Self, CredentialError> {
        let token = token.trim();
        if token.is_empty() {
            return Err(CredentialError::Empty(flag));
        }
        if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(CredentialError::NoToken(flag));
        }
        Ok(Self { flag, value: Secret::new(format!("Bearer {token}")) })
    }

    /// A name and a password, a colon between them (RFC 7617).
    fn basic(flag: &'static str, user: &str) -> Self {
        Self { flag, value: Secret::new(format!("Basic {}", STANDARD.encode(user))) }
    }

    /// The flag, or the variable, that gave it.
    pub(super) fn flag(&self) -> &'static str {
        self.flag
    }

    /// Adds the header.
    pub(super) fn add_to(&self, metadata: &mut Metadata) -> Result<(), ArgsError> {
        metadata
            .add_line(&format!("authorization: {}", self.value.reveal()))
            .map_err(|source| ArgsError::Metadata { at: self.flag.to_owned(), source })
    }
}
