//! What is said on the side about a call, or about asking for a schema, as curl says it: `>` went out, `<` came in,
//! `*` is a remark.

mod detail;
mod timeline;

use std::io::{self, Write};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::sanitize;
use crate::failure::without_numbers;
use crate::schema::Repair;
use crate::secrets::{REDACTED, Secrets};
use crate::session::{
    Attempt, Event, EventKind, Http, Metadata, MetadataValue, Origin, Phase, RequestHead, Status,
};

pub(super) use self::detail::{Direction, message};
pub(super) use self::timeline::{Timeline, milliseconds};

/// How much is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Level {
    /// How it ended, where that is no success.
    #[default]
    End,
    /// What happened: connection, headers, trailers, timings.
    Call,
    /// Everything that is known of it: each message, TLS and HTTP/2 in full.
    All,
}

impl Level {
    /// What so many `-v`s ask for.
    pub fn of(count: u8) -> Self {
        match count {
            0 => Self::End,
            1 => Self::Call,
            _ => Self::All,
        }
    }
}

/// How things are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Style {
    /// How much is told.
    pub level: Level,
    /// Whether secrets are.
    pub secrets: Secrets,
}

/// All there is to say about a schema: how the server was asked for it, what was mended in it, and how long it took
/// since `started`.
pub fn schema<'r>(
    talk: &mut dyn Write,
    events: &[Event],
    repaired: impl Iterator<Item = &'r Repair>,
    (started, style): (Instant, Style),
) -> io::Result<()> {
    let mut timeline = Timeline::new(started);
    for told in events {
        if let EventKind::End(status, _) = &told.kind {
            // It ended one way of asking, and not what the times are of.
            writeln!(talk, "* no answer: {}", outcome(status))?;
        } else {
            timeline.note(told);
            event(talk, told, style)?;
        }
    }
    repairs(talk, repaired, style.level)?;
    timeline.times(talk, Instant::now())
}

/// What was mended in descriptors, where that is asked for, and all of it where everything is. Where they contradict each other, what is done with them may
/// be wrong, and that is told in any case.
pub fn repairs<'r>(
    talk: &mut dyn Write,
    repairs: impl Iterator<Item = &'r Repair>,
    level: Level,
) -> io::Result<()> {
    let (mut conflicts, mut told, mut more) = (Vec::new(), 0, 0);
    for repair in repairs {
        let text = repair.to_string();
        if repair.is_conflict() {
            conflicts.push(sanitize::brief(&text));
        } else if level == Level::All || level == Level::Call && told < MAX_WARNINGS {
            told += 1;
            writeln!(talk, "* repaired: {}", sanitize::line(&text))?;
        } else if level == Level::Call {
            more += 1;
        }
    }
    if more > 0 {
        writeln!(talk, "* repaired: {more} more like that, which -vv tells")?;
    }
    warnings(talk, conflicts.into_iter())
}

/// How many warnings of one kind anyone reads.
const MAX_WARNINGS: usize = 10;

/// Warns of many things of one kind: of the first ones, and then of how many more there are.
pub fn warnings(talk: &mut dyn Write, mut all: impl Iterator<Item = String>) -> io::Result<()> {
    for text in all.by_ref().take(MAX_WARNINGS) {
        writeln!(talk, "warning: {text}")?;
    }
    match all.count() {
        0 => Ok(()),
        more => writeln!(talk, "warning: {more} more like that"),
    }
}

/// What an event before the end has to say.
pub(super) fn event<P>(talk: &mut dyn Write, event: &Event<P>, style: Style) -> io::Result<()> {
    match &event.kind {
        EventKind::Settings(settings) if style.level == Level::All => detail::settings(talk, settings),
        EventKind::Phase(Phase::Connect { peer: Some(peer) }, _) => writeln!(talk, "* connected to {peer}"),
        EventKind::Phase(Phase::Tunnel { proxy }, _) => {
            writeln!(talk, "* through the proxy {}", sanitize::line(proxy))
        }
        EventKind::Phase(Phase::Tls(agreed), _) => {
            let alpn = agreed.alpn.as_deref().unwrap_or("none");
            writeln!(talk, "* {}, {}, ALPN {}", agreed.version, agreed.cipher, sanitize::line(alpn))?;
            let Some(shown) = &agreed.certificate else { return Ok(()) };
            writeln!(talk, "* certificate {}", sanitize::line(&shown.to_string()))?;
            if style.level == Level::All { detail::certificate(talk, shown) } else { Ok(()) }
        }
        EventKind::Phase(Phase::Upgrade, _) => writeln!(talk, "* the server speaks net/rpc over HTTP"),
        EventKind::Requested(head) => request(talk, head, style.secrets),
        EventKind::Headers(headers) => section(talk, "response headers", '<', (headers, style.secrets)),
        _ => Ok(()),
    }
}

