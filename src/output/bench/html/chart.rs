//! A chart of lines, as SVG.

use std::io::{self, Write};

use super::Escaped;

/// How large a chart is, in its own units: it is as wide as there is room.
const WIDTH: f64 = 1000.0;
const HEIGHT: f64 = 260.0;
const LEFT: f64 = 70.0;
const RIGHT: f64 = 16.0;
const TOP: f64 = 10.0;
const BOTTOM: f64 = 28.0;
/// No line has many more points than can be told apart.
const POINTS: usize = 500;
/// Of more points than this, none tells what it is.
const DOTS: usize = 120;

/// How values lie along an axis.
#[derive(Debug, Clone, Copy)]
pub(super) enum Scale {
    /// Evenly.
    Even,
    /// By their logarithms.
    Log,
}

/// An axis: the least and the most on it, and where it is marked.
pub(super) struct Axis {
    pub(super) scale: Scale,
    pub(super) from: f64,
    pub(super) to: f64,
    pub(super) marks: Vec<(f64, String)>,
}

impl Axis {
    /// An even one from nothing, with marks at round numbers.
    pub(super) fn even(most: f64, name: impl Fn(f64) -> String) -> Self {
        let step = round_step(most.max(f64::MIN_POSITIVE) / 5.0);
        let marks: Vec<f64> =
            (0..7).map(|at| f64::from(at) * step).take_while(|mark| *mark <= most * 1.001).collect();
        Self {
            scale: Scale::Even,
            from: 0.0,
            to: most.max(step),
            marks: marks.into_iter().map(|mark| (mark, name(mark))).collect(),
        }
    }

    /// One from the least to the most that is marked at powers of ten, and between them where there are few.
    pub(super) fn log(least: f64, most: f64, name: impl Fn(f64) -> String) -> Self {
        let (least, most) = (least.max(1.0), most.max(least.max(1.0) * 1.001));
        let decades = (most / least).log10();
        let steps: &[f64] = if decades < 1.2 {
            &[1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 7.0]
        } else if decades < 2.5 {
            &[1.0, 2.0, 5.0]
        } else {
            &[1.0]
        };
        let first = least.log10().floor();
        let all = (0..20)
            .flat_map(|power| steps.iter().map(move |step| step * 10_f64.powf(first + f64::from(power))));
        let all: Vec<f64> = all.collect();
        let from = all.iter().rev().find(|mark| **mark <= least * 1.0001).copied().unwrap_or(least);
        let to = all.iter().find(|mark| **mark >= most * 0.9999).copied().unwrap_or(most);
        let within = all.into_iter().filter(|mark| *mark >= from * 0.9999 && *mark <= to * 1.0001);
        Self { scale: Scale::Log, from, to, marks: within.map(|mark| (mark, name(mark))).collect() }
    }

    /// Where a value is: 0 at the beginning, 1 at the end.
    fn place(&self, value: f64) -> f64 {
        let place = match self.scale {
            Scale::Even => (value - self.from) / (self.to - self.from),
            Scale::Log => (value.max(self.from) / self.from).ln() / (self.to / self.from).ln(),
        };
        if place.is_finite() { place.clamp(0.0, 1.0) } else { 0.0 }
    }
}

/// The least of 1, 2, 5 and zeros that is no less.
fn round_step(step: f64) -> f64 {
    let power = 10_f64.powf(step.log10().floor());
    let part = [1.0, 2.0, 5.0].into_iter().find(|part| part * power >= step * 0.999);
    part.unwrap_or(10.0) * power
}

/// A point, and what is said of it.
pub(super) type Point = (f64, f64, String);

/// A line: what it is of, what it looks like, and its points. It is in pieces where there is nothing to draw between.
pub(super) struct Line {
    pub(super) name: String,
    class: &'static str,
    pieces: Vec<Vec<Point>>,
}

impl Line {
    /// One through these points, which is broken where one is missing.
    pub(super) fn broken(
        name: &str,
        class: &'static str,
        points: impl IntoIterator<Item = Option<Point>>,
    ) -> Self {
        let mut pieces = vec![Vec::new()];
        for point in points {
            match (point, pieces.last_mut()) {
                (Some(point), Some(last)) => last.push(point),
                (None, Some(last)) if !last.is_empty() => pieces.push(Vec::new()),
                _ => {}
            }
        }
        pieces.retain(|piece| !piece.is_empty());
        Self { name: name.to_owned(), class, pieces }
    }

    /// All its points.
    pub(super) fn points(&self) -> impl Iterator<Item = &Point> {
        self.pieces.iter().flatten()
    }
}

