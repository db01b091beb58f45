//! The steps as they are done: each is told at once, or kept for the one document that programs get.

use std::io;
use std::time::Instant;

use super::super::Writers;
use crate::args::ReportFormat;
use crate::output::color::Paint;
use crate::output::doctor::{self as show, Outcome, Step};

/// An examination under way.
pub(super) struct Exam {
    format: ReportFormat,
    paint: Paint,
    steps: Vec<Step>,
    /// What is being looked at.
    now: &'static str,
}

impl Exam {
    pub(super) fn new(format: ReportFormat, paint: Paint) -> Self {
        Self { format, paint, steps: Vec::new(), now: "the way to the server" }
    }

    /// A look at something begins.
    pub(super) fn begin(&mut self, name: &'static str) -> Instant {
        self.now = name;
        Instant::now()
    }

    /// Tells a step that is done.
    pub(super) fn tell(&mut self, io: &mut Writers<'_>, step: Step) -> io::Result<()> {
        if self.format == ReportFormat::Text {
            show::step(io.out, &step, self.paint)?;
            io.out.pause()?;
        }
        self.steps.push(step);
        Ok(())
    }

    /// Tells that these were not looked at, in one line.
    pub(super) fn skip(&mut self, io: &mut Writers<'_>, names: &[&'static str], why: &str) -> io::Result<()> {
        if self.format == ReportFormat::Text {
            show::skipped(io.out, names, why, self.paint)?;
        }
        self.steps.extend(names.iter().map(|name| Step::skipped(name, why)));
        Ok(())
    }

    /// Whether this step failed.
    pub(super) fn has_failed(&self, name: &str) -> bool {
        self.steps.iter().any(|step| step.name == name && step.outcome == Outcome::Failed)
    }

    /// Tells that of these what is missing was not looked at.
    pub(super) fn skip_rest(
        &mut self,
        io: &mut Writers<'_>,
        names: &[&'static str],
        why: &str,
    ) -> io::Result<()> {
        let known = |name: &&&'static str| !self.steps.iter().any(|step| step.name == **name);
        let rest: Vec<&'static str> = names.iter().filter(known).copied().collect();
        if rest.is_empty() { Ok(()) } else { self.skip(io, &rest, why) }
    }

    /// What was being looked at when it was ended.
    pub(super) fn busy_with(&self) -> &'static str {
        self.now
    }

    /// All that was found.
    pub(super) fn into_steps(self) -> Vec<Step> {
        self.steps
    }
}
