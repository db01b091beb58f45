//! Where the server is and how it is reached.

mod each;
mod tls;

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use thiserror::Error;

use super::place::{self, Address, Place, Protocol};
use super::{
    Again, ArgsError, Configured, Headers, Proxies, ReflectionHeaders, RouteArgs, SchemaArgs, SpokenArgs,
    Under, values,
};
use crate::netrpc::{self, Codec};
use crate::secrets::Secret;
use crate::transport::{Endpoint, Opener, Target};
use crate::wire::{self, Channel, Metadata};

use self::tls::TLS_FLAGS;

pub use self::each::TargetPlans;
pub(super) use self::tls::TlsArg;
pub use self::tls::TlsConflict;

/// The address when nothing names one.
const DEFAULT_ADDRESS: &str = "localhost:50051";

/// Where the server is and how it is reached.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Connection")]
pub struct TargetArgs {
    /// The server [env: RPCCTL_ADDRESS] [default: localhost:50051]
    ///
    /// Where TARGET is not given as an argument.
    #[arg(short, long, value_name = "TARGET")]
    pub address: Option<String>,

    /// Speak plaintext [default on loopback and unix sockets]
    ///
    /// It is the default for http:// too; other addresses are called over TLS.
    #[arg(long, conflicts_with_all = ["tls", "cacert", "cert", "key", "key_password", "insecure", "server_name"])]
    pub plaintext: bool,

    /// Speak TLS [default beyond this machine]
    ///
    /// That is for https://, and for addresses that are neither loopback nor unix sockets.
    #[arg(long)]
    pub tls: bool,

    /// Speak TLS and trust these certificates (PEM; repeatable)
    ///
    /// A CA's, or the server's own. Without it, the system's are trusted.
    #[arg(long, value_name = "FILE", num_args = 1)]
    pub cacert: Vec<PathBuf>,

    /// Speak TLS and identify with this certificate chain (PEM), or with one and its key in PKCS#12
    #[arg(long, value_name = "FILE")]
    pub cert: Option<PathBuf>,

    /// Private key of --cert (PEM) [default: in the --cert file]
    #[arg(long, value_name = "FILE")]
    pub key: Option<PathBuf>,

    /// Password of an encrypted key, or of PKCS#12; @FILE has it in its first line
    #[arg(long, value_name = "PASSWORD|@FILE", value_parser = values::secret)]
    pub key_password: Option<Secret>,

    /// The oldest version of TLS to speak [default: 1.2]
    #[arg(long, value_name = "VERSION", value_enum)]
    pub tls_min: Option<TlsArg>,

    /// The newest version of TLS to speak [default: 1.3]
    #[arg(long, value_name = "VERSION", value_enum)]
    pub tls_max: Option<TlsArg>,

    /// Speak TLS to whoever answers, unverified
    ///
    /// It is not plaintext, as ghz has it: that is --plaintext.
    #[arg(long, conflicts_with = "cacert")]
    pub insecure: bool,

    /// Speak TLS, and send and verify this name in it
    ///
    /// Without it, the name is the target's host. Also --servername.
    #[arg(long, alias = "servername", value_name = "NAME")]
    pub server_name: Option<String>,

    /// Send this as :authority [default: the target]
    ///
    /// It is the name that proxies route by.
    #[arg(long, value_name = "NAME", value_parser = values::authority)]
    pub authority: Option<String>,

    /// Send this as user-agent [default: rpcctl/VERSION]
    #[arg(long, value_name = "TEXT", value_parser = values::header_value)]
    pub user_agent: Option<String>,

    /// Give up connecting after this long
    ///
    /// TCP, TLS and the server's first HTTP/2 words together.
    #[arg(long, value_name = "DURATION", default_value = "10s", allow_hyphen_values = true, value_parser = values::positive_duration)]
    pub connect_timeout: Duration,

