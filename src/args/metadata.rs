//! Headers: those of every call, and those of the call or of reflection alone; where each value comes from; and which
//! of several counts.

mod credential;
mod expand;
mod lines;

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::Path;

use clap::Args;

use self::lines::{Line, lines};
use super::place::Protocol;
use super::{ArgsError, values};
use crate::secrets::{Secret, is_secret};
use crate::wire::Metadata;

pub use credential::{Credential, CredentialError};
pub use expand::{ExpandError, expand};
pub use lines::HeaderFileError;

/// Headers of reflection calls.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Headers")]
pub struct ReflectionHeaders {
    /// Send a header, or those that stand in a file (repeatable)
    ///
    /// Such as 'authorization: Bearer TOKEN', or @FILE with one a line, blank lines and # comments aside; @- is stdin. The value of a
    /// name that ends in -bin is base64. Names are sent in lower case. It goes to the call and to reflection alike.
    #[arg(short = 'H', long = "header", value_name = "'NAME: VALUE'|@FILE")]
    pub header: Vec<String>,

    /// Send a header with reflection alone (repeatable)
    #[arg(long, value_name = "'NAME: VALUE'|@FILE")]
    pub reflect_header: Vec<String>,

    /// Put environment variables into headers, for ${NAME}
    ///
    /// One that is not set is an error. $${ stands for ${ itself.
    #[arg(long)]
    pub expand_headers: bool,

    /// Send this token, as 'authorization: Bearer TOKEN' [env: RPCCTL_TOKEN]
    ///
    /// To the call and to reflection alike. Other users of this machine can see the words of a command: a file
    /// (@FILE), stdin (@-) and the variable stay hidden from them.
    #[arg(long, value_name = "TOKEN|@FILE", value_parser = values::secret)]
    pub bearer: Option<Secret>,

    /// Send a name and a password, as 'authorization: Basic …'
    ///
    /// To the call and to reflection alike. Without a password, the terminal asks for it.
    #[arg(short, long, value_name = "USER[:PASSWORD]", value_parser = values::secret, conflicts_with = "bearer")]
    pub user: Option<Secret>,
}

/// Headers of a call.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Headers")]
pub struct CallHeaders {
    #[command(flatten)]
    pub(crate) both: ReflectionHeaders,

    /// Send a header with the call alone (repeatable)
    #[arg(long, value_name = "'NAME: VALUE'|@FILE")]
    pub rpc_header: Vec<String>,
}

/// What headers are made of besides the words themselves. Nothing is asked before a flag says so.
pub trait Lookup {
    /// A variable of the environment.
    fn variable(&self, name: &str) -> Option<OsString>;
    /// All of a file, or of stdin where [`is_stdin`] says that it is meant, unless it is larger than so many bytes.
    fn file(&self, path: &Path, most: u64) -> io::Result<Vec<u8>>;
    /// What a person types who sees this question, unseen by others; nothing where there is nobody to ask.
    fn password(&self, question: &str) -> io::Result<Option<Secret>>;
}

/// The largest file of headers, or with a credential, that is read, in bytes.
pub const LARGEST: u64 = 1 << 20;

/// What stands under the headers that were typed, and yields to them.
#[derive(Debug, Clone, Default)]
pub struct HeadersUnder {
    /// `RPCCTL_TOKEN`.
    pub token: Option<OsString>,
    /// The credential of a profile.
    pub credential: Option<Credential>,
    /// Header lines of a profile, for all calls.
    pub both: Vec<Secret>,
    /// The same for reflection alone.
    pub reflection: Vec<Secret>,
    /// The same for the call alone.
    pub call: Vec<Secret>,
}

/// What is sent along.
#[derive(Debug, Clone, Default)]
pub struct Headers {
    /// With the call.
    pub call: Metadata,
    /// With reflection.
    pub reflection: Metadata,
}

impl Headers {
    /// The names of the credentials that are sent.
    pub fn secrets(&self) -> Vec<String> {
        let entries = self.call.entries().chain(self.reflection.entries());
        let mut names: Vec<String> =
            entries.map(|(name, _)| name).filter(|name| is_secret(name)).map(str::to_owned).collect();
        names.sort_unstable();
        names.dedup();
        names
    }
}

/// Whether what stands behind an at sign means stdin, as it does behind that of `-d`.
pub fn is_stdin(path: &Path) -> bool {
    path.as_os_str().is_empty() || path == Path::new("-")
}

/// What a file is called in messages.
fn called(path: &Path) -> &Path {
    if is_stdin(path) { Path::new("stdin") } else { path }
}

const BOTH: &str = "-H";
const REFLECTION: &str = "--reflect-header";
const CALL: &str = "--rpc-header";

/// Whether a flag's value is `@` or `@-`.
fn is_of_stdin(word: &str) -> bool {
    word.strip_prefix('@').is_some_and(|path| is_stdin(Path::new(path)))
}

