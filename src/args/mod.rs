//! Clap groups shared by verbs, and what their words mean. They validate and open nothing: what comes out are
//! plans.

mod again;
mod apart;
mod calls;
mod course;
mod ghz;
mod go_place;
mod habits;
mod load;
mod metadata;
mod output;
mod place;
mod positional;
mod probe;
mod retyped;
mod route;
mod schema;
mod spoken;
mod target;
mod under;
mod values;
mod words;

pub use again::Again;
pub use apart::{apart, may_stand_alone};
pub use calls::CallsArgs;
pub use course::CourseArgs;
pub use ghz::{ghz, may_be_ghz};
pub use habits::{HabitError, grpcurl, may_have_one_dash};
pub use load::{LoadArgs, LoadError, OrderArg};
pub use metadata::{
    CallHeaders, Credential, CredentialError, ExpandError, HeaderFileError, Headers, HeadersUnder, LARGEST,
    Lookup, ReflectionHeaders, expand, is_stdin,
};
pub use output::{
    BytesArg, ColorArg, DecodedArg, DescribeFormat, DocumentArg, FormatArg, FramingArg, InputArg, JsonArgs,
    ListFormat, LoadFormat, OutputArg, ReportFormat, SecretsArgs, ShapeArgs, TableFormat,
};
pub use place::{Protocol, looks_like_target, protocol, same_server, speaks, target_and_path, target_error};
pub use positional::{
    PlaceError, Target, item_words, may_be_meant_as_host, named_target, split, split_items, split_names,
};
pub use probe::{may_be_probe, probe};
pub use retyped::retyped;
pub use route::{Proxies, ProxyError, RouteArgs};
pub use schema::{ReflectionArg, SchemaArgs};
pub use spoken::{CompressionArg, ProtocolArg, SpokenArgs, SpokenConflict};
pub use target::{Given, NotOfGo, Origin, TargetArgs, TargetPlan, TargetPlans, TlsConflict, quoted};
pub use under::{Configured, Under};
pub use values::{count, duration, size as message_size};
pub use words::{Attached, flag, reorder};

use std::ffi::OsString;

use crate::wire::{self, MetadataError};

/// The words were understood, and ask for something that can't be.
#[derive(Debug, thiserror::Error)]
pub enum ArgsError {
    /// The target, or what stands where one belongs.
    #[error(transparent)]
    Place(#[from] PlaceError),
    /// Flags about TLS contradict each other or the target.
    #[error(transparent)]
    Tls(#[from] TlsConflict),
    /// Flags about the protocol that contradict the target, or each other.
    #[error(transparent)]
    Spoken(#[from] SpokenConflict),
    /// A proxy that can't be one.
    #[error(transparent)]
    Proxy(#[from] ProxyError),
    /// No version of TLS is left.
    #[error("--tls-min is above --tls-max: no version of TLS is left")]
    NoVersion,
    /// Flags that mean nothing to net/rpc.
    #[error(transparent)]
    NotOfGo(#[from] NotOfGo),
    /// A header that can't be sent.
    #[error("{at}: {source}")]
    Metadata {
        /// The flag, or the line of a file.
        at: String,
        /// What is wrong with it.
        source: MetadataError,
    },
    /// A header that the protocol in which calls are made sets itself.
    #[error("{name:?} is set by {protocol} itself and can't be given as a header")]
    SetByProtocol {
        /// Its name.
        name: String,
        /// The protocol.
        protocol: wire::Protocol,
    },
    /// A call that is to be part of two traces.
    #[error("two traces: --traceparent makes a traceparent header, and one is given")]
    TwoTraces,
    /// A header with a variable in it that can't be put there.
    #[error("{at}: {source}")]
    Expand {
        /// The flag, or the line of a file.
        at: String,
        /// What is wrong with it.
        source: ExpandError,
    },
    /// A file of headers that gives none.
    #[error(transparent)]
    HeaderFile(#[from] HeaderFileError),
    /// A credential that can't be had.
    #[error(transparent)]
    Credential(#[from] CredentialError),
    /// A credential beside another.
    #[error("two credentials: {0}, and an authorization header with -H")]
    TwoCredentials(&'static str),
    /// A load that can't be put on a server.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// Stdin is to be two things.
    #[error("stdin can be read only once, and {0} and {1} both read it")]
    StdinTwice(&'static str, &'static str),
    /// What `-a`, the environment or a file names is no target.
    #[error("{origin}: {source}")]
    Address {
        /// Where it stands.
        origin: String,
        /// What is wrong with it.
        source: PlaceError,
    },
    /// A key without the certificate that it is for.
    #[error("{0} is about the key of a certificate, and there is no --cert")]
    KeyAlone(&'static str),
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
            Self::Load(error) => return error.hint(),
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
            Self::Expand { source, .. } => source.hint(),
            Self::Credential(error) => error.hint(),
            Self::SetByProtocol { .. } => Some(
                "leave it out: --compression says how requests are compressed, --timeout how long a call may take",
            ),
            Self::TwoTraces => Some("leave --traceparent out, or the header"),
            Self::TwoCredentials(_) => Some("send one of them"),
            Self::KeyAlone(_) => Some("give it: --cert FILE"),
            Self::Spoken(SpokenConflict::GrpcOverHttp1) => Some(
                "leave --http out, or speak what HTTP/1.1 carries: --protocol grpc-web, --protocol connect",
            ),
            Self::Spoken(SpokenConflict::Several(_)) => Some("name one; call compares what several answer"),
            Self::Spoken(SpokenConflict::Twice(_)) => Some("name each once"),
            Self::Spoken(SpokenConflict::SchemeOfSeveral(_)) => {
                Some("write the target with http:// or https://, or leave --protocol out")
            }
            Self::Spoken(_) => Some("leave the flag out"),
            Self::StdinTwice(..) => Some("give one of them in a file: @FILE"),
            Self::NotOfGo(_)
            | Self::Proxy(_)
            | Self::NoVersion
            | Self::NotText(_)
            | Self::Metadata { .. }
            | Self::HeaderFile(_) => None,
        };
        hint.map(str::to_owned)
    }

    /// Whether it could not be done, rather than was asked wrongly.
    pub fn is_failure(&self) -> bool {
        match self {
            Self::HeaderFile(HeaderFileError::Read { .. }) => true,
            Self::Credential(error) => error.is_failure(),
            Self::Load(error) => error.is_failure(),
            _ => false,
        }
    }
}
