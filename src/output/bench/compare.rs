//! A run against another, for reading and for programs.

use std::io::{self, Write};

use super::super::color::{ERROR, FAINT, Paint, STRING, TITLE, WARNING};
use super::super::{sanitize, write_json};
use super::checks;
use crate::bench::compare::{Comparison, Finding, Row, Sample, Unit};
use crate::bench::report::Report;
use crate::bench::units::{many, rate, share, time_of};

/// Prints a comparison; both sides are told by their names.
pub fn comparison(
    out: &mut dyn Write,
    sides: [(&str, &Report); 2],
    compared: &Comparison,
    paint: Paint,
) -> io::Result<()> {
    for (word, (name, report)) in ["base", "new "].into_iter().zip(sides) {
        let about = &report.about;
        let what = format!("{} at {}", about.method, about.target);
        let runs = many(report.runs, "run");
        let text = format!("{name}  {what}, {runs} from {}", report.began);
        writeln!(out, "{}  {}", paint.text(TITLE, word), sanitize::line(&text))?;
    }
    for remark in &compared.remarks {
        writeln!(out, "{} {}", paint.text(WARNING, "note:"), sanitize::line(remark))?;
    }
    writeln!(out)?;
    rows(out, &compared.figures, paint)?;
    let mut samples = compared.figures.iter().flat_map(|row| [row.base, row.new]).flatten();
    if samples.any(|sample| sample.too_few) {
        writeln!(out, "{}", paint.text(FAINT, "~ fewer than 10 samples of a run are beyond it"))?;
    }
    if compared.figures.iter().all(|row| row.chance.is_none()) {
        let words =
            "noise is not known: it takes 4 runs on either side (--repeat 5) to tell a change from it";
        writeln!(out, "{}", paint.text(FAINT, words))?;
    }
    if !compared.checks.is_empty() {
        writeln!(out)?;
    }
    checks(out, &compared.checks, paint)
}

/// Prints a comparison as JSON.
pub fn comparison_json(out: &mut dyn Write, compared: &Comparison, paint: Paint) -> io::Result<()> {
    write_json(out, compared, paint)
}

fn rows(out: &mut dyn Write, figures: &[Row], paint: Paint) -> io::Result<()> {
    let mut cells = vec![["", "base", "", "new", "", "change"].map(str::to_owned)];
    cells.extend(figures.iter().map(row));
    let mut widths = [0; 6];
    for row in &cells {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let heads = std::iter::once(None).chain(figures.iter().map(Some));
    for (cells, row) in cells.iter().zip(heads) {
        let mut line = String::new();
        for (at, (cell, width)) in cells.iter().zip(widths).enumerate() {
            let blank = " ".repeat(width.saturating_sub(cell.chars().count()));
            // Names and spreads stand to the left, numbers to the right.
            if matches!(at, 0 | 2 | 4) {
                line.extend([cell.as_str(), &blank]);
            } else {
                line.extend([blank.as_str(), cell]);
            }
            line.push_str(if at % 2 == 1 && at < 5 { " " } else { "   " });
        }
        let Some((finding, style)) = row.map(finding) else {
            writeln!(out, "{}", paint.text(FAINT, line.trim_end()))?;
            continue;
        };
        writeln!(out, "{}", format_args!("{line}{}", paint.text(style, finding)).to_string().trim_end())?;
    }
    Ok(())
}

fn row(row: &Row) -> [String; 6] {
    let value = |sample: Option<Sample>| {
        let mark = |sample: Sample| if sample.too_few { "~" } else { "" };
        let marked = |sample: Sample| format!("{}{}", mark(sample), shown(row.unit, sample.value));
        sample.map_or_else(|| "–".to_owned(), marked)
    };
    let spread = |sample: Option<Sample>| match sample {
        Some(sample) if sample.runs > 1 => {
            format!("({} – {})", shown(row.unit, sample.low), shown(row.unit, sample.high))
        }
        _ => String::new(),
    };
    let change = match row.change {
        None => "–".to_owned(),
        Some(change) => {
            let sign = if change < 0.0 { "-" } else { "+" };
            let points = if row.unit == Unit::Share { " points" } else { "" };
            let text = share(change.abs());
            let text = if points.is_empty() { text } else { text.trim_end_matches(" %").to_owned() };
            format!("{sign}{text}{points}")
        }
    };
    [row.figure.clone(), value(row.base), spread(row.base), value(row.new), spread(row.new), change]
}

fn shown(unit: Unit, value: f64) -> String {
    match unit {
        _ if !value.is_finite() => "not known".to_owned(),
        Unit::Nanoseconds => time_of(value),
        Unit::PerSecond => rate(value),
        Unit::Share => share(value),
    }
}

fn finding(row: &Row) -> (String, anstyle::Style) {
    let chance = row.chance.map(|chance| format!(" (by chance: {})", share(chance))).unwrap_or_default();
    match row.finding {
        Finding::Same => ("same".to_owned(), FAINT),
        Finding::Better => (format!("better{chance}"), STRING),
        Finding::Worse => (format!("worse{chance}"), ERROR),
        Finding::Noise => (format!("noise{chance}"), FAINT),
        Finding::Unknown => (String::new(), FAINT),
    }
}