    /// Wait for the server to come up, so long or for 1m
    ///
    /// As --retry-connect=30s. What fails meanwhile is told, and tried again after a while.
    #[arg(
        long,
        value_name = "DURATION",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "1m",
        value_parser = values::positive_duration
    )]
    pub retry_connect: Option<Duration>,

    /// The deadline for everything: connecting, schema and call
    ///
    /// The server is told what is left of it. Also --max-time.
    #[arg(long, alias = "max-time", value_name = "DURATION", allow_hyphen_values = true, value_parser = values::positive_duration)]
    pub timeout: Option<Duration>,

    /// Ask a silent server whether it is still there, this often
    #[arg(long, value_name = "DURATION", allow_hyphen_values = true, value_parser = values::positive_duration)]
    pub keepalive_time: Option<Duration>,

    /// The most that the headers of an answer may take, such as 64K
    ///
    /// Beyond it the call ends in INTERNAL. Trailers, in which its status stands, may take four times as much.
    #[arg(long, value_name = "BYTES", default_value = "1M", value_parser = values::header_size)]
    pub max_header_size: u32,

    /// The way there.
    #[command(flatten)]
    pub route: RouteArgs,

    /// What is spoken there.
    #[command(flatten)]
    pub spoken: SpokenArgs,

    /// Take what is not given here from this profile [env: RPCCTL_PROFILE]
    ///
    /// Of ~/.config/rpcctl/config.toml and .rpcctl.toml: `rpcctl config show` tells what is in force.
    #[arg(long, value_name = "NAME", help_heading = "Configuration")]
    pub profile: Option<String>,

    /// Read this configuration file instead of those
    #[arg(long, value_name = "FILE", help_heading = "Configuration")]
    pub config: Option<PathBuf>,
}

/// What the surroundings say, asked once and passed on.
#[derive(Debug, Clone)]
pub struct Given {
    /// `RPCCTL_ADDRESS`.
    pub address: Option<OsString>,
    /// How `demo:` is reached.
    pub demo: Opener,
    /// What the environment says of proxies.
    pub proxies: Proxies,
    /// `SSLKEYLOGFILE`.
    pub key_log: Option<PathBuf>,
    /// What stands under what was typed.
    pub under: Under,
}

/// The server, decided.
#[derive(Debug, Clone)]
pub struct TargetPlan {
    /// How it is reached and addressed; its prefix is set by who knows what the path of the place means.
    pub channel: Channel,
    /// What was typed, or stood for it.
    pub place: Place,
    /// The deadline for everything.
    pub timeout: Option<Duration>,
    /// How long its server is waited for, where that is asked for.
    pub patience: Option<Duration>,
    /// The words that lead to the same server again, to be pasted.
    pub again: Again,
    /// Who named the server.
    pub origin: Origin,
    /// The flags that say TLS or plaintext.
    pub(super) spoken: Vec<&'static str>,
    /// Whether the server's certificate goes unverified.
    pub unverified: bool,
    /// Where a file says what the schema is.
    pub schema_at: Option<String>,
    /// The names of the credentials that anyone on the way there can read.
    pub exposed: Vec<String>,
}

/// Who named the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// An argument.
    Argument,
    /// `-a`.
    Flag,
    /// `RPCCTL_ADDRESS`.
    Environment,
    /// A configuration file, in this place.
    File(String),
    /// Nobody.
    Default,
}

/// What was given for a server that speaks net/rpc and means nothing to it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NotOfGo {
    /// A flag about the schema.
    #[error("{0} is about protobuf, and a net/rpc server knows none")]
    Schema(&'static str),
    /// `--authority` where there is no HTTP.
    #[error("a net/rpc connection has no authority, except with the CONNECT of netrpc+http://")]
    Authority,
    /// Headers where there is no HTTP.
    #[error("a net/rpc connection carries no headers, except with the CONNECT of netrpc+http://")]
    Headers,
}

