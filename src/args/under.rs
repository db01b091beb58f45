//! What configuration files say, under what was typed: what no flag can carry without being taken for typed.

use super::HeadersUnder;

/// What configuration files say, besides flags that stand under those that were typed.
#[derive(Debug, Clone, Default)]
pub struct Under {
    /// The server, where nothing else names one.
    pub address: Option<Configured>,
    /// Where a file says what the schema is, as messages name the place.
    pub schema_at: Option<String>,
    /// Headers and a credential.
    pub headers: HeadersUnder,
    /// Flags that a file gave, by their long names: nobody has to repeat them.
    pub flags: Vec<&'static str>,
}

/// A server that a file names.
#[derive(Debug, Clone)]
pub struct Configured {
    /// The target.
    pub text: String,
    /// Where it stands, as messages name the place.
    pub at: String,
}