/// The points of a piece that are drawn, of a line of so many: where they can't be told apart, the lowest and the highest
/// of each few, so that no peak is missed, and no dip.
fn thinned(piece: &[Point], count: usize) -> Vec<&Point> {
    if count <= POINTS {
        return piece.iter().collect();
    }
    let few = piece.chunks((2 * count).div_ceil(POINTS));
    few.flat_map(|few| {
        let by_height = |one: &&Point, other: &&Point| one.1.total_cmp(&other.1);
        let ends = few.iter().min_by(by_height).zip(few.iter().max_by(by_height));
        let mut ends = ends.map(|(low, high)| vec![low, high]).unwrap_or_default();
        ends.sort_by(|one, other| one.0.total_cmp(&other.0));
        ends.dedup_by_key(|point| point.0.to_bits());
        ends
    })
    .collect()
}

/// A chart.
pub(super) struct Chart {
    pub(super) title: String,
    pub(super) x: Axis,
    pub(super) y: Axis,
    pub(super) lines: Vec<Line>,
}

impl Chart {
    /// Prints it, unless there is nothing on it.
    pub(super) fn print(&self, out: &mut dyn Write) -> io::Result<()> {
        let lines: Vec<&Line> = self.lines.iter().filter(|line| !line.pieces.is_empty()).collect();
        if lines.is_empty() {
            return Ok(());
        }
        writeln!(out, "<section>\n<h2>{}</h2>\n<div class=\"legend\">", Escaped(&self.title))?;
        for line in &lines {
            writeln!(out, "<span><i class=\"{}\"></i>{}</span>", line.class, Escaped(&line.name))?;
        }
        let title = Escaped(&self.title);
        writeln!(out, "</div>\n<svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{title}\">")?;
        self.axes(out)?;
        lines.iter().try_for_each(|line| self.line(out, line))?;
        writeln!(out, "</svg>\n</section>")
    }

    fn axes(&self, out: &mut dyn Write) -> io::Result<()> {
        let right = WIDTH - RIGHT;
        for (value, name) in &self.y.marks {
            let y = self.at(self.x.from, *value).1;
            writeln!(out, "<line class=\"grid\" x1=\"{LEFT}\" x2=\"{right}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/>")?;
            let (x, y) = (LEFT - 8.0, y + 4.0);
            writeln!(out, "<text x=\"{x}\" y=\"{y:.1}\" text-anchor=\"end\">{}</text>", Escaped(name))?;
        }
        let bottom = HEIGHT - BOTTOM;
        for (value, name) in &self.x.marks {
            let x = self.at(*value, self.y.from).0;
            writeln!(
                out,
                "<line class=\"grid\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{bottom}\" y2=\"{}\"/>",
                bottom + 4.0
            )?;
            // A name at the end would be cut.
            let anchor = if x > right - 20.0 { "end" } else { "middle" };
            let y = bottom + 18.0;
            writeln!(out, "<text x=\"{x:.1}\" y=\"{y}\" text-anchor=\"{anchor}\">{}</text>", Escaped(name))?;
        }
        Ok(())
    }

    fn line(&self, out: &mut dyn Write, line: &Line) -> io::Result<()> {
        let count = line.points().count();
        let pieces: Vec<Vec<&Point>> = line.pieces.iter().map(|piece| thinned(piece, count)).collect();
        let mut path = String::new();
        for piece in &pieces {
            for (at, (x, y, _)) in piece.iter().enumerate() {
                let (x, y) = self.at(*x, *y);
                path.push_str(&format!("{}{x:.1} {y:.1}", if at == 0 { "M" } else { "L" }));
            }
        }
        writeln!(out, "<path class=\"{}\" d=\"{path}\"/>", line.class)?;
        for piece in &pieces {
            // It shows where the pointer is, and where there is no line to see.
            let is_alone = piece.len() == 1;
            if is_alone || count <= DOTS {
                piece.iter().try_for_each(|point| self.dot(out, line, point, is_alone))?;
            }
        }
        Ok(())
    }

    fn dot(&self, out: &mut dyn Write, line: &Line, (x, y, told): &Point, is_alone: bool) -> io::Result<()> {
        let ((x, y), name, told) = (self.at(*x, *y), Escaped(&line.name), Escaped(told));
        let alone = if is_alone { " alone" } else { "" };
        // Of a line it is a part, and not more.
        let radius = if is_alone { 3 } else { 5 };
        writeln!(
            out,
            "<circle class=\"{}{alone}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{radius}\"><title>{name}, {told}</title></circle>",
            line.class
        )
    }

    /// Where a point is.
    fn at(&self, x: f64, y: f64) -> (f64, f64) {
        let (wide, high) = (WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM);
        (LEFT + self.x.place(x) * wide, TOP + (1.0 - self.y.place(y)) * high)
    }
}
