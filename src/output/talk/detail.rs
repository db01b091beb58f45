//! What `-vv` tells besides: each message, the server's certificate, its HTTP/2 settings.

use std::io::{self, Write};
use std::time::{Duration, SystemTime};

use super::timeline::milliseconds;
use crate::output::sanitize;
use crate::session::{Certificate, Settings};

/// Which way a message went.
#[derive(Debug, Clone, Copy)]
pub(in crate::output) enum Direction {
    /// To the server; compressed, it had this size before.
    Sent(Option<usize>),
    /// From the server, in a protocol that compresses nothing.
    Answered,
    /// From the server; compressed, it has this size when it is decompressed.
    Received(Option<usize>),
}

/// A message: the one of this name, its size on the wire, when it went or came, and what it would be compressed with.
pub(in crate::output) fn message(
    talk: &mut dyn Write,
    direction: Direction,
    (name, size): (&str, usize),
    (at, encoding): (Option<Duration>, &str),
) -> io::Result<()> {
    let sign = if matches!(direction, Direction::Sent(_)) { '>' } else { '<' };
    write!(talk, "{sign} {name}: {size} bytes")?;
    let Some(at) = at else { return writeln!(talk) };
    match direction {
        Direction::Received(Some(whole)) => {
            write!(talk, " of {}, which are {whole} decompressed,", sanitize::line(encoding))?;
        }
        Direction::Received(None) => write!(talk, ", not compressed,")?,
        Direction::Sent(Some(whole)) => write!(talk, ", compressed from {whole},")?,
        Direction::Sent(None) | Direction::Answered => {}
    }
    writeln!(talk, " at {}", milliseconds(at))
}

/// What a certificate says, line by line.
pub(super) fn certificate(talk: &mut dyn Write, shown: &Certificate) -> io::Result<()> {
    writeln!(talk, "*   subject {}", sanitize::line(&shown.subject))?;
    writeln!(talk, "*   issuer {}", sanitize::line(&shown.issuer_name))?;
    if !shown.names.is_empty() {
        writeln!(talk, "*   for {}", sanitize::line(&shown.names.join(", ")))?;
    }
    let date = |time: &SystemTime| humantime::format_rfc3339_seconds((*time).max(SystemTime::UNIX_EPOCH));
    let (from, until) = (shown.valid.start(), shown.valid.end());
    writeln!(
        talk,
        "*   valid from {} until {}, {}",
        date(from),
        date(until),
        expiry(*until, SystemTime::now())
    )
}

/// How long a certificate is still valid, in days.
fn expiry(until: SystemTime, now: SystemTime) -> String {
    let days = |duration: Duration| match duration.as_secs() / (24 * 60 * 60) {
        0 => "less than a day".to_owned(),
        1 => "1 day".to_owned(),
        days => format!("{days} days"),
    };
    match until.duration_since(now) {
        Ok(left) => format!("for {} more", days(left)),
        Err(over) => format!("expired {} ago", days(over.duration())),
    }
}

/// The server's HTTP/2 settings.
pub(super) fn settings(talk: &mut dyn Write, settings: &Settings) -> io::Result<()> {
    let all: Vec<String> = settings.entries().map(|(name, value)| format!("{name} {value}")).collect();
    let all = if all.is_empty() { "none but the protocol's own".to_owned() } else { all.join(", ") };
    writeln!(talk, "* HTTP/2 settings of the server: {all}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::testing::text;

    #[test]
    fn messages_have_a_size_a_time_and_a_compression() {
        let at = Some(Duration::from_micros(2_340));
        let told = |direction, at| text(|out| message(out, direction, ("message 1", 7), (at, "gzip")));
        assert_eq!(told(Direction::Sent(None), None), "> message 1: 7 bytes\n");
        assert_eq!(told(Direction::Sent(None), at), "> message 1: 7 bytes at 2.3 ms\n");
        assert_eq!(told(Direction::Received(None), at), "< message 1: 7 bytes, not compressed, at 2.3 ms\n");
        assert_eq!(
            told(Direction::Received(Some(90)), at),
            "< message 1: 7 bytes of gzip, which are 90 decompressed, at 2.3 ms\n"
        );
    }

    #[test]
    fn a_certificate_is_valid_for_days() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
        let days = |days: u64| Duration::from_secs(days * 24 * 60 * 60 + 5);
        assert_eq!(expiry(now + days(30), now), "for 30 days more");
        assert_eq!(expiry(now + days(1), now), "for 1 day more");
        assert_eq!(expiry(now + days(0), now), "for less than a day more");
        assert_eq!(expiry(now - days(2), now), "expired 2 days ago");
    }
}
