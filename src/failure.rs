//! What can go wrong, as one type: a kind with its exit code, the error with its causes, and hints.
//!
//! Every lower error becomes a [`Failure`] here, and here is decided what it advises. A refused call is no failure:
//! it is an answer, printed as one, and its exit code is [`status_exit`]'s.

mod connection;
mod tls;

pub use connection::told_of;
pub use tls::{VERSION_3, can_be_pasted};

use std::error::Error;
use std::fmt::Write as _;
use std::path::PathBuf;

use crate::message::{self, items};
use crate::netrpc;
use crate::schema::{self, CheckError, LinkError, LocalError, Missed, ReflectionError};
use crate::session::{CallError, OpenError};
use crate::transport;
use crate::wire::{self, Code, Deadline, Origin};

/// Why a command did not do what it was asked.
#[derive(Debug)]
pub struct Failure {
    kind: Kind,
    source: Box<dyn Error + Send + Sync>,
    hints: Vec<Hint>,
}

/// What is told of a failure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The error.
    pub message: String,
    /// What led to it, each because of the next.
    pub causes: Vec<String>,
    /// What to do about it, each a sentence or ending in a command.
    pub hints: Vec<String>,
}

/// Kinds of failure, by exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It could not be done: connection, TLS, schema, file.
    Failed,
    /// It was asked for wrongly: usage, or request data.
    Wrong,
    /// It ended in this status before there was a call: the server refused to say what it offers, or the user's
    /// deadline passed.
    Status(Code),
}

impl Kind {
    fn exit(self) -> u8 {
        match self {
            Self::Failed => 1,
            Self::Wrong => 2,
            Self::Status(code) => status_exit(code),
        }
    }
}

/// The exit code of a call that ended in this status: 0, or 64 and the code; a code beyond gRPC's is as unknown.
pub fn status_exit(code: Code) -> u8 {
    match u8::try_from(code.0) {
        Ok(0) => 0,
        Ok(code @ 1..=16) => 64 + code,
        _ => 64 + 2,
    }
}

/// Advice that goes with a failure.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Hint {
    /// A sentence.
    Say(String),
    /// A command for the same server: what it is for, the verb, and what follows the target.
    Run { to: &'static str, verb: &'static str, rest: String },
}

impl Failure {
    /// A failure of this kind.
    pub fn new(kind: Kind, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { kind, source: source.into(), hints: Vec::new() }
    }

    /// The exit code.
    pub fn exit(&self) -> u8 {
        self.kind.exit()
    }

    /// Whether it was asked for wrongly.
    pub fn is_wrong(&self) -> bool {
        self.kind == Kind::Wrong
    }

    /// Why there is no connection, where it is that.
    pub fn connection(&self) -> Option<&transport::Error> {
        self.source.downcast_ref()
    }

    /// Whether it is about a server, and not about what stands on this side.
    pub fn is_about_a_server(&self) -> bool {
        self.source.is::<transport::Error>() || self.source.is::<ReflectionError>()
    }

    /// Whether a server says that it has no reflection.
    pub fn is_without_reflection(&self) -> bool {
        matches!(self.source.downcast_ref(), Some(ReflectionError::Unavailable(_)))
    }

    /// Whether it is about a name that the schema does not have.
    pub fn is_about_a_name(&self) -> bool {
        use schema::Error as E;
        matches!(self.source.downcast_ref(), Some(E::NotFound { .. } | E::NoSuchMethod { .. }))
    }

    /// Whether it is only that nobody reads any more what this process writes.
    pub fn is_closed_pipe(&self) -> bool {
        let io = self.source.source().and_then(|cause| cause.downcast_ref::<std::io::Error>());
        let unwritten = !self.is_about_a_server();
        unwritten && io.is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
    }

