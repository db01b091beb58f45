//! The way to the server up to where a protocol begins: its name, its addresses, the proxy, TLS.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant, SystemTime};

use serde_json::{Map, Value, json};
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::super::Writers;
use super::exam::Exam;
use super::plan::Plan;
use crate::failure::without_numbers;
use crate::output::doctor::{Step, milliseconds};
use crate::transport::{
    Certificate, Dialer, Endpoint, Error, FirstHop, Http, TlsFault, TlsLook, TlsVersion, first_hop, knock,
    look,
};

/// What was found on the way there.
pub(super) struct Way {
    /// What the TLS handshake showed, where there was one.
    pub(super) tls: Option<TlsLook>,
}

/// Walks; nothing where nobody is there to speak to. In plaintext the step `tls` is left to whoever speaks first.
pub(super) async fn walk(
    plan: &Plan,
    dialer: &Dialer,
    exam: &mut Exam,
    io: &mut Writers<'_>,
) -> io::Result<Option<Way>> {
    let Some(hop) = resolve(plan, exam, io).await? else {
        exam.skip(io, &["tcp", "proxy", "tls"], "there is no address to connect to")?;
        return Ok(None);
    };
    if !tcp(plan, dialer, hop, exam, io).await? {
        exam.skip(io, &["proxy", "tls"], "there is no connection")?;
        return Ok(None);
    }
    if !proxy(plan, dialer, exam, io).await? {
        exam.skip(io, &["tls"], "the proxy passes nothing on")?;
        return Ok(None);
    }
    if plan.server_target().tls.is_none() {
        return Ok(Some(Way { tls: None }));
    }
    let found = tls(plan, dialer, exam, io).await?;
    Ok(found.map(|tls| Way { tls: Some(tls) }))
}

/// Whether there is a network to cross, and the addresses on it; nothing where the name has none.
async fn resolve(plan: &Plan, exam: &mut Exam, io: &mut Writers<'_>) -> io::Result<Option<Option<FirstHop>>> {
    let began = exam.begin("resolve");
    let target = plan.server_target();
    match first_hop(target).await {
        Ok(None) => {
            let what = match &target.endpoint {
                Endpoint::Unix(_) => "a unix socket has no name to look up",
                _ => "it is inside this process",
            };
            exam.tell(io, Step::skipped("resolve", what))?;
            Ok(Some(None))
        }
        Ok(Some(hop)) => {
            let whose = if target.route.proxy.is_some() { "the proxy " } else { "" };
            let is_address = hop.host.parse::<IpAddr>().is_ok();
            let told = |address: &SocketAddr| format!("{} ({})", address.ip(), family(*address));
            let told: Vec<String> = hop.addresses.iter().map(told).collect();
            let detail = match told.as_slice() {
                [_] if is_address => format!("{whose}{} is an address", hop.host),
                told => format!("{whose}{} is {}", hop.host, told.join(", ")),
            };
            let step = Step::passed("resolve", began.elapsed(), detail).fact("host", hop.host.clone());
            let addresses: Vec<Value> = hop
                .addresses
                .iter()
                .map(|address| json!({ "address": address.ip().to_string(), "family": family(*address) }))
                .collect();
            exam.tell(io, step.fact("addresses", addresses))?;
            Ok(Some(Some(hop)))
        }
        Err(error) => {
            exam.tell(io, plan.failed("resolve", began, error))?;
            Ok(None)
        }
    }
}

fn family(address: SocketAddr) -> &'static str {
    if address.is_ipv6() { "IPv6" } else { "IPv4" }
}

/// Whether anybody listens at any of the addresses, or on the socket.
async fn tcp(
    plan: &Plan,
    dialer: &Dialer,
    hop: Option<FirstHop>,
    exam: &mut Exam,
    io: &mut Writers<'_>,
) -> io::Result<bool> {
    let began = exam.begin("tcp");
    let Some(hop) = hop else {
        let step = match (look::reach(dialer).await, &plan.server_target().endpoint) {
            (Ok(_), Endpoint::Unix(path)) => {
                Step::passed("tcp", began.elapsed(), format!("{} takes connections", path.display()))
            }
            (Ok(_), _) => Step::skipped("tcp", "it needs no network"),
            (Err(error), _) => plan.failed("tcp", began, error),
        };
        let reached = step.outcome != crate::output::doctor::Outcome::Failed;
        exam.tell(io, step)?;
        return Ok(reached);
    };
    let knocks = knock_at_all(&hop.addresses, plan.server_target().connect_timeout).await;
    let told: Vec<String> = knocks.iter().map(Knock::told).collect();
    let facts: Vec<Value> = knocks.iter().map(Knock::fact).collect();
    let answered = knocks.iter().any(|knock| knock.result.is_ok());
    let step = if answered {
        Step::passed("tcp", began.elapsed(), told.join(", "))
    } else {
        let failure = no_answer(plan, knocks);
        plan.failed("tcp", began, failure)
    };
    exam.tell(io, step.fact("addresses", facts))?;
    Ok(answered)
}

