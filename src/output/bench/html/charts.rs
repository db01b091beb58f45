//! The charts of a report: latency and throughput by the second, and latency by percentile.

use std::io::{self, Write};

use super::chart::{Axis, Chart, Line};
use crate::bench::report::{Distribution, Interval, Report, Times};
use crate::bench::units::{float, number, rate, ratio, seconds, time_of};

/// Prints them.
pub(super) fn all(out: &mut dyn Write, report: &Report) -> io::Result<()> {
    latency(report).print(out)?;
    throughput(report).print(out)?;
    percentiles(report).print(out)
}

/// What is drawn of an interval, in which class.
type Figure = (&'static str, &'static str, fn(&Times) -> u64);

fn latency(report: &Report) -> Chart {
    const FIGURES: [Figure; 4] = [
        ("p50", "a", |times| times.p50),
        ("p90", "b", |times| times.p90),
        ("p99", "c", |times| times.p99),
        ("max", "d", |times| times.max),
    ];
    let lines = FIGURES.map(|(name, class, of)| {
        let points = report.intervals.iter().map(|interval| {
            let nanos = float(of(interval.latency_intended.times.as_ref()?));
            Some((middle(interval), nanos, format!("{}: {}", told(interval), time_of(nanos))))
        });
        Line::broken(name, class, points)
    });
    let (least, most) = ends(&lines);
    let since = if report.is_closed() { "" } else { ", from when calls were due" };
    Chart {
        title: format!("Latency by the second (OK{since})"),
        x: time_axis(report),
        y: Axis::log(least, most, time_of),
        lines: lines.into(),
    }
}

fn throughput(report: &Report) -> Chart {
    let line = |name: &str, class: &'static str, of: &dyn Fn(&Interval) -> Option<u64>| {
        let points = report.intervals.iter().map(|interval| {
            // What is answered when the load is over is of no rate.
            let counted = of(interval).filter(|_| !interval.drain)?;
            let each = ratio(float(counted), seconds(interval.length_ns))?;
            Some((middle(interval), each, format!("{}: {}", told(interval), rate(each))))
        });
        Line::broken(name, class, points)
    };
    let failed = report.failed() > 0;
    let dropped = report.dropped > 0;
    let mut lines = vec![line("OK", "a", &|interval| Some(interval.ok()))];
    lines.push(line("not OK", "bad-line", &|interval| failed.then(|| interval.failed())));
    lines.push(line("dropped", "c", &|interval| dropped.then_some(interval.dropped)));
    // What is offered changes in the course of some loads, and its mean would be no line that was meant.
    if report.intervals.iter().any(|interval| interval.due.is_some()) {
        lines.push(line("due", "d", &|interval| interval.due));
    } else if !report.is_closed() {
        // Before it was told what was due.
        lines.push(line("sent or dropped", "d", &|interval| {
            Some(interval.issued.saturating_add(interval.dropped))
        }));
    }
    let most = ends(&lines).1;
    Chart {
        title: "Calls per second".to_owned(),
        x: time_axis(report),
        y: Axis::even(most * 1.05, number),
        lines,
    }
}

/// How far from all a percentile is, so that 90, 99, 99.9 lie at even steps.
fn nines(percentile: f64) -> f64 {
    -(1.0 - percentile / 100.0).log10()
}

fn percentiles(report: &Report) -> Chart {
    let mut lines = vec![curve("OK, intended", "a", &report.latency_intended)];
    if report.is_closed() {
        if let Some(line) = lines.first_mut() {
            "OK".clone_into(&mut line.name);
        }
    } else {
        lines.push(curve("OK, actual", "b", &report.latency_actual));
    }
    lines.push(curve("not OK", "bad-line", &report.failed_latency_intended));
    let most_nines = lines.iter().flat_map(Line::points).map(|(x, _, _)| *x).fold(1.0, f64::max);
    let marks = [0.0, 50.0, 90.0, 99.0, 99.9, 99.99, 99.999, 99.9999];
    let marks = marks.into_iter().filter(|mark| nines(*mark) <= most_nines + 0.001);
    let x = Axis {
        scale: super::chart::Scale::Even,
        from: 0.0,
        to: most_nines,
        marks: marks.map(|mark| (nines(mark), format!("{mark} %"))).collect(),
    };
    let (least, most) = ends(&lines);
    // What is near enough is seen better as it is.
    let y =
        if most > least * 20.0 { Axis::log(least, most, time_of) } else { Axis::even(most * 1.05, time_of) };
    Chart { title: "Latency by percentile".to_owned(), x, y, lines }
}

/// A distribution as a curve, up to where a single sample is beyond.
fn curve(name: &str, class: &'static str, distribution: &Distribution) -> Line {
    const STEPS: u32 = 80;
    let counts = distribution.counts().ok().flatten();
    let points = counts.map(|counts| {
        let look = counts.look();
        let most = float(look.count).log10().clamp(0.3, 7.0);
        let point = |step: u32| {
            let x = most * f64::from(step) / f64::from(STEPS);
            let percentile = 100.0 * (1.0 - 10_f64.powf(-x));
            let nanos = if step == STEPS { float(look.max) } else { float(look.percentile(percentile)) };
            (x, nanos, format!("p{percentile:.3}: {}", time_of(nanos)))
        };
        (0..=STEPS).map(point).collect::<Vec<_>>()
    });
    Line::broken(name, class, points.unwrap_or_default().into_iter().map(Some))
}

/// The lowest and highest points.
fn ends(lines: &[Line]) -> (f64, f64) {
    let values = || lines.iter().flat_map(Line::points).map(|(_, y, _)| *y);
    (values().fold(f64::INFINITY, f64::min), values().fold(0.0, f64::max))
}

fn end(interval: &Interval) -> f64 {
    seconds(interval.at_ns.saturating_add(interval.length_ns))
}

fn middle(interval: &Interval) -> f64 {
    seconds(interval.at_ns.saturating_add(interval.length_ns / 2))
}

fn told(interval: &Interval) -> String {
    format!("{:.1}–{:.1} s", seconds(interval.at_ns), end(interval))
}

fn time_axis(report: &Report) -> Axis {
    let last = report.intervals.iter().map(end).fold(0.0, f64::max);
    Axis::even(last, |seconds| format!("{} s", trimmed(seconds)))
}

/// A round number without zeros behind its point.
fn trimmed(number: f64) -> String {
    let text = format!("{number:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
