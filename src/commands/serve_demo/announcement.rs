//! What a demo server that has started says: where it listens, and commands to try it with.

use std::io::{self, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;

use super::ServeDemoPlan;
use crate::args::quoted;
use crate::demo::{Endpoint, Identity};
use crate::failure::can_be_pasted;

/// What to say when nobody can know the certificate.
const TRUST: &str = "--insecure trusts any server. To have clients know this one, add --write-cert FILE here and use --cacert FILE there.";

/// The flag that trusts anybody.
const UNVERIFIED: &str = " --insecure";

/// What to tell people besides the addresses.
pub(super) struct Hints {
    /// How the connection is protected.
    security: &'static str,
    /// The flag that has a client trust the certificate, with a space before it.
    trust: String,
    /// Other flags that a client needs, each with a space before it.
    flags: String,
    /// Those that a client of net/rpc needs: there are no tokens.
    go_flags: String,
    /// How to do better than those flags.
    advice: Option<&'static str>,
    /// The names that the certificate is for, where it is not one that was made for where the server listens.
    names: Option<Vec<String>>,
}

impl Hints {
    /// What the plan asks of clients.
    pub(super) fn new(plan: &ServeDemoPlan) -> Self {
        let tls = plan.demo.tls.as_ref();
        let (security, trust, advice) = match tls.map(|tls| &tls.identity) {
            None => ("plaintext", String::new(), None),
            // A certificate that is trusted itself needs nobody to vouch for it: whoever signed it, this is enough.
            Some(Identity::Files { cert, .. }) => ("TLS", trusting(cert), None),
            Some(Identity::SelfSigned) => match &plan.write_cert {
                Some(path) => ("TLS, self-signed", trusting(path), None),
                None => ("TLS, self-signed", UNVERIFIED.to_owned(), Some(TRUST)),
            },
        };
        let mut flags = String::new();
        if tls.is_some_and(|tls| tls.client_ca.is_some()) {
            flags.push_str(" --cert CLIENT.pem --key CLIENT.key");
        }
        let go_flags = flags.clone();
        if let Some(token) = &plan.demo.interceptors.token {
            flags.push_str(" -H ");
            flags.push_str(&quoted(&format!("authorization: Bearer {token}")));
        }
        Self { security, trust, flags, go_flags, advice, names: None }
    }

    /// The same, with a certificate for these names.
    pub(super) fn certified(self, names: Option<&[String]>) -> Self {
        Self { names: names.map(<[String]>::to_vec), ..self }
    }

    /// How a client on this machine calls a server there so that its certificate is for that, and the flags that have it
    /// believed.
    fn target(&self, endpoint: &Endpoint) -> (String, String) {
        let address = target(endpoint);
        let trust = self.trust.clone();
        let Some(names) = &self.names else { return (address, trust) };
        let has = |name: &str| names.iter().any(|own| own.eq_ignore_ascii_case(name));
        let (host, local) = match endpoint {
            Endpoint::Tcp(it) => {
                (connectable(*it).ip().to_string(), exposed(endpoint).is_none() || it.ip().is_unspecified())
            }
            #[cfg(unix)]
            Endpoint::Unix(_) => ("localhost".to_owned(), false),
        };
        match endpoint {
            _ if has(&host) => (address, trust),
            Endpoint::Tcp(it) if local && has("localhost") => (format!("localhost:{}", it.port()), trust),
            _ => {
                // Any name below one with a star is as good.
                let usable = names.iter().map(|name| name.replacen("*.", "demo.", 1));
                let name = usable.into_iter().find(|name| can_be_pasted(name));
                let flags = name.map(|name| format!("{trust} --server-name {name}"));
                (address, flags.unwrap_or_else(|| UNVERIFIED.to_owned()))
            }
        }
    }
}

/// The flag that trusts this certificate.
fn trusting(certificate: &Path) -> String {
    format!(" --cacert {}", quoted(&certificate.to_string_lossy()))
}

/// Says where the server listens, one line each and nothing before it, then what to try.
pub(super) fn announce(
    out: &mut dyn Write,
    (endpoints, netrpc): (&[Endpoint], &[Endpoint]),
    hints: &Hints,
) -> io::Result<()> {
    let Hints { security, flags, advice, .. } = hints;
    for endpoint in endpoints {
        writeln!(out, "listening on {endpoint} ({security})")?;
    }
    for endpoint in netrpc {
        writeln!(
            out,
            "listening on {} ({security})",
            go_target(endpoint, &target(endpoint), "netrpc", hints)
        )?;
    }
    writeln!(out, "\nTry:")?;
    if let Some((target, trust)) = endpoints.first().map(|endpoint| hints.target(endpoint)) {
        let (target, flags) = (quoted(&target), format!("{trust}{flags}"));
        writeln!(out, "  rpcctl list {target}{flags}")?;
        writeln!(out, "  rpcctl describe {target} demo.v1.Demo{flags}")?;
        writeln!(
            out,
            "  rpcctl call {target} hello.HelloService/SayHello{flags} -d '{{\"name\":\"Alice\"}}'"
        )?;
    }
    if let Some(endpoint) = netrpc.first() {
        let (place, trust) = hints.target(endpoint);
        let target = |scheme| quoted(&go_target(endpoint, &place, scheme, hints));
        let flags = format!("{trust}{}", hints.go_flags);
        let data = "-d '{\"A\":17,\"B\":5}'";
        writeln!(out, "  rpcctl list {}{flags} -l", target("netrpc+http"))?;
        writeln!(out, "  rpcctl call {}{flags} Arith.QuoRem {data}", target("netrpc"))?;
        writeln!(out, "  rpcctl call {}{flags} MathService.Multiply {data}", target("jsonrpc"))?;
    }
    if let Some(advice) = advice {
        writeln!(out, "\n{advice}")?;
    }
    out.flush()
}

/// The same for net/rpc, whose scheme says what is spoken on the connection.
fn go_target(endpoint: &Endpoint, place: &str, scheme: &str, hints: &Hints) -> String {
    let tls = match (hints.security, scheme) {
        ("plaintext", _) => "",
        (_, "netrpc+http") => "s",
        _ => "+tls",
    };
    match endpoint {
        Endpoint::Tcp(_) => format!("{scheme}{tls}://{place}"),
        #[cfg(unix)]
        Endpoint::Unix(path) => format!("{scheme}{tls}+unix:{}", path.display()),
    }
}

/// Where a client on this machine connects to: an address that stands for all is none to connect to.
fn target(endpoint: &Endpoint) -> String {
    match endpoint {
        Endpoint::Tcp(address) => connectable(*address).to_string(),
        #[cfg(unix)]
        other @ Endpoint::Unix(_) => other.to_string(),
    }
}

/// The address to connect to.
fn connectable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        ip if !ip.is_unspecified() => ip,
        IpAddr::V4(_) => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(_) => IpAddr::V6(Ipv6Addr::LOCALHOST),
    };
    SocketAddr::new(ip, address.port())
}

