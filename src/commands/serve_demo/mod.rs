//! `rpcctl serve-demo`: a server to try things on.

use std::fs;
use std::io::{self, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgGroup, Args, ValueEnum};

use crate::args::quoted;
use crate::demo::{self, Endpoint, Identity, Interceptors, LogFormat, Plan, Tls};
use crate::failure::{Failure, Kind};

/// What to say when nobody can know the certificate.
const TRUST: &str = "--insecure trusts any server. To have clients know this one, add --write-cert FILE here and use --cacert FILE there.";

/// Where the demo server listens unless told otherwise.
const DEFAULT_LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 50051);

const EXAMPLES: &str = "\
Examples:
  rpcctl serve-demo                                 plaintext on 127.0.0.1:50051
  rpcctl serve-demo --listen :0 --log               a free port, one line a call
  rpcctl serve-demo --tls --write-cert demo.pem     TLS; clients use --cacert demo.pem
  rpcctl serve-demo --unix /tmp/demo.sock           a unix socket
  rpcctl serve-demo --rate 5 --fail-rate 0.1        a server that has bad days

Without a server of its own, any command can use the target `demo:` instead.";

/// Run a demo server: greeters, every call shape, errors, metadata, all field kinds
///
/// Serves hello.HelloService, helloworld.Greeter (the one of gRPC's tutorials) and demo.v1.Demo, with
/// server reflection and health checks, until ^C or SIGTERM; then calls under way get 5 seconds to finish.
#[derive(Debug, Clone, Args)]
#[command(after_help = EXAMPLES, group(ArgGroup::new("secured").args(["tls", "cert"])))]
pub struct ServeDemoArgs {
    /// Listen on this address (repeatable; port 0 = a free one) [default: 127.0.0.1:50051]
    ///
    /// `IP:PORT`, `[IPV6]:PORT`, `localhost:PORT`, or `:PORT`, which is `127.0.0.1:PORT`. To be reached from
    /// other machines, listen on `0.0.0.0` or `[::]`.
    #[arg(long, value_name = "ADDR", value_parser = parse_address)]
    pub listen: Vec<SocketAddr>,

    /// Listen on a unix socket (repeatable); without --listen, on nothing else
    ///
    /// A socket left behind by a server that died is replaced. The file is removed at the end.
    #[cfg(unix)]
    #[arg(long, value_name = "PATH")]
    pub unix: Vec<PathBuf>,

    /// Serve TLS with a self-signed certificate made in memory
    #[arg(long, conflicts_with = "cert")]
    pub tls: bool,

    /// Save the self-signed certificate (PEM), for clients' --cacert
    #[arg(long, value_name = "FILE", requires = "tls")]
    pub write_cert: Option<PathBuf>,

    /// Serve TLS with this certificate chain (PEM)
    #[arg(long, value_name = "FILE", requires = "key")]
    pub cert: Option<PathBuf>,

    /// Private key of --cert (PEM)
    #[arg(long, value_name = "FILE", requires = "cert")]
    pub key: Option<PathBuf>,

    /// Refuse clients without a certificate from one of these authorities (PEM)
    #[arg(long, value_name = "FILE", requires = "secured")]
    pub client_ca: Option<PathBuf>,

    /// Print one line a call on stderr
    #[arg(long, value_name = "FORMAT", num_args = 0..=1, require_equals = true, default_missing_value = "text")]
    pub log: Option<LogArg>,

    /// Refuse calls without `authorization: Bearer TOKEN`
    ///
    /// They end in `UNAUTHENTICATED`. Reflection needs the token too; health checks do not.
    #[arg(long, value_name = "TOKEN")]
    pub token: Option<String>,

    /// Refuse more than N calls a second
    ///
    /// They end in `RESOURCE_EXHAUSTED`. Like --latency and --fail-rate, it spares reflection and health checks.
    #[arg(long, value_name = "N")]
    pub rate: Option<NonZeroU32>,