/// An address, and whether anybody listens there.
struct Knock {
    address: SocketAddr,
    took: Duration,
    result: io::Result<()>,
}

impl Knock {
    fn told(&self) -> String {
        match &self.result {
            Ok(()) => format!("{} in {:.1} ms", self.address, self.took.as_secs_f64() * 1000.0),
            Err(error) => format!("{}: {}", self.address, without_numbers(error.to_string())),
        }
    }

    fn fact(&self) -> Value {
        let mut fact = Map::new();
        fact.insert("address".to_owned(), self.address.to_string().into());
        fact.insert("took_ms".to_owned(), milliseconds(self.took).into());
        if let Err(error) = &self.result {
            fact.insert("error".to_owned(), without_numbers(error.to_string()).into());
        }
        fact.into()
    }
}

/// All addresses at a time, in their order.
async fn knock_at_all(addresses: &[SocketAddr], limit: Duration) -> Vec<Knock> {
    let mut knocking = JoinSet::new();
    for (index, &address) in addresses.iter().enumerate() {
        knocking.spawn(async move {
            let began = Instant::now();
            let result = match timeout(limit, knock(address)).await {
                Ok(result) => result,
                Err(_) => Err(io::Error::new(io::ErrorKind::TimedOut, "no answer")),
            };
            (index, Knock { address, took: began.elapsed(), result })
        });
    }
    let mut knocks: Vec<(usize, Knock)> = Vec::new();
    while let Some(done) = knocking.join_next().await {
        knocks.extend(done.ok());
    }
    knocks.sort_by_key(|(index, _)| *index);
    knocks.into_iter().map(|(_, knock)| knock).collect()
}

/// Why no address took a connection.
fn no_answer(plan: &Plan, knocks: Vec<Knock>) -> Error {
    let server = plan.server_target();
    let proxy = server.route.proxy.as_ref();
    let target = proxy.map_or_else(|| server.named(), ToString::to_string);
    let failed = knocks.into_iter().filter_map(|knock| Some((knock.address, knock.result.err()?)));
    let failed: Vec<(SocketAddr, io::Error)> = failed.collect();
    let mut tried: Vec<(SocketAddr, String)> =
        failed.iter().map(|(address, error)| (*address, error.to_string())).collect();
    // Refusals of one kind are one.
    if tried.windows(2).all(|pair| pair[0].1 == pair[1].1) {
        tried.clear();
    }
    let told =
        failed.into_iter().map(|(_, error)| error).find(|error| error.kind() != io::ErrorKind::TimedOut);
    let error = match told {
        Some(source) => Error::Connect { target, tried, source },
        None => Error::Timeout { target, phase: "connection", limit: server.connect_timeout },
    };
    match proxy {
        Some(proxy) => Error::ProxyUnreachable {
            target: server.endpoint.to_string(),
            origin: proxy.origin,
            source: Box::new(error),
        },
        None => error,
    }
}

/// Whether the proxy, if there is one, passes connections on.
async fn proxy(plan: &Plan, dialer: &Dialer, exam: &mut Exam, io: &mut Writers<'_>) -> io::Result<bool> {
    let began = exam.begin("proxy");
    let Some(proxy) = &plan.server_target().route.proxy else {
        exam.tell(io, Step::skipped("proxy", "there is none on the way"))?;
        return Ok(true);
    };
    match look::reach(dialer).await {
        Ok(_) => {
            let detail = format!("{proxy} passes connections on, and {} names it", proxy.origin);
            let step = Step::passed("proxy", began.elapsed(), detail);
            exam.tell(io, step.fact("proxy", proxy.to_string()).fact("named_by", proxy.origin))?;
            Ok(true)
        }
        Err(error) => {
            let step = plan.failed("proxy", began, error).fact("proxy", proxy.to_string());
            exam.tell(io, step.fact("named_by", proxy.origin))?;
            Ok(false)
        }
    }
}

