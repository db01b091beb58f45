//! How a run is getting on: one line that is written anew at a terminal, a line each time elsewhere.

use std::io::{self, Write};

use super::super::progress::Side;
use crate::bench::progress::{Goal, Progress};
use crate::bench::run::Standing;
use crate::bench::units::{count, many, nanos, rate, share, time};

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
        if let Some(columns) = self.columns {
            // The last column stays free: a terminal would go to the next line.
            return self.side.show(&line_within(progress, columns.saturating_sub(1)));
        }
        writeln!(self.side, "{}", line(progress))?;
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
    join(&parts(progress))
}

/// The same in so many columns: what is missed least is left out.
fn line_within(progress: &Progress, columns: usize) -> String {
    let mut parts = parts(progress);
    while width(&join(&parts)) > columns
        && let Some(last) = parts.iter().map(|(rank, _)| *rank).max().filter(|rank| *rank > 0)
    {
        parts.retain(|(rank, _)| *rank != last);
    }
    let mut line = join(&parts);
    while width(&line) > columns {
        line.pop();
    }
    line
}

/// How many columns a line takes at most: µ takes two in terminals of East Asia (Unicode's annex 11 calls it ambiguous),
/// and all else that is told takes one.
fn width(line: &str) -> usize {
    line.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum()
}

/// What stands in a line, and how soon it is left out where there is no room: the highest first, and 0 never.
type Part = (u8, String);

fn join(parts: &[Part]) -> String {
    parts.iter().map(|(_, text)| text.as_str()).collect::<Vec<_>>().join("  ")
}

fn parts(progress: &Progress) -> Vec<Part> {
    let seconds = progress.elapsed.as_secs_f64();
    let elapsed = if seconds < 9.95 { format!("{seconds:.1} s") } else { format!("{seconds:.0} s") };
    let mut parts = vec![(0, format!("{elapsed:>6}")), (0, format!("{:>10}", rate(progress.rate)))];
    if progress.warming_up {
        parts.insert(0, (0, "warming up".to_owned()));
    }
    let Standing { in_flight, waiting, longest_wait } = progress.standing;
    if let Some((p50, p99)) = progress.p50.zip(progress.p99) {
        parts.push((4, format!("p50 {:>7}", time(p50))));
        parts.push((1, format!("p99 {:>7}", time(p99))));
    } else if let Some(wait) = longest_wait {
        parts.push((1, format!("none OK; the longest waits {}", time(nanos(wait)))));
    }
    if !progress.warming_up {
        let errors = match progress.errors {
            0 => "no errors".to_owned(),
            errors => many(errors, "error"),
        };
        parts.push((2, errors));
    }
    if progress.dropped > 0 {
        parts.push((3, format!("{} dropped", count(progress.dropped))));
    }
    parts.push((5, format!("{} in flight", count(in_flight))));
    if waiting > 0 {
        parts.push((3, format!("{} waiting", count(waiting))));
    }
    parts.extend(done(progress).map(|done| (6, done)));
    parts
}

