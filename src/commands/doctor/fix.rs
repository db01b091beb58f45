//! What mends what: a failure becomes a step, with the one command that goes on from there.

use std::time::{Duration, Instant};

use super::plan::Plan;
use crate::args::{Again, quoted};
use crate::failure::{Failure, Told, VERSION_3, can_be_pasted, told_of, without_numbers};
use crate::output::doctor::{Fix, Step};
use crate::session::{Code, Origin, Status};
use crate::transport::{
    Detour, Endpoint, Error, Proxy, ProxyFault, ProxyKind, Roots, SoFar, Target, TlsFault, TlsPlan,
    TlsVersions,
};

impl Plan {
    /// A step that failed so.
    pub(super) fn failed(&self, name: &'static str, began: Instant, failure: impl Into<Failure>) -> Step {
        let failure = failure.into();
        let fix = failure.connection().and_then(|error| self.mend(error));
        let Told { message, causes, hints } = failure.told(Some(&self.target.again.to_string()));
        let said = || hints.into_iter().next().map(|say| Fix { say, command: None });
        Step { causes, ..Step::failed(name, began.elapsed(), message).fix(fix.or_else(said)) }
    }

    /// The same of a connection, by who goes on with the error.
    pub(super) fn described(&self, name: &'static str, took: Duration, error: &Error) -> Step {
        let Told { message, causes, hints } = told_of(error);
        let said = || hints.into_iter().next().map(|say| Fix { say, command: None });
        Step { causes, ..Step::failed(name, took, message).fix(self.mend(error).or_else(said)) }
    }

    /// A step that failed with this status.
    pub(super) fn refused(&self, name: &'static str, began: Instant, status: &Status) -> Step {
        let step = Step::failed(name, began.elapsed(), told(status)).fact("code", code_name(status));
        step.fix(self.mend_status(status))
    }

    /// The command again, by these words.
    pub(super) fn fix(&self, say: impl Into<String>, again: &Again) -> Fix {
        let name = self.named().map(quoted).unwrap_or_default();
        Fix { say: say.into(), command: Some(command("doctor", again, &name)) }
    }

    /// The command again, with this flag.
    pub(super) fn with(&self, say: &str, flag: &str, value: &str) -> Fix {
        self.fix(say, &self.target.again.with(flag, value))
    }

    /// The command again, with more time to connect.
    pub(super) fn slower(&self) -> Fix {
        let longer = self.server_target().connect_timeout.saturating_mul(4).max(Duration::from_secs(1));
        let longer = Duration::from_millis(u64::try_from(longer.as_millis()).unwrap_or(u64::MAX));
        let longer = humantime::format_duration(longer).to_string().replace(' ', "");
        self.with("if it is only slow, give it time", "--connect-timeout", &longer)
    }

    /// How to speak the other language.
    fn other_language(&self) -> Fix {
        let tls = self.server_target().tls.is_none();
        let say = if tls { "speak TLS" } else { "speak plaintext" };
        self.fix(say, &self.target.secured(tls))
    }

    /// What mends a connection.
    fn mend(&self, error: &Error) -> Option<Fix> {
        let again = &self.target.again;
        Some(match error {
            Error::PlaintextToTls { .. } | Error::TlsToPlaintext { .. } => self.other_language(),
            Error::Tls { fault, plan, .. } => return self.mend_tls(fault, plan),
            Error::Proxy { fault: ProxyFault::Login { .. }, .. } => {
                let proxy = self.server_target().route.proxy.as_ref()?;
                let url = proxy.to_string().replacen("://", "://USER:PASSWORD@", 1);
                self.with("say who you are", "--proxy", &url)
            }
            Error::Proxy { fault: ProxyFault::Http, .. } => {
                let proxy = self.server_target().route.proxy.as_ref()?;
                let login = if proxy.login.is_some() { "USER:PASSWORD@" } else { "" };
                let http = Proxy { kind: ProxyKind::Http, ..proxy.clone() };
                let url = http.to_string().replacen("://", &format!("://{login}"), 1);
                self.with("speak HTTP to it", "--proxy", &url)
            }
            Error::Proxy { origin: "--proxy", .. } | Error::ProxyUnreachable { origin: "--proxy", .. } => {
                self.fix("connect without it", &again.without(&["--proxy"]))
            }
            Error::Proxy { origin, .. } | Error::ProxyUnreachable { origin, .. } => {
                self.with(&format!("{origin} names it; connect without it"), "--no-proxy", "'*'")
            }
            Error::Resolve { host, .. } => {
                let known = format!("{}:{}:ADDRESS", quoted(host), self.port(host)?);
                self.with("check the name, or say which address it has", "--resolve", &known)
            }
            Error::Connect { source, .. } if source.kind() == std::io::ErrorKind::ConnectionRefused => {
                let say = match self.server_target().endpoint {
                    Endpoint::Unix(_) => {
                        "nobody listens there any more: start the server again, or wait for it"
                    }
                    _ => "nothing listens there: check host and port, or wait for it to come up",
                };
                self.with(say, "--retry-connect", "")
            }
            Error::Connect { source, .. } if source.kind() == std::io::ErrorKind::NotFound => {
                let say = "there is no such socket: check the path, or wait for it to come up";
                self.with(say, "--retry-connect", "")
            }
            Error::Silent { so_far: SoFar::Plaintext, .. } => {
                let say =
                    "it says nothing in TLS either: is this the right port? If it is only slow, give it time";
                Fix { say: say.to_owned(), ..self.slower() }
            }
            Error::Timeout { .. } | Error::Silent { .. } => self.slower(),
            _ => return None,
        })
    }