impl TargetArgs {
    /// Decides the server from the positional target, `-a`, the environment, a configuration file, or the default, in
    /// this order.
    pub fn plan(&self, word: Option<Place>, given: &Given) -> Result<TargetPlan, ArgsError> {
        let (place, origin) = self.place(word, given)?;
        if let Some(flag) = self.key_flag()
            && self.cert.is_none()
        {
            return Err(ArgsError::KeyAlone(flag));
        }
        let endpoint = match &place.address {
            Address::Tcp(host, port) => Endpoint::Tcp { host: host.clone(), port: *port },
            Address::Unix(path) => Endpoint::Unix(path.clone()),
            Address::Demo => Endpoint::Opened(given.demo.clone()),
        };
        let (dialect, http) = self.spoken.decide(&place)?;
        let tls = self.tls(&place, &endpoint, http, given)?;
        let route = self.route.plan(&endpoint, tls.is_some(), &given.proxies)?;
        let user_agent = self.user_agent.clone();
        let channel = Channel {
            target: Target {
                endpoint,
                route,
                tls,
                http,
                connect_timeout: self.connect_timeout,
                keepalive: self.keepalive_time,
                max_header_size: self.max_header_size,
            },
            dialect,
            authority: self.authority.clone(),
            prefix: String::new(),
            user_agent: user_agent
                .unwrap_or_else(|| concat!("rpcctl/", env!("CARGO_PKG_VERSION")).to_owned()),
        };
        let typed = matches!(origin, Origin::Argument | Origin::Flag);
        let again = Again::new(&place.text, self, &given.under.flags).implied(!typed);
        let (timeout, unverified) = (self.timeout, self.insecure);
        let spoken = if self.plaintext { vec!["--plaintext"] } else { self.tls_flags().collect() };
        let typed =
            |flag: &&str| !given.under.flags.iter().any(|known| flag.trim_start_matches('-') == *known);
        let spoken = spoken.into_iter().filter(typed).collect();
        Ok(TargetPlan {
            channel,
            place,
            timeout,
            patience: self.retry_connect,
            again,
            origin,
            spoken,
            unverified,
            schema_at: given.under.schema_at.clone(),
            exposed: Vec::new(),
        })
    }

    /// What was typed, or stands for it, and where.
    fn place(&self, word: Option<Place>, given: &Given) -> Result<(Place, Origin), ArgsError> {
        let parse = |text: &str, origin: &str| {
            place::parse(text).map_err(|source| ArgsError::Address { origin: origin.to_owned(), source })
        };
        match (word, &self.address, &given.address) {
            (Some(word), Some(flag), _) => Err(ArgsError::TwoTargets { flag: flag.clone(), word: word.text }),
            (Some(word), None, _) => Ok((word, Origin::Argument)),
            (None, Some(flag), _) => Ok((parse(flag, "-a")?, Origin::Flag)),
            (None, None, Some(text)) => {
                let text = text.to_str().ok_or_else(|| ArgsError::NotText(text.clone()))?;
                Ok((parse(text, "RPCCTL_ADDRESS")?, Origin::Environment))
            }
            (None, None, None) => match &given.under.address {
                Some(Configured { text, at }) => {
                    Ok((parse(text, &format!("{at}: address"))?, Origin::File(at.clone())))
                }
                None => Ok((place::parse(DEFAULT_ADDRESS)?, Origin::Default)),
            },
        }
    }
}

impl TargetPlan {
    /// Whether these headers may be sent in the server's protocol, which has some for itself.
    pub fn carries(&self, headers: &Headers) -> Result<(), ArgsError> {
        let protocol = self.channel.dialect.protocol;
        let taken = headers.call.set_by(protocol).or_else(|| headers.reflection.set_by(protocol));
        match taken {
            Some(name) => Err(ArgsError::SetByProtocol { name: name.to_owned(), protocol }),
            None => Ok(()),
        }
    }

    /// Puts what stands before every method into its place, which completes what has to be typed to mean this server
    /// again.
    pub fn settle(&mut self, prefix: &str, schema: &SchemaArgs, headers: &ReflectionHeaders) {
        prefix.clone_into(&mut self.channel.prefix);
        self.again.complete(prefix, schema, headers);
    }

    /// Takes headers along: those that the protocol has for itself are refused, and which are credentials that go over
    /// a network in plaintext is noted.
    pub fn carry(&mut self, headers: &Headers) -> Result<(), ArgsError> {
        self.carries(headers)?;
        self.expose(headers);
        Ok(())
    }

    fn expose(&mut self, headers: &Headers) {
        let Target { endpoint, tls, .. } = &self.channel.target;
        if tls.is_none() && !endpoint.is_loopback() {
            self.exposed = headers.secrets();
        }
    }