/// How far it is. What the warm-up comes to is nothing.
fn done(progress: &Progress) -> Option<String> {
    let part = progress.share().map(|part| share(part.min(1.0)));
    if progress.warming_up {
        return part;
    }
    let done = match progress.goal {
        Goal::Calls(calls) => format!("{} of {}", count(progress.done), count(calls)),
        Goal::Time(_) | Goal::None => format!("{} done", count(progress.done)),
    };
    Some(match part {
        Some(part) => format!("{done} ({part})"),
        None => done,
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::bench::progress::Progress;
    use crate::bench::record::Tally;
    use crate::bench::report::testing::second;

    #[test]
    fn progress_is_one_line() {
        let mut progress = Progress::new(Goal::Calls(5000), Duration::ZERO);
        assert_eq!(line(&progress), " 0.0 s         0/s  no errors  0 in flight  0 of 5,000 (0 %)");
        progress.note(&mut second(0, 100, true));
        assert_eq!(
            line(&progress),
            " 1.0 s     1,003/s  p50  649 µs  p99 1.14 ms  4 errors  0 in flight  1,004 of 5,000 (20.1 %)"
        );
        progress.goal = Goal::Time(Duration::from_secs(4));
        progress.dropped = 1200;
        let mut busy = second(1, 100, false);
        busy.standing = Standing { in_flight: 50, waiting: 1700, longest_wait: Some(Duration::from_secs(3)) };
        progress.note(&mut busy);
        assert_eq!(
            line(&progress),
            " 2.0 s     1,003/s  p50  599 µs  p99 1.09 ms  8 errors  1,200 dropped  50 in flight  1,700 waiting  2,008 done (50.0 %)"
        );
        // While a server stalls, that is all there is to tell.
        busy.tally = Tally::default();
        busy.at = Duration::from_secs(2);
        progress.note(&mut busy);
        assert_eq!(
            line(&progress),
            " 3.0 s         0/s  none OK; the longest waits 3.00 s  8 errors  1,200 dropped  50 in flight  1,700 waiting  2,008 done (75.0 %)"
        );
        let mut out = Vec::new();
        let mut live = Live::new(&mut out, None);
        live.show(&progress).unwrap();
        live.show(&progress).unwrap();
        drop(live);
        assert_eq!(String::from_utf8(out).unwrap().lines().count(), 2);
    }

    #[test]
    fn the_warm_up_is_told_as_what_it_is() {
        let mut progress = Progress::new(Goal::Time(Duration::from_secs(12)), Duration::from_secs(2));
        let mut warming = second(0, 100, true);
        warming.is_warm_up = true;
        warming.standing.in_flight = 7;
        progress.note(&mut warming);
        assert_eq!(
            line(&progress),
            "warming up   1.0 s     1,003/s  p50  649 µs  p99 1.14 ms  7 in flight  50.0 %"
        );
        // What failed in it, and how much it came to, counts nowhere.
        progress.note(&mut second(0, 100, true));
        assert_eq!(
            line(&progress),
            " 3.0 s     1,003/s  p50  649 µs  p99 1.14 ms  4 errors  0 in flight  1,004 done (25.0 %)"
        );
    }

    #[test]
    fn on_a_narrow_terminal_what_is_missed_least_is_left_out() {
        let mut progress = Progress::new(Goal::Calls(5000), Duration::ZERO);
        let mut busy = second(0, 100, true);
        busy.standing = Standing { in_flight: 50, waiting: 1700, longest_wait: Some(Duration::from_secs(3)) };
        progress.note(&mut busy);
        let shown: Vec<String> =
            [119, 79, 59, 39, 29, 19, 9, 0].map(|columns| line_within(&progress, columns)).into();
        insta::assert_snapshot!(shown.join("\n"), @"
        1.0 s     1,003/s  p50  649 µs  p99 1.14 ms  4 errors  50 in flight  1,700 waiting  1,004 of 5,000 (20.1 %)
        1.0 s     1,003/s  p50  649 µs  p99 1.14 ms  4 errors  1,700 waiting
        1.0 s     1,003/s  p99 1.14 ms  4 errors  1,700 waiting
        1.0 s     1,003/s  p99 1.14 ms
        1.0 s     1,003/s
        1.0 s     1,003/s
        1.0 s
        ");
        // Some terminals draw µ in two columns.
        let whole = line(&progress);
        let columns = whole.chars().count();
        assert_eq!(line_within(&progress, columns + 1), whole);
        assert!(line_within(&progress, columns).len() < whole.len());
        let mut out = Vec::new();
        let mut live = Live::new(&mut out, Some(20));
        live.show(&progress).unwrap();
        writeln!(live, "said").unwrap();
        live.show(&progress).unwrap();
        drop(live);
        // Without wrapping, should the terminal become narrower.
        let shown = "\u{1b}[?7l 1.0 s     1,003/s\u{1b}[?7h";
        let gone = "\r\u{1b}[K";
        assert_eq!(String::from_utf8(out).unwrap(), format!("{shown}{gone}said\n{shown}{gone}"));
    }
}
