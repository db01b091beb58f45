//! How far a long stream came, on one line at the foot of what is said on the side: written anew as it goes on, and
//! gone when something else is said, or all is over.

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::io::{self, Write};
use std::time::{Duration, Instant};

use super::tally::Tally;
use crate::session::{Event, EventKind};

/// What takes no longer needs no progress.
const PATIENCE: Duration = Duration::from_secs(1);
/// How often the line is written anew.
const PACE: Duration = Duration::from_millis(200);
/// Over how many of those times rates are measured.
const WINDOW: usize = 10;

/// How far a stream came.
pub(super) struct Progress {
    started: Instant,
    /// How wide the terminal is.
    columns: usize,
    due: Instant,
    sent: Tally,
    received: Tally,
    /// How many messages there had been at those times.
    samples: VecDeque<(Instant, u64)>,
}

impl Progress {
    /// The progress of what begins now, for a terminal of this width.
    pub(super) fn new(now: Instant, columns: usize) -> Self {
        Self {
            started: now,
            columns,
            due: now + PATIENCE,
            sent: Tally::default(),
            received: Tally::default(),
            samples: VecDeque::from([(now, 0)]),
        }
    }

    /// Counts a message.
    pub(super) fn note<P>(&mut self, event: &Event<P>) {
        match &event.kind {
            EventKind::Sent { size, .. } => self.sent.add(*size),
            EventKind::Message { wire_size, .. } => self.received.add(*wire_size),
            _ => {}
        }
    }

    /// When the next line is due.
    pub(super) fn due(&self) -> Instant {
        self.due
    }

    /// The line, if it is due and there is something to tell: a single question that awaits its answer is no stream.
    pub(super) fn line(&mut self, now: Instant) -> Option<String> {
        if now < self.due {
            return None;
        }
        self.due = now + PACE;
        let total = self.sent.messages + self.received.messages;
        let (since, before) = self.samples.front().copied().unwrap_or((self.started, 0));
        self.samples.push_back((now, total));
        if self.samples.len() > WINDOW {
            self.samples.pop_front();
        }
        if total < 2 {
            return None;
        }
        let sent = (self.sent.messages > 1).then(|| tell("sent", self.sent));
        let received = (self.received.messages > 0).then(|| tell("received", self.received));
        let mut line: String = sent.into_iter().chain(received).collect::<Vec<_>>().join("; ");
        let seconds = now.saturating_duration_since(since).as_secs_f64().max(0.001);
        #[allow(
            clippy::cast_precision_loss,
            reason = "so much is lost of a count only where it is beyond all counting"
        )]
        let rate = (total - before) as f64 / seconds;
        let elapsed = now.saturating_duration_since(self.started).as_secs();
        let _ = write!(line, "; {rate:.0}/s, {elapsed} s");
        // The last column stays free: a terminal would go to the next line.
        Some(line.chars().take(self.columns.saturating_sub(1)).collect())
    }
}

/// What was done with so many messages.
fn tell(done: &str, Tally { messages, bytes }: Tally) -> String {
    let many = if messages == 1 { "message" } else { "messages" };
    format!("{done} {messages} {many}, {}", in_units(bytes))
}