    /// With a sentence of advice.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(Hint::Say(hint.into()));
        self
    }

    /// With a command for the same server.
    #[must_use]
    pub fn run(mut self, to: &'static str, verb: &'static str, rest: impl Into<String>) -> Self {
        self.hints.push(Hint::Run { to, verb, rest: rest.into() });
        self
    }

    /// The failure as text: the error, its causes, its hints. `target` is how the server is named on a command line.
    pub fn report(&self, target: Option<&str>) -> String {
        let Told { message, causes, hints } = self.told(target);
        let mut text = format!("error: {message}\n");
        for cause in causes {
            let _ = writeln!(text, "  caused by: {cause}");
        }
        for hint in hints {
            let _ = writeln!(text, "hint: {hint}");
        }
        text
    }

    /// The same in parts.
    pub fn told(&self, target: Option<&str>) -> Told {
        let hints = self.hints.iter().map(|hint| match hint {
            Hint::Say(sentence) => sentence.clone(),
            Hint::Run { to, verb, rest } => {
                let words = ["rpcctl", verb, target.unwrap_or(""), rest];
                let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
                format!("{to}: {}", words.join(" "))
            }
        });
        Told {
            message: without_numbers(self.source.to_string()),
            causes: causes(&*self.source),
            hints: hints.map(without_numbers).collect(),
        }
    }

    /// With what helps against a document that does not fit.
    fn about(self, problem: message::json::Problem) -> Self {
        use message::json::Problem;
        match problem {
            Problem::UnknownField { message, similar, all, .. } if similar.is_empty() && all.is_empty() => {
                self.run("see its fields", "describe", message)
            }
            Problem::Unfit { message: Some(message), .. } => self.run("see its fields", "describe", message),
            Problem::UnknownValue { enumeration, similar, all, .. }
                if similar.is_empty() && all.is_empty() =>
            {
                self.run("see its values", "describe", enumeration)
            }
            Problem::UnknownType(name) => self
                .hint(format!("give the file that defines {name}: --proto FILE, or --descriptor-set FILE")),
            _ => self,
        }
    }

    fn near(mut self, names: &[String]) -> Self {
        if !names.is_empty() {
            self.hints.push(Hint::Say(format!("did you mean {}?", names.join(", "))));
        }
        self
    }
}

impl From<message::Error> for Failure {
    fn from(error: message::Error) -> Self {
        match error {
            message::Error::Read { .. } => Self::new(Kind::Failed, error),
            message::Error::Count(_) => {
                Self::new(Kind::Wrong, error).hint("for a call with each of them: --each")
            }
            message::Error::NotEach(_) => Self::new(Kind::Wrong, error).hint("leave out --each"),
            message::Error::Argument { suggested: Some(ref ty), .. } => {
                let hint = format!("if the server takes that: --type '{ty}'");
                Self::new(Kind::Wrong, error).hint(hint)
            }
            message::Error::Json { error: ref read, ref place, .. } => {
                let problem = read.problem.clone();
                let yaml = matches!(problem, message::json::Problem::Syntax { .. }) && is_named_yaml(&place.origin);
                let failure = Self::new(Kind::Wrong, error).about(problem);
                if yaml { failure.hint("for YAML: -i yaml") } else { failure }
            }
            message::Error::Split { error: ref split, .. } if split.problem.is_of_lengths() => Self::new(Kind::Wrong, error)
                .hint("where a method takes a stream, each message stands behind its length, a varint, as -o binary writes those of one"),
            message::Error::Bytes { behind_length: true, .. } => Self::new(Kind::Wrong, error)
                .hint("each stands behind its length there, as -o binary writes messages of a stream; this method takes one alone"),
            message::Error::Item { ref problem, .. } => match &**problem {
                items::Problem::Json(problem) => {
                    let problem = problem.clone();
                    Self::new(Kind::Wrong, error).about(problem)
                }
                items::Problem::Syntax { instead: Some((what, word)), .. } => {
                    let hint = format!("for {what}: {word}");
                    Self::new(Kind::Wrong, error).hint(hint)
                }
                _ => Self::new(Kind::Wrong, error),
            },
            message::Error::Text { error: ref read, .. } => {
                let problem = read.problem.clone();
                Self::new(Kind::Wrong, error).about(problem)
            }
            _ => Self::new(Kind::Wrong, error),
        }
    }
}

/// Whether a file's name says that YAML is in it.
fn is_named_yaml(origin: &message::Origin) -> bool {
    let message::Origin::File(path) = origin else { return false };
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    matches!(extension, "yaml" | "yml")
}

impl From<CallError> for Failure {
    fn from(error: CallError) -> Self {
        match error {
            CallError::Wire(wire::CallError::Messages(error))
            | CallError::Go(netrpc::Error::Requests(error))
            | CallError::Message(error) => error.into(),
            CallError::Wire(wire::CallError::Connection(error))
            | CallError::Go(netrpc::Error::Connection(error)) => error.into(),
            CallError::Wire(wire::CallError::Request(error)) => error.into(),
            CallError::Cut(sent, error) => {
                let next = match &error {
                    message::Error::Split { .. } => "; where the next one begins can't be told",
                    _ => "",
                };
                Self::from(error).hint(format!("messages sent before it: {sent}{next}"))
            }
            CallError::Unsent(unsent) => Self::new(Kind::Wrong, unsent),
            CallError::Go(netrpc::Error::Handshake(error)) => Self::new(Kind::Failed, error)
                .hint("for gob without HTTP: netrpc://HOST:PORT; for JSON-RPC: jsonrpc://HOST:PORT"),
        }
    }
}

