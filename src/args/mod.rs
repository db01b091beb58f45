//! Clap groups shared by verbs, and what their words mean. They validate and open nothing: what comes out are
//! plans.

mod again;
mod calls;
mod go_place;
mod habits;
mod metadata;
mod output;
mod place;
mod positional;
mod schema;
mod target;
mod values;
mod words;

pub use again::Again;
pub use calls::CallsArgs;
pub use habits::{HabitError, grpcurl, may_have_one_dash};
pub use metadata::{CallHeaders, ReflectionHeaders};
pub use output::{DescribeFormat, FormatArg, JsonArgs, ListFormat, OutputArg, ShapeArgs};
pub use place::{Protocol, looks_like_target, target_and_path};
pub use positional::{PlaceError, split};
pub use schema::{ReflectionArg, SchemaArgs};
pub use target::{Given, NotOfGo, Origin, TargetArgs, TargetPlan, TlsConflict, quoted};
pub use values::{duration, size as message_size};
pub use words::{Attached, flag, reorder};

use std::ffi::OsString;

use crate::wire::MetadataError;

/// The words were understood, and ask for something that can't be.
#[derive(Debug, thiserror::Error)]
pub enum ArgsError {
    /// The target, or what stands where one belongs.
    #[error(transparent)]
    Place(#[from] PlaceError),
    /// Flags about TLS contradict each other or the target.
    #[error(transparent)]
    Tls(#[from] TlsConflict),
    /// Flags that mean nothing to net/rpc.
    #[error(transparent)]
    NotOfGo(#[from] NotOfGo),
    /// A header that can't be sent.
    #[error("{flag}: {source}")]
    Metadata {
        /// The flag.
        flag: &'static str,
        /// What is wrong with it.
        source: MetadataError,
    },
    /// What `-a` or the environment names is no target.
    #[error("{origin}: {source}")]
    Address {
        /// Where it stands.
        origin: &'static str,
        /// What is wrong with it.
        source: PlaceError,
    },
    /// The environment names a target in bytes that are no text.
    #[error("RPCCTL_ADDRESS is not UTF-8: {0:?}")]
    NotText(OsString),
    /// `-a` beside a positional target.
    #[error("two targets: {flag} with -a and {word} as an argument")]
    TwoTargets {
        /// What -a says.
        flag: String,
        /// What the argument says.
        word: String,
    },
}

impl ArgsError {
    /// How to ask rightly.
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Place(error) | Self::Address { source: error, .. } => return error.hint(),
            Self::TwoTargets { .. } => Some("name the server once"),
            Self::Tls(TlsConflict::PlaintextScheme { tls, .. }) => {
                return Some(format!("write {tls}, or leave out the flag"));
            }
            Self::Tls(TlsConflict::TlsScheme { plaintext, .. }) => {
                return Some(format!("write {plaintext}, or leave out --plaintext"));
            }
            Self::NotOfGo(NotOfGo::Schema(_)) => {
                Some("leave it out: net/rpc's types are Go's, and no schema says them")
            }
            Self::Tls(TlsConflict::Demo(_)) => Some("for a demo server with TLS: rpcctl serve-demo --tls"),
            Self::Metadata { source: MetadataError::NotAscii(_), .. } => {
                Some("what is not ASCII goes as bytes: a name that ends in -bin, with a value in base64")
            }
            Self::NotOfGo(_) | Self::NotText(_) | Self::Metadata { .. } => None,
        };
        hint.map(str::to_owned)
    }
}