/// This flag, for each of its values that is read from stdin.
fn reading(flag: &'static str, values: &[String]) -> impl Iterator<Item = &'static str> {
    values.iter().filter(|word| is_of_stdin(word)).map(move |_| flag)
}

/// Whether stdin is read by one of these flags at most.
fn once(mut readers: impl Iterator<Item = &'static str>) -> Result<(), ArgsError> {
    match (readers.next(), readers.next()) {
        (Some(one), Some(other)) => Err(ArgsError::StdinTwice(one, other)),
        _ => Ok(()),
    }
}

impl ReflectionHeaders {
    /// The flags that read stdin.
    fn of_stdin(&self) -> impl Iterator<Item = &'static str> {
        let bearer = self.bearer.as_ref().map(Secret::reveal);
        reading(BOTH, &self.header)
            .chain(reading(REFLECTION, &self.reflect_header))
            .chain(bearer.filter(|word| is_of_stdin(word)).map(|_| credential::BEARER))
    }

    /// The metadata of reflection calls.
    pub fn read(
        &self,
        under: &HeadersUnder,
        lookup: &dyn Lookup,
        protocol: Protocol,
    ) -> Result<Headers, ArgsError> {
        once(self.of_stdin())?;
        let every = Every::read(self, under, lookup, protocol)?;
        let reflection = every.with(REFLECTION, &self.reflect_header, &under.reflection)?;
        Ok(Headers { reflection, call: Metadata::default() })
    }
}

impl CallHeaders {
    /// The metadata of the call, and of reflection before it. `besides` is a flag that reads stdin, too.
    pub fn read(
        &self,
        besides: Option<&'static str>,
        under: &HeadersUnder,
        lookup: &dyn Lookup,
        protocol: Protocol,
    ) -> Result<Headers, ArgsError> {
        once(self.both.of_stdin().chain(reading(CALL, &self.rpc_header)).chain(besides))?;
        let every = Every::read(&self.both, under, lookup, protocol)?;
        let call = every.with(CALL, &self.rpc_header, &under.call)?;
        let reflection = every.with(REFLECTION, &self.both.reflect_header, &under.reflection)?;
        Ok(Headers { call, reflection })
    }
}

/// What goes with every call. It is read once, though two kinds of call send it: a file may be a pipe.
struct Every<'a> {
    lookup: &'a dyn Lookup,
    expand: bool,
    typed: Vec<Line>,
    /// The credential that was typed, or is the environment's.
    credential: Option<Credential>,
    /// What stands under that, where the connection carries headers at all.
    under: Option<&'a HeadersUnder>,
}

impl<'a> Every<'a> {
    fn read(
        headers: &ReflectionHeaders,
        under: &'a HeadersUnder,
        lookup: &'a dyn Lookup,
        protocol: Protocol,
    ) -> Result<Self, ArgsError> {
        let expand = headers.expand_headers;
        let typed = lines(BOTH, &headers.header, expand, lookup)?;
        let credential = Credential::typed(headers, lookup)?;
        if let (Some(credential), true) = (&credential, lines::name(&typed, AUTHORIZATION)) {
            return Err(ArgsError::TwoCredentials(credential.flag()));
        }
        // What nobody typed is no reason to refuse a server that takes no headers.
        let carries = !matches!(protocol, Protocol::NetRpc { http: false, .. });
        let under = carries.then_some(under);
        let credential = match (credential, under.and_then(|under| under.token.as_deref())) {
            (None, Some(token)) if !lines::name(&typed, AUTHORIZATION) => Some(environment(token)?),
            (credential, _) => credential,
        };
        Ok(Self { lookup, expand, typed, credential, under })
    }

    /// The metadata of one kind of call: what goes with every call, and what goes with this kind.
    fn with(&self, flag: &'static str, values: &[String], under: &[Secret]) -> Result<Metadata, ArgsError> {
        let own = lines(flag, values, self.expand, self.lookup)?;
        let typed = || self.typed.iter().chain(&own);
        let spoken = typed().any(|line| line.is(AUTHORIZATION));
        let mut metadata = Metadata::default();
        let mut credential = self.credential.as_ref().filter(|_| !spoken);
        if let Some(all) = self.under {
            let replaced = |line: &Line| {
                let for_credential = credential.is_some() && line.is(AUTHORIZATION);
                for_credential || line.name().is_some_and(|name| typed().any(|line| line.is(name)))
            };
            let lines = all.both.iter().chain(under).map(Line::of_a_profile);
            let lines: Vec<Line> = lines.filter(|line| !replaced(line)).collect();
            let open = !spoken && !lines::name(&lines, AUTHORIZATION);
            credential = credential.or(all.credential.as_ref().filter(|_| open));
            lines.iter().try_for_each(|line| line.add_to(&mut metadata))?;
        }
        typed().try_for_each(|line| line.add_to(&mut metadata))?;
        if let Some(credential) = credential {
            credential.add_to(&mut metadata)?;
        }
        Ok(metadata)
    }
}

const AUTHORIZATION: &str = "authorization";

/// The environment's token.
fn environment(token: &OsStr) -> Result<Credential, CredentialError> {
    let text = token.to_str().ok_or(CredentialError::NotText("RPCCTL_TOKEN"))?;
    Credential::bearer("RPCCTL_TOKEN", text)
}

#[cfg(test)]
mod tests;
