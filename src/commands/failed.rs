//! What a verb that failed tells: the failure, and what only the command line knows to say about it.

use std::io::{self, Write as _};

use super::data;
use super::surroundings::Colors;
use crate::args::{
    Again, ArgsError, HabitError, Origin, PlaceError, ReflectionHeaders, SchemaArgs, TargetArgs, TargetPlan,
    quoted,
};
use crate::failure::{Failure, Kind, Told};
use crate::output::exchange::Ending;
use crate::output::{color, sanitize};
use crate::transport;

/// A failure, and the words that lead to the server it is about.
pub struct Failed {
    failure: Failure,
    target: Option<String>,
}

impl<E: Into<Failure>> From<E> for Failed {
    fn from(error: E) -> Self {
        Self { failure: error.into(), target: None }
    }
}

impl From<ArgsError> for Failure {
    fn from(error: ArgsError) -> Self {
        let hint = error.hint();
        let kind = if error.is_failure() { Kind::Failed } else { Kind::Wrong };
        let failure = Self::new(kind, error);
        match hint {
            Some(hint) => failure.hint(hint),
            None => failure,
        }
    }
}

impl From<HabitError> for Failure {
    fn from(error: HabitError) -> Self {
        let tls =
            error.tls.then_some("grpcurl speaks TLS where nothing is said of it, so --tls is in the line");
        let hints: Vec<String> = error.line.clone().into_iter().chain(tls.map(str::to_owned)).collect();
        hints.into_iter().fold(Self::new(Kind::Wrong, error), Self::hint)
    }
}

/// What was asked for could not be written. A reader that went away is none of this process's business, and ends it
/// quietly.
#[derive(Debug, thiserror::Error)]
#[error("cannot write the output: {0}")]
pub(super) struct Unwritten(#[source] pub(super) io::Error);

impl From<Unwritten> for Failure {
    fn from(error: Unwritten) -> Self {
        Self::new(Kind::Failed, error)
    }
}

/// The verbs write, and read files only where that has errors of its own.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Unwritten(error).into()
    }
}

impl Failed {
    /// Positional words that can't be meant, of this verb; `given` are flags that a file gave, and `data` is what would
    /// follow the words.
    pub(super) fn words(
        error: PlaceError,
        verb: &'static str,
        (target, schema, headers): (&TargetArgs, &SchemaArgs, &ReflectionHeaders),
        given: &[&'static str],
        data: &str,
    ) -> Self {
        let swapped = match &error {
            PlaceError::TargetFirst(server, name) => Some((server.clone(), name.clone())),
            _ => None,
        };
        let file = match &error {
            PlaceError::NoItem(word) | PlaceError::Unexpected(word) | PlaceError::Neither { word, .. }
                if matches!(verb, "call" | "encode" | "decode") =>
            {
                data::names_a_file(word)
                    .then(|| format!("for what is in the file: -d {}", quoted(&format!("@{word}"))))
            }
            _ => None,
        };
        let failure = file.into_iter().fold(Failure::from(ArgsError::from(error)), Failure::hint);
        let Some((server, name)) = swapped else { return failure.into() };
        let mut again = Again::new(&server, target, given);
        again.complete("", schema, headers);
        // `list services` is how others say it.
        let name = if verb == "list" && name == "services" { String::new() } else { quoted(&name) };
        // There is no export without a place for it.
        let data = if verb == "export" { " -o api.binpb" } else { data };
        let failure = failure.run("in this order", verb, format!("{name}{data}"));
        Self { failure, target: Some(again.to_string()) }
    }

    /// A failure in dealing with this server.
    pub(super) fn at(target: &TargetPlan, failure: impl Into<Failure>) -> Self {
        use transport::Error as E;
        let failure = failure.into();
        let hint = match failure.connection() {
            Some(E::PlaintextToTls { .. }) => Some(target.speak_tls()),
            Some(E::TlsToPlaintext { .. }) => Some(target.speak_plaintext()),
            Some(E::Connect { .. }) => name_apart(target),
            _ if failure.is_without_reflection() => prefixed(target),
            _ => None,
        };
        let origin = if failure.is_about_a_server() { origin(target) } else { None };
        let schema =
            target.schema_at.as_ref().filter(|_| failure.is_about_a_name()).map(|at| {
                format!("the schema is what {at} says; to ask the server first: --reflection auto")
            });
        let failure = hint.into_iter().chain(origin).chain(schema).fold(failure, Failure::hint);
        Self { failure, target: Some(target.again.to_string()) }
    }

    /// As the end of what is told of a call.
    pub(super) fn ending(&self) -> Ending<'_> {
        Ending::Failure(&self.failure, self.target.as_deref())
    }

    /// What is told of it, as text.
    pub(super) fn report(&self) -> String {
        sanitize::report(&self.failure.report(self.target.as_deref()))
    }

    /// What is told of it, in parts.
    pub(super) fn told(&self) -> Told {
        self.failure.told(self.target.as_deref())
    }

    /// Its exit code.
    pub(super) fn exit(&self) -> u8 {
        self.failure.exit()
    }

    /// Whether it was asked for wrongly.
    pub(super) fn is_wrong(&self) -> bool {
        self.failure.is_wrong()
    }

    /// Tells it on stderr, and the exit code to the caller.
    pub(super) fn tell(&self, colors: Colors) -> u8 {
        if self.failure.is_closed_pipe() {
            return 0;
        }
        let report = self.failure.report(self.target.as_deref());
        // Nothing is left to tell this to.
        let _ = io::stderr().write_all(&color::report(&sanitize::report(&report), colors.stderr));
        self.failure.exit()
    }
}

/// Where a server comes from that nobody typed.
pub(super) fn origin(target: &TargetPlan) -> Option<String> {
    let server = &target.place.text;
    match &target.origin {
        Origin::Default => Some(format!(
            "no server was named, so it is {server}; name one as HOST:PORT, or in RPCCTL_ADDRESS"
        )),
        Origin::Environment => Some(format!("{server} is what RPCCTL_ADDRESS says")),
        Origin::File(at) => Some(format!("{server} is what {at} says")),
        Origin::Argument | Origin::Flag => None,
    }
}

/// For a socket's path that seems to end in a name.
pub(super) fn name_apart(target: &TargetPlan) -> Option<String> {
    let (socket, name) = target.place.socket_and_name()?;
    Some(format!("behind a unix socket, a name is a word of its own: {socket} {name}"))
}

/// For a server that lacks a method, where it was called under a prefix that the user may not have meant as one.
fn prefixed(target: &TargetPlan) -> Option<String> {
    let prefix = &target.channel.prefix;
    (!prefix.is_empty()).then(|| {
        format!("it was called under the prefix {prefix}: in a URL, the path before a method's name is one")
    })
}