    /// Wait before handling each call, e.g. 250ms or 2s
    #[arg(long, value_name = "DURATION", value_parser = crate::args::duration)]
    pub latency: Option<Duration>,

    /// Fail calls with this probability, from 0 to 1
    ///
    /// They end in `UNAVAILABLE`. Which ones fail is the same in every run.
    #[arg(long, value_name = "P", value_parser = parse_probability)]
    pub fail_rate: Option<f64>,
}

/// The `--log` formats.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogArg {
    /// Words in columns
    Text,
    /// One JSON object a line
    Json,
}

/// What `serve-demo` is to do.
#[derive(Debug, Clone, PartialEq)]
pub struct ServeDemoPlan {
    /// The server.
    pub demo: Plan,
    /// Where to save the self-signed certificate.
    pub write_cert: Option<PathBuf>,
}

/// What can go wrong.
#[derive(Debug, thiserror::Error)]
pub enum ServeDemoError {
    /// The server itself failed.
    #[error(transparent)]
    Demo(#[from] demo::Error),
    /// The certificate could not be saved.
    #[error("cannot write {}", path.display())]
    WriteCert {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Where the server listens could not be printed.
    #[error("cannot print")]
    Print(#[source] io::Error),
}

impl From<ServeDemoError> for Failure {
    fn from(error: ServeDemoError) -> Self {
        let taken = match &error {
            ServeDemoError::Demo(demo::Error::Bind { source, .. } | demo::Error::Unix { source, .. }) => {
                source.kind() == io::ErrorKind::AddrInUse
            }
            _ => false,
        };
        let failure = Self::new(Kind::Failed, error);
        if taken { failure.hint("listen on a free port: rpcctl serve-demo --listen :0") } else { failure }
    }
}

/// What the words mean. Which of them go together is declared on the words.
pub fn plan(args: ServeDemoArgs) -> ServeDemoPlan {
    let mut listen: Vec<Endpoint> = args.listen.into_iter().map(Endpoint::Tcp).collect();
    #[cfg(unix)]
    listen.extend(args.unix.into_iter().map(Endpoint::Unix));
    if listen.is_empty() {
        listen.push(Endpoint::Tcp(DEFAULT_LISTEN));
    }
    let identity = match (args.cert, args.key) {
        (Some(cert), Some(key)) => Some(Identity::Files { cert, key }),
        _ => args.tls.then_some(Identity::SelfSigned),
    };
    let client_ca = args.client_ca;
    let interceptors = Interceptors {
        log: args.log.map(|format| match format {
            LogArg::Text => LogFormat::Text,
            LogArg::Json => LogFormat::Json,
        }),
        token: args.token,
        rate: args.rate,
        latency: args.latency,
        fail_rate: args.fail_rate,
    };
    let tls = identity.map(|identity| Tls { identity, client_ca });
    ServeDemoPlan { demo: Plan { listen, tls, interceptors }, write_cert: args.write_cert }
}

/// Listens, says where on stdout, and serves until `shutdown` is done. Warnings and the log go to stderr.
pub async fn run(
    plan: ServeDemoPlan,
    stdout: &mut (dyn Write + Send),
    mut stderr: Box<dyn Write + Send>,
    shutdown: impl Future<Output = ()>,
) -> Result<(), ServeDemoError> {
    let hints = Hints::new(&plan);
    let server = demo::Server::bind(plan.demo).await?;
    if let (Some(path), Some(certificate)) = (plan.write_cert, server.certificate()) {
        fs::write(&path, certificate).map_err(|source| ServeDemoError::WriteCert { path, source })?;
    }
    announce(stdout, server.endpoints(), &hints).map_err(ServeDemoError::Print)?;
    for address in server.endpoints().iter().filter_map(exposed) {
        writeln!(stderr, "warning: other machines can reach {address}").map_err(ServeDemoError::Print)?;
    }
    Ok(server.serve(stderr, shutdown).await?)
}

/// What to tell people besides the addresses.
struct Hints {
    /// How the connection is protected.
    security: &'static str,
    /// Flags that a client needs, each with a space before it.
    flags: String,
    /// How to do better than those flags.
    advice: Option<&'static str>,
}

impl Hints {
    fn new(plan: &ServeDemoPlan) -> Self {
        let tls = plan.demo.tls.as_ref();
        let (security, mut flags, advice) = match tls.map(|tls| &tls.identity) {
            None => ("plaintext", String::new(), None),
            Some(Identity::Files { .. }) => ("TLS", " --tls".to_owned(), None),
            Some(Identity::SelfSigned) => match &plan.write_cert {
                Some(path) => {
                    ("TLS, self-signed", format!(" --cacert {}", quoted(&path.to_string_lossy())), None)
                }
                None => ("TLS, self-signed", " --insecure".to_owned(), Some(TRUST)),
            },
        };
        if tls.is_some_and(|tls| tls.client_ca.is_some()) {
            flags.push_str(" --cert CLIENT.pem --key CLIENT.key");
        }
        if let Some(token) = &plan.demo.interceptors.token {
            flags.push_str(" -H ");
            flags.push_str(&quoted(&format!("authorization: Bearer {token}")));
        }
        Self { security, flags, advice }
    }
}

/// Says where the server listens, one line each and nothing before it, then what to try.
fn announce(out: &mut dyn Write, endpoints: &[Endpoint], hints: &Hints) -> io::Result<()> {
    let Hints { security, flags, advice } = hints;
    for endpoint in endpoints {
        writeln!(out, "listening on {endpoint} ({security})")?;
    }
    if let Some(target) = endpoints.first().map(target) {
        let target = quoted(&target);
        writeln!(out, "\nTry:")?;
        writeln!(out, "  rpcctl list {target}{flags}")?;
        writeln!(out, "  rpcctl describe {target} demo.v1.Demo{flags}")?;
        writeln!(
            out,
            "  rpcctl call {target} hello.HelloService/SayHello{flags} -d '{{\"name\":\"Alice\"}}'"
        )?;
    }
    if let Some(advice) = advice {
        writeln!(out, "\n{advice}")?;
    }
    out.flush()
}

/// How a client on this machine calls it: an address that stands for all is no address to connect to.
fn target(endpoint: &Endpoint) -> String {
    match endpoint {
        Endpoint::Tcp(address) if address.ip().is_unspecified() => {
            let ip = match address.ip() {
                IpAddr::V4(_) => IpAddr::V4(Ipv4Addr::LOCALHOST),
                IpAddr::V6(_) => IpAddr::V6(Ipv6Addr::LOCALHOST),
            };
            SocketAddr::new(ip, address.port()).to_string()
        }
        other => other.to_string(),
    }
}

/// The address, if other machines can reach it.
fn exposed(endpoint: &Endpoint) -> Option<&SocketAddr> {
    match endpoint {
        Endpoint::Tcp(address) => (!address.ip().to_canonical().is_loopback()).then_some(address),
        #[cfg(unix)]
        Endpoint::Unix(_) => None,
    }
}

fn parse_address(text: &str) -> Result<SocketAddr, String> {
    let host = text.strip_prefix("localhost:").or_else(|| text.strip_prefix(':'));
    let address = match host {
        Some(port) => port.parse().ok().map(|port| SocketAddr::new(Ipv4Addr::LOCALHOST.into(), port)),
        None => text.parse().ok(),
    };
    address.ok_or_else(|| "want IP:PORT, [IPV6]:PORT, localhost:PORT or :PORT".to_owned())
}

fn parse_probability(text: &str) -> Result<f64, String> {
    let p: f64 = text.parse().map_err(|_| "want a number from 0 to 1".to_owned())?;
    if (0.0..=1.0).contains(&p) { Ok(p) } else { Err("want a number from 0 to 1".to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Cli {
        #[command(flatten)]
        args: ServeDemoArgs,
    }

    fn planned(words: &str) -> Result<ServeDemoPlan, clap::Error> {
        let words = std::iter::once("serve-demo").chain(words.split_whitespace());
        Cli::try_parse_from(words).map(|cli| plan(cli.args))
    }

    fn endpoints(words: &str) -> Vec<String> {
        planned(words).unwrap().demo.listen.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn without_words_it_is_plaintext_on_the_usual_port() {
        let plan = planned("").unwrap().demo;
        assert_eq!(
            plan,
            Plan { listen: vec![Endpoint::Tcp(([127, 0, 0, 1], 50051).into())], ..Plan::default() }
        );
    }

    #[test]
    fn addresses_are_read_in_every_usual_way() {
        assert_eq!(
            endpoints("--listen :0 --listen [::1]:0 --listen localhost:7 --listen 0.0.0.0:80"),
            ["127.0.0.1:0", "[::1]:0", "127.0.0.1:7", "0.0.0.0:80"]
        );
        for wrong in ["localhost", "example.com:80", ":70000", "127.0.0.1", "::1:80x"] {
            assert!(planned(&format!("--listen {wrong}")).is_err(), "{wrong}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_unix_socket_alone_means_no_port() {
        assert_eq!(endpoints("--unix /tmp/a"), ["unix:/tmp/a"]);
        assert_eq!(endpoints("--unix /tmp/a --listen :1"), ["127.0.0.1:1", "unix:/tmp/a"]);
    }

    #[test]
    fn words_that_do_not_go_together_are_refused() {
        for wrong in [
            "--tls --cert a --key b",
            "--cert a",
            "--key b",
            "--write-cert a",
            "--client-ca a",
            "--rate 0",
            "--fail-rate 1.5",
            "--fail-rate NaN",
            "--latency fast",
            "--log=xml",
        ] {
            assert!(planned(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn log_takes_its_format_only_behind_an_equals_sign() {
        assert_eq!(planned("--log").unwrap().demo.interceptors.log, Some(LogFormat::Text));
        assert_eq!(planned("--log=json").unwrap().demo.interceptors.log, Some(LogFormat::Json));
    }

    fn announced(words: &str, endpoint: &Endpoint) -> String {
        let mut out = Vec::new();
        let hints = Hints::new(&planned(words).unwrap());
        announce(&mut out, std::slice::from_ref(endpoint), &hints).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn the_commands_to_try_carry_the_flags_they_need() {
        let endpoint = Endpoint::Tcp(([127, 0, 0, 1], 4711).into());
        let plain = announced("", &endpoint);
        assert!(plain.starts_with("listening on 127.0.0.1:4711 (plaintext)\n"), "{plain}");
        assert!(plain.contains("  rpcctl list 127.0.0.1:4711\n"), "{plain}");

        let tls = announced("--tls --token it's", &endpoint);
        assert!(tls.starts_with("listening on 127.0.0.1:4711 (TLS, self-signed)\n"), "{tls}");
        let flags = r"--insecure -H 'authorization: Bearer it'\''s'";
        assert!(tls.contains(&format!("rpcctl list 127.0.0.1:4711 {flags}\n")), "{tls}");
        assert!(announced("--tls --write-cert d.pem", &endpoint).contains("demo.v1.Demo --cacert d.pem\n"));
    }

    #[test]
    fn every_address_is_called_at_loopback_and_warned_about() {
        let all = Endpoint::Tcp(([0, 0, 0, 0], 80).into());
        assert_eq!(target(&all), "127.0.0.1:80");
        assert!(exposed(&all).is_some());
        assert!(exposed(&Endpoint::Tcp("[::ffff:127.0.0.1]:80".parse().unwrap())).is_none());
    }
}