impl From<OpenError> for Failure {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Connection(error) => error.into(),
            OpenError::Schema(error) => error.into(),
        }
    }
}

impl From<http::Error> for Failure {
    fn from(error: http::Error) -> Self {
        Self::new(Kind::Wrong, error).hint("HTTP can't carry the --authority, or the path of the method")
    }
}

impl From<transport::Error> for Failure {
    fn from(error: transport::Error) -> Self {
        let hint = connection::advice(&error);
        let failure = Self::new(Kind::Failed, error);
        match hint {
            Some(hint) => failure.hint(hint),
            None => failure,
        }
    }
}

/// What led to an error, each because of the next.
fn causes(error: &(dyn Error + 'static)) -> Vec<String> {
    let mut causes = Vec::new();
    let mut shown = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let line = error.to_string();
        // Errors of libraries often repeat their cause in their own text.
        if !shown.contains(&line) {
            causes.push(without_numbers(line.clone()));
            shown = line;
        }
        cause = error.source();
    }
    causes
}

/// The text without the numbers that the standard library puts behind the system's words.
pub fn without_numbers(mut text: String) -> String {
    const BEFORE: &str = " (os error ";
    while let Some((start, end)) = text.match_indices(BEFORE).find_map(|(start, _)| {
        let number = text.get(start + BEFORE.len()..)?;
        let digits = number.bytes().take_while(u8::is_ascii_digit).count();
        let closed = number.as_bytes().get(digits) == Some(&b')');
        (digits > 0 && closed).then_some((start, start + BEFORE.len() + digits + 1))
    }) {
        text.replace_range(start..end, "");
    }
    text
}

impl From<schema::Error> for Failure {
    fn from(error: schema::Error) -> Self {
        use schema::Error as E;
        const LIST: &str = "see what there is";
        match error {
            E::Reflection(ReflectionError::Connection(error)) => error.into(),
            E::Reflection(ReflectionError::Request(error)) => error.into(),
            E::Reflection(error) => reflection(error),
            E::Ambiguous { ref candidates, .. } => {
                let first = candidates.first().cloned().unwrap_or_default();
                let candidates = candidates.join("\n        ");
                Self::new(Kind::Wrong, error)
                    .hint(format!("it may be\n        {candidates}"))
                    .run("see what one is", "describe", first)
            }
            E::NoSuchMethod { ref service, ref did_you_mean, .. } => {
                let (service, near) = (service.clone(), did_you_mean.clone());
                Self::new(Kind::Failed, error).near(&near).run(LIST, "list", service)
            }
            E::IsService { ref methods, .. } => {
                let methods = methods.join("\n        ");
                Self::new(Kind::Wrong, error).hint(format!("its methods are\n        {methods}"))
            }
            E::NotFound { ref did_you_mean, .. } => {
                let near = did_you_mean.clone();
                Self::new(Kind::Failed, error).near(&near).run(LIST, "list", "")
            }
            E::NotAService { ref name, .. } => {
                let name = name.clone();
                Self::new(Kind::Failed, error).run("see what it is", "describe", name)
            }
            E::NoSource => Self::new(Kind::Wrong, error)
                .hint("leave out --reflection off, or give --proto FILE or --descriptor-set FILE"),
            E::Check(CheckError::Edition { .. })
            | E::Local(LocalError::Unusable { source: CheckError::Edition { .. }, .. }) => {
                Self::new(Kind::Failed, error).hint("editions 2023 and 2024, proto2 and proto3 are read")
            }
            E::Local(LocalError::Edition { ref protos, ref import_paths, .. }) => {
                let hint = protoc(protos, import_paths);
                Self::new(Kind::Failed, error).hint(hint)
            }
            E::Local(LocalError::Empty(_)) => Self::new(Kind::Failed, error)
                .hint("was it written to the end? In a pipe: did the command before it work?"),
            E::Local(LocalError::ASet(ref path)) => {
                let hint = format!("give it as what it is: --descriptor-set {}", path.display());
                Self::new(Kind::Failed, error).hint(hint)
            }
            E::Local(LocalError::ASource(ref path)) => {
                let hint = format!("give it as what it is: --proto {}", path.display());
                Self::new(Kind::Failed, error).hint(hint)
            }
            E::Link(LinkError::MissingImport { .. } | LinkError::MissingType { .. }) => Self::new(Kind::Failed, error)
                .hint("give the missing file: with --proto FILE -I DIR, or a --descriptor-set made with --include_imports"),
            E::Local(LocalError::Import { ref missed, .. }) => {
                let hint = import_path(missed);
                Self::new(Kind::Failed, error).hint(hint)
            }
            E::Local(_) | E::Check(_) | E::Link(_) => Self::new(Kind::Failed, error),
        }
    }
}