    /// The server, if it speaks net/rpc; `metadata` goes with the CONNECT of gob over HTTP. What was given besides
    /// and means nothing to such a server is refused.
    pub fn netrpc(
        &self,
        metadata: &Metadata,
        schema: &SchemaArgs,
        headers: &ReflectionHeaders,
    ) -> Result<Option<netrpc::ServerPlan>, NotOfGo> {
        let Protocol::NetRpc { codec, http } = self.place.protocol else { return Ok(None) };
        let Channel { target, authority, .. } = &self.channel;
        let reflect_header = (!headers.reflect_header.is_empty()).then_some("--reflect-header");
        if let Some(flag) = schema.given().or(reflect_header) {
            return Err(NotOfGo::Schema(flag));
        }
        if !http && authority.is_some() {
            return Err(NotOfGo::Authority);
        }
        if !http && !metadata.is_empty() {
            return Err(NotOfGo::Headers);
        }
        let connect = http.then(|| netrpc::Connect {
            path: if self.place.path.is_empty() {
                netrpc::DEFAULT_PATH.to_owned()
            } else {
                self.place.path.clone()
            },
            authority: authority.clone().unwrap_or_else(|| target.endpoint.authority()),
            headers: metadata.as_http().clone(),
        });
        Ok(Some(netrpc::ServerPlan { target: target.clone(), codec, connect }))
    }

    /// The words that lead to the same server in another protocol.
    pub fn in_protocol(&self, protocol: wire::Protocol) -> Again {
        let again = self.again.without(&["--http"]);
        match self.place.speaking(protocol) {
            Some(other) => again.of(&format!("{other}{}", self.channel.prefix)).without(&["--protocol"]),
            None => again.with("--protocol", protocol.name()),
        }
    }

    /// The words that lead to the same address as a net/rpc server's over HTTP, there alone is it asked what it
    /// offers.
    pub fn netrpc_over_http(&self, tls: bool) -> Option<String> {
        Some(self.again.of(&self.place.go(Codec::Gob, true, tls)?).to_string())
    }

    /// The words that lead to the same server in TLS, or in plaintext.
    pub fn secured(&self, tls: bool) -> Again {
        let unsaid: &[&str] = if tls { &["--plaintext"] } else { &TLS_FLAGS };
        let again = self.again.without(unsaid);
        match self.place.secured(tls) {
            Some(other) => again.of(&format!("{other}{}", self.channel.prefix)),
            None => again.with(if tls { "--tls" } else { "--plaintext" }, ""),
        }
    }

    /// The words that lead to the same address as a net/rpc server's, with HTTP before it or without.
    pub fn netrpc_by(&self, http: bool) -> Option<Again> {
        let Protocol::NetRpc { codec, .. } = self.place.protocol else { return None };
        let tls = self.channel.target.tls.is_some();
        Some(self.again.of(&self.place.go(codec, http, tls)?))
    }

    /// How to speak TLS to the same server instead of plaintext.
    pub fn speak_tls(&self) -> String {
        let instead = match self.other_scheme(true) {
            Some(other) => other,
            None if self.spoken.is_empty() => "--tls".to_owned(),
            None => "--tls instead of --plaintext".to_owned(),
        };
        format!("speak TLS: {instead} (and --cacert FILE for a private CA)")
    }

    /// How to speak plaintext to the same server instead of TLS.
    pub fn speak_plaintext(&self) -> String {
        let flags = self.spoken.join(" and ");
        let instead = match self.other_scheme(false) {
            Some(other) if flags.is_empty() => other,
            Some(other) => format!("{other}, without {flags}"),
            None if flags.is_empty() => "--plaintext".to_owned(),
            None => format!("--plaintext instead of {flags}"),
        };
        format!("speak plaintext: {instead}")
    }

    /// The target with the scheme of TLS, or of plaintext, and where to write it; none if it has no scheme.
    fn other_scheme(&self, tls: bool) -> Option<String> {
        let other = self.place.secured(tls)?;
        let place = match &self.origin {
            Origin::Environment => " in RPCCTL_ADDRESS".to_owned(),
            Origin::Flag => " with -a".to_owned(),
            Origin::File(at) => format!(" in {at}"),
            Origin::Argument | Origin::Default => String::new(),
        };
        Some(format!("{other} instead of {}{place}", self.place.text))
    }
}

/// A word as a shell takes it.
pub fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@%+=,".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}
