//! Which values are nobody else's business, told by their names.
//!
//! What is shown ends up in logs, in tickets and on other people's screens, so whoever shows metadata or settings asks
//! here first.

use std::fmt;

/// Names of metadata whose values are credentials.
const NAMES: [&str; 5] = ["authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key"];

/// Ends of such names.
const ENDS: [&str; 4] = ["-token", "-key", "-secret", "-password"];

/// Names that end so and are none: a key that only tells one request from another must be seen to be of use.
const OPEN: [&str; 1] = ["idempotency-key"];

/// What stands in the place of a secret.
pub const REDACTED: &str = "(redacted)";

/// Whether the value of the metadata of this name is a secret. Case makes no difference, nor does the `-bin` of a value
/// in bytes.
pub fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let name = name.strip_suffix("-bin").unwrap_or(&name);
    !OPEN.contains(&name) && (NAMES.contains(&name) || ENDS.iter().any(|end| name.ends_with(end)))
}

/// Whether secrets are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Secrets {
    /// [`REDACTED`] stands in their place.
    #[default]
    Hidden,
    /// As they are.
    Shown,
}

impl Secrets {
    /// Whether the value of this name is not to be shown.
    pub fn hide(self, name: &str) -> bool {
        self == Self::Hidden && is_secret(name)
    }
}

/// A text that is used and never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Keeps a text to itself.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text, for whoever it is meant for.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(REDACTED)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_told_by_their_names() {
        for name in [
            "authorization",
            "Authorization",
            "proxy-authorization",
            "cookie",
            "set-cookie",
            "x-api-key",
            "x-auth-token",
            "x-api-key-bin",
            "private-key",
            "client-secret",
            "db-password",
        ] {
            assert!(is_secret(name), "{name}");
        }
        for name in ["idempotency-key", "user-agent", "token", "key", "x-user", "tokens", "x-key-id"] {
            assert!(!is_secret(name), "{name}");
        }
    }

    #[test]
    fn whoever_asks_for_secrets_is_shown_them() {
        assert!(Secrets::Hidden.hide("Authorization") && !Secrets::Hidden.hide("x-user"));
        assert!(!Secrets::Shown.hide("authorization"));
    }

    #[test]
    fn a_secret_is_not_shown_by_mistake() {
        assert_eq!(format!("{:?}", Secret::new("hunter2")), "(redacted)");
        assert_eq!(Secret::new("hunter2").reveal(), "hunter2");
    }
}
