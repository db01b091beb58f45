//! How a run is getting on: one line that is written anew at a terminal, a line each time elsewhere.

use std::io::{self, Write};

use super::super::progress::Side;
use crate::bench::progress::{Goal, Progress};
use crate::bench::units::{count, many, rate, share, time};

/// Where the progress of a run is shown. What is shown at a terminal goes when this value does, or when something else is
/// written to it.
pub struct Live<'w> {
    side: Side<'w>,
    columns: Option<usize>,
}

impl<'w> Live<'w> {
    /// On a terminal of so many columns, or on what is none.
    pub fn new(out: &'w mut dyn Write, columns: Option<usize>) -> Self {
        Self { side: Side::new(out), columns }
    }

    /// Shows how it is getting on.
    pub fn show(&mut self, progress: &Progress) -> io::Result<()> {
        let line = line(progress);
        if let Some(columns) = self.columns {
            // The last column stays free: a terminal would go to the next line.
            return self.side.show(&line.chars().take(columns.saturating_sub(1)).collect::<String>());
        }
        writeln!(self.side, "{line}")?;
        self.side.flush()
    }
}

/// What is said meanwhile.
impl Write for Live<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.side.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.side.flush()
    }
}

/// How a run is getting on, in a line.
pub fn line(progress: &Progress) -> String {
    let seconds = progress.elapsed.as_secs_f64();
    let elapsed = if seconds < 9.95 { format!("{seconds:.1} s") } else { format!("{seconds:.0} s") };
    let mut parts = vec![format!("{elapsed:>6}"), format!("{:>10}", rate(progress.rate))];
    if let Some((p50, p99)) = progress.p50.zip(progress.p99) {
        parts.push(format!("p50 {:>7}  p99 {:>7}", time(p50), time(p99)));
    }
    let errors = match progress.errors {
        0 => "no errors".to_owned(),
        errors => many(errors, "error"),
    };
    parts.push(errors);
    if progress.dropped > 0 {
        parts.push(format!("{} dropped", count(progress.dropped)));
    }
    parts.push(format!("{} in flight", count(progress.in_flight)));
    let done = match progress.goal {
        Goal::Calls(calls) => format!("{} of {}", count(progress.done), count(calls)),
        Goal::Time(_) | Goal::None => format!("{} done", count(progress.done)),
    };
    parts.push(match progress.share() {
        Some(part) => format!("{done} ({})", share(part.min(1.0))),
        None => done,
    });
    if progress.warming_up {
        parts.push("warming up".to_owned());
    }
    parts.join("  ")
}