/// The address, if other machines can reach it.
pub(super) fn exposed(endpoint: &Endpoint) -> Option<&SocketAddr> {
    match endpoint {
        Endpoint::Tcp(address) => (!address.ip().to_canonical().is_loopback()).then_some(address),
        #[cfg(unix)]
        Endpoint::Unix(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::planned;
    use super::*;

    fn announced(words: &str, endpoint: &Endpoint) -> String {
        let mut out = Vec::new();
        let hints = Hints::new(&planned(words).unwrap());
        announce(&mut out, (std::slice::from_ref(endpoint), &[]), &hints).unwrap();
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
        let files = announced("--cert leaf.pem --key leaf.key", &endpoint);
        assert!(files.contains("  rpcctl list 127.0.0.1:4711 --cacert leaf.pem\n"), "{files}");
    }

    #[test]
    fn a_server_is_called_by_a_name_that_its_certificate_is_for() {
        let called = |endpoint: &Endpoint, names: &[&str]| {
            let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
            let hints = Hints::new(&planned("--cert a --key b").unwrap()).certified(Some(&names));
            let (target, flag) = hints.target(endpoint);
            format!("{target}{}", flag.trim_start_matches(" --cacert a"))
        };
        let here = Endpoint::Tcp(([127, 0, 0, 1], 80).into());
        assert_eq!(called(&here, &["a.example", "127.0.0.1"]), "127.0.0.1:80");
        assert_eq!(called(&here, &["a.example", "LOCALHOST"]), "localhost:80");
        assert_eq!(called(&here, &["$(reboot)", "a.example"]), "127.0.0.1:80 --server-name a.example");
        assert_eq!(called(&here, &["*.example"]), "127.0.0.1:80 --server-name demo.example");
        assert_eq!(called(&here, &[]), "127.0.0.1:80 --insecure");
        let all = Endpoint::Tcp(([0, 0, 0, 0], 80).into());
        assert_eq!(called(&all, &["localhost"]), "localhost:80");
        let elsewhere = Endpoint::Tcp(([192, 0, 2, 1], 80).into());
        assert_eq!(called(&elsewhere, &["localhost"]), "192.0.2.1:80 --server-name localhost");
    }

    #[test]
    fn every_address_is_called_at_loopback_and_warned_about() {
        let all = Endpoint::Tcp(([0, 0, 0, 0], 80).into());
        assert_eq!(target(&all), "127.0.0.1:80");
        assert!(exposed(&all).is_some());
        assert!(exposed(&Endpoint::Tcp("[::ffff:127.0.0.1]:80".parse().unwrap())).is_none());
    }
}