/// What an attempt failed by, whoever listens: that there is more to wait for is nothing to be silent about.
pub fn attempt(talk: &mut dyn Write, attempt: &Attempt) -> io::Result<()> {
    let Attempt { number, of, cause, wait } = attempt;
    let of = of.map(|of| format!(" of {of}")).unwrap_or_default();
    let wait = humantime::format_duration(Duration::from_millis(
        u64::try_from(wait.as_millis()).unwrap_or(u64::MAX),
    ));
    writeln!(
        talk,
        "* attempt {number}{of} failed: {}; the next in {wait}",
        sanitize::line(&without_numbers(cause.clone()))
    )
}

/// A status that is none of OK, in words; `which` is whose it is.
pub fn failed(talk: &mut dyn Write, which: &str, status: &Status) -> io::Result<()> {
    writeln!(talk, "error: {}{}", sanitize::line(which), outcome(status))?;
    hint(talk, status)
}

pub(super) fn hint(talk: &mut dyn Write, status: &Status) -> io::Result<()> {
    status.hint.as_ref().map_or(Ok(()), |hint| writeln!(talk, "hint: {}", sanitize::line(hint)))
}

/// A status's code and message, which may go on over several lines.
pub fn outcome(status: &Status) -> String {
    let separator = if status.message.is_empty() { "" } else { ": " };
    format!("{}{separator}{}", code(status), sanitize::indented(&status.message))
}

/// A status's code: name, number, and whose word it is where it is not the server's.
pub(super) fn code(status: &Status) -> String {
    let whose = match status.origin {
        Origin::Server => "",
        Origin::Mapped => ", read off a broken answer",
        Origin::Local => ", on this side",
    };
    match status.code.name() {
        Some(name) => format!("{name} ({}{whose})", status.code.0),
        None => status.code.to_string(),
    }
}

/// The head of a request.
pub fn request(talk: &mut dyn Write, head: &RequestHead, secrets: Secrets) -> io::Result<()> {
    writeln!(
        talk,
        "> {} {}://{}{}{}",
        head.method,
        head.scheme,
        sanitize::line(&head.authority),
        sanitize::line(&head.path),
        // HTTP/2 is what is usual.
        if head.version == Http::One { " HTTP/1.1" } else { "" }
    )?;
    lines(talk, '>', (&head.headers, secrets))
}

/// Headers or trailers under a remark that says which.
pub(super) fn section(
    talk: &mut dyn Write,
    what: &str,
    sign: char,
    (metadata, secrets): (&Metadata, Secrets),
) -> io::Result<()> {
    let none = if metadata.is_empty() { ": none" } else { "" };
    writeln!(talk, "* {what}{none}")?;
    lines(talk, sign, (metadata, secrets))
}

fn lines(talk: &mut dyn Write, sign: char, (metadata, secrets): (&Metadata, Secrets)) -> io::Result<()> {
    for (name, value) in metadata.entries() {
        let value = match value {
            _ if secrets.hide(name) => REDACTED.to_owned(),
            MetadataValue::Text(text) => text,
            MetadataValue::Binary(bytes) => STANDARD.encode(bytes),
        };
        writeln!(talk, "{sign} {}: {}", sanitize::line(name), sanitize::line(&value))?;
    }
    Ok(())
}

/// So many messages.
pub fn messages(count: usize) -> String {
    if count == 1 { "1 message".to_owned() } else { format!("{count} messages") }
}