    /// The port for which a host's address is looked up.
    fn port(&self, host: &str) -> Option<u16> {
        let Target { endpoint, route, .. } = self.server_target();
        let Endpoint::Tcp { host: own, port } = endpoint else { return None };
        let there = |detour: &&Detour| own != host && detour.to_host.as_deref() == Some(host);
        let there = route.detours.iter().find(there).and_then(|detour| detour.to_port);
        Some(there.unwrap_or(*port))
    }

    /// What mends a handshake.
    fn mend_tls(&self, fault: &TlsFault, plan: &TlsPlan) -> Option<Fix> {
        let again = &self.target.again;
        let regardless = |say: &str| {
            let trusts = !matches!(plan.roots, Roots::Unverified);
            let again = again.without(&["--cacert"]).with("--insecure", "");
            trusts.then(|| self.fix(format!("{say}; until then, go on unverified"), &again))
        };
        Some(match fault {
            TlsFault::UnknownIssuer(_) | TlsFault::SelfSigned => {
                self.with("trust the CA that signed it, or the certificate itself", "--cacert", "FILE")
            }
            TlsFault::CaAsServer | TlsFault::Version1 => {
                self.with("trust that very certificate", "--cacert", "FILE")
            }
            TlsFault::WrongName { names, .. } => match names.iter().find(|name| can_be_pasted(name)) {
                Some(name) => self.with("if it is the server that you mean", "--server-name", name),
                None => return regardless("it needs another certificate"),
            },
            TlsFault::Expired(_) => return regardless("have it renewed"),
            TlsFault::NotYetValid(_) => return regardless("look at both clocks"),
            TlsFault::BadCertificate(_) => return regardless("it needs another certificate"),
            TlsFault::NoClientCertificate => self.identified("show a certificate that it trusts"),
            TlsFault::ClientCertificate(_) if plan.shows_version1() => {
                self.identified(&format!("it is of X.509 version 1, and {VERSION_3}"))
            }
            TlsFault::ClientCertificate(_) => self.identified("show another certificate, that it trusts"),
            TlsFault::Refused if plan.identity.is_none() => {
                self.identified("it may want a client certificate")
            }
            TlsFault::UnknownName | TlsFault::HungUp => {
                self.with("if it goes by names, name one that it has", "--server-name", "NAME")
            }
            TlsFault::NothingInCommon if plan.versions != TlsVersions::default() => {
                self.fix("speak whatever version it has", &again.without(&["--tls-min", "--tls-max"]))
            }
            _ => return None,
        })
    }

    fn identified(&self, say: &str) -> Fix {
        let again = self.target.again.without(&["--key-password"]);
        self.fix(say, &again.with("--cert", "FILE").with("--key", "FILE"))
    }

    /// What mends a call that ended so.
    pub(super) fn mend_status(&self, status: &Status) -> Option<Fix> {
        match (status.code, status.origin) {
            (Code::UNAUTHENTICATED | Code::PERMISSION_DENIED, Origin::Server | Origin::Mapped) => {
                Some(self.credential())
            }
            (Code::DEADLINE_EXCEEDED, Origin::Local) => Some(self.slower()),
            _ => status.hint.as_ref().map(|hint| Fix { say: hint.to_string(), command: None }),
        }
    }

    /// How to say who calls.
    pub(super) fn credential(&self) -> Fix {
        let again = self.target.again.without(&["-u", "--bearer"]);
        self.fix("say who calls, by a token in a file (or -u USER, or -H)", &again.with("--bearer", "@FILE"))
    }
}

/// A command for the server; what it goes by besides these words may be the environment or a file.
pub(super) fn command(verb: &str, again: &Again, rest: &str) -> String {
    let again = again.to_string();
    let words = ["rpcctl", verb, &again, rest];
    words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// A step that failed without an error of this side's.
pub(super) fn wrong(name: &'static str, began: Instant, detail: impl Into<String>) -> Step {
    Step::failed(name, began.elapsed(), detail)
}

/// A status in a line.
pub(super) fn told(status: &Status) -> String {
    let separator = if status.message.is_empty() { "" } else { ": " };
    without_numbers(format!("{}{separator}{}", code_name(status), status.message))
}

/// A status's code, by its name where it has one.
pub(super) fn code_name(status: &Status) -> String {
    status.code.to_string()
}
