//! `rpcctl serve-demo`: a server to try things on.

mod announcement;
mod certificate;
mod habits;

use std::io::{self, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgGroup, Args, ValueEnum};

use super::Exit;
use crate::demo::{self, Endpoint, Identity, Interceptors, LogFormat, Plan, Tls};
use crate::failure::{Failure, Kind};
use announcement::{Hints, announce, exposed};

pub(super) use habits::suggest_listen;

/// Where the demo server listens unless told otherwise.
const DEFAULT_LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 50051);

const EXAMPLES: &str = "\
Examples:
  rpcctl serve-demo                                 plaintext on 127.0.0.1:50051
  rpcctl serve-demo --listen :0 --log               a free port, one line a call
  rpcctl serve-demo --tls --write-cert demo.pem     TLS; clients use --cacert demo.pem
  rpcctl serve-demo --unix /tmp/demo.sock           a unix socket
  rpcctl serve-demo --rate 5 --fail-rate 0.1        a server that has bad days

Without a server of its own, any command can use the target `demo:` instead.

It takes plain HTTP too: curl localhost:50051/hello.HelloService/SayHello --json '{}'";

/// Run a demo server: greeters, every call shape, errors, metadata, all field kinds
///
/// Serves hello.HelloService, helloworld.Greeter (the one of gRPC's tutorials) and demo.v1.Demo, with
/// server reflection and health checks, until ^C or SIGTERM; then calls under way get 5 seconds to finish.
///
/// Each port takes gRPC, gRPC-Web and Connect, in protobuf or JSON, over HTTP/1.1 and HTTP/2, also from web pages of any
/// origin.
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

    /// Serve Go's net/rpc here: gob, gob over HTTP and JSON-RPC (repeatable); without --listen, nothing else
    ///
    /// An address as with --listen, or `unix:PATH`. MathService.Multiply, Arith.Multiply and Arith.QuoRem take
    /// `{"A": 17, "B": 5}`. The first bytes tell which of the three is spoken; `/debug/rpc` is there too. --tls and
    /// --cert count here, --log, --token and what is like them do not.
    #[arg(long, value_name = "ADDR", value_parser = parse_endpoint)]
    pub netrpc: Vec<Endpoint>,

    /// Serve TLS with a self-signed certificate made in memory
    #[arg(long, conflicts_with = "cert")]
    pub tls: bool,

    /// Save the self-signed certificate (PEM), for clients' --cacert; replaces a certificate and nothing else
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
    /// What stands where the certificate is to go is none.
    #[error("--write-cert does not overwrite {}: it is no PEM certificate", .0.display())]
    Overwrite(PathBuf),
    /// Where the server listens could not be printed.
    #[error("cannot print")]
    Print(#[source] io::Error),
}

impl From<ServeDemoError> for Failure {
    fn from(error: ServeDemoError) -> Self {
        let in_use = |source: &io::Error| source.kind() == io::ErrorKind::AddrInUse;
        let hint = match &error {
            ServeDemoError::Demo(demo::Error::Bind { source, .. }) if in_use(source) => {
                Some("listen on a free port: rpcctl serve-demo --listen :0")
            }
            ServeDemoError::Demo(demo::Error::Unix { source, .. }) if in_use(source) => {
                Some("another server listens there: give another path")
            }
            _ => None,
        };
        let failure = Self::new(Kind::Failed, error);
        match hint {
            Some(hint) => failure.hint(hint),
            None => failure,
        }
    }
}

/// What the words mean. Which of them go together is declared on the words.
pub fn plan(args: ServeDemoArgs) -> ServeDemoPlan {
    let mut listen: Vec<Endpoint> = args.listen.into_iter().map(Endpoint::Tcp).collect();
    #[cfg(unix)]
    listen.extend(args.unix.into_iter().map(Endpoint::Unix));
    if listen.is_empty() && args.netrpc.is_empty() {
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
    ServeDemoPlan {
        demo: Plan { listen, netrpc: args.netrpc, tls, interceptors },
        write_cert: args.write_cert,
    }
}

/// Listens, says where on stdout, and serves until the signal comes. Warnings and the log go to stderr.
pub(super) async fn run(
    plan: ServeDemoPlan,
    signal: impl Future<Output = u8>,
) -> Result<Exit, ServeDemoError> {
    let (mut stdout, mut stderr) = (io::stdout(), io::stderr());
    let hints = Hints::new(&plan);
    let server = demo::Server::bind(plan.demo).await?;
    if let (Some(path), Some(certificate)) = (plan.write_cert, server.certificate()) {
        certificate::write(path, certificate)?;
    }
    let hints = hints.certified(server.certificate_names());
    let places = (server.endpoints(), server.netrpc_endpoints());
    announce(&mut stdout, places, &hints).map_err(ServeDemoError::Print)?;
    for address in places.0.iter().chain(places.1).filter_map(exposed) {
        writeln!(stderr, "warning: other machines can reach {address}").map_err(ServeDemoError::Print)?;
    }
    let told = async {
        signal.await;
    };
    server.serve(Box::new(stderr), told).await?;
    Ok(Exit::OK)
}

fn parse_address(text: &str) -> Result<SocketAddr, String> {
    let host = text.strip_prefix("localhost:").or_else(|| text.strip_prefix(':'));
    let address = match host {
        Some(port) => port.parse().ok().map(|port| SocketAddr::new(Ipv4Addr::LOCALHOST.into(), port)),
        None => text.parse().ok(),
    };
    address.ok_or_else(|| match text.parse::<u16>() {
        Ok(port) => format!("write --listen :{port}"),
        Err(_) => "want IP:PORT, [IPV6]:PORT, localhost:PORT or :PORT".to_owned(),
    })
}

/// An address, or `unix:PATH`.
fn parse_endpoint(text: &str) -> Result<Endpoint, String> {
    #[cfg(unix)]
    if let Some(path) = text.strip_prefix("unix:").filter(|path| !path.is_empty()) {
        return Ok(Endpoint::Unix(path.into()));
    }
    parse_address(text).map(Endpoint::Tcp)
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

    pub(super) fn planned(words: &str) -> Result<ServeDemoPlan, clap::Error> {
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
}