/// The handshake, and which versions there are; what the server shows where all is well.
async fn tls(
    plan: &Plan,
    dialer: &Dialer,
    exam: &mut Exam,
    io: &mut Writers<'_>,
) -> io::Result<Option<TlsLook>> {
    let began = exam.begin("tls");
    let ((looked, old), new) = tokio::join!(
        async {
            let shown = Box::pin(shown(plan, dialer));
            tokio::join!(look::heard(dialer, shown), look::speaks(dialer, TlsVersion::V12))
        },
        look::speaks(dialer, TlsVersion::V13)
    );
    let versions: Vec<&str> = TlsVersion::ALL
        .into_iter()
        .zip([old, new])
        .filter_map(|(version, spoken)| spoken.unwrap_or(false).then_some(version.name()))
        .collect();
    match looked {
        Ok(Some(look)) => {
            let detail = secured(&look, &versions);
            let step = Step::passed("tls", began.elapsed(), detail).fact("versions", versions);
            exam.tell(io, facts(step, &look))?;
            Ok(Some(look))
        }
        Ok(None) => Ok(None),
        Err(error) => {
            exam.tell(io, plan.failed("tls", began, error).fact("versions", versions))?;
            Ok(None)
        }
    }
}

/// What the server shows. One that refuses HTTP/2 in the handshake may be fine but for that.
async fn shown(plan: &Plan, dialer: &Dialer) -> Result<Option<TlsLook>, Error> {
    let began = Instant::now();
    let looked = look::tls(dialer, began).await;
    let Err(Error::Tls { fault: TlsFault::NoHttp2, .. }) = &looked else { return looked };
    match plan.dialer_in(Http::One) {
        Ok(dialer) => look::tls(&dialer, began).await.or(looked),
        Err(_) => looked,
    }
}

fn secured(look: &TlsLook, versions: &[&str]) -> String {
    let mut parts = vec![look.facts.version.clone()];
    if let Some(other) = versions.iter().find(|version| **version != look.facts.version) {
        parts[0].push_str(&format!(" (and {other})"));
    }
    parts.push(match &look.facts.alpn {
        Some(alpn) => format!("ALPN {alpn}"),
        None => "no ALPN".to_owned(),
    });
    if let Some(own) = look.chain.first() {
        parts.push(format!("certificate {own}"));
        parts.push(format!("valid for {}", left(*own.valid.end(), SystemTime::now())));
    }
    if let [_, .., last] = look.chain.as_slice() {
        parts.push(format!("a chain of {} up to {}", look.chain.len(), last.subject));
    }
    match look.wanted.as_deref() {
        None => {}
        Some([]) => parts.push("asks for a client certificate".to_owned()),
        Some(names) => parts.push(format!("asks for a client certificate of {}", names.join(" or "))),
    }
    parts.join(", ")
}

/// How long until then, in days.
fn left(until: SystemTime, now: SystemTime) -> String {
    match days_left(until, now) {
        0 => "less than a day".to_owned(),
        1 => "1 day more".to_owned(),
        days => format!("{days} days more"),
    }
}

/// Whole days until then; below zero where it is past.
fn days_left(until: SystemTime, now: SystemTime) -> i64 {
    const DAY: u64 = 24 * 60 * 60;
    let days = |duration: Duration| i64::try_from(duration.as_secs() / DAY).unwrap_or(i64::MAX);
    match until.duration_since(now) {
        Ok(left) => days(left),
        Err(over) => -1 - days(over.duration()),
    }
}

fn facts(step: Step, look: &TlsLook) -> Step {
    let chain: Vec<Value> = look.chain.iter().map(certificate).collect();
    let step = step
        .fact("version", look.facts.version.clone())
        .fact("cipher", look.facts.cipher.clone())
        .fact("alpn", look.facts.alpn.clone())
        .fact("chain", chain)
        .fact("client_certificate_wanted", look.wanted.is_some());
    match &look.wanted {
        Some(names) if !names.is_empty() => step.fact("client_certificate_of", names.clone()),
        _ => step,
    }
}

fn certificate(shown: &Certificate) -> Value {
    let date = |time: &SystemTime| {
        humantime::format_rfc3339_seconds((*time).max(SystemTime::UNIX_EPOCH)).to_string()
    };
    json!({
        "subject": shown.subject,
        "issuer": shown.issuer_name,
        "names": shown.names,
        "not_before": date(shown.valid.start()),
        "not_after": date(shown.valid.end()),
        "days_left": days_left(*shown.valid.end(), SystemTime::now()),
    })
}

/// What is told of TLS where plaintext is spoken, and answered.
pub(super) fn plaintext() -> Step {
    Step::skipped("tls", "plaintext is spoken, as the target says")
}

/// The same where it was not.
pub(super) fn mixed_up(plan: &Plan, began: Instant) -> Step {
    let target = plan.server_target().endpoint.to_string();
    plan.failed("tls", began, Error::PlaintextToTls { target })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_to_both_sides() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
        let hours = |hours: u64| Duration::from_secs(hours * 60 * 60);
        assert_eq!(days_left(now + hours(49), now), 2);
        assert_eq!(days_left(now + hours(1), now), 0);
        assert_eq!(days_left(now - hours(1), now), -1);
        assert_eq!(left(now + hours(25), now), "1 day more");
    }
}