/// So many bytes, in the unit that suits them.
fn in_units(count: u64) -> String {
    const UNITS: [(u64, &str); 3] = [(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
    match UNITS.iter().find(|(unit, _)| count >= *unit) {
        Some((unit, name)) => format!("{}.{} {name}", count / unit, count % unit * 10 / unit),
        None if count == 1 => "1 byte".to_owned(),
        None => format!("{count} bytes"),
    }
}

/// What is said on the side, and the line at its foot, which goes when this value does.
pub(super) struct Side<'w> {
    inner: &'w mut dyn Write,
    shows: bool,
}

/// Back to the beginning of the line, and all of it gone.
const ERASE: &[u8] = b"\r\x1b[K";
/// What would go beyond the edge of a terminal that became narrower stays on the line that is erased.
const NO_WRAP: &str = "\x1b[?7l";
const WRAP: &str = "\x1b[?7h";

impl<'w> Side<'w> {
    pub(super) fn new(inner: &'w mut dyn Write) -> Self {
        Self { inner, shows: false }
    }

    /// Shows this at the foot, instead of what stood there.
    pub(super) fn show(&mut self, line: &str) -> io::Result<()> {
        self.clear()?;
        // In one piece, so that nothing else is ever written without wrapping.
        self.inner.write_all(format!("{NO_WRAP}{line}{WRAP}").as_bytes())?;
        self.inner.flush()?;
        self.shows = true;
        Ok(())
    }

    /// Shows nothing at the foot.
    fn clear(&mut self) -> io::Result<()> {
        if std::mem::take(&mut self.shows) {
            self.inner.write_all(ERASE)?;
            self.inner.flush()?;
        }
        Ok(())
    }
}

impl Write for Side<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.clear()?;
        self.inner.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl Drop for Side<'_> {
    fn drop(&mut self) {
        // Where it can't be erased, it can't be seen.
        let _ = self.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn received(size: usize) -> Event<()> {
        Event::now(EventKind::Message { index: 0, payload: (), wire_size: size, compressed: false })
    }

    #[test]
    fn a_line_is_due_after_a_second_and_then_five_times_a_second() {
        let start = Instant::now();
        let at = |millis: u64| start + Duration::from_millis(millis);
        let mut progress = Progress::new(start, 80);
        for _ in 0..500 {
            progress.note(&received(2048));
        }
        assert_eq!((progress.line(at(999)), progress.due()), (None, at(1000)));
        let line = progress.line(at(1000));
        assert_eq!(line.as_deref(), Some("received 500 messages, 1000.0 KiB; 500/s, 1 s"));
        assert_eq!((progress.line(at(1100)), progress.due()), (None, at(1200)));
        for _ in 0..100 {
            progress.note(&received(2048));
        }
        let line = progress.line(at(2000));
        assert_eq!(line.as_deref(), Some("received 600 messages, 1.1 MiB; 300/s, 2 s"));
    }

    #[test]
    fn both_directions_are_told_and_a_single_question_is_none() {
        let start = Instant::now();
        let mut progress = Progress::new(start, 80);
        progress.note(&Event::<()>::now(EventKind::Sent {
            index: 0,
            size: 5,
            compressed: None,
            payload: None,
        }));
        assert_eq!(progress.line(start + Duration::from_secs(2)), None);
        progress.note(&received(1));
        let line = progress.line(start + Duration::from_secs(3)).unwrap();
        assert!(line.starts_with("received 1 message, 1 byte; "), "{line}");
        progress.note(&Event::<()>::now(EventKind::Sent {
            index: 1,
            size: 5,
            compressed: None,
            payload: None,
        }));
        let line = progress.line(start + Duration::from_secs(4)).unwrap();
        assert!(line.starts_with("sent 2 messages, 10 bytes; received 1 message, 1 byte; "), "{line}");
        progress.columns = 10;
        assert_eq!(progress.line(start + Duration::from_secs(5)).as_deref(), Some("sent 2 me"));
    }

    #[test]
    fn the_line_goes_before_anything_else_is_said() {
        let mut out = Vec::new();
        let mut side = Side::new(&mut out);
        side.show("one").unwrap();
        side.show("two").unwrap();
        writeln!(side, "error: no").unwrap();
        side.show("three").unwrap();
        drop(side);
        let shown = String::from_utf8(out).unwrap();
        assert_eq!(shown.matches(NO_WRAP).count(), shown.matches(WRAP).count());
        let shown = shown.replace(NO_WRAP, "").replace(WRAP, "");
        assert_eq!(shown, "one\r\u{1b}[Ktwo\r\u{1b}[Kerror: no\nthree\r\u{1b}[K");
    }
}