/// How to compile files and folders of files for `--descriptor-set`.
fn protoc(protos: &[PathBuf], import_paths: &[PathBuf]) -> String {
    let below = import_paths.iter().map(|path| format!("-I {}", path.display()));
    let files = protos.iter().map(|path| match path.extension() {
        Some(_) => path.display().to_string(),
        None => format!("$(find {} -name '*.proto')", path.display()),
    });
    let flags = ["--include_imports -o set.binpb".to_owned()];
    let words: Vec<String> = below.chain(flags).chain(files).collect();
    format!("compile with protoc {} and give --descriptor-set set.binpb", words.join(" "))
}

/// Which `-I` has an import.
fn import_path(missed: &Missed) -> String {
    let places: Vec<String> = missed.places.iter().map(|place| format!("-I {}", place.display())).collect();
    match places.as_slice() {
        [] => format!("say below which directory {} lies, with -I DIR", missed.import),
        [place] => format!("to find {}, add {place}", missed.import),
        places => format!("{} is in more than one place: choose {}", missed.import, places.join(" or ")),
    }
}

/// The user's deadline passed before there was a call.
pub fn deadline(deadline: &Deadline, while_doing: &str) -> Failure {
    Failure::new(Kind::Status(Code::DEADLINE_EXCEEDED), Passed(deadline.exceeded(while_doing).message))
}

#[derive(Debug, thiserror::Error)]
#[error("DEADLINE_EXCEEDED (4, on this side): {0}")]
struct Passed(String);

fn reflection(error: ReflectionError) -> Failure {
    const FILES: &str = "give the schema with --proto FILE or --descriptor-set FILE instead";
    let kind = match &error {
        ReflectionError::Deadline(status) | ReflectionError::Refused(status) => Kind::Status(status.code),
        _ => Kind::Failed,
    };
    // What is no answer of the protocol's is no word about reflection either.
    let foreign = matches!(&error, ReflectionError::Refused(status)
        if status.origin == Origin::Mapped
            && !matches!(status.code, Code::UNAUTHENTICATED | Code::PERMISSION_DENIED));
    if foreign {
        return Failure::new(kind, error).run("see what is spoken there", "doctor", "");
    }
    let advice: &[&str] = match &error {
        ReflectionError::Refused(status)
            if matches!(status.code, Code::UNAUTHENTICATED | Code::PERMISSION_DENIED) =>
        {
            &["credentials go along with --bearer TOKEN, -u USER, or -H 'authorization: …'", FILES]
        }
        ReflectionError::OtherVersion { .. } => &["take what it offers: --reflection auto"],
        ReflectionError::Silent | ReflectionError::Slow => {
            &["if it is only slow, give it time: --timeout DURATION", FILES]
        }
        ReflectionError::Unavailable(_)
        | ReflectionError::Refused(_)
        | ReflectionError::NoList(_)
        | ReflectionError::TooOften => &[FILES],
        _ => &[],
    };
    advice.iter().fold(Failure::new(kind, error), |failure, hint| failure.hint(*hint))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_have_exit_codes_of_their_own() {
        assert_eq!(status_exit(Code::OK), 0);
        assert_eq!(status_exit(Code(5)), 69);
        assert_eq!(status_exit(Code(16)), 80);
        assert_eq!(status_exit(Code(17)), 66);
        assert_eq!(status_exit(Code(1010)), 66);
    }

    #[test]
    fn the_systems_words_are_told_without_their_numbers() {
        let told = |text: &str| without_numbers(text.to_owned());
        assert_eq!(told("a: No (os error 2); b: No (os error 11)\n"), "a: No; b: No\n");
        for text in ["(os error 2)", " (os error )", " (os error 2", " (os error x)", ""] {
            assert_eq!(told(text), text);
        }
    }

    #[test]
    fn a_report_has_the_error_its_causes_and_hints() {
        let source = std::io::Error::from(std::io::ErrorKind::ConnectionRefused);
        let error = transport::Error::Connect { target: "localhost:1".to_owned(), tried: Vec::new(), source };
        let report = Failure::from(error).run("look", "list", "a.B").report(Some("localhost:1"));
        assert_eq!(
            report,
            "error: cannot connect to localhost:1\n  caused by: connection refused\n\
             hint: nothing listens there: check host and port; rpcctl serve-demo starts a server to try\n\
             hint: look: rpcctl list localhost:1 a.B\n"
        );
    }
}
