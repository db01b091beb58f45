//! Which HTTP the server speaks, and what it says of itself in it.

use std::io;
use std::pin::pin;
use std::time::{Duration, Instant};

use http::{HeaderMap, Uri};
use serde_json::{Map, Value};
use tokio::time::timeout;

use super::super::Writers;
use super::exam::Exam;
use super::plan::Plan;
use super::spoken::{self, Look};
use super::way::{self, Way};
use crate::output::doctor::Step;
use crate::transport::{self, Connection, Error, Http, HttpChoice, Page, Settings, look};

/// How long an answer over HTTP/1.1 is waited for that nobody needs.
const PATIENCE: Duration = Duration::from_secs(1);

/// What a server said in each HTTP, and in each protocol over that.
pub(super) struct Heard {
    began: Instant,
    two: Timed<Option<Settings>>,
    one: Timed<Page>,
    /// The names that the server's certificate is for.
    pub(super) certified: Vec<String>,
    /// Each protocol over each HTTP that is spoken.
    pub(super) looks: Vec<Look>,
}

impl Heard {
    /// Whether this HTTP is spoken.
    pub(super) fn speaks(&self, http: Http) -> bool {
        match http {
            Http::One => self.one.1.is_ok(),
            Http::Two => self.two.1.is_ok(),
        }
    }

    /// The HTTP that a call to the target goes over, if the server speaks it.
    pub(super) fn own(&self, plan: &Plan) -> Option<Http> {
        let first = match plan.server_target().http {
            HttpChoice::Only(http) => http,
            HttpChoice::Either if self.speaks(Http::Two) => Http::Two,
            HttpChoice::Either => Http::One,
        };
        self.speaks(first).then_some(first)
    }
}

/// Asks in every way there is, all at a time.
pub(super) async fn listen(plan: &Plan, way: &Way) -> Heard {
    let began = Instant::now();
    let (two, one) = Box::pin(both(plan)).await;
    let shown = way.tls.as_ref().and_then(|look| look.chain.first());
    let certified = shown.map(|own| own.names.clone()).unwrap_or_default();
    let mut heard = Heard { began, two, one, certified, looks: Vec::new() };
    if !matches!(heard.two.1, Err(Error::PlaintextToTls { .. })) {
        heard.looks = spoken::look(plan, &heard).await;
    }
    heard
}

type Timed<T> = (Duration, Result<T, Error>);

/// HTTP/2 and HTTP/1.1, at a time. Who speaks the first at once, or speaks TLS, is not waited for with the other for as
/// long as connecting may take.
async fn both(plan: &Plan) -> (Timed<Option<Settings>>, Timed<Page>) {
    let began = Instant::now();
    let (mut two, mut one) = (pin!(timed(two(plan))), pin!(timed(one(plan))));
    tokio::select! {
        one = &mut one => (two.await, one),
        two = &mut two => {
            let patience = match &two.1 {
                Ok(_) if plan.server_target().http != HttpChoice::Only(Http::One) => PATIENCE,
                Err(Error::PlaintextToTls { .. }) => Duration::ZERO,
                _ => return (two, one.await),
            };
            let late = || Error::Timeout {
                target: plan.server_target().endpoint.to_string(),
                phase: "answer over HTTP/1.1",
                limit: PATIENCE,
            };
            let one = timeout(patience, one).await.unwrap_or_else(|_| (began.elapsed(), Err(late())));
            (two, one)
        }
    }
}

async fn timed<T>(work: impl Future<Output = T>) -> (Duration, T) {
    let began = Instant::now();
    let done = work.await;
    (began.elapsed(), done)
}

/// The server's settings, if it speaks HTTP/2. One that is silent in plaintext is asked in TLS.
async fn two(plan: &Plan) -> Result<Option<Settings>, Error> {
    let dialer = plan.dialer_in(Http::Two)?;
    let greeted = async {
        let connection = Connection::open(&dialer).await?;
        connection.greeted().await?;
        Ok(connection.settings().map(|(_, settings)| settings))
    };
    if dialer.target().tls.is_none() { look::heard(&dialer, greeted).await } else { greeted.await }
}

/// What the server has at the root, if it speaks HTTP/1.1.
async fn one(plan: &Plan) -> Result<Page, Error> {
    let root = Uri::from_static("/");
    let mut headers = HeaderMap::new();
    if let Some(authority) = plan.target.channel.authority.as_deref().and_then(|name| name.parse().ok()) {
        headers.insert("host", authority);
    }
    transport::get(&plan.dialer_in(Http::One)?, &root, &headers, 0).await
}

/// Tells of both, and of plaintext where that was what TLS is spoken to elsewhere; whether anything is spoken at all.
pub(super) fn tell(
    plan: &Plan,
    heard: &Heard,
    way: &Way,
    exam: &mut Exam,
    io: &mut Writers<'_>,
) -> io::Result<bool> {
    if way.tls.is_none() {
        if let Err(Error::PlaintextToTls { .. }) = heard.two.1 {
            exam.tell(io, way::mixed_up(plan, heard.began))?;
            exam.skip(io, &["http2", "http1"], "it speaks TLS")?;
            return Ok(false);
        }
        exam.tell(io, way::plaintext())?;
    }
    exam.tell(io, http2(plan, heard))?;
    exam.tell(io, http1(plan, heard))?;
    Ok(heard.speaks(Http::One) || heard.speaks(Http::Two))
}

fn http2(plan: &Plan, heard: &Heard) -> Step {
    let (took, two) = &heard.two;
    let needed = match plan.server_target().http {
        HttpChoice::Only(Http::Two) => true,
        HttpChoice::Only(Http::One) => false,
        HttpChoice::Either => !heard.speaks(Http::One),
    };
    let error = match two {
        Ok(settings) => return spoken_two(*took, settings.as_ref()),
        Err(error) => error,
    };
    let failure = plan.described("http2", *took, error);
    if !needed {
        return Step::skipped("http2", format!("it is not spoken, and need not be: {}", failure.detail));
    }
    if !heard.speaks(Http::One) {
        return failure;
    }
    let detail =
        "HTTP/1.1 is answered, and HTTP/2 is not: this is an HTTP/1 server, or such a proxy stands before it";
    let fix = spoken::instead(plan, heard).or_else(|| spoken::nothing(heard)).or(failure.fix);
    let causes = [vec![failure.detail], failure.causes].concat();
    Step { causes, ..Step::failed("http2", *took, detail).fix(fix) }
}

fn spoken_two(took: Duration, settings: Option<&Settings>) -> Step {
    let entries: Vec<(String, u32)> =
        settings.map(|settings| settings.entries().collect()).unwrap_or_default();
    let told: Vec<String> = entries.iter().map(|(name, value)| format!("{name} {value}")).collect();
    let detail = match told.as_slice() {
        [] => "it is spoken, with the protocol's own settings".to_owned(),
        told => format!("its settings: {}", told.join(", ")),
    };
    let facts: Map<String, Value> = entries.into_iter().map(|(name, value)| (name, value.into())).collect();
    Step::passed("http2", took, detail).fact("settings", facts)
}

fn http1(plan: &Plan, heard: &Heard) -> Step {
    let (took, one) = &heard.one;
    match one {
        Ok(page) => Step::passed("http1", *took, format!("it answers a GET of / with {}", page.status))
            .fact("status", page.status.as_u16()),
        Err(error) if plan.server_target().http == HttpChoice::Only(Http::One) => {
            plan.described("http1", *took, error)
        }
        Err(_) => Step::skipped("http1", "it is not spoken, and need not be"),
    }
}
